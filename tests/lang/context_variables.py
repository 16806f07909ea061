# Context variables.
from _contextvars import Context, ContextVar, Token, copy_context


def attempt(f, *args):
    try:
        print(f(*args))
    except Exception as e:
        text = str(e)
        print(type(e).__name__ + ":", text.partition(" at 0x")[0])


x = ContextVar("x")
y = ContextVar("y", default=10)
print(x.name, y.get(), x.get("none"), y.get(5))
attempt(x.get)
attempt(ContextVar, 5)
print(repr(y).partition(" at ")[0], repr(x).partition(" at ")[0])
token = x.set(1)
print(x.get(), token.var is x, token.old_value is Token.MISSING, Token.MISSING)
second = x.set(2)
print(second.old_value, repr(second).partition(" at ")[0])
x.reset(second)
print(x.get(), repr(second).partition(" var")[0])
attempt(x.reset, second)
attempt(y.reset, token)
attempt(x.reset, 5)
x.reset(token)
attempt(x.get)

with y.set(3) as t:
    print(y.get(), type(t).__name__)
print(y.get())

x.set("outer")
context = copy_context()
print(len(context), x in context, y in context, context[x], context.get(y), context.get(y, 0))


def change(value, *, more=""):
    x.set(value + more)
    y.set(99)
    return x.get()


print(context.run(change, "inner", more="!"), x.get(), y.get(), context[x], context[y])
print(sorted(v.name for v in context), sorted(map(str, context.values())), len(list(context.items())))
print(context == copy_context(), context.copy() == context, context != context.copy())
attempt(lambda: context["x"])
attempt(lambda: "x" in context)
attempt(lambda: copy_context()[ContextVar("z")])
attempt(context.run)
attempt(context.run, context.run, print)


def fail():
    x.set("lost")
    raise KeyError("k")


attempt(context.run, fail)
print(x.get(), context[x])
empty = Context()
print(len(empty), empty.run(x.get, "nothing"))
other = empty.run(x.set, 7)
attempt(x.reset, other)
print(empty[x], x.get())
shared = copy_context()
more = shared.copy()
more.run(x.set, "more")
print(shared[x], more[x], x.get())
print(ContextVar[int].__origin__.__name__)
attempt(lambda: Token())
