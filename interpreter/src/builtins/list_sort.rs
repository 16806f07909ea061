//! Sorting: a stable merge sort that finds runs (as in timsort) and merges them by powersort's rule.
//!
//! What is sorted is a permutation: plain numbers, so that nothing the sort itself holds can move.
//! Keys that need no Python code to compare (ints, floats, strs, tuples of these) go to the standard
//! library's stable sort.

use super::declare::ClassId;
use super::list::list_in;
use super::list_core::set_contents;
use crate::object::*;
use crate::value::Value;
use crate::vm::compare::str_order;
use crate::vm::{Local, Raised, Vm};
use std::cmp::Ordering;

/// Runs shorter than this are extended by insertion.
const MIN_RUN: usize = 24;

/// Sorts a list in place.
pub fn sort(vm: &mut Vm, list: Local, key: Option<Local>, reverse: bool) -> Result<(), Raised> {
    // The list is empty while it is sorted, so that Python code cannot disturb the items.
    let len = list_in(vm, list).len.get();
    let array = vm.root(list_in(vm, list).array.get(vm));
    set_contents(vm, list_in(vm, list), Value::UNBOUND, 0);
    let sorted = order(vm, array, len, key, reverse);
    let vm = &*vm;
    let this = list_in(vm, list);
    let modified = this.len.get() != 0 || !this.array.get(vm).is_unbound();
    let result = match sorted {
        Ok(order) => {
            if let Some(items) = vm.get(array).cast::<Array>() {
                let sorted = order.iter().map(|i| items.item(vm, *i as usize));
                let sorted = vm.array_from(len, sorted);
                vm.set(array, sorted.value());
            }
            if modified { Err(vm.value_error("list modified during sort")) } else { Ok(()) }
        }
        Err(raised) => Err(raised),
    };
    set_contents(vm, this, vm.get(array), len);
    result
}

/// The permutation that sorts the items.
fn order(
    vm: &mut Vm,
    items: Local,
    len: usize,
    key: Option<Local>,
    reverse: bool,
) -> Result<Vec<u32>, Raised> {
    let keys = match key {
        Some(key) => call_keys(vm, items, len, key)?,
        None => items,
    };
    // Reversing before and after keeps equal items in their order.
    let mut order: Vec<u32> =
        if reverse { (0..len as u32).rev().collect() } else { (0..len as u32).collect() };
    if len > 1 && !sort_leaves(vm, keys, &mut order) {
        let (a, b) = (vm.empty_root(), vm.empty_root());
        let method = common_less(vm, keys, len);
        merge_sort(&mut order, &mut |i, j| {
            {
                let vm = &*vm;
                let array: Gc<'_, Array> = vm.get(keys).cast().expect("an array");
                vm.set(a, array.item(vm, i as usize));
                vm.set(b, array.item(vm, j as usize));
            }
            vm.scope(|vm| {
                if let Some(method) = method {
                    let ret = vm.call(method, &[a, b])?;
                    if let Some(known) = vm.truth_leaf(vm.value(ret)) {
                        return Ok(known);
                    }
                }
                vm.lt(a, b)
            })
        })?;
    }
    if reverse {
        order.reverse();
    }
    Ok(order)
}

/// The `__lt__` written in Python that all keys have, when they are instances of one class.
fn common_less(vm: &Vm, keys: Local, len: usize) -> Option<Local> {
    let keys: Gc<'_, Array> = vm.get(keys).cast()?;
    let class = vm.class_of(keys.item(vm, 0));
    let same = keys.items()[..len].iter().all(|slot| vm.class_of(slot.get(vm)) == class);
    let method = vm.special(class, crate::vm::Special::Lt)?;
    (same && method.kind() == Some(Kind::Function)).then(|| vm.root(method))
}

fn call_keys(vm: &mut Vm, items: Local, len: usize, key: Local) -> Result<Local, Raised> {
    let keys = vm.root(vm.array_filled(len).value());
    let item = vm.empty_root();
    for i in 0..len {
        let array: Gc<'_, Array> = vm.get(items).cast().expect("an array");
        vm.set(item, array.item(vm, i));
        let ret = vm.scope(|vm| vm.call(key, &[item]))?;
        let array: Gc<'_, Array> = vm.get(keys).cast().expect("an array");
        vm.write(array, |a| &a.items()[i], vm.value(ret));
    }
    Ok(keys)
}

/// What all keys are, when no Python code is needed to compare them.
#[derive(Clone, PartialEq)]
enum Leaf {
    Int,
    Float,
    Number,
    Str,
    Tuple(Vec<Leaf>),
}

/// The common description of the keys, or `None` when comparing them may run Python code or is not
/// a total order.
fn describe<'gc>(vm: &'gc Vm, keys: &[Value<'gc>], depth: usize) -> Option<Leaf> {
    let first = *keys.first()?;
    if vm.is_exact(first, ClassId::Tuple) {
        if depth == 0 || !keys.iter().all(|k| vm.is_exact(*k, ClassId::Tuple)) {
            return None;
        }
        let tuples: Vec<Gc<'_, Tuple>> = keys.iter().filter_map(|k| k.cast()).collect();
        let width = tuples.iter().map(|t| t.len()).max()?;
        let mut parts = Vec::new();
        for i in 0..width {
            let column: Vec<_> =
                tuples.iter().filter(|t| i < t.len()).map(|t| t.item(vm, i)).collect();
            parts.push(describe(vm, &column, depth - 1)?);
        }
        return Some(Leaf::Tuple(parts));
    }
    if vm.is_exact(first, ClassId::Str) {
        return keys.iter().all(|k| vm.is_exact(*k, ClassId::Str)).then_some(Leaf::Str);
    }
    if keys.iter().all(|k| k.as_small_int().is_some()) {
        return Some(Leaf::Int);
    }
    let is_float = |k: Value<'_>| vm.is_exact(k, ClassId::Float);
    let real = |k: Value<'_>| vm.as_f64(k).is_none_or(|f| !f.is_nan());
    if keys.iter().all(|k| is_float(*k) && real(*k)) {
        return Some(Leaf::Float);
    }
    let number = |k: Value<'_>| is_float(k) || vm.is_exact(k, ClassId::Int) || k.is_bool();
    keys.iter().all(|k| number(*k) && real(*k)).then_some(Leaf::Number)
}

fn compare(vm: &Vm, leaf: &Leaf, a: Value<'_>, b: Value<'_>) -> Ordering {
    match leaf {
        Leaf::Int => a.as_small_int().cmp(&b.as_small_int()),
        Leaf::Float => vm.as_f64(a).partial_cmp(&vm.as_f64(b)).unwrap_or(Ordering::Equal),
        Leaf::Number => vm.number_cmp(a, b).unwrap_or(Ordering::Equal),
        Leaf::Str => match (a.as_str(), b.as_str()) {
            (Some(x), Some(y)) => str_order(x, y),
            _ => Ordering::Equal,
        },
        Leaf::Tuple(parts) => {
            let (Some(x), Some(y)) = (a.cast::<Tuple>(), b.cast::<Tuple>()) else {
                return Ordering::Equal;
            };
            for (i, part) in parts.iter().enumerate().take(x.len().min(y.len())) {
                let o = compare(vm, part, x.item(vm, i), y.item(vm, i));
                if o.is_ne() {
                    return o;
                }
            }
            x.len().cmp(&y.len())
        }
    }
}

/// Sorts keys that need no Python code; false when there are others.
fn sort_leaves(vm: &Vm, keys: Local, order: &mut [u32]) -> bool {
    let Some(array) = vm.get(keys).cast::<Array>() else { return false };
    let values: Vec<Value<'_>> =
        array.items()[..order.len()].iter().map(|slot| slot.get(vm)).collect();
    let Some(leaf) = describe(vm, &values, 3) else { return false };
    match leaf {
        Leaf::Int => sort_by_key(order, |i| values[i].as_small_int(), |a, b| a.0.cmp(&b.0)),
        Leaf::Float => sort_by_key(
            order,
            |i| vm.as_f64(values[i]),
            |a, b| a.0.partial_cmp(&b.0).unwrap_or(Ordering::Equal),
        ),
        Leaf::Str => {
            let narrow = values.iter().all(|v| v.as_str().is_some_and(|s| s.width() == 1));
            sort_by_key(
                order,
                |i| values[i].as_str().map_or(0, |s| str_prefix(&s, narrow)),
                |a, b| {
                    let rest = || compare(vm, &leaf, values[a.1 as usize], values[b.1 as usize]);
                    a.0.cmp(&b.0).then_with(rest)
                },
            )
        }
        _ => order.sort_by(|a, b| compare(vm, &leaf, values[*a as usize], values[*b as usize])),
    }
    true
}

/// The first characters of a str as a number that sorts as they do: eight when no str has others than
/// Latin-1 (`narrow`), three else, as many as fit. Strs with the same number may differ further on.
fn str_prefix(s: &Str, narrow: bool) -> u64 {
    if narrow {
        let data = s.data();
        return match data.first_chunk() {
            Some(first) => u64::from_be_bytes(*first),
            None => {
                let mut first = [0; 8];
                first[..data.len()].copy_from_slice(data);
                u64::from_be_bytes(first)
            }
        };
    }
    (0..3).fold(0, |number, i| number << 21 | if i < s.len() { s.char_at(i).into() } else { 0 })
}

/// Sorts with the keys beside the numbers, which is kinder to the cache.
fn sort_by_key<K: Copy>(
    order: &mut [u32],
    key: impl Fn(usize) -> K,
    compare: impl Fn(&(K, u32), &(K, u32)) -> Ordering,
) {
    let mut pairs: Vec<(K, u32)> = order.iter().map(|i| (key(*i as usize), *i)).collect();
    pairs.sort_by(compare);
    for (place, (_, i)) in order.iter_mut().zip(pairs) {
        *place = i;
    }
}

type Less<'a> = &'a mut dyn FnMut(u32, u32) -> Result<bool, Raised>;

/// A sorted stretch waiting to be merged.
#[derive(Clone, Copy)]
struct Run {
    start: usize,
    len: usize,
    /// Depth of the boundary to the next run in the nearly optimal merge tree.
    power: u32,
}

/// Stable merge sort of `v` by a comparison that may fail.
fn merge_sort(v: &mut [u32], less: Less<'_>) -> Result<(), Raised> {
    let n = v.len();
    let mut stack: Vec<Run> = Vec::new();
    let mut start = 0;
    while start < n {
        let mut len = natural_run(&mut v[start..], less)?;
        if len < MIN_RUN {
            let wanted = MIN_RUN.min(n - start);
            insertion_sort(&mut v[start..start + wanted], len, less)?;
            len = wanted;
        }
        let run = Run { start, len, power: 0 };
        if let Some(last) = stack.last().copied() {
            let power = node_power(last, run, n);
            while stack.len() > 1 && stack[stack.len() - 2].power > power {
                merge_top(v, &mut stack, less)?;
            }
            if let Some(last) = stack.last_mut() {
                last.power = power;
            }
        }
        stack.push(run);
        start += len;
    }
    while stack.len() > 1 {
        merge_top(v, &mut stack, less)?;
    }
    Ok(())
}

/// Depth at which the boundary between two neighbouring runs sits in a perfectly balanced tree over
/// `n` items: the first binary digit in which the runs' middles, as fractions of `n`, differ.
fn node_power(a: Run, b: Run, n: usize) -> u32 {
    let n = n as u64;
    let mut left = 2 * a.start as u64 + a.len as u64;
    let mut right = left + a.len as u64 + b.len as u64;
    let mut power = 0;
    loop {
        power += 1;
        if left >= n {
            left -= n;
            right -= n;
        } else if right >= n {
            return power;
        }
        left <<= 1;
        right <<= 1;
    }
}

/// Length of the run at the start of `v`; a strictly falling one is turned round.
fn natural_run(v: &mut [u32], less: Less<'_>) -> Result<usize, Raised> {
    if v.len() < 2 {
        return Ok(v.len());
    }
    let mut n = 2;
    if less(v[1], v[0])? {
        while n < v.len() && less(v[n], v[n - 1])? {
            n += 1;
        }
        v[..n].reverse();
    } else {
        while n < v.len() && !less(v[n], v[n - 1])? {
            n += 1;
        }
    }
    Ok(n)
}

/// Sorts `v`, of which the first `sorted` items are sorted, by binary insertion.
fn insertion_sort(v: &mut [u32], sorted: usize, less: Less<'_>) -> Result<(), Raised> {
    for i in sorted.max(1)..v.len() {
        let item = v[i];
        let (mut low, mut high) = (0, i);
        while low < high {
            let middle = low + (high - low) / 2;
            if less(item, v[middle])? {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        v.copy_within(low..i, low + 1);
        v[low] = item;
    }
    Ok(())
}

/// Merges the two runs on top of the stack.
fn merge_top(v: &mut [u32], stack: &mut Vec<Run>, less: Less<'_>) -> Result<(), Raised> {
    let (Some(b), Some(a)) = (stack.pop(), stack.pop()) else { return Ok(()) };
    merge(&mut v[a.start..b.start + b.len], a.len, less)?;
    stack.push(Run { start: a.start, len: a.len + b.len, power: b.power });
    Ok(())
}

/// Number of items at the front of the sorted `v` before which `item` would not go (`after`: behind
/// its equals); by galloping.
fn gallop(v: &[u32], item: u32, after: bool, less: Less<'_>) -> Result<usize, Raised> {
    let mut stays = |x: u32| if after { less(item, x).map(|l| !l) } else { less(x, item) };
    let mut bound = 1;
    while bound <= v.len() && stays(v[bound - 1])? {
        bound *= 2;
    }
    let (mut low, mut high) = (bound / 2, (bound - 1).min(v.len()));
    while low < high {
        let middle = low + (high - low) / 2;
        if stays(v[middle])? {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

/// Merges `v[..split]` and `v[split..]`. After an error `v` is still a permutation.
fn merge(v: &mut [u32], split: usize, less: Less<'_>) -> Result<(), Raised> {
    // What is in place already at either end needs no merging.
    let skip = gallop(&v[..split], v[split], true, less)?;
    let v = &mut v[skip..];
    let left = v[..split - skip].to_vec();
    if left.is_empty() {
        return Ok(());
    }
    let split = left.len();
    let (mut i, mut j, mut to) = (0, split, 0);
    let (mut left_wins, mut right_wins) = (0, 0);
    while i < left.len() && j < v.len() {
        match less(v[j], left[i]) {
            Ok(true) => {
                v[to] = v[j];
                j += 1;
                to += 1;
                (left_wins, right_wins) = (0, right_wins + 1);
            }
            Ok(false) => {
                v[to] = left[i];
                i += 1;
                to += 1;
                (left_wins, right_wins) = (left_wins + 1, 0);
            }
            Err(raised) => {
                v[to..j].copy_from_slice(&left[i..]);
                return Err(raised);
            }
        }
        // One side wins again and again: look for its whole stretch.
        let stretch = if left_wins >= 7 && j < v.len() {
            gallop(&left[i..], v[j], true, less).map(|n| (n, true))
        } else if right_wins >= 7 && i < left.len() {
            gallop(&v[j..], left[i], false, less).map(|n| (n, false))
        } else {
            continue;
        };
        match stretch {
            Ok((n, true)) => {
                v[to..to + n].copy_from_slice(&left[i..i + n]);
                i += n;
                to += n;
                left_wins = 0;
            }
            Ok((n, false)) => {
                v.copy_within(j..j + n, to);
                j += n;
                to += n;
                right_wins = 0;
            }
            Err(raised) => {
                v[to..j].copy_from_slice(&left[i..]);
                return Err(raised);
            }
        }
    }
    v[to..to + left.len() - i].copy_from_slice(&left[i..]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stable_on_many_patterns() {
        let mut seed = 1u64;
        let mut random = move || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed
        };
        for n in [0, 1, 2, 3, 23, 24, 25, 100, 1000, 3333] {
            for span in [1, 2, 10, 1_000_000] {
                let mut keys: Vec<u64> = (0..n).map(|_| random() % span).collect();
                if span == 10 {
                    keys.sort();
                    keys.reverse();
                }
                let mut order: Vec<u32> = (0..n as u32).collect();
                let mut expected = order.clone();
                expected.sort_by_key(|i| keys[*i as usize]);
                merge_sort(&mut order, &mut |a, b| Ok(keys[a as usize] < keys[b as usize]))
                    .expect("never fails");
                assert_eq!(order, expected);
            }
        }
    }
}
