//! The major collection: marks the old space, moving the objects of sparse blocks (in stress mode of all blocks).
//!
//! It begins with an empty nursery. An object is marked by its bit in the `starts` table, a large one by a flag in
//! its header. An object of an evacuated block is copied when it is first reached; its old header then forwards to
//! the copy.
//!
//! # Room for slices
//!
//! This version marks in one go. To mark in bounded slices the parts are in place: the mark stack holds addresses of
//! old objects, which no minor collection moves; the barrier logs whole objects, so at a minor collection every
//! remembered object that is already marked goes back on the mark stack (it is grey again), as does every object
//! promoted meanwhile; the cycle ends with a pause that visits the roots and empties the stack. A cycle in slices
//! moves nothing, so sparse blocks are left to the collections that run in one go.

use crate::blocks::OldSpace;
use crate::phase::{Phase, copy_words, prefetch};
use crate::trace::object;
use crate::{Header, Model, Tracer, Word};

/// How many objects are on their way from memory between a prefetch and the visit.
const AHEAD: usize = 8;

pub(crate) struct Major<'h, M: Model> {
    pub model: &'h M,
    pub old: &'h mut OldSpace,
    /// Objects marked, not yet visited.
    pub stack: Vec<usize>,
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
    if major.old.is_start(address) {
        return;
    }
    if !major.old.evacuates(address) {
        major.old.set_start(address);
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
        major.old.set_start(to);
        major.copied += size;
        major.objects += 1;
        slot.write(to as u64);
        major.stack.push(to);
    }
}

impl<M: Model> Phase for Major<'_, M> {
    fn resolve(&self, obj: *mut Header) -> Option<*mut Header> {
        if !self.old.contains(obj.addr()) {
            // SAFETY: the nursery is empty, so this is a large object.
            return unsafe { (*obj).flag(Header::MARK) }.then_some(obj);
        }
        if self.old.is_start(obj.addr()) {
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
        let model = self.model;
        let this = std::ptr::from_mut(self);
        let mut tracer = Self::tracer(this);
        let mut ahead = [std::ptr::null_mut::<Header>(); AHEAD];
        let mut at = 0;
        let mut waiting = 0;
        loop {
            // SAFETY: `this` is used here only while the tracer's visits are not running.
            let next = match unsafe { (*this).stack.pop() } {
                Some(address) => {
                    let obj = object(address as u64);
                    prefetch(obj);
                    waiting += 1;
                    obj
                }
                None if waiting == 0 => return,
                None => std::ptr::null_mut(),
            };
            let obj = std::mem::replace(&mut ahead[at], next);
            at = (at + 1) % AHEAD;
            if obj.is_null() {
                continue;
            }
            waiting -= 1;
            // SAFETY: objects on the stack are whole and not forwarded; `this` as above.
            unsafe {
                if !(*obj).flag(Header::LARGE) {
                    let size = model.size(obj);
                    (*this).live += size;
                    (*this).old.mark_lines(obj.addr(), size);
                }
                model.trace(obj, &mut tracer);
            }
        }
    }

    fn reached(&self) -> usize {
        self.objects
    }
}
