//! product, permutations, combinations and combinations_with_replacement.

use crate::prelude::*;

/// The state of a combinatoric iterator.
#[derive(Trace)]
struct State {
    /// What is chosen from: a tuple (for a product: a tuple of tuples).
    pool: Slot,
    /// The positions chosen, an array of ints.
    indices: Slot,
    /// permutations: how many choices each place has left, an array of ints.
    cycles: Slot,
    /// [`FIRST`], [`RUNNING`] or [`DONE`].
    phase: Cell<u8>,
}

const FIRST: u8 = 0;
const RUNNING: u8 = 1;
const DONE: u8 = 2;

impl State {
    fn new(
        vm: &Vm,
        pool: Value<'_>,
        indices: impl Iterator<Item = usize>,
        n: usize,
        empty: bool,
    ) -> State {
        let indices = vm.array_from(n, indices.map(|i| Value::from_i32(i as i32)));
        let phase = Cell::new(if empty { DONE } else { FIRST });
        State { pool: slot(pool), indices: slot(indices.value()), cycles: unbound(), phase }
    }
}

/// A mutable array of small ints.
#[derive(Clone, Copy)]
struct Ints<'gc> {
    vm: &'gc Vm,
    array: Gc<'gc, Array>,
}

impl<'gc> Ints<'gc> {
    fn of(vm: &'gc Vm, slot: &Slot) -> Self {
        Ints { vm, array: slot.get_as(vm).expect("an array") }
    }
    fn len(self) -> usize {
        self.array.len()
    }
    fn get(self, i: usize) -> usize {
        self.array.item(self.vm, i).as_small_int().unwrap_or(0) as usize
    }
    fn set(self, i: usize, n: usize) {
        let n = Value::from_i32(n as i32);
        self.vm.write(self.array, |a| &a.items()[i], n);
    }
}

/// Rejects pools that 32-bit positions cannot number.
fn check_pool(vm: &Vm, n: usize) -> Result<(), Raised> {
    if n > i32::MAX as usize { Err(vm.memory_error()) } else { Ok(()) }
}

macro_rules! combinatoric {
    ($payload:ident, $def:ident, $name:literal, $doc:literal, $new:expr, $advance:expr) => {
        #[doc = $name]
        #[derive(Trace)]
        pub struct $payload {
            state: State,
        }
        iterator_type!(
            $payload,
            $def,
            "itertools",
            $name,
            $doc,
            ClassFlags::BASE,
            |vm, args| {
                let vm = &*vm;
                let this = args.payload::<$payload>(vm)?;
                step(vm, &this.r().state, $advance)
            },
            [$new]
        );
    };
}

/// Advances to the next choice and gives it as a tuple.
fn step(vm: &Vm, state: &State, advance: fn(&Vm, &State, Ints<'_>) -> bool) -> StepResult {
    let indices = Ints::of(vm, &state.indices);
    match state.phase.get() {
        DONE => return Ok(None),
        FIRST => state.phase.set(RUNNING),
        _ => {
            if !advance(vm, state, indices) {
                state.phase.set(DONE);
                return Ok(None);
            }
        }
    }
    let pool: Gc<'_, Tuple> = state.pool.get_as(vm).expect("a tuple");
    let n = if state.cycles.get(vm).is_unbound() {
        indices.len()
    } else {
        Ints::of(vm, &state.cycles).len()
    };
    let chosen = (0..n).map(|i| pool.item(vm, indices.get(i)));
    Ok(Some(vm.ret(vm.tuple_from(n, chosen).value())))
}

/// The pool, and the number of places.
fn pool_and_length(vm: &mut Vm, args: Args, i: usize) -> Result<(Local, usize), Raised> {
    let pool = vm.collect_tuple(args.local(1))?;
    let pool = vm.hold(pool);
    let n = seq_len(vm.get(pool));
    check_pool(vm, n)?;
    if args.not_none(vm, i).is_none() {
        return Ok((pool, n));
    }
    let v = vm.get(args.local(i));
    if !vm.is_int(v) && vm.special_of(v, Special::Index).is_none() {
        raise!(vm, TypeError, "Expected int as r");
    }
    let r = vm.index_i64(args.local(i))?;
    if r < 0 {
        raise!(vm, ValueError, "r must be non-negative");
    }
    Ok((pool, r as usize))
}

combinatoric!(
    Permutations,
    PERMUTATIONS,
    "permutations",
    "permutations(iterable, r=None)\n--\n\nAll arrangements of r items.",
    NativeDef::static_method("__new__($type, iterable, r=None)", permutations_new, ""),
    next_permutation
);

fn permutations_new(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &PERMUTATIONS)?;
    let (pool, r) = pool_and_length(vm, args, 2)?;
    let vm = &*vm;
    let n = seq_len(vm.get(pool));
    let state = State::new(vm, vm.get(pool), 0..n, n, r > n);
    let r = r.min(n);
    let cycles = vm.array_from(r, (0..r).map(|i| Value::from_i32((n - i) as i32)));
    let state = State { cycles: slot(cycles.value()), ..state };
    Ok(vm.ret(vm.native_of_shape(shape, Permutations { state }).value()))
}

fn next_permutation(vm: &Vm, state: &State, indices: Ints<'_>) -> bool {
    let cycles = Ints::of(vm, &state.cycles);
    let n = indices.len();
    for i in (0..cycles.len()).rev() {
        let left = cycles.get(i) - 1;
        if left == 0 {
            // The place has had all choices: the one in it goes to the end.
            let first = indices.get(i);
            for k in i..n - 1 {
                indices.set(k, indices.get(k + 1));
            }
            indices.set(n - 1, first);
            cycles.set(i, n - i);
        } else {
            cycles.set(i, left);
            let (a, b) = (indices.get(i), indices.get(n - left));
            indices.set(i, b);
            indices.set(n - left, a);
            return true;
        }
    }
    false
}

combinatoric!(
    Combinations,
    COMBINATIONS,
    "combinations",
    "combinations(iterable, r)\n--\n\nAll choices of r items, in the order of the iterable.",
    NativeDef::static_method("__new__($type, iterable, r)", combinations_new, ""),
    next_combination
);

fn combinations_new(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &COMBINATIONS)?;
    let r = vm.index_i64(args.local(2))?;
    let pool = vm.collect_tuple(args.local(1))?;
    let pool = vm.hold(pool);
    let vm = &*vm;
    if r < 0 {
        raise!(vm, ValueError, "r must be non-negative");
    }
    let (n, r) = (seq_len(vm.get(pool)), r as usize);
    check_pool(vm, n)?;
    let empty = r > n;
    let r = if empty { 0 } else { r };
    let state = State::new(vm, vm.get(pool), 0..r, r, empty);
    Ok(vm.ret(vm.native_of_shape(shape, Combinations { state }).value()))
}

fn next_combination(vm: &Vm, state: &State, indices: Ints<'_>) -> bool {
    let n = seq_len(state.pool.get(vm));
    let r = indices.len();
    for i in (0..r).rev() {
        let at = indices.get(i);
        if at != i + n - r {
            for k in i..r {
                indices.set(k, at + 1 + k - i);
            }
            return true;
        }
    }
    false
}

combinatoric!(
    CombinationsWithReplacement,
    COMBINATIONS_WITH_REPLACEMENT,
    "combinations_with_replacement",
    "combinations_with_replacement(iterable, r)\n--\n\nAll choices of r items, in the order of the iterable, each as often as may be.",
    NativeDef::static_method("__new__($type, iterable, r)", replacement_new, ""),
    next_with_replacement
);

fn replacement_new(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &COMBINATIONS_WITH_REPLACEMENT)?;
    let r = vm.index_i64(args.local(2))?;
    let pool = vm.collect_tuple(args.local(1))?;
    let pool = vm.hold(pool);
    let vm = &*vm;
    if r < 0 {
        raise!(vm, ValueError, "r must be non-negative");
    }
    let (n, r) = (seq_len(vm.get(pool)), r as usize);
    check_pool(vm, n)?;
    let empty = n == 0 && r > 0;
    let r = if empty { 0 } else { r };
    vm.check_size(r.saturating_mul(8))?;
    let state = State::new(vm, vm.get(pool), std::iter::repeat_n(0, r), r, empty);
    Ok(vm.ret(vm.native_of_shape(shape, CombinationsWithReplacement { state }).value()))
}

fn next_with_replacement(vm: &Vm, state: &State, indices: Ints<'_>) -> bool {
    let n = seq_len(state.pool.get(vm));
    for i in (0..indices.len()).rev() {
        let at = indices.get(i);
        if at + 1 != n {
            for k in i..indices.len() {
                indices.set(k, at + 1);
            }
            return true;
        }
    }
    false
}

/// product
#[derive(Trace)]
pub struct Product {
    state: State,
}
iterator_type!(
    Product,
    PRODUCT,
    "itertools",
    "product",
    "product(*iterables, repeat=1)\n--\n\nAll tuples with one item of each iterable.",
    ClassFlags::BASE,
    product_next,
    [NativeDef::static_method("__new__($type, /, *iterables, **kwargs)", product_new, "").raw()]
);

fn product_new(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &PRODUCT)?;
    let mut repeat = 1;
    for (name, place) in keywords(vm, args) {
        if name != "repeat" {
            raise!(vm, TypeError, "product() got an unexpected keyword argument '{name}'");
        }
        repeat = vm.index_i64(place)?;
    }
    if repeat < 0 {
        raise!(vm, ValueError, "repeat argument cannot be negative");
    }
    let count = args.len() - args.keyword_count() - 1;
    let count = if repeat == 0 { 0 } else { count };
    let n = repeat_len(vm, count, repeat as usize)?;
    let mut pools = Vec::new();
    for i in 0..count {
        let pool = vm.collect_tuple(args.local(1 + i))?;
        let pool = vm.hold(pool);
        check_pool(vm, seq_len(vm.get(pool)))?;
        pools.push(pool);
    }
    let vm = &*vm;
    let empty = pools.iter().any(|p| seq_len(vm.get(*p)) == 0);
    let all = vm.tuple_from(n, (0..n).map(|i| vm.get(pools[i % count])));
    let state = State::new(vm, all.value(), std::iter::repeat_n(0, n), n, empty);
    Ok(vm.ret(vm.native_of_shape(shape, Product { state }).value()))
}

fn repeat_len(vm: &Vm, count: usize, repeat: usize) -> Result<usize, Raised> {
    match count.checked_mul(repeat).filter(|n| *n < isize::MAX as usize / 8) {
        Some(n) => vm.check_size(n * 8).map(|()| n),
        None => Err(vm.raise(ClassId::OverflowError, "repeat argument too large")),
    }
}

fn product_next(vm: &mut Vm, args: Args) -> StepResult {
    let vm = &*vm;
    let this = args.payload::<Product>(vm)?;
    let state = &this.r().state;
    let indices = Ints::of(vm, &state.indices);
    let pools: Gc<'_, Tuple> = state.pool.get_as(vm).expect("a tuple");
    let pool = |i: usize| pools.item(vm, i).cast::<Tuple>().expect("a tuple of tuples");
    let n = indices.len();
    match state.phase.get() {
        DONE => return Ok(None),
        FIRST => state.phase.set(RUNNING),
        _ => {
            let mut i = n;
            loop {
                if i == 0 {
                    state.phase.set(DONE);
                    return Ok(None);
                }
                i -= 1;
                let at = indices.get(i) + 1;
                if at < pool(i).len() {
                    indices.set(i, at);
                    break;
                }
                indices.set(i, 0);
            }
        }
    }
    let chosen = (0..n).map(|i| pool(i).item(vm, indices.get(i)));
    Ok(Some(vm.ret(vm.tuple_from(n, chosen).value())))
}
