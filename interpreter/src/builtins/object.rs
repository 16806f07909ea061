//! To come.
#![allow(missing_docs)]
use super::TypeDef;
use crate::object::Kind;
pub static TYPE: TypeDef = TypeDef::new("object", Kind::Instance);

use crate::vm::{Args, NativeResult, Vm};
fn todo(vm: &mut Vm, _: Args) -> NativeResult {
    Err(vm.type_error("not yet"))
}
pub static DICT_GETSET: super::GetSetDef = super::GetSetDef::new("__dict__", todo, "");
