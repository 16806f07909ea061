# Comprehensions: nesting, scoping, conditions, evaluation order.
print([x for x in range(5)], [x * y for x in range(3) for y in range(x)], [x for x in range(10) if x % 2 if x > 3], [[j for j in range(i)] for i in range(4)])
print({x % 3: x for x in range(7)}, sorted({c for c in "hello"}), list(x for x in "ab"), {k: {v} for k, v in zip("ab", (1, 2))})
x = "outer"
print([x for x in range(3)], x)
y = 10
print([y + i for i in range(3)], (lambda: [y for y in [1]])(), y)
print([(a, b) for a, b in [(1, 2), (3, 4)]], [a for a, *_ in ["abc", "de"]], [i for i, in [(1,), (2,)]])
print([i if i % 2 else -i for i in range(5)], [not i for i in (0, 1)], [f"{i}" for i in range(2)], [lambda: i for i in range(2)][0]())


def f():
    n = 3
    total = [n * i for i in range(n)]
    return total, [[n, i] for i in range(2)], {n: i for i in range(1)}, list(n for _ in range(2))


print(f())


def say(s, v):
    print(s, end=" ")
    return v


print([say("elt", i) for i in say("iter", [1, 2]) if say("cond", True)])
print({say("k", 1): say("v", 2) for _ in range(1)})
print([(i, j) for i in say("outer", [1, 2]) for j in say("inner", [3])])


class C:
    items = [1, 2, 3]
    doubled = [i * 2 for i in items]
    try:
        bad = [items for _ in range(1)]
    except NameError as e:
        print(e)


print(C.doubled)
matrix = [[1, 2, 3], [4, 5, 6]]
print([[row[i] for row in matrix] for i in range(3)], [v for row in matrix for v in row], list(zip(*matrix)), sum(v for row in matrix for v in row))
fs = [lambda n: n + i for i in range(3)]
print([g(10) for g in fs])
gs = (n for n in [1, 2, 3])
print(2 in gs, list(gs))
try:
    [1 / i for i in (1, 0)]
except ZeroDivisionError as e:
    print(e)
try:
    [i for i in 5]
except TypeError as e:
    print(e)
try:
    (i for i in None)
except TypeError as e:
    print(e)
try:
    print(never_leaks)
except NameError as e:
    print(e)
[never_leaks for never_leaks in range(3)]
try:
    never_leaks
except NameError as e:
    print(e)
z = 5


def shadows():
    z = [z for z in range(3)]
    return z


print(shadows(), z)
print([w for w in [z for z in range(3)] if w], [locals_ for locals_ in [1]], [i for i in range(3) if (k := i) > 0], k)
primes = [p for p in range(2, 50) if all(p % d for d in range(2, int(p ** 0.5) + 1))]
print(primes, len([0 for _ in range(1000)]))
big = [[i * j for j in range(20)] for i in range(20)]
print(sum(map(sum, big)), {i: [j for j in range(i)] for i in range(4)})
global_list = [[a, b] for a in "ab" for b in "cd" if a + b != "ad"]
print(global_list)


def closure_in_comp():
    return [(lambda: v)() for v in range(3)], [(lambda v=v: v) for v in range(3)][1](), [(v, [v + w for w in range(v)]) for v in range(3)]


print(closure_in_comp())


def args(*a, **k):
    return [x for x in a], {n: v for n, v in k.items()}


print(args(1, 2, p=3))
del x
print([x for x in [1]], "x" in globals())
