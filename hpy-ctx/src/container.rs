//! Lists, tuples, dicts and the builders of the former two.

use crate::abi::{HPy, HPyListBuilder, HPyTupleBuilder};
use crate::context::Cx;
use crate::object::check;
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::object::{Dict, Gc, List, Tuple};
use sidewinder_interpreter::{Raised, Value};
use std::ffi::c_int;

type Handle = Result<HPy, Raised>;

/// `HPyList_Check`
pub fn list_check(cx: &mut Cx<'_>, h: HPy) -> Result<c_int, Raised> {
    check(cx, h, ClassId::List)
}

/// A list of so many Nones.
fn new_list(cx: &mut Cx<'_>, len: isize) -> Handle {
    cx.safepoint()?;
    if len < 0 {
        return Err(cx.vm.raise(ClassId::SystemError, "bad argument to internal function"));
    }
    let len = len as usize;
    cx.vm.check_size(len.saturating_mul(8))?;
    Ok(cx.open(cx.vm.list_from(len, std::iter::repeat_n(Value::NONE, len)).value()))
}

/// `HPyList_New`
pub fn list_new(cx: &mut Cx<'_>, len: isize) -> Handle {
    new_list(cx, len)
}

/// `HPyList_Append`
pub fn list_append(cx: &mut Cx<'_>, h_list: HPy, h_item: HPy) -> Result<c_int, Raised> {
    cx.safepoint()?;
    match cx.get(h_list).cast::<List>() {
        Some(list) => {
            cx.vm.list_push(list, cx.get(h_item));
            Ok(0)
        }
        None => Err(cx.vm.raise(ClassId::SystemError, "bad argument to internal function")),
    }
}

/// `HPyDict_Check`
pub fn dict_check(cx: &mut Cx<'_>, h: HPy) -> Result<c_int, Raised> {
    check(cx, h, ClassId::Dict)
}

/// `HPyDict_New`
pub fn dict_new(cx: &mut Cx<'_>) -> Handle {
    cx.safepoint()?;
    Ok(cx.open(cx.vm.dict().value()))
}

fn dict_of<'a>(cx: &'a Cx<'_>, h: HPy) -> Result<Gc<'a, Dict>, Raised> {
    cx.get(h)
        .cast::<Dict>()
        .ok_or_else(|| cx.vm.raise(ClassId::SystemError, "bad argument to internal function"))
}

/// `HPyDict_Keys`
pub fn dict_keys(cx: &mut Cx<'_>, h: HPy) -> Handle {
    cx.safepoint()?;
    let dict = dict_of(cx, h)?;
    let items = cx.vm.table_items(dict.r());
    let keys = cx.vm.list_from(items.len(), items.iter().map(|(key, _)| *key));
    Ok(cx.open(keys.value()))
}

/// `HPyDict_Copy`
pub fn dict_copy(cx: &mut Cx<'_>, h: HPy) -> Handle {
    cx.safepoint()?;
    let dict = dict_of(cx, h)?;
    let copy = cx.vm.dict();
    for i in 0..cx.vm.table_used(dict.r()) {
        if let Some((key, value, hash)) = cx.vm.table_entry(dict.r(), i) {
            cx.vm.table_add(copy, key, hash, value);
        }
    }
    Ok(cx.open(copy.value()))
}

/// `HPyTuple_Check`
pub fn tuple_check(cx: &mut Cx<'_>, h: HPy) -> Result<c_int, Raised> {
    check(cx, h, ClassId::Tuple)
}

/// `HPyTuple_FromArray`
pub fn tuple_from_array(cx: &mut Cx<'_>, items: *const HPy, n: isize) -> Handle {
    cx.safepoint()?;
    let n = n.max(0) as usize;
    let cx = &*cx;
    // SAFETY: C passes that many handles.
    let items = (0..n).map(|i| cx.get(unsafe { *items.add(i) }));
    Ok(cx.open(cx.vm.tuple_from(n, items).value()))
}

/// `HPyListBuilder_New`
pub fn list_builder_new(cx: &mut Cx<'_>, size: isize) -> Result<HPyListBuilder, Raised> {
    Ok(HPyListBuilder(new_list(cx, size)?.0))
}

/// `HPyListBuilder_Set`
pub fn list_builder_set(
    cx: &mut Cx<'_>,
    builder: HPyListBuilder,
    index: isize,
    h_item: HPy,
) -> Result<(), Raised> {
    if let Some(list) = cx.get(HPy(builder.0)).cast::<List>()
        && (0..list.len.get() as isize).contains(&index)
    {
        cx.vm.list_set(list, index as usize, cx.get(h_item));
    }
    Ok(())
}

/// `HPyListBuilder_Build`
pub fn list_builder_build(cx: &mut Cx<'_>, builder: HPyListBuilder) -> Handle {
    built(cx, builder.0)
}

/// The finished object of a builder, which is its handle; without one, the failure to make it
/// comes to light now.
fn built(cx: &mut Cx<'_>, builder: u64) -> Handle {
    if builder == 0 {
        cx.vm.pending()?;
        return Err(cx.vm.memory_error());
    }
    Ok(HPy(builder))
}

/// `HPyListBuilder_Cancel`
pub fn list_builder_cancel(cx: &mut Cx<'_>, builder: HPyListBuilder) -> Result<(), Raised> {
    cx.state.handles.close(HPy(builder.0));
    Ok(())
}

/// `HPyTupleBuilder_New`
pub fn tuple_builder_new(cx: &mut Cx<'_>, size: isize) -> Result<HPyTupleBuilder, Raised> {
    cx.safepoint()?;
    let size = size.max(0) as usize;
    cx.vm.check_size(size.saturating_mul(8))?;
    Ok(HPyTupleBuilder(cx.open(cx.vm.tuple_from(size, std::iter::empty()).value()).0))
}

/// `HPyTupleBuilder_Set`
pub fn tuple_builder_set(
    cx: &mut Cx<'_>,
    builder: HPyTupleBuilder,
    index: isize,
    h_item: HPy,
) -> Result<(), Raised> {
    if let Some(tuple) = cx.get(HPy(builder.0)).cast::<Tuple>()
        && (0..tuple.len() as isize).contains(&index)
    {
        cx.vm.write(tuple, |t| &t.items()[index as usize], cx.get(h_item));
    }
    Ok(())
}

/// `HPyTupleBuilder_Build`
pub fn tuple_builder_build(cx: &mut Cx<'_>, builder: HPyTupleBuilder) -> Handle {
    built(cx, builder.0)
}

/// `HPyTupleBuilder_Cancel`
pub fn tuple_builder_cancel(cx: &mut Cx<'_>, builder: HPyTupleBuilder) -> Result<(), Raised> {
    cx.state.handles.close(HPy(builder.0));
    Ok(())
}
