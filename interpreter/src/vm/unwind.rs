//! Leaving frames: returns, yields, and exceptions looking for a handler.

use super::Vm;
use super::frame::{Cont, ContKind, Flow};
use super::native::{Raised, Ret};
use super::run::Leave;
use crate::builtins::ClassId;
use crate::builtins::awaitables::AsyncSend;
use crate::bytecode::{Instr, Op};
use crate::object::*;
use crate::value::{Value, word};
use std::cell::Cell;

/// How unwinding ended.
pub(super) enum Unwound {
    /// A handler was found: go on in the frame on top.
    Handled,
    /// The entry frame was left: back to Rust with the exception.
    Left,
}

impl Vm {
    /// Removes the frame on top.
    fn pop_frame(&mut self) {
        // SAFETY: there is a frame on top, and below it another or the sentinel.
        unsafe {
            self.top = self.top.sub(1);
            self.stack.end.set((*self.top).end);
        }
    }

    /// Leaves the frame on top with the value in the result register, after a return at `pc`.
    pub(super) fn leave(&mut self, pc: *const Instr) -> Leave {
        // SAFETY: for the whole function: the frame on top has just executed a return.
        unsafe {
            let frame = *self.top;
            let cont = frame.cont;
            if cont.has(Cont::OBSERVED) {
                (*self.top).pc = pc;
                self.frame_left();
            }
            if cont.has(Cont::INIT) {
                if self.roots.result.word() != word::NONE {
                    (*self.top).pc = pc;
                    let given = self.type_name(self.result());
                    let Raised(()) =
                        self.type_error(format!("__init__() should return None, not '{given}'"));
                    return Leave::Flow(Flow::Raise);
                }
                let Ret(()) = self.ret(Value::from_word(*frame.base.sub(2)));
            }
            if cont.has(Cont::GENERATOR) {
                let g = Value::from_word(*frame.base.sub(2)).cast_unchecked::<Generator>();
                g.state.set(GenState::Finished);
                self.clear_generator(g);
                self.leave_generator(g);
            }
            if cont.kind == ContKind::Entry {
                self.top = self.top.sub(1);
                return Leave::Exit;
            }
            self.pop_frame();
            match cont.kind {
                ContKind::AsyncStep => {
                    self.end_async_step(true);
                    let Raised(()) = self.raise_args(ClassId::StopAsyncIteration, &[]);
                    Leave::Flow(Flow::Raise)
                }
                // The generator of a for loop has ended: take the exit.
                ContKind::ForGen if cont.has(Cont::GENERATOR) => {
                    self.take_loop_exit();
                    Leave::Flow(Flow::Switch)
                }
                _ => Leave::Flow(self.finish(cont)),
            }
        }
    }

    /// Drops what a finished generator still holds.
    fn clear_generator(&self, g: Gc<'_, Generator>) {
        for slot in g.registers() {
            // SAFETY: immediates need no barrier.
            unsafe { slot.set_word(word::UNBOUND) };
        }
    }

    /// The loop of the frame on top, just at its ForIter, ends: follows the `ext` word.
    pub(super) fn take_loop_exit(&mut self) {
        // SAFETY: the frame's pc is at the extension word of a ForIter.
        unsafe {
            let frame = &mut *self.top;
            let ext = *frame.pc;
            frame.pc = frame.pc.add(1).offset(ext.bc() as isize);
        }
    }

    /// Leaves the generator frame on top with a yielded value (in the result register); it goes on
    /// at `pc`. Delegating generators below are suspended as well.
    pub(super) fn yield_value(&mut self, mut pc: *const Instr) -> Leave {
        loop {
            // SAFETY: the frame on top runs a generator.
            unsafe {
                let cont = (*self.top).cont;
                self.suspend(pc);
                if cont.kind == ContKind::Entry {
                    self.top = self.top.sub(1);
                    return Leave::Exit;
                }
                self.pop_frame();
                // An item ends the step of an async generator; what it awaits yields further out.
                let awaits = || (*pc.sub(1)).op == Op::YieldFrom;
                if cont.kind == ContKind::AsyncStep && !awaits() {
                    self.end_async_step(false);
                } else if matches!(cont.kind, ContKind::YieldFrom | ContKind::AsyncStep) {
                    // The delegating generator yields the same value, waiting at its YieldFrom.
                    if (*self.top).cont.has(Cont::TRACED) && self.trace_return().is_err() {
                        return Leave::Flow(Flow::Raise);
                    }
                    pc = (*self.top).pc;
                    continue;
                }
                return Leave::Flow(self.finish(cont));
            }
        }
    }

    /// `YieldFrom`: one step of a delegation.
    ///
    /// # Safety
    /// `i` is the instruction just executed in the frame on top, which runs a generator.
    pub(super) unsafe fn yield_from(&mut self, i: Instr, pc: *const Instr) -> Leave {
        // SAFETY: for the whole function: the caller's promise.
        unsafe {
            let r = (*self.top).base;
            let (sent, inner) = (*r.add(i.a as usize), *r.add(i.b as usize));
            let iterator = Value::from_word(inner);
            if let Some(g) = iterator.cast::<Generator>()
                && (self.is_exact(iterator, ClassId::Generator)
                    || self.is_exact(iterator, ClassId::Coroutine))
            {
                match g.state.get() {
                    GenState::Suspended => {}
                    GenState::Created if sent == word::NONE => {}
                    _ => {
                        let end = self.stack.end.get();
                        let (g, v) = (self.push_word(inner), self.push_word(sent));
                        let result = self.generator_send(g, v);
                        self.stack.end.set(end);
                        return self.delegation_step(i, pc, result.map(|Ret(())| true));
                    }
                }
                let cont = Cont::new(ContKind::YieldFrom, i.a);
                return Leave::Flow(self.resume(inner, sent, cont, true));
            }
            if let Some(step) = iterator.payload::<AsyncSend>()
                && let Some((generator, sent)) = step.r().begin_at_once(&*self, sent)
            {
                let flow = self.resume(generator, sent, Cont::new(ContKind::AsyncStep, i.a), true);
                if flow == Flow::Raise {
                    self.end_async_step(false);
                }
                return Leave::Flow(flow);
            }
            let end = self.stack.end.get();
            let (it, v) = (self.push_word(inner), self.push_word(sent));
            let result = if sent == word::NONE {
                self.call_special(it, super::Special::Next, &[]).map(|r| r.is_some())
            } else {
                self.call_method(it, "send", &[v]).map(|Ret(())| true)
            };
            self.stack.end.set(end);
            self.delegation_step(i, pc, result)
        }
    }

    /// A step of an async generator is over; `closes` when that is the end of the generator. The frame
    /// on top has awaited it.
    fn end_async_step(&mut self, closes: bool) {
        // SAFETY: the frame waits behind the YieldFrom that began the step.
        let awaited = unsafe {
            let at = *(*self.top).pc.sub(1);
            Value::from_word(*(*self.top).base.add(at.b as usize))
        };
        if let Some(step) = awaited.payload::<AsyncSend>() {
            step.r().end(self, closes);
        }
    }

    /// The inner iterator has yielded (Ok) or ended.
    ///
    /// # Safety
    /// `i` is the `YieldFrom` that the frame on top waits at, and `pc` the place behind it.
    pub(super) unsafe fn delegation_step(
        &mut self,
        i: Instr,
        pc: *const Instr,
        result: Result<bool, Raised>,
    ) -> Leave {
        match result {
            Ok(true) => self.yield_value(pc),
            Ok(false) => {
                let Raised(()) = self.type_error("object is not an iterator");
                Leave::Flow(Flow::Raise)
            }
            Err(raised) => {
                if !self.raised_is(ClassId::StopIteration) {
                    let Raised(()) = raised;
                    return Leave::Flow(Flow::Raise);
                }
                let end = self.stack.end.get();
                let stop = self.take_exception(raised);
                let value = self.stop_value(self.get(stop)).word();
                self.stack.end.set(end);
                // SAFETY: the destination is a register of the frame on top.
                unsafe { *(*self.top).base.add(i.a as usize) = value };
                Leave::Flow(Flow::Next)
            }
        }
    }

    /// Looks for a handler of the exception that is set, leaving frames that have none.
    #[cold]
    #[inline(never)]
    pub(super) fn unwind(&mut self) -> Unwound {
        loop {
            // SAFETY: for the whole loop: there is a frame on top, with its pc after the instruction that
            // raised.
            unsafe {
                let frame = *self.top;
                let code = &*frame.code;
                let pc = frame.pc.offset_from(code.start()) as usize;
                let at = pc.saturating_sub(1) as u32;
                // Raising again in the same frame leaves the traceback as it is.
                let again = match code.instrs[at as usize].get().op {
                    Op::Reraise => true,
                    Op::RaiseBare => {
                        self.current_exception().is_some_and(|e| !e.traceback.get(self).is_none())
                    }
                    _ => false,
                };
                if !again {
                    self.add_traceback(at);
                }
                let traced = frame.cont.has(Cont::TRACED);
                if traced {
                    self.trace_exception(again);
                }
                let handler = code.unit.handlers.iter().find(|h| (h.start..h.end).contains(&at));
                if let Some(handler) = handler {
                    let exception = self.roots.exception.word();
                    self.roots.exception.set_word(word::UNBOUND);
                    *frame.base.add(handler.exc as usize) = exception;
                    (*self.top).pc = code.start().add(handler.target as usize);
                    self.stack.end.set(frame.end);
                    if traced && self.trace_handled(handler.exc).is_err() {
                        continue;
                    }
                    return Unwound::Handled;
                }
                if traced {
                    self.trace_unwind();
                }
                let cont = (*self.top).cont;
                self.frame_unwound();
                if cont.has(Cont::GENERATOR) {
                    let g = Value::from_word(*frame.base.sub(2)).cast_unchecked::<Generator>();
                    g.state.set(GenState::Finished);
                    self.clear_generator(g);
                    self.leave_generator(g);
                    self.replace_stop_iteration(g);
                }
                self.top = self.top.sub(1);
                if cont.kind == ContKind::Entry {
                    return Unwound::Left;
                }
                self.stack.end.set((*self.top).end);
                if cont.kind == ContKind::AsyncStep {
                    self.end_async_step(self.raised_is(ClassId::GeneratorExit));
                }
                if cont.kind == ContKind::ForIter && self.raised_is(ClassId::StopIteration) {
                    self.roots.exception.set_word(word::UNBOUND);
                    self.take_loop_exit();
                    return Unwound::Handled;
                }
            }
        }
    }

    /// PEP 479: a StopIteration that leaves a generator becomes a RuntimeError.
    fn replace_stop_iteration(&self, g: Gc<'_, Generator>) {
        let name = if self.raised_is(ClassId::StopIteration) {
            "StopIteration"
        } else if self.is_exact(g.value(), ClassId::AsyncGenerator)
            && self.raised_is(ClassId::StopAsyncIteration)
        {
            "StopAsyncIteration"
        } else {
            return;
        };
        let Some(stop) = self.current_exception() else { return };
        let what = self.generator_kind(g);
        let message = self.str(&format!("{what} raised {name}")).value();
        let error = self.new_exception(self.class(ClassId::RuntimeError), &[message]);
        self.write(error, |e| &e.cause, stop.value());
        self.write(error, |e| &e.context, stop.value());
        error.suppress_context.set(true);
        let Raised(()) = self.set_exception_as_is(error.value());
    }

    /// Adds the frame on top to the traceback of the exception that is set.
    fn add_traceback(&self, at: u32) {
        let Some(exception) = self.current_exception() else { return };
        // SAFETY: the function is below the frame's registers.
        let func = unsafe { Value::from_word(*(*self.top).base.sub(1)) };
        let depth = self.stack.depth(self.top) as u32;
        let entry = self.new_traceback(func, exception.traceback.get(self));
        entry.pc.set(at);
        entry.depth.set(depth);
        if let Some(inner) = entry.next.get_as::<Traceback>(self)
            && inner.depth.get() == depth + 1
        {
            self.write(inner, |t| &t.outer, entry.value());
        }
        self.write(exception, |e| &e.traceback, entry.value());
    }

    /// A traceback entry for a function, nowhere in particular.
    pub(crate) fn new_traceback<'gc>(
        &'gc self,
        func: Value<'gc>,
        next: Value<'gc>,
    ) -> Gc<'gc, Traceback> {
        self.alloc(
            ClassId::Traceback,
            Traceback {
                header: super::construct::header(),
                next: Slot::new(next.word()),
                func: Slot::new(func.word()),
                outer: Slot::new(word::UNBOUND),
                frame: Slot::new(word::UNBOUND),
                pc: Cell::new(0),
                left_at: Cell::new(0),
                depth: Cell::new(0),
                given: Cell::new(None),
            },
        )
    }

    /// Adds a note to the exception that is set.
    pub fn add_note(&self, text: &str) {
        let Some(exception) = self.current_exception() else { return };
        let key = self.intern("__notes__");
        let Some(dict) = self.instance_dict(exception.value()) else { return };
        let note = self.str(text).value();
        match self.dict_get_str(dict, key).and_then(|v| v.cast::<List>()) {
            Some(list) => self.list_push(list, note),
            None => self.dict_set_str(dict, key, self.list(&[note]).value()),
        }
    }
}
