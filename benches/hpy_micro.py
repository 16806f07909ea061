"""The loops of HPy's own microbench/test_microbench.py, the file as it is, for any Python.

    PYTHON benches/hpy_micro.py TEST_MICROBENCH_PY DIRECTORY_OF_EXTENSION EXTENSION [iterations]

EXTENSION is hpy_simple or, on CPython, cpy_simple, which does the same with the C API. Prints one
line per loop: its name and the nanoseconds per iteration, the empty loop first (it is not
subtracted).
"""

import sys
import time


class Anything:
    """In place of pytest and Valgrind: what the file only mentions."""

    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kwargs):
        return self


class Timer:
    """Processor time, which other programs disturb less."""

    def __enter__(self):
        self.elapsed = -time.process_time()

    def __exit__(self, *exception):
        self.elapsed += time.process_time()


def empty_loop(self, simple, timer, N):
    with timer:
        for i in range(N):
            pass


def loops(module):
    yield "empty_loop", empty_loop
    for name in ("TestModule", "TestType", "TestHeapType"):
        cls = getattr(module, name)
        for test, function in vars(cls).items():
            if test.startswith("test_"):
                yield name[4:] + "." + test[5:], function


def main(source, directory, extension, n=1000000):
    sys.path[:0] = [directory, source.rpartition("/")[0]]
    sys.modules["pytest"] = sys.modules["_valgrind"] = Anything()
    import test_microbench

    simple = __import__(extension)
    for name, loop in loops(test_microbench):
        arguments = {"api": extension[:3], "simple": simple}
        wanted = loop.__code__.co_varnames[1 : loop.__code__.co_argcount]
        for iterations in (n // 100 + 1, n):
            arguments["N"], arguments["timer"] = iterations, Timer()
            loop(None, *[arguments[w] for w in wanted])
        print("%s: %.3f" % (name, arguments["timer"].elapsed / n * 1e9))


if __name__ == "__main__":
    main(*sys.argv[1:4], *map(int, sys.argv[4:]))
