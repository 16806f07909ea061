//! Slots of types made in C, as special methods.
//!
//! Each slot gives one or more entries of the class's dict: native functions with raw passing that
//! call the slot's function with its own signature.

use crate::abi::{HPy, HPyContextPtr, HPySlot, KeywordsFunc};
use crate::call::{self, Binary, Record, Unary, arg, check_receiver, record, shown, with_handles};
use crate::context::{failed, result_of};
use crate::types;
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::vm::native::NativeFn;
use sidewinder_interpreter::vm::{Binding, Special};
use sidewinder_interpreter::{Args, NativeResult, Raised, Value, Vm};
use std::ffi::c_int;

type Ternary = unsafe extern "C" fn(HPyContextPtr, HPy, HPy, HPy) -> HPy;
type Inquiry = unsafe extern "C" fn(HPyContextPtr, HPy) -> c_int;
type Length = unsafe extern "C" fn(HPyContextPtr, HPy) -> isize;
type Indexed = unsafe extern "C" fn(HPyContextPtr, HPy, isize) -> HPy;
type SetIndexed = unsafe extern "C" fn(HPyContextPtr, HPy, isize, HPy) -> c_int;
type SetItem = unsafe extern "C" fn(HPyContextPtr, HPy, HPy, HPy) -> c_int;
type Contains = unsafe extern "C" fn(HPyContextPtr, HPy, HPy) -> c_int;
type RichCompare = unsafe extern "C" fn(HPyContextPtr, HPy, HPy, c_int) -> HPy;
type Init = unsafe extern "C" fn(HPyContextPtr, HPy, *const HPy, isize, HPy) -> c_int;
type New = unsafe extern "C" fn(HPyContextPtr, HPy, *const HPy, isize, HPy) -> HPy;
type Destructor = unsafe extern "C" fn(HPyContextPtr, HPy);

/// `HPy_bf_getbuffer`
pub const BF_GETBUFFER: c_int = 1;
/// `HPy_bf_releasebuffer`
pub const BF_RELEASEBUFFER: c_int = 2;
/// `HPy_tp_new`
pub const TP_NEW: c_int = 65;
/// `HPy_tp_call`
pub const TP_CALL: c_int = 50;
/// `HPy_tp_hash`
pub const TP_HASH: c_int = 59;
/// `HPy_tp_richcompare`
pub const TP_RICHCOMPARE: c_int = 67;
/// `HPy_tp_traverse`
pub const TP_TRAVERSE: c_int = 71;
/// `HPy_tp_destroy`
pub const TP_DESTROY: c_int = 1000;
/// `HPy_mod_create`
pub const MOD_CREATE: c_int = 2000;
/// `HPy_mod_exec`
pub const MOD_EXEC: c_int = 2001;

/// Whether a slot is one of a sequence, which gives way to a mapping's or a number's.
pub fn is_sequence(slot: &HPySlot) -> bool {
    (39..=46).contains(&slot.slot)
}

/// The special methods that a slot stands for; `None` for a slot that HPy 0.9 does not have.
pub fn entries(slot: c_int) -> Option<&'static [(&'static str, NativeFn)]> {
    Some(match slot {
        BF_GETBUFFER => &[("__buffer__", crate::buffer::lend)],
        BF_RELEASEBUFFER => &[],
        3 => &[("__setitem__", set_subscript), ("__delitem__", del_subscript)],
        4 | 45 => &[("__len__", length)],
        5 => &[("__getitem__", binary)],
        6 => &[("__abs__", unary)],
        7 => &[("__add__", binary), ("__radd__", reflected)],
        8 => &[("__and__", binary), ("__rand__", reflected)],
        9 => &[("__bool__", inquiry)],
        10 => &[("__divmod__", binary), ("__rdivmod__", reflected)],
        11 => &[("__float__", unary)],
        12 => &[("__floordiv__", binary), ("__rfloordiv__", reflected)],
        13 => &[("__index__", unary)],
        14 => &[("__iadd__", binary)],
        15 => &[("__iand__", binary)],
        16 => &[("__ifloordiv__", binary)],
        17 => &[("__ilshift__", binary)],
        18 => &[("__imul__", binary)],
        19 => &[("__ior__", binary)],
        20 => &[("__ipow__", power)],
        21 => &[("__imod__", binary)],
        22 => &[("__irshift__", binary)],
        23 => &[("__isub__", binary)],
        24 => &[("__itruediv__", binary)],
        25 => &[("__ixor__", binary)],
        26 => &[("__int__", unary)],
        27 => &[("__invert__", unary)],
        28 => &[("__lshift__", binary), ("__rlshift__", reflected)],
        29 => &[("__mul__", binary), ("__rmul__", reflected)],
        30 => &[("__neg__", unary)],
        31 => &[("__or__", binary), ("__ror__", reflected)],
        32 => &[("__pos__", unary)],
        33 => &[("__pow__", power), ("__rpow__", reflected_power)],
        34 => &[("__mod__", binary), ("__rmod__", reflected)],
        35 => &[("__rshift__", binary), ("__rrshift__", reflected)],
        36 => &[("__sub__", binary), ("__rsub__", reflected)],
        37 => &[("__truediv__", binary), ("__rtruediv__", reflected)],
        38 => &[("__xor__", binary), ("__rxor__", reflected)],
        39 => &[("__setitem__", set_item), ("__delitem__", del_item)],
        40 => &[("__add__", binary)],
        41 => &[("__contains__", contains)],
        42 => &[("__iadd__", binary)],
        43 => &[("__imul__", repeat)],
        44 => &[("__getitem__", item)],
        46 => &[("__mul__", repeat), ("__rmul__", repeat)],
        TP_CALL => &[("__call__", call_object)],
        TP_HASH => &[("__hash__", hash)],
        60 => &[("__init__", init)],
        TP_NEW => &[("__new__", new)],
        66 => &[("__repr__", unary)],
        TP_RICHCOMPARE => &[
            ("__lt__", compare::<0>),
            ("__le__", compare::<1>),
            ("__eq__", compare::<2>),
            ("__ne__", compare::<3>),
            ("__gt__", compare::<4>),
            ("__ge__", compare::<5>),
        ],
        70 => &[("__str__", unary)],
        75 => &[("__matmul__", binary), ("__rmatmul__", reflected)],
        76 => &[("__imatmul__", binary)],
        80 => &[("__del__", finalize)],
        TP_TRAVERSE | TP_DESTROY => &[],
        _ => return None,
    })
}

/// How the special method of that name binds.
pub fn binding(name: &str) -> Binding {
    if name == "__new__" { Binding::Static } else { Binding::Method }
}

/// The record, after checking the receiver and the number of arguments (receiver included).
#[inline(always)]
pub fn begin<'a>(vm: &Vm, args: Args, count: usize) -> Result<&'a Record, Raised> {
    let (record, callee) = record(vm, args);
    check_receiver(vm, args, callee)?;
    if args.len() != count || args.keyword_count() != 0 {
        return Err(wrong_count(vm, args, count));
    }
    Ok(record)
}

#[cold]
fn wrong_count(vm: &Vm, args: Args, count: usize) -> Raised {
    if args.keyword_count() > 0 {
        let name = args.callee_name(vm);
        return vm.type_error(format!("wrapper {name}() takes no keyword arguments"));
    }
    let plural = if count == 2 { "" } else { "s" };
    vm.type_error(format!("expected {} argument{plural}, got {}", count - 1, args.len() - 1))
}

/// Calls C and turns its handle into a result.
macro_rules! object_result {
    ($vm:ident, $args:ident, $record:ident as $ty:ty, $f:ident => |$ctx:ident| $call:expr) => {{
        // SAFETY: the slot's functions have this signature.
        let $f: $ty = unsafe { $record.function() };
        let state = $record.state();
        // SAFETY: C is called as it wants to be.
        let h = state.enter($vm, $record.mode, |$ctx| unsafe { $ctx.result($call) });
        result_of($vm, state, h, |vm| shown(vm, $args))
    }};
}

/// Calls C; -1 means that an exception is set (or for a size or a hash, that one may be).
macro_rules! number_result {
    ($vm:ident, $args:ident, $record:ident as $ty:ty, $f:ident => |$ctx:ident| $call:expr) => {{
        // SAFETY: the slot's functions have this signature.
        let $f: $ty = unsafe { $record.function() };
        // SAFETY: C is called as it wants to be.
        let n = $record.state().enter($vm, $record.mode, |$ctx| unsafe { $call });
        if n < 0 && $vm.current_exception().is_some() {
            return Err(failed($vm, |vm| shown(vm, $args)));
        }
        n
    }};
}

fn unary(vm: &mut Vm, args: Args) -> NativeResult {
    let record = begin(vm, args, 1)?;
    object_result!(vm, args, record as Unary, f => |b| f(b.ctx, b.arg(args, 0)))
}

fn binary(vm: &mut Vm, args: Args) -> NativeResult {
    let record = begin(vm, args, 2)?;
    object_result!(vm, args, record as Binary, f => |b| f(b.ctx, b.arg(args, 0), b.arg(args, 1)))
}

fn reflected(vm: &mut Vm, args: Args) -> NativeResult {
    let record = begin(vm, args, 2)?;
    object_result!(vm, args, record as Binary, f => |b| f(b.ctx, b.arg(args, 1), b.arg(args, 0)))
}

fn modulus(vm: &Vm, args: Args) -> Result<(&'static Record, HPy), Raised> {
    let (record, callee) = record(vm, args);
    check_receiver(vm, args, callee)?;
    match args.len() {
        2 => Ok((record, HPy(Value::NONE.word()))),
        3 => Ok((record, arg(args, 2))),
        _ => Err(wrong_count(vm, args, 2)),
    }
}

fn power(vm: &mut Vm, args: Args) -> NativeResult {
    let (record, m) = modulus(vm, args)?;
    object_result!(vm, args, record as Ternary, f => |b| f(b.ctx, b.arg(args, 0), b.arg(args, 1), b.pass(m)))
}

fn reflected_power(vm: &mut Vm, args: Args) -> NativeResult {
    let (record, m) = modulus(vm, args)?;
    object_result!(vm, args, record as Ternary, f => |b| f(b.ctx, b.arg(args, 1), b.arg(args, 0), b.pass(m)))
}

fn inquiry(vm: &mut Vm, args: Args) -> NativeResult {
    let record = begin(vm, args, 1)?;
    let n = number_result!(vm, args, record as Inquiry, f => |b| f(b.ctx, b.arg(args, 0)));
    Ok(vm.ret(Value::from_bool(n != 0)))
}

fn length(vm: &mut Vm, args: Args) -> NativeResult {
    let record = begin(vm, args, 1)?;
    let n = number_result!(vm, args, record as Length, f => |b| f(b.ctx, b.arg(args, 0)));
    if n < 0 {
        return Err(vm.value_error("__len__() should return >= 0"));
    }
    Ok(vm.ret(vm.int(n as i64)))
}

fn hash(vm: &mut Vm, args: Args) -> NativeResult {
    let record = begin(vm, args, 1)?;
    let n = number_result!(vm, args, record as Length, f => |b| f(b.ctx, b.arg(args, 0)));
    Ok(vm.ret(vm.int(n as i64)))
}

/// The index for a sequence slot: negative ones count from the end where there is a length.
fn index_argument(vm: &mut Vm, args: Args) -> Result<isize, Raised> {
    let key = args.get(vm, 1);
    let i = match key.as_small_int() {
        Some(i) => i,
        None => {
            if !vm.is_int(key) && vm.special_of(key, Special::Index).is_none() {
                let given = vm.type_name(key);
                return Err(vm.type_error(format!("sequence index must be integer, not '{given}'")));
            }
            match vm.index_i64(args.local(1)) {
                Ok(i) => i,
                Err(raised) => {
                    vm.catch(raised, ClassId::OverflowError)?;
                    return Err(vm.raise(
                        ClassId::IndexError,
                        "cannot fit 'int' into an index-sized integer",
                    ));
                }
            }
        }
    };
    if i < 0 && vm.special_of(args.get(vm, 0), Special::Len).is_some() {
        return Ok(i as isize + vm.len(args.local(0))? as isize);
    }
    Ok(i as isize)
}

fn item(vm: &mut Vm, args: Args) -> NativeResult {
    let record = begin(vm, args, 2)?;
    let i = index_argument(vm, args)?;
    object_result!(vm, args, record as Indexed, f => |b| f(b.ctx, b.arg(args, 0), i))
}

fn repeat(vm: &mut Vm, args: Args) -> NativeResult {
    let record = begin(vm, args, 2)?;
    let count = args.get(vm, 1);
    if !vm.is_int(count) && vm.special_of(count, Special::Index).is_none() {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    }
    let n = vm.index_i64(args.local(1))? as isize;
    object_result!(vm, args, record as Indexed, f => |b| f(b.ctx, b.arg(args, 0), n))
}

fn set_item(vm: &mut Vm, args: Args) -> NativeResult {
    let record = begin(vm, args, 3)?;
    let i = index_argument(vm, args)?;
    number_result!(vm, args, record as SetIndexed,
        f => |b| f(b.ctx, b.arg(args, 0), i, b.arg(args, 2)));
    Ok(vm.none())
}

fn del_item(vm: &mut Vm, args: Args) -> NativeResult {
    let record = begin(vm, args, 2)?;
    let i = index_argument(vm, args)?;
    number_result!(vm, args, record as SetIndexed,
        f => |b| f(b.ctx, b.arg(args, 0), i, HPy::NULL));
    Ok(vm.none())
}

fn set_subscript(vm: &mut Vm, args: Args) -> NativeResult {
    let record = begin(vm, args, 3)?;
    number_result!(vm, args, record as SetItem,
        f => |b| f(b.ctx, b.arg(args, 0), b.arg(args, 1), b.arg(args, 2)));
    Ok(vm.none())
}

fn del_subscript(vm: &mut Vm, args: Args) -> NativeResult {
    let record = begin(vm, args, 2)?;
    number_result!(vm, args, record as SetItem,
        f => |b| f(b.ctx, b.arg(args, 0), b.arg(args, 1), HPy::NULL));
    Ok(vm.none())
}

fn contains(vm: &mut Vm, args: Args) -> NativeResult {
    let record = begin(vm, args, 2)?;
    let n = number_result!(vm, args, record as Contains,
        f => |b| f(b.ctx, b.arg(args, 0), b.arg(args, 1)));
    Ok(vm.ret(Value::from_bool(n != 0)))
}

fn compare<const OP: c_int>(vm: &mut Vm, args: Args) -> NativeResult {
    let record = begin(vm, args, 2)?;
    object_result!(vm, args, record as RichCompare,
        f => |b| f(b.ctx, b.arg(args, 0), b.arg(args, 1), OP))
}

fn finalize(vm: &mut Vm, args: Args) -> NativeResult {
    let record = begin(vm, args, 1)?;
    // SAFETY: the slot's function has this signature.
    let f: Destructor = unsafe { record.function() };
    // SAFETY: C is called as it wants to be.
    record.state().enter(vm, record.mode, |b| unsafe { f(b.ctx, b.arg(args, 0)) });
    vm.pending()?;
    Ok(vm.none())
}

/// `__call__`: the object's own call function, or else the type's.
pub fn call_object(vm: &mut Vm, args: Args) -> NativeResult {
    let (record, callee) = record(vm, args);
    check_receiver(vm, args, callee)?;
    // SAFETY: the slot's function has this signature; null is none.
    let of_type: Option<KeywordsFunc> = unsafe { record.function() };
    let Some(f) = types::call_function(vm, args.get(vm, 0)).or(of_type) else {
        let name = vm.type_name(args.get(vm, 0));
        return Err(vm.type_error(format!("'{name}' object is not callable")));
    };
    call::call_keywords(vm, record, f, arg(args, 0), args, 1)
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    let (record, callee) = record(vm, args);
    check_receiver(vm, args, callee)?;
    let kw = call::keyword_dict(vm, args);
    let positional = (args.len() - args.keyword_count() - 1) as isize;
    // SAFETY: the slot's function has this signature.
    let f: Init = unsafe { record.function() };
    let status = with_handles(args, 1, |handles| {
        // SAFETY: C is called as it wants to be.
        record.state().enter(vm, record.mode, |b| unsafe {
            let (this, handles) = (b.arg(args, 0), b.pass_all(&mut handles[..positional as usize]));
            f(b.ctx, this, handles, positional, b.pass(kw))
        })
    });
    if status < 0 {
        return Err(failed(vm, |vm| shown(vm, args)));
    }
    Ok(vm.none())
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let (record, callee) = record(vm, args);
    types::check_new_class(vm, args, callee)?;
    let kw = call::keyword_dict(vm, args);
    let positional = (args.len() - args.keyword_count() - 1) as isize;
    // SAFETY: the slot's function has this signature.
    let f: New = unsafe { record.function() };
    let state = record.state();
    let h = with_handles(args, 1, |handles| {
        // SAFETY: C is called as it wants to be.
        state.enter(vm, record.mode, |b| unsafe {
            let (class, handles) =
                (b.arg(args, 0), b.pass_all(&mut handles[..positional as usize]));
            b.result(f(b.ctx, class, handles, positional, b.pass(kw)))
        })
    });
    result_of(vm, state, h, |vm| shown(vm, args))
}
