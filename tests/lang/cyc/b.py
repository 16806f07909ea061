print("b starts")
from . import a

try:
    a.A
except AttributeError as e:
    print(e)
try:
    from .a import A
except ImportError as e:
    print(str(e).split("(")[0])
B = 2


def get_a():
    return a.A


print("b ends")
