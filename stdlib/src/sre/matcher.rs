//! The matcher: a backtracking machine over a pattern's code.
//!
//! It never recurses. What may have to be tried otherwise later is a [`Choice`] on a stack; what a
//! failed attempt changed (marks, counters of repeats) is on a trail and taken back. Assertions,
//! atomic groups and possessive repeats run their inner pattern under a [`Frame`], whose success
//! throws away the choices made inside.

use super::program::{
    MAXREPEAT, Program, bit, category, is_uni_word, is_word, lower_ascii, lower_unicode, op, place,
};
use super::text::Text;
use sidewinder_interpreter::Vm;

/// No position.
pub(super) const NONE: usize = usize::MAX;

/// Ctrl-C was pressed meanwhile: the VM has to look after it, then the match may start again.
pub(super) struct Interrupted;

#[derive(Clone, Copy, PartialEq)]
enum Otherwise {
    /// Try the branch whose length word is at `pc`.
    Branch,
    /// A greedy repeat of one character, at `pc`: give one back, down to position `extra`.
    GiveBack,
    /// A lazy repeat of one character, at `pc`: take one more, of at most `extra`.
    TakeMore,
    /// A greedy repeat, number `extra`: go on behind it.
    LeaveLoop,
    /// A lazy repeat, number `extra`: once more.
    EnterLoop,
    /// The inner pattern of a frame has failed.
    FrameFailed,
}

#[derive(Clone, Copy)]
struct Choice {
    what: Otherwise,
    pc: u32,
    pos: usize,
    extra: usize,
    /// Lengths of the trail and of the loops when the choice was made.
    trail: u32,
    loops: u32,
}

#[derive(Clone, Copy)]
enum Change {
    Mark(u32),
    LastIndex,
    InnermostLoop,
    Count(u32),
    LastPos(u32),
}

/// A repeat of more than one character that is being matched.
#[derive(Clone, Copy)]
struct Loop {
    /// Where its REPEAT is.
    pc: u32,
    count: usize,
    /// Where the last round began: rounds that match nothing end the loop.
    last_pos: usize,
    /// The loop around it.
    outer: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum FrameKind {
    Assert,
    AssertNot,
    Atomic,
    Possessive,
}

#[derive(Clone, Copy)]
struct Frame {
    kind: FrameKind,
    pc: u32,
    pos: usize,
    /// Number of choices outside, the frame's own not counted.
    base: usize,
    /// Possessive: rounds so far.
    count: usize,
}

/// The stacks of the machine, kept between matches.
#[derive(Default)]
pub(super) struct Scratch {
    /// Start and end of each group, from group 1 on.
    pub marks: Vec<usize>,
    /// Number of the group closed last; 0 is none.
    pub last_index: usize,
    choices: Vec<Choice>,
    trail: Vec<(Change, usize)>,
    loops: Vec<Loop>,
    frames: Vec<Frame>,
    /// Where the match begins and ends.
    pub start: usize,
    /// See `start`.
    pub end: usize,
}

/// What to match.
#[derive(Clone, Copy)]
pub(super) struct Request {
    pub start: usize,
    pub end: usize,
    /// The match must reach the end.
    pub full: bool,
    /// The match must not be empty at `start`.
    pub advance: bool,
}

pub(super) struct Matcher<'a, T> {
    pub vm: &'a Vm,
    pub program: &'a Program,
    pub text: T,
    pub request: Request,
    pub scratch: &'a mut Scratch,
    innermost: usize,
    steps: u32,
}

impl<'a, T: Text> Matcher<'a, T> {
    pub fn new(
        vm: &'a Vm,
        program: &'a Program,
        text: T,
        mut request: Request,
        scratch: &'a mut Scratch,
    ) -> Self {
        request.end = request.end.min(text.len());
        Matcher { vm, program, text, request, scratch, innermost: NONE, steps: 0 }
    }

    #[inline(always)]
    fn code(&self, pc: usize) -> u32 {
        self.program.at(pc)
    }

    fn note(&mut self, change: Change, old: usize) {
        // Without a choice nothing is ever taken back.
        if !self.scratch.choices.is_empty() {
            self.scratch.trail.push((change, old));
        }
    }

    fn choose(&mut self, what: Otherwise, pc: usize, pos: usize, extra: usize) {
        let (trail, loops) = (self.scratch.trail.len() as u32, self.scratch.loops.len() as u32);
        self.scratch.choices.push(Choice { what, pc: pc as u32, pos, extra, trail, loops });
    }

    fn undo_to(&mut self, trail: u32) {
        while self.scratch.trail.len() > trail as usize {
            let Some((change, old)) = self.scratch.trail.pop() else { return };
            match change {
                Change::Mark(i) => self.scratch.marks[i as usize] = old,
                Change::LastIndex => self.scratch.last_index = old,
                Change::InnermostLoop => self.innermost = old,
                Change::Count(i) => self.scratch.loops[i as usize].count = old,
                Change::LastPos(i) => self.scratch.loops[i as usize].last_pos = old,
            }
        }
    }

    fn set_mark(&mut self, i: usize, pos: usize) {
        if i >= self.scratch.marks.len() {
            return;
        }
        self.note(Change::Mark(i as u32), self.scratch.marks[i]);
        self.scratch.marks[i] = pos;
        if i & 1 != 0 {
            self.note(Change::LastIndex, self.scratch.last_index);
            self.scratch.last_index = i / 2 + 1;
        }
    }

    fn set_innermost(&mut self, i: usize) {
        self.note(Change::InnermostLoop, self.innermost);
        self.innermost = i;
    }

    fn set_round(&mut self, i: usize, count: usize) {
        self.note(Change::Count(i as u32), self.scratch.loops[i].count);
        self.scratch.loops[i].count = count;
    }

    fn set_last_pos(&mut self, i: usize, pos: usize) {
        self.note(Change::LastPos(i as u32), self.scratch.loops[i].last_pos);
        self.scratch.loops[i].last_pos = pos;
    }

    /// Matches at exactly `start`, with the code from `pc` on.
    pub fn match_at(&mut self, pc: usize, start: usize) -> Result<bool, Interrupted> {
        let s = &mut *self.scratch;
        s.marks.clear();
        s.marks.resize(self.program.groups * 2, NONE);
        s.last_index = 0;
        s.choices.clear();
        s.trail.clear();
        s.loops.clear();
        s.frames.clear();
        s.start = start;
        self.innermost = NONE;
        self.run(pc, start)
    }

    #[inline(always)]
    fn is_end(&self, pos: usize) -> bool {
        pos >= self.request.end
    }

    fn run(&mut self, mut pc: usize, mut pos: usize) -> Result<bool, Interrupted> {
        /// Goes on with the choice made last, or ends.
        macro_rules! fail {
            () => {
                match self.backtrack()? {
                    Some(next) => {
                        (pc, pos) = next;
                        continue;
                    }
                    None => return Ok(false),
                }
            };
        }
        loop {
            match self.code(pc) {
                op::LITERAL => {
                    if self.is_end(pos) || self.text.at(pos) != self.code(pc + 1) {
                        fail!();
                    }
                    pos += 1;
                    pc += 2;
                }
                op::IN => {
                    if self.is_end(pos) || !self.program.set_has(pc + 2, self.text.at(pos)) {
                        fail!();
                    }
                    pos += 1;
                    pc += 1 + self.code(pc + 1) as usize;
                }
                op::MARK => {
                    self.set_mark(self.code(pc + 1) as usize, pos);
                    pc += 2;
                }
                op::REPEAT_ONE => {
                    let (min, max) = (self.code(pc + 2) as usize, self.code(pc + 3));
                    if self.request.end - pos < min {
                        fail!();
                    }
                    let taken = self.count(pc + 4, pos, max);
                    if taken < min {
                        fail!();
                    }
                    let low = pos + min;
                    match self.tail_position(pc, low, pos + taken) {
                        Some(at) => {
                            if at > low {
                                self.choose(Otherwise::GiveBack, pc, at, low);
                            }
                            pos = at;
                            pc += 1 + self.code(pc + 1) as usize;
                        }
                        None => fail!(),
                    }
                }
                op::SUCCESS => match self.succeed(pos) {
                    Some((next, at)) if next != NONE => (pc, pos) = (next, at),
                    Some(_) => fail!(),
                    None => {
                        self.scratch.end = pos;
                        return Ok(true);
                    }
                },
                op::BRANCH => match self.branch(pc + 1, pos) {
                    Some(next) => pc = next,
                    None => fail!(),
                },
                op::JUMP => pc += 1 + self.code(pc + 1) as usize,
                op::REPEAT => {
                    let l = Loop { pc: pc as u32, count: 0, last_pos: NONE, outer: self.innermost };
                    self.scratch.loops.push(l);
                    self.set_innermost(self.scratch.loops.len() - 1);
                    pc += 1 + self.code(pc + 1) as usize;
                }
                op::MAX_UNTIL => match self.greedy_round(pc, pos) {
                    Some(next) => pc = next,
                    None => fail!(),
                },
                op::MIN_UNTIL => match self.lazy_round(pc, pos) {
                    Some(next) => pc = next,
                    None => fail!(),
                },
                op::MIN_REPEAT_ONE => {
                    let (min, max) = (self.code(pc + 2) as usize, self.code(pc + 3));
                    if self.request.end - pos < min {
                        fail!();
                    }
                    if min > 0 && self.count(pc + 4, pos, min as u32) < min {
                        fail!();
                    }
                    pos += min;
                    let more = if max == MAXREPEAT { NONE } else { max as usize - min };
                    if more > 0 {
                        self.choose(Otherwise::TakeMore, pc, pos, more);
                    }
                    pc += 1 + self.code(pc + 1) as usize;
                }
                op::POSSESSIVE_REPEAT_ONE => {
                    let (min, max) = (self.code(pc + 2) as usize, self.code(pc + 3));
                    if self.request.end - pos < min {
                        fail!();
                    }
                    let taken = self.count(pc + 4, pos, max);
                    if taken < min {
                        fail!();
                    }
                    pos += taken;
                    pc += 1 + self.code(pc + 1) as usize;
                }
                op::AT => {
                    if !self.is_at(self.code(pc + 1), pos) {
                        fail!();
                    }
                    pc += 2;
                }
                op::ASSERT | op::ASSERT_NOT => {
                    let negative = self.code(pc) == op::ASSERT_NOT;
                    let back = self.code(pc + 2) as usize;
                    if pos < back {
                        if !negative {
                            fail!();
                        }
                        pc += 1 + self.code(pc + 1) as usize;
                        continue;
                    }
                    let kind = if negative { FrameKind::AssertNot } else { FrameKind::Assert };
                    self.open_frame(kind, pc, pos, 0);
                    pos -= back;
                    pc += 3;
                }
                op::ATOMIC_GROUP => {
                    self.open_frame(FrameKind::Atomic, pc, pos, 0);
                    pc += 2;
                }
                op::POSSESSIVE_REPEAT => {
                    if self.code(pc + 3) == 0 {
                        pc = self.behind_possessive(pc);
                    } else {
                        self.open_frame(FrameKind::Possessive, pc, pos, 0);
                        pc += 4;
                    }
                }
                op::GROUPREF
                | op::GROUPREF_IGNORE
                | op::GROUPREF_LOC_IGNORE
                | op::GROUPREF_UNI_IGNORE => match self.group_again(pc, pos) {
                    Some(at) => {
                        pos = at;
                        pc += 2;
                    }
                    None => fail!(),
                },
                op::GROUPREF_EXISTS => {
                    let set = self.group(self.code(pc + 1) as usize).is_some();
                    pc += if set { 3 } else { 1 + self.code(pc + 2) as usize };
                }
                op::INFO => pc += 1 + self.code(pc + 1) as usize,
                op::FAILURE => fail!(),
                single => {
                    if self.is_end(pos) || !self.matches_char(single, pc, self.text.at(pos)) {
                        fail!();
                    }
                    pos += 1;
                    pc += char_op_len(self.program, pc);
                }
            }
        }
    }

    /// Takes back what happened since the last choice and goes on with it: `None` when there is
    /// none left.
    fn backtrack(&mut self) -> Result<Option<(usize, usize)>, Interrupted> {
        self.steps = self.steps.wrapping_add(1);
        if self.steps & 0xFFFF == 0 && self.vm.interrupt_pending() {
            return Err(Interrupted);
        }
        loop {
            let Some(&choice) = self.scratch.choices.last() else { return Ok(None) };
            self.undo_to(choice.trail);
            self.scratch.loops.truncate(choice.loops as usize);
            let (pc, pos, extra) = (choice.pc as usize, choice.pos, choice.extra);
            let top = self.scratch.choices.len() - 1;
            match choice.what {
                Otherwise::Branch => {
                    self.scratch.choices.pop();
                    if let Some(next) = self.branch(pc, pos) {
                        return Ok(Some((next, pos)));
                    }
                }
                Otherwise::GiveBack => match self.tail_position(pc, extra, pos - 1) {
                    Some(at) => {
                        if at > extra {
                            self.scratch.choices[top].pos = at;
                        } else {
                            self.scratch.choices.pop();
                        }
                        return Ok(Some((pc + 1 + self.code(pc + 1) as usize, at)));
                    }
                    None => {
                        self.scratch.choices.pop();
                    }
                },
                Otherwise::TakeMore => {
                    let item = pc + 4;
                    if !self.is_end(pos)
                        && self.matches_char(self.code(item), item, self.text.at(pos))
                    {
                        if extra > 1 {
                            let left = if extra == NONE { NONE } else { extra - 1 };
                            self.scratch.choices[top].extra = left;
                            self.scratch.choices[top].pos = pos + 1;
                        } else {
                            self.scratch.choices.pop();
                        }
                        return Ok(Some((pc + 1 + self.code(pc + 1) as usize, pos + 1)));
                    }
                    self.scratch.choices.pop();
                }
                Otherwise::LeaveLoop => {
                    self.scratch.choices.pop();
                    self.set_innermost(self.scratch.loops[extra].outer);
                    return Ok(Some((pc + 1, pos)));
                }
                Otherwise::EnterLoop => {
                    self.scratch.choices.pop();
                    if let Some(body) = self.lazy_body(extra, pos) {
                        return Ok(Some((body, pos)));
                    }
                }
                Otherwise::FrameFailed => {
                    self.scratch.choices.pop();
                    let Some(frame) = self.scratch.frames.pop() else { continue };
                    let pc = frame.pc as usize;
                    match frame.kind {
                        FrameKind::Assert | FrameKind::Atomic => {}
                        FrameKind::AssertNot => {
                            return Ok(Some((pc + 1 + self.code(pc + 1) as usize, frame.pos)));
                        }
                        FrameKind::Possessive => {
                            if frame.count >= self.code(pc + 2) as usize {
                                return Ok(Some((self.behind_possessive(pc), frame.pos)));
                            }
                        }
                    }
                }
            }
        }
    }

    /// Of the positions from `high` down to `low`, the first one at which what follows the repeat
    /// at `pc` may match.
    fn tail_position(&self, pc: usize, low: usize, high: usize) -> Option<usize> {
        let tail = pc + 1 + self.code(pc + 1) as usize;
        if self.code(tail) != op::LITERAL {
            return Some(high);
        }
        let c = self.code(tail + 1);
        if let Some(bytes) = self.text.bytes() {
            let c = u8::try_from(c).ok()?;
            let until = (high + 1).min(self.request.end);
            return memchr::memrchr(c, bytes.get(low..until)?).map(|i| low + i);
        }
        (low..=high).rev().find(|&at| !self.is_end(at) && self.text.at(at) == c)
    }

    /// The code of the first branch, from the length word at `pc` on, that may match.
    fn branch(&mut self, mut pc: usize, pos: usize) -> Option<usize> {
        loop {
            let len = self.code(pc) as usize;
            if len == 0 {
                return None;
            }
            let body = pc + 1;
            let possible = match self.code(body) {
                op::LITERAL => !self.is_end(pos) && self.text.at(pos) == self.code(body + 1),
                op::IN => !self.is_end(pos) && self.program.set_has(body + 2, self.text.at(pos)),
                _ => true,
            };
            let next = pc + len;
            if possible {
                if self.code(next) != 0 {
                    self.choose(Otherwise::Branch, next, pos, 0);
                }
                return Some(body);
            }
            pc = next;
        }
    }

    fn greedy_round(&mut self, pc: usize, pos: usize) -> Option<usize> {
        let i = self.innermost;
        let l = *self.scratch.loops.get(i)?;
        let start = l.pc as usize;
        let (min, max) = (self.code(start + 2) as usize, self.code(start + 3));
        if l.count < min {
            self.set_round(i, l.count + 1);
            return Some(start + 4);
        }
        if (max == MAXREPEAT || l.count < max as usize) && pos != l.last_pos {
            self.choose(Otherwise::LeaveLoop, pc, pos, i);
            self.set_round(i, l.count + 1);
            self.set_last_pos(i, pos);
            return Some(start + 4);
        }
        self.set_innermost(l.outer);
        Some(pc + 1)
    }

    fn lazy_round(&mut self, pc: usize, pos: usize) -> Option<usize> {
        let i = self.innermost;
        let l = *self.scratch.loops.get(i)?;
        let start = l.pc as usize;
        if l.count < self.code(start + 2) as usize {
            self.set_round(i, l.count + 1);
            return Some(start + 4);
        }
        self.choose(Otherwise::EnterLoop, pc, pos, i);
        self.set_innermost(l.outer);
        Some(pc + 1)
    }

    fn lazy_body(&mut self, i: usize, pos: usize) -> Option<usize> {
        let l = *self.scratch.loops.get(i)?;
        let start = l.pc as usize;
        let max = self.code(start + 3);
        if (max != MAXREPEAT && l.count >= max as usize) || pos == l.last_pos {
            return None;
        }
        self.set_innermost(i);
        self.set_round(i, l.count + 1);
        self.set_last_pos(i, pos);
        Some(start + 4)
    }

    fn open_frame(&mut self, kind: FrameKind, pc: usize, pos: usize, count: usize) {
        let base = self.scratch.choices.len();
        self.scratch.frames.push(Frame { kind, pc: pc as u32, pos, base, count });
        self.choose(Otherwise::FrameFailed, pc, pos, 0);
    }

    fn behind_possessive(&self, pc: usize) -> usize {
        // The length leads to the inner pattern's own SUCCESS.
        pc + 1 + self.code(pc + 1) as usize + 1
    }

    /// The end of a pattern: `None` if it is that of the whole one and the match counts; otherwise
    /// where to go on, [`NONE`] to try something else.
    fn succeed(&mut self, pos: usize) -> Option<(usize, usize)> {
        let Some(frame) = self.scratch.frames.pop() else {
            let short = self.request.full && pos != self.request.end;
            let empty = self.request.advance
                && self.scratch.start == self.request.start
                && pos == self.request.start;
            return if short || empty { Some((NONE, pos)) } else { None };
        };
        let pc = frame.pc as usize;
        let next = pc + 1 + self.code(pc + 1) as usize;
        match frame.kind {
            FrameKind::AssertNot => {
                let trail = self.scratch.choices[frame.base].trail;
                self.undo_to(trail);
                self.scratch.choices.truncate(frame.base);
                Some((NONE, pos))
            }
            FrameKind::Assert => {
                self.scratch.choices.truncate(frame.base);
                Some((next, frame.pos))
            }
            FrameKind::Atomic => {
                self.scratch.choices.truncate(frame.base);
                Some((next, pos))
            }
            FrameKind::Possessive => {
                self.scratch.choices.truncate(frame.base);
                let count = frame.count + 1;
                let (min, max) = (self.code(pc + 2) as usize, self.code(pc + 3));
                let more = max == MAXREPEAT || count < max as usize;
                if count < min || more && pos != frame.pos {
                    self.open_frame(FrameKind::Possessive, pc, pos, count);
                    return Some((pc + 4, pos));
                }
                Some((self.behind_possessive(pc), pos))
            }
        }
    }

    /// Start and end of group `i` (from 0 for the first), if it has matched.
    fn group(&self, i: usize) -> Option<(usize, usize)> {
        let marks = self.scratch.marks.get(2 * i..2 * i + 2)?;
        (marks[0] != NONE && marks[1] != NONE && marks[0] <= marks[1]).then(|| (marks[0], marks[1]))
    }

    /// The position behind what a group matched, if it stands here once more.
    fn group_again(&self, pc: usize, pos: usize) -> Option<usize> {
        let (start, end) = self.group(self.code(pc + 1) as usize)?;
        let len = end - start;
        if self.request.end - pos < len {
            return None;
        }
        let lower: fn(u32) -> u32 = match self.code(pc) {
            op::GROUPREF => |c| c,
            op::GROUPREF_UNI_IGNORE => lower_unicode,
            _ => lower_ascii,
        };
        (0..len)
            .all(|i| {
                let (a, b) = (self.text.at(start + i), self.text.at(pos + i));
                a == b || lower(a) == lower(b)
            })
            .then_some(pos + len)
    }

    /// Whether a character matches the operation at `pc`, one of those that take one character.
    #[inline]
    fn matches_char(&self, what: u32, pc: usize, c: u32) -> bool {
        let operand = || self.code(pc + 1);
        match what {
            op::LITERAL => c == operand(),
            op::NOT_LITERAL => c != operand(),
            op::ANY => c != '\n' as u32,
            op::ANY_ALL => true,
            op::IN => self.program.set_has(pc + 2, c),
            op::CATEGORY => category(operand(), c),
            op::LITERAL_IGNORE | op::LITERAL_LOC_IGNORE => lower_ascii(c) == operand(),
            op::NOT_LITERAL_IGNORE | op::NOT_LITERAL_LOC_IGNORE => lower_ascii(c) != operand(),
            op::LITERAL_UNI_IGNORE => lower_unicode(c) == operand(),
            op::NOT_LITERAL_UNI_IGNORE => lower_unicode(c) != operand(),
            op::IN_IGNORE => self.program.set_has(pc + 2, lower_ascii(c)),
            op::IN_LOC_IGNORE => {
                self.program.set_has(pc + 2, lower_ascii(c)) || self.program.set_has(pc + 2, c)
            }
            op::IN_UNI_IGNORE => self.program.set_has(pc + 2, lower_unicode(c)),
            _ => false,
        }
    }

    /// How many characters in a row, at most `max`, match the operation at `pc`.
    fn count(&self, pc: usize, pos: usize, max: u32) -> usize {
        let room = self.request.end - pos;
        let most = if max == MAXREPEAT { room } else { room.min(max as usize) };
        let what = self.code(pc);
        if let Some(bytes) = self.text.bytes() {
            let bytes = &bytes[pos..pos + most];
            return match what {
                op::ANY_ALL => most,
                op::ANY => memchr::memchr(b'\n', bytes).unwrap_or(most),
                op::NOT_LITERAL => match u8::try_from(self.code(pc + 1)) {
                    Ok(c) => memchr::memchr(c, bytes).unwrap_or(most),
                    Err(_) => most,
                },
                op::LITERAL => {
                    let c = self.code(pc + 1);
                    bytes.iter().position(|b| *b as u32 != c).unwrap_or(most)
                }
                op::IN => {
                    let map = self.program.bitmap(pc + 2);
                    bytes.iter().position(|b| !bit(map, *b as u32)).unwrap_or(most)
                }
                _ => bytes
                    .iter()
                    .position(|b| !self.matches_char(what, pc, *b as u32))
                    .unwrap_or(most),
            };
        }
        if what == op::ANY_ALL {
            return most;
        }
        (0..most).find(|i| !self.matches_char(what, pc, self.text.at(pos + i))).unwrap_or(most)
    }

    fn is_at(&self, which: u32, pos: usize) -> bool {
        let end = self.request.end;
        let newline = |at: usize| self.text.at(at) == '\n' as u32;
        let boundary = |word: fn(u32) -> bool| {
            let before = pos > 0 && word(self.text.at(pos - 1));
            let after = pos < end && word(self.text.at(pos));
            before != after
        };
        match which {
            place::BEGINNING | place::BEGINNING_STRING => pos == 0,
            place::BEGINNING_LINE => pos == 0 || newline(pos - 1),
            place::END => pos == end || pos + 1 == end && newline(pos),
            place::END_LINE => pos == end || newline(pos),
            place::END_STRING => pos == end,
            place::BOUNDARY | place::LOC_BOUNDARY => boundary(is_word),
            place::NON_BOUNDARY | place::LOC_NON_BOUNDARY => !boundary(is_word),
            place::UNI_BOUNDARY => boundary(is_uni_word),
            place::UNI_NON_BOUNDARY => !boundary(is_uni_word),
            _ => false,
        }
    }
}

/// Code words of an operation that takes one character.
fn char_op_len(program: &Program, pc: usize) -> usize {
    match program.at(pc) {
        op::ANY | op::ANY_ALL => 1,
        op::IN | op::IN_IGNORE | op::IN_LOC_IGNORE | op::IN_UNI_IGNORE => {
            1 + program.at(pc + 1) as usize
        }
        _ => 2,
    }
}
