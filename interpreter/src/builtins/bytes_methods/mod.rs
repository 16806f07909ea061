//! What bytes and bytearray share: taking bytes from objects, and the methods that both have. They
//! work on a view of the receiver's bytes and give back an object of the receiver's kind.

mod ascii;
mod hex;
mod search;
mod shape;

use crate::builtins::str::{foreign, index_of, repeat_count};
use crate::builtins::str_methods::{Share, center_share, tab_size};
use crate::builtins::str_search::{bounds, count_units};
use crate::builtins::str_split::{
    lines, most_cuts, rsplit_blank, rsplit_units, split_blank, split_units,
};
use crate::builtins::text::{Occurrences, TextBuilder, find_units, rfind_units};
use crate::builtins::{ClassId, codecs, format_percent};
use crate::object::{ByteArray, Bytes, Gc, Kind, List, Slice, Tuple};
use crate::raise;
use crate::value::Value;
use crate::vm::buffer::copied;
use crate::vm::item::position;
use crate::vm::{Args, Local, NativeResult, Raised, Special, Vm};
pub(super) use ascii::*;
pub use hex::*;
pub(super) use search::*;
pub(super) use shape::*;
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
