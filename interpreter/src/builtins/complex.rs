//! `complex`

use super::convert::subclass_call;
use super::float_text::{self, Layout, Style};
use super::support::new_class;
use super::{ClassId, GetSetDef, TypeDef, int_text};
use crate::object::{ClassFlags, Complex, Kind};
use crate::raise;
use crate::value::Value;
use crate::vm::construct::header;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Special, Vm};

/// `complex`
pub static TYPE: TypeDef = TypeDef {
    doc: "A complex number from a string or numbers: real + imag*1j.",
    flags: ClassFlags::BASE,
    methods: METHODS,
    getset: &[
        GetSetDef::new("real", real, "The real part of a complex number.").member(),
        GetSetDef::new("imag", imag, "The imaginary part of a complex number.").member(),
    ],
    ..TypeDef::new("complex", Kind::Complex)
};

static METHODS: &[NativeDef] = &[
    NativeDef::static_method("__new__($type, real=0, imag=0)", new, "Make a complex number."),
    NativeDef::class_method("from_number($type, number, /)", from_number, "From a number."),
    NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
    NativeDef::method("__hash__($self, /)", hash, "Return hash(self)."),
    NativeDef::method("__bool__($self, /)", truth, "True if self else False"),
    NativeDef::method("__add__($self, value, /)", add, "Return self+value."),
    NativeDef::method("__radd__($self, value, /)", radd, "Return value+self."),
    NativeDef::method("__sub__($self, value, /)", sub, "Return self-value."),
    NativeDef::method("__rsub__($self, value, /)", rsub, "Return value-self."),
    NativeDef::method("__mul__($self, value, /)", mul, "Return self*value."),
    NativeDef::method("__rmul__($self, value, /)", rmul, "Return value*self."),
    NativeDef::method("__truediv__($self, value, /)", truediv, "Return self/value."),
    NativeDef::method("__rtruediv__($self, value, /)", rtruediv, "Return value/self."),
    NativeDef::method("__pow__($self, value, mod=None, /)", pow, "Return pow(self, value, mod)."),
    NativeDef::method("__rpow__($self, value, mod=None, /)", rpow, "Return pow(value, self, mod)."),
    NativeDef::method("__neg__($self, /)", neg, "-self"),
    NativeDef::method("__pos__($self, /)", pos, "+self"),
    NativeDef::method("__abs__($self, /)", abs, "abs(self)"),
    NativeDef::method("__eq__($self, value, /)", eq, "Return self==value."),
    NativeDef::method("__ne__($self, value, /)", ne, "Return self!=value."),
    NativeDef::method("__complex__($self, /)", pos, "The number itself."),
    NativeDef::method(
        "__format__($self, format_spec, /)",
        format,
        "Convert to a string by a spec.",
    ),
    NativeDef::method("__getnewargs__($self, /)", getnewargs, "Arguments for __new__."),
    NativeDef::method("conjugate($self, /)", conjugate, "The complex conjugate."),
];

/// Real and imaginary part.
pub type Parts = (f64, f64);

fn this(vm: &Vm, args: Args) -> Result<Parts, Raised> {
    let c = args.this::<Complex>(vm)?;
    Ok((c.re, c.im))
}

/// A number as a complex one; `None` if it is no number.
pub(super) fn parts(vm: &Vm, v: Value<'_>) -> Option<Result<Parts, Raised>> {
    if let Some(c) = v.cast::<Complex>() {
        return Some(Ok((c.re, c.im)));
    }
    vm.number_as_f64(v).map(|f| f.map(|f| (f, 0.0)))
}

fn product((a, b): Parts, (c, d): Parts) -> Parts {
    (a * c - b * d, a * d + b * c)
}

/// The quotient of two complex numbers, each a real and an imaginary part, by R. L. Smith's method: the parts of the
/// divisor are divided by each other first, so that their squares cannot overflow. `None` when the divisor is zero.
pub fn quotient((a, b): (f64, f64), (c, d): (f64, f64)) -> Option<(f64, f64)> {
    if c.abs() >= d.abs() {
        if c == 0.0 {
            return None;
        }
        let ratio = d / c;
        let scale = c + d * ratio;
        Some(((a + b * ratio) / scale, (b - a * ratio) / scale))
    } else if d.abs() >= c.abs() {
        let ratio = c / d;
        let scale = c * ratio + d;
        Some(((a * ratio + b) / scale, (b * ratio - a) / scale))
    } else {
        Some((f64::NAN, f64::NAN))
    }
}

fn power_by_squaring(x: Parts, n: u32) -> Parts {
    let (mut result, mut square, mut n) = ((1.0, 0.0), x, n);
    while n > 0 {
        if n & 1 == 1 {
            result = product(result, square);
        }
        square = product(square, square);
        n >>= 1;
    }
    result
}

fn power(vm: &Vm, x: Parts, y: Parts) -> Result<Parts, Raised> {
    let result = if y == (0.0, 0.0) {
        (1.0, 0.0)
    } else if x == (0.0, 0.0) {
        if y.1 != 0.0 || y.0 < 0.0 {
            raise!(vm, ZeroDivisionError, "zero to a negative or complex power");
        }
        (0.0, 0.0)
    } else if y.1 == 0.0 && y.0 == y.0.floor() && y.0.abs() <= 100.0 {
        let n = y.0.abs() as u32;
        let p = power_by_squaring(x, n);
        if y.0 > 0.0 { p } else { quotient((1.0, 0.0), p).unwrap_or((f64::NAN, f64::NAN)) }
    } else {
        let magnitude = x.0.hypot(x.1);
        let angle = x.1.atan2(x.0);
        let mut len = magnitude.powf(y.0);
        let mut phase = angle * y.0;
        if y.1 != 0.0 {
            len *= (-angle * y.1).exp();
            phase += y.1 * magnitude.ln();
        }
        (len * phase.cos(), len * phase.sin())
    };
    let finite = |p: Parts| p.0.is_finite() && p.1.is_finite();
    if !finite(result) && finite(x) && finite(y) {
        raise!(vm, OverflowError, "complex exponentiation");
    }
    Ok(result)
}

fn operator(
    vm: &mut Vm,
    args: Args,
    swapped: bool,
    f: fn(&Vm, Parts, Parts) -> Result<Parts, Raised>,
) -> NativeResult {
    let vm = &*vm;
    let x = this(vm, args)?;
    let Some(y) = parts(vm, args.get(vm, 1)) else {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    };
    let y = y?;
    let (re, im) = if swapped { f(vm, y, x)? } else { f(vm, x, y)? };
    Ok(vm.ret(vm.complex(re, im)))
}

macro_rules! operators {
    ($($name:ident $reflected:ident $f:expr;)*) => { $(
        fn $name(vm: &mut Vm, args: Args) -> NativeResult {
            operator(vm, args, false, $f)
        }
        fn $reflected(vm: &mut Vm, args: Args) -> NativeResult {
            operator(vm, args, true, $f)
        }
    )* };
}
operators! {
    add radd |_, x, y| Ok((x.0 + y.0, x.1 + y.1));
    sub rsub |_, x, y| Ok((x.0 - y.0, x.1 - y.1));
    mul rmul |_, x, y| Ok(product(x, y));
    truediv rtruediv |vm, x, y| quotient(x, y)
        .ok_or_else(|| vm.raise(ClassId::ZeroDivisionError, "division by zero"));
}

fn pow_either(vm: &mut Vm, args: Args, swapped: bool) -> NativeResult {
    if args.not_none(vm, 2).is_some() {
        raise!(vm, ValueError, "complex modulo");
    }
    operator(vm, args, swapped, power)
}

fn pow(vm: &mut Vm, args: Args) -> NativeResult {
    pow_either(vm, args, false)
}

fn rpow(vm: &mut Vm, args: Args) -> NativeResult {
    pow_either(vm, args, true)
}

fn equal(vm: &Vm, args: Args) -> Result<Option<bool>, Raised> {
    let x = this(vm, args)?;
    let other = args.get(vm, 1);
    if let Some(c) = other.cast::<Complex>() {
        return Ok(Some(x == (c.re, c.im)));
    }
    if vm.is_int(other) || vm.as_f64(other).is_some() {
        // Compared as numbers: a big int need not be a float's value.
        let real = vm.float(x.0);
        let same = vm.number_cmp(real, other).is_some_and(|o| o.is_eq());
        return Ok(Some(x.1 == 0.0 && same));
    }
    Ok(None)
}

fn eq(vm: &mut Vm, args: Args) -> NativeResult {
    let answer = equal(vm, args)?;
    Ok(vm.ret(answer.map_or(Value::NOT_IMPLEMENTED, Value::from_bool)))
}

fn ne(vm: &mut Vm, args: Args) -> NativeResult {
    let answer = equal(vm, args)?;
    Ok(vm.ret(answer.map_or(Value::NOT_IMPLEMENTED, |same| Value::from_bool(!same))))
}

fn real(vm: &mut Vm, args: Args) -> NativeResult {
    let (re, _) = this(vm, args)?;
    Ok(vm.ret(vm.float(re)))
}

fn imag(vm: &mut Vm, args: Args) -> NativeResult {
    let (_, im) = this(vm, args)?;
    Ok(vm.ret(vm.float(im)))
}

fn neg(vm: &mut Vm, args: Args) -> NativeResult {
    let (re, im) = this(vm, args)?;
    Ok(vm.ret(vm.complex(-re, -im)))
}

fn pos(vm: &mut Vm, args: Args) -> NativeResult {
    let (re, im) = this(vm, args)?;
    if vm.is_exact(args.get(vm, 0), ClassId::Complex) {
        return Ok(vm.ret(args.get(vm, 0)));
    }
    Ok(vm.ret(vm.complex(re, im)))
}

fn conjugate(vm: &mut Vm, args: Args) -> NativeResult {
    let (re, im) = this(vm, args)?;
    Ok(vm.ret(vm.complex(re, -im)))
}

fn abs(vm: &mut Vm, args: Args) -> NativeResult {
    let (re, im) = this(vm, args)?;
    let abs = re.hypot(im);
    if abs.is_infinite() && re.is_finite() && im.is_finite() {
        raise!(vm, OverflowError, "absolute value too large");
    }
    Ok(vm.ret(vm.float(abs)))
}

fn truth(vm: &mut Vm, args: Args) -> NativeResult {
    let (re, im) = this(vm, args)?;
    Ok(vm.ret(Value::from_bool(re != 0.0 || im != 0.0)))
}

fn hash(vm: &mut Vm, args: Args) -> NativeResult {
    let (re, im) = this(vm, args)?;
    let part = crate::object::table::hash_float;
    let hash = part(re).wrapping_add(part(im).wrapping_mul(1000003)) as i64;
    Ok(vm.ret(vm.int(if hash == -1 { -2 } else { hash })))
}

fn getnewargs(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (re, im) = this(vm, args)?;
    Ok(vm.ret(vm.tuple(&[vm.float(re), vm.float(im)]).value()))
}

/// A part of the repr.
fn part_text(f: f64, plus: bool) -> String {
    let sign = if f.is_sign_negative() && !f.is_nan() {
        "-"
    } else if plus {
        "+"
    } else {
        ""
    };
    if f.is_nan() {
        return format!("{sign}nan");
    }
    if f.is_infinite() {
        return format!("{sign}inf");
    }
    format!("{sign}{}", float_text::format_finite(f, Style::Repr, 0, Layout::default()))
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let (re, im) = this(vm, args)?;
    let text = if re == 0.0 && re.is_sign_positive() {
        format!("{}j", part_text(im, false))
    } else {
        format!("({}{}j)", part_text(re, false), part_text(im, true))
    };
    Ok(vm.ret(vm.str(&text).value()))
}

fn format(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    if args.str(vm, 1)?.is_empty() {
        return vm.str_of(args.local(0));
    }
    let vm = &*vm;
    let (number, spec) = (args.this::<Complex>(vm)?, args.str(vm, 1)?);
    let text = super::format_spec::format_complex(vm, args.get(vm, 0), number, spec)?;
    Ok(vm.ret(text.value()))
}

/// Reads `1+2j` and its kin.
pub fn parse(text: &[u8]) -> Option<Parts> {
    let text = std::str::from_utf8(text).ok()?.trim_matches(|c: char| c.is_ascii_whitespace());
    let text = match text.strip_prefix('(') {
        Some(inner) => inner.strip_suffix(')')?.trim_matches(|c: char| c.is_ascii_whitespace()),
        None => text,
    };
    if text.contains(|c: char| c.is_ascii_whitespace()) || text.is_empty() {
        return None;
    }
    let float = |t: &str| float_text::parse(t.as_bytes());
    let Some(body) = text.strip_suffix(['j', 'J']) else { return float(text).map(|f| (f, 0.0)) };
    // The sign between the parts is the last one that does not belong to an exponent.
    let bytes = body.as_bytes();
    let cut = (1..bytes.len())
        .rev()
        .find(|&i| matches!(bytes[i], b'+' | b'-') && !matches!(bytes[i - 1], b'e' | b'E'));
    let unit = |t: &str| match t {
        "" | "+" => Some(1.0),
        "-" => Some(-1.0),
        _ => float(t),
    };
    match cut {
        Some(i) => Some((float(&body[..i])?, unit(&body[i..])?)),
        None => Some((0.0, unit(body)?)),
    }
}

/// One argument of the constructor; the message names it as `role`.
fn number(vm: &mut Vm, v: Local, role: Option<&str>) -> Result<Parts, Raised> {
    if let Some(parts) = parts(vm, vm.get(v)) {
        return parts;
    }
    if vm.get(v).as_str().is_none()
        && role != Some("imag")
        && let Some(ret) = vm.call_special(v, Special::Complex, &[])?
    {
        let result = vm.value(ret);
        return match result.cast::<Complex>() {
            Some(c) => Ok((c.re, c.im)),
            None => {
                let given = vm.type_name(result);
                raise!(vm, TypeError, "__complex__ returned non-complex (type {given})")
            }
        };
    }
    let real = vm.get(v).as_str().is_none()
        && (vm.special_of(vm.get(v), Special::Float).is_some()
            || vm.special_of(vm.get(v), Special::Index).is_some());
    if real {
        return Ok((vm.float_of(v)?, 0.0));
    }
    let given = vm.type_name(vm.get(v));
    match role {
        Some(role) => {
            raise!(vm, TypeError, "complex() argument '{role}' must be a real number, not {given}")
        }
        None => {
            raise!(vm, TypeError, "complex() argument must be a string or a number, not {given}")
        }
    }
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    new_class(vm, args, ClassId::Complex)?;
    let (first, second) = (args.opt_local(vm, 1), args.opt_local(vm, 2));
    let (re, im) = match (first, second) {
        (None, None) => (0.0, 0.0),
        (Some(v), None) => match vm.get(v).as_str() {
            Some(s) => match parse(&int_text::ascii_number(s.r())) {
                Some(parts) => parts,
                None => raise!(vm, ValueError, "complex() arg is a malformed string"),
            },
            None => number(vm, v, None)?,
        },
        (first, Some(second)) => {
            let (re, im) = match first {
                Some(first) => number(vm, first, Some("real"))?,
                None => (0.0, 0.0),
            };
            let (more_im, less_re) = number(vm, second, Some("imag"))?;
            // What a real argument does not have is left out, so that signs of zeros stay.
            let complex =
                |v: Option<Local>| v.is_some_and(|v| vm.get(v).cast::<Complex>().is_some());
            let re = if complex(Some(second)) { re - less_re } else { re };
            (re, if complex(first) { im + more_im } else { more_im })
        }
    };
    let vm = &*vm;
    let class = args.class(vm, 0)?;
    let number = vm.alloc(class.shape.get(), Complex { header: header(), re, im });
    Ok(vm.ret(number.value()))
}

fn from_number(vm: &mut Vm, args: Args) -> NativeResult {
    let v = args.local(1);
    let known =
        parts(vm, vm.get(v)).is_some() || vm.special_of(vm.get(v), Special::Complex).is_some();
    let (re, im) = if known { number(vm, v, None)? } else { (vm.float_of(v)?, 0.0) };
    let result = vm.ret(vm.complex(re, im));
    subclass_call(vm, args.local(0), ClassId::Complex, result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses() {
        for (text, re, im) in [
            ("1+2j", 1.0, 2.0),
            ("j", 0.0, 1.0),
            ("-j", 0.0, -1.0),
            (" ( 1+j ) ", 1.0, 1.0),
            ("1e5j", 0.0, 1e5),
            ("1e+5-2.5e-3j", 1e5, -2.5e-3),
            ("7", 7.0, 0.0),
        ] {
            assert_eq!(parse(text.as_bytes()), Some((re, im)), "{text}");
        }
        for bad in ["x", "1+2", "1 + 2j", "", "(1", "1+2jj"] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
    }
}
