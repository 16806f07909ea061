"""Fannkuch: pancake flips over all permutations of n. List indexing, slicing and small ints."""

from harness import run


def fannkuch(n):
    """(checksum, most flips) over all permutations of range(n)."""
    perm1 = list(range(n))
    counts = [0] * n
    checksum = 0
    max_flips = 0
    sign = 1
    r = n
    while True:
        while r != 1:
            counts[r - 1] = r
            r -= 1

        first = perm1[0]
        if first != 0:
            perm = perm1[:]
            flips = 1
            while True:
                target = perm[first]
                if target == 0:
                    break
                # Reverse the first first+1 entries.
                perm[first] = first
                low = 1
                high = first - 1
                while low < high:
                    perm[low], perm[high] = perm[high], perm[low]
                    low += 1
                    high -= 1
                flips += 1
                first = target
            if flips > max_flips:
                max_flips = flips
            checksum += sign * flips

        # Next permutation: alternately swap the first two, and rotate deeper prefixes.
        if sign == 1:
            perm1[0], perm1[1] = perm1[1], perm1[0]
            sign = -1
            r = 1
            continue
        perm1[1], perm1[2] = perm1[2], perm1[1]
        sign = 1
        r = 2
        while True:
            if r == n:
                return checksum, max_flips
            counts[r] -= 1
            if counts[r] > 0:
                break
            r += 1
            if r == n:
                return checksum, max_flips
            head = perm1[0]
            for i in range(r):
                perm1[i] = perm1[i + 1]
            perm1[r] = head


def workload(n):
    # One size more costs ten times as much, so repeat instead.
    for _ in range(3):
        result = fannkuch(n)
    return "%d %d" % result


if __name__ == "__main__":
    run(workload, 9)
