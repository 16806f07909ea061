//! To come.
#![allow(missing_docs)]
use crate::value::Value;
use crate::vm::Vm;
pub fn sequence_iterator<'gc>(_vm: &'gc Vm, s: Value<'gc>) -> Value<'gc> {
    s
}
