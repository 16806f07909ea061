//! The awaitables of async generators' steps, and that of `anext(iterator, default)`.

use super::declare::{ClassId, TypeDef};
use super::generator::exception_of;
use super::support::*;
use crate::object::native::{Native, Payload};
use crate::object::*;
use crate::raise;
use crate::value::{Value, Word, word};
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Ret, Special, Vm};
use std::cell::Cell;

/// What an awaitable of a step is doing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Not awaited yet.
    Init,
    /// Under way.
    Running,
    /// Over: it cannot be awaited again.
    Closed,
}

/// The awaitable that `asend` and `__anext__` give.
#[derive(Trace)]
pub struct AsyncSend {
    generator: Slot,
    value: Slot,
    #[trace(skip)]
    step: Cell<Step>,
}

impl Payload for AsyncSend {
    const TYPE: &'static TypeDef = &ASYNC_SEND;
}

/// The awaitable that `athrow` and `aclose` give.
#[derive(Trace)]
pub struct AsyncThrow {
    generator: Slot,
    /// What to throw; UNBOUND: close.
    arguments: Slot,
    #[trace(skip)]
    step: Cell<Step>,
}

impl Payload for AsyncThrow {
    const TYPE: &'static TypeDef = &ASYNC_THROW;
}

/// The type of [`AsyncSend`].
pub static ASYNC_SEND: TypeDef = TypeDef {
    methods: &[
        NativeDef::method("__await__($self, /)", itself, "Return self."),
        NativeDef::method("__iter__($self, /)", itself, "Implement iter(self)."),
        NativeDef::method("__next__($self, /)", send_next, "Implement next(self)."),
        NativeDef::method("send($self, value, /)", send, "Go on with a value."),
        NativeDef::method(
            "throw($self, type, value=<unrepresentable>, traceback=<unrepresentable>, /)",
            send_throw,
            "Raise an exception where it waits.",
        ),
        NativeDef::method("close($self, /)", send_close, "Raise GeneratorExit where it waits."),
    ],
    flags: ClassFlags::NO_NEW,
    ..TypeDef::new("async_generator_asend", Kind::Native)
};

/// The type of [`AsyncThrow`].
pub static ASYNC_THROW: TypeDef = TypeDef {
    methods: &[
        NativeDef::method("__await__($self, /)", itself, "Return self."),
        NativeDef::method("__iter__($self, /)", itself, "Implement iter(self)."),
        NativeDef::method("__next__($self, /)", throw_next, "Implement next(self)."),
        NativeDef::method("send($self, value, /)", throw_send, "Go on with a value."),
        NativeDef::method(
            "throw($self, type, value=<unrepresentable>, traceback=<unrepresentable>, /)",
            throw_throw,
            "Raise an exception where it waits.",
        ),
        NativeDef::method("close($self, /)", throw_close, "Raise GeneratorExit where it waits."),
    ],
    flags: ClassFlags::NO_NEW,
    ..TypeDef::new("async_generator_athrow", Kind::Native)
};

impl AsyncSend {
    /// A step that sends a value.
    pub fn make<'gc>(vm: &'gc Vm, generator: Value<'gc>, value: Value<'gc>) -> Value<'gc> {
        vm.native(AsyncSend {
            generator: Slot::new(generator.word()),
            value: Slot::new(value.word()),
            step: Cell::new(Step::Init),
        })
        .value()
    }

    /// For an `await` that runs the generator itself: its word and what to send it. `None` where there
    /// is an error to report, which [`send_with`] does.
    pub fn begin_at_once(&self, vm: &Vm, sent: Word) -> Option<(Word, Word)> {
        let generator = self.generator.get(vm).cast::<Generator>()?;
        let first = self.step.get() == Step::Init;
        let sent = if first && sent == word::NONE { self.value.word() } else { sent };
        match generator.state.get() {
            GenState::Suspended => {}
            GenState::Created if sent == word::NONE => {}
            _ => return None,
        }
        if self.step.get() == Step::Closed || first && generator.stepping.get() {
            return None;
        }
        self.step.set(Step::Running);
        generator.stepping.set(true);
        Some((generator.value().word(), sent))
    }

    /// The step that [`AsyncSend::begin_at_once`] began is over; `closes` when the generator has ended.
    pub fn end(&self, vm: &Vm, closes: bool) {
        self.step.set(Step::Closed);
        if let Some(generator) = self.generator.get(vm).cast::<Generator>() {
            generator.stepping.set(false);
            generator.closed.update(|closed| closed || closes);
        }
    }
}

impl AsyncThrow {
    /// A step that throws, or closes the generator.
    pub fn make<'gc>(
        vm: &'gc Vm,
        generator: Value<'gc>,
        arguments: Option<Value<'gc>>,
    ) -> Value<'gc> {
        vm.native(AsyncThrow {
            generator: Slot::new(generator.word()),
            arguments: Slot::new(arguments.unwrap_or(Value::UNBOUND).word()),
            step: Cell::new(Step::Init),
        })
        .value()
    }
}

fn generator_in(vm: &Vm, generator: Local) -> Gc<'_, Generator> {
    vm.get(generator).cast().expect("an async generator")
}

/// What the generator did in a step: a `yield` of its own ends the step by StopIteration, the end of
/// the generator by StopAsyncIteration; what it yields from an `await` is passed on.
fn outcome(vm: &mut Vm, generator: Local, result: NativeResult) -> NativeResult {
    match result {
        Ok(ret) => {
            if !vm.has_yielded(generator) {
                return Ok(ret);
            }
            generator_in(vm, generator).stepping.set(false);
            let item = vm.value(ret);
            Err(vm.raise_args(ClassId::StopIteration, &[item]))
        }
        Err(raised) => {
            let g = generator_in(vm, generator);
            g.stepping.set(false);
            if vm.raised_is(ClassId::StopIteration) {
                // The generator has returned.
                vm.take_exception(raised);
                generator_in(vm, generator).closed.set(true);
                return Err(vm.raise_args(ClassId::StopAsyncIteration, &[]));
            }
            if vm.raised_is(ClassId::StopAsyncIteration) || vm.raised_is(ClassId::GeneratorExit) {
                g.closed.set(true);
            }
            Err(raised)
        }
    }
}

type This<'gc, T> = Gc<'gc, Native<T>>;

/// Begins a step if it has not begun; an error if it is over or another one is under way.
fn begin(vm: &Vm, generator: Local, step: &Cell<Step>, names: (&str, &str)) -> Result<(), Raised> {
    let (own, step_name) = names;
    match step.get() {
        Step::Running => Ok(()),
        Step::Closed => {
            raise!(vm, RuntimeError, "cannot reuse already awaited {own}")
        }
        Step::Init => {
            if generator_in(vm, generator).stepping.get() {
                step.set(Step::Closed);
                raise!(vm, RuntimeError, "{step_name}: asynchronous generator is already running");
            }
            step.set(Step::Running);
            generator_in(vm, generator).stepping.set(true);
            Ok(())
        }
    }
}

const SEND_NAMES: (&str, &str) = ("__anext__()/asend()", "anext()");

fn send_with(vm: &mut Vm, args: Args, sent: Local) -> NativeResult {
    let this: This<'_, AsyncSend> = args.payload(vm)?;
    let generator = vm.root(this.generator.get(vm));
    let first = this.step.get() == Step::Init;
    begin(vm, generator, &this.r().step, SEND_NAMES)?;
    let sent = if first && vm.get(sent).is_none() { vm.root(this.value.get(vm)) } else { sent };
    let result = vm.generator_send(generator, sent);
    end_send(vm, args, generator, result)
}

fn end_send(vm: &mut Vm, args: Args, generator: Local, result: NativeResult) -> NativeResult {
    let result = outcome(vm, generator, result);
    if result.is_err()
        && let Some(this) = args.get(vm, 0).payload::<AsyncSend>()
    {
        this.step.set(Step::Closed);
    }
    result
}

fn send_next(vm: &mut Vm, args: Args) -> NativeResult {
    let none = vm.root(Value::NONE);
    send_with(vm, args, none)
}

fn send(vm: &mut Vm, args: Args) -> NativeResult {
    send_with(vm, args, args.local(1))
}

fn send_throw_with(vm: &mut Vm, args: Args, exception: Local) -> NativeResult {
    let this: This<'_, AsyncSend> = args.payload(vm)?;
    let generator = vm.root(this.generator.get(vm));
    begin(vm, generator, &this.r().step, SEND_NAMES)?;
    let result = vm.generator_throw(generator, exception);
    end_send(vm, args, generator, result)
}

fn send_throw(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<AsyncSend>(vm)?;
    let exception = exception_of(vm, &[1, 2, 3].map(|i| args.local(i)))?;
    send_throw_with(vm, args, exception)
}

/// A new GeneratorExit.
fn generator_exit(vm: &Vm) -> Local {
    vm.root(vm.new_exception(vm.class(ClassId::GeneratorExit), &[]).value())
}

/// How `close()` of an awaitable ends.
fn closed(vm: &mut Vm, result: NativeResult) -> NativeResult {
    match result {
        Ok(Ret { .. }) => raise!(vm, RuntimeError, "coroutine ignored GeneratorExit"),
        Err(raised) => {
            let expected =
                [ClassId::StopIteration, ClassId::StopAsyncIteration, ClassId::GeneratorExit];
            if expected.iter().any(|&id| vm.raised_is(id)) {
                vm.take_exception(raised);
                return Ok(vm.none());
            }
            Err(raised)
        }
    }
}

fn send_close(vm: &mut Vm, args: Args) -> NativeResult {
    if args.payload::<AsyncSend>(vm)?.step.get() == Step::Closed {
        return Ok(vm.none());
    }
    let exit = generator_exit(vm);
    let result = send_throw_with(vm, args, exit);
    closed(vm, result)
}

fn names_of(closes: bool) -> (&'static str, &'static str) {
    ("aclose()/athrow()", if closes { "aclose()" } else { "athrow()" })
}

/// What closing found: an item is an error, an `await` is passed on.
fn close_outcome(vm: &mut Vm, args: Args, generator: Local, result: NativeResult) -> NativeResult {
    let finish = |vm: &Vm| {
        generator_in(vm, generator).stepping.set(false);
        if let Some(this) = args.get(vm, 0).payload::<AsyncThrow>() {
            this.step.set(Step::Closed);
        }
    };
    match result {
        Ok(ret) if !vm.has_yielded(generator) => Ok(ret),
        Ok(_) => {
            finish(vm);
            raise!(vm, RuntimeError, "async generator ignored GeneratorExit")
        }
        Err(raised) => {
            finish(vm);
            let expected =
                [ClassId::StopIteration, ClassId::StopAsyncIteration, ClassId::GeneratorExit];
            if expected.iter().any(|&id| vm.raised_is(id)) {
                vm.take_exception(raised);
                return Err(vm.raise_args(ClassId::StopIteration, &[]));
            }
            Err(raised)
        }
    }
}

fn throw_with(vm: &mut Vm, args: Args, sent: Local) -> NativeResult {
    let this: This<'_, AsyncThrow> = args.payload(vm)?;
    let generator = vm.root(this.generator.get(vm));
    let arguments = this.arguments.get(vm).bound().map(|a| vm.root(a));
    let first = this.step.get() == Step::Init;
    if this.step.get() != Step::Closed
        && generator_in(vm, generator).state.get() == GenState::Finished
    {
        this.step.set(Step::Closed);
        return Err(vm.raise_args(ClassId::StopIteration, &[]));
    }
    begin(vm, generator, &this.r().step, names_of(arguments.is_none()))?;
    if first {
        let g = generator_in(vm, generator);
        if g.closed.get() {
            g.stepping.set(false);
            this.step.set(Step::Closed);
            return Err(vm.raise_args(ClassId::StopAsyncIteration, &[]));
        }
        if !vm.get(sent).is_none() {
            g.stepping.set(false);
            this.step.set(Step::Init);
            raise!(vm, RuntimeError, "can't send non-None value to a just-started coroutine");
        }
    }
    match arguments {
        None => {
            let result = if first {
                generator_in(vm, generator).closed.set(true);
                let exit = generator_exit(vm);
                vm.generator_throw(generator, exit)
            } else {
                vm.generator_send(generator, sent)
            };
            close_outcome(vm, args, generator, result)
        }
        Some(arguments) => {
            let result = if first {
                let parts: Vec<Local> = {
                    let vm = &*vm;
                    let tuple: Gc<'_, Tuple> = vm.get(arguments).cast().expect("a tuple");
                    tuple.r().items().iter().map(|s| vm.root(s.get(vm))).collect()
                };
                match exception_of(vm, &parts) {
                    Ok(exception) => vm.generator_throw(generator, exception),
                    Err(raised) => Err(raised),
                }
            } else {
                vm.generator_send(generator, sent)
            };
            end_throw(vm, args, generator, result)
        }
    }
}

fn end_throw(vm: &mut Vm, args: Args, generator: Local, result: NativeResult) -> NativeResult {
    let result = outcome(vm, generator, result);
    if result.is_err()
        && let Some(this) = args.get(vm, 0).payload::<AsyncThrow>()
    {
        this.step.set(Step::Closed);
    }
    result
}

fn throw_next(vm: &mut Vm, args: Args) -> NativeResult {
    let none = vm.root(Value::NONE);
    throw_with(vm, args, none)
}

fn throw_send(vm: &mut Vm, args: Args) -> NativeResult {
    throw_with(vm, args, args.local(1))
}

fn throw_throw_with(vm: &mut Vm, args: Args, exception: Local) -> NativeResult {
    let this: This<'_, AsyncThrow> = args.payload(vm)?;
    let generator = vm.root(this.generator.get(vm));
    let closes = this.arguments.get(vm).bound().is_none();
    begin(vm, generator, &this.r().step, names_of(closes))?;
    let result = vm.generator_throw(generator, exception);
    if closes {
        close_outcome(vm, args, generator, result)
    } else {
        end_throw(vm, args, generator, result)
    }
}

fn throw_throw(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<AsyncThrow>(vm)?;
    let exception = exception_of(vm, &[1, 2, 3].map(|i| args.local(i)))?;
    throw_throw_with(vm, args, exception)
}

fn throw_close(vm: &mut Vm, args: Args) -> NativeResult {
    if args.payload::<AsyncThrow>(vm)?.step.get() == Step::Closed {
        return Ok(vm.none());
    }
    let exit = generator_exit(vm);
    let result = throw_throw_with(vm, args, exit);
    closed(vm, result)
}

/// The awaitable that `anext(iterator, default)` gives.
#[derive(Trace)]
pub struct AnextWithDefault {
    awaitable: Slot,
    default: Slot,
}

impl Payload for AnextWithDefault {
    const TYPE: &'static TypeDef = &ANEXT_AWAITABLE;
}

/// The type of [`AnextWithDefault`].
pub static ANEXT_AWAITABLE: TypeDef = TypeDef {
    methods: &[
        NativeDef::method("__await__($self, /)", itself, "Return self."),
        NativeDef::method("__iter__($self, /)", itself, "Implement iter(self)."),
        NativeDef::method("__next__($self, /)", default_next, "Implement next(self)."),
        NativeDef::method("send($self, value, /)", default_send, "Go on with a value."),
        NativeDef::method(
            "throw($self, type, value=<unrepresentable>, traceback=<unrepresentable>, /)",
            default_throw,
            "Raise an exception where it waits.",
        ),
        NativeDef::method("close($self, /)", default_close, "Close what is awaited."),
    ],
    flags: ClassFlags::NO_NEW,
    ..TypeDef::new("anext_awaitable", Kind::Native)
};

/// The iterator of what is awaited, in the awaitable's place.
fn awaited(vm: &mut Vm, args: Args) -> Result<Local, Raised> {
    let awaitable = vm.root(args.payload::<AnextWithDefault>(vm)?.awaitable.get(vm));
    let iterator = vm.get_awaitable_iter(awaitable)?;
    let iterator = vm.hold(iterator);
    // A coroutine is driven through its wrapper, as one that has no `__next__`.
    Ok(iterator)
}

/// The end of the iterator gives the default.
fn or_default(vm: &mut Vm, args: Args, result: NativeResult) -> NativeResult {
    result.map_err(|raised| {
        if !vm.raised_is(ClassId::StopAsyncIteration) {
            return raised;
        }
        vm.take_exception(raised);
        let default = args.get(vm, 0).payload::<AnextWithDefault>().map(|t| t.r().default.get(vm));
        vm.raise_args(ClassId::StopIteration, &[default.unwrap_or(Value::NONE)])
    })
}

fn step(vm: &mut Vm, iterator: Local, sent: Local) -> NativeResult {
    if vm.get(iterator).kind() == Some(Kind::Generator) {
        return vm.generator_send(iterator, sent);
    }
    if !vm.get(sent).is_none() {
        return vm.call_method(iterator, "send", &[sent]);
    }
    match vm.call_special(iterator, Special::Next, &[])? {
        Some(ret) => Ok(ret),
        None => raise!(vm, TypeError, "object is not an iterator"),
    }
}

fn default_next(vm: &mut Vm, args: Args) -> NativeResult {
    let iterator = awaited(vm, args)?;
    let none = vm.root(Value::NONE);
    let result = step(vm, iterator, none);
    or_default(vm, args, result)
}

fn default_send(vm: &mut Vm, args: Args) -> NativeResult {
    let iterator = awaited(vm, args)?;
    let result = step(vm, iterator, args.local(1));
    or_default(vm, args, result)
}

fn default_throw(vm: &mut Vm, args: Args) -> NativeResult {
    let iterator = awaited(vm, args)?;
    let given: Vec<Local> =
        (1..4).filter(|&i| args.opt(vm, i).is_some()).map(|i| args.local(i)).collect();
    let result = vm.call_method(iterator, "throw", &given);
    or_default(vm, args, result)
}

fn default_close(vm: &mut Vm, args: Args) -> NativeResult {
    let iterator = awaited(vm, args)?;
    let result = vm.call_method(iterator, "close", &[]);
    or_default(vm, args, result)
}

/// `aiter(object)`
pub fn aiter(vm: &mut Vm, args: Args) -> NativeResult {
    let Some(ret) = vm.call_special(args.local(0), Special::AIter, &[])? else {
        let name = vm.type_name(args.get(vm, 0));
        raise!(vm, TypeError, "'{name}' object is not an async iterable");
    };
    let result = vm.value(ret);
    let next = vm.intern("__anext__").value();
    if vm.class_lookup(vm.class_of(result), next).is_none() {
        let name = vm.type_name(result);
        raise!(vm, TypeError, "aiter() returned not an async iterator of type '{name}'");
    }
    Ok(vm.ret(result))
}

/// `anext(iterator[, default])`
pub fn anext(vm: &mut Vm, args: Args) -> NativeResult {
    let Some(ret) = vm.call_special(args.local(0), Special::ANext, &[])? else {
        let name = vm.type_name(args.get(vm, 0));
        raise!(vm, TypeError, "'{name}' object is not an async iterator");
    };
    let Some(default) = args.opt(vm, 1) else { return Ok(ret) };
    let awaitable = vm.value(ret);
    let payload = AnextWithDefault {
        awaitable: Slot::new(awaitable.word()),
        default: Slot::new(default.word()),
    };
    Ok(vm.ret(vm.native(payload).value()))
}
