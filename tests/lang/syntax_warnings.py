import warnings
def show(src):
    with warnings.catch_warnings(record=True) as w:
        warnings.simplefilter("always")
        try: compile(src, "<s>", "exec")
        except SyntaxError as e: print("ERR", e)
    for x in w: print(x.category.__name__, x.lineno, x.message)
for src in ['"\\d"', 'b"\\d\\y"', '"\\400 \\777"', 'x = 1\ny = """\n\\q\n"""', 'f"{x}\\d"', "x is 1", "x is not 'a'", "x is ()", "x is (1,2)", "x is None", "x is -1", "1 is x is 2", "assert (x, 1)", "assert ()", "1()", "'a'()", "(1,2)(3)", "[1](2)", "{1:2}(3)", "{1}(2)", "(i for i in x)(1)", "(lambda: 1)()", "f'x'()", "None()", "...()", "1[2]", "{1}[2]", "None[1]", "(lambda: 1)[0]", "[1]['a']", "(1,2)[1.5]", "'abc'['d']", "b'abc'['d']", "f'x'['d']", "[1][1, 2]", "[1][None]", "[1][True]", "[1][[1]]", "'a'[1:2]", "[i for i in x]['s']",
  "def f():\n try: pass\n finally: return 1", "for x in y:\n try: pass\n finally: break", "for x in y:\n try: pass\n finally: continue", "try: pass\nfinally:\n for x in y: break", "def f():\n try: pass\n finally:\n  while 1: return", "def f():\n try: pass\n finally:\n  def g(): return 1", "t'{x}\\d'", "r'\\d'", "'\\N{DIGIT ONE}\\u1234'", "b'\\N\\u'", "x is 1.5", "x is b''", "x is f'a'", "x is True", "x is ...", "x is 1j", "0x1for x in y", "1if x else y", "'a' 'b\\d'"]:
    print("--", repr(src)); show(src)
with warnings.catch_warnings():
    warnings.simplefilter("error", SyntaxWarning)
    for src in ['x = "\\d"', "assert (x, 1)", "x is 1"]:
        try: compile(src, "<s>", "exec")
        except SyntaxError as e: print(type(e).__name__, e, e.lineno, e.offset, e.end_offset)
