# print's options, and files that are only objects with a write method.
import sys

print()
print("a", "b", 1, None, [1, "x"], sep=", ", end="!\n")
print("a", "b", sep="")
print("a", "b", sep=None, end=None)
print(*range(5), sep="-")
print("no newline", end="")
print("", "leading space")
print("\u00e9\u20ac\U0001F600", "tab\t|", "nul", sep="|")
print(1, 2.5, True, None, "s", b"b", (1,), {1: "a"}, {"x"}, 10 ** 25)
print(["a", 'b"', "c'", "\n"], ("x",), {"k": [None]}, "raw", repr("quoted"))


class File:
    def __init__(self):
        self.parts = []
        self.flushed = 0

    def write(self, text):
        self.parts.append(text)
        return len(text)

    def flush(self):
        self.flushed += 1


f = File()
print("to", "file", file=f)
print(1, end="", file=f, flush=True)
print(file=f)
print(f.parts, f.flushed)


class Str:
    def __str__(self):
        return "from __str__"

    def __repr__(self):
        return "from __repr__"


class Repr:
    def __repr__(self):
        return "only repr"


print(Str(), [Str()], Repr(), [Repr()], {Str(): Repr()}, f"{Str()} {Str()!r}", str(Repr()), "%s %r" % (Str(), Str()))
for bad in [lambda: print(sep=5), lambda: print(end=b""), lambda: print(file=5), lambda: print(bad=1)]:
    try:
        bad()
    except (TypeError, AttributeError) as e:
        print(type(e).__name__, e)


class Failing:
    def __str__(self):
        raise ValueError("no str")


try:
    print("before", Failing(), "after")
except ValueError as e:
    print("|", e)
sys.stdout.write("direct\n")
print(sys.stdout.write("") == 0)
old = sys.stdout
sys.stdout = File()
print("captured")
captured = sys.stdout.parts
sys.stdout = old
print(captured)
print("x" * 200)
print(print("returns"))
sys.stdout.flush()
for i in range(3):
    print(i, end=" " if i < 2 else "\n")
deep = []
for _ in range(20):
    deep = [deep]
print(deep)
a = [1]
a.append(a)
d = {"self": None}
d["self"] = d
print(a, d, (a,))
