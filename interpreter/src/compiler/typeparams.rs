//! Type parameters (PEP 695, 696) and the `type` statement.
//!
//! `def f[T]`, `class C[T]` and `type A[T]` get a function of their own around them, called at
//! once, whose locals are the type parameters. Bounds, constraints, defaults and a type alias's
//! value are functions too: they are evaluated when asked for.
//!
//! The objects are made by helpers of the native module `_typing`, called with positional
//! arguments; an `evaluate` argument is a function of one argument (the annotation format) or None:
//!
//! - `_make_typevar(name, evaluate_bound, evaluate_constraints, evaluate_default)`
//! - `_make_paramspec(name, evaluate_default)`, `_make_typevartuple(name, evaluate_default)`
//! - `_make_typealias(name, type_params, evaluate_value)`
//! - `_subscript_generic(type_params)`: the base `Generic[...]`

use super::Compiler;
use super::error::{R, syntax_error};
use super::function::Extras;
use super::registers::Reg;
use super::symtable::{address, range_of};
use crate::bytecode::{CodeUnit, Const, Op};
use rustpython_ast::{self as ast, Expr, TypeParam};
use rustpython_text_size::TextRange;
use std::sync::Arc;

impl<'a> Compiler<'a> {
    /// `dst =` the generic function: calls the function of its type parameters, which makes it.
    pub(super) fn generic_function(
        &mut self,
        s: &'a ast::StmtFunctionDef,
        params: &'a ast::TypeParams,
        make: impl FnOnce(&mut Self) -> R<CodeUnit>,
        dst: Reg,
        range: TextRange,
    ) -> R<()> {
        let mark = self.unit.temps.mark();
        let window = self.unit.temps.take(1);
        // The defaults are evaluated outside and handed in.
        let defaults = self.unit.temps.take(2);
        let x = self.defaults(&s.parameters, defaults)?;
        if x == 2 {
            self.move_to(defaults, defaults + 1);
        }
        let name: Arc<str> = format!("<generic parameters of {}>", s.name).into();
        let scope = self.symbols.scope_of(params);
        let scope = scope.ok_or_else(|| syntax_error(range, "invalid syntax"))?;
        let count = u16::from(x & 1 != 0) + u16::from(x & 2 != 0);
        let unit = self.nested_unit(scope, name, range, |this| {
            this.unit.arg_count = count;
            let tuple = this.make_type_params(params)?;
            let unit = make(this)?;
            this.at(range);
            let function = this.unit.temps.take(1);
            this.make_function(function, unit, Some(Extras::inherited(s, x)))?;
            this.at(range);
            let site = this.site(Op::StoreAttr, "__type_params__")?;
            this.op(Op::StoreAttr, 0, function, tuple, site);
            this.op(Op::Return, 0, function, 0, 0);
            Ok(())
        })?;
        self.at(range);
        self.make_function(window, unit, None)?;
        self.op(Op::Call, 0, dst, window, count);
        self.unit.temps.release(mark);
        Ok(())
    }

    /// `dst =` the generic class, as [`Compiler::generic_function`].
    pub(super) fn generic_class(
        &mut self,
        s: &'a ast::StmtClassDef,
        params: &'a ast::TypeParams,
        dst: Reg,
        range: TextRange,
    ) -> R<()> {
        let name: Arc<str> = format!("<generic parameters of {}>", s.name).into();
        let scope = self.symbols.scope_of(params);
        let scope = scope.ok_or_else(|| syntax_error(range, "invalid syntax"))?;
        let unit = self.nested_unit(scope, name, range, |this| {
            let tuple = this.make_type_params(params)?;
            let generic = this.unit.temps.take(1);
            let window = this.unit.temps.take(2);
            this.at(range);
            this.typing_helper("_subscript_generic", window, range)?;
            this.move_to(window + 1, tuple);
            this.op(Op::Call, 0, generic, window, 1);
            this.unit.temps.release(u32::from(window));
            let class = this.unit.temps.take(1);
            this.make_class(s, Some(generic), class, range)?;
            this.at(range);
            let site = this.site(Op::StoreAttr, "__type_params__")?;
            this.op(Op::StoreAttr, 0, class, tuple, site);
            this.op(Op::Return, 0, class, 0, 0);
            Ok(())
        })?;
        self.call_at_once(unit, dst, range)
    }

    /// `type name[params] = value`
    pub(super) fn type_alias(&mut self, s: &'a ast::StmtTypeAlias) -> R<()> {
        let Expr::Name(name) = &*s.name else {
            return Err(syntax_error(range_of(&*s.name), "invalid syntax"));
        };
        let text = name.id.as_str();
        let mark = self.unit.temps.mark();
        let alias = self.unit.temps.take(1);
        match &s.type_params {
            None => self.make_alias(s, text, None, alias)?,
            Some(params) => {
                let unit_name: Arc<str> = format!("<generic parameters of {text}>").into();
                let scope = self.symbols.scope_of(&**params);
                let scope = scope.ok_or_else(|| syntax_error(s.range, "invalid syntax"))?;
                let unit = self.nested_unit(scope, unit_name, s.range, |this| {
                    let tuple = this.make_type_params(params)?;
                    let alias = this.unit.temps.take(1);
                    this.make_alias(s, text, Some(tuple), alias)?;
                    this.op(Op::Return, 0, alias, 0, 0);
                    Ok(())
                })?;
                self.call_at_once(unit, alias, s.range)?;
            }
        }
        self.store_name(text, alias, s.range)?;
        self.unit.temps.release(mark);
        Ok(())
    }

    fn make_alias(
        &mut self,
        s: &'a ast::StmtTypeAlias,
        name: &str,
        params: Option<Reg>,
        dst: Reg,
    ) -> R<()> {
        let mark = self.unit.temps.mark();
        let window = self.unit.temps.take(4);
        self.typing_helper("_make_typealias", window, s.range)?;
        self.load_const(window + 1, Const::Str(name.into()));
        match params {
            Some(tuple) => self.move_to(window + 2, tuple),
            None => self.load_const(window + 2, Const::Tuple(vec![])),
        }
        self.evaluator(name, &s.value, window + 3)?;
        self.at(s.range);
        self.op(Op::Call, 0, dst, window, 3);
        self.unit.temps.release(mark);
        Ok(())
    }

    /// Calls a function without arguments right after making it.
    fn call_at_once(&mut self, unit: CodeUnit, dst: Reg, range: TextRange) -> R<()> {
        let mark = self.unit.temps.mark();
        let window = self.unit.temps.take(1);
        self.at(range);
        self.make_function(window, unit, None)?;
        self.op(Op::Call, 0, dst, window, 0);
        self.unit.temps.release(mark);
        Ok(())
    }

    /// Makes the type parameters, binds them, and gives the register of the tuple of them.
    fn make_type_params(&mut self, params: &'a ast::TypeParams) -> R<Reg> {
        let tuple = self.unit.temps.take(1);
        let mark = self.unit.temps.mark();
        let count = params.type_params.len();
        let first = self.unit.temps.take(count);
        let mut has_default = false;
        for (i, param) in params.type_params.iter().enumerate() {
            let value = first + i as u16;
            let (name, default, range) = match param {
                TypeParam::TypeVar(p) => (&p.name, &p.default, p.range),
                TypeParam::TypeVarTuple(p) => (&p.name, &p.default, p.range),
                TypeParam::ParamSpec(p) => (&p.name, &p.default, p.range),
            };
            if has_default && default.is_none() {
                let message =
                    format!("non-default type parameter '{name}' follows default type parameter");
                return Err(syntax_error(range, message));
            }
            has_default |= default.is_some();
            self.make_type_param(param, value)?;
            self.store_name(name.as_str(), value, range)?;
        }
        self.at(params.range);
        self.op(Op::BuildTuple, 0, tuple, first, count as u16);
        self.unit.temps.release(mark);
        Ok(tuple)
    }

    fn make_type_param(&mut self, param: &'a TypeParam, dst: Reg) -> R<()> {
        let mark = self.unit.temps.mark();
        let range = range_of(param);
        let window = self.unit.temps.take(5);
        self.at(range);
        let (helper, name, default) = match param {
            TypeParam::TypeVar(p) => ("_make_typevar", &p.name, &p.default),
            TypeParam::TypeVarTuple(p) => ("_make_typevartuple", &p.name, &p.default),
            TypeParam::ParamSpec(p) => ("_make_paramspec", &p.name, &p.default),
        };
        self.typing_helper(helper, window, range)?;
        self.load_const(window + 1, Const::Str(name.as_str().into()));
        let mut count = 1;
        if let TypeParam::TypeVar(p) = param {
            // A tuple of types means constraints.
            let is_tuple = p.bound.as_ref().is_some_and(|b| b.is_tuple_expr());
            for constraints in [false, true] {
                count += 1;
                match &p.bound {
                    Some(bound) if is_tuple == constraints => {
                        self.evaluator(name.as_str(), bound, window + count)?;
                    }
                    _ => self.load_const(window + count, Const::None),
                }
            }
        }
        count += 1;
        match default {
            Some(default) => self.evaluator(name.as_str(), default, window + count)?,
            None => self.load_const(window + count, Const::None),
        }
        self.at(range);
        self.op(Op::Call, 0, dst, window, count);
        self.unit.temps.release(mark);
        Ok(())
    }

    /// `dst =` a function that evaluates an expression when asked.
    fn evaluator(&mut self, name: &str, expr: &'a Expr, dst: Reg) -> R<()> {
        let range = range_of(expr);
        let scope = self.symbols.scope_at(address(expr));
        let scope = scope.ok_or_else(|| syntax_error(range, "invalid syntax"))?;
        let unit = self.nested_unit(scope, name.into(), range, |this| {
            this.unit.arg_count = 1;
            this.unit.posonly_count = 1;
            this.check_annotation_format(range)?;
            let value = match expr {
                Expr::Starred(starred) => {
                    let value = this.expr_any(&starred.value)?;
                    let item = this.unit.temps.take(1);
                    this.op(Op::UnpackSequence, 0, item, value, 1);
                    item
                }
                other => this.expr_any(other)?,
            };
            this.at(range);
            this.op(Op::Return, 0, value, 0, 0);
            Ok(())
        })?;
        self.at(range);
        self.make_function(dst, unit, None)
    }

    /// `dst =` a helper of the module `_typing`.
    fn typing_helper(&mut self, name: &str, dst: Reg, range: TextRange) -> R<()> {
        let mark = self.unit.temps.mark();
        let fromlist = vec![Const::Str(name.into())];
        let module = self.import_module("_typing", Some(fromlist), 0, range)?;
        let name = self.short_constant(Const::Str(name.into()))?;
        self.op(Op::ImportFrom, 0, dst, module, name);
        self.unit.temps.release(mark);
        Ok(())
    }
}
