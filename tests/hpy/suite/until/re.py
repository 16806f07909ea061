"""Until the library has `re`: the patterns that HPy's suite uses."""


class _Match:
    def __init__(self, *groups):
        self.groups = groups

    def group(self, i):
        return self.groups[i]


class _Marker:
    """^\\s*@([A-Za-z_]+)(\\(.*\\))?$"""

    def match(self, line):
        text = line.strip()
        if not text.startswith("@"):
            return None
        name, paren, args = text[1:].partition("(")
        if not name.replace("_", "a").isalpha() or (paren and not args.endswith(")")):
            return None
        return _Match(text, name, paren + args if paren else None)


def compile(pattern):
    if "@" in pattern:
        return _Marker()
    raise NotImplementedError(f"re.compile({pattern!r})")


def escape(text):
    return _Literal(text)


class _Literal(str):
    pass


def search(pattern, text):
    if isinstance(pattern, _Literal) or not set(pattern) & set("\\^$*+?{}[]|()"):
        return pattern in text
    raise NotImplementedError(f"re.search({pattern!r})")


def match(pattern, text):
    raise NotImplementedError(f"re.match({pattern!r})")
