//! Trace mode.

use sidewinder_interpreter::vm::startup::ModuleDef;

/// `hpy.universal._trace`
pub static TRACE: ModuleDef = ModuleDef {
    name: "hpy.universal._trace",
    doc: "HPy's trace mode",
    functions: &[],
    types: &[],
    exec: None,
};
