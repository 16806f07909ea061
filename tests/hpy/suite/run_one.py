"""Runs one test of HPy's suite under Sidewinder: the part of a test runner that suite.py starts for
each of them.

    run_one.py --collect             # tells suite.py the names of all tests
    run_one.py FILE::CLASS::TEST[PARAMETERS]
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SRC = os.environ["HPY_SUITE_SRC"]
DIRECTORY = os.environ["HPY_SUITE_DIR"]
sys.path[:] = [SRC, HERE + "/pytest_part"] + [p for p in sys.path if p != HERE]

import suite_link
import pytest
from pytest import Skipped, Failed


def test_modules():
    found = []
    for sub in ("", "debug", "trace"):
        for file in sorted(os.listdir(os.path.join(SRC, "test", sub))):
            if file.startswith("test_") and file.endswith(".py"):
                found.append(".".join(part for part in ("test", sub, file[:-3]) if part))
    return found


def import_module(name):
    __import__(name)
    return sys.modules[name]


class Node:
    """A test function, where it was found, and the fixtures it can see."""

    def __init__(self, module, cls, name, function, conftest):
        self.module, self.cls, self.name, self.function = module, cls, name, function
        self.conftest = conftest

    def fixture(self, name, above=None):
        """The fixture of that name: of the class, the module, conftest.py, or built in."""
        for place in (self.cls, self.module, self.conftest, builtin_fixtures):
            found = getattr(place, name, None) if place is not None else None
            if isinstance(found, pytest.Fixture):
                return found
        raise LookupError(f"fixture '{name}' not found")

    def marks(self):
        found = list(getattr(self.function, "pytestmark", ()))
        if self.cls is not None:
            for c in self.cls.__mro__:
                found += c.__dict__.get("pytestmark", ())
        own = getattr(self.module, "pytestmark", ())
        found += own if isinstance(own, (list, tuple)) else [own]
        return found

    def needed(self):
        """All fixtures that the test uses, by name, those used by others first."""
        order = []

        def need(name):
            if name == "request" or name in order:
                return
            for other in self.fixture(name).parameters:
                need(other)
            order.append(name)

        for mark in self.marks():
            if mark.name == "usefixtures":
                for name in mark.args:
                    need(name)
        given = {name for mark in self.marks() if mark.name == "parametrize"
                 for name in pytest.names_of(mark)}
        for name in pytest.parameters_of(self.function):
            if name != "self" and name not in given:
                need(name)
        return order

    def variants(self):
        """Every combination of parameters: (id, {name: value})."""
        combinations = [((), {})]
        for mark in self.marks():
            if mark.name != "parametrize":
                continue
            names = pytest.names_of(mark)
            more = []
            for ids, values in combinations:
                for number, case in enumerate(mark.args[1]):
                    case = case if len(names) > 1 else (case,)
                    text = "-".join(pytest.text_of(v, n, number) for n, v in zip(names, case))
                    more.append((ids + (text,), {**values, **dict(zip(names, case))}))
            combinations = more
        for name in self.needed():
            params = self.fixture(name).params
            if params is None:
                continue
            combinations = [
                (ids + (pytest.text_of(value, name, number),), {**values, name: value})
                for ids, values in combinations for number, value in enumerate(params)]
        start = self.module.__name__[5:].replace(".", "/")
        start += "::" + (self.cls.__name__ + "::" if self.cls else "") + self.name
        for ids, values in combinations:
            yield start + (f"[{'-'.join(ids)}]" if ids else ""), values


class Request:
    def __init__(self, node, param=None):
        self.module, self.cls, self.function, self.node = node.module, node.cls, node.function, node
        self.param = param
        self.config = Config()


class Config:
    def getoption(self, name):
        return None


class builtin_fixtures:
    """Fixtures that pytest has built in."""

    @pytest.fixture
    def tmpdir():
        return pytest.LocalPath(DIRECTORY + "/tmp")

    @pytest.fixture
    def capfd():
        return pytest.Capture(DIRECTORY)

    capsys = capfd

    @pytest.fixture
    def monkeypatch():
        patch = pytest.MonkeyPatch()
        yield patch
        patch.undo()


def nodes_of(module, conftest):
    for name, thing in list(vars(module).items()):
        if isinstance(thing, type) and name.startswith("Test"):
            for method in dir(thing):
                if method.startswith("test"):
                    yield Node(module, thing, method, getattr(thing, method), conftest)
        elif name.startswith("test") and callable(thing) and not isinstance(thing, type):
            yield Node(module, None, name, thing, conftest)


def collect():
    conftest = import_module("test.conftest")
    tests, broken = [], []
    for name in test_modules():
        try:
            module = import_module(name)
            for node in nodes_of(module, conftest):
                tests += [variant for variant, _ in node.variants()]
        except Exception as e:
            broken.append((name, f"{type(e).__name__}: {e}"))
    suite_link.tell({"tests": tests, "broken": broken})


def compile_elsewhere(tmpdir, ext, hpy_devel, hpy_abi, compiler_verbose=0, debug=None):
    """In place of test.support.c_compile: suite.py has the compiler."""
    from distutils.errors import CompileError
    reply = suite_link.ask({"do": "compile", "directory": str(tmpdir), "name": str(ext.name),
                            "sources": [str(s) for s in ext.sources]})
    if not reply["ok"]:
        sys.stderr.write(reply["output"])
        sys.stderr.flush()
        raise CompileError(reply["output"])
    return reply["path"]


def run(node, values):
    """Sets the fixtures up, runs the test, takes them down."""
    for mark in node.marks():
        if mark.name == "skipif" and mark.args[0]:
            raise Skipped(mark.kwargs.get("reason", ""))
        if mark.name == "skip":
            raise Skipped(mark.kwargs.get("reason", ""))
    instance = node.cls() if node.cls else None
    ready, ends = dict(values), []

    def value_of(name):
        """The value of a fixture that is not a parameter of the test itself."""
        fixture = node.fixture(name)
        arguments = {}
        for other in fixture.parameters:
            arguments[other] = Request(node, values.get(name)) if other == "request" else ready[other]
        return fixture.start(instance, arguments, ends)

    try:
        for name in node.needed():
            ready[name] = value_of(name)
        arguments = {name: Request(node) if name == "request" else ready[name]
                     for name in pytest.parameters_of(node.function) if name != "self"}
        if instance is not None:
            getattr(instance, node.name)(**arguments)
        else:
            node.function(**arguments)
    finally:
        while ends:
            ends.pop()()


def main():
    if sys.argv[1] == "--collect":
        return collect()
    wanted = sys.argv[1]
    conftest = import_module("test.conftest")
    module = import_module("test." + wanted.partition("::")[0].replace("/", "."))
    import test.support
    test.support.c_compile = compile_elsewhere
    # The class has this method twice; what counts is the first one's question.
    test.support.HPyTest.supports_refcounts = lambda self: False
    # Building needs setuptools, which only suite.py has.
    conftest.hpy_devel = pytest.fixture(lambda: None)
    path = wanted.partition("[")[0].split("::")[1:]
    for node in nodes_of(module, conftest):
        if ([node.cls.__name__] if node.cls else []) + [node.name] != path:
            continue
        for name, values in node.variants():
            if name == wanted:
                return report(node, values)
    raise LookupError(wanted)


def report(node, values):
    try:
        run(node, values)
        suite_link.tell({"outcome": "passed", "text": ""})
    except Skipped as e:
        suite_link.tell({"outcome": "skipped", "text": str(e)})
    except BaseException as e:
        sys.stdout.flush()
        sys.excepthook(type(e), e, e.__traceback__)
        sys.stderr.flush()
        suite_link.tell({"outcome": "failed", "text": f"{type(e).__name__}: {e}"})


main()
