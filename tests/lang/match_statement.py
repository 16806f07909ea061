# match: literals, captures, sequences, mappings, classes, guards, or, as.
class Point:
    __match_args__ = ("x", "y")

    def __init__(self, x, y):
        self.x, self.y = x, y


class Color:
    RED = "red"
    BLUE = 2


def describe(v):
    match v:
        case 0:
            return "zero"
        case 1 | 2 | 3 as n:
            return f"small {n}"
        case -1 | 1.5:
            return "odd number"
        case True:
            return "true"
        case None:
            return "none"
        case "hello" | b"hi":
            return "greeting"
        case Color.RED:
            return "the red"
        case []:
            return "empty sequence"
        case [x]:
            return f"one {x}"
        case [1, 2, *rest]:
            return f"starts 1 2, rest {rest}"
        case [first, *_, last]:
            return f"from {first} to {last}"
        case {"type": "circle", "r": r}:
            return f"circle {r}"
        case {"type": t, **others}:
            return f"type {t} others {others}"
        case {}:
            return "a mapping"
        case Point(0, 0):
            return "origin"
        case Point(x=0, y=y):
            return f"on y axis at {y}"
        case Point(x, y) if x == y:
            return f"diagonal {x}"
        case Point():
            return "a point"
        case str(s) if len(s) > 5:
            return f"long str {s}"
        case str():
            return "str"
        case int(n):
            return f"int {n}"
        case float() | bytes() as other:
            return f"other {other}"
        case _:
            return "something else"


for value in [0, 2, -1, 1.5, True, None, "hello", b"hi", "red", [], (), [9], (1, 2, 3, 4), [1, 2], "ab", (5, 6, 7), {"type": "circle", "r": 3}, {"type": "x", "a": 1}, {}, {"z": 1}, Point(0, 0), Point(0, 5), Point(3, 3), Point(1, 2), "longer text", 77, 2.5, b"zz", {1}, range(3), object]:
    print(describe(value))


def nested(v):
    match v:
        case [Point(x=px), {"k": [a, (b, c)]}, *_]:
            return px, a, b, c
        case (1, (2 | 3 as m, [*inner])):
            return m, inner
        case {"a": {"b": int() as deep}}:
            return deep
        case [str() | None as s, _]:
            return "pair", s
        case (x, y, z):
            return x + y + z
    return "fell through"


print(nested([Point(1, 2), {"k": ["A", ("B", "C")]}, 0, 0]), nested((1, (3, "xyz"))), nested((1, (3, [4, 5]))), nested({"a": {"b": 5, "z": 0}}), nested([None, 1]), nested((1, 2, 3)), nested(5))


def guard(v):
    match v:
        case x if x > 10:
            return "big"
        case x if x > 5:
            return "medium"
        case x:
            return f"small {x}"


print(guard(11), guard(6), guard(1))
match 5:
    case captured:
        pass
print(captured)
match 1, 2:
    case a, b:
        print("tuple subject", a, b)
match [1, [2, [3]]]:
    case [p, [q, [r]]]:
        print(p, q, r)
for bad in ["match 1:\n case x: pass\n case 1: pass", "match 1:\n case x | 2: pass", "match 1:\n case [a, a]: pass", "match 1:\n case {**r, 'a': 1}: pass"]:
    try:
        compile(bad, "m", "exec")
    except SyntaxError as e:
        print(e.msg)


class NoArgs:
    pass


try:
    match NoArgs():
        case NoArgs(1):
            pass
except TypeError as e:
    print(e)
try:
    match Point(1, 2):
        case Point(1, 2, 3):
            pass
except TypeError as e:
    print(e)
match = 5
case = 6
print(match, case)
type = 7
print(type)
