"""Method calls and attribute access: classes, inheritance, super, properties, operators, slots."""

from harness import run


class Shape:
    count = 0

    def __init__(self, name):
        self.name = name
        self.scale = 1
        Shape.count += 1

    def area(self):
        return 0

    def scaled_area(self):
        return self.area() * self.scale

    def describe(self, extra=0, *, factor=1):
        return (self.scaled_area() + extra) * factor

    @property
    def size(self):
        return self.scale + 1

    @size.setter
    def size(self, value):
        self.scale = value - 1

    @classmethod
    def unit(cls):
        return cls(1, 1)

    @staticmethod
    def clamp(x):
        return x if x < 1000 else x - 1000


class Rect(Shape):
    def __init__(self, width, height):
        super().__init__("rect")
        self.width = width
        self.height = height

    def area(self):
        return self.width * self.height


class Square(Rect):
    def __init__(self, side, _=0):
        super().__init__(side, side)
        self.name = "square"

    def scaled_area(self):
        return super().scaled_area() + 1


class Triangle(Shape):
    def __init__(self, base, height):
        Shape.__init__(self, "triangle")
        self.base = base
        self.height = height

    def area(self):
        return self.base * self.height // 2


class Vector:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __mul__(self, k):
        return Vector(self.x * k, self.y * k)

    def __eq__(self, other):
        return self.x == other.x and self.y == other.y

    def __getitem__(self, i):
        return self.y if i else self.x

    def __len__(self):
        return 2


class Counter:
    """State that many small methods share."""

    step = 1

    def __init__(self):
        self.value = 0
        self.calls = 0

    def tick(self):
        self.calls += 1
        self.value += self.step
        return self

    def get(self):
        return self.value

    def __call__(self, amount):
        self.value += amount
        return self.value


class Lazy:
    """Missing attributes are computed."""

    def __init__(self):
        self.known = 5

    def __getattr__(self, name):
        if name == "derived":
            return self.known + 1
        raise AttributeError(name)


def shapes_pass(n):
    shapes = [Rect(3, 4), Square(5), Triangle(6, 7), Rect.unit(), Square.unit()]
    total = 0
    for i in range(n):
        for shape in shapes:
            total += shape.describe(i & 3, factor=2)
            shape.size = (i & 7) + 1
            total += shape.size + Shape.clamp(total & 2047)
            total &= 0xFFFFFF
    return total


def vectors_pass(n):
    position = Vector(0, 0)
    step = Vector(1, 2)
    total = 0
    for i in range(n):
        position = position + step * (i & 3)
        if position == step:
            total += 1
        total += position[0] + position[1] * len(position)
        total &= 0xFFFFFF
    return total


def counters_pass(n):
    counter = Counter()
    tick = counter.tick
    total = 0
    for i in range(n):
        counter.tick().tick()
        tick()
        total += counter.get() + counter(i & 1)
        total &= 0xFFFFFF
    return total + counter.calls


def dynamic_pass(n):
    lazy = Lazy()
    total = 0
    for i in range(n):
        total += lazy.derived
        setattr(lazy, "known", i & 15)
        total += getattr(lazy, "known")
        if hasattr(lazy, "absent"):
            total += 1
        if isinstance(lazy, Lazy) and not isinstance(lazy, Shape):
            total += 1
    return total


def workload(n):
    return "%d %d %d %d" % (
        shapes_pass(n),
        vectors_pass(3 * n),
        counters_pass(3 * n),
        dynamic_pass(n),
    )


if __name__ == "__main__":
    run(workload, 115000)
