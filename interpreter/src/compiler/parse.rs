//! Parsing, and the parser's errors in CPython's words.
//!
//! CPython reports, in this order: what is wrong with the tokens anywhere in the file; a bracket
//! that is never closed, if the error is on a later line; an error that it has special words for;
//! else "invalid syntax" at the furthest token. The same order is kept here, on the tokens and
//! errors that the parser hands out.

use super::Mode;
use super::error::{CompileError, R, SyntaxErrorKind};
use super::source::Source;
use rustpython_ast::token::{Token, TokenKind};
use rustpython_ast::{Expr, Mod, Number, PythonVersion, Stmt};
use rustpython_parser::{
    InterpolatedStringErrorType, LexicalErrorType, ParseError, ParseErrorType, ParseOptions,
    parse_expression, parse_unchecked,
};
use rustpython_text_size::{Ranged, TextRange, TextSize};

/// Parses a program.
pub(super) fn parse(source: &Source, mode: Mode) -> R<Mod> {
    let parser_mode = match mode {
        Mode::Exec | Mode::Single => rustpython_parser::Mode::Module,
        Mode::Eval => rustpython_parser::Mode::Expression,
    };
    if let Some(at) = memchr::memchr(0, source.text.as_bytes()) {
        let range = TextRange::empty(TextSize::new(at as u32));
        return Err(plain(range, "source code cannot contain null bytes"));
    }
    let options = ParseOptions::from(parser_mode).with_target_version(PythonVersion::PY314);
    let parsed = parse_unchecked(source.text, options);
    let tokens = || parsed.tokens().iter();
    if parsed.errors().is_empty() {
        if source.text.contains('\t') {
            indentation(source, tokens()).map_or(Ok(()), Err)?;
        }
        if let Some(newer) = parsed.unsupported_syntax_errors().first() {
            let starred = source.slice(newer.range).starts_with('*');
            return Err(if starred {
                plain(newer.range, "iterable unpacking cannot be used in comprehension")
            } else {
                plain(newer.range, "invalid syntax")
            });
        }
        if mode == Mode::Single && is_open_block(parsed.syntax(), source.text) {
            return Err(incomplete(source));
        }
        return Ok(parsed.into_syntax());
    }
    let diagnosis = Diagnosis::new(source, tokens());
    let error = diagnosis.diagnose(parsed.errors());
    if mode == Mode::Single && diagnosis.is_incomplete(&error) {
        return Err(incomplete(source));
    }
    Err(error)
}

/// Interactive input that ends in a block goes on until an empty line.
fn is_open_block(tree: &Mod, text: &str) -> bool {
    let Mod::Module(module) = tree else { return false };
    let compound = matches!(
        module.body.last(),
        Some(
            Stmt::If(_)
                | Stmt::For(_)
                | Stmt::While(_)
                | Stmt::Try(_)
                | Stmt::With(_)
                | Stmt::FunctionDef(_)
                | Stmt::ClassDef(_)
                | Stmt::Match(_)
        )
    );
    compound && !text.ends_with('\n')
}

fn incomplete(source: &Source) -> Box<CompileError> {
    let end = TextSize::new(source.text.len() as u32);
    let kind = SyntaxErrorKind::IncompleteInput;
    Box::new(CompileError {
        kind,
        message: "incomplete input".into(),
        range: TextRange::empty(end),
    })
}

fn plain(range: TextRange, message: impl Into<String>) -> Box<CompileError> {
    Box::new(CompileError { kind: SyntaxErrorKind::SyntaxError, message: message.into(), range })
}

fn indentation_error(range: TextRange, message: impl Into<String>) -> Box<CompileError> {
    let kind = SyntaxErrorKind::IndentationError;
    Box::new(CompileError { kind, message: message.into(), range })
}

/// Follows the indentation as CPython does: in columns with tabs of eight and with tabs of one,
/// which must agree.
fn indentation<'t>(
    source: &Source,
    tokens: impl Iterator<Item = &'t Token>,
) -> Option<Box<CompileError>> {
    let mut levels = vec![(0, 0)];
    let mut at_start = true;
    let mut depth = 0u32;
    for token in tokens {
        match token.kind() {
            TokenKind::Comment | TokenKind::NonLogicalNewline => continue,
            TokenKind::Indent | TokenKind::Dedent => continue,
            TokenKind::Newline => {
                at_start = depth == 0;
                continue;
            }
            TokenKind::EndOfFile => return None,
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => depth += 1,
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => {
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        if !std::mem::take(&mut at_start) {
            continue;
        }
        let line = source.line(u32::from(token.start()));
        let text = source.line_text(line);
        let (mut column, mut other) = (0u32, 0u32);
        for byte in text.bytes() {
            match byte {
                b' ' => {
                    column += 1;
                    other += 1;
                }
                b'\t' => {
                    column = (column / 8 + 1) * 8;
                    other += 1;
                }
                0x0c => {
                    column = 0;
                    other = 0;
                }
                _ => break,
            }
        }
        let start = token.start() - TextSize::new(u32::from(token.start()) - source.start_of(line));
        let tab_error = || {
            Some(Box::new(CompileError {
                kind: SyntaxErrorKind::TabError,
                message: "inconsistent use of tabs and spaces in indentation".into(),
                range: TextRange::empty(start),
            }))
        };
        let &(top, top_other) = levels.last()?;
        if column == top {
            if other != top_other {
                return tab_error();
            }
        } else if column > top {
            if other <= top_other {
                return tab_error();
            }
            levels.push((column, other));
            if levels.len() > 100 {
                let range = TextRange::empty(start);
                return Some(indentation_error(range, "too many levels of indentation"));
            }
        } else {
            while levels.last().is_some_and(|&(level, _)| level > column) {
                levels.pop();
            }
            let &(top, top_other) = levels.last()?;
            if column != top {
                let end = source.start_of(line) + text.trim_end_matches(['\r', '\n']).len() as u32;
                return Some(indentation_error(
                    TextRange::empty(TextSize::new(end)),
                    "unindent does not match any outer indentation level",
                ));
            }
            if other != top_other {
                return tab_error();
            }
        }
    }
    None
}

/// A token that matters to the grammar.
#[derive(Clone, Copy)]
struct Tok {
    kind: TokenKind,
    range: TextRange,
    /// Number of brackets open before it.
    depth: u32,
}

struct Diagnosis<'a> {
    source: &'a Source<'a>,
    tokens: Vec<Tok>,
    /// The innermost bracket still open at the end.
    unclosed: Option<TextRange>,
    /// The first bracket that does not match.
    mismatch: Option<Box<CompileError>>,
    indentation: Option<Box<CompileError>>,
}

impl<'a> Diagnosis<'a> {
    fn new<'t>(source: &'a Source<'a>, tokens: impl Iterator<Item = &'t Token> + Clone) -> Self {
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
        Self { source, tokens: kept, unclosed, mismatch, indentation }
    }

    fn diagnose(&self, errors: &[ParseError]) -> Box<CompileError> {
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
            if at_end || line(error.range).max(line(furthest)) > line(bracket) {
                let bracket_text = self.source.slice(bracket);
                return plain(bracket, format!("'{bracket_text}' was never closed"));
            }
        }
        error
    }

    /// Whether more lines could make interactive input right.
    fn is_incomplete(&self, error: &CompileError) -> bool {
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
    fn token_error(&self, errors: &[ParseError]) -> Option<Box<CompileError>> {
        let mut found: Vec<Box<CompileError>> = vec![];
        found.extend(self.mismatch.clone());
        found.extend(self.indentation.clone());
        found.extend(errors.iter().filter_map(|e| self.lexical(e)));
        found.extend(self.number_error());
        found.into_iter().min_by_key(|e| e.range.start())
    }

    fn lexical(&self, error: &ParseError) -> Option<Box<CompileError>> {
        let range = error.location;
        let lexical = match &error.error {
            ParseErrorType::Lexical(lexical) => lexical,
            ParseErrorType::FStringError(kind) | ParseErrorType::TStringError(kind) => {
                let unterminated = matches!(
                    kind,
                    InterpolatedStringErrorType::UnterminatedString
                        | InterpolatedStringErrorType::UnterminatedTripleQuotedString
                );
                return unterminated.then(|| self.unterminated(range));
            }
            _ => return None,
        };
        let start = TextRange::empty(range.start());
        let text = self.source.slice(range);
        Some(match lexical {
            LexicalErrorType::UnclosedStringError => self.unterminated(range),
            LexicalErrorType::FStringError(kind) | LexicalErrorType::TStringError(kind) => {
                match kind {
                    InterpolatedStringErrorType::UnterminatedString
                    | InterpolatedStringErrorType::UnterminatedTripleQuotedString => {
                        self.unterminated(range)
                    }
                    _ => return None,
                }
            }
            LexicalErrorType::IndentationError => {
                let line = self.source.line(u32::from(range.start()));
                let text = self.source.line_text(line).trim_end_matches(['\n', '\r']);
                let end = self.source.start_of(line) + text.len() as u32;
                indentation_error(
                    TextRange::empty(TextSize::new(end)),
                    "unindent does not match any outer indentation level",
                )
            }
            LexicalErrorType::UnrecognizedToken { tok } => match tok {
                c if c.is_ascii_graphic() => return None,
                c if c.is_control() || c.is_whitespace() || *c == '\u{feff}' => {
                    plain(start, format!("invalid non-printable character U+{:04X}", u32::from(*c)))
                }
                c => plain(start, format!("invalid character '{c}' (U+{:04X})", u32::from(*c))),
            },
            LexicalErrorType::LineContinuationError => {
                let after = TextRange::empty(range.start() + TextSize::new(1));
                plain(after, "unexpected character after line continuation character")
            }
            LexicalErrorType::Eof => match self.unclosed {
                Some(_) => return None,
                None => plain(start, "unexpected EOF while parsing"),
            },
            LexicalErrorType::InvalidByteLiteral => plain(
                self.enclosing_string(range).map_or(range, |(range, _)| range),
                "bytes can only contain ASCII literal characters",
            ),
            LexicalErrorType::UnicodeError
            | LexicalErrorType::MissingUnicodeLbrace
            | LexicalErrorType::MissingUnicodeRbrace
            | LexicalErrorType::StringError => self.bad_escape(range),
            LexicalErrorType::OtherError(_) => {
                return text.starts_with(|c: char| c.is_ascii_digit() || c == '.').then(|| {
                    let start = range.start().to_usize();
                    bad_number(self.source.text, start)
                        .unwrap_or_else(|| plain(range, "invalid decimal literal"))
                });
            }
        })
    }

    /// A string that does not end; the range begins somewhere at or in it.
    fn unterminated(&self, range: TextRange) -> Box<CompileError> {
        let text = self.source.text;
        // Back to the string's prefix and quotes.
        let token = self
            .tokens
            .iter()
            .rev()
            .find(|t| {
                t.range.start() <= range.start()
                    && matches!(t.kind, TokenKind::FStringStart | TokenKind::TStringStart)
            })
            .filter(|_| {
                !text[range.start().to_usize()..]
                    .starts_with(['\'', '"', 'r', 'R', 'b', 'B', 'u', 'U'])
            });
        let start = token.map_or(range.start(), |t| t.range.start());
        let literal = &text[start.to_usize()..];
        let quote = literal.find(['\'', '"']).unwrap_or(0);
        let prefix = literal[..quote].to_ascii_lowercase();
        let triple = literal[quote..].starts_with("'''") || literal[quote..].starts_with("\"\"\"");
        let word = if prefix.contains('f') {
            "f-string"
        } else if prefix.contains('t') {
            "t-string"
        } else {
            "string"
        };
        let here = TextRange::empty(start);
        let line = if triple {
            self.source.line(text.trim_end_matches('\n').len() as u32)
        } else {
            // A backslash continues the string on the next line.
            let mut end = start.to_usize() + quote;
            while let Some(length) = text[end..].find('\n') {
                end += length;
                if !text[..end].ends_with('\\') {
                    break;
                }
                end += 1;
            }
            self.source.line(end.min(text.len()) as u32)
        };
        let kind = if triple { "unterminated triple-quoted" } else { "unterminated" };
        plain(here, format!("{kind} {word} literal (detected at line {line})"))
    }

    fn fstring_error(
        &self,
        kind: &InterpolatedStringErrorType,
        range: TextRange,
    ) -> Box<CompileError> {
        let start = TextRange::empty(range.start());
        let text = self.source.slice(range);
        match kind {
            InterpolatedStringErrorType::UnclosedLbrace => plain(start, "f-string: expecting '}'"),
            InterpolatedStringErrorType::SingleRbrace => {
                plain(start, "f-string: single '}' is not allowed")
            }
            InterpolatedStringErrorType::InvalidConversionFlag => {
                let message = if text.chars().all(|c| c.is_alphanumeric()) && !text.is_empty() {
                    format!(
                        "f-string: invalid conversion character '{text}': expected 's', 'r', or 'a'"
                    )
                } else {
                    "f-string: invalid conversion character".to_owned()
                };
                plain(range, message)
            }
            InterpolatedStringErrorType::ConversionFlagNotImmediatelyAfterExclamation => {
                plain(range, "f-string: conversion type must come right after the exclamation mark")
            }
            InterpolatedStringErrorType::LambdaWithoutParentheses => {
                plain(range, "f-string: lambda expressions are not allowed without parentheses")
            }
            InterpolatedStringErrorType::NewlineInFormatSpec => plain(
                start,
                "f-string: newlines are not allowed in format specifiers for single quoted f-strings",
            ),
            InterpolatedStringErrorType::UnterminatedString
            | InterpolatedStringErrorType::UnterminatedTripleQuotedString => {
                self.unterminated(range)
            }
        }
    }

    /// The string token around a range, and where its content begins.
    fn enclosing_string(&self, range: TextRange) -> Option<(TextRange, usize)> {
        let bytes = self.source.text.as_bytes();
        // The tokens lack literals that failed: look for the quotes around the escape.
        let mut start = range.start().to_usize();
        let line_start = self.source.start_of(self.source.line(start as u32)) as usize;
        while start > line_start && !matches!(bytes[start - 1], b'\'' | b'"') {
            start -= 1;
        }
        if start == line_start {
            return None;
        }
        let quote = bytes[start - 1];
        let content = start;
        let mut begin = start - 1;
        while begin > line_start && bytes[begin - 1] == quote {
            begin -= 1;
        }
        while begin > line_start && bytes[begin - 1].is_ascii_alphabetic() {
            begin -= 1;
        }
        let mut end = range.start().to_usize();
        while end < bytes.len() && bytes[end] != quote && bytes[end] != b'\n' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let end = (end + 1).min(bytes.len());
        Some((TextRange::new(size(begin), size(end)), content))
    }

    /// An escape sequence that cannot be decoded.
    fn bad_escape(&self, range: TextRange) -> Box<CompileError> {
        let Some((literal, content)) = self.enclosing_string(range) else {
            return plain(range, "(unicode error) invalid escape sequence");
        };
        let text = self.source.text;
        let body = &text[content..literal.end().to_usize()];
        let mut at = 0;
        while let Some(found) = body[at..].find('\\') {
            let start = at + found;
            let escape = &body[start..];
            let kind = escape.as_bytes().get(1).copied().unwrap_or(0);
            let wanted = match kind {
                b'x' => 2,
                b'u' => 4,
                b'U' => 8,
                b'N' => {
                    let name_end = escape.find('}');
                    let message = match name_end {
                        Some(end) if escape.as_bytes().get(2) == Some(&b'{') && end > 3 => {
                            (end, "unknown Unicode character name")
                        }
                        _ => (1, "malformed \\N character escape"),
                    };
                    if content + start + 3 >= range.start().to_usize() {
                        return unicode_error(literal, start, start + message.0, message.1);
                    }
                    at = start + 2;
                    continue;
                }
                _ => {
                    at = start + 2;
                    continue;
                }
            };
            let digits = escape[2..].bytes().take(wanted).take_while(u8::is_ascii_hexdigit).count();
            if digits < wanted {
                let what = match kind {
                    b'x' => "truncated \\xXX escape",
                    b'u' => "truncated \\uXXXX escape",
                    _ => "truncated \\UXXXXXXXX escape",
                };
                if text[literal.start().to_usize()..content].contains(['b', 'B']) {
                    let message = format!("(value error) invalid \\x escape at position {start}");
                    return plain(literal, message);
                }
                return unicode_error(literal, start, start + 1 + digits, what);
            }
            if kind == b'U' {
                let value = u32::from_str_radix(&escape[2..10], 16).unwrap_or(u32::MAX);
                if value > 0x10_FFFF {
                    return unicode_error(literal, start, start + 9, "illegal Unicode character");
                }
            }
            at = start + 2 + wanted;
        }
        plain(literal, "(unicode error) 'unicodeescape' codec can't decode bytes")
    }

    /// A number directly followed by letters.
    fn number_error(&self) -> Option<Box<CompileError>> {
        self.tokens.windows(2).find_map(|pair| {
            let [number, next] = pair else { return None };
            let is_number =
                matches!(number.kind, TokenKind::Int | TokenKind::Float | TokenKind::Complex);
            if !is_number || number.range.end() != next.range.start() {
                return None;
            }
            let wordlike = next.kind == TokenKind::Name
                || next.kind == TokenKind::Int
                || next.kind.is_keyword() && !follows_number(next.kind);
            wordlike.then(|| bad_number(self.source.text, number.range.start().to_usize()))?
        })
    }

    /// Index of the first token that does not end before `offset`.
    fn index_at(&self, offset: TextSize) -> usize {
        let mut index =
            self.tokens.partition_point(|t| t.range.start() < offset && t.range.end() <= offset);
        while self.kind(index) == TokenKind::Dedent {
            index += 1;
        }
        index
    }

    fn kind(&self, index: usize) -> TokenKind {
        self.tokens.get(index).map_or(TokenKind::EndOfFile, |t| t.kind)
    }

    /// Index of the first token of the logical line.
    fn line_begin(&self, index: usize) -> usize {
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
    fn line_end(&self, index: usize) -> usize {
        let mut at = index;
        while !matches!(self.kind(at), TokenKind::Newline | TokenKind::EndOfFile) {
            at += 1;
        }
        at
    }

    /// The range of a token; that of a line end is one character.
    fn token_range(&self, index: usize) -> TextRange {
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

    /// "invalid syntax" at a token, unless there are better words for what is around it.
    fn generic(&self, index: usize) -> Box<CompileError> {
        match self.kind(index) {
            TokenKind::Indent => {
                let line = self.source.line(u32::from(self.token_range(index).end()));
                let end = self.token_range(index).end();
                let before = if self.source.start_of(line) < u32::from(end) {
                    end - TextSize::new(1)
                } else {
                    end
                };
                return indentation_error(TextRange::empty(before), "unexpected indent");
            }
            TokenKind::Equal => {
                if let Some(error) = self.misplaced_equal(index) {
                    return error;
                }
            }
            TokenKind::Slash | TokenKind::Star => {
                if let Some(error) = self.repeated_marker(index) {
                    return error;
                }
            }
            TokenKind::Dot => {
                let begin = self.line_begin(index);
                let import = matches!(self.kind(begin), TokenKind::Import | TokenKind::From);
                if import && index > 2 && self.kind(index - 2) == TokenKind::As {
                    let range = self.token_range(index - 1).cover(self.token_range(index + 1));
                    return plain(range, "cannot use attribute as import target");
                }
            }
            TokenKind::For => {
                let depth = self.tokens[index].depth;
                let open = (0..index).rev().find(|&i| self.tokens[i].depth < depth);
                if let Some(open) = open
                    && self.kind(open) == TokenKind::Lbrace
                    && self.kind(open + 1) == TokenKind::DoubleStar
                {
                    let stars = self.token_range(open + 1);
                    return plain(stars, "dict unpacking cannot be used in dict comprehension");
                }
                if let Some(open) = open
                    && matches!(self.kind(open), TokenKind::Lsqb | TokenKind::Lbrace)
                    && (open..index)
                        .any(|i| self.kind(i) == TokenKind::Comma && self.tokens[i].depth == depth)
                {
                    let targets = self.token_range(open + 1).cover(self.token_range(index - 1));
                    return plain(
                        targets,
                        "did you forget parentheses around the comprehension target?",
                    );
                }
            }
            kind if is_augmented(kind) => {
                let begin = self.line_begin(index);
                if begin < index {
                    let range = self.token_range(begin).cover(self.token_range(index - 1));
                    if let Some(what @ ("tuple" | "list")) = self.name_of(range) {
                        return plain(
                            range,
                            format!("'{what}' is an illegal expression for augmented assignment"),
                        );
                    }
                }
            }
            TokenKind::FStringEnd
                if index > 0
                    && self.in_fstring(index)
                    && self.kind(index - 1) == TokenKind::Lbrace =>
            {
                let here = TextRange::empty(self.token_range(index).start());
                return plain(here, "f-string: expecting '}'");
            }
            _ => {}
        }
        if let Some(error) = self
            .legacy_statement(index)
            .or_else(|| self.missing_else(index))
            .or_else(|| self.forgotten_comma(index))
        {
            return error;
        }
        plain(self.token_range(index), "invalid syntax")
    }

    /// `if x = 3:`
    fn misplaced_equal(&self, index: usize) -> Option<Box<CompileError>> {
        let begin = self.operand_start(index)?;
        let left = TextRange::new(
            self.tokens.get(begin)?.range.start(),
            self.tokens.get(index - 1)?.range.end(),
        );
        let end = self.operand_end(index + 1)?;
        if matches!(self.kind(end), TokenKind::Equal | TokenKind::ColonEqual) {
            return None;
        }
        let expr = parse_expression(self.source.slice(left)).ok()?.into_expr();
        let right = self.tokens.get(end - 1)?.range.end();
        match expr {
            Expr::Name(_) => Some(plain(
                TextRange::new(left.start(), right),
                "invalid syntax. Maybe you meant '==' or ':=' instead of '='?",
            )),
            Expr::List(_) | Expr::Tuple(_) | Expr::Generator(_) => None,
            Expr::BooleanLiteral(_) | Expr::NoneLiteral(_) => None,
            other => Some(plain(
                left,
                format!(
                    "cannot assign to {} here. Maybe you meant '==' instead of '='?",
                    expression_name(&other)
                ),
            )),
        }
    }

    /// `def f(a, /, b, /)`
    fn repeated_marker(&self, index: usize) -> Option<Box<CompileError>> {
        let begin = self.line_begin(index);
        let depth = self.tokens.get(index)?.depth;
        let separated = index > 0
            && matches!(
                self.kind(index - 1),
                TokenKind::Comma | TokenKind::Lpar | TokenKind::Lambda
            );
        let definition = matches!(self.kind(begin), TokenKind::Def | TokenKind::Async)
            || (begin..index).any(|i| self.kind(i) == TokenKind::Lambda);
        if !definition || !separated {
            return None;
        }
        let earlier = |kind: TokenKind| {
            (begin..index).any(|i| self.tokens[i].depth == depth && self.kind(i) == kind)
        };
        let message = match self.kind(index) {
            TokenKind::Slash if earlier(TokenKind::Slash) => "/ may appear only once",
            TokenKind::Slash if earlier(TokenKind::Star) => "/ must be ahead of *",
            TokenKind::Star if earlier(TokenKind::Star) => "* argument may appear only once",
            _ => return None,
        };
        Some(plain(self.token_range(index), message))
    }

    /// `print "text"`
    fn legacy_statement(&self, index: usize) -> Option<Box<CompileError>> {
        let begin = self.line_begin(index);
        if begin + 1 != index
            || self.kind(begin) != TokenKind::Name
            || !starts_operand(self.kind(index))
        {
            return None;
        }
        let first = self.tokens.get(begin)?;
        let word = self.source.slice(first.range);
        if !matches!(word, "print" | "exec") {
            return None;
        }
        let mut end = index;
        while !matches!(self.kind(end), TokenKind::Newline | TokenKind::EndOfFile | TokenKind::Semi)
        {
            end += 1;
        }
        let range = TextRange::new(first.range.start(), self.tokens.get(end - 1)?.range.end());
        let arguments = TextRange::new(self.token_range(index).start(), range.end());
        parse_expression(self.source.slice(arguments)).ok()?;
        Some(plain(
            range,
            format!("Missing parentheses in call to '{word}'. Did you mean {word}(...)?"),
        ))
    }

    /// `x if y` without `else`.
    fn missing_else(&self, index: usize) -> Option<Box<CompileError>> {
        let depth = self.tokens.get(index).map_or(0, |t| t.depth);
        let begin = self.line_begin(index);
        if index > 0 && self.kind(index - 1) == TokenKind::Else && index - 1 > begin {
            let is_end = matches!(
                self.kind(index),
                TokenKind::Newline | TokenKind::EndOfFile | TokenKind::Semi
            );
            let statement = self.kind(index).is_non_soft_keyword();
            return (is_end || statement).then(|| {
                plain(
                    self.token_range(index),
                    "expected expression after 'else', but statement is given",
                )
            });
        }
        if !matches!(
            self.kind(index),
            TokenKind::Newline
                | TokenKind::EndOfFile
                | TokenKind::Semi
                | TokenKind::Rpar
                | TokenKind::Rsqb
                | TokenKind::Rbrace
                | TokenKind::Comma
        ) {
            return None;
        }
        let mut at = index;
        while at > begin + 1 {
            at -= 1;
            let token = self.tokens.get(at)?;
            if token.depth < depth {
                return None;
            }
            if token.depth > depth {
                continue;
            }
            match token.kind {
                TokenKind::If => {
                    let start = self.disjunction_start(at, begin)?;
                    let from = self.tokens.get(start)?.range.start();
                    let condition =
                        TextRange::new(token.range.end(), self.tokens.get(index - 1)?.range.end());
                    parse_expression(self.source.slice(condition).trim()).ok()?;
                    let range = TextRange::new(from, condition.end());
                    return Some(plain(range, "expected 'else' after 'if' expression"));
                }
                TokenKind::Else | TokenKind::For | TokenKind::Comma | TokenKind::Colon => {
                    return None;
                }
                _ => {}
            }
        }
        None
    }

    /// Two expressions side by side inside brackets.
    fn forgotten_comma(&self, index: usize) -> Option<Box<CompileError>> {
        let token = self.tokens.get(index)?;
        if token.depth == 0 && !self.in_fstring(index) || index == 0 {
            return None;
        }
        if !ends_operand(self.kind(index - 1)) || !starts_operand(token.kind) {
            return None;
        }
        let start = self.disjunction_start(index, self.line_begin(index))?;
        if self.kind(start) == TokenKind::Name && self.kind(start + 1) == TokenKind::String {
            return None;
        }
        let from = self.tokens.get(start)?.range.start();
        let left = TextRange::new(from, self.tokens.get(index - 1)?.range.end());
        parse_expression(self.source.slice(left)).ok()?;
        // The longest expression from here to the next delimiter.
        let mut end = index;
        while let Some(next) = self.tokens.get(end)
            && next.depth >= token.depth
            && !(next.depth == token.depth && is_delimiter(next.kind))
        {
            let closes = matches!(next.kind, TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace);
            if closes && next.depth == token.depth {
                break;
            }
            end += 1;
        }
        while end > index {
            let range = TextRange::new(token.range.start(), self.tokens.get(end - 1)?.range.end());
            if parse_expression(self.source.slice(range)).is_ok() {
                return Some(plain(
                    TextRange::new(from, range.end()),
                    "invalid syntax. Perhaps you forgot a comma?",
                ));
            }
            end -= 1;
        }
        None
    }

    fn in_fstring(&self, index: usize) -> bool {
        let before = &self.tokens[..index];
        let last = before
            .iter()
            .rev()
            .find(|t| matches!(t.kind, TokenKind::FStringStart | TokenKind::FStringEnd));
        last.is_some_and(|t| t.kind == TokenKind::FStringStart)
    }

    /// Where the expression that ends before `index` begins: after the last delimiter.
    fn disjunction_start(&self, index: usize, begin: usize) -> Option<usize> {
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

    fn belongs_to_for(&self, index: usize, begin: usize) -> bool {
        let depth = self.tokens[index].depth;
        let before = self.tokens[begin..index].iter().rev();
        let mut same = before.take_while(|t| t.depth >= depth).filter(|t| t.depth == depth);
        same.find(|t| matches!(t.kind, TokenKind::For | TokenKind::In))
            .is_some_and(|t| t.kind == TokenKind::For)
    }

    /// Start of the operand (a `bitwise_or`) that ends before `index`.
    fn operand_start(&self, index: usize) -> Option<usize> {
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
    fn operand_end(&self, index: usize) -> Option<usize> {
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

    /// Errors that CPython has words of their own for.
    fn special(&self, error: &ParseError, index: usize) -> Option<Box<CompileError>> {
        let range = error.location;
        let say = |message: &str| Some(plain(range, message));
        match &error.error {
            ParseErrorType::InvalidAssignmentTarget => self.invalid_target(range),
            ParseErrorType::InvalidNamedAssignmentTarget => {
                let what = self.name_of(range)?;
                Some(plain(range, format!("cannot use assignment expressions with {what}")))
            }
            ParseErrorType::InvalidAnnotatedAssignmentTarget => match self.name_of(range)? {
                "list" => say("only single target (not list) can be annotated"),
                "tuple" => say("only single target (not tuple) can be annotated"),
                _ => say("illegal target for annotation"),
            },
            ParseErrorType::InvalidAugmentedAssignmentTarget => {
                let what = self.name_of(range)?;
                let message = format!("'{what}' is an illegal expression for augmented assignment");
                Some(plain(range, message))
            }
            ParseErrorType::InvalidDeleteTarget => {
                let what = self.name_of(range)?;
                Some(plain(range, format!("cannot delete {what}")))
            }
            ParseErrorType::PositionalAfterKeywordArgument => {
                let end = self.closing(index);
                Some(plain(end, "positional argument follows keyword argument"))
            }
            ParseErrorType::PositionalAfterKeywordUnpacking => {
                let end = self.closing(index);
                Some(plain(end, "positional argument follows keyword argument unpacking"))
            }
            ParseErrorType::InvalidArgumentUnpackingOrder => {
                let start = index.checked_sub(1).map_or(range, |i| self.token_range(i));
                Some(plain(
                    TextRange::new(start.start(), range.end()),
                    "iterable argument unpacking follows keyword argument unpacking",
                ))
            }
            ParseErrorType::IterableUnpackingInComprehension => {
                if self.source.slice(range).starts_with("**") {
                    let stars = TextRange::at(range.start(), TextSize::new(2));
                    return Some(plain(
                        stars,
                        "dict unpacking cannot be used in dict comprehension",
                    ));
                }
                say("iterable unpacking cannot be used in comprehension")
            }
            ParseErrorType::UnparenthesizedGeneratorExpression => {
                say("Generator expression must be parenthesized")
            }
            ParseErrorType::DuplicateKeywordArgumentError(name) => {
                Some(plain(range, format!("keyword argument repeated: {name}")))
            }
            ParseErrorType::NonDefaultParamAfterDefaultParam => {
                say("parameter without a default follows parameter with a default")
            }
            ParseErrorType::ParamAfterVarKeywordParam => {
                say("arguments cannot follow var-keyword argument")
            }
            ParseErrorType::ExpectedKeywordParam => {
                let mut star = (0..=index).rev().find(|&i| self.kind(i) == TokenKind::Star)?;
                if self.kind(self.line_begin(star)) != TokenKind::Def {
                    star += 1;
                }
                Some(plain(self.token_range(star), "named arguments must follow bare *"))
            }
            ParseErrorType::VarParameterWithDefault => {
                let equal = (index..self.tokens.len())
                    .find(|&i| self.kind(i) == TokenKind::Equal)
                    .unwrap_or(index);
                let before = equal.checked_sub(2).map_or(TokenKind::Star, |i| self.kind(i));
                let word = if before == TokenKind::DoubleStar { "keyword" } else { "positional" };
                Some(plain(
                    self.token_range(equal),
                    format!("var-{word} argument cannot have default value"),
                ))
            }
            ParseErrorType::EmptyImportNames => {
                let end = TextRange::empty(self.token_range(index).start());
                Some(plain(end, "Expected one or more names after 'import'"))
            }
            ParseErrorType::EmptyTypeParams => say("Type parameter list cannot be empty"),
            ParseErrorType::InvalidStarredExpressionUsage => {
                let after = self.tokens.partition_point(|t| t.range.end() <= range.end());
                let before = index.checked_sub(1).map(|i| self.kind(i));
                if self.kind(after) == TokenKind::For {
                    return say("iterable unpacking cannot be used in comprehension");
                }
                if before == Some(TokenKind::Colon) && self.tokens[index].depth > 0 {
                    return say("cannot use a starred expression in a dictionary value");
                }
                say("can't use starred expression here")
            }
            ParseErrorType::UnexpectedIndentation => None,
            ParseErrorType::Lexical(
                LexicalErrorType::FStringError(kind) | LexicalErrorType::TStringError(kind),
            ) => Some(self.fstring_error(kind, range)),
            ParseErrorType::FStringError(InterpolatedStringErrorType::UnclosedLbrace)
                if self.forgotten_comma(index).is_some() =>
            {
                self.forgotten_comma(index)
            }
            ParseErrorType::FStringError(kind) | ParseErrorType::TStringError(kind) => {
                Some(self.fstring_error(kind, range))
            }
            ParseErrorType::ExpectedExpression => self.missing_expression(index),
            ParseErrorType::ExpectedToken { expected, found } => {
                self.expected_token(*expected, *found, index)
            }
            ParseErrorType::OtherError(message) => self.other(message, index, range),
            _ => None,
        }
    }

    fn missing_expression(&self, index: usize) -> Option<Box<CompileError>> {
        let before = index.checked_sub(1)?;
        if self.in_fstring(index)
            && matches!(self.kind(before), TokenKind::Lbrace)
            && self.tokens[before].range.end() <= self.token_range(index).start()
        {
            let what = match self.kind(index) {
                TokenKind::Rbrace => "}",
                TokenKind::Exclamation => "!",
                TokenKind::Colon => ":",
                TokenKind::Equal => "=",
                _ => return None,
            };
            return Some(plain(
                self.token_range(index),
                format!("f-string: valid expression required before '{what}'"),
            ));
        }
        if self.kind(before) == TokenKind::Colon
            && matches!(self.kind(index), TokenKind::Rbrace | TokenKind::Comma)
            && self.tokens[before].depth > 0
        {
            return Some(plain(
                TextRange::at(self.tokens[before].range.start(), TextSize::new(1)),
                "expression expected after dictionary key and ':'",
            ));
        }
        None
    }

    fn expected_token(
        &self,
        expected: TokenKind,
        found: TokenKind,
        index: usize,
    ) -> Option<Box<CompileError>> {
        let token = self.token_range(index);
        let begin = self.line_begin(index);
        let first = match self.kind(begin) {
            TokenKind::Async => self.kind(begin + 1),
            other => other,
        };
        match expected {
            TokenKind::Colon => {
                if found == TokenKind::Equal {
                    return self.misplaced_equal(index);
                }
                let depth = self.tokens.get(index).map_or(0, |t| t.depth);
                if depth > 0 && matches!(found, TokenKind::Rbrace | TokenKind::Comma) && index > 0 {
                    let before = self.token_range(index - 1);
                    let at = TextRange::empty(before.start());
                    return Some(plain(at, "':' expected after dictionary key"));
                }
                let forced = matches!(
                    first,
                    TokenKind::Def | TokenKind::Else | TokenKind::Try | TokenKind::Finally
                ) && depth == 0;
                let at_line_end = matches!(found, TokenKind::Newline | TokenKind::EndOfFile);
                if self.kind(begin) == TokenKind::Elif && self.kind(begin + 1) == TokenKind::Newline
                {
                    return None;
                }
                (forced || at_line_end && depth == 0).then(|| plain(token, "expected ':'"))
            }
            TokenKind::Lpar if first == TokenKind::Def => Some(plain(token, "expected '('")),
            TokenKind::Else => self.missing_else(index),
            TokenKind::Import | TokenKind::In | TokenKind::Rpar | TokenKind::Rsqb => None,
            _ => None,
        }
    }

    /// The parser's free-form errors.
    fn other(&self, message: &str, index: usize, range: TextRange) -> Option<Box<CompileError>> {
        if let Some(clause) = message.strip_prefix("Expected an indented block after ") {
            return Some(self.missing_block(clause, index));
        }
        let token = self.token_range(index);
        Some(match message {
            "Expected `except` or `finally` after `try` block" => {
                let token = if self.kind(index) == TokenKind::EndOfFile {
                    let end = self.source.text.trim_end().len();
                    TextRange::empty(size(end))
                } else {
                    token
                };
                plain(token, "expected 'except' or 'finally' block")
            }
            "Cannot have both 'except' and 'except*' on the same 'try'" => {
                plain(token, "cannot have both 'except' and 'except*' on the same 'try'")
            }
            "Multiple exception types must be parenthesized when using `as`" => plain(
                range.cover(self.token_range(self.line_end(index).saturating_sub(2))),
                "multiple exception types must be parenthesized when using 'as'",
            ),
            "Expected one or more exception types" => {
                plain(token, "expected one or more exception types")
            }
            "Trailing comma not allowed" => {
                let first = self.kind(self.line_begin(index));
                if first != TokenKind::From {
                    return None;
                }
                plain(
                    self.token_range(index + 1),
                    "trailing comma not allowed without surrounding parentheses",
                )
            }
            "Expected a parameter name" => {
                let text = self.source.slice(range);
                let equal = (index..self.tokens.len())
                    .find(|&i| self.tokens[i].range.start() >= range.end())
                    .map_or(range.end(), |i| self.tokens[i].range.end());
                let whole = TextRange::new(range.start(), equal);
                if matches!(text, "True" | "False" | "None") {
                    plain(whole, format!("cannot assign to {text}"))
                } else {
                    plain(whole, "expression cannot contain assignment, perhaps you meant \"==\"?")
                }
            }
            "Bytes literal cannot be mixed with non-bytes literals" => {
                let after = self.tokens.partition_point(|t| t.range.end() <= range.end());
                plain(self.token_range(after), "cannot mix bytes and nonbytes literals")
            }
            "Only single target (not list) can be annotated" => {
                plain(range, "only single target (not list) can be annotated")
            }
            "Only single target (not tuple) can be annotated" => {
                plain(range, "only single target (not tuple) can be annotated")
            }
            "Expected name after `as`" | "Expected symbol after `as`" => return None,
            _ => return None,
        })
    }

    fn missing_block(&self, clause: &str, index: usize) -> Box<CompileError> {
        // The clause is the last line before the error that begins with its keyword.
        let end = index.min(self.tokens.len());
        let mut header = end;
        while header > 0 && self.kind(header - 1) != TokenKind::Newline {
            header -= 1;
        }
        let header = if header == end || header == 0 { end } else { header };
        let last_line_end = header.saturating_sub(1);
        let mut begin = self.line_begin(last_line_end);
        if self.kind(begin) == TokenKind::Newline {
            begin = self.line_begin(begin);
        }
        let mut word = self.tokens.get(begin).map_or("", |t| self.source.slice(t.range));
        if word == "async" {
            word = self.tokens.get(begin + 1).map_or("", |t| self.source.slice(t.range));
        }
        let star = word == "except" && self.kind(begin + 1) == TokenKind::Star;
        let line =
            self.tokens.get(begin).map_or(1, |t| self.source.line(u32::from(t.range.start())));
        let what = match word {
            "def" => "function definition".to_owned(),
            "class" => "class definition".to_owned(),
            "except" if star => "'except*' statement".to_owned(),
            "" => clause.replace('`', "'"),
            word => format!("'{word}' statement"),
        };
        let range = match self.kind(index) {
            TokenKind::EndOfFile | TokenKind::Newline | TokenKind::Dedent => {
                let end = self.source.text.len();
                let last = self.source.line(end as u32);
                let start = self.source.start_of(last);
                let at = if start as usize == end && last > 1 {
                    self.source.start_of(last - 1)
                } else {
                    end as u32
                };
                let dedent = self.kind(index) == TokenKind::Dedent && {
                    let next = self.tokens[index..]
                        .iter()
                        .find(|t| !matches!(t.kind, TokenKind::Dedent | TokenKind::Newline));
                    next.is_some_and(|t| t.kind != TokenKind::EndOfFile)
                };
                if dedent {
                    let next = (index..self.tokens.len())
                        .find(|&i| self.kind(i) != TokenKind::Dedent)
                        .unwrap_or(index);
                    self.token_range(next)
                } else {
                    TextRange::empty(TextSize::new(at))
                }
            }
            _ => self.token_range(index),
        };
        indentation_error(range, format!("expected an indented block after {what} on line {line}"))
    }

    /// The bracket that closes the argument list a token is in.
    fn closing(&self, index: usize) -> TextRange {
        let depth = self.tokens.get(index).map_or(0, |t| t.depth);
        let close = (index..self.tokens.len()).find(|&i| {
            self.tokens[i].depth == depth
                && matches!(self.kind(i), TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace)
        });
        close.map_or(self.token_range(index), |i| self.token_range(i))
    }

    /// The kind of expression in a range.
    fn name_of(&self, range: TextRange) -> Option<&'static str> {
        let text = self.source.slice(range);
        match parse_expression(text) {
            Ok(parsed) => Some(expression_name(parsed.expr())),
            Err(_) if text.starts_with("yield") => Some("yield expression"),
            Err(_) if text.starts_with('*') => Some("starred"),
            Err(_) => None,
        }
    }

    /// `f() = 1`
    fn invalid_target(&self, range: TextRange) -> Option<Box<CompileError>> {
        let what = self.name_of(range)?;
        let bare = !self.source.text[..range.start().to_usize()].trim_end().ends_with('(');
        if what == "yield expression" && bare {
            return Some(plain(range, "assignment to yield expression not possible"));
        }
        let mut after = self.tokens.partition_point(|t| t.range.end() <= range.end());
        while self.kind(after) == TokenKind::Rpar {
            after += 1;
        }
        let index = self.index_at(range.start());
        let mut begin = self.line_begin(index);
        while self.kind(begin) == TokenKind::Lpar && begin < index {
            begin += 1;
        }
        let whole = begin == index && self.kind(after) == TokenKind::Equal;
        let chained = whole && {
            let end = self.operand_end(after + 1);
            end.is_some_and(|end| self.kind(end) == TokenKind::Equal)
        };
        let operand = !matches!(
            what,
            "None"
                | "True"
                | "False"
                | "comparison"
                | "conditional expression"
                | "lambda"
                | "generator expression"
                | "tuple"
                | "list"
        ) && self.kind(index) != TokenKind::Not
            && !self.source.slice(range).contains(" and ")
            && !self.source.slice(range).contains(" or ");
        Some(if whole && operand && !chained {
            let message =
                format!("cannot assign to {what} here. Maybe you meant '==' instead of '='?");
            plain(range, message)
        } else {
            plain(range, format!("cannot assign to {what}"))
        })
    }
}

fn size(offset: usize) -> TextSize {
    TextSize::new(offset as u32)
}

fn unicode_error(literal: TextRange, start: usize, end: usize, what: &str) -> Box<CompileError> {
    plain(
        literal,
        format!(
            "(unicode error) 'unicodeescape' codec can't decode bytes in position {start}-{end}: {what}"
        ),
    )
}

/// What is wrong with the number literal at a byte offset.
fn bad_number(text: &str, start: usize) -> Option<Box<CompileError>> {
    let bytes = &text.as_bytes()[start..];
    let before = |bad: usize| TextRange::empty(size(start + bad.saturating_sub(1)));
    let here = |bad: usize| TextRange::empty(size(start + bad));
    let (radix, word) = match bytes.get(1).map(|b| b | 32) {
        Some(b'x') if bytes[0] == b'0' => (16, "hexadecimal"),
        Some(b'o') if bytes[0] == b'0' => (8, "octal"),
        Some(b'b') if bytes[0] == b'0' => (2, "binary"),
        _ => (10, "decimal"),
    };
    let mut at = if radix == 10 { 0 } else { 2 };
    loop {
        let digit = |at: usize| bytes.get(at).is_some_and(|b| char::from(*b).is_digit(radix));
        if radix != 10 && bytes.get(at) == Some(&b'_') {
            at += 1;
        }
        if !digit(at) && bytes.get(at) != Some(&b'.') {
            return Some(match bytes.get(at) {
                Some(b) if b.is_ascii_digit() => {
                    plain(here(at), format!("invalid digit '{}' in {word} literal", char::from(*b)))
                }
                _ => plain(before(at), format!("invalid {word} literal")),
            });
        }
        while digit(at) {
            at += 1;
        }
        if bytes.get(at) != Some(&b'_') {
            break;
        }
        if radix == 10 {
            at += 1;
        }
    }
    if radix == 10 {
        let zeros = bytes.iter().take_while(|b| matches!(b, b'0' | b'_')).count();
        if zeros > 0
            && zeros < at
            && !matches!(bytes.get(at), Some(b'.' | b'e' | b'E' | b'j' | b'J'))
        {
            let range = TextRange::new(size(start), size(start + zeros));
            return Some(plain(
                range,
                "leading zeros in decimal integer literals are not permitted; \
                 use an 0o prefix for octal integers",
            ));
        }
        if bytes.get(at) == Some(&b'.') {
            at += 1;
            while bytes.get(at).is_some_and(|b| b.is_ascii_digit() || *b == b'_') {
                at += 1;
            }
        }
        if matches!(bytes.get(at), Some(b'e' | b'E'))
            && matches!(bytes.get(at + 1), Some(b'+' | b'-' | b'0'..=b'9'))
        {
            at += 2;
            while bytes.get(at).is_some_and(|b| b.is_ascii_digit() || *b == b'_') {
                at += 1;
            }
        }
        if matches!(bytes.get(at), Some(b'j' | b'J')) {
            at += 1;
            if bytes.get(at).is_some_and(|b| b.is_ascii_alphanumeric()) {
                return Some(plain(before(at), "invalid imaginary literal"));
            }
        }
    }
    match bytes.get(at) {
        Some(b) if b.is_ascii_digit() => {
            Some(plain(here(at), format!("invalid digit '{}' in {word} literal", char::from(*b))))
        }
        Some(b) if b.is_ascii_alphabetic() || *b == b'_' || *b >= 0x80 => {
            Some(plain(before(at), format!("invalid {word} literal")))
        }
        _ => None,
    }
}

/// Keywords that may follow a number without a space.
fn follows_number(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::And
            | TokenKind::Else
            | TokenKind::For
            | TokenKind::If
            | TokenKind::In
            | TokenKind::Is
            | TokenKind::Not
            | TokenKind::Or
    )
}

fn ends_operand(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::String
            | TokenKind::FStringEnd
            | TokenKind::TStringEnd
            | TokenKind::Rpar
            | TokenKind::Rsqb
            | TokenKind::Rbrace
            | TokenKind::Ellipsis
            | TokenKind::None
            | TokenKind::True
            | TokenKind::False
    ) || kind.is_soft_keyword()
}

fn starts_operand(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::String
            | TokenKind::FStringStart
            | TokenKind::TStringStart
            | TokenKind::Lpar
            | TokenKind::Lsqb
            | TokenKind::Lbrace
            | TokenKind::Ellipsis
            | TokenKind::None
            | TokenKind::True
            | TokenKind::False
            | TokenKind::Lambda
            | TokenKind::Tilde
            | TokenKind::Await
            | TokenKind::Not
    ) || kind.is_soft_keyword()
}

/// What separates expressions.
fn is_delimiter(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Comma
            | TokenKind::Colon
            | TokenKind::Equal
            | TokenKind::ColonEqual
            | TokenKind::Semi
            | TokenKind::Newline
            | TokenKind::EndOfFile
            | TokenKind::FStringStart
            | TokenKind::FStringMiddle
            | TokenKind::FStringEnd
            | TokenKind::Rarrow
            | TokenKind::Star
            | TokenKind::DoubleStar
            | TokenKind::PlusEqual
            | TokenKind::MinusEqual
            | TokenKind::StarEqual
            | TokenKind::SlashEqual
    ) || kind.is_non_soft_keyword()
        && !matches!(
            kind,
            TokenKind::And
                | TokenKind::Or
                | TokenKind::Not
                | TokenKind::In
                | TokenKind::Is
                | TokenKind::Await
                | TokenKind::None
                | TokenKind::True
                | TokenKind::False
        )
}

fn is_augmented(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::PlusEqual
            | TokenKind::MinusEqual
            | TokenKind::StarEqual
            | TokenKind::SlashEqual
            | TokenKind::PercentEqual
            | TokenKind::AmperEqual
            | TokenKind::VbarEqual
            | TokenKind::CircumflexEqual
            | TokenKind::LeftShiftEqual
            | TokenKind::RightShiftEqual
            | TokenKind::DoubleStarEqual
            | TokenKind::DoubleSlashEqual
            | TokenKind::AtEqual
    )
}

/// What is weaker than a `bitwise_or`.
fn is_logical(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::And
            | TokenKind::Or
            | TokenKind::Not
            | TokenKind::In
            | TokenKind::Is
            | TokenKind::EqEqual
            | TokenKind::NotEqual
            | TokenKind::Less
            | TokenKind::LessEqual
            | TokenKind::Greater
            | TokenKind::GreaterEqual
    )
}

/// What CPython calls an expression in messages.
pub(super) fn expression_name(expr: &Expr) -> &'static str {
    match expr {
        Expr::Attribute(_) => "attribute",
        Expr::Subscript(_) => "subscript",
        Expr::Starred(_) => "starred",
        Expr::Name(_) => "name",
        Expr::List(_) => "list",
        Expr::Tuple(_) => "tuple",
        Expr::Lambda(_) => "lambda",
        Expr::Call(_) => "function call",
        Expr::BoolOp(_) | Expr::BinOp(_) | Expr::UnaryOp(_) => "expression",
        Expr::Generator(_) => "generator expression",
        Expr::Yield(_) | Expr::YieldFrom(_) => "yield expression",
        Expr::Await(_) => "await expression",
        Expr::ListComp(_) => "list comprehension",
        Expr::SetComp(_) => "set comprehension",
        Expr::DictComp(_) => "dict comprehension",
        Expr::Dict(_) => "dict literal",
        Expr::Set(_) => "set display",
        Expr::FString(_) => "f-string expression",
        Expr::TString(_) => "t-string expression",
        Expr::NumberLiteral(number) => match number.value {
            Number::Int(_) | Number::Float(_) | Number::Complex { .. } => "literal",
        },
        Expr::StringLiteral(_) | Expr::BytesLiteral(_) => "literal",
        Expr::NoneLiteral(_) => "None",
        Expr::BooleanLiteral(b) => {
            if b.value {
                "True"
            } else {
                "False"
            }
        }
        Expr::EllipsisLiteral(_) => "ellipsis",
        Expr::Compare(_) => "comparison",
        Expr::If(_) => "conditional expression",
        Expr::Named(_) => "named expression",
        Expr::Slice(_) | Expr::IpyEscapeCommand(_) => "expression",
    }
}
