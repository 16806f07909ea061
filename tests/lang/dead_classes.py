"""Classes made at run time die when nobody needs them any more."""
import gc
import weakref


class Base:
    pass


def make(number):
    class Made(Base):
        limit = number

        def __init__(self):
            self.first = number
            self.second = None

        def sum(self):
            return super().__hash__() * 0 + self.first + self.limit

    made = Made()
    made.__dict__["third"] = 3
    assert made.sum() == 2 * number
    return made


def collect():
    for _ in range(3):
        gc.collect()


alive = [make(number) for number in range(3)]
watched = [weakref.ref(type(made)) for made in alive]
collect()
print("with instances:", [ref() is not None for ref in watched], len(Base.__subclasses__()))
del alive[1]
collect()
print("without one:", [ref() is not None for ref in watched], len(Base.__subclasses__()))

# Instances of layouts that hold no references keep their classes all the same.
kept = []
for base, value in (int, 5), (str, "text"), (float, 2.5), (bytes, b"b"), (tuple, (1,)):
    kept.append(type("Sub", (base,), {"__slots__": ()})(value))
collect()
print([type(one).__mro__[1].__name__ for one in kept], kept)

# A change of class keeps the new one alive.
alive[0].__class__ = type("Other", (Base,), {"sum": lambda self: "other"})
collect()
print(alive[0].sum(), type(alive[0]).__name__, len(Base.__subclasses__()))

# Numbers of dead classes are used again: attributes must not get mixed up.
for number in range(400):
    names = [f"a{(number * step) % 7}" for step in range(1, 4)]
    cls = type("Many", (), {"get": lambda self: sorted(vars(self).items())})
    one = cls()
    for name in names:
        setattr(one, name, number)
    assert one.get() == sorted({name: number for name in names}.items()), one.get()
    assert getattr(one, names[0]) == number
    if number % 100 == 0:
        collect()
print("many classes")

# An instance that is revived has its class.
saved = []


def revive():
    class Phoenix:
        def __del__(self):
            saved.append(self)

        def name(self):
            return type(self).__name__

    Phoenix().loop = None


revive()
collect()
print(saved[0].name())
