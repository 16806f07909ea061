//! The table of debug handles: which are open, and a queue of those closed, oldest first.
//!
//! Every handle that C gets in debug mode goes through here, so what is rarely used lies apart
//! ([`Rare`]), and both lists of handles that are not open run through the entries.

use super::memory::Protected;
use crate::abi::HPy;
use sidewinder_interpreter::object::Tracer;
use sidewinder_interpreter::value::{Word, word};
use std::cell::Cell;

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
    pub handle: HPy,
    /// What it named, once closed.
    pub word: Cell<Word>,
    /// Handles are listed in the order of their opening.
    pub serial: u64,
    pub generation: i64,
    pub condition: Condition,
    /// What it named is plain text or a number, which nobody notices to live longer.
    pub plain: bool,
    /// The next one of the free list, or of the queue; [`END`] for none.
    next: u32,
    pub rare: Option<Box<Rare>>,
}

/// What few handles have.
#[derive(Default)]
pub struct Rare {
    /// Memory that C borrowed through it.
    pub data: Option<Protected>,
    /// Where it was opened.
    pub trace: Option<Box<[usize]>>,
}

/// Ends a list.
const END: u32 = u32::MAX;

/// The table.
pub struct DebugHandles {
    entries: Vec<Entry>,
    free: u32,
    oldest: u32,
    newest: u32,
    closed: usize,
    /// Most closed handles to remember.
    closed_max: usize,
    serial: u64,
    /// Bytes of protected memory of closed handles.
    pub closed_data: usize,
}

impl Default for DebugHandles {
    fn default() -> DebugHandles {
        DebugHandles {
            entries: Vec::new(),
            free: END,
            oldest: END,
            newest: END,
            closed: 0,
            closed_max: 1024,
            serial: 0,
            closed_data: 0,
        }
    }
}

impl DebugHandles {
    /// The entry of that number.
    #[inline]
    pub fn get(&self, i: usize) -> Option<&Entry> {
        self.entries.get(i)
    }

    /// The entry of that number, to be changed.
    #[inline]
    pub fn get_mut(&mut self, i: usize) -> Option<&mut Entry> {
        self.entries.get_mut(i)
    }

    /// A new entry's number.
    #[inline]
    pub fn open(&mut self, handle: HPy, condition: Condition, generation: i64) -> usize {
        let serial = self.serial;
        self.serial += 1;
        // When the queue is full, its oldest handle is used again, so that numbers stay few.
        let mut i = END;
        if self.closed >= self.closed_max {
            i = self.forget_oldest();
        }
        if i == END && self.free != END {
            i = self.free;
            self.free = self.entries[i as usize].next;
        }
        let (word, plain, next, rare) = (Cell::new(word::NONE), false, END, None);
        let entry = Entry { handle, word, serial, generation, condition, plain, next, rare };
        match self.entries.get_mut(i as usize) {
            Some(place) => {
                *place = entry;
                i as usize
            }
            None => {
                self.entries.push(entry);
                self.entries.len() - 1
            }
        }
    }

    /// Puts an open entry into the queue of closed ones.
    #[inline]
    pub fn close(&mut self, i: usize, word: Word, plain: bool) {
        let entry = &mut self.entries[i];
        entry.word.set(word);
        entry.plain = plain;
        entry.condition = Condition::Closed;
        entry.next = END;
        match self.entries.get_mut(self.newest as usize) {
            Some(newest) if self.closed > 0 => newest.next = i as u32,
            _ => self.oldest = i as u32,
        }
        self.newest = i as u32;
        self.closed += 1;
        if self.closed > self.closed_max {
            self.free_oldest();
        }
    }

    /// Takes the oldest handle out of the queue; its number.
    fn forget_oldest(&mut self) -> u32 {
        if self.closed == 0 {
            return END;
        }
        let i = self.oldest;
        let entry = &mut self.entries[i as usize];
        entry.word.set(word::NONE);
        entry.condition = Condition::Free;
        if let Some(data) = entry.rare.take().and_then(|rare| rare.data) {
            self.closed_data -= data.len();
        }
        self.oldest = entry.next;
        self.closed -= 1;
        i
    }

    fn free_oldest(&mut self) {
        let i = self.forget_oldest();
        if let Some(entry) = self.entries.get_mut(i as usize) {
            entry.next = self.free;
            self.free = i;
        }
    }

    /// Most closed handles to remember.
    pub fn closed_max(&self) -> usize {
        self.closed_max
    }

    /// Sets how many closed handles to remember. There may be more until some are used again.
    pub fn set_closed_max(&mut self, max: usize) {
        self.closed_max = max;
    }

    /// Numbers of the closed handles, oldest first.
    pub fn closed(&self) -> impl Iterator<Item = usize> {
        let next = |i: &usize| Some(self.entries[*i].next as usize);
        let first = Some(self.oldest as usize);
        std::iter::successors(first, next).take(self.closed)
    }

    /// Numbers of the open handles, in the order of their opening.
    pub fn open_ones(&self) -> Vec<usize> {
        let is_open = |i: &usize| self.entries[*i].condition == Condition::Open;
        let mut open: Vec<usize> = (0..self.entries.len()).filter(is_open).collect();
        open.sort_by_key(|i| self.entries[*i].serial);
        open
    }

    /// Lets closed handles forget what they named, plain texts and numbers excepted.
    pub fn trace(&self, tracer: &mut Tracer<'_>) {
        for i in self.closed() {
            let Entry { word: w, plain, .. } = &self.entries[i];
            if word::is_heap(w.get()) {
                if *plain { tracer.word(w.as_ptr()) } else { w.set(word::NONE) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(table: &DebugHandles) -> Vec<usize> {
        table.closed().collect()
    }

    #[test]
    fn closed_handles_wait_in_a_queue_and_are_used_again() {
        let mut table = DebugHandles::default();
        table.set_closed_max(2);
        let open = |table: &mut DebugHandles| table.open(HPy::NULL, Condition::Open, 0);
        let all: Vec<usize> = (0..4).map(|_| open(&mut table)).collect();
        assert_eq!(all, [0, 1, 2, 3]);
        table.close(2, word::NONE, false);
        assert_eq!(listed(&table), [2]);
        table.close(0, word::NONE, false);
        assert_eq!(listed(&table), [2, 0]);
        // One too many: the oldest is free.
        table.close(3, word::NONE, false);
        assert_eq!(listed(&table), [0, 3]);
        // The queue is full, so its oldest comes before the free one.
        assert_eq!(open(&mut table), 0);
        assert_eq!(listed(&table), [3]);
        assert_eq!(open(&mut table), 2);
        assert_eq!(open(&mut table), 4);
        assert_eq!(table.open_ones(), [1, 0, 2, 4]);
        table.close(1, word::NONE, false);
        assert_eq!(listed(&table), [3, 1]);
    }
}
