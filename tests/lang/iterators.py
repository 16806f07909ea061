# Built-in iteration: zip, map, filter, enumerate, reversed, iter, next, sum, any, all.
print(list(zip([1, 2], "ab")), list(zip()), list(zip([1])), list(zip([1, 2, 3], "ab", (True, False, None))), dict(zip("ab", [1, 2])))
print(list(zip([1, 2], "ab", strict=True)), list(zip(*[(1, 2), (3, 4)])))
for args in [([1], "ab"), ([1, 2], "a"), ([1], "a", [])]:
    try:
        list(zip(*args, strict=True))
    except ValueError as e:
        print(e)
print(list(map(str, [1, 2])), list(map(lambda a, b: a * b, [1, 2, 3], [4, 5])), list(map(None.__class__, [])), list(map(max, [1, 5], [3, 2], [2, 9])))
print(list(filter(None, [0, 1, "", "a", [], [0]])), list(filter(lambda x: x > 1, [1, 2, 3])), list(filter(str.isupper, "aBcD")))
print(list(enumerate("ab")), list(enumerate("ab", 5)), list(enumerate([], start=1)), list(enumerate(iterable="x", start=-1)), dict(enumerate("xy")))
print(list(reversed([1, 2, 3])), list(reversed("abc")), list(reversed(range(3))), list(reversed({1: 2, 3: 4})), list(reversed((1, 2))))
it = iter([1, 2, 3])
print(next(it), list(it), next(it, "default"), list(it))
count = 0


def tick():
    global count
    count += 1
    return count


print(list(iter(tick, 4)), list(iter(iter([1, 2, 0, 3]).__next__, 0)))
print(sum([1, 2, 3]), sum([], 10), sum([[1], [2]], []), sum((0.5, 1)), sum(x for x in range(5)), sum({1: 2, 3: 4}), sum([True, True]), sum([1], start=5))
print(any([]), all([]), any([0, 1]), all([1, 0]), any(x > 2 for x in [1, 2, 3]), all("abc"))


def noisy(items):
    for i in items:
        print("item", i)
        yield i


print(any(noisy([0, 1, 2])), all(noisy([1, 0, 1])), max(noisy([1, 2])), 2 in noisy([1, 2, 3]))
m = map(lambda x: 10 // x, [5, 0, 2])
print(next(m))
try:
    next(m)
except ZeroDivisionError as e:
    print(e)
print(next(m), next(m, "end"))
for bad in [lambda: zip(1), lambda: map(1), lambda: map(), lambda: filter(None), lambda: enumerate(), lambda: enumerate(5), lambda: reversed(5), lambda: reversed({1}), lambda: iter(5), lambda: iter(5, 5), lambda: next([]), lambda: sum("ab"), lambda: list(map(5, [1])), lambda: any(5), lambda: next(iter([])), lambda: zip([], strict=1, x=2)]:
    try:
        print(bad())
    except (TypeError, StopIteration) as e:
        print(type(e).__name__, e)
for x in [iter([]), iter(()), iter({}), iter(set()), iter(""), iter(range(0)), iter(b""), zip(), map(int, []), filter(None, []), enumerate([]), reversed([]), reversed(()), iter({}.values()), iter({}.items()), iter(int, 0), reversed({}), iter(bytearray())]:
    print(type(x).__name__, end=" ")
print()
l = [1, 2, 3]
i = iter(l)
next(i)
l.append(4)
l[1] = "changed"
print(list(i))
l.append(5)
print(list(i))
r = reversed(l)
next(r)
l.clear()
print(list(r))
a = iter("abc")
print(list(zip(a, a)), [x for pair in zip([1, 2], [3, 4]) for x in pair])
chunks = [iter(range(7))] * 3
print(list(zip(*chunks)))
e = enumerate(["a", "b"])
print(iter(e) is e, next(e), e.__next__(), [].__iter__().__length_hint__() if hasattr(iter([]), "__length_hint__") else 0)


class CountDown:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        n = self.n
        while n:
            yield n
            n -= 1


c = CountDown(3)
print(list(c), list(c), [*c], sorted(c), tuple(zip(c, c)), min(c), dict(zip(c, map(str, c))), list(filter(lambda v: v != 2, c)), sum(map(lambda v: v * v, c)))
d = {"a": 1}
it = iter(d)
d["b"] = 2
try:
    next(it)
except RuntimeError as e:
    print(e)
