//! The state of debug mode: opening, closing and looking up debug handles.
//!
//! A handle that was closed stays in a queue for a while, with what it named, so that its use can be
//! reported and survived. The queue keeps nothing alive that could tell: at a collection it forgets
//! all but plain texts and numbers.

use super::contexts::{Call, Contexts};
use super::handles::{Condition, DebugHandles, Entry, Rare};
use super::memory::Protected;
use super::{builders::Builders, fatal, stack};
use crate::abi::HPy;
use crate::context::State;
use sidewinder_interpreter::object::{Kind, Slot, Tracer};
use sidewinder_interpreter::value::{Word, word};
use sidewinder_interpreter::{Local, Value, Vm};
use std::cell::{Cell, RefCell};

/// Marks a debug handle; above the three low bits is its number.
const DEBUG: u64 = 1 << 62;

/// Number and limits that Python sets.
pub struct Settings {
    /// Which generation new handles belong to.
    pub generation: Cell<i64>,
    /// Most bytes of protected memory to keep for closed handles.
    pub data_max: Cell<usize>,
    /// How many stack frames to remember for each handle; 0 for none.
    pub trace_limit: Cell<usize>,
}

/// The state of debug mode in one VM.
pub struct DebugState {
    /// Limits.
    pub settings: Settings,
    /// Builders.
    pub(super) builders: Builders,
    /// Called when a closed handle is used; UNBOUND for none.
    pub(super) on_invalid_handle: Slot,
    /// Called when a finished builder is used; UNBOUND for none.
    pub(super) on_invalid_builder: Slot,
    pub(super) contexts: Contexts,
    pub(super) state: *const State,
    pub(super) handles: RefCell<DebugHandles>,
    /// Handles that C borrows, of all calls at work.
    passed: RefCell<Vec<HPy>>,
    /// Universal handles made for uses of closed ones.
    temporary: RefCell<Vec<HPy>>,
}

fn number(h: HPy) -> Option<usize> {
    (h.0 & (DEBUG | 1 << 63 | 7) == DEBUG).then_some(((h.0 & !DEBUG) >> 3) as usize)
}

/// The debug handle of that number.
pub fn handle_of(i: usize) -> HPy {
    HPy(DEBUG | (i as u64) << 3)
}

impl DebugState {
    pub(super) fn new(state: &State) -> DebugState {
        let debug = DebugState {
            settings: Settings {
                generation: Cell::new(0),
                data_max: Cell::new(10 << 20),
                trace_limit: Cell::new(0),
            },
            builders: Builders::default(),
            on_invalid_handle: Slot::new(word::UNBOUND),
            on_invalid_builder: Slot::new(word::UNBOUND),
            contexts: Contexts::default(),
            state,
            handles: RefCell::default(),
            passed: RefCell::default(),
            temporary: RefCell::default(),
        };
        debug.contexts.fill(state, &|h| debug.open(h, Condition::Immortal));
        debug
    }

    pub(super) fn state(&self) -> &State {
        // SAFETY: the state owns this.
        unsafe { &*self.state }
    }

    fn vm(&self) -> &Vm {
        // SAFETY: the VM is suspended in a call to C; nobody collects while the borrow is used.
        unsafe { &*self.state().vm_pointer() }
    }

    /// A debug handle for a universal one, which it owns from now on.
    #[inline]
    fn open(&self, handle: HPy, condition: Condition) -> HPy {
        let i = self.handles.borrow_mut().open(handle, condition, self.settings.generation.get());
        if self.settings.trace_limit.get() > 0 {
            self.note_trace(i);
        }
        handle_of(i)
    }

    #[cold]
    fn note_trace(&self, i: usize) {
        let trace = Some(stack::capture(self.settings.trace_limit.get()));
        if let Some(entry) = self.handles.borrow_mut().get_mut(i) {
            entry.rare = Some(Box::new(Rare { trace, data: None }));
        }
    }

    /// A debug handle for a universal one that a context function returned.
    #[inline]
    pub fn wrap(&self, h: HPy) -> HPy {
        if h.is_null() { h } else { self.open(h, Condition::Open) }
    }

    /// The universal handle behind a debug handle. The use of a closed one is reported.
    #[inline]
    pub fn unwrap(&self, h: HPy) -> HPy {
        if h.is_null() {
            return h;
        }
        if let Some(entry) = number(h).and_then(|i| self.handles.borrow().get(i).map(usable)) {
            if let Some(handle) = entry {
                return handle;
            }
            return self.unwrap_closed(h);
        }
        fatal(&format!("{:#x} is no handle of HPy's debug mode", h.0))
    }

    #[cold]
    fn unwrap_closed(&self, h: HPy) -> HPy {
        self.report_handle();
        // What is reported may collect, and so forget.
        let w = match number(h).and_then(|i| self.handles.borrow().get(i).map(|e| e.word.get())) {
            Some(w) => w,
            None => word::NONE,
        };
        let handle = self.state().handles.open(w);
        self.temporary.borrow_mut().push(handle);
        handle
    }

    /// Closes the handles made for uses of closed ones.
    pub(super) fn close_temporary(&self) {
        if !self.temporary.borrow().is_empty() {
            for h in self.temporary.take() {
                self.state().handles.close(h);
            }
        }
    }

    /// `HPy_Close`
    #[inline]
    pub fn close(&self, h: HPy) {
        if let Some(handle) = self.end_handle(h) {
            self.state().handles.close(handle);
        }
    }

    /// Ends a debug handle: the universal one, which now is the caller's. The use of a closed
    /// handle, or the closing of a constant, is reported.
    #[inline]
    fn end_handle(&self, h: HPy) -> Option<HPy> {
        if h.is_null() {
            return None;
        }
        let mut handles = self.handles.borrow_mut();
        match number(h).and_then(|i| handles.get_mut(i)) {
            Some(entry) if entry.condition == Condition::Open => {
                let handle = entry.handle;
                if entry.rare.is_some() {
                    self.forbid_data(&mut handles, h);
                }
                let w = self.state().handles.word(self.vm(), handle);
                let i = number(h).expect("found");
                handles.close(i, w, is_plain(w));
                Some(handle)
            }
            Some(entry) => {
                let immortal = entry.condition == Condition::Immortal;
                drop(handles);
                if immortal {
                    self.report_handle();
                } else {
                    self.unwrap_closed(h);
                }
                None
            }
            None => fatal(&format!("{:#x} is no handle of HPy's debug mode", h.0)),
        }
    }

    /// From now on who reads memory borrowed through this handle is caught.
    #[cold]
    fn forbid_data(&self, handles: &mut DebugHandles, h: HPy) {
        let closed_data = handles.closed_data;
        let Some(entry) = number(h).and_then(|i| handles.get_mut(i)) else { return };
        let Some(rare) = &mut entry.rare else { return };
        let Some(data) = &rare.data else { return };
        let size = closed_data + data.len();
        if size > self.settings.data_max.get() {
            rare.data = None;
        } else {
            data.forbid();
            handles.closed_data = size;
        }
    }

    /// Memory for C to borrow through a handle: a protected copy.
    pub(super) fn lend(&self, h: HPy, bytes: &[u8]) -> *const u8 {
        let data = Protected::new(bytes);
        let at = data.as_ptr();
        let mut handles = self.handles.borrow_mut();
        match number(h).and_then(|i| handles.get_mut(i)).map(rare_of) {
            Some(rare) => {
                if let Some(old) = rare.data.replace(data) {
                    // C may still read the memory that it borrowed before.
                    std::mem::forget(old);
                }
                at
            }
            None => std::ptr::null(),
        }
    }

    /// A handle for C to borrow. The universal one names the place of an argument, which needs no
    /// closing.
    #[inline]
    pub fn pass(&self, h: HPy) -> HPy {
        if h.is_null() {
            return h;
        }
        let h = self.open(h, Condition::Open);
        self.passed.borrow_mut().push(h);
        h
    }

    /// The universal handle in a debug handle that C returned, which is closed.
    #[inline]
    pub fn take_result(&self, h: HPy) -> HPy {
        if h.is_null() {
            return h;
        }
        match self.end_handle(h) {
            Some(handle) => handle,
            None => self.state().handles.open(self.remembered(h)),
        }
    }

    /// What a constant names, or a closed handle named.
    #[cold]
    fn remembered(&self, h: HPy) -> Word {
        let handles = self.handles.borrow();
        let Some(entry) = number(h).and_then(|i| handles.get(i)) else { return word::NONE };
        match usable(entry) {
            Some(handle) => self.state().handles.word(self.vm(), handle),
            None => entry.word.get(),
        }
    }

    /// Begins a call into C.
    #[inline]
    pub fn begin_call(&self) -> Call {
        self.contexts.begin(self.passed.borrow().len())
    }

    /// Ends it: closes what was passed.
    #[inline]
    pub fn end_call(&self, call: Call) {
        for at in call.passed.. {
            let Some(h) = self.passed.borrow().get(at).copied() else { break };
            self.close(h);
        }
        self.passed.borrow_mut().truncate(call.passed);
        self.close_temporary();
        self.contexts.end(call);
    }

    /// Reports the use of a closed handle: to the hook, or by ending the process.
    #[cold]
    fn report_handle(&self) {
        self.report(&self.on_invalid_handle, "Invalid usage of already closed handle");
    }

    #[cold]
    pub(super) fn report(&self, hook: &Slot, message: &str) {
        if hook.word() == word::UNBOUND {
            fatal(message);
        }
        // SAFETY: C is calling, so the VM is suspended; the slot is a root.
        unsafe {
            let vm = &mut *self.state().vm_pointer();
            vm.scope(|vm| {
                // An exception that C may have set must survive.
                let pending = vm.pending().err().map(|raised| vm.take_exception(raised));
                let hook = vm.root(Value::from_word(hook.word()));
                if let Err(raised) = vm.call(hook, &[]) {
                    vm.unraisable(raised, hook);
                }
                if let Some(pending) = pending {
                    let _ = vm.set_exception_as_is(vm.get(pending));
                }
            });
        }
    }

    /// Numbers of the handles that are open (or closed) and not older than a generation, in order.
    pub(super) fn listed(&self, closed: bool, generation: i64) -> Vec<usize> {
        let handles = self.handles.borrow();
        let mut found = if closed { handles.closed().collect() } else { handles.open_ones() };
        found.retain(|i| handles.get(*i).is_some_and(|entry| entry.generation >= generation));
        found
    }

    /// What a handle names, as a root; None when that is forgotten.
    pub(super) fn named(&self, vm: &Vm, i: usize) -> Local {
        let handles = self.handles.borrow();
        let w = handles.get(i).map_or(word::NONE, |entry| match usable(entry) {
            Some(handle) => self.state().handles.word(vm, handle),
            None => entry.word.get(),
        });
        // SAFETY: the tables are roots.
        vm.root(unsafe { Value::from_word(w) })
    }

    /// Whether a handle is closed.
    pub(super) fn is_closed(&self, i: usize) -> bool {
        self.handles.borrow().get(i).and_then(usable).is_none()
    }

    /// Size of the memory borrowed through a handle.
    pub(super) fn data_len(&self, i: usize) -> Option<usize> {
        let handles = self.handles.borrow();
        handles.get(i)?.rare.as_ref()?.data.as_ref().map(Protected::len)
    }

    /// Where a handle was opened, if that was recorded.
    pub(super) fn trace_of(&self, i: usize) -> Option<Box<[usize]>> {
        self.handles.borrow().get(i)?.rare.as_ref()?.trace.clone()
    }

    /// Visits what the tables keep alive, and lets closed handles forget the rest.
    pub fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.slot(&self.on_invalid_handle);
        tracer.slot(&self.on_invalid_builder);
        self.handles.borrow().trace(tracer);
    }
}

/// The universal handle of an entry that may be used.
#[inline]
fn usable(entry: &Entry) -> Option<HPy> {
    matches!(entry.condition, Condition::Open | Condition::Immortal).then_some(entry.handle)
}

fn rare_of(entry: &mut Entry) -> &mut Rare {
    entry.rare.get_or_insert_default()
}

/// Whether nobody notices that it lives longer.
#[inline]
fn is_plain(w: Word) -> bool {
    // SAFETY: read from a handle just now.
    let kind = unsafe { Value::from_word(w) }.kind();
    matches!(kind, Some(Kind::Str | Kind::Bytes | Kind::BigInt | Kind::Float | Kind::Complex))
}
