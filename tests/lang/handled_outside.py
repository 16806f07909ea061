# A generator that handles no exception sees the one its caller handles; chains of contexts may have
# cycles; what exceptions keep besides their arguments survives pickling.
import copy
import sys


def watch():
    while True:
        try:
            yield type(sys.exception()).__name__
        except KeyError:
            yield type(sys.exception()).__name__


g = watch()
print(next(g))
try:
    raise ValueError
except ValueError:
    print(next(g))
    print(g.throw(KeyError))
    print(next(g))
print(next(g))


def reraise():
    yield 1
    raise


g = reraise()
next(g)
try:
    raise ValueError("outside")
except ValueError:
    try:
        next(g)
    except ValueError as e:
        print("again:", e)

a, b, c = KeyError("a"), KeyError("b"), KeyError("c")
a.__context__, b.__context__, c.__context__ = b, c, b
try:
    try:
        raise a
    except KeyError:
        raise TypeError("new")
except TypeError as e:
    print(repr(e.__context__), repr(e.__context__.__context__))

e = copy.copy(ImportError("no", name="n", path="p"))
print(e.msg, e.name, e.path)
e.__init__("yes")
print(e.msg, e.name, e.path)
for e in OSError(9999, "no", "f"), OSError(9999, "no", "f", None, "g"):
    print(repr(copy.copy(e)), copy.copy(e))
print(AttributeError("x", name="n").__reduce__()[2]["name"])


class ByInit(OSError):
    def __init__(self, a, b, more):
        super().__init__(a, b)
        self.more = more


class ByNew(OSError):
    def __new__(cls, a, more):
        self = OSError.__new__(cls, a, "text")
        self.more = more
        return self


print(repr(ByInit(9999, "two", 3)), ByInit(9999, "two", 3).errno)
print(repr(ByNew(9999, more=3)), ByNew(9999, 3).errno)


class Float(float):
    def __float__(self):
        return 42.0


class Wrong:
    def __float__(self):
        return "x"


print(float(Float(1)), 0.0 ** float("-inf"))
try:
    float(Wrong())
except TypeError as e:
    print(e)


async def f():
    pass


c = f()
print(c.cr_origin)
try:
    c.send(None)
except StopIteration:
    pass
try:
    c.throw(ValueError)
except RuntimeError as e:
    print(e)
