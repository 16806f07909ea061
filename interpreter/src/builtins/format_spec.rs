//! The formatting mini-language: parsing a spec and laying out ints, floats, complex numbers and
//! strs by it.

use super::ClassId;
use super::float_text::{self, Layout, Style};
use super::int_text::is_exact_int;
use super::text::{TextBuilder, code_points};
use crate::object::{Complex, Gc, Str};
use crate::raise;
use crate::value::Value;
use crate::vm::{Local, NativeResult, Raised, Vm};

/// A parsed format spec.
#[derive(Clone, Debug)]
pub struct Spec {
    /// Padding character.
    pub fill: u32,
    /// `<`, `>`, `^` or `=`.
    pub align: u8,
    /// `+`, `-`, a space, or 0.
    pub sign: u8,
    /// `z`: no minus before a zero.
    pub no_negative_zero: bool,
    /// `#`
    pub alternate: bool,
    /// Least width.
    pub width: usize,
    /// Separator of groups of digits before the point: `,`, `_` or 0.
    pub grouping: u8,
    /// Digits after the point, or most characters of a str.
    pub precision: Option<usize>,
    /// Separator of groups of digits after the point.
    pub fraction_grouping: u8,
    /// Presentation type, 0 when none is given.
    pub kind: u32,
}

const TOO_MANY: &str = "Too many decimal digits in format string";

/// A decimal number in a spec.
fn number(vm: &Vm, chars: &[u32], at: &mut usize) -> Result<Option<usize>, Raised> {
    let mut n: Option<usize> = None;
    while let Some(d) = chars.get(*at).and_then(|c| super::unicode::decimal_value(*c)) {
        let next = n.unwrap_or(0).checked_mul(10).and_then(|n| n.checked_add(d as usize));
        match next.filter(|n| *n <= isize::MAX as usize) {
            Some(next) => n = Some(next),
            None => return Err(vm.value_error(TOO_MANY)),
        }
        *at += 1;
    }
    Ok(n)
}

fn is_align(c: u32) -> bool {
    matches!(char::from_u32(c), Some('<' | '>' | '=' | '^'))
}

impl Spec {
    /// Parses a spec for an object of the named type.
    pub fn parse(
        vm: &Vm,
        spec: &Str,
        default_kind: u8,
        default_align: u8,
        of: Value<'_>,
    ) -> Result<Spec, Raised> {
        let mut buffer = [0; 16];
        let long;
        let chars: &[u32] = if spec.len() <= buffer.len() {
            buffer.iter_mut().zip(spec.chars()).for_each(|(to, c)| *to = c);
            &buffer[..spec.len()]
        } else {
            long = code_points(spec);
            &long
        };
        let mut s = Spec {
            fill: ' ' as u32,
            align: default_align,
            sign: 0,
            no_negative_zero: false,
            alternate: false,
            width: 0,
            grouping: 0,
            precision: None,
            fraction_grouping: 0,
            kind: 0,
        };
        let mut at = 0;
        let (mut filled, mut aligned) = (false, false);
        if chars.len() >= 2 && is_align(chars[1]) {
            (s.fill, s.align) = (chars[0], chars[1] as u8);
            (filled, aligned) = (true, true);
            at = 2;
        } else if !chars.is_empty() && is_align(chars[0]) {
            s.align = chars[0] as u8;
            aligned = true;
            at = 1;
        }
        let is = |at: usize, c: char| chars.get(at) == Some(&(c as u32));
        if is(at, '+') || is(at, '-') || is(at, ' ') {
            s.sign = chars[at] as u8;
            at += 1;
        }
        if is(at, 'z') {
            s.no_negative_zero = true;
            at += 1;
        }
        if is(at, '#') {
            s.alternate = true;
            at += 1;
        }
        if !filled && is(at, '0') {
            s.fill = '0' as u32;
            if !aligned && default_align == b'>' {
                s.align = b'=';
            }
            at += 1;
        }
        s.width = number(vm, chars, &mut at)?.unwrap_or(0);
        let separator = |at: &mut usize| -> Result<u8, Raised> {
            let mut found = 0;
            if is(*at, ',') {
                found = b',';
                *at += 1;
            }
            if is(*at, '_') {
                if found != 0 {
                    return Err(vm.value_error("Cannot specify both ',' and '_'."));
                }
                found = b'_';
                *at += 1;
            }
            if found == b'_' && is(*at, ',') {
                return Err(vm.value_error("Cannot specify both ',' and '_'."));
            }
            Ok(found)
        };
        s.grouping = separator(&mut at)?;
        if is(at, '.') {
            at += 1;
            s.precision = number(vm, chars, &mut at)?;
            s.fraction_grouping = separator(&mut at)?;
            if s.precision.is_none() && s.fraction_grouping == 0 {
                raise!(vm, ValueError, "Format specifier missing precision");
            }
        }
        match &chars[at..] {
            [] => {}
            [kind] => s.kind = *kind,
            _ => {
                let (given, of) = (spec.to_text(), vm.type_name(of));
                raise!(
                    vm,
                    ValueError,
                    "Invalid format specifier '{given}' for object of type '{of}'"
                );
            }
        }
        if s.grouping != 0 {
            let kind = if s.kind == 0 { default_kind as u32 } else { s.kind };
            let fits = match char::from_u32(kind) {
                Some('d' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' | 'F' | '\0') => true,
                Some('b' | 'o' | 'x' | 'X') => s.grouping == b'_',
                _ => false,
            };
            if !fits {
                let (g, kind) = (s.grouping as char, shown_kind(kind));
                raise!(vm, ValueError, "Cannot specify '{g}' with '{kind}'.");
            }
        }
        Ok(s)
    }
}

fn shown_kind(kind: u32) -> String {
    match kind {
        33..=127 => (kind as u8 as char).to_string(),
        _ => format!("\\x{kind:x}"),
    }
}

#[cold]
fn unknown_kind(vm: &Vm, kind: u32, of: Value<'_>) -> Raised {
    let (kind, of) = (shown_kind(kind), vm.type_name(of));
    vm.value_error(format!("Unknown format code '{kind}' for object of type '{of}'"))
}

/// A number ready to be laid out. All parts are ASCII except a character of `c`.
struct Parts<'a> {
    negative: bool,
    prefix: &'a str,
    /// Digits before the point, grouped by `group_size`.
    whole: &'a str,
    group_size: usize,
    /// Digits after the point, with the point.
    fraction: &'a str,
    /// Exponent, percent sign, or `inf` and `nan`.
    rest: &'a str,
}

/// Pads digits with zeros to a width and separates groups, counted from the right.
fn group(digits: &str, separator: u8, size: usize, width: usize, out: &mut Vec<u8>) {
    let mut n = digits.len();
    if separator == 0 {
        out.resize(out.len() + width.saturating_sub(n), b'0');
        out.extend_from_slice(digits.as_bytes());
        return;
    }
    while n + n.saturating_sub(1) / size < width {
        n += 1;
    }
    let zeros = n - digits.len();
    for i in 0..n {
        if i > 0 && (n - i).is_multiple_of(size) {
            out.push(separator);
        }
        out.push(if i < zeros { b'0' } else { digits.as_bytes()[i - zeros] });
    }
}

/// Where padding goes: (left, right).
fn padding(align: u8, width: usize, len: usize) -> (usize, usize) {
    let total = width.saturating_sub(len);
    match align {
        b'<' => (0, total),
        b'^' => (total / 2, total - total / 2),
        _ => (total, 0),
    }
}

fn check_width(vm: &Vm, spec: &Spec) -> Result<(), Raised> {
    if spec.width > 1 << 20 || spec.precision.is_some_and(|p| p > 1 << 20) {
        vm.check_size(spec.width.max(spec.precision.unwrap_or(0)))?;
    }
    Ok(())
}

fn lay_out<'gc>(vm: &'gc Vm, spec: &Spec, parts: Parts<'_>) -> Result<Gc<'gc, Str>, Raised> {
    check_width(vm, spec)?;
    let sign = match (parts.negative, spec.sign) {
        (true, _) => "-",
        (false, b'+') => "+",
        (false, b' ') => " ",
        _ => "",
    };
    if spec.width == 0 && spec.grouping == 0 && spec.fraction_grouping == 0 {
        let pieces = [sign, parts.prefix, parts.whole, parts.fraction, parts.rest];
        return Ok(vm.str_from_latin1(pieces.concat().as_bytes()));
    }
    let mut fraction = String::new();
    for (i, c) in parts.fraction.chars().enumerate() {
        if spec.fraction_grouping != 0 && i > 1 && (i - 1) % 3 == 0 {
            fraction.push(spec.fraction_grouping as char);
        }
        fraction.push(c);
    }
    let fixed = sign.len() + parts.prefix.len() + fraction.len() + parts.rest.len();
    let zero_padded = spec.fill == '0' as u32 && spec.align == b'=';
    let least = if zero_padded { spec.width.saturating_sub(fixed) } else { 0 };
    let mut whole = Vec::new();
    group(parts.whole, spec.grouping, parts.group_size, least, &mut whole);
    let (left, right) = padding(spec.align, spec.width, fixed + whole.len());
    let inner = spec.align == b'=';
    if left + right == 0 || spec.fill < 128 {
        let mut text = Vec::with_capacity(fixed + whole.len() + left + right);
        let fill = spec.fill as u8;
        if !inner {
            text.resize(left, fill);
        }
        text.extend_from_slice(sign.as_bytes());
        text.extend_from_slice(parts.prefix.as_bytes());
        if inner {
            text.resize(text.len() + left, fill);
        }
        text.extend_from_slice(&whole);
        text.extend_from_slice(fraction.as_bytes());
        text.extend_from_slice(parts.rest.as_bytes());
        text.resize(text.len() + right, fill);
        return Ok(vm.str_from_latin1(&text));
    }
    let mut text = TextBuilder::new();
    if !inner {
        text.repeat(spec.fill, left);
    }
    text.push_str(sign);
    text.push_str(parts.prefix);
    if inner {
        text.repeat(spec.fill, left);
    }
    whole.iter().for_each(|b| text.push(*b as u32));
    text.push_str(&fraction);
    text.push_str(parts.rest);
    text.repeat(spec.fill, right);
    Ok(text.finish(vm))
}

/// `str(v)`, which is `repr(v)` too, of an instance of exactly int or float; `None` for others.
pub fn number_text(vm: &mut Vm, v: Local) -> Option<NativeResult> {
    if is_exact_int(vm, vm.get(v)) {
        return Some(vm.int_to_str(v));
    }
    let f = vm.as_f64(vm.get(v)).filter(|_| vm.is_exact(vm.get(v), ClassId::Float))?;
    Some(Ok(vm.ret(vm.str_from_latin1(float_text::repr(f).as_bytes()).value())))
}

/// `format(v, spec)` of an instance of exactly float or str; `None` for others.
pub fn format_exact<'gc>(
    vm: &'gc Vm,
    v: Value<'gc>,
    spec: Gc<'gc, Str>,
) -> Option<Result<Gc<'gc, Str>, Raised>> {
    if let Some(s) = v.as_str().filter(|_| vm.is_exact(v, ClassId::Str)) {
        return Some(if spec.is_empty() { Ok(s) } else { format_str(vm, s, spec) });
    }
    let f = vm.as_f64(v).filter(|_| vm.is_exact(v, ClassId::Float))?;
    if spec.is_empty() {
        return Some(Ok(vm.str_from_latin1(float_text::repr(f).as_bytes())));
    }
    Some(format_float(vm, v, spec))
}

/// `format(v, spec)` of an int.
pub fn format_int(vm: &mut Vm, int: Local, spec: Local) -> NativeResult {
    let v = vm.get(int);
    let Some(spec) = vm.get(spec).as_str().filter(|spec| !spec.is_empty()) else {
        return vm.int_to_str(int);
    };
    let s = Spec::parse(vm, spec.r(), b'd', b'>', v)?;
    let kind = char::from_u32(s.kind).unwrap_or('\u{FFFD}');
    if matches!(kind, 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') {
        let f = vm.number_as_f64(v).unwrap_or(Ok(0.0))?;
        return Ok(vm.ret(lay_out_float(vm, f, &s, v)?.value()));
    }
    if !matches!(kind, '\0' | 'd' | 'b' | 'o' | 'x' | 'X' | 'c' | 'n') {
        return Err(unknown_kind(vm, s.kind, v));
    }
    if s.precision.is_some() {
        raise!(vm, ValueError, "Precision not allowed in integer format specifier");
    }
    if s.no_negative_zero {
        raise!(
            vm,
            ValueError,
            "Negative zero coercion (z) not allowed in integer format specifier"
        );
    }
    let (radix, prefix) = match kind {
        'c' => return Ok(vm.ret(lay_out_char(vm, v, s)?.value())),
        'b' => (2, "0b"),
        'o' => (8, "0o"),
        'x' => (16, "0x"),
        'X' => (16, "0X"),
        _ => (10, ""),
    };
    let (mut digits, negative) = vm.int_digits(int, radix)?;
    if kind == 'X' {
        digits.make_ascii_uppercase();
    }
    let parts = Parts {
        negative,
        prefix: if s.alternate { prefix } else { "" },
        whole: &digits,
        group_size: if radix == 10 { 3 } else { 4 },
        fraction: "",
        rest: "",
    };
    Ok(vm.ret(lay_out(vm, &s, parts)?.value()))
}

fn lay_out_char<'gc>(vm: &'gc Vm, v: Value<'gc>, s: Spec) -> Result<Gc<'gc, Str>, Raised> {
    if s.sign != 0 {
        raise!(vm, ValueError, "Sign not allowed with integer format specifier 'c'");
    }
    if s.alternate {
        raise!(vm, ValueError, "Alternate form (#) not allowed with integer format specifier 'c'");
    }
    let Some(c) = vm.as_i64(v) else {
        raise!(vm, OverflowError, "Python int too large to convert to C long");
    };
    let Some(c) = u32::try_from(c).ok().filter(|c| *c < 0x110000) else {
        raise!(vm, OverflowError, "%c arg not in range(0x110000)");
    };
    check_width(vm, &s)?;
    let (left, right) = padding(s.align, s.width, 1);
    let mut text = TextBuilder::new();
    text.repeat(s.fill, left);
    text.push(c);
    text.repeat(s.fill, right);
    Ok(text.finish(vm))
}

/// `format(v, spec)` of a float.
pub fn format_float<'gc>(
    vm: &'gc Vm,
    v: Value<'gc>,
    spec: Gc<'gc, Str>,
) -> Result<Gc<'gc, Str>, Raised> {
    let s = Spec::parse(vm, spec.r(), 0, b'>', v)?;
    lay_out_float(vm, vm.as_f64(v).unwrap_or(0.0), &s, v)
}

/// The style, default precision and case of a presentation type of floats.
fn float_style(kind: u32) -> Option<(Style, Option<usize>, bool)> {
    Some(match char::from_u32(kind)? {
        '\0' => (Style::Repr, None, false),
        'e' => (Style::Exponent, Some(6), false),
        'E' => (Style::Exponent, Some(6), true),
        'f' | '%' => (Style::Fixed, Some(6), false),
        'F' => (Style::Fixed, Some(6), true),
        'g' | 'n' => (Style::General, Some(6), false),
        'G' => (Style::General, Some(6), true),
        _ => return None,
    })
}

/// The text of a float's magnitude (`inf` and `nan` too).
fn magnitude(
    f: f64,
    style: Style,
    precision: Option<usize>,
    upper: bool,
    layout: Layout,
) -> String {
    let mut text = if f.is_nan() {
        "nan".to_owned()
    } else if f.is_infinite() {
        "inf".to_owned()
    } else {
        match (style, precision) {
            (Style::Repr, Some(p)) => float_text::format_finite(f, Style::General, p, layout),
            (style, p) => float_text::format_finite(f, style, p.unwrap_or(0), layout),
        }
    };
    if upper {
        text.make_ascii_uppercase();
    }
    text
}

/// Splits the text of a number into digits, fraction with its point, and the rest.
fn split_number(text: &str) -> (&str, &str, &str) {
    let whole = text.bytes().take_while(u8::is_ascii_digit).count();
    let mut end = whole;
    if text.as_bytes().get(whole) == Some(&b'.') {
        end += 1 + text[whole + 1..].bytes().take_while(u8::is_ascii_digit).count();
    }
    (&text[..whole], &text[whole..end], &text[end..])
}

fn is_negative(f: f64, text: &str, no_negative_zero: bool) -> bool {
    let zero = || text.bytes().take_while(|b| !b"eE".contains(b)).all(|b| b"0.%".contains(&b));
    f.is_sign_negative() && !f.is_nan() && !(no_negative_zero && zero())
}

fn lay_out_float<'gc>(
    vm: &'gc Vm,
    f: f64,
    s: &Spec,
    of: Value<'_>,
) -> Result<Gc<'gc, Str>, Raised> {
    let Some((style, default, upper)) = float_style(s.kind) else {
        return Err(unknown_kind(vm, s.kind, of));
    };
    check_precision(vm, s)?;
    let percent = s.kind == '%' as u32;
    let f = if percent { f * 100.0 } else { f };
    let layout = Layout { alternate: s.alternate, dot_zero: s.kind == 0 };
    let mut text = magnitude(f, style, s.precision.or(default), upper, layout);
    if percent {
        text.push('%');
    }
    let (whole, fraction, rest) = split_number(&text);
    let negative = is_negative(f, &text, s.no_negative_zero);
    lay_out(vm, s, Parts { negative, prefix: "", whole, group_size: 3, fraction, rest })
}

fn check_precision(vm: &Vm, s: &Spec) -> Result<(), Raised> {
    if s.precision.is_some_and(|p| p > i32::MAX as usize) {
        raise!(vm, ValueError, "precision too big");
    }
    check_width(vm, s)
}

/// `format(v, spec)` of a complex number.
pub fn format_complex<'gc>(
    vm: &'gc Vm,
    v: Value<'gc>,
    number: Gc<'gc, Complex>,
    spec: Gc<'gc, Str>,
) -> Result<Gc<'gc, Str>, Raised> {
    let s = Spec::parse(vm, spec.r(), 0, b'>', v)?;
    let style = float_style(s.kind).filter(|_| s.kind != '%' as u32);
    let Some((style, default, upper)) = style else {
        return Err(unknown_kind(vm, s.kind, v));
    };
    if s.fill == '0' as u32 {
        raise!(vm, ValueError, "Zero padding is not allowed in complex format specifier");
    }
    if s.align == b'=' {
        raise!(vm, ValueError, "'=' alignment flag is not allowed in complex format specifier");
    }
    check_precision(vm, &s)?;
    let (re, im) = (number.re, number.im);
    let layout = Layout { alternate: s.alternate, dot_zero: false };
    let plain = s.kind == 0;
    let only_imaginary = plain && re == 0.0 && re.is_sign_positive();
    let inner = Spec { width: 0, align: b'>', ..s.clone() };
    let part = |f: f64, sign: u8| -> Result<Gc<'gc, Str>, Raised> {
        let text = magnitude(f, style, s.precision.or(default), upper, layout);
        let (whole, fraction, rest) = split_number(&text);
        let negative = is_negative(f, &text, s.no_negative_zero);
        let spec = Spec { sign, ..inner.clone() };
        lay_out(vm, &spec, Parts { negative, prefix: "", whole, group_size: 3, fraction, rest })
    };
    let mut text = TextBuilder::new();
    if plain && !only_imaginary {
        text.push('(' as u32);
    }
    if !only_imaginary {
        text.push_text(part(re, s.sign)?.r());
    }
    text.push_text(part(im, if only_imaginary { s.sign } else { b'+' })?.r());
    text.push('j' as u32);
    if plain && !only_imaginary {
        text.push(')' as u32);
    }
    let text = text.finish(vm);
    Ok(pad(vm, text, text.len(), &s))
}

/// The first `len` characters of a str, padded by a spec.
fn pad<'gc>(vm: &'gc Vm, text: Gc<'gc, Str>, len: usize, s: &Spec) -> Gc<'gc, Str> {
    let (left, right) = padding(s.align, s.width, len);
    if left + right == 0 {
        return vm.str_slice(text, 0, len);
    }
    let mut out = TextBuilder::with_capacity(s.width);
    out.repeat(s.fill, left);
    out.push_slice(text.r(), 0, len);
    out.repeat(s.fill, right);
    out.finish(vm)
}

/// `format(text, spec)` of a str.
pub fn format_str<'gc>(
    vm: &'gc Vm,
    text: Gc<'gc, Str>,
    spec: Gc<'gc, Str>,
) -> Result<Gc<'gc, Str>, Raised> {
    let s = Spec::parse(vm, spec.r(), b's', b'<', text.value())?;
    if s.kind != 0 && s.kind != 's' as u32 {
        return Err(unknown_kind(vm, s.kind, text.value()));
    }
    let what = if s.sign == b' ' {
        "Space"
    } else if s.sign != 0 {
        "Sign"
    } else if s.no_negative_zero {
        "Negative zero coercion (z)"
    } else if s.alternate {
        "Alternate form (#)"
    } else if s.align == b'=' {
        "'=' alignment"
    } else {
        ""
    };
    if !what.is_empty() {
        raise!(vm, ValueError, "{what} not allowed in string format specifier");
    }
    check_width(vm, &Spec { precision: None, ..s.clone() })?;
    let len = s.precision.map_or(text.len(), |p| p.min(text.len()));
    Ok(pad(vm, text, len, &s))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grouped(digits: &str, width: usize) -> String {
        let mut out = Vec::new();
        group(digits, b',', 3, width, &mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    #[test]
    fn groups() {
        assert_eq!(grouped("1234567", 0), "1,234,567");
        assert_eq!(grouped("5", 10), "00,000,005");
        assert_eq!(grouped("5", 9), "0,000,005");
        assert_eq!(grouped("5", 8), "0,000,005");
        assert_eq!(grouped("123", 0), "123");
    }

    #[test]
    fn splits() {
        assert_eq!(split_number("12.50e+03"), ("12", ".50", "e+03"));
        assert_eq!(split_number("inf%"), ("", "", "inf%"));
        assert!(!is_negative(-0.0001, "0.00", true) && is_negative(-1.0, "1.00", true));
    }
}
