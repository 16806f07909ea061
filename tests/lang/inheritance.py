# Multiple inheritance, MRO, cooperative super.
class A:
    def who(self):
        return ["A"]

    def __init__(self, **kw):
        print("A.init", kw)


class B(A):
    def who(self):
        return ["B"] + super().who()

    def __init__(self, b=0, **kw):
        print("B.init", b)
        super().__init__(**kw)


class C(A):
    def who(self):
        return ["C"] + super().who()

    def __init__(self, c=0, **kw):
        print("C.init", c)
        super().__init__(**kw)


class D(B, C):
    def who(self):
        return ["D"] + super().who()


d = D(b=1, c=2, extra=3)
print(d.who(), [k.__name__ for k in D.__mro__], D.mro() == list(D.__mro__))
print(super(B, d).who(), super(D, d).who(), super(C, d).who())


class E(C, B):
    pass


print([k.__name__ for k in E.__mro__])
try:
    class F(D, E):
        pass
except TypeError as e:
    print(e)
try:
    class G(A, B):
        pass
except TypeError as e:
    print(e)
try:
    class H(A, A):
        pass
except TypeError as e:
    print(e)
try:
    class I(5):
        pass
except TypeError as e:
    print(e)
for base in [bool, type(None), range, slice, type(lambda: 0), type(...)]:
    try:
        class J(base):
            pass
    except TypeError as e:
        print(e)
try:
    class K(int, str):
        pass
except TypeError as e:
    print(e)


class Mixin:
    def describe(self):
        return f"{type(self).__name__}({self.value!r})"


class Base:
    def __init__(self, value):
        self.value = value


class Both(Mixin, Base):
    pass


print(Both(5).describe(), Both.__bases__)


class X:
    @classmethod
    def make(cls):
        return cls.__name__

    @staticmethod
    def util():
        return "util"


class Y(X):
    @classmethod
    def make(cls):
        return "Y:" + super().make()

    @staticmethod
    def util():
        return "Y" + X.util()


print(Y.make(), Y().make(), Y.util(), X.make())


class Explicit(A):
    def __init__(self):
        A.__init__(self)
        super(Explicit, self).__init__(z=1)

    def attr(self):
        return super().missing


try:
    Explicit().attr()
except AttributeError as e:
    print(e)
try:
    super(int, "x")
except TypeError as e:
    print(e)


def no_args():
    super()


try:
    no_args()
except RuntimeError as e:
    print(e)
s = super(B, d)
print(s.__thisclass__.__name__, s.__self__ is d, s.__self_class__.__name__)


class Int(int):
    def __add__(self, other):
        return Int(super().__add__(other) + 100)

    def __repr__(self):
        return "Int(%d)" % int(self)


class Lst(list):
    def append(self, x):
        super().append(x * 2)

    def total(self):
        return sum(self)


class Dct(dict):
    def __setitem__(self, k, v):
        super().__setitem__(k, v + 1)


class Txt(str):
    def shout(self):
        return self.upper() + "!"


print(Int(1) + 2, Int(5) * 2, Int(3) + Int(4), 10 + Int(1), type(Int(1) * 2).__name__, Int(7) == 7, {7: "x"}[Int(7)])
l = Lst([1])
l.append(5)
print(l, l.total(), len(l), l + [1], type(l[:]).__name__, isinstance(l, list), l == [1, 10])
x = Dct(a=1)
x["b"] = 1
print(x, type(x).__name__, dict(x))
t = Txt("hey")
t.extra = 1
print(t.shout(), t + "x", type(t + "x").__name__, t.extra, t == "hey", len(t), "%s" % t, f"{t}")


class Float(float):
    pass


print(Float(2.5) + 1, repr(Float(2.5)), type(Float(1) + 1).__name__)
class Late(A):
    def __init__(self): pass
o = Late()
Late.__bases__ = (C,)
print(o.who(), Late.__mro__[1].__name__)
