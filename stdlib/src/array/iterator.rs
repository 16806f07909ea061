//! Iterator over an array.

use super::object::{ArrayObject, at};
use crate::prelude::*;

/// Over the items of an array, which may change meanwhile.
#[derive(Trace)]
pub struct ArrayIterator {
    /// The array, or UNBOUND at the end.
    array: Slot,
    next: Cell<usize>,
}

iterator_type!(
    ArrayIterator,
    ARRAY_ITERATOR,
    "array",
    "arrayiterator",
    "",
    ClassFlags::NO_NEW | ClassFlags::MODULE_IN_MESSAGES,
    next,
    [
        NativeDef::method("__reduce__($self, /)", reduce, "Return state information for pickling."),
        NativeDef::method(
            "__setstate__($self, state, /)",
            setstate,
            "Set state information for unpickling."
        ),
    ]
);

/// `iter(array)`
pub fn over<'gc>(vm: &'gc Vm, array: Value<'gc>) -> Value<'gc> {
    vm.native(ArrayIterator { array: slot(array), next: Cell::new(0) }).value()
}

fn next(vm: &mut Vm, args: Args) -> StepResult {
    let vm = &*vm;
    let this = args.payload::<ArrayIterator>(vm)?;
    let Some(array) = this.r().array.get(vm).payload::<ArrayObject>() else {
        return Ok(None);
    };
    let i = this.next.get();
    if i < array.len(vm) {
        this.next.set(i + 1);
        return Ok(Some(vm.ret(array.r().item(vm, i)?)));
    }
    vm.write(this, |it| &it.array, Value::UNBOUND);
    Ok(None)
}

fn reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let builtins = vm.import_module("builtins")?;
    let iter = vm.getattr_str(builtins, "iter")?;
    let iter = vm.hold(iter);
    let vm = &*vm;
    let this = args.payload::<ArrayIterator>(vm)?;
    let array = this.r().array.get(vm);
    let parts = if array.is_unbound() {
        let empty = vm.tuple(&[vm.tuple(&[]).value()]);
        vm.tuple(&[vm.get(iter), empty.value()])
    } else {
        let position = vm.int_usize(this.next.get());
        vm.tuple(&[vm.get(iter), vm.tuple(&[array]).value(), position])
    };
    Ok(vm.ret(parts.value()))
}

fn setstate(vm: &mut Vm, args: Args) -> NativeResult {
    let position = vm.index_i64(args.local(1))?;
    let vm = &*vm;
    let this = args.payload::<ArrayIterator>(vm)?;
    let array = this.r().array.get(vm);
    if !array.is_unbound() {
        let len = at(vm, vm.root(array)).len(vm);
        this.next.set((position.max(0) as usize).min(len));
    }
    Ok(vm.none())
}
