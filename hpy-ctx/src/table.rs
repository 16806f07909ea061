//! `HPyContext`: the one table of everything that C can ask for.
//!
//! Each line gives a member's name and C signature and, where there is one, the Rust function that
//! does it. The struct, its initial contents and the refusals of what is not done yet all come from
//! here, in the order that the ABI prescribes.
#![allow(non_snake_case, non_camel_case_types)]

use crate::abi::*;
use crate::context::{Cx, run, run_as};
use crate::mode::Mode;
use crate::{
    capsule, container, contextvar, debug, error, handles, number, object, sequence, text, trace,
    type_spec, types,
};
use sidewinder_interpreter::Raised;
use sidewinder_interpreter::builtins::ClassId;
use std::ffi::{c_char, c_int, c_void};

/// What a C function returns to say that an exception is set.
pub trait Failure {
    /// That value.
    const FAILURE: Self;
}

macro_rules! failures {
    ($($ty:ty = $value:expr),* $(,)?) => { $( impl Failure for $ty { const FAILURE: $ty = $value; } )* };
}

failures! {
    HPy = HPy::NULL, () = (), bool = false, i32 = -1, i64 = -1, isize = -1, u32 = u32::MAX,
    u64 = u64::MAX, usize = usize::MAX, f64 = -1.0, HPyListBuilder = HPyListBuilder(0),
    HPyTupleBuilder = HPyTupleBuilder(0), HPyTracker = HPyTracker(0),
    HPyThreadState = HPyThreadState(0),
}

impl<T> Failure for *const T {
    const FAILURE: *const T = std::ptr::null();
}

impl<T> Failure for *mut T {
    const FAILURE: *mut T = std::ptr::null_mut();
}

/// NotImplementedError with the function's name, as C code knows it.
#[cold]
fn not_implemented(cx: &mut Cx<'_>, name: &str) -> Raised {
    let name = name.trim_start_matches("ctx_");
    let name = match name.split_once('_') {
        Some((family, _)) if !matches!(family, "Type" | "Call") => format!("HPy{name}"),
        _ => format!("HPy_{name}"),
    };
    cx.vm.raise(ClassId::NotImplementedError, format!("{name} is not implemented yet"))
}

macro_rules! member {
    ($name:ident ($($arg:ident : $ty:ty),*) -> $ret:ty = $imp:path) => {{
        unsafe extern "C" fn call(ctx: *mut HPyContext, $($arg: $ty),*) -> $ret {
            // SAFETY: C passes the context it was given, on the thread that it was given it on.
            unsafe { run(ctx, |cx| $imp(cx, $($arg),*)) }
        }
        call
    }};
    ($name:ident ($($arg:ident : $ty:ty),*) -> $ret:ty) => {{
        unsafe extern "C" fn refuse(ctx: *mut HPyContext, $(_: $ty),*) -> $ret {
            // SAFETY: as above.
            unsafe { run(ctx, |cx| Err(not_implemented(cx, stringify!($name)))) }
        }
        refuse
    }};
}

macro_rules! debug_member {
    ($name:ident ($($arg:ident : $ty:ty),*) -> $ret:ty = $imp:path) => {{
        unsafe extern "C" fn checked(ctx: *mut HPyContext, $($arg: $ty),*) -> $ret {
            // SAFETY: C passes a context that it was given, on the thread that it was given it on.
            unsafe {
                debug::run(ctx, |debug| {
                    $(let $arg = debug::Cross::inward($arg, debug);)*
                    let result: $ret = run_as(debug.universal(), Mode::Debug, |cx| $imp(cx, $($arg),*));
                    debug::Cross::outward(result, debug)
                })
            }
        }
        checked
    }};
    ($name:ident ($($arg:ident : $ty:ty),*) -> $ret:ty) => {{
        unsafe extern "C" fn refuse(ctx: *mut HPyContext, $(_: $ty),*) -> $ret {
            // SAFETY: as above.
            unsafe {
                debug::run(ctx, |debug| {
                    run(debug.universal(), |cx| Err(not_implemented(cx, stringify!($name))))
                })
            }
        }
        refuse
    }};
}

macro_rules! trace_member {
    ($name:ident ($($arg:ident : $ty:ty),*) -> $ret:ty $(= $imp:path)?) => {{
        unsafe extern "C" fn traced(ctx: *mut HPyContext, $($arg: $ty),*) -> $ret {
            let function = trace::number(std::mem::offset_of!(HPyContext, $name));
            // SAFETY: C passes the context it was given, on the thread that it was given it on.
            unsafe {
                trace::run(ctx, function, |universal| {
                    run_as(universal, Mode::Trace, |cx| traced!(cx $name ($($arg),*) $($imp)?))
                })
            }
        }
        traced
    }};
}

macro_rules! traced {
    ($cx:ident $name:ident ($($arg:ident),*) $imp:path) => { $imp($cx, $($arg),*) };
    ($cx:ident $name:ident ($($arg:ident),*)) => {{
        $(let _ = $arg;)*
        Err(not_implemented($cx, stringify!($name)))
    }};
}

macro_rules! context {
    ($(
        handles { $($handle:ident)* }
        functions {
            $( $name:ident ($($arg:ident : $ty:ty),*) -> $ret:ty $(= $imp:path)?; )*
        }
    )*) => {
        /// The table handed to C: names, handles that are always open, and functions.
        #[allow(missing_docs)]
        #[repr(C)]
        pub struct HPyContext {
            pub name: *const c_char,
            pub _private: *mut c_void,
            pub abi_version: c_int,
            $(
                $(pub $handle: HPy,)*
                $(pub $name: unsafe extern "C" fn(*mut HPyContext, $($ty),*) -> $ret,)*
            )*
        }

        impl HPyContext {
            /// The table with all its functions; the handles are filled in by the caller.
            pub fn new(private: *mut c_void) -> HPyContext {
                HPyContext {
                    name: c"HPy Universal ABI (Sidewinder)".as_ptr(),
                    _private: private,
                    abi_version: 0,
                    $(
                        $($handle: HPy::NULL,)*
                        $($name: member!($name ($($arg: $ty),*) -> $ret $(= $imp)?),)*
                    )*
                }
            }

            /// The table of debug mode; its constants are filled in by the caller.
            pub fn debug(private: *mut c_void) -> HPyContext {
                HPyContext {
                    name: c"HPy Debug Mode ABI (Sidewinder)".as_ptr(),
                    _private: private,
                    abi_version: 0,
                    $(
                        $($handle: HPy::NULL,)*
                        $($name: debug_member!($name ($($arg: $ty),*) -> $ret $(= $imp)?),)*
                    )*
                }
            }

            /// The table of trace mode; its constants are filled in by the caller.
            pub fn trace(private: *mut c_void) -> HPyContext {
                HPyContext {
                    name: c"HPy Trace Mode ABI (Sidewinder)".as_ptr(),
                    _private: private,
                    abi_version: 0,
                    $(
                        $($handle: HPy::NULL,)*
                        $($name: trace_member!($name ($($arg: $ty),*) -> $ret $(= $imp)?),)*
                    )*
                }
            }

            /// Every member after the first three with its offset, in order.
            pub const LAYOUT: &'static [(&'static str, usize)] = &[
                ("name", std::mem::offset_of!(HPyContext, name)),
                ("_private", std::mem::offset_of!(HPyContext, _private)),
                ("abi_version", std::mem::offset_of!(HPyContext, abi_version)),
                $(
                    $((stringify!($handle), std::mem::offset_of!(HPyContext, $handle)),)*
                    $((stringify!($name), std::mem::offset_of!(HPyContext, $name)),)*
                )*
            ];

            /// The functions that only raise NotImplementedError so far.
            pub fn missing() -> Vec<&'static str> {
                let mut all: Vec<&'static str> = Vec::new();
                $($({
                    let done: &[&str] = &[$(stringify!($imp))?];
                    if done.is_empty() {
                        all.push(stringify!($name));
                    }
                })*)*
                all
            }

            /// The handles by name, for filling them in.
            pub fn handles(&mut self) -> Vec<(&'static str, &mut HPy)> {
                vec![$($((stringify!($handle), &mut self.$handle),)*)*]
            }
        }
    };
}

context! {
handles {
    h_None
    h_True
    h_False
    h_NotImplemented
    h_Ellipsis
    h_BaseException
    h_Exception
    h_StopAsyncIteration
    h_StopIteration
    h_GeneratorExit
    h_ArithmeticError
    h_LookupError
    h_AssertionError
    h_AttributeError
    h_BufferError
    h_EOFError
    h_FloatingPointError
    h_OSError
    h_ImportError
    h_ModuleNotFoundError
    h_IndexError
    h_KeyError
    h_KeyboardInterrupt
    h_MemoryError
    h_NameError
    h_OverflowError
    h_RuntimeError
    h_RecursionError
    h_NotImplementedError
    h_SyntaxError
    h_IndentationError
    h_TabError
    h_ReferenceError
    h_SystemError
    h_SystemExit
    h_TypeError
    h_UnboundLocalError
    h_UnicodeError
    h_UnicodeEncodeError
    h_UnicodeDecodeError
    h_UnicodeTranslateError
    h_ValueError
    h_ZeroDivisionError
    h_BlockingIOError
    h_BrokenPipeError
    h_ChildProcessError
    h_ConnectionError
    h_ConnectionAbortedError
    h_ConnectionRefusedError
    h_ConnectionResetError
    h_FileExistsError
    h_FileNotFoundError
    h_InterruptedError
    h_IsADirectoryError
    h_NotADirectoryError
    h_PermissionError
    h_ProcessLookupError
    h_TimeoutError
    h_Warning
    h_UserWarning
    h_DeprecationWarning
    h_PendingDeprecationWarning
    h_SyntaxWarning
    h_RuntimeWarning
    h_FutureWarning
    h_ImportWarning
    h_UnicodeWarning
    h_BytesWarning
    h_ResourceWarning
    h_BaseObjectType
    h_TypeType
    h_BoolType
    h_LongType
    h_FloatType
    h_UnicodeType
    h_TupleType
    h_ListType
}
functions {
    ctx_Dup(h: HPy) -> HPy = handles::dup;
    ctx_Close(h: HPy) -> () = handles::close;
    ctx_Long_FromInt32_t(value: i32) -> HPy = number::long_from_int32;
    ctx_Long_FromUInt32_t(value: u32) -> HPy = number::long_from_uint32;
    ctx_Long_FromInt64_t(v: i64) -> HPy = number::long_from_int64;
    ctx_Long_FromUInt64_t(v: u64) -> HPy = number::long_from_uint64;
    ctx_Long_FromSize_t(value: usize) -> HPy = number::long_from_size_t;
    ctx_Long_FromSsize_t(value: isize) -> HPy = number::long_from_ssize_t;
    ctx_Long_AsInt32_t(h: HPy) -> i32 = number::long_as_int32;
    ctx_Long_AsUInt32_t(h: HPy) -> u32 = number::long_as_uint32;
    ctx_Long_AsUInt32_tMask(h: HPy) -> u32 = number::long_as_uint32_mask;
    ctx_Long_AsInt64_t(h: HPy) -> i64 = number::long_as_int64;
    ctx_Long_AsUInt64_t(h: HPy) -> u64 = number::long_as_uint64;
    ctx_Long_AsUInt64_tMask(h: HPy) -> u64 = number::long_as_uint64_mask;
    ctx_Long_AsSize_t(h: HPy) -> usize = number::long_as_size_t;
    ctx_Long_AsSsize_t(h: HPy) -> isize = number::long_as_ssize_t;
    ctx_Long_AsVoidPtr(h: HPy) -> *mut c_void = number::long_as_void_ptr;
    ctx_Long_AsDouble(h: HPy) -> f64 = number::long_as_double;
    ctx_Float_FromDouble(v: f64) -> HPy = number::float_from_double;
    ctx_Float_AsDouble(h: HPy) -> f64 = number::float_as_double;
    ctx_Bool_FromBool(v: bool) -> HPy = number::bool_from_bool;
    ctx_Length(h: HPy) -> isize = object::length;
    ctx_Number_Check(h: HPy) -> c_int = number::number_check;
    ctx_Add(h1: HPy, h2: HPy) -> HPy = number::add;
    ctx_Subtract(h1: HPy, h2: HPy) -> HPy = number::subtract;
    ctx_Multiply(h1: HPy, h2: HPy) -> HPy = number::multiply;
    ctx_MatrixMultiply(h1: HPy, h2: HPy) -> HPy = number::matrix_multiply;
    ctx_FloorDivide(h1: HPy, h2: HPy) -> HPy = number::floor_divide;
    ctx_TrueDivide(h1: HPy, h2: HPy) -> HPy = number::true_divide;
    ctx_Remainder(h1: HPy, h2: HPy) -> HPy = number::remainder;
    ctx_Divmod(h1: HPy, h2: HPy) -> HPy = number::divmod;
    ctx_Power(h1: HPy, h2: HPy, h3: HPy) -> HPy = number::power;
    ctx_Negative(h1: HPy) -> HPy = number::negative;
    ctx_Positive(h1: HPy) -> HPy = number::positive;
    ctx_Absolute(h1: HPy) -> HPy = number::absolute;
    ctx_Invert(h1: HPy) -> HPy = number::invert;
    ctx_Lshift(h1: HPy, h2: HPy) -> HPy = number::lshift;
    ctx_Rshift(h1: HPy, h2: HPy) -> HPy = number::rshift;
    ctx_And(h1: HPy, h2: HPy) -> HPy = number::and_;
    ctx_Xor(h1: HPy, h2: HPy) -> HPy = number::xor;
    ctx_Or(h1: HPy, h2: HPy) -> HPy = number::or_;
    ctx_Index(h1: HPy) -> HPy = number::index;
    ctx_Long(h1: HPy) -> HPy = number::long;
    ctx_Float(h1: HPy) -> HPy = number::float;
    ctx_InPlaceAdd(h1: HPy, h2: HPy) -> HPy = number::inplace_add;
    ctx_InPlaceSubtract(h1: HPy, h2: HPy) -> HPy = number::inplace_subtract;
    ctx_InPlaceMultiply(h1: HPy, h2: HPy) -> HPy = number::inplace_multiply;
    ctx_InPlaceMatrixMultiply(h1: HPy, h2: HPy) -> HPy = number::inplace_matrix_multiply;
    ctx_InPlaceFloorDivide(h1: HPy, h2: HPy) -> HPy = number::inplace_floor_divide;
    ctx_InPlaceTrueDivide(h1: HPy, h2: HPy) -> HPy = number::inplace_true_divide;
    ctx_InPlaceRemainder(h1: HPy, h2: HPy) -> HPy = number::inplace_remainder;
    ctx_InPlacePower(h1: HPy, h2: HPy, h3: HPy) -> HPy = number::inplace_power;
    ctx_InPlaceLshift(h1: HPy, h2: HPy) -> HPy = number::inplace_lshift;
    ctx_InPlaceRshift(h1: HPy, h2: HPy) -> HPy = number::inplace_rshift;
    ctx_InPlaceAnd(h1: HPy, h2: HPy) -> HPy = number::inplace_and;
    ctx_InPlaceXor(h1: HPy, h2: HPy) -> HPy = number::inplace_xor;
    ctx_InPlaceOr(h1: HPy, h2: HPy) -> HPy = number::inplace_or;
    ctx_Callable_Check(h: HPy) -> c_int = object::callable_check;
    ctx_CallTupleDict(callable: HPy, args: HPy, kw: HPy) -> HPy = object::call_tuple_dict;
    ctx_FatalError(message: *const c_char) -> () = error::fatal_error;
    ctx_Err_SetString(h_type: HPy, utf8_message: *const c_char) -> () = error::err_set_string;
    ctx_Err_SetObject(h_type: HPy, h_value: HPy) -> () = error::err_set_object;
    ctx_Err_SetFromErrnoWithFilename(h_type: HPy, filename_fsencoded: *const c_char) -> HPy = error::err_set_from_errno_with_filename;
    ctx_Err_SetFromErrnoWithFilenameObjects(h_type: HPy, filename1: HPy, filename2: HPy) -> () = error::err_set_from_errno_with_filename_objects;
    ctx_Err_Occurred() -> c_int = error::err_occurred;
    ctx_Err_ExceptionMatches(exc: HPy) -> c_int = error::err_exception_matches;
    ctx_Err_NoMemory() -> () = error::err_no_memory;
    ctx_Err_Clear() -> () = error::err_clear;
    ctx_Err_NewException(utf8_name: *const c_char, base: HPy, dict: HPy) -> HPy = error::err_new_exception;
    ctx_Err_NewExceptionWithDoc(utf8_name: *const c_char, utf8_doc: *const c_char, base: HPy, dict: HPy) -> HPy = error::err_new_exception_with_doc;
    ctx_Err_WarnEx(category: HPy, utf8_message: *const c_char, stack_level: isize) -> c_int = error::err_warn_ex;
    ctx_Err_WriteUnraisable(obj: HPy) -> () = error::err_write_unraisable;
    ctx_IsTrue(h: HPy) -> c_int = object::is_true;
    ctx_Type_FromSpec(spec: *mut HPyType_Spec, params: *mut HPyType_SpecParam) -> HPy = type_spec::type_from_spec;
    ctx_Type_GenericNew(cls: HPy, args: *const HPy, nargs: isize, kw: HPy) -> HPy = types::type_generic_new;
    ctx_GetAttr(obj: HPy, name: HPy) -> HPy = object::get_attr;
    ctx_GetAttr_s(obj: HPy, utf8_name: *const c_char) -> HPy = object::get_attr_s;
    ctx_HasAttr(obj: HPy, name: HPy) -> c_int = object::has_attr;
    ctx_HasAttr_s(obj: HPy, utf8_name: *const c_char) -> c_int = object::has_attr_s;
    ctx_SetAttr(obj: HPy, name: HPy, value: HPy) -> c_int = object::set_attr;
    ctx_SetAttr_s(obj: HPy, utf8_name: *const c_char, value: HPy) -> c_int = object::set_attr_s;
    ctx_GetItem(obj: HPy, key: HPy) -> HPy = object::get_item;
    ctx_GetItem_i(obj: HPy, idx: isize) -> HPy = object::get_item_i;
    ctx_GetItem_s(obj: HPy, utf8_key: *const c_char) -> HPy = object::get_item_s;
    ctx_Contains(container: HPy, key: HPy) -> c_int = object::contains;
    ctx_SetItem(obj: HPy, key: HPy, value: HPy) -> c_int = object::set_item;
    ctx_SetItem_i(obj: HPy, idx: isize, value: HPy) -> c_int = object::set_item_i;
    ctx_SetItem_s(obj: HPy, utf8_key: *const c_char, value: HPy) -> c_int = object::set_item_s;
    ctx_Type(obj: HPy) -> HPy = object::type_of;
    ctx_TypeCheck(obj: HPy, cls: HPy) -> c_int = object::type_check;
    ctx_Is(obj: HPy, other: HPy) -> c_int = object::is_same;
    ctx_AsStruct_Object(h: HPy) -> *mut c_void = types::as_struct_object;
    ctx_AsStruct_Legacy(h: HPy) -> *mut c_void = types::as_struct_legacy;
    ctx_New(h_type: HPy, data: *mut *mut c_void) -> HPy = types::new;
    ctx_Repr(obj: HPy) -> HPy = object::repr;
    ctx_Str(obj: HPy) -> HPy = object::str_of;
    ctx_ASCII(obj: HPy) -> HPy = object::ascii;
    ctx_Bytes(obj: HPy) -> HPy = object::bytes;
    ctx_RichCompare(v: HPy, w: HPy, op: c_int) -> HPy = object::rich_compare;
    ctx_RichCompareBool(v: HPy, w: HPy, op: c_int) -> c_int = object::rich_compare_bool;
    ctx_Hash(obj: HPy) -> isize = object::hash;
    ctx_Bytes_Check(h: HPy) -> c_int = text::bytes_check;
    ctx_Bytes_Size(h: HPy) -> isize = text::bytes_size;
    ctx_Bytes_GET_SIZE(h: HPy) -> isize = text::bytes_get_size_fast;
    ctx_Bytes_AsString(h: HPy) -> *const c_char = text::bytes_as_string;
    ctx_Bytes_AS_STRING(h: HPy) -> *const c_char = text::bytes_as_string_fast;
    ctx_Bytes_FromString(bytes: *const c_char) -> HPy = text::bytes_from_string;
    ctx_Bytes_FromStringAndSize(bytes: *const c_char, len: isize) -> HPy = text::bytes_from_string_and_size;
    ctx_Unicode_FromString(utf8: *const c_char) -> HPy = text::unicode_from_string;
    ctx_Unicode_Check(h: HPy) -> c_int = text::unicode_check;
    ctx_Unicode_AsASCIIString(h: HPy) -> HPy = text::unicode_as_ascii_string;
    ctx_Unicode_AsLatin1String(h: HPy) -> HPy = text::unicode_as_latin1_string;
    ctx_Unicode_AsUTF8String(h: HPy) -> HPy = text::unicode_as_utf8_string;
    ctx_Unicode_AsUTF8AndSize(h: HPy, size: *mut isize) -> *const c_char = text::unicode_as_utf8_and_size;
    ctx_Unicode_FromWideChar(w: *const wchar_t, size: isize) -> HPy = text::unicode_from_wide_char;
    ctx_Unicode_DecodeFSDefault(v: *const c_char) -> HPy = text::unicode_decode_fs_default;
    ctx_Unicode_DecodeFSDefaultAndSize(v: *const c_char, size: isize) -> HPy = text::unicode_decode_fs_default_and_size;
    ctx_Unicode_EncodeFSDefault(h: HPy) -> HPy = text::unicode_encode_fs_default;
    ctx_Unicode_ReadChar(h: HPy, index: isize) -> u32 = text::unicode_read_char;
    ctx_Unicode_DecodeASCII(ascii: *const c_char, size: isize, errors: *const c_char) -> HPy = text::unicode_decode_ascii;
    ctx_Unicode_DecodeLatin1(latin1: *const c_char, size: isize, errors: *const c_char) -> HPy = text::unicode_decode_latin1;
    ctx_List_Check(h: HPy) -> c_int = container::list_check;
    ctx_List_New(len: isize) -> HPy = container::list_new;
    ctx_List_Append(h_list: HPy, h_item: HPy) -> c_int = container::list_append;
    ctx_Dict_Check(h: HPy) -> c_int = container::dict_check;
    ctx_Dict_New() -> HPy = container::dict_new;
    ctx_Tuple_Check(h: HPy) -> c_int = container::tuple_check;
    ctx_Tuple_FromArray(items: *const HPy, n: isize) -> HPy = container::tuple_from_array;
    ctx_Import_ImportModule(utf8_name: *const c_char) -> HPy = object::import_import_module;
    ctx_FromPyObject(obj: *mut c_void) -> HPy;
    ctx_AsPyObject(h: HPy) -> *mut c_void;
    ctx_CallRealFunctionFromTrampoline(sig: c_int, func: CFunction, args: *mut c_void) -> ();
    ctx_ListBuilder_New(size: isize) -> HPyListBuilder = container::list_builder_new;
    ctx_ListBuilder_Set(builder: HPyListBuilder, index: isize, h_item: HPy) -> () = container::list_builder_set;
    ctx_ListBuilder_Build(builder: HPyListBuilder) -> HPy = container::list_builder_build;
    ctx_ListBuilder_Cancel(builder: HPyListBuilder) -> () = container::list_builder_cancel;
    ctx_TupleBuilder_New(size: isize) -> HPyTupleBuilder = container::tuple_builder_new;
    ctx_TupleBuilder_Set(builder: HPyTupleBuilder, index: isize, h_item: HPy) -> () = container::tuple_builder_set;
    ctx_TupleBuilder_Build(builder: HPyTupleBuilder) -> HPy = container::tuple_builder_build;
    ctx_TupleBuilder_Cancel(builder: HPyTupleBuilder) -> () = container::tuple_builder_cancel;
    ctx_Tracker_New(size: isize) -> HPyTracker = handles::tracker_new;
    ctx_Tracker_Add(ht: HPyTracker, h: HPy) -> c_int = handles::tracker_add;
    ctx_Tracker_ForgetAll(ht: HPyTracker) -> () = handles::tracker_forget_all;
    ctx_Tracker_Close(ht: HPyTracker) -> () = handles::tracker_close;
    ctx_Field_Store(target_object: HPy, target_field: *mut HPyField, h: HPy) -> () = handles::field_store;
    ctx_Field_Load(source_object: HPy, source_field: HPyField) -> HPy = handles::field_load;
    ctx_ReenterPythonExecution(state: HPyThreadState) -> ();
    ctx_LeavePythonExecution() -> HPyThreadState;
    ctx_Global_Store(global: *mut HPyGlobal, h: HPy) -> () = handles::global_store;
    ctx_Global_Load(global: HPyGlobal) -> HPy = handles::global_load;
    ctx_Dump(h: HPy) -> () = handles::dump;
    ctx_AsStruct_Type(h: HPy) -> *mut c_void = types::as_struct_type;
    ctx_AsStruct_Long(h: HPy) -> *mut c_void = types::as_struct_long;
    ctx_AsStruct_Float(h: HPy) -> *mut c_void = types::as_struct_float;
    ctx_AsStruct_Unicode(h: HPy) -> *mut c_void = types::as_struct_unicode;
    ctx_AsStruct_Tuple(h: HPy) -> *mut c_void = types::as_struct_tuple;
    ctx_AsStruct_List(h: HPy) -> *mut c_void = types::as_struct_list;
    ctx_Type_GetBuiltinShape(h_type: HPy) -> c_int = types::type_get_builtin_shape;
    ctx_DelItem(obj: HPy, key: HPy) -> c_int = object::del_item;
    ctx_DelItem_i(obj: HPy, idx: isize) -> c_int = object::del_item_i;
    ctx_DelItem_s(obj: HPy, utf8_key: *const c_char) -> c_int = object::del_item_s;
}
handles {
    h_ComplexType
    h_BytesType
    h_MemoryViewType
    h_CapsuleType
    h_SliceType
    h_Builtins
}
functions {
    ctx_Capsule_New(pointer: *mut c_void, utf8_name: *const c_char, destructor: *mut HPyCapsule_Destructor) -> HPy = capsule::capsule_new;
    ctx_Capsule_Get(capsule: HPy, key: c_int, utf8_name: *const c_char) -> *mut c_void = capsule::capsule_get;
    ctx_Capsule_IsValid(capsule: HPy, utf8_name: *const c_char) -> c_int = capsule::capsule_is_valid;
    ctx_Capsule_Set(capsule: HPy, key: c_int, value: *mut c_void) -> c_int = capsule::capsule_set;
    ctx_Compile_s(utf8_source: *const c_char, utf8_filename: *const c_char, kind: c_int) -> HPy = object::compile_s;
    ctx_EvalCode(code: HPy, globals: HPy, locals: HPy) -> HPy = object::eval_code;
    ctx_ContextVar_New(name: *const c_char, default_value: HPy) -> HPy = contextvar::context_var_new;
    ctx_ContextVar_Get(context_var: HPy, default_value: HPy, result: *mut HPy) -> i32 = contextvar::context_var_get;
    ctx_ContextVar_Set(context_var: HPy, value: HPy) -> HPy = contextvar::context_var_set;
    ctx_Type_GetName(cls: HPy) -> *const c_char = types::type_get_name;
    ctx_Type_IsSubtype(sub: HPy, cls: HPy) -> c_int = object::type_is_subtype;
    ctx_Unicode_FromEncodedObject(obj: HPy, encoding: *const c_char, errors: *const c_char) -> HPy = text::unicode_from_encoded_object;
    ctx_Unicode_Substring(text: HPy, start: isize, end: isize) -> HPy = text::unicode_substring;
    ctx_Dict_Keys(h: HPy) -> HPy = container::dict_keys;
    ctx_Dict_Copy(h: HPy) -> HPy = container::dict_copy;
    ctx_Slice_Unpack(slice: HPy, start: *mut isize, stop: *mut isize, step: *mut isize) -> c_int = object::slice_unpack;
    ctx_SetCallFunction(h: HPy, func: *mut HPyCallFunction) -> c_int = types::set_call_function;
    ctx_Call(callable: HPy, args: *const HPy, nargs: usize, kwnames: HPy) -> HPy = object::call;
    ctx_CallMethod(name: HPy, args: *const HPy, nargs: usize, kwnames: HPy) -> HPy = object::call_method;
}
// What HPy's main branch has appended since 0.9.0; extensions for that do not look so far.
handles {
    h_DictType
}
functions {
    ctx_AsStruct_Dict(h: HPy) -> *mut c_void = types::as_struct_dict;
    ctx_List_Insert(h_list: HPy, index: isize, h_item: HPy) -> c_int = sequence::list_insert;
    ctx_GetSlice(obj: HPy, start: isize, end: isize) -> HPy = sequence::get_slice;
    ctx_SetSlice(obj: HPy, start: isize, end: isize, value: HPy) -> c_int = sequence::set_slice;
    ctx_DelSlice(obj: HPy, start: isize, end: isize) -> c_int = sequence::del_slice;
    ctx_GetIter(obj: HPy) -> HPy = sequence::get_iter;
    ctx_Iter_Next(obj: HPy) -> HPy = sequence::iter_next;
    ctx_Iter_Check(obj: HPy) -> c_int = sequence::iter_check;
    ctx_Slice_New(start: HPy, stop: HPy, step: HPy) -> HPy = sequence::slice_new;
}}
