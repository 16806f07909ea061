from sortedcontainers import SortedDict, SortedKeyList, SortedList, SortedSet

numbers = [(i * 7919) % 10007 for i in range(5000)]
items = SortedList(numbers)
items.add(5)
items.discard(numbers[0])
print(len(items), items[0], items[-1], items.bisect(500), list(items.irange(10, 40)))
del items[100:4900]
print(len(items), items.count(5), items.index(items[50]))
by_key = SortedKeyList("the quick brown fox jumps".split(), key=len)
print(by_key, by_key.bisect_key(4))
table = SortedDict({i % 97: i for i in range(1000)})
print(table.peekitem(0), table.keys()[:3], list(table.irange(90)), table.popitem())
print(SortedSet("mississippi") | SortedSet("xyz"))
