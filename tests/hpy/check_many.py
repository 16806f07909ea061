# Ten million handles at once; a million objects made in C, dropped ten times over.
import gc
import sys
import time

sys.path.insert(0, sys.argv[1])

import handles
import hpy_simple

moving = "gc" in getattr(sys, "_xoptions", {})
many = 10_000 if moving else 10_000_000


def nursery_collection():
    """The quickest of a few, in seconds of processor time."""
    best = 9.0
    for _ in range(5):
        start = time.process_time()
        gc.collect(0)
        best = min(best, time.process_time() - start)
    return best


objects = [[i] for i in range(1000)]
print(handles.hold(objects, many) == many)
gc.collect()
print(handles.held_at(0), handles.held_at(many - 1), handles.held_at(12345 % many) is objects[345])
# Looking at all of them takes tens of milliseconds at the least.
print("quick" if moving or nursery_collection() < 0.01 else "every handle was looked at")
del objects
gc.collect()
print(handles.held_at(999), handles.release() == many)
assert handles.time_dup_close([], 1000) > 0


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def rounds(make, count):
    """Resident bytes after each of ten rounds of making and dropping that many objects."""
    sizes = []
    for _ in range(10):
        objs = [make() for _ in range(count)]
        del objs
        gc.collect()
        sizes.append(resident())
    return sizes


for make, count in [(hpy_simple.Foo, 1_000_000), (handles.Large, 20_000)]:
    if moving:
        count = 300
    sizes = rounds(make, count)
    # The first rounds may still find out how large the heap should be.
    grown = max(sizes[3:]) - sizes[2]
    print("flat" if grown < (4 << 20) else "grows by %d bytes" % grown)
    print("returned" if sizes[-1] < 400 << 20 else "%d bytes remain" % sizes[-1])
print(handles.get_destroyed() >= 10 * (20_000 if not moving else 300) or moving)
