# Graphs: search, shortest paths, topological order, components.
graph = {
    "a": {"b": 7, "c": 9, "f": 14},
    "b": {"a": 7, "c": 10, "d": 15},
    "c": {"a": 9, "b": 10, "d": 11, "f": 2},
    "d": {"b": 15, "c": 11, "e": 6},
    "e": {"d": 6, "f": 9},
    "f": {"a": 14, "c": 2, "e": 9},
    "z": {},
}


def bfs(start):
    seen = {start: None}
    queue = [start]
    while queue:
        node = queue.pop(0)
        for other in sorted(graph[node]):
            if other not in seen:
                seen[other] = node
                queue.append(other)
    return seen


def dfs(node, seen=None):
    if seen is None:
        seen = []
    seen.append(node)
    for other in sorted(graph[node]):
        if other not in seen:
            dfs(other, seen)
    return seen


class Heap:
    def __init__(self):
        self.items = []

    def push(self, item):
        a = self.items
        a.append(item)
        i = len(a) - 1
        while i and a[i] < a[(i - 1) // 2]:
            a[i], a[(i - 1) // 2] = a[(i - 1) // 2], a[i]
            i = (i - 1) // 2

    def pop(self):
        a = self.items
        a[0], a[-1] = a[-1], a[0]
        result = a.pop()
        i = 0
        while True:
            child = 2 * i + 1
            if child >= len(a):
                return result
            if child + 1 < len(a) and a[child + 1] < a[child]:
                child += 1
            if a[i] <= a[child]:
                return result
            a[i], a[child] = a[child], a[i]
            i = child

    def __bool__(self):
        return bool(self.items)


def dijkstra(start):
    distance = {start: 0}
    heap = Heap()
    heap.push((0, start))
    done = set()
    while heap:
        d, node = heap.pop()
        if node in done:
            continue
        done.add(node)
        for other, weight in graph[node].items():
            if d + weight < distance.get(other, float("inf")):
                distance[other] = d + weight
                heap.push((d + weight, other))
    return distance


def path(tree, node):
    result = []
    while node is not None:
        result.append(node)
        node = tree[node]
    return result[::-1]


print(bfs("a"), path(bfs("a"), "e"), dfs("a"))
print(sorted(dijkstra("a").items()), dijkstra("z"))


def topological(deps):
    order, state = [], {}

    def visit(n):
        if state.get(n) == "done":
            return
        if state.get(n) == "active":
            raise ValueError(f"cycle at {n}")
        state[n] = "active"
        for m in deps.get(n, ()):
            visit(m)
        state[n] = "done"
        order.append(n)

    for n in deps:
        visit(n)
    return order


print(topological({"shoes": ["socks"], "belt": ["trousers"], "trousers": ["pants"], "socks": [], "coat": ["belt", "shirt"]}))
try:
    topological({1: [2], 2: [3], 3: [1]})
except ValueError as e:
    print(e)


def components(edges, n):
    parent = list(range(n))

    def find(x):
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    for a, b in edges:
        parent[find(a)] = find(b)
    groups = {}
    for i in range(n):
        groups.setdefault(find(i), []).append(i)
    return sorted(groups.values())


print(components([(0, 1), (2, 3), (1, 3), (5, 6)], 8))
inf = float("inf")
floyd = [[0, 3, inf, 7], [8, 0, 2, inf], [5, inf, 0, 1], [2, inf, inf, 0]]
for k in range(4):
    for i in range(4):
        for j in range(4):
            floyd[i][j] = min(floyd[i][j], floyd[i][k] + floyd[k][j])
print(floyd)
maze = ["S.#.....", "..#.##.#", "..#..#..", ".##.#.#.", "......#E"]
start = [(r, c) for r, row in enumerate(maze) for c, ch in enumerate(row) if ch == "S"][0]
frontier, steps, found = [start], {start: 0}, None
while frontier and found is None:
    following = []
    for r, c in frontier:
        for dr, dc in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            p = r + dr, c + dc
            if 0 <= p[0] < len(maze) and 0 <= p[1] < len(maze[0]) and maze[p[0]][p[1]] != "#" and p not in steps:
                steps[p] = steps[r, c] + 1
                following.append(p)
                if maze[p[0]][p[1]] == "E":
                    found = steps[p]
    frontier = following
print(found, len(steps))
