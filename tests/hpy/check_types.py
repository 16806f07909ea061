# hpytype-example: a type with members, getset and methods; types that inherit from str.
import sys

sys.path.insert(0, sys.argv[1])

import builtin_type
import simple_type

Point = simple_type.Point
p = Point(4, 5)
print(p.x, p.y, p.foo(), p.z)
p.z = 2000
print(p.y, p.z)
p.x = 10
p.y -= 1
print(p.x, p.y, p.foo(), p.z)
print(simple_type.__doc__, Point.__name__, Point.__module__, Point, sorted(n for n in dir(Point) if not n.startswith("__")))
for bad in [lambda: Point(), lambda: Point(1), lambda: Point("a", "b"), lambda: p.missing, lambda: setattr(p, "x", "a"), lambda: setattr(p, "new", 1), lambda: p.foo(1), lambda: setattr(p, "x", 2 ** 70)]:
    try:
        bad()
    except (TypeError, AttributeError, OverflowError) as e:
        print(type(e).__name__)
try:
    class Sub(Point):
        pass
except TypeError as e:
    print(e)
p.x = 10  # CPython before 3.13 stores -1 when the number is too large.
print(type(p.foo).__name__, p.foo.__name__, Point.foo(p), type(Point.__dict__["x"]).__name__, type(Point.__dict__["z"]).__name__, type(Point.__dict__["foo"]).__name__)
points = [Point(i, i * 2) for i in range(500)]
for q in points:
    q.x += 1
print(sum(q.x for q in points), sum(q.foo() for q in points), sum(q.z for q in points))

Dummy, Language = builtin_type.Dummy, builtin_type.Language
d = Dummy("hello")
print(d, d == "hello", len(d), d.upper(), isinstance(d, str), type(d).__name__, Dummy.__mro__[1].__name__, {d: 1}["hello"], d + "!")
l = Language("bonjour")
l.lang = "fr"
print(l, l == "bonjour", l.lang, l[0], l.lang == "fr", len(l), hash(l) == hash("bonjour"))
l.lang = "français"
print(l.lang, repr(l), "%s" % l, f"{l:>10}", l.split("j"))
ls = []
for i in range(100):
    x = Language("w%d" % i)
    x.lang = "lang %d" % i
    ls.append(x)
print(all(x.lang == "lang %d" % i and x == "w%d" % i for i, x in enumerate(ls)), sorted(ls)[:3], "".join(ls[:5]))
try:
    l.lang = 5
except TypeError as e:
    print("TypeError")
