# set and frozenset.
s = {3, 1, 2, 3}
print(sorted(s), len(s), 1 in s, 5 not in s, set(), {*()}, set("aa"), frozenset(), frozenset([1]), sorted({*"ab", *"bc"}), {1, 1.0, True})
s.add(10)
s.add(10)
s.discard(99)
s.remove(1)
print(sorted(s))
for bad in [lambda: s.remove(99), lambda: set().pop(), lambda: s.add([]), lambda: {1} + {2}, lambda: {1} | [2], lambda: {1} < [1], lambda: hash(set()), lambda: set(5), lambda: s[0], lambda: frozenset().add(1)]:
    try:
        bad()
    except (KeyError, TypeError, AttributeError) as e:
        print(type(e).__name__, e)
a, b = {1, 2, 3, 4}, {3, 4, 5}
print(sorted(a | b), sorted(a & b), sorted(a - b), sorted(a ^ b), sorted(b - a))
print(sorted(a.union(b, [9])), sorted(a.intersection(b, [3])), sorted(a.difference([1], [2])), sorted(a.symmetric_difference([1, 7])), sorted(a.union()), sorted(a.copy()))
print(a <= b, {3, 4} <= b, {3, 4} < b, b < b, b >= {5}, b > b, a.issubset(range(10)), a.issuperset([1]), a.isdisjoint([8]), a == {4, 3, 2, 1}, a != b, a == frozenset(a))
c = set(a)
c |= {100}
c &= {1, 2, 100, 200}
c -= {2}
c ^= {1, 5}
print(sorted(c))
c.update([1], "x", (2,))
c.difference_update(["x"])
c.intersection_update([1, 2, 5])
c.symmetric_difference_update([2, 3])
print(sorted(c), c.pop() in {1, 3, 5}, len(c))
c.clear()
print(c, not c, bool({0}))
f = frozenset([1, 2])
print({f: "frozen"}[frozenset([2, 1])], hash(f) == hash(frozenset([2, 1])), type(f | {3}).__name__, type({3} | f).__name__, sorted(f | {3}), f in {f}, {1, 2} in {f}, type(f.copy()).__name__)
print(sorted({x % 3 for x in range(10)}), sorted(set(range(5)) - {2}), sorted({(1, 2), (0, 5)}), {frozenset("ab")} == {frozenset("ba")})
big = set()
for i in range(5000):
    big.add(i * 7 % 1000)
for i in range(0, 1000, 2):
    big.discard(i)
print(len(big), min(big), max(big), sum(big))
x = {1}
try:
    for item in x:
        x.add(item + 1)
        x.add(item + 2)
except RuntimeError as e:
    print(e)
print(repr({"only"}), repr(frozenset(["one"])), repr({(1,)}), str({None}))


class Set(set):
    pass


t = Set([1])
print(t, type(t | {1}).__name__, isinstance(t, set), t == {1}, repr(Set()))
print(set.union({1}, [2]) == {1, 2}, sorted(set([3, 1]).__iter__()), {1}.__contains__(1), {1, 2}.__len__())
print(any({0, False}), all({1, 2}), max({3, 9, 4}), sorted({"b", "a"}, reverse=True), list(map(str, {5})))
