"""In place of the package, whose real one wants sys.addaudithook: each test has a directory of its own,
so there is nothing to lock."""


class FileLock:
    def __init__(self, path):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *args):
        pass
