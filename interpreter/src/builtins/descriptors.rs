//! To come.
#![allow(missing_docs)]
use super::TypeDef;
use crate::object::Kind;
pub static PROPERTY: TypeDef = TypeDef::new("property", Kind::Property);
pub static CLASS_METHOD: TypeDef = TypeDef::new("classmethod", Kind::ClassMethod);
pub static STATIC_METHOD: TypeDef = TypeDef::new("staticmethod", Kind::StaticMethod);
pub static GETSET: TypeDef = TypeDef::new("getset_descriptor", Kind::GetSet);
pub static MEMBER: TypeDef = TypeDef::new("member_descriptor", Kind::Member);
