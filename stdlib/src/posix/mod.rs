//! The module `posix`: the system's files, directories and processes. `os` is built on it.
//!
//! - [`support`]: calling the system. [`files`]: names in directories. [`stat`]: what is known about
//!   files. [`scandir`]: entries of directories. [`descriptors`]: open files. [`process`]: processes
//!   and users. [`constants`]: numbers and names.

mod constants;
mod descriptors;
mod files;
mod process;
mod scandir;
pub mod stat;
pub mod support;

use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Local, Raised, Value, Vm};

/// The declaration.
pub static POSIX: ModuleDef = ModuleDef {
    name: "posix",
    doc: "Access to the operating system. Use module os.",
    functions: &[],
    types: &[&scandir::DIR_ENTRY],
    exec: Some(exec),
};

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    let vm = &*vm;
    let owner = vm.intern("posix").value();
    for group in [
        files::FUNCTIONS,
        stat::FUNCTIONS,
        scandir::FUNCTIONS,
        descriptors::FUNCTIONS,
        process::FUNCTIONS,
    ] {
        for def in group {
            vm.module_set(module, def.name(), vm.builtin(def, owner, Value::UNBOUND).value());
        }
    }
    for (def, visible) in [
        (&stat::STAT_RESULT, 10),
        (&stat::STATVFS_RESULT, 10),
        (&process::UNAME_RESULT, 5),
        (&process::TIMES_RESULT, 5),
        (&process::TERMINAL_SIZE, 2),
        (&process::WAITID_RESULT, 5),
        (&process::SCHED_PARAM, 1),
    ] {
        crate::structseq::finish(vm, def, visible);
        vm.module_set(module, def.name, vm.native_class(def).value());
    }
    vm.module_set(module, "error", vm.class(ClassId::OSError).value());
    let environment = vm.dict();
    use std::os::unix::ffi::OsStrExt;
    for (name, value) in std::env::vars_os() {
        let (name, value) = (vm.bytes(name.as_bytes()), vm.bytes(value.as_bytes()));
        if let Some(hash) = vm.hash_leaf(name.value()) {
            vm.dict_set_leaf(environment, name.value(), hash, value.value());
        }
    }
    vm.module_set(module, "environ", environment.value());
    constants::fill(vm, module);
    Ok(())
}
