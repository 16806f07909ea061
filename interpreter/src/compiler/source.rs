//! From byte offsets to lines and columns.

use crate::bytecode::Position;
use rustpython_text_size::TextRange;

/// The source text with an index of its lines.
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    starts: Vec<u32>,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            // A carriage return before a newline is part of the same line end.
            if bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n') {
                starts.push(at as u32 + 1);
            }
        }
        Self { text, starts }
    }

    /// The text of a range.
    pub(super) fn slice(&self, range: TextRange) -> &'a str {
        self.text.get(range.start().to_usize()..range.end().to_usize()).unwrap_or("")
    }

    /// Line (from 1) of a byte offset.
    pub(super) fn line(&self, offset: u32) -> u32 {
        self.starts.partition_point(|&start| start <= offset) as u32
    }

    /// Byte offset of a line's beginning.
    pub(super) fn start_of(&self, line: u32) -> u32 {
        self.starts[line as usize - 1]
    }

    /// A line with its newline.
    pub(super) fn line_text(&self, line: u32) -> &'a str {
        let start = self.start_of(line) as usize;
        let end = self.starts.get(line as usize).map_or(self.text.len(), |&end| end as usize);
        &self.text[start..end]
    }

    /// Column in characters, from 0.
    pub(super) fn char_column(&self, offset: u32) -> u32 {
        let start = self.start_of(self.line(offset)) as usize;
        let offset = self.floor_boundary(offset as usize);
        self.text[start.min(offset)..offset].chars().count() as u32
    }

    fn floor_boundary(&self, mut offset: usize) -> usize {
        offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }

    /// The position of a range.
    pub(super) fn position(&self, range: TextRange) -> Position {
        let (start, end) = (u32::from(range.start()), u32::from(range.end()));
        let line = self.line(start);
        let next = self.starts.get(line as usize).copied().unwrap_or(u32::MAX);
        let end_line = if end < next { line } else { self.line(end) };
        Position {
            line,
            end_line,
            col: start - self.start_of(line),
            end_col: end - self.start_of(end_line),
        }
    }
}
