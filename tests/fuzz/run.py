#!/usr/bin/env python3
"""Fuzzes Sidewinder from the parser to the VM, and its native functions.

    python3 tests/fuzz/run.py [--seconds N | --count N] [--seed N] [-j N] [--binary FILE] [--keep DIRECTORY] [KIND ...]

Kinds: `bytes` flips, drops and doubles bytes of corpus files; `tokens` mixes tokens of several; `calls` runs calls.py.
The corpus are the scripts of tests/lang and whatever is in tests/fuzz/corpus: programs that once found something.
A program may raise what it likes and run into its time limit in a loop of its own. A panic, an abort, a signal, or a
limit that Ctrl-C does not end, is a finding: the program is kept, and the exit status is 1. With `--count` it runs so
many programs, the same ones each time.
"""

import argparse
import concurrent.futures
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TOKEN = re.compile(r"\w+|\s+|'[^'\n]*'|\"[^\"\n]*\"|[^\w\s]")
LIMIT, GRACE = 10, 5
# What a program might do to the machine it runs on.
DANGEROUS = re.compile(r"\b(system|remove|unlink|rmdir|rmtree|kill|fork|exec[lv]\w*|spawn\w*|rename|truncate)\b")
ODD = [
    "\0", "\ufeff", "\\", "'''", '"""', "f'{", "t'{", "{!r:", "async ", "await ", "yield ", "lambda:", "match x:\n case ",
    "*", "**", ":=", "->", "@", "\n\t", "\n  ", "(" * 50, "[" * 300, "-" * 200, "not " * 300, "x." * 200, "1" * 5000, "0x", "1e", "1_",
    "\u00e9", "\U0001f600", "\ud7ff", "del ", "global x\n", "nonlocal x\n", "type X[T] = ", "except* ", "return ", "lambda x=(",
]


def corpus():
    files = sorted((ROOT / "tests" / "lang").glob("**/*.py")) + sorted((HERE / "corpus").glob("*.py"))
    return [f.read_bytes() for f in files]


def by_bytes(dice, texts):
    text = bytearray(dice.choice(texts))
    for _ in range(dice.randint(1, 8)):
        if not text:
            break
        at = dice.randrange(len(text))
        length = dice.randint(1, 12)
        match dice.randrange(5):
            case 0:
                text[at] = dice.randrange(256)
            case 1:
                del text[at : at + length]
            case 2:
                text[at:at] = text[at : at + length]
            case 3:
                text[at:at] = dice.choice(ODD).encode("utf-8", "surrogatepass")
            case 4:
                other = dice.choice(texts)
                start = dice.randrange(len(other) or 1)
                text[at:at] = other[start : start + dice.randint(1, 80)]
    return bytes(text)


def by_tokens(dice, texts):
    first, second = (TOKEN.findall(dice.choice(texts).decode("utf-8", "replace")) for _ in range(2))
    if not first or not second:
        return b""
    for _ in range(dice.randint(1, 10)):
        at, length = dice.randrange(len(first)), dice.randint(1, 6)
        start = dice.randrange(len(second))
        match dice.randrange(4):
            case 0:
                first[at : at + length] = second[start : start + length]
            case 1:
                first[at] = dice.choice(second)
            case 2:
                del first[at : at + length]
            case 3:
                first.insert(at, dice.choice(ODD))
        if not first:
            break
    return "".join(first).encode("utf-8", "surrogatepass")


class Fuzzer:
    def __init__(self, options):
        self.options = options
        self.texts = corpus()
        self.end = float("inf") if options.count else time.monotonic() + options.seconds
        self.keep = pathlib.Path(options.keep)
        self.runs, self.findings = 0, []

    def run(self, seed):
        if time.monotonic() > self.end:
            return
        dice = random.Random(seed)
        kind = dice.choice(self.options.kinds)
        with tempfile.TemporaryDirectory() as place:
            command = [self.options.binary, "-X", "gc=limit:256M", "-B"]
            if kind == "calls":
                program = (HERE / "calls.py").read_bytes()
                # The seed is an argument, so it is part of what a finding needs.
                arguments = [str(seed), "1"]
                if dice.random() < 0.3:
                    command += ["-X", "gc=stress:500"]
            else:
                program = (by_bytes if kind == "bytes" else by_tokens)(dice, self.texts)
                arguments = []
                # Mutating one that is dangerous may well end in another: the next dice make a new one.
                while DANGEROUS.search(program.decode("utf-8", "replace")):
                    program = (by_bytes if kind == "bytes" else by_tokens)(dice, self.texts)
            script = pathlib.Path(place) / "program.py"
            script.write_bytes(program)
            limit = 60 if kind == "calls" else LIMIT
            wrong = attempt([*command, str(script), *arguments], place, limit)
        self.runs += 1
        if wrong:
            self.keep.mkdir(parents=True, exist_ok=True)
            kept = self.keep / f"{kind}-{seed}.py"
            kept.write_bytes(program)
            self.findings.append(f"{kept}: {' '.join(arguments)} {wrong}")
            print(self.findings[-1], flush=True)


def attempt(command, place, limit):
    """What is wrong with a run, or None."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    process = subprocess.Popen(command, cwd=place, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    interrupted = False
    try:
        try:
            _, errors = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            interrupted = True
            os.kill(process.pid, signal.SIGINT)
            _, errors = process.communicate(timeout=GRACE)
    except subprocess.TimeoutExpired:
        # A program may well swallow KeyboardInterrupt, so say what it was doing.
        return "does not end by Ctrl-C"
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
    if b"panicked at" in errors:
        line = next(l for l in errors.splitlines() if b"panicked at" in l)
        return line.decode(errors="replace")
    status = process.returncode
    if status < 0 and not (interrupted and status == -signal.SIGINT):
        return f"signal {-status}"
    return f"exit status {status}" if status in (70, 101) else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-j", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--binary", default=str(ROOT / "target" / "release" / "sidewinder"))
    parser.add_argument("--keep", default=str(ROOT / "target" / "fuzz"))
    parser.add_argument("kinds", nargs="*", default=["bytes", "tokens", "tokens", "calls"])
    options = parser.parse_args()
    options.kinds = options.kinds or ["bytes", "tokens", "tokens", "calls"]
    options.binary = os.path.abspath(options.binary)
    fuzzer = Fuzzer(options)
    with concurrent.futures.ThreadPoolExecutor(options.j) as pool:
        seed = options.seed * 1_000_000
        if options.count:
            list(pool.map(fuzzer.run, range(seed, seed + options.count)))
        while not options.count and time.monotonic() < fuzzer.end:
            list(pool.map(fuzzer.run, range(seed, seed + 64)))
            seed += 64
    print(f"{fuzzer.runs} programs, {len(fuzzer.findings)} findings")
    return 1 if fuzzer.findings else 0


sys.exit(main())
