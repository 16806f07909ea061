# Operators on small ints, precedence, associativity, short circuits.
print(1 + 2 * 3, (1 + 2) * 3, 2 * 3 + 4, 2 + 3 - 4)
print(2 ** 3 ** 2, (2 ** 3) ** 2, -2 ** 2, 2 ** -1)
print(7 // 2, -7 // 2, 7 // -2, -7 // -2)
print(7 % 3, -7 % 3, 7 % -3, -7 % -3)
print(7 / 2, 6 / 3, 1 / 3)
print(1 << 4, 256 >> 3, 1 << 2 + 1, -5 >> 1)
print(6 & 3, 6 | 3, 6 ^ 3, ~6, ~-1)
print(1 | 2 ^ 3 & 4 << 1)
print(not 1 == 2, not (1 and 0))
print(5 - 3 - 1, 100 // 7 // 2, 100 / 10 / 5)
print(-3 + +4, --3, ~~3, not not 3)

print(1 and 2, 0 and 2, 1 or 2, 0 or 2, 0 or [] or "" or None)
print(1 if True else 2, 1 if 0 else 2, 1 if 0 else 2 if 0 else 3)


def say(x):
    print("say", x)
    return x


print(say(0) and say(1) or say(2))
print(say(1) if say(0) else say(3))
print([say(1), say(2)][say(0)])
{say("k"): say("v")}
say(1) + say(2) * say(3)
print(max(say(4), say(5)))

a = b = c = 7
print(a, b, c)
a += 1
a *= 2
a -= 3
a //= 2
a **= 2
a %= 10
a <<= 3
a >>= 1
a |= 3
a &= 0xFE
a ^= 5
print(a)
x = 10
x /= 4
print(x)

print((lambda v: v * 2)(21))
print("a" "b" 'c')
print(1_000_000, 0xFF, 0o17, 0b1011, 0x_ff)
print(True + True, True * 10, False or True, True is True)
print(None is None, None == None, ... is Ellipsis, ...)
print(3 in [1, 2, 3], 3 not in [1, 2, 3], "b" in "abc", "x" not in "abc")
x = []
print(x is not None, [] is not [], x is x)
print((1, 2) + (3,), [1] * 3, "ab" * 2, 3 * "x", () * 5)
for value in [0, 1, -1, 0.0, 0.1, "", "a", [], [0], (), (0,), {}, {1: 1}, set(), None, range(0), range(1), b"", b"x"]:
    print(repr(value), bool(value), not value)
