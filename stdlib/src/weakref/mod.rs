//! `_weakref`: what the bundled `weakref` takes from native code. References themselves are a
//! builtin type.

#![forbid(unsafe_code)]

mod proxy;

use crate::prelude::*;
use sidewinder_interpreter::builtins::weakref::{is_referable, references_to};
use sidewinder_interpreter::object::WeakRef;

/// The module.
pub static WEAKREF: ModuleDef = ModuleDef {
    name: "_weakref",
    doc: "Weak-reference support module.",
    functions: &[
        NativeDef::function(
            "getweakrefcount(object, /)",
            getweakrefcount,
            "Return the number of weak references to 'object'.",
        ),
        NativeDef::function(
            "getweakrefs(object, /)",
            getweakrefs,
            "Return a list of all weak reference objects that point to 'object'.",
        ),
        NativeDef::function(
            "proxy(object, callback=None, /)",
            proxy::proxy,
            "Create a proxy object that weakly references 'object'.\n\ncallback\n  If given, it is called with a reference to the proxy when 'object' is about\n  to be finalized.",
        ),
        NativeDef::function(
            "_remove_dead_weakref(dct, key, /)",
            remove_dead,
            "Atomically remove key from dict if it points to a dead weakref.",
        ),
    ],
    types: &[],
    exec: Some(exec),
};

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    let vm = &*vm;
    let class = vm.class(ClassId::WeakRef).value();
    vm.module_set(module, "ref", class);
    vm.module_set(module, "ReferenceType", class);
    vm.module_set(module, "ProxyType", vm.native_class(&proxy::PROXY).value());
    vm.module_set(module, "CallableProxyType", vm.native_class(&proxy::CALLABLE).value());
    Ok(())
}

fn getweakrefcount(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let object = args.get(vm, 0);
    let n = if is_referable(vm, object) { references_to(vm, object).len() } else { 0 };
    Ok(vm.ret(vm.int_usize(n)))
}

fn getweakrefs(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let object = args.get(vm, 0);
    let list = vm.list(&[]);
    if is_referable(vm, object) {
        for weak in references_to(vm, object) {
            vm.list_push(list, weak.value());
        }
    }
    Ok(vm.ret(list.value()))
}

fn remove_dead(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Dict>(vm)?;
    if vm.dict_get(args.local(0), args.local(1))? {
        let dead = match vm.result().cast::<WeakRef>() {
            Some(weak) => weak.target.get(vm).is_none(),
            None => raise!(vm, TypeError, "not a weakref"),
        };
        if dead {
            vm.dict_del(args.local(0), args.local(1))?;
        }
    }
    Ok(vm.none())
}
