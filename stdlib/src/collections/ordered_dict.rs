//! OrderedDict: a dict (which keeps the order anyway) whose ends can be moved and compared.

use crate::prelude::*;
use sidewinder_interpreter::builtins::{dict, object};

/// The type OrderedDict.
pub static ORDERED_DICT: TypeDef = TypeDef {
    module: "collections",
    base: ClassId::Dict,
    doc: "Dictionary that remembers insertion order",
    flags: ClassFlags::BASE | ClassFlags::MAPPING | ClassFlags::HAS_DICT,
    methods: &[
        NativeDef::method("__init__($self, /, *args, **kwargs)", init, "Initialize self.").raw(),
        NativeDef::class_method(
            "fromkeys($type, /, iterable, value=None)",
            fromkeys,
            "Create a new ordered dictionary with keys from iterable and values set to value.",
        ),
        NativeDef::method(
            "setdefault($self, /, key, default=None)",
            setdefault,
            "Insert key with a value of default if key is not in the dictionary.\n\nReturn the value for key if key is in the dictionary, else default.",
        ),
        NativeDef::method(
            "pop($self, /, key, default=<unrepresentable>)",
            pop,
            "od.pop(key[,default]) -> v, remove specified key and return the corresponding value.\n\nIf the key is not found, return the default if given; otherwise,\nraise a KeyError.",
        ),
        NativeDef::method(
            "popitem($self, /, last=True)",
            popitem,
            "Remove and return a (key, value) pair from the dictionary.\n\nPairs are returned in LIFO order if last is true or FIFO order if false.",
        ),
        NativeDef::method(
            "move_to_end($self, /, key, last=True)",
            move_to_end,
            "Move an existing element to the end (or beginning if last is false).\n\nRaise KeyError if the element does not exist.",
        ),
        NativeDef::method(
            "update($self, /, *args, **kwargs)",
            update,
            "D.update([E, ]**F) -> None. Update D from mapping/iterable E and F.",
        )
        .raw(),
        NativeDef::method("copy($self, /)", copy, "A shallow copy of ordered dict."),
        NativeDef::method("__reduce__($self, /)", reduce, "Return state information for pickling"),
        NativeDef::method("__eq__($self, value, /)", eq, "Return self==value."),
        NativeDef::method("__ne__($self, value, /)", ne, "Return self!=value."),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::method("__or__($self, value, /)", or, "Return self|value."),
        NativeDef::method("__ror__($self, value, /)", ror, "Return value|self."),
        NativeDef::method("__ior__($self, value, /)", ior, "Return self|=value."),
    ],
    getset: &[GetSetDef::new("__dict__", object::get_dict, "The attributes as a dict.")
        .with_set(object::set_dict)],
    ..TypeDef::new("OrderedDict", Kind::Dict)
};

fn is_ordered(vm: &Vm, v: Value<'_>) -> bool {
    v.kind() == Some(Kind::Dict) && vm.is_subclass(vm.class_of(v), vm.native_class(&ORDERED_DICT))
}

fn check(vm: &Vm, args: Args) -> Result<(), Raised> {
    match is_ordered(vm, args.get(vm, 0)) {
        true => Ok(()),
        false => Err(args.wrong_receiver(vm)),
    }
}

fn is_exact(vm: &Vm, v: Value<'_>) -> bool {
    vm.class_of(v) == vm.native_class(&ORDERED_DICT)
}

/// Whether instances of the class set items with dict's own method.
fn sets_plainly(vm: &Vm, v: Value<'_>) -> bool {
    let own = vm.special_of(v, Special::SetItem);
    let plain = vm.special(vm.class(ClassId::Dict), Special::SetItem);
    matches!((own, plain), (Some(a), Some(b)) if a.is(b))
}

/// `self[key] = value` for everything that `update()` takes.
fn update_from_call(vm: &mut Vm, args: Args, name: &str) -> Result<(), Raised> {
    if args.is_empty() || !is_ordered(vm, args.get(vm, 0)) {
        return Err(args.wrong_receiver(vm));
    }
    let given = args.len() - 1 - args.keyword_count();
    if given > 1 {
        raise!(vm, TypeError, "{name}() takes at most 1 positional argument ({given} given)");
    }
    let this = args.local(0);
    if given == 1 {
        update_any(vm, this, args.local(1))?;
    }
    if args.keyword_count() > 0 {
        let more = keyword_dict(vm, args);
        update_any(vm, this, more)?;
    }
    Ok(())
}

fn update_any(vm: &mut Vm, this: Local, other: Local) -> Result<(), Raised> {
    if sets_plainly(vm, vm.get(this)) {
        return dict::update_any(vm, this, other);
    }
    if vm.is_exact(vm.get(other), ClassId::Dict) {
        let items = vm.call_method(other, "items", &[])?;
        let items = vm.hold(items);
        return set_pairs(vm, this, items);
    }
    if let Some(keys) = vm.getattr_opt(other, "keys")? {
        let keys = vm.hold(keys);
        let keys = vm.call(keys, &[])?;
        let keys = vm.hold(keys);
        return vm.iterate(keys, |vm, key| {
            let value = vm.getitem(other, key)?;
            let value = vm.hold(value);
            vm.setitem(this, key, value)
        });
    }
    if let Some(items) = vm.getattr_opt(other, "items")? {
        let items = vm.hold(items);
        let items = vm.call(items, &[])?;
        let items = vm.hold(items);
        return set_pairs(vm, this, items);
    }
    set_pairs(vm, this, other)
}

fn set_pairs(vm: &mut Vm, this: Local, pairs: Local) -> Result<(), Raised> {
    vm.iterate(pairs, |vm, pair| {
        let pair = vm.collect_tuple(pair)?;
        let pair = vm.value(pair);
        let n = seq_len(pair);
        let (Some(key), Some(value)) = (seq_item(vm, pair, 0), seq_item(vm, pair, 1)) else {
            let s = if n == 1 { "" } else { "s" };
            raise!(vm, ValueError, "need more than {n} value{s} to unpack");
        };
        if n > 2 {
            raise!(vm, ValueError, "too many values to unpack (expected 2)");
        }
        let (key, value) = (vm.root(key), vm.root(value));
        vm.setitem(this, key, value)
    })
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    update_from_call(vm, args, "OrderedDict")?;
    Ok(vm.none())
}

fn update(vm: &mut Vm, args: Args) -> NativeResult {
    update_from_call(vm, args, "update")?;
    Ok(vm.none())
}

fn fromkeys(vm: &mut Vm, args: Args) -> NativeResult {
    let value = vm.root(args.opt(vm, 2).unwrap_or(Value::NONE));
    let new = vm.call(args.local(0), &[])?;
    let new = vm.hold(new);
    vm.iterate(args.local(1), |vm, key| vm.setitem(new, key, value))?;
    Ok(vm.ret(vm.get(new)))
}

fn setdefault(vm: &mut Vm, args: Args) -> NativeResult {
    check(vm, args)?;
    let (this, key) = (args.local(0), args.local(1));
    let value = vm.root(args.opt(vm, 2).unwrap_or(Value::NONE));
    if sets_plainly(vm, vm.get(this)) {
        return vm.dict_setdefault(this, key, value);
    } else if vm.contains(this, key)? {
        return vm.getitem(this, key);
    } else {
        vm.setitem(this, key, value)?;
    }
    Ok(vm.ret(vm.get(value)))
}

fn pop(vm: &mut Vm, args: Args) -> NativeResult {
    check(vm, args)?;
    let (this, key) = (args.local(0), args.local(1));
    if vm.dict_get(this, key)? {
        let value = vm.hold_result();
        vm.dict_del(this, key)?;
        return Ok(vm.ret(vm.get(value)));
    }
    if let Some(default) = args.opt(vm, 2) {
        return Ok(vm.ret(default));
    }
    Err(vm.key_error(vm.get(key)))
}

fn popitem(vm: &mut Vm, args: Args) -> NativeResult {
    check(vm, args)?;
    let last = match args.opt(vm, 1) {
        Some(_) => vm.truth(args.local(1))?,
        None => true,
    };
    let vm = &*vm;
    let dict = dict::dict_in(vm, args.local(0));
    let entry = if last { vm.table_last(&*dict) } else { vm.table_first(&*dict) };
    let Some((i, (key, value, _))) = entry.and_then(|i| Some((i, vm.table_entry(&*dict, i)?)))
    else {
        return Err(vm.key_error(vm.str("dictionary is empty").value()));
    };
    let pair = vm.tuple(&[key, value]);
    vm.table_delete(dict, i);
    Ok(vm.ret(pair.value()))
}

fn move_to_end(vm: &mut Vm, args: Args) -> NativeResult {
    check(vm, args)?;
    let last = match args.opt(vm, 2) {
        Some(_) => vm.truth(args.local(2))?,
        None => true,
    };
    let (this, key) = (args.local(0), args.local(1));
    if !vm.dict_get(this, key)? {
        return Err(vm.key_error(vm.get(key)));
    }
    let hash = vm.hash(key)?;
    // The key in the dict is kept, not the equal one given.
    let vm = &*vm;
    let d = dict::dict_in(vm, this);
    let entry = find(vm, d, key, hash);
    let Some((i, (kept, value, hash))) = entry.and_then(|i| Some((i, vm.table_entry(&*d, i)?)))
    else {
        return Err(vm.key_error(vm.get(key)));
    };
    if last {
        vm.table_delete(d, i);
        vm.table_add(d, kept, hash, value);
        return Ok(vm.none());
    }
    let rest: Vec<_> = (0..vm.table_used(&*d))
        .filter(|k| *k != i)
        .filter_map(|k| vm.table_entry(&*d, k))
        .collect();
    vm.table_clear(d);
    vm.table_grow(d, rest.len() + 1);
    vm.table_add(d, kept, hash, value);
    for (key, value, hash) in rest {
        vm.table_add(d, key, hash, value);
    }
    Ok(vm.none())
}

/// The entry of a key that is known to be in the dict.
fn find(vm: &Vm, d: Gc<'_, Dict>, key: Local, hash: u64) -> Option<usize> {
    use sidewinder_interpreter::object::table::Lookup;
    match vm.table_find(&*d, vm.get(key), hash, None) {
        Lookup::Found(i) => Some(i),
        // A key whose equality is Python's business: the one with this hash.
        _ => (0..vm.table_used(&*d)).find(|i| {
            vm.table_entry(&*d, *i).is_some_and(|(_, value, h)| h == hash && value.is(vm.result()))
        }),
    }
}

fn copy(vm: &mut Vm, args: Args) -> NativeResult {
    check(vm, args)?;
    let this = args.local(0);
    let class = vm.root(vm.class_of(vm.get(this)).value());
    let new = vm.call(class, &[])?;
    let new = vm.hold(new);
    if is_exact(vm, vm.get(this)) {
        dict::update_from_dict(vm, new, this)?;
    } else {
        vm.iterate(this, |vm, key| {
            let value = vm.getitem(this, key)?;
            let value = vm.hold(value);
            vm.setitem(new, key, value)
        })?;
    }
    Ok(vm.ret(vm.get(new)))
}

fn reduce(vm: &mut Vm, args: Args) -> NativeResult {
    check(vm, args)?;
    let this = args.local(0);
    let state = vm.call_method(this, "__getstate__", &[])?;
    let state = vm.hold(state);
    let items = vm.call_method(this, "items", &[])?;
    let items = vm.hold(items);
    let iterator = vm.iter(items)?;
    let vm = &*vm;
    let iterator = vm.value(iterator);
    let class = vm.class_of(vm.get(this)).value();
    let empty = vm.tuple(&[]).value();
    Ok(vm.ret(vm.tuple(&[class, empty, vm.get(state), Value::NONE, iterator]).value()))
}

/// Equality; between ordered dicts the order matters.
fn equal(vm: &mut Vm, args: Args) -> Result<Option<bool>, Raised> {
    check(vm, args)?;
    let (a, b) = (args.local(0), args.local(1));
    if vm.get(b).kind() != Some(Kind::Dict) {
        return Ok(None);
    }
    if !dict::equal(vm, a, b)? {
        return Ok(Some(false));
    }
    if !is_ordered(vm, vm.get(b)) {
        return Ok(Some(true));
    }
    let x = vm.call_method(a, "keys", &[])?;
    let x = vm.hold(x);
    let x = vm.collect_list(x)?;
    let x = vm.hold(x);
    let y = vm.call_method(b, "keys", &[])?;
    let y = vm.hold(y);
    let y = vm.collect_list(y)?;
    let y = vm.hold(y);
    vm.eq(x, y).map(Some)
}

fn eq(vm: &mut Vm, args: Args) -> NativeResult {
    let answer = equal(vm, args)?;
    Ok(vm.ret(answer.map_or(Value::NOT_IMPLEMENTED, Value::from_bool)))
}

fn ne(vm: &mut Vm, args: Args) -> NativeResult {
    let answer = equal(vm, args)?;
    Ok(vm.ret(answer.map_or(Value::NOT_IMPLEMENTED, |b| Value::from_bool(!b))))
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    check(vm, args)?;
    let this = args.local(0);
    let name = vm.class_name(vm.class_of(vm.get(this)));
    if dict::dict_in(vm, this).len.get() == 0 {
        return ret_str(vm, &format!("{name}()"));
    }
    if !vm.repr_enter(this) {
        return ret_str(vm, "...");
    }
    let text = vm.scope(|vm| {
        let items = vm.call_method(this, "items", &[])?;
        let items = vm.hold(items);
        let plain = vm.root(vm.dict().value());
        set_pairs(vm, plain, items)?;
        vm.repr_text(plain)
    });
    vm.repr_leave(this);
    let text = text?;
    ret_str(vm, &format!("{name}({text})"))
}

fn or(vm: &mut Vm, args: Args) -> NativeResult {
    merged(vm, args, 0, 1)
}

fn ror(vm: &mut Vm, args: Args) -> NativeResult {
    merged(vm, args, 1, 0)
}

fn merged(vm: &mut Vm, args: Args, first: usize, second: usize) -> NativeResult {
    check(vm, args)?;
    if args.get(vm, 1).kind() != Some(Kind::Dict) {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    }
    let class = vm.root(vm.class_of(args.get(vm, 0)).value());
    let new = vm.call(class, &[args.local(first)])?;
    let new = vm.hold(new);
    if !is_ordered(vm, vm.get(new)) {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    }
    update_any(vm, new, args.local(second))?;
    Ok(vm.ret(vm.get(new)))
}

fn ior(vm: &mut Vm, args: Args) -> NativeResult {
    check(vm, args)?;
    update_any(vm, args.local(0), args.local(1))?;
    Ok(vm.ret(args.get(vm, 0)))
}
