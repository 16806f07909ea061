# Exceptions: hierarchy, attributes, chaining, notes, repr and str.
for cls in [ValueError, KeyError, IndexError, ZeroDivisionError, FileNotFoundError, StopIteration, UnicodeDecodeError, NotImplementedError, ModuleNotFoundError, KeyboardInterrupt, SystemExit, GeneratorExit, RecursionError, UnboundLocalError, IndentationError, BrokenPipeError, BlockingIOError, TimeoutError, UserWarning, ExceptionGroup, FloatingPointError]:
    print(" < ".join(k.__name__ for k in cls.__mro__))
print(repr(ValueError()), repr(ValueError("a")), repr(ValueError("a", 1)), str(ValueError()), str(ValueError("a")), str(ValueError("a", 1)), str(KeyError("k")), repr(KeyError("k")), str(KeyError("a", "b")), repr(Exception("it's")))
e = ValueError(1, "two")
print(e.args, e.__cause__, e.__context__, e.__suppress_context__, e.__traceback__)
e.args = ("changed",)
e.extra = 5
print(e, e.extra, e == ValueError("changed"), isinstance(e, Exception))
e.add_note("a note")
e.add_note("another")
print(e.__notes__)
try:
    e.add_note(5)
except TypeError as err:
    print(err)


class MyError(Exception):
    pass


class WithInit(Exception):
    def __init__(self, code, text):
        self.code = code
        super().__init__(text)

    def __str__(self):
        return f"[{self.code}] {self.args[0]}"


class NoSuper(ValueError):
    def __init__(self, a, b=2):
        self.a = a


w = WithInit(404, "not found")
n = NoSuper(1)
print(w, repr(w), w.args, n.args, repr(n), str(n), MyError("x").args, repr(MyError()))
try:
    try:
        1 / 0
    except ZeroDivisionError as err:
        raise MyError("wrapped") from err
except MyError as err:
    print(repr(err.__cause__), err.__suppress_context__, err.__context__ is err.__cause__)
try:
    try:
        1 / 0
    except ZeroDivisionError:
        raise MyError("during")
except MyError as err:
    print(err.__cause__, repr(err.__context__), err.__suppress_context__)
try:
    try:
        1 / 0
    except ZeroDivisionError:
        raise MyError("hidden") from None
except MyError as err:
    print(err.__cause__, repr(err.__context__), err.__suppress_context__)
for bad in ["raise 5", "raise 'text'", "raise int", "raise ValueError from 5", "raise", "raise None", "raise MyError from int"]:
    try:
        exec(bad)
    except (TypeError, RuntimeError) as err:
        print(bad, "->", type(err).__name__, err)
try:
    raise MyError
except MyError as err:
    print(repr(err))
try:
    raise WithInit
except TypeError as err:
    print(err)
try:
    {}["missing"]
except KeyError as err:
    print(err.args, str(err))
try:
    [].foo
except AttributeError as err:
    print(err.name, err.obj)
try:
    undefined_name
except NameError as err:
    print(err.name)
try:
    import no_such_module_here
except ImportError as err:
    print(err, err.name, err.path, type(err).__name__)
s = StopIteration(5)
print(s.value, StopIteration().value, SystemExit(3).code, SystemExit().code, SystemExit("a", "b").code)
o = OSError(5555, "No such thing", "name.txt")
print(o, o.errno, o.strerror, o.filename, type(o).__name__, repr(OSError(1)), str(OSError("just text")), repr(OSError(5555, "odd")))
try:
    open("no/such/file")
except FileNotFoundError as err:
    print(err.filename, err.strerror, isinstance(err, OSError))
u = UnicodeDecodeError("utf-8", b"ab\xff", 2, 3, "bad byte")
print(u, u.encoding, u.start, u.end, u.reason)
print(UnicodeEncodeError("ascii", "é", 0, 1, "no"), ImportError("m", name="n", path="p").name, NameError("x", name="y").name)
try:
    UnicodeDecodeError("a")
except TypeError as err:
    print(err)


def f():
    raise ValueError("tb")


try:
    f()
except ValueError as err:
    tb = err.__traceback__
    lines = []
    while tb is not None:
        lines.append((tb.tb_frame.f_code.co_name, tb.tb_lineno))
        tb = tb.tb_next
    print(lines)
    print(err.with_traceback(None) is err, err.__traceback__)
try:
    assert 1 == 2, "the message"
except AssertionError as err:
    print(repr(err))
try:
    assert []
except AssertionError as err:
    print(repr(err), err.args)
assert True, undefined_name_is_not_evaluated
chain = None
for i in range(3):
    try:
        try:
            if chain:
                raise chain
            raise ValueError(0)
        except ValueError as err:
            raise ValueError(i + 1)
    except ValueError as err:
        chain = err
depth = 0
while chain is not None:
    print(chain, end=" <- ")
    chain = chain.__context__
print()
class Catch(type):
    def __instancecheck__(cls, other):
        return True
class Weird(Exception, metaclass=Catch):
    pass
try:
    try:
        raise KeyError("not weird")
    except Weird:
        print("never: except uses real inheritance")
except KeyError as err:
    print("real", err)
