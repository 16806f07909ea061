//! Instructions, labels and the exception table of the unit being compiled.
//!
//! The assembler knows whether the place it stands at can be reached, and writes nothing where it
//! cannot: dead code costs nothing. It also carries the set of locals that certainly have a value
//! along every jump, so that the compiler knows which reads need a check (definite assignment).

use super::source::Source;
use crate::bytecode::{Handler, Instr, Op, Position};
use rustpython_text_size::TextRange;
use std::collections::HashSet;

/// A place in the code that jumps can name before it is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Label(u32);

/// The locals that certainly have a value, by register.
#[derive(Clone, Default, Debug)]
pub(super) struct BoundSet(Vec<u64>);

impl BoundSet {
    pub(super) fn contains(&self, register: u16) -> bool {
        self.0.get(register as usize / 64).is_some_and(|word| word >> (register % 64) & 1 != 0)
    }

    pub(super) fn insert(&mut self, register: u16) {
        let word = register as usize / 64;
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (register % 64);
    }

    pub(super) fn remove(&mut self, register: u16) {
        if let Some(word) = self.0.get_mut(register as usize / 64) {
            *word &= !(1 << (register % 64));
        }
    }

    fn intersect(&mut self, other: &BoundSet) {
        self.0.truncate(other.0.len());
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= other;
        }
    }
}

#[derive(Default)]
struct LabelInfo {
    position: Option<u32>,
    /// What is bound at the jumps seen so far; None when there were none.
    bound: Option<BoundSet>,
}

/// `x` of a `Jump` that stands for a statement: other jumps do not pass it by.
pub(super) const OWN_LINE: u8 = 1;

/// Whether an instruction is the way from the end of a loop's body to its head, which nothing in the
/// source stands for.
fn is_loop_end(instr: &Instr) -> bool {
    instr.op == Op::JumpBack && instr.x != 0
}

/// The code of one unit under construction.
pub(super) struct Assembler {
    instrs: Vec<Instr>,
    ranges: Vec<TextRange>,
    labels: Vec<LabelInfo>,
    /// Words that carry a jump offset, and where to.
    jumps: Vec<(u32, Label)>,
    handlers: Vec<(u32, u32, Label, u16)>,
    /// Source range of the instructions being written.
    pub(super) range: TextRange,
    reachable: bool,
    /// What is bound here; meaningless where unreachable.
    pub(super) bound: BoundSet,
}

impl Assembler {
    pub(super) fn new() -> Self {
        Self {
            instrs: vec![],
            ranges: vec![],
            labels: vec![],
            jumps: vec![],
            handlers: vec![],
            range: TextRange::default(),
            reachable: true,
            bound: BoundSet::default(),
        }
    }

    /// Index of the next instruction.
    pub(super) fn here(&self) -> u32 {
        self.instrs.len() as u32
    }

    /// Whether control can get here.
    pub(super) fn reachable(&self) -> bool {
        self.reachable
    }

    /// Appends an instruction.
    pub(super) fn emit(&mut self, instr: Instr) {
        if self.reachable {
            self.instrs.push(instr);
            self.ranges.push(self.range);
            if matches!(
                instr.op,
                Op::Return
                    | Op::ReturnNone
                    | Op::Raise
                    | Op::RaiseFrom
                    | Op::RaiseBare
                    | Op::Reraise
                    | Op::Jump
                    | Op::JumpBack
            ) {
                self.reachable = false;
            }
        }
    }

    /// Treats what follows as dead, until [`Assembler::resume`].
    pub(super) fn pause(&mut self) -> (bool, BoundSet) {
        let before = (self.reachable, self.bound.clone());
        self.reachable = false;
        before
    }

    /// Goes on as before [`Assembler::pause`].
    pub(super) fn resume(&mut self, (reachable, bound): (bool, BoundSet)) {
        self.reachable = reachable;
        self.bound = bound;
    }

    pub(super) fn label(&mut self) -> Label {
        self.labels.push(LabelInfo::default());
        Label(self.labels.len() as u32 - 1)
    }

    /// Puts a label that forward jumps lead to here.
    pub(super) fn place(&mut self, label: Label) {
        let here = self.here();
        let info = &mut self.labels[label.0 as usize];
        info.position = Some(here);
        if let Some(bound) = info.bound.take() {
            if self.reachable {
                self.bound.intersect(&bound);
            } else {
                self.bound = bound;
                self.reachable = true;
            }
        }
    }

    /// Puts a label here that an exception leads to, with `bound` as what is bound then.
    pub(super) fn place_handler(&mut self, label: Label, bound: BoundSet) {
        self.labels[label.0 as usize].position = Some(self.here());
        self.bound = bound;
        self.reachable = true;
    }

    fn note_jump(&mut self, word: u32, label: Label) {
        self.jumps.push((word, label));
        let info = &mut self.labels[label.0 as usize];
        if info.position.is_none() {
            match &mut info.bound {
                Some(bound) => bound.intersect(&self.bound),
                None => info.bound = Some(self.bound.clone()),
            }
        }
    }

    /// Appends a jump whose offset is its own `bc`.
    pub(super) fn jump(&mut self, op: Op, x: u8, a: u16, label: Label) {
        if self.reachable {
            self.note_jump(self.here(), label);
            self.emit(Instr::wide(op, x, a, 0));
        }
    }

    /// Goes on at a label that will be placed before anything else is written: as a jump to it,
    /// but what lies between is dead, so none is needed.
    pub(super) fn skip_to(&mut self, label: Label) {
        if self.reachable {
            self.labels[label.0 as usize].bound = Some(self.bound.clone());
            self.reachable = false;
        }
    }

    /// Appends an instruction followed by an `Ext` word with a jump offset.
    pub(super) fn jump_ext(&mut self, instr: Instr, label: Label) {
        if self.reachable {
            self.emit(instr);
            self.note_jump(self.here(), label);
            self.emit(Instr::wide(Op::Ext, 0, 0, 0));
        }
    }

    /// Appends an instruction followed by an `Ext` word with a constant's index.
    pub(super) fn emit_ext(&mut self, instr: Instr, constant: u32) {
        self.emit(instr);
        self.emit(Instr::wide(Op::Ext, 0, 0, constant as i32));
    }

    /// Adds to the exception table; call for inner ranges first.
    pub(super) fn protect(&mut self, start: u32, end: u32, target: Label, exc: u16) {
        if start < end {
            self.handlers.push((start, end, target, exc));
        }
    }

    fn position_of(&self, label: Label) -> u32 {
        self.labels[label.0 as usize].position.expect("every label in use is placed")
    }

    /// Resolves the jumps and hands out code, positions and exception table.
    pub(super) fn finish(mut self, source: &Source) -> (Vec<Instr>, Vec<Position>, Vec<Handler>) {
        let position = |range: &TextRange| match *range {
            range if range == TextRange::default() => Position::default(),
            range => source.position(range),
        };
        let mut positions: Vec<Position> = self.ranges.iter().map(position).collect();
        self.drop_nops(&mut positions);
        let targets: Vec<(u32, u32)> =
            self.jumps.iter().map(|&(word, label)| (word, self.position_of(label))).collect();
        for &(word, target) in &targets {
            let offset = target as i32 - (word as i32 + 1);
            let old = self.instrs[word as usize];
            self.instrs[word as usize] = Instr::wide(old.op, old.x, old.a, offset);
        }
        self.thread_jumps(&targets);
        self.copy_exits(&targets, &mut positions);
        let handlers = self
            .handlers
            .iter()
            .map(|&(start, end, label, exc)| Handler {
                start,
                end,
                target: self.position_of(label),
                exc,
            })
            .collect();
        (self.instrs, positions, handlers)
    }

    /// Takes out each `Nop` whose line another instruction beside it is on, or can be put on.
    fn drop_nops(&mut self, positions: &mut Vec<Position>) {
        let labels: HashSet<u32> = self.labels.iter().filter_map(|label| label.position).collect();
        // Where each instruction goes; the last entry is the end.
        let mut moved = Vec::with_capacity(self.instrs.len() + 1);
        let mut kept = 0;
        for i in 0..self.instrs.len() {
            moved.push(kept as u32);
            let line = positions[i].line;
            if self.instrs[i].op == Op::Nop {
                let before = kept > 0 && !labels.contains(&(i as u32));
                if before && positions[kept - 1].line == line {
                    continue;
                }
                let joined = !labels.contains(&(i as u32 + 1));
                if let Some(next) = self.instrs.get_mut(i + 1) {
                    let takes_over = joined && (positions[i + 1].line == 0 || is_loop_end(next));
                    if takes_over {
                        positions[i + 1] = positions[i];
                    }
                    if positions[i + 1].line == line {
                        if next.op == Op::Jump {
                            next.x = OWN_LINE;
                        }
                        continue;
                    }
                }
            }
            self.instrs[kept] = self.instrs[i];
            positions[kept] = positions[i];
            kept += 1;
        }
        moved.push(kept as u32);
        self.instrs.truncate(kept);
        positions.truncate(kept);
        for position in self.labels.iter_mut().filter_map(|label| label.position.as_mut()) {
            *position = moved[*position as usize];
        }
        for (word, _) in &mut self.jumps {
            *word = moved[*word as usize];
        }
        for (start, end, ..) in &mut self.handlers {
            (*start, *end) = (moved[*start as usize], moved[*end as usize]);
        }
        self.handlers.retain(|(start, end, ..)| start < end);
    }

    /// Gives jumps to an implicit return, which is on no line, a return of their own on theirs.
    fn copy_exits(&mut self, targets: &[(u32, u32)], positions: &mut Vec<Position>) {
        for &(word, _) in targets {
            let jump = self.instrs[word as usize];
            let target = (word as i32 + 1 + jump.bc()) as usize;
            let line = positions[word as usize].line;
            let lineless = |at: usize| positions[at].line == 0;
            if self.instrs[target].op != Op::ReturnNone || !lineless(target) || line == 0 {
                continue;
            }
            if jump.op == Op::Jump {
                self.instrs[word as usize] = self.instrs[target];
                continue;
            }
            let offset = self.instrs.len() as i32 - (word as i32 + 1);
            self.instrs[word as usize] = Instr::wide(jump.op, jump.x, jump.a, offset);
            self.instrs.push(self.instrs[target]);
            positions.push(positions[word as usize]);
        }
    }

    /// Lets jumps to unconditional jumps go to the end of the chain at once.
    fn thread_jumps(&mut self, targets: &[(u32, u32)]) {
        for &(word, target) in targets {
            let mut end = target;
            let mut last = None;
            let mut steps = 0;
            while let Some(next) = self.instrs.get(end as usize)
                && next.op == Op::Jump
                && next.x != OWN_LINE
                && steps < 16
            {
                end = (end as i32 + 1 + next.bc()) as u32;
                last = Some(end);
                steps += 1;
            }
            let old = self.instrs[word as usize];
            if old.op == Op::Jump
                && let Some(next) = self.instrs.get(end as usize)
                && next.op == Op::JumpBack
            {
                let head = end as i32 + 1 + next.bc();
                let offset = head - (word as i32 + 1);
                self.instrs[word as usize] = Instr::wide(Op::JumpBack, 0, 0, offset);
            } else if let Some(end) = last
                && old.op != Op::JumpBack
            {
                let offset = end as i32 - (word as i32 + 1);
                self.instrs[word as usize] = Instr::wide(old.op, old.x, old.a, offset);
            }
        }
    }
}
