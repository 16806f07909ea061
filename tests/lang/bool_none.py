# bool as int; None, Ellipsis, NotImplemented.
print(True, False, None, ..., NotImplemented)
print(True + 1, True * 5, -True, ~0, True / 2, True // 1, True ** 2, True << 3, True & False, True | False, True ^ True, True & 1, 5 & True)
print(type(True + True), type(True & True), type(True & 1), type(-True), type(+True), type(not 1), isinstance(True, int), issubclass(bool, int))
print(bool(), bool(5), bool([]), bool("False"), bool(None), bool(0.0), bool(-0.0), bool(float("nan")))
print(True == 1, False == 0, True != 2, True < 2, hash(True) == hash(1), {True: "a"}[1], [10, 20][True], "ab"[False])
print(repr(True), str(False), f"{True:>6}|{True:d}|{False!r}", "%d %s" % (True, True), int(True), float(False), int("1") == True)
print(True.real, True.imag, True.bit_length(), True.numerator, (True).__class__, bool.__mro__, bool.__base__)
print(max(True, False), min(2, True), sum([True, True, False]), sorted([True, False, True]), True in [1], 1 in {True}, [1, 0].count(True), [0, 1].index(True))
print(True.__and__(1), True.__and__(False), True.__and__("x"), bool.__repr__(True), True.__index__(), divmod(True, 2), round(True), abs(True), pow(True, 5))
for bad in [lambda: bool(1, 2), lambda: True + "a", lambda: True.x, lambda: None + 1, lambda: type(None)()(), lambda: type(None)()[0], lambda: None < 1, lambda: len(None), lambda: iter(None), lambda: None.x, lambda: int(None), lambda: ... + 1, lambda: -None]:
    try:
        bad()
    except (TypeError, AttributeError) as e:
        print(type(e).__name__, e)
print(None == None, None != 0, None is None, not None, bool(None), str(None), [None] == [None], None in (None,), type(None)() is None, type(...)() is ..., hash(None) == hash(None), {None: 1}[None])
print(type(None).__name__, type(...).__name__, type(NotImplemented).__name__, None.__class__, None.__doc__ is not None, None.__bool__(), None.__repr__())
try:
    bool(NotImplemented)
except TypeError as e:
    print(e)
for stmt in ["None = 1", "True = 1", "del None", "def f(None): pass", "x.None", "for None in []: pass", "f(True=1)", "... = 1", "__debug__ = 1"]:
    try:
        compile(stmt, "s", "exec")
    except SyntaxError as e:
        print(stmt, "->", e.msg)
print(__debug__)
