//! Equality of memoryviews: shapes and the values of items, whatever their formats.

use super::memoryview_items::ItemFormat;
use crate::raise;
use crate::value::Value;
use crate::vm::buffer::{MemoryView, View};
use crate::vm::compare::CompareOp;
use crate::vm::{Args, NativeResult, Raised, Vm};

pub(super) fn eq(vm: &mut Vm, args: Args) -> NativeResult {
    let answer = equal(vm, args)?;
    Ok(vm.ret(answer.map_or(Value::NOT_IMPLEMENTED, Value::from_bool)))
}

pub(super) fn ne(vm: &mut Vm, args: Args) -> NativeResult {
    let answer = equal(vm, args)?;
    Ok(vm.ret(answer.map_or(Value::NOT_IMPLEMENTED, |b| Value::from_bool(!b))))
}

/// Whether the operands are equal; `None` when the other one has no memory to compare.
fn equal(vm: &mut Vm, args: Args) -> Result<Option<bool>, Raised> {
    let this = args.payload::<MemoryView>(vm)?;
    if args.get(vm, 0).is(args.get(vm, 1)) {
        return Ok(Some(true));
    }
    if vm.view_is_released(this) {
        return Ok(Some(false));
    }
    if let Some(other) = args.get(vm, 1).payload::<MemoryView>() {
        if vm.view_is_released(other) {
            return Ok(Some(false));
        }
        return equal_views(vm, this, other).map(Some);
    }
    if !vm.exports_buffer(args.get(vm, 1)) {
        return Ok(None);
    }
    let other = match vm.memoryview(args.local(1)) {
        Ok(ret) => vm.hold(ret),
        // Whatever went wrong, there is nothing to compare with.
        Err(raised) => {
            vm.take_exception(raised);
            return Ok(None);
        }
    };
    let this = vm.view_of(args.local(0))?;
    let answer = equal_views(vm, this, vm.view_of(other)?);
    vm.release_view(other)?;
    answer.map(Some)
}

fn equal_views(vm: &Vm, a: View<'_>, b: View<'_>) -> Result<bool, Raised> {
    let (x, y) = (&a.view, &b.view);
    if x.dims.len() != y.dims.len() || x.dims.iter().zip(&y.dims).any(|(d, e)| d.len != e.len) {
        return Ok(false);
    }
    let (Some(f), Some(g)) = (ItemFormat::any(&x.format), ItemFormat::any(&y.format)) else {
        return Ok(false);
    };
    if f.size() != x.itemsize || g.size() != y.itemsize {
        raise!(vm, RuntimeError, "memoryview: internal error in comparison");
    }
    let (p, q) = (vm.view_to_vec(a, false)?, vm.view_to_vec(b, false)?);
    if f == g && f.is_byte() {
        return Ok(p == q);
    }
    let pairs = p.chunks(x.itemsize).zip(q.chunks(y.itemsize));
    for (p, q) in pairs {
        let (v, w) = (f.read(vm, p), g.read(vm, q));
        if vm.compare_leaf(CompareOp::Eq, v, w) != Some(true) {
            return Ok(false);
        }
    }
    Ok(true)
}
