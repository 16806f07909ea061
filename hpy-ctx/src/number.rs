//! Ints, floats, bools and the number protocol.

use crate::abi::HPy;
use crate::context::Cx;
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::object::BigInt;
use sidewinder_interpreter::value::flonum;
use sidewinder_interpreter::vm::Special;
use sidewinder_interpreter::vm::operators::BinaryOp;
use sidewinder_interpreter::{NativeResult, Raised, Value};
use std::ffi::{c_int, c_void};

type Handle = Result<HPy, Raised>;

/// `HPyLong_FromInt32_t`
pub fn long_from_int32(_: &mut Cx<'_>, value: i32) -> Handle {
    Ok(HPy(Value::from_i32(value).word()))
}

/// `HPyLong_FromUInt32_t`
pub fn long_from_uint32(cx: &mut Cx<'_>, value: u32) -> Handle {
    long_from_int64(cx, value as i64)
}

/// `HPyLong_FromInt64_t`
pub fn long_from_int64(cx: &mut Cx<'_>, v: i64) -> Handle {
    match Value::small_int(v) {
        Some(v) => Ok(HPy(v.word())),
        None => {
            cx.safepoint()?;
            Ok(cx.open(cx.vm.int(v)))
        }
    }
}

/// `HPyLong_FromUInt64_t`
pub fn long_from_uint64(cx: &mut Cx<'_>, v: u64) -> Handle {
    match i64::try_from(v) {
        Ok(v) => long_from_int64(cx, v),
        Err(_) => {
            cx.safepoint()?;
            Ok(cx.open(cx.vm.big_from_i128(v as i128)))
        }
    }
}

/// `HPyLong_FromSize_t`
pub fn long_from_size_t(cx: &mut Cx<'_>, value: usize) -> Handle {
    long_from_uint64(cx, value as u64)
}

/// `HPyLong_FromSsize_t`
pub fn long_from_ssize_t(cx: &mut Cx<'_>, value: isize) -> Handle {
    long_from_int64(cx, value as i64)
}

fn too_large(cx: &Cx<'_>, c_type: &str) -> Raised {
    cx.vm.raise(ClassId::OverflowError, format!("Python int too large to convert to C {c_type}"))
}

/// A signed C integer, from an int or what has `__index__`.
fn signed(cx: &mut Cx<'_>, h: HPy, c_type: &str) -> Result<i64, Raised> {
    if let Some(i) = cx.get(h).as_small_int() {
        return Ok(i);
    }
    let v = cx.local(h);
    let ret = cx.vm.index(v)?;
    let v = cx.vm.value(ret);
    cx.vm.as_i64(v).ok_or_else(|| too_large(cx, c_type))
}

/// An unsigned C integer, from an int only.
fn unsigned(cx: &mut Cx<'_>, h: HPy, c_type: &str) -> Result<u64, Raised> {
    let v = cx.get(h);
    if !cx.vm.is_int(v) {
        return Err(cx.vm.type_error("an integer is required"));
    }
    if let Some(i) = cx.vm.as_i64(v) {
        return u64::try_from(i).map_err(|_| negative_to_unsigned(cx));
    }
    match v.cast::<BigInt>() {
        Some(big) if big.is_negative() => Err(negative_to_unsigned(cx)),
        Some(big) if big.limbs().len() == 1 => Ok(big.limbs()[0]),
        _ => Err(too_large(cx, c_type)),
    }
}

#[cold]
fn negative_to_unsigned(cx: &Cx<'_>) -> Raised {
    cx.vm.raise(ClassId::OverflowError, "can't convert negative value to unsigned int")
}

/// The low 64 bits of an int in two's complement.
fn masked(cx: &mut Cx<'_>, h: HPy) -> Result<u64, Raised> {
    let v = cx.local(h);
    let ret = cx.vm.index(v)?;
    let v = cx.vm.value(ret);
    if let Some(i) = cx.vm.as_i64(v) {
        return Ok(i as u64);
    }
    Ok(v.cast::<BigInt>().map_or(0, |big| {
        let low = big.limbs().first().copied().unwrap_or(0);
        if big.is_negative() { low.wrapping_neg() } else { low }
    }))
}

/// `HPyLong_AsInt32_t`
pub fn long_as_int32(cx: &mut Cx<'_>, h: HPy) -> Result<i32, Raised> {
    let i = signed(cx, h, "long")?;
    i32::try_from(i).map_err(|_| too_large(cx, "int32_t"))
}

/// `HPyLong_AsUInt32_t`
pub fn long_as_uint32(cx: &mut Cx<'_>, h: HPy) -> Result<u32, Raised> {
    // HPy on CPython reports whatever went wrong as this.
    let i = unsigned(cx, h, "unsigned long").ok().and_then(|i| u32::try_from(i).ok());
    i.ok_or_else(|| too_large(cx, "uint32_t"))
}

/// `HPyLong_AsUInt32_tMask`
pub fn long_as_uint32_mask(cx: &mut Cx<'_>, h: HPy) -> Result<u32, Raised> {
    Ok(masked(cx, h)? as u32)
}

/// `HPyLong_AsInt64_t`
pub fn long_as_int64(cx: &mut Cx<'_>, h: HPy) -> Result<i64, Raised> {
    signed(cx, h, "long")
}

/// `HPyLong_AsUInt64_t`
pub fn long_as_uint64(cx: &mut Cx<'_>, h: HPy) -> Result<u64, Raised> {
    unsigned(cx, h, "unsigned long")
}

/// `HPyLong_AsUInt64_tMask`
pub fn long_as_uint64_mask(cx: &mut Cx<'_>, h: HPy) -> Result<u64, Raised> {
    masked(cx, h)
}

/// `HPyLong_AsSize_t`
pub fn long_as_size_t(cx: &mut Cx<'_>, h: HPy) -> Result<usize, Raised> {
    Ok(unsigned(cx, h, "size_t")? as usize)
}

/// `HPyLong_AsSsize_t`
pub fn long_as_ssize_t(cx: &mut Cx<'_>, h: HPy) -> Result<isize, Raised> {
    if !cx.vm.is_int(cx.get(h)) {
        return Err(cx.vm.type_error("an integer is required"));
    }
    Ok(signed(cx, h, "ssize_t")? as isize)
}

/// `HPyLong_AsVoidPtr`
pub fn long_as_void_ptr(cx: &mut Cx<'_>, h: HPy) -> Result<*mut c_void, Raised> {
    let v = cx.get(h);
    if !cx.vm.is_int(v) {
        return Err(cx.vm.type_error("an integer is required"));
    }
    let address = match cx.vm.as_i64(v) {
        Some(i) => i as u64,
        None => unsigned(cx, h, "unsigned long")?,
    };
    Ok(std::ptr::with_exposed_provenance_mut(address as usize))
}

/// `HPyLong_AsDouble`
pub fn long_as_double(cx: &mut Cx<'_>, h: HPy) -> Result<f64, Raised> {
    if !cx.vm.is_int(cx.get(h)) {
        return Err(cx.vm.type_error("an integer is required"));
    }
    let v = cx.local(h);
    cx.vm.float_of(v)
}

/// `HPyFloat_FromDouble`
pub fn float_from_double(cx: &mut Cx<'_>, v: f64) -> Handle {
    match flonum::encode(v) {
        Some(word) => Ok(HPy(word)),
        None => {
            cx.safepoint()?;
            Ok(cx.open(cx.vm.float(v)))
        }
    }
}

/// `HPyFloat_AsDouble`
pub fn float_as_double(cx: &mut Cx<'_>, h: HPy) -> Result<f64, Raised> {
    if let Some(f) = cx.vm.as_f64(cx.get(h)) {
        return Ok(f);
    }
    let v = cx.local(h);
    cx.vm.float_of(v)
}

/// `HPyBool_FromBool`
pub fn bool_from_bool(_: &mut Cx<'_>, v: bool) -> Handle {
    Ok(HPy(Value::from_bool(v).word()))
}

/// `HPyNumber_Check`
pub fn number_check(cx: &mut Cx<'_>, h: HPy) -> Result<c_int, Raised> {
    let v = cx.get(h);
    let numeric = [Special::Index, Special::Int, Special::Float]
        .iter()
        .any(|which| cx.vm.special_of(v, *which).is_some());
    Ok((numeric || cx.vm.has_class(v, ClassId::Complex)) as c_int)
}

/// Calls a function of module builtins.
pub fn call_builtin(cx: &mut Cx<'_>, name: &str, args: &[HPy]) -> Handle {
    cx.safepoint()?;
    let f = cx.vm.dict_get_str(cx.vm.builtins(), cx.vm.intern(name));
    let Some(f) = f.map(|f| cx.vm.root(f)) else {
        return Err(cx.vm.raise(ClassId::NotImplementedError, format!("there is no {name}() yet")));
    };
    let args: Vec<_> = args.iter().map(|h| cx.local(*h)).collect();
    let ret = cx.vm.call(f, &args)?;
    Ok(cx.open_ret(ret))
}

fn binary(cx: &mut Cx<'_>, op: BinaryOp, h1: HPy, h2: HPy) -> Handle {
    cx.safepoint()?;
    let (a, b) = (cx.local(h1), cx.local(h2));
    let ret = cx.vm.binary(op, a, b)?;
    Ok(cx.open_ret(ret))
}

fn inplace(cx: &mut Cx<'_>, op: BinaryOp, h1: HPy, h2: HPy) -> Handle {
    cx.safepoint()?;
    let (a, b) = (cx.local(h1), cx.local(h2));
    let ret = cx.vm.inplace(op, a, b)?;
    Ok(cx.open_ret(ret))
}

macro_rules! binaries {
    ($($(#[$doc:meta])* $name:ident $inplace:ident $op:ident;)*) => { $(
        /// The operation on two handles.
        pub fn $name(cx: &mut Cx<'_>, h1: HPy, h2: HPy) -> Handle {
            binary(cx, BinaryOp::$op, h1, h2)
        }
        /// The same in place.
        pub fn $inplace(cx: &mut Cx<'_>, h1: HPy, h2: HPy) -> Handle {
            inplace(cx, BinaryOp::$op, h1, h2)
        }
    )* };
}

binaries! {
    add inplace_add Add;
    subtract inplace_subtract Sub;
    multiply inplace_multiply Mul;
    matrix_multiply inplace_matrix_multiply MatMul;
    floor_divide inplace_floor_divide FloorDiv;
    true_divide inplace_true_divide TrueDiv;
    remainder inplace_remainder Mod;
    lshift inplace_lshift LShift;
    rshift inplace_rshift RShift;
    and_ inplace_and And;
    xor inplace_xor Xor;
    or_ inplace_or Or;
}

/// `HPy_Divmod`
pub fn divmod(cx: &mut Cx<'_>, h1: HPy, h2: HPy) -> Handle {
    call_builtin(cx, "divmod", &[h1, h2])
}

/// `HPy_Power`
pub fn power(cx: &mut Cx<'_>, h1: HPy, h2: HPy, h3: HPy) -> Handle {
    if cx.get(h3).is_none() {
        binary(cx, BinaryOp::Pow, h1, h2)
    } else {
        call_builtin(cx, "pow", &[h1, h2, h3])
    }
}

/// `HPy_InPlacePower`
pub fn inplace_power(cx: &mut Cx<'_>, h1: HPy, h2: HPy, h3: HPy) -> Handle {
    // As on CPython, the modulus is not looked at when there is an in-place method.
    let own = cx.vm.special_of(cx.get(h1), Special::IPow).is_some();
    if own || cx.get(h3).is_none() {
        inplace(cx, BinaryOp::Pow, h1, h2)
    } else {
        call_builtin(cx, "pow", &[h1, h2, h3])
    }
}

fn unary(cx: &mut Cx<'_>, which: Special, h: HPy) -> Handle {
    cx.safepoint()?;
    let v = cx.local(h);
    let ret = cx.vm.unary(which, v)?;
    Ok(cx.open_ret(ret))
}

/// `HPy_Negative`
pub fn negative(cx: &mut Cx<'_>, h1: HPy) -> Handle {
    unary(cx, Special::Neg, h1)
}

/// `HPy_Positive`
pub fn positive(cx: &mut Cx<'_>, h1: HPy) -> Handle {
    unary(cx, Special::Pos, h1)
}

/// `HPy_Invert`
pub fn invert(cx: &mut Cx<'_>, h1: HPy) -> Handle {
    unary(cx, Special::Invert, h1)
}

/// `HPy_Absolute`
pub fn absolute(cx: &mut Cx<'_>, h1: HPy) -> Handle {
    call_builtin(cx, "abs", &[h1])
}

fn opened(cx: &mut Cx<'_>, result: NativeResult) -> Handle {
    let ret = result?;
    Ok(cx.open_ret(ret))
}

/// `HPy_Index`
pub fn index(cx: &mut Cx<'_>, h1: HPy) -> Handle {
    cx.safepoint()?;
    let v = cx.local(h1);
    let result = cx.vm.index(v);
    opened(cx, result)
}

/// `HPy_Long`
pub fn long(cx: &mut Cx<'_>, h1: HPy) -> Handle {
    convert(cx, ClassId::Int, h1)
}

/// `HPy_Float`
pub fn float(cx: &mut Cx<'_>, h1: HPy) -> Handle {
    convert(cx, ClassId::Float, h1)
}

/// Calls a builtin class with one argument.
pub fn convert(cx: &mut Cx<'_>, class: ClassId, h: HPy) -> Handle {
    cx.safepoint()?;
    let (class, v) = (cx.vm.root(cx.vm.class(class).value()), cx.local(h));
    let result = cx.vm.call(class, &[v]);
    opened(cx, result)
}
