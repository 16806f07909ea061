//! property, classmethod, staticmethod, and the descriptors of computed attributes and slots.

use super::declare::{ClassId, GetSetDef, TypeDef};
use super::object::{get_dict, replace_dict};
use super::support::*;
use crate::object::*;
use crate::raise;
use crate::value::{Value, word};
use crate::vm::construct::header;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Vm};

/// The type property.
pub static PROPERTY: TypeDef = TypeDef {
    doc: "property(fget=None, fset=None, fdel=None, doc=None)\n--\n\nAn attribute that is computed by functions.",
    flags: ClassFlags::BASE,
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", property_new, "").raw(),
        NativeDef::method(
            "__init__($self, /, fget=None, fset=None, fdel=None, doc=None)",
            property_init,
            "",
        ),
        NativeDef::method("getter($self, fget, /)", getter, "A copy with another getter."),
        NativeDef::method("setter($self, fset, /)", setter, "A copy with another setter."),
        NativeDef::method("deleter($self, fdel, /)", deleter, "A copy with another deleter."),
        NativeDef::method(
            "__get__($self, instance, owner=None, /)",
            property_get,
            "The value for an instance.",
        ),
        NativeDef::method(
            "__set__($self, instance, value, /)",
            property_set,
            "Set the value for an instance.",
        ),
        NativeDef::method(
            "__delete__($self, instance, /)",
            property_delete,
            "Delete the value for an instance.",
        ),
        NativeDef::method(
            "__set_name__($self, /, *args)",
            property_set_name,
            "Learn the attribute's name.",
        ),
    ],
    getset: &[
        GetSetDef::new("fget", fget, "The getter.").member(),
        GetSetDef::new("fset", fset, "The setter.").member(),
        GetSetDef::new("fdel", fdel, "The deleter.").member(),
        GetSetDef::new("__doc__", property_doc, "").with_set(set_property_doc),
        GetSetDef::new("__name__", property_name, "").with_set(set_property_name),
        GetSetDef::new(
            "__isabstractmethod__",
            property_abstract,
            "Whether a function of it is abstract.",
        ),
    ],
    ..TypeDef::new("property", Kind::Property)
};

fn property_new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let shape = new_shape(vm, args, ClassId::Property)?;
    let none = || Slot::new(word::NONE);
    let name = Slot::new(word::UNBOUND);
    let property =
        Property { header: header(), get: none(), set: none(), delete: none(), doc: none(), name };
    Ok(vm.ret(vm.alloc(shape, property).value()))
}

fn property_init(vm: &mut Vm, args: Args) -> NativeResult {
    {
        let vm = &*vm;
        let this = args.this::<Property>(vm)?;
        let arg = |i| args.opt(vm, i).unwrap_or(Value::NONE);
        vm.write(this, |p| &p.get, arg(1));
        vm.write(this, |p| &p.set, arg(2));
        vm.write(this, |p| &p.delete, arg(3));
        vm.write(this, |p| &p.doc, arg(4));
        vm.write(this, |p| &p.name, Value::UNBOUND);
    }
    let doc = vm.root(args.opt(vm, 4).unwrap_or(Value::NONE));
    let mut from_getter = false;
    if vm.get(doc).is_none() && args.not_none(vm, 1).is_some() {
        // The getter's docstring is the property's.
        if let Some(ret) = vm.getattr_opt(args.local(1), "__doc__")? {
            vm.set(doc, vm.value(ret));
            from_getter = !vm.get(doc).is_none();
        }
    }
    if vm.is_exact(args.get(vm, 0), ClassId::Property) {
        vm.write(args.this::<Property>(vm)?, |p| &p.doc, vm.get(doc));
        return Ok(vm.none());
    }
    // The `__doc__` of a subclass hides the property's: instances have their own.
    let name = vm.root(vm.intern("__doc__").value());
    if let Err(raised) = vm.setattr(args.local(0), name, doc) {
        if from_getter {
            return Err(raised);
        }
        vm.catch(raised, ClassId::AttributeError)?;
    }
    Ok(vm.none())
}

/// A property of the same type with one function replaced.
fn with(vm: &mut Vm, args: Args, which: usize) -> NativeResult {
    let mut parts = {
        let this = args.this::<Property>(vm)?;
        [&this.get, &this.set, &this.delete, &this.doc].map(|slot| vm.root(slot.get(vm)))
    };
    let name = vm.root(args.this::<Property>(vm)?.name.get(vm));
    parts[which] = args.local(1);
    // The docstring of a new getter is taken from it, unless one was given explicitly.
    let from_getter = match vm.get(parts[3]) {
        doc if doc.is_none() => true,
        _ => which == 0 && getter_doc_is(vm, args, parts[3])?,
    };
    if from_getter {
        parts[3] = vm.root(Value::NONE);
    }
    let class = vm.root(vm.class_of(args.get(vm, 0)).value());
    let ret = vm.call(class, &parts)?;
    let new = vm.hold(ret);
    if let Some(property) = vm.get(new).cast::<Property>() {
        vm.write(property, |p| &p.name, vm.get(name));
    }
    Ok(vm.ret(vm.get(new)))
}

/// Whether the property's docstring is that of its present getter.
fn getter_doc_is(vm: &mut Vm, args: Args, doc: Local) -> Result<bool, Raised> {
    let get = vm.root(args.this::<Property>(vm)?.get.get(vm));
    if vm.get(get).is_none() {
        return Ok(false);
    }
    match vm.getattr_opt(get, "__doc__")? {
        Some(ret) => Ok(vm.value(ret).is(vm.get(doc))),
        None => Ok(false),
    }
}

fn getter(vm: &mut Vm, args: Args) -> NativeResult {
    with(vm, args, 0)
}
fn setter(vm: &mut Vm, args: Args) -> NativeResult {
    with(vm, args, 1)
}
fn deleter(vm: &mut Vm, args: Args) -> NativeResult {
    with(vm, args, 2)
}

/// `property 'x' of 'C' object has no getter`
fn missing(vm: &Vm, property: Gc<'_, Property>, obj: Value<'_>, what: &str) -> Raised {
    let owner = vm.class_qualname(vm.class_of(obj));
    let name = match property.name.get(vm).as_str() {
        Some(name) => format!(" '{}'", vm.str_text(name)),
        None => String::new(),
    };
    vm.raise(ClassId::AttributeError, format!("property{name} of '{owner}' object has no {what}"))
}

fn property_get(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.this::<Property>(vm)?;
    if args.get(vm, 1).is_none() {
        return Ok(vm.ret(this.value()));
    }
    let get = this.get.get(vm);
    if get.is_none() {
        return Err(missing(vm, this, args.get(vm, 1), "getter"));
    }
    let get = vm.root(get);
    vm.call(get, &[args.local(1)])
}

fn property_set(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.this::<Property>(vm)?;
    let set = this.set.get(vm);
    if set.is_none() {
        return Err(missing(vm, this, args.get(vm, 1), "setter"));
    }
    let set = vm.root(set);
    let _ = vm.call(set, &[args.local(1), args.local(2)])?;
    Ok(vm.none())
}

fn property_delete(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.this::<Property>(vm)?;
    let delete = this.delete.get(vm);
    if delete.is_none() {
        return Err(missing(vm, this, args.get(vm, 1), "deleter"));
    }
    let delete = vm.root(delete);
    let _ = vm.call(delete, &[args.local(1)])?;
    Ok(vm.none())
}

fn property_set_name(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.this::<Property>(vm)?;
    let given = args.get(vm, 1);
    if let (Some(name), None) = (seq_item(vm, given, 1), seq_item(vm, given, 2)) {
        vm.write(this, |p| &p.name, name);
        return Ok(vm.none());
    }
    let n = given.cast::<Tuple>().map_or(0, |t| t.len());
    raise!(vm, TypeError, "__set_name__() takes 2 positional arguments but {n} were given")
}

fn fget(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.this::<Property>(vm)?.get.get(vm)))
}
fn fset(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.this::<Property>(vm)?.set.get(vm)))
}
fn fdel(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.this::<Property>(vm)?.delete.get(vm)))
}
fn property_doc(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.this::<Property>(vm)?.doc.get(vm)))
}
fn set_property_doc(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let doc = args.opt(vm, 1).unwrap_or(Value::NONE);
    vm.write(args.this::<Property>(vm)?, |p| &p.doc, doc);
    Ok(vm.none())
}

fn property_name(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.this::<Property>(vm)?;
    if let Some(name) = this.name.get(vm).bound() {
        return Ok(vm.ret(name));
    }
    let get = vm.root(this.get.get(vm));
    if !vm.get(get).is_none()
        && let Some(ret) = vm.getattr_opt(get, "__name__")?
    {
        return Ok(ret);
    }
    Err(vm.attribute_error(args.get(vm, 0), vm.intern("__name__").value()))
}

fn set_property_name(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    vm.write(args.this::<Property>(vm)?, |p| &p.name, args.get(vm, 1));
    Ok(vm.none())
}

/// Whether `f.__isabstractmethod__` is true.
fn is_abstract(vm: &mut Vm, f: Local) -> Result<bool, Raised> {
    if vm.get(f).is_none() || vm.get(f).kind() == Some(Kind::Builtin) {
        return Ok(false);
    }
    match vm.getattr_opt(f, "__isabstractmethod__")? {
        Some(ret) => {
            let answer = vm.hold(ret);
            vm.truth(answer)
        }
        None => Ok(false),
    }
}

fn property_abstract(vm: &mut Vm, args: Args) -> NativeResult {
    let parts = {
        let this = args.this::<Property>(vm)?;
        [&this.get, &this.set, &this.delete].map(|slot| vm.root(slot.get(vm)))
    };
    for part in parts {
        if is_abstract(vm, part)? {
            return Ok(vm.ret(Value::TRUE));
        }
    }
    Ok(vm.ret(Value::FALSE))
}

/// The type classmethod.
pub static CLASS_METHOD: TypeDef = TypeDef {
    doc: "classmethod(function, /)\n--\n\nA method that gets the class as its first argument.",
    flags: ClassFlags::BASE | ClassFlags::HAS_DICT,
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", class_method_new, "").raw(),
        NativeDef::method("__init__($self, function, /)", wrapper_init, ""),
        NativeDef::method(
            "__get__($self, instance, owner=None, /)",
            class_method_get,
            "The function bound to the class.",
        ),
        NativeDef::method("__repr__($self, /)", wrapper_repr, "Return repr(self)."),
    ],
    getset: WRAPPER_GETSET,
    ..TypeDef::new("classmethod", Kind::ClassMethod)
};

/// The type staticmethod.
pub static STATIC_METHOD: TypeDef = TypeDef {
    doc: "staticmethod(function, /)\n--\n\nA function that is not bound when it is found in a class.",
    flags: ClassFlags::BASE | ClassFlags::HAS_DICT,
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", static_method_new, "").raw(),
        NativeDef::method("__init__($self, function, /)", wrapper_init, ""),
        NativeDef::method(
            "__get__($self, instance, owner=None, /)",
            static_method_get,
            "The function itself.",
        ),
        NativeDef::method(
            "__call__($self, /, *args, **kwargs)",
            static_method_call,
            "Call the function.",
        )
        .raw(),
        NativeDef::method("__repr__($self, /)", wrapper_repr, "Return repr(self)."),
    ],
    getset: WRAPPER_GETSET,
    ..TypeDef::new("staticmethod", Kind::StaticMethod)
};

static WRAPPER_GETSET: &[GetSetDef] = &[
    GetSetDef::new("__func__", wrapped, "The function.").member(),
    GetSetDef::new("__wrapped__", wrapped, "The function.").member(),
    GetSetDef::new("__isabstractmethod__", wrapper_abstract, "Whether the function is abstract."),
    GetSetDef::new("__dict__", get_dict, "").with_set(replace_dict),
    GetSetDef::new("__annotations__", wrapped_annotations, "").with_set(set_wrapped_annotations),
    GetSetDef::new("__annotate__", wrapped_annotate, "").with_set(set_wrapped_annotate),
];

fn class_method_new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let shape = new_shape(vm, args, ClassId::ClassMethod)?;
    let (func, attrs) = (Slot::new(word::NONE), Slot::new(word::UNBOUND));
    let method = ClassMethod { header: header(), func, attrs };
    Ok(vm.ret(vm.alloc(shape, method).value()))
}

fn static_method_new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let shape = new_shape(vm, args, ClassId::StaticMethod)?;
    let (func, attrs) = (Slot::new(word::NONE), Slot::new(word::UNBOUND));
    let method = StaticMethod { header: header(), func, attrs };
    Ok(vm.ret(vm.alloc(shape, method).value()))
}

/// Keeps the function, and of its attributes those that name and describe it.
fn wrapper_init(vm: &mut Vm, args: Args) -> NativeResult {
    let f = args.get(vm, 1);
    if let Some(method) = args.get(vm, 0).cast::<ClassMethod>() {
        vm.write(method, |m| &m.func, f);
    } else {
        vm.write(args.this::<StaticMethod>(vm)?, |m| &m.func, f);
    }
    let Some(dict) = vm.instance_dict(args.get(vm, 0)) else { return Ok(vm.none()) };
    let dict = vm.root(dict.value());
    for name in ["__module__", "__name__", "__qualname__", "__doc__"] {
        if let Some(ret) = vm.getattr_opt(args.local(1), name)? {
            let found = vm.value(ret);
            let dict: Gc<'_, Dict> = vm.get(dict).cast().expect("a dict");
            vm.dict_set_str(dict, vm.intern(name), found);
        }
    }
    Ok(vm.none())
}

/// The function behind a classmethod or staticmethod.
fn function(vm: &Vm, args: Args) -> Result<Local, Raised> {
    let this = args.get(vm, 0);
    let f = match this.cast::<ClassMethod>() {
        Some(method) => method.func.get(vm),
        None => args.this::<StaticMethod>(vm)?.func.get(vm),
    };
    Ok(vm.root(f))
}

fn wrapped(vm: &mut Vm, args: Args) -> NativeResult {
    let f = function(vm, args)?;
    Ok(vm.ret(vm.get(f)))
}
/// An attribute that is asked of the function when it is first wanted, and then kept.
fn kept(vm: &mut Vm, args: Args, name: &str) -> NativeResult {
    let f = function(vm, args)?;
    let own = |vm: &Vm| vm.instance_dict(args.get(vm, 0)).map(|d| vm.root(d.value()));
    let dict = own(vm);
    let key = vm.root(vm.intern(name).value());
    if let Some(dict) = dict
        && vm.dict_get(dict, key)?
    {
        return Ok(vm.ret(vm.result()));
    }
    let found = vm.getattr_str(f, name)?;
    let found = vm.hold(found);
    if let Some(dict) = dict {
        vm.dict_set(dict, key, found)?;
    }
    Ok(vm.ret(vm.get(found)))
}

fn keep(vm: &mut Vm, args: Args, name: &str) -> NativeResult {
    let Some(dict) = vm.instance_dict(args.get(vm, 0)).map(|d| vm.root(d.value())) else {
        return Ok(vm.none());
    };
    let key = vm.root(vm.intern(name).value());
    if args.opt(vm, 1).is_some() {
        vm.dict_set(dict, key, args.local(1))?;
    } else if !vm.dict_del(dict, key)? {
        return Err(vm.raise(ClassId::AttributeError, name));
    }
    Ok(vm.none())
}

fn wrapped_annotations(vm: &mut Vm, args: Args) -> NativeResult {
    kept(vm, args, "__annotations__")
}
fn set_wrapped_annotations(vm: &mut Vm, args: Args) -> NativeResult {
    keep(vm, args, "__annotations__")
}
fn wrapped_annotate(vm: &mut Vm, args: Args) -> NativeResult {
    kept(vm, args, "__annotate__")
}
fn set_wrapped_annotate(vm: &mut Vm, args: Args) -> NativeResult {
    keep(vm, args, "__annotate__")
}
fn wrapper_abstract(vm: &mut Vm, args: Args) -> NativeResult {
    let f = function(vm, args)?;
    let answer = is_abstract(vm, f)?;
    Ok(vm.ret(Value::from_bool(answer)))
}

fn wrapper_repr(vm: &mut Vm, args: Args) -> NativeResult {
    let f = function(vm, args)?;
    let text = vm.repr_text(f)?;
    let name = vm.type_name(args.get(vm, 0));
    ret_str(vm, &format!("<{name}({text})>"))
}

fn class_method_get(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let f = args.this::<ClassMethod>(vm)?.func.get(vm);
    let class = match args.not_none(vm, 2) {
        Some(class) => class,
        None => vm.class_of(args.get(vm, 1)).value(),
    };
    Ok(vm.ret(vm.bound_method(f, class).value()))
}

fn static_method_get(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.this::<StaticMethod>(vm)?.func.get(vm)))
}

fn static_method_call(vm: &mut Vm, args: Args) -> NativeResult {
    let f = vm.root(args.this::<StaticMethod>(vm)?.func.get(vm));
    forward(vm, f, args, 1)
}

/// The type of computed attributes written in Rust.
pub static GETSET: TypeDef = TypeDef {
    methods: &[
        NativeDef::method(
            "__get__($self, instance, owner=None, /)",
            getset_get,
            "The value for an instance.",
        ),
        NativeDef::method(
            "__set__($self, instance, value, /)",
            getset_set,
            "Set the value for an instance.",
        ),
        NativeDef::method(
            "__delete__($self, instance, /)",
            getset_delete,
            "Delete the value for an instance.",
        ),
        NativeDef::method("__repr__($self, /)", getset_repr, "Return repr(self)."),
    ],
    getset: &[
        GetSetDef::new("__name__", getset_name, ""),
        GetSetDef::new("__qualname__", getset_qualname, ""),
        GetSetDef::new("__objclass__", getset_owner, ""),
        GetSetDef::new("__doc__", getset_doc, ""),
    ],
    flags: ClassFlags::NO_NEW,
    ..TypeDef::new("getset_descriptor", Kind::GetSet)
};

/// TypeError unless `obj` is an instance of the class the descriptor belongs to.
fn check_owner(vm: &Vm, owner: Value<'_>, name: &str, obj: Value<'_>) -> Result<(), Raised> {
    let Some(owner) = owner.as_class() else { return Ok(()) };
    if vm.is_subclass(vm.class_of(obj), owner) {
        return Ok(());
    }
    let (owner, given) = (vm.class_name(owner), vm.type_name(obj));
    raise!(
        vm,
        TypeError,
        "descriptor '{name}' for '{owner}' objects doesn't apply to a '{given}' object"
    )
}

fn getset_get(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.this::<GetSet>(vm)?;
    if args.get(vm, 1).is_none() {
        let of_none = this.owner.get(vm).is(vm.class(ClassId::NoneType).value());
        if !of_none {
            return Ok(vm.ret(this.value()));
        }
    }
    let def = this.def.get();
    check_owner(vm, this.owner.get(vm), def.name, args.get(vm, 1))?;
    vm.call_getset(def.get, args.local(0), &[args.local(1)])
}

fn getset_store(vm: &mut Vm, args: Args, value: Local) -> NativeResult {
    let this = args.this::<GetSet>(vm)?;
    let def = this.def.get();
    check_owner(vm, this.owner.get(vm), def.name, args.get(vm, 1))?;
    let Some(set) = def.set else {
        let text = def.read_only(&vm.type_name(args.get(vm, 1)));
        return Err(vm.raise(ClassId::AttributeError, text));
    };
    let _ = vm.call_getset(set, args.local(0), &[args.local(1), value])?;
    Ok(vm.none())
}

fn getset_set(vm: &mut Vm, args: Args) -> NativeResult {
    getset_store(vm, args, args.local(2))
}

fn getset_delete(vm: &mut Vm, args: Args) -> NativeResult {
    let nothing = vm.empty_root();
    getset_store(vm, args, nothing)
}

fn getset_name(vm: &mut Vm, args: Args) -> NativeResult {
    let name = args.this::<GetSet>(vm)?.def.get().name;
    ret_str(vm, name)
}

fn getset_qualname(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.this::<GetSet>(vm)?;
    let owner = this.owner.get(vm).as_class().map_or(String::new(), |c| vm.class_qualname(c));
    ret_str(vm, &format!("{owner}.{}", this.def.get().name))
}

fn getset_owner(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.this::<GetSet>(vm)?.owner.get(vm)))
}

fn getset_doc(vm: &mut Vm, args: Args) -> NativeResult {
    let doc = args.this::<GetSet>(vm)?.def.get().doc;
    if doc.is_empty() { Ok(vm.none()) } else { ret_str(vm, doc) }
}

fn getset_repr(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.this::<GetSet>(vm)?;
    let owner = this.owner.get(vm).as_class().map_or(String::new(), |c| vm.class_name(c));
    ret_str(vm, &format!("<attribute '{}' of '{owner}' objects>", this.def.get().name))
}

/// The type of `__slots__` entries.
pub static MEMBER: TypeDef = TypeDef {
    methods: &[
        NativeDef::method(
            "__get__($self, instance, owner=None, /)",
            member_get,
            "The value for an instance.",
        ),
        NativeDef::method(
            "__set__($self, instance, value, /)",
            member_set,
            "Set the value for an instance.",
        ),
        NativeDef::method(
            "__delete__($self, instance, /)",
            member_delete,
            "Delete the value for an instance.",
        ),
        NativeDef::method("__repr__($self, /)", member_repr, "Return repr(self)."),
    ],
    getset: &[
        GetSetDef::new("__name__", member_name, ""),
        GetSetDef::new("__qualname__", member_qualname, ""),
        GetSetDef::new("__objclass__", member_owner, ""),
        GetSetDef::new("__doc__", member_doc, ""),
    ],
    flags: ClassFlags::NO_NEW,
    ..TypeDef::new("member_descriptor", Kind::Member)
};

/// Whether a member descriptor is that of a field of a builtin type.
fn is_computed(vm: &Vm, args: Args) -> bool {
    args.get(vm, 0).kind() == Some(Kind::GetSet)
}

fn member_get(vm: &mut Vm, args: Args) -> NativeResult {
    if is_computed(vm, args) {
        return getset_get(vm, args);
    }
    let vm = &*vm;
    let this = args.this::<Member>(vm)?;
    let obj = args.get(vm, 1);
    if obj.is_none() {
        return Ok(vm.ret(this.value()));
    }
    check_owner(vm, this.owner.get(vm), &vm.text_of(this.name.get(vm)), obj)?;
    match vm.member_get(this, obj) {
        Some(value) => Ok(vm.ret(value)),
        None => Err(vm.attribute_error(obj, this.name.get(vm))),
    }
}

fn member_store(vm: &Vm, args: Args, value: Value<'_>) -> NativeResult {
    let this = args.this::<Member>(vm)?;
    let obj = args.get(vm, 1);
    check_owner(vm, this.owner.get(vm), &vm.text_of(this.name.get(vm)), obj)?;
    if !vm.member_store(this, obj, value) {
        return Err(vm.raise(ClassId::AttributeError, vm.text_of(this.name.get(vm))));
    }
    Ok(vm.none())
}

fn member_set(vm: &mut Vm, args: Args) -> NativeResult {
    if is_computed(vm, args) {
        return getset_set(vm, args);
    }
    let vm = &*vm;
    member_store(vm, args, args.get(vm, 2))
}

fn member_delete(vm: &mut Vm, args: Args) -> NativeResult {
    if is_computed(vm, args) {
        return getset_delete(vm, args);
    }
    member_store(vm, args, Value::UNBOUND)
}

fn member_name(vm: &mut Vm, args: Args) -> NativeResult {
    if is_computed(vm, args) {
        return getset_name(vm, args);
    }
    let vm = &*vm;
    Ok(vm.ret(args.this::<Member>(vm)?.name.get(vm)))
}

fn member_qualname(vm: &mut Vm, args: Args) -> NativeResult {
    if is_computed(vm, args) {
        return getset_qualname(vm, args);
    }
    let this = args.this::<Member>(vm)?;
    let owner = this.owner.get(vm).as_class().map_or(String::new(), |c| vm.class_qualname(c));
    ret_str(vm, &format!("{owner}.{}", vm.text_of(this.name.get(vm))))
}

fn member_owner(vm: &mut Vm, args: Args) -> NativeResult {
    if is_computed(vm, args) {
        return getset_owner(vm, args);
    }
    let vm = &*vm;
    Ok(vm.ret(args.this::<Member>(vm)?.owner.get(vm)))
}

fn member_doc(vm: &mut Vm, args: Args) -> NativeResult {
    if is_computed(vm, args) {
        return getset_doc(vm, args);
    }
    Ok(vm.none())
}

fn member_repr(vm: &mut Vm, args: Args) -> NativeResult {
    if is_computed(vm, args) {
        return getset_repr(vm, args);
    }
    let this = args.this::<Member>(vm)?;
    let owner = this.owner.get(vm).as_class().map_or(String::new(), |c| vm.class_name(c));
    ret_str(vm, &format!("<member '{}' of '{owner}' objects>", vm.text_of(this.name.get(vm))))
}
