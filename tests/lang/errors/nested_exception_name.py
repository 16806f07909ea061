class Outer:
    class Inner(Exception):
        pass


def make():
    class Local(Exception):
        pass

    return Local


try:
    raise Outer.Inner("in class")
except Exception:
    raise make()("in function")
