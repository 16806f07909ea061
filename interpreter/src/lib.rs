//! The Python of Sidewinder: values, objects, compiler, VM, builtins, import.
pub mod bytecode;
pub mod compiler;
