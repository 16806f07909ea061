//! The Python of Sidewinder: values, objects, compiler, VM, builtins, import.
//!
//! It knows no HPy and no terminal: native modules, payloads behind objects, extra roots and module
//! finders are the seams that other crates plug into.

extern crate self as sidewinder_interpreter;

pub mod builtins;
pub mod bytecode;
pub mod compiler;
pub mod object;
pub mod value;
pub mod vm;

pub use value::Value;
pub use vm::{Args, Config, Local, NativeDef, NativeResult, Raised, Ret, Vm};
