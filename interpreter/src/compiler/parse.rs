//! The parser's errors in CPython's words.

use super::Mode;
use super::error::{CompileError, R, SyntaxErrorKind};
use super::source::Source;
use rustpython_ast::Mod;
use rustpython_parser::{ParseOptions, parse_unchecked};

/// Parses a program.
pub(super) fn parse(source: &Source, mode: Mode) -> R<Mod> {
    let parser_mode = match mode {
        Mode::Exec | Mode::Single => rustpython_parser::Mode::Module,
        Mode::Eval => rustpython_parser::Mode::Expression,
    };
    let parsed = parse_unchecked(source.text, ParseOptions::from(parser_mode));
    if let Some(error) = parsed.errors().first() {
        return Err(Box::new(CompileError {
            kind: SyntaxErrorKind::SyntaxError,
            message: error.error.to_string(),
            range: error.location,
        }));
    }
    Ok(parsed.into_syntax())
}
