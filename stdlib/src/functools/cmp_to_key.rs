//! Keys that compare by a function.

use crate::prelude::*;

/// A key, or (without an object) what makes keys.
#[derive(Trace)]
pub struct Key {
    cmp: Slot,
    /// UNBOUND in what makes keys.
    object: Slot,
}
native_type!(
    Key,
    KEY,
    "functools",
    "KeyWrapper",
    "",
    ClassFlags::NO_NEW | ClassFlags::MODULE_IN_MESSAGES,
    [
        NativeDef::method("__call__($self, obj)", wrap, ""),
        NativeDef::method(
            "__eq__($self, value, /)",
            |vm, args| compare(vm, args, CompareOp::Eq),
            ""
        ),
        NativeDef::method(
            "__ne__($self, value, /)",
            |vm, args| compare(vm, args, CompareOp::Ne),
            ""
        ),
        NativeDef::method(
            "__lt__($self, value, /)",
            |vm, args| compare(vm, args, CompareOp::Lt),
            ""
        ),
        NativeDef::method(
            "__le__($self, value, /)",
            |vm, args| compare(vm, args, CompareOp::Le),
            ""
        ),
        NativeDef::method(
            "__gt__($self, value, /)",
            |vm, args| compare(vm, args, CompareOp::Gt),
            ""
        ),
        NativeDef::method(
            "__ge__($self, value, /)",
            |vm, args| compare(vm, args, CompareOp::Ge),
            ""
        ),
    ],
    [GetSetDef::new("obj", object, "Value wrapped by a key function.").with_set(set_object)]
);

pub(super) fn cmp_to_key(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let payload = Key { cmp: slot(args.get(vm, 0)), object: unbound() };
    Ok(vm.ret(vm.native(payload).value()))
}

fn wrap(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let cmp = slot(args.payload::<Key>(vm)?.cmp.get(vm));
    let payload = Key { cmp, object: slot(args.get(vm, 1)) };
    Ok(vm.ret(vm.native(payload).value()))
}

fn compare(vm: &mut Vm, args: Args, op: CompareOp) -> NativeResult {
    let this = args.payload::<Key>(vm)?;
    let Some(other) = args.get(vm, 1).payload::<Key>() else {
        raise!(vm, TypeError, "other argument must be K instance");
    };
    let (a, b) = (this.object.get(vm), other.object.get(vm));
    if a.is_unbound() || b.is_unbound() {
        raise!(vm, AttributeError, "object");
    }
    let (cmp, a, b) = (vm.root(this.cmp.get(vm)), vm.root(a), vm.root(b));
    let order = vm.call(cmp, &[a, b])?;
    if let Some(n) = vm.value(order).as_small_int() {
        return Ok(vm.ret(Value::from_bool(op.test(Some(n.cmp(&0))))));
    }
    let order = vm.hold_result();
    let zero = vm.root(Value::from_i32(0));
    vm.compare(op, order, zero)
}

fn object(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    match args.payload::<Key>(vm)?.r().object.get(vm).bound() {
        Some(object) => Ok(vm.ret(object)),
        None => raise!(vm, AttributeError, "object"),
    }
}

fn set_object(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<Key>(vm)?;
    vm.write(this, |k| &k.object, args.get(vm, 1));
    Ok(vm.none())
}
