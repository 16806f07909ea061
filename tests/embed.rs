//! The embedding facade.

use sidewinder::{
    Args, Config, Interpreter, ModuleDef, NativeDef, NativeResult, Settings, Value, Vm,
};

#[test]
fn values_in_and_out() {
    let mut python = Interpreter::new();
    python.set("n", 2_i64).unwrap();
    python.set("x", 0.5).unwrap();
    python.set("words", vec!["a", "b"]).unwrap();
    python.set("nothing", None::<bool>).unwrap();
    assert_eq!(python.eval::<i64>("n * 21").unwrap(), 42);
    assert_eq!(python.eval::<f64>("x + n").unwrap(), 2.5);
    assert!(python.eval::<bool>("nothing is None").unwrap());
    assert_eq!(python.eval::<Vec<String>>("[w * 2 for w in words]").unwrap(), ["aa", "bb"]);
    assert_eq!(python.eval::<Option<i64>>("nothing").unwrap(), None);
    python.exec("total = 0\nfor i in range(10): total += i").unwrap();
    assert_eq!(python.get::<i64>("total").unwrap(), 45);
}

#[test]
fn errors() {
    let mut python = Interpreter::new();
    let error = python.get::<i64>("missing").unwrap_err();
    assert_eq!(
        (error.class.as_str(), error.message.as_str()),
        ("NameError", "name 'missing' is not defined")
    );
    let error = python.eval::<i64>("'text'").unwrap_err();
    assert_eq!(error.class, "TypeError");
    let error = python.exec("def f(:").unwrap_err();
    assert_eq!(error.class, "SyntaxError");
    let error = python.exec("x = 1\n1 / 0\n").unwrap_err();
    assert!(error.report.contains("line 2, in <module>\n    1 / 0\n    ~~^~~\n"), "{error}");
    // The interpreter goes on.
    assert_eq!(python.get::<i64>("x").unwrap(), 1);
}

#[test]
fn two_interpreters() {
    let mut first = Interpreter::new();
    let mut second = Interpreter::new();
    first.exec("import sys\nx = 'first'\nsys.marker = 1").unwrap();
    second.exec("import sys\nx = 'second'").unwrap();
    assert_eq!(first.get::<String>("x").unwrap(), "first");
    assert_eq!(second.get::<String>("x").unwrap(), "second");
    assert!(!second.eval::<bool>("hasattr(sys, 'marker')").unwrap());
    drop(first);
    assert_eq!(second.eval::<String>("x.upper()").unwrap(), "SECOND");
}

static NATIVE: ModuleDef = ModuleDef {
    name: "native_example",
    doc: "A module for tests.",
    functions: &[NativeDef::function("twice(f, x, /)", twice, "f(f(x))")],
    types: &[],
    exec: Some(|vm, module| {
        vm.module_set(module, "ANSWER", Value::from_i32(42));
        Ok(())
    }),
};

fn twice(vm: &mut Vm, args: Args) -> NativeResult {
    let once = vm.call(args.local(0), &[args.local(1)])?;
    let once = vm.hold(once);
    vm.call(args.local(0), &[once])
}

#[test]
fn native_modules_and_a_moving_heap() {
    let mut config = Config::default();
    config.gc.stress = Some(1);
    let settings = Settings { argv: vec!["program".into(), "x".into()], ..Default::default() };
    let mut python = Interpreter::with(config, &settings);
    python.register(&NATIVE);
    python.exec("import native_example as m, sys").unwrap();
    assert_eq!(python.eval::<String>("m.twice(lambda s: s + '!', 'a')").unwrap(), "a!!");
    assert_eq!(python.eval::<i64>("m.ANSWER").unwrap(), 42);
    assert_eq!(python.eval::<Vec<String>>("sys.argv").unwrap(), ["program", "x"]);
    let error = python.exec("m.twice(1)").unwrap_err();
    assert_eq!(error.class, "TypeError");
}

#[test]
fn limits() {
    let mut config = Config::default();
    config.gc.limit = Some(32 << 20);
    let mut python = Interpreter::with(config, &Settings::default());
    let error = python.exec("x = []\nwhile True: x.append('text' * 1000)").unwrap_err();
    assert_eq!(error.class, "MemoryError");
    let error = python.exec("def f(): return f()\nf()").unwrap_err();
    assert_eq!(error.class, "RecursionError");
}
