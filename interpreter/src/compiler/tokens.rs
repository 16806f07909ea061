//! The tokens of a source text, comments and blank lines included, with the numbers that module
//! `token` gives them.

use super::depth;
use super::error::{SyntaxError, SyntaxErrorKind};
use super::source::Source;
use rustpython_ast::token::TokenKind as T;
use rustpython_parser::{LexicalErrorType, Mode, ParseErrorType, ParseOptions, parse_unchecked};
use rustpython_text_size::Ranged;

/// A token: its number and its place in the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    /// The number.
    pub kind: u8,
    /// Start, in bytes.
    pub start: usize,
    /// End, in bytes.
    pub end: usize,
}

/// The number of names.
pub const NAME: u8 = 1;
/// The number that stands for all operators.
pub const OP: u8 = 55;
/// The number of line ends.
pub const NEWLINE: u8 = 4;
/// The number of indents.
pub const INDENT: u8 = 5;
/// The number of dedents.
pub const DEDENT: u8 = 6;
/// The number of comments.
pub const COMMENT: u8 = 65;
/// The number of line ends that end no statement.
pub const NL: u8 = 66;

fn number(kind: T) -> Option<u8> {
    Some(match kind {
        T::Int | T::Float | T::Complex => 2,
        T::String => 3,
        T::Newline => NEWLINE,
        T::Indent => INDENT,
        T::Dedent => DEDENT,
        T::Lpar => 7,
        T::Rpar => 8,
        T::Lsqb => 9,
        T::Rsqb => 10,
        T::Colon => 11,
        T::Comma => 12,
        T::Semi => 13,
        T::Plus => 14,
        T::Minus => 15,
        T::Star => 16,
        T::Slash => 17,
        T::Vbar => 18,
        T::Amper => 19,
        T::Less => 20,
        T::Greater => 21,
        T::Equal => 22,
        T::Dot => 23,
        T::Percent => 24,
        T::Lbrace => 25,
        T::Rbrace => 26,
        T::EqEqual => 27,
        T::NotEqual => 28,
        T::LessEqual => 29,
        T::GreaterEqual => 30,
        T::Tilde => 31,
        T::CircumFlex => 32,
        T::LeftShift => 33,
        T::RightShift => 34,
        T::DoubleStar => 35,
        T::PlusEqual => 36,
        T::MinusEqual => 37,
        T::StarEqual => 38,
        T::SlashEqual => 39,
        T::PercentEqual => 40,
        T::AmperEqual => 41,
        T::VbarEqual => 42,
        T::CircumflexEqual => 43,
        T::LeftShiftEqual => 44,
        T::RightShiftEqual => 45,
        T::DoubleStarEqual => 46,
        T::DoubleSlash => 47,
        T::DoubleSlashEqual => 48,
        T::At => 49,
        T::AtEqual => 50,
        T::Rarrow => 51,
        T::Ellipsis => 52,
        T::ColonEqual => 53,
        T::Exclamation => 54,
        T::FStringStart => 59,
        T::FStringMiddle => 60,
        T::FStringEnd => 61,
        T::TStringStart => 62,
        T::TStringMiddle => 63,
        T::TStringEnd => 64,
        T::Comment => COMMENT,
        T::NonLogicalNewline => NL,
        T::EndOfFile | T::Unknown => return None,
        // Names and keywords.
        _ => NAME,
    })
}

/// The tokens of a text, its end left out, up to what is no token at all: that is the error behind
/// them. What is only no program is no error.
pub fn tokens(text: &str) -> (Vec<Token>, Option<SyntaxError>) {
    let run = || {
        let parsed = parse_unchecked(text, ParseOptions::from(Mode::Module));
        let mut odd = Vec::new();
        let error = parsed.errors().iter().find_map(|error| match &error.error {
            // Characters that no token begins with are operators to who only wants tokens.
            ParseErrorType::Lexical(LexicalErrorType::UnrecognizedToken {
                tok: '$' | '?' | '`' | '!',
            }) => {
                odd.push(error.location);
                None
            }
            ParseErrorType::Lexical(what) => {
                let kind = match what {
                    LexicalErrorType::IndentationError => SyntaxErrorKind::IndentationError,
                    _ => SyntaxErrorKind::SyntaxError,
                };
                Some((kind, what.to_string(), error.location))
            }
            _ => None,
        });
        let all: Vec<Token> = parsed
            .tokens()
            .iter()
            .filter_map(|token| {
                let range = token.range();
                let (start, end) = (range.start().to_usize(), range.end().to_usize());
                Some(Token { kind: number(token.kind())?, start, end })
            })
            .collect();
        let mut all = all;
        for range in odd {
            let (start, end) = (range.start().to_usize(), range.end().to_usize());
            let at = all.partition_point(|token: &Token| token.start < start);
            all.insert(at, Token { kind: OP, start, end });
        }
        depth::dismantle(parsed.into_syntax());
        match error {
            None => (all, None),
            Some((kind, message, range)) => {
                let source = Source::new(text);
                let (start, end) = (range.start().into(), range.end().into());
                let line = source.line(start);
                all.retain(|token| token.start < range.start().to_usize());
                let error = SyntaxError {
                    kind,
                    message,
                    line,
                    col: source.char_column(start) + 1,
                    end_line: source.line(end),
                    end_col: source.char_column(end) + 1,
                    text: Some(source.line_text(line).to_owned()),
                };
                (all, Some(error))
            }
        }
    };
    match depth::estimate(text) {
        depth::Depth::Ordinary => run(),
        _ => (
            Vec::new(),
            Some(SyntaxError {
                kind: SyntaxErrorKind::TooDeep,
                message: "too many nested parentheses".into(),
                line: 1,
                col: 0,
                end_line: 1,
                end_col: 0,
                text: None,
            }),
        ),
    }
}
