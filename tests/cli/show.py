"""A module to run: shows how it was started."""

import sys

if __name__ == "__main__":
    print(__name__, sys.argv[1:], __doc__.split(":")[0])
