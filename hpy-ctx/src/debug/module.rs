//! The module `hpy.universal._debug`.

use sidewinder_interpreter::vm::startup::ModuleDef;

/// `hpy.universal._debug`
pub static DEBUG: ModuleDef = ModuleDef {
    name: "hpy.universal._debug",
    doc: "HPy's debug mode",
    functions: &[],
    types: &[],
    exec: None,
};
