"""Find a leaked handle: sidewinder -X hpy=debug leak_demo.py DIRECTORY_OF_leak"""

import sys

import hpy.debug

sys.path.insert(0, sys.argv[1])

import leak

hpy.debug.set_handle_stack_trace_limit(8)
try:
    with hpy.debug.LeakDetector():
        print(leak.total([1, 2, "three", 4]))
except hpy.debug.HPyLeakError as error:
    print(error)
