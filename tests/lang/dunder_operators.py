# Operator methods: binary, reflected, in-place, unary, NotImplemented.
class V:
    def __init__(self, n):
        self.n = n

    def __repr__(self):
        return f"V({self.n})"

    def __add__(self, o):
        if isinstance(o, V):
            return V(self.n + o.n)
        if isinstance(o, int):
            return V(self.n + o)
        return NotImplemented

    def __radd__(self, o):
        print("radd")
        return V(o + self.n)

    def __sub__(self, o):
        return f"{self}-{o}"

    def __rsub__(self, o):
        return f"{o}-{self}"

    def __mul__(self, o):
        return f"{self}*{o}"

    def __rmul__(self, o):
        return f"{o}*{self}"

    def __truediv__(self, o):
        return f"{self}/{o}"

    def __rtruediv__(self, o):
        return f"{o}/{self}"

    def __floordiv__(self, o):
        return f"{self}//{o}"

    def __mod__(self, o):
        return f"{self}%{o}"

    def __rmod__(self, o):
        return f"{o}%{self}"

    def __divmod__(self, o):
        return f"divmod({self},{o})"

    def __pow__(self, o, m=None):
        return f"{self}**{o}%{m}"

    def __rpow__(self, o):
        return f"{o}**{self}"

    def __matmul__(self, o):
        return f"{self}@{o}"

    def __rmatmul__(self, o):
        return f"{o}@{self}"

    def __lshift__(self, o):
        return f"{self}<<{o}"

    def __rshift__(self, o):
        return f"{self}>>{o}"

    def __and__(self, o):
        return f"{self}&{o}"

    def __ror__(self, o):
        return f"{o}|{self}"

    def __xor__(self, o):
        return f"{self}^{o}"

    def __neg__(self):
        return V(-self.n)

    def __pos__(self):
        return "pos"

    def __invert__(self):
        return "invert"

    def __abs__(self):
        return "abs"

    def __iadd__(self, o):
        print("iadd")
        self.n += o
        return self

    def __imul__(self, o):
        return f"{self}*={o}"

    def __int__(self):
        return self.n

    def __float__(self):
        return self.n + 0.5

    def __index__(self):
        return self.n

    def __round__(self, digits=None):
        return f"round {digits}"

    def __trunc__(self):
        return self.n


v, w = V(3), V(4)
print(v + w, v + 1, 1 + v, v - w, v - 1, 1 - v, v * 2, 2 * v, v / 2, 2 / v, v // 2, v % 2, 2 % v, divmod(v, 2))
print(v ** 2, 2 ** v, pow(v, 2), pow(v, 2, 5), v @ w, 1 @ v, v << 1, v >> 1, v & 1, 1 | v, v ^ 1, -v, +v, ~v, abs(v))
print(int(v), float(v), [10, 20, 30, 40][v], round(v), round(v, 2), hex(v), "abcdef"[v:], range(v), "%d" % v, bin(V(5)))
x = v
x += 5
print(x, x is v)
x *= 2
print(x)
y = V(1)
y -= 1
print(y)
for bad in [lambda: v + "a", lambda: "a" + [], lambda: v // "x" if False else 1 // v, lambda: 1 & v, lambda: v | 1, lambda: 1 << v if False else [] << v, lambda: -"a", lambda: ~[], lambda: +{}, lambda: 1 @ 2, lambda: divmod("a", 1), lambda: pow("a", 2), lambda: [] + 1, lambda: None + None, lambda: object() + object(), lambda: 2 ** "a"]:
    try:
        print(bad())
    except TypeError as e:
        print(e)
for stmt in ["z = []; z -= 1", "z = 1; z += 'a'", "z = 'a'; z += 1", "z = None; z **= 2", "z = {}; z |= 5", "z = 1; z @= 2", "z = (); z += []"]:
    try:
        exec(stmt)
    except TypeError as e:
        print(stmt, "->", e)


class Base:
    def __add__(self, o):
        return "Base.add"

    def __radd__(self, o):
        return "Base.radd"


class Derived(Base):
    def __radd__(self, o):
        return "Derived.radd"


class Plain(Base):
    pass


print(Base() + Derived(), Base() + Plain(), Derived() + Base(), 1 + Base(), Base() + 1)


class Refuses:
    def __add__(self, o):
        return NotImplemented

    def __eq__(self, o):
        return NotImplemented

    def __lt__(self, o):
        return NotImplemented


r = Refuses()
print(r == r, r == 1, r != 1, r == Refuses())
for bad in [lambda: r + 1, lambda: r < 1, lambda: r + r]:
    try:
        bad()
    except TypeError as e:
        print(e)
r2 = Refuses()
r2.__add__ = lambda o: "instance attributes do not count"
try:
    r2 + 1
except TypeError as e:
    print(e)


class Grows:
    def __init__(self):
        self.items = []

    def __ilshift__(self, o):
        self.items.append(o)
        return self

    def __imatmul__(self, o):
        return "imatmul"


g = Grows()
g <<= 1
g <<= 2
print(g.items)
g @= 1
print(g)
box = {"k": [1]}
box["k"] += [2]
box["k"] *= 2
print(box)
