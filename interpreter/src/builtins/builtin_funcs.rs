//! Functions of module builtins.
use crate::value::Value;
use crate::vm::{Special, Vm};

/// Whether a value can be called.
pub fn is_callable(vm: &Vm, v: Value<'_>) -> bool {
    vm.special_of(v, Special::Call).is_some()
}
