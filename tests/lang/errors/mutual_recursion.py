def a(n):
    b(n)


def b(n):
    if n == 0:
        raise KeyError("end")
    a(n - 1)


a(4)
