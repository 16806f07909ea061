//! What to report: the order of things, and how to look around in the tokens.

use super::super::error::CompileError;
use super::super::source::Source;
use super::indentation::indentation;
use super::literals::size;
use super::plain;
use super::tokens::{ends_operand, is_delimiter, is_logical, starts_operand};
use rustpython_ast::token::{Token, TokenKind};
use rustpython_parser::{LexicalErrorType, ParseError, ParseErrorType};
use rustpython_text_size::{Ranged, TextRange, TextSize};

/// A token that matters to the grammar.
#[derive(Clone, Copy)]
pub(super) struct Tok {
    pub(super) kind: TokenKind,
    pub(super) range: TextRange,
    /// Number of brackets open before it.
    pub(super) depth: u32,
}

/// The tokens of a program that does not parse, and what is wrong with them as tokens.
pub(super) struct Diagnosis<'a> {
    pub(super) source: &'a Source<'a>,
    pub(super) tokens: Vec<Tok>,
    /// Whether only one expression is allowed.
    pub(super) eval: bool,
    /// The innermost bracket still open at the end.
    pub(super) unclosed: Option<TextRange>,
    /// The first bracket that does not match.
    pub(super) mismatch: Option<Box<CompileError>>,
    pub(super) indentation: Option<Box<CompileError>>,
}

impl<'a> Diagnosis<'a> {
    pub(super) fn new<'t>(
        source: &'a Source<'a>,
        tokens: impl Iterator<Item = &'t Token> + Clone,
        eval: bool,
    ) -> Self {
        let mut kept = vec![];
        let mut open: Vec<(TokenKind, TextRange)> = vec![];
        let mut mismatch = None;
        for token in tokens.clone() {
            let kind = token.kind();
            if matches!(kind, TokenKind::Comment | TokenKind::NonLogicalNewline) {
                continue;
            }
            let depth = open.len() as u32;
            kept.push(Tok { kind, range: token.range(), depth });
            let opener = match kind {
                TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => {
                    open.push((kind, token.range()));
                    continue;
                }
                TokenKind::Rpar => TokenKind::Lpar,
                TokenKind::Rsqb => TokenKind::Lsqb,
                TokenKind::Rbrace => TokenKind::Lbrace,
                _ => continue,
            };
            if mismatch.is_some() {
                continue;
            }
            let here = TextRange::empty(token.start());
            let close = source.slice(token.range());
            match open.pop() {
                None => mismatch = Some(plain(here, format!("unmatched '{close}'"))),
                Some((kind, _)) if kind == opener => {}
                Some((_, range)) => {
                    let opening = source.slice(range);
                    let mut message = format!(
                        "closing parenthesis '{close}' does not match opening parenthesis '{opening}'"
                    );
                    let line = source.line(u32::from(range.start()));
                    if line != source.line(u32::from(token.start())) {
                        message.push_str(&format!(" on line {line}"));
                    }
                    mismatch = Some(plain(here, message));
                }
            }
        }
        let unclosed = open.last().map(|&(_, range)| range);
        let indentation = indentation(source, tokens);
        Self { source, tokens: kept, eval, unclosed, mismatch, indentation }
    }

    pub(super) fn diagnose(&self, errors: &[ParseError]) -> Box<CompileError> {
        if let Some(error) = self.token_error(errors) {
            return error;
        }
        let Some(first) = errors.iter().min_by_key(|e| e.location.start()) else {
            return plain(TextRange::default(), "invalid syntax");
        };
        let index = self.index_at(first.location.start());
        let error = self.special(first, index).unwrap_or_else(|| self.generic(index));
        // A bracket that is never closed is the likelier cause of an error after its line.
        if let Some(bracket) = self.unclosed {
            let line = |range: TextRange| self.source.line(u32::from(range.start()));
            let at_end = self
                .tokens
                .get(index)
                .is_none_or(|t| t.range.start().to_usize() >= self.source.text.trim_end().len());
            // A line end inside brackets is the parser's guess: CPython reads on.
            let inside = |i: &usize| {
                self.tokens.get(*i).is_some_and(|t| t.kind == TokenKind::Newline && t.depth > 0)
            };
            let next = (index..).find(|i| !inside(i)).unwrap_or(index);
            let furthest = self.tokens.get(next).map_or(error.range, |t| t.range);
            let last_line = self.source.line(u32::from(first.location.end()).saturating_sub(1));
            // So does one that is opened where two expressions stand side by side.
            let beside = error.message == "invalid syntax"
                && bracket.start() >= furthest.start()
                && index > 0
                && ends_operand(self.kind(index - 1))
                && starts_operand(self.kind(index));
            if at_end
                || beside
                || line(error.range).max(line(furthest)).max(last_line) > line(bracket)
            {
                let bracket_text = self.source.slice(bracket);
                return plain(bracket, format!("'{bracket_text}' was never closed"));
            }
        }
        error
    }

    /// Whether more lines could make interactive input right.
    pub(super) fn is_incomplete(&self, error: &CompileError) -> bool {
        if self.mismatch.is_some() {
            return false;
        }
        let message = error.message.as_str();
        if message.ends_with("was never closed") || message.starts_with("unterminated triple") {
            return true;
        }
        let content = self.source.text.trim_end().len();
        let at_end = error.range.start().to_usize() >= content;
        let block = message.starts_with("expected an indented block")
            || message.starts_with("expected 'except' or 'finally'")
            || message.starts_with("unexpected EOF");
        let last = self.tokens.iter().rposition(|t| t.kind != TokenKind::Newline);
        let decorated =
            last.is_some_and(|i| self.kind(self.line_begin(i)) == TokenKind::At) && at_end;
        let continued = self.source.text.trim_end_matches(['\n', '\r']).ends_with('\\');
        // At the end of the input there is no token to point at.
        block && (at_end || error.range.is_empty()) || at_end && continued || decorated
    }

    /// What is wrong with the tokens themselves, first in the file.
    pub(super) fn token_error(&self, errors: &[ParseError]) -> Option<Box<CompileError>> {
        let mut found: Vec<Box<CompileError>> = vec![];
        found.extend(self.mismatch.clone());
        found.extend(self.indentation.clone());
        // What is inside a string is looked at when the string is used, not before.
        let tokens = errors.iter().filter(|e| {
            !matches!(
                e.error,
                ParseErrorType::Lexical(
                    LexicalErrorType::UnicodeError
                        | LexicalErrorType::MissingUnicodeLbrace
                        | LexicalErrorType::MissingUnicodeRbrace
                        | LexicalErrorType::StringError
                        | LexicalErrorType::InvalidByteLiteral
                )
            )
        });
        found.extend(tokens.filter_map(|e| self.lexical(e)));
        found.extend(self.number_error());
        found.extend(self.prefix_error());
        found.into_iter().min_by_key(|e| e.range.start())
    }

    /// Index of the first token that does not end before `offset`.
    pub(super) fn index_at(&self, offset: TextSize) -> usize {
        let mut index =
            self.tokens.partition_point(|t| t.range.start() < offset && t.range.end() <= offset);
        while self.kind(index) == TokenKind::Dedent {
            index += 1;
        }
        index
    }

    pub(super) fn kind(&self, index: usize) -> TokenKind {
        self.tokens.get(index).map_or(TokenKind::EndOfFile, |t| t.kind)
    }

    /// Index of the first token of the logical line.
    pub(super) fn line_begin(&self, index: usize) -> usize {
        let mut at = index.min(self.tokens.len());
        while at > 0
            && !matches!(
                self.kind(at - 1),
                TokenKind::Newline | TokenKind::Indent | TokenKind::Dedent | TokenKind::Semi
            )
        {
            at -= 1;
        }
        at
    }

    /// Index of the line end after a token.
    pub(super) fn line_end(&self, index: usize) -> usize {
        let mut at = index;
        while !matches!(self.kind(at), TokenKind::Newline | TokenKind::EndOfFile) {
            at += 1;
        }
        at
    }

    /// The range of a token; that of a line end is one character.
    pub(super) fn token_range(&self, index: usize) -> TextRange {
        let Some(token) = self.tokens.get(index) else {
            let end = size(self.source.text.trim_end().len());
            return TextRange::at(end, TextSize::new(1));
        };
        match token.kind {
            TokenKind::Newline | TokenKind::EndOfFile if token.range.is_empty() => {
                let content = self.source.text.trim_end_matches(['\n', '\r', ' ']).len();
                TextRange::at(size(content).min(token.range.start()), TextSize::new(1))
            }
            _ => token.range,
        }
    }

    pub(super) fn in_fstring(&self, index: usize) -> bool {
        let before = &self.tokens[..index];
        let last = before
            .iter()
            .rev()
            .find(|t| matches!(t.kind, TokenKind::FStringStart | TokenKind::FStringEnd));
        last.is_some_and(|t| t.kind == TokenKind::FStringStart)
    }

    /// Where the expression that ends before `index` begins: after the last delimiter.
    pub(super) fn disjunction_start(&self, index: usize, begin: usize) -> Option<usize> {
        let depth = self.tokens.get(index).map_or(0, |t| t.depth);
        let mut at = index;
        while at > begin {
            let token = self.tokens.get(at - 1)?;
            let opens = matches!(token.kind, TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace);
            if opens && token.depth + 1 == depth {
                break;
            }
            if token.depth <= depth {
                if is_delimiter(token.kind) {
                    break;
                }
                if token.kind == TokenKind::In && self.belongs_to_for(at - 1, begin) {
                    break;
                }
            }
            at -= 1;
        }
        (at < index).then_some(at)
    }

    pub(super) fn belongs_to_for(&self, index: usize, begin: usize) -> bool {
        let depth = self.tokens[index].depth;
        let before = self.tokens[begin..index].iter().rev();
        let mut same = before.take_while(|t| t.depth >= depth).filter(|t| t.depth == depth);
        same.find(|t| matches!(t.kind, TokenKind::For | TokenKind::In))
            .is_some_and(|t| t.kind == TokenKind::For)
    }

    /// Start of the operand (a `bitwise_or`) that ends before `index`.
    pub(super) fn operand_start(&self, index: usize) -> Option<usize> {
        let start = self.disjunction_start(index, self.line_begin(index))?;
        let depth = self.tokens.get(index)?.depth;
        let mut at = index;
        while at > start {
            let token = self.tokens.get(at - 1)?;
            if token.depth == depth && is_logical(token.kind) {
                break;
            }
            at -= 1;
        }
        (at < index).then_some(at)
    }

    /// End of the operand that begins at `index`.
    pub(super) fn operand_end(&self, index: usize) -> Option<usize> {
        let depth = self.tokens.get(index)?.depth;
        let mut end = index;
        while let Some(token) = self.tokens.get(end)
            && token.depth >= depth
            && !(token.depth == depth
                && (is_delimiter(token.kind)
                    || is_logical(token.kind)
                    || matches!(
                        token.kind,
                        TokenKind::Rpar
                            | TokenKind::Rsqb
                            | TokenKind::Rbrace
                            | TokenKind::ColonEqual
                    )))
        {
            end += 1;
        }
        (end > index).then_some(end)
    }

    /// Index of the bracket that a token is in.
    pub(super) fn opening(&self, index: usize) -> Option<usize> {
        let depth = self.tokens.get(index)?.depth;
        (0..index).rev().find(|&i| self.tokens[i].depth < depth)
    }

    /// Whether a token is directly in the parameter list of a `def`.
    pub(super) fn in_parameters(&self, index: usize) -> bool {
        let begin = self.line_begin(index);
        let in_def = matches!(self.kind(begin), TokenKind::Def)
            || self.kind(begin) == TokenKind::Async && self.kind(begin + 1) == TokenKind::Def;
        let in_lambda = (begin..index).any(|i| self.kind(i) == TokenKind::Lambda);
        in_def && self.tokens.get(index).is_some_and(|t| t.depth == 1) || in_lambda
    }

    /// The bracket that closes the argument list a token is in.
    pub(super) fn closing(&self, index: usize) -> TextRange {
        let depth = self.tokens.get(index).map_or(0, |t| t.depth);
        let close = (index..self.tokens.len()).find(|&i| {
            self.tokens[i].depth == depth
                && matches!(self.kind(i), TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace)
        });
        close.map_or(self.token_range(index), |i| self.token_range(i))
    }
}
