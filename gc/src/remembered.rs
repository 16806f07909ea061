//! The remembered set: old objects that were written since the last collection.
//!
//! An object is logged as a whole, once: its header bit says that it is in the set, and further stores cost nothing.
//! That would be a bad bargain for a long array that grows by one element now and then, since each collection would
//! visit all of it. Stores into large objects that say where they go are therefore logged by card, a short range of
//! addresses; when a program writes all over the place, the object as a whole takes the cards' stead.

use crate::Header;
use crate::model::Model;
use crate::trace::{Tracer, object};
use std::ops::Range;

/// Bytes that a card stands for.
const CARD: usize = 512;

/// So many cards between two collections; further objects are logged as a whole.
const MOST_CARDS: usize = 4096;

#[derive(Default)]
pub(crate) struct Remembered {
    objects: Vec<usize>,
    /// Large objects and the numbers of their cards (address divided by size).
    cards: Vec<(usize, usize)>,
}

impl Remembered {
    /// Logs an old object.
    pub fn add(&mut self, obj: &Header) {
        obj.clear_flag(Header::UNLOGGED);
        self.objects.push(std::ptr::from_ref(obj).expose_provenance());
    }

    /// Logs a store into the word at `slot` of an old object.
    pub fn add_at(&mut self, obj: &Header, slot: usize) {
        if !obj.flag(Header::LARGE) {
            return self.add(obj);
        }
        let entry = (std::ptr::from_ref(obj).expose_provenance(), slot / CARD);
        // A loop over an array writes to one card many times in a row.
        if self.cards.last() == Some(&entry) {
            return;
        }
        if self.cards.len() == MOST_CARDS {
            return self.add(obj);
        }
        self.cards.push(entry);
    }

    /// Visits what was logged of the objects that `wanted` wants.
    ///
    /// # Safety
    ///
    /// The objects in the set have not been freed: a major collection empties the set first.
    pub unsafe fn trace<M: Model>(
        &self,
        model: &M,
        t: &mut Tracer<'_>,
        wanted: impl Fn(*mut Header) -> bool,
    ) {
        for &address in &self.objects {
            let obj = object(address as u64);
            if wanted(obj) {
                // SAFETY: an old object that has not been freed is where it was, and whole.
                unsafe { model.trace(obj, t) }
            }
        }
        for &(address, card) in &self.cards {
            let obj = object(address as u64);
            // SAFETY: as above; the range is cut to the object.
            unsafe {
                if (*obj).is_unlogged() && wanted(obj) {
                    let Range { start, end } = card * CARD..(card + 1) * CARD;
                    let size = model.size(obj);
                    model.trace_range(obj, start.max(address), end.min(address + size), t);
                }
            }
        }
    }

    /// Empties the set.
    ///
    /// # Safety
    ///
    /// As for `trace`.
    pub unsafe fn clear(&mut self) {
        for address in self.objects.drain(..) {
            // SAFETY: as in `trace`.
            unsafe { (*object(address as u64)).set_flag(Header::UNLOGGED) }
        }
        self.cards.clear();
    }
}
