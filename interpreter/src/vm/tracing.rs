//! `sys.settrace` and `sys.setprofile`, and where the events of [`monitoring`](super::monitoring)
//! come from.
//!
//! The loop exists twice: once plainly, and once with a look at what there is to report before each
//! instruction. A thread that is traced runs the second; so tracing costs nothing while it is off.
//! The loop changes at function entries and back-edges, and after native functions that may have
//! switched tracing on ([`Passing::Traces`](super::Passing)).
//!
//! A frame that has been reported is marked ([`Cont::TRACED`]): one without the mark has just been
//! entered. Trace functions are called where the frame on top has its `pc` saved behind the
//! instruction that comes next (or has just raised), as if that were a call.

use super::frame::{Cont, Frame};
use super::monitoring::{Event, Monitoring, is_method_call};
use super::native::Raised;
use super::{Local, Vm};
use crate::bytecode::{Instr, Op};
use crate::object::{Builtin, Exception, Field, Kind, Slot, Tracer};
use crate::value::{Value, Word, word};
use std::cell::Cell;
use std::sync::atomic::Ordering;

/// Poll bit: a thread is traced; untraced loops are to look whether it is theirs.
pub(super) const POLL_TRACE: u32 = 8;

/// What tracing knows of one thread.
pub(crate) struct Tracing {
    /// The function of `sys.settrace`, or None.
    trace: Slot,
    /// The function of `sys.setprofile`, or None.
    profile: Slot,
    /// There is something to report.
    on: Cell<bool>,
    /// How many trace functions and tools are running, one inside the other: nothing is reported.
    paused: Cell<u32>,
    /// Where each frame was at its last instruction, by depth.
    places: Vec<Place>,
    /// Calls of native functions under way.
    natives: Vec<NativeCall>,
    /// How many frames coroutines remember of where they were made.
    pub(super) origin_depth: Cell<usize>,
}

/// What a frame has just done.
struct Step {
    /// The instruction that it carried out before, if known.
    last: *const Instr,
    /// The line that begins now.
    new_line: Option<u32>,
}

#[derive(Clone, Copy)]
struct Place {
    line: u32,
    pc: *const Instr,
}

/// A call of a native function under way, for which somebody waits to be told of its end.
struct NativeCall {
    /// The caller's frame.
    depth: usize,
    callee: Slot,
    /// For tools of `sys.monitoring` the first argument; UNBOUND for the profiler.
    first: Slot,
    /// The instruction that calls.
    at: u32,
}

impl Default for Tracing {
    fn default() -> Self {
        Tracing {
            trace: Slot::new(word::NONE),
            profile: Slot::new(word::NONE),
            on: Cell::new(false),
            paused: Cell::new(0),
            places: Vec::new(),
            natives: Vec::new(),
            origin_depth: Cell::new(0),
        }
    }
}

impl Tracing {
    /// Whether there is something to report.
    #[inline(always)]
    pub(super) fn on(&self) -> bool {
        self.on.get()
    }

    pub(super) fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.slot(&self.trace);
        tracer.slot(&self.profile);
        for native in &self.natives {
            tracer.slot(&native.callee);
            tracer.slot(&native.first);
        }
    }

    /// Finds out whether there is something to report.
    pub(super) fn refresh(&self, monitoring: &Monitoring) {
        let wanted = self.trace.word() != word::NONE
            || self.profile.word() != word::NONE
            || monitoring.active();
        self.on.set(wanted && self.paused.get() == 0);
    }
}

impl Vm {
    /// `sys.gettrace()` or, for profiling, `sys.getprofile()`.
    pub fn trace_function(&self, profile: bool) -> Value<'_> {
        let slot = if profile { &self.tracing.profile } else { &self.tracing.trace };
        slot.get(self)
    }

    /// `sys.settrace(function)` or `sys.setprofile(function)`; None ends it.
    pub fn set_trace_function(&mut self, profile: bool, function: Local) {
        let word = self.get(function).word();
        let slot = if profile { &self.tracing.profile } else { &self.tracing.trace };
        // SAFETY: a root needs no barrier.
        unsafe { slot.set_word(word) };
        self.update_tracing();
    }

    /// What is to be reported has changed.
    pub(super) fn update_tracing(&mut self) {
        self.tracing.refresh(&self.monitoring);
        if !self.tracing.on() {
            // Nobody will see their ends.
            self.tracing.natives.clear();
        }
        if !self.tracing.on() && !self.monitoring.active() {
            self.poll.fetch_and(!POLL_TRACE, Ordering::Relaxed);
            return;
        }
        self.poll.fetch_or(POLL_TRACE, Ordering::Relaxed);
        // The frames that run already have been entered; what is left of their line is no news.
        for depth in 1..=self.frame_depth() {
            // SAFETY: a running frame, whose pc is saved.
            let (marked, at) = unsafe {
                let frame = &mut *self.stack.frame_at(depth);
                let marked = frame.cont.has(Cont::TRACED);
                frame.cont = frame.cont.with(Cont::TRACED);
                (marked, frame.pc.sub(1))
            };
            if !marked || self.tracing.places.len() < depth {
                // SAFETY: as above.
                let line = unsafe { line_of(&*self.stack.frame_at(depth), at) };
                self.set_place(depth, Place { line, pc: at });
            }
        }
    }

    /// `sys.get_coroutine_origin_tracking_depth()`
    pub fn coroutine_origin_depth(&self) -> usize {
        self.tracing.origin_depth.get()
    }

    /// `sys.set_coroutine_origin_tracking_depth(depth)`, for the running thread.
    pub fn set_coroutine_origin_depth(&self, depth: usize) {
        self.tracing.origin_depth.set(depth);
    }

    /// The line that a running frame that is traced was on last.
    pub(crate) fn traced_line(&self, depth: usize) -> Option<u32> {
        let place = self.tracing.places.get(depth.checked_sub(1)?)?;
        Some(place.line).filter(|&line| line != 0 && self.tracing.trace.word() != word::NONE)
    }

    fn set_place(&mut self, depth: usize, place: Place) {
        let nowhere = Place { line: 0, pc: std::ptr::null() };
        self.tracing.places.resize(depth, nowhere);
        self.tracing.places[depth - 1] = place;
    }

    /// Before an instruction of the frame on top.
    ///
    /// # Safety
    /// `pc` is in the code of the frame on top.
    #[cold]
    #[inline(never)]
    pub(super) unsafe fn trace_instruction(&mut self, pc: *const Instr) -> Result<(), Raised> {
        // SAFETY: for the whole function: the caller's promise; trace functions leave the frame
        // where it is.
        unsafe {
            (*self.top).pc = pc.add(1);
            let depth = self.frame_depth();
            self.end_natives(depth, false)?;
            let cont = (*self.top).cont;
            if !cont.has(Cont::TRACED) {
                let resumed = pc != (*(*self.top).code).start();
                self.note_entered(pc, resumed);
                // The function's own line, or that of the yield.
                (*self.top).pc = pc;
                let event = if resumed { Event::PyResume } else { Event::PyStart };
                let at = pc.offset_from((*(*self.top).code).start()) as u32;
                self.monitor_at(event, at.saturating_sub(u32::from(resumed)), &[])?;
                self.entered_event()?;
                (*self.top).pc = pc.add(1);
            }
            let step = self.line_step(pc, depth);
            self.monitor_instruction(pc, step.last, step.new_line)?;
            self.line_event(depth, step.new_line.is_some())?;
            if self.tracing.on() && self.tracing.profile.word() != word::NONE {
                self.native_event(pc)?;
            }
            Ok(())
        }
    }

    /// The frame on top, which goes on at `pc`, is no news any more.
    ///
    /// # Safety
    /// `pc` is in its code.
    unsafe fn note_entered(&mut self, pc: *const Instr, resumed: bool) {
        // SAFETY: the caller's promise.
        unsafe {
            (*self.top).cont = (*self.top).cont.with(Cont::TRACED);
            let line = if resumed { line_of(&*self.top, pc.sub(1)) } else { 0 };
            self.set_place(self.frame_depth(), Place { line, pc: std::ptr::null() });
        }
    }

    /// An exception is about to be thrown into the generator whose frame has just been pushed.
    #[cold]
    pub(super) fn trace_thrown(&mut self, exception: Local) -> Result<(), Raised> {
        // SAFETY: the frame's pc is behind the instruction that it waits at.
        unsafe { self.note_entered((*self.top).pc, true) };
        let (at, _) = self.instruction_of_top();
        self.monitor_at(Event::PyThrow, at, &[exception])?;
        self.entered_event()
    }

    fn entered_event(&mut self) -> Result<(), Raised> {
        self.scope(|vm| {
            let none = vm.root(Value::NONE);
            if vm.tracing.trace.word() != word::NONE {
                let function = vm.root(vm.tracing.trace.get(vm));
                vm.trace_call(function, "call", none)?;
            }
            vm.profile_event("call", none)
        })
    }

    /// Notes that the frame on top, number `depth`, is at `pc` now.
    ///
    /// # Safety
    /// `pc` is in its code.
    unsafe fn line_step(&mut self, pc: *const Instr, depth: usize) -> Step {
        // SAFETY: the caller's promise.
        unsafe {
            let mut line = line_of(&*self.top, pc);
            // The end of a loop belongs to its head, which comes next.
            if (*pc).op == Op::JumpBack
                && line == line_of(&*self.top, pc.add(1).offset((*pc).bc() as isize))
            {
                line = 0;
            }
            let Some(last) = self.tracing.places.get(depth - 1).copied() else {
                return Step { last: std::ptr::null(), new_line: None };
            };
            let back = !last.pc.is_null() && pc <= last.pc && (*last.pc).op == Op::JumpBack;
            let new = line != 0 && (line != last.line || back);
            let at = if line == 0 { last.line } else { line };
            self.set_place(depth, Place { line: at, pc });
            Step { last: last.pc, new_line: new.then_some(line) }
        }
    }

    /// Tells the local trace function of frame number `depth`, the one on top, of an instruction.
    fn line_event(&mut self, depth: usize, new_line: bool) -> Result<(), Raised> {
        // SAFETY: there is a frame on top.
        if !unsafe { (*self.top).cont }.has(Cont::OBSERVED) {
            return Ok(());
        }
        let Some(wanted) = self.local_trace(depth) else { return Ok(()) };
        let (lines, opcodes) = (wanted.lines, wanted.opcodes);
        if new_line && lines {
            self.local_event("line", word::NONE)?;
        }
        if opcodes && self.tracing.on() {
            self.local_event("opcode", word::NONE)?;
        }
        Ok(())
    }

    /// Calls the local trace function of the frame on top, if it has one.
    fn local_event(&mut self, event: &str, arg: Word) -> Result<(), Raised> {
        if !self.tracing.on() || self.tracing.trace.word() == word::NONE {
            return Ok(());
        }
        let Some(wanted) = self.local_trace(self.frame_depth()) else { return Ok(()) };
        let function = wanted.function.word();
        self.scope(|vm| {
            let (function, arg) = (vm.push_word(function), vm.push_word(arg));
            vm.trace_call(function, event, arg)
        })
    }

    fn profile_event(&mut self, event: &str, arg: Local) -> Result<(), Raised> {
        if !self.tracing.on() || self.tracing.profile.word() == word::NONE {
            return Ok(());
        }
        let function = self.root(self.tracing.profile.get(self));
        let frame = self.root(self.frame_object(self.frame_depth()).unwrap_or(Value::NONE));
        let event = self.root(self.intern(event).value());
        let result = self.untraced(|vm| vm.call(function, &[frame, event, arg]).map(|_| ()));
        if result.is_err() {
            let none = self.root(Value::NONE);
            self.set_trace_function(true, none);
        }
        result
    }

    /// Calls a trace function for the frame on top; what it returns is the local one from now on.
    fn trace_call(&mut self, function: Local, event: &str, arg: Local) -> Result<(), Raised> {
        let frame = self.root(self.frame_object(self.frame_depth()).unwrap_or(Value::NONE));
        let event = self.root(self.intern(event).value());
        let result = self.untraced(|vm| {
            let ret = vm.call(function, &[frame, event, arg])?;
            Ok(vm.hold(ret))
        });
        match result {
            Ok(local) => {
                if !self.get(local).is_none() {
                    self.set_frame_trace(frame, local);
                }
                Ok(())
            }
            Err(raised) => {
                let none = self.root(Value::NONE);
                self.set_frame_trace(frame, none);
                self.set_trace_function(false, none);
                Err(raised)
            }
        }
    }

    /// Runs `f`, a call of a trace function, while nothing is reported.
    pub(super) fn untraced<T>(
        &mut self,
        f: impl FnOnce(&mut Vm) -> Result<T, Raised>,
    ) -> Result<T, Raised> {
        self.pause_tracing(self.tracing.paused.get() + 1);
        let result = f(self);
        self.pause_tracing(self.tracing.paused.get() - 1);
        result
    }

    /// Runs `f`, called by a trace function, with tracing on.
    pub fn traced<T>(&mut self, f: impl FnOnce(&mut Vm) -> T) -> T {
        let paused = self.tracing.paused.get();
        self.pause_tracing(0);
        let result = f(self);
        self.pause_tracing(paused);
        result
    }

    fn pause_tracing(&self, paused: u32) {
        self.tracing.paused.set(paused);
        self.tracing.refresh(&self.monitoring);
    }

    /// The frame on top returns, or is suspended, with the value in the result register.
    #[cold]
    #[inline(never)]
    pub(super) fn trace_return(&mut self) -> Result<(), Raised> {
        let depth = self.frame_depth();
        self.scope(|vm| {
            let value = vm.root(vm.result());
            let result = vm.end_natives(depth, false).and_then(|()| {
                vm.monitor_return(value)?;
                vm.local_event("return", vm.get(value).word())?;
                vm.profile_event("return", value)
            });
            let _ = vm.ret(vm.get(value));
            result
        })
    }

    /// An exception has been raised in the frame on top, or has come to it.
    #[cold]
    pub(super) fn trace_exception(&mut self, again: bool) {
        self.keeping_exception(|vm, exception| {
            vm.end_natives(vm.frame_depth(), true)?;
            let event = if again { Event::Reraise } else { Event::Raise };
            vm.monitor_at(event, vm.instruction_of_top().0, &[exception])?;
            if again || vm.tracing.trace.word() == word::NONE {
                return Ok(());
            }
            let arg = {
                let vm = &*vm;
                let e = vm.get(exception);
                let class = vm.class_of(e).value();
                let traceback =
                    e.cast::<Exception>().map_or(Value::NONE, |e| e.r().traceback.get(vm));
                vm.root(vm.tuple(&[class, e, traceback]).value())
            };
            vm.local_event("exception", vm.get(arg).word())
        });
    }

    /// An exception leaves the frame on top.
    #[cold]
    pub(super) fn trace_unwind(&mut self) {
        self.keeping_exception(|vm, exception| {
            vm.monitor_at(Event::PyUnwind, vm.instruction_of_top().0, &[exception])?;
            vm.local_event("return", word::NONE)?;
            let none = vm.root(Value::NONE);
            vm.profile_event("return", none)
        });
    }

    /// The exception in a register of the frame on top is handled there from the frame's pc on.
    #[cold]
    pub(super) fn trace_handled(&mut self, register: u16) -> Result<(), Raised> {
        self.scope(|vm| {
            // SAFETY: the compiler says that the register holds the exception now.
            let exception = vm.push_word(unsafe { *(*vm.top).base.add(register as usize) });
            // SAFETY: the pc is in the frame's code.
            let at = unsafe { (*vm.top).pc.offset_from((*(*vm.top).code).start()) };
            vm.monitor_at(Event::ExceptionHandled, at as u32, &[exception])
        })
    }

    /// Runs `f` with the exception that is set put aside. One that `f` raises takes its place.
    fn keeping_exception(&mut self, f: impl FnOnce(&mut Vm, Local) -> Result<(), Raised>) {
        if !self.tracing.on() {
            return;
        }
        self.scope(|vm| {
            let exception = vm.root(vm.roots.exception.get(vm));
            // SAFETY: a register of the VM is a root.
            unsafe { vm.roots.exception.set_word(word::UNBOUND) };
            if f(vm, exception).is_ok() {
                // SAFETY: as above.
                unsafe { vm.roots.exception.set_word(vm.get(exception).word()) };
            }
        });
    }

    /// Profiling: a native function is about to be called by the instruction at `pc`.
    unsafe fn native_event(&mut self, pc: *const Instr) -> Result<(), Raised> {
        // SAFETY: for the whole function: the frame on top runs and `pc` is in its code.
        unsafe {
            let Some((callee, first)) = self.callee_of(*pc) else { return Ok(()) };
            if Value::from_word(callee).kind() != Some(Kind::Builtin) {
                return Ok(());
            }
            let at = pc.offset_from((*(*self.top).code).start()) as u32;
            self.scope(|vm| {
                let native = vm.push_word(callee);
                let this = vm.push_word(if is_method_call(*pc) { first } else { word::UNBOUND });
                let native = vm.bound_native(native, this);
                vm.profile_event("c_call", native)?;
                vm.push_native(vm.get(native).word(), word::UNBOUND, at);
                Ok(())
            })
        }
    }

    /// A native function is being called by the frame on top.
    pub(super) fn push_native(&mut self, callee: Word, first: Word, at: u32) {
        let (callee, first) = (Slot::new(callee), Slot::new(first));
        let depth = self.frame_depth();
        self.tracing.natives.push(NativeCall { depth, callee, first, at });
    }

    /// A native method with its receiver, as the profiler wants to see it.
    fn bound_native(&self, native: Local, this: Local) -> Local {
        let Some(builtin) = self.get(native).cast::<Builtin>() else { return native };
        if self.get(this).is_unbound() || !builtin.this.get(self).is_unbound() {
            return native;
        }
        let def = builtin.def.get();
        self.root(self.builtin(def, builtin.owner.get(self), self.get(this)).value())
    }

    /// Reports that what frame number `depth` has called natively is over.
    fn end_natives(&mut self, depth: usize, raised: bool) -> Result<(), Raised> {
        let (profiled, monitored) = match raised {
            true => ("c_exception", Event::CRaise),
            false => ("c_return", Event::CReturn),
        };
        while self.tracing.natives.last().is_some_and(|call| call.depth >= depth) {
            let Some(call) = self.tracing.natives.pop() else { break };
            if call.depth != depth {
                continue;
            }
            self.scope(|vm| {
                let [callee, first] = [&call.callee, &call.first].map(|s| vm.push_word(s.word()));
                if vm.get(first).is_unbound() {
                    vm.profile_event(profiled, callee)
                } else {
                    vm.monitor_at(monitored, call.at, &[callee, first])
                }
            })?;
        }
        Ok(())
    }
}

/// The line of an instruction; 0 if it has none.
///
/// # Safety
/// The frame runs, and `at` is in its code.
unsafe fn line_of(frame: &Frame, at: *const Instr) -> u32 {
    // SAFETY: the caller's promise.
    unsafe {
        let code = &*frame.code;
        let index = at.offset_from(code.start());
        usize::try_from(index).ok().and_then(|i| code.unit.positions.get(i)).map_or(0, |p| p.line)
    }
}
