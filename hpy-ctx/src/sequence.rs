//! Slices and iterators, and what else HPy has appended to its context since 0.9.

use crate::abi::HPy;
use crate::context::Cx;
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::object::List;
use sidewinder_interpreter::vm::Special;
use sidewinder_interpreter::{Local, Raised, Value};
use std::ffi::c_int;

type Handle = Result<HPy, Raised>;
type Int = Result<c_int, Raised>;

/// `HPyList_Insert`
pub fn list_insert(cx: &mut Cx<'_>, h_list: HPy, index: isize, h_item: HPy) -> Int {
    cx.safepoint()?;
    if cx.get(h_list).cast::<List>().is_none() {
        return Err(cx.vm.raise(ClassId::SystemError, "bad argument to internal function"));
    }
    let (list, item) = (cx.local(h_list), cx.local(h_item));
    let index = cx.vm.root(cx.vm.int(index as i64));
    // The list's own, whatever a subclass may have.
    let class = cx.vm.root(cx.vm.class(ClassId::List).value());
    cx.vm.call_method(class, "insert", &[list, index, item]).map(|_| 0)
}

/// The slice object for two bounds.
fn bounds(cx: &Cx<'_>, start: isize, end: isize) -> Local {
    let vm = &*cx.vm;
    vm.root(vm.slice(vm.int(start as i64), vm.int(end as i64), Value::NONE).value())
}

/// `HPy_GetSlice`
pub fn get_slice(cx: &mut Cx<'_>, obj: HPy, start: isize, end: isize) -> Handle {
    cx.safepoint()?;
    let (obj, key) = (cx.local(obj), bounds(cx, start, end));
    let ret = cx.vm.getitem(obj, key)?;
    Ok(cx.open_ret(ret))
}

/// `HPy_SetSlice`
pub fn set_slice(cx: &mut Cx<'_>, obj: HPy, start: isize, end: isize, value: HPy) -> Int {
    cx.safepoint()?;
    if value.is_null() {
        return del_slice(cx, obj, start, end);
    }
    let (obj, key, value) = (cx.local(obj), bounds(cx, start, end), cx.local(value));
    cx.vm.setitem(obj, key, value).map(|()| 0)
}

/// `HPy_DelSlice`
pub fn del_slice(cx: &mut Cx<'_>, obj: HPy, start: isize, end: isize) -> Int {
    cx.safepoint()?;
    let (obj, key) = (cx.local(obj), bounds(cx, start, end));
    cx.vm.delitem(obj, key).map(|()| 0)
}

/// `HPy_GetIter`
pub fn get_iter(cx: &mut Cx<'_>, obj: HPy) -> Handle {
    cx.safepoint()?;
    let obj = cx.local(obj);
    let ret = cx.vm.iter(obj)?;
    Ok(cx.open_ret(ret))
}

/// `HPyIter_Next`: `HPy_NULL` without an exception at the end.
pub fn iter_next(cx: &mut Cx<'_>, obj: HPy) -> Handle {
    cx.safepoint()?;
    let iterator = cx.local(obj);
    match cx.vm.next(iterator)? {
        true => Ok(cx.open(cx.vm.result())),
        false => Ok(HPy::NULL),
    }
}

/// `HPyIter_Check`
pub fn iter_check(cx: &mut Cx<'_>, obj: HPy) -> Int {
    let v = cx.get(obj);
    let generator = v.kind() == Some(sidewinder_interpreter::object::Kind::Generator);
    Ok((generator || cx.vm.special_of(v, Special::Next).is_some()) as c_int)
}

/// `HPySlice_New`
pub fn slice_new(cx: &mut Cx<'_>, start: HPy, stop: HPy, step: HPy) -> Handle {
    cx.safepoint()?;
    let part = |h: HPy| if h.is_null() { Value::NONE } else { cx.get(h) };
    Ok(cx.open(cx.vm.slice(part(start), part(stop), part(step)).value()))
}
