# A tokenizer, a recursive-descent parser, a compiler and a stack machine, as a script would write them.
class CalcError(Exception):
    def __init__(self, message, position):
        super().__init__(f"{message} at {position}")
        self.position = position


class Token:
    __slots__ = ("kind", "value", "position")

    def __init__(self, kind, value, position):
        self.kind, self.value, self.position = kind, value, position

    def __repr__(self):
        return f"{self.kind}:{self.value}"


def tokenize(text):
    i = 0
    while i < len(text):
        c = text[i]
        if c.isspace():
            i += 1
        elif c.isdigit() or c == ".":
            start = i
            while i < len(text) and (text[i].isdigit() or text[i] == "."):
                i += 1
            number = text[start:i]
            yield Token("num", float(number) if "." in number else int(number), start)
        elif c.isalpha() or c == "_":
            start = i
            while i < len(text) and (text[i].isalnum() or text[i] == "_"):
                i += 1
            yield Token("name", text[start:i], start)
        elif text[i : i + 2] in ("**", "==", "<="):
            yield Token("op", text[i : i + 2], i)
            i += 2
        elif c in "+-*/%()=,<":
            yield Token("op", c, i)
            i += 1
        else:
            raise CalcError(f"unexpected {c!r}", i)
    yield Token("end", None, i)


class Parser:
    LEVELS = [{"==": "eq", "<": "lt", "<=": "le"}, {"+": "add", "-": "sub"}, {"*": "mul", "/": "div", "%": "mod"}]

    def __init__(self, text):
        self.tokens = list(tokenize(text))
        self.at = 0

    @property
    def now(self):
        return self.tokens[self.at]

    def take(self, value=None):
        token = self.now
        if value is not None and token.value != value:
            raise CalcError(f"expected {value!r}, got {token.value!r}", token.position)
        self.at += 1
        return token

    def parse(self):
        if self.now.kind == "name" and self.tokens[self.at + 1].value == "=":
            name = self.take().value
            self.take("=")
            node = ("set", name, self.parse())
        else:
            node = self.binary(0)
        return node

    def binary(self, level):
        if level == len(self.LEVELS):
            return self.unary()
        left = self.binary(level + 1)
        while self.now.kind == "op" and self.now.value in self.LEVELS[level]:
            op = self.LEVELS[level][self.take().value]
            left = (op, left, self.binary(level + 1))
        return left

    def unary(self):
        if self.now.value == "-":
            self.take()
            return ("neg", self.unary())
        base = self.atom()
        if self.now.value == "**":
            self.take()
            return ("pow", base, self.unary())
        return base

    def atom(self):
        token = self.take()
        if token.kind == "num":
            return ("num", token.value)
        if token.kind == "name":
            if self.now.value == "(":
                self.take()
                args = []
                while self.now.value != ")":
                    args.append(self.binary(0))
                    if self.now.value == ",":
                        self.take()
                self.take(")")
                return ("call", token.value, args)
            return ("get", token.value)
        if token.value == "(":
            node = self.binary(0)
            self.take(")")
            return node
        raise CalcError(f"unexpected {token.value!r}", token.position)


def compile_node(node, code):
    match node:
        case ("num", value):
            code.append(("push", value))
        case ("get", name):
            code.append(("load", name))
        case ("set", name, value):
            compile_node(value, code)
            code.append(("store", name))
        case ("call", name, args):
            for arg in args:
                compile_node(arg, code)
            code.append(("call", (name, len(args))))
        case (op, operand):
            compile_node(operand, code)
            code.append((op, None))
        case (op, left, right):
            compile_node(left, code)
            compile_node(right, code)
            code.append((op, None))
    return code


class Machine:
    binary = {
        "add": lambda a, b: a + b,
        "sub": lambda a, b: a - b,
        "mul": lambda a, b: a * b,
        "div": lambda a, b: a / b,
        "mod": lambda a, b: a % b,
        "pow": lambda a, b: a ** b,
        "eq": lambda a, b: int(a == b),
        "lt": lambda a, b: int(a < b),
        "le": lambda a, b: int(a <= b),
    }

    def __init__(self):
        self.names = {"pi": 3.14159}
        self.functions = {"max": max, "sum": lambda *a: sum(a), "sq": lambda x: x * x}

    def run(self, code):
        stack = []
        for op, arg in code:
            if op == "push":
                stack.append(arg)
            elif op == "load":
                try:
                    stack.append(self.names[arg])
                except KeyError:
                    raise CalcError(f"unknown name {arg}", "run time") from None
            elif op == "store":
                self.names[arg] = stack[-1]
            elif op == "neg":
                stack.append(-stack.pop())
            elif op == "call":
                name, count = arg
                args = [stack.pop() for _ in range(count)][::-1]
                stack.append(self.functions[name](*args))
            else:
                b, a = stack.pop(), stack.pop()
                stack.append(self.binary[op](a, b))
        return stack.pop()


machine = Machine()
for line in ["1 + 2 * 3", "(1 + 2) * 3", "2 ** 3 ** 2", "-2 ** 2", "10 / 4 - 1", "x = 5", "x * x + 1", "y = z = 2 + x", "y % 4 == 3", "max(1, x, 3) + sq(4)", "sum(1, 2, 3, 4)", "2 * pi", "1 < 2", "3 <= 2", "1 +", "(1", "1 $ 2", "unknown + 1", "1 / 0", "nope(1)", "7 7"]:
    try:
        parser = Parser(line)
        tree = parser.parse()
        code = compile_node(tree, [])
        print(line, "->", machine.run(code), "|", len(code), "instructions,", parser.now)
    except (CalcError, ZeroDivisionError, KeyError) as e:
        print(line, "-> error:", type(e).__name__, e)
print(list(tokenize("a1+2.5")), Parser("f(1, -x)").parse())
