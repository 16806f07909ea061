"""The pipes to suite.py: what a test cannot do itself is asked for there. One line each way, in
Python's own notation."""

import os

_from_suite, _to_suite = (int(fd) for fd in os.environ["HPY_SUITE_PIPES"].split(","))
_in = open(_from_suite, "r", encoding="utf-8")
_out = open(_to_suite, "w", encoding="utf-8")


def tell(message):
    _out.write(ascii(message) + "\n")
    _out.flush()


def ask(request):
    tell(request)
    return eval(_in.readline())
