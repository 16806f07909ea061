# Control flow in odd places: nested breaks, loops over changing things, returns through finally.
def find(matrix, wanted):
    for r, row in enumerate(matrix):
        for c, value in enumerate(row):
            if value == wanted:
                return r, c
    return None


print(find([[1, 2], [3, 4]], 3), find([[1]], 5))


def skip():
    out = []
    for i in range(20):
        if i % 2:
            continue
        if i > 12:
            break
        if i % 3 == 0:
            pass
        elif i % 5 == 0:
            out.append("five")
            continue
        else:
            out.append(i)
            continue
        out.append("three")
    else:
        out.append("never")
    return out


print(skip())


def while_else(n):
    while n:
        n -= 1
        if n == 5:
            break
    else:
        return "ran out"
    return "broke"


print(while_else(3), while_else(10), while_else(0))


def nested_try(n):
    for i in range(n):
        try:
            try:
                if i == 1:
                    raise ValueError(i)
                if i == 3:
                    return "returned"
            except ValueError:
                continue
            finally:
                print("inner", i, end=" ")
        finally:
            print("outer", i, end=" ")
    else:
        return "else"


print(nested_try(2), nested_try(5))


closed = []


def generator_break():
    def gen():
        try:
            for i in range(10):
                yield i
        finally:
            closed.append(1)  # when is up to the collector

    for x in gen():
        if x == 2:
            break
    total = 0
    for x in gen():
        total += x
    return total


print(generator_break())
total = 0
for i in range(10):
    for j in range(i):
        if j == 5:
            break
        if (i + j) % 2:
            continue
        total += i * j
print(total)
n = 0
while True:
    n += 1
    if n < 5:
        continue
    while True:
        n += 10
        if n > 50:
            break
    break
print(n)
values = [1, 2, 3, 4, 5, 6]
for v in values[:]:
    if v % 2 == 0:
        values.remove(v)
print(values)
i = 10
for i in range(3):
    pass
print(i)
for i in []:
    pass
print(i)
for a, (b, *c), d in [(1, (2, 3, 4), 5), ("x", "yz", "w")]:
    print(a, b, c, d)
obj = type("O", (), {})()
for obj.attr in range(3):
    pass
box = [0, 0]
for box[1] in "ab":
    pass
print(obj.attr, box)
result = []
it = iter(range(10))
for x in it:
    result.append((x, next(it, None)))
print(result)
x = 5
print("big" if x > 10 else "medium" if x > 3 else "small", [("even", "odd")[k % 2] for k in range(3)])
while x:
    x -= 1
    try:
        if x == 3:
            continue
        if x == 1:
            break
    finally:
        print("x", x, end=" ")
else:
    print("no")
print()


def deep_return():
    for a in range(3):
        with_list = [a]
        while True:
            try:
                for b in with_list:
                    return a, b
            finally:
                with_list.append("seen")


print(deep_return())


def ladder(n):
    if n < 0:
        return "negative"
    elif n == 0:
        return "zero"
    elif n < 10:
        return "digit"
    elif n < 100:
        return "two"
    else:
        return "many"


print([ladder(n) for n in (-1, 0, 5, 50, 500)])
