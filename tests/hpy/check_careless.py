# Extensions with bugs, and files that are no extensions: exceptions, and a collector that goes on.
import gc
import sys

sys.path.insert(0, sys.argv[1])

import careless

o = [1, 2, 3]
careless.leak(o, 1000)
careless.leak("text", 10)
careless.leak(5, 10)
gc.collect()
print(o)
for f in [careless.null_without_error, careless.result_with_error]:
    try:
        print(f())
    except SystemError as e:
        print("SystemError", repr(e.__cause__))
try:
    import raising
except ImportError as e:
    print("ImportError", e)
print("raising" in sys.modules)
if sys.implementation.name == "sidewinder":
    # Undefined in HPy, fatal in CPython: here it must not harm the heap.
    for i in range(100):
        careless.double_close(i)
        careless.close_argument([i])
    gc.collect()
junk = [[i] for i in range(10000)]
gc.collect()
print(sum(j[0] for j in junk))
