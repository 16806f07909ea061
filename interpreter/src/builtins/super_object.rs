//! super.

use super::declare::{ClassId, GetSetDef, TypeDef};
use super::support::*;
use crate::object::*;
use crate::raise;
use crate::value::{Value, word};
use crate::vm::construct::header;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Vm};

/// The type super.
pub static SUPER: TypeDef = TypeDef {
    doc: "super()\nsuper(type, object_or_type=None, /)\n--\n\nAttributes of the classes that follow type in the method resolution order.",
    flags: ClassFlags::BASE,
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", new, "").raw(),
        NativeDef::method("__init__($self, /, *args, **kwargs)", init, "").raw(),
        NativeDef::method("__get__($self, instance, owner=None, /)", get, "Bind to an instance."),
        NativeDef::method(
            "__getattribute__($self, name, /)",
            getattribute,
            "Return getattr(self, name).",
        ),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
    ],
    getset: &[
        GetSetDef::new("__thisclass__", this_class, "The class to start behind."),
        GetSetDef::new("__self__", this_self, "What methods are bound to."),
        GetSetDef::new("__self_class__", self_class, "The class whose order is followed."),
    ],
    ..TypeDef::new("super", Kind::Super)
};

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let shape = new_shape(vm, args, ClassId::Super)?;
    let none = || Slot::new(word::NONE);
    let sup = Super { header: header(), class: none(), this: none(), this_class: none() };
    Ok(vm.ret(vm.alloc(shape, sup).value()))
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Super>(vm)?;
    if args.keyword_count() > 0 {
        raise!(vm, TypeError, "super() takes no keyword arguments");
    }
    let (class, obj) = match args.len() - 1 {
        0 => vm.super_context()?,
        1 => (args.local(1), vm.root(Value::NONE)),
        2 => (args.local(1), args.local(2)),
        n => raise!(vm, TypeError, "super() expected at most 2 arguments, got {n}"),
    };
    if vm.get(class).as_class().is_none() {
        let given = vm.type_name(vm.get(class));
        raise!(vm, TypeError, "super() argument 1 must be a type, not {given}");
    }
    let this_class = vm.root(Value::NONE);
    if !vm.get(obj).is_none() {
        let found = start_class(vm, class, obj)?;
        vm.set(this_class, vm.get(found));
    }
    let vm = &*vm;
    let this = args.this::<Super>(vm)?;
    vm.write(this, |s| &s.class, vm.get(class));
    vm.write(this, |s| &s.this, vm.get(obj));
    vm.write(this, |s| &s.this_class, vm.get(this_class));
    Ok(vm.none())
}

/// The class whose order is followed: the object itself if it is a subclass of `class`, else its
/// class.
fn start_class(vm: &mut Vm, class: Local, obj: Local) -> Result<Local, Raised> {
    {
        let vm = &*vm;
        let wanted: Gc<'_, Class> = vm.get(class).cast().expect("checked by the caller");
        let v = vm.get(obj);
        if v.as_class().is_some_and(|c| vm.is_subclass(c, wanted)) {
            return Ok(obj);
        }
        let own = vm.class_of(v);
        if vm.is_subclass(own, wanted) {
            return Ok(vm.root(own.value()));
        }
    }
    // A proxy may claim another class.
    if let Some(ret) = vm.getattr_opt(obj, "__class__")? {
        let claimed = vm.value(ret);
        let wanted: Gc<'_, Class> = vm.get(class).cast().expect("checked by the caller");
        if claimed.as_class().is_some_and(|c| vm.is_subclass(c, wanted)) {
            return Ok(vm.root(claimed));
        }
    }
    let wanted = vm.get(class).as_class().map_or(String::new(), |c| vm.class_name(c));
    let given = match vm.get(obj).as_class() {
        Some(c) => format!("type object '{}'", vm.class_name(c)),
        None => format!("instance of {}", vm.type_name(vm.get(obj))),
    };
    raise!(
        vm,
        TypeError,
        "super(type, obj): obj ({given}) is not an instance or subtype of type ({wanted})."
    )
}

fn get(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.this::<Super>(vm)?;
    if args.get(vm, 1).is_none() || !this.this.get(vm).is_none() {
        return Ok(vm.ret(this.value()));
    }
    let class = vm.root(this.class.get(vm));
    let own = start_class(vm, class, args.local(1))?;
    let vm = &*vm;
    let slot = |l: Local| Slot::new(vm.get(l).word());
    let shape = vm.class_of(args.get(vm, 0)).shape.get();
    let sup = Super {
        header: header(),
        class: slot(class),
        this: slot(args.local(1)),
        this_class: slot(own),
    };
    Ok(vm.ret(vm.alloc(shape, sup).value()))
}

fn getattribute(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Super>(vm)?;
    let name = args.str(vm, 1)?;
    vm.set(args.local(1), vm.intern_str(name).value());
    match vm.generic_getattr(args.local(0), args.local(1))? {
        Some(ret) => Ok(ret),
        None => Err(vm.attribute_error(args.get(vm, 0), args.get(vm, 1))),
    }
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.this::<Super>(vm)?;
    let class = this.class.get(vm).as_class().map_or("NULL".into(), |c| vm.class_name(c));
    let text = match this.this_class.get(vm).as_class() {
        Some(own) => format!("<super: <class '{class}'>, <{} object>>", vm.class_name(own)),
        None => format!("<super: <class '{class}'>, NULL>"),
    };
    ret_str(vm, &text)
}

fn this_class(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.this::<Super>(vm)?.class.get(vm)))
}

fn this_self(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.this::<Super>(vm)?.this.get(vm)))
}

fn self_class(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.this::<Super>(vm)?.this_class.get(vm)))
}
