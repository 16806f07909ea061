//! mappingproxy: a read-only view of a mapping, such as a class's `__dict__`.

use super::declare::TypeDef;
use crate::object::native::Payload;
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::operators::BinaryOp;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Vm};

/// A read-only view.
#[derive(Trace)]
pub struct MappingProxy {
    mapping: Slot,
}

impl Payload for MappingProxy {
    const TYPE: &'static TypeDef = &MAPPING_PROXY;
}

/// The type mappingproxy.
pub static MAPPING_PROXY: TypeDef = TypeDef {
    doc: "A read-only view of a mapping.",
    flags: ClassFlags::MAPPING,
    methods: &[
        NativeDef::static_method("__new__($type, mapping, /)", new, ""),
        NativeDef::method("__getitem__($self, key, /)", getitem, "Return self[key]."),
        NativeDef::method("__len__($self, /)", len, "Return len(self)."),
        NativeDef::method("__contains__($self, key, /)", contains, "Return key in self."),
        NativeDef::method("__iter__($self, /)", iter, "Implement iter(self)."),
        NativeDef::method("__reversed__($self, /)", reversed, "Last key first."),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::method("__eq__($self, value, /)", eq, "Return self==value."),
        NativeDef::method("__hash__($self, /)", hash, "Return hash(self)."),
        NativeDef::method("__or__($self, value, /)", or, "Return self|value."),
        NativeDef::method("__ror__($self, value, /)", ror, "Return value|self."),
        NativeDef::method("__ior__($self, value, /)", ior, "Return self|=value."),
        NativeDef::class_method(
            "__class_getitem__($type, object, /)",
            super::support::class_getitem,
            "See PEP 585",
        ),
        NativeDef::method(
            "get($self, key, default=None, /)",
            get,
            "The value for key, or default.",
        ),
        NativeDef::method("keys($self, /)", keys, "A view of the keys."),
        NativeDef::method("values($self, /)", values, "A view of the values."),
        NativeDef::method("items($self, /)", items, "A view of the items."),
        NativeDef::method("copy($self, /)", copy, "A shallow copy of the mapping."),
    ],
    ..TypeDef::new("mappingproxy", Kind::Native)
};

/// A read-only view of a mapping.
pub fn proxy<'gc>(vm: &'gc Vm, mapping: Value<'gc>) -> Value<'gc> {
    vm.native(MappingProxy { mapping: Slot::new(mapping.word()) }).value()
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let v = args.get(vm, 1);
    if vm.special_of(v, crate::vm::Special::GetItem).is_none()
        || matches!(v.kind(), Some(Kind::List | Kind::Tuple))
    {
        let given = vm.type_name(v);
        raise!(vm, TypeError, "mappingproxy() argument must be a mapping, not {given}");
    }
    Ok(vm.ret(proxy(vm, v)))
}

fn mapping(vm: &Vm, args: Args) -> Result<Local, Raised> {
    Ok(vm.root(args.payload::<MappingProxy>(vm)?.mapping.get(vm)))
}

fn ior(vm: &mut Vm, _: Args) -> NativeResult {
    raise!(vm, TypeError, "'|=' is not supported by mappingproxy; use '|' instead")
}

fn getitem(vm: &mut Vm, args: Args) -> NativeResult {
    let inner = mapping(vm, args)?;
    vm.getitem(inner, args.local(1))
}

fn len(vm: &mut Vm, args: Args) -> NativeResult {
    let inner = mapping(vm, args)?;
    let n = vm.len(inner)?;
    let n = vm.int_usize(n);
    Ok(vm.ret(n))
}

fn contains(vm: &mut Vm, args: Args) -> NativeResult {
    let inner = mapping(vm, args)?;
    let found = vm.contains(inner, args.local(1))?;
    Ok(vm.ret(Value::from_bool(found)))
}

fn iter(vm: &mut Vm, args: Args) -> NativeResult {
    let inner = mapping(vm, args)?;
    vm.iter(inner)
}

fn reversed(vm: &mut Vm, args: Args) -> NativeResult {
    let inner = mapping(vm, args)?;
    vm.call_method(inner, "__reversed__", &[])
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let inner = mapping(vm, args)?;
    let text = format!("mappingproxy({})", vm.repr_text(inner)?);
    let text = vm.str(&text).value();
    Ok(vm.ret(text))
}

/// The operand itself, or what is behind it if it is a proxy.
fn operand(vm: &Vm, v: Local) -> Local {
    match vm.get(v).payload::<MappingProxy>() {
        Some(proxy) => vm.root(proxy.mapping.get(vm)),
        None => v,
    }
}

fn eq(vm: &mut Vm, args: Args) -> NativeResult {
    let (a, b) = (operand(vm, args.local(0)), operand(vm, args.local(1)));
    let equal = vm.eq(a, b)?;
    Ok(vm.ret(Value::from_bool(equal)))
}

fn hash(vm: &mut Vm, args: Args) -> NativeResult {
    let inner = mapping(vm, args)?;
    let hash = vm.hash(inner)?;
    let hash = vm.int(hash as i64);
    Ok(vm.ret(hash))
}

fn or(vm: &mut Vm, args: Args) -> NativeResult {
    let (a, b) = (operand(vm, args.local(0)), operand(vm, args.local(1)));
    vm.binary(BinaryOp::Or, a, b)
}

fn ror(vm: &mut Vm, args: Args) -> NativeResult {
    let (a, b) = (operand(vm, args.local(1)), operand(vm, args.local(0)));
    vm.binary(BinaryOp::Or, a, b)
}

fn get(vm: &mut Vm, args: Args) -> NativeResult {
    let inner = mapping(vm, args)?;
    let default = vm.root(args.opt(vm, 2).unwrap_or(Value::NONE));
    vm.call_method(inner, "get", &[args.local(1), default])
}

fn keys(vm: &mut Vm, args: Args) -> NativeResult {
    let inner = mapping(vm, args)?;
    vm.call_method(inner, "keys", &[])
}
fn values(vm: &mut Vm, args: Args) -> NativeResult {
    let inner = mapping(vm, args)?;
    vm.call_method(inner, "values", &[])
}
fn items(vm: &mut Vm, args: Args) -> NativeResult {
    let inner = mapping(vm, args)?;
    vm.call_method(inner, "items", &[])
}
fn copy(vm: &mut Vm, args: Args) -> NativeResult {
    let inner = mapping(vm, args)?;
    vm.call_method(inner, "copy", &[])
}
