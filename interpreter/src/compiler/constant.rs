//! Constants: literals, and operations on them that are done at compile time.

use super::Compiler;
use super::error::{R, syntax_error};
use super::source::Source;
use crate::bytecode::Const;
use dashu_int::UBig;
use rustpython_ast::{self as ast, Expr, Operator, StringFlags, UnaryOp};
use std::sync::Arc;

/// A constant by type and value, so that equal constants are kept once (but 0.0 is not -0.0, and
/// 1 is neither 1.0 nor True).
#[derive(PartialEq, Eq, Hash)]
pub(super) enum ConstKey {
    None,
    Bool(bool),
    Ellipsis,
    Int(i64),
    BigInt(Arc<str>),
    Float(u64),
    Complex(u64, u64),
    Str(Arc<str>),
    WideStr(Arc<[u32]>),
    Bytes(Arc<[u8]>),
    Tuple(Vec<ConstKey>),
}

impl ConstKey {
    /// The key of a constant; None for those that are not shared.
    pub(super) fn of(value: &Const) -> Option<ConstKey> {
        Some(match value {
            Const::None => Self::None,
            Const::Bool(b) => Self::Bool(*b),
            Const::Ellipsis => Self::Ellipsis,
            Const::Int(i) => Self::Int(*i),
            Const::BigInt(digits) => Self::BigInt(digits.clone()),
            Const::Float(f) => Self::Float(f.to_bits()),
            Const::Complex(re, im) => Self::Complex(re.to_bits(), im.to_bits()),
            Const::Str(s) => Self::Str(s.clone()),
            Const::WideStr(s) => Self::WideStr(s.clone()),
            Const::Bytes(b) => Self::Bytes(b.clone()),
            Const::Tuple(items) => Self::Tuple(items.iter().map(Self::of).collect::<Option<_>>()?),
            Const::FrozenSet(_) | Const::Code(_) => return None,
        })
    }
}

/// Folding looks no deeper than this into nested operations.
const FOLD_DEPTH: u32 = 24;
/// Folded strings get no longer than this.
const FOLD_LENGTH: usize = 4096;
/// Whether an int is a float without loss.
fn exact(int: i64) -> bool {
    int.unsigned_abs() <= 1 << 53
}

impl Compiler<'_> {
    /// The value of an expression that is constant.
    pub(super) fn constant(&self, expr: &Expr) -> R<Option<Const>> {
        self.fold(expr, FOLD_DEPTH)
    }

    fn fold(&self, expr: &Expr, depth: u32) -> R<Option<Const>> {
        Ok(match expr {
            Expr::NumberLiteral(number) => Some(number_constant(self.source, number)?),
            Expr::StringLiteral(string) => Some(string_constant(self.source, string)),
            Expr::BytesLiteral(bytes) => {
                Some(Const::Bytes(bytes.value.bytes().collect::<Vec<u8>>().into()))
            }
            Expr::BooleanLiteral(b) => Some(Const::Bool(b.value)),
            Expr::NoneLiteral(_) => Some(Const::None),
            Expr::EllipsisLiteral(e) => {
                Some(self.source.constant(&e.node_index).cloned().unwrap_or(Const::Ellipsis))
            }
            Expr::Name(name) if name.id.as_str() == "__debug__" => {
                Some(Const::Bool(self.optimize == 0))
            }
            _ if depth == 0 => None,
            Expr::Tuple(tuple) => self.fold_all(&tuple.elts, depth - 1)?.map(Const::Tuple),
            Expr::UnaryOp(unary) => {
                self.fold(&unary.operand, depth - 1)?.and_then(|v| fold_unary(unary.op, v))
            }
            Expr::BinOp(binary) => {
                let Some(left) = self.fold(&binary.left, depth - 1)? else { return Ok(None) };
                let Some(right) = self.fold(&binary.right, depth - 1)? else { return Ok(None) };
                fold_binary(binary.op, &left, &right)
            }
            _ => None,
        })
    }

    fn fold_all(&self, elements: &[Expr], depth: u32) -> R<Option<Vec<Const>>> {
        let mut values = vec![];
        for element in elements {
            match self.fold(element, depth)? {
                Some(value) => values.push(value),
                None => return Ok(None),
            }
        }
        Ok(Some(values))
    }

    /// The values of expressions that are all constant.
    pub(super) fn all_constant(&self, elements: &[Expr]) -> R<Option<Vec<Const>>> {
        self.fold_all(elements, FOLD_DEPTH)
    }

    /// The value when it is an int that fits a 16-bit immediate.
    pub(super) fn immediate(&self, expr: &Expr) -> R<Option<i16>> {
        // Anything but literals and signs before them is not worth looking at.
        if !matches!(expr, Expr::NumberLiteral(_) | Expr::UnaryOp(_) | Expr::BinOp(_)) {
            return Ok(None);
        }
        Ok(match self.constant(expr)? {
            Some(Const::Int(i)) => i16::try_from(i).ok(),
            _ => None,
        })
    }
}

/// A string literal's value, adjacent parts joined.
pub(super) fn string_constant(source: &Source, string: &ast::ExprStringLiteral) -> Const {
    let parts = string.value.as_slice();
    if !parts.iter().any(|part| part.value.contains(char::REPLACEMENT_CHARACTER)) {
        return Const::Str(match parts {
            [part] => (&*part.value).into(),
            parts => parts.iter().map(|p| &*p.value).collect::<String>().into(),
        });
    }
    let mut points = vec![];
    for part in parts {
        code_points(source, part, &mut points);
    }
    match points.iter().map(|&p| char::from_u32(p)).collect::<Option<String>>() {
        Some(text) => Const::Str(text.into()),
        None => Const::WideStr(points.into()),
    }
}

/// The code points of a literal that may contain escapes of lone surrogates, which the parser
/// replaces: reads them from the source, in step with the parser's value.
fn code_points(source: &Source, part: &ast::StringLiteral, out: &mut Vec<u32>) {
    let source = source.slice(part.range);
    let raw = part.flags.prefix().is_raw();
    let quote = source.find(['\'', '"']).unwrap_or(0);
    let quotes = if part.flags.is_triple_quoted() { 3 } else { 1 };
    let mut rest = source.get(quote + quotes..).unwrap_or("");
    for c in part.value.chars() {
        if raw || c != char::REPLACEMENT_CHARACTER {
            out.push(u32::from(c));
        }
        if raw {
            continue;
        }
        while let Some(after) = rest
            .strip_prefix("\\\r\n")
            .or_else(|| rest.strip_prefix("\\\n"))
            .or_else(|| rest.strip_prefix("\\\r"))
        {
            rest = after;
        }
        let (length, code) = escape(rest);
        if c == char::REPLACEMENT_CHARACTER {
            out.push(code.unwrap_or(0xFFFD));
        }
        rest = rest.get(length..).unwrap_or("");
    }
}

/// Length of the (possibly escaped) character that `text` begins with, and the code point of a
/// `\u` or `\U` escape.
fn escape(text: &str) -> (usize, Option<u32>) {
    let bytes = text.as_bytes();
    let hex = |n: usize| u32::from_str_radix(text.get(2..2 + n).unwrap_or(""), 16).ok();
    match bytes {
        [b'\\', b'u', ..] => (6, hex(4)),
        [b'\\', b'U', ..] => (10, hex(8)),
        [b'\\', b'x', ..] => (4, None),
        [b'\\', b'N', ..] => (text.find('}').map_or(2, |i| i + 1), None),
        [b'\\', b'0'..=b'7', ..] => {
            let digits = bytes[1..].iter().take(3).take_while(|b| matches!(b, b'0'..=b'7'));
            (1 + digits.count(), None)
        }
        [b'\r', b'\n', ..] => (2, None),
        [b'\\', ..] => (1 + text[1..].chars().next().map_or(0, char::len_utf8), None),
        _ => (text.chars().next().map_or(0, char::len_utf8), None),
    }
}

pub(super) fn number_constant(source: &Source, number: &ast::ExprNumberLiteral) -> R<Const> {
    Ok(match &number.value {
        ast::Number::Float(value) => Const::Float(*value),
        ast::Number::Complex { real, imag } => Const::Complex(*real, *imag),
        ast::Number::Int(int) => match int.as_i64() {
            Some(value) => Const::Int(value),
            None => big_constant(&int.to_string(), number, source.max_digits)?,
        },
    })
}

/// A literal beyond 64 bits, in its source form.
fn big_constant(text: &str, number: &ast::ExprNumberLiteral, limit: usize) -> R<Const> {
    let digits: String = text.chars().filter(|&c| c != '_').collect();
    let radix = match digits.get(..2) {
        Some("0x" | "0X") => 16,
        Some("0o" | "0O") => 8,
        Some("0b" | "0B") => 2,
        _ => 10,
    };
    if radix == 10 {
        if limit != 0 && digits.len() > limit {
            return Err(syntax_error(
                number.range,
                format!(
                    "Exceeds the limit ({limit} digits) for integer string conversion: value has {} \
                     digits; use sys.set_int_max_str_digits() to increase the limit - Consider \
                     hexadecimal for huge integer literals to avoid decimal conversion limits.",
                    digits.len()
                ),
            ));
        }
        return Ok(Const::BigInt(digits.into()));
    }
    let value = UBig::from_str_radix(&digits[2..], radix)
        .map_err(|_| syntax_error(number.range, "invalid number literal"))?;
    Ok(match i64::try_from(&value) {
        Ok(small) => Const::Int(small),
        Err(_) => Const::BigInt(value.to_string().into()),
    })
}

/// The truth of a constant.
pub(super) fn truth(value: &Const) -> bool {
    match value {
        Const::None => false,
        Const::Bool(b) => *b,
        Const::Ellipsis | Const::BigInt(_) | Const::Code(_) => true,
        Const::Int(i) => *i != 0,
        Const::Float(f) => *f != 0.0,
        Const::Complex(re, im) => *re != 0.0 || *im != 0.0,
        Const::Str(s) => !s.is_empty(),
        Const::WideStr(s) => !s.is_empty(),
        Const::Bytes(b) => !b.is_empty(),
        Const::Tuple(items) | Const::FrozenSet(items) => !items.is_empty(),
    }
}

fn fold_unary(op: UnaryOp, value: Const) -> Option<Const> {
    Some(match (op, value) {
        (UnaryOp::Not, value) => Const::Bool(!truth(&value)),
        (UnaryOp::USub, Const::Int(i)) => match i.checked_neg() {
            Some(negated) => Const::Int(negated),
            None => return None,
        },
        (UnaryOp::USub, Const::BigInt(digits)) if &*digits == "9223372036854775808" => {
            Const::Int(i64::MIN)
        }
        (UnaryOp::USub, Const::Float(f)) => Const::Float(-f),
        (UnaryOp::USub, Const::Complex(re, im)) => Const::Complex(-re, -im),
        (UnaryOp::UAdd, value @ (Const::Int(_) | Const::Float(_))) => value,
        (UnaryOp::Invert, Const::Int(i)) => Const::Int(!i),
        _ => return None,
    })
}

/// The result of an operation on constants, where it is done at compile time.
pub(super) fn fold_binary(op: Operator, left: &Const, right: &Const) -> Option<Const> {
    match (left, right) {
        (Const::Int(a), Const::Int(b)) => fold_ints(op, *a, *b),
        (Const::Float(a), Const::Float(b)) => fold_floats(op, *a, *b),
        (Const::Float(a), Const::Int(b)) if exact(*b) => fold_floats(op, *a, *b as f64),
        (Const::Int(a), Const::Float(b)) if exact(*a) => fold_floats(op, *a as f64, *b),
        (Const::Float(a), Const::Complex(re, im)) => fold_complex(op, *a, *re, *im),
        (Const::Int(a), Const::Complex(re, im)) if exact(*a) => {
            fold_complex(op, *a as f64, *re, *im)
        }
        (Const::Str(a), Const::Str(b)) if op == Operator::Add => {
            (a.len() + b.len() <= FOLD_LENGTH).then(|| Const::Str(format!("{a}{b}").into()))
        }
        (Const::Str(s), Const::Int(n)) | (Const::Int(n), Const::Str(s)) if op == Operator::Mult => {
            let times = usize::try_from(*n).unwrap_or(0);
            (s.len().checked_mul(times)? <= FOLD_LENGTH).then(|| Const::Str(s.repeat(times).into()))
        }
        (Const::Bytes(a), Const::Bytes(b)) if op == Operator::Add => {
            (a.len() + b.len() <= FOLD_LENGTH).then(|| Const::Bytes([&a[..], b].concat().into()))
        }
        (Const::Bytes(s), Const::Int(n)) | (Const::Int(n), Const::Bytes(s))
            if op == Operator::Mult =>
        {
            let times = usize::try_from(*n).unwrap_or(0);
            (s.len().checked_mul(times)? <= FOLD_LENGTH)
                .then(|| Const::Bytes(s.repeat(times).into()))
        }
        _ => None,
    }
}

fn fold_ints(op: Operator, a: i64, b: i64) -> Option<Const> {
    let value = match op {
        Operator::Add => a.checked_add(b)?,
        Operator::Sub => a.checked_sub(b)?,
        Operator::Mult => a.checked_mul(b)?,
        Operator::Pow => a.checked_pow(u32::try_from(b).ok()?)?,
        Operator::FloorDiv | Operator::Mod if b == 0 => return None,
        Operator::FloorDiv => {
            let quotient = a.checked_div(b)?;
            if a % b != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient }
        }
        Operator::Mod => {
            let remainder = a.checked_rem(b)?;
            if remainder != 0 && (remainder < 0) != (b < 0) { remainder + b } else { remainder }
        }
        Operator::LShift => {
            let shift = u32::try_from(b).ok().filter(|&n| n < 63)?;
            let shifted = a << shift;
            if shifted >> shift != a {
                return None;
            }
            shifted
        }
        Operator::RShift => a >> u32::try_from(b).ok()?.min(63),
        Operator::BitOr => a | b,
        Operator::BitXor => a ^ b,
        Operator::BitAnd => a & b,
        Operator::Div if b != 0 && exact(a) && exact(b) => {
            return Some(Const::Float(a as f64 / b as f64));
        }
        Operator::Div | Operator::MatMult => return None,
    };
    Some(Const::Int(value))
}

fn fold_floats(op: Operator, a: f64, b: f64) -> Option<Const> {
    Some(Const::Float(match op {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult => a * b,
        Operator::Div if b != 0.0 => a / b,
        _ => return None,
    }))
}

/// A real number and a complex one: how complex literals such as `1 + 2j` are written.
fn fold_complex(op: Operator, a: f64, re: f64, im: f64) -> Option<Const> {
    match op {
        Operator::Add => Some(Const::Complex(a + re, im)),
        Operator::Sub => Some(Const::Complex(a - re, -im)),
        _ => None,
    }
}
