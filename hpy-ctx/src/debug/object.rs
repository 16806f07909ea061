//! DebugHandle: what Python sees of a debug handle.

use super::stack;
use crate::context::State;
use sidewinder_interpreter::builtins::{GetSetDef, TypeDef};
use sidewinder_interpreter::object::native::Payload;
use sidewinder_interpreter::object::{ClassFlags, Kind, Trace, Tracer};
use sidewinder_interpreter::{Args, NativeDef, NativeResult, Raised, Value, Vm};

/// The number of a debug handle.
pub struct DebugHandle(pub usize);

// SAFETY: there are no values in it.
unsafe impl Trace for DebugHandle {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

impl Payload for DebugHandle {
    const TYPE: &'static TypeDef = &TYPE;
}

/// `hpy.debug._debug.DebugHandle`
pub static TYPE: TypeDef = TypeDef {
    module: "hpy.debug._debug",
    doc: "A handle that an extension opened.",
    flags: ClassFlags::NO_NEW,
    methods: &[
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::method("__eq__($self, value, /)", eq, "Return self==value."),
        NativeDef::method("__ne__($self, value, /)", ne, "Return self!=value."),
        NativeDef::method("_force_close($self, /)", force_close, "Close the handle. For tests."),
    ],
    getset: &[
        GetSetDef::new("obj", obj, "The object that the handle names."),
        GetSetDef::new("id", id, "A number that identifies the handle."),
        GetSetDef::new("is_closed", is_closed, "Whether the handle is closed."),
        GetSetDef::new("raw_data_size", raw_data_size, "Size of memory borrowed; -1 for none."),
    ],
    ..TypeDef::new("DebugHandle", Kind::Native)
};

/// The number of the receiver's handle, and the state.
fn this<'a>(vm: &mut Vm, args: Args) -> Result<(usize, &'a State), Raised> {
    let i = args.payload::<DebugHandle>(vm)?.0;
    // SAFETY: the state lives as long as the VM.
    Ok((i, unsafe { &*State::of(vm) }))
}

/// The identifying number, never 0.
fn id_of(i: usize) -> usize {
    (i + 1) << 4
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let (i, state) = this(vm, args)?;
    let debug = state.debug();
    let mut text = format!("<DebugHandle {:#x} ", id_of(i));
    if debug.is_closed(i) {
        text.push_str("CLOSED>\n");
    } else {
        let named = debug.named(vm, i);
        text.push_str(&format!("for {}>\n", vm.repr_text(named)?));
    }
    match debug.trace_of(i) {
        Some(trace) => {
            let (place, frames) = stack::describe(&trace);
            if let Some(place) = place.filter(|_| !debug.is_closed(i)) {
                text.push_str(&format!("The handle created at {place} was never closed.\n"));
            }
            text.push_str(&format!("Allocation stacktrace:\n{frames}"));
        }
        None => text.push_str(
            "To get the stack trace of where it was allocated use:\n\
             hpy.debug.set_handle_stack_trace_limit",
        ),
    }
    Ok(vm.ret(vm.str(&text).value()))
}

fn equality(vm: &mut Vm, args: Args, wanted: bool) -> NativeResult {
    let i = args.payload::<DebugHandle>(vm)?.0;
    let answer = match args.get(vm, 1).payload::<DebugHandle>() {
        Some(other) => Value::from_bool((other.0 == i) == wanted),
        None => Value::NOT_IMPLEMENTED,
    };
    Ok(vm.ret(answer))
}

fn eq(vm: &mut Vm, args: Args) -> NativeResult {
    equality(vm, args, true)
}

fn ne(vm: &mut Vm, args: Args) -> NativeResult {
    equality(vm, args, false)
}

fn force_close(vm: &mut Vm, args: Args) -> NativeResult {
    let (i, state) = this(vm, args)?;
    let outer = state.replace_vm(std::ptr::from_mut(vm));
    state.debug().close(super::state::handle_of(i));
    state.debug().close_temporary();
    state.replace_vm(outer);
    Ok(vm.none())
}

fn obj(vm: &mut Vm, args: Args) -> NativeResult {
    let (i, state) = this(vm, args)?;
    let named = state.debug().named(vm, i);
    Ok(vm.ret(vm.get(named)))
}

fn id(vm: &mut Vm, args: Args) -> NativeResult {
    let (i, _) = this(vm, args)?;
    Ok(vm.ret(vm.int_usize(id_of(i))))
}

fn is_closed(vm: &mut Vm, args: Args) -> NativeResult {
    let (i, state) = this(vm, args)?;
    Ok(vm.ret(Value::from_bool(state.debug().is_closed(i))))
}

fn raw_data_size(vm: &mut Vm, args: Args) -> NativeResult {
    let (i, state) = this(vm, args)?;
    let size = state.debug().data_len(i).map_or(-1, |n| n as i64);
    Ok(vm.ret(vm.int(size)))
}
