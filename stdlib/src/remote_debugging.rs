//! `_remote_debugging`: looking into another process. `asyncio` imports it when it runs as a
//! program, though only `asyncio ps` needs it; there is no such look into Sidewinder.

#![forbid(unsafe_code)]

use crate::prelude::*;
use crate::structseq;

crate::struct_sequence! { FRAME_INFO "_remote_debugging" "FrameInfo" "A frame of another process.":
0 "filename" 1 "lineno" 2 "funcname" }

/// The module.
pub static REMOTE_DEBUGGING: ModuleDef = ModuleDef {
    name: "_remote_debugging",
    doc: "Looking into other processes.",
    functions: &[],
    types: &[&FRAME_INFO, &REMOTE_UNWINDER],
    exec: Some(exec),
};

static REMOTE_UNWINDER: TypeDef = TypeDef {
    module: "_remote_debugging",
    doc: "The stacks of another process.",
    methods: &[NativeDef::static_method("__new__($type, /, *args, **kwargs)", new, "").raw()],
    ..TypeDef::new("RemoteUnwinder", Kind::Native)
};

fn exec(vm: &mut Vm, _: Local) -> Result<(), Raised> {
    structseq::finish(vm, &FRAME_INFO, 3);
    Ok(())
}

fn new(vm: &mut Vm, _: Args) -> NativeResult {
    raise!(vm, NotImplementedError, "the stacks of other processes cannot be read")
}
