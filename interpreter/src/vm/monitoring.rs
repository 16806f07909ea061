//! `sys.monitoring` (PEP 669): tools that are called when something happens in Python code.
//!
//! Events are seen by the loop that also serves trace functions (see [`tracing`](super::tracing)):
//! it runs as long as any tool wants any event, and costs nothing otherwise. What tools want of
//! single code objects, and where they have said that they know enough, is kept with the code.

use super::code::CodeData;
use super::{Local, Raised, Vm};
use crate::bytecode::{Instr, Op};
use crate::object::*;
use crate::value::{Value, Word, word};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

/// How many tools there can be.
pub const TOOLS: usize = 6;

/// Something that happens, in the order of the bits of `sys.monitoring.events`.
#[allow(missing_docs)]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum Event {
    PyStart,
    PyResume,
    PyReturn,
    PyYield,
    Call,
    Line,
    Instruction,
    Jump,
    BranchLeft,
    BranchRight,
    StopIteration,
    Raise,
    ExceptionHandled,
    PyUnwind,
    PyThrow,
    Reraise,
    CReturn,
    CRaise,
    /// BRANCH_LEFT and BRANCH_RIGHT in one, for tools of old.
    Branch,
}

/// The events' names, by bit.
pub const EVENTS: [&str; 19] = [
    "PY_START",
    "PY_RESUME",
    "PY_RETURN",
    "PY_YIELD",
    "CALL",
    "LINE",
    "INSTRUCTION",
    "JUMP",
    "BRANCH_LEFT",
    "BRANCH_RIGHT",
    "STOP_ITERATION",
    "RAISE",
    "EXCEPTION_HANDLED",
    "PY_UNWIND",
    "PY_THROW",
    "RERAISE",
    "C_RETURN",
    "C_RAISE",
    "BRANCH",
];

impl Event {
    /// The bit that stands for the event.
    pub const fn bit(self) -> u32 {
        1 << self as u8
    }

    /// Whether it can be had of single code objects, and be disabled at single places.
    pub const fn is_local(self) -> bool {
        self as u8 <= Event::StopIteration as u8
    }
}

/// What tools want of one code object.
#[derive(Default)]
pub struct CodeMonitors {
    /// The events of `set_local_events`, by tool, with the tool's generation then.
    local: [(u32, u32); TOOLS],
    /// The tools that have returned DISABLE, by instruction and event.
    disabled: HashMap<(u32, Event), u8>,
    /// What the VM counted when that was written.
    epoch: u32,
}

struct Tool {
    /// What `use_tool_id` was told, or UNBOUND.
    name: Slot,
    events: Cell<u32>,
    /// Changes when the tool's local events are forgotten.
    generation: Cell<u32>,
    /// Some code object has had local events since.
    local: Cell<bool>,
    callbacks: [Slot; EVENTS.len()],
}

impl Tool {
    /// What the tool wants of code with these monitors alone.
    fn local_events(&self, (events, generation): (u32, u32)) -> u32 {
        if generation == self.generation.get() { events } else { 0 }
    }
}

/// The tools of a VM.
pub(crate) struct Monitoring {
    tools: [Tool; TOOLS],
    /// Changes when all disabled events are to come again.
    epoch: Cell<u32>,
    missing: Slot,
    disable: Slot,
}

impl Default for Monitoring {
    fn default() -> Self {
        let unbound = || Slot::new(word::UNBOUND);
        let tool = |_| Tool {
            name: unbound(),
            events: Cell::new(0),
            generation: Cell::new(1),
            local: Cell::new(false),
            callbacks: std::array::from_fn(|_| unbound()),
        };
        Monitoring {
            tools: std::array::from_fn(tool),
            epoch: Cell::new(1),
            missing: unbound(),
            disable: unbound(),
        }
    }
}

impl Monitoring {
    /// Whether a tool wants anything.
    pub(super) fn active(&self) -> bool {
        self.tools.iter().any(|tool| tool.local.get() || tool.events.get() != 0)
    }

    pub(super) fn trace(&self, tracer: &mut Tracer<'_>) {
        for tool in &self.tools {
            tracer.slot(&tool.name);
            tool.callbacks.iter().for_each(|callback| tracer.slot(callback));
        }
        tracer.slot(&self.missing);
        tracer.slot(&self.disable);
    }
}

fn set_root(slot: &Slot, value: Value<'_>) {
    // SAFETY: the slots of the tools are roots, which need no barrier.
    unsafe { slot.set_word(value.word()) };
}

impl Vm {
    /// The name of a tool in use.
    pub fn monitoring_tool(&self, tool: usize) -> Option<Value<'_>> {
        self.monitoring.tools[tool].name.get(self).bound()
    }

    /// A tool gets into use with a name, or out of it with UNBOUND.
    pub fn set_monitoring_tool(&self, tool: usize, name: Value<'_>) {
        set_root(&self.monitoring.tools[tool].name, name);
    }

    /// The events that a tool wants of all code, or of one code object.
    pub fn monitored_events(&self, tool: usize, code: Option<Gc<'_, Code>>) -> u32 {
        let this = &self.monitoring.tools[tool];
        match code {
            None => this.events.get(),
            Some(code) => this.local_events(monitors(code).borrow().local[tool]),
        }
    }

    /// Sets the events that a tool wants of all code, or of one code object.
    pub fn set_monitored_events(&mut self, tool: usize, code: Option<Local>, events: u32) {
        let this = &self.monitoring.tools[tool];
        match code.and_then(|code| self.get(code).cast::<Code>()) {
            None => this.events.set(events),
            Some(code) => {
                monitors(code).borrow_mut().local[tool] = (events, this.generation.get());
                this.local.set(true);
            }
        }
        self.update_tracing();
    }

    /// A tool wants nothing of single code objects any more.
    pub fn forget_monitored_code(&self, tool: usize) {
        let tool = &self.monitoring.tools[tool];
        tool.generation.update(|generation| generation.wrapping_add(1));
        tool.local.set(false);
    }

    /// Sets what is called for an event; the callback until now.
    pub fn set_monitoring_callback<'gc>(
        &'gc self,
        tool: usize,
        event: usize,
        callback: Value<'gc>,
    ) -> Option<Value<'gc>> {
        let slot = &self.monitoring.tools[tool].callbacks[event];
        let before = slot.get(self).bound();
        set_root(slot, callback);
        before
    }

    /// Events that were disabled come again.
    pub fn restart_monitoring(&self) {
        self.monitoring.epoch.update(|epoch| epoch.wrapping_add(1));
    }

    /// Sets `sys.monitoring.MISSING` and `DISABLE`.
    pub fn set_monitoring_marks(&self, missing: Value<'_>, disable: Value<'_>) {
        set_root(&self.monitoring.missing, missing);
        set_root(&self.monitoring.disable, disable);
    }

    /// The tools that want an event of the frame on top, as bits.
    fn tools_for(&self, event: Event, at: u32) -> u8 {
        // SAFETY: there is a frame on top, whose code lives.
        let code = unsafe { &*(*self.top).code };
        let monitors = code.monitors.borrow();
        let bits = match event {
            Event::CReturn | Event::CRaise => Event::Call.bit(),
            event => event.bit(),
        };
        let mut tools = 0;
        for (i, tool) in self.monitoring.tools.iter().enumerate() {
            if (tool.events.get() | tool.local_events(monitors.local[i])) & bits != 0 {
                tools |= 1 << i;
            }
        }
        if tools != 0 && monitors.epoch == self.monitoring.epoch.get() {
            tools &= !monitors.disabled.get(&(at, event)).unwrap_or(&0);
        }
        tools
    }

    /// Tells the tools of an event at instruction `at` of the frame on top. The callbacks get the code
    /// object and `arguments`.
    pub(super) fn monitor(
        &mut self,
        event: Event,
        at: u32,
        arguments: impl FnOnce(&Vm) -> Vec<Local>,
    ) -> Result<(), Raised> {
        if !self.tracing.on() || !self.monitoring.active() {
            return Ok(());
        }
        let tools = self.tools_for(event, at);
        if tools == 0 {
            return Ok(());
        }
        self.scope(|vm| {
            // SAFETY: the function of the frame on top stands below its registers.
            let function = unsafe { Value::from_word(*(*vm.top).base.sub(1)) };
            let function: Gc<'_, Function> = function.cast().expect("a function");
            let mut all = vec![vm.root(function.code.get(vm))];
            all.extend(arguments(vm));
            (0..TOOLS).filter(|i| tools & 1 << i != 0).try_for_each(|tool| {
                let callback = vm.monitoring.tools[tool].callbacks[event as usize].get(vm);
                let Some(callback) = callback.bound() else { return Ok(()) };
                let callback = vm.root(callback);
                let ret = vm.untraced(|vm| vm.call(callback, &all))?;
                if !vm.value(ret).is(vm.monitoring.disable.get(vm)) {
                    return Ok(());
                }
                vm.disable_event(tool, event, at)
            })
        })
    }

    /// As [`Vm::monitor`], for events whose callbacks get the code object, the offset and `rest`.
    pub(super) fn monitor_at(
        &mut self,
        event: Event,
        at: u32,
        rest: &[Local],
    ) -> Result<(), Raised> {
        self.monitor(event, at, |vm| {
            let mut all = vec![vm.root(offset(vm, at))];
            all.extend_from_slice(rest);
            all
        })
    }

    /// A callback has returned DISABLE.
    fn disable_event(&mut self, tool: usize, event: Event, at: u32) -> Result<(), Raised> {
        if !event.is_local() {
            set_root(&self.monitoring.tools[tool].callbacks[event as usize], Value::UNBOUND);
            let name = EVENTS[event as usize];
            return Err(
                self.value_error(format!("Cannot disable {name} events. Callback removed."))
            );
        }
        // SAFETY: there is a frame on top, whose code lives.
        let mut monitors = unsafe { &*(*self.top).code }.monitors.borrow_mut();
        let epoch = self.monitoring.epoch.get();
        if monitors.epoch != epoch {
            monitors.epoch = epoch;
            monitors.disabled.clear();
        }
        *monitors.disabled.entry((at, event)).or_default() |= 1 << tool;
        Ok(())
    }

    /// Before the instruction at `pc` of the frame on top; `last` is the one that this frame carried
    /// out before, if known, and `new_line` the line that begins here.
    ///
    /// # Safety
    /// Both are in the code of the frame on top.
    pub(super) unsafe fn monitor_instruction(
        &mut self,
        pc: *const Instr,
        last: *const Instr,
        new_line: Option<u32>,
    ) -> Result<(), Raised> {
        if !self.monitoring.active() {
            return Ok(());
        }
        // SAFETY: the caller's promise; the frame stays while its tools are called.
        unsafe {
            let at = pc.offset_from((*(*self.top).code).start()) as u32;
            if !last.is_null() {
                let before = last.offset_from((*(*self.top).code).start()) as u32;
                self.monitor_jump(before, at)?;
            }
            if let Some(line) = new_line {
                self.monitor(Event::Line, at, |vm| vec![vm.root(vm.int(line.into()))])?;
            }
            self.monitor_at(Event::Instruction, at, &[])?;
            self.monitor_call(*pc, at)
        }
    }

    /// The frame on top has gone from one instruction to another.
    fn monitor_jump(&mut self, from: u32, to: u32) -> Result<(), Raised> {
        // SAFETY: there is a frame on top, whose code lives.
        let unit = unsafe { &(*(*self.top).code).unit };
        let op = unit.instrs[from as usize].op;
        if matches!(op, Op::Jump | Op::JumpBack) {
            let to = self.root(offset(self, to));
            return self.monitor_at(Event::Jump, from, &[to]);
        }
        let Some((left, right)) = unit.branch(from as usize) else { return Ok(()) };
        let event = match to as usize {
            to if to == left => Event::BranchLeft,
            to if to == right => Event::BranchRight,
            _ => return Ok(()),
        };
        let to = self.root(offset(self, to));
        self.monitor_at(event, from, &[to])
    }

    /// A call is about to be made: CALL, and for what is no Python function later C_RETURN or C_RAISE.
    unsafe fn monitor_call(&mut self, i: Instr, at: u32) -> Result<(), Raised> {
        if self.tools_for(Event::Call, at) == 0 {
            return Ok(());
        }
        // SAFETY: the caller's promise: the instruction's registers are those of the frame on top.
        let Some((callee, first)) = (unsafe { self.callee_of(i) }) else { return Ok(()) };
        let first = if first == word::UNBOUND { self.monitoring.missing.word() } else { first };
        self.scope(|vm| {
            let rest = [vm.push_word(callee), vm.push_word(first)];
            vm.monitor_at(Event::Call, at, &rest)?;
            if vm.get(rest[0]).cast::<Function>().is_none() {
                let [callee, first] = rest.map(|local| vm.get(local).word());
                vm.push_native(callee, first, at);
            }
            Ok(())
        })
    }

    /// What a call instruction calls, and its first argument, or UNBOUND.
    ///
    /// # Safety
    /// The instruction is in the code of the frame on top.
    pub(super) unsafe fn callee_of(&self, i: Instr) -> Option<(Word, Word)> {
        // SAFETY: the caller's promise: the operands name registers of the frame.
        unsafe {
            let window = (*self.top).base.add(i.b as usize);
            let method = is_method_call(i);
            let plain = matches!(
                i.op,
                Op::Call
                    | Op::CallNative
                    | Op::CallFunction
                    | Op::CallClass
                    | Op::CallLen
                    | Op::CallKw
                    | Op::CallEx
            );
            if !method && !plain {
                return None;
            }
            let given = |at: *mut Word| if i.c > 0 { *at } else { word::UNBOUND };
            Some(match *window {
                word::UNBOUND if method => (*window.add(1), given(window.add(2))),
                callee if method => (callee, *window.add(1)),
                callee if i.op == Op::CallEx => (callee, word::UNBOUND),
                callee => (callee, given(window.add(1))),
            })
        }
    }

    /// The frame on top is left with a value, by a return or a yield.
    pub(super) fn monitor_return(&mut self, value: Local) -> Result<(), Raised> {
        let (at, op) = self.instruction_of_top();
        let yields = matches!(op, Op::Yield | Op::YieldFrom);
        let event = if yields { Event::PyYield } else { Event::PyReturn };
        self.monitor_at(event, at, &[value])
    }

    /// Index and operation of the instruction that the frame on top is carrying out.
    pub(super) fn instruction_of_top(&self) -> (u32, Op) {
        // SAFETY: there is a frame on top, with its pc saved behind the instruction.
        unsafe {
            let code = &*(*self.top).code;
            let at = (*self.top).pc.offset_from(code.start()).max(1) as usize - 1;
            (at as u32, code.unit.instrs[at].op)
        }
    }
}

fn offset(vm: &Vm, at: u32) -> Value<'_> {
    vm.int(8 * i64::from(at))
}

/// Whether a call instruction calls a method that has been looked up for it.
pub(super) fn is_method_call(i: Instr) -> bool {
    match i.op {
        Op::CallMethod | Op::CallMethodNative | Op::CallMethodFunction => true,
        Op::CallKw => i.x != 0,
        _ => false,
    }
}

fn monitors(code: Gc<'_, Code>) -> &RefCell<CodeMonitors> {
    let data: *const CodeData = code.data.get();
    // SAFETY: a code object keeps its data alive.
    unsafe { &(*data).monitors }
}
