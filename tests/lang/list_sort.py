# Sorting: keys, reverse, stability, errors, odd comparisons.
print(sorted([3, 1, 2]), sorted([3, 1, 2], reverse=True), sorted("banana"), sorted({"b": 1, "a": 2}), sorted([]), sorted([1]), sorted((2.5, 1, True)))
words = ["banana", "Apple", "cherry", "apple", "fig", "Fig"]
print(sorted(words), sorted(words, key=str.lower), sorted(words, key=len), sorted(words, key=lambda w: (len(w), w), reverse=True), sorted(words, key=len, reverse=True))
a = [5, 2, 9]
print(a.sort(), a)
a.sort(key=lambda x: -x)
print(a)
pairs = [(i % 7, i) for i in range(100)]
pairs.sort(key=lambda p: p[0])
print(all(pairs[i][0] < pairs[i + 1][0] or pairs[i][1] < pairs[i + 1][1] for i in range(99)), pairs[:5], pairs[-3:])
pairs.sort(key=lambda p: p[0], reverse=True)
print(pairs[:5], pairs[-3:])
seed = 12345
values = []
for _ in range(2000):
    seed = (seed * 1103515245 + 12345) % 2147483648
    values.append(seed % 1000)
s = sorted(values)
print(all(s[i] <= s[i + 1] for i in range(len(s) - 1)), s[:10], s[-5:], sum(s) == sum(values), s == sorted(s), sorted(s, reverse=True) == s[::-1])
print(sorted([0.5, -1, 2, float("-inf"), 10 ** 20, float("inf"), -0.0]), sorted([True, False, 2, 0]))
print(sorted([(1, "b"), (1, "a"), (0, "z")]), sorted([[2], [1, 2], [1]]), sorted(["é", "e", "z", "日"]), sorted([b"b", b"a"]))
for bad in [lambda: sorted([1, "a"]), lambda: sorted([None, 1]), lambda: sorted(5), lambda: sorted([1], None, True), lambda: [1].sort(5), lambda: sorted([{}, {}]), lambda: sorted([1, 2], key=5), lambda: sorted()]:
    try:
        bad()
    except TypeError as e:
        print(e)


class Item:
    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        return self.value < other.value

    def __repr__(self):
        return "I%d" % self.value


items = [Item(v) for v in (5, 3, 8, 1)]
print(sorted(items), min(items), max(items, key=lambda i: i.value), sorted(items, reverse=True))
calls = []


def key(x):
    calls.append(x)
    return -x


print(sorted([3, 1, 2], key=key), calls)


def failing(x):
    if x == 2:
        raise ValueError("no key for 2")
    return x


b = [3, 2, 1]
try:
    b.sort(key=failing)
except ValueError as e:
    print(e, b)


class Mutates:
    def __init__(self, target):
        self.target = target

    def __lt__(self, other):
        self.target.append(1)
        return False


m = []
m.extend([Mutates(m), Mutates(m)])
try:
    m.sort()
except ValueError as e:
    print(e)
print([x for _, x in sorted(zip([2, 0, 1], "cab"))], sorted(range(5), key=lambda i: i % 2), list(reversed(sorted("cab"))))
print(min(3, 1, 2), max([4, 9, 2]), min("b", "a"), max([], default="none"), min([1, -5, 3], key=abs), max("aa", "b", key=len), min((i for i in (3, 2)), default=0))
for bad in [lambda: max([]), lambda: min(5), lambda: max(1, "a"), lambda: min(), lambda: max(1, 2, default=3)]:
    try:
        bad()
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
