# Searching, splitting, replacing, stripping.
s = "the quick brown fox jumps over the lazy dog"
print(s.find("the"), s.find("the", 1), s.find("cat"), s.find("o", 13, 18), s.rfind("the"), s.rfind("o", 0, 20), s.find(""), s.find("", 50), s.rfind(""))
print(s.index("quick"), s.rindex("o"), s.count("o"), s.count("the"), s.count(""), "aaaa".count("aa"), s.count("o", 20))
for bad in [lambda: s.index("cat"), lambda: s.rindex("cat"), lambda: s.find(1), lambda: s.count(None)]:
    try:
        bad()
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
print(s.startswith("the"), s.startswith("quick", 4), s.startswith(("a", "t")), s.endswith("dog"), s.endswith("lazy", 0, -4), s.endswith(("x", "g")), s.startswith(""), s.startswith((), 0))
print(s.split(), s.split(" ", 2), s.split("o"), "a,b,,c".split(","), ",".split(","), "".split(","), "".split(), "  a  b ".split(), "  a  b ".split(" "), " a b c ".split(None, 1))
print(s.rsplit(" ", 2), s.rsplit(None, 1), "a,b,c".rsplit(",", 1), "abc".split("bc"), "aXXbXXc".split("XX"), "a  b   c".split(maxsplit=1), "abc".rsplit(sep="b"))
print("a\nb\r\nc\rd\x0be\u2028f".splitlines(), "a\nb\n".splitlines(), "a\nb\n".splitlines(True), "\n".splitlines(), "".splitlines(), "x".splitlines(keepends=True))
print("a=b=c".partition("="), "a=b=c".rpartition("="), "abc".partition("="), "abc".rpartition("="), "==".partition("=="))
for bad in [lambda: "a".split(""), lambda: "a".partition(""), lambda: "a".split(1), lambda: "a".join([1]), lambda: "a".join(["b", None]), lambda: "a".join(5)]:
    try:
        bad()
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
print(s.replace("the", "THE"), s.replace("o", "0", 2), "aaa".replace("a", "bb"), "abc".replace("", "-"), "abc".replace("", "-", 2), "abc".replace("x", "y"), "aaaa".replace("aa", "a"), "abc".replace("b", ""), "a.b.c".replace(".", "/", count=1))
print(repr("  x ".strip()), repr("  x ".lstrip()), repr("  x ".rstrip()), "xxaxx".strip("x"), "abcba".strip("ab"), "abcba".lstrip("ba"), "abcba".rstrip("ab"), repr("\t\n x\u00a0\u2003".strip()), "aaa".strip("a"), "é1é".strip("é"))
print("prefix-body".removeprefix("prefix-"), "body.txt".removesuffix(".txt"), "abc".removeprefix("x"), "abc".removesuffix(""))
print("a\tb\tc".expandtabs(), "a\tb".expandtabs(4), "12345678\tx".expandtabs(), "\t\ta".expandtabs(2), "a\nb\tc".expandtabs(3))
print("42".zfill(5), "-42".zfill(5), "+42".zfill(6), "abc".zfill(2), "".zfill(3))
print(repr("ab".center(6)), repr("ab".center(5)), repr("abc".center(6)), repr("ab".ljust(5)), repr("ab".rjust(5)), "ab".center(7, "*"), "ab".ljust(5, "."), "ab".rjust(5, "0"), "ab".center(1))
try:
    "ab".center(5, "xy")
except TypeError as e:
    print(e)
table = str.maketrans("abc", "xyz", "d")
print("aabbccdd-e".translate(table), "abc".translate({97: None, 98: "BB", 99: 67}), "abc".translate(str.maketrans({"a": "1", "b": None})))
print(sorted(table.items(), key=lambda p: p[0]))
print("{}".format("x"), "abc".encode("ascii"), "é".encode("latin-1"), "é€".encode("utf-8"), "é".encode("ascii", "replace"), "é".encode("ascii", "ignore"), "é".encode("ascii", "backslashreplace"), "é€".encode("ascii", "xmlcharrefreplace"))
try:
    "é".encode("ascii")
except UnicodeEncodeError as e:
    print(e)
