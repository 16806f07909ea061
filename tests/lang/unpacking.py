# Unpacking in assignments, calls, displays, loops.
a, b = 1, 2
[c, d] = "xy"
(e, (f, g)), h = (1, (2, 3)), 4
print(a, b, c, d, e, f, g, h)
first, *rest = [1, 2, 3]
*init, last = "abc"
x, *middle, y = range(6)
only, *nothing = (1,)
*all_, = (1, 2)
print(first, rest, init, last, x, middle, y, only, nothing, all_)
(p, *q), *r = [[1, 2, 3], 4, 5]
print(p, q, r)
for i, (j, *k) in enumerate([(1, 2, 3), "ab", [9]]):
    print(i, j, k)
a, b = b, a
l = [1, 2, 3]
i = 0
i, l[i] = 2, "set"
print(a, b, i, l)
l[0], l[1], l[2] = l[2], l[0], l[1]
print(l)


class O:
    pass


o = O()
o.x, o.y, l[1:] = 1, 2, "zz"
print(o.x, o.y, l)
for source, count in [("a, b = 1,", 0), ("a, b = 1, 2, 3", 0), ("a, *b, c = [1]", 0), ("a, b = 5", 0), ("a, b = None", 0), ("[a] = []", 0), ("a, b, c = 'ab'", 0), ("a, b = {1: 2}", 0), ("a, b = (x for x in range(5))", 0), ("(a, b), c = [1, 2]", 0), ("*a, b, c = iter([1])", 0)]:
    try:
        exec(source)
    except (ValueError, TypeError) as err:
        print(source, "->", type(err).__name__, err)
print([*range(3), 10, *"ab"], (*[1], *[2]), sorted({*[1, 2], *[2, 3]}), {**{"a": 1}, "b": 2, **{"a": 3}})


def show(*args, **kwargs):
    print(args, kwargs)


show(*[1, 2], 3, *"ab", k=1, **{"m": 2}, n=3, **{"o": 4})
show(*(), **{})
show(*(i for i in range(3)))
try:
    show(**{"a": 1}, **{"a": 2})
except TypeError as err:
    print(err)
try:
    show(a=1, **{"a": 2})
except TypeError as err:
    print(err)
for bad in [lambda: show(*5), lambda: show(**5), lambda: show(**{1: 2}), lambda: [*None], lambda: {**[1]}]:
    try:
        bad()
    except TypeError as err:
        print(err)


def gen():
    print("start")
    yield 1
    print("more")
    yield 2
    print("end")


m, n = gen()
print(m, n)
m, *n = gen()
print(m, n)
a = b = [1]
a, b = a + [2], b
print(a, b)
x = (yy := 5), 6
print(x, yy)
def ret():
    return 1, *[2, 3]


print(ret(), [a for a, in [(1,), (2,)]], {k: v for k, (v, *_) in {"a": (1, 2)}.items()}, dict([*zip("ab", (1, 2))]))
