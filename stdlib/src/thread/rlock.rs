//! `_thread.RLock`: a lock that its owner may take again.

use super::lock::wait_arguments;
use super::waiting::{Outcome, Queue, wait};
use sidewinder_interpreter::builtins::TypeDef;
use sidewinder_interpreter::builtins::object::qualified_type;
use sidewinder_interpreter::object::native::Payload;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::raise;
use sidewinder_interpreter::vm::threads::thread_ident;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm};
use std::cell::Cell;
use std::time::Instant;

/// A reentrant lock. While it is being handed over it has no owner, but is not free.
#[derive(Trace, Default)]
pub struct RLock {
    #[trace(skip)]
    taken: Cell<bool>,
    #[trace(skip)]
    owner: Cell<u64>,
    #[trace(skip)]
    count: Cell<u64>,
    #[trace(skip)]
    queue: Queue,
}

impl Payload for RLock {
    const TYPE: &'static TypeDef = &RLOCK;
}

/// The type of reentrant locks.
pub static RLOCK: TypeDef = TypeDef {
    module: "_thread",
    doc: "A lock that the thread which has it may take again.",
    flags: ClassFlags::BASE,
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", new, "A new lock."),
        NativeDef::method(
            "acquire($self, /, blocking=True, timeout=-1)",
            acquire,
            "Lock it, waiting if need be; whether that was done.",
        ),
        NativeDef::method("release($self, /)", release, "Undo one acquire()."),
        NativeDef::method("locked($self, /)", locked, "Whether a thread has it."),
        NativeDef::method("__enter__($self, /)", enter, "Lock it."),
        NativeDef::method("__exit__($self, /, *exc_info)", release, "Undo one acquire()."),
        NativeDef::method("_is_owned($self, /)", is_owned, "Whether this thread has it."),
        NativeDef::method(
            "_recursion_count($self, /)",
            recursion_count,
            "How often this thread has taken it.",
        ),
        NativeDef::method(
            "_release_save($self, /)",
            release_save,
            "Unlock it, whatever the count.",
        ),
        NativeDef::method(
            "_acquire_restore($self, state, /)",
            acquire_restore,
            "Undo _release_save().",
        ),
        NativeDef::method("_at_fork_reinit($self, /)", at_fork, "Unlock it in a child process."),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
    ],
    ..TypeDef::new("RLock", Kind::Native)
};

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let class = args.class(vm, 0)?;
    Ok(vm.ret(vm.native_of_shape(class.shape.get(), RLock::default()).value()))
}

fn lock_in(vm: &Vm, lock: Local) -> &RLock {
    vm.get(lock).payload::<RLock>().expect("a reentrant lock").r()
}

impl RLock {
    fn is_mine(&self) -> bool {
        self.count.get() > 0 && self.owner.get() == thread_ident()
    }

    fn set(&self, count: u64) {
        self.owner.set(thread_ident());
        self.count.set(count);
    }

    /// Lets the next one have it.
    fn free(&self, vm: &Vm) {
        self.owner.set(0);
        self.count.set(0);
        if !self.queue.wake_one(vm) {
            self.taken.set(false);
        }
    }
}

fn take(vm: &mut Vm, lock: Local, until: Option<Option<Instant>>) -> Result<bool, Raised> {
    let it = lock_in(vm, lock);
    if it.is_mine() {
        it.count.set(it.count.get() + 1);
        return Ok(true);
    }
    if !it.taken.replace(true) {
        it.set(1);
        return Ok(true);
    }
    let Some(end) = until else { return Ok(false) };
    match wait(vm, lock, |vm, l| &lock_in(vm, l).queue, end)? {
        Outcome::TimedOut => Ok(false),
        Outcome::Woken => {
            lock_in(vm, lock).set(1);
            Ok(true)
        }
    }
}

fn acquire(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<RLock>(vm)?;
    let until = wait_arguments(vm, args)?;
    let taken = take(vm, args.local(0), until)?;
    Ok(vm.ret(Value::from_bool(taken)))
}

fn enter(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<RLock>(vm)?;
    let taken = take(vm, args.local(0), Some(None))?;
    Ok(vm.ret(Value::from_bool(taken)))
}

fn release(vm: &mut Vm, args: Args) -> NativeResult {
    let lock = args.payload::<RLock>(vm)?;
    if !lock.is_mine() {
        raise!(vm, RuntimeError, "cannot release un-acquired lock");
    }
    lock.count.set(lock.count.get() - 1);
    if lock.count.get() == 0 {
        lock.free(vm);
    }
    Ok(vm.none())
}

fn locked(vm: &mut Vm, args: Args) -> NativeResult {
    Ok(vm.ret(Value::from_bool(args.payload::<RLock>(vm)?.taken.get())))
}

fn is_owned(vm: &mut Vm, args: Args) -> NativeResult {
    Ok(vm.ret(Value::from_bool(args.payload::<RLock>(vm)?.is_mine())))
}

fn recursion_count(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let lock = args.payload::<RLock>(vm)?;
    let count = if lock.is_mine() { lock.count.get() } else { 0 };
    Ok(vm.ret(vm.int(count as i64)))
}

fn release_save(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let lock = args.payload::<RLock>(vm)?;
    if lock.count.get() == 0 {
        raise!(vm, RuntimeError, "cannot release un-acquired lock");
    }
    let state = [vm.int(lock.count.get() as i64), vm.int(lock.owner.get() as i64)];
    let state = vm.tuple(&state);
    lock.free(vm);
    Ok(vm.ret(state.value()))
}

fn acquire_restore(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<RLock>(vm)?;
    let state = args.get(vm, 1).cast::<Tuple>().filter(|t| t.len() == 2);
    let count = state.and_then(|t| vm.as_i64(t.r().item(vm, 0)));
    let Some(count) = count.filter(|&n| n > 0) else {
        raise!(vm, TypeError, "_acquire_restore() takes what _release_save() gave");
    };
    take(vm, args.local(0), Some(None))?;
    lock_in(vm, args.local(0)).set(count as u64);
    Ok(vm.none())
}

fn at_fork(vm: &mut Vm, args: Args) -> NativeResult {
    let lock = args.payload::<RLock>(vm)?;
    lock.taken.set(false);
    lock.owner.set(0);
    lock.count.set(0);
    lock.queue.reset();
    Ok(vm.none())
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let lock = args.payload::<RLock>(vm)?;
    let state = if lock.count.get() > 0 { "locked" } else { "unlocked" };
    let text = format!(
        "<{state} {} object owner={} count={} at {:#x}>",
        qualified_type(vm, lock.value()),
        lock.owner.get(),
        lock.count.get(),
        vm.id(lock.value())
    );
    Ok(vm.ret(vm.str(&text).value()))
}
