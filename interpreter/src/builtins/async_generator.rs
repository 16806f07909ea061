//! Async generators.
//!
//! Each step (`__anext__`, `asend`, `athrow`, `aclose`) is an awaitable of its own, see
//! [`super::awaitables`]. A step is over when the generator waits at a `yield`; as long as it waits
//! in an `await`, what it yields is for the event loop.

use super::awaitables::{AsyncSend, AsyncThrow};
use super::declare::{GetSetDef, TypeDef};
use super::generator::*;
use super::support::*;
use crate::object::*;
use crate::value::Value;
use crate::vm::stack::Global;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Vm};

/// The type of async generators.
pub static ASYNC_GENERATOR: TypeDef = TypeDef {
    methods: &[
        NativeDef::method("__aiter__($self, /)", itself, "Return self."),
        NativeDef::method("__anext__($self, /)", anext, "An awaitable of the next item."),
        NativeDef::method(
            "asend($self, value, /)",
            asend,
            "Go on, with value as the result of the yield; an awaitable of the next item.",
        ),
        NativeDef::method(
            "athrow($self, type, value=<unrepresentable>, traceback=<unrepresentable>, /)",
            athrow,
            "Raise an exception at the yield; an awaitable of the next item.",
        ),
        NativeDef::method("aclose($self, /)", aclose, "Raise GeneratorExit at the yield."),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::class_method("__class_getitem__($type, key, /)", class_getitem, ""),
    ],
    getset: &[
        GetSetDef::new("ag_running", stepping, "Whether a step is under way."),
        GetSetDef::new("ag_suspended", suspended, "Whether it waits."),
        GetSetDef::new("ag_code", code, "The code."),
        GetSetDef::new("ag_frame", frame, "None when it has ended."),
        GetSetDef::new("ag_await", yield_from, "What it waits for, or None."),
        GetSetDef::new("__name__", name, "").with_set(set_name),
        GetSetDef::new("__qualname__", qualname, "").with_set(set_qualname),
    ],
    flags: ClassFlags::NO_NEW,
    ..TypeDef::new("async_generator", Kind::Generator)
};

fn stepping(vm: &mut Vm, args: Args) -> NativeResult {
    let stepping = args.this::<Generator>(vm)?.stepping.get();
    Ok(vm.ret(Value::from_bool(stepping)))
}

/// `sys.set_asyncgen_hooks`, and how deep coroutines remember where they were made.
#[derive(Default)]
pub struct AsyncHooks {
    /// Called with an async generator before its first step.
    pub firstiter: Option<Global>,
    /// Called with an async generator that is about to go.
    pub finalizer: Option<Global>,
}

/// Calls the hooks of the event loop at the first step.
fn first_step(vm: &mut Vm, generator: Local) -> Result<(), Raised> {
    {
        let vm = &*vm;
        let g: Gc<'_, Generator> = vm.get(generator).cast().expect("an async generator");
        if g.hooked.replace(true) {
            return Ok(());
        }
        let finalizer = vm.with_extension(|hooks: &mut AsyncHooks| {
            hooks.finalizer.as_ref().map(|f| vm.root(vm.get_global(f)))
        });
        if let Some(finalizer) = finalizer {
            vm.write(g, |g| &g.extra, vm.get(finalizer));
        }
    }
    let first = vm.with_extension(|hooks: &mut AsyncHooks| {
        hooks.firstiter.as_ref().map(|f| vm.root(vm.get_global(f)))
    });
    if let Some(first) = first {
        let _ = vm.call(first, &[generator])?;
    }
    Ok(())
}

fn anext(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Generator>(vm)?;
    first_step(vm, args.local(0))?;
    Ok(vm.ret(AsyncSend::make(vm, args.get(vm, 0), Value::NONE)))
}

fn asend(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Generator>(vm)?;
    first_step(vm, args.local(0))?;
    Ok(vm.ret(AsyncSend::make(vm, args.get(vm, 0), args.get(vm, 1))))
}

fn athrow(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Generator>(vm)?;
    first_step(vm, args.local(0))?;
    // What is thrown is made when the awaitable runs: only the arguments are kept.
    let vm = &*vm;
    let given: Vec<Value<'_>> = (1..4).map_while(|i| args.opt(vm, i)).collect();
    Ok(vm.ret(AsyncThrow::make(vm, args.get(vm, 0), Some(vm.tuple(&given).value()))))
}

fn aclose(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Generator>(vm)?;
    first_step(vm, args.local(0))?;
    Ok(vm.ret(AsyncThrow::make(vm, args.get(vm, 0), None)))
}
