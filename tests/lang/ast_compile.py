# compile() of trees: positions, constants, checks.
import ast


def run(tree, name="f"):
    ast.fix_missing_locations(tree)
    namespace = {}
    exec(compile(tree, "<tree>", "exec"), namespace)
    return namespace.get(name)


source = '''
@decorate
def f(a, /, b=2, *c, d, e=5, **g):
    """doc"""
    def inner(): return [x for x in c if x]
    match a:
        case [1, *rest] | (2, *rest): return rest, f"{b!r:>{e}}"
        case {"k": v, **more} if v: return v, more
        case str(s) as whole: return s, whole
        case None | True: return "single"
    return (a, b, c, d, e, g, inner())
'''
namespace = {"decorate": lambda f: f}
exec(compile(ast.parse(source), "<tree>", "exec"), namespace)
f = namespace["f"]
print(f(0, d=1), f([1, 2, 3], d=1), f({"k": 1, "l": 2}, d=0), f("s", d=0), f(None, d=0), f.__doc__)
print(f.__code__.co_firstlineno, sorted({line for *_, line in f.__code__.co_lines() if line}))

odd = [(1, "a", (2.5, None)), frozenset({1, 2}), -5, -(10**30), 10**30, "\ud800", b"\xff", 1j, ...]
for value in odd:
    tree = ast.Expression(ast.Constant(value))
    got = eval(compile(ast.fix_missing_locations(tree), "<tree>", "eval"))
    print(type(got).__name__, got == value)

tree = ast.parse("x = 1 / y", "<tree>")
ast.increment_lineno(tree, 41)
try:
    exec(compile(tree, "<tree>", "exec"), {"y": 0})
except ZeroDivisionError as e:
    print(e.__traceback__.tb_next.tb_lineno)

N, L, S = ast.Name, ast.Load(), ast.Store()
p = ast.Pass()
wrong = [
    ast.Expr(N("x", S)), ast.Delete([]), ast.Assign([N("x", L)], N("y", L)), ast.For(N("x", S), N("y", L), [], []),
    ast.With([], [p]), ast.Raise(None, N("x", L)), ast.Try([p], [], [], []), ast.Try([p], [], [p], [p]),
    ast.Import([]), ast.ImportFrom(None, [ast.alias("x", None)], -1), ast.Global([]), ast.Expr(ast.BoolOp(ast.And(), [])),
    ast.Expr(ast.Dict([], [N("x", L)])), ast.Expr(ast.Compare(N("x", L), [ast.In()], [])), ast.Expr(N("None", L)),
    ast.Expr(ast.Constant([])), ast.Expr(ast.Set([None])), ast.Expr(5), ast.Module([], []), ast.If(N("x", L), [None], []),
    ast.Expr(ast.ListComp(N("x", L), [])), ast.Match(N("x", L), []),
    ast.Match(N("x", L), [ast.match_case(ast.MatchStar("a"), None, [p])]),
    ast.Match(N("x", L), [ast.match_case(ast.MatchAs(None, "_"), None, [p])]),
    ast.Match(N("x", L), [ast.match_case(ast.MatchOr([ast.MatchSingleton(None)]), None, [p])]),
    ast.AnnAssign(ast.Attribute(N("x", L), "y", S), N("z", L), None, 1), ast.Return(N("x", L)),
    ast.Expr(ast.NamedExpr(ast.Attribute(N("x", L), "y", S), N("z", L))), ast.Break(),
]
for statement in wrong:
    tree = ast.Module([statement], [])
    try:
        if isinstance(statement, ast.stmt):
            ast.fix_missing_locations(tree)
        compile(tree, "<tree>", "exec")
    except (ValueError, TypeError, SyntaxError) as e:
        print(type(e).__name__, str(e))
    else:
        print("compiles", ast.dump(statement))
for lineno, col, end_line, end_col in [(5, 0, 1, 0), (1, 5, 1, 2), (-1, 0, 1, 0)]:
    name = ast.Name("x", L, lineno=lineno, col_offset=col, end_lineno=end_line, end_col_offset=end_col)
    try:
        compile(ast.Expression(name), "<tree>", "eval")
    except ValueError as e:
        print(e)
try:
    compile(ast.Expression(N("x", L)), "<tree>", "eval")
except TypeError as e:
    print(e)
cyclic = ast.UnaryOp(ast.Not(), None, lineno=0, col_offset=0)
cyclic.operand = cyclic
try:
    compile(ast.Expression(cyclic), "<tree>", "eval")
except RecursionError:
    print("RecursionError")
t = compile(ast.parse("t'a{x!r:>5}b'"), "<tree>", "exec")
tree = ast.parse("from __future__ import annotations\ndef f(a: 1  +2) -> (b): pass")
print(run(tree).__annotations__)
for version, text in [((3, 7), "(x := 1)"), ((3, 7), "def f(a, /): pass"), ((3, 9), "match x:\n case 1: pass")]:
    try:
        ast.parse(text, feature_version=version)
    except SyntaxError as e:
        print(e.msg)
