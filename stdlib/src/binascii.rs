//! `binascii`: bytes as text and back, and checksums.

#![forbid(unsafe_code)]

use crate::prelude::*;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine, alphabet};
use sidewinder_interpreter::vm::stack::Global;

/// The module.
pub static BINASCII: ModuleDef = ModuleDef {
    name: "binascii",
    doc: "Conversion between binary data and ASCII",
    functions: &[
        NativeDef::function(
            "hexlify(data, sep=<unrepresentable>, bytes_per_sep=1)",
            hexlify,
            "Hexadecimal representation of binary data.",
        ),
        NativeDef::function(
            "b2a_hex(data, sep=<unrepresentable>, bytes_per_sep=1)",
            hexlify,
            "Hexadecimal representation of binary data.",
        ),
        NativeDef::function(
            "unhexlify(hexstr, /)",
            unhexlify,
            "Binary data of hexadecimal representation.",
        ),
        NativeDef::function(
            "a2b_hex(hexstr, /)",
            unhexlify,
            "Binary data of hexadecimal representation.",
        ),
        NativeDef::function(
            "b2a_base64(data, /, *, newline=True)",
            b2a_base64,
            "Base64-code line of data.",
        ),
        NativeDef::function(
            "a2b_base64(data, /, *, strict_mode=False)",
            a2b_base64,
            "Decode a line of base64 data.",
        ),
        NativeDef::function("crc32(data, crc=0, /)", crc32, "Compute CRC-32 incrementally."),
        NativeDef::function("crc_hqx(data, crc, /)", crc_hqx, "Compute CRC-CCITT incrementally."),
        NativeDef::function("b2a_uu(data, /, *, backtick=False)", b2a_uu, "Uuencode line of data."),
        NativeDef::function("a2b_uu(data, /)", a2b_uu, "Decode a line of uuencoded data."),
        NativeDef::function(
            "b2a_qp(data, quotetabs=False, istext=True, header=False)",
            b2a_qp,
            "Encode a string using quoted-printable encoding.",
        ),
        NativeDef::function(
            "a2b_qp(data, header=False)",
            a2b_qp,
            "Decode a string of qp-encoded data.",
        ),
    ],
    types: &[],
    exec: Some(exec),
};

/// `binascii.Error`
#[derive(Default)]
struct ErrorClass(Option<Global>);

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    let error = new_exception(vm, "binascii", "Error", ClassId::ValueError)?;
    let incomplete = new_exception(vm, "binascii", "Incomplete", ClassId::Exception)?;
    vm.module_set(module, "Error", vm.get(error));
    vm.module_set(module, "Incomplete", vm.get(incomplete));
    let global = vm.global(vm.get(error));
    vm.with_extension(|e: &mut ErrorClass| e.0 = Some(global));
    Ok(())
}

#[cold]
fn error(vm: &Vm, message: impl AsRef<str>) -> Raised {
    let class = vm.with_extension(|e: &mut ErrorClass| e.0.as_ref().map(|g| vm.get_global(g)));
    match class.and_then(Value::as_class) {
        Some(class) => {
            let text = vm.str(message.as_ref()).value();
            vm.set_exception(vm.new_exception(class, &[text]).value())
        }
        None => vm.value_error(message),
    }
}

/// The bytes of an argument that may also be an ASCII str.
fn ascii_data(vm: &mut Vm, v: Local) -> Result<Vec<u8>, Raised> {
    if let Some(s) = vm.get(v).as_str() {
        return match s.as_ascii() {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => Err(vm.value_error("string argument should contain only ASCII characters")),
        };
    }
    if !vm.exports_buffer(vm.get(v)) {
        let given = vm.type_name(vm.get(v));
        raise!(vm, TypeError, "argument should be bytes, buffer or ASCII string, not '{given}'");
    }
    vm.bytes_like(v)
}

fn flag(vm: &mut Vm, args: Args, i: usize, default: bool) -> Result<bool, Raised> {
    if args.opt(vm, i).is_none() { Ok(default) } else { vm.truth(args.local(i)) }
}

fn ret_bytes(vm: &Vm, data: &[u8]) -> NativeResult {
    Ok(vm.ret(vm.bytes(data).value()))
}

fn hexlify(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(0))?;
    let group = if args.opt(vm, 2).is_none() { 1 } else { vm.index_i64(args.local(2))? };
    let separator = match args.opt(vm, 1) {
        None => None,
        Some(_) => {
            let sep = ascii_data(vm, args.local(1))?;
            let [sep] = sep[..] else {
                raise!(vm, ValueError, "sep must be length 1.");
            };
            if !sep.is_ascii() {
                raise!(vm, ValueError, "sep must be ASCII.");
            }
            Some(sep)
        }
    };
    let n = data.len();
    let mut out = Vec::with_capacity(n * 2);
    for (i, b) in data.iter().enumerate() {
        if let Some(sep) = separator
            && i > 0
            && group != 0
        {
            let every = group.unsigned_abs() as usize;
            // Groups are counted from the end, or from the start when negative.
            let place = if group > 0 { n - i } else { i };
            if place % every == 0 {
                out.push(sep);
            }
        }
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        out.extend([DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]]);
    }
    ret_bytes(vm, &out)
}

fn unhexlify(vm: &mut Vm, args: Args) -> NativeResult {
    let data = ascii_data(vm, args.local(0))?;
    if data.len() % 2 != 0 {
        return Err(error(vm, "Odd-length string"));
    }
    let digit = |b: u8| char::from(b).to_digit(16);
    let mut out = Vec::with_capacity(data.len() / 2);
    for pair in data.chunks_exact(2) {
        match (digit(pair[0]), digit(pair[1])) {
            (Some(a), Some(b)) => out.push((a * 16 + b) as u8),
            _ => return Err(error(vm, "Non-hexadecimal digit found")),
        }
    }
    ret_bytes(vm, &out)
}

/// The standard alphabet, with padding; the bits left over at the end may be anything.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

fn b2a_base64(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(0))?;
    let newline = flag(vm, args, 1, true)?;
    let mut out = BASE64.encode(&data);
    if newline {
        out.push('\n');
    }
    ret_bytes(vm, out.as_bytes())
}

fn base64_value(b: u8) -> Option<u32> {
    Some(match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    } as u32)
}

fn a2b_base64(vm: &mut Vm, args: Args) -> NativeResult {
    let data = ascii_data(vm, args.local(0))?;
    let strict = flag(vm, args, 1, false)?;
    if strict && data.first() == Some(&b'=') {
        return Err(error(vm, "Leading padding not allowed"));
    }
    if let Ok(out) = BASE64.decode(&data) {
        return ret_bytes(vm, &out);
    }
    // Not as it should be: what is no digit may be skipped, or the message must say what is wrong.
    let mut out = Vec::with_capacity(data.len() / 4 * 3);
    let (mut bits, mut digits, mut pads) = (0u32, 0usize, 0usize);
    for (i, &b) in data.iter().enumerate() {
        if b == b'=' {
            pads += 1;
            if digits >= 2 && digits + pads >= 4 {
                // A full quad ends the data, unless it is to be strict.
                if strict && i + 1 < data.len() {
                    return Err(error(vm, "Excess data after padding"));
                }
                return ret_bytes(vm, &out);
            }
            if strict && digits < 2 {
                return Err(error(vm, "Discontinuous padding not allowed"));
            }
            continue;
        }
        let Some(value) = base64_value(b) else {
            if strict {
                return Err(error(vm, "Only base64 data is allowed"));
            }
            continue;
        };
        if strict && pads > 0 {
            return Err(error(vm, "Discontinuous padding not allowed"));
        }
        pads = 0;
        bits = bits << 6 | value;
        digits = match digits {
            0 => 1,
            1 => {
                out.push((bits >> 4) as u8);
                2
            }
            2 => {
                out.push((bits >> 2) as u8);
                3
            }
            _ => {
                out.push(bits as u8);
                0
            }
        };
    }
    match digits {
        0 => ret_bytes(vm, &out),
        1 => Err(error(
            vm,
            format!(
                "Invalid base64-encoded string: number of data characters ({}) cannot be 1 more \
                 than a multiple of 4",
                out.len() / 3 * 4 + 1
            ),
        )),
        _ => Err(error(vm, "Incorrect padding")),
    }
}

pub(crate) fn crc32(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(0))?;
    let start = if args.opt(vm, 1).is_none() { 0 } else { low_bits(vm, args.local(1))? };
    let mut crc = crc32fast::Hasher::new_with_initial(start);
    crc.update(&data);
    Ok(vm.ret(vm.int(crc.finalize() as i64)))
}

/// The lowest 32 bits of an int.
pub(crate) fn low_bits(vm: &mut Vm, v: Local) -> Result<u32, Raised> {
    let ret = vm.index(v)?;
    let big = vm.as_big(vm.value(ret)).unwrap_or_default();
    let low: dashu_int::UBig = big & dashu_int::UBig::from(u32::MAX);
    Ok(u32::try_from(&low).unwrap_or(0))
}

fn crc_hqx(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(0))?;
    let mut crc = low_bits(vm, args.local(1))? & 0xFFFF;
    for b in data {
        crc ^= (b as u32) << 8;
        for _ in 0..8 {
            crc = if crc & 0x8000 != 0 { crc << 1 ^ 0x1021 } else { crc << 1 } & 0xFFFF;
        }
    }
    Ok(vm.ret(vm.int(crc as i64)))
}

fn b2a_uu(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(0))?;
    let zero = if flag(vm, args, 1, false)? { b'`' } else { b' ' };
    if data.len() > 45 {
        return Err(error(vm, "At most 45 bytes at once"));
    }
    let digit = |n: u32| if n == 0 { zero } else { b' ' + n as u8 };
    let mut out = vec![digit(data.len() as u32)];
    for chunk in data.chunks(3) {
        let byte = |i: usize| chunk.get(i).copied().unwrap_or(0) as u32;
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        out.extend((0..4).map(|k| digit(bits >> (18 - 6 * k) & 63)));
    }
    out.push(b'\n');
    ret_bytes(vm, &out)
}

fn a2b_uu(vm: &mut Vm, args: Args) -> NativeResult {
    let data = ascii_data(vm, args.local(0))?;
    // No line at all counts as one of blanks.
    let (first, rest) = data.split_first().map_or((0, &data[..]), |(f, r)| (*f, r));
    let len = (first.wrapping_sub(b' ') & 63) as usize;
    let mut out = Vec::with_capacity(len);
    let (mut bits, mut count, mut i) = (0u32, 0, 0);
    while out.len() < len {
        let c = rest.get(i).copied().unwrap_or(b' ');
        i += 1;
        let value = match c {
            // Spaces at the end of the line may have been cut off.
            b'\n' | b'\r' => 0,
            b' '..=b'`' => (c - b' ') as u32 & 63,
            _ => return Err(error(vm, "Illegal char")),
        };
        bits = bits << 6 | value;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    let junk = rest.get(i..).unwrap_or(&[]).iter();
    if junk.clone().any(|c| !matches!(c, b' ' | b'`' | b'\n' | b'\r')) {
        return Err(error(vm, "Trailing garbage"));
    }
    ret_bytes(vm, &out)
}

fn a2b_qp(vm: &mut Vm, args: Args) -> NativeResult {
    let data = ascii_data(vm, args.local(0))?;
    let header = flag(vm, args, 1, false)?;
    let digit = |b: Option<&u8>| b.and_then(|b| char::from(*b).to_digit(16));
    let mut out = Vec::with_capacity(data.len());
    let mut i = 0;
    while i < data.len() {
        match data[i] {
            b'=' => {
                i += 1;
                match data.get(i) {
                    None => break,
                    // A line end after it is no line end.
                    Some(b'\n' | b'\r') => {
                        while i < data.len() && data[i] != b'\n' {
                            i += 1;
                        }
                        i += 1;
                    }
                    Some(b'=') => {
                        out.push(b'=');
                        i += 1;
                    }
                    Some(_) => match (digit(data.get(i)), digit(data.get(i + 1))) {
                        (Some(a), Some(b)) => {
                            out.push((a * 16 + b) as u8);
                            i += 2;
                        }
                        _ => out.push(b'='),
                    },
                }
            }
            b'_' if header => {
                out.push(b' ');
                i += 1;
            }
            c => {
                out.push(c);
                i += 1;
            }
        }
    }
    ret_bytes(vm, &out)
}

fn b2a_qp(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(0))?;
    let tabs = flag(vm, args, 1, false)?;
    let text = flag(vm, args, 2, true)?;
    let header = flag(vm, args, 3, false)?;
    // Line ends are written as the first one is.
    let crlf = memchr::memchr(b'\n', &data).is_some_and(|i| i > 0 && data[i - 1] == b'\r');
    let mut out = Vec::with_capacity(data.len());
    let mut line = 0;
    let mut i = 0;
    while i < data.len() {
        let c = data[i];
        let next = data.get(i + 1).copied();
        let line_end = c == b'\n' || c == b'\r' && next == Some(b'\n');
        let quoted = c > 126
            || c == b'='
            || header && c == b'_'
            || c == b'.' && line == 0 && matches!(next, None | Some(b'\n' | b'\r' | 0))
            || !text && matches!(c, b'\r' | b'\n')
            || matches!(c, b'\t' | b' ') && i + 1 == data.len()
            || c < 33 && !matches!(c, b'\r' | b'\n') && (tabs || !matches!(c, b'\t' | b' '));
        if quoted {
            if line + 3 >= 76 {
                out.extend_from_slice(if crlf { b"=\r\n" } else { b"=\n" });
                line = 0;
            }
            out.extend_from_slice(format!("={c:02X}").as_bytes());
            i += 1;
            line += 3;
        } else if text && line_end {
            // Blanks before a line end would be lost.
            if let Some(blank @ (b' ' | b'\t')) = out.last().copied() {
                out.pop();
                out.extend_from_slice(format!("={blank:02X}").as_bytes());
            }
            out.extend_from_slice(if crlf { b"\r\n" } else { b"\n" });
            i += if c == b'\r' { 2 } else { 1 };
            line = 0;
        } else {
            if next.is_some() && next != Some(b'\n') && line + 1 >= 76 {
                out.extend_from_slice(if crlf { b"=\r\n" } else { b"=\n" });
                line = 0;
            }
            line += 1;
            out.push(if header && c == b' ' { b'_' } else { c });
            i += 1;
        }
    }
    ret_bytes(vm, &out)
}
