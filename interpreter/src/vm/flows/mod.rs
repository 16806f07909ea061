//! The slow sides of the remaining instructions, by family.
//!
//! Safety of all functions here: they are called by the loop with the instruction that it has just
//! executed; `self.top` is its frame with the saved `pc`; operands are registers of that frame.

mod build;
mod calls;
mod exceptions;
mod imports;
mod items;
mod iterate;
mod patterns;
pub(super) mod raw;

use crate::value::Word;
use crate::vm::native::{NativeResult, Raised, Ret};
use crate::vm::{Local, Vm};

impl Vm {
    #[inline(always)]
    pub(in crate::vm) unsafe fn register(&self, i: u16) -> *mut Word {
        // SAFETY: see the module's notes.
        unsafe { (*self.top).base.add(i as usize) }
    }

    /// A register's value as a root above the frame.
    pub(in crate::vm) unsafe fn root_register(&self, i: u16) -> Local {
        // SAFETY: see the module's notes.
        unsafe { self.push_word(*self.register(i)) }
    }

    /// Runs a step with roots of its own.
    pub(in crate::vm) unsafe fn with_roots<R>(&mut self, f: impl FnOnce(&mut Vm) -> R) -> R {
        let end = self.stack.end.get();
        let result = f(self);
        self.stack.end.set(end);
        result
    }

    /// Stores the result of a native step.
    pub(in crate::vm) unsafe fn store_result(
        &mut self,
        to: u16,
        result: NativeResult,
    ) -> Result<(), Raised> {
        let Ret(()) = result?;
        // SAFETY: see the module's notes.
        unsafe { *self.register(to) = self.roots.result.word() };
        Ok(())
    }

    /// Python's `is`: equal words, or equal heap floats... (identity of immediates is their value).
    #[inline(always)]
    pub(in crate::vm) fn same_object(&self, a: Word, b: Word) -> bool {
        a == b
    }
}
