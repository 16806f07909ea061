//! Frames: one for each Python function that is running.

use super::code::CodeData;
use crate::bytecode::Instr;
use crate::value::Word;

/// What happens with a frame's result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum ContKind {
    /// Into the caller's register `dst`.
    Store,
    /// Back to the Rust code that called `Vm::run`.
    Entry,
    /// Dropped (`__setattr__`, `__setitem__`, ...).
    Discard,
    /// Result of a binary operation's method: NotImplemented tries the next one (`extra` = stage).
    Binary,
    /// As Binary, for a comparison whose result goes into `dst`.
    Compare,
    /// As Compare, but the caller's compare-and-jump instruction wants the truth.
    CompareJump,
    /// Truth of the result decides the caller's jump or goes, maybe negated, into `dst`.
    Truth,
    /// `__next__` of a for loop: StopIteration ends the loop.
    ForIter,
    /// A generator resumed by a for loop.
    ForGen,
    /// A generator resumed by `yield from` in the caller.
    YieldFrom,
    /// An async generator whose step the caller awaits, at a YieldFrom of the step's awaitable.
    AsyncStep,
    /// `__getattribute__`: AttributeError tries `__getattr__`.
    GetAttr,
    /// A str is wanted (`__format__`, `__str__`).
    Str,
}

/// What happens with a frame's result, with operands.
#[derive(Clone, Copy, Debug)]
pub struct Cont {
    /// What.
    pub kind: ContKind,
    /// Bits, see the constants.
    pub flags: u8,
    /// Destination register of the caller.
    pub dst: u16,
    /// For the kind.
    pub extra: u32,
}

impl Cont {
    /// The frame runs a generator, which stands in the slot below its function.
    pub const GENERATOR: u8 = 1;
    /// The frame runs `__init__`: its result must be None and the instance in the slot below the
    /// function takes its place.
    pub const INIT: u8 = 2;
    /// There is a frame object for this frame, which must learn of the frame's end.
    pub const OBSERVED: u8 = 4;
    /// Trace functions know of this frame.
    pub const TRACED: u8 = 8;

    /// Whether a bit is set.
    #[inline(always)]
    pub const fn has(self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// The same with a bit set.
    #[inline(always)]
    pub const fn with(mut self, flag: u8) -> Cont {
        self.flags |= flag;
        self
    }

    /// A continuation without `extra`.
    #[inline(always)]
    pub const fn new(kind: ContKind, dst: u16) -> Self {
        Cont { kind, flags: 0, dst, extra: 0 }
    }
    /// Into the caller's register.
    #[inline(always)]
    pub const fn store(dst: u16) -> Self {
        Self::new(ContKind::Store, dst)
    }
}

/// A running Python function. The function object is in the slot below `base`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Frame {
    /// The next instruction, saved whenever the loop leaves the frame.
    pub pc: *const Instr,
    /// Register 0, in the value stack.
    pub base: *mut Word,
    /// The running code; kept alive by the function.
    pub code: *const CodeData,
    /// End of the stack in use while this frame is on top, as an index.
    pub end: u32,
    /// What happens with the result.
    pub cont: Cont,
}

impl Frame {
    /// The frame below all others of a thread.
    pub(super) fn sentinel(base: *mut Word) -> Frame {
        Frame {
            pc: std::ptr::null(),
            base,
            code: std::ptr::null(),
            end: 0,
            cont: Cont::new(ContKind::Entry, 0),
        }
    }
}

/// How a step that may call Python code ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    /// Done; go on with the next instruction.
    Next,
    /// Another frame is on top: go on there.
    Switch,
    /// An exception is set.
    Raise,
}
