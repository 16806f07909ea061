//! The module `_signal`: what happens when the system sends a signal.
//!
//! A handler of the system's only notes the signal; Python's handlers run at the main thread's next
//! safepoint.

use crate::posix::support::{blocking, c_int, check, done, errno, error, sys};
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::builtins::builtin_funcs::is_callable;
use sidewinder_interpreter::vm::safepoint::POLL_SIGNAL;
use sidewinder_interpreter::vm::stack::Global;
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm, raise};
use std::mem::MaybeUninit;
use std::ptr::null_mut;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU32, Ordering};

/// The declaration.
pub static SIGNAL: ModuleDef = ModuleDef {
    name: "_signal",
    doc: "What happens when the system sends a signal.",
    functions: &[
        NativeDef::function("signal(signalnum, handler, /)", signal, "Set a handler; the old one."),
        NativeDef::function("getsignal(signalnum, /)", getsignal, "The handler of a signal."),
        NativeDef::function(
            "default_int_handler(signalnum, frame, /)",
            interrupt,
            "Raise KeyboardInterrupt.",
        ),
        NativeDef::function(
            "raise_signal(signalnum, /)",
            raise_signal,
            "Send this process a signal.",
        ),
        NativeDef::function("alarm(seconds, /)", alarm, "Have SIGALRM sent later."),
        NativeDef::function(
            "setitimer(which, seconds, interval=0.0, /)",
            setitimer,
            "Set a timer.",
        ),
        NativeDef::function("getitimer(which, /)", getitimer, "The state of a timer."),
        NativeDef::function("pause()", pause, "Wait for a signal."),
        NativeDef::function(
            "set_wakeup_fd(fd, /, *, warn_on_full_buffer=True)",
            set_wakeup_fd,
            "Where signals are written.",
        ),
        NativeDef::function(
            "siginterrupt(signalnum, flag, /)",
            siginterrupt,
            "Whether calls are interrupted.",
        ),
        NativeDef::function("strsignal(signalnum, /)", strsignal, "A description of a signal."),
        NativeDef::function("valid_signals()", valid_signals, "The signals there are."),
        NativeDef::function(
            "pthread_kill(thread_id, signalnum, /)",
            pthread_kill,
            "Signal a thread.",
        ),
        NativeDef::function("pthread_sigmask(how, mask, /)", sigmask, "Block signals."),
        NativeDef::function("sigpending()", sigpending, "Signals that are blocked and wait."),
        NativeDef::function("sigwait(sigset, /)", sigwait, "Wait for one of these."),
    ],
    types: &[],
    exec: Some(exec),
};

/// Number of signals, and one.
const NSIG: usize = 65;

static NOTED: [AtomicBool; NSIG] = [const { AtomicBool::new(false) }; NSIG];
/// The poll word of the VM that gets the signals.
static POLL: AtomicPtr<AtomicU32> = AtomicPtr::new(null_mut());
static WAKEUP: AtomicI32 = AtomicI32::new(-1);

extern "C" fn note(signal: libc::c_int) {
    let saved = errno();
    if let Some(noted) = NOTED.get(signal as usize) {
        noted.store(true, Ordering::Relaxed);
    }
    let poll = POLL.load(Ordering::Relaxed);
    if !poll.is_null() {
        // SAFETY: `exec` has leaked the Arc, so the word lives for ever.
        unsafe { (*poll).fetch_or(POLL_SIGNAL, Ordering::Relaxed) };
    }
    let fd = WAKEUP.load(Ordering::Relaxed);
    if fd >= 0 {
        let byte = signal as u8;
        sys!(libc::write(fd, (&raw const byte).cast(), 1));
    }
    sys!(*libc::__errno_location() = saved);
}

/// Python's handlers; `None` where Python has set none.
#[derive(Default)]
struct Handlers(Vec<Option<Global>>);

macro_rules! numbers {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name as i32)),*] };
}

const NUMBERS: &[(&str, i32)] = numbers! {
    SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGIOT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2
    SIGPIPE SIGALRM SIGTERM SIGSTKFLT SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU
    SIGXFSZ SIGVTALRM SIGPROF SIGWINCH SIGIO SIGPOLL SIGPWR SIGSYS
    SIG_BLOCK SIG_UNBLOCK SIG_SETMASK ITIMER_REAL ITIMER_VIRTUAL ITIMER_PROF
};

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    for (name, n) in NUMBERS {
        vm.module_set(module, name, Value::from_i32(*n));
    }
    let more = [
        ("SIG_DFL", 0),
        ("SIG_IGN", 1),
        ("NSIG", NSIG as i32),
        ("SIGCLD", libc::SIGCHLD),
        ("SIGRTMIN", libc::SIGRTMIN()),
        ("SIGRTMAX", libc::SIGRTMAX()),
    ];
    for (name, n) in more {
        vm.module_set(module, name, Value::from_i32(n));
    }
    vm.module_set(module, "ItimerError", vm.class(ClassId::OSError).value());
    if POLL.load(Ordering::Relaxed).is_null() {
        POLL.store(Arc::into_raw(vm.poll_flag()).cast_mut(), Ordering::Relaxed);
    }
    let name = vm.root(vm.intern("default_int_handler").value());
    let interrupt = vm.getattr(module, name)?;
    let interrupt = vm.hold(interrupt);
    let vm_ = &*vm;
    let mut handlers: Vec<Option<Global>> = (0..NSIG).map(|_| None).collect();
    for (n, slot) in handlers.iter_mut().enumerate().skip(1) {
        let value = match installed(n as i32) {
            Some(libc::SIG_DFL) => Value::from_i32(0),
            Some(libc::SIG_IGN) => Value::from_i32(1),
            Some(_) if n as i32 == libc::SIGINT => vm_.get(interrupt),
            _ => continue,
        };
        *slot = Some(vm_.global(value));
    }
    vm_.with_extension(|h: &mut Handlers| h.0 = handlers);
    vm.set_signal_hook(run_handlers);
    Ok(())
}

/// What the system does about a signal now.
fn installed(signal: i32) -> Option<usize> {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    match sys!(libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr())) {
        0 => Some(sys!(action.assume_init()).sa_sigaction),
        _ => None,
    }
}

fn install(signal: i32, handler: usize) -> i32 {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // Without SA_RESTART blocked calls return, so that handlers run.
    let mut action = sys!({
        libc::sigemptyset(&raw mut (*action.as_mut_ptr()).sa_mask);
        action.assume_init()
    });
    action.sa_sigaction = handler;
    sys!(libc::sigaction(signal, &action, null_mut()))
}

/// Runs Python's handlers of the signals that were noted.
fn run_handlers(vm: &mut Vm) -> Result<(), Raised> {
    let mut any = false;
    for (n, noted) in NOTED.iter().enumerate().skip(1) {
        if noted.swap(false, Ordering::Relaxed) {
            any = true;
            if let Err(raised) = run_handler(vm, n) {
                // The others wait for the next safepoint.
                if NOTED.iter().any(|noted| noted.load(Ordering::Relaxed)) {
                    vm.poll_flag().fetch_or(POLL_SIGNAL, Ordering::Relaxed);
                }
                return Err(raised);
            }
        }
    }
    if !any {
        // Ctrl-C, noted by the program itself.
        return run_handler(vm, libc::SIGINT as usize);
    }
    Ok(())
}

fn run_handler(vm: &mut Vm, n: usize) -> Result<(), Raised> {
    vm.scope(|vm| {
        let handler = {
            let vm = &*vm;
            vm.with_extension(|h: &mut Handlers| {
                h.0.get(n).and_then(|h| h.as_ref()).map(|g| vm.root(vm.get_global(g)))
            })
        };
        let Some(handler) = handler else { return Ok(()) };
        if !is_callable(vm, vm.get(handler)) {
            return Ok(());
        }
        let number = vm.root(Value::from_i32(n as i32));
        let frame = vm.frame_object(vm.frame_depth()).unwrap_or(Value::NONE);
        let frame = vm.root(frame);
        vm.call(handler, &[number, frame]).map(|_| ())
    })
}

/// Has Python's handler of a signal run soon, as if the signal had come; nothing happens when the
/// signal has none.
pub(crate) fn simulate(vm: &Vm, n: i32) {
    let handler = handler_value(vm, n);
    if is_callable(vm, handler) {
        note(n);
    }
}

fn number(vm: &mut Vm, args: Args, i: usize) -> Result<i32, Raised> {
    match c_int(vm, args, i)? {
        n @ 1..=64 => Ok(n),
        _ => raise!(vm, ValueError, "signal number out of range"),
    }
}

fn handler_value<'gc>(vm: &'gc Vm, n: i32) -> Value<'gc> {
    vm.with_extension(|h: &mut Handlers| {
        h.0.get(n as usize).and_then(|h| h.as_ref()).map_or(Value::NONE, |g| vm.get_global(g))
    })
}

fn signal(vm: &mut Vm, args: Args) -> NativeResult {
    if !vm.is_main_thread() {
        raise!(vm, ValueError, "signal only works in main thread of the main interpreter");
    }
    let n = number(vm, args, 0)?;
    let vm_ = &*vm;
    let handler = args.get(vm_, 1);
    let action = match vm_.as_i64(handler).filter(|_| vm_.is_int(handler)) {
        Some(0) => libc::SIG_DFL,
        Some(1) => libc::SIG_IGN,
        _ if is_callable(vm_, handler) => note as *const () as usize,
        _ => raise!(
            vm,
            TypeError,
            "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object"
        ),
    };
    check(vm_, install(n, action), &[])?;
    let old = handler_value(vm_, n);
    let new = vm_.global(handler);
    let replaced = vm_
        .with_extension(|h: &mut Handlers| h.0.get_mut(n as usize).map(|place| place.replace(new)));
    drop(replaced);
    Ok(vm_.ret(old))
}

fn getsignal(vm: &mut Vm, args: Args) -> NativeResult {
    let n = number(vm, args, 0)?;
    let vm = &*vm;
    Ok(vm.ret(handler_value(vm, n)))
}

fn interrupt(vm: &mut Vm, _: Args) -> NativeResult {
    Err(vm.raise_args(ClassId::KeyboardInterrupt, &[]))
}

fn raise_signal(vm: &mut Vm, args: Args) -> NativeResult {
    let n = c_int(vm, args, 0)?;
    check(vm, sys!(libc::raise(n)), &[])?;
    vm.safepoint()?;
    Ok(vm.none())
}

fn alarm(vm: &mut Vm, args: Args) -> NativeResult {
    let seconds = c_int(vm, args, 0)?;
    let left = sys!(libc::alarm(seconds as u32));
    Ok(vm.ret(vm.int(left.into())))
}

fn timeval(vm: &mut Vm, args: Args, i: usize) -> Result<libc::timeval, Raised> {
    let seconds = match args.opt(vm, i) {
        Some(_) => vm.float_of(args.local(i))?,
        None => 0.0,
    };
    if !(-1e15..1e15).contains(&seconds) {
        raise!(vm, OverflowError, "timestamp out of range for platform time_t");
    }
    let micros = (seconds * 1e6).round() as i64;
    let micros = if seconds > 0.0 { micros.max(1) } else { micros };
    Ok(libc::timeval {
        tv_sec: micros.div_euclid(1_000_000),
        tv_usec: micros.rem_euclid(1_000_000),
    })
}

fn timer_value(vm: &Vm, timer: &libc::itimerval) -> NativeResult {
    let seconds = |t: libc::timeval| vm.float(t.tv_sec as f64 + t.tv_usec as f64 * 1e-6);
    let items = [seconds(timer.it_value), seconds(timer.it_interval)];
    Ok(vm.ret(vm.tuple(&items).value()))
}

fn setitimer(vm: &mut Vm, args: Args) -> NativeResult {
    let which = c_int(vm, args, 0)?;
    let new =
        libc::itimerval { it_value: timeval(vm, args, 1)?, it_interval: timeval(vm, args, 2)? };
    let mut old = new;
    check(vm, sys!(libc::setitimer(which as _, &new, &mut old)), &[])?;
    timer_value(vm, &old)
}

fn getitimer(vm: &mut Vm, args: Args) -> NativeResult {
    let which = c_int(vm, args, 0)?;
    let mut timer = MaybeUninit::<libc::itimerval>::zeroed();
    check(vm, sys!(libc::getitimer(which as _, timer.as_mut_ptr())), &[])?;
    timer_value(vm, &sys!(timer.assume_init()))
}

fn pause(vm: &mut Vm, _: Args) -> NativeResult {
    vm.interruptible(|| sys!(libc::pause()))?;
    vm.safepoint()?;
    Ok(vm.none())
}

fn set_wakeup_fd(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = c_int(vm, args, 0)?;
    if !vm.is_main_thread() {
        raise!(vm, ValueError, "set_wakeup_fd only works in main thread of the main interpreter");
    }
    if fd >= 0 {
        let flags = check(vm, sys!(libc::fcntl(fd, libc::F_GETFL)), &[])?;
        if flags as i32 & libc::O_NONBLOCK == 0 {
            raise!(vm, ValueError, "the fd {fd} must be in non-blocking mode");
        }
    }
    let old = WAKEUP.swap(fd, Ordering::Relaxed);
    Ok(vm.ret(Value::from_i32(old)))
}

fn siginterrupt(vm: &mut Vm, args: Args) -> NativeResult {
    let (n, flag) = (number(vm, args, 0)?, c_int(vm, args, 1)?);
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    check(vm, sys!(libc::sigaction(n, std::ptr::null(), action.as_mut_ptr())), &[])?;
    let mut action = sys!(action.assume_init());
    if flag != 0 {
        action.sa_flags &= !libc::SA_RESTART;
    } else {
        action.sa_flags |= libc::SA_RESTART;
    }
    done(vm, sys!(libc::sigaction(n, &action, null_mut())), &[])
}

fn strsignal(vm: &mut Vm, args: Args) -> NativeResult {
    let n = number(vm, args, 0)?;
    let text = sys!(libc::strsignal(n));
    if text.is_null() {
        return Ok(vm.none());
    }
    let text = sys!(std::ffi::CStr::from_ptr(text)).to_string_lossy().into_owned();
    if text.starts_with("Unknown signal") {
        return Ok(vm.none());
    }
    Ok(vm.ret(vm.str(&text).value()))
}

/// A set of signal numbers.
fn set_of(vm: &mut Vm, numbers: impl Iterator<Item = i32>) -> NativeResult {
    let set = vm.root(vm.new_set().value());
    for n in numbers {
        let n = vm.root(Value::from_i32(n));
        vm.set_add(set, n)?;
    }
    Ok(vm.ret(vm.get(set)))
}

fn members(mask: &libc::sigset_t) -> Vec<i32> {
    (1..NSIG as i32).filter(|n| sys!(libc::sigismember(mask, *n)) == 1).collect()
}

fn valid_signals(vm: &mut Vm, _: Args) -> NativeResult {
    let (low, high) = (libc::SIGRTMIN(), libc::SIGRTMAX());
    set_of(vm, (1..32).chain(low..=high))
}

fn mask_arg(vm: &mut Vm, args: Args, i: usize) -> Result<libc::sigset_t, Raised> {
    let mut mask = MaybeUninit::<libc::sigset_t>::zeroed();
    sys!(libc::sigemptyset(mask.as_mut_ptr()));
    let mut mask = sys!(mask.assume_init());
    vm.iterate(args.local(i), |vm, item| {
        let n = vm.index_i64(item)?;
        if !(1..NSIG as i64).contains(&n) {
            raise!(vm, ValueError, "signal number {n} out of range [1; 64]");
        }
        sys!(libc::sigaddset(&mut mask, n as i32));
        Ok(())
    })?;
    Ok(mask)
}

fn pthread_kill(vm: &mut Vm, args: Args) -> NativeResult {
    let thread = vm.index_i64(args.local(0))?;
    let n = c_int(vm, args, 1)?;
    let code = sys!(libc::pthread_kill(thread as libc::pthread_t, n));
    if code != 0 {
        return Err(error(vm, code, &[]));
    }
    vm.safepoint()?;
    Ok(vm.none())
}

fn sigmask(vm: &mut Vm, args: Args) -> NativeResult {
    let how = c_int(vm, args, 0)?;
    let mask = mask_arg(vm, args, 1)?;
    let mut old = mask;
    let code = sys!(libc::pthread_sigmask(how, &mask, &mut old));
    if code != 0 {
        return Err(error(vm, code, &[]));
    }
    vm.safepoint()?;
    set_of(vm, members(&old).into_iter())
}

fn sigpending(vm: &mut Vm, _: Args) -> NativeResult {
    let mut mask = MaybeUninit::<libc::sigset_t>::zeroed();
    check(vm, sys!(libc::sigpending(mask.as_mut_ptr())), &[])?;
    set_of(vm, members(&sys!(mask.assume_init())).into_iter())
}

fn sigwait(vm: &mut Vm, args: Args) -> NativeResult {
    let mask = mask_arg(vm, args, 0)?;
    let mut n = 0;
    let code = blocking(vm, &[], || sys!(libc::sigwait(&mask, &mut n)))?;
    if code != 0 {
        return Err(error(vm, code as i32, &[]));
    }
    Ok(vm.ret(Value::from_i32(n)))
}
