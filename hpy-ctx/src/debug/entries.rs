//! The table of debug handles.
//!
//! A handle that was closed stays in a queue for a while, with what it named, so that its use can be
//! reported and survived. The queue keeps nothing alive that could tell: at a collection it forgets
//! all but plain texts and numbers.

use super::contexts::{Call, Contexts};
use super::memory::Protected;
use super::{builders::Builders, fatal, stack};
use crate::abi::HPy;
use crate::context::State;
use sidewinder_interpreter::object::{Kind, Slot, Tracer};
use sidewinder_interpreter::value::{Word, word};
use sidewinder_interpreter::{Local, Value, Vm};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

/// Marks a debug handle; above the three low bits is its number.
const DEBUG: u64 = 1 << 62;

/// What a debug handle is at the moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Condition {
    /// In use.
    Open,
    /// One of the context's constants, which must never be closed.
    Immortal,
    /// Closed, in the queue.
    Closed,
    /// Not in use any more.
    Free,
}

/// A debug handle.
pub struct Entry {
    /// The universal handle, while open.
    handle: HPy,
    /// What it named, once closed.
    word: Cell<Word>,
    /// That is plain text or a number, which nobody notices to live longer.
    plain: bool,
    condition: Condition,
    generation: i64,
    /// Handles are listed in the order of their opening.
    serial: u64,
    /// Memory that C borrowed through it.
    data: Option<Protected>,
    /// Where it was opened.
    trace: Option<Box<[usize]>>,
}

/// Number and limits that Python sets.
pub struct Settings {
    /// Which generation new handles belong to.
    pub generation: Cell<i64>,
    /// Most closed handles to remember.
    pub closed_max: Cell<usize>,
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
    entries: RefCell<Vec<Entry>>,
    free: RefCell<Vec<u32>>,
    closed: RefCell<VecDeque<u32>>,
    serial: Cell<u64>,
    /// Bytes of protected memory of closed handles.
    data_size: Cell<usize>,
    /// Handles that C borrows, of all calls at work.
    passed: RefCell<Vec<HPy>>,
    arrays: RefCell<Vec<Box<[HPy]>>>,
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
                closed_max: Cell::new(1024),
                data_max: Cell::new(10 << 20),
                trace_limit: Cell::new(0),
            },
            builders: Builders::default(),
            on_invalid_handle: Slot::new(word::UNBOUND),
            on_invalid_builder: Slot::new(word::UNBOUND),
            contexts: Contexts::default(),
            state,
            entries: RefCell::default(),
            free: RefCell::default(),
            closed: RefCell::default(),
            serial: Cell::new(0),
            data_size: Cell::new(0),
            passed: RefCell::default(),
            arrays: RefCell::default(),
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
    fn open(&self, handle: HPy, condition: Condition) -> HPy {
        let limit = self.settings.trace_limit.get();
        let entry = Entry {
            handle,
            word: Cell::new(word::NONE),
            plain: false,
            condition,
            generation: self.settings.generation.get(),
            serial: self.serial.replace(self.serial.get() + 1),
            data: None,
            trace: (limit > 0).then(|| stack::capture(limit)),
        };
        // When the queue is full, its oldest handle is used again, so that numbers stay few.
        let full = self.closed.borrow().len() >= self.settings.closed_max.get();
        let oldest = if full { self.closed.borrow_mut().pop_front() } else { None };
        if let Some(i) = oldest {
            self.release(i);
        }
        let mut entries = self.entries.borrow_mut();
        let i = match oldest.or_else(|| self.free.borrow_mut().pop()) {
            Some(i) => {
                entries[i as usize] = entry;
                i as usize
            }
            None => {
                entries.push(entry);
                entries.len() - 1
            }
        };
        handle_of(i)
    }

    /// A debug handle for a universal one that a context function returned.
    #[inline]
    pub fn wrap(&self, h: HPy) -> HPy {
        if h.is_null() { h } else { self.open(h, Condition::Open) }
    }

    /// Drops what a closed handle kept.
    fn release(&self, i: u32) {
        let mut entries = self.entries.borrow_mut();
        let entry = &mut entries[i as usize];
        entry.word.set(word::NONE);
        entry.condition = Condition::Free;
        entry.trace = None;
        if let Some(data) = entry.data.take() {
            self.data_size.set(self.data_size.get() - data.len());
        }
    }

    /// The universal handle behind a debug handle. The use of a closed one is reported.
    pub fn unwrap(&self, h: HPy) -> HPy {
        if h.is_null() {
            return h;
        }
        let found = {
            let entries = self.entries.borrow();
            match number(h).and_then(|i| entries.get(i)) {
                Some(entry) if matches!(entry.condition, Condition::Open | Condition::Immortal) => {
                    Ok(entry.handle)
                }
                Some(entry) => Err(entry.word.get()),
                None => fatal(&format!("{:#x} is no handle of HPy's debug mode", h.0)),
            }
        };
        match found {
            Ok(handle) => handle,
            Err(_) => {
                self.report_handle();
                // What is reported may collect, and so forget.
                let entries = self.entries.borrow();
                let w = number(h).and_then(|i| entries.get(i)).map_or(word::NONE, |e| e.word.get());
                let handle = self.state().handles.open(w);
                self.temporary.borrow_mut().push(handle);
                handle
            }
        }
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
    pub fn close(&self, h: HPy) {
        if h.is_null() {
            return;
        }
        self.unwrap(h);
        let Some(i) = number(h) else { return };
        let mut entries = self.entries.borrow_mut();
        let Some(entry) = entries.get_mut(i) else { return };
        match entry.condition {
            Condition::Closed | Condition::Free => return,
            Condition::Immortal => {
                drop(entries);
                return self.report_handle();
            }
            Condition::Open => {}
        }
        let state = self.state();
        let w = state.handles.take(self.vm(), entry.handle);
        entry.word.set(w);
        // SAFETY: the handle named a value until now.
        entry.plain = matches!(
            unsafe { Value::from_word(w) }.kind(),
            Some(Kind::Str | Kind::Bytes | Kind::BigInt | Kind::Float | Kind::Complex)
        );
        entry.condition = Condition::Closed;
        if let Some(data) = &entry.data {
            let size = self.data_size.get() + data.len();
            if size > self.settings.data_max.get() {
                entry.data = None;
            } else {
                data.forbid();
                self.data_size.set(size);
            }
        }
        drop(entries);
        let mut closed = self.closed.borrow_mut();
        closed.push_back(i as u32);
        if closed.len() > self.settings.closed_max.get()
            && let Some(oldest) = closed.pop_front()
        {
            drop(closed);
            self.release(oldest);
            self.free.borrow_mut().push(oldest);
        }
    }

    /// Memory for C to borrow through a handle: a protected copy.
    pub(super) fn lend(&self, h: HPy, bytes: &[u8]) -> *const u8 {
        let data = Protected::new(bytes);
        let at = data.as_ptr();
        let mut entries = self.entries.borrow_mut();
        match number(h).and_then(|i| entries.get_mut(i)) {
            Some(entry) => {
                if let Some(old) = entry.data.replace(data) {
                    // C may still read the memory that it borrowed before.
                    std::mem::forget(old);
                }
                at
            }
            None => std::ptr::null(),
        }
    }

    /// A handle for C to borrow.
    pub fn pass(&self, h: HPy) -> HPy {
        if h.is_null() {
            return h;
        }
        let state = self.state();
        let own = state.handles.open(state.handles.word(self.vm(), h));
        let h = self.open(own, Condition::Open);
        self.passed.borrow_mut().push(h);
        h
    }

    /// Handles for C to borrow.
    pub fn pass_all(&self, handles: *const HPy, n: usize) -> *const HPy {
        // SAFETY: the caller has that many handles there.
        let array: Box<[HPy]> = (0..n).map(|i| self.pass(unsafe { *handles.add(i) })).collect();
        let at = array.as_ptr();
        self.arrays.borrow_mut().push(array);
        at
    }

    /// The universal handle in a debug handle that C returned, which is closed.
    pub fn take_result(&self, h: HPy) -> HPy {
        if h.is_null() {
            return h;
        }
        let state = self.state();
        let result = state.handles.open(state.handles.word(self.vm(), self.unwrap(h)));
        self.close(h);
        result
    }

    /// Begins a call into C.
    pub fn begin_call(&self) -> Call {
        self.contexts.begin(self.passed.borrow().len(), self.arrays.borrow().len())
    }

    /// Ends it: closes what was passed.
    pub fn end_call(&self, call: Call) {
        let passed = self.passed.borrow_mut().split_off(call.passed);
        for h in passed {
            self.close(h);
        }
        self.arrays.borrow_mut().truncate(call.arrays);
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
        let entries = self.entries.borrow();
        let wanted = |i: &usize| entries[*i].generation >= generation;
        if closed {
            return self.closed.borrow().iter().map(|i| *i as usize).filter(wanted).collect();
        }
        let open = (0..entries.len()).filter(|i| entries[*i].condition == Condition::Open);
        let mut open: Vec<usize> = open.filter(wanted).collect();
        open.sort_by_key(|i| entries[*i].serial);
        open
    }

    /// What a handle names, as a root; None when that is forgotten.
    pub(super) fn named(&self, vm: &Vm, i: usize) -> Local {
        let entries = self.entries.borrow();
        let w = entries.get(i).map_or(word::NONE, |entry| match entry.condition {
            Condition::Open | Condition::Immortal => self.state().handles.word(vm, entry.handle),
            _ => entry.word.get(),
        });
        // SAFETY: the tables are roots.
        vm.root(unsafe { Value::from_word(w) })
    }

    /// Whether a handle is closed.
    pub(super) fn is_closed(&self, i: usize) -> bool {
        let condition = self.entries.borrow().get(i).map(|entry| entry.condition);
        !matches!(condition, Some(Condition::Open | Condition::Immortal))
    }

    /// Size of the memory borrowed through a handle.
    pub(super) fn data_len(&self, i: usize) -> Option<usize> {
        self.entries.borrow().get(i)?.data.as_ref().map(Protected::len)
    }

    /// Where a handle was opened, if that was recorded.
    pub(super) fn trace_of(&self, i: usize) -> Option<Box<[usize]>> {
        self.entries.borrow().get(i)?.trace.clone()
    }

    /// Visits what the tables keep alive, and lets closed handles forget the rest.
    pub fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.slot(&self.on_invalid_handle);
        tracer.slot(&self.on_invalid_builder);
        let entries = self.entries.borrow();
        for i in self.closed.borrow().iter() {
            let Entry { word: w, plain, .. } = &entries[*i as usize];
            if word::is_heap(w.get()) {
                if *plain { tracer.word(w.as_ptr()) } else { w.set(word::NONE) }
            }
        }
    }
}
