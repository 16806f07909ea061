//! `HPyType_FromSpec`: classes from specifications in C.

use crate::abi::*;
use crate::context::{Cx, State};
use crate::mode::Mode;
use crate::structs::{make_record, record_of};
use crate::{call, members, slots, types};
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::object::{Class, ClassFlags, Dict, Field, Gc, Kind, Tuple};
use sidewinder_interpreter::vm::{Binding, Passing};
use sidewinder_interpreter::{Local, NativeDef, Raised, Value};
use std::collections::HashMap;
use std::ffi::c_int;

/// The parameters of a specification: bases and metaclass.
struct Params {
    bases: Local,
    meta: Local,
}

/// Reads the parameters.
///
/// # Safety
/// `params` is null or an array that ends with kind 0.
unsafe fn parameters(
    cx: &Cx<'_>,
    params: *const HPyType_SpecParam,
    name: &str,
) -> Result<Params, Raised> {
    let vm = &*cx.vm;
    let (mut bases, mut tuple, mut meta) = (Vec::new(), None, None);
    let mut at = params;
    // SAFETY: the caller's promise.
    while let Some(param) = unsafe { at.as_ref() }.filter(|p| p.kind != 0) {
        let value = cx.get(param.object);
        match param.kind {
            1 => bases.push(value),
            2 => tuple = value.cast::<Tuple>(),
            3 => match (value.as_class(), meta) {
                (_, Some(_)) => {
                    return Err(vm.value_error("metaclass was specified multiple times"));
                }
                (None, _) => {
                    let given = vm.type_name(value);
                    return Err(
                        vm.type_error(format!("Metaclass '{given}' is not a subclass of 'type'."))
                    );
                }
                (Some(class), None) => meta = Some(class),
            },
            kind => {
                return Err(vm.type_error(format!(
                    "ABI mismatch, spec for type '{name}': unknown HPyType_SpecParam kind {kind}"
                )));
            }
        }
        // SAFETY: the array has a last element of kind 0, and this was not it.
        at = unsafe { at.add(1) };
    }
    if tuple.is_some() && !bases.is_empty() {
        return Err(vm.type_error("multiple specifications of HPyType_SpecParam_BasesTuple"));
    }
    let bases = match tuple {
        Some(tuple) => tuple,
        None if bases.is_empty() => vm.tuple(&[vm.class(ClassId::Object).value()]),
        None => vm.tuple(&bases),
    };
    let mut best = meta.unwrap_or_else(|| vm.class(ClassId::Type));
    for base in bases.items() {
        let base_meta = vm.class_of(base.get(vm));
        if vm.is_subclass(base_meta, best) {
            best = base_meta;
        } else if !vm.is_subclass(best, base_meta) && base.get(vm).as_class().is_some() {
            return Err(vm.type_error(
                "metaclass conflict: the metaclass of a derived class must be a (non-strict) \
                 subclass of the metaclasses of all its bases",
            ));
        }
    }
    Ok(Params { bases: vm.root(bases.value()), meta: vm.root(best.value()) })
}

fn check_spec(cx: &Cx<'_>, spec: &HPyType_Spec, defs: &[Def]) -> Result<(), Raised> {
    let vm = &*cx.vm;
    if spec.builtin_shape == shape::LEGACY || !spec.legacy_slots.is_null() {
        return Err(vm.type_error("legacy types exist only on CPython"));
    }
    if !(shape::OBJECT..=shape::DICT).contains(&spec.builtin_shape) {
        return Err(vm.value_error(format!("invalid shape: {}", spec.builtin_shape)));
    }
    let has_slot = |n: c_int| defs.iter().any(|d| matches!(d, Def::Slot(s) if s.slot == n));
    if spec.flags & type_flags::HAVE_GC != 0 && !has_slot(slots::TP_TRAVERSE) {
        return Err(vm.value_error(
            "You must provide an HPy_tp_traverse slot if you specify HPy_TPFLAGS_HAVE_GC",
        ));
    }
    if spec.basicsize == 0 && defs.iter().any(|d| matches!(d, Def::Member(_))) {
        return Err(vm.type_error("Type claims to have basicsize==0 but defines members"));
    }
    let has_offset = defs.iter().any(|d| members::call_function_offset(d).is_some());
    if has_offset && has_slot(slots::TP_CALL) {
        return Err(vm.type_error(
            "Cannot have HPy_tp_call and explicit member'__vectorcalloffset__'. Specify just one \
             of them.",
        ));
    }
    if spec.itemsize != 0 && has_slot(slots::TP_CALL) {
        return Err(vm.type_error("Cannot use HPy call protocol with var objects"));
    }
    for def in defs {
        match def {
            Def::Slot(slot) if slots::entries(slot.slot).is_none() => {
                return Err(vm.raise(
                    ClassId::SystemError,
                    format!("Unsupported slot in HPyType_Spec.defines (value: {})", slot.slot),
                ));
            }
            Def::Meth(meth) if call::method_function(meth, true).is_none() => {
                return Err(call::unsupported_signature(vm));
            }
            Def::Unknown(kind) => {
                return Err(vm.raise(
                    ClassId::SystemError,
                    format!("Unsupported definition in HPyType_Spec.defines (kind: {kind})"),
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

/// `HPyType_FromSpec`
pub fn type_from_spec(
    cx: &mut Cx<'_>,
    spec: *mut HPyType_Spec,
    params: *mut HPyType_SpecParam,
) -> Result<HPy, Raised> {
    cx.safepoint()?;
    // SAFETY: C passes a specification that lives for the call, with its arrays.
    let (spec, defs) = unsafe { (&*spec, definitions((*spec).defines)) };
    let full_name = cx.utf8(spec.name)?;
    check_spec(cx, spec, &defs)?;
    // SAFETY: as above.
    let params = unsafe { parameters(cx, params, full_name) }?;
    let (module, name) = match full_name.rsplit_once('.') {
        Some((module, name)) => (Some(module), name),
        None => (None, full_name),
    };
    let (name_root, namespace, none) = {
        let vm = &*cx.vm;
        let namespace = vm.dict();
        let set = |key: &str, value: Value<'_>| {
            vm.dict_set_str(namespace, vm.intern(key), value);
        };
        set("__module__", vm.str(module.unwrap_or("builtins")).value());
        let (sig, doc) = call::signature_and_doc(name, spec.doc);
        set("__doc__", if spec.doc.is_null() { Value::NONE } else { vm.str(&doc).value() });
        if let Some(open) = sig.find('(') {
            set("__text_signature__", vm.str(&sig[open..]).value());
        }
        // Instances have no dict.
        set("__slots__", vm.tuple(&[]).value());
        (vm.root(vm.str(name).value()), vm.root(namespace.value()), vm.empty_root())
    };
    let ret = cx.vm.new_class(params.meta, name_root, params.bases, namespace, none, 0)?;
    let state = cx.state;
    let vm = &*cx.vm;
    let class = vm.value(ret).as_class().expect("a new class");
    let base = class.base.get_as::<Class>(vm);
    let base_record = base.and_then(record_of);
    let record = make_record(state, spec, &defs, base_record);
    vm.make_foreign(class, std::ptr::from_ref(record).cast(), record.has_struct())?;
    if spec.flags & type_flags::BASETYPE == 0 {
        class.flags.set(class.flags.get() & !ClassFlags::BASE);
    }
    let dict: Gc<'_, Dict> = class.dict.get_as(vm).expect("a class has a dict");
    vm.dict_del_str(dict, vm.intern("__slots__"));
    fill(cx, class, dict, &defs)?;
    let has_new = vm.dict_get_str(dict, vm.intern("__new__")).is_some();
    if !has_new
        && base_record.is_none_or(|base| !base.has_struct())
        && class.instance_kind.get() == Kind::Foreign
    {
        let def = default_new_def(state);
        let function = vm.builtin(def, class.value(), Value::UNBOUND);
        vm.dict_set_str(dict, vm.intern("__new__"), function.value());
    }
    vm.class_filled(class);
    Ok(cx.open(class.value()))
}

fn default_new_def(state: &State) -> &'static NativeDef {
    let record: &'static call::Record =
        state.keep(call::Record { imp: std::ptr::null(), state, mode: Mode::Universal });
    state.keep(NativeDef {
        sig: "__new__",
        doc: "Create and return a new object.",
        func: types::default_new,
        binding: Binding::Static,
        passing: Passing::Raw,
        data: std::ptr::from_ref(record).cast(),
    })
}

/// Puts what a specification defines into the class's dict.
fn fill(cx: &Cx<'_>, class: Gc<'_, Class>, dict: Gc<'_, Dict>, defs: &[Def]) -> Result<(), Raised> {
    let (vm, state, mode) = (&*cx.vm, cx.state, cx.mode);
    let put = |name: &str, value: Value<'_>| vm.dict_set_str(dict, vm.intern(name), value);
    // By name, so that slots of numbers and mappings go before those of sequences.
    let mut special: HashMap<&str, &HPySlot> = HashMap::new();
    for def in defs {
        match def {
            Def::Slot(slot) => {
                for (name, _) in slots::entries(slot.slot).unwrap_or_default() {
                    let old = special.get(name);
                    if !slots::is_sequence(slot) || old.is_none() {
                        special.insert(name, slot);
                    }
                }
            }
            Def::Meth(meth) => {
                let name = cx.utf8(meth.name)?;
                let func = call::method_function(meth, true).expect("checked before");
                let def =
                    call::define(state, mode, name, meth.doc, Binding::Method, func, meth.imp);
                put(name, vm.builtin(def, class.value(), Value::UNBOUND).value());
            }
            Def::Member(_) if members::call_function_offset(def).is_some() => {
                let (none, null) = (std::ptr::null(), std::ptr::null());
                let func = slots::call_object;
                let def = call::define(state, mode, "__call__", none, Binding::Method, func, null);
                put("__call__", vm.builtin(def, class.value(), Value::UNBOUND).value());
            }
            Def::Member(member) => {
                let name = cx.utf8(member.name)?;
                put(name, members::member(cx, class, name, member));
            }
            Def::GetSet(getset) => {
                let name = cx.utf8(getset.name)?;
                put(name, members::getset(cx, class, name, getset));
            }
            Def::Unknown(_) => {}
        }
    }
    for (name, slot) in &special {
        let entry = slots::entries(slot.slot).unwrap_or_default();
        let Some((_, func)) = entry.iter().find(|(n, _)| n == name) else { continue };
        let none = std::ptr::null();
        let def = call::define(state, mode, name, none, slots::binding(name), *func, slot.imp);
        put(name, vm.builtin(def, class.value(), Value::UNBOUND).value());
    }
    if special.contains_key("__eq__") && !special.contains_key("__hash__") {
        put("__hash__", Value::NONE);
    }
    Ok(())
}
