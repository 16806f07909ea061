def f():
    raise ValueError("original")


def g():
    try:
        f()
    except ValueError:
        print("logging")
        raise


try:
    g()
except ValueError as e:
    raise e
