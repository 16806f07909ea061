# Native sequences leave + and * to the right operand if that has a reflected method of its own.
import array
import collections


class Right:
    def __radd__(self, other):
        return "radd"

    def __rmul__(self, other):
        return "rmul"


class Refuses:
    def __radd__(self, other):
        return NotImplemented

    def __iter__(self):
        return iter([7])


class Sub(tuple):
    def __radd__(self, other):
        return "Sub.radd"


for left in [1], (1,), "a", b"a", bytearray(b"a"), collections.deque([1]), array.array("i"):
    print(type(left).__name__, left + Right(), left * Right())
for left in [1], (1,), collections.deque([1]), array.array("i"):
    try:
        print(left + Refuses())
    except TypeError as e:
        print(e)
    try:
        left += Refuses()
        print(left)
    except TypeError as e:
        print(e)
    left += Right()
    print(left)
print((1,) + Sub(), [1] * 2, 2 * [1], (1,) + (2,))
# What was found as a special method without being one is called without the object.
class Meta(type):
    __call__ = dict
class Made(metaclass=Meta):
    pass
class Odd:
    __call__ = abs
    __len__ = staticmethod(lambda: 5)
    __getitem__ = classmethod(lambda cls, key: (cls.__name__, key))
print(Made(x=1), Odd()(-3), len(Odd()), Odd()[3])
