"""itertools: every iterator, its arguments and errors."""
from itertools import *
import itertools


def show(it, n=12):
    print(list(islice(it, n)))


def fails(f, *args, **kwargs):
    try:
        print(f(*args, **kwargs))
    except Exception as e:
        print(type(e).__name__, e)


show(accumulate([1, 2, 3, 4]))
show(accumulate([1, 2, 3], lambda a, b: a * b, initial=10))
show(accumulate("abc"))
show(batched("abcdefg", 3))
fails(list, batched("abcdefg", 3, strict=True))
fails(batched, "a", 0)
show(chain("ab", [1], ()))
show(chain.from_iterable(["ab", "cd"]))
print(chain[int])
show(combinations("abcd", 2), 20)
show(combinations("ab", 3))
show(combinations(range(4), 4))
show(combinations_with_replacement("abc", 2))
show(combinations_with_replacement("", 0))
show(permutations("abc"))
show(permutations(range(4), 2), 20)
show(permutations("ab", 3))
show(product("ab", range(2)))
show(product([0, 1], repeat=3))
show(product())
fails(product, "a", repeat=-1)
fails(product, "a", other=1)
show(compress("abcdef", [1, 0, 1, 0, 1, 1]))
show(count(), 3)
show(count(5, -2), 4)
show(count(1.5, 0.5), 3)
show(count(2**62 - 2), 4)
print(count(3), count(1, 2), count(-1), count(1.0))
fails(count, "a")
show(cycle("abc"), 7)
show(cycle(()))
show(dropwhile(lambda x: x < 3, [1, 2, 3, 1]))
show(takewhile(lambda x: x < 3, [1, 2, 3, 1]))
show(filterfalse(None, [0, 1, "", "a"]))
show(filterfalse(lambda x: x % 2, range(6)))
print([(k, list(g)) for k, g in groupby("aaabbc")])
print([(k, list(g)) for k, g in groupby(range(7), key=lambda n: n // 3)])
groups = list(groupby("aab"))
print([list(g) for _, g in groups])
show(islice(range(20), 2, 15, 4))
show(islice("abc", None))
fails(islice, "a", -1)
fails(islice, "a", 0, 1, 0)
fails(islice, "a", "b")
fails(islice, "a", -1, 5)
show(pairwise(range(4)))
show(pairwise([1]))
print(repeat("x", 3), repeat(7), list(repeat("x", 3)), repeat(1, -5))
show(repeat(object=1, times=2))
fails(repeat)
show(starmap(pow, [(2, 3), [3, 2]]))
fails(list, starmap(pow, [3]))
show(zip_longest("abc", [1], fillvalue="-"))
show(zip_longest())
fails(zip_longest, "a", fill=1)
fails(chain, x=1)
fails(islice, "abc")
fails(combinations, "abc", -1)
fails(permutations, "abc", "x")

a, b, c = tee("abcd", 3)
print(next(a), next(a), next(b), list(c), list(a), list(b))
d, = tee(range(200), 1)
e = d.__copy__()
print(sum(d), sum(e), type(d).__name__, tee([], 0))
fails(tee, [], -1)


class Sub(chain):
    def __init__(self, *args, tag=None):
        self.tag = tag


s = Sub("ab", "cd", tag=5)
print(list(s), s.tag)


class Again:
    def __iter__(self):
        return self

    def __next__(self):
        return next(self.it)


x = Again()
x.it, y = tee(x)
fails(next, y)


def broken():
    yield 1
    raise ValueError("broken")


for make in (chain, cycle, pairwise, lambda it: zip_longest(it, "abc"), lambda it: batched(it, 2),
             lambda it: islice(it, 5), lambda it: accumulate(it), lambda it: compress(it, "abc")):
    it = make(broken())
    for _ in range(3):
        try:
            print(next(it), end=" ")
        except (ValueError, StopIteration) as e:
            print(repr(e), end=" ")
    print()
print(sum(1 for _ in permutations(range(7))), sum(map(sum, product(range(10), repeat=3))))
print(sorted(n for n in dir(itertools) if not n.startswith("__")))
