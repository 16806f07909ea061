"""Attributes in __slots__, read and written often enough to be cached."""


class Base:
    __slots__ = ("x", "y")

    def __init__(self, x):
        self.x = x

    def swap(self, value):
        old, self.x = self.x, value
        return old


class Sub(Base):
    __slots__ = ("z", "__dict__")

    def __getattr__(self, name):
        return f"no {name}"


def total(objects):
    result = 0
    for o in objects:
        result += o.x
    return result


def get_y(o):
    try:
        return o.y
    except AttributeError as error:
        return str(error)


objects = [Base(i) for i in range(5)] + [Sub(i) for i in range(5)]
for _ in range(3):
    print(total(objects), [o.swap(o.x + 1) for o in objects])
base, sub = objects[0], objects[-1]
print([get_y(o) for o in (base, base, sub, sub)])
base.y = sub.y = 5
print([get_y(o) for o in (base, base, sub, sub)])
del base.y, sub.y
print([get_y(o) for o in (base, base, sub, sub)])
sub.z, sub.other = 1, 2
print(sub.z, sub.other, sub.__dict__, sub.missing)


class Hooked(Base):
    __slots__ = ()

    def __setattr__(self, name, value):
        super().__setattr__(name, value * 10)


def put(o, value):
    o.x = value
    return o.x


print([put(o, 3) for o in (base, sub, Hooked(1), base)])

# The descriptor goes, or is hidden, or belongs to another class.
Base.y_too = Base.y
base.y = 7


def get_too(o):
    return getattr(o, "y_too", None), o.y_too


print(get_too(base), get_too(base))
Base.x = property(lambda self: "computed")
print([total([]), base.x, sub.x])
try:
    put(base, 1)
except AttributeError:
    print("not settable")


class Borrower:
    y = Base.y


for _ in range(2):
    try:
        Borrower().y
    except TypeError as error:
        print(error)


class Cycle:
    __slots__ = ("next", "payload")


first = Cycle()
node = first
for i in range(1000):
    node.payload = [i]
    node.next = Cycle()
    node = node.next
node = first
seen = 0
while hasattr(node, "next"):
    seen += node.payload[0]
    node = node.next
print(seen)
