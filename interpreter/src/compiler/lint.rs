//! What CPython's compiler warns about (SyntaxWarning), found in a walk over the tree.

use super::error::{CompileError, SyntaxErrorKind};
use super::source::Source;
use super::symtable::range_of;
use rustpython_ast::visitor::{self, Visitor};
use rustpython_ast::{self as ast, CmpOp, Expr, FStringPart, Mod, Number, Stmt};
use rustpython_text_size::{Ranged, TextRange, TextSize};

/// The warnings for a tree, in the order of the source.
pub(super) fn check(source: &Source<'_>, tree: &Mod, optimize: u8) -> Vec<CompileError> {
    let mut lint =
        Lint { source, tokens: Vec::new(), found: Vec::new(), in_finally: false, optimize };
    match tree {
        Mod::Module(module) => lint.visit_body(&module.body),
        Mod::Expression(expression) => lint.visit_expr(&expression.body),
    }
    // CPython sees tokens before it sees what they mean.
    let mut found = lint.tokens;
    found.sort_by_key(|warning| warning.range.start());
    lint.found.sort_by_key(|warning| warning.range.start());
    found.append(&mut lint.found);
    found
}

struct Lint<'a> {
    source: &'a Source<'a>,
    /// What is wrong with tokens.
    tokens: Vec<CompileError>,
    found: Vec<CompileError>,
    /// In a `finally` clause, and in no loop or function of its own there.
    in_finally: bool,
    optimize: u8,
}

/// The type of a literal constant.
fn literal_type(expr: &Expr) -> Option<&'static str> {
    Some(match expr {
        Expr::StringLiteral(_) => "str",
        Expr::BytesLiteral(_) => "bytes",
        Expr::NumberLiteral(n) => match n.value {
            Number::Int(_) => "int",
            Number::Float(_) => "float",
            Number::Complex { .. } => "complex",
        },
        _ => return None,
    })
}

/// The type of an expression whose type the source shows.
fn shown_type(expr: &Expr) -> Option<&'static str> {
    Some(match expr {
        Expr::Tuple(_) => "tuple",
        Expr::List(_) | Expr::ListComp(_) => "list",
        Expr::Dict(_) | Expr::DictComp(_) => "dict",
        Expr::Set(_) | Expr::SetComp(_) => "set",
        Expr::Generator(_) => "generator",
        Expr::Lambda(_) => "function",
        Expr::FString(_) => "str",
        Expr::TString(_) => "string.templatelib.Template",
        Expr::BooleanLiteral(_) => "bool",
        Expr::NoneLiteral(_) => "NoneType",
        Expr::EllipsisLiteral(_) => "ellipsis",
        _ => return literal_type(expr),
    })
}

impl Lint<'_> {
    fn warn(&mut self, range: TextRange, message: String) {
        let kind = SyntaxErrorKind::SyntaxError;
        self.found.push(CompileError { kind, message, range });
    }

    fn warn_token(&mut self, range: TextRange, message: String) {
        let kind = SyntaxErrorKind::SyntaxError;
        self.tokens.push(CompileError { kind, message, range });
    }

    /// `x is 1`
    fn check_identity(&mut self, e: &ast::ExprCompare) {
        let mut left = &*e.left;
        for (op, right) in e.ops.iter().zip(&e.comparators) {
            if matches!(op, CmpOp::Is | CmpOp::IsNot) {
                let found = [left, right].into_iter().find_map(|side| match side {
                    Expr::Tuple(t) if t.elts.iter().all(shown_constant) => Some("tuple"),
                    _ => literal_type(side),
                });
                if let Some(name) = found {
                    let (is, equal) =
                        if *op == CmpOp::Is { ("is", "==") } else { ("is not", "!=") };
                    self.warn(
                        e.range,
                        format!("\"{is}\" with '{name}' literal. Did you mean \"{equal}\"?"),
                    );
                    return;
                }
            }
            left = right;
        }
    }

    /// `1()`, `[1](2)`
    fn check_call(&mut self, e: &ast::ExprCall) {
        let name = match &*e.func {
            Expr::Lambda(_) => return,
            func => shown_type(func),
        };
        if let Some(name) = name {
            self.warn(
                e.range,
                format!("'{name}' object is not callable; perhaps you missed a comma?"),
            );
        }
    }

    /// `1[2]`, `[1]["a"]`
    fn check_subscript(&mut self, e: &ast::ExprSubscript) {
        match &*e.value {
            Expr::Set(_)
            | Expr::SetComp(_)
            | Expr::Generator(_)
            | Expr::Lambda(_)
            | Expr::TString(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_) => {
                let name = shown_type(&e.value).unwrap_or("object");
                self.warn(
                    e.range,
                    format!("'{name}' object is not subscriptable; perhaps you missed a comma?"),
                );
            }
            Expr::Tuple(_)
            | Expr::List(_)
            | Expr::ListComp(_)
            | Expr::StringLiteral(_)
            | Expr::FString(_)
            | Expr::BytesLiteral(_) => {
                let index = shown_type(&e.slice);
                if let Some(index) = index.filter(|&name| !matches!(name, "int" | "bool")) {
                    let name = shown_type(&e.value).unwrap_or("object");
                    self.warn(
                        e.range,
                        format!(
                            "{name} indices must be integers or slices, not {index}; perhaps you \
                             missed a comma?"
                        ),
                    );
                }
            }
            _ => {}
        }
    }

    /// The first escape that is none in the text of a literal.
    fn check_escapes(&mut self, range: TextRange, bytes: bool) {
        let text = self.source.slice(range);
        let mut chars = text.char_indices();
        while let Some((at, c)) = chars.next() {
            if c != '\\' {
                continue;
            }
            let Some((_, next)) = chars.next() else { return };
            let place = TextRange::at(
                range.start() + TextSize::from(at as u32),
                TextSize::from(1 + next.len_utf8() as u32),
            );
            match next {
                '\n' | '\r' | '\\' | '\'' | '"' | 'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | 'x' => {
                }
                'N' | 'u' | 'U' if !bytes => {}
                '4'..='7' => {
                    let digits: String = text[at + 1..]
                        .chars()
                        .take(3)
                        .take_while(|c| ('0'..='7').contains(c))
                        .collect();
                    if digits.len() == 3 {
                        return self.bad_escape(place, &digits, "octal escape");
                    }
                }
                '0'..='3' => {}
                c => return self.bad_escape(place, &c.to_string(), "escape"),
            }
        }
    }

    fn bad_escape(&mut self, range: TextRange, text: &str, what: &str) {
        self.warn_token(
            range,
            format!(
                "\"\\{text}\" is an invalid {what} sequence. Such sequences will not work in the \
                 future. Did you mean \"\\\\{text}\"? A raw string is also an option."
            ),
        );
    }

    fn check_interpolated(&mut self, elements: &ast::InterpolatedStringElements) {
        for literal in elements.literals() {
            self.check_escapes(literal.range, false);
        }
    }

    /// A number with a keyword right behind it: `1if x else y`.
    fn check_number(&mut self, range: TextRange) {
        let end = range.end();
        let next = self.source.slice(TextRange::at(end, TextSize::from(1)));
        if !next.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return;
        }
        let text = self.source.slice(range).to_ascii_lowercase();
        let kind = match text.get(..2) {
            Some("0x") => "hexadecimal",
            Some("0o") => "octal",
            Some("0b") => "binary",
            _ if text.ends_with('j') => "imaginary",
            _ => "decimal",
        };
        self.warn_token(TextRange::empty(end), format!("invalid {kind} literal"));
    }

    fn leaves_finally(&mut self, range: TextRange, what: &str) {
        self.warn(range, format!("'{what}' in a 'finally' block"));
    }

    fn with_finally(&mut self, inside: bool, f: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.in_finally, inside);
        f(self);
        self.in_finally = before;
    }
}

/// Whether an item keeps a tuple a constant.
fn shown_constant(expr: &Expr) -> bool {
    expr.is_literal_expr() || matches!(expr, Expr::Tuple(t) if t.elts.iter().all(shown_constant))
}

impl<'a> Visitor<'a> for Lint<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Assert(s) if self.optimize == 0 => {
                if matches!(&*s.test, Expr::Tuple(t) if !t.elts.is_empty()) {
                    let message = "assertion is always true, perhaps remove parentheses?";
                    self.warn(s.range, message.into());
                }
            }
            Stmt::Return(s) if self.in_finally => self.leaves_finally(s.range, "return"),
            Stmt::Break(s) if self.in_finally => self.leaves_finally(s.range, "break"),
            Stmt::Continue(s) if self.in_finally => self.leaves_finally(s.range, "continue"),
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) | Stmt::For(_) | Stmt::While(_) => {
                return self.with_finally(false, |this| visitor::walk_stmt(this, stmt));
            }
            Stmt::Try(s) => {
                self.visit_body(&s.body);
                for handler in &s.handlers {
                    self.visit_except_handler(handler);
                }
                self.visit_body(&s.orelse);
                return self.with_finally(true, |this| this.visit_body(&s.finalbody));
            }
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Compare(e) => self.check_identity(e),
            Expr::Call(e) => self.check_call(e),
            Expr::Subscript(e) => self.check_subscript(e),
            Expr::StringLiteral(e) => {
                for part in e.value.iter() {
                    if !part.flags.prefix().is_raw() {
                        self.check_escapes(part.content_range(), false);
                    }
                }
                return;
            }
            Expr::BytesLiteral(e) => {
                for part in e.value.iter() {
                    if !part.flags.prefix().is_raw() {
                        self.check_escapes(range_of(part), true);
                    }
                }
                return;
            }
            Expr::FString(e) => {
                for part in e.value.as_slice() {
                    match part {
                        FStringPart::Literal(part) if !part.flags.prefix().is_raw() => {
                            self.check_escapes(part.range(), false);
                        }
                        FStringPart::FString(part) if !part.flags.prefix().is_raw() => {
                            self.check_interpolated(&part.elements);
                        }
                        _ => {}
                    }
                }
            }
            Expr::TString(e) => {
                for part in e.value.iter() {
                    if !part.flags.prefix().is_raw() {
                        self.check_interpolated(&part.elements);
                    }
                }
            }
            Expr::NumberLiteral(e) => self.check_number(e.range),
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }
}
