//! Tools for strs of any width: building them piece by piece, and searching in them.

use crate::builtins::ClassId;
use crate::object::{Gc, Str};
use crate::vm::Vm;
use memchr::memmem;
use std::borrow::Cow;

/// Text under construction: bytes as long as every character is below U+0100.
#[derive(Default)]
pub struct TextBuilder {
    narrow: Vec<u8>,
    wide: Vec<u32>,
    is_wide: bool,
}

impl TextBuilder {
    /// Empty.
    pub fn new() -> Self {
        Self::default()
    }

    /// Empty, with room for that many narrow characters.
    pub fn with_capacity(n: usize) -> Self {
        TextBuilder { narrow: Vec::with_capacity(n), ..Self::default() }
    }

    /// Number of characters so far.
    pub fn len(&self) -> usize {
        if self.is_wide { self.wide.len() } else { self.narrow.len() }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[cold]
    fn widen(&mut self) {
        self.is_wide = true;
        self.wide.reserve(self.narrow.len() * 2);
        self.wide.extend(self.narrow.iter().map(|b| *b as u32));
        self.narrow = Vec::new();
    }

    /// Appends a character.
    #[inline]
    pub fn push(&mut self, c: u32) {
        if !self.is_wide {
            if c < 256 {
                self.narrow.push(c as u8);
                return;
            }
            self.widen();
        }
        self.wide.push(c);
    }

    /// Appends a character `n` times.
    pub fn repeat(&mut self, c: u32, n: usize) {
        if !self.is_wide && c >= 256 && n > 0 {
            self.widen();
        }
        if self.is_wide {
            self.wide.resize(self.wide.len() + n, c);
        } else {
            self.narrow.resize(self.narrow.len() + n, c as u8);
        }
    }

    /// Appends Rust text.
    pub fn push_str(&mut self, text: &str) {
        if !self.is_wide && text.is_ascii() {
            self.narrow.extend_from_slice(text.as_bytes());
        } else {
            text.chars().for_each(|c| self.push(c as u32));
        }
    }

    /// Appends the characters `start..end` of a str.
    pub fn push_slice(&mut self, s: &Str, start: usize, end: usize) {
        if !self.is_wide && s.width() == 1 {
            self.narrow.extend_from_slice(&s.data()[start..end]);
        } else {
            if !self.is_wide {
                self.widen();
            }
            self.wide.reserve(end - start);
            s.chars().skip(start).take(end - start).for_each(|c| self.wide.push(c));
        }
    }

    /// Appends ASCII bytes.
    pub fn push_ascii(&mut self, bytes: &[u8]) {
        if self.is_wide {
            self.wide.extend(bytes.iter().map(|b| *b as u32));
        } else {
            self.narrow.extend_from_slice(bytes);
        }
    }

    /// Appends code points.
    pub fn push_chars(&mut self, chars: &[u32]) {
        if !self.is_wide && chars.iter().all(|c| *c < 256) {
            self.narrow.extend(chars.iter().map(|c| *c as u8));
        } else {
            chars.iter().for_each(|c| self.push(*c));
        }
    }

    /// Appends a str.
    pub fn push_text(&mut self, s: &Str) {
        self.push_slice(s, 0, s.len());
    }

    /// The str.
    pub fn finish(self, vm: &Vm) -> Gc<'_, Str> {
        if self.is_wide {
            vm.str_from_code_points(&self.wide)
        } else {
            vm.str_from_latin1(&self.narrow)
        }
    }
}

/// The characters of a str as code points.
pub fn code_points(s: &Str) -> Vec<u32> {
    match s.width() {
        1 => s.data().iter().map(|b| *b as u32).collect(),
        _ => s.chars().collect(),
    }
}

/// The characters of a str, stored with the given width; `None` when they do not fit.
pub fn data_as_width(s: &Str, width: usize) -> Option<Cow<'_, [u8]>> {
    if s.width() == width {
        return Some(Cow::Borrowed(s.data()));
    }
    if s.width() > width {
        return None;
    }
    Some(Cow::Owned(match width {
        2 => s.chars().flat_map(|c| (c as u16).to_ne_bytes()).collect(),
        _ => s.chars().flat_map(u32::to_ne_bytes).collect(),
    }))
}

/// Where `needle` first occurs in `hay`, both of characters of that width; positions are in
/// characters. The needle is not empty.
#[inline]
pub fn find_units(hay: &[u8], needle: &[u8], width: usize) -> Option<usize> {
    if width == 1 {
        return if needle.len() == 1 {
            memchr::memchr(needle[0], hay)
        } else if hay.len() < SHORT {
            find_short(hay, needle)
        } else {
            memmem::find(hay, needle)
        };
    }
    let mut from = 0;
    while let Some(at) = memmem::find(&hay[from..], needle) {
        let at = from + at;
        if at.is_multiple_of(width) {
            return Some(at / width);
        }
        from = at + 1;
    }
    None
}

/// Below this length preparing a search costs more than it saves.
const SHORT: usize = 128;

/// Looks at every place where the first byte is.
fn find_short(hay: &[u8], needle: &[u8]) -> Option<usize> {
    let last = hay.len().checked_sub(needle.len())?;
    let mut from = 0;
    while from <= last {
        let at = from + memchr::memchr(needle[0], &hay[from..=last])?;
        if hay[at..].starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// As [`find_units`], from the end.
pub fn rfind_units(hay: &[u8], needle: &[u8], width: usize) -> Option<usize> {
    if width == 1 {
        return if needle.len() == 1 {
            memchr::memrchr(needle[0], hay)
        } else {
            memmem::rfind(hay, needle)
        };
    }
    let mut end = hay.len();
    while let Some(at) = memmem::rfind(&hay[..end], needle) {
        if at.is_multiple_of(width) {
            return Some(at / width);
        }
        end = at + needle.len() - 1;
    }
    None
}

/// All occurrences that do not overlap, first to last, as positions in characters.
pub struct Occurrences<'a> {
    hay: &'a [u8],
    needle: &'a [u8],
    finder: Option<memmem::Finder<'a>>,
    width: usize,
    from: usize,
}

impl<'a> Occurrences<'a> {
    /// The needle is not empty; both are of characters of that width.
    pub fn new(hay: &'a [u8], needle: &'a [u8], width: usize) -> Self {
        let finder = (needle.len() > 1).then(|| memmem::Finder::new(needle));
        Occurrences { hay, needle, finder, width, from: 0 }
    }
}

impl Iterator for Occurrences<'_> {
    type Item = usize;
    #[inline]
    fn next(&mut self) -> Option<usize> {
        loop {
            let rest = self.hay.get(self.from..)?;
            let at = self.from
                + match &self.finder {
                    Some(finder) => finder.find(rest)?,
                    None => memchr::memchr(self.needle[0], rest)?,
                };
            if at.is_multiple_of(self.width) {
                self.from = at + self.needle.len();
                return Some(at / self.width);
            }
            self.from = at + 1;
        }
    }
}

/// Copies pieces of bytes behind each other into a fresh object.
struct Filler {
    to: *mut u8,
    room: usize,
}

impl Filler {
    #[inline]
    fn copy(&mut self, piece: &[u8]) {
        assert!(piece.len() <= self.room);
        // SAFETY: `to` has room for `room` bytes, and the assertion says that the piece fits.
        unsafe {
            std::ptr::copy_nonoverlapping(piece.as_ptr(), self.to, piece.len());
            self.to = self.to.add(piece.len());
        }
        self.room -= piece.len();
    }
}

impl Vm {
    /// `separator.join(pieces)`: measures first, allocates once, then copies.
    pub fn str_join<'a>(
        &self,
        separator: Gc<'_, Str>,
        pieces: impl Iterator<Item = Gc<'a, Str>> + Clone,
    ) -> Result<Gc<'_, Str>, crate::vm::Raised> {
        let (mut len, mut n) = (0usize, 0usize);
        let (mut width, mut ascii) = (1, true);
        for piece in pieces.clone() {
            len += piece.len();
            width = width.max(piece.width());
            ascii &= piece.is_ascii();
            n += 1;
        }
        if n > 1 && !separator.is_empty() {
            len += separator.len() * (n - 1);
            width = width.max(separator.width());
            ascii &= separator.is_ascii();
        }
        if len == 0 {
            return Ok(self.str(""));
        }
        self.check_size(len * width)?;
        let (s, to) = self.str_uninit(ClassId::Str as u32, len, width, ascii);
        let mut filler = Filler { to, room: len * width };
        let between = data_as_width(separator.r(), width).unwrap_or_default();
        if width == 1 {
            for (i, piece) in pieces.enumerate() {
                if i > 0 {
                    filler.copy(&between);
                }
                filler.copy(piece.r().data());
            }
            assert!(filler.room == 0);
            return Ok(s);
        }
        for (i, piece) in pieces.enumerate() {
            if i > 0 {
                filler.copy(&between);
            }
            match data_as_width(piece.r(), width) {
                Some(data) => filler.copy(&data),
                None => unreachable!("the width is the largest"),
            }
        }
        assert!(filler.room == 0);
        Ok(s)
    }

    /// A new str of ASCII bytes.
    #[inline]
    pub(super) fn str_from_ascii(&self, bytes: &[u8]) -> Gc<'_, Str> {
        if bytes.len() < 2 {
            return self.str_from_latin1(bytes);
        }
        debug_assert!(bytes.is_ascii());
        let (s, to) = self.str_uninit(ClassId::Str as u32, bytes.len(), 1, true);
        Filler { to, room: bytes.len() }.copy(bytes);
        s
    }

    /// A str repeated `n` times; the total is known to fit.
    pub fn str_repeat<'gc>(&'gc self, s: Gc<'gc, Str>, n: usize) -> Gc<'gc, Str> {
        let unit = s.r().data();
        let total = unit.len() * n;
        if total == 0 {
            return self.str("");
        }
        let len = s.len() * n;
        let (new, data) = self.str_uninit(ClassId::Str as u32, len, s.width(), s.is_ascii());
        // SAFETY: the new object has room for `total` bytes. The first copy fills one unit; then
        // what is there is doubled until all is full; source and target never overlap.
        unsafe {
            if let [byte] = unit {
                std::ptr::write_bytes(data, *byte, total);
                return new;
            }
            std::ptr::copy_nonoverlapping(unit.as_ptr(), data, unit.len());
            let mut done = unit.len();
            while done < total {
                let more = done.min(total - done);
                std::ptr::copy_nonoverlapping(data, data.add(done), more);
                done += more;
            }
        }
        new
    }
}

/// Appends the representation of a str: quotes, escapes for what is not printable.
pub fn push_repr(out: &mut TextBuilder, s: &Str) {
    let has = |quote: u8| match s.width() {
        1 => memchr::memchr(quote, s.data()).is_some(),
        _ => s.chars().any(|c| c == quote as u32),
    };
    let (single, double) = (has(b'\''), has(b'"'));
    let quote = if single && !double { b'"' } else { b'\'' } as u32;
    out.push(quote);
    let plain = |b: &u8| (0x20..0x7F).contains(b) && *b != b'\\' && *b as u32 != quote;
    let shown = |c: u32| match u8::try_from(c) {
        Ok(b) if b < 0x80 => plain(&b),
        _ => super::unicode::is_printable(c),
    };
    if s.is_ascii() && s.data().iter().all(plain) {
        out.push_ascii(s.data());
    } else if s.chars().all(shown) {
        out.push_text(s);
    } else {
        s.chars().for_each(|c| push_escaped(out, c, quote));
    }
    out.push(quote);
}

fn push_escaped(out: &mut TextBuilder, c: u32, quote: u32) {
    match c {
        0x0A => out.push_str("\\n"),
        0x0D => out.push_str("\\r"),
        0x09 => out.push_str("\\t"),
        0x5C => out.push_str("\\\\"),
        _ if c == quote => {
            out.push(b'\\' as u32);
            out.push(c);
        }
        _ if super::unicode::is_printable(c) => out.push(c),
        0..=0xFF => out.push_str(&format!("\\x{c:02x}")),
        0x100..=0xFFFF => out.push_str(&format!("\\u{c:04x}")),
        _ => out.push_str(&format!("\\U{c:08x}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_search_respects_characters() {
        // U+4100 U+0041 holds the bytes of U+0041 across its two characters.
        let hay: Vec<u8> = [0x4100u16, 0x0041].iter().flat_map(|c| c.to_ne_bytes()).collect();
        let needle = 0x41u16.to_ne_bytes();
        assert_eq!(find_units(&hay, &needle, 2), Some(1));
        assert_eq!(rfind_units(&hay, &needle, 2), Some(1));
        assert_eq!(Occurrences::new(&hay, &needle, 2).collect::<Vec<_>>(), [1]);
        assert_eq!(Occurrences::new(b"aaaa", b"aa", 1).collect::<Vec<_>>(), [0, 2]);
    }
}
