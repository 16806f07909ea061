//! What the embedder tells the collector about its objects.

use crate::{Header, Tracer, Word};

/// Whether an object with this header may have slots.
#[inline(always)]
pub(crate) fn may_refer<M: Model>(raw: u64) -> bool {
    let kind = raw >> 8 & (Header::KINDS as u64 - 1);
    (M::LEAF_KINDS >> kind & 1 == 0 && raw & Header::LEAF as u64 == 0)
        || raw & (Header::MODEL_A | Header::MODEL_B) as u64 != 0
}

/// The embedder's object model.
///
/// # Safety
///
/// The collector believes every answer: a wrong size or a slot that `trace` leaves out corrupts the heap. No method
/// may allocate in the heap, collect, or touch other heap objects than the one it is given.
pub unsafe trait Model: 'static {
    /// Stored in a weak slot whose target died, and in both words of an ephemeron whose key died. An immediate.
    const WEAK_DEAD: Word;

    /// Kinds (one bit each) whose objects have no slots, unless [`Header::MODEL_A`](crate::Header::MODEL_A) or `MODEL_B` is set:
    /// the collector does not queue them for tracing.
    const LEAF_KINDS: u64 = 0;

    /// Kinds (one bit each) of whose objects [`Model::trace_range`] visits everything when asked for one part
    /// after the other, unless `MODEL_A` or `MODEL_B` is set: a major collection goes through long ones so.
    const RANGE_KINDS: u64 = 0;

    /// The size of an object in bytes, header included, a multiple of 8; what was asked of `alloc`, or less.
    ///
    /// # Safety
    ///
    /// `obj` is an object of the heap whose header is not a forwarding address.
    unsafe fn size(&self, obj: *const Header) -> usize;

    /// Visits all strong slots in place.
    ///
    /// # Safety
    ///
    /// `obj` is an object of the heap whose header is not a forwarding address.
    unsafe fn trace(&self, obj: *mut Header, t: &mut Tracer<'_>);

    /// Visits the strong slots whose addresses lie in `from..to`, at least. Asked for large objects that were written
    /// through [`Heap::barrier_at`](crate::Heap::barrier_at), so that a store into a long array does not have the
    /// whole array visited again.
    ///
    /// # Safety
    ///
    /// As [`Model::trace`]; the range lies within the object.
    unsafe fn trace_range(&self, obj: *mut Header, from: usize, to: usize, t: &mut Tracer<'_>) {
        let _ = (from, to);
        // SAFETY: as the caller vouches.
        unsafe { self.trace(obj, t) }
    }

    /// The weak slot of an object given to `register_weak`.
    ///
    /// # Safety
    ///
    /// `obj` was given to `register_weak`.
    unsafe fn weak_slot(&self, obj: *mut Header) -> *mut Word;

    /// Whether a weak object shall be queued when its target dies.
    ///
    /// # Safety
    ///
    /// `obj` was given to `register_weak`.
    unsafe fn wants_callback(&self, obj: *mut Header) -> bool;

    /// Whether a dead object still wants its finalizer run. One that does not simply goes. The object's words are as
    /// they were, but what they point to may be gone.
    ///
    /// # Safety
    ///
    /// `obj` was given to `register_finalizer`.
    unsafe fn wants_finalizer(&self, obj: *mut Header) -> bool {
        let _ = obj;
        true
    }

    /// The marking of a major collection has ended, nothing has been freed yet. `resolve` tells where an object that
    /// lives is now, and answers `None` for a dead one: for tables outside the heap that name objects without keeping
    /// them alive.
    ///
    /// # Safety
    ///
    /// `resolve` is given pointers to objects that were alive when this collection began.
    unsafe fn marked(&self, resolve: &dyn Fn(Word) -> Option<Word>) {
        let _ = resolve;
    }

    /// Visits the key and value words of an object given to `register_ephemeron`, which its `trace` must not visit.
    ///
    /// # Safety
    ///
    /// `obj` was given to `register_ephemeron`.
    unsafe fn ephemerons(&self, obj: *mut Header, visit: &mut dyn FnMut(*mut Word, *mut Word));

    /// The object died and owns something outside the heap: let go of it. The object's words are as they were, but
    /// what they point to may be gone.
    ///
    /// # Safety
    ///
    /// `obj` was given to `register_outside` and is asked about only once.
    unsafe fn drop_outside(&self, obj: *mut Header);
}
