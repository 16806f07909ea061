//! The object protocol: attributes, items, calls, comparison, text.

use crate::abi::HPy;
use crate::context::Cx;
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::object::{Field, Kind, Slice, Tuple};
use sidewinder_interpreter::vm::Special;
use sidewinder_interpreter::vm::compare::CompareOp;
use sidewinder_interpreter::{Local, NativeResult, Raised, Value, Vm};
use std::ffi::{c_char, c_int};

type Handle = Result<HPy, Raised>;
type Int = Result<c_int, Raised>;

fn opened(cx: &mut Cx<'_>, result: NativeResult) -> Handle {
    let ret = result?;
    Ok(cx.open_ret(ret))
}

fn flag(result: Result<bool, Raised>) -> Int {
    result.map(c_int::from)
}

/// A key that C gives as text.
fn text_key(cx: &mut Cx<'_>, text: *const c_char) -> Result<Local, Raised> {
    let text = cx.utf8(text)?;
    Ok(cx.vm.root(cx.vm.str(text).value()))
}

/// `HPy_Length`
pub fn length(cx: &mut Cx<'_>, h: HPy) -> Result<isize, Raised> {
    let v = cx.local(h);
    Ok(cx.vm.len(v)? as isize)
}

/// `HPyCallable_Check`
pub fn callable_check(cx: &mut Cx<'_>, h: HPy) -> Int {
    Ok(is_callable(cx.vm, cx.get(h)) as c_int)
}

/// Whether an object can be called.
pub fn is_callable(vm: &Vm, v: Value<'_>) -> bool {
    let by_kind =
        matches!(v.kind(), Some(Kind::Function | Kind::Builtin | Kind::BoundMethod | Kind::Class));
    by_kind || vm.special_of(v, Special::Call).is_some()
}

/// `HPy_CallTupleDict`
pub fn call_tuple_dict(cx: &mut Cx<'_>, callable: HPy, args: HPy, kw: HPy) -> Handle {
    cx.safepoint()?;
    if !args.is_null() && !cx.vm.has_class(cx.get(args), ClassId::Tuple) {
        return Err(cx
            .vm
            .type_error("HPy_CallTupleDict requires args to be a tuple or null handle"));
    }
    if !kw.is_null() && !cx.vm.has_class(cx.get(kw), ClassId::Dict) {
        return Err(cx.vm.type_error("HPy_CallTupleDict requires kw to be a dict or null handle"));
    }
    let f = cx.local(callable);
    let args = cx.local_opt(args);
    let kw = cx.local_opt(kw);
    let result = cx.vm.call_args(f, args, kw);
    opened(cx, result)
}

/// Pushes handles from C, then the tuple of keyword names; the number of keywords.
///
/// # Safety
/// `args` points to `nargs` handles and one for each keyword.
unsafe fn push_arguments(cx: &mut Cx<'_>, args: *const HPy, nargs: usize, kwnames: HPy) -> u32 {
    let keywords = match kwnames.is_null() {
        true => 0,
        false => cx.get(kwnames).cast::<Tuple>().map_or(0, |names| names.len()),
    };
    for i in 0..nargs + keywords {
        // SAFETY: the caller's promise.
        let h = unsafe { *args.add(i) };
        cx.local(h);
    }
    if keywords > 0 {
        cx.local(kwnames);
    }
    keywords as u32
}

/// `HPy_Call`
pub fn call(
    cx: &mut Cx<'_>,
    callable: HPy,
    args: *const HPy,
    nargs: usize,
    kwnames: HPy,
) -> Handle {
    cx.safepoint()?;
    let first = cx.local(callable);
    // SAFETY: C passes that many handles.
    let keywords = unsafe { push_arguments(cx, args, nargs, kwnames) };
    let result = cx.vm.call_window(first, nargs as u32 + keywords, keywords);
    opened(cx, result)
}

/// `HPy_CallMethod`
pub fn call_method(
    cx: &mut Cx<'_>,
    name: HPy,
    args: *const HPy,
    nargs: usize,
    kwnames: HPy,
) -> Handle {
    cx.safepoint()?;
    if nargs == 0 {
        return Err(cx.vm.type_error("HPy_CallMethod needs a receiver"));
    }
    // SAFETY: C passes that many handles.
    let receiver = unsafe { *args };
    let (receiver, name) = (cx.local(receiver), cx.local(name));
    let method = cx.vm.getattr(receiver, name)?;
    let first = cx.vm.hold(method);
    // SAFETY: as above.
    let keywords = unsafe { push_arguments(cx, args.add(1), nargs - 1, kwnames) };
    let result = cx.vm.call_window(first, nargs as u32 - 1 + keywords, keywords);
    opened(cx, result)
}

/// `HPy_IsTrue`
pub fn is_true(cx: &mut Cx<'_>, h: HPy) -> Int {
    let v = cx.local(h);
    flag(cx.vm.truth(v))
}

/// `HPy_GetAttr`
pub fn get_attr(cx: &mut Cx<'_>, obj: HPy, name: HPy) -> Handle {
    cx.safepoint()?;
    let (obj, name) = (cx.local(obj), cx.local(name));
    let result = cx.vm.getattr(obj, name);
    opened(cx, result)
}

/// `HPy_GetAttr_s`
pub fn get_attr_s(cx: &mut Cx<'_>, obj: HPy, utf8_name: *const c_char) -> Handle {
    cx.safepoint()?;
    let obj = cx.local(obj);
    let name = cx.utf8(utf8_name)?;
    let result = cx.vm.getattr_str(obj, name);
    opened(cx, result)
}

/// Whether an attribute is there; whatever looking raises is forgotten.
fn has(cx: &mut Cx<'_>, obj: Local, name: Local) -> Int {
    match cx.vm.getattr_maybe(obj, name) {
        Ok(found) => Ok(found.is_some() as c_int),
        Err(raised) => {
            cx.vm.take_exception(raised);
            Ok(0)
        }
    }
}

/// `HPy_HasAttr`
pub fn has_attr(cx: &mut Cx<'_>, obj: HPy, name: HPy) -> Int {
    let (obj, name) = (cx.local(obj), cx.local(name));
    has(cx, obj, name)
}

/// `HPy_HasAttr_s`
pub fn has_attr_s(cx: &mut Cx<'_>, obj: HPy, utf8_name: *const c_char) -> Int {
    let obj = cx.local(obj);
    let name = text_key(cx, utf8_name)?;
    has(cx, obj, name)
}

fn store_attr(cx: &mut Cx<'_>, obj: HPy, name: Local, value: HPy) -> Int {
    cx.safepoint()?;
    let obj = cx.local(obj);
    if value.is_null() {
        cx.vm.delattr(obj, name)?;
    } else {
        let value = cx.local(value);
        cx.vm.setattr(obj, name, value)?;
    }
    Ok(0)
}

/// `HPy_SetAttr`
pub fn set_attr(cx: &mut Cx<'_>, obj: HPy, name: HPy, value: HPy) -> Int {
    let name = cx.local(name);
    store_attr(cx, obj, name, value)
}

/// `HPy_SetAttr_s`
pub fn set_attr_s(cx: &mut Cx<'_>, obj: HPy, utf8_name: *const c_char, value: HPy) -> Int {
    let name = text_key(cx, utf8_name)?;
    store_attr(cx, obj, name, value)
}

fn item(cx: &mut Cx<'_>, obj: HPy, key: Local) -> Handle {
    cx.safepoint()?;
    let obj = cx.local(obj);
    let result = cx.vm.getitem(obj, key);
    opened(cx, result)
}

fn int_key(cx: &mut Cx<'_>, idx: isize) -> Local {
    cx.vm.root(cx.vm.int(idx as i64))
}

/// `HPy_GetItem`
pub fn get_item(cx: &mut Cx<'_>, obj: HPy, key: HPy) -> Handle {
    let key = cx.local(key);
    item(cx, obj, key)
}

/// `HPy_GetItem_i`
pub fn get_item_i(cx: &mut Cx<'_>, obj: HPy, idx: isize) -> Handle {
    let key = int_key(cx, idx);
    item(cx, obj, key)
}

/// `HPy_GetItem_s`
pub fn get_item_s(cx: &mut Cx<'_>, obj: HPy, utf8_key: *const c_char) -> Handle {
    let key = text_key(cx, utf8_key)?;
    item(cx, obj, key)
}

/// `HPy_Contains`
pub fn contains(cx: &mut Cx<'_>, container: HPy, key: HPy) -> Int {
    cx.safepoint()?;
    let (container, key) = (cx.local(container), cx.local(key));
    flag(cx.vm.contains(container, key))
}

fn store_item(cx: &mut Cx<'_>, obj: HPy, key: Local, value: HPy) -> Int {
    cx.safepoint()?;
    let (obj, value) = (cx.local(obj), cx.local(value));
    cx.vm.setitem(obj, key, value).map(|()| 0)
}

/// `HPy_SetItem`
pub fn set_item(cx: &mut Cx<'_>, obj: HPy, key: HPy, value: HPy) -> Int {
    let key = cx.local(key);
    store_item(cx, obj, key, value)
}

/// `HPy_SetItem_i`
pub fn set_item_i(cx: &mut Cx<'_>, obj: HPy, idx: isize, value: HPy) -> Int {
    let key = int_key(cx, idx);
    store_item(cx, obj, key, value)
}

/// `HPy_SetItem_s`
pub fn set_item_s(cx: &mut Cx<'_>, obj: HPy, utf8_key: *const c_char, value: HPy) -> Int {
    let key = text_key(cx, utf8_key)?;
    store_item(cx, obj, key, value)
}

fn remove_item(cx: &mut Cx<'_>, obj: HPy, key: Local) -> Int {
    cx.safepoint()?;
    let obj = cx.local(obj);
    cx.vm.delitem(obj, key).map(|()| 0)
}

/// `HPy_DelItem`
pub fn del_item(cx: &mut Cx<'_>, obj: HPy, key: HPy) -> Int {
    let key = cx.local(key);
    remove_item(cx, obj, key)
}

/// `HPy_DelItem_i`
pub fn del_item_i(cx: &mut Cx<'_>, obj: HPy, idx: isize) -> Int {
    let key = int_key(cx, idx);
    remove_item(cx, obj, key)
}

/// `HPy_DelItem_s`
pub fn del_item_s(cx: &mut Cx<'_>, obj: HPy, utf8_key: *const c_char) -> Int {
    let key = text_key(cx, utf8_key)?;
    remove_item(cx, obj, key)
}

/// `HPy_Type`
pub fn type_of(cx: &mut Cx<'_>, obj: HPy) -> Handle {
    Ok(cx.open(cx.vm.class_of(cx.get(obj)).value()))
}

/// `HPy_TypeCheck`
pub fn type_check(cx: &mut Cx<'_>, obj: HPy, cls: HPy) -> Int {
    let class = cx.get(cls).as_class();
    Ok(class.is_some_and(|c| cx.vm.is_subclass(cx.vm.class_of(cx.get(obj)), c)) as c_int)
}

/// `HPyType_IsSubtype`
pub fn type_is_subtype(cx: &mut Cx<'_>, sub: HPy, cls: HPy) -> Int {
    match (cx.get(sub).as_class(), cx.get(cls).as_class()) {
        (Some(sub), Some(class)) => Ok(cx.vm.is_subclass(sub, class) as c_int),
        _ => Err(cx.vm.type_error("HPyType_IsSubtype arguments must be types")),
    }
}

/// `HPy_Is`
pub fn is_same(cx: &mut Cx<'_>, obj: HPy, other: HPy) -> Int {
    Ok(cx.get(obj).is(cx.get(other)) as c_int)
}

macro_rules! texts {
    ($($name:ident $method:ident;)*) => { $(
        /// The text of an object, as the builtin function of that name gives it.
        pub fn $name(cx: &mut Cx<'_>, obj: HPy) -> Handle {
            cx.safepoint()?;
            let v = cx.local(obj);
            let result = cx.vm.$method(v);
            opened(cx, result)
        }
    )* };
}

texts! {
    repr repr;
    str_of str_of;
    ascii ascii;
}

/// `HPy_Bytes`
pub fn bytes(cx: &mut Cx<'_>, obj: HPy) -> Handle {
    cx.safepoint()?;
    let v = cx.local(obj);
    if cx.vm.is_exact(cx.vm.get(v), ClassId::Bytes) {
        return Ok(cx.open(cx.vm.get(v)));
    }
    if let Some(ret) = cx.vm.call_special(v, Special::Bytes, &[])? {
        return Ok(cx.open_ret(ret));
    }
    let iterable = cx.vm.special_of(cx.vm.get(v), Special::Iter).is_some();
    if !iterable || cx.vm.has_class(cx.vm.get(v), ClassId::Str) {
        let given = cx.vm.type_name(cx.vm.get(v));
        return Err(cx.vm.type_error(format!("cannot convert '{given}' object to bytes")));
    }
    crate::number::convert(cx, ClassId::Bytes, obj)
}

/// `HPy_RichCompare`
pub fn rich_compare(cx: &mut Cx<'_>, v: HPy, w: HPy, op: c_int) -> Handle {
    cx.safepoint()?;
    let (v, w) = (cx.local(v), cx.local(w));
    let result = cx.vm.compare(CompareOp::of(op as u8), v, w);
    opened(cx, result)
}

/// `HPy_RichCompareBool`
pub fn rich_compare_bool(cx: &mut Cx<'_>, v: HPy, w: HPy, op: c_int) -> Int {
    cx.safepoint()?;
    let op = CompareOp::of(op as u8);
    if cx.get(v).is(cx.get(w)) {
        match op {
            CompareOp::Eq => return Ok(1),
            CompareOp::Ne => return Ok(0),
            _ => {}
        }
    }
    let (v, w) = (cx.local(v), cx.local(w));
    flag(cx.vm.compare_truth(op, v, w))
}

/// `HPy_Hash`
pub fn hash(cx: &mut Cx<'_>, obj: HPy) -> Result<isize, Raised> {
    let v = cx.local(obj);
    Ok(cx.vm.hash(v)? as isize)
}

/// `HPyImport_ImportModule`
pub fn import_import_module(cx: &mut Cx<'_>, utf8_name: *const c_char) -> Handle {
    cx.safepoint()?;
    let name = cx.utf8(utf8_name)?;
    let module = cx.vm.import_module(name)?;
    Ok(cx.open(cx.vm.get(module)))
}

/// `HPySlice_Unpack`
pub fn slice_unpack(
    cx: &mut Cx<'_>,
    slice: HPy,
    start: *mut isize,
    stop: *mut isize,
    step: *mut isize,
) -> Int {
    let parts = {
        let vm = &*cx.vm;
        let Some(slice) = cx.get(slice).cast::<Slice>() else {
            return Err(vm.type_error("HPySlice_Unpack argument must be a slice"));
        };
        [&slice.r().start, &slice.r().stop, &slice.r().step].map(|s| vm.root(s.get(vm)))
    };
    let mut numbers = [None; 3];
    for (number, part) in numbers.iter_mut().zip(parts) {
        if !cx.vm.get(part).is_none() {
            *number = Some(cx.vm.index_clamped(part)?);
        }
    }
    let by = numbers[2].unwrap_or(1).max(-isize::MAX);
    if by == 0 {
        return Err(cx.vm.value_error("slice step cannot be zero"));
    }
    let (first, last) = if by < 0 { (isize::MAX, isize::MIN) } else { (0, isize::MAX) };
    // SAFETY: C passes places for three numbers.
    unsafe {
        start.write(numbers[0].unwrap_or(first));
        stop.write(numbers[1].unwrap_or(last));
        step.write(by);
    }
    Ok(0)
}

/// Whether a value is an instance of a builtin class, as C's checks answer.
pub fn check(cx: &Cx<'_>, h: HPy, class: ClassId) -> Int {
    let v: Value<'_> = cx.get(h);
    Ok(cx.vm.has_class(v, class) as c_int)
}

/// A new handle of text, closed with the others at the end of `f`.
fn with_text(
    cx: &mut Cx<'_>,
    texts: &[&str],
    f: impl FnOnce(&mut Cx<'_>, &[HPy]) -> Handle,
) -> Handle {
    let handles: Vec<HPy> = texts.iter().map(|t| cx.open(cx.vm.str(t).value())).collect();
    let result = f(cx, &handles);
    handles.iter().for_each(|h| cx.state.handles.close(*h));
    result
}

/// `HPy_Compile_s`
pub fn compile_s(
    cx: &mut Cx<'_>,
    utf8_source: *const c_char,
    utf8_filename: *const c_char,
    kind: c_int,
) -> Handle {
    let Some(mode) = ["eval", "exec", "single"].get(kind as usize) else {
        return Err(cx.vm.raise(ClassId::SystemError, "invalid source kind"));
    };
    let (source, filename) = (cx.utf8(utf8_source)?, cx.utf8(utf8_filename)?);
    with_text(cx, &[source, filename, mode], |cx, args| {
        crate::number::call_builtin(cx, "compile", args)
    })
}

/// `HPy_EvalCode`
pub fn eval_code(cx: &mut Cx<'_>, code: HPy, globals: HPy, locals: HPy) -> Handle {
    if globals.is_null() {
        return Err(cx.vm.raise(ClassId::SystemError, "PyEval_EvalCode: globals must be a dict"));
    }
    let locals = if locals.is_null() { globals } else { locals };
    crate::number::call_builtin(cx, "eval", &[code, globals, locals])
}
