//! type, the class of classes.

use super::build_class::take_self_attrs;
use super::declare::{ClassId, GetSetDef, TypeDef};
use super::object::{class_names, key_list};
use super::support::*;
use super::{generic_alias, mapping_proxy};
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Special, Vm};

pub use super::super_object::SUPER;

/// The type type.
pub static TYPE: TypeDef = TypeDef {
    doc: "type(object)\ntype(name, bases, dict, **kwargs)\n--\n\nThe class of an object, or a new class.",
    flags: ClassFlags::BASE | ClassFlags::TYPE,
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", new, "").raw(),
        NativeDef::method("__init__($self, /, *args, **kwargs)", init, "").raw(),
        NativeDef::method("__call__($self, /, *args, **kwargs)", call, "Make an instance.").raw(),
        NativeDef::method("mro($self, /)", mro_list, "The method resolution order."),
        NativeDef::method("__subclasses__($self, /)", subclasses, "The direct subclasses."),
        NativeDef::method(
            "__instancecheck__($self, instance, /)",
            instancecheck,
            "Whether the object is an instance.",
        ),
        NativeDef::method(
            "__subclasscheck__($self, subclass, /)",
            subclasscheck,
            "Whether the class is a subclass.",
        ),
        NativeDef::class_method(
            "__prepare__($type, /, *args, **kwargs)",
            prepare,
            "The namespace for a class statement.",
        )
        .raw(),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::method("__dir__($self, /)", dir, "Names of attributes."),
        NativeDef::method("__or__($self, value, /)", or, "Return self|value."),
        NativeDef::method("__ror__($self, value, /)", ror, "Return value|self."),
        NativeDef::method(
            "__getattribute__($self, name, /)",
            getattribute,
            "Return getattr(self, name).",
        ),
        NativeDef::method(
            "__setattr__($self, name, value, /)",
            setattr,
            "Implement setattr(self, name, value).",
        ),
        NativeDef::method("__delattr__($self, name, /)", delattr, "Implement delattr(self, name)."),
    ],
    getset: &[
        GetSetDef::new("__name__", name, "").with_set(set_name),
        GetSetDef::new("__qualname__", qualname, "").with_set(set_qualname),
        GetSetDef::new("__module__", module, "").with_set(set_module),
        GetSetDef::new("__doc__", doc, "").with_set(set_doc),
        GetSetDef::new("__bases__", bases, "").with_set(set_bases),
        GetSetDef::new("__base__", base, "").member(),
        GetSetDef::new("__mro__", mro, ""),
        GetSetDef::new("__dict__", dict, ""),
        GetSetDef::new("__flags__", flags, "").member(),
        GetSetDef::new("__basicsize__", basic_size, "").member(),
        GetSetDef::new("__itemsize__", item_size, "").member(),
        GetSetDef::new("__dictoffset__", dict_offset, "").member(),
        GetSetDef::new("__weakrefoffset__", weakref_offset, "").member(),
        GetSetDef::new("__annotations__", annotations, "").with_set(set_annotations),
        GetSetDef::new("__annotate__", annotate, "").with_set(set_annotate),
        GetSetDef::new("__abstractmethods__", abstract_methods, "").with_set(set_abstract_methods),
        GetSetDef::new("__text_signature__", text_signature, ""),
        GetSetDef::new("__type_params__", type_params, "").with_set(set_type_params),
    ],
    ..TypeDef::new("type", Kind::Class)
};

fn this(vm: &Vm, args: Args) -> Result<Gc<'_, Class>, Raised> {
    args.this::<Class>(vm)
}

/// A class's own dict.
pub fn own_dict<'gc>(vm: &'gc Vm, class: Gc<'_, Class>) -> Gc<'gc, Dict> {
    class.dict.get_as(vm).expect("a class has a dict")
}

fn own<'gc>(vm: &'gc Vm, class: Gc<'_, Class>, name: &str) -> Option<Value<'gc>> {
    vm.dict_get_str(own_dict(vm, class), vm.intern(name))
}

fn is_mutable(class: Gc<'_, Class>) -> bool {
    class.flags.get() & ClassFlags::MUTABLE != 0
}

/// `__module__` of a class as text.
pub fn module_text(vm: &Vm, class: Gc<'_, Class>) -> Option<String> {
    if let Some(module) = own(vm, class, "__module__").and_then(|m| m.as_str()) {
        return Some(vm.str_text(module).into_owned());
    }
    let def = class.def.get();
    if def.is_null() {
        return None;
    }
    // SAFETY: declarations are static.
    Some(unsafe { (*def).module }.to_owned())
}

/// TypeError for storing into an attribute of a builtin class.
fn check_mutable(vm: &Vm, class: Gc<'_, Class>, what: &str) -> Result<(), Raised> {
    if is_mutable(class) {
        return Ok(());
    }
    let name = vm.class_name(class);
    raise!(vm, TypeError, "cannot set '{what}' attribute of immutable type '{name}'")
}

/// The most derived metaclass of a class with these bases, starting from `meta`; TypeError when
/// they conflict.
pub fn winning_meta<'gc>(
    vm: &'gc Vm,
    meta: Gc<'gc, Class>,
    bases: Value<'gc>,
) -> Result<Gc<'gc, Class>, Raised> {
    let mut winner = meta;
    let mut i = 0;
    while let Some(base) = seq_item(vm, bases, i) {
        i += 1;
        let other = vm.class_of(base);
        if vm.is_subclass(winner, other) {
            continue;
        }
        if vm.is_subclass(other, winner) {
            winner = other;
            continue;
        }
        raise!(
            vm,
            TypeError,
            "metaclass conflict: the metaclass of a derived class must be a (non-strict) \
             subclass of the metaclasses of all its bases"
        );
    }
    Ok(winner)
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let meta = new_class(vm, args, ClassId::Type)?;
    let positional = args.len() - 1 - args.keyword_count();
    if positional == 1 && args.keyword_count() == 0 && meta == vm.class(ClassId::Type) {
        return Ok(vm.ret(vm.class_of(args.get(vm, 1)).value()));
    }
    if positional != 3 {
        if meta == vm.class(ClassId::Type) {
            raise!(vm, TypeError, "type() takes 1 or 3 arguments");
        }
        raise!(vm, TypeError, "type.__new__() takes exactly 3 arguments ({positional} given)");
    }
    let wanted: [(usize, &str, Kind); 3] =
        [(1, "str", Kind::Str), (2, "tuple", Kind::Tuple), (3, "dict", Kind::Dict)];
    for (i, name, kind) in wanted {
        let v = args.get(vm, i);
        if v.kind() != Some(kind) {
            let given = vm.type_name(v);
            raise!(vm, TypeError, "type.__new__() argument {i} must be {name}, not {given}");
        }
    }
    check_name(vm, args)?;
    if let Some(dict) = args.get(vm, 3).cast::<Dict>()
        && let Some(doc) = vm.dict_get_str(dict, vm.intern("__doc__")).and_then(Value::as_str)
    {
        vm.utf8(doc)?;
    }
    check_bases(vm, args.local(2))?;
    let winner = winning_meta(vm, new_class(vm, args, ClassId::Type)?, args.get(vm, 2))?;
    if !winner.value().is(args.get(vm, 0)) {
        let own_new =
            vm.special(winner, Special::New).is_some_and(|f| !vm.is_object_method(f, Special::New));
        let winner = vm.root(winner.value());
        if own_new {
            let new = vm.getattr_str(winner, "__new__")?;
            let new = vm.hold(new);
            let kwargs = keyword_dict(vm, args);
            let rest = [winner, args.local(1), args.local(2), args.local(3)];
            return vm.call_kw(new, &rest, kwargs);
        }
        vm.set(args.local(0), vm.get(winner));
    }
    let kwargs = keyword_dict(vm, args);
    let self_attrs = take_self_attrs(vm);
    let ret = vm.new_class(
        args.local(0),
        args.local(1),
        args.local(2),
        args.local(3),
        kwargs,
        self_attrs,
    )?;
    let class = vm.hold(ret);
    add_module(vm, class);
    Ok(vm.ret(vm.get(class)))
}

/// Bases that are no classes: TypeError, with advice for those that could be resolved.
fn check_bases(vm: &mut Vm, bases: Local) -> Result<(), Raised> {
    let mut i = 0;
    while let Some(base) = seq_item(vm, vm.get(bases), i) {
        i += 1;
        if base.as_class().is_some() {
            continue;
        }
        let base = vm.root(base);
        if vm.getattr_opt(base, "__mro_entries__")?.is_some() {
            raise!(
                vm,
                TypeError,
                "type() doesn't support MRO entry resolution; use types.new_class()"
            );
        }
    }
    Ok(())
}

/// Gives a class made by calling its metaclass the `__module__` of the running code.
fn add_module(vm: &Vm, class: Local) {
    let Some(class) = vm.get(class).as_class() else { return };
    if own(vm, class, "__module__").is_some() {
        return;
    }
    let name = vm.globals_on_top().and_then(|g| vm.dict_get_str(g, vm.intern("__name__")));
    if let Some(name) = name {
        vm.dict_set_str(own_dict(vm, class), vm.intern("__module__"), name);
    }
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    let positional = args.len() - 1 - args.keyword_count();
    if positional != 1 && positional != 3 {
        raise!(vm, TypeError, "type.__init__() takes 1 or 3 arguments");
    }
    Ok(vm.none())
}

/// `type.__call__`: `__new__`, then `__init__` if the result is an instance of the class.
fn call(vm: &mut Vm, args: Args) -> NativeResult {
    let class = this(vm, args)?;
    if class.flags.get() & ClassFlags::NO_NEW != 0 {
        let name = vm.class_name(class);
        raise!(vm, TypeError, "cannot create '{name}' instances");
    }
    if class == vm.class(ClassId::Type) && args.len() == 2 && args.keyword_count() == 0 {
        return Ok(vm.ret(vm.class_of(args.get(vm, 1)).value()));
    }
    let Some(new) = vm.special(class, Special::New) else {
        let name = vm.class_name(class);
        raise!(vm, TypeError, "cannot create '{name}' instances");
    };
    let new = match new.cast::<StaticMethod>() {
        Some(method) => method.func.get(vm),
        None => new,
    };
    let new = vm.root(new);
    let instance = forward(vm, new, args, 0)?;
    let instance = vm.hold(instance);
    let init = {
        let vm = &*vm;
        let made = vm.class_of(vm.get(instance));
        if !vm.is_subclass(made, this(vm, args)?) {
            None
        } else {
            vm.special(made, Special::Init)
                .filter(|f| !vm.is_object_method(*f, Special::Init))
                .map(|f| vm.root(f))
        }
    };
    if let Some(init) = init {
        let count = args.len() - args.keyword_count();
        let mut given = vec![instance];
        given.extend((1..count).map(|i| args.local(i)));
        let kwargs = keyword_dict(vm, args);
        let ret = vm.call_kw(init, &given, kwargs)?;
        let result = vm.value(ret);
        if !result.is_none() {
            let name = vm.type_name(result);
            raise!(vm, TypeError, "__init__() should return None, not '{name}'");
        }
    }
    Ok(vm.ret(vm.get(instance)))
}

fn mro_list(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let order = vm.order_by_bases(this(vm, args)?)?;
    let classes: Vec<_> = order.items().iter().map(|class| class.get(vm)).collect();
    Ok(vm.ret(vm.list(&classes).value()))
}

fn subclasses(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let all = vm.subclasses(this(vm, args)?);
    Ok(vm.ret(vm.list_from(all.len(), all.iter().map(|c| c.value())).value()))
}

fn instancecheck(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    let yes = vm.isinstance_plain(args.local(1), args.local(0))?;
    Ok(vm.ret(Value::from_bool(yes)))
}

fn subclasscheck(vm: &mut Vm, args: Args) -> NativeResult {
    let class = this(vm, args)?;
    let Some(sub) = args.get(vm, 1).as_class() else {
        raise!(vm, TypeError, "issubclass() arg 1 must be a class");
    };
    let yes = vm.is_subclass(sub, class);
    Ok(vm.ret(Value::from_bool(yes)))
}

fn prepare(vm: &mut Vm, _: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(vm.dict().value()))
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let text = class_text(vm, this(vm, args)?);
    ret_str(vm, &text)
}

/// `type.__repr__` of a class.
pub fn class_text(vm: &Vm, class: Gc<'_, Class>) -> String {
    let name = vm.class_qualname(class);
    match module_text(vm, class) {
        Some(module) if module != "builtins" => format!("<class '{module}.{name}'>"),
        _ => format!("<class '{name}'>"),
    }
}

fn dir(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let names = vm.dict();
    class_names(vm, this(vm, args)?, names);
    Ok(vm.ret(key_list(vm, names)))
}

fn or(vm: &mut Vm, args: Args) -> NativeResult {
    generic_alias::union(vm, args.local(0), args.local(1))
}

fn ror(vm: &mut Vm, args: Args) -> NativeResult {
    generic_alias::union(vm, args.local(1), args.local(0))
}

/// Interns an attribute name in place; TypeError if it is none.
fn attribute_name(vm: &Vm, args: Args) -> Result<(), Raised> {
    let Some(name) = args.get(vm, 1).as_str() else {
        let given = vm.type_name(args.get(vm, 1));
        raise!(vm, TypeError, "attribute name must be string, not '{given}'");
    };
    vm.set(args.local(1), vm.intern_str(name).value());
    Ok(())
}

fn getattribute(vm: &mut Vm, args: Args) -> NativeResult {
    attribute_name(vm, args)?;
    match vm.generic_getattr(args.local(0), args.local(1))? {
        Some(ret) => Ok(ret),
        None => Err(vm.attribute_error(args.get(vm, 0), args.get(vm, 1))),
    }
}

fn setattr(vm: &mut Vm, args: Args) -> NativeResult {
    attribute_name(vm, args)?;
    vm.generic_setattr(args.local(0), args.local(1), Some(args.local(2)))?;
    Ok(vm.none())
}

fn delattr(vm: &mut Vm, args: Args) -> NativeResult {
    attribute_name(vm, args)?;
    vm.generic_setattr(args.local(0), args.local(1), None)?;
    Ok(vm.none())
}

fn name(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(this(vm, args)?.name.get(vm)))
}

/// The new value of a str attribute of a class.
fn new_text<'gc>(vm: &'gc Vm, args: Args, what: &str) -> Result<Value<'gc>, Raised> {
    let class = this(vm, args)?;
    check_mutable(vm, class, what)?;
    let name = vm.class_name(class);
    match args.opt(vm, 1) {
        None => raise!(vm, TypeError, "cannot delete '{what}' attribute of type '{name}'"),
        Some(v) if v.as_str().is_some() => Ok(v),
        Some(v) => {
            let given = vm.type_name(v);
            raise!(vm, TypeError, "can only assign string to {name}.{what}, not '{given}'")
        }
    }
}

/// Whether argument 1 is fit for a class's name: CPython keeps it as a C string of UTF-8.
fn check_name(vm: &Vm, args: Args) -> Result<(), Raised> {
    if vm.utf8(args.str(vm, 1)?)?.contains('\0') {
        raise!(vm, ValueError, "type name must not contain null characters");
    }
    Ok(())
}

fn set_name(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let v = new_text(vm, args, "__name__")?;
    check_name(vm, args)?;
    vm.write(this(vm, args)?, |c| &c.name, v);
    Ok(vm.none())
}

fn qualname(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(this(vm, args)?.qualname.get(vm)))
}

fn set_qualname(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let v = new_text(vm, args, "__qualname__")?;
    vm.write(this(vm, args)?, |c| &c.qualname, v);
    Ok(vm.none())
}

fn module(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let class = this(vm, args)?;
    if is_mutable(class) {
        return match own(vm, class, "__module__") {
            Some(v) => Ok(vm.ret(v)),
            None => Err(vm.attribute_error(class.value(), vm.intern("__module__").value())),
        };
    }
    ret_str(vm, &module_text(vm, class).unwrap_or_else(|| "builtins".into()))
}

/// Sets or deletes an entry of a class's dict.
fn set_own(vm: &Vm, args: Args, key: &str) -> NativeResult {
    let class = this(vm, args)?;
    check_mutable(vm, class, key)?;
    let name = vm.intern(key);
    match args.opt(vm, 1) {
        Some(v) => vm.dict_set_str(own_dict(vm, class), name, v),
        None => {
            if !vm.dict_del_str(own_dict(vm, class), name) {
                return Err(vm.attribute_error(class.value(), name.value()));
            }
        }
    }
    vm.class_changed();
    Ok(vm.none())
}

fn set_module(vm: &mut Vm, args: Args) -> NativeResult {
    set_own(vm, args, "__module__")
}

fn doc(vm: &mut Vm, args: Args) -> NativeResult {
    let class = this(vm, args)?;
    if !is_mutable(class) && !class.def.get().is_null() {
        // SAFETY: declarations are static.
        let text = unsafe { (*class.def.get()).doc };
        // The text before the dashes is the signature.
        let text = text.split_once("\n--\n\n").map_or(text, |(_, rest)| rest);
        return if text.is_empty() { Ok(vm.none()) } else { ret_str(vm, text) };
    }
    let found = own(vm, class, "__doc__").unwrap_or(Value::NONE);
    if found.kind() == Some(Kind::Property) {
        return Ok(vm.ret(found));
    }
    let found = vm.root(found);
    if vm.special_of(vm.get(found), Special::Get).is_some()
        && vm.get(found).kind() == Some(Kind::Instance)
    {
        let none = vm.root(Value::NONE);
        let ret = vm.call_special(found, Special::Get, &[none, args.local(0)])?;
        return Ok(ret.expect("looked up above"));
    }
    Ok(vm.ret(vm.get(found)))
}

fn set_doc(vm: &mut Vm, args: Args) -> NativeResult {
    if args.opt(vm, 1).is_none() {
        let name = vm.class_name(this(vm, args)?);
        raise!(vm, TypeError, "cannot delete '__doc__' attribute of immutable type '{name}'");
    }
    set_own(vm, args, "__doc__")
}

fn bases(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(this(vm, args)?.bases.get(vm)))
}

fn set_bases(vm: &mut Vm, args: Args) -> NativeResult {
    let class = this(vm, args)?;
    check_mutable(vm, class, "__bases__")?;
    let name = vm.class_name(class);
    let Some(bases) = args.opt(vm, 1) else {
        raise!(vm, TypeError, "cannot delete '__bases__' attribute of type '{name}'");
    };
    if bases.kind() != Some(Kind::Tuple) {
        let given = vm.type_name(bases);
        raise!(vm, TypeError, "can only assign tuple to {name}.__bases__, not {given}");
    }
    vm.set_class_bases(args.local(0), args.local(1))?;
    Ok(vm.none())
}

fn base(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(this(vm, args)?.base.get(vm)))
}

fn mro(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(this(vm, args)?.mro.get(vm)))
}

fn dict(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let dict = own_dict(vm, this(vm, args)?);
    Ok(vm.ret(mapping_proxy::proxy(vm, dict.value())))
}

/// `__flags__`, with the bits that CPython documents.
fn flags(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let class = this(vm, args)?;
    let own = class.flags.get();
    let mut flags: i64 = 1 << 12;
    for (bit, mask) in [
        (ClassFlags::SEQUENCE, 1 << 5),
        (ClassFlags::MAPPING, 1 << 6),
        (ClassFlags::NO_NEW, 1 << 7),
        (ClassFlags::MUTABLE, 1 << 9),
        (ClassFlags::BASE, 1 << 10),
        (ClassFlags::ABSTRACT, 1 << 20),
    ] {
        if own & bit != 0 {
            flags |= mask;
        }
    }
    if own & ClassFlags::MUTABLE == 0 {
        flags |= 1 << 8;
    }
    // A class without a struct of its own is a heap type to pickle: it has no state to ask for.
    if own & ClassFlags::STRUCTLESS != 0 {
        flags |= 1 << 9;
    }
    for (id, shift) in [
        (ClassId::Int, 24),
        (ClassId::List, 25),
        (ClassId::Tuple, 26),
        (ClassId::Bytes, 27),
        (ClassId::Str, 28),
        (ClassId::Dict, 29),
        (ClassId::BaseException, 30),
        (ClassId::Type, 31),
    ] {
        if vm.is_subclass(class, vm.class(id)) {
            flags |= 1 << shift;
        }
    }
    Ok(vm.ret(vm.int(flags)))
}

/// Bytes of an instance, without what its length adds.
fn basic_size(vm: &mut Vm, args: Args) -> NativeResult {
    let class = this(vm, args)?;
    let size = class.instance_kind.get().fixed_size() + 8 * class.slot_count.get() as usize;
    Ok(vm.ret(vm.int_usize(size)))
}

/// Bytes that each item of an instance's inside adds.
fn item_size(vm: &mut Vm, args: Args) -> NativeResult {
    let size = match this(vm, args)?.instance_kind.get() {
        Kind::Tuple | Kind::BigInt => 8,
        Kind::Bytes => 1,
        _ => 0,
    };
    Ok(vm.ret(Value::from_i32(size)))
}

/// An offset that says only whether there is something: -1, as for what the object does not keep
/// at a fixed place, or 0.
fn offset(vm: &Vm, there: bool) -> NativeResult {
    Ok(vm.ret(Value::from_i32(-(there as i32))))
}

fn dict_offset(vm: &mut Vm, args: Args) -> NativeResult {
    let class = this(vm, args)?;
    offset(vm, class.flags.get() & ClassFlags::HAS_DICT != 0)
}

fn weakref_offset(vm: &mut Vm, args: Args) -> NativeResult {
    let class = this(vm, args)?;
    offset(vm, super::weakref::has_referable_instances(class))
}

fn annotations(vm: &mut Vm, args: Args) -> NativeResult {
    let class = this(vm, args)?;
    if !is_mutable(class) {
        let name = vm.class_name(class);
        raise!(vm, AttributeError, "type object '{name}' has no attribute '__annotations__'");
    }
    for key in ["__annotations__", "__annotations_cache__"] {
        if let Some(found) = own(vm, class, key)
            && found.kind() == Some(Kind::Dict)
        {
            return Ok(vm.ret(found));
        }
    }
    let annotate = own(vm, class, "__annotate_func__").or_else(|| own(vm, class, "__annotate__"));
    let result = match annotate.filter(|f| !f.is_none()) {
        Some(annotate) => {
            let annotate = vm.root(annotate);
            let format = vm.root(Value::from_i32(1));
            let ret = vm.call(annotate, &[format])?;
            vm.hold(ret)
        }
        None => vm.root(vm.dict().value()),
    };
    let vm = &*vm;
    let key = vm.intern("__annotations_cache__");
    vm.dict_set_str(own_dict(vm, this(vm, args)?), key, vm.get(result));
    Ok(vm.ret(vm.get(result)))
}

fn set_annotations(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let class = this(vm, args)?;
    vm.dict_del_str(own_dict(vm, class), vm.intern("__annotations_cache__"));
    if args.opt(vm, 1).is_none() && own(vm, class, "__annotations__").is_none() {
        return Ok(vm.none());
    }
    set_own(vm, args, "__annotations__")
}

fn annotate(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let class = this(vm, args)?;
    let found = own(vm, class, "__annotate_func__").or_else(|| own(vm, class, "__annotate__"));
    let found = found.filter(|f| f.kind() != Some(Kind::GetSet));
    Ok(vm.ret(found.unwrap_or(Value::NONE)))
}

fn set_annotate(vm: &mut Vm, args: Args) -> NativeResult {
    let class = this(vm, args)?;
    vm.dict_del_str(own_dict(vm, class), vm.intern("__annotations_cache__"));
    set_own(vm, args, "__annotate_func__")
}

fn abstract_methods(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let class = this(vm, args)?;
    match own(vm, class, "__abstractmethods__").filter(|_| is_mutable(class)) {
        Some(v) => Ok(vm.ret(v)),
        None => Err(vm.attribute_error(class.value(), vm.intern("__abstractmethods__").value())),
    }
}

fn set_abstract_methods(vm: &mut Vm, args: Args) -> NativeResult {
    let any = match args.opt(vm, 1) {
        Some(_) => vm.truth(args.local(1))?,
        None => false,
    };
    let ret = set_own(vm, args, "__abstractmethods__")?;
    let class = this(vm, args)?;
    let flags = class.flags.get() & !ClassFlags::ABSTRACT;
    class.flags.set(if any { flags | ClassFlags::ABSTRACT } else { flags });
    class.construction.set(Construction::General);
    Ok(ret)
}

fn text_signature(vm: &mut Vm, args: Args) -> NativeResult {
    let class = this(vm, args)?;
    if class.def.get().is_null() {
        return Ok(vm.none());
    }
    // SAFETY: declarations are static.
    let text = unsafe { (*class.def.get()).doc };
    match text.split_once("\n--\n\n") {
        Some((signature, _)) if !signature.contains('\n') => {
            let open = signature.find('(').unwrap_or(0);
            ret_str(vm, &signature[open..])
        }
        _ => Ok(vm.none()),
    }
}

fn type_params(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let class = this(vm, args)?;
    let found = own(vm, class, "__type_params__").filter(|v| v.kind() == Some(Kind::Tuple));
    Ok(vm.ret(found.unwrap_or_else(|| vm.tuple(&[]).value())))
}

fn set_type_params(vm: &mut Vm, args: Args) -> NativeResult {
    set_own(vm, args, "__type_params__")
}
