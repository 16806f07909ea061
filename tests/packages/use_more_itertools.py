import more_itertools as m

print(list(m.chunked(range(10), 3)), m.first([], 0), list(m.windowed([1, 2, 3, 4], 2)))
print(list(m.flatten([[1], [2, 3]])), m.ilen(iter("abc")), list(m.unique_everseen("abca")))
print(m.minmax([3, 1, 2]), list(m.set_partitions([1, 2, 3], 2)), m.divide(2, range(5))[0].__next__())
p = m.peekable(range(3))
print(p.peek(), next(p), p[0], list(p), bool(p))
print(list(m.interleave_longest([1, 2], "abc")), dict(m.map_reduce("aAbB", str.lower)), list(m.split_at("a-b", lambda c: c == "-")))
print(list(m.run_length.encode("aabccc")), m.nth_product(5, "ab", "cd", "ef"), list(m.sliding_window("abcd", 3)))
