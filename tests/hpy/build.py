#!/usr/bin/env python3
"""Fetch HPy 0.9.0 and build its own extensions, unmodified, for the universal ABI.

    python3 tests/hpy/build.py            # fast when there is nothing to do
    python3 tests/hpy/build.py --force    # from the start

What it leaves under target/hpy/:

    sdist/hpy-0.9.0.tar.gz    as it is on PyPI
    src/                      the same, unpacked (headers: src/hpy/devel/include)
    venv/                     CPython with hpy, setuptools and pytest
    ext/                      every extension as NAME.hpy0.so with the NAME.py stub hpy.devel writes
    bare/                     the same NAME.hpy0.so files alone
    bad/                      libraries that must be refused

`ext` needs hpy.universal and pkg_resources, as on any Python; `bare` needs a
Python that imports NAME.hpy0.so by itself.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

VERSION = "0.9.0"
ROOT = Path(__file__).resolve().parents[2]
BASE = ROOT / "target" / "hpy"
SDIST = BASE / "sdist" / f"hpy-{VERSION}.tar.gz"
SRC = BASE / "src"
VENV = BASE / "venv"
PYTHON = VENV / "bin" / "python"
EXT = BASE / "ext"
BARE = BASE / "bare"
BAD = BASE / "bad"
STAMP = BASE / "stamp"

# pkg_resources, which the stubs import, left setuptools in a later release.
PACKAGES = ["setuptools==80.9.0", "wheel", "pytest"]

# Directories of the sdist with a setup.py that is run as it is.
PROJECTS = [
    "proof-of-concept",
    "docs/examples/quickstart",
    "docs/examples/simple-example",
    "docs/examples/hpytype-example",
    "docs/examples/snippets",
]

# The setup.py of microbench also wants cffi and Valgrind's headers, for an
# extension that is not HPy's; this one compiles the same C files in its place.
MICROBENCH_SETUP = """
from setuptools import setup, Extension
setup(
    name="hpy.microbench",
    py_modules=[],
    ext_modules=[Extension("cpy_simple", ["src/cpy_simple.c"], extra_compile_args=["-g"])],
    hpy_ext_modules=[Extension("hpy_simple", ["src/hpy_simple.c"], extra_compile_args=["-g"])],
    setup_requires=["hpy"],
)
"""

# Directories of this repository with a setup.py for HPy.
OWN_PROJECTS = ["examples/leak", "examples/moving", "tests/hpy/own"]

# bad/bad.c compiled into files that no loader may accept: file name -> compiler flags.
BAD_LIBRARIES = {
    "ordinary.hpy0.so": ["-DNOTHING"],
    "major.hpy0.so": ["-DNAME=major", "-DMAJOR=7"],
    "minor.hpy0.so": ["-DNAME=minor", "-DMINOR=99"],
    "nocontext.hpy0.so": ["-DNAME=nocontext", "-DNO_CONTEXT"],
    "noinit.hpy0.so": ["-DNAME=noinit", "-DNO_INIT"],
    "nullinit.hpy0.so": ["-DNAME=nullinit"],
    "notag.so": ["-DNAME=notag"],
    "othertag.hpy3.so": ["-DNAME=othertag"],
}


class BuildError(Exception):
    pass


def run(*command, cwd=None):
    """Run quietly; on failure show what was said."""
    env = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1")
    env.pop("PYTHONPATH", None)
    result = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if result.returncode != 0:
        raise BuildError("%s\nfailed with:\n%s" % (" ".join(str(p) for p in command), result.stdout))
    return result.stdout


def say(text):
    print("tests/hpy/build.py: " + text, file=sys.stderr, flush=True)


def fingerprint():
    """Changes whenever what must be built does."""
    digest = hashlib.sha256()
    inputs = [Path(__file__)]
    inputs += sorted((ROOT / "tests/hpy/bad").glob("*.c"))
    for project in OWN_PROJECTS:
        inputs += sorted((ROOT / project).glob("*.c")) + sorted((ROOT / project).glob("setup.py"))
    for path in inputs:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    digest.update(sys.version.encode())
    return digest.hexdigest()


def fetch():
    if not SDIST.exists():
        say(f"downloading hpy {VERSION}")
        try:
            run(sys.executable, "-m", "pip", "download", f"hpy=={VERSION}",
                "--no-binary", ":all:", "--no-deps", "-d", SDIST.parent)
        except BuildError as e:
            raise BuildError(f"cannot download hpy {VERSION}; is there a network and a package index?\n{e}")
    shutil.rmtree(SRC, ignore_errors=True)
    unpacked = BASE / "unpacked"
    shutil.rmtree(unpacked, ignore_errors=True)
    with tarfile.open(SDIST) as archive:
        archive.extractall(unpacked)
    (unpacked / f"hpy-{VERSION}").rename(SRC)
    unpacked.rmdir()


def make_venv():
    if PYTHON.exists():
        try:
            run(PYTHON, "-c", "import hpy.universal, pkg_resources, pytest")
            return
        except BuildError:
            shutil.rmtree(VENV)
    say("making a virtual environment with hpy in it (a minute or two)")
    run(sys.executable, "-m", "venv", VENV)
    try:
        run(PYTHON, "-m", "pip", "install", *PACKAGES)
        run(PYTHON, "-m", "pip", "install", SDIST)
    except BuildError as e:
        shutil.rmtree(VENV, ignore_errors=True)
        raise BuildError(f"cannot install hpy {VERSION} into {VENV}\n{e}")


def build_project(directory, setup="setup.py"):
    """Build in place, then collect each NAME.hpy0.so and its stub, in packages or not; and what is
    for CPython's C API, into `ext` alone."""
    run(PYTHON, setup, "--hpy-abi=universal", "build_ext", "--inplace", "--force", cwd=directory)
    shutil.rmtree(directory / "build", ignore_errors=True)
    for library in directory.glob("*.cpython-*.so"):
        shutil.copy2(library, EXT)
    for library in sorted(directory.rglob("*.hpy0.so")):
        relative = library.relative_to(directory)
        stub = library.with_name(library.name.replace(".hpy0.so", ".py"))
        for target in (EXT, BARE):
            (target / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(library, target / relative)
        shutil.copy2(stub, (EXT / relative).with_name(stub.name))


def build_own(project):
    """Build a copy, so that nothing is written next to the sources."""
    copy = BASE / "own" / project
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(ROOT / project, copy)
    build_project(copy)


def build_bad():
    shutil.rmtree(BAD, ignore_errors=True)
    BAD.mkdir()
    for name, flags in BAD_LIBRARIES.items():
        run("cc", "-shared", "-fPIC", *flags, "-o", BAD / name, ROOT / "tests/hpy/bad/bad.c")
    include = SRC / "hpy" / "devel" / "include"
    run("cc", "-shared", "-fPIC", "-DHPY", "-DHPY_ABI_UNIVERSAL", f"-I{include}", "-o",
        BAD / "raises.hpy0.so", ROOT / "tests/hpy/bad/raises.c")
    shutil.copy2(next(EXT.glob("cpy_simple.*.so")), BAD / "cpy_simple.hpy0.so")
    (BAD / "directory.hpy0.so").mkdir()
    (BAD / "text.hpy0.so").write_text("This is no shared library.\n")
    (BAD / "empty.hpy0.so").write_text("")


def build():
    shutil.rmtree(EXT, ignore_errors=True)
    shutil.rmtree(BARE, ignore_errors=True)
    fetch()
    make_venv()
    for project in PROJECTS:
        say(f"building {project}")
        build_project(SRC / project)
    say("building microbench")
    (SRC / "microbench" / "setup_hpy_simple.py").write_text(MICROBENCH_SETUP)
    build_project(SRC / "microbench", "setup_hpy_simple.py")
    build_bad()
    for project in OWN_PROJECTS:
        if (ROOT / project / "setup.py").exists():
            say(f"building {project}")
            build_own(project)


def main():
    BASE.mkdir(parents=True, exist_ok=True)
    # Several test programs may ask for the fixtures at the same time.
    with open(BASE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = fingerprint()
        if "--force" in sys.argv[1:]:
            STAMP.unlink(missing_ok=True)
            shutil.rmtree(VENV, ignore_errors=True)
        if STAMP.exists() and STAMP.read_text() == wanted:
            return 0
        STAMP.unlink(missing_ok=True)
        try:
            build()
        except BuildError as e:
            say(f"error: {e}")
            return 1
        STAMP.write_text(wanted)
        return 0


if __name__ == "__main__":
    sys.exit(main())
