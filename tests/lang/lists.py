# Lists: methods, slices and slice assignment.
a = [3, 1, 2]
a.append(5)
a.extend([7, 8])
a.extend("xy")
a.insert(0, "first")
a.insert(-1, "before last")
a.insert(100, "end")
a += (9,)
print(a, len(a))
print(a.pop(), a.pop(0), a.pop(-2), a)
a.remove("x")
a.reverse()
print(a, a.index(5), a.count(8), a.copy(), a.copy() is a, a == a.copy())
a.clear()
print(a)
for bad in [lambda: [].pop(), lambda: [1].pop(5), lambda: [1].remove(2), lambda: [1].index(2), lambda: [1][1], lambda: a["a"], lambda: [1] + (2,), lambda: [1] * 1.5, lambda: [1].extend(5), lambda: list(5), lambda: hash([]), lambda: [1].insert("a", 1), lambda: [1].index(1, 5)]:
    try:
        bad()
    except (IndexError, ValueError, TypeError) as e:
        print(type(e).__name__, e)
b = list(range(10))
print(b[2:5], b[:3], b[7:], b[-3:], b[::2], b[::-1], b[8:2:-2], b[5:2], b[-100:100], b[100:], b[slice(1, 4)], b[True])
b[2:5] = "abc"
print(b)
b[2:5] = []
print(b)
b[1:1] = [100, 200, 300, 400]
print(b)
b[::2] = range(6) if len(b[::2]) == 6 else [0] * len(b[::2])
print(b)
b[:] = [1, 2, 3, 4, 5, 6]
b[::-1] = b[:]
print(b)
b[-2:] = b
print(b)
del b[0], b[-1]
del b[1:3]
del b[::2]
print(b)
b[0] = b[-1] = 50
b[1] += 5
print(b)
for bad in ["b[::2] = [1]", "b[0:1] = 5", "b[99] = 1", "del b[99]", "b['x'] = 1", "b[::0]"]:
    try:
        exec(bad)
    except (ValueError, TypeError, IndexError) as e:
        print(bad, type(e).__name__, e)
c = [[0] * 2] * 2
c[0][0] = 1
print(c, [[0] * 2 for _ in range(2)])
d = [1]
d.append(d)
print(d, d[1][1][0], str(d) == repr(d))
e = []
for i in range(1000):
    e.append(i)
    if i % 3 == 0:
        e.pop(0)
print(len(e), e[0], e[-1], sum(e))
x = [1, 2, 3]
for item in x:
    if item < 10:
        x.append(item * 10)
print(x)
x = [1, 2, 3, 4]
for item in x:
    x.remove(item)
print(x)
y = x
y += [1]
print(x, x is y)
y = y + [2]
print(x, y, x is y)
y *= 2
print(y, [1, 2] < [1, 3], [] < [0], [[1], 2] == [[1], 2], 3 in [1, 2, 3], [1] in [[1]], None in [0])
print(list("abc"), list({"k": 1}), list((1, 2)), [*range(3), *"ab"], [1, 2][::-1][0], [i for i in [1, 2]][-1])
