//! What the compiler reports when a program is wrong.

use rustpython_text_size::TextRange;

/// Which Python exception a [`SyntaxError`] becomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SyntaxErrorKind {
    /// `SyntaxError`
    SyntaxError,
    /// `IndentationError`
    IndentationError,
    /// `TabError`
    TabError,
    /// The source is a beginning that more lines may complete (interactive input only).
    IncompleteInput,
    /// `RecursionError`: the program nests deeper than the compiler goes.
    TooDeep,
}

/// A compile-time error with the place it happened at, as `SyntaxError`'s attributes want it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyntaxError {
    /// Which exception this is.
    pub kind: SyntaxErrorKind,
    /// The message, in CPython's words wherever there are such.
    pub message: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub col: u32,
    /// Line of the end, from 1.
    pub end_line: u32,
    /// Column after the last character, from 1; 0 when unknown.
    pub end_col: u32,
    /// The source line, with its newline.
    pub text: Option<String>,
}

impl std::fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (line {})", self.message, self.line)
    }
}

impl std::error::Error for SyntaxError {}

/// An error before its place is turned into line and column.
#[derive(Clone, Debug)]
pub(super) struct CompileError {
    pub(super) kind: SyntaxErrorKind,
    pub(super) message: String,
    pub(super) range: TextRange,
}

/// Result of compiling something; boxed because errors are rare and results are everywhere.
pub(super) type R<T> = Result<T, Box<CompileError>>;

/// A plain `SyntaxError`.
pub(super) fn syntax_error(range: TextRange, message: impl Into<String>) -> Box<CompileError> {
    Box::new(CompileError { kind: SyntaxErrorKind::SyntaxError, message: message.into(), range })
}

/// The error for what the compiler itself cannot hold.
pub(super) fn too_deep(range: TextRange) -> Box<CompileError> {
    Box::new(CompileError {
        kind: SyntaxErrorKind::TooDeep,
        message: "maximum recursion depth exceeded during compilation".into(),
        range,
    })
}
