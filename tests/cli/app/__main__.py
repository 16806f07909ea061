import sys

import beside

print("app", __name__, repr(__package__), beside.NAME, sys.argv[1:])
