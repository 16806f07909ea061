//! To come.
#![allow(missing_docs)]
use super::TypeDef;
use crate::object::Kind;
pub static TYPE: TypeDef = TypeDef::new("function", Kind::Function);
pub static BUILTIN: TypeDef = TypeDef::new("builtin_function_or_method", Kind::Builtin);
pub static METHOD_DESCRIPTOR: TypeDef = TypeDef::new("method_descriptor", Kind::Builtin);
pub static CLASS_METHOD_DESCRIPTOR: TypeDef = TypeDef::new("classmethod_descriptor", Kind::Builtin);
pub static METHOD: TypeDef = TypeDef::new("method", Kind::BoundMethod);
pub static CODE: TypeDef = TypeDef::new("code", Kind::Code);
pub static CELL: TypeDef = TypeDef::new("cell", Kind::Cell);
