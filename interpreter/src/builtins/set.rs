//! To come.
#![allow(missing_docs)]
use super::TypeDef;
use crate::object::Kind;
pub static TYPE: TypeDef = TypeDef::new("set", Kind::Set);
pub static FROZENSET: TypeDef = TypeDef::new("frozenset", Kind::Set);
