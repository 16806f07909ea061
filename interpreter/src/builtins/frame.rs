//! Frame objects, and the namespaces of running frames.
//!
//! The VM's own frames are no Python objects. A frame object is made when somebody asks for one; the
//! frame is then marked, and when it ends or is suspended its object learns where the variables are
//! from now on. An exception's traceback entries keep the registers of the frames it has left.

use super::{GetSetDef, TypeDef};
use crate::bytecode::{CodeFlags, CodeUnit, Op, Position};
use crate::object::native::{Native, Payload};
use crate::object::*;
use crate::value::Value;
use crate::vm::code::CodeData;
use crate::vm::frame::{Cont, Frame};
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Vm};
use std::cell::Cell;

/// What a frame object knows.
#[derive(Trace)]
pub struct FrameObject {
    func: Slot,
    /// A dict of names set through `f_locals` that are no variables, or UNBOUND.
    locals: Slot,
    /// Where the registers are if the frame does not run: the generator that is suspended, or an
    /// array of what they were when an exception or a return left the frame; UNBOUND if cleared.
    registers: Slot,
    /// The caller's frame object, or its traceback entry, known once the frame has been left.
    back: Slot,
    /// `f_trace`
    trace: Slot,
    /// `f_trace_lines`
    trace_lines: Cell<bool>,
    /// `f_trace_opcodes`
    trace_opcodes: Cell<bool>,
    /// Index of the instruction that was running.
    pc: Cell<u32>,
    /// Number of the frame in the stack, from 1; 0 when it does not run.
    depth: Cell<u32>,
}

impl Payload for FrameObject {
    const TYPE: &'static TypeDef = &TYPE;
}

/// What a frame's trace function wants to know.
pub(crate) struct LocalTrace<'gc> {
    pub(crate) function: Value<'gc>,
    pub(crate) lines: bool,
    pub(crate) opcodes: bool,
}

type FrameRef<'gc> = Gc<'gc, Native<FrameObject>>;

/// The type of frame objects.
pub static TYPE: TypeDef = TypeDef {
    doc: "A running Python function.",
    flags: ClassFlags::NO_NEW,
    methods: &[
        NativeDef::method("__repr__($self, /)", frame_repr, "Return repr(self)."),
        NativeDef::method(
            "clear($self, /)",
            frame_clear,
            "Drop the frame's variables if it ended.",
        ),
    ],
    getset: &[
        GetSetDef::new("f_code", f_code, "The code object."),
        GetSetDef::new("f_globals", f_globals, "The global variables."),
        GetSetDef::new("f_builtins", f_builtins, "The builtin names."),
        GetSetDef::new("f_locals", f_locals, "The local variables."),
        GetSetDef::new("f_lineno", f_lineno, "The line that is running."),
        GetSetDef::new("f_lasti", f_lasti, "The instruction that is running."),
        GetSetDef::new("f_back", f_back, "The caller's frame."),
        GetSetDef::new("f_generator", f_generator, "The generator that runs in it, or None."),
        GetSetDef::new("f_trace", f_trace, "The function for this frame's trace events.")
            .with_set(set_f_trace),
        GetSetDef::new("f_trace_lines", f_trace_lines, "Whether there are events for lines.")
            .with_set(set_f_trace_lines),
        GetSetDef::new("f_trace_opcodes", f_trace_opcodes, "Whether there are events for opcodes.")
            .with_set(set_f_trace_opcodes),
    ],
    ..TypeDef::new("frame", Kind::Native)
};

impl Vm {
    /// Number of Python frames that are running.
    pub fn frame_depth(&self) -> usize {
        self.stack.depth(self.top)
    }

    /// The function of the frame number `depth` (from 1) and its current instruction.
    fn frame_state(&self, depth: usize) -> Option<(Gc<'_, Function>, u32, &Frame)> {
        if depth == 0 || depth > self.frame_depth() {
            return None;
        }
        // SAFETY: the frame is running: the function is below its registers, the code belongs to
        // the function, and the saved pc is the place after the instruction that left the frame.
        unsafe {
            let frame = &*self.stack.frame_at(depth);
            let function = Value::from_word(*frame.base.sub(1)).cast::<Function>()?;
            let next = frame.pc.offset_from((*frame.code).start());
            Some((function, (next - 1).max(0) as u32, frame))
        }
    }

    /// Where the innermost frames are, at most so many: a tuple of (filename, line, name).
    pub(crate) fn places_on_stack(&self, most: usize) -> Value<'_> {
        let depths = (1..=self.frame_depth()).rev().take(most);
        let places: Vec<_> = depths
            .filter_map(|depth| {
                let (function, at, _) = self.frame_state(depth)?;
                // SAFETY: the function keeps its code's data alive.
                let unit = unsafe { &(*function.data.get()).unit };
                let line = self.int(line_at(unit, at as usize).into());
                let filename = self.str(&unit.filename).value();
                Some(self.tuple(&[filename, line, self.str(&unit.name).value()]).value())
            })
            .collect();
        self.tuple(&places).value()
    }

    /// The frame object of frame number `depth`, from 1: always the same while the frame runs.
    pub fn frame_object(&self, depth: usize) -> Option<Value<'_>> {
        let (function, pc, frame) = self.frame_state(depth)?;
        let at = {
            let frames = self.roots.frames.borrow();
            let at = frames.partition_point(|f| frame_of(self, f).depth.get() < depth as u32);
            if let Some(found) = frames.get(at)
                && frame_of(self, found).depth.get() == depth as u32
            {
                return Some(found.get(self));
            }
            at
        };
        let object = self.new_frame_object(function, pc, depth as u32, Value::UNBOUND);
        if let Some(g) = generator_of(frame) {
            self.write(g, |g| &g.frame, object);
        }
        self.roots.frames.borrow_mut().insert(at, Slot::new(object.word()));
        // SAFETY: `frame_state` has found the frame.
        unsafe {
            let frame = self.stack.frame_at(depth);
            (*frame).cont = (*frame).cont.with(Cont::OBSERVED);
        }
        Some(object)
    }

    /// An exception's traceback, or None, for Python code to keep: the frame that handles the exception
    /// gets its object while it runs, since later nobody would know its variables.
    pub fn traceback_of<'gc>(&'gc self, exception: Gc<'gc, Exception>) -> Value<'gc> {
        let entry = exception.traceback.get_as::<Traceback>(self);
        if let Some(entry) = entry.filter(|entry| entry.frame.get(self).is_unbound()) {
            self.traceback_frame(entry);
        }
        exception.traceback.get(self)
    }

    /// The frame object of a traceback entry.
    pub fn traceback_frame<'gc>(&'gc self, entry: Gc<'gc, Traceback>) -> Value<'gc> {
        let known = entry.frame.get(self);
        if known.payload::<FrameObject>().is_some() {
            return known;
        }
        let Some(function) = entry.func.get_as::<Function>(self) else { return Value::NONE };
        let depth = entry.depth.get() as usize;
        let runs =
            || self.frame_state(depth).is_some_and(|(f, _, _)| f.value().is(function.value()));
        let object = if known.is_unbound() && runs() {
            self.frame_object(depth).expect("it runs")
        } else {
            let object = self.new_frame_object(function, entry.left_at.get(), 0, known);
            let caller = || depth.checked_sub(1).and_then(|depth| self.frame_object(depth));
            let back = entry.outer.get(self).bound().or_else(caller);
            if let (Some(back), Some(frame)) = (back, object.payload::<FrameObject>()) {
                self.write(frame, |f| &f.back, back);
            }
            object
        };
        self.write(entry, |t| &t.frame, object);
        object
    }

    /// The frame object of a generator: while it runs that of its frame, else one of its own.
    pub fn generator_frame<'gc>(&'gc self, g: Gc<'gc, Generator>) -> Value<'gc> {
        if let Some(known) = g.frame.get(self).bound() {
            return known;
        }
        if g.state.get() == GenState::Running {
            let depth = (1..=self.frame_depth()).rev().find(|&depth| {
                let frame = self.frame_state(depth).map(|(_, _, frame)| frame);
                frame.and_then(generator_of).is_some_and(|other| other.value().is(g.value()))
            });
            return depth.and_then(|depth| self.frame_object(depth)).unwrap_or(Value::NONE);
        }
        let Some(function) = g.func.get_as::<Function>(self) else { return Value::NONE };
        let object = self.new_frame_object(function, g.pc.get(), 0, g.value());
        self.write(g, |g| &g.frame, object);
        object
    }

    /// The function that a frame object's frame runs; None if it is no frame object.
    pub(crate) fn frame_function<'gc>(&'gc self, frame: Value<'gc>) -> Option<Value<'gc>> {
        Some(frame.payload::<FrameObject>()?.r().func.get(self))
    }

    /// The local trace function of a running frame, and the events it wants.
    pub(crate) fn local_trace(&self, depth: usize) -> Option<LocalTrace<'_>> {
        let frames = self.roots.frames.borrow();
        let at = frames.binary_search_by_key(&(depth as u32), |f| frame_of(self, f).depth.get());
        let frame = frame_of(self, &frames[at.ok()?]);
        let function = Some(frame.r().trace.get(self)).filter(|f| !f.is_none())?;
        let (lines, opcodes) = (frame.trace_lines.get(), frame.trace_opcodes.get());
        Some(LocalTrace { function, lines, opcodes })
    }

    /// `frame.f_trace = function`
    pub(crate) fn set_frame_trace(&self, frame: Local, function: Local) {
        if let Some(frame) = self.get(frame).payload::<FrameObject>() {
            self.write(frame, |f| &f.trace, self.get(function));
        }
    }

    fn new_frame_object<'gc>(
        &'gc self,
        function: Gc<'gc, Function>,
        pc: u32,
        depth: u32,
        registers: Value<'gc>,
    ) -> Value<'gc> {
        let slot = |value: Value<'_>| Slot::new(value.word());
        self.native(FrameObject {
            func: slot(function.value()),
            locals: slot(Value::UNBOUND),
            registers: slot(registers),
            back: slot(Value::NONE),
            trace: slot(Value::NONE),
            trace_lines: Cell::new(true),
            trace_opcodes: Cell::new(false),
            pc: Cell::new(pc),
            depth: Cell::new(depth),
        })
        .value()
    }

    /// Takes the frame object of the frame on top, which ends or is suspended, off the list.
    fn detach_frame(&self) -> Option<FrameRef<'_>> {
        let slot = self.roots.frames.borrow_mut().pop()?;
        let object: FrameRef<'_> = slot.get(self).payload()?;
        if let Some((_, pc, _)) = self.frame_state(object.depth.get() as usize) {
            object.pc.set(pc);
        }
        object.depth.set(0);
        Some(object)
    }

    /// The registers of the frame on top as an array.
    fn registers_of_top(&self) -> Gc<'_, Array> {
        // SAFETY: the frame is there, and its registers hold valid words.
        unsafe {
            let frame = &*self.top;
            let n = (*frame.code).register_count as usize;
            self.array_from(n, (0..n).map(|i| Value::from_word(*frame.base.add(i))))
        }
    }

    /// The frame on top, which has a frame object, returns.
    #[cold]
    pub(crate) fn frame_left(&self) {
        let Some(object) = self.detach_frame() else { return };
        self.write(object, |f| &f.registers, self.registers_of_top().value());
        self.keep_caller(object);
    }

    /// A left frame remembers its caller's.
    fn keep_caller(&self, object: FrameRef<'_>) {
        if let Some(back) = self.frame_depth().checked_sub(1).and_then(|d| self.frame_object(d)) {
            self.write(object, |f| &f.back, back);
        }
    }

    /// An exception leaves the frame on top: its traceback entry keeps the registers.
    pub(crate) fn frame_unwound(&self) {
        // SAFETY: there is a frame on top, with its function below its registers.
        let (observed, func) = unsafe {
            let frame = &*self.top;
            (frame.cont.has(Cont::OBSERVED), *frame.base.sub(1))
        };
        let depth = self.frame_depth() as u32;
        let (at, cleans_up) = match self.frame_state(depth as usize) {
            Some((_, at, frame)) => {
                // SAFETY: the frame's code lives while the frame runs.
                let instr = unsafe { &(*frame.code).instrs }[at as usize].get();
                (at, instr.op == Op::Reraise && instr.x != 0)
            }
            None => (0, false),
        };
        let registers = self.registers_of_top().value();
        let mut kept = registers;
        if observed && let Some(object) = self.detach_frame() {
            self.write(object, |f| &f.registers, registers);
            self.keep_caller(object);
            kept = object.value();
        }
        let exception = self.current_exception();
        let entry = exception.and_then(|e| e.traceback.get_as::<Traceback>(self));
        if let Some(entry) = entry
            && entry.func.word() == func
            && entry.depth.get() == depth
        {
            entry.left_at.set(if cleans_up { entry.pc.get() } else { at });
            self.write(entry, |t| &t.frame, kept);
        }
    }

    /// The generator's frame on top, which has a frame object, is suspended.
    #[cold]
    pub(crate) fn frame_suspended(&self, g: Gc<'_, Generator>) {
        let Some(object) = self.detach_frame() else { return };
        object.pc.set(g.pc.get());
        self.write(object, |f| &f.registers, g.value());
        self.write(g, |g| &g.frame, object.value());
    }

    /// The generator whose frame has just been pushed has a frame object.
    #[cold]
    pub(crate) fn frame_resumed(&self) {
        // SAFETY: there is a frame on top.
        let frame = unsafe { &mut *self.top };
        frame.cont = frame.cont.with(Cont::OBSERVED);
        let object = generator_of(frame).and_then(|g| g.frame.get(self).payload::<FrameObject>());
        if let Some(object) = object {
            object.depth.set(self.frame_depth() as u32);
            self.write(object, |f| &f.registers, Value::UNBOUND);
            self.roots.frames.borrow_mut().push(Slot::new(object.value().word()));
        }
    }

    /// The globals of the Python function that is running; those of `__main__` (or none) when
    /// native code was called from outside.
    pub fn globals_local(&self) -> Local {
        if let Some((function, _, _)) = self.frame_state(self.frame_depth()) {
            return self.root(function.globals.get(self));
        }
        let main = self.dict_get_str(self.modules(), self.intern("__main__"));
        match main.and_then(|m| m.cast::<Module>()) {
            Some(main) => self.root(main.dict.get(self)),
            None => self.root(self.dict().value()),
        }
    }

    /// `locals()`: the namespace of a module or class body; of a function a new dict.
    pub fn current_locals(&self) -> Local {
        let depth = self.frame_depth();
        match self.locals_of(depth) {
            // Somebody may have set names through the frame's f_locals.
            Some(_)
                if self.frame_state(depth).is_some_and(|(.., f)| f.cont.has(Cont::OBSERVED)) =>
            {
                let frame = self.frame_object(depth).expect("it runs");
                self.root(self.frame_variables(frame))
            }
            Some(locals) => self.root(locals),
            None => self.globals_local(),
        }
    }

    /// A module's namespace; inside a comprehension a copy that has its variables as well. These
    /// are registers with names like `.i`, bound while the comprehension runs.
    fn with_hidden<'gc>(
        &'gc self,
        namespace: Value<'gc>,
        data: &CodeData,
        register: impl Fn(usize) -> Value<'gc>,
    ) -> Value<'gc> {
        let bound = |i: &usize| !register(*i).is_unbound();
        let hidden: Vec<usize> = (1..data.varnames.len()).filter(bound).collect();
        let Some(dict) = namespace.cast::<Dict>().filter(|_| !hidden.is_empty()) else {
            return namespace;
        };
        let copy = self.dict();
        for (key, value) in self.table_items(dict.r()) {
            if let Some(key) = key.as_str() {
                self.dict_set_str(copy, key, value);
            }
        }
        for i in hidden {
            let name = &data.unit.varnames[i];
            let value = match register(i).cast::<Cell_>() {
                Some(cell) => cell.r().contents.get(self),
                None => register(i),
            };
            self.dict_set_str(copy, self.intern(name.trim_start_matches('.')), value);
        }
        copy.value()
    }

    fn locals_of(&self, depth: usize) -> Option<Value<'_>> {
        let (function, _, frame) = self.frame_state(depth)?;
        // SAFETY: the frame runs; its registers hold valid words.
        let register = |i: usize| unsafe { Value::from_word(*frame.base.add(i)) };
        Some(self.locals_in(function, register))
    }

    /// The variables of a frame of that function with those registers.
    fn locals_in<'gc>(
        &'gc self,
        function: Gc<'gc, Function>,
        register: impl Fn(usize) -> Value<'gc>,
    ) -> Value<'gc> {
        // SAFETY: the function keeps its code's data alive.
        let data = unsafe { &*function.data.get() };
        let unit = &data.unit;
        if unit.flags.has(CodeFlags::NAMES) {
            return self.with_hidden(register(0), data, register);
        }
        let dict = self.dict();
        let put = |name: Gc<'_, Str>, value: Value<'_>| {
            let value = match value.cast::<Cell_>() {
                Some(cell) => cell.contents.get(self),
                None => value,
            };
            // The hidden arguments of comprehensions have names like `.0`.
            let hidden = !name.is_empty() && name.char_at(0) == u32::from(b'.');
            if !value.is_unbound() && !hidden {
                self.dict_set_str(dict, name, value);
            }
        };
        for (i, name) in data.varnames.iter().enumerate() {
            if let Some(name) = name.get_as::<Str>(self) {
                put(name, register(i));
            }
        }
        for (i, name) in unit.freevars.iter().enumerate() {
            put(self.intern(name), register(unit.free_base as usize + i));
        }
        dict.value()
    }
}

/// The payload of a frame object on the list of those that run.
fn frame_of<'gc>(vm: &'gc Vm, slot: &Slot) -> FrameRef<'gc> {
    slot.get(vm).payload().expect("a frame object")
}

/// The generator that a frame runs.
fn generator_of(frame: &Frame) -> Option<Gc<'_, Generator>> {
    if !frame.cont.has(Cont::GENERATOR) {
        return None;
    }
    // SAFETY: a generator stands two slots below its frame's registers; nothing moves while the
    // frame is borrowed.
    unsafe { Value::from_word(*frame.base.sub(2)) }.cast()
}

/// A frame object's function and depth.
fn this<'gc>(vm: &'gc Vm, args: Args) -> Option<(Gc<'gc, Function>, u32)> {
    let frame = args.get(vm, 0).payload::<FrameObject>()?;
    Some((frame.r().func.get_as(vm)?, frame.depth.get()))
}

macro_rules! known {
    ($vm:ident, $args:ident) => {
        match this($vm, $args) {
            Some(state) => state,
            None => return Err($args.wrong_receiver($vm)),
        }
    };
}

/// The frame's current instruction: of a running frame where it is now.
fn current(vm: &Vm, object: Value<'_>) -> u32 {
    let Some(frame) = object.payload::<FrameObject>() else { return 0 };
    match vm.frame_state(frame.depth.get() as usize) {
        Some((_, now, _)) => now,
        // A suspended generator goes on behind the instruction it waits at.
        None => match frame.registers.get_as::<Generator>(vm) {
            Some(g) => g.pc.get().saturating_sub(1),
            None => frame.pc.get(),
        },
    }
}

fn line(vm: &Vm, object: Value<'_>, function: Gc<'_, Function>) -> u32 {
    // SAFETY: the function keeps its code's data alive.
    let unit = unsafe { &(*function.data.get()).unit };
    let at = current(vm, object) as usize;
    if at == 0 && !has_begun(vm, object) {
        return unit.first_line;
    }
    // Some instructions are on no line: the frame is still on that of the one before.
    let depth = object.payload::<FrameObject>().map_or(0, |frame| frame.depth.get());
    if unit.positions.get(at).is_some_and(|p| p.line == 0)
        && let Some(line) = vm.traced_line(depth as usize)
    {
        return line;
    }
    line_at(unit, at)
}

/// The line of an instruction, or of the nearest one before it that has a line.
fn line_at(unit: &CodeUnit, at: usize) -> u32 {
    let known = |p: &&Position| p.line != 0;
    let before = unit.positions.get(..=at).and_then(|all| all.iter().rev().find(known));
    before.or_else(|| unit.positions.iter().find(known)).map_or(unit.first_line, |p| p.line)
}

/// Whether the first instruction of a frame has been reached.
fn has_begun(vm: &Vm, object: Value<'_>) -> bool {
    let Some(frame) = object.payload::<FrameObject>() else { return false };
    match vm.frame_state(frame.depth.get() as usize) {
        // SAFETY: the frame's code is alive while it runs.
        Some((_, _, frame)) => frame.pc != unsafe { (*frame.code).start() },
        None => frame.registers.get_as::<Generator>(vm).is_none_or(|g| g.pc.get() != 0),
    }
}

fn f_code(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (function, _) = known!(vm, args);
    Ok(vm.ret(function.code.get(vm)))
}

fn f_globals(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (function, _) = known!(vm, args);
    Ok(vm.ret(function.globals.get(vm)))
}

fn f_builtins(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(vm.builtins().value()))
}

fn f_locals(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (function, _) = known!(vm, args);
    // SAFETY: the function keeps its code's data alive.
    let unit = unsafe { &(*function.data.get()).unit };
    let frame = args.get(vm, 0);
    Ok(vm.ret(if unit.flags.has(CodeFlags::NAMES) {
        vm.frame_variables(frame)
    } else {
        super::frame_locals::proxy(vm, frame)
    }))
}

impl Vm {
    /// The variables of a frame object's frame as they are: a dict, or the namespace of a module or
    /// class body.
    pub(super) fn frame_variables<'gc>(&'gc self, object: Value<'gc>) -> Value<'gc> {
        let Some(frame) = object.payload::<FrameObject>() else { return Value::NONE };
        let Some(function) = frame.r().func.get_as::<Function>(self) else { return Value::NONE };
        let registers = frame.r().registers.get(self);
        let locals = if let Some(locals) = self.locals_of(frame.depth.get() as usize) {
            locals
        } else if let Some(array) = registers.cast::<Array>() {
            self.locals_in(function, |i| array.item(self, i))
        } else if let Some(g) = registers.cast::<Generator>() {
            self.locals_in(function, |i| g.r().registers()[i].get(self))
        } else {
            self.dict().value()
        };
        let extra = frame.r().locals.get(self);
        if let (Some(dict), Some(extra)) = (locals.cast::<Dict>(), extra.cast::<Dict>()) {
            for (key, value) in self.table_items(extra.r()) {
                if let Some(key) = key.as_str() {
                    self.dict_set_str(dict, key, value);
                }
            }
        }
        locals
    }

    /// The names set on a frame that are no variables of its function: a dict.
    pub(super) fn frame_extra(&self, frame: Local) -> Local {
        let object = self.get(frame).payload::<FrameObject>().expect("a frame object");
        if object.locals.get(self).is_unbound() {
            self.write(object, |f| &f.locals, self.dict().value());
        }
        self.root(object.locals.get(self))
    }

    /// The register of a variable, if the name is that of one.
    fn variable(&self, frame: Local, name: Local) -> Option<usize> {
        let object: FrameRef<'_> = self.get(frame).payload()?;
        let name = self.get(name).as_str()?;
        let function = object.func.get_as::<Function>(self)?;
        // SAFETY: the function keeps its code's data alive.
        let unit = unsafe { &(*function.data.get()).unit };
        let is = |text: &std::sync::Arc<str>| self.str_equals(name, text);
        let own = unit.varnames.iter().position(is);
        let free = || unit.freevars.iter().position(is).map(|i| i + unit.free_base as usize);
        own.or_else(free)
    }

    /// Whether the name is that of a variable of the frame's function.
    pub(super) fn is_frame_variable(&self, frame: Local, name: Local) -> bool {
        self.variable(frame, name).is_some()
    }

    /// Sets a variable of a frame; false if its function has none of that name.
    pub(super) fn set_frame_variable(&self, frame: Local, name: Local, value: Local) -> bool {
        let Some(i) = self.variable(frame, name) else { return false };
        let object: FrameRef<'_> = self.get(frame).payload().expect("it has variables");
        let value = self.get(value);
        let set_cell = |old: Value<'_>| match old.cast::<Cell_>() {
            Some(cell) => {
                self.write(cell, |c| &c.contents, value);
                true
            }
            None => false,
        };
        let registers = object.registers.get(self);
        if let Some((_, _, running)) = self.frame_state(object.depth.get() as usize) {
            // SAFETY: a register of a running frame; the stack needs no barrier.
            unsafe {
                let register = running.base.add(i);
                if !set_cell(Value::from_word(*register)) {
                    *register = value.word();
                }
            }
        } else if let Some(array) = registers.cast::<Array>() {
            if !set_cell(array.item(self, i)) {
                self.write(array, |a| &a.items()[i], value);
            }
        } else if let Some(g) = registers.cast::<Generator>()
            && !set_cell(g.registers()[i].get(self))
        {
            self.write(g, |g| &g.registers()[i], value);
        }
        true
    }
}

fn f_lineno(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (function, _) = known!(vm, args);
    Ok(vm.ret(vm.int(line(vm, args.get(vm, 0), function) as i64)))
}

fn f_lasti(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    args.payload::<FrameObject>(vm)?;
    // In bytes, as `co_code` and `co_lines()` count.
    Ok(vm.ret(vm.int(8 * i64::from(current(vm, args.get(vm, 0))))))
}

fn f_back(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let frame = args.payload::<FrameObject>(vm)?;
    let back = match frame.depth.get() as usize {
        0 => match frame.back.get_as::<Traceback>(vm) {
            Some(entry) => Some(vm.traceback_frame(entry)),
            None => Some(frame.back.get(vm)),
        },
        depth => vm.frame_object(depth - 1),
    };
    Ok(vm.ret(back.unwrap_or(Value::NONE)))
}

fn f_generator(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let frame = args.payload::<FrameObject>(vm)?;
    let running = vm.frame_state(frame.depth.get() as usize).map(|(_, _, frame)| frame);
    let generator = match running {
        Some(frame) => generator_of(frame),
        None => frame.registers.get_as::<Generator>(vm),
    };
    Ok(vm.ret(generator.map_or(Value::NONE, |g| g.value())))
}

fn f_trace(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.payload::<FrameObject>(vm)?.trace.get(vm)))
}

fn set_f_trace(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let frame = args.payload::<FrameObject>(vm)?;
    vm.write(frame, |f| &f.trace, args.opt(vm, 1).unwrap_or(Value::NONE));
    Ok(vm.none())
}

/// A truth value to set, which cannot be deleted.
fn flag(vm: &Vm, args: Args, name: &str) -> Result<bool, Raised> {
    match args.opt(vm, 1) {
        Some(value) if value.is(Value::TRUE) => Ok(true),
        Some(value) if value.is(Value::FALSE) => Ok(false),
        Some(_) => Err(vm.type_error("attribute value type must be bool")),
        None => Err(vm.type_error(format!("cannot delete attribute {name}"))),
    }
}

fn f_trace_lines(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(Value::from_bool(args.payload::<FrameObject>(vm)?.trace_lines.get())))
}

fn set_f_trace_lines(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    args.payload::<FrameObject>(vm)?.trace_lines.set(flag(vm, args, "f_trace_lines")?);
    Ok(vm.none())
}

fn f_trace_opcodes(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(Value::from_bool(args.payload::<FrameObject>(vm)?.trace_opcodes.get())))
}

fn set_f_trace_opcodes(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    args.payload::<FrameObject>(vm)?.trace_opcodes.set(flag(vm, args, "f_trace_opcodes")?);
    Ok(vm.none())
}

fn frame_clear(vm: &mut Vm, args: Args) -> NativeResult {
    let frame = args.payload::<FrameObject>(vm)?;
    if frame.depth.get() != 0 {
        crate::raise!(vm, RuntimeError, "cannot clear an executing frame");
    }
    if let Some(g) = frame.registers.get_as::<Generator>(vm) {
        match g.state.get() {
            GenState::Suspended => {
                crate::raise!(vm, RuntimeError, "cannot clear a suspended frame")
            }
            // Nobody can await it any more.
            GenState::Created => {
                let generator = vm.root(g.value());
                vm.finalize_generator(generator);
            }
            GenState::Running | GenState::Finished => {}
        }
    }
    let vm = &*vm;
    let frame = args.payload::<FrameObject>(vm)?;
    vm.write(frame, |f| &f.registers, Value::UNBOUND);
    Ok(vm.none())
}

fn frame_repr(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (function, _) = known!(vm, args);
    // SAFETY: the function keeps its code's data alive.
    let unit = unsafe { &(*function.data.get()).unit };
    let text = format!(
        "<frame at {:#x}, file '{}', line {}, code {}>",
        vm.id(args.get(vm, 0)),
        unit.filename,
        line(vm, args.get(vm, 0), function),
        unit.name
    );
    Ok(vm.ret(vm.str(&text).value()))
}
