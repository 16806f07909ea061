//! `_contextvars`: the core of module contextvars. The types are in the interpreter.

use sidewinder_interpreter::builtins::contextvars::{CONTEXT, CONTEXT_VAR, TOKEN};
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Vm};

/// `_contextvars`
pub static CONTEXTVARS: ModuleDef = ModuleDef {
    name: "_contextvars",
    doc: "Context Variables",
    functions: &[NativeDef::function(
        "copy_context()",
        copy_context,
        "A copy of the current context.",
    )],
    types: &[&CONTEXT, &CONTEXT_VAR, &TOKEN],
    exec: Some(exec),
};

fn exec(vm: &mut Vm, _: Local) -> Result<(), Raised> {
    vm.token_missing();
    Ok(())
}

fn copy_context(vm: &mut Vm, _: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(vm.copy_context().value()))
}
