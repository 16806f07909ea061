//! Parsing, and the parser's errors in CPython's words.
//!
//! CPython reports, in this order: what is wrong with the tokens anywhere in the file; a bracket
//! that is never closed, if the error is on a later line; an error that it has special words for;
//! else "invalid syntax" at the furthest token. The same order is kept here, on the tokens and
//! errors that the parser hands out.
//!
//! - [`indentation`]: tabs and spaces. [`literals`]: strings and numbers that are no tokens.
//! - [`diagnosis`]: the order above. [`special`]: what CPython has words of its own for;
//!   [`generic`]: what it finds around an error that it has none for. [`tokens`]: kinds of tokens.

mod diagnosis;
mod generic;
mod indentation;
mod literals;
mod special;
mod tokens;

use super::Mode;
use super::error::{CompileError, R, SyntaxErrorKind};
use super::source::Source;
use diagnosis::Diagnosis;
use indentation::indentation;
use rustpython_ast::{Mod, PythonVersion, Stmt};
use rustpython_parser::{ParseOptions, parse_unchecked};
use rustpython_text_size::{TextRange, TextSize};

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
    let diagnosis = Diagnosis::new(source, tokens(), mode == Mode::Eval);
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

/// A `SyntaxError`.
fn plain(range: TextRange, message: impl Into<String>) -> Box<CompileError> {
    Box::new(CompileError { kind: SyntaxErrorKind::SyntaxError, message: message.into(), range })
}

/// An `IndentationError`.
fn indentation_error(range: TextRange, message: impl Into<String>) -> Box<CompileError> {
    let kind = SyntaxErrorKind::IndentationError;
    Box::new(CompileError { kind, message: message.into(), range })
}
