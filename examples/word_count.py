"""Count words: `word_count.py FILE` counts a file, without one a few lines of its own."""

import sys

TEXT = """
a heap that moves is a heap that is dense
a handle that stays is a handle that makes sense
the heap moves and the handle stays
"""


def words(text):
    for line in text.splitlines():
        for word in line.split():
            yield word.strip(".,;:!?\"'()").lower()


def count(items):
    counts = {}
    for item in items:
        if item:
            counts[item] = counts.get(item, 0) + 1
    return counts


def report(counts, top=10):
    width = max(len(word) for word in counts)
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    for word, n in ranked[:top]:
        print(f"{word:<{width}} {n:>4} {'#' * n}")
    print(f"{len(counts)} different words, {sum(counts.values())} in all")


if __name__ == "__main__":
    text = TEXT
    if len(sys.argv) > 1:
        with open(sys.argv[1]) as file:
            text = file.read()
    report(count(words(text)))
