//! `sys.settrace`, `sys.setprofile` and what belongs to them.

use sidewinder_interpreter::object::Tuple;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Value, Vm, raise};

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("gettrace()", get_trace, "The function set with sys.settrace, or None."),
    NativeDef::function("getprofile()", get_profile, "The function set with sys.setprofile, or None."),
    NativeDef::function(
        "settrace(function, /)",
        set_trace,
        "Set what is called when a frame is entered; it returns what is called for the frame's events.",
    )
    .traces(),
    NativeDef::function(
        "setprofile(function, /)",
        set_profile,
        "Set what is called when functions, native ones too, are entered and left.",
    )
    .traces(),
    NativeDef::function(
        "call_tracing(func, args, /)",
        call_tracing,
        "Call func(*args) from a trace function with tracing on.",
    ),
];

/// Sets the functions.
pub fn fill(vm: &Vm, module: Local) {
    let owner = vm.intern("sys").value();
    for def in FUNCTIONS {
        vm.module_set(module, def.name(), vm.builtin(def, owner, Value::UNBOUND).value());
    }
}

fn get_trace(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(vm.trace_function(false)))
}

fn get_profile(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(vm.trace_function(true)))
}

fn set_trace(vm: &mut Vm, args: Args) -> NativeResult {
    vm.audit("sys.settrace", &[])?;
    vm.set_trace_function(false, args.local(0));
    Ok(vm.none())
}

fn set_profile(vm: &mut Vm, args: Args) -> NativeResult {
    vm.audit("sys.setprofile", &[])?;
    vm.set_trace_function(true, args.local(0));
    Ok(vm.none())
}

fn call_tracing(vm: &mut Vm, args: Args) -> NativeResult {
    if args.get(vm, 1).cast::<Tuple>().is_none() {
        let given = vm.type_name(args.get(vm, 1));
        raise!(vm, TypeError, "call_tracing() argument 2 must be tuple, not {given}");
    }
    vm.traced(|vm| {
        let kwargs = vm.root(Value::UNBOUND);
        vm.call_args(args.local(0), args.local(1), kwargs)
    })
}
