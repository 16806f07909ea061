# Case methods and character classes.
words = ["hello world", "Hello World", "HELLO", "hello", "they're bill's", "ǆabc", "ß", "İ", "ΑΣ", "straße", "123abc", "", "a1b2", "éCOLE", "ﬁne"]
for w in words:
    print(repr(w), w.upper(), w.lower(), w.title(), w.capitalize(), w.swapcase(), w.casefold())
    print(w.isupper(), w.islower(), w.istitle())
samples = ["abc", "ABC1", "123", "12.3", "²", "½", "٣", "一", " ", "\t\n", "a b", "", "_x1", "1x", "class", "é", "Ⅷ", "abc\n", "\x00", "\u200b", "😀", "a-b", "٠١"]
for t in samples:
    print(ascii(t), t.isalpha(), t.isdigit(), t.isdecimal(), t.isnumeric(), t.isalnum(), t.isspace(), t.isidentifier(), t.isprintable(), t.isascii())
print("hELLO wORLD-foo_bar's 3rd".title(), "x1y2".title(), "a.b c".title())
print("abc".upper() == "ABC", "Straße".casefold() == "STRASSE".casefold(), "ς".upper(), "Σ".lower(), "ΟΔΟΣ".lower())
print([c for c in map(chr, range(256)) if c.isspace()])
print("".join(c for c in map(chr, range(128)) if c.isalnum()))
print("".join(c for c in map(chr, range(128)) if not c.isprintable()).encode())
