# hpy_simple, the microbenchmarks' extension.
import sys

sys.path.insert(0, sys.argv[1])

import hpy_simple as simple

print(sorted(n for n in dir(simple) if not n.startswith("__")), simple.__doc__)
print(simple.noargs(), simple.onearg(1), simple.varargs(), simple.varargs(1, 2, 3), simple.allocate_int(), simple.allocate_tuple())


def f(a, b):
    return a + b


print(simple.call_with_tuple(f, (1, 2)), simple.call_with_tuple_and_dict(f, (1,), {"b": 2}), simple.call_with_tuple_and_dict(f, (), {"a": "x", "b": "y"}))
foo = simple.Foo()
print(foo.noargs(), foo.onearg(None), foo.varargs(1, 2), foo.allocate_int(), foo.allocate_tuple(), len(foo), foo[0], foo[41], foo[-1], simple.Foo is simple.HTFoo)
for bad in [lambda: simple.noargs(1), lambda: simple.onearg(), lambda: simple.varargs(a=1), lambda: simple.call_with_tuple(f), lambda: simple.call_with_tuple(f, (1,)), lambda: simple.call_with_tuple(5, ()), lambda: foo.missing, lambda: simple.call_with_tuple_and_dict(f, (1, 2), {"c": 3})]:
    try:
        print(bad())
    except (TypeError, AttributeError) as e:
        print(type(e).__name__, e)


def raises():
    raise KeyError("out of a callback")


try:
    simple.call_with_tuple(raises, ())
except KeyError as e:
    print("KeyError", e)
print(simple.call_with_tuple(simple.call_with_tuple, (f, (3, 4))))
objs = [simple.Foo() for _ in range(1000)]
print(sum(len(o) for o in objs), all(o[1] is None for o in objs))
total = 0
for i in range(20000):
    total += simple.allocate_int() + simple.allocate_tuple()[1]
print(total)
