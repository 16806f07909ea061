//! Iteration over sets.

use super::*;

/// An iterator over a set.
#[derive(Trace)]
pub struct SetIterator {
    /// The set, or None at the end.
    set: Slot,
    at: Cell<usize>,
    len: Cell<usize>,
}

impl Payload for SetIterator {
    const TYPE: &'static TypeDef = &SET_ITERATOR;
}

/// The type of such iterators.
pub static SET_ITERATOR: TypeDef = TypeDef {
    flags: ClassFlags::NO_NEW,
    methods: &[
        NativeDef::method("__iter__($self, /)", itself, "Implement iter(self)."),
        NativeDef::method("__length_hint__($self, /)", set_hint, "Items left."),
        NativeDef::method("__reduce__($self, /)", set_iterator_reduce, "For pickling."),
    ],
    next: Some(set_next),
    ..TypeDef::new("set_iterator", Kind::Native)
};

pub(super) fn iter(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let set = args.this::<Set>(vm)?;
    let iterator = SetIterator {
        set: Slot::new(set.value().word()),
        at: Cell::new(0),
        len: Cell::new(set.len.get()),
    };
    Ok(vm.ret(vm.native(iterator).value()))
}

fn set_next(vm: &mut Vm, args: Args) -> StepResult {
    let vm = &*vm;
    let this = args.payload::<SetIterator>(vm)?;
    let Some(set) = this.set.get_as::<Set>(vm) else { return Ok(None) };
    if set.len.get() != this.len.get() {
        this.len.set(usize::MAX);
        raise!(vm, RuntimeError, "Set changed size during iteration");
    }
    while this.at.get() < vm.table_used(&*set) {
        let at = this.at.get();
        this.at.set(at + 1);
        if let Some((key, _, _)) = vm.table_entry(&*set, at) {
            return Ok(Some(vm.ret(key)));
        }
    }
    vm.write(this, |t| &t.set, Value::NONE);
    Ok(None)
}

/// The elements that an iterator has still to give.
fn rest<'gc>(vm: &'gc Vm, this: &SetIterator) -> Vec<Value<'gc>> {
    let Some(set) = this.set.get_as::<Set>(vm) else { return Vec::new() };
    if set.len.get() != this.len.get() {
        return Vec::new();
    }
    let places = this.at.get()..vm.table_used(&*set);
    places.filter_map(|at| vm.table_entry(&*set, at).map(|(key, _, _)| key)).collect()
}

fn set_hint(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let left = rest(vm, args.payload::<SetIterator>(vm)?.r()).len();
    Ok(vm.ret(vm.int_usize(left)))
}

fn set_iterator_reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let items = rest(vm, args.payload::<SetIterator>(vm)?.r());
    crate::builtins::reduce::rest_reduced(vm, vm.list(&items).value(), None)
}
