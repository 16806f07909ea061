//! The modes that an extension can be loaded in, and the border that a call into C crosses.
//!
//! In universal and trace mode C gets the VM's own handles; in debug mode every handle that C gets
//! is one of [`debug`](crate::debug), and what it gives back is looked up there.

use crate::abi::{HPy, HPyContextPtr};
use crate::call;
use crate::context::State;
use crate::debug::DebugState;
use sidewinder_interpreter::{Args, Vm};

/// How an extension was loaded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// At full speed.
    Universal,
    /// Its use of handles is checked.
    Debug,
    /// Its calls of the context are counted and timed.
    Trace,
}

/// A call into C at work: the context for it, and how handles cross.
pub struct Border<'a> {
    /// The context.
    pub ctx: HPyContextPtr,
    debug: Option<&'a DebugState>,
}

impl Border<'_> {
    /// A handle for C to borrow until it returns.
    #[inline(always)]
    pub fn pass(&self, h: HPy) -> HPy {
        match self.debug {
            None => h,
            Some(debug) => debug.pass(h),
        }
    }

    /// The handle of an argument, for C to borrow.
    #[inline(always)]
    pub fn arg(&self, args: Args, i: usize) -> HPy {
        self.pass(call::arg(args, i))
    }

    /// An array of handles for C to borrow, each replaced in its place.
    #[inline(always)]
    pub fn pass_all(&self, handles: &mut [HPy]) -> *const HPy {
        if let Some(debug) = self.debug {
            handles.iter_mut().for_each(|h| *h = debug.pass(*h));
        }
        handles.as_ptr()
    }

    /// The handle that C returned, which now is the caller's.
    #[inline(always)]
    pub fn result(&self, h: HPy) -> HPy {
        match self.debug {
            None => h,
            Some(debug) => debug.take_result(h),
        }
    }
}

impl State {
    /// Calls C, which was loaded in that mode. Whatever `f` calls may reach the VM through the
    /// context.
    #[inline(always)]
    pub fn enter<R>(&self, vm: &mut Vm, mode: Mode, f: impl FnOnce(&Border<'_>) -> R) -> R {
        let outer = self.replace_vm(std::ptr::from_mut(vm));
        let result = match mode {
            Mode::Universal => f(&Border { ctx: self.context(), debug: None }),
            Mode::Trace => f(&Border { ctx: self.trace().context(), debug: None }),
            Mode::Debug => self.enter_debug(f),
        };
        self.replace_vm(outer);
        result
    }

    #[cold]
    fn enter_debug<R>(&self, f: impl FnOnce(&Border<'_>) -> R) -> R {
        let debug = self.debug();
        let call = debug.begin_call();
        let result = f(&Border { ctx: call.ctx(), debug: Some(debug) });
        debug.end_call(call);
        result
    }
}
