//! Ctrl-C: SIGINT becomes KeyboardInterrupt at the next safepoint.

use sidewinder_interpreter::Vm;
use sidewinder_interpreter::vm::safepoint::POLL_SIGNAL;
use std::ptr::null_mut;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

/// The poll word of the VM that gets the signal.
static POLL: AtomicPtr<AtomicU32> = AtomicPtr::new(null_mut());

extern "C" fn on_interrupt(_: libc::c_int) {
    let poll = POLL.load(Ordering::Relaxed);
    if !poll.is_null() {
        // SAFETY: `install` has leaked the Arc, so the word lives for ever.
        unsafe { (*poll).fetch_or(POLL_SIGNAL, Ordering::Relaxed) };
    }
}

/// Blocks all signals for the calling thread; the signals that were blocked before.
pub fn block_all() -> libc::sigset_t {
    // SAFETY: local signal sets, filled before they are used.
    unsafe {
        let (mut all, mut before) = (std::mem::zeroed(), std::mem::zeroed());
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_BLOCK, &all, &mut before);
        before
    }
}

/// Blocks those signals, and no others, for the calling thread.
pub fn restore(blocked: &libc::sigset_t) {
    // SAFETY: a set that the system has filled in.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, blocked, null_mut()) };
}

/// Whether the process was started with SIGINT ignored (`nohup`, a background job).
fn is_ignored() -> bool {
    // SAFETY: only asks.
    unsafe {
        let mut old: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGINT, std::ptr::null(), &mut old) == 0
            && old.sa_sigaction == libc::SIG_IGN
    }
}

/// Makes Ctrl-C interrupt this VM, and system calls of its thread.
pub fn install(vm: &Vm) {
    if is_ignored() {
        return;
    }
    POLL.store(Arc::into_raw(vm.poll_flag()).cast_mut(), Ordering::Relaxed);
    set_handler(on_interrupt as *const () as libc::sighandler_t);
}

fn set_handler(handler: libc::sighandler_t) {
    // SAFETY: the handler only stores to an atomic; without SA_RESTART blocked calls return.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler;
        libc::sigemptyset(&mut action.sa_mask);
        libc::sigaction(libc::SIGINT, &action, null_mut());
    }
}

/// Ends the process by SIGINT, so that a shell sees why it ended.
pub fn die_of_interrupt() -> ! {
    set_handler(libc::SIG_DFL);
    // SAFETY: no memory is involved.
    unsafe { libc::kill(libc::getpid(), libc::SIGINT) };
    // The signal may be handled by another thread a moment later.
    std::thread::sleep(std::time::Duration::from_millis(100));
    std::process::exit(130)
}
