//! Context functions that debug mode does differently: those that close handles, take arrays of
//! them, lend memory, or whose misuse HPy leaves undefined.

use super::contexts::{misuse, run};
use super::{Cross, DebugState};
use crate::abi::*;
use crate::context::{Cx, run_as};
use crate::mode::Mode;
use crate::table::{Failure, HPyContext};
use crate::{contextvar, handles, object, text, type_spec, types};
use sidewinder_interpreter::Raised;
use sidewinder_interpreter::object::{Bytes, Str, Tuple};
use std::ffi::{CStr, c_char, c_int, c_void};

type Ctx = *mut HPyContext;

/// Puts these functions into a context.
pub fn install(table: &mut HPyContext) {
    table.ctx_Close = close;
    table.ctx_Tracker_Add = tracker_add;
    table.ctx_Tracker_Close = tracker_close;
    table.ctx_ListBuilder_Build = list_builder_build;
    table.ctx_ListBuilder_Cancel = list_builder_cancel;
    table.ctx_TupleBuilder_Build = tuple_builder_build;
    table.ctx_TupleBuilder_Cancel = tuple_builder_cancel;
    table.ctx_Tuple_FromArray = tuple_from_array;
    table.ctx_Type_FromSpec = type_from_spec;
    table.ctx_Type_GenericNew = type_generic_new;
    table.ctx_Call = call;
    table.ctx_CallMethod = call_method;
    table.ctx_ContextVar_Get = context_var_get;
    table.ctx_Unicode_AsUTF8AndSize = unicode_as_utf8_and_size;
    table.ctx_Bytes_AsString = bytes_as_string;
    table.ctx_Bytes_AS_STRING = bytes_as_string;
    table.ctx_Type_GetName = type_get_name;
    table.ctx_TypeCheck = type_check;
    table.ctx_Type_IsSubtype = type_is_subtype;
    table.ctx_Unicode_Substring = unicode_substring;
    table.ctx_AsStruct_Object = as_struct::<{ shape::OBJECT }>;
    table.ctx_AsStruct_Type = as_struct::<{ shape::TYPE }>;
    table.ctx_AsStruct_Long = as_struct::<{ shape::LONG }>;
    table.ctx_AsStruct_Float = as_struct::<{ shape::FLOAT }>;
    table.ctx_AsStruct_Unicode = as_struct::<{ shape::UNICODE }>;
    table.ctx_AsStruct_Tuple = as_struct::<{ shape::TUPLE }>;
    table.ctx_AsStruct_List = as_struct::<{ shape::LIST }>;
    table.ctx_AsStruct_Dict = as_struct::<{ shape::DICT }>;
    table.ctx_ReenterPythonExecution = reenter_python_execution;
    table.ctx_LeavePythonExecution = leave_python_execution;
}

impl DebugState {
    /// The universal context.
    pub fn universal(&self) -> Ctx {
        self.state().context()
    }

    /// Runs a universal function.
    unsafe fn call<R: Failure>(&self, f: impl FnOnce(&mut Cx<'_>) -> Result<R, Raised>) -> R {
        // SAFETY: the caller is a context function that C called.
        unsafe { run_as(self.universal(), Mode::Debug, f) }
    }
}

/// A context function: runs with the debug state, after the check of the context.
macro_rules! functions {
    ($(fn $name:ident($debug:ident $(, $arg:ident: $ty:ty)*) -> $ret:ty $body:block)*) => { $(
        unsafe extern "C" fn $name(ctx: Ctx, $($arg: $ty),*) -> $ret {
            // SAFETY: C passes a context that it was given, and arguments as HPy prescribes.
            #[allow(unused_unsafe)]
            unsafe { run(ctx, |$debug: &DebugState| -> $ret { unsafe { $body } }) }
        }
    )* };
}

functions! {
    fn close(debug, h: HPy) -> () {
        debug.close(h);
    }

    // A tracker keeps the debug handles themselves.
    fn tracker_add(debug, ht: HPyTracker, h: HPy) -> c_int {
        debug.call(|cx| handles::tracker_add(cx, ht, h))
    }

    fn tracker_close(debug, ht: HPyTracker) -> () {
        for h in handles::take_tracked(ht) {
            debug.close(h);
        }
    }

    fn list_builder_build(debug, builder: HPyListBuilder) -> HPy {
        if builder.0 == 0 {
            return HPy::NULL;
        }
        let universal = HPyListBuilder(debug.finish_builder(builder.0));
        debug.call(|cx| crate::container::list_builder_build(cx, universal)).outward(debug)
    }

    fn list_builder_cancel(debug, builder: HPyListBuilder) -> () {
        if builder.0 != 0 {
            let universal = HPyListBuilder(debug.finish_builder(builder.0));
            debug.call(|cx| crate::container::list_builder_cancel(cx, universal))
        }
    }

    fn tuple_builder_build(debug, builder: HPyTupleBuilder) -> HPy {
        if builder.0 == 0 {
            return HPy::NULL;
        }
        let universal = HPyTupleBuilder(debug.finish_builder(builder.0));
        debug.call(|cx| crate::container::tuple_builder_build(cx, universal)).outward(debug)
    }

    fn tuple_builder_cancel(debug, builder: HPyTupleBuilder) -> () {
        if builder.0 != 0 {
            let universal = HPyTupleBuilder(debug.finish_builder(builder.0));
            debug.call(|cx| crate::container::tuple_builder_cancel(cx, universal))
        }
    }

    fn tuple_from_array(debug, items: *const HPy, n: isize) -> HPy {
        let items = unwrap_all(debug, items, n.max(0) as usize);
        debug.call(|cx| crate::container::tuple_from_array(cx, items.as_ptr(), n)).outward(debug)
    }

    fn type_from_spec(
        debug, spec: *mut HPyType_Spec, params: *mut HPyType_SpecParam
    ) -> HPy {
        let mut universal = Vec::new();
        let mut at = params;
        while let Some(param) = at.as_ref() {
            let object = if param.kind == 0 { HPy::NULL } else { debug.unwrap(param.object) };
            universal.push(HPyType_SpecParam { kind: param.kind, object });
            if param.kind == 0 {
                break;
            }
            at = at.add(1);
        }
        let params = match universal.is_empty() {
            true => std::ptr::null_mut(),
            false => universal.as_mut_ptr(),
        };
        debug.call(|cx| type_spec::type_from_spec(cx, spec, params)).outward(debug)
    }

    fn type_generic_new(
        debug, cls: HPy, args: *const HPy, nargs: isize, kw: HPy
    ) -> HPy {
        let (cls, kw) = (debug.unwrap(cls), debug.unwrap(kw));
        let args = unwrap_all(debug, args, nargs.max(0) as usize);
        debug.call(|cx| types::type_generic_new(cx, cls, args.as_ptr(), nargs, kw)).outward(debug)
    }

    fn call(debug, callable: HPy, args: *const HPy, nargs: usize, kwnames: HPy) -> HPy {
        let (callable, names) = (debug.unwrap(callable), debug.unwrap(kwnames));
        let args = unwrap_all(debug, args, nargs + keyword_count(debug, names, "HPy_Call"));
        debug.call(|cx| object::call(cx, callable, args.as_ptr(), nargs, names)).outward(debug)
    }

    fn call_method(debug, name: HPy, args: *const HPy, nargs: usize, kwnames: HPy) -> HPy {
        let (name, names) = (debug.unwrap(name), debug.unwrap(kwnames));
        let args = unwrap_all(debug, args, nargs + keyword_count(debug, names, "HPy_CallMethod"));
        debug.call(|cx| object::call_method(cx, name, args.as_ptr(), nargs, names)).outward(debug)
    }

    fn context_var_get(
        debug, var: HPy, default: HPy, result: *mut HPy
    ) -> i32 {
        let (var, default) = (debug.unwrap(var), debug.unwrap(default));
        let mut found = HPy::NULL;
        let status = debug.call(|cx| contextvar::context_var_get(cx, var, default, &mut found));
        result.write(found.outward(debug));
        status
    }

    fn unicode_as_utf8_and_size(debug, h: HPy, size: *mut isize) -> *const c_char {
        let universal = debug.unwrap(h);
        let mut len = 0;
        let p = debug.call(|cx| text::unicode_as_utf8_and_size(cx, universal, &mut len));
        if !size.is_null() {
            size.write(len);
        }
        lend(debug, h, p, len as usize)
    }

    fn bytes_as_string(debug, h: HPy) -> *const c_char {
        let universal = debug.unwrap(h);
        let p = debug.call(|cx| text::bytes_as_string(cx, universal));
        let len = debug.call(|cx| Ok(cx.get(universal).cast::<Bytes>().map_or(0, |b| b.data().len())));
        lend(debug, h, p, len)
    }

    fn type_get_name(debug, h: HPy) -> *const c_char {
        let universal = debug.unwrap(h);
        need_type(debug, universal, "HPyType_GetName arg must be a type");
        let p = debug.call(|cx| types::type_get_name(cx, universal));
        let len = if p.is_null() { 0 } else { CStr::from_ptr(p).to_bytes().len() };
        lend(debug, h, p, len)
    }

    fn type_check(debug, obj: HPy, cls: HPy) -> c_int {
        let (obj, cls) = (debug.unwrap(obj), debug.unwrap(cls));
        need_type(debug, cls, "HPy_TypeCheck arg 2 must be a type");
        debug.call(|cx| object::type_check(cx, obj, cls))
    }

    fn type_is_subtype(debug, sub: HPy, cls: HPy) -> c_int {
        let (sub, cls) = (debug.unwrap(sub), debug.unwrap(cls));
        need_type(debug, sub, "HPyType_IsSubtype arg 1 must be a type");
        need_type(debug, cls, "HPyType_IsSubtype arg 2 must be a type");
        debug.call(|cx| object::type_is_subtype(cx, sub, cls))
    }

    fn unicode_substring(debug, text: HPy, start: isize, end: isize) -> HPy {
        let text = debug.unwrap(text);
        if debug.call(|cx| Ok(cx.get(text).cast::<Str>().is_none())) {
            misuse("HPyUnicode_Substring arg 1 must be a Unicode object");
        }
        debug.call(|cx| text::unicode_substring(cx, text, start, end)).outward(debug)
    }

    fn leave_python_execution(debug) -> HPyThreadState {
        handles::leave(debug.universal())
    }
}

/// Without the check: other threads may have used other contexts meanwhile.
unsafe extern "C" fn reenter_python_execution(ctx: Ctx, state: HPyThreadState) {
    // SAFETY: C passes what it got from `HPy_LeavePythonExecution`, and the same context.
    unsafe {
        handles::reenter(state);
        super::contexts::back_in(ctx);
    }
}

unsafe extern "C" fn as_struct<const SHAPE: c_int>(ctx: Ctx, h: HPy) -> *mut c_void {
    // SAFETY: C passes a context that it was given.
    unsafe {
        run(ctx, |debug| {
            let h = debug.unwrap(h);
            let found = debug.call(|cx| Ok(types::shape_of_instance(cx.vm, cx.get(h))));
            if found != SHAPE {
                let (wanted, found) = (shape::name(SHAPE), shape::name(found));
                misuse(&format!(
                    "Invalid usage of _HPy_AsStruct_{wanted}. Expected shape \
                     HPyType_BuiltinShape_{wanted} but got HPyType_BuiltinShape_{found}"
                ));
            }
            debug.call(|cx| types::as_struct_object(cx, h))
        })
    }
}

/// The universal handles in an array of debug handles.
///
/// # Safety
/// There are `n` of them.
unsafe fn unwrap_all(debug: &DebugState, handles: *const HPy, n: usize) -> Vec<HPy> {
    // SAFETY: the caller's promise.
    (0..n).map(|i| debug.unwrap(unsafe { *handles.add(i) })).collect()
}

fn keyword_count(debug: &DebugState, names: HPy, function: &str) -> usize {
    if names.is_null() {
        return 0;
    }
    // SAFETY: called by context functions that C called.
    let count = unsafe {
        debug.call(|cx| Ok(cx.get(names).cast::<Tuple>().map_or(-1, |t| t.len() as isize)))
    };
    match usize::try_from(count) {
        Ok(count) => count,
        Err(_) => misuse(&format!("{function} arg 'kwnames' must be a tuple object or HPy_NULL")),
    }
}

fn need_type(debug: &DebugState, h: HPy, message: &str) {
    // SAFETY: as above.
    if unsafe { debug.call(|cx| Ok(cx.get(h).as_class().is_none())) } {
        misuse(message);
    }
}

/// A protected copy of `len` bytes and the NUL behind them.
///
/// # Safety
/// They are there, unless `p` is null.
unsafe fn lend(debug: &DebugState, h: HPy, p: *const c_char, len: usize) -> *const c_char {
    if p.is_null() {
        return p;
    }
    // SAFETY: the caller's promise.
    debug.lend(h, unsafe { std::slice::from_raw_parts(p.cast(), len + 1) }).cast()
}
