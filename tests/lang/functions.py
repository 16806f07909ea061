# Functions: every kind of parameter, defaults, attributes.
def plain(a, b):
    return a, b


def defaults(a, b=2, c=None):
    return a, b, c


def star(a, *args):
    return a, args


def kwonly(a, *, b, c=3):
    return a, b, c


def posonly(a, b=5, /, c=6):
    return a, b, c


def everything(a, b=1, /, c=2, *args, d, e=5, **kw):
    return a, b, c, args, d, e, kw


def kwargs(**kw):
    return kw


print(plain(1, 2), plain(b=1, a=2), plain(1, b=3), plain(*"xy"), plain(**{"a": 1, "b": 2}))
print(defaults(1), defaults(1, 3), defaults(1, c=4), defaults(c=1, a=0))
print(star(1), star(1, 2, 3), star(*range(4)))
print(kwonly(1, b=2), kwonly(1, c=5, b=6), kwonly(b=0, a=1))
print(posonly(1), posonly(1, 2, 3), posonly(1, c=9))
print(everything(1, d=4), everything(1, 2, 3, 4, 5, d=6, e=7, f=8), everything(0, d=1, a=2, b=3))
print(kwargs(), kwargs(a=1, b=2), kwargs(**{"not an identifier": 1}))
print((lambda: None)(), (lambda x, y=2, *a, k=3, **kw: (x, y, a, k, kw))(1, 5, 6, k=7, z=8), (lambda *a: a)(*[1, 2]))


def counter(step, seen=[]):
    seen.append(step)
    return seen


print(counter(1), counter(2), counter(3, []), counter.__defaults__)
x = 1


def late(a=x):
    return a


x = 2
print(late(), plain.__name__, everything.__kwdefaults__, defaults.__defaults__, (lambda: 0).__name__)


def documented(a: int, b: str = "x") -> list:
    """The docstring."""
    return []


print(documented.__doc__, documented.__qualname__, documented.__module__, documented.__annotations__, plain.__doc__)
documented.attribute = 5
print(documented.attribute, documented.__dict__)
del documented.attribute
print(hasattr(documented, "attribute"), callable(documented), type(documented).__name__)


def nothing():
    pass


def early(n):
    if n:
        return "yes"
    return


print(nothing(), early(1), early(0))


def outer():
    def inner():
        return "inner"

    class K:
        def m(self):
            return 1

    return inner, K


inner, K = outer()
print(inner.__qualname__, K.__qualname__, K.m.__qualname__, K().m.__func__ is K.m, inner())
code = everything.__code__
print(code.co_name, code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_varnames)


def recursive(n):
    return 1 if n == 0 else n * recursive(n - 1)


print(recursive(20), [f(3) for f in (str, float, lambda v: v + 1)])


def swap_defaults():
    return 1


swap_defaults.__name__ = "renamed"
print(swap_defaults.__name__, swap_defaults.__qualname__)


def order(a=print("default evaluated once"), *, b=print("and this")):
    return a, b


order()
order()


def many(a, b, c, d, e, f, g, h, i, j=10, *rest, k, l=12, **more):
    return sum([a, b, c, d, e, f, g, h, i, j, *rest, k, l, *more.values()])


print(many(*range(9), k=1), many(*range(20), k=1, l=2, m=3))
