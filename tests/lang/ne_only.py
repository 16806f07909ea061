"""A class with its own __ne__ but object's __eq__."""


class Odd:
    def __ne__(self, other):
        return "own __ne__"


a, b = Odd(), Odd()
print(a != b, a != a, a == b, a == a, a != 1, 1 != a)
