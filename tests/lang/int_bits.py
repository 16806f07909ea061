# Shifts and bit operations on ints of any size, and conversion to and from bytes.
big = 0x123456789ABCDEF0123456789ABCDEF
print(big & 0xFFFFFFFFFFFFFFFFFFFF, big | 1 << 200, big ^ big >> 4, ~big)
print(-big & 0xFFFF, -big | 0xFF, -big ^ 0xFFFFFFFFFFFFFFFFFFFFFFFF, -big & -0xFFFFFFFFFFFFFFFFFFFF)
for n in [1, -1, 5, -5, big, -big]:
    print([n << k for k in (0, 1, 31, 63, 64, 100)])
    print([n >> k for k in (0, 1, 2, 31, 63, 64, 100, 200)])
for a in [0, 1, -1, 12, -12, 2 ** 63, -(2 ** 63), 2 ** 64 - 1]:
    for b in [0, -1, 10, -10, 2 ** 63 + 5, -(2 ** 64)]:
        print(a & b, a | b, a ^ b, end="; ")
    print()
print(1 << 1000 >> 998, 0 << 100000, 0 >> 5, -1 >> 1000)
for bad in [lambda: 1 << -1, lambda: 1 >> -1, lambda: 1 << 1.0, lambda: "a" << 1, lambda: ~1.5, lambda: 1 & 1.0]:
    try:
        bad()
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
print(True & False, True | False, True ^ True, ~0, type(True & True), type(True & 1))

print((1024).to_bytes(2, "big"), (1024).to_bytes(4, "little"), (-1).to_bytes(3, "big", signed=True), (0).to_bytes(1), (255).to_bytes())
print(int.from_bytes(b"\x00\x10", "big"), int.from_bytes(b"\x00\x10", "little"), int.from_bytes(b"\xff\xfe", "big", signed=True), int.from_bytes(b""))
print(int.from_bytes(big.to_bytes(20, "little"), "little") == big, int.from_bytes([1, 2, 3]))
for bad in [lambda: (256).to_bytes(1, "big"), lambda: (-1).to_bytes(1, "big"), lambda: (1).to_bytes(1, "middle")]:
    try:
        bad()
    except (OverflowError, ValueError) as e:
        print(type(e).__name__, e)


def popcount(n):
    count = 0
    while n:
        n &= n - 1
        count += 1
    return count


print(popcount(big), big.bit_count())
x = 1
for i in range(200):
    x = (x << 3) ^ i
    if i % 7 == 0:
        x >>= 5
print(x)
