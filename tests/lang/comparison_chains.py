# Chained comparisons: each operand once, short circuit, mixed operators.
def say(x):
    print("eval", x)
    return x


print(1 < 2 < 3, 1 < 3 < 2, 3 > 2 > 1, 1 < 2 > 1)
print(say(1) < say(2) < say(3))
print(say(1) > say(2) > say(3))
print(say(1) == say(1) != say(2) <= say(2))
print(1 == 1.0 == True, 0 == False == 0.0)
print(1 < 2 == 2, (1 < 2) == 2, 1 < (2 == 2))
x = 5
print(0 <= x < 10, not 0 <= x < 5, 5 in [5] == [5])
print(x is x is x, "a" in "abc" in ["abc"])
print(1 < 2 and 2 < 3 or False)

print((1, 2) < (1, 3), (1, 2) < (1, 2, 0), () < (1,), (2,) > (1, 9))
print([1, 2] == [1, 2], [1, 2] != [1, 2], [1] < [1, 1], [2] >= [1, 5])
print("abc" < "abd", "Z" < "a", "" < "a", "abc" < "ab")
print(b"a" < b"b", b"a" == "a")
print(1 == "1", None == 0, [] == (), {} == set())
print({"a": 1} == {"a": 1.0}, {1, 2} == {2, 1}, {1} < {1, 2}, {1, 2} <= {1, 2})

for left, right in [(1, "a"), ([], ()), (None, 1), ({}, {}), (1, None), ("a", b"a")]:
    try:
        left < right
    except TypeError as e:
        print(e)
    try:
        left >= right
    except TypeError as e:
        print(e)


class Odd:
    """Comparison results need not be bool."""

    def __lt__(self, other):
        print("lt", other)
        return []

    def __gt__(self, other):
        print("gt", other)
        return "yes"


o = Odd()
print(o < 1)
print(o < 1 < say(3))
print(o > 1 < 2)
print(3 < o, 3 > o)
print(1 if o < 2 else 2)

nan = float("nan")
print(nan == nan, nan != nan, nan < nan, nan in [nan], [nan] == [nan])
print(1 < 10 ** 30, 10 ** 30 > 1.5, 10 ** 400 > 1e300, -10 ** 400 < float("-inf"), 2 ** 53 == 2.0 ** 53, 2 ** 53 + 1 == 2.0 ** 53)
