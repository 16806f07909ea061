//! Functions: parameters, defaults, decorators, closures, annotations.

use super::Compiler;
use super::error::{R, syntax_error};
use super::registers::Reg;
use super::symtable::{
    ScopeId, ScopeKind, block_annotations, for_each_annotation, has_annotations, range_of,
};
use crate::bytecode::{CodeFlags, CodeUnit, Const, Op};
use rustpython_ast::{self as ast, Expr, Stmt};
use rustpython_text_size::TextRange;
use std::sync::Arc;

/// What comes with a function besides its code.
pub(super) struct Extras<'a> {
    parameters: Option<&'a ast::Parameters>,
    annotated: Option<&'a ast::StmtFunctionDef>,
    /// Defaults tuple (1) and keyword defaults dict (2) that are in the first registers already.
    inherited: u8,
}

impl<'a> Extras<'a> {
    /// A generic function: its defaults come as arguments of the function around it.
    pub(super) fn inherited(function: &'a ast::StmtFunctionDef, inherited: u8) -> Self {
        Self { parameters: None, annotated: Some(function), inherited }
    }
}

impl<'a> Compiler<'a> {
    pub(super) fn function_statement(&mut self, s: &'a ast::StmtFunctionDef) -> R<()> {
        let mark = self.unit.temps.mark();
        let name = s.name.as_str();
        let decorators = self.window(s.decorator_list.iter().map(|d| &d.expression))?;
        let count = s.decorator_list.len() as u16;
        // The statement's own line is that of the `def`, whatever decorates it.
        let range = self.definition_range(s.range, s.name.range);
        let local = if count == 0 { self.local_register(name) } else { None };
        let target = local.unwrap_or_else(|| self.unit.temps.take(1));
        let scope = self.symbols.scope_of(s);
        let scope = scope.ok_or_else(|| syntax_error(s.range, "invalid syntax"))?;
        if let Some(params) = &s.type_params {
            let in_class = self.in_class();
            let make = |this: &mut Self| this.function_unit(s, scope, in_class);
            self.generic_function(s, params, make, target, range)?;
        } else {
            let unit = self.function_unit(s, scope, self.in_class())?;
            self.at(range);
            let extras =
                Extras { parameters: Some(&s.parameters), annotated: Some(s), inherited: 0 };
            self.make_function(target, unit, Some(extras))?;
        }
        self.apply_decorators(&s.decorator_list, decorators);
        let value = if count == 0 { target } else { decorators };
        self.store_name(name, value, range)?;
        self.unit.temps.release(mark);
        Ok(())
    }

    /// From the `def` or `class` line on: a statement's range begins with its decorators.
    pub(super) fn definition_range(&self, statement: TextRange, name: TextRange) -> TextRange {
        let line_start = self.source.slice(TextRange::new(statement.start(), name.start()));
        let offset = line_start.rfind('\n').map_or(0, |i| i + 1);
        let rest = &line_start[offset..];
        let indent = rest.len() - rest.trim_start().len();
        let start =
            statement.start() + rustpython_text_size::TextSize::new((offset + indent) as u32);
        TextRange::new(start, statement.end())
    }

    /// Calls the decorators, which are in consecutive registers before the function.
    pub(super) fn apply_decorators(&mut self, decorators: &'a [ast::Decorator], first: Reg) {
        for (i, decorator) in decorators.iter().enumerate().rev() {
            let window = first + i as u16;
            self.at(range_of(&decorator.expression));
            self.op(Op::Call, 0, window, window, 1);
        }
    }

    fn in_class(&self) -> bool {
        self.symbols.scope(self.unit.root).kind == ScopeKind::Class
    }

    fn function_unit(
        &mut self,
        s: &'a ast::StmtFunctionDef,
        scope: ScopeId,
        in_class: bool,
    ) -> R<CodeUnit> {
        let name: Arc<str> = s.name.as_str().into();
        let (doc, body) = self.split_docstring(&s.body)?;
        self.nested_unit(scope, name, s.range, |this| {
            this.signature(&s.parameters);
            if in_class {
                this.unit.flags |= CodeFlags::METHOD;
            }
            this.kind_flags(scope);
            if let Some((doc, _)) = doc {
                this.unit.flags |= CodeFlags::HAS_DOCSTRING;
                this.unit.constant_index(doc);
            }
            this.body(body)?;
            this.implicit_return(body);
            Ok(())
        })
    }

    fn kind_flags(&mut self, scope: ScopeId) {
        let scope = self.symbols.scope(scope);
        self.unit.flags |= match (scope.is_async, scope.is_generator) {
            (false, false) => 0,
            (false, true) => CodeFlags::GENERATOR,
            (true, false) => CodeFlags::COROUTINE,
            (true, true) => CodeFlags::ASYNC_GENERATOR,
        };
    }

    fn signature(&mut self, parameters: &ast::Parameters) {
        let unit = &mut self.unit;
        unit.posonly_count = parameters.posonlyargs.len() as u16;
        unit.arg_count = (parameters.posonlyargs.len() + parameters.args.len()) as u16;
        unit.kwonly_count = parameters.kwonlyargs.len() as u16;
        if parameters.vararg.is_some() {
            unit.flags |= CodeFlags::VARARGS;
        }
        if parameters.kwarg.is_some() {
            unit.flags |= CodeFlags::VARKEYWORDS;
        }
    }

    pub(super) fn lambda(&mut self, e: &'a ast::ExprLambda, dst: Reg) -> R<()> {
        let scope = self.symbols.scope_of(e);
        let scope = scope.ok_or_else(|| syntax_error(e.range, "invalid syntax"))?;
        let unit = self.nested_unit(scope, "<lambda>".into(), e.range, |this| {
            if let Some(parameters) = &e.parameters {
                this.signature(parameters);
            }
            this.kind_flags(scope);
            let value = this.expr_any(&e.body)?;
            this.at(range_of(&*e.body));
            this.op(Op::Return, 0, value, 0, 0);
            Ok(())
        })?;
        self.at(e.range);
        let extras = Extras { parameters: e.parameters.as_deref(), annotated: None, inherited: 0 };
        self.make_function(dst, unit, Some(extras))
    }

    /// `dst =` a function: evaluates defaults and collects the closure.
    pub(super) fn make_function(
        &mut self,
        dst: Reg,
        unit: CodeUnit,
        extras: Option<Extras<'a>>,
    ) -> R<()> {
        let range = self.unit.asm.range;
        let mark = self.unit.temps.mark();
        let window = self.unit.temps.take(4);
        let mut x = 0;
        if let Some(parameters) = extras.as_ref().and_then(|e| e.parameters) {
            x |= self.defaults(parameters, window)?;
        }
        if let Some(extras) = &extras {
            x |= extras.inherited;
            let mut register = 0;
            for bit in [1, 2] {
                if extras.inherited & bit != 0 {
                    self.move_to(window + u16::from(bit) - 1, register);
                    register += 1;
                }
            }
        }
        if let Some(function) = extras.and_then(|e| e.annotated)
            && has_annotations(function)
        {
            self.at(range);
            self.function_annotations(function, window + 2)?;
            x |= 4;
        }
        self.at(range);
        if !unit.freevars.is_empty() {
            let cells = self.unit.temps.take(unit.freevars.len());
            for (i, name) in unit.freevars.iter().enumerate() {
                let symbol = self.names.intern(name);
                let cell = self.cell_of(symbol).ok_or_else(|| {
                    syntax_error(range, format!("no cell for the free variable '{name}'"))
                })?;
                self.move_to(cells + i as u16, cell);
            }
            let count = unit.freevars.len() as u16;
            self.op(Op::BuildTuple, 0, window + 3, cells, count);
            x |= 8;
        }
        let code = self.short_constant(Const::Code(Arc::new(unit)))?;
        self.op(Op::MakeFunction, x, dst, code, if x == 0 { 0 } else { window });
        self.unit.temps.release(mark);
        Ok(())
    }

    /// The register of the cell that an inner block shares with this one.
    fn cell_of(&self, name: super::names::Symbol) -> Option<Reg> {
        use super::names::Place;
        if let Some(&reg) = self.unit.registers.get(&(self.unit.root, name))
            && self.symbols.scope(self.unit.root).kind == ScopeKind::Class
        {
            return Some(reg);
        }
        match self.place_of(name) {
            Place::Cell(reg) | Place::NameOrCell(reg) | Place::ClassDictOrCell(_, reg) => Some(reg),
            // A class that binds the name itself still passes on the outer one's cell.
            _ => self.unit.free.get(&name).copied(),
        }
    }

    /// Evaluates the defaults into `window` (a tuple) and the register after it (a dict); says
    /// which there are.
    pub(super) fn defaults(&mut self, parameters: &'a ast::Parameters, window: Reg) -> R<u8> {
        let mut x = 0;
        let range = self.unit.asm.range;
        let positional = parameters.posonlyargs.iter().chain(&parameters.args);
        let values: Vec<&Expr> = positional.filter_map(|p| p.default.as_deref()).collect();
        if !values.is_empty() {
            x |= 1;
            let mark = self.unit.temps.mark();
            let mut constants = vec![];
            for value in &values {
                constants.extend(self.constant(value)?);
            }
            if constants.len() == values.len() {
                self.at(range);
                self.load_const(window, Const::Tuple(constants));
            } else {
                let count = values.len() as u16;
                let first = self.window(values)?;
                self.at(range);
                self.op(Op::BuildTuple, 0, window, first, count);
            }
            self.unit.temps.release(mark);
        }
        if parameters.kwonlyargs.iter().any(|p| p.default.is_some()) {
            x |= 2;
            let mark = self.unit.temps.mark();
            let mut count = 0;
            for parameter in &parameters.kwonlyargs {
                let Some(default) = &parameter.default else { continue };
                let key = self.unit.temps.take(1);
                let name = self.mangled(parameter.parameter.name.as_str());
                self.at(range);
                self.load_const(key, Const::Str(name));
                let value = self.unit.temps.take(1);
                self.expr_to(default, value)?;
                count += 1;
            }
            self.at(range);
            self.op(Op::BuildDict, 0, window + 1, mark as u16, count);
            self.unit.temps.release(mark);
        }
        Ok(x)
    }

    /// `dst =` the function that computes a function's annotations.
    fn function_annotations(&mut self, function: &'a ast::StmtFunctionDef, dst: Reg) -> R<()> {
        let mut pairs = vec![];
        for_each_annotation(function, |name, annotation| pairs.push((name, annotation)));
        let scope = self.symbols.scope_of(&*function.parameters);
        self.annotate_function(scope, &pairs, function.range, dst)
    }

    /// Stores the function that computes a module's or class's annotations, if it has any.
    pub(super) fn block_annotations(&mut self, body: &'a [Stmt]) -> R<()> {
        if !self.symbols.scope(self.unit.root).has_annotations {
            return Ok(());
        }
        let mark = self.unit.temps.mark();
        let t = self.unit.temps.take(1);
        let range = body.first().map(range_of).unwrap_or_default();
        let pairs: Vec<(&str, &Expr)> = block_annotations(body)
            .into_iter()
            .filter_map(|s| Some((s.target.as_name_expr()?.id.as_str(), &*s.annotation)))
            .collect();
        let scope = self.symbols.annotations_of(body);
        self.annotate_function(scope, &pairs, range, t)?;
        let is_class = self.symbols.scope(self.unit.root).kind == ScopeKind::Class;
        let name = if is_class { "__annotate_func__" } else { "__annotate__" };
        self.store_name(name, t, range)?;
        self.unit.temps.release(mark);
        Ok(())
    }

    /// `dst =` a function `__annotate__(format)` that gives a dict of annotations (PEP 649). It
    /// computes values only (format 1, or 2 which asks for values with fake globals).
    fn annotate_function(
        &mut self,
        scope: Option<ScopeId>,
        pairs: &[(&'a str, &'a Expr)],
        range: TextRange,
        dst: Reg,
    ) -> R<()> {
        let scope = scope.ok_or_else(|| syntax_error(range, "invalid syntax"))?;
        let unit = self.nested_unit(scope, "__annotate__".into(), range, |this| {
            this.unit.arg_count = 1;
            this.unit.posonly_count = 1;
            this.check_annotation_format(range)?;
            let dict = this.unit.temps.take(1);
            this.at(range);
            this.op(Op::BuildDict, 0, dict, 0, 0);
            for &(name, annotation) in pairs {
                let mark = this.unit.temps.mark();
                let key = this.unit.temps.take(1);
                let name = this.mangled(name);
                this.at(range_of(annotation));
                this.load_const(key, Const::Str(name));
                let value = match annotation {
                    // `from __future__ import annotations`: the annotation's source.
                    _ if this.future_annotations => {
                        let text = match annotation {
                            Expr::StringLiteral(text) if this.source.is_tree() => {
                                text.value.to_str()
                            }
                            _ => this.source.slice(range_of(annotation)),
                        };
                        let value = this.unit.temps.take(1);
                        this.load_const(value, Const::Str(text.into()));
                        value
                    }
                    // `*args: *Ts` unpacks to one item.
                    Expr::Starred(starred) => {
                        let value = this.expr_any(&starred.value)?;
                        let item = this.unit.temps.take(1);
                        this.op(Op::UnpackSequence, 0, item, value, 1);
                        item
                    }
                    other => this.expr_any(other)?,
                };
                this.at(range_of(annotation));
                this.op(Op::DictSet, 0, dict, key, value);
                this.unit.temps.release(mark);
            }
            this.at(range);
            this.op(Op::Return, 0, dict, 0, 0);
            Ok(())
        })?;
        self.at(range);
        self.make_function(dst, unit, None)
    }

    /// `if format > 2: raise NotImplementedError`
    pub(super) fn check_annotation_format(&mut self, range: TextRange) -> R<()> {
        let mark = self.unit.temps.mark();
        let fine = self.unit.asm.label();
        self.at(range);
        let instr = crate::bytecode::Instr::new(Op::CompareJumpImm, 1 | 128, 0, 2, 0);
        self.unit.asm.jump_ext(instr, fine);
        let error = self.unit.temps.take(1);
        let name = self.names.intern("NotImplementedError");
        let site = self.shared_site(Op::LoadGlobal, name)?;
        self.op(Op::LoadGlobal, 0, error, 0, site);
        self.op(Op::Raise, 0, error, 0, 0);
        self.unit.asm.place(fine);
        self.unit.temps.release(mark);
        Ok(())
    }
}
