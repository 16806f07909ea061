# The steps of async generators: what ends them, what passes through, and what they refuse.
import types


@types.coroutine
def give(value):
    return (yield value)


def drive(coroutine, answers=()):
    """What a coroutine yields to its loop, and how it ends."""
    seen, answers, send = [], iter(answers), None
    while True:
        try:
            seen.append(coroutine.send(send))
        except StopIteration as stop:
            return seen, "returned", stop.value
        except BaseException as error:
            return seen, type(error).__name__, str(error)
        send = next(answers, None)


async def numbers(n):
    for i in range(n):
        got = await give(("wait", i))
        sent = yield (i, got)
        if sent is not None:
            await give(("sent", sent))


async def loop(n):
    return [item async for item in numbers(n)]


print(drive(loop(3), "abc"))


async def by_hand():
    g = numbers(2)
    first = g.__anext__()
    items = [await first]
    try:
        await first
    except RuntimeError as error:
        items.append(str(error))
    items.append(await g.asend("hello"))
    for _ in range(2):
        try:
            await g.__anext__()
        except StopAsyncIteration as error:
            items.append(error.args)
    return items, g.ag_running, g.ag_frame


print(drive(by_hand(), "xyz"))


async def outer(n):
    if n:
        async for item in outer(n - 1):
            yield item
            yield await give(-n)
    else:
        yield "bottom"


async def collect(generator):
    return [item async for item in generator]


print(drive(collect(outer(4)), "pqrs"))


async def fails(how):
    try:
        yield 1
        await give("about to fail")
        raise how
    finally:
        await give("cleaning")


for how in [KeyError("k"), StopIteration("s"), StopAsyncIteration("a"), GeneratorExit("g")]:
    print(drive(collect(fails(how))))


async def thrown():
    g = fails(ValueError("not reached"))
    items = [await g.__anext__()]
    try:
        await g.athrow(LookupError("from outside"))
    except LookupError as error:
        items.append(repr(error))
    h = fails(ValueError())
    items.append(await anext(h))
    await h.aclose()
    items.append(await anext(h, "over"))
    return items


print(drive(thrown()))


async def into_the_wait():
    g = numbers(1)
    step = g.asend(None)
    seen = [step.send(None), g.ag_running, g.ag_await is not None]
    try:
        g.asend(None).send(None)
    except RuntimeError as error:
        seen.append(str(error))
    try:
        step.throw(OSError("into the await"))
    except OSError as error:
        seen.append((str(error), g.ag_running))
    try:
        step.send(None)
    except RuntimeError as error:
        seen.append(str(error))
    return seen


print(drive(into_the_wait()))


async def endless():
    try:
        while True:
            await give("tick")
            yield
    finally:
        print("stopped")


async def listen():
    async for _ in endless():
        pass


class Cancelled(BaseException):
    pass


task = listen()
print([task.send(None) for _ in range(3)])
try:
    task.throw(Cancelled("from the loop"))
except Cancelled as error:
    print(repr(error))


async def two_at_once():
    g = numbers(3)

    async def take():
        try:
            return [item async for item in g]
        except RuntimeError as error:
            return str(error)

    a, b = take(), take()
    print(a.send(None), drive(b))
    a.close()
    print(g.ag_running, g.ag_frame)


drive(two_at_once())


def deep(n):
    async def level(inner):
        async for item in inner:
            yield item

    async def bottom():
        yield "found"

    g = bottom()
    for _ in range(n):
        g = level(g)
    return drive(collect(g))


print(deep(100), deep(5000)[1])
