//! Arithmetic of numbers: ints of any size, floats, bools.

use super::native::Raised;
use super::operators::BinaryOp;
use super::{Special, Vm};
use crate::builtins::ClassId;
use crate::object::*;
use crate::value::{Value, flonum, word};
use dashu_int::{IBig, Sign, UBig};
use std::cmp::Ordering;

use BinaryOp::*;

/// Bits an int may have at most; more is a MemoryError, as the system would say in the end.
pub(super) const MAX_BITS: usize = 1 << 36;

impl Vm {
    /// The number as an `i64`, if it is an int (or bool) that fits.
    #[inline]
    pub fn as_i64(&self, v: Value<'_>) -> Option<i64> {
        match v.word() {
            w if word::is_int(w) => Some(word::int(w)),
            word::TRUE => Some(1),
            word::FALSE => Some(0),
            _ => i64::try_from(self.as_big(v)?).ok(),
        }
    }

    /// The number as an `f64`, if it is a float (or an instance of a subclass).
    #[inline]
    pub fn as_f64(&self, v: Value<'_>) -> Option<f64> {
        if word::is_flonum(v.word()) {
            return Some(flonum::decode(v.word()));
        }
        v.cast::<Float>().map(|f| f.value)
    }

    /// The number as a big integer, if it is an int (or bool, or an instance of a subclass).
    pub fn as_big(&self, v: Value<'_>) -> Option<IBig> {
        match v.word() {
            w if word::is_int(w) => Some(IBig::from(word::int(w))),
            word::TRUE => Some(IBig::ONE),
            word::FALSE => Some(IBig::ZERO),
            _ => {
                let big = v.cast::<BigInt>()?;
                let sign = if big.is_negative() { Sign::Negative } else { Sign::Positive };
                Some(IBig::from_parts(sign, UBig::from_words(big.limbs())))
            }
        }
    }

    /// Whether the value is an int, a bool or an instance of a subclass of int.
    #[inline]
    pub fn is_int(&self, v: Value<'_>) -> bool {
        word::is_int(v.word()) || v.is_bool() || v.kind() == Some(Kind::BigInt)
    }

    /// An int from a big integer.
    pub fn int_from_big(&self, big: &IBig) -> Value<'_> {
        if let Ok(i) = i64::try_from(big)
            && let Some(v) = Value::small_int(i)
        {
            return v;
        }
        self.big_of_shape(ClassId::Int as u32, big)
    }

    /// A heap int, even of a small number, of the class that has this instance shape.
    pub fn big_of_shape(&self, shape: u32, big: &IBig) -> Value<'_> {
        let (sign, limbs) = big.as_sign_words();
        let size = BigInt::size(limbs.len());
        let ptr = self.alloc_with_attrs(Kind::BigInt, shape, size).cast::<BigInt>();
        let len = limbs.len() as isize;
        // SAFETY: fresh memory with room for the limbs.
        unsafe {
            (&raw mut (*ptr.as_ptr()).signed_len).write(if sign == Sign::Negative {
                -len
            } else {
                len
            });
            let to = ptr.as_ptr().add(1).cast::<u64>();
            std::ptr::copy_nonoverlapping(limbs.as_ptr(), to, limbs.len());
            Gc::from_raw(ptr).value()
        }
    }

    /// As [`Vm::big_of_shape`], from a machine int.
    pub fn int_of_shape(&self, shape: u32, i: i64) -> Value<'_> {
        self.big_of_shape(shape, &IBig::from(i))
    }

    /// An int from a wide number.
    pub fn big_from_i128(&self, i: i128) -> Value<'_> {
        self.int_from_big(&IBig::from(i))
    }

    /// An int from decimal digits.
    pub fn int_from_decimal(&self, digits: &str) -> Value<'_> {
        let big = digits.parse::<IBig>().unwrap_or(IBig::ZERO);
        self.int_from_big(&big)
    }

    /// An int as a float: correctly rounded, `None` when it is too large.
    pub fn big_to_f64(&self, big: &IBig) -> Option<f64> {
        let f = big.to_f64().value();
        f.is_finite().then_some(f)
    }

    /// The number as a float, for arithmetic of ints with floats.
    pub fn number_as_f64(&self, v: Value<'_>) -> Option<Result<f64, Raised>> {
        if let Some(f) = self.as_f64(v) {
            return Some(Ok(f));
        }
        if word::is_int(v.word()) {
            return Some(Ok(word::int(v.word()) as f64));
        }
        let big = self.as_big(v)?;
        Some(
            self.big_to_f64(&big).ok_or_else(|| {
                self.raise(ClassId::OverflowError, "int too large to convert to float")
            }),
        )
    }

    /// Order of two real numbers; `None` for nan or what is no number.
    pub fn number_cmp(&self, a: Value<'_>, b: Value<'_>) -> Option<Ordering> {
        let (x, y) = (self.as_f64(a), self.as_f64(b));
        match (x, y) {
            (Some(x), Some(y)) => x.partial_cmp(&y),
            (None, None) => Some(self.as_big(a)?.cmp(&self.as_big(b)?)),
            (Some(x), None) => cmp_float_big(x, &self.as_big(b)?),
            (None, Some(y)) => cmp_float_big(y, &self.as_big(a)?).map(Ordering::reverse),
        }
    }

    /// An operator on two ints (bools, bigs), or `None` if they are not, or so large that it takes long:
    /// then int's own method, which it is left to, can be interrupted.
    pub fn int_binary(
        &self,
        op: BinaryOp,
        a: Value<'_>,
        b: Value<'_>,
    ) -> Option<Result<Value<'_>, Raised>> {
        if let (Some(x), Some(y)) = (self.small_or_bool(a), self.small_or_bool(b))
            && let Some(result) = self.small_binary(op, x, y)
        {
            return Some(result);
        }
        if !self.is_int(a) || !self.is_int(b) || self.is_long(op, a, b) {
            return None;
        }
        Some(self.big_binary(op, &self.as_big(a)?, &self.as_big(b)?))
    }

    fn small_or_bool(&self, v: Value<'_>) -> Option<i64> {
        match v.word() {
            w if word::is_int(w) => Some(word::int(w)),
            word::TRUE => Some(1),
            word::FALSE => Some(0),
            _ => None,
        }
    }

    fn small_binary(&self, op: BinaryOp, x: i64, y: i64) -> Option<Result<Value<'_>, Raised>> {
        let int = |i: i64| Some(Ok(self.int(i)));
        match op {
            Add => int(x + y),
            Sub => int(x - y),
            Mul => Some(Ok(match x.checked_mul(y) {
                Some(p) => self.int(p),
                None => self.big_from_i128(x as i128 * y as i128),
            })),
            FloorDiv if y != 0 => int(x.div_euclid(y) - (y < 0 && x.rem_euclid(y) != 0) as i64),
            Mod if y != 0 => {
                let r = x % y;
                int(if r != 0 && (r < 0) != (y < 0) { r + y } else { r })
            }
            TrueDiv if y != 0 && x.unsigned_abs() < 1 << 53 && y.unsigned_abs() < 1 << 53 => {
                Some(Ok(self.float(x as f64 / y as f64)))
            }
            And => int(x & y),
            Or => int(x | y),
            Xor => int(x ^ y),
            LShift if (0..62).contains(&y) && x.unsigned_abs().leading_zeros() as i64 > y + 2 => {
                int(x << y)
            }
            RShift if y >= 0 => int(x >> y.min(63)),
            Pow if (0..64).contains(&y) => x.checked_pow(y as u32).map(|p| Ok(self.int(p))),
            _ => None,
        }
    }

    fn big_binary(&self, op: BinaryOp, x: &IBig, y: &IBig) -> Result<Value<'_>, Raised> {
        let zero = *y == IBig::ZERO;
        Ok(match op {
            Add => self.int_from_big(&(x + y)),
            Sub => self.int_from_big(&(x - y)),
            Mul => self.int_from_big(&(x * y)),
            And => self.int_from_big(&(x & y)),
            Or => self.int_from_big(&(x | y)),
            Xor => self.int_from_big(&(x ^ y)),
            FloorDiv | Mod if zero => {
                return Err(self.raise(ClassId::ZeroDivisionError, "division by zero"));
            }
            FloorDiv => self.int_from_big(&floor_div_mod(x, y).0),
            Mod => self.int_from_big(&floor_div_mod(x, y).1),
            TrueDiv if zero => {
                return Err(self.raise(ClassId::ZeroDivisionError, "division by zero"));
            }
            TrueDiv => match divide(x, y) {
                Some(f) => self.float(f),
                None => {
                    return Err(self.raise(
                        ClassId::OverflowError,
                        "integer division result too large for a float",
                    ));
                }
            },
            LShift | RShift => {
                if y.sign() == Sign::Negative && !zero {
                    return Err(self.value_error("negative shift count"));
                }
                let count = usize::try_from(y).unwrap_or(usize::MAX);
                if op == RShift {
                    let gone = count > bit_len(x);
                    if gone {
                        self.int(if *x < IBig::ZERO { -1 } else { 0 })
                    } else {
                        self.int_from_big(&(x >> count))
                    }
                } else if *x == IBig::ZERO {
                    self.int(0)
                } else if count > MAX_BITS {
                    return Err(self.raise(ClassId::OverflowError, "too many digits in integer"));
                } else {
                    self.check_size(count / 8)?;
                    self.int_from_big(&(x << count))
                }
            }
            Pow => {
                if y.sign() == Sign::Negative && !zero {
                    if *x == IBig::ZERO {
                        return Err(
                            self.raise(ClassId::ZeroDivisionError, "zero to a negative power")
                        );
                    }
                    let (x, y) = (self.big_to_f64(x), self.big_to_f64(y));
                    let (Some(x), Some(y)) = (x, y) else {
                        return Err(
                            self.raise(ClassId::OverflowError, "int too large to convert to float")
                        );
                    };
                    return Ok(self.float(x.powf(y)));
                }
                if *x == IBig::ZERO || *x == IBig::ONE || *x == IBig::NEG_ONE {
                    let odd = y & IBig::ONE == IBig::ONE;
                    let result =
                        if zero || (*x == IBig::NEG_ONE && !odd) { IBig::ONE } else { x.clone() };
                    return Ok(self.int_from_big(&result));
                }
                let exponent = usize::try_from(y).unwrap_or(usize::MAX);
                let bits = bit_len(x).saturating_mul(exponent);
                if bits > MAX_BITS {
                    return Err(self.memory_error());
                }
                self.check_size(bits / 8)?;
                self.int_from_big(&x.pow(exponent))
            }
            MatMul => return Ok(Value::NOT_IMPLEMENTED),
        })
    }

    /// MemoryError if an object of so many bytes would pass the heap's limit, or is more than the
    /// machine has.
    pub fn check_size(&self, bytes: usize) -> Result<(), Raised> {
        // Small ones are found at the next safepoint, after a collection.
        if bytes < 1 << 20 {
            return Ok(());
        }
        let limit = self.heap.limit().unwrap_or(usize::MAX).min(machine_memory());
        if bytes > limit.saturating_sub(self.heap.used()) {
            return Err(self.memory_error());
        }
        Ok(())
    }

    /// An operator on two floats.
    pub fn float_binary(&self, op: BinaryOp, x: f64, y: f64) -> Result<Value<'_>, Raised> {
        let by_zero = |what: &str| Err(self.raise(ClassId::ZeroDivisionError, what));
        Ok(self.float(match op {
            Add => x + y,
            Sub => x - y,
            Mul => x * y,
            TrueDiv if y == 0.0 => return by_zero("division by zero"),
            TrueDiv => x / y,
            FloorDiv if y == 0.0 => return by_zero("division by zero"),
            FloorDiv => float_floor_div_mod(x, y).0,
            Mod if y == 0.0 => return by_zero("division by zero"),
            Mod => float_floor_div_mod(x, y).1,
            Pow => return self.float_pow(x, y),
            _ => return Ok(Value::NOT_IMPLEMENTED),
        }))
    }

    /// `x ** y` for floats, complex results included.
    pub fn float_pow(&self, x: f64, y: f64) -> Result<Value<'_>, Raised> {
        if x == 0.0 && y < 0.0 && y.is_finite() {
            return Err(self.raise(ClassId::ZeroDivisionError, "zero to a negative power"));
        }
        if x < 0.0 && x.is_finite() && y.is_finite() && y != y.trunc() {
            let (r, angle) = ((-x).powf(y), std::f64::consts::PI * y);
            return Ok(self.complex(r * angle.cos(), r * angle.sin()));
        }
        let result = x.powf(y);
        if result.is_infinite() && x.is_finite() && y.is_finite() {
            let args = [self.int(34), self.str("Numerical result out of range").value()];
            return Err(self.raise_args(ClassId::OverflowError, &args));
        }
        Ok(self.float(result))
    }

    /// An operator on two numbers of exact type int, bool or float; `None` for anything else.
    pub fn number_binary(
        &self,
        op: BinaryOp,
        a: Value<'_>,
        b: Value<'_>,
    ) -> Option<Result<Value<'_>, Raised>> {
        let exact = |v: Value<'_>| match v.header() {
            None => !matches!(
                v.word(),
                word::NONE | word::ELLIPSIS | word::NOT_IMPLEMENTED | word::UNBOUND
            ),
            Some(h) => h.shape() == ClassId::Int as u32 || h.shape() == ClassId::Float as u32,
        };
        if !exact(a) || !exact(b) || op == MatMul {
            return None;
        }
        if (op == And || op == Or || op == Xor) && a.is_bool() && b.is_bool() {
            let (x, y) = (a.is(Value::TRUE), b.is(Value::TRUE));
            let bit = match op {
                And => x & y,
                Or => x | y,
                _ => x ^ y,
            };
            return Some(Ok(Value::from_bool(bit)));
        }
        if let Some(result) = self.int_binary(op, a, b) {
            return Some(result);
        }
        let whole = matches!(op, And | Or | Xor | LShift | RShift);
        if whole || (self.is_int(a) && self.is_int(b)) {
            return None;
        }
        let (x, y) = (self.number_as_f64(a)?, self.number_as_f64(b)?);
        Some(match (x, y) {
            (Ok(x), Ok(y)) => self.float_binary(op, x, y),
            (Err(raised), _) | (_, Err(raised)) => Err(raised),
        })
    }

    /// A unary operator on a number of exact type int, bool or float.
    pub fn number_unary(&self, which: Special, v: Value<'_>) -> Option<Value<'_>> {
        if !self.is_exact(v, ClassId::Int) && !self.is_exact(v, ClassId::Float) && !v.is_bool() {
            return None;
        }
        if let Some(f) = self.as_f64(v) {
            return match which {
                Special::Neg => Some(self.float(-f)),
                Special::Pos => Some(self.float(f)),
                Special::Abs => Some(self.float(f.abs())),
                _ => None,
            };
        }
        if let Some(i) = self.small_or_bool(v) {
            return Some(self.int(match which {
                Special::Neg => -i,
                Special::Pos => i,
                Special::Abs => i.abs(),
                _ => !i,
            }));
        }
        let big = self.as_big(v)?;
        Some(self.int_from_big(&match which {
            Special::Neg => -big,
            Special::Pos => big,
            Special::Abs => {
                if big < IBig::ZERO {
                    -big
                } else {
                    big
                }
            }
            _ => -big - IBig::ONE,
        }))
    }
}

/// Number of bits of the magnitude.
pub fn bit_len(x: &IBig) -> usize {
    let limbs = x.as_sign_words().1;
    match limbs.last() {
        Some(top) => limbs.len() * 64 - top.leading_zeros() as usize,
        None => 0,
    }
}

/// Quotient rounded down, and the remainder with the divisor's sign.
pub fn floor_div_mod(x: &IBig, y: &IBig) -> (IBig, IBig) {
    use dashu_int::ops::DivRem;
    let (q, r) = x.div_rem(y);
    if r != IBig::ZERO && (r.sign() == Sign::Negative) != (y.sign() == Sign::Negative) {
        (q - IBig::ONE, r + y)
    } else {
        (q, r)
    }
}

/// `x / y` correctly rounded; `None` on overflow. Scales the quotient to 64 bits or more and keeps a
/// sticky bit, so that the one conversion to a float rounds right.
fn divide(x: &IBig, y: &IBig) -> Option<f64> {
    use dashu_int::ops::{Abs, DivRem};
    if *x == IBig::ZERO {
        return Some(if y.sign() == Sign::Negative { -0.0 } else { 0.0 });
    }
    let negative = (x.sign() == Sign::Negative) != (y.sign() == Sign::Negative);
    let (x, y) = (x.clone().abs(), y.clone().abs());
    let shift = 66 + bit_len(&y) as i64 - bit_len(&x) as i64;
    // Below the smallest normal number fewer bits are kept: rounding happens in the last step.
    let shift = shift.min(1074 + 2 + 64);
    let (n, d) = if shift >= 0 { (x << shift as usize, y) } else { (x, y << (-shift) as usize) };
    let (q, r) = n.div_rem(&d);
    let q = if r == IBig::ZERO { q } else { q | IBig::ONE };
    let f = scale(&q, -shift)?;
    Some(if negative { -f } else { f })
}

/// `q * 2**e` rounded once.
fn scale(q: &IBig, e: i64) -> Option<f64> {
    let bits = bit_len(q) as i64;
    let top = bits + e;
    if top > 1024 {
        return None;
    }
    // How many bits the result can hold.
    let keep = if top < -1021 { 53 - (-1021 - top) } else { 53 };
    if keep < 0 {
        return Some(0.0);
    }
    let drop = (bits - keep).max(0) as usize;
    let mut m = q >> drop;
    if drop > 0 {
        let rest = q - (&m << drop);
        let half = IBig::ONE << (drop - 1);
        let odd = &m & IBig::ONE == IBig::ONE;
        if rest > half || (rest == half && odd) {
            m += IBig::ONE;
        }
    }
    let m = u64::try_from(&m).ok()? as f64;
    let e = e + drop as i64;
    let step = |m: f64, e: i64| m * 2f64.powi(e as i32);
    // 2**e itself may be out of range although the product is not.
    let f = if e < -1000 {
        step(step(m, -1000), e + 1000)
    } else if e > 1000 {
        step(step(m, 1000), e - 1000)
    } else {
        step(m, e)
    };
    f.is_finite().then_some(f)
}

/// Quotient rounded down and remainder with the divisor's sign, as CPython computes them.
pub fn float_floor_div_mod(x: f64, y: f64) -> (f64, f64) {
    let mut r = x % y;
    let mut div = (x - r) / y;
    if r != 0.0 {
        if (y < 0.0) != (r < 0.0) {
            r += y;
            div -= 1.0;
        }
    } else {
        r = 0.0f64.copysign(y);
    }
    let floor = if div != 0.0 {
        let f = div.floor();
        if div - f > 0.5 { f + 1.0 } else { f }
    } else {
        0.0f64.copysign(x / y)
    };
    (floor, r)
}

fn cmp_float_big(x: f64, y: &IBig) -> Option<Ordering> {
    if x.is_nan() {
        return None;
    }
    if x.is_infinite() {
        return Some(if x > 0.0 { Ordering::Greater } else { Ordering::Less });
    }
    let whole = float_to_big(x.trunc());
    Some(whole.cmp(y).then_with(|| x.fract().partial_cmp(&0.0).unwrap_or(Ordering::Equal)))
}

/// The integer that a finite whole float is.
pub fn float_to_big(f: f64) -> IBig {
    let bits = f.abs().to_bits();
    let (exponent, fraction) = ((bits >> 52) as i64, bits & ((1 << 52) - 1));
    let (m, e) = match exponent {
        0 => (fraction, -1074),
        e => (fraction | 1 << 52, e - 1075),
    };
    let m = IBig::from(m);
    let big = if e >= 0 { m << e as usize } else { m >> (-e) as usize };
    if f < 0.0 { -big } else { big }
}

/// The machine's memory in bytes.
fn machine_memory() -> usize {
    static MEMORY: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
    *MEMORY.get_or_init(|| {
        // SAFETY: asks for two numbers.
        let (pages, size) =
            unsafe { (libc::sysconf(libc::_SC_PHYS_PAGES), libc::sysconf(libc::_SC_PAGESIZE)) };
        match (usize::try_from(pages), usize::try_from(size)) {
            (Ok(pages), Ok(size)) if pages > 0 => pages.saturating_mul(size),
            _ => 1 << 40,
        }
    })
}
