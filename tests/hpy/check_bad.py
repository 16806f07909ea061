# hpy.universal.load on files that are not HPy extensions.
import sys

sys.path.insert(0, sys.argv[1])

import hpy.universal

base = sys.argv[2]


class Spec:
    def __init__(self, name, origin):
        self.name = name
        self.origin = origin


for name, file in [
    ("ordinary", "ordinary.hpy0.so"),
    ("major", "major.hpy0.so"),
    ("minor", "minor.hpy0.so"),
    ("nocontext", "nocontext.hpy0.so"),
    ("noinit", "noinit.hpy0.so"),
    ("nullinit", "nullinit.hpy0.so"),
    ("notag", "notag.so"),
    ("othertag", "othertag.hpy3.so"),
    ("text", "text.hpy0.so"),
    ("empty", "empty.hpy0.so"),
    ("missing", "missing.hpy0.so"),
    ("wrongname", "nullinit.hpy0.so"),
]:
    path = base + "/" + file
    try:
        hpy.universal.load(name, path, Spec(name, path))
        print("loaded?")
    except RuntimeError as e:
        print(name, "->", e)
good = sys.argv[1] + "/pof.hpy0.so"
m = hpy.universal.load("pof", good, Spec("pof", good))
print(m.__name__, m.add_ints(1, 2))
print(hpy.universal.get_version()[0])
