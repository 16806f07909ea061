//! The contexts of debug mode. Each call from Python gets another one of a few, and only the one of
//! the innermost call is valid: a context kept from an earlier call gives itself away.

use super::{DebugState, fatal, functions};
use crate::abi::*;
use crate::context::State;
use crate::table::HPyContext;
use std::cell::Cell;
use std::cell::RefCell;
use std::ffi::{c_char, c_void};

/// How many contexts there are.
const COUNT: usize = 16;

/// What `_private` of a debug context points to.
struct Private {
    state: *const State,
    valid: Cell<bool>,
}

struct Context {
    table: HPyContext,
    private: Box<Private>,
}

/// The contexts.
#[derive(Default)]
pub struct Contexts {
    // Boxed, since C keeps their addresses.
    #[allow(clippy::vec_box)]
    all: RefCell<Vec<Box<Context>>>,
    next: Cell<usize>,
    /// The one in use, if any.
    current: Cell<Option<usize>>,
}

/// A call into C at work.
pub struct Call {
    ctx: HPyContextPtr,
    outer: Option<usize>,
    /// Number of borrowed handles before it.
    pub(super) passed: usize,
}

impl Call {
    /// Its context.
    pub fn ctx(&self) -> HPyContextPtr {
        self.ctx
    }
}

impl Contexts {
    /// Makes the contexts; `open` gives debug handles for the constants.
    pub fn fill(&self, state: &State, open: &dyn Fn(HPy) -> HPy) {
        // SAFETY: the universal context is complete, and nobody changes it.
        let constants: Vec<HPy> = unsafe { (*state.context()).handles() }
            .into_iter()
            .map(|(_, h)| open(state.handles.open(state.handles.permanent_word(*h))))
            .collect();
        for _ in 0..COUNT {
            let private = Box::new(Private { state, valid: Cell::new(false) });
            let address = std::ptr::from_ref(&*private).cast_mut().cast();
            let mut table = HPyContext::debug(address);
            functions::install(&mut table);
            for ((_, place), h) in table.handles().into_iter().zip(&constants) {
                *place = *h;
            }
            self.all.borrow_mut().push(Box::new(Context { table, private }));
        }
    }

    fn set_valid(&self, which: Option<usize>, valid: bool) {
        if let Some(i) = which {
            self.all.borrow()[i].private.valid.set(valid);
        }
    }

    pub(super) fn begin(&self, passed: usize) -> Call {
        let i = self.next.get();
        self.next.set((i + 1) % COUNT);
        let outer = self.current.replace(Some(i));
        self.set_valid(outer, false);
        self.set_valid(Some(i), true);
        let ctx = std::ptr::from_mut(&mut self.all.borrow_mut()[i].table);
        Call { ctx, outer, passed }
    }

    pub(super) fn end(&self, call: Call) {
        self.set_valid(self.current.get(), false);
        self.current.set(call.outer);
        self.set_valid(call.outer, true);
    }
}

/// Makes a context valid again, after its thread was away.
///
/// # Safety
/// `ctx` is a context made here.
pub(super) unsafe fn back_in(ctx: *mut HPyContext) {
    // SAFETY: the caller's promise; contexts live as long as the VM.
    let contexts = unsafe {
        let private = &*(*ctx)._private.cast::<Private>();
        &(*private.state).debug().contexts
    };
    let mine = contexts.all.borrow().iter().position(|c| std::ptr::eq(&c.table, ctx));
    contexts.set_valid(contexts.current.replace(mine), false);
    contexts.set_valid(mine, true);
}

#[cold]
fn wrong_context() -> ! {
    use std::io::Write;
    let _ = std::io::stdout().flush();
    eprint!("Error: Wrong HPy Context!\n{}", super::stack::describe(&super::stack::capture(16)).1);
    std::process::abort()
}

/// Runs a context function that C has called in debug mode.
///
/// # Safety
/// `ctx` is a context made here (maybe one of an earlier call), and the VM is suspended in
/// [`State::enter`] on this thread.
pub unsafe fn run<R>(ctx: *mut HPyContext, f: impl FnOnce(&DebugState) -> R) -> R {
    // SAFETY: the caller's promise; contexts live as long as the VM.
    let private = unsafe { &*(*ctx)._private.cast::<Private>() };
    if !private.valid.get() {
        wrong_context();
    }
    // SAFETY: as above.
    let debug = unsafe { &*private.state }.debug();
    let result = f(debug);
    debug.close_temporary();
    result
}

/// How an argument or result of a context function crosses between C in debug mode and the
/// universal function.
pub trait Cross: Sized {
    /// From C.
    fn inward(self, _: &DebugState) -> Self {
        self
    }
    /// To C.
    fn outward(self, _: &DebugState) -> Self {
        self
    }
}

impl Cross for HPy {
    #[inline]
    fn inward(self, debug: &DebugState) -> HPy {
        debug.unwrap(self)
    }
    #[inline]
    fn outward(self, debug: &DebugState) -> HPy {
        debug.wrap(self)
    }
}

macro_rules! builder {
    ($ty:ident) => {
        impl Cross for $ty {
            fn inward(self, debug: &DebugState) -> $ty {
                $ty(debug.unwrap_builder(self.0))
            }
            fn outward(self, debug: &DebugState) -> $ty {
                $ty(debug.wrap_builder(self.0))
            }
        }
    };
}
builder!(HPyListBuilder);
builder!(HPyTupleBuilder);

macro_rules! as_they_are {
    ($($ty:ty),*) => { $( impl Cross for $ty {} )* };
}
as_they_are!(
    (),
    bool,
    i32,
    i64,
    isize,
    u32,
    u64,
    usize,
    f64,
    HPyField,
    HPyGlobal,
    HPyTracker,
    HPyThreadState,
    *const c_char,
    *mut c_void,
    *const c_void,
    *mut *mut c_void,
    *const HPy,
    *mut HPy,
    *mut isize,
    *mut HPyField,
    *mut HPyGlobal,
    *mut HPyType_Spec,
    *mut HPyType_SpecParam,
    *mut HPyCapsule_Destructor,
    *mut HPyCallFunction,
    *const wchar_t
);

/// Ends the process over a misuse of a context function.
pub(super) fn misuse(message: &str) -> ! {
    fatal(message)
}
