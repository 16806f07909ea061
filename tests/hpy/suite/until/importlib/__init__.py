"""Until the library has `importlib`."""

import sys


def invalidate_caches():
    pass


def import_module(name):
    __import__(name)
    return sys.modules[name]
