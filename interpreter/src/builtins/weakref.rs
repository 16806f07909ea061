//! Weak references.

use super::declare::{ClassId, GetSetDef, TypeDef};
use super::support::*;
use crate::object::*;
use crate::raise;
use crate::value::{Value, word};
use crate::vm::compare::CompareOp;
use crate::vm::construct::header;
use crate::vm::{Args, NativeDef, NativeResult, Vm};
use std::cell::Cell;
use std::collections::HashMap;
use std::ptr::NonNull;

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
    getset: &[
        GetSetDef::new("__callback__", callback, "Called when the object dies, or None.").member()
    ],
    ..TypeDef::new("ReferenceType", Kind::WeakRef)
};

/// Whether the object can be referred to weakly.
pub fn is_referable(vm: &Vm, v: Value<'_>) -> bool {
    v.header().is_some() && has_referable_instances(vm.class_of(v))
}

/// Whether instances of the class can be referred to weakly: by their layout, or because the class
/// statement says so.
pub fn has_referable_instances(class: Gc<'_, Class>) -> bool {
    class.flags.get() & ClassFlags::WEAKREF != 0
        || match class.instance_kind.get() {
            Kind::Class
            | Kind::Function
            | Kind::Builtin
            | Kind::BoundMethod
            | Kind::Module
            | Kind::Generator
            | Kind::Set
            | Kind::Code
            | Kind::Foreign
            | Kind::Native => true,
            // Declared types that are no builtins.
            _ => class.shape.get() >= super::declare::CLASS_COUNT && !class.def.get().is_null(),
        }
}

/// The computed attribute `__weakref__` of instances.
pub static WEAKREF_GETSET: GetSetDef =
    GetSetDef::new("__weakref__", get_weakref, "A weak reference to the object, if there is one.");

fn get_weakref(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let first = references_to(vm, args.get(vm, 0)).first().map(|weak| weak.value());
    Ok(vm.ret(first.unwrap_or(Value::NONE)))
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
    // The plain one without a callback comes first.
    found.sort_by_key(|weak| {
        let plain = vm.is_exact(weak.value(), ClassId::WeakRef);
        !(plain && weak.callback.word() == word::NONE)
    });
    found
}

/// The references without a callback, of which an object has no more than one: by the identity of the object, the
/// address of the reference. A collection moves them; the table is then made anew when it is asked.
#[derive(Default)]
struct PlainReferences {
    collections: u64,
    by_target: HashMap<u32, NonNull<Header>>,
}

impl PlainReferences {
    fn refresh(&mut self, vm: &Vm) {
        if self.collections == vm.heap.collections() {
            return;
        }
        self.collections = vm.heap.collections();
        self.by_target.clear();
        vm.heap.for_each_weak(&mut |weak| {
            // SAFETY: as in `references_to`.
            let found: Gc<'_, WeakRef> = unsafe { Gc::from_raw(weak.cast()) };
            if vm.is_exact(found.value(), ClassId::WeakRef)
                && found.callback.word() == word::NONE
                && let Some(target) = found.target.get(vm).header()
            {
                self.by_target.insert(vm.heap.identity(NonNull::from(target)), weak);
            }
        });
    }
}

/// A reference to the object without a callback.
fn plain_reference<'gc>(vm: &'gc Vm, target: Value<'gc>) -> Option<Gc<'gc, WeakRef>> {
    let identity = vm.heap.identity(NonNull::from(target.header()?));
    vm.with_extension(|plain: &mut PlainReferences| {
        plain.refresh(vm);
        let found = *plain.by_target.entry(identity).or_insert_with(|| {
            let weak = allocate(vm, ClassId::WeakRef as u32, target, Value::NONE);
            weak.header_ptr()
        });
        // SAFETY: there has been no collection since the address was noted.
        Some(unsafe { Gc::from_raw(found.cast()) })
    })
}

/// A new reference of the class with that instance shape.
pub fn allocate<'gc>(
    vm: &'gc Vm,
    shape: u32,
    target: Value<'_>,
    callback: Value<'_>,
) -> Gc<'gc, WeakRef> {
    let weak = vm.alloc(
        shape,
        WeakRef {
            header: header(),
            target: Slot::new(target.word()),
            callback: Slot::new(callback.word()),
            hash: Cell::new(WeakRef::UNHASHED),
        },
    );
    vm.heap.register_weak(weak.header_ptr());
    weak
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
    if !is_referable(vm, target) {
        let name = vm.type_name(target);
        raise!(vm, TypeError, "cannot create weak reference to '{name}' object");
    }
    let callback = if given > 1 { args.get(vm, 2) } else { Value::NONE };
    if shape == ClassId::WeakRef as u32
        && callback.is_none()
        && let Some(weak) = plain_reference(vm, target)
    {
        return Ok(vm.ret(weak.value()));
    }
    let weak = allocate(vm, shape, target, callback);
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

/// References are equal as their objects are, which are asked even when they are the same one; dead ones are equal
/// to themselves only.
fn compare(vm: &mut Vm, args: Args, op: CompareOp) -> NativeResult {
    let a = args.this::<WeakRef>(vm)?;
    let Some(b) = args.get(vm, 1).cast::<WeakRef>() else {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    };
    let (x, y) = (a.target.get(vm), b.target.get(vm));
    if x.is_none() || y.is_none() {
        return Ok(vm.ret(Value::from_bool((a == b) == (op == CompareOp::Eq))));
    }
    let (x, y) = (vm.root(x), vm.root(y));
    vm.compare(op, x, y)
}

fn eq(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Eq)
}

fn ne(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Ne)
}

fn hash(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.this::<WeakRef>(vm)?;
    if this.hash.get() == WeakRef::UNHASHED {
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
    let this = args.this::<WeakRef>(vm)?;
    let callback = this.callback.get(vm);
    // The callback is called once; a reference that is dead has none any more.
    let gone = this.target.get(vm).is_none() || callback.is_unbound();
    Ok(vm.ret(if gone { Value::NONE } else { callback }))
}
