//! Syntax that is newer than the version asked for (`feature_version` of `ast.parse`).

use super::plain;
use crate::compiler::error::{CompileError, R};
use crate::compiler::source::Source;
use rustpython_ast::token::TokenKind;
use rustpython_ast::visitor::{self, Visitor};
use rustpython_ast::{Comprehension, Expr, Mod, Operator, Stmt};
use rustpython_parser::{Parsed, UnsupportedSyntaxError, UnsupportedSyntaxErrorKind};
use rustpython_text_size::{Ranged, TextRange};
use std::cmp::Reverse;

/// The first version whose syntax the parser knows.
const OLDEST_KNOWN: u8 = 7;

/// Complains about syntax that is newer than 3.`version`, or that no version has.
pub(super) fn check(source: &Source, parsed: &Parsed<Mod>, version: Option<u8>) -> R<()> {
    let newer = parsed.unsupported_syntax_errors();
    let Some(minor) = version else {
        let Some(newer) = newer.first() else { return Ok(()) };
        let starred = source.slice(newer.range).starts_with('*');
        return Err(if starred {
            plain(newer.range, "iterable unpacking cannot be used in comprehension")
        } else {
            plain(newer.range, "invalid syntax")
        });
    };
    let mut found: Vec<_> = newer.iter().filter_map(|newer| too_new(newer, minor)).collect();
    if minor < OLDEST_KNOWN {
        found.extend(older(source, parsed, minor));
    }
    // What ends first, and of that the innermost, was parsed first.
    let order = |error: &CompileError| (error.range.end(), Reverse(error.range.start()));
    found.into_iter().min_by_key(order).map_or(Ok(()), |error| Err(Box::new(error)))
}

fn error(range: TextRange, what: &str, since: u8) -> CompileError {
    *plain(range, format!("{what} only supported in Python 3.{since} and greater"))
}

/// What CPython says of syntax that is newer than the version asked for, where it says something.
fn too_new(found: &UnsupportedSyntaxError, minor: u8) -> Option<CompileError> {
    use UnsupportedSyntaxErrorKind as Kind;
    let (what, since) = match found.kind {
        Kind::PositionalOnlyParameter => ("Positional-only parameters are", 8),
        Kind::Walrus => ("Assignment expressions are", 8),
        Kind::Match => ("Pattern matching is", 10),
        Kind::ExceptStar => ("Exception groups are", 11),
        Kind::TypeParameterList => ("Type parameter lists are", 12),
        Kind::TypeAliasStatement => ("Type statement is", 12),
        Kind::TypeParamDefault => ("Type parameter defaults are", 13),
        Kind::UnparenthesizedExceptionTypes => ("except expressions without parentheses are", 14),
        Kind::TemplateStrings => ("t-strings are", 14),
        _ => return None,
    };
    (minor < since).then(|| error(found.range, what, since))
}

/// What versions before 3.7 did not have.
fn older(source: &Source, parsed: &Parsed<Mod>, minor: u8) -> Vec<CompileError> {
    let mut old = Old { minor, found: Vec::new() };
    for token in parsed.tokens() {
        let number = matches!(token.kind(), TokenKind::Int | TokenKind::Float | TokenKind::Complex);
        if number && source.slice(token.range()).contains('_') {
            old.check(token.range(), "Underscores in numeric literals are", 6);
        }
    }
    match parsed.syntax() {
        Mod::Module(module) => old.visit_body(&module.body),
        Mod::Expression(expression) => old.visit_expr(&expression.body),
    }
    old.found
}

struct Old {
    minor: u8,
    found: Vec<CompileError>,
}

impl Old {
    fn check(&mut self, range: TextRange, what: &str, since: u8) {
        if self.minor < since {
            self.found.push(error(range, what, since));
        }
    }
}

impl Visitor<'_> for Old {
    fn visit_stmt(&mut self, stmt: &Stmt) {
        let range = stmt.range();
        match stmt {
            Stmt::FunctionDef(s) if s.is_async => self.check(range, "Async functions are", 5),
            Stmt::For(s) if s.is_async => self.check(range, "Async for loops are", 5),
            Stmt::With(s) if s.is_async => self.check(range, "Async with statements are", 5),
            Stmt::AnnAssign(_) => self.check(range, "Variable annotation syntax is", 6),
            Stmt::AugAssign(s) if s.op == Operator::MatMult => {
                self.check(range, "The '@' operator is", 5)
            }
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &Expr) {
        match expr {
            Expr::BinOp(e) if e.op == Operator::MatMult => {
                self.check(e.range, "The '@' operator is", 5)
            }
            Expr::Await(e) => self.check(e.range, "Await expressions are", 5),
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }

    fn visit_comprehension(&mut self, comprehension: &Comprehension) {
        if comprehension.is_async {
            self.check(comprehension.range, "Async comprehensions are", 6);
        }
        visitor::walk_comprehension(self, comprehension);
    }
}
