import sys


class Pause:
    """An awaitable that goes to the driver once."""

    def __init__(self, value):
        self.value = value

    def __await__(self):
        got = yield ("pause", self.value)
        return got


def run(coroutine):
    """Drives a coroutine, answering each pause with its value times ten."""
    answer = None
    while True:
        try:
            kind, value = coroutine.send(answer)
        except StopIteration as stop:
            return stop.value
        answer = value * 10


async def numbers(n):
    try:
        for i in range(n):
            got = await Pause(i)
            sent = yield got + 1
            if sent is not None:
                print("sent", sent)
    finally:
        await Pause(99)
        print("numbers done")


async def loop():
    out = []
    async for x in numbers(3):
        out.append(x)
    else:
        out.append("else")
    print(out)
    print([x async for x in numbers(2)], {x: -x async for x in numbers(2) if x > 1})
    total = 0
    async for x in (y * 2 async for y in numbers(3)):
        total += x
    print(total)
    g = numbers(5)
    print(await g.asend(None), await g.asend("hello"))
    try:
        await g.athrow(KeyError("in"))
    except KeyError as e:
        print("out", e)
    g = numbers(5)
    print(await anext(g))
    await g.aclose()
    try:
        await anext(g)
    except StopAsyncIteration:
        print("ended")
    print(await anext(g, "default"))
    return "loop done"


print(run(loop()))


class Manager:
    def __init__(self, name, swallow=False):
        self.name, self.swallow = name, swallow

    async def __aenter__(self):
        await Pause(1)
        print("enter", self.name)
        return self

    async def __aexit__(self, kind, value, tb):
        await Pause(2)
        print("exit", self.name, kind and kind.__name__)
        return self.swallow


async def managers():
    async with Manager("a") as a, Manager("b", True):
        print(a.name)
        raise ValueError
    async with Manager("c"):
        return "returned"


print(run(managers()))


class Wrong:
    def __aiter__(self):
        return 1


class WrongNext:
    def __aiter__(self):
        return self

    def __anext__(self):
        return 5


async def over(what):
    async for _ in what:
        pass


async def with_(what):
    async with what:
        pass


async def await_(what):
    await what


class NoAwait:
    def __aenter__(self):
        return 1

    async def __aexit__(self, *e):
        pass


class BadAwait:
    def __init__(self, result):
        self.result = result

    def __await__(self):
        return self.result


for coroutine in [
    over([1]), over(Wrong()), over(WrongNext()), with_(3), with_(NoAwait()),
    await_(4), await_(BadAwait(5)),
]:
    try:
        run(coroutine)
    except TypeError as e:
        print(type(e).__name__, e, "|", repr(e.__cause__))


async def stops():
    yield 1
    raise StopIteration


async def stops_async():
    yield 1
    raise StopAsyncIteration


async def ignores():
    try:
        yield 1
    except GeneratorExit:
        yield 2


async def close(g):
    await anext(g)
    await g.aclose()


for coroutine in [over(stops()), over(stops_async()), close(ignores())]:
    try:
        run(coroutine)
    except RuntimeError as e:
        print(e, repr(e.__cause__))


async def reuse():
    g = numbers(1)
    step = g.asend(None)
    await step
    try:
        await step
    except RuntimeError as e:
        print(e)
    a = g.aclose()
    await a
    try:
        await a
    except RuntimeError as e:
        print(e)
    c = reuse_inner()
    await c
    try:
        await c
    except RuntimeError as e:
        print(e)
    try:
        aiter(3)
    except TypeError as e:
        print(e)
    try:
        anext(3)
    except TypeError as e:
        print(e)


async def reuse_inner():
    pass


run(reuse())

# Hooks.
log = []
old = sys.get_asyncgen_hooks()
sys.set_asyncgen_hooks(firstiter=lambda g: log.append(g.__name__), finalizer=lambda g: None)


async def first():
    g = numbers(2)
    await anext(g)
    await anext(g)
    await g.aclose()


run(first())
sys.set_asyncgen_hooks(*old)
print(log, sys.get_asyncgen_hooks() == old)
g = numbers(1)
print(g.ag_running, g.ag_await, g.__name__, type(g).__name__, type(step := g.asend(1)).__name__)
step.close()


async def already():
    async def inner():
        await Pause(1)

    i = inner()
    w = i.__await__()
    next(w)
    try:
        await i
    except RuntimeError as e:
        print(e)
    w.close()


run(already())
