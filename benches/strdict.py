"""Strings and dicts: count words, join, split, replace, format, sort, look up."""

from harness import run

SYLLABLES = ["ka", "lo", "mi", "ne", "pu", "ri", "so", "ta", "vu", "xe", "or", "an"]


def make_text(words, seed):
    """Pseudo-random sentences, the same everywhere."""
    out = []
    for i in range(words):
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        length = 1 + (seed >> 16) % 3
        parts = []
        for k in range(length):
            parts.append(SYLLABLES[(seed >> (8 + 3 * k)) % len(SYLLABLES)])
        word = "".join(parts)
        if i % 11 == 0:
            word = word.capitalize()
        if i % 11 == 10:
            word = word + "."
        elif i % 7 == 3:
            word += ","
        out.append(word)
    return " ".join(out)


def count_words(text):
    counts = {}
    for word in text.lower().split():
        word = word.strip(".,")
        counts[word] = counts.get(word, 0) + 1
    return counts


def index_by_letter(counts):
    index = {}
    for word in counts:
        letter = word[0]
        if letter in index:
            index[letter].append(word)
        else:
            index[letter] = [word]
    for words in index.values():
        words.sort()
    return index


def pair_counts(words):
    pairs = {}
    previous = ""
    for word in words:
        key = (previous, word)
        try:
            pairs[key] += 1
        except KeyError:
            pairs[key] = 1
        previous = word
    return pairs


def report(counts):
    lines = []
    for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:200]:
        lines.append("%-10s|%6d" % (word, count))
        lines.append(f"{word:>10}|{count:06d}|{count / 7:.3f}")
        lines.append("{0}: {1!r} {2:x}".format(word, word, count))
    return "\n".join(lines)


def caesar(text, shift):
    table = {}
    for i in range(26):
        table[chr(97 + i)] = chr(97 + (i + shift) % 26)
    return "".join([table.get(c, c) for c in text])


def one_pass(seed):
    text = make_text(12000, seed)
    counts = count_words(text)
    index = index_by_letter(counts)
    pairs = pair_counts(text.split(" "))
    lines = report(counts).split("\n")
    coded = caesar(text.replace("ka", "KA-KA").lower(), 13)
    found = 0
    for word in counts:
        if word in coded:
            found += 1
        if coded.find(word) > 100:
            found += 1
        if word.startswith("ka") or word.endswith("ne"):
            found += 1
    total = len(lines) + len(coded) + found + sum(counts.values()) + len(pairs)
    for letter in sorted(index):
        total += ord(letter) * len(index[letter])
        total += len(",".join(index[letter]))
    for i, line in enumerate(lines):
        total = (total * 31 + len(line) * i + ord(line[-1])) % 1000000007
    return total


def workload(n):
    total = 0
    for i in range(n):
        total = (total * 7 + one_pass(i + 1)) % 1000000007
    return total


if __name__ == "__main__":
    run(workload, 17)
