//! Temporaries: a stack above the locals.
//!
//! A call's window must be on top of everything that is alive, so temporaries are taken and given
//! back strictly in stack order: `mark`, take some, `release`.

/// A register's number.
pub(super) type Reg = u16;

/// The temporaries of the unit being compiled.
#[derive(Default)]
pub(super) struct Temporaries {
    base: u32,
    top: u32,
    max: u32,
}

/// Registers beyond this are refused: operands are 16 bits wide.
const LIMIT: u32 = 65_000;

impl Temporaries {
    /// Temporaries from register `base` on.
    pub(super) fn new(base: u32) -> Self {
        Self { base, top: base, max: base }
    }

    /// Takes `count` consecutive registers and gives the first.
    pub(super) fn take(&mut self, count: usize) -> Reg {
        let first = self.top;
        self.top = self.top.saturating_add(count as u32);
        self.max = self.max.max(self.top);
        first.min(LIMIT) as Reg
    }

    /// The state to go back to with [`Temporaries::release`].
    pub(super) fn mark(&self) -> u32 {
        self.top
    }

    /// Gives back everything taken since `mark`.
    pub(super) fn release(&mut self, mark: u32) {
        debug_assert!(mark <= self.top);
        self.top = mark;
    }

    /// Whether a register is a temporary.
    pub(super) fn is_temporary(&self, register: Reg) -> bool {
        u32::from(register) >= self.base
    }

    /// Whether a register is the temporary taken last.
    pub(super) fn is_top(&self, register: Reg) -> bool {
        self.is_temporary(register) && u32::from(register) + 1 == self.top
    }

    /// Number of registers needed in all, or None when there are too many.
    pub(super) fn count(&self) -> Option<u16> {
        (self.max <= LIMIT).then_some(self.max as u16)
    }
}
