# The proof of concept: pof, pofcpp and the package pofpackage.
import sys

sys.path.insert(0, sys.argv[1])

import pof
import pofcpp
import pofpackage.bar
import pofpackage.foo

for m in [pof, pofcpp]:
    print(m.__name__, m.__doc__, sorted(n for n in dir(m) if not n.startswith("__")))
    print(m.do_nothing(), m.double(21), m.double("ab"), m.double([1]), m.double(1.5), m.double(2 ** 70))
    print(m.add_ints(30, 12), m.add_ints(-5, 5), m.add_ints(2 ** 40, 1), m.add_ints(True, False))
    print(m.add_ints_kw(1, 2), m.add_ints_kw(1, b=2), m.add_ints_kw(b=30, a=12))
    tries = [
        lambda: m.do_nothing(1),
        lambda: m.double(),
        lambda: m.double(1, 2),
        lambda: m.double(None),
        lambda: m.add_ints(1),
        lambda: m.add_ints(1, 2, 3),
        lambda: m.add_ints("a", 1),
        lambda: m.add_ints(1.5, 1),
        lambda: m.add_ints(2 ** 80, 1),
        lambda: m.add_ints(1, a=2),
        lambda: m.add_ints_kw(),
        lambda: m.add_ints_kw(1, a=2),
        lambda: m.add_ints_kw(1, c=2),
        lambda: m.add_ints_kw(a=1),
        lambda: m.Point(),
        lambda: m.Point(1),
        lambda: m.Point("a", 1),
        lambda: m.Point(1, 2, 3),
    ]
    for i, bad in enumerate(tries):
        try:
            print(i, bad())
        except OverflowError:
            print(i, "OverflowError")
        except (TypeError, ValueError) as e:
            print(i, type(e).__name__, e)
    p = m.Point(1, 2.5)
    print(repr(p), str(p), f"{p}", [p], type(p).__name__, type(p), isinstance(p, m.Point), m.Point.__name__, m.Point.__module__)
    points = [m.Point(i, -i) for i in range(200)]
    print(points[0], points[199], len(points), points[7] == points[7], points[7] == points[8], hash(p) == hash(p), bool(p))
    for bad in [lambda: p.x, lambda: p + p, lambda: p(), lambda: len(p), lambda: p[0]]:
        try:
            bad()
        except (AttributeError, TypeError) as e:
            print(type(e).__name__, e)
print(pofpackage.foo.__name__, pofpackage.foo.hello(), pofpackage.foo.__doc__)
print(pofpackage.bar.__name__, pofpackage.bar.hello(21), pofpackage.bar.hello(-21))
from pofpackage.foo import hello as greet

print(greet(), greet.__name__, type(greet).__name__, callable(greet))
print(pof.add_ints.__name__, pof.double.__doc__, pof.Point.__mro__[-1].__name__)
import pof as again

print(again is pof, sys.modules["pof"] is pof, "pofpackage.foo" in sys.modules)
total = 0
for i in range(20000):
    total += pof.add_ints(i, pof.double(i))
print(total)
