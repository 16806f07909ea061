//! The minor collection: survivors of the nursery are copied to the old space.
//!
//! Roots and remembered objects are visited; a slot that points into the nursery has its target copied, and the copy
//! is put on a stack to be visited in turn. Pointers into the old blocks are skipped by one range compare. Afterwards
//! no old object points to a young one, because there are no young ones.

use crate::blocks::OldSpace;
use crate::model::may_refer;
use crate::phase::{Phase, copy_words};
use crate::trace::object;
use crate::{Header, Model, Tracer, Word};

pub(crate) struct Minor<'h, M: Model> {
    pub model: &'h M,
    pub old: &'h mut OldSpace,
    /// Objects copied or promoted in place, not yet visited.
    pub stack: Vec<usize>,
    /// While a major collection marks in slices: objects promoted, for it to visit.
    pub grey: &'h mut Vec<usize>,
    /// Bytes and objects copied.
    pub copied: usize,
    pub objects: usize,
}

impl<M: Model> Minor<'_, M> {
    /// Runs `f` with a tracer that reaches what it visits.
    pub fn with_tracer<R>(&mut self, f: impl FnOnce(&mut Tracer<'_>) -> R) -> R {
        f(&mut Self::tracer(self))
    }

    fn tracer<'a>(this: *mut Self) -> Tracer<'a> {
        // SAFETY: `this` is valid: it comes from a mutable borrow.
        let skip = unsafe { (*this).old.range() };
        Tracer::new(visit::<M>, this.cast(), skip, true)
    }
}

/// Visits a slot that holds a pointer to something outside the old blocks.
#[inline]
unsafe fn visit<M: Model>(context: *mut (), slot: *mut Word, word: Word) {
    // SAFETY: `context` is the `Minor` that made the tracer; nobody else uses it while a visit runs.
    let minor = unsafe { &mut *context.cast::<Minor<'_, M>>() };
    let obj = object(word);
    // SAFETY: `slot` points to a live object, which is in the nursery or large and so still where it was born.
    unsafe {
        let raw = (*obj).raw();
        if raw & Header::TAG as u64 == 0 {
            slot.write(raw);
            return;
        }
        let old = (Header::OLD | Header::UNLOGGED) as u64;
        if raw & Header::LARGE as u64 != 0 {
            if raw & Header::OLD as u64 == 0 {
                (*obj).set_raw(raw | old);
                minor.objects += 1;
                minor.push(obj, raw);
            }
            return;
        }
        debug_assert!(raw & Header::OLD as u64 == 0, "an old object outside the old space");
        let size = minor.model.size(obj);
        let address = minor.old.alloc(size);
        let copy = object(address as u64);
        copy_words(obj.cast(), copy.cast(), size);
        (*copy).set_raw(raw | old);
        (*obj).set_raw(address as u64);
        minor.old.set_start(address);
        if minor.old.marking {
            minor.old.mark(address);
            minor.grey.push(address);
        }
        minor.copied += size;
        minor.objects += 1;
        slot.write(address as u64);
        minor.push(copy, raw);
    }
}

impl<M: Model> Minor<'_, M> {
    #[inline(always)]
    fn push(&mut self, obj: *mut Header, raw: u64) {
        if may_refer::<M>(raw) {
            self.stack.push(obj.addr());
        }
    }
}

impl<M: Model> Phase for Minor<'_, M> {
    fn resolve(&self, obj: *mut Header) -> Option<*mut Header> {
        // SAFETY: callers pass pointers to objects; from-space copies stay readable until the collection ends.
        let raw = unsafe { (*obj).raw() };
        if raw & Header::TAG as u64 == 0 {
            return Some(object(raw));
        }
        (raw & Header::OLD as u64 != 0).then_some(obj)
    }

    unsafe fn reach(&mut self, slot: *mut Word) {
        self.with_tracer(|t| t.word(slot));
    }

    fn drain(&mut self) {
        let model = self.model;
        let this = std::ptr::from_mut(self);
        let mut tracer = Self::tracer(this);
        // SAFETY: `this` is used for nothing but popping, and not while the tracer's visits run.
        while let Some(address) = unsafe { (*this).stack.pop() } {
            // SAFETY: objects on the stack are whole and not forwarded.
            unsafe { model.trace(object(address as u64), &mut tracer) }
        }
    }

    fn reached(&self) -> usize {
        self.objects
    }
}
