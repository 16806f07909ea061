//! A value is held across a call of Python code.
use sidewinder_interpreter::{Local, Vm};

fn f(vm: &mut Vm, function: Local) {
    let value = vm.str("hello").value();
    let _ = vm.call(function, &[]);
    println!("{value:?}");
}

fn main() {}
