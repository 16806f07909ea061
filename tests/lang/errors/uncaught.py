print("before")


def inner(x):
    return 10 / x


def outer(x):
    result = inner(x - 1)
    return result


print(outer(3))
outer(1)
