# Everything that can be called, in every way it can be called.
def f(*args, **kw):
    return ("f", args, kw)


class C:
    def __init__(self, *args, **kw):
        self.args = (args, kw)

    def m(self, *args, **kw):
        return ("m", args, kw)

    @classmethod
    def c(cls, *args, **kw):
        return (cls.__name__, args, kw)

    @staticmethod
    def s(*args, **kw):
        return ("s", args, kw)

    def __call__(self, *args, **kw):
        return ("call", args, kw)


o = C(1, k=2)
print(o.args)
args, kw = [10, 20], {"x": 30}
for callee in [f, o.m, C.c, o.c, C.s, o.s, o, lambda *a, **k: ("lambda", a, k), C(0).m, f.__call__, type(o).s]:
    print(callee(), callee(1), callee(1, 2), callee(a=1), callee(1, b=2), callee(*args), callee(**kw), callee(0, *args, 1, y=2, **kw))
print(C.m("self", 1), C.__call__(o, 5), C(*args, **kw).args, o.m.__call__(3))
print(max(*args), max(args), min(3, *args), print("sep", *args, **{"sep": "-"}), "{} {x}".format(*args, **kw), dict(*[[("k", 1)]], **kw), dict(**kw), list(*[args]), str(*["text"]), int("ff", base=16))
print([g(5) for g in [str, float, bool, hex, abs, type, list.__class__, [].append, "x{}".format, {5: "five"}.get, (lambda v: v + 1), range(10).index]])
table = {"add": lambda a, b: a + b, "neg": lambda a: -a, "cls": C}
print(table["add"](1, 2), table["neg"](5), table["cls"](7).args, (f if True else o)(1), [f][0](2), (lambda: f)()(3), (lambda x: lambda y: x + y)(1)(2))


def forward(g, *args, **kw):
    return g(*args, **kw)


print(forward(forward, forward, f, 1, k=2), forward(C, 3).args, forward(len, "abc"), forward(sorted, [2, 1], reverse=True), forward("a,b".split, ","))


def defaults(a, b=[], *, c={}, d=None):
    b.append(a)
    c[a] = d
    return b, c


print(defaults(1), defaults(2, d="x"), defaults(3, [9]), defaults(4, c={0: 0}))


def posonly(a, b=2, /, *, c=3, **kw):
    return a, b, c, kw


print(posonly(1), posonly(1, 5, c=6), posonly(1, a="kw a", b="kw b"), posonly(*[7, 8], **{"c": 9, "d": 10}))


def evaluation(n):
    print("arg", n)
    return n


f(evaluation(1), *[evaluation(2)], evaluation(3), k=evaluation(4), **{"l": evaluation(5)})
many = list(range(300))
print(len(f(*many)[1]), f(*many)[1][299], len(f(**{"k%d" % i: i for i in range(300)})[2]), (lambda *a: sum(a))(*many))


def gen_args():
    yield 1
    yield 2


print(f(*gen_args(), *"ab", *{"k": 1}, *(), **{}), [*gen_args()], f(*(i for i in (1,))))
bound = [].append
print(bound.__self__, bound.__name__, o.m.__self__ is o, o.m.__func__ is C.__dict__["m"], C.c.__self__ is C, o.m == o.m, o.m is o.m, hash(o.m) == hash(o.m), C.s is C.s)


class Meta(type):
    def __call__(cls, *args, **kw):
        return ("meta", cls.__name__, args, kw)


class WithMeta(metaclass=Meta):
    pass


print(WithMeta(1, k=2), forward(WithMeta, 5))


class Descriptor:
    def __get__(self, obj, owner):
        return lambda *a: ("descriptor", obj is not None, a)


class Holder:
    d = Descriptor()
    builtin = len
    cls = C
    inst = C()


h = Holder()
print(h.d(1), Holder.d(2), h.builtin("abc"), h.cls(1).args, h.inst(2))
def recursive_default(n, acc=()):
    return acc if n == 0 else recursive_default(n - 1, acc + (n,))
print(recursive_default(5))
