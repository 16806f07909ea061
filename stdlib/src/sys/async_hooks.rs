//! What event loops set: hooks for the beginning and end of async generators, and how much coroutines
//! remember of where they were made.

use crate::structseq;
use sidewinder_interpreter::builtins::async_generator::AsyncHooks;
use sidewinder_interpreter::builtins::builtin_funcs::is_callable;
use sidewinder_interpreter::raise;
use sidewinder_interpreter::{Args, NativeResult, Raised, Value, Vm};

crate::struct_sequence! {
    ASYNCGEN_HOOKS "sys" "asyncgen_hooks" "The hooks of async generators.":
    0 "firstiter" 1 "finalizer"
}

fn check(vm: &Vm, args: Args, i: usize, name: &str) -> Result<(), Raised> {
    match args.not_none(vm, i) {
        Some(hook) if !is_callable(vm, hook) => {
            let given = vm.type_name(hook);
            raise!(vm, TypeError, "callable {name} expected, got {given}")
        }
        _ => Ok(()),
    }
}

/// `sys.set_asyncgen_hooks`
pub fn set(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    check(vm, args, 0, "firstiter")?;
    check(vm, args, 1, "finalizer")?;
    for i in 0..2 {
        if args.opt(vm, i).is_some() {
            let new = args.not_none(vm, i).map(|hook| vm.global(hook));
            let old = vm.with_extension(|hooks: &mut AsyncHooks| {
                let place = if i == 0 { &mut hooks.firstiter } else { &mut hooks.finalizer };
                std::mem::replace(place, new)
            });
            drop(old);
        }
    }
    Ok(vm.none())
}

/// `sys.get_asyncgen_hooks`
pub fn get(vm: &mut Vm, _: Args) -> NativeResult {
    let vm = &*vm;
    let hooks = vm.with_extension(|hooks: &mut AsyncHooks| {
        [&hooks.firstiter, &hooks.finalizer]
            .map(|hook| hook.as_ref().map(|hook| vm.root(vm.get_global(hook))))
    });
    let items = hooks.map(|hook| hook.map_or(Value::NONE, |hook| vm.get(hook)));
    Ok(vm.ret(structseq::new(vm, &ASYNCGEN_HOOKS, &items).value()))
}

/// `sys.set_coroutine_origin_tracking_depth`
pub fn set_depth(vm: &mut Vm, args: Args) -> NativeResult {
    let depth = vm.index_i64(args.local(0))?;
    let Ok(depth) = usize::try_from(depth) else {
        raise!(vm, ValueError, "depth must be >= 0");
    };
    vm.set_coroutine_origin_depth(depth);
    Ok(vm.none())
}

/// `sys.get_coroutine_origin_tracking_depth`
pub fn get_depth(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(vm.int_usize(vm.coroutine_origin_depth())))
}
