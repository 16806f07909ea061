//! What bytes and bytearray share: taking bytes from objects, and the methods that both have. They
//! work on a view of the receiver's bytes and give back an object of the receiver's kind.

use super::str::{foreign, index_of, repeat_count};
use super::str_methods::{Share, center_share, tab_size};
use super::str_search::{bounds, count_units};
use super::str_split::{lines, most_cuts, rsplit_blank, rsplit_units, split_blank, split_units};
use super::text::{Occurrences, TextBuilder, find_units, rfind_units};
use super::{ClassId, codecs, format_percent};
use crate::object::{ByteArray, Bytes, Gc, Kind, List, Slice, Tuple};
use crate::raise;
use crate::value::Value;
use crate::vm::buffer::copied;
use crate::vm::item::position;
use crate::vm::{Args, Local, NativeResult, Raised, Special, Vm};
use std::borrow::Cow;

/// The bytes of a bytes-like object.
pub fn buffer<'gc>(vm: &'gc Vm, v: Value<'gc>) -> Option<Cow<'gc, [u8]>> {
    match v.kind()? {
        Kind::Bytes => v.cast::<Bytes>().map(|b| Cow::Borrowed(b.r().data())),
        Kind::ByteArray => v.cast::<ByteArray>().map(|b| Cow::Owned(vm.bytearray_data(b))),
        Kind::Native => vm.buffer_leaf(v).map(|data| Cow::Owned(copied(data))),
        _ => None,
    }
}

/// The bytes of a bytes-like object; TypeError otherwise.
pub fn needed<'gc>(vm: &'gc Vm, v: Value<'gc>) -> Result<Cow<'gc, [u8]>, Raised> {
    buffer(vm, v).ok_or_else(|| {
        let given = vm.type_name(v);
        vm.type_error(format!("a bytes-like object is required, not '{given}'"))
    })
}

/// What the `__bytes__` of an object gives, if it has one.
pub fn bytes_by_method(vm: &mut Vm, v: Local) -> Result<Option<Local>, Raised> {
    let Some(ret) = vm.call_special(v, Special::Bytes, &[])? else { return Ok(None) };
    let result = vm.value(ret);
    if result.cast::<Bytes>().is_none() {
        let given = vm.type_name(result);
        raise!(vm, TypeError, "__bytes__ returned non-bytes (type {given})");
    }
    Ok(Some(vm.root(result)))
}

/// The bytes of an object: by `__bytes__`, of its buffer, or the ints that it yields.
pub fn bytes_of(vm: &mut Vm, v: Local) -> Result<Vec<u8>, Raised> {
    if let Some(made) = bytes_by_method(vm, v)? {
        return Ok(vm.get(made).cast::<Bytes>().map_or(Vec::new(), |b| b.data().to_vec()));
    }
    if vm.exports_buffer(vm.get(v)) {
        return vm.gathered_bytes(v);
    }
    bytes_of_items(vm, v, "bytes must be in range(0, 256)")
}

/// The bytes that an iterable of ints yields.
pub fn bytes_of_items(vm: &mut Vm, v: Local, range: &str) -> Result<Vec<u8>, Raised> {
    let value = vm.get(v);
    let iterable = vm.special_of(value, Special::Iter).is_some_and(|m| !m.is_none())
        || vm.special_of(value, Special::GetItem).is_some();
    if !iterable || value.as_str().is_some() {
        let given = vm.type_name(value);
        raise!(vm, TypeError, "cannot convert '{given}' object to bytes");
    }
    let mut data = Vec::new();
    vm.iterate(v, |vm, item| {
        data.push(byte(vm, item, range)?);
        Ok(())
    })?;
    Ok(data)
}

/// An int as a byte.
pub fn byte(vm: &mut Vm, v: Local, range: &str) -> Result<u8, Raised> {
    let i = match vm.get(v).as_small_int() {
        Some(i) => i,
        None => {
            let ret = vm.index(v)?;
            vm.as_i64(vm.value(ret)).unwrap_or(-1)
        }
    };
    u8::try_from(i).map_err(|_| vm.value_error(range))
}

/// Appends the representation of bytes.
pub fn push_bytes_repr(out: &mut TextBuilder, data: &[u8]) {
    let quote = if data.contains(&b'\'') && !data.contains(&b'"') { b'"' } else { b'\'' };
    out.push_str("b");
    out.push(quote as u32);
    for &b in data {
        match b {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b'\\' => out.push_str("\\\\"),
            _ if b == quote => {
                out.push(b'\\' as u32);
                out.push(b as u32);
            }
            0x20..0x7F => out.push(b as u32),
            _ => out.push_str(&format!("\\x{b:02x}")),
        }
    }
    out.push(quote as u32);
}

/// The receiver's bytes.
fn this(vm: &Vm, args: Args) -> Result<Cow<'_, [u8]>, Raised> {
    buffer(vm, args.get(vm, 0)).ok_or_else(|| args.wrong_receiver(vm))
}

/// An object of the receiver's kind.
fn make<'gc>(vm: &'gc Vm, args: Args, data: &[u8]) -> Value<'gc> {
    match args.get(vm, 0).kind() {
        Some(Kind::ByteArray) => vm.bytearray(data).value(),
        _ => vm.bytes(data).value(),
    }
}

/// The receiver itself when it is of type bytes, else a copy of its bytes.
fn itself(vm: &Vm, args: Args) -> Result<Value<'_>, Raised> {
    if vm.is_exact(args.get(vm, 0), ClassId::Bytes) {
        return Ok(args.get(vm, 0));
    }
    Ok(make(vm, args, &this(vm, args)?))
}

/// Most bytes an object of this process can have.
fn check(vm: &Vm, size: usize) -> Result<(), Raised> {
    vm.check_size(size)
}

/// Methods that bytes and bytearray share, followed by the type's own.
macro_rules! shared_methods {
    ($($own:expr,)*) => { &[
        $($own,)*
        NativeDef::method(
            "__buffer__($self, flags, /)",
            shared::buffer_view,
            "A memoryview of the object.",
        ),
        NativeDef::method(
            "__release_buffer__($self, buffer, /)",
            super::memoryview::release_buffer,
            "Release a memoryview of the object.",
        ),
        NativeDef::method("__len__($self, /)", shared::len, "Return len(self)."),
        NativeDef::method("__contains__($self, key, /)", shared::contains, "Return key in self."),
        NativeDef::method("__getitem__($self, key, /)", shared::getitem, "Return self[key]."),
        NativeDef::method("__add__($self, value, /)", shared::add, "Return self+value."),
        NativeDef::method("__mul__($self, value, /)", shared::mul, "Return self*value."),
        NativeDef::method("__rmul__($self, value, /)", shared::mul, "Return value*self."),
        NativeDef::method("__mod__($self, value, /)", shared::modulo, "Return self%value."),
        NativeDef::method("__rmod__($self, value, /)", shared::rmodulo, "Return value%self."),
        NativeDef::method("__lt__($self, value, /)", shared::lt, "Return self<value."),
        NativeDef::method("__le__($self, value, /)", shared::le, "Return self<=value."),
        NativeDef::method("__eq__($self, value, /)", shared::eq, "Return self==value."),
        NativeDef::method("__ne__($self, value, /)", shared::ne, "Return self!=value."),
        NativeDef::method("__gt__($self, value, /)", shared::gt, "Return self>value."),
        NativeDef::method("__ge__($self, value, /)", shared::ge, "Return self>=value."),
        NativeDef::method(
            "decode($self, /, encoding='utf-8', errors='strict')", shared::decode,
            "Decode the bytes as text."),
        NativeDef::method("find($self, sub, start=None, end=None, /)", shared::find,
            "Lowest index where sub is found, or -1."),
        NativeDef::method("rfind($self, sub, start=None, end=None, /)", shared::rfind,
            "Highest index where sub is found, or -1."),
        NativeDef::method("index($self, sub, start=None, end=None, /)", shared::index,
            "Lowest index where sub is found; ValueError if it is not."),
        NativeDef::method("rindex($self, sub, start=None, end=None, /)", shared::rindex,
            "Highest index where sub is found; ValueError if it is not."),
        NativeDef::method("count($self, sub, start=None, end=None, /)", shared::count,
            "Number of occurrences of sub that do not overlap."),
        NativeDef::method("startswith($self, prefix, start=None, end=None, /)", shared::startswith,
            "Whether the bytes start with the prefix, or with one of a tuple of them."),
        NativeDef::method("endswith($self, suffix, start=None, end=None, /)", shared::endswith,
            "Whether the bytes end with the suffix, or with one of a tuple of them."),
        NativeDef::method("split($self, /, sep=None, maxsplit=-1)", shared::split,
            "The parts separated by sep or by white space."),
        NativeDef::method("rsplit($self, /, sep=None, maxsplit=-1)", shared::rsplit,
            "As split, but counting from the end."),
        NativeDef::method("splitlines($self, /, keepends=False)", shared::splitlines, "The lines."),
        NativeDef::method("partition($self, sep, /)", shared::partition,
            "What is before the first sep, sep, and what is after it."),
        NativeDef::method("rpartition($self, sep, /)", shared::rpartition,
            "What is before the last sep, sep, and what is after it."),
        NativeDef::method("join($self, iterable_of_bytes, /)", shared::join,
            "The bytes-like objects, with these bytes between them."),
        NativeDef::method("replace($self, old, new, count=-1, /)", shared::replace,
            "A copy with occurrences of old replaced by new."),
        NativeDef::method("strip($self, bytes=None, /)", shared::strip,
            "A copy without leading and trailing white space (or given bytes)."),
        NativeDef::method("lstrip($self, bytes=None, /)", shared::lstrip,
            "A copy without leading white space (or given bytes)."),
        NativeDef::method("rstrip($self, bytes=None, /)", shared::rstrip,
            "A copy without trailing white space (or given bytes)."),
        NativeDef::method("removeprefix($self, prefix, /)", shared::removeprefix,
            "A copy without the prefix."),
        NativeDef::method("removesuffix($self, suffix, /)", shared::removesuffix,
            "A copy without the suffix."),
        NativeDef::method("center($self, width, fillchar=b' ', /)", shared::center, "Centered."),
        NativeDef::method("ljust($self, width, fillchar=b' ', /)", shared::ljust,
            "Padded on the right."),
        NativeDef::method("rjust($self, width, fillchar=b' ', /)", shared::rjust,
            "Padded on the left."),
        NativeDef::method("zfill($self, width, /)", shared::zfill,
            "Padded with zeros behind the sign."),
        NativeDef::method("expandtabs($self, /, tabsize=8)", shared::expandtabs,
            "Tabs replaced by spaces."),
        NativeDef::method("translate($self, table, /, delete=b'')", shared::translate,
            "Bytes replaced by a table, after deleting some."),
        NativeDef::static_method("maketrans(frm, to, /)", shared::maketrans,
            "A table for translate."),
        NativeDef::method("hex($self, /, sep=<unrepresentable>, bytes_per_sep=1)", shared::hex,
            "The bytes in hexadecimal."),
        NativeDef::method("upper($self, /)", shared::upper, "A copy with ASCII uppercase."),
        NativeDef::method("lower($self, /)", shared::lower, "A copy with ASCII lowercase."),
        NativeDef::method("title($self, /)", shared::title, "A copy with words in titlecase."),
        NativeDef::method("capitalize($self, /)", shared::capitalize,
            "A copy with only the first byte uppercase."),
        NativeDef::method("swapcase($self, /)", shared::swapcase, "A copy with case exchanged."),
        NativeDef::method("isalpha($self, /)", shared::isalpha, "Whether all are ASCII letters."),
        NativeDef::method("isdigit($self, /)", shared::isdigit, "Whether all are ASCII digits."),
        NativeDef::method("isalnum($self, /)", shared::isalnum,
            "Whether all are ASCII letters or digits."),
        NativeDef::method("isspace($self, /)", shared::isspace, "Whether all are white space."),
        NativeDef::method("islower($self, /)", shared::islower,
            "Whether all letters are lowercase."),
        NativeDef::method("isupper($self, /)", shared::isupper,
            "Whether all letters are uppercase."),
        NativeDef::method("istitle($self, /)", shared::istitle,
            "Whether every word is in titlecase."),
        NativeDef::method("isascii($self, /)", shared::isascii, "Whether all are ASCII."),
    ] };
}
pub(super) use shared_methods;

pub(super) fn len(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(vm.int_usize(this(vm, args)?.len())))
}

/// An argument that may be one byte or bytes.
fn sub<'gc>(vm: &'gc Vm, v: Value<'gc>) -> Result<Cow<'gc, [u8]>, Raised> {
    if let Some(data) = buffer(vm, v) {
        return Ok(data);
    }
    if vm.is_int(v) {
        return match vm.as_i64(v).and_then(|i| u8::try_from(i).ok()) {
            Some(b) => Ok(Cow::Owned(vec![b])),
            None => raise!(vm, ValueError, "byte must be in range(0, 256)"),
        };
    }
    let given = vm.type_name(v);
    raise!(vm, TypeError, "argument should be integer or bytes-like object, not '{given}'")
}

pub(super) fn contains(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let data = this(vm, args)?;
    let key = args.get(vm, 1);
    if !vm.is_int(key) && buffer(vm, key).is_none() {
        let given = vm.type_name(key);
        raise!(vm, TypeError, "a bytes-like object is required, not '{given}'");
    }
    let key = sub(vm, key)?;
    let found = key.is_empty() || find_units(&data, &key, 1).is_some();
    Ok(vm.ret(Value::from_bool(found)))
}

pub(super) fn getitem(vm: &mut Vm, args: Args) -> NativeResult {
    let len = this(vm, args)?.len();
    let key = args.local(1);
    if vm.get(key).cast::<Slice>().is_some() {
        let (start, _, step, count) = vm.slice_indices(key, len)?;
        let vm = &*vm;
        let data = this(vm, args)?;
        if step == 1 {
            let start = start as usize;
            return Ok(vm.ret(make(vm, args, &data[start..start + count])));
        }
        let at = |i: usize| data[(start + i as isize * step) as usize];
        let picked: Vec<u8> = (0..count).map(at).collect();
        return Ok(vm.ret(make(vm, args, &picked)));
    }
    let array = vm.get(args.local(0)).kind() == Some(Kind::ByteArray);
    let what = if array { "bytearray" } else { "byte" };
    let index = index_of(vm, key, &format!("{what} indices must be integers or slices, not "))?;
    let vm = &*vm;
    match position(index, len) {
        Some(i) => Ok(vm.ret(Value::from_i32(byte_at(vm, args, i) as i32))),
        None if array => raise!(vm, IndexError, "bytearray index out of range"),
        None => raise!(vm, IndexError, "index out of range"),
    }
}

/// One byte of the receiver, without a copy of the rest.
fn byte_at(vm: &Vm, args: Args, i: usize) -> u8 {
    match args.get(vm, 0).cast::<ByteArray>() {
        Some(array) => vm.bytearray_get(array, i),
        None => args.get(vm, 0).cast::<Bytes>().map_or(0, |b| b.data()[i]),
    }
}

pub(super) fn add(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (a, other) = (this(vm, args)?, args.get(vm, 1));
    let Some(b) = buffer(vm, other) else {
        if foreign(vm, other, Special::RAdd) {
            return Ok(vm.ret(Value::NOT_IMPLEMENTED));
        }
        let (given, own) = (vm.type_name(other), vm.type_name(args.get(vm, 0)));
        raise!(vm, TypeError, "can't concat {given} to {own}");
    };
    check(vm, a.len() + b.len())?;
    Ok(vm.ret(make(vm, args, &[a, b].concat())))
}

pub(super) fn mul(vm: &mut Vm, args: Args) -> NativeResult {
    let unit = this(vm, args)?.len();
    let Some(n) = repeat_count(vm, args, unit)? else {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    };
    let vm = &*vm;
    if n == 1 {
        return Ok(vm.ret(itself(vm, args)?));
    }
    let data = this(vm, args)?.repeat(n);
    Ok(vm.ret(make(vm, args, &data)))
}

pub(super) fn modulo(vm: &mut Vm, args: Args) -> NativeResult {
    let template = this(vm, args)?.into_owned();
    let data = format_percent::format_bytes(vm, &template, args.local(1))?;
    Ok(vm.ret(make(vm, args, &data)))
}

pub(super) fn rmodulo(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    let Some(template) = buffer(vm, args.get(vm, 1)) else {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    };
    let template = template.into_owned();
    let data = format_percent::format_bytes(vm, &template, args.local(0))?;
    Ok(vm.ret(vm.bytes(&data).value()))
}

macro_rules! comparisons {
    ($($name:ident $test:ident;)*) => { $(
        pub(super) fn $name(vm: &mut Vm, args: Args) -> NativeResult {
            let vm = &*vm;
            let a = this(vm, args)?;
            // A view compares itself with bytes; a bytearray takes any buffer.
            let other = args.get(vm, 1);
            let foreign = other.kind() == Some(Kind::Native)
                && args.get(vm, 0).kind() == Some(Kind::Bytes);
            let answer = match buffer(vm, other).filter(|_| !foreign) {
                Some(b) => Value::from_bool(a[..].cmp(&b[..]).$test()),
                None => Value::NOT_IMPLEMENTED,
            };
            Ok(vm.ret(answer))
        }
    )* };
}
comparisons! { lt is_lt; le is_le; eq is_eq; ne is_ne; gt is_gt; ge is_ge; }

pub(super) fn decode(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    for (i, name) in [(1, "encoding"), (2, "errors")] {
        if args.opt(vm, i).is_some_and(|v| v.as_str().is_none()) {
            let given = vm.type_name(args.get(vm, i));
            raise!(vm, TypeError, "decode() argument '{name}' must be str, not {given}");
        }
    }
    codecs::decode_argument(vm, args.local(0), args.opt_local(vm, 1), args.opt_local(vm, 2))
}

fn locate(vm: &mut Vm, args: Args, last: bool) -> Result<Option<usize>, Raised> {
    let len = this(vm, args)?.len();
    let (start, end) = bounds(vm, args, 2, len)?;
    let vm = &*vm;
    let (data, needle) = (this(vm, args)?, sub(vm, args.get(vm, 1))?);
    if start > end {
        return Ok(None);
    }
    if needle.is_empty() {
        return Ok(Some(if last { end } else { start }));
    }
    let range = &data[start..end];
    let found = if last { rfind_units(range, &needle, 1) } else { find_units(range, &needle, 1) };
    Ok(found.map(|at| at + start))
}

fn find_either(vm: &mut Vm, args: Args, last: bool) -> NativeResult {
    let found = locate(vm, args, last)?;
    Ok(vm.ret(found.map_or(Value::from_i32(-1), |i| vm.int_usize(i))))
}

fn index_either(vm: &mut Vm, args: Args, last: bool) -> NativeResult {
    match locate(vm, args, last)? {
        Some(i) => Ok(vm.ret(vm.int_usize(i))),
        None => raise!(vm, ValueError, "subsection not found"),
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
    let (start, end) = bounds(vm, args, 2, len)?;
    let vm = &*vm;
    let (data, needle) = (this(vm, args)?, sub(vm, args.get(vm, 1))?);
    let n = if start > end {
        0
    } else if needle.is_empty() {
        end - start + 1
    } else {
        count_units(&data[start..end], &needle, 1)
    };
    Ok(vm.ret(vm.int_usize(n)))
}

fn affix(vm: &mut Vm, args: Args, at_end: bool) -> NativeResult {
    let len = this(vm, args)?.len();
    let (start, end) = bounds(vm, args, 2, len)?;
    let vm = &*vm;
    let (data, what) = (this(vm, args)?, args.get(vm, 1));
    let matches = |part: &[u8]| {
        start <= end
            && if at_end {
                data[start..end].ends_with(part)
            } else {
                data[start..end].starts_with(part)
            }
    };
    let found = if let Some(part) = buffer(vm, what) {
        matches(&part)
    } else if let Some(parts) = what.cast::<Tuple>() {
        let mut found = false;
        for i in 0..parts.len() {
            if matches(&needed(vm, parts.item(vm, i))?) {
                found = true;
                break;
            }
        }
        found
    } else {
        let (name, given) = (args.callee_name(vm), vm.type_name(what));
        raise!(vm, TypeError, "{name} first arg must be bytes or a tuple of bytes, not {given}");
    };
    Ok(vm.ret(Value::from_bool(found)))
}

pub(super) fn startswith(vm: &mut Vm, args: Args) -> NativeResult {
    affix(vm, args, false)
}

pub(super) fn endswith(vm: &mut Vm, args: Args) -> NativeResult {
    affix(vm, args, true)
}

/// White space in bytes.
fn is_blank(b: u8) -> bool {
    matches!(b, 9..=13 | 32)
}

fn list_of_pieces<'gc>(
    vm: &'gc Vm,
    args: Args,
    data: &[u8],
    pieces: &[(usize, usize)],
) -> Value<'gc> {
    let items = pieces.iter().map(|&(start, end)| make(vm, args, &data[start..end]));
    vm.list_from(pieces.len(), items).value()
}

fn split_either(vm: &mut Vm, args: Args, from_end: bool) -> NativeResult {
    this(vm, args)?;
    let most = most_cuts(vm, args, 2)?;
    let vm = &*vm;
    let data = this(vm, args)?;
    let len = data.len();
    let mut pieces = match args.not_none(vm, 1) {
        None if from_end => rsplit_blank(len, |i| is_blank(data[i]), most),
        None => split_blank(len, |i| is_blank(data[i]), most),
        Some(separator) => {
            let separator = needed(vm, separator)?;
            if separator.is_empty() {
                raise!(vm, ValueError, "empty separator");
            }
            if from_end {
                rsplit_units(&data, &separator, 1, most)
            } else {
                split_units(&data, &separator, 1, most)
            }
        }
    };
    if from_end {
        pieces.reverse();
    }
    Ok(vm.ret(list_of_pieces(vm, args, &data, &pieces)))
}

pub(super) fn split(vm: &mut Vm, args: Args) -> NativeResult {
    split_either(vm, args, false)
}

pub(super) fn rsplit(vm: &mut Vm, args: Args) -> NativeResult {
    split_either(vm, args, true)
}

pub(super) fn splitlines(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    let keep = match args.opt_local(vm, 1) {
        Some(keep) => vm.truth(keep)?,
        None => false,
    };
    let vm = &*vm;
    let data = this(vm, args)?;
    let pieces = lines(data.len(), |i| data[i] as u32, |c| c == 10 || c == 13, keep);
    Ok(vm.ret(list_of_pieces(vm, args, &data, &pieces)))
}

fn partition_either(vm: &mut Vm, args: Args, last: bool) -> NativeResult {
    let vm = &*vm;
    let (data, separator) = (this(vm, args)?, needed(vm, args.get(vm, 1))?);
    if separator.is_empty() {
        raise!(vm, ValueError, "empty separator");
    }
    let found =
        if last { rfind_units(&data, &separator, 1) } else { find_units(&data, &separator, 1) };
    let part = |piece: &[u8]| make(vm, args, piece);
    let parts = match found {
        Some(at) => [part(&data[..at]), part(&separator), part(&data[at + separator.len()..])],
        None if last => [part(b""), part(b""), itself(vm, args)?],
        None => [itself(vm, args)?, part(b""), part(b"")],
    };
    Ok(vm.ret(vm.tuple(&parts).value()))
}

pub(super) fn partition(vm: &mut Vm, args: Args) -> NativeResult {
    partition_either(vm, args, false)
}

pub(super) fn rpartition(vm: &mut Vm, args: Args) -> NativeResult {
    partition_either(vm, args, true)
}

pub(super) fn join(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    let items = args.local(1);
    let iterable = vm.special_of(vm.get(items), Special::Iter).is_some_and(|m| !m.is_none())
        || vm.special_of(vm.get(items), Special::GetItem).is_some();
    if !iterable {
        raise!(vm, TypeError, "can only join an iterable");
    }
    // Making the items may run code, which must not change the size of the separator.
    let lent = match vm.get(args.local(0)).cast::<ByteArray>() {
        Some(_) => {
            let class = vm.root(vm.native_class(&super::memoryview::TYPE).value());
            let view = vm.call(class, &[args.local(0)])?;
            Some(vm.hold(view))
        }
        None => None,
    };
    let list = vm.collect_list(items).map(|list| vm.hold(list));
    if let Some(view) = lent {
        let _ = vm.call_method(view, "release", &[])?;
    }
    let list = list?;
    let vm = &*vm;
    let separator = this(vm, args)?;
    let Some(list): Option<Gc<'_, List>> = vm.get(list).cast() else { return Ok(vm.none()) };
    let mut out = Vec::new();
    for (i, item) in vm.list_items(list).enumerate() {
        let Some(piece) = buffer(vm, item) else {
            let given = vm.type_name(item);
            raise!(vm, TypeError, "sequence item {i}: expected a bytes-like object, {given} found");
        };
        if i > 0 {
            out.extend_from_slice(&separator);
        }
        out.extend_from_slice(&piece);
    }
    Ok(vm.ret(make(vm, args, &out)))
}

pub(super) fn replace(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    let most = most_cuts(vm, args, 3)?;
    let vm = &*vm;
    let data = this(vm, args)?;
    let (old, new) = (needed(vm, args.get(vm, 1))?, needed(vm, args.get(vm, 2))?);
    let mut out = Vec::with_capacity(data.len());
    if old.is_empty() {
        let cuts = most.min(data.len() + 1);
        check(vm, new.len().saturating_mul(cuts))?;
        for i in 0..cuts {
            out.extend_from_slice(&new);
            out.extend(data.get(i));
        }
        out.extend_from_slice(data.get(cuts..).unwrap_or_default());
    } else {
        let mut done = 0;
        for at in Occurrences::new(&data, &old, 1).take(most) {
            out.extend_from_slice(&data[done..at]);
            out.extend_from_slice(&new);
            done = at + old.len();
        }
        if done == 0 && out.is_empty() {
            return Ok(vm.ret(itself(vm, args)?));
        }
        out.extend_from_slice(&data[done..]);
    }
    Ok(vm.ret(make(vm, args, &out)))
}

fn strip_either(vm: &mut Vm, args: Args, left: bool, right: bool) -> NativeResult {
    let vm = &*vm;
    let data = this(vm, args)?;
    let set = match args.not_none(vm, 1) {
        Some(set) => Some(needed(vm, set)?),
        None => None,
    };
    let drop = |b: u8| set.as_ref().map_or_else(|| is_blank(b), |set| set.contains(&b));
    let (mut start, mut end) = (0, data.len());
    while left && start < end && drop(data[start]) {
        start += 1;
    }
    while right && start < end && drop(data[end - 1]) {
        end -= 1;
    }
    if end - start == data.len() {
        return Ok(vm.ret(itself(vm, args)?));
    }
    Ok(vm.ret(make(vm, args, &data[start..end])))
}

pub(super) fn strip(vm: &mut Vm, args: Args) -> NativeResult {
    strip_either(vm, args, true, true)
}

pub(super) fn lstrip(vm: &mut Vm, args: Args) -> NativeResult {
    strip_either(vm, args, true, false)
}

pub(super) fn rstrip(vm: &mut Vm, args: Args) -> NativeResult {
    strip_either(vm, args, false, true)
}

pub(super) fn removeprefix(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (data, part) = (this(vm, args)?, needed(vm, args.get(vm, 1))?);
    Ok(vm.ret(match data.strip_prefix(&part[..]) {
        Some(rest) if !part.is_empty() => make(vm, args, rest),
        _ => itself(vm, args)?,
    }))
}

pub(super) fn removesuffix(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (data, part) = (this(vm, args)?, needed(vm, args.get(vm, 1))?);
    Ok(vm.ret(match data.strip_suffix(&part[..]) {
        Some(rest) if !part.is_empty() => make(vm, args, rest),
        _ => itself(vm, args)?,
    }))
}

fn pad(vm: &mut Vm, args: Args, left: Share) -> NativeResult {
    this(vm, args)?;
    let width = usize::try_from(vm.index_i64(args.local(1))?).unwrap_or(0);
    let vm = &*vm;
    let data = this(vm, args)?;
    let fill = match args.opt(vm, 2) {
        None => b' ',
        Some(fill) => match buffer(vm, fill).as_deref() {
            Some([b]) => *b,
            _ => {
                let (name, given) = (args.callee_name(vm), vm.type_name(fill));
                raise!(
                    vm,
                    TypeError,
                    "{name}() argument 2 must be a byte string of length 1, not {given}"
                );
            }
        },
    };
    let total = width.saturating_sub(data.len());
    if total == 0 {
        return Ok(vm.ret(itself(vm, args)?));
    }
    check(vm, width)?;
    let mut out = vec![fill; left(total, width)];
    out.extend_from_slice(&data);
    out.resize(width, fill);
    Ok(vm.ret(make(vm, args, &out)))
}

pub(super) fn center(vm: &mut Vm, args: Args) -> NativeResult {
    pad(vm, args, center_share)
}

pub(super) fn ljust(vm: &mut Vm, args: Args) -> NativeResult {
    pad(vm, args, |_, _| 0)
}

pub(super) fn rjust(vm: &mut Vm, args: Args) -> NativeResult {
    pad(vm, args, |total, _| total)
}

pub(super) fn zfill(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    let width = usize::try_from(vm.index_i64(args.local(1))?).unwrap_or(0);
    let vm = &*vm;
    let data = this(vm, args)?;
    let total = width.saturating_sub(data.len());
    if total == 0 {
        return Ok(vm.ret(itself(vm, args)?));
    }
    check(vm, width)?;
    let signed = matches!(data.first(), Some(b'+' | b'-')) as usize;
    let mut out = data[..signed].to_vec();
    out.resize(signed + total, b'0');
    out.extend_from_slice(&data[signed..]);
    Ok(vm.ret(make(vm, args, &out)))
}

pub(super) fn expandtabs(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    let size = tab_size(vm, args)?;
    let vm = &*vm;
    let data = this(vm, args)?;
    check(vm, data.iter().filter(|b| **b == b'\t').count().saturating_mul(size))?;
    let mut out = Vec::with_capacity(data.len());
    let mut column = 0;
    for &b in data.iter() {
        match b {
            b'\t' if size > 0 => {
                let n = size - column % size;
                out.resize(out.len() + n, b' ');
                column += n;
            }
            b'\t' => {}
            b'\n' | b'\r' => {
                out.push(b);
                column = 0;
            }
            _ => {
                out.push(b);
                column += 1;
            }
        }
    }
    Ok(vm.ret(make(vm, args, &out)))
}

pub(super) fn translate(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let data = this(vm, args)?;
    let table = match args.not_none(vm, 1) {
        Some(table) => Some(needed(vm, table)?),
        None => None,
    };
    if table.as_ref().is_some_and(|t| t.len() != 256) {
        raise!(vm, ValueError, "translation table must be 256 characters long");
    }
    let delete = match args.opt(vm, 2) {
        Some(delete) => needed(vm, delete)?,
        None => Cow::Borrowed(&b""[..]),
    };
    let kept = data.iter().filter(|b| !delete.contains(b));
    let out: Vec<u8> = match &table {
        Some(table) => kept.map(|b| table[*b as usize]).collect(),
        None => kept.copied().collect(),
    };
    Ok(vm.ret(make(vm, args, &out)))
}

pub(super) fn maketrans(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (from, to) = (needed(vm, args.get(vm, 0))?, needed(vm, args.get(vm, 1))?);
    if from.len() != to.len() {
        raise!(vm, ValueError, "maketrans arguments must have same length");
    }
    let mut table: Vec<u8> = (0..=255).collect();
    for (a, b) in from.iter().zip(to.iter()) {
        table[*a as usize] = *b;
    }
    Ok(vm.ret(vm.bytes(&table).value()))
}

pub(super) fn hex(vm: &mut Vm, args: Args) -> NativeResult {
    let data = this(vm, args)?.into_owned();
    hex_of(vm, args, &data)
}

/// `hex` of some bytes: arguments 1 and 2 are the separator and the size of groups.
pub fn hex_of(vm: &mut Vm, args: Args, data: &[u8]) -> NativeResult {
    let per = match args.opt_local(vm, 2) {
        Some(per) => vm.index_i64(per)?,
        None => 1,
    };
    let vm = &*vm;
    let separator = match args.opt(vm, 1) {
        None => None,
        Some(v) => {
            let text = v.as_str().map(|s| s.chars().collect::<Vec<_>>());
            let text = text.or_else(|| Some(buffer(vm, v)?.iter().map(|b| *b as u32).collect()));
            let Some(text) = text else { raise!(vm, TypeError, "sep must be str or bytes.") };
            let [c] = text[..] else { raise!(vm, ValueError, "sep must be length 1.") };
            if c > 127 {
                raise!(vm, ValueError, "sep must be ASCII.");
            }
            Some(c as u8)
        }
    };
    let text = hex_text(data, separator, per);
    Ok(vm.ret(vm.str_from_latin1(&text).value()))
}

/// Bytes in hexadecimal, with a separator between groups counted from the right (from the left for
/// a negative size).
pub fn hex_text(data: &[u8], separator: Option<u8>, per: i64) -> Vec<u8> {
    let digit = |d: u8| b"0123456789abcdef"[d as usize & 15];
    let size = per.unsigned_abs() as usize;
    let mut out = Vec::with_capacity(data.len() * 2);
    for (i, &b) in data.iter().enumerate() {
        let from = if per > 0 { data.len() - i } else { i };
        if let Some(separator) = separator
            && i > 0
            && size > 0
            && from.is_multiple_of(size)
        {
            out.push(separator);
        }
        out.extend([digit(b >> 4), digit(b)]);
    }
    out
}

/// `__buffer__`: a view of the object.
pub(super) fn buffer_view(vm: &mut Vm, args: Args) -> NativeResult {
    super::memoryview::view_for(vm, args.local(0), args.local(1))
}

/// `fromhex`: pairs of digits with white space between them.
pub fn from_hex(vm: &mut Vm, args: Args) -> Result<Vec<u8>, Raised> {
    let vm = &*vm;
    let given = args.get(vm, 1);
    let text: Vec<u32> = match (given.as_str(), buffer(vm, given)) {
        (Some(s), _) => s.chars().collect(),
        (None, Some(data)) => data.iter().map(|b| *b as u32).collect(),
        _ => {
            let given = vm.type_name(given);
            raise!(vm, TypeError, "fromhex() argument must be str or bytes-like, not {given}");
        }
    };
    let digit = |i: usize| text.get(i).and_then(|c| char::from_u32(*c)?.to_digit(16));
    let mut out = Vec::with_capacity(text.len() / 2);
    let mut i = 0;
    while i < text.len() {
        if text[i] < 128 && is_blank(text[i] as u8) {
            i += 1;
            continue;
        }
        let bad = match (digit(i), digit(i + 1)) {
            (Some(high), Some(low)) => {
                out.push((high << 4 | low) as u8);
                i += 2;
                continue;
            }
            (Some(_), None) => i + 1,
            _ => i,
        };
        if bad == text.len() {
            raise!(
                vm,
                ValueError,
                "fromhex() arg must contain an even number of hexadecimal digits"
            );
        }
        raise!(vm, ValueError, "non-hexadecimal number found in fromhex() arg at position {bad}");
    }
    Ok(out)
}

fn mapped(vm: &mut Vm, args: Args, f: impl FnMut(&u8) -> u8) -> NativeResult {
    let vm = &*vm;
    let data: Vec<u8> = this(vm, args)?.iter().map(f).collect();
    Ok(vm.ret(make(vm, args, &data)))
}

pub(super) fn upper(vm: &mut Vm, args: Args) -> NativeResult {
    mapped(vm, args, u8::to_ascii_uppercase)
}

pub(super) fn lower(vm: &mut Vm, args: Args) -> NativeResult {
    mapped(vm, args, u8::to_ascii_lowercase)
}

pub(super) fn title(vm: &mut Vm, args: Args) -> NativeResult {
    let mut in_word = false;
    mapped(vm, args, |b| {
        let out = if in_word { b.to_ascii_lowercase() } else { b.to_ascii_uppercase() };
        in_word = b.is_ascii_alphabetic();
        out
    })
}

pub(super) fn capitalize(vm: &mut Vm, args: Args) -> NativeResult {
    let mut first = true;
    mapped(vm, args, |b| {
        if std::mem::take(&mut first) { b.to_ascii_uppercase() } else { b.to_ascii_lowercase() }
    })
}

pub(super) fn swapcase(vm: &mut Vm, args: Args) -> NativeResult {
    mapped(vm, args, |b| if b.is_ascii_alphabetic() { b ^ 0x20 } else { *b })
}

fn all(vm: &mut Vm, args: Args, f: impl Fn(&u8) -> bool) -> NativeResult {
    let vm = &*vm;
    let data = this(vm, args)?;
    Ok(vm.ret(Value::from_bool(!data.is_empty() && data.iter().all(f))))
}

pub(super) fn isalpha(vm: &mut Vm, args: Args) -> NativeResult {
    all(vm, args, u8::is_ascii_alphabetic)
}

pub(super) fn isdigit(vm: &mut Vm, args: Args) -> NativeResult {
    all(vm, args, u8::is_ascii_digit)
}

pub(super) fn isalnum(vm: &mut Vm, args: Args) -> NativeResult {
    all(vm, args, u8::is_ascii_alphanumeric)
}

pub(super) fn isspace(vm: &mut Vm, args: Args) -> NativeResult {
    all(vm, args, |b| is_blank(*b))
}

pub(super) fn isascii(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let ascii = this(vm, args)?.is_ascii();
    Ok(vm.ret(Value::from_bool(ascii)))
}

fn cased(vm: &mut Vm, args: Args, wanted: fn(&u8) -> bool, not: fn(&u8) -> bool) -> NativeResult {
    let vm = &*vm;
    let data = this(vm, args)?;
    let answer = data.iter().any(wanted) && !data.iter().any(not);
    Ok(vm.ret(Value::from_bool(answer)))
}

pub(super) fn islower(vm: &mut Vm, args: Args) -> NativeResult {
    cased(vm, args, u8::is_ascii_lowercase, u8::is_ascii_uppercase)
}

pub(super) fn isupper(vm: &mut Vm, args: Args) -> NativeResult {
    cased(vm, args, u8::is_ascii_uppercase, u8::is_ascii_lowercase)
}

pub(super) fn istitle(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let data = this(vm, args)?;
    let (mut some, mut in_word, mut good) = (false, false, true);
    for b in data.iter() {
        if b.is_ascii_alphabetic() {
            good &= b.is_ascii_uppercase() != in_word;
            (some, in_word) = (true, true);
        } else {
            in_word = false;
        }
    }
    Ok(vm.ret(Value::from_bool(some && good)))
}
