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
use rustpython_parser::{
    ParseOptions, UnsupportedSyntaxError, UnsupportedSyntaxErrorKind, parse_unchecked,
};
use rustpython_text_size::{TextRange, TextSize};

/// Parses a program, of that 3.x if one is given.
pub(super) fn parse(source: &Source, mode: Mode, version: Option<u8>) -> R<Mod> {
    let parser_mode = match mode {
        Mode::Exec | Mode::Single => rustpython_parser::Mode::Module,
        Mode::Eval => rustpython_parser::Mode::Expression,
    };
    if let Some(at) = memchr::memchr(0, source.text.as_bytes()) {
        let range = TextRange::empty(TextSize::new(at as u32));
        return Err(plain(range, "source code cannot contain null bytes"));
    }
    let target = match version {
        Some(minor) => PythonVersion { major: 3, minor: minor.max(PythonVersion::PY37.minor) },
        None => PythonVersion::PY314,
    };
    let options = ParseOptions::from(parser_mode).with_target_version(target);
    let parsed = parse_unchecked(source.text, options);
    let tokens = || parsed.tokens().iter();
    if parsed.errors().is_empty() {
        if source.text.contains('\t') {
            indentation(source, tokens()).map_or(Ok(()), Err)?;
        }
        let newer = parsed.unsupported_syntax_errors();
        if let Some(minor) = version
            && let Some(error) = newer.iter().find_map(|newer| too_new(newer, minor))
        {
            return Err(error);
        }
        if let Some(newer) = newer.first().filter(|_| version.is_none()) {
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

/// What CPython says of syntax that is newer than the version asked for, where it says something.
fn too_new(found: &UnsupportedSyntaxError, minor: u8) -> Option<Box<CompileError>> {
    use UnsupportedSyntaxErrorKind as Kind;
    let (what, since) = match found.kind {
        Kind::PositionalOnlyParameter => ("Positional-only parameters are", 8),
        Kind::Walrus => ("Assignment expressions are", 8),
        Kind::ParenthesizedContextManager => ("Parenthesized context managers are", 9),
        Kind::Match => ("Pattern matching is", 10),
        Kind::ExceptStar => ("Exception groups are", 11),
        Kind::TypeParameterList => ("Type parameter lists are", 12),
        Kind::TypeAliasStatement => ("Type statement is", 12),
        Kind::TypeParamDefault => ("Type parameter defaults are", 13),
        Kind::UnparenthesizedExceptionTypes => ("except expressions without parentheses are", 14),
        Kind::TemplateStrings => ("t-strings are", 14),
        _ => return None,
    };
    (minor < since).then(|| {
        plain(found.range, format!("{what} only supported in Python 3.{since} and greater"))
    })
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
