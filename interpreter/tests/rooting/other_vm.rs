//! A value outlives its VM.
use sidewinder_interpreter::{Config, Value, Vm};

fn f() -> Value<'static> {
    let vm = Vm::new(Config::default());
    vm.str("gone").value()
}

fn main() {}
