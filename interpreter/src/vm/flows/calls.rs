//! Calls with keywords and stars, functions made, class bodies run, and what `super()` needs.
//!
//! Safety: see [`super`].

use crate::builtins::ClassId;
use crate::bytecode::{CodeFlags, Instr};
use crate::object::*;
use crate::value::{Value, word};
use crate::vm::code::CodeData;
use crate::vm::frame::{Cont, ContKind, Flow};
use crate::vm::native::{NativeResult, Raised};
use crate::vm::{Local, Vm};

impl Vm {
    pub(in crate::vm) unsafe fn call_kw_flow(
        &mut self,
        i: Instr,
        names: i32,
        code: *const CodeData,
    ) -> Flow {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let mut window = self.register(i.b);
            let names_word = (*code).constant(names);
            let keywords =
                Value::from_word(names_word).cast::<Tuple>().map_or(0, |t| t.len()) as u32;
            let mut argc = i.c as u32;
            if i.x == 1 {
                if *window == word::UNBOUND {
                    window = window.add(1);
                } else {
                    argc += 1;
                }
            }
            window.add(1 + argc as usize).write(names_word);
            let top = self.stack.index(window) + argc + 2;
            let old_end = self.stack.end.get();
            self.stack.end.set(old_end.max(top));
            let flow = self.enter(window, argc, keywords, Cont::store(i.a));
            if flow != Flow::Switch {
                self.stack.end.set(old_end);
            }
            flow
        }
    }

    pub(in crate::vm) unsafe fn call_ex_flow(&mut self, i: Instr) -> Flow {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let end = self.stack.end.get();
            let window = self.register(i.b);
            let args = Value::from_word(*window.add(1));
            let Some(args) = args.cast::<Tuple>() else {
                let Raised(()) = self.type_error("argument after * must be an iterable");
                return Flow::Raise;
            };
            let start = end;
            if !self.stack.fits(end + args.len() as u32 + 64) {
                let Raised(()) = self.memory_error();
                return Flow::Raise;
            }
            self.push_word(*window);
            let mut argc = args.len() as u32;
            for item in args.items() {
                self.push_word(item.word());
            }
            let mut keywords = 0;
            if i.x == 1
                && let Some(dict) = Value::from_word(*window.add(2)).cast::<Dict>()
            {
                let items = self.table_items(dict.r());
                for (key, value) in &items {
                    if key.as_str().is_none() {
                        let Raised(()) = self.type_error("keywords must be strings");
                        self.stack.end.set(end);
                        return Flow::Raise;
                    }
                    self.push_word(value.word());
                }
                if !items.is_empty() {
                    let names = self.tuple_from(items.len(), items.iter().map(|(k, _)| *k));
                    self.push_word(names.value().word());
                    keywords = items.len() as u32;
                    argc += keywords;
                }
            }
            let flow = self.enter(self.stack.at(start), argc, keywords, Cont::store(i.a));
            if flow != Flow::Switch {
                self.stack.end.set(end);
            }
            flow
        }
    }

    pub(in crate::vm) unsafe fn make_function(&mut self, i: Instr, code: *const CodeData) {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let vm = &*self;
            let code_obj: Gc<'_, Code> =
                Value::from_word((*code).constant(i.b as i32)).cast_unchecked();
            let globals = vm.running().globals.word();
            let part = |bit: u8, k: u16| {
                Slot::new(if i.x & bit != 0 { *vm.register(i.c + k) } else { word::UNBOUND })
            };
            let function = vm.function_parts(
                code_obj,
                Value::from_word(globals),
                [part(1, 0), part(2, 1), part(4, 2), part(8, 3)],
            );
            *vm.register(i.a) = function.value().word();
        }
    }

    /// A function of a code object. `parts`: defaults, keyword defaults, annotate, closure.
    pub(crate) fn function_parts<'gc>(
        &'gc self,
        code: Gc<'gc, Code>,
        globals: Value<'gc>,
        parts: [Slot; 4],
    ) -> Gc<'gc, Function> {
        let data = code.data.get();
        // SAFETY: the code object owns its data.
        let (unit, [name, qualname]) = unsafe { (&(*data).unit, &(*data).names) };
        let doc = if unit.flags.has(CodeFlags::HAS_DOCSTRING) {
            // SAFETY: as above; the docstring is the first constant.
            unsafe { (*data).constant(0) }
        } else {
            word::NONE
        };
        let module = globals
            .cast::<Dict>()
            .and_then(|g| self.dict_get_str(g, self.roots.module_name.get_as(self)?))
            .unwrap_or(Value::NONE);
        let [defaults, kwdefaults, annotate, closure] = parts;
        let slot = |v: Value<'_>| Slot::new(v.word());
        self.alloc(
            ClassId::Function,
            Function {
                header: crate::vm::construct::header(),
                code: slot(code.value()),
                globals: slot(globals),
                defaults,
                kwdefaults,
                closure,
                name: Slot::new(name.word()),
                qualname: Slot::new(qualname.word()),
                doc: Slot::new(doc),
                module: slot(module),
                annotate,
                type_params: Slot::new(word::UNBOUND),
                attrs: Slot::new(word::UNBOUND),
                data: std::cell::Cell::new(data),
            },
        )
    }

    pub(in crate::vm) unsafe fn load_build_class(&mut self, i: Instr) -> Result<(), Raised> {
        let builtins: Gc<'_, Dict> = self.roots.builtins.get_as(self).expect("a dict");
        let name = self.intern("__build_class__");
        match self.dict_get_str(builtins, name) {
            Some(f) => {
                // SAFETY: see the module's notes.
                unsafe { *self.register(i.a) = f.word() };
                Ok(())
            }
            None => Err(self.raise(ClassId::NameError, "__build_class__ not found")),
        }
    }

    /// `module.f()` for messages about a call.
    /// What messages about a call's arguments call the callee: its qualified name, or its str().
    pub(super) fn callee_text(&mut self, callee: Local) -> Result<String, Raised> {
        let Some(name) = self.getattr_opt(callee, "__qualname__")? else {
            let text = self.str_of(callee)?;
            return Ok(self.text_of(self.value(text)));
        };
        let name = self.text_of(self.value(name));
        let module = self.getattr_opt(callee, "__module__")?;
        let module = module.map(|module| self.value(module)).filter(|m| m.as_str().is_some());
        Ok(match module.map(|module| self.text_of(module)) {
            Some(module) if module != "builtins" => format!("{module}.{name}()"),
            _ => format!("{name}()"),
        })
    }

    /// Runs a class body or module body: a function whose register 0 is the namespace.
    pub fn call_body(&mut self, function: Local, namespace: Local) -> NativeResult {
        self.check_native_stack(" while calling a Python object")?;
        let end = self.stack.end.get();
        self.push_word(self.get(function).word());
        self.push_word(self.get(namespace).word());
        let cont = Cont::new(ContKind::Entry, 0);
        // SAFETY: the window has just been pushed; the callee is a function whose code uses
        // register 0 as namespace.
        let flow = unsafe {
            let Some(f) = self.get(Local(end)).cast::<Function>() else {
                self.stack.end.set(end);
                return Err(self.type_error("body must be a function"));
            };
            let data = f.data.get();
            self.push_frame(self.stack.at(end + 1), data, 1, cont)
        };
        let result = match flow {
            Flow::Switch => self.run(),
            _ => Err(Raised(())),
        };
        self.stack.end.set(end);
        result
    }

    /// `__class__` and the first argument of the Python function that is running, for `super()`.
    pub fn super_context(&self) -> Result<(Local, Local), Raised> {
        let no = |what: &str| Err(self.raise(ClassId::RuntimeError, format!("super(): {what}")));
        if self.stack.depth(self.top) == 0 {
            return no("no current frame");
        }
        // SAFETY: for the whole block: there is a frame on top.
        unsafe {
            let frame = &*self.top;
            let unit = &(*frame.code).unit;
            if unit.arg_count == 0 && !unit.flags.has(CodeFlags::VARARGS) {
                return no("no arguments");
            }
            let Some(i) = unit.freevars.iter().position(|n| &**n == "__class__") else {
                return no("__class__ cell not found");
            };
            let cell = Value::from_word(*frame.base.add(unit.free_base as usize + i));
            let class = cell.cast::<Cell_>().map(|c| c.r().contents.get(self));
            let Some(class) = class.and_then(Value::bound) else {
                return no("empty __class__ cell");
            };
            let mut this = Value::from_word(*frame.base);
            if unit.cell_registers.contains(&0) {
                this = this.cast::<Cell_>().map_or(Value::UNBOUND, |c| c.r().contents.get(self));
            }
            if this.is_unbound() {
                return no("arg[0] deleted");
            }
            Ok((self.root(class), self.root(this)))
        }
    }
}
