# Float arithmetic, repr, rounding, special values.
print(0.1, 0.1 + 0.2, 1.0, -0.0, 1e16, 1e15, 123456789012345680.0, 1e-4, 1e-5, 1.5e300, 5e-324, 1.7976931348623157e308)
print(1e22, 1e21, 1e100, 12345.678, 0.00012345, 1 / 3, 2 / 3, 100.0, 1e3, 3.14e-10)
print(repr(0.1), str(0.1), float("1e5"), float(" -2.5 "), float("1_000.5"), float("inf"), float("-Infinity"), float("nan"), float("+.5"), float("5."))
print(7.5 // 2, -7.5 // 2, 7.5 % 2, -7.5 % 2, 7.5 % -2, divmod(7.5, 2), divmod(-7.5, 2), 5.0 // 0.1, 5.0 % 0.1)
print(2.0 ** 10, 2.0 ** -1, 2.0 ** 0.5, (-8.0) ** 3, 0.0 ** 0, 1e200 * 1e200, -1e200 * 1e200, 1e-200 * 1e-200)
for bad in [lambda: 1.0 / 0, lambda: 1.0 // 0, lambda: 1.0 % 0.0, lambda: divmod(1.0, 0.0), lambda: 0.0 ** -1, lambda: 10.0 ** 400, lambda: float("abc"), lambda: float(""), lambda: float(None), lambda: float("1__0"), lambda: 1.5 & 1]:
    try:
        print(bad())
    except (ZeroDivisionError, OverflowError, ValueError, TypeError) as e:
        # An overflow shows the system's errno, which is not the same everywhere.
        print(type(e).__name__, e if not isinstance(e, OverflowError) else len(e.args))
inf = float("inf")
nan = float("nan")
print(inf, -inf, nan, inf - inf, inf * 0, inf + 1, inf == inf, -inf < inf, nan == nan, max(inf, 1), 1 / inf, -1 / inf)
print(inf // 1, inf % 2, 5 % inf, -5 % inf, nan > 1, sorted([inf, 1, -inf]))
print(0.0 == -0.0, str(-0.0), -0.0 + 0.0, 0.0 * -1, abs(-0.0), -(0.0))
print(round(2.5), round(3.5), round(-2.5), round(2.675, 2), round(1e20), round(1234.5678, -2), round(0.5), round(1.5), round(5.015, 2), round(-0.4), round(1.0, 3))
print(type(round(2.5)), type(round(2.5, 0)), round(2.5, None))
print(int(1e30), int(-0.9), int(2 ** 53 + 0.0), float(2 ** 53 + 1), float(10 ** 30), 2 ** 0.5)
print((0.5).as_integer_ratio(), (-1.75).as_integer_ratio(), (3.0).is_integer(), (3.5).is_integer(), (0.1).hex(), (-2.5).hex(), float.fromhex("0x1.8p1"), float.fromhex("-0x.8p-2"))
print((1.5).real, (1.5).imag, (1.5).conjugate(), float(), float(True), float(b"2.5"))
print(1.5 + True, 1 + 1.5, 3 * 0.5, 7 / 2.0, 2 ** 1.5, 1 - 0.9)
print(1.5 < 2, 2 == 2.0, 1.5 != 1, 10 ** 16 == 1e16, 10 ** 16 + 1 == 1e16, 0.1 + 0.2 == 0.3)
# Around the range that fits an immediate word.
for x in [1e-76, 1e-77, 1e-78, 1e77, 1e78, -1e-77, 2.2250738585072014e-308, 4.9e-324, 1e-310]:
    print(x, x * 1.0 == x, x + 0.0, -x, x / 2 * 2)
total = 0.0
for i in range(1, 1001):
    total += 1.0 / i
print(total)
x = 1.0
for i in range(1080):
    x /= 2
print(x)
x = 1.0
for i in range(1030):
    x *= 2
print(x)
print(sum([0.1] * 10), sum([1e16, 1, -1e16]), sum([0.1, 0.2, 0.3], 0.0))
