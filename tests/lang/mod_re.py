"""re on _sre: every kind of pattern, and pattern, match and scanner objects."""
import re


def fails(f, *args, **kwargs):
    try:
        print(f(*args, **kwargs))
    except Exception as e:
        print(type(e).__name__, e)


TESTS = [
    (r"abc", "xabcx"), (r"a.c", "a\nc abc"), (r"(?s)a.c", "a\nc"), (r"[a-c]+", "xxabcabcx"), (r"[^a-c]+", "abxyzc"),
    (r"a*?b", "aaab"), (r"a+b", "caaab"), (r"a{2,3}", "aaaa"), (r"a{2,3}?", "aaaa"), (r"(a|b)*c", "ababc"),
    (r"(ab)+", "ababab"), (r"(?:ab)+?b?", "abab"), (r"(a)(b)?(c)", "ac"), (r"(?P<x>a)(?P=x)", "baa"), (r"(a)\1", "aa"),
    (r"^abc$", "abc\n"), (r"(?m)^b$", "a\nb\nc"), (r"\Aab", "abab"), (r"ab\Z", "abab"), (r"\bfoo\b", "a foo b"),
    (r"\Boo", "foo"), (r"(?=ab)a", "xab"), (r"(?!ab)a.", "abac"), (r"(?<=x)a", "axa"), (r"(?<!x)a", "xaa"),
    (r"(?<=(x))a(?!b)", "xaxab"), (r"(?i)ABC", "xaBc"), (r"(?i)[a-z]+", "ABCdef"), (r"(?i)é", "É"), (r"(?ia)k", "\u212a"),
    (r"(?i)k", "\u212a"), (r"\d+", "ab123"), (r"\w+", "-- héé_1"), (r"\s+", "a \t\nb"), (r"\D+\W\S", "ab 12"),
    (r"(?a)\w+", "héé"), (r"(a)?b(?(1)c|d)", "abc bd"), (r"(?>a+)b", "aaab"), (r"(?>a+)ab", "aaab"), (r"a++b", "aab"),
    (r"a++ab", "aab"), (r"(?:ab)++c", "ababc"), (r"(?:ab)*+ab", "abab"), (r"(a*)*", "aa"), (r"(a*)+b", "aab"),
    (r"(?:a|ab)(?:c|bcd)(d*)", "abcd"), (r"", "abc"), (r"(|a)+", "aaa"), (r"(?:(a)|b)*", "ab"), (r"([ab]*?)(?=(b)?)c", "abc"),
    (r"x*", "axb"), (r"\u0430+", "баab"), (r"[\u0430-\u044f]+", "zебаz"), (r"[^\x00-\x7f]+", "abcжжabc"), (r"😀+", "a😀😀b"),
    (r"(?x) a  b # comment", "ab"), (r"[]a]+", "]a]"), (r"[\]\-a]+", "a-]"), (r"a|b|cd|ce", "ce"), (r"(a+)+$", "aaaa"),
    (r"((a)|b)+?c", "abac"), (r"(?:x|(?:y(?:z)*)*)w", "yzzyzw"), (r"(.*)c(.*)", "abcde"), (r"a.*b.*c", "aXbXcXbX"),
    (r"(?i:a)b", "Ab"), (r"(?-i:a)b", "aB"), (r"(?s:.)(.)", "\n\n"),
]
for pattern, text in TESTS:
    try:
        m = re.search(pattern, text)
    except re.error as e:
        print(ascii(pattern), "error", e)
        continue
    print(ascii(pattern), m and (m.span(), m.groups(), m.lastindex, m.regs), bool(re.match(pattern, text)),
          bool(re.fullmatch(pattern, text)), len(re.findall(pattern, text)))

print(re.findall("a", "banana"), re.findall("(a)(n)?", "banana"), re.findall("", "ab"))
print(re.split(r"[,;]\s*", "a, b;c,,d"), re.split("(,)", "a,b"), re.split(",", "a,b,c", maxsplit=1), re.split("x*", "axbc"))
print(re.sub("a", "X", "banana"), re.sub("a", "X", "banana", count=2), re.subn("(a)(n)", r"\2\1", "banana"))
print(re.sub("(?P<q>b)", r"[\g<q>\g<0>\g<1>]", "abc"), re.sub("x*", "-", "abxd"), re.sub(".", lambda m: m[0].upper(), "abc"))
print(re.sub(b"a", rb"\\", b"banana"), re.sub("(a)|b", r"\1!", "ab"), re.sub("a", "é", "banana"), re.sub("q", "", "abc"))
print([m.span() for m in re.finditer("a|x*", "bab")], [m.group() for m in re.compile("b").finditer("abcb", 2)])
p = re.compile(r"(?P<first>\w)(?P<second>\d)?", re.I | re.M)
print(p, p.pattern, p.flags, p.groups, dict(p.groupindex), p == re.compile(p.pattern, re.I | re.M), hash(p) == hash(p))
print(re.compile(b"a", re.A if False else 0), re.compile("a", re.A), re.compile("a" * 300))
m = p.match("ab1", 1)
print(m, m.pos, m.endpos, m.re is p, m.string, m.lastgroup, m.groupdict(), m["first"], m[0], m.group("first", 2), m.expand(r"\2-\g<first>"))
print(m.start("second"), m.end(2), m.span("first"))
m = p.match("a")
print(m.groups(), m.groups("none"), m.groupdict("x"), m.start(2), m.span(2), m[2])
fails(m.group, 5)
fails(m.group, "nope")
fails(m.start, -1)
fails(m.__getitem__, 2**100)
fails(p.match, 5)
fails(p.match, b"a")
fails(re.compile(b"a").match, "a")
fails(re.sub, "a", 5, "a")
fails(re.sub, "a", lambda m: 5, "a")
fails(re.compile, "(")
fails(re.compile, "[a")
fails(re.compile, "a**")
fails(re.compile, r"(?P<1>a)")
fails(re.compile, r"(?<=a*)b")
fails(re.sub, "a", r"\5", "a")
fails(re.Pattern)
fails(re.Match)
print(re.match("abc", "abcd").endpos, re.compile("b").search("abcb", 2, 3), re.compile("c$").search("abc", 0, 2), re.compile("^b").search("ab", 1))
print(re.compile(r"a").match("ba", 1), re.compile("").match("abc", 5, 1), re.compile("a").search("a", -5))
s = re.compile(r"\d|x*").scanner("12a")
print([s.search() and s.search for _ in range(0)], s.match().span(), s.match().span(), s.match().span(), s.match(), s.search())
s = p.scanner("a1")
print(s.pattern is p, s.match(), s.match())
print(re.search(b"b+", bytearray(b"abba")), re.search(b"b+", memoryview(b"abba")).group(), re.findall(rb"\w", "é".encode()))
import copy
print(copy.copy(p) is p, copy.deepcopy(m) is m, list[re.Pattern[str]], re.Match[str])
print(re.escape("a.b*c"), re.match(r"(a(b)(c))", "abc").lastindex, re.match("(a)(b)", "ab").lastindex)
big = "x" * 5000 + "needle" + "y" * 5000
print(re.search("needle", big).start(), re.search("n[e]{2}dle", big).start(), len(re.findall("x", big)), re.search("(?:x|z)*n", big).end())
print(re.search("(x+x+)+n", big[4990:]).span(), re.match("(?:.|\n)*", big).end(), re.match("(?:a?b??)*$", "ab" * 50).end())


class S(str):
    pass


print(type(re.match("ab", S("ab")).group()), type(re.sub("q", "", S("ab"))), type(re.split(",", S("a"))[0]))


class Tokenizer:
    def run(self, text):
        scanner = re.Scanner([(r"\d+", lambda s, t: int(t)), (r"\w+", lambda s, t: t), (r"\s+", None)])
        return scanner.scan(text)


print(Tokenizer().run("abc 12 x !"))
print([bool(re.match(p, s, re.I)) for p, s in [("ß", "ẞ"), (r"\ufb05", "\ufb06"), ("\u0390", "\u1fd3"), ("İ", "i"), ("\u1e60", "\u1e9b")]])
