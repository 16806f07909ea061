"""struct and _random: formats, errors, iteration; the generator's numbers."""
import struct
import _random


def fails(f, *args, **kwargs):
    try:
        print(f(*args, **kwargs))
    except Exception as e:
        print(type(e).__name__, e)


for fmt, *values in [("<bBhHiIqQ", -1, 255, -2, 65535, -3, 2**32 - 1, -4, 2**64 - 1), (">lL?", -5, 6, True), ("!fd", 1.5, -2.25),
                     ("<e", 65504.0), ("<e", 1e-7), ("3s5p2x", b"abcd", b"hello!"), ("<c2c", b"a", b"b", b"c"), ("=2h0i", 1, 2),
                     ("<3si", b"ab", 7), (">n" if False else "<q", 1), (b"<H", 5)]:
    data = struct.pack(fmt, *values)
    print(fmt, data, struct.unpack(fmt, data), struct.calcsize(fmt))
print(struct.calcsize("bi"), struct.calcsize("=bi"), struct.calcsize("bq"), struct.calcsize("b0i"), struct.calcsize("3x"))
s = struct.Struct("<hb")
print(s.size, s.format, s.pack(1, 2), s.unpack(b"\1\0\2"), list(s.iter_unpack(b"\1\0\2\3\0\4")), s)
buf = bytearray(8)
s.pack_into(buf, 2, -1, -2)
struct.pack_into("<H", buf, -2, 0x1234)
print(buf, s.unpack_from(buf, 2), struct.unpack_from("<H", buf, offset=-2), struct.unpack_from("<B", memoryview(buf)[3:]))
it = struct.iter_unpack(">H", bytes(range(6)))
print(it.__length_hint__(), list(it))
for fmt, *values in [("<b", 128), ("<B", -1), ("<H", 65536), ("<h", "a"), ("<f", "a"), ("<f", 1e40), ("<e", 1e6), ("c", b"ab"),
                     ("s", "a"), ("<h",), ("<h", 1, 2), ("z", 1), ("5", 1), ("<P", 1), ("99999999999999999999x",), ("<i", 2**31), ("<q", 2**63)]:
    fails(struct.pack, fmt, *values)
fails(struct.unpack, "<h", b"a")
fails(struct.unpack_from, "<h", b"abc", 2)
fails(struct.unpack_from, "<h", b"abc", -1)
fails(struct.unpack_from, "<h", b"abc", -5)
fails(struct.pack_into, "<h", bytearray(1), 0, 1)
fails(struct.pack_into, "<h", b"ab", 0, 1)
fails(struct.iter_unpack, "<h", b"abc")
fails(struct.iter_unpack, "", b"")
fails(struct.Struct, 5)
fails(struct.calcsize, "é")
print(struct.error.__name__, struct.error.__module__, struct.error.__bases__)
print(struct.pack("<2d", float("inf"), -0.0), struct.unpack("<f", struct.pack("<f", 0.1)), struct.unpack("<e", b"\x00\x7c"))


class I:
    def __index__(self):
        return 5


print(struct.pack("<h", I()), struct.pack("<d", 3), struct.pack("<?", []))

r = _random.Random(42)
print(r.random(), r.random(), r.getrandbits(5), r.getrandbits(100), r.getrandbits(0))
r.seed(2**100 + 7)
print(r.random(), r.getrandbits(64))
state = r.getstate()
a = [r.random() for _ in range(700)]
r.setstate(state)
print(a == [r.random() for _ in range(700)], len(state), state[-1])
fails(r.getrandbits, -1)
fails(r.setstate, 5)
fails(r.setstate, (1, 2))
r.seed(-42)
print(r.random(), _random.Random(0).random())
import random
random.seed(1)
print(random.randint(1, 100), random.choice("abc"), random.sample(range(50), 5), random.gauss(0, 1), random.shuffle(x := list(range(6))), x)
random.seed("text")
print(random.random(), random.randbytes(3))
import hashlib
for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_256", "sha3_384", "sha3_512"):
    h = hashlib.new(name, b"abc")
    g = h.copy()
    h.update(bytearray(b"def"))
    print(h.name, h.digest_size, h.block_size, h.hexdigest(), g.digest() == hashlib.new(name, b"abc").digest())
import _sha3, _md5, _blake2
s = _sha3.shake_128(b"abc")
print(s.hexdigest(10), s.digest(3), _sha3.shake_256().hexdigest(4))
fails(_md5.md5, "abc")
fails(_md5.md5, 5)
b = _blake2.blake2b(b"abc")
print(b.hexdigest(), b.name, b.digest_size, b.block_size)
print(_blake2.blake2s(b"abc", digest_size=8, key=b"k", salt=b"salt", person=b"me").hexdigest(), _blake2.blake2b.MAX_KEY_SIZE)
print(_blake2.blake2b(b"x", fanout=2, depth=2, leaf_size=4, node_offset=1, node_depth=1, inner_size=10, last_node=True).hexdigest())
fails(_blake2.blake2s, b"", digest_size=33)
fails(_blake2.blake2s, b"", key=b"x" * 33)
