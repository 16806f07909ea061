//! Floats to text and back: shortest and fixed digits, Python's layout, hexadecimal.

/// Decimal digits of a finite float without its sign: `0.d1d2d3... * 10**point`.
pub struct Digits {
    /// The digits; "0" for zero.
    pub digits: Vec<u8>,
    /// How many of them stand before the decimal point (may be negative or beyond the digits).
    pub point: i32,
}

/// Splits text such as `1.5e-7` into digits and the place of the point.
fn split(text: &str) -> Digits {
    let (mantissa, exponent) = match text.split_once('e') {
        Some((m, e)) => (m, e.parse().unwrap_or(0)),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = Vec::with_capacity(whole.len() + fraction.len());
    digits.extend_from_slice(whole.as_bytes());
    digits.extend_from_slice(fraction.as_bytes());
    let zeros = digits.iter().take_while(|d| **d == b'0').count();
    if zeros == digits.len() {
        return Digits { digits: vec![b'0'], point: 1 };
    }
    digits.drain(..zeros);
    Digits { digits, point: whole.len() as i32 - zeros as i32 + exponent }
}

/// The fewest digits that read back as the same float.
pub fn shortest(f: f64) -> Digits {
    let mut buffer = zmij::Buffer::new();
    let mut d = split(buffer.format_finite(f.abs()));
    while d.digits.len() > 1 && d.digits.last() == Some(&b'0') {
        d.digits.pop();
    }
    d
}

/// No float has more digits than this; what is asked for beyond is zeros.
const MOST_DIGITS: usize = 1100;

/// Correctly rounded to `n` (at least 1) significant digits, trailing zeros included.
fn significant(f: f64, n: usize) -> Digits {
    let text = format!("{:.*e}", (n - 1).min(MOST_DIGITS), f.abs());
    let mut d = split(&text);
    d.digits.resize(n, b'0');
    d
}

/// How a float is laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// `e`
    Exponent,
    /// `f`
    Fixed,
    /// `g`
    General,
    /// `repr`: the shortest digits.
    Repr,
}

/// Options of [`format_finite`].
#[derive(Clone, Copy, Default, Debug)]
pub struct Layout {
    /// Keep the point and trailing zeros (`#`).
    pub alternate: bool,
    /// `.0` after whole numbers, as repr has it.
    pub dot_zero: bool,
}

/// The text of a finite float's magnitude.
pub fn format_finite(f: f64, style: Style, precision: usize, layout: Layout) -> String {
    match style {
        Style::Fixed => {
            let mut text = fixed_by_integers(f.abs(), precision)
                .unwrap_or_else(|| format!("{:.*}", precision.min(MOST_DIGITS), f.abs()));
            text.extend(std::iter::repeat_n('0', precision.saturating_sub(MOST_DIGITS)));
            if precision == 0 && layout.alternate {
                text.push('.');
            }
            text
        }
        Style::Exponent => {
            let d = significant(f, precision + 1);
            exponent_form(&d, layout.alternate)
        }
        Style::General => {
            let precision = precision.max(1);
            let mut d = significant(f, precision);
            if !layout.alternate {
                while d.digits.len() > 1 && d.digits.last() == Some(&b'0') {
                    d.digits.pop();
                }
            }
            let limit = precision as i64 - layout.dot_zero as i64;
            if d.point <= -4 || d.point as i64 > limit {
                exponent_form(&d, layout.alternate)
            } else {
                fixed_form(&d, layout)
            }
        }
        Style::Repr => {
            let d = shortest(f);
            if d.point <= -4 || d.point > 16 {
                exponent_form(&d, layout.alternate)
            } else {
                fixed_form(&d, layout)
            }
        }
    }
}

/// Fixed notation by exact integer arithmetic: `f * 10**precision` rounded to an integer, ties to
/// even. `None` when that does not fit 128 bits.
fn fixed_by_integers(f: f64, precision: usize) -> Option<String> {
    if precision > 22 {
        return None;
    }
    let bits = f.to_bits();
    let (m, e) = match (bits >> 52) as i32 {
        0 => (bits & ((1 << 52) - 1), -1074),
        e => (bits & ((1 << 52) - 1) | 1 << 52, e - 1075),
    };
    let scaled = m as u128 * 10u128.pow(precision as u32);
    let n = match e {
        0..=10 => scaled.checked_mul(1 << e)?,
        11.. => return None,
        // What is scaled has at most 127 bits.
        ..=-128 => 0,
        _ => {
            let shift = e.unsigned_abs();
            let (q, rest, half) = (scaled >> shift, scaled & ((1 << shift) - 1), 1 << (shift - 1));
            q + (rest > half || (rest == half && q & 1 == 1)) as u128
        }
    };
    let mut buffer = [b'0'; 48];
    let mut at = buffer.len();
    let mut put = |digit: u8, written: usize| {
        if written == precision && precision > 0 {
            at -= 1;
            buffer[at] = b'.';
        }
        at -= 1;
        buffer[at] = b'0' + digit;
    };
    let mut written = 0;
    let mut big = n;
    while big > u64::MAX as u128 {
        put((big % 10) as u8, written);
        big /= 10;
        written += 1;
    }
    let mut small = big as u64;
    while small > 0 || written <= precision {
        put((small % 10) as u8, written);
        small /= 10;
        written += 1;
    }
    Some(buffer[at..].iter().map(|b| *b as char).collect())
}

fn exponent_form(d: &Digits, alternate: bool) -> String {
    let mut text = String::with_capacity(d.digits.len() + 6);
    text.push(d.digits[0] as char);
    if d.digits.len() > 1 || alternate {
        text.push('.');
    }
    text.extend(d.digits[1..].iter().map(|b| *b as char));
    let zero = d.digits.iter().all(|b| *b == b'0');
    let exponent = if zero { 0 } else { d.point - 1 };
    let sign = if exponent < 0 { '-' } else { '+' };
    text.push_str(&format!("e{sign}{:02}", exponent.abs()));
    text
}

fn fixed_form(d: &Digits, layout: Layout) -> String {
    let mut text = String::with_capacity(d.digits.len() + 8);
    let n = d.digits.len() as i32;
    let push = |text: &mut String, part: &[u8]| text.extend(part.iter().map(|b| *b as char));
    if d.point <= 0 {
        text.push_str("0.");
        (d.point..0).for_each(|_| text.push('0'));
        push(&mut text, &d.digits);
    } else if d.point >= n {
        push(&mut text, &d.digits);
        (n..d.point).for_each(|_| text.push('0'));
        if layout.dot_zero {
            text.push_str(".0");
        } else if layout.alternate {
            text.push('.');
        }
    } else {
        push(&mut text, &d.digits[..d.point as usize]);
        text.push('.');
        push(&mut text, &d.digits[d.point as usize..]);
    }
    text
}

/// `repr(f)`
pub fn repr(f: f64) -> String {
    if f.is_nan() {
        return "nan".to_owned();
    }
    let sign = if f.is_sign_negative() { "-" } else { "" };
    if f.is_infinite() {
        return format!("{sign}inf");
    }
    let layout = Layout { dot_zero: true, ..Layout::default() };
    format!("{sign}{}", format_finite(f, Style::Repr, 0, layout))
}

/// Reads a float from ASCII text: white space around it, underscores between digits.
pub fn parse(text: &[u8]) -> Option<f64> {
    let blank = |b: &u8| matches!(b, 9..=13 | 28..=32);
    let start = text.iter().position(|b| !blank(b))?;
    let end = text.iter().rposition(|b| !blank(b))? + 1;
    let text = std::str::from_utf8(&text[start..end]).ok()?;
    if !text.contains('_') {
        return text.parse().ok();
    }
    let bytes = text.as_bytes();
    let digit =
        |i: Option<usize>| i.and_then(|i| bytes.get(i)).is_some_and(|b: &u8| b.is_ascii_digit());
    for (i, b) in bytes.iter().enumerate() {
        if *b == b'_' && !(digit(i.checked_sub(1)) && digit(Some(i + 1))) {
            return None;
        }
    }
    text.replace('_', "").parse().ok()
}

/// `float.hex`
pub fn to_hex(f: f64) -> String {
    if !f.is_finite() {
        return repr(f);
    }
    let sign = if f.is_sign_negative() { "-" } else { "" };
    let bits = f.to_bits();
    let (exponent, fraction) = ((bits >> 52 & 0x7FF) as i32, bits & ((1 << 52) - 1));
    match (exponent, fraction) {
        (0, 0) => format!("{sign}0x0.0p+0"),
        (0, m) => format!("{sign}0x0.{m:013x}p-1022"),
        (e, m) => format!("{sign}0x1.{m:013x}p{:+}", e - 1023),
    }
}

/// Why text is no hexadecimal float.
#[derive(Debug, PartialEq, Eq)]
pub enum HexError {
    /// Malformed.
    Invalid,
    /// Out of range.
    TooLarge,
}

/// `float.fromhex`
pub fn from_hex(text: &str) -> Result<f64, HexError> {
    let text = text.trim_matches(|c: char| matches!(c, '\t'..='\r' | ' '));
    let (negative, t) = match text.as_bytes() {
        [b'-', ..] => (true, &text[1..]),
        [b'+', ..] => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = t.to_ascii_lowercase();
    let magnitude = match lower.as_str() {
        "inf" | "infinity" => f64::INFINITY,
        "nan" => f64::NAN,
        other => hex_magnitude(other)?,
    };
    Ok(if negative { -magnitude } else { magnitude })
}

fn hex_magnitude(t: &str) -> Result<f64, HexError> {
    let t = t.strip_prefix("0x").unwrap_or(t);
    let (mantissa, exponent) = match t.split_once('p') {
        Some((m, e)) => {
            let digits = e.strip_prefix(['+', '-']).unwrap_or(e);
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return Err(HexError::Invalid);
            }
            let far = if e.starts_with('-') { i64::MIN / 4 } else { i64::MAX / 4 };
            (m, e.parse::<i64>().unwrap_or(far).clamp(i64::MIN / 4, i64::MAX / 4))
        }
        None => (t, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: Vec<u32> = whole
        .chars()
        .chain(fraction.chars())
        .map(|c| c.to_digit(16).ok_or(HexError::Invalid))
        .collect::<Result<_, _>>()?;
    if digits.is_empty() {
        return Err(HexError::Invalid);
    }
    // The top 60 bits and a sticky bit are enough for correct rounding.
    let mut m: u64 = 0;
    let mut e = exponent - 4 * fraction.len() as i64;
    let mut sticky = false;
    for d in digits {
        if m >> 60 == 0 {
            m = m << 4 | d as u64;
        } else {
            sticky |= d != 0;
            e += 4;
        }
    }
    if m == 0 {
        return Ok(0.0);
    }
    round_binary(m, e, sticky).ok_or(HexError::TooLarge)
}

/// `m * 2**e` (and a little more if `sticky`) to the nearest float, ties to even; `None` when too
/// large.
fn round_binary(m: u64, e: i64, sticky: bool) -> Option<f64> {
    let bits = 64 - m.leading_zeros() as i64;
    let top = bits + e;
    if top > 1025 {
        return None;
    }
    let keep = if top < -1021 { 53 - (-1021 - top) } else { 53 };
    if keep < 0 {
        return Some(0.0);
    }
    let drop = (bits - keep).max(0);
    let mut q = if drop >= 64 { 0 } else { m >> drop };
    if drop > 0 {
        let rest = if drop >= 64 { m } else { m & ((1 << drop) - 1) };
        let half = 1u64 << (drop - 1).min(63);
        if rest > half || (rest == half && (sticky || q & 1 == 1)) {
            q += 1;
        }
    }
    let e = (e + drop) as i32;
    let half = e / 2;
    // In two steps: the power alone may be out of range. The last step is exact.
    let f = (q as f64) * 2f64.powi(half) * 2f64.powi(e - half);
    f.is_finite().then_some(f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reprs() {
        for (f, text) in [
            (0.1, "0.1"),
            (-0.0, "-0.0"),
            (1e16, "1e+16"),
            (1e15, "1000000000000000.0"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (1.5e300, "1.5e+300"),
            (5e-324, "5e-324"),
            (123456789012345680.0, "1.2345678901234568e+17"),
            (100.0, "100.0"),
        ] {
            assert_eq!(repr(f), text);
        }
    }

    #[test]
    fn styles() {
        let plain = Layout::default();
        assert_eq!(format_finite(2.5, Style::Fixed, 0, plain), "2");
        assert_eq!(format_finite(0.125, Style::Fixed, 2, plain), "0.12");
        assert_eq!(format_finite(0.375, Style::Fixed, 2, plain), "0.38");
        assert_eq!(format_finite(12345.678, Style::Exponent, 6, plain), "1.234568e+04");
        assert_eq!(format_finite(0.0, Style::Exponent, 2, plain), "0.00e+00");
        assert_eq!(format_finite(1e20, Style::General, 6, plain), "1e+20");
        assert_eq!(format_finite(0.0001, Style::General, 6, plain), "0.0001");
        let alternate = Layout { alternate: true, dot_zero: false };
        assert_eq!(format_finite(1.5, Style::General, 6, alternate), "1.50000");
        assert_eq!(format_finite(0.0, Style::General, 3, alternate), "0.00");
    }

    #[test]
    fn fixed_notation_is_exact() {
        for f in [0.0, 1.5, 2.5, 0.125, 0.1, 1e-5, 123456.789, 1e15, 5e-324, 0.999, 9.995, 1e-300] {
            for p in [0, 1, 2, 3, 6, 10, 17, 22] {
                let exact = format!("{f:.p$}");
                assert_eq!(fixed_by_integers(f, p).unwrap_or(exact.clone()), exact, "{f} {p}");
            }
        }
        assert_eq!(fixed_by_integers(1e300, 2), None);
        assert_eq!(fixed_by_integers(0.5, 0).as_deref(), Some("0"));
    }

    #[test]
    fn parses() {
        assert_eq!(parse(b" -1_000.5e1 "), Some(-10005.0));
        for bad in ["", "1__0", "1._0", "_1", "1_", "1e", "x", "1 2"] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn hex() {
        for f in [1.0, -2.5, 0.1, 5e-324, 1e300, f64::MAX, 2.2250738585072014e-308, 1e-310] {
            assert_eq!(from_hex(&to_hex(f)), Ok(f), "{f}");
        }
        assert_eq!(from_hex("0x.8p-2"), Ok(0.125));
        assert_eq!(from_hex("0x1p2000"), Err(HexError::TooLarge));
        assert_eq!(from_hex("0x."), Err(HexError::Invalid));
        assert_eq!(from_hex("0x1p-1075"), Ok(0.0));
        assert_eq!(from_hex("0x1.8p-1075"), Ok(5e-324));
    }
}
