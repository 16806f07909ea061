//! Long computations that do not need the VM, and cannot look at signals themselves.

use super::Vm;
use super::native::{Local, Raised};
use super::numeric::{bit_len, floor_div_mod};
use super::operators::BinaryOp;
use super::threads::{BlockedSignals, NATIVE_STACK};
use crate::builtins::ClassId;
use crate::object::BigInt;
use crate::value::Value;
use dashu_int::IBig;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

/// How long a signal may wait.
const PATIENCE: Duration = Duration::from_millis(10);

/// Steps of schoolbook multiplication from which on a computation gets a thread of its own. The better
/// methods need some ten milliseconds for so many; starting the thread takes a hundredth of that.
const LONG: usize = 1 << 28;

/// Limbs of a heap int; of all that fits a word none.
fn limbs(v: Value<'_>) -> usize {
    v.cast::<BigInt>().map_or(0, |big| big.limbs().len())
}

/// Whether computing with two numbers of so many bits, or with one number for each of so many bits of
/// the other, takes long.
pub fn takes_long(bits: usize, others: usize) -> bool {
    (bits / 64).saturating_mul(others / 64) > LONG
}

impl Vm {
    /// The result of `work`. If it is going to take `long`, other Python threads run meanwhile, and a
    /// signal whose handler raises ends the wait: the work goes on to its end on a thread of its own,
    /// for nothing.
    ///
    /// # Errors
    /// What a signal handler raises; MemoryError where the work gives up; RuntimeError when the system has no
    /// more threads.
    pub fn apart<R: Send + 'static>(
        &mut self,
        long: bool,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> Result<R, Raised> {
        if !long {
            return Ok(work());
        }
        let (tell, told) = sync_channel(1);
        let blocked = BlockedSignals::new();
        let builder = std::thread::Builder::new().stack_size(NATIVE_STACK);
        let started = builder.spawn(move || {
            // Nobody listens any more after an interrupt.
            let _ = tell.send(work());
        });
        drop(blocked);
        if started.is_err() {
            return Err(self.raise(ClassId::RuntimeError, "can't start new thread"));
        }
        loop {
            match self.interruptible(|| told.recv_timeout(PATIENCE))? {
                Ok(result) => return Ok(result),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(self.memory_error()),
            }
        }
    }

    /// Whether an operator on ints, not both of them small, takes so long that it is left to
    /// [`Vm::long_binary`].
    #[cold]
    pub(super) fn is_long(&self, op: BinaryOp, a: Value<'_>, b: Value<'_>) -> bool {
        match op {
            BinaryOp::Mul | BinaryOp::FloorDiv | BinaryOp::Mod => {
                limbs(a).saturating_mul(limbs(b)) > LONG
            }
            BinaryOp::Pow => self.power_bits(a, b).is_some_and(|bits| takes_long(bits, bits)),
            _ => false,
        }
    }

    /// About the bits of `a ** b`, if that is a positive int there may be.
    fn power_bits(&self, a: Value<'_>, b: Value<'_>) -> Option<usize> {
        let exponent = usize::try_from(b.as_small_int()?).ok()?;
        let bits = match self.as_i64(a) {
            Some(i) => 64 - i.unsigned_abs().leading_zeros() as usize,
            None => limbs(a) * 64,
        };
        bits.checked_mul(exponent).filter(|bits| *bits <= super::numeric::MAX_BITS)
    }

    /// The operator on two ints for which [`Vm::int_binary`] gives nothing because it takes long; `None` if
    /// they are not ints.
    pub fn long_binary(
        &mut self,
        op: BinaryOp,
        a: Local,
        b: Local,
    ) -> Option<Result<IBig, Raised>> {
        let (x, y) = (self.as_big(self.get(a))?, self.as_big(self.get(b))?);
        if op == BinaryOp::Pow {
            let bits = self.power_bits(self.get(a), self.get(b))?;
            if let Err(raised) = self.check_size(bits / 8) {
                return Some(Err(raised));
            }
        }
        Some(self.apart(true, move || match op {
            BinaryOp::Mul => x * y,
            BinaryOp::FloorDiv => floor_div_mod(&x, &y).0,
            BinaryOp::Mod => floor_div_mod(&x, &y).1,
            _ => x.pow(usize::try_from(y).unwrap_or(0)),
        }))
    }
}

/// Whether computing with both numbers takes long.
pub fn long_ints(x: &IBig, y: &IBig) -> bool {
    takes_long(bit_len(x), bit_len(y))
}
