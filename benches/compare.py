#!/usr/bin/env python3
"""Run the benchmarks under several Pythons side by side and print tables of ratios.

    python3 benches/compare.py                      # python3 and target/release/sidewinder
    python3 benches/compare.py --python python3 --python pypy3 --only gcbench --rounds 3
    python3 benches/compare.py --micro              # single operations; words pick some
    python3 benches/compare.py --hpy                # HPy's microbenchmarks, and CPython's C API at the same

The Pythons take turns, round by round, so that a slow moment of the machine
hits all of them; figures are medians. A ratio is the first Python's seconds
over this one's: above 1 is faster. Exits with 1 when a benchmark fails or two
Pythons compute different things.
"""

import argparse
import math
import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BENCHES = Path(__file__).resolve().parent
ROOT = BENCHES.parent
SIDEWINDER = ROOT / "target" / "release" / "sidewinder"
HPY = ROOT / "target" / "hpy"

NAMES = [
    "gcbench",
    "fib",
    "nbody",
    "fannkuch",
    "spectral_norm",
    "richards",
    "deltablue",
    "strdict",
    "exceptions",
    "generators",
    "methods",
]


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


class Run:
    """One finished process: exit status, output, wall-clock seconds, peak resident MiB."""

    def __init__(self, command, env=None):
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            start = time.perf_counter()
            # A preexec_fn makes subprocess fork rather than vfork: the peak memory of
            # a vforked child would start at this process's own.
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=env, preexec_fn=lambda: None
            )
            _, status, usage = os.wait4(process.pid, 0)
            self.wall = time.perf_counter() - start
            self.status = process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            err.seek(0)
            self.out = out.read()
            self.err = err.read()
        self.peak = usage.ru_maxrss / 1024

    def seconds(self):
        """What the benchmark itself measured: its last line."""
        lines = self.out.splitlines()
        if self.status != 0 or not lines or not lines[-1].startswith("time: "):
            return None
        return float(lines[-1][len("time: ") :])

    def checksum(self):
        for line in self.out.splitlines():
            if line.startswith("checksum:"):
                return line
        return None

    def complaint(self):
        last = (self.err.strip() or self.out.strip() or "no output").splitlines()[-1]
        return "exit status %d: %s" % (self.status, last)


class Python:
    """One interpreter under test: a command, maybe with options."""

    def __init__(self, text):
        self.command = shlex.split(text)
        probe = (
            "import sys; print(sys.implementation.name, '%d.%d.%d' % tuple(sys.version_info[:3]));"
            "print(getattr(sys, 'executable', ''))"
        )
        run = Run(self.command + ["-c", probe])
        if run.status != 0:
            raise SystemExit("%s does not run: %s" % (text, run.complaint()))
        first, executable = run.out.splitlines()
        self.implementation, version = first.split()
        # The command may be a wrapper script that would count as start-up.
        if executable:
            self.command[0] = executable
        self.label = "%s %s" % (self.implementation, version)
        if len(self.command) > 1:
            self.label += " " + " ".join(self.command[1:])


class Table:
    """Rows of name -> one (seconds, peak) or None per Python; prints markdown."""

    def __init__(self, pythons, unit, digits, show_peak):
        self.pythons = pythons
        self.unit = unit
        self.digits = digits
        self.show_peak = show_peak
        self.ratios = [[] for _ in pythons]
        self.rows = []

    def add(self, name, cells, in_mean=True):
        base = cells[0]
        row = [name]
        for i, cell in enumerate(cells):
            if cell is None:
                row += ["failed"] + ([""] if i else []) + ([""] if self.show_peak else [])
                continue
            value, peak = cell
            row.append("%.*f" % (self.digits, value))
            if i:
                ratio = base[0] / value if base and value else None
                row.append("%.2f" % ratio if ratio else "")
                if ratio and in_mean:
                    self.ratios[i].append(ratio)
            if self.show_peak:
                row.append("%.1f" % peak)
        self.rows.append(row)

    def print(self):
        head = ["benchmark"]
        for i, python in enumerate(self.pythons):
            head.append("%s, %s" % (python.label, self.unit))
            if i:
                head.append("ratio")
            if self.show_peak:
                head.append("peak MiB")
        mean = ["geometric mean"]
        for i, ratios in enumerate(self.ratios):
            mean.append("")
            if i:
                mean.append("%.2f" % math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else "")
            if self.show_peak:
                mean.append("")
        rows = [head, ["---"] + ["--:"] * (len(head) - 1)] + self.rows + [mean]
        widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
        for row in rows:
            cells = [row[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(row[1:], widths[1:])]
            print("| " + " | ".join(cells) + " |")
        print()


def progress(text):
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K" + text)
        sys.stderr.flush()


def medians(samples):
    """[(seconds, peak), ...] -> the median of each, or None."""
    if not samples:
        return None
    return median(s for s, _ in samples), median(p for _, p in samples)


def compare_benchmarks(pythons, names, rounds):
    """Time every benchmark; the list of what went wrong."""
    problems = []
    table = Table(pythons, "s", 3, True)
    for name in names:
        samples = [[] for _ in pythons]
        checksums = {}
        failed = set()
        for round_number in range(rounds):
            for i, python in enumerate(pythons):
                if i in failed:
                    continue
                progress("%s, round %d, %s" % (name, round_number + 1, python.label))
                run = Run(python.command + [str(BENCHES / (name + ".py"))])
                seconds = run.seconds()
                if seconds is None:
                    failed.add(i)
                    problems.append("%s under %s: %s" % (name, python.label, run.complaint()))
                    continue
                checksums.setdefault(run.checksum(), []).append(python.label)
                samples[i].append((seconds, run.peak))
        if len(checksums) > 1:
            problems.append("%s: results differ: %s" % (name, checksums))
        table.add(name, [None if i in failed else medians(s) for i, s in enumerate(samples)])
    progress("")
    table.print()
    return problems


def compare_startup(pythons, rounds):
    """Time `-c pass`; CPython gets -I, which spares it the user's site-packages."""
    problems = []
    samples = [[] for _ in pythons]
    for _ in range(rounds * 8):
        for i, python in enumerate(pythons):
            isolated = ["-I"] if python.implementation in ("cpython", "pypy") else []
            run = Run(python.command + isolated + ["-c", "pass"])
            if run.status != 0:
                problems.append("-c pass under %s: %s" % (python.label, run.complaint()))
            samples[i].append((run.wall * 1000, run.peak))
    table = Table(pythons, "ms", 2, True)
    table.add("start (-c pass)", [medians(s) for s in samples], in_mean=False)
    floor = Run(["/bin/true"]).peak
    table.rows.append(["(/bin/true: %.1f MiB)" % floor] + [""] * (len(table.rows[0]) - 1))
    table.print()
    return problems


def compare_micro(pythons, rounds, words):
    """Time the cases of micro.py, the slowest against the first Python first."""
    problems = []
    best = [{} for _ in pythons]
    for round_number in range(rounds):
        for i, python in enumerate(pythons):
            progress("micro, round %d, %s" % (round_number + 1, python.label))
            run = Run(python.command + [str(BENCHES / "micro.py")] + words)
            if run.status != 0 or run.err:
                problems.append("micro under %s: %s" % (python.label, run.complaint()))
            for line in run.out.splitlines():
                name, value = line.rsplit("\t", 1)
                best[i][name] = min(float(value), best[i].get(name, math.inf))
    progress("")
    table = Table(pythons, "ns", 1, False)
    names = [name for name in best[0] if all(name in b for b in best)]
    for name in sorted(names, key=lambda name: best[0][name] / best[-1][name]):
        table.add("`%s`" % name.replace("|", "\\|"), [(b[name], 0) for b in best])
    table.print()
    return problems


class HPyVariant:
    """A way to run HPy's microbenchmarks: an interpreter, and which extension it loads from where."""

    def __init__(self, label, command, directory, extension):
        source = str(HPY / "src" / "microbench" / "test_microbench.py")
        self.label = label
        self.command = command + [str(BENCHES / "hpy_micro.py"), source, str(HPY / directory), extension]


def hpy_variants(sidewinder):
    """CPython's C API first, what the others are compared with."""
    cpython = [str(HPY / "venv" / "bin" / "python")]
    return [
        HPyVariant("CPython's C API", cpython, "ext", "cpy_simple"),
        HPyVariant("HPy on CPython", cpython, "ext", "hpy_simple"),
        HPyVariant("HPy on Sidewinder", [sidewinder], "bare", "hpy_simple"),
        HPyVariant("in debug mode", [sidewinder, "-X", "hpy=debug"], "bare", "hpy_simple"),
    ]


def compare_hpy(sidewinder, rounds, iterations):
    if subprocess.run([sys.executable, str(ROOT / "tests" / "hpy" / "build.py")]).returncode != 0:
        return ["the HPy extensions could not be built"]
    problems = []
    variants = hpy_variants(sidewinder)
    samples = [{} for _ in variants]
    for round_number in range(rounds):
        for i, variant in enumerate(variants):
            progress("hpy_micro, round %d, %s" % (round_number + 1, variant.label))
            run = Run(variant.command + [str(iterations)])
            if run.status != 0:
                problems.append("hpy_micro, %s: %s" % (variant.label, run.complaint()))
            for line in run.out.splitlines():
                name, value = line.split(": ")
                samples[i].setdefault(name, []).append((float(value), run.peak))
    progress("")
    # Against the C API, then what debug mode costs; the best of all rounds.
    for chosen in ([0, 1, 2], [2, 3]):
        table = Table([variants[i] for i in chosen], "ns", 1, False)
        for name in samples[0]:
            best = [min(samples[i].get(name, []), default=None) for i in chosen]
            table.add(name, best, in_mean=name != "empty_loop")
        table.print()
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--python", action="append", metavar="PATH", help="an interpreter (repeatable); the first is the base")
    parser.add_argument("--only", action="append", metavar="NAME", choices=NAMES + ["startup"], help="only this benchmark (repeatable)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--micro", nargs="*", metavar="WORD", help="single operations (whose names have one of the words)")
    parser.add_argument("--hpy", action="store_true", help="HPy's microbenchmarks")
    parser.add_argument("--iterations", type=int, default=1000000, help="of each loop with --hpy")
    options = parser.parse_args()

    paths = options.python or ["python3", str(SIDEWINDER)]
    if options.hpy:
        problems = compare_hpy(paths[-1], options.rounds, options.iterations)
    elif options.micro is not None:
        problems = compare_micro([Python(path) for path in paths], options.rounds, options.micro)
    else:
        pythons = [Python(path) for path in paths]
        names = [n for n in NAMES if not options.only or n in options.only]
        problems = compare_benchmarks(pythons, names, options.rounds) if names else []
        if not options.only or "startup" in options.only:
            problems += compare_startup(pythons, options.rounds)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
