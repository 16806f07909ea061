//! Iterators over deques.

use super::deque::{DEQUE, Deque};
use crate::prelude::*;

macro_rules! deque_iterator {
    ($payload:ident, $def:ident, $name:literal, $forward:literal, $doc:literal) => {
        #[doc = $doc]
        #[derive(Trace)]
        pub struct $payload(Position);
        iterator_type!(
            $payload,
            $def,
            "_collections",
            $name,
            "",
            0,
            |vm, args| {
                let vm = &*vm;
                let this = args.payload::<$payload>(vm)?;
                this.r().0.next(vm, $forward)
            },
            [
                NativeDef::static_method(
                    "__new__($type, deque, index=0, /)",
                    |vm, args| {
                        let shape = native_new_shape(vm, args, &$def)?;
                        let at = match args.opt(vm, 2) {
                            Some(_) => vm.index_i64(args.local(2))?,
                            None => 0,
                        };
                        let vm = &*vm;
                        let Some(deque) = args.get(vm, 1).payload::<Deque>() else {
                            let given = vm.type_name(args.get(vm, 1));
                            raise!(
                                vm,
                                TypeError,
                                "{}() argument 1 must be collections.deque, not {given}",
                                $name
                            );
                        };
                        let position = Position::new(vm, deque);
                        let at = (at.max(0) as usize).min(deque.len());
                        position.left.set(deque.len() - at);
                        Ok(vm.ret(vm.native_of_shape(shape, $payload(position)).value()))
                    },
                    ""
                ),
                NativeDef::method(
                    "__length_hint__($self, /)",
                    |vm, args| {
                        let vm = &*vm;
                        let left = args.payload::<$payload>(vm)?.0.left.get();
                        Ok(vm.ret(vm.int_usize(left)))
                    },
                    "Items left."
                ),
                NativeDef::method(
                    "__reduce__($self, /)",
                    |vm, args| {
                        let vm = &*vm;
                        let this = args.payload::<$payload>(vm)?;
                        let class = vm.native_class(&$def).value();
                        let parts = this.r().0.reduced(vm);
                        Ok(vm.ret(vm.tuple(&[class, parts]).value()))
                    },
                    ""
                ),
            ]
        );
    };
}

/// A place in a deque that must not change meanwhile.
#[derive(Trace)]
struct Position {
    deque: Slot,
    changes: Cell<u64>,
    left: Cell<usize>,
}

impl Position {
    fn new(vm: &Vm, deque: Gc<'_, Native<Deque>>) -> Position {
        debug_assert!(vm.is_subclass(vm.class_of(deque.value()), vm.native_class(&DEQUE)));
        Position {
            deque: slot(deque.value()),
            changes: Cell::new(deque.changes()),
            left: Cell::new(deque.len()),
        }
    }

    fn next(&self, vm: &Vm, forward: bool) -> StepResult {
        let deque = self.deque.get(vm).payload::<Deque>().expect("a deque");
        let left = self.left.get();
        if self.changes.get() != deque.changes() {
            self.left.set(0);
            raise!(vm, RuntimeError, "deque mutated during iteration");
        }
        if left == 0 {
            return Ok(None);
        }
        self.left.set(left - 1);
        let at = if forward { deque.len() - left } else { left - 1 };
        Ok(Some(vm.ret(deque.item(vm, at))))
    }

    fn reduced<'gc>(&self, vm: &'gc Vm) -> Value<'gc> {
        let deque = self.deque.get(vm).payload::<Deque>().expect("a deque");
        let at = deque.len().saturating_sub(self.left.get());
        vm.tuple(&[self.deque.get(vm), vm.int_usize(at)]).value()
    }
}

deque_iterator!(ForwardIterator, FORWARD, "_deque_iterator", true, "Forwards.");
deque_iterator!(ReverseIterator, REVERSE, "_deque_reverse_iterator", false, "Backwards.");

/// `iter(deque)`
pub(super) fn forward<'gc>(vm: &'gc Vm, deque: Gc<'gc, Native<Deque>>) -> Value<'gc> {
    vm.native(ForwardIterator(Position::new(vm, deque))).value()
}

/// `reversed(deque)`
pub(super) fn reverse<'gc>(vm: &'gc Vm, deque: Gc<'gc, Native<Deque>>) -> Value<'gc> {
    vm.native(ReverseIterator(Position::new(vm, deque))).value()
}
