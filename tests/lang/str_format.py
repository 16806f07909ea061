# str.format and the formatting mini-language for strings and objects.
print("{} {} {}".format(1, "a", 2.5), "{0} {1} {0}".format("x", "y"), "{a} {b}".format(a=1, b=2), "{} {k}".format(1, k=2))
print("{{}} {{{}}}".format(5), "{0[1]} {0[2]}".format([1, 2, 3]), "{d[key]}".format(d={"key": "v"}), "{0.real}".format(7), "{0[a][0]}".format({"a": [9]}))
print("{!r} {!s} {!a}".format("é", "é", "é"), "{0!r:>8}|".format("ab"), "{:>{}}|".format("x", 5), "{:{fill}^{width}}".format("m", fill="*", width=7), "{:{}.{}f}".format(3.14159, 8, 2))
print("{:5}|{:<5}|{:>5}|{:^5}|{:*<5}|{:->5}|{:.2}|{:5.1}|".format(*["abc"] * 8))
print("{:s} {:10s}| {:é^9}|".format("x", "y", "z"))
print("{:5}|{:<5}|{:>5}|{:^5}".format(42, 42, 42, 42), "{:5}|{:<5}".format(True, None.__class__.__name__))
for template, args in [
    ("{", ()),
    ("}", ()),
    ("{} {}", (1,)),
    ("{0} {}", (1, 2)),
    ("{} {0}", (1, 2)),
    ("{x}", ()),
    ("{0.missing}", (1,)),
    ("{0[5]}", ([1],)),
    ("{!x}", (1,)),
    ("{:d}", ("a",)),
    ("{:=5}", ("a",)),
    ("{:+}", ("a",)),
    ("{:,}", ("a",)),
    ("{:5.2d}", (3,)),
    ("{!}", (1,)),
    ("{:y}", (1,)),
    ("{0!r", (1,)),
]:
    try:
        print(template.format(*args))
    except (ValueError, IndexError, KeyError, AttributeError) as e:
        print(repr(template), type(e).__name__, e)


class Money:
    def __init__(self, amount):
        self.amount = amount

    def __format__(self, spec):
        if spec == "short":
            return "$%d" % self.amount
        return "Money(%s)[%s]" % (self.amount, spec)

    def __str__(self):
        return "str-money"

    def __repr__(self):
        return "repr-money"


m = Money(5)
print("{} {:short} {:>5} {!s} {!r:>12}".format(m, m, m, m, m), f"{m:short}", format(m), format(m, "x"))


class Plain:
    def __str__(self):
        return "plain"


print("{}".format(Plain()), format(Plain(), ""))
try:
    format(Plain(), "5")
except TypeError as e:
    print(e)
try:
    "{:5}".format([1])
except TypeError as e:
    print(e)
try:
    "{:5}".format(None)
except TypeError as e:
    print(e)
print("{a.x} {b[k]}".format_map({"a": type("T", (), {"x": 1}), "b": {"k": 2}}))


class Default(dict):
    def __missing__(self, key):
        return "<" + key + ">"


print("{known} {unknown}".format_map(Default(known=1)))
print(format("abc", "*^9"), format(10, "b"), format(3.5, ".2f"), format("x"))
