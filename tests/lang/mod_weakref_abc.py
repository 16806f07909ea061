"""_weakref, _abc and _string."""
import _weakref
from _abc import (_abc_init, _abc_register, _abc_instancecheck, _abc_subclasscheck, _get_dump,
                  _reset_caches, _reset_registry, get_cache_token)
from _string import formatter_parser, formatter_field_name_split
import gc


def fails(f, *args, **kwargs):
    try:
        print(f(*args, **kwargs))
    except Exception as e:
        print(type(e).__name__, e)


class Num:
    def __init__(self, n):
        self.n = n

    def __add__(self, other):
        return ("add", self.n, getattr(other, "n", other))

    def __radd__(self, other):
        return ("radd", other, self.n)

    def __iadd__(self, other):
        self.n += other
        return self

    def __len__(self):
        return 3

    def __getitem__(self, i):
        return i * 2

    def __contains__(self, i):
        return i == 7

    def __eq__(self, other):
        return self.n == getattr(other, "n", other)

    def __index__(self):
        return 5

    def __str__(self):
        return "num"

    def __neg__(self):
        return -self.n


n = Num(4)
p = _weakref.proxy(n)
print(p.n, p + 1, 1 + p, p + p, len(p), p[4], 7 in p, p == 4, str(p), -p, [0] * 10 == [0] * 10, bool(p))
print(isinstance(p, Num), p.__class__ is Num, type(p) is _weakref.ProxyType, "abcdefgh"[p])
p.extra = 1
print(n.extra)
del p.extra
print(hasattr(n, "extra"))
fails(hash, p)
print(_weakref.getweakrefcount(n) > 0, len(_weakref.getweakrefs(n)) > 0, _weakref.getweakrefcount(5))


def f(a, b=2):
    return a, b


pf = _weakref.proxy(f)
print(pf(1), pf(1, b=3), type(pf) is _weakref.CallableProxyType)
fails(_weakref.proxy, 5)
del n
gc.collect()
fails(lambda: p.n)
fails(str, p)
fails(lambda: p + 1)
d = {1: 2}
fails(_weakref._remove_dead_weakref, d, 1)
r = _weakref.ref(f)
d = {1: r}
_weakref._remove_dead_weakref(d, 1)
_weakref._remove_dead_weakref(d, 2)
print(d == {1: r})


class Meta(type):
    def __new__(mcls, name, bases, namespace, /, **kwargs):
        cls = super().__new__(mcls, name, bases, namespace, **kwargs)
        _abc_init(cls)
        return cls

    def register(cls, subclass):
        return _abc_register(cls, subclass)

    def __instancecheck__(cls, instance):
        return _abc_instancecheck(cls, instance)

    def __subclasscheck__(cls, subclass):
        return _abc_subclasscheck(cls, subclass)


def abstract(f):
    f.__isabstractmethod__ = True
    return f


class Base(metaclass=Meta):
    @abstract
    def one(self):
        pass

    @property
    @abstract
    def two(self):
        pass

    def three(self):
        pass


print(sorted(Base.__abstractmethods__))
fails(Base)


class Half(Base):
    def one(self):
        return 1


print(sorted(Half.__abstractmethods__), issubclass(Half, Base))
fails(Half)


class Full(Half):
    two = 2


print(Full().one(), Full.__abstractmethods__, isinstance(Full(), Base), isinstance(5, Base))
before = get_cache_token()
print(Base.register(int) is int, isinstance(5, Base), isinstance(5, Half), isinstance("a", Base), isinstance(True, Base))
print(get_cache_token() != before)
fails(Base.register, 5)
fails(Half.register, Base)
Half.register(str)
print(isinstance("a", Base))
print([len(x) for x in _get_dump(Half)[:3]][:1])
_reset_registry(Half)
_reset_caches(Half)
_reset_caches(Base)
print(isinstance("a", Half), isinstance("a", Base))


class Hook(metaclass=Meta):
    @classmethod
    def __subclasshook__(cls, c):
        return True if hasattr(c, "quack") else NotImplemented


class Duck:
    quack = 1


print(issubclass(Duck, Hook), issubclass(int, Hook), isinstance(Duck(), Hook))
fails(issubclass, 5, Hook)


class Seq(metaclass=Meta):
    __abc_tpflags__ = 1 << 5


class Mine:
    def __len__(self):
        return 2

    def __getitem__(self, i):
        return "ab"[i]


Seq.register(Mine)
match Mine():
    case [a, b]:
        print("sequence", a, b)
print(hasattr(Seq, "__abc_tpflags__"))

for s in ["a{b}c", "{0!r:>{w}}x{{y}}", "", "{}", "{", "}", "{a!}", "{a[b].c}"]:
    fails(lambda: list(formatter_parser(s)))
for s in ["a.b[c].d[0]", "0", "12.x", "a[b", "a.", "a[b]c", ""]:
    def split():
        first, rest = formatter_field_name_split(s)
        return first, list(rest)
    fails(split)
fails(formatter_parser, 1)
