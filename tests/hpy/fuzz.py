#!/usr/bin/env python3
"""Drive the context with random calls from C.

    python3 tests/hpy/fuzz.py [--mode MODE] [--seed N] [--count N] [--stress N]

Each program (tests/hpy/own/fuzz.c runs it) is a process. In debug mode it may end well, or with a
report of what it did wrong and an abort. In universal mode, where misuse is undefined, it must end
well or raise an exception all the same: the only ways of misuse in these programs are handles that
are closed, or made up, or of the wrong type, and builders used again. A silent end, a signal without
a report, a panic or a hang is a failure, and is printed with the seed that gives it again.
"""

import argparse
import concurrent.futures
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 30
REPORTS = ("Fatal Python error:", "Error: Wrong HPy Context!")

SCRIPT = """
import gc, sys
sys.path.insert(0, "target/hpy/bare")
import fuzz
fuzz.run(bytes.fromhex(sys.argv[1]), [1], "argument", (2, 3), len)
gc.collect()
print("alive", sum([[i] for i in range(1000)][999]))
"""


def program(seed):
    """Mostly calls that do something sensible, so that programs get some way."""
    rng = random.Random(seed)
    harmless = [0, 3, 4, 5, 6, 7, 11, 13, 14, 15, 16, 18, 20, 22, 30, 35, 44]
    steps = []
    for _ in range(rng.randrange(5, 120)):
        op = rng.choice(harmless) if rng.random() < rng.choice((0.6, 0.95)) else rng.randrange(52)
        steps += [op, rng.randrange(256), rng.randrange(256)]
        if rng.random() < 0.7:
            steps += [16, 0, 0]
    return bytes(steps)


def run(seed, binary, mode, stress):
    # A text times a huge number is a MemoryError soon.
    options = ["-X", "gc=limit:200M"] + (["-X", "hpy=debug"] if mode == "debug" else [])
    if stress:
        options += ["-X", f"gc=stress:{stress}"]
    command = [str(binary), *options, "-c", SCRIPT, program(seed).hex()]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT,
                              errors="replace", stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return seed, "hangs", ""
    if done.returncode == 0 and done.stdout.startswith("alive"):
        return seed, None, "ended well"
    if mode == "debug" and done.returncode == -signal.SIGABRT and any(r in done.stderr for r in REPORTS):
        return seed, None, "reported"
    if done.returncode == 1 and "Error: " in done.stderr and "panicked" not in done.stderr:
        return seed, None, "raised"
    return seed, f"status {done.returncode}", done.stdout + done.stderr


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", choices=["debug", "universal"], default="debug")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--stress", type=int)
    options = parser.parse_args()
    subprocess.run([sys.executable, ROOT / "tests/hpy/build.py"], check=True)
    binary = os.environ.get("SIDEWINDER_TEST_BINARY", ROOT / "target/debug/sidewinder")
    seeds = range(options.seed, options.seed + options.count)
    counts, bad = {}, 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for seed, wrong, how in pool.map(lambda s: run(s, binary, options.mode, options.stress), seeds):
            if wrong:
                bad += 1
                print(f"--- seed {seed}: {wrong}\n" + "\n".join(how.splitlines()[:12]))
            else:
                counts[how] = counts.get(how, 0) + 1
    print(", ".join(f"{n} {how}" for how, n in sorted(counts.items())), f"; {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
