//! The builtin types and functions, one file for each family.
//!
//! A type is declared once, as a [`TypeDef`]: that declaration gives its name, base, layout,
//! docstring, methods (with their argument parsing and text signatures) and attributes. The
//! operators of a builtin type are simply its special methods in that table; the VM's fast paths
//! only anticipate what they would do.

pub mod async_generator;
pub mod awaitables;
pub mod build_class;
pub mod builtin_funcs;
pub mod bytearray;
pub mod bytes;
pub mod bytes_methods;
pub mod class;
pub mod code;
pub mod codecs;
pub mod combine;
pub mod complex;
pub mod contextvars;
pub mod convert;
pub mod declare;
pub mod descriptors;
pub mod dict;
pub mod dict_views;
pub mod eval;
pub mod exception_fields;
pub mod exception_group;
pub mod exceptions;
pub mod float;
pub mod float_text;
pub mod format_percent;
pub mod format_spec;
pub mod frame;
mod frame_locals;
pub mod function;
pub mod generator;
pub mod generic_alias;
pub mod int;
pub mod int_text;
pub mod iterators;
pub mod list;
pub mod list_core;
pub mod list_sort;
pub mod mapping_proxy;
pub mod memoryview;
pub mod memoryview_compare;
pub mod memoryview_items;
pub mod module;
pub mod object;
pub mod range;
pub mod reduce;
pub mod set;
pub mod singletons;
pub mod slice;
pub mod str;
pub mod str_case;
pub mod str_format;
pub mod str_methods;
pub mod str_search;
pub mod str_split;
pub mod substitution;
pub mod super_object;
pub mod support;
pub mod template;
pub mod text;
pub mod text_funcs;
pub mod tuple;
pub mod tuple_getter;
pub mod unicode;
pub mod unicode_tables;
pub mod weakref;

pub use declare::{ClassId, GetSetDef, TypeDef};

use crate::vm::NativeDef;

/// The functions of module builtins.
pub static FUNCTIONS: &[&[NativeDef]] =
    &[eval::FUNCTIONS, builtin_funcs::FUNCTIONS, build_class::FUNCTIONS, text_funcs::FUNCTIONS];

/// The native types of module builtins that have no fixed number.
pub static TYPES: &[&TypeDef] = &[
    &combine::ENUMERATE,
    &combine::FILTER,
    &combine::MAP,
    &combine::ZIP,
    &iterators::REVERSED,
    &memoryview::TYPE,
];
