# Tuples.
t = (1, 2, 3)
print(t, len(t), t[0], t[-1], t[1:], t[::-1], (), (1,), 1, (1, (2, 3)), tuple("abc"), tuple([1]), tuple(), tuple(range(3)))
print(t + (4,), t * 2, 0 * t, 2 in t, 5 not in t, t.index(2), t.count(1), (1, 1, 2).count(1), min(t), max(t), sum(t))
print(t == (1, 2, 3), t == [1, 2, 3], t < (1, 2, 4), t <= t, (1,) < (1, 0), () < (0,), (1, "a") == (1, "a"), t != (1,))
for bad in [lambda: t[3], lambda: t["a"], lambda: t + [4], lambda: t * "a", lambda: t.index(9), lambda: t < [1], lambda: (1, "a") < (1, 2), lambda: tuple(5), lambda: hash(([],))]:
    try:
        bad()
    except (IndexError, TypeError, ValueError) as e:
        print(type(e).__name__, e)
try:
    t[0] = 5
except TypeError as e:
    print(e)
try:
    del t[0]
except TypeError as e:
    print(e)
a, b, c = t
(d, e), f = (1, 2), 3
a, b = b, a
print(a, b, c, d, e, f)
x = 1, 2
y = 3,
print(x, y, *x)
print({(1, 2): "a"}[1, 2], {(1, 2), (1, 2)} == {(1, 2)}, hash((1, 2)) == hash((1, 2)), (1, [2]) == (1, [2]))
t2 = ([1], 2)
t2[0].append(5)
print(t2)
try:
    t2[0] += [6]
except TypeError as e:
    print(e, t2)
print(tuple(i * i for i in range(4)), tuple({"a": 1}), tuple(reversed(t)), sorted(t, reverse=True), list(zip(t, "abc")), t.index(3, 1), t.index(1, 0, 1))


class P(tuple):
    def __new__(cls, x, y):
        return super().__new__(cls, (x, y))

    @property
    def x(self):
        return self[0]


p = P(3, 4)
print(p, p.x, p == (3, 4), p + (5,), type(p[:]), len(p), isinstance(p, tuple), type(p * 2))
nested = ()
for i in range(5):
    nested = (nested, i)
print(nested)
big = tuple(range(1000))
print(big[500], sum(big), big[990:], big[::250], big == tuple(list(big)))
empty = ()
print(t is tuple(t), empty is tuple(), t[:] is t)
