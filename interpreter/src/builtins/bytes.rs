//! `bytes`

use super::bytes_methods as shared;
use super::bytes_methods::{
    bytes_by_method, bytes_of, bytes_of_items, from_hex, push_bytes_repr, shared_methods,
};
use super::convert::subclass_call;
use super::reduce::iterator_reduced;
use super::support::new_class;
use super::text::TextBuilder;
use super::{ClassId, TypeDef, codecs};
use crate::object::native::Payload;
use crate::object::{Bytes, ClassFlags, Field, Kind, Slot, Trace};
use crate::raise;
use crate::value::Value;
use crate::vm::{Args, NativeDef, NativeResult, Raised, Special, StepResult, Vm};
use std::cell::Cell;

/// `bytes`
pub static TYPE: TypeDef = TypeDef {
    doc: "bytes(iterable_of_ints) -> bytes\nbytes(string, encoding[, errors]) -> bytes\n\
          bytes(bytes_or_buffer) -> bytes\nbytes(int) -> bytes of zeros\nbytes() -> empty bytes\n\n\
          An immutable sequence of bytes.",
    flags: ClassFlags::BASE,
    methods: METHODS,
    ..TypeDef::new("bytes", Kind::Bytes)
};

static METHODS: &[NativeDef] = shared_methods! {
    NativeDef::static_method(
        "__new__($type, source=b'', encoding='utf-8', errors='strict')",
        new,
        "Make bytes.",
    ),
    NativeDef::class_method("fromhex($type, string, /)", fromhex, "Bytes from hexadecimal digits."),
    NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
    NativeDef::method("__str__($self, /)", repr, "Return str(self)."),
    NativeDef::method("__hash__($self, /)", hash, "Return hash(self)."),
    NativeDef::method("__iter__($self, /)", iter, "Return iter(self)."),
    NativeDef::method("__bytes__($self, /)", itself, "The bytes themselves."),
    NativeDef::method("__getnewargs__($self, /)", getnewargs, "Arguments for __new__."),
    NativeDef::method("__sizeof__($self, /)", sizeof, "Size in memory, in bytes."),
};

/// The bytes that the arguments `source`, `encoding`, `errors` from `i` on of a constructor stand
/// for.
pub(super) fn constructor_bytes(
    vm: &mut Vm,
    args: Args,
    i: usize,
    type_name: &str,
    range: &str,
) -> Result<Vec<u8>, Raised> {
    for (j, name) in [(i + 1, "encoding"), (i + 2, "errors")] {
        let Some(v) = args.opt(vm, j) else { continue };
        if v.as_str().is_none() {
            let given = vm.type_name(v);
            raise!(vm, TypeError, "{type_name}() argument '{name}' must be str, not {given}");
        }
        if args.opt(vm, i).is_none_or(|s| s.as_str().is_none()) {
            raise!(vm, TypeError, "{name} without a string argument");
        }
    }
    let Some(source) = args.opt_local(vm, i) else { return Ok(Vec::new()) };
    let value = vm.get(source);
    let has_bytes = type_name == "bytes"
        && args.opt(vm, i + 1).is_none()
        && args.opt(vm, i + 2).is_none()
        && vm.special_of(value, Special::Bytes).is_some();
    if has_bytes {
        return bytes_of(vm, source);
    }
    if value.as_str().is_some() {
        if args.opt(vm, i + 1).is_none() {
            raise!(vm, TypeError, "string argument without an encoding");
        }
        let (encoding, errors) = (args.opt_local(vm, i + 1), args.opt_local(vm, i + 2));
        let ret = codecs::encode_argument(vm, source, encoding, errors)?;
        return Ok(vm.value(ret).cast::<Bytes>().map_or(Vec::new(), |b| b.data().to_vec()));
    }
    if vm.exports_buffer(value) {
        return bytes_of(vm, source);
    }
    if vm.is_int(value) || vm.special_of(value, Special::Index).is_some() {
        match vm.index_i64(source) {
            Ok(n) => {
                let Ok(n) = usize::try_from(n) else { raise!(vm, ValueError, "negative count") };
                vm.check_size(n)?;
                return Ok(vec![0; n]);
            }
            // It may still be an iterable.
            Err(raised) => vm.catch(raised, ClassId::TypeError)?,
        }
    }
    let value = vm.get(source);
    if vm.special_of(value, Special::Iter).is_none()
        && vm.special_of(value, Special::GetItem).is_none()
    {
        let given = vm.type_name(value);
        raise!(vm, TypeError, "cannot convert '{given}' object to {type_name}");
    }
    bytes_of_items(vm, source, range)
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    new_class(vm, args, ClassId::Bytes)?;
    let exact = args.get(vm, 0).is(vm.class(ClassId::Bytes).value());
    // What `__bytes__` gives is the result, even if it is of a subclass.
    if exact
        && let Some(source) = args.opt_local(vm, 1)
        && args.opt(vm, 2).is_none()
        && args.opt(vm, 3).is_none()
        && let Some(made) = bytes_by_method(vm, source)?
    {
        return Ok(vm.ret(vm.get(made)));
    }
    let data = constructor_bytes(vm, args, 1, "bytes", "bytes must be in range(0, 256)")?;
    let vm = &*vm;
    if exact {
        return Ok(vm.ret(vm.bytes(&data).value()));
    }
    let class = args.class(vm, 0)?;
    Ok(vm.ret(vm.bytes_of_shape(class.shape.get(), &data).value()))
}

fn fromhex(vm: &mut Vm, args: Args) -> NativeResult {
    let data = from_hex(vm, args)?;
    let result = vm.ret(vm.bytes(&data).value());
    subclass_call(vm, args.local(0), ClassId::Bytes, result)
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let mut out = TextBuilder::new();
    push_bytes_repr(&mut out, args.this::<Bytes>(vm)?.data());
    Ok(vm.ret(out.finish(vm).value()))
}

fn hash(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let hash = vm.hash_bytes(args.this::<Bytes>(vm)?.data());
    Ok(vm.ret(vm.int(hash as i64)))
}

fn itself(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let b = args.this::<Bytes>(vm)?;
    if vm.is_exact(b.value(), ClassId::Bytes) {
        return Ok(vm.ret(b.value()));
    }
    Ok(vm.ret(vm.bytes(b.data()).value()))
}

fn getnewargs(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let b = vm.bytes(args.this::<Bytes>(vm)?.data()).value();
    Ok(vm.ret(vm.tuple(&[b]).value()))
}

fn sizeof(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(vm.int_usize(Bytes::size(args.this::<Bytes>(vm)?.data().len()))))
}

/// Iterator over the ints of bytes.
#[derive(Trace)]
struct BytesIterator {
    /// The bytes, or UNBOUND when it has ended.
    bytes: Slot,
    at: Cell<usize>,
}

impl Payload for BytesIterator {
    const TYPE: &'static TypeDef = &BYTES_ITERATOR;
}

/// `bytes_iterator`
pub static BYTES_ITERATOR: TypeDef = TypeDef {
    flags: ClassFlags::NO_NEW,
    methods: &[
        NativeDef::method("__iter__($self, /)", iterator_iter, "Return iter(self)."),
        NativeDef::method("__length_hint__($self, /)", iterator_hint, "Bytes left."),
        NativeDef::method("__reduce__($self, /)", iterator_reduce, "For pickling."),
        NativeDef::method("__setstate__($self, state, /)", iterator_setstate, "Sets the position."),
    ],
    next: Some(iterator_next),
    ..TypeDef::new("bytes_iterator", Kind::Native)
};

fn iter(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let bytes = Slot::new(args.this::<Bytes>(vm)?.value().word());
    Ok(vm.ret(vm.native(BytesIterator { bytes, at: Cell::new(0) }).value()))
}

fn iterator_iter(vm: &mut Vm, args: Args) -> NativeResult {
    Ok(vm.ret(args.get(vm, 0)))
}

fn iterator_next(vm: &mut Vm, args: Args) -> StepResult {
    let vm = &*vm;
    let it = args.payload::<BytesIterator>(vm)?;
    if let Some(b) = it.bytes.get_as::<Bytes>(vm) {
        let at = it.at.get();
        if let Some(byte) = b.data().get(at) {
            it.at.set(at + 1);
            return Ok(Some(vm.ret(Value::from_i32(*byte as i32))));
        }
        vm.write(it, |it| &it.bytes, Value::UNBOUND);
    }
    Ok(None)
}

fn iterator_hint(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let it = args.payload::<BytesIterator>(vm)?;
    let len = it.bytes.get_as::<Bytes>(vm).map_or(0, |b| b.data().len());
    Ok(vm.ret(vm.int_usize(len.saturating_sub(it.at.get()))))
}

fn iterator_reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let it = args.payload::<BytesIterator>(vm)?;
    let source = it.bytes.get_as::<Bytes>(vm).map(|b| b.value());
    iterator_reduced(vm, "iter", source, it.at.get() as i64)
}

fn iterator_setstate(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<BytesIterator>(vm)?;
    let at = vm.index_i64(args.local(1))?.max(0) as usize;
    let it = args.payload::<BytesIterator>(vm)?;
    it.at.set(at.min(it.bytes.get_as::<Bytes>(vm).map_or(0, |b| b.data().len())));
    Ok(vm.none())
}
