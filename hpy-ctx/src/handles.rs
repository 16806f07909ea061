//! Duplicating and closing handles; trackers, fields and globals.

use crate::abi::*;
use crate::context::{Cx, NO_VALUE, State};
use crate::handle::HandleTable;
use crate::structs;
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::object::{Field, Slot};
use sidewinder_interpreter::value::word;
use sidewinder_interpreter::vm::threads::Absence;
use sidewinder_interpreter::{Raised, Value};
use std::ffi::c_int;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

/// `HPy_Dup`
#[inline(always)]
pub fn dup(cx: &mut Cx<'_>, h: HPy) -> Result<HPy, Raised> {
    if h.is_null() { Ok(h) } else { Ok(cx.open(cx.get(h))) }
}

/// `HPy_Close`
#[inline(always)]
pub fn close(cx: &mut Cx<'_>, h: HPy) -> Result<(), Raised> {
    cx.state.handles.close(h);
    Ok(())
}

/// The handle table behind the universal context.
///
/// # Safety
/// `ctx` is the universal context of a VM that is suspended in a call to C.
#[inline(always)]
unsafe fn table_of<'a>(ctx: HPyContextPtr) -> &'a HandleTable {
    // SAFETY: the caller's promise; the state lives as long as the VM.
    unsafe { &(*(*ctx)._private.cast::<State>()).handles }
}

/// `HPy_Dup` in the universal table: the handle table alone has to do with it.
pub unsafe extern "C" fn dup_directly(ctx: HPyContextPtr, h: HPy) -> HPy {
    if h.0 & 7 != 0 {
        std::hint::cold_path();
        return h;
    }
    // SAFETY: C passes the context it was given.
    unsafe {
        match table_of(ctx).dup(h) {
            Some(copy) => copy,
            None => dup_slowly(ctx, h),
        }
    }
}

/// `HPy_Dup` of `HPy_NULL`, an argument or a closed handle, or when the table has to do more.
#[cold]
#[inline(never)]
unsafe extern "C" fn dup_slowly(ctx: HPyContextPtr, h: HPy) -> HPy {
    if h.is_null() {
        return h;
    }
    // SAFETY: as above.
    unsafe {
        let state = &*(*ctx)._private.cast::<State>();
        state.handles.open(state.handles.word(&*state.vm_pointer(), h))
    }
}

/// `HPy_Close` in the universal table.
pub unsafe extern "C" fn close_directly(ctx: HPyContextPtr, h: HPy) {
    // SAFETY: as above.
    unsafe { table_of(ctx) }.close(h);
}

/// `HPyTracker_New`
pub fn tracker_new(_: &mut Cx<'_>, size: isize) -> Result<HPyTracker, Raised> {
    let handles: Vec<HPy> = Vec::with_capacity(size.clamp(4, 1 << 16) as usize);
    Ok(HPyTracker(Box::into_raw(Box::new(handles)).expose_provenance()))
}

fn tracked(ht: HPyTracker) -> NonNull<Vec<HPy>> {
    NonNull::new(std::ptr::with_exposed_provenance_mut(ht.0)).expect("a tracker")
}

/// `HPyTracker_Add`
pub fn tracker_add(_: &mut Cx<'_>, ht: HPyTracker, h: HPy) -> Result<c_int, Raised> {
    // SAFETY: C passes a tracker that it got from `HPyTracker_New` and has not closed.
    unsafe { tracked(ht).as_mut() }.push(h);
    Ok(0)
}

/// `HPyTracker_ForgetAll`
pub fn tracker_forget_all(_: &mut Cx<'_>, ht: HPyTracker) -> Result<(), Raised> {
    // SAFETY: as above.
    unsafe { tracked(ht).as_mut() }.clear();
    Ok(())
}

/// `HPyTracker_Close`
pub fn tracker_close(cx: &mut Cx<'_>, ht: HPyTracker) -> Result<(), Raised> {
    for h in take_tracked(ht) {
        cx.state.handles.close(h);
    }
    Ok(())
}

/// The handles in a tracker, which ends.
pub fn take_tracked(ht: HPyTracker) -> Vec<HPy> {
    if ht.0 == 0 {
        return Vec::new();
    }
    // SAFETY: as above; C does not use it again.
    *unsafe { Box::from_raw(tracked(ht).as_ptr()) }
}

/// Words of fields below this are handles: heap objects live far above.
const FIELD_HANDLES: u64 = 1 << 36;

/// `HPyField_Store`
pub fn field_store(
    cx: &mut Cx<'_>,
    target_object: HPy,
    target_field: *mut HPyField,
    h: HPy,
) -> Result<(), Raised> {
    // SAFETY: C passes a field inside the struct of the object.
    let field = unsafe { &mut *target_field };
    if field.0 & 7 == 0 && field.0 < FIELD_HANDLES {
        cx.state.handles.close(HPy(field.0));
    }
    if h.is_null() {
        field.0 = 0;
        return Ok(());
    }
    let owner = cx.get(target_object);
    if !structs::is_traversed(cx.vm, owner) {
        // The collector does not get to see this field, so a handle holds the value for it.
        field.0 = cx.open(cx.get(h)).0;
        return Ok(());
    }
    field.0 = cx.get(h).word();
    if let Some(header) = owner.header() {
        cx.vm.heap.barrier(NonNull::from(header));
    }
    Ok(())
}

/// `HPyField_Load`
pub fn field_load(cx: &mut Cx<'_>, _: HPy, source_field: HPyField) -> Result<HPy, Raised> {
    let w = source_field.0;
    if w == 0 {
        return Err(cx
            .vm
            .raise(ClassId::SystemError, "HPyField_Load of a field that holds nothing"));
    }
    if w & 7 == 0 && w < FIELD_HANDLES {
        return dup(cx, HPy(w));
    }
    Ok(cx.state.handles.open(w))
}

/// Numbers of `HPyGlobal`s. A C global belongs to the process, so its number does too; what it
/// stands for is in each VM's own table.
static GLOBALS: AtomicU64 = AtomicU64::new(1);

/// Gives a global its number if it has none.
///
/// # Safety
/// `global` is a C global of a loaded extension; the caller has the only access to it.
pub unsafe fn register_global(global: *mut HPyGlobal) -> usize {
    // SAFETY: the caller's promise.
    let global = unsafe { &mut *global };
    if global.0 == 0 {
        global.0 = GLOBALS.fetch_add(1, Ordering::Relaxed) << 3;
    }
    (global.0 >> 3) as usize
}

/// `HPyGlobal_Store`
pub fn global_store(cx: &mut Cx<'_>, global: *mut HPyGlobal, h: HPy) -> Result<(), Raised> {
    // SAFETY: C passes its global.
    let i = unsafe { register_global(global) };
    let mut all = cx.state.globals.borrow_mut();
    while all.len() <= i {
        all.push(Slot::new(NO_VALUE));
    }
    let value = if h.is_null() { Value::UNBOUND } else { cx.get(h) };
    // SAFETY: the table is a root, no barrier is needed.
    unsafe { all[i].set_word(value.word()) };
    Ok(())
}

/// `HPyGlobal_Load`
pub fn global_load(cx: &mut Cx<'_>, global: HPyGlobal) -> Result<HPy, Raised> {
    let all = cx.state.globals.borrow();
    let found = all.get((global.0 >> 3) as usize).map(|slot| slot.get(cx.vm));
    match found {
        Some(value) if value.word() != word::UNBOUND => Ok(cx.open(value)),
        _ => {
            let message = "HPyGlobal_Load of a global that holds nothing";
            Err(cx.vm.raise(ClassId::SystemError, message))
        }
    }
}

/// `HPy_LeavePythonExecution`: other threads may have the VM. Not by way of `run`, which would go on
/// using the VM.
///
/// # Safety
/// `ctx` is the universal context, and the VM is suspended in a call to C on this thread.
pub unsafe fn leave(ctx: HPyContextPtr) -> HPyThreadState {
    // SAFETY: the caller's promise.
    let vm = unsafe { &mut *(*(*ctx)._private.cast::<State>()).vm_pointer() };
    let absence = Box::new(vm.give_up_turn());
    HPyThreadState(Box::into_raw(absence).expose_provenance())
}

/// `HPy_ReenterPythonExecution`
///
/// # Safety
/// `state` is what [`leave`] gave on this thread, used once.
pub unsafe fn reenter(state: HPyThreadState) {
    if state.0 != 0 {
        let absence: *mut Absence = std::ptr::with_exposed_provenance_mut(state.0);
        // SAFETY: the caller's promise.
        unsafe { Box::from_raw(absence) }.end();
    }
}

/// `HPy_LeavePythonExecution` in the universal table.
pub unsafe extern "C" fn leave_python_execution(ctx: HPyContextPtr) -> HPyThreadState {
    // SAFETY: C passes the context it was given.
    unsafe { leave(ctx) }
}

/// `HPy_ReenterPythonExecution` in the universal table.
pub unsafe extern "C" fn reenter_python_execution(_: HPyContextPtr, state: HPyThreadState) {
    // SAFETY: as above, with what it got from the other function.
    unsafe { reenter(state) }
}

/// `_HPy_Dump`
pub fn dump(cx: &mut Cx<'_>, h: HPy) -> Result<(), Raised> {
    eprintln!("handle {:#x}: {:?}", h.0, cx.get(h));
    Ok(())
}
