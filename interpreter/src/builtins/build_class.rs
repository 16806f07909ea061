//! `__build_class__`: what a class statement calls.

use super::class::winning_meta;
use super::declare::ClassId;
use super::support::*;
use crate::bytecode::CodeFlags;
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Special, Vm};

/// The functions of module builtins that are here.
pub static FUNCTIONS: &[NativeDef] = &[NativeDef::function(
    "__build_class__(func, name, /, *bases, metaclass=None, **kwds)",
    build_class,
    "What the class statement calls.",
)
.raw()];

/// How many attributes the instances of the class being made are expected to have: a hint from the
/// class statement to `type.__new__`, which a metaclass may stand between.
#[derive(Default)]
struct SelfAttrs(usize);

/// The hint of the class statement that is running, taken away.
pub(super) fn take_self_attrs(vm: &Vm) -> usize {
    vm.with_extension(|hint: &mut SelfAttrs| std::mem::take(&mut hint.0))
}

/// `__build_class__(func, name, *bases, metaclass=..., **keywords)`
pub fn build_class(vm: &mut Vm, args: Args) -> NativeResult {
    let positional = args.len() - args.keyword_count();
    if positional < 2 {
        raise!(vm, TypeError, "__build_class__: not enough arguments");
    }
    let (body, name) = (args.local(0), args.local(1));
    let Some(function) = vm.get(body).cast::<Function>() else {
        raise!(vm, TypeError, "__build_class__: func must be a function");
    };
    // SAFETY: the function keeps its code's data alive.
    let unit = &unsafe { &*function.data.get() }.unit;
    let (self_attrs, is_body) = (unit.self_attrs as usize, unit.flags.has(CodeFlags::NAMES));
    if vm.get(name).as_str().is_none() {
        raise!(vm, TypeError, "__build_class__: name is not a string");
    }
    let given = (2..positional).map(|i| args.get(vm, i));
    let given_bases = vm.root(vm.tuple_from(positional - 2, given).value());
    let bases = resolve_bases(vm, given_bases)?;
    let changed = !vm.get(bases).is(vm.get(given_bases));

    let (meta, kwargs) = metaclass(vm, args, bases)?;
    let namespace = prepare(vm, meta, name, bases, kwargs)?;
    // Any function will do, but only a class statement's writes into the namespace.
    let ret = if is_body { vm.call_body(body, namespace)? } else { vm.call(body, &[])? };
    let cell = vm.hold(ret);
    if changed {
        let key = vm.root(vm.intern("__orig_bases__").value());
        vm.setitem(namespace, key, given_bases)?;
    }
    let plain = is_body
        && vm.get(meta).is(vm.class(ClassId::Type).value())
        && vm.get(kwargs).is_unbound()
        && vm.get(namespace).kind() == Some(Kind::Dict);
    let class = if plain {
        vm.new_class(meta, name, bases, namespace, kwargs, self_attrs)?
    } else {
        vm.with_extension(|hint: &mut SelfAttrs| hint.0 = self_attrs);
        vm.call_kw(meta, &[name, bases, namespace], kwargs)?
    };
    let class = vm.hold(class);
    check_cell(vm, cell, class)?;
    Ok(vm.ret(vm.get(class)))
}

/// Bases that are no classes may stand for others by `__mro_entries__`.
fn resolve_bases(vm: &mut Vm, bases: Local) -> Result<Local, Raised> {
    let n = seq_len(vm.get(bases));
    let mut resolved: Option<Vec<Local>> = None;
    for i in 0..n {
        let base = vm.root(seq_item(vm, vm.get(bases), i).expect("inside"));
        let hook = if vm.get(base).as_class().is_some() {
            None
        } else {
            vm.getattr_opt(base, "__mro_entries__")?
        };
        let Some(hook) = hook else {
            if let Some(all) = &mut resolved {
                all.push(base);
            }
            continue;
        };
        let hook = vm.hold(hook);
        let ret = vm.call(hook, &[bases])?;
        let entries = vm.hold(ret);
        if vm.get(entries).cast::<Tuple>().is_none() {
            raise!(vm, TypeError, "__mro_entries__ must return a tuple");
        }
        let all = resolved.get_or_insert_with(|| {
            (0..i).filter_map(|k| seq_item(vm, vm.get(bases), k)).map(|v| vm.root(v)).collect()
        });
        let mut k = 0;
        while let Some(entry) = seq_item(vm, vm.get(entries), k) {
            all.push(vm.root(entry));
            k += 1;
        }
    }
    let Some(all) = resolved else { return Ok(bases) };
    let vm = &*vm;
    Ok(vm.root(vm.tuple_from(all.len(), all.iter().map(|l| vm.get(*l))).value()))
}

/// The metaclass, and the other keyword arguments as a dict (UNBOUND if there are none).
fn metaclass(vm: &mut Vm, args: Args, bases: Local) -> Result<(Local, Local), Raised> {
    let kwargs = keyword_dict(vm, args);
    let vm = &*vm;
    let mut given = None;
    if let Some(dict) = vm.get(kwargs).cast::<Dict>() {
        let key = vm.intern("metaclass");
        given = vm.dict_get_str(dict, key);
        vm.dict_del_str(dict, key);
        if dict.len.get() == 0 {
            vm.set(kwargs, Value::UNBOUND);
        }
    }
    let start = given.unwrap_or_else(|| match seq_item(vm, vm.get(bases), 0) {
        Some(first) => vm.class_of(first).value(),
        None => vm.class(ClassId::Type).value(),
    });
    match start.as_class() {
        Some(meta) => {
            let winner = winning_meta(vm, meta, vm.get(bases))?;
            Ok((vm.root(winner.value()), kwargs))
        }
        // Any callable will do.
        None => Ok((vm.root(start), kwargs)),
    }
}

fn prepare(
    vm: &mut Vm,
    meta: Local,
    name: Local,
    bases: Local,
    kwargs: Local,
) -> Result<Local, Raised> {
    if vm.get(meta).is(vm.class(ClassId::Type).value()) {
        return Ok(vm.root(vm.dict().value()));
    }
    let Some(hook) = vm.getattr_opt(meta, "__prepare__")? else {
        return Ok(vm.root(vm.dict().value()));
    };
    let hook = vm.hold(hook);
    let ret = vm.call_kw(hook, &[name, bases], kwargs)?;
    let namespace = vm.hold(ret);
    if vm.special_of(vm.get(namespace), Special::GetItem).is_none() {
        let given = vm.type_name(vm.get(namespace));
        let owner = match vm.get(meta).as_class() {
            Some(class) => vm.class_name(class),
            None => "<metaclass>".into(),
        };
        raise!(vm, TypeError, "{owner}.__prepare__() must return a mapping, not {given}");
    }
    Ok(namespace)
}

/// The cell of `__class__`, which methods with `super()` use, must hold the new class.
fn check_cell(vm: &mut Vm, cell: Local, class: Local) -> Result<(), Raised> {
    let Some(contents) = vm.get(cell).cast::<Cell_>().map(|c| c.r().contents.get(vm)) else {
        return Ok(());
    };
    if vm.get(class).as_class().is_none() || contents.is(vm.get(class)) {
        return Ok(());
    }
    let contents = contents.bound().map(|v| vm.root(v));
    let name = vm.get(class).as_class().map_or(String::new(), |c| vm.class_name(c));
    let this = vm.repr_text(class)?;
    match contents {
        None => raise!(
            vm,
            RuntimeError,
            "__class__ not set defining '{name}' as {this}. Was __classcell__ propagated to \
             type.__new__?"
        ),
        Some(other) => {
            let other = vm.repr_text(other)?;
            raise!(vm, TypeError, "__class__ set to {other} defining '{name}' as {this}")
        }
    }
}
