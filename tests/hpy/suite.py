#!/usr/bin/env python3
"""Run HPy's own test suite, its files unmodified, under Sidewinder.

    python3 tests/hpy/suite.py                         # every test that applies
    python3 tests/hpy/suite.py --abi universal         # one ABI (universal, debug, none)
    python3 tests/hpy/suite.py test_hpytype leak       # only tests with such a word in their names
    python3 tests/hpy/suite.py --stress 20             # while the heap keeps moving

The test files come from the sdist of hpy 0.9.0 on PyPI (tests/hpy/build.py fetches it). Each test is
a process of its own (suite/run_one.py), so that a crash loses nothing else. What a test cannot do
inside Sidewinder, compiling C above all, it asks of this program through two pipes; what was
compiled is kept in target/hpy/suite by the hash of its source.

suite-known.txt lists tests that do not pass, each with its reason. A failure that is not listed, or
a listed test that passes, fails the run. Tests of the ABIs cpython and hybrid need CPython's C API
and are only counted.
"""

import argparse
import ast
import concurrent.futures
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
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
STRESS_LIMIT = 300
FLAGS = ["-g", "-O0", "-Wfatal-errors", "-Werror", "-fPIC", "-DHPY", "-DHPY_ABI_UNIVERSAL",
         f"-I{DEVEL / 'include'}", f"-I{DEVEL / 'include' / 'hpy' / 'forbid_python_h'}"]

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


class Compiler:
    """Compiles extensions as hpy.devel does for the universal ABI; keeps the results."""

    def __init__(self):
        CACHE.mkdir(parents=True, exist_ok=True)
        self.helpers = []
        self.lock = threading.Lock()
        names = ["argparse", "buildvalue", "format", "helpers", "structseq"]
        for name in names:
            target = CACHE / f"{name}.o"
            if not target.exists():
                source = DEVEL / "src" / "runtime" / f"{name}.c"
                subprocess.run(["cc", *FLAGS, "-c", source, "-o", target], check=True)
            self.helpers.append(target)

    def compile(self, request):
        """Puts NAME.hpy0.so and its stub into the directory of the request."""
        directory, name = Path(request["directory"]), request["name"]
        sources = [directory / source for source in request["sources"]]
        digest = hashlib.sha256(repr((name, FLAGS)).encode())
        for source in sources:
            digest.update(source.name.encode())
            digest.update(source.read_bytes())
        kept = CACHE / (digest.hexdigest()[:32] + ".so")
        if not kept.exists():
            # In the directory of the test, so that messages and debug information name mytest.c.
            fresh = kept.with_suffix(f".{threading.get_ident()}")
            done = subprocess.run(
                ["cc", *FLAGS, "-shared", *[s.name for s in sources], *self.helpers, "-o", fresh],
                cwd=directory, capture_output=True, text=True)
            if done.returncode != 0:
                return {"ok": False, "output": done.stdout + done.stderr}
            fresh.rename(kept)
        target = directory / f"{name}.hpy0.so"
        shutil.copy(kept, target)
        (directory / f"{name}.py").write_text(STUB.format(file=target.name, name=name))
        return {"ok": True, "path": str(target)}


class Runner:
    def __init__(self, binary, options, keep):
        self.binary, self.options, self.keep = binary, options, keep
        self.limit = STRESS_LIMIT if options else LIMIT
        self.compiler = Compiler()

    def answer(self, request):
        if request["do"] == "compile":
            return self.compiler.compile(request)
        raise ValueError(request)

    def python(self, *arguments):
        """One process of run_one.py: (returncode, its last message, what it printed)."""
        directory = Path(tempfile.mkdtemp(prefix="hpy-suite-"))
        out, err = directory / "stdout", directory / "stderr"
        (directory / "tmp").mkdir()
        to_us, from_test = os.pipe()
        to_test, from_us = os.pipe()
        env = dict(os.environ, HPY_SUITE_SRC=str(SRC), HPY_SUITE_DIR=str(directory),
                   HPY_SUITE_PIPES=f"{to_test},{from_test}")
        env.pop("HPY", None)
        command = [self.binary, *self.options, HERE / "suite" / "run_one.py", *arguments]
        with open(out, "wb") as stdout, open(err, "wb") as stderr:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout,
                                       stderr=stderr, env=env, cwd=directory,
                                       pass_fds=[to_test, from_test])
        os.close(to_test)
        os.close(from_test)
        timer = threading.Timer(self.limit, process.kill)
        timer.start()
        last = None
        with open(to_us, "r", encoding="utf-8") as requests, \
                open(from_us, "w", encoding="utf-8") as replies:
            for line in requests:
                message = ast.literal_eval(line)
                if "do" not in message:
                    last = message
                    continue
                try:
                    replies.write(repr(self.answer(message)) + "\n")
                    replies.flush()
                except BrokenPipeError:
                    break
        code = process.wait()
        timer.cancel()
        said = out.read_bytes() + err.read_bytes()
        if not self.keep:
            shutil.rmtree(directory, ignore_errors=True)
        return code, last, said.decode(errors="replace")

    def collect(self):
        code, last, said = self.python("--collect")
        if last is None:
            sys.exit(f"cannot collect the tests (status {code}):\n{said}")
        for module, reason in last["broken"]:
            print(f"cannot import {module}: {reason}")
        return last["tests"], last["broken"]

    def run(self, test):
        start = time.monotonic()
        try:
            code, last, said = self.python(test)
        except Exception as e:
            return test, "error", repr(e), time.monotonic() - start
        spent = time.monotonic() - start
        if last is None or code != 0:
            how = signal.Signals(-code).name if code < 0 else f"exit status {code}"
            if spent >= self.limit:
                how = "time limit"
            said = said + (f"(result: {last})" if last else "")
            return test, "crash", f"{how}\n{said}", spent
        outcome, text = last["outcome"], last["text"]
        return test, outcome, text + ("\n" + said if outcome == "failed" else ""), spent


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
    for abi in ("cpython", "hybrid+debug", "hybrid+trace", "hybrid", "universal", "debug", "trace"):
        if abi in parameters:
            return abi
    return "none"


def main():
    parser = argparse.ArgumentParser(description="HPy's test suite under Sidewinder")
    parser.add_argument("words", nargs="*", help="only tests with such a word in the name")
    parser.add_argument("--abi", action="append", help="universal, debug, trace or none")
    parser.add_argument("--stress", type=int, metavar="N", help="move the heap every N safepoints")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--verbose", action="store_true", help="show why listed tests fail as well")
    parser.add_argument("--keep", action="store_true", help="leave the tests' directories")
    options = parser.parse_args()

    subprocess.run([sys.executable, HERE / "build.py"], check=True)
    binary = os.environ.get("SIDEWINDER_TEST_BINARY", ROOT / "target" / "debug" / "sidewinder")
    flags = ["-X", f"gc=stress:{options.stress}"] if options.stress else []
    runner = Runner(str(binary), flags, options.keep)
    tests, broken = runner.collect()
    counts = {}
    for test in tests:
        counts[abi_of(test)] = counts.get(abi_of(test), 0) + 1
    wanted = options.abi or ["universal", "debug", "trace", "none"]
    chosen = [t for t in tests if abi_of(t) in wanted
              and (not options.words or any(w in t for w in options.words))]

    known = known_failures(options.stress)
    results, unexpected = {}, [module for module, _ in broken]
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for test, outcome, text, spent in pool.map(runner.run, chosen):
            results[test] = outcome
            good = outcome in ("passed", "skipped")
            if not good and (test not in known or options.verbose):
                lines = text.rstrip().splitlines()
                print(f"--- {outcome.upper()}: {test} ({spent:.1f} s)")
                print("\n".join("    " + line for line in lines[-25:]), flush=True)
            if not good and test not in known:
                unexpected.append(test)
            if outcome == "passed" and test in known:
                print(f"--- PASSES, but is listed: {test}")
                unexpected.append(test)
            if outcome == "skipped" and options.verbose:
                print(f"--- skipped: {test}: {text}")
    print(f"\nHPy 0.9.0's test suite on Sidewinder{' ' + ' '.join(flags) if flags else ''},"
          f" {time.monotonic() - start:.0f} s")
    print(f"{'ABI':<12}{'tests':>7}{'passed':>8}{'skipped':>9}{'known':>7}{'failed':>8}")
    for abi in ["universal", "debug", "trace", "none"]:
        mine = [t for t in chosen if abi_of(t) == abi]
        outcomes = [results[t] for t in mine]
        bad = [t for t in mine if results[t] not in ("passed", "skipped")]
        listed = len([t for t in bad if t in known])
        print(f"{abi:<12}{len(mine):>7}{outcomes.count('passed'):>8}"
              f"{outcomes.count('skipped'):>9}{listed:>7}{len(bad) - listed:>8}")
    others = {abi: n for abi, n in counts.items() if abi in ("cpython", "hybrid", "hybrid+debug")}
    print("not applicable (they need CPython's C API):",
          ", ".join(f"{n} of ABI {abi}" for abi, n in sorted(others.items())))
    if unexpected:
        print(f"{len(unexpected)} unexpected")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
