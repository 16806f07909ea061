# Module array: type codes, methods, views, errors.
import array, copy, io, pickle
from collections.abc import MutableSequence

print(array.typecodes, array.ArrayType is array.array, issubclass(array.array, MutableSequence))
for code in 'bBhHiIfdqQw':
    a = array.array(code, 'aé\U0001F600' if code == 'w' else [1, 2, 100])
    a.append(a[0])
    print(a, a.typecode, len(a), a[1:], a[::-2], a.count(a[0]), a.index(a[2]))
    for protocol in range(6):
        assert pickle.loads(pickle.dumps(a, protocol)) == a
    assert copy.copy(a) == a == copy.deepcopy(a)

a = array.array('i', range(10))
a[2:5] = array.array('i', [7])
del a[::3]
a.insert(-1, 50)
a += array.array('i', [3, 3])
a *= 2
a.remove(3)
a.reverse()
print(a, a.pop(), a.pop(0), a.tolist(), 50 in a, 'x' in a)
a[::2] = array.array('i', [0] * len(a[::2]))
print(a, a + a == a * 2, a < array.array('d', [0.5]), a == list(a))
h = array.array('H', [1, 0x102])
h.byteswap()
print(h, h.tobytes(), array.array('B', h.tobytes()))
f = io.BytesIO(b'abcdef')
b = array.array('B')
b.fromfile(f, 4)
print(b)
try:
    b.fromfile(f, 4)
except EOFError as e:
    print(e, b)
out = io.BytesIO()
b.tofile(out)
print(out.getvalue())

m = memoryview(b)
m[0] = 90
print(b, m.format, m.itemsize, m.shape)
for change in (lambda: b.append(1), b.pop, b.clear, lambda: b.extend([1]), lambda: b.frombytes(b'x')):
    try:
        change()
    except BufferError as e:
        print('BufferError', e)
m.release()
b.clear()
print(b)

it = iter(array.array('i', [1, 2]))
print(next(it), list(pickle.loads(pickle.dumps(it))), list(it), list(it))

for bad in (
    lambda: array.array(),
    lambda: array.array('x'),
    lambda: array.array('b', 'abc'),
    lambda: array.array('b', [128]),
    lambda: array.array('B', [-1]),
    lambda: array.array('i', ['x']),
    lambda: array.array('i', [1.5]),
    lambda: array.array('d', ['x']),
    lambda: array.array('w', [1]),
    lambda: array.array('w', ['ab']),
    lambda: array.array('i', b'abc'),
    lambda: array.array('i').pop(),
    lambda: array.array('i')[0],
    lambda: array.array('i', [1])['x'],
    lambda: array.array('i', [1]) + [1],
    lambda: array.array('i', [1]) + array.array('b', [1]),
    lambda: array.array('i', [1]).index(2),
    lambda: array.array('i', [1]).remove(2),
    lambda: array.array('i', [1]).fromlist((1,)),
    lambda: array.array('i', [1]).tounicode(),
    lambda: array.array('i', [1]) * 1.5,
    lambda: hash(array.array('i')),
):
    try:
        print(bad())
    except Exception as e:
        print(type(e).__name__, e)
