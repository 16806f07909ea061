//! Files: `open`, text and binary file objects, the standard streams.
//!
//! - [`raw`]: descriptors and buffers. [`binary`]: objects that deal in bytes.
//! - [`text`]: objects that deal in str, on top of a binary one. [`open`]: `open()`.

pub mod binary;
pub mod open;
pub mod raw;
pub mod text;

use sidewinder_interpreter::builtins::{ClassId, exceptions};
use sidewinder_interpreter::object::{Gc, Module};
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Local, NativeDef, Raised, Value, Vm};

/// The module `io`.
pub static IO: ModuleDef = ModuleDef {
    name: "_io",
    doc: "Files.",
    functions: open::FUNCTIONS,
    types: &[&text::TYPE, &binary::READER, &binary::WRITER, &binary::RANDOM],
    exec: Some(exec),
};

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    for (name, value) in [
        ("DEFAULT_BUFFER_SIZE", raw::BUFFER as i32),
        ("SEEK_SET", 0),
        ("SEEK_CUR", 1),
        ("SEEK_END", 2),
    ] {
        vm.module_set(module, name, Value::from_i32(value));
    }
    vm.module_set(module, "BlockingIOError", vm.class(ClassId::BlockingIOError).value());
    let (class, name, bases, dict) = {
        let vm = &*vm;
        let dict = vm.dict();
        vm.dict_set_str(dict, vm.intern("__module__"), vm.str("io").value());
        let bases = [vm.class(ClassId::OSError).value(), vm.class(ClassId::ValueError).value()];
        (
            vm.root(vm.class(ClassId::Type).value()),
            vm.root(vm.str("UnsupportedOperation").value()),
            vm.root(vm.tuple(&bases).value()),
            vm.root(dict.value()),
        )
    };
    let unsupported = vm.call(class, &[name, bases, dict])?;
    let unsupported = vm.hold(unsupported);
    vm.module_set(module, "UnsupportedOperation", vm.get(unsupported));
    Ok(())
}

/// Puts `open` and `input` into builtins.
pub fn install(vm: &mut Vm) {
    vm.register_module(&IO);
    let vm = &*vm;
    let add = |def: &'static NativeDef, owner: &str| {
        let name = vm.intern(def.name());
        if vm.dict_get_str(vm.builtins(), name).is_none() {
            let f = vm.builtin(def, vm.intern(owner).value(), Value::UNBOUND);
            vm.dict_set_str(vm.builtins(), name, f.value());
        }
    };
    for def in open::FUNCTIONS {
        add(def, "_io");
    }
    for def in open::BUILTINS {
        add(def, "builtins");
    }
}

/// Sets the OSError for a failed operation.
pub fn os_error(vm: &Vm, error: &std::io::Error, file: Option<&str>) -> Raised {
    exceptions::raise_os_error(vm, error, file)
}

/// Sets `io.UnsupportedOperation`.
pub fn unsupported(vm: &mut Vm, message: &str) -> Raised {
    let result = vm.import_module("io").and_then(|module| {
        let class = vm.getattr_str(module, "UnsupportedOperation")?;
        let class = vm.hold(class);
        let message = vm.root(vm.str(message).value());
        let error = vm.call(class, &[message])?;
        Ok(vm.set_exception(vm.value(error)))
    });
    match result {
        Ok(raised) | Err(raised) => raised,
    }
}

/// The module's dict entry of a name, for tests of identity.
pub fn global<'gc>(vm: &'gc Vm, module: &str, name: &str) -> Option<Value<'gc>> {
    use sidewinder_interpreter::object::{Dict, Field};
    let module: Gc<'_, Module> = vm.dict_get_str(vm.modules(), vm.intern(module))?.cast()?;
    let dict: Gc<'_, Dict> = module.r().dict.get_as(vm)?;
    vm.dict_get_str(dict, vm.intern(name))
}
