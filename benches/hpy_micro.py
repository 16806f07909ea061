"""The loops of HPy's own microbench/test_microbench.py, for any Python.

    PYTHON benches/hpy_micro.py DIRECTORY_OF_hpy_simple [iterations]

Prints one line per loop: its name and the nanoseconds per iteration. The empty
loop is printed too and is not subtracted.
"""

import gc
import sys
import time

sys.path.insert(0, sys.argv[1])

import hpy_simple as simple  # noqa: E402


def empty_loop(n):
    for i in range(n):
        pass


def module_noargs(n):
    for i in range(n):
        simple.noargs()


def module_onearg_None(n):
    for i in range(n):
        simple.onearg(None)


def module_onearg_int(n):
    for i in range(n):
        simple.onearg(i)


def module_varargs(n):
    for i in range(n):
        simple.varargs(None, None)


def call_with_tuple(n):
    def f(a, b):
        return a + b

    for i in range(n):
        simple.call_with_tuple(f, (1, 2))


def call_with_tuple_and_dict(n):
    def f(a, b):
        return a + b

    for i in range(n):
        simple.call_with_tuple_and_dict(f, (1,), {"b": 2})


def allocate_int(n):
    for i in range(n):
        simple.allocate_int()


def allocate_tuple(n):
    for i in range(n):
        simple.allocate_tuple()


def allocate_obj_and_survive(n):
    Foo = simple.Foo
    objs = [None] * n
    gc.collect()
    start = time.perf_counter()
    for i in range(n):
        objs[i] = Foo()
    del objs
    gc.collect()
    return time.perf_counter() - start


def allocate_obj_and_die(n):
    Foo = simple.Foo
    gc.collect()
    start = time.perf_counter()
    for i in range(n):
        obj = Foo()
        obj.onearg(None)
    gc.collect()
    return time.perf_counter() - start


def type_method_lookup(n):
    obj = simple.Foo()
    for i in range(n):
        obj.noargs


def type_noargs(n):
    obj = simple.Foo()
    for i in range(n):
        obj.noargs()


def type_onearg_None(n):
    obj = simple.Foo()
    for i in range(n):
        obj.onearg(None)


def type_onearg_int(n):
    obj = simple.Foo()
    for i in range(n):
        obj.onearg(i)


def type_varargs(n):
    obj = simple.Foo()
    for i in range(n):
        obj.varargs(None, None)


def type_len(n):
    obj = simple.Foo()
    for i in range(n):
        len(obj)


def type_getitem(n):
    obj = simple.Foo()
    for i in range(n):
        obj[0]


LOOPS = [
    empty_loop,
    module_noargs,
    module_onearg_None,
    module_onearg_int,
    module_varargs,
    call_with_tuple,
    call_with_tuple_and_dict,
    allocate_int,
    allocate_tuple,
    allocate_obj_and_survive,
    allocate_obj_and_die,
    type_method_lookup,
    type_noargs,
    type_onearg_None,
    type_onearg_int,
    type_varargs,
    type_len,
    type_getitem,
]


def main(n):
    for loop in LOOPS:
        loop(n // 100 + 1)
        start = time.perf_counter()
        elapsed = loop(n)
        if elapsed is None:
            elapsed = time.perf_counter() - start
        print("%s: %.3f" % (loop.__name__, elapsed / n * 1e9))


if __name__ == "__main__":
    main(int(sys.argv[2]) if len(sys.argv) > 2 else 1000000)
