#!/usr/bin/env python3
"""Run HPy's own test suite, its files unmodified, under Sidewinder, with the real pytest.

    python3 tests/hpy/suite.py                         # every test that applies
    python3 tests/hpy/suite.py --abi universal         # one ABI (universal, debug, none)
    python3 tests/hpy/suite.py test_hpytype leak       # only tests with such a word in their names
    python3 tests/hpy/suite.py --stress 1              # while the heap moves at every safepoint

The test files come from the sdist of hpy 0.9.0 on PyPI, pytest and setuptools from PyPI as well
(tests/hpy/build.py fetches them). Each test file is a process of its own, which Sidewinder runs
pytest in; when it crashes, another one goes on behind the test that did it. Extensions are compiled
by `cc` with hpy.devel's headers and flags (suite/suite_plugin.py) and kept in target/hpy/suite.

suite-known.txt lists tests that do not pass, each with its reason. A failure that is not listed, or
a listed test that passes, fails the run. Tests of the ABIs cpython and hybrid need CPython's C API
and are only counted.
"""

import argparse
import concurrent.futures
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BASE = ROOT / "target" / "hpy"
SRC = BASE / "src"
CACHE = BASE / "suite"
KNOWN = HERE / "suite-known.txt"
DEVEL = SRC / "hpy" / "devel"
LIMIT = 60
STRESS_LIMIT = 600
FLAGS = ["-g", "-O0", "-Wfatal-errors", "-Werror", "-fPIC", "-DHPY", "-DHPY_ABI_UNIVERSAL",
         f"-I{DEVEL / 'include'}", f"-I{DEVEL / 'include' / 'hpy' / 'forbid_python_h'}"]
HELPERS = ["argparse", "buildvalue", "format", "helpers", "structseq"]
# Tests of the C API of CPython alone, though their names have no ABI in them.
CPYTHON_ONLY = ["test_cpymod_", "test_dont_mix_cpython_and_universal_abis"]


def compile_helpers():
    """The C files that hpy.devel links into every extension."""
    CACHE.mkdir(parents=True, exist_ok=True)
    objects = []
    for name in HELPERS:
        target = CACHE / f"{name}.o"
        if not target.exists():
            source = DEVEL / "src" / "runtime" / f"{name}.c"
            subprocess.run(["cc", *FLAGS, "-c", source, "-o", target], check=True)
        objects.append(str(target))
    return objects


def link_packages():
    """The packages for Sidewinder: what the virtual environment has, less what Sidewinder brings."""
    packages = BASE / "suite-packages"
    shutil.rmtree(packages, ignore_errors=True)
    packages.mkdir()
    for package in next((BASE / "venv" / "lib").glob("python*/site-packages")).iterdir():
        if package.name.partition("-")[0] not in ("hpy", "pkg_resources"):
            (packages / package.name).symlink_to(package)
    return packages


class Messages:
    """What the plugin tells through its pipe, line by line; None at the end or after `limit`
    seconds of silence."""

    def __init__(self, fd, limit):
        self.fd, self.limit, self.rest, self.late = fd, limit, b"", False

    def __iter__(self):
        while True:
            if not select.select([self.fd], [], [], self.limit)[0]:
                self.late = True
                return
            data = os.read(self.fd, 1 << 16)
            if not data:
                return
            *lines, self.rest = (self.rest + data).split(b"\n")
            yield from map(json.loads, lines)


class Runner:
    def __init__(self, binary, stress):
        self.binary, self.stress = binary, stress
        self.limit = STRESS_LIMIT if stress else LIMIT
        self.objects = compile_helpers()
        self.packages = link_packages()

    def pytest(self, arguments, listener):
        """One process of pytest: how it ended and what it printed."""
        directory = Path(tempfile.mkdtemp(prefix="hpy-suite-"))
        reader, writer = os.pipe()
        settings = {"pipe": writer, "flags": FLAGS, "objects": self.objects, "cache": str(CACHE),
                    "stress": self.stress, "venv": str(BASE / "venv"), "src": str(SRC)}
        env = dict(os.environ, HPY_SUITE=json.dumps(settings), PYTHONDONTWRITEBYTECODE="1",
                   PYTHONPATH=os.pathsep.join([str(HERE / "suite"), str(self.packages)]))
        env.pop("HPY", None)
        # Also for the pytest that a test calls.
        env["PYTEST_ADDOPTS"] = "-p no:cacheprovider -p no:faulthandler --assert=plain --tb=short -q"
        command = [self.binary, "-m", "pytest", "-p", "suite_plugin",
                   f"--basetemp={directory / 'tmp'}"]
        try:
            with open(directory / "output", "w+b") as output:
                process = subprocess.Popen([*command, *arguments], stdin=subprocess.DEVNULL,
                                           stdout=output, stderr=output, env=env, cwd=SRC,
                                           pass_fds=[writer])
                os.close(writer)
                messages = Messages(reader, self.limit)
                for message in messages:
                    listener(message)
                if messages.late:
                    process.kill()
                code = process.wait()
                output.seek(0)
                said = output.read().decode(errors="replace")
        finally:
            os.close(reader)
            shutil.rmtree(directory, ignore_errors=True)
        if messages.late:
            return "time limit", said
        return (signal.Signals(-code).name if code < 0 else f"exit status {code}"), said

    def collect(self):
        found = []
        ended, said = self.pytest(["--collect-only", "test"],
                                  lambda message: found.extend(message.get("tests", [])))
        if ended != "exit status 0":
            sys.exit(f"cannot collect the tests ({ended}):\n{said}")
        return [name.removeprefix("test/").replace(".py::", "::", 1) for name in found]

    def run(self, tests):
        """Runs tests of one file: [(test, outcome, text)]."""
        results, waiting = {}, list(tests)
        while waiting:
            running = None

            def listen(message):
                nonlocal running
                if "begin" in message:
                    running = message["begin"]
                elif "test" in message and results.get(message["test"], ("passed",))[0] == "passed":
                    results[message["test"]] = message["outcome"], message["text"]

            ids = {f"test/{name.replace('::', '.py::', 1)}": name for name in waiting}
            ended, said = self.pytest(list(ids), listen)
            if ended not in ("exit status 0", "exit status 1") or not any(i in results for i in ids):
                results[running or next(iter(ids))] = "crash", f"{ended}\n{said}"
            waiting = [name for i, name in ids.items() if i not in results]
            for i, name in ids.items():
                if i in results:
                    yield name, *results[i]


def known_failures(stress):
    """The listed tests: name -> reason. A line `stress NAME reason` counts only in stress mode."""
    found = {}
    for line in KNOWN.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, _, reason = line.partition("  ")
        if name.startswith("stress "):
            if not stress:
                continue
            name = name[7:]
        found[name.strip()] = reason.strip()
    return found


def abi_of(test):
    parameters = test.partition("[")[2].rstrip("]").split("-")
    if any(name in test for name in CPYTHON_ONLY):
        return "cpython"
    for abi in ("cpython", "hybrid+debug", "hybrid+trace", "hybrid", "universal", "debug", "trace"):
        if abi in parameters:
            return abi
    return "none"


def show(test, outcome, text):
    lines = text.rstrip().splitlines()
    print(f"--- {outcome.upper()}: {test}")
    print("\n".join("    " + line for line in lines[-25:]), flush=True)


def run_all(runner, chosen, known, verbose):
    """Runs the tests, files in parallel: {test: outcome}, and names of what was not expected."""
    files = {}
    for test in chosen:
        files.setdefault(test.partition("::")[0], []).append(test)
    # The largest first.
    order = sorted(files.values(), key=len, reverse=True)
    results, unexpected = {}, []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for finished in pool.map(lambda tests: list(runner.run(tests)), order):
            for test, outcome, text in finished:
                results[test] = outcome, text
                bad = outcome not in ("passed", "skipped")
                if bad and (test not in known or verbose):
                    show(test, outcome, text)
                if bad and test not in known:
                    unexpected.append(test)
                if outcome == "passed" and test in known:
                    print(f"--- PASSES, but is listed: {test}")
                    unexpected.append(test)
    return results, unexpected


def print_table(results, known):
    print(f"{'ABI':<12}{'tests':>7}{'passed':>8}{'not applicable':>16}{'known':>7}{'failed':>8}")
    reasons = {}
    for abi in ["universal", "debug", "none"]:
        mine = {test: result for test, result in results.items() if abi_of(test) == abi}
        count = {"passed": 0, "n/a": 0, "known": 0, "failed": 0}
        for test, (outcome, text) in mine.items():
            reason = known.get(test, "")
            if outcome == "skipped" or (outcome != "passed" and reason.startswith("syncgc")):
                why = text.removeprefix("Skipped: ") if outcome == "skipped" else reason
                reasons.setdefault(why, []).append(test)
                count["n/a"] += 1
            elif outcome == "passed":
                count["passed"] += 1
            else:
                count["known" if test in known else "failed"] += 1
        print(f"{abi:<12}{len(mine):>7}{count['passed']:>8}{count['n/a']:>16}{count['known']:>7}"
              f"{count['failed']:>8}")
    for reason, tests in sorted(reasons.items()):
        print(f"not applicable: {reason or 'no reason given'}")
        for test in tests:
            print(f"    {test}")


def main():
    parser = argparse.ArgumentParser(description="HPy's test suite under Sidewinder")
    parser.add_argument("words", nargs="*", help="only tests with such a word in the name")
    parser.add_argument("--abi", action="append", help="universal, debug or none")
    parser.add_argument("--stress", type=int, default=0, metavar="N",
                        help="move the heap every N safepoints while a test runs")
    parser.add_argument("--verbose", action="store_true", help="show why listed tests fail as well")
    options = parser.parse_args()

    subprocess.run([sys.executable, HERE / "build.py"], check=True)
    binary = os.environ.get("SIDEWINDER_TEST_BINARY", ROOT / "target" / "debug" / "sidewinder")
    runner = Runner(str(binary), options.stress)
    tests = runner.collect()
    wanted = options.abi or ["universal", "debug", "none"]
    chosen = [test for test in tests if abi_of(test) in wanted
              and (not options.words or any(word in test for word in options.words))]
    if not chosen:
        sys.exit("no such test")
    known = known_failures(options.stress)
    start = time.monotonic()
    results, unexpected = run_all(runner, chosen, known, options.verbose)
    mode = f", the heap moving every {options.stress} safepoints" if options.stress else ""
    print(f"\nHPy 0.9.0's test suite on Sidewinder{mode}: {time.monotonic() - start:.0f} s")
    print_table(results, known)
    counts = {}
    for test in tests:
        counts[abi_of(test)] = counts.get(abi_of(test), 0) + 1
    print("out of scope (they need CPython's C API):",
          ", ".join(f"{n} of ABI {abi}" for abi, n in sorted(counts.items())
                    if abi.startswith(("cpython", "hybrid"))))
    if unexpected:
        print(f"{len(unexpected)} unexpected")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
