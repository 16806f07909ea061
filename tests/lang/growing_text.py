"""Texts put together piece by piece: each is a str like any other, and none ever changes."""
import sys

text = ""
for number in range(3000):
    text += str(number) + ","
print(len(text), text[:10], text[-10:], hash(text) == hash(",".join(map(str, range(3000))) + ","))
assert text == "".join(f"{number}," for number in range(3000))

# Two that go on from the same one do not see each other's ends.
one = two = text
one += "one"
two += "two!"
print(text[-5:], one[-6:], two[-6:], len(one) - len(text), len(two) - len(text))
one += one
print(len(one), one[-3:], one.count("one"), text.endswith("2999,"))

# Wider characters.
wide = "x" * 2000
steps = []
for part in ("y", "\xe9", "z", "\u20ac", "w", "\U0001f40d", "v", "\ud800"):
    wide += part
    steps.append(wide)
print([len(step) for step in steps], [ascii(step[-2:]) for step in steps], steps[0].isascii(), steps[1].isascii())
print([ascii(max(step)) for step in steps])

# As keys, in sets, interned, compared, sliced, formatted, encoded.
base = "k" * 1500
keys = {}
for number in range(50):
    base += "."
    keys[base] = number
print(keys["k" * 1500 + "." * 20], len(keys), base in {base}, base.encode()[-2:], f"{base:.3}", base[1499:1502])
print(sys.intern(base) == base, base is sys.intern(base), base.upper()[-3:], base.split("k")[-1] == "." * 50)
same = base
base += ""
print(base is same, base == same)


class Text(str):
    pass


sub = Text("s" * 2000)
sub += "!"
print(type(sub).__name__, len(sub), sub[-2:])
try:
    base += "x"
    base.attribute = 1
except AttributeError as error:
    print(error)
try:
    base += 1
except TypeError as error:
    print(error)
print(len(base), base[-2:])
lines = "line " * 400
for number in range(1000):
    lines += f"{number}\n"
print(len(lines.splitlines()), lines.splitlines()[-1])
