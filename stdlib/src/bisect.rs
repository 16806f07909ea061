//! `_bisect`: binary search in sorted sequences.

#![forbid(unsafe_code)]

use crate::prelude::*;

/// The module.
pub static BISECT: ModuleDef = ModuleDef {
    name: "_bisect",
    doc: "Finding and inserting items in sorted sequences.",
    functions: &[
        NativeDef::function(
            "bisect_right(a, x, lo=0, hi=None, *, key=None)",
            |vm, args| bisect(vm, args, Side::Right),
            "The index behind all items of a that are not above x.",
        ),
        NativeDef::function(
            "bisect(a, x, lo=0, hi=None, *, key=None)",
            |vm, args| bisect(vm, args, Side::Right),
            "The index behind all items of a that are not above x.",
        ),
        NativeDef::function(
            "bisect_left(a, x, lo=0, hi=None, *, key=None)",
            |vm, args| bisect(vm, args, Side::Left),
            "The index of the first item of a that is not below x.",
        ),
        NativeDef::function(
            "insort_right(a, x, lo=0, hi=None, *, key=None)",
            |vm, args| insort(vm, args, Side::Right),
            "Insert x in sorted a, behind equal items.",
        ),
        NativeDef::function(
            "insort(a, x, lo=0, hi=None, *, key=None)",
            |vm, args| insort(vm, args, Side::Right),
            "Insert x in sorted a, behind equal items.",
        ),
        NativeDef::function(
            "insort_left(a, x, lo=0, hi=None, *, key=None)",
            |vm, args| insort(vm, args, Side::Left),
            "Insert x in sorted a, before equal items.",
        ),
    ],
    types: &[],
    exec: None,
};

/// Where an item goes among its equals.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
}

/// The place of `x` (what `key` makes of it, if there is a key) in the sequence of the arguments.
fn place(vm: &mut Vm, args: Args, x: Local, side: Side) -> Result<i64, Raised> {
    let sequence = args.local(0);
    let mut low = match args.opt(vm, 2) {
        Some(_) => vm.index_i64(args.local(2))?,
        None => 0,
    };
    if low < 0 {
        raise!(vm, ValueError, "lo must be non-negative");
    }
    let mut high = match args.not_none(vm, 3) {
        Some(_) => vm.index_i64(args.local(3))?,
        None => vm.len(sequence)? as i64,
    };
    let key = args.not_none(vm, 4).is_some();
    let item = vm.empty_root();
    let index = vm.empty_root();
    while low < high {
        let middle = low + (high - low) / 2;
        let right = vm.scope(|vm| {
            vm.set(index, vm.int(middle));
            let ret = vm.getitem(sequence, index)?;
            vm.set(item, vm.value(ret));
            if key {
                let ret = vm.call(args.local(4), &[item])?;
                vm.set(item, vm.value(ret));
            }
            match side {
                Side::Left => vm.lt(item, x),
                Side::Right => Ok(!vm.lt(x, item)?),
            }
        })?;
        if right {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

fn bisect(vm: &mut Vm, args: Args, side: Side) -> NativeResult {
    let at = place(vm, args, args.local(1), side)?;
    Ok(vm.ret(vm.int(at)))
}

fn insort(vm: &mut Vm, args: Args, side: Side) -> NativeResult {
    let mut x = args.local(1);
    if args.not_none(vm, 4).is_some() {
        let ret = vm.call(args.local(4), &[x])?;
        x = vm.hold(ret);
    }
    let at = place(vm, args, x, side)?;
    let at = vm.root(vm.int(at));
    let _ = vm.call_method(args.local(0), "insert", &[at, args.local(1)])?;
    Ok(vm.none())
}
