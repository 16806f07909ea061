//! UTF-8, UTF-16, UTF-32, ASCII and Latin-1.

use super::engine::{Step, decode, decoded, encode, encoded, text_arg};
use super::errors_arg;
use sidewinder_interpreter::{Args, NativeDef, NativeResult, Raised, Vm};

/// The functions.
pub static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("utf_8_encode(str, errors=None, /)", utf_8_encode, ""),
    NativeDef::function("utf_8_decode(data, errors=None, final=False, /)", utf_8_decode, ""),
    NativeDef::function("ascii_encode(str, errors=None, /)", ascii_encode, ""),
    NativeDef::function("ascii_decode(data, errors=None, /)", ascii_decode, ""),
    NativeDef::function("latin_1_encode(str, errors=None, /)", latin_1_encode, ""),
    NativeDef::function("latin_1_decode(data, errors=None, /)", latin_1_decode, ""),
    NativeDef::function("utf_16_encode(str, errors=None, byteorder=0, /)", utf_16_encode, ""),
    NativeDef::function("utf_16_le_encode(str, errors=None, /)", utf_16_le_encode, ""),
    NativeDef::function("utf_16_be_encode(str, errors=None, /)", utf_16_be_encode, ""),
    NativeDef::function("utf_16_decode(data, errors=None, final=False, /)", utf_16_decode, ""),
    NativeDef::function(
        "utf_16_le_decode(data, errors=None, final=False, /)",
        utf_16_le_decode,
        "",
    ),
    NativeDef::function(
        "utf_16_be_decode(data, errors=None, final=False, /)",
        utf_16_be_decode,
        "",
    ),
    NativeDef::function(
        "utf_16_ex_decode(data, errors=None, byteorder=0, final=False, /)",
        utf_16_ex_decode,
        "",
    ),
    NativeDef::function("utf_32_encode(str, errors=None, byteorder=0, /)", utf_32_encode, ""),
    NativeDef::function("utf_32_le_encode(str, errors=None, /)", utf_32_le_encode, ""),
    NativeDef::function("utf_32_be_encode(str, errors=None, /)", utf_32_be_encode, ""),
    NativeDef::function("utf_32_decode(data, errors=None, final=False, /)", utf_32_decode, ""),
    NativeDef::function(
        "utf_32_le_decode(data, errors=None, final=False, /)",
        utf_32_le_decode,
        "",
    ),
    NativeDef::function(
        "utf_32_be_decode(data, errors=None, final=False, /)",
        utf_32_be_decode,
        "",
    ),
    NativeDef::function(
        "utf_32_ex_decode(data, errors=None, byteorder=0, final=False, /)",
        utf_32_ex_decode,
        "",
    ),
    NativeDef::function("readbuffer_encode(data, errors=None, /)", readbuffer_encode, ""),
];

/// What a UTF-8 decoder finds at a place.
pub fn utf_8_step(data: &[u8], at: usize) -> Step {
    match std::str::from_utf8(&data[at..]) {
        Ok(text) => Step::Utf8(text.len()),
        Err(error) if error.valid_up_to() > 0 => Step::Utf8(error.valid_up_to()),
        Err(error) => match (error.error_len(), data[at]) {
            (None, _) => Step::Partial(data.len() - at, "unexpected end of data"),
            (Some(n), 0x80..=0xC1 | 0xF5..) => Step::Bad(n, "invalid start byte"),
            (Some(n), _) => Step::Bad(n, "invalid continuation byte"),
        },
    }
}

fn put_utf_8(c: u32, out: &mut Vec<u8>) -> Result<(), &'static str> {
    let c = char::from_u32(c).ok_or("surrogates not allowed")?;
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    Ok(())
}

fn put_ascii(c: u32, out: &mut Vec<u8>) -> Result<(), &'static str> {
    if c >= 128 {
        return Err("ordinal not in range(128)");
    }
    out.push(c as u8);
    Ok(())
}

fn put_latin_1(c: u32, out: &mut Vec<u8>) -> Result<(), &'static str> {
    if c >= 256 {
        return Err("ordinal not in range(256)");
    }
    out.push(c as u8);
    Ok(())
}

/// Appends one unit of 2 or 4 bytes.
fn put_unit(unit: u32, size: usize, big: bool, out: &mut Vec<u8>) {
    match (size, big) {
        (2, false) => out.extend((unit as u16).to_le_bytes()),
        (2, true) => out.extend((unit as u16).to_be_bytes()),
        (_, false) => out.extend(unit.to_le_bytes()),
        (_, true) => out.extend(unit.to_be_bytes()),
    }
}

fn put_wide(c: u32, size: usize, big: bool, out: &mut Vec<u8>) -> Result<(), &'static str> {
    if (0xD800..0xE000).contains(&c) {
        return Err("surrogates not allowed");
    }
    if size == 2 && c >= 0x10000 {
        let rest = c - 0x10000;
        put_unit(0xD800 | rest >> 10, size, big, out);
        put_unit(0xDC00 | rest & 0x3FF, size, big, out);
    } else {
        put_unit(c, size, big, out);
    }
    Ok(())
}

fn wide_step(data: &[u8], at: usize, size: usize, big: bool) -> Step {
    let unit = |at: usize| -> Option<u32> {
        let bytes = data.get(at..at + size)?;
        let shift = |acc: u32, b: &u8| acc << 8 | u32::from(*b);
        Some(if big { bytes.iter().fold(0, shift) } else { bytes.iter().rev().fold(0, shift) })
    };
    match unit(at) {
        None => Step::Partial(data.len() - at, "truncated data"),
        Some(high @ 0xD800..0xDC00) if size == 2 => match unit(at + 2) {
            Some(low @ 0xDC00..0xE000) => {
                Step::Char(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00), 4)
            }
            Some(_) => Step::Bad(2, "illegal UTF-16 surrogate"),
            None => Step::Partial(data.len() - at, "unexpected end of data"),
        },
        Some(0xDC00..0xE000) if size == 2 => Step::Bad(2, "illegal encoding"),
        Some(0xD800..0xE000) => {
            Step::Bad(4, "code point in surrogate code point range(0xd800, 0xe000)")
        }
        Some(0x11_0000..) => Step::Bad(4, "code point not in range(0x110000)"),
        Some(c) => Step::Char(c, size),
    }
}

fn is_final(vm: &mut Vm, args: Args, i: usize) -> Result<bool, Raised> {
    match args.opt(vm, i) {
        Some(_) => vm.truth(args.local(i)),
        None => Ok(false),
    }
}

macro_rules! encoders {
    ($($function:ident $name:literal $put:ident)*) => {$(
        fn $function(vm: &mut Vm, args: Args) -> NativeResult {
            let (text, length) = text_arg(vm, args, 0)?;
            let errors = errors_arg(vm, args, 1)?;
            let mut out = Vec::new();
            encode(vm, $name, text, &errors, &mut out, |_, c, out| Ok($put(c, out)))?;
            encoded(vm, &out, length)
        }
    )*};
}
encoders! { utf_8_encode "utf-8" put_utf_8 ascii_encode "ascii" put_ascii
latin_1_encode "latin-1" put_latin_1 }

fn utf_8_decode(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(0))?;
    let errors = errors_arg(vm, args, 1)?;
    let is_final = is_final(vm, args, 2)?;
    let (text, used) = decode(vm, "utf-8", &data, &errors, is_final, utf_8_step)?;
    decoded(vm, text, used)
}

fn ascii_decode(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(0))?;
    let errors = errors_arg(vm, args, 1)?;
    let (text, used) = decode(vm, "ascii", &data, &errors, true, |data, at| match data[at] {
        b @ 0..128 => Step::Char(b.into(), 1),
        _ => Step::Bad(1, "ordinal not in range(128)"),
    })?;
    decoded(vm, text, used)
}

fn latin_1_decode(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(0))?;
    errors_arg(vm, args, 1)?;
    let text = vm.root(vm.str_from_latin1(&data).value());
    decoded(vm, text, data.len())
}

fn wide_name(size: usize, order: i64) -> &'static str {
    match (size, order) {
        (2, 0) => "utf-16",
        (2, -1) => "utf-16-le",
        (2, _) => "utf-16-be",
        (_, 0) => "utf-32",
        (_, -1) => "utf-32-le",
        _ => "utf-32-be",
    }
}

/// `order` is -1 for little, 1 for big endian, 0 for little endian behind a mark.
fn wide_encode(vm: &mut Vm, args: Args, size: usize, order: i64) -> NativeResult {
    let (text, length) = text_arg(vm, args, 0)?;
    let errors = errors_arg(vm, args, 1)?;
    let big = order > 0;
    let mut out = Vec::new();
    if order == 0 {
        put_unit(0xFEFF, size, big, &mut out);
    }
    let name = wide_name(size, order);
    encode(vm, name, text, &errors, &mut out, |_, c, out| Ok(put_wide(c, size, big, out)))?;
    encoded(vm, &out, length)
}

/// The str, how many bytes were used, and the order found (0 while that is open).
fn wide_decode(
    vm: &mut Vm,
    args: Args,
    size: usize,
    order: i64,
    is_final: bool,
) -> Result<(sidewinder_interpreter::Local, usize, i64), Raised> {
    let data = vm.bytes_like(args.local(0))?;
    let errors = errors_arg(vm, args, 1)?;
    let mut order = order.signum();
    let mut mark = 0;
    if order == 0 && data.len() >= size {
        let little: &[u8] = if size == 2 { b"\xFF\xFE" } else { b"\xFF\xFE\0\0" };
        let big: &[u8] = if size == 2 { b"\xFE\xFF" } else { b"\0\0\xFE\xFF" };
        if data.starts_with(little) {
            (order, mark) = (-1, size);
        } else if data.starts_with(big) {
            (order, mark) = (1, size);
        } else if size == 2 || size == 4 {
            order = -1;
        }
    }
    let name = wide_name(size, order);
    let big = order > 0;
    let (text, used) = decode(vm, name, &data, &errors, is_final, |data, at| {
        if at < mark { Step::Skip(mark - at) } else { wide_step(data, at, size, big) }
    })?;
    Ok((text, used, order))
}

macro_rules! wide {
    ($($encode:ident $decode:ident $size:literal $order:literal)*) => {$(
        fn $encode(vm: &mut Vm, args: Args) -> NativeResult {
            wide_encode(vm, args, $size, $order)
        }
        fn $decode(vm: &mut Vm, args: Args) -> NativeResult {
            let is_final = is_final(vm, args, 2)?;
            let (text, used, _) = wide_decode(vm, args, $size, $order, is_final)?;
            decoded(vm, text, used)
        }
    )*};
}
wide! { utf_16_le_encode utf_16_le_decode 2 -1 utf_16_be_encode utf_16_be_decode 2 1
utf_32_le_encode utf_32_le_decode 4 -1 utf_32_be_encode utf_32_be_decode 4 1 }

macro_rules! marked {
    ($($encode:ident $decode:ident $extended:ident $size:literal)*) => {$(
        fn $encode(vm: &mut Vm, args: Args) -> NativeResult {
            let order = match args.opt(vm, 2) {
                Some(_) => vm.index_i64(args.local(2))?,
                None => 0,
            };
            wide_encode(vm, args, $size, order.signum())
        }
        fn $decode(vm: &mut Vm, args: Args) -> NativeResult {
            let is_final = is_final(vm, args, 2)?;
            let (text, used, _) = wide_decode(vm, args, $size, 0, is_final)?;
            decoded(vm, text, used)
        }
        fn $extended(vm: &mut Vm, args: Args) -> NativeResult {
            let order = match args.opt(vm, 2) {
                Some(_) => vm.index_i64(args.local(2))?,
                None => 0,
            };
            let is_final = is_final(vm, args, 3)?;
            let (text, used, order) = wide_decode(vm, args, $size, order, is_final)?;
            let vm = &*vm;
            let items = [vm.get(text), vm.int_usize(used), vm.int(order)];
            Ok(vm.ret(vm.tuple(&items).value()))
        }
    )*};
}
marked! { utf_16_encode utf_16_decode utf_16_ex_decode 2
utf_32_encode utf_32_decode utf_32_ex_decode 4 }

fn readbuffer_encode(vm: &mut Vm, args: Args) -> NativeResult {
    let text = args.get(vm, 0).as_str().map(|s| s.to_utf8().map(|t| t.into_owned()));
    let data = match text {
        Some(Some(text)) => text.into_bytes(),
        _ => vm.bytes_like(args.local(0))?,
    };
    encoded(vm, &data, data.len())
}
