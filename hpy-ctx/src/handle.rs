//! Handles.
//!
//! | word | names |
//! |------|-------|
//! | 0 | nothing: `HPy_NULL` |
//! | low three bits not 0 | an immediate value: the handle is the value's own word |
//! | bit 63 set | a slot of the VM's value stack: an argument of the running call |
//! | else | slot `word >> 3` of the table, counted from 1 |
//!
//! Arguments of a call from Python lie in the value stack, which is a root and does not move, so
//! opening handles for them is arithmetic, and closing them is nothing. All other handles to heap
//! objects are slots of the table: an array with a free list through it. A free slot holds an odd
//! word, which to the collector is a small int, so a handle that is closed twice or made up harms
//! nobody: it reads as None.

use crate::abi::HPy;
use sidewinder_interpreter::object::Tracer;
use sidewinder_interpreter::value::{Word, word};
use sidewinder_interpreter::{Local, Vm};
use std::cell::{Cell, UnsafeCell};

/// Marks the handle of a slot of the value stack.
const STACK: u64 = 1 << 63;
/// Low bits of a free slot's word; above them is the number of the next free slot.
const FREE: Word = 7;

struct Entry {
    word: Cell<Word>,
    /// The slot is in the log already.
    logged: Cell<bool>,
}

/// The handle table of one VM.
pub struct HandleTable {
    /// Start and number of the entries in `entries`, for speed.
    base: Cell<*const Entry>,
    len: Cell<usize>,
    /// First free slot; 0 when there is none.
    free: Cell<u64>,
    /// Slots below this one are never closed.
    permanent: Cell<u64>,
    entries: UnsafeCell<Vec<Entry>>,
    /// Slots written since the last collection.
    log: UnsafeCell<Vec<u32>>,
}

/// The handle of a slot of the value stack.
#[inline(always)]
pub fn of_stack_slot(slot: u32) -> HPy {
    HPy(STACK | (slot as u64) << 3)
}

impl Default for HandleTable {
    fn default() -> Self {
        let table = HandleTable {
            base: Cell::new(std::ptr::null()),
            len: Cell::new(0),
            free: Cell::new(0),
            permanent: Cell::new(1),
            entries: UnsafeCell::default(),
            log: UnsafeCell::default(),
        };
        table.grow();
        table
    }
}

impl HandleTable {
    /// Doubles the table. Slot 0 is never handed out: its handle would be `HPy_NULL`.
    #[cold]
    #[inline(never)]
    fn grow(&self) {
        // SAFETY: no reference to the entries outlives the functions of this file, none of which
        // is running.
        let entries = unsafe { &mut *self.entries.get() };
        let old = entries.len();
        let new = (old * 2).max(256);
        entries.reserve_exact(new - old);
        let first = old.max(1);
        for i in old..new {
            let next = if i + 1 < new { i as u64 + 1 } else { self.free.get() };
            let free = if i == 0 { FREE } else { next << 3 | FREE };
            entries.push(Entry { word: Cell::new(free), logged: Cell::new(false) });
        }
        self.free.set(first as u64);
        self.base.set(entries.as_ptr());
        self.len.set(new);
    }

    #[inline(always)]
    fn entry(&self, i: u64) -> Option<&Entry> {
        if (i as usize) < self.len.get() {
            // SAFETY: `base` and `len` describe the entries; they move only in `grow`, which is not
            // called while this reference is used.
            Some(unsafe { &*self.base.get().add(i as usize) })
        } else {
            None
        }
    }

    /// A new handle.
    #[inline(always)]
    pub fn open(&self, w: Word) -> HPy {
        if !word::is_heap(w) {
            return HPy(w);
        }
        self.open_heap(w)
    }

    #[inline(always)]
    fn open_heap(&self, w: Word) -> HPy {
        if self.free.get() == 0 {
            self.grow();
        }
        let i = self.free.get();
        // SAFETY: numbers in the free list are below `len`.
        let entry = unsafe { &*self.base.get().add(i as usize) };
        self.free.set(entry.word.get() >> 3);
        entry.word.set(w);
        if !entry.logged.get() {
            self.add_to_log(i, entry);
        }
        HPy(i << 3)
    }

    #[inline(never)]
    fn add_to_log(&self, i: u64, entry: &Entry) {
        entry.logged.set(true);
        // SAFETY: the log is touched only here and in `trace`, which the collector runs alone.
        unsafe { (*self.log.get()).push(i as u32) };
    }

    /// A second handle of what an open handle of the table names; None for any other, and when
    /// that takes more than a store.
    #[inline(always)]
    pub fn dup(&self, h: HPy) -> Option<HPy> {
        // Neither `HPy_NULL` nor a slot of the value stack has an open entry.
        let w = self.entry(h.0 >> 3)?.word.get();
        let i = self.free.get();
        // SAFETY: numbers in the free list are below `len`, and so is 0, which ends it; that entry
        // is never logged.
        let entry = unsafe { &*self.base.get().add(i as usize) };
        if !word::is_heap(w) || !entry.logged.get() {
            return None;
        }
        self.free.set(entry.word.get() >> 3);
        entry.word.set(w);
        Some(HPy(i << 3))
    }

    /// Closes a handle; one that is not open, or not of the table, is left alone.
    #[inline(always)]
    pub fn close(&self, h: HPy) {
        if h.0 & 7 != 0 {
            return;
        }
        // Slots of the value stack have numbers far beyond the table's.
        let i = h.0 >> 3;
        if i >= self.permanent.get()
            && let Some(entry) = self.entry(i)
            && word::is_heap(entry.word.get())
        {
            entry.word.set(self.free.get() << 3 | FREE);
            self.free.set(i);
        }
    }

    /// The word that a handle of the table, or an immediate one, names.
    pub fn permanent_word(&self, h: HPy) -> Word {
        match self.entry(h.0 >> 3) {
            Some(entry) if word::is_heap(h.0) => entry.word.get(),
            _ => h.0,
        }
    }

    /// The word that a handle names; None for one that is not open.
    #[inline(always)]
    pub fn word(&self, vm: &Vm, h: HPy) -> Word {
        if h.0 & 7 != 0 {
            return h.0;
        }
        if h.0 & STACK != 0 {
            let w = vm.get(Local::from_slot((h.0 >> 3) as u32)).word();
            return if w == word::UNBOUND { word::NONE } else { w };
        }
        match self.entry(h.0 >> 3) {
            Some(entry) if word::is_heap(entry.word.get()) => entry.word.get(),
            _ => word::NONE,
        }
    }

    /// Closes a handle and says what it named.
    #[inline(always)]
    pub fn take(&self, vm: &Vm, h: HPy) -> Word {
        let w = self.word(vm, h);
        self.close(h);
        w
    }

    /// Keeps the handles that are open now open for good.
    pub fn make_permanent(&self) {
        self.permanent.set(self.free.get());
    }

    /// How many slots are in use.
    pub fn open_count(&self) -> usize {
        // SAFETY: as in `entry`.
        unsafe { (*self.entries.get()).iter() }.filter(|e| word::is_heap(e.word.get())).count()
    }

    /// Visits the slots in use; at a minor collection those written since the last one.
    pub fn trace(&self, tracer: &mut Tracer<'_>) {
        // SAFETY: the collector runs while nothing else touches the table.
        let (entries, log) = unsafe { (&*self.entries.get(), &mut *self.log.get()) };
        if tracer.is_minor() {
            for i in log.iter() {
                let entry = &entries[*i as usize];
                tracer.word(entry.word.as_ptr());
                entry.logged.set(false);
            }
        } else {
            for entry in entries {
                tracer.word(entry.word.as_ptr());
            }
            for i in log.iter() {
                entries[*i as usize].logged.set(false);
            }
        }
        log.clear();
    }
}
