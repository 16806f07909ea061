"""Until the library has `subprocess`: suite.py runs the programs."""

import os
import suite_link
import sys

PIPE = -1


class CompletedProcess:
    def __init__(self, args, returncode, stdout, stderr):
        self.args, self.returncode, self.stdout, self.stderr = args, returncode, stdout, stderr


def run(args, env=None, stdout=None, stderr=None):
    env = dict(os.environ) if env is None else env
    options = os.environ["SIDEWINDER_SUITE_OPTIONS"].split()
    path = [env.get("PYTHONPATH", ""), env["HPY_SUITE_SRC"], os.path.dirname(__file__)]
    env = {**env, "PYTHONPATH": ":".join(p for p in path if p)}
    reply = suite_link.ask({"do": "run", "args": [args[0], *options, *args[1:]], "env": dict(env)})
    return CompletedProcess(args, reply["returncode"], reply["stdout"], reply["stderr"])
