//! The module `atexit`: functions to call when the program ends.

use sidewinder_interpreter::builtins::builtin_funcs::is_callable;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::vm::stack::Global;
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Value, Vm, raise};

/// The declaration.
pub static ATEXIT: ModuleDef = ModuleDef {
    name: "atexit",
    doc: "Functions to call when the program ends.",
    functions: &[
        NativeDef::function("register(func, /, *args, **kwargs)", register, "Call it at the end."),
        NativeDef::function("unregister(func, /)", unregister, "Do not call it after all."),
        NativeDef::function("_clear()", clear, "Call nothing."),
        NativeDef::function("_run_exitfuncs()", run, "Call them now."),
        NativeDef::function("_ncallbacks()", count, "How many there are."),
    ],
    types: &[],
    exec: None,
};

/// Tuples of function, arguments, keyword arguments.
#[derive(Default)]
struct Callbacks(Vec<Global>);

fn register(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let function = args.get(vm, 0);
    if !is_callable(vm, function) {
        raise!(vm, TypeError, "the first argument must be callable");
    }
    let keywords = args.opt(vm, 2).unwrap_or(Value::NONE);
    let callback = vm.global(vm.tuple(&[function, args.get(vm, 1), keywords]).value());
    vm.with_extension(|all: &mut Callbacks| all.0.push(callback));
    Ok(vm.ret(function))
}

fn take(vm: &Vm) -> Vec<Local> {
    let all = vm.with_extension(|all: &mut Callbacks| std::mem::take(&mut all.0));
    all.iter().map(|g| vm.root(vm.get_global(g))).collect()
}

fn unregister(vm: &mut Vm, args: Args) -> NativeResult {
    let mut kept = Vec::new();
    for callback in take(vm) {
        let function = {
            let vm = &*vm;
            let parts = vm.get(callback).cast::<Tuple>();
            vm.root(parts.map_or(Value::NONE, |t| t.r().item(vm, 0)))
        };
        if !vm.eq(function, args.local(0))? {
            kept.push(vm.global(vm.get(callback)));
        }
    }
    vm.with_extension(|all: &mut Callbacks| all.0 = kept);
    Ok(vm.none())
}

fn clear(vm: &mut Vm, _: Args) -> NativeResult {
    take(vm);
    Ok(vm.none())
}

fn count(vm: &mut Vm, _: Args) -> NativeResult {
    let n = vm.with_extension(|all: &mut Callbacks| all.0.len());
    Ok(vm.ret(vm.int_usize(n)))
}

fn run(vm: &mut Vm, _: Args) -> NativeResult {
    run_all(vm);
    Ok(vm.none())
}

/// Calls the functions, the last one first; what they raise is reported.
pub fn run_all(vm: &mut Vm) {
    loop {
        let last = vm.with_extension(|all: &mut Callbacks| all.0.pop());
        let Some(last) = last else { return };
        vm.scope(|vm| {
            let parts = {
                let vm = &*vm;
                let parts = vm.get_global(&last).cast::<Tuple>();
                [0, 1, 2].map(|i| vm.root(parts.map_or(Value::NONE, |t| t.r().item(vm, i))))
            };
            let [function, arguments, keywords] = parts;
            let keywords = if vm.get(keywords).is_none() { vm.empty_root() } else { keywords };
            if let Err(raised) = vm.call_args(function, arguments, keywords) {
                vm.unraisable_while(raised, "Exception ignored in atexit callback", function);
            }
        });
    }
}
