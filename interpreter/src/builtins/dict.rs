//! dict.

use super::declare::{ClassId, TypeDef};
use super::support::*;
use super::{dict_views, object, set};
use crate::object::table::{HasTable, Lookup};
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Special, Vm};

/// The type dict.
pub static TYPE: TypeDef = TypeDef {
    doc: "dict(**kwargs)\ndict(mapping, /, **kwargs)\ndict(iterable, /, **kwargs)\n--\n\nA mapping from keys to values, in order of insertion.",
    flags: ClassFlags::BASE | ClassFlags::MAPPING,
    methods: METHODS,
    ..TypeDef::new("dict", Kind::Dict)
};

static METHODS: &[NativeDef] = &[
    NativeDef::static_method("__new__($type, /, *args, **kwargs)", new, "Make an empty dict.")
        .raw(),
    NativeDef::method("__init__($self, /, *args, **kwargs)", init, "Fill the dict.").raw(),
    NativeDef::class_method(
        "fromkeys($type, iterable, value=None, /)",
        fromkeys,
        "A new dict with keys from iterable and all values set to value.",
    ),
    NativeDef::method("clear($self, /)", clear, "Remove all items."),
    NativeDef::method("copy($self, /)", copy, "A shallow copy."),
    NativeDef::method(
        "get($self, key, default=None, /)",
        get,
        "The value for key, or default if there is none.",
    ),
    NativeDef::method("items($self, /)", dict_views::items, "A view of the items, as pairs."),
    NativeDef::method("keys($self, /)", dict_views::keys, "A view of the keys."),
    NativeDef::method("values($self, /)", dict_views::values, "A view of the values."),
    NativeDef::method(
        "pop($self, key, default=<unrepresentable>, /)",
        pop,
        "Remove key and return its value; without it default, or KeyError.",
    ),
    NativeDef::method(
        "popitem($self, /)",
        popitem,
        "Remove the item added last and return it as a pair; KeyError if the dict is empty.",
    ),
    NativeDef::method(
        "setdefault($self, key, default=None, /)",
        setdefault,
        "The value for key, which is set to default if it is not there.",
    ),
    NativeDef::method(
        "update($self, /, *args, **kwargs)",
        update,
        "Set items from a mapping or an iterable of pairs, then from keyword arguments.",
    )
    .raw(),
    NativeDef::method("__len__($self, /)", len, "Return len(self)."),
    NativeDef::method("__getitem__($self, key, /)", getitem, "Return self[key]."),
    NativeDef::method("__setitem__($self, key, value, /)", setitem, "Set self[key] to value."),
    NativeDef::method("__delitem__($self, key, /)", delitem, "Delete self[key]."),
    NativeDef::method("__contains__($self, key, /)", contains, "Whether the key is there."),
    NativeDef::method("__iter__($self, /)", iter, "Implement iter(self)."),
    NativeDef::method("__reversed__($self, /)", reversed, "The keys, last one first."),
    NativeDef::method("__eq__($self, value, /)", eq, "Return self==value."),
    NativeDef::method("__ne__($self, value, /)", ne, "Return self!=value."),
    NativeDef::method("__or__($self, value, /)", or, "Return self|value."),
    NativeDef::method("__ror__($self, value, /)", ror, "Return value|self."),
    NativeDef::method("__ior__($self, value, /)", ior, "Return self|=value."),
    NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
    NativeDef::method("__sizeof__($self, /)", sizeof, "Size of the dict in memory, in bytes."),
    NativeDef::class_method("__class_getitem__($type, key, /)", class_getitem, "dict[key, value]"),
];

/// The dict in a root.
pub fn dict_in(vm: &Vm, local: Local) -> Gc<'_, Dict> {
    vm.get(local).cast().expect("the caller has checked that it is a dict")
}

/// A copy of all entries, into a new empty dict of that shape.
pub fn copy_of<'gc>(vm: &'gc Vm, source: Gc<'_, Dict>, shape: u32) -> Gc<'gc, Dict> {
    let copy = vm.dict_of_shape(shape);
    vm.table_copy(copy, source);
    copy
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let shape = new_shape(vm, args, ClassId::Dict)?;
    Ok(vm.ret(vm.dict_of_shape(shape).value()))
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Dict>(vm)?;
    update_from_call(vm, args, "dict")?;
    Ok(vm.none())
}

fn update(vm: &mut Vm, args: Args) -> NativeResult {
    if args.is_empty() {
        raise!(vm, TypeError, "unbound method dict.update() needs an argument");
    }
    args.this::<Dict>(vm)?;
    update_from_call(vm, args, "update")?;
    Ok(vm.none())
}

fn update_from_call(vm: &mut Vm, args: Args, name: &str) -> Result<(), Raised> {
    let given = args.len() - 1 - args.keyword_count();
    if given > 1 {
        raise!(vm, TypeError, "{name} expected at most 1 argument, got {given}");
    }
    let this = args.local(0);
    if given == 1 {
        update_any(vm, this, args.local(1))?;
    }
    if args.keyword_count() > 0 {
        let vm = &*vm;
        let dict = dict_in(vm, this);
        let Some(names) = args.keyword_names(vm).cast::<Tuple>() else { return Ok(()) };
        for i in 0..names.len() {
            if let Some(name) = names.item(vm, i).as_str() {
                vm.dict_set_str(dict, name, args.get(vm, 1 + given + i));
            }
        }
    }
    Ok(())
}

/// Sets all items of another dict.
pub fn update_from_dict(vm: &mut Vm, dict: Local, other: Local) -> Result<(), Raised> {
    if vm.get(dict).is(vm.get(other)) {
        return Ok(());
    }
    let size = dict_in(vm, other).len.get();
    if dict_in(vm, dict).len.get() == 0 {
        vm.table_copy(dict_in(vm, dict), dict_in(vm, other));
        return Ok(());
    }
    let (key, value) = (vm.empty_root(), vm.empty_root());
    let mut i = 0;
    while i < vm.table_used(&*dict_in(vm, other)) {
        let (target, source) = (dict_in(vm, dict), dict_in(vm, other));
        if let Some((k, v, hash)) = vm.table_entry(&*source, i) {
            match vm.table_find(&*target, k, hash, None) {
                Lookup::Found(at) => vm.table_set_value(&*target, at, v),
                Lookup::Missing => vm.table_add(target, k, hash, v),
                Lookup::Ask(..) => {
                    vm.set(key, k);
                    vm.set(value, v);
                    vm.scope(|vm| vm.dict_set_hashed(dict, key, hash, value))?;
                    if dict_in(vm, other).len.get() != size {
                        raise!(vm, RuntimeError, "dict mutated during update");
                    }
                }
            }
        }
        i += 1;
    }
    Ok(())
}

/// Sets items from a mapping or an iterable of pairs.
pub fn update_any(vm: &mut Vm, dict: Local, other: Local) -> Result<(), Raised> {
    let source = vm.get(other);
    if source.kind() == Some(Kind::Dict) {
        let plain = vm.is_exact(source, ClassId::Dict)
            || vm.special_of(source, Special::Iter).and_then(|f| f.cast::<Builtin>()).is_some();
        if plain {
            return update_from_dict(vm, dict, other);
        }
    }
    if let Some(keys) = vm.getattr_opt(other, "keys")? {
        let keys = vm.hold(keys);
        let ret = vm.call(keys, &[])?;
        let keys = vm.hold(ret);
        return vm.iterate(keys, |vm, key| {
            let ret = vm.getitem(other, key)?;
            let value = vm.hold(ret);
            vm.dict_set(dict, key, value)
        });
    }
    update_pairs(vm, dict, other)
}

fn update_pairs(vm: &mut Vm, dict: Local, pairs: Local) -> Result<(), Raised> {
    let mut i = 0;
    vm.iterate(pairs, |vm, pair| {
        let (key, value) = (vm.empty_root(), vm.empty_root());
        let n = if vm.is_exact(vm.get(pair), ClassId::Tuple)
            || vm.is_exact(vm.get(pair), ClassId::List)
        {
            let v = vm.get(pair);
            if let (Some(a), Some(b)) = (seq_item(vm, v, 0), seq_item(vm, v, 1)) {
                vm.set(key, a);
                vm.set(value, b);
            }
            seq_len(v)
        } else {
            let list = match vm.collect_list(pair) {
                Ok(ret) => vm.hold(ret),
                Err(raised) => {
                    if vm.special_of(vm.get(pair), Special::Iter).is_none() {
                        vm.catch(raised, ClassId::TypeError)?;
                        raise!(vm, TypeError, "object is not iterable");
                    }
                    return Err(raised);
                }
            };
            let v = vm.get(list);
            if let (Some(a), Some(b)) = (seq_item(vm, v, 0), seq_item(vm, v, 1)) {
                vm.set(key, a);
                vm.set(value, b);
            }
            seq_len(v)
        };
        if n != 2 {
            raise!(
                vm,
                ValueError,
                "dictionary update sequence element #{i} has length {n}; 2 is required"
            );
        }
        i += 1;
        vm.dict_set(dict, key, value)
    })
}

fn fromkeys(vm: &mut Vm, args: Args) -> NativeResult {
    let class = args.local(0);
    let value = match args.opt(vm, 2) {
        Some(_) => args.local(2),
        None => vm.root(Value::NONE),
    };
    let ret = vm.call(class, &[])?;
    let dict = vm.hold(ret);
    let exact = vm.is_exact(vm.get(dict), ClassId::Dict);
    if exact && set::has_hashes(vm, args.get(vm, 1)) {
        set::each_hashed(vm, args.local(1), |vm, key, hash| {
            vm.dict_set_hashed(dict, key, hash, value)
        })?;
        return Ok(vm.ret(vm.get(dict)));
    }
    vm.iterate(args.local(1), |vm, key| {
        if exact { vm.dict_set(dict, key, value) } else { vm.setitem(dict, key, value) }
    })?;
    Ok(vm.ret(vm.get(dict)))
}

fn clear(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    vm.table_clear(args.this::<Dict>(vm)?);
    Ok(vm.none())
}

fn copy(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let copy = copy_of(vm, args.this::<Dict>(vm)?, ClassId::Dict as u32);
    Ok(vm.ret(copy.value()))
}

fn get(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Dict>(vm)?;
    if vm.dict_get(args.local(0), args.local(1))? {
        return Ok(vm.ret(vm.result()));
    }
    Ok(vm.ret(args.opt(vm, 2).unwrap_or(Value::NONE)))
}

fn pop(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Dict>(vm)?;
    if vm.dict_del(args.local(0), args.local(1))? {
        return Ok(vm.ret(vm.result()));
    }
    match args.opt(vm, 2) {
        Some(default) => Ok(vm.ret(default)),
        None => Err(vm.key_error(args.get(vm, 1))),
    }
}

fn popitem(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let dict = args.this::<Dict>(vm)?;
    let last = vm.table_last(&*dict);
    let Some((i, (key, value, _))) = last.and_then(|i| Some((i, vm.table_entry(&*dict, i)?)))
    else {
        return Err(vm.key_error(vm.str("popitem(): dictionary is empty").value()));
    };
    let pair = vm.tuple(&[key, value]);
    vm.table_delete(dict, i);
    Ok(vm.ret(pair.value()))
}

fn setdefault(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Dict>(vm)?;
    let value = vm.root(args.opt(vm, 2).unwrap_or(Value::NONE));
    vm.dict_setdefault(args.local(0), args.local(1), value)
}

fn len(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let n = args.this::<Dict>(vm)?.len.get();
    Ok(vm.ret(vm.int_usize(n)))
}

fn getitem(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Dict>(vm)?;
    if vm.dict_get(args.local(0), args.local(1))? {
        return Ok(vm.ret(vm.result()));
    }
    if !vm.is_exact(args.get(vm, 0), ClassId::Dict)
        && let Some(ret) = vm.call_special(args.local(0), Special::Missing, &[args.local(1)])?
    {
        return Ok(ret);
    }
    Err(vm.key_error(args.get(vm, 1)))
}

fn setitem(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Dict>(vm)?;
    vm.dict_set(args.local(0), args.local(1), args.local(2))?;
    Ok(vm.none())
}

fn delitem(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Dict>(vm)?;
    if vm.dict_del(args.local(0), args.local(1))? {
        return Ok(vm.none());
    }
    Err(vm.key_error(args.get(vm, 1)))
}

fn contains(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Dict>(vm)?;
    let found = vm.dict_get(args.local(0), args.local(1))?;
    Ok(vm.ret(Value::from_bool(found)))
}

fn iter(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let dict = args.this::<Dict>(vm)?;
    Ok(vm.ret(dict_views::key_iterator(vm, dict)))
}

fn reversed(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let dict = args.this::<Dict>(vm)?;
    Ok(vm.ret(dict_views::reverse_key_iterator(vm, dict)))
}

/// Whether two dicts have equal items.
pub fn equal(vm: &mut Vm, a: Local, b: Local) -> Result<bool, Raised> {
    if dict_in(vm, a).len.get() != dict_in(vm, b).len.get() {
        return Ok(false);
    }
    vm.check_native_stack(" in comparison")?;
    let (key, value, other) = (vm.empty_root(), vm.empty_root(), vm.empty_root());
    let mut i = 0;
    while i < vm.table_used(&*dict_in(vm, a)) {
        if let Some((k, v, hash)) = vm.table_entry(&*dict_in(vm, a), i) {
            let target = dict_in(vm, b);
            if let Lookup::Found(at) = vm.table_find(&*target, k, hash, None) {
                let w = vm.table_value(&*target, at);
                let known = vm.compare_leaf(crate::vm::compare::CompareOp::Eq, v, w);
                if v.is(w) || known == Some(true) {
                    i += 1;
                    continue;
                }
            }
            vm.set(key, k);
            vm.set(value, v);
            let same = vm.scope(|vm| -> Result<bool, Raised> {
                if !vm.dict_get(b, key)? {
                    return Ok(false);
                }
                vm.set(other, vm.result());
                vm.eq(value, other)
            })?;
            if !same {
                return Ok(false);
            }
        }
        i += 1;
    }
    Ok(true)
}

fn eq(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Dict>(vm)?;
    if args.get(vm, 1).kind() != Some(Kind::Dict) {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    }
    let equal = equal(vm, args.local(0), args.local(1))?;
    Ok(vm.ret(Value::from_bool(equal)))
}

fn ne(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Dict>(vm)?;
    if args.get(vm, 1).kind() != Some(Kind::Dict) {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    }
    let equal = equal(vm, args.local(0), args.local(1))?;
    Ok(vm.ret(Value::from_bool(!equal)))
}

fn merged(vm: &mut Vm, args: Args, first: usize, second: usize) -> NativeResult {
    let is_dict = |i: usize| args.get(vm, i).kind() == Some(Kind::Dict);
    if !is_dict(first) || !is_dict(second) {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    }
    let copy = copy_of(vm, dict_in(vm, args.local(first)), ClassId::Dict as u32);
    let copy = vm.root(copy.value());
    update_from_dict(vm, copy, args.local(second))?;
    Ok(vm.ret(vm.get(copy)))
}

fn or(vm: &mut Vm, args: Args) -> NativeResult {
    merged(vm, args, 0, 1)
}

fn ror(vm: &mut Vm, args: Args) -> NativeResult {
    merged(vm, args, 1, 0)
}

fn ior(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Dict>(vm)?;
    update_any(vm, args.local(0), args.local(1))?;
    Ok(vm.ret(args.get(vm, 0)))
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Dict>(vm)?;
    let this = args.local(0);
    if !vm.repr_enter(this) {
        let text = vm.str("{...}").value();
        return Ok(vm.ret(text));
    }
    let text = items_text(vm, this);
    vm.repr_leave(this);
    let text = vm.str(&text?).value();
    Ok(vm.ret(text))
}

fn items_text(vm: &mut Vm, dict: Local) -> Result<String, Raised> {
    let mut text = String::from("{");
    let (key, value) = (vm.empty_root(), vm.empty_root());
    let mut i = 0;
    while i < vm.table_used(&*dict_in(vm, dict)) {
        if let Some((k, v, _)) = vm.table_entry(&*dict_in(vm, dict), i) {
            vm.set(key, k);
            vm.set(value, v);
            if text.len() > 1 {
                text.push_str(", ");
            }
            text.push_str(&vm.scope(|vm| vm.repr_text(key))?);
            text.push_str(": ");
            text.push_str(&vm.scope(|vm| vm.repr_text(value))?);
        }
        i += 1;
    }
    text.push('}');
    Ok(text)
}

fn sizeof(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let dict = args.this::<Dict>(vm)?;
    let table = dict.table_slot().get_as::<Table>(vm).map_or(0, |t| Table::size(t.log2_slots));
    Ok(vm.ret(vm.int_usize(object::own_size(vm, dict.value()) + table)))
}
