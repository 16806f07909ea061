//! `_thread.lock`.

use super::waiting::{Outcome, Queue, deadline, wait};
use sidewinder_interpreter::builtins::TypeDef;
use sidewinder_interpreter::object::native::Payload;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::raise;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm};
use std::cell::Cell;
use std::time::Instant;

/// A lock. Who releases it while others wait hands it over: it stays locked.
#[derive(Trace, Default)]
pub struct Lock {
    #[trace(skip)]
    locked: Cell<bool>,
    #[trace(skip)]
    queue: Queue,
}

impl Payload for Lock {
    const TYPE: &'static TypeDef = &LOCK;
}

/// The type of locks.
pub static LOCK: TypeDef = TypeDef {
    module: "_thread",
    doc: "A lock: it is either locked or unlocked.",
    methods: &[
        NativeDef::static_method("__new__($type, /)", new, "A new lock, unlocked."),
        NativeDef::method(
            "acquire($self, /, blocking=True, timeout=-1)",
            acquire,
            "Lock it, waiting if need be; whether that was done.",
        ),
        NativeDef::method(
            "acquire_lock($self, /, blocking=True, timeout=-1)",
            acquire,
            "Lock it, waiting if need be; whether that was done.",
        ),
        NativeDef::method("release($self, /)", release, "Unlock it."),
        NativeDef::method("release_lock($self, /)", release, "Unlock it."),
        NativeDef::method("locked($self, /)", locked, "Whether it is locked."),
        NativeDef::method("locked_lock($self, /)", locked, "Whether it is locked."),
        NativeDef::method("__enter__($self, /)", enter, "Lock it."),
        NativeDef::method("__exit__($self, /, *exc_info)", exit, "Unlock it."),
        NativeDef::method("_at_fork_reinit($self, /)", at_fork, "Unlock it in a child process."),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
    ],
    ..TypeDef::new("lock", Kind::Native)
};

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let class = args.class(vm, 0)?;
    Ok(vm.ret(vm.native_of_shape(class.shape.get(), Lock::default()).value()))
}

/// `_thread.allocate_lock()`
pub fn allocate(vm: &mut Vm, _: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(vm.native(Lock::default()).value()))
}

/// The `blocking` and `timeout` arguments of an `acquire` method.
pub fn wait_arguments(vm: &mut Vm, args: Args) -> Result<Option<Option<Instant>>, Raised> {
    let blocking = match args.opt(vm, 1) {
        Some(_) => vm.truth(args.local(1))?,
        None => true,
    };
    let timeout = match args.opt(vm, 2) {
        Some(_) => vm.float_of(args.local(2))?,
        None => -1.0,
    };
    deadline(vm, blocking, timeout)
}

fn lock_in(vm: &Vm, lock: Local) -> &Lock {
    vm.get(lock).payload::<Lock>().expect("a lock").r()
}

/// Locks; whether that was done in time.
fn take(vm: &mut Vm, lock: Local, until: Option<Option<Instant>>) -> Result<bool, Raised> {
    if !lock_in(vm, lock).locked.replace(true) {
        return Ok(true);
    }
    match until {
        None => Ok(false),
        Some(end) => {
            let outcome = wait(vm, lock, |vm, l| &lock_in(vm, l).queue, end)?;
            Ok(matches!(outcome, Outcome::Woken))
        }
    }
}

fn acquire(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Lock>(vm)?;
    let until = wait_arguments(vm, args)?;
    let taken = take(vm, args.local(0), until)?;
    Ok(vm.ret(Value::from_bool(taken)))
}

fn enter(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Lock>(vm)?;
    let taken = take(vm, args.local(0), Some(None))?;
    Ok(vm.ret(Value::from_bool(taken)))
}

fn unlock(vm: &Vm, args: Args) -> Result<(), Raised> {
    let lock = args.payload::<Lock>(vm)?;
    if !lock.locked.get() {
        raise!(vm, RuntimeError, "release unlocked lock");
    }
    if !lock.queue.wake_one(vm) {
        lock.locked.set(false);
    }
    Ok(())
}

fn release(vm: &mut Vm, args: Args) -> NativeResult {
    unlock(vm, args)?;
    Ok(vm.none())
}

fn exit(vm: &mut Vm, args: Args) -> NativeResult {
    unlock(vm, args)?;
    Ok(vm.none())
}

fn locked(vm: &mut Vm, args: Args) -> NativeResult {
    Ok(vm.ret(Value::from_bool(args.payload::<Lock>(vm)?.locked.get())))
}

fn at_fork(vm: &mut Vm, args: Args) -> NativeResult {
    let lock = args.payload::<Lock>(vm)?;
    lock.locked.set(false);
    lock.queue.reset();
    Ok(vm.none())
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let lock = args.payload::<Lock>(vm)?;
    let state = if lock.locked.get() { "locked" } else { "unlocked" };
    let text = format!("<{state} _thread.lock object at {:#x}>", vm.id(lock.value()));
    Ok(vm.ret(vm.str(&text).value()))
}
