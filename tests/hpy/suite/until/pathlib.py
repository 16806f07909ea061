"""Until the library has `pathlib`."""

import os


class Path:
    def __init__(self, *parts):
        self._text = os.path.join(*map(str, parts))

    @property
    def parent(self):
        return Path(os.path.dirname(self._text))

    def __truediv__(self, other):
        return Path(self._text, other)

    def joinpath(self, *others):
        return Path(self._text, *others)

    def __str__(self):
        return self._text

    __fspath__ = __str__
