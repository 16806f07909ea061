# bytearray: mutation.
a = bytearray(b"hello")
a[0] = 72
a += b"!"
a.append(33)
a.extend([65, 66])
print(a, len(a), a[1], a[1:3], type(a[1:3]))
a[1:3] = b"EEEE"
print(a)
del a[0]
del a[-2:]
a.insert(0, 48)
print(a, a.pop(), a.pop(0), a)
a.remove(69)
a.reverse()
print(a, a.find(b"l"), a.index(33), a.count(b"E"), a.upper(), bytes(a), a == bytes(a), bytearray(3), bytearray("é", "utf-8"))
a[::2] = b"x" * len(a[::2])
print(a)
a *= 2
print(a, b"x" in a, 120 in a)
a.clear()
print(a, not a)
for bad in [lambda: a.pop(), lambda: a.append(256), lambda: a.append("a"), lambda: a.remove(5), lambda: hash(a), lambda: bytearray([300])]:
    try:
        bad()
    except (IndexError, ValueError, TypeError) as e:
        print(type(e).__name__, e)
b = bytearray(range(10))
c = b.copy()
c[0] = 99
print(b[0], c[0], b < c, b.hex(), b.split(b"\x05"), b + b"z", bytes(b"ab") + bytearray(b"c"), b.decode("latin-1").encode())
for i in range(300):
    b.append(i % 256)
print(len(b), sum(b), b.join([b"1", b"2"])[:3])
