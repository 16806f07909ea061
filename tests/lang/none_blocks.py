def t(f, *a):
    try: print(repr(f(*a)))
    except BaseException as e: print(type(e).__name__, e)
class A:
    __iadd__ = None; __add__ = None; __bool__ = None; __eq__ = None; __ne__ = None; __lt__ = None; __radd__=None; __len__ = None; __call__ = None; __int__=None; __getattr__ = None
a = A()
def f():
    b = A(); b += 1
t(f)
t(lambda: a + 1); t(lambda: 1 + a); t(bool, a); t(lambda: a == 1); t(lambda: a != 1); t(lambda: 1 == a); t(lambda: a < 1); t(lambda: 1 > a); t(len, a); t(a); t(int, a)
class Trunc:
    def __trunc__(self): return 42
t(int, Trunc())
class I(int):
    def __index__(self): return 42
    def __int__(self): return 42
t(int, I(7)); import operator
t(operator.index, I(7))
class BadInt:
    def __int__(self): return True
class BadIndex:
    def __index__(self): return True
import warnings
with warnings.catch_warnings(record=True) as w:
    warnings.simplefilter("always")
    t(int, BadInt()); t(operator.index, BadIndex())
    print([str(x.message) for x in w])
t(int, memoryview(b'12'))
