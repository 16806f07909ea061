//! Text to bytes and back: the codecs that every Python has built in, and the ways to deal with
//! errors.

use super::ClassId;
use super::bytes_methods::buffer;
use super::text::TextBuilder;
use crate::object::{Gc, Str};
use crate::raise;
use crate::value::Value;
use crate::vm::{Local, NativeResult, Raised, Vm};
use std::borrow::Cow;

/// A built-in encoding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    /// UTF-8
    Utf8,
    /// UTF-8 behind a byte order mark.
    Utf8Sig,
    /// ASCII
    Ascii,
    /// ISO 8859-1
    Latin1,
    /// UTF-16 with a byte order mark, or in a given order.
    Utf16(Order),
    /// UTF-32 with a byte order mark, or in a given order.
    Utf32(Order),
}

/// Order of the bytes of a unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// By the mark; little endian when there is none.
    Marked,
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

impl Encoding {
    /// By name; hyphens, underscores, spaces and case do not matter.
    pub fn named(name: &str) -> Option<Encoding> {
        let plain: String = name
            .chars()
            .filter(|c| !matches!(c, '-' | '_' | ' '))
            .map(|c| c.to_ascii_lowercase())
            .collect();
        Some(match plain.as_str() {
            "utf8" | "u8" | "utf" | "cp65001" | "utf8ucs2" | "utf8ucs4" => Encoding::Utf8,
            "utf8sig" => Encoding::Utf8Sig,
            "ascii" | "usascii" | "646" | "ansix3.41968" | "iso646us" => Encoding::Ascii,
            "latin1" | "latin" | "l1" | "iso88591" | "8859" | "cp819" | "iso8859" => {
                Encoding::Latin1
            }
            "utf16" | "u16" => Encoding::Utf16(Order::Marked),
            "utf16le" | "unicodelittleunmarked" => Encoding::Utf16(Order::Little),
            "utf16be" | "unicodebigunmarked" => Encoding::Utf16(Order::Big),
            "utf32" | "u32" => Encoding::Utf32(Order::Marked),
            "utf32le" => Encoding::Utf32(Order::Little),
            "utf32be" => Encoding::Utf32(Order::Big),
            _ => return None,
        })
    }

    /// The name that errors show.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 | Encoding::Utf8Sig => "utf-8",
            Encoding::Ascii => "ascii",
            Encoding::Latin1 => "latin-1",
            Encoding::Utf16(Order::Marked) => "utf-16",
            Encoding::Utf16(Order::Little) => "utf-16-le",
            Encoding::Utf16(Order::Big) => "utf-16-be",
            Encoding::Utf32(Order::Marked) => "utf-32",
            Encoding::Utf32(Order::Little) => "utf-32-le",
            Encoding::Utf32(Order::Big) => "utf-32-be",
        }
    }

    /// Appends a character, or says why that cannot be.
    fn put(self, c: u32, out: &mut Vec<u8>) -> Result<(), &'static str> {
        let surrogate = (0xD800..0xE000).contains(&c);
        match self {
            Encoding::Ascii if c >= 0x80 => return Err("ordinal not in range(128)"),
            Encoding::Latin1 if c >= 0x100 => return Err("ordinal not in range(256)"),
            Encoding::Ascii | Encoding::Latin1 => out.push(c as u8),
            _ if surrogate => return Err("surrogates not allowed"),
            _ => self.put_raw(c, out),
        }
        Ok(())
    }

    /// Appends a character of a Unicode encoding, surrogates too.
    fn put_raw(self, c: u32, out: &mut Vec<u8>) {
        match self {
            Encoding::Utf16(order) => {
                let mut unit = |u: u16| match order {
                    Order::Big => out.extend(u.to_be_bytes()),
                    _ => out.extend(u.to_le_bytes()),
                };
                if c < 0x10000 {
                    unit(c as u16);
                } else {
                    let rest = c - 0x10000;
                    unit(0xD800 | (rest >> 10) as u16);
                    unit(0xDC00 | (rest & 0x3FF) as u16);
                }
            }
            Encoding::Utf32(Order::Big) => out.extend(c.to_be_bytes()),
            Encoding::Utf32(_) => out.extend(c.to_le_bytes()),
            _ => match c {
                0..0x80 => out.push(c as u8),
                0x80..0x800 => out.extend([0xC0 | (c >> 6) as u8, 0x80 | (c & 0x3F) as u8]),
                0x800..0x10000 => out.extend([
                    0xE0 | (c >> 12) as u8,
                    0x80 | (c >> 6 & 0x3F) as u8,
                    0x80 | (c & 0x3F) as u8,
                ]),
                _ => out.extend([
                    0xF0 | (c >> 18) as u8,
                    0x80 | (c >> 12 & 0x3F) as u8,
                    0x80 | (c >> 6 & 0x3F) as u8,
                    0x80 | (c & 0x3F) as u8,
                ]),
            },
        }
    }
}

fn text_or<'gc>(vm: &'gc Vm, v: Option<Local>, default: &'gc str) -> Cow<'gc, str> {
    match v.and_then(|v| vm.get(v).as_str()) {
        Some(s) => s.r().to_text(),
        None => Cow::Borrowed(default),
    }
}

/// The encoding of that name, if this file deals with it and with that error handler; else module
/// `_codecs` does.
fn lookup(name: &str, errors: &str) -> Option<Encoding> {
    let known = matches!(
        errors,
        "strict"
            | "ignore"
            | "replace"
            | "backslashreplace"
            | "xmlcharrefreplace"
            | "surrogateescape"
            | "surrogatepass"
    );
    if !known {
        return None;
    }
    match name {
        "utf-8" | "utf8" => Some(Encoding::Utf8),
        "ascii" => Some(Encoding::Ascii),
        "latin-1" => Some(Encoding::Latin1),
        _ => Encoding::named(name),
    }
}

/// Hands a str or bytes to the codec that is registered under a name.
fn registered(
    vm: &mut Vm,
    function: &str,
    object: Local,
    encoding: &str,
    errors: &str,
) -> NativeResult {
    let module = match vm.import_module("_codecs") {
        Ok(module) => module,
        Err(raised) => {
            vm.catch(raised, ClassId::ImportError)?;
            raise!(vm, LookupError, "unknown encoding: {encoding}");
        }
    };
    let encoding = vm.root(vm.str(encoding).value());
    let errors = vm.root(vm.str(errors).value());
    vm.call_method(module, function, &[object, encoding, errors])
}

/// In development mode the encoding and the error handler must exist though they are not needed.
#[cold]
fn check_names(vm: &mut Vm, encoding: Option<Local>, errors: Option<Local>) -> Result<(), Raised> {
    let module = vm.import_module("_codecs")?;
    for (function, name) in [("lookup", encoding), ("lookup_error", errors)] {
        if let Some(name) = name {
            let _ = vm.call_method(module, function, &[name])?;
        }
    }
    Ok(())
}

/// `text.encode(encoding, errors)`: bytes. The optional arguments are strs.
pub fn encode_argument(
    vm: &mut Vm,
    text: Local,
    encoding: Option<Local>,
    errors: Option<Local>,
) -> NativeResult {
    if vm.config.dev_mode {
        check_names(vm, encoding, errors)?;
    }
    let (name, errors) = (text_or(vm, encoding, "utf-8"), text_or(vm, errors, "strict"));
    let Some(s) = vm.get(text).as_str() else {
        raise!(vm, TypeError, "a str is required");
    };
    let Some(encoding) = lookup(&name, &errors) else {
        let (name, errors) = (name.into_owned(), errors.into_owned());
        return registered(vm, "_encode_text", text, &name, &errors);
    };
    Ok(vm.ret(vm.encode(s, encoding, &errors)?))
}

/// `bytes.decode(encoding, errors)`: a str. The optional arguments are strs.
pub fn decode_argument(
    vm: &mut Vm,
    data: Local,
    encoding: Option<Local>,
    errors: Option<Local>,
) -> NativeResult {
    if vm.config.dev_mode {
        check_names(vm, encoding, errors)?;
    }
    let (name, errors) = (text_or(vm, encoding, "utf-8"), text_or(vm, errors, "strict"));
    let v = vm.get(data);
    if v.as_str().is_some() {
        raise!(vm, TypeError, "decoding str is not supported");
    }
    let known = lookup(&name, &errors);
    if let (Some(encoding), Some(bytes)) = (known, buffer(vm, v)) {
        return Ok(vm.ret(vm.decode(&bytes, encoding, &errors)?.value()));
    }
    if !vm.exports_buffer(v) {
        let given = vm.type_name(v);
        raise!(vm, TypeError, "decoding to str: need a bytes-like object, {given} found");
    }
    let (name, errors) = (name.into_owned(), errors.into_owned());
    match known {
        Some(encoding) => {
            let bytes = vm.bytes_like(data)?;
            Ok(vm.ret(vm.decode(&bytes, encoding, &errors)?.value()))
        }
        None => registered(vm, "_decode_text", data, &name, &errors),
    }
}

#[cold]
fn unknown_handler(vm: &Vm, errors: &str) -> Raised {
    vm.raise(ClassId::LookupError, format!("unknown error handler name '{errors}'"))
}

impl Vm {
    /// A str as bytes.
    pub fn encode<'gc>(
        &'gc self,
        s: Gc<'gc, Str>,
        encoding: Encoding,
        errors: &str,
    ) -> Result<Value<'gc>, Raised> {
        let bytewise = matches!(encoding, Encoding::Utf8 | Encoding::Ascii | Encoding::Latin1);
        if bytewise && (s.is_ascii() || (encoding == Encoding::Latin1 && s.width() == 1)) {
            return Ok(self.bytes(s.r().data()).value());
        }
        if encoding == Encoding::Utf8
            && let Some(text) = s.r().to_utf8()
        {
            return Ok(self.bytes(text.as_bytes()).value());
        }
        let mut out = Vec::with_capacity(s.len() * 2);
        match encoding {
            Encoding::Utf8Sig => Encoding::Utf8.put_raw(0xFEFF, &mut out),
            Encoding::Utf16(Order::Marked) | Encoding::Utf32(Order::Marked) => {
                encoding.put_raw(0xFEFF, &mut out)
            }
            _ => {}
        }
        let mut at = 0;
        while at < s.len() {
            let Err(reason) = encoding.put(s.char_at(at), &mut out) else {
                at += 1;
                continue;
            };
            let start = at;
            let mut scratch = Vec::new();
            while at < s.len() && encoding.put(s.char_at(at), &mut scratch) == Err(reason) {
                at += 1;
            }
            self.encode_bad(s, start, at, encoding, errors, reason, &mut out)?;
        }
        Ok(self.bytes(&out).value())
    }

    /// Deals with the characters `start..end`, which the encoding does not have.
    #[expect(clippy::too_many_arguments, reason = "what an encoding error consists of")]
    fn encode_bad(
        &self,
        s: Gc<'_, Str>,
        start: usize,
        end: usize,
        encoding: Encoding,
        errors: &str,
        reason: &str,
        out: &mut Vec<u8>,
    ) -> Result<(), Raised> {
        let strict = || {
            self.raise_args(
                ClassId::UnicodeEncodeError,
                &[
                    self.str(encoding.name()).value(),
                    s.value(),
                    self.int_usize(start),
                    self.int_usize(end),
                    self.str(reason).value(),
                ],
            )
        };
        let mut ascii = |text: &str| {
            for b in text.bytes() {
                // ASCII is in every encoding.
                let _ = encoding.put(b as u32, out);
            }
        };
        let chars = (start..end).map(|i| s.char_at(i));
        match errors {
            "strict" => return Err(strict()),
            "ignore" => {}
            "replace" => chars.for_each(|_| ascii("?")),
            "backslashreplace" => chars.for_each(|c| ascii(&backslashed(c))),
            "xmlcharrefreplace" => chars.for_each(|c| ascii(&format!("&#{c};"))),
            "surrogateescape" => {
                for c in chars {
                    match encoding {
                        _ if !(0xDC80..0xDD00).contains(&c) => return Err(strict()),
                        Encoding::Utf16(_) | Encoding::Utf32(_) => return Err(strict()),
                        _ => out.push((c - 0xDC00) as u8),
                    }
                }
            }
            "surrogatepass" => {
                for c in chars {
                    match encoding {
                        Encoding::Ascii | Encoding::Latin1 => return Err(strict()),
                        _ => encoding.put_raw(c, out),
                    }
                }
            }
            other => return Err(unknown_handler(self, other)),
        }
        Ok(())
    }

    /// Bytes as a str.
    pub fn decode(
        &self,
        data: &[u8],
        encoding: Encoding,
        errors: &str,
    ) -> Result<Gc<'_, Str>, Raised> {
        let ascii = || data.is_ascii().then(|| self.str_from_latin1(data));
        match encoding {
            Encoding::Latin1 => Ok(self.str_from_latin1(data)),
            Encoding::Utf8 => match ascii() {
                Some(s) => Ok(s),
                None => self.decode_utf8(data, data, 0, errors),
            },
            Encoding::Utf8Sig => {
                let rest = data.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(data);
                self.decode_utf8(data, rest, data.len() - rest.len(), errors)
            }
            Encoding::Ascii => match ascii() {
                Some(s) => Ok(s),
                None => self.decode_ascii(data, errors),
            },
            Encoding::Utf16(_) | Encoding::Utf32(_) => self.decode_wide(data, encoding, errors),
        }
    }

    fn decode_utf8(
        &self,
        all: &[u8],
        data: &[u8],
        offset: usize,
        errors: &str,
    ) -> Result<Gc<'_, Str>, Raised> {
        if let Ok(text) = std::str::from_utf8(data) {
            return Ok(self.str(text));
        }
        let mut out = TextBuilder::with_capacity(data.len());
        let mut at = 0;
        while at < data.len() {
            let error = match std::str::from_utf8(&data[at..]) {
                Ok(text) => {
                    out.push_str(text);
                    break;
                }
                Err(error) => error,
            };
            let good = error.valid_up_to();
            if let Ok(text) = std::str::from_utf8(&data[at..at + good]) {
                out.push_str(text);
            }
            at += good;
            let (len, reason) = match (error.error_len(), data[at]) {
                (None, _) => (data.len() - at, "unexpected end of data"),
                (Some(n), 0x80..=0xC1 | 0xF5..) => (n, "invalid start byte"),
                (Some(n), _) => (n, "invalid continuation byte"),
            };
            if errors == "surrogatepass"
                && let [0xED, b @ 0xA0..=0xBF, c @ 0x80..=0xBF, ..] = data[at..]
            {
                out.push(0xD000 | (b as u32 & 0x3F) << 6 | (c as u32 & 0x3F));
                at += 3;
                continue;
            }
            let range = (offset + at, offset + at + len);
            at += self.decode_bad(all, range, "utf-8", errors, reason, &mut out)?;
        }
        Ok(out.finish(self))
    }

    fn decode_ascii(&self, data: &[u8], errors: &str) -> Result<Gc<'_, Str>, Raised> {
        let mut out = TextBuilder::with_capacity(data.len());
        for (i, b) in data.iter().enumerate() {
            if b.is_ascii() {
                out.push(*b as u32);
            } else {
                let reason = "ordinal not in range(128)";
                self.decode_bad(data, (i, i + 1), "ascii", errors, reason, &mut out)?;
            }
        }
        Ok(out.finish(self))
    }

    fn decode_wide(
        &self,
        data: &[u8],
        encoding: Encoding,
        errors: &str,
    ) -> Result<Gc<'_, Str>, Raised> {
        let (order, size) = match encoding {
            Encoding::Utf16(order) => (order, 2),
            Encoding::Utf32(order) => (order, 4),
            _ => return Ok(self.str_from_latin1(data)),
        };
        let (mut big, mut at) = (order == Order::Big, 0);
        if order == Order::Marked {
            let marks: [&[u8]; 2] = if size == 2 {
                [b"\xFF\xFE", b"\xFE\xFF"]
            } else {
                [b"\xFF\xFE\0\0", b"\0\0\xFE\xFF"]
            };
            if data.starts_with(marks[0]) || data.starts_with(marks[1]) {
                big = data.starts_with(marks[1]);
                at = size;
            }
        }
        let name = match (size, big) {
            (2, false) => "utf-16-le",
            (2, true) => "utf-16-be",
            (_, false) => "utf-32-le",
            _ => "utf-32-be",
        };
        let unit = |at: usize| -> Option<u32> {
            let bytes = data.get(at..at + size)?;
            let shift = |acc: u32, b: &u8| acc << 8 | *b as u32;
            Some(if big { bytes.iter().fold(0, shift) } else { bytes.iter().rev().fold(0, shift) })
        };
        let mut out = TextBuilder::with_capacity(data.len() / size);
        while at < data.len() {
            let (len, reason) = match unit(at) {
                None => (data.len() - at, "truncated data"),
                Some(high @ 0xD800..0xDC00) if size == 2 => match unit(at + 2) {
                    Some(low @ 0xDC00..0xE000) => {
                        out.push(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
                        at += 4;
                        continue;
                    }
                    _ if errors == "surrogatepass" => {
                        out.push(high);
                        at += 2;
                        continue;
                    }
                    None => (data.len() - at, "unexpected end of data"),
                    Some(_) => (2, "illegal UTF-16 surrogate"),
                },
                Some(c @ 0xD800..0xE000) if errors == "surrogatepass" => {
                    out.push(c);
                    at += size;
                    continue;
                }
                Some(0xDC00..0xE000) if size == 2 => (2, "illegal encoding"),
                Some(0xD800..0xE000) => {
                    (4, "code point in surrogate code point range(0xd800, 0xe000)")
                }
                Some(0x110000..) => (4, "code point not in range(0x110000)"),
                Some(c) => {
                    out.push(c);
                    at += size;
                    continue;
                }
            };
            at += self.decode_bad(data, (at, at + len), name, errors, reason, &mut out)?;
        }
        Ok(out.finish(self))
    }

    /// Deals with bytes that are no text; says how many of them are done with.
    fn decode_bad(
        &self,
        data: &[u8],
        (start, end): (usize, usize),
        encoding: &str,
        errors: &str,
        reason: &str,
        out: &mut TextBuilder,
    ) -> Result<usize, Raised> {
        let strict = || {
            self.raise_args(
                ClassId::UnicodeDecodeError,
                &[
                    self.str(encoding).value(),
                    self.bytes(data).value(),
                    self.int_usize(start),
                    self.int_usize(end),
                    self.str(reason).value(),
                ],
            )
        };
        match errors {
            "strict" | "surrogatepass" => return Err(strict()),
            "ignore" => {}
            "replace" => out.push(0xFFFD),
            "backslashreplace" => {
                data[start..end].iter().for_each(|b| out.push_str(&format!("\\x{b:02x}")))
            }
            "surrogateescape" => {
                let high = data[start..end].iter().take_while(|b| **b >= 0x80).count().min(4);
                if high == 0 {
                    return Err(strict());
                }
                data[start..start + high].iter().for_each(|b| out.push(0xDC00 + *b as u32));
                return Ok(high);
            }
            other => return Err(unknown_handler(self, other)),
        }
        Ok(end - start)
    }
}

/// A character as a Python escape.
fn backslashed(c: u32) -> String {
    match c {
        0..0x100 => format!("\\x{c:02x}"),
        0x100..0x10000 => format!("\\u{c:04x}"),
        _ => format!("\\U{c:08x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(Encoding::named("UTF_8"), Some(Encoding::Utf8));
        assert_eq!(Encoding::named("iso-8859-1"), Some(Encoding::Latin1));
        assert_eq!(Encoding::named("no-such"), None);
    }

    #[test]
    fn units() {
        let mut out = Vec::new();
        for c in ['a', 'é', '€', '😀'] {
            Encoding::Utf8.put_raw(c as u32, &mut out);
        }
        assert_eq!(out, "aé€😀".as_bytes());
        out.clear();
        Encoding::Utf16(Order::Big).put_raw('😀' as u32, &mut out);
        assert_eq!(out, [0xD8, 0x3D, 0xDE, 0x00]);
        assert!(Encoding::Ascii.put(0xE9, &mut out).is_err());
    }
}
