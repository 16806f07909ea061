//! Assignment: targets, unpacking, augmented assignment, deletion.

use super::Compiler;
use super::error::{R, syntax_error};
use super::names::Place;
use super::registers::Reg;
use super::symtable::range_of;
use crate::bytecode::Op;
use rustpython_ast::{self as ast, Expr};
use rustpython_text_size::TextRange;

impl<'a> Compiler<'a> {
    pub(super) fn assign(&mut self, s: &'a ast::StmtAssign) -> R<()> {
        let mark = self.unit.temps.mark();
        match &*s.targets {
            [target] => self.assign_single(target, &s.value)?,
            targets => {
                let value = self.assigned_value(&s.value)?;
                for target in targets {
                    self.store(target, value)?;
                }
            }
        }
        self.unit.temps.release(mark);
        Ok(())
    }

    /// The value of an assignment in a register that stays as it is while targets are stored.
    fn assigned_value(&mut self, value: &'a Expr) -> R<Reg> {
        // A local could be one of the targets, so it is copied.
        let t = self.unit.temps.take(1);
        self.expr_to(value, t)?;
        Ok(t)
    }

    fn assign_single(&mut self, target: &'a Expr, value: &'a Expr) -> R<()> {
        match target {
            Expr::Name(name) => {
                if let Some(reg) = self.local_register(name.id.as_str()) {
                    self.expr_to(value, reg)?;
                    self.unit.asm.bound.insert(reg);
                    return Ok(());
                }
                let value = self.expr_any(value)?;
                self.store(target, value)
            }
            Expr::Tuple(ast::ExprTuple { elts: targets, .. })
            | Expr::List(ast::ExprList { elts: targets, .. }) => {
                if let Expr::Tuple(ast::ExprTuple { elts: values, .. })
                | Expr::List(ast::ExprList { elts: values, .. }) = value
                    && values.len() == targets.len()
                    && (2..=16).contains(&values.len())
                    && !values.iter().chain(targets).any(Expr::is_starred_expr)
                {
                    return self.assign_parallel(targets, values);
                }
                let value = self.expr_any(value)?;
                self.store(target, value)
            }
            _ => {
                let value = self.operand(value)?;
                self.store(target, value)
            }
        }
    }

    /// `a, b = x, y` without a tuple.
    fn assign_parallel(&mut self, targets: &'a [Expr], values: &'a [Expr]) -> R<()> {
        let locals = self.distinct_locals(targets);
        let mut registers = vec![];
        let last = values.len() - 1;
        for (i, value) in values.iter().enumerate() {
            if let (Some(locals), true) = (&locals, i == last) {
                // The last value can go to its target at once: nothing is evaluated after it.
                self.expr_to(value, locals[i])?;
                registers.push(locals[i]);
                continue;
            }
            let untouched = locals.as_ref().and_then(|locals| {
                let Expr::Name(name) = value else { return None };
                let reg = self.local_register(name.id.as_str())?;
                (!locals.contains(&reg)).then_some(())
            });
            if untouched.is_some() {
                registers.push(self.operand(value)?);
            } else {
                let t = self.unit.temps.take(1);
                self.expr_to(value, t)?;
                registers.push(t);
            }
        }
        for (target, value) in targets.iter().zip(registers) {
            self.store(target, value)?;
        }
        Ok(())
    }

    /// The registers of targets that are all different plain locals.
    fn distinct_locals(&mut self, targets: &'a [Expr]) -> Option<Vec<Reg>> {
        let mut registers = vec![];
        for target in targets {
            let Expr::Name(name) = target else { return None };
            let reg = self.local_register(name.id.as_str())?;
            if registers.contains(&reg) {
                return None;
            }
            registers.push(reg);
        }
        Some(registers)
    }

    /// `target = R[value]`
    pub(super) fn store(&mut self, target: &'a Expr, value: Reg) -> R<()> {
        let mark = self.unit.temps.mark();
        let result = self.nested(range_of(target), |this| this.store_inner(target, value));
        self.unit.temps.release(mark);
        result
    }

    fn store_inner(&mut self, target: &'a Expr, value: Reg) -> R<()> {
        match target {
            Expr::Name(name) => self.store_name(name.id.as_str(), value, name.range),
            Expr::Attribute(attribute) => {
                let object = self.expr_any(&attribute.value)?;
                let range = self.attribute_range(attribute);
                self.at(range);
                let site = self.site(Op::StoreAttr, attribute.attr.as_str())?;
                self.op(Op::StoreAttr, 0, object, value, site);
                Ok(())
            }
            Expr::Subscript(subscript) => {
                let container = self.operand(&subscript.value)?;
                let key = self.subscript_key(&subscript.slice)?;
                self.at(subscript.range);
                self.op(Op::SetItem, 0, container, key, value);
                Ok(())
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                self.unpack(elts, value, range_of(target))
            }
            Expr::Starred(_) => Err(syntax_error(
                range_of(target),
                "starred assignment target must be in a list or tuple",
            )),
            other => Err(syntax_error(range_of(other), "cannot assign to expression")),
        }
    }

    fn unpack(&mut self, targets: &'a [Expr], value: Reg, range: TextRange) -> R<()> {
        let star = targets.iter().position(Expr::is_starred_expr);
        if let Some(star) = star {
            if targets[star + 1..].iter().any(Expr::is_starred_expr) {
                return Err(syntax_error(range, "multiple starred expressions in assignment"));
            }
            let after = targets.len() - star - 1;
            if star > 255 || after > 255 {
                return Err(syntax_error(
                    range,
                    "too many expressions in star-unpacking assignment",
                ));
            }
            let window = self.unit.temps.take(targets.len());
            self.at(range);
            self.op(Op::UnpackStar, 0, window, value, (star | after << 8) as u16);
            for (i, target) in targets.iter().enumerate() {
                let target = match target {
                    Expr::Starred(starred) => &*starred.value,
                    other => other,
                };
                self.store(target, window + i as u16)?;
            }
            return Ok(());
        }
        if targets.len() > 60_000 {
            return Err(syntax_error(range, "too many targets in assignment"));
        }
        // Neighbouring locals are unpacked into directly.
        if let Some(locals) = self.distinct_locals(targets)
            && locals.windows(2).all(|pair| pair[1] == pair[0] + 1)
            && !locals.is_empty()
        {
            self.at(range);
            self.op(Op::UnpackSequence, 0, locals[0], value, locals.len() as u16);
            for reg in locals {
                self.unit.asm.bound.insert(reg);
            }
            return Ok(());
        }
        let window = self.unit.temps.take(targets.len());
        self.at(range);
        self.op(Op::UnpackSequence, 0, window, value, targets.len() as u16);
        for (i, target) in targets.iter().enumerate() {
            self.store(target, window + i as u16)?;
        }
        Ok(())
    }

    pub(super) fn aug_assign(&mut self, s: &'a ast::StmtAugAssign) -> R<()> {
        let mark = self.unit.temps.mark();
        match &*s.target {
            Expr::Name(name) => {
                let text = name.id.as_str();
                let symbol = self.symbol(text);
                if let Place::Local(reg) = self.place_of(symbol) {
                    let left = self.operand(&s.target)?;
                    self.apply(s.op, 1, reg, left, &s.value, s.range)?;
                    self.unit.asm.bound.insert(reg);
                } else {
                    let t = self.unit.temps.take(1);
                    self.load_name(text, t, name.range)?;
                    self.apply(s.op, 1, t, t, &s.value, s.range)?;
                    self.store_name(text, t, name.range)?;
                }
            }
            Expr::Attribute(attribute) => {
                let object = self.operand(&attribute.value)?;
                let t = self.unit.temps.take(1);
                let range = self.attribute_range(attribute);
                self.at(range);
                let load = self.site(Op::LoadAttr, attribute.attr.as_str())?;
                self.op(Op::LoadAttr, 0, t, object, load);
                self.apply(s.op, 1, t, t, &s.value, s.range)?;
                let range = self.attribute_range(attribute);
                self.at(range);
                let store = self.site(Op::StoreAttr, attribute.attr.as_str())?;
                self.op(Op::StoreAttr, 0, object, t, store);
            }
            Expr::Subscript(subscript) => {
                let container = self.operand(&subscript.value)?;
                let key = match &*subscript.slice {
                    slice @ Expr::Slice(_) => self.subscript_key(slice)?,
                    key => self.operand(key)?,
                };
                let t = self.unit.temps.take(1);
                self.at(subscript.range);
                self.op(Op::GetItem, 0, t, container, key);
                self.apply(s.op, 1, t, t, &s.value, s.range)?;
                self.at(subscript.range);
                self.op(Op::SetItem, 0, container, key, t);
            }
            other => {
                let message = "illegal expression for augmented assignment";
                return Err(syntax_error(range_of(other), message));
            }
        }
        self.unit.temps.release(mark);
        Ok(())
    }

    pub(super) fn ann_assign(&mut self, s: &'a ast::StmtAnnAssign) -> R<()> {
        let mark = self.unit.temps.mark();
        if let Some(value) = &s.value {
            self.assign_single(&s.target, value)?;
        } else {
            match &*s.target {
                Expr::Attribute(attribute) => {
                    self.expr_any(&attribute.value)?;
                }
                Expr::Subscript(subscript) => {
                    self.operand(&subscript.value)?;
                    self.subscript_key(&subscript.slice)?;
                }
                _ => {}
            }
        }
        self.unit.temps.release(mark);
        Ok(())
    }

    pub(super) fn delete(&mut self, target: &'a Expr) -> R<()> {
        let mark = self.unit.temps.mark();
        match target {
            Expr::Name(name) => self.delete_name(name.id.as_str(), false, name.range)?,
            Expr::Attribute(attribute) => {
                let object = self.expr_any(&attribute.value)?;
                let range = self.attribute_range(attribute);
                self.at(range);
                let site = self.site(Op::DeleteAttr, attribute.attr.as_str())?;
                self.op(Op::DeleteAttr, 0, object, 0, site);
            }
            Expr::Subscript(subscript) => {
                let container = self.operand(&subscript.value)?;
                let key = self.subscript_key(&subscript.slice)?;
                self.at(subscript.range);
                self.op(Op::DeleteItem, 0, container, key, 0);
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                for element in elts {
                    self.nested(range_of(element), |this| this.delete(element))?;
                }
            }
            other => return Err(syntax_error(range_of(other), "cannot delete expression")),
        }
        self.unit.temps.release(mark);
        Ok(())
    }
}
