//! HPy's universal ABI for Sidewinder: extensions in C that hold handles while objects move.
//!
//! - [`table`]: `HPyContext`, the one table of what C can ask for; [`abi`]: the C types.
//! - [`handle`]: handles and their table; [`context`]: the state in a VM, and crossing the border.
//! - `handles`, `number`, `object`, `text`, `container`, `error`, `capsule`: the
//!   context's functions by family.
//! - `call`, [`slots`], `members`: Python calling C; `types`, `type_spec`, `module`: what C
//!   defines; `structs`, `pool`: its structs.
//! - [`load`], `universal`: extension files, and the module `hpy.universal`.

pub mod abi;
mod buffer;
mod call;
mod capsule;
mod container;
pub mod context;
mod contextvar;
mod debug;
mod elf;
mod error;
pub mod handle;
mod handles;
pub mod load;
mod members;
pub mod mode;
mod module;
mod number;
mod object;
mod pool;
mod sequence;
pub mod slots;
mod structs;
pub mod table;
mod text;
mod trace;
mod type_spec;
mod types;
mod universal;

pub use universal::set_mode;

use sidewinder_interpreter::Vm;

/// Makes HPy extensions importable in a VM.
pub fn install(vm: &mut Vm) {
    for module in [&universal::UNIVERSAL, &debug::DEBUG, &trace::TRACE] {
        vm.register_module(module);
    }
    vm.add_finder(Box::new(load::ExtensionFinder));
}
