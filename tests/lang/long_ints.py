# Ints so long that operations on them get a thread of their own.
import math
import sys

sys.set_int_max_str_digits(0)
big = (1 << 1_100_000) - 12345
square = big * big
print(square // big == big, square % big, divmod(square + 5, -big) == (-big - 1, 5 - big))
print((-square - 1) // big == -big - 1, big % square == big)
digits = str(big)
print(digits[:20], len(digits), f"{big:,}"[:20], "%+d" % -big == "-" + digits)
print(int(digits) == big, int(digits.encode()) == big, int("z" * 220_000, 36) == 36**220_000 - 1)
print(pow(3, 700_000) == pow(3, 350_000) ** 2, pow(big, 3, square) == pow(big, 3) % square)
print(math.isqrt(square) == big, math.gcd(square, big * 7) == big * math.gcd(big, 7))
print(math.factorial(70_000) // math.factorial(69_999), math.lcm(big, 2) == big * 2)
print(round(big, -3) == (big + 500) // 1000 * 1000)


class Int(int):
    pass


class Right:
    def __rmul__(self, left):
        return "reflected"


print(Int(big) * Int(big) == square, type(Int(big) * big), big * Right())
try:
    big * 1.0
except OverflowError as e:
    print(e)
try:
    pow(big, -1, big * 2)
except ValueError as e:
    print(e)
try:
    int(digits + "x")
except ValueError as e:
    print(str(e)[:60])
big *= big
print(big == square)
