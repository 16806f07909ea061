//! A result is used after the next call.
use sidewinder_interpreter::{Local, Vm};

fn f(vm: &mut Vm, a: Local, b: Local) {
    let Ok(ret) = vm.getitem(a, b) else { return };
    let value = vm.value(ret);
    let _ = vm.setitem(a, b, a);
    println!("{value:?}");
}

fn main() {}
