//! Builders of tuples and lists in debug mode: a number for each, since the universal one is just a
//! handle, which says nothing once the object is built.

use super::{DebugState, fatal};
use std::cell::RefCell;

/// Marks a debug builder.
const BUILDER: u64 = 3 << 61;

/// The builders by number: the universal builder, or `None` when it is finished.
#[derive(Default)]
pub struct Builders(RefCell<Vec<Option<u64>>>);

impl DebugState {
    /// A debug builder for a universal one.
    pub fn wrap_builder(&self, builder: u64) -> u64 {
        let mut all = self.builders.0.borrow_mut();
        all.push(Some(builder));
        BUILDER | (all.len() as u64 - 1) << 3
    }

    fn builder_number(&self, builder: u64) -> usize {
        let i = ((builder & !BUILDER) >> 3) as usize;
        if builder & BUILDER != BUILDER || i >= self.builders.0.borrow().len() {
            fatal(&format!("{builder:#x} is no builder of HPy's debug mode"));
        }
        i
    }

    /// The universal builder; the use of a finished one is reported, and gives 0.
    pub fn unwrap_builder(&self, builder: u64) -> u64 {
        let i = self.builder_number(builder);
        let found = self.builders.0.borrow()[i];
        found.unwrap_or_else(|| {
            let message = "Invalid usage of already closed builder";
            self.report(&self.on_invalid_builder, message);
            0
        })
    }

    /// As [`DebugState::unwrap_builder`], for what finishes the builder.
    pub fn finish_builder(&self, builder: u64) -> u64 {
        let universal = self.unwrap_builder(builder);
        let i = self.builder_number(builder);
        self.builders.0.borrow_mut()[i] = None;
        universal
    }
}
