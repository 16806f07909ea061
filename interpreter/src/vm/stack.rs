//! The value stack: registers of Python frames, arguments and roots of native functions.
//!
//! One contiguous reservation that never moves, so that register windows are plain pointers. Every
//! slot below the end in use holds a valid word.

use super::native::{Local, Raised, Ret};
use super::{Vm, frame::Frame};
use crate::value::{Value, Word, word};
use std::cell::Cell;

/// Slots reserved (address space; pages are touched as needed).
const SLOTS: usize = 16 << 20;
/// Slots kept back so that native code can still work when the rest is full.
const RESERVE: usize = 64 << 10;
/// Frames reserved.
pub(crate) const MAX_FRAMES: usize = 1 << 20;

/// The stack of values and that of frames.
pub struct Stack {
    base: *mut Word,
    frames: *mut Frame,
    /// End of the slots in use, as an index.
    pub(crate) end: Cell<u32>,
}

fn reserve(bytes: usize) -> *mut u8 {
    // SAFETY: an anonymous private mapping at an address of the system's choice.
    let p = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            bytes,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    assert!(p != libc::MAP_FAILED, "cannot reserve address space for the stack");
    p.cast()
}

impl Stack {
    /// An empty stack with the sentinel frame in place.
    pub(crate) fn with_sentinel() -> Stack {
        let base = reserve(SLOTS * size_of::<Word>()).cast::<Word>();
        let frames = reserve(MAX_FRAMES * size_of::<Frame>()).cast::<Frame>();
        // SAFETY: the first place of the frame stack, which has just been reserved.
        unsafe { frames.write(Frame::sentinel(base)) };
        Stack { base, frames, end: Cell::new(0) }
    }

    /// Address of a slot.
    #[inline(always)]
    pub(crate) fn at(&self, i: u32) -> *mut Word {
        self.base.wrapping_add(i as usize)
    }

    /// Index of an address in the stack.
    #[inline(always)]
    pub(crate) fn index(&self, p: *mut Word) -> u32 {
        ((p as usize - self.base as usize) / size_of::<Word>()) as u32
    }

    /// Whether a frame that ends at that index fits.
    #[inline(always)]
    pub(crate) fn fits(&self, end: u32) -> bool {
        (end as usize) < SLOTS - RESERVE
    }

    /// The sentinel below all frames.
    pub(crate) fn sentinel(&self) -> *mut Frame {
        self.frames
    }

    /// Number of frames up to and including `top` (the sentinel does not count).
    #[inline(always)]
    pub(crate) fn depth(&self, top: *mut Frame) -> usize {
        (top as usize - self.frames as usize) / size_of::<Frame>()
    }

    /// The place of the frame at a depth.
    pub(crate) fn frame_at(&self, depth: usize) -> *mut Frame {
        self.frames.wrapping_add(depth)
    }

    /// The words in use.
    pub(crate) fn words(&self) -> (*mut Word, usize) {
        (self.base, self.end.get() as usize)
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // SAFETY: the mappings made in `new`, not used any more.
        unsafe {
            libc::munmap(self.base.cast(), SLOTS * size_of::<Word>());
            libc::munmap(self.frames.cast(), MAX_FRAMES * size_of::<Frame>());
        }
    }
}

impl Vm {
    /// Makes a value a root until the running native function returns (or [`Vm::scope`] ends).
    #[inline]
    pub fn root(&self, value: Value<'_>) -> Local {
        self.push_word(value.word())
    }

    #[inline]
    pub(crate) fn push_word(&self, word: Word) -> Local {
        let end = self.stack.end.get();
        assert!((end as usize) < SLOTS, "value stack overflow in native code");
        // SAFETY: inside the reservation.
        unsafe { self.stack.at(end).write(word) };
        self.stack.end.set(end + 1);
        Local(end)
    }

    /// The value in a root.
    #[inline(always)]
    pub fn get(&self, local: Local) -> Value<'_> {
        // SAFETY: the slot is inside the reservation. Slots in use are kept up to date by the
        // collector; a slot past the end in use is read as unbound.
        unsafe {
            if local.0 < self.stack.end.get() {
                Value::from_word(*self.stack.at(local.0))
            } else {
                Value::UNBOUND
            }
        }
    }

    /// Replaces the value in a root.
    #[inline(always)]
    pub fn set(&self, local: Local, value: Value<'_>) {
        assert!(local.0 < self.stack.end.get());
        // SAFETY: a slot in use.
        unsafe { self.stack.at(local.0).write(value.word()) };
    }

    /// Runs `f` and then forgets the roots it made. For loops in native functions.
    #[inline]
    pub fn scope<R>(&mut self, f: impl FnOnce(&mut Vm) -> R) -> R {
        let end = self.stack.end.get();
        let result = f(self);
        self.stack.end.set(end);
        result
    }

    /// Leaves a value as the result.
    #[inline(always)]
    pub fn ret(&self, value: Value<'_>) -> Ret {
        // SAFETY: the register is a root, no barrier is needed.
        unsafe { self.roots.result.set_word(value.word()) };
        Ret(())
    }

    /// `None` as the result.
    #[inline(always)]
    pub fn none(&self) -> Ret {
        self.ret(Value::NONE)
    }

    /// A result as a value.
    #[inline(always)]
    pub fn value(&self, _: Ret) -> Value<'_> {
        // SAFETY: the register is a root and kept up to date.
        unsafe { Value::from_word(self.roots.result.word()) }
    }

    /// A result as a root.
    #[inline]
    pub fn hold(&self, ret: Ret) -> Local {
        self.root(self.value(ret))
    }

    /// An unbound root, to be set later.
    pub fn empty_root(&self) -> Local {
        self.push_word(word::UNBOUND)
    }
}

/// A root that is not bound to a native function's run: lives until dropped.
#[derive(Debug)]
pub struct Global {
    pub(crate) index: usize,
    pub(crate) free: std::rc::Rc<std::cell::RefCell<Vec<usize>>>,
}

impl Drop for Global {
    fn drop(&mut self) {
        self.free.borrow_mut().push(self.index);
    }
}

impl Vm {
    /// A root that lives until it is dropped.
    pub fn global(&self, value: Value<'_>) -> Global {
        let free = self.roots.globals_free.clone();
        let mut globals = self.roots.globals.borrow_mut();
        let index = free.borrow_mut().pop().unwrap_or_else(|| {
            globals.push(sidewinder_gc::Slot::new(word::UNBOUND));
            globals.len() - 1
        });
        // SAFETY: the table is a root, no barrier is needed.
        unsafe { globals[index].set_word(value.word()) };
        Global { index, free }
    }

    /// The value of a global root of this VM.
    pub fn get_global(&self, global: &Global) -> Value<'_> {
        let word = self.roots.globals.borrow()[global.index].word();
        // SAFETY: the table is a root and kept up to date.
        unsafe { Value::from_word(word) }
    }
}

/// Unused outside: keeps `Raised` constructible in one place.
pub(crate) fn raised() -> Raised {
    Raised(())
}
