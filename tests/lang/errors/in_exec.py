code = """
def f():
    raise ValueError("inside exec")

f()
"""
exec(code)
