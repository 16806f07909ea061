# return, break and continue in finally replace what was on its way (a SyntaxWarning since 3.14,
# which goes to the standard error, so the sources are compiled here).
import sys

source = '''
def overrides():
    try:
        return "try"
    finally:
        return "finally"


def swallows():
    try:
        raise ValueError
    finally:
        return "swallowed"


def breaks():
    for i in range(5):
        try:
            raise KeyError(i)
        finally:
            break
    return i


def continues():
    out = []
    for i in range(3):
        try:
            out.append(i)
            if i == 1:
                raise KeyError(i)
            return "not yet"
        finally:
            out.append("f")
            continue
    return out


def loop_return():
    for i in range(4):
        for j in range(10):
            try:
                try:
                    if i + j == 4:
                        return i, j
                finally:
                    if j == 2:
                        break
            finally:
                pass
    return "never"


def in_except():
    for i in range(3):
        try:
            raise ValueError(i)
        except ValueError as e:
            if i < 2:
                continue
            break
    try:
        e
    except NameError:
        return i, "e is gone"


def nested():
    try:
        try:
            1 / 0
        finally:
            return "inner"
    finally:
        print("outer finally runs")
'''


class Quiet:
    def write(self, text):
        return len(text)

    def flush(self):
        pass


kept = sys.stderr
sys.stderr = Quiet()
code = compile(source, "jumps", "exec")
sys.stderr = kept
exec(code)
print(overrides(), swallows(), breaks(), continues(), loop_return(), in_except(), nested())
print(sys.exception())


def returns_the_exception():
    try:
        raise ValueError("kept")
    except ValueError as e:
        return e


def returns_it_nested():
    for _ in range(2):
        try:
            raise KeyError("k")
        except KeyError as e:
            try:
                raise IndexError("i")
            except IndexError as f:
                return e, f


print(repr(returns_the_exception()), returns_it_nested())
