//! The module `hpy.universal._debug`.

use super::DebugState;
use super::object::{DebugHandle, TYPE};
use crate::context::State;
use sidewinder_interpreter::object::Slot;
use sidewinder_interpreter::value::word;
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, NativeDef, NativeResult, Raised, Vm};
use std::cell::Cell;

/// `hpy.universal._debug`
pub static DEBUG: ModuleDef = ModuleDef {
    name: "hpy.universal._debug",
    doc: "HPy's debug mode",
    functions: &[
        NativeDef::function(
            "new_generation()",
            new_generation,
            "Begin a new generation of handles; its number.",
        ),
        NativeDef::function(
            "get_open_handles(generation, /)",
            get_open_handles,
            "The open handles of that generation and younger ones.",
        ),
        NativeDef::function(
            "get_closed_handles(generation=0, /)",
            get_closed_handles,
            "The closed handles that are remembered.",
        ),
        NativeDef::function(
            "get_closed_handles_queue_max_size()",
            get_closed_max,
            "How many closed handles are remembered.",
        ),
        NativeDef::function(
            "set_closed_handles_queue_max_size(size, /)",
            set_closed_max,
            "Set how many closed handles are remembered.",
        ),
        NativeDef::function(
            "get_protected_raw_data_max_size()",
            get_data_max,
            "How much memory of closed handles is kept protected.",
        ),
        NativeDef::function(
            "set_protected_raw_data_max_size(size, /)",
            set_data_max,
            "Set how much memory of closed handles is kept protected.",
        ),
        NativeDef::function(
            "set_on_invalid_handle(function, /)",
            set_on_invalid_handle,
            "What to call when a closed handle is used, instead of ending the process.",
        ),
        NativeDef::function(
            "set_on_invalid_builder_handle(function, /)",
            set_on_invalid_builder,
            "What to call when a finished builder is used, instead of ending the process.",
        ),
        NativeDef::function(
            "set_handle_stack_trace_limit(limit, /)",
            set_trace_limit,
            "How many stack frames to remember for each handle; None for none.",
        ),
    ],
    types: &[&TYPE],
    exec: None,
};

fn debug<'a>(vm: &mut Vm) -> &'a DebugState {
    // SAFETY: the state lives as long as the VM.
    unsafe { &*State::of(vm) }.debug()
}

fn new_generation(vm: &mut Vm, _: Args) -> NativeResult {
    let generation = &debug(vm).settings.generation;
    generation.set(generation.get() + 1);
    Ok(vm.ret(vm.int(generation.get())))
}

fn list(vm: &mut Vm, closed: bool, generation: i64) -> NativeResult {
    let found = debug(vm).listed(closed, generation);
    let vm = &*vm;
    let handles = found.iter().map(|i| vm.native(DebugHandle(*i)).value());
    Ok(vm.ret(vm.list_from(found.len(), handles).value()))
}

fn get_open_handles(vm: &mut Vm, args: Args) -> NativeResult {
    let generation = vm.index_i64(args.local(0))?;
    list(vm, false, generation)
}

fn get_closed_handles(vm: &mut Vm, args: Args) -> NativeResult {
    let generation = match args.opt(vm, 0) {
        Some(_) => vm.index_i64(args.local(0))?,
        None => 0,
    };
    list(vm, true, generation)
}

fn size_argument(vm: &mut Vm, args: Args) -> Result<usize, Raised> {
    let size = vm.index_i64(args.local(0))?;
    usize::try_from(size).map_err(|_| {
        vm.raise(
            sidewinder_interpreter::builtins::ClassId::OverflowError,
            "can't convert negative value to size_t",
        )
    })
}

fn get_size(vm: &mut Vm, of: fn(&DebugState) -> &Cell<usize>) -> NativeResult {
    let size = of(debug(vm)).get();
    Ok(vm.ret(vm.int_usize(size)))
}

fn set_size(vm: &mut Vm, args: Args, of: fn(&DebugState) -> &Cell<usize>) -> NativeResult {
    let size = size_argument(vm, args)?;
    of(debug(vm)).set(size);
    Ok(vm.none())
}

fn get_closed_max(vm: &mut Vm, _: Args) -> NativeResult {
    let max = debug(vm).handles.borrow().closed_max();
    Ok(vm.ret(vm.int_usize(max)))
}

fn set_closed_max(vm: &mut Vm, args: Args) -> NativeResult {
    let max = size_argument(vm, args)?;
    debug(vm).handles.borrow_mut().set_closed_max(max);
    Ok(vm.none())
}

fn get_data_max(vm: &mut Vm, _: Args) -> NativeResult {
    get_size(vm, |d| &d.settings.data_max)
}

fn set_data_max(vm: &mut Vm, args: Args) -> NativeResult {
    set_size(vm, args, |d| &d.settings.data_max)
}

fn set_trace_limit(vm: &mut Vm, args: Args) -> NativeResult {
    if args.get(vm, 0).is_none() {
        debug(vm).settings.trace_limit.set(0);
        return Ok(vm.none());
    }
    set_size(vm, args, |d| &d.settings.trace_limit)
}

/// Sets a hook to a callable, or to nothing for None.
pub(crate) fn set_hook(vm: &mut Vm, args: Args, i: usize, hook: &Slot) -> Result<(), Raised> {
    let value = args.get(vm, i);
    if !value.is_none() && !crate::object::is_callable(vm, value) {
        return Err(vm.type_error("Expected a callable object"));
    }
    let w = if value.is_none() { word::UNBOUND } else { value.word() };
    // SAFETY: hooks are roots, no barrier is needed.
    unsafe { hook.set_word(w) };
    Ok(())
}

fn set_on_invalid_handle(vm: &mut Vm, args: Args) -> NativeResult {
    let hook = &debug(vm).on_invalid_handle;
    set_hook(vm, args, 0, hook)?;
    Ok(vm.none())
}

fn set_on_invalid_builder(vm: &mut Vm, args: Args) -> NativeResult {
    let hook = &debug(vm).on_invalid_builder;
    set_hook(vm, args, 0, hook)?;
    Ok(vm.none())
}
