//! Disassembler: to come.
