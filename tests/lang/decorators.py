# Decorators on functions, methods and classes.
def trace(f):
    print("decorating", f.__name__)

    def wrapper(*args, **kwargs):
        print("call", f.__name__, args, kwargs)
        result = f(*args, **kwargs)
        print("return", result)
        return result

    wrapper.__name__ = f.__name__
    wrapper.__wrapped__ = f
    return wrapper


@trace
def add(a, b=1):
    return a + b


add(1)
add(1, b=5)
print(add.__name__, add.__wrapped__(10))


def repeat(times):
    print("repeat", times)

    def decorate(f):
        def wrapper(*args):
            return [f(*args) for _ in range(times)]

        return wrapper

    return decorate


@repeat(2)
@repeat(3)
def value(x):
    return x


print(value(7))


def register(registry):
    def decorate(thing):
        registry[thing.__name__] = thing
        return thing

    return decorate


registry = {}


@register(registry)
class Plugin:
    @register(registry)
    def method(self):
        return "m"


@register(registry)
def function():
    return "f"


print(sorted(registry), registry["function"](), registry["method"](None), registry["Plugin"] is Plugin)


class CountCalls:
    def __init__(self, f):
        self.f = f
        self.count = 0

    def __call__(self, *args):
        self.count += 1
        return self.f(*args)

    def __get__(self, obj, owner=None):
        if obj is None:
            return self
        return lambda *args: self(obj, *args)


@CountCalls
def hello(name):
    return "hello " + name


print(hello("a"), hello("b"), hello.count)


class Uses:
    @CountCalls
    def method(self, x):
        return x * 2


u = Uses()
print(u.method(4), u.method(5), Uses.method.count)


def memoize(f):
    cache = {}

    def wrapper(n):
        if n not in cache:
            cache[n] = f(n)
        return cache[n]

    wrapper.cache = cache
    return wrapper


@memoize
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


print(fib(80), len(fib.cache))
decorators = [lambda f: ("first", f), lambda f: ("second", f)]


@decorators[0]
@decorators[1]
def odd():
    pass


print(odd[0], odd[1][0])


@lambda f: f()
def immediately():
    return "ran"


print(immediately)


def add_method(cls):
    cls.extra = lambda self: "extra " + self.name
    cls.tag = cls.__name__.lower()
    return cls


@add_method
class Named:
    name = "n"


print(Named().extra(), Named.tag)


def order(n):
    print("evaluate", n)

    def decorate(f):
        print("apply", n)
        return f

    return decorate


@order(1)
@order(2)
def last():
    pass


class P:
    def __repr__(self):
        return "a P"

    @property
    @trace
    def prop(self):
        return "p"

    @staticmethod
    @trace
    def static(x):
        return x

    @classmethod
    @trace
    def cls_method(cls):
        return cls.__name__


print(P().prop, P.static(3), P.cls_method(), P().cls_method())
