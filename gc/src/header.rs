//! The eight bytes at the start of every object.
//!
//! ```text
//!  63            32 31       14 13    8 7       0
//! +----------------+-----------+-------+---------+
//! |    identity    |   shape   | kind  |  flags  |
//! +----------------+-----------+-------+---------+
//! ```
//!
//! Flag bit 0 ([`Header::TAG`]) is 1 in every header. When the collector moves an object it overwrites the whole
//! word of the old copy with the new address, which is 8-byte aligned and so has bit 0 clear: one load tells a live
//! header from a forwarding address.

use std::cell::Cell;

/// The header of a heap object.
#[repr(transparent)]
pub struct Header(Cell<u64>);

impl Header {
    /// Set in every header; clear in a forwarding address.
    pub const TAG: u8 = 1;
    /// The object has survived a collection: it is not in the nursery.
    pub const OLD: u8 = 2;
    /// Old and not in the remembered set. The one bit that the write barrier tests.
    pub const UNLOGGED: u8 = 4;
    /// Reached by the current major collection (large objects only; blocks keep their marks in a side table).
    pub const MARK: u8 = 8;
    /// Lives in the large object space and never moves.
    pub const LARGE: u8 = 16;
    /// Free for the embedder; the object may have slots even if its kind has none.
    pub const MODEL_B: u8 = 32;
    /// Free for the embedder; the object may have slots even if its kind has none.
    pub const MODEL_A: u8 = 64;
    /// Set by the embedder on objects without pointers whose kind may have some: they need no visit.
    pub const LEAF: u8 = 128;

    /// How many kinds there can be.
    pub const KINDS: u8 = 64;
    /// How many shapes there can be.
    pub const SHAPES: u32 = 1 << 18;

    const KIND_AT: u32 = 8;
    const SHAPE_AT: u32 = 14;
    const IDENTITY_AT: u32 = 32;
    const SHAPE_MASK: u64 = ((Self::SHAPES as u64) - 1) << Self::SHAPE_AT;

    /// The header of a new object.
    #[inline(always)]
    pub const fn new(kind: u8, shape: u32) -> Header {
        debug_assert!(kind < Self::KINDS && shape < Self::SHAPES);
        Header(Cell::new(
            Self::TAG as u64 | (kind as u64) << Self::KIND_AT | (shape as u64) << Self::SHAPE_AT,
        ))
    }

    /// This header with the flags in `mask` set: for new objects, whose header is best written in one piece. A flag
    /// added later is a store of one byte, and the next load of the header waits until that has reached the cache.
    #[inline(always)]
    pub const fn with(self, mask: u8) -> Header {
        Header(Cell::new(self.0.into_inner() | mask as u64))
    }

    /// Which layout the object has; the embedder's numbering, below [`Header::KINDS`].
    #[inline(always)]
    pub fn kind(&self) -> u8 {
        (self.0.get() >> Self::KIND_AT) as u8 & (Self::KINDS - 1)
    }

    /// The shape, opaque to the collector.
    #[inline(always)]
    pub fn shape(&self) -> u32 {
        (self.0.get() as u32) >> Self::SHAPE_AT
    }

    /// Changes the shape.
    #[inline(always)]
    pub fn set_shape(&self, shape: u32) {
        debug_assert!(shape < Self::SHAPES);
        self.0.set(self.0.get() & !Self::SHAPE_MASK | (shape as u64) << Self::SHAPE_AT);
    }

    /// Kind and shape together: one compare guards both.
    #[inline(always)]
    pub fn guard(&self) -> u32 {
        (self.0.get() as u32) >> Self::KIND_AT
    }

    /// What [`Header::guard`] returns for an object of this kind and shape.
    #[inline(always)]
    pub const fn guard_of(kind: u8, shape: u32) -> u32 {
        kind as u32 | shape << (Self::SHAPE_AT - Self::KIND_AT)
    }

    /// Whether any of the flags in `mask` is set.
    #[inline(always)]
    pub fn flag(&self, mask: u8) -> bool {
        self.0.get() as u8 & mask != 0
    }

    /// Sets the flags in `mask`.
    #[inline(always)]
    pub fn set_flag(&self, mask: u8) {
        self.0.set(self.0.get() | mask as u64);
    }

    /// Clears the flags in `mask`.
    #[inline(always)]
    pub fn clear_flag(&self, mask: u8) {
        debug_assert!(mask & Self::TAG == 0);
        self.0.set(self.0.get() & !(mask as u64));
    }

    /// Whether the object has survived a collection.
    #[inline(always)]
    pub fn is_old(&self) -> bool {
        self.flag(Self::OLD)
    }

    /// Whether the next store into the object has to log it.
    #[inline(always)]
    pub fn is_unlogged(&self) -> bool {
        self.flag(Self::UNLOGGED)
    }

    /// The identity number, or 0 if nobody has asked for it yet.
    #[inline(always)]
    pub fn identity_raw(&self) -> u32 {
        (self.0.get() >> Self::IDENTITY_AT) as u32
    }

    pub(crate) fn set_identity(&self, identity: u32) {
        self.0.set(self.0.get() as u32 as u64 | (identity as u64) << Self::IDENTITY_AT);
    }

    /// The whole word: a header or, where bit 0 is clear, a forwarding address.
    #[inline(always)]
    pub(crate) fn raw(&self) -> u64 {
        self.0.get()
    }

    #[inline(always)]
    pub(crate) fn set_raw(&self, raw: u64) {
        self.0.set(raw);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_do_not_overlap() {
        let header = Header::new(63, Header::SHAPES - 1);
        header.set_flag(Header::MODEL_A | Header::OLD);
        header.set_identity(u32::MAX);
        assert_eq!((header.kind(), header.shape()), (63, Header::SHAPES - 1));
        assert_eq!(header.guard(), Header::guard_of(63, Header::SHAPES - 1));
        header.set_shape(5);
        assert_eq!((header.kind(), header.shape(), header.identity_raw()), (63, 5, u32::MAX));
        assert!(header.flag(Header::MODEL_A) && header.is_old() && !header.is_unlogged());
        header.clear_flag(Header::MODEL_A);
        assert!(!header.flag(Header::MODEL_A) && header.flag(Header::TAG));
    }
}
