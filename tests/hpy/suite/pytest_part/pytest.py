"""What the files of HPy's test suite import from pytest."""

import os
import sys

__version__ = "8"


class Skipped(BaseException):
    """The test does not apply."""


class Failed(AssertionError):
    """The test says that it failed."""


def skip(reason=""):
    raise Skipped(reason)


def fail(reason=""):
    raise Failed(reason)


def hookimpl(**options):
    return lambda f: f


def parameters_of(function):
    """The names of a function's parameters."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = getattr(function, "__func__", function).__code__
    return list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])


class Fixture:
    def __init__(self, function, params):
        self.function, self.params = function, params
        names = parameters_of(function)
        self.of_class = names[:1] == ["self"]
        self.parameters = names[1:] if self.of_class else names

    def start(self, instance, arguments, ends):
        """The fixture's value; what takes it down is added to `ends`."""
        value = self.function(*([instance] if self.of_class else []), **arguments)
        if not hasattr(value, "__next__"):
            return value

        def end():
            try:
                next(value)
            except StopIteration:
                return
            raise RuntimeError("fixture yields twice")

        first = next(value)
        ends.append(end)
        return first


def fixture(function=None, params=None, scope="function", autouse=False):
    if function is not None:
        return Fixture(function, params)
    return lambda f: Fixture(f, params)


yield_fixture = fixture


class Mark:
    def __init__(self, name, args=(), kwargs={}):
        self.name, self.args, self.kwargs = name, args, kwargs

    def __call__(self, *args, **kwargs):
        if len(args) == 1 and not kwargs and callable(args[0]) and self.name != "parametrize":
            # Each class has marks of its own; inherited ones are found by its bases.
            target = args[0]
            own = target.__dict__.get("pytestmark", [])
            target.pytestmark = [*own, self]
            return target
        return Applied(self.name, args, kwargs)


class Applied(Mark):
    def __call__(self, target):
        own = target.__dict__.get("pytestmark", [])
        target.pytestmark = [*own, self]
        return target


class _Marks:
    def __getattr__(self, name):
        return Mark(name)


mark = _Marks()


def names_of(parametrize):
    names = parametrize.args[0]
    return [n.strip() for n in names.split(",")] if isinstance(names, str) else list(names)


def text_of(value, name, number):
    """A parameter's value in the name of a test."""
    if value is None or isinstance(value, (str, int, float, bool)):
        return str(value)
    return getattr(value, "__name__", f"{name}{number}")


class ExceptionInfo:
    type = value = tb = None

    def match(self, pattern):
        import re
        text = str(self.value)
        assert re.search(pattern, text), f"{pattern!r} does not match {text!r}"
        return True

    def __str__(self):
        return repr(self.value)


class _Raises:
    def __init__(self, expected, match):
        self.expected, self.pattern, self.info = expected, match, ExceptionInfo()

    def __enter__(self):
        return self.info

    def __exit__(self, kind, value, tb):
        if kind is None:
            raise Failed(f"DID NOT RAISE {self.expected!r}")
        if not issubclass(kind, self.expected):
            return False
        self.info.type, self.info.value, self.info.tb = kind, value, tb
        if self.pattern is not None:
            self.info.match(self.pattern)
        return True


def raises(expected, *args, match=None, **kwargs):
    context = _Raises(expected, match)
    if not args:
        return context
    with context as info:
        args[0](*args[1:], **kwargs)
    return info


class LocalPath:
    """The part of py.path.local that the suite uses."""

    def __init__(self, path):
        self.path = str(path)

    def join(self, *parts):
        return LocalPath("/".join([self.path, *map(str, parts)]))

    def write(self, text, mode="w"):
        with open(self.path, mode) as file:
            file.write(text)

    def __str__(self):
        return self.path

    __fspath__ = __str__


class Capture:
    """`capfd`: standard output and error are files, written by whoever writes to them."""

    def __init__(self, directory):
        self.files = [os.path.join(directory, name) for name in ("stdout", "stderr")]
        self.at = [0, 0]
        self.readouterr()

    def readouterr(self):
        sys.stdout.flush()
        sys.stderr.flush()
        texts = []
        for i, file in enumerate(self.files):
            with open(file, "rb") as f:
                data = f.read()
            texts.append(data[self.at[i]:].decode("utf-8", "replace"))
            self.at[i] = len(data)
        return Captured(*texts)


class Captured(tuple):
    def __new__(cls, out, err):
        return tuple.__new__(cls, (out, err))

    out = property(lambda self: self[0])
    err = property(lambda self: self[1])


class MonkeyPatch:
    def __init__(self):
        self.undone = []

    def setattr(self, target, name, value):
        old = getattr(target, name)
        self.undone.append(lambda: setattr(target, name, old))
        setattr(target, name, value)

    def setenv(self, name, value):
        old = os.environ.get(name)

        def undo():
            if old is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = old

        self.undone.append(undo)
        os.environ[name] = value

    def undo(self):
        while self.undone:
            self.undone.pop()()
