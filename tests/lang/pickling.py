"""__reduce_ex__, __getstate__ and copies of all kinds of objects."""
import copy
import copyreg


def fails(f, *args):
    try:
        print(f(*args))
    except Exception as e:
        print(type(e).__name__, e)


class Plain:
    def __init__(self):
        self.x = 1


class Slots:
    __slots__ = ("a", "b")


class Both(Slots):
    pass


class NewArgs(int):
    def __getnewargs__(self):
        return (7,)


class NewArgsEx:
    def __new__(cls, *args, k=0):
        self = super().__new__(cls)
        self.v = args, k
        return self

    def __getnewargs_ex__(self):
        return (1, 2), {"k": 3}


class L(list):
    pass


class D(dict):
    pass


class State:
    def __getstate__(self):
        return "state"

    def __setstate__(self, s):
        self.s = s


def show(r):
    print(r[0].__name__, r[1], r[2], [x if x is None else list(x) for x in r[3:]])


s = Slots()
s.a = 1
b = Both()
b.a, b.c = 1, 2
l = L([1, 2])
l.x = 3
d = D(a=1)
for o in (Plain(), s, b, l, d, NewArgsEx(), State(), NewArgs(3), object()):
    show(o.__reduce_ex__(2))
    c = copy.copy(o)
    print(type(c).__name__, c.__getstate__())
for o in ({1}, frozenset("a"), bytearray(b"ab"), range(1, 5, 2), slice(1, None), len, [].append, str.upper, "a".upper,
          iter([1, 2]), iter((1,)), iter(range(3)), reversed([1, 2]), iter("ab"), iter(int, 1), ValueError("x")):
    r = o.__reduce__()
    print(type(o).__name__, r if isinstance(r, str) else (getattr(r[0], "__name__", r[0]), r[1:] if "iter" not in type(o).__name__ and "append" not in repr(r) else len(r)))
it = iter([1, 2, 3])
next(it)
f, a, n = it.__reduce__()
it2 = f(*a)
it2.__setstate__(n)
print(list(it2), list(it))
print(list(copy.copy(iter(range(1, 9, 2)))), copy.deepcopy([1, {"a": (2, [3])}, Plain()])[1])
for o in ((i for i in ()), print, type, lambda: 0, open, 5, "a", None, ...):
    print(copy.copy(o) is o if not hasattr(o, "send") else None)
fails(copy.copy, (i for i in ()))
fails(object().__reduce_ex__, 0)
fails(Plain().__reduce_ex__, 1)
fails(s.__reduce_ex__, 0)
deep = []
deep.append(deep)
c = copy.deepcopy(deep)
print(c[0] is c)
