#!/usr/bin/env python3
"""Record what CPython 3.14 prints for the language tests.

    python3 tests/lang/record.py              # every script
    python3 tests/lang/record.py strings fstrings

Needs node and npm: CPython 3.14 comes as the npm package `pyodide`, which is
installed under target/pyodide. Writes NAME.out next to each script: its standard
output. For scripts in errors/ also NAME.err: `exit status N`, then its standard
error. Paths are written relative to the repository.
"""

import json
import re
import resource
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PYODIDE = ROOT / "target" / "pyodide"
PYODIDE_VERSION = "314"

# WebAssembly's frames are large: deep recursion overflows node's usual stack before Python notices.
STACK_MIB = 512


def grow_stack():
    size = 2 * STACK_MIB * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_STACK, (size, resource.getrlimit(resource.RLIMIT_STACK)[1]))


def scripts(names):
    found = sorted(HERE.glob("*.py")) + sorted((HERE / "errors").glob("*.py"))
    found = [path for path in found if path != Path(__file__).resolve()]
    if names:
        found = [path for path in found if path.stem in names]
    return found


def install():
    if (PYODIDE / "node_modules" / "pyodide").exists():
        return
    PYODIDE.mkdir(parents=True, exist_ok=True)
    (PYODIDE / "package.json").write_text('{"private": true}\n')
    subprocess.run(["npm", "install", "--silent", f"pyodide@{PYODIDE_VERSION}"], cwd=PYODIDE, check=True)


def ask(names):
    """name -> what the script did. After a crash the rest is asked afresh; a script that crashes twice is left out."""
    oracle = ROOT / "tests" / "oracle" / "oracle.mjs"
    answers = {}
    left = list(names)
    crashed = None
    while left:
        command = ["node", f"--stack-size={STACK_MIB * 1000}", str(oracle), str(PYODIDE), str(ROOT), *left]
        result = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, preexec_fn=grow_stack
        )
        for line in result.stdout.decode().splitlines():
            if not line.startswith('["tests/'):
                continue
            name, answer = json.loads(line)
            for stream in ("out", "err"):
                answer[stream] = re.sub(" at 0x[0-9a-f]+", " at 0x0", answer[stream])
            answers[name] = answer
            left.remove(name)
        if left and left[0] == crashed:
            print(f"{left.pop(0)}: the oracle crashed", file=sys.stderr)
        crashed = left[0] if left else None
    return answers


def main():
    install()
    chosen = scripts(sys.argv[1:])
    names = [str(path.relative_to(ROOT)) for path in chosen]
    answers = ask(names)
    bad = 0
    for path, name in zip(chosen, names):
        answer = answers.get(name)
        if answer is None:
            bad += 1
            continue
        if path.parent.name == "errors":
            path.with_suffix(".err").write_text("exit status %d\n%s" % (answer["status"], answer["err"]))
        elif answer["status"] != 0 or answer["err"]:
            print("%s: exit status %d\n%s" % (name, answer["status"], answer["err"]), file=sys.stderr)
            bad += 1
            continue
        path.with_suffix(".out").write_text(answer["out"])
    print("%d recorded, %d not" % (len(chosen) - bad, bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
