# The least an interpreter can do.
print("hello")
x = 5
y = x * 2 + 1
print(x, y, x + y, y - x, y // x, y % x)
if x < y:
    print("less")
else:
    print("not less")
i = 0
while i < 3:
    print(i)
    i = i + 1


def add(a, b):
    return a + b


print(add(1, 2), add("a", "b"))
for n in range(3):
    print(n * n)
items = [1, 2, 3]
items.append(4)
print(items, len(items), items[0], items[-1])
d = {"a": 1}
d["b"] = 2
print(d, d["a"])
for key in d:
    print(key, d[key])


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def sum(self):
        return self.x + self.y


p = Point(3, 4)
print(p.x, p.y, p.sum())
try:
    1 / 0
except ZeroDivisionError as e:
    print("caught", e)
print([n * 2 for n in items if n > 1])


def gen():
    yield 1
    yield 2


print(list(gen()))
print(f"{x} and {y:>4}")
print("%d %s" % (x, "text"))
a, b = 1, 2
a, b = b, a
print(a, b)
print(True, False, None, 1.5, 2 ** 100)
