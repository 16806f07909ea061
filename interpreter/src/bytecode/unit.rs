//! A compiled code block as plain data: the compiler's output.
//!
//! The VM turns a unit into a code object on the heap; until then nothing here knows the heap, so
//! units can be cached, printed and tested by themselves.

use super::dis::{ExtKind, ext_kind};
use super::instr::Instr;
use super::op::Op;
use std::sync::Arc;

/// Properties of a code block, with the values CPython gives them in `co_flags` where it has them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CodeFlags(pub u32);

impl CodeFlags {
    /// Locals live in registers (a function).
    pub const OPTIMIZED: u32 = 0x1;
    /// A new namespace is made for each call.
    pub const NEWLOCALS: u32 = 0x2;
    /// Has a `*args` parameter.
    pub const VARARGS: u32 = 0x4;
    /// Has a `**kwargs` parameter.
    pub const VARKEYWORDS: u32 = 0x8;
    /// Nested in another function.
    pub const NESTED: u32 = 0x10;
    /// A generator function.
    pub const GENERATOR: u32 = 0x20;
    /// A coroutine function.
    pub const COROUTINE: u32 = 0x80;
    /// A generator function whose generators may be awaited (`types.coroutine`).
    pub const ITERABLE_COROUTINE: u32 = 0x100;
    /// An async generator function.
    pub const ASYNC_GENERATOR: u32 = 0x200;
    /// Has a docstring (its first constant).
    pub const HAS_DOCSTRING: u32 = 0x400_0000;
    /// Defined in a class body (so a method).
    pub const METHOD: u32 = 0x800_0000;
    /// Sidewinder: names go through the namespace in R[0] (module, class body, exec, eval).
    pub const NAMES: u32 = 0x1000_0000;

    /// Whether all the given bits are set.
    pub const fn has(self, bits: u32) -> bool {
        self.0 & bits == bits
    }
}

/// Where an instruction comes from. Lines count from 1, columns from 0 in UTF-8 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Position {
    /// First line; 0 when there is none.
    pub line: u32,
    /// Last line.
    pub end_line: u32,
    /// Column on the first line.
    pub col: u32,
    /// Column after the last character on the last line.
    pub end_col: u32,
}

/// An exception raised by an instruction in `start..end` goes to `target` with the exception in
/// register `exc`. The first entry that covers the instruction wins: inner ones come first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handler {
    /// First instruction covered.
    pub start: u32,
    /// First instruction no longer covered.
    pub end: u32,
    /// Where to go on.
    pub target: u32,
    /// Register that receives the exception.
    pub exc: u16,
}

/// What a cache site is for; the VM adds the feedback.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CacheInit {
    /// The attribute's or variable's name.
    pub name: Arc<str>,
}

/// A constant.
#[derive(Clone, PartialEq, Debug)]
pub enum Const {
    /// `None`
    None,
    /// `True` or `False`
    Bool(bool),
    /// `...`
    Ellipsis,
    /// An int that fits.
    Int(i64),
    /// Any other int, in decimal digits (never negative).
    BigInt(Arc<str>),
    /// A float.
    Float(f64),
    /// A complex number.
    Complex(f64, f64),
    /// A str.
    Str(Arc<str>),
    /// A str with lone surrogates, by code points.
    WideStr(Arc<[u32]>),
    /// A bytes object.
    Bytes(Arc<[u8]>),
    /// A tuple of constants.
    Tuple(Vec<Const>),
    /// A frozenset of constants (`x in {1, 2}`).
    FrozenSet(Vec<Const>),
    /// A nested code block.
    Code(Arc<CodeUnit>),
}

/// One code block: a module, a function body, a class body, a lambda or a generator expression.
///
/// Registers: parameters first, in the order positional (positional-only first), keyword-only,
/// `*args`, `**kwargs`; then the other locals, in order of appearance; then registers of free
/// variables (cells, filled by `CopyClosure`); then temporaries. With [`CodeFlags::NAMES`] register
/// 0 is the namespace and there are no parameters.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct CodeUnit {
    /// `__name__`
    pub name: Arc<str>,
    /// `__qualname__`
    pub qualname: Arc<str>,
    /// File name as given to the compiler.
    pub filename: Arc<str>,
    /// Line of the `def`, the first decorator, or 1.
    pub first_line: u32,
    /// Flags.
    pub flags: CodeFlags,
    /// Number of positional parameters, positional-only ones included.
    pub arg_count: u16,
    /// Number of positional-only parameters.
    pub posonly_count: u16,
    /// Number of keyword-only parameters.
    pub kwonly_count: u16,
    /// Names of the registers that are parameters and locals, in register order. Also those that
    /// live in a cell (the register then holds the cell).
    pub varnames: Vec<Arc<str>>,
    /// Registers of `varnames` that hold a cell.
    pub cell_registers: Vec<u16>,
    /// Names of the free variables, in closure-tuple order.
    pub freevars: Vec<Arc<str>>,
    /// First of the registers that hold the free variables' cells.
    pub free_base: u16,
    /// Registers needed in all, outgoing call windows included.
    pub register_count: u16,
    /// The instructions.
    pub instrs: Vec<Instr>,
    /// Where each instruction comes from; as long as `instrs`.
    pub positions: Vec<Position>,
    /// Constants.
    pub consts: Vec<Const>,
    /// Inline-cache sites.
    pub sites: Vec<CacheInit>,
    /// Exception table.
    pub handlers: Vec<Handler>,
    /// Class bodies: how many distinct attributes the methods assign on `self`; sizes instances.
    pub self_attrs: u16,
}

impl CodeUnit {
    /// Where the conditional jump at an instruction goes on if it does not jump, and if it does;
    /// `None` for any other instruction.
    pub fn branch(&self, at: usize) -> Option<(usize, usize)> {
        let instr = self.instrs.get(at)?;
        let word = match ext_kind(instr.op) {
            ExtKind::Jump => at + 1,
            _ if matches!(instr.op, Op::JumpIf | Op::JumpIfNone | Op::EndAsyncFor) => at,
            _ => return None,
        };
        let offset = self.instrs.get(word)?.bc();
        Some((word + 1, (word as i64 + 1 + i64::from(offset)) as usize))
    }
}
