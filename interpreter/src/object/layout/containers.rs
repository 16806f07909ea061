//! Tuples, lists, hash tables and what else holds items.

use super::*;

/// A tuple.
#[repr(C)]
pub struct Tuple {
    /// Header.
    pub header: Header,
    len: usize,
    items: [Slot; 0],
}

/// Words behind a list, an instance or a cache.
#[repr(C)]
pub struct Array {
    /// Header.
    pub header: Header,
    len: usize,
    items: [Slot; 0],
}

macro_rules! items {
    ($ty:ident) => {
        impl $ty {
            /// Size in bytes of an object with `n` items.
            pub const fn size(n: usize) -> usize {
                size_of::<$ty>() + n * 8
            }
            /// Number of items.
            #[inline(always)]
            pub fn len(&self) -> usize {
                self.len
            }
            /// Whether there are no items.
            pub fn is_empty(&self) -> bool {
                self.len == 0
            }
            /// The items.
            #[inline(always)]
            pub fn items(&self) -> &[Slot] {
                // SAFETY: the object was allocated with that many items behind its fixed part.
                unsafe { std::slice::from_raw_parts(self.items.as_ptr(), self.len) }
            }
            /// An item.
            #[inline(always)]
            pub fn item<'gc>(&self, vm: &'gc Vm, i: usize) -> Value<'gc> {
                self.items()[i].get(vm)
            }
            /// Sets the length of a fresh object whose items follow.
            ///
            /// # Safety
            /// `this` was allocated for `len` items; all are written before the next collection.
            pub(crate) unsafe fn init_len(this: *mut $ty, len: usize) -> *mut u64 {
                // SAFETY: the caller's promise.
                unsafe {
                    (&raw mut (*this).len).write(len);
                    (&raw mut (*this).items).cast()
                }
            }
        }
    };
}
items!(Tuple);
items!(Array);

/// A list.
#[repr(C)]
pub struct List {
    /// Header.
    pub header: Header,
    /// Number of items; at most the length of the array.
    pub len: Cell<usize>,
    /// The [`Array`], or UNBOUND when there is none. Array items at and above `len` are UNBOUND.
    pub array: Slot,
}

/// A dict. See [`crate::builtins::dict`] for the operations.
#[repr(C)]
pub struct Dict {
    /// Header.
    pub header: Header,
    /// Number of items.
    pub len: Cell<usize>,
    /// 0, or a number that inline caches compare: it changes whenever the set of keys or their
    /// places change (never when only a value is replaced).
    pub version: Cell<u64>,
    /// The [`Table`], or UNBOUND when empty.
    pub table: Slot,
}

/// A set or frozenset.
#[repr(C)]
pub struct Set {
    /// Header.
    pub header: Header,
    /// Number of items.
    pub len: Cell<usize>,
    /// Cached hash of a frozenset; 0 means not computed yet.
    pub hash: Cell<u64>,
    /// The [`Table`] (values unused), or UNBOUND when empty.
    pub table: Slot,
}

/// An insertion-ordered hash table: a dense array of entries and, behind it, an open-addressed
/// index of entry numbers (of 1, 2 or 4 bytes by capacity).
#[repr(C)]
pub struct Table {
    /// Header.
    pub header: Header,
    /// The index has `1 << log2_slots` slots; entries are at most two thirds of that.
    pub log2_slots: u32,
    /// Entries used so far, deleted ones (key UNBOUND) included.
    pub used: Cell<u32>,
    entries: [Entry; 0],
}

/// One entry of a [`Table`].
#[repr(C)]
pub struct Entry {
    /// Hash of the key.
    pub hash: Cell<u64>,
    /// The key, or UNBOUND when the entry was deleted.
    pub key: Slot,
    /// The value; in a set UNBOUND.
    pub value: Slot,
}

impl Table {
    /// Entries that fit a table with `1 << log2_slots` index slots.
    pub const fn capacity(log2_slots: u32) -> usize {
        (1usize << log2_slots) * 2 / 3
    }
    /// Bytes of one index slot.
    pub const fn index_width(log2_slots: u32) -> usize {
        match log2_slots {
            0..=7 => 1,
            8..=15 => 2,
            _ => 4,
        }
    }
    /// Size in bytes of the whole object.
    pub const fn size(log2_slots: u32) -> usize {
        let index = Self::index_bytes(log2_slots);
        (size_of::<Table>() + Self::capacity(log2_slots) * size_of::<Entry>() + index + 7) & !7
    }
    /// Bytes of the whole index.
    pub const fn index_bytes(log2_slots: u32) -> usize {
        Self::index_width(log2_slots) << log2_slots
    }
    /// The size of a table for that many entries.
    pub fn log2_for(entries: usize) -> u32 {
        (3..).find(|log2| Self::capacity(*log2) >= entries).unwrap_or(u32::MAX)
    }
    /// The entries used so far.
    #[inline(always)]
    pub fn entries(&self) -> &[Entry] {
        // SAFETY: the object was allocated for `capacity` entries, the first `used` are filled in.
        unsafe { std::slice::from_raw_parts(self.entries.as_ptr(), self.used.get() as usize) }
    }
    /// Where entry number `i` is, used or not (`i` below the capacity).
    #[inline(always)]
    pub(crate) fn entry_ptr(&self, i: usize) -> *mut Entry {
        debug_assert!(i < Self::capacity(self.log2_slots));
        self.entries.as_ptr().cast_mut().wrapping_add(i)
    }
    /// Start of the index.
    #[inline(always)]
    pub(crate) fn index_ptr(&self) -> *mut u8 {
        self.entries.as_ptr().cast_mut().wrapping_add(Self::capacity(self.log2_slots)).cast()
    }
}

/// A range.
#[repr(C)]
pub struct Range {
    /// Header.
    pub header: Header,
    /// First number (an int of any size, like the other two).
    pub start: Slot,
    /// End, exclusive.
    pub stop: Slot,
    /// Step, not zero.
    pub step: Slot,
}

/// A slice.
#[repr(C)]
pub struct Slice {
    /// Header.
    pub header: Header,
    /// `start`
    pub start: Slot,
    /// `stop`
    pub stop: Slot,
    /// `step`
    pub step: Slot,
}
