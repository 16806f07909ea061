//! The old space: blocks divided into lines, after Immix (Blackburn and McKinley, PLDI 2008).
//!
//! A block is 32 KiB, a line 128 bytes. A major collection marks the lines that live objects touch; what lies between
//! them is a hole, and the allocator bumps through holes as it does through empty blocks. An object longer than a
//! line that does not fit the current hole goes to an empty block (the overflow block), so that holes are not wasted
//! on it. Fragmented blocks are evacuated: their objects move to empty blocks while they are marked.
//!
//! Beside the blocks lie three side tables. `starts` and `marks` have a bit for each word of the space: where objects
//! begin, and which of them the major collection under way has reached. At its end `marks` becomes `starts`. `lines`
//! has a byte for each line.

use crate::Header;
use crate::memory::{self, Reservation};
use std::collections::VecDeque;
use std::ops::Range;

pub(crate) const BLOCK: usize = 32 << 10;
pub(crate) const LINE: usize = 128;
pub(crate) const LINES: usize = BLOCK / LINE;

/// Blocks are made usable at least this many at a time: 1 MiB.
const COMMIT: usize = 32;
/// Blocks in a huge page. A heap of more than one of them grows by whole ones.
const HUGE: usize = memory::HUGE / BLOCK;
/// Blocks with at most this many live lines are worth evacuating.
const SPARSE: u16 = (LINES * 3 / 8) as u16;
/// Free blocks kept before memory goes back to the system.
const SLACK: usize = 64;
/// Bytes of vacated addresses that stay unreadable in stress mode before they are used again.
const QUARANTINE: usize = if cfg!(miri) { 1 << 20 } else { 32 << 20 };

/// Which blocks a major collection empties.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Evacuate {
    /// None: objects stay where they are.
    None,
    /// Those with much more holes than objects.
    Sparse,
    /// All.
    All,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    /// Empty.
    Free,
    /// Holds objects; no hole to allocate into.
    Used,
    /// Holds objects and has holes.
    Recyclable,
    /// Empty and unreadable (stress mode).
    Quarantined,
}

#[derive(Clone, Copy)]
pub(crate) struct Block {
    pub state: State,
    /// Objects in it move when they are reached.
    pub evacuate: bool,
    /// Free, and its memory has been given back.
    discarded: bool,
    /// Lines that were live after the last major collection.
    live_lines: u16,
}

pub(crate) struct OldSpace {
    base: usize,
    len: usize,
    starts: usize,
    marks: usize,
    lines: usize,
    /// A major collection is under way.
    pub marking: bool,
    /// The blocks that have ever been used; those behind them are fresh.
    blocks: Vec<Block>,
    committed: usize,
    /// Empty blocks, the lowest last.
    free: Vec<u32>,
    /// So many of them, from the highest on, need not be looked at to give memory back.
    trimmed: usize,
    /// Blocks with holes, the lowest last.
    recyclable: Vec<u32>,
    quarantine: VecDeque<u32>,
    /// The current hole.
    cursor: usize,
    limit: usize,
    /// Where to look for the next hole: a line number of the whole space, and the end of its block.
    next_line: usize,
    end_line: usize,
    /// The rest of the overflow block.
    overflow: usize,
    overflow_limit: usize,
    /// Stress mode: take fresh blocks, quarantine vacated ones.
    pub wander: bool,
    _memory: Reservation,
}

/// How the reserved addresses are shared out: blocks, nursery, tables.
pub(crate) fn reserve(wanted: usize) -> (OldSpace, Range<usize>) {
    let mut len = wanted.next_power_of_two().max(8 << 20);
    loop {
        let young = len / 8;
        let (bits, lines) = (len / 64, len / LINE);
        if let Some(memory) = Reservation::new(len + young + 2 * bits + lines) {
            let base = memory.base();
            let space = OldSpace::new(memory, base, len, base + len + young);
            return (space, base + len..base + len + young);
        }
        if len <= 8 << 20 {
            memory::out_of_memory(len);
        }
        len /= 2;
    }
}

impl OldSpace {
    fn new(memory: Reservation, base: usize, len: usize, tables: usize) -> OldSpace {
        OldSpace {
            base,
            len,
            starts: tables,
            marks: tables + len / 64,
            lines: tables + len / 32,
            marking: false,
            blocks: Vec::new(),
            committed: 0,
            free: Vec::new(),
            trimmed: 0,
            recyclable: Vec::new(),
            quarantine: VecDeque::new(),
            cursor: 0,
            limit: 0,
            next_line: 0,
            end_line: 0,
            overflow: 0,
            overflow_limit: 0,
            wander: false,
            _memory: memory,
        }
    }

    /// All addresses that objects of this space can have.
    #[inline(always)]
    pub fn range(&self) -> Range<usize> {
        self.base..self.base + self.len
    }

    #[inline(always)]
    pub fn contains(&self, address: usize) -> bool {
        address.wrapping_sub(self.base) < self.len
    }

    /// Blocks that hold objects.
    pub fn blocks_in_use(&self) -> usize {
        self.blocks.len() - self.free.len() - self.quarantine.len()
    }

    /// The word and the bit of a bit table that stand for `address`.
    #[inline(always)]
    fn bit(&self, table: usize, address: usize) -> (*mut u64, u64) {
        debug_assert!((address - self.base) / BLOCK < self.blocks.len());
        let word = table + ((address - self.base) >> 9) * 8;
        (std::ptr::with_exposed_provenance_mut(word), 1 << (address >> 3 & 63))
    }

    #[inline(always)]
    fn line(&self, line: usize) -> *mut u8 {
        std::ptr::with_exposed_provenance_mut(self.lines + line)
    }

    /// Whether the object at `address` has been reached by the major collection under way.
    #[inline(always)]
    pub fn is_marked(&self, address: usize) -> bool {
        let (word, bit) = self.bit(self.marks, address);
        // SAFETY: the table is committed for all blocks ever used.
        unsafe { *word & bit != 0 }
    }

    /// Marks the object at `address`.
    #[inline(always)]
    pub fn mark(&mut self, address: usize) {
        let (word, bit) = self.bit(self.marks, address);
        // SAFETY: the table is committed for all blocks ever used, and `self` is borrowed mutably.
        unsafe { *word |= bit }
    }

    /// Notes that an object begins at `address`.
    #[inline(always)]
    pub fn set_start(&mut self, address: usize) {
        let (word, bit) = self.bit(self.starts, address);
        // SAFETY: the table is committed for all blocks ever used, and `self` is borrowed mutably.
        unsafe { *word |= bit }
    }

    /// Notes that the object of `size` bytes at `address` is live.
    #[inline(always)]
    pub fn mark_lines(&mut self, address: usize, size: usize) {
        let first = (address - self.base) / LINE;
        let last = (address + size - 1 - self.base) / LINE;
        for line in first..=last {
            // SAFETY: the table is committed for all blocks ever used, and `self` is borrowed mutably.
            unsafe { *self.line(line) = 1 }
        }
    }

    /// Whether objects of the block that holds `address` are to move.
    #[inline(always)]
    pub fn evacuates(&self, address: usize) -> bool {
        // SAFETY: `address` is that of an object, so its block has been used.
        unsafe { self.blocks.get_unchecked((address - self.base) / BLOCK).evacuate }
    }

    /// Room for an object. Never fails: a program that gets here without memory cannot go on.
    #[inline(always)]
    pub fn alloc(&mut self, size: usize) -> usize {
        let address = self.cursor;
        if size <= self.limit - address {
            self.cursor = address + size;
            return address;
        }
        self.alloc_slow(size)
    }

    #[inline(never)]
    fn alloc_slow(&mut self, size: usize) -> usize {
        if size > LINE && self.limit != self.cursor {
            if size > self.overflow_limit - self.overflow {
                let block = self.acquire();
                self.overflow = block;
                self.overflow_limit = block + BLOCK;
            }
            let address = self.overflow;
            self.overflow += size;
            return address;
        }
        loop {
            self.next_hole();
            if size <= self.limit - self.cursor {
                let address = self.cursor;
                self.cursor += size;
                return address;
            }
            if size > LINE {
                return self.alloc_slow(size);
            }
        }
    }

    /// Moves to the next hole of the current block, of a recyclable one, or to an empty block.
    fn next_hole(&mut self) {
        loop {
            if self.next_line == self.end_line {
                let Some(block) = self.recyclable.pop() else {
                    self.cursor = self.acquire();
                    self.limit = self.cursor + BLOCK;
                    return;
                };
                self.blocks[block as usize].state = State::Used;
                self.next_line = block as usize * LINES;
                self.end_line = self.next_line + LINES;
            }
            // SAFETY: the lines of a block in use; nothing writes to them meanwhile.
            let lines = unsafe {
                std::slice::from_raw_parts(
                    self.line(self.next_line),
                    self.end_line - self.next_line,
                )
            };
            let Some(from) = lines.iter().position(|&mark| mark == 0) else {
                self.next_line = self.end_line;
                continue;
            };
            let len =
                lines[from..].iter().position(|&mark| mark != 0).unwrap_or(lines.len() - from);
            self.cursor = self.base + (self.next_line + from) * LINE;
            self.limit = self.cursor + len * LINE;
            self.next_line += from + len;
            return;
        }
    }

    /// The address of an empty block, from now on in use.
    fn acquire(&mut self) -> usize {
        let block = self.find_free();
        self.blocks[block].state = State::Used;
        self.blocks[block].live_lines = LINES as u16;
        self.blocks[block].discarded = false;
        self.clear_bits(self.starts, block);
        self.clear_bits(self.marks, block);
        self.base + block * BLOCK
    }

    fn find_free(&mut self) -> usize {
        if self.wander {
            if self.quarantine.len() * BLOCK > QUARANTINE.max(self.blocks_in_use() * BLOCK) {
                self.end_quarantine(COMMIT);
            } else if self.free.is_empty()
                && let Some(block) = self.fresh()
            {
                return block;
            }
        }
        if self.free.is_empty() {
            self.end_quarantine(COMMIT);
        }
        if let Some(block) = self.free.pop() {
            self.trimmed = self.trimmed.min(self.free.len());
            return block as usize;
        }
        self.fresh().unwrap_or_else(|| memory::out_of_memory(BLOCK))
    }

    /// A block that has never been used.
    fn fresh(&mut self) -> Option<usize> {
        let block = self.blocks.len();
        if block == self.committed {
            if block * BLOCK == self.len {
                return None;
            }
            let grain = if block < HUGE { COMMIT } else { HUGE };
            let more =
                (block / 16).next_multiple_of(grain).max(grain).min(self.len / BLOCK - block);
            let from = self.base + block * BLOCK;
            let done = memory::commit(from..from + more * BLOCK)
                && memory::commit(self.table(self.starts, block..block + more, BLOCK / 64))
                && memory::commit(self.table(self.marks, block..block + more, BLOCK / 64))
                && memory::commit(self.table(self.lines, block..block + more, LINES));
            if !done {
                return None;
            }
            if grain == HUGE {
                memory::huge(from..from + more * BLOCK);
            }
            self.committed += more;
        }
        let step = if block < HUGE { COMMIT } else { HUGE };
        if block.is_multiple_of(step) && block > 0 {
            // A heap that has filled some blocks will soon fill a few more.
            let from = self.base + block * BLOCK;
            memory::populate(from..self.base + (block + step).min(self.committed) * BLOCK);
        }
        self.blocks.push(Block {
            state: State::Used,
            evacuate: false,
            discarded: false,
            live_lines: 0,
        });
        Some(block)
    }

    fn table(&self, base: usize, blocks: Range<usize>, bytes: usize) -> Range<usize> {
        base + blocks.start * bytes..base + blocks.end * bytes
    }

    /// Makes the oldest vacated blocks usable again.
    fn end_quarantine(&mut self, most: usize) {
        let mut blocks: Vec<u32> =
            self.quarantine.drain(..most.min(self.quarantine.len())).collect();
        blocks.sort_unstable();
        for run in memory::runs(&blocks) {
            memory::commit(self.base + run.start * BLOCK..self.base + run.end * BLOCK);
        }
        for &block in &blocks {
            self.blocks[block as usize].state = State::Free;
        }
        blocks.reverse();
        blocks.append(&mut self.free);
        self.free = blocks;
        self.trimmed = 0;
    }

    fn forget_holes(&mut self) {
        self.recyclable.clear();
        (self.cursor, self.limit) = (0, 0);
        (self.next_line, self.end_line) = (0, 0);
        (self.overflow, self.overflow_limit) = (0, 0);
    }

    /// Before marking: clears the marks, chooses the blocks to evacuate, and makes the allocator use empty blocks only.
    pub fn begin_mark(&mut self, evacuate: Evacuate) {
        let all = evacuate == Evacuate::All;
        self.marking = true;
        self.forget_holes();
        for i in 0..self.blocks.len() {
            let block = &mut self.blocks[i];
            match block.state {
                State::Free | State::Quarantined => continue,
                State::Used => block.evacuate = all,
                State::Recyclable => {
                    block.evacuate =
                        all || evacuate == Evacuate::Sparse && block.live_lines <= SPARSE;
                    block.state = State::Used;
                }
            }
            self.clear_bits(self.marks, i);
            // SAFETY: the table is committed for all blocks ever used, and `self` is borrowed mutably.
            unsafe { self.line(i * LINES).write_bytes(0, LINES) }
        }
    }

    fn clear_bits(&mut self, table: usize, block: usize) {
        let bits: *mut u8 = std::ptr::with_exposed_provenance_mut(table + block * (BLOCK / 64));
        // SAFETY: the tables are committed for all blocks ever used, and `self` is borrowed mutably.
        unsafe { bits.write_bytes(0, BLOCK / 64) }
    }

    /// After marking: finds the holes, frees the empty blocks.
    pub fn sweep(&mut self) {
        self.marking = false;
        std::mem::swap(&mut self.starts, &mut self.marks);
        self.forget_holes();
        let mut released: Vec<u32> = Vec::new();
        for i in (0..self.blocks.len()).rev() {
            if matches!(self.blocks[i].state, State::Free | State::Quarantined) {
                continue;
            }
            // SAFETY: the lines of a block in use; nothing writes to them meanwhile.
            let lines = unsafe { std::slice::from_raw_parts(self.line(i * LINES), LINES) };
            let live = lines.iter().map(|&mark| mark as u16).sum::<u16>();
            let block = &mut self.blocks[i];
            block.live_lines = live;
            debug_assert!(!block.evacuate || live == 0);
            block.evacuate = false;
            if live == 0 {
                block.state = State::Free;
                released.push(i as u32);
            } else if live as usize == LINES {
                block.state = State::Used;
            } else {
                block.state = State::Recyclable;
                self.recyclable.push(i as u32);
            }
        }
        if self.wander {
            released.reverse();
            for run in memory::runs(&released) {
                memory::forbid(self.base + run.start * BLOCK..self.base + run.end * BLOCK);
            }
            for &block in &released {
                self.blocks[block as usize].state = State::Quarantined;
            }
            self.quarantine.extend(released);
        } else {
            self.free.extend(released);
            self.free.sort_unstable_by(|a, b| b.cmp(a));
            self.trimmed = 0;
        }
    }

    /// Gives memory of the highest free blocks back, of `most` blocks at a time, but not the last `keep` bytes, which
    /// the program will fill again soon.
    pub fn trim(&mut self, keep: usize, most: usize) {
        let surplus = self.free.len().saturating_sub(SLACK.max(keep / BLOCK));
        if self.trimmed >= surplus {
            return;
        }
        let mut chosen: Vec<u32> = Vec::new();
        while self.trimmed < surplus && chosen.len() < most {
            let block = self.free[self.trimmed];
            self.trimmed += 1;
            if !std::mem::replace(&mut self.blocks[block as usize].discarded, true) {
                chosen.push(block);
            }
        }
        chosen.reverse();
        for run in memory::runs(&chosen) {
            memory::discard(self.base + run.start * BLOCK..self.base + run.end * BLOCK);
        }
    }

    /// Calls `f` with every object, by address.
    pub fn for_each(&self, f: &mut dyn FnMut(*mut Header)) {
        for (i, block) in self.blocks.iter().enumerate() {
            if matches!(block.state, State::Free | State::Quarantined) {
                continue;
            }
            let base = self.base + i * BLOCK;
            for word in 0..BLOCK / 512 {
                // SAFETY: the table is committed for all blocks ever used.
                let mut bits = unsafe { *self.bit(self.starts, base + word * 512).0 };
                while bits != 0 {
                    let bit = bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    f(std::ptr::with_exposed_provenance_mut(base + word * 512 + bit * 8));
                }
            }
        }
    }
}
