# __getattr__, __getattribute__, __setattr__, __delattr__, __dir__, __slots__.
class Missing:
    def __init__(self):
        self.real = 1

    def __getattr__(self, name):
        print("getattr", name)
        if name.startswith("x"):
            return name * 2
        raise AttributeError(f"no {name}")


m = Missing()
print(m.real, m.x1, hasattr(m, "y"), getattr(m, "y", "default"), getattr(m, "xx"))
try:
    m.zzz
except AttributeError as e:
    print(e, e.name, e.obj is m)


class All:
    def __init__(self):
        object.__setattr__(self, "inner", {})

    def __getattribute__(self, name):
        if name == "secret":
            raise AttributeError("hidden")
        return object.__getattribute__(self, name)

    def __getattr__(self, name):
        return "fallback " + name

    def __setattr__(self, name, value):
        print("setattr", name, value)
        self.inner[name] = value
        object.__setattr__(self, name, value)

    def __delattr__(self, name):
        print("delattr", name)
        object.__delattr__(self, name)

    def method(self):
        return "method"


a = All()
a.x = 5
a.x += 1
print(a.x, a.inner, a.secret, a.nothing, a.method())
del a.x
print(a.x)
setattr(a, "y", 1)
delattr(a, "y")


class Slots:
    __slots__ = ("a", "b", "__private")
    c = "class attribute"

    def __init__(self):
        self.a = 1
        self.__private = 2

    def get(self):
        return self.__private


s = Slots()
s.b = 3
print(s.a, s.b, s.c, s.get(), hasattr(s, "__dict__"), Slots.__slots__, type(Slots.a).__name__)
for stmt in ["s.d = 1", "s.c = 1", "del s.b; s.b", "del s.b", "vars(s)"]:
    try:
        exec(stmt)
    except (AttributeError, TypeError) as e:
        print(type(e).__name__, e)


class SubSlots(Slots):
    __slots__ = ["e"]


class SubDict(Slots):
    pass


x = SubSlots()
x.e = x.a = 9
y = SubDict()
y.free = 1
print(x.e, x.a, hasattr(x, "__dict__"), y.free, y.a, y.__dict__)
try:
    class Clash:
        __slots__ = ("v",)
        v = 1
except ValueError as e:
    print(e)


class OneSlot:
    __slots__ = "single"


o = OneSlot()
o.single = "s"
print(o.single)


class WithDict:
    __slots__ = ("q", "__dict__")


w = WithDict()
w.q, w.r = 1, 2
print(w.__dict__, w.q)


class Dir:
    def __dir__(self):
        return ["b", "a"]


print(dir(Dir()), "real" in dir(m), [n for n in dir(Slots) if not n.startswith("_")])


class Proxy:
    def __init__(self, target):
        self._target = target

    def __getattr__(self, name):
        return getattr(self._target, name)


p = Proxy([3, 1])
p.append(2)
print(p._target, p.count(1))
try:
    len(p)
except TypeError as e:
    print(e)
try:
    p.nope
except AttributeError as e:
    print(e)


class ClassAttr(type):
    def __getattr__(cls, name):
        return f"meta {name}"


class Uses(metaclass=ClassAttr):
    known = 1


print(Uses.known, Uses.unknown)
try:
    Uses().unknown
except AttributeError as e:
    print(e)


class Suggest:
    length = 1


try:
    Suggest().lenght
except AttributeError as e:
    print(e)
try:
    [].apend
except AttributeError as e:
    print(e)
f = lambda: 0
try:
    f.missing
except AttributeError as e:
    print(e)
try:
    Suggest.nothing = 1
    int.foo = 1
except TypeError as e:
    print(e)
try:
    object().x = 1
except AttributeError as e:
    print(e)
try:
    (1).real = 5
except AttributeError as e:
    print(e)
print(getattr(5, "real"), getattr("a", "upper")(), hasattr([], "append"), hasattr(None, "x"), [].__len__(), (1).__class__.__name__)
