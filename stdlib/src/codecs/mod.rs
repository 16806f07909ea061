//! The module `_codecs`: the registry of codecs, and the codecs that are written in Rust.
//!
//! - [`registry`]: search functions, error handlers by name. [`handlers`]: the error handlers.
//! - [`engine`]: transcoding with error handlers that may be any callable.
//! - [`unicode`]: UTF-8, 16, 32, ASCII, Latin-1. [`utf7`]. [`escapes`]: backslash escapes.
//! - [`charmap`]: codecs by a table.
//!
//! The codecs behind `str.encode` and `bytes.decode` with the usual names and handlers are the
//! interpreter's own; it turns to this module for everything else.

mod charmap;
mod engine;
mod escapes;
mod handlers;
mod registry;
mod unicode;
mod utf7;

use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, Local, NativeDef, Raised, Value, Vm};

/// The declaration.
pub static CODECS: ModuleDef = ModuleDef {
    name: "_codecs",
    doc: "Codecs by name.",
    functions: &[],
    types: &[],
    exec: Some(exec),
};

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    let vm = &*vm;
    let owner = vm.intern("_codecs").value();
    let groups: [&'static [NativeDef]; 5] = [
        registry::FUNCTIONS,
        unicode::FUNCTIONS,
        utf7::FUNCTIONS,
        escapes::FUNCTIONS,
        charmap::FUNCTIONS,
    ];
    for def in groups.into_iter().flatten() {
        vm.module_set(module, def.name(), vm.builtin(def, owner, Value::UNBOUND).value());
    }
    Ok(())
}

/// The name of the error handler in argument `i`.
fn errors_arg(vm: &Vm, args: Args, i: usize) -> Result<String, Raised> {
    match args.not_none(vm, i) {
        None => Ok("strict".into()),
        Some(v) if v.as_str().is_some() => Ok(vm.text_of(v)),
        Some(_) => Err(args.wrong_type(vm, i, "str or None")),
    }
}

/// `(value, length)`, what codecs return.
fn pair<'gc>(vm: &'gc Vm, value: Value<'_>, length: usize) -> Value<'gc> {
    vm.tuple(&[value, vm.int_usize(length)]).value()
}
