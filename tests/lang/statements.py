# del, global, assert, pass, annotations, semicolons, line joining, chained assignment order.
a, b, c = 1, [1, 2, 3], {"k": 1, "j": 2}
del a, b[0], c["k"]
print(b, c, "a" in globals())
del (b), [c]
try:
    b
except NameError as e:
    print(e)


class O:
    pass


o = O()
o.x = o.y = 1
del o.x
print(vars(o))
for stmt in ["del zzz", "del o.x", "del [1][5]", "del 'abc'[0]", "del (1, 2)[0]"]:
    try:
        exec(stmt)
    except (NameError, AttributeError, IndexError, TypeError) as e:
        print(stmt, "->", type(e).__name__, e)
x = 1; y = 2; print(x + y)
if x: print("one line if"); print("same block")
for i in range(2): print(i, end=" ")
else: print("else")
while False: pass
total = (1 +
         2 +
         3)
joined = 1 + \
    2
print(total, joined, [
    1,
    2,
], (3,
    4))
annotated: int = 5
only: str
print(annotated, "only" in globals())


def f(a: "not evaluated here", *args: int, b: undefined_name = 5, **kw: list) -> "ret":
    local: undefined_too = 3
    later: int
    return local


print(f(1))


class Annotated:
    field: int = 1
    other: "str"


print(Annotated.field, hasattr(Annotated, "other"), Annotated.__annotations__)


def order(n):
    print("eval", n)
    return n


d = {}
d[order("target key")] = order("value")
(d[order("a")], d[order("b")]) = order(1), order(2)
p = d[order("c")] = order(3)
d[order("a")] += order(10)
print(d, p)
l = [[0, 0], 1]
l[1], l[0][order(1)] = 0, "in"
print(l)
assert x == 1
assert x, "not shown"
try:
    assert x == 2, f"x is {x}"
except AssertionError as e:
    print(e)
...
"a string statement"
5


def docstring():
    "the doc"


def no_docstring():
    f"not a doc"


print(docstring.__doc__, no_docstring.__doc__)
if x == 5:
    pass
elif x == 1:
    print("elif")
else:
    print("else")
if not x:
    pass
else:
    print("else branch")
counter = 0


def bump():
    global counter, brand_new
    counter += 1
    brand_new = counter


bump()
bump()
print(counter, brand_new)
print((lambda: (yield))().__class__.__name__, (lambda *, k=1: k)(), (lambda a, /, b: a + b)(1, b=2))
π = 3.14
naïve = "unicode names"
print(π, naïve, "\N{GREEK SMALL LETTER PI}")
print(0xdead_beef, 1_0.0_1, 1e1_0, .5, 5., 0b1_0)
type Alias = list[int]
print(Alias.__name__, Alias.__value__)


def generic[T](v: T) -> T:
    return v


class Generic[T]:
    pass


print(generic(5), Generic.__name__, generic.__type_params__)
