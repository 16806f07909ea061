//! Comprehensions. List, set and dict comprehensions run inline, in the registers of their unit
//! (PEP 709); a generator expression is a unit of its own that gets its first iterator as `.0`.

use super::Compiler;
use super::error::{R, syntax_error};
use super::registers::Reg;
use super::symtable::{Flags, ScopeId, ScopeKind, range_of};
use crate::bytecode::{CodeFlags, Op};
use rustpython_ast::{self as ast, Expr};
use rustpython_text_size::TextRange;

/// What is done with each element.
#[derive(Clone, Copy)]
enum Sink<'a> {
    List(Reg, &'a Expr),
    Set(Reg, &'a Expr),
    Dict(Reg, &'a Expr, &'a Expr),
    Yield(&'a Expr),
}

/// An iteration in progress: its registers, and whether it is asynchronous.
type Iteration = (Reg, bool);

impl<'a> Compiler<'a> {
    pub(super) fn comprehension(&mut self, expr: &'a Expr, dst: Reg) -> R<()> {
        let t = self.scratch(dst);
        let (scope, build, sink, generators) = match expr {
            Expr::ListComp(e) => {
                (self.symbols.scope_of(e), Op::BuildList, Sink::List(t, &e.elt), &e.generators)
            }
            Expr::SetComp(e) => {
                (self.symbols.scope_of(e), Op::BuildSet, Sink::Set(t, &e.elt), &e.generators)
            }
            Expr::DictComp(e) => {
                let sink = Sink::Dict(t, &e.key, &e.value);
                (self.symbols.scope_of(e), Op::BuildDict, sink, &e.generators)
            }
            _ => return Err(syntax_error(range_of(expr), "not a comprehension")),
        };
        let range = range_of(expr);
        let (Some(scope), Some(first)) = (scope, generators.first()) else {
            return Err(syntax_error(range, "invalid syntax"));
        };
        if self.symbols.scope(scope).is_async {
            self.check_async_comprehension(range)?;
        }
        let iteration = self.begin_iteration(first)?;
        self.at(range);
        self.op(build, 0, t, 0, 0);
        let outer = std::mem::replace(&mut self.unit.scope, scope);
        let variables = self.enter_variables(scope);
        self.generators(generators, iteration, sink, range)?;
        self.unit.scope = outer;
        if self.unit.flags & CodeFlags::NAMES != 0 {
            // A module lives long: let go of the last items.
            self.at(range);
            for register in variables {
                self.op(Op::DeleteLocal, 1, register, 0, 0);
            }
        }
        self.at(range);
        self.move_to(dst, t);
        Ok(())
    }

    fn check_async_comprehension(&mut self, range: TextRange) -> R<()> {
        let unit = self.symbols.scope(self.unit.root);
        if matches!(unit.kind, ScopeKind::Generator) || self.in_coroutine() {
            return Ok(());
        }
        Err(syntax_error(range, "asynchronous comprehension outside of an asynchronous function"))
    }

    /// Makes the variables of an inlined comprehension fresh; gives their registers.
    fn enter_variables(&mut self, scope: ScopeId) -> Vec<Reg> {
        let mut registers = vec![];
        let symbols = self.symbols.scope(scope);
        for &symbol in &symbols.order {
            let flags = symbols.flags(symbol);
            if !flags.is_local() {
                continue;
            }
            let register = self.unit.registers[&(scope, symbol)];
            registers.push(register);
            if flags.any(Flags::CELL) {
                self.op(Op::MakeCell, 1, register, 0, 0);
            } else {
                self.unit.asm.bound.remove(register);
            }
        }
        registers
    }

    /// Evaluates an iterable and prepares to iterate over it.
    fn begin_iteration(&mut self, generator: &'a ast::Comprehension) -> R<Iteration> {
        let iterator = self.unit.temps.take(2);
        let mark = self.unit.temps.mark();
        let iterable = self.expr_any(&generator.iter)?;
        self.at(range_of(&generator.iter));
        let op = if generator.is_async { Op::GetAIter } else { Op::GetIter };
        self.op(op, 0, iterator, iterable, 0);
        self.unit.temps.release(mark);
        Ok((iterator, generator.is_async))
    }

    fn generators(
        &mut self,
        generators: &'a [ast::Comprehension],
        (iterator, is_async): Iteration,
        sink: Sink<'a>,
        range: TextRange,
    ) -> R<()> {
        let Some((generator, rest)) = generators.split_first() else { return Ok(()) };
        let mark = self.unit.temps.mark();
        let (head, next, end) =
            (self.unit.asm.label(), self.unit.asm.label(), self.unit.asm.label());
        self.unit.asm.place(head);
        let mut async_step = None;
        if is_async {
            async_step = Some(self.async_step(iterator, &generator.target)?);
        } else {
            self.at(range_of(&generator.iter));
            self.iteration_step(iterator, &generator.target, end)?;
        }
        for condition in &generator.ifs {
            self.jump_if(condition, next, false)?;
        }
        let mut end_of_body = TextRange::default();
        if rest.is_empty() {
            self.element(sink)?;
            end_of_body = self.unit.asm.range;
        } else {
            let inner = self.begin_iteration(&rest[0])?;
            self.nested(range, |this| this.generators(rest, inner, sink, range))?;
        }
        self.unit.asm.place(next);
        self.at(end_of_body);
        self.unit.asm.jump(Op::JumpBack, 0, 0, head);
        if let Some(step) = async_step {
            self.finish_async_step(step, end);
        }
        self.unit.asm.place(end);
        self.unit.temps.release(mark);
        Ok(())
    }

    fn element(&mut self, sink: Sink<'a>) -> R<()> {
        let mark = self.unit.temps.mark();
        match sink {
            Sink::List(list, element) => {
                let item = self.expr_any(element)?;
                self.at(range_of(element));
                self.op(Op::ListAppend, 0, list, item, 0);
            }
            Sink::Set(set, element) => {
                let item = self.expr_any(element)?;
                self.at(range_of(element));
                self.op(Op::SetAdd, 0, set, item, 0);
            }
            Sink::Dict(dict, key, value) => {
                let range = range_of(key).cover(range_of(value));
                let key = self.operand(key)?;
                let value = self.expr_any(value)?;
                self.at(range);
                self.op(Op::DictSet, 0, dict, key, value);
            }
            Sink::Yield(element) => {
                let value = self.expr_any(element)?;
                let ignored = self.unit.temps.take(1);
                self.at(range_of(element));
                self.op(Op::Yield, 0, ignored, value, 0);
            }
        }
        self.unit.temps.release(mark);
        Ok(())
    }

    /// `(element for ...)`: makes the function and calls it with the first iterator.
    pub(super) fn generator(&mut self, e: &'a ast::ExprGenerator, dst: Reg) -> R<()> {
        let (Some(scope), Some(first)) = (self.symbols.scope_of(e), e.generators.first()) else {
            return Err(syntax_error(e.range, "invalid syntax"));
        };
        // As a call's only argument it has the call's parentheses.
        let range = if e.parenthesized { e.range } else { self.bare_generator };
        let is_async = self.symbols.scope(scope).is_async;
        let unit = self.nested_unit(scope, "<genexpr>".into(), range, |this| {
            this.unit.arg_count = 1;
            this.unit.flags |=
                if is_async { CodeFlags::ASYNC_GENERATOR } else { CodeFlags::GENERATOR };
            let iterator = this.unit.temps.take(2);
            this.at(range_of(&first.iter));
            this.op(Op::Move, 0, iterator, 0, 0);
            // The pair of an iterator object: the object and UNBOUND.
            this.op(Op::LoadSingleton, 4, iterator + 1, 0, 0);
            this.generators(&e.generators, (iterator, first.is_async), Sink::Yield(&e.elt), range)?;
            this.at(range);
            this.op(Op::ReturnNone, 0, 0, 0, 0);
            Ok(())
        })?;
        let window = self.window_start(dst);
        self.at(range);
        self.make_function(window, unit, None)?;
        let argument = self.unit.temps.take(1);
        let iterable = self.expr_any(&first.iter)?;
        self.at(range_of(&first.iter));
        let op = if first.is_async { Op::GetAIter } else { Op::MakeIter };
        self.op(op, 0, argument, iterable, 0);
        self.at(range);
        self.op(Op::Call, 0, dst, window, 1);
        Ok(())
    }
}
