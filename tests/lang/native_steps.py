# Iterators written in the interpreter's own language: stepped by loops, by native consumers, by
# next() and by __next__ alike.
import bisect
import collections
import heapq
import itertools


class Own(zip):
    def __next__(self):
        return "own"


class Plain(zip):
    pass


own = Own([1, 2], [3, 4])
print(next(own), [x for x in itertools.islice(own, 2)])
print(list(Plain([1, 2], [3, 4])), next(Plain([1], [2])))


def until_two(x):
    if x == 2:
        raise StopIteration("two")
    return x


# An end raised from inside ends the loop, and next() shows it.
print(list(map(until_two, [1, 2, 3])), [x for x in map(until_two, [0, 1, 2])])
try:
    next(map(until_two, [2]))
except StopIteration as e:
    print("stop", e.value)

for wrong in (map(str, [1]), 3, Own([1])):
    try:
        print(zip.__next__(wrong))
    except TypeError as e:
        print(e)

# One loop over iterators of many kinds.
many = [[1], {2: 3}, collections.deque([4]), "5", map(str, [6]), (x for x in [7]), zip([8]), {9}.__iter__()]
for each in many * 2:
    for x in each:
        print(x, end=" ")
print()

d = {1: 2}
try:
    for k in d:
        d[k + 1] = 0
except RuntimeError as e:
    print(e)
q = collections.deque([1, 2])
try:
    for x in q:
        q.append(x)
except RuntimeError as e:
    print(e)
try:
    for pair in zip([1], [1, 2], strict=True):
        print(pair)
except ValueError as e:
    print(e)


# A heap whose comparisons change it.
class Odd:
    def __lt__(self, other):
        heap.clear()
        return True


heap = [Odd(), Odd(), Odd()]
for call in (lambda: heapq.heapify(heap), lambda: heapq.heappop(heap), lambda: heapq.heappush((), 1)):
    try:
        call()
    except (RuntimeError, IndexError, TypeError) as e:
        print(type(e).__name__, e)

numbers = [5, 3, 8, 1, 9, 2]
for name in ("heapify", "heapify_max"):
    heap = numbers[:]
    getattr(heapq, name)(heap)
    pop = heapq.heappop if name == "heapify" else heapq.heappop_max
    print([pop(heap) for _ in numbers])
heap = [3, 1, 2]
heapq.heapify_max(heap)
print(heapq.heappushpop_max(heap, 9), heapq.heapreplace_max(heap, 0), heap, heapq.heappushpop([], 4))

words = ["a", "bb", "cccc"]
print(bisect.bisect(words, 2, key=len), bisect.bisect_left(words, 2, key=len), bisect.bisect([1, 2], 5, hi=1))
bisect.insort(words, "ddd", key=len)
print(words)
try:
    bisect.bisect(words, "x", -1)
except ValueError as e:
    print(e)
