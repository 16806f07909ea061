//! list.

use super::declare::{ClassId, TypeDef};
use super::list_core::{close_gap, open_gap, set_contents, truncate};
use super::support::*;
use super::{iterators, list_sort};
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::compare::CompareOp;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Special, Vm};

/// The type list.
pub static TYPE: TypeDef = TypeDef {
    doc: "list(iterable=(), /)\n--\n\nA mutable sequence.\n\nWithout an argument the list is empty.",
    flags: ClassFlags::BASE | ClassFlags::SEQUENCE,
    methods: METHODS,
    ..TypeDef::new("list", Kind::List)
};

static METHODS: &[NativeDef] = &[
    NativeDef::static_method("__new__($type, /, *args, **kwargs)", new, "Make an empty list.")
        .raw(),
    NativeDef::method("__init__($self, /, *args, **kwargs)", init, "Fill the list.").raw(),
    NativeDef::method("append($self, object, /)", append, "Append object to the end of the list."),
    NativeDef::method("clear($self, /)", clear, "Remove all items."),
    NativeDef::method("copy($self, /)", copy, "A shallow copy."),
    NativeDef::method("count($self, value, /)", count, "Number of items equal to value."),
    NativeDef::method("extend($self, iterable, /)", extend, "Append the items of an iterable."),
    NativeDef::method(
        "index($self, value, start=0, stop=9223372036854775807, /)",
        index,
        "Position of the first item equal to value; ValueError if there is none.",
    ),
    NativeDef::method("insert($self, index, object, /)", insert, "Insert object before index."),
    NativeDef::method(
        "pop($self, index=-1, /)",
        pop,
        "Remove the item at index and return it; IndexError if there is none.",
    ),
    NativeDef::method(
        "remove($self, value, /)",
        remove,
        "Remove the first item equal to value; ValueError if there is none.",
    ),
    NativeDef::method("reverse($self, /)", reverse, "Reverse the list in place."),
    NativeDef::method(
        "sort($self, /, *, key=None, reverse=False)",
        sort,
        "Sort the list in place, stably.\n\nkey maps an item to what is compared; reverse turns the order round.",
    ),
    NativeDef::method("__len__($self, /)", len, "Return len(self)."),
    NativeDef::method("__getitem__($self, index, /)", getitem, "Return self[index]."),
    NativeDef::method("__setitem__($self, key, value, /)", setitem, "Set self[key] to value."),
    NativeDef::method("__delitem__($self, key, /)", delitem, "Delete self[key]."),
    NativeDef::method("__contains__($self, key, /)", contains, "Return key in self."),
    NativeDef::method("__iter__($self, /)", iter, "Implement iter(self)."),
    NativeDef::method("__reversed__($self, /)", reversed, "A reverse iterator over the list."),
    NativeDef::method("__add__($self, value, /)", add, "Return self+value."),
    NativeDef::method("__iadd__($self, value, /)", iadd, "Implement self+=value."),
    NativeDef::method("__mul__($self, value, /)", mul, "Return self*value."),
    NativeDef::method("__rmul__($self, value, /)", mul, "Return value*self."),
    NativeDef::method("__imul__($self, value, /)", imul, "Implement self*=value."),
    NativeDef::method("__eq__($self, value, /)", eq, "Return self==value."),
    NativeDef::method("__ne__($self, value, /)", ne, "Return self!=value."),
    NativeDef::method("__lt__($self, value, /)", lt, "Return self<value."),
    NativeDef::method("__le__($self, value, /)", le, "Return self<=value."),
    NativeDef::method("__gt__($self, value, /)", gt, "Return self>value."),
    NativeDef::method("__ge__($self, value, /)", ge, "Return self>=value."),
    NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
    NativeDef::method("__sizeof__($self, /)", sizeof, "Size of the list in memory, in bytes."),
    NativeDef::class_method("__class_getitem__($type, key, /)", class_getitem, "list[item]"),
];

/// The list in a root.
pub fn list_in(vm: &Vm, local: Local) -> Gc<'_, List> {
    vm.get(local).cast().expect("the caller has checked that it is a list")
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let shape = new_shape(vm, args, ClassId::List)?;
    Ok(vm.ret(vm.list_of_array(shape, 0, Value::UNBOUND).value()))
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<List>(vm)?;
    let classes = (vm.class_of(args.get(vm, 0)), vm.class(ClassId::List));
    let given = positional_of(vm, args, classes, Special::New, 0, 1)?;
    let this = args.local(0);
    set_contents(vm, list_in(vm, this), Value::UNBOUND, 0);
    if given == 1 {
        extend_list(vm, this, args.local(1))?;
    }
    Ok(vm.none())
}

/// Appends the items of an iterable.
pub fn extend_list(vm: &mut Vm, this: Local, items: Local) -> Result<(), Raised> {
    if vm.get(items).cast::<Range>().is_some() {
        let n = vm.len(items)?;
        // `list(range(10 ** 12))` says at once that it cannot be.
        vm.check_size(n.saturating_mul(8))?;
    }
    let source = vm.get(items);
    if vm.is_exact(source, ClassId::List) || vm.is_exact(source, ClassId::Tuple) {
        let vm = &*vm;
        let n = seq_len(source);
        let list = list_in(vm, this);
        vm.list_reserve(list, n);
        for i in 0..n {
            if let Some(item) = seq_item(vm, source, i) {
                vm.list_push(list, item);
            }
        }
        return Ok(());
    }
    let hint = presize_hint(vm, items)?;
    if hint <= 1 << 20 {
        vm.list_reserve(list_in(vm, this), hint);
    }
    vm.iterate(items, |vm, item| {
        vm.list_push(list_in(vm, this), vm.get(item));
        Ok(())
    })
}

/// How many items an iterable says it has: what it is worth to make room for. 0 if it does not say.
fn presize_hint(vm: &mut Vm, items: Local) -> Result<usize, Raised> {
    let v = vm.get(items);
    // Nobody can tell whether builtin types were asked.
    if vm.class_of(v).flags.get() & ClassFlags::MUTABLE == 0 {
        return Ok(vm.len_leaf(v).unwrap_or(0));
    }
    Ok(length_hint(vm, items)?.unwrap_or(0))
}

/// How many items an iterable says it has, by `__len__` or else `__length_hint__`.
pub fn length_hint(vm: &mut Vm, items: Local) -> Result<Option<usize>, Raised> {
    if vm.special_of(vm.get(items), Special::Len).is_some() {
        match vm.scope(|vm| vm.len(items)) {
            Ok(n) => return Ok(Some(n)),
            Err(raised) => vm.catch(raised, ClassId::TypeError)?,
        }
    }
    vm.scope(|vm| match vm.call_special(items, Special::LengthHint, &[]) {
        Ok(None) => Ok(None),
        Ok(Some(ret)) => {
            if vm.value(ret).is(Value::NOT_IMPLEMENTED) {
                return Ok(None);
            }
            let hint = vm.hold_result();
            if !vm.is_int(vm.get(hint)) {
                let given = vm.type_name(vm.get(hint));
                raise!(vm, TypeError, "__length_hint__ must be an integer, not {given}");
            }
            match vm.index_i64(hint)? {
                n if n < 0 => raise!(vm, ValueError, "__length_hint__() should return >= 0"),
                n => Ok(Some(n as usize)),
            }
        }
        Err(raised) => vm.catch(raised, ClassId::TypeError).map(|()| None),
    })
}

fn append(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let list = args.this::<List>(vm)?;
    vm.list_push(list, args.get(vm, 1));
    Ok(vm.none())
}

fn clear(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    set_contents(vm, args.this::<List>(vm)?, Value::UNBOUND, 0);
    Ok(vm.none())
}

fn copy(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let list = args.this::<List>(vm)?;
    let copy = vm.list_from(list.len.get(), vm.list_items(list));
    Ok(vm.ret(copy.value()))
}

/// Position of the first item from `start` on (and before `stop`) for which `item == value`, in a
/// list or tuple.
pub fn find(
    vm: &mut Vm,
    seq: Local,
    value: Local,
    start: usize,
    stop: usize,
) -> Result<Option<usize>, Raised> {
    let item = vm.empty_root();
    let mut i = start;
    while i < stop
        && let Some(candidate) = seq_item(vm, vm.get(seq), i)
    {
        let known = if candidate.is(vm.get(value)) {
            Some(true)
        } else {
            vm.compare_leaf(CompareOp::Eq, candidate, vm.get(value))
        };
        let found = match known {
            Some(known) => known,
            None => {
                vm.set(item, candidate);
                vm.scope(|vm| vm.eq(item, value))?
            }
        };
        if found {
            return Ok(Some(i));
        }
        i += 1;
    }
    Ok(None)
}

/// Number of items equal to a value, in a list or tuple.
pub fn count_equal(vm: &mut Vm, seq: Local, value: Local) -> Result<usize, Raised> {
    let (mut n, mut from) = (0, 0);
    while let Some(i) = vm.scope(|vm| find(vm, seq, value, from, usize::MAX))? {
        n += 1;
        from = i + 1;
    }
    Ok(n)
}

fn count(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<List>(vm)?;
    let n = count_equal(vm, args.local(0), args.local(1))?;
    let n = vm.int_usize(n);
    Ok(vm.ret(n))
}

fn contains(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<List>(vm)?;
    let found = find(vm, args.local(0), args.local(1), 0, usize::MAX)?.is_some();
    Ok(vm.ret(Value::from_bool(found)))
}

fn index(vm: &mut Vm, args: Args) -> NativeResult {
    let len = args.this::<List>(vm)?.len.get();
    let start = search_bound(vm, args, 2, len, 0)?;
    let stop = search_bound(vm, args, 3, len, usize::MAX)?;
    match find(vm, args.local(0), args.local(1), start, stop)? {
        Some(i) => {
            let i = vm.int_usize(i);
            Ok(vm.ret(i))
        }
        None => raise!(vm, ValueError, "list.index(x): x not in list"),
    }
}

fn extend(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<List>(vm)?;
    extend_list(vm, args.local(0), args.local(1))?;
    Ok(vm.none())
}

fn insert(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<List>(vm)?;
    let at = vm.index_i64(args.local(1))?;
    let vm = &*vm;
    let list = args.this::<List>(vm)?;
    let len = list.len.get();
    let at = if at < 0 { (at + len as i64).max(0) as usize } else { (at as usize).min(len) };
    open_gap(vm, list, at, 1);
    vm.list_set(list, at, args.get(vm, 2));
    Ok(vm.none())
}

fn pop(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<List>(vm)?;
    let index = match args.opt(vm, 1) {
        Some(_) => vm.index_i64(args.local(1))?,
        None => -1,
    };
    let vm = &*vm;
    let list = args.this::<List>(vm)?;
    let len = list.len.get();
    if len == 0 {
        raise!(vm, IndexError, "pop from empty list");
    }
    let Some(at) = crate::vm::item::position(index, len) else {
        raise!(vm, IndexError, "pop index out of range");
    };
    let item = vm.list_item(list, at);
    close_gap(vm, list, at, 1);
    Ok(vm.ret(item))
}

fn remove(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<List>(vm)?;
    match find(vm, args.local(0), args.local(1), 0, usize::MAX)? {
        Some(i) => {
            let vm = &*vm;
            let list = args.this::<List>(vm)?;
            if i < list.len.get() {
                close_gap(vm, list, i, 1);
            }
            Ok(vm.none())
        }
        None => raise!(vm, ValueError, "list.remove(x): x not in list"),
    }
}

fn reverse(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    super::list_core::reverse(vm, args.this::<List>(vm)?);
    Ok(vm.none())
}

fn sort(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<List>(vm)?;
    let key = args.not_none(vm, 1).map(|_| args.local(1));
    let reverse = match args.opt(vm, 2) {
        Some(_) => vm.truth(args.local(2))?,
        None => false,
    };
    list_sort::sort(vm, args.local(0), key, reverse)?;
    Ok(vm.none())
}

fn len(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let n = args.this::<List>(vm)?.len.get();
    Ok(vm.ret(vm.int_usize(n)))
}

fn getitem(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<List>(vm)?;
    let this = args.local(0);
    if vm.get(args.local(1)).kind() == Some(Kind::Slice) {
        let len = list_in(vm, this).len.get();
        let (start, _, step, count) = vm.slice_indices(args.local(1), len)?;
        let vm = &*vm;
        let list = list_in(vm, this);
        // An index of the slice may have shortened the list.
        let count = slice_fit(start, step, count, list.len.get());
        let items = (0..count).map(|k| {
            let i = start + k as isize * step;
            vm.list_item(list, i as usize)
        });
        return Ok(vm.ret(vm.list_from(count, items).value()));
    }
    let len = |vm: &Vm| list_in(vm, this).len.get();
    let i = item_position(vm, args.local(1), len, "list", "list index out of range")?;
    let vm = &*vm;
    Ok(vm.ret(vm.list_item(list_in(vm, this), i)))
}

/// How many of a slice's items are still inside a sequence that may have become shorter.
pub fn slice_fit(start: isize, step: isize, count: usize, len: usize) -> usize {
    let inside = |k: &usize| {
        let i = start + *k as isize * step;
        i >= 0 && (i as usize) < len
    };
    if count == 0 || (inside(&0) && inside(&(count - 1))) {
        count
    } else {
        (0..count).take_while(inside).count()
    }
}

fn setitem(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<List>(vm)?;
    let this = args.local(0);
    if vm.get(args.local(1)).kind() == Some(Kind::Slice) {
        set_slice(vm, this, args.local(1), args.local(2))?;
        return Ok(vm.none());
    }
    let len = |vm: &Vm| list_in(vm, this).len.get();
    let message = "list assignment index out of range";
    let i = item_position(vm, args.local(1), len, "list", message)?;
    let vm = &*vm;
    vm.list_set(list_in(vm, this), i, args.get(vm, 2));
    Ok(vm.none())
}

fn set_slice(vm: &mut Vm, this: Local, slice: Local, items: Local) -> Result<(), Raised> {
    let collected = match vm.scope(|vm| vm.collect_list(items)) {
        Ok(ret) => vm.hold(ret),
        Err(raised) => {
            if vm.raised_is(ClassId::TypeError)
                && vm.special_of(vm.get(items), crate::vm::Special::Iter).is_none()
                && vm.special_of(vm.get(items), crate::vm::Special::GetItem).is_none()
            {
                vm.catch(raised, ClassId::TypeError)?;
                return Err(vm.type_error("must assign iterable to extended slice"));
            }
            return Err(raised);
        }
    };
    let len = list_in(vm, this).len.get();
    let (start, stop, step, count) = vm.slice_indices(slice, len)?;
    let vm = &*vm;
    let list = list_in(vm, this);
    let source = list_in(vm, collected);
    let n = source.len.get();
    if step == 1 {
        let start = (start as usize).min(list.len.get());
        let stop = (stop.max(start as isize) as usize).min(list.len.get());
        let old = stop - start;
        if n > old {
            open_gap(vm, list, stop, n - old);
        } else if n < old {
            close_gap(vm, list, start + n, old - n);
        }
        for i in 0..n {
            vm.list_set(list, start + i, vm.list_item(source, i));
        }
        return Ok(());
    }
    if n != count {
        raise!(
            vm,
            ValueError,
            "attempt to assign sequence of size {n} to extended slice of size {count}"
        );
    }
    for k in 0..slice_fit(start, step, count, list.len.get()) {
        let i = (start + k as isize * step) as usize;
        vm.list_set(list, i, vm.list_item(source, k));
    }
    Ok(())
}

fn delitem(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<List>(vm)?;
    let this = args.local(0);
    if vm.get(args.local(1)).kind() == Some(Kind::Slice) {
        let len = list_in(vm, this).len.get();
        let (start, _, step, count) = vm.slice_indices(args.local(1), len)?;
        let vm = &*vm;
        let list = list_in(vm, this);
        let count = slice_fit(start, step, count, list.len.get());
        if count == 0 {
            return Ok(vm.none());
        }
        if step == 1 {
            close_gap(vm, list, start as usize, count);
            return Ok(vm.none());
        }
        // From the lowest to the highest; what stays moves down.
        let last = start + (count as isize - 1) * step;
        let (low, stride) = (start.min(last) as usize, step.unsigned_abs());
        let (mut to, mut gone) = (low, 0);
        for i in low..list.len.get() {
            if gone < count && (i - low).is_multiple_of(stride) {
                gone += 1;
            } else {
                vm.list_set(list, to, vm.list_item(list, i));
                to += 1;
            }
        }
        truncate(vm, list, to);
        return Ok(vm.none());
    }
    let len = |vm: &Vm| list_in(vm, this).len.get();
    let message = "list assignment index out of range";
    let i = item_position(vm, args.local(1), len, "list", message)?;
    let vm = &*vm;
    close_gap(vm, list_in(vm, this), i, 1);
    Ok(vm.none())
}

fn iter(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let list = args.this::<List>(vm)?;
    Ok(vm.ret(iterators::list_iterator(vm, list)))
}

fn reversed(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let list = args.this::<List>(vm)?;
    Ok(vm.ret(iterators::list_reverse_iterator(vm, list)))
}

fn add(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let list = args.this::<List>(vm)?;
    let Some(other) = args.get(vm, 1).cast::<List>() else {
        let given = vm.type_name(args.get(vm, 1));
        raise!(vm, TypeError, "can only concatenate list (not \"{given}\") to list");
    };
    let n = list.len.get() + other.len.get();
    let items = vm.list_items(list).chain(vm.list_items(other));
    Ok(vm.ret(vm.list_from(n, items).value()))
}

fn iadd(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<List>(vm)?;
    extend_list(vm, args.local(0), args.local(1))?;
    Ok(vm.ret(args.get(vm, 0)))
}

/// The count of a repetition, or `None` when the other operand is no int.
pub fn repeat_count(vm: &mut Vm, count: Local) -> Result<Option<usize>, Raised> {
    let v = vm.get(count);
    if !vm.is_int(v) && vm.special_of(v, crate::vm::Special::Index).is_none() {
        return Ok(None);
    }
    let n = vm.index_i64(count)?;
    Ok(Some(n.max(0) as usize))
}

/// Length of a repetition; MemoryError when that is too much.
pub fn repeat_len(vm: &Vm, len: usize, n: usize) -> Result<usize, Raised> {
    match len.checked_mul(n).filter(|total| *total < isize::MAX as usize / 8) {
        Some(total) => {
            vm.check_size(total * 8)?;
            Ok(total)
        }
        None => Err(vm.memory_error()),
    }
}

/// `can't multiply sequence by non-int of type 'float'`
pub fn bad_repeat(vm: &Vm, v: Value<'_>) -> Raised {
    let given = vm.type_name(v);
    vm.type_error(format!("can't multiply sequence by non-int of type '{given}'"))
}

fn mul(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<List>(vm)?;
    let Some(n) = repeat_count(vm, args.local(1))? else {
        return Err(bad_repeat(vm, args.get(vm, 1)));
    };
    let vm = &*vm;
    let list = args.this::<List>(vm)?;
    let total = repeat_len(vm, list.len.get(), n)?;
    if list.len.get() == 1 {
        let items = std::iter::repeat_n(vm.list_item(list, 0), total);
        return Ok(vm.ret(vm.list_from(total, items).value()));
    }
    let items = (0..n).flat_map(|_| vm.list_items(list));
    Ok(vm.ret(vm.list_from(total, items).value()))
}

fn imul(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<List>(vm)?;
    let Some(n) = repeat_count(vm, args.local(1))? else {
        return Err(bad_repeat(vm, args.get(vm, 1)));
    };
    let vm = &*vm;
    let list = args.this::<List>(vm)?;
    let len = list.len.get();
    let total = repeat_len(vm, len, n)?;
    if total == 0 {
        set_contents(vm, list, Value::UNBOUND, 0);
    } else {
        vm.list_reserve(list, total - len);
        for i in len..total {
            vm.list_push(list, vm.list_item(list, i - len));
        }
    }
    Ok(vm.ret(list.value()))
}

fn compare(vm: &mut Vm, args: Args, op: CompareOp) -> NativeResult {
    args.this::<List>(vm)?;
    if args.get(vm, 1).cast::<List>().is_none() {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    }
    seq_compare(vm, op, args.local(0), args.local(1))
}

fn eq(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Eq)
}
fn ne(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Ne)
}
fn lt(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Lt)
}
fn le(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Le)
}
fn gt(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Gt)
}
fn ge(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Ge)
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<List>(vm)?;
    let this = args.local(0);
    container_repr(vm, this, "[", "]", "[...]", |vm, i| seq_item(vm, vm.get(this), i))
}

fn sizeof(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let list = args.this::<List>(vm)?;
    let array = list.array.get_as::<Array>(vm).map_or(0, |a| Array::size(a.len()));
    Ok(vm.ret(vm.int_usize(size_of::<List>() + array)))
}
