//! To come.
#![allow(missing_docs)]
use super::TypeDef;
use crate::object::Kind;
pub static TYPE: TypeDef = TypeDef::new("int", Kind::BigInt);
pub static BOOL: TypeDef =
    TypeDef { base: super::ClassId::Int, ..TypeDef::new("bool", Kind::BigInt) };
