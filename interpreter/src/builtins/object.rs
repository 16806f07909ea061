//! object: what every object has.

use super::class::module_text;
use super::declare::{ClassId, GetSetDef, TypeDef};
use super::support::*;
use super::weakref::has_referable_instances;
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Special, Vm};

/// The type object.
pub static TYPE: TypeDef = TypeDef {
    doc: "object()\n--\n\nThe base class of all classes.",
    flags: ClassFlags::BASE,
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", new, "Make an object.")
            .raw(),
        NativeDef::method("__init__($self, /, *args, **kwargs)", init, "Initialize self.").raw(),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::method("__str__($self, /)", str, "Return str(self)."),
        NativeDef::method(
            "__format__($self, format_spec, /)",
            format,
            "Return str(self) if format_spec is empty.",
        ),
        NativeDef::method("__hash__($self, /)", hash, "Return hash(self)."),
        NativeDef::method("__eq__($self, value, /)", eq, "Return self==value."),
        NativeDef::method("__ne__($self, value, /)", ne, "Return self!=value."),
        NativeDef::method("__lt__($self, value, /)", unordered, "Return self<value."),
        NativeDef::method("__le__($self, value, /)", unordered, "Return self<=value."),
        NativeDef::method("__gt__($self, value, /)", unordered, "Return self>value."),
        NativeDef::method("__ge__($self, value, /)", unordered, "Return self>=value."),
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
        NativeDef::method("__dir__($self, /)", dir, "Names of attributes."),
        NativeDef::method(
            "__sizeof__($self, /)",
            sizeof,
            "Size of the object in memory, in bytes.",
        ),
        NativeDef::method("__reduce__($self, /)", super::reduce::reduce, "Helper for pickle."),
        NativeDef::method(
            "__reduce_ex__($self, protocol, /)",
            super::reduce::reduce_ex,
            "Helper for pickle.",
        ),
        NativeDef::method("__getstate__($self, /)", super::reduce::getstate, "Helper for pickle."),
        NativeDef::class_method(
            "__init_subclass__($type, /, *args, **kwargs)",
            init_subclass,
            "Called when a class is subclassed; does nothing.",
        )
        .raw(),
        NativeDef::class_method(
            "__subclasshook__($type, object, /)",
            subclasshook,
            "Lets abstract classes have a say in issubclass().",
        ),
    ],
    getset: &[GetSetDef::new("__class__", get_class, "The object's class.").with_set(set_class)],
    ..TypeDef::new("object", Kind::Instance)
};

/// The computed attribute `__dict__` of instances.
pub static DICT_GETSET: GetSetDef =
    GetSetDef::new("__dict__", get_dict, "The attributes as a dict.").with_set(set_dict);

/// Getter of `__dict__`.
pub fn get_dict(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    // A metaclass may have this getter from another base than type.
    if let Some(class) = args.get(vm, 0).as_class() {
        let own = super::class::own_dict(vm, class);
        return Ok(vm.ret(super::mapping_proxy::proxy(vm, own.value())));
    }
    match vm.instance_dict(args.get(vm, 0)) {
        Some(dict) => Ok(vm.ret(dict.value())),
        None => Err(vm.attribute_error(args.get(vm, 0), vm.intern("__dict__").value())),
    }
}

/// Setter of `__dict__`.
pub fn set_dict(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    // Subclasses of these may have this setter from another base, which does not change what it can do.
    match args.get(vm, 0).kind() {
        Some(kind @ (Kind::Module | Kind::Class)) => {
            let name = if kind == Kind::Class { "type" } else { "module" };
            raise!(vm, AttributeError, "attribute '__dict__' of '{name}' objects is not writable");
        }
        Some(Kind::Exception) if args.opt(vm, 1).is_none() => {
            raise!(vm, TypeError, "cannot delete __dict__");
        }
        _ => {}
    }
    let dict = match args.opt(vm, 1) {
        None => vm.dict(),
        Some(value) => match value.cast::<Dict>() {
            Some(dict) => dict,
            None => {
                let given = vm.type_name(value);
                raise!(vm, TypeError, "__dict__ must be set to a dictionary, not a '{given}'");
            }
        },
    };
    if !vm.set_instance_dict(args.get(vm, 0), dict) {
        return Err(vm.attribute_error(args.get(vm, 0), vm.intern("__dict__").value()));
    }
    Ok(vm.none())
}

/// Setter of a `__dict__` that cannot be deleted, as types made in C have it.
pub fn replace_dict(vm: &mut Vm, args: Args) -> NativeResult {
    if args.opt(vm, 1).is_none() {
        raise!(vm, TypeError, "cannot delete __dict__");
    }
    set_dict(vm, args)
}

/// Whether a class has its own method instead of the generic one.
fn overrides(vm: &Vm, class: Gc<'_, Class>, which: Special) -> bool {
    vm.special(class, which).is_some_and(|f| !vm.is_object_method(f, which))
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    {
        let vm = &*vm;
        let class = new_class(vm, args, ClassId::Object)?;
        if args.len() > 1 {
            if overrides(vm, class, Special::New) {
                raise!(
                    vm,
                    TypeError,
                    "object.__new__() takes exactly one argument (the type to instantiate)"
                );
            }
            if !overrides(vm, class, Special::Init) {
                let name = vm.class_name(class);
                raise!(vm, TypeError, "{name}() takes no arguments");
            }
        }
        if class.flags.get() & ClassFlags::ABSTRACT == 0 {
            if class.instance_kind.get() != Kind::Instance {
                let name = vm.class_name(class);
                let mut solid = class;
                while solid.def.get().is_null()
                    && let Some(base) = solid.base.get_as::<Class>(vm)
                {
                    solid = base;
                }
                let safe = vm.class_name(solid);
                raise!(vm, TypeError, "object.__new__({name}) is not safe, use {safe}.__new__()");
            }
            return Ok(vm.ret(vm.new_instance(class).value()));
        }
    }
    abstract_class(vm, args.local(0))
}

/// The error for instantiating a class with abstract methods.
fn abstract_class(vm: &mut Vm, class: Local) -> NativeResult {
    let names = vm.getattr_str(class, "__abstractmethods__")?;
    let names = vm.hold(names);
    let mut texts = Vec::new();
    vm.iterate(names, |vm, name| {
        texts.push(vm.str_text_of(name)?);
        Ok(())
    })?;
    texts.sort();
    let class = vm.get(class).as_class().map_or(String::new(), |c| vm.class_name(c));
    let s = if texts.len() == 1 { "" } else { "s" };
    let list = texts.iter().map(|t| format!("'{t}'")).collect::<Vec<_>>().join(", ");
    raise!(
        vm,
        TypeError,
        "Can't instantiate abstract class {class} without an implementation for abstract \
         method{s} {list}"
    )
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    if args.len() > 1 {
        let class = vm.class_of(args.get(vm, 0));
        if overrides(vm, class, Special::Init) {
            raise!(
                vm,
                TypeError,
                "object.__init__() takes exactly one argument (the instance to initialize)"
            );
        }
        if !overrides(vm, class, Special::New) {
            let name = vm.class_name(class);
            raise!(
                vm,
                TypeError,
                "{name}.__init__() takes exactly one argument (the instance to initialize)"
            );
        }
    }
    Ok(vm.none())
}

/// `module.Class` of an object, as the default repr shows it.
pub fn qualified_type(vm: &Vm, v: Value<'_>) -> String {
    let class = vm.class_of(v);
    let name = vm.class_qualname(class);
    match module_text(vm, class) {
        Some(module) if module != "builtins" => format!("{module}.{name}"),
        _ => name,
    }
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.get(vm, 0);
    ret_str(vm, &format!("<{} object at {:#x}>", qualified_type(vm, this), vm.id(this)))
}

fn str(vm: &mut Vm, args: Args) -> NativeResult {
    vm.repr(args.local(0))
}

fn format(vm: &mut Vm, args: Args) -> NativeResult {
    let spec = args.str(vm, 1)?;
    if !spec.is_empty() {
        let name = vm.type_name(args.get(vm, 0));
        raise!(vm, TypeError, "unsupported format string passed to {name}.__format__");
    }
    vm.str_of(args.local(0))
}

fn hash(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.get(vm, 0);
    let hash = match this.header() {
        Some(_) => vm.identity_hash(this),
        None => vm.hash_leaf(this).unwrap_or(0),
    };
    ret_hash(vm, hash)
}

fn eq(vm: &mut Vm, args: Args) -> NativeResult {
    let same = args.get(vm, 0).is(args.get(vm, 1));
    Ok(vm.ret(if same { Value::TRUE } else { Value::NOT_IMPLEMENTED }))
}

fn ne(vm: &mut Vm, args: Args) -> NativeResult {
    // The opposite of __eq__.
    let Some(ret) = vm.call_special(args.local(0), Special::Eq, &[args.local(1)])? else {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    };
    if vm.value(ret).is(Value::NOT_IMPLEMENTED) {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    }
    let equal = vm.hold_result();
    let equal = vm.truth(equal)?;
    Ok(vm.ret(Value::from_bool(!equal)))
}

fn unordered(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(Value::NOT_IMPLEMENTED))
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

/// Classes store attributes in a way of their own, which must not be passed by.
fn not_a_class(vm: &Vm, args: Args, method: &str) -> Result<(), Raised> {
    let this = args.get(vm, 0);
    if this.kind() == Some(Kind::Class) {
        let name = vm.type_name(this);
        raise!(vm, TypeError, "can't apply this {method} to {name} object");
    }
    Ok(())
}

fn setattr(vm: &mut Vm, args: Args) -> NativeResult {
    not_a_class(vm, args, "__setattr__")?;
    attribute_name(vm, args)?;
    vm.generic_setattr(args.local(0), args.local(1), Some(args.local(2)))?;
    Ok(vm.none())
}

fn delattr(vm: &mut Vm, args: Args) -> NativeResult {
    not_a_class(vm, args, "__delattr__")?;
    attribute_name(vm, args)?;
    vm.generic_setattr(args.local(0), args.local(1), None)?;
    Ok(vm.none())
}

/// Adds the names in the dicts of a class's MRO to a dict's keys.
pub fn class_names(vm: &Vm, class: Gc<'_, Class>, names: Gc<'_, Dict>) {
    let Some(mro) = class.mro.get_as::<Tuple>(vm) else { return };
    for class in mro.items() {
        let Some(dict) = class.get_as::<Class>(vm).and_then(|c| c.dict.get_as::<Dict>(vm)) else {
            continue;
        };
        for (key, _) in vm.table_items(&*dict) {
            if let Some(key) = key.as_str() {
                vm.dict_set_str(names, key, Value::NONE);
            }
        }
    }
}

/// A list of a dict's keys.
pub fn key_list<'gc>(vm: &'gc Vm, dict: Gc<'_, Dict>) -> Value<'gc> {
    let items = vm.table_items(&*dict);
    vm.list_from(items.len(), items.iter().map(|(k, _)| *k)).value()
}

fn dir(vm: &mut Vm, args: Args) -> NativeResult {
    let names = vm.root(vm.dict().value());
    if let Some(own) = vm.getattr_opt(args.local(0), "__dict__")? {
        let own = vm.hold(own);
        if vm.get(own).cast::<Dict>().is_some() {
            let _ = vm.call_method(names, "update", &[own])?;
        }
    }
    if let Some(class) = vm.getattr_opt(args.local(0), "__class__")? {
        let class = vm.hold(class);
        add_class_names(vm, class, names)?;
    }
    let vm = &*vm;
    let names: Gc<'_, Dict> = vm.get(names).cast().expect("made above");
    Ok(vm.ret(key_list(vm, names)))
}

/// Adds the names in a class and its bases, or in what somebody's `__class__` says is one.
fn add_class_names(vm: &mut Vm, class: Local, names: Local) -> Result<(), Raised> {
    {
        let vm = &*vm;
        if let Some(class) = vm.get(class).as_class() {
            class_names(vm, class, vm.get(names).cast().expect("a dict"));
            return Ok(());
        }
    }
    vm.check_native_stack(" in dir()")?;
    if let Some(dict) = vm.getattr_opt(class, "__dict__")? {
        let dict = vm.hold(dict);
        let _ = vm.call_method(names, "update", &[dict])?;
    }
    let Some(bases) = vm.getattr_opt(class, "__bases__")? else { return Ok(()) };
    let bases = vm.hold(bases);
    vm.iterate(bases, |vm, base| add_class_names(vm, base, names))
}

fn sizeof(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(vm.int_usize(own_size(vm, args.get(vm, 0)))))
}

/// The bytes that a value's object takes in the heap, without what it refers to.
pub fn own_size(vm: &Vm, v: Value<'_>) -> usize {
    use sidewinder_gc::Model;
    // SAFETY: the header of a live object of this heap.
    v.header().map_or(0, |header| unsafe { vm.heap.model().size(header) })
}

fn init_subclass(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let name = args.get(vm, 0).as_class().map_or(String::new(), |c| vm.class_name(c));
    if args.keyword_count() > 0 {
        raise!(vm, TypeError, "{name}.__init_subclass__() takes no keyword arguments");
    }
    if args.len() > 1 {
        let given = args.len() - 1;
        raise!(vm, TypeError, "{name}.__init_subclass__() takes no arguments ({given} given)");
    }
    Ok(vm.none())
}

fn subclasshook(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(Value::NOT_IMPLEMENTED))
}

fn get_class(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(vm.class_of(args.get(vm, 0)).value()))
}

/// Whether instances of the classes have the same words at the same places.
fn same_layout(vm: &Vm, a: Gc<'_, Class>, b: Gc<'_, Class>) -> bool {
    let layout = |c: Gc<'_, Class>| {
        (
            c.instance_kind.get(),
            has_referable_instances(c),
            c.flags.get() & ClassFlags::HAS_DICT,
            c.foreign.get(),
            vm.slot_layout(c),
        )
    };
    // What adds to the layout is one class of both, or each adds the same to one base.
    let (x, y) = (vm.solid_base(a), vm.solid_base(b));
    (x == y || x.base.word() == y.base.word()) && layout(a) == layout(b)
}

fn set_class(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let Some(value) = args.opt(vm, 1) else {
        raise!(vm, TypeError, "can't delete __class__ attribute");
    };
    let Some(new) = value.as_class() else {
        let given = vm.type_name(value);
        raise!(vm, TypeError, "__class__ must be set to a class, not '{given}' object");
    };
    let this = args.get(vm, 0);
    let old = vm.class_of(this);
    let mutable = |c: Gc<'_, Class>| c.flags.get() & ClassFlags::MUTABLE != 0;
    let module = |c: Gc<'_, Class>| vm.is_subclass(c, vm.class(ClassId::Module));
    let modules = module(new) && module(old);
    if !(modules || mutable(new) && mutable(old)) {
        raise!(
            vm,
            TypeError,
            "__class__ assignment only supported for mutable types or ModuleType subclasses"
        );
    }
    if !modules && !same_layout(vm, new, old) {
        let (new, old) = (vm.class_name(new), vm.class_name(old));
        raise!(vm, TypeError, "__class__ assignment: '{new}' object layout differs from '{old}'");
    }
    if new == old {
        return Ok(vm.none());
    }
    let Some(instance) = this.cast::<Instance>() else {
        let header = this.header().expect("instances of such classes are heap objects");
        let inline = |shape: u32| vm.shapes().get(shape).inline;
        if inline(header.shape()) != inline(new.shape.get()) {
            let (new, old) = (vm.class_name(new), vm.class_name(old));
            raise!(
                vm,
                TypeError,
                "__class__ assignment: '{new}' object layout differs from '{old}'"
            );
        }
        vm.set_shape(this, new.shape.get());
        return Ok(vm.none());
    };
    // The attributes go into a dict, so that only the number of words inside must stay the same.
    let inline = vm.shapes().get(instance.header.shape()).inline;
    let has_dict = new.flags.get() & ClassFlags::HAS_DICT != 0;
    if has_dict {
        vm.instance_dict(this);
    }
    let shape = vm.shape_of_size(new, inline)?;
    vm.set_shape(this, if has_dict { vm.shape_dict(shape) } else { shape });
    if new.flags.get() & ClassFlags::HAS_DEL != 0 && old.flags.get() & ClassFlags::HAS_DEL == 0 {
        vm.heap.register_finalizer(instance.header_ptr());
    }
    Ok(vm.none())
}
