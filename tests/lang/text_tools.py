# Text as scripts handle it: wrapping, tables, counting, transposing, simple ciphers.
poem = """Two roads diverged in a yellow wood,
And sorry I could not travel both
And be one traveler, long I stood
And looked down one as far as I could
To where it bent in the undergrowth;"""


def wrap(text, width):
    lines, current = [], ""
    for word in text.split():
        if current and len(current) + 1 + len(word) > width:
            lines.append(current)
            current = word
        else:
            current = current + " " + word if current else word
    if current:
        lines.append(current)
    return lines


for line in wrap(poem, 30):
    print("|" + line.ljust(30) + "|")
for i, line in enumerate(poem.splitlines(), 1):
    print(f"{i:>2}: {line[:20]:<20}{'...' if len(line) > 20 else ''} {len(line.split())} words")
letters = {}
for c in poem.lower():
    if c.isalpha():
        letters[c] = letters.get(c, 0) + 1
for c, n in sorted(letters.items(), key=lambda p: (-p[1], p[0]))[:5]:
    print(c, n, "*" * n)
rows = [("name", "qty", "price"), ("apple", 3, 1.25), ("banana", 12, 0.5), ("cherry", 100, 12.999)]
widths = [max(len(str(row[i])) for row in rows) for i in range(3)]
for row in rows:
    print(" | ".join(str(cell).rjust(w) if isinstance(cell, (int, float)) else str(cell).ljust(w) for cell, w in zip(row, widths)))


def caesar(s, k):
    return "".join(chr((ord(c) - base + k) % 26 + base) if c.isalpha() and (base := 65 if c.isupper() else 97) else c for c in s)


secret = caesar("Hello, World!", 3)
print(secret, caesar(secret, -3))


def rle(s):
    out, i = [], 0
    while i < len(s):
        j = i
        while j < len(s) and s[j] == s[i]:
            j += 1
        out.append((s[i], j - i))
        i = j
    return out


print(rle("aaabccdddd"), "".join(c * n for c, n in rle("aaabccdddd")))
print([w for w in poem.replace(",", "").replace(";", "").lower().split() if w == w[::-1]], " ".join(w.capitalize() for w in "the end of the day".split()), " ".join(reversed("one two three".split())))
groups = {}
for w in ["listen", "silent", "enlist", "google", "elgoog", "abc"]:
    groups.setdefault("".join(sorted(w)), []).append(w)
print(sorted(groups.values()))
csv = 'name,age\n"Smith, John",42\nJane,37\n'


def parse_csv(text):
    rows = []
    for line in text.strip().split("\n"):
        cells, current, quoted = [], "", False
        for c in line:
            if c == '"':
                quoted = not quoted
            elif c == "," and not quoted:
                cells.append(current)
                current = ""
            else:
                current += c
        cells.append(current)
        rows.append(cells)
    return [dict(zip(rows[0], r)) for r in rows[1:]]


print(parse_csv(csv))
print(*(f"{n:>3}{n * n:>5}{n ** 3:>6}" for n in range(1, 4)), sep="\n")
template = "Dear {name},\n  you owe ${amount:,.2f} since {date[0]}-{date[1]:02d}."
print(template.format(name="Bob", amount=1234.5, date=(2024, 3)))
binary = " ".join(f"{ord(c):08b}" for c in "Hi!")
print(binary, "".join(chr(int(b, 2)) for b in binary.split()))
print("\n".join("".join("#" if (x & y) == 0 else "." for x in range(16)) for y in range(8)))
vowels = str.maketrans("aeiou", "AEIOU")
print("programming language".translate(vowels), sum(c in "aeiou" for c in poem), "-".join("abc"), "a-b-c".rsplit("-", 1), "x=1;y=2".replace(";", "&").partition("&"))
print(f"{'left':<10}|{'right':>10}|{'mid':^10}|{3.14159:.2f}|{42:#x}|{1e6:,.0f}|{0.256:.1%}")
long = "x" * 1000
print(len(long + long), (long + "y").find("y"), long.count("x"), long == "x" * 1000, long[:3] + long[-3:])
