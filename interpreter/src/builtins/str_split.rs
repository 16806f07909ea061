//! Taking strs apart: `split`, `splitlines`, `partition` and their kin.

use super::str::this;
use super::text::{Occurrences, data_as_width, find_units, rfind_units};
use super::unicode::{is_line_break, is_space};
use crate::object::{Gc, Str};
use crate::raise;
use crate::value::Value;
use crate::vm::{Args, NativeResult, Raised, Vm};

/// Room made for pieces at once.
const USUAL: usize = 12;

/// A range of characters.
pub(super) type Piece = (usize, usize);

/// The pieces between white space, first to last; at most `most` cuts.
pub(super) fn split_blank(len: usize, blank: impl Fn(usize) -> bool, most: usize) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = 0;
    loop {
        while at < len && blank(at) {
            at += 1;
        }
        if at == len {
            return pieces;
        }
        if pieces.len() == most {
            pieces.push((at, len));
            return pieces;
        }
        let start = at;
        while at < len && !blank(at) {
            at += 1;
        }
        pieces.push((start, at));
    }
}

/// As [`split_blank`], cutting from the end; the pieces are in reverse order.
pub(super) fn rsplit_blank(len: usize, blank: impl Fn(usize) -> bool, most: usize) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut end = len;
    loop {
        while end > 0 && blank(end - 1) {
            end -= 1;
        }
        if end == 0 {
            return pieces;
        }
        if pieces.len() == most {
            pieces.push((0, end));
            return pieces;
        }
        let last = end;
        while end > 0 && !blank(end - 1) {
            end -= 1;
        }
        pieces.push((end, last));
    }
}

/// The pieces between occurrences of a separator of the same width; at most `most` cuts.
pub(super) fn split_units(hay: &[u8], needle: &[u8], width: usize, most: usize) -> Vec<Piece> {
    let n = needle.len() / width;
    let mut pieces = Vec::with_capacity(USUAL);
    let mut start = 0;
    if let ([byte], 1) = (needle, width) {
        for at in memchr::memchr_iter(*byte, hay).take(most) {
            pieces.push((start, at));
            start = at + 1;
        }
        pieces.push((start, hay.len()));
        return pieces;
    }
    for at in Occurrences::new(hay, needle, width).take(most) {
        pieces.push((start, at));
        start = at + n;
    }
    pieces.push((start, hay.len() / width));
    pieces
}

/// As [`split_units`], cutting from the end; the pieces are in reverse order.
pub(super) fn rsplit_units(hay: &[u8], needle: &[u8], width: usize, most: usize) -> Vec<Piece> {
    let n = needle.len() / width;
    let mut pieces = Vec::new();
    let mut end = hay.len() / width;
    while pieces.len() < most
        && let Some(at) = rfind_units(&hay[..end * width], needle, width)
    {
        pieces.push((at + n, end));
        end = at;
    }
    pieces.push((0, end));
    pieces
}

/// The most cuts: an argument where -1 or nothing means no limit.
pub(super) fn most_cuts(vm: &mut Vm, args: Args, i: usize) -> Result<usize, Raised> {
    match args.opt_local(vm, i) {
        Some(most) => Ok(usize::try_from(vm.index_i64(most)?).unwrap_or(usize::MAX)),
        None => Ok(usize::MAX),
    }
}

fn split_either(vm: &mut Vm, args: Args, from_end: bool) -> NativeResult {
    this(vm, args)?;
    let most = most_cuts(vm, args, 2)?;
    let vm = &*vm;
    let s = this(vm, args)?;
    let separator = match args.not_none(vm, 1) {
        None => None,
        Some(v) => match v.as_str() {
            Some(separator) if separator.is_empty() => raise!(vm, ValueError, "empty separator"),
            Some(separator) => Some(separator),
            None => {
                let given = vm.type_name(v);
                raise!(vm, TypeError, "must be str or None, not {given}");
            }
        },
    };
    let (len, width, data) = (s.len(), s.width(), s.r().data());
    let mut pieces = match separator {
        None if width == 1 => {
            let blank = |i: usize| {
                let b = data[i];
                b <= b' ' && is_space(b as u32) || b >= 0x80 && is_space(b as u32)
            };
            if from_end { rsplit_blank(len, blank, most) } else { split_blank(len, blank, most) }
        }
        None => {
            let blank = |i: usize| is_space(s.char_at(i));
            if from_end { rsplit_blank(len, blank, most) } else { split_blank(len, blank, most) }
        }
        Some(separator) => match data_as_width(separator.r(), width) {
            Some(needle) if from_end => rsplit_units(data, &needle, width, most),
            Some(needle) => split_units(data, &needle, width, most),
            None => vec![(0, len)],
        },
    };
    if from_end {
        pieces.reverse();
    }
    Ok(vm.ret(list_of_pieces(vm, s, &pieces)))
}

fn list_of_pieces<'gc>(vm: &'gc Vm, s: Gc<'gc, Str>, pieces: &[Piece]) -> Value<'gc> {
    if s.is_ascii() && pieces.len() > 1 {
        let data = s.r().data();
        let items = pieces.iter().map(|&(a, b)| vm.str_from_ascii(&data[a..b]).value());
        return vm.list_from(pieces.len(), items).value();
    }
    let items = pieces.iter().map(|&(start, end)| vm.str_slice(s, start, end).value());
    vm.list_from(pieces.len(), items).value()
}

pub(super) fn split(vm: &mut Vm, args: Args) -> NativeResult {
    split_either(vm, args, false)
}

pub(super) fn rsplit(vm: &mut Vm, args: Args) -> NativeResult {
    split_either(vm, args, true)
}

/// The lines among `len` characters, with or without their ends.
pub(super) fn lines(
    len: usize,
    char_at: impl Fn(usize) -> u32,
    is_break: impl Fn(u32) -> bool,
    keep: bool,
) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < len {
        let c = char_at(at);
        if !is_break(c) {
            at += 1;
            continue;
        }
        let end = at;
        at += 1;
        if c == 13 && at < len && char_at(at) == 10 {
            at += 1;
        }
        pieces.push((start, if keep { at } else { end }));
        start = at;
    }
    if start < len {
        pieces.push((start, len));
    }
    pieces
}

pub(super) fn splitlines(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    let keep = match args.opt_local(vm, 1) {
        Some(keep) => vm.truth(keep)?,
        None => false,
    };
    let vm = &*vm;
    let s = this(vm, args)?;
    let pieces = if s.width() == 1 {
        let data = s.r().data();
        lines(data.len(), |i| data[i] as u32, is_line_break, keep)
    } else {
        lines(s.len(), |i| s.char_at(i), is_line_break, keep)
    };
    Ok(vm.ret(list_of_pieces(vm, s, &pieces)))
}

fn partition_either(vm: &mut Vm, args: Args, last: bool) -> NativeResult {
    let vm = &*vm;
    let s = this(vm, args)?;
    let Some(separator) = args.get(vm, 1).as_str() else {
        let given = vm.type_name(args.get(vm, 1));
        raise!(vm, TypeError, "must be str, not {given}");
    };
    if separator.is_empty() {
        raise!(vm, ValueError, "empty separator");
    }
    let (width, data) = (s.width(), s.r().data());
    let found = data_as_width(separator.r(), width).and_then(|needle| {
        if last { rfind_units(data, &needle, width) } else { find_units(data, &needle, width) }
    });
    let empty = vm.str("").value();
    let parts = match found {
        Some(at) => [
            vm.str_slice(s, 0, at).value(),
            separator.value(),
            vm.str_slice(s, at + separator.len(), s.len()).value(),
        ],
        None if last => [empty, empty, s.value()],
        None => [s.value(), empty, empty],
    };
    Ok(vm.ret(vm.tuple(&parts).value()))
}

pub(super) fn partition(vm: &mut Vm, args: Args) -> NativeResult {
    partition_either(vm, args, false)
}

pub(super) fn rpartition(vm: &mut Vm, args: Args) -> NativeResult {
    partition_either(vm, args, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts() {
        let text = b"  a bb  c ";
        let blank = |i: usize| text[i] == b' ';
        assert_eq!(split_blank(10, blank, usize::MAX), [(2, 3), (4, 6), (8, 9)]);
        assert_eq!(split_blank(10, blank, 1), [(2, 3), (4, 10)]);
        assert_eq!(rsplit_blank(10, blank, 1), [(8, 9), (0, 6)]);
        assert_eq!(split_units(b"a,b,", b",", 1, usize::MAX), [(0, 1), (2, 3), (4, 4)]);
        assert_eq!(rsplit_units(b"a,b,c", b",", 1, 1), [(4, 5), (0, 3)]);
        let text = b"a\r\nb\rc\n";
        let brk = |c: u32| c == 10 || c == 13;
        assert_eq!(lines(7, |i| text[i] as u32, brk, false), [(0, 1), (3, 4), (5, 6)]);
        assert_eq!(lines(7, |i| text[i] as u32, brk, true), [(0, 3), (3, 5), (5, 7)]);
    }
}
