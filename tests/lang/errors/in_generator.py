def gen():
    yield 1
    raise ValueError("in generator")


def consume():
    return [x * 2 for x in gen()]


print(list(map(str, consume())))
