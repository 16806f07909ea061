//! Methods that change an array.

use super::item::Code;
use super::object::{ArrayObject, at, find, position, repeated};
use crate::prelude::*;
use sidewinder_interpreter::object::{Bytes, Slice};
use sidewinder_interpreter::vm::buffer::copied;

/// BufferError while views use the memory: to be called before the size changes.
fn may_resize(vm: &mut Vm, this: Local) -> Result<(), Raised> {
    if vm.still_exported(|vm| at(vm, this).exports.count() > 0) {
        raise!(vm, BufferError, "cannot resize an array that is exporting buffers");
    }
    Ok(())
}

/// Replaces the bytes `start..end`.
fn splice(vm: &mut Vm, this: Local, start: usize, end: usize, with: &[u8]) -> Result<(), Raised> {
    if with.len() != end - start {
        may_resize(vm, this)?;
    }
    vm.bytearray_splice(at(vm, this).r().store(vm), start, end, with)
}

/// Appends items given as bytes.
pub(super) fn push_bytes(vm: &mut Vm, this: Local, data: &[u8]) -> Result<(), Raised> {
    let len = at(vm, this).r().bytes(vm).len();
    splice(vm, this, len, len, data)
}

/// Appends items given as bytes; ValueError when they are not whole items.
pub(super) fn push_whole(vm: &mut Vm, this: Local, data: &[u8]) -> Result<(), Raised> {
    if !data.len().is_multiple_of(at(vm, this).code.size()) {
        raise!(vm, ValueError, "bytes length not a multiple of item size");
    }
    push_bytes(vm, this, data)
}

/// Appends characters.
pub(super) fn push_text(vm: &mut Vm, this: Local, text: Local) -> Result<(), Raised> {
    let text = vm.get(text).as_str();
    let data: Vec<u8> =
        text.map_or_else(Vec::new, |text| text.r().chars().flat_map(u32::to_ne_bytes).collect());
    push_bytes(vm, this, &data)
}

/// Appends one item.
fn push(vm: &mut Vm, this: Local, code: Code, item: Local) -> Result<(), Raised> {
    let data = code.put(vm, item)?;
    push_bytes(vm, this, &data[..code.size()])
}

/// Appends the items of any iterable.
pub(super) fn push_items(vm: &mut Vm, this: Local, items: Local) -> Result<(), Raised> {
    let code = at(vm, this).code;
    vm.iterate(items, |vm, item| push(vm, this, code, item))
}

pub(super) fn append(vm: &mut Vm, args: Args) -> NativeResult {
    let code = args.payload::<ArrayObject>(vm)?.code;
    push(vm, args.local(0), code, args.local(1))?;
    Ok(vm.none())
}

fn extend_by(vm: &mut Vm, args: Args) -> Result<(), Raised> {
    let code = args.payload::<ArrayObject>(vm)?.code;
    let Some(other) = args.get(vm, 1).payload::<ArrayObject>() else {
        return push_items(vm, args.local(0), args.local(1));
    };
    if other.code != code {
        raise!(vm, TypeError, "can only extend with array of same kind");
    }
    let data = copied(other.r().bytes(vm));
    push_bytes(vm, args.local(0), &data)
}

pub(super) fn extend(vm: &mut Vm, args: Args) -> NativeResult {
    extend_by(vm, args)?;
    Ok(vm.none())
}

pub(super) fn iadd(vm: &mut Vm, args: Args) -> NativeResult {
    if args.get(vm, 1).payload::<ArrayObject>().is_none() {
        let given = vm.type_name(args.get(vm, 1));
        raise!(vm, TypeError, "can only extend array with array (not \"{given}\")");
    }
    extend_by(vm, args)?;
    Ok(vm.ret(args.get(vm, 0)))
}

pub(super) fn imul(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<ArrayObject>(vm)?;
    let data = repeated(vm, args.local(0), args.local(1))?;
    let len = at(vm, args.local(0)).r().bytes(vm).len();
    splice(vm, args.local(0), 0, len, &data)?;
    Ok(vm.ret(args.get(vm, 0)))
}

pub(super) fn insert(vm: &mut Vm, args: Args) -> NativeResult {
    let code = args.payload::<ArrayObject>(vm)?.code;
    let index = vm.index_i64(args.local(1))?;
    let data = code.put(vm, args.local(2))?;
    let len = at(vm, args.local(0)).len(vm) as i64;
    let i = if index < 0 { (index + len).max(0) } else { index.min(len) } as usize;
    let start = i * code.size();
    splice(vm, args.local(0), start, start, &data[..code.size()])?;
    Ok(vm.none())
}

pub(super) fn pop(vm: &mut Vm, args: Args) -> NativeResult {
    let code = args.payload::<ArrayObject>(vm)?.code;
    let index = match args.opt_local(vm, 1) {
        Some(index) => vm.index_i64(index)?,
        None => -1,
    };
    let len = at(vm, args.local(0)).len(vm);
    if len == 0 {
        raise!(vm, IndexError, "pop from empty array");
    }
    let Some(i) = sidewinder_interpreter::vm::item::position(index, len) else {
        raise!(vm, IndexError, "pop index out of range");
    };
    let item = vm.root(at(vm, args.local(0)).r().item(vm, i)?);
    splice(vm, args.local(0), i * code.size(), (i + 1) * code.size(), &[])?;
    Ok(vm.ret(vm.get(item)))
}

pub(super) fn remove(vm: &mut Vm, args: Args) -> NativeResult {
    let size = args.payload::<ArrayObject>(vm)?.code.size();
    let Some(i) = find(vm, args.local(0), args.local(1), 0, usize::MAX)? else {
        raise!(vm, ValueError, "array.remove(x): x not in array");
    };
    if i < at(vm, args.local(0)).len(vm) {
        splice(vm, args.local(0), i * size, (i + 1) * size, &[])?;
    }
    Ok(vm.none())
}

pub(super) fn clear(vm: &mut Vm, args: Args) -> NativeResult {
    let len = args.payload::<ArrayObject>(vm)?.r().bytes(vm).len();
    splice(vm, args.local(0), 0, len, &[])?;
    Ok(vm.none())
}

/// Exchanges bytes in place.
fn rearrange(vm: &mut Vm, args: Args, f: impl FnOnce(&mut Vec<u8>, usize)) -> NativeResult {
    let this = args.payload::<ArrayObject>(vm)?.r();
    let bytes = this.bytes(vm);
    let mut data = copied(bytes);
    f(&mut data, this.code.size());
    bytes.iter().zip(data).for_each(|(to, from)| to.set(from));
    Ok(vm.none())
}

pub(super) fn reverse(vm: &mut Vm, args: Args) -> NativeResult {
    rearrange(vm, args, |data, size| {
        // All bytes backwards, then each item's forwards again.
        data.reverse();
        data.chunks_mut(size).for_each(<[u8]>::reverse);
    })
}

pub(super) fn byteswap(vm: &mut Vm, args: Args) -> NativeResult {
    rearrange(vm, args, |data, size| data.chunks_mut(size).for_each(<[u8]>::reverse))
}

pub(super) fn frombytes(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<ArrayObject>(vm)?;
    let data = vm.bytes_like(args.local(1))?;
    push_whole(vm, args.local(0), &data)?;
    Ok(vm.none())
}

pub(super) fn fromfile(vm: &mut Vm, args: Args) -> NativeResult {
    let size = args.payload::<ArrayObject>(vm)?.code.size();
    let n = vm.index_i64(args.local(2))?;
    if n < 0 {
        raise!(vm, ValueError, "negative count");
    }
    let Some(wanted) = (n as usize).checked_mul(size).filter(|n| *n <= isize::MAX as usize) else {
        return Err(vm.memory_error());
    };
    let wanted_int = vm.root(vm.int_usize(wanted));
    let ret = vm.call_method(args.local(1), "read", &[wanted_int])?;
    let Some(bytes) = vm.value(ret).cast::<Bytes>() else {
        raise!(vm, TypeError, "read() didn't return bytes");
    };
    let data = bytes.data().to_vec();
    push_whole(vm, args.local(0), &data)?;
    if data.len() != wanted {
        raise!(vm, EOFError, "read() didn't return enough bytes");
    }
    Ok(vm.none())
}

pub(super) fn fromlist(vm: &mut Vm, args: Args) -> NativeResult {
    let code = args.payload::<ArrayObject>(vm)?.code;
    let items = args.local(1);
    let Some(list) = args.get(vm, 1).cast::<List>() else {
        raise!(vm, TypeError, "arg must be list");
    };
    let len = list.len.get();
    let mut data = Vec::with_capacity(len * code.size());
    let place = vm.empty_root();
    // All or nothing: nothing is appended before every item is known to fit.
    for i in 0..len {
        let Some(item) = seq_item(vm, vm.get(items), i) else { break };
        vm.set(place, item);
        let item = vm.scope(|vm| code.put(vm, place))?;
        data.extend_from_slice(&item[..code.size()]);
        if seq_len(vm.get(items)) != len {
            raise!(vm, RuntimeError, "list changed size during iteration");
        }
    }
    push_bytes(vm, args.local(0), &data)?;
    Ok(vm.none())
}

pub(super) fn fromunicode(vm: &mut Vm, args: Args) -> NativeResult {
    let code = args.payload::<ArrayObject>(vm)?.code;
    if args.get(vm, 1).as_str().is_none() {
        let given = vm.type_name(args.get(vm, 1));
        raise!(vm, TypeError, "fromunicode() argument must be str, not {given}");
    }
    if !code.is_text() {
        raise!(
            vm,
            ValueError,
            "fromunicode() may only be called on unicode type arrays ('u' or 'w')"
        );
    }
    push_text(vm, args.local(0), args.local(1))?;
    Ok(vm.none())
}

pub(super) fn setitem(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.local(0);
    let code = args.payload::<ArrayObject>(vm)?.code;
    let size = code.size();
    if args.get(vm, 1).cast::<Slice>().is_none() {
        let message = "array assignment index out of range";
        position(vm, args, message)?;
        let data = code.put(vm, args.local(2))?;
        // The conversion may have made the array shorter.
        let i = position(vm, args, message)?;
        splice(vm, this, i * size, (i + 1) * size, &data[..size])?;
        return Ok(vm.none());
    }
    let data = match args.get(vm, 2).payload::<ArrayObject>() {
        Some(other) if other.code == code => copied(other.r().bytes(vm)),
        Some(_) => raise!(vm, TypeError, "bad argument type for built-in operation"),
        None => {
            let given = vm.type_name(args.get(vm, 2));
            raise!(vm, TypeError, "can only assign array (not \"{given}\") to array slice");
        }
    };
    replace(vm, args, size, data)?;
    Ok(vm.none())
}

/// Puts items in the place of a slice.
fn replace(vm: &mut Vm, args: Args, size: usize, data: Vec<u8>) -> Result<(), Raised> {
    let this = args.local(0);
    let len = at(vm, this).len(vm);
    let (start, stop, step, count) = vm.slice_indices(args.local(1), len)?;
    if at(vm, this).len(vm) < len {
        raise!(vm, RuntimeError, "array changed size during slicing");
    }
    if step == 1 {
        let start = start.max(0) as usize;
        let stop = (stop.max(0) as usize).max(start);
        return splice(vm, this, start * size, stop * size, &data);
    }
    if data.is_empty() {
        return delete(vm, this, size, start, step, count);
    }
    let n = data.len() / size;
    if n != count {
        raise!(
            vm,
            ValueError,
            "attempt to assign array of size {n} to extended slice of size {count}"
        );
    }
    let bytes = at(vm, this).r().bytes(vm);
    for (k, item) in data.chunks(size).enumerate() {
        let i = (start + k as isize * step) as usize * size;
        bytes[i..i + size].iter().zip(item).for_each(|(to, from)| to.set(*from));
    }
    Ok(())
}

/// Deletes the items of a slice whose step is not 1.
fn delete(
    vm: &mut Vm,
    this: Local,
    size: usize,
    start: isize,
    step: isize,
    count: usize,
) -> Result<(), Raised> {
    let data = copied(at(vm, this).r().bytes(vm));
    let gone = |i: usize| {
        let away = i as isize - start;
        away % step == 0 && (0..count as isize).contains(&(away / step))
    };
    let kept: Vec<u8> = data
        .chunks(size)
        .enumerate()
        .filter(|(i, _)| !gone(*i))
        .flat_map(|(_, item)| item.iter().copied())
        .collect();
    splice(vm, this, 0, data.len(), &kept)
}

pub(super) fn delitem(vm: &mut Vm, args: Args) -> NativeResult {
    let size = args.payload::<ArrayObject>(vm)?.code.size();
    if args.get(vm, 1).cast::<Slice>().is_none() {
        let i = position(vm, args, "array assignment index out of range")?;
        splice(vm, args.local(0), i * size, (i + 1) * size, &[])?;
    } else {
        replace(vm, args, size, Vec::new())?;
    }
    Ok(vm.none())
}
