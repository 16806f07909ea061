//! Iterators over sequences and numbers, and iter(callable, sentinel).

use super::declare::TypeDef;
use super::range::{Bounds, bounds, small_bounds};
use super::reduce::{builtin_named, iterator_reduced, rest_reduced};
use super::support::*;
use crate::builtins::ClassId;
use crate::object::native::Payload;
use crate::object::*;
use crate::value::Value;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, StepResult, Vm};
use dashu_int::IBig;
use std::cell::Cell;

macro_rules! iterator_type {
    ($payload:ident, $def:ident, $name:literal, $next:ident, [$($more:expr),*]) => {
        impl Payload for $payload {
            const TYPE: &'static TypeDef = &$def;
        }
        /// The type of such iterators.
        pub static $def: TypeDef = TypeDef {
            flags: ClassFlags::NO_NEW,
            methods: &[
                NativeDef::method("__iter__($self, /)", itself, "Implement iter(self)."),
                $($more),*
            ],
            next: Some($next),
            ..TypeDef::new($name, Kind::Native)
        };
    };
}

/// Over a list, forwards.
#[derive(Trace)]
pub struct ListIterator {
    /// The list, or None at the end.
    list: Slot,
    at: Cell<usize>,
}
iterator_type!(
    ListIterator,
    LIST_ITERATOR,
    "list_iterator",
    list_next,
    [
        NativeDef::method("__length_hint__($self, /)", list_hint, "Items left."),
        NativeDef::method("__reduce__($self, /)", list_reduce, "For pickling."),
        NativeDef::method("__setstate__($self, state, /)", list_setstate, "Sets the position.")
    ]
);

/// Over a list, backwards.
#[derive(Trace)]
pub struct ListReverseIterator {
    list: Slot,
    /// Number of items left.
    left: Cell<usize>,
}
iterator_type!(
    ListReverseIterator,
    LIST_REVERSE,
    "list_reverseiterator",
    list_reverse_next,
    [
        NativeDef::method("__length_hint__($self, /)", list_reverse_hint, "Items left."),
        NativeDef::method("__reduce__($self, /)", list_reverse_reduce, "For pickling."),
        NativeDef::method(
            "__setstate__($self, state, /)",
            list_reverse_setstate,
            "Sets the position."
        )
    ]
);

/// Over a tuple.
#[derive(Trace)]
pub struct TupleIterator {
    tuple: Slot,
    at: Cell<usize>,
}
iterator_type!(
    TupleIterator,
    TUPLE_ITERATOR,
    "tuple_iterator",
    tuple_next,
    [
        NativeDef::method("__length_hint__($self, /)", tuple_hint, "Items left."),
        NativeDef::method("__reduce__($self, /)", tuple_reduce, "For pickling."),
        NativeDef::method("__setstate__($self, state, /)", tuple_setstate, "Sets the position.")
    ]
);

/// Over a range of machine ints.
#[derive(Trace)]
pub struct RangeIterator {
    next: Cell<i64>,
    step: Cell<i64>,
    left: Cell<u64>,
}
iterator_type!(
    RangeIterator,
    RANGE_ITERATOR,
    "range_iterator",
    range_next,
    [
        NativeDef::method("__length_hint__($self, /)", range_hint, "Items left."),
        NativeDef::method("__reduce__($self, /)", range_reduce, "For pickling."),
        NativeDef::method("__setstate__($self, state, /)", range_setstate, "Sets the position.")
    ]
);

/// Over a range of ints of any size.
#[derive(Trace)]
pub struct LongRangeIterator {
    next: Slot,
    step: Slot,
    left: Slot,
}
iterator_type!(
    LongRangeIterator,
    LONG_RANGE_ITERATOR,
    "longrange_iterator",
    long_range_next,
    [
        NativeDef::method("__length_hint__($self, /)", long_range_hint, "Items left."),
        NativeDef::method("__reduce__($self, /)", long_range_reduce, "For pickling."),
        NativeDef::method(
            "__setstate__($self, state, /)",
            long_range_setstate,
            "Sets the position."
        )
    ]
);

/// By `__getitem__` with 0, 1, 2, ... until IndexError.
#[derive(Trace)]
pub struct SequenceIterator {
    seq: Slot,
    at: Cell<i64>,
}
iterator_type!(
    SequenceIterator,
    SEQUENCE_ITERATOR,
    "iterator",
    sequence_next,
    [
        NativeDef::method("__reduce__($self, /)", sequence_reduce, "For pickling."),
        NativeDef::method("__setstate__($self, state, /)", sequence_setstate, "Sets the position.")
    ]
);

/// By calling until a value comes back.
#[derive(Trace)]
pub struct CallableIterator {
    callable: Slot,
    sentinel: Slot,
}
iterator_type!(
    CallableIterator,
    CALLABLE_ITERATOR,
    "callable_iterator",
    callable_next,
    [NativeDef::method("__reduce__($self, /)", callable_reduce, "For pickling.")]
);

/// An iterator over a list.
pub fn list_iterator<'gc>(vm: &'gc Vm, list: Gc<'gc, List>) -> Value<'gc> {
    let list = Slot::new(list.value().word());
    vm.native(ListIterator { list, at: Cell::new(0) }).value()
}

/// A reverse iterator over a list.
pub fn list_reverse_iterator<'gc>(vm: &'gc Vm, list: Gc<'gc, List>) -> Value<'gc> {
    let left = Cell::new(list.len.get());
    vm.native(ListReverseIterator { list: Slot::new(list.value().word()), left }).value()
}

/// An iterator over a tuple.
pub fn tuple_iterator<'gc>(vm: &'gc Vm, tuple: Gc<'gc, Tuple>) -> Value<'gc> {
    let tuple = Slot::new(tuple.value().word());
    vm.native(TupleIterator { tuple, at: Cell::new(0) }).value()
}

/// An iterator over a range.
pub fn range_iterator<'gc>(vm: &'gc Vm, range: Gc<'_, Range>) -> Value<'gc> {
    if let Some((start, step, left)) = small_bounds(vm, range) {
        let (next, step, left) = (Cell::new(start), Cell::new(step), Cell::new(left));
        return vm.native(RangeIterator { next, step, left }).value();
    }
    let all = bounds(vm, range);
    counting_iterator(vm, &all.start, &all.step, &all.len)
}

/// An iterator over `len` ints from `start` by `step`.
pub fn counting_iterator<'gc>(vm: &'gc Vm, start: &IBig, step: &IBig, len: &IBig) -> Value<'gc> {
    let last = start + step * len;
    if let (Ok(next), Ok(step), Ok(left), Ok(_)) =
        (i64::try_from(start), i64::try_from(step), u64::try_from(len), i64::try_from(&last))
    {
        let (next, step, left) = (Cell::new(next), Cell::new(step), Cell::new(left));
        return vm.native(RangeIterator { next, step, left }).value();
    }
    let [next, step, left] = [start, step, len].map(|n| Slot::new(vm.int_from_big(n).word()));
    vm.native(LongRangeIterator { next, step, left }).value()
}

/// The iterator of objects that only have `__getitem__`.
pub fn sequence_iterator<'gc>(vm: &'gc Vm, seq: Value<'gc>) -> Value<'gc> {
    vm.native(SequenceIterator { seq: Slot::new(seq.word()), at: Cell::new(0) }).value()
}

/// The iterator of `reversed(range)`.
pub fn range_reversed<'gc>(vm: &'gc Vm, range: Gc<'_, Range>) -> Value<'gc> {
    if let Some((start, step, left)) = small_bounds(vm, range)
        && let Some(step) = step.checked_neg()
    {
        // Wraps around only where nothing is left.
        let last = start.wrapping_sub(step.wrapping_mul(left.wrapping_sub(1) as i64));
        let (next, step, left) = (Cell::new(last), Cell::new(step), Cell::new(left));
        return vm.native(RangeIterator { next, step, left }).value();
    }
    let Bounds { start, step, len } = bounds(vm, range);
    let last = &start + (&len - IBig::ONE) * &step;
    counting_iterator(vm, &last, &-step, &len)
}

/// `iter(callable, sentinel)`
pub fn callable_iterator<'gc>(
    vm: &'gc Vm,
    callable: Value<'gc>,
    sentinel: Value<'gc>,
) -> Value<'gc> {
    let (callable, sentinel) = (Slot::new(callable.word()), Slot::new(sentinel.word()));
    vm.native(CallableIterator { callable, sentinel }).value()
}

fn list_next(vm: &mut Vm, args: Args) -> StepResult {
    let vm = &*vm;
    let this = args.payload::<ListIterator>(vm)?;
    let Some(list) = this.list.get_as::<List>(vm) else { return Ok(None) };
    let at = this.at.get();
    if at < list.len.get() {
        this.at.set(at + 1);
        return Ok(Some(vm.ret(vm.list_item(list, at))));
    }
    vm.write(this, |t| &t.list, Value::NONE);
    Ok(None)
}

fn list_hint(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<ListIterator>(vm)?;
    let len = this.list.get_as::<List>(vm).map_or(0, |l| l.len.get());
    Ok(vm.ret(vm.int_usize(len.saturating_sub(this.at.get()))))
}

fn list_reverse_next(vm: &mut Vm, args: Args) -> StepResult {
    let vm = &*vm;
    let this = args.payload::<ListReverseIterator>(vm)?;
    if let Some(list) = this.list.get_as::<List>(vm) {
        let left = this.left.get();
        if left > 0 && left <= list.len.get() {
            this.left.set(left - 1);
            return Ok(Some(vm.ret(vm.list_item(list, left - 1))));
        }
        vm.write(this, |t| &t.list, Value::NONE);
    }
    Ok(None)
}

fn list_reverse_hint(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<ListReverseIterator>(vm)?;
    let left = if this.list.get(vm).is_none() { 0 } else { this.left.get() };
    Ok(vm.ret(vm.int_usize(left)))
}

fn tuple_next(vm: &mut Vm, args: Args) -> StepResult {
    let vm = &*vm;
    let this = args.payload::<TupleIterator>(vm)?;
    let Some(tuple) = this.tuple.get_as::<Tuple>(vm) else { return Ok(None) };
    let at = this.at.get();
    if at < tuple.len() {
        this.at.set(at + 1);
        return Ok(Some(vm.ret(tuple.item(vm, at))));
    }
    vm.write(this, |t| &t.tuple, Value::NONE);
    Ok(None)
}

fn tuple_hint(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<TupleIterator>(vm)?;
    let len = this.tuple.get_as::<Tuple>(vm).map_or(0, |t| t.len());
    Ok(vm.ret(vm.int_usize(len.saturating_sub(this.at.get()))))
}

fn range_next(vm: &mut Vm, args: Args) -> StepResult {
    let vm = &*vm;
    let this = args.payload::<RangeIterator>(vm)?;
    let left = this.left.get();
    if left == 0 {
        return Ok(None);
    }
    let next = this.next.get();
    this.left.set(left - 1);
    this.next.set(next.wrapping_add(this.step.get()));
    Ok(Some(vm.ret(vm.int(next))))
}

fn range_hint(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let left = args.payload::<RangeIterator>(vm)?.left.get();
    Ok(vm.ret(vm.int_usize(left as usize)))
}

fn long_range_next(vm: &mut Vm, args: Args) -> StepResult {
    let vm = &*vm;
    let this = args.payload::<LongRangeIterator>(vm)?;
    let number = |slot: &Slot| vm.as_big(slot.get(vm)).unwrap_or(IBig::ZERO);
    let left = number(&this.left);
    if left <= IBig::ZERO {
        return Ok(None);
    }
    let value = this.next.get(vm);
    let next = vm.int_from_big(&(number(&this.next) + number(&this.step)));
    vm.write(this, |t| &t.next, next);
    vm.write(this, |t| &t.left, vm.int_from_big(&(left - IBig::ONE)));
    Ok(Some(vm.ret(value)))
}

fn sequence_next(vm: &mut Vm, args: Args) -> StepResult {
    let this = args.payload::<SequenceIterator>(vm)?;
    let seq = this.seq.get(vm);
    if seq.is_unbound() {
        return Ok(None);
    }
    let at = this.at.get();
    this.at.set(at + 1);
    let seq = vm.root(seq);
    let at = vm.root(vm.int(at));
    match vm.getitem(seq, at) {
        Ok(ret) => Ok(Some(ret)),
        Err(raised) => {
            let end = vm.raised_is(ClassId::IndexError) || vm.raised_is(ClassId::StopIteration);
            if !end {
                return Err(raised);
            }
            vm.take_exception(raised);
            let this = args.payload::<SequenceIterator>(vm)?;
            vm.write(this, |t| &t.seq, Value::UNBOUND);
            Ok(None)
        }
    }
}

fn callable_next(vm: &mut Vm, args: Args) -> StepResult {
    let this = args.payload::<CallableIterator>(vm)?;
    let (callable, sentinel) = (this.callable.get(vm), this.sentinel.get(vm));
    if callable.is_unbound() {
        return Ok(None);
    }
    let (callable, sentinel) = (vm.root(callable), vm.root(sentinel));
    let finish = |vm: &Vm| -> Result<Raised, Raised> {
        let this = args.payload::<CallableIterator>(vm)?;
        vm.write(this, |t| &t.callable, Value::UNBOUND);
        Ok(stop(vm))
    };
    match vm.call(callable, &[]) {
        Ok(ret) => {
            let item = vm.hold(ret);
            // The call itself may have used the iterator up.
            let ended = args.payload::<CallableIterator>(vm)?.callable.get(vm).is_unbound();
            if ended || vm.eq(sentinel, item)? {
                return Err(finish(vm)?);
            }
            Ok(Some(vm.ret(vm.get(item))))
        }
        Err(raised) => {
            vm.catch(raised, ClassId::StopIteration)?;
            Err(finish(vm)?)
        }
    }
}

/// `reversed(seq)` of objects with `__len__` and `__getitem__`.
#[derive(Trace)]
pub struct Reversed {
    seq: Slot,
    /// Position of the next item; negative at the end.
    at: Cell<i64>,
}

impl Payload for Reversed {
    const TYPE: &'static TypeDef = &REVERSED;
}

/// The type reversed.
pub static REVERSED: TypeDef = TypeDef {
    doc: "reversed(object, /)\n--\n\nA reverse iterator over a sequence.",
    flags: ClassFlags::BASE,
    methods: &[
        NativeDef::static_method("__new__($type, object, /)", reversed_new, "").raw(),
        NativeDef::method("__iter__($self, /)", itself, "Implement iter(self)."),
        NativeDef::method("__length_hint__($self, /)", reversed_hint, "Items left."),
        NativeDef::method("__reduce__($self, /)", reversed_reduce, "For pickling."),
        NativeDef::method("__setstate__($self, state, /)", reversed_setstate, "Sets the position."),
    ],
    next: Some(reversed_next),
    ..TypeDef::new("reversed", Kind::Native)
};

fn reversed_new(vm: &mut Vm, args: Args) -> NativeResult {
    use crate::vm::Special;
    let shape = native_new_shape(vm, args, &REVERSED)?;
    positional(vm, args, "reversed", 1, 1)?;
    let seq: Local = args.local(1);
    let method = vm.special_of(vm.get(seq), Special::Reversed);
    if method.is_some_and(|m| !m.is_none()) {
        let ret = vm.call_special(seq, Special::Reversed, &[])?;
        return Ok(ret.expect("looked up above"));
    }
    let v = vm.get(seq);
    if method.is_some()
        || vm.special_of(v, Special::GetItem).is_none()
        || vm.has_class(v, ClassId::Dict)
    {
        let name = vm.type_name(v);
        return Err(vm.type_error(format!("'{name}' object is not reversible")));
    }
    let len = vm.len(seq)?;
    let vm = &*vm;
    let payload = Reversed { seq: Slot::new(vm.get(seq).word()), at: Cell::new(len as i64 - 1) };
    Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
}

fn reversed_next(vm: &mut Vm, args: Args) -> StepResult {
    let this = args.payload::<Reversed>(vm)?;
    let at = this.at.get();
    if at < 0 {
        vm.write(this, |t| &t.seq, Value::NONE);
        return Ok(None);
    }
    this.at.set(at - 1);
    let seq = vm.root(this.seq.get(vm));
    let at = vm.root(vm.int(at));
    match vm.getitem(seq, at) {
        Ok(ret) => Ok(Some(ret)),
        Err(raised) => {
            if !vm.raised_is(ClassId::IndexError) && !vm.raised_is(ClassId::StopIteration) {
                return Err(raised);
            }
            vm.take_exception(raised);
            let this = args.payload::<Reversed>(vm)?;
            this.at.set(-1);
            vm.write(this, |t| &t.seq, Value::NONE);
            Ok(None)
        }
    }
}

fn reversed_hint(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.payload::<Reversed>(vm)?;
    let left = this.at.get() + 1;
    if left == 0 {
        return Ok(vm.ret(Value::from_i32(0)));
    }
    let seq = vm.root(this.seq.get(vm));
    let shrunk = (vm.len(seq)? as i64) < left;
    Ok(vm.ret(vm.int(if shrunk { 0 } else { left })))
}

fn list_reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<ListIterator>(vm)?;
    let list = this.list.get_as::<List>(vm).map(|l| l.value());
    iterator_reduced(vm, "iter", list, this.at.get() as i64)
}

fn list_setstate(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<ListIterator>(vm)?;
    let at = vm.index_i64(args.local(1))?.max(0) as usize;
    let this = args.payload::<ListIterator>(vm)?;
    let len = this.list.get_as::<List>(vm).map_or(0, |l| l.len.get());
    this.at.set(at.min(len));
    Ok(vm.none())
}

fn list_reverse_reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<ListReverseIterator>(vm)?;
    match this.list.get_as::<List>(vm) {
        Some(list) => {
            iterator_reduced(vm, "reversed", Some(list.value()), this.left.get() as i64 - 1)
        }
        // Reversed at the end is any iterator at its end.
        None => iterator_reduced(vm, "iter", None, 0),
    }
}

fn list_reverse_setstate(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<ListReverseIterator>(vm)?;
    let at = vm.index_i64(args.local(1))?.max(-1) + 1;
    let this = args.payload::<ListReverseIterator>(vm)?;
    let len = this.list.get_as::<List>(vm).map_or(0, |l| l.len.get());
    this.left.set((at as usize).min(len));
    Ok(vm.none())
}

fn tuple_reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<TupleIterator>(vm)?;
    let tuple = this.tuple.get_as::<Tuple>(vm).map(|t| t.value());
    iterator_reduced(vm, "iter", tuple, this.at.get() as i64)
}

fn tuple_setstate(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<TupleIterator>(vm)?;
    let at = vm.index_i64(args.local(1))?.max(0) as usize;
    let this = args.payload::<TupleIterator>(vm)?;
    let len = this.tuple.get_as::<Tuple>(vm).map_or(0, |t| t.len());
    this.at.set(at.min(len));
    Ok(vm.none())
}

fn range_reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<RangeIterator>(vm)?;
    let (next, step) = (this.next.get(), this.step.get());
    let end = next.wrapping_add(step.wrapping_mul(this.left.get() as i64));
    let range = vm.range(vm.int(next), vm.int(end), vm.int(step)).value();
    rest_reduced(vm, range, Some(Value::NONE))
}

fn long_range_hint(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.payload::<LongRangeIterator>(vm)?.r().left.get(vm)))
}

/// The numbers of an iterator: next, step, left.
fn long_range_parts(vm: &Vm, args: Args) -> Result<[IBig; 3], Raised> {
    let this = args.payload::<LongRangeIterator>(vm)?;
    Ok([&this.next, &this.step, &this.left]
        .map(|part| vm.as_big(part.get(vm)).unwrap_or(IBig::ZERO)))
}

fn long_range_reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let [next, step, left] = long_range_parts(vm, args)?;
    let end = &next + &step * &left;
    let [next, end, step] = [next, end, step].map(|n| vm.int_from_big(&n));
    rest_reduced(vm, vm.range(next, end, step).value(), Some(Value::NONE))
}

fn long_range_setstate(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<LongRangeIterator>(vm)?;
    let ret = vm.index(args.local(1))?;
    let vm = &*vm;
    let state = vm.as_big(vm.value(ret)).unwrap_or(IBig::ZERO);
    let [next, step, left] = long_range_parts(vm, args)?;
    let skip = state.max(IBig::ZERO).min(left.clone());
    let this = args.payload::<LongRangeIterator>(vm)?;
    vm.write(this, |t| &t.next, vm.int_from_big(&(next + step * &skip)));
    vm.write(this, |t| &t.left, vm.int_from_big(&(left - skip)));
    Ok(vm.none())
}

fn range_setstate(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<RangeIterator>(vm)?;
    let at = vm.index_i64(args.local(1))?.max(0) as u64;
    let this = args.payload::<RangeIterator>(vm)?;
    let skip = at.min(this.left.get());
    this.left.set(this.left.get() - skip);
    this.next.set(this.next.get().wrapping_add(this.step.get().wrapping_mul(skip as i64)));
    Ok(vm.none())
}

fn sequence_reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<SequenceIterator>(vm)?;
    iterator_reduced(vm, "iter", this.seq.get(vm).bound(), this.at.get())
}

fn sequence_setstate(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<SequenceIterator>(vm)?;
    let at = vm.index_i64(args.local(1))?.max(0);
    args.payload::<SequenceIterator>(vm)?.at.set(at);
    Ok(vm.none())
}

fn callable_reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<CallableIterator>(vm)?;
    let Some(callable) = this.callable.get(vm).bound() else {
        return iterator_reduced(vm, "iter", None, 0);
    };
    let parts = vm.tuple(&[callable, this.sentinel.get(vm)]).value();
    Ok(vm.ret(vm.tuple(&[builtin_named(vm, "iter"), parts]).value()))
}

fn reversed_reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<Reversed>(vm)?;
    let class = vm.class_of(this.value()).value();
    let at = this.at.get();
    if at < 0 {
        let empty = vm.tuple(&[vm.tuple(&[]).value()]).value();
        return Ok(vm.ret(vm.tuple(&[class, empty]).value()));
    }
    let seq = vm.tuple(&[this.seq.get(vm)]).value();
    Ok(vm.ret(vm.tuple(&[class, seq, vm.int(at)]).value()))
}

fn reversed_setstate(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Reversed>(vm)?;
    let at = vm.index_i64(args.local(1))?;
    let seq = vm.root(args.payload::<Reversed>(vm)?.seq.get(vm));
    if !vm.get(seq).is_none() {
        let len = vm.len(seq)? as i64;
        args.payload::<Reversed>(vm)?.at.set(at.clamp(-1, len - 1));
    }
    Ok(vm.none())
}
