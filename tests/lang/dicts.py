# Dicts: methods, order, views, merging.
d = {"a": 1, "b": 2, 3: "c", (1, 2): None}
print(d, len(d), d["a"], d[3], d[1, 2], "a" in d, "z" not in d, 3.0 in d, d[3.0])
d["z"] = 26
d["a"] = 100
del d["b"]
d["b"] = "again"
print(d, list(d), list(d.keys()), list(d.values()), list(d.items()))
print(d.get("a"), d.get("nope"), d.get("nope", 5), d.pop("z"), d.pop("z", "gone"), d.setdefault("new", []), d.setdefault("a", 0))
d["new"].append(1)
print(d, d.popitem(), d)
for bad in [lambda: d["nope"], lambda: d.pop("nope"), lambda: {}.popitem(), lambda: d[[]], lambda: {[]: 1}, lambda: {}["x" * 3], lambda: dict(5), lambda: dict([1]), lambda: dict([(1, 2, 3)]), lambda: {1: 2} + {3: 4}, lambda: {} < {}, lambda: hash({})]:
    try:
        bad()
    except (KeyError, TypeError, ValueError) as e:
        print(type(e).__name__, e)
try:
    del d["nope"]
except KeyError as e:
    print(repr(e), e.args)
print(dict(), dict(a=1, b=2), dict([("x", 1), ("y", 2)]), dict({"k": 1}, j=2), dict(zip("abc", range(3))), dict.fromkeys("ab"), dict.fromkeys([1, 2], 0))
e = {"a": 1}
e.update({"b": 2}, c=3)
e.update([("d", 4)])
e |= {"a": 0, "f": 6}
e |= [("g", 7)]
print(e, {"x": 1} | {"x": 2, "y": 3}, {**e, "a": "last"}, {"first": 1, **{"a": 2}}, e.copy() == e, e.copy() is e)
print({"a": 1, "b": 2} == {"b": 2, "a": 1}, {"a": 1} != {"a": 2}, {1: "x"} == {1.0: "x"}, {True: 1, 1: 2, 1.0: 3})
print(list(reversed(e)), list(reversed(e.items()))[:2], list(reversed(e.values()))[0], sorted(e), max(e), sum(e.values()))
k = e.keys()
print(k & {"a", "zz"}, sorted(k | {"zz"}), sorted(k - {"a"}), sorted(k ^ {"a", "q"}), "a" in k, ("a", 0) in e.items(), 7 in e.values(), len(k), k == set(e), k.isdisjoint(["q"]), {"a"} <= k)
print(e.keys(), e.values(), e.items(), type(e.keys()).__name__, e.keys().mapping["b"])
e.clear()
print(k, len(k), e)
print({k: v for k, v in zip("abc", [1, 2, 3]) if v != 2}, {i: i * i for i in range(4)}, {len(w): w for w in ["a", "bb", "c"]})
x = {1: 1}
try:
    for key in x:
        x[key + 1] = 1
except RuntimeError as err:
    print(err)
x = {1: 1, 2: 2}
try:
    for key in x:
        del x[key]
except RuntimeError as err:
    print(err)
for key in list(x):
    x[key * 10] = x.pop(key)
print(x)
big = {}
for i in range(2000):
    big[i] = str(i)
for i in range(0, 2000, 3):
    del big[i]
for i in range(1995, 2010):
    big[i] = "new"
print(len(big), big[1], big[1999], 3 in big, list(big)[:4], list(big)[-4:])
s = {}
s["self"] = s
print(s, {"n": {"m": [s is None]}})
words = {}
for w in "the cat the dog the end".split():
    words[w] = words.get(w, 0) + 1
print(words, sorted(words.items(), key=lambda kv: (-kv[1], kv[0])))


class Missing(dict):
    def __missing__(self, key):
        self[key] = len(key)
        return self[key]


m = Missing()
print(m["abc"], m["abc"], m, m.get("zz"), "zz" in m)
