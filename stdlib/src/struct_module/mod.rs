//! `_struct`: values to bytes and back.

#![forbid(unsafe_code)]

mod class;
mod convert;
mod format;

use crate::prelude::*;
use class::iter_over;
pub use class::{STRUCT_TYPE, Struct, UNPACK_ITERATOR, UnpackIterator};
use convert::{packed, unpacked};
use dashu_int::IBig;
use format::{Format, Item, format_of};
use sidewinder_interpreter::builtins::bytes_methods;
use sidewinder_interpreter::vm::stack::Global;
use std::collections::HashMap;
use std::rc::Rc;

/// The module.
pub static STRUCT: ModuleDef = ModuleDef {
    name: "_struct",
    doc: "Functions to convert between Python values and C structs represented as Python bytes objects.",
    functions: &[
        NativeDef::function(
            "calcsize(format, /)",
            calcsize,
            "Return size in bytes of the struct described by the format string.",
        ),
        NativeDef::function(
            "pack(format, /, *values)",
            pack,
            "Pack values and return the packed bytes.",
        )
        .raw(),
        NativeDef::function(
            "pack_into(format, buffer, offset, /, *values)",
            pack_into,
            "Pack values and write the packed bytes into the buffer.",
        )
        .raw(),
        NativeDef::function(
            "unpack(format, buffer, /)",
            unpack,
            "Return a tuple containing values unpacked according to the format string.",
        ),
        NativeDef::function(
            "unpack_from(format, /, buffer, offset=0)",
            unpack_from,
            "Return a tuple containing values unpacked according to the format string.",
        ),
        NativeDef::function(
            "iter_unpack(format, buffer, /)",
            iter_unpack,
            "Return an iterator yielding tuples unpacked from the given bytes.",
        ),
        NativeDef::function("_clearcache()", clear_cache, "Clear the internal cache."),
    ],
    types: &[&STRUCT_TYPE],
    exec: Some(exec),
};

/// `struct.error`, and formats seen before.
#[derive(Default)]
struct State {
    error: Option<Global>,
    cache: HashMap<Vec<u8>, Rc<Format>>,
}

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    // A module that is imported afresh raises the same exception.
    let known = vm.with_extension(|s: &mut State| s.error.as_ref().map(|g| vm.get_global(g)));
    if let Some(known) = known {
        vm.module_set(module, "error", known);
        return Ok(());
    }
    let error = crate::prelude::new_exception(vm, "struct", "error", ClassId::Exception)?;
    vm.module_set(module, "error", vm.get(error));
    let global = vm.global(vm.get(error));
    vm.with_extension(|s: &mut State| s.error = Some(global));
    Ok(())
}

#[cold]
fn error(vm: &Vm, message: impl AsRef<str>) -> Raised {
    let class = vm.with_extension(|s: &mut State| s.error.as_ref().map(|g| vm.get_global(g)));
    match class.and_then(Value::as_class) {
        Some(class) => {
            let text = vm.str(message.as_ref()).value();
            vm.set_exception(vm.new_exception(class, &[text]).value())
        }
        None => vm.value_error(message),
    }
}

fn calcsize(vm: &mut Vm, args: Args) -> NativeResult {
    let format = format_of(vm, args.get(vm, 0))?;
    Ok(vm.ret(vm.int_usize(format.size)))
}

/// The positional arguments of a raw call from number `from` on.
fn values(vm: &Vm, args: Args, from: usize, name: &str) -> Result<Vec<Local>, Raised> {
    if args.keyword_count() > 0 {
        return Err(vm.type_error(format!("{name}() takes no keyword arguments")));
    }
    Ok((from..args.len()).map(|i| args.local(i)).collect())
}

fn pack(vm: &mut Vm, args: Args) -> NativeResult {
    let values = values(vm, args, 1, "pack")?;
    if args.is_empty() {
        raise!(vm, TypeError, "missing format argument");
    }
    let format = format_of(vm, args.get(vm, 0))?;
    let data = packed(vm, &format, &values, "pack")?;
    Ok(vm.ret(vm.bytes(&data).value()))
}

fn into(
    vm: &mut Vm,
    format: &Format,
    buffer: Local,
    offset: Local,
    values: &[Local],
) -> NativeResult {
    let offset = vm.index_i64(offset)?;
    let target = vm.writable(buffer, "argument")?;
    let len = target.len(vm) as i64;
    let size = format.size as i64;
    let start = if offset < 0 { offset + len } else { offset };
    if offset < 0 {
        if offset + size > 0 {
            return Err(error(vm, format!("no space to pack {size} bytes at offset {offset}")));
        }
        if start < 0 {
            return Err(error(vm, format!("offset {offset} out of range for {len}-byte buffer")));
        }
    }
    if len - start < size {
        return Err(error(
            vm,
            format!(
                "pack_into requires a buffer of at least {} bytes for packing {size} bytes at \
                 offset {start} (actual buffer size is {len})",
                size as u64 + start as u64
            ),
        ));
    }
    let data = packed(vm, format, values, "pack_into")?;
    target.write(vm, start as usize, &data);
    Ok(vm.none())
}

fn pack_into(vm: &mut Vm, args: Args) -> NativeResult {
    let values = values(vm, args, 3, "pack_into")?;
    match args.len() {
        0 => raise!(vm, TypeError, "missing format argument"),
        1 => return Err(error(vm, "pack_into expected buffer argument")),
        2 => return Err(error(vm, "pack_into expected offset argument")),
        _ => {}
    }
    let format = format_of(vm, args.get(vm, 0))?;
    into(vm, &format, args.local(1), args.local(2), &values)
}

fn unpack_all(vm: &mut Vm, format: &Format, buffer: Local) -> NativeResult {
    let data = vm.bytes_like(buffer)?;
    if data.len() != format.size {
        return Err(error(vm, format!("unpack requires a buffer of {} bytes", format.size)));
    }
    let vm = &*vm;
    Ok(vm.ret(unpacked(vm, format, &data)))
}

fn unpack(vm: &mut Vm, args: Args) -> NativeResult {
    let format = format_of(vm, args.get(vm, 0))?;
    unpack_all(vm, &format, args.local(1))
}

fn from(vm: &mut Vm, format: &Format, buffer: Local, offset: i64) -> NativeResult {
    let data = vm.bytes_like(buffer)?;
    let (len, size) = (data.len() as i64, format.size as i64);
    let start = if offset < 0 { offset + len } else { offset };
    if offset < 0 {
        if offset + size > 0 {
            return Err(error(
                vm,
                format!("not enough data to unpack {size} bytes at offset {offset}"),
            ));
        }
        if start < 0 {
            return Err(error(vm, format!("offset {offset} out of range for {len}-byte buffer")));
        }
    }
    if len - start < size {
        return Err(error(
            vm,
            format!(
                "unpack_from requires a buffer of at least {} bytes for unpacking {size} bytes at \
                 offset {start} (actual buffer size is {len})",
                size as u64 + start as u64
            ),
        ));
    }
    let vm = &*vm;
    let start = start as usize;
    Ok(vm.ret(unpacked(vm, format, &data[start..start + format.size])))
}

fn offset_argument(vm: &mut Vm, args: Args, i: usize) -> Result<i64, Raised> {
    if args.opt(vm, i).is_none() { Ok(0) } else { vm.index_i64(args.local(i)) }
}

fn unpack_from(vm: &mut Vm, args: Args) -> NativeResult {
    let format = format_of(vm, args.get(vm, 0))?;
    let offset = offset_argument(vm, args, 2)?;
    from(vm, &format, args.local(1), offset)
}

fn iter_unpack(vm: &mut Vm, args: Args) -> NativeResult {
    let format = format_of(vm, args.get(vm, 0))?;
    iter_over(vm, format, args.local(1))
}

fn clear_cache(vm: &mut Vm, _: Args) -> NativeResult {
    vm.with_extension(|s: &mut State| s.cache.clear());
    Ok(vm.none())
}
