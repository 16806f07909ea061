//! From byte offsets to lines and columns.

use crate::bytecode::{Const, Position};
use rustpython_ast::AtomicNodeIndex;
use rustpython_text_size::TextRange;

/// The source text with an index of its lines.
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    starts: Vec<u32>,
    /// How many digits a decimal literal may have; 0 for any number.
    pub(super) max_digits: usize,
    /// What a tree brings along that was not parsed from a text.
    tree: Option<TreeParts>,
}

/// What there is instead of a text for a tree made of objects: the rows of its "text" are blank,
/// and there is one for each line that a node is on.
pub(super) struct TreeParts {
    /// The line number of each row.
    pub(super) lines: Vec<u32>,
    /// Constants that the parser's tree cannot hold, and the texts of interpolations, by the
    /// nodes' indices.
    pub(super) constants: Vec<Const>,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self::with_limit(text, 0)
    }

    /// As [`Source::new`], with a limit to the digits of literals.
    pub(super) fn with_limit(text: &'a str, max_digits: usize) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            // A carriage return before a newline is part of the same line end.
            if bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n') {
                starts.push(at as u32 + 1);
            }
        }
        Self { text, starts, max_digits, tree: None }
    }

    /// The source of a tree of objects.
    pub(super) fn of_tree(text: &'a str, parts: TreeParts) -> Self {
        Self { tree: Some(parts), ..Self::new(text) }
    }

    /// Whether the tree was not parsed from a text.
    pub(super) fn is_tree(&self) -> bool {
        self.tree.is_some()
    }

    /// The constant that a node stands for.
    pub(super) fn constant(&self, node: &AtomicNodeIndex) -> Option<&Const> {
        self.tree.as_ref()?.constants.get(node.load().as_u32()? as usize)
    }

    /// Number of the row with a byte offset.
    fn row(&self, offset: u32) -> usize {
        self.starts.partition_point(|&start| start <= offset) - 1
    }

    /// Line number of a row.
    fn number(&self, row: usize) -> u32 {
        match &self.tree {
            Some(tree) => tree.lines.get(row).copied().unwrap_or(0),
            None => row as u32 + 1,
        }
    }

    /// The text of a range.
    pub(super) fn slice(&self, range: TextRange) -> &'a str {
        self.text.get(range.start().to_usize()..range.end().to_usize()).unwrap_or("")
    }

    /// Line (from 1) of a byte offset.
    pub(super) fn line(&self, offset: u32) -> u32 {
        self.number(self.row(offset))
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
        let start = self.starts[self.row(offset)] as usize;
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
        let row = self.row(start);
        let next = self.starts.get(row + 1).copied().unwrap_or(u32::MAX);
        let end_row = if end < next { row } else { self.row(end) };
        Position {
            line: self.number(row),
            end_line: self.number(end_row),
            col: start - self.starts[row],
            end_col: end - self.starts[end_row],
        }
    }
}
