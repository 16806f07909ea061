//! Statements.

use super::error::{R, syntax_error};
use super::symtable::{Body, range_of};
use super::{Compiler, Mode};
use crate::bytecode::{Const, Op};
use rustpython_ast::{self as ast, Expr, Stmt};
use rustpython_text_size::TextRange;

/// A docstring and where it stands.
pub(super) type Docstring = (Const, TextRange);

/// What `from __future__ import` knows.
const FUTURES: [&str; 10] = [
    "nested_scopes",
    "generators",
    "division",
    "absolute_import",
    "with_statement",
    "print_function",
    "unicode_literals",
    "barry_as_FLUFL",
    "generator_stop",
    "annotations",
];

/// Checks the `__future__` imports; says whether annotations are to be strings.
pub(super) fn check_futures(body: Body) -> R<bool> {
    let Body::Module(statements) = body else { return Ok(false) };
    let mut annotations = false;
    let mut allowed = true;
    for (i, statement) in statements.iter().enumerate() {
        match statement {
            Stmt::ImportFrom(import)
                if import.level == 0
                    && import.module.as_ref().is_some_and(|m| m.as_str() == "__future__") =>
            {
                if !allowed {
                    return Err(syntax_error(
                        import.range,
                        "from __future__ imports must occur at the beginning of the file",
                    ));
                }
                for alias in &import.names {
                    match alias.name.as_str() {
                        "annotations" => annotations = true,
                        "braces" => return Err(syntax_error(alias.range, "not a chance")),
                        known if FUTURES.contains(&known) => {}
                        other => {
                            let message = format!("future feature {other} is not defined");
                            return Err(syntax_error(alias.range, message));
                        }
                    }
                }
            }
            Stmt::Expr(e) if i == 0 && e.value.is_string_literal_expr() => {}
            _ => allowed = false,
        }
    }
    Ok(annotations)
}

impl<'a> Compiler<'a> {
    /// A sequence of statements.
    pub(super) fn body(&mut self, statements: &'a [Stmt]) -> R<()> {
        for statement in statements {
            self.nested(range_of(statement), |this| this.statement(statement))?;
        }
        Ok(())
    }

    fn statement(&mut self, statement: &'a Stmt) -> R<()> {
        self.at(range_of(statement));
        match statement {
            Stmt::Expr(s) => self.expression_statement(s),
            Stmt::Assign(s) => self.assign(s),
            Stmt::AugAssign(s) => self.aug_assign(s),
            Stmt::AnnAssign(s) => self.ann_assign(s),
            Stmt::Return(s) => self.return_checked(s),
            Stmt::If(s) => self.if_statement(s),
            Stmt::For(s) => self.for_statement(s),
            Stmt::While(s) => self.while_statement(s),
            Stmt::Break(s) => self.break_statement(s.range),
            Stmt::Continue(s) => self.continue_statement(s.range),
            Stmt::FunctionDef(s) => self.function_statement(s),
            Stmt::ClassDef(s) => self.class_statement(s),
            Stmt::Try(s) => self.try_statement(s),
            Stmt::With(s) => self.with_statement(s),
            Stmt::Raise(s) => self.raise(s),
            Stmt::Assert(s) => self.assert(s),
            Stmt::Import(s) => self.import(s),
            Stmt::ImportFrom(s) => self.import_from(s),
            Stmt::Delete(s) => s.targets.iter().try_for_each(|target| self.delete(target)),
            Stmt::Match(s) => self.match_statement(s),
            Stmt::Pass(s) => {
                self.nop(s.range);
                Ok(())
            }
            Stmt::Global(_) | Stmt::Nonlocal(_) => Ok(()),
            Stmt::TypeAlias(s) => self.type_alias(s),
            Stmt::IpyEscapeCommand(s) => Err(syntax_error(s.range, "invalid syntax")),
        }
    }

    /// A place that does nothing but be on a line.
    pub(super) fn nop(&mut self, range: TextRange) {
        self.at(range);
        self.op(Op::Nop, 0, 0, 0, 0);
    }

    fn expression_statement(&mut self, s: &'a ast::StmtExpr) -> R<()> {
        let mark = self.unit.temps.mark();
        if self.mode == Mode::Single && self.unit.root == super::SymbolTable::ROOT {
            let value = self.expr_any(&s.value)?;
            self.at(s.range);
            self.op(Op::DisplayHook, 0, value, 0, 0);
        } else if self.constant(&s.value)?.is_some() {
            self.nop(s.range);
        } else {
            self.expr_any(&s.value)?;
        }
        self.unit.temps.release(mark);
        Ok(())
    }

    fn return_checked(&mut self, s: &'a ast::StmtReturn) -> R<()> {
        let scope = self.symbols.scope(self.unit.root);
        if !scope.kind.is_function_like() {
            return Err(syntax_error(s.range, "'return' outside function"));
        }
        if scope.is_async && scope.is_generator && s.value.is_some() {
            return Err(syntax_error(s.range, "'return' with value in async generator"));
        }
        self.return_statement(s)
    }

    fn if_statement(&mut self, s: &'a ast::StmtIf) -> R<()> {
        let end = self.unit.asm.label();
        let first = (Some(&*s.test), &s.body);
        let others = s.elif_else_clauses.iter().map(|c| (c.test.as_ref(), &c.body));
        let count = s.elif_else_clauses.len();
        for (i, (test, body)) in std::iter::once(first).chain(others).enumerate() {
            let next = self.unit.asm.label();
            if let Some(test) = test {
                if self.constant(test)?.is_some() {
                    self.nop(range_of(test));
                }
                self.unless(test, next)?;
            }
            self.body(body)?;
            if i < count {
                self.at(TextRange::default());
                self.unit.asm.jump(Op::Jump, 0, 0, end);
            }
            self.unit.asm.place(next);
        }
        self.unit.asm.place(end);
        Ok(())
    }

    fn import(&mut self, s: &'a ast::StmtImport) -> R<()> {
        for alias in &s.names {
            let mark = self.unit.temps.mark();
            let module = self.import_module(alias.name.as_str(), None, 0, s.range)?;
            let path = alias.name.as_str();
            match &alias.asname {
                Some(asname) => {
                    // `import a.b.c as x` binds c, which is reached from a.
                    for part in path.split('.').skip(1) {
                        let name = self.short_constant(Const::Str(part.into()))?;
                        self.op(Op::ImportFrom, 0, module, module, name);
                    }
                    self.store_name(asname.as_str(), module, s.range)?;
                }
                None => {
                    let top = path.split('.').next().unwrap_or(path);
                    self.store_name(top, module, s.range)?;
                }
            }
            self.unit.temps.release(mark);
        }
        Ok(())
    }

    /// Imports into a new temporary.
    pub(super) fn import_module(
        &mut self,
        name: &str,
        from: Option<Vec<Const>>,
        level: u32,
        range: TextRange,
    ) -> R<u16> {
        let level =
            u8::try_from(level).map_err(|_| syntax_error(range, "too many levels of import"))?;
        self.at(range);
        let module = self.unit.temps.take(1);
        let from_list = self.unit.temps.take(1);
        self.load_const(from_list, from.map_or(Const::None, Const::Tuple));
        let name = self.short_constant(Const::Str(name.into()))?;
        self.op(Op::ImportName, level, module, from_list, name);
        Ok(module)
    }

    fn import_from(&mut self, s: &'a ast::StmtImportFrom) -> R<()> {
        let mark = self.unit.temps.mark();
        let module = s.module.as_ref().map_or("", |m| m.as_str());
        let names = s.names.iter().map(|a| Const::Str(a.name.as_str().into())).collect();
        let module = self.import_module(module, Some(names), s.level, s.range)?;
        if let [alias] = &*s.names
            && alias.name.as_str() == "*"
        {
            let before = TextRange::new(s.range.start(), alias.range.start());
            if self.source.slice(before).trim_end().ends_with('(') {
                return Err(syntax_error(alias.range, "invalid syntax"));
            }
            self.op(Op::ImportStar, 0, module, 0, 0);
            self.unit.temps.release(mark);
            return Ok(());
        }
        for alias in &s.names {
            let mark = self.unit.temps.mark();
            let bound = alias.asname.as_ref().unwrap_or(&alias.name);
            let local = self.local_register(bound.as_str());
            let value = local.unwrap_or_else(|| self.unit.temps.take(1));
            self.at(s.range);
            let name = self.short_constant(Const::Str(alias.name.as_str().into()))?;
            self.op(Op::ImportFrom, 0, value, module, name);
            self.store_name(bound.as_str(), value, s.range)?;
            self.unit.temps.release(mark);
        }
        self.unit.temps.release(mark);
        Ok(())
    }

    /// The docstring that a body begins with, cleaned of its indentation, and the rest.
    pub(super) fn split_docstring(
        &mut self,
        body: &'a [Stmt],
    ) -> R<(Option<Docstring>, &'a [Stmt])> {
        let Some((Stmt::Expr(first), rest)) = body.split_first() else { return Ok((None, body)) };
        let Expr::StringLiteral(_) = &*first.value else { return Ok((None, body)) };
        if self.optimize >= 2 {
            return Ok((None, rest));
        }
        let doc = match self.constant(&first.value)? {
            Some(Const::Str(text)) => Const::Str(clean_docstring(&text).into()),
            Some(other) => other,
            None => return Ok((None, body)),
        };
        Ok((Some((doc, first.range)), rest))
    }

    /// Stores a module's or class's docstring as `__doc__`.
    pub(super) fn module_docstring(&mut self, body: &'a [Stmt]) -> R<&'a [Stmt]> {
        if self.mode == Mode::Single && self.unit.root == super::SymbolTable::ROOT {
            return Ok(body);
        }
        let (doc, rest) = self.split_docstring(body)?;
        if let Some((doc, range)) = doc {
            let mark = self.unit.temps.mark();
            let t = self.unit.temps.take(1);
            self.at(range);
            self.load_const(t, doc);
            self.store_name("__doc__", t, range)?;
            self.unit.temps.release(mark);
        }
        Ok(rest)
    }
}

/// Removes the common indentation of a docstring's lines after the first, and what is blank
/// before its first line's text.
fn clean_docstring(text: &str) -> String {
    let expanded;
    let text = if text.contains('\t') {
        expanded = expand_tabs(text);
        expanded.as_str()
    } else {
        text
    };
    let mut lines = text.split('\n');
    let first = lines.next().unwrap_or("");
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let margin =
        lines.clone().filter(|line| indent(line) < line.len()).map(indent).min().unwrap_or(0);
    let mut out = String::with_capacity(text.len());
    out.push_str(first.trim_start_matches(' '));
    for line in lines {
        out.push('\n');
        out.push_str(&line[margin.min(indent(line))..]);
    }
    out
}

fn expand_tabs(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut column = 0;
    for c in text.chars() {
        match c {
            '\t' => {
                let spaces = 8 - column % 8;
                out.extend(std::iter::repeat_n(' ', spaces));
                column += spaces;
            }
            '\n' | '\r' => {
                out.push(c);
                column = 0;
            }
            c => {
                out.push(c);
                column += 1;
            }
        }
    }
    out
}
