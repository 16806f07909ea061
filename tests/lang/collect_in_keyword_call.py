# A collection on purpose clears what no register needs any more, but no callee's variables.
import gc


class Instant:
    def elapsed(self):
        return 5


class Runner:
    @classmethod
    def plain(cls, func, when, reraise=None):
        instant = Instant()
        func()
        return instant.elapsed()

    @classmethod
    def guarded(cls, func, when, reraise=None):
        excinfo = None
        instant = Instant()
        try:
            result = func()
        except BaseException:
            excinfo = 7
        return instant.elapsed(), result, excinfo


def f():
    gc.collect()


print(Runner.plain(f, "a"), Runner.plain(lambda: f(), "a"), Runner.guarded(f, "a"))
print(Runner.plain(lambda: f(), when="a"), Runner.plain(when="a", func=f))
print(Runner.guarded(lambda: f(), when="a"), Runner.guarded(*(f,), **{"when": "a"}))
