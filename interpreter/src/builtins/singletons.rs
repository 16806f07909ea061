//! To come.
#![allow(missing_docs)]
use super::TypeDef;
use crate::object::Kind;
pub static NONE: TypeDef = TypeDef::new("NoneType", Kind::Native);
pub static ELLIPSIS: TypeDef = TypeDef::new("ellipsis", Kind::Native);
pub static NOT_IMPLEMENTED: TypeDef = TypeDef::new("NotImplementedType", Kind::Native);
