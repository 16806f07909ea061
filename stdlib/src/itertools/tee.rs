//! tee: several iterators over one, which share a chain of blocks of items read so far.

use crate::prelude::*;

/// Items of a block.
const BLOCK: usize = 57;

/// A block of items that all copies read.
#[derive(Trace)]
pub struct TeeData {
    iterator: Slot,
    /// An array of [`BLOCK`] items.
    items: Slot,
    used: Cell<usize>,
    /// The next block, or UNBOUND.
    next: Slot,
    /// The iterator is being stepped.
    running: Cell<bool>,
}
native_type!(
    TeeData,
    TEE_DATA,
    "itertools",
    "_tee_dataobject",
    "A block of items shared by the iterators of a tee.",
    ClassFlags::NO_NEW,
    [],
    []
);

/// One of the iterators that tee() gives.
#[derive(Trace)]
pub struct Tee {
    data: Slot,
    at: Cell<usize>,
}
iterator_type!(
    Tee,
    TEE,
    "itertools",
    "_tee",
    "Iterator wrapped to make it copyable.",
    0,
    tee_next,
    [
        NativeDef::static_method("__new__($type, iterable, /)", tee_new, ""),
        NativeDef::method("__copy__($self, /)", tee_copy, "Returns an independent iterator."),
    ]
);

fn new_block<'gc>(vm: &'gc Vm, iterator: Value<'gc>) -> Value<'gc> {
    vm.native(TeeData {
        iterator: slot(iterator),
        items: slot(vm.array_filled(BLOCK).value()),
        used: Cell::new(0),
        next: unbound(),
        running: Cell::new(false),
    })
    .value()
}

fn copy_of<'gc>(vm: &'gc Vm, tee: Gc<'gc, Native<Tee>>) -> Value<'gc> {
    let (data, at) = (slot(tee.data.get(vm)), Cell::new(tee.at.get()));
    vm.native(Tee { data, at }).value()
}

/// A tee over an iterable: of a tee, a copy.
fn tee_over(vm: &mut Vm, iterable: Local) -> NativeResult {
    let iterator = vm.iter(iterable)?;
    let vm = &*vm;
    let iterator = vm.value(iterator);
    if let Some(tee) = iterator.payload::<Tee>() {
        return Ok(vm.ret(copy_of(vm, tee)));
    }
    let data = slot(new_block(vm, iterator));
    Ok(vm.ret(vm.native(Tee { data, at: Cell::new(0) }).value()))
}

fn tee_new(vm: &mut Vm, args: Args) -> NativeResult {
    tee_over(vm, args.local(1))
}

fn tee_copy(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<Tee>(vm)?;
    Ok(vm.ret(copy_of(vm, this)))
}

/// `tee(iterable, n=2)`
pub(super) fn tee(vm: &mut Vm, args: Args) -> NativeResult {
    let n = match args.opt(vm, 1) {
        Some(_) => vm.index_i64(args.local(1))?,
        None => 2,
    };
    if n < 0 {
        raise!(vm, ValueError, "n must be >= 0");
    }
    let n = n as usize;
    vm.check_size(n.saturating_mul(8))?;
    if n == 0 {
        return Ok(vm.ret(vm.tuple(&[]).value()));
    }
    let first = tee_over(vm, args.local(0))?;
    let first = vm.hold(first);
    let vm = &*vm;
    let this = vm.get(first).payload::<Tee>().expect("made above");
    let copies = (0..n).map(|i| if i == 0 { this.value() } else { copy_of(vm, this) });
    Ok(vm.ret(vm.tuple_from(n, copies).value()))
}

fn tee_next(vm: &mut Vm, args: Args) -> StepResult {
    {
        let vm = &*vm;
        let this = args.payload::<Tee>(vm)?;
        let mut data = this.data.get(vm).payload::<TeeData>().expect("a block");
        if this.at.get() == BLOCK {
            let next = match data.r().next.get(vm) {
                next if next.is_unbound() => {
                    let next = new_block(vm, data.r().iterator.get(vm));
                    vm.write(data, |d| &d.next, next);
                    next
                }
                next => next,
            };
            vm.write(this, |t| &t.data, next);
            this.at.set(0);
            data = next.payload::<TeeData>().expect("a block");
        }
        let at = this.at.get();
        if at < data.used.get() {
            this.at.set(at + 1);
            let items: Gc<'_, Array> = data.r().items.get_as(vm).expect("an array");
            return Ok(Some(vm.ret(items.item(vm, at))));
        }
        if data.running.get() {
            raise!(vm, RuntimeError, "cannot re-enter the tee iterator");
        }
        data.running.set(true);
    }
    fn block(vm: &Vm, l: Local) -> Gc<'_, Native<TeeData>> {
        vm.get(l).payload().expect("a block")
    }
    let data = vm.root(args.payload::<Tee>(vm)?.data.get(vm));
    let iterator = vm.root(block(vm, data).iterator.get(vm));
    let more = vm.next(iterator);
    block(vm, data).running.set(false);
    if !more? {
        return Ok(None);
    }
    let vm = &*vm;
    let data = block(vm, data);
    let item = vm.result();
    let items: Gc<'_, Array> = data.r().items.get_as(vm).expect("an array");
    let used = data.used.get();
    vm.write(items, |a| &a.items()[used], item);
    data.used.set(used + 1);
    let this = args.payload::<Tee>(vm)?;
    this.at.set(used + 1);
    Ok(Some(vm.ret(item)))
}
