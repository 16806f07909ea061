//! Generic.

use super::ask_typing;
use crate::prelude::*;

/// typing.Generic
pub static GENERIC: TypeDef = TypeDef {
    module: "typing",
    doc: "Abstract base class for generic types.\n\nOn Python 3.12 and newer, generic classes implicitly inherit from\nGeneric when they declare a parameter list after the class's name::\n\n    class Mapping[KT, VT]:\n        ...",
    flags: ClassFlags::BASE | ClassFlags::STRUCTLESS,
    methods: &[
        NativeDef::class_method(
            "__class_getitem__($type, /, *args, **kwargs)",
            getitem,
            "Parameterizes a generic class.",
        )
        .raw(),
        NativeDef::class_method(
            "__init_subclass__($type, /, *args, **kwargs)",
            init_subclass,
            "Function to initialize subclasses.",
        )
        .raw(),
    ],
    ..TypeDef::new("Generic", Kind::Instance)
};

fn forwarded(vm: &mut Vm, args: Args, function: &str) -> NativeResult {
    let typing = vm.import_module("typing")?;
    let f = vm.getattr_str(typing, function)?;
    let f = vm.hold(f);
    forward(vm, f, args, 0)
}

fn getitem(vm: &mut Vm, args: Args) -> NativeResult {
    forwarded(vm, args, "_generic_class_getitem")
}

fn init_subclass(vm: &mut Vm, args: Args) -> NativeResult {
    forwarded(vm, args, "_generic_init_subclass")
}

/// The parameters with each TypeVarTuple unpacked.
pub(super) fn unpacked(vm: &mut Vm, params: Local) -> Result<Local, Raised> {
    let list = vm.root(vm.list(&[]).value());
    vm.iterate(params, |vm, param| {
        let item = if vm.get(param).payload::<super::params::TypeVarTuple>().is_some() {
            let typing = vm.import_module("typing")?;
            let unpack = vm.getattr_str(typing, "Unpack")?;
            let unpack = vm.hold(unpack);
            let item = vm.getitem(unpack, param)?;
            vm.hold(item)
        } else {
            param
        };
        let list: Gc<'_, List> = vm.get(list).cast().expect("a list");
        vm.list_push(list, vm.get(item));
        Ok(())
    })?;
    let tuple = vm.collect_tuple(list)?;
    Ok(vm.hold(tuple))
}

/// The base `Generic[params]` of a class with a parameter list.
pub(super) fn subscript_generic(vm: &mut Vm, args: Args) -> NativeResult {
    let params = unpacked(vm, args.local(0))?;
    let generic = vm.root(vm.native_class(&GENERIC).value());
    ask_typing(vm, "_GenericAlias", &[generic, params])
}
