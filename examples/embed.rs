//! Sidewinder inside a Rust program: values in and out, a module written in Rust, two interpreters
//! side by side, errors.
//!
//! ```text
//! cargo run --release --example embed
//! ```

use sidewinder::{Args, Interpreter, ModuleDef, NativeDef, NativeResult, PythonError, Vm};

/// A module that programs can import: functions are declared with their Python signature, and get
/// their arguments already bound to it.
static SENSORS: ModuleDef = ModuleDef {
    name: "sensors",
    doc: "Readings of imaginary instruments.",
    functions: &[NativeDef::function(
        "read(channel, /, *, scale=1)",
        read,
        "The value of a channel.",
    )],
    types: &[],
    exec: None,
};

fn read(vm: &mut Vm, args: Args) -> NativeResult {
    let channel = vm.index_i64(args.local(0))?;
    let scale = match args.opt(vm, 1) {
        Some(_) => vm.index_i64(args.local(1))?,
        None => 1,
    };
    if channel < 0 {
        return Err(vm.value_error(format!("no channel {channel}")));
    }
    Ok(vm.ret(vm.int(channel * 10 * scale)))
}

fn main() -> Result<(), PythonError> {
    let mut first = Interpreter::new();
    first.register(&SENSORS);
    first.set("channels", vec![1_i64, 2, 3])?;
    first.exec(
        "import sensors\n\
         readings = {c: sensors.read(c, scale=2) for c in channels}\n\
         total = sum(readings.values())\n",
    )?;
    println!("total: {}", first.get::<i64>("total")?);
    println!("text: {}", first.eval::<String>("str(readings)")?);

    // Another interpreter has its own heap, modules and globals.
    let mut second = Interpreter::new();
    second.exec("total = 'mine'")?;
    println!("the other's total: {}", second.get::<String>("total")?);
    println!("the first one's is still: {}", first.get::<i64>("total")?);

    // What Python raises comes back as an error with its traceback.
    let error = first.exec("def f():\n    return sensors.read(-1)\nf()").unwrap_err();
    println!("{}: {}", error.class, error.message);
    println!("{}", error.report);
    Ok(())
}
