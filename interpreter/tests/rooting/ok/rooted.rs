//! The same things done right: in roots.
use sidewinder_interpreter::{Local, Vm};

fn f(vm: &mut Vm, function: Local) {
    let value = vm.root(vm.str("hello").value());
    let _ = vm.call(function, &[value]);
    println!("{:?}", vm.get(value));
}

fn main() {
    let _ = f;
}
