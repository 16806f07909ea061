# Dict and set against simple models, over pseudo-random operations.
class Random:
    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
        return (self.state >> 33) % n


class Model:
    """An ordered mapping as two parallel lists."""

    def __init__(self):
        self.keys, self.values = [], []

    def set(self, k, v):
        if k in self.keys:
            self.values[self.keys.index(k)] = v
        else:
            self.keys.append(k)
            self.values.append(v)

    def delete(self, k):
        i = self.keys.index(k)
        del self.keys[i], self.values[i]


def key(n):
    kind = n % 5
    if kind == 0:
        return n
    if kind == 1:
        return "k%d" % n
    if kind == 2:
        return (n, str(n))
    if kind == 3:
        return n + 0.5
    return frozenset([n])


r = Random(1)
d, m = {}, Model()
for step in range(4000):
    k = key(r.below(60))
    op = r.below(10)
    if op < 5:
        d[k] = step
        m.set(k, step)
    elif op < 8:
        if k in m.keys:
            del d[k]
            m.delete(k)
        else:
            try:
                del d[k]
                print("wrong")
            except KeyError:
                pass
    elif op == 8:
        if d:
            last = d.popitem()
            if last != (m.keys.pop(), m.values.pop()):
                print("popitem differs")
    else:
        if d.setdefault(k, step) != (m.values[m.keys.index(k)] if k in m.keys else step):
            print("setdefault differs")
        if k not in m.keys:
            m.set(k, step)
    if step % 500 == 0:
        if list(d) != m.keys or list(d.values()) != m.values:
            print("differs at", step)
        copy = dict(d)
        if copy != d or list(copy.items()) != list(zip(m.keys, m.values)):
            print("copy differs")
    if step % 1700 == 1699:
        d.clear()
        m = Model()
print(len(d), list(d.values())[:5], list(d) == m.keys)

s, model = set(), []
for step in range(4000):
    k = key(r.below(80))
    op = r.below(6)
    if op < 3:
        s.add(k)
        if k not in model:
            model.append(k)
    elif op < 5:
        s.discard(k)
        if k in model:
            model.remove(k)
    else:
        other = {key(r.below(80)) for _ in range(5)}
        if r.below(2):
            s |= other
            model += [x for x in other if x not in model]
        else:
            s -= other
            model = [x for x in model if x not in other]
    if step % 400 == 0 and (len(s) != len(model) or any(x not in s for x in model)):
        print("set differs at", step)
print(len(s) == len(model), s == set(model), frozenset(s) == set(model))
collide = {}
for i in range(500):
    collide[i << 20] = i
print(len(collide), all(collide[i << 20] == i for i in range(500)), 5 in collide)
nums = {}
for i in range(-200, 200):
    nums[i] = nums[float(i)] = i
print(len(nums), nums[-1], nums[-2], nums[0.0], nums[True])
text = {}
for i in range(3000):
    text["key" + str(i * i)] = i
print(len(text), sum(text["key" + str(i * i)] for i in range(3000)))
for i in range(0, 3000, 2):
    del text["key" + str(i * i)]
print(len(text), list(text)[:3], list(text)[-1])
