"""_functools: reduce, cmp_to_key, partial, lru_cache."""
import functools
from functools import reduce, partial, cmp_to_key, lru_cache, Placeholder as _, cached_property, cache


def fails(f, *args, **kwargs):
    try:
        print(f(*args, **kwargs))
    except Exception as e:
        print(type(e).__name__, e)


print(reduce(lambda a, b: a * b, [1, 2, 3, 4]), reduce(max, (), 5), reduce(lambda a, b: a + b, "abc"))
fails(reduce, max, [])
fails(reduce, max, 5)
print(sorted([3, 1, 2], key=cmp_to_key(lambda a, b: b - a)))
k = cmp_to_key(lambda a, b: (a > b) - (a < b))
print(k(1) < k(2), k(1) == k(1), k(3) >= k(4), k(5).obj)
fails(lambda: k(1) < 1)


def f(*args, **kw):
    return args, kw


p = partial(f, 1, a=2)
print(p(3, b=4), p(), p.args, p.keywords, p.func is f)
q = partial(p, 5, a=6)
print(q.func is f, q.args, q.keywords, q(7), repr(partial(len, "x")), repr(partial(f, 1, k=2))[:18])
h = partial(f, _, 2, _, 4)
print(h(1, 3), h(1, 3, 5), h.args)
fails(h, 1)
fails(partial, f, _)
fails(partial, f, a=_)
fails(partial)
fails(partial, 5)
print(partial(h, 1)(3), _, type(_)() is _)
p.attr = 1
print(p.__dict__, p.__reduce__()[2][1:])


class C:
    m = partial(f, "m")
    pm = functools.partialmethod(f, "pm")


print(len(C().m(1)[0]), len(C().pm()[0]))
import copy
r = copy.copy(p)
print(r.args, r.attr, r.keywords)
fails(p.__setstate__, (1, 2))

calls = []


@lru_cache(maxsize=2)
def sq(x, y=0):
    calls.append(x)
    return x * x


print([sq(i) for i in (1, 2, 1, 3, 2, 1)], calls, sq.cache_info())
print(sq(1.0), sq(1, y=2), sq.cache_info(), sq.__wrapped__.__name__, sq.cache_parameters())
sq.cache_clear()
print(sq.cache_info(), sq.__name__)
fails(sq, [])


@cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


print(fib(80), fib.cache_info())


@lru_cache(typed=True)
def t(x):
    return type(x).__name__


print(t(1), t(1.0), t(True), t.cache_info())


@lru_cache(maxsize=0)
def z(x):
    return x


print(z(1), z(1), z.cache_info())
fails(lru_cache, "a")


class D:
    @lru_cache
    def m(self, x):
        return x + 1

    @cached_property
    def prop(self):
        calls.append("prop")
        return 5


d = D()
print(d.m(1), d.m(1), D.m.cache_info().hits, d.prop, d.prop, calls.count("prop"))
big = lru_cache(100)(lambda x: x)
for i in range(3000):
    big(i)
    big(i // 2)
print(big.cache_info().currsize, big(2999))
