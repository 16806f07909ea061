//! `math`: functions of real numbers. Those of integers are in [`integer`], sums in [`sums`].

#![forbid(unsafe_code)]

pub mod integer;
pub mod sums;

use dashu_int::{IBig, Sign};
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::builtins::float_text;
use sidewinder_interpreter::builtins::int::float_to_int;
use sidewinder_interpreter::raise;
use sidewinder_interpreter::value::Value;
use sidewinder_interpreter::vm::numeric::bit_len;
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::vm::{Args, Local, NativeDef, NativeResult, Raised, Special, Vm};
use std::f64::consts;

/// The module.
pub static MATH: ModuleDef = ModuleDef {
    name: "math",
    doc: "Mathematical functions of real numbers.",
    functions: FUNCTIONS,
    types: &[],
    exec: Some(constants),
};

fn constants(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    let constants = [
        ("pi", consts::PI),
        ("e", consts::E),
        ("tau", consts::TAU),
        ("inf", f64::INFINITY),
        ("nan", f64::NAN),
    ];
    for (name, value) in constants {
        vm.module_set(module, name, vm.float(value));
    }
    Ok(())
}

/// Why a function has no result.
enum Bad {
    /// The argument is outside the domain: what was expected, in words before `, got ...`.
    Expected(&'static str),
    /// "math domain error"
    Domain,
    /// "math range error"
    Range,
}

fn raise_bad(vm: &Vm, bad: Bad, x: f64) -> Raised {
    match bad {
        Bad::Expected(what) => vm.value_error(format!("{what}, got {}", float_text::repr(x))),
        Bad::Domain => vm.value_error("math domain error"),
        Bad::Range => vm.raise(ClassId::OverflowError, "math range error"),
    }
}

/// A function of one float.
fn unary(vm: &mut Vm, args: Args, f: fn(f64) -> Result<f64, Bad>) -> NativeResult {
    let x = vm.float_of(args.local(0))?;
    match f(x) {
        Ok(y) => Ok(vm.ret(vm.float(y))),
        Err(bad) => Err(raise_bad(vm, bad, x)),
    }
}

/// A function of two floats.
fn binary(vm: &mut Vm, args: Args, f: fn(f64, f64) -> Result<f64, Bad>) -> NativeResult {
    let x = vm.float_of(args.local(0))?;
    let y = vm.float_of(args.local(1))?;
    match f(x, y) {
        Ok(z) => Ok(vm.ret(vm.float(z))),
        Err(bad) => Err(raise_bad(vm, bad, x)),
    }
}

/// Infinite results of finite arguments are out of range.
fn in_range(x: f64, y: f64) -> Result<f64, Bad> {
    if y.is_infinite() && x.is_finite() { Err(Bad::Range) } else { Ok(y) }
}

fn need(holds: bool, what: &'static str) -> Result<(), Bad> {
    if holds { Ok(()) } else { Err(Bad::Expected(what)) }
}

const UNIT: &str = "expected a number in range from -1 up to 1";
const FINITE: &str = "expected a finite input";
const POLE: &str = "expected a noninteger or positive integer";
const POSITIVE: &str = "expected a positive input";

#[allow(clippy::neg_cmp_op_on_partial_ord)]
mod domain {
    //! Tests of an argument that a nan passes: `!(x > 1.0)` is not `x <= 1.0`.
    pub(super) fn not_above(x: f64, limit: f64) -> bool {
        !(x > limit)
    }
    pub(super) fn not_below(x: f64, limit: f64) -> bool {
        !(x < limit)
    }
    pub(super) fn not_from(x: f64, limit: f64) -> bool {
        !(x >= limit)
    }
    pub(super) fn not_to(x: f64, limit: f64) -> bool {
        !(x <= limit)
    }
}
use domain::{not_above, not_below, not_from, not_to};

macro_rules! unary_functions {
    ($($name:ident $f:expr;)*) => { $(
        fn $name(vm: &mut Vm, args: Args) -> NativeResult {
            unary(vm, args, $f)
        }
    )* };
}

unary_functions! {
    acos |x| need(not_above(x.abs(), 1.0), UNIT).map(|()| x.acos());
    acosh |x| need(not_below(x, 1.0), "expected argument value not less than 1").map(|()| libm::acosh(x));
    asin |x| need(not_above(x.abs(), 1.0), UNIT).map(|()| x.asin());
    asinh |x| Ok(libm::asinh(x));
    atan |x| Ok(x.atan());
    atanh |x| need(not_from(x.abs(), 1.0), "expected a number between -1 and 1")
        .map(|()| libm::atanh(x));
    cbrt |x| Ok(x.cbrt());
    cos |x| need(!x.is_infinite(), FINITE).map(|()| x.cos());
    cosh |x| in_range(x, x.cosh());
    degrees |x| Ok(x * (180.0 / consts::PI));
    erf |x| Ok(libm::erf(x));
    erfc |x| Ok(libm::erfc(x));
    exp |x| in_range(x, x.exp());
    exp2 |x| in_range(x, x.exp2());
    expm1 |x| in_range(x, x.exp_m1());
    fabs |x| Ok(x.abs());
    gamma gamma_of;
    lgamma |x| {
        need(x > 0.0 || x != x.floor() || x.is_infinite(), POLE)?;
        in_range(x, libm::lgamma(x))
    };
    log1p |x| need(not_to(x, -1.0), "expected argument value > -1").map(|()| x.ln_1p());
    radians |x| Ok(x * (consts::PI / 180.0));
    sin |x| need(!x.is_infinite(), FINITE).map(|()| x.sin());
    sinh |x| in_range(x, x.sinh());
    sqrt |x| need(not_below(x, 0.0), "expected a nonnegative input").map(|()| x.sqrt());
    tan |x| need(!x.is_infinite(), FINITE).map(|()| x.tan());
    tanh |x| Ok(x.tanh());
    ulp |x| Ok(ulp_of(x));
}

macro_rules! binary_functions {
    ($($name:ident $f:expr;)*) => { $(
        fn $name(vm: &mut Vm, args: Args) -> NativeResult {
            binary(vm, args, $f)
        }
    )* };
}

binary_functions! {
    atan2 |y, x| Ok(y.atan2(x));
    copysign |x, y| Ok(x.copysign(y));
    fmod |x, y| {
        if (x.is_infinite() && !y.is_nan()) || (y == 0.0 && !x.is_nan()) {
            return Err(Bad::Domain);
        }
        Ok(x % y)
    };
    remainder |x, y| {
        if (x.is_infinite() && !y.is_nan()) || (y == 0.0 && !x.is_nan()) {
            return Err(Bad::Domain);
        }
        Ok(libm::remainder(x, y))
    };
    pow |x, y| {
        let r = x.powf(y);
        if x.is_finite() && y.is_finite() {
            if r.is_nan() || (x == 0.0 && y < 0.0) {
                return Err(Bad::Domain);
            }
            return in_range(x, r);
        }
        Ok(r)
    };
}

fn gamma_of(x: f64) -> Result<f64, Bad> {
    if x.is_nan() || x == f64::INFINITY {
        return Ok(x);
    }
    let whole = x == x.floor();
    need(!(whole && x <= 0.0), POLE)?;
    if whole && x <= 23.0 {
        // Factorials up to here are exact.
        return Ok((1..x as u64).product::<u64>() as f64);
    }
    in_range(x, libm::tgamma(x))
}

fn ulp_of(x: f64) -> f64 {
    let x = x.abs();
    if !x.is_finite() {
        return x;
    }
    let next = f64::from_bits(x.to_bits() + 1);
    if next.is_infinite() { x - f64::from_bits(x.to_bits() - 1) } else { next - x }
}

/// A positive int as `m * 2**e` with `m` from 0.5 up to 1.
fn frexp_big(x: &IBig) -> (f64, f64) {
    let bits = bit_len(x);
    let drop = bits.saturating_sub(64);
    let mut top = x >> drop;
    if drop > 0 && (&top << drop) != *x {
        // A sticky bit keeps the one rounding right.
        top |= IBig::ONE;
    }
    let kept = bits - drop;
    (top.to_f64().value() / 2f64.powi(kept as i32), bits as f64)
}

/// A logarithm of a number of any size.
fn logarithm(vm: &mut Vm, v: Local, f: fn(f64) -> f64) -> Result<f64, Raised> {
    if vm.is_int(vm.get(v)) {
        let Some(x) = vm.as_big(vm.get(v)) else { return Ok(f64::NAN) };
        if x.sign() == Sign::Negative || x == IBig::ZERO {
            return Err(vm.value_error(POSITIVE));
        }
        if let Some(x) = vm.big_to_f64(&x) {
            return Ok(f(x));
        }
        let (m, e) = frexp_big(&x);
        return Ok(f(m) + f(2.0) * e);
    }
    let x = vm.float_of(v)?;
    if x <= 0.0 {
        return Err(raise_bad(vm, Bad::Expected(POSITIVE), x));
    }
    Ok(f(x))
}

fn log(vm: &mut Vm, args: Args) -> NativeResult {
    let top = logarithm(vm, args.local(0), f64::ln)?;
    if args.opt(vm, 1).is_none() {
        return Ok(vm.ret(vm.float(top)));
    }
    let base = logarithm(vm, args.local(1), f64::ln)?;
    if base == 0.0 {
        raise!(vm, ZeroDivisionError, "division by zero");
    }
    Ok(vm.ret(vm.float(top / base)))
}

fn log2(vm: &mut Vm, args: Args) -> NativeResult {
    let y = logarithm(vm, args.local(0), f64::log2)?;
    Ok(vm.ret(vm.float(y)))
}

fn log10(vm: &mut Vm, args: Args) -> NativeResult {
    let y = logarithm(vm, args.local(0), f64::log10)?;
    Ok(vm.ret(vm.float(y)))
}

fn rounded(vm: &mut Vm, args: Args, which: Special, f: fn(f64) -> f64) -> NativeResult {
    let v = args.local(0);
    if !vm.is_exact(vm.get(v), ClassId::Float)
        && let Some(ret) = vm.call_special(v, which, &[])?
    {
        return Ok(ret);
    }
    let x = vm.float_of(v)?;
    Ok(vm.ret(float_to_int(vm, f(x))?))
}

fn floor(vm: &mut Vm, args: Args) -> NativeResult {
    rounded(vm, args, Special::Floor, f64::floor)
}

fn ceil(vm: &mut Vm, args: Args) -> NativeResult {
    rounded(vm, args, Special::Ceil, f64::ceil)
}

fn trunc(vm: &mut Vm, args: Args) -> NativeResult {
    match vm.call_special(args.local(0), Special::Trunc, &[])? {
        Some(ret) => Ok(ret),
        None => {
            let given = vm.type_name(args.get(vm, 0));
            raise!(vm, TypeError, "type {given} doesn't define __trunc__ method")
        }
    }
}

fn frexp(vm: &mut Vm, args: Args) -> NativeResult {
    let x = vm.float_of(args.local(0))?;
    let (m, e) = if x.is_finite() { libm::frexp(x) } else { (x, 0) };
    Ok(vm.ret(vm.tuple(&[vm.float(m), vm.int(e as i64)]).value()))
}

fn ldexp(vm: &mut Vm, args: Args) -> NativeResult {
    let x = vm.float_of(args.local(0))?;
    if !vm.is_int(args.get(vm, 1)) {
        raise!(vm, TypeError, "Expected an int as second argument to ldexp.");
    }
    let e = vm.index_clamped(args.local(1))?;
    if x == 0.0 || !x.is_finite() {
        return Ok(vm.ret(vm.float(x)));
    }
    let y = libm::ldexp(x, e.clamp(-4000, 4000) as i32);
    if y.is_infinite() {
        return Err(raise_bad(vm, Bad::Range, x));
    }
    Ok(vm.ret(vm.float(y)))
}

fn modf(vm: &mut Vm, args: Args) -> NativeResult {
    let x = vm.float_of(args.local(0))?;
    let whole = x.trunc();
    let part = if x.is_infinite() { 0.0f64.copysign(x) } else { (x - whole).copysign(x) };
    let part = if x.is_nan() { x } else { part };
    Ok(vm.ret(vm.tuple(&[vm.float(part), vm.float(whole)]).value()))
}

fn fma(vm: &mut Vm, args: Args) -> NativeResult {
    let x = vm.float_of(args.local(0))?;
    let y = vm.float_of(args.local(1))?;
    let z = vm.float_of(args.local(2))?;
    let r = x.mul_add(y, z);
    if r.is_nan() && !x.is_nan() && !y.is_nan() && !z.is_nan() {
        raise!(vm, ValueError, "invalid operation in fma");
    }
    if r.is_infinite() && x.is_finite() && y.is_finite() && z.is_finite() {
        raise!(vm, OverflowError, "overflow in fma");
    }
    Ok(vm.ret(vm.float(r)))
}

fn answer(vm: &mut Vm, args: Args, f: fn(f64) -> bool) -> NativeResult {
    let x = vm.float_of(args.local(0))?;
    Ok(vm.ret(Value::from_bool(f(x))))
}

fn isnan(vm: &mut Vm, args: Args) -> NativeResult {
    answer(vm, args, f64::is_nan)
}

fn isinf(vm: &mut Vm, args: Args) -> NativeResult {
    answer(vm, args, f64::is_infinite)
}

fn isfinite(vm: &mut Vm, args: Args) -> NativeResult {
    answer(vm, args, f64::is_finite)
}

fn isclose(vm: &mut Vm, args: Args) -> NativeResult {
    let a = vm.float_of(args.local(0))?;
    let b = vm.float_of(args.local(1))?;
    let mut tolerance = |i: usize, default: f64| match args.opt(vm, i) {
        Some(_) => vm.float_of(args.local(i)),
        None => Ok(default),
    };
    let (relative, absolute) = (tolerance(2, 1e-9)?, tolerance(3, 0.0)?);
    if relative < 0.0 || absolute < 0.0 {
        raise!(vm, ValueError, "tolerances must be non-negative");
    }
    let difference = (a - b).abs();
    let close = a == b
        || (a.is_finite()
            && b.is_finite()
            && (difference <= relative * b.abs()
                || difference <= relative * a.abs()
                || difference <= absolute));
    Ok(vm.ret(Value::from_bool(close)))
}

fn nextafter(vm: &mut Vm, args: Args) -> NativeResult {
    let x = vm.float_of(args.local(0))?;
    let y = vm.float_of(args.local(1))?;
    let steps = match args.not_none(vm, 2) {
        None => 1,
        Some(_) => {
            let ret = vm.index(args.local(2))?;
            let steps = vm.value(ret);
            match vm.as_big(steps) {
                Some(n) if n < IBig::ZERO => {
                    raise!(vm, ValueError, "steps must be a non-negative integer")
                }
                Some(n) => u64::try_from(&n).unwrap_or(u64::MAX),
                None => 1,
            }
        }
    };
    Ok(vm.ret(vm.float(next_after(x, y, steps))))
}

/// Floats in their order are the integers in theirs, negative ones mirrored.
fn next_after(x: f64, y: f64, steps: u64) -> f64 {
    if steps == 0 {
        return x;
    }
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    if x == y {
        return y;
    }
    let rank = |f: f64| {
        let magnitude = (f.to_bits() & !(1 << 63)) as i128;
        if f.is_sign_negative() { -magnitude } else { magnitude }
    };
    let (from, to) = (rank(x), rank(y));
    let at =
        if from < to { (from + steps as i128).min(to) } else { (from - steps as i128).max(to) };
    if at == to {
        return y;
    }
    let f = f64::from_bits(at.unsigned_abs() as u64);
    if at < 0 || (at == 0 && x < 0.0) { -f } else { f }
}

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("acos(x, /)", acos, "Arc cosine, in radians."),
    NativeDef::function("acosh(x, /)", acosh, "Inverse hyperbolic cosine."),
    NativeDef::function("asin(x, /)", asin, "Arc sine, in radians."),
    NativeDef::function("asinh(x, /)", asinh, "Inverse hyperbolic sine."),
    NativeDef::function("atan(x, /)", atan, "Arc tangent, in radians."),
    NativeDef::function("atan2(y, x, /)", atan2, "Arc tangent of y/x, with the right quadrant."),
    NativeDef::function("atanh(x, /)", atanh, "Inverse hyperbolic tangent."),
    NativeDef::function("cbrt(x, /)", cbrt, "Cube root."),
    NativeDef::function("ceil(x, /)", ceil, "The least integer not below x."),
    NativeDef::function("comb(n, k, /)", integer::comb, "Ways to choose k of n items."),
    NativeDef::function("copysign(x, y, /)", copysign, "x with the sign of y."),
    NativeDef::function("cos(x, /)", cos, "Cosine of x radians."),
    NativeDef::function("cosh(x, /)", cosh, "Hyperbolic cosine."),
    NativeDef::function("degrees(x, /)", degrees, "Radians to degrees."),
    NativeDef::function("dist(p, q, /)", sums::dist, "Euclidean distance of two points."),
    NativeDef::function("erf(x, /)", erf, "Error function."),
    NativeDef::function("erfc(x, /)", erfc, "Complementary error function."),
    NativeDef::function("exp(x, /)", exp, "e to the power of x."),
    NativeDef::function("exp2(x, /)", exp2, "2 to the power of x."),
    NativeDef::function("expm1(x, /)", expm1, "exp(x)-1, precise for small x."),
    NativeDef::function("fabs(x, /)", fabs, "Absolute value, as a float."),
    NativeDef::function("factorial(n, /)", integer::factorial, "n!"),
    NativeDef::function("floor(x, /)", floor, "The greatest integer not above x."),
    NativeDef::function("fma(x, y, z, /)", fma, "x*y + z, rounded once."),
    NativeDef::function("fmod(x, y, /)", fmod, "Remainder of x/y, with the sign of x."),
    NativeDef::function("frexp(x, /)", frexp, "Mantissa and exponent of x."),
    NativeDef::function("fsum(seq, /)", sums::fsum, "A sum of floats, rounded once."),
    NativeDef::function("gamma(x, /)", gamma, "Gamma function."),
    NativeDef::function("gcd(*integers)", integer::gcd, "Greatest common divisor."),
    NativeDef::function("hypot(*coordinates)", sums::hypot, "Euclidean distance from the origin."),
    NativeDef::function("isclose(a, b, *, rel_tol=1e-09, abs_tol=0.0)", isclose, "Nearly equal?"),
    NativeDef::function("isfinite(x, /)", isfinite, "Neither infinite nor nan?"),
    NativeDef::function("isinf(x, /)", isinf, "Infinite?"),
    NativeDef::function("isnan(x, /)", isnan, "Not a number?"),
    NativeDef::function("isqrt(n, /)", integer::isqrt, "Integer part of the square root."),
    NativeDef::function("lcm(*integers)", integer::lcm, "Least common multiple."),
    NativeDef::function("ldexp(x, i, /)", ldexp, "x * 2**i"),
    NativeDef::function("lgamma(x, /)", lgamma, "Natural logarithm of |gamma(x)|."),
    NativeDef::function("log(x, base=math.e, /)", log, "Logarithm to a base."),
    NativeDef::function("log10(x, /)", log10, "Logarithm to base 10."),
    NativeDef::function("log1p(x, /)", log1p, "log(1+x), precise for small x."),
    NativeDef::function("log2(x, /)", log2, "Logarithm to base 2."),
    NativeDef::function("modf(x, /)", modf, "Fraction and whole part of x."),
    NativeDef::function("nextafter(x, y, /, *, steps=None)", nextafter, "Float after x towards y."),
    NativeDef::function("perm(n, k=None, /)", integer::perm, "Ways to arrange k of n items."),
    NativeDef::function("pow(x, y, /)", pow, "x to the power of y, as a float."),
    NativeDef::function("prod(iterable, /, *, start=1)", sums::prod, "Product of the items."),
    NativeDef::function("radians(x, /)", radians, "Degrees to radians."),
    NativeDef::function("remainder(x, y, /)", remainder, "IEEE 754 remainder of x/y."),
    NativeDef::function("sin(x, /)", sin, "Sine of x radians."),
    NativeDef::function("sinh(x, /)", sinh, "Hyperbolic sine."),
    NativeDef::function("sqrt(x, /)", sqrt, "Square root."),
    NativeDef::function("sumprod(p, q, /)", sums::sumprod, "Sum of the products of pairs."),
    NativeDef::function("tan(x, /)", tan, "Tangent of x radians."),
    NativeDef::function("tanh(x, /)", tanh, "Hyperbolic tangent."),
    NativeDef::function("trunc(x, /)", trunc, "The integer part of x."),
    NativeDef::function("ulp(x, /)", ulp, "Value of the last bit of x."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours() {
        assert_eq!(next_after(1.0, 2.0, 1), 1.0 + f64::EPSILON);
        assert_eq!(next_after(0.0, -1.0, 1), -5e-324);
        assert_eq!(next_after(-1.0, 2.0, u64::MAX), 2.0);
        assert_eq!(ulp_of(1.0), f64::EPSILON);
        assert_eq!(ulp_of(0.0), 5e-324);
    }

    #[test]
    fn big_logarithms() {
        let (m, e) = frexp_big(&IBig::from(10).pow(400));
        assert_eq!(m.log10() + 2f64.log10() * e, 400.0);
    }
}
