//! `sys.settrace` and `sys.setprofile`.
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
    /// One of the two is set, and none of them is running.
    on: Cell<bool>,
    /// Where each frame was at its last instruction, by depth.
    places: Vec<Place>,
    /// Native functions that are running, with the depth of their callers.
    natives: Vec<(usize, Slot)>,
    /// How many frames coroutines remember of where they were made.
    pub(super) origin_depth: Cell<usize>,
}

#[derive(Clone, Copy)]
struct Place {
    line: u32,
    pc: *const Instr,
}

impl Default for Tracing {
    fn default() -> Self {
        Tracing {
            trace: Slot::new(word::NONE),
            profile: Slot::new(word::NONE),
            on: Cell::new(false),
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
        for (_, native) in &self.natives {
            tracer.slot(native);
        }
    }

    fn refresh(&self) {
        self.on.set(self.trace.word() != word::NONE || self.profile.word() != word::NONE);
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
        self.tracing.refresh();
        if !self.tracing.on() {
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
            self.end_natives(depth, "c_return")?;
            let cont = (*self.top).cont;
            if !cont.has(Cont::TRACED) {
                (*self.top).cont = cont.with(Cont::TRACED);
                let resumed = pc != (*(*self.top).code).start();
                let line = if resumed { line_of(&*self.top, pc.sub(1)) } else { 0 };
                self.set_place(depth, Place { line, pc: std::ptr::null() });
                // The function's own line, or that of the yield.
                (*self.top).pc = pc;
                self.entered_event()?;
                (*self.top).pc = pc.add(1);
            }
            self.line_event(pc, depth)?;
            if self.tracing.on() && self.tracing.profile.word() != word::NONE {
                self.native_event(pc, depth)?;
            }
            Ok(())
        }
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

    unsafe fn line_event(&mut self, pc: *const Instr, depth: usize) -> Result<(), Raised> {
        // SAFETY: for the whole function: the frame on top runs and `pc` is in its code.
        unsafe {
            let mut line = line_of(&*self.top, pc);
            // The end of a loop belongs to its head, which comes next.
            if (*pc).op == Op::JumpBack
                && line == line_of(&*self.top, pc.add(1).offset((*pc).bc() as isize))
            {
                line = 0;
            }
            let Some(last) = self.tracing.places.get(depth - 1).copied() else { return Ok(()) };
            let back = !last.pc.is_null() && pc <= last.pc && (*last.pc).op == Op::JumpBack;
            let new = line != 0 && (line != last.line || back);
            let line = if line == 0 { last.line } else { line };
            self.set_place(depth, Place { line, pc });
            if !(*self.top).cont.has(Cont::OBSERVED) {
                return Ok(());
            }
            let Some(wanted) = self.local_trace(depth) else { return Ok(()) };
            let (lines, opcodes) = (wanted.lines, wanted.opcodes);
            if new && lines {
                self.local_event("line", word::NONE)?;
            }
            if opcodes && self.tracing.on() {
                self.local_event("opcode", word::NONE)?;
            }
            Ok(())
        }
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
    fn untraced<T>(&mut self, f: impl FnOnce(&mut Vm) -> Result<T, Raised>) -> Result<T, Raised> {
        self.tracing.on.set(false);
        let result = f(self);
        self.tracing.refresh();
        result
    }

    /// Runs `f`, called by a trace function, with tracing on.
    pub fn traced<T>(&mut self, f: impl FnOnce(&mut Vm) -> T) -> T {
        let before = self.tracing.on();
        self.tracing.refresh();
        let result = f(self);
        self.tracing.on.set(before);
        result
    }

    /// The frame on top returns, or is suspended, with the value in the result register.
    #[cold]
    #[inline(never)]
    pub(super) fn trace_return(&mut self) -> Result<(), Raised> {
        let depth = self.frame_depth();
        self.scope(|vm| {
            let value = vm.root(vm.result());
            let result = vm.end_natives(depth, "c_return").and_then(|()| {
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
            vm.end_natives(vm.frame_depth(), "c_exception")?;
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
        self.keeping_exception(|vm, _| {
            vm.local_event("return", word::NONE)?;
            let none = vm.root(Value::NONE);
            vm.profile_event("return", none)
        });
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
    unsafe fn native_event(&mut self, pc: *const Instr, depth: usize) -> Result<(), Raised> {
        // SAFETY: for the whole function: the frame on top runs and `pc` is in its code.
        unsafe {
            let i = *pc;
            let window = (*self.top).base.add(i.b as usize);
            let callee = match i.op {
                Op::Call | Op::CallNative | Op::CallLen | Op::CallEx => *window,
                Op::CallKw if i.x == 0 => *window,
                Op::CallMethod | Op::CallMethodNative | Op::CallKw => match *window {
                    word::UNBOUND => *window.add(1),
                    method => method,
                },
                _ => return Ok(()),
            };
            let paired = matches!(i.op, Op::CallMethod | Op::CallMethodNative | Op::CallKw)
                && *window != word::UNBOUND
                && !(i.op == Op::CallKw && i.x == 0);
            let this = if paired { *window.add(1) } else { word::UNBOUND };
            if Value::from_word(callee).kind() != Some(Kind::Builtin) {
                return Ok(());
            }
            self.scope(|vm| {
                let native = vm.push_word(callee);
                let this = vm.push_word(this);
                let native = vm.bound_native(native, this);
                vm.profile_event("c_call", native)?;
                let slot = Slot::new(vm.get(native).word());
                vm.tracing.natives.push((depth, slot));
                Ok(())
            })
        }
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

    /// Reports the native functions that frame number `depth` has called to be over.
    fn end_natives(&mut self, depth: usize, event: &str) -> Result<(), Raised> {
        while let Some((at, _)) = self.tracing.natives.last()
            && *at >= depth
        {
            let Some((at, native)) = self.tracing.natives.pop() else { break };
            if at == depth {
                self.scope(|vm| {
                    let native = vm.push_word(native.word());
                    vm.profile_event(event, native)
                })?;
            }
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
