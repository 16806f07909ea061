"""A small class hierarchy: properties, operators, class methods, sorting."""

import math


class Shape:
    kinds = []

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        Shape.kinds.append(cls.__name__)

    @property
    def area(self):
        raise NotImplementedError(f"{type(self).__name__} has no area")

    def __lt__(self, other):
        return self.area < other.area

    def __repr__(self):
        inner = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({inner})"


class Rectangle(Shape):
    def __init__(self, width, height):
        self.width = width
        self.height = height

    @property
    def area(self):
        return self.width * self.height

    def __mul__(self, factor):
        return Rectangle(self.width * factor, self.height * factor)

    __rmul__ = __mul__


class Square(Rectangle):
    def __init__(self, side):
        super().__init__(side, side)


class Circle(Shape):
    def __init__(self, radius):
        self.radius = radius

    @classmethod
    def unit(cls):
        return cls(1)

    @property
    def area(self):
        return math.pi * self.radius**2


if __name__ == "__main__":
    shapes = [Rectangle(3, 4), Square(2), Circle.unit(), 2 * Rectangle(1, 1.5)]
    for shape in sorted(shapes):
        print(f"{shape.area:7.3f}  {shape}")
    print("total:", round(sum(shape.area for shape in shapes), 6))
    print("kinds:", ", ".join(Shape.kinds))
    try:
        Shape().area
    except NotImplementedError as e:
        print("error:", e)
