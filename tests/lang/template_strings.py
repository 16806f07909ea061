name = "World"; n = 3.14159
t = t"hello { name }! {n:.2f} {n!r:>{10}} {name=} {n = :.1f}{n}"
print(t)
print(t.strings, t.values)
for i in t.interpolations: print(repr(i.expression), i.conversion, repr(i.format_spec), repr(i.value))
print(list(t))
print(t"" , t"".strings, list(t""), t"{1}{2}".strings)
u = t"a{1}" t"b{2}"
print(u, u.strings)
print((t"x{1}" + t"{2}y").strings, (t"x{1}" + t"{2}y").values)
try: t"x" + "y"
except TypeError as e: print(e)
try: "x" + t"y"
except TypeError as e: print(e)
T = type(t); I = type(t.interpolations[0])
print(T, I, T.__module__, I.__match_args__)
print(T("a", I(1, "x", "r", ".2"), "b", "c", I(2)), T().strings, T(I(1), I(2)).strings)
for bad in [lambda: T(3), lambda: I(), lambda: I(1, "x", "q"), lambda: I(1, 2), lambda: T(a=1)]:
    try: print(bad())
    except Exception as e: print(type(e).__name__, e)
match t.interpolations[0]:
    case I(value, expr, conv, spec): print(value, expr, conv, spec)
try: t.strings = 3
except AttributeError as e: print(type(e).__name__)
try: eval('t"a" "b"')
except SyntaxError as e: print(e)
print(t"{(lambda x: x)(1)}", rt"\n{n}\d".strings, tr"\n".strings, t"{{}}".strings)
print(t"{name!s}".interpolations[0].conversion, t'{ {1:2}[1] }'.interpolations[0].expression)
class Sub:
    def __format__(self, s): return "never"
print(t"{Sub().__class__.__name__}".values, t"{'nested' + f'{n:.1f}'}".values)
try:
    class X(T): pass
except TypeError as e: print(e)
print(I[int], T[int])
print(t"a" == t"a", hash(t"a") is not None)
