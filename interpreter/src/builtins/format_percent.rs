//! The `%` operator of str, bytes and bytearray.

use super::ClassId;
use super::bytes_methods::buffer;
use super::float_text::{self, Layout, Style};
use super::int::float_to_int;
use super::text::{TextBuilder, code_points};
use crate::object::{Dict, Kind, Tuple};
use crate::raise;
use crate::vm::{Local, NativeResult, Raised, Special, Vm};

/// One conversion.
#[derive(Clone, Copy, Default)]
struct Conversion {
    left: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
    kind: u32,
}

/// The values being formatted.
struct Values {
    all: Local,
    /// A tuple: its items are the values.
    tuple: bool,
    /// Could serve `%(key)s`.
    mapping: bool,
    used: usize,
    /// Value of the key just looked up.
    keyed: Option<Local>,
    bytes: bool,
}

/// `template % values` of a str.
pub fn format_str(vm: &mut Vm, template: Local, values: Local) -> NativeResult {
    let chars: Vec<u32> = match vm.get(template).as_str() {
        Some(s) => code_points(s.r()),
        None => raise!(vm, TypeError, "a str is required"),
    };
    let out = run(vm, &chars, values, false)?;
    Ok(vm.ret(out.finish(vm).value()))
}

/// `template % values` of bytes.
pub fn format_bytes(vm: &mut Vm, template: &[u8], values: Local) -> Result<Vec<u8>, Raised> {
    let chars: Vec<u32> = template.iter().map(|b| *b as u32).collect();
    let out = run(vm, &chars, values, true)?;
    Ok(out.finish(vm).chars().map(|c| c as u8).collect())
}

fn run(vm: &mut Vm, template: &[u32], values: Local, bytes: bool) -> Result<TextBuilder, Raised> {
    let value = vm.get(values);
    let tuple = value.cast::<Tuple>().is_some();
    let text = if bytes {
        matches!(value.kind(), Some(Kind::Bytes | Kind::ByteArray))
    } else {
        value.as_str().is_some()
    };
    let mapping = !tuple && !text && vm.special_of(value, Special::GetItem).is_some();
    let mut values = Values { all: values, tuple, mapping, used: 0, keyed: None, bytes };
    let mut out = TextBuilder::with_capacity(template.len() + 32);
    let mut at = 0;
    while at < template.len() {
        let c = template[at];
        if c != '%' as u32 {
            let rest = &template[at..];
            let n = rest.iter().position(|c| *c == '%' as u32).unwrap_or(rest.len());
            out.push_chars(&rest[..n]);
            at += n;
            continue;
        }
        at += 1;
        if template.get(at) == Some(&c) {
            out.push(c);
            at += 1;
        } else {
            vm.scope(|vm| convert(vm, template, &mut at, &mut values, &mut out))?;
        }
    }
    let left = if tuple {
        vm.get(values.all).cast::<Tuple>().is_some_and(|t| values.used < t.len())
    } else {
        values.used == 0 && !mapping
    };
    if left {
        let what = if bytes { "bytes" } else { "string" };
        raise!(vm, TypeError, "not all arguments converted during {what} formatting");
    }
    Ok(out)
}

impl Values {
    fn next(&mut self, vm: &Vm) -> Result<Local, Raised> {
        if let Some(keyed) = self.keyed {
            return Ok(keyed);
        }
        let at = self.used;
        self.used += 1;
        if self.tuple {
            let item = vm.get(self.all).cast::<Tuple>().filter(|t| at < t.len());
            if let Some(tuple) = item {
                return Ok(vm.root(tuple.item(vm, at)));
            }
        } else if at == 0 {
            return Ok(self.all);
        }
        raise!(vm, TypeError, "not enough arguments for format string")
    }

    /// `*`: a width or precision from the values.
    fn next_int(&mut self, vm: &Vm, what: &str) -> Result<i64, Raised> {
        let v = self.next(vm)?;
        let v = vm.get(v);
        if !vm.is_int(v) {
            raise!(vm, TypeError, "* wants int");
        }
        match vm.as_i64(v) {
            Some(i) if what == "ssize_t" || i32::try_from(i).is_ok() => Ok(i),
            _ => raise!(vm, OverflowError, "Python int too large to convert to C {what}"),
        }
    }
}

fn read_number(
    vm: &Vm,
    template: &[u32],
    at: &mut usize,
    most: usize,
    what: &str,
) -> Result<usize, Raised> {
    let mut n = 0usize;
    while let Some(c @ 0x30..=0x39) = template.get(*at) {
        match n.checked_mul(10).and_then(|n| n.checked_add((c - 0x30) as usize)) {
            Some(next) if next <= most => n = next,
            _ => raise!(vm, ValueError, "{what} too big"),
        }
        *at += 1;
    }
    Ok(n)
}

fn convert(
    vm: &mut Vm,
    template: &[u32],
    at: &mut usize,
    values: &mut Values,
    out: &mut TextBuilder,
) -> Result<(), Raised> {
    let is = |at: usize, c: char| template.get(at) == Some(&(c as u32));
    values.keyed = None;
    if is(*at, '(') {
        look_up(vm, template, at, values)?;
    }
    let mut c = Conversion::default();
    while let Some(flag) = template.get(*at).and_then(|f| char::from_u32(*f)) {
        match flag {
            '-' => c.left = true,
            '+' => c.plus = true,
            ' ' => c.space = true,
            '#' => c.alternate = true,
            '0' => c.zero = true,
            _ => break,
        }
        *at += 1;
    }
    if is(*at, '*') {
        *at += 1;
        let width = values.next_int(vm, "ssize_t")?;
        c.left |= width < 0;
        c.width = width.unsigned_abs() as usize;
    } else {
        c.width = read_number(vm, template, at, isize::MAX as usize, "width")?;
    }
    if is(*at, '.') {
        *at += 1;
        c.precision = Some(if is(*at, '*') {
            *at += 1;
            values.next_int(vm, "int")?.max(0) as usize
        } else {
            read_number(vm, template, at, i32::MAX as usize, "precision")?
        });
    }
    if is(*at, 'l') || is(*at, 'h') || is(*at, 'L') {
        *at += 1;
    }
    let Some(&kind) = template.get(*at) else { raise!(vm, ValueError, "incomplete format") };
    c.kind = kind;
    *at += 1;
    if c.width > 1 << 20 || c.precision.is_some_and(|p| p > 1 << 20) {
        vm.check_size(c.width.max(c.precision.unwrap_or(0)))?;
    }
    let value = values.next(vm)?;
    let bytes = values.bytes;
    match char::from_u32(kind).unwrap_or('\0') {
        's' | 'b' if bytes => {
            let data = bytes_text(vm, value)?;
            let n = c.precision.map_or(data.len(), |p| p.min(data.len()));
            padded(&c, n, out, |out| data[..n].iter().for_each(|b| out.push(*b as u32)));
        }
        's' | 'd' if !bytes && push_simple(vm, &c, value, out) => {}
        's' => {
            let ret = vm.str_of(value)?;
            let text = vm.hold(ret);
            push_text(vm, &c, text, out);
        }
        'r' if !bytes => {
            let ret = vm.repr(value)?;
            let text = vm.hold(ret);
            push_text(vm, &c, text, out);
        }
        'r' | 'a' => {
            let ret = vm.ascii(value)?;
            let text = vm.hold(ret);
            push_text(vm, &c, text, out);
        }
        'c' => {
            let char = if bytes { byte_char(vm, value)? } else { str_char(vm, value)? };
            padded(&c, 1, out, |out| out.push(char));
        }
        'd' | 'i' | 'u' | 'o' | 'x' | 'X' => push_int(vm, &c, value, out)?,
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' => push_float(vm, &c, value, bytes, out)?,
        _ => {
            let shown = if (0x1F..0x7F).contains(&kind) { kind as u8 as char } else { '?' };
            let index = *at - 1;
            raise!(
                vm,
                ValueError,
                "unsupported format character '{shown}' (0x{kind:x}) at index {index}"
            );
        }
    }
    Ok(())
}

/// `%(key)`: sets `values.keyed`.
fn look_up(
    vm: &mut Vm,
    template: &[u32],
    at: &mut usize,
    values: &mut Values,
) -> Result<(), Raised> {
    if !values.mapping {
        raise!(vm, TypeError, "format requires a mapping");
    }
    let start = *at + 1;
    let (mut end, mut level) = (start, 1);
    while end < template.len() {
        match char::from_u32(template[end]) {
            Some('(') => level += 1,
            Some(')') => level -= 1,
            _ => {}
        }
        if level == 0 {
            break;
        }
        end += 1;
    }
    if end >= template.len() {
        raise!(vm, ValueError, "incomplete format key");
    }
    *at = end + 1;
    let key = &template[start..end];
    let key = if values.bytes {
        let key: Vec<u8> = key.iter().map(|c| *c as u8).collect();
        vm.root(vm.bytes(&key).value())
    } else {
        vm.root(vm.str_from_code_points(key).value())
    };
    let direct = vm.get(values.all).cast::<Dict>().and_then(|dict| {
        vm.is_exact(dict.value(), ClassId::Dict).then_some(())?;
        vm.dict_get_str(dict, vm.get(key).as_str()?)
    });
    let found = match direct {
        Some(found) => vm.root(found),
        None => {
            let ret = vm.getitem(values.all, key)?;
            vm.hold(ret)
        }
    };
    values.keyed = Some(found);
    values.used = 1;
    Ok(())
}

fn padded(c: &Conversion, len: usize, out: &mut TextBuilder, f: impl FnOnce(&mut TextBuilder)) {
    let fill = c.width.saturating_sub(len);
    if !c.left {
        out.repeat(' ' as u32, fill);
    }
    f(out);
    if c.left {
        out.repeat(' ' as u32, fill);
    }
}

fn push_text(vm: &Vm, c: &Conversion, text: Local, out: &mut TextBuilder) {
    let Some(s) = vm.get(text).as_str() else { return };
    let n = c.precision.map_or(s.len(), |p| p.min(s.len()));
    padded(c, n, out, |out| out.push_slice(s.r(), 0, n));
}

/// `%s` or `%d` of a small int without any flags.
fn push_simple(vm: &Vm, c: &Conversion, value: Local, out: &mut TextBuilder) -> bool {
    let plain = c.width == 0 && c.precision.is_none() && !c.plus && !c.space;
    match vm.get(value).as_small_int() {
        Some(i) if plain => {
            out.push_ascii(super::int_text::decimal(i, &mut [0; 20]));
            true
        }
        _ => false,
    }
}

/// `%b` of bytes.
fn bytes_text(vm: &mut Vm, value: Local) -> Result<Vec<u8>, Raised> {
    if let Some(data) = buffer(vm, vm.get(value)) {
        return Ok(data.into_owned());
    }
    if let Some(ret) = vm.call_special(value, Special::Bytes, &[])? {
        let result = vm.value(ret);
        return match result.cast::<crate::object::Bytes>() {
            Some(b) => Ok(b.data().to_vec()),
            None => {
                let given = vm.type_name(result);
                raise!(vm, TypeError, "__bytes__ returned non-bytes (type {given})")
            }
        };
    }
    let given = vm.type_name(vm.get(value));
    raise!(
        vm,
        TypeError,
        "%b requires a bytes-like object, or an object that implements __bytes__, not '{given}'"
    )
}

fn str_char(vm: &mut Vm, value: Local) -> Result<u32, Raised> {
    let v = vm.get(value);
    if let Some(s) = v.as_str() {
        if s.len() == 1 {
            return Ok(s.char_at(0));
        }
        let n = s.len();
        raise!(
            vm,
            TypeError,
            "%c requires an int or a unicode character, not a string of length {n}"
        );
    }
    if !vm.is_int(v) && vm.special_of(v, Special::Index).is_none() {
        let given = vm.type_name(v);
        raise!(vm, TypeError, "%c requires an int or a unicode character, not {given}");
    }
    let ret = vm.index(value)?;
    let c = vm.as_i64(vm.value(ret)).and_then(|i| u32::try_from(i).ok());
    match c.filter(|c| *c < 0x110000) {
        Some(c) => Ok(c),
        None => raise!(vm, OverflowError, "%c arg not in range(0x110000)"),
    }
}

fn byte_char(vm: &mut Vm, value: Local) -> Result<u32, Raised> {
    let v = vm.get(value);
    if let Some(data) = buffer(vm, v) {
        if let [b] = &data[..] {
            return Ok(*b as u32);
        }
        let (given, n) = (vm.type_name(v), data.len());
        raise!(
            vm,
            TypeError,
            "%c requires an integer in range(256) or a single byte, not a {given} object of \
             length {n}"
        );
    }
    if !vm.is_int(v) && vm.special_of(v, Special::Index).is_none() {
        let given = vm.type_name(v);
        raise!(vm, TypeError, "%c requires an integer in range(256) or a single byte, not {given}");
    }
    let ret = vm.index(value)?;
    match vm.as_i64(vm.value(ret)).and_then(|i| u8::try_from(i).ok()) {
        Some(b) => Ok(b as u32),
        None => raise!(vm, OverflowError, "%c arg not in range(256)"),
    }
}

/// Sign, prefix and digits with the padding of a conversion.
fn push_number(c: &Conversion, negative: bool, prefix: &str, digits: &str, out: &mut TextBuilder) {
    let sign = match (negative, c.plus, c.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    };
    let len = sign.len() + prefix.len() + digits.len();
    let fill = c.width.saturating_sub(len);
    if !c.left && !c.zero {
        out.repeat(' ' as u32, fill);
    }
    out.push_str(sign);
    out.push_str(prefix);
    if !c.left && c.zero {
        out.repeat('0' as u32, fill);
    }
    out.push_str(digits);
    if c.left {
        out.repeat(' ' as u32, fill);
    }
}

fn push_int(
    vm: &mut Vm,
    c: &Conversion,
    value: Local,
    out: &mut TextBuilder,
) -> Result<(), Raised> {
    let kind = c.kind as u8 as char;
    let decimal = matches!(kind, 'd' | 'i' | 'u');
    let int = to_int(vm, value, kind, decimal)?;
    let (radix, prefix) = match kind {
        'o' => (8, "0o"),
        'x' => (16, "0x"),
        'X' => (16, "0X"),
        _ => (10, ""),
    };
    let (mut digits, negative) = vm.int_digits(int, radix)?;
    if kind == 'X' {
        digits.make_ascii_uppercase();
    }
    if let Some(p) = c.precision
        && p > digits.len()
    {
        digits.insert_str(0, &"0".repeat(p - digits.len()));
    }
    push_number(c, negative, if c.alternate { prefix } else { "" }, &digits, out);
    Ok(())
}

/// The int of a value for `%d` (any real number) or `%x` (integers only).
fn to_int(vm: &mut Vm, value: Local, kind: char, decimal: bool) -> Result<Local, Raised> {
    let v = vm.get(value);
    if vm.is_int(v) {
        return Ok(value);
    }
    let given = vm.type_name(v);
    if decimal && let Some(f) = vm.as_f64(v) {
        return Ok(vm.root(float_to_int(vm, f)?));
    }
    // What the methods raise as TypeErrors is reported as this conversion's own.
    for which in if decimal { &[Special::Index, Special::Int][..] } else { &[Special::Index] } {
        match vm.call_special(value, *which, &[]) {
            Ok(None) => {}
            Ok(Some(ret)) => {
                let int = vm.hold(ret);
                if vm.is_int(vm.get(int)) {
                    return Ok(int);
                }
            }
            Err(raised) => vm.catch(raised, ClassId::TypeError)?,
        }
    }
    if !decimal {
        raise!(vm, TypeError, "%{kind} format: an integer is required, not {given}");
    }
    raise!(vm, TypeError, "%{kind} format: a real number is required, not {given}")
}

fn push_float(
    vm: &mut Vm,
    c: &Conversion,
    value: Local,
    bytes: bool,
    out: &mut TextBuilder,
) -> Result<(), Raised> {
    let v = vm.get(value);
    if bytes
        && vm.number_as_f64(v).is_none()
        && vm.special_of(v, Special::Float).is_none()
        && vm.special_of(v, Special::Index).is_none()
    {
        let given = vm.type_name(v);
        raise!(vm, TypeError, "float argument required, not {given}");
    }
    let f = vm.float_of(value)?;
    let kind = c.kind as u8 as char;
    let style = match kind.to_ascii_lowercase() {
        'e' => Style::Exponent,
        'f' => Style::Fixed,
        _ => Style::General,
    };
    let layout = Layout { alternate: c.alternate, dot_zero: false };
    let mut digits = if f.is_nan() {
        "nan".to_owned()
    } else if f.is_infinite() {
        "inf".to_owned()
    } else {
        float_text::format_finite(f, style, c.precision.unwrap_or(6), layout)
    };
    if kind.is_ascii_uppercase() {
        digits.make_ascii_uppercase();
    }
    push_number(c, f.is_sign_negative() && !f.is_nan(), "", &digits, out);
    Ok(())
}
