# Data structures as classes: linked list, LRU cache, binary tree, matrix, fraction, polynomial.
class LRU:
    class Node:
        def __init__(self, key=None, value=None):
            self.key, self.value = key, value
            self.prev = self.next = self

    def __init__(self, size):
        self.size, self.map, self.root = size, {}, LRU.Node()

    def _unlink(self, n):
        n.prev.next, n.next.prev = n.next, n.prev

    def _front(self, n):
        n.prev, n.next = self.root, self.root.next
        self.root.next.prev = n
        self.root.next = n

    def __setitem__(self, key, value):
        if key in self.map:
            self._unlink(self.map[key])
        elif len(self.map) == self.size:
            last = self.root.prev
            self._unlink(last)
            del self.map[last.key]
        self.map[key] = node = LRU.Node(key, value)
        self._front(node)

    def __getitem__(self, key):
        node = self.map[key]
        self._unlink(node)
        self._front(node)
        return node.value

    def __iter__(self):
        n = self.root.next
        while n is not self.root:
            yield n.key, n.value
            n = n.next


cache = LRU(3)
for i, key in enumerate("abcadbe"):
    cache[key] = i
    if "a" in cache.map:
        cache["a"]
print(list(cache), "c" in cache.map)


class Tree:
    class Node:
        def __init__(self, key):
            self.key, self.left, self.right = key, None, None

    def __init__(self, items=()):
        self.root, self.size = None, 0
        for item in items:
            self.add(item)

    def add(self, key):
        if self.root is None:
            self.root = Tree.Node(key)
            self.size = 1
            return
        n = self.root
        while True:
            if key == n.key:
                return
            side = "left" if key < n.key else "right"
            child = getattr(n, side)
            if child is None:
                setattr(n, side, Tree.Node(key))
                self.size += 1
                return
            n = child

    def __contains__(self, key):
        n = self.root
        while n is not None and n.key != key:
            n = n.left if key < n.key else n.right
        return n is not None

    def __iter__(self):
        stack, n = [], self.root
        while stack or n:
            while n:
                stack.append(n)
                n = n.left
            n = stack.pop()
            yield n.key
            n = n.right

    def __len__(self):
        return self.size

    def depth(self):
        def d(n):
            return 0 if n is None else 1 + max(d(n.left), d(n.right))

        return d(self.root)


t = Tree([50, 30, 70, 20, 40, 60, 80, 30])
print(list(t), len(t), 40 in t, 45 in t, t.depth(), list(Tree("hello world")))


class Fraction:
    def __init__(self, n, d=1):
        if d == 0:
            raise ZeroDivisionError("Fraction(%s, 0)" % n)
        if d < 0:
            n, d = -n, -d
        a, b = abs(n), d
        while b:
            a, b = b, a % b
        self.n, self.d = n // a, d // a

    def __add__(self, o):
        o = self._coerce(o)
        return Fraction(self.n * o.d + o.n * self.d, self.d * o.d) if o is not None else NotImplemented

    __radd__ = __add__

    def __mul__(self, o):
        o = self._coerce(o)
        return Fraction(self.n * o.n, self.d * o.d) if o is not None else NotImplemented

    __rmul__ = __mul__

    def __sub__(self, o):
        return self + -self._coerce(o)

    def __rsub__(self, o):
        return self._coerce(o) - self

    def __truediv__(self, o):
        o = self._coerce(o)
        return Fraction(self.n * o.d, self.d * o.n)

    def __neg__(self):
        return Fraction(-self.n, self.d)

    def __eq__(self, o):
        o = self._coerce(o)
        return o is not None and (self.n, self.d) == (o.n, o.d)

    def __lt__(self, o):
        o = self._coerce(o)
        return self.n * o.d < o.n * self.d

    def __hash__(self):
        return hash((self.n, self.d))

    def __repr__(self):
        return f"{self.n}/{self.d}" if self.d != 1 else str(self.n)

    def __float__(self):
        return self.n / self.d

    @staticmethod
    def _coerce(o):
        if isinstance(o, Fraction):
            return o
        if isinstance(o, int):
            return Fraction(o)
        return None


half, third = Fraction(1, 2), Fraction(1, 3)
print(half + third, half - third, half * third, half / third, 1 - third, 2 * half == 1, sorted([half, third, Fraction(-1)]), float(third), sum([Fraction(1, n) for n in range(1, 30)]), {half: "h"}[Fraction(2, 4)])
try:
    half + "x"
except TypeError as e:
    print(e)
try:
    half / 0
except ZeroDivisionError as e:
    print(e)


class Matrix:
    def __init__(self, rows):
        self.rows = [list(r) for r in rows]

    def __matmul__(self, o):
        return Matrix([[sum(a * b for a, b in zip(row, col)) for col in zip(*o.rows)] for row in self.rows])

    def __pow__(self, n):
        result = Matrix([[int(i == j) for j in range(len(self.rows))] for i in range(len(self.rows))])
        base = self
        while n:
            if n & 1:
                result = result @ base
            base = base @ base
            n >>= 1
        return result

    def __getitem__(self, ij):
        i, j = ij
        return self.rows[i][j]

    def det(self):
        m = [[Fraction(x) for x in row] for row in self.rows]
        result = Fraction(1)
        for i in range(len(m)):
            pivot = next((r for r in range(i, len(m)) if m[r][i] != 0), None)
            if pivot is None:
                return Fraction(0)
            if pivot != i:
                m[i], m[pivot] = m[pivot], m[i]
                result = -result
            result *= m[i][i]
            for r in range(i + 1, len(m)):
                f = m[r][i] / m[i][i]
                m[r] = [a - f * b for a, b in zip(m[r], m[i])]
        return result

    def __repr__(self):
        return "Matrix(%r)" % self.rows


fib = Matrix([[1, 1], [1, 0]])
print(fib ** 10, (fib ** 200)[0, 1], Matrix([[2, 0, 1], [1, 3, 2], [1, 1, 4]]).det(), Matrix([[1, 2], [2, 4]]).det())


class Poly:
    def __init__(self, *c):
        self.c = list(c)

    def __call__(self, x):
        total = 0
        for k in reversed(self.c):
            total = total * x + k
        return total

    def __mul__(self, o):
        out = [0] * (len(self.c) + len(o.c) - 1)
        for i, a in enumerate(self.c):
            for j, b in enumerate(o.c):
                out[i + j] += a * b
        return Poly(*out)

    def __str__(self):
        terms = [f"{k}x^{i}" if i else str(k) for i, k in enumerate(self.c) if k]
        return " + ".join(reversed(terms)) or "0"


p = Poly(1, 1)
q = p * p * p
print(q, q(2), q(half), Poly())
