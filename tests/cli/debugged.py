"""A program to step through."""


def double(n):
    result = n + n
    return result


def main():
    a = 3
    breakpoint()
    b = double(a)
    print("result", b)


main()
