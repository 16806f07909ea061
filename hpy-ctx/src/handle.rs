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
//!
//! Opening and closing are what C does most, so a handle is the offset of its slot's word in bytes,
//! the free list is made of handles, and a minor collection learns which slots were written from a
//! table of cards, which is marked without a question. What
//! they take is counted in jumps more than in instructions: the way of an ordinary handle through
//! [`HandleTable::dup`] and [`HandleTable::close`] has none that is taken.

use crate::abi::HPy;
use sidewinder_interpreter::object::Tracer;
use sidewinder_interpreter::value::{Word, word};
use sidewinder_interpreter::{Local, Vm};
use std::cell::{Cell, UnsafeCell};

/// Marks the handle of a slot of the value stack.
const STACK: u64 = 1 << 63;
/// Low bits of a free slot's word; the rest is the handle of the next free slot.
const FREE: Word = 7;
/// Bytes of a slot.
const SLOT: usize = size_of::<Word>();
/// Slots to a card.
const CARD: usize = 256;

/// The handle table of one VM.
pub struct HandleTable {
    /// Start of the slots, of which the first is never handed out: its handle would be `HPy_NULL`.
    base: Cell<*mut Word>,
    /// Start of the cards.
    cards: Cell<*mut u8>,
    /// Handles from this one on are none.
    limit: Cell<u64>,
    /// The handle of the first free slot; 0 when there is none.
    free: Cell<u64>,
    /// Handles below this one are never closed.
    permanent: Cell<u64>,
    slots: UnsafeCell<Vec<Word>>,
    /// Not 0 where a slot was written since the last collection.
    marks: UnsafeCell<Vec<u8>>,
}

/// The handle of a slot of the value stack.
#[inline(always)]
pub fn of_stack_slot(slot: u32) -> HPy {
    HPy(STACK | (slot as u64) << 3)
}

impl Default for HandleTable {
    fn default() -> Self {
        let table = HandleTable {
            base: Cell::new(std::ptr::null_mut()),
            cards: Cell::new(std::ptr::null_mut()),
            limit: Cell::new(0),
            free: Cell::new(0),
            permanent: Cell::new(SLOT as u64),
            slots: UnsafeCell::default(),
            marks: UnsafeCell::default(),
        };
        table.grow();
        table
    }
}

impl HandleTable {
    /// Doubles the table, which has no free slot.
    fn grow(&self) {
        // SAFETY: no reference to the vectors outlives the functions of this file, none of which
        // is running.
        let (slots, marks) = unsafe { (&mut *self.slots.get(), &mut *self.marks.get()) };
        let old = slots.len();
        let new = (old * 2).max(CARD);
        slots.reserve_exact(new - old);
        slots.extend((old..new).map(|i| {
            let next = if i > 0 && i + 1 < new { (i + 1) * SLOT } else { 0 };
            next as Word | FREE
        }));
        marks.resize(new / CARD, 0);
        self.free.set((old.max(1) * SLOT) as u64);
        self.base.set(slots.as_mut_ptr());
        self.cards.set(marks.as_mut_ptr());
        self.limit.set((new * SLOT) as u64);
    }

    /// The place of a handle's word.
    ///
    /// # Safety
    /// `h` is a multiple of 8 below `limit`.
    #[inline(always)]
    unsafe fn slot(&self, h: u64) -> *mut Word {
        // SAFETY: the caller's promise: `limit` is the size of the slots in bytes.
        unsafe { self.base.get().byte_add(h as usize) }
    }

    /// The word of a slot, free or not; None for what is no handle of the table.
    #[inline(always)]
    fn slot_word(&self, h: HPy) -> Option<Word> {
        debug_assert!(h.0 & 7 == 0);
        // SAFETY: below the limit.
        (h.0 < self.limit.get()).then(|| unsafe { *self.slot(h.0) })
    }

    /// A new handle.
    #[inline(always)]
    pub fn open(&self, w: Word) -> HPy {
        if !word::is_heap(w) {
            return HPy(w);
        }
        match self.open_free(w) {
            Some(h) => h,
            None => self.grow_and_open(w),
        }
    }

    #[cold]
    #[inline(never)]
    fn grow_and_open(&self, w: Word) -> HPy {
        self.grow();
        self.open_free(w).expect("free slots")
    }

    /// Writes a word, which names a heap object, into a free slot if there is one.
    #[inline(always)]
    fn open_free(&self, w: Word) -> Option<HPy> {
        let h = self.free.get();
        if h == 0 {
            return None;
        }
        // SAFETY: free slots have handles below the limit, and there is a mark for each card.
        unsafe {
            let slot = self.slot(h);
            self.free.set(*slot - FREE);
            *slot = w;
            *self.cards.get().add(h as usize / (SLOT * CARD)) = 1;
        }
        Some(HPy(h))
    }

    /// A second handle of what an open handle of the table names; None for any other, and when
    /// the table is full.
    #[inline(always)]
    pub fn dup(&self, h: HPy) -> Option<HPy> {
        // Neither `HPy_NULL` nor a slot of the value stack has an open slot here.
        let w = self.slot_word(h)?;
        // A slot that is not free holds a heap object.
        if w & 7 == 0 { self.open_free(w) } else { None }
    }

    /// Closes a handle; one that is not open, or not of the table, is left alone.
    #[inline(always)]
    pub fn close(&self, h: HPy) {
        if h.0 & 7 != 0 {
            std::hint::cold_path();
            return;
        }
        // Slots of the value stack have numbers far beyond the table's.
        if h.0 < self.permanent.get() || h.0 >= self.limit.get() {
            std::hint::cold_path();
            return;
        }
        // SAFETY: below the limit.
        unsafe {
            let slot = self.slot(h.0);
            if *slot & 7 != 0 {
                std::hint::cold_path();
                return;
            }
            *slot = self.free.replace(h.0) | FREE;
        }
    }

    /// The word that a handle of the table, or an immediate one, names.
    pub fn permanent_word(&self, h: HPy) -> Word {
        if word::is_heap(h.0) { self.slot_word(h).unwrap_or(h.0) } else { h.0 }
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
        match self.slot_word(h) {
            Some(w) if w & 7 == 0 => w,
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
        // SAFETY: nothing else touches the slots meanwhile.
        unsafe { (*self.slots.get()).iter() }.filter(|w| word::is_heap(**w)).count()
    }

    /// Visits the slots in use; at a minor collection those on cards written since the last one.
    pub fn trace(&self, tracer: &mut Tracer<'_>) {
        // SAFETY: the collector runs while nothing else touches the table.
        let (slots, marks) = unsafe { (&mut *self.slots.get(), &mut *self.marks.get()) };
        let every = !tracer.is_minor();
        for (mark, card) in marks.iter_mut().zip(slots.chunks_mut(CARD)) {
            if every || *mark != 0 {
                *mark = 0;
                tracer.words(card.as_mut_ptr(), card.len());
            }
        }
    }
}
