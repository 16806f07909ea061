"""Generators: pipelines, `yield from` over a tree, send, generator expressions, early close."""

from harness import run


def counter(limit):
    i = 0
    while i < limit:
        yield i
        i += 1


def keep_odd(source):
    for i in source:
        if i & 1:
            yield i


def squares(source):
    for i in source:
        yield i * i % 1009


def windows(source, size):
    window = []
    for item in source:
        window.append(item)
        if len(window) == size:
            yield sum(window)
            window = []


class Tree:
    def __init__(self, left, key, right):
        self.left = left
        self.key = key
        self.right = right

    def __iter__(self):
        if self.left is not None:
            yield from self.left
        yield self.key
        if self.right is not None:
            yield from self.right


def build(low, high):
    if low >= high:
        return None
    middle = (low + high) // 2
    return Tree(build(low, middle), middle, build(middle + 1, high))


def averager():
    """A coroutine in the old style: fed by send(), returns at None."""
    total = 0
    count = 0
    while True:
        item = yield total
        if item is None:
            return count
        total += item
        count += 1


def grouped(results, items):
    results.append((yield from feed(items)))


def feed(items):
    inner = averager()
    next(inner)
    last = 0
    for item in items:
        last = inner.send(item)
        yield last
    try:
        inner.send(None)
    except StopIteration as stop:
        return stop.value + last


def permutations(items, k):
    if k == len(items):
        yield items
        return
    for i in range(k, len(items)):
        items[k], items[i] = items[i], items[k]
        yield from permutations(items, k + 1)
        items[k], items[i] = items[i], items[k]


def first_over(limit, source):
    for item in source:
        if item > limit:
            return item
    return None


def workload(n):
    total = 0
    tree = build(0, 1000)
    for _ in range(n):
        for item in windows(squares(keep_odd(counter(4000))), 4):
            total += item
        for key in tree:
            total += key
        results = []
        for value in grouped(results, range(500)):
            total ^= value
        total += results[0]
        total += sum(i * 3 for i in range(2000) if i % 5)
        total += max(x - y for x in range(20) for y in range(20))
        for p in permutations([1, 2, 3, 4, 5], 0):
            total += p[0] * p[4]
        for i in range(50):
            total += first_over(i * 10, squares(counter(4000)))
        total %= 1000000007
    return total


if __name__ == "__main__":
    run(workload, 750)
