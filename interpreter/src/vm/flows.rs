//! The slow sides of the remaining instructions.
//!
//! Safety of all functions here: they are called by the loop with the instruction that it has just
//! executed; `self.top` is its frame with the saved `pc`; operands are registers of that frame.

use super::code::CodeData;
use super::frame::{Cont, ContKind, Flow};
use super::item::Leaf;
use super::native::{NativeResult, Raised, Ret};
use super::{Local, Special, Vm};
use crate::builtins::{ClassId, exception_group, template};
use crate::bytecode::{CodeFlags, Instr, Op};
use crate::object::*;
use crate::value::{Value, Word, word};

impl Vm {
    #[inline(always)]
    pub(super) unsafe fn register(&self, i: u16) -> *mut Word {
        // SAFETY: see the module's notes.
        unsafe { (*self.top).base.add(i as usize) }
    }

    /// A register's value as a root above the frame.
    pub(super) unsafe fn root_register(&self, i: u16) -> Local {
        // SAFETY: see the module's notes.
        unsafe { self.push_word(*self.register(i)) }
    }

    /// Runs a step with roots of its own.
    pub(super) unsafe fn with_roots<R>(&mut self, f: impl FnOnce(&mut Vm) -> R) -> R {
        let end = self.stack.end.get();
        let result = f(self);
        self.stack.end.set(end);
        result
    }

    /// Stores the result of a native step.
    pub(super) unsafe fn store_result(
        &mut self,
        to: u16,
        result: NativeResult,
    ) -> Result<(), Raised> {
        let Ret(()) = result?;
        // SAFETY: see the module's notes.
        unsafe { *self.register(to) = self.roots.result.word() };
        Ok(())
    }

    /// Python's `is`: equal words, or equal heap floats... (identity of immediates is their value).
    #[inline(always)]
    pub(super) fn same_object(&self, a: Word, b: Word) -> bool {
        a == b
    }

    pub(super) unsafe fn get_item_flow(&mut self, at: *const Instr) -> Flow {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let i = *at;
            let vm = &*self;
            let (v, key) =
                (Value::from_word(*vm.register(i.b)), Value::from_word(*vm.register(i.c)));
            let form = match v.header().map(|h| h.shape()) {
                Some(s) if s == ClassId::List as u32 => Op::GetItemList,
                Some(s) if s == ClassId::Tuple as u32 => Op::GetItemTuple,
                Some(s) if s == ClassId::Dict as u32 => Op::GetItemDict,
                _ => Op::GetItem,
            };
            (*at.cast_mut()).op = form;
            match vm.getitem_leaf(v, key) {
                Leaf::Done(item) => {
                    *vm.register(i.a) = item.word();
                    return Flow::Next;
                }
                Leaf::Failed(Raised(())) => return Flow::Raise,
                Leaf::Unknown => {}
            }
            if let Some(f) = vm.special_of(v, Special::GetItem)
                && super::special::takes_object(f)
            {
                let (f, v, key) = (f.word(), v.word(), key.word());
                return self.enter_with(f, &[v, key], Cont::store(i.a));
            }
            let result = self.with_roots(|vm| {
                let (v, key) = (vm.root_register(i.b), vm.root_register(i.c));
                vm.getitem(v, key)
            });
            match self.store_result(i.a, result) {
                Ok(()) => Flow::Next,
                Err(Raised(())) => Flow::Raise,
            }
        }
    }

    pub(super) unsafe fn set_item_flow(&mut self, at: *const Instr) -> Flow {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let i = *at;
            let vm = &*self;
            let [v, key, item] = [i.a, i.b, i.c].map(|n| Value::from_word(*vm.register(n)));
            let list = v.header().is_some_and(|h| h.shape() == ClassId::List as u32);
            (*at.cast_mut()).op = if list { Op::SetItemList } else { Op::SetItem };
            match vm.setitem_leaf(v, key, item) {
                Leaf::Done(()) => return Flow::Next,
                Leaf::Failed(Raised(())) => return Flow::Raise,
                Leaf::Unknown => {}
            }
            if let Some(f) = vm.special_of(v, Special::SetItem)
                && f.kind() == Some(Kind::Function)
            {
                let (f, args) = (f.word(), [v.word(), key.word(), item.word()]);
                return self.enter_with(f, &args, Cont::new(ContKind::Discard, 0));
            }
            let result = self.with_roots(|vm| {
                let [v, key, item] = [i.a, i.b, i.c].map(|n| vm.root_register(n));
                vm.setitem(v, key, item)
            });
            match result {
                Ok(()) => Flow::Next,
                Err(Raised(())) => Flow::Raise,
            }
        }
    }

    pub(super) unsafe fn delete_item_step(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let (v, key) = (vm.root_register(i.a), vm.root_register(i.b));
                vm.delitem(v, key)
            })
        }
    }

    pub(super) unsafe fn delete_attr_step(
        &mut self,
        i: Instr,
        code: *const CodeData,
    ) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let obj = vm.root_register(i.a);
                let name = vm.push_word((*code).site(i.c).name.word());
                vm.delattr(obj, name)
            })
        }
    }

    pub(super) unsafe fn load_special(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let vm = &*self;
            let which =
                [Special::Enter, Special::Exit, Special::AEnter, Special::AExit][i.c as usize & 3];
            let obj = Value::from_word(*vm.register(i.b));
            let class = vm.class_of(obj);
            let Some(method) = vm.special(class, which) else {
                let name = vm.class_qualname(class);
                let (kind, missing) = if i.c < 2 {
                    ("context manager", Special::NAMES[which as usize])
                } else {
                    ("asynchronous context manager", Special::NAMES[which as usize])
                };
                return Err(vm.type_error(format!(
                    "'{name}' object does not support the {kind} protocol (missed {missing} method)"
                )));
            };
            let pair = match vm.bind(method, obj, class) {
                super::attr::Attr::Method(f) => (f.word(), obj.word()),
                super::attr::Attr::BoundTo(f, o) => (f.word(), o.word()),
                super::attr::Attr::Value(v) => (word::UNBOUND, v.word()),
                super::attr::Attr::Descriptor(d, get) => {
                    let (d, get) = (d.word(), get.word());
                    let bound = self.with_roots(|vm| {
                        let (d, get) = (vm.push_word(d), vm.push_word(get));
                        let obj = vm.root_register(i.b);
                        let class = vm.root(vm.class_of(vm.get(obj)).value());
                        vm.call(get, &[d, obj, class])
                    });
                    let Ret(()) = bound?;
                    (word::UNBOUND, self.roots.result.word())
                }
                super::attr::Attr::Getter(f) => {
                    let f = f.word();
                    let got = self.with_roots(|vm| {
                        let (f, obj) = (vm.push_word(f), vm.root_register(i.b));
                        vm.call(f, &[obj])
                    });
                    let Ret(()) = got?;
                    (word::UNBOUND, self.roots.result.word())
                }
                _ => return Err(vm.type_error("special method is not callable")),
            };
            *self.register(i.a) = pair.0;
            *self.register(i.a + 1) = pair.1;
            Ok(())
        }
    }

    pub(super) unsafe fn not_flow(&mut self, i: Instr) -> Flow {
        // SAFETY: see the module's notes.
        unsafe {
            let truth = self.with_roots(|vm| {
                let v = vm.root_register(i.b);
                vm.truth(v)
            });
            match truth {
                Ok(truth) => {
                    *self.register(i.a) = word::from_bool(!truth);
                    Flow::Next
                }
                Err(Raised(())) => Flow::Raise,
            }
        }
    }

    pub(super) unsafe fn jump_if_flow(&mut self, i: Instr) -> Flow {
        // SAFETY: see the module's notes.
        unsafe {
            let truth = self.with_roots(|vm| {
                let v = vm.root_register(i.a);
                vm.truth(v)
            });
            match truth {
                Ok(truth) => {
                    if truth == (i.x != 0) {
                        (*self.top).pc = (*self.top).pc.offset(i.bc() as isize);
                    }
                    Flow::Switch
                }
                Err(Raised(())) => Flow::Raise,
            }
        }
    }

    pub(super) unsafe fn get_iter_flow(&mut self, i: Instr) -> Flow {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let vm = &*self;
            let v = Value::from_word(*vm.register(i.b));
            let pair = |container: Word, state: Word| {
                *vm.register(i.a) = container;
                *vm.register(i.a + 1) = state;
                Flow::Next
            };
            if let Some(header) = v.header() {
                let shape = header.shape();
                if shape == ClassId::List as u32
                    || shape == ClassId::Tuple as u32
                    || shape == ClassId::Str as u32
                {
                    return pair(v.word(), word::from_int(0));
                }
                if shape == ClassId::Range as u32
                    && let Some(range) = v.cast::<Range>()
                {
                    let near =
                        |s: &Slot| s.get(vm).as_small_int().filter(|i| i.unsigned_abs() < 1 << 60);
                    if let (Some(start), Some(_), Some(_)) =
                        (near(&range.start), near(&range.stop), near(&range.step))
                    {
                        return pair(v.word(), word::from_int(start));
                    }
                }
                if Kind::of(header) == Kind::Generator && shape == ClassId::Generator as u32 {
                    return pair(v.word(), word::UNBOUND);
                }
            }
            *vm.register(i.a + 1) = word::UNBOUND;
            let result = self.with_roots(|vm| {
                let v = vm.root_register(i.b);
                vm.iter(v)
            });
            match self.store_result(i.a, result) {
                Ok(()) => {
                    *self.register(i.a + 1) = word::UNBOUND;
                    Flow::Next
                }
                Err(Raised(())) => Flow::Raise,
            }
        }
    }

    pub(super) unsafe fn make_iter_step(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            let result = self.with_roots(|vm| {
                let v = vm.root_register(i.b);
                vm.iter(v)
            });
            self.store_result(i.a, result)
        }
    }

    pub(super) unsafe fn for_iter_flow(&mut self, at: *const Instr) -> Flow {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let i = *at;
            let vm = &*self;
            let (v, state) = (Value::from_word(*vm.register(i.b)), *vm.register(i.b + 1));
            if state != word::UNBOUND {
                // A builtin container and the position in it.
                let index = word::int(state) as usize;
                let item = match v.kind() {
                    Some(Kind::List) => {
                        (*at.cast_mut()).op = Op::ForIterList;
                        let list = v.cast_unchecked::<List>();
                        (index < list.len.get()).then(|| vm.list_item(list, index))
                    }
                    Some(Kind::Range) => {
                        (*at.cast_mut()).op = Op::ForIterRange;
                        (*vm.top).pc = at;
                        return Flow::Switch;
                    }
                    Some(Kind::Str) => {
                        let s = v.cast_unchecked::<Str>();
                        (index < s.len()).then(|| vm.str_from_char(s.char_at(index)).value())
                    }
                    _ => {
                        let tuple = v.cast_unchecked::<Tuple>();
                        (index < tuple.len()).then(|| tuple.item(vm, index))
                    }
                };
                match item {
                    Some(item) => {
                        *vm.register(i.a) = item.word();
                        *vm.register(i.b + 1) = word::from_int(index as i64 + 1);
                        (*self.top).pc = (*self.top).pc.add(1);
                    }
                    None => self.take_loop_exit(),
                }
                return Flow::Switch;
            }
            if let Some(g) = v.cast::<Generator>()
                && matches!(g.state.get(), GenState::Created | GenState::Suspended)
                && vm.is_exact(v, ClassId::Generator)
            {
                (*at.cast_mut()).op = Op::ForIterGen;
                (*vm.top).pc = at;
                return Flow::Switch;
            }
            (*at.cast_mut()).op = Op::ForIter;
            if let Some(f) = vm.special_of(v, Special::Next)
                && f.kind() == Some(Kind::Function)
            {
                let (f, v) = (f.word(), v.word());
                return self.enter_with(f, &[v], Cont::new(ContKind::ForIter, i.a));
            }
            let more = self.with_roots(|vm| {
                let it = vm.root_register(i.b);
                vm.next(it)
            });
            match more {
                Ok(true) => {
                    *self.register(i.a) = self.roots.result.word();
                    (*self.top).pc = (*self.top).pc.add(1);
                    Flow::Switch
                }
                Ok(false) => {
                    self.take_loop_exit();
                    Flow::Switch
                }
                Err(Raised(())) => Flow::Raise,
            }
        }
    }

    pub(super) unsafe fn call_kw_flow(
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

    pub(super) unsafe fn call_ex_flow(&mut self, i: Instr) -> Flow {
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

    pub(super) unsafe fn make_function(&mut self, i: Instr, code: *const CodeData) {
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
        let unit = unsafe { &(*data).unit };
        let doc = if unit.flags.has(CodeFlags::HAS_DOCSTRING) {
            // SAFETY: as above; the docstring is the first constant.
            unsafe { (*data).constant(0) }
        } else {
            word::NONE
        };
        let module = globals
            .cast::<Dict>()
            .and_then(|g| self.dict_get_str(g, self.intern("__name__")))
            .unwrap_or(Value::NONE);
        let [defaults, kwdefaults, annotate, closure] = parts;
        let slot = |v: Value<'_>| Slot::new(v.word());
        self.alloc(
            ClassId::Function,
            Function {
                header: super::construct::header(),
                code: slot(code.value()),
                globals: slot(globals),
                defaults,
                kwdefaults,
                closure,
                name: slot(self.intern(&unit.name).value()),
                qualname: slot(self.intern(&unit.qualname).value()),
                doc: Slot::new(doc),
                module: slot(module),
                annotate,
                type_params: Slot::new(word::UNBOUND),
                attrs: Slot::new(word::UNBOUND),
                data: std::cell::Cell::new(data),
            },
        )
    }

    pub(super) unsafe fn load_build_class(&mut self, i: Instr) -> Result<(), Raised> {
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

    pub(super) unsafe fn build_set(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let set = vm.root(vm.new_set().value());
                for k in 0..i.c {
                    let item = vm.root_register(i.b + k);
                    vm.set_add(set, item)?;
                }
                *vm.register(i.a) = vm.get(set).word();
                Ok(())
            })
        }
    }

    pub(super) unsafe fn build_dict(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let dict = vm.root(vm.dict().value());
                for k in 0..i.c {
                    vm.scope(|vm| {
                        let (key, value) =
                            (vm.root_register(i.b + 2 * k), vm.root_register(i.b + 2 * k + 1));
                        vm.dict_set(dict, key, value)
                    })?;
                }
                *vm.register(i.a) = vm.get(dict).word();
                Ok(())
            })
        }
    }

    /// `BuildInterpolation`
    pub(super) unsafe fn build_interpolation(&mut self, i: Instr) {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let vm = &*self;
            let parts = [0, 1, 2, 3].map(|k| Value::from_word(*vm.register(i.b + k)));
            *vm.register(i.a) = template::interpolation(vm, parts).word();
        }
    }

    /// `BuildTemplate`
    pub(super) unsafe fn build_template(&mut self, i: Instr) {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let vm = &*self;
            let part = |k| Value::from_word(*vm.register(i.b + k));
            let items: Vec<Value<'_>> = (1..=i.c).map(part).collect();
            let interpolations = vm.tuple(&items).value();
            *vm.register(i.a) = template::template(vm, part(0), interpolations).word();
        }
    }

    pub(super) unsafe fn build_string(&mut self, i: Instr) {
        // SAFETY: for the whole function: see the module's notes; the compiler passes strs.
        unsafe {
            let vm = &*self;
            let parts: Vec<Gc<'_, Str>> = (0..i.c)
                .map(|k| Value::from_word(*vm.register(i.b + k)).cast_unchecked())
                .collect();
            let len = parts.iter().map(|s| s.len()).sum();
            let width = parts.iter().map(|s| s.width()).max().unwrap_or(1);
            let joined = if width == 1 && len > 0 {
                let ascii = parts.iter().all(|s| s.is_ascii());
                let (s, mut data) = vm.str_uninit(ClassId::Str as u32, len, 1, ascii);
                for part in &parts {
                    let bytes = part.data();
                    std::ptr::copy_nonoverlapping(bytes.as_ptr(), data, bytes.len());
                    data = data.add(bytes.len());
                }
                s
            } else {
                let max = [0, 0xFF, 0xFFFF, 0, 0x10FFFF][width];
                vm.str_from_chars(len, max, parts.iter().flat_map(|s| s.chars()))
            };
            *vm.register(i.a) = joined.value().word();
        }
    }

    pub(super) unsafe fn format_value(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            let result = self.with_roots(|vm| {
                let v = vm.root_register(i.b);
                let ret = match i.x & 3 {
                    1 => Some(vm.str_of(v)?),
                    2 => Some(vm.repr(v)?),
                    3 => Some(vm.ascii(v)?),
                    _ => None,
                };
                let v = match ret {
                    Some(ret) => vm.hold(ret),
                    None => v,
                };
                if i.x & 128 != 0 {
                    let spec = vm.root_register(i.c);
                    vm.format(v, spec)
                } else if vm.is_exact(vm.get(v), ClassId::Str) {
                    Ok(vm.ret(vm.get(v)))
                } else {
                    let spec = vm.root(vm.str("").value());
                    vm.format(v, spec)
                }
            });
            self.store_result(i.a, result)
        }
    }

    pub(super) unsafe fn list_extend_step(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let (list, items) = (vm.root_register(i.a), vm.root_register(i.b));
                let iterable = vm.special_of(vm.get(items), Special::Iter).is_some()
                    || vm.special_of(vm.get(items), Special::GetItem).is_some();
                if !iterable {
                    let name = vm.type_name(vm.get(items));
                    // The callee of a call is in the register below its list of arguments.
                    let prefix = if i.x == 1 {
                        let callee = vm.root_register(i.a - 1);
                        format!("{} argument", vm.callee_text(callee))
                    } else {
                        "Value".into()
                    };
                    return Err(
                        vm.type_error(format!("{prefix} after * must be an iterable, not {name}"))
                    );
                }
                vm.iterate(items, |vm, item| {
                    let list: Gc<'_, List> = vm.get(list).cast().expect("the compiler's own");
                    vm.list_push(list, vm.get(item));
                    Ok(())
                })
            })
        }
    }

    pub(super) unsafe fn list_to_tuple(&mut self, i: Instr) {
        // SAFETY: see the module's notes.
        unsafe {
            let list = Value::from_word(*self.register(i.b)).cast_unchecked::<List>();
            let tuple = self.tuple_from(list.len.get(), self.list_items(list));
            *self.register(i.a) = tuple.value().word();
        }
    }

    pub(super) unsafe fn set_add_step(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let (set, item) = (vm.root_register(i.a), vm.root_register(i.b));
                vm.set_add(set, item).map(|_| ())
            })
        }
    }

    pub(super) unsafe fn set_update_step(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let (set, items) = (vm.root_register(i.a), vm.root_register(i.b));
                vm.iterate(items, |vm, item| vm.set_add(set, item).map(|_| ()))
            })
        }
    }

    pub(super) unsafe fn dict_set_step(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let [dict, key, value] = [i.a, i.b, i.c].map(|n| vm.root_register(n));
                vm.dict_set(dict, key, value)
            })
        }
    }

    pub(super) unsafe fn dict_update_step(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let (dict, other) = (vm.root_register(i.a), vm.root_register(i.b));
                vm.each_item(other, |vm, key, value| vm.dict_set(dict, key, value)).map_err(
                    |raised| {
                        if vm.raised_is(ClassId::AttributeError) {
                            let name = vm.type_name(vm.get(other));
                            return vm.type_error(format!("'{name}' object is not a mapping"));
                        }
                        raised
                    },
                )
            })
        }
    }

    pub(super) unsafe fn dict_merge_step(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let [dict, other, callee] = [i.a, i.b, i.c].map(|n| vm.root_register(n));
                if vm.get(other).cast::<Dict>().is_none()
                    && vm.getattr_opt(other, "keys")?.is_none()
                {
                    let (f, name) = (vm.callee_text(callee), vm.type_name(vm.get(other)));
                    return Err(vm.type_error(format!(
                        "{f} argument after ** must be a mapping, not {name}"
                    )));
                }
                vm.each_item(other, |vm, key, value| {
                    if vm.get(key).as_str().is_none() {
                        return Err(vm.type_error("keywords must be strings"));
                    }
                    if vm.dict_get(dict, key)? {
                        let (f, name) = (vm.callee_text(callee), vm.text_of(vm.get(key)));
                        return Err(vm.type_error(format!(
                            "{f} got multiple values for keyword argument '{name}'"
                        )));
                    }
                    vm.dict_set(dict, key, value)
                })
            })
        }
    }

    /// `module.f()` for messages about a call.
    fn callee_text(&self, callee: Local) -> String {
        let callee = self.get(callee);
        if let Some(f) = callee.cast::<Function>() {
            let module = self.text_of(f.module.get(self));
            let name = self.function_name(f);
            return if module == "builtins" {
                format!("{name}()")
            } else {
                format!("{module}.{name}()")
            };
        }
        if let Some(f) = callee.cast::<Builtin>() {
            return format!("{}()", f.def.get().name());
        }
        if let Some(class) = callee.as_class() {
            return format!("{}()", self.class_name(class));
        }
        format!("'{}' object", self.type_name(callee))
    }

    /// Calls `f` with each key and value of a mapping: a dict, or what has `keys()`.
    pub fn each_item(
        &mut self,
        mapping: Local,
        mut f: impl FnMut(&mut Vm, Local, Local) -> Result<(), Raised>,
    ) -> Result<(), Raised> {
        if self.is_exact(self.get(mapping), ClassId::Dict)
            || (self.get(mapping).kind() == Some(Kind::Dict))
        {
            let mut i = 0;
            loop {
                let dict: Gc<'_, Dict> = self.get(mapping).cast().expect("kind");
                if i >= self.table_used(dict.r()) {
                    return Ok(());
                }
                if let Some((key, value, _)) = self.table_entry(dict.r(), i) {
                    let (key, value) = (self.root(key), self.root(value));
                    let end = key.0;
                    f(self, key, value)?;
                    self.stack.end.set(end);
                }
                i += 1;
            }
        }
        let keys = self.call_method(mapping, "keys", &[])?;
        let keys = self.hold(keys);
        self.iterate(keys, |vm, key| {
            let value = vm.getitem(mapping, key)?;
            let value = vm.hold(value);
            f(vm, key, value)
        })
    }

    pub(super) unsafe fn unpack_sequence(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let n = i.c as usize;
            let vm = &*self;
            let v = Value::from_word(*vm.register(i.b));
            if let Some(list) = v.cast::<List>()
                && vm.is_exact(v, ClassId::List)
                && list.len.get() == n
            {
                for k in 0..n {
                    *vm.register(i.a + k as u16) = vm.list_item(list, k).word();
                }
                return Ok(());
            }
            self.with_roots(|vm| {
                let v = vm.root_register(i.b);
                let exact_len = match vm.get(v).kind() {
                    Some(Kind::List | Kind::Tuple | Kind::Dict) => vm.len_leaf(vm.get(v)),
                    _ => None,
                };
                let it = vm.unpack_iter(v)?;
                let first = vm.stack.end.get();
                for k in 0..n {
                    if !vm.next(it)? {
                        return Err(vm.value_error(format!(
                            "not enough values to unpack (expected {n}, got {k})"
                        )));
                    }
                    vm.hold_result();
                }
                if vm.next(it)? {
                    let got = exact_len.map_or(String::new(), |len| format!(", got {len}"));
                    return Err(
                        vm.value_error(format!("too many values to unpack (expected {n}{got})"))
                    );
                }
                for k in 0..n {
                    *vm.register(i.a + k as u16) = vm.get(Local(first + k as u32)).word();
                }
                Ok(())
            })
        }
    }

    fn unpack_iter(&mut self, v: Local) -> Result<Local, Raised> {
        let iterable = self.special_of(self.get(v), Special::Iter).is_some_and(|m| !m.is_none())
            || self.special_of(self.get(v), Special::GetItem).is_some();
        if !iterable {
            let name = self.type_name(self.get(v));
            return Err(self.type_error(format!("cannot unpack non-iterable {name} object")));
        }
        let ret = self.iter(v)?;
        Ok(self.hold(ret))
    }

    pub(super) unsafe fn unpack_star(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let (before, after) = (i.c as usize & 255, i.c as usize >> 8);
            self.with_roots(|vm| {
                let v = vm.root_register(i.b);
                let iterable =
                    vm.special_of(vm.get(v), Special::Iter).is_some_and(|m| !m.is_none())
                        || vm.special_of(vm.get(v), Special::GetItem).is_some();
                if !iterable {
                    let name = vm.type_name(vm.get(v));
                    return Err(vm.type_error(format!("cannot unpack non-iterable {name} object")));
                }
                let ret = vm.collect_list(v)?;
                let list: Gc<'_, List> = vm.value(ret).cast().expect("a list");
                let len = list.len.get();
                if len < before + after {
                    return Err(vm.value_error(format!(
                        "not enough values to unpack (expected at least {}, got {len})",
                        before + after
                    )));
                }
                let items: Vec<Value<'_>> = vm.list_items(list).collect();
                let middle = vm.list(&items[before..len - after]).value();
                for (k, item) in items[..before].iter().enumerate() {
                    *vm.register(i.a + k as u16) = item.word();
                }
                *vm.register(i.a + before as u16) = middle.word();
                for (k, item) in items[len - after..].iter().enumerate() {
                    *vm.register(i.a + (before + 1 + k) as u16) = item.word();
                }
                Ok(())
            })
        }
    }

    pub(super) unsafe fn import_name_step(
        &mut self,
        i: Instr,
        code: *const CodeData,
    ) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            let result = self.with_roots(|vm| {
                let name = vm.push_word((*code).constant(i.c as i32));
                let fromlist = vm.root_register(i.b);
                let globals = vm.root(vm.running().globals.get(vm));
                vm.import_statement(name, globals, fromlist, i.x as usize)
            });
            self.store_result(i.a, result)
        }
    }

    pub(super) unsafe fn import_from_step(
        &mut self,
        i: Instr,
        code: *const CodeData,
    ) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            let result = self.with_roots(|vm| {
                let module = vm.root_register(i.b);
                let name = vm.push_word((*code).constant(i.c as i32));
                vm.import_from(module, name)
            });
            self.store_result(i.a, result)
        }
    }

    pub(super) unsafe fn import_star_step(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let module = vm.root_register(i.a);
                let namespace = vm.root_register(0);
                vm.import_star(module, namespace)
            })
        }
    }

    /// `raise exception [from cause]`; always an error.
    pub(super) fn raise_step(
        &mut self,
        exception: Word,
        cause: Option<Word>,
    ) -> Result<(), Raised> {
        let end = self.stack.end.get();
        let exception = self.push_word(exception);
        let cause = cause.map(|c| self.push_word(c));
        let result = self.raise_value(exception, cause);
        self.stack.end.set(end);
        result
    }

    /// Raises what a `raise` statement names: an exception or a class of one.
    pub fn raise_value(&mut self, exception: Local, cause: Option<Local>) -> Result<(), Raised> {
        let exception =
            self.make_exception(exception, "exceptions must derive from BaseException")?;
        if let Some(cause) = cause {
            let cause = if self.get(cause).is_none() {
                cause
            } else {
                self.make_exception(cause, "exception causes must derive from BaseException")?
            };
            let e: Gc<'_, Exception> = self.get(exception).cast().expect("made above");
            self.write(e, |e| &e.cause, self.get(cause));
            e.suppress_context.set(true);
        }
        Err(self.set_exception(self.get(exception)))
    }

    fn make_exception(&mut self, v: Local, otherwise: &str) -> Result<Local, Raised> {
        if self.get(v).kind() == Some(Kind::Exception) {
            return Ok(v);
        }
        if let Some(class) = self.get(v).as_class()
            && class.flags.get() & ClassFlags::EXCEPTION != 0
        {
            let ret = self.call(v, &[])?;
            let made = self.hold(ret);
            if self.get(made).kind() == Some(Kind::Exception) {
                return Ok(made);
            }
            let (class, given) = (self.repr_text(v)?, self.repr_text(made)?);
            return Err(self.type_error(format!(
                "calling {class} should have returned an instance of BaseException, not {given}"
            )));
        }
        Err(self.type_error(otherwise))
    }

    pub(super) fn raise_bare(&mut self) -> Result<(), Raised> {
        let handled = self.handled_exception();
        if handled.is_none() {
            return Err(self.raise(ClassId::RuntimeError, "No active exception to reraise"));
        }
        Err(self.set_exception_as_is(handled))
    }

    pub(super) unsafe fn match_exception(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            let vm = &*self;
            let (e, classes) =
                (Value::from_word(*vm.register(i.b)), Value::from_word(*vm.register(i.c)));
            let class = vm.class_of(e);
            let matches = |c: Value<'_>| -> Result<bool, Raised> {
                match c.as_class() {
                    Some(c) if c.flags.get() & ClassFlags::EXCEPTION != 0 => {
                        Ok(vm.is_subclass(class, c))
                    }
                    _ => Err(vm.type_error(
                        "catching classes that do not inherit from BaseException is not allowed",
                    )),
                }
            };
            let found = match classes.cast::<Tuple>() {
                Some(tuple) => {
                    let mut found = false;
                    for c in tuple.items() {
                        found |= matches(c.get(vm))?;
                    }
                    found
                }
                None => matches(classes)?,
            };
            *vm.register(i.a) = word::from_bool(found);
            Ok(())
        }
    }

    /// `MatchExcStar`: one `except*` clause.
    pub(super) unsafe fn match_exc_star(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: for the whole function: see the module's notes; nothing collects after the parts are
        // read.
        unsafe {
            let parts = self.with_roots(|vm| {
                let (exception, classes) = (vm.root_register(i.b), vm.root_register(i.c));
                let (rest, matched) = exception_group::match_star(vm, exception, classes)?;
                Ok((vm.get(rest).word(), vm.get(matched).word()))
            });
            let (rest, matched) = parts?;
            *self.register(i.a) = rest;
            *self.register(i.a + 1) = matched;
            Ok(())
        }
    }

    /// `PrepExcStar`: what is raised after all `except*` clauses.
    pub(super) unsafe fn prep_exc_star(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: for the whole function: as above.
        unsafe {
            let outcome = self.with_roots(|vm| {
                let (original, results) = (vm.root_register(i.b), vm.root_register(i.c));
                let outcome = exception_group::combine_star(vm, original, results)?;
                Ok(vm.get(outcome).word())
            });
            *self.register(i.a) = outcome?;
            Ok(())
        }
    }

    pub(super) unsafe fn get_len_step(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            let len = self.with_roots(|vm| {
                let v = vm.root_register(i.b);
                vm.len(v)
            })?;
            *self.register(i.a) = self.int_usize(len).word();
            Ok(())
        }
    }

    pub(super) unsafe fn match_kind(&mut self, i: Instr) {
        // SAFETY: see the module's notes.
        unsafe {
            let v = Value::from_word(*self.register(i.b));
            let flags = self.class_of(v).flags.get();
            let (flag, kinds): (u32, &[ClassId]) = if i.x == 0 {
                (ClassFlags::SEQUENCE, &[ClassId::List, ClassId::Tuple, ClassId::Range])
            } else {
                (ClassFlags::MAPPING, &[ClassId::Dict])
            };
            let yes = flags & flag != 0 || kinds.iter().any(|k| self.has_class(v, *k));
            *self.register(i.a) = word::from_bool(yes);
        }
    }

    pub(super) unsafe fn match_keys(&mut self, i: Instr) -> Result<(), Raised> {
        // SAFETY: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let (v, keys) = (vm.root_register(i.b), vm.root_register(i.c));
                let count = vm.get(keys).cast::<Tuple>().map_or(0, |t| t.len());
                let found = vm.root(vm.list(&[]).value());
                for k in 0..count {
                    let key = vm.get(keys).cast::<Tuple>().expect("a tuple").item(vm, k);
                    let key = vm.root(key);
                    if !vm.contains(v, key)? {
                        *vm.register(i.a) = word::NONE;
                        return Ok(());
                    }
                    let Ret(()) = vm.getitem(v, key)?;
                    let list: Gc<'_, List> = vm.get(found).cast().expect("a list");
                    vm.list_push(list, vm.result());
                }
                let list: Gc<'_, List> = vm.get(found).cast().expect("a list");
                let tuple = vm.tuple_from(count, vm.list_items(list));
                *vm.register(i.a) = tuple.value().word();
                Ok(())
            })
        }
    }

    pub(super) unsafe fn match_class(
        &mut self,
        i: Instr,
        names: i32,
        code: *const CodeData,
    ) -> Result<(), Raised> {
        // SAFETY: for the whole function: see the module's notes.
        unsafe {
            self.with_roots(|vm| {
                let (v, class) = (vm.root_register(i.b), vm.root_register(i.c));
                let names = vm.push_word((*code).constant(names));
                if vm.get(class).as_class().is_none() {
                    return Err(vm.type_error("called match pattern must be a class"));
                }
                if !vm.isinstance(v, class)? {
                    *vm.register(i.a) = word::NONE;
                    return Ok(());
                }
                let found = vm.root(vm.list(&[]).value());
                let push = |vm: &mut Vm| {
                    let list: Gc<'_, List> = vm.get(found).cast().expect("a list");
                    vm.list_push(list, vm.result());
                };
                let positional = i.x as usize;
                if positional > 0 {
                    let args = vm.getattr_opt(class, "__match_args__")?.map(|r| vm.hold(r));
                    match args {
                        Some(args) => {
                            let Some(tuple) = vm.get(args).cast::<Tuple>() else {
                                let name = vm.class_name_of(class);
                                return Err(vm.type_error(format!(
                                    "{name}.__match_args__ must be a tuple (got {})",
                                    vm.type_name(vm.get(args))
                                )));
                            };
                            let len = tuple.len();
                            if positional > len {
                                let name = vm.class_name_of(class);
                                let plural = if len == 1 { "" } else { "s" };
                                return Err(vm.type_error(format!(
                                    "{name}() accepts {len} positional sub-pattern{plural} ({positional} given)"
                                )));
                            }
                            for k in 0..positional {
                                let name =
                                    vm.get(args).cast::<Tuple>().expect("a tuple").item(vm, k);
                                let name = vm.root(name);
                                if !vm.match_attr(v, name)? {
                                    *vm.register(i.a) = word::NONE;
                                    return Ok(());
                                }
                                push(vm);
                            }
                        }
                        None => {
                            let own = [
                                ClassId::Bool, ClassId::ByteArray, ClassId::Bytes, ClassId::Dict,
                                ClassId::Float, ClassId::FrozenSet, ClassId::Int, ClassId::List,
                                ClassId::Set, ClassId::Str, ClassId::Tuple,
                            ];
                            let c = vm.get(class).as_class().expect("a class");
                            let itself =
                                own.iter().any(|o| vm.is_subclass(c, vm.class(*o)));
                            let accepts = itself as usize;
                            if positional > accepts {
                                let name = vm.class_name_of(class);
                                let plural = if accepts == 1 { "" } else { "s" };
                                return Err(vm.type_error(format!(
                                    "{name}() accepts {accepts} positional sub-pattern{plural} ({positional} given)"
                                )));
                            }
                            let Ret(()) = vm.ret(vm.get(v));
                            push(vm);
                        }
                    }
                }
                let count = vm.get(names).cast::<Tuple>().map_or(0, |t| t.len());
                for k in 0..count {
                    let name = vm.get(names).cast::<Tuple>().expect("a tuple").item(vm, k);
                    let name = vm.root(name);
                    if !vm.match_attr(v, name)? {
                        *vm.register(i.a) = word::NONE;
                        return Ok(());
                    }
                    push(vm);
                }
                let list: Gc<'_, List> = vm.get(found).cast().expect("a list");
                let tuple = vm.tuple_from(list.len.get(), vm.list_items(list));
                *vm.register(i.a) = tuple.value().word();
                Ok(())
            })
        }
    }

    fn class_name_of(&self, class: Local) -> String {
        self.get(class).as_class().map_or("?".into(), |c| self.class_name(c))
    }

    /// An attribute for a class pattern: false when missing.
    fn match_attr(&mut self, v: Local, name: Local) -> Result<bool, Raised> {
        match self.getattr_maybe(v, name) {
            Ok(found) => Ok(found.is_some()),
            Err(raised) => self.catch(raised, ClassId::AttributeError).map(|()| false),
        }
    }

    pub(super) fn display_hook(&mut self, value: Word) -> Result<(), Raised> {
        let end = self.stack.end.get();
        let value = self.push_word(value);
        let sys = self.root(self.roots.sys.get(self));
        let result = self.call_method(sys, "displayhook", &[value]).map(|_| ());
        self.stack.end.set(end);
        result
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
