//! chain, starmap, accumulate and zip_longest.

use crate::prelude::*;

/// chain
#[derive(Trace)]
pub struct Chain {
    /// The iterator over the iterables; UNBOUND at the end.
    source: Slot,
    /// The iterator over the one in turn, or UNBOUND.
    active: Slot,
}
iterator_type!(
    Chain,
    CHAIN,
    "itertools",
    "chain",
    "chain(*iterables)\n--\n\nThe items of the first iterable, then those of the next, until all have ended.",
    ClassFlags::BASE,
    chain_next,
    [
        NativeDef::static_method("__new__($type, /, *iterables)", chain_new, "").raw(),
        NativeDef::class_method(
            "from_iterable($type, iterable, /)",
            from_iterable,
            "chain() with one argument that yields the iterables."
        ),
        NativeDef::class_method(
            "__class_getitem__($type, object, /)",
            class_getitem,
            "See PEP 585"
        ),
    ]
);

fn new_chain(vm: &mut Vm, shape: u32, iterables: Local) -> NativeResult {
    let source = vm.iter(iterables)?;
    let vm = &*vm;
    let payload = Chain { source: slot(vm.value(source)), active: unbound() };
    Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
}

fn chain_new(vm: &mut Vm, args: Args) -> NativeResult {
    let (shape, given) = plain_new(vm, args, &CHAIN, 0, usize::MAX)?;
    let all = vm.tuple_from(given, (1..=given).map(|i| args.get(vm, i)));
    let all = vm.root(all.value());
    new_chain(vm, shape, all)
}

fn from_iterable(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = args.class(vm, 0)?.shape.get();
    new_chain(vm, shape, args.local(1))
}

fn chain_next(vm: &mut Vm, args: Args) -> StepResult {
    let active = vm.root(args.payload::<Chain>(vm)?.active.get(vm));
    let source = vm.empty_root();
    loop {
        if !vm.get(active).is_unbound() {
            if let Some(item) = vm.next_item(active)? {
                return Ok(Some(item));
            }
            let this = args.payload::<Chain>(vm)?;
            vm.write(this, |t| &t.active, Value::UNBOUND);
        }
        let this = args.payload::<Chain>(vm)?;
        vm.set(source, this.source.get(vm));
        if vm.get(source).is_unbound() {
            return Ok(None);
        }
        let step = vm.scope(|vm| {
            if !vm.next(source)? {
                return Ok(false);
            }
            let iterable = vm.hold_result();
            let iterator = vm.iter(iterable)?;
            vm.set(active, vm.value(iterator));
            Ok(true)
        });
        let this = args.payload::<Chain>(vm)?;
        match step {
            Ok(true) => vm.write(this, |t| &t.active, vm.get(active)),
            Ok(false) => {
                vm.write(this, |t| &t.source, Value::UNBOUND);
                return Ok(None);
            }
            Err(raised) => {
                vm.write(this, |t| &t.source, Value::UNBOUND);
                return Err(raised);
            }
        }
        vm.safepoint()?;
    }
}

/// starmap
#[derive(Trace)]
pub struct StarMap {
    func: Slot,
    iterator: Slot,
}
iterator_type!(
    StarMap,
    STARMAP,
    "itertools",
    "starmap",
    "starmap(function, iterable, /)\n--\n\nThe results of function(*item) for the items.",
    ClassFlags::BASE,
    starmap_next,
    [NativeDef::static_method("__new__($type, function, iterable, /)", starmap_new, "").raw()]
);

fn starmap_new(vm: &mut Vm, args: Args) -> NativeResult {
    let (shape, _) = plain_new(vm, args, &STARMAP, 2, 2)?;
    let iterator = vm.iter(args.local(2))?;
    let vm = &*vm;
    let payload = StarMap { func: slot(args.get(vm, 1)), iterator: slot(vm.value(iterator)) };
    Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
}

fn starmap_next(vm: &mut Vm, args: Args) -> StepResult {
    let this = args.payload::<StarMap>(vm)?;
    let (func, iterator) = (vm.root(this.func.get(vm)), vm.root(this.iterator.get(vm)));
    if !vm.next(iterator)? {
        return Ok(None);
    }
    let item = vm.hold_result();
    let items = vm.collect_tuple(item)?;
    let items = vm.hold(items);
    let none = vm.empty_root();
    vm.call_args(func, items, none).map(Some)
}

/// accumulate
#[derive(Trace)]
pub struct Accumulate {
    /// None stands for addition.
    func: Slot,
    iterator: Slot,
    /// The last result, UNBOUND before the first.
    total: Slot,
    /// A first result still to be given out, or UNBOUND.
    initial: Slot,
}
iterator_type!(
    Accumulate,
    ACCUMULATE,
    "itertools",
    "accumulate",
    "accumulate(iterable, func=None, *, initial=None)\n--\n\nRunning sums, or running results of a function of two arguments.",
    ClassFlags::BASE,
    accumulate_next,
    [NativeDef::static_method(
        "__new__($type, iterable, func=None, *, initial=None)",
        accumulate_new,
        ""
    )]
);

fn accumulate_new(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &ACCUMULATE)?;
    let iterator = vm.iter(args.local(1))?;
    let vm = &*vm;
    let payload = Accumulate {
        func: slot(args.opt(vm, 2).unwrap_or(Value::NONE)),
        iterator: slot(vm.value(iterator)),
        total: unbound(),
        initial: slot(args.not_none(vm, 3).unwrap_or(Value::UNBOUND)),
    };
    Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
}

fn accumulate_next(vm: &mut Vm, args: Args) -> StepResult {
    let this = args.payload::<Accumulate>(vm)?;
    let initial = this.initial.get(vm);
    if !initial.is_unbound() {
        vm.write(this, |t| &t.initial, Value::UNBOUND);
        vm.write(this, |t| &t.total, initial);
        return Ok(Some(vm.ret(initial)));
    }
    let iterator = vm.root(this.iterator.get(vm));
    if !vm.next(iterator)? {
        return Ok(None);
    }
    let this = args.payload::<Accumulate>(vm)?;
    let total = this.total.get(vm);
    if total.is_unbound() {
        vm.write(this, |t| &t.total, vm.result());
        return Ok(Some(vm.ret(vm.result())));
    }
    let (total, func) = (vm.root(total), vm.root(this.func.get(vm)));
    let item = vm.hold_result();
    let sum = if vm.get(func).is_none() {
        vm.binary(BinaryOp::Add, total, item)?
    } else {
        vm.call(func, &[total, item])?
    };
    let vm = &*vm;
    let sum = vm.value(sum);
    let this = args.payload::<Accumulate>(vm)?;
    vm.write(this, |t| &t.total, sum);
    Ok(Some(vm.ret(sum)))
}

/// zip_longest
#[derive(Trace)]
pub struct ZipLongest {
    /// An array of iterators; None where one has ended.
    iterators: Slot,
    fill: Slot,
    /// How many have not ended.
    active: Cell<usize>,
}
iterator_type!(
    ZipLongest,
    ZIP_LONGEST,
    "itertools",
    "zip_longest",
    "zip_longest(*iterables, fillvalue=None)\n--\n\nAs zip(), until the longest iterable ends; missing items are fillvalue.",
    ClassFlags::BASE,
    zip_longest_next,
    [NativeDef::static_method("__new__($type, /, *iterables, **kwargs)", zip_longest_new, "")
        .raw()]
);

fn zip_longest_new(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &ZIP_LONGEST)?;
    let fill = vm.root(Value::NONE);
    for (name, place) in keywords(vm, args) {
        if name != "fillvalue" {
            raise!(vm, TypeError, "zip_longest() got an unexpected keyword argument");
        }
        vm.set(fill, vm.get(place));
    }
    let n = args.len() - args.keyword_count() - 1;
    let array = vm.root(vm.array_filled(n).value());
    for i in 0..n {
        let iterator = vm.iter(args.local(1 + i))?;
        let vm = &*vm;
        let array: Gc<'_, Array> = vm.get(array).cast().expect("an array");
        vm.write(array, |a| &a.items()[i], vm.value(iterator));
    }
    let payload = ZipLongest {
        iterators: slot(vm.get(array)),
        fill: slot(vm.get(fill)),
        active: Cell::new(n),
    };
    Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
}

fn zip_longest_next(vm: &mut Vm, args: Args) -> StepResult {
    let this = args.payload::<ZipLongest>(vm)?;
    if this.active.get() == 0 {
        return Ok(None);
    }
    let iterators = vm.root(this.iterators.get(vm));
    fn array(vm: &Vm, l: Local) -> Gc<'_, Array> {
        vm.get(l).cast().expect("an array")
    }
    let n = array(vm, iterators).len();
    let items = vm.root(vm.array_filled(n).value());
    let iterator = vm.empty_root();
    for i in 0..n {
        vm.set(iterator, array(vm, iterators).item(vm, i));
        let more = match vm.get(iterator).is_none() {
            true => false,
            false => match vm.next(iterator) {
                Ok(true) => true,
                Ok(false) => {
                    let this = args.payload::<ZipLongest>(vm)?;
                    this.active.set(this.active.get() - 1);
                    vm.write(array(vm, iterators), |a| &a.items()[i], Value::NONE);
                    if this.active.get() == 0 {
                        return Ok(None);
                    }
                    false
                }
                Err(raised) => {
                    args.payload::<ZipLongest>(vm)?.active.set(0);
                    return Err(raised);
                }
            },
        };
        let vm = &*vm;
        let item =
            if more { vm.result() } else { args.payload::<ZipLongest>(vm)?.r().fill.get(vm) };
        vm.write(array(vm, items), |a| &a.items()[i], item);
    }
    let vm = &*vm;
    let items = array(vm, items);
    Ok(Some(vm.ret(vm.tuple_from(n, items.items().iter().map(|s| s.get(vm))).value())))
}
