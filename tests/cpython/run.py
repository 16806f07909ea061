#!/usr/bin/env python3
"""Runs files of CPython's test package under Sidewinder: the machine's `python3` brings them along.

    python3 tests/cpython/run.py [-j N] [--stress] [--ci] [--only WORD] [--binary FILE] [NAME ...]

Without names: all files of files.txt (with --ci only those marked there). A table says for each file how many
tests ran, passed, failed, had errors, were skipped, and how many known.txt excuses. The exit status is 1 when a test
fails that known.txt does not name, or passes though it does.

Nothing of the test package enters the repository: it is linked into target/cpython.
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "target" / "cpython"
# Reasons of known.txt begin with one of these. The first two say that the test does not apply.
APART = ("changed:", "cpython:")
LIMIT = 120


def read_table(path):
    """`NAME: REASON` lines."""
    table = {}
    for line in path.read_text().splitlines():
        line = line.split("#")[0] if line.startswith("#") else line
        if line.strip():
            name, _, reason = line.partition(":")
            table[name.strip()] = reason.strip()
    return table


def link_tests():
    import test

    link = WORK / "lib" / "test"
    link.parent.mkdir(parents=True, exist_ok=True)
    source = pathlib.Path(test.__path__[0])
    if not link.is_symlink() or pathlib.Path(os.readlink(link)) != source:
        # Two runs may do this at once: each makes a link of its own and renames it into place.
        with tempfile.TemporaryDirectory(dir=WORK) as place:
            fresh = pathlib.Path(place) / "test"
            fresh.symlink_to(source)
            fresh.replace(link)
    return link.parent


def notice_interrupts():
    """A shell starts what is to run in the background with interrupts ignored, and that is inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class File:
    """One test file: runs it, again without the test that crashed or hung, until it ends."""

    def __init__(self, name, options, library, known):
        self.name, self.options, self.library = name, options, library
        # What is known to hang is not waited for.
        self.results = {
            test: ("error", "known to hang") for test, reason in known.items()
            if reason.endswith("(hangs)") and test.startswith(name + ".")
        }
        self.trouble = None

    def run(self):
        started = time.monotonic()
        with tempfile.TemporaryDirectory(dir=WORK) as place:
            # A crash or a hang takes its test out; more than a few are a trouble of the file.
            for _ in range(12):
                if self.attempt(pathlib.Path(place)):
                    break
        self.seconds = time.monotonic() - started
        return self

    def attempt(self, place):
        report, skip = place / "report", place / "skip"
        report.unlink(missing_ok=True)
        skip.write_text("\n".join(self.results))
        command = [self.options.binary]
        if self.options.stress:
            command += ["-X", "gc=stress:200"]
        command += [str(HERE / "one.py"), str(report), self.name, "--skip", str(skip)]
        if self.options.only:
            command += ["--only", self.options.only]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        environment["PYTHONPATH"] = str(self.library)
        environment["PYTHONPYCACHEPREFIX"] = str(WORK / "cache")
        work = place / "work"
        work.mkdir(exist_ok=True)
        limit = self.options.limit * (10 if self.options.stress else 1)
        with open(place / "output", "wb") as output:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, cwd=work, env=environment, start_new_session=True,
                preexec_fn=notice_interrupts)
            how = None
            try:
                status = process.wait(limit)
                if status < 0:
                    how = f"crash: signal {-status}"
                elif status:
                    how = f"exit status {status}"
            except subprocess.TimeoutExpired:
                how = f"hang: over {limit} s"
            finally:
                try:
                    os.killpg(process.pid, 9)
                except ProcessLookupError:
                    pass
                process.wait()
        lines = report.read_text(errors="replace").splitlines() if report.exists() else []
        running = None
        for line in lines:
            what, _, rest = line.partition(" ")
            name, _, why = rest.partition(" ")
            if what == "start":
                running = name
            elif what != "end":
                self.results[name] = (what, why)
                running = None
        if lines and lines[-1] == "end":
            return True
        if running is None:
            text = (place / "output").read_text(errors="replace").strip().splitlines()
            self.trouble = f"{how or 'no report'}: {text[-1] if text else ''}"
            return True
        self.results[running] = ("error", how or "no end")
        return False


def judge(file, known):
    """Counts, and what is not as known.txt says."""
    counts = collections.Counter()
    surprises = []
    for name, (what, why) in file.results.items():
        reason = known.get(name)
        counts["run"] += what != "skip"
        if what == "skip":
            counts["skipped"] += 1
        elif what == "ok":
            counts["passed"] += 1
            if reason is not None and not reason.endswith("(either way)"):
                surprises.append(f"unexpected pass: {name}")
        else:
            counts["failed" if what == "fail" else "errors"] += 1
            if reason is None:
                surprises.append(f"unexpected {what}: {name}: {why}")
            else:
                counts["known"] += 1
                counts["apart"] += reason.startswith(APART)
    if file.trouble and known.get(file.name) is None:
        surprises.append(f"unexpected: {file.name}: {file.trouble}")
    return counts, surprises


COLUMNS = ("run", "passed", "failed", "errors", "skipped", "known", "apart")


def row(name, counts, extra):
    return f"{name:<26}" + "".join(f"{counts[c]:>9}" for c in COLUMNS) + f"  {extra}"


def share(counts):
    counted = counts["run"] - counts["apart"]
    return f"{100 * counts['passed'] / counted:6.1f} %" if counted else "     -"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-j", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--stress", action="store_true")
    parser.add_argument("--ci", action="store_true")
    parser.add_argument("--only")
    parser.add_argument("--limit", type=float, default=LIMIT)
    parser.add_argument("--binary", default=str(ROOT / "target" / "release" / "sidewinder"))
    parser.add_argument("--log", help="write every result to this file")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    try:
        library = link_tests()
    except ImportError:
        print("skipped: python3 has no test package here")
        return 0
    files = read_table(HERE / "files.txt")
    mark = "stress" if options.stress else "ci"
    names = options.names or [n for n, marks in files.items() if not options.ci or mark in marks]
    options.binary = os.path.abspath(options.binary)
    known = read_table(HERE / "known.txt")
    total, surprises, log = collections.Counter(), [], []
    print(f"{'':<26}" + "".join(f"{c:>9}" for c in COLUMNS))
    with concurrent.futures.ThreadPoolExecutor(options.j) as pool:
        for file in pool.map(lambda name: File(name, options, library, known).run(), names):
            counts, wrong = judge(file, known)
            total += counts
            surprises += wrong
            log += [f"{what} {name} {why}" for name, (what, why) in file.results.items()]
            note = f"{share(counts)} {file.seconds:6.1f} s  {file.trouble or ''}"
            print(row(file.name, counts, note), flush=True)
    print(row("total", total, share(total)))
    if options.log:
        pathlib.Path(options.log).write_text("\n".join(log) + "\n")
    for line in surprises:
        print(line)
    return 1 if surprises else 0


sys.exit(main())
