# memoryview and the buffer protocol.

def attempt(f, *args):
    try:
        print(f(*args))
    except Exception as e:
        print(type(e).__name__ + ":", e)

def put(m, key, value):
    m[key] = value
    return m.tobytes()

# Views of bytes and bytearray
data = bytearray(b"abcdefgh")
m = memoryview(data)
print(m[0], m[-1], m[2:5].tobytes(), m[::2].tolist(), m[::-1].tobytes(), len(m[1:3]))
print(m.format, m.itemsize, m.ndim, m.shape, m.strides, m.suboffsets, m.nbytes, m.readonly)
print(m.c_contiguous, m.f_contiguous, m.contiguous, m[::2].contiguous, m[::2].strides)
print(m.obj is data, memoryview(b"xy").readonly, bytes(m), bytearray(m[3:]), list(m[:3]))
m[0] = 65
m[1:3] = b"BC"
m[::-2] = b"1234"
print(data)
attempt(put, m, 0, 256)
attempt(put, m, 0, -1)
attempt(put, m, 0, "a")
attempt(put, m, 0, 1.5)
attempt(put, m, 100, 1)
attempt(put, m, "x", 1)
attempt(put, m, slice(0, 2), b"abc")
attempt(put, m, slice(0, 2), 5)
attempt(put, memoryview(b"abc"), 0, 1)
attempt(lambda: m[8])
attempt(lambda: m[1, 2])
attempt(lambda: m["a"])
attempt(lambda: m[1.0])
attempt(memoryview, 5)
attempt(memoryview, "text")
attempt(memoryview)

def delete(m, key):
    del m[key]
attempt(delete, m, 0)
attempt(delete, memoryview(b"a"), 0)

# The exporter cannot change its size
attempt(data.append, 1)
attempt(data.extend, b"xx")
attempt(data.clear)
attempt(data.pop)
data[0] = 90
print(m[0])
m.release()
data.append(33)
print(data)
attempt(lambda: m[0])
attempt(len, m)
attempt(m.tobytes)
attempt(lambda: m.nbytes)
m.release()
print(repr(m)[:17])

with memoryview(data) as n:
    attempt(data.append, 1)
    part = n[2:4]
attempt(lambda: n[0])
print(part.tolist())
attempt(data.append, 1)
part.release()
data.append(2)
print(len(data))

def forget():
    v = memoryview(data)
    return v[0]
forget()
data.append(3)
print(len(data))

# Formats
raw = bytearray(range(16))
for code in "bBhHiIqQc":
    v = memoryview(raw).cast(code)
    print(code, v.itemsize, v.shape, v.tolist()[:3], v[-1])
v = memoryview(raw).cast("d")
v[0] = 1.5
v[1] = 7
print(v.tolist(), raw.hex())
f = memoryview(bytearray(4)).cast("f")
f[0] = 0.1
print(f.tolist())
e = memoryview(bytearray(4)).cast("e")
e[0] = 1.5
e[1] = -65504
print(e.tolist())
attempt(put, e, 0, 1e10)
h = memoryview(bytearray(8)).cast("h")
h[0] = -2
h[1] = 32767
print(h.tolist(), h.tobytes())
attempt(put, h, 0, 32768)
attempt(put, h, 0, 2.0)
b = memoryview(bytearray(3)).cast("?")
b[0] = "yes"
b[1] = []
print(b.tolist())
c = memoryview(bytearray(3)).cast("c")
c[0] = b"z"
print(c.tolist())
attempt(put, c, 0, b"zz")
attempt(put, c, 0, 1)

# cast
attempt(lambda: memoryview(raw).cast("x"))
attempt(lambda: memoryview(raw).cast("<i"))
attempt(lambda: memoryview(raw).cast("ii"))
attempt(lambda: memoryview(raw).cast(5))
attempt(lambda: memoryview(raw).cast("h").cast("i"))
attempt(lambda: memoryview(raw)[::2].cast("h"))
attempt(lambda: memoryview(raw)[:15].cast("h"))
attempt(lambda: memoryview(raw).cast("B", [4, 5]))
attempt(lambda: memoryview(raw).cast("B", 16))
attempt(lambda: memoryview(raw).cast("B", ["a"]))
attempt(lambda: memoryview(raw).cast("B", [0, 4]))
attempt(lambda: memoryview(raw).cast("B", [4, 4]).cast("B", [2, 8]))
attempt(lambda: memoryview(raw).cast("@i").format)
g = memoryview(bytes(range(24))).cast("B", [2, 3, 4])
print(g.tolist(), g.shape, g.strides, g.ndim, len(g), g[1, 2, 3], g[-1, 0, 0])
print(g.tobytes() == bytes(range(24)), g.cast("B").shape)
k = memoryview(bytes(range(6))).cast("B", (2, 3))
print(k.tobytes("F"), k.tobytes("A"), k.tobytes(None), k.c_contiguous, k.f_contiguous)
attempt(lambda: k.tobytes("X"))
attempt(lambda: k[0])
attempt(lambda: k[0, 1, 2])
attempt(lambda: k[0:1].tolist())
attempt(lambda: k[0:1, 0:1])
attempt(lambda: k[2, 0])
attempt(lambda: k[0, 3])
attempt(iter, k)
attempt(list, k)
z = memoryview(b"\x07").cast("B", [])
print(z.ndim, z.shape, z[()], z.tolist(), z.tobytes(), z[...] is z)
attempt(lambda: z[0])
attempt(len, z)

# Equality and hash
print(memoryview(b"abc") == b"abc", b"abc" == memoryview(b"abc"), memoryview(b"abc") == bytearray(b"abc"))
print(memoryview(b"abc") != b"abd", memoryview(b"abc") == "abc", memoryview(b"abc") == 5)
print(memoryview(bytes([1, 0, 2, 0])).cast("h") == memoryview(b"\1\2"))
print(memoryview(bytes(8)).cast("d") == memoryview(b"\0"), memoryview(b"ab") == memoryview(b"ab").cast("c"))
print(memoryview(b"abcd").cast("B", [2, 2]) == memoryview(b"abcd"))
attempt(lambda: memoryview(b"a") < b"b")
print(hash(memoryview(b"abc")) == hash(b"abc"), hash(memoryview(b"abcd")[::2]) == hash(b"ac"))
attempt(hash, memoryview(bytearray(b"abc")))
attempt(hash, memoryview(b"abcd").cast("h"))
print({memoryview(b"k"): 1}[b"k"])

# Methods
r = memoryview(bytearray(b"xyz")).toreadonly()
print(r.readonly, r.obj)
attempt(put, r, 0, 1)
print(memoryview(b"\x01\xab").hex(), memoryview(b"\x01\xab\xcd").hex(":"), memoryview(b"\x01\xab\xcd").hex("-", 2))
w = memoryview(b"abcabc")
print(w.count(97), w.index(98), w.index(98, 2), w.count(5))
attempt(w.index, 5)
attempt(w.index, 97, 4)
print(list(reversed(w))[:2], 98 in w, 5 in w, [*w][:2])
print(memoryview(memoryview(b"abc")[1:]).tobytes(), memoryview(b"ab").obj)

# Where bytes-like objects are taken
p = memoryview(b"-")
print(b"a" + p, b"+".join([p, bytearray(b"x")]), b"a-b".split(p), b"a-b".find(p), p[:0] == b"")
print(bytes.fromhex("aa").startswith(memoryview(b"\xaa")), int(memoryview(b"12")), str(memoryview(b"hi"), "ascii"))
x = bytearray(b"12")
x += memoryview(b"34")
x[1:1] = memoryview(b"__")
print(x)

# PEP 688
class Exporter:
    def __init__(self):
        self.memory = bytearray(b"hello")
        self.out = 0
    def __buffer__(self, flags):
        print("lend", flags)
        self.out += 1
        return memoryview(self.memory)
    def __release_buffer__(self, view):
        print("back", view.tobytes())
        self.out -= 1
        view.release()

x = Exporter()
with memoryview(x) as v:
    v[0] = 72
    print(v.tobytes(), x.out)
print(x.out, x.memory)
print(bytes(x), x.out)
class Wrong:
    def __buffer__(self, flags):
        return 5
attempt(memoryview, Wrong())
print(memoryview(b"abc").__buffer__(0).tobytes(), bytearray(b"q").__buffer__(1).readonly)
attempt(b"abc".__buffer__, 1)
print(type(memoryview[int]).__name__)
attempt(lambda: type("Sub", (memoryview,), {}))
