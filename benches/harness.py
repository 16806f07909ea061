"""What every benchmark here does around its workload: size, clock, checksum."""

import sys
import time


def run(workload, default):
    """Time `workload(n)`; n is the first argument on the command line, or `default`.

    Prints the checksum that the workload returns (equal on every Python), then
    the seconds it took as the last line.
    """
    n = default
    if len(sys.argv) > 1:
        n = int(sys.argv[1])
    start = time.perf_counter()
    checksum = workload(n)
    elapsed = time.perf_counter() - start
    print("checksum:", checksum)
    print("time: %.6f" % elapsed)
