//! set and frozenset.

mod algebra;
mod iterator;

use crate::builtins::declare::{ClassId, TypeDef};
use crate::builtins::support::*;
use crate::object::native::Payload;
use crate::object::table::{HasTable, Lookup};
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::compare::CompareOp;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Special, StepResult, Vm};
use algebra::*;
pub use iterator::SET_ITERATOR;
use iterator::iter;
use std::cell::Cell;

/// The type set.
pub static TYPE: TypeDef = TypeDef {
    doc: "set(iterable=(), /)\n--\n\nA collection of different hashable objects.",
    flags: ClassFlags::BASE,
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", new, "Make an empty set.")
            .raw(),
        NativeDef::method("__init__($self, /, *args, **kwargs)", init, "Fill the set.").raw(),
        NativeDef::method("add($self, object, /)", add, "Add an object; no effect if it is there."),
        NativeDef::method("clear($self, /)", clear, "Remove all elements."),
        NativeDef::method("discard($self, object, /)", discard, "Remove an object if it is there."),
        NativeDef::method(
            "remove($self, object, /)",
            remove,
            "Remove an object; KeyError if it is not there.",
        ),
        NativeDef::method(
            "pop($self, /)",
            pop,
            "Remove and return some element; KeyError if there is none.",
        ),
        NativeDef::method("update($self, /, *others)", update, "Add all elements of the others."),
        NativeDef::method(
            "intersection_update($self, /, *others)",
            intersection_update,
            "Keep what is in all others.",
        ),
        NativeDef::method(
            "difference_update($self, /, *others)",
            difference_update,
            "Remove what is in the others.",
        ),
        NativeDef::method(
            "symmetric_difference_update($self, other, /)",
            symmetric_difference_update,
            "Keep what is in one of both only.",
        ),
        NativeDef::method("__ior__($self, value, /)", ior, "Return self|=value."),
        NativeDef::method("__iand__($self, value, /)", iand, "Return self&=value."),
        NativeDef::method("__isub__($self, value, /)", isub, "Return self-=value."),
        NativeDef::method("__ixor__($self, value, /)", ixor, "Return self^=value."),
        NativeDef::method("copy($self, /)", copy, "A shallow copy."),
        NativeDef::method(
            "union($self, /, *others)",
            union,
            "What is in this set or one of the others.",
        ),
        NativeDef::method(
            "intersection($self, /, *others)",
            intersection,
            "What is in this set and all others.",
        ),
        NativeDef::method(
            "difference($self, /, *others)",
            difference,
            "What is in this set and in no other.",
        ),
        NativeDef::method(
            "symmetric_difference($self, other, /)",
            symmetric_difference,
            "What is in one of both only.",
        ),
        NativeDef::method("isdisjoint($self, other, /)", isdisjoint, "Whether nothing is in both."),
        NativeDef::method(
            "issubset($self, other, /)",
            issubset,
            "Whether the other contains this set.",
        ),
        NativeDef::method(
            "issuperset($self, other, /)",
            issuperset,
            "Whether this set contains the other.",
        ),
        NativeDef::method("__len__($self, /)", len, "Return len(self)."),
        NativeDef::method("__contains__($self, object, /)", contains, "Return object in self."),
        NativeDef::method("__iter__($self, /)", iter, "Implement iter(self)."),
        NativeDef::method("__or__($self, value, /)", or, "Return self|value."),
        NativeDef::method("__ror__($self, value, /)", ror, "Return value|self."),
        NativeDef::method("__and__($self, value, /)", and, "Return self&value."),
        NativeDef::method("__rand__($self, value, /)", rand, "Return value&self."),
        NativeDef::method("__sub__($self, value, /)", sub, "Return self-value."),
        NativeDef::method("__rsub__($self, value, /)", rsub, "Return value-self."),
        NativeDef::method("__xor__($self, value, /)", xor, "Return self^value."),
        NativeDef::method("__rxor__($self, value, /)", rxor, "Return value^self."),
        NativeDef::method("__eq__($self, value, /)", eq, "Return self==value."),
        NativeDef::method("__ne__($self, value, /)", ne, "Return self!=value."),
        NativeDef::method("__lt__($self, value, /)", lt, "Return self<value."),
        NativeDef::method("__le__($self, value, /)", le, "Return self<=value."),
        NativeDef::method("__gt__($self, value, /)", gt, "Return self>value."),
        NativeDef::method("__ge__($self, value, /)", ge, "Return self>=value."),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::method("__sizeof__($self, /)", sizeof, "Size of the set in memory, in bytes."),
        NativeDef::method("__reduce__($self, /)", super::reduce::set_reduce, "For pickling."),
        NativeDef::class_method("__class_getitem__($type, key, /)", class_getitem, "set[item]"),
    ],
    ..TypeDef::new("set", Kind::Set)
};

/// The type frozenset.
pub static FROZENSET: TypeDef = TypeDef {
    doc: "frozenset(iterable=(), /)\n--\n\nAn immutable collection of different hashable objects.",
    flags: ClassFlags::BASE,
    methods: &[
        NativeDef::static_method("__new__($type, iterable=(), /)", frozen_new, "Make a frozenset.")
            .raw(),
        NativeDef::method("copy($self, /)", copy, "A shallow copy."),
        NativeDef::method(
            "union($self, /, *others)",
            union,
            "What is in this set or one of the others.",
        ),
        NativeDef::method(
            "intersection($self, /, *others)",
            intersection,
            "What is in this set and all others.",
        ),
        NativeDef::method(
            "difference($self, /, *others)",
            difference,
            "What is in this set and in no other.",
        ),
        NativeDef::method(
            "symmetric_difference($self, other, /)",
            symmetric_difference,
            "What is in one of both only.",
        ),
        NativeDef::method("isdisjoint($self, other, /)", isdisjoint, "Whether nothing is in both."),
        NativeDef::method(
            "issubset($self, other, /)",
            issubset,
            "Whether the other contains this set.",
        ),
        NativeDef::method(
            "issuperset($self, other, /)",
            issuperset,
            "Whether this set contains the other.",
        ),
        NativeDef::method("__len__($self, /)", len, "Return len(self)."),
        NativeDef::method("__contains__($self, object, /)", contains, "Return object in self."),
        NativeDef::method("__iter__($self, /)", iter, "Implement iter(self)."),
        NativeDef::method("__or__($self, value, /)", or, "Return self|value."),
        NativeDef::method("__ror__($self, value, /)", ror, "Return value|self."),
        NativeDef::method("__and__($self, value, /)", and, "Return self&value."),
        NativeDef::method("__rand__($self, value, /)", rand, "Return value&self."),
        NativeDef::method("__sub__($self, value, /)", sub, "Return self-value."),
        NativeDef::method("__rsub__($self, value, /)", rsub, "Return value-self."),
        NativeDef::method("__xor__($self, value, /)", xor, "Return self^value."),
        NativeDef::method("__rxor__($self, value, /)", rxor, "Return value^self."),
        NativeDef::method("__eq__($self, value, /)", eq, "Return self==value."),
        NativeDef::method("__ne__($self, value, /)", ne, "Return self!=value."),
        NativeDef::method("__lt__($self, value, /)", lt, "Return self<value."),
        NativeDef::method("__le__($self, value, /)", le, "Return self<=value."),
        NativeDef::method("__gt__($self, value, /)", gt, "Return self>value."),
        NativeDef::method("__ge__($self, value, /)", ge, "Return self>=value."),
        NativeDef::method("__hash__($self, /)", hash, "Return hash(self)."),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::method("__sizeof__($self, /)", sizeof, "Size of the set in memory, in bytes."),
        NativeDef::method("__reduce__($self, /)", super::reduce::set_reduce, "For pickling."),
        NativeDef::class_method(
            "__class_getitem__($type, key, /)",
            class_getitem,
            "frozenset[item]",
        ),
    ],
    ..TypeDef::new("frozenset", Kind::Set)
};

/// The set in a root.
pub fn set_in(vm: &Vm, local: Local) -> Gc<'_, Set> {
    vm.get(local).cast().expect("the caller has checked that it is a set")
}

/// A set with the same elements, of the given shape.
fn copy_of<'gc>(vm: &'gc Vm, source: Gc<'_, Set>, shape: u32) -> Gc<'gc, Set> {
    let copy = vm.set_of_shape(shape);
    vm.table_copy(copy, source);
    copy
}

/// The shape of results of operators on `v`: set or frozenset.
fn plain_shape(vm: &Vm, v: Value<'_>) -> u32 {
    if vm.has_class(v, ClassId::FrozenSet) {
        ClassId::FrozenSet as u32
    } else {
        ClassId::Set as u32
    }
}

/// Adds an element whose hash is known.
fn add_hashed(vm: &mut Vm, set: Local, key: Local, hash: u64) -> Result<(), Raised> {
    let target = set_in(vm, set);
    match vm.table_find(&*target, vm.get(key), hash, None) {
        Lookup::Found(_) => {}
        Lookup::Missing => vm.table_add(target, vm.get(key), hash, Value::UNBOUND),
        Lookup::Ask(..) => {
            vm.set_add_hashed(set, key, hash)?;
        }
    }
    Ok(())
}

/// Whether the hashes of an iterable's items are known.
pub(super) fn has_hashes(vm: &Vm, items: Value<'_>) -> bool {
    items.kind() == Some(Kind::Set) || vm.is_exact(items, ClassId::Dict)
}

/// Calls `f` with each item of a set or a dict and its hash.
pub(super) fn each_hashed(
    vm: &mut Vm,
    items: Local,
    mut f: impl FnMut(&mut Vm, Local, u64) -> Result<(), Raised>,
) -> Result<(), Raised> {
    let item = vm.empty_root();
    let mut i = 0;
    loop {
        let (used, entry) = match (vm.get(items).cast::<Set>(), vm.get(items).cast::<Dict>()) {
            (Some(set), _) => (vm.table_used(&*set), vm.table_entry(&*set, i)),
            (_, Some(dict)) => (vm.table_used(&*dict), vm.table_entry(&*dict, i)),
            _ => return Ok(()),
        };
        if i >= used {
            return Ok(());
        }
        i += 1;
        if let Some((value, _, hash)) = entry {
            vm.set(item, value);
            vm.scope(|vm| f(vm, item, hash))?;
        }
    }
}

/// Adds all items of an iterable.
pub fn add_all(vm: &mut Vm, set: Local, items: Local) -> Result<(), Raised> {
    if vm.get(set).is(vm.get(items)) {
        return Ok(());
    }
    let items = match super::dict_views::dict_of_keys(vm, vm.get(items)) {
        Some(dict) => vm.root(dict.value()),
        None => items,
    };
    if has_hashes(vm, vm.get(items)) {
        let target = set_in(vm, set);
        match (vm.get(items).cast::<Set>(), vm.get(items).cast::<Dict>()) {
            (Some(source), _) if target.len.get() == 0 => vm.table_copy(target, source),
            (_, Some(source)) if target.len.get() == 0 => vm.table_copy(target, source),
            _ => return each_hashed(vm, items, |vm, key, hash| add_hashed(vm, set, key, hash)),
        }
        return Ok(());
    }
    if vm.is_exact(vm.get(items), ClassId::List) || vm.is_exact(vm.get(items), ClassId::Tuple) {
        return add_sequence(vm, set, items);
    }
    vm.iterate(items, |vm, item| vm.set_add(set, item).map(|_| ()))
}

/// Adds the items of a list or tuple.
fn add_sequence(vm: &mut Vm, set: Local, items: Local) -> Result<(), Raised> {
    let item = vm.empty_root();
    let mut i = 0;
    loop {
        i = add_known(vm, set_in(vm, set), vm.get(items), i);
        let Some(next) = seq_item(vm, vm.get(items), i) else { return Ok(()) };
        vm.set(item, next);
        vm.scope(|vm| vm.set_add(set, item))?;
        i += 1;
    }
}

/// Adds the items of a list or tuple from number `i` on, up to one that needs Python code: its
/// number, or the length.
fn add_known(vm: &Vm, set: Gc<'_, Set>, items: Value<'_>, mut i: usize) -> usize {
    while let Some(item) = seq_item(vm, items, i) {
        let Some(hash) = vm.hash_leaf(item) else { break };
        match vm.table_find(&*set, item, hash, None) {
            Lookup::Found(_) => {}
            Lookup::Missing => vm.table_add(set, item, hash, Value::UNBOUND),
            Lookup::Ask(..) => break,
        }
        i += 1;
    }
    i
}

/// A new set of the items of an iterable, rooted.
pub fn collect(vm: &mut Vm, items: Local) -> Result<Local, Raised> {
    let set = vm.root(vm.new_set().value());
    add_all(vm, set, items)?;
    Ok(set)
}

/// The value itself if it is a set or frozenset, else a set of its items.
fn as_set(vm: &mut Vm, v: Local) -> Result<Local, Raised> {
    if vm.get(v).kind() == Some(Kind::Set) { Ok(v) } else { collect(vm, v) }
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let shape = new_shape(vm, args, ClassId::Set)?;
    Ok(vm.ret(vm.set_of_shape(shape).value()))
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Set>(vm)?;
    let given = positional(vm, args, "set", 0, 1)?;
    vm.table_clear(set_in(vm, args.local(0)));
    if given == 1 {
        add_all(vm, args.local(0), args.local(1))?;
    }
    Ok(vm.none())
}

fn frozen_new(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = new_shape(vm, args, ClassId::FrozenSet)?;
    let classes = (args.class(vm, 0)?, vm.class(ClassId::FrozenSet));
    let given = positional_of(vm, args, classes, Special::Init, 0, 1)?;
    let exact = shape == ClassId::FrozenSet as u32;
    if given == 1 && exact && vm.is_exact(args.get(vm, 1), ClassId::FrozenSet) {
        return Ok(vm.ret(args.get(vm, 1)));
    }
    let set = vm.root(vm.set_of_shape(shape).value());
    if given == 1 {
        add_all(vm, set, args.local(1))?;
    }
    Ok(vm.ret(vm.get(set)))
}

fn add(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Set>(vm)?;
    vm.set_add(args.local(0), args.local(1))?;
    Ok(vm.none())
}

fn clear(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    vm.table_clear(args.this::<Set>(vm)?);
    Ok(vm.none())
}

/// A key to look for: a set that has no hash stands for the frozenset of its elements.
fn lookup_key(vm: &Vm, key: Local) -> Local {
    match vm.get(key).cast::<Set>() {
        Some(set) if vm.special_of(set.value(), Special::Hash).is_none_or(|h| h.is_none()) => {
            vm.root(copy_of(vm, set, ClassId::FrozenSet as u32).value())
        }
        _ => key,
    }
}

fn discard(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Set>(vm)?;
    let key = lookup_key(vm, args.local(1));
    vm.set_remove(args.local(0), key)?;
    Ok(vm.none())
}

fn remove(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Set>(vm)?;
    let key = lookup_key(vm, args.local(1));
    if vm.set_remove(args.local(0), key)? {
        return Ok(vm.none());
    }
    Err(vm.key_error(args.get(vm, 1)))
}

fn pop(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let set = args.this::<Set>(vm)?;
    let first = vm.table_first(&*set);
    let Some((i, (key, _, _))) = first.and_then(|i| Some((i, vm.table_entry(&*set, i)?))) else {
        return Err(vm.key_error(vm.str("pop from an empty set").value()));
    };
    vm.table_delete(set, i);
    Ok(vm.ret(key))
}

fn contains(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Set>(vm)?;
    let key = lookup_key(vm, args.local(1));
    let found = vm.set_contains(args.local(0), key)?;
    Ok(vm.ret(Value::from_bool(found)))
}

fn len(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let n = args.this::<Set>(vm)?.len.get();
    Ok(vm.ret(vm.int_usize(n)))
}

fn hash(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let set = args.this::<Set>(vm)?;
    if set.hash.get() == 0 {
        // Order must not matter: each hash is scattered by itself and all are combined with xor.
        let mut hash = 0u64;
        for i in 0..vm.table_used(&*set) {
            if let Some((_, _, h)) = vm.table_entry(&*set, i) {
                hash ^= (h ^ 89_869_747 ^ (h << 16)).wrapping_mul(3_644_798_167);
            }
        }
        hash ^= (set.len.get() as u64 + 1).wrapping_mul(1_927_868_237);
        hash ^= (hash >> 11) ^ (hash >> 25);
        hash = hash.wrapping_mul(69_069).wrapping_add(907_133_923);
        let hash = if hash == 0 || hash == u64::MAX { 590_923_713 } else { hash };
        set.hash.set(hash);
    }
    Ok(vm.ret(vm.int(set.hash.get() as i64)))
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.this::<Set>(vm)?;
    let class = vm.class_of(this.value());
    let name = vm.class_name(class);
    let plain = vm.is_exact(this.value(), ClassId::Set);
    if this.len.get() == 0 {
        return Ok(vm.ret(vm.str(&format!("{name}()")).value()));
    }
    let items = snapshot(vm, this);
    let items = vm.root(items);
    if !vm.repr_enter(args.local(0)) {
        let text = vm.str(&format!("{name}(...)")).value();
        return Ok(vm.ret(text));
    }
    let (open, close) = if plain { ("{".into(), "}") } else { (format!("{name}({{"), "})") };
    let result =
        container_repr(vm, items, &open, close, "...", |vm, i| seq_item(vm, vm.get(items), i));
    vm.repr_leave(args.local(0));
    result
}

/// The elements as a new list.
pub fn snapshot<'gc>(vm: &'gc Vm, set: Gc<'_, Set>) -> Value<'gc> {
    let keys = (0..vm.table_used(&*set)).filter_map(|i| vm.table_entry(&*set, i).map(|e| e.0));
    vm.list_from(set.len.get(), keys).value()
}

fn sizeof(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let set = args.this::<Set>(vm)?;
    let table = set.table_slot().get_as::<Table>(vm).map_or(0, |t| Table::size(t.log2_slots));
    Ok(vm.ret(vm.int_usize(size_of::<Set>() + table)))
}
