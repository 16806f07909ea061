//! What the constructors of builtin types share.

use super::ClassId;
use crate::raise;
use crate::vm::{Args, Local, NativeResult, Raised, Ret, Vm};

/// Checks argument 0 of a `__new__`: a class that is the builtin class or derives from it.
pub fn new_class(vm: &Vm, args: Args, base: ClassId) -> Result<(), Raised> {
    let name = base.def().name;
    let given = args.get(vm, 0);
    let Some(class) = given.as_class() else {
        let given = vm.type_name(given);
        raise!(vm, TypeError, "{name}.__new__(X): X is not a type object ({given})");
    };
    if !vm.is_subclass(class, vm.class(base)) {
        let given = vm.class_name(class);
        raise!(vm, TypeError, "{name}.__new__({given}): {given} is not a subtype of {name}");
    }
    Ok(())
}

/// The result of an alternative constructor: as it is for the builtin class, else what the subclass
/// makes of it.
pub fn subclass_call(vm: &mut Vm, class: Local, base: ClassId, result: Ret) -> NativeResult {
    if vm.get(class).is(vm.class(base).value()) {
        return Ok(result);
    }
    let result = vm.hold(result);
    vm.call(class, &[result])
}
