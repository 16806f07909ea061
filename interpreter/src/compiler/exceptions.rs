//! `try`, `raise`, `assert`.

use super::Compiler;
use super::control::{Block, Region};
use super::error::{R, syntax_error};
use super::registers::Reg;
use super::symtable::range_of;
use crate::bytecode::Op;
use rustpython_ast::{self as ast, ExceptHandler};
use rustpython_text_size::TextRange;

impl<'a> Compiler<'a> {
    pub(super) fn raise(&mut self, s: &'a ast::StmtRaise) -> R<()> {
        let mark = self.unit.temps.mark();
        match (&s.exc, &s.cause) {
            (None, _) => {
                self.at(s.range);
                self.op(Op::RaiseBare, 0, 0, 0, 0);
            }
            (Some(exc), None) => {
                let exc = self.expr_any(exc)?;
                self.at(s.range);
                self.op(Op::Raise, 0, exc, 0, 0);
            }
            (Some(exc), Some(cause)) => {
                let exc = self.operand(exc)?;
                let cause = self.expr_any(cause)?;
                self.at(s.range);
                self.op(Op::RaiseFrom, 0, exc, cause, 0);
            }
        }
        self.unit.temps.release(mark);
        Ok(())
    }

    pub(super) fn assert(&mut self, s: &'a ast::StmtAssert) -> R<()> {
        if self.optimize > 0 {
            return Ok(());
        }
        let mark = self.unit.temps.mark();
        let passed = self.unit.asm.label();
        self.jump_if(&s.test, passed, true)?;
        let error = self.unit.temps.take(1);
        self.at(range_of(&*s.test));
        self.op(Op::LoadAssertionError, 0, error, 0, 0);
        if let Some(message) = &s.msg {
            let argument = self.unit.temps.take(1);
            self.expr_to(message, argument)?;
            self.at(range_of(&*s.test));
            self.op(Op::Call, 0, error, error, 1);
        }
        self.op(Op::Raise, 0, error, 0, 0);
        self.unit.asm.place(passed);
        self.unit.temps.release(mark);
        Ok(())
    }

    pub(super) fn try_statement(&mut self, s: &'a ast::StmtTry) -> R<()> {
        self.nop(s.range);
        if s.finalbody.is_empty() {
            return self.try_except(s);
        }
        let mark = self.unit.temps.mark();
        let (exc, saved) = (self.unit.temps.take(1), self.unit.temps.take(1));
        let bound = self.bound_in_handler();
        let (handler, end) = (self.unit.asm.label(), self.unit.asm.label());
        self.push_block(Block::Finally { body: &s.finalbody, region: Region::default() });
        let result = if s.handlers.is_empty() { self.body(&s.body) } else { self.try_except(s) };
        let covered = self.pop_block(handler, exc);
        result?;
        if self.unit.asm.reachable() {
            self.body(&s.finalbody)?;
            self.unit.asm.jump(Op::Jump, 0, 0, end);
        }
        if covered {
            let fail = self.unit.asm.label();
            self.unit.asm.place_handler(handler, bound.clone());
            // The handler's own bookkeeping belongs to no line.
            self.at(TextRange::default());
            self.op(Op::EnterHandler, 0, exc, saved, 0);
            let range = TextRange::default();
            self.push_block(Block::Handler {
                saved,
                region: Region::default(),
                range,
                star: false,
            });
            let result = self.body(&s.finalbody);
            let failing = self.pop_block(fail, exc);
            result?;
            self.at(TextRange::default());
            self.end_handler(fail, failing, exc, saved, bound);
        }
        self.unit.asm.place(end);
        self.unit.temps.release(mark);
        Ok(())
    }

    /// What follows a handler that did not deal with the exception, or itself failed: both find
    /// the exception to raise in `exc`. It leaves from where it is now, or from where the handler failed.
    fn end_handler(
        &mut self,
        fail: super::assembler::Label,
        failing: bool,
        exc: Reg,
        saved: Reg,
        bound: super::assembler::BoundSet,
    ) {
        self.op(Op::LeaveHandler, 0, saved, 0, 0);
        self.op(Op::Reraise, 0, exc, 0, 0);
        self.at(TextRange::default());
        if failing {
            self.unit.asm.place_handler(fail, bound);
            self.op(Op::LeaveHandler, 0, saved, 0, 0);
            self.op(Op::Reraise, 1, exc, 0, 0);
        }
    }

    fn try_except(&mut self, s: &'a ast::StmtTry) -> R<()> {
        if let Some((_, earlier)) = s.handlers.split_last() {
            for ExceptHandler::ExceptHandler(clause) in earlier {
                if clause.type_.is_none() {
                    return Err(syntax_error(clause.range, "default 'except:' must be last"));
                }
            }
        }
        let mark = self.unit.temps.mark();
        let (exc, saved) = (self.unit.temps.take(1), self.unit.temps.take(1));
        let bound = self.bound_in_handler();
        let (handler, end) = (self.unit.asm.label(), self.unit.asm.label());
        self.push_block(Block::Try { region: Region::default() });
        let result = self.body(&s.body);
        let covered = self.pop_block(handler, exc);
        result?;
        self.body(&s.orelse)?;
        let fail = self.unit.asm.label();
        // Handlers of a body that cannot raise are dead, but still checked.
        let paused = if covered {
            self.unit.asm.jump(Op::Jump, 0, 0, end);
            self.unit.asm.place_handler(handler, bound.clone());
            None
        } else {
            Some(self.unit.asm.pause())
        };
        self.at(TextRange::default());
        self.op(Op::EnterHandler, 0, exc, saved, 0);
        self.push_block(Block::Handler {
            saved,
            region: Region::default(),
            range: TextRange::default(),
            star: false,
        });
        let result = if s.is_star {
            self.star_clauses(s, exc, saved, end)
        } else {
            self.clauses(s, exc, saved, end)
        };
        let failing = self.pop_block(fail, exc);
        result?;
        // What no clause has matched leaves from the line of the last.
        let last = s.handlers.last().and_then(|ExceptHandler::ExceptHandler(c)| c.type_.as_ref());
        self.at(last
            .filter(|_| !s.is_star)
            .map_or(TextRange::default(), |class| range_of(&**class)));
        self.end_handler(fail, failing, exc, saved, bound);
        if let Some(paused) = paused {
            self.unit.asm.resume(paused);
        }
        self.unit.asm.place(end);
        self.unit.temps.release(mark);
        Ok(())
    }

    /// The `except` clauses; control falls out at the end when none matched.
    fn clauses(
        &mut self,
        s: &'a ast::StmtTry,
        exc: Reg,
        saved: Reg,
        end: super::assembler::Label,
    ) -> R<()> {
        for ExceptHandler::ExceptHandler(clause) in &s.handlers {
            let mark = self.unit.temps.mark();
            let next = self.unit.asm.label();
            if let Some(class) = &clause.type_ {
                let matched = self.unit.temps.take(1);
                let class_register = self.expr_any(class)?;
                self.at(range_of(&**class));
                self.op(Op::MatchExc, 0, matched, exc, class_register);
                self.unit.asm.jump(Op::JumpIf, 0, matched, next);
                self.unit.temps.release(mark);
            }
            self.clause_body(clause, exc)?;
            if self.unit.asm.reachable() {
                self.at(TextRange::default());
                self.op(Op::LeaveHandler, 0, saved, 0, 0);
                if let Some(name) = &clause.name {
                    self.unbind(name.as_str(), TextRange::default())?;
                }
                self.unit.asm.jump(Op::Jump, 0, 0, end);
            }
            self.unit.asm.place(next);
        }
        Ok(())
    }

    /// A clause's body, with its name bound; the name is still bound at its normal end.
    fn clause_body(&mut self, clause: &'a ast::ExceptHandlerExceptHandler, value: Reg) -> R<()> {
        let Some(name) = &clause.name else { return self.body(&clause.body) };
        let mark = self.unit.temps.mark();
        let failed = self.unit.temps.take(1);
        self.store_name(name.as_str(), value, name.range)?;
        let bound = self.bound_in_handler();
        let fail = self.unit.asm.label();
        let text = name.as_str();
        let range = TextRange::default();
        self.push_block(Block::Named { name: text, region: Region::default(), range });
        let result = self.body(&clause.body);
        let failing = self.pop_block(fail, failed);
        result?;
        if failing {
            let past = self.unit.asm.label();
            self.at(TextRange::default());
            self.unit.asm.jump(Op::Jump, 0, 0, past);
            self.unit.asm.place_handler(fail, bound);
            self.at(TextRange::default());
            self.unbind(text, TextRange::default())?;
            self.op(Op::Reraise, 1, failed, 0, 0);
            self.unit.asm.place(past);
        }
        self.unit.temps.release(mark);
        Ok(())
    }

    /// The `except*` clauses: each takes its part of the group; what is left over, and what the
    /// clauses raised, is raised at the end.
    fn star_clauses(
        &mut self,
        s: &'a ast::StmtTry,
        exc: Reg,
        saved: Reg,
        end: super::assembler::Label,
    ) -> R<()> {
        // original: the group as caught; results: what clauses raised, then what no one matched;
        // parts: rest and match.
        let original = self.unit.temps.take(1);
        let results = self.unit.temps.take(1);
        let parts = self.unit.temps.take(2);
        self.at(TextRange::default());
        self.move_to(original, exc);
        self.op(Op::BuildList, 0, results, 0, 0);
        self.move_to(parts, exc);
        for ExceptHandler::ExceptHandler(clause) in &s.handlers {
            let mark = self.unit.temps.mark();
            let Some(class) = &clause.type_ else {
                return Err(syntax_error(clause.range, "expected one or more exception types"));
            };
            let next = self.unit.asm.label();
            let class_register = self.expr_any(class)?;
            self.at(range_of(&**class));
            self.op(Op::MatchExcStar, 0, parts, parts, class_register);
            self.unit.asm.jump(Op::JumpIfNone, 1, parts + 1, next);
            self.unit.temps.release(mark);
            // In the body the part is the exception being handled.
            let (raised, outer) = (self.unit.temps.take(1), self.unit.temps.take(1));
            self.op(Op::EnterHandler, 0, parts + 1, outer, 0);
            let bound = self.bound_in_handler();
            let fail = self.unit.asm.label();
            self.push_block(Block::Handler {
                saved: outer,
                region: Region::default(),
                range: TextRange::default(),
                star: true,
            });
            let result = self.star_body(clause, parts + 1);
            let failing = self.pop_block(fail, raised);
            result?;
            self.at(TextRange::default());
            if self.unit.asm.reachable() {
                self.op(Op::LeaveHandler, 0, outer, 0, 0);
                self.unit.asm.jump(Op::Jump, 0, 0, next);
            }
            if failing {
                self.unit.asm.place_handler(fail, bound);
                self.at(TextRange::default());
                self.op(Op::LeaveHandler, 0, outer, 0, 0);
                self.op(Op::ListAppend, 0, results, raised, 0);
            }
            self.unit.asm.place(next);
            self.unit.temps.release(mark);
        }
        self.at(TextRange::default());
        self.op(Op::ListAppend, 0, results, parts, 0);
        self.op(Op::PrepExcStar, 0, exc, original, results);
        let again = self.unit.asm.label();
        self.unit.asm.jump(Op::JumpIfNone, 0, exc, again);
        self.op(Op::LeaveHandler, 0, saved, 0, 0);
        self.unit.asm.jump(Op::Jump, 0, 0, end);
        self.unit.asm.place(again);
        Ok(())
    }

    fn star_body(&mut self, clause: &'a ast::ExceptHandlerExceptHandler, part: Reg) -> R<()> {
        self.clause_body(clause, part)?;
        if let (Some(name), true) = (&clause.name, self.unit.asm.reachable()) {
            self.unbind(name.as_str(), TextRange::default())?;
        }
        Ok(())
    }
}
