//! Python threads: OS threads that take turns with one VM.
//!
//! Each thread has a value stack, frames and exception registers of its own ([`ThreadState`]). Those
//! of the thread whose turn it is are in the VM itself, where the loop finds them without looking
//! further; those of the others are parked and are roots. A turn ends only where `&mut Vm` is held
//! ([`Vm::blocking`], a safepoint), so to the code between two such places other threads look like
//! any other call that may run Python: the rooting rule covers them.

use super::frame::Frame;
use super::native::{Local, Raised};
use super::stack::Stack;
use super::tracing::Tracing;
use super::{Vm, safepoint::POLL_SWITCH};
use crate::builtins::ClassId;
use crate::object::{Slot, Tracer};
use crate::value::{Word, word};
use std::os::unix::thread::JoinHandleExt;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Native stack of a thread that Python starts, unless asked for another size.
pub(super) const NATIVE_STACK: usize = 16 << 20;
/// What of it the VM does not use itself.
const NATIVE_MARGIN: usize = 1 << 20;

/// What belongs to one thread.
struct ThreadState {
    stack: Stack,
    top: *mut Frame,
    native_floor: usize,
    result: Slot,
    exception: Slot,
    handled: Slot,
    context: Slot,
    frames: Vec<Slot>,
    tracing: Tracing,
}

impl ThreadState {
    /// The state of a thread that is to start with these values in its first slots.
    fn new(words: &[Word]) -> ThreadState {
        let stack = Stack::with_sentinel();
        for (i, &w) in words.iter().enumerate() {
            // SAFETY: the first slots of a fresh stack.
            unsafe { stack.at(i as u32).write(w) };
        }
        stack.end.set(words.len() as u32);
        ThreadState {
            top: stack.sentinel(),
            stack,
            native_floor: 0,
            result: Slot::new(word::NONE),
            exception: Slot::new(word::UNBOUND),
            handled: Slot::new(word::NONE),
            context: Slot::new(word::UNBOUND),
            frames: Vec::new(),
            tracing: Tracing::default(),
        }
    }
}

/// The threads of a VM.
pub(crate) struct Threads {
    turn: Arc<TurnLock>,
    /// The thread whose state is in the VM.
    current: u64,
    /// That thread has ended: its state goes when the next one comes.
    ended: bool,
    /// The thread that gets signals.
    main: u64,
    /// Threads alive, the main one included.
    alive: usize,
    /// A signal came while another thread than the main one had its turn.
    signal: bool,
    /// States of the other threads.
    parked: Vec<(u64, ThreadState)>,
    /// Native stack of new threads.
    native_stack: usize,
}

impl Threads {
    pub(crate) fn new(poll: Arc<AtomicU32>) -> Threads {
        let me = thread_ident();
        Threads {
            turn: Arc::new(TurnLock::new(poll)),
            current: me,
            ended: false,
            main: me,
            alive: 1,
            signal: false,
            parked: Vec::new(),
            native_stack: NATIVE_STACK,
        }
    }

    /// Visits what the waiting threads keep alive.
    pub(crate) fn trace(&self, tracer: &mut Tracer<'_>) {
        for (_, state) in &self.parked {
            let (words, count) = state.stack.words();
            tracer.words(words, count);
            let registers = [&state.result, &state.exception, &state.handled, &state.context];
            for slot in registers.into_iter().chain(&state.frames) {
                tracer.slot(slot);
            }
            state.tracing.trace(tracer);
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // Daemon threads must never get another turn.
        self.turn.lock().closed = true;
    }
}

/// Number of the calling OS thread, as `threading.get_ident()` shows it.
pub fn thread_ident() -> u64 {
    // SAFETY: only asks.
    unsafe { libc::pthread_self() as u64 }
}

/// Whose turn it is.
struct Turn {
    taken: bool,
    /// The VM, lent by the thread that gave up its turn last.
    vm: *mut Vm,
    waiting: usize,
    /// Turns taken so far.
    count: u64,
    /// The VM is gone.
    closed: bool,
}

// SAFETY: the pointer is only used by the thread that has taken the turn.
unsafe impl Send for Turn {}

/// The interpreter lock.
struct TurnLock {
    turn: Mutex<Turn>,
    given_up: Condvar,
    taken: Condvar,
    poll: Arc<AtomicU32>,
    /// How long a thread waits before it asks for its turn, in microseconds.
    interval: AtomicU64,
}

impl TurnLock {
    fn new(poll: Arc<AtomicU32>) -> TurnLock {
        let turn =
            Turn { taken: true, vm: std::ptr::null_mut(), waiting: 0, count: 0, closed: false };
        TurnLock {
            turn: Mutex::new(turn),
            given_up: Condvar::new(),
            taken: Condvar::new(),
            poll,
            interval: AtomicU64::new(5000),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn; the VM. Never returns when that is gone.
    fn take(&self) -> *mut Vm {
        let interval = Duration::from_micros(self.interval.load(Ordering::Relaxed));
        let mut turn = self.lock();
        turn.waiting += 1;
        while turn.taken || turn.closed {
            if turn.closed {
                turn = self.given_up.wait(turn).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let seen = turn.count;
            let waited = self.given_up.wait_timeout(turn, interval);
            let (next, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            turn = next;
            if timeout.timed_out() && turn.taken && turn.count == seen {
                self.poll.fetch_or(POLL_SWITCH, Ordering::Relaxed);
            }
        }
        turn.waiting -= 1;
        turn.taken = true;
        turn.count += 1;
        self.taken.notify_all();
        turn.vm
    }

    fn give_up(&self, vm: *mut Vm) {
        let mut turn = self.lock();
        turn.taken = false;
        turn.vm = vm;
        self.given_up.notify_one();
    }

    /// Gives the turn up until another thread has had it, if one waits.
    fn hand_over(&self, vm: *mut Vm) {
        let mut turn = self.lock();
        if turn.waiting > 0 {
            turn.taken = false;
            turn.vm = vm;
            let before = turn.count;
            self.given_up.notify_one();
            while turn.count == before {
                turn = self.taken.wait(turn).unwrap_or_else(PoisonError::into_inner);
            }
            drop(turn);
            self.take();
        }
    }
}

/// A turn given up by [`Vm::give_up_turn`].
pub struct Absence(Option<Arc<TurnLock>>);

impl Absence {
    /// Waits for the next turn of the thread that gave the last one up.
    pub fn end(self) {
        if let Some(turn) = self.0 {
            // SAFETY: the turn comes with the VM, which nobody else uses during it.
            unsafe { &mut *turn.take() }.enter_thread();
        }
    }
}

/// What a new thread does with the values it was given.
type Body = Box<dyn FnOnce(&mut Vm, [Local; 3]) + Send>;

impl Vm {
    /// Runs `wait` (a system call that may take long, a wait for another thread) while other
    /// threads have the VM. Everything may move meanwhile.
    pub fn blocking<R>(&mut self, wait: impl FnOnce() -> R) -> R {
        if self.threads.alive == 1 {
            return wait();
        }
        let turn = self.threads.turn.clone();
        turn.give_up(self);
        let result = wait();
        turn.take();
        self.enter_thread();
        result
    }

    /// As [`Vm::blocking`], for a wait that a signal ends: handlers of those that came before run first, since
    /// such a signal would not end it.
    ///
    /// # Errors
    /// What a signal handler raises.
    pub fn interruptible<R>(&mut self, wait: impl FnOnce() -> R) -> Result<R, Raised> {
        self.safepoint()?;
        Ok(self.blocking(wait))
    }

    /// Lets other threads have the VM until [`Absence::end`]; this thread must not use it meanwhile.
    /// Everything may move.
    pub fn give_up_turn(&mut self) -> Absence {
        if self.threads.alive == 1 {
            return Absence(None);
        }
        let turn = self.threads.turn.clone();
        turn.give_up(self);
        Absence(Some(turn))
    }

    /// Lets another thread run, if one waits for its turn.
    pub fn yield_turn(&mut self) {
        if self.threads.alive > 1 {
            let turn = self.threads.turn.clone();
            turn.hand_over(self);
            self.enter_thread();
        }
    }

    /// Brings the state of the calling thread, which has just got its turn, into the VM.
    fn enter_thread(&mut self) {
        let me = thread_ident();
        if self.threads.current == me && !self.threads.ended {
            return;
        }
        let mine = self.threads.parked.iter().position(|(id, _)| *id == me);
        let (_, mut state) = self.threads.parked.swap_remove(mine.expect("a thread of this VM"));
        let limit = self.recursion_limit();
        std::mem::swap(&mut self.stack, &mut state.stack);
        std::mem::swap(&mut self.top, &mut state.top);
        std::mem::swap(&mut self.native_floor, &mut state.native_floor);
        std::mem::swap(&mut self.roots.result, &mut state.result);
        std::mem::swap(&mut self.roots.exception, &mut state.exception);
        std::mem::swap(&mut self.roots.handled, &mut state.handled);
        std::mem::swap(&mut self.roots.context, &mut state.context);
        std::mem::swap(self.roots.frames.get_mut(), &mut state.frames);
        std::mem::swap(&mut self.tracing, &mut state.tracing);
        self.tracing.refresh(&self.monitoring);
        self.set_recursion_limit(limit);
        let other = std::mem::replace(&mut self.threads.current, me);
        if !std::mem::take(&mut self.threads.ended) {
            self.threads.parked.push((other, state));
        }
        if self.is_main_thread() && std::mem::take(&mut self.threads.signal) {
            self.poll.fetch_or(super::safepoint::POLL_SIGNAL, Ordering::Relaxed);
        }
    }

    /// Whether the running thread is the one that signals go to.
    pub fn is_main_thread(&self) -> bool {
        self.threads.current == self.threads.main
    }

    /// Number of the main thread.
    pub fn main_thread_ident(&self) -> u64 {
        self.threads.main
    }

    /// Threads alive, the main one included.
    pub fn thread_count(&self) -> usize {
        self.threads.alive
    }

    /// Keeps a signal that came during another thread's turn for the main thread.
    pub(super) fn keep_signal(&mut self) {
        self.threads.signal = true;
    }

    /// Native stack of threads started from now on, in bytes; 0 is the usual size.
    pub fn set_thread_stack(&mut self, bytes: usize) {
        let usual = if bytes == 0 { NATIVE_STACK } else { bytes };
        // A deep recursion needs its margin besides what was asked for.
        self.threads.native_stack = usual.max(4 * NATIVE_MARGIN);
    }

    /// `sys.setswitchinterval`
    pub fn set_switch_interval(&mut self, interval: Duration) {
        let micros = interval.as_micros().clamp(1, u64::MAX.into()) as u64;
        self.threads.turn.interval.store(micros, Ordering::Relaxed);
    }

    /// `sys.getswitchinterval`
    pub fn switch_interval(&self) -> Duration {
        Duration::from_micros(self.threads.turn.interval.load(Ordering::Relaxed))
    }

    /// Starts a thread that runs `body` with these values; its number.
    ///
    /// Signals that are not faults go to the main thread only: they are blocked in the new one.
    ///
    /// # Errors
    /// RuntimeError when the system has no more threads.
    pub fn start_thread(
        &mut self,
        values: [Local; 3],
        body: impl FnOnce(&mut Vm, [Local; 3]) + Send + 'static,
    ) -> Result<u64, Raised> {
        let body: Body = Box::new(body);
        let words = values.map(|l| self.get(l).word());
        let turn = self.threads.turn.clone();
        let size = self.threads.native_stack;
        let builder = std::thread::Builder::new().stack_size(size);
        let blocked = BlockedSignals::new();
        let started = builder.spawn(move || run_thread(&turn, size, body));
        drop(blocked);
        let Ok(handle) = started else {
            return Err(self.raise(ClassId::RuntimeError, "can't start new thread"));
        };
        // The new thread waits for its turn, which this one has.
        let ident = handle.as_pthread_t();
        self.threads.alive += 1;
        self.threads.parked.push((ident, ThreadState::new(&words)));
        Ok(ident)
    }

    /// The calling thread is the only one in a child process that has just been forked.
    pub fn after_fork_in_child(&mut self) {
        let old = std::mem::replace(&mut self.threads, Threads::new(self.poll.clone()));
        // The lock may have been held by a thread that is not here: it must not be touched again.
        std::mem::forget(old);
    }
}

/// A new thread: waits for its first turn, runs, and leaves.
fn run_thread(turn: &Arc<TurnLock>, native_stack: usize, body: Body) {
    let vm = turn.take();
    // SAFETY: the thread that gave its turn up has lent the VM (it passed its own `&mut Vm` and waits
    // for the lock before it uses that again), and the VM outlives the turn: `take` does not
    // return once it is gone.
    let vm = unsafe { &mut *vm };
    vm.enter_thread();
    vm.set_native_stack(native_stack - NATIVE_MARGIN);
    body(vm, [Local(0), Local(1), Local(2)]);
    vm.threads.ended = true;
    vm.threads.alive -= 1;
    turn.give_up(vm);
}

/// All asynchronous signals blocked for the calling thread, until dropped.
pub(super) struct BlockedSignals(libc::sigset_t);

impl BlockedSignals {
    pub(super) fn new() -> BlockedSignals {
        // SAFETY: local signal sets, filled before they are used.
        unsafe {
            let mut old = std::mem::zeroed();
            let mut set = std::mem::zeroed();
            libc::sigfillset(&mut set);
            for fault in [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGABRT] {
                libc::sigdelset(&mut set, fault);
            }
            libc::pthread_sigmask(libc::SIG_BLOCK, &set, &mut old);
            BlockedSignals(old)
        }
    }
}

impl Drop for BlockedSignals {
    fn drop(&mut self) {
        // SAFETY: the set that was in force before.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.0, std::ptr::null_mut()) };
    }
}
