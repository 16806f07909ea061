"""Hashes and comparisons of keys: nested ones, instances of subclasses."""
from collections import namedtuple
from fractions import Fraction

Point = namedtuple("Point", "x y")


class Int(int):
    pass


class Text(str):
    pass


class Other(str):
    def __eq__(self, other):
        print("asked", repr(str(self)), repr(str(other)))
        return str.__eq__(self, other)

    __hash__ = str.__hash__


class Mad(int):
    def __hash__(self):
        return 7


class Never(tuple):
    def __eq__(self, other):
        return False

    __hash__ = tuple.__hash__


print(hash(Point(1, 2)) == hash((1, 2)), Point(1, 2) == (1, 2), {(1, 2): "found"}[Point(1, 2)])
print(hash(Int(5)) == hash(5), hash(Int(2**70)) == hash(2**70), hash(Int(-1)), {5: "found"}[Int(5)], {Int(5): 1}[5.0])
print(hash(Text("a")) == hash("a"), {"a": "found"}[Text("a")], {Text("a"): 1}["a"], {Text("a"), "a", Text("a")} == {"a"})
print({"a": "found"}.get(Other("a")), {Other("b"): 1}.get("b"))
print(hash(Mad(3)), {3: 1}.get(Mad(3)), {Mad(3): 1}.get(Mad(3)))
print(Never((1,)) == (1,), (1,) == Never((1,)), {Never((1,)): 1}.get((1,)))
nan = float("nan")
print((nan,) == (nan,), (nan,) == (float("nan"),), {(nan, 1): 2}[nan, 1], (1, 2) != (1, 2.0), (1, 2) != (1, 3))
print(((1, (2, Point(3, "x"))), Fraction(1, 2)) == ((1, (2, (3, "x"))), 0.5), {(Fraction(1, 2), 1): "found"}[0.5, True])
table = {Point(i, Point(i + 1, str(i))): i for i in range(1000)}
print(sum(table[i, (i + 1, str(i))] for i in range(1000)), len(table), True in {Int(1)}, 1.0 in {Int(1): 1})


class Loud:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return hash(self.n)

    def __eq__(self, other):
        return isinstance(other, Loud) and self.n == other.n


print((1, Loud(2)) == (1, Loud(2)), (1, Loud(2)) != (1, Loud(3)), {(1, Loud(2)): "found"}[1, Loud(2)])
