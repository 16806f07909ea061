//! Text and bytes with backslash escapes, as in literals.

use super::engine::{ask, decoded, encoded, text_arg};
use super::errors_arg;
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::builtins::text::TextBuilder;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm, raise};

/// The functions.
pub static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("unicode_escape_encode(str, errors=None, /)", unicode_encode, ""),
    NativeDef::function(
        "unicode_escape_decode(data, errors=None, final=True, /)",
        unicode_decode,
        "",
    ),
    NativeDef::function("raw_unicode_escape_encode(str, errors=None, /)", raw_encode, ""),
    NativeDef::function(
        "raw_unicode_escape_decode(data, errors=None, final=True, /)",
        raw_decode,
        "",
    ),
    NativeDef::function("escape_encode(data, errors=None, /)", escape_encode, ""),
    NativeDef::function("escape_decode(data, errors=None, /)", escape_decode, ""),
];

fn chars_of(vm: &Vm, text: Local) -> Vec<u32> {
    vm.get(text).as_str().map(|s| s.r().chars().collect()).unwrap_or_default()
}

fn unicode_encode(vm: &mut Vm, args: Args) -> NativeResult {
    let (text, length) = text_arg(vm, args, 0)?;
    let mut out = String::new();
    for c in chars_of(vm, text) {
        match c {
            0x5C => out.push_str("\\\\"),
            9 => out.push_str("\\t"),
            10 => out.push_str("\\n"),
            13 => out.push_str("\\r"),
            32..127 => out.push(c as u8 as char),
            0..0x100 => out.push_str(&format!("\\x{c:02x}")),
            0x100..0x10000 => out.push_str(&format!("\\u{c:04x}")),
            _ => out.push_str(&format!("\\U{c:08x}")),
        }
    }
    encoded(vm, out.as_bytes(), length)
}

fn raw_encode(vm: &mut Vm, args: Args) -> NativeResult {
    let (text, length) = text_arg(vm, args, 0)?;
    let mut out = Vec::new();
    for c in chars_of(vm, text) {
        match c {
            0..0x100 => out.push(c as u8),
            0x100..0x10000 => out.extend(format!("\\u{c:04x}").bytes()),
            _ => out.extend(format!("\\U{c:08x}").bytes()),
        }
    }
    encoded(vm, &out, length)
}

/// Up to `most` hexadecimal digits: how many there are, and their value.
fn hexadecimal(data: &[u8], most: usize) -> (usize, u32) {
    let digits = data.iter().take(most).map_while(|b| char::from(*b).to_digit(16));
    digits.fold((0, 0), |(n, value), d| (n + 1, value.wrapping_shl(4) | d))
}

/// What an escape is.
enum Escape {
    Char(u32, usize),
    /// Nothing (a line continuation).
    Nothing(usize),
    /// `\N{name}`: the name, and the escape's length.
    Named(String, usize),
    /// No escape: the backslash stands for itself.
    Plain,
    Bad(usize, &'static str),
    /// Cut off at the end of the data.
    Cut(&'static str),
}

/// The escape at the start of `data`, which starts with a backslash.
fn escape(data: &[u8], unicode: bool) -> Escape {
    let Some(&kind) = data.get(1) else { return Escape::Cut("\\ at end of string") };
    let simple = |c: u8| Escape::Char(c.into(), 2);
    match kind {
        b'\n' => Escape::Nothing(2),
        b'\\' | b'\'' | b'"' => simple(kind),
        b'a' => simple(7),
        b'b' => simple(8),
        b't' => simple(9),
        b'n' => simple(10),
        b'v' => simple(11),
        b'f' => simple(12),
        b'r' => simple(13),
        b'0'..=b'7' => {
            let digits = data[1..].iter().take(3).take_while(|b| matches!(b, b'0'..=b'7'));
            let (n, value) = digits.fold((0, 0), |(n, v), b| (n + 1, v * 8 + u32::from(b - b'0')));
            Escape::Char(value, 1 + n)
        }
        b'x' | b'u' | b'U' if kind == b'x' || unicode => {
            let (want, what) = match kind {
                b'x' => (2, "truncated \\xXX escape"),
                b'u' => (4, "truncated \\uXXXX escape"),
                _ => (8, "truncated \\UXXXXXXXX escape"),
            };
            let (n, value) = hexadecimal(&data[2..], want);
            if n < want {
                return if 2 + n == data.len() {
                    Escape::Cut(what)
                } else {
                    Escape::Bad(2 + n, what)
                };
            }
            if value > 0x10_FFFF {
                return Escape::Bad(2 + n, "illegal Unicode character");
            }
            Escape::Char(value, 2 + n)
        }
        b'N' if unicode => {
            let what = "malformed \\N character escape";
            if data.len() == 2 {
                return Escape::Cut(what);
            }
            if data[2] != b'{' {
                return Escape::Bad(2, what);
            }
            match data[3..].iter().position(|b| *b == b'}') {
                Some(0) => Escape::Bad(4, what),
                Some(n) => {
                    Escape::Named(String::from_utf8_lossy(&data[3..3 + n]).into_owned(), n + 4)
                }
                None => Escape::Cut(what),
            }
        }
        _ => Escape::Plain,
    }
}

/// The characters of a name; `None` for unknown names.
fn named(vm: &mut Vm, name: &str) -> Result<Option<Vec<u32>>, Raised> {
    let module = vm.import_module("unicodedata")?;
    let name = vm.root(vm.str(name).value());
    match vm.call_method(module, "lookup", &[name]) {
        Ok(ret) => {
            // A name of a sequence is not the name of a character.
            let text = vm.value(ret).as_str().filter(|s| s.r().chars().len() == 1);
            Ok(text.map(|s| s.r().chars().collect()))
        }
        Err(raised) => {
            vm.catch(raised, ClassId::KeyError)?;
            Ok(None)
        }
    }
}

fn data_arg(vm: &mut Vm, args: Args) -> Result<Vec<u8>, Raised> {
    let text = args.get(vm, 0).as_str().map(|s| s.r().chars().collect::<Vec<u32>>());
    match text {
        Some(chars) => {
            let mut out = Vec::new();
            for c in chars {
                match char::from_u32(c) {
                    Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                    None => raise!(vm, ValueError, "string argument with surrogates"),
                }
            }
            Ok(out)
        }
        None => vm.bytes_like(args.local(0)),
    }
}

fn final_arg(vm: &mut Vm, args: Args) -> Result<bool, Raised> {
    match args.opt(vm, 2) {
        Some(_) => vm.truth(args.local(2)),
        None => Ok(true),
    }
}

fn unicode_decode(vm: &mut Vm, args: Args) -> NativeResult {
    let data = data_arg(vm, args)?;
    let errors = errors_arg(vm, args, 1)?;
    let is_final = final_arg(vm, args)?;
    let object = vm.root(vm.bytes(&data).value());
    let mut out = TextBuilder::with_capacity(data.len());
    let mut at = 0;
    let mut odd = None;
    while at < data.len() {
        if data[at] != b'\\' {
            out.push(data[at].into());
            at += 1;
            continue;
        }
        let (end, reason) = match escape(&data[at..], true) {
            Escape::Char(c, n) => {
                if n > 1 && c > 0o377 && data[at + 1].is_ascii_digit() {
                    odd.get_or_insert(format!(
                        "\"\\{}\" is an invalid octal escape sequence. Such sequences will not work in the future. ",
                        String::from_utf8_lossy(&data[at + 1..at + n])
                    ));
                }
                out.push(c);
                at += n;
                continue;
            }
            Escape::Nothing(n) => {
                at += n;
                continue;
            }
            Escape::Plain => {
                odd.get_or_insert(format!(
                    "\"\\{}\" is an invalid escape sequence. Such sequences will not work in the future. ",
                    char::from(data[at + 1])
                ));
                out.push(b'\\'.into());
                at += 1;
                continue;
            }
            Escape::Named(name, n) => match vm.scope(|vm| named(vm, &name))? {
                Some(chars) => {
                    out.push_chars(&chars);
                    at += n;
                    continue;
                }
                None => (at + n, "unknown Unicode character name"),
            },
            Escape::Cut(_) if !is_final => break,
            Escape::Cut(reason) => (data.len(), reason),
            Escape::Bad(n, reason) => (at + n, reason),
        };
        at = wrong(vm, &errors, "unicodeescape", object, (at, end), reason, &mut out)?;
    }
    if let Some(message) = odd {
        vm.warn(ClassId::DeprecationWarning, &message, 1)?;
    }
    let text = out.finish(vm);
    let text = vm.root(text.value());
    decoded(vm, text, at)
}

fn wrong(
    vm: &mut Vm,
    errors: &str,
    encoding: &str,
    object: Local,
    range: (usize, usize),
    reason: &str,
    out: &mut TextBuilder,
) -> Result<usize, Raised> {
    vm.scope(|vm| {
        let class = ClassId::UnicodeDecodeError;
        let (text, next) = ask(vm, errors, class, encoding, object, range, reason)?;
        if let Some(text) = vm.get(text).as_str() {
            out.push_text(text.r());
        }
        Ok(next)
    })
}

fn raw_decode(vm: &mut Vm, args: Args) -> NativeResult {
    let data = data_arg(vm, args)?;
    let errors = errors_arg(vm, args, 1)?;
    let is_final = final_arg(vm, args)?;
    let object = vm.root(vm.bytes(&data).value());
    let mut out = TextBuilder::with_capacity(data.len());
    let mut at = 0;
    while at < data.len() {
        if data[at] == b'\\' && at + 1 == data.len() && !is_final {
            break;
        }
        let (want, what) = match (data[at], data.get(at + 1)) {
            (b'\\', Some(b'u')) => (4, "truncated \\uXXXX escape"),
            (b'\\', Some(b'U')) => (8, "truncated \\UXXXXXXXX escape"),
            (b'\\', Some(b'\\')) => {
                out.push(b'\\'.into());
                out.push(b'\\'.into());
                at += 2;
                continue;
            }
            (byte, _) => {
                out.push(byte.into());
                at += 1;
                continue;
            }
        };
        let (n, value) = hexadecimal(&data[at + 2..], want);
        let reason = if n < want {
            if at + 2 + n == data.len() && !is_final {
                break;
            }
            what
        } else if value > 0x10_FFFF {
            "\\Uxxxxxxxx out of range"
        } else {
            out.push(value);
            at += 2 + n;
            continue;
        };
        let range = (at, at + 2 + n);
        at = wrong(vm, &errors, "rawunicodeescape", object, range, reason, &mut out)?;
    }
    let text = out.finish(vm);
    let text = vm.root(text.value());
    decoded(vm, text, at)
}

fn escape_encode(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let Some(bytes) = args.get(vm, 0).cast::<Bytes>() else {
        return Err(args.wrong_type(vm, 0, "bytes"));
    };
    let mut out = Vec::new();
    for &b in bytes.r().data() {
        match b {
            b'\'' | b'\\' => out.extend([b'\\', b]),
            b'\t' => out.extend(b"\\t"),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            b' '..=b'~' => out.push(b),
            _ => out.extend(format!("\\x{b:02x}").bytes()),
        }
    }
    encoded(vm, &out, bytes.r().data().len())
}

fn escape_decode(vm: &mut Vm, args: Args) -> NativeResult {
    let data = data_arg(vm, args)?;
    let errors = errors_arg(vm, args, 1)?;
    let mut out = Vec::new();
    let mut at = 0;
    let mut odd = None;
    while at < data.len() {
        if data[at] != b'\\' {
            out.push(data[at]);
            at += 1;
            continue;
        }
        match escape(&data[at..], false) {
            Escape::Char(c, n) => {
                if c > 0o377 {
                    odd.get_or_insert(format!(
                        "b\"\\{}\" is an invalid octal escape sequence. Such sequences will not work in the future. ",
                        String::from_utf8_lossy(&data[at + 1..at + n])
                    ));
                }
                out.push(c as u8);
                at += n;
            }
            Escape::Nothing(n) => at += n,
            Escape::Plain | Escape::Named(..) => {
                odd.get_or_insert(format!(
                    "b\"\\{}\" is an invalid escape sequence. Such sequences will not work in the future. ",
                    char::from(data[at + 1])
                ));
                out.push(b'\\');
                at += 1;
            }
            Escape::Cut("\\ at end of string") => {
                raise!(vm, ValueError, "Trailing \\ in string")
            }
            Escape::Cut(_) | Escape::Bad(..) => {
                match &*errors {
                    "strict" => raise!(vm, ValueError, "invalid \\x escape at position {at}"),
                    "replace" => out.push(b'?'),
                    "ignore" => {}
                    other => raise!(
                        vm,
                        ValueError,
                        "decoding error; unknown error handling code: {other}"
                    ),
                }
                at += 2;
                at += usize::from(data.get(at).is_some_and(u8::is_ascii_hexdigit));
            }
        }
    }
    if let Some(message) = odd {
        vm.warn(ClassId::DeprecationWarning, &message, 1)?;
    }
    let vm = &*vm;
    let bytes: Value<'_> = vm.bytes(&out).value();
    Ok(vm.ret(super::pair(vm, bytes, data.len())))
}
