print("a starts")
from . import b

A = 1
print("a ends", b.B, b.get_a())
