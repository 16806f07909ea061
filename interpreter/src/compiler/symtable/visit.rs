//! The first walk over the tree.

use super::builder::Builder;
use super::{Flags, ScopeKind, address};
use rustpython_ast::visitor::{self, Visitor};
use rustpython_ast::{self as ast, Expr, ExprContext, Pattern, Stmt};

impl<'a> Visitor<'a> for Builder<'_> {
    fn visit_body(&mut self, body: &'a [Stmt]) {
        for statement in body {
            if self.error.is_some() {
                return;
            }
            self.visit_stmt(statement);
        }
    }

    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(function) => self.visit_function(function),
            Stmt::ClassDef(class) => self.visit_class(class),
            Stmt::AnnAssign(statement) => self.visit_annotated(statement),
            Stmt::AugAssign(statement) => {
                self.visit_expr(&statement.target);
                self.visit_expr(&statement.value);
            }
            Stmt::Global(s) => self.visit_declaration(&s.names, Flags::GLOBAL, "global", s.range),
            Stmt::Nonlocal(s) => {
                self.visit_declaration(&s.names, Flags::NONLOCAL, "nonlocal", s.range)
            }
            Stmt::Import(s) => s.names.iter().for_each(|a| self.visit_imported(a, true)),
            Stmt::ImportFrom(s) => s.names.iter().for_each(|a| self.visit_imported(a, false)),
            Stmt::TypeAlias(s) => self.visit_type_alias(s),
            Stmt::If(s) => {
                self.visit_expr(&s.test);
                self.visit_body(&s.body);
                for clause in &s.elif_else_clauses {
                    if let Some(test) = &clause.test {
                        self.visit_expr(test);
                    }
                    self.visit_body(&clause.body);
                }
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ast::ExceptHandler) {
        let ast::ExceptHandler::ExceptHandler(handler) = handler;
        if let Some(class) = &handler.type_ {
            self.visit_expr(class);
        }
        if let Some(name) = &handler.name {
            self.bind(name.as_str(), Flags::DELETED, name.range);
        }
        self.visit_body(&handler.body);
    }

    fn visit_annotation(&mut self, _: &'a Expr) {}

    fn visit_expr(&mut self, expr: &'a Expr) {
        if self.error.is_some() {
            return;
        }
        match expr {
            Expr::Name(name) => {
                let text = name.id.as_str();
                match name.ctx {
                    ExprContext::Store => self.bind(text, 0, name.range),
                    ExprContext::Del if text == "__debug__" => {
                        self.fail(name.range, "cannot delete __debug__");
                    }
                    ExprContext::Del => self.bind(text, Flags::DELETED, name.range),
                    ExprContext::Load | ExprContext::Invalid => {
                        let symbol = self.symbol(text);
                        self.use_name(symbol);
                        if text == "super" && self.scope().kind.is_function_like() {
                            let class = self.names.intern("__class__");
                            self.use_name(class);
                        }
                    }
                }
            }
            Expr::BinOp(_) => {
                // A long chain of operators leans left: walk its spine without recursion.
                let mut rights = vec![];
                let mut at = expr;
                while let Expr::BinOp(binary) = at {
                    rights.push(&*binary.right);
                    at = &binary.left;
                }
                self.visit_expr(at);
                for right in rights.into_iter().rev() {
                    self.visit_expr(right);
                }
            }
            Expr::Named(named) => self.visit_named(named),
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.visit_defaults(parameters);
                }
                self.within(ScopeKind::Lambda, address(lambda), |this| {
                    if let Some(parameters) = &lambda.parameters {
                        this.declare_parameters(parameters);
                    }
                    this.visit_expr(&lambda.body);
                });
            }
            Expr::ListComp(e) => self.visit_comprehension_scope(
                ScopeKind::Comprehension("list comprehension"),
                address(e),
                [Some(&e.elt), None],
                &e.generators,
            ),
            Expr::SetComp(e) => self.visit_comprehension_scope(
                ScopeKind::Comprehension("set comprehension"),
                address(e),
                [Some(&e.elt), None],
                &e.generators,
            ),
            Expr::DictComp(e) => self.visit_comprehension_scope(
                ScopeKind::Comprehension("dict comprehension"),
                address(e),
                [Some(&e.key), Some(&e.value)],
                &e.generators,
            ),
            Expr::Generator(e) => self.visit_comprehension_scope(
                ScopeKind::Generator,
                address(e),
                [Some(&e.elt), None],
                &e.generators,
            ),
            Expr::Yield(e) => {
                self.visit_yield(e.range, "yield");
                visitor::walk_expr(self, expr);
            }
            Expr::YieldFrom(e) => {
                self.visit_yield(e.range, "yield from");
                visitor::walk_expr(self, expr);
            }
            Expr::Await(e) => {
                if self.scope().kind.is_comprehension() {
                    let current = self.current;
                    self.table.scope_mut(current).is_async = true;
                }
                if self.scope().kind == ScopeKind::Annotate {
                    self.fail(e.range, "await expression cannot be used within an annotation");
                }
                visitor::walk_expr(self, expr);
            }
            Expr::Attribute(attribute) => {
                if attribute.ctx == ExprContext::Store {
                    self.note_self_attribute(attribute);
                    if attribute.attr.as_str() == "__debug__" {
                        self.fail(attribute.range, "cannot assign to __debug__");
                    }
                }
                self.visit_expr(&attribute.value);
            }
            _ => visitor::walk_expr(self, expr),
        }
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        match pattern {
            Pattern::MatchStar(star) => {
                if let Some(name) = &star.name {
                    self.bind(name.as_str(), 0, name.range);
                }
            }
            Pattern::MatchAs(capture) => {
                if let Some(inner) = &capture.pattern {
                    self.visit_pattern(inner);
                }
                if let Some(name) = &capture.name {
                    self.bind(name.as_str(), 0, name.range);
                }
            }
            Pattern::MatchMapping(mapping) => {
                visitor::walk_pattern(self, pattern);
                if let Some(rest) = &mapping.rest {
                    self.bind(rest.as_str(), 0, rest.range);
                }
            }
            _ => visitor::walk_pattern(self, pattern),
        }
    }
}
