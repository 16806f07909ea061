# What may be a key: hashing and equality of user objects.
class Key:
    def __init__(self, n, h):
        self.n = n
        self.h = h

    def __hash__(self):
        return self.h

    def __eq__(self, other):
        print("eq", self.n, getattr(other, "n", other))
        return isinstance(other, Key) and self.n == other.n

    def __repr__(self):
        return "K%d" % self.n


d = {Key(1, 5): "one"}
d[Key(2, 5)] = "two"
print(d[Key(2, 5)])
print(Key(1, 6) in d)
print(d.get(Key(3, 5)))
k = Key(9, 1)
e = {k: 1}
print(e[k])


class OnlyEq:
    def __eq__(self, other):
        return True


try:
    {OnlyEq(): 1}
except TypeError as err:
    print(err)
print(OnlyEq.__hash__)


class Default:
    pass


a, b = Default(), Default()
f = {a: "a", b: "b"}
print(f[a], f[b], len(f), a == a, a == b, hash(a) == hash(a))


class BadHash:
    def __hash__(self):
        return "x"


class RaisingHash:
    def __hash__(self):
        raise ValueError("no hash today")


class BigHash:
    def __hash__(self):
        return 10 ** 30

    def __eq__(self, other):
        return isinstance(other, BigHash)


for cls in [BadHash, RaisingHash]:
    try:
        {cls(): 1}
    except (TypeError, ValueError) as err:
        print(type(err).__name__, err)
print({BigHash(): "big"}[BigHash()])


class RaisingEq:
    def __hash__(self):
        return 1

    def __eq__(self, other):
        raise RuntimeError("no eq")


g = {RaisingEq(): 1}
try:
    g[RaisingEq()]
except RuntimeError as err:
    print(err)
print({1: "a", 1.0: "b", True: "c"}, {0: 1, -0.0: 2, False: 3}, {"a": 1, b"a": 2}, {None: 1, (): 2, frozenset(): 3, ...: 4, int: 5, len: 6}[len])
print(hash(1) == hash(1.0) == hash(True), hash("a") == hash("a"), hash((1, "x")) == hash((1.0, "x")), hash(2 ** 70) == hash(float(2 ** 70)), hash(None) == hash(None))
for bad in [[], {}, set(), bytearray(), ([],), slice]:
    try:
        hash(bad)
        print("ok", type(bad).__name__)
    except TypeError as err:
        print(err)
class Str(str):
    pass


h = {"a": 1}
print(h[Str("a")], Str("a") in h, {Str("b"): 2}["b"], type(list({Str("b"): 2})[0]).__name__)
