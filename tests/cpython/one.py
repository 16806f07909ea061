"""Runs the tests of one module of CPython's test package; a line for each on the file given.

    sidewinder one.py REPORT MODULE [--skip FILE] [--only NAME]

Lines are `start ID`, then `ok ID`, `skip ID REASON`, `fail ID REASON`, `error ID REASON`. What crashed or
hung is the test whose `start` has no end. `--skip` names a file of ids that are left out.
"""

import sys
import unittest

PREFIX = "test."


def one_line(text):
    text = " ".join(text.split())
    return text if len(text) < 400 else f"{text[:150]} ... {text[-250:]}"


def identify(test):
    name = test.id()
    return name.removeprefix(PREFIX).replace(" ", "_")


class Report(unittest.TestResult):
    def __init__(self, stream):
        super().__init__()
        self.stream = stream
        self.outcome = None

    def say(self, what, test, why=""):
        self.stream.write(f"{what} {identify(test)} {one_line(why)}".rstrip() + "\n")
        self.stream.flush()

    def startTest(self, test):
        super().startTest(test)
        self.say("start", test)
        self.outcome = ("ok", "")

    def stopTest(self, test):
        super().stopTest(test)
        self.say(self.outcome[0], test, self.outcome[1])
        self.outcome = None

    def note(self, what, test, why):
        if self.outcome is None:
            # A fixture of a class or module: it has no start.
            self.say(what, test, why)
        elif self.outcome[0] in ("ok", "skip"):
            self.outcome = (what, why)

    def explain(self, error):
        kind, value, _ = error
        return f"{kind.__name__}: {value}"

    def addError(self, test, error):
        self.note("error", test, self.explain(error))

    def addFailure(self, test, error):
        self.note("fail", test, self.explain(error))

    def addSubTest(self, test, subtest, error):
        if error is not None:
            what = "fail" if issubclass(error[0], test.failureException) else "error"
            self.note(what, test, f"{subtest._subDescription()} {self.explain(error)}")

    def addSkip(self, test, reason):
        self.note("skip", test, reason)

    def addUnexpectedSuccess(self, test):
        self.note("fail", test, "unexpected success")


def chosen(suite, wanted):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from chosen(test, wanted)
        elif wanted(identify(test)):
            yield test


def prepare():
    """3.11's test.typinganndata.ann_module writes to `__annotations__` of the module that runs, which 3.14 makes only on
    demand. It is imported with one to write to, for the files that import it."""
    import builtins

    builtins.__annotations__ = {}
    try:
        import test.typinganndata.ann_module
    except ImportError:
        pass
    finally:
        del builtins.__annotations__


def tell_of_positions():
    """test.support asks _testinternalcapi whether code has positions; the code itself can tell."""
    from test import support

    support.has_no_debug_ranges = lambda: None in next(chosen.__code__.co_positions())


def keep_typing():
    """3.11's test_typing imports `typing` a second time without `_typing`, which 3.14's typing cannot do without: it
    gets the usual one."""
    import typing
    from test.support import import_helper

    usual = import_helper.import_fresh_module

    def import_fresh_module(name, fresh=(), blocked=()):
        return typing if name == "typing" and blocked else usual(name, fresh, blocked)

    import_helper.import_fresh_module = import_fresh_module


def find_unittest_test():
    """The package `unittest.test` of 3.11 lies beside `test`; since 3.12 it is a part of that."""
    import os.path
    import test

    unittest.__path__.append(os.path.join(os.path.dirname(os.path.realpath(test.__file__)), "..", "unittest"))


# What 3.11's files need to be imported at all.
PREPARATIONS = {
    "test_code": tell_of_positions,
    "test_compile": tell_of_positions,
    "test_traceback": tell_of_positions,
    "test_typing": keep_typing,
    "test_unittest": find_unittest_test,
}


def main():
    report, module, *rest = sys.argv[1:]
    options = dict(zip(rest[::2], rest[1::2]))
    skipped = set()
    if "--skip" in options:
        with open(options["--skip"]) as file:
            skipped = set(file.read().split())
    only = options.get("--only", "")
    sys.argv[1:] = []
    prepare()
    PREPARATIONS.get(module, lambda: None)()
    with open(report, "w") as stream:
        suite = unittest.defaultTestLoader.loadTestsFromName(PREFIX + module)
        tests = chosen(suite, lambda name: name not in skipped and only in name)
        unittest.TestSuite(tests).run(Report(stream))
        stream.write("end\n")


main()
