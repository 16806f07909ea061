//! Source text to bytecode.
//!
//! [`compile`] parses a program, decides which block every name belongs to ([`symtable`]) and
//! writes a [`CodeUnit`] for each block: plain data, no heap. Locals and temporaries are registers;
//! an expression is compiled *into* a register ([`Compiler::expr_to`]) or *somewhere*
//! ([`Compiler::expr_any`]), so that plain locals are operands without being moved.
//!
//! - [`symtable`]: scopes, free variables, cells. [`names`]: where a name's value is kept.
//! - [`assembler`]: labels, jumps, exception table. [`registers`]: temporaries. [`unit`]: one block.
//! - [`expr`], [`display`], [`condition`], [`call`], [`fstring`], [`comprehension`], [`constant`]:
//!   expressions.
//! - [`stmt`], [`assign`], [`control`], [`exceptions`], [`pattern`], [`function`], [`class`],
//!   [`typeparams`]: statements.
//! - [`tree`]: the parser's tree as plain data, [`from_tree`]: and back.
//! - [`parse`]: the parser's errors in CPython's words; [`depth`]: guards the native stack.

mod assembler;
mod assign;
mod call;
mod class;
mod comprehension;
mod condition;
mod constant;
mod control;
mod depth;
mod display;
mod error;
mod exceptions;
mod expr;
mod from_tree;
mod fstring;
mod function;
mod lint;
mod names;
mod parse;
mod pattern;
mod registers;
mod source;
mod stmt;
mod symtable;
pub mod tokens;
pub mod tree;
mod tstring;
mod typeparams;
mod unit;

pub use error::{SyntaxError, SyntaxErrorKind};
pub use from_tree::TreeError;

use crate::bytecode::{CodeFlags, CodeUnit, Op};
use error::{CompileError, R, syntax_error, too_deep};
use names::{Names, Symbol};
use rustpython_ast::{self as ast, Mod};
use rustpython_text_size::TextRange;
use source::Source;
use std::sync::Arc;
use symtable::{Body, SymbolTable};
use tree::TypeComments;
use unit::Unit;

/// How a source text is to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// A module: a sequence of statements.
    Exec,
    /// One expression, whose value the unit returns.
    Eval,
    /// One interactive statement: the values of expression statements are displayed.
    Single,
}

/// What the caller may choose.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// 0 as written; 1 without `assert`, `__debug__` is False; 2 without docstrings as well.
    pub optimize: u8,
    /// As if the source began with `from __future__ import annotations`.
    pub future_annotations: bool,
    /// How many digits a decimal literal may have; 0 for any number.
    pub max_digits: usize,
    /// For [`Mode::Single`]: input is typed, and more lines may follow.
    pub interactive: bool,
    /// A module may await; if it does, its code makes a coroutine.
    pub top_level_await: bool,
    /// For trees only: the source must be one for this 3.x.
    pub feature_version: Option<u8>,
    /// For trees only: comments that say types are part of the tree.
    pub type_comments: bool,
}

/// A compiled program.
#[derive(Debug)]
pub struct Compiled {
    /// Its code.
    pub unit: CodeUnit,
    /// What is to be warned about (SyntaxWarning), in the order of the source.
    pub warnings: Vec<SyntaxError>,
}

/// Compiles a program.
pub fn compile(
    source: &str,
    filename: &str,
    mode: Mode,
    options: &Options,
) -> Result<Compiled, SyntaxError> {
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    match depth::estimate(source) {
        depth::Depth::Ordinary => compile_here(source, filename, mode, options),
        depth::Depth::Deep(stack) => {
            let compiled =
                depth::with_stack(stack, || compile_here(source, filename, mode, options));
            compiled.unwrap_or_else(|| {
                Err(located(&Source::new(source), too_deep(TextRange::default())))
            })
        }
        depth::Depth::TooDeep(at) => {
            let range = TextRange::empty(at.into());
            Err(located(&Source::new(source), too_deep(range)))
        }
        depth::Depth::TooManyParentheses(at) => {
            let range = TextRange::at(at.into(), 1.into());
            let error = syntax_error(range, "too many nested parentheses");
            Err(located(&Source::new(source), error))
        }
        depth::Depth::TooManyIndents(at) => {
            let error = Box::new(CompileError {
                kind: SyntaxErrorKind::IndentationError,
                message: "too many levels of indentation".into(),
                range: TextRange::empty(at.into()),
            });
            Err(located(&Source::new(source), error))
        }
    }
}

/// Parses a program to a tree of plain data, for the module `_ast`.
pub fn parse_tree(text: &str, mode: Mode, options: &Options) -> Result<tree::Node, SyntaxError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let here = || {
        let source = Source::with_limit(text, options.max_digits);
        let parsed =
            parse::parse(&source, mode, options).map_err(|error| located(&source, error))?;
        let type_comments = match options.type_comments {
            true => TypeComments::new(&source, parsed.tokens()),
            false => TypeComments::default(),
        };
        let parsed = parsed.into_syntax();
        let result = tree::convert(&source, &parsed, mode, &type_comments);
        depth::dismantle(parsed);
        result.map_err(|error| located(&source, error))
    };
    match depth::estimate(text) {
        depth::Depth::Ordinary => here(),
        // What goes wrong with deeper ones the compiler can tell.
        _ => match compile(text, "<unknown>", mode, options) {
            Err(error) => Err(error),
            Ok(_) => Err(located(&Source::new(text), too_deep(TextRange::default()))),
        },
    }
}

/// Parses the signature of a function in a type comment.
pub fn parse_function_type(text: &str) -> Result<tree::Node, SyntaxError> {
    let source = Source::new(text);
    let parsed = match depth::estimate(text) {
        depth::Depth::Ordinary => parse::function_type(&source),
        _ => Err(too_deep(TextRange::default())),
    };
    parsed
        .and_then(|(arguments, returns)| tree::function_type(&source, &arguments, &returns))
        .map_err(|error| located(&source, error))
}

/// Compiles a tree that was not parsed from a text.
pub fn compile_node(
    tree: &tree::Node,
    depth: u32,
    filename: &str,
    mode: Mode,
    options: &Options,
) -> Result<Compiled, TreeError> {
    let here = || {
        from_tree::with_source(tree, |source, tree| {
            compile_parsed(source, tree, filename, mode, options)
        })
    };
    match depth::of_levels(depth) {
        depth::Depth::Ordinary => here()?,
        depth::Depth::Deep(stack) => {
            depth::with_stack(stack, here).unwrap_or(Err(TreeError::TooDeep))?
        }
        _ => return Err(TreeError::TooDeep),
    }
    .map_err(TreeError::Syntax)
}

fn compile_here(
    text: &str,
    filename: &str,
    mode: Mode,
    options: &Options,
) -> Result<Compiled, SyntaxError> {
    let source = Source::with_limit(text, options.max_digits);
    let tree = match parse::parse(&source, mode, options) {
        Ok(parsed) => parsed.into_syntax(),
        Err(error) => return Err(located(&source, error)),
    };
    compile_parsed(&source, tree, filename, mode, options)
}

fn compile_parsed(
    source: &Source,
    tree: Mod,
    filename: &str,
    mode: Mode,
    options: &Options,
) -> Result<Compiled, SyntaxError> {
    let result = compile_tree(source, &tree, filename, mode, options);
    let warnings = lint::check(source, &tree, options.optimize);
    depth::dismantle(tree);
    let unit = result.map_err(|error| located(source, error))?;
    let warnings = warnings.into_iter().map(|warning| located(source, Box::new(warning))).collect();
    Ok(Compiled { unit, warnings })
}

fn compile_tree<'a>(
    source: &'a Source<'a>,
    tree: &'a Mod,
    filename: &str,
    mode: Mode,
    options: &Options,
) -> R<CodeUnit> {
    let body = match tree {
        Mod::Module(module) => Body::Module(&module.body),
        Mod::Expression(expression) => Body::Expression(&expression.body),
    };
    let future_annotations = stmt::check_futures(body)? || options.future_annotations;
    let mut names = Names::default();
    let symbols = SymbolTable::build(body, &mut names, future_annotations)?;
    let class_dict = names.intern("__classdict__");
    let unit = Unit::new(
        SymbolTable::ROOT,
        &symbols,
        &names,
        Header { name: "<module>".into(), qualname: "<module>".into(), first_line: 1 },
    );
    let mut compiler = Compiler {
        source,
        symbols: &symbols,
        names,
        unit,
        private: None,
        filename: filename.into(),
        mode,
        optimize: options.optimize,
        top_level_await: options.top_level_await,
        future_annotations,
        depth: 0,
        class_dict,
        bare_generator: TextRange::default(),
    };
    compiler.unit.flags |= CodeFlags::NAMES;
    match body {
        Body::Module(statements) => compiler.module(statements)?,
        Body::Expression(expr) => {
            let value = compiler.expr_any(expr)?;
            compiler.at(symtable::range_of(expr));
            compiler.op(Op::Return, 0, value, 0, 0);
        }
    }
    compiler.finish()
}

/// Turns an error's range into line and column.
#[allow(clippy::boxed_local)] // as it comes, everywhere
fn located(source: &Source, error: Box<CompileError>) -> SyntaxError {
    let CompileError { kind, message, range } = *error;
    let (start, end) = (u32::from(range.start()), u32::from(range.end()));
    let line = source.line(start);
    // The end may be just after a newline, or after the end of the text: it belongs to the
    // character before.
    let (end_line, end_col) = if end > start {
        (source.line(end - 1), source.char_column(end - 1) + 2)
    } else {
        (line, source.char_column(end) + 1)
    };
    SyntaxError {
        kind,
        message,
        line,
        col: source.char_column(start) + 1,
        end_line,
        end_col,
        text: (!source.is_tree()).then(|| source.line_text(line).to_owned()),
    }
}

/// What a unit is called and where it begins.
struct Header {
    name: Arc<str>,
    qualname: Arc<str>,
    first_line: u32,
}

/// The state of a compilation.
struct Compiler<'a> {
    source: &'a Source<'a>,
    symbols: &'a SymbolTable,
    names: Names,
    /// The unit being written; the outer ones wait on the native stack.
    unit: Unit<'a>,
    /// Name of the innermost class, for mangling.
    private: Option<Arc<str>>,
    filename: Arc<str>,
    mode: Mode,
    optimize: u8,
    top_level_await: bool,
    future_annotations: bool,
    /// Nesting of expressions and statements so far.
    depth: u32,
    /// The symbol `__classdict__`.
    class_dict: Symbol,
    /// The parentheses of the call whose only argument is the generator expression to come.
    bare_generator: TextRange,
}

/// Nesting beyond this is a RecursionError whatever the stack.
const MAX_DEPTH: u32 = 60_000;

impl<'a> Compiler<'a> {
    /// Sets the source range of the instructions that follow.
    fn at(&mut self, range: TextRange) {
        self.unit.asm.range = range;
    }

    /// Appends an instruction.
    fn op(&mut self, op: Op, x: u8, a: u16, b: u16, c: u16) {
        self.unit.asm.emit(crate::bytecode::Instr::new(op, x, a, b, c));
    }

    /// Counts one more level of nesting while `f` runs.
    fn nested<T>(&mut self, range: TextRange, f: impl FnOnce(&mut Self) -> R<T>) -> R<T> {
        if self.depth >= MAX_DEPTH {
            return Err(too_deep(range));
        }
        self.depth += 1;
        let result = f(self);
        self.depth -= 1;
        result
    }

    /// A module's statements.
    fn module(&mut self, statements: &'a [ast::Stmt]) -> R<()> {
        let rest = self.module_docstring(statements)?;
        self.block_annotations(statements)?;
        self.body(rest)?;
        self.implicit_return(rest);
        Ok(())
    }

    /// The end of a block without a `return`. It is on the line of the last statement; behind a
    /// branch or a loop on none, since nobody knows which statement was the last.
    fn implicit_return(&mut self, body: &[ast::Stmt]) {
        use ast::Stmt::{For, If, Match, Try, While, With};
        let range = match body.last() {
            Some(If(_) | For(_) | While(_) | Try(_) | With(_) | Match(_)) | None => {
                TextRange::default()
            }
            Some(ast::Stmt::Expr(last)) => symtable::range_of(&*last.value),
            Some(last) => symtable::range_of(last),
        };
        self.at(range);
        self.op(Op::ReturnNone, 0, 0, 0, 0);
    }

    /// Completes the unit.
    fn finish(&mut self) -> R<CodeUnit> {
        self.unit.finish(self.source, &self.filename)
    }
}
