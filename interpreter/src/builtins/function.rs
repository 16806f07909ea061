//! Functions, methods, code objects and cells.

use super::declare::{ClassId, GetSetDef, TypeDef};
use super::object::{get_dict, qualified_type, replace_dict};
use super::support::*;
use crate::object::*;
use crate::raise;
use crate::value::{Value, word};
use crate::vm::compare::CompareOp;
use crate::vm::construct::header;
use crate::vm::{Args, Binding, Local, NativeDef, NativeResult, Raised, Vm};
use std::cell::Cell;

/// The type of functions written in Python.
pub static TYPE: TypeDef = TypeDef {
    doc: "function(code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)\n--\n\nA function made from a code object.",
    flags: ClassFlags::HAS_DICT,
    methods: &[
        NativeDef::static_method(
            "__new__($type, /, code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)",
            function_new,
            "",
        ),
        NativeDef::method(
            "__get__($self, instance, owner=None, /)",
            function_get,
            "The function bound to an instance.",
        ),
        NativeDef::method("__call__($self, /, *args, **kwargs)", call_it, "Call the function.")
            .raw(),
        NativeDef::method("__repr__($self, /)", function_repr, "Return repr(self)."),
    ],
    getset: &[
        GetSetDef::new("__name__", name, "").with_set(set_name),
        GetSetDef::new("__qualname__", qualname, "").with_set(set_qualname),
        GetSetDef::new("__doc__", doc, "").with_set(set_doc),
        GetSetDef::new("__module__", module, "").with_set(set_module),
        GetSetDef::new("__defaults__", defaults, "").with_set(set_defaults),
        GetSetDef::new("__kwdefaults__", kwdefaults, "").with_set(set_kwdefaults),
        GetSetDef::new("__code__", code, "").with_set(set_code),
        GetSetDef::new("__globals__", globals, "").member(),
        GetSetDef::new("__builtins__", builtins, "").member(),
        GetSetDef::new("__closure__", closure, "").member(),
        GetSetDef::new("__annotations__", annotations, "").with_set(set_annotations),
        GetSetDef::new("__annotate__", annotate, "").with_set(set_annotate),
        GetSetDef::new("__type_params__", type_params, "").with_set(set_type_params),
        GetSetDef::new("__dict__", get_dict, "").with_set(replace_dict),
    ],
    ..TypeDef::new("function", Kind::Function)
};

fn this(vm: &Vm, args: Args) -> Result<Gc<'_, Function>, Raised> {
    args.this::<Function>(vm)
}

fn function_new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    new_shape(vm, args, ClassId::Function)?;
    let Some(code) = args.get(vm, 1).cast::<Code>() else {
        return Err(wrong_argument(vm, "function", "code", "code", args.get(vm, 1)));
    };
    if args.get(vm, 2).cast::<Dict>().is_none() {
        return Err(wrong_argument(vm, "function", "globals", "dict", args.get(vm, 2)));
    }
    // SAFETY: a code object keeps its data alive.
    let unit = unsafe { &(*code.data.get()).unit };
    let closure = args.not_none(vm, 5).and_then(|c| c.cast::<Tuple>());
    let (given, needed) = (closure.map_or(0, |c| c.len()), unit.freevars.len());
    if given != needed {
        let name = &unit.name;
        raise!(vm, ValueError, "{name} requires closure of length {needed}, not {given}");
    }
    let slot = |v: Option<Value<'_>>| Slot::new(v.map_or(word::UNBOUND, |v| v.word()));
    let text = |s: &str| Slot::new(vm.intern(s).value().word());
    let function = Function {
        header: header(),
        code: Slot::new(code.value().word()),
        globals: slot(args.opt(vm, 2)),
        defaults: slot(args.not_none(vm, 4)),
        kwdefaults: slot(args.not_none(vm, 6)),
        closure: slot(closure.map(|c| c.value())),
        name: args.not_none(vm, 3).map_or_else(|| text(&unit.name), |v| Slot::new(v.word())),
        qualname: text(&unit.qualname),
        doc: Slot::new(word::NONE),
        module: Slot::new(word::NONE),
        annotate: slot(None),
        type_params: Slot::new(word::UNBOUND),
        attrs: slot(None),
        data: Cell::new(code.data.get()),
    };
    Ok(vm.ret(vm.alloc(ClassId::Function, function).value()))
}

fn wrong_argument(vm: &Vm, f: &str, argument: &str, wanted: &str, v: Value<'_>) -> Raised {
    let given = vm.type_name(v);
    vm.type_error(format!("{f}() argument '{argument}' must be {wanted}, not {given}"))
}

fn function_get(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let f = this(vm, args)?;
    let obj = args.get(vm, 1);
    if obj.is_none()
        && !args.not_none(vm, 2).is_some_and(|c| c.is(vm.class(ClassId::NoneType).value()))
    {
        return Ok(vm.ret(f.value()));
    }
    Ok(vm.ret(vm.bound_method(f.value(), obj).value()))
}

/// `__call__` of anything that the VM itself can call.
fn call_it(vm: &mut Vm, args: Args) -> NativeResult {
    forward(vm, args.local(0), args, 1)
}

fn function_repr(vm: &mut Vm, args: Args) -> NativeResult {
    let f = this(vm, args)?;
    let name = vm.text_of(f.qualname.get(vm));
    ret_str(vm, &format!("<function {name} at {:#x}>", vm.id(f.value())))
}

/// The value of an optional field: None when it is not set.
fn or_none<'gc>(v: Value<'gc>) -> Value<'gc> {
    v.bound().unwrap_or(Value::NONE)
}

macro_rules! function_getters {
    ($($f:ident)*) => { $(
        fn $f(vm: &mut Vm, args: Args) -> NativeResult {
            let vm = &*vm;
            Ok(vm.ret(or_none(this(vm, args)?.$f.get(vm))))
        }
    )* };
}
function_getters!(name qualname doc module defaults kwdefaults code globals closure);

fn set_name(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    match args.opt(vm, 1).filter(|v| v.as_str().is_some()) {
        Some(v) => vm.write(this(vm, args)?, |f| &f.name, v),
        None => raise!(vm, TypeError, "__name__ must be set to a string object"),
    }
    Ok(vm.none())
}

fn set_qualname(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    match args.opt(vm, 1).filter(|v| v.as_str().is_some()) {
        Some(v) => vm.write(this(vm, args)?, |f| &f.qualname, v),
        None => raise!(vm, TypeError, "__qualname__ must be set to a string object"),
    }
    Ok(vm.none())
}

fn set_doc(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let v = args.opt(vm, 1).unwrap_or(Value::NONE);
    vm.write(this(vm, args)?, |f| &f.doc, v);
    Ok(vm.none())
}

fn set_module(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let v = args.opt(vm, 1).unwrap_or(Value::NONE);
    vm.write(this(vm, args)?, |f| &f.module, v);
    Ok(vm.none())
}

fn set_defaults(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let v = args.not_none(vm, 1);
    if v.is_some_and(|v| v.cast::<Tuple>().is_none()) {
        raise!(vm, TypeError, "__defaults__ must be set to a tuple object");
    }
    vm.write(this(vm, args)?, |f| &f.defaults, v.unwrap_or(Value::UNBOUND));
    Ok(vm.none())
}

fn set_kwdefaults(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let v = args.not_none(vm, 1);
    if v.is_some_and(|v| v.cast::<Dict>().is_none()) {
        raise!(vm, TypeError, "__kwdefaults__ must be set to a dict object");
    }
    vm.write(this(vm, args)?, |f| &f.kwdefaults, v.unwrap_or(Value::UNBOUND));
    Ok(vm.none())
}

fn set_code(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let f = this(vm, args)?;
    let Some(code) = args.opt(vm, 1).and_then(|v| v.cast::<Code>()) else {
        raise!(vm, TypeError, "__code__ must be set to a code object");
    };
    // SAFETY: both code objects keep their data alive.
    let (new, old) = unsafe { (&(*code.data.get()).unit, &(*f.data.get()).unit) };
    if new.freevars.len() != old.freevars.len() {
        let (name, has, wants) = (&old.name, old.freevars.len(), new.freevars.len());
        raise!(vm, ValueError, "{name}() requires a code object with {has} free vars, not {wants}");
    }
    vm.write(f, |f| &f.code, code.value());
    f.data.set(code.data.get());
    vm.class_changed();
    Ok(vm.none())
}

fn builtins(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let globals = this(vm, args)?.globals.get_as::<Dict>(vm);
    Ok(vm.ret(globals.map_or(vm.builtins().value(), |globals| vm.builtins_of(globals))))
}

fn type_params(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let params = args.this::<Function>(vm)?.r().type_params.get(vm).bound();
    Ok(vm.ret(params.unwrap_or(vm.tuple(&[]).value())))
}

fn set_type_params(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.this::<Function>(vm)?;
    match args.opt(vm, 1).filter(|v| v.cast::<Tuple>().is_some()) {
        Some(params) => vm.write(this, |f| &f.type_params, params),
        None => raise!(vm, TypeError, "__type_params__ must be set to a tuple"),
    }
    Ok(vm.none())
}

/// `__annotations__`: computed by `__annotate__` at the first request.
fn annotations(vm: &mut Vm, args: Args) -> NativeResult {
    let annotate = this(vm, args)?.annotate.get(vm);
    if annotate.kind() == Some(Kind::Dict) {
        return Ok(vm.ret(annotate));
    }
    let dict = if annotate.is_unbound() || annotate.is_none() {
        vm.root(vm.dict().value())
    } else {
        let annotate = vm.root(annotate);
        let format = vm.root(Value::from_i32(1));
        let ret = vm.call(annotate, &[format])?;
        vm.hold(ret)
    };
    vm.write(this(vm, args)?, |f| &f.annotate, vm.get(dict));
    Ok(vm.ret(vm.get(dict)))
}

fn set_annotations(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let v = args.not_none(vm, 1);
    if v.is_some_and(|v| v.cast::<Dict>().is_none()) {
        raise!(vm, TypeError, "__annotations__ must be set to a dict object");
    }
    vm.write(this(vm, args)?, |f| &f.annotate, v.unwrap_or(Value::UNBOUND));
    Ok(vm.none())
}

fn annotate(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let v = this(vm, args)?.annotate.get(vm);
    Ok(vm.ret(if v.kind() == Some(Kind::Dict) { Value::NONE } else { or_none(v) }))
}

fn set_annotate(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let v = args.not_none(vm, 1).unwrap_or(Value::UNBOUND);
    vm.write(this(vm, args)?, |f| &f.annotate, v);
    Ok(vm.none())
}

/// The type of functions written in Rust, and of methods of them that are bound.
pub static BUILTIN: TypeDef = TypeDef {
    methods: BUILTIN_METHODS,
    getset: &[
        GetSetDef::new("__name__", builtin_name, ""),
        GetSetDef::new("__qualname__", builtin_qualname, ""),
        GetSetDef::new("__doc__", builtin_doc, ""),
        GetSetDef::new("__self__", builtin_self, ""),
        GetSetDef::new("__module__", builtin_module, ""),
        GetSetDef::new("__text_signature__", builtin_signature, ""),
    ],
    flags: ClassFlags::NO_NEW,
    ..TypeDef::new("builtin_function_or_method", Kind::Builtin)
};

/// The type of methods written in Rust, as found in their class.
pub static METHOD_DESCRIPTOR: TypeDef = TypeDef {
    methods: DESCRIPTOR_METHODS,
    getset: DESCRIPTOR_GETSET,
    flags: ClassFlags::NO_NEW,
    ..TypeDef::new("method_descriptor", Kind::Builtin)
};

/// The type of special methods written in Rust, as found in their class.
pub static WRAPPER_DESCRIPTOR: TypeDef = TypeDef {
    methods: DESCRIPTOR_METHODS,
    getset: DESCRIPTOR_GETSET,
    flags: ClassFlags::NO_NEW,
    ..TypeDef::new("wrapper_descriptor", Kind::Builtin)
};

/// The type of special methods written in Rust that are bound.
pub static METHOD_WRAPPER: TypeDef = TypeDef {
    methods: BUILTIN_METHODS,
    getset: &[
        GetSetDef::new("__name__", builtin_name, ""),
        GetSetDef::new("__qualname__", builtin_qualname, ""),
        GetSetDef::new("__doc__", builtin_doc, ""),
        GetSetDef::new("__self__", builtin_self, ""),
        GetSetDef::new("__objclass__", method_owner, ""),
        GetSetDef::new("__text_signature__", builtin_signature, ""),
    ],
    flags: ClassFlags::NO_NEW,
    ..TypeDef::new("method-wrapper", Kind::BoundMethod)
};

/// The type of class methods written in Rust, as found in their class.
pub static CLASS_METHOD_DESCRIPTOR: TypeDef = TypeDef {
    methods: DESCRIPTOR_METHODS,
    getset: DESCRIPTOR_GETSET,
    flags: ClassFlags::NO_NEW,
    ..TypeDef::new("classmethod_descriptor", Kind::Builtin)
};

static BUILTIN_METHODS: &[NativeDef] = &[
    NativeDef::method("__reduce__($self, /)", super::reduce::builtin_reduce, "For pickling."),
    NativeDef::method("__call__($self, /, *args, **kwargs)", call_it, "Call the function.").raw(),
    NativeDef::method("__repr__($self, /)", builtin_repr, "Return repr(self)."),
    NativeDef::method("__eq__($self, value, /)", method_eq, "Return self==value."),
    NativeDef::method("__hash__($self, /)", method_hash, "Return hash(self)."),
];

static DESCRIPTOR_METHODS: &[NativeDef] = &[
    NativeDef::method("__reduce__($self, /)", super::reduce::builtin_reduce, "For pickling."),
    NativeDef::method(
        "__get__($self, instance, owner=None, /)",
        descriptor_get,
        "The method bound to an instance.",
    ),
    NativeDef::method("__call__($self, /, *args, **kwargs)", call_it, "Call the method.").raw(),
    NativeDef::method("__repr__($self, /)", builtin_repr, "Return repr(self)."),
];

static DESCRIPTOR_GETSET: &[GetSetDef] = &[
    GetSetDef::new("__name__", builtin_name, ""),
    GetSetDef::new("__qualname__", builtin_qualname, ""),
    GetSetDef::new("__doc__", builtin_doc, ""),
    GetSetDef::new("__objclass__", builtin_owner, ""),
    GetSetDef::new("__text_signature__", builtin_signature, ""),
];

/// The native function, and what it is bound to.
fn native_parts<'gc>(
    vm: &'gc Vm,
    args: Args,
) -> Result<(Gc<'gc, Builtin>, Option<Value<'gc>>), Raised> {
    let v = args.get(vm, 0);
    if let Some(method) = v.cast::<BoundMethod>()
        && let Some(f) = method.func.get_as::<Builtin>(vm)
    {
        return Ok((f, Some(method.this.get(vm))));
    }
    let f = args.this::<Builtin>(vm)?;
    // `__new__` is bound to its class.
    let owner = f.owner.get(vm);
    let this = (f.binding == Binding::Static as u8 && owner.as_class().is_some()).then_some(owner);
    Ok((f, this))
}

fn descriptor_get(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let f = args.this::<Builtin>(vm)?;
    let obj = args.get(vm, 1);
    if f.binding == Binding::ClassMethod as u8 {
        let class = match args.not_none(vm, 2) {
            Some(class) => class,
            None => vm.class_of(obj).value(),
        };
        return Ok(vm.ret(vm.bound_method(f.value(), class).value()));
    }
    if obj.is_none() {
        return Ok(vm.ret(f.value()));
    }
    if let Some(owner) = f.owner.get_as::<Class>(vm)
        && !vm.is_subclass(vm.class_of(obj), owner)
    {
        let (name, owner, given) = (f.def.get().name(), vm.class_name(owner), vm.type_name(obj));
        raise!(
            vm,
            TypeError,
            "descriptor '{name}' for '{owner}' objects doesn't apply to a '{given}' object"
        );
    }
    Ok(vm.ret(vm.bound_method(f.value(), obj).value()))
}

/// Whether CPython has a slot wrapper for a method of that name.
pub fn is_slot(name: &str) -> bool {
    name.starts_with("__")
        && matches!(
            name,
            "__abs__"
                | "__add__"
                | "__and__"
                | "__await__"
                | "__bool__"
                | "__call__"
                | "__contains__"
                | "__del__"
                | "__delattr__"
                | "__delete__"
                | "__delitem__"
                | "__divmod__"
                | "__eq__"
                | "__float__"
                | "__floordiv__"
                | "__ge__"
                | "__get__"
                | "__getattr__"
                | "__getattribute__"
                | "__getitem__"
                | "__gt__"
                | "__hash__"
                | "__iadd__"
                | "__iand__"
                | "__ifloordiv__"
                | "__ilshift__"
                | "__imatmul__"
                | "__imod__"
                | "__imul__"
                | "__index__"
                | "__init__"
                | "__int__"
                | "__invert__"
                | "__ior__"
                | "__ipow__"
                | "__irshift__"
                | "__isub__"
                | "__iter__"
                | "__itruediv__"
                | "__ixor__"
                | "__le__"
                | "__len__"
                | "__lshift__"
                | "__lt__"
                | "__matmul__"
                | "__mod__"
                | "__mul__"
                | "__ne__"
                | "__neg__"
                | "__next__"
                | "__or__"
                | "__pos__"
                | "__pow__"
                | "__radd__"
                | "__rand__"
                | "__rdivmod__"
                | "__repr__"
                | "__rfloordiv__"
                | "__rlshift__"
                | "__rmatmul__"
                | "__rmod__"
                | "__rmul__"
                | "__ror__"
                | "__rpow__"
                | "__rrshift__"
                | "__rshift__"
                | "__rsub__"
                | "__rtruediv__"
                | "__rxor__"
                | "__set__"
                | "__setattr__"
                | "__setitem__"
                | "__str__"
                | "__sub__"
                | "__truediv__"
                | "__xor__"
        )
}

fn builtin_repr(vm: &mut Vm, args: Args) -> NativeResult {
    let (f, this) = native_parts(vm, args)?;
    let name = f.def.get().name();
    let text = match (this, f.owner.get(vm).as_class()) {
        (Some(this), owner) => {
            let at = format!("{} object at {:#x}", qualified_type(vm, this), vm.id(this));
            if f.binding == Binding::Method as u8 && owner.is_some() && is_slot(name) {
                format!("<method-wrapper '{name}' of {at}>")
            } else {
                format!("<built-in method {name} of {at}>")
            }
        }
        (None, Some(owner)) => {
            let what = if is_slot(name) { "slot wrapper" } else { "method" };
            format!("<{what} '{name}' of '{}' objects>", vm.class_name(owner))
        }
        (None, None) => format!("<built-in function {name}>"),
    };
    ret_str(vm, &text)
}

fn builtin_name(vm: &mut Vm, args: Args) -> NativeResult {
    let name = native_parts(vm, args)?.0.def.get().name();
    ret_str(vm, name)
}

fn builtin_qualname(vm: &mut Vm, args: Args) -> NativeResult {
    let (f, _) = native_parts(vm, args)?;
    let name = f.def.get().name();
    match f.owner.get(vm).as_class() {
        Some(owner) => ret_str(vm, &format!("{}.{name}", vm.class_qualname(owner))),
        None => ret_str(vm, name),
    }
}

fn builtin_doc(vm: &mut Vm, args: Args) -> NativeResult {
    let doc = native_parts(vm, args)?.0.def.get().doc;
    if doc.is_empty() { Ok(vm.none()) } else { ret_str(vm, doc) }
}

fn builtin_signature(vm: &mut Vm, args: Args) -> NativeResult {
    let def = native_parts(vm, args)?.0.def.get();
    match crate::vm::signature::text_signature(def) {
        Some(text) => ret_str(vm, text),
        None => Ok(vm.none()),
    }
}

fn builtin_owner(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(or_none(args.this::<Builtin>(vm)?.owner.get(vm))))
}

fn method_owner(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(or_none(native_parts(vm, args)?.0.owner.get(vm))))
}

fn builtin_self(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (f, this) = native_parts(vm, args)?;
    if let Some(this) = this {
        return Ok(vm.ret(this));
    }
    if let Some(module) = f.this.get(vm).bound() {
        return Ok(vm.ret(module));
    }
    let module = f.owner.get(vm).as_str().and_then(|name| vm.dict_get_str(vm.modules(), name));
    Ok(vm.ret(module.unwrap_or(Value::NONE)))
}

fn builtin_module(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (f, this) = native_parts(vm, args)?;
    let owner = f.owner.get(vm);
    let module = if this.is_none() && owner.as_str().is_some() { owner } else { Value::NONE };
    Ok(vm.ret(module))
}

/// The type of functions bound to their first argument.
pub static METHOD: TypeDef = TypeDef {
    doc: "method(function, instance, /)\n--\n\nA function bound to its first argument.",
    // Other attributes are those of the function.
    flags: ClassFlags::GETATTR_HOOK,
    methods: &[
        NativeDef::static_method("__new__($type, function, instance, /)", method_new, ""),
        NativeDef::method("__reduce__($self, /)", super::reduce::method_reduce, "For pickling."),
        NativeDef::method("__call__($self, /, *args, **kwargs)", call_it, "Call the method.").raw(),
        NativeDef::method("__get__($self, instance, owner=None, /)", itself, "The method itself."),
        NativeDef::method(
            "__getattr__($self, name, /)",
            method_getattr,
            "An attribute of the function.",
        ),
        NativeDef::method("__eq__($self, value, /)", method_eq, "Return self==value."),
        NativeDef::method("__hash__($self, /)", method_hash, "Return hash(self)."),
        NativeDef::method("__repr__($self, /)", method_repr, "Return repr(self)."),
    ],
    getset: &[
        GetSetDef::new("__func__", method_func, "The function.").member(),
        GetSetDef::new("__self__", method_self, "What it is bound to."),
        GetSetDef::new("__doc__", method_doc, ""),
    ],
    ..TypeDef::new("method", Kind::BoundMethod)
};

fn method_new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let f = args.get(vm, 1);
    if !super::builtin_funcs::is_callable(vm, f) {
        raise!(vm, TypeError, "first argument must be callable");
    }
    if args.get(vm, 2).is_none() {
        raise!(vm, TypeError, "instance must not be None");
    }
    Ok(vm.ret(vm.bound_method(f, args.get(vm, 2)).value()))
}

fn bound(vm: &Vm, args: Args) -> Result<(Local, Local), Raised> {
    let method = args.this::<BoundMethod>(vm)?;
    Ok((vm.root(method.func.get(vm)), vm.root(method.this.get(vm))))
}

fn method_getattr(vm: &mut Vm, args: Args) -> NativeResult {
    let (f, _) = bound(vm, args)?;
    vm.getattr(f, args.local(1))
}

fn method_doc(vm: &mut Vm, args: Args) -> NativeResult {
    let (f, _) = bound(vm, args)?;
    vm.getattr_str(f, "__doc__")
}

fn method_func(vm: &mut Vm, args: Args) -> NativeResult {
    let (f, _) = bound(vm, args)?;
    Ok(vm.ret(vm.get(f)))
}

fn method_self(vm: &mut Vm, args: Args) -> NativeResult {
    let (_, this) = bound(vm, args)?;
    Ok(vm.ret(vm.get(this)))
}

fn method_eq(vm: &mut Vm, args: Args) -> NativeResult {
    let (Some(a), Some(b)) =
        (args.get(vm, 0).cast::<BoundMethod>(), args.get(vm, 1).cast::<BoundMethod>())
    else {
        let same = args.get(vm, 0).is(args.get(vm, 1));
        return Ok(vm.ret(if same { Value::TRUE } else { Value::NOT_IMPLEMENTED }));
    };
    if !a.this.get(vm).is(b.this.get(vm)) {
        return Ok(vm.ret(Value::FALSE));
    }
    let (f, g) = (vm.root(a.func.get(vm)), vm.root(b.func.get(vm)));
    let equal = vm.eq(f, g)?;
    Ok(vm.ret(Value::from_bool(equal)))
}

fn method_hash(vm: &mut Vm, args: Args) -> NativeResult {
    let Some(method) = args.get(vm, 0).cast::<BoundMethod>() else {
        let hash = vm.identity_hash(args.get(vm, 0));
        return ret_hash(vm, hash);
    };
    let this = vm.identity_hash(method.this.get(vm));
    let f = vm.root(method.func.get(vm));
    let hash = this ^ vm.hash(f)?;
    ret_hash(vm, hash)
}

fn method_repr(vm: &mut Vm, args: Args) -> NativeResult {
    let (f, this) = bound(vm, args)?;
    let mut name = "?".to_owned();
    for attribute in ["__qualname__", "__name__"] {
        if let Some(ret) = vm.getattr_opt(f, attribute)? {
            name = vm.text_of(vm.value(ret));
            break;
        }
    }
    let text = vm.repr_text(this)?;
    ret_str(vm, &format!("<bound method {name} of {text}>"))
}

/// The type of closure cells.
pub static CELL: TypeDef = TypeDef {
    doc: "cell([contents])\n--\n\nA variable shared by functions.",
    methods: &[
        NativeDef::static_method("__new__($type, contents=<unrepresentable>, /)", cell_new, ""),
        NativeDef::method("__repr__($self, /)", cell_repr, "Return repr(self)."),
        NativeDef::method("__lt__($self, value, /)", cell_lt, "Return self<value."),
        NativeDef::method("__le__($self, value, /)", cell_le, "Return self<=value."),
        NativeDef::method("__eq__($self, value, /)", cell_eq, "Return self==value."),
        NativeDef::method("__ne__($self, value, /)", cell_ne, "Return self!=value."),
        NativeDef::method("__gt__($self, value, /)", cell_gt, "Return self>value."),
        NativeDef::method("__ge__($self, value, /)", cell_ge, "Return self>=value."),
    ],
    getset: &[GetSetDef::new("cell_contents", contents, "").with_set(set_contents)],
    ..TypeDef::new("cell", Kind::Cell)
};

fn cell_new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(vm.cell(args.get(vm, 1)).value()))
}

fn cell_repr(vm: &mut Vm, args: Args) -> NativeResult {
    let cell = args.this::<Cell_>(vm)?;
    let at = vm.id(cell.value());
    let inside = match cell.contents.get(vm).bound() {
        Some(v) => format!("{} object at {:#x}", vm.type_name(v), vm.id(v)),
        None => "empty".into(),
    };
    ret_str(vm, &format!("<cell at {at:#x}: {inside}>"))
}

/// Compares cells by what is in them; an empty one comes first.
fn cell_compare(vm: &mut Vm, args: Args, op: CompareOp) -> NativeResult {
    let this = args.this::<Cell_>(vm)?.contents.get(vm);
    let Some(other) = args.get(vm, 1).cast::<Cell_>() else {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    };
    let other = other.contents.get(vm);
    if this.is_unbound() || other.is_unbound() {
        let order = other.is_unbound().cmp(&this.is_unbound());
        return Ok(vm.ret(Value::from_bool(op.test(Some(order)))));
    }
    let (this, other) = (vm.root(this), vm.root(other));
    vm.compare(op, this, other)
}

fn cell_lt(vm: &mut Vm, args: Args) -> NativeResult {
    cell_compare(vm, args, CompareOp::Lt)
}
fn cell_le(vm: &mut Vm, args: Args) -> NativeResult {
    cell_compare(vm, args, CompareOp::Le)
}
fn cell_eq(vm: &mut Vm, args: Args) -> NativeResult {
    cell_compare(vm, args, CompareOp::Eq)
}
fn cell_ne(vm: &mut Vm, args: Args) -> NativeResult {
    cell_compare(vm, args, CompareOp::Ne)
}
fn cell_gt(vm: &mut Vm, args: Args) -> NativeResult {
    cell_compare(vm, args, CompareOp::Gt)
}
fn cell_ge(vm: &mut Vm, args: Args) -> NativeResult {
    cell_compare(vm, args, CompareOp::Ge)
}

fn contents(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    match args.this::<Cell_>(vm)?.contents.get(vm).bound() {
        Some(v) => Ok(vm.ret(v)),
        None => raise!(vm, ValueError, "cell is empty"),
    }
}

fn set_contents(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    vm.write(args.this::<Cell_>(vm)?, |c| &c.contents, args.get(vm, 1));
    Ok(vm.none())
}
