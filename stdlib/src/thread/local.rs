//! `_thread._local`: an object whose attributes are different in every thread.
//!
//! Before an attribute is looked at, the dict of the running thread is put into the object; then
//! everything goes the way it goes for any object.

use sidewinder_interpreter::builtins::object::get_dict;
use sidewinder_interpreter::builtins::{ClassId, GetSetDef, TypeDef};
use sidewinder_interpreter::object::native::Payload;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::raise;
use sidewinder_interpreter::vm::stack::Global;
use sidewinder_interpreter::vm::threads::thread_ident;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm};
use std::collections::HashMap;

/// Thread-local data.
#[derive(Trace)]
pub struct ThreadLocal {
    /// The arguments for `__init__`, which runs once for each thread.
    args: Slot,
    kwargs: Slot,
    /// The dicts, by the thread's number.
    dicts: Slot,
}

impl Payload for ThreadLocal {
    const TYPE: &'static TypeDef = &LOCAL;
}

const ATTRIBUTES: GetSetDef = GetSetDef::new("__dict__", get_dict, "This thread's attributes.");

/// The type of thread-local data.
pub static LOCAL: TypeDef = TypeDef {
    module: "_thread",
    doc: "Thread-local data.",
    flags: ClassFlags::BASE
        | ClassFlags::HAS_DICT
        | ClassFlags::GETATTR_HOOK
        | ClassFlags::SETATTR_HOOK,
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", new, "Make one."),
        NativeDef::method("__getattribute__($self, name, /)", get, "Return getattr(self, name)."),
        NativeDef::method("__setattr__($self, name, value, /)", set, "Implement setattr()."),
        NativeDef::method("__delattr__($self, name, /)", delete, "Implement delattr()."),
    ],
    getset: &[ATTRIBUTES],
    ..TypeDef::new("_local", Kind::Native)
};

/// The objects that each thread has data in, by weak references.
#[derive(Default)]
struct Touched(HashMap<u64, Vec<Global>>);

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let class = args.class(vm, 0)?;
    let init = vm.class_lookup(class, vm.intern("__init__").value());
    let object = vm.class(ClassId::Object);
    let plain = init == vm.class_lookup(object, vm.intern("__init__").value());
    let given = args.get(vm, 1).cast::<Tuple>().is_some_and(|t| !t.is_empty());
    let keywords = args.opt(vm, 2).and_then(|v| v.cast::<Dict>());
    if plain && (given || keywords.is_some_and(|d| vm.table_used(d.r()) > 0)) {
        raise!(vm, TypeError, "Initialization arguments are not supported");
    }
    let slot = |v: Value<'_>| Slot::new(v.word());
    let payload = ThreadLocal {
        args: slot(args.get(vm, 1)),
        kwargs: slot(args.get(vm, 2)),
        dicts: slot(vm.dict().value()),
    };
    let object = vm.root(vm.native_of_shape(class.shape.get(), payload).value());
    // The class's call runs `__init__` for this thread.
    add_dict(vm, object)?;
    Ok(vm.ret(vm.get(object)))
}

/// Makes the dict of the running thread.
fn add_dict(vm: &mut Vm, object: Local) -> Result<(), Raised> {
    let key = vm.root(vm.int(thread_ident() as i64));
    let dicts = vm.root(payload(vm, object).dicts.get(vm));
    let dict = vm.root(vm.dict().value());
    vm.dict_set(dicts, key, dict)?;
    let d: Gc<'_, Dict> = vm.get(dict).cast().expect("a dict");
    vm.set_instance_dict(vm.get(object), d);
    let weak = vm.global(vm.weak_reference(vm.get(object), Value::NONE));
    vm.with_extension(|all: &mut Touched| all.0.entry(thread_ident()).or_default().push(weak));
    Ok(())
}

fn payload(vm: &Vm, object: Local) -> &ThreadLocal {
    vm.get(object).payload::<ThreadLocal>().expect("thread-local data").r()
}

/// Puts the running thread's dict into the object; makes and fills it at the thread's first use.
fn switch(vm: &mut Vm, object: Local) -> Result<(), Raised> {
    let key = vm.root(vm.int(thread_ident() as i64));
    let dicts = vm.root(payload(vm, object).dicts.get(vm));
    if vm.dict_get(dicts, key)? {
        let dict = vm.result().cast::<Dict>().expect("a dict");
        vm.set_instance_dict(vm.get(object), dict);
        return Ok(());
    }
    add_dict(vm, object)?;
    let class = vm.root(vm.class_of(vm.get(object)).value());
    let init = vm.getattr_str(class, "__init__")?;
    let init = vm.hold(init);
    // The method of the class: the object goes in front of the arguments.
    let mut all = vec![object];
    let given: Vec<Local> = {
        let vm = &*vm;
        let args = payload(vm, object).args.get_as::<Tuple>(vm);
        args.map(|t| t.r().items().iter().map(|s| vm.root(s.get(vm))).collect()).unwrap_or_default()
    };
    all.extend(given);
    let kwargs = vm.root(payload(vm, object).kwargs.get(vm));
    if let Err(raised) = vm.call_kw(init, &all, kwargs) {
        vm.dict_del(dicts, key)?;
        return Err(raised);
    }
    // `__init__` may have let other threads run.
    if vm.dict_get(dicts, key)? {
        let dict = vm.result().cast::<Dict>().expect("a dict");
        vm.set_instance_dict(vm.get(object), dict);
    }
    Ok(())
}

fn get(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<ThreadLocal>(vm)?;
    args.str(vm, 1)?;
    switch(vm, args.local(0))?;
    match vm.generic_getattr(args.local(0), args.local(1))? {
        Some(ret) => Ok(ret),
        None => Err(vm.attribute_error(args.get(vm, 0), args.get(vm, 1))),
    }
}

fn refuse_dict(vm: &Vm, args: Args) -> Result<(), Raised> {
    if vm.str_is(args.get(vm, 1), "__dict__") {
        let name = vm.type_name(args.get(vm, 0));
        raise!(vm, AttributeError, "'{name}' object attribute '__dict__' is read-only");
    }
    Ok(())
}

fn set(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<ThreadLocal>(vm)?;
    args.str(vm, 1)?;
    refuse_dict(vm, args)?;
    switch(vm, args.local(0))?;
    vm.generic_setattr(args.local(0), args.local(1), Some(args.local(2)))?;
    Ok(vm.none())
}

fn delete(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<ThreadLocal>(vm)?;
    args.str(vm, 1)?;
    refuse_dict(vm, args)?;
    switch(vm, args.local(0))?;
    vm.generic_setattr(args.local(0), args.local(1), None)?;
    Ok(vm.none())
}

/// The running thread ends: drops its dicts.
pub fn thread_ended(vm: &mut Vm) {
    let ident = thread_ident();
    let touched = vm.with_extension(|all: &mut Touched| all.0.remove(&ident)).unwrap_or_default();
    for weak in touched {
        let done = vm.scope(|vm| {
            let target = {
                let vm = &*vm;
                let weak = vm.get_global(&weak).cast::<WeakRef>();
                weak.map(|w| vm.root(w.target.get(vm))).filter(|t| !vm.get(*t).is_none())
            };
            let Some(object) = target else { return Ok(()) };
            let key = vm.root(vm.int(ident as i64));
            let dicts = vm.root(payload(vm, object).dicts.get(vm));
            vm.dict_del(dicts, key).map(|_| ())
        });
        if let Err(raised) = done {
            vm.scope(|vm| {
                let none = vm.root(Value::NONE);
                vm.unraisable(raised, none);
            });
        }
    }
}
