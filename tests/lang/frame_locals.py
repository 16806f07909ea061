# f_locals of a function's frame writes through (PEP 667).
import sys


def plain():
    x = 1
    proxy = sys._getframe().f_locals
    proxy["x"] = 2
    print(x, proxy["x"], list(proxy), len(proxy))
    y = 3
    print(proxy["y"], "y" in proxy, proxy.get("z"), proxy.get("z", 4))
    proxy["extra"] = 5
    print(sys._getframe().f_locals["extra"], "extra" in locals())
    del proxy["extra"]
    for wrong in ("x", "nothing"):
        try:
            del proxy[wrong]
        except (KeyError, ValueError) as e:
            print(type(e).__name__, e)
    try:
        proxy["nothing"]
    except KeyError as e:
        print(e)
    proxy.update({"x": 7, "more": 8})
    print(x, proxy.pop("more"), proxy.setdefault("x", 0), proxy.setdefault("w", 9))
    snapshot = locals()
    snapshot["x"] = 100
    print(x, type(proxy).__name__, type(snapshot).__name__)
    print(proxy | {"q": 1} == {**dict(proxy), "q": 1})


def outer():
    cell = "before"

    def inner():
        sys._getframe(1).f_locals["cell"] = "after"
        return cell

    print(inner(), cell)


def generator():
    value = 1
    yield value
    yield value


class Body:
    name = 1
    sys._getframe().f_locals["made"] = 2


plain()
outer()
g = generator()
print(next(g))
g.gi_frame.f_locals["value"] = "changed"
print(next(g))
print(Body.made)
sys._getframe().f_locals["from_frame"] = 3
print(from_frame)


def left():
    kept = [1]
    return sys._getframe()


frame = left()
print(frame.f_locals["kept"], list(frame.f_locals))


def raising():
    inside = "seen"
    raise ValueError


try:
    raising()
except ValueError as e:
    print(dict(e.__traceback__.tb_next.tb_frame.f_locals))

code = outer.__code__
try:
    exec(plain.__code__, globals(), closure=())
except TypeError as e:
    print(e)
