# What imports raise.
import sys

for source in [
    "import no_such_module",
    "import no.such.module",
    "import pkg.nothing",
    "from pkg import nothing",
    "from pkg.first import nothing",
    "import pkg.first.deeper",
    "import math.x",
    "from math import nothing",
    "from . import x",
    "from .x import y",
    "from ..x import y",
    "import pkg.beyond",
    "from no_such import *",
]:
    try:
        exec(source, {"__name__": "__main__"})
    except ImportError as e:
        text = str(e)
        if "(" in text:
            text = text[: text.index("(")]
        print(source, "->", type(e).__name__, text, "|", e.name)
try:
    import pkg.broken
except ValueError as e:
    print(e, "pkg.broken" in sys.modules, hasattr(sys.modules["pkg"], "broken"))
try:
    from pkg import broken
except ValueError as e:
    print("runs again:", e)
try:
    import pkg.bad_syntax
except SyntaxError as e:
    print(type(e).__name__, e.msg, e.lineno, e.offset, e.filename.endswith("bad_syntax.py"))
for bad in [lambda: __import__(""), lambda: __import__(5), lambda: __import__("pkg", level=-1)]:
    try:
        bad()
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
sys.modules["blocked"] = None
try:
    import blocked
except ModuleNotFoundError as e:
    print(e)
try:
    try:
        import missing_one
    except ImportError:
        import missing_two
except ImportError as e:
    print(e, "after", e.__context__)
try:
    import sys as s, missing_three, pkg as never_bound
except ImportError:
    print("s" in globals(), "never_bound" in globals())
try:
    sys.no_such_attribute
except AttributeError as e:
    print(e)
import pkg

try:
    pkg.no_such_attribute
except AttributeError as e:
    print(e)
