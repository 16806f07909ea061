//! `_functools`: what the bundled `functools` takes from native code.

#![forbid(unsafe_code)]

mod cmp_to_key;
mod lru_cache;
mod partial;

use crate::prelude::*;

/// The module.
pub static FUNCTOOLS: ModuleDef = ModuleDef {
    name: "_functools",
    doc: "Tools that operate on functions.",
    functions: &[
        NativeDef::function(
            "reduce(function, iterable, /, initial=<functools._initial_missing>)",
            reduce,
            "Apply a function of two arguments cumulatively to the items of an iterable, from left to right.",
        ),
        NativeDef::function(
            "cmp_to_key(mycmp)",
            cmp_to_key::cmp_to_key,
            "Convert a cmp= function into a key= function.",
        ),
    ],
    types: &[&partial::PARTIAL, &partial::PLACEHOLDER_TYPE, &lru_cache::LRU_CACHE],
    exec: Some(exec),
};

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    let vm = &*vm;
    vm.module_set(module, "Placeholder", partial::placeholder(vm));
    Ok(())
}

fn reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let f = args.local(0);
    let iterator = match vm.iter(args.local(1)) {
        Ok(ret) => vm.hold(ret),
        Err(raised) => {
            vm.catch(raised, ClassId::TypeError)?;
            raise!(vm, TypeError, "reduce() arg 2 must support iteration");
        }
    };
    let result = vm.root(args.opt(vm, 2).unwrap_or(Value::UNBOUND));
    let item = vm.empty_root();
    while vm.next(iterator)? {
        if vm.get(result).is_unbound() {
            vm.set(result, vm.result());
            continue;
        }
        vm.set(item, vm.result());
        vm.scope(|vm| {
            let ret = vm.call(f, &[result, item])?;
            vm.set(result, vm.value(ret));
            Ok::<(), Raised>(())
        })?;
        vm.safepoint()?;
    }
    if vm.get(result).is_unbound() {
        raise!(vm, TypeError, "reduce() of empty iterable with no initial value");
    }
    Ok(vm.ret(vm.get(result)))
}
