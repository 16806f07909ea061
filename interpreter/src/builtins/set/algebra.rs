//! What sets do with each other: union, intersection, differences and comparison, as methods and as
//! operators.

use super::*;

/// Each of the arguments after the receiver (a tuple in slot 1).
fn others(vm: &Vm, args: Args) -> Vec<Local> {
    let others = args.get(vm, 1);
    (0..seq_len(others)).filter_map(|i| seq_item(vm, others, i)).map(|v| vm.root(v)).collect()
}

/// A copy of the receiver, rooted, of type set or frozenset.
fn own_copy(vm: &Vm, args: Args) -> Result<Local, Raised> {
    let this = args.this::<Set>(vm)?;
    let shape = plain_shape(vm, this.value());
    Ok(vm.root(copy_of(vm, this, shape).value()))
}

pub(super) fn copy(vm: &mut Vm, args: Args) -> NativeResult {
    if vm.is_exact(args.get(vm, 0), ClassId::FrozenSet) {
        return Ok(vm.ret(args.get(vm, 0)));
    }
    let copy = own_copy(vm, args)?;
    Ok(vm.ret(vm.get(copy)))
}

pub(super) fn union(vm: &mut Vm, args: Args) -> NativeResult {
    let result = own_copy(vm, args)?;
    for other in others(vm, args) {
        add_all(vm, result, other)?;
    }
    Ok(vm.ret(vm.get(result)))
}

pub(super) fn update(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Set>(vm)?;
    for other in others(vm, args) {
        add_all(vm, args.local(0), other)?;
    }
    Ok(vm.none())
}

/// The elements of `a` that are in `b` (`wanted`) or are not; a new set of the given shape, rooted.
fn select(vm: &mut Vm, a: Local, b: Local, wanted: bool, shape: u32) -> Result<Local, Raised> {
    let result = vm.root(vm.set_of_shape(shape).value());
    let key = vm.empty_root();
    let mut i = 0;
    while i < vm.table_used(&*set_in(vm, a)) {
        if let Some((hash, inside)) = inside(vm, a, i, b, key)?
            && inside == wanted
        {
            let target = set_in(vm, result);
            vm.table_add(target, vm.get(key), hash, Value::UNBOUND);
        }
        i += 1;
    }
    Ok(result)
}

/// The element at entry `i` of `a`, put into `key`: its hash and whether it is in `b`. `None` when the
/// entry is empty.
fn inside(
    vm: &mut Vm,
    a: Local,
    i: usize,
    b: Local,
    key: Local,
) -> Result<Option<(u64, bool)>, Raised> {
    let Some((k, _, hash)) = vm.table_entry(&*set_in(vm, a), i) else { return Ok(None) };
    vm.set(key, k);
    let inside = match vm.table_find(&*set_in(vm, b), k, hash, None) {
        Lookup::Found(_) => true,
        Lookup::Missing => false,
        Lookup::Ask(..) => vm.scope(|vm| vm.set_contains_hashed(b, key, hash))?,
    };
    Ok(Some((hash, inside)))
}

/// Makes `this` have the elements of `result`, which is not used any more.
fn take_over(vm: &Vm, this: Local, result: Local) {
    let (this, result) = (set_in(vm, this), set_in(vm, result));
    vm.write(this, |s| &s.table, result.table.get(vm));
    this.len.set(result.len.get());
    vm.table_clear(result);
}

fn intersect_all(vm: &mut Vm, args: Args) -> Result<Local, Raised> {
    let mut result = own_copy(vm, args)?;
    let shape = plain_shape(vm, args.get(vm, 0));
    for other in others(vm, args) {
        // The elements are those of the smaller set, as in CPython.
        let other = as_set(vm, other)?;
        let (na, nb) = (set_in(vm, result).len.get(), set_in(vm, other).len.get());
        let (a, b) = if nb < na { (other, result) } else { (result, other) };
        result = select(vm, a, b, true, shape)?;
    }
    Ok(result)
}

pub(super) fn intersection(vm: &mut Vm, args: Args) -> NativeResult {
    let result = intersect_all(vm, args)?;
    Ok(vm.ret(vm.get(result)))
}

pub(super) fn intersection_update(vm: &mut Vm, args: Args) -> NativeResult {
    let result = intersect_all(vm, args)?;
    take_over(vm, args.local(0), result);
    Ok(vm.none())
}

fn subtract_all(vm: &mut Vm, args: Args) -> Result<Local, Raised> {
    let mut result = own_copy(vm, args)?;
    let shape = plain_shape(vm, args.get(vm, 0));
    for other in others(vm, args) {
        let other = as_set(vm, other)?;
        result = select(vm, result, other, false, shape)?;
    }
    Ok(result)
}

pub(super) fn difference(vm: &mut Vm, args: Args) -> NativeResult {
    let result = subtract_all(vm, args)?;
    Ok(vm.ret(vm.get(result)))
}

pub(super) fn difference_update(vm: &mut Vm, args: Args) -> NativeResult {
    let result = subtract_all(vm, args)?;
    take_over(vm, args.local(0), result);
    Ok(vm.none())
}

/// What is in one of two sets only, rooted.
fn exclusive(vm: &mut Vm, a: Local, b: Local, shape: u32) -> Result<Local, Raised> {
    let result = select(vm, a, b, false, shape)?;
    let rest = select(vm, b, a, false, ClassId::Set as u32)?;
    add_all(vm, result, rest)?;
    Ok(result)
}

pub(super) fn symmetric_difference(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Set>(vm)?;
    let other = as_set(vm, args.local(1))?;
    let shape = plain_shape(vm, args.get(vm, 0));
    let result = exclusive(vm, args.local(0), other, shape)?;
    Ok(vm.ret(vm.get(result)))
}

pub(super) fn symmetric_difference_update(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Set>(vm)?;
    let other = as_set(vm, args.local(1))?;
    let result = exclusive(vm, args.local(0), other, ClassId::Set as u32)?;
    take_over(vm, args.local(0), result);
    Ok(vm.none())
}

/// An operator between two sets.
#[derive(Clone, Copy)]
enum SetOp {
    Or,
    And,
    Sub,
    Xor,
}

/// `a op b`; NotImplemented unless both are sets.
fn operate(vm: &mut Vm, op: SetOp, a: Local, b: Local) -> Result<Option<Local>, Raised> {
    let is_set = |v: Local| vm.get(v).kind() == Some(Kind::Set);
    if !is_set(a) || !is_set(b) {
        return Ok(None);
    }
    let shape = plain_shape(vm, vm.get(a));
    let result = match op {
        SetOp::Or => {
            let result = vm.root(copy_of(vm, set_in(vm, a), shape).value());
            add_all(vm, result, b)?;
            result
        }
        SetOp::And => {
            let (na, nb) = (set_in(vm, a).len.get(), set_in(vm, b).len.get());
            let (x, y) = if nb < na { (b, a) } else { (a, b) };
            select(vm, x, y, true, shape)?
        }
        SetOp::Sub => select(vm, a, b, false, shape)?,
        SetOp::Xor => exclusive(vm, a, b, shape)?,
    };
    Ok(Some(result))
}

fn operator(vm: &mut Vm, op: SetOp, a: Local, b: Local) -> NativeResult {
    match operate(vm, op, a, b)? {
        Some(result) => Ok(vm.ret(vm.get(result))),
        None => Ok(vm.ret(Value::NOT_IMPLEMENTED)),
    }
}

fn inplace(vm: &mut Vm, op: SetOp, args: Args) -> NativeResult {
    args.this::<Set>(vm)?;
    let this = args.local(0);
    if matches!(op, SetOp::Or) && vm.get(args.local(1)).kind() == Some(Kind::Set) {
        add_all(vm, this, args.local(1))?;
        return Ok(vm.ret(vm.get(this)));
    }
    match operate(vm, op, this, args.local(1))? {
        Some(result) => {
            take_over(vm, this, result);
            Ok(vm.ret(vm.get(this)))
        }
        None => Ok(vm.ret(Value::NOT_IMPLEMENTED)),
    }
}

pub(super) fn or(vm: &mut Vm, args: Args) -> NativeResult {
    operator(vm, SetOp::Or, args.local(0), args.local(1))
}
pub(super) fn ror(vm: &mut Vm, args: Args) -> NativeResult {
    operator(vm, SetOp::Or, args.local(1), args.local(0))
}
pub(super) fn and(vm: &mut Vm, args: Args) -> NativeResult {
    operator(vm, SetOp::And, args.local(0), args.local(1))
}
pub(super) fn rand(vm: &mut Vm, args: Args) -> NativeResult {
    operator(vm, SetOp::And, args.local(1), args.local(0))
}
pub(super) fn sub(vm: &mut Vm, args: Args) -> NativeResult {
    operator(vm, SetOp::Sub, args.local(0), args.local(1))
}
pub(super) fn rsub(vm: &mut Vm, args: Args) -> NativeResult {
    operator(vm, SetOp::Sub, args.local(1), args.local(0))
}
pub(super) fn xor(vm: &mut Vm, args: Args) -> NativeResult {
    operator(vm, SetOp::Xor, args.local(0), args.local(1))
}
pub(super) fn rxor(vm: &mut Vm, args: Args) -> NativeResult {
    operator(vm, SetOp::Xor, args.local(1), args.local(0))
}
pub(super) fn ior(vm: &mut Vm, args: Args) -> NativeResult {
    inplace(vm, SetOp::Or, args)
}
pub(super) fn iand(vm: &mut Vm, args: Args) -> NativeResult {
    inplace(vm, SetOp::And, args)
}
pub(super) fn isub(vm: &mut Vm, args: Args) -> NativeResult {
    inplace(vm, SetOp::Sub, args)
}
pub(super) fn ixor(vm: &mut Vm, args: Args) -> NativeResult {
    inplace(vm, SetOp::Xor, args)
}

/// Whether each element of `a` is in `b` (`wanted`), or each is not.
fn all_inside(vm: &mut Vm, a: Local, b: Local, wanted: bool) -> Result<bool, Raised> {
    let key = vm.empty_root();
    let mut i = 0;
    while i < vm.table_used(&*set_in(vm, a)) {
        if inside(vm, a, i, b, key)?.is_some_and(|(_, inside)| inside != wanted) {
            return Ok(false);
        }
        i += 1;
    }
    Ok(true)
}

/// Whether all elements of `a` are in `b`.
fn is_subset(vm: &mut Vm, a: Local, b: Local) -> Result<bool, Raised> {
    Ok(set_in(vm, a).len.get() <= set_in(vm, b).len.get() && all_inside(vm, a, b, true)?)
}

pub(super) fn issubset(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Set>(vm)?;
    let other = as_set(vm, args.local(1))?;
    let yes = is_subset(vm, args.local(0), other)?;
    Ok(vm.ret(Value::from_bool(yes)))
}

pub(super) fn issuperset(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Set>(vm)?;
    let other = as_set(vm, args.local(1))?;
    let yes = is_subset(vm, other, args.local(0))?;
    Ok(vm.ret(Value::from_bool(yes)))
}

pub(super) fn isdisjoint(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Set>(vm)?;
    let other = as_set(vm, args.local(1))?;
    let this = args.local(0);
    let swap = set_in(vm, other).len.get() <= set_in(vm, this).len.get();
    let (a, b) = if swap { (other, this) } else { (this, other) };
    let yes = all_inside(vm, a, b, false)?;
    Ok(vm.ret(Value::from_bool(yes)))
}

fn compare(vm: &mut Vm, args: Args, op: CompareOp) -> NativeResult {
    args.this::<Set>(vm)?;
    if args.get(vm, 1).kind() != Some(Kind::Set) {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    }
    let (a, b) = (args.local(0), args.local(1));
    let (na, nb) = (set_in(vm, a).len.get(), set_in(vm, b).len.get());
    let answer = match op {
        CompareOp::Eq => na == nb && is_subset(vm, a, b)?,
        CompareOp::Ne => !(na == nb && is_subset(vm, a, b)?),
        CompareOp::Lt => na < nb && is_subset(vm, a, b)?,
        CompareOp::Le => is_subset(vm, a, b)?,
        CompareOp::Gt => na > nb && is_subset(vm, b, a)?,
        CompareOp::Ge => is_subset(vm, b, a)?,
    };
    Ok(vm.ret(Value::from_bool(answer)))
}

pub(super) fn eq(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Eq)
}
pub(super) fn ne(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Ne)
}
pub(super) fn lt(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Lt)
}
pub(super) fn le(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Le)
}
pub(super) fn gt(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Gt)
}
pub(super) fn ge(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Ge)
}
