"""The first program, and the second."""

import sys


def greet(name, greeting="Hello"):
    return f"{greeting}, {name}!"


if __name__ == "__main__":
    names = sys.argv[1:] or ["world"]
    for name in names:
        print(greet(name))
