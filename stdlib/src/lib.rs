//! Modules written in Rust.
//!
//! [`install`] makes them known to a VM; a module is made when it is first imported, except `sys`,
//! which the VM itself needs.

pub mod contextvars;
pub mod fs_path;
pub mod gc_module;
pub mod io;
pub mod math;
pub mod os;
pub mod site;
pub mod structseq;
pub mod sys;
pub mod thread;
pub mod time;

use sidewinder_interpreter::Vm;

/// Registers all modules of this crate.
pub fn install(vm: &mut Vm) {
    sys::install(vm);
    io::install(vm);
    vm.register_module(&math::MATH);
    os::install(vm);
    site::install(vm);
    vm.register_module(&gc_module::GC);
    vm.register_module(&contextvars::CONTEXTVARS);
    vm.register_module(&time::TIME);
    vm.register_module(&thread::THREAD);
}
