# The messages of calls that do not fit.
def none():
    pass


def one(a):
    pass


def two(a, b):
    pass


def three(a, b, c):
    pass


def opt(a, b=1):
    pass


def kwo(*, k, j, i=1):
    pass


def pos(a, b, /):
    pass


def mixed(a, b=1, *, c):
    pass


def star(a, *args):
    pass


class C:
    def __init__(self, x):
        pass

    def m(self):
        pass

    def n(self, a):
        pass

    @classmethod
    def cm(cls):
        pass

    @staticmethod
    def sm(a):
        pass


class Empty:
    pass


class New:
    def __new__(cls, a):
        return super().__new__(cls)


c = C(1)
tries = [
    lambda: none(1),
    lambda: none(1, 2),
    lambda: none(x=1),
    lambda: one(),
    lambda: one(1, 2),
    lambda: one(b=1),
    lambda: one(1, a=2),
    lambda: two(),
    lambda: two(1),
    lambda: three(1),
    lambda: three(),
    lambda: three(1, 2, 3, 4),
    lambda: opt(),
    lambda: opt(1, 2, 3),
    lambda: opt(1, c=3),
    lambda: opt(1, 2, b=2),
    lambda: kwo(),
    lambda: kwo(k=1),
    lambda: kwo(1, k=1, j=2),
    lambda: kwo(k=1, j=2, z=3),
    lambda: pos(1),
    lambda: pos(1, b=2),
    lambda: pos(a=1, b=2),
    lambda: mixed(1),
    lambda: mixed(1, 2, 3, c=4),
    lambda: mixed(1, 2, 3),
    lambda: star(),
    lambda: star(a=1, b=2),
    lambda: C(),
    lambda: C(1, 2),
    lambda: C(y=1),
    lambda: c.m(1),
    lambda: c.n(),
    lambda: C.m(),
    lambda: C.cm(1),
    lambda: C.sm(),
    lambda: c.sm(1, 2),
    lambda: Empty(1),
    lambda: Empty(a=1),
    lambda: New(),
    lambda: New(1, 2),
    lambda: object(1),
    lambda: c.__class__(1)(),
    lambda: __name__(),
    lambda: none()(),
    lambda: c(),
    lambda: [].append(),
    lambda: [].append(1, 2),
    lambda: [].append(x=1),
    lambda: {}.get(),
    lambda: {}.keys(1),
    lambda: len(),
    lambda: len(1, 2),
    lambda: len(5),
    lambda: "a".upper(1),
    lambda: "a".replace("b"),
    lambda: "a".split(1, 2, 3),
    lambda: "a".split(sepp=1),
    lambda: isinstance(1),
    lambda: ord(),
    lambda: abs(1, 2),
    lambda: abs("a"),
    lambda: print(1, foo=2),
    lambda: int("1", "2", "3"),
    lambda: int(x=5),
    lambda: list(1, 2),
    lambda: sorted([1], foo=1),
    lambda: (lambda x: x)(),
    lambda: getattr(1),
    lambda: iter(5),
    lambda: next(5),
    lambda: sum(5),
    lambda: sum(["a"]),
    lambda: sum([[1]], "x"),
]
for i, bad in enumerate(tries):
    try:
        bad()
        print(i, "no error")
    except TypeError as e:
        print(i, e)
