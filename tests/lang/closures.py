# Closures, nonlocal, global, late binding, cells, del of variables.
def make_counter():
    count = 0

    def increment(by=1):
        nonlocal count
        count += by
        return count

    def get():
        return count

    return increment, get


inc, get = make_counter()
inc()
inc(5)
inc2, get2 = make_counter()
inc2()
print(get(), get2())

funcs = [lambda: i for i in range(3)]
print([f() for f in funcs])
funcs = [lambda i=i: i for i in range(3)]
print([f() for f in funcs])


def adders():
    return [lambda x, n=n: x + n for n in (1, 10)], [lambda x: x + n for n in (1, 10)]


a, b = adders()
print([f(1) for f in a], [f(1) for f in b])


def deep():
    x = 1

    def f1():
        def f2():
            nonlocal x
            x += 1

            def f3():
                return x

            return f3

        return f2

    g = f1()
    h = g()
    g()
    return x, h()


print(deep())
x = "global"


def shadows():
    x = "local"

    def inner():
        return x

    x = "changed"
    return inner()


def uses_global():
    global x, created
    x = "set"
    created = 1
    return x


print(shadows(), x, uses_global(), x, created)


def unbound():
    print(y)
    y = 1


def unbound_cell():
    def inner():
        return later

    if False:
        later = 1
    return inner()


def deleted():
    z = 1
    del z
    return z


def deleted_cell():
    z = 1

    def inner():
        return z

    del z
    return inner()


def undefined():
    return never_defined


for f in [unbound, unbound_cell, deleted, deleted_cell, undefined]:
    try:
        f()
    except NameError as e:
        print(type(e).__name__, e)


def cells():
    a, b = 1, [2]

    def inner():
        return a, b

    return inner


f = cells()
print(f.__closure__[0].cell_contents, f.__closure__[1].cell_contents, f.__code__.co_freevars, cells.__closure__)


class K:
    x = "class"

    def method(self):
        return x

    values = [x for _ in range(2)]
    y = x


print(K().method(), K.values, K.y)


def class_in_function():
    v = 1

    class Inner:
        w = v

        def get(self):
            return v

    v = 2
    return Inner


I = class_in_function()
print(I.w, I().get())


def argument_cell(n):
    def inner():
        nonlocal n
        n *= 2
        return n

    inner()
    return inner(), n


print(argument_cell(3))


def compose(*fs):
    def composed(x):
        for f in reversed(fs):
            x = f(x)
        return x

    return composed


print(compose(str, lambda v: v + 1, abs)(-5))


def gen_closure():
    total = 0

    def add(n):
        nonlocal total
        total += n
        yield total

    return add


add = gen_closure()
print(list(add(1)), list(add(2)))
len_ = len
len = lambda v: "shadowed"
print(len([1]), len_([1]))
del len
print(len([1]))
try:
    del never
except NameError as e:
    print(e)
