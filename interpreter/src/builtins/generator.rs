//! Generators and coroutines.

use super::declare::{GetSetDef, TypeDef};
use super::support::*;
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Vm};

/// The type of generators.
pub static TYPE: TypeDef = TypeDef {
    methods: &[
        NativeDef::method("__iter__($self, /)", itself, "Implement iter(self)."),
        NativeDef::method("__next__($self, /)", next, "Implement next(self)."),
        NativeDef::method(
            "send($self, value, /)",
            send,
            "Go on, with value as the result of the yield; the next item.",
        ),
        NativeDef::method(
            "throw($self, type, value=<unrepresentable>, traceback=<unrepresentable>, /)",
            throw,
            "Raise an exception at the yield; the next item.",
        ),
        NativeDef::method("close($self, /)", close, "Raise GeneratorExit at the yield."),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::method("__del__($self, /)", close, "Close the generator."),
        NativeDef::class_method("__class_getitem__($type, key, /)", class_getitem, ""),
    ],
    getset: &[
        GetSetDef::new("gi_running", running, "Whether it runs now."),
        GetSetDef::new("gi_suspended", suspended, "Whether it waits at a yield."),
        GetSetDef::new("gi_code", code, "The code."),
        GetSetDef::new("gi_frame", frame, "None when it has ended."),
        GetSetDef::new("gi_yieldfrom", yield_from, "What it delegates to, or None."),
        GetSetDef::new("__name__", name, "").with_set(set_name),
        GetSetDef::new("__qualname__", qualname, "").with_set(set_qualname),
    ],
    flags: ClassFlags::NO_NEW,
    ..TypeDef::new("generator", Kind::Generator)
};

/// The type of coroutines.
pub static COROUTINE: TypeDef = TypeDef {
    methods: &[
        NativeDef::method(
            "__await__($self, /)",
            coroutine_await,
            "An iterator that runs the coroutine.",
        ),
        NativeDef::method("send($self, value, /)", send, "Go on with a value."),
        NativeDef::method(
            "throw($self, type, value=<unrepresentable>, traceback=<unrepresentable>, /)",
            throw,
            "Raise an exception where it waits.",
        ),
        NativeDef::method("close($self, /)", close, "Raise GeneratorExit where it waits."),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
    ],
    getset: &[
        GetSetDef::new("cr_running", running, "Whether it runs now."),
        GetSetDef::new("cr_suspended", suspended, "Whether it waits."),
        GetSetDef::new("cr_code", code, "The code."),
        GetSetDef::new("cr_frame", frame, "None when it has ended."),
        GetSetDef::new("cr_await", yield_from, "What it waits for, or None."),
        GetSetDef::new("cr_origin", origin, "Where it was made, if that is tracked, or None."),
        GetSetDef::new("__name__", name, "").with_set(set_name),
        GetSetDef::new("__qualname__", qualname, "").with_set(set_qualname),
    ],
    flags: ClassFlags::NO_NEW,
    ..TypeDef::new("coroutine", Kind::Generator)
};

/// The iterator that `await` of a coroutine gives.
#[derive(Trace)]
pub struct CoroutineWrapper {
    coroutine: Slot,
}

impl crate::object::native::Payload for CoroutineWrapper {
    const TYPE: &'static TypeDef = &COROUTINE_WRAPPER;
}

/// The type of such iterators.
pub static COROUTINE_WRAPPER: TypeDef = TypeDef {
    methods: &[
        NativeDef::method("__iter__($self, /)", itself, "Implement iter(self)."),
        NativeDef::method("__next__($self, /)", wrapper_next, "Implement next(self)."),
        NativeDef::method("send($self, value, /)", wrapper_send, "Go on with a value."),
        NativeDef::method(
            "throw($self, type, value=<unrepresentable>, traceback=<unrepresentable>, /)",
            wrapper_throw,
            "Raise an exception where it waits.",
        ),
        NativeDef::method("close($self, /)", wrapper_close, "Close the coroutine."),
    ],
    flags: ClassFlags::NO_NEW,
    ..TypeDef::new("coroutine_wrapper", Kind::Native)
};

fn coroutine_await(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let coroutine = Slot::new(args.this::<Generator>(vm)?.value().word());
    Ok(vm.ret(vm.native(CoroutineWrapper { coroutine }).value()))
}

fn inner(vm: &Vm, args: Args) -> Result<Local, Raised> {
    Ok(vm.root(args.payload::<CoroutineWrapper>(vm)?.coroutine.get(vm)))
}

fn wrapper_next(vm: &mut Vm, args: Args) -> NativeResult {
    let inner = inner(vm, args)?;
    let none = vm.root(Value::NONE);
    vm.generator_send(inner, none)
}

fn wrapper_send(vm: &mut Vm, args: Args) -> NativeResult {
    let inner = inner(vm, args)?;
    vm.generator_send(inner, args.local(1))
}

fn wrapper_throw(vm: &mut Vm, args: Args) -> NativeResult {
    let inner = inner(vm, args)?;
    let exception = exception_to_throw(vm, args)?;
    vm.generator_throw(inner, exception)
}

fn wrapper_close(vm: &mut Vm, args: Args) -> NativeResult {
    let inner = inner(vm, args)?;
    vm.generator_close(inner)?;
    Ok(vm.none())
}

fn next(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Generator>(vm)?;
    let none = vm.root(Value::NONE);
    vm.generator_send(args.local(0), none)
}

fn send(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Generator>(vm)?;
    vm.generator_send(args.local(0), args.local(1))
}

/// The exception that `throw(type[, value[, traceback]])` is to raise.
pub(super) fn exception_to_throw(vm: &mut Vm, args: Args) -> Result<Local, Raised> {
    exception_of(vm, &[1, 2, 3].map(|i| args.local(i)))
}

/// The same for arguments that stand elsewhere; missing ones may be unbound.
pub(super) fn exception_of(vm: &mut Vm, parts: &[Local]) -> Result<Local, Raised> {
    let part = |i: usize| parts.get(i).copied().filter(|&l| vm.get(l).bound().is_some());
    let given = part(0).expect("what to throw");
    let value = part(1).filter(|&l| !vm.get(l).is_none());
    let traceback = part(2).filter(|&l| !vm.get(l).is_none());
    if let Some(class) = vm.get(given).as_class()
        && class.flags.get() & ClassFlags::EXCEPTION != 0
    {
        let exception = match value.map(|l| (l, vm.get(l))) {
            None => vm.call(given, &[])?,
            Some((_, v)) if vm.is_subclass(vm.class_of(v), class) => vm.ret(v),
            Some((l, v)) if v.cast::<Tuple>().is_some() => {
                let nothing = vm.empty_root();
                vm.call_args(given, l, nothing)?
            }
            Some((l, _)) => vm.call(given, &[l])?,
        };
        let exception = vm.hold(exception);
        if vm.get(exception).cast::<Exception>().is_none() {
            // That is an error inside the generator.
            let (class, made) = (vm.repr_text(given)?, vm.repr_text(exception)?);
            let raised = vm.type_error(format!(
                "calling {class} should have returned an instance of BaseException, not {made}"
            ));
            return Ok(vm.take_exception(raised));
        }
        if let (Some(e), Some(tb)) = (vm.get(exception).cast::<Exception>(), traceback) {
            vm.write(e, |e| &e.traceback, vm.get(tb));
        }
        return Ok(exception);
    }
    if vm.get(given).cast::<Exception>().is_none() {
        let name = vm.type_name(vm.get(given));
        raise!(
            vm,
            TypeError,
            "exceptions must be classes or instances deriving from BaseException, not {name}"
        );
    }
    if value.is_some() {
        raise!(vm, TypeError, "instance exception may not have a separate value");
    }
    Ok(given)
}

fn throw(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Generator>(vm)?;
    let exception = exception_to_throw(vm, args)?;
    vm.generator_throw(args.local(0), exception)
}

fn close(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Generator>(vm)?;
    // The value of a return that answers GeneratorExit is in the result register.
    let _ = vm.none();
    vm.generator_close(args.local(0))?;
    Ok(vm.ret(vm.result()))
}

pub(super) fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let g = args.this::<Generator>(vm)?;
    let name = vm.text_of(g.qualname.get(vm));
    let what = vm.type_name(g.value());
    ret_str(vm, &format!("<{what} object {name} at {:#x}>", vm.id(g.value())))
}

pub(super) fn running(vm: &mut Vm, args: Args) -> NativeResult {
    let state = args.this::<Generator>(vm)?.state.get();
    Ok(vm.ret(Value::from_bool(state == GenState::Running)))
}

pub(super) fn suspended(vm: &mut Vm, args: Args) -> NativeResult {
    let state = args.this::<Generator>(vm)?.state.get();
    Ok(vm.ret(Value::from_bool(state == GenState::Suspended)))
}

pub(super) fn code(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let function = args.this::<Generator>(vm)?.func.get_as::<Function>(vm);
    Ok(vm.ret(function.map_or(Value::NONE, |f| f.code.get(vm))))
}

pub(super) fn frame(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let g = args.this::<Generator>(vm)?;
    match g.func.get_as::<Function>(vm) {
        Some(_) if g.state.get() != GenState::Finished => Ok(vm.ret(vm.generator_frame(g))),
        _ => Ok(vm.none()),
    }
}

pub(super) fn yield_from(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Generator>(vm)?;
    let to = vm.delegate(args.local(0));
    Ok(vm.ret(to.map_or(Value::NONE, |l| vm.get(l))))
}

fn origin(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.this::<Generator>(vm)?.extra.get(vm)))
}

pub(super) fn name(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.this::<Generator>(vm)?.name.get(vm)))
}

pub(super) fn qualname(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.this::<Generator>(vm)?.qualname.get(vm)))
}

pub(super) fn set_name(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    match args.opt(vm, 1).filter(|v| v.as_str().is_some()) {
        Some(v) => vm.write(args.this::<Generator>(vm)?, |g| &g.name, v),
        None => raise!(vm, TypeError, "__name__ must be set to a string object"),
    }
    Ok(vm.none())
}

pub(super) fn set_qualname(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    match args.opt(vm, 1).filter(|v| v.as_str().is_some()) {
        Some(v) => vm.write(args.this::<Generator>(vm)?, |g| &g.qualname, v),
        None => raise!(vm, TypeError, "__qualname__ must be set to a string object"),
    }
    Ok(vm.none())
}
