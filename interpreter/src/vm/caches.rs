//! Filling inline caches: the slow side of loads and stores, which teaches the fast side.

use super::attr::Attr;
use super::code::{CodeData, Site};
use super::frame::{Cont, ContKind, Flow};
use super::native::{Raised, Ret};
use super::{Special, Vm};
use crate::builtins::ClassId;
use crate::bytecode::{Instr, Op};
use crate::object::*;
use crate::value::{Value, Word, word};

/// Operands of `LoadSingleton`.
pub(super) const SINGLETONS: [Word; 6] =
    [word::NONE, word::TRUE, word::FALSE, word::ELLIPSIS, word::UNBOUND, word::NOT_IMPLEMENTED];

/// The specialised form for a call of this callee with that many arguments, or the general one.
pub(super) fn call_form(callee: Word, argc: u32, general: Op) -> Op {
    // SAFETY: the word was just read from a register.
    let callee = unsafe { Value::from_word(callee) };
    let method = general == Op::CallMethod;
    if let Some(function) = callee.cast::<Function>() {
        // SAFETY: the function keeps its code's data alive.
        if unsafe { (*function.data.get()).plain_args } == argc {
            return if method { Op::CallMethodFunction } else { Op::CallFunction };
        }
    } else if callee.kind() == Some(Kind::Builtin) {
        return if method { Op::CallMethodNative } else { Op::CallNative };
    }
    general
}

/// Misses after which a site is left general.
const MAX_MISSES: u32 = 200;

impl Vm {
    /// Rewrites the instruction at `at` and remembers what it may assume.
    unsafe fn specialise(&self, at: *const Instr, op: Op, site: &Site, guard: u32, index: u32) {
        if site.misses.get() >= MAX_MISSES {
            return;
        }
        site.misses.set(site.misses.get() + 1);
        site.guard.set(guard);
        site.epoch.set(self.class_epoch.get());
        site.index.set(index);
        // SAFETY: the instruction belongs to the running code, whose instructions are cells.
        unsafe { (*at.cast_mut()).op = op };
    }

    /// Sets the value of a site; the code object is not at hand, so the site's slot is kept valid
    /// by a barrier on the code of the running function.
    unsafe fn site_value(&self, site: &Site, value: Value<'_>) {
        // SAFETY: the function below the frame's registers runs the code that owns the site.
        unsafe {
            let function = Value::from_word(*(*self.top).base.sub(1)).cast_unchecked::<Function>();
            site.value.set_word(value.word());
            let code: Gc<'_, Code> = function.code.get(self).cast_unchecked();
            self.heap.barrier(code.header_ptr());
        }
    }

    /// Where the instance itself keeps the attribute, if inline: slot number.
    fn inline_slot(&self, instance: Gc<'_, Instance>, name: Value<'_>) -> Option<u32> {
        let id = instance.header.shape();
        let shape = self.shapes().get(id);
        if shape.is_dict {
            return None;
        }
        let i = self.shape_find(id, name)?;
        (i < shape.inline as usize).then_some(i as u32)
    }

    /// Whether an object of this shape cannot have an own attribute that hides a class attribute
    /// unknown to the shape.
    fn has_fixed_attrs(&self, obj: Value<'_>) -> bool {
        match obj.header() {
            None => false,
            Some(header) if Kind::of(header) == Kind::Instance => {
                !self.shapes().get(header.shape()).is_dict
            }
            Some(header) => {
                !header.flag(model::HAS_ATTRS)
                    && !matches!(
                        Kind::of(header),
                        Kind::Module
                            | Kind::Function
                            | Kind::Exception
                            | Kind::Class
                            | Kind::ClassMethod
                            | Kind::StaticMethod
                            | Kind::Super
                    )
                    && !(Kind::of(header) == Kind::Foreign
                        && self.class_of(obj).flags.get() & ClassFlags::HAS_DICT != 0)
            }
        }
    }

    /// `LoadAttr` and its specialised forms when these miss.
    ///
    /// # Safety
    /// `at` is the instruction, in the running code `code` of the frame on top.
    pub(super) unsafe fn load_attr(&mut self, at: *const Instr, code: *const CodeData) -> Flow {
        // SAFETY (whole function): the caller's promise.
        unsafe {
            let i = *at;
            let vm = &*self;
            let site: &Site = (&(*code).sites).get_unchecked(i.c as usize);
            let r = (*vm.top).base;
            let obj = Value::from_word(*r.add(i.b as usize));
            let name = site.name.get(vm);
            if i.op != Op::LoadAttr {
                (*at.cast_mut()).op = Op::LoadAttr;
            }
            let attr = vm.resolve(obj, name);
            match attr {
                Attr::Value(value) => {
                    vm.learn_value(at, site, obj, name, value);
                    *r.add(i.a as usize) = value.word();
                    Flow::Next
                }
                Attr::Method(f) => {
                    let this = vm.method_receiver(obj);
                    *r.add(i.a as usize) = vm.bound_method(f, this).value().word();
                    Flow::Next
                }
                Attr::BoundTo(f, this) => {
                    *r.add(i.a as usize) = vm.bound_method(f, this).value().word();
                    Flow::Next
                }
                Attr::Getter(f) => {
                    let this = vm.method_receiver(obj);
                    if f.kind() == Some(Kind::Function)
                        && let Some(header) = obj.header()
                        && Kind::of(header) != Kind::Super
                        && vm.class_of(obj).flags.get() & ClassFlags::GETATTR_HOOK == 0
                    {
                        vm.site_value(site, f);
                        vm.specialise(at, Op::LoadAttrProperty, site, header.guard(), 0);
                    }
                    if vm.class_of(obj).flags.get() & ClassFlags::GETATTR_HOOK == 0 {
                        let (f, this) = (f.word(), this.word());
                        return self.enter_with(f, &[this], Cont::store(i.a));
                    }
                    self.load_attr_slow(i, name.word())
                }
                _ => self.load_attr_slow(i, name.word()),
            }
        }
    }

    fn method_receiver<'gc>(&'gc self, obj: Value<'gc>) -> Value<'gc> {
        match obj.cast::<Super>() {
            Some(sup) if !sup.this.get(self).is_none() => sup.r().this.get(self),
            _ => obj,
        }
    }

    /// The cache for an attribute that is simply a value.
    unsafe fn learn_value(
        &self,
        at: *const Instr,
        site: &Site,
        obj: Value<'_>,
        name: Value<'_>,
        value: Value<'_>,
    ) {
        let Some(header) = obj.header() else { return };
        // SAFETY: as in the caller.
        unsafe {
            if let Some(instance) = obj.cast::<Instance>() {
                if let Some(slot) = self.inline_slot(instance, name) {
                    let own = self.slot_value(instance, slot as usize);
                    if own.is(value) {
                        self.specialise(at, Op::LoadAttrSlot, site, header.guard(), slot);
                    }
                } else if self.has_fixed_attrs(obj)
                    && self.shape_find(header.shape(), name).is_none()
                    && self.class_lookup(self.class_of(obj), name).is_some_and(|v| v.is(value))
                {
                    self.site_value(site, value);
                    self.specialise(at, Op::LoadAttrClass, site, header.guard(), 0);
                }
            } else if let Some(module) = obj.cast::<Module>()
                && let Some(dict) = module.dict.get_as::<Dict>(self)
                && let Some(key) = name.as_str()
                && let Some(entry) = self.table_find_str(dict.r(), key)
            {
                site.version.set(self.dict_watch(dict));
                self.specialise(at, Op::LoadAttrModule, site, header.guard(), entry as u32);
            }
        }
    }

    /// Loads an attribute with everything that may be involved.
    unsafe fn load_attr_slow(&mut self, i: Instr, name: Word) -> Flow {
        // SAFETY: the caller has just read the name; the object is a register.
        unsafe {
            let end = self.stack.end.get();
            let obj = self.push_word(*(*self.top).base.add(i.b as usize));
            let name = self.push_word(name);
            let result = self.getattr(obj, name);
            self.stack.end.set(end);
            match result {
                Ok(Ret(())) => self.finish(Cont::store(i.a)),
                Err(Raised(())) => Flow::Raise,
            }
        }
    }

    /// `LoadMethod` and its specialised forms when these miss.
    ///
    /// # Safety
    /// As for [`Vm::load_attr`].
    pub(super) unsafe fn load_method(&mut self, at: *const Instr, code: *const CodeData) -> Flow {
        // SAFETY (whole function): the caller's promise.
        unsafe {
            let i = *at;
            let vm = &*self;
            let site: &Site = (&(*code).sites).get_unchecked(i.c as usize);
            let r = (*vm.top).base;
            let obj = Value::from_word(*r.add(i.b as usize));
            let name = site.name.get(vm);
            if i.op != Op::LoadMethod {
                (*at.cast_mut()).op = Op::LoadMethod;
            }
            let pair = |f: Word, this: Word| {
                *r.add(i.a as usize) = f;
                *r.add(i.a as usize + 1) = this;
                Flow::Next
            };
            match vm.resolve(obj, name) {
                Attr::Method(f) => {
                    if vm.has_fixed_attrs(obj)
                        && let Some(header) = obj.header()
                    {
                        vm.site_value(site, f);
                        vm.specialise(at, Op::LoadMethodClass, site, header.guard(), 0);
                    }
                    pair(f.word(), vm.method_receiver(obj).word())
                }
                Attr::BoundTo(f, this) => pair(f.word(), this.word()),
                Attr::Value(value) => {
                    if let Some(module) = obj.cast::<Module>()
                        && let Some(header) = obj.header()
                        && let Some(dict) = module.dict.get_as::<Dict>(vm)
                        && let Some(key) = name.as_str()
                        && let Some(entry) = vm.table_find_str(dict.r(), key)
                    {
                        site.version.set(vm.dict_watch(dict));
                        vm.specialise(at, Op::LoadMethodModule, site, header.guard(), entry as u32);
                    }
                    pair(word::UNBOUND, value.word())
                }
                _ => {
                    let name = name.word();
                    let to = Instr { a: i.a + 1, ..i };
                    let flow = self.load_attr_slow(to, name);
                    *(*self.top).base.add(i.a as usize) = word::UNBOUND;
                    flow
                }
            }
        }
    }

    /// `StoreAttr` and its specialised forms when these miss.
    ///
    /// # Safety
    /// As for [`Vm::load_attr`].
    pub(super) unsafe fn store_attr_flow(
        &mut self,
        at: *const Instr,
        code: *const CodeData,
    ) -> Flow {
        // SAFETY (whole function): the caller's promise.
        unsafe {
            let i = *at;
            let vm = &*self;
            let site: &Site = (&(*code).sites).get_unchecked(i.c as usize);
            let r = (*vm.top).base;
            let obj = Value::from_word(*r.add(i.a as usize));
            let name = site.name.get(vm);
            if i.op != Op::StoreAttr {
                (*at.cast_mut()).op = Op::StoreAttr;
            }
            if let Some(instance) = obj.cast::<Instance>() {
                let class = vm.class_of(obj);
                let value = Value::from_word(*r.add(i.b as usize));
                let plain = class.flags.get() & ClassFlags::SETATTR_HOOK == 0
                    && !vm.class_lookup(class, name).is_some_and(|a| vm.is_data_descriptor(a));
                if plain && class.flags.get() & ClassFlags::HAS_DICT != 0 {
                    let before = instance.header.guard();
                    let old = instance.header.shape();
                    let existing = vm.inline_slot(instance, name);
                    vm.set_own_attr(obj, name, value);
                    if let Some(slot) = existing {
                        vm.specialise(at, Op::StoreAttrSlot, site, before, slot);
                    } else if instance.header.shape() != old
                        && let Some(slot) = vm.inline_slot(instance, name)
                    {
                        site.new_guard.set(instance.header.shape());
                        vm.specialise(at, Op::StoreAttrAdd, site, before, slot);
                    }
                    return Flow::Next;
                }
            }
            let end = vm.stack.end.get();
            let obj = vm.root(obj);
            let name = vm.root(name);
            let value = vm.push_word(*r.add(i.b as usize));
            let result = self.setattr(obj, name, value);
            self.stack.end.set(end);
            match result {
                Ok(()) => Flow::Next,
                Err(Raised(())) => Flow::Raise,
            }
        }
    }

    /// `LoadSuperAttr` and `LoadSuperMethod`.
    ///
    /// # Safety
    /// `i` is the instruction just executed in the frame on top.
    pub(super) unsafe fn load_super(
        &mut self,
        i: Instr,
        code: *const CodeData,
        method: bool,
    ) -> Flow {
        // SAFETY (whole function): the caller's promise.
        unsafe {
            let vm = &*self;
            let site: &Site = (&(*code).sites).get_unchecked(i.c as usize);
            let r = (*vm.top).base;
            let name = site.name.get(vm);
            let at = r.add(i.b as usize);
            let (callee, class, this) =
                (Value::from_word(*at), Value::from_word(*at.add(1)), Value::from_word(*at.add(2)));
            if callee.is(vm.class(ClassId::Super).value())
                && let Some(class) = class.as_class()
                && !vm.str_is(name, "__class__")
            {
                // self may be an instance or, in class methods and __new__, a class.
                let own = vm.class_of(this);
                let start = if vm.is_subclass(own, class) {
                    Some((own, false))
                } else {
                    this.as_class().filter(|c| vm.is_subclass(*c, class)).map(|c| (c, true))
                };
                if let Some((start, on_class)) = start
                    && let Some(found) = vm.super_lookup(class, start, name)
                {
                    let to = r.add(i.a as usize);
                    let attr = if on_class {
                        match found.kind() {
                            Some(Kind::Function) => Attr::Value(found),
                            Some(Kind::Builtin)
                                if found.cast::<Builtin>().is_some_and(|b| {
                                    b.binding != super::Binding::ClassMethod as u8
                                }) =>
                            {
                                Attr::Value(found)
                            }
                            _ => vm.bind(found, Value::NONE, start),
                        }
                    } else {
                        vm.bind(found, this, start)
                    };
                    let pair = match attr {
                        Attr::Value(v) => Some((v, None)),
                        Attr::Method(f) => Some((f, Some(this))),
                        Attr::BoundTo(f, o) => Some((f, Some(o))),
                        _ => None,
                    };
                    if let Some((f, receiver)) = pair {
                        match (method, receiver) {
                            (true, Some(o)) => {
                                *to = f.word();
                                *to.add(1) = o.word();
                            }
                            (true, None) => {
                                *to = word::UNBOUND;
                                *to.add(1) = f.word();
                            }
                            (false, Some(o)) => *to = vm.bound_method(f, o).value().word(),
                            (false, None) => *to = f.word(),
                        }
                        return Flow::Next;
                    }
                }
            }
            // The general way: make the super object, then load from it.
            let end = vm.stack.end.get();
            let callee = vm.root(callee);
            let (class, this) = (vm.root(class), vm.root(this));
            let name = vm.root(name);
            let builtin = vm.get(callee).is(vm.class(ClassId::Super).value());
            let args = [class, this];
            let result = self.call(callee, if builtin { &args } else { &[] }).and_then(|ret| {
                let object = self.hold(ret);
                self.getattr(object, name)
            });
            self.stack.end.set(end);
            match result {
                Ok(Ret(())) => {
                    let to = (*self.top).base.add(i.a as usize);
                    let value = self.roots.result.word();
                    if method {
                        *to = word::UNBOUND;
                        *to.add(1) = value;
                    } else {
                        *to = value;
                    }
                    Flow::Next
                }
                Err(Raised(())) => Flow::Raise,
            }
        }
    }

    /// Carries out the rarer continuations; see [`Vm::finish`].
    #[inline(never)]
    pub(super) fn finish_special(&mut self, cont: Cont) -> Flow {
        // SAFETY (whole function): the caller's frame is on top, its `pc` is after the instruction
        // that made the call.
        unsafe {
            match cont.kind {
                ContKind::Store | ContKind::Entry | ContKind::Discard => self.finish(cont),
                ContKind::Binary => {
                    if self.roots.result.word() != word::NOT_IMPLEMENTED {
                        return self.finish(Cont::store(cont.dst));
                    }
                    let frame = &*self.top;
                    let i = *frame.pc.sub(1);
                    let a = *frame.base.add(i.b as usize);
                    let b = match i.op {
                        Op::AddImm | Op::SubImm => word::from_int(i.c as i16 as i64),
                        _ => *frame.base.add(i.c as usize),
                    };
                    let op = match i.op {
                        Op::AddImm | Op::AddFloat => super::numeric::BinaryOp::Add,
                        Op::SubImm | Op::SubFloat => super::numeric::BinaryOp::Sub,
                        Op::MulFloat => super::numeric::BinaryOp::Mul,
                        op => super::numeric::BinaryOp::of(op),
                    };
                    self.binary_flow(op, cont.dst, a, b, i.x != 0, cont.extra)
                }
                ContKind::Compare | ContKind::CompareJump => self.compare_finish(cont),
                ContKind::Truth => {
                    let end = self.stack.end.get();
                    let value = self.hold_result();
                    let truth = self.truth(value);
                    self.stack.end.set(end);
                    match truth {
                        Ok(truth) => self.jump_on(truth),
                        Err(Raised(())) => Flow::Raise,
                    }
                }
                ContKind::ForIter | ContKind::ForGen => {
                    let Flow::Next = self.finish(Cont::store(cont.dst)) else {
                        return Flow::Raise;
                    };
                    // Skip the exit's extension word.
                    (*self.top).pc = (*self.top).pc.add(1);
                    Flow::Switch
                }
                ContKind::GetAttr | ContKind::YieldFrom | ContKind::Str => {
                    self.finish(Cont::store(cont.dst))
                }
            }
        }
    }

    /// Ends a compare-and-jump instruction (its `ext` word is next) with that truth.
    unsafe fn jump_on(&mut self, truth: bool) -> Flow {
        // SAFETY: the frame on top has just executed a CompareJump or InJump.
        unsafe {
            let frame = &mut *self.top;
            let i = *frame.pc.sub(1);
            let ext = *frame.pc;
            frame.pc = frame.pc.add(1);
            let sense = match i.op {
                Op::InJump => i.x != 0,
                _ => i.x >> 7 != 0,
            };
            if truth == sense {
                frame.pc = frame.pc.offset(ext.bc() as isize);
            }
            Flow::Switch
        }
    }

    /// `InJump`
    ///
    /// # Safety
    /// `i` is the instruction just executed in the frame on top.
    pub(super) unsafe fn in_jump_flow(&mut self, i: Instr) -> Flow {
        // SAFETY: the caller's promise.
        unsafe {
            let r = (*self.top).base;
            let (item, container) = (*r.add(i.a as usize), *r.add(i.b as usize));
            match self.contains_words(item, container) {
                Ok(found) => self.jump_on(found),
                Err(Raised(())) => Flow::Raise,
            }
        }
    }

    /// `In`
    ///
    /// # Safety
    /// `i` is the instruction just executed in the frame on top.
    pub(super) unsafe fn in_flow(&mut self, i: Instr) -> Flow {
        // SAFETY: the caller's promise.
        unsafe {
            let r = (*self.top).base;
            let (item, container) = (*r.add(i.b as usize), *r.add(i.c as usize));
            match self.contains_words(item, container) {
                Ok(found) => {
                    *(*self.top).base.add(i.a as usize) = word::from_bool(found != (i.x != 0));
                    Flow::Next
                }
                Err(Raised(())) => Flow::Raise,
            }
        }
    }

    unsafe fn contains_words(&mut self, item: Word, container: Word) -> Result<bool, Raised> {
        // SAFETY: words just read from registers.
        let (i, c) = unsafe { (Value::from_word(item), Value::from_word(container)) };
        if let Some(found) = self.contains_leaf(c, i) {
            return Ok(found);
        }
        let end = self.stack.end.get();
        let (c, i) = (self.push_word(container), self.push_word(item));
        let result = self.contains(c, i);
        self.stack.end.set(end);
        result
    }

    /// `Neg`, `Pos`, `Invert`
    ///
    /// # Safety
    /// `i` is the instruction just executed in the frame on top.
    pub(super) unsafe fn unary_flow(&mut self, i: Instr) -> Flow {
        let which = match i.op {
            Op::Neg => Special::Neg,
            Op::Pos => Special::Pos,
            _ => Special::Invert,
        };
        // SAFETY: the caller's promise.
        unsafe {
            let vm = &*self;
            let v = Value::from_word(*(*vm.top).base.add(i.b as usize));
            if let Some(result) = vm.number_unary(which, v) {
                *(*vm.top).base.add(i.a as usize) = result.word();
                return Flow::Next;
            }
            match vm.special_of(v, which) {
                Some(f) if matches!(f.kind(), Some(Kind::Function | Kind::Builtin)) => {
                    let (f, v) = (f.word(), v.word());
                    self.enter_with(f, &[v], Cont::store(i.a))
                }
                _ => {
                    let end = vm.stack.end.get();
                    let v = vm.root(v);
                    let result = self.unary(which, v);
                    self.stack.end.set(end);
                    match result {
                        Ok(Ret(())) => self.finish(Cont::store(i.a)),
                        Err(Raised(())) => Flow::Raise,
                    }
                }
            }
        }
    }
}
