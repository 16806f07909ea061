//! `int` and `bool`.

use super::bytes_methods::bytes_of;
use super::convert::subclass_call;
use super::support::new_class;
use super::{ClassId, GetSetDef, TypeDef, int_text};
use crate::object::{Class, ClassFlags, Gc, Kind};
use crate::raise;
use crate::value::Value;
use crate::vm::apart::{long_ints, takes_long};
use crate::vm::numeric::{bit_len, float_to_big, floor_div_mod};
use crate::vm::operators::BinaryOp;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Ret, Special, Vm};
use dashu_int::fast_div::ConstDivisor;
use dashu_int::ops::{Abs, UnsignedAbs};
use dashu_int::{IBig, Sign, UBig};

/// `int`
pub static TYPE: TypeDef = TypeDef {
    doc: "int([x]) -> integer\nint(x, base=10) -> integer\n\nA number or a string as a whole number; \
          a string is read in the given base (0: by its prefix).",
    flags: ClassFlags::BASE,
    methods: METHODS,
    getset: &[
        GetSetDef::new("real", itself, "The real part of a complex number."),
        GetSetDef::new("imag", zero, "The imaginary part of a complex number."),
        GetSetDef::new("numerator", itself, "The numerator of a rational number."),
        GetSetDef::new("denominator", one, "The denominator of a rational number."),
    ],
    ..TypeDef::new("int", Kind::BigInt)
};

/// `bool`
pub static BOOL: TypeDef = TypeDef {
    base: ClassId::Int,
    doc: "The truth value of an object: True or False.",
    methods: BOOL_METHODS,
    ..TypeDef::new("bool", Kind::BigInt)
};

static METHODS: &[NativeDef] = &[
    NativeDef::static_method("__new__($type, x=0, /, base=10)", new, "Make an int."),
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
    NativeDef::method("__and__($self, value, /)", and, "Return self&value."),
    NativeDef::method("__rand__($self, value, /)", rand, "Return value&self."),
    NativeDef::method("__or__($self, value, /)", or, "Return self|value."),
    NativeDef::method("__ror__($self, value, /)", ror, "Return value|self."),
    NativeDef::method("__xor__($self, value, /)", xor, "Return self^value."),
    NativeDef::method("__rxor__($self, value, /)", rxor, "Return value^self."),
    NativeDef::method("__lshift__($self, value, /)", lshift, "Return self<<value."),
    NativeDef::method("__rlshift__($self, value, /)", rlshift, "Return value<<self."),
    NativeDef::method("__rshift__($self, value, /)", rshift, "Return self>>value."),
    NativeDef::method("__rrshift__($self, value, /)", rrshift, "Return value>>self."),
    NativeDef::method("__divmod__($self, value, /)", divmod, "Return divmod(self, value)."),
    NativeDef::method("__rdivmod__($self, value, /)", rdivmod, "Return divmod(value, self)."),
    NativeDef::method("__pow__($self, value, mod=None, /)", pow, "Return pow(self, value, mod)."),
    NativeDef::method("__rpow__($self, value, mod=None, /)", rpow, "Return pow(value, self, mod)."),
    NativeDef::method("__neg__($self, /)", neg, "-self"),
    NativeDef::method("__pos__($self, /)", itself, "+self"),
    NativeDef::method("__abs__($self, /)", abs, "abs(self)"),
    NativeDef::method("__invert__($self, /)", invert, "~self"),
    NativeDef::method("__int__($self, /)", itself, "int(self)"),
    NativeDef::method("__index__($self, /)", itself, "The int itself."),
    NativeDef::method("__trunc__($self, /)", itself, "The int itself."),
    NativeDef::method("__floor__($self, /)", itself, "The int itself."),
    NativeDef::method("__ceil__($self, /)", itself, "The int itself."),
    NativeDef::method("__float__($self, /)", float, "float(self)"),
    NativeDef::method("__round__($self, ndigits=None, /)", round, "Round to a power of ten."),
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
    NativeDef::method("__sizeof__($self, /)", sizeof, "Size in memory, in bytes."),
    NativeDef::method("conjugate($self, /)", itself, "The complex conjugate: the int itself."),
    NativeDef::method("bit_length($self, /)", bit_length, "Number of bits of the magnitude."),
    NativeDef::method("bit_count($self, /)", bit_count, "Number of ones in the magnitude."),
    NativeDef::method("is_integer($self, /)", is_integer, "True."),
    NativeDef::method("as_integer_ratio($self, /)", ratio, "A pair: the int and 1."),
    NativeDef::method(
        "to_bytes($self, /, length=1, byteorder='big', *, signed=False)",
        to_bytes,
        "The int as bytes.",
    ),
    NativeDef::class_method(
        "from_bytes($type, /, bytes, byteorder='big', *, signed=False)",
        from_bytes,
        "The int that bytes hold.",
    ),
];

static BOOL_METHODS: &[NativeDef] = &[
    NativeDef::static_method("__new__($type, object=False, /)", bool_new, "Make a bool."),
    NativeDef::method("__repr__($self, /)", bool_repr, "Return repr(self)."),
    NativeDef::method("__and__($self, value, /)", bool_and, "Return self&value."),
    NativeDef::method("__rand__($self, value, /)", bool_and, "Return value&self."),
    NativeDef::method("__or__($self, value, /)", bool_or, "Return self|value."),
    NativeDef::method("__ror__($self, value, /)", bool_or, "Return value|self."),
    NativeDef::method("__xor__($self, value, /)", bool_xor, "Return self^value."),
    NativeDef::method("__rxor__($self, value, /)", bool_xor, "Return value^self."),
    NativeDef::method("__invert__($self, /)", invert, "~self"),
];

/// The receiver, which must be an int.
fn this(vm: &Vm, args: Args) -> Result<Value<'_>, Raised> {
    let v = args.get(vm, 0);
    if vm.is_int(v) { Ok(v) } else { Err(args.wrong_receiver(vm)) }
}

fn this_big(vm: &Vm, args: Args) -> Result<IBig, Raised> {
    vm.as_big(args.get(vm, 0)).ok_or_else(|| args.wrong_receiver(vm))
}

fn operator(vm: &mut Vm, args: Args, op: BinaryOp, swapped: bool) -> NativeResult {
    this(vm, args)?;
    let (a, b) = if swapped { (1, 0) } else { (0, 1) };
    if let Some(result) = vm.int_binary(op, args.get(vm, a), args.get(vm, b)) {
        return Ok(vm.ret(result?));
    }
    match vm.long_binary(op, args.local(a), args.local(b)) {
        Some(result) => Ok(vm.ret(vm.int_from_big(&result?))),
        None => Ok(vm.ret(Value::NOT_IMPLEMENTED)),
    }
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
    and rand And;
    or ror Or;
    xor rxor Xor;
    lshift rlshift LShift;
    rshift rrshift RShift;
}

macro_rules! comparisons {
    ($($name:ident $test:ident;)*) => { $(
        fn $name(vm: &mut Vm, args: Args) -> NativeResult {
            let vm = &*vm;
            let (a, b) = (this(vm, args)?, args.get(vm, 1));
            if !vm.is_int(b) {
                return Ok(vm.ret(Value::NOT_IMPLEMENTED));
            }
            let answer = vm.number_cmp(a, b).is_some_and(|order| order.$test());
            Ok(vm.ret(Value::from_bool(answer)))
        }
    )* };
}
comparisons! { lt is_lt; le is_le; eq is_eq; ne is_ne; gt is_gt; ge is_ge; }

/// An int as an instance of int itself (instances of subclasses and bools are converted).
fn itself(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let v = this(vm, args)?;
    Ok(vm.ret(plain_int(vm, v)))
}

/// The same number as an instance of int itself.
pub fn plain_int<'gc>(vm: &'gc Vm, v: Value<'gc>) -> Value<'gc> {
    if int_text::is_exact_int(vm, v) {
        return v;
    }
    match vm.as_i64(v) {
        Some(i) => vm.int(i),
        None => vm.as_big(v).map_or(v, |big| vm.int_from_big(&big)),
    }
}

fn zero(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(Value::from_i32(0)))
}

fn one(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(Value::from_i32(1)))
}

fn is_integer(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    Ok(vm.ret(Value::TRUE))
}

fn ratio(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let v = plain_int(vm, this(vm, args)?);
    Ok(vm.ret(vm.tuple(&[v, Value::from_i32(1)]).value()))
}

fn getnewargs(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let v = plain_int(vm, this(vm, args)?);
    Ok(vm.ret(vm.tuple(&[v]).value()))
}

fn sizeof(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let limbs = this_big(vm, args)?.as_sign_words().1.len();
    Ok(vm.ret(vm.int_usize(16 + 8 * limbs)))
}

fn neg(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let big = this_big(vm, args)?;
    Ok(vm.ret(vm.int_from_big(&-big)))
}

fn abs(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let big = this_big(vm, args)?;
    Ok(vm.ret(vm.int_from_big(&big.abs())))
}

fn invert(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let big = this_big(vm, args)?;
    Ok(vm.ret(vm.int_from_big(&(-big - IBig::ONE))))
}

fn truth(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let truth = vm.as_i64(this(vm, args)?) != Some(0);
    Ok(vm.ret(Value::from_bool(truth)))
}

fn float(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let v = this(vm, args)?;
    match vm.number_as_f64(v) {
        Some(f) => Ok(vm.ret(vm.float(f?))),
        None => Err(args.wrong_receiver(vm)),
    }
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    vm.int_to_str(args.local(0))
}

fn hash(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let v = plain_int(vm, this(vm, args)?);
    Ok(vm.ret(vm.int(vm.hash_leaf(v).unwrap_or(0) as i64)))
}

fn format(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    if args.str(vm, 1)?.is_empty() {
        return vm.str_of(args.local(0));
    }
    super::format_spec::format_int(vm, args.local(0), args.local(1))
}

fn bit_length(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let big = this_big(vm, args)?;
    Ok(vm.ret(vm.int_usize(bit_len(&big))))
}

fn bit_count(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let ones = this_big(vm, args)?.as_sign_words().1.iter().map(|w| w.count_ones() as usize).sum();
    Ok(vm.ret(vm.int_usize(ones)))
}

/// Quotient rounded down and remainder of two ints, as a pair.
pub fn int_divmod(vm: &mut Vm, a: Local, b: Local) -> Result<Option<Ret>, Raised> {
    let (v, w) = (vm.get(a), vm.get(b));
    if v.as_small_int().is_some() && w.as_small_int().is_some() {
        let (q, r) = (vm.int_binary(BinaryOp::FloorDiv, v, w), vm.int_binary(BinaryOp::Mod, v, w));
        let (Some(q), Some(r)) = (q, r) else { return Ok(None) };
        return Ok(Some(vm.ret(vm.tuple(&[q?, r?]).value())));
    }
    let (Some(x), Some(y)) = (vm.as_big(v), vm.as_big(w)) else { return Ok(None) };
    if y == IBig::ZERO {
        return Err(vm.raise(ClassId::ZeroDivisionError, "division by zero"));
    }
    let (q, r) = vm.apart(long_ints(&x, &y), move || floor_div_mod(&x, &y))?;
    Ok(Some(vm.ret(vm.tuple(&[vm.int_from_big(&q), vm.int_from_big(&r)]).value())))
}

fn divmod_either(vm: &mut Vm, args: Args, swapped: bool) -> NativeResult {
    this(vm, args)?;
    let (a, b) = if swapped { (1, 0) } else { (0, 1) };
    let pair = int_divmod(vm, args.local(a), args.local(b))?;
    Ok(pair.unwrap_or_else(|| vm.ret(Value::NOT_IMPLEMENTED)))
}

fn divmod(vm: &mut Vm, args: Args) -> NativeResult {
    divmod_either(vm, args, false)
}

fn rdivmod(vm: &mut Vm, args: Args) -> NativeResult {
    divmod_either(vm, args, true)
}

fn pow_either(vm: &mut Vm, args: Args, swapped: bool) -> NativeResult {
    if args.not_none(vm, 2).is_none() {
        return operator(vm, args, BinaryOp::Pow, swapped);
    }
    this(vm, args)?;
    let (a, b) = if swapped { (1, 0) } else { (0, 1) };
    let result = int_pow_mod(vm, args.local(a), args.local(b), args.local(2))?;
    Ok(result.unwrap_or_else(|| vm.ret(Value::NOT_IMPLEMENTED)))
}

fn pow(vm: &mut Vm, args: Args) -> NativeResult {
    pow_either(vm, args, false)
}

fn rpow(vm: &mut Vm, args: Args) -> NativeResult {
    pow_either(vm, args, true)
}

/// `pow(a, b, m)` of ints; `None` if they are not.
pub fn int_pow_mod(vm: &mut Vm, a: Local, b: Local, m: Local) -> Result<Option<Ret>, Raised> {
    let (x, y, m) = (vm.as_big(vm.get(a)), vm.as_big(vm.get(b)), vm.as_big(vm.get(m)));
    let (Some(x), Some(y), Some(m)) = (x, y, m) else { return Ok(None) };
    if m == IBig::ZERO {
        return Err(vm.value_error("pow() 3rd argument cannot be 0"));
    }
    // One multiplication of numbers as long as the modulus for each bit of the exponent.
    let bits = bit_len(&m);
    let steps = bit_len(&y).saturating_add(bit_len(&x) / bits).saturating_mul(bits);
    match vm.apart(takes_long(steps, bits), move || pow_mod(&x, y, m))? {
        Some(result) => Ok(Some(vm.ret(vm.int_from_big(&result)))),
        None => Err(vm.value_error("base is not invertible for the given modulus")),
    }
}

/// `pow(x, y, m)`, where m is not 0; `None` if it does not exist.
fn pow_mod(x: &IBig, y: IBig, m: IBig) -> Option<IBig> {
    let (sign, modulus) = m.clone().into_parts();
    if modulus == UBig::ONE {
        return Some(IBig::ZERO);
    }
    let ring = ConstDivisor::new(modulus);
    let (exponent_sign, exponent) = y.into_parts();
    let mut base = ring.reduce(floor_div_mod(x, &m.clone().abs()).1);
    if exponent_sign == Sign::Negative {
        base = base.inv()?;
    }
    let result = IBig::from(base.pow(&exponent).residue());
    Some(if sign == Sign::Negative && result != IBig::ZERO { result + m } else { result })
}

fn round(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    if args.not_none(vm, 1).is_none() {
        return itself(vm, args);
    }
    let digits = vm.index_clamped(args.local(1))?;
    if digits >= 0 {
        let v = plain_int(vm, args.get(vm, 0));
        return Ok(vm.ret(v));
    }
    let x = this_big(vm, args)?;
    let places = digits.unsigned_abs();
    if places > bit_len(&x) {
        return Ok(vm.ret(Value::from_i32(0)));
    }
    let long = takes_long(bit_len(&x), bit_len(&x));
    let rounded = vm.apart(long, move || {
        let unit = IBig::from(10).pow(places);
        let (q, r) = floor_div_mod(&x, &unit);
        let twice = &r + &r;
        let odd = &q & IBig::ONE == IBig::ONE;
        let up = twice > unit || (twice == unit && odd);
        (if up { q + IBig::ONE } else { q }) * unit
    })?;
    Ok(vm.ret(vm.int_from_big(&rounded)))
}

/// `byteorder` as "is it big endian".
fn is_big_endian(vm: &Vm, args: Args, i: usize) -> Result<bool, Raised> {
    let Some(order) = args.opt(vm, i) else { return Ok(true) };
    let Some(order) = order.as_str() else {
        return Err(args.wrong_type(vm, i, "str"));
    };
    if vm.str_equals(order, "big") {
        Ok(true)
    } else if vm.str_equals(order, "little") {
        Ok(false)
    } else {
        Err(vm.value_error("byteorder must be either 'little' or 'big'"))
    }
}

fn to_bytes(vm: &mut Vm, args: Args) -> NativeResult {
    let length = match args.opt(vm, 1) {
        Some(_) => vm.index_i64(args.local(1))?,
        None => 1,
    };
    let signed = match args.opt(vm, 3) {
        Some(_) => vm.truth(args.local(3))?,
        None => false,
    };
    let vm = &*vm;
    let big_endian = is_big_endian(vm, args, 2)?;
    let x = this_big(vm, args)?;
    let Ok(length) = usize::try_from(length) else {
        raise!(vm, ValueError, "length argument must be non-negative");
    };
    vm.check_size(length)?;
    let negative = x < IBig::ZERO;
    if negative && !signed {
        raise!(vm, OverflowError, "can't convert negative int to unsigned");
    }
    // A negative number's complement has the bits that must fit beside the sign.
    let magnitude: UBig =
        if negative { (-&x - IBig::ONE).unsigned_abs() } else { x.unsigned_abs() };
    let bits = bit_len(&IBig::from(magnitude.clone())) + signed as usize;
    if bits > length.saturating_mul(8) {
        raise!(vm, OverflowError, "int too big to convert");
    }
    let mut data = magnitude.to_le_bytes().to_vec();
    data.resize(length, 0);
    if negative {
        data.iter_mut().for_each(|b| *b = !*b);
    }
    if big_endian {
        data.reverse();
    }
    Ok(vm.ret(vm.bytes(&data).value()))
}

fn from_bytes(vm: &mut Vm, args: Args) -> NativeResult {
    let signed = match args.opt(vm, 3) {
        Some(_) => vm.truth(args.local(3))?,
        None => false,
    };
    let big_endian = is_big_endian(vm, args, 2)?;
    let mut data = bytes_of(vm, args.local(1))?;
    if big_endian {
        data.reverse();
    }
    let negative = signed && data.last().is_some_and(|b| b & 0x80 != 0);
    let value = if negative {
        data.iter_mut().for_each(|b| *b = !*b);
        -(IBig::from(UBig::from_le_bytes(&data)) + IBig::ONE)
    } else {
        IBig::from(UBig::from_le_bytes(&data))
    };
    let result = vm.ret(vm.int_from_big(&value));
    subclass_call(vm, args.local(0), ClassId::Int, result)
}

/// An instance of the class (int or a subclass) with the value of an int.
pub fn int_of_class<'gc>(vm: &'gc Vm, class: Gc<'gc, Class>, v: Value<'gc>) -> Value<'gc> {
    if class == vm.class(ClassId::Int) {
        return plain_int(vm, v);
    }
    match vm.as_big(v) {
        Some(big) => vm.big_of_shape(class.shape.get(), &big),
        None => v,
    }
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    new_class(vm, args, ClassId::Int)?;
    let ret = match (args.opt(vm, 1).is_some(), args.opt(vm, 2).is_some()) {
        (false, true) => raise!(vm, TypeError, "int() missing string argument"),
        (false, false) => vm.ret(Value::from_i32(0)),
        (true, false) => int_of(vm, args.local(1))?,
        (true, true) => int_in_base(vm, args)?,
    };
    let v = vm.value(ret);
    let class = args.class(vm, 0)?;
    if class == vm.class(ClassId::Bool) {
        raise!(vm, TypeError, "int.__new__(bool) is not safe, use bool.__new__()");
    }
    Ok(vm.ret(int_of_class(vm, class, v)))
}

fn int_in_base(vm: &mut Vm, args: Args) -> NativeResult {
    let base = vm.index_clamped(args.local(2))?;
    if base != 0 && !(2..=36).contains(&base) {
        raise!(vm, ValueError, "int() base must be >= 2 and <= 36, or 0");
    }
    let text = args.get(vm, 1);
    let is_text = vm.has_class(text, ClassId::Str)
        || vm.has_class(text, ClassId::Bytes)
        || vm.has_class(text, ClassId::ByteArray);
    if is_text && let Some(ret) = vm.int_from_text(args.local(1), base as u32)? {
        return Ok(ret);
    }
    raise!(vm, TypeError, "int() can't convert non-string with explicit base")
}

/// `int(v)`: an int, maybe an instance of a subclass.
pub fn int_of(vm: &mut Vm, v: Local) -> NativeResult {
    if vm.is_exact(vm.get(v), ClassId::Int) || vm.get(v).is_bool() {
        return Ok(vm.ret(vm.get(v)));
    }
    if vm.is_exact(vm.get(v), ClassId::Float) {
        let f = vm.as_f64(vm.get(v)).unwrap_or(0.0);
        return Ok(vm.ret(float_to_int(vm, f)?));
    }
    if vm.is_exact(vm.get(v), ClassId::Str)
        && let Some(ret) = vm.int_from_text(v, 10)?
    {
        return Ok(ret);
    }
    if let Some(ret) = vm.call_special(v, Special::Int, &[])? {
        let result = vm.value(ret);
        if !vm.is_int(result) {
            let given = vm.type_name(result);
            raise!(vm, TypeError, "__int__ returned non-int (type {given})");
        }
        if result.is(vm.get(v)) {
            // What int's own `__int__` gives for an instance of a subclass.
            return Ok(vm.ret(result));
        }
        return vm.warn_strict_int("__int__");
    }
    if vm.special_of(vm.get(v), Special::Index).is_some() {
        return vm.index(v);
    }
    if let Some(ret) = vm.int_from_text(v, 10)? {
        return Ok(ret);
    }
    let given = vm.type_name(vm.get(v));
    raise!(
        vm,
        TypeError,
        "int() argument must be a string, a bytes-like object or a real number, not '{given}'"
    )
}

/// A float cut to an int.
pub fn float_to_int(vm: &Vm, f: f64) -> Result<Value<'_>, Raised> {
    if f.is_nan() {
        raise!(vm, ValueError, "cannot convert float NaN to integer");
    }
    if f.is_infinite() {
        raise!(vm, OverflowError, "cannot convert float infinity to integer");
    }
    if f.abs() < 9.0e18 {
        return Ok(vm.int(f as i64));
    }
    Ok(vm.int_from_big(&float_to_big(f.trunc())))
}

fn bool_new(vm: &mut Vm, args: Args) -> NativeResult {
    new_class(vm, args, ClassId::Bool)?;
    let truth = match args.opt(vm, 1) {
        Some(_) => vm.truth(args.local(1))?,
        None => false,
    };
    Ok(vm.ret(Value::from_bool(truth)))
}

fn bool_repr(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let text = match args.get(vm, 0) {
        v if v.is(Value::TRUE) => "True",
        v if v.is(Value::FALSE) => "False",
        _ => return Err(args.wrong_receiver(vm)),
    };
    Ok(vm.ret(vm.intern(text).value()))
}

fn bool_op(vm: &mut Vm, args: Args, op: BinaryOp) -> NativeResult {
    let (a, b) = (args.get(vm, 0), args.get(vm, 1));
    if !a.is_bool() {
        return Err(args.wrong_receiver(vm));
    }
    if !b.is_bool() {
        return operator(vm, args, op, false);
    }
    let (x, y) = (a.is(Value::TRUE), b.is(Value::TRUE));
    let bit = match op {
        BinaryOp::And => x & y,
        BinaryOp::Or => x | y,
        _ => x ^ y,
    };
    Ok(vm.ret(Value::from_bool(bit)))
}

fn bool_and(vm: &mut Vm, args: Args) -> NativeResult {
    bool_op(vm, args, BinaryOp::And)
}

fn bool_or(vm: &mut Vm, args: Args) -> NativeResult {
    bool_op(vm, args, BinaryOp::Or)
}

fn bool_xor(vm: &mut Vm, args: Args) -> NativeResult {
    bool_op(vm, args, BinaryOp::Xor)
}
