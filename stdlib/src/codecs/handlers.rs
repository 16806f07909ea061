//! The error handlers that are always there, as functions of the exception.

use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::{Args, NativeDef, NativeResult, Raised, Value, Vm, raise};

static HANDLERS: &[(&str, NativeDef)] = &[
    ("strict", NativeDef::function("strict_errors(exception, /)", strict, "Raise it.")),
    ("ignore", NativeDef::function("ignore_errors(exception, /)", ignore, "Leave it out.")),
    ("replace", NativeDef::function("replace_errors(exception, /)", replace, "Put '?' or U+FFFD.")),
    (
        "xmlcharrefreplace",
        NativeDef::function("xmlcharrefreplace_errors(exception, /)", xml, "Put '&#number;'."),
    ),
    (
        "backslashreplace",
        NativeDef::function("backslashreplace_errors(exception, /)", backslash, "Put escapes."),
    ),
    (
        "namereplace",
        NativeDef::function("namereplace_errors(exception, /)", names, "Put '\\\\N{name}'."),
    ),
    (
        "surrogatepass",
        NativeDef::function("surrogatepass(exception, /)", surrogate_pass, "Keep surrogates."),
    ),
    (
        "surrogateescape",
        NativeDef::function("surrogateescape(exception, /)", surrogate_escape, "See PEP 383."),
    ),
];

/// The handler of that name.
pub fn builtin(name: &str) -> Option<&'static NativeDef> {
    HANDLERS.iter().find(|h| h.0 == name).map(|h| &h.1)
}

/// What went wrong.
struct Problem {
    kind: Kind,
    /// Code points, or bytes, of `object[start:end]` and what follows.
    units: Vec<u32>,
    start: usize,
    end: usize,
    encoding: String,
}

#[derive(PartialEq)]
enum Kind {
    Encode,
    Decode,
    Translate,
}

fn problem(vm: &mut Vm, args: Args) -> Result<Problem, Raised> {
    let error = args.local(0);
    let kind = {
        let value = vm.get(error);
        if vm.has_class(value, ClassId::UnicodeEncodeError) {
            Kind::Encode
        } else if vm.has_class(value, ClassId::UnicodeDecodeError) {
            Kind::Decode
        } else if vm.has_class(value, ClassId::UnicodeTranslateError) {
            Kind::Translate
        } else {
            let given = vm.type_name(value);
            raise!(vm, TypeError, "don't know how to handle {given} in error callback");
        }
    };
    let number = |vm: &mut Vm, name: &str| -> Result<i64, Raised> {
        let n = vm.getattr_str(error, name)?;
        let n = vm.hold(n);
        vm.index_i64(n)
    };
    let (start, end) = (number(vm, "start")?, number(vm, "end")?);
    let object = vm.getattr_str(error, "object")?;
    let object = vm.hold(object);
    let encoding = match kind {
        Kind::Translate => String::new(),
        _ => {
            let encoding = vm.getattr_str(error, "encoding")?;
            vm.text_of(vm.value(encoding))
        }
    };
    let units: Vec<u32> = match vm.get(object).as_str() {
        Some(s) => s.r().chars().collect(),
        None => vm.bytes_like(object)?.into_iter().map(u32::from).collect(),
    };
    let last = units.len() as i64;
    let start = start.clamp(0, (last - 1).max(0)) as usize;
    let end = end.clamp(1.min(last), last) as usize;
    Ok(Problem { kind, units, start, end: end.max(start), encoding })
}

impl Problem {
    fn bad(&self) -> &[u32] {
        &self.units[self.start..self.end]
    }
}

fn refuse(vm: &Vm, args: Args) -> Raised {
    let given = vm.type_name(args.get(vm, 0));
    vm.type_error(format!("don't know how to handle {given} in error callback"))
}

fn answer(vm: &Vm, text: &[u32], position: usize) -> NativeResult {
    let text = vm.str_from_code_points(text).value();
    Ok(vm.ret(super::pair(vm, text, position)))
}

fn answer_text(vm: &Vm, text: &str, position: usize) -> NativeResult {
    Ok(vm.ret(super::pair(vm, vm.str(text).value(), position)))
}

fn rethrow(vm: &Vm, args: Args) -> NativeResult {
    let error = args.get(vm, 0);
    if vm.has_class(error, ClassId::BaseException) {
        return Err(vm.set_exception(error));
    }
    Err(vm.type_error("codec must pass exception instance"))
}

fn strict(vm: &mut Vm, args: Args) -> NativeResult {
    rethrow(vm, args)
}

fn ignore(vm: &mut Vm, args: Args) -> NativeResult {
    let p = problem(vm, args)?;
    answer(vm, &[], p.end)
}

fn replace(vm: &mut Vm, args: Args) -> NativeResult {
    let p = problem(vm, args)?;
    let text = match p.kind {
        Kind::Encode => vec![u32::from(b'?'); p.bad().len()],
        Kind::Decode => vec![0xFFFD],
        Kind::Translate => vec![0xFFFD; p.bad().len()],
    };
    answer(vm, &text, p.end)
}

fn xml(vm: &mut Vm, args: Args) -> NativeResult {
    let p = problem(vm, args)?;
    if p.kind != Kind::Encode {
        return Err(refuse(vm, args));
    }
    let text: String = p.bad().iter().map(|c| format!("&#{c};")).collect();
    answer_text(vm, &text, p.end)
}

fn escaped(c: u32) -> String {
    match c {
        0..0x100 => format!("\\x{c:02x}"),
        0x100..0x10000 => format!("\\u{c:04x}"),
        _ => format!("\\U{c:08x}"),
    }
}

fn backslash(vm: &mut Vm, args: Args) -> NativeResult {
    let p = problem(vm, args)?;
    let text: String = p.bad().iter().map(|c| escaped(*c)).collect();
    answer_text(vm, &text, p.end)
}

fn names(vm: &mut Vm, args: Args) -> NativeResult {
    let p = problem(vm, args)?;
    if p.kind != Kind::Encode {
        return Err(refuse(vm, args));
    }
    let module = vm.import_module("unicodedata")?;
    let mut text = String::new();
    for &c in p.bad() {
        let part = vm.scope(|vm| {
            let character = vm.root(vm.str_from_char(c).value());
            let none = vm.root(Value::NONE);
            let name = vm.call_method(module, "name", &[character, none])?;
            let name = vm.value(name);
            Ok(name.as_str().map(|name| format!("\\N{{{}}}", vm.str_text(name))))
        })?;
        text.push_str(&part.unwrap_or_else(|| escaped(c)));
    }
    answer_text(vm, &text, p.end)
}

/// Size of a unit and whether the most significant byte comes first, for Unicode encodings.
fn layout(encoding: &str) -> Option<(usize, bool)> {
    let plain: String =
        encoding.chars().filter(|c| !matches!(c, '-' | '_')).collect::<String>().to_lowercase();
    Some(match plain.as_str() {
        "utf8" | "cp65001" => (1, false),
        "utf16" | "utf16le" => (2, false),
        "utf16be" => (2, true),
        "utf32" | "utf32le" => (4, false),
        "utf32be" => (4, true),
        _ => return None,
    })
}

fn surrogate_pass(vm: &mut Vm, args: Args) -> NativeResult {
    let p = problem(vm, args)?;
    if p.kind == Kind::Translate {
        return Err(refuse(vm, args));
    }
    let Some((size, big)) = layout(&p.encoding) else { return rethrow(vm, args) };
    let is_surrogate = |c: u32| (0xD800..0xE000).contains(&c);
    if p.kind == Kind::Encode {
        let mut out = Vec::new();
        for &c in p.bad() {
            if !is_surrogate(c) {
                return rethrow(vm, args);
            }
            match (size, big) {
                (1, _) => out.extend([
                    0xE0 | (c >> 12) as u8,
                    0x80 | (c >> 6 & 0x3F) as u8,
                    0x80 | (c & 0x3F) as u8,
                ]),
                (2, false) => out.extend((c as u16).to_le_bytes()),
                (2, true) => out.extend((c as u16).to_be_bytes()),
                (_, false) => out.extend(c.to_le_bytes()),
                (_, true) => out.extend(c.to_be_bytes()),
            }
        }
        return Ok(vm.ret(super::pair(vm, vm.bytes(&out).value(), p.end)));
    }
    let rest = &p.units[p.start..];
    let found = match (size, rest) {
        (1, [a @ 0xE0..=0xEF, b @ 0x80..=0xBF, c @ 0x80..=0xBF, ..]) => {
            Some(((a & 0xF) << 12 | (b & 0x3F) << 6 | c & 0x3F, 3))
        }
        (2 | 4, _) if rest.len() >= size => {
            let unit = &rest[..size];
            let shift = |acc: u32, b: &u32| acc << 8 | b;
            let c = if big { unit.iter().fold(0, shift) } else { unit.iter().rev().fold(0, shift) };
            Some((c, size))
        }
        _ => None,
    };
    match found {
        Some((c, n)) if is_surrogate(c) => answer(vm, &[c], p.start + n),
        _ => rethrow(vm, args),
    }
}

fn surrogate_escape(vm: &mut Vm, args: Args) -> NativeResult {
    let p = problem(vm, args)?;
    match p.kind {
        Kind::Translate => Err(refuse(vm, args)),
        Kind::Encode => {
            let mut out = Vec::new();
            for &c in p.bad() {
                if !(0xDC80..0xDD00).contains(&c) {
                    return rethrow(vm, args);
                }
                out.push((c - 0xDC00) as u8);
            }
            Ok(vm.ret(super::pair(vm, vm.bytes(&out).value(), p.end)))
        }
        Kind::Decode => {
            let text: Vec<u32> =
                p.bad().iter().take(4).take_while(|b| **b >= 0x80).map(|b| 0xDC00 + b).collect();
            if text.is_empty() {
                return rethrow(vm, args);
            }
            answer(vm, &text, p.start + text.len())
        }
    }
}
