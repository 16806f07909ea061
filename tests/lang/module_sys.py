# sys as scripts see it.
import sys

print(sys.argv[0].endswith("module_sys.py"), len(sys.argv), sys.version_info[:2], sys.version_info.major, sys.version_info >= (3, 14), sys.version.startswith("3.14"), sys.byteorder)
print(type(sys.version_info).__name__, sys.version_info.releaselevel, sys.hexversion >> 16 == 0x030E)
print(isinstance(sys.path, list), "sys" in sys.modules, sys.modules["sys"] is sys, isinstance(sys.modules, dict), sys.getrecursionlimit(), sys.__name__, sys.maxsize > 2 ** 30, sys.maxunicode)
print(sys.stdout.write("written\n"), sys.getdefaultencoding(), sys.intern("abc") is sys.intern("a" + "bc"), sys.float_info.max, sys.float_info.epsilon, sys.int_info.default_max_str_digits)
print(callable(sys.exit), "math" in sys.builtin_module_names or True, isinstance(sys.platform, str), isinstance(sys.executable, str), sys.flags.optimize, sys.dont_write_bytecode in (True, False))
print(sys.exc_info(), sys.exception())
try:
    1 / 0
except ZeroDivisionError as e:
    kind, value, tb = sys.exc_info()
    print(kind.__name__, value is e, tb is e.__traceback__, sys.exception() is e)

    def inner():
        return sys.exception()

    print(inner() is e)
print(sys.exc_info())
for code in [None, 0, 3, "text", (1, 2)]:
    try:
        sys.exit(code)
    except SystemExit as e:
        print(repr(e), repr(e.code))
try:
    sys.exit(1, 2)
except TypeError as e:
    print(e)


def frame_names():
    f = sys._getframe()
    names = []
    while f is not None and f.f_code.co_name != "<module>":
        names.append((f.f_code.co_name, f.f_lineno))
        f = f.f_back
    return names


def outer():
    local = 1
    return frame_names(), sys._getframe().f_locals["local"], sys._getframe(1).f_code.co_name


print(outer())
print(sys._getframe().f_globals is globals(), sys._getframe().f_back is None or True)
try:
    sys._getframe(1000)
except ValueError as e:
    print(e)


class Hook:
    def write(self, s):
        collected.append(s)

    def flush(self):
        pass


collected = []
old, sys.stdout = sys.stdout, Hook()
print("hello", 5)
sys.stdout = old
print(collected)
shown = []
sys.displayhook = lambda v: shown.append(v)
exec(compile("1 + 1\n", "s", "single"))
sys.displayhook = sys.__displayhook__
print(shown)
sys.displayhook("shown")
sys.displayhook(None)
import builtins

print(builtins._)
print(sys.getsizeof([]) > 0, sys.getsizeof("abc") > sys.getsizeof(""), sys.is_finalizing())
print(sys.get_int_max_str_digits())
sys.set_int_max_str_digits(0)
print(len(str(10 ** 6000)))
sys.set_int_max_str_digits(4300)
print(sys.implementation.version[:2] == sys.version_info[:2], isinstance(sys.implementation.name, str), sys.copyright is not None)
print(sys.stdin is not None, sys.stdout.encoding.lower())
