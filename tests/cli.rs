//! The command line: what is run, with which arguments, and how it ends. As CPython's.

mod common;

use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

/// Run with arguments and standard input.
fn run_with(arguments: &[&str], input: &str, environment: &[(&str, &str)]) -> Ran {
    let mut child = Command::new(common::binary())
        .args(arguments)
        .envs(environment.iter().copied())
        .current_dir(common::root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the interpreter starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("the interpreter ends");
    Ran {
        code: output.status.code(),
        out: common::normalise(&String::from_utf8_lossy(&output.stdout)),
        err: common::normalise(&String::from_utf8_lossy(&output.stderr)),
    }
}

fn run(arguments: &[&str]) -> Ran {
    run_with(arguments, "", &[])
}

/// Run, and expect success, this output and nothing on the standard error.
#[track_caller]
fn expect(arguments: &[&str], out: &str) {
    let ran = run(arguments);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(0), out, ""), "{arguments:?}");
}

#[test]
fn a_command() {
    expect(&["-c", "print(1 + 1)"], "2\n");
    expect(
        &["-c", "import sys; print(sys.argv, __name__)", "a", "-b", "--c"],
        "['-c', 'a', '-b', '--c'] __main__\n",
    );
    expect(&["-c", "pass"], "");
    expect(&["-c", ""], "");
    expect(&["-c", "if 1:\n    print('indented')"], "indented\n");
    expect(&["-c", "import sys; print(repr(sys.path[0]))"], "''\n");
}

#[test]
fn a_file() {
    expect(&["tests/cli/show.py", "x", "-y"], "__main__ ['x', '-y'] A module to run\n");
    expect(&["tests/cli/app", "z"], "app __main__ '' beside ['z']\n");
}

#[test]
fn a_module() {
    let path = [("PYTHONPATH", "tests/cli")];
    let ran = run_with(&["-m", "show", "1", "2"], "", &path);
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (Some(0), "__main__ ['1', '2'] A module to run\n"),
        "{}",
        ran.err
    );
    let ran = run_with(&["-m", "package", "-h"], "", &path);
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (Some(0), "package package\nmain __main__ package ['-h']\n"),
        "{}",
        ran.err
    );
    let ran = run(&["-m", "no_such_module"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("No module named no_such_module"), "{}", ran.err);
}

#[test]
fn standard_input() {
    let program = "import sys\nprint('from stdin', sys.argv)\n";
    for arguments in [&["-"][..], &[][..]] {
        let ran = run_with(arguments, program, &[]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert!(ran.out.starts_with("from stdin ["), "{}", ran.out);
    }
    let ran = run_with(&["-", "a", "b"], program, &[]);
    assert_eq!(ran.out, "from stdin ['-', 'a', 'b']\n");
    let ran = run_with(&["-c", "print(input('? ') + '!', input())"], "one\ntwo\n", &[]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "? one! two\n"), "{}", ran.err);
    let ran = run_with(&["-c", "input()"], "", &[]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("EOFError: EOF when reading a line"), "{}", ran.err);
    let ran = run_with(
        &["-c", "import sys\nfor line in sys.stdin: print(line.strip()[::-1])"],
        "abc\ndef\n",
        &[],
    );
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "cba\nfed\n"), "{}", ran.err);
}

#[test]
fn development_mode() {
    let program = "\
import sys
print(sys.flags.dev_mode, sys.warnoptions)
try: print(b''.decode(errors='no such'))
except LookupError as e: print(e)
";
    expect(&["-c", program], "False []\n\n");
    let checked = "True ['default', 'error']\nunknown error handler name 'no such'\n";
    expect(&["-X", "dev", "-W", "error", "-c", program], checked);
}

#[test]
fn exit_statuses() {
    for (program, code) in [
        ("pass", 0),
        ("1/0", 1),
        ("import sys; sys.exit()", 0),
        ("import sys; sys.exit(7)", 7),
        ("import sys; sys.exit('text')", 1),
        ("raise SystemExit(300)", 300 & 255),
        ("raise SystemExit(-1)", 255),
        ("raise SystemExit(None)", 0),
        ("raise KeyError('x')", 1),
        ("def f(:", 1),
        ("try:\n  raise SystemExit(3)\nfinally:\n  print('cleanup')", 3),
    ] {
        let ran = run(&["-c", program]);
        assert_eq!(ran.code, Some(code), "{program}: {}", ran.err);
    }
    let ran = run(&["-c", "import sys; sys.exit('to stderr')"]);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", "to stderr\n"));
}

#[test]
fn bad_usage() {
    let ran = run(&["no/such/file.py"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.err.contains("can't open file")
            && ran.err.contains("[Errno 2] No such file or directory"),
        "{}",
        ran.err
    );
    let ran = run(&["-c"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("Argument expected for the -c option"), "{}", ran.err);
    let ran = run(&["--no-such-option"]);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    let ran = run(&["tests/cli"]);
    assert_eq!(ran.code, Some(1), "a directory without __main__.py: {}", ran.err);
    assert!(ran.err.contains("can't find '__main__' module in"), "{}", ran.err);
}

#[test]
fn help_and_version() {
    let ran = run(&["-V"]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.out.contains('.'), "{}", ran.out);
    assert_eq!(run(&["--version"]).out, ran.out);
    let ran = run(&["-h"]);
    assert_eq!(ran.code, Some(0));
    for option in ["-c", "-m", "-i", "-V", "-X"] {
        assert!(ran.out.contains(option), "no {option} in: {}", ran.out);
    }
}

#[test]
fn tracebacks_of_commands_and_input() {
    let ran = run(&["-c", "x = 1\nx.y"]);
    assert_eq!(ran.code, Some(1));
    let lines: Vec<&str> = ran.err.lines().collect();
    assert_eq!(lines[0], "Traceback (most recent call last):");
    assert!(lines[1].starts_with("  File \"<string>\", line 2, in <module>"), "{}", ran.err);
    assert_eq!(lines.last(), Some(&"AttributeError: 'int' object has no attribute 'y'"));
    let ran = run_with(&["-"], "def f():\n    return {}['k']\nf()\n", &[]);
    assert!(
        ran.err.contains("  File \"<stdin>\", line 2, in f")
            && ran.err.ends_with("KeyError: 'k'\n"),
        "{}",
        ran.err
    );
}

#[test]
fn module_search_path() {
    let ran = run_with(
        &["-c", "import show, package; print(show.__name__, package.__name__)"],
        "",
        &[("PYTHONPATH", "/no/such/place:tests/cli")],
    );
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (Some(0), "package package\nshow package\n"),
        "{}",
        ran.err
    );
}

#[test]
fn unbuffered_order_and_flush_at_exit() {
    let ran = run(&["-c", "import sys\nsys.stdout.write('no newline')\nsys.exit(4)"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(4), "no newline"));
    let ran = run(&["-c", "print('out')\n1/0"]);
    assert_eq!(ran.out, "out\n");
}

#[test]
fn a_closed_pipe() {
    let mut child = Command::new(common::binary())
        .args(["-c", "for i in range(200000): print('line', i)"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the interpreter starts");
    let mut stdout = child.stdout.take().expect("a pipe");
    let mut first = [0; 6];
    stdout.read_exact(&mut first).expect("some output");
    assert_eq!(&first, b"line 0");
    drop(stdout);
    let output = child.wait_with_output().expect("the interpreter ends");
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(
        err.contains("BrokenPipeError: [Errno 32] Broken pipe") && !err.contains("panicked"),
        "{err}"
    );
}

/// Runs a program that prints "ready", then interrupts it, as Ctrl-C does, and waits for its end.
fn interrupt(program: &str) -> Output {
    let mut command = Command::new(common::binary());
    command.args(["-c", program]).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Its end stays open, for those that wait for input.
    command.stdin(Stdio::piped());
    // A shell starts what is to run in the background with interrupts ignored, and that is inherited.
    // SAFETY: `signal` may be called between fork and exec.
    unsafe {
        command.pre_exec(|| {
            libc::signal(libc::SIGINT, libc::SIG_DFL);
            Ok(())
        });
    }
    let mut child = command.spawn().expect("the interpreter starts");
    let mut ready = [0; 6];
    child.stdout.as_mut().expect("a pipe").read_exact(&mut ready).expect("ready");
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill runs").success());
    let start = Instant::now();
    while child.try_wait().expect("waiting works").is_none() {
        if start.elapsed() > Duration::from_secs(10) {
            let _ = child.kill();
            panic!("the interrupt did not end {program}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().expect("it has ended")
}

#[test]
fn an_interrupt_reaches_running_code() {
    let output = interrupt("print('ready', flush=True)\nwhile True:\n    pass\n");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(err.ends_with("KeyboardInterrupt\n"), "{err}");
    // CPython ends by the signal itself, so that a shell sees why; 130 is what shells report.
    assert!(matches!(output.status.code(), None | Some(130)), "{:?}", output.status);
}

#[test]
fn an_interrupt_can_be_caught() {
    let output = interrupt(
        "print('ready', flush=True)\ntry:\n    while True:\n        pass\nexcept KeyboardInterrupt:\n    print('caught')\n",
    );
    assert_eq!(String::from_utf8_lossy(&output.stdout), "caught\n");
    assert_eq!(output.status.code(), Some(0));
}

/// Builtins that run for ever, or nearly, without running any Python code.
const ENDLESS: &[&str] = &[
    "all(repeat(1))",
    "-1 in count()",
    "operator.contains(repeat(1), 2)",
    "operator.countOf(repeat(1), 1)",
    "range(10**13).index(-1.5)",
    "sum(chain.from_iterable(repeat(())))",
    "math.prod(repeat(1))",
    "math.sumprod(repeat(1), repeat(1))",
    "max(zip(repeat(1), count()))",
    "next(filter(None, repeat(0)))",
    "next(islice(count(), 10**12, None))",
    "set(map(abs, repeat(0)))",
    "dict(repeat((1, 2)))",
    "''.join(repeat(''))",
    "b''.join(repeat(b''))",
    "collections.deque(repeat(1), maxlen=0)",
    "functools.reduce(operator.and_, repeat(1))",
    "io.StringIO().writelines(repeat(''))",
    "open('/dev/zero', 'rb').read()",
    "open('/dev/zero', 'rb').readline()",
    "repr(nested([], 1))",
    "isinstance('', nested((), int))",
    "re.match('(a|a)*b', 'a' * 60)",
    "time.sleep(100)",
    "lock.acquire()",
    "input()",
    "3 ** 100_000_000",
    "sys.set_int_max_str_digits(0) or str(1 << 50_000_000)",
    "math.factorial(10_000_000)",
    "hash(nested((), 1))",
    "nested((), 1) == nested((), 1.0)",
    "compile('[' + '1,' * 10_000_000 + ']', '', 'exec')",
];

#[test]
fn an_interrupt_ends_any_builtin() {
    let wrong = common::parallel(ENDLESS, |builtin| {
        let output = interrupt(&format!(
            "
import collections, functools, io, math, operator, re, sys, threading, time
from itertools import *
lock = threading.Lock()
lock.acquire()
def nested(empty, leaf):
    for _ in range(8):
        leaf = type(empty)([leaf] * 100)
    return leaf
print('ready', flush=True)
{builtin}
"
        ));
        let err = String::from_utf8_lossy(&output.stderr);
        (!err.ends_with("KeyboardInterrupt\n")).then(|| format!("{builtin}: {err}"))
    });
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_handler_that_raises_keeps_no_signal_from_its_own() {
    let script = "
import os, signal
def handler(number, frame):
    raise ValueError(number)
both = {signal.SIGUSR1, signal.SIGUSR2}
for number in both:
    signal.signal(number, handler)
signal.pthread_sigmask(signal.SIG_BLOCK, both)
for number in both:
    os.kill(os.getpid(), number)
try:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, both)
    for _ in range(1000): pass
finally:
    for _ in range(1000): pass
";
    let ran = run(&["-c", script]);
    assert!(ran.err.contains("ValueError: 10\n"), "{}", ran.err);
    assert!(ran.err.ends_with("ValueError: 12\n"), "{}", ran.err);
}

#[test]
fn interactive_after_a_script() {
    let ran = run_with(
        &["-i", "-c", "x = 20"],
        "x + 1\nprint(_ * 2)\n1/0\nfor i in range(2):\n    i\n\n",
        &[],
    );
    assert!(ran.out.contains("21\n") && ran.out.contains("42\n"), "{}\n{}", ran.out, ran.err);
    assert!(ran.err.contains("ZeroDivisionError"), "{}", ran.err);
    assert!(ran.out.contains("0\n1\n"), "{}", ran.out);
}

/// `breakpoint()` starts the debugger, which steps through functions and looks into them.
#[test]
fn a_debugger() {
    let commands = "step\nnext\nnext\np result\nwhere\nup\np a\ncontinue\n";
    let ran = run_with(&["tests/cli/debugged.py"], commands, &[]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
    let lines: Vec<&str> = ran.out.lines().map(|l| l.trim_start_matches("(Pdb) ")).collect();
    let expected = [
        "-> b = double(a)",
        "--Call--",
        "-> def double(n):",
        "-> result = n + n",
        "-> return result",
        "6",
        "-> main()",
        "-> b = double(a)",
        "-> return result",
        "-> b = double(a)",
        "3",
        "result 6",
    ];
    let shown: Vec<&str> =
        lines.iter().copied().filter(|l| !l.starts_with('>') && !l.starts_with(' ')).collect();
    assert_eq!(shown, expected, "{}", ran.out);
}

#[test]
fn deep_tuples_end_in_recursion_errors() {
    let script = "
deep = other = ()
for _ in range(1_000_000):
    deep, other = (deep,), (other,)
for task in (lambda: hash(deep), lambda: deep == other, lambda: {deep: 1}, lambda: deep < other):
    try:
        task()
    except RecursionError:
        print('RecursionError')
";
    expect(&["-c", script], &"RecursionError\n".repeat(4));
}

/// Programs that recurse in native code, far deeper than any stack, and what they end in. `SyntaxError` and its
/// kin: the input is rejected before it is looked at so deep. `done`: it takes no stack.
const DEEP: &[(&str, &str)] = &[
    ("SyntaxError", "eval('(' * 100_000 + ')' * 100_000)"),
    ("RecursionError", "eval('-' * 100_000 + '1')"),
    ("RecursionError", "eval('1' + '**1' * 100_000)"),
    ("RecursionError", "eval('lambda: ' * 100_000 + '1')"),
    ("RecursionError", "compile('x = ' + 'not ' * 100_000 + '1', '', 'exec')"),
    ("RecursionError", "compile(ast.Expression(wrap(negated, ast.Constant(1, **at))), '', 'eval')"),
    ("SyntaxError", "exec('match x:\\n case ' + '[' * 100_000)"),
    ("RecursionError", "ast.parse('-' * 100_000 + '1')"),
    ("SyntaxError", "ast.literal_eval('[' * 100_000 + ']' * 100_000)"),
    ("RecursionError", "ast.unparse(wrap(lambda x: ast.UnaryOp(ast.USub(), x)))"),
    ("RecursionError", "ast.dump(wrap(lambda x: ast.UnaryOp(ast.USub(), x)))"),
    ("RecursionError", "repr(wrap(lambda x: [x]))"),
    ("RecursionError", "repr(wrap(lambda x: {1: x}))"),
    ("RecursionError", "repr(wrap(lambda x: types.SimpleNamespace(a=x)))"),
    ("RecursionError", "repr(wrap(lambda x: functools.partial(len, x)))"),
    ("RecursionError", "str(wrap(ValueError))"),
    ("RecursionError", "format(wrap(lambda x: [x]), '')"),
    ("RecursionError", "'%s' % wrap(lambda x: [x])"),
    ("RecursionError", "hash(wrap(lambda x: (x,)))"),
    ("done", "hash(wrap(lambda x: frozenset([x])))"),
    ("RecursionError", "hash(wrap(lambda x: slice(x)))"),
    ("RecursionError", "wrap(lambda x: [x]) == wrap(lambda x: [x])"),
    ("RecursionError", "wrap(lambda x: [x]) < wrap(lambda x: [x])"),
    ("RecursionError", "wrap(lambda x: {1: x}) == wrap(lambda x: {1: x})"),
    ("RecursionError", "sorted([wrap(lambda x: [x]), wrap(lambda x: [x])])"),
    ("RecursionError", "copy.deepcopy(wrap(lambda x: [x]))"),
    ("RecursionError", "pickle.dumps(wrap(lambda x: [x]))"),
    ("ValueError", "marshal.dumps(wrap(lambda x: [x]))"),
    ("ValueError", "marshal.loads(b')\\x01' * 1_000_000)"),
    ("RecursionError", "json.dumps(wrap(lambda x: {'a': x}))"),
    ("RecursionError", "json.loads('[' * 1_000_000)"),
    ("RecursionError", "re.compile('(' * 100_000 + ')' * 100_000)"),
    ("RecursionError", "isinstance(1, wrap(lambda x: (x,), str, 2_000_000))"),
    ("RecursionError", "issubclass(int, wrap(lambda x: (x,), str, 2_000_000))"),
    ("RecursionError", "isinstance(Endless(), int)"),
    ("RecursionError", "Endless().anything"),
    ("RecursionError", "next(wrap(lambda x: map(abs, x), iter(()), 2_000_000))"),
    ("RecursionError", "next(wrap(itertools.chain, iter(()), 2_000_000))"),
    ("RecursionError", "wrap(staticmethod, len)([])"),
    ("RecursionError", "wrap(lambda x: ExceptionGroup('', [x]), ValueError()).split(TypeError)"),
    ("RecursionError", "wrap(lambda x: ExceptionGroup('', [x]), ValueError()).subgroup(TypeError)"),
    ("RecursionError", "next(wrap(delegate, iter(())))"),
    ("RecursionError", "wrap(lambda x: list[x], T)[int]"),
    ("RecursionError", "repr(wrap(lambda x: list[x]))"),
    ("RecursionError", "hash(wrap(lambda x: list[x]))"),
    ("done", "wrap(lambda x: list[x] | None)"),
    ("done", "wrap(lambda x: memoryview(x), b'').tobytes()"),
];

/// Recursion in native code ends in RecursionError, never in a crash. Nothing is freed recursively either.
#[test]
fn deep_structures_never_crash() {
    let wrong = common::parallel(DEEP, |(expected, program)| {
        let script = format!(
            "
import ast, copy, functools, itertools, json, marshal, pickle, re, types, typing
T = typing.TypeVar('T')
at = {{'lineno': 1, 'col_offset': 0}}
def negated(x):
    return ast.UnaryOp(ast.USub(), x, **at)
def wrap(f, x=0, n=200_000):
    for _ in range(n):
        x = f(x)
    return x
def delegate(x):
    yield from x
class Endless:
    @property
    def __class__(self):
        return self.__class__
    def __getattr__(self, name):
        return getattr(self, name)
try:
    {program}
    print('done')
except BaseException as e:
    print(type(e).__name__)
"
        );
        let ran = run(&["-X", "gc=limit:2G", "-c", &script]);
        let ended = ran.code == Some(0) && ran.out.trim_end() == *expected && ran.err.is_empty();
        (!ended).then(|| format!("{program}: {:?} {}{}", ran.code, ran.out, ran.err))
    });
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
