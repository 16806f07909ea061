//! Ints to text and back, in any base.

use crate::builtins::{ClassId, text::TextBuilder, text::push_repr, unicode};
use crate::object::{BigInt, Str};
use crate::value::Value;
use crate::vm::apart::takes_long;
use crate::vm::numeric::bit_len;
use crate::vm::{Local, NativeResult, Raised, Ret, Vm};
use dashu_int::{IBig, Sign, UBig};
use std::borrow::Cow;

/// The limit on digits of conversions between ints and decimal text (`sys.set_int_max_str_digits`);
/// 0 is none.
pub struct DigitLimit(pub usize);

impl Default for DigitLimit {
    fn default() -> Self {
        DigitLimit(4300)
    }
}

/// Fewer digits than this are never counted against the limit.
const ALWAYS_ALLOWED: usize = 640;

/// Why text is no int.
#[derive(Debug, PartialEq, Eq)]
pub enum ParseError {
    /// Not the text of an int in that base.
    Invalid,
    /// More decimal digits than allowed.
    TooLong(usize),
}

/// An int that was read.
#[derive(Debug, PartialEq, Eq)]
pub enum Parsed {
    /// It fits.
    Small(i64),
    /// It may not.
    Big(IBig),
}

fn digit(b: u8) -> u32 {
    match b {
        b'0'..=b'9' => (b - b'0') as u32,
        b'a'..=b'z' => (b - b'a') as u32 + 10,
        b'A'..=b'Z' => (b - b'A') as u32 + 10,
        _ => u32::MAX,
    }
}

/// Reads an int from ASCII text. Base 0 takes it from the prefix. `limit`: decimal digits allowed,
/// 0 for any number.
pub fn parse(text: &[u8], base: u32, limit: usize) -> Result<Parsed, ParseError> {
    let blank = |b: &u8| matches!(b, 9..=13 | 28..=32);
    let start = text.iter().position(|b| !blank(b)).ok_or(ParseError::Invalid)?;
    let end = text.iter().rposition(|b| !blank(b)).map_or(start, |i| i + 1);
    let mut t = &text[start..end];
    let mut negative = false;
    if let [sign @ (b'+' | b'-'), rest @ ..] = t {
        negative = *sign == b'-';
        t = rest;
    }
    let prefix = match t {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => 0,
    };
    let (mut radix, mut zeros_only) = (base, false);
    if prefix != 0 && (base == 0 || base == prefix) {
        radix = prefix;
        t = &t[2..];
        // An underscore may stand between prefix and digits.
        if let [b'_', rest @ ..] = t {
            t = rest;
        }
    } else if base == 0 {
        radix = 10;
        zeros_only = t.first() == Some(&b'0');
    }
    let mut small: i64 = 0;
    let mut fits = true;
    let mut digits = 0;
    let mut underscore = true;
    for &b in t {
        if b == b'_' {
            if underscore {
                return Err(ParseError::Invalid);
            }
            underscore = true;
            continue;
        }
        let d = digit(b);
        if d >= radix || (zeros_only && d != 0) {
            return Err(ParseError::Invalid);
        }
        underscore = false;
        digits += 1;
        if fits {
            match small.checked_mul(radix as i64).and_then(|s| s.checked_add(d as i64)) {
                Some(s) => small = s,
                None => fits = false,
            }
        }
    }
    if underscore {
        return Err(ParseError::Invalid);
    }
    if fits {
        return Ok(Parsed::Small(if negative { -small } else { small }));
    }
    if limit > 0 && digits > limit && digits > ALWAYS_ALLOWED && !radix.is_power_of_two() {
        return Err(ParseError::TooLong(digits));
    }
    let clean: String = t.iter().filter(|b| **b != b'_').map(|b| *b as char).collect();
    let magnitude = UBig::from_str_radix(&clean, radix).map_err(|_| ParseError::Invalid)?;
    let sign = if negative { Sign::Negative } else { Sign::Positive };
    Ok(Parsed::Big(IBig::from_parts(sign, magnitude)))
}

/// Text with Unicode digits and white space turned into ASCII ones; what else is not ASCII becomes
/// `?`, which no number contains.
pub fn ascii_number(s: &Str) -> Vec<u8> {
    s.chars()
        .map(|c| match unicode::decimal_value(c) {
            _ if c < 128 => c as u8,
            Some(d) => b'0' + d as u8,
            None if unicode::is_space(c) => b' ',
            None => b'?',
        })
        .collect()
}

/// What a str, turned into ASCII, or an object with bytes says a number is.
fn number_bytes<'gc>(vm: &'gc Vm, v: Value<'gc>) -> Option<Cow<'gc, [u8]>> {
    match v.as_str() {
        Some(s) if s.is_ascii() => Some(Cow::Borrowed(s.r().data())),
        Some(s) => Some(Cow::Owned(ascii_number(s.r()))),
        None => super::bytes_methods::buffer(vm, v),
    }
}

/// The decimal digits of a machine integer, at the end of the buffer.
pub fn decimal(i: i64, buffer: &mut [u8; 20]) -> &[u8] {
    let mut n = i.unsigned_abs();
    let mut at = buffer.len();
    loop {
        at -= 1;
        buffer[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    if i < 0 {
        at -= 1;
        buffer[at] = b'-';
    }
    &buffer[at..]
}

/// The largest power of ten in a word: 19 digits.
const CHUNK: u64 = 10_000_000_000_000_000_000;
/// `(2**128 - 1) / CHUNK - 2**64`
const CHUNK_RECIPROCAL: u64 = (u128::MAX / CHUNK as u128 - (1 << 64)) as u64;

/// Divides `high * 2**64 + low`, with `high` below the chunk, by the chunk: quotient and remainder.
/// Two multiplications by the reciprocal (Möller and Granlund, "Improved division by invariant
/// integers").
fn divide_by_chunk(high: u64, low: u64) -> (u64, u64) {
    let both = (high as u128) << 64 | low as u128;
    let estimate = (CHUNK_RECIPROCAL as u128 * high as u128).wrapping_add(both);
    let mut q = ((estimate >> 64) as u64).wrapping_add(1);
    let mut r = low.wrapping_sub(q.wrapping_mul(CHUNK));
    if r > estimate as u64 {
        q = q.wrapping_sub(1);
        r = r.wrapping_add(CHUNK);
    }
    if r >= CHUNK {
        q += 1;
        r -= CHUNK;
    }
    (q, r)
}

/// The decimal text of a big integer. Of moderate ones by repeated division, which beats the
/// general method there.
fn decimal_big(big: &IBig) -> String {
    let (sign, words) = big.as_sign_words();
    if words.len() > 30 {
        return big.to_string();
    }
    let mut limbs = words.to_vec();
    let mut chunks = Vec::with_capacity(limbs.len() + limbs.len() / 50 + 2);
    while let Some(top) = limbs.last() {
        if *top == 0 {
            limbs.pop();
            continue;
        }
        let mut rest = 0;
        for limb in limbs.iter_mut().rev() {
            (*limb, rest) = divide_by_chunk(rest, *limb);
        }
        chunks.push(rest);
    }
    let mut text = vec![0; 1 + 19 * chunks.len()];
    for (place, chunk) in text[1..].chunks_exact_mut(19).zip(chunks.iter().rev()) {
        let mut n = *chunk;
        for digit in place.iter_mut().rev() {
            *digit = b'0' + (n % 10) as u8;
            n /= 10;
        }
    }
    let mut start = 1 + text[1..].iter().take_while(|d| **d == b'0').count();
    if start == text.len() {
        return "0".to_owned();
    }
    if sign == Sign::Negative {
        start -= 1;
        text[start] = b'-';
    }
    text.drain(..start);
    String::from_utf8(text).unwrap_or_default()
}

impl Vm {
    /// The limit on decimal digits; 0 is none.
    pub fn digit_limit(&self) -> usize {
        self.with_extension::<DigitLimit, _>(|limit| limit.0)
    }

    /// The decimal text of an int.
    pub fn int_to_str(&mut self, v: Local) -> NativeResult {
        let text = match self.get(v).as_small_int() {
            Some(i) => self.str_from_latin1(decimal(i, &mut [0; 20])),
            None => {
                let text = self.big_to_decimal(v)?;
                self.str_from_latin1(text.as_bytes())
            }
        };
        Ok(self.ret(text.value()))
    }

    /// The decimal text of an int that may be big.
    pub fn big_to_decimal(&mut self, v: Local) -> Result<String, Raised> {
        let Some(big) = self.as_big(self.get(v)) else {
            return Err(self.type_error("an int is required"));
        };
        let limit = self.digit_limit();
        let bits = bit_len(&big);
        // 2**(10 n / 3) < 10**n: so many bits are certainly too many digits.
        let mut too_long = limit > 0 && bits / 10 * 3 > limit.max(ALWAYS_ALLOWED) + 10;
        let mut text = String::new();
        if !too_long {
            text = self.apart(takes_long(bits, bits), move || decimal_big(&big))?;
            let digits = text.len() - text.starts_with('-') as usize;
            too_long = limit > 0 && digits > limit && digits > ALWAYS_ALLOWED;
        }
        if too_long {
            return Err(self.value_error(format!(
                "Exceeds the limit ({limit} digits) for integer string conversion; \
                 use sys.set_int_max_str_digits() to increase the limit"
            )));
        }
        Ok(text)
    }

    /// An int in base 2, 8, 10 or 16: digits only, lowercase, and whether it is negative.
    pub fn int_digits(&mut self, v: Local, radix: u32) -> Result<(String, bool), Raised> {
        if let Some(i) = self.as_i64(self.get(v)) {
            let n = i.unsigned_abs();
            let digits = match radix {
                2 => format!("{n:b}"),
                8 => format!("{n:o}"),
                16 => format!("{n:x}"),
                _ => n.to_string(),
            };
            return Ok((digits, i < 0));
        }
        if radix == 10 {
            let text = self.big_to_decimal(v)?;
            return Ok(match text.strip_prefix('-') {
                Some(digits) => (digits.to_owned(), true),
                None => (text, false),
            });
        }
        let Some(big) = self.as_big(self.get(v)) else {
            return Err(self.type_error("an int is required"));
        };
        let (sign, magnitude) = big.into_parts();
        Ok((magnitude.in_radix(radix as u8).to_string(), sign == Sign::Negative))
    }

    /// An int with its base's prefix, as `bin`, `oct` and `hex` show it.
    pub fn int_with_prefix(&mut self, v: Local, radix: u32) -> Result<String, Raised> {
        let (digits, negative) = self.int_digits(v, radix)?;
        let prefix = match radix {
            2 => "0b",
            8 => "0o",
            _ => "0x",
        };
        Ok(format!("{}{prefix}{digits}", if negative { "-" } else { "" }))
    }

    /// An int that was read, as a value.
    pub fn int_from_parsed(&self, parsed: Parsed) -> Value<'_> {
        match parsed {
            Parsed::Small(i) => self.int(i),
            Parsed::Big(big) => self.int_from_big(&big),
        }
    }

    /// `int(text, base)` of a str or an object with bytes; `None` of anything else.
    pub fn int_from_text(&mut self, text: Local, base: u32) -> Result<Option<Ret>, Raised> {
        let Some(digits) = number_bytes(self, self.get(text)) else { return Ok(None) };
        let limit = self.digit_limit();
        // More than two bits for a digit. Bases that are powers of two take no time.
        let bits = if limit == 0 && !base.is_power_of_two() { 2 * digits.len() } else { 0 };
        let parsed = if takes_long(bits, bits) {
            let digits = digits.into_owned();
            self.apart(true, move || parse(&digits, base, limit))?
        } else {
            parse(&digits, base, limit)
        };
        match parsed {
            Ok(parsed) => Ok(Some(self.ret(self.int_from_parsed(parsed)))),
            Err(ParseError::TooLong(n)) => Err(self.value_error(format!(
                "Exceeds the limit ({limit} digits) for integer string conversion: value has \
                     {n} digits; use sys.set_int_max_str_digits() to increase the limit"
            ))),
            Err(ParseError::Invalid) => {
                let shown: String = self.text_repr(self.get(text)).chars().take(200).collect();
                Err(self
                    .value_error(format!("invalid literal for int() with base {base}: {shown}")))
            }
        }
    }

    /// The repr of a str or bytes, for a message.
    pub fn text_repr(&self, v: Value<'_>) -> String {
        let mut out = TextBuilder::new();
        match v.as_str() {
            Some(s) => push_repr(&mut out, s.r()),
            None => {
                let data = super::bytes_methods::buffer(self, v).unwrap_or_default();
                super::bytes_methods::push_bytes_repr(&mut out, &data);
            }
        }
        out.finish(self).r().to_text().into_owned()
    }
}

/// Whether a value is a heap int (of any class).
pub fn is_big(v: Value<'_>) -> bool {
    v.cast::<BigInt>().is_some()
}

/// Whether an instance of int itself, not of a subclass.
pub fn is_exact_int(vm: &Vm, v: Value<'_>) -> bool {
    v.as_small_int().is_some() || vm.is_exact(v, ClassId::Int)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses() {
        let ok = |t: &str, base| match parse(t.as_bytes(), base, 4300) {
            Ok(Parsed::Small(i)) => i,
            other => panic!("{t}: {other:?}"),
        };
        assert_eq!(ok(" -1_000\n", 10), -1000);
        assert_eq!(ok("0xFF", 16), 255);
        assert_eq!(ok("0b_1", 0), 1);
        assert_eq!(ok("b1", 16), 0xb1);
        assert_eq!(ok("0_0", 0), 0);
        assert_eq!(ok("z", 36), 35);
        for (t, base) in [
            ("", 10),
            ("1__0", 10),
            ("_1", 10),
            ("1_", 10),
            ("01", 0),
            ("0x", 16),
            ("8", 8),
            ("+", 10),
        ] {
            assert_eq!(parse(t.as_bytes(), base, 0), Err(ParseError::Invalid), "{t}");
        }
        let long = "9".repeat(5000);
        assert_eq!(parse(long.as_bytes(), 10, 4300), Err(ParseError::TooLong(5000)));
    }

    #[test]
    fn divides_by_chunk() {
        let numbers = [0, 1, 12345, CHUNK - 1, CHUNK, u64::MAX - 1, u64::MAX];
        for high in numbers.into_iter().filter(|h| *h < CHUNK) {
            for low in numbers {
                let n = (high as u128) << 64 | low as u128;
                let expected = (n / CHUNK as u128, n % CHUNK as u128);
                let (q, r) = divide_by_chunk(high, low);
                assert_eq!((q as u128, r as u128), expected, "{high} {low}");
            }
        }
    }

    #[test]
    fn writes_big() {
        for n in [0, 1, 19, 38, 64, 200, 1000] {
            for i in [IBig::from(10).pow(n), IBig::from(-3).pow(n), IBig::from(7) << n] {
                assert_eq!(decimal_big(&i), i.to_string());
            }
        }
    }

    #[test]
    fn writes() {
        assert_eq!(decimal(i64::MIN, &mut [0; 20]), b"-9223372036854775808");
        assert_eq!(decimal(0, &mut [0; 20]), b"0");
    }
}
