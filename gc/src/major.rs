//! The major collection: marks the old space, moving the objects of sparse blocks (in stress mode of all blocks).
//!
//! It begins with an empty nursery. An object is marked by its bit in the `marks` table, a large one by a flag in
//! its header. An object of an evacuated block is copied when it is first reached; its old header then forwards to
//! the copy.
//!
//! # Slices
//!
//! On a big heap marking advances in bounded slices, one after each minor collection, so that pauses stay short. In
//! between the program runs, and three things keep its stores from hiding an object from the marker:
//!
//! - The barrier logs whole objects (long arrays: cards). At each minor collection what was logged and is already
//!   marked is visited again, and so becomes black again.
//! - Objects promoted meanwhile are marked and put on the mark stack.
//! - The last pause visits the roots and empties the stack before anything is declared dead.
//!
//! A cycle in slices moves nothing, since the program may hold addresses between slices; sparse blocks are left to
//! the collections that run in one go.

use crate::blocks::OldSpace;
use crate::phase::{Phase, copy_words, prefetch};
use crate::remembered::Remembered;
use crate::trace::object;
use crate::{Header, Model, Tracer, Word};

/// Bytes of a long array that are visited before what they refer to is: the stack need not hold all of its items.
const STRIDE: usize = 16 << 10;

/// How many objects are on their way from memory between a prefetch and the visit.
const AHEAD: usize = 8;

pub(crate) struct Major<'h, M: Model> {
    pub model: &'h M,
    pub old: &'h mut OldSpace,
    /// Objects marked, not yet visited.
    pub stack: Vec<usize>,
    /// Long arrays marked, and from which address on they have not been visited.
    pub long: Vec<(usize, usize)>,
    /// Bytes moved.
    pub copied: usize,
    /// Bytes of live objects in blocks.
    pub live: usize,
    pub objects: usize,
}

impl<M: Model> Major<'_, M> {
    /// Runs `f` with a tracer that reaches what it visits.
    pub fn with_tracer<R>(&mut self, f: impl FnOnce(&mut Tracer<'_>) -> R) -> R {
        f(&mut Self::tracer(self))
    }

    fn tracer<'a>(this: *mut Self) -> Tracer<'a> {
        Tracer::new(visit::<M>, this.cast(), 0..0, false)
    }
}

#[inline]
unsafe fn visit<M: Model>(context: *mut (), slot: *mut Word, word: Word) {
    // SAFETY: `context` is the `Major` that made the tracer; nobody else uses it while a visit runs.
    let major = unsafe { &mut *context.cast::<Major<'_, M>>() };
    let address = word as usize;
    let obj = object(word);
    if !major.old.contains(address) {
        // SAFETY: the nursery is empty, so this is a large object.
        unsafe {
            debug_assert!((*obj).flag(Header::LARGE), "a pointer out of the heap");
            if !(*obj).flag(Header::MARK) {
                (*obj).set_flag(Header::MARK);
                major.objects += 1;
                major.stack.push(address);
            }
        }
        return;
    }
    if major.old.is_marked(address) {
        return;
    }
    if !major.old.evacuates(address) {
        major.old.mark(address);
        major.objects += 1;
        prefetch(obj);
        major.stack.push(address);
        return;
    }
    // SAFETY: an object of an evacuated block stays readable until the blocks are swept.
    unsafe {
        let raw = (*obj).raw();
        if raw & Header::TAG as u64 == 0 {
            slot.write(raw);
            return;
        }
        let size = major.model.size(obj);
        let to = major.old.alloc(size);
        let copy = object(to as u64);
        copy_words(obj.cast(), copy.cast(), size);
        (*obj).set_raw(to as u64);
        major.old.mark(to);
        major.copied += size;
        major.objects += 1;
        slot.write(to as u64);
        major.stack.push(to);
    }
}

impl<M: Model> Major<'_, M> {
    /// Whether the object, old or large, has been reached.
    fn is_marked(&self, obj: *mut Header) -> bool {
        if self.old.contains(obj.addr()) {
            return self.old.is_marked(obj.addr());
        }
        // SAFETY: the nursery is empty, so this is a large object.
        unsafe { (*obj).flag(Header::MARK) }
    }

    /// Between slices: visits again what was written although it had been visited.
    ///
    /// # Safety
    ///
    /// As [`Remembered::trace`].
    pub unsafe fn revisit(&mut self, written: &Remembered) {
        let this = std::ptr::from_mut(self);
        // SAFETY: `this` is used only while the tracer's visits are not running; the rest is the caller's.
        unsafe {
            let model = (*this).model;
            written.trace(model, &mut Self::tracer(this), |obj| (*this).is_marked(obj));
        }
    }

    /// Visits objects on the stack, with what they reach, until about `bytes` bytes have been visited.
    pub fn drain_some(&mut self, bytes: usize) {
        let model = self.model;
        let this = std::ptr::from_mut(self);
        let mut tracer = Self::tracer(this);
        let mut ahead = [std::ptr::null_mut::<Header>(); AHEAD];
        let mut at = 0;
        let mut waiting = 0;
        let mut visited = 0;
        while visited < bytes {
            // SAFETY: `this` is used here only while the tracer's visits are not running.
            let next = match unsafe { (*this).stack.pop() } {
                Some(address) => {
                    let obj = object(address as u64);
                    prefetch(obj);
                    waiting += 1;
                    obj
                }
                None if waiting > 0 => std::ptr::null_mut(),
                // SAFETY: as above.
                None => match unsafe { (*this).visit_long(&mut tracer) } {
                    0 => return,
                    bytes => {
                        visited += bytes;
                        continue;
                    }
                },
            };
            let obj = std::mem::replace(&mut ahead[at], next);
            at = (at + 1) % AHEAD;
            if obj.is_null() {
                continue;
            }
            waiting -= 1;
            // SAFETY: objects on the stack are whole and not forwarded; `this` as above.
            unsafe {
                let size = model.size(obj);
                if !(*obj).flag(Header::LARGE) {
                    (*this).live += size;
                    (*this).old.mark_lines(obj.addr(), size);
                } else if size > STRIDE && has_ranges::<M>(&*obj) {
                    (*this).long.push((obj.addr(), obj.addr()));
                    continue;
                }
                visited += size;
                model.trace(obj, &mut tracer);
            }
        }
        let left = ahead.into_iter().filter(|obj| !obj.is_null()).map(|obj| obj.addr());
        // SAFETY: as above.
        unsafe { (*this).stack.extend(left) }
    }

    /// Visits the next part of the long array found last. How many bytes that were.
    ///
    /// # Safety
    ///
    /// `tracer` is this collection's.
    unsafe fn visit_long(&mut self, tracer: &mut Tracer<'_>) -> usize {
        let Some((address, from)) = self.long.pop() else { return 0 };
        let obj = object(address as u64);
        // SAFETY: large objects stay where they are, and marked ones are not freed.
        let end = address + unsafe { self.model.size(obj) };
        let to = end.min(from + STRIDE);
        if to < end {
            self.long.push((address, to));
        }
        // SAFETY: as above, and the range lies within the object.
        unsafe { self.model.trace_range(obj, from, to, tracer) }
        to.saturating_sub(from).max(1)
    }
}

/// Whether the object may be visited bit by bit.
fn has_ranges<M: Model>(obj: &Header) -> bool {
    M::RANGE_KINDS >> obj.kind() & 1 != 0 && !obj.flag(Header::MODEL_A | Header::MODEL_B)
}

impl<M: Model> Phase for Major<'_, M> {
    fn resolve(&self, obj: *mut Header) -> Option<*mut Header> {
        if !self.old.contains(obj.addr()) {
            // SAFETY: the nursery is empty, so this is a large object.
            return unsafe { (*obj).flag(Header::MARK) }.then_some(obj);
        }
        if self.old.is_marked(obj.addr()) {
            return Some(obj);
        }
        // SAFETY: objects that have not moved and old copies are readable until the blocks are swept.
        let raw = unsafe { (*obj).raw() };
        (raw & Header::TAG as u64 == 0).then(|| object(raw))
    }

    unsafe fn reach(&mut self, slot: *mut Word) {
        self.with_tracer(|t| t.word(slot));
    }

    fn drain(&mut self) {
        self.drain_some(usize::MAX);
    }

    fn reached(&self) -> usize {
        self.objects
    }
}
