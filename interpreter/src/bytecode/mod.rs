//! Register bytecode: what the compiler writes and the VM runs.
//!
//! - [`op`]: every opcode, declared once with its operands and its meaning.
//! - [`instr`]: the 64-bit instruction word.
//! - [`unit`]: a compiled code block as plain data, before it becomes a heap object.
//! - [`dis`]: the disassembler, driven by the table in [`op`].
//! - [`marshal`]: units as bytes, for caches.
//! - [`verify`]: checks that a unit is well formed, for tests.

pub mod dis;
pub mod instr;
pub mod liveness;
pub mod marshal;
pub mod op;
pub mod unit;
pub mod verify;

pub use instr::Instr;
pub use op::Op;
pub use unit::{CacheInit, CodeFlags, CodeUnit, Const, Handler, Position};
