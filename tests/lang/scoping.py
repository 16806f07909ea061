# Where names live: module, function, class, comprehension, exec, exception handlers.
x = "module"


def reads():
    return x


def local():
    x = "local"
    return x


class K:
    x = "class"
    y = x
    z = [x for _ in range(1)]

    def get(self):
        return x, self.x

    class Inner:
        w = x


print(reads(), local(), K.y, K.z, K().get(), K.Inner.w)


def conditional(flag):
    if flag:
        v = "set"
    try:
        return v
    except UnboundLocalError as e:
        return str(e)


print(conditional(True), conditional(False))


def handler():
    e = "before"
    try:
        raise ValueError("v")
    except ValueError as e:
        inner = str(e)
    try:
        return inner, e
    except UnboundLocalError as err:
        return inner, str(err)


print(handler())


def loops():
    for i in range(3):
        for j in "ab":
            pass
    with_comp = [i for i in range(10)]
    return i, j, len(with_comp)


print(loops())


def outer():
    x = "outer"

    class C:
        x = "in class"

        def m(self):
            return x

        value = x

    def shadow():
        x = "shadow"
        return (lambda: x)()

    return C().m(), C.value, shadow(), [x for _ in "a"], {x for _ in "a"}, list(x for _ in "a")


print(outer())


def class_free():
    y = "enclosing"

    class C:
        print(y)
        z = y + "!"

    return C.z


print(class_free())
counter = 0


def bump():
    global counter
    counter += 1

    def inner():
        global counter
        counter += 10

    inner()


bump()
print(counter)


def nested_nonlocal():
    a = 1

    def b():
        def c():
            nonlocal a
            a += 1
            return a

        return c

    f = b()
    f()
    f()
    return a


print(nested_nonlocal())


def params(a, b=x, *c, **d):
    a = a + 1
    del b
    try:
        return a, b
    except UnboundLocalError as e:
        return a, str(e), c, d


print(params(1, 2, 3, k=4))


def many_locals():
    a0, a1, a2, a3, a4, a5, a6, a7, a8, a9 = range(10)
    b = [a0, a1, a2, a3, a4, a5, a6, a7, a8, a9]
    return sum(b), sorted(locals())


print(many_locals())
ns = {"x": "ns"}
exec("def f():\n    return x\ny = x + '!'\nclass Q:\n    z = y", ns)
print(ns["f"](), ns["y"], ns["Q"].z, x)
print(eval("x", {"x": 1}, {"x": 2}), eval("(lambda: x)()", {"x": 1}), [eval("i") for i in range(3)])


def lambda_default():
    fs = []
    for i in range(3):
        fs.append((lambda i=i: i, lambda: i))
    return [(a(), b()) for a, b in fs]


print(lambda_default())
del x
try:
    reads()
except NameError as e:
    print(e)
x = "again"
print(reads())
if False:
    never = 1
try:
    never
except NameError as e:
    print(e)
print = print
print("print is still print")
def shadow_builtin():
    len = lambda s: -1
    return len("abc")
print(shadow_builtin(), len("abc"))
