# with: enter, exit, suppression, several managers, errors in them.
class CM:
    def __init__(self, name, suppress=False, fail_enter=False, fail_exit=False):
        self.name, self.suppress, self.fail_enter, self.fail_exit = name, suppress, fail_enter, fail_exit

    def __enter__(self):
        print("enter", self.name)
        if self.fail_enter:
            raise RuntimeError("enter " + self.name)
        return self.name.upper()

    def __exit__(self, kind, value, tb):
        print("exit", self.name, kind and kind.__name__, value, tb is not None)
        if self.fail_exit:
            raise ValueError("exit " + self.name)
        return self.suppress


with CM("a") as x:
    print("body", x)
with CM("a") as x, CM("b") as y:
    print("body", x, y)
with (
    CM("a") as x,
    CM("b"),
):
    print("body", x)
with CM("s", suppress=True):
    raise KeyError("suppressed")
print("after")
try:
    with CM("a"), CM("b"):
        raise KeyError("through")
except KeyError as e:
    print("caught", e)
with CM("outer", suppress=True):
    with CM("inner", fail_exit=True):
        raise KeyError("k")
try:
    with CM("a"), CM("b", fail_enter=True):
        print("never")
except RuntimeError as e:
    print("caught", e)
try:
    with CM("a", fail_exit=True):
        pass
except ValueError as e:
    print("caught", e, e.__context__)
try:
    with CM("a", fail_exit=True):
        1 / 0
except ValueError as e:
    print("caught", e, repr(e.__context__))


def returns():
    with CM("r"):
        return "returned"


def loops():
    for i in range(3):
        with CM(str(i)):
            if i == 0:
                continue
            break
    return i


def returns_suppressed():
    with CM("r", suppress=True):
        raise ValueError
    return "after suppressed"


def yields():
    with CM("g"):
        yield 1
        yield 2


print(returns(), loops(), returns_suppressed(), list(yields()))
g = yields()
next(g)
g.close()
print("closed")


class NoExit:
    def __enter__(self):
        return 1


class Neither:
    pass


for cls in [NoExit, Neither]:
    try:
        with cls():
            pass
    except TypeError as e:
        print(e)


class Tuple:
    def __enter__(self):
        return 1, (2, 3)

    def __exit__(self, *args):
        self.args = args


t = Tuple()
with t as (a, (b, c)):
    print(a, b, c)
print(t.args)
d = {}
with t as d["key"]:
    pass
print(d)


class Order:
    @property
    def __enter__(self):
        print("lookup enter on the class")
        return lambda: 1

    def __exit__(self, *a):
        print("exit", a)


with Order():
    print("in order")


def contextmanager(f):
    class Helper:
        def __init__(self, *args):
            self.gen = f(*args)

        def __enter__(self):
            return next(self.gen)

        def __exit__(self, kind, value, tb):
            if kind is None:
                next(self.gen, None)
                return False
            try:
                self.gen.throw(value)
            except StopIteration:
                return True
            except BaseException as e:
                if e is not value:
                    raise
                return False

    return Helper


@contextmanager
def tag(name):
    print("<" + name + ">")
    try:
        yield name
    except ZeroDivisionError:
        print("handled zero division")
    finally:
        print("</" + name + ">")


with tag("b") as n:
    print(n)
with tag("i"):
    1 / 0
try:
    with tag("u"):
        {}["k"]
except KeyError as e:
    print("KeyError", e)
