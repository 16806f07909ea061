//! FrameLocalsProxy: the variables of a function's frame as a mapping that writes through
//! (PEP 667).
//!
//! Reading makes a dict of the variables as they are; writing goes to the variable itself. Names
//! that are no variables of the function are kept with the frame.

use super::declare::TypeDef;
use crate::object::native::Payload;
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::operators::BinaryOp;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Vm};

/// A proxy.
#[derive(Trace)]
pub struct FrameLocals {
    frame: Slot,
}

impl Payload for FrameLocals {
    const TYPE: &'static TypeDef = &TYPE;
}

/// The type FrameLocalsProxy.
pub static TYPE: TypeDef = TypeDef {
    doc: "The variables of a function's frame.",
    flags: ClassFlags::MAPPING,
    methods: &[
        NativeDef::static_method("__new__($type, frame, /)", new, ""),
        NativeDef::method("__getitem__($self, key, /)", getitem, "Return self[key]."),
        NativeDef::method("__setitem__($self, key, value, /)", setitem, "Set self[key] to value."),
        NativeDef::method("__delitem__($self, key, /)", delitem, "Delete self[key]."),
        NativeDef::method("__len__($self, /)", len, "Return len(self)."),
        NativeDef::method("__contains__($self, key, /)", contains, "Return key in self."),
        NativeDef::method("__iter__($self, /)", iter, "Implement iter(self)."),
        NativeDef::method("__reversed__($self, /)", reversed, "Last name first."),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::method("__eq__($self, value, /)", eq, "Return self==value."),
        NativeDef::method("__or__($self, value, /)", or, "Return self|value."),
        NativeDef::method("__ror__($self, value, /)", ror, "Return value|self."),
        NativeDef::method("__ior__($self, value, /)", ior, "Return self|=value."),
        NativeDef::method(
            "get($self, key, default=None, /)",
            get,
            "The value for key, or default.",
        ),
        NativeDef::method("keys($self, /)", keys, "The names."),
        NativeDef::method("values($self, /)", values, "The values."),
        NativeDef::method("items($self, /)", items, "Names and values."),
        NativeDef::method("copy($self, /)", copy, "A dict of the variables."),
        NativeDef::method("update($self, other, /)", update, "Set variables from a mapping."),
        NativeDef::method(
            "setdefault($self, key, default=None, /)",
            setdefault,
            "The value for key, which is set to default if there is none.",
        ),
        NativeDef::method(
            "pop($self, key, default=<unrepresentable>, /)",
            pop,
            "Remove a name that is no variable of the function.",
        ),
    ],
    ..TypeDef::new("FrameLocalsProxy", Kind::Native)
};

/// The proxy for a frame object.
pub(super) fn proxy<'gc>(vm: &'gc Vm, frame: Value<'gc>) -> Value<'gc> {
    vm.native(FrameLocals { frame: Slot::new(frame.word()) }).value()
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let frame = args.get(vm, 1);
    if vm.frame_function(frame).is_none() {
        let given = vm.type_name(frame);
        raise!(vm, TypeError, "expect frame, not {given}");
    }
    Ok(vm.ret(proxy(vm, frame)))
}

/// The frame of the receiver.
fn frame(vm: &Vm, args: Args) -> Result<Local, Raised> {
    Ok(vm.root(args.payload::<FrameLocals>(vm)?.frame.get(vm)))
}

/// The variables as they are now: a dict.
fn now(vm: &Vm, args: Args) -> Result<Local, Raised> {
    let frame = frame(vm, args)?;
    Ok(vm.root(vm.frame_variables(vm.get(frame))))
}

/// The same with the receiver's variables, by which another mapping is joined.
fn dict_of(vm: &mut Vm, value: Local) -> Option<Local> {
    let vm = &*vm;
    if vm.get(value).cast::<Dict>().is_some() {
        return Some(value);
    }
    let frame = vm.get(value).payload::<FrameLocals>()?.r().frame.get(vm);
    Some(vm.root(vm.frame_variables(frame)))
}

fn getitem(vm: &mut Vm, args: Args) -> NativeResult {
    let now = now(vm, args)?;
    if vm.dict_get(now, args.local(1))? {
        return Ok(vm.ret(vm.result()));
    }
    let name = vm.repr_text(args.local(1))?;
    raise!(vm, KeyError, "local variable '{name}' is not defined");
}

fn set(vm: &mut Vm, frame: Local, key: Local, value: Local) -> Result<(), Raised> {
    if vm.set_frame_variable(frame, key, value) {
        return Ok(());
    }
    let extra = vm.frame_extra(frame);
    vm.dict_set(extra, key, value)
}

fn setitem(vm: &mut Vm, args: Args) -> NativeResult {
    let frame = frame(vm, args)?;
    set(vm, frame, args.local(1), args.local(2))?;
    Ok(vm.none())
}

/// Takes a name out that is no variable; whether it was there.
fn remove(vm: &mut Vm, frame: Local, key: Local) -> Result<bool, Raised> {
    if vm.is_frame_variable(frame, key) {
        raise!(vm, ValueError, "cannot remove local variables from FrameLocalsProxy");
    }
    let extra = vm.frame_extra(frame);
    vm.dict_del(extra, key)
}

fn missing(vm: &mut Vm, key: Local) -> Raised {
    let key = vm.get(key);
    vm.raise_args(crate::builtins::ClassId::KeyError, &[key])
}

fn delitem(vm: &mut Vm, args: Args) -> NativeResult {
    let frame = frame(vm, args)?;
    if remove(vm, frame, args.local(1))? {
        return Ok(vm.none());
    }
    Err(missing(vm, args.local(1)))
}

fn pop(vm: &mut Vm, args: Args) -> NativeResult {
    let frame = frame(vm, args)?;
    let now = now(vm, args)?;
    let value = vm.dict_get(now, args.local(1))?.then(|| vm.hold_result());
    if remove(vm, frame, args.local(1))?
        && let Some(value) = value
    {
        return Ok(vm.ret(vm.get(value)));
    }
    match args.opt(vm, 2) {
        Some(default) => Ok(vm.ret(default)),
        None => Err(missing(vm, args.local(1))),
    }
}

fn setdefault(vm: &mut Vm, args: Args) -> NativeResult {
    let now = now(vm, args)?;
    if vm.dict_get(now, args.local(1))? {
        return Ok(vm.ret(vm.result()));
    }
    let default = vm.root(args.opt(vm, 2).unwrap_or(Value::NONE));
    let frame = frame(vm, args)?;
    set(vm, frame, args.local(1), default)?;
    Ok(vm.ret(vm.get(default)))
}

fn join(vm: &mut Vm, frame: Local, other: Local) -> Result<(), Raised> {
    let other = dict_of(vm, other).unwrap_or(other);
    vm.each_item(other, |vm, key, value| set(vm, frame, key, value))
}

fn update(vm: &mut Vm, args: Args) -> NativeResult {
    let frame = frame(vm, args)?;
    if vm.getattr_opt(args.local(1), "keys")?.is_none() {
        raise!(vm, TypeError, "update() argument must be dict or another FrameLocalsProxy");
    }
    join(vm, frame, args.local(1))?;
    Ok(vm.none())
}

fn ior(vm: &mut Vm, args: Args) -> NativeResult {
    if dict_of(vm, args.local(1)).is_none() {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    }
    let frame = frame(vm, args)?;
    join(vm, frame, args.local(1))?;
    Ok(vm.ret(args.get(vm, 0)))
}

fn either(vm: &mut Vm, args: Args, left: usize, right: usize) -> NativeResult {
    match (dict_of(vm, args.local(left)), dict_of(vm, args.local(right))) {
        (Some(a), Some(b)) => vm.binary(BinaryOp::Or, a, b),
        _ => Ok(vm.ret(Value::NOT_IMPLEMENTED)),
    }
}

fn or(vm: &mut Vm, args: Args) -> NativeResult {
    either(vm, args, 0, 1)
}

fn ror(vm: &mut Vm, args: Args) -> NativeResult {
    either(vm, args, 1, 0)
}

fn len(vm: &mut Vm, args: Args) -> NativeResult {
    let now = now(vm, args)?;
    let count = vm.len(now)?;
    Ok(vm.ret(vm.int_usize(count)))
}

fn contains(vm: &mut Vm, args: Args) -> NativeResult {
    let now = now(vm, args)?;
    let found = vm.dict_get(now, args.local(1))?;
    Ok(vm.ret(Value::from_bool(found)))
}

fn get(vm: &mut Vm, args: Args) -> NativeResult {
    let now = now(vm, args)?;
    if vm.dict_get(now, args.local(1))? {
        return Ok(vm.ret(vm.result()));
    }
    Ok(vm.ret(args.opt(vm, 2).unwrap_or(Value::NONE)))
}

fn eq(vm: &mut Vm, args: Args) -> NativeResult {
    let now = now(vm, args)?;
    match dict_of(vm, args.local(1)) {
        Some(other) => {
            let equal = vm.eq(now, other)?;
            Ok(vm.ret(Value::from_bool(equal)))
        }
        None => Ok(vm.ret(Value::NOT_IMPLEMENTED)),
    }
}

/// A list of what a method of the dict of variables gives.
fn listed(vm: &mut Vm, args: Args, method: &str) -> NativeResult {
    let now = now(vm, args)?;
    let view = vm.call_method(now, method, &[])?;
    let view = vm.hold(view);
    vm.collect_list(view)
}

fn keys(vm: &mut Vm, args: Args) -> NativeResult {
    listed(vm, args, "keys")
}

fn values(vm: &mut Vm, args: Args) -> NativeResult {
    listed(vm, args, "values")
}

fn items(vm: &mut Vm, args: Args) -> NativeResult {
    listed(vm, args, "items")
}

fn iter(vm: &mut Vm, args: Args) -> NativeResult {
    let now = now(vm, args)?;
    vm.iter(now)
}

fn reversed(vm: &mut Vm, args: Args) -> NativeResult {
    let now = now(vm, args)?;
    vm.call_method(now, "__reversed__", &[])
}

fn copy(vm: &mut Vm, args: Args) -> NativeResult {
    let now = now(vm, args)?;
    Ok(vm.ret(vm.get(now)))
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    if !vm.repr_enter(args.local(0)) {
        return Ok(vm.ret(vm.str("{...}").value()));
    }
    let result = now(vm, args).and_then(|now| vm.repr(now));
    vm.repr_leave(args.local(0));
    result
}
