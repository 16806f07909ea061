//! To come.
#![allow(missing_docs)]
use super::TypeDef;
use crate::object::Kind;
pub static TYPE: TypeDef = TypeDef::new("generator", Kind::Generator);
pub static COROUTINE: TypeDef = TypeDef::new("coroutine", Kind::Generator);
pub static ASYNC_GENERATOR: TypeDef = TypeDef::new("async_generator", Kind::Generator);
