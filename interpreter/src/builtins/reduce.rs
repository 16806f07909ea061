//! `__reduce_ex__`, `__reduce__` and `__getstate__` of object: what pickle and copy ask for.

use super::ClassId;
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::{Args, Local, NativeResult, Raised, Ret, Vm};

/// Whether the class of an object has object's own method of that name.
fn is_plain(vm: &Vm, v: Value<'_>, name: &str) -> bool {
    let key = vm.intern(name).value();
    let own = vm.class_lookup(vm.class_of(v), key);
    let plain = vm.class_lookup(vm.class(ClassId::Object), key);
    matches!((own, plain), (Some(a), Some(b)) if a.is(b))
}

pub(super) fn reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let protocol = vm.root(Value::from_i32(0));
    by_protocol(vm, args.local(0), protocol)
}

pub(super) fn reduce_ex(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.local(0);
    if !is_plain(vm, vm.get(this), "__reduce__") {
        return vm.call_method(this, "__reduce__", &[]);
    }
    by_protocol(vm, this, args.local(1))
}

fn by_protocol(vm: &mut Vm, this: Local, protocol: Local) -> NativeResult {
    let copyreg = vm.import_module("copyreg")?;
    if vm.index_i64(protocol)? < 2 {
        return vm.call_method(copyreg, "_reduce_ex", &[this, protocol]);
    }
    reduce_newobj(vm, this, copyreg)
}

/// `cls.__new__(cls, *args)`, then the state, the items of a list and those of a dict.
fn reduce_newobj(vm: &mut Vm, this: Local, copyreg: Local) -> NativeResult {
    let (arguments, keywords) = new_arguments(vm, this)?;
    let class = vm.root(vm.class_of(vm.get(this)).value());
    let has_arguments = arguments.is_some();
    let empty = vm.root(vm.tuple(&[]).value());
    let given = arguments.unwrap_or(empty);
    let (make, make_args) = match keywords {
        None => {
            let make = vm.getattr_str(copyreg, "__newobj__")?;
            let make = vm.hold(make);
            let vm_ref = &*vm;
            let items: Gc<'_, Tuple> = vm_ref.get(given).cast().expect("checked");
            let all = std::iter::once(vm_ref.get(class))
                .chain(items.items().iter().map(|s| s.get(vm_ref)));
            let tuple = vm_ref.tuple_from(items.len() + 1, all);
            (make, vm_ref.root(tuple.value()))
        }
        Some(keywords) => {
            let make = vm.getattr_str(copyreg, "__newobj_ex__")?;
            let make = vm.hold(make);
            let parts = [vm.get(class), vm.get(given), vm.get(keywords)];
            (make, vm.root(vm.tuple(&parts).value()))
        }
    };
    let kind = vm.get(this).kind();
    let (is_list, is_dict) = (kind == Some(Kind::List), kind == Some(Kind::Dict));
    let required = !has_arguments && !is_list && !is_dict;
    let state = if is_plain(vm, vm.get(this), "__getstate__") {
        let ret = default_state(vm, this, copyreg, required)?;
        vm.hold(ret)
    } else {
        let ret = vm.call_method(this, "__getstate__", &[])?;
        vm.hold(ret)
    };
    let (list_items, dict_items) = (vm.root(Value::NONE), vm.root(Value::NONE));
    if is_list {
        let ret = vm.iter(this)?;
        vm.set(list_items, vm.value(ret));
    }
    if is_dict {
        let ret = vm.call_method(this, "items", &[])?;
        let items = vm.hold(ret);
        let ret = vm.iter(items)?;
        vm.set(dict_items, vm.value(ret));
    }
    let vm = &*vm;
    let parts = [make, make_args, state, list_items, dict_items].map(|l| vm.get(l));
    Ok(vm.ret(vm.tuple(&parts).value()))
}

/// Calls a method that the object's type has; its own attributes and hooks are not asked.
fn call_of_type(vm: &mut Vm, this: Local, name: &str) -> Result<Option<Ret>, Raised> {
    let class = vm.class_of(vm.get(this));
    let Some(method) = vm.class_lookup(class, vm.intern(name).value()) else { return Ok(None) };
    let method = vm.root(method);
    vm.call_unbound(method, this, &[]).map(Some)
}

/// What `__getnewargs_ex__` or `__getnewargs__` gives: a tuple and, if not empty, a dict.
fn new_arguments(vm: &mut Vm, this: Local) -> Result<(Option<Local>, Option<Local>), Raised> {
    if let Some(ret) = call_of_type(vm, this, "__getnewargs_ex__")? {
        let Some(pair) = vm.value(ret).cast::<Tuple>() else {
            let given = vm.type_name(vm.result());
            raise!(vm, TypeError, "__getnewargs_ex__ should return a tuple, not '{given}'");
        };
        if pair.len() != 2 {
            let n = pair.len();
            raise!(vm, ValueError, "__getnewargs_ex__ should return a tuple of length 2, not {n}");
        }
        let (first, second) = (pair.item(vm, 0), pair.item(vm, 1));
        if first.cast::<Tuple>().is_none() {
            let given = vm.type_name(first);
            raise!(
                vm,
                TypeError,
                "first item of the tuple returned by __getnewargs_ex__ must be a tuple, not '{given}'"
            );
        }
        let Some(dict) = second.cast::<Dict>() else {
            let given = vm.type_name(second);
            raise!(
                vm,
                TypeError,
                "second item of the tuple returned by __getnewargs_ex__ must be a dict, not '{given}'"
            );
        };
        let keywords = (dict.len.get() > 0).then(|| vm.root(second));
        return Ok((Some(vm.root(first)), keywords));
    }
    let Some(ret) = call_of_type(vm, this, "__getnewargs__")? else { return Ok((None, None)) };
    if vm.value(ret).cast::<Tuple>().is_none() {
        let given = vm.type_name(vm.result());
        raise!(vm, TypeError, "__getnewargs__ should return a tuple, not '{given}'");
    }
    Ok((Some(vm.hold_result()), None))
}

pub(super) fn getstate(vm: &mut Vm, args: Args) -> NativeResult {
    let copyreg = vm.import_module("copyreg")?;
    default_state(vm, args.local(0), copyreg, false)
}

/// The attributes, and with `__slots__` a pair of them and those in slots. `required`: an object
/// that holds anything else cannot be pickled.
fn default_state(vm: &mut Vm, this: Local, copyreg: Local, required: bool) -> NativeResult {
    let v = vm.get(this);
    let holds_more = v.header().is_some_and(|_| v.kind() != Some(Kind::Instance));
    if required && holds_more {
        let name = vm.type_name(v);
        raise!(vm, TypeError, "cannot pickle '{name}' object");
    }
    let state = vm.root(Value::NONE);
    if let Some(dict) = vm.getattr_opt(this, "__dict__")? {
        let dict = vm.value(dict);
        let empty = dict.cast::<Dict>().is_some_and(|d| d.len.get() == 0);
        if !empty {
            vm.set(state, vm.result());
        }
    }
    let class = vm.root(vm.class_of(vm.get(this)).value());
    let names = vm.call_method(copyreg, "_slotnames", &[class])?;
    let names = vm.hold(names);
    if vm.get(names).is_none() {
        return Ok(vm.ret(vm.get(state)));
    }
    let slots = vm.root(vm.dict().value());
    vm.iterate(names, |vm, name| {
        if let Some(value) = vm.getattr_maybe(this, name)? {
            let value = vm.hold(value);
            vm.dict_set(slots, name, value)?;
        }
        Ok(())
    })?;
    let vm = &*vm;
    if vm.get(slots).cast::<Dict>().is_some_and(|d| d.len.get() == 0) {
        return Ok(vm.ret(vm.get(state)));
    }
    Ok(vm.ret(vm.tuple(&[vm.get(state), vm.get(slots)]).value()))
}

/// The builtin function of that name.
pub fn builtin_named<'gc>(vm: &'gc Vm, name: &str) -> Value<'gc> {
    vm.dict_get_str(vm.builtins(), vm.intern(name)).unwrap_or(Value::NONE)
}

/// `(iter, (seq,), state)`: an iterator as one over the rest.
pub fn rest_reduced(vm: &Vm, rest: Value<'_>, state: Option<Value<'_>>) -> NativeResult {
    let f = builtin_named(vm, "iter");
    let rest = vm.tuple(&[rest]).value();
    Ok(vm.ret(match state {
        Some(state) => vm.tuple(&[f, rest, state]).value(),
        None => vm.tuple(&[f, rest]).value(),
    }))
}

/// `(iter, (seq,), position)`, or `(iter, ((),))` at the end.
pub fn iterator_reduced(
    vm: &Vm,
    function: &str,
    seq: Option<Value<'_>>,
    position: i64,
) -> NativeResult {
    let f = builtin_named(vm, function);
    let Some(seq) = seq else {
        let empty = vm.tuple(&[vm.tuple(&[]).value()]).value();
        return Ok(vm.ret(vm.tuple(&[f, empty]).value()));
    };
    let seq = vm.tuple(&[seq]).value();
    Ok(vm.ret(vm.tuple(&[f, seq, vm.int(position)]).value()))
}

/// `(type(self), arguments, state)`, where the state is the attribute dict or None.
fn rebuilt(vm: &mut Vm, this: Local, arguments: Local) -> NativeResult {
    let state = vm.call_method(this, "__getstate__", &[])?;
    let vm = &*vm;
    let state = vm.value(state);
    let class = vm.class_of(vm.get(this)).value();
    Ok(vm.ret(vm.tuple(&[class, vm.get(arguments), state]).value()))
}

/// set and frozenset
pub fn set_reduce(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Set>(vm)?;
    let items = vm.collect_list(args.local(0))?;
    let arguments = vm.root(vm.tuple(&[vm.value(items)]).value());
    rebuilt(vm, args.local(0), arguments)
}

/// bytearray
pub fn bytearray_reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytearray_data(args.this::<ByteArray>(vm)?);
    let text = vm.str_from_latin1(&data).value();
    let arguments = vm.root(vm.tuple(&[text, vm.str("latin-1").value()]).value());
    rebuilt(vm, args.local(0), arguments)
}

/// range and slice
pub fn bounds_reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.get(vm, 0);
    let parts = if let Some(r) = this.cast::<Range>() {
        [&r.r().start, &r.r().stop, &r.r().step]
    } else {
        let s = args.this::<Slice>(vm)?;
        [&s.r().start, &s.r().stop, &s.r().step]
    };
    let parts = vm.tuple(&parts.map(|slot| slot.get(vm))).value();
    Ok(vm.ret(vm.tuple(&[vm.class_of(this).value(), parts]).value()))
}

/// Bound methods: `getattr(self, name)`.
pub fn method_reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.this::<BoundMethod>(vm)?;
    let (func, owner) = (vm.root(this.func.get(vm)), vm.root(this.this.get(vm)));
    let name = vm.getattr_str(func, "__name__")?;
    let vm = &*vm;
    let parts = vm.tuple(&[vm.get(owner), vm.value(name)]).value();
    Ok(vm.ret(vm.tuple(&[builtin_named(vm, "getattr"), parts]).value()))
}

/// Native functions: by name, or `getattr(owner, name)` for those found in classes.
pub fn builtin_reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    if args.get(vm, 0).cast::<BoundMethod>().is_some() {
        let bound = args.this::<BoundMethod>(vm)?;
        let name = bound.func.get(vm).cast::<Builtin>().map_or("?", |b| b.def.get().name());
        let parts = vm.tuple(&[bound.this.get(vm), vm.intern(name).value()]).value();
        return Ok(vm.ret(vm.tuple(&[builtin_named(vm, "getattr"), parts]).value()));
    }
    let this = args.this::<Builtin>(vm)?;
    let name = vm.intern(this.def.get().name()).value();
    let owner = this.owner.get(vm);
    if owner.as_class().is_none() {
        return Ok(vm.ret(name));
    }
    let parts = vm.tuple(&[owner, name]).value();
    Ok(vm.ret(vm.tuple(&[builtin_named(vm, "getattr"), parts]).value()))
}
