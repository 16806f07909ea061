//! Searching in strs: `find`, `index`, `count`, `startswith` and their kin.

use super::str::this;
use super::text::{Occurrences, data_as_width, find_units, rfind_units};
use crate::object::{Str, Tuple};
use crate::raise;
use crate::value::Value;
use crate::vm::{Args, Local, NativeResult, Raised, Special, Vm};

/// One bound of a range in a sequence: `None` when left out or None.
fn bound(vm: &mut Vm, v: Local) -> Result<Option<isize>, Raised> {
    let value = vm.get(v);
    if value.is_none() || value.is_unbound() {
        return Ok(None);
    }
    if let Some(i) = value.as_small_int() {
        return Ok(Some(i as isize));
    }
    if !vm.is_int(value) && vm.special_of(value, Special::Index).is_none() {
        raise!(vm, TypeError, "slice indices must be integers or None or have an __index__ method");
    }
    vm.index_clamped(v).map(Some)
}

/// The optional arguments `start` and `end` at `i` and `i + 1`, for a sequence of that length. The
/// start may be past the end.
pub(super) fn bounds(
    vm: &mut Vm,
    args: Args,
    i: usize,
    len: usize,
) -> Result<(usize, usize), Raised> {
    let clamp = |at: isize| {
        if at < 0 { at.saturating_add(len as isize).max(0) as usize } else { at as usize }
    };
    let start = bound(vm, args.local(i))?.map_or(0, clamp);
    let end = bound(vm, args.local(i + 1))?.map_or(len, clamp).min(len);
    Ok((start, end))
}

/// Where `needle` is in the range of `s`: the first place, or the last.
fn search(s: &Str, needle: &Str, start: usize, end: usize, last: bool) -> Option<usize> {
    if start > end {
        return None;
    }
    if needle.is_empty() {
        return Some(if last { end } else { start });
    }
    let width = s.width();
    let needle = data_as_width(needle, width)?;
    let hay = &s.data()[start * width..end * width];
    let found =
        if last { rfind_units(hay, &needle, width) } else { find_units(hay, &needle, width) };
    found.map(|at| at + start)
}

fn locate(vm: &mut Vm, args: Args, last: bool) -> Result<Option<usize>, Raised> {
    let len = this(vm, args)?.len();
    args.str(vm, 1)?;
    let (start, end) = bounds(vm, args, 2, len)?;
    let needle = args.str(vm, 1)?;
    Ok(search(this(vm, args)?.r(), needle.r(), start, end, last))
}

fn find_either(vm: &mut Vm, args: Args, last: bool) -> NativeResult {
    let found = locate(vm, args, last)?;
    Ok(vm.ret(found.map_or(Value::from_i32(-1), |i| vm.int_usize(i))))
}

fn index_either(vm: &mut Vm, args: Args, last: bool) -> NativeResult {
    match locate(vm, args, last)? {
        Some(i) => Ok(vm.ret(vm.int_usize(i))),
        None => raise!(vm, ValueError, "substring not found"),
    }
}

pub(super) fn find(vm: &mut Vm, args: Args) -> NativeResult {
    find_either(vm, args, false)
}

pub(super) fn rfind(vm: &mut Vm, args: Args) -> NativeResult {
    find_either(vm, args, true)
}

pub(super) fn index(vm: &mut Vm, args: Args) -> NativeResult {
    index_either(vm, args, false)
}

pub(super) fn rindex(vm: &mut Vm, args: Args) -> NativeResult {
    index_either(vm, args, true)
}

pub(super) fn count(vm: &mut Vm, args: Args) -> NativeResult {
    let len = this(vm, args)?.len();
    args.str(vm, 1)?;
    let (start, end) = bounds(vm, args, 2, len)?;
    let vm = &*vm;
    let (s, needle) = (this(vm, args)?, args.str(vm, 1)?);
    let n = if start > end {
        0
    } else if needle.is_empty() {
        end - start + 1
    } else {
        let width = s.width();
        match data_as_width(needle.r(), width) {
            Some(needle) => count_units(&s.data()[start * width..end * width], &needle, width),
            None => 0,
        }
    };
    Ok(vm.ret(vm.int_usize(n)))
}

/// Number of occurrences that do not overlap; the needle is not empty.
pub(super) fn count_units(hay: &[u8], needle: &[u8], width: usize) -> usize {
    if let ([byte], 1) = (needle, width) {
        return memchr::memchr_iter(*byte, hay).count();
    }
    Occurrences::new(hay, needle, width).count()
}

/// Whether the range of `s` starts (or ends) with `part`.
pub(super) fn has_affix(s: &Str, part: &Str, start: usize, end: usize, at_end: bool) -> bool {
    if start > end || part.len() > end - start {
        return false;
    }
    let width = s.width();
    let Some(part) = data_as_width(part, width) else { return false };
    let range = &s.data()[start * width..end * width];
    if at_end { range.ends_with(&part) } else { range.starts_with(&part) }
}

fn affix(vm: &mut Vm, args: Args, at_end: bool) -> NativeResult {
    let len = this(vm, args)?.len();
    let (start, end) = bounds(vm, args, 2, len)?;
    let vm = &*vm;
    let (s, what) = (this(vm, args)?, args.get(vm, 1));
    let name = args.callee_name(vm);
    let found = if let Some(part) = what.as_str() {
        has_affix(s.r(), part.r(), start, end, at_end)
    } else if let Some(parts) = what.cast::<Tuple>() {
        let mut found = false;
        for i in 0..parts.len() {
            let part = parts.item(vm, i);
            let Some(part) = part.as_str() else {
                let given = vm.type_name(part);
                raise!(vm, TypeError, "tuple for {name} must only contain str, not {given}");
            };
            if has_affix(s.r(), part.r(), start, end, at_end) {
                found = true;
                break;
            }
        }
        found
    } else {
        let given = vm.type_name(what);
        raise!(vm, TypeError, "{name} first arg must be str or a tuple of str, not {given}");
    };
    Ok(vm.ret(Value::from_bool(found)))
}

pub(super) fn startswith(vm: &mut Vm, args: Args) -> NativeResult {
    affix(vm, args, false)
}

pub(super) fn endswith(vm: &mut Vm, args: Args) -> NativeResult {
    affix(vm, args, true)
}
