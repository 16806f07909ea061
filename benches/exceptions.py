"""Exceptions: raised and caught nearby, through many frames, re-raised, chained, not raised at all."""

from harness import run


class AppError(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class NotThere(AppError):
    pass


def nearby(i):
    """Raise and catch in one frame."""
    try:
        if i % 3 == 0:
            raise ValueError(i)
        if i % 3 == 1:
            raise KeyError
        return 1
    except ValueError as e:
        return e.args[0] % 5
    except KeyError:
        return 2


def deep(depth, i):
    if depth == 0:
        raise NotThere(i, "at the bottom")
    return deep(depth - 1, i) + 1


def through_frames(i):
    try:
        return deep(10, i)
    except AppError as e:
        return e.code & 7


def cleanup(log, i):
    try:
        if i & 1:
            raise IndexError("odd")
        return 1
    finally:
        log[0] += 1


def reraised(log, i):
    try:
        try:
            return cleanup(log, i)
        except IndexError:
            log[1] += 1
            raise
    except LookupError:
        return 3


def chained(i):
    try:
        try:
            return {}[i]
        except KeyError as e:
            raise NotThere(i, "no %d" % i) from e
    except NotThere as e:
        if type(e.__cause__) is KeyError:
            return e.code % 3
        return 0


def from_builtins(i):
    """What the runtime itself raises."""
    total = 0
    try:
        total += [1, 2, 3][i % 6]
    except IndexError:
        total += 10
    try:
        total += int("x%d" % i)
    except ValueError:
        total += 20
    try:
        total += i.missing
    except AttributeError:
        total += 30
    try:
        total += 1 // (i & 1)
    except ZeroDivisionError:
        total += 40
    return total


def not_raised(i):
    """Entering and leaving `try` should cost nothing."""
    total = 0
    for k in range(20):
        try:
            total += k
        except ValueError:
            total = 0
        finally:
            total ^= i & 1
    return total


class Guard:
    def __init__(self, log):
        self.log = log

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        self.log[2] += 1
        return kind is ValueError


def guarded(log, i):
    with Guard(log):
        if i & 1:
            raise ValueError
        return 1
    return 2


def workload(n):
    total = 0
    log = [0, 0, 0]
    for i in range(n):
        total += nearby(i)
        total += through_frames(i)
        total += reraised(log, i)
        total += chained(i)
        total += from_builtins(i)
        total += not_raised(i)
        total += guarded(log, i)
    return "%d %d %d %d" % (total, log[0], log[1], log[2])


if __name__ == "__main__":
    run(workload, 110000)
