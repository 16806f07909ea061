//! `_operator`: the operators of the language as functions.

#![forbid(unsafe_code)]

mod getters;
mod method_caller;

use crate::prelude::*;
use sidewinder_interpreter::builtins::list;

/// A function of two operands that is written as an operator.
macro_rules! operator {
    ($name:literal, $op:literal, $code:expr) => {
        NativeDef::function(
            concat!($name, "(a, b, /)"),
            |vm, args| $code(vm, args.local(0), args.local(1)),
            concat!("Same as a ", $op, " b."),
        )
    };
}

macro_rules! binary {
    ($name:literal, $op:literal, $which:ident) => {
        operator!($name, $op, |vm: &mut Vm, a, b| vm.binary(BinaryOp::$which, a, b))
    };
}

macro_rules! inplace {
    ($name:literal, $op:literal, $which:ident) => {
        operator!($name, $op, |vm: &mut Vm, a, b| vm.inplace(BinaryOp::$which, a, b))
    };
}

macro_rules! comparison {
    ($name:literal, $op:literal, $which:ident) => {
        operator!($name, $op, |vm: &mut Vm, a, b| vm.compare(CompareOp::$which, a, b))
    };
}

macro_rules! unary {
    ($name:literal, $op:literal, $which:ident) => {
        NativeDef::function(
            concat!($name, "(a, /)"),
            |vm, args| vm.unary(Special::$which, args.local(0)),
            concat!("Same as ", $op, "."),
        )
    };
}

/// A function whose answer is yes or no.
macro_rules! question {
    ($sig:literal, $doc:literal, |$vm:ident, $args:ident| $answer:expr) => {
        NativeDef::function(
            $sig,
            |$vm, $args| {
                let answer = $answer;
                Ok($vm.ret(Value::from_bool(answer)))
            },
            concat!("Same as ", $doc, "."),
        )
    };
}

/// The module.
pub static OPERATOR: ModuleDef = ModuleDef {
    name: "_operator",
    doc: "Operator interface.\n\nThe operators of the language as functions: operator.add(x, y) is x + y.",
    functions: &[
        comparison!("lt", "<", Lt),
        comparison!("le", "<=", Le),
        comparison!("eq", "==", Eq),
        comparison!("ne", "!=", Ne),
        comparison!("gt", ">", Gt),
        comparison!("ge", ">=", Ge),
        question!("is_(a, b, /)", "a is b", |vm, args| args.get(vm, 0).is(args.get(vm, 1))),
        question!("is_not(a, b, /)", "a is not b", |vm, args| !args.get(vm, 0).is(args.get(vm, 1))),
        question!("is_none(a, /)", "a is None", |vm, args| args.get(vm, 0).is_none()),
        question!("is_not_none(a, /)", "a is not None", |vm, args| !args.get(vm, 0).is_none()),
        question!("not_(a, /)", "not a", |vm, args| !vm.truth(args.local(0))?),
        question!("truth(a, /)", "bool(a)", |vm, args| vm.truth(args.local(0))?),
        unary!("abs", "abs(a)", Abs),
        unary!("neg", "-a", Neg),
        unary!("pos", "+a", Pos),
        unary!("inv", "~a", Invert),
        unary!("invert", "~a", Invert),
        NativeDef::function("index(a, /)", index, "Same as a.__index__()"),
        binary!("add", "+", Add),
        binary!("sub", "-", Sub),
        binary!("mul", "*", Mul),
        binary!("matmul", "@", MatMul),
        binary!("truediv", "/", TrueDiv),
        binary!("floordiv", "//", FloorDiv),
        binary!("mod", "%", Mod),
        binary!("pow", "**", Pow),
        binary!("lshift", "<<", LShift),
        binary!("rshift", ">>", RShift),
        binary!("and_", "&", And),
        binary!("or_", "|", Or),
        binary!("xor", "^", Xor),
        inplace!("iadd", "+=", Add),
        inplace!("isub", "-=", Sub),
        inplace!("imul", "*=", Mul),
        inplace!("imatmul", "@=", MatMul),
        inplace!("itruediv", "/=", TrueDiv),
        inplace!("ifloordiv", "//=", FloorDiv),
        inplace!("imod", "%=", Mod),
        inplace!("ipow", "**=", Pow),
        inplace!("ilshift", "<<=", LShift),
        inplace!("irshift", ">>=", RShift),
        inplace!("iand", "&=", And),
        inplace!("ior", "|=", Or),
        inplace!("ixor", "^=", Xor),
        NativeDef::function(
            "concat(a, b, /)",
            |vm, args| {
                check_sequences(vm, args)?;
                vm.binary(BinaryOp::Add, args.local(0), args.local(1))
            },
            "Same as a + b, for a and b sequences.",
        ),
        NativeDef::function(
            "iconcat(a, b, /)",
            |vm, args| {
                check_sequences(vm, args)?;
                vm.inplace(BinaryOp::Add, args.local(0), args.local(1))
            },
            "Same as a += b, for a and b sequences.",
        ),
        question!("contains(a, b, /)", "b in a (note reversed operands)", |vm, args| vm
            .contains(args.local(0), args.local(1))?),
        NativeDef::function(
            "getitem(a, b, /)",
            |vm, args| vm.getitem(args.local(0), args.local(1)),
            "Same as a[b].",
        ),
        NativeDef::function(
            "setitem(a, b, c, /)",
            |vm, args| {
                vm.setitem(args.local(0), args.local(1), args.local(2))?;
                Ok(vm.none())
            },
            "Same as a[b] = c.",
        ),
        NativeDef::function(
            "delitem(a, b, /)",
            |vm, args| {
                vm.delitem(args.local(0), args.local(1))?;
                Ok(vm.none())
            },
            "Same as del a[b].",
        ),
        NativeDef::function(
            "countOf(a, b, /)",
            count_of,
            "How often an item of a is b or equals it.",
        ),
        NativeDef::function("indexOf(a, b, /)", index_of, "The number of the first b in a."),
        NativeDef::function(
            "length_hint(obj, default=0, /)",
            length_hint,
            "An estimate of how many items there are in obj.\n\n\
             It is exact where len(obj) works, and otherwise what obj.__length_hint__() says.",
        ),
        NativeDef::function("call(obj, /, *args, **kwargs)", call, "Same as obj(*args, **kwargs).")
            .raw(),
        NativeDef::function(
            "_compare_digest(a, b, /)",
            compare_digest,
            "a == b, in a time that does not depend on where they differ.\n\n\
             Both must be of one type: str of ASCII characters, or bytes-like objects.",
        ),
    ],
    types: &[&getters::ATTRGETTER, &getters::ITEMGETTER, &method_caller::METHODCALLER],
    exec: None,
};

/// An int and no instance of a subclass.
fn index(vm: &mut Vm, args: Args) -> NativeResult {
    let ret = vm.index(args.local(0))?;
    if vm.is_exact(vm.value(ret), ClassId::Int) {
        return Ok(vm.ret(vm.result()));
    }
    let vm = &*vm;
    Ok(vm.ret(vm.as_big(vm.result()).map_or(Value::NONE, |big| vm.int_from_big(&big))))
}

fn is_sequence(vm: &Vm, v: Value<'_>) -> bool {
    vm.special_of(v, Special::GetItem).is_some() && !vm.has_class(v, ClassId::Dict)
}

/// Concatenation is for sequences; those of the language say themselves what they take.
fn check_sequences(vm: &Vm, args: Args) -> Result<(), Raised> {
    let (a, b) = (args.get(vm, 0), args.get(vm, 1));
    let builtin = vm.class_of(a).flags.get() & ClassFlags::MUTABLE == 0;
    if is_sequence(vm, a) && (builtin || is_sequence(vm, b)) {
        return Ok(());
    }
    Err(vm.type_error(format!("'{}' object can't be concatenated", vm.type_name(a))))
}

/// Goes through the items of argument 0 as long as `each` wants more; `each` is told whether the
/// item is argument 1.
fn search(vm: &mut Vm, args: Args, mut each: impl FnMut(bool) -> bool) -> Result<(), Raised> {
    let items = match vm.iter(args.local(0)) {
        Ok(ret) => vm.hold(ret),
        Err(raised) => {
            vm.catch(raised, ClassId::TypeError)?;
            let given = vm.type_name(args.get(vm, 0));
            raise!(vm, TypeError, "argument of type '{given}' is not iterable");
        }
    };
    let item = vm.empty_root();
    while vm.next(items)? {
        vm.set(item, vm.result());
        if !each(vm.scope(|vm| vm.eq(item, args.local(1)))?) {
            break;
        }
        vm.safepoint()?;
    }
    Ok(())
}

fn count_of(vm: &mut Vm, args: Args) -> NativeResult {
    let mut count = 0;
    search(vm, args, |same| {
        count += usize::from(same);
        true
    })?;
    Ok(vm.ret(vm.int_usize(count)))
}

fn index_of(vm: &mut Vm, args: Args) -> NativeResult {
    let (mut at, mut found) = (0, false);
    search(vm, args, |same| {
        found = same;
        at += usize::from(!same);
        !same
    })?;
    if !found {
        raise!(vm, ValueError, "sequence.index(x): x not in sequence");
    }
    Ok(vm.ret(vm.int_usize(at)))
}

fn length_hint(vm: &mut Vm, args: Args) -> NativeResult {
    let default = match args.opt(vm, 1) {
        Some(_) => vm.index_i64(args.local(1))?,
        None => 0,
    };
    let hint = list::length_hint(vm, args.local(0))?;
    Ok(vm.ret(hint.map_or_else(|| vm.int(default), |hint| vm.int_usize(hint))))
}

fn call(vm: &mut Vm, args: Args) -> NativeResult {
    if args.len() == args.keyword_count() {
        raise!(vm, TypeError, "call expected at least 1 argument, got 0");
    }
    forward(vm, args.local(0), args, 1)
}

/// Two secrets of one length compared in a time that depends on the length alone.
fn equal_in_constant_time(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len()
        && std::hint::black_box(a.iter().zip(b).fold(0, |diff, (x, y)| diff | (x ^ y))) == 0
}

fn compare_digest(vm: &mut Vm, args: Args) -> NativeResult {
    let (a, b) = (args.get(vm, 0), args.get(vm, 1));
    let equal = if let (Some(a), Some(b)) = (a.as_str(), b.as_str()) {
        let (a, b) = (vm.str_text(a), vm.str_text(b));
        if !a.is_ascii() || !b.is_ascii() {
            raise!(vm, TypeError, "comparing strings with non-ASCII characters is not supported");
        }
        equal_in_constant_time(a.as_bytes(), b.as_bytes())
    } else if vm.exports_buffer(a) || vm.exports_buffer(b) {
        let a = vm.bytes_like(args.local(0))?;
        equal_in_constant_time(&a, &vm.bytes_like(args.local(1))?)
    } else {
        let (a, b) = (vm.type_name(a), vm.type_name(b));
        raise!(
            vm,
            TypeError,
            "unsupported operand types(s) or combination of types: '{a}' and '{b}'"
        );
    };
    Ok(vm.ret(Value::from_bool(equal)))
}
