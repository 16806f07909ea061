//! The module `_io`: files. The library's `io` is built on it.
//!
//! - [`base`]: the abstract classes. [`fileio`]: descriptors. [`buffered`]: buffers around raw files.
//! - [`text`]: encodings and newlines around buffers; [`newlines`]: the decoder of line ends.
//! - [`bytesio`] and [`stringio`]: files in memory. [`open`]: `open()` and its kin.

pub mod base;
pub mod buffered;
pub mod bytesio;
pub mod fileio;
pub mod newlines;
pub mod open;
pub mod rw_pair;
pub mod stringio;
pub mod text;
mod text_position;
mod text_read;
mod text_write;
pub mod work;

use sidewinder_interpreter::builtins::{ClassId, TypeDef, exceptions};
use sidewinder_interpreter::object::{Gc, Module};
use sidewinder_interpreter::vm::stack::Global;
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Local, NativeDef, Raised, Value, Vm};

/// Bytes kept in memory before they are written, and read at once.
pub const DEFAULT_BUFFER_SIZE: usize = 128 << 10;

/// The module `_io`.
pub static IO: ModuleDef = ModuleDef {
    name: "_io",
    doc: "Files.",
    functions: open::FUNCTIONS,
    types: TYPES,
    exec: Some(exec),
};

static TYPES: &[&TypeDef] = &[
    &base::IO_BASE,
    &base::RAW_IO_BASE,
    &base::BUFFERED_IO_BASE,
    &base::TEXT_IO_BASE,
    &fileio::FILE_IO,
    &buffered::READER,
    &buffered::WRITER,
    &buffered::RANDOM,
    &rw_pair::PAIR,
    &bytesio::BYTES_IO,
    &stringio::STRING_IO,
    &text::TEXT_IO_WRAPPER,
    &newlines::INCREMENTAL_NEWLINE_DECODER,
];

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    vm.module_set(module, "DEFAULT_BUFFER_SIZE", Value::from_i32(DEFAULT_BUFFER_SIZE as i32));
    vm.module_set(module, "BlockingIOError", vm.class(ClassId::BlockingIOError).value());
    let class = unsupported_class(vm)?;
    vm.module_set(module, "UnsupportedOperation", vm.get(class));
    Ok(())
}

/// `UnsupportedOperation`, made once.
#[derive(Default)]
struct Unsupported(Option<Global>);

fn unsupported_class(vm: &mut Vm) -> Result<Local, Raised> {
    let known = {
        let vm = &*vm;
        vm.with_extension(|u: &mut Unsupported| u.0.as_ref().map(|g| vm.root(vm.get_global(g))))
    };
    if let Some(class) = known {
        return Ok(class);
    }
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
    let class = vm.call(class, &[name, bases, dict])?;
    let class = vm.hold(class);
    let global = vm.global(vm.get(class));
    vm.with_extension(|u: &mut Unsupported| u.0 = Some(global));
    Ok(class)
}

/// Puts `open` and `input` into builtins.
pub fn install(vm: &mut Vm) {
    vm.register_module(&IO);
    let vm = &*vm;
    let add = |def: &'static NativeDef, owner: &str| {
        let name = vm.intern(def.name());
        let f = vm.builtin(def, vm.intern(owner).value(), Value::UNBOUND);
        vm.dict_set_str(vm.builtins(), name, f.value());
    };
    add(&open::FUNCTIONS[0], "_io");
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
    let result = unsupported_class(vm).and_then(|class| {
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

/// A name that stands in for `__name__` of files without one, for messages: `object.attr` as repr,
/// if there is such an attribute.
pub fn repr_attr(vm: &mut Vm, object: Local, attr: &str) -> Result<Option<String>, Raised> {
    match vm.getattr_opt(object, attr) {
        Ok(Some(value)) => {
            let value = vm.hold(value);
            vm.repr_text(value).map(Some)
        }
        Ok(None) => Ok(None),
        Err(raised) => {
            vm.catch(raised, ClassId::ValueError)?;
            Ok(None)
        }
    }
}
