import gc


class Node:
    def __init__(self, next):
        self.next = next


a = Node(None)
b = Node(a)
holder = [a, {"k": b}]
print(any(x is a for x in gc.get_referents(b)), any(x is Node for x in gc.get_referents(b)))
print(gc.get_referents(1, 2.5, "s"))
found = gc.get_referrers(a)
print(any(x is holder for x in found), any(x is globals() for x in found))
every = gc.get_objects()
print(any(x is holder for x in every), any(x is Node for x in every), type(every))
del every, found
print([gc.is_tracked(x) for x in (1, "s", b"", 1.5, [], {"a": []}, Node, a, len)])
for generation in (-5, 17):
    try:
        gc.get_objects(generation=generation)
    except ValueError as e:
        print(type(e).__name__)
log = []
gc.callbacks.append(lambda phase, info: log.append((phase, sorted(info))))
gc.collect()
gc.callbacks.clear()
print(log[0], log[-1])
gc.callbacks.append(lambda phase, info: 1 / 0)
gc.callbacks.clear()
print(gc.DEBUG_LEAK, gc.get_debug())
try:
    gc.collect(7)
except ValueError as e:
    print(e)
