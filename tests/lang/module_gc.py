# Garbage: cycles, finalizers, identity across collections. Nothing here depends on when collection happens.
import gc

log = []


class Node:
    def __init__(self, name):
        self.name = name
        self.other = None

    def __del__(self):
        log.append(self.name)


def cycle(i):
    a, b = Node("a%d" % i), Node("b%d" % i)
    a.other, b.other = b, a


for i in range(3):
    cycle(i)
gc.collect()
print(sorted(log))
log.clear()
kept = Node("kept")
n = Node("dropped")
del n
gc.collect()
print(log, kept.name)
log.clear()


class Phoenix:
    saved = []

    def __del__(self):
        log.append("del")
        Phoenix.saved.append(self)


p = Phoenix()
p.data = [1, 2, 3]
del p
gc.collect()
print(log, len(Phoenix.saved), Phoenix.saved[0].data)
Phoenix.saved.clear()
gc.collect()
print(log)
print(isinstance(gc.collect(), int), gc.isenabled())
gc.disable()
print(gc.isenabled())
gc.enable()
print(gc.isenabled(), gc.collect(0) >= 0, gc.collect(generation=1) >= 0)
try:
    gc.collect(7)
except ValueError as e:
    print(e)
# Objects keep identity, hash and contents over collections.
objects = [object() for _ in range(1000)]
ids = [id(o) for o in objects]
hashes = {o: i for i, o in enumerate(objects)}
data = {"list": [1, [2, [3]]], "dict": {"k": "v"}, "str": "x" * 100, "big": 2 ** 200, "float": 1e300, "tuple": (1, "two"), "set": {1, 2}}
copy = repr(data)
for _ in range(5):
    gc.collect()
print([id(o) for o in objects] == ids, all(hashes[o] == i for i, o in enumerate(objects)), repr(data) == copy, len(set(ids)) == 1000)
# Plenty of garbage beside live data.
live = []
for i in range(20000):
    junk = [i, str(i), {i: [i]}, (i, float(i))]
    if i % 100 == 0:
        live.append(junk)
print(len(live), live[5], live[199][2], sum(x[0] for x in live))
linked = None
for i in range(50000):
    linked = (i, linked)
count = 0
while linked is not None:
    count += linked[0]
    linked = linked[1]
print(count)
d = {}
for i in range(10000):
    d[i] = [i]
    if i >= 100:
        del d[i - 100]
gc.collect()
print(len(d), d[9999], d[9900])


class Failing:
    def __del__(self):
        log.append("failing")


for _ in range(10):
    Failing()
gc.collect()
print(log.count("failing"))


def gen():
    try:
        yield 1
        yield 2
    finally:
        log.append("generator closed")


g = gen()
next(g)
del g
gc.collect()
print(log[-1])
