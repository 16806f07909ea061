# Backtracking, recursion, simulation.
def queens(n):
    solutions = []

    def place(row, columns):
        if row == n:
            solutions.append(columns)
            return
        for c in range(n):
            if all(c != k and abs(c - k) != row - r for r, k in enumerate(columns)):
                place(row + 1, columns + (c,))

    place(0, ())
    return solutions


print(queens(4), len(queens(6)))
moves = []


def hanoi(n, a, b, c):
    if n:
        hanoi(n - 1, a, c, b)
        moves.append(a + b)
        hanoi(n - 1, c, b, a)


hanoi(5, "A", "B", "C")
print(len(moves), " ".join(moves[:10]))


def permutations(items):
    if len(items) <= 1:
        yield list(items)
        return
    for i, x in enumerate(items):
        for rest in permutations(items[:i] + items[i + 1 :]):
            yield [x] + rest


def subsets(items):
    if not items:
        return [[]]
    rest = subsets(items[1:])
    return rest + [[items[0]] + s for s in rest]


print(list(permutations([1, 2, 3])), len(list(permutations("abcde"))), subsets("abc"))


def life(cells, steps):
    for _ in range(steps):
        counts = {}
        for x, y in cells:
            for dx in (-1, 0, 1):
                for dy in (-1, 0, 1):
                    if dx or dy:
                        counts[x + dx, y + dy] = counts.get((x + dx, y + dy), 0) + 1
        cells = {p for p, n in counts.items() if n == 3 or n == 2 and p in cells}
    return cells


print(sorted(life({(1, 0), (2, 1), (0, 2), (1, 2), (2, 2)}, 40)))
grid = """
53..7....
6..195...
.98....6.
8...6...3
4..8.3..1
7...2...6
.6....28.
...419..5
....8..79
""".split()
board = [[0 if c == "." else int(c) for c in row] for row in grid]


def candidates(r, c):
    used = set(board[r]) | {board[i][c] for i in range(9)}
    r0, c0 = r // 3 * 3, c // 3 * 3
    used |= {board[i][j] for i in range(r0, r0 + 3) for j in range(c0, c0 + 3)}
    return [v for v in range(1, 10) if v not in used]


def solve():
    best = None
    for r in range(9):
        for c in range(9):
            if board[r][c] == 0:
                options = candidates(r, c)
                if best is None or len(options) < len(best[2]):
                    best = r, c, options
    if best is None:
        return True
    r, c, options = best
    for v in options:
        board[r][c] = v
        if solve():
            return True
        board[r][c] = 0
    return False


print(solve())
for row in board:
    print("".join(map(str, row)))


def knapsack(items, capacity):
    table = [0] * (capacity + 1)
    for value, weight in items:
        for w in range(capacity, weight - 1, -1):
            table[w] = max(table[w], table[w - weight] + value)
    return table[capacity]


def lcs(a, b):
    table = [[""] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            table[i + 1][j + 1] = table[i][j] + x if x == y else max(table[i][j + 1], table[i + 1][j], key=len)
    return table[-1][-1]


def edit_distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]


print(knapsack([(60, 10), (100, 20), (120, 30)], 50), lcs("AGGTAB", "GXTXAYB"), edit_distance("kitten", "sitting"))
program = "++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---.+++++++..+++.>>.<-.<.+++.------.--------.>>+.>++."
tape, pointer, at, out, stack, jumps = [0] * 30, 0, 0, "", [], {}
for i, c in enumerate(program):
    if c == "[":
        stack.append(i)
    elif c == "]":
        jumps[i] = stack.pop()
        jumps[jumps[i]] = i
while at < len(program):
    c = program[at]
    if c == ">":
        pointer += 1
    elif c == "<":
        pointer -= 1
    elif c == "+":
        tape[pointer] = (tape[pointer] + 1) & 255
    elif c == "-":
        tape[pointer] = (tape[pointer] - 1) & 255
    elif c == ".":
        out += chr(tape[pointer])
    elif c == "[" and not tape[pointer] or c == "]" and tape[pointer]:
        at = jumps[at]
    at += 1
print(out)
