//! The builtin types and functions, one file for each family.
//!
//! A type is declared once, as a [`TypeDef`]: that declaration gives its name, base, layout,
//! docstring, methods (with their argument parsing and text signatures) and attributes. The
//! operators of a builtin type are simply its special methods in that table; the VM's fast paths
//! only anticipate what they would do.

pub mod declare;
pub mod exceptions;

pub use declare::{ClassId, GetSetDef, TypeDef};
