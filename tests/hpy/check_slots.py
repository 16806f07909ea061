# Every slot and member kind.
import gc
import sys

sys.path.insert(0, sys.argv[1])

import slots

A = slots.All
a = A(5)
b = A(value=7)
print(a, repr(b), str(a), f"{a}", hash(a), A.__doc__, A().m_readonly)
print(a.m_short, a.m_int, a.m_long, a.m_float, a.m_double, a.m_string, a.m_object, repr(a.m_char), a.m_byte, a.m_ubyte, a.m_ushort, a.m_uint, a.m_ulong, a.m_inplace, a.m_bool, a.m_longlong, a.m_ulonglong, a.m_ssize, a.m_none, a.m_readonly)
try:
    a.m_object_ex
except AttributeError as e:
    print("AttributeError")
for name, values in {
    "m_short": [-1, 32767],
    "m_int": [-5, 2 ** 31 - 1],
    "m_long": [2 ** 62, -(2 ** 63)],
    "m_float": [1.5, -2],
    "m_double": [0.1, 7],
    "m_object": ["obj", None, [1]],
    "m_char": ["x"],
    "m_byte": [-128, 127],
    "m_ubyte": [255],
    "m_ushort": [65535],
    "m_uint": [2 ** 32 - 1],
    "m_ulong": [2 ** 64 - 1],
    "m_bool": [True, False],
    "m_object_ex": [3, "x"],
    "m_longlong": [-(2 ** 63)],
    "m_ulonglong": [2 ** 64 - 1],
    "m_ssize": [-(2 ** 62)],
}.items():
    for value in values:
        setattr(a, name, value)
        print(name, getattr(a, name) == value, end="; ")
print()
for name, value in [("m_int", "x"), ("m_float", "x"), ("m_char", "xy"), ("m_char", 5), ("m_bool", 1), ("m_string", "s"), ("m_inplace", "s"), ("m_readonly", 1), ("m_int", 1.5), ("m_long", 2 ** 70)]:
    try:
        setattr(a, name, value)
        print(name, "was set")
    except (TypeError, AttributeError, OverflowError) as e:
        print(name, type(e).__name__)
try:
    del a.m_object_ex
    a.m_object_ex
except AttributeError as e:
    print("AttributeError after del")
try:
    del a.m_int
except TypeError as e:
    print("TypeError: numbers cannot be deleted")

print(a + b, a + 1, 1 + a, a - b, a * 2, 2 * a, a % b, divmod(a, 2), a << 1, a >> b, a & b, a ^ 1, a | b, a // 2, a / b, a @ b)
print(a ** 2, 2 ** a, pow(a, 2), pow(a, 2, 9), -a, +a, abs(A(-3)), ~a, int(a), float(a), [10, 20, 30, 40, 50, 60][a], bool(a), bool(A(0)), hex(A(255)))
c = a
c += 10
print(c is a, c, a)
c -= 3
print(c)
d = A(1)
d |= 2
print(d)
d = A(1)
d *= 3
print(d)
print(a == a, a == A(15), a == 15, a != b, a < b, a > b, a <= 15, 15 >= a, a == "x", a != "x", sorted([A(3), A(1), A(2)]), max(A(1), A(9)), A(4) in [A(3), A(4)], {A(1): "one"}[A(1)])
for bad in [lambda: a < "x", lambda: A("x"), lambda: A(1, 2), lambda: A(nope=1)]:
    try:
        bad()
    except TypeError as e:
        print("TypeError")
print(a(), a(1, 2), a(1, k=2), a(*range(5), **{"x": 1, "y": 2}))

S = slots.Seq
s = S(1, 2, 3)
print(len(s), s[0], s[-1], s[2], 2 in s, 9 in s, s + s, s * 3, 3 * s, list(s), [x * 2 for x in s], sum(s), tuple(reversed(s)))
s[0] = 10
del s[1]
print(list(s), len(s), bool(s), bool(S()))
for bad in [lambda: s[5], lambda: s[-5], lambda: S(*range(20)), lambda: S("a"), lambda: s.__setitem__(0, "x"), lambda: s.__setitem__(9, 1), lambda: "x" in s]:
    try:
        bad()
    except (IndexError, ValueError, TypeError) as e:
        print(type(e).__name__, e if isinstance(e, (IndexError, ValueError)) else "")
m = slots.Map()
print(len(m), m["k"], m[1:2], m[1, 2], bool(m))
for bad in [lambda: m.__setitem__(1, 2), lambda: m.__delitem__("k")]:
    try:
        bad()
    except (TypeError, KeyError) as e:
        print(type(e).__name__, e)


if sys.implementation.name == "sidewinder":
    # HPy 0.9.0 on CPython writes such an object's C struct over its header.
    class Sub(A):
        def __init__(self, value):
            super().__init__(value * 2)
            self.python = "attribute"

        def __repr__(self):
            return "<Sub of %s>" % super().__repr__()

    x = Sub(4)
    x.m_object = x
    gc.collect()
    assert (repr(x), x.python, int(x), x == 8) == ("<Sub of <All 8>>", "attribute", 8, True)
    assert x.m_object is x and isinstance(x, A)
for i in range(200):
    y = A(i)
    y.m_object = y
    y.m_object_ex = [y]
y = None
gc.collect()
gc.collect()
finalized, destroyed = slots.counts()
print(finalized >= 200, destroyed >= 200, finalized >= destroyed)
