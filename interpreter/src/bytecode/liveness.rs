//! Which registers may still be read after an instruction: backward data flow over a unit.
//!
//! Used where a program asks for a collection: what only a temporary of a running frame holds is
//! garbage then, as it would be where temporaries come from a stack. Source: any compiler book.

use super::dis::{ExtKind, ext_kind};
use super::instr::Instr;
use super::op::{Op, Operand};
use super::unit::CodeUnit;

/// Live registers before each instruction, one bit each.
pub struct Liveness {
    words: usize,
    before: Vec<u64>,
}

/// Registers that an instruction reads and writes, as (first, count).
#[derive(Default)]
struct Effects {
    reads: Vec<(u16, u16)>,
    writes: Vec<(u16, u16)>,
}

fn effects(i: Instr) -> Effects {
    let mut found = Effects::default();
    let [_, a, b, c] = i.op.operands();
    for (kind, value) in [(a, i.a), (b, i.b), (c, i.c)] {
        match kind {
            Operand::In => found.reads.push((value, 1)),
            Operand::Out => found.writes.push((value, 1)),
            _ => {}
        }
    }
    match i.op {
        Op::Call => found.reads.push((i.b, i.c + 1)),
        Op::CallMethod => found.reads.push((i.b, i.c + 2)),
        Op::CallKw => found.reads.push((i.b, i.c + 1 + u16::from(i.x))),
        Op::CallEx => found.reads.push((i.b, 2 + u16::from(i.x & 1))),
        Op::BuildTuple | Op::BuildList | Op::BuildSet | Op::BuildString => {
            found.reads.push((i.b, i.c));
        }
        Op::BuildDict => found.reads.push((i.b, 2 * i.c)),
        Op::BuildSlice | Op::LoadSuperAttr | Op::LoadSuperMethod => found.reads.push((i.b, 3)),
        Op::BuildInterpolation => found.reads.push((i.b, 4)),
        Op::BuildTemplate => found.reads.push((i.b, i.c + 1)),
        Op::MakeFunction if i.x != 0 => found.reads.push((i.c, 4)),
        Op::ForIter => found.reads.push((i.b, 2)),
        // These read what their output register holds.
        Op::MakeCell | Op::YieldFrom | Op::DeleteLocal => found.reads.push((i.a, 1)),
        _ => {}
    }
    match i.op {
        Op::UnpackSequence | Op::CopyClosure => found.writes.push((i.a, i.c)),
        Op::UnpackStar => found.writes.push((i.a, (i.c & 255) + (i.c >> 8) + 1)),
        Op::LoadMethod | Op::LoadSuperMethod | Op::LoadSpecial | Op::GetIter | Op::MatchExcStar => {
            found.writes.push((i.a, 2));
        }
        Op::ExcInfo => found.writes.push((i.a, 3)),
        _ => {}
    }
    found
}

/// Whether control can go on behind an instruction.
fn falls_through(op: Op) -> bool {
    !matches!(
        op,
        Op::Jump
            | Op::JumpBack
            | Op::Return
            | Op::ReturnNone
            | Op::Raise
            | Op::RaiseFrom
            | Op::RaiseBare
            | Op::Reraise
    )
}

impl Liveness {
    /// The analysis of a unit (as the compiler made it, not specialised).
    pub fn of(unit: &CodeUnit) -> Liveness {
        let n = unit.instrs.len();
        let words = usize::from(unit.register_count).div_ceil(64).max(1);
        let mut this = Liveness { words, before: vec![0; (n + 1) * words] };
        let all: Vec<Effects> = unit.instrs.iter().map(|i| effects(*i)).collect();
        // Second words are no instructions: they are skipped when looking at successors.
        let mut changed = true;
        let mut live = vec![0; words];
        while changed {
            changed = false;
            for pc in (0..n).rev() {
                let i = unit.instrs[pc];
                if i.op == Op::Ext {
                    continue;
                }
                live.fill(0);
                this.add_successors(unit, pc, &mut live);
                each(&all[pc].writes, |r| live[r / 64] &= !(1 << (r % 64)));
                // An exception may come before anything is written.
                this.add_handlers(unit, pc, &mut live);
                each(&all[pc].reads, |r| live[r / 64] |= 1 << (r % 64));
                let row = &mut this.before[pc * words..(pc + 1) * words];
                if row != live {
                    row.copy_from_slice(&live);
                    changed = true;
                }
            }
        }
        this
    }

    fn row(&self, pc: usize) -> &[u64] {
        &self.before[pc * self.words..(pc + 1) * self.words]
    }

    fn add_row(&self, pc: usize, live: &mut [u64]) {
        for (to, from) in live.iter_mut().zip(self.row(pc)) {
            *to |= from;
        }
    }

    fn add_successors(&self, unit: &CodeUnit, pc: usize, live: &mut [u64]) {
        let i = unit.instrs[pc];
        let kind = ext_kind(i.op);
        let next = pc + if kind == ExtKind::None { 1 } else { 2 };
        if falls_through(i.op) {
            self.add_row(next.min(unit.instrs.len()), live);
        }
        let offset = match kind {
            ExtKind::Jump => unit.instrs.get(pc + 1).map(|ext| ext.bc()),
            _ if i.op.operands().contains(&Operand::Jump) => Some(i.bc()),
            _ => None,
        };
        if let Some(target) = offset.and_then(|offset| next.checked_add_signed(offset as isize)) {
            self.add_row(target.min(unit.instrs.len()), live);
        }
    }

    fn add_handlers(&self, unit: &CodeUnit, pc: usize, live: &mut [u64]) {
        let covering = unit.handlers.iter().find(|h| (h.start..h.end).contains(&(pc as u32)));
        if let Some(handler) = covering {
            let exc = usize::from(handler.exc);
            let had = live[exc / 64] & (1 << (exc % 64));
            self.add_row(handler.target as usize, live);
            live[exc / 64] = live[exc / 64] & !(1 << (exc % 64)) | had;
        }
    }

    /// The registers that may be read once the call at `pc` has returned; its own result is not
    /// among them.
    pub fn after_call(&self, unit: &CodeUnit, pc: usize) -> Vec<u64> {
        let mut live = vec![0; self.words];
        self.add_successors(unit, pc, &mut live);
        each(&effects(unit.instrs[pc]).writes, |r| live[r / 64] &= !(1 << (r % 64)));
        self.add_handlers(unit, pc, &mut live);
        live
    }

    /// The registers that may be read while the instruction at `pc` runs, or later.
    pub fn during(&self, unit: &CodeUnit, pc: usize) -> Vec<u64> {
        let mut live = self.after_call(unit, pc);
        self.add_row(pc, &mut live);
        live
    }
}

fn each(ranges: &[(u16, u16)], mut f: impl FnMut(usize)) {
    for &(first, count) in ranges {
        for r in 0..count {
            f(usize::from(first + r));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compiler::{Mode, Options, compile};

    fn unit(source: &str) -> CodeUnit {
        compile(source, "<test>", Mode::Exec, &Options::default()).expect("compiles").unit
    }

    fn live(bits: &[u64], r: u16) -> bool {
        bits[usize::from(r) / 64] >> (r % 64) & 1 == 1
    }

    /// The calls of a unit, in order.
    fn calls(unit: &CodeUnit) -> Vec<usize> {
        let is_call = |i: &Instr| matches!(i.op, Op::Call | Op::CallMethod);
        (0..unit.instrs.len()).filter(|&pc| is_call(&unit.instrs[pc])).collect()
    }

    #[test]
    fn an_operand_waits_for_a_call() {
        let unit = unit("f() + g()");
        let liveness = Liveness::of(&unit);
        let [first, second] = calls(&unit)[..] else { panic!("two calls") };
        let left = unit.instrs[first].a;
        assert!(live(&liveness.after_call(&unit, second), left));
        assert!(!live(&liveness.after_call(&unit, first), left), "its own result");
    }

    #[test]
    fn a_used_operand_is_dead() {
        let unit = unit("f(g)\nh()");
        let liveness = Liveness::of(&unit);
        let [first, second] = calls(&unit)[..] else { panic!("two calls") };
        let argument = unit.instrs[first].b + 1;
        assert!(!live(&liveness.after_call(&unit, second), argument));
        assert!(live(&liveness.during(&unit, first), argument));
    }

    #[test]
    fn loops_and_handlers_keep_what_they_need() {
        let unit = unit("for x in y:\n    try:\n        f()\n    finally:\n        g()");
        let liveness = Liveness::of(&unit);
        let iterator = unit.instrs.iter().find(|i| i.op == Op::ForIter).expect("a loop").b;
        // The body's call; that of the clause on the way out of the loop needs no iterator.
        let body = calls(&unit)[0];
        assert!(live(&liveness.after_call(&unit, body), iterator));
    }
}
