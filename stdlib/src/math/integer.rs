//! Functions of integers: `gcd`, `lcm`, `factorial`, `comb`, `perm`, `isqrt`.

use dashu_int::ops::{Abs, BitTest, Gcd, SquareRoot};
use dashu_int::{IBig, UBig};
use sidewinder_interpreter::object::{Field, Tuple};
use sidewinder_interpreter::raise;
use sidewinder_interpreter::value::Value;
use sidewinder_interpreter::vm::apart::takes_long;
use sidewinder_interpreter::vm::{Args, Local, NativeResult, Raised, Vm};

/// `operator.index` as a big integer.
fn integer(vm: &mut Vm, v: Local) -> Result<IBig, Raised> {
    let ret = vm.index(v)?;
    Ok(vm.as_big(vm.value(ret)).unwrap_or(IBig::ZERO))
}

/// The integers of `*integers`, in argument 0.
fn integers(vm: &mut Vm, args: Args) -> Result<Vec<IBig>, Raised> {
    let count = args.get(vm, 0).cast::<Tuple>().map_or(0, |t| t.len());
    let mut all = Vec::with_capacity(count);
    for i in 0..count {
        let n = vm.scope(|vm| {
            let item = args.get(vm, 0).cast::<Tuple>().map_or(Value::NONE, |t| t.item(vm, i));
            let item = vm.root(item);
            integer(vm, item)
        })?;
        all.push(n);
    }
    Ok(all)
}

pub(super) fn gcd(vm: &mut Vm, args: Args) -> NativeResult {
    if let Some(result) = small_gcd(vm, args.get(vm, 0)) {
        return Ok(vm.ret(vm.int(result)));
    }
    fold(vm, args, UBig::ZERO, |a, b| if a == UBig::ZERO { b } else { common_divisor(a, &b) })
}

/// The greatest common divisor of a tuple of small ints, by Euclid.
fn small_gcd(vm: &Vm, all: Value<'_>) -> Option<i64> {
    all.cast::<Tuple>()?
        .items()
        .iter()
        .try_fold(0u64, |mut a, slot| {
            let mut b = slot.get(vm).as_small_int()?.unsigned_abs();
            while b != 0 {
                (a, b) = (b, a % b);
            }
            Some(a)
        })?
        .try_into()
        .ok()
}

/// The greatest common divisor of a number that is not 0 and another one.
fn common_divisor(a: UBig, b: &UBig) -> UBig {
    if *b == UBig::ZERO { a } else { a.gcd(b) }
}

/// Combines the magnitudes of `*integers`, two by two.
fn fold(vm: &mut Vm, args: Args, first: UBig, step: fn(UBig, UBig) -> UBig) -> NativeResult {
    let mut result = first;
    for n in integers(vm, args)? {
        let n = magnitude(n);
        let (a, b) = (result.bit_len(), n.bit_len());
        result = vm.apart(takes_long(a.max(b), b), move || step(result, n))?;
        vm.safepoint()?;
    }
    Ok(vm.ret(vm.int_from_big(&IBig::from(result))))
}

fn magnitude(n: IBig) -> UBig {
    n.abs().into_parts().1
}

pub(super) fn lcm(vm: &mut Vm, args: Args) -> NativeResult {
    fold(vm, args, UBig::ONE, |a, b| match a == UBig::ZERO {
        true => a,
        false => &a / common_divisor(a.clone(), &b) * b,
    })
}

/// `low * (low + 1) * ... * high` by halves, so that the factors stay of like size.
fn product(low: &UBig, count: u64) -> UBig {
    match count {
        0 => UBig::ONE,
        1 => low.clone(),
        2..=8 => (0..count).fold(UBig::ONE, |acc, i| acc * (low + i)),
        _ => {
            let half = count / 2;
            product(low, half) * product(&(low + half), count - half)
        }
    }
}

pub(super) fn factorial(vm: &mut Vm, args: Args) -> NativeResult {
    let n = integer(vm, args.local(0))?;
    if n < IBig::ZERO {
        raise!(vm, ValueError, "factorial() not defined for negative values");
    }
    let Ok(n) = i64::try_from(&n) else {
        raise!(vm, OverflowError, "factorial() argument should not exceed {}", i64::MAX);
    };
    let bits = check_product(vm, n as u64, 64 - n.leading_zeros() as usize)?;
    let result = vm.apart(takes_long(bits, bits), move || product(&UBig::ONE, n as u64))?;
    Ok(vm.ret(vm.int_from_big(&IBig::from(result))))
}

/// The bits that a product of so many factors of so many bits has at least; MemoryError if no memory holds it.
fn check_product(vm: &Vm, factors: u64, bits: usize) -> Result<usize, Raised> {
    let bits = (factors as usize).saturating_mul(bits.saturating_sub(2));
    vm.check_size(bits / 8)?;
    Ok(bits)
}

/// Arguments `n` and `k`, not negative.
fn choose_from(vm: &mut Vm, args: Args) -> Result<(UBig, UBig), Raised> {
    let n = integer(vm, args.local(0))?;
    let k = integer(vm, args.local(1))?;
    for (x, name) in [(&n, "n"), (&k, "k")] {
        if *x < IBig::ZERO {
            raise!(vm, ValueError, "{name} must be a non-negative integer");
        }
    }
    Ok((magnitude(n), magnitude(k)))
}

pub(super) fn perm(vm: &mut Vm, args: Args) -> NativeResult {
    if args.not_none(vm, 1).is_none() {
        return factorial(vm, args);
    }
    let (n, k) = choose_from(vm, args)?;
    if k > n {
        return Ok(vm.ret(Value::from_i32(0)));
    }
    let Ok(count) = i64::try_from(IBig::from(k.clone())) else {
        raise!(vm, OverflowError, "k must not exceed {}", i64::MAX);
    };
    let (low, count) = (n - k + UBig::ONE, count as u64);
    let bits = check_product(vm, count, low.bit_len().max(3))?;
    let result = vm.apart(takes_long(bits, bits), move || product(&low, count))?;
    Ok(vm.ret(vm.int_from_big(&IBig::from(result))))
}

pub(super) fn comb(vm: &mut Vm, args: Args) -> NativeResult {
    let (n, k) = choose_from(vm, args)?;
    if k > n {
        return Ok(vm.ret(Value::from_i32(0)));
    }
    let other = &n - &k;
    let k = if other < k { other } else { k };
    let Ok(count) = i64::try_from(IBig::from(k.clone())) else {
        raise!(vm, OverflowError, "min(n - k, k) must not exceed {}", i64::MAX);
    };
    if let Some(result) = small_comb(&n, count as u64) {
        return Ok(vm.ret(vm.int_from_big(&IBig::from(result))));
    }
    let (low, count) = (n - k + UBig::ONE, count as u64);
    check_product(vm, count, 3)?;
    let bits = low.bit_len().saturating_mul(count as usize);
    let work = move || product(&low, count) / product(&UBig::ONE, count);
    let result = vm.apart(takes_long(bits, bits), work)?;
    Ok(vm.ret(vm.int_from_big(&IBig::from(result))))
}

/// `comb(n, k)` where every intermediate product fits a machine word of double size.
fn small_comb(n: &UBig, k: u64) -> Option<u128> {
    let n = u64::try_from(n).ok()?;
    // Each product of i consecutive numbers is a multiple of i!, so the division is exact.
    (1..=k).try_fold(1u128, |acc, i| Some(acc.checked_mul((n - k + i) as u128)? / i as u128))
}

pub(super) fn isqrt(vm: &mut Vm, args: Args) -> NativeResult {
    let n = integer(vm, args.local(0))?;
    if n < IBig::ZERO {
        raise!(vm, ValueError, "isqrt() argument must be nonnegative");
    }
    let bits = n.bit_len();
    let root = vm.apart(takes_long(bits, bits), move || magnitude(n).sqrt())?;
    Ok(vm.ret(vm.int_from_big(&IBig::from(root))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products() {
        assert_eq!(product(&UBig::ONE, 20), UBig::from(2432902008176640000u64));
        assert_eq!(product(&UBig::from(7u8), 3), UBig::from(504u16));
    }
}
