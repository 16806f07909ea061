# bytes: literals, indexing, methods, conversions.
b = b"hello\x00\xff\n'quote'"
print(b, len(b), b[0], b[-1], b[1:4], b[::-1][:3], list(b[:3]), b"\x41\t\\", b'"', b"'", b"'\"", rb"\n", b"a" b"b")
print(bytes(), bytes(3), bytes([1, 2, 255]), bytes("é", "utf-8"), bytes(b"x"), bytes(range(5)), bytes((65, 66)), bytes(bytearray(b"z")))
for bad in [lambda: bytes([256]), lambda: bytes([-1]), lambda: bytes("a"), lambda: bytes(-1), lambda: bytes(["a"]), lambda: b[100], lambda: b["a"], lambda: b"a" + "b", lambda: bytes(1.5), lambda: b"a" % 1]:
    try:
        bad()
    except (ValueError, TypeError, IndexError) as e:
        print(type(e).__name__, e)
print(b"a" + b"b", b"ab" * 3, b"a" in b"cat", 97 in b"cat", b"" in b"", b"a" < b"b", b"a" == b"a", b"a" != "a", hash(b"ab") == hash(b"a" + b"b"))
s = b"the quick brown the fox"
print(s.find(b"the", 1), s.rfind(b"the"), s.index(b"q"), s.count(b"the"), s.find(113), s.startswith(b"the"), s.endswith((b"x", b"fox")))
print(s.split(), s.split(b" ", 1), s.rsplit(b" ", 1), s.partition(b"quick"), s.rpartition(b"the"), b"a\nb\r\nc".splitlines(), s.replace(b"the", b"THE"), s.replace(b" ", b"", 2))
print(b"  x ".strip(), b"xxaxx".strip(b"x"), b"  x".lstrip(), b"x  ".rstrip(), b"-".join([b"a", b"b"]), b"ab".upper(), b"AB".lower(), b"ab cd".title(), b"ab".capitalize(), b"aB".swapcase())
print(b"ab".center(6, b"*"), b"ab".ljust(4), b"ab".rjust(4), b"42".zfill(5), b"a\tb".expandtabs(4), b"pre-x".removeprefix(b"pre-"), b"x.y".removesuffix(b".y"))
print(b"abc".isalpha(), b"12".isdigit(), b"a1".isalnum(), b" ".isspace(), b"ab".islower(), b"AB".isupper(), b"Ab".istitle(), b"\x80".isascii())
print(b"abc".hex(), b"\x01\xff".hex(":"), b"\x01\x02\x03\x04".hex("-", 2), bytes.fromhex("01 ff Ab"), b"abc".translate(bytes.maketrans(b"ab", b"xy")), b"abc".translate(None, b"b"))
print(b"caf\xc3\xa9".decode(), b"caf\xe9".decode("latin-1"), b"\xff\xfea".decode("utf-8", "replace"), b"a\xffb".decode("ascii", "ignore"), b"\xff".decode("utf-8", "backslashreplace"), b"a\xff".decode("utf-8", "surrogateescape").encode("utf-8", "surrogateescape"))
for data in [b"\xff", b"ab\xc3", b"\xed\xa0\x80", b"\xf0\x9f\x98", b"\xc0\x80"]:
    try:
        data.decode()
    except UnicodeDecodeError as e:
        print(e, e.start, e.end, e.reason, e.object, e.encoding)
try:
    b"\x80".decode("ascii")
except UnicodeDecodeError as e:
    print(e)
try:
    b"a".decode("no-such-codec")
except LookupError as e:
    print(e)
try:
    bytes.fromhex("0g")
except ValueError as e:
    print(e)
print(b"%d %s %x %r %b %c %5.1f %a" % (1, b"s", 255, "q", b"b", 65, 2.5, "é"), [c for c in b"ab"], sorted(b"ba"), max(b"abc"), bytes(reversed(b"abc")))
print(b"abc"[1:2] == b"b", tuple(b"ab"), b"".join([]), str(b"ab"), repr(b"\x00"), b"a" and 1, b"" or 2)
try:
    b"ab"[0] = 1
except TypeError as e:
    print(e)
