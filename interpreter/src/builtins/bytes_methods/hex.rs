//! Bytes as hexadecimal digits, and back.

use super::*;

pub(in crate::builtins) fn hex(vm: &mut Vm, args: Args) -> NativeResult {
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
pub(in crate::builtins) fn buffer_view(vm: &mut Vm, args: Args) -> NativeResult {
    crate::builtins::memoryview::view_for(vm, args.local(0), args.local(1))
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
