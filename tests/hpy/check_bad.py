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
    ("raises", "raises.hpy0.so"),
    ("cpy_simple", "cpy_simple.hpy0.so"),
    ("directory", "directory.hpy0.so"),
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
        said = str(e)
        if name == "cpy_simple":
            # Whose symbols are missed first is up to the system's loader.
            said = said.partition("'. ")[0]
        print(name, "->", said, repr(e.__cause__), repr(e.__context__))
good = sys.argv[1] + "/pof.hpy0.so"
m = hpy.universal.load("pof", good, Spec("pof", good))
print(m.__name__, m.add_ints(1, 2))
print(hpy.universal.get_version()[0])

if sys.implementation.name == "sidewinder":
    # The system's loader kills the process over a file that ends within what it maps.
    import os
    import tempfile

    with open(good, "rb") as file:
        whole = file.read()
    refused = 0
    with tempfile.TemporaryDirectory() as directory:
        path = directory + "/pof.hpy0.so"
        for length in [10, 63, 64, 100, 500, *range(1000, len(whole), 1000)]:
            with open(path, "wb") as file:
                file.write(whole[:length])
            try:
                hpy.universal.load("pof", path, Spec("pof", path))
            except RuntimeError as e:
                assert str(e).startswith("Error during loading of the HPy extension module at path"), e
                refused += 1
            os.unlink(path)
    # What follows the loaded parts is for debuggers.
    assert refused > 10, refused
