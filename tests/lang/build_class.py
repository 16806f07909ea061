# __build_class__ takes any function, not only the body of a class statement.
def generator():
    yield 1
    raise ValueError


async def coroutine():
    yield


def plain(x=5):
    print("called", x)


for body in (generator, coroutine, plain, lambda: (yield)):
    print(__build_class__(body, "Name", int).__mro__)
for body in (lambda x: x, len, None):
    try:
        __build_class__(body, "Name")
    except TypeError as e:
        print(e)
