"""GCBench: the tree-building collector benchmark of Ellis, Kovac and Boehm.

A stretch tree that dies at once, a long-lived tree and a long-lived array of
floats that stay reachable, then many short-lived trees of growing depth, built
both top-down (old nodes are mutated) and bottom-up (only new ones are).
"""

import sys
import time

STRETCH_DEPTH = 18
LONG_LIVED_DEPTH = 16
ARRAY_SIZE = 500000
MIN_DEPTH = 4
MAX_DEPTH = 16


class Node:
    def __init__(self, left=None, right=None):
        self.left = left
        self.right = right


def tree_size(depth):
    return (1 << (depth + 1)) - 1


def iterations(depth):
    """Each depth allocates about as much as two stretch trees."""
    return 2 * tree_size(STRETCH_DEPTH) // tree_size(depth)


def populate(depth, node):
    """Top-down: hang children on a node that exists already."""
    if depth <= 0:
        return
    depth -= 1
    node.left = Node()
    node.right = Node()
    populate(depth, node.left)
    populate(depth, node.right)


def make_tree(depth):
    """Bottom-up: children first."""
    if depth <= 0:
        return Node()
    depth -= 1
    return Node(make_tree(depth), make_tree(depth))


def count(node):
    if node is None:
        return 0
    return 1 + count(node.left) + count(node.right)


def time_construction(depth):
    """Print and return the seconds for top-down and for bottom-up trees of one depth."""
    n = iterations(depth)

    start = time.perf_counter()
    for _ in range(n):
        tree = Node()
        populate(depth, tree)
        tree = None
    top_down = time.perf_counter() - start

    start = time.perf_counter()
    for _ in range(n):
        tree = make_tree(depth)
        tree = None
    bottom_up = time.perf_counter() - start

    print("depth %2d: %6d trees, top-down %.6f s, bottom-up %.6f s" % (depth, n, top_down, bottom_up))


def main(max_depth):
    start = time.perf_counter()

    tree = make_tree(STRETCH_DEPTH)
    tree = None
    print("stretch tree of depth %d: %.6f s" % (STRETCH_DEPTH, time.perf_counter() - start))

    before = time.perf_counter()
    long_lived = Node()
    populate(LONG_LIVED_DEPTH, long_lived)
    array = [0.0] * ARRAY_SIZE
    i = 1
    while i < ARRAY_SIZE // 2:
        array[i] = 1.0 / i
        i += 1
    print("long-lived tree and array: %.6f s" % (time.perf_counter() - before))

    for depth in range(MIN_DEPTH, max_depth + 1, 2):
        time_construction(depth)

    elapsed = time.perf_counter() - start

    # Neither the tree nor the array may have suffered.
    print("checksum:", count(long_lived), array[1000], count(make_tree(max_depth)))
    print("time: %.6f" % elapsed)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else MAX_DEPTH)
