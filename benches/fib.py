"""Doubly recursive Fibonacci: calls, small-int comparison and addition."""

from harness import run


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


if __name__ == "__main__":
    run(fib, 35)
