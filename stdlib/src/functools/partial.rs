//! partial and Placeholder.

use crate::prelude::*;
use sidewinder_interpreter::builtins::object;
use sidewinder_interpreter::vm::stack::Global;

/// A function with some of its arguments.
#[derive(Trace)]
pub struct Partial {
    func: Slot,
    /// A tuple.
    args: Slot,
    /// A dict.
    keywords: Slot,
    /// Number of placeholders among the arguments.
    open: Cell<usize>,
}
native_type!(
    Partial,
    PARTIAL,
    "functools",
    "partial",
    "Create a new function with partial application of the given arguments and keywords.",
    ClassFlags::BASE | ClassFlags::HAS_DICT | ClassFlags::MODULE_IN_MESSAGES,
    [
        NativeDef::static_method("__new__($type, func, /, *args, **keywords)", new, "").raw(),
        NativeDef::method("__call__($self, /, *args, **kwargs)", call, "Call self as a function.")
            .raw(),
        NativeDef::method(
            "__get__($self, instance, owner=None, /)",
            get,
            "Return an attribute of instance, which is of type owner."
        ),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::method("__reduce__($self, /)", reduce, "Helper for pickle."),
        NativeDef::method("__setstate__($self, state, /)", setstate, ""),
        NativeDef::class_method(
            "__class_getitem__($type, object, /)",
            class_getitem,
            "See PEP 585"
        ),
    ],
    [
        GetSetDef::new("__dict__", object::get_dict, "").with_set(object::replace_dict),
        GetSetDef::new(
            "func",
            |vm, args| {
                let vm = &*vm;
                Ok(vm.ret(args.payload::<Partial>(vm)?.r().func.get(vm)))
            },
            "function object to use in future partial calls"
        ),
        GetSetDef::new(
            "args",
            |vm, args| {
                let vm = &*vm;
                Ok(vm.ret(args.payload::<Partial>(vm)?.r().args.get(vm)))
            },
            "tuple of arguments to future partial calls"
        ),
        GetSetDef::new(
            "keywords",
            |vm, args| {
                let vm = &*vm;
                Ok(vm.ret(args.payload::<Partial>(vm)?.r().keywords.get(vm)))
            },
            "dictionary of keyword arguments to future partial calls"
        ),
    ]
);

/// The type of Placeholder.
#[derive(Trace)]
pub struct Placeholder {}
native_type!(
    Placeholder,
    PLACEHOLDER_TYPE,
    "functools",
    "_PlaceholderType",
    "The type of the Placeholder singleton.\n\nUsed as a placeholder for partial arguments.",
    ClassFlags::MODULE_IN_MESSAGES,
    [
        NativeDef::static_method(
            "__new__($type, /)",
            |vm, _| {
                let vm = &*vm;
                Ok(vm.ret(placeholder(vm)))
            },
            ""
        ),
        NativeDef::method("__repr__($self, /)", |vm, _| ret_str(vm, "Placeholder"), ""),
        NativeDef::method("__reduce__($self, /)", |vm, _| ret_str(vm, "Placeholder"), ""),
    ],
    []
);

/// The one Placeholder of this VM.
#[derive(Default)]
struct TheOne(Option<Global>);

pub(super) fn placeholder(vm: &Vm) -> Value<'_> {
    let known = vm.with_extension(|one: &mut TheOne| one.0.as_ref().map(|g| vm.get_global(g)));
    known.unwrap_or_else(|| {
        let made = vm.native(Placeholder {}).value();
        let global = vm.global(made);
        vm.with_extension(|one: &mut TheOne| one.0 = Some(global));
        made
    })
}

fn is_open(v: Value<'_>) -> bool {
    v.payload::<Placeholder>().is_some()
}

fn items<'gc>(vm: &'gc Vm, tuple: Value<'gc>) -> impl Iterator<Item = Value<'gc>> + Clone {
    (0..seq_len(tuple)).filter_map(move |i| seq_item(vm, tuple, i))
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &PARTIAL)?;
    let given = args.len() - args.keyword_count();
    if given < 2 {
        raise!(vm, TypeError, "type 'partial' takes at least one argument");
    }
    if vm.special_of(args.get(vm, 1), Special::Call).is_none() {
        raise!(vm, TypeError, "the first argument must be callable");
    }
    let own = vm.root(vm.tuple_from(given - 2, (2..given).map(|i| args.get(vm, i))).value());
    if given > 2 && is_open(args.get(vm, given - 1)) {
        raise!(vm, TypeError, "trailing Placeholders are not allowed");
    }
    for i in given..args.len() {
        if is_open(args.get(vm, i)) {
            raise!(vm, TypeError, "Placeholder cannot be passed as a keyword argument");
        }
    }
    let func = vm.root(args.get(vm, 1));
    let keywords = vm.root(vm.dict().value());
    // A partial of a partial is made flat.
    if vm.class_of(vm.get(func)) == vm.native_class(&PARTIAL) {
        let vm = &*vm;
        let inner = vm.get(func).payload::<Partial>().expect("its class says so");
        let old: Vec<_> = items(vm, inner.r().args.get(vm)).collect();
        let (all, _) = merged(vm, &old, &items(vm, vm.get(own)).collect::<Vec<_>>());
        vm.set(own, vm.tuple(&all).value());
        if let Some(source) = inner.keywords.get_as::<Dict>(vm) {
            let copy =
                sidewinder_interpreter::builtins::dict::copy_of(vm, source, ClassId::Dict as u32);
            vm.set(keywords, copy.value());
        }
        vm.set(func, inner.r().func.get(vm));
    }
    let more = keyword_dict(vm, args);
    if !vm.get(more).is_unbound() {
        sidewinder_interpreter::builtins::dict::update_from_dict(vm, keywords, more)?;
    }
    let vm = &*vm;
    let open = items(vm, vm.get(own)).filter(|v| is_open(*v)).count();
    let payload = Partial {
        func: slot(vm.get(func)),
        args: slot(vm.get(own)),
        keywords: slot(vm.get(keywords)),
        open: Cell::new(open),
    };
    Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
}

/// Fills the placeholders of `old` with the first of `new`; the rest follow. Also how many
/// placeholders could not be filled.
fn merged<'gc>(vm: &'gc Vm, old: &[Value<'gc>], new: &[Value<'gc>]) -> (Vec<Value<'gc>>, usize) {
    let mut rest = new.iter().copied();
    let mut missing = 0;
    let mut all: Vec<Value<'gc>> = old
        .iter()
        .map(|v| {
            if !is_open(*v) {
                return *v;
            }
            rest.next().unwrap_or_else(|| {
                missing += 1;
                placeholder(vm)
            })
        })
        .collect();
    all.extend(rest);
    (all, missing)
}

fn call(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.payload::<Partial>(vm)?;
    let given = args.len() - args.keyword_count();
    let func = vm.root(this.func.get(vm));
    let (own, open) = (vm.root(this.args.get(vm)), this.open.get());
    let keywords = vm.root(this.keywords.get(vm));
    let mut places: Vec<Local> = Vec::with_capacity(seq_len(vm.get(own)) + given);
    let mut next = 1;
    for i in 0..seq_len(vm.get(own)) {
        let item = seq_item(vm, vm.get(own), i).expect("inside");
        if open > 0 && is_open(item) {
            if next >= given {
                raise!(
                    vm,
                    TypeError,
                    "missing positional arguments in 'partial' call; expected at least {open}, got {}",
                    given - 1
                );
            }
            places.push(args.local(next));
            next += 1;
        } else {
            places.push(vm.root(item));
        }
    }
    places.extend((next..given).map(|i| args.local(i)));
    let all = all_keywords(vm, keywords, args)?;
    vm.call_kw(func, &places, all)
}

/// The partial's keywords with those of the call; UNBOUND when there are none.
fn all_keywords(vm: &mut Vm, own: Local, args: Args) -> Result<Local, Raised> {
    let empty = vm.get(own).cast::<Dict>().is_none_or(|d| d.len.get() == 0);
    let more = keyword_dict(vm, args);
    if empty {
        return Ok(more);
    }
    if vm.get(more).is_unbound() {
        return Ok(own);
    }
    let copy = {
        let vm = &*vm;
        let source: Gc<'_, Dict> = vm.get(own).cast().expect("a dict");
        let copy =
            sidewinder_interpreter::builtins::dict::copy_of(vm, source, ClassId::Dict as u32);
        vm.root(copy.value())
    };
    sidewinder_interpreter::builtins::dict::update_from_dict(vm, copy, more)?;
    Ok(copy)
}

fn get(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Partial>(vm)?;
    let vm = &*vm;
    let instance = args.get(vm, 1);
    if instance.is_none() {
        return Ok(vm.ret(args.get(vm, 0)));
    }
    Ok(vm.ret(vm.bound_method(args.get(vm, 0), instance).value()))
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Partial>(vm)?;
    let this = args.local(0);
    if !vm.repr_enter(this) {
        return ret_str(vm, "...");
    }
    let text = vm.scope(|vm| shown(vm, this));
    vm.repr_leave(this);
    let text = text?;
    ret_str(vm, &text)
}

fn shown(vm: &mut Vm, this: Local) -> Result<String, Raised> {
    let p = vm.get(this).payload::<Partial>().expect("checked");
    let (func, own) = (vm.root(p.func.get(vm)), vm.root(p.args.get(vm)));
    let keywords = vm.root(p.keywords.get(vm));
    let mut parts = vec![vm.repr_text(func)?];
    for i in 0..seq_len(vm.get(own)) {
        let item = vm.root(seq_item(vm, vm.get(own), i).expect("inside"));
        parts.push(vm.repr_text(item)?);
    }
    parts.extend(keyword_texts(vm, keywords)?);
    let class = vm.class_of(vm.get(this));
    let module = sidewinder_interpreter::builtins::class::module_text(vm, class);
    let name = vm.class_qualname(class);
    let name = module.map_or(name.clone(), |m| format!("{m}.{name}"));
    Ok(format!("{name}({})", parts.join(", ")))
}

fn reduce(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Partial>(vm)?;
    let vm = &*vm;
    let this = args.payload::<Partial>(vm)?;
    let dict = vm.instance_dict(this.value()).filter(|d| d.len.get() > 0);
    let dict = dict.map_or(Value::NONE, |d| d.value());
    let func = this.func.get(vm);
    let state = vm.tuple(&[func, this.args.get(vm), this.keywords.get(vm), dict]);
    let class = vm.class_of(this.value()).value();
    let inner = vm.tuple(&[func]);
    Ok(vm.ret(vm.tuple(&[class, inner.value(), state.value()]).value()))
}

fn setstate(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<Partial>(vm)?;
    let Some(state) = args.get(vm, 1).cast::<Tuple>().filter(|t| t.len() == 4) else {
        raise!(vm, TypeError, "invalid partial state");
    };
    let [func, own, keywords, dict] = [0, 1, 2, 3].map(|i| state.item(vm, i));
    let valid = vm.special_of(func, Special::Call).is_some()
        && own.cast::<Tuple>().is_some()
        && (keywords.is_none() || keywords.cast::<Dict>().is_some())
        && (dict.is_none() || dict.cast::<Dict>().is_some());
    if !valid {
        raise!(vm, TypeError, "invalid partial state");
    }
    let n = seq_len(own);
    if n > 0 && seq_item(vm, own, n - 1).is_some_and(is_open) {
        raise!(vm, TypeError, "trailing Placeholders are not allowed");
    }
    let own = if vm.is_exact(own, ClassId::Tuple) {
        own
    } else {
        vm.tuple_from(n, items(vm, own)).value()
    };
    let keywords = match keywords.cast::<Dict>() {
        Some(d) if vm.is_exact(keywords, ClassId::Dict) => d.value(),
        Some(d) => {
            sidewinder_interpreter::builtins::dict::copy_of(vm, d, ClassId::Dict as u32).value()
        }
        None => vm.dict().value(),
    };
    vm.write(this, |p| &p.func, func);
    vm.write(this, |p| &p.args, own);
    vm.write(this, |p| &p.keywords, keywords);
    this.open.set(items(vm, own).filter(|v| is_open(*v)).count());
    let dict = dict.cast::<Dict>().unwrap_or_else(|| vm.dict());
    vm.set_instance_dict(this.value(), dict);
    Ok(vm.none())
}
