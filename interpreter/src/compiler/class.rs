//! Class statements.

use super::Compiler;
use super::error::{R, syntax_error};
use super::registers::Reg;
use super::symtable::ScopeId;
use crate::bytecode::{CodeUnit, Const, Op};
use rustpython_ast::{self as ast, Stmt};
use rustpython_text_size::TextRange;
use std::sync::Arc;

impl<'a> Compiler<'a> {
    pub(super) fn class_statement(&mut self, s: &'a ast::StmtClassDef) -> R<()> {
        let mark = self.unit.temps.mark();
        let name = s.name.as_str();
        let decorators = self.window(s.decorator_list.iter().map(|d| &d.expression))?;
        let plain = s.decorator_list.is_empty();
        let range = self.definition_range(s.range, s.name.range);
        let local = if plain { self.local_register(name) } else { None };
        let class = local.unwrap_or_else(|| self.unit.temps.take(1));
        match &s.type_params {
            None => self.make_class(s, None, class, range)?,
            Some(params) => self.generic_class(s, params, class, range)?,
        }
        self.apply_decorators(&s.decorator_list, decorators);
        self.store_name(name, if plain { class } else { decorators }, range)?;
        self.unit.temps.release(mark);
        Ok(())
    }

    /// `dst =` the class: calls `__build_class__`; `generic` is one more base.
    pub(super) fn make_class(
        &mut self,
        s: &'a ast::StmtClassDef,
        generic: Option<Reg>,
        dst: Reg,
        range: TextRange,
    ) -> R<()> {
        let mark = self.unit.temps.mark();
        let scope = self.symbols.scope_of(s);
        let scope = scope.ok_or_else(|| syntax_error(s.range, "invalid syntax"))?;
        let unit = self.class_unit(s, scope)?;
        let window = self.window_start(dst);
        self.at(range);
        self.op(Op::LoadBuildClass, 0, window, 0, 0);
        let body = self.unit.temps.take(1);
        self.make_function(body, unit, None)?;
        let name = self.unit.temps.take(1);
        self.load_const(name, Const::Str(s.name.as_str().into()));
        self.call_build_class(window, s.arguments.as_deref(), generic, range, dst)?;
        self.unit.temps.release(mark);
        Ok(())
    }

    fn class_unit(&mut self, s: &'a ast::StmtClassDef, scope: ScopeId) -> R<CodeUnit> {
        let name: Arc<str> = s.name.as_str().into();
        let first_line = self.source.line(u32::from(s.range.start()));
        self.nested_unit(scope, name.clone(), s.range, |this| {
            let outer = this.private.replace(name);
            let result = this.class_body(&s.body, scope, first_line);
            this.private = outer;
            result
        })
    }

    fn class_body(&mut self, body: &'a [Stmt], scope: ScopeId, first_line: u32) -> R<()> {
        let start = TextRange::default();
        self.at(start);
        let t = self.unit.temps.take(1);
        self.load_name("__name__", t, start)?;
        self.store_name("__module__", t, start)?;
        let qualname = Const::Str(self.unit.qualname().into());
        self.load_const(t, qualname);
        self.store_name("__qualname__", t, start)?;
        self.load_const(t, Const::Int(i64::from(first_line)));
        self.store_name("__firstlineno__", t, start)?;
        if let Some(cell) = self.class_cell(self.class_dict) {
            self.op(Op::LoadLocals, 0, t, 0, 0);
            self.op(Op::StoreCell, 0, cell, t, 0);
        }
        let rest = self.module_docstring(body)?;
        self.block_annotations(body)?;
        self.body(rest)?;

        let attributes = &self.symbols.scope(scope).self_attrs;
        self.unit.self_attrs = attributes.len().min(usize::from(u16::MAX)) as u16;
        let names = attributes.iter().map(|name| Const::Str(name.as_str().into())).collect();
        self.at(start);
        self.load_const(t, Const::Tuple(names));
        self.store_name("__static_attributes__", t, start)?;
        let class_name = self.names.intern("__class__");
        match self.class_cell(class_name) {
            Some(cell) => {
                self.store_name("__classcell__", cell, start)?;
                self.op(Op::Return, 0, cell, 0, 0);
            }
            None => self.op(Op::ReturnNone, 0, 0, 0, 0),
        }
        Ok(())
    }

    /// The register of the class's own cell of that name, if a method uses it.
    fn class_cell(&self, name: super::names::Symbol) -> Option<u16> {
        self.unit.registers.get(&(self.unit.root, name)).copied()
    }
}
