import sys


def here():
    return sys._getframe()


def keeps():
    x = [1]
    f = sys._getframe()
    g = sys._getframe()
    print(f is g, f.f_code.co_name, f.f_locals["x"], f.f_back is sys._getframe(1))
    x.append(2)
    y = 3
    return f


f = keeps()
print(f.f_locals["x"], f.f_locals["y"], f.f_lineno == f.f_code.co_firstlineno + 7)
print(f.f_back is sys._getframe(), here().f_back is sys._getframe())
f.clear()
print(f.f_locals)


def outer(a):
    inner(a, 2)


def inner(b, c):
    d = b + c
    raise ValueError(d)


try:
    outer(5)
except ValueError as e:
    tb = e.__traceback__
    while tb:
        names = {k: v for k, v in tb.tb_frame.f_locals.items() if len(k) == 1 and k != "f"}
        print(tb.tb_frame.f_code.co_name, names if tb.tb_frame.f_code.co_name != "<module>" else "", tb.tb_lineno)
        print(tb.tb_frame is tb.tb_frame)
        last, tb = tb, tb.tb_next
    print(last.tb_frame.f_back.f_code.co_name)
    last.tb_frame.clear()
    print(last.tb_frame.f_locals)
    print(e.__traceback__.tb_frame is sys._getframe())


def generator(n):
    i = 10
    while i < n:
        me = sys._getframe()
        seen.append(me)
        yield i
        i += 1


seen = []
g = generator(12)
frame = g.gi_frame
print(frame is g.gi_frame, frame.f_locals, frame.f_back)
next(g)
print(frame is g.gi_frame, frame is seen[0], frame.f_locals["i"], frame.f_lineno - frame.f_code.co_firstlineno)
next(g)
print(seen[1] is frame, frame.f_locals["i"])
try:
    frame.clear()
except RuntimeError as e:
    print(e)
print(list(g), g.gi_frame, frame.f_locals.get("i"))

fresh = generator(3)
fresh.gi_frame.clear()
print(list(fresh))


def recursive(n):
    if n:
        return recursive(n - 1)
    frames = []
    f = sys._getframe()
    while f.f_code.co_name != '<module>':
        frames.append(f.f_code.co_name)
        f = f.f_back
    return frames


print(recursive(3))
try:
    sys._getframe().clear()
except RuntimeError as e:
    print(e)


class Body:
    frame = sys._getframe()
    inside = 1
    print(sorted(k for k in frame.f_locals if not k.startswith("__")))


print(Body.frame.f_code.co_name)
