# Containers, attributes, calls, exceptions and fields through our own extension.
import gc
import sys

sys.path.insert(0, sys.argv[1])

import battery


def churn():
    junk = [[i, str(i)] for i in range(300)]
    junk = None
    gc.collect()


class Thing:
    pass


t = Thing()
print(battery.dict_work("key"), battery.dict_work(5), battery.dict_work((1, 2)), battery.dict_work(t)[2] is t)
try:
    battery.dict_work([])
except TypeError as e:
    print("TypeError")
print(battery.attributes(t, "x", 5), battery.attributes(t, "x", [1]), battery.attributes(Thing, "cls", "c"), t.x, t.cls)
for bad in [lambda: battery.attributes(5, "x", 1), lambda: battery.get_missing(t), lambda: battery.get_missing([]), lambda: battery.items([1]), lambda: battery.items(()), lambda: battery.items({}), lambda: battery.items(5), lambda: battery.items("ab")]:
    try:
        bad()
    except (AttributeError, IndexError, KeyError, TypeError) as e:
        print(type(e).__name__)
for obj in ["s", b"b", [], {}, (), 5, True, 1.5, None, len, Thing, t]:
    print(battery.kinds(obj))


def f(*args, **kw):
    return args, kw


print(battery.call(f, (1, 2), {"k": 3}), battery.call(f, (), None), battery.call(f, (), {}), battery.call(int, ("12",), None), battery.call(dict, (), {"a": 1}), battery.vectorcall(f, 1, 2))
print(battery.call_method("a,b", "split", ","), battery.call_method([3, 1], "index", 1), battery.call_method({"k": "v"}, "get", "k"), battery.vectorcall(lambda x, y: (x, y), "X", "Y"), battery.call(Thing, (), None).__class__ is Thing)


class Callable:
    def __call__(self, *args, **kw):
        return "called", args, kw

    def method(self, x):
        return x * 2


print(battery.call(Callable(), (1,), {"z": 2}), battery.call_method(Callable(), "method", 4), battery.call(Callable().method, (5,), None))
for bad in [lambda: battery.call(5, (), None), lambda: battery.call_method(5, "nope", 1), lambda: battery.call(len, (1, 2), None), lambda: battery.call(f, (), {1: 2})]:
    try:
        bad()
    except (TypeError, AttributeError) as e:
        print(type(e).__name__)


def recurse(n):
    if n % 10 == 0:
        churn()
    return 1 + battery.deep_calls(recurse, n)


print(battery.deep_calls(recurse, 60))
print(battery.allocate_loop(0), battery.allocate_loop(1), battery.allocate_loop(100000))
for kind in range(8):
    try:
        print(kind, battery.fail(kind))
    except Exception as e:
        print(kind, type(e).__name__, e, e.args)
try:
    battery.fail("x")
except TypeError as e:
    print("TypeError")


def raising(e):
    def raises():
        raise e

    return raises


print(battery.catches(raising(KeyError("k"))), battery.catches(raising(IndexError())), battery.catches(lambda: "fine"))
for e in [ValueError("v"), battery.Error("own")]:
    try:
        battery.catches(raising(e))
    except ValueError as got:
        print(got is e, got)
try:
    raise battery.Error("from python", 1)
except battery.Error as e:
    print(e.args, isinstance(e, ValueError), str(battery.Error))
try:
    try:
        battery.fail(0)
    except ValueError:
        battery.fail(1)
except KeyError as e:
    print(repr(e), repr(e.__context__))

# Fields.
Pair = battery.Pair
p = Pair("a", [1])
print(p.first, p.second, p.stores, p.swap() is p, p.first, p.second, Pair.__doc__)
p.first = p
p.second = {"self": p}
churn()
print(p.first is p, p.second["self"] is p, p.stores)
try:
    p.stores = 5
except (AttributeError, TypeError) as e:
    print("read only")
linked = None
for i in range(1000):
    linked = Pair(i, linked)
churn()
total = 0
node = linked
while node is not None:
    total += node.first
    node = node.second
print(total)
shared = [0]
pairs = [Pair(shared, Thing()) for _ in range(100)]
for i, pair in enumerate(pairs):
    pair.second.index = i
    pair.second.pair = pair
churn()
shared[0] = 7
print(all(pair.first is shared and pair.first[0] == 7 for pair in pairs), sum(pair.second.index for pair in pairs), all(pair.second.pair is pair for pair in pairs))
print(pairs[3].struct_over(churn), p.struct_over(churn))
old, young = pairs[0], None
for i in range(500):
    old.first = Pair(i, [i])
    if i % 50 == 0:
        churn()
print(old.first.first, old.first.second)
linked = None
node = None
p.first = p.second = None
p = None
pair = None
pairs = None
old = None
before = battery.destroyed()
gc.collect()
gc.collect()
print(battery.destroyed() - before >= 0, battery.destroyed() >= 1600)


if sys.implementation.name == "sidewinder":
    # HPy 0.9.0 on CPython writes such an object's C struct over its header.
    class Sub(Pair):
        extra = "class attribute"

        def sum(self):
            return self.first + self.second

    s = Sub(1, 2)
    s.note = "dict of its own"
    churn()
    assert (s.sum(), s.note, s.extra) == (3, "dict of its own", "class attribute")
    assert isinstance(s, Pair) and s.swap() is s and s.first == 2
for bad in [lambda: Pair(), lambda: Pair(1), lambda: Pair(1, 2, 3), lambda: p.missing]:
    try:
        bad()
    except (TypeError, AttributeError) as e:
        print(type(e).__name__)
