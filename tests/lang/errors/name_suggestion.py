counter = 1
def f():
    return conter
f()
