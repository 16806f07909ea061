"""Until the library has `shutil`."""

import os


def move(source, target):
    os.rename(source, target)
