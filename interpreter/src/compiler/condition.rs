//! Expressions for control: jumps instead of booleans.

use super::Compiler;
use super::assembler::Label;
use super::constant::truth;
use super::error::R;
use super::expr::{Comparison, comparison};
use super::registers::Reg;
use super::symtable::range_of;
use crate::bytecode::{Instr, Op};
use rustpython_ast::{self as ast, BoolOp, CmpOp, Expr, UnaryOp};

/// The comparison with its sides exchanged.
fn mirrored(x: u8) -> u8 {
    match x {
        0 => 4,
        1 => 5,
        4 => 0,
        5 => 1,
        same => same,
    }
}

impl<'a> Compiler<'a> {
    /// Jumps to `target` when the truth of `expr` is `when`, else goes on.
    pub(super) fn jump_if(&mut self, expr: &'a Expr, target: Label, when: bool) -> R<()> {
        let mark = self.unit.temps.mark();
        let result = self.nested(range_of(expr), |this| this.jump_if_inner(expr, target, when));
        self.unit.temps.release(mark);
        result
    }

    /// Jumps to `otherwise`, which begins right after the code under the condition, unless `test`
    /// holds.
    pub(super) fn unless(&mut self, test: &'a Expr, otherwise: Label) -> R<()> {
        match self.constant(test)? {
            Some(value) if truth(&value) => Ok(()),
            Some(_) => {
                self.unit.asm.skip_to(otherwise);
                Ok(())
            }
            None => self.jump_if(test, otherwise, false),
        }
    }

    fn jump_if_inner(&mut self, expr: &'a Expr, target: Label, when: bool) -> R<()> {
        match expr {
            Expr::UnaryOp(e) if e.op == UnaryOp::Not => self.jump_if(&e.operand, target, !when),
            Expr::BoolOp(e) => self.jump_if_bool_op(e, target, when),
            Expr::Compare(e) => self.jump_if_compare(e, target, when),
            Expr::If(e) => {
                let (orelse, end) = (self.unit.asm.label(), self.unit.asm.label());
                self.jump_if(&e.test, orelse, false)?;
                self.jump_if(&e.body, target, when)?;
                self.unit.asm.jump(Op::Jump, 0, 0, end);
                self.unit.asm.place(orelse);
                self.jump_if(&e.orelse, target, when)?;
                self.unit.asm.place(end);
                Ok(())
            }
            _ => {
                if let Some(value) = self.constant(expr)? {
                    if truth(&value) == when {
                        self.at(range_of(expr));
                        self.unit.asm.jump(Op::Jump, 0, 0, target);
                    }
                    return Ok(());
                }
                let value = self.expr_any(expr)?;
                self.at(range_of(expr));
                self.unit.asm.jump(Op::JumpIf, u8::from(when), value, target);
                Ok(())
            }
        }
    }

    fn jump_if_bool_op(&mut self, e: &'a ast::ExprBoolOp, target: Label, when: bool) -> R<()> {
        let Some((last, rest)) = e.values.split_last() else { return Ok(()) };
        // The truth that decides the whole when an operand has it.
        let deciding = e.op == BoolOp::Or;
        if deciding == when {
            for value in &e.values {
                self.jump_if(value, target, when)?;
            }
            return Ok(());
        }
        let decided = self.unit.asm.label();
        for value in rest {
            self.jump_if(value, decided, deciding)?;
        }
        self.jump_if(last, target, when)?;
        self.unit.asm.place(decided);
        Ok(())
    }

    fn jump_if_compare(&mut self, e: &'a ast::ExprCompare, target: Label, when: bool) -> R<()> {
        if let ([op], [right]) = (&*e.ops, &*e.comparators) {
            return self.jump_if_single(e, *op, right, target, when);
        }
        let no = self.unit.asm.label();
        let last = e.ops.len() - 1;
        // A small int at either end of the chain need not be in a register.
        let first = match comparison(e.ops[0]) {
            Comparison::Order(x) => self.immediate(&e.left)?.map(|value| (x, value)),
            _ => None,
        };
        let mut left = if first.is_some() { 0 } else { self.operand(&e.left)? };
        for (i, (op, right)) in e.ops.iter().zip(&e.comparators).enumerate() {
            let (goal, sense) = match i == last {
                true => (target, when),
                false => (if when { no } else { target }, false),
            };
            if let (true, Comparison::Order(x)) = (i == last, comparison(*op))
                && let Some(value) = self.immediate(right)?
            {
                self.at(e.range);
                self.compare_jump_immediate(x, left, value, goal, sense);
                continue;
            }
            let right = match i == last {
                true => self.comparand(*op, right)?,
                false => self.operand(right)?,
            };
            self.at(e.range);
            match first {
                Some((x, value)) if i == 0 => {
                    self.compare_jump_immediate(mirrored(x), right, value, goal, sense);
                }
                _ => self.compare_jump(*op, left, right, goal, sense),
            }
            left = right;
        }
        self.unit.asm.place(no);
        Ok(())
    }

    fn jump_if_single(
        &mut self,
        e: &'a ast::ExprCompare,
        op: CmpOp,
        right: &'a Expr,
        target: Label,
        when: bool,
    ) -> R<()> {
        if let Comparison::Order(x) = comparison(op) {
            if let Some(value) = self.immediate(right)? {
                let left = self.expr_any(&e.left)?;
                self.at(e.range);
                self.compare_jump_immediate(x, left, value, target, when);
                return Ok(());
            }
            if let Some(value) = self.immediate(&e.left)? {
                let right = self.expr_any(right)?;
                self.at(e.range);
                self.compare_jump_immediate(mirrored(x), right, value, target, when);
                return Ok(());
            }
        }
        if let Comparison::Is(negated) = comparison(op)
            && right.is_none_literal_expr()
        {
            let left = self.expr_any(&e.left)?;
            self.at(e.range);
            self.unit.asm.jump(Op::JumpIfNone, u8::from(when != negated), left, target);
            return Ok(());
        }
        let left = self.operand(&e.left)?;
        let right = self.comparand(op, right)?;
        self.at(e.range);
        self.compare_jump(op, left, right, target, when);
        Ok(())
    }

    fn compare_jump_immediate(&mut self, x: u8, left: Reg, value: i16, target: Label, when: bool) {
        let x = x | u8::from(when) << 7;
        let instr = Instr::new(Op::CompareJumpImm, x, left, value as u16, 0);
        self.unit.asm.jump_ext(instr, target);
    }

    fn compare_jump(&mut self, op: CmpOp, left: Reg, right: Reg, target: Label, when: bool) {
        let instr = match comparison(op) {
            Comparison::Order(x) => {
                Instr::new(Op::CompareJump, x | u8::from(when) << 7, left, right, 0)
            }
            Comparison::Is(negated) => {
                Instr::new(Op::IsJump, u8::from(when != negated), left, right, 0)
            }
            Comparison::In(negated) => {
                Instr::new(Op::InJump, u8::from(when != negated), left, right, 0)
            }
        };
        self.unit.asm.jump_ext(instr, target);
    }
}
