//! Searching bytes, and what is found by searching: pieces, replacements.

use super::*;

fn locate(vm: &mut Vm, args: Args, last: bool) -> Result<Option<usize>, Raised> {
    let len = this(vm, args)?.len();
    let (start, end) = bounds(vm, args, 2, len)?;
    let vm = &*vm;
    let (data, needle) = (this(vm, args)?, sub(vm, args.get(vm, 1))?);
    if start > end {
        return Ok(None);
    }
    if needle.is_empty() {
        return Ok(Some(if last { end } else { start }));
    }
    let range = &data[start..end];
    let found = if last { rfind_units(range, &needle, 1) } else { find_units(range, &needle, 1) };
    Ok(found.map(|at| at + start))
}

fn find_either(vm: &mut Vm, args: Args, last: bool) -> NativeResult {
    let found = locate(vm, args, last)?;
    Ok(vm.ret(found.map_or(Value::from_i32(-1), |i| vm.int_usize(i))))
}

fn index_either(vm: &mut Vm, args: Args, last: bool) -> NativeResult {
    match locate(vm, args, last)? {
        Some(i) => Ok(vm.ret(vm.int_usize(i))),
        None => raise!(vm, ValueError, "subsection not found"),
    }
}

pub(in crate::builtins) fn find(vm: &mut Vm, args: Args) -> NativeResult {
    find_either(vm, args, false)
}

pub(in crate::builtins) fn rfind(vm: &mut Vm, args: Args) -> NativeResult {
    find_either(vm, args, true)
}

pub(in crate::builtins) fn index(vm: &mut Vm, args: Args) -> NativeResult {
    index_either(vm, args, false)
}

pub(in crate::builtins) fn rindex(vm: &mut Vm, args: Args) -> NativeResult {
    index_either(vm, args, true)
}

pub(in crate::builtins) fn count(vm: &mut Vm, args: Args) -> NativeResult {
    let len = this(vm, args)?.len();
    let (start, end) = bounds(vm, args, 2, len)?;
    let vm = &*vm;
    let (data, needle) = (this(vm, args)?, sub(vm, args.get(vm, 1))?);
    let n = if start > end {
        0
    } else if needle.is_empty() {
        end - start + 1
    } else {
        count_units(&data[start..end], &needle, 1)
    };
    Ok(vm.ret(vm.int_usize(n)))
}

fn affix(vm: &mut Vm, args: Args, at_end: bool) -> NativeResult {
    let len = this(vm, args)?.len();
    let (start, end) = bounds(vm, args, 2, len)?;
    let vm = &*vm;
    let (data, what) = (this(vm, args)?, args.get(vm, 1));
    let matches = |part: &[u8]| {
        start <= end
            && if at_end {
                data[start..end].ends_with(part)
            } else {
                data[start..end].starts_with(part)
            }
    };
    let found = if let Some(part) = buffer(vm, what) {
        matches(&part)
    } else if let Some(parts) = what.cast::<Tuple>() {
        let mut found = false;
        for i in 0..parts.len() {
            if matches(&needed(vm, parts.item(vm, i))?) {
                found = true;
                break;
            }
        }
        found
    } else {
        let (name, given) = (args.callee_name(vm), vm.type_name(what));
        raise!(vm, TypeError, "{name} first arg must be bytes or a tuple of bytes, not {given}");
    };
    Ok(vm.ret(Value::from_bool(found)))
}

pub(in crate::builtins) fn startswith(vm: &mut Vm, args: Args) -> NativeResult {
    affix(vm, args, false)
}

pub(in crate::builtins) fn endswith(vm: &mut Vm, args: Args) -> NativeResult {
    affix(vm, args, true)
}

fn list_of_pieces<'gc>(
    vm: &'gc Vm,
    args: Args,
    data: &[u8],
    pieces: &[(usize, usize)],
) -> Value<'gc> {
    let items = pieces.iter().map(|&(start, end)| make(vm, args, &data[start..end]));
    vm.list_from(pieces.len(), items).value()
}

fn split_either(vm: &mut Vm, args: Args, from_end: bool) -> NativeResult {
    this(vm, args)?;
    let most = most_cuts(vm, args, 2)?;
    let vm = &*vm;
    let data = this(vm, args)?;
    let len = data.len();
    let mut pieces = match args.not_none(vm, 1) {
        None if from_end => rsplit_blank(len, |i| is_blank(data[i]), most),
        None => split_blank(len, |i| is_blank(data[i]), most),
        Some(separator) => {
            let separator = needed(vm, separator)?;
            if separator.is_empty() {
                raise!(vm, ValueError, "empty separator");
            }
            if from_end {
                rsplit_units(&data, &separator, 1, most)
            } else {
                split_units(&data, &separator, 1, most)
            }
        }
    };
    if from_end {
        pieces.reverse();
    }
    Ok(vm.ret(list_of_pieces(vm, args, &data, &pieces)))
}

pub(in crate::builtins) fn split(vm: &mut Vm, args: Args) -> NativeResult {
    split_either(vm, args, false)
}

pub(in crate::builtins) fn rsplit(vm: &mut Vm, args: Args) -> NativeResult {
    split_either(vm, args, true)
}

pub(in crate::builtins) fn splitlines(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    let keep = match args.opt_local(vm, 1) {
        Some(keep) => vm.truth(keep)?,
        None => false,
    };
    let vm = &*vm;
    let data = this(vm, args)?;
    let pieces = lines(data.len(), |i| data[i] as u32, |c| c == 10 || c == 13, keep);
    Ok(vm.ret(list_of_pieces(vm, args, &data, &pieces)))
}

fn partition_either(vm: &mut Vm, args: Args, last: bool) -> NativeResult {
    let vm = &*vm;
    let (data, separator) = (this(vm, args)?, needed(vm, args.get(vm, 1))?);
    if separator.is_empty() {
        raise!(vm, ValueError, "empty separator");
    }
    let found =
        if last { rfind_units(&data, &separator, 1) } else { find_units(&data, &separator, 1) };
    let part = |piece: &[u8]| make(vm, args, piece);
    let parts = match found {
        Some(at) => [part(&data[..at]), part(&separator), part(&data[at + separator.len()..])],
        None if last => [part(b""), part(b""), itself(vm, args)?],
        None => [itself(vm, args)?, part(b""), part(b"")],
    };
    Ok(vm.ret(vm.tuple(&parts).value()))
}

pub(in crate::builtins) fn partition(vm: &mut Vm, args: Args) -> NativeResult {
    partition_either(vm, args, false)
}

pub(in crate::builtins) fn rpartition(vm: &mut Vm, args: Args) -> NativeResult {
    partition_either(vm, args, true)
}

pub(in crate::builtins) fn join(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    let items = args.local(1);
    let iterable = vm.special_of(vm.get(items), Special::Iter).is_some_and(|m| !m.is_none())
        || vm.special_of(vm.get(items), Special::GetItem).is_some();
    if !iterable {
        raise!(vm, TypeError, "can only join an iterable");
    }
    // Making the items may run code, which must not change the size of the separator.
    let lent = match vm.get(args.local(0)).cast::<ByteArray>() {
        Some(_) => {
            let class = vm.root(vm.native_class(&crate::builtins::memoryview::TYPE).value());
            let view = vm.call(class, &[args.local(0)])?;
            Some(vm.hold(view))
        }
        None => None,
    };
    let list = vm.collect_list(items).map(|list| vm.hold(list));
    if let Some(view) = lent {
        let _ = vm.call_method(view, "release", &[])?;
    }
    let list = list?;
    let vm = &*vm;
    let separator = this(vm, args)?;
    let Some(list): Option<Gc<'_, List>> = vm.get(list).cast() else { return Ok(vm.none()) };
    let mut out = Vec::new();
    for (i, item) in vm.list_items(list).enumerate() {
        let Some(piece) = buffer(vm, item) else {
            let given = vm.type_name(item);
            raise!(vm, TypeError, "sequence item {i}: expected a bytes-like object, {given} found");
        };
        if i > 0 {
            out.extend_from_slice(&separator);
        }
        out.extend_from_slice(&piece);
    }
    Ok(vm.ret(make(vm, args, &out)))
}

pub(in crate::builtins) fn replace(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    let most = most_cuts(vm, args, 3)?;
    let vm = &*vm;
    let data = this(vm, args)?;
    let (old, new) = (needed(vm, args.get(vm, 1))?, needed(vm, args.get(vm, 2))?);
    let mut out = Vec::with_capacity(data.len());
    if old.is_empty() {
        let cuts = most.min(data.len() + 1);
        check(vm, new.len().saturating_mul(cuts))?;
        for i in 0..cuts {
            out.extend_from_slice(&new);
            out.extend(data.get(i));
        }
        out.extend_from_slice(data.get(cuts..).unwrap_or_default());
    } else {
        let mut done = 0;
        for at in Occurrences::new(&data, &old, 1).take(most) {
            out.extend_from_slice(&data[done..at]);
            out.extend_from_slice(&new);
            done = at + old.len();
        }
        if done == 0 && out.is_empty() {
            return Ok(vm.ret(itself(vm, args)?));
        }
        out.extend_from_slice(&data[done..]);
    }
    Ok(vm.ret(make(vm, args, &out)))
}
