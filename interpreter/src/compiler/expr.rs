//! Expressions.

use super::Compiler;
use super::constant::fold_binary;
use super::error::{R, syntax_error};
use super::registers::Reg;
use super::symtable::{ScopeKind, range_of};
use crate::bytecode::{CodeFlags, Const, Op};
use rustpython_ast::{self as ast, CmpOp, Expr, Operator, UnaryOp};
use rustpython_text_size::TextRange;

/// How a comparison is done.
#[derive(Clone, Copy)]
pub(super) enum Comparison {
    /// `Compare` with this operation.
    Order(u8),
    /// `Is`; true for `is not`.
    Is(bool),
    /// `In`; true for `not in`.
    In(bool),
}

/// The comparison that an operator stands for.
pub(super) fn comparison(op: CmpOp) -> Comparison {
    match op {
        CmpOp::Lt => Comparison::Order(0),
        CmpOp::LtE => Comparison::Order(1),
        CmpOp::Eq => Comparison::Order(2),
        CmpOp::NotEq => Comparison::Order(3),
        CmpOp::Gt => Comparison::Order(4),
        CmpOp::GtE => Comparison::Order(5),
        CmpOp::Is => Comparison::Is(false),
        CmpOp::IsNot => Comparison::Is(true),
        CmpOp::In => Comparison::In(false),
        CmpOp::NotIn => Comparison::In(true),
    }
}

/// The opcode of a binary operator.
pub(super) fn arithmetic(op: Operator) -> Op {
    match op {
        Operator::Add => Op::Add,
        Operator::Sub => Op::Sub,
        Operator::Mult => Op::Mul,
        Operator::MatMult => Op::MatMul,
        Operator::Div => Op::TrueDiv,
        Operator::Mod => Op::Mod,
        Operator::Pow => Op::Pow,
        Operator::LShift => Op::LShift,
        Operator::RShift => Op::RShift,
        Operator::BitOr => Op::Or,
        Operator::BitXor => Op::Xor,
        Operator::BitAnd => Op::And,
        Operator::FloorDiv => Op::FloorDiv,
    }
}

impl<'a> Compiler<'a> {
    /// Evaluates into some register: a local's own, or a new temporary. What is evaluated
    /// afterwards must not rebind locals; see [`Compiler::operand`].
    pub(super) fn expr_any(&mut self, expr: &'a Expr) -> R<Reg> {
        match expr {
            Expr::Name(name) if name.id.as_str() != "__debug__" => {
                self.name_operand(name.id.as_str(), false, name.range)
            }
            Expr::Named(named) => {
                let target = named.target.as_name_expr();
                match target.and_then(|t| self.local_register(t.id.as_str())) {
                    Some(reg) => {
                        self.expr_to(&named.value, reg)?;
                        self.unit.asm.bound.insert(reg);
                        Ok(reg)
                    }
                    None => {
                        let dst = self.unit.temps.take(1);
                        self.expr_to(expr, dst)?;
                        Ok(dst)
                    }
                }
            }
            _ => {
                let dst = self.unit.temps.take(1);
                self.expr_to(expr, dst)?;
                Ok(dst)
            }
        }
    }

    /// As [`Compiler::expr_any`], but the register keeps its value while the rest of the
    /// expression is evaluated, even if that contains `:=`.
    pub(super) fn operand(&mut self, expr: &'a Expr) -> R<Reg> {
        match expr {
            Expr::Name(name) if name.id.as_str() != "__debug__" => {
                self.name_operand(name.id.as_str(), true, name.range)
            }
            Expr::Named(_) => {
                let dst = self.unit.temps.take(1);
                self.expr_to(expr, dst)?;
                Ok(dst)
            }
            _ => self.expr_any(expr),
        }
    }

    /// As [`Compiler::operand`] with `dst` as the temporary to use, if it is one.
    fn operand_in(&mut self, expr: &'a Expr, dst: Reg) -> R<Reg> {
        match expr {
            Expr::Name(name) if name.id.as_str() != "__debug__" => {
                let symbol = self.symbol(name.id.as_str());
                if let super::names::Place::Local(reg) = self.place_of(symbol)
                    && !self.unit.walrus.contains(&reg)
                {
                    self.at(name.range);
                    self.check_bound(reg);
                    return Ok(reg);
                }
            }
            _ => {}
        }
        let t = self.scratch(dst);
        self.expr_to(expr, t)?;
        Ok(t)
    }

    /// Evaluates into consecutive new temporaries and gives the first.
    pub(super) fn window(&mut self, exprs: impl IntoIterator<Item = &'a Expr>) -> R<Reg> {
        let first = self.unit.temps.mark() as Reg;
        for expr in exprs {
            let slot = self.unit.temps.take(1);
            self.expr_to(expr, slot)?;
        }
        Ok(first)
    }

    /// The first register of a window for building `dst`: `dst` itself when it is the topmost
    /// temporary, which nothing reads any more.
    pub(super) fn window_start(&mut self, dst: Reg) -> Reg {
        if self.unit.temps.is_top(dst) { dst } else { self.unit.temps.take(1) }
    }

    /// Evaluates into `dst`. Nothing is written to `dst` before the end if it is a local.
    pub(super) fn expr_to(&mut self, expr: &'a Expr, dst: Reg) -> R<()> {
        let mark = self.unit.temps.mark();
        let result = self.nested(range_of(expr), |this| this.expr_inner(expr, dst));
        self.unit.temps.release(mark);
        result
    }

    fn expr_inner(&mut self, expr: &'a Expr, dst: Reg) -> R<()> {
        let range = range_of(expr);
        if !matches!(expr, Expr::BinOp(_))
            && let Some(value) = self.constant(expr)?
        {
            self.at(range);
            self.load_const(dst, value);
            return Ok(());
        }
        match expr {
            Expr::Name(name) => self.load_name(name.id.as_str(), dst, range),
            Expr::BinOp(_) => self.binary(expr, dst),
            Expr::Attribute(e) => self.attribute(e, dst),
            Expr::Call(e) => self.call(e, dst),
            Expr::Subscript(e) => {
                let container = self.operand_in(&e.value, dst)?;
                let key = self.subscript_key(&e.slice)?;
                self.at(range);
                self.op(Op::GetItem, 0, dst, container, key);
                Ok(())
            }
            Expr::Compare(e) => self.compare(e, dst),
            Expr::BoolOp(e) => self.bool_op(e, dst),
            Expr::UnaryOp(e) => self.unary(e, dst),
            Expr::If(e) => {
                let (orelse, end) = (self.unit.asm.label(), self.unit.asm.label());
                self.unless(&e.test, orelse)?;
                self.expr_to(&e.body, dst)?;
                self.unit.asm.jump(Op::Jump, 0, 0, end);
                self.unit.asm.place(orelse);
                self.expr_to(&e.orelse, dst)?;
                self.unit.asm.place(end);
                Ok(())
            }
            Expr::Named(e) => self.named(e, dst),
            Expr::Tuple(e) => self.tuple_display(&e.elts, range, dst),
            Expr::List(e) => self.list_display(&e.elts, range, dst),
            Expr::Set(e) => self.set_display(&e.elts, range, dst),
            Expr::Dict(e) => self.dict_display(e, dst),
            Expr::Lambda(e) => self.lambda(e, dst),
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) => {
                self.comprehension(expr, dst)
            }
            Expr::Generator(e) => self.generator(e, dst),
            Expr::FString(e) => self.fstring(e, dst),
            Expr::Yield(e) => {
                let value = match &e.value {
                    Some(value) => self.expr_any(value)?,
                    None => {
                        let t = self.unit.temps.take(1);
                        self.at(range);
                        self.load_const(t, Const::None);
                        t
                    }
                };
                self.at(range);
                self.op(Op::Yield, 0, dst, value, 0);
                Ok(())
            }
            Expr::YieldFrom(e) => {
                if self.unit.flags & CodeFlags::ASYNC_GENERATOR != 0
                    || self.symbols.scope(self.unit.root).is_async
                {
                    return Err(syntax_error(range, "'yield from' inside async function"));
                }
                let value = self.expr_any(&e.value)?;
                self.at(range);
                let iterator = self.unit.temps.take(1);
                self.op(Op::GetYieldFromIter, 0, iterator, value, 0);
                self.delegate(iterator, dst);
                Ok(())
            }
            Expr::Await(e) => {
                self.check_await(range)?;
                let value = self.expr_any(&e.value)?;
                self.at(range);
                let iterator = self.unit.temps.take(1);
                self.op(Op::GetAwaitable, 0, iterator, value, 0);
                self.delegate(iterator, dst);
                Ok(())
            }
            Expr::Starred(_) => Err(syntax_error(range, "can't use starred expression here")),
            Expr::Slice(_) => {
                let key = self.subscript_key(expr)?;
                self.move_to(dst, key);
                Ok(())
            }
            Expr::TString(e) => self.template(e, dst),
            Expr::IpyEscapeCommand(_) => Err(syntax_error(range, "invalid syntax")),
            Expr::NumberLiteral(_)
            | Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_) => unreachable!("literals are constants"),
        }
    }

    /// `dst =` what the iterator returns at the end, after yielding all it yields.
    pub(super) fn delegate(&mut self, iterator: Reg, dst: Reg) {
        let t = self.scratch(dst);
        self.load_const(t, Const::None);
        self.op(Op::YieldFrom, 0, t, iterator, 0);
        self.move_to(dst, t);
    }

    /// Whether what only coroutines do may be done here; a module that may becomes a coroutine.
    pub(super) fn in_coroutine(&mut self) -> bool {
        let scope = self.symbols.scope(self.unit.root);
        if self.top_level_await && scope.kind == ScopeKind::Module {
            self.unit.flags |= CodeFlags::COROUTINE;
            return true;
        }
        scope.is_async
    }

    /// `await` must be in an `async def` or in a generator expression.
    pub(super) fn check_await(&mut self, range: TextRange) -> R<()> {
        if self.in_coroutine() {
            return Ok(());
        }
        let scope = self.symbols.scope(self.unit.root);
        match scope.kind {
            ScopeKind::Function | ScopeKind::Lambda => {
                Err(syntax_error(range, "'await' outside async function"))
            }
            ScopeKind::Module | ScopeKind::Class => {
                Err(syntax_error(range, "'await' outside function"))
            }
            _ => Ok(()),
        }
    }

    /// The key of a subscript, where slices are allowed.
    pub(super) fn subscript_key(&mut self, key: &'a Expr) -> R<Reg> {
        let Expr::Slice(slice) = key else { return self.expr_any(key) };
        let window = self.unit.temps.mark() as Reg;
        for bound in [&slice.lower, &slice.upper, &slice.step] {
            let slot = self.unit.temps.take(1);
            match bound {
                Some(bound) => self.expr_to(bound, slot)?,
                None => {
                    self.at(slice.range);
                    self.load_const(slot, Const::None);
                }
            }
        }
        self.at(slice.range);
        self.op(Op::BuildSlice, 0, window, window, 0);
        Ok(window)
    }

    /// Binary operations: a chain of them leans left, so its spine is walked without recursion,
    /// folding constants on the way.
    fn binary(&mut self, expr: &'a Expr, dst: Reg) -> R<()> {
        let mut spine = vec![];
        let mut at = expr;
        while let Expr::BinOp(binary) = at {
            spine.push(binary);
            at = &binary.left;
        }
        // Fold the beginning of the spine: `2 * 3 * x`.
        let mut folded = self.constant(at)?.map(|value| (value, range_of(at)));
        while let (Some((left, _)), Some(&binary)) = (&folded, spine.last()) {
            let Some(right) = self.constant(&binary.right)? else { break };
            let Some(value) = fold_binary(binary.op, left, &right) else { break };
            folded = Some((value, binary.range));
            spine.pop();
        }
        if spine.is_empty()
            && let Some((value, range)) = folded
        {
            self.at(range);
            self.load_const(dst, value);
            return Ok(());
        }
        let mut left = match folded {
            Some((value, range)) => {
                let t = self.scratch(dst);
                self.at(range);
                self.load_const(t, value);
                t
            }
            None => self.operand_in(at, dst)?,
        };
        while let Some(binary) = spine.pop() {
            let target = if spine.is_empty() { dst } else { self.scratch(dst) };
            self.apply(binary.op, 0, target, left, &binary.right, binary.range)?;
            left = target;
        }
        Ok(())
    }

    /// `target = left op right`; `x` is 1 for the in-place form.
    pub(super) fn apply(
        &mut self,
        op: Operator,
        x: u8,
        target: Reg,
        left: Reg,
        right: &'a Expr,
        range: TextRange,
    ) -> R<()> {
        let mark = self.unit.temps.mark();
        let immediate = match op {
            Operator::Add | Operator::Sub => self.immediate(right)?,
            _ => None,
        };
        if let Some(value) = immediate {
            let op = if op == Operator::Add { Op::AddImm } else { Op::SubImm };
            self.at(range);
            self.op(op, x, target, left, value as u16);
        } else {
            let right = self.expr_any(right)?;
            self.at(range);
            self.op(arithmetic(op), x, target, left, right);
        }
        self.unit.temps.release(mark);
        Ok(())
    }

    fn unary(&mut self, e: &'a ast::ExprUnaryOp, dst: Reg) -> R<()> {
        if e.op == UnaryOp::Not
            && let Expr::Compare(compare) = &*e.operand
            && let ([op], [right]) = (&*compare.ops, &*compare.comparators)
            && let Comparison::Is(negated) | Comparison::In(negated) = comparison(*op)
        {
            // `not a in b` is `a not in b`.
            let left = self.operand(&compare.left)?;
            let right = self.comparand(*op, right)?;
            let op = if matches!(comparison(*op), Comparison::Is(_)) { Op::Is } else { Op::In };
            self.at(e.range);
            self.op(op, u8::from(!negated), dst, left, right);
            return Ok(());
        }
        let value = self.operand_in(&e.operand, dst)?;
        let op = match e.op {
            UnaryOp::Invert => Op::Invert,
            UnaryOp::Not => Op::Not,
            UnaryOp::UAdd => Op::Pos,
            UnaryOp::USub => Op::Neg,
        };
        self.at(e.range);
        self.op(op, 0, dst, value, 0);
        Ok(())
    }

    fn attribute(&mut self, e: &'a ast::ExprAttribute, dst: Reg) -> R<()> {
        if let Some(parts) = self.super_parts(&e.value) {
            let window = self.super_window(&parts)?;
            let range = self.attribute_range(e);
            self.at(range);
            let site = self.site(Op::LoadSuperAttr, e.attr.as_str())?;
            self.op(Op::LoadSuperAttr, 0, dst, window, site);
            return Ok(());
        }
        let object = self.operand_in(&e.value, dst)?;
        let range = self.attribute_range(e);
        self.at(range);
        let site = self.site(Op::LoadAttr, e.attr.as_str())?;
        self.op(Op::LoadAttr, 0, dst, object, site);
        Ok(())
    }

    fn named(&mut self, e: &'a ast::ExprNamed, dst: Reg) -> R<()> {
        let Expr::Name(target) = &*e.target else {
            return Err(syntax_error(range_of(&*e.target), "invalid assignment target"));
        };
        let name = target.id.as_str();
        if let Some(reg) = self.local_register(name) {
            self.expr_to(&e.value, reg)?;
            self.unit.asm.bound.insert(reg);
            self.at(e.range);
            self.move_to(dst, reg);
            return Ok(());
        }
        let t = self.scratch(dst);
        self.expr_to(&e.value, t)?;
        self.store_name(name, t, target.range)?;
        self.move_to(dst, t);
        Ok(())
    }

    /// `and`, `or` for their value.
    fn bool_op(&mut self, e: &'a ast::ExprBoolOp, dst: Reg) -> R<()> {
        let end = self.unit.asm.label();
        let stop = u8::from(e.op == ast::BoolOp::Or);
        let t = self.scratch(dst);
        let Some((last, rest)) = e.values.split_last() else { return Ok(()) };
        for value in rest {
            self.expr_to(value, t)?;
            self.at(range_of(value));
            self.unit.asm.jump(Op::JumpIf, stop, t, end);
        }
        self.expr_to(last, t)?;
        self.unit.asm.place(end);
        self.at(e.range);
        self.move_to(dst, t);
        Ok(())
    }

    /// The right side of a comparison: displays of constants that are only searched are constants.
    pub(super) fn comparand(&mut self, op: CmpOp, right: &'a Expr) -> R<Reg> {
        if matches!(op, CmpOp::In | CmpOp::NotIn) {
            let constant = match right {
                Expr::List(list) => self.all_constant(&list.elts)?.map(Const::Tuple),
                Expr::Set(set) => self.all_constant(&set.elts)?.map(Const::FrozenSet),
                _ => None,
            };
            if let Some(value) = constant {
                let t = self.unit.temps.take(1);
                self.at(range_of(right));
                self.load_const(t, value);
                return Ok(t);
            }
        }
        self.expr_any(right)
    }

    fn compare(&mut self, e: &'a ast::ExprCompare, dst: Reg) -> R<()> {
        let last = e.ops.len() - 1;
        let end = self.unit.asm.label();
        // In a chain the result of each comparison may be the result of all.
        let t = if last == 0 { dst } else { self.scratch(dst) };
        let mut left =
            if last == 0 { self.operand_in(&e.left, dst)? } else { self.operand(&e.left)? };
        for (i, (op, right)) in e.ops.iter().zip(&e.comparators).enumerate() {
            let right = if i == last {
                self.comparand(*op, right)?
            } else {
                // It is also the left side of the next comparison.
                self.operand(right)?
            };
            self.at(e.range);
            match comparison(*op) {
                Comparison::Order(x) => self.op(Op::Compare, x, t, left, right),
                Comparison::Is(negated) => self.op(Op::Is, u8::from(negated), t, left, right),
                Comparison::In(negated) => self.op(Op::In, u8::from(negated), t, left, right),
            }
            if i < last {
                self.unit.asm.jump(Op::JumpIf, 0, t, end);
            }
            left = right;
        }
        self.unit.asm.place(end);
        self.move_to(dst, t);
        Ok(())
    }
}
