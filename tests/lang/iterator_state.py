# Iterators: how many items are left, pickling, finalizers of builtin types' subclasses.
import copy, gc, operator, pickle

for make in (
    lambda: iter({1: 2, 3: 4}), lambda: iter({1: 2, 3: 4}.values()), lambda: iter({1: 2, 3: 4}.items()),
    lambda: reversed({1: 2, 3: 4}), lambda: iter({7}), lambda: iter(frozenset()),
    lambda: iter(range(2**70, 2**70 + 30, 10)), lambda: iter(range(3)),
    lambda: enumerate('abc', 2**64), lambda: zip('ab', 'cd'), lambda: map(str, [1, 2]),
    lambda: filter(None, [0, 1, 2]), lambda: enumerate('abc'),
):
    it = make()
    hint = operator.length_hint(it, -1)
    first = next(it, 'none')
    for protocol in (0, 2, 5):
        assert list(pickle.loads(pickle.dumps(it, protocol))) == list(copy.copy(make()))[1:]
    print(type(it).__name__, hint, first, operator.length_hint(it, -1), list(it))

print(iter(range(3)).__reduce__()[1:], iter(range(2**70, 2**70 + 2)).__reduce__()[1:])
it = iter(range(2**70, 2**70 + 5))
it.__setstate__(3)
print(list(it))
z = zip('ab', 'cd', strict=True)
print(z.__reduce__()[2:])


class Any:
    def __eq__(self, other):
        return True


print(range(10).count(Any()), range(10).count(3.0), range(2**70, 2**70 + 2).count(2**70))

for base in (object, list, dict, set, str, tuple, int, float, bytearray, ValueError):
    class Sub(base):
        def __del__(self):
            print('del', base.__name__)

    Sub()
    gc.collect()
