//! Strings and numbers that are no tokens.

use super::super::error::CompileError;
use super::diagnosis::Diagnosis;
use super::tokens::follows_number;
use super::{indentation_error, plain};
use rustpython_ast::token::TokenKind;
use rustpython_parser::{
    InterpolatedStringErrorType, LexicalErrorType, ParseError, ParseErrorType,
};
use rustpython_text_size::{TextRange, TextSize};

impl Diagnosis<'_> {
    pub(super) fn lexical(&self, error: &ParseError) -> Option<Box<CompileError>> {
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
            LexicalErrorType::LineContinuationError
                if self.source.text.ends_with('\\')
                    && range.start().to_usize() + 1 >= self.source.text.len() =>
            {
                let after = TextRange::empty(range.start() + TextSize::new(1));
                plain(after, "unexpected EOF while parsing")
            }
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
    pub(super) fn unterminated(&self, range: TextRange) -> Box<CompileError> {
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

    pub(super) fn fstring_error(
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
    pub(super) fn enclosing_string(&self, range: TextRange) -> Option<(TextRange, usize)> {
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
    pub(super) fn bad_escape(&self, range: TextRange) -> Box<CompileError> {
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
                    let malformed = "malformed \\N character escape";
                    let Some(name) = escape[2..].strip_prefix('{') else {
                        return unicode_error(literal, start, start + 1, malformed);
                    };
                    let end = name.find(['}', '\'', '"']).unwrap_or(name.len());
                    if end == 0 || !name[end..].starts_with('}') {
                        return unicode_error(literal, start, start + 2 + end, malformed);
                    }
                    if content + start + 3 >= range.start().to_usize() {
                        let what = "unknown Unicode character name";
                        return unicode_error(literal, start, start + 3 + end, what);
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

    /// String prefixes that do not go together: `fb''`.
    pub(super) fn prefix_error(&self) -> Option<Box<CompileError>> {
        self.tokens.windows(2).find_map(|pair| {
            let [name, string] = pair else { return None };
            let stringlike = matches!(
                string.kind,
                TokenKind::String | TokenKind::FStringStart | TokenKind::TStringStart
            );
            if name.kind != TokenKind::Name
                || !stringlike
                || name.range.end() != string.range.start()
            {
                return None;
            }
            let quoted = self.source.slice(string.range);
            let letters = quoted.find(['\'', '"']).unwrap_or(0);
            let prefix =
                format!("{}{}", self.source.slice(name.range), &quoted[..letters]).to_lowercase();
            if !prefix.chars().all(|c| "burft".contains(c)) {
                return None;
            }
            let [a, b] = ["ub", "ur", "uf", "ut", "bf", "bt", "ft"]
                .into_iter()
                .find(|pair| pair.chars().all(|c| prefix.contains(c)))?
                .as_bytes()
            else {
                return None;
            };
            let end = name.range.end() + size(letters);
            Some(plain(
                TextRange::new(name.range.start(), end),
                format!("'{}' and '{}' prefixes are incompatible", char::from(*a), char::from(*b)),
            ))
        })
    }

    /// A number directly followed by letters.
    pub(super) fn number_error(&self) -> Option<Box<CompileError>> {
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
}

/// A byte offset.
pub(super) fn size(offset: usize) -> TextSize {
    TextSize::new(offset as u32)
}

/// The error of an escape sequence.
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
        // Digits in groups: an underscore must have a digit after it.
        let digits = |mut at: usize| {
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
                if bytes.get(at) == Some(&b'_') {
                    at += 1;
                    if !bytes.get(at).is_some_and(u8::is_ascii_digit) {
                        return Err(before(at));
                    }
                }
            }
            Ok(at)
        };
        let invalid = |range| Some(plain(range, "invalid decimal literal"));
        if bytes.get(at) == Some(&b'.') {
            match digits(at + 1) {
                Ok(end) => at = end,
                Err(range) => return invalid(range),
            }
        }
        if matches!(bytes.get(at), Some(b'e' | b'E')) {
            let signed = matches!(bytes.get(at + 1), Some(b'+' | b'-'));
            let start = at + 1 + usize::from(signed);
            if bytes.get(start).is_some_and(u8::is_ascii_digit) {
                match digits(start) {
                    Ok(end) => at = end,
                    Err(range) => return invalid(range),
                }
            } else if signed {
                return invalid(before(start));
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
