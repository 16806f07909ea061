# The smaller builtins.
print(abs(-5), abs(2.5), abs(True), divmod(17, 5), divmod(-17.5, 5), pow(2, 3), pow(2, 3, 5), pow(2.0, 3), round(2.567, 2), round(-7), max(1, 2.5), min("a", "b"))
print(bin(5), oct(8), hex(255), chr(97), ord("a"), ascii("é"), repr("é"), len("abc"), len({1: 2}), bool([]), bool("a"), callable(len), callable(5))
print(isinstance(5, int), isinstance(True, int), isinstance("a", (int, str)), issubclass(bool, int), isinstance([], list), isinstance(int, type), isinstance(None, type(None)), isinstance(len, type(len)))
print(type(5), type("a"), type(None), type(type), type(len), type([].append), type(lambda: 0), type(...), type(NotImplemented), type(int.__add__), type((1).__add__), type(str.upper), type(range(1)), type(iter([])), type({}.keys()), type(print))
print(int, str, object, ValueError, len, print)
print(repr([].append).startswith("<built-in method append of list object at 0x"), repr(str.upper), repr(int.__add__), (5).__add__ == (5).__add__)


class C:
    def m(self):
        pass


print(C, C.m.__name__, repr(C.m).startswith("<function C.m at 0x"), repr(C().m).startswith("<bound method C.m of <__main__.C object at 0x"))
o = C()
o.x = 1
print(vars(o), getattr(o, "x"), getattr(o, "y", None), hasattr(o, "y"), setattr(o, "y", 2), o.y, delattr(o, "y"), hasattr(o, "y"))
print([n for n in dir(o) if n[0] != "_"], "append" in dir([]), dir(5) == sorted(dir(5)), "__add__" in dir(int), "C" in dir(), "len" in dir(__builtins__))
print(id(o) == id(o), id(o) != id(C()), hash(o) == hash(o), hash("a") == hash("a"), id(None) == id(None))
ids = [id(C()) for _ in range(3)]
keep = [C() for _ in range(100)]
print(len(set(map(id, keep))), [id(k) for k in keep] == [id(k) for k in keep])
print(sorted([3, 1]), sorted("ba", reverse=True), list(reversed([1, 2])), sum([1, 2]), max([1, 2]), min([1, 2]), any([1]), all([]))
print(str(5), int("5"), float("5"), list("ab"), tuple("ab"), dict(a=1), set([1]), frozenset([1]), bytes(2), bool(0), object() is not object())
print(eval("1 + 2"), eval("[x for x in range(3)]"), eval("a + b", {"a": 1, "b": 2}), eval("x", {}, {"x": "local"}), eval(" 5"))
ns = {}
exec("x = 1\ndef f(n):\n    return n + x\ny = f(5)", ns)
print(ns["x"], ns["y"], ns["f"](10), sorted(k for k in ns if k != "__builtins__"))
exec("z = 5")
print(z)
code = compile("a * 2", "<test>", "eval")
print(eval(code, {"a": 21}), code.co_filename, code.co_name)
exec(compile("w = 7\nprint('executed', w)", "<test>", "exec"))
exec(compile("1 + 1", "<single>", "single"))
for bad in [lambda: eval("1 +"), lambda: eval("x = 1"), lambda: exec("if"), lambda: compile("1", "f", "wrong"), lambda: eval(5), lambda: exec("1", 5), lambda: eval("undefined_thing")]:
    try:
        bad()
    except (SyntaxError, ValueError, TypeError, NameError) as e:
        print(type(e).__name__, e)


def f(a, b=2):
    c = 3
    return sorted(locals().items()), "f" in globals(), locals() is not globals()


print(f(1), globals()["__name__"], __name__, globals() is locals(), "f" in vars())


def g():
    x = 1
    exec("x = 2; created = 3")
    return x, eval("x + 1")


print(g())
globals()["injected"] = "by globals()"
print(injected)
class L:
    inside = 1
    names = sorted(k for k in locals() if not k.startswith("__"))


print(L.names)
print(__file__.endswith("builtin_functions.py"), __doc__, __builtins__.len is len, __spec__ if "__spec__" in globals() and False else None)
import builtins

print(builtins.len is len, builtins.__name__, hasattr(builtins, "print"), len.__name__, len.__doc__ is not None, abs.__self__ is builtins, builtins.True_ if hasattr(builtins, "True_") else "no")
builtins.my_builtin = lambda: "found in builtins"
print(my_builtin())
del builtins.my_builtin
for bad in [lambda: abs(), lambda: hash(), lambda: chr("a"), lambda: bin("a"), lambda: round("a"), lambda: divmod(1), lambda: vars(5), lambda: dir(1, 2), lambda: isinstance(1, "int"), lambda: callable(), lambda: id(), lambda: len(5), lambda: ord("abc"), lambda: pow(1), lambda: round(1.5, "a"), lambda: pow(1.5, 2, 3)]:
    try:
        bad()
    except TypeError as e:
        print(e)
