//! Heap objects: their layouts, typed references to them, and what the collector is told.
//!
//! - [`kind`]: the closed list of layouts.
//! - [`gcref`]: [`Gc`], a typed reference, and reading and writing fields.
//! - [`layout`]: the fields of every layout.
//! - [`shape`]: hidden classes: where an instance keeps its attributes.
//! - [`model`]: sizes and tracing, the collector's view.
//! - [`string`], [`table`]: text and hash tables without any Python code.
//! - [`native`]: Rust payloads behind an object, for types outside the core.

pub mod gcref;
pub mod kind;
pub mod layout;
pub mod model;
pub mod native;
pub mod shape;
pub mod string;
pub mod table;
mod table_copy;

pub use gcref::{Field, Gc, Layout};
pub use kind::Kind;
pub use layout::*;
pub use sidewinder_gc::{Header, Slot, Trace, Tracer};
