import cmath

points = [0, 1, -1, 2, 1j, -1j, 0.5 + 0.25j, -3 - 4j, 1e-8j, complex(-0.0, 2), complex(3, -0.0), 700 + 1j, 1e200 + 1e200j]
names = "acos acosh asin asinh atan atanh cos cosh exp log log10 sin sinh sqrt tan tanh".split()
for name in names:
    row = []
    for z in points:
        try:
            w = getattr(cmath, name)(z)
            row.append(f"{w.real:.9g},{w.imag:.9g}")
        except (ValueError, OverflowError) as e:
            row.append(type(e).__name__)
    print(name, *row)
print(cmath.phase(-1), cmath.polar(3 + 4j), cmath.rect(2, 0), cmath.log(8, 2))
print(cmath.isclose(1, 1 + 1e-12j), cmath.isclose(1, 1.1), cmath.isnan(cmath.nanj), cmath.isinf(cmath.infj), cmath.isfinite(1j))
for bad in ("x", None):
    try:
        cmath.sqrt(bad)
    except TypeError as e:
        print(e)
