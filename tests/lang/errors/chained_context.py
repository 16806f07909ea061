def lookup(key):
    return {}[key]


def wrapper():
    try:
        lookup("missing")
    except KeyError:
        raise ValueError("bad key")


wrapper()
