"""Finds handles that an extension loaded in debug mode left open."""

from hpy.universal import _debug


class HPyDebugError(Exception):
    """An extension does something wrong."""


class HPyLeakError(HPyDebugError):
    """Handles were left open; they are in `leaks`."""

    def __init__(self, leaks):
        super().__init__()
        self.leaks = leaks

    def __str__(self):
        count = len(self.leaks)
        lines = ['1 unclosed handle:' if count == 1 else f'{count} unclosed handles:']
        lines += [f'    {leak!r}' for leak in self.leaks]
        return '\n'.join(lines)


class LeakDetector:
    """Raises HPyLeakError at its end if handles opened since its start are still open."""

    def __init__(self):
        self.generation = None

    def start(self):
        if self.generation is not None:
            raise ValueError('LeakDetector already started')
        self.generation = _debug.new_generation()

    def stop(self):
        if self.generation is None:
            raise ValueError('LeakDetector not started yet')
        if leaks := _debug.get_open_handles(self.generation):
            raise HPyLeakError(leaks)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exception):
        self.stop()
