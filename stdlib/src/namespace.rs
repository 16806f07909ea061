//! `types.SimpleNamespace`: nothing but attributes.

#![forbid(unsafe_code)]

use crate::prelude::*;
use sidewinder_interpreter::builtins::dict;

/// An object with attributes.
#[derive(Trace)]
pub struct Namespace {}
native_type!(
    Namespace,
    NAMESPACE,
    "types",
    "SimpleNamespace",
    "SimpleNamespace(mapping_or_iterable=(), /, **kwargs)\n--\n\nAn object with attributes.",
    ClassFlags::HAS_DICT | ClassFlags::BASE,
    [
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", new, "Make one.").raw(),
        NativeDef::method(
            "__init__($self, mapping_or_iterable=(), /, **kwargs)",
            init,
            "Set attributes."
        ),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::method("__eq__($self, value, /)", eq, "Return self==value."),
        NativeDef::method("__reduce__($self, /)", reduce, "Return state information for pickling"),
        NativeDef::method(
            "__replace__($self, /, **changes)",
            replace,
            "Return a copy of the namespace object with new values for the specified attributes."
        ),
    ],
    [GetSetDef::new("__dict__", get_dict, "The attributes.")]
);

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let shape = native_new_shape(vm, args, &NAMESPACE)?;
    Ok(vm.ret(vm.native_of_shape(shape, Namespace {}).value()))
}

/// The attributes of the receiver.
fn attributes(vm: &Vm, args: Args) -> Result<Gc<'_, Dict>, Raised> {
    vm.instance_dict(args.get(vm, 0)).ok_or_else(|| args.wrong_receiver(vm))
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    let dict = vm.root(attributes(vm, args)?.value());
    if args.opt(vm, 1).is_some() {
        let given = vm.root(vm.dict().value());
        dict::update_any(vm, given, args.local(1))?;
        let keys_are_names =
            vm.table_items(dict::dict_in(vm, given).r()).iter().all(|(k, _)| k.as_str().is_some());
        if !keys_are_names {
            raise!(vm, TypeError, "keywords must be strings");
        }
        dict::update_from_dict(vm, dict, given)?;
    }
    if args.opt(vm, 2).is_some() {
        dict::update_from_dict(vm, dict, args.local(2))?;
    }
    Ok(vm.none())
}

/// A new namespace with these attributes.
pub fn namespace<'gc>(vm: &'gc Vm, items: &[(&str, Value<'_>)]) -> Value<'gc> {
    let object = vm.native(Namespace {}).value();
    if let Some(dict) = vm.instance_dict(object) {
        for (name, value) in items {
            vm.dict_set_str(dict, vm.intern(name), *value);
        }
    }
    object
}

fn get_dict(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(attributes(vm, args)?.value()))
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.local(0);
    let own = vm.class_of(vm.get(this)) == vm.native_class(&NAMESPACE);
    let name = if own { "namespace".to_owned() } else { vm.type_name(vm.get(this)) };
    if !vm.repr_enter(this) {
        return ret_str(vm, &format!("{name}(...)"));
    }
    let dict = vm.root(attributes(vm, args)?.value());
    let parts = vm.scope(|vm| keyword_texts(vm, dict));
    vm.repr_leave(this);
    ret_str(vm, &format!("{name}({})", parts?.join(", ")))
}

fn eq(vm: &mut Vm, args: Args) -> NativeResult {
    let other = args.get(vm, 1);
    if other.payload::<Namespace>().is_none() {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    }
    let a = vm.root(attributes(vm, args)?.value());
    let b = vm.root(vm.instance_dict(args.get(vm, 1)).map_or(Value::NONE, |d| d.value()));
    let same = vm.eq(a, b)?;
    Ok(vm.ret(Value::from_bool(same)))
}

fn reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let class = vm.class_of(args.get(vm, 0)).value();
    let state = attributes(vm, args)?.value();
    Ok(vm.ret(vm.tuple(&[class, vm.tuple(&[]).value(), state]).value()))
}

fn replace(vm: &mut Vm, args: Args) -> NativeResult {
    let class = vm.root(vm.class_of(args.get(vm, 0)).value());
    let copy = vm.call(class, &[])?;
    let copy = vm.hold(copy);
    let Some(target) = vm.instance_dict(vm.get(copy)).map(|d| vm.root(d.value())) else {
        let name = vm.type_name(args.get(vm, 0));
        raise!(vm, TypeError, "expect types.SimpleNamespace type, but {name}() returned another");
    };
    let own = vm.root(attributes(vm, args)?.value());
    dict::update_from_dict(vm, target, own)?;
    if args.opt(vm, 1).is_some() {
        dict::update_from_dict(vm, target, args.local(1))?;
    }
    Ok(vm.ret(vm.get(copy)))
}
