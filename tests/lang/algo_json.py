# A JSON writer and reader in plain Python.
def dump(value, indent=None, level=0):
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        out = ['"']
        for c in value:
            if c in '"\\':
                out.append("\\" + c)
            elif c == "\n":
                out.append("\\n")
            elif ord(c) < 32:
                out.append("\\u%04x" % ord(c))
            else:
                out.append(c)
        return "".join(out) + '"'
    if isinstance(value, (int, float)):
        return repr(value)
    if indent is None:
        newline, inner, comma = "", "", ", "
    else:
        newline, inner = "\n" + " " * (indent * level), "\n" + " " * (indent * (level + 1))
        comma = "," + inner
    if isinstance(value, (list, tuple)):
        if not value:
            return "[]"
        return "[" + inner + comma.join(dump(v, indent, level + 1) for v in value) + newline + "]"
    if isinstance(value, dict):
        if not value:
            return "{}"
        pairs = [f"{dump(str(k))}: {dump(v, indent, level + 1)}" for k, v in value.items()]
        return "{" + inner + comma.join(pairs) + newline + "}"
    raise TypeError(f"{type(value).__name__} cannot be written")


class Reader:
    WORDS = {"true": True, "false": False, "null": None}

    def __init__(self, text):
        self.text, self.at = text, 0

    def error(self, what):
        line = self.text.count("\n", 0, self.at) + 1
        raise ValueError(f"{what} at {self.at} (line {line})")

    def space(self):
        while self.at < len(self.text) and self.text[self.at] in " \t\r\n":
            self.at += 1

    def expect(self, c):
        self.space()
        if self.text[self.at : self.at + 1] != c:
            self.error(f"expected {c!r}")
        self.at += 1

    def peek(self):
        self.space()
        return self.text[self.at] if self.at < len(self.text) else ""

    def value(self):
        c = self.peek()
        if c == "{":
            return dict(self.sequence("{", "}", self.pair))
        if c == "[":
            return list(self.sequence("[", "]", self.value))
        if c == '"':
            return self.string()
        for word, v in self.WORDS.items():
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return v
        return self.number()

    def sequence(self, start, end, item):
        self.expect(start)
        if self.peek() == end:
            self.expect(end)
            return
        while True:
            yield item()
            if self.peek() == end:
                self.expect(end)
                return
            self.expect(",")

    def pair(self):
        key = self.string()
        self.expect(":")
        return key, self.value()

    def string(self):
        self.expect('"')
        out = []
        while True:
            if self.at >= len(self.text):
                self.error("unterminated string")
            c = self.text[self.at]
            self.at += 1
            if c == '"':
                return "".join(out)
            if c == "\\":
                c = self.text[self.at]
                self.at += 1
                if c == "u":
                    out.append(chr(int(self.text[self.at : self.at + 4], 16)))
                    self.at += 4
                else:
                    out.append({"n": "\n", "t": "\t"}.get(c, c))
            else:
                out.append(c)

    def number(self):
        start = self.at
        while self.at < len(self.text) and self.text[self.at] in "+-0123456789.eE":
            self.at += 1
        text = self.text[start : self.at]
        try:
            return float(text) if any(c in ".eE" for c in text) else int(text)
        except ValueError:
            self.error("bad value")


def load(text):
    reader = Reader(text)
    value = reader.value()
    if reader.peek():
        reader.error("extra text")
    return value


data = {"name": "Ünïcode \"quoted\" \\ \n end", "list": [1, -2.5, 1e100, [], {}, [[]]], "nested": {"a": {"b": {"c": [None, True, False]}}}, "big": 10 ** 30, "ctrl": "\x01"}
text = dump(data)
print(text)
print(load(text) == data)
print(dump(data, indent=2))
print(load(dump(data, indent=4)) == data, load(' [ 1 , "a\\u00e9\\t" , {"k" : null} ] '), load("0"), load('""'))
for bad in ["", "[1,", "[1 2]", '{"a" 1}', '"abc', "tru", "1 2", "[1,]", "{1: 2}", "-", "[\n\n!]"]:
    try:
        print(load(bad))
    except ValueError as e:
        print(repr(bad), "->", e)
try:
    dump({1})
except TypeError as e:
    print(e)
deep = []
for _ in range(50):
    deep = [deep]
print(load(dump(deep)) == deep)
