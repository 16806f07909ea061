//! To come.
#![allow(missing_docs)]
use super::TypeDef;
use crate::object::Kind;
pub static TYPE: TypeDef = TypeDef::new("type", Kind::Class);
pub static SUPER: TypeDef = TypeDef::new("super", Kind::Super);

pub fn module_text(
    _vm: &crate::vm::Vm,
    _class: crate::object::Gc<'_, crate::object::Class>,
) -> Option<String> {
    None
}
