# Memoryviews of memory behind pointers to rows (suboffsets).
import gc
import sys

sys.path.insert(0, sys.argv[1])

import rows

CUBE, TABLE, BACKWARD, COLUMN, PLAIN, EMPTY = range(6)


def tried(f):
    try:
        return f()
    except Exception as e:
        # CPython 3.14 says more than 3.11.
        return type(e).__name__, str(e).replace("multi-dimensional ", "")


def attributes(m):
    print("  ", m.ndim, m.shape, m.strides, m.suboffsets, m.nbytes, m.itemsize, m.format,
          m.c_contiguous, m.f_contiguous, m.contiguous, m.readonly)


for kind in CUBE, TABLE, BACKWARD, COLUMN, PLAIN, EMPTY:
    grid = rows.Grid(kind)
    m = memoryview(grid)
    print("kind", kind, len(m), grid.lent, m.obj is grid)
    attributes(m)
    print("  ", m.tolist())
    for order in "C", "F", "A":
        print("  ", order, m.tobytes(order).hex())
    print("  ", bytes(m) == m.tobytes(), m == m, m == memoryview(rows.Grid(kind)),
          m == rows.Grid(BACKWARD), tried(lambda: m.cast("B")), tried(lambda: hash(m)),
          tried(lambda: hash(m.toreadonly()) == hash(m.tobytes())))
    for key in 0, -1, 99, (1, 2), (1, -1), (1, 2, 3), (-1, 0, 0), (0, 9), slice(None, None, 2), slice(3, 0, -1):
        part = tried(lambda: m[key])
        if isinstance(part, memoryview):
            attributes(part)
            print("  ", key, part.tolist(), part.tobytes().hex())
        else:
            print("  ", key, part)
    m.release()
    del part
    gc.collect()
    print("  ", grid.lent, tried(m.tolist))

# Writing reaches C's rows.
cube = rows.Grid(CUBE)
with memoryview(cube) as m:
    m[1, 2, 3] = 7777
    m[-2, -3, -4] = -5
    print(cube.row(0), cube.row(5))
    print(tried(lambda: m.__setitem__((0, 0, 0), 1 << 15)), tried(lambda: m.__setitem__(0, 1)))
column = rows.Grid(COLUMN)
with memoryview(column) as m:
    m[1:4] = memoryview(bytes(6)).cast("h")
    m[::-2] = memoryview(rows.Grid(COLUMN))[3:]
    print(m.tolist(), [column.row(i)[0] for i in range(6)])
    print(tried(lambda: m.__setitem__(slice(2), b"ab")), list(m), m[2:].tolist())
    print(m[::2][::2].tolist(), m[::2].strides, sum(m), 3 in m)

# Views of views, and of what Python lends on.
grid = rows.Grid(TABLE)
views = [memoryview(grid)]
for _ in range(20):
    views.append(memoryview(views[-1]).toreadonly())
    gc.collect()
print(views[-1].tolist() == views[0].tolist(), views[-1].suboffsets, grid.lent)
for view in views:
    view.release()
gc.collect()
print(grid.lent)
