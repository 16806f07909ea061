"""A pipeline of generators: each stage is lazy, and all of them run in step."""


def numbers():
    n = 1
    while True:
        yield n
        n += 1


def log(label, source):
    for item in source:
        print(f"{label}({item})", end=" ")
        yield item


def collatz(start):
    """The hailstone numbers from `start` down to 1; returns how many steps it took."""
    n, steps = start, 0
    while n != 1:
        yield n
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    yield 1
    return steps


def longest(starts):
    """(start, steps) whenever a start takes more steps than all before it."""
    best = -1
    for start in starts:
        steps = yield from drain(collatz(start))
        if steps > best:
            best = steps
            yield start, steps


def drain(generator):
    """Run a generator to its end for its return value, yielding nothing."""
    while True:
        try:
            next(generator)
        except StopIteration as stop:
            return stop.value
    yield


def take(n, source):
    for _, item in zip(range(n), source):
        yield item


if __name__ == "__main__":
    print(list(take(3, log("square", (n * n for n in log("n", numbers()))))))
    for start, steps in take(8, longest(numbers())):
        print(f"{start:>3} takes {steps:>3} steps, up to {max(collatz(start))}")
