# List slices, inserts and deletions against a model that uses only concatenation.
class Random:
    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
        return (self.state >> 33) % n


r = Random(7)


def indices(length, start, stop, step):
    return list(range(*slice(start, stop, step).indices(length)))


def some_bound(n):
    pick = r.below(4)
    if pick == 0:
        return None
    return r.below(2 * n + 4) - n - 2


a = list(range(10))
log = 0
for step in range(3000):
    n = len(a)
    op = r.below(9)
    before = a[:]
    if op == 0:
        i = some_bound(n)
        a.insert(i or 0, step)
        i = i or 0
        i = max(0, i + n) if i < 0 else min(i, n)
        expected = before[:i] + [step] + before[i:]
    elif op == 1 and a:
        i = r.below(n)
        popped = a.pop(i)
        expected = before[:i] + before[i + 1 :]
        if popped != before[i]:
            print("pop differs")
    elif op == 2:
        i, j = some_bound(n), some_bound(n)
        new = [step] * r.below(4)
        a[i:j] = new
        start, stop, _ = slice(i, j).indices(n)
        stop = max(start, stop)
        expected = before[:start] + new + before[stop:]
    elif op == 3:
        i, j, k = some_bound(n), some_bound(n), r.below(5) - 2 or 1
        del a[i:j:k]
        gone = indices(n, i, j, k)
        expected = [x for p, x in enumerate(before) if p not in gone]
    elif op == 4:
        i, j, k = some_bound(n), some_bound(n), r.below(5) - 2 or 1
        got = a[i:j:k]
        if got != [before[p] for p in indices(n, i, j, k)]:
            print("slice differs", i, j, k)
        expected = before
    elif op == 5:
        i, j, k = some_bound(n), some_bound(n), r.below(5) - 2 or 1
        where = indices(n, i, j, k)
        if k != 1:
            a[i:j:k] = [step + p for p in range(len(where))]
            expected = before[:]
            for p, q in enumerate(where):
                expected = expected[:q] + [step + p] + expected[q + 1 :]
        else:
            expected = before
    elif op == 6 and n < 50:
        a += [step, step + 1]
        expected = before + [step, step + 1]
    elif op == 7 and n < 30:
        a *= 2
        expected = before + before
    else:
        a.reverse()
        expected = before[::-1]
    if a != expected:
        print("differs", step, op)
        break
    log = (log * 31 + len(a) + sum(a)) % 1000003
    if len(a) > 80:
        del a[20:]
print(len(a), log)
text = "abcdefghij日本語😀xyz"
for _ in range(300):
    i, j, k = some_bound(15), some_bound(15), r.below(5) - 2 or 1
    where = indices(len(text), i, j, k)
    if text[i:j:k] != "".join([text[p] for p in where]) or tuple(text)[i:j:k] != tuple(text[p] for p in where):
        print("differs", i, j, k)
data = bytes(range(50))
for _ in range(200):
    i, j, k = some_bound(50), some_bound(50), r.below(5) - 2 or 1
    if list(data[i:j:k]) != indices(50, i, j, k) or list(range(50)[i:j:k]) != indices(50, i, j, k):
        print("differs", i, j, k)
print("done")
