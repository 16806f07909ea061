//! Frame objects, and the namespaces of running frames.
//!
//! The VM's own frames are no Python objects. What `sys._getframe()` gives is a description made
//! on demand; it can still find the frame's variables while that frame runs.

use super::{GetSetDef, TypeDef};
use crate::bytecode::CodeFlags;
use crate::object::native::Payload;
use crate::object::*;
use crate::value::Value;
use crate::vm::code::CodeData;
use crate::vm::frame::Frame;
use crate::vm::{Args, Local, NativeDef, NativeResult, Vm};
use std::cell::Cell;

/// What a frame object knows.
#[derive(Trace)]
pub struct FrameObject {
    func: Slot,
    /// The local variables as last asked for, or UNBOUND.
    locals: Slot,
    /// Index of the instruction that was running.
    pc: Cell<u32>,
    /// Number of the frame in the stack, from 1; 0 for a frame that has ended.
    depth: Cell<u32>,
}

impl Payload for FrameObject {
    const TYPE: &'static TypeDef = &TYPE;
}

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
        GetSetDef::new("f_trace", f_trace, "None: there is no tracing."),
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

    /// The frame object of frame number `depth`, from 1.
    pub fn frame_object(&self, depth: usize) -> Option<Value<'_>> {
        let (function, pc, _) = self.frame_state(depth)?;
        Some(self.new_frame_object(function, pc, depth as u32))
    }

    /// The frame object of a function that raised at the instruction `pc` (a traceback's entry).
    pub fn ended_frame_object(&self, function: Gc<'_, Function>, pc: u32) -> Value<'_> {
        let running = (1..=self.frame_depth()).rev().find(|&depth| {
            self.frame_state(depth).is_some_and(|(f, _, _)| f.value().is(function.value()))
        });
        self.new_frame_object(function, pc, running.unwrap_or(0) as u32)
    }

    fn new_frame_object(&self, function: Gc<'_, Function>, pc: u32, depth: u32) -> Value<'_> {
        let locals = Slot::new(Value::UNBOUND.word());
        let func = Slot::new(function.value().word());
        self.native(FrameObject { func, locals, pc: Cell::new(pc), depth: Cell::new(depth) })
            .value()
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
        match self.locals_of(self.frame_depth()) {
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
        let (_, _, frame) = self.frame_state(depth)?;
        // SAFETY: for the whole function: the frame runs; its registers hold valid words.
        unsafe {
            let register = |i: usize| Value::from_word(*frame.base.add(i));
            let data = &*frame.code;
            let unit = &data.unit;
            if unit.flags.has(CodeFlags::NAMES) {
                return Some(self.with_hidden(register(0), data, register));
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
            Some(dict.value())
        }
    }
}

fn this<'gc>(vm: &'gc Vm, args: Args) -> Option<(Gc<'gc, Function>, u32, u32)> {
    let frame = args.get(vm, 0).payload::<FrameObject>()?;
    Some((frame.r().func.get_as(vm)?, frame.pc.get(), frame.depth.get()))
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
fn current(vm: &Vm, function: Gc<'_, Function>, pc: u32, depth: u32) -> u32 {
    match vm.frame_state(depth as usize) {
        Some((f, now, _)) if f.value().is(function.value()) => now,
        _ => pc,
    }
}

fn line(vm: &Vm, function: Gc<'_, Function>, pc: u32, depth: u32) -> u32 {
    let at = current(vm, function, pc, depth);
    // SAFETY: the function keeps its code's data alive.
    let unit = unsafe { &(*function.data.get()).unit };
    unit.positions.get(at as usize).map_or(unit.first_line, |p| p.line)
}

fn f_code(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (function, _, _) = known!(vm, args);
    Ok(vm.ret(function.code.get(vm)))
}

fn f_globals(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (function, _, _) = known!(vm, args);
    Ok(vm.ret(function.globals.get(vm)))
}

fn f_builtins(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(vm.builtins().value()))
}

fn f_locals(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (function, _, depth) = known!(vm, args);
    let Some(frame) = args.get(vm, 0).payload::<FrameObject>() else {
        return Err(args.wrong_receiver(vm));
    };
    let running =
        vm.frame_state(depth as usize).is_some_and(|(f, _, _)| f.value().is(function.value()));
    if running && let Some(locals) = vm.locals_of(depth as usize) {
        vm.write(frame, |f| &f.locals, locals);
    } else if frame.locals.get(vm).is_unbound() {
        vm.write(frame, |f| &f.locals, vm.dict().value());
    }
    Ok(vm.ret(frame.locals.get(vm)))
}

fn f_lineno(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (function, pc, depth) = known!(vm, args);
    Ok(vm.ret(vm.int(line(vm, function, pc, depth) as i64)))
}

fn f_lasti(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (function, pc, depth) = known!(vm, args);
    Ok(vm.ret(vm.int(current(vm, function, pc, depth) as i64)))
}

fn f_back(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (function, _, depth) = known!(vm, args);
    let running =
        vm.frame_state(depth as usize).is_some_and(|(f, _, _)| f.value().is(function.value()));
    let back = if running { vm.frame_object(depth as usize - 1) } else { None };
    Ok(vm.ret(back.unwrap_or(Value::NONE)))
}

fn f_trace(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.none())
}

fn frame_clear(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (function, _, depth) = known!(vm, args);
    if vm.frame_state(depth as usize).is_some_and(|(f, _, _)| f.value().is(function.value())) {
        crate::raise!(vm, RuntimeError, "cannot clear an executing frame");
    }
    Ok(vm.none())
}

fn frame_repr(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (function, pc, depth) = known!(vm, args);
    // SAFETY: the function keeps its code's data alive.
    let unit = unsafe { &(*function.data.get()).unit };
    let text = format!(
        "<frame at {:#x}, file '{}', line {}, code {}>",
        vm.id(args.get(vm, 0)),
        unit.filename,
        line(vm, function, pc, depth),
        unit.name
    );
    Ok(vm.ret(vm.str(&text).value()))
}
