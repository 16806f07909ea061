//! Bytes cut, filled up and translated.

use super::*;

fn strip_either(vm: &mut Vm, args: Args, left: bool, right: bool) -> NativeResult {
    let vm = &*vm;
    let data = this(vm, args)?;
    let set = match args.not_none(vm, 1) {
        Some(set) => Some(needed(vm, set)?),
        None => None,
    };
    let drop = |b: u8| set.as_ref().map_or_else(|| is_blank(b), |set| set.contains(&b));
    let (mut start, mut end) = (0, data.len());
    while left && start < end && drop(data[start]) {
        start += 1;
    }
    while right && start < end && drop(data[end - 1]) {
        end -= 1;
    }
    if end - start == data.len() {
        return Ok(vm.ret(itself(vm, args)?));
    }
    Ok(vm.ret(make(vm, args, &data[start..end])))
}

pub(in crate::builtins) fn strip(vm: &mut Vm, args: Args) -> NativeResult {
    strip_either(vm, args, true, true)
}

pub(in crate::builtins) fn lstrip(vm: &mut Vm, args: Args) -> NativeResult {
    strip_either(vm, args, true, false)
}

pub(in crate::builtins) fn rstrip(vm: &mut Vm, args: Args) -> NativeResult {
    strip_either(vm, args, false, true)
}

pub(in crate::builtins) fn removeprefix(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (data, part) = (this(vm, args)?, needed(vm, args.get(vm, 1))?);
    Ok(vm.ret(match data.strip_prefix(&part[..]) {
        Some(rest) if !part.is_empty() => make(vm, args, rest),
        _ => itself(vm, args)?,
    }))
}

pub(in crate::builtins) fn removesuffix(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (data, part) = (this(vm, args)?, needed(vm, args.get(vm, 1))?);
    Ok(vm.ret(match data.strip_suffix(&part[..]) {
        Some(rest) if !part.is_empty() => make(vm, args, rest),
        _ => itself(vm, args)?,
    }))
}

fn pad(vm: &mut Vm, args: Args, left: Share) -> NativeResult {
    this(vm, args)?;
    let width = usize::try_from(vm.index_i64(args.local(1))?).unwrap_or(0);
    let vm = &*vm;
    let data = this(vm, args)?;
    let fill = match args.opt(vm, 2) {
        None => b' ',
        Some(fill) => match buffer(vm, fill).as_deref() {
            Some([b]) => *b,
            _ => {
                let (name, given) = (args.callee_name(vm), vm.type_name(fill));
                raise!(
                    vm,
                    TypeError,
                    "{name}() argument 2 must be a byte string of length 1, not {given}"
                );
            }
        },
    };
    let total = width.saturating_sub(data.len());
    if total == 0 {
        return Ok(vm.ret(itself(vm, args)?));
    }
    check(vm, width)?;
    let mut out = vec![fill; left(total, width)];
    out.extend_from_slice(&data);
    out.resize(width, fill);
    Ok(vm.ret(make(vm, args, &out)))
}

pub(in crate::builtins) fn center(vm: &mut Vm, args: Args) -> NativeResult {
    pad(vm, args, center_share)
}

pub(in crate::builtins) fn ljust(vm: &mut Vm, args: Args) -> NativeResult {
    pad(vm, args, |_, _| 0)
}

pub(in crate::builtins) fn rjust(vm: &mut Vm, args: Args) -> NativeResult {
    pad(vm, args, |total, _| total)
}

pub(in crate::builtins) fn zfill(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    let width = usize::try_from(vm.index_i64(args.local(1))?).unwrap_or(0);
    let vm = &*vm;
    let data = this(vm, args)?;
    let total = width.saturating_sub(data.len());
    if total == 0 {
        return Ok(vm.ret(itself(vm, args)?));
    }
    check(vm, width)?;
    let signed = matches!(data.first(), Some(b'+' | b'-')) as usize;
    let mut out = data[..signed].to_vec();
    out.resize(signed + total, b'0');
    out.extend_from_slice(&data[signed..]);
    Ok(vm.ret(make(vm, args, &out)))
}

pub(in crate::builtins) fn expandtabs(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    let size = tab_size(vm, args)?;
    let vm = &*vm;
    let data = this(vm, args)?;
    check(vm, data.iter().filter(|b| **b == b'\t').count().saturating_mul(size))?;
    let mut out = Vec::with_capacity(data.len());
    let mut column = 0;
    for &b in data.iter() {
        match b {
            b'\t' if size > 0 => {
                let n = size - column % size;
                out.resize(out.len() + n, b' ');
                column += n;
            }
            b'\t' => {}
            b'\n' | b'\r' => {
                out.push(b);
                column = 0;
            }
            _ => {
                out.push(b);
                column += 1;
            }
        }
    }
    Ok(vm.ret(make(vm, args, &out)))
}

pub(in crate::builtins) fn translate(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let data = this(vm, args)?;
    let table = match args.not_none(vm, 1) {
        Some(table) => Some(needed(vm, table)?),
        None => None,
    };
    if table.as_ref().is_some_and(|t| t.len() != 256) {
        raise!(vm, ValueError, "translation table must be 256 characters long");
    }
    let delete = match args.opt(vm, 2) {
        Some(delete) => needed(vm, delete)?,
        None => Cow::Borrowed(&b""[..]),
    };
    let kept = data.iter().filter(|b| !delete.contains(b));
    let out: Vec<u8> = match &table {
        Some(table) => kept.map(|b| table[*b as usize]).collect(),
        None => kept.copied().collect(),
    };
    Ok(vm.ret(make(vm, args, &out)))
}

pub(in crate::builtins) fn maketrans(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (from, to) = (needed(vm, args.get(vm, 0))?, needed(vm, args.get(vm, 1))?);
    if from.len() != to.len() {
        raise!(vm, ValueError, "maketrans arguments must have same length");
    }
    let mut table: Vec<u8> = (0..=255).collect();
    for (a, b) in from.iter().zip(to.iter()) {
        table[*a as usize] = *b;
    }
    Ok(vm.ret(vm.bytes(&table).value()))
}
