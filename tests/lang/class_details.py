# Weak references by class statement, cells, super, properties and orders that a metaclass says.
import types
import weakref


def attempt(f):
    try:
        print(repr(f()))
    except Exception as e:
        print(type(e).__name__, e)


class Plain:
    pass


class Slotted:
    __slots__ = ()


class Weak:
    __slots__ = ("__weakref__",)


attempt(lambda: weakref.ref(Slotted()))
w = Weak()
print(w.__weakref__)
r = weakref.ref(w)
print(w.__weakref__ is r)
attempt(lambda: type("X", (Weak,), {"__slots__": ("__weakref__",)}))
attempt(lambda: type("X", (Plain,), {"__slots__": ("__dict__",)}))
attempt(lambda: weakref.ref(type("X", (int,), {})()))
print(bool(Plain.__weakrefoffset__), bool(Plain.__dictoffset__), bool(object.__weakrefoffset__))
print(type("X", (), {"__slots__": iter(["a", "b"])}).a.__name__)
attempt(lambda: type("X", (), {"__slots__": 1}))
attempt(lambda: type("X", (), {"__classcell__": 1}))
attempt(lambda: type("a\0b", (), {}))


def f():
    "doc"


attempt(lambda: delattr(f, "__dict__"))
attempt(lambda: delattr(Plain, "__doc__"))


def cell(x):
    return (lambda: x).__closure__[0]


print(cell(1) < cell(2), cell(1) == cell(1), types.CellType() < cell(1))
attempt(lambda: cell(1) < cell("a"))
attempt(lambda: hash(cell(1)))


class P(property):
    pass


class Q(property):
    __slots__ = ("x",)


print(P(f).__doc__, P(f, doc="own").__doc__, P().__doc__)
attempt(lambda: Q(f))
attempt(lambda: property().__set_name__())

print(super.__new__(super))
s = super.__new__(super)
s.__init__(Plain)
print(s)


def ior():
    m = types.MappingProxyType({})
    m |= {}


attempt(ior)
print(types.MappingProxyType[int, str])


class Meta(type):
    def mro(cls):
        return [cls, object]


class Short(Plain, metaclass=Meta):
    pass


print(Short.__mro__)


class Broken:
    @property
    def __init__(self):
        raise KeyError("init")

    @property
    def __eq__(self):
        return lambda other: other


attempt(Broken)
attempt(lambda: Broken.__new__(Broken) == 5)
