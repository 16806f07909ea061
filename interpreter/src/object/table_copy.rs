//! New tables for old: growing, and copying all entries at once.

use super::table::HasTable;
use super::*;
use crate::value::word;
use crate::vm::Vm;
use std::cell::Cell;

impl Vm {
    /// A table whose index the caller fills in.
    fn alloc_table(&self, log2_slots: u32) -> Gc<'_, Table> {
        let size = Table::size(log2_slots);
        let ptr = self.heap.alloc(Kind::Table as u8, 0, size).cast::<Table>();
        // SAFETY: fresh memory of that size; entries are read only up to `used`.
        unsafe {
            (&raw mut (*ptr.as_ptr()).log2_slots).write(log2_slots);
            (&raw mut (*ptr.as_ptr()).used).write(Cell::new(0));
            Gc::from_raw(ptr)
        }
    }

    /// A table with `1 << log2_slots` empty index slots.
    fn new_table(&self, log2_slots: u32) -> Gc<'_, Table> {
        let table = self.alloc_table(log2_slots);
        // SAFETY: the index has that many bytes.
        unsafe { table.r().index_ptr().write_bytes(0xFF, Table::index_bytes(log2_slots)) };
        table
    }

    /// Makes room for `more` entries: a new table without the deleted ones.
    pub fn table_grow<'gc, T: HasTable>(
        &'gc self,
        owner: Gc<'_, T>,
        more: usize,
    ) -> Gc<'gc, Table> {
        let wanted = (owner.count().get() + more).max(owner.count().get() * 2);
        let new = self.new_table(Table::log2_for(wanted));
        if let Some(old) = owner.table_slot().get_as::<Table>(self) {
            compact(old.r(), new.r());
        }
        self.give_table(owner, new);
        new
    }

    /// Gives an owner without items those of another one; a set takes the keys of a dict.
    pub fn table_copy<T: HasTable, S: HasTable>(&self, target: Gc<'_, T>, source: Gc<'_, S>) {
        debug_assert!(target.count().get() == 0);
        let count = source.count().get();
        let Some(old) = source.table_slot().get_as::<Table>(self).filter(|_| count > 0) else {
            return;
        };
        let log2 = Table::log2_for(count);
        let new = if old.used.get() as usize == count && old.log2_slots <= log2 + 1 {
            // No entry was deleted: index and entries stay where they are.
            let new = self.alloc_table(old.log2_slots);
            let index = Table::index_bytes(old.log2_slots);
            // SAFETY: both tables have the same size, and `count` entries are in use.
            unsafe {
                std::ptr::copy_nonoverlapping(old.entry_ptr(0), new.entry_ptr(0), count);
                std::ptr::copy_nonoverlapping(old.index_ptr(), new.r().index_ptr(), index);
            }
            new.used.set(count as u32);
            new
        } else {
            let new = self.new_table(log2);
            compact(old.r(), new.r());
            new
        };
        if S::VALUES && !T::VALUES {
            for entry in new.entries() {
                // SAFETY: immediates need no barrier.
                unsafe { entry.value.set_word(word::UNBOUND) };
            }
        }
        target.count().set(count);
        self.give_table(target, new);
    }

    fn give_table<T: HasTable>(&self, owner: Gc<'_, T>, table: Gc<'_, Table>) {
        // A table may be large and so be born outside the nursery.
        self.heap.barrier(table.header_ptr());
        self.write(owner, |o| o.table_slot(), table.value());
        owner.keys_changed();
    }
}

/// Puts the entries of `old` that are in use into an empty table with room for all of them.
fn compact(old: &Table, new: &Table) {
    let mut e = 0;
    for entry in old.entries().iter().filter(|entry| !entry.is_deleted()) {
        // SAFETY: the new table has room for all live entries.
        unsafe { std::ptr::copy_nonoverlapping(entry, new.entry_ptr(e as usize), 1) };
        new.index_insert(entry.hash.get(), e);
        e += 1;
    }
    new.used.set(e);
}
