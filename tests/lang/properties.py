# property, classmethod, staticmethod and other descriptors.
class Temperature:
    def __init__(self, celsius):
        self._c = celsius

    @property
    def celsius(self):
        """Degrees Celsius."""
        return self._c

    @celsius.setter
    def celsius(self, value):
        if value < -273:
            raise ValueError("too cold")
        self._c = value

    @celsius.deleter
    def celsius(self):
        print("deleting")
        self._c = None

    @property
    def fahrenheit(self):
        return self._c * 9 / 5 + 32

    def _get(self):
        return "old style"

    old = property(_get, doc="doc of old")


t = Temperature(100)
print(t.celsius, t.fahrenheit, t.old, Temperature.celsius.__doc__, Temperature.old.__doc__)
t.celsius = 0
t.celsius += 10
print(t.fahrenheit)
del t.celsius
print(t.celsius)
for bad in ["t.celsius = -300", "t.fahrenheit = 5", "del t.fahrenheit", "t.old = 1"]:
    try:
        exec(bad)
    except (ValueError, AttributeError) as e:
        print(type(e).__name__, e)
t.__dict__["celsius"] = "shadow?"
print(t.celsius, type(Temperature.celsius).__name__, Temperature.celsius.fget(t), Temperature.fahrenheit.fset)


class Sub(Temperature):
    @Temperature.celsius.getter
    def celsius(self):
        return "sub %s" % self._c

    @property
    def failing(self):
        raise AttributeError("inside")


s = Sub(5)
s.celsius = 6
print(s.celsius)
try:
    s.failing
except AttributeError as e:
    print(e)


class K:
    x = 1

    @classmethod
    def make(cls, *args):
        return cls, args

    @staticmethod
    def add(a, b):
        return a + b

    def plain(self):
        return self

    cls_plain = classmethod(lambda cls: cls.__name__)


print(K.make(1), K().make(2, 3), K.add(1, 2), K().add(3, 4), K.cls_plain(), K.__dict__["make"].__func__(int, 5), K.__dict__["add"](1, 1))


class Verbose:
    """A data descriptor that tells what is done to it."""

    def __set_name__(self, owner, name):
        print("set_name", owner.__name__, name)
        self.name = "_" + name

    def __get__(self, obj, owner=None):
        if obj is None:
            return f"class access by {owner.__name__}"
        return getattr(obj, self.name, "unset")

    def __set__(self, obj, value):
        print("set", value)
        setattr(obj, self.name, value)

    def __delete__(self, obj):
        print("delete")
        delattr(obj, self.name)


class Lazy:
    """A non-data descriptor: computed once, then the instance dict wins."""

    def __init__(self, f):
        self.f = f

    def __get__(self, obj, owner):
        value = self.f(obj)
        obj.__dict__[self.f.__name__] = value
        return value


class Uses:
    a = Verbose()
    b = Verbose()

    @Lazy
    def expensive(self):
        print("computing")
        return 42


u = Uses()
print(u.a, Uses.a)
u.a = 5
u.b = 6
print(u.a, u.b, vars(u))
u.__dict__["a"] = "ignored"
print(u.a)
del u.a
print(u.a, u.expensive, u.expensive)


class ReadOnly:
    def __get__(self, obj, owner):
        return "ro"

    def __set__(self, obj, value):
        raise AttributeError("read only")


class R:
    x = ReadOnly()


r = R()
try:
    r.x = 1
except AttributeError as e:
    print(e)
try:
    del r.x
except AttributeError as e:
    print(e)


def outside(self, n):
    return (type(self).__name__, n)


print(outside.__get__(5)(1), outside.__get__(u, Uses)(2), K.plain.__get__(k := K())() is k, (5).__add__.__self__)
K.late = property(lambda self: "late")
print(K().late)


class Dyn:
    def __init__(self):
        self.f = lambda: "not bound"


print(Dyn().f())
