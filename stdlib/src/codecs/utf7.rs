//! UTF-7 (RFC 2152).

use super::engine::{ask, decoded, encoded, text_arg};
use super::errors_arg;
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::builtins::text::TextBuilder;
use sidewinder_interpreter::{Args, NativeDef, NativeResult, Vm};

/// The functions.
pub static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("utf_7_encode(str, errors=None, /)", utf_7_encode, ""),
    NativeDef::function("utf_7_decode(data, errors=None, final=False, /)", utf_7_decode, ""),
];

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn digit(byte: u8) -> Option<u32> {
    DIGITS.iter().position(|d| *d == byte).map(|d| d as u32)
}

/// Characters that stand for themselves.
fn is_direct(c: u32) -> bool {
    match u8::try_from(c) {
        Ok(b) => b.is_ascii_alphanumeric() || b"'(),-./:? \t\n\r!\"#$%&*;<=>@[]^_`{|}".contains(&b),
        Err(_) => false,
    }
}

fn utf_7_encode(vm: &mut Vm, args: Args) -> NativeResult {
    let (text, length) = text_arg(vm, args, 0)?;
    errors_arg(vm, args, 1)?;
    let mut out = Vec::new();
    let (mut shifted, mut bits, mut count) = (false, 0u64, 0u32);
    let chars: Vec<u32> =
        vm.get(text).as_str().map(|s| s.r().chars().collect()).unwrap_or_default();
    for c in chars {
        if is_direct(c) {
            if shifted {
                if count > 0 {
                    out.push(DIGITS[(bits << (6 - count) & 63) as usize]);
                }
                (shifted, bits, count) = (false, 0, 0);
                let byte = c as u8;
                if digit(byte).is_some() || byte == b'-' {
                    out.push(b'-');
                }
            }
            out.push(c as u8);
            continue;
        }
        if !shifted {
            if c == u32::from(b'+') {
                out.extend_from_slice(b"+-");
                continue;
            }
            out.push(b'+');
            shifted = true;
        }
        let mut unit = |unit: u32| {
            bits = (bits << 16 | u64::from(unit)) & 0xFFFF_FFFF;
            count += 16;
            while count >= 6 {
                count -= 6;
                out.push(DIGITS[(bits >> count & 63) as usize]);
            }
        };
        if c >= 0x10000 {
            unit(0xD800 | (c - 0x10000) >> 10);
            unit(0xDC00 | (c - 0x10000) & 0x3FF);
        } else {
            unit(c);
        }
    }
    if shifted {
        if count > 0 {
            out.push(DIGITS[(bits << (6 - count) & 63) as usize]);
        }
        out.push(b'-');
    }
    encoded(vm, &out, length)
}

fn utf_7_decode(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(0))?;
    let errors = errors_arg(vm, args, 1)?;
    let is_final = match args.opt(vm, 2) {
        Some(_) => vm.truth(args.local(2))?,
        None => false,
    };
    let object = vm.root(vm.bytes(&data).value());
    let mut out = TextBuilder::with_capacity(data.len());
    let (mut at, mut used) = (0, 0);
    while at < data.len() {
        let byte = data[at];
        // What is wrong with the bytes up to an end, if anything.
        let mut wrong: Option<(usize, &str)> = None;
        let start = at;
        if byte != b'+' {
            if byte < 128 {
                out.push(byte.into());
                at += 1;
            } else {
                wrong = Some((at + 1, "unexpected special character"));
            }
        } else if data.get(at + 1) == Some(&b'-') {
            out.push(byte.into());
            at += 2;
        } else {
            let (mut bits, mut count, mut high) = (0u32, 0u32, None::<u32>);
            let mut end = at + 1;
            while let Some(value) = data.get(end).and_then(|b| digit(*b)) {
                end += 1;
                bits = bits << 6 | value;
                count += 6;
                if count >= 16 {
                    count -= 16;
                    let unit = bits >> count & 0xFFFF;
                    bits &= (1 << count) - 1;
                    match (high.take(), unit) {
                        (Some(first), 0xDC00..0xE000) => {
                            out.push(0x10000 + ((first - 0xD800) << 10) + (unit - 0xDC00));
                        }
                        (first, _) => {
                            if let Some(first) = first {
                                out.push(first);
                            }
                            match unit {
                                0xD800..0xDC00 => high = Some(unit),
                                _ => out.push(unit),
                            }
                        }
                    }
                }
            }
            if end == data.len() {
                if !is_final {
                    // The whole run is read again when more has come.
                    break;
                }
                wrong = Some((end, "unterminated shift sequence"));
            } else if count >= 6 {
                wrong = Some((end, "partial character in base64 sequence"));
            } else if bits != 0 {
                wrong = Some((end, "non-zero padding bits in base64 sequence"));
            } else if end == at + 1 {
                wrong = Some((end + 1, "ill-formed sequence"));
            }
            if let Some(first) = high {
                out.push(first);
            }
            if wrong.is_none() {
                at = end + usize::from(data[end] == b'-');
            }
        }
        if let Some((end, reason)) = wrong {
            at = vm.scope(|vm| {
                let class = ClassId::UnicodeDecodeError;
                let (text, next) = ask(vm, &errors, class, "utf7", object, (start, end), reason)?;
                if let Some(text) = vm.get(text).as_str() {
                    out.push_text(text.r());
                }
                Ok(next)
            })?;
        }
        used = at;
    }
    let text = if used < at || at < data.len() {
        // Characters of an unfinished run do not count yet.
        let whole = out.finish(vm);
        let whole = vm.root(whole.value());
        if at < data.len() && !is_final { redo(vm, &data[..at], whole) } else { whole }
    } else {
        let text = out.finish(vm);
        vm.root(text.value())
    };
    decoded(vm, text, used)
}

/// The text of the finished part: what was decoded of an unfinished run is left out.
fn redo(
    vm: &Vm,
    finished: &[u8],
    whole: sidewinder_interpreter::Local,
) -> sidewinder_interpreter::Local {
    let mut count = 0;
    let mut at = 0;
    while at < finished.len() {
        if finished[at] == b'+' && finished.get(at + 1) != Some(&b'-') {
            let run = finished[at + 1..].iter().take_while(|b| digit(**b).is_some()).count();
            count += run * 6 / 16;
            at += 1 + run;
            at += usize::from(finished.get(at) == Some(&b'-'));
        } else {
            count += 1;
            at += if finished[at] == b'+' { 2 } else { 1 };
        }
    }
    match vm.get(whole).as_str() {
        Some(s) if s.len() > count => vm.root(vm.str_slice(s, 0, count).value()),
        _ => whole,
    }
}
