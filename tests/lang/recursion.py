# Deep recursion raises RecursionError, in Python code and inside native calls.
import sys


def forever(n):
    return forever(n + 1)


def depth(n=0):
    try:
        return depth(n + 1)
    except RecursionError:
        return n


try:
    forever(0)
except RecursionError as e:
    print(type(e).__name__, str(e).startswith("maximum recursion depth exceeded"))
print(isinstance(RecursionError(), RuntimeError), depth() > 500)


def down(n):
    return 0 if n == 0 else 1 + down(n - 1)


print(down(900))


class Attr:
    def __getattr__(self, name):
        return getattr(self, name + "x")


class Add:
    def __add__(self, other):
        return self + other


class Repr:
    def __repr__(self):
        return repr(self)


class Eq:
    def __eq__(self, other):
        return self == other


class Call:
    pass


Call.__call__ = Call()


class Iter:
    def __iter__(self):
        return iter(self)


class Len:
    def __len__(self):
        return len(self)


class Prop:
    @property
    def p(self):
        return self.p


class New:
    def __init__(self):
        New()


class Hash:
    def __hash__(self):
        return hash((self,))


def gen():
    yield from gen()


def sort_key(x):
    return sorted([x], key=sort_key)


def mutual_a():
    return mutual_b()


def mutual_b():
    return mutual_a()


def mapped(x):
    return list(map(mapped, [x]))


def with_try():
    try:
        return with_try()
    finally:
        pass


tries = {
    "getattr": lambda: Attr().x,
    "add": lambda: Add() + 1,
    "repr": lambda: repr(Repr()),
    "str": lambda: str([Repr()]),
    "eq": lambda: Eq() == Eq(),
    "eq in list": lambda: [Eq()] == [Eq()],
    "iter": lambda: list(Iter()),
    "len": lambda: len(Len()),
    "property": lambda: Prop().p,
    "init": lambda: New(),
    "hash": lambda: hash(Hash()),
    "generator": lambda: list(gen()),
    "sort key": lambda: sort_key(1),
    "mutual": lambda: mutual_a(),
    "map": lambda: mapped(1),
    "finally": lambda: with_try(),
    "format": lambda: f"{Repr()}",
}
for name, f in tries.items():
    try:
        f()
        print(name, "no error")
    except RecursionError:
        print(name, "RecursionError")


def nested(kind, n):
    value = ()
    for _ in range(n):
        value = kind(value)
    return value


# How deep native code may go depends on the machine: RecursionError or an answer, never a crash.
for kind in [lambda v: [v], lambda v: (v,), lambda v: {1: v}]:
    deep = nested(kind, 100000)
    for native in [repr, str, lambda v: v == nested(kind, 100000), lambda v: [v] < [v], lambda v: f"{v}"]:
        try:
            native(deep)
        except (RecursionError, TypeError):
            pass
    del deep
print("survived")
limit = sys.getrecursionlimit()
sys.setrecursionlimit(200)
print(depth() < 200)
sys.setrecursionlimit(limit)
for bad in [0, -5, "a"]:
    try:
        sys.setrecursionlimit(bad)
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
print(down(500))
