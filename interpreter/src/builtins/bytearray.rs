//! `bytearray`

use super::bytes::constructor_bytes;
use super::bytes_methods as shared;
use super::bytes_methods::{
    buffer, byte, bytes_of_items, from_hex, push_bytes_repr, shared_methods,
};
use super::convert::subclass_call;
use super::reduce::iterator_reduced;
use super::str::{index_of, repeat_count};
use super::support::new_class;
use super::text::TextBuilder;
use super::{ClassId, TypeDef};
use crate::object::native::Payload;
use crate::object::{Buffer, ByteArray, ClassFlags, Field, Gc, Kind, Slice, Slot, Trace};
use crate::raise;
use crate::value::{Value, word};
use crate::vm::construct::header;
use crate::vm::item::position;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, StepResult, Vm};
use std::cell::Cell;

/// `bytearray`
pub static TYPE: TypeDef = TypeDef {
    doc: "bytearray(iterable_of_ints) -> bytearray\nbytearray(string, encoding[, errors])\n\
          bytearray(bytes_or_buffer)\nbytearray(int)\nbytearray()\n\n\
          A mutable sequence of bytes.",
    flags: ClassFlags::BASE,
    methods: METHODS,
    ..TypeDef::new("bytearray", Kind::ByteArray)
};

static METHODS: &[NativeDef] = shared_methods! {
    NativeDef::static_method("__new__($type, *args, **kwargs)", new, "Make a bytearray."),
    NativeDef::method(
        "__init__($self, source=b'', encoding='utf-8', errors='strict')",
        init,
        "Fill a bytearray.",
    ),
    NativeDef::class_method("fromhex($type, string, /)", fromhex, "From hexadecimal digits."),
    NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
    NativeDef::method("__str__($self, /)", repr, "Return str(self)."),
    NativeDef::method("__iter__($self, /)", iter, "Return iter(self)."),
    NativeDef::method("__setitem__($self, key, value, /)", setitem, "Set self[key] to value."),
    NativeDef::method("__delitem__($self, key, /)", delitem, "Delete self[key]."),
    NativeDef::method("__iadd__($self, value, /)", iadd, "Implement self+=value."),
    NativeDef::method("__imul__($self, value, /)", imul, "Implement self*=value."),
    NativeDef::method("__alloc__($self, /)", allocated, "Number of bytes allocated."),
    NativeDef::method("__sizeof__($self, /)", sizeof, "Size in memory, in bytes."),
    NativeDef::method("__reduce__($self, /)", super::reduce::bytearray_reduce, "For pickling."),
    NativeDef::method("append($self, item, /)", append, "Append a byte."),
    NativeDef::method("extend($self, iterable_of_ints, /)", extend, "Append bytes."),
    NativeDef::method("insert($self, index, item, /)", insert, "Insert a byte before an index."),
    NativeDef::method("pop($self, index=-1, /)", pop, "Remove and return a byte."),
    NativeDef::method("remove($self, value, /)", remove, "Remove the first such byte."),
    NativeDef::method("reverse($self, /)", reverse, "Reverse the order of the bytes."),
    NativeDef::method("clear($self, /)", clear, "Remove all bytes."),
    NativeDef::method("copy($self, /)", copy, "A copy."),
    NativeDef::method("resize($self, size, /)", resize, "Change the length."),
};

const RANGE: &str = "byte must be in range(0, 256)";

impl Vm {
    /// A bytearray.
    pub fn bytearray(&self, data: &[u8]) -> Gc<'_, ByteArray> {
        self.bytearray_of_shape(ClassId::ByteArray as u32, data)
    }

    /// A bytearray of the class that has this instance shape.
    pub fn bytearray_of_shape(&self, shape: u32, data: &[u8]) -> Gc<'_, ByteArray> {
        let buffer = match data {
            [] => word::UNBOUND,
            _ => self.byte_buffer(data.len(), data).value().word(),
        };
        let fields = ByteArray {
            header: header(),
            len: Cell::new(data.len()),
            buffer: Slot::new(buffer),
            exported: Cell::new(false),
        };
        self.alloc(shape, fields)
    }

    /// A buffer of some capacity that starts with the data; the rest is zeros.
    pub(crate) fn byte_buffer(&self, cap: usize, data: &[u8]) -> Gc<'_, Buffer> {
        let size = Buffer::size(cap);
        let ptr = self.heap.alloc(Kind::Buffer as u8, 0, size).cast::<Buffer>();
        assert!(data.len() <= cap);
        // SAFETY: fresh memory for a buffer of that capacity, which the data does not exceed.
        unsafe {
            (&raw mut (*ptr.as_ptr()).cap).write(cap);
            (&raw mut (*ptr.as_ptr()).used).write(Cell::new(data.len()));
            let to = ptr.as_ptr().cast::<u8>().add(Buffer::size(0));
            std::ptr::copy_nonoverlapping(data.as_ptr(), to, data.len());
            std::ptr::write_bytes(to.add(data.len()), 0, cap - data.len());
            Gc::from_raw(ptr)
        }
    }

    /// A copy of a bytearray's bytes.
    pub fn bytearray_data(&self, array: Gc<'_, ByteArray>) -> Vec<u8> {
        let Some(buffer) = array.buffer.get_as::<Buffer>(self) else { return Vec::new() };
        buffer.data()[..array.len.get()].iter().map(Cell::get).collect()
    }

    /// One byte of a bytearray, below its length.
    #[inline]
    pub fn bytearray_get(&self, array: Gc<'_, ByteArray>, i: usize) -> u8 {
        array.buffer.get_as::<Buffer>(self).map_or(0, |b| b.data()[i].get())
    }

    /// Makes a bytearray `len` long, with zeros at the end if it grows. BufferError while its
    /// memory is exported.
    pub fn bytearray_resize(&self, array: Gc<'_, ByteArray>, len: usize) -> Result<(), Raised> {
        let old = array.len.get();
        if len == old {
            return Ok(());
        }
        if self.bytearray_is_lent(array) {
            raise!(self, BufferError, "Existing exports of data: object cannot be re-sized");
        }
        let cap = array.buffer.get_as::<Buffer>(self).map_or(0, |b| b.cap);
        if len > cap {
            self.check_size(len)?;
            let data = self.bytearray_data(array);
            let buffer = self.byte_buffer(len + len / 8 + 8, &data);
            self.write(array, |a| &a.buffer, buffer.value());
        } else if let Some(buffer) = array.buffer.get_as::<Buffer>(self) {
            // Bytes past the end stay zero.
            buffer.data()[len.min(old)..old].iter().for_each(|b| b.set(0));
        }
        array.len.set(len);
        Ok(())
    }

    /// Replaces the bytes `start..end` of a bytearray.
    pub fn bytearray_splice(
        &self,
        array: Gc<'_, ByteArray>,
        start: usize,
        end: usize,
        with: &[u8],
    ) -> Result<(), Raised> {
        let old = array.len.get();
        let tail: Vec<u8> = match array.buffer.get_as::<Buffer>(self) {
            Some(buffer) if with.len() != end - start => {
                buffer.data()[end..old].iter().map(Cell::get).collect()
            }
            _ => Vec::new(),
        };
        self.bytearray_resize(array, old - (end - start) + with.len())?;
        if let Some(buffer) = array.buffer.get_as::<Buffer>(self) {
            let cells = &buffer.data()[start..];
            for (cell, byte) in cells.iter().zip(with.iter().chain(&tail)) {
                cell.set(*byte);
            }
        }
        Ok(())
    }
}

fn this(vm: &Vm, args: Args) -> Result<Gc<'_, ByteArray>, Raised> {
    args.this::<ByteArray>(vm)
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    new_class(vm, args, ClassId::ByteArray)?;
    let vm = &*vm;
    let class = args.class(vm, 0)?;
    Ok(vm.ret(vm.bytearray_of_shape(class.shape.get(), &[]).value()))
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    vm.settle_exports(args.local(0));
    this(vm, args)?;
    let data = constructor_bytes(vm, args, 1, "bytearray", RANGE)?;
    let vm = &*vm;
    let array = this(vm, args)?;
    vm.bytearray_splice(array, 0, array.len.get(), &data)?;
    Ok(vm.none())
}

fn fromhex(vm: &mut Vm, args: Args) -> NativeResult {
    let data = from_hex(vm, args)?;
    let result = vm.ret(vm.bytearray(&data).value());
    subclass_call(vm, args.local(0), ClassId::ByteArray, result)
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let array = this(vm, args)?;
    let mut out = TextBuilder::new();
    out.push_str(&vm.type_name(array.value()));
    out.push_str("(");
    push_bytes_repr(&mut out, &vm.bytearray_data(array));
    out.push_str(")");
    Ok(vm.ret(out.finish(vm).value()))
}

/// The bytes to assign to a slice.
fn slice_bytes(vm: &mut Vm, v: Local) -> Result<Vec<u8>, Raised> {
    if let Some(data) = buffer(vm, vm.get(v)) {
        return Ok(data.into_owned());
    }
    if vm.is_int(vm.get(v)) {
        raise!(
            vm,
            TypeError,
            "can assign only bytes, buffers, or iterables of ints in range(0, 256)"
        );
    }
    bytes_of_items(vm, v, RANGE)
}

fn index_argument(vm: &mut Vm, args: Args) -> Result<usize, Raised> {
    let what = "bytearray indices must be integers or slices, not ";
    let index = index_of(vm, args.local(1), what)?;
    match position(index, this(vm, args)?.len.get()) {
        Some(i) => Ok(i),
        None => raise!(vm, IndexError, "bytearray index out of range"),
    }
}

fn setitem(vm: &mut Vm, args: Args) -> NativeResult {
    vm.settle_exports(args.local(0));
    this(vm, args)?;
    if vm.get(args.local(1)).cast::<Slice>().is_none() {
        index_argument(vm, args)?;
        let b = byte(vm, args.local(2), RANGE)?;
        let i = index_argument(vm, args)?;
        let vm = &*vm;
        let array = this(vm, args)?;
        vm.bytearray_splice(array, i, i + 1, &[b])?;
        return Ok(vm.none());
    }
    let data = slice_bytes(vm, args.local(2))?;
    let len = this(vm, args)?.len.get();
    let (start, stop, step, count) = vm.slice_indices(args.local(1), len)?;
    let vm = &*vm;
    let array = this(vm, args)?;
    if step == 1 {
        let start = start as usize;
        vm.bytearray_splice(array, start, (stop.max(0) as usize).max(start), &data)?;
    } else if data.is_empty() {
        delete_stepped(vm, array, start, step, count)?;
    } else if data.len() != count {
        let n = data.len();
        raise!(
            vm,
            ValueError,
            "attempt to assign bytes of size {n} to extended slice of size {count}"
        );
    } else if let Some(buffer) = array.buffer.get_as::<Buffer>(vm) {
        for (i, b) in data.iter().enumerate() {
            buffer.data()[(start + i as isize * step) as usize].set(*b);
        }
    }
    Ok(vm.none())
}

fn delete_stepped(
    vm: &Vm,
    array: Gc<'_, ByteArray>,
    start: isize,
    step: isize,
    count: usize,
) -> Result<(), Raised> {
    let mut gone: Vec<usize> = (0..count).map(|i| (start + i as isize * step) as usize).collect();
    gone.sort_unstable();
    let data = vm.bytearray_data(array);
    let kept: Vec<u8> = data
        .iter()
        .enumerate()
        .filter(|(i, _)| gone.binary_search(i).is_err())
        .map(|(_, b)| *b)
        .collect();
    vm.bytearray_splice(array, 0, data.len(), &kept)
}

fn delitem(vm: &mut Vm, args: Args) -> NativeResult {
    vm.settle_exports(args.local(0));
    this(vm, args)?;
    if vm.get(args.local(1)).cast::<Slice>().is_none() {
        let i = index_argument(vm, args)?;
        let vm = &*vm;
        vm.bytearray_splice(this(vm, args)?, i, i + 1, &[])?;
        return Ok(vm.none());
    }
    let len = this(vm, args)?.len.get();
    let (start, stop, step, count) = vm.slice_indices(args.local(1), len)?;
    let vm = &*vm;
    let array = this(vm, args)?;
    if step == 1 {
        let start = start as usize;
        vm.bytearray_splice(array, start, (stop.max(0) as usize).max(start), &[])?;
    } else {
        delete_stepped(vm, array, start, step, count)?;
    }
    Ok(vm.none())
}

fn push_all(vm: &Vm, args: Args, data: &[u8]) -> Result<(), Raised> {
    let array = this(vm, args)?;
    let len = array.len.get();
    vm.bytearray_splice(array, len, len, data)
}

fn iadd(vm: &mut Vm, args: Args) -> NativeResult {
    vm.settle_exports(args.local(0));
    let vm = &*vm;
    let other = args.get(vm, 1);
    let Some(data) = buffer(vm, other) else {
        let given = vm.type_name(other);
        raise!(vm, TypeError, "can't concat {given} to bytearray");
    };
    push_all(vm, args, &data)?;
    Ok(vm.ret(args.get(vm, 0)))
}

fn imul(vm: &mut Vm, args: Args) -> NativeResult {
    vm.settle_exports(args.local(0));
    let unit = this(vm, args)?.len.get();
    let Some(n) = repeat_count(vm, args, unit)? else {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    };
    let vm = &*vm;
    let array = this(vm, args)?;
    let data = vm.bytearray_data(array).repeat(n);
    vm.bytearray_splice(array, 0, unit, &data)?;
    Ok(vm.ret(array.value()))
}

fn allocated(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let cap = this(vm, args)?.buffer.get_as::<Buffer>(vm).map_or(0, |b| b.cap);
    Ok(vm.ret(vm.int_usize(cap)))
}

fn sizeof(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let cap = this(vm, args)?.buffer.get_as::<Buffer>(vm).map_or(0, |b| Buffer::size(b.cap));
    Ok(vm.ret(vm.int_usize(size_of::<ByteArray>() + cap)))
}

fn append(vm: &mut Vm, args: Args) -> NativeResult {
    vm.settle_exports(args.local(0));
    this(vm, args)?;
    let b = byte(vm, args.local(1), RANGE)?;
    push_all(vm, args, &[b])?;
    Ok(vm.none())
}

fn extend(vm: &mut Vm, args: Args) -> NativeResult {
    vm.settle_exports(args.local(0));
    this(vm, args)?;
    let known = buffer(vm, args.get(vm, 1)).map(|data| data.into_owned());
    let data = match known {
        Some(data) => data,
        None if args.get(vm, 1).as_str().is_some() => {
            raise!(vm, TypeError, "expected iterable of integers; got: 'str'")
        }
        None => bytes_of_items(vm, args.local(1), RANGE)?,
    };
    push_all(vm, args, &data)?;
    Ok(vm.none())
}

fn insert(vm: &mut Vm, args: Args) -> NativeResult {
    vm.settle_exports(args.local(0));
    this(vm, args)?;
    let index = vm.index_i64(args.local(1))?;
    let b = byte(vm, args.local(2), RANGE)?;
    let vm = &*vm;
    let array = this(vm, args)?;
    let len = array.len.get() as i64;
    let at = if index < 0 { (index + len).max(0) } else { index.min(len) } as usize;
    vm.bytearray_splice(array, at, at, &[b])?;
    Ok(vm.none())
}

fn pop(vm: &mut Vm, args: Args) -> NativeResult {
    vm.settle_exports(args.local(0));
    this(vm, args)?;
    let index = match args.opt_local(vm, 1) {
        Some(index) => vm.index_i64(index)?,
        None => -1,
    };
    let vm = &*vm;
    let array = this(vm, args)?;
    if array.len.get() == 0 {
        raise!(vm, IndexError, "pop from empty bytearray");
    }
    let Some(i) = position(index, array.len.get()) else {
        raise!(vm, IndexError, "pop index out of range");
    };
    let b = vm.bytearray_get(array, i);
    vm.bytearray_splice(array, i, i + 1, &[])?;
    Ok(vm.ret(Value::from_i32(b as i32)))
}

fn remove(vm: &mut Vm, args: Args) -> NativeResult {
    vm.settle_exports(args.local(0));
    this(vm, args)?;
    let b = byte(vm, args.local(1), RANGE)?;
    let vm = &*vm;
    let array = this(vm, args)?;
    match vm.bytearray_data(array).iter().position(|c| *c == b) {
        Some(i) => vm.bytearray_splice(array, i, i + 1, &[])?,
        None => raise!(vm, ValueError, "value not found in bytearray"),
    }
    Ok(vm.none())
}

fn reverse(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let array = this(vm, args)?;
    let mut data = vm.bytearray_data(array);
    data.reverse();
    vm.bytearray_splice(array, 0, data.len(), &data)?;
    Ok(vm.none())
}

fn clear(vm: &mut Vm, args: Args) -> NativeResult {
    vm.settle_exports(args.local(0));
    let vm = &*vm;
    vm.bytearray_resize(this(vm, args)?, 0)?;
    Ok(vm.none())
}

fn copy(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let data = vm.bytearray_data(this(vm, args)?);
    Ok(vm.ret(vm.bytearray(&data).value()))
}

fn resize(vm: &mut Vm, args: Args) -> NativeResult {
    vm.settle_exports(args.local(0));
    this(vm, args)?;
    let size = vm.index_i64(args.local(1))?;
    let vm = &*vm;
    let Ok(size) = usize::try_from(size) else {
        raise!(vm, ValueError, "bytearray.resize(): new size must be >= 0, got {size}");
    };
    vm.bytearray_resize(this(vm, args)?, size)?;
    Ok(vm.none())
}

/// Iterator over the ints of a bytearray, which may change meanwhile.
#[derive(Trace)]
struct ByteArrayIterator {
    /// The bytearray, or UNBOUND when it has ended.
    array: Slot,
    at: Cell<usize>,
}

impl Payload for ByteArrayIterator {
    const TYPE: &'static TypeDef = &BYTEARRAY_ITERATOR;
}

/// `bytearray_iterator`
pub static BYTEARRAY_ITERATOR: TypeDef = TypeDef {
    flags: ClassFlags::NO_NEW,
    methods: &[
        NativeDef::method("__iter__($self, /)", iterator_iter, "Return iter(self)."),
        NativeDef::method("__length_hint__($self, /)", iterator_hint, "Bytes left."),
        NativeDef::method("__reduce__($self, /)", iterator_reduce, "For pickling."),
        NativeDef::method("__setstate__($self, state, /)", iterator_setstate, "Sets the position."),
    ],
    next: Some(iterator_next),
    ..TypeDef::new("bytearray_iterator", Kind::Native)
};

fn iter(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let array = Slot::new(this(vm, args)?.value().word());
    Ok(vm.ret(vm.native(ByteArrayIterator { array, at: Cell::new(0) }).value()))
}

fn iterator_iter(vm: &mut Vm, args: Args) -> NativeResult {
    Ok(vm.ret(args.get(vm, 0)))
}

fn iterator_next(vm: &mut Vm, args: Args) -> StepResult {
    let vm = &*vm;
    let it = args.payload::<ByteArrayIterator>(vm)?;
    if let Some(array) = it.array.get_as::<ByteArray>(vm) {
        let at = it.at.get();
        if at < array.len.get() {
            it.at.set(at + 1);
            return Ok(Some(vm.ret(Value::from_i32(vm.bytearray_get(array, at) as i32))));
        }
        vm.write(it, |it| &it.array, Value::UNBOUND);
    }
    Ok(None)
}

fn iterator_hint(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let it = args.payload::<ByteArrayIterator>(vm)?;
    let len = it.array.get_as::<ByteArray>(vm).map_or(0, |a| a.len.get());
    Ok(vm.ret(vm.int_usize(len.saturating_sub(it.at.get()))))
}

fn iterator_reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let it = args.payload::<ByteArrayIterator>(vm)?;
    let source = it.array.get_as::<ByteArray>(vm).map(|a| a.value());
    iterator_reduced(vm, "iter", source, it.at.get() as i64)
}

fn iterator_setstate(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<ByteArrayIterator>(vm)?;
    let at = vm.index_i64(args.local(1))?.max(0) as usize;
    let it = args.payload::<ByteArrayIterator>(vm)?;
    it.at.set(at.min(it.array.get_as::<ByteArray>(vm).map_or(0, |a| a.len.get())));
    Ok(vm.none())
}
