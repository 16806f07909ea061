# Container protocols: len, getitem, contains, iter, reversed, bool, call.
class Seq:
    def __init__(self, items):
        self.items = items

    def __len__(self):
        print("len")
        return len(self.items)

    def __getitem__(self, i):
        print("getitem", i)
        return self.items[i]


s = Seq([1, 2, 3])
print(len(s), s[0], s[-1], s[0:2], bool(s), bool(Seq([])))
print(list(s))
print(2 in s, 9 in s)
print([x for x in reversed(s)])
print(tuple(zip(s, "ab")))
a, b, c = Seq("xyz")
print(a, b, c)


class Full:
    def __init__(self):
        self.d = {}

    def __setitem__(self, k, v):
        print("set", k, v)
        self.d[k] = v

    def __getitem__(self, k):
        return self.d[k]

    def __delitem__(self, k):
        print("del", k)
        del self.d[k]

    def __contains__(self, k):
        print("contains", k)
        return k in self.d

    def __iter__(self):
        print("iter")
        return iter(sorted(self.d))

    def __reversed__(self):
        return iter("reversed!")

    def __len__(self):
        return len(self.d)


f = Full()
f["a"] = 1
f["b"] = f["a"] = 2
f["a"] += 5
print("a" in f, "z" not in f, list(f), sorted(f), list(reversed(f)), len(f), f["a"], [*f], sum(1 for _ in f))
del f["a"]
try:
    f["a"]
except KeyError as e:
    print("KeyError", e)


class Iter:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        return self.n


print(list(Iter(3)), sum(Iter(4)), max(Iter(3)), 1 in Iter(3), 7 in Iter(3), tuple(Iter(2)), "-".join(str(i) for i in Iter(3)), dict.fromkeys(Iter(2)))


class OnlyBool:
    def __bool__(self):
        print("bool")
        return False


print(bool(OnlyBool()), not OnlyBool(), OnlyBool() or "or", type(OnlyBool() and 1).__name__)
if OnlyBool():
    print("never")


class BadBool:
    def __bool__(self):
        return 1


class BadLen:
    def __len__(self):
        return -1


class StrLen:
    def __len__(self):
        return "5"


class BadIter:
    def __iter__(self):
        return 5


class NoContains:
    __contains__ = None
    __iter__ = None
    __hash__ = None


class BadRepr:
    def __repr__(self):
        return 5


class BadStr:
    def __str__(self):
        return None


class BadIndex:
    def __index__(self):
        return "x"


for bad in [lambda: bool(BadBool()), lambda: len(BadLen()), lambda: len(StrLen()), lambda: list(BadIter()), lambda: 1 in NoContains(), lambda: iter(NoContains()), lambda: hash(NoContains()), lambda: repr(BadRepr()), lambda: str(BadStr()), lambda: [1][BadIndex()], lambda: iter(5), lambda: 1 in 5, lambda: len(Iter(1)), lambda: reversed(Iter(1)), lambda: Iter(1)[0], lambda: bool(BadLen())]:
    try:
        bad()
    except (TypeError, ValueError) as e:
        print(type(e).__name__, e)
for stmt in ["x = object(); x[0] = 1", "x = object(); del x[0]", "x = object(); x[0]", "for i in object(): pass", "x = Iter(1); x['a'] = 1"]:
    try:
        exec(stmt)
    except TypeError as e:
        print(e)


class Callable:
    def __call__(self, *args, **kw):
        return args, kw


print(Callable()(1, 2, k=3), callable(Callable()), callable(Seq), callable(5), list(map(Callable(), [1, 2])))


class Eq:
    def __init__(self, v):
        self.v = v

    def __eq__(self, o):
        print("eq")
        return self.v == o


print(Eq(1) == 1, 1 == Eq(1), Eq(1) != 1, [Eq(1)] == [1], 1 in [Eq(2), Eq(1)], [Eq(3), 5].index(5), Eq(5) in [5])


class Cmp:
    def __init__(self, v):
        self.v = v

    def __lt__(self, o):
        return self.v < o.v

    def __le__(self, o):
        return self.v <= o.v


print(Cmp(1) < Cmp(2), Cmp(1) > Cmp(2), Cmp(1) >= Cmp(1), max([Cmp(1), Cmp(5)], key=lambda c: c.v).v, sorted([Cmp(2), Cmp(1)])[0].v)


class LengthHint:
    def __iter__(self):
        return iter([1])

    def __length_hint__(self):
        return 10


print(list(LengthHint()), {**{}}, [*LengthHint()])


class Mapping:
    def keys(self):
        return ["x", "y"]

    def __getitem__(self, k):
        return k * 2


print(dict(Mapping()), {**Mapping()}, (lambda **kw: kw)(**Mapping()))
