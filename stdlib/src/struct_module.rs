//! `_struct`: values to bytes and back.

#![forbid(unsafe_code)]

use crate::prelude::*;
use dashu_int::IBig;
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

/// One item of a format.
#[derive(Clone, Copy)]
struct Item {
    code: u8,
    /// Where it starts.
    offset: usize,
    /// Bytes of one value.
    size: usize,
    /// Values, or for `s` and `p` the one value's length.
    count: usize,
}

/// A parsed format.
struct Format {
    items: Vec<Item>,
    size: usize,
    /// Number of values.
    values: usize,
    little: bool,
    /// Native sizes: what messages call them differs.
    native: bool,
}

/// Size and alignment of a code.
fn layout(code: u8, native: bool) -> Option<(usize, usize)> {
    let n = match code {
        b'x' | b'c' | b'b' | b'B' | b'?' | b's' | b'p' => return Some((1, 1)),
        b'h' | b'H' | b'e' => 2,
        b'i' | b'I' | b'f' => 4,
        b'l' | b'L' => {
            if native {
                8
            } else {
                4
            }
        }
        b'q' | b'Q' | b'd' => 8,
        b'n' | b'N' | b'P' if native => 8,
        b'F' => return Some((8, 4)),
        b'D' => return Some((16, 8)),
        _ => return None,
    };
    Some((n, n))
}

fn parse(vm: &Vm, text: &[u8]) -> Result<Rc<Format>, Raised> {
    let known = vm.with_extension(|s: &mut State| s.cache.get(text).cloned());
    if let Some(known) = known {
        return Ok(known);
    }
    let (native, little, mut rest) = match text.split_first() {
        Some((b'@', rest)) => (true, cfg!(target_endian = "little"), rest),
        Some((b'=', rest)) => (false, cfg!(target_endian = "little"), rest),
        Some((b'<', rest)) => (false, true, rest),
        Some((b'>' | b'!', rest)) => (false, false, rest),
        _ => (true, cfg!(target_endian = "little"), text),
    };
    let mut format = Format { items: Vec::new(), size: 0, values: 0, little, native };
    let too_long = || error(vm, "total struct size too long");
    if text.contains(&0) {
        return Err(error(vm, "embedded null character"));
    }
    while let Some((&c, after)) = rest.split_first() {
        rest = after;
        if c.is_ascii_whitespace() {
            continue;
        }
        let mut count = 1usize;
        let mut code = c;
        if c.is_ascii_digit() {
            count = (c - b'0') as usize;
            loop {
                let Some((&d, after)) = rest.split_first() else {
                    return Err(error(vm, "repeat count given without format specifier"));
                };
                rest = after;
                if !d.is_ascii_digit() {
                    code = d;
                    break;
                }
                let next = count.checked_mul(10).and_then(|n| n.checked_add((d - b'0') as usize));
                count = next.filter(|n| *n <= isize::MAX as usize).ok_or_else(too_long)?;
            }
        }
        let Some((size, align)) = layout(code, native) else {
            return Err(error(vm, "bad char in struct format"));
        };
        let offset = if native { format.size.next_multiple_of(align) } else { format.size };
        let total = size.checked_mul(count).and_then(|n| n.checked_add(offset));
        format.size = total.filter(|n| *n <= isize::MAX as usize).ok_or_else(too_long)?;
        match code {
            b'x' => continue,
            b's' | b'p' => format.values += 1,
            _ => format.values += count,
        }
        if count > 0 || matches!(code, b's' | b'p') {
            format.items.push(Item { code, offset, size, count });
        }
    }
    let format = Rc::new(format);
    vm.with_extension(|s: &mut State| {
        if s.cache.len() >= 100 {
            s.cache.clear();
        }
        s.cache.insert(text.to_vec(), format.clone());
    });
    Ok(format)
}

/// The format that an argument (str or bytes) gives.
fn format_of(vm: &Vm, v: Value<'_>) -> Result<Rc<Format>, Raised> {
    if let Some(s) = v.as_str() {
        return match s.as_ascii() {
            Some(text) => parse(vm, text.as_bytes()),
            None => {
                let at = s.chars().position(|c| c >= 128).unwrap_or(0);
                let end = at + s.chars().skip(at).take_while(|c| *c >= 128).count();
                let reason = vm.str("ordinal not in range(128)").value();
                let parts =
                    [vm.str("ascii").value(), v, vm.int_usize(at), vm.int_usize(end), reason];
                Err(vm.raise_args(ClassId::UnicodeEncodeError, &parts))
            }
        };
    }
    match v.cast::<sidewinder_interpreter::object::Bytes>() {
        Some(b) => parse(vm, b.data()),
        None => {
            let given = vm.type_name(v);
            raise!(vm, TypeError, "Struct() argument 1 must be a str or bytes object, not {given}")
        }
    }
}

/// Puts an integer of `size` bytes in its place.
fn put_int(out: &mut [u8], value: u64, little: bool) {
    let n = out.len();
    for (i, byte) in out.iter_mut().enumerate() {
        let shift = if little { i } else { n - 1 - i } * 8;
        *byte = (value >> shift) as u8;
    }
}

fn get_int(data: &[u8], little: bool) -> u64 {
    let mut value = 0u64;
    for i in 0..data.len() {
        let byte = if little { data[data.len() - 1 - i] } else { data[i] };
        value = value << 8 | byte as u64;
    }
    value
}

/// Half-precision bits of a float, `None` when it is too large.
fn to_half(x: f64) -> Option<u16> {
    let sign = if x.is_sign_negative() { 0x8000 } else { 0 };
    if x.is_nan() {
        return Some(sign | 0x7E00);
    }
    let x = x.abs();
    if x.is_infinite() {
        return Some(sign | 0x7C00);
    }
    // Scaled so that the last place of the result is 1; rounded half to even.
    let exponent = if x == 0.0 { -14 } else { (x.log2().floor() as i32).clamp(-14, 16) };
    let exponent =
        if x > 0.0 && x < 2f64.powi(exponent) && exponent > -14 { exponent - 1 } else { exponent };
    let scaled = x * 2f64.powi(10 - exponent);
    let mut mantissa = scaled.round_ties_even() as u32;
    let mut biased = (exponent + 15) as u32;
    if mantissa >= 2048 {
        mantissa /= 2;
        biased += 1;
    }
    if biased >= 31 {
        return None;
    }
    if mantissa < 1024 {
        biased = 0;
    } else {
        mantissa -= 1024;
    }
    Some(sign | (biased << 10 | mantissa) as u16)
}

fn from_half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 != 0 { -1.0 } else { 1.0 };
    let (exponent, mantissa) = ((bits >> 10 & 31) as i32, (bits & 1023) as f64);
    sign * match exponent {
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        0 => mantissa * 2f64.powi(-24),
        _ => (1.0 + mantissa / 1024.0) * 2f64.powi(exponent - 15),
    }
}

/// An integer argument, within the range of its code.
fn integer(vm: &mut Vm, v: Local, item: Item, format: &Format) -> Result<u64, Raised> {
    let (code, size) = (item.code, item.size);
    let index = match vm.get(v).as_small_int() {
        Some(i) => Ok(i as i128),
        None => {
            let value = vm.get(v);
            if !vm.is_int(value) && vm.special_of(value, Special::Index).is_none() {
                return Err(error(vm, "required argument is not an integer"));
            }
            let ret = vm.index(v)?;
            let big = vm.as_big(vm.value(ret)).unwrap_or(IBig::ZERO);
            i128::try_from(&big).map_err(|_| ())
        }
    };
    let bits = size as u32 * 8;
    let signed = code.is_ascii_lowercase();
    let (low, high) = if signed {
        (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1)
    } else {
        (0, (1i128 << bits) - 1)
    };
    if code == b'P' {
        if let Ok(i) = index
            && (i64::MIN as i128..=u64::MAX as i128).contains(&i)
        {
            return Ok(i as u64);
        }
        return Err(error(vm, "int too large to convert"));
    }
    match index {
        Ok(i) if (low..=high).contains(&i) => Ok(i as u64),
        _ => {
            let name = code as char;
            // Native codes of full width speak of the machine's type.
            if format.native && size == 8 {
                return Err(error(
                    vm,
                    match (code, index) {
                        (b'q' | b'l' | b'n', _) => "int too large to convert",
                        _ => "argument out of range",
                    },
                ));
            }
            Err(error(vm, format!("'{name}' format requires {low} <= number <= {high}")))
        }
    }
}

fn float(vm: &mut Vm, v: Local) -> Result<f64, Raised> {
    match vm.float_of(v) {
        Ok(x) => Ok(x),
        Err(raised) => {
            vm.catch(raised, ClassId::TypeError)?;
            Err(error(vm, "required argument is not a float"))
        }
    }
}

fn put_float(vm: &Vm, out: &mut [u8], x: f64, little: bool) -> Result<(), Raised> {
    let overflow = |what: &str| {
        vm.raise(ClassId::OverflowError, format!("float too large to pack with {what} format"))
    };
    let bits = match out.len() {
        2 => to_half(x).ok_or_else(|| overflow("e"))? as u64,
        4 => {
            let narrow = x as f32;
            if narrow.is_infinite() && x.is_finite() {
                return Err(overflow("f"));
            }
            narrow.to_bits() as u64
        }
        _ => x.to_bits(),
    };
    put_int(out, bits, little);
    Ok(())
}

/// The values as bytes.
fn packed(vm: &mut Vm, format: &Format, values: &[Local], name: &str) -> Result<Vec<u8>, Raised> {
    if values.len() != format.values {
        let (want, given) = (format.values, values.len());
        let more = if name == "pack_into" { "pack_into expected" } else { "pack expected" };
        return Err(error(vm, format!("{more} {want} items for packing (got {given})")));
    }
    vm.check_size(format.size)?;
    let mut out = vec![0u8; format.size];
    let mut values = values.iter();
    for item in &format.items {
        if matches!(item.code, b's' | b'p') {
            let v = *values.next().expect("counted");
            let place = &mut out[item.offset..item.offset + item.count];
            put_bytes(vm, item.code, vm.get(v), place)?;
            continue;
        }
        for k in 0..item.count {
            let v = *values.next().expect("counted");
            let at = item.offset + k * item.size;
            let place = &mut out[at..at + item.size];
            vm.scope(|vm| match item.code {
                b'c' => {
                    let bytes = vm.get(v).cast::<sidewinder_interpreter::object::Bytes>();
                    match bytes.filter(|b| b.data().len() == 1) {
                        Some(b) => place[0] = b.data()[0],
                        None => {
                            return Err(error(
                                vm,
                                "char format requires a bytes object of length 1",
                            ));
                        }
                    }
                    Ok(())
                }
                b'?' => {
                    place[0] = vm.truth(v)? as u8;
                    Ok(())
                }
                b'e' | b'f' | b'd' => {
                    let x = float(vm, v)?;
                    put_float(vm, place, x, format.little)
                }
                b'F' | b'D' => {
                    let complex = vm.get(v).cast::<sidewinder_interpreter::object::Complex>();
                    let (re, im) = match complex {
                        Some(c) => (c.re, c.im),
                        None => (float(vm, v)?, 0.0),
                    };
                    let half = place.len() / 2;
                    put_float(vm, &mut place[..half], re, format.little)?;
                    put_float(vm, &mut place[half..], im, format.little)
                }
                _ => {
                    let i = integer(vm, v, *item, format)?;
                    put_int(place, i, format.little);
                    Ok(())
                }
            })?;
        }
    }
    Ok(out)
}

fn put_bytes(vm: &Vm, code: u8, v: Value<'_>, place: &mut [u8]) -> Result<(), Raised> {
    let data = match bytes_methods::buffer(vm, v) {
        Some(data) if v.kind() == Some(Kind::Bytes) || v.kind() == Some(Kind::ByteArray) => data,
        _ => {
            let message = format!("argument for '{}' must be a bytes object", code as char);
            return Err(error(vm, message));
        }
    };
    if code == b's' {
        let n = data.len().min(place.len());
        place[..n].copy_from_slice(&data[..n]);
    } else if let Some((len, rest)) = place.split_first_mut() {
        let n = data.len().min(rest.len());
        rest[..n].copy_from_slice(&data[..n]);
        *len = n.min(255) as u8;
    }
    Ok(())
}

/// The values in bytes, which are as long as the format says.
fn unpacked<'gc>(vm: &'gc Vm, format: &Format, data: &[u8]) -> Value<'gc> {
    let mut values = Vec::with_capacity(format.values);
    let little = format.little;
    let real = |data: &[u8]| {
        let bits = get_int(data, little);
        match data.len() {
            2 => from_half(bits as u16),
            4 => f32::from_bits(bits as u32) as f64,
            _ => f64::from_bits(bits),
        }
    };
    for item in &format.items {
        if item.code == b's' {
            values.push(vm.bytes(&data[item.offset..item.offset + item.count]).value());
            continue;
        }
        if item.code == b'p' {
            let place = &data[item.offset..item.offset + item.count];
            let text = match place.split_first() {
                Some((len, rest)) => &rest[..(*len as usize).min(rest.len())],
                None => &[],
            };
            values.push(vm.bytes(text).value());
            continue;
        }
        for k in 0..item.count {
            let at = item.offset + k * item.size;
            let place = &data[at..at + item.size];
            values.push(match item.code {
                b'c' => vm.bytes(place).value(),
                b'?' => Value::from_bool(place[0] != 0),
                b'e' | b'f' | b'd' => vm.float(real(place)),
                b'F' | b'D' => {
                    let half = place.len() / 2;
                    vm.complex(real(&place[..half]), real(&place[half..]))
                }
                code => {
                    let bits = get_int(place, little);
                    let unused = 64 - item.size as u32 * 8;
                    if code.is_ascii_lowercase() {
                        vm.int(((bits << unused) as i64) >> unused)
                    } else {
                        vm.big_from_i128(bits as i128)
                    }
                }
            });
        }
    }
    vm.tuple(&values).value()
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

fn iter_over(vm: &mut Vm, format: Rc<Format>, buffer: Local) -> NativeResult {
    if format.size == 0 {
        return Err(error(vm, "cannot iteratively unpack with a struct of length 0"));
    }
    let len = vm.bytes_like(buffer)?.len();
    if len % format.size != 0 {
        return Err(error(
            vm,
            format!("iterative unpacking requires a buffer of a multiple of {} bytes", format.size),
        ));
    }
    let vm = &*vm;
    let payload = UnpackIterator { format, buffer: slot(vm.get(buffer)), at: Cell::new(0) };
    Ok(vm.ret(vm.native(payload).value()))
}

fn iter_unpack(vm: &mut Vm, args: Args) -> NativeResult {
    let format = format_of(vm, args.get(vm, 0))?;
    iter_over(vm, format, args.local(1))
}

fn clear_cache(vm: &mut Vm, _: Args) -> NativeResult {
    vm.with_extension(|s: &mut State| s.cache.clear());
    Ok(vm.none())
}

/// Over the structs in a buffer.
#[derive(Trace)]
pub struct UnpackIterator {
    #[trace(skip)]
    format: Rc<Format>,
    buffer: Slot,
    at: Cell<usize>,
}

impl Payload for UnpackIterator {
    const TYPE: &'static TypeDef = &UNPACK_ITERATOR;
    const NEEDS_DROP: bool = true;
}

/// The type of such iterators.
pub static UNPACK_ITERATOR: TypeDef = TypeDef {
    module: "_struct",
    flags: ClassFlags::NO_NEW | ClassFlags::MODULE_IN_MESSAGES,
    methods: &[
        NativeDef::method("__iter__($self, /)", itself, "Implement iter(self)."),
        NativeDef::method("__length_hint__($self, /)", structs_left, "Items left."),
    ],
    next: Some(next_struct),
    ..TypeDef::new("unpack_iterator", Kind::Native)
};

fn next_struct(vm: &mut Vm, args: Args) -> StepResult {
    let this = args.payload::<UnpackIterator>(vm)?;
    let (format, at) = (this.format.clone(), this.at.get());
    let buffer = vm.root(this.buffer.get(vm));
    let data = vm.bytes_like(buffer)?;
    let vm = &*vm;
    let Some(part) = data.get(at..at + format.size) else { return Ok(None) };
    args.payload::<UnpackIterator>(vm)?.at.set(at + format.size);
    Ok(Some(vm.ret(unpacked(vm, &format, part))))
}

fn structs_left(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.payload::<UnpackIterator>(vm)?;
    let (size, at) = (this.format.size, this.at.get());
    let buffer = vm.root(this.buffer.get(vm));
    let len = vm.bytes_like(buffer)?.len();
    Ok(vm.ret(vm.int_usize(len.saturating_sub(at) / size)))
}

/// A compiled format.
#[derive(Trace)]
pub struct Struct {
    #[trace(skip)]
    format: Rc<Format>,
    /// As a str.
    text: Slot,
}

impl Payload for Struct {
    const TYPE: &'static TypeDef = &STRUCT_TYPE;
    const NEEDS_DROP: bool = true;
}

/// The type Struct.
pub static STRUCT_TYPE: TypeDef = TypeDef {
    module: "_struct",
    doc: "Struct(fmt) --> compiled struct object",
    flags: ClassFlags::BASE | ClassFlags::MODULE_IN_MESSAGES,
    methods: &[
        NativeDef::static_method("__new__($type, format)", new_struct, ""),
        NativeDef::method(
            "pack($self, /, *values)",
            struct_pack,
            "Pack values and return the packed bytes.",
        )
        .raw(),
        NativeDef::method(
            "pack_into($self, buffer, offset, /, *values)",
            struct_pack_into,
            "Pack values and write the packed bytes into the buffer.",
        )
        .raw(),
        NativeDef::method(
            "unpack($self, buffer, /)",
            struct_unpack,
            "Return a tuple containing unpacked values.",
        ),
        NativeDef::method(
            "unpack_from($self, /, buffer, offset=0)",
            struct_unpack_from,
            "Return a tuple containing unpacked values.",
        ),
        NativeDef::method(
            "iter_unpack($self, buffer, /)",
            struct_iter,
            "Return an iterator yielding tuples.",
        ),
        NativeDef::method("__repr__($self, /)", struct_repr, "Return repr(self)."),
    ],
    getset: &[
        GetSetDef::new("format", struct_format, "struct format string"),
        GetSetDef::new("size", struct_size, "struct size in bytes"),
    ],
    ..TypeDef::new("Struct", Kind::Native)
};

fn new_struct(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let shape = native_new_shape(vm, args, &STRUCT_TYPE)?;
    let format = format_of(vm, args.get(vm, 1))?;
    let given = args.get(vm, 1);
    let text = match given.cast::<sidewinder_interpreter::object::Bytes>() {
        Some(b) => vm.str_from_latin1(b.data()).value(),
        None => given,
    };
    Ok(vm.ret(vm.native_of_shape(shape, Struct { format, text: slot(text) }).value()))
}

fn own_format(vm: &Vm, args: Args) -> Result<Rc<Format>, Raised> {
    Ok(args.payload::<Struct>(vm)?.format.clone())
}

fn struct_pack(vm: &mut Vm, args: Args) -> NativeResult {
    let format = own_format(vm, args)?;
    let values = values(vm, args, 1, "pack")?;
    let data = packed(vm, &format, &values, "pack")?;
    Ok(vm.ret(vm.bytes(&data).value()))
}

fn struct_pack_into(vm: &mut Vm, args: Args) -> NativeResult {
    let format = own_format(vm, args)?;
    let values = values(vm, args, 3, "pack_into")?;
    match args.len() {
        1 => return Err(error(vm, "pack_into expected buffer argument")),
        2 => return Err(error(vm, "pack_into expected offset argument")),
        _ => {}
    }
    into(vm, &format, args.local(1), args.local(2), &values)
}

fn struct_unpack(vm: &mut Vm, args: Args) -> NativeResult {
    let format = own_format(vm, args)?;
    unpack_all(vm, &format, args.local(1))
}

fn struct_unpack_from(vm: &mut Vm, args: Args) -> NativeResult {
    let format = own_format(vm, args)?;
    let offset = offset_argument(vm, args, 2)?;
    from(vm, &format, args.local(1), offset)
}

fn struct_iter(vm: &mut Vm, args: Args) -> NativeResult {
    let format = own_format(vm, args)?;
    iter_over(vm, format, args.local(1))
}

fn struct_repr(vm: &mut Vm, args: Args) -> NativeResult {
    let text = vm.root(args.payload::<Struct>(vm)?.text.get(vm));
    let name = vm.class_name(vm.class_of(args.get(vm, 0)));
    let text = vm.repr_text(text)?;
    ret_str(vm, &format!("{name}({text})"))
}

fn struct_format(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.payload::<Struct>(vm)?.r().text.get(vm)))
}

fn struct_size(vm: &mut Vm, args: Args) -> NativeResult {
    let size = own_format(vm, args)?.size;
    Ok(vm.ret(vm.int_usize(size)))
}
