"""Calls the functions and methods of builtin types and native modules with odd arguments.

    sidewinder calls.py SEED ROUNDS

Whatever they raise is fine. What is looked for is what kills the interpreter.
"""

import sys

# These act on the world outside, wait, or may rightly take for ever.
LEFT_OUT = {
    "input", "exec", "eval", "compile", "open", "__import__", "breakpoint", "exit", "quit", "print", "help", "_exit",
    "abort", "sleep", "kill", "set_int_max_str_digits", "setrecursionlimit", "acquire", "acquire_lock", "_shutdown",
    "join", "setswitchinterval", "exit_thread", "start_new_thread", "start_new", "start_joinable_thread",
    "interrupt_main", "excepthook", "unraisablehook", "displayhook", "_excepthook", "settrace", "setprofile",
    "count", "repeat", "cycle", "__enter__", "audit", "addaudithook",
}
MODULES = [
    "math", "cmath", "itertools", "_collections", "_functools", "_operator", "_struct", "_json", "_random", "_bisect",
    "_heapq", "_string", "_weakref", "_abc", "binascii", "array", "unicodedata", "_sre", "gc", "time", "_csv", "zlib",
    "_typing", "_statistics", "_md5", "_sha1", "_sha2", "_sha3", "_contextvars", "marshal", "_codecs", "_opcode",
]
# Their results, or the work, grow with a number given.
GROWING = {
    "__mul__", "__rmul__", "__imul__", "__pow__", "__rpow__", "__lshift__", "__rlshift__", "ljust", "rjust", "center",
    "zfill", "expandtabs", "factorial", "comb", "perm", "mul", "imul", "pow", "ipow", "lshift", "ilshift",
    "combinations", "permutations", "combinations_with_replacement", "product", "to_bytes", "tee", "__ipow__",
    "randbytes", "getrandbits", "__rshift__", "batched", "calcsize", "pbkdf2_hmac", "bytes", "bytearray", "__new__",
    "__init__",
}


class Sub(list):
    pass


class Slotted:
    __slots__ = ("a",)


class Odd:
    """Everything about it is a surprise."""

    def __len__(self):
        return -1

    def __index__(self):
        return "one"

    def __iter__(self):
        return 5

    def __hash__(self):
        raise ValueError

    def __eq__(self, other):
        return self

    def __repr__(self):
        return 7


class Liar:
    """It says one thing and then another."""

    said = 0

    def __len__(self):
        Liar.said += 1
        return Liar.said % 7

    def __getitem__(self, i):
        # It comes to an end, or whoever iterates over it would not.
        Liar.said += 1
        if Liar.said % 5 == 0:
            raise IndexError
        return Liar.said

    def __index__(self):
        return Liar.said % 9


def generator():
    yield 1


def values():
    items = [1, 2, 3]
    return [
        0, -1, 5, 2**70, -(2**63), 1.5, float("nan"), float("inf"), 1j, True, None, "", "ab", "\ud800", "é\U0001f600",
        "%s %d", "{0.a[1]!r:>{1}}", b"", b"xy\xff", bytearray(b"q"), memoryview(b"abcd"), (), (1, "a"), [], items, {},
        {"a": 1}, set(), {1, 2}, frozenset([1]), range(5), range(0, 2**70, 3), slice(1, 2), slice(None, None, -1), int,
        list, type, object, Slotted, Slotted(), Sub([1]), Odd(), Liar(), len, [].append, str.upper, values, generator,
        generator(), iter(items), iter({1: 2}), {}.keys(), {1: 2}.items(), zip([1]), map(str, [1]), enumerate("a"),
        reversed([1]), ValueError("x"), KeyError(1), ..., NotImplemented, property(len), classmethod(len),
        staticmethod(len), super(Sub, Sub()), sys, int | str, list[int], values.__code__, Slotted.a, Slotted.__dict__,
        ExceptionGroup("g", [ValueError()]), items.__iter__, t"a{1}b",
    ]


class Dice:
    """Numbers that are the same on every interpreter."""

    def __init__(self, seed):
        self.state = seed

    def __call__(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % n


def attempt(name, function, arguments, owner):
    huge = any(isinstance(a, (int, float)) and abs(a) > 10**4 for a in arguments)
    if name in GROWING and huge:
        return
    if any(isinstance(a, range) and a.stop > 10**6 for a in arguments):
        return
    try:
        if callable(function):
            result = function(*arguments)
        else:
            result = function.__get__(arguments[0] if arguments else None, owner)
            if callable(result):
                result = result(*arguments[1:])
        repr(result)
    except KeyboardInterrupt:
        # The time is over.
        raise
    except BaseException as error:
        try:
            str(error), repr(error)
        except Exception:
            pass


def main():
    dice, rounds = Dice(int(sys.argv[1])), int(sys.argv[2])
    spaces = [__builtins__]
    for name in MODULES:
        try:
            spaces.append(__import__(name))
        except ImportError:
            pass
    types = {v for space in spaces for v in vars(space).values() if isinstance(v, type)}
    types |= {type(v) for v in values()}
    types = sorted(types, key=lambda t: (t.__module__, t.__qualname__))
    calls = 0
    for _ in range(rounds):
        for owner in types:
            for name, function in sorted(vars(owner).items()):
                if name in LEFT_OUT:
                    continue
                for _ in range(2):
                    pool = values()
                    arguments = [pool[dice(len(pool))] for _ in range(dice(4))]
                    own = [v for v in pool if isinstance(v, owner)]
                    if own and dice(3):
                        arguments.insert(0, own[dice(len(own))])
                    calls += 1
                    attempt(name, function, arguments, owner)
        for space in spaces:
            for name, function in sorted(vars(space).items()):
                if name in LEFT_OUT or not callable(function):
                    continue
                for _ in range(4):
                    pool = values()
                    calls += 1
                    attempt(name, function, [pool[dice(len(pool))] for _ in range(dice(4))], None)
    sys.stdout.write(f"{calls} calls\n")


main()
