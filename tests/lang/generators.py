# Generators: send, throw, close, return values, yield from, state.
def simple():
    print("start")
    x = yield 1
    print("got", x)
    y = yield 2
    print("got", y)
    return "result"


g = simple()
print(next(g), g.send("a"))
try:
    g.send("b")
except StopIteration as e:
    print("stop", e.value)
try:
    next(g)
except StopIteration as e:
    print("again", e.value)
g = simple()
try:
    g.send("too early")
except TypeError as e:
    print(e)
print(list(simple()))


def catches():
    while True:
        try:
            x = yield
            print("x", x)
        except ValueError as e:
            print("caught", e)
            yield "handled"
        finally:
            print("fin")


g = catches()
next(g)
g.send(1)
print(g.throw(ValueError("thrown")))
try:
    g.throw(KeyError("uncaught"))
except KeyError as e:
    print("escaped", e)
print(next(g, "finished"))


def closing():
    try:
        yield 1
        yield 2
    except GeneratorExit:
        print("exit")
        raise
    finally:
        print("cleanup")


g = closing()
next(g)
g.close()
g.close()
print(next(g, None))
g = closing()
g.close()
print("never started", list(g))


def stubborn():
    try:
        yield 1
    except GeneratorExit:
        yield 2


g = stubborn()
next(g)
try:
    g.close()
except RuntimeError as e:
    print(e)


def returns_on_close():
    try:
        yield 1
    except GeneratorExit:
        return "closed value"


g = returns_on_close()
next(g)
print(g.close())


def inner():
    x = yield "i1"
    print("inner got", x)
    try:
        yield "i2"
    except KeyError:
        print("inner caught")
        yield "i3"
    return "inner result"


def outer():
    r = yield from inner()
    print("outer", r)
    yield from [10, 20]
    yield from ()
    r = yield from range(2)
    print("range result", r)
    return "outer result"


g = outer()
print(next(g), g.send("S"), g.throw(KeyError("k")))
print(list(g))


def leaks():
    raise StopIteration("bad")
    yield


try:
    next(leaks())
except RuntimeError as e:
    print(e, repr(e.__cause__))


def reentrant():
    yield next(me)


me = reentrant()
try:
    next(me)
except ValueError as e:
    print(e)


def fib():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b


def take(n, it):
    for _ in range(n):
        yield next(it)


print(list(take(10, fib())), sum(take(50, fib())))


def tree(n):
    if n:
        yield from tree(n - 1)
        yield n
        yield from tree(n - 1)


print(list(tree(4)), sum(tree(10)))


def deep(n):
    if n == 0:
        yield "bottom"
    else:
        yield from deep(n - 1)


print(list(deep(200)))


def exc_state():
    try:
        1 / 0
    except ZeroDivisionError:
        yield "in handler"
        try:
            raise
        except ZeroDivisionError as e:
            yield "still " + str(e)


try:
    raise KeyError("outer")
except KeyError:
    g = exc_state()
    print(next(g), next(g))
    try:
        raise
    except KeyError as e:
        print("outer kept", e)
print(type(g).__name__, g.__name__, g.__qualname__, iter(g) is g, hasattr(g, "__next__"), g.gi_frame is None, g.gi_running, (lambda: (yield))().__next__())
try:
    len(g)
except TypeError as e:
    print(e)
try:
    g.throw(5)
except TypeError as e:
    print(e)


def f():
    return 1
    yield


print(list(f()))
squares = (x * x for x in range(5))
print(next(squares), list(squares), list(squares))
gens = [(lambda v: (yield v))(i) for i in range(3)]
print([next(x) for x in gens])
a, *b = (c for c in "xyz")
print(a, b, dict((k, v) for k, v in [(1, 2)]), sorted(-x for x in (3, 1)), "".join(c for c in "abc" if c != "b"))
try:
    list(1 / x for x in (1, 0))
except ZeroDivisionError as e:
    print(e)
def echo():
    received = []
    while (v := (yield received)) is not None:
        received.append(v)
e = echo(); next(e)
for v in "abc": last = e.send(v)
print(last)
