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
