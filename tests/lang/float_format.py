# Floats through format(), % and f-strings.
values = [0.0, -0.0, 1.0, -1.5, 3.14159265, 1234567.891, 1e10, 1e-10, 123456789e15, float("inf"), float("-inf"), float("nan")]
for v in values:
    print(f"{v:f}|{v:.2f}|{v:.0f}|{v:e}|{v:.3e}|{v:g}|{v:.3g}|{v:G}|{v:E}|{v:%}|{v:.1%}")
    print(f"{v}|{v:10}|{v:<10}|{v:^10}|{v:+}|{v: }|{v:010.3f}|{v:,.2f}|{v:_.1f}|{v:.3}|{v:#.0f}|{v:n}")
    print("%f|%.2f|%e|%g|%10.3f|%-10.3f|%010.3f|%+f|% f|%.0f|%#.0f|%G|%s|%r" % ((v,) * 14))
for digits in range(0, 18, 3):
    print(f"{2 / 3:.{digits}f} {2 / 3:.{digits}e} {2000 / 3:.{digits}g}")
print(f"{1e15:g} {1e16:g} {123456:g} {1234567:g} {0.0001:g} {0.00001:g} {100000:#g} {1.50:#g}")
print(f"{0.5:.0f} {1.5:.0f} {2.5:.0f} {0.125:.2f} {0.375:.2f} {1e22:f} {1.1:.30f}")
print(f"{1.0:.1f} {9.99:.1f} {99.95:.1f} {0.05:.1f} {0.95:.1f} {-0.04:.1f} {-0.04:z.1f} {1e300:.3f}"[:60])
print(f"{12.5:>+10.2f}|{-12.5:=+10.2f}|{12.5:*^12.1f}|{12.5:x>8}|{12.5:08}|{-12.5:08}|{1234.5:012,.1f}")
for spec in ["d", "x", ".2s", "b", "c", "10.2z", ".f", ",_", "f,", "?"]:
    try:
        print(format(1.5, spec))
    except ValueError as e:
        print(e)
print(format(1.5), format(1.5, ""), format(True, "d"), format(True), format(True, "5"), format(False, ".1f"), str(1e5), str(1e-5))
print("%.3s|%5.1s|%s" % ("abcdef", "xyz", 1.0))
print("%5.1f%%" % 45.678)
try:
    print("%d" % 1.9, "%x" % 1.5)
except TypeError as e:
    print(e)
try:
    print("%f" % "a")
except TypeError as e:
    print(e)
print([1.0, 2.5, -0.0], (1e100,), {1.5: 2.5})
