//! batched, islice and pairwise.

use crate::prelude::*;

/// batched
#[derive(Trace)]
pub struct Batched {
    /// UNBOUND at the end.
    iterator: Slot,
    size: Cell<usize>,
    strict: Cell<bool>,
}
iterator_type!(
    Batched,
    BATCHED,
    "itertools",
    "batched",
    "batched(iterable, n, *, strict=False)\n--\n\nThe items in tuples of length n; the last one may be shorter, unless strict.",
    ClassFlags::BASE,
    batched_next,
    [NativeDef::static_method("__new__($type, iterable, n, *, strict=False)", batched_new, "")]
);

fn batched_new(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &BATCHED)?;
    let n = vm.index_i64(args.local(2))?;
    let strict = args.opt(vm, 3).is_some() && vm.truth(args.local(3))?;
    if n < 1 {
        raise!(vm, ValueError, "n must be at least one");
    }
    let iterator = vm.iter(args.local(1))?;
    let vm = &*vm;
    let payload = Batched {
        iterator: slot(vm.value(iterator)),
        size: Cell::new(n as usize),
        strict: Cell::new(strict),
    };
    Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
}

fn batched_next(vm: &mut Vm, args: Args) -> StepResult {
    let this = args.payload::<Batched>(vm)?;
    let (size, strict) = (this.size.get(), this.strict.get());
    let iterator = this.iterator.get(vm);
    if iterator.is_unbound() {
        return Ok(None);
    }
    let iterator = vm.root(iterator);
    let batch = vm.root(vm.list(&[]).value());
    fn list(vm: &Vm, l: Local) -> Gc<'_, List> {
        vm.get(l).cast().expect("a list")
    }
    while list(vm, batch).len.get() < size {
        let more = vm.next(iterator);
        let this = args.payload::<Batched>(vm)?;
        match more {
            Ok(true) => vm.list_push(list(vm, batch), vm.result()),
            Ok(false) => {
                vm.write(this, |t| &t.iterator, Value::UNBOUND);
                break;
            }
            Err(raised) => {
                vm.write(this, |t| &t.iterator, Value::UNBOUND);
                return Err(raised);
            }
        }
        vm.safepoint()?;
    }
    let vm = &*vm;
    let batch = list(vm, batch);
    let n = batch.len.get();
    if n == 0 {
        return Ok(None);
    }
    if strict && n != size {
        raise!(vm, ValueError, "batched(): incomplete batch");
    }
    Ok(Some(vm.ret(vm.tuple_from(n, vm.list_items(batch)).value())))
}

/// islice
#[derive(Trace)]
pub struct ISlice {
    /// UNBOUND at the end.
    iterator: Slot,
    /// Number of the next item wanted.
    next: Cell<usize>,
    stop: Cell<usize>,
    step: Cell<usize>,
    /// Items taken so far.
    taken: Cell<usize>,
}
iterator_type!(
    ISlice,
    ISLICE,
    "itertools",
    "islice",
    "islice(iterable, stop) --> islice object\nislice(iterable, start, stop[, step])\n\nThe items that a slice of a sequence would have.",
    ClassFlags::BASE,
    islice_next,
    [NativeDef::static_method("__new__($type, /, *args)", islice_new, "").raw()]
);

/// An index argument: None gives the default.
fn index(vm: &mut Vm, v: Local, default: usize) -> Result<Option<usize>, Raised> {
    if vm.get(v).is_none() {
        return Ok(Some(default));
    }
    match vm.index_i64(v) {
        Ok(n) => Ok(usize::try_from(n).ok()),
        Err(raised) => {
            let bad = vm.raised_is(ClassId::TypeError)
                || vm.raised_is(ClassId::ValueError)
                || vm.raised_is(ClassId::OverflowError);
            if !bad {
                return Err(raised);
            }
            vm.take_exception(raised);
            Ok(None)
        }
    }
}

fn islice_new(vm: &mut Vm, args: Args) -> NativeResult {
    let (shape, given) = plain_new(vm, args, &ISLICE, 2, 4)?;
    const END: usize = usize::MAX >> 1;
    let (mut start, mut step) = (Some(0), Some(1));
    let stop;
    if given == 2 {
        stop = index(vm, args.local(2), END)?;
        if stop.is_none() {
            raise!(
                vm,
                ValueError,
                "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize."
            );
        }
    } else {
        start = index(vm, args.local(2), 0)?;
        stop = index(vm, args.local(3), END)?;
        if stop.is_none() {
            raise!(
                vm,
                ValueError,
                "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize."
            );
        }
        if start.is_none() {
            raise!(
                vm,
                ValueError,
                "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize."
            );
        }
        if given == 4 {
            step = index(vm, args.local(4), 1)?.filter(|n| *n > 0);
        }
    }
    let (Some(start), Some(stop), Some(step)) = (start, stop, step) else {
        raise!(vm, ValueError, "Step for islice() must be a positive integer or None.");
    };
    let iterator = vm.iter(args.local(1))?;
    let vm = &*vm;
    let payload = ISlice {
        iterator: slot(vm.value(iterator)),
        next: Cell::new(start),
        stop: Cell::new(stop),
        step: Cell::new(step),
        taken: Cell::new(0),
    };
    Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
}

fn islice_next(vm: &mut Vm, args: Args) -> StepResult {
    let this = args.payload::<ISlice>(vm)?;
    let iterator = this.iterator.get(vm);
    if iterator.is_unbound() {
        return Ok(None);
    }
    let (next, end, step) = (this.next.get(), this.stop.get(), this.step.get());
    let mut taken = this.taken.get();
    let iterator = vm.root(iterator);
    let target = next.min(end);
    while taken < target {
        let more = vm.next(iterator);
        let this = args.payload::<ISlice>(vm)?;
        if !matches!(more, Ok(true)) {
            vm.write(this, |t| &t.iterator, Value::UNBOUND);
            return more.map(|_| None);
        }
        taken += 1;
        this.taken.set(taken);
        vm.safepoint()?;
    }
    let more = if next >= end { Ok(false) } else { vm.next(iterator) };
    let this = args.payload::<ISlice>(vm)?;
    match more {
        Ok(true) => {
            this.taken.set(taken + 1);
            this.next.set(next.saturating_add(step).min(end));
            Ok(Some(vm.ret(vm.result())))
        }
        Ok(false) => {
            vm.write(this, |t| &t.iterator, Value::UNBOUND);
            Ok(None)
        }
        Err(raised) => {
            vm.write(this, |t| &t.iterator, Value::UNBOUND);
            Err(raised)
        }
    }
}

/// pairwise
#[derive(Trace)]
pub struct Pairwise {
    /// UNBOUND at the end.
    iterator: Slot,
    /// The last item, or UNBOUND before the first.
    old: Slot,
}
iterator_type!(
    Pairwise,
    PAIRWISE,
    "itertools",
    "pairwise",
    "pairwise(iterable, /)\n--\n\nOverlapping pairs of neighbours.",
    ClassFlags::BASE,
    pairwise_next,
    [NativeDef::static_method("__new__($type, iterable, /)", pairwise_new, "").raw()]
);

fn pairwise_new(vm: &mut Vm, args: Args) -> NativeResult {
    let (shape, _) = plain_new(vm, args, &PAIRWISE, 1, 1)?;
    let iterator = vm.iter(args.local(1))?;
    let vm = &*vm;
    let payload = Pairwise { iterator: slot(vm.value(iterator)), old: unbound() };
    Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
}

/// Steps the iterator of a pairwise; at the end or at an error it is dropped.
fn pairwise_step(vm: &mut Vm, args: Args, iterator: Local) -> Result<bool, Raised> {
    let more = vm.next(iterator);
    if matches!(more, Ok(true)) {
        return more;
    }
    let this = args.payload::<Pairwise>(vm)?;
    vm.write(this, |t| &t.iterator, Value::UNBOUND);
    vm.write(this, |t| &t.old, Value::UNBOUND);
    more
}

fn pairwise_next(vm: &mut Vm, args: Args) -> StepResult {
    let this = args.payload::<Pairwise>(vm)?;
    let iterator = this.iterator.get(vm);
    if iterator.is_unbound() {
        return Ok(None);
    }
    let old = vm.root(this.old.get(vm));
    let iterator = vm.root(iterator);
    if vm.get(old).is_unbound() {
        if !pairwise_step(vm, args, iterator)? {
            return Ok(None);
        }
        vm.set(old, vm.result());
        let this = args.payload::<Pairwise>(vm)?;
        vm.write(this, |t| &t.old, vm.get(old));
        // The iterator may have stepped this very object.
        if this.iterator.get(vm).is_unbound() {
            return Ok(None);
        }
    }
    if !pairwise_step(vm, args, iterator)? {
        return Ok(None);
    }
    let vm = &*vm;
    let new = vm.result();
    let this = args.payload::<Pairwise>(vm)?;
    vm.write(this, |t| &t.old, new);
    Ok(Some(vm.ret(vm.tuple(&[vm.get(old), new]).value())))
}
