//! `_abc`: the work of ABCMeta.
//!
//! Each abstract class has a `_abc_data` with three tables of weakly held classes: those registered
//! and, as caches, those known to be subclasses and those known not to be. A registration anywhere
//! makes the second cache of every class void.

#![forbid(unsafe_code)]

use crate::prelude::*;
use sidewinder_interpreter::builtins::dict::dict_in;
use sidewinder_interpreter::object::WeakRef;

/// The module.
pub static ABC: ModuleDef = ModuleDef {
    name: "_abc",
    doc: "Module contains faster C implementation of abc.ABCMeta",
    functions: &[
        NativeDef::function(
            "get_cache_token()",
            get_cache_token,
            "Returns the current ABC cache token.\n\nThe token changes with every call to register() on any ABC.",
        ),
        NativeDef::function(
            "_abc_init(self, /)",
            abc_init,
            "Internal ABC helper for class set-up. Should be never used outside abc module.",
        ),
        NativeDef::function(
            "_abc_register(self, subclass, /)",
            abc_register,
            "Internal ABC helper for subclasss registration. Should be never used outside abc module.",
        ),
        NativeDef::function(
            "_abc_instancecheck(self, instance, /)",
            abc_instancecheck,
            "Internal ABC helper for instance checks. Should be never used outside abc module.",
        ),
        NativeDef::function(
            "_abc_subclasscheck(self, subclass, /)",
            abc_subclasscheck,
            "Internal ABC helper for subclasss checks. Should be never used outside abc module.",
        ),
        NativeDef::function(
            "_get_dump(self, /)",
            get_dump,
            "Internal ABC helper for cache and registry debugging.",
        ),
        NativeDef::function(
            "_reset_registry(self, /)",
            reset_registry,
            "Internal ABC helper to reset registry of a given class.",
        ),
        NativeDef::function(
            "_reset_caches(self, /)",
            reset_caches,
            "Internal ABC helper to reset both caches of a given class.",
        ),
    ],
    types: &[&DATA],
    exec: None,
};

/// How many registrations there were, in this VM.
#[derive(Default)]
struct Registrations(u64);

fn registrations(vm: &Vm) -> u64 {
    vm.with_extension(|r: &mut Registrations| r.0)
}

/// What an abstract class knows of others.
#[derive(Trace)]
pub struct AbcData {
    /// Each a dict from a class's `id()` to a weak reference to it, or UNBOUND.
    registry: Slot,
    cache: Slot,
    negative: Slot,
    /// The number of registrations when `negative` was begun.
    version: Cell<u64>,
}
native_type!(
    AbcData,
    DATA,
    "_abc",
    "_abc_data",
    "Internal state held by ABC machinery.",
    0,
    [NativeDef::static_method("__new__($type, /)", new_data, "")],
    []
);

fn new_data(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let shape = native_new_shape(vm, args, &DATA)?;
    Ok(vm.ret(vm.native_of_shape(shape, AbcData::new(vm)).value()))
}

type Which = for<'a> fn(&'a AbcData) -> &'a Slot;
const REGISTRY: Which = |d| &d.registry;
const CACHE: Which = |d| &d.cache;
const NEGATIVE: Which = |d| &d.negative;

impl AbcData {
    fn new(vm: &Vm) -> AbcData {
        AbcData {
            registry: unbound(),
            cache: unbound(),
            negative: unbound(),
            version: Cell::new(registrations(vm)),
        }
    }
}

fn data_in(vm: &Vm, l: Local) -> Gc<'_, Native<AbcData>> {
    vm.get(l).payload().expect("the caller has checked that it is an _abc_data")
}

/// The data of an abstract class.
fn data_of(vm: &mut Vm, class: Local) -> Result<Local, Raised> {
    let data = vm.getattr_str(class, "_abc_impl")?;
    if vm.value(data).payload::<AbcData>().is_none() {
        raise!(vm, TypeError, "_abc_impl is set to a wrong type");
    }
    Ok(vm.hold_result())
}

/// Whether a table has the class.
fn has(vm: &Vm, data: Local, which: Which, class: Value<'_>) -> bool {
    let Some(dict) = which(data_in(vm, data).r()).get_as::<Dict>(vm) else { return false };
    let key = vm.int(vm.id(class) as i64);
    let Some(hash) = vm.hash_leaf(key) else { return false };
    match vm.table_find(&*dict, key, hash, None) {
        sidewinder_interpreter::object::table::Lookup::Found(i) => {
            let weak = vm.table_value(&*dict, i).cast::<WeakRef>();
            weak.is_some_and(|w| w.target.word() == class.word())
        }
        _ => false,
    }
}

/// Adds a class to a table.
fn add(vm: &mut Vm, data: Local, which: Which, class: Local) -> Result<(), Raised> {
    vm.scope(|vm| {
        if which(data_in(vm, data).r()).get(vm).is_unbound() {
            vm.write(data_in(vm, data), |d| which(d), vm.dict().value());
        }
        let dict = vm.root(which(data_in(vm, data).r()).get(vm));
        let key = vm.root(vm.int(vm.id(vm.get(class)) as i64));
        let weak = vm.root(vm.weak_reference(vm.get(class), Value::NONE));
        vm.dict_set(dict, key, weak)?;
        forget_dead(vm, dict);
        Ok(())
    })
}

/// Drops the entries of classes that are gone, whenever the table has doubled.
fn forget_dead(vm: &Vm, dict: Local) {
    let dict = dict_in(vm, dict);
    let n = dict.len.get();
    if n < 16 || !n.is_power_of_two() {
        return;
    }
    for i in 0..vm.table_used(&*dict) {
        let dead = vm.table_entry(&*dict, i).is_some_and(|(_, weak, _)| {
            weak.cast::<WeakRef>().is_some_and(|w| w.target.get(vm).is_none())
        });
        if dead {
            vm.table_delete(dict, i);
        }
    }
}

/// The living classes of a table, in the order they were added.
fn classes(vm: &Vm, data: Local, which: Which) -> Vec<Local> {
    let Some(dict) = which(data_in(vm, data).r()).get_as::<Dict>(vm) else { return Vec::new() };
    (0..vm.table_used(&*dict))
        .filter_map(|i| vm.table_entry(&*dict, i))
        .filter_map(|(_, weak, _)| weak.cast::<WeakRef>())
        .map(|weak| weak.r().target.get(vm))
        .filter(|v| !v.is_none())
        .map(|v| vm.root(v))
        .collect()
}

fn get_cache_token(vm: &mut Vm, _: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(vm.int(registrations(vm) as i64)))
}

/// Whether something in a class body is marked as abstract.
fn is_abstract(vm: &mut Vm, v: Local) -> Result<bool, Raised> {
    vm.scope(|vm| {
        let Some(mark) = vm.getattr_opt(v, "__isabstractmethod__")? else { return Ok(false) };
        let mark = vm.hold(mark);
        vm.truth(mark)
    })
}

/// Sets `__abstractmethods__` of a new class.
fn find_abstract(vm: &mut Vm, class: Local) -> Result<(), Raised> {
    let found = vm.root(vm.new_set().value());
    let namespace = vm.getattr_str(class, "__dict__")?;
    let namespace = vm.hold(namespace);
    let items = vm.call_method(namespace, "items", &[])?;
    let items = vm.hold(items);
    let items = vm.collect_list(items)?;
    let items = vm.hold(items);
    let (name, value) = (vm.empty_root(), vm.empty_root());
    let mut i = 0;
    while let Some(pair) = seq_item(vm, vm.get(items), i) {
        i += 1;
        let (Some(n), Some(v)) = (seq_item(vm, pair, 0), seq_item(vm, pair, 1)) else { continue };
        vm.set(name, n);
        vm.set(value, v);
        if is_abstract(vm, value)? {
            vm.set_add(found, name)?;
        }
    }
    let bases = vm.getattr_str(class, "__bases__")?;
    let bases = vm.hold(bases);
    vm.iterate(bases, |vm, base| {
        let Some(inherited) = vm.getattr_opt(base, "__abstractmethods__")? else {
            return Ok(());
        };
        let inherited = vm.hold(inherited);
        vm.iterate(inherited, |vm, name| {
            let Some(value) = vm.getattr_maybe(class, name)? else { return Ok(()) };
            let value = vm.hold(value);
            if is_abstract(vm, value)? {
                vm.set_add(found, name)?;
            }
            Ok(())
        })
    })?;
    let frozen = vm.root(vm.class(ClassId::FrozenSet).value());
    let frozen = vm.call(frozen, &[found])?;
    let frozen = vm.hold(frozen);
    let name = vm.root(vm.intern("__abstractmethods__").value());
    vm.setattr(class, name, frozen)
}

/// What `__abc_tpflags__` of collections.abc says: bits of CPython's type flags.
const TPFLAGS_SEQUENCE: i64 = 1 << 5;
const TPFLAGS_MAPPING: i64 = 1 << 6;

fn abc_init(vm: &mut Vm, args: Args) -> NativeResult {
    let class = args.local(0);
    find_abstract(vm, class)?;
    let data = vm.root(vm.native(AbcData::new(vm)).value());
    let name = vm.root(vm.intern("_abc_impl").value());
    vm.setattr(class, name, data)?;
    // Classes that patterns take for sequences or mappings say so once, in their own namespace.
    let vm_ref = &*vm;
    let Some(c) = vm_ref.get(class).as_class() else { return Ok(vm.none()) };
    let flags = c.dict.get_as::<Dict>(vm_ref).and_then(|dict| {
        let key = vm_ref.intern("__abc_tpflags__");
        let flags = vm_ref.dict_get_str(dict, key)?.as_small_int()?;
        vm_ref.dict_del_str(dict, key);
        Some(flags)
    });
    if let Some(flags) = flags {
        if flags & TPFLAGS_SEQUENCE != 0 && flags & TPFLAGS_MAPPING != 0 {
            raise!(
                vm,
                TypeError,
                "__abc_tpflags__ cannot be both Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING"
            );
        }
        set_pattern_flags(c, flags & TPFLAGS_SEQUENCE != 0, flags & TPFLAGS_MAPPING != 0);
    }
    Ok(vm.none())
}

fn set_pattern_flags(class: Gc<'_, Class>, sequence: bool, mapping: bool) {
    let mut flags = class.flags.get();
    if sequence || mapping {
        flags &= !(ClassFlags::SEQUENCE | ClassFlags::MAPPING);
        flags |= if sequence { ClassFlags::SEQUENCE } else { ClassFlags::MAPPING };
    }
    class.flags.set(flags);
}

/// Hands the flags for patterns on to a registered class and its subclasses. Builtin classes say
/// themselves what they are: a str is a Sequence, but not to a pattern.
fn inherit_flags(vm: &Vm, class: Gc<'_, Class>, sequence: bool, mapping: bool) {
    if class.flags.get() & ClassFlags::MUTABLE == 0 {
        return;
    }
    set_pattern_flags(class, sequence, mapping);
    for sub in vm.subclasses(class) {
        inherit_flags(vm, sub, sequence, mapping);
    }
}

fn abc_register(vm: &mut Vm, args: Args) -> NativeResult {
    let (this, subclass) = (args.local(0), args.local(1));
    if vm.get(subclass).as_class().is_none() {
        raise!(vm, TypeError, "Can only register classes");
    }
    if vm.issubclass(subclass, this)? {
        return Ok(vm.ret(vm.get(subclass)));
    }
    // Otherwise the inheritance would go in circles.
    if vm.issubclass(this, subclass)? {
        raise!(vm, RuntimeError, "Refusing to create an inheritance cycle");
    }
    let data = data_of(vm, this)?;
    add(vm, data, REGISTRY, subclass)?;
    vm.with_extension(|r: &mut Registrations| r.0 += 1);
    let vm = &*vm;
    if let (Some(a), Some(b)) = (vm.get(this).as_class(), vm.get(subclass).as_class()) {
        let has = |flag| a.flags.get() & flag != 0;
        let (sequence, mapping) = (has(ClassFlags::SEQUENCE), has(ClassFlags::MAPPING));
        if sequence || mapping {
            inherit_flags(vm, b, sequence, mapping);
        }
    }
    Ok(vm.ret(vm.get(subclass)))
}

fn is_current(vm: &Vm, data: Local) -> bool {
    data_in(vm, data).version.get() == registrations(vm)
}

fn abc_instancecheck(vm: &mut Vm, args: Args) -> NativeResult {
    let (this, instance) = (args.local(0), args.local(1));
    let data = data_of(vm, this)?;
    let subclass = vm.getattr_str(instance, "__class__")?;
    let subclass = vm.hold(subclass);
    if has(vm, data, CACHE, vm.get(subclass)) {
        return Ok(vm.ret(Value::TRUE));
    }
    let subtype = vm.root(vm.class_of(vm.get(instance)).value());
    let same = vm.get(subtype).is(vm.get(subclass));
    if same && is_current(vm, data) && has(vm, data, NEGATIVE, vm.get(subclass)) {
        return Ok(vm.ret(Value::FALSE));
    }
    for (i, candidate) in [subclass, subtype].into_iter().enumerate() {
        if i == 1 && same {
            break;
        }
        let answer = vm.call_method(this, "__subclasscheck__", &[candidate])?;
        let answer = vm.hold(answer);
        if vm.truth(answer)? {
            return Ok(vm.ret(Value::TRUE));
        }
    }
    Ok(vm.ret(Value::FALSE))
}

fn abc_subclasscheck(vm: &mut Vm, args: Args) -> NativeResult {
    let (this, subclass) = (args.local(0), args.local(1));
    if vm.get(subclass).as_class().is_none() {
        raise!(vm, TypeError, "issubclass() arg 1 must be a class");
    }
    vm.check_native_stack(" in __subclasscheck__")?;
    let data = data_of(vm, this)?;
    let answer = subclass_check(vm, this, data, subclass)?;
    Ok(vm.ret(Value::from_bool(answer)))
}

fn subclass_check(vm: &mut Vm, this: Local, data: Local, subclass: Local) -> Result<bool, Raised> {
    if has(vm, data, CACHE, vm.get(subclass)) {
        return Ok(true);
    }
    if !is_current(vm, data) {
        let current = registrations(vm);
        let d = data_in(vm, data);
        vm.write(d, |d| NEGATIVE(d), Value::UNBOUND);
        d.version.set(current);
    } else if has(vm, data, NEGATIVE, vm.get(subclass)) {
        return Ok(false);
    }
    let hook = vm.call_method(this, "__subclasshook__", &[subclass])?;
    let hook = vm.value(hook);
    if !hook.is(Value::NOT_IMPLEMENTED) {
        if !hook.is_bool() {
            raise!(
                vm,
                AssertionError,
                "__subclasshook__ must return either False, True, or NotImplemented"
            );
        }
        let answer = hook.is(Value::TRUE);
        add(vm, data, if answer { CACHE } else { NEGATIVE }, subclass)?;
        return Ok(answer);
    }
    let direct = match (vm.get(subclass).as_class(), vm.get(this).as_class()) {
        (Some(a), Some(b)) => vm.is_subclass(a, b),
        _ => false,
    };
    if direct {
        add(vm, data, CACHE, subclass)?;
        return Ok(true);
    }
    for registered in classes(vm, data, REGISTRY) {
        if vm.issubclass(subclass, registered)? {
            add(vm, data, CACHE, subclass)?;
            return Ok(true);
        }
    }
    let below = vm.call_method(this, "__subclasses__", &[])?;
    let below = vm.hold(below);
    if vm.get(below).cast::<List>().is_none() {
        raise!(vm, TypeError, "__subclasses__() must return a list");
    }
    let mut i = 0;
    let child = vm.empty_root();
    while let Some(c) = seq_item(vm, vm.get(below), i) {
        i += 1;
        vm.set(child, c);
        if vm.issubclass(subclass, child)? {
            add(vm, data, CACHE, subclass)?;
            return Ok(true);
        }
    }
    add(vm, data, NEGATIVE, subclass)?;
    Ok(false)
}

fn get_dump(vm: &mut Vm, args: Args) -> NativeResult {
    let data = data_of(vm, args.local(0))?;
    let sets = [REGISTRY, CACHE, NEGATIVE].map(|which| {
        let set = vm.root(vm.new_set().value());
        (which, set)
    });
    for (which, set) in sets {
        for class in classes(vm, data, which) {
            let weak = vm.root(vm.weak_reference(vm.get(class), Value::NONE));
            vm.set_add(set, weak)?;
        }
    }
    let vm = &*vm;
    let version = vm.int(data_in(vm, data).version.get() as i64);
    let parts = [vm.get(sets[0].1), vm.get(sets[1].1), vm.get(sets[2].1), version];
    Ok(vm.ret(vm.tuple(&parts).value()))
}

fn reset_registry(vm: &mut Vm, args: Args) -> NativeResult {
    let data = data_of(vm, args.local(0))?;
    vm.write(data_in(vm, data), |d| REGISTRY(d), Value::UNBOUND);
    Ok(vm.none())
}

fn reset_caches(vm: &mut Vm, args: Args) -> NativeResult {
    let data = data_of(vm, args.local(0))?;
    vm.write(data_in(vm, data), |d| CACHE(d), Value::UNBOUND);
    vm.write(data_in(vm, data), |d| NEGATIVE(d), Value::UNBOUND);
    Ok(vm.none())
}
