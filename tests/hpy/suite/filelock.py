"""Each test has a directory of its own: nothing to lock."""


class FileLock:
    def __init__(self, path):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *args):
        pass
