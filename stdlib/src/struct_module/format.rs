//! Format strings, read once and kept.

use super::*;

/// One item of a format.
#[derive(Clone, Copy)]
pub(super) struct Item {
    pub(super) code: u8,
    /// Where it starts.
    pub(super) offset: usize,
    /// Bytes of one value.
    pub(super) size: usize,
    /// Values, or for `s` and `p` the one value's length.
    pub(super) count: usize,
}

/// A parsed format.
pub(super) struct Format {
    pub(super) items: Vec<Item>,
    pub(super) size: usize,
    /// Number of values.
    pub(super) values: usize,
    pub(super) little: bool,
    /// Native sizes: what messages call them differs.
    pub(super) native: bool,
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
pub(super) fn format_of(vm: &Vm, v: Value<'_>) -> Result<Rc<Format>, Raised> {
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
