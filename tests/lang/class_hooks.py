# __init_subclass__, __set_name__, __class_getitem__, __new__, metaclasses, type().
class Plugin:
    registry = []

    def __init_subclass__(cls, /, tag=None, **kw):
        super().__init_subclass__(**kw)
        print("subclass", cls.__name__, tag)
        cls.tag = tag
        Plugin.registry.append(cls)


class A(Plugin, tag="first"):
    pass


class B(A):
    pass


print([c.__name__ for c in Plugin.registry], A.tag, B.tag)
try:
    class C(Plugin, nope=1):
        pass
except TypeError as e:
    print(e)
try:
    class D(nope=1):
        pass
except TypeError as e:
    print(e)


class Named:
    def __set_name__(self, owner, name):
        print("set_name", owner.__name__, name)


class Owner:
    x = Named()
    y = z = Named()


class Box:
    def __class_getitem__(cls, item):
        return f"{cls.__name__}[{item}]"


print(Box[int], Box[1, 2])
try:
    Owner[1]
except TypeError as e:
    print(e)


class Singleton:
    _instance = None

    def __new__(cls, *args):
        print("new", cls.__name__, args)
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __init__(self, *args):
        print("init", args)


print(Singleton(1) is Singleton(2))


class Other:
    def __new__(cls):
        return 5

    def __init__(self):
        print("not called")


print(Other())


class Upper(str):
    def __new__(cls, text, suffix=""):
        return str.__new__(cls, text.upper() + suffix)


print(Upper("abc", "!"), type(Upper("x")).__name__)


class Meta(type):
    def __new__(mcls, name, bases, ns, **kw):
        print("Meta.new", name, [b.__name__ for b in bases], sorted(k for k in ns if not k.startswith("__")), kw)
        ns["added"] = name.lower()
        return super().__new__(mcls, name, bases, ns)

    def __init__(cls, name, bases, ns, **kw):
        print("Meta.init", name)
        super().__init__(name, bases, ns)

    def __call__(cls, *args):
        print("Meta.call", args)
        return super().__call__(*args)

    @classmethod
    def __prepare__(mcls, name, bases, **kw):
        print("Meta.prepare", name, kw)
        return {"prepared": 1}

    def __len__(cls):
        return 42

    def __iter__(cls):
        return iter("meta")

    def __repr__(cls):
        return f"<Meta {cls.__name__}>"

    def __contains__(cls, x):
        return x == 1

    def __instancecheck__(cls, obj):
        return obj == "instance"

    def __subclasscheck__(cls, sub):
        return sub is int

    @property
    def prop(cls):
        return "meta prop"


class M(metaclass=Meta, option=3):
    attr = 1

    def __init__(self, v):
        self.v = v


m = M(7)
print(m.v, M.added, M.prepared, len(M), list(M), M, 1 in M, isinstance("instance", M), isinstance(5, M), issubclass(int, M), issubclass(str, M), M.prop, type(M).__name__)


class N(M):
    pass


print(type(N) is Meta, N(1).v)
T = type("T", (A,), {"x": 1, "get": lambda self: self.x}, tag="dynamic")
print(T().get(), T.__name__, T.__bases__, T.tag, type(T), type("E", (), {})().__class__.__name__)
for bad in [lambda: type("a"), lambda: type(5, 6, 7), lambda: type("X", (5,), {}), lambda: type()]:
    try:
        print(bad())
    except TypeError as e:
        print(e)


class M1(type):
    pass


class M2(type):
    pass


class K1(metaclass=M1):
    pass


class K2(metaclass=M2):
    pass


try:
    class K3(K1, K2):
        pass
except TypeError as e:
    print(e)


def function_meta(name, bases, ns):
    return (name, bases, sorted(k for k in ns if k[0] != "_"))


class Fake(1 and object, metaclass=function_meta):
    field = 1


print(Fake)
import gc

gc.collect()
print(A.__subclasses__() == [B, T], [c.__name__ for c in Plugin.__subclasses__()], isinstance(A, type), issubclass(A, Plugin))
for bad in [lambda: isinstance(1, 5), lambda: issubclass(1, int), lambda: issubclass(int, 5), lambda: isinstance(1, (int, 5)), lambda: isinstance(1, ("a", 5))]:
    try:
        print(bad())
    except TypeError as e:
        print(e)
class MRO:
    def __mro_entries__(self, bases):
        return (dict,)


class FromInstance(MRO()):
    pass


print(FromInstance.__mro__[1], FromInstance.__orig_bases__[0].__class__.__name__, isinstance(3, int | str), isinstance([], int | None), int | str)
print(type[int], tuple[type[KeyError], int | None])
