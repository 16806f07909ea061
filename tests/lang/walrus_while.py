# Assignment expressions; while and for with else, break, continue; nesting.
data = [5, 3, 8, 1]
it = iter(data)
while (x := next(it, None)) is not None:
    print(x, end=" ")
print(x)
if (n := len(data)) > 3:
    print("long", n)
print([y := 1, y ** 2, (z := y + 1)], y, z)
print([last := v for v in data], last)
print(any((hit := v) > 6 for v in data), hit)
print({(k := i): k * 2 for i in range(3)}, k)


def f():
    total = 0
    [total := total + v for v in range(5)]
    return total


print(f(), (lambda: (q := 3) + q)())
print(not (w := 0), w, f"{(u := 7)} {u}")

i = 0
while i < 5:
    i += 1
    if i == 2:
        continue
    if i == 4:
        break
    print("i", i)
else:
    print("no break")
while i < 6:
    i += 1
else:
    print("else runs", i)
while False:
    pass
else:
    print("else of a loop never entered")
for n in range(2, 12):
    for d in range(2, n):
        if n % d == 0:
            print(n, "=", d, "*", n // d, end="; ")
            break
    else:
        print(n, "is prime", end="; ")
print()
for x in []:
    print("never")
else:
    print("empty for-else")
for x in "ab":
    for y in "cd":
        if y == "d":
            break
        print(x, y)
    else:
        print("not here")
    continue
else:
    print("outer else")
while True:
    for j in range(3):
        if j == 1:
            break
    else:
        break
    break
print(j)
for i in range(3):
    pass
print(i)
for data[0] in range(3):
    pass
for data[1:2] in [[7, 7]]:
    pass
print(data)
n = 27
steps = 0
while n != 1:
    n = n // 2 if n % 2 == 0 else 3 * n + 1
    steps += 1
print(steps)
count = 0
for a in range(100):
    if a % 2:
        continue
    for b in range(a):
        if b > 5:
            break
        count += 1
print(count)
