//! Modules.

use super::declare::{ClassId, GetSetDef, TypeDef};
use super::object::{get_dict, key_list};
use super::support::*;
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::construct::header;
use crate::vm::{Args, NativeDef, NativeResult, Vm};
use std::cell::Cell;

/// The type of modules.
pub static TYPE: TypeDef = TypeDef {
    doc: "module(name, doc=None)\n--\n\nA module.",
    flags: ClassFlags::BASE | ClassFlags::HAS_DICT,
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", new, "").raw(),
        NativeDef::method("__init__($self, /, name, doc=None)", init, ""),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::method("__dir__($self, /)", dir, "Names in the module."),
    ],
    getset: &[
        GetSetDef::new("__dict__", get_dict, "The globals."),
        GetSetDef::new("__annotations__", annotations, "").with_set(set_annotations),
    ],
    ..TypeDef::new("module", Kind::Module)
};

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let shape = new_shape(vm, args, ClassId::Module)?;
    let dict = Slot::new(vm.dict().value().word());
    let module =
        vm.alloc(shape, Module { header: header(), dict, state: Cell::new(std::ptr::null_mut()) });
    Ok(vm.ret(module.value()))
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let name = args.get(vm, 1);
    if name.as_str().is_none() {
        let given = vm.type_name(name);
        raise!(vm, TypeError, "module() argument 'name' must be str, not {given}");
    }
    let Some(dict) = args.this::<Module>(vm)?.dict.get_as::<Dict>(vm) else {
        return Ok(vm.none());
    };
    let set = |key: &str, value: Value<'_>| vm.dict_set_str(dict, vm.intern(key), value);
    set("__name__", name);
    set("__doc__", args.opt(vm, 2).unwrap_or(Value::NONE));
    for key in ["__package__", "__loader__", "__spec__"] {
        set(key, Value::NONE);
    }
    Ok(vm.none())
}

fn global<'gc>(vm: &'gc Vm, module: Gc<'_, Module>, name: &str) -> Option<Value<'gc>> {
    vm.dict_get_str(module.dict.get_as::<Dict>(vm)?, vm.intern(name))
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    // The import system knows best what a module is and where it comes from.
    let bootstrap = vm.dict_get_str(vm.modules(), vm.intern("_frozen_importlib"));
    if let Some(bootstrap) = bootstrap {
        let bootstrap = vm.root(bootstrap);
        return vm.call_method(bootstrap, "_module_repr", &[args.local(0)]);
    }
    let module = args.this::<Module>(vm)?;
    let Some(name) = global(vm, module, "__name__").filter(|v| v.as_str().is_some()) else {
        return ret_str(vm, "<module '?'>");
    };
    let file = global(vm, module, "__file__").map(|f| vm.root(f));
    let known = vm.native_module_names().iter().any(|n| vm.str_is(name, n));
    let builtin = known || vm.str_is(name, "builtins");
    let name = vm.root(name);
    let name = vm.repr_text(name)?;
    let text = match file {
        Some(file) if vm.get(file).as_str().is_some() => {
            format!("<module {name} from {}>", vm.repr_text(file)?)
        }
        _ if builtin => format!("<module {name} (built-in)>"),
        _ => format!("<module {name}>"),
    };
    ret_str(vm, &text)
}

fn dir(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Module>(vm)?;
    // A subclass may show another dict.
    let name = vm.root(vm.intern("__dict__").value());
    let dict = vm.getattr(args.local(0), name)?;
    let dict = vm.hold(dict);
    if !vm.has_class(vm.get(dict), ClassId::Dict) {
        let this = vm.repr_text(args.local(0))?;
        raise!(vm, TypeError, "{this}.__dict__ is not a dictionary");
    }
    let names: Gc<'_, Dict> = vm.get(dict).cast().expect("checked");
    if let Some(hook) = vm.dict_get_str(names, vm.intern("__dir__")) {
        let hook = vm.root(hook);
        return vm.call(hook, &[]);
    }
    Ok(vm.ret(key_list(vm, names)))
}

fn annotations(vm: &mut Vm, args: Args) -> NativeResult {
    let module = args.this::<Module>(vm)?;
    if let Some(found) = global(vm, module, "__annotations__") {
        return Ok(vm.ret(found));
    }
    let dict = match global(vm, module, "__annotate__").filter(|f| !f.is_none()) {
        Some(annotate) => {
            let annotate = vm.root(annotate);
            let format = vm.root(Value::from_i32(1));
            let ret = vm.call(annotate, &[format])?;
            vm.hold(ret)
        }
        None => vm.root(vm.dict().value()),
    };
    vm.module_set(args.local(0), "__annotations__", vm.get(dict));
    Ok(vm.ret(vm.get(dict)))
}

fn set_annotations(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let module = args.this::<Module>(vm)?;
    let Some(dict) = module.dict.get_as::<Dict>(vm) else { return Ok(vm.none()) };
    let key = vm.intern("__annotations__");
    match args.opt(vm, 1) {
        Some(v) => vm.dict_set_str(dict, key, v),
        None => {
            vm.dict_del_str(dict, key);
        }
    }
    Ok(vm.none())
}
