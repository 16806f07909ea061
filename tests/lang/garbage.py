"""How much garbage gc.collect() finds, and DEBUG_SAVEALL."""
import gc


class Node:
    pass


def pair():
    a, b = Node(), Node()
    a.other, b.other = b, a


def found(task):
    gc.collect()
    task()
    return gc.collect()


def lists():
    own = [1, 2]
    own.append(own)


def dicts():
    own = {}
    own["own"] = own


def no_cycles():
    [[[i] for i in range(100)] for _ in range(10)]


def hanging():
    own = [[], {}, ((),)]
    own.append(own)


print(found(lists), found(dicts), found(no_cycles), found(pair), found(hanging))
old = [Node() for _ in range(1000)]
for node in old:
    node.next = old[0]
old[0].all = old
gc.collect()
node = None
del old
print(gc.collect() >= 1000)

gc.set_debug(gc.DEBUG_SAVEALL)
try:
    print(found(lists), gc.garbage)
    for saved in gc.garbage:
        saved.clear()
    gc.garbage.clear()
finally:
    gc.set_debug(0)
print(found(no_cycles), gc.garbage)

seen = []


def callback(phase, info):
    seen.append((phase, info["generation"], info["collected"]))


gc.collect()
gc.callbacks.append(callback)
lists()
gc.collect()
gc.callbacks.remove(callback)
print(seen)
gc.freeze()
print(gc.get_freeze_count() > 100)
gc.unfreeze()
print(gc.get_freeze_count())
