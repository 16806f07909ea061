//! Modules made in C.

use crate::abi::*;
use crate::call;
use crate::context::{Cx, State, failed, result_of};
use crate::handle;
use crate::handles::register_global;
use crate::mode::Mode;
use crate::slots;
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::object::{Dict, Field, Gc, Module};
use sidewinder_interpreter::vm::Binding;
use sidewinder_interpreter::{Local, Raised, Vm};
use std::ffi::c_int;

const NOT_DEFAULT: &str = "This is not allowed because custom HPy_mod_create slot cannot return a \
    builtin module object and cannot make any use of any other data defined in the HPyModuleDef. \
    Either do not define HPy_mod_create slot and let the runtime create a builtin module object \
    from the provided HPyModuleDef, or do not define anything else but the HPy_mod_create slot.";

/// The slots of a module: the one that makes it, and those that run.
struct Slots {
    create: Option<CFunction>,
    exec: Vec<CFunction>,
}

fn check(vm: &Vm, def: &HPyModuleDef, defs: &[Def]) -> Result<Slots, Raised> {
    let system_error = |text: String| Err(vm.raise(ClassId::SystemError, text));
    if def.size < 0 {
        return system_error("HPy does not permit HPyModuleDef.size < 0".into());
    }
    if def.size > 0 {
        return system_error(
            "Module state is not supported yet in HPy, set HPyModuleDef.size = 0 if module state \
             is not needed"
                .into(),
        );
    }
    if !def.legacy_methods.is_null() {
        return system_error("legacy methods of a module exist only on CPython".into());
    }
    let mut found = Slots { create: None, exec: Vec::new() };
    let mut others = false;
    for d in defs {
        match d {
            Def::Slot(s) if s.slot == slots::MOD_CREATE => {
                if found.create.replace(s.imp).is_some() {
                    return system_error(
                        "Multiple definitions of the HPy_mod_create slot in HPyModuleDef.defines."
                            .into(),
                    );
                }
            }
            Def::Slot(s) if s.slot == slots::MOD_EXEC => {
                found.exec.push(s.imp);
                others = true;
            }
            Def::Slot(s) => {
                return system_error(format!(
                    "Unsupported slot in HPyModuleDef.defines (value: {}).",
                    s.slot
                ));
            }
            Def::Meth(m) if call::method_function(m, false).is_none() => {
                return Err(call::unsupported_signature(vm));
            }
            _ => others = true,
        }
    }
    if found.create.is_some() {
        if others {
            return system_error(format!(
                "HPyModuleDef defines a HPy_mod_create slot and some other slots or methods. \
                 {NOT_DEFAULT}"
            ));
        }
        if !def.doc.is_null() || !def.globals.is_null() {
            return system_error(format!(
                "HPyModuleDef defines a HPy_mod_create slot and some of the other fields are not \
                 set to their default value. {NOT_DEFAULT}"
            ));
        }
    }
    Ok(found)
}

/// A module on its way: made, and not run yet.
pub struct NewModule {
    /// The module, or what its create slot made.
    pub module: Local,
    exec: Vec<CFunction>,
    mode: Mode,
}

/// Makes a module from its definition. `spec` is what the import system knows of it.
///
/// # Safety
/// `def` is a module's definition, from an extension that stays loaded.
pub unsafe fn create(
    vm: &mut Vm,
    state: &State,
    mode: Mode,
    def: *const HPyModuleDef,
    full_name: &str,
    spec: Local,
) -> Result<NewModule, Raised> {
    // SAFETY: the caller's promise.
    let (def, defs) = unsafe { (&*def, definitions((*def).defines)) };
    let found = check(vm, def, &defs)?;
    if let Some(imp) = found.create {
        let h_spec = handle::of_stack_slot(spec.slot());
        // SAFETY: the slot's function has this signature; C is called as it wants to be.
        let h = unsafe {
            let f = std::mem::transmute::<CFunction, call::Unary>(imp);
            state.enter(vm, mode, |b| b.result(f(b.ctx, b.pass(h_spec))))
        };
        let ret = result_of(vm, state, h, |_| "the HPy_mod_create slot".into())?;
        let module = vm.hold(ret);
        if vm.get(module).cast::<Module>().is_some() {
            return Err(vm.raise(
                ClassId::SystemError,
                "HPy_mod_create slot returned a builtin module object. This is currently not \
                 supported.",
            ));
        }
        return Ok(NewModule { module, exec: Vec::new(), mode });
    }
    let cx = &Cx { vm, state, mode };
    let vm = &*cx.vm;
    let dict = vm.dict();
    let module = vm.new_module(full_name, dict);
    if !def.doc.is_null() {
        vm.dict_set_str(dict, vm.intern("__doc__"), vm.str(cx.utf8(def.doc)?).value());
    }
    let owner = vm.intern(full_name).value();
    for d in &defs {
        if let Def::Meth(meth) = d {
            let name = cx.utf8(meth.name)?;
            let func = call::method_function(meth, false).expect("checked above");
            let def = call::define(state, mode, name, meth.doc, Binding::Function, func, meth.imp);
            let function = vm.builtin(def, owner, module.value());
            vm.dict_set_str(dict, vm.intern(name), function.value());
        }
    }
    let mut globals = def.globals;
    // SAFETY: null, or an array of pointers to globals that ends with null.
    unsafe {
        while !globals.is_null() && !(*globals).is_null() {
            register_global(*globals);
            globals = globals.add(1);
        }
    }
    Ok(NewModule { module: vm.root(module.value()), exec: found.exec, mode })
}

/// Runs a new module's exec slots.
pub fn execute(vm: &mut Vm, state: &State, new: &NewModule) -> Result<(), Raised> {
    type Exec = unsafe extern "C" fn(HPyContextPtr, HPy) -> c_int;
    for imp in &new.exec {
        let h = handle::of_stack_slot(new.module.slot());
        // SAFETY: the slot's function has this signature; C is called as it wants to be.
        let status = unsafe {
            let f = std::mem::transmute::<CFunction, Exec>(*imp);
            state.enter(vm, new.mode, |b| f(b.ctx, b.pass(h)))
        };
        let name = |vm: &mut Vm| {
            let module = vm.get(new.module).cast::<Module>();
            module.and_then(|m| vm.module_name(m)).unwrap_or_default()
        };
        if status != 0 {
            vm.pending()?;
            let name = name(vm);
            return Err(vm.raise(
                ClassId::SystemError,
                format!("execution of module {name} failed without setting an exception"),
            ));
        }
        if vm.pending().is_err() {
            let name = name(vm);
            let raised = failed(vm, |_| String::new());
            vm.take_exception(raised);
            return Err(vm.raise(
                ClassId::SystemError,
                format!("execution of module {name} raised unreported exception"),
            ));
        }
    }
    Ok(())
}

/// A global of a module.
pub fn global<'a>(
    vm: &'a Vm,
    module: Local,
    name: &str,
) -> Option<sidewinder_interpreter::Value<'a>> {
    let module: Gc<'_, Module> = vm.get(module).cast()?;
    let dict = module.r().dict.get_as::<Dict>(vm)?;
    vm.dict_get_str(dict, vm.intern(name))
}
