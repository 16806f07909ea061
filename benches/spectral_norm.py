"""Spectral norm of an infinite matrix by the power method. Calls, float division, comprehensions."""

import math

from harness import run


def element(i, j):
    return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)


def times(vector):
    result = []
    for i in range(len(vector)):
        total = 0.0
        for j, x in enumerate(vector):
            total += element(i, j) * x
        result.append(total)
    return result


def transposed_times(vector):
    return [sum([element(j, i) * x for j, x in enumerate(vector)]) for i in range(len(vector))]


def workload(n):
    u = [1.0] * n
    v = u
    for _ in range(10):
        v = transposed_times(times(u))
        u = transposed_times(times(v))
    numerator = denominator = 0.0
    for a, b in zip(u, v):
        numerator += a * b
        denominator += b * b
    return "%.9f" % math.sqrt(numerator / denominator)


if __name__ == "__main__":
    run(workload, 370)
