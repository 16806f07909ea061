//! Sums and products over many numbers: `fsum`, `sumprod`, `prod`, `hypot`, `dist`.

use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::object::{Gc, List, Tuple};
use sidewinder_interpreter::raise;
use sidewinder_interpreter::value::Value;
use sidewinder_interpreter::vm::operators::BinaryOp;
use sidewinder_interpreter::vm::{Args, Local, NativeResult, Raised, Vm};

/// An exact sum of floats: partial sums that do not overlap, smallest first (Shewchuk's method).
#[derive(Default)]
struct ExactSum {
    partials: Vec<f64>,
}

impl ExactSum {
    /// Adds a finite number; false on overflow.
    fn add(&mut self, mut x: f64) -> bool {
        let mut kept = 0;
        for i in 0..self.partials.len() {
            let mut y = self.partials[i];
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                self.partials[kept] = low;
                kept += 1;
            }
            x = high;
        }
        self.partials.truncate(kept);
        self.partials.push(x);
        x.is_finite()
    }

    /// The sum, rounded once.
    fn total(&self) -> f64 {
        let mut rest = self.partials.iter().rev();
        let Some(&first) = rest.next() else { return 0.0 };
        let mut high = first;
        let mut low = 0.0;
        let mut next = None;
        while let Some(&p) = rest.next() {
            let x = high;
            high = x + p;
            low = p - (high - x);
            if low != 0.0 {
                next = rest.next().copied();
                break;
            }
        }
        // A tie was rounded to even; what follows may say that it is none.
        if let Some(next) = next
            && ((low < 0.0 && next < 0.0) || (low > 0.0 && next > 0.0))
        {
            let y = low * 2.0;
            let x = high + y;
            if y == x - high {
                high = x;
            }
        }
        high
    }
}

pub(super) fn fsum(vm: &mut Vm, args: Args) -> NativeResult {
    let mut sum = ExactSum::default();
    let (mut special, mut infinities, mut any_special) = (0.0, 0.0, false);
    vm.iterate(args.local(0), |vm, item| {
        let x = vm.float_of(item)?;
        if !x.is_finite() {
            any_special = true;
            special += x;
            if x.is_infinite() {
                infinities += x;
            }
        } else if !sum.add(x) {
            raise!(vm, OverflowError, "intermediate overflow in fsum");
        }
        Ok(())
    })?;
    if any_special {
        if f64::is_nan(infinities) {
            raise!(vm, ValueError, "-inf + inf in fsum");
        }
        return Ok(vm.ret(vm.float(special)));
    }
    Ok(vm.ret(vm.float(sum.total())))
}

/// Length of a vector: scaled so that squares stay in range, summed exactly, corrected once.
fn vector_norm(coordinates: &[f64]) -> f64 {
    let max = coordinates.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    if coordinates.iter().any(|x| x.is_infinite()) {
        return f64::INFINITY;
    }
    if coordinates.iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    if max == 0.0 || coordinates.len() == 1 {
        return max;
    }
    let (_, e) = libm::frexp(max);
    let mut sum = ExactSum::default();
    for x in coordinates {
        let x = libm::ldexp(*x, -e);
        let square = x * x;
        sum.add(square);
        sum.add(x.mul_add(x, -square));
    }
    let root = sum.total().sqrt();
    // One step of Newton's method on what the square root leaves over.
    let square = root * root;
    sum.add(-square);
    sum.add(-root.mul_add(root, -square));
    libm::ldexp(root + sum.total() / (2.0 * root), e)
}

/// The floats of a tuple.
fn floats(vm: &mut Vm, tuple: Local) -> Result<Vec<f64>, Raised> {
    let mut all = Vec::new();
    vm.iterate(tuple, |vm, item| {
        all.push(vm.float_of(item)?);
        Ok(())
    })?;
    Ok(all)
}

pub(super) fn hypot(vm: &mut Vm, args: Args) -> NativeResult {
    let coordinates = floats(vm, args.local(0))?;
    Ok(vm.ret(vm.float(vector_norm(&coordinates))))
}

pub(super) fn dist(vm: &mut Vm, args: Args) -> NativeResult {
    let mut points = Vec::new();
    for i in 0..2 {
        let point = vm.collect_tuple(args.local(i))?;
        points.push(vm.hold(point));
    }
    let len = |vm: &Vm, i: usize| vm.get(points[i]).cast::<Tuple>().map_or(0, |t| t.len());
    if len(vm, 0) != len(vm, 1) {
        raise!(vm, ValueError, "both points must have the same number of dimensions");
    }
    let (p, q) = (floats(vm, points[0])?, floats(vm, points[1])?);
    let differences: Vec<f64> = p.iter().zip(&q).map(|(p, q)| (p - q).abs()).collect();
    Ok(vm.ret(vm.float(vector_norm(&differences))))
}

/// The product of two floats, or of two ints if it is small.
fn small_product<'gc>(vm: &'gc Vm, a: Value<'gc>, b: Value<'gc>) -> Option<Value<'gc>> {
    let both = |class: ClassId| vm.is_exact(a, class) && vm.is_exact(b, class);
    if both(ClassId::Float) {
        return Some(vm.float(vm.as_f64(a)? * vm.as_f64(b)?));
    }
    let product = both(ClassId::Int).then(|| vm.as_i64(a)?.checked_mul(vm.as_i64(b)?))??;
    Some(vm.int(product))
}

pub(super) fn prod(vm: &mut Vm, args: Args) -> NativeResult {
    let start = match args.opt(vm, 1) {
        Some(start) => start,
        None => Value::from_i32(1),
    };
    let product = vm.root(start);
    vm.iterate(args.local(0), |vm, item| {
        if let Some(next) = small_product(vm, vm.get(product), vm.get(item)) {
            vm.set(product, next);
            return Ok(());
        }
        let ret = vm.binary(BinaryOp::Mul, product, item)?;
        let next = vm.value(ret);
        vm.set(product, next);
        Ok(())
    })?;
    Ok(vm.ret(vm.get(product)))
}

/// Two numbers to multiply, of the kinds that need no Python code.
enum Pair {
    Ints,
    Floats(f64, f64),
    Other,
}

fn pair(vm: &Vm, p: Value<'_>, q: Value<'_>) -> Pair {
    let exact_int = |v: Value<'_>| vm.is_exact(v, ClassId::Int) || v.is_bool();
    let exact_float = |v: Value<'_>| vm.is_exact(v, ClassId::Float);
    if exact_int(p) && exact_int(q) {
        return Pair::Ints;
    }
    if (exact_int(p) || exact_float(p))
        && (exact_int(q) || exact_float(q))
        && let (Some(Ok(p)), Some(Ok(q))) = (vm.number_as_f64(p), vm.number_as_f64(q))
    {
        return Pair::Floats(p, q);
    }
    Pair::Other
}

pub(super) fn sumprod(vm: &mut Vm, args: Args) -> NativeResult {
    let mut lists = Vec::new();
    for i in 0..2 {
        let list = vm.collect_list(args.local(i))?;
        lists.push(vm.hold(list));
    }
    let len = |vm: &Vm, i: usize| vm.get(lists[i]).cast::<List>().map_or(0, |l| l.len.get());
    let n = len(vm, 0);
    if n != len(vm, 1) {
        raise!(vm, ValueError, "Inputs are not the same length");
    }
    let item = |vm: &Vm, list: usize, i: usize| {
        let list: Option<Gc<'_, List>> = vm.get(lists[list]).cast();
        list.map_or(vm.root(Value::NONE), |l| vm.root(vm.list_item(l, i)))
    };
    let total = vm.root(Value::from_i32(0));
    let (mut sum, mut plain, mut any_float) = (ExactSum::default(), 0.0, false);
    let mut finite = true;
    for i in 0..n {
        vm.scope(|vm| -> Result<(), Raised> {
            let (p, q) = (item(vm, 0, i), item(vm, 1, i));
            if let Pair::Floats(p, q) = pair(vm, vm.get(p), vm.get(q)) {
                any_float = true;
                let product = p * q;
                plain += product;
                finite = finite
                    && product.is_finite()
                    && sum.add(product)
                    && sum.add(p.mul_add(q, -product));
                return Ok(());
            }
            let product = vm.binary(BinaryOp::Mul, p, q)?;
            let product = vm.hold(product);
            let next = vm.binary(BinaryOp::Add, total, product)?;
            let next = vm.value(next);
            vm.set(total, next);
            Ok(())
        })?;
    }
    if !any_float {
        return Ok(vm.ret(vm.get(total)));
    }
    let float = if finite { sum.total() } else { plain };
    let float = vm.root(vm.float(float));
    vm.binary(BinaryOp::Add, total, float)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(numbers: &[f64]) -> f64 {
        let mut sum = ExactSum::default();
        numbers.iter().for_each(|x| assert!(sum.add(*x)));
        sum.total()
    }

    #[test]
    fn sums_are_exact() {
        assert_eq!(exact(&[0.1; 10]), 1.0);
        assert_eq!(exact(&[1e100, 1.0, -1e100]), 1.0);
        assert_eq!(exact(&[1e16, 1.0, 1e-16]), 10000000000000002.0);
        assert_eq!(exact(&[]), 0.0);
    }

    #[test]
    fn norms() {
        assert_eq!(vector_norm(&[3.0, 4.0]), 5.0);
        assert_eq!(vector_norm(&[1e308, 1e308]), 1.4142135623730951e308);
        assert_eq!(vector_norm(&[5e-324, 0.0]), 5e-324);
        assert_eq!(vector_norm(&[f64::NAN, f64::INFINITY]), f64::INFINITY);
    }
}
