//! `_thread._ThreadHandle`: a thread that others may wait for.

use super::waiting::{Outcome, Queue, deadline, wait};
use super::{handle_in, ident_value, local, report_end};
use sidewinder_interpreter::builtins::builtin_funcs::is_callable;
use sidewinder_interpreter::builtins::{GetSetDef, TypeDef};
use sidewinder_interpreter::object::native::Payload;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::raise;
use sidewinder_interpreter::vm::stack::Global;
use sidewinder_interpreter::vm::threads::thread_ident;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm};
use std::cell::Cell;
use std::time::Instant;

/// What the thread of a handle is doing.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    NotStarted,
    Running,
    Done,
}

/// A handle.
#[derive(Trace, Default)]
pub struct Handle {
    #[trace(skip)]
    state: Cell<State>,
    #[trace(skip)]
    ident: Cell<u64>,
    #[trace(skip)]
    queue: Queue,
}

impl Payload for Handle {
    const TYPE: &'static TypeDef = &HANDLE;
}

/// The type of handles.
pub static HANDLE: TypeDef = TypeDef {
    module: "_thread",
    doc: "A thread to wait for.",
    methods: &[
        NativeDef::static_method("__new__($type, /)", new, "A handle for a thread to be started."),
        NativeDef::method("join($self, timeout=None, /)", join, "Wait until the thread has ended."),
        NativeDef::method("is_done($self, /)", is_done, "Whether the thread has ended."),
        NativeDef::method("_set_done($self, /)", set_done, "Mark the thread as ended."),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
    ],
    getset: &[GetSetDef::new("ident", ident, "The thread's number.")],
    ..TypeDef::new("_ThreadHandle", Kind::Native)
};

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let class = args.class(vm, 0)?;
    Ok(vm.ret(vm.native_of_shape(class.shape.get(), Handle::default()).value()))
}

/// `_make_thread_handle(ident)`
pub fn of_running(vm: &mut Vm, args: Args) -> NativeResult {
    let ident = vm.index_i64(args.local(0))? as u64;
    let vm = &*vm;
    let handle =
        Handle { state: Cell::new(State::Running), ident: Cell::new(ident), ..Default::default() };
    Ok(vm.ret(vm.native(handle).value()))
}

/// A thread that has been started and has not ended.
struct Live {
    handle: Global,
    daemon: bool,
}

/// All such threads. The end of the program waits for those that are no daemons.
#[derive(Default)]
struct Threads(Vec<Live>);

/// `start_joinable_thread(function, handle=None, daemon=True)`
pub fn start_joinable(vm: &mut Vm, args: Args) -> NativeResult {
    if !is_callable(vm, args.get(vm, 0)) {
        raise!(vm, TypeError, "thread function must be callable");
    }
    let handle = match args.not_none(vm, 1) {
        Some(given) if given.payload::<Handle>().is_some() => args.local(1),
        Some(_) => raise!(vm, TypeError, "'handle' must be a _ThreadHandle"),
        None => vm.root(vm.native(Handle::default()).value()),
    };
    if handle_in(vm, handle).state.get() != State::NotStarted {
        raise!(vm, RuntimeError, "thread already started");
    }
    let daemon = match args.opt(vm, 2) {
        Some(_) => vm.truth(args.local(2))?,
        None => true,
    };
    let nothing = vm.root(Value::NONE);
    let ident =
        vm.start_thread([args.local(0), handle, nothing], |vm, [function, handle, _]| {
            if let Err(raised) = vm.call(function, &[]) {
                report_end(vm, raised, function);
            }
            local::thread_ended(vm);
            end(vm, handle);
        })?;
    let started = handle_in(vm, handle);
    started.ident.set(ident);
    started.state.set(State::Running);
    let live = Live { handle: vm.global(vm.get(handle)), daemon };
    vm.with_extension(|threads: &mut Threads| threads.0.push(live));
    Ok(vm.ret(vm.get(handle)))
}

/// The thread of the handle has ended: wakes those who wait for it.
fn end(vm: &Vm, handle: Local) {
    let h = handle_in(vm, handle);
    h.state.set(State::Done);
    h.queue.wake_all(vm);
    let me = vm.get(handle);
    retain(vm, |live| vm.get_global(&live.handle) != me);
}

/// Forgets the threads that are not `wanted`.
fn retain(vm: &Vm, wanted: impl Fn(&Live) -> bool) {
    // Taken out first: the roots of the VM are not touched while the list is borrowed.
    let all = vm.with_extension(|threads: &mut Threads| std::mem::take(&mut threads.0));
    let rest: Vec<Live> = all.into_iter().filter(wanted).collect();
    vm.with_extension(|threads: &mut Threads| threads.0.extend(rest));
}

/// In a child process that has just been forked no other thread has come along.
pub fn after_fork_in_child(vm: &Vm) {
    retain(vm, |live| {
        let Some(handle) = vm.get_global(&live.handle).payload::<Handle>() else { return false };
        let own = handle.ident.get() == thread_ident();
        if !own {
            handle.state.set(State::Done);
        }
        own
    });
}

fn wait_for(vm: &mut Vm, handle: Local, end: Option<Instant>) -> Result<bool, Raised> {
    if handle_in(vm, handle).state.get() == State::Done {
        return Ok(true);
    }
    let outcome = wait(vm, handle, |vm, h| &handle_in(vm, h).r().queue, end)?;
    Ok(matches!(outcome, Outcome::Woken))
}

fn join(vm: &mut Vm, args: Args) -> NativeResult {
    let handle = args.payload::<Handle>(vm)?;
    match handle.state.get() {
        State::NotStarted => raise!(vm, RuntimeError, "thread not started"),
        State::Running if handle.ident.get() == thread_ident() => {
            raise!(vm, RuntimeError, "Cannot join current thread")
        }
        _ => {}
    }
    let end = match args.not_none(vm, 1) {
        None => None,
        Some(_) => {
            let seconds = vm.float_of(args.local(1))?;
            if seconds < 0.0 { None } else { deadline(vm, true, seconds)?.flatten() }
        }
    };
    wait_for(vm, args.local(0), end)?;
    if vm.is_main_thread() {
        // The thread may have called `interrupt_main`.
        vm.safepoint()?;
    }
    Ok(vm.none())
}

/// `_shutdown()`: waits for all threads that are no daemons.
pub fn shutdown(vm: &mut Vm, _: Args) -> NativeResult {
    loop {
        let next = vm.with_extension(|threads: &mut Threads| {
            let at = threads.0.iter().rposition(|live| !live.daemon)?;
            Some(threads.0.swap_remove(at))
        });
        let Some(next) = next else { return Ok(vm.none()) };
        let handle = vm.root(vm.get_global(&next.handle));
        drop(next);
        if handle_in(vm, handle).ident.get() != thread_ident() {
            wait_for(vm, handle, None)?;
        }
    }
}

fn is_done(vm: &mut Vm, args: Args) -> NativeResult {
    let done = args.payload::<Handle>(vm)?.state.get() == State::Done;
    Ok(vm.ret(Value::from_bool(done)))
}

fn set_done(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Handle>(vm)?;
    end(vm, args.local(0));
    Ok(vm.none())
}

fn ident(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(ident_value(vm, args.payload::<Handle>(vm)?.ident.get())))
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let handle = args.payload::<Handle>(vm)?;
    let text = format!("<_ThreadHandle object: ident={}>", handle.ident.get());
    Ok(vm.ret(vm.str(&text).value()))
}
