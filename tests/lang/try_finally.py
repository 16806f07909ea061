# try/except/else/finally with every way out.
def t1():
    try:
        return "try"
    finally:
        print("finally 1")


def t3():
    for i in range(3):
        try:
            if i == 1:
                continue
            if i == 2:
                break
            print("body", i)
        finally:
            print("finally", i)
    else:
        print("else")
    return i


def t4(x):
    try:
        print("try")
        if x == 1:
            raise ValueError("v")
        if x == 2:
            raise KeyError("k")
        if x == 3:
            return "returned"
    except ValueError as e:
        print("except", e)
        return "from except"
    else:
        print("else")
        return "from else"
    finally:
        print("finally")
    return "end"


def t5():
    try:
        try:
            raise ValueError("inner")
        finally:
            print("cleanup")
    except ValueError as e:
        return "outer got " + str(e)


def t6():
    while True:
        try:
            return "value"
        finally:
            print("leaving")


def t7():
    x = 1
    try:
        return x
    finally:
        x = 2


def t8():
    result = []
    for i in range(4):
        try:
            if i == 0:
                raise ValueError
            elif i == 1:
                raise TypeError
            elif i == 2:
                continue
            result.append("body")
        except ValueError:
            result.append("value")
        except (TypeError, KeyError):
            result.append("type")
        else:
            result.append("else")
        finally:
            result.append("finally")
    return result


def t9():
    try:
        raise ValueError("first")
    except ValueError:
        try:
            raise KeyError("second")
        except KeyError as e:
            print(repr(e.__context__))
        try:
            raise
        except ValueError as e:
            print("again", e)
    return "done"


def t10():
    try:
        try:
            return 1
        finally:
            print("one")
    finally:
        print("two")


def t11():
    try:
        pass
    except:
        print("never")
    else:
        print("else")
    try:
        raise IndexError
    except:
        print("bare")


def t12():
    try:
        1 / 0
    except ZeroDivisionError as e:
        saved = e
    try:
        e
    except NameError as err:
        print(err)
    return saved


def t13():
    with_gen = []

    def gen():
        try:
            yield 1
            yield 2
        finally:
            with_gen.append("finally in generator")

    for x in gen():
        break
    g = gen()
    next(g)
    g.close()
    return with_gen[-1]


print(t1(), t3())
for i in range(4):
    try:
        print(t4(i))
    except KeyError as e:
        print("escaped", e)
for f in (t5, t6, t7, t8, t9, t10, t11, t12, t13):
    print(f.__name__, repr(f()))


def dynamic(kinds, exc):
    try:
        raise exc
    except kinds as e:
        return "caught " + type(e).__name__


print(dynamic(ValueError, ValueError()), dynamic((KeyError, (IndexError,)[0]), IndexError()), dynamic(LookupError, KeyError(1)), dynamic(Exception, OSError()))
for kinds in [ValueError, 5, "x", (ValueError, 5), int]:
    try:
        dynamic(kinds, KeyError("k"))
    except (KeyError, TypeError) as e:
        print(type(e).__name__, e)
try:
    try:
        raise KeyError("a")
    finally:
        raise ValueError("b")
except ValueError as e:
    print(e, repr(e.__context__))


def nested(n):
    try:
        if n == 0:
            raise ValueError("bottom")
        return nested(n - 1)
    except ValueError:
        if n < 3:
            raise
        return "stopped at %d" % n
    finally:
        print("unwind", n, end="; ")


print(nested(5))


import sys


def quiet():
    import math
    try:
        return math.sqrt(-1)
    except ValueError as e:
        return str(e)
    finally:
        print(sys.exception())


print(quiet())
