# Structs behind objects with the layout of builtin types; cycles through their fields are collected.
import gc
import sys

sys.path.insert(0, sys.argv[1])

import shapes

a = shapes.LinkedList([1, 2, 3])
print(a, a.number(), a.linked(), len(a), type(a).__mro__[1])
a.link("x" * 3)
a.link(["young", a])
print(a.number(), a.linked()[0], a.linked()[1] is a)
for i in range(1000):
    a.append([i])
gc.collect()
print(a.number(), a.linked()[0], len(a))
before = shapes.get_destroyed()
for i in range(100):
    x, y = shapes.LinkedList(), shapes.LinkedList()
    x.link(y)
    y.link(x)
del x, y
gc.collect()
print(shapes.get_destroyed() - before)

n = shapes.WeightedInt(12345678901234567890123)
print(n + 1, n.weigh(0.5), n.weigh(2), int(shapes.WeightedInt(7)) * 2)

f, t = shapes.CountingFloat(2.5), shapes.CountingStr("text")
print(f * 2, f.count_up(), f.count_up(), t.upper(), t.count_up(), t + "s", hash(t) == hash("text"))
if sys.implementation.name == "sidewinder":
    # CPython's HPy leaves the object's own part of such a struct as it finds it.
    p = shapes.CountingTuple((1, 2, 3))
    assert (p, p.count_up(), p.count_up()) == ((1, 2, 3), 1, 2)

    class Made(metaclass=shapes.Meta):
        pass

    assert (type(Made), Made.count_up(), Made.count_up()) == (shapes.Meta, 1, 2)
    gc.collect()
    assert Made.count_up() == 3 and isinstance(Made(), Made)
    for kind, empty in [(shapes.CountingFloat, 0.0), (shapes.CountingStr, ""), (shapes.CountingTuple, ())]:
        new = shapes.make(kind)
        assert (type(new), new, new.count_up()) == (kind, empty, 42), new
    new = shapes.make(shapes.Meta)
    assert (type(new), new.__mro__, new.count_up()) == (shapes.Meta, (new, object), 42)
    assert type(new()) is new
