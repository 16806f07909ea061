//! What a minor and a major collection have in common: reaching objects, and knowing where a reached one lives.

use crate::trace::object;
use crate::{Header, Word};

/// A collection under way.
pub(crate) trait Phase {
    /// Where the object lives now, or `None` if it has not been reached (so far).
    fn resolve(&self, obj: *mut Header) -> Option<*mut Header>;

    /// Keeps what the slot points to alive and updates the slot. `drain` does the rest.
    ///
    /// # Safety
    ///
    /// `slot` holds an immediate or a pointer to an object.
    unsafe fn reach(&mut self, slot: *mut Word);

    /// Traces everything reached so far.
    fn drain(&mut self);

    /// How many objects have been reached: tells whether a round of ephemerons got anywhere.
    fn reached(&self) -> usize;

    /// As `resolve`, for an address kept in a list.
    fn resolve_address(&self, address: usize) -> Option<usize> {
        self.resolve(object(address as u64)).map(|obj| obj.addr())
    }
}

/// Copies `size` bytes, a multiple of 8. Most objects are a few words long, where a loop beats a call.
#[inline(always)]
pub(crate) unsafe fn copy_words(from: *const u64, to: *mut u64, size: usize) {
    if size <= 64 {
        let mut i = 0;
        while i < size / 8 {
            // SAFETY: the caller vouches for both ranges; they do not overlap.
            unsafe { to.add(i).write(from.add(i).read()) }
            i += 1;
        }
    } else {
        // SAFETY: the caller vouches for both ranges; they do not overlap.
        unsafe { to.copy_from_nonoverlapping(from, size / 8) }
    }
}

/// Hints that the object will be read soon.
#[inline(always)]
pub(crate) fn prefetch(obj: *const Header) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: a prefetch reads nothing that the program could notice.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(obj.cast());
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = obj;
}
