//! Type parameters inside aliases and unions, and arguments put in their places.

use super::support::*;
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::{Local, Raised, Vm};

fn push(vm: &Vm, list: Local, v: Value<'_>) {
    let list: Gc<'_, List> = vm.get(list).cast().expect("a list");
    vm.list_push(list, v);
}

fn push_new(vm: &Vm, list: Local, v: Value<'_>) {
    let items: Gc<'_, List> = vm.get(list).cast().expect("a list");
    if !vm.list_items(items).any(|item| item.is(v)) {
        vm.list_push(items, v);
    }
}

/// The type parameters of arguments, a tuple, in the order in which they are first used.
pub fn parameters(vm: &mut Vm, args: Local) -> Result<Local, Raised> {
    let found = vm.root(vm.list(&[]).value());
    collect(vm, args, found)?;
    let tuple = vm.collect_tuple(found)?;
    Ok(vm.hold(tuple))
}

fn collect(vm: &mut Vm, args: Local, found: Local) -> Result<(), Raised> {
    vm.check_native_stack(" in type parameters")?;
    for i in 0..seq_len(vm.get(args)) {
        vm.scope(|vm| {
            let arg = vm.root(seq_item(vm, vm.get(args), i).expect("inside"));
            let v = vm.get(arg);
            if v.as_class().is_some() {
                return Ok(());
            }
            if v.cast::<List>().is_some() || v.cast::<Tuple>().is_some() {
                return collect(vm, arg, found);
            }
            if vm.getattr_opt(arg, "__typing_subst__")?.is_some() {
                push_new(vm, found, vm.get(arg));
                return Ok(());
            }
            if let Some(inner) = vm.getattr_opt(arg, "__parameters__")? {
                let inner = vm.hold(inner);
                for k in 0..seq_len(vm.get(inner)) {
                    let param = seq_item(vm, vm.get(inner), k).expect("inside");
                    push_new(vm, found, param);
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// The items of a subscript, unpacked tuples taken apart.
fn unpack_items(vm: &mut Vm, item: Local) -> Result<Local, Raised> {
    let items = match vm.get(item).cast::<Tuple>() {
        Some(_) => item,
        None => vm.root(vm.tuple(&[vm.get(item)]).value()),
    };
    let out = vm.root(vm.list(&[]).value());
    for i in 0..seq_len(vm.get(items)) {
        vm.scope(|vm| {
            let one = vm.root(seq_item(vm, vm.get(items), i).expect("inside"));
            if vm.get(one).as_class().is_none()
                && let Some(parts) = vm.getattr_opt(one, "__typing_unpacked_tuple_args__")?
            {
                let parts = vm.hold(parts);
                let n = seq_len(vm.get(parts));
                let open = n > 0
                    && seq_item(vm, vm.get(parts), n - 1).is_some_and(|v| v.is(Value::ELLIPSIS));
                if !vm.get(parts).is_none() && !open {
                    for k in 0..n {
                        push(vm, out, seq_item(vm, vm.get(parts), k).expect("inside"));
                    }
                    return Ok(());
                }
            }
            push(vm, out, vm.get(one));
            Ok::<(), Raised>(())
        })?;
    }
    let tuple = vm.collect_tuple(out)?;
    Ok(vm.hold(tuple))
}

fn position(vm: &Vm, tuple: Local, v: Value<'_>) -> Option<usize> {
    (0..seq_len(vm.get(tuple))).find(|i| seq_item(vm, vm.get(tuple), *i).is_some_and(|p| p.is(v)))
}

/// The arguments of `this` with what `item` says in the places of its parameters, a tuple.
pub fn substituted(
    vm: &mut Vm,
    this: Local,
    args: Local,
    params: Local,
    item: Local,
) -> Result<Local, Raised> {
    let n = seq_len(vm.get(params));
    if n == 0 {
        let text = vm.repr_text(this)?;
        raise!(vm, TypeError, "{text} is not a generic class");
    }
    let items = unpack_items(vm, item)?;
    for i in 0..n {
        vm.scope(|vm| {
            let param = vm.root(seq_item(vm, vm.get(params), i).expect("inside"));
            let Some(f) = vm.getattr_opt(param, "__typing_prepare_subst__")? else {
                return Ok(());
            };
            let f = vm.hold(f);
            let ret = vm.call(f, &[this, items])?;
            let tuple = vm.hold(ret);
            let tuple = vm.collect_tuple(tuple)?;
            vm.set(items, vm.value(tuple));
            Ok::<(), Raised>(())
        })?;
    }
    let given = seq_len(vm.get(items));
    if given != n {
        let many = if given > n { "many" } else { "few" };
        let text = vm.repr_text(this)?;
        raise!(vm, TypeError, "Too {many} arguments for {text}; actual {given}, expected {n}");
    }
    let out = vm.root(vm.list(&[]).value());
    put(vm, args, params, items, out)?;
    let tuple = vm.collect_tuple(out)?;
    Ok(vm.hold(tuple))
}

fn put(vm: &mut Vm, args: Local, params: Local, items: Local, out: Local) -> Result<(), Raised> {
    vm.check_native_stack(" in substitution of type parameters")?;
    for i in 0..seq_len(vm.get(args)) {
        vm.scope(|vm| put_one(vm, args, i, params, items, out))?;
    }
    Ok(())
}

fn put_one(
    vm: &mut Vm,
    args: Local,
    i: usize,
    params: Local,
    items: Local,
    out: Local,
) -> Result<(), Raised> {
    let arg = vm.root(seq_item(vm, vm.get(args), i).expect("inside"));
    let v = vm.get(arg);
    if v.as_class().is_some() {
        push(vm, out, v);
        return Ok(());
    }
    let (is_list, is_tuple) = (v.cast::<List>().is_some(), v.cast::<Tuple>().is_some());
    if is_list || is_tuple {
        let inner = vm.root(vm.list(&[]).value());
        put(vm, arg, params, items, inner)?;
        let made = if is_tuple {
            let ret = vm.collect_tuple(inner)?;
            vm.hold(ret)
        } else {
            inner
        };
        push(vm, out, vm.get(made));
        return Ok(());
    }
    let unpacked = match vm.getattr_opt(arg, "__typing_is_unpacked_typevartuple__")? {
        Some(ret) => vm.value(ret).is(Value::TRUE),
        None => false,
    };
    let result = if let Some(f) = vm.getattr_opt(arg, "__typing_subst__")? {
        let f = vm.hold(f);
        let at = position(vm, params, vm.get(arg)).unwrap_or(0);
        let item = vm.root(seq_item(vm, vm.get(items), at).expect("as many as parameters"));
        let ret = vm.call(f, &[item])?;
        vm.hold(ret)
    } else {
        inside(vm, arg, params, items)?
    };
    if unpacked {
        for k in 0..seq_len(vm.get(result)) {
            push(vm, out, seq_item(vm, vm.get(result), k).expect("inside"));
        }
    } else {
        push(vm, out, vm.get(result));
    }
    Ok(())
}

/// An argument that is itself generic, subscripted with those of the items that it takes.
fn inside(vm: &mut Vm, arg: Local, params: Local, items: Local) -> Result<Local, Raised> {
    let Some(own) = vm.getattr_opt(arg, "__parameters__")? else { return Ok(arg) };
    let own = vm.hold(own);
    if vm.get(own).cast::<Tuple>().is_none() || seq_len(vm.get(own)) == 0 {
        return Ok(arg);
    }
    let inner = vm.root(vm.list(&[]).value());
    for k in 0..seq_len(vm.get(own)) {
        let param = seq_item(vm, vm.get(own), k).expect("inside");
        match position(vm, params, param) {
            Some(at) => {
                let item = seq_item(vm, vm.get(items), at).expect("as many as parameters");
                let name = vm.class_name(vm.class_of(param));
                if item.cast::<Tuple>().is_some() && name == "TypeVarTuple" {
                    for j in 0..seq_len(item) {
                        push(vm, inner, seq_item(vm, item, j).expect("inside"));
                    }
                } else {
                    push(vm, inner, item);
                }
            }
            None => push(vm, inner, param),
        }
    }
    let tuple = vm.collect_tuple(inner)?;
    let tuple = vm.hold(tuple);
    let ret = vm.getitem(arg, tuple)?;
    Ok(vm.hold(ret))
}
