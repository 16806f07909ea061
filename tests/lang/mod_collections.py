"""_collections: deque, defaultdict, OrderedDict, _count_elements, _tuplegetter."""
from _collections import deque, defaultdict, OrderedDict, _count_elements, _tuplegetter


def fails(f, *args, **kwargs):
    try:
        print(f(*args, **kwargs))
    except Exception as e:
        print(type(e).__name__, e)


d = deque("abc")
d.append("d")
d.appendleft("z")
print(d, len(d), d[0], d[-1], d[2], "b" in d, "q" in d)
d.extend([1, 2])
d.extendleft([3, 4])
d.rotate(2)
print(d)
d.rotate(-3)
print(d, d.pop(), d.popleft())
d.reverse()
print(d, d.count("b"), d.index("b"), list(reversed(d)))
d.insert(1, "new")
d.insert(-1, "new2")
d.remove("b")
del d[0]
d[0] = "first"
print(d, d.maxlen)
m = deque(range(10), maxlen=3)
print(m, m.maxlen, m + deque([1]), m * 2, 2 * m)
m.appendleft(0)
m += [5, 6]
print(m)
m *= 3
print(m)
print(deque("abcd", 5) * 3, deque("abcd", 3) * 2, deque("ab", 7) * 4)
fails(m.insert, 0, 1)
fails(deque().pop)
fails(deque().popleft)
fails(deque, 5)
fails(deque, [], -1)
fails(deque, [], "a")
fails(lambda: d[100])
fails(lambda: d["a"])
fails(d.remove, "nothing")
fails(d.index, "nothing")
fails(lambda: d + [1])
fails(lambda: d * "a")
fails(hash, d)
print(deque([1, 2]) < deque([1, 3]), deque([1]) == deque([1]), deque([1]) != [1], deque("ab") >= deque("a"))
print(deque([1, 2, 3]).copy(), repr(deque(maxlen=2)))
r = deque([1])
r.append(r)
print(r)
it = iter(d)
next(it)
d.append(1)
fails(next, it)
print(deque([1, 2]).__reduce__()[:3], deque([1], 5).__reduce__()[:3])
print(iter(deque("abc")).__length_hint__())
q = deque()
for i in range(1000):
    q.append(i)
    if i % 3 == 0:
        q.popleft()
print(len(q), q[0], q[-1], sum(q))
d = deque("abc")
d.extend(d)
d.extendleft(d)
print(d)


class Sub(deque):
    pass


s = Sub("ab", 4)
s.x = 1
print(s, s.copy(), s + s, s.x, s.__dict__)

dd = defaultdict(list)
dd["a"].append(1)
dd["b"].append(2)
dd["a"].append(3)
print(dd, dict(dd), dd.default_factory is list, "c" in dd, dd.get("c"))
fails(lambda: defaultdict()["x"])
fails(defaultdict, 1)
print(defaultdict(int, {"a": 1}, b=2), defaultdict(None, [(1, 2)]))
print(dd.copy() == dd, type(dd.copy()).__name__, type(dd | {}), {"q": 1} | dd)
fails(dd.__missing__, "new")
dd.default_factory = int
print(dd["zero"], dd, dd.__reduce__()[:4])


class DD(defaultdict):
    def __missing__(self, key):
        return key * 2


x = DD()
x.attr = 5
print(x["ab"], x, x.attr, x.__dict__, x.default_factory)
fails(setattr, defaultdict(), "attr", 1)

o = OrderedDict([("a", 1), ("b", 2), ("c", 3)])
o.move_to_end("a")
print(o, list(o))
o.move_to_end("c", last=False)
print(list(o.items()), list(reversed(o)))
fails(o.move_to_end, "q")
print(o.popitem(), o.popitem(last=False), o)
fails(OrderedDict().popitem)
print(OrderedDict(a=1, b=2) == OrderedDict(b=2, a=1), OrderedDict(a=1, b=2) == dict(b=2, a=1))
print(OrderedDict.fromkeys("abc", 0), o.pop("b"), o.pop("b", None))
fails(o.pop, "b")
print(o.setdefault("k", 5), o.setdefault("k"), OrderedDict(a=1) | {"b": 2}, {"b": 2} | OrderedDict(a=1))
o.update([("z", 1)], y=2)
o |= {"w": 3}
print(o, o.copy(), OrderedDict())
o.attr = 1
print(o.__dict__, o.__reduce__()[:4])
fifo = OrderedDict()
for i in range(5000):
    fifo[i] = i
    if i >= 10:
        fifo.popitem(last=False)
print(list(fifo))
e = OrderedDict(a=1)
e["self"] = e
print(e)


class Loud(OrderedDict):
    def __setitem__(self, k, v):
        print("set", k, v)
        super().__setitem__(k, v)

    def __missing__(self, k):
        return "missing"


l = Loud(a=1)
l.update({"b": 2})
print(l.setdefault("c", 3), l.pop("q", 0), l.copy(), l["nope"])

c = {}
_count_elements(c, "abracadabra")
_count_elements(c, [1, True, 1.0, (1, 2)])
print(c)


class Counts(dict):
    def get(self, k, default):
        print("get", k)
        return super().get(k, default)


c = Counts()
_count_elements(c, "aab")
print(c)


class Point(tuple):
    x = _tuplegetter(0, "the x")
    y = _tuplegetter(1, "the y")


p = Point((3, 4))
print(p.x, p.y, Point.x, Point.x.__doc__)
fails(setattr, p, "x", 1)
fails(Point.y.__get__, 5)
fails(lambda: Point((1,)).y)
