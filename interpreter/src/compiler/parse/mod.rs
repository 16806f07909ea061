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
//! - [`versions`]: syntax that is newer than asked for. [`function_type`]: the mode `func_type`.

mod diagnosis;
mod function_type;
mod generic;
mod indentation;
mod literals;
mod special;
mod tokens;
mod versions;

use super::error::{CompileError, R, SyntaxErrorKind};
use super::source::Source;
use super::{Mode, Options};
use diagnosis::Diagnosis;
pub(super) use function_type::function_type;
use indentation::indentation;
use rustpython_ast::{Mod, PythonVersion, Stmt};
use rustpython_parser::{ParseOptions, Parsed, parse_unchecked};
use rustpython_text_size::{Ranged, TextRange, TextSize};

/// Parses a program.
pub(super) fn parse(source: &Source, mode: Mode, options: &Options) -> R<Parsed<Mod>> {
    let (version, single) = (options.feature_version, mode == Mode::Single);
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
    let parser_options = ParseOptions::from(parser_mode).with_target_version(target);
    let parsed = parse_unchecked(source.text, parser_options);
    let tokens = || parsed.tokens().iter();
    if parsed.errors().is_empty() {
        if source.text.contains('\t') {
            indentation(source, tokens()).map_or(Ok(()), Err)?;
        }
        versions::check(source, &parsed, version)?;
        if single && is_open_block(parsed.syntax(), source) {
            if options.interactive {
                return Err(incomplete(source));
            }
            // Without a line of its own the block needs one more line end.
            if let Mod::Module(module) = parsed.syntax()
                && let Some(last) = module.body.last()
                && !source.slice(last.range()).contains(['\n', '\r'])
            {
                let end = TextRange::empty(TextSize::of(source.text));
                return Err(plain(end, "invalid syntax"));
            }
        }
        if single && let Mod::Module(module) = parsed.syntax() {
            one_statement(source, &module.body)?;
        }
        return Ok(parsed);
    }
    let diagnosis = Diagnosis::new(source, tokens(), mode == Mode::Eval);
    let error = diagnosis.diagnose(parsed.errors());
    if single && options.interactive && diagnosis.is_incomplete(&error) {
        return Err(incomplete(source));
    }
    Err(error)
}

/// Interactive input that ends in a block goes on until an empty line.
fn is_open_block(tree: &Mod, source: &Source) -> bool {
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
    compound && !source.text.ends_with('\n')
}

/// Interactive input is one statement, or some on one line.
fn one_statement(source: &Source, body: &[Stmt]) -> R<()> {
    for pair in body.windows(2) {
        let (end, start) = (pair[0].range().end(), pair[1].range().start());
        if source.slice(TextRange::new(end, start.max(end))).contains(['\n', '\r']) {
            let text = "multiple statements found while compiling a single statement";
            return Err(plain(pair[0].range(), text));
        }
    }
    Ok(())
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
