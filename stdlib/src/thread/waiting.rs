//! Threads that wait for something under the interpreter lock: in queues, by a number that what
//! they wait for has.
//!
//! A queue exists only while somebody waits in it, so locks own nothing outside the heap.

use sidewinder_interpreter::raise;
use sidewinder_interpreter::vm::parker::{Parker, Woken};
use sidewinder_interpreter::{Local, Raised, Vm};
use std::cell::Cell;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The longest timeout, in seconds.
pub const TIMEOUT_MAX: f64 = 9_223_372_036.0;

#[derive(Default)]
struct Queues {
    last: u64,
    by_number: HashMap<u64, VecDeque<Arc<Parker>>>,
}

/// What threads wait for: its number among the queues, 0 until somebody waits.
#[derive(Default)]
pub struct Queue(Cell<u64>);

/// How a wait ended.
pub enum Outcome {
    /// Somebody woke this thread.
    Woken,
    /// The time was over.
    TimedOut,
}

impl Queue {
    fn number(&self, queues: &mut Queues) -> u64 {
        if self.0.get() == 0 {
            queues.last += 1;
            self.0.set(queues.last);
        }
        self.0.get()
    }

    /// Wakes the thread that has waited longest; whether there was one.
    pub fn wake_one(&self, vm: &Vm) -> bool {
        vm.with_extension(|queues: &mut Queues| {
            let Some(queue) = queues.by_number.get_mut(&self.0.get()) else { return false };
            let first = queue.pop_front();
            if queue.is_empty() {
                queues.by_number.remove(&self.0.get());
            }
            first.is_some_and(|parker| {
                parker.wake();
                true
            })
        })
    }

    /// Wakes all.
    pub fn wake_all(&self, vm: &Vm) {
        while self.wake_one(vm) {}
    }

    /// Forgets who waits: in a child process they are not there.
    pub fn reset(&self) {
        self.0.set(0);
    }
}

/// Waits in the queue that `queue` finds in `object` until woken, or until `end`.
///
/// # Errors
/// What a signal handler raised.
pub fn wait(
    vm: &mut Vm,
    object: Local,
    queue: fn(&Vm, Local) -> &Queue,
    end: Option<Instant>,
) -> Result<Outcome, Raised> {
    let parker = Parker::new();
    let number = {
        let vm = &*vm;
        let queue = queue(vm, object);
        vm.with_extension(|queues: &mut Queues| {
            let number = queue.number(queues);
            queues.by_number.entry(number).or_default().push_back(parker.clone());
            number
        })
    };
    loop {
        let left = end.map(|end| end.saturating_duration_since(Instant::now()));
        // A signal that came before would not end the wait.
        let woken = match vm.interrupt_pending() {
            true => Woken::Interrupted,
            false => vm.blocking(|| parker.wait(left)),
        };
        if woken == Woken::Posted {
            return Ok(Outcome::Woken);
        }
        let signal = if woken == Woken::Interrupted { vm.safepoint() } else { Ok(()) };
        if woken == Woken::Interrupted && signal.is_ok() {
            continue;
        }
        // Out of the queue; if it is not there any more, it was woken after all.
        let left = vm.with_extension(|queues: &mut Queues| {
            let Some(queue) = queues.by_number.get_mut(&number) else { return false };
            let before = queue.len();
            queue.retain(|p| !Arc::ptr_eq(p, &parker));
            let left = queue.len() < before;
            if queue.is_empty() {
                queues.by_number.remove(&number);
            }
            left
        });
        match (left, signal) {
            (true, Ok(())) => return Ok(Outcome::TimedOut),
            (true, Err(raised)) => return Err(raised),
            (false, Ok(())) => return Ok(Outcome::Woken),
            (false, Err(raised)) => {
                // Whoever woke this thread meant somebody to go on.
                let vm = &*vm;
                queue(vm, object).wake_one(vm);
                return Err(raised);
            }
        }
    }
}

/// How long an `acquire(blocking, timeout)` may wait: `None` not at all, `Some(None)` for ever.
///
/// # Errors
/// ValueError and OverflowError for arguments that make no sense.
pub fn deadline(vm: &Vm, blocking: bool, timeout: f64) -> Result<Option<Option<Instant>>, Raised> {
    if timeout.is_nan() {
        raise!(vm, ValueError, "Invalid value NaN (not a number)");
    }
    if !blocking {
        if timeout != -1.0 {
            raise!(vm, ValueError, "can't specify a timeout for a non-blocking call");
        }
        return Ok(None);
    }
    if timeout == -1.0 {
        return Ok(Some(None));
    }
    if timeout < 0.0 {
        raise!(vm, ValueError, "timeout value must be a non-negative number");
    }
    if timeout > TIMEOUT_MAX {
        raise!(vm, OverflowError, "timeout value is too large");
    }
    Ok(Some(Some(Instant::now() + Duration::from_secs_f64(timeout))))
}
