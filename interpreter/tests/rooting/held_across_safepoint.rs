//! A typed reference is held across a safepoint.
use sidewinder_interpreter::Vm;

fn f(vm: &mut Vm) {
    let list = vm.list(&[]);
    let _ = vm.safepoint();
    println!("{}", list.len.get());
}

fn main() {}
