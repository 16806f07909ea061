//! Weak proxies: whatever is done to one is done to the object it refers to.

use crate::prelude::*;
use sidewinder_interpreter::object::WeakRef;

/// A proxy of an object that cannot be called.
#[derive(Trace)]
pub struct Proxy(Reference);

/// A proxy of an object that can be called.
#[derive(Trace)]
pub struct CallableProxy(Reference);

/// What both have.
#[derive(Trace)]
struct Reference {
    /// The weak reference.
    weak: Slot,
}

/// Calls a proxy's callback with the proxy instead of the weak reference.
#[derive(Trace)]
pub struct ProxyCallback {
    callback: Slot,
    proxy: Slot,
}
native_type!(
    ProxyCallback,
    CALLBACK,
    "_weakref",
    "proxy_callback",
    "",
    ClassFlags::NO_NEW,
    [NativeDef::method("__call__($self, reference, /)", call_callback, "")],
    []
);

const PROXY_FLAGS: u32 = ClassFlags::NO_NEW
    | ClassFlags::GETATTR_HOOK
    | ClassFlags::SETATTR_HOOK
    | ClassFlags::MODULE_IN_MESSAGES;

macro_rules! proxy_type {
    ($payload:ident, $def:ident, $name:literal, [$($more:expr),*]) => {
        native_type!($payload, $def, "weakref", $name, "", PROXY_FLAGS, [
            $($more,)*
            NativeDef::method("__getattribute__($self, name, /)", getattribute, ""),
            NativeDef::method("__setattr__($self, name, value, /)", setattr, ""),
            NativeDef::method("__delattr__($self, name, /)", delattr, ""),
            NativeDef::method("__repr__($self, /)", repr, ""),
            NativeDef::method("__neg__($self, /)", forward, ""),
            NativeDef::method("__pos__($self, /)", forward, ""),
            NativeDef::method("__abs__($self, /)", forward, ""),
            NativeDef::method("__invert__($self, /)", forward, ""),
            NativeDef::method("__int__($self, /)", forward, ""),
            NativeDef::method("__float__($self, /)", forward, ""),
            NativeDef::method("__index__($self, /)", forward, ""),
            NativeDef::method("__len__($self, /)", forward, ""),
            NativeDef::method("__next__($self, /)", forward, ""),
            NativeDef::method("__trunc__($self, /)", forward, ""),
            NativeDef::method("__floor__($self, /)", forward, ""),
            NativeDef::method("__ceil__($self, /)", forward, ""),
            NativeDef::method("__iter__($self, /)", forward_general, ""),
            NativeDef::method("__reversed__($self, /)", forward_general, ""),
            NativeDef::method("__bytes__($self, /)", forward_general, ""),
            NativeDef::method("__str__($self, /)", forward_general, ""),
            NativeDef::method("__bool__($self, /)", truth, ""),
            NativeDef::method("__divmod__($self, value, /)", forward, ""),
            NativeDef::method("__rdivmod__($self, value, /)", forward, ""),
            NativeDef::method("__add__($self, value, /)", forward, ""),
            NativeDef::method("__radd__($self, value, /)", forward, ""),
            NativeDef::method("__iadd__($self, value, /)", in_place, ""),
            NativeDef::method("__sub__($self, value, /)", forward, ""),
            NativeDef::method("__rsub__($self, value, /)", forward, ""),
            NativeDef::method("__isub__($self, value, /)", in_place, ""),
            NativeDef::method("__mul__($self, value, /)", forward, ""),
            NativeDef::method("__rmul__($self, value, /)", forward, ""),
            NativeDef::method("__imul__($self, value, /)", in_place, ""),
            NativeDef::method("__truediv__($self, value, /)", forward, ""),
            NativeDef::method("__rtruediv__($self, value, /)", forward, ""),
            NativeDef::method("__itruediv__($self, value, /)", in_place, ""),
            NativeDef::method("__floordiv__($self, value, /)", forward, ""),
            NativeDef::method("__rfloordiv__($self, value, /)", forward, ""),
            NativeDef::method("__ifloordiv__($self, value, /)", in_place, ""),
            NativeDef::method("__mod__($self, value, /)", forward, ""),
            NativeDef::method("__rmod__($self, value, /)", forward, ""),
            NativeDef::method("__imod__($self, value, /)", in_place, ""),
            NativeDef::method("__pow__($self, value, /)", forward, ""),
            NativeDef::method("__rpow__($self, value, /)", forward, ""),
            NativeDef::method("__ipow__($self, value, /)", in_place, ""),
            NativeDef::method("__matmul__($self, value, /)", forward, ""),
            NativeDef::method("__rmatmul__($self, value, /)", forward, ""),
            NativeDef::method("__imatmul__($self, value, /)", in_place, ""),
            NativeDef::method("__and__($self, value, /)", forward, ""),
            NativeDef::method("__rand__($self, value, /)", forward, ""),
            NativeDef::method("__iand__($self, value, /)", in_place, ""),
            NativeDef::method("__or__($self, value, /)", forward, ""),
            NativeDef::method("__ror__($self, value, /)", forward, ""),
            NativeDef::method("__ior__($self, value, /)", in_place, ""),
            NativeDef::method("__xor__($self, value, /)", forward, ""),
            NativeDef::method("__rxor__($self, value, /)", forward, ""),
            NativeDef::method("__ixor__($self, value, /)", in_place, ""),
            NativeDef::method("__lshift__($self, value, /)", forward, ""),
            NativeDef::method("__rlshift__($self, value, /)", forward, ""),
            NativeDef::method("__ilshift__($self, value, /)", in_place, ""),
            NativeDef::method("__rshift__($self, value, /)", forward, ""),
            NativeDef::method("__rrshift__($self, value, /)", forward, ""),
            NativeDef::method("__irshift__($self, value, /)", in_place, ""),
            NativeDef::method("__lt__($self, value, /)", forward, ""),
            NativeDef::method("__le__($self, value, /)", forward, ""),
            NativeDef::method("__eq__($self, value, /)", forward, ""),
            NativeDef::method("__ne__($self, value, /)", forward, ""),
            NativeDef::method("__gt__($self, value, /)", forward, ""),
            NativeDef::method("__ge__($self, value, /)", forward, ""),
            NativeDef::method("__getitem__($self, key, /)", forward, ""),
            NativeDef::method("__setitem__($self, key, value, /)", forward, ""),
            NativeDef::method("__delitem__($self, key, /)", forward, ""),
            NativeDef::method("__contains__($self, key, /)", contains, ""),
        ], []);
    };
}

proxy_type!(Proxy, PROXY, "ProxyType", []);
proxy_type!(
    CallableProxy,
    CALLABLE,
    "CallableProxyType",
    [NativeDef::method("__call__($self, /, *args, **kwargs)", call, "")]
);

pub(super) fn proxy(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let target = args.get(vm, 0);
    if !super::is_referable(vm, target) {
        let given = vm.type_name(target);
        raise!(vm, TypeError, "cannot create weak reference to '{given}' object");
    }
    let made = if vm.special_of(target, Special::Call).is_some() {
        vm.native(CallableProxy(Reference { weak: unbound() })).value()
    } else {
        vm.native(Proxy(Reference { weak: unbound() })).value()
    };
    let callback = match args.not_none(vm, 1) {
        Some(callback) => {
            let parts = ProxyCallback { callback: slot(callback), proxy: slot(made) };
            vm.native(parts).value()
        }
        None => Value::NONE,
    };
    let weak = vm.weak_reference(target, callback);
    if let Some(proxy) = made.payload::<Proxy>() {
        vm.write(proxy, |p| &p.0.weak, weak);
    } else if let Some(proxy) = made.payload::<CallableProxy>() {
        vm.write(proxy, |p| &p.0.weak, weak);
    }
    Ok(vm.ret(made))
}

fn call_callback(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.payload::<ProxyCallback>(vm)?;
    let (callback, proxy) = (vm.root(this.callback.get(vm)), vm.root(this.proxy.get(vm)));
    vm.call(callback, &[proxy])
}

/// The object behind a proxy: `None` for anything else, UNBOUND when it is gone.
fn referent<'gc>(vm: &'gc Vm, v: Value<'gc>) -> Option<Value<'gc>> {
    let weak = match v.payload::<Proxy>() {
        Some(proxy) => proxy.r().0.weak.get(vm),
        None => v.payload::<CallableProxy>()?.r().0.weak.get(vm),
    };
    let target = weak.cast::<WeakRef>()?.r().target.get(vm);
    Some(if target.is_none() { Value::UNBOUND } else { target })
}

/// Replaces proxies among the arguments by their objects.
fn unwrap(vm: &Vm, args: Args) -> Result<(), Raised> {
    for i in 0..args.len() {
        match referent(vm, args.get(vm, i)) {
            None if i == 0 => return Err(args.wrong_receiver(vm)),
            None => {}
            Some(v) if v.is_unbound() => {
                raise!(vm, ReferenceError, "weakly-referenced object no longer exists")
            }
            Some(v) => vm.set(args.local(i), v),
        }
    }
    Ok(())
}

/// Calls the object's special method of the same name.
fn forward(vm: &mut Vm, args: Args) -> NativeResult {
    let name = args.callee_name(vm);
    let result = args.len() > 1 && !matches!(name, "__getitem__" | "__setitem__" | "__delitem__");
    unwrap(vm, args)?;
    forward_to(vm, args, name, result)
}

fn forward_to(vm: &mut Vm, args: Args, name: &str, operator: bool) -> NativeResult {
    let found = {
        let vm = &*vm;
        let class = vm.class_of(args.get(vm, 0));
        vm.class_lookup(class, vm.intern(name).value()).is_some()
    };
    if !found {
        if operator {
            return Ok(vm.ret(Value::NOT_IMPLEMENTED));
        }
        let given = vm.type_name(args.get(vm, 0));
        if name == "__next__" {
            raise!(vm, TypeError, "Weakref proxy referenced a non-iterator '{given}' object");
        }
        raise!(vm, TypeError, "'{given}' object does not support {name}");
    }
    let class = vm.root(vm.class_of(args.get(vm, 0)).value());
    let method = vm.getattr_str(class, name)?;
    let method = vm.hold(method);
    let all: Vec<Local> = (0..args.len()).map(|i| args.local(i)).collect();
    vm.call(method, &all)
}

/// `a op= b`: in place if the object can, else `a op b`.
fn in_place(vm: &mut Vm, args: Args) -> NativeResult {
    let name = args.callee_name(vm);
    unwrap(vm, args)?;
    let ret = forward_to(vm, args, name, true)?;
    if !vm.value(ret).is(Value::NOT_IMPLEMENTED) {
        return Ok(vm.ret(vm.result()));
    }
    forward_to(vm, args, &format!("__{}", &name[3..]), true)
}

/// What needs more than the special method of that name.
fn forward_general(vm: &mut Vm, args: Args) -> NativeResult {
    let name = args.callee_name(vm);
    unwrap(vm, args)?;
    match name {
        "__iter__" => vm.iter(args.local(0)),
        "__str__" => vm.str_of(args.local(0)),
        _ => forward_to(vm, args, name, false),
    }
}

fn truth(vm: &mut Vm, args: Args) -> NativeResult {
    unwrap(vm, args)?;
    let answer = vm.truth(args.local(0))?;
    Ok(vm.ret(Value::from_bool(answer)))
}

fn contains(vm: &mut Vm, args: Args) -> NativeResult {
    unwrap(vm, args)?;
    let answer = vm.contains(args.local(0), args.local(1))?;
    Ok(vm.ret(Value::from_bool(answer)))
}

fn call(vm: &mut Vm, args: Args) -> NativeResult {
    let target = referent(vm, args.get(vm, 0)).unwrap_or(Value::UNBOUND);
    if target.is_unbound() {
        raise!(vm, ReferenceError, "weakly-referenced object no longer exists");
    }
    let target = vm.root(target);
    vm.call_args(target, args.local(1), args.local(2))
}

fn getattribute(vm: &mut Vm, args: Args) -> NativeResult {
    unwrap(vm, args)?;
    vm.getattr(args.local(0), args.local(1))
}

fn setattr(vm: &mut Vm, args: Args) -> NativeResult {
    unwrap_receiver(vm, args)?;
    vm.setattr(args.local(0), args.local(1), args.local(2))?;
    Ok(vm.none())
}

/// Replaces the receiver by its object: a proxy as a value stays one.
fn unwrap_receiver(vm: &Vm, args: Args) -> Result<(), Raised> {
    match referent(vm, args.get(vm, 0)) {
        None => Err(args.wrong_receiver(vm)),
        Some(v) if v.is_unbound() => {
            raise!(vm, ReferenceError, "weakly-referenced object no longer exists")
        }
        Some(v) => {
            vm.set(args.local(0), v);
            Ok(())
        }
    }
}

fn delattr(vm: &mut Vm, args: Args) -> NativeResult {
    unwrap(vm, args)?;
    vm.delattr(args.local(0), args.local(1))?;
    Ok(vm.none())
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.get(vm, 0);
    let at = vm.id(this);
    match referent(vm, this) {
        Some(target) if !target.is_unbound() => {
            let name = vm.type_name(target);
            ret_str(vm, &format!("<weakproxy at {at:#x} to {name} at {:#x}>", vm.id(target)))
        }
        _ => ret_str(vm, &format!("<weakproxy at {at:#x} to NoneType at 0x0>")),
    }
}
