//! compress, dropwhile, filterfalse and takewhile.

use crate::prelude::*;

/// compress
#[derive(Trace)]
pub struct Compress {
    data: Slot,
    selectors: Slot,
}
iterator_type!(
    Compress,
    COMPRESS,
    "itertools",
    "compress",
    "compress(data, selectors)\n--\n\nThe items of data whose selector is true.",
    ClassFlags::BASE,
    compress_next,
    [NativeDef::static_method("__new__($type, data, selectors)", compress_new, "")]
);

fn compress_new(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &COMPRESS)?;
    let data = vm.iter(args.local(1))?;
    let data = vm.hold(data);
    let selectors = vm.iter(args.local(2))?;
    let vm = &*vm;
    let payload = Compress { data: slot(vm.get(data)), selectors: slot(vm.value(selectors)) };
    Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
}

fn compress_next(vm: &mut Vm, args: Args) -> StepResult {
    let this = args.payload::<Compress>(vm)?;
    let (data, selectors) = (vm.root(this.data.get(vm)), vm.root(this.selectors.get(vm)));
    let (item, selector) = (vm.empty_root(), vm.empty_root());
    loop {
        if !vm.next(data)? {
            return Ok(None);
        }
        vm.set(item, vm.result());
        if !vm.next(selectors)? {
            return Ok(None);
        }
        vm.set(selector, vm.result());
        if vm.truth(selector)? {
            return Ok(Some(vm.ret(vm.get(item))));
        }
        vm.safepoint()?;
    }
}

/// A predicate and an iterator.
#[derive(Trace)]
struct Filtered {
    /// None stands for bool.
    func: Slot,
    iterator: Slot,
}

fn filtered_new(
    vm: &mut Vm,
    args: Args,
    def: &'static TypeDef,
    make: impl for<'a> FnOnce(&'a Vm, u32, Filtered) -> Value<'a>,
) -> NativeResult {
    let (shape, _) = plain_new(vm, args, def, 2, 2)?;
    let iterator = vm.iter(args.local(2))?;
    let vm = &*vm;
    let parts = Filtered { func: slot(args.get(vm, 1)), iterator: slot(vm.value(iterator)) };
    Ok(vm.ret(make(vm, shape, parts)))
}

/// The truth of `func(item)`; with None, of the item.
fn test(vm: &mut Vm, func: Local, item: Local) -> Result<bool, Raised> {
    let plain = vm.get(func).is_none() || vm.get(func).is(vm.class(ClassId::Bool).value());
    if plain {
        return vm.truth(item);
    }
    vm.scope(|vm| {
        let answer = vm.call(func, &[item])?;
        let answer = vm.hold(answer);
        vm.truth(answer)
    })
}

/// dropwhile
#[derive(Trace)]
pub struct DropWhile {
    parts: Filtered,
    dropping: Cell<bool>,
}
iterator_type!(
    DropWhile,
    DROPWHILE,
    "itertools",
    "dropwhile",
    "dropwhile(predicate, iterable, /)\n--\n\nThe items from the first one on for which predicate is false.",
    ClassFlags::BASE,
    dropwhile_next,
    [NativeDef::static_method("__new__($type, predicate, iterable, /)", dropwhile_new, "").raw()]
);

fn dropwhile_new(vm: &mut Vm, args: Args) -> NativeResult {
    filtered_new(vm, args, &DROPWHILE, |vm, shape, parts| {
        vm.native_of_shape(shape, DropWhile { parts, dropping: Cell::new(true) }).value()
    })
}

fn dropwhile_next(vm: &mut Vm, args: Args) -> StepResult {
    let this = args.payload::<DropWhile>(vm)?;
    let dropping = this.dropping.get();
    let (func, iterator) = (vm.root(this.parts.func.get(vm)), vm.root(this.parts.iterator.get(vm)));
    let item = vm.empty_root();
    loop {
        if !vm.next(iterator)? {
            return Ok(None);
        }
        if !dropping {
            return Ok(Some(vm.ret(vm.result())));
        }
        vm.set(item, vm.result());
        let answer = vm.scope(|vm| {
            let answer = vm.call(func, &[item])?;
            let answer = vm.hold(answer);
            vm.truth(answer)
        })?;
        if !answer {
            args.payload::<DropWhile>(vm)?.dropping.set(false);
            return Ok(Some(vm.ret(vm.get(item))));
        }
        vm.safepoint()?;
    }
}

/// takewhile
#[derive(Trace)]
pub struct TakeWhile {
    parts: Filtered,
    ended: Cell<bool>,
}
iterator_type!(
    TakeWhile,
    TAKEWHILE,
    "itertools",
    "takewhile",
    "takewhile(predicate, iterable, /)\n--\n\nThe items up to the first one for which predicate is false.",
    ClassFlags::BASE,
    takewhile_next,
    [NativeDef::static_method("__new__($type, predicate, iterable, /)", takewhile_new, "").raw()]
);

fn takewhile_new(vm: &mut Vm, args: Args) -> NativeResult {
    filtered_new(vm, args, &TAKEWHILE, |vm, shape, parts| {
        vm.native_of_shape(shape, TakeWhile { parts, ended: Cell::new(false) }).value()
    })
}

fn takewhile_next(vm: &mut Vm, args: Args) -> StepResult {
    let this = args.payload::<TakeWhile>(vm)?;
    if this.ended.get() {
        return Ok(None);
    }
    let (func, iterator) = (vm.root(this.parts.func.get(vm)), vm.root(this.parts.iterator.get(vm)));
    if !vm.next(iterator)? {
        return Ok(None);
    }
    let item = vm.hold_result();
    let answer = vm.call(func, &[item])?;
    let answer = vm.hold(answer);
    if vm.truth(answer)? {
        return Ok(Some(vm.ret(vm.get(item))));
    }
    args.payload::<TakeWhile>(vm)?.ended.set(true);
    Ok(None)
}

/// filterfalse
#[derive(Trace)]
pub struct FilterFalse {
    parts: Filtered,
}
iterator_type!(
    FilterFalse,
    FILTERFALSE,
    "itertools",
    "filterfalse",
    "filterfalse(function, iterable, /)\n--\n\nThe items for which function is false; with None, those that are false.",
    ClassFlags::BASE,
    filterfalse_next,
    [NativeDef::static_method("__new__($type, function, iterable, /)", filterfalse_new, "").raw()]
);

fn filterfalse_new(vm: &mut Vm, args: Args) -> NativeResult {
    filtered_new(vm, args, &FILTERFALSE, |vm, shape, parts| {
        vm.native_of_shape(shape, FilterFalse { parts }).value()
    })
}

fn filterfalse_next(vm: &mut Vm, args: Args) -> StepResult {
    let this = args.payload::<FilterFalse>(vm)?;
    let (func, iterator) = (vm.root(this.parts.func.get(vm)), vm.root(this.parts.iterator.get(vm)));
    let item = vm.empty_root();
    loop {
        if !vm.next(iterator)? {
            return Ok(None);
        }
        vm.set(item, vm.result());
        if !test(vm, func, item)? {
            return Ok(Some(vm.ret(vm.get(item))));
        }
        vm.safepoint()?;
    }
}
