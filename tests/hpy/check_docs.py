# The documentation's examples: quickstart, simple, hpyvarargs, snippets, hpyinit, hpycall.
import sys

sys.path.insert(0, sys.argv[1])

import hpycall
import hpyinit
import hpyvarargs
import quickstart
import simple
import snippets

print(quickstart.say_hello(), quickstart.__doc__)
print(simple.myabs(-42), simple.myabs(42), simple.myabs(-1.5), simple.myabs(-(2 ** 70)), simple.double(21), simple.double("x"), simple.__doc__)
print(hpyvarargs.add_ints(40, 2), hpyvarargs.myabs(-7))
x = object()
print(snippets.test_foo_and_is_same_object(x, x), snippets.test_foo_and_is_same_object(x, object()), snippets.test_foo_and_is_same_object(2, 42))
print(snippets.add(1, 2), snippets.add("a", "b"), snippets.add([1], [2]), snippets.add((1,), (2,)), snippets.add(1.5, 2), snippets.add(2 ** 64, 1))
print(snippets.test_leak_stacktrace(), [n for n in dir(hpyinit) if not n.startswith("__")])
for bad in [lambda: simple.myabs("a"), lambda: simple.myabs(), lambda: snippets.add(1), lambda: snippets.add(1, "a"), lambda: hpyvarargs.add_ints("a", 2), lambda: quickstart.say_hello(1)]:
    try:
        bad()
    except TypeError as e:
        print(e)


class Abs:
    def __abs__(self):
        return "abs called from C"

    def __add__(self, other):
        return ("add called from C", other is self)


print(simple.myabs(Abs()), simple.double(Abs()))


class Raises:
    def __add__(self, other):
        raise KeyError("through C")


try:
    simple.double(Raises())
except KeyError as e:
    print("KeyError", e)

vec = hpycall.EuclideanVector(4, 5)
special = hpycall.EuclideanVector(4, 5, use_special_call=True)
print(vec(6, 7), special(6, 7), vec(x1=1, y1=2), special(1, y1=2), hpycall.EuclideanVector(x=1, y=1)(2, 3), hpycall.EuclideanVector(1, 2, use_special_call=0)(1, 1))
print(hpycall.Foo()(), hpycall.Pack()(), hpycall.Pack()(1, 2, k=3), callable(vec), callable(hpycall.Foo()))
for bad in [lambda: vec(), lambda: vec(1), lambda: vec(1, 2, 3), lambda: vec(1, z=2), lambda: vec("a", 1), lambda: hpycall.EuclideanVector(), lambda: hpycall.EuclideanVector("a", 1), lambda: hpycall.EuclideanVector(1, 2, 3, 4)]:
    try:
        bad()
    except TypeError as e:
        print(e)
print(list(map(vec, range(3), range(3))), sum(map(special, range(100), range(100))))
vectors = [hpycall.EuclideanVector(i, i + 1, use_special_call=i % 2 == 0) for i in range(50)]
print([v(1, 1) for v in vectors][:6], sum(v(2, 3) for v in vectors))
