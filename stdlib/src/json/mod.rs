//! `_json`: the parts of the bundled `json` that have to be fast.

#![forbid(unsafe_code)]

mod encode;
mod scan;

use crate::prelude::*;

/// The module.
pub static JSON: ModuleDef = ModuleDef {
    name: "_json",
    doc: "json speedups",
    functions: &[
        NativeDef::function(
            "encode_basestring_ascii(string, /)",
            encode::basestring_ascii,
            "Return an ASCII-only JSON representation of a Python string",
        ),
        NativeDef::function(
            "encode_basestring(string, /)",
            encode::basestring,
            "Return a JSON representation of a Python string",
        ),
        NativeDef::function(
            "scanstring(string, end, strict=True, /)",
            scan::scanstring,
            "Scan the string s for a JSON string. End is the index of the character in s after the quote that started the JSON string.",
        ),
    ],
    types: &[&scan::SCANNER, &encode::ENCODER],
    exec: Some(exec),
};

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    let vm = &*vm;
    vm.module_set(module, "make_scanner", vm.native_class(&scan::SCANNER).value());
    vm.module_set(module, "make_encoder", vm.native_class(&encode::ENCODER).value());
    Ok(())
}
