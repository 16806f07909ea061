//! Filling inline caches: the slow side of loads and stores, which teaches the fast side.

use super::attr::Attr;
use super::code::{CodeData, Site};
use super::flows::raw::is_len;
use super::frame::{Cont, ContKind, Flow};
use super::native::{Raised, Ret};
use super::{Special, Vm};
use crate::builtins::ClassId;
use crate::builtins::tuple_getter::TupleGetter;
use crate::bytecode::{Instr, Op};
use crate::object::*;
use crate::value::{Value, Word, word};
use std::cell::Cell;

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
        if argc == 1 && !method && is_len(callee) {
            return Op::CallLen;
        }
        return if method { Op::CallMethodNative } else { Op::CallNative };
    } else if callee.kind() == Some(Kind::Class) && !method {
        return Op::CallClass;
    }
    general
}

/// Something that holds for every load of one name from objects of one kind and shape.
#[derive(Clone, Copy)]
pub(crate) enum Fact {
    /// It is in that inline slot.
    Slot(u32),
    /// It is in that inline slot, which may be empty: a class has it in its `__slots__`.
    Member(u32),
    /// It is this value, found in the class.
    Value(Word),
    /// It is this function, to be bound.
    Method(Word),
    /// It is what this function returns for the object (a property).
    Getter(Word),
    /// It is that item of the object, a named tuple.
    Item(usize),
}

#[derive(Clone, Copy)]
struct FactEntry {
    guard: u32,
    epoch: u32,
    name: Word,
    fact: Fact,
}

/// What sites of many shapes have in common: a direct-mapped table of facts by shape and name. The
/// words in it are no roots: it is emptied at every collection.
pub(crate) struct Facts(Box<[Cell<FactEntry>]>);

const FACTS: usize = 1024;
const NO_FACT: FactEntry = FactEntry { guard: 0, epoch: 0, name: 0, fact: Fact::Slot(0) };

impl Default for Facts {
    fn default() -> Facts {
        Facts((0..FACTS).map(|_| Cell::new(NO_FACT)).collect())
    }
}

impl Facts {
    #[inline(always)]
    fn entry(&self, guard: u32, name: Word) -> &Cell<FactEntry> {
        let mixed = (guard as u64).wrapping_mul(0x9E37_79B9) ^ (name >> 3);
        &self.0[(mixed ^ (mixed >> 12)) as usize % FACTS]
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        for entry in &self.0 {
            entry.set(NO_FACT);
        }
    }
}

impl Vm {
    /// Rewrites the instruction at `at` and remembers what it may assume.
    unsafe fn specialise(&self, at: *const Instr, op: Op, site: &Site, guard: u32, index: u32) {
        site.misses.set(site.misses.get().wrapping_add(1) & 0xFF);
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

    /// The inline slot that one of the instance's classes has in its `__slots__` under this name.
    fn member_slot(&self, instance: Gc<'_, Instance>, name: Value<'_>) -> Option<u32> {
        let class = self.class_of(instance.value());
        let member = self.class_lookup(class, name)?.cast::<Member>()?;
        let i = member.index.get();
        let inline = self.shapes().get(instance.header.shape()).inline as u32;
        let owner = member.owner.get_as::<Class>(self)?;
        (i < inline && self.is_subclass(class, owner)).then_some(i)
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
                let own_dict = header.flag(model::HAS_TAIL)
                    && self.class_of(obj).flags.get() & ClassFlags::HAS_DICT != 0
                    || matches!(
                        Kind::of(header),
                        Kind::Module
                            | Kind::Function
                            | Kind::Exception
                            | Kind::Class
                            | Kind::ClassMethod
                            | Kind::StaticMethod
                            | Kind::Super
                    );
                !own_dict
            }
        }
    }

    /// What is known of a load of `name` from objects like `obj`, without resolving it anew.
    #[inline]
    fn known_fact(&self, obj: Value<'_>, name: Value<'_>) -> Option<Fact> {
        let guard = obj.header()?.guard();
        let entry = self.facts.entry(guard, name.word()).get();
        (entry.guard == guard && entry.name == name.word() && entry.epoch == self.class_epoch.get())
            .then_some(entry.fact)
    }

    /// Works out what holds for every load of `name` from objects of this kind and shape, given how
    /// it resolved for `obj`.
    fn learn_fact(&self, obj: Value<'_>, name: Value<'_>, attr: &Attr<'_>) -> Option<Fact> {
        let header = obj.header()?;
        let fact = match attr {
            Attr::Value(value) => {
                let instance = obj.cast::<Instance>()?;
                match self.inline_slot(instance, name) {
                    Some(slot) if self.slot_value(instance, slot as usize).is(*value) => {
                        Fact::Slot(slot)
                    }
                    None if self.has_fixed_attrs(obj)
                        && self.shape_find(header.shape(), name).is_none()
                        && self
                            .class_lookup(self.class_of(obj), name)
                            .is_some_and(|v| v.is(*value))
                        && self.is_cacheable(self.class_of(obj), *value) =>
                    {
                        Fact::Value(value.word())
                    }
                    None => Fact::Member(self.member_slot(instance, name)?),
                    _ => return None,
                }
            }
            Attr::Method(f) if self.has_fixed_attrs(obj) => Fact::Method(f.word()),
            Attr::Getter(f)
                if f.kind() == Some(Kind::Function)
                    && Kind::of(header) != Kind::Super
                    && self.class_of(obj).flags.get() & ClassFlags::GETATTR_HOOK == 0 =>
            {
                Fact::Getter(f.word())
            }
            // A data descriptor: no attribute of the tuple's own comes first.
            Attr::Descriptor(getter, _)
                if Kind::of(header) == Kind::Tuple
                    && self.class_of(obj).flags.get() & ClassFlags::GETATTR_HOOK == 0 =>
            {
                Fact::Item(getter.payload::<TupleGetter>()?.r().index())
            }
            _ => return None,
        };
        let (guard, epoch) = (header.guard(), self.class_epoch.get());
        let entry = FactEntry { guard, epoch, name: name.word(), fact };
        self.facts.entry(guard, name.word()).set(entry);
        Some(fact)
    }

    /// Lets the instruction at `at` assume the fact.
    unsafe fn specialise_by(&self, at: *const Instr, site: &Site, guard: u32, fact: Fact) {
        // A site that sees many shapes is not rewritten at each of them.
        let misses = site.misses.get();
        if misses > 8 && !misses.is_multiple_of(8) {
            site.misses.set(misses.wrapping_add(1) & 0xFF);
            return;
        }
        // SAFETY: the caller passes an instruction of the running code.
        unsafe {
            let method =
                matches!((*at).op, Op::LoadMethod | Op::LoadMethodClass | Op::LoadMethodModule);
            let (op, index, value) = match (fact, method) {
                (Fact::Slot(slot), false) => (Op::LoadAttrSlot, slot, None),
                (Fact::Member(slot), false) => (Op::LoadAttrMember, slot, None),
                (Fact::Value(w), false) => (Op::LoadAttrClass, 0, Some(w)),
                (Fact::Getter(f), false) => (Op::LoadAttrProperty, 0, Some(f)),
                (Fact::Method(f), true) => (Op::LoadMethodClass, 0, Some(f)),
                _ => return,
            };
            if let Some(w) = value {
                self.site_value(site, Value::from_word(w));
            }
            self.specialise(at, op, site, guard, index);
        }
    }

    /// `LoadAttr` and its specialised forms when these miss.
    ///
    /// # Safety
    /// `at` is the instruction, in the running code `code` of the frame on top.
    pub(super) unsafe fn load_attr(&mut self, at: *const Instr, code: *const CodeData) -> Flow {
        // SAFETY: for the whole function: the caller's promise.
        unsafe {
            let i = *at;
            let vm = &*self;
            let site: &Site = (*code).site(i.c);
            let r = (*vm.top).base;
            let obj = Value::from_word(*r.add(i.b as usize));
            let name = site.name.get(vm);
            if let Some(fact) = vm.known_fact(obj, name) {
                let guard = obj.header().map_or(0, |h| h.guard());
                match fact {
                    Fact::Slot(slot) | Fact::Member(slot) => {
                        let instance = obj.cast_unchecked::<Instance>();
                        let value = (*instance.inline_ptr(slot as usize)).word();
                        if value != word::UNBOUND {
                            vm.specialise_by(at, site, guard, fact);
                            *r.add(i.a as usize) = value;
                            return Flow::Next;
                        }
                    }
                    Fact::Value(value) => {
                        vm.specialise_by(at, site, guard, fact);
                        *r.add(i.a as usize) = value;
                        return Flow::Next;
                    }
                    Fact::Method(f) => {
                        let method = vm.bound_method(Value::from_word(f), obj);
                        *r.add(i.a as usize) = method.value().word();
                        return Flow::Next;
                    }
                    Fact::Item(item) => {
                        let tuple = obj.cast_unchecked::<Tuple>();
                        if item < tuple.len() {
                            *r.add(i.a as usize) = tuple.item(vm, item).word();
                            return Flow::Next;
                        }
                    }
                    Fact::Getter(f) => {
                        vm.specialise_by(at, site, guard, fact);
                        let this = obj.word();
                        return self.enter_with(f, &[this], Cont::store(i.a));
                    }
                }
            }
            let attr = vm.resolve(obj, name);
            if let Some(fact) = vm.learn_fact(obj, name, &attr) {
                let guard = obj.header().map_or(0, |h| h.guard());
                vm.specialise_by(at, site, guard, fact);
            }
            match attr {
                Attr::Value(value) => {
                    vm.learn_module(at, site, obj, name, Op::LoadAttrModule);
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
                Attr::Getter(f) if vm.class_of(obj).flags.get() & ClassFlags::GETATTR_HOOK == 0 => {
                    let (f, this) = (f.word(), vm.method_receiver(obj).word());
                    self.enter_with(f, &[this], Cont::store(i.a))
                }
                _ => self.load_attr_slow(i, name.word()),
            }
        }
    }

    /// The cache for a global of a module.
    unsafe fn learn_module(
        &self,
        at: *const Instr,
        site: &Site,
        obj: Value<'_>,
        name: Value<'_>,
        op: Op,
    ) {
        if let Some(module) = obj.cast::<Module>()
            && let Some(dict) = module.dict.get_as::<Dict>(self)
            && let Some(key) = name.as_str()
            && let Some(entry) = self.table_find_str(dict.r(), key)
        {
            site.version.set(self.dict_watch(dict));
            // SAFETY: as in the caller.
            unsafe { self.specialise(at, op, site, module.header.guard(), entry as u32) };
        }
    }

    fn method_receiver<'gc>(&'gc self, obj: Value<'gc>) -> Value<'gc> {
        match obj.cast::<Super>() {
            Some(sup) if !sup.this.get(self).is_none() => sup.r().this.get(self),
            _ => obj,
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
        // SAFETY: for the whole function: the caller's promise.
        unsafe {
            let i = *at;
            let vm = &*self;
            let site: &Site = (*code).site(i.c);
            let r = (*vm.top).base;
            let obj = Value::from_word(*r.add(i.b as usize));
            let name = site.name.get(vm);
            let pair = |f: Word, this: Word| {
                *r.add(i.a as usize) = f;
                *r.add(i.a as usize + 1) = this;
                Flow::Next
            };
            if let Some(Fact::Method(f)) = vm.known_fact(obj, name) {
                let guard = obj.header().map_or(0, |h| h.guard());
                vm.specialise_by(at, site, guard, Fact::Method(f));
                return pair(f, obj.word());
            }
            let attr = vm.resolve(obj, name);
            if let Some(fact) = vm.learn_fact(obj, name, &attr) {
                let guard = obj.header().map_or(0, |h| h.guard());
                vm.specialise_by(at, site, guard, fact);
            }
            match attr {
                Attr::Method(f) => pair(f.word(), vm.method_receiver(obj).word()),
                Attr::BoundTo(f, this) => pair(f.word(), this.word()),
                Attr::Value(value) => {
                    vm.learn_module(at, site, obj, name, Op::LoadMethodModule);
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
        // SAFETY: for the whole function: the caller's promise.
        unsafe {
            let i = *at;
            let vm = &*self;
            let site: &Site = (*code).site(i.c);
            let r = (*vm.top).base;
            let obj = Value::from_word(*r.add(i.a as usize));
            let name = site.name.get(vm);
            if i.op != Op::StoreAttr {
                (*at.cast_mut()).op = Op::StoreAttr;
            }
            if let Some(instance) = obj.cast::<Instance>() {
                let class = vm.class_of(obj);
                let value = Value::from_word(*r.add(i.b as usize));
                let unhooked = class.flags.get() & ClassFlags::SETATTR_HOOK == 0;
                if unhooked && let Some(slot) = vm.member_slot(instance, name) {
                    vm.set_slot_value(instance, slot as usize, value);
                    let guard = instance.header.guard();
                    vm.specialise(at, Op::StoreAttrSlot, site, guard, slot);
                    return Flow::Next;
                }
                let plain = unhooked
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
        // SAFETY: for the whole function: the caller's promise.
        unsafe {
            let vm = &*self;
            let site: &Site = (*code).site(i.c);
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
        // SAFETY: for the whole function: the caller's frame is on top, its `pc` is after the instruction
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
                        Op::AddImm | Op::AddFloat => super::operators::BinaryOp::Add,
                        Op::SubImm | Op::SubFloat => super::operators::BinaryOp::Sub,
                        Op::MulFloat => super::operators::BinaryOp::Mul,
                        op => super::operators::BinaryOp::of(op),
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
                ContKind::GetAttr | ContKind::YieldFrom | ContKind::AsyncStep | ContKind::Str => {
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
                Some(f) if super::special::takes_object(f) => {
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
