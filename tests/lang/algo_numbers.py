# Number theory with small and big ints.
def sieve(n):
    flags = [True] * (n + 1)
    flags[0:2] = [False, False]
    for i in range(2, int(n ** 0.5) + 1):
        if flags[i]:
            flags[i * i :: i] = [False] * len(range(i * i, n + 1, i))
    return [i for i, f in enumerate(flags) if f]


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


def extended(a, b):
    if b == 0:
        return a, 1, 0
    g, x, y = extended(b, a % b)
    return g, y, x - a // b * y


def factors(n):
    result = []
    d = 2
    while d * d <= n:
        while n % d == 0:
            result.append(d)
            n //= d
        d += 1
    if n > 1:
        result.append(n)
    return result


def miller_rabin(n):
    if n < 2:
        return False
    for p in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        if n % p == 0:
            return n == p
    d, r = n - 1, 0
    while d % 2 == 0:
        d //= 2
        r += 1
    for a in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        x = pow(a, d, n)
        if x in (1, n - 1):
            continue
        for _ in range(r - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def isqrt(n):
    x = n
    y = (x + 1) // 2
    while y < x:
        x = y
        y = (x + n // x) // 2
    return x


def pi_digits(n):
    # Gibbons' spigot.
    out = []
    q, r, t, k, m, x = 1, 0, 1, 1, 3, 3
    while len(out) < n:
        if 4 * q + r - t < m * t:
            out.append(m)
            q, r, m = 10 * q, 10 * (r - m * t), 10 * (3 * q + r) // t - 10 * m
        else:
            q, r, t, k, m, x = q * k, (2 * q + r) * x, t * x, k + 1, (q * (7 * k + 2) + r * x) // (t * x), x + 2
    return "".join(map(str, out))


primes = sieve(1000)
print(len(primes), primes[:10], primes[-5:], sum(primes))
print(gcd(1071, 462), gcd(2 ** 100, 6 ** 50), extended(240, 46), extended(2 ** 70 + 1, 3 ** 40))
print(factors(360), factors(97), factors(2 ** 31 - 1), factors(600851475143))
print([n for n in range(100) if miller_rabin(n)] == sieve(99), miller_rabin(2 ** 89 - 1), miller_rabin(2 ** 89 + 1), miller_rabin(10 ** 18 + 9))
print(isqrt(2 * 10 ** 60), isqrt(10 ** 100) == 10 ** 50)
print(pi_digits(100))
a, b = 0, 1
for _ in range(300):
    a, b = b, a + b
print(a)
e, term = 10 ** 50, 10 ** 50
for i in range(1, 60):
    term //= i
    e += term
print(e)
print(sum(int(c) for c in str(2 ** 1000)), str(3 ** 500)[:20], len(str(7 ** 1000)))
catalan = [1]
for n in range(1, 40):
    catalan.append(catalan[-1] * 2 * (2 * n - 1) // (n + 1))
print(catalan[10], catalan[39])
roman = [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]


def to_roman(n):
    out = ""
    for value, text in roman:
        while n >= value:
            out += text
            n -= value
    return out


print([to_roman(n) for n in (1, 4, 9, 14, 40, 90, 400, 1994, 2024, 3999)])
