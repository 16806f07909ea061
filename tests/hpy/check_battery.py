# Handles, globals, builders, trackers, borrowed pointers, numbers, calls, exceptions through our own extension.
import gc
import sys

sys.path.insert(0, sys.argv[1])

import battery

print(battery.__doc__, battery.Error.__mro__[1].__name__, battery.Error.__doc__, battery.Error.__name__)


def churn():
    "Make garbage, and have everything collected (and moved, where that is done)."
    junk = [[i, str(i)] for i in range(300)]
    junk = None
    gc.collect()


class Thing:
    def __init__(self, name):
        self.name = name


t = Thing("t")
print(battery.dup_close(t, 1000), battery.dup_close(5, 10), battery.dup_close([], 0), battery.dup_close("s" * 50, 333))
for obj in [t, [1, 2], "text", 2 ** 100, 5, None, 1.5, (1, [2]), {"k": []}, b"bytes", churn]:
    held = battery.hold_over(obj, churn)
    print(held is obj, type(held).__name__)
for text in ["ascii", "", "naïve", "日本語", "😀 mixed é", "x" * 10000, "nul\0in"]:
    print(battery.utf8_over(text, churn) == text.encode(), len(text))
for data in [b"", b"abc", bytes(range(256)), b"y" * 10000]:
    print(battery.bytes_over(data, churn))


def fails():
    raise RuntimeError("callback failed")


for bad in [lambda: battery.hold_over(t, fails), lambda: battery.utf8_over("x", fails), lambda: battery.build_list(10, fails), lambda: battery.build_tuple(10, fails), lambda: battery.bytes_over(b"x", fails), lambda: battery.hold_over(1), lambda: battery.bytes_over("x", churn)]:
    try:
        bad()
    except (RuntimeError, TypeError) as e:
        print(type(e).__name__, e)

print(battery.global_get())
for obj in [t, 5, "global string", [1]]:
    battery.global_set(obj)
    churn()
    print(battery.global_get() is obj)
battery.global_set(Thing("only the global keeps this"))
churn()
print(battery.global_get().name)
battery.global_set(None)

print(battery.build_list(9, churn), battery.build_list(0, churn), len(battery.build_list(1000, churn)))
print(battery.build_tuple(5, churn), battery.build_tuple(0, churn), battery.build_tuple(500, churn)[499])
print(battery.tracked([1, 2, 3]), battery.tracked(range(1000)), battery.tracked([1.5, 2, 2 ** 70]), battery.tracked(()))
for bad in [[1, "a"], 5, [None]]:
    try:
        battery.tracked(bad)
    except TypeError as e:
        print(e)
print(battery.forgotten(t)[0] is t, battery.from_array(), battery.from_array(1, "a", t)[2] is t)
print(battery.parse_all(1, -2, 3, -4, 5, 0.5, 2.25, "text", None), battery.parse_all(255, 32767, 2 ** 31 - 1, 2 ** 62, 0, 1, 2, "é", [1]))
for args in [(), (1,), (256, 0, 0, 0, 0, 0, 0, "", 0), (1, 2 ** 15, 0, 0, 0, 0, 0, "", 0), (1, 2, 2 ** 31, 0, 0, 0, 0, "", 0), (1, 2, 3, 4, 5, "x", 0, "", 0), (1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 4, 5, 6, 7, "", 9, 10), (1, 2, 3, 4, 5, 6, 7, "a\0b", 9)]:
    try:
        print(battery.parse_all(*args))
    except (TypeError, OverflowError, ValueError) as e:
        print(type(e).__name__)
print(battery.parse_keywords(1), battery.parse_keywords(1, 2, 3), battery.parse_keywords(1, c=5, d="d"), battery.parse_keywords(1, b=2))
for bad in [lambda: battery.parse_keywords(), lambda: battery.parse_keywords(1, 2, 3, 4), lambda: battery.parse_keywords(1, e=2), lambda: battery.parse_keywords(1, 2, b=3), lambda: battery.parse_keywords("x")]:
    try:
        bad()
    except TypeError as e:
        print(e)
print(battery.keywords_seen(), battery.keywords_seen(1, 2), battery.keywords_seen(1, x=2, y=3), battery.keywords_seen(*"ab", **{"k": "v"}))
for n in [0, 1, -1, 127, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 61, 2 ** 62, 2 ** 63 - 1, 2 ** 63, -(2 ** 63), 2 ** 64 - 1, 2 ** 64, 2 ** 100, True]:
    print(n, battery.ints(n))
print(battery.ints("x"), battery.floats(1.5), battery.floats(3), battery.floats(1e300), battery.floats(2 ** 60))
try:
    battery.floats("x")
except TypeError as e:
    print(e)
print([battery.truth(v) for v in [0, 1, "", "a", [], [0], None, 0.0, 2 ** 70, t]])
print(battery.text("abc"), battery.text("é😀"), battery.text(""))
for bad in ["\ud800", 5]:
    try:
        battery.text(bad)
    except (UnicodeEncodeError, TypeError) as e:
        print(type(e).__name__)
for a, b in [(7, 2), (7, 0), (7.5, 2), ("a", "b"), ("%s", 5), ([1], 2), (2 ** 70, 3), (None, 1), ({1}, {1, 2}), (1, -1)]:
    print(battery.arith(a, b), battery.compare(a, b))
print(battery.unary(5), battery.unary(-2.5), battery.unary(-(2 ** 80)), battery.unary(True))
