//! Tuple, list, set and dict displays.

use super::Compiler;
use super::error::R;
use super::registers::Reg;
use super::symtable::range_of;
use crate::bytecode::{Const, Op};
use rustpython_ast::{self as ast, Expr};
use rustpython_text_size::TextRange;

/// Displays with more elements than this are built piece by piece, not from a window.
const WINDOW: usize = 48;

impl<'a> Compiler<'a> {
    /// `(a, b, *c)`
    pub(super) fn tuple_display(
        &mut self,
        elements: &'a [Expr],
        range: TextRange,
        dst: Reg,
    ) -> R<()> {
        if elements.len() <= WINDOW && !elements.iter().any(Expr::is_starred_expr) {
            return self.build(Op::BuildTuple, elements, range, dst);
        }
        let t = self.scratch(dst);
        self.list_display(elements, range, t)?;
        self.at(range);
        self.op(Op::ListToTuple, 0, dst, t, 0);
        Ok(())
    }

    fn build(&mut self, op: Op, elements: &'a [Expr], range: TextRange, dst: Reg) -> R<()> {
        let mark = self.unit.temps.mark();
        let count = elements.len();
        let first = match elements.split_first() {
            None => mark as Reg,
            Some((head, tail)) => {
                let first = self.window_start(dst);
                self.expr_to(head, first)?;
                self.window(tail)?;
                first
            }
        };
        self.at(range);
        self.op(op, 0, dst, if count == 0 { 0 } else { first }, count as u16);
        self.unit.temps.release(mark);
        Ok(())
    }

    /// `[a, b, *c]`
    pub(super) fn list_display(
        &mut self,
        elements: &'a [Expr],
        range: TextRange,
        dst: Reg,
    ) -> R<()> {
        if elements.len() > 3
            && let Some(values) = self.all_constant(elements)?
        {
            let t = self.scratch(dst);
            self.at(range);
            self.op(Op::BuildList, 0, t, 0, 0);
            let items = self.unit.temps.take(1);
            self.load_const(items, Const::Tuple(values));
            self.op(Op::ListExtend, 0, t, items, 0);
            self.move_to(dst, t);
            return Ok(());
        }
        if elements.len() <= WINDOW && !elements.iter().any(Expr::is_starred_expr) {
            return self.build(Op::BuildList, elements, range, dst);
        }
        let t = self.scratch(dst);
        self.collect(elements, range, t, [Op::BuildList, Op::ListAppend, Op::ListExtend], 0)?;
        self.move_to(dst, t);
        Ok(())
    }

    pub(super) fn set_display(
        &mut self,
        elements: &'a [Expr],
        range: TextRange,
        dst: Reg,
    ) -> R<()> {
        if elements.len() <= WINDOW && !elements.iter().any(Expr::is_starred_expr) {
            return self.build(Op::BuildSet, elements, range, dst);
        }
        let t = self.scratch(dst);
        self.collect(elements, range, t, [Op::BuildSet, Op::SetAdd, Op::SetUpdate], 0)?;
        self.move_to(dst, t);
        Ok(())
    }

    /// Builds a list or set in `t` one element after the other. `x` goes to the extending
    /// instruction.
    pub(super) fn collect(
        &mut self,
        elements: &'a [Expr],
        range: TextRange,
        t: Reg,
        [build, add, extend]: [Op; 3],
        x: u8,
    ) -> R<()> {
        // What comes before the first star is built at once.
        let plain = elements.iter().take(WINDOW).take_while(|e| !e.is_starred_expr()).count();
        let (head, tail) = elements.split_at(plain);
        let mark = self.unit.temps.mark();
        let window = self.window(head)?;
        self.at(range);
        self.op(build, 0, t, if plain == 0 { 0 } else { window }, plain as u16);
        self.unit.temps.release(mark);
        for element in tail {
            let (op, value, x) = match element {
                Expr::Starred(starred) => (extend, &*starred.value, x),
                other => (add, other, 0),
            };
            let item = self.expr_any(value)?;
            self.at(range_of(value));
            self.op(op, x, t, item, 0);
            self.unit.temps.release(mark);
        }
        Ok(())
    }

    pub(super) fn dict_display(&mut self, e: &'a ast::ExprDict, dst: Reg) -> R<()> {
        let plain = e.items.iter().take(WINDOW / 2).take_while(|item| item.key.is_some()).count();
        let (head, tail) = e.items.split_at(plain);
        let t = if tail.is_empty() { dst } else { self.scratch(dst) };
        let mark = self.unit.temps.mark();
        let mut window = 0;
        for (i, item) in head.iter().enumerate() {
            let Some(key) = &item.key else { continue };
            let slot = if i == 0 { self.window_start(t) } else { self.unit.temps.take(1) };
            if i == 0 {
                window = slot;
            }
            self.expr_to(key, slot)?;
            let slot = self.unit.temps.take(1);
            self.expr_to(&item.value, slot)?;
        }
        self.at(e.range);
        self.op(Op::BuildDict, 0, t, window, plain as u16);
        self.unit.temps.release(mark);
        for item in tail {
            match &item.key {
                Some(key) => {
                    let key = self.operand(key)?;
                    let value = self.expr_any(&item.value)?;
                    self.at(e.range);
                    self.op(Op::DictSet, 0, t, key, value);
                }
                None => {
                    let mapping = self.expr_any(&item.value)?;
                    self.at(range_of(&item.value));
                    self.op(Op::DictUpdate, 0, t, mapping, 0);
                }
            }
            self.unit.temps.release(mark);
        }
        self.move_to(dst, t);
        Ok(())
    }
}
