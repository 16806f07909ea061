# Ints to text and back: bases, signs, underscores, spaces, errors.
print(str(0), str(-0), repr(-12), str(10 ** 30), repr(-(10 ** 40) + 1))
print(int("0"), int("  42\n"), int("-17"), int("+5"), int("1_000"), int("00012"), int("٣"))
print(int("ff", 16), int("0xFF", 16), int("-0b101", 2), int("0o17", 8), int("z", 36), int("12", 3), int("0x1f", 0), int("0b11", 0), int("0", 0), int("077", 8))
print(int(b"12"), int(bytearray(b"-3")), int(True), int(3.99), int(-3.99), int(1e20), int("9" * 50))
for text in ["", " ", "a", "1a", "1 2", "0x10", "1__0", "_1", "1_", "--1", "1.5", "1e5", "９９x"]:
    try:
        print(int(text))
    except ValueError as e:
        print(e)
for text, base in [("2", 2), ("g", 16), ("08", 0), ("1", 1), ("1", 37), ("0b2", 0), ("", 5)]:
    try:
        print(int(text, base))
    except ValueError as e:
        print(e)
for bad in [None, [], {}, "x".join]:
    try:
        int(bad)
    except TypeError as e:
        print(e)
try:
    int(5, 10)
except TypeError as e:
    print(e)
for bad in [float("inf"), float("-inf"), float("nan")]:
    try:
        int(bad)
    except (OverflowError, ValueError) as e:
        print(type(e).__name__, e)
print(bin(0), bin(10), bin(-10), oct(64), oct(-8), hex(255), hex(-255), hex(2 ** 70), bin(2 ** 65), oct(2 ** 66))
for n in [0, 7, -7, 123456789, -123456789, 2 ** 70]:
    print(f"{n:d} {n:5d}|{n:<8}|{n:^8}|{n:>8}|{n:08}|{n:+d}|{n: d}|{n:,}|{n:_}")
    print(f"{n:b} {n:o} {n:x} {n:X} {n:#b} {n:#o} {n:#x} {n:#X} {n:_b} {n:#010x} {n:_x}")
    print(f"{n:e} {n:.2f} {n:g} {n:%} {n:*^+15,d} {n:=+12}")
print("%d %i %5d|%-5d|%05d|%+d|% d|%x|%X|%o|%#x|%#o" % (1, 2, 3, 4, 5, 6, 7, 255, 255, 8, 255, 8))
print("%d %d %s %r" % (3.7, True, 10 ** 20, -5))
print(f"{65:c}{0x20ac:c}", "%c%c" % (65, "b"))
for spec in ["z", ".2d", "s", "10.3x", ",x", "_c", "+c"]:
    try:
        print(format(42, spec))
    except ValueError as e:
        print(e)


class Index:
    def __index__(self):
        return 12


class Int:
    def __int__(self):
        return 34


print(int(Index()), int(Int()), hex(Index()), bin(Index()), [0] * Index(), "abcdefghijklmnop"[Index()], range(Index()))
try:
    hex(1.5)
except TypeError as e:
    print(e)
print(int(), int("10", base=2), int.from_bytes(b"ab", byteorder="big"))
long_text = str(3 ** 2000)
print(len(long_text), long_text[:20], long_text[-20:], int(long_text) == 3 ** 2000)
try:
    int("1" * 5000)
except ValueError as e:
    print(e)
try:
    str(10 ** 5000)
except ValueError as e:
    print(e)
