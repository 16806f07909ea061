//! `_typing`: type variables, type aliases and Generic, under the bundled `typing`.
//!
//! What needs the rest of typing (substitution, checks of arguments) is asked of that module.

#![forbid(unsafe_code)]

mod alias;
mod generic;
mod params;

use crate::prelude::*;

/// The module.
pub static TYPING: ModuleDef = ModuleDef {
    name: "_typing",
    doc: "Primitives and accelerators for the typing module.",
    functions: &[
        NativeDef::function("_idfunc(x, /)", idfunc, ""),
        NativeDef::function(
            "_make_typevar(name, evaluate_bound, evaluate_constraints, evaluate_default, /)",
            params::make_typevar,
            "",
        ),
        NativeDef::function(
            "_make_paramspec(name, evaluate_default, /)",
            params::make_paramspec,
            "",
        ),
        NativeDef::function(
            "_make_typevartuple(name, evaluate_default, /)",
            params::make_typevartuple,
            "",
        ),
        NativeDef::function(
            "_make_typealias(name, type_params, evaluate_value, /)",
            alias::make_typealias,
            "",
        ),
        NativeDef::function("_subscript_generic(type_params, /)", generic::subscript_generic, ""),
    ],
    types: &[
        &params::TYPEVAR,
        &params::PARAMSPEC,
        &params::TYPEVARTUPLE,
        &params::PARAMSPECARGS,
        &params::PARAMSPECKWARGS,
        &alias::TYPEALIASTYPE,
        &generic::GENERIC,
    ],
    exec: Some(exec),
};

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    let vm = &*vm;
    vm.module_set(module, "NoDefault", no_default(vm));
    let union = vm.native_class(&sidewinder_interpreter::builtins::generic_alias::UNION);
    vm.module_set(module, "Union", union.value());
    Ok(())
}

fn idfunc(vm: &mut Vm, args: Args) -> NativeResult {
    Ok(vm.ret(args.get(vm, 0)))
}

/// The object that stands for "no default".
#[derive(Trace)]
pub struct NoDefault {}
native_type!(
    NoDefault,
    NO_DEFAULT,
    "typing",
    "NoDefaultType",
    "The type of the NoDefault singleton.",
    0,
    [
        NativeDef::static_method(
            "__new__($type, /)",
            |vm, _| {
                let vm = &*vm;
                Ok(vm.ret(no_default(vm)))
            },
            ""
        ),
        NativeDef::method("__repr__($self, /)", |vm, _| ret_str(vm, "typing.NoDefault"), ""),
        NativeDef::method("__reduce__($self, /)", |vm, _| ret_str(vm, "NoDefault"), ""),
    ],
    []
);

/// The one NoDefault of this VM.
#[derive(Default)]
struct TheOne(Option<sidewinder_interpreter::vm::stack::Global>);

fn no_default(vm: &Vm) -> Value<'_> {
    let known = vm.with_extension(|one: &mut TheOne| one.0.as_ref().map(|g| vm.get_global(g)));
    known.unwrap_or_else(|| {
        let made = vm.native(NoDefault {}).value();
        let global = vm.global(made);
        vm.with_extension(|one: &mut TheOne| one.0 = Some(global));
        made
    })
}

/// Calls a function of module typing.
fn ask_typing(vm: &mut Vm, function: &str, args: &[Local]) -> NativeResult {
    let typing = vm.import_module("typing")?;
    vm.call_method(typing, function, args)
}

/// The name of the module whose code is running, or None.
fn calling_module(vm: &Vm) -> Value<'_> {
    let globals = vm.globals_on_top();
    let name = globals.and_then(|g| vm.dict_get_str(g, vm.intern("__name__")));
    name.unwrap_or(Value::NONE)
}

/// `a | b`, where one side is an object of this module.
fn union(vm: &mut Vm, args: Args, swapped: bool) -> NativeResult {
    let (a, b) = if swapped { (1, 0) } else { (0, 1) };
    sidewinder_interpreter::builtins::generic_alias::union_of(vm, args.local(a), args.local(b))
}

fn or(vm: &mut Vm, args: Args) -> NativeResult {
    union(vm, args, false)
}

fn ror(vm: &mut Vm, args: Args) -> NativeResult {
    union(vm, args, true)
}

/// Something computed when first asked for: by a function of the compiler's, or given.
#[derive(Trace)]
struct Lazy {
    /// A function of the format, or None.
    evaluate: Slot,
    /// UNBOUND until known.
    value: Slot,
    /// The value was there from the beginning.
    given: Cell<bool>,
}

impl Lazy {
    fn given(value: Value<'_>) -> Lazy {
        Lazy { evaluate: slot(Value::NONE), value: slot(value), given: Cell::new(true) }
    }

    fn evaluated(evaluate: Value<'_>, absent: Value<'_>) -> Lazy {
        let value = if evaluate.is_none() { slot(absent) } else { unbound() };
        Lazy { evaluate: slot(evaluate), value, given: Cell::new(false) }
    }
}

/// The value of a lazy field of the object in `this`.
fn lazy_value<T: Payload>(
    vm: &mut Vm,
    this: Local,
    field: for<'a> fn(&'a T) -> &'a Lazy,
) -> NativeResult {
    fn owner<T: Payload>(vm: &Vm, l: Local) -> Gc<'_, Native<T>> {
        vm.get(l).payload().expect("the caller has checked it")
    }
    let lazy = field(owner::<T>(vm, this).r());
    if let Some(value) = lazy.value.get(vm).bound() {
        return Ok(vm.ret(value));
    }
    let evaluate = vm.root(lazy.evaluate.get(vm));
    let format = vm.root(Value::from_i32(1));
    let value = vm.call(evaluate, &[format])?;
    let vm = &*vm;
    let value = vm.value(value);
    vm.write(owner::<T>(vm, this), |t| &field(t).value, value);
    Ok(vm.ret(value))
}

/// The function that evaluates a lazy field, made from the value if that was given.
fn evaluator<'gc>(vm: &'gc Vm, lazy: &Lazy, absent: Value<'gc>) -> Value<'gc> {
    let evaluate = lazy.evaluate.get(vm);
    if !evaluate.is_none() {
        return evaluate;
    }
    let value = lazy.value.get(vm);
    if value.is(absent) || !lazy.given.get() {
        return Value::NONE;
    }
    vm.native(ConstEvaluator { value: slot(value) }).value()
}

/// Evaluates to what was given.
#[derive(Trace)]
pub struct ConstEvaluator {
    value: Slot,
}
native_type!(
    ConstEvaluator,
    CONST_EVALUATOR,
    "_typing",
    "_ConstEvaluator",
    "",
    ClassFlags::NO_NEW,
    [
        NativeDef::method("__call__($self, format, /)", call_evaluator, ""),
        NativeDef::method(
            "__repr__($self, /)",
            |vm, args| {
                let value = vm.root(args.payload::<ConstEvaluator>(vm)?.value.get(vm));
                let text = vm.repr_text(value)?;
                ret_str(vm, &format!("<constevaluator {text}>"))
            },
            ""
        ),
    ],
    []
);

fn call_evaluator(vm: &mut Vm, args: Args) -> NativeResult {
    let value = vm.root(args.payload::<ConstEvaluator>(vm)?.value.get(vm));
    // 4: as a string.
    if vm.index_i64(args.local(1))? == 4 {
        let module = vm.import_module("annotationlib")?;
        return vm.call_method(module, "type_repr", &[value]);
    }
    Ok(vm.ret(vm.get(value)))
}
