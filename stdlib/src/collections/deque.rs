//! deque: a ring in an array whose size is a power of two.

use super::deque_iterators;
use crate::prelude::*;

/// A double-ended queue.
#[derive(Trace)]
pub struct Deque {
    /// An array of items; those outside the ring's part in use are UNBOUND. UNBOUND when empty.
    ring: Slot,
    /// Place of the first item.
    head: Cell<usize>,
    len: Cell<usize>,
    /// Most items, or `usize::MAX`.
    max: Cell<usize>,
    /// Counts changes, for iterators.
    changes: Cell<u64>,
}

native_type!(
    Deque,
    DEQUE,
    "collections",
    "deque",
    "deque([iterable[, maxlen]])\n--\n\nA list-like sequence optimized for data accesses near its endpoints.",
    ClassFlags::BASE | ClassFlags::SEQUENCE | ClassFlags::MODULE_IN_MESSAGES,
    [
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", new, "").raw(),
        NativeDef::method("__init__($self, iterable=(), maxlen=None)", init, "Initialize self."),
        NativeDef::method(
            "append($self, item, /)",
            append,
            "Add an element to the right side of the deque."
        ),
        NativeDef::method(
            "appendleft($self, item, /)",
            appendleft,
            "Add an element to the left side of the deque."
        ),
        NativeDef::method("clear($self, /)", clear, "Remove all elements from the deque."),
        NativeDef::method("__copy__($self, /)", copy, "Return a shallow copy of a deque."),
        NativeDef::method("copy($self, /)", copy, "Return a shallow copy of a deque."),
        NativeDef::method(
            "count($self, value, /)",
            count,
            "Return number of occurrences of value."
        ),
        NativeDef::method(
            "extend($self, iterable, /)",
            extend,
            "Extend the right side of the deque with elements from the iterable."
        ),
        NativeDef::method(
            "extendleft($self, iterable, /)",
            extendleft,
            "Extend the left side of the deque with elements from the iterable."
        ),
        NativeDef::method(
            "index($self, value, start=0, stop=sys.maxsize, /)",
            index,
            "Return first index of value.\n\nRaises ValueError if the value is not present."
        ),
        NativeDef::method("insert($self, index, value, /)", insert, "Insert value before index."),
        NativeDef::method("pop($self, /)", pop, "Remove and return the rightmost element."),
        NativeDef::method("popleft($self, /)", popleft, "Remove and return the leftmost element."),
        NativeDef::method("remove($self, value, /)", remove, "Remove first occurrence of value."),
        NativeDef::method("reverse($self, /)", reverse, "Reverse *IN PLACE*."),
        NativeDef::method(
            "rotate($self, n=1, /)",
            rotate,
            "Rotate the deque n steps to the right.  If n is negative, rotates left."
        ),
        NativeDef::method("__len__($self, /)", len, "Return len(self)."),
        NativeDef::method("__getitem__($self, key, /)", getitem, "Return self[key]."),
        NativeDef::method("__setitem__($self, key, value, /)", setitem, "Set self[key] to value."),
        NativeDef::method("__delitem__($self, key, /)", delitem, "Delete self[key]."),
        NativeDef::method("__contains__($self, key, /)", contains, "Return bool(key in self)."),
        NativeDef::method("__iter__($self, /)", iter, "Implement iter(self)."),
        NativeDef::method(
            "__reversed__($self, /)",
            reversed,
            "Return a reverse iterator over the deque."
        ),
        NativeDef::method("__add__($self, value, /)", add, "Return self+value."),
        NativeDef::method("__iadd__($self, value, /)", iadd, "Implement self+=value."),
        NativeDef::method("__mul__($self, value, /)", mul, "Return self*value."),
        NativeDef::method("__rmul__($self, value, /)", mul, "Return value*self."),
        NativeDef::method("__imul__($self, value, /)", imul, "Implement self*=value."),
        NativeDef::method(
            "__eq__($self, value, /)",
            |vm, args| compare(vm, args, CompareOp::Eq),
            "Return self==value."
        ),
        NativeDef::method(
            "__ne__($self, value, /)",
            |vm, args| compare(vm, args, CompareOp::Ne),
            "Return self!=value."
        ),
        NativeDef::method(
            "__lt__($self, value, /)",
            |vm, args| compare(vm, args, CompareOp::Lt),
            "Return self<value."
        ),
        NativeDef::method(
            "__le__($self, value, /)",
            |vm, args| compare(vm, args, CompareOp::Le),
            "Return self<=value."
        ),
        NativeDef::method(
            "__gt__($self, value, /)",
            |vm, args| compare(vm, args, CompareOp::Gt),
            "Return self>value."
        ),
        NativeDef::method(
            "__ge__($self, value, /)",
            |vm, args| compare(vm, args, CompareOp::Ge),
            "Return self>=value."
        ),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::method("__reduce__($self, /)", reduce, "Return state information for pickling."),
        NativeDef::method(
            "__sizeof__($self, /)",
            sizeof,
            "Return the size of the deque in memory, in bytes."
        ),
        NativeDef::class_method(
            "__class_getitem__($type, object, /)",
            class_getitem,
            "See PEP 585"
        ),
    ],
    [GetSetDef::new("maxlen", maxlen, "maximum size of a deque or None if unbounded")]
);

/// The deque in a root.
fn at(vm: &Vm, l: Local) -> Gc<'_, Native<Deque>> {
    vm.get(l).payload().expect("the caller has checked that it is a deque")
}

impl Deque {
    fn empty(max: usize) -> Deque {
        Deque {
            ring: unbound(),
            head: Cell::new(0),
            len: Cell::new(0),
            max: Cell::new(max),
            changes: Cell::new(0),
        }
    }

    /// Number of items.
    pub(super) fn len(&self) -> usize {
        self.len.get()
    }

    /// A number that every change of the length or order changes.
    pub(super) fn changes(&self) -> u64 {
        self.changes.get()
    }

    fn ring<'gc>(&self, vm: &'gc Vm) -> Option<Gc<'gc, Array>> {
        self.ring.get_as(vm)
    }

    /// Item `i`, which is below the length.
    #[inline]
    pub(super) fn item<'gc>(&self, vm: &'gc Vm, i: usize) -> Value<'gc> {
        match self.ring(vm) {
            Some(ring) => ring.item(vm, (self.head.get() + i) & (ring.len() - 1)),
            None => Value::UNBOUND,
        }
    }

    fn set(&self, vm: &Vm, i: usize, value: Value<'_>) {
        if let Some(ring) = self.ring(vm) {
            vm.array_set(ring, (self.head.get() + i) & (ring.len() - 1), value);
        }
    }

    fn changed(&self) {
        self.changes.set(self.changes.get() + 1);
    }

    fn take_last<'gc>(&self, vm: &'gc Vm) -> Option<Value<'gc>> {
        let last = self.len.get().checked_sub(1)?;
        let item = self.item(vm, last);
        self.set(vm, last, Value::UNBOUND);
        self.len.set(last);
        self.changed();
        Some(item)
    }

    fn take_first<'gc>(&self, vm: &'gc Vm) -> Option<Value<'gc>> {
        let rest = self.len.get().checked_sub(1)?;
        let item = self.item(vm, 0);
        self.set(vm, 0, Value::UNBOUND);
        self.head.set((self.head.get() + 1) & (self.ring(vm)?.len() - 1));
        self.len.set(rest);
        self.changed();
        Some(item)
    }
}

/// Makes room for one more item and gives the ring.
#[inline]
fn with_room<'gc>(vm: &'gc Vm, deque: Gc<'_, Native<Deque>>) -> Gc<'gc, Array> {
    let len = deque.len.get();
    match deque.ring(vm) {
        Some(ring) if len < ring.len() => ring,
        _ => {
            let size = (len * 2).max(8);
            let items = (0..len).map(|i| deque.item(vm, i));
            let ring = vm.array_from(size, items);
            vm.write(deque, |d| &d.ring, ring.value());
            deque.head.set(0);
            ring
        }
    }
}

fn push_last(vm: &Vm, deque: Gc<'_, Native<Deque>>, value: Value<'_>) {
    let ring = with_room(vm, deque);
    let len = deque.len.get();
    vm.array_set(ring, (deque.head.get() + len) & (ring.len() - 1), value);
    deque.len.set(len + 1);
    deque.changed();
    if len + 1 > deque.max.get() {
        deque.take_first(vm);
    }
}

fn push_first(vm: &Vm, deque: Gc<'_, Native<Deque>>, value: Value<'_>) {
    let ring = with_room(vm, deque);
    let head = deque.head.get().wrapping_sub(1) & (ring.len() - 1);
    vm.array_set(ring, head, value);
    deque.head.set(head);
    deque.len.set(deque.len.get() + 1);
    deque.changed();
    if deque.len.get() > deque.max.get() {
        deque.take_last(vm);
    }
}

fn forget(vm: &Vm, deque: Gc<'_, Native<Deque>>) {
    vm.write(deque, |d| &d.ring, Value::UNBOUND);
    deque.head.set(0);
    deque.len.set(0);
    deque.changed();
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let shape = native_new_shape(vm, args, &DEQUE)?;
    Ok(vm.ret(vm.native_of_shape(shape, Deque::empty(usize::MAX)).value()))
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Deque>(vm)?;
    let this = args.local(0);
    let max = match args.not_none(vm, 2) {
        None => usize::MAX,
        Some(v) => {
            if !vm.is_int(v) {
                raise!(vm, TypeError, "an integer is required");
            }
            let n = vm.index_i64(args.local(2))?;
            if n < 0 {
                raise!(vm, ValueError, "maxlen must be non-negative");
            }
            n as usize
        }
    };
    at(vm, this).max.set(max);
    if at(vm, this).len() > 0 {
        forget(vm, at(vm, this));
    }
    if args.opt(vm, 1).is_some() {
        extend_right(vm, this, args.local(1))?;
    }
    Ok(vm.none())
}

fn append(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    push_last(vm, args.payload::<Deque>(vm)?, args.get(vm, 1));
    Ok(vm.none())
}

fn appendleft(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    push_first(vm, args.payload::<Deque>(vm)?, args.get(vm, 1));
    Ok(vm.none())
}

fn clear(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    forget(vm, args.payload::<Deque>(vm)?);
    Ok(vm.none())
}

fn extend_right(vm: &mut Vm, this: Local, items: Local) -> Result<(), Raised> {
    let items = own_items(vm, this, items)?;
    if at(vm, this).max.get() == 0 {
        return vm.exhaust(items);
    }
    vm.iterate(items, |vm, item| {
        push_last(vm, at(vm, this), vm.get(item));
        Ok(())
    })
}

/// The items to add: a copy when they are those of the deque itself.
fn own_items(vm: &mut Vm, this: Local, items: Local) -> Result<Local, Raised> {
    if !vm.get(this).is(vm.get(items)) {
        return Ok(items);
    }
    let copy = vm.collect_list(items)?;
    Ok(vm.hold(copy))
}

fn extend(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Deque>(vm)?;
    extend_right(vm, args.local(0), args.local(1))?;
    Ok(vm.none())
}

fn extendleft(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Deque>(vm)?;
    let this = args.local(0);
    let items = own_items(vm, this, args.local(1))?;
    vm.iterate(items, |vm, item| {
        push_first(vm, at(vm, this), vm.get(item));
        Ok(())
    })?;
    Ok(vm.none())
}

fn iadd(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Deque>(vm)?;
    extend_right(vm, args.local(0), args.local(1))?;
    Ok(vm.ret(args.get(vm, 0)))
}

/// `type(self)(items)` or, with a maximum, `type(self)(items, maxlen)`.
fn like(vm: &mut Vm, this: Local, items: Local) -> NativeResult {
    let exact = vm.class_of(vm.get(this)) == vm.native_class(&DEQUE);
    let max = at(vm, this).max.get();
    if exact && vm.get(items).payload::<Deque>().is_some() {
        let vm = &*vm;
        let copy = vm.native(Deque::empty(max));
        let source = at(vm, items);
        for i in 0..source.len() {
            push_last(vm, copy, source.item(vm, i));
        }
        return Ok(vm.ret(copy.value()));
    }
    let class = vm.root(vm.class_of(vm.get(this)).value());
    if max == usize::MAX {
        return vm.call(class, &[items]);
    }
    let max = vm.root(vm.int_usize(max));
    vm.call(class, &[items, max])
}

fn copy(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Deque>(vm)?;
    let ret = like(vm, args.local(0), args.local(0))?;
    if vm.value(ret).payload::<Deque>().is_none() {
        let given = vm.type_name(vm.result());
        let own = vm.class_name(vm.class_of(args.get(vm, 0)));
        raise!(vm, TypeError, "{own}() must return a deque, not {given}");
    }
    Ok(vm.ret(vm.result()))
}

/// Calls `f` with each item from `start` to `stop`; RuntimeError when the deque changes meanwhile.
/// Ends early with the index for which `f` says true.
fn search(
    vm: &mut Vm,
    this: Local,
    start: usize,
    stop: usize,
    mutated: impl Fn(&Vm) -> Raised,
    mut f: impl FnMut(&mut Vm, Local) -> Result<bool, Raised>,
) -> Result<Option<usize>, Raised> {
    let changes = at(vm, this).changes();
    let item = vm.empty_root();
    for i in start..stop {
        vm.set(item, at(vm, this).item(vm, i));
        let found = vm.scope(|vm| f(vm, item))?;
        if at(vm, this).changes() != changes {
            return Err(mutated(vm));
        }
        if found {
            return Ok(Some(i));
        }
    }
    Ok(None)
}

fn mutated(vm: &Vm) -> Raised {
    vm.raise(ClassId::RuntimeError, "deque mutated during iteration")
}

fn count(vm: &mut Vm, args: Args) -> NativeResult {
    let len = args.payload::<Deque>(vm)?.len();
    let mut n = 0;
    search(vm, args.local(0), 0, len, mutated, |vm, item| {
        n += vm.eq(item, args.local(1))? as usize;
        Ok(false)
    })?;
    Ok(vm.ret(vm.int_usize(n)))
}

fn contains(vm: &mut Vm, args: Args) -> NativeResult {
    let len = args.payload::<Deque>(vm)?.len();
    let found = search(vm, args.local(0), 0, len, mutated, |vm, item| vm.eq(item, args.local(1)))?;
    Ok(vm.ret(Value::from_bool(found.is_some())))
}

fn index(vm: &mut Vm, args: Args) -> NativeResult {
    let len = args.payload::<Deque>(vm)?.len();
    let start = search_bound(vm, args, 2, len, 0)?.min(len);
    let stop = search_bound(vm, args, 3, len, len)?.min(len);
    let found =
        search(vm, args.local(0), start, stop, mutated, |vm, item| vm.eq(item, args.local(1)))?;
    match found {
        Some(i) => Ok(vm.ret(vm.int_usize(i))),
        None => raise!(vm, ValueError, "deque.index(x): x not in deque"),
    }
}

fn insert(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Deque>(vm)?;
    let i = vm.index_i64(args.local(1))?;
    let vm = &*vm;
    let this = at(vm, args.local(0));
    let len = this.len();
    if len >= this.max.get() {
        raise!(vm, IndexError, "deque already at its maximum size");
    }
    let value = args.get(vm, 2);
    let i = if i < 0 { (i + len as i64).max(0) } else { i.min(len as i64) } as usize;
    if i < len / 2 {
        push_first(vm, this, value);
        for k in 0..i {
            this.set(vm, k, this.item(vm, k + 1));
        }
    } else {
        push_last(vm, this, value);
        for k in (i..len).rev() {
            this.set(vm, k + 1, this.item(vm, k));
        }
    }
    this.set(vm, i, value);
    Ok(vm.none())
}

/// Deletes item `i`.
fn delete(vm: &Vm, this: Gc<'_, Native<Deque>>, i: usize) {
    let len = this.len();
    if i < len / 2 {
        for k in (0..i).rev() {
            this.set(vm, k + 1, this.item(vm, k));
        }
        this.take_first(vm);
    } else {
        for k in i..len - 1 {
            this.set(vm, k, this.item(vm, k + 1));
        }
        this.take_last(vm);
    }
}

fn pop(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    match args.payload::<Deque>(vm)?.take_last(vm) {
        Some(item) => Ok(vm.ret(item)),
        None => raise!(vm, IndexError, "pop from an empty deque"),
    }
}

fn popleft(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    match args.payload::<Deque>(vm)?.take_first(vm) {
        Some(item) => Ok(vm.ret(item)),
        None => raise!(vm, IndexError, "pop from an empty deque"),
    }
}

fn remove(vm: &mut Vm, args: Args) -> NativeResult {
    let len = args.payload::<Deque>(vm)?.len();
    let this = args.local(0);
    let changed = |vm: &Vm| vm.raise(ClassId::IndexError, "deque mutated during remove().");
    let found = search(vm, this, 0, len, changed, |vm, item| vm.eq(item, args.local(1)))?;
    match found {
        Some(i) => {
            let vm = &*vm;
            delete(vm, at(vm, this), i);
            Ok(vm.none())
        }
        None => raise!(vm, ValueError, "deque.remove(x): x not in deque"),
    }
}

fn reverse(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<Deque>(vm)?;
    let len = this.len();
    for i in 0..len / 2 {
        let (a, b) = (this.item(vm, i), this.item(vm, len - 1 - i));
        this.set(vm, i, b);
        this.set(vm, len - 1 - i, a);
    }
    this.changed();
    Ok(vm.none())
}

fn rotate(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Deque>(vm)?;
    let n = match args.opt(vm, 1) {
        Some(_) => vm.index_i64(args.local(1))?,
        None => 1,
    };
    let vm = &*vm;
    let this = at(vm, args.local(0));
    let len = this.len();
    if len < 2 {
        return Ok(vm.none());
    }
    let n = n.rem_euclid(len as i64) as usize;
    let ring = this.ring(vm).expect("it has items");
    if len == ring.len() {
        this.head.set(this.head.get().wrapping_sub(n) & (len - 1));
        this.changed();
    } else if n <= len / 2 {
        for _ in 0..n {
            let item = this.take_last(vm).expect("it has items");
            push_first(vm, this, item);
        }
    } else {
        for _ in 0..len - n {
            let item = this.take_first(vm).expect("it has items");
            push_last(vm, this, item);
        }
    }
    Ok(vm.none())
}

fn len(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let n = args.payload::<Deque>(vm)?.len();
    Ok(vm.ret(vm.int_usize(n)))
}

/// A subscript as a position.
fn position(vm: &mut Vm, args: Args) -> Result<usize, Raised> {
    let len = args.payload::<Deque>(vm)?.len() as i64;
    let key = vm.get(args.local(1));
    let i = match key.as_small_int() {
        Some(i) => i,
        None => {
            if !vm.is_int(key) && vm.special_of(key, Special::Index).is_none() {
                let given = vm.type_name(key);
                raise!(vm, TypeError, "sequence index must be integer, not '{given}'");
            }
            let ret = vm.index(args.local(1))?;
            match vm.as_i64(vm.value(ret)) {
                Some(i) => i,
                None => {
                    let given = vm.type_name(args.get(vm, 1));
                    raise!(vm, IndexError, "cannot fit '{given}' into an index-sized integer");
                }
            }
        }
    };
    let len = len.min(args.payload::<Deque>(vm)?.len() as i64);
    let i = if i < 0 { i + len } else { i };
    if i < 0 || i >= len {
        raise!(vm, IndexError, "deque index out of range");
    }
    Ok(i as usize)
}

fn getitem(vm: &mut Vm, args: Args) -> NativeResult {
    let i = position(vm, args)?;
    let vm = &*vm;
    Ok(vm.ret(at(vm, args.local(0)).item(vm, i)))
}

fn setitem(vm: &mut Vm, args: Args) -> NativeResult {
    let i = position(vm, args)?;
    let vm = &*vm;
    at(vm, args.local(0)).set(vm, i, args.get(vm, 2));
    Ok(vm.none())
}

fn delitem(vm: &mut Vm, args: Args) -> NativeResult {
    let i = position(vm, args)?;
    let vm = &*vm;
    delete(vm, at(vm, args.local(0)), i);
    Ok(vm.none())
}

fn iter(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<Deque>(vm)?;
    Ok(vm.ret(deque_iterators::forward(vm, this)))
}

fn reversed(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<Deque>(vm)?;
    Ok(vm.ret(deque_iterators::reverse(vm, this)))
}

fn add(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Deque>(vm)?;
    if args.get(vm, 1).payload::<Deque>().is_none() {
        let given = vm.type_name(args.get(vm, 1));
        raise!(vm, TypeError, "can only concatenate deque (not \"{given}\") to deque");
    }
    let ret = like(vm, args.local(0), args.local(0))?;
    let sum = vm.hold(ret);
    if vm.get(sum).payload::<Deque>().is_some() {
        extend_right(vm, sum, args.local(1))?;
    }
    Ok(vm.ret(vm.get(sum)))
}

/// Repeats the items in place.
fn repeat(vm: &mut Vm, this: Local, count: Local) -> Result<bool, Raised> {
    use sidewinder_interpreter::builtins::list;
    let Some(n) = list::repeat_count(vm, count)? else { return Ok(false) };
    let vm = &*vm;
    let deque = at(vm, this);
    let len = deque.len();
    if n == 0 {
        forget(vm, deque);
        return Ok(true);
    }
    let total = len.saturating_mul(n);
    if deque.max.get() == usize::MAX {
        list::repeat_len(vm, len, n)?;
    }
    // With a maximum only the last items matter: whole rounds before them can be left out.
    let rounds = match deque.max.get() {
        max if total > max && len > 0 => n.min(max / len + 1),
        _ => n,
    };
    let items: Vec<_> = (0..len).map(|i| deque.item(vm, i)).collect();
    for _ in 1..rounds {
        for item in &items {
            push_last(vm, deque, *item);
        }
    }
    Ok(true)
}

fn imul(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Deque>(vm)?;
    if !repeat(vm, args.local(0), args.local(1))? {
        return Err(sidewinder_interpreter::builtins::list::bad_repeat(vm, args.get(vm, 1)));
    }
    Ok(vm.ret(args.get(vm, 0)))
}

fn mul(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Deque>(vm)?;
    let ret = like(vm, args.local(0), args.local(0))?;
    let product = vm.hold(ret);
    if vm.get(product).payload::<Deque>().is_some() && !repeat(vm, product, args.local(1))? {
        return Err(sidewinder_interpreter::builtins::list::bad_repeat(vm, args.get(vm, 1)));
    }
    Ok(vm.ret(vm.get(product)))
}

fn compare(vm: &mut Vm, args: Args, op: CompareOp) -> NativeResult {
    let len = args.payload::<Deque>(vm)?.len();
    let Some(other) = args.get(vm, 1).payload::<Deque>() else {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    };
    let equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
    if equality && other.len() != len {
        return Ok(vm.ret(Value::from_bool(op == CompareOp::Ne)));
    }
    vm.check_native_stack(" in comparison")?;
    let (a, b) = (args.local(0), args.local(1));
    let changes = (at(vm, a).changes(), at(vm, b).changes());
    let (x, y) = (vm.empty_root(), vm.empty_root());
    let shorter = len.min(at(vm, b).len());
    for i in 0..shorter {
        vm.set(x, at(vm, a).item(vm, i));
        vm.set(y, at(vm, b).item(vm, i));
        let equal = vm.scope(|vm| vm.eq(x, y))?;
        if (at(vm, a).changes(), at(vm, b).changes()) != changes {
            return Err(mutated(vm));
        }
        if !equal {
            return match op {
                CompareOp::Eq => Ok(vm.ret(Value::FALSE)),
                CompareOp::Ne => Ok(vm.ret(Value::TRUE)),
                _ => vm.compare(op, x, y),
            };
        }
    }
    let order = at(vm, a).len().cmp(&at(vm, b).len());
    Ok(vm.ret(Value::from_bool(op.test(Some(order)))))
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Deque>(vm)?;
    let this = args.local(0);
    if !vm.repr_enter(this) {
        return ret_str(vm, "[...]");
    }
    let text = vm.scope(|vm| {
        let items = vm.collect_list(this)?;
        let items = vm.hold(items);
        vm.repr_text(items)
    });
    vm.repr_leave(this);
    let text = text?;
    let name = vm.class_name(vm.class_of(vm.get(this)));
    match at(vm, this).max.get() {
        usize::MAX => ret_str(vm, &format!("{name}({text})")),
        max => ret_str(vm, &format!("{name}({text}, maxlen={max})")),
    }
}

fn reduce(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Deque>(vm)?;
    let this = args.local(0);
    let state = vm.call_method(this, "__getstate__", &[])?;
    let state = vm.hold(state);
    let iterator = vm.iter(this)?;
    let vm = &*vm;
    let iterator = vm.value(iterator);
    let class = vm.class_of(vm.get(this)).value();
    let inner = match at(vm, this).max.get() {
        usize::MAX => vm.tuple(&[]),
        max => vm.tuple(&[vm.tuple(&[]).value(), vm.int_usize(max)]),
    };
    Ok(vm.ret(vm.tuple(&[class, inner.value(), vm.get(state), iterator]).value()))
}

fn sizeof(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<Deque>(vm)?;
    let ring = this.ring(vm).map_or(0, |r| Array::size(r.len()));
    Ok(vm.ret(vm.int_usize(size_of::<Native<Deque>>() + ring)))
}

fn maxlen(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    match args.payload::<Deque>(vm)?.max.get() {
        usize::MAX => Ok(vm.none()),
        max => Ok(vm.ret(vm.int_usize(max))),
    }
}
