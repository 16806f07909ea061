# The % operator on str.
print("%s %r %a" % ("é", "é", "é"), "%s" % 5, "%s" % [1, 2], "%s" % None, "%%" % (), "100%%", "%s" % (1,))
print("%5s|%-5s|%.2s|%5.1s|%05d|%-5d|%+5d|% 5d" % ("ab", "ab", "abc", "xyz", 42, 42, 42, 42))
print("%(name)s is %(age)d, %(name)r" % {"name": "Bob", "age": 7}, "%(x)05.1f" % {"x": 2.25, "y": 0})
print("%*d|%-*d|%.*f" % (5, 42, 5, 42, 2, 3.14159))
print("%x %X %o %#x %#o %#X %e %E %g %G %f %F %c %c" % (255, 255, 8, 255, 8, 255, 12345.678, 12345.678, 1e-10, 1e20, 1.5, 2.5, "z", 90))
print("%d %d %d" % (10 ** 20, -(10 ** 20), True), "%i %u" % (3, 4), "%ld %hd" % (5, 6), "%.3d %.5x %8.3d" % (5, 255, 7))
print("%s and %s" % ("a", ("tuple",)), "%s" % {"k": 1}, "%s" % {1}, "%r" % "it's")
for template, args in [
    ("%d", "a"),
    ("%s %s", ("a",)),
    ("%s", ("a", "b")),
    ("%z", 1),
    ("%", 1),
    ("%(x)s", {}),
    ("%(x)s", 5),
    ("%c", "ab"),
    ("%c", -1),
    ("%x", 1.5),
    ("%d", None),
    ("abc", 5),
    ("abc", (5,)),
    ("%*d", ("a", 5)),
    ("%(x", {"x": 1}),
    ("%f", "1.5"),
]:
    try:
        print(template % args)
    except (TypeError, ValueError, KeyError, OverflowError) as e:
        print(repr(template), type(e).__name__, e)
print("abc" % {}, "abc" % [], "abc" % ())


class Both:
    def __str__(self):
        return "S"

    def __repr__(self):
        return "R"

    def __index__(self):
        return 9

    def __float__(self):
        return 2.5


print("%s %r %x %f" % (Both(), Both(), Both(), Both()))
try:
    print("%d" % Both())
except TypeError as e:
    print(e)
x = "%s=%d"
x %= ("k", 3)
print(x)
print("%s" * 3 % (1, 2, 3), "%-10s|%10s|" % ("left", "right"), "%s %%s" % 1)
