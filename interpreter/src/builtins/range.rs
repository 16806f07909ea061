//! range, of ints of any size.

use super::declare::{ClassId, GetSetDef, TypeDef};
use super::iterators;
use super::support::*;
use crate::object::table::{tuple_hash_end, tuple_hash_start, tuple_hash_step};
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::numeric::floor_div_mod;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Vm};
use dashu_int::IBig;

/// The type range.
pub static TYPE: TypeDef = TypeDef {
    doc: "range(stop)\nrange(start, stop[, step])\n--\n\nThe ints from start (0) to before stop, by step (1).",
    flags: ClassFlags::SEQUENCE,
    methods: &[
        NativeDef::method("__reduce__($self, /)", super::reduce::bounds_reduce, "For pickling."),
        NativeDef::static_method("__new__($type, /, *args)", new, "Make a range.").raw(),
        NativeDef::method("__len__($self, /)", len, "Return len(self)."),
        NativeDef::method("__bool__($self, /)", bool, "True if not empty."),
        NativeDef::method("__getitem__($self, key, /)", getitem, "Return self[key]."),
        NativeDef::method("__contains__($self, key, /)", contains, "Return key in self."),
        NativeDef::method("__iter__($self, /)", iter, "Implement iter(self)."),
        NativeDef::method("__reversed__($self, /)", reversed, "A reverse iterator."),
        NativeDef::method("__eq__($self, value, /)", eq, "Return self==value."),
        NativeDef::method("__hash__($self, /)", hash, "Return hash(self)."),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::method("count($self, value, /)", count, "Number of occurrences of value."),
        NativeDef::method(
            "index($self, value, /)",
            index,
            "Position of value; ValueError if it is not in the range.",
        ),
    ],
    getset: &[
        GetSetDef::new("start", start, ""),
        GetSetDef::new("stop", stop, ""),
        GetSetDef::new("step", step, ""),
    ],
    ..TypeDef::new("range", Kind::Range)
};

/// A range's numbers.
pub struct Bounds {
    /// First number.
    pub start: IBig,
    /// Step.
    pub step: IBig,
    /// How many numbers there are.
    pub len: IBig,
}

/// Number of steps from `start` to before `stop`.
fn length(start: &IBig, stop: &IBig, step: &IBig) -> IBig {
    let (low, high, stride) =
        if *step > IBig::ZERO { (start, stop, step.clone()) } else { (stop, start, -step.clone()) };
    if low >= high {
        return IBig::ZERO;
    }
    (high - low - IBig::ONE) / stride + IBig::ONE
}

/// The numbers of a range.
pub fn bounds(vm: &Vm, range: Gc<'_, Range>) -> Bounds {
    let part = |slot: &Slot| vm.as_big(slot.get(vm)).expect("a range holds ints");
    let (start, stop, step) = (part(&range.start), part(&range.stop), part(&range.step));
    let len = length(&start, &stop, &step);
    Bounds { start, step, len }
}

/// Start, step and length when everything, the end included, is far from overflowing.
pub fn small_bounds(vm: &Vm, range: Gc<'_, Range>) -> Option<(i64, i64, u64)> {
    let start = range.start.get(vm).as_small_int()?;
    let stop = range.stop.get(vm).as_small_int()?;
    let step = range.step.get(vm).as_small_int()?;
    let len = if step > 0 && start < stop {
        (stop.wrapping_sub(start) as u64 - 1) / step as u64 + 1
    } else if step < 0 && stop < start {
        (start.wrapping_sub(stop) as u64 - 1) / step.unsigned_abs() + 1
    } else {
        0
    };
    Some((start, step, len))
}

/// Start and stop of a slice over a sequence of `len` items.
pub fn clamp(len: &IBig, step: &IBig, start: Option<IBig>, stop: Option<IBig>) -> (IBig, IBig) {
    let (low, high) = if *step < IBig::ZERO {
        (IBig::NEG_ONE, len - IBig::ONE)
    } else {
        (IBig::ZERO, len.clone())
    };
    let inside = |i: IBig| {
        if i < IBig::ZERO {
            let i = i + len;
            if i < low { low.clone() } else { i }
        } else if i > high {
            high.clone()
        } else {
            i
        }
    };
    let backwards = *step < IBig::ZERO;
    let default = |at_high: bool| if at_high { high.clone() } else { low.clone() };
    let from = start.map_or_else(|| default(backwards), inside);
    let to = stop.map_or_else(|| default(!backwards), inside);
    (from, to)
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    new_shape(vm, args, ClassId::Range)?;
    if args.keyword_count() > 0 {
        raise!(vm, TypeError, "range() takes no keyword arguments");
    }
    let given = positional(vm, args, "range", 1, 3)?;
    for i in 1..=given {
        let ret = vm.index(args.local(i))?;
        vm.set(args.local(i), plain_int(vm, vm.value(ret)));
    }
    let vm = &*vm;
    let zero = Value::from_i32(0);
    let one = Value::from_i32(1);
    let (start, stop, step) = match given {
        1 => (zero, args.get(vm, 1), one),
        2 => (args.get(vm, 1), args.get(vm, 2), one),
        _ => (args.get(vm, 1), args.get(vm, 2), args.get(vm, 3)),
    };
    if step.is(zero) {
        raise!(vm, ValueError, "range() arg 3 must not be zero");
    }
    Ok(vm.ret(vm.range(start, stop, step).value()))
}

/// The int itself, of exact type int.
fn plain_int<'gc>(vm: &'gc Vm, v: Value<'gc>) -> Value<'gc> {
    if v.as_small_int().is_some() {
        return v;
    }
    vm.as_big(v).map_or(v, |big| vm.int_from_big(&big))
}

fn len(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let range = args.this::<Range>(vm)?;
    if let Some((_, _, len)) = small_bounds(vm, range)
        && let Ok(len) = i64::try_from(len)
    {
        return Ok(vm.ret(vm.int(len)));
    }
    match i64::try_from(&bounds(vm, range).len) {
        Ok(len) => Ok(vm.ret(vm.int(len))),
        Err(_) => raise!(vm, OverflowError, "Python int too large to convert to C ssize_t"),
    }
}

fn bool(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let some = bounds(vm, args.this::<Range>(vm)?).len != IBig::ZERO;
    Ok(vm.ret(Value::from_bool(some)))
}

fn start(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.this::<Range>(vm)?.start.get(vm)))
}
fn stop(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.this::<Range>(vm)?.stop.get(vm)))
}
fn step(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.this::<Range>(vm)?.step.get(vm)))
}

fn getitem(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Range>(vm)?;
    if let Some(slice) = args.get(vm, 1).cast::<Slice>() {
        let parts = [slice.start.get(vm), slice.stop.get(vm), slice.step.get(vm)];
        let parts = parts.map(|v| vm.root(v));
        return sliced(vm, args, parts);
    }
    let key = args.get(vm, 1);
    if let Some(i) = key.as_small_int()
        && let Some((start, step, len)) = small_bounds(vm, args.this::<Range>(vm)?)
    {
        let at = i128::from(i) + if i < 0 { i128::from(len) } else { 0 };
        if at < 0 || at >= i128::from(len) {
            raise!(vm, IndexError, "range object index out of range");
        }
        return Ok(vm.ret(vm.int(start + (at as i64).wrapping_mul(step))));
    }
    if !vm.is_int(key) && vm.special_of(key, crate::vm::Special::Index).is_none() {
        let given = vm.type_name(key);
        raise!(vm, TypeError, "range indices must be integers or slices, not {given}");
    }
    let ret = vm.index(args.local(1))?;
    let index = vm.as_big(vm.value(ret)).expect("index gives an int");
    let vm = &*vm;
    let Bounds { start, step, len } = bounds(vm, args.this::<Range>(vm)?);
    let at = if index < IBig::ZERO { index + &len } else { index };
    if at < IBig::ZERO || at >= len {
        raise!(vm, IndexError, "range object index out of range");
    }
    Ok(vm.ret(vm.int_from_big(&(start + at * step))))
}

fn sliced(vm: &mut Vm, args: Args, parts: [Local; 3]) -> NativeResult {
    let mut numbers = [None, None, None];
    for (number, part) in numbers.iter_mut().zip(parts) {
        let value = vm.get(part);
        if value.is_none() {
            continue;
        }
        if !vm.is_int(value) && vm.special_of(value, crate::vm::Special::Index).is_none() {
            raise!(
                vm,
                TypeError,
                "slice indices must be integers or None or have an __index__ method"
            );
        }
        let ret = vm.index(part)?;
        *number = vm.as_big(vm.value(ret));
    }
    let [from, to, by] = numbers;
    let by = by.unwrap_or(IBig::ONE);
    if by == IBig::ZERO {
        raise!(vm, ValueError, "slice step cannot be zero");
    }
    let vm = &*vm;
    let Bounds { start, step, len } = bounds(vm, args.this::<Range>(vm)?);
    let (from, to) = clamp(&len, &by, from, to);
    let all = [&start + from * &step, &start + to * &step, by * &step];
    let [a, b, c] = all.map(|n| vm.int_from_big(&n));
    Ok(vm.ret(vm.range(a, b, c).value()))
}

/// Position of a number in a range.
fn position(vm: &Vm, range: Gc<'_, Range>, v: Value<'_>) -> Option<IBig> {
    let Bounds { start, step, len } = bounds(vm, range);
    let distance = vm.as_big(v)? - start;
    let (at, rest) = floor_div_mod(&distance, &step);
    (rest == IBig::ZERO && at >= IBig::ZERO && at < len).then_some(at)
}

/// Position of a value of any type, by comparing.
fn search(vm: &mut Vm, args: Args) -> Result<Option<usize>, Raised> {
    let iterator = iterators::range_iterator(vm, args.this::<Range>(vm)?);
    let iterator = vm.root(iterator);
    let mut i = 0;
    while vm.next(iterator)? {
        let found = vm.scope(|vm| {
            let item = vm.hold_result();
            vm.eq(item, args.local(1))
        })?;
        if found {
            return Ok(Some(i));
        }
        vm.safepoint()?;
        i += 1;
    }
    Ok(None)
}

fn exact_int(vm: &Vm, v: Value<'_>) -> bool {
    v.is_bool() || vm.is_exact(v, ClassId::Int)
}

/// Whether a value that is no int cannot be in any range.
fn hopeless(vm: &Vm, v: Value<'_>) -> bool {
    v.is_none() || vm.is_exact(v, ClassId::Str) || vm.as_f64(v).is_some_and(|f| f != f.trunc())
}

fn contains(vm: &mut Vm, args: Args) -> NativeResult {
    let range = args.this::<Range>(vm)?;
    let v = args.get(vm, 1);
    let found = if exact_int(vm, v) {
        position(vm, range, v).is_some()
    } else if hopeless(vm, v) {
        false
    } else {
        search(vm, args)?.is_some()
    };
    Ok(vm.ret(Value::from_bool(found)))
}

fn count(vm: &mut Vm, args: Args) -> NativeResult {
    let range = args.this::<Range>(vm)?;
    if exact_int(vm, args.get(vm, 1)) {
        let n = position(vm, range, args.get(vm, 1)).is_some() as i32;
        return Ok(vm.ret(Value::from_i32(n)));
    }
    // Other objects can be equal to several numbers.
    let mut n = 0i64;
    vm.iterate(args.local(0), |vm, item| {
        n += vm.eq(item, args.local(1))? as i64;
        Ok(())
    })?;
    Ok(vm.ret(vm.int(n)))
}

fn index(vm: &mut Vm, args: Args) -> NativeResult {
    let range = args.this::<Range>(vm)?;
    let v = args.get(vm, 1);
    if exact_int(vm, v) {
        if let Some(at) = position(vm, range, v) {
            return Ok(vm.ret(vm.int_from_big(&at)));
        }
        raise!(vm, ValueError, "range.index(x): x not in range");
    }
    match search(vm, args)? {
        Some(i) => {
            let i = vm.int_usize(i);
            Ok(vm.ret(i))
        }
        None => raise!(vm, ValueError, "sequence.index(x): x not in sequence"),
    }
}

fn iter(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let range = args.this::<Range>(vm)?;
    Ok(vm.ret(iterators::range_iterator(vm, range)))
}

fn reversed(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(iterators::range_reversed(vm, args.this::<Range>(vm)?)))
}

/// What makes ranges equal: length, first number if any, step if there is a second number.
fn essence(vm: &Vm, range: Gc<'_, Range>) -> (IBig, Option<IBig>, Option<IBig>) {
    let Bounds { start, step, len } = bounds(vm, range);
    let first = (len > IBig::ZERO).then_some(start);
    let second = (len > IBig::ONE).then_some(step);
    (len, first, second)
}

fn eq(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let range = args.this::<Range>(vm)?;
    let Some(other) = args.get(vm, 1).cast::<Range>() else {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    };
    let equal = essence(vm, range) == essence(vm, other);
    Ok(vm.ret(Value::from_bool(equal)))
}

fn hash(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (len, first, second) = essence(vm, args.this::<Range>(vm)?);
    let mut hash = tuple_hash_start();
    for part in [Some(len), first, second] {
        let part = part.map_or(Value::NONE, |n| vm.int_from_big(&n));
        hash = tuple_hash_step(hash, vm.hash_leaf(part).unwrap_or(0));
    }
    Ok(vm.ret(vm.int(tuple_hash_end(hash, 3) as i64)))
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let range = args.this::<Range>(vm)?;
    let text = |slot: &Slot| vm.as_big(slot.get(vm)).map_or(String::new(), |n| n.to_string());
    let (start, stop, step) = (text(&range.start), text(&range.stop), text(&range.step));
    let text = if step == "1" {
        format!("range({start}, {stop})")
    } else {
        format!("range({start}, {stop}, {step})")
    };
    Ok(vm.ret(vm.str(&text).value()))
}
