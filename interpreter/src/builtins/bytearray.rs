//! To come.
#![allow(missing_docs)]
use super::TypeDef;
use crate::object::Kind;
pub static TYPE: TypeDef = TypeDef::new("bytearray", Kind::ByteArray);
