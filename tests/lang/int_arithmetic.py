# Ints of any size: the four operations, divmod's signs, powers.
big = 2 ** 100
print(big, -big, big + 1, big - 1, big * big, big // 3, big % 3)
print(big == 2 ** 100, big > 2 ** 99, -big < big, big != big + 1)
for a in [7, -7, big, -big, big + 5, -(big + 5)]:
    for b in [2, -2, 3, 10 ** 20, -10 ** 20]:
        q, r = divmod(a, b)
        print(a // b, a % b, (q, r) == (a // b, a % b), q * b + r == a)
print(0 // 5, 0 % -5, divmod(0, 3), divmod(-1, big), divmod(1, -big))

# Around the limits of machine words and of small ints.
for bits in [30, 31, 32, 60, 61, 62, 63, 64, 65, 127, 128]:
    n = 1 << bits
    print(n - 1, n, n + 1, -n - 1, (n - 1) * (n + 1) == n * n - 1, n + n == 2 * n, -(-n) == n)
limit = 2 ** 61
print(limit + limit, limit * limit, -limit - limit, (limit - 1) * 4, limit - 2 * limit)
print((2 ** 62 - 1) + 1, -(2 ** 62) - 1, (2 ** 62) * -1, abs(-(2 ** 62)), abs(-(2 ** 63)))
x = 2 ** 62
x += x
print(x)
x -= 2 ** 63
print(x, x == 0, x is not None)

fact = 1
for i in range(1, 61):
    fact *= i
print(fact)
print(fact // (2 ** 50), fact % 1000003, fact // -7)
print(2 ** 0, 0 ** 0, (-2) ** 3, (-2) ** 64, 10 ** 50, 3 ** 100)
print(pow(2, 10), pow(2, 10, 1000), pow(3, 1000, 10 ** 9 + 7), pow(7, -1, 31), pow(-3, 5, 7), pow(5, 3, -7), pow(10, 0, 1))
print(2 ** -2, (-2) ** -1, 4 ** 0.5, big ** 0.5)
for bad in [lambda: 1 // 0, lambda: 1 % 0, lambda: divmod(big, 0), lambda: 1 / 0, lambda: 0 ** -1, lambda: pow(2, 5, 0), lambda: pow(2, -1, 4)]:
    try:
        bad()
    except (ZeroDivisionError, ValueError) as e:
        print(type(e).__name__, e)
print(big / 3, big / big, (big + 1) / big, 10 ** 400 // 10 ** 390, 10 ** 400 / 10 ** 399)
try:
    10 ** 400 / 3
except OverflowError as e:
    print(e)
print(round(12345, -2), round(15, -1), round(25, -1), round(-25, -1), round(big, -20), round(7))
print((5).bit_length(), (-5).bit_length(), (0).bit_length(), big.bit_length(), (255).bit_count(), (-7).bit_count())
print((5).__add__(3), (5).__radd__(3), (5).__sub__("x"), int.__mul__(6, 7))
print((6).real, (6).imag, (6).numerator, (6).denominator, (6).conjugate(), (6).is_integer(), (6).as_integer_ratio())
print(sum(range(1000)), sum([big] * 5), max(big, 1, -big), min(big, 1, -big))
