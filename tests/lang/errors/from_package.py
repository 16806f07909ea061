import sys

sys.path.insert(0, sys.path[0] + "/..")
import pkg.broken
