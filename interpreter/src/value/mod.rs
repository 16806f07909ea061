//! Values: one tagged 64-bit word each.
//!
//! | low bits | meaning |
//! |----------|---------|
//! | `000`    | pointer to a heap object (never the null word in a Python-visible place) |
//! | `..1`    | small int, 63 bits, shifted left by one |
//! | `.10`    | float by rotation, see [`flonum`] |
//! | `100`    | None, False, True, NotImplemented, Ellipsis, UNBOUND |
//!
//! A [`Value`] borrows from the [`Vm`](crate::vm::Vm) whose heap it points into. Whatever can move
//! the heap takes `&mut Vm`, so the borrow checker rejects every value held across it.

pub mod flonum;

use crate::object::{Gc, Kind, Layout};
use sidewinder_gc::Header;
use std::marker::PhantomData;
use std::ptr::NonNull;

/// The tagged word itself, without a lifetime. Only the core handles these.
pub type Word = u64;

/// Immediate words.
pub mod word {
    use super::Word;
    /// `None`
    pub const NONE: Word = 0x04;
    /// `False`
    pub const FALSE: Word = 0x0C;
    /// `True`
    pub const TRUE: Word = 0x14;
    /// `NotImplemented`
    pub const NOT_IMPLEMENTED: Word = 0x1C;
    /// `...`
    pub const ELLIPSIS: Word = 0x24;
    /// No value: an unbound variable, an argument left out, a deleted entry.
    pub const UNBOUND: Word = 0x2C;

    /// Smallest small int.
    pub const INT_MIN: i64 = -(1 << 62);
    /// Largest small int.
    pub const INT_MAX: i64 = (1 << 62) - 1;

    /// Whether the word is a small int.
    #[inline(always)]
    pub const fn is_int(w: Word) -> bool {
        w & 1 != 0
    }
    /// Whether both words are small ints.
    #[inline(always)]
    pub const fn both_int(a: Word, b: Word) -> bool {
        a & b & 1 != 0
    }
    /// Whether the word points to a heap object.
    #[inline(always)]
    pub const fn is_heap(w: Word) -> bool {
        w & 7 == 0
    }
    /// Whether the word is an immediate float.
    #[inline(always)]
    pub const fn is_flonum(w: Word) -> bool {
        w & 3 == 2
    }
    /// The number in a small int.
    #[inline(always)]
    pub const fn int(w: Word) -> i64 {
        (w as i64) >> 1
    }
    /// A small int; the caller knows that it fits.
    #[inline(always)]
    pub const fn from_int(i: i64) -> Word {
        ((i as u64) << 1) | 1
    }
    /// Whether a number fits a small int.
    #[inline(always)]
    pub const fn fits(i: i64) -> bool {
        i >= INT_MIN && i <= INT_MAX
    }
    /// `True` or `False`.
    #[inline(always)]
    pub const fn from_bool(b: bool) -> Word {
        if b { TRUE } else { FALSE }
    }
}

/// A Python value, valid until the VM is next borrowed mutably.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Value<'gc> {
    word: Word,
    heap: PhantomData<&'gc ()>,
}

impl<'gc> Value<'gc> {
    /// `None`
    pub const NONE: Self = Self::immediate(word::NONE);
    /// `True`
    pub const TRUE: Self = Self::immediate(word::TRUE);
    /// `False`
    pub const FALSE: Self = Self::immediate(word::FALSE);
    /// `NotImplemented`
    pub const NOT_IMPLEMENTED: Self = Self::immediate(word::NOT_IMPLEMENTED);
    /// `...`
    pub const ELLIPSIS: Self = Self::immediate(word::ELLIPSIS);
    /// The unbound marker; never visible to Python code.
    pub const UNBOUND: Self = Self::immediate(word::UNBOUND);

    const fn immediate(word: Word) -> Self {
        Value { word, heap: PhantomData }
    }

    /// A value from its word.
    ///
    /// # Safety
    /// A heap word must point to a live object for the whole of `'gc`.
    #[inline(always)]
    pub const unsafe fn from_word(word: Word) -> Self {
        Value { word, heap: PhantomData }
    }

    /// The tagged word.
    #[inline(always)]
    pub const fn word(self) -> Word {
        self.word
    }

    /// A small int, or `None` when the number needs a big one (see `Vm::int`).
    #[inline(always)]
    pub const fn small_int(i: i64) -> Option<Self> {
        if word::fits(i) { Some(Self::immediate(word::from_int(i))) } else { None }
    }

    /// A small int from a number that always fits.
    #[inline(always)]
    pub const fn from_i32(i: i32) -> Self {
        Self::immediate(word::from_int(i as i64))
    }

    /// `True` or `False`.
    #[inline(always)]
    pub const fn from_bool(b: bool) -> Self {
        Self::immediate(word::from_bool(b))
    }

    /// The number, if this is a small int (a bool is not).
    #[inline(always)]
    pub const fn as_small_int(self) -> Option<i64> {
        if word::is_int(self.word) { Some(word::int(self.word)) } else { None }
    }

    /// Whether this is `None`.
    #[inline(always)]
    pub const fn is_none(self) -> bool {
        self.word == word::NONE
    }

    /// Whether this is the unbound marker.
    #[inline(always)]
    pub const fn is_unbound(self) -> bool {
        self.word == word::UNBOUND
    }

    /// Whether this is `True` or `False`.
    #[inline(always)]
    pub const fn is_bool(self) -> bool {
        self.word == word::TRUE || self.word == word::FALSE
    }

    /// `None` for the unbound marker (an argument left out).
    #[inline(always)]
    pub const fn bound(self) -> Option<Self> {
        if self.is_unbound() { None } else { Some(self) }
    }

    /// Python's `is`.
    #[inline(always)]
    pub const fn is(self, other: Value<'_>) -> bool {
        self.word == other.word
    }

    /// The header of a heap object.
    #[inline(always)]
    pub fn header(self) -> Option<&'gc Header> {
        if word::is_heap(self.word) {
            // SAFETY: a heap word of a live Value points to a live object, which starts with its
            // header; nothing moves during 'gc.
            Some(unsafe { &*std::ptr::with_exposed_provenance::<Header>(self.word as usize) })
        } else {
            None
        }
    }

    /// The layout of a heap object.
    #[inline(always)]
    pub fn kind(self) -> Option<Kind> {
        self.header().map(Kind::of)
    }

    /// A typed view, if the object has that layout (subclasses have it too).
    #[inline(always)]
    pub fn cast<T: Layout>(self) -> Option<Gc<'gc, T>> {
        let header = self.header()?;
        if header.kind() != T::KIND as u8 {
            return None;
        }
        // SAFETY: the kind says that the object has layout T.
        Some(unsafe { Gc::from_raw(NonNull::from(header).cast()) })
    }

    /// The typed view of an object whose layout is known.
    ///
    /// # Safety
    /// The object must have layout `T`.
    #[inline(always)]
    pub unsafe fn cast_unchecked<T: Layout>(self) -> Gc<'gc, T> {
        debug_assert!(self.cast::<T>().is_some());
        // SAFETY: the caller's promise; the pointer of a heap word is never null.
        unsafe {
            Gc::from_raw(NonNull::new_unchecked(std::ptr::with_exposed_provenance_mut(
                self.word as usize,
            )))
        }
    }
}

impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.word {
            word::NONE => f.write_str("None"),
            word::TRUE => f.write_str("True"),
            word::FALSE => f.write_str("False"),
            word::UNBOUND => f.write_str("<unbound>"),
            w if word::is_int(w) => write!(f, "{}", word::int(w)),
            w if word::is_flonum(w) => write!(f, "{:?}", flonum::decode(w)),
            w => match self.kind() {
                Some(kind) => write!(f, "<{kind:?} {w:#x}>"),
                None => write!(f, "<{w:#x}>"),
            },
        }
    }
}
