//! What the constructors of builtin types share.

use super::ClassId;
use crate::vm::{Local, NativeResult, Ret, Vm};

/// The result of an alternative constructor: as it is for the builtin class, else what the subclass
/// makes of it.
pub fn subclass_call(vm: &mut Vm, class: Local, base: ClassId, result: Ret) -> NativeResult {
    if vm.get(class).is(vm.class(base).value()) {
        return Ok(result);
    }
    let result = vm.hold(result);
    vm.call(class, &[result])
}
