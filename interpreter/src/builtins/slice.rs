//! slice.

use super::declare::{ClassId, GetSetDef, TypeDef};
use super::support::*;
use crate::object::table::{tuple_hash_end, tuple_hash_start, tuple_hash_step};
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::compare::CompareOp;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Special, Vm};
use dashu_int::IBig;

/// The type slice.
pub static TYPE: TypeDef = TypeDef {
    doc: "slice(stop)\nslice(start, stop[, step])\n--\n\nWhat stands between the brackets of a[start:stop:step].",
    methods: &[
        NativeDef::method("__reduce__($self, /)", super::reduce::bounds_reduce, "For pickling."),
        NativeDef::static_method("__new__($type, /, *args)", new, "Make a slice.").raw(),
        NativeDef::method(
            "indices($self, length, /)",
            indices,
            "Start, stop and step for a sequence of that length, as a tuple.",
        ),
        NativeDef::method("__eq__($self, value, /)", eq, "Return self==value."),
        NativeDef::method("__ne__($self, value, /)", ne, "Return self!=value."),
        NativeDef::method("__lt__($self, value, /)", lt, "Return self<value."),
        NativeDef::method("__le__($self, value, /)", le, "Return self<=value."),
        NativeDef::method("__gt__($self, value, /)", gt, "Return self>value."),
        NativeDef::method("__ge__($self, value, /)", ge, "Return self>=value."),
        NativeDef::method("__hash__($self, /)", hash, "Return hash(self)."),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
    ],
    getset: &[
        GetSetDef::new("start", start, ""),
        GetSetDef::new("stop", stop, ""),
        GetSetDef::new("step", step, ""),
    ],
    ..TypeDef::new("slice", Kind::Slice)
};

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    new_shape(vm, args, ClassId::Slice)?;
    let given = positional(vm, args, "slice", 1, 3)?;
    let arg = |i: usize| if i <= given { args.get(vm, i) } else { Value::NONE };
    let slice = match given {
        1 => vm.slice(Value::NONE, arg(1), Value::NONE),
        _ => vm.slice(arg(1), arg(2), arg(3)),
    };
    Ok(vm.ret(slice.value()))
}

fn start(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.this::<Slice>(vm)?.start.get(vm)))
}
fn stop(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.this::<Slice>(vm)?.stop.get(vm)))
}
fn step(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.this::<Slice>(vm)?.step.get(vm)))
}

/// The three parts as a tuple, rooted.
fn parts(vm: &Vm, slice: Gc<'_, Slice>) -> Local {
    let parts = [slice.start.get(vm), slice.stop.get(vm), slice.step.get(vm)];
    vm.root(vm.tuple(&parts).value())
}

fn compare(vm: &mut Vm, args: Args, op: CompareOp) -> NativeResult {
    let mine = parts(vm, args.this::<Slice>(vm)?);
    let Some(other) = args.get(vm, 1).cast::<Slice>() else {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    };
    let theirs = parts(vm, other);
    vm.compare(op, mine, theirs)
}

fn eq(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Eq)
}
fn ne(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Ne)
}
fn lt(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Lt)
}
fn le(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Le)
}
fn gt(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Gt)
}
fn ge(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Ge)
}

fn hash(vm: &mut Vm, args: Args) -> NativeResult {
    let parts = parts(vm, args.this::<Slice>(vm)?);
    let mut hash = tuple_hash_start();
    for i in 0..3 {
        let part = seq_item(vm, vm.get(parts), i).map(|v| vm.root(v)).expect("three parts");
        hash = tuple_hash_step(hash, vm.hash(part)?);
    }
    let hash = vm.int(tuple_hash_end(hash, 3) as i64);
    Ok(vm.ret(hash))
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let parts = parts(vm, args.this::<Slice>(vm)?);
    let text = format!("slice{}", vm.repr_text(parts)?);
    let text = vm.str(&text).value();
    Ok(vm.ret(text))
}

/// A part as a number; `None` for None.
fn part(vm: &mut Vm, v: Local) -> Result<Option<IBig>, Raised> {
    let value = vm.get(v);
    if value.is_none() {
        return Ok(None);
    }
    if !vm.is_int(value) && vm.special_of(value, Special::Index).is_none() {
        raise!(vm, TypeError, "slice indices must be integers or None or have an __index__ method");
    }
    let ret = vm.index(v)?;
    Ok(vm.as_big(vm.value(ret)))
}

fn indices(vm: &mut Vm, args: Args) -> NativeResult {
    let parts = parts(vm, args.this::<Slice>(vm)?);
    let ret = vm.index(args.local(1))?;
    let len = vm.as_big(vm.value(ret)).expect("index gives an int");
    if len < IBig::ZERO {
        raise!(vm, ValueError, "length should not be negative");
    }
    let mut numbers = Vec::new();
    for i in [2, 0, 1] {
        let value = seq_item(vm, vm.get(parts), i).map(|v| vm.root(v)).expect("three parts");
        numbers.push(part(vm, value)?);
    }
    let stop = numbers.pop().expect("three");
    let start = numbers.pop().expect("three");
    let step = numbers.pop().expect("three").unwrap_or(IBig::ONE);
    if step == IBig::ZERO {
        raise!(vm, ValueError, "slice step cannot be zero");
    }
    let (start, stop) = super::range::clamp(&len, &step, start, stop);
    let vm = &*vm;
    let all = [start, stop, step].map(|n| vm.int_from_big(&n));
    Ok(vm.ret(vm.tuple(&all).value()))
}
