//! `float`

use super::bytes_methods::buffer;
use super::convert::subclass_call;
use super::float_text::{self, HexError};
use super::int::float_to_int;
use super::support::{new_class, positional_of};
use super::{ClassId, GetSetDef, TypeDef, int_text};
use crate::object::{ClassFlags, Float, Gc, Kind, Str};
use crate::raise;
use crate::value::Value;
use crate::vm::construct::header;
use crate::vm::numeric::{float_floor_div_mod, float_to_big, floor_div_mod};
use crate::vm::operators::BinaryOp;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Special, Vm};
use dashu_int::IBig;

/// `float`
pub static TYPE: TypeDef = TypeDef {
    doc: "A number or a string as a floating-point number.",
    flags: ClassFlags::BASE,
    methods: METHODS,
    getset: &[
        GetSetDef::new("real", itself, "The real part of a complex number."),
        GetSetDef::new("imag", imag, "The imaginary part of a complex number."),
    ],
    ..TypeDef::new("float", Kind::Float)
};

static METHODS: &[NativeDef] = &[
    NativeDef::static_method("__new__($type, x=0, /)", new, "Make a float.").raw(),
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
    NativeDef::method("__floordiv__($self, value, /)", floordiv, "Return self//value."),
    NativeDef::method("__rfloordiv__($self, value, /)", rfloordiv, "Return value//self."),
    NativeDef::method("__mod__($self, value, /)", modulo, "Return self%value."),
    NativeDef::method("__rmod__($self, value, /)", rmodulo, "Return value%self."),
    NativeDef::method("__divmod__($self, value, /)", divmod, "Return divmod(self, value)."),
    NativeDef::method("__rdivmod__($self, value, /)", rdivmod, "Return divmod(value, self)."),
    NativeDef::method("__pow__($self, value, mod=None, /)", pow, "Return pow(self, value, mod)."),
    NativeDef::method("__rpow__($self, value, mod=None, /)", rpow, "Return pow(value, self, mod)."),
    NativeDef::method("__neg__($self, /)", neg, "-self"),
    NativeDef::method("__pos__($self, /)", itself, "+self"),
    NativeDef::method("__abs__($self, /)", abs, "abs(self)"),
    NativeDef::method("__float__($self, /)", itself, "float(self)"),
    NativeDef::method("__int__($self, /)", trunc, "int(self)"),
    NativeDef::method("__trunc__($self, /)", trunc, "The int towards zero."),
    NativeDef::method("__floor__($self, /)", floor, "The int below."),
    NativeDef::method("__ceil__($self, /)", ceil, "The int above."),
    NativeDef::method("__round__($self, ndigits=None, /)", round, "Round, ties to even."),
    NativeDef::method("__lt__($self, value, /)", lt, "Return self<value."),
    NativeDef::method("__le__($self, value, /)", le, "Return self<=value."),
    NativeDef::method("__eq__($self, value, /)", eq, "Return self==value."),
    NativeDef::method("__ne__($self, value, /)", ne, "Return self!=value."),
    NativeDef::method("__gt__($self, value, /)", gt, "Return self>value."),
    NativeDef::method("__ge__($self, value, /)", ge, "Return self>=value."),
    NativeDef::method(
        "__format__($self, format_spec, /)",
        format,
        "Convert to a string by a spec.",
    ),
    NativeDef::method("__getnewargs__($self, /)", getnewargs, "Arguments for __new__."),
    NativeDef::method("conjugate($self, /)", itself, "The complex conjugate: the float itself."),
    NativeDef::method("is_integer($self, /)", is_integer, "Whether the float is a whole number."),
    NativeDef::method("as_integer_ratio($self, /)", ratio, "A pair of ints whose ratio it is."),
    NativeDef::method("hex($self, /)", hex, "The float in hexadecimal."),
    NativeDef::class_method("fromhex($type, string, /)", fromhex, "A float from hexadecimal."),
    NativeDef::class_method("from_number($type, number, /)", from_number, "A float from a number."),
    NativeDef::class_method("__getformat__($type, typestr, /)", getformat, "For tests."),
];

/// The receiver, which must be a float.
fn this(vm: &Vm, args: Args) -> Result<f64, Raised> {
    vm.as_f64(args.get(vm, 0)).ok_or_else(|| args.wrong_receiver(vm))
}

fn operator(vm: &mut Vm, args: Args, op: BinaryOp, swapped: bool) -> NativeResult {
    let vm = &*vm;
    let x = this(vm, args)?;
    let Some(y) = vm.number_as_f64(args.get(vm, 1)) else {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    };
    let y = y?;
    let (x, y) = if swapped { (y, x) } else { (x, y) };
    Ok(vm.ret(vm.float_binary(op, x, y)?))
}

macro_rules! operators {
    ($($name:ident $reflected:ident $op:ident;)*) => { $(
        fn $name(vm: &mut Vm, args: Args) -> NativeResult {
            operator(vm, args, BinaryOp::$op, false)
        }
        fn $reflected(vm: &mut Vm, args: Args) -> NativeResult {
            operator(vm, args, BinaryOp::$op, true)
        }
    )* };
}
operators! {
    add radd Add;
    sub rsub Sub;
    mul rmul Mul;
    truediv rtruediv TrueDiv;
    floordiv rfloordiv FloorDiv;
    modulo rmodulo Mod;
}

macro_rules! comparisons {
    ($($name:ident $op:tt;)*) => { $(
        fn $name(vm: &mut Vm, args: Args) -> NativeResult {
            use std::cmp::Ordering::*;
            let vm = &*vm;
            this(vm, args)?;
            let (a, b) = (args.get(vm, 0), args.get(vm, 1));
            if !vm.is_int(b) && vm.as_f64(b).is_none() {
                return Ok(vm.ret(Value::NOT_IMPLEMENTED));
            }
            let order = vm.number_cmp(a, b);
            Ok(vm.ret(Value::from_bool(comparisons!(@ order $op))))
        }
    )* };
    (@ $o:ident <) => { $o == Some(Less) };
    (@ $o:ident <=) => { matches!($o, Some(Less | Equal)) };
    (@ $o:ident ==) => { $o == Some(Equal) };
    (@ $o:ident !=) => { $o != Some(Equal) };
    (@ $o:ident >) => { $o == Some(Greater) };
    (@ $o:ident >=) => { matches!($o, Some(Greater | Equal)) };
}
comparisons! { lt <; le <=; eq ==; ne !=; gt >; ge >=; }

fn divmod_either(vm: &mut Vm, args: Args, swapped: bool) -> NativeResult {
    let vm = &*vm;
    let x = this(vm, args)?;
    let Some(y) = vm.number_as_f64(args.get(vm, 1)) else {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    };
    let y = y?;
    let (x, y) = if swapped { (y, x) } else { (x, y) };
    if y == 0.0 {
        raise!(vm, ZeroDivisionError, "division by zero");
    }
    let (q, r) = float_floor_div_mod(x, y);
    Ok(vm.ret(vm.tuple(&[vm.float(q), vm.float(r)]).value()))
}

fn divmod(vm: &mut Vm, args: Args) -> NativeResult {
    divmod_either(vm, args, false)
}

fn rdivmod(vm: &mut Vm, args: Args) -> NativeResult {
    divmod_either(vm, args, true)
}

fn pow_either(vm: &mut Vm, args: Args, swapped: bool) -> NativeResult {
    if args.not_none(vm, 2).is_some() {
        raise!(vm, TypeError, "pow() 3rd argument not allowed unless all arguments are integers");
    }
    operator(vm, args, BinaryOp::Pow, swapped)
}

fn pow(vm: &mut Vm, args: Args) -> NativeResult {
    pow_either(vm, args, false)
}

fn rpow(vm: &mut Vm, args: Args) -> NativeResult {
    pow_either(vm, args, true)
}

fn itself(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let f = this(vm, args)?;
    if vm.is_exact(args.get(vm, 0), ClassId::Float) {
        return Ok(vm.ret(args.get(vm, 0)));
    }
    Ok(vm.ret(vm.float(f)))
}

fn imag(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(vm.float(0.0)))
}

fn neg(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(vm.float(-this(vm, args)?)))
}

fn abs(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(vm.float(this(vm, args)?.abs())))
}

fn truth(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(Value::from_bool(this(vm, args)? != 0.0)))
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let text = float_text::repr(this(vm, args)?);
    Ok(vm.ret(vm.str_from_latin1(text.as_bytes()).value()))
}

fn hash(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let f = this(vm, args)?;
    // Each nan is equal only to itself: its hash is that of its identity.
    let hash = if f.is_nan() {
        vm.identity_hash(args.get(vm, 0))
    } else {
        crate::object::table::hash_float(f)
    };
    Ok(vm.ret(vm.int(hash as i64)))
}

fn format(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    if args.str(vm, 1)?.is_empty() {
        return vm.str_of(args.local(0));
    }
    let vm = &*vm;
    let spec = args.str(vm, 1)?;
    Ok(vm.ret(super::format_spec::format_float(vm, args.get(vm, 0), spec)?.value()))
}

fn getnewargs(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let f = vm.float(this(vm, args)?);
    Ok(vm.ret(vm.tuple(&[f]).value()))
}

fn trunc(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(float_to_int(vm, this(vm, args)?)?))
}

fn floor(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(float_to_int(vm, this(vm, args)?.floor())?))
}

fn ceil(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(float_to_int(vm, this(vm, args)?.ceil())?))
}

fn round(vm: &mut Vm, args: Args) -> NativeResult {
    let f = this(vm, args)?;
    if args.not_none(vm, 1).is_none() {
        return Ok(vm.ret(float_to_int(vm, f.round_ties_even())?));
    }
    let digits = vm.index_clamped(args.local(1))?;
    let vm = &*vm;
    let rounded = round_to(f, digits)
        .ok_or_else(|| vm.raise(ClassId::OverflowError, "rounded value too large to represent"))?;
    Ok(vm.ret(vm.float(rounded)))
}

/// Rounds to `digits` decimal places, exactly and with ties to even; `None` on overflow.
fn round_to(f: f64, digits: isize) -> Option<f64> {
    if !f.is_finite() || f == 0.0 || digits > 323 {
        return Some(f);
    }
    if digits < -308 {
        return Some(0.0f64.copysign(f));
    }
    if digits >= 0 {
        return format!("{:.*}", digits as usize, f).parse().ok();
    }
    let whole = f.abs().trunc();
    let unit = IBig::from(10).pow(digits.unsigned_abs());
    let (mut q, r) = floor_div_mod(&float_to_big(whole), &unit);
    let twice = &r + &r;
    let beyond = twice > unit || (twice == unit && f.abs() != whole);
    let tie = twice == unit && f.abs() == whole;
    if beyond || (tie && &q & IBig::ONE == IBig::ONE) {
        q += IBig::ONE;
    }
    let rounded = (q * unit).to_f64().value();
    rounded.is_finite().then(|| rounded.copysign(f))
}

fn is_integer(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let f = this(vm, args)?;
    Ok(vm.ret(Value::from_bool(f.is_finite() && f == f.trunc())))
}

fn ratio(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let f = this(vm, args)?;
    if f.is_nan() {
        raise!(vm, ValueError, "cannot convert NaN to integer ratio");
    }
    if f.is_infinite() {
        raise!(vm, OverflowError, "cannot convert Infinity to integer ratio");
    }
    let (numerator, shift) = exact_ratio(f);
    let denominator = vm.int_from_big(&(IBig::ONE << shift));
    Ok(vm.ret(vm.tuple(&[vm.int_from_big(&numerator), denominator]).value()))
}

/// A finite float as an int divided by `2**shift`, in lowest terms.
pub fn exact_ratio(f: f64) -> (IBig, usize) {
    if f == f.trunc() {
        return (float_to_big(f), 0);
    }
    let bits = f.abs().to_bits();
    let (exponent, fraction) = ((bits >> 52) as i64, bits & ((1 << 52) - 1));
    let (m, e) = match exponent {
        0 => (fraction, -1074),
        e => (fraction | 1 << 52, e - 1075),
    };
    let zeros = m.trailing_zeros();
    let m = IBig::from(m >> zeros);
    (if f < 0.0 { -m } else { m }, (-e) as usize - zeros as usize)
}

fn hex(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let text = float_text::to_hex(this(vm, args)?);
    Ok(vm.ret(vm.str(&text).value()))
}

fn fromhex(vm: &mut Vm, args: Args) -> NativeResult {
    let Some(text) = args.get(vm, 1).as_str() else {
        raise!(vm, TypeError, "bad argument type for built-in operation");
    };
    let parsed = float_text::from_hex(&text.r().to_text());
    let f = match parsed {
        Ok(f) => f,
        Err(HexError::Invalid) => {
            raise!(vm, ValueError, "invalid hexadecimal floating-point string")
        }
        Err(HexError::TooLarge) => {
            raise!(vm, OverflowError, "hexadecimal value too large to represent as a float")
        }
    };
    let result = vm.ret(vm.float(f));
    subclass_call(vm, args.local(0), ClassId::Float, result)
}

fn from_number(vm: &mut Vm, args: Args) -> NativeResult {
    let exact = vm.get(args.local(0)).is(vm.class(ClassId::Float).value());
    if exact && vm.is_exact(args.get(vm, 1), ClassId::Float) {
        return Ok(vm.ret(args.get(vm, 1)));
    }
    let f = vm.float_of(args.local(1))?;
    let result = vm.ret(vm.float(f));
    subclass_call(vm, args.local(0), ClassId::Float, result)
}

fn getformat(vm: &mut Vm, args: Args) -> NativeResult {
    let kind = args.str(vm, 1)?;
    if !vm.str_equals(kind, "double") && !vm.str_equals(kind, "float") {
        raise!(vm, ValueError, "__getformat__() argument 1 must be 'double' or 'float'");
    }
    let order = if cfg!(target_endian = "big") { "big" } else { "little" };
    Ok(vm.ret(vm.str(&format!("IEEE, {order}-endian")).value()))
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let class = new_class(vm, args, ClassId::Float)?;
    let given = positional_of(vm, args, (class, vm.class(ClassId::Float)), Special::Init, 0, 1)?;
    let f = match (given == 1).then(|| args.get(vm, 1)) {
        None => 0.0,
        Some(v) if vm.is_exact(v, ClassId::Float) => {
            if args.get(vm, 0).is(vm.class(ClassId::Float).value()) {
                return Ok(vm.ret(v));
            }
            vm.as_f64(v).unwrap_or(0.0)
        }
        Some(_) => float_from(vm, args.local(1))?,
    };
    let vm = &*vm;
    let class = args.class(vm, 0)?;
    if class == vm.class(ClassId::Float) {
        return Ok(vm.ret(vm.float(f)));
    }
    let boxed = vm.alloc(class.shape.get(), Float { header: header(), value: f });
    Ok(vm.ret(boxed.value()))
}

/// `float(v)` of text or a number.
pub fn float_from(vm: &mut Vm, v: Local) -> Result<f64, Raised> {
    let method = vm.special_of(vm.get(v), Special::Float);
    if method.is_none()
        && let Some(s) = vm.get(v).as_str()
    {
        return parse_str(vm, s);
    }
    let value = vm.get(v);
    let number = vm.number_as_f64(value).is_some()
        || vm.special_of(value, Special::Float).is_some()
        || vm.special_of(value, Special::Index).is_some();
    let exact =
        [ClassId::Float, ClassId::Int, ClassId::Bool].iter().any(|&c| vm.is_exact(value, c));
    if number
        && !exact
        && let Some(f) = vm.float_by_method(v)?
    {
        return Ok(f);
    }
    let value = vm.get(v);
    if number {
        return vm.float_of(v);
    }
    if let Some(data) = buffer(vm, value) {
        return float_text::parse(&data).ok_or_else(|| not_a_float(vm, value));
    }
    let given = vm.type_name(value);
    raise!(vm, TypeError, "float() argument must be a string or a real number, not '{given}'")
}

/// The float that a str says, as `float(str)`; ValueError if it says none.
pub fn parse_str(vm: &Vm, s: Gc<'_, Str>) -> Result<f64, Raised> {
    let parsed = if s.is_ascii() {
        float_text::parse(s.r().data())
    } else {
        float_text::parse(&int_text::ascii_number(s.r()))
    };
    parsed.ok_or_else(|| not_a_float(vm, s.value()))
}

#[cold]
fn not_a_float(vm: &Vm, shown: Value<'_>) -> Raised {
    let shown = vm.text_repr(shown);
    vm.value_error(format!("could not convert string to float: {shown}"))
}
