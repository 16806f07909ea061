//! Generators: a frame's window that is put away at each yield and brought back at each resume.

use super::frame::{Cont, ContKind, Flow};
use super::native::{Raised, Ret};
use super::run::Leave;
use super::{Local, NativeResult, Vm};
use crate::builtins::ClassId;
use crate::bytecode::{CodeFlags, Instr, Op};
use crate::object::*;
use crate::raise;
use crate::value::{Value, Word, word};
use std::cell::Cell;

impl Vm {
    /// A generator of the function in the window, whose first `bound` registers are filled in.
    ///
    /// # Safety
    /// The window is a function and its bound arguments, in the value stack.
    pub(super) unsafe fn make_generator(&self, window: *mut Word, bound: usize) -> Value<'_> {
        // SAFETY: for the whole function: the caller's promise; the new object is filled before anything
        // can collect.
        unsafe {
            let function = Value::from_word(*window).cast_unchecked::<Function>();
            let data = &*function.data.get();
            let flags = data.flags();
            let class = if flags.has(CodeFlags::COROUTINE) {
                ClassId::Coroutine
            } else if flags.has(CodeFlags::ASYNC_GENERATOR) {
                ClassId::AsyncGenerator
            } else {
                ClassId::Generator
            };
            let registers = data.register_count as usize;
            let ptr = self
                .heap
                .alloc(Kind::Generator as u8, class as u32, Generator::size(registers))
                .cast::<Generator>();
            let p = ptr.as_ptr();
            (&raw mut (*p).func).write(Slot::new(function.value().word()));
            (&raw mut (*p).handled).write(Slot::new(word::NONE));
            (&raw mut (*p).name).write(Slot::new(function.name.word()));
            (&raw mut (*p).qualname).write(Slot::new(function.qualname.word()));
            (&raw mut (*p).extra).write(Slot::new(word::NONE));
            (&raw mut (*p).frame).write(Slot::new(word::UNBOUND));
            (&raw mut (*p).pc).write(Cell::new(0));
            (&raw mut (*p).stepping).write(Cell::new(false));
            (&raw mut (*p).closed).write(Cell::new(false));
            (&raw mut (*p).hooked).write(Cell::new(false));
            (&raw mut (*p).state).write(Cell::new(GenState::Created));
            let to = Generator::init_len(p, registers);
            std::ptr::copy_nonoverlapping(window.add(1), to, bound);
            for i in bound..registers {
                to.add(i).write(word::UNBOUND);
            }
            let generator: Gc<'_, Generator> = Gc::from_raw(ptr);
            if class == ClassId::Coroutine && self.tracing.origin_depth.get() > 0 {
                let origin = self.places_on_stack(self.tracing.origin_depth.get());
                self.write(generator, |g| &g.extra, origin);
            }
            // Coroutines that nobody awaited are reported, async generators may have a hook.
            if class != ClassId::Generator || !data.unit.handlers.is_empty() {
                self.heap.register_finalizer(generator.header_ptr());
            }
            generator.value()
        }
    }

    /// Pushes the generator's frame, with `sent` as the result of the yield it waits at. The
    /// generator must not be running or finished. One that waits in a `yield from` passes the value
    /// on (`redo`), or takes it as the result of the delegation.
    pub(super) fn resume(&mut self, generator: Word, sent: Word, cont: Cont, redo: bool) -> Flow {
        // SAFETY: for the whole function: the words are values and nothing has collected since they were
        // read; the stack has room as `push_frame` checks.
        unsafe {
            let end = self.stack.end.get();
            let window = self.stack.at(end);
            let vm = &*self;
            let g = Value::from_word(generator).cast_unchecked::<Generator>();
            let function = g.func.get(vm).cast_unchecked::<Function>();
            let data = function.data.get();
            let registers = g.registers();
            if !vm.stack.fits(end + registers.len() as u32 + 2) {
                let Raised(()) =
                    vm.raise(ClassId::RecursionError, "maximum recursion depth exceeded");
                return Flow::Raise;
            }
            window.write(generator);
            window.add(1).write(function.value().word());
            let base = window.add(2);
            std::ptr::copy_nonoverlapping(registers.as_ptr().cast::<Word>(), base, registers.len());
            let started = g.state.get() != GenState::Created;
            let mut pc = (*data).start().add(g.pc.get() as usize);
            if started {
                let at: Instr = *pc.sub(1);
                base.add(at.a as usize).write(sent);
                if at.op == Op::YieldFrom && redo {
                    pc = pc.sub(1);
                }
            }
            g.state.set(GenState::Running);
            let count = registers.len();
            // The exception handled outside is remembered in the generator while it runs.
            let outer = vm.roots.handled.word();
            vm.hidden_handlers.update(|n| n + u32::from(outer != word::NONE));
            vm.roots.handled.set_word(g.handled.word());
            g.handled.set_word(outer);
            vm.heap.barrier(g.header_ptr());
            vm.stack.end.set(end + 2);
            let cont = cont.with(Cont::GENERATOR);
            let flow = self.push_frame(base, data, count, cont);
            if flow == Flow::Switch {
                if !g.frame.get(&*self).is_unbound() {
                    self.frame_resumed();
                }
                (*self.top).pc = pc;
                // The caller's end comes back when the frame is popped.
            } else {
                self.stack.end.set(end);
                self.leave_generator(Value::from_word(generator).cast_unchecked());
            }
            flow
        }
    }

    /// Gives the exception handled outside back when a generator stops running.
    pub(super) fn leave_generator(&self, g: Gc<'_, Generator>) {
        let inner = self.roots.handled.word();
        self.hidden_handlers.update(|n| n - u32::from(g.handled.word() != word::NONE));
        // SAFETY: the register is a root; the generator gets its barrier.
        unsafe {
            self.roots.handled.set_word(g.handled.word());
            g.handled.set_word(inner);
        }
        self.heap.barrier(g.header_ptr());
    }

    /// What the callers of the running generators handle: the innermost, or None.
    #[cold]
    pub(super) fn handled_outside(&self) -> Value<'_> {
        for depth in (1..=self.frame_depth()).rev() {
            // SAFETY: the frame is running; a generator stands two slots below its registers.
            let handled = unsafe {
                let frame = &*self.stack.frame_at(depth);
                if !frame.cont.has(Cont::GENERATOR) {
                    continue;
                }
                Value::from_word(*frame.base.sub(2))
                    .cast_unchecked::<Generator>()
                    .r()
                    .handled
                    .get(self)
            };
            if !handled.is_none() {
                return handled;
            }
        }
        Value::NONE
    }

    /// Puts the frame on top away into its generator; `pc` is where it goes on.
    pub(super) fn suspend(&mut self, pc: *const Instr) {
        // SAFETY: the frame on top runs a generator, which stands two slots below its registers.
        unsafe {
            let frame = *self.top;
            let g = Value::from_word(*frame.base.sub(2)).cast_unchecked::<Generator>();
            let registers = g.registers();
            std::ptr::copy_nonoverlapping(
                frame.base,
                registers.as_ptr().cast::<Word>().cast_mut(),
                registers.len(),
            );
            g.pc.set(pc.offset_from((*frame.code).start()) as u32);
            g.state.set(GenState::Suspended);
            self.heap.barrier(g.header_ptr());
            self.leave_generator(g);
            if frame.cont.has(Cont::OBSERVED) {
                self.frame_suspended(g);
            }
        }
    }

    /// `next(g)` of a generator proper: true with the item in the result register, false at the end.
    pub(crate) fn generator_next(&mut self, generator: Local) -> Result<bool, Raised> {
        self.check_generator(generator)?;
        let g: Gc<'_, Generator> = self.get(generator).cast().expect("checked");
        if g.state.get() == GenState::Finished {
            return Ok(false);
        }
        let word = g.value().word();
        let Ret(()) = self.run_generator(word, word::NONE)?;
        // Its end needs no StopIteration here; one that its code raises has become a RuntimeError.
        let g: Gc<'_, Generator> = self.get(generator).cast().expect("still a generator");
        Ok(g.state.get() != GenState::Finished)
    }

    /// `g.send(value)`: the next item; StopIteration at the end.
    pub fn generator_send(&mut self, generator: Local, value: Local) -> NativeResult {
        self.check_generator(generator)?;
        let g: Gc<'_, Generator> = self.get(generator).cast().expect("checked by the caller");
        match g.state.get() {
            GenState::Finished => {
                if self.class_of(g.value()) == self.class(ClassId::Coroutine) {
                    return Err(
                        self.raise(ClassId::RuntimeError, "cannot reuse already awaited coroutine")
                    );
                }
                return Err(self.raise_args(ClassId::StopIteration, &[]));
            }
            GenState::Created if !self.get(value).is_none() => {
                let what = self.generator_kind(g);
                return Err(
                    self.type_error(format!("can't send non-None value to a just-started {what}"))
                );
            }
            _ => {}
        }
        let ret = self.run_generator(self.get(generator).word(), self.get(value).word())?;
        self.generator_result(generator, ret)
    }

    /// What messages call it.
    pub(super) fn generator_kind(&self, g: Gc<'_, Generator>) -> &'static str {
        if self.is_exact(g.value(), ClassId::Coroutine) {
            "coroutine"
        } else if self.is_exact(g.value(), ClassId::AsyncGenerator) {
            "async generator"
        } else {
            "generator"
        }
    }

    /// Whether a suspended generator waits in a `yield from` or `await`.
    pub(super) fn is_delegating(&self, g: Gc<'_, Generator>) -> bool {
        g.state.get() == GenState::Suspended
            && self.waiting_at(g).is_some_and(|at| at.op == Op::YieldFrom)
    }

    /// Whether a suspended async generator waits at a `yield` of its own, not in an `await`.
    pub(crate) fn has_yielded(&self, generator: Local) -> bool {
        let Some(g) = self.get(generator).cast::<Generator>() else { return false };
        g.state.get() == GenState::Suspended
            && self.waiting_at(g).is_some_and(|at| at.op == Op::Yield)
    }

    fn check_generator(&self, generator: Local) -> Result<(), Raised> {
        let Some(g) = self.get(generator).cast::<Generator>() else {
            return Err(self.type_error("expected a generator"));
        };
        if g.state.get() == GenState::Running {
            let what = self.generator_kind(g);
            return Err(self.value_error(format!("{what} already executing")));
        }
        Ok(())
    }

    /// Runs a generator that waits or has not begun up to its next yield or its return.
    fn run_generator(&mut self, generator: Word, sent: Word) -> NativeResult {
        self.check_native_stack(" while calling a Python object")?;
        let end = self.stack.end.get();
        let result = match self.resume(generator, sent, Cont::new(ContKind::Entry, 0), true) {
            Flow::Switch => self.run(),
            _ => Err(Raised(())),
        };
        self.stack.end.set(end);
        result
    }

    /// `g.throw(exception)`: raises it where the generator waits.
    pub fn generator_throw(&mut self, generator: Local, exception: Local) -> NativeResult {
        self.check_generator(generator)?;
        let g: Gc<'_, Generator> = self.get(generator).cast().expect("checked");
        match g.state.get() {
            GenState::Finished if self.is_exact(g.value(), ClassId::Coroutine) => {
                raise!(self, RuntimeError, "cannot reuse already awaited coroutine");
            }
            GenState::Finished => {
                return Err(self.set_exception(self.get(exception)));
            }
            GenState::Created => {
                g.state.set(GenState::Finished);
                return Err(self.set_exception(self.get(exception)));
            }
            _ => {}
        }
        self.check_native_stack(" while calling a Python object")?;
        let end = self.stack.end.get();
        let g = self.get(generator).word();
        let result = match self.resume(g, word::NONE, Cont::new(ContKind::Entry, 0), false) {
            Flow::Switch => self.throw_at_top(exception),
            _ => Err(Raised(())),
        };
        self.stack.end.set(end);
        self.generator_result(generator, result?)
    }

    /// Raises an exception in the generator's frame on top, where it waits. What it delegates to gets
    /// the exception first, while the frame stays where it is.
    fn throw_at_top(&mut self, exception: Local) -> NativeResult {
        let is_exit = self.has_class(self.get(exception), ClassId::GeneratorExit);
        // SAFETY: for the whole loop: a generator's frame has just been pushed; its pc is behind the
        // instruction that it waits at.
        while let at = unsafe { *(*self.top).pc.sub(1) }
            && at.op == Op::YieldFrom
        {
            // SAFETY: a register of the frame on top.
            let inner = self.push_word(unsafe { *(*self.top).base.add(at.b as usize) });
            if is_exit {
                if let Err(Raised(())) = self.close_inner(inner) {
                    return self.run_raised();
                }
                break;
            }
            let suspended = |g: &Gc<'_, Generator>| g.state.get() == GenState::Suspended;
            let result = if self.get(inner).cast::<Generator>().filter(suspended).is_some() {
                let cont = Cont::new(ContKind::YieldFrom, at.a);
                match self.resume(self.get(inner).word(), word::NONE, cont, false) {
                    Flow::Switch => continue,
                    _ => return self.run_raised(),
                }
            } else if self.get(inner).kind() == Some(Kind::Generator) {
                self.generator_throw(inner, exception)
            } else {
                match self.getattr_opt(inner, "throw") {
                    Ok(None) => break,
                    Ok(Some(throw)) => {
                        let throw = self.hold(throw);
                        self.call(throw, &[exception])
                    }
                    Err(raised) => Err(raised),
                }
            };
            return self.go_on_after_throw(at, result);
        }
        if self.tracing.on() && self.trace_thrown(exception).is_err() {
            return self.run_raised();
        }
        let Raised(()) = self.set_exception(self.get(exception));
        self.run_raised()
    }

    /// What the frame on top delegates to has been thrown an exception and has answered.
    fn go_on_after_throw(&mut self, at: Instr, result: NativeResult) -> NativeResult {
        // SAFETY: the frame on top waits at that instruction.
        let step = unsafe { self.delegation_step(at, (*self.top).pc, result.map(|Ret(())| true)) };
        match step {
            Leave::Exit => Ok(Ret(())),
            Leave::Flow(Flow::Raise) => self.run_raised(),
            Leave::Flow(_) => self.run(),
        }
    }

    /// What running a generator has given: its return, unlike a yield, is a StopIteration.
    fn generator_result(&self, generator: Local, ret: Ret) -> NativeResult {
        let g: Gc<'_, Generator> = self.get(generator).cast().expect("still a generator");
        if g.state.get() != GenState::Finished {
            return Ok(ret);
        }
        let value = self.value(ret);
        let args: &[Value<'_>] = if value.is_none() { &[] } else { &[value] };
        Err(self.raise_args(ClassId::StopIteration, args))
    }

    /// The iterator a suspended generator delegates to.
    pub(crate) fn delegate(&self, generator: Local) -> Option<Local> {
        let g: Gc<'_, Generator> = self.get(generator).cast()?;
        if g.state.get() != GenState::Suspended {
            return None;
        }
        let at = self.waiting_at(g)?;
        (at.op == Op::YieldFrom).then(|| self.root(g.registers()[at.b as usize].get(self)))
    }

    /// The instruction a suspended generator waits at.
    fn waiting_at(&self, g: Gc<'_, Generator>) -> Option<Instr> {
        let function: Gc<'_, Function> = g.func.get_as(self)?;
        let pc = g.pc.get().checked_sub(1)?;
        // SAFETY: the function keeps its code's data alive.
        let data = unsafe { &*function.data.get() };
        data.instrs.get(pc as usize).map(|i| i.get())
    }

    fn close_inner(&mut self, inner: Local) -> Result<(), Raised> {
        if self.get(inner).kind() == Some(Kind::Generator) {
            return self.generator_close(inner);
        }
        if let Some(close) = self.getattr_opt(inner, "close")? {
            let close = self.hold(close);
            let Ret(()) = self.call(close, &[])?;
        }
        Ok(())
    }

    /// `StopIteration.value`
    pub fn stop_value<'gc>(&'gc self, stop: Value<'gc>) -> Value<'gc> {
        let value = stop.cast::<Exception>().map(|e| e.r().extra.get(self));
        value.and_then(Value::bound).unwrap_or(Value::NONE)
    }

    /// `g.close()`
    pub fn generator_close(&mut self, generator: Local) -> Result<(), Raised> {
        self.check_generator(generator)?;
        let g: Gc<'_, Generator> = self.get(generator).cast().expect("checked");
        match g.state.get() {
            GenState::Finished => return Ok(()),
            GenState::Created => {
                g.state.set(GenState::Finished);
                return Ok(());
            }
            _ => {}
        }
        let exit = self.new_exception(self.class(ClassId::GeneratorExit), &[]);
        let exit = self.root(exit.value());
        match self.generator_throw(generator, exit) {
            Ok(Ret(())) => {
                let g: Gc<'_, Generator> = self.get(generator).cast().expect("checked");
                let what = self.generator_kind(g);
                Err(self.raise(ClassId::RuntimeError, format!("{what} ignored GeneratorExit")))
            }
            Err(raised) => {
                if self.raised_is(ClassId::StopIteration) {
                    let stop = self.take_exception(raised);
                    let value = self.stop_value(self.get(stop));
                    let Ret(()) = self.ret(value);
                    return Ok(());
                }
                self.catch(raised, ClassId::GeneratorExit)
            }
        }
    }
}

impl Vm {
    /// The generator is garbage: runs its `finally` clauses. An async generator goes to the event
    /// loop's hook for that; a coroutine that never ran is reported.
    pub(crate) fn finalize_generator(&mut self, generator: Local) {
        let g: Gc<'_, Generator> = self.get(generator).cast().expect("a generator");
        let state = g.state.get();
        let result = if self.is_exact(g.value(), ClassId::Coroutine) && state == GenState::Created {
            g.state.set(GenState::Finished);
            self.report_never_awaited(generator)
        } else if self.is_exact(g.value(), ClassId::AsyncGenerator)
            && !g.extra.get(self).is_none()
            && state != GenState::Finished
            && !g.closed.get()
        {
            let hook = self.root(g.extra.get(self));
            self.call(hook, &[generator]).map(|Ret(())| ())
        } else if state == GenState::Running {
            Ok(())
        } else {
            self.generator_close(generator)
        };
        if let Err(raised) = result {
            self.unraisable_while(raised, "Exception ignored while closing generator", generator);
        }
    }

    /// The RuntimeWarning for a coroutine that was never awaited.
    fn report_never_awaited(&mut self, coroutine: Local) -> Result<(), Raised> {
        match self.import_module("warnings") {
            Ok(warnings) => self
                .call_method(warnings, "_warn_unawaited_coroutine", &[coroutine])
                .map(|Ret(())| ()),
            Err(raised) => {
                self.take_exception(raised);
                let g: Gc<'_, Generator> = self.get(coroutine).cast().expect("a coroutine");
                let name = self.text_of(g.qualname.get(self));
                self.write_stderr(&format!(
                    "RuntimeWarning: coroutine '{name}' was never awaited\n"
                ));
                Ok(())
            }
        }
    }
}
