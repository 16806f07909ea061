//! Blocks that control flow leaves with something to do: loops, `with`, and the way out of them.

use super::Compiler;
use super::assembler::{BoundSet, Label, OWN_LINE};
use super::error::{R, syntax_error};
use super::registers::Reg;
use super::symtable::range_of;
use crate::bytecode::{Const, Instr, Op};
use rustpython_ast::{self as ast, Expr, Stmt};
use rustpython_text_size::TextRange;

/// A stretch of code under a handler, in pieces: the ways out of it are not covered.
#[derive(Default)]
pub(super) struct Region {
    open: Option<u32>,
    ranges: Vec<(u32, u32)>,
}

impl Region {
    fn close(&mut self, here: u32) {
        if let Some(start) = self.open.take()
            && start < here
        {
            self.ranges.push((start, here));
        }
    }
}

/// A statement being compiled that must be left properly.
pub(super) enum Block<'a> {
    Loop {
        head: Label,
        end: Label,
    },
    /// `try` with `finally`: its body runs on the way out.
    Finally {
        body: &'a [Stmt],
        region: Region,
    },
    /// A `try` body with handlers only: nothing to do, but ways out are not covered.
    Try {
        region: Region,
    },
    /// A handler: the exception handled before must be restored from the register.
    Handler {
        saved: Reg,
        region: Region,
        range: TextRange,
        /// Of `except*`, which no jump may leave.
        star: bool,
    },
    /// `except ... as name`: the name is deleted.
    Named {
        name: &'a str,
        region: Region,
        range: TextRange,
    },
    /// `with`: the exit function's pair.
    With {
        pair: Reg,
        is_async: bool,
        region: Region,
        range: TextRange,
    },
}

impl Block<'_> {
    fn region(&mut self) -> Option<&mut Region> {
        match self {
            Block::Loop { .. } => None,
            Block::Finally { region, .. }
            | Block::Try { region }
            | Block::Handler { region, .. }
            | Block::Named { region, .. }
            | Block::With { region, .. } => Some(region),
        }
    }
}

/// An `async for` step under way: what its StopAsyncIteration handler needs.
pub(super) struct AsyncStep {
    handler: Label,
    exc: Reg,
    bound: BoundSet,
    reachable: bool,
    range: TextRange,
}

impl<'a> Compiler<'a> {
    /// Enters a block; its region begins here.
    pub(super) fn push_block(&mut self, mut block: Block<'a>) {
        let here = self.unit.asm.here();
        if let Some(region) = block.region() {
            region.open = Some(here);
        }
        self.unit.blocks.push(block);
    }

    /// Leaves the innermost block and puts its region under the handler. Says whether the
    /// region has any code.
    pub(super) fn pop_block(&mut self, handler: Label, exc: Reg) -> bool {
        let here = self.unit.asm.here();
        let Some(mut block) = self.unit.blocks.pop() else { return false };
        let Some(region) = block.region() else { return false };
        region.close(here);
        for &(start, end) in &region.ranges {
            self.unit.asm.protect(start, end, handler, exc);
        }
        !region.ranges.is_empty()
    }

    /// What is certainly bound in a handler of code that begins here: what is bound now, except
    /// for names that can be deleted.
    pub(super) fn bound_in_handler(&self) -> BoundSet {
        let mut bound = self.unit.asm.bound.clone();
        for &reg in &self.unit.deletable {
            bound.remove(reg);
        }
        bound
    }

    /// Leaves all blocks above the first `keep`: does what each wants done on the way out, then
    /// `jump`; afterwards the blocks are as they were.
    fn leave(&mut self, keep: usize, jump: impl FnOnce(&mut Self)) -> R<()> {
        self.check_star_handlers(keep, self.unit.asm.range)?;
        let mut left = vec![];
        while self.unit.blocks.len() > keep {
            let Some(mut block) = self.unit.blocks.pop() else { break };
            let here = self.unit.asm.here();
            if let Some(region) = block.region() {
                region.close(here);
            }
            let result = self.way_out(&block);
            left.push(block);
            result?;
        }
        jump(self);
        let here = self.unit.asm.here();
        while let Some(mut block) = left.pop() {
            if let Some(region) = block.region() {
                region.open = Some(here);
            }
            self.unit.blocks.push(block);
        }
        Ok(())
    }

    fn way_out(&mut self, block: &Block<'a>) -> R<()> {
        if !self.unit.asm.reachable() {
            return Ok(());
        }
        match *block {
            Block::Loop { .. } | Block::Try { .. } => Ok(()),
            Block::Finally { body, .. } => self.body(body),
            Block::Handler { saved, range, .. } => {
                self.at(range);
                self.op(Op::LeaveHandler, 0, saved, 0, 0);
                Ok(())
            }
            Block::Named { name, range, .. } => self.unbind(name, range),
            Block::With { pair, is_async, range, .. } => {
                self.at(range);
                self.exit_normally(pair, is_async);
                Ok(())
            }
        }
    }

    /// `name = None; del name`
    pub(super) fn unbind(&mut self, name: &str, range: TextRange) -> R<()> {
        if self.local_register(name).is_none() {
            let mark = self.unit.temps.mark();
            let none = self.unit.temps.take(1);
            self.at(range);
            self.load_const(none, Const::None);
            self.store_name(name, none, range)?;
            self.unit.temps.release(mark);
        }
        self.delete_name(name, true, range)
    }

    pub(super) fn return_statement(&mut self, s: &'a ast::StmtReturn) -> R<()> {
        let mark = self.unit.temps.mark();
        let value = match &s.value {
            None => None,
            Some(value) if value.is_none_literal_expr() => None,
            Some(value) => {
                let rebinds =
                    |block: &Block| matches!(block, Block::Finally { .. } | Block::Named { .. });
                if self.unit.blocks.iter().any(rebinds) {
                    // The `finally` body may rebind locals; `except ... as name` ends with a del.
                    let t = self.unit.temps.take(1);
                    self.expr_to(value, t)?;
                    Some(t)
                } else {
                    Some(self.expr_any(value)?)
                }
            }
        };
        if value.is_none() {
            self.at(s.range);
        }
        self.leave(0, |this| {
            this.at(s.range);
            match value {
                Some(reg) => this.op(Op::Return, 0, reg, 0, 0),
                None => this.op(Op::ReturnNone, 0, 0, 0, 0),
            }
        })?;
        self.unit.temps.release(mark);
        Ok(())
    }

    fn innermost_loop(&self) -> Option<(usize, Label, Label)> {
        self.unit.blocks.iter().enumerate().rev().find_map(|(i, block)| match *block {
            Block::Loop { head, end } => Some((i, head, end)),
            _ => None,
        })
    }

    /// No jump may leave an `except*` among the blocks above the first `keep`.
    fn check_star_handlers(&self, keep: usize, range: TextRange) -> R<()> {
        let star = |block: &Block| matches!(block, Block::Handler { star: true, .. });
        if self.unit.blocks[keep..].iter().any(star) {
            let text = "'break', 'continue' and 'return' cannot appear in an except* block";
            return Err(syntax_error(range, text));
        }
        Ok(())
    }

    pub(super) fn break_statement(&mut self, range: TextRange) -> R<()> {
        let Some((index, _, end)) = self.innermost_loop() else {
            self.check_star_handlers(0, range)?;
            return Err(syntax_error(range, "'break' outside loop"));
        };
        self.leave(index + 1, |this| {
            this.at(range);
            this.unit.asm.jump(Op::Jump, OWN_LINE, 0, end);
        })
    }

    pub(super) fn continue_statement(&mut self, range: TextRange) -> R<()> {
        let Some((index, head, _)) = self.innermost_loop() else {
            self.check_star_handlers(0, range)?;
            return Err(syntax_error(range, "'continue' not properly in loop"));
        };
        self.leave(index + 1, |this| {
            this.at(range);
            this.unit.asm.jump(Op::JumpBack, 0, 0, head);
        })
    }

    /// Puts the label of a loop's head here: what may be deleted in the body counts as unbound.
    pub(super) fn loop_head(&mut self) -> Label {
        let head = self.unit.asm.label();
        self.unit.asm.bound = self.bound_in_handler();
        self.unit.asm.place(head);
        head
    }

    pub(super) fn while_statement(&mut self, s: &'a ast::StmtWhile) -> R<()> {
        let (orelse, end) = (self.unit.asm.label(), self.unit.asm.label());
        let endless = self.constant(&s.test)?.is_some();
        if endless {
            self.nop(range_of(&*s.test));
        }
        let head = self.loop_head();
        self.unless(&s.test, orelse)?;
        self.push_block(Block::Loop { head, end });
        let result = self.body(&s.body);
        self.unit.blocks.pop();
        result?;
        self.at(range_of(&*s.test));
        self.unit.asm.jump(Op::JumpBack, u8::from(!endless), 0, head);
        self.unit.asm.place(orelse);
        self.body(&s.orelse)?;
        self.unit.asm.place(end);
        Ok(())
    }

    pub(super) fn for_statement(&mut self, s: &'a ast::StmtFor) -> R<()> {
        let mark = self.unit.temps.mark();
        let iterator = self.unit.temps.take(2);
        let inner = self.unit.temps.mark();
        let iterable = self.expr_any(&s.iter)?;
        self.at(range_of(&*s.iter));
        if s.is_async && !self.in_coroutine() {
            return Err(syntax_error(s.range, "'async for' outside async function"));
        }
        let op = if s.is_async { Op::GetAIter } else { Op::GetIter };
        self.op(op, 0, iterator, iterable, 0);
        self.unit.temps.release(inner);
        let (orelse, end) = (self.unit.asm.label(), self.unit.asm.label());
        let head = self.loop_head();
        let mut async_step = None;
        if s.is_async {
            async_step = Some(self.async_step(iterator, &s.target)?);
        } else {
            self.at(range_of(&*s.iter));
            self.iteration_step(iterator, &s.target, orelse)?;
        }
        self.push_block(Block::Loop { head, end });
        let result = self.body(&s.body);
        self.unit.blocks.pop();
        result?;
        self.at(range_of(&*s.iter));
        self.unit.asm.jump(Op::JumpBack, 1, 0, head);
        if let Some(step) = async_step {
            self.finish_async_step(step, orelse);
        }
        self.unit.asm.place(orelse);
        self.unit.temps.release(mark);
        self.body(&s.orelse)?;
        self.unit.asm.place(end);
        Ok(())
    }

    /// Takes the next item into the target; jumps to `end` when there is none.
    pub(super) fn iteration_step(&mut self, iterator: Reg, target: &'a Expr, end: Label) -> R<()> {
        if let Expr::Name(name) = target
            && let Some(reg) = self.local_register(name.id.as_str())
        {
            self.unit.asm.jump_ext(Instr::new(Op::ForIter, 0, reg, iterator, 0), end);
            self.unit.asm.bound.insert(reg);
            return Ok(());
        }
        let mark = self.unit.temps.mark();
        let item = self.unit.temps.take(1);
        self.unit.asm.jump_ext(Instr::new(Op::ForIter, 0, item, iterator, 0), end);
        self.store(target, item)?;
        self.unit.temps.release(mark);
        Ok(())
    }

    /// Awaits the next item of an asynchronous iterator and stores it.
    pub(super) fn async_step(&mut self, iterator: Reg, target: &'a Expr) -> R<AsyncStep> {
        let range = range_of(target);
        let step = AsyncStep {
            handler: self.unit.asm.label(),
            exc: self.unit.temps.take(1),
            bound: self.bound_in_handler(),
            reachable: self.unit.asm.reachable(),
            range,
        };
        let mark = self.unit.temps.mark();
        self.at(range);
        let start = self.unit.asm.here();
        let (awaitable, item) = (self.unit.temps.take(1), self.unit.temps.take(1));
        self.op(Op::GetANext, 0, awaitable, iterator, 0);
        self.delegate(awaitable, item);
        let end = self.unit.asm.here();
        self.unit.asm.protect(start, end, step.handler, step.exc);
        self.store(target, item)?;
        self.unit.temps.release(mark);
        Ok(step)
    }

    /// The handler of an asynchronous step; the loop's end must follow.
    pub(super) fn finish_async_step(&mut self, step: AsyncStep, end: Label) {
        if step.reachable {
            self.unit.asm.place_handler(step.handler, step.bound);
            self.at(step.range);
            self.unit.asm.jump(Op::EndAsyncFor, 0, step.exc, end);
        }
    }

    pub(super) fn with_statement(&mut self, s: &'a ast::StmtWith) -> R<()> {
        if s.is_async {
            self.check_async_with(s.range)?;
        }
        self.with_items(s, &s.items)
    }

    fn check_async_with(&mut self, range: TextRange) -> R<()> {
        if self.in_coroutine() {
            return Ok(());
        }
        Err(syntax_error(range, "'async with' outside async function"))
    }

    fn with_items(&mut self, s: &'a ast::StmtWith, items: &'a [ast::WithItem]) -> R<()> {
        let Some((item, rest)) = items.split_first() else { return self.body(&s.body) };
        let range = range_of(&item.context_expr);
        let mark = self.unit.temps.mark();
        let pair = self.unit.temps.take(2);
        let (exc, saved) = (self.unit.temps.take(1), self.unit.temps.take(1));
        let inner = self.unit.temps.mark();
        let (enter_op, exit_op) = if s.is_async { (2, 3) } else { (0, 1) };

        let manager = self.expr_any(&item.context_expr)?;
        self.at(range);
        self.op(Op::LoadSpecial, 0, pair, manager, exit_op);
        let window = self.unit.temps.take(2);
        self.op(Op::LoadSpecial, 0, window, manager, enter_op);
        self.op(Op::CallMethod, 0, window, window, 0);
        if s.is_async {
            self.op(Op::GetAwaitable, 1, window + 1, window, 0);
            self.delegate(window + 1, window);
        }
        let bound = self.bound_in_handler();
        let (handler, end) = (self.unit.asm.label(), self.unit.asm.label());
        let is_async = s.is_async;
        self.push_block(Block::With { pair, is_async, region: Region::default(), range });
        let result = (|| {
            if let Some(target) = &item.optional_vars {
                self.store(target, window)?;
            }
            self.unit.temps.release(inner);
            self.nested(range, |this| this.with_items(s, rest))
        })();
        let covered = self.pop_block(handler, exc);
        result?;
        self.at(range);
        if self.unit.asm.reachable() {
            self.exit_normally(pair, is_async);
            self.unit.asm.jump(Op::Jump, 0, 0, end);
        }
        if covered {
            self.unit.asm.place_handler(handler, bound);
            self.exit_on_exception(pair, exc, saved, is_async, range);
        }
        self.unit.asm.place(end);
        self.unit.temps.release(mark);
        Ok(())
    }

    /// `exit(None, None, None)`
    fn exit_normally(&mut self, pair: Reg, is_async: bool) {
        let mark = self.unit.temps.mark();
        let window = self.unit.temps.take(5);
        self.move_to(window, pair);
        self.move_to(window + 1, pair + 1);
        for i in 2..5 {
            self.load_const(window + i, Const::None);
        }
        self.op(Op::CallMethod, 0, window, window, 3);
        if is_async {
            self.op(Op::GetAwaitable, 2, window + 1, window, 0);
            self.delegate(window + 1, window);
        }
        self.unit.temps.release(mark);
    }

    /// The handler of a `with` body: asks the exit function whether to go on.
    fn exit_on_exception(
        &mut self,
        pair: Reg,
        exc: Reg,
        saved: Reg,
        is_async: bool,
        range: TextRange,
    ) {
        let mark = self.unit.temps.mark();
        self.at(range);
        self.op(Op::EnterHandler, 0, exc, saved, 0);
        let start = self.unit.asm.here();
        let window = self.unit.temps.take(5);
        self.move_to(window, pair);
        self.move_to(window + 1, pair + 1);
        self.op(Op::ExcInfo, 0, window + 2, exc, 0);
        self.op(Op::CallMethod, 0, window, window, 3);
        if is_async {
            self.op(Op::GetAwaitable, 2, window + 1, window, 0);
            self.delegate(window + 1, window);
        }
        let (swallow, fail) = (self.unit.asm.label(), self.unit.asm.label());
        self.unit.asm.jump(Op::JumpIf, 1, window, swallow);
        let end = self.unit.asm.here();
        self.unit.asm.protect(start, end, fail, exc);
        let bound = self.unit.asm.bound.clone();
        self.unit.asm.place_handler(fail, bound);
        self.op(Op::LeaveHandler, 0, saved, 0, 0);
        self.op(Op::Reraise, 1, exc, 0, 0);
        self.unit.asm.place(swallow);
        self.op(Op::LeaveHandler, 0, saved, 0, 0);
        self.unit.temps.release(mark);
    }
}
