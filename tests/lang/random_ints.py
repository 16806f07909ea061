# Laws of arithmetic on pseudo-random ints of many sizes.
class Random:
    def __init__(self, seed):
        self.state = seed

    def bits(self, n):
        value = 0
        for _ in range(n // 32 + 1):
            self.state = (self.state * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
            value = value << 32 | self.state >> 32
        return value & ((1 << n) - 1)


r = Random(99)
check = 0
for round_number in range(400):
    a = r.bits(1 + r.bits(8)) * (1 if r.bits(1) else -1)
    b = r.bits(1 + r.bits(7)) * (1 if r.bits(1) else -1)
    c = r.bits(1 + r.bits(6))
    k = r.bits(7)
    laws = [
        a + b == b + a,
        (a + b) - b == a,
        a * b == b * a,
        (a + b) * c == a * c + b * c,
        a - b == -(b - a),
        a << k == a * 2 ** k,
        a >> k == a // 2 ** k,
        ~a == -a - 1,
        a ^ b == (a | b) - (a & b),
        a + b == (a | b) + (a & b),
        int(str(a)) == a,
        int(hex(a), 16) == a,
        int(bin(b), 2) == b,
        int(oct(a), 8) == a,
        abs(a) == (a if a >= 0 else -a),
        (a < b) == (a - b < 0),
        (a == b) == (a - b == 0),
        a.bit_length() == len(bin(abs(a))) - 2 if a else True,
        int.from_bytes(a.to_bytes(40, "big", signed=True), "big", signed=True) == a,
        float(c) == c or c > 2 ** 53,
        (a * a + 1) > 0,
        hash(a) == hash(int(str(a))),
    ]
    if b:
        q, m = divmod(a, b)
        laws += [q * b + m == a, (0 <= m < b) if b > 0 else (b < m <= 0), a // b == q, a % b == m, (a * b) // b == a, a * b % b == 0]
    if c > 1:
        laws += [pow(a, 5, c) == a ** 5 % c, pow(a, c & 63, c) == (a % c) ** (c & 63) % c]
    if not all(laws):
        print("law", laws.index(False), "fails for", a, b, c, k)
    check = (check * 1000003 + a * 7 + b * 3 + c) % (10 ** 18 + 9)
print(check)
for n in [61, 62, 63, 64, 65, 127, 128, 129]:
    for delta in [-2, -1, 0, 1, 2]:
        for sign in [1, -1]:
            x = sign * (2 ** n) + delta
            y = (x * x - 1) // (x - 1)
            if y != x + 1 or x - x != 0 or (x >> 1) * 2 + (x & 1) != x or -(-x) != x or x + 1 - 1 != x:
                print("fails", n, delta, sign)
x = 1
for i in range(1, 200):
    x = x * i + (i << (i % 70)) - (x >> 3)
print(x % (2 ** 127 - 1), x.bit_length())
acc = 0
for i in range(2 ** 61 - 50, 2 ** 61 + 50):
    acc += i * (i & 7)
    acc ^= i << 3
print(acc)
