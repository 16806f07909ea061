# range and slice objects.
r = range(10)
print(r, len(r), r[3], r[-1], r[2:5], r[::-1], r[::3], list(r[8:2:-2]), range(5, 2), list(range(0)), range(1, 10, 2), list(range(10, 0, -3)))
print(3 in r, 10 in r, 3.0 in r, "a" in r, 2.5 in r, -1 in range(-5, 5, 2), r.index(4), r.count(4), r.count(99), r.start, r.stop, r.step)
print(range(3) == range(0, 3), range(0) == range(5, 5), range(0, 3, 2) == range(0, 4, 2), range(3) == [0, 1, 2], range(3) != range(4), hash(range(3)) == hash(range(0, 3, 1)))
print(list(reversed(range(5))), list(reversed(range(0, 10, 3))), sum(range(101)), min(range(5, 1, -1)), max(range(7)), bool(range(0)), bool(range(1)), sorted(range(3), reverse=True))
for bad in [lambda: range(1.5), lambda: range("a"), lambda: range(1, 2, 0), lambda: range(), lambda: range(1, 2, 3, 4), lambda: r[10], lambda: r["a"], lambda: r.index(99), lambda: r + r, lambda: r < r]:
    try:
        bad()
    except (TypeError, ValueError, IndexError) as e:
        print(type(e).__name__, e)
try:
    r[0] = 1
except TypeError as e:
    print(e)
big = range(0, 10 ** 20, 10 ** 19)
print(big, list(big)[-1], 10 ** 19 in big, big[5], len(big), list(range(2 ** 62, 2 ** 62 + 3)), list(range(-(2 ** 63), -(2 ** 63) + 2)), range(2 ** 70)[-1])
it = iter(range(3))
print(next(it), next(it), next(it), next(it, "done"))
for i in range(3):
    i += 10
    print(i, end=" ")
print(i)
total = 0
for i in range(5, -5, -1):
    total = total * 3 + i
print(total, i)


class I:
    def __index__(self):
        return 4


print(list(range(I())), range(I(), 6))
s = slice(1, 10, 2)
print(s, s.start, s.stop, s.step, slice(5), slice(None), slice(1, 2), s.indices(5), slice(None, None, -1).indices(4), slice(-3, None).indices(10), slice(1, 2) == slice(1, 2))
print("abcdefghijkl"[s], [1, 2, 3][slice(-2, None)], (1, 2, 3)[slice(None, None, -1)])


class Shows:
    def __getitem__(self, key):
        return key

    def __setitem__(self, key, value):
        print("set", key, value)

    def __delitem__(self, key):
        print("del", key)


o = Shows()
print(o[1], o[1:2], o[:], o[::2], o[1:2, 3], o[1:2:3, ...], o[()], o["a":"b"], o[-1], o[1,], o[None:None])
o[1:2] = 5
del o[3]
del o[1:2], o["k"]
try:
    slice()
except TypeError as e:
    print(e)
print(slice(1).indices(I()), slice(I(), None).indices(10))
