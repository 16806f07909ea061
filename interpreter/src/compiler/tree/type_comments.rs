//! Type comments (PEP 484, `# type: int`), which the parser takes for comments like any other.
//! Where the grammar has a place for one, the tree's converter asks for it; what nobody asked for
//! is an error.

use super::{Field, bare};
use crate::bytecode::Const;
use crate::compiler::error::{R, syntax_error};
use crate::compiler::source::Source;
use rustpython_ast::token::{Token, TokenKind};
use rustpython_text_size::{Ranged, TextRange, TextSize};
use std::cell::Cell;

/// A comment and the tokens around it. Other comments and lines without code do not count.
struct Comment<'a> {
    range: TextRange,
    text: &'a str,
    before: (TokenKind, TextSize),
    /// The token before that one.
    second: (TokenKind, TextSize),
    after: TokenKind,
    used: Cell<bool>,
}

impl Comment<'_> {
    /// Where the type is.
    fn text_range(&self) -> TextRange {
        let end = self.range.end();
        TextRange::new(end - TextSize::of(self.text), end)
    }
}

/// The type comments of a source text.
#[derive(Default)]
pub(in crate::compiler) struct TypeComments<'a> {
    /// In the order of the text.
    comments: Vec<Comment<'a>>,
    /// `# type: ignore`, with the line and what follows.
    ignores: Vec<(u32, &'a str)>,
}

/// What a comment says of types.
fn type_text(comment: &str) -> Option<&str> {
    let blanks = [' ', '\t'];
    let rest = comment.strip_prefix('#')?.trim_start_matches(blanks);
    Some(rest.strip_prefix("type:")?.trim_start_matches(blanks))
}

/// What follows `ignore`, if it is that word.
fn ignored(text: &str) -> Option<&str> {
    let tag = text.strip_prefix("ignore")?;
    (!tag.starts_with(|c: char| !c.is_ascii() || c.is_ascii_alphanumeric())).then_some(tag)
}

impl<'a> TypeComments<'a> {
    pub(in crate::compiler) fn new(source: &Source<'a>, tokens: &[Token]) -> Self {
        let mut all = Self::default();
        let start = (TokenKind::Newline, TextSize::default());
        let (mut second, mut before) = (start, start);
        for token in tokens {
            let kind = token.kind();
            if kind == TokenKind::NonLogicalNewline {
                continue;
            }
            let mut found = None;
            if kind == TokenKind::Comment {
                let Some(text) = type_text(source.slice(token.range())) else { continue };
                if let Some(tag) = ignored(text) {
                    all.ignores.push((source.line(token.start().into()), tag));
                    continue;
                }
                found = Some(text);
            }
            if let Some(last) = all.comments.last_mut()
                && last.range.end() == before.1
            {
                last.after = kind;
            }
            if let Some(text) = found {
                let (range, after) = (token.range(), TokenKind::EndOfFile);
                let used = Cell::new(false);
                all.comments.push(Comment { range, text, before, second, after, used });
            }
            (second, before) = (before, (kind, token.end()));
        }
        all
    }

    /// The first comment from an offset on.
    fn from(&self, offset: TextSize) -> Option<&Comment<'a>> {
        self.comments.get(self.comments.partition_point(|c| c.range.start() < offset))
    }

    /// The comment behind an assignment that ends here.
    pub(super) fn assignment(&self, end: TextSize) -> Field {
        taken(self.from(end).filter(|c| c.before.1 == end))
    }

    /// The comment behind a parameter that ends here: behind its comma, or before the parenthesis.
    pub(super) fn parameter(&self, end: TextSize) -> Field {
        taken(self.from(end).filter(|c| {
            let behind_comma = c.before.0 == TokenKind::Comma && c.second.1 == end;
            behind_comma || c.before.1 == end && c.after == TokenKind::Rpar
        }))
    }

    /// The comment behind the colon of a header that goes on here, before its block.
    pub(super) fn header(&self, from: TextSize, block: TextSize) -> Field {
        let comment = self.from(from).filter(|c| c.range.start() < block);
        taken(comment.filter(|c| c.before.0 == TokenKind::Colon))
    }

    /// The comment of a function: behind the colon, or alone on the next line.
    pub(super) fn function(&self, from: TextSize, block: TextSize) -> R<Field> {
        let next_line = |c: &&Comment| {
            let before_block = c.before.0 == TokenKind::Newline && c.after == TokenKind::Indent;
            c.range.start() < block && before_block
        };
        let first = self.header(from, block);
        if matches!(first, Field::None) {
            let comment = self.from(from).filter(next_line);
            return Ok(taken(comment.filter(|c| c.second.0 == TokenKind::Colon)));
        }
        let behind = self.from(from).map_or(from, |c| c.range.end());
        match self.from(behind).filter(next_line).filter(|c| c.second.1 == behind) {
            Some(second) => {
                Err(syntax_error(second.text_range(), "Cannot have two type comments on def"))
            }
            None => Ok(first),
        }
    }

    /// Complains about a comment where none may be.
    pub(super) fn check_all_used(&self) -> R<()> {
        match self.comments.iter().find(|comment| !comment.used.get()) {
            Some(comment) => {
                let bare_star =
                    comment.before.0 == TokenKind::Comma && comment.second.0 == TokenKind::Star;
                let message =
                    if bare_star { "bare * has associated type comment" } else { "invalid syntax" };
                Err(syntax_error(comment.text_range(), message))
            }
            None => Ok(()),
        }
    }

    /// The nodes of what is to be ignored.
    pub(super) fn ignores(&self) -> Field {
        let node = |&(line, tag): &(u32, &str)| {
            let fields = vec![Field::Int(line.into()), Field::Const(Const::Str(tag.into()))];
            Field::Node(bare("TypeIgnore", fields))
        };
        Field::List(self.ignores.iter().map(node).collect())
    }
}

/// What a field holds for a comment.
fn taken(comment: Option<&Comment>) -> Field {
    let Some(comment) = comment else { return Field::None };
    comment.used.set(true);
    Field::Const(Const::Str(comment.text.into()))
}
