//! TypeAliasType: what a `type` statement makes.

use super::{Lazy, calling_module, evaluator, generic, lazy_value, or, ror};
use crate::prelude::*;
use sidewinder_interpreter::builtins::generic_alias;

/// A type alias.
#[derive(Trace)]
pub struct TypeAliasType {
    name: Slot,
    /// A tuple.
    params: Slot,
    value: Lazy,
    module: Slot,
}
native_type!(
    TypeAliasType,
    TYPEALIASTYPE,
    "typing",
    "TypeAliasType",
    "Type alias.\n\nType aliases are created through the type statement::\n\n    type Alias = int",
    ClassFlags::MODULE_IN_MESSAGES,
    [
        NativeDef::static_method("__new__($type, name, value, *, type_params=())", new, ""),
        NativeDef::method(
            "__repr__($self, /)",
            |vm, args| {
                let text = vm.text_of(args.payload::<TypeAliasType>(vm)?.name.get(vm));
                ret_str(vm, &text)
            },
            ""
        ),
        NativeDef::method(
            "__reduce__($self, /)",
            |vm, args| {
                let vm = &*vm;
                Ok(vm.ret(args.payload::<TypeAliasType>(vm)?.r().name.get(vm)))
            },
            ""
        ),
        NativeDef::method("__getitem__($self, args, /)", getitem, ""),
        NativeDef::method("__iter__($self, /)", iter, ""),
        NativeDef::method("__or__($self, value, /)", or, ""),
        NativeDef::method("__ror__($self, value, /)", ror, ""),
    ],
    [
        GetSetDef::new(
            "__name__",
            |vm, args| {
                let vm = &*vm;
                Ok(vm.ret(args.payload::<TypeAliasType>(vm)?.r().name.get(vm)))
            },
            ""
        ),
        GetSetDef::new(
            "__type_params__",
            |vm, args| {
                let vm = &*vm;
                Ok(vm.ret(args.payload::<TypeAliasType>(vm)?.r().params.get(vm)))
            },
            ""
        ),
        GetSetDef::new(
            "__parameters__",
            |vm, args| {
                let params = vm.root(args.payload::<TypeAliasType>(vm)?.params.get(vm));
                let params = generic::unpacked(vm, params)?;
                Ok(vm.ret(vm.get(params)))
            },
            ""
        ),
        GetSetDef::new(
            "__value__",
            |vm, args| {
                args.payload::<TypeAliasType>(vm)?;
                lazy_value::<TypeAliasType>(vm, args.local(0), |a| &a.value)
            },
            ""
        ),
        GetSetDef::new(
            "evaluate_value",
            |vm, args| {
                let vm = &*vm;
                let this = args.payload::<TypeAliasType>(vm)?;
                Ok(vm.ret(evaluator(vm, &this.r().value, Value::UNBOUND)))
            },
            ""
        ),
        GetSetDef::new(
            "__module__",
            |vm, args| {
                let vm = &*vm;
                Ok(vm.ret(args.payload::<TypeAliasType>(vm)?.r().module.get(vm)))
            },
            ""
        ),
    ]
);

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &TYPEALIASTYPE)?;
    args.str(vm, 1)?;
    let params = match args.opt(vm, 3) {
        None => vm.root(vm.tuple(&[]).value()),
        Some(v) if v.cast::<Tuple>().is_none() => {
            raise!(vm, TypeError, "type_params must be a tuple")
        }
        Some(_) => args.local(3),
    };
    check_params(vm, params)?;
    let vm = &*vm;
    let payload = TypeAliasType {
        name: slot(args.get(vm, 1)),
        params: slot(vm.get(params)),
        value: Lazy::given(args.get(vm, 2)),
        module: slot(calling_module(vm)),
    };
    Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
}

/// Type parameters only, those without a default first.
fn check_params(vm: &mut Vm, params: Local) -> Result<(), Raised> {
    use super::params::{ParamSpec, TypeVar, TypeVarTuple};
    let mut has_default = false;
    for i in 0..seq_len(vm.get(params)) {
        let item = vm.root(seq_item(vm, vm.get(params), i).expect("inside"));
        let v = vm.get(item);
        let is_param = v.payload::<TypeVar>().is_some()
            || v.payload::<ParamSpec>().is_some()
            || v.payload::<TypeVarTuple>().is_some();
        if !is_param {
            let text = vm.repr_text(item)?;
            raise!(vm, TypeError, "Expected a type param, got {text}");
        }
        let own = vm.call_method(item, "has_default", &[])?;
        let own = vm.value(own).is(Value::TRUE);
        if has_default && !own {
            let text = vm.repr_text(item)?;
            raise!(
                vm,
                TypeError,
                "non-default type parameter '{text}' follows default type parameter"
            );
        }
        has_default |= own;
    }
    Ok(())
}

pub(super) fn make_typealias(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let alias = vm.native(TypeAliasType {
        name: slot(args.get(vm, 0)),
        params: slot(args.get(vm, 1)),
        value: Lazy::evaluated(args.get(vm, 2), Value::UNBOUND),
        module: slot(calling_module(vm)),
    });
    Ok(vm.ret(alias.value()))
}

fn getitem(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<TypeAliasType>(vm)?;
    if seq_len(this.r().params.get(vm)) == 0 {
        raise!(vm, TypeError, "Only generic type aliases are subscriptable");
    }
    Ok(vm.ret(generic_alias::alias(vm, this.value(), args.get(vm, 1))))
}

fn iter(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<TypeAliasType>(vm)?;
    let typing = vm.import_module("typing")?;
    let unpack = vm.getattr_str(typing, "Unpack")?;
    let unpack = vm.hold(unpack);
    let item = vm.getitem(unpack, args.local(0))?;
    let item = vm.root(vm.tuple(&[vm.value(item)]).value());
    vm.iter(item)
}
