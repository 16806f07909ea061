//! Functions, and what their calls leave behind: generators, exceptions, tracebacks.

use super::*;

/// A function written in Python.
#[repr(C)]
pub struct Function {
    /// Header.
    pub header: Header,
    /// The [`Code`].
    pub code: Slot,
    /// The module's globals, a dict.
    pub globals: Slot,
    /// Tuple of default values, or UNBOUND.
    pub defaults: Slot,
    /// Dict of keyword-only defaults, or UNBOUND.
    pub kwdefaults: Slot,
    /// Tuple of cells, or UNBOUND.
    pub closure: Slot,
    /// `__name__`
    pub name: Slot,
    /// `__qualname__`
    pub qualname: Slot,
    /// `__doc__`
    pub doc: Slot,
    /// `__module__`
    pub module: Slot,
    /// `__annotate__` function, annotations dict, or UNBOUND.
    pub annotate: Slot,
    /// `__type_params__`, a tuple, or UNBOUND for an empty one.
    pub type_params: Slot,
    /// Attribute dict, or UNBOUND.
    pub attrs: Slot,
    /// The code's data, which does not move.
    pub data: Cell<*const CodeData>,
}

/// A function or method written in Rust or C.
#[repr(C)]
pub struct Builtin {
    /// Header. The class tells apart functions and the kinds of method descriptor.
    pub header: Header,
    /// Name, signature, documentation and code. Never freed while the object lives.
    pub def: Cell<&'static NativeDef>,
    /// The class it is a method of, or the module's name, or UNBOUND.
    pub owner: Slot,
    /// For HPy functions: the module they were made for; else UNBOUND.
    pub this: Slot,
    /// Fewest and most arguments (receiver included) of a plain positional call.
    pub min_args: u16,
    /// See `min_args`. `u16::MAX` when arguments must be bound by the signature.
    pub max_args: u16,
    /// Slots of a bound call (parameters of all kinds); those not given are UNBOUND.
    pub slots: u16,
    /// How the function binds when found in a class, see [`crate::vm::native::Binding`].
    pub binding: u8,
}

impl Builtin {
    /// Whether that many positional arguments need no binding.
    #[inline(always)]
    pub fn takes_plainly(&self, count: u32) -> bool {
        let (min, max) = (self.min_args as u32, self.max_args as u32);
        count >= min && count <= max && max != u16::MAX as u32
    }
}

/// A function bound to its first argument.
#[repr(C)]
pub struct BoundMethod {
    /// Header.
    pub header: Header,
    /// `__func__`
    pub func: Slot,
    /// `__self__`
    pub this: Slot,
}

/// A code object. Its data is outside the heap, so that the running code does not move.
#[repr(C)]
pub struct Code {
    /// Header.
    pub header: Header,
    /// Owned; freed when the object dies.
    pub data: Cell<*const CodeData>,
}

/// A closure cell.
#[repr(C)]
pub struct Cell_ {
    /// Header.
    pub header: Header,
    /// The contents, or UNBOUND.
    pub contents: Slot,
}

/// A generator or coroutine: the window of a suspended frame.
#[repr(C)]
pub struct Generator {
    /// Header.
    pub header: Header,
    /// The function whose body it runs.
    pub func: Slot,
    /// The exception handled inside while suspended, or None.
    pub handled: Slot,
    /// `__name__`
    pub name: Slot,
    /// `__qualname__`
    pub qualname: Slot,
    /// Async generators: the hook that finalizes them; coroutines: `cr_origin`. None if there is none.
    pub extra: Slot,
    /// Its frame object, once somebody has asked for it, or UNBOUND.
    pub frame: Slot,
    /// Next instruction, as an index.
    pub pc: Cell<u32>,
    /// See [`GenState`].
    pub state: Cell<GenState>,
    /// Async generators: one of its awaitables is under way.
    pub stepping: Cell<bool>,
    /// Async generators: closed, or ended.
    pub closed: Cell<bool>,
    /// Async generators: the hook for the first iteration has been called.
    pub hooked: Cell<bool>,
    len: u32,
    registers: [Slot; 0],
}

/// What a generator is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum GenState {
    /// Not started.
    Created,
    /// Waiting at a yield.
    Suspended,
    /// On the stack.
    Running,
    /// Returned or raised.
    Finished,
}

impl Generator {
    /// Size in bytes with `n` registers.
    pub const fn size(n: usize) -> usize {
        size_of::<Generator>() + n * 8
    }
    /// The saved registers.
    pub fn registers(&self) -> &[Slot] {
        // SAFETY: the object was allocated with that many registers behind its fixed part.
        unsafe { std::slice::from_raw_parts(self.registers.as_ptr(), self.len as usize) }
    }
    /// Sets the number of registers of a fresh object and says where they are.
    ///
    /// # Safety
    /// `this` was allocated for `len` registers; all are written before the next collection.
    pub(crate) unsafe fn init_len(this: *mut Generator, len: usize) -> *mut u64 {
        // SAFETY: the caller's promise.
        unsafe {
            (&raw mut (*this).len).write(len as u32);
            (&raw mut (*this).registers).cast()
        }
    }
}

/// An exception.
#[repr(C)]
pub struct Exception {
    /// Header.
    pub header: Header,
    /// `args`, a tuple.
    pub args: Slot,
    /// `__traceback__` or None.
    pub traceback: Slot,
    /// `__context__` or None.
    pub context: Slot,
    /// `__cause__` or None.
    pub cause: Slot,
    /// Attribute dict, or UNBOUND.
    pub attrs: Slot,
    /// What the class itself adds: one value (StopIteration, SystemExit), an [`Array`] of fields
    /// (OSError, SyntaxError, ...), or UNBOUND.
    pub extra: Slot,
    /// `__suppress_context__`
    pub suppress_context: Cell<bool>,
}

/// One entry of a traceback: innermost last.
#[repr(C)]
pub struct Traceback {
    /// Header.
    pub header: Header,
    /// `tb_next` or None.
    pub next: Slot,
    /// The function that was running.
    pub func: Slot,
    /// The entry of the caller's frame, or UNBOUND if the exception did not get there.
    pub outer: Slot,
    /// The frame object; an array of the frame's registers if the exception has left it; or UNBOUND.
    pub frame: Slot,
    /// Index of the instruction that raised.
    pub pc: Cell<u32>,
    /// Index of the instruction at which the exception left the frame, when it has.
    pub left_at: Cell<u32>,
    /// Number of the frame in the stack, from 1.
    pub depth: Cell<u32>,
    /// `tb_lasti` and `tb_lineno` of one that Python code has made.
    pub given: Cell<Option<(i32, i32)>>,
}
