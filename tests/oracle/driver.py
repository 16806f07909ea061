"""Inside Pyodide: run one script the way `python SCRIPT` would, and say what it did."""

import builtins
import gc
import io
import json
import linecache
import os
import sys
import types

REPO = "/repo/"
RECURSION_LIMIT = 1000


def text_file():
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="surrogateescape", write_through=True)


def exit_status(code):
    """The process's exit status for SystemExit(code), with what CPython prints for it."""
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1


# A script may replace them; the next one must not notice.
HOOKS = (sys.excepthook, sys.displayhook)


def execute(path):
    main = types.ModuleType("__main__")
    main.__file__ = path
    main.__builtins__ = builtins
    sys.modules["__main__"] = main
    try:
        with open(path, "rb") as f:
            code = compile(f.read(), path, "exec", dont_inherit=True)
        exec(code, main.__dict__)
    except SystemExit as e:
        return exit_status(e.code)
    except BaseException as e:
        # Leave this function's own frame out, as the interpreter's main would be.
        sys.excepthook(type(e), e, e.__traceback__.tb_next if e.__traceback__ else None)
        return 1
    return 0


def run(script):
    path = REPO + script
    os.chdir(REPO)
    kept = (sys.stdout, sys.stderr, list(sys.path), list(sys.argv), sys.modules["__main__"])
    modules = set(sys.modules)
    sys.stdout, sys.stderr = text_file(), text_file()
    sys.path[0:0] = [os.path.dirname(path)]
    sys.argv[:] = [path]
    sys.excepthook, sys.displayhook = HOOKS
    sys.setrecursionlimit(RECURSION_LIMIT)
    linecache.clearcache()
    try:
        status = execute(path)
        gc.collect()
        out = sys.stdout.buffer.getvalue().decode("utf-8", "backslashreplace")
        err = sys.stderr.buffer.getvalue().decode("utf-8", "backslashreplace")
    finally:
        sys.stdout, sys.stderr = kept[0], kept[1]
        sys.path[:] = kept[2]
        sys.argv[:] = kept[3]
        sys.modules["__main__"] = kept[4]
        for name in set(sys.modules) - modules:
            if getattr(sys.modules[name], "__file__", None) is None or REPO in str(sys.modules[name].__file__):
                del sys.modules[name]
    return json.dumps({"status": status, "out": out.replace(REPO, ""), "err": err.replace(REPO, "")})
