import sys

try:
    sys.exit(4)
except SystemExit as e:
    print("caught", e.code)
try:
    sys.exit(5)
finally:
    print("finally")
