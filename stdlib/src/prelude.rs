//! What nearly every native module of this crate uses.

pub(crate) use sidewinder_gc::{Slot, Trace};
pub(crate) use sidewinder_interpreter::Value;
pub(crate) use sidewinder_interpreter::builtins::ClassId;
pub(crate) use sidewinder_interpreter::builtins::declare::{GetSetDef, TypeDef};
pub(crate) use sidewinder_interpreter::builtins::support::*;
pub(crate) use sidewinder_interpreter::object::native::{Native, Payload};
pub(crate) use sidewinder_interpreter::object::{
    Array, Class, ClassFlags, Dict, Field, Gc, Kind, List, Str, Tuple,
};
pub(crate) use sidewinder_interpreter::raise;
pub(crate) use sidewinder_interpreter::vm::compare::CompareOp;
pub(crate) use sidewinder_interpreter::vm::operators::BinaryOp;
pub(crate) use sidewinder_interpreter::vm::startup::ModuleDef;
pub(crate) use sidewinder_interpreter::vm::{
    Args, Local, NativeDef, NativeResult, Raised, Special, StepResult, Vm,
};
pub(crate) use std::cell::Cell;

/// A traced field holding a value.
pub(crate) fn slot(value: Value<'_>) -> Slot {
    Slot::new(value.word())
}

/// An empty traced field.
pub(crate) fn unbound() -> Slot {
    slot(Value::UNBOUND)
}

/// Checks the arguments of a raw `__new__` that takes only positional ones: keyword arguments are
/// for the `__init__` of a subclass. Returns the shape of the new object and how many there are.
pub(crate) fn plain_new(
    vm: &Vm,
    args: Args,
    def: &'static TypeDef,
    min: usize,
    max: usize,
) -> Result<(u32, usize), Raised> {
    let shape = native_new_shape(vm, args, def)?;
    let class = args.class(vm, 0)?;
    let classes = (class, vm.native_class(def));
    Ok((shape, positional_of(vm, args, classes, Special::Init, min, max)?))
}

/// A native type and the payload behind its objects.
macro_rules! native_type {
    ($payload:ident, $def:ident, $module:literal, $name:literal, $doc:expr, $flags:expr,
     [$($method:expr),* $(,)?], [$($getset:expr),* $(,)?] $(, next: $next:expr)?) => {
        impl Payload for $payload {
            const TYPE: &'static TypeDef = &$def;
        }
        #[doc = concat!("The type ", $module, ".", $name, ".")]
        pub static $def: TypeDef = TypeDef {
            module: $module,
            doc: $doc,
            flags: $flags,
            methods: &[$($method),*],
            getset: &[$($getset),*],
            $(next: Some($next),)?
            ..TypeDef::new($name, Kind::Native)
        };
    };
}
pub(crate) use native_type;

/// An iterator type: [`native_type`] with `__iter__` and the step behind `__next__`.
macro_rules! iterator_type {
    ($payload:ident, $def:ident, $module:literal, $name:literal, $doc:expr, $flags:expr, $next:expr,
     [$($method:expr),* $(,)?]) => {
        native_type!($payload, $def, $module, $name, $doc, $flags, [
            NativeDef::method("__iter__($self, /)", itself, "Implement iter(self)."),
            $($method),*
        ], [], next: $next);
    };
}
pub(crate) use iterator_type;

/// Keyword arguments (a dict or UNBOUND) as they are written in a call: `name=value` each.
pub(crate) fn keyword_texts(vm: &mut Vm, keywords: Local) -> Result<Vec<String>, Raised> {
    let mut texts = Vec::new();
    if vm.get(keywords).is_unbound() {
        return Ok(texts);
    }
    let pairs = vm.call_method(keywords, "items", &[])?;
    let pairs = vm.hold(pairs);
    let pairs = vm.collect_list(pairs)?;
    let pairs = vm.hold(pairs);
    while let Some(pair) = seq_item(vm, vm.get(pairs), texts.len()) {
        let parts = (seq_item(vm, pair, 0), seq_item(vm, pair, 1));
        let (Some(name), Some(value)) = parts else { break };
        let (name, value) = (vm.root(name), vm.root(value));
        let name = vm.str_text_of(name)?;
        texts.push(format!("{name}={}", vm.repr_text(value)?));
    }
    Ok(texts)
}

/// A new exception class, as a statement `class name(base): pass` in the module would make it.
pub(crate) fn new_exception(
    vm: &mut Vm,
    module: &str,
    name: &str,
    base: ClassId,
) -> Result<Local, Raised> {
    let namespace = vm.root(vm.dict().value());
    {
        let vm = &*vm;
        let dict: Gc<'_, Dict> = vm.get(namespace).cast().expect("a dict");
        vm.dict_set_str(dict, vm.intern("__module__"), vm.intern(module).value());
    }
    let meta = vm.root(vm.class(ClassId::Type).value());
    let name = vm.root(vm.intern(name).value());
    let bases = vm.root(vm.tuple(&[vm.class(base).value()]).value());
    let class = vm.call(meta, &[name, bases, namespace])?;
    Ok(vm.hold(class))
}
