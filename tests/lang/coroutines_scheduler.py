# A cooperative scheduler out of generators.
class Channel:
    def __init__(self):
        self.items = []


class Scheduler:
    def __init__(self):
        self.ready = []
        self.log = []

    def spawn(self, generator, name):
        self.ready.append((generator, name, None))

    def run(self):
        turns = 0
        while self.ready:
            turns += 1
            task, name, value = self.ready.pop(0)
            try:
                request = task.send(value)
            except StopIteration as stop:
                self.log.append(f"{name} done: {stop.value}")
                continue
            except ValueError as e:
                self.log.append(f"{name} failed: {e}")
                continue
            answer = None
            match request:
                case ("put", channel, item):
                    channel.items.append(item)
                case ("get", channel):
                    if not channel.items:
                        self.ready.append((wait_for(task, channel), name, None))
                        continue
                    answer = channel.items.pop(0)
                case ("spawn", generator, child):
                    self.spawn(generator, child)
                case None:
                    pass
            self.ready.append((task, name, answer))
        return turns


def wait_for(task, channel):
    while not channel.items:
        yield
    value = channel.items.pop(0)
    while True:
        try:
            request = task.send(value)
        except StopIteration as stop:
            return stop.value
        value = yield request


def producer(channel, n):
    for i in range(n):
        yield ("put", channel, i * i)
        if i % 2:
            yield
    yield ("put", channel, None)
    return n


def consumer(channel, label):
    total = 0
    while True:
        item = yield ("get", channel)
        if item is None:
            return total
        total += item


def failing():
    yield
    raise ValueError("as planned")


def parent(scheduler):
    for i in range(3):
        yield ("spawn", child(i), f"child{i}")
    return "spawned"


def child(i):
    for _ in range(i):
        yield
    return i


s = Scheduler()
c = Channel()
s.spawn(consumer(c, "A"), "consumer")
s.spawn(producer(c, 6), "producer")
s.spawn(failing(), "failing")
s.spawn(parent(s), "parent")
print(s.run())
for line in s.log:
    print(line)


def flatten(x):
    if isinstance(x, list):
        for item in x:
            yield from flatten(item)
    else:
        yield x


def delegating():
    try:
        result = yield from accumulate()
    except KeyError as e:
        result = f"caught {e}"
    yield result


def accumulate():
    total = 0
    while True:
        try:
            x = yield total
        except ValueError:
            x = 100
        if x is None:
            return total
        total += x


print(list(flatten([1, [2, [3, [4]], []], [[5]]])))
g = delegating()
print(next(g), g.send(5), g.throw(ValueError()), g.send(1), g.send(None))
g = delegating()
next(g)
print(g.throw(KeyError("k")))


def interleave(*iterables):
    iterators = [iter(i) for i in iterables]
    while iterators:
        for it in iterators[:]:
            try:
                yield next(it)
            except StopIteration:
                iterators.remove(it)


print(list(interleave("abc", range(5), [None])), "".join(interleave("ace", "bd")))


def primes():
    found = []
    n = 2
    while True:
        if all(n % p for p in found if p * p <= n):
            found.append(n)
            yield n
        n += 1


def take_while(f, it):
    for x in it:
        if not f(x):
            return
        yield x


print(list(take_while(lambda p: p < 60, primes())), sum(take_while(lambda p: p < 1000, primes())))
