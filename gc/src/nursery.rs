//! Where objects are born: a range of addresses filled from one end.
//!
//! The nursery has a target size. Running past it is always possible, since allocation never collects: the range then
//! grows by a chunk and a collection is asked for. What lies beyond the target is given back after it.

use crate::memory;
use std::cell::Cell;
use std::ops::Range;

/// How far the nursery grows beyond its target at a time.
pub(crate) const CHUNK: usize = 256 << 10;

/// In stress mode the nursery wanders through this much address space before it comes back to the same place.
const STRESS_WINDOW: usize = if cfg!(miri) { 1 << 20 } else { 32 << 20 };

pub(crate) struct Nursery {
    /// All addresses that nursery objects can have.
    region: Range<usize>,
    /// Where the next cycle's objects begin.
    base: usize,
    target: usize,
    /// Pages from `base` to here are usable.
    committed: Cell<usize>,
}

impl Nursery {
    pub fn new(region: Range<usize>, target: usize) -> Nursery {
        let target = target.clamp(16 << 10, region.len() / 2).next_multiple_of(16 << 10);
        let nursery =
            Nursery { base: region.start, committed: Cell::new(region.start), region, target };
        if !nursery.ensure(nursery.base + target) {
            memory::out_of_memory(target);
        }
        nursery
    }

    pub fn base(&self) -> usize {
        self.base
    }

    pub fn target(&self) -> usize {
        self.target
    }

    /// Where the allocator stops at first.
    pub fn target_end(&self) -> usize {
        self.base + self.target
    }

    pub fn region(&self) -> &Range<usize> {
        &self.region
    }

    fn ensure(&self, end: usize) -> bool {
        let committed = self.committed.get();
        if end <= committed {
            return true;
        }
        let end = end.next_multiple_of(CHUNK).min(self.region.end);
        let done = memory::commit(committed..end);
        if done {
            self.committed.set(end);
        }
        done
    }

    /// A later end than `end`, or `None` if the address space is used up or the system refuses.
    pub fn extend(&self, end: usize) -> Option<usize> {
        let end = end + CHUNK;
        (end <= self.region.end && self.ensure(end)).then_some(end)
    }

    /// After a collection that found the nursery extended up to `end`: gives back what was taken beyond the target,
    /// but for one chunk, since programs run past the target by a little each time.
    pub fn reset(&mut self, end: usize) {
        let keep = (self.target_end() + CHUNK).next_multiple_of(CHUNK);
        if end > keep {
            memory::discard(keep..self.committed.get());
        }
    }

    /// After a stress collection: the pages used so far become unreadable and the nursery begins behind them.
    pub fn wander(&mut self, top: usize) {
        let used = self.base..top.next_multiple_of(memory::page());
        if !used.is_empty() {
            self.base = used.end;
            memory::forbid(used);
        }
        let window = STRESS_WINDOW.max(2 * self.target).min(self.region.len());
        if self.base + self.target > self.region.start + window {
            // Pages ahead of the committed mark may be forbidden ones of the last round: they are committed again as
            // the nursery reaches them.
            memory::forbid(self.base..self.committed.get().max(self.base));
            self.base = self.region.start;
            self.committed.set(self.base);
        }
        if !self.ensure(self.base + self.target) {
            memory::out_of_memory(self.target);
        }
    }
}
