"""Until the library has `itertools`."""


def zip_longest(*iterables, fillvalue=None):
    lists = [list(i) for i in iterables]
    for n in range(max(map(len, lists), default=0)):
        yield tuple(items[n] if n < len(items) else fillvalue for items in lists)
