"""The pytest plugin that suite.py runs HPy's test suite with.

It tells suite.py through a pipe which test begins and how it ended, compiles extensions with `cc`
(what was compiled before is kept, by the hash of its source) and, in stress mode, lets the heap
move while a test itself is running: not while pytest works around it, nor while the test has its
extension compiled, which is a subprocess and the writing of files.
"""

import gc
import hashlib
import json
import os
import shutil
import subprocess
import sys

import pytest
import setuptools  # noqa: F401  distutils comes with it

SETTINGS = json.loads(os.environ["HPY_SUITE"])
_moving = False
_pipe = open(SETTINGS["pipe"], "w", encoding="utf-8")

STUB = """
def __bootstrap__():
    from sys import modules
    from os import environ
    from pkg_resources import resource_filename
    from hpy.universal import _load_bootstrap
    ext_filepath = resource_filename(__name__, {file!r})
    m = _load_bootstrap({name!r}, __name__, __package__, ext_filepath,
                        __loader__, __spec__, environ)
    modules[__name__] = m
__bootstrap__()
"""


def tell(**message):
    _pipe.write(json.dumps(message) + "\n")
    _pipe.flush()


def stress(on):
    """Stress mode, if it was asked for. Says whether it was on before."""
    global _moving
    before, _moving = _moving, on
    if SETTINGS["stress"]:
        gc.set_stress(SETTINGS["stress"] if on else 0)
    return before


def at_rest(function):
    """The function without stress mode, for what tests need done but do not test."""

    def call(*args, **kwargs):
        moving = stress(False)
        try:
            return function(*args, **kwargs)
        finally:
            stress(moving)

    return call


def compile_extension(directory, ext, hpy_devel, hpy_abi, compiler_verbose=0, debug=None):
    """In place of test.support.c_compile: as hpy.devel does for the universal ABI, but with a memory."""
    assert hpy_abi == "universal", hpy_abi
    flags, objects = SETTINGS["flags"], SETTINGS["objects"]
    digest = hashlib.sha256(repr((ext.name, flags)).encode())
    for source in ext.sources:
        with open(os.path.join(directory, source), "rb") as file:
            digest.update(os.path.basename(source).encode())
            digest.update(file.read())
    kept = os.path.join(SETTINGS["cache"], digest.hexdigest()[:32] + ".so")
    if not os.path.exists(kept):
        fresh = f"{kept}.{os.getpid()}"
        # In the directory of the test, so that messages and debug information name mytest.c.
        done = subprocess.run(["cc", *flags, "-shared", *ext.sources, *objects, "-o", fresh],
                              cwd=directory, capture_output=True, text=True)
        if done.returncode != 0:
            from distutils.errors import CompileError
            sys.stderr.write(done.stdout + done.stderr)
            raise CompileError(done.stderr)
        os.rename(fresh, kept)
    target = os.path.join(directory, ext.name + ".hpy0.so")
    shutil.copy(kept, target)
    with open(os.path.join(directory, ext.name + ".py"), "w") as stub:
        stub.write(STUB.format(file=os.path.basename(target), name=ext.name))
    return target


def make_environment(directory, **options):
    """In place of venv.create, for the tests of hpy.devel: CPython builds and installs there, and
    Sidewinder imports what came of it."""
    shutil.copytree(SETTINGS["venv"], directory, symlinks=True, dirs_exist_ok=True)
    python = os.path.join(directory, "bin", "python")
    os.rename(python, os.path.join(directory, "bin", "python-that-builds"))
    with open(python, "w") as script:
        script.write(f"""#!/bin/sh
here=$(dirname "$0")
packages=$(echo "$here"/../lib/python*/site-packages)
case "$*" in
# What the tests would install is in the virtual environment that this is a copy of.
"-m pip install -U pip wheel setuptools" | "-m pip install {SETTINGS["src"]}") ;;
-c*)
    # Sidewinder brings its own.
    rm -rf "$packages/pkg_resources" "$packages/hpy"
    PYTHONPATH="$(echo "$packages"/*.egg):$packages" exec "{sys.executable}" "$@" ;;
*) exec "$here/python-that-builds" "$@" ;;
esac
""")
    os.chmod(python, 0o755)


def pytest_collection_modifyitems(items):
    import test.support
    import venv
    test.support.c_compile = compile_extension
    compiler = test.support.ExtensionCompiler
    compiler.compile_module = at_rest(compiler.compile_module)
    # The class has this method twice; what counts is the first one's question.
    test.support.HPyTest.supports_refcounts = lambda self: False
    venv.create = make_environment
    # The pytest that a test calls (test_support does) is pytest around a test as well.
    pytest.main = at_rest(pytest.main)


def pytest_collection_finish(session):
    if session.config.option.collectonly:
        tell(tests=[item.nodeid for item in session.items])


def pytest_runtest_logstart(nodeid, location):
    tell(begin=nodeid)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    stress(True)
    try:
        return (yield)
    finally:
        stress(False)


def pytest_runtest_logreport(report):
    # A skip may come from the set-up, an error from what follows the call.
    if report.when == "call" or not report.passed:
        text = report.longrepr[2] if report.skipped else report.longreprtext
        tell(test=report.nodeid, outcome=report.outcome, text=text)
