print("init", __name__, __package__)
VALUE = 10
_private = 1


def whoami():
    return __name__
