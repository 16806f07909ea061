def f(a, b):
    pass


values = [1, 2, 3]
f(*values,
  b=5)
