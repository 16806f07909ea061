//! The shape of the code for what programs do most, and the compiler's error messages.

use sidewinder_interpreter::bytecode::{CodeUnit, Const, Op, dis::disassemble, verify::verify};
use sidewinder_interpreter::compiler::{Mode, Options, SyntaxErrorKind, compile};

fn unit(source: &str) -> CodeUnit {
    let unit = compile(source, "test.py", Mode::Exec, &Options::default())
        .unwrap_or_else(|e| panic!("{source:?}: {e}"))
        .unit;
    verify(&unit).unwrap_or_else(|e| panic!("{source:?}: {e}\n{}", disassemble(&unit)));
    unit
}

/// The first nested unit.
fn inner(source: &str) -> CodeUnit {
    let found = unit(source).consts.into_iter().find_map(|c| match c {
        Const::Code(code) => Some((*code).clone()),
        _ => None,
    });
    found.expect("a function or class")
}

/// The opcodes of the first function of the source.
fn ops(source: &str) -> Vec<Op> {
    inner(source).instrs.iter().map(|i| i.op).collect()
}

fn error(source: &str, mode: Mode) -> SyntaxErrorKind {
    match compile(source, "test.py", mode, &Options::default()) {
        Ok(_) => panic!("{source:?} compiles"),
        Err(error) => error.kind,
    }
}

#[test]
fn locals_are_operands() {
    use Op::*;
    assert_eq!(ops("def f(a, b):\n x = a + b\n return x"), [Add, Return]);
    assert_eq!(ops("def f(i):\n i += 1\n i = i - 1"), [AddImm, SubImm, ReturnNone]);
    assert_eq!(ops("def f(a, b):\n a, b = b, a + b"), [Move, Add, Move, ReturnNone]);
    assert_eq!(ops("def f(o):\n o.x = o.y"), [LoadAttr, StoreAttr, ReturnNone]);
    assert_eq!(ops("def f(a):\n return a[0]"), [LoadInt, GetItem, Return]);
}

#[test]
fn calls_are_evaluated_into_their_window() {
    use Op::*;
    let f = inner("def f(g, a):\n return g(g(a))");
    let ops: Vec<Op> = f.instrs.iter().map(|i| i.op).collect();
    assert_eq!(ops, [Move, Move, Move, Call, Call, Return]);
    // The inner call's window begins in the outer call's argument slot.
    assert_eq!(f.instrs[3].a, f.instrs[4].b + 1);
    assert_eq!(f.instrs[3].b, f.instrs[4].b + 1);
    let method = self::ops("def f(o, a):\n return o.m(a, 1)");
    assert_eq!(method, [LoadMethod, Move, LoadInt, CallMethod, Return]);
}

#[test]
fn conditions_jump_without_booleans() {
    use Op::*;
    let ops = ops("def f(x, y):\n while x < 10 and y is not None:\n  x += 1");
    // Each way out has a return of its own, on the line it leaves from; nothing comes to the last one any more.
    let ways_out = [ReturnNone, ReturnNone, ReturnNone];
    assert_eq!(ops[..5], [CompareJumpImm, Ext, JumpIfNone, AddImm, JumpBack]);
    assert_eq!(ops[5..], ways_out);
}

#[test]
fn loops_over_ranges_are_tight() {
    let f = inner("def f(n):\n t = 0\n for i in range(n):\n  t += i\n return t");
    let ops: Vec<Op> = f.instrs.iter().map(|i| i.op).collect();
    use Op::*;
    let expected = [LoadInt, LoadGlobal, Move, Call, GetIter, ForIter, Ext, Add, JumpBack, Return];
    assert_eq!(ops, expected);
}

#[test]
fn unpacking_goes_straight_to_neighbouring_locals() {
    use Op::*;
    let ops = ops("def f(d):\n for k, v in d:\n  pass");
    assert_eq!(ops, [GetIter, ForIter, Ext, UnpackSequence, JumpBack, ReturnNone, ReturnNone]);
}

#[test]
fn only_reads_that_may_fail_are_checked() {
    let checks = |source: &str| ops(source).iter().filter(|&&op| op == Op::CheckLocal).count();
    assert_eq!(checks("def f(a):\n if a:\n  x = 1\n else:\n  x = 2\n return x"), 0);
    assert_eq!(checks("def f(a):\n if a:\n  x = 1\n return x"), 1);
    assert_eq!(checks("def f(a):\n for x in a:\n  g(x)\n return x"), 1);
    assert_eq!(checks("def f(a):\n del a\n return a"), 1);
    assert_eq!(checks("def f():\n try:\n  x = g()\n except E:\n  pass\n return x"), 1);
    assert_eq!(checks("def f():\n try:\n  x = g()\n except E:\n  raise\n return x"), 0);
    assert_eq!(checks("def f():\n while True:\n  x = 1\n  break\n return x"), 0);
}

#[test]
fn a_walrus_does_not_disturb_what_was_read_before() {
    use Op::*;
    // x is copied before it is rebound.
    assert_eq!(ops("def f(x):\n return x + (x := 2)"), [Move, LoadInt, Add, Return]);
}

#[test]
fn zero_argument_super_is_direct() {
    let source = "class A:\n def f(self, x):\n  return super().f(x)";
    let class = inner(source);
    let method = class.consts.iter().find_map(|c| match c {
        Const::Code(code) => Some(code.clone()),
        _ => None,
    });
    let method = method.expect("a method");
    assert_eq!(&*method.freevars[0], "__class__");
    assert!(method.instrs.iter().any(|i| i.op == Op::LoadSuperMethod));
}

#[test]
fn dead_code_is_not_written() {
    use Op::*;
    assert_eq!(ops("def f():\n return 1\n print(2)"), [LoadInt, Return]);
    // The tests stay as places for a tracer to stop at, outside of the loop.
    let loops = ops("def f():\n if 0:\n  print(2)\n while 1:\n  g()");
    assert_eq!(loops, [Nop, Nop, LoadGlobal, Call, JumpBack]);
}

#[test]
fn constants_are_folded() {
    use Op::*;
    assert_eq!(ops("def f():\n return -2 ** 3 + 4 * 5"), [LoadInt, Return]);
    assert_eq!(ops("def f():\n return (1, 'a' + 'b', -1.5)"), [LoadConst, Return]);
    assert_eq!(ops("def f(x):\n return x in [1, 2]"), [LoadConst, In, Return]);
    let f = inner("def f():\n return 0x10000000000000000");
    assert!(f.consts.contains(&Const::BigInt("18446744073709551616".into())));
    let f = inner("def f():\n return '\\ud800'");
    assert!(f.consts.contains(&Const::WideStr([0xd800].into())));
}

#[test]
fn comprehensions_are_inlined() {
    let f = inner("def f(n):\n return [i for i in n if i]");
    assert!(!f.consts.iter().any(|c| matches!(c, Const::Code(_))));
    assert_eq!(&*f.varnames[1], ".i");
}

#[test]
fn handlers_list_inner_ranges_first() {
    let source = "def f():\n try:\n  try:\n   g()\n  except A:\n   h()\n finally:\n  i()";
    let f = inner(source);
    for (i, handler) in f.handlers.iter().enumerate() {
        for later in &f.handlers[i + 1..] {
            let within = handler.start <= later.start && later.end <= handler.end;
            assert!(!within || (handler.start, handler.end) == (later.start, later.end));
        }
    }
}

#[test]
fn docstrings_lose_their_indentation() {
    let f = inner("def f():\n    \"\"\"One.\n\n    Two\n      three\n    \"\"\"");
    assert_eq!(f.consts[0], Const::Str("One.\n\nTwo\n  three\n".into()));
    let options = Options { optimize: 2, ..Options::default() };
    let unit = compile("def f():\n 'doc'\n assert x", "t", Mode::Exec, &options);
    let text = disassemble(&unit.expect("compiles").unit);
    assert!(!text.contains("doc") && !text.contains("Assertion"));
}

#[test]
fn deep_programs_compile_or_are_refused() {
    unit(&format!("x = {}", vec!["a"; 10_000].join("+")));
    unit(&format!("x = a{}", ".b".repeat(5_000)));
    unit(&format!("x = {}1", "-".repeat(3_000)));
    let too_deep = format!("x = {}1", "-".repeat(100_000));
    assert_eq!(error(&too_deep, Mode::Exec), SyntaxErrorKind::TooDeep);
    let brackets = format!("x = {}{}", "(".repeat(1_000), ")".repeat(1_000));
    assert_eq!(error(&brackets, Mode::Exec), SyntaxErrorKind::SyntaxError);
}

#[test]
fn interactive_input_may_go_on() {
    let incomplete = SyntaxErrorKind::IncompleteInput;
    let cases = [
        "if x:",
        "if x:\n  pass",
        "f(a,",
        "x = '''a",
        "def f():",
        "try:\n  pass",
        "x = \\",
        "class A:\n",
        "@decorator",
        "while True:\n  x = [1,",
    ];
    let prompt = Options { interactive: true, ..Options::default() };
    for source in cases {
        let error = compile(source, "t", Mode::Single, &prompt).expect_err(source);
        assert_eq!(error.kind, incomplete, "{source:?}");
    }
    assert_eq!(error("if x:", Mode::Single), SyntaxErrorKind::IndentationError);
    for source in ["if x:\n  pass\n", "x = 1", "f(a)", "", "1; 2"] {
        let result = compile(source, "t", Mode::Single, &Options::default());
        assert!(result.is_ok(), "{source:?}: {result:?}");
    }
    for source in ["x = )", "a b", "if", "x = 'abc"] {
        assert_eq!(error(source, Mode::Single), SyntaxErrorKind::SyntaxError, "{source:?}");
    }
    let shown = compile("1; f()", "t", Mode::Single, &Options::default()).expect("compiles");
    assert_eq!(shown.unit.instrs.iter().filter(|i| i.op == Op::DisplayHook).count(), 2);
}

#[test]
fn eval_mode_returns_the_value() {
    let unit = compile("1 + x", "t", Mode::Eval, &Options::default()).expect("compiles");
    assert_eq!(unit.unit.instrs.last().map(|i| i.op), Some(Op::Return));
    assert_eq!(error("x = 1", Mode::Eval), SyntaxErrorKind::SyntaxError);
}

/// Each line of the data file: source, then what CPython 3.14 says: exception, message, line,
/// offset, end line and end offset (0 where it says none).
#[test]
fn syntax_errors_are_cpythons() {
    let data = include_str!("data/syntax_errors.tsv");
    let mut wrong = vec![];
    for line in data.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [source, expected @ ..] = &fields[..] else { continue };
        let source = source.replace("\\t", "\t").replace("\\n", "\n").replace("\\\\", "\\");
        let got = match compile(&source, "t", Mode::Exec, &Options::default()) {
            Ok(_) => vec!["None".to_owned()],
            Err(e) => {
                let end = if expected.last() == Some(&"0") { 0 } else { e.end_col };
                vec![
                    format!("{:?}", e.kind),
                    e.message,
                    e.line.to_string(),
                    e.col.to_string(),
                    e.end_line.to_string(),
                    end.to_string(),
                ]
            }
        };
        if got != expected {
            wrong.push(format!("{source:?}\n  expected {expected:?}\n  got      {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
