//! The instruction word: fixed width, decoded without branches.

use super::op::Op;

/// One instruction: an opcode, a small operand `x` and three 16-bit operands.
///
/// `b` and `c` together also serve as one 32-bit operand ([`Instr::bc`]): a constant's index, an
/// immediate or a jump offset. Offsets count instructions from the instruction after the one that
/// carries them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C, align(8))]
pub struct Instr {
    /// What to do.
    pub op: Op,
    /// Small operand: a flag, a count or a sub-operation.
    pub x: u8,
    /// First operand, most often the destination register.
    pub a: u16,
    /// Second operand.
    pub b: u16,
    /// Third operand.
    pub c: u16,
}

impl Instr {
    /// An instruction from its parts.
    pub const fn new(op: Op, x: u8, a: u16, b: u16, c: u16) -> Self {
        Self { op, x, a, b, c }
    }

    /// An instruction whose last operand is 32 bits wide.
    pub const fn wide(op: Op, x: u8, a: u16, bc: i32) -> Self {
        let bc = bc as u32;
        Self { op, x, a, b: bc as u16, c: (bc >> 16) as u16 }
    }

    /// The operands `b` and `c` as one signed number.
    #[inline(always)]
    pub const fn bc(self) -> i32 {
        (self.b as u32 | (self.c as u32) << 16) as i32
    }
}

const _: () = assert!(size_of::<Instr>() == 8);
