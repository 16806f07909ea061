//! Pickling: arrays as a description of the machine's format and bytes, so that other machines can
//! read them.

use super::change;
use super::item::Code;
use super::object::{ARRAY_TYPE, ArrayObject, at, of_shape, tolist};
use crate::prelude::*;
use sidewinder_interpreter::object::Bytes;
use sidewinder_interpreter::vm::buffer::copied;

/// A machine format, numbered as in pickles: two numbers for each kind and size, little endian
/// first; 0 and 1 are single bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Int { size: usize, signed: bool },
    Float { size: usize },
    Utf { size: usize },
}

/// Those from number 2 on.
const FORMATS: [Format; 10] = [
    Format::Int { size: 2, signed: false },
    Format::Int { size: 2, signed: true },
    Format::Int { size: 4, signed: false },
    Format::Int { size: 4, signed: true },
    Format::Int { size: 8, signed: false },
    Format::Int { size: 8, signed: true },
    Format::Float { size: 4 },
    Format::Float { size: 8 },
    Format::Utf { size: 2 },
    Format::Utf { size: 4 },
];

/// The format of a number, and whether it is big endian.
fn numbered(n: i64) -> Option<(Format, bool)> {
    match n {
        0 | 1 => Some((Format::Int { size: 1, signed: n == 1 }, cfg!(target_endian = "big"))),
        2..=21 => Some((FORMATS[(n - 2) as usize / 2], n % 2 == 1)),
        _ => None,
    }
}

/// How this machine stores items.
fn own(code: Code) -> Format {
    match code.size() {
        size if code.is_text() => Format::Utf { size },
        size if code.is_float() => Format::Float { size },
        size => Format::Int { size, signed: code.is_signed() },
    }
}

/// The number of the format in which this machine stores items.
fn own_number(code: Code) -> i64 {
    let big = cfg!(target_endian = "big");
    (0..22).find(|n| numbered(*n) == Some((own(code), big))).unwrap_or(0)
}

pub(super) fn reduce_ex(vm: &mut Vm, args: Args) -> NativeResult {
    let code = args.payload::<ArrayObject>(vm)?.code;
    if !vm.is_int(args.get(vm, 1)) {
        raise!(vm, TypeError, "__reduce_ex__ argument should be an integer");
    }
    let protocol = vm.index_i64(args.local(1))?;
    let dict = vm.root(Value::NONE);
    if let Some(ret) = vm.getattr_opt(args.local(0), "__dict__")? {
        vm.set(dict, vm.value(ret));
    }
    let module = vm.import_module("array")?;
    let maker = vm.getattr_str(module, "_array_reconstructor")?;
    let maker = vm.hold(maker);
    let items = tolist(vm, args)?;
    let items = vm.hold(items);
    let vm = &*vm;
    let class = vm.class_of(args.get(vm, 0)).value();
    let letter = vm.str(code.letter().encode_utf8(&mut [0; 4])).value();
    let parts = if protocol < 3 {
        let arguments = vm.tuple(&[letter, vm.get(items)]).value();
        vm.tuple(&[class, arguments, vm.get(dict)])
    } else {
        let data = vm.bytes(&copied(at(vm, args.local(0)).r().bytes(vm))).value();
        let arguments = vm.tuple(&[class, letter, vm.int(own_number(code)), data]).value();
        vm.tuple(&[vm.get(maker), arguments, vm.get(dict)])
    };
    Ok(vm.ret(parts.value()))
}

/// `_array_reconstructor`: an array from bytes in the format of any machine.
pub(super) fn reconstruct(vm: &mut Vm, args: Args) -> NativeResult {
    let Some(class) = args.get(vm, 0).as_class() else {
        let given = vm.type_name(args.get(vm, 0));
        raise!(vm, TypeError, "first argument must be a type object, not {given}");
    };
    if !vm.is_subclass(class, vm.native_class(&ARRAY_TYPE)) {
        let given = vm.class_name(class);
        raise!(vm, TypeError, "{given} is not a subtype of array.array");
    }
    let shape = class.shape.get();
    let letter = args.get(vm, 1).as_str();
    if letter.is_none_or(|s| s.r().chars().len() != 1) {
        let given = vm.type_name(args.get(vm, 1));
        raise!(
            vm,
            TypeError,
            "_array_reconstructor() argument 2 must be a unicode character, not {given}"
        );
    }
    let Some(code) = letter.and_then(|s| Code::new(s.r().char_at(0))) else {
        raise!(vm, ValueError, "second argument must be a valid type code");
    };
    let number = vm.index_i64(args.local(2))?;
    let Some((format, big)) = numbered(number) else {
        raise!(vm, ValueError, "third argument must be a valid machine format code.");
    };
    let Some(bytes) = args.get(vm, 3).cast::<Bytes>() else {
        let given = vm.type_name(args.get(vm, 3));
        raise!(vm, TypeError, "fourth argument should be bytes, not {given}");
    };
    let data = bytes.data().to_vec();
    let array = vm.root(of_shape(vm, shape, code, &[]));
    if number == own_number(code) {
        change::push_whole(vm, array, &data)?;
    } else {
        let items = vm.root(decoded(vm, format, big, data)?);
        match format {
            Format::Utf { .. } if code.is_text() => change::push_text(vm, array, items)?,
            _ => change::push_items(vm, array, items)?,
        }
    }
    Ok(vm.ret(vm.get(array)))
}

/// The items in foreign bytes: a list, or a str.
fn decoded(vm: &Vm, format: Format, big: bool, mut data: Vec<u8>) -> Result<Value<'_>, Raised> {
    let (Format::Int { size, .. } | Format::Float { size } | Format::Utf { size }) = format;
    if !data.len().is_multiple_of(size) {
        raise!(vm, ValueError, "bytes length not a multiple of item size");
    }
    if big {
        data.chunks_mut(size).for_each(<[u8]>::reverse);
    }
    let numbers = data.chunks(size).map(|item| {
        let mut bytes = [0; 8];
        bytes[..size].copy_from_slice(item);
        u64::from_le_bytes(bytes)
    });
    if let Format::Utf { size } = format {
        let chars: Vec<u32> = match size {
            2 => char::decode_utf16(numbers.map(|n| n as u16))
                .map(|c| c.map_or_else(|e| e.unpaired_surrogate() as u32, |c| c as u32))
                .collect(),
            _ => numbers.map(|n| n as u32).collect(),
        };
        if chars.iter().any(|c| *c > char::MAX as u32) {
            raise!(vm, ValueError, "character is not in range [U+0000; U+10ffff]");
        }
        return Ok(vm.str_from_code_points(&chars).value());
    }
    let items: Vec<Value<'_>> = numbers
        .map(|n| match format {
            Format::Float { size: 4 } => vm.float(f32::from_bits(n as u32) as f64),
            Format::Float { .. } => vm.float(f64::from_bits(n)),
            Format::Int { signed: true, size } => {
                let unused = 64 - 8 * size as u32;
                vm.int((n << unused) as i64 >> unused)
            }
            _ => vm.big_from_i128(n as i128),
        })
        .collect();
    Ok(vm.list(&items).value())
}
