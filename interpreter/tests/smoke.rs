//! Small programs run straight on the VM; the value they leave in `result` is checked.

use sidewinder_interpreter::object::{Dict, Field, Module};
use sidewinder_interpreter::{Config, Vm};

/// Runs a program, plainly and in moving-stress mode, and returns how `result` prints.
fn run(source: &str) -> String {
    let plain = Config { native_stack: 1 << 20, ..Config::default() };
    let mut stress = plain.clone();
    stress.gc.stress = Some(1);
    let first = run_with(source, plain);
    assert_eq!(first, run_with(source, stress), "stress mode differs");
    first
}

fn run_with(source: &str, config: Config) -> String {
    let mut vm = Vm::new(config);
    if let Err(raised) = vm.run_source(source, "<test>", "__main__").map(|_| ()) {
        let e = vm.take_exception(raised);
        return vm.format_exception(e);
    }
    let module = vm.main_module("__main__", "<test>");
    let dict = vm.get(module).cast::<Module>().unwrap().dict.get_as::<Dict>(&vm).unwrap();
    let value = vm.dict_get_str(dict, vm.intern("result")).expect("the program sets `result`");
    format!("{value:?}")
}

#[test]
fn arithmetic_and_loops() {
    assert_eq!(run("result = 2 + 3 * 4"), "14");
    assert_eq!(
        run("t = 0\nfor_ = 0\nwhile for_ < 1000:\n    t += for_\n    for_ += 1\nresult = t"),
        "499500"
    );
    assert_eq!(run("x = 0.5\nresult = x * 3.0 - 1"), "0.5");
    assert_eq!(run("result = 2 ** 64 // 2 ** 60 % 7"), "2");
}

#[test]
fn functions() {
    let fib = "def fib(n):\n    if n < 2:\n        return n\n    return fib(n-1) + fib(n-2)\nresult = fib(15)";
    assert_eq!(run(fib), "610");
    assert_eq!(
        run("def f(a, b=2, *c, d=4, **e):\n    return a+b+d\nresult = f(1) + f(1, 5, 9, d=1)"),
        "14"
    );
    let closure = "def outer():\n    n = 0\n    def inc():\n        nonlocal n\n        n += 1\n        return n\n    inc()\n    return inc()\nresult = outer()";
    assert_eq!(run(closure), "2");
}

#[test]
fn generators() {
    let g = "def g(n):\n    i = 0\n    while i < n:\n        yield i\n        i += 1\nt = 0\nfor x in g(10):\n    t += x\nresult = t";
    assert_eq!(run(g), "45");
    let d = "def g():\n    yield 1\n    return 5\ndef h():\n    x = yield from g()\n    yield x\nt = 0\nfor x in h():\n    t = t * 10 + x\nresult = t";
    assert_eq!(run(d), "15");
}

#[test]
fn exceptions() {
    let e = "def f():\n    raise ValueError\ntry:\n    f()\nexcept KeyError:\n    result = 1\nexcept ValueError:\n    result = 2\nfinally:\n    result += 10";
    assert_eq!(run(e), "12");
    assert!(run("x = 1\nx()").contains("TypeError"));
}

#[test]
fn deep_recursion() {
    let r = run(
        "def f(n):\n    return f(n + 1)\ntry:\n    f(0)\nexcept RecursionError:\n    result = 7",
    );
    assert_eq!(r, "7");
}
