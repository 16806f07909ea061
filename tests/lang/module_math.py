# math.
import math

print(math.pi, math.e, math.tau, math.inf, math.nan, -math.inf)
print(math.sqrt(2), math.sqrt(16), math.isqrt(17), math.isqrt(10 ** 40), "%.12g" % math.cbrt(27), math.hypot(3, 4), math.hypot(1, 2, 2), math.dist((0, 0), (3, 4)))
print(math.floor(2.7), math.floor(-2.7), math.ceil(2.1), math.ceil(-2.1), math.trunc(-2.7), math.floor(5), math.floor(1e20), math.ceil(10 ** 30), type(math.floor(2.0)))
print(math.factorial(0), math.factorial(20), math.factorial(30), math.gcd(12, 18), math.gcd(), math.gcd(0, 5), math.gcd(2 ** 70, 2 ** 65), math.lcm(4, 6), math.lcm(), math.comb(5, 2), math.comb(50, 25), math.perm(5, 2), math.perm(4))
for f in [math.sin, math.cos, math.tan, math.asin, math.acos, math.atan, math.sinh, math.cosh, math.tanh, math.exp, math.expm1, math.log1p, math.asinh, math.degrees, math.radians, math.exp2]:
    print(f.__name__, "%.12g %.12g %.12g" % (f(0.5), f(0.1), f(0)))
print("%.12g %.12g" % (math.acosh(1.5), math.atanh(0.5)), math.atan2(1, 1), math.atan2(-1, -1), math.atan2(0, -1), math.atan2(-0.0, -1))
print(math.log(math.e), math.log(8, 2), math.log10(1000), math.log2(1024), math.log(10 ** 400), math.log2(2 ** 1000), math.log10(10 ** 300), "%.12g" % math.log(2, 10))
print(math.pow(2, 10), math.pow(2, 0.5), math.pow(0, 0), math.fmod(7.5, 2), math.fmod(-7.5, 2), math.remainder(7.5, 2), math.modf(3.25), math.modf(-3.25), math.frexp(8.0), math.ldexp(0.5, 4), math.copysign(3, -0.0), math.fabs(-5))
print(math.isnan(math.nan), math.isinf(math.inf), math.isfinite(1), math.isfinite(math.inf), math.isclose(0.1 + 0.2, 0.3), math.isclose(1, 1.1), math.isclose(1, 1.1, rel_tol=0.2), math.isclose(0, 1e-10, abs_tol=1e-9))
print(math.fsum([0.1] * 10), math.fsum([1e100, 1, -1e100]), math.prod([1, 2, 3, 4]), math.prod([], start=5), math.prod([0.5, 4]), math.sumprod([1, 2], [3, 4]), math.fma(2.0, 3.0, 1.0))
print("%.10g %.10g %.10g %.10g" % (math.gamma(5), math.lgamma(10), math.erf(0.5), math.erfc(0.5)), math.nextafter(1.0, 2.0), math.ulp(1.0), math.nextafter(0.0, 1.0))
tries = [
    lambda: math.sqrt(-1),
    lambda: math.log(0),
    lambda: math.log(-1),
    lambda: math.acos(2),
    lambda: math.factorial(-1),
    lambda: math.factorial(1.5),
    lambda: math.exp(1000),
    lambda: math.pow(0, -1),
    lambda: math.pow(-1, 0.5),
    lambda: math.fmod(1, 0),
    lambda: math.isqrt(-1),
    lambda: math.isqrt(1.5),
    lambda: math.floor(math.inf),
    lambda: math.ceil(math.nan),
    lambda: math.sqrt("a"),
    lambda: math.sin(),
    lambda: math.sin(1, 2),
    lambda: math.gcd(1.5, 2),
    lambda: math.comb(-1, 2),
    lambda: math.comb(3, -1),
    lambda: math.ldexp(1.0, 10000),
    lambda: math.log(10, 0),
    lambda: math.sqrt(10 ** 400),
    lambda: math.floor("a"),
    lambda: math.fsum(["a"]),
    lambda: math.sin(math.inf),
    lambda: math.gamma(-1),
    lambda: math.atanh(1),
]
for i, bad in enumerate(tries):
    try:
        print(i, bad())
    except (ValueError, OverflowError, TypeError, ZeroDivisionError) as e:
        print(i, type(e).__name__, e)


class F:
    def __float__(self):
        return 4.0

    def __floor__(self):
        return "floor"

    def __ceil__(self):
        return "ceil"

    def __trunc__(self):
        return "trunc"


print(math.sqrt(F()), math.floor(F()), math.ceil(F()), math.trunc(F()))
