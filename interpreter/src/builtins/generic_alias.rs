//! types.GenericAlias (`list[int]`) and unions (`int | None`).

use super::declare::{ClassId, GetSetDef, TypeDef};
use super::substitution;
use super::support::{native_new_shape, ret_hash, seq_item, seq_len};
use crate::object::native::Payload;
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Vm};
use std::cell::Cell;

/// A class with arguments.
#[derive(Trace)]
pub struct GenericAlias {
    origin: Slot,
    args: Slot,
    /// As in `*tuple[int, ...]`.
    starred: Cell<bool>,
}

impl Payload for GenericAlias {
    const TYPE: &'static TypeDef = &GENERIC_ALIAS;
}

/// types.GenericAlias
pub static GENERIC_ALIAS: TypeDef = TypeDef {
    module: "types",
    doc: "A class with arguments, as in list[int].",
    flags: ClassFlags::BASE | ClassFlags::GETATTR_HOOK,
    methods: &[
        NativeDef::static_method("__new__($type, origin, args, /)", alias_new, ""),
        NativeDef::method("__repr__($self, /)", alias_repr, "Return repr(self)."),
        NativeDef::method(
            "__call__($self, /, *args, **kwargs)",
            alias_call,
            "Make an instance of the origin.",
        ),
        NativeDef::method(
            "__getattr__($self, name, /)",
            alias_getattr,
            "An attribute of the origin.",
        ),
        NativeDef::method("__eq__($self, value, /)", alias_eq, "Return self==value."),
        NativeDef::method("__hash__($self, /)", alias_hash, "Return hash(self)."),
        NativeDef::method("__getitem__($self, key, /)", alias_getitem, "Return self[key]."),
        NativeDef::method(
            "__mro_entries__($self, bases, /)",
            alias_mro_entries,
            "The origin, for class statements.",
        ),
        NativeDef::method("__or__($self, value, /)", or, "Return self|value."),
        NativeDef::method("__ror__($self, value, /)", ror, "Return value|self."),
        NativeDef::method("__instancecheck__($self, instance, /)", alias_check, ""),
        NativeDef::method("__subclasscheck__($self, class, /)", alias_check, ""),
        NativeDef::method("__iter__($self, /)", alias_iter, "Yields the alias unpacked."),
        NativeDef::method("__reduce__($self, /)", alias_reduce, "Helper for pickle."),
        NativeDef::method("__dir__($self, /)", alias_dir, "Names of attributes."),
    ],
    getset: &[
        GetSetDef::new(
            "__unpacked__",
            alias_unpacked,
            "Whether it is unpacked, as in *tuple[int].",
        ),
        GetSetDef::new(
            "__typing_unpacked_tuple_args__",
            alias_unpacked_args,
            "The arguments of an unpacked tuple, or None.",
        ),
        GetSetDef::new("__origin__", alias_origin, "The class."),
        GetSetDef::new("__args__", alias_args, "The arguments, a tuple."),
        GetSetDef::new("__parameters__", alias_parameters, "Type variables among the arguments."),
    ],
    ..TypeDef::new("GenericAlias", Kind::Native)
};

/// `origin[args]`
pub fn alias<'gc>(vm: &'gc Vm, origin: Value<'gc>, args: Value<'gc>) -> Value<'gc> {
    alias_of_shape(vm, vm.native_shape(&GENERIC_ALIAS), origin, args)
}

fn alias_of_shape<'gc>(
    vm: &'gc Vm,
    shape: u32,
    origin: Value<'gc>,
    args: Value<'gc>,
) -> Value<'gc> {
    let args = match args.cast::<Tuple>() {
        Some(tuple) => tuple,
        None => vm.tuple(&[args]),
    };
    let (origin, args) = (Slot::new(origin.word()), Slot::new(args.value().word()));
    let payload = GenericAlias { origin, args, starred: Cell::new(false) };
    vm.native_of_shape(shape, payload).value()
}

fn alias_new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let shape = native_new_shape(vm, args, &GENERIC_ALIAS)?;
    Ok(vm.ret(alias_of_shape(vm, shape, args.get(vm, 1), args.get(vm, 2))))
}

fn parts(vm: &Vm, args: Args) -> Result<(Local, Local), Raised> {
    let this = args.payload::<GenericAlias>(vm)?;
    Ok((vm.root(this.origin.get(vm)), vm.root(this.args.get(vm))))
}

/// The text of a type inside an alias or a union: its qualified name if it is a class.
fn type_text(vm: &mut Vm, v: Local) -> Result<String, Raised> {
    if vm.get(v).is(Value::ELLIPSIS) {
        return Ok("...".into());
    }
    if vm.get(v).is_none() {
        return Ok("None".into());
    }
    if vm.is_exact(vm.get(v), ClassId::List) {
        return Ok(format!("[{}]", texts(vm, v, ", ")?));
    }
    if let Some(class) = vm.get(v).as_class() {
        if class == vm.class(ClassId::NoneType) {
            return Ok("None".into());
        }
        let module = super::class::module_text(vm, class);
        let name = vm.class_qualname(class);
        return Ok(match module.as_deref() {
            None | Some("builtins") => name,
            Some(module) => format!("{module}.{name}"),
        });
    }
    vm.repr_text(v)
}

fn texts(vm: &mut Vm, tuple: Local, separator: &str) -> Result<String, Raised> {
    let mut text = String::new();
    let mut i = 0;
    while let Some(item) = seq_item(vm, vm.get(tuple), i) {
        let item = vm.root(item);
        if i > 0 {
            text.push_str(separator);
        }
        text.push_str(&type_text(vm, item)?);
        i += 1;
    }
    Ok(text)
}

fn alias_repr(vm: &mut Vm, args: Args) -> NativeResult {
    let (origin, arguments) = parts(vm, args)?;
    let name = type_text(vm, origin)?;
    let inside = texts(vm, arguments, ", ")?;
    let inside = if inside.is_empty() { "()".into() } else { inside };
    let star = if args.payload::<GenericAlias>(vm)?.starred.get() { "*" } else { "" };
    let text = vm.str(&format!("{star}{name}[{inside}]")).value();
    Ok(vm.ret(text))
}

fn alias_call(vm: &mut Vm, args: Args) -> NativeResult {
    let (origin, _) = parts(vm, args)?;
    let ret = vm.call_args(origin, args.local(1), args.local(2))?;
    let made = vm.hold(ret);
    // Instances that can hold it know what they were made from.
    let name = vm.root(vm.intern("__orig_class__").value());
    if let Err(raised) = vm.setattr(made, name, args.local(0)) {
        let harmless = vm.raised_is(ClassId::AttributeError) || vm.raised_is(ClassId::TypeError);
        if !harmless {
            return Err(raised);
        }
        vm.take_exception(raised);
    }
    Ok(vm.ret(vm.get(made)))
}

fn alias_iter(vm: &mut Vm, args: Args) -> NativeResult {
    let starred = {
        let vm = &*vm;
        let this = args.payload::<GenericAlias>(vm)?;
        let (origin, list) = (this.origin.get(vm), this.args.get(vm));
        let copy = GenericAlias {
            origin: Slot::new(origin.word()),
            args: Slot::new(list.word()),
            starred: Cell::new(true),
        };
        let copy = vm.native(copy).value();
        vm.root(vm.tuple(&[copy]).value())
    };
    vm.iter(starred)
}

fn alias_reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.payload::<GenericAlias>(vm)?;
    let starred = this.starred.get();
    let (origin, list) = parts(vm, args)?;
    let vm_ref = &*vm;
    let class = vm_ref.native_class(&GENERIC_ALIAS).value();
    let inner = vm_ref.tuple(&[vm_ref.get(origin), vm_ref.get(list)]).value();
    if !starred {
        return Ok(vm_ref.ret(vm_ref.tuple(&[class, inner]).value()));
    }
    let plain = vm_ref.root(alias(vm_ref, vm_ref.get(origin), vm_ref.get(list)));
    let ret = vm.iter(plain)?;
    let vm = &*vm;
    let iterator = vm.value(ret);
    let next = super::reduce::builtin_named(vm, "next");
    let inner = vm.tuple(&[iterator]).value();
    Ok(vm.ret(vm.tuple(&[next, inner]).value()))
}

fn alias_dir(vm: &mut Vm, args: Args) -> NativeResult {
    let (origin, _) = parts(vm, args)?;
    let dir = vm.root(super::reduce::builtin_named(vm, "dir"));
    let names = vm.call(dir, &[origin])?;
    let names = vm.hold(names);
    for own in ["__origin__", "__args__", "__parameters__", "__mro_entries__", "__unpacked__"] {
        let vm = &*vm;
        let name = vm.intern(own);
        let list: Gc<'_, List> = vm.get(names).cast().expect("dir() gives a list");
        if !vm.list_items(list).any(|n| n.is(name.value())) {
            vm.list_push(list, name.value());
        }
    }
    Ok(vm.ret(vm.get(names)))
}

fn alias_unpacked(vm: &mut Vm, args: Args) -> NativeResult {
    let starred = args.payload::<GenericAlias>(vm)?.starred.get();
    Ok(vm.ret(Value::from_bool(starred)))
}

fn alias_unpacked_args(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<GenericAlias>(vm)?;
    let of_tuple = this.origin.get(vm).is(vm.class(ClassId::Tuple).value());
    let found = if this.starred.get() && of_tuple { this.args.get(vm) } else { Value::NONE };
    Ok(vm.ret(found))
}

fn alias_getattr(vm: &mut Vm, args: Args) -> NativeResult {
    let (origin, _) = parts(vm, args)?;
    let dunder = args.str(vm, 1).map(|name| {
        let text = vm.str_text(name);
        text.starts_with("__")
            && text.ends_with("__")
            && !matches!(
                &*text,
                "__name__" | "__qualname__" | "__module__" | "__doc__" | "__mro__" | "__bases__"
            )
    })?;
    if dunder {
        return Err(vm.attribute_error(args.get(vm, 0), args.get(vm, 1)));
    }
    vm.getattr(origin, args.local(1))
}

fn alias_eq(vm: &mut Vm, args: Args) -> NativeResult {
    let (origin, arguments) = parts(vm, args)?;
    let Some(other) = args.get(vm, 1).payload::<GenericAlias>() else {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    };
    let starred = args.payload::<GenericAlias>(vm)?.starred.get() == other.starred.get();
    let (a, b) = (vm.root(other.origin.get(vm)), vm.root(other.args.get(vm)));
    let equal = starred && vm.eq(origin, a)? && vm.eq(arguments, b)?;
    Ok(vm.ret(Value::from_bool(equal)))
}

fn alias_hash(vm: &mut Vm, args: Args) -> NativeResult {
    let (origin, arguments) = parts(vm, args)?;
    let hash = vm.hash(origin)? ^ vm.hash(arguments)?;
    ret_hash(vm, hash)
}

fn alias_getitem(vm: &mut Vm, args: Args) -> NativeResult {
    let (origin, arguments) = parts(vm, args)?;
    let starred = args.payload::<GenericAlias>(vm)?.starred.get();
    let params = substitution::parameters(vm, arguments)?;
    let new = substitution::substituted(vm, args.local(0), arguments, params, args.local(1))?;
    let vm = &*vm;
    let made = GenericAlias {
        origin: Slot::new(vm.get(origin).word()),
        args: Slot::new(vm.get(new).word()),
        starred: Cell::new(starred),
    };
    Ok(vm.ret(vm.native(made).value()))
}

fn alias_mro_entries(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let origin = args.payload::<GenericAlias>(vm)?.origin.get(vm);
    Ok(vm.ret(vm.tuple(&[origin]).value()))
}

fn alias_check(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<GenericAlias>(vm)?;
    let name = args.callee_name(vm);
    if name == "__instancecheck__" {
        raise!(vm, TypeError, "isinstance() argument 2 cannot be a parameterized generic");
    }
    raise!(vm, TypeError, "issubclass() argument 2 cannot be a parameterized generic")
}

fn alias_origin(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.payload::<GenericAlias>(vm)?.origin.get(vm)))
}

fn alias_args(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.payload::<GenericAlias>(vm)?.args.get(vm)))
}

fn alias_parameters(vm: &mut Vm, args: Args) -> NativeResult {
    let (_, arguments) = parts(vm, args)?;
    let params = substitution::parameters(vm, arguments)?;
    Ok(vm.ret(vm.get(params)))
}

/// Alternatives: `int | str`.
#[derive(Trace)]
pub struct Union {
    args: Slot,
}

impl Payload for Union {
    const TYPE: &'static TypeDef = &UNION;
}

/// typing.Union
pub static UNION: TypeDef = TypeDef {
    module: "typing",
    doc: "Alternatives of types, as in int | str.",
    methods: &[
        NativeDef::method("__repr__($self, /)", union_repr, "Return repr(self)."),
        NativeDef::method("__eq__($self, value, /)", union_eq, "Return self==value."),
        NativeDef::method("__hash__($self, /)", union_hash, "Return hash(self)."),
        NativeDef::method("__or__($self, value, /)", or, "Return self|value."),
        NativeDef::method("__ror__($self, value, /)", ror, "Return value|self."),
        NativeDef::class_method("__class_getitem__($type, key, /)", union_class_getitem, ""),
        NativeDef::method("__getitem__($self, key, /)", union_getitem, "Return self[key]."),
        NativeDef::method(
            "__mro_entries__($self, bases, /)",
            union_mro_entries,
            "Unions cannot be derived from.",
        ),
        NativeDef::method("__instancecheck__($self, instance, /)", union_instance, ""),
        NativeDef::method("__subclasscheck__($self, class, /)", union_subclass, ""),
    ],
    getset: &[
        GetSetDef::new("__args__", union_args, "The alternatives, a tuple."),
        GetSetDef::new("__origin__", union_origin, "typing.Union"),
        GetSetDef::new("__parameters__", union_parameters, "Type variables among them."),
        GetSetDef::new("__name__", union_name, "Union"),
        GetSetDef::new("__qualname__", union_name, "Union"),
    ],
    flags: ClassFlags::NO_NEW | ClassFlags::MODULE_IN_MESSAGES,
    ..TypeDef::new("Union", Kind::Native)
};

/// Whether the value may stand in a union.
fn is_alternative(v: Value<'_>) -> bool {
    v.is_none()
        || v.as_class().is_some()
        || v.payload::<GenericAlias>().is_some()
        || v.payload::<Union>().is_some()
}

/// `a | b` of types; NotImplemented when they are none.
pub fn union(vm: &mut Vm, a: Local, b: Local) -> NativeResult {
    if !is_alternative(vm.get(a)) || !is_alternative(vm.get(b)) {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    }
    union_of(vm, a, b)
}

/// `a | b` of whatever typing takes for types; a str stands for what it names.
pub fn union_of(vm: &mut Vm, a: Local, b: Local) -> NativeResult {
    union_of_all(vm, &[a, b])
}

fn union_of_all(vm: &mut Vm, sides: &[Local]) -> NativeResult {
    let mut all: Vec<Local> = Vec::new();
    for &side in sides {
        let v = vm.get(side);
        let members: Vec<Local> = match v.payload::<Union>() {
            Some(union) => match union.args.get_as::<Tuple>(vm) {
                Some(tuple) => tuple.items().iter().map(|s| vm.root(s.get(vm))).collect(),
                None => Vec::new(),
            },
            None if v.is_none() => vec![vm.root(vm.class(ClassId::NoneType).value())],
            None if v.as_str().is_some() => {
                let module = vm.import_module("annotationlib")?;
                let ret = vm.call_method(module, "ForwardRef", &[side])?;
                vec![vm.hold(ret)]
            }
            None => vec![side],
        };
        for member in members {
            let mut known = false;
            for other in &all {
                known = known || vm.eq(*other, member)?;
            }
            if !known {
                all.push(member);
            }
        }
    }
    let vm = &*vm;
    if let [only] = all[..] {
        return Ok(vm.ret(vm.get(only)));
    }
    let args = vm.tuple_from(all.len(), all.iter().map(|l| vm.get(*l)));
    let union = vm.native(Union { args: Slot::new(args.value().word()) });
    Ok(vm.ret(union.value()))
}

/// `Union[int, str]`
fn union_class_getitem(vm: &mut Vm, args: Args) -> NativeResult {
    let key = args.local(1);
    let items: Vec<Local> = match vm.get(key).cast::<Tuple>() {
        Some(tuple) => tuple.items().iter().map(|s| vm.root(s.get(vm))).collect(),
        None => vec![key],
    };
    if items.is_empty() {
        raise!(vm, TypeError, "Cannot take a Union of no types.");
    }
    let mut checked = Vec::with_capacity(items.len());
    for item in items {
        let v = vm.get(item);
        let plain = is_alternative(v) || v.as_str().is_some();
        if plain {
            checked.push(item);
            continue;
        }
        let typing = vm.import_module("typing")?;
        let message = vm.root(vm.str("Union[arg, ...]: each arg must be a type.").value());
        let ret = vm.call_method(typing, "_type_check", &[item, message])?;
        checked.push(vm.hold(ret));
    }
    union_of_all(vm, &checked)
}

/// A union with arguments in the places of its type variables.
fn union_getitem(vm: &mut Vm, args: Args) -> NativeResult {
    let members = members(vm, args)?;
    let params = substitution::parameters(vm, members)?;
    let new = substitution::substituted(vm, args.local(0), members, params, args.local(1))?;
    let sides: Vec<Local> = (0..seq_len(vm.get(new)))
        .map(|i| vm.root(seq_item(vm, vm.get(new), i).expect("inside")))
        .collect();
    union_of_all(vm, &sides)
}

fn union_mro_entries(vm: &mut Vm, args: Args) -> NativeResult {
    let text = vm.repr_text(args.local(0))?;
    raise!(vm, TypeError, "Cannot subclass {text}")
}

fn union_origin(vm: &mut Vm, _: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(vm.native_class(&UNION).value()))
}

fn union_parameters(vm: &mut Vm, args: Args) -> NativeResult {
    let members = members(vm, args)?;
    let params = substitution::parameters(vm, members)?;
    Ok(vm.ret(vm.get(params)))
}

fn union_name(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(vm.intern("Union").value()))
}

fn or(vm: &mut Vm, args: Args) -> NativeResult {
    union(vm, args.local(0), args.local(1))
}

fn ror(vm: &mut Vm, args: Args) -> NativeResult {
    union(vm, args.local(1), args.local(0))
}

fn members(vm: &Vm, args: Args) -> Result<Local, Raised> {
    let this = args.payload::<Union>(vm)?;
    Ok(vm.root(this.args.get(vm)))
}

fn union_args(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.payload::<Union>(vm)?.args.get(vm)))
}

fn union_repr(vm: &mut Vm, args: Args) -> NativeResult {
    let members = members(vm, args)?;
    let text = texts(vm, members, " | ")?;
    let text = vm.str(&text).value();
    Ok(vm.ret(text))
}

fn union_eq(vm: &mut Vm, args: Args) -> NativeResult {
    let mine = members(vm, args)?;
    let Some(other) = args.get(vm, 1).payload::<Union>() else {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    };
    let theirs = vm.root(other.args.get(vm));
    let (a, b) = (super::set::collect(vm, mine)?, super::set::collect(vm, theirs)?);
    let equal = vm.eq(a, b)?;
    Ok(vm.ret(Value::from_bool(equal)))
}

fn union_hash(vm: &mut Vm, args: Args) -> NativeResult {
    let members = members(vm, args)?;
    let mut hash = 0;
    let mut i = 0;
    while let Some(item) = seq_item(vm, vm.get(members), i) {
        let item = vm.root(item);
        hash ^= vm.hash(item)?;
        i += 1;
    }
    let hash = vm.int(hash as i64);
    Ok(vm.ret(hash))
}

fn union_instance(vm: &mut Vm, args: Args) -> NativeResult {
    let members = members(vm, args)?;
    let found = vm.isinstance(args.local(1), members)?;
    Ok(vm.ret(Value::from_bool(found)))
}

fn union_subclass(vm: &mut Vm, args: Args) -> NativeResult {
    let members = members(vm, args)?;
    let found = vm.issubclass(args.local(1), members)?;
    Ok(vm.ret(Value::from_bool(found)))
}
