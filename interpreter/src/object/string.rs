//! Making, comparing and hashing strs.

use super::{Buffer, Gc, Kind, Slot, Str};
use crate::builtins::ClassId;
use crate::object::Field;
use crate::vm::Vm;
use std::borrow::Cow;
use std::cell::Cell;
use std::slice;

/// The bytes per character needed for code points up to `max`.
pub const fn width_for(max: u32) -> usize {
    match max {
        0..=0xFF => 1,
        0x100..=0xFFFF => 2,
        _ => 4,
    }
}

impl Str {
    /// The character at index `i`, as a code point (maybe a lone surrogate).
    #[inline(always)]
    pub fn char_at(&self, i: usize) -> u32 {
        let data = self.data();
        match self.width() {
            1 => data[i] as u32,
            2 => u16::from_ne_bytes([data[2 * i], data[2 * i + 1]]) as u32,
            _ => {
                let at = 4 * i;
                u32::from_ne_bytes([data[at], data[at + 1], data[at + 2], data[at + 3]])
            }
        }
    }

    /// All characters as code points.
    #[inline]
    pub fn chars(&self) -> Chars<'_> {
        let data = self.data();
        match self.width() {
            1 => Chars::One(data.iter()),
            2 => Chars::Two(data.as_chunks().0.iter()),
            _ => Chars::Four(data.as_chunks().0.iter()),
        }
    }

    /// The text, if it is ASCII (then it is stored as UTF-8).
    #[inline]
    pub fn as_ascii(&self) -> Option<&str> {
        if self.is_ascii() {
            // SAFETY: ASCII bytes are valid UTF-8.
            Some(unsafe { std::str::from_utf8_unchecked(self.data()) })
        } else {
            None
        }
    }

    /// The text as UTF-8; `None` when it has lone surrogates.
    pub fn to_utf8(&self) -> Option<Cow<'_, str>> {
        if let Some(s) = self.as_ascii() {
            return Some(Cow::Borrowed(s));
        }
        // A Latin-1 character takes two bytes at most, one of the next width three.
        let most = [0, 2, 3, 4, 4][self.width()];
        let mut out = vec![0; self.len() * most];
        let mut end = 0;
        for c in self.chars() {
            if c < 0x80 {
                out[end] = c as u8;
                end += 1;
            } else {
                end += char::from_u32(c)?.encode_utf8(&mut out[end..]).len();
            }
        }
        out.truncate(end);
        // SAFETY: encoded character by character.
        Some(Cow::Owned(unsafe { String::from_utf8_unchecked(out) }))
    }

    /// The text as UTF-8, lone surrogates as U+FFFD.
    pub fn to_text(&self) -> Cow<'_, str> {
        match self.as_ascii() {
            Some(s) => Cow::Borrowed(s),
            None => {
                Cow::Owned(self.chars().map(|c| char::from_u32(c).unwrap_or('\u{FFFD}')).collect())
            }
        }
    }
}

/// The characters of a str, by the bytes that each takes.
#[derive(Clone)]
pub enum Chars<'a> {
    /// Latin-1.
    One(slice::Iter<'a, u8>),
    /// Of the basic plane.
    Two(slice::Iter<'a, [u8; 2]>),
    /// Any.
    Four(slice::Iter<'a, [u8; 4]>),
}

fn one(unit: &u8) -> u32 {
    *unit as u32
}

fn two(unit: &[u8; 2]) -> u32 {
    u16::from_ne_bytes(*unit) as u32
}

fn four(unit: &[u8; 4]) -> u32 {
    u32::from_ne_bytes(*unit)
}

impl Iterator for Chars<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        match self {
            Chars::One(units) => units.next().map(one),
            Chars::Two(units) => units.next().map(two),
            Chars::Four(units) => units.next().map(four),
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = match self {
            Chars::One(units) => units.len(),
            Chars::Two(units) => units.len(),
            Chars::Four(units) => units.len(),
        };
        (left, Some(left))
    }

    /// The width is looked at just once.
    #[inline]
    fn fold<B, F: FnMut(B, u32) -> B>(self, start: B, f: F) -> B {
        match self {
            Chars::One(units) => units.map(one).fold(start, f),
            Chars::Two(units) => units.map(two).fold(start, f),
            Chars::Four(units) => units.map(four).fold(start, f),
        }
    }

    #[inline]
    fn nth(&mut self, n: usize) -> Option<u32> {
        match self {
            Chars::One(units) => units.nth(n).map(one),
            Chars::Two(units) => units.nth(n).map(two),
            Chars::Four(units) => units.nth(n).map(four),
        }
    }
}

impl DoubleEndedIterator for Chars<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<u32> {
        match self {
            Chars::One(units) => units.next_back().map(one),
            Chars::Two(units) => units.next_back().map(two),
            Chars::Four(units) => units.next_back().map(four),
        }
    }
}

impl ExactSizeIterator for Chars<'_> {}

/// Writes `len` characters, zeros where there are fewer.
///
/// # Safety
/// There is room for `len` of them at `to`.
unsafe fn write_chars<T>(
    to: *mut T,
    len: usize,
    chars: impl IntoIterator<Item = u32>,
    unit: impl Fn(u32) -> T,
) {
    let mut written = 0;
    chars.into_iter().take(len).for_each(|c| {
        // SAFETY: written < len.
        unsafe { to.add(written).write(unit(c)) };
        written += 1;
    });
    for i in written..len {
        // SAFETY: i < len.
        unsafe { to.add(i).write(unit(0)) };
    }
}

fn mix(h: u64, k: u64) -> u64 {
    // Folded multiplication, as in wyhash and its kin.
    let product = (h ^ k) as u128 * 0x9E37_79B9_7F4A_7C15_u128;
    (product as u64) ^ ((product >> 64) as u64)
}

impl Vm {
    /// A str from Rust text.
    pub fn str(&self, text: &str) -> Gc<'_, Str> {
        if text.is_ascii() {
            return self.str_from_latin1(text.as_bytes());
        }
        let max = text.chars().map(|c| c as u32).max().unwrap_or(0);
        let len = text.chars().count();
        self.str_from_chars(len, max, text.chars().map(|c| c as u32))
    }

    /// A str from code points.
    pub fn str_from_code_points(&self, chars: &[u32]) -> Gc<'_, Str> {
        let max = chars.iter().copied().max().unwrap_or(0);
        self.str_from_chars(chars.len(), max, chars.iter().copied())
    }

    /// A str of one character.
    #[inline]
    pub fn str_from_char(&self, c: u32) -> Gc<'_, Str> {
        if c < 256
            && let Some(s) = self.roots.latin1[c as usize].get_as(self)
        {
            return s;
        }
        self.str_from_chars(1, c, [c])
    }

    /// A str from Latin-1 bytes.
    pub fn str_from_latin1(&self, bytes: &[u8]) -> Gc<'_, Str> {
        match bytes {
            [] => {
                if let Some(empty) = self.roots.empty_str.get_as(self) {
                    return empty;
                }
            }
            [c] => {
                if let Some(s) = self.roots.latin1[*c as usize].get_as(self) {
                    return s;
                }
            }
            _ => {}
        }
        let (s, data) = self.str_uninit(ClassId::Str as u32, bytes.len(), 1, bytes.is_ascii());
        // SAFETY: the new object has room for that many bytes.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), data, bytes.len()) };
        s
    }

    /// A str of `len` characters none of which is above `max`.
    pub fn str_from_chars(
        &self,
        len: usize,
        max: u32,
        chars: impl IntoIterator<Item = u32>,
    ) -> Gc<'_, Str> {
        if len == 0
            && let Some(empty) = self.roots.empty_str.get_as(self)
        {
            return empty;
        }
        let width = width_for(max);
        let (s, data) = self.str_uninit(ClassId::Str as u32, len, width, max < 128);
        // SAFETY: the object has room for len characters of this width.
        unsafe {
            match width {
                1 => write_chars(data, len, chars, |c| c as u8),
                2 => write_chars(data.cast(), len, chars, |c| c as u16),
                _ => write_chars(data.cast(), len, chars, |c| c),
            }
        }
        s
    }

    /// The same text as a new object of the class that has this instance shape (a subclass of str).
    pub fn str_of_shape(&self, shape: u32, text: Gc<'_, Str>) -> Gc<'_, Str> {
        let (s, data) = self.str_uninit(shape, text.len(), text.width(), text.is_ascii());
        // SAFETY: the new object has the same length and width.
        unsafe { std::ptr::copy_nonoverlapping(text.data().as_ptr(), data, text.data().len()) };
        s
    }

    /// A new str whose characters the caller writes at once to the returned pointer.
    pub(crate) fn str_uninit(
        &self,
        shape: u32,
        len: usize,
        width: usize,
        ascii: bool,
    ) -> (Gc<'_, Str>, *mut u8) {
        let ptr = self.alloc_with_attrs(Kind::Str, shape, Str::size(len * width)).cast::<Str>();
        let flags = width as u64 | if ascii { Str::ASCII } else { 0 };
        // SAFETY: fresh memory of that size.
        unsafe {
            (&raw mut (*ptr.as_ptr()).hash).write(Cell::new(0));
            (&raw mut (*ptr.as_ptr()).meta).write(Cell::new((len as u64) << 8 | flags));
            let s = Gc::from_raw(ptr);
            (s, s.r().data_ptr())
        }
    }

    /// `a + b` for strs.
    pub fn str_concat(&self, a: Gc<'_, Str>, b: Gc<'_, Str>) -> Gc<'_, Str> {
        let (na, nb) = (a.len(), b.len());
        if a.width() == b.width() {
            let ascii = a.is_ascii() && b.is_ascii();
            let (s, data) = self.str_uninit(ClassId::Str as u32, na + nb, a.width(), ascii);
            let (da, db) = (a.data(), b.data());
            // SAFETY: the new object has room for both.
            unsafe {
                std::ptr::copy_nonoverlapping(da.as_ptr(), data, da.len());
                std::ptr::copy_nonoverlapping(db.as_ptr(), data.add(da.len()), db.len());
            }
            return s;
        }
        let max = match a.width().max(b.width()) {
            2 => 0xFFFF,
            _ => 0x10FFFF,
        };
        self.str_from_chars(na + nb, max, a.chars().chain(b.chars()))
    }

    /// `a + b` for `a += b`, when more may be added soon.
    ///
    /// A long result leaves room for that: it is a small object that says how much of a buffer is
    /// its text, and what is added next goes behind it into the same buffer, as long as nobody was
    /// there first. So a text put together piece by piece is not copied for each of them, and no
    /// str ever changes.
    pub fn str_append<'gc>(&'gc self, a: Gc<'gc, Str>, b: Gc<'gc, Str>) -> Gc<'gc, Str> {
        /// From how many bytes on that is worth its while.
        const LONG: usize = 1024;
        let (len, width) = (a.len() + b.len(), a.width());
        let (old, more) = (a.r().data(), b.r().data());
        if more.is_empty() {
            return a;
        }
        if old.len() < LONG || b.width() != width {
            return self.str_concat(a, b);
        }
        let bytes = old.len() + more.len();
        let buffer = a.buffer().and_then(|slot| slot.get_as::<Buffer>(self));
        let buffer = match buffer {
            Some(buffer) if buffer.used.get() == old.len() && bytes <= buffer.cap => buffer,
            _ => self.byte_buffer(bytes + bytes / 2, old),
        };
        for (to, byte) in buffer.r().data()[old.len()..bytes].iter().zip(more) {
            to.set(*byte);
        }
        buffer.used.set(bytes);
        let flags = a.meta.get() & b.meta.get() & Str::ASCII | width as u64 | Str::GROWN;
        let ptr = self.heap.alloc(Kind::Str as u8, ClassId::Str as u32, Str::size(8)).cast::<Str>();
        // SAFETY: fresh memory of that size; the collector learns of the word at its end.
        unsafe {
            (&raw mut (*ptr.as_ptr()).hash).write(Cell::new(0));
            (&raw mut (*ptr.as_ptr()).meta).write(Cell::new((len as u64) << 8 | flags));
            let s = Gc::<Str>::from_raw(ptr);
            s.r().data_ptr().cast::<Slot>().write(Slot::new(buffer.value().word()));
            s.header.set_flag(super::model::HAS_TAIL);
            s
        }
    }

    /// The text of a str, lone surrogates as U+FFFD.
    pub fn str_text<'gc>(&'gc self, s: Gc<'gc, Str>) -> Cow<'gc, str> {
        s.r().to_text()
    }

    /// Whether a str is exactly `text`.
    pub fn str_equals(&self, s: Gc<'_, Str>, text: &str) -> bool {
        match s.as_ascii() {
            Some(ascii) => ascii == text,
            None => s.chars().eq(text.chars().map(|c| c as u32)),
        }
    }

    /// Whether two strs are equal.
    #[inline]
    pub fn str_eq(&self, a: Gc<'_, Str>, b: Gc<'_, Str>) -> bool {
        // Equal strs have equal widths: the width is the smallest that fits.
        const INCIDENTAL: u64 = Str::INTERNED | Str::GROWN;
        a == b || ((a.meta.get() ^ b.meta.get()) & !INCIDENTAL == 0 && a.data() == b.data())
    }

    /// Hash of a str, never 0.
    #[inline]
    pub fn str_hash(&self, s: Gc<'_, Str>) -> u64 {
        match s.hash.get() {
            0 => {
                // Equal strs have equal widths, so the stored bytes can stand for the characters.
                let hash = self.hash_bytes(s.data());
                s.hash.set(hash);
                hash
            }
            hash => hash,
        }
    }

    /// Hash of bytes, never 0.
    pub fn hash_bytes(&self, bytes: &[u8]) -> u64 {
        let mut h = self.hash_seed;
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            h = mix(h, u64::from_le_bytes(*word)).wrapping_add(0x2545_F491_4F6C_DD1D);
        }
        let mut last = [0u8; 8];
        last[..rest.len()].copy_from_slice(rest);
        mix(mix(h, u64::from_le_bytes(last)), bytes.len() as u64 ^ 0xD6E8_FEB8_6659_FD93).max(1)
    }

    /// The str of a string slice, cut out by character positions.
    pub fn str_slice<'gc>(&'gc self, s: Gc<'gc, Str>, start: usize, end: usize) -> Gc<'gc, Str> {
        if start == 0 && end == s.len() && self.is_exact(s.value(), ClassId::Str) {
            return s;
        }
        if start >= end {
            return self.str("");
        }
        if s.width() == 1 {
            return self.str_from_latin1(&s.r().data()[start..end]);
        }
        let chars = (start..end).map(|i| s.char_at(i));
        let max = chars.clone().max().unwrap_or(0);
        self.str_from_chars(end - start, max, chars)
    }
}
