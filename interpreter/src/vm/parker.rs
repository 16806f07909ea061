//! Where a thread waits for another one: a semaphore whose wait a signal interrupts.

use std::cell::UnsafeCell;
use std::sync::Arc;
use std::time::Duration;

/// Why a wait ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Woken {
    /// By [`Parker::wake`].
    Posted,
    /// The time is over.
    TimedOut,
    /// A signal came: look at a safepoint, then wait again.
    Interrupted,
}

/// A waiting place for one thread.
pub struct Parker(UnsafeCell<libc::sem_t>);

// SAFETY: POSIX semaphores are made for use by several threads.
unsafe impl Send for Parker {}
// SAFETY: as above.
unsafe impl Sync for Parker {}

impl Parker {
    /// A new one. It must not move while in use, hence the `Arc`.
    pub fn new() -> Arc<Parker> {
        // SAFETY: a semaphore is initialised in its final place before anybody uses it.
        unsafe {
            let parker = Arc::new(Parker(UnsafeCell::new(std::mem::zeroed())));
            libc::sem_init(parker.0.get(), 0, 0);
            parker
        }
    }

    /// Lets the waiting thread go on, or its next wait return at once.
    pub fn wake(&self) {
        // SAFETY: initialised in `new`.
        unsafe { libc::sem_post(self.0.get()) };
    }

    /// Waits; `None` is for ever.
    pub fn wait(&self, timeout: Option<Duration>) -> Woken {
        let end = timeout.map(|timeout| {
            // SAFETY: fills in a local struct.
            let now = unsafe {
                let mut now: libc::timespec = std::mem::zeroed();
                libc::clock_gettime(libc::CLOCK_REALTIME, &mut now);
                now
            };
            let nanos = now.tv_nsec as u64 + u64::from(timeout.subsec_nanos());
            let seconds = timeout.as_secs().saturating_add(nanos / 1_000_000_000);
            libc::timespec {
                tv_sec: now.tv_sec.saturating_add_unsigned(seconds),
                tv_nsec: (nanos % 1_000_000_000) as libc::c_long,
            }
        });
        // SAFETY: initialised in `new`; the time is a local.
        let result = unsafe {
            match &end {
                Some(end) => libc::sem_timedwait(self.0.get(), end),
                None => libc::sem_wait(self.0.get()),
            }
        };
        if result == 0 {
            return Woken::Posted;
        }
        match std::io::Error::last_os_error().raw_os_error() {
            Some(libc::ETIMEDOUT) => Woken::TimedOut,
            _ => Woken::Interrupted,
        }
    }
}

impl Drop for Parker {
    fn drop(&mut self) {
        // SAFETY: initialised in `new`; nobody waits, or they would hold an Arc.
        unsafe { libc::sem_destroy(self.0.get()) };
    }
}
