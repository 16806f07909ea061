# Strings: literals, escapes, indexing, slicing, comparison, unicode widths.
s = "hello, world"
print(len(s), s[0], s[-1], s[4:7], s[:5], s[7:], s[-5:-1], s[::2], s[::-1], s[10:2:-3], s[5:1], s[100:], s[-100:3])
print("tab\there", 'quote\'s "in" it', "back\\slash", "nul\0in", "\x41\u00e9\u20ac\U0001F600", "\101\60")
print(r"raw\n\t", "line\
continued", """triple
"quoted" 'text'""", "a" 'b' """c""")
print(repr("it's"), repr('say "hi"'), repr("it's \"both\""), repr("\n\t\r\\\0\x7f\x80\xad\u200b\ud800"), repr("é€😀"), ascii("é€😀\n'"))
for text in ["abc", "àéî", "日本語", "a😀b", "", "x" * 5]:
    print(text, len(text), [c for c in text], text[::-1], repr(text), text.encode(), sorted(text))
print("a😀é"[1], "a😀é"[2], "a😀é"[1:], len("a😀é"[0:1] + "é"), "日本"[0] + "x")
for bad in [lambda: s[20], lambda: s[-13], lambda: s["a"], lambda: s[1.0], lambda: s[None], lambda: s[::0]]:
    try:
        bad()
    except (IndexError, TypeError, ValueError) as e:
        print(type(e).__name__, e)
try:
    s[0] = "J"
except TypeError as e:
    print(e)
try:
    del s[0]
except TypeError as e:
    print(e)
print("a" + "b", "ab" * 3, 0 * "x", -1 * "x", "a" in "cat", "" in "", "ct" in "cat", "é" in "café")
for bad in [lambda: "a" + 1, lambda: 1 + "a", lambda: "a" * "b", lambda: "a" * 1.5, lambda: 1 in "abc", lambda: "a" - "b"]:
    try:
        bad()
    except TypeError as e:
        print(e)
print("a" < "b", "a" < "B", "é" > "z", "😀" > "\uffff", "abc" == "abc", "abc" != "abd", "a" <= "a")
print(str(), str(1), str(None), str([1, "a"]), str(b"ab"), str(b"caf\xc3\xa9", "utf-8"), str(b"\xff", "latin-1"), str(object=5))
print(ord("a"), ord("€"), chr(97), chr(0x1F600), chr(0), max("hello"), min("hello"))
for bad in [lambda: ord("ab"), lambda: ord(""), lambda: chr(-1), lambda: chr(0x110000), lambda: ord(5)]:
    try:
        bad()
    except (TypeError, ValueError, OverflowError) as e:
        print(type(e).__name__, e)
x = ""
for i in range(300):
    x += chr(97 + i % 26)
    if i == 200:
        x += "é"
    if i == 250:
        x += "😀"
print(len(x), x[199:205], x[249:256], x[-3:])
print("".join([]), "".join(["a"]), "-".join("abc"), ", ".join(str(i) for i in range(4)), "é".join(["a", "b"]))
print(hash("abc") == hash("a" + "bc"), iter("ab").__next__(), list(reversed("abc")), tuple("ab"))
print(*"abc", sep="|")
