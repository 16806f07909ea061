//! Weak references.

use super::declare::{ClassId, GetSetDef, TypeDef};
use super::support::*;
use crate::object::*;
use crate::raise;
use crate::value::{Value, word};
use crate::vm::construct::header;
use crate::vm::{Args, NativeDef, NativeResult, Vm};
use std::cell::Cell;

/// The type weakref.ref.
pub static TYPE: TypeDef = TypeDef {
    module: "weakref",
    doc: "ReferenceType(object, callback=None, /)\n--\n\nA reference that does not keep its object alive.",
    flags: ClassFlags::BASE,
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", new, "").raw(),
        NativeDef::method("__init__($self, /, *args, **kwargs)", init, "").raw(),
        NativeDef::method("__call__($self, /)", call, "The object, or None if it is gone."),
        NativeDef::method("__eq__($self, value, /)", eq, "Return self==value."),
        NativeDef::method("__ne__($self, value, /)", ne, "Return self!=value."),
        NativeDef::method("__hash__($self, /)", hash, "Return hash(self)."),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::class_method("__class_getitem__($type, key, /)", class_getitem, ""),
    ],
    getset: &[GetSetDef::new("__callback__", callback, "Called when the object dies, or None.")],
    ..TypeDef::new("ReferenceType", Kind::WeakRef)
};

/// Whether objects of that layout can be referred to weakly.
pub fn is_referable(v: Value<'_>) -> bool {
    let Some(h) = v.header() else { return false };
    // Subclasses written in Python always can.
    h.shape() >= super::declare::CLASS_COUNT && Kind::of(h) != Kind::Native
        || matches!(
            Kind::of(h),
            Kind::Instance
                | Kind::Class
                | Kind::Function
                | Kind::Builtin
                | Kind::BoundMethod
                | Kind::Module
                | Kind::Generator
                | Kind::Set
                | Kind::Code
                | Kind::Exception
                | Kind::Foreign
                | Kind::Native
        ) && h.shape() != ClassId::Object as u32
            && (Kind::of(h) != Kind::Exception || h.shape() >= super::declare::CLASS_COUNT)
}

/// The weak references to an object (subclasses included) that are known to the collector.
pub fn references_to<'gc>(vm: &'gc Vm, target: Value<'_>) -> Vec<Gc<'gc, WeakRef>> {
    let mut found = Vec::new();
    vm.heap.for_each_weak(&mut |weak| {
        // SAFETY: registered objects are live until the next collection; only WeakRefs are
        // registered as weak.
        let weak: Gc<'gc, WeakRef> = unsafe { Gc::from_raw(weak.cast()) };
        if weak.value().kind() == Some(Kind::WeakRef) && weak.target.word() == target.word() {
            found.push(weak);
        }
    });
    found
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let shape = new_shape(vm, args, ClassId::WeakRef)?;
    let given = args.len() - 1 - args.keyword_count();
    if given == 0 {
        raise!(vm, TypeError, "ref expected at least 1 argument, got 0");
    }
    if shape == ClassId::WeakRef as u32 {
        positional(vm, args, "ref", 1, 2)?;
    }
    let target = args.get(vm, 1);
    if !is_referable(target) {
        let name = vm.type_name(target);
        raise!(vm, TypeError, "cannot create weak reference to '{name}' object");
    }
    let callback = if given > 1 { args.get(vm, 2) } else { Value::NONE };
    let weak = vm.alloc(
        shape,
        WeakRef {
            header: header(),
            target: Slot::new(target.word()),
            callback: Slot::new(callback.word()),
            hash: Cell::new(0),
        },
    );
    vm.heap.register_weak(weak.header_ptr());
    Ok(vm.ret(weak.value()))
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<WeakRef>(vm)?;
    positional(vm, args, "ref", 1, 2)?;
    Ok(vm.none())
}

fn call(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.this::<WeakRef>(vm)?.target.get(vm)))
}

fn compare(vm: &mut Vm, args: Args) -> Result<Option<bool>, crate::vm::Raised> {
    let a = args.this::<WeakRef>(vm)?;
    let Some(b) = args.get(vm, 1).cast::<WeakRef>() else { return Ok(None) };
    let (x, y) = (a.target.get(vm), b.target.get(vm));
    if x.is_none() || y.is_none() {
        return Ok(Some(a == b));
    }
    let (x, y) = (vm.root(x), vm.root(y));
    vm.eq(x, y).map(Some)
}

fn eq(vm: &mut Vm, args: Args) -> NativeResult {
    let answer = compare(vm, args)?;
    Ok(vm.ret(answer.map_or(Value::NOT_IMPLEMENTED, Value::from_bool)))
}

fn ne(vm: &mut Vm, args: Args) -> NativeResult {
    let answer = compare(vm, args)?;
    Ok(vm.ret(answer.map_or(Value::NOT_IMPLEMENTED, |b| Value::from_bool(!b))))
}

fn hash(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.this::<WeakRef>(vm)?;
    if this.hash.get() == 0 {
        let target = this.target.get(vm);
        if target.is_none() {
            raise!(vm, TypeError, "weak object has gone away");
        }
        let target = vm.root(target);
        let hash = vm.hash(target)?;
        args.this::<WeakRef>(vm)?.hash.set(hash);
    }
    let hash = args.this::<WeakRef>(vm)?.hash.get();
    ret_hash(vm, hash)
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.this::<WeakRef>(vm)?;
    let at = vm.id(this.value());
    let target = this.target.get(vm);
    if target.is_none() {
        return ret_str(vm, &format!("<weakref at {at:#x}; dead>"));
    }
    let name = vm.type_name(target);
    ret_str(vm, &format!("<weakref at {at:#x}; to '{name}' at {:#x}>", vm.id(target)))
}

fn callback(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let callback = args.this::<WeakRef>(vm)?.callback.get(vm);
    Ok(vm.ret(if callback.word() == word::UNBOUND { Value::NONE } else { callback }))
}
