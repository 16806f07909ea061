# Instances of one class that grow attributes in different orders; classes that change under their instances.
class Bag:
    shared = "class"


def fill(order):
    b = Bag()
    for i, name in enumerate(order):
        setattr(b, name, i)
    return b


bags = [fill(order) for order in ("abc", "acb", "bac", "bca", "cab", "cba", "ab", "a", "")]
for b in bags:
    print(vars(b), getattr(b, "a", None), getattr(b, "b", None), getattr(b, "c", None), b.shared)


def read_all(objects, times):
    total = 0
    for _ in range(times):
        for o in objects:
            total += o.a
    return total


print(read_all(bags[:6], 50))
bags[0].shared = "instance"
print([b.shared for b in bags[:3]])
Bag.shared = "changed"
print([b.shared for b in bags[:3]])
del bags[0].shared
print(bags[0].shared)
Bag.a = "class a"
print(bags[0].a, bags[-1].a)
del bags[0].a
print(bags[0].a)
Bag.a = property(lambda self: "property a")
print(bags[0].a, bags[1].a, vars(bags[1])["a"])
del Bag.a
print(bags[1].a)


class Base:
    def who(self):
        return "base"


class Derived(Base):
    pass


d = Derived()


def ask(times):
    return [d.who() for _ in range(times)][-1]


print(ask(20))
Derived.who = lambda self: "derived"
print(ask(20))
d.who = lambda: "instance"
print(ask(20))
del d.who
del Derived.who
print(ask(20))
Base.who = lambda self: "new base"
print(ask(20))


class Other:
    def who(self):
        return "other"


d.__class__ = Other
print(ask(20), isinstance(d, Derived))
d.__class__ = Derived
Derived.__bases__ = (Other,)
print(ask(20), Derived.__mro__[1].__name__)


class Slot:
    __slots__ = ("a", "b")


s = Slot()
s.a = 1
for _ in range(30):
    s.a += 1
print(s.a)
try:
    s.b
except AttributeError as e:
    print(e)
things = [fill("abc"), type("X", (), {"a": 10})(), Slot(), fill("cba")]
things[2].a = 100
print(read_all(things, 25))


class Dyn:
    def __getattr__(self, name):
        return len(name)


y = Dyn()
print([getattr(y, "n" * i) for i in range(1, 5)], y.abc)
y.abc = "set"
print(y.abc)
del y.abc
print(y.abc)


def polymorphic(values):
    return [v + v for v in values]


for _ in range(3):
    print(polymorphic([1, "a", 1.5, [1], (2,), 2 ** 70, True]))


def compare(values):
    out = []
    for a in values:
        for b in values:
            out.append(a == b)
    return out.count(True)


print(compare([1, 1.0, True, "1", b"1", None, [1], (1,), 2 ** 70, float(2 ** 70)]))


def index(container, keys):
    return [container[k] for k in keys]


for container in ([1, 2, 3], (1, 2, 3), "abc", {0: "x", 1: "y", 2: "z"}, range(3), b"abc"):
    print(index(container, [0, 2, 1]))


def iterate(x):
    return [i for i in x]


for it in ([1], (1,), "a", {1: 2}, {1}, range(1), b"a", iter([1]), (i for i in [1]), zip([1], [2]), map(str, [1]), enumerate("a")):
    print(iterate(it), end=" ")
print()


def overflow(n):
    total = 1
    for _ in range(n):
        total *= 3
    return total


print(overflow(10), overflow(60), overflow(10), overflow(100))


def mixed(n):
    total = 0
    for i in range(n):
        total += i if i % 3 else i / 2
    return total


print(mixed(10), mixed(100))
