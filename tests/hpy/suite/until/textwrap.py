"""Until the library has `textwrap`."""


def dedent(text):
    lines = [line if line.strip() else "" for line in text.split("\n")]
    indents = [len(line) - len(line.lstrip()) for line in lines if line]
    cut = min(indents, default=0)
    return "\n".join(line[cut:] for line in lines)
