"""_ast: classes, trees from source with positions, and back."""
import ast


def fails(f, *args, **kwargs):
    try:
        print(f(*args, **kwargs))
    except Exception as e:
        print(type(e).__name__, e)


SOURCE = '''
"doc"
@dec
# comment
@dec2(1)
async def f(a, b: int = 1, /, c=2, *args: str, d, e=3, **kw) -> int:
    async for x in y:
        await z
    else: pass
    async with a as b, c: yield
    return [i async for i in x if i if j]

class C(B, metaclass=M, *x, **y): x: int = 5; y: "str"; (z): int
if a: pass
elif b: pass
elif c:
    pass
else: pass
for i, *j in k: break
while True:
    continue
try: raise X from Y
except (A, B) as e: del a, b[0], c.d
except: pass
else: pass
finally: assert a, "b"
try: pass
except* T: pass
with (a as b, c): pass
import a.b as c, d
from . import x
from ..y import (z as w)
global g; nonlocal_ = 1
a = b = c; a += 1; a @= b
x = lambda a, *b, c=1: (yield)
x = lambda: 0
x = {1: 2, **a}, {1, 2}, [*a], (), (1,)
x = {k: v for k, v in y}; x = {a for b in c}; x = (a for b in c)
x = a if b else c; x = not a and b or -c; x = a < b <= c is not d not in e
x = a[1:2, ::3, ...]; x = a[b].c(d, *e, f=1, **g)
x = 1, 1.5, 2j, 10**30, 0xFFFFFFFFFFFFFFFFFFFF, "a" "b", b"c", u"d", None, True, "\\ud800é"
(y := 5)
x = f"a{b}c{d!r:>{w}}e{{" "f" f"{g=}{h:x}"
x = f"{q=}"; x = f"{q = !s:z}b"
x = t"a{b!s:c}"
match x:
    case 1 | "a" | None: pass
    case [a, *b, _] if c: pass
    case {"k": v, **rest}: pass
    case P(a, b=c) as d: pass
    case (1.5 | -2): pass
type A[T: int = str, *Ts, **P] = list[T]
def g[T](x: T) -> T: ...
é = "ü"; ü = é + 1
'''
tree = ast.parse(SOURCE)


def show(node, depth=0):
    if isinstance(node, ast.AST):
        place = ()
        if "lineno" in node._attributes:
            place = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        print(" " * depth + type(node).__name__, *place)
        for name in node._fields:
            value = getattr(node, name)
            if isinstance(value, ast.AST) and not value._fields and not value._attributes:
                print(" " * depth + " ." + name, type(value).__name__)
            elif isinstance(value, (ast.AST, list)):
                print(" " * depth + " ." + name)
                show(value, depth + 2)
            else:
                print(" " * depth + " ." + name, ascii(value))
    elif isinstance(node, list):
        for item in node:
            show(item, depth + 1)
    else:
        print(" " * depth + ascii(node))


show(tree)
print(ast.dump(ast.parse("a + 1", mode="eval"), include_attributes=True))
print(ast.dump(compile("x\n", "f", "single", ast.PyCF_ONLY_AST)))
text = ast.unparse(tree)
print(ascii(text))
print(ast.dump(ast.parse(text)) == ast.dump(ast.parse(ast.unparse(ast.parse(text)))))
n = ast.Name("x", ast.Load())
print(n.id, n._fields, n.__match_args__, ast.Name.__doc__, ast.expr.__doc__[:40], ast.Name.__module__, ast.Name.__mro__)
print(ast.parse('f(a, b, c, d)\nx = [1]'), ast.parse('a'), ast.Name('x'), ast.parse('a + b').body[0], ast.arguments())
print(ast.FunctionDef._field_types, ast.Name._attributes, ast.Load._fields, ast.arg.__doc__)
print(ast.Name(id="y").ctx, ast.List().elts, ast.Constant(1).kind, ast.FunctionDef.returns)
fails(ast.Name, "a", "b", "c")
fails(ast.Name, "a", id="b")
import copy, warnings
print(ast.dump(copy.deepcopy(n)), ast.dump(copy.replace(n, id="q")))
with warnings.catch_warnings(record=True) as w:
    warnings.simplefilter("always")
    ast.Name()
    ast.Name("x", zork=1)
    print([str(x.message) for x in w])
e = ast.Expression(ast.BinOp(ast.Constant(2), ast.Mult(), ast.Constant(21)))
fails(compile, e, "f", "eval")
print(eval(compile(ast.fix_missing_locations(e), "f", "eval")))
ns = {}
exec(compile(ast.parse("def f(x): return x * 2\ny = f(4)"), "f", "exec"), ns)
print(ns["y"])
fails(compile, ast.parse("1"), "f", "eval")
fails(compile, ast.Module([ast.Expr(ast.Name(5, ast.Load(), lineno=1, col_offset=0), lineno=1, col_offset=0)], []), "f", "exec")
fails(ast.parse, "a b")
fails(ast.literal_eval, "{'a': [1, 2, (3, -4.5)], 'b': None, 'c': {1j}}")
fails(ast.literal_eval, "f()")


class Double(ast.NodeTransformer):
    def visit_Constant(self, node):
        return ast.Constant(node.value * 2)


print(ast.unparse(Double().visit(ast.parse("x = 3 + foo(4)"))))
print([type(x).__name__ for x in ast.walk(ast.parse("a.b"))], ast.get_docstring(tree), ast.get_source_segment("a + bc", ast.parse("a + bc").body[0].value.right))
