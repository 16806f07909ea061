"""The module's docstring."""
x = 1


def __getattr__(name):
    if name == "computed":
        return "by module __getattr__"
    raise AttributeError(f"module has no {name}")


def __dir__():
    return ["x", "computed"]


if __name__ == "__main__":
    x = 5
    print("run as a script:", x, __doc__)
