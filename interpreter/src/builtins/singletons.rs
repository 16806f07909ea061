//! The types of None, Ellipsis and NotImplemented.

use super::declare::TypeDef;
use super::support::*;
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::{Args, NativeDef, NativeResult, Raised, Vm};

/// The type of None.
pub static NONE: TypeDef = TypeDef {
    doc: "The type of the None singleton.",
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", none_new, "").raw(),
        NativeDef::method("__repr__($self, /)", none_repr, "Return repr(self)."),
        NativeDef::method("__bool__($self, /)", none_bool, "False."),
    ],
    ..TypeDef::new("NoneType", Kind::Instance)
};

/// The type of `...`.
pub static ELLIPSIS: TypeDef = TypeDef {
    doc: "The type of the Ellipsis singleton.",
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", ellipsis_new, "").raw(),
        NativeDef::method("__repr__($self, /)", ellipsis_repr, "Return repr(self)."),
        NativeDef::method("__reduce__($self, /)", ellipsis_repr, "The name, for pickle."),
    ],
    ..TypeDef::new("ellipsis", Kind::Instance)
};

/// The type of NotImplemented.
pub static NOT_IMPLEMENTED: TypeDef = TypeDef {
    doc: "The type of the NotImplemented singleton.",
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", not_implemented_new, "")
            .raw(),
        NativeDef::method("__repr__($self, /)", not_implemented_repr, "Return repr(self)."),
        NativeDef::method("__reduce__($self, /)", not_implemented_repr, "The name, for pickle."),
        NativeDef::method("__bool__($self, /)", not_implemented_bool, "Raises TypeError."),
    ],
    ..TypeDef::new("NotImplementedType", Kind::Instance)
};

fn no_arguments(vm: &Vm, args: Args, name: &str) -> Result<(), Raised> {
    if args.len() > 1 {
        raise!(vm, TypeError, "{name} takes no arguments");
    }
    Ok(())
}

fn none_new(vm: &mut Vm, args: Args) -> NativeResult {
    no_arguments(vm, args, "NoneType")?;
    Ok(vm.none())
}

fn none_repr(vm: &mut Vm, _: Args) -> NativeResult {
    ret_str(vm, "None")
}

fn none_bool(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(Value::FALSE))
}

fn ellipsis_new(vm: &mut Vm, args: Args) -> NativeResult {
    no_arguments(vm, args, "EllipsisType")?;
    Ok(vm.ret(Value::ELLIPSIS))
}

fn ellipsis_repr(vm: &mut Vm, _: Args) -> NativeResult {
    ret_str(vm, "Ellipsis")
}

fn not_implemented_new(vm: &mut Vm, args: Args) -> NativeResult {
    no_arguments(vm, args, "NotImplementedType")?;
    Ok(vm.ret(Value::NOT_IMPLEMENTED))
}

fn not_implemented_repr(vm: &mut Vm, _: Args) -> NativeResult {
    ret_str(vm, "NotImplemented")
}

fn not_implemented_bool(vm: &mut Vm, _: Args) -> NativeResult {
    raise!(vm, TypeError, "NotImplemented should not be used in a boolean context")
}
