//! Source text to bytecode.
