//! Iteration.

use super::native::{Args, NativeDef, Raised, Ret, StepFn, StepResult};
use super::{Local, NativeResult, Special, Vm};
use crate::builtins::ClassId;
use crate::builtins::support::stop;
use crate::builtins::{dict_views, iterators};
use crate::object::native::NativeHead;
use crate::object::*;
use crate::value::Value;

/// `__next__` of the types that declare a step.
pub(super) static NEXT: NativeDef =
    NativeDef::method("__next__($self, /)", next_method, "Implement next(self).");

fn next_method(vm: &mut Vm, args: Args) -> NativeResult {
    let iterator = args.get(vm, 0);
    let owner = args.callee(vm).and_then(|callee| callee.owner.get(vm).as_class());
    let fits = owner.is_some_and(|owner| vm.is_subclass(vm.class_of(iterator), owner));
    match iterator.cast::<NativeHead>().and_then(|head| head.vtable.def.next) {
        Some(step) if fits => step(vm, args)?.ok_or_else(|| stop(vm)),
        _ => Err(args.wrong_receiver(vm)),
    }
}

impl Vm {
    /// `iter(v)`
    pub fn iter(&mut self, v: Local) -> NativeResult {
        if let Some(iterator) = self.builtin_iterator(self.get(v)) {
            return Ok(self.ret(iterator));
        }
        let method = self.special_of(self.get(v), Special::Iter);
        match method {
            Some(m) if !m.is_none() => {
                let ret = self.call_special(v, Special::Iter, &[])?.expect("looked up above");
                let result = self.value(ret);
                if self.special_of(result, Special::Next).is_none() {
                    let given = self.type_name(result);
                    return Err(
                        self.type_error(format!("iter() returned non-iterator of type '{given}'"))
                    );
                }
                Ok(Ret(()))
            }
            // Native types say it themselves when they are iterable; those that are not have items
            // as mappings do.
            None if self.special_of(self.get(v), Special::GetItem).is_some()
                && self.class_of(self.get(v)).flags.get() & ClassFlags::MUTABLE != 0
                && !self.has_class(self.get(v), ClassId::Dict) =>
            {
                let iterator = iterators::sequence_iterator(self, self.get(v));
                Ok(self.ret(iterator))
            }
            _ => {
                let name = self.type_name(self.get(v));
                Err(self.type_error(format!("'{name}' object is not iterable")))
            }
        }
    }

    /// The iterator of what is one itself, or a sequence that many loops go over: no method is looked up.
    #[inline]
    fn builtin_iterator<'gc>(&'gc self, v: Value<'gc>) -> Option<Value<'gc>> {
        let shape = v.header()?.shape();
        if shape == ClassId::Generator as u32 || self.step_of(v).is_some() {
            return Some(v);
        }
        if shape == ClassId::List as u32 {
            return Some(iterators::list_iterator(self, v.cast()?));
        }
        if shape == ClassId::Tuple as u32 {
            return Some(iterators::tuple_iterator(self, v.cast()?));
        }
        if shape == ClassId::Range as u32 {
            return Some(iterators::range_iterator(self, v.cast()?));
        }
        None
    }

    /// The next item of an iterator, in the result register; false at its end.
    #[inline]
    pub fn next(&mut self, iterator: Local) -> Result<bool, Raised> {
        Ok(self.next_item(iterator)?.is_some())
    }

    /// The next item of an iterator, as the step of another one passes it on.
    #[inline]
    pub fn next_item(&mut self, iterator: Local) -> StepResult {
        match self.step_of(self.get(iterator)) {
            Some(step) => {
                // Iterators over iterators nest as deep as the program likes.
                self.check_native_stack("")?;
                self.step(step, iterator)
            }
            None => Ok(self.next_by_method(iterator)?.then_some(Ret(()))),
        }
    }

    /// One step of a native iterator.
    #[inline(always)]
    pub(super) fn step(&mut self, step: StepFn, iterator: Local) -> StepResult {
        let end = self.stack.end.get();
        let result = step(self, Args::new(iterator.0, 1, 0));
        self.stack.end.set(end);
        match result {
            Ok(item) => Ok(item),
            Err(raised) => self.catch(raised, ClassId::StopIteration).map(|()| None),
        }
    }

    fn next_by_method(&mut self, iterator: Local) -> Result<bool, Raised> {
        if self.get(iterator).kind() == Some(Kind::Generator)
            && self.is_exact(self.get(iterator), ClassId::Generator)
        {
            return self.generator_next(iterator);
        }
        let end = self.stack.end.get();
        // A native __next__ takes just the iterator: no binding, no dispatch.
        let native = self
            .special_of(self.get(iterator), Special::Next)
            .and_then(|m| m.cast::<Builtin>())
            .filter(|b| b.slots == 1 && b.max_args == 1);
        let result = match native {
            Some(builtin) => {
                self.check_native_stack("")?;
                let f = builtin.def.get().func;
                self.push_word(builtin.value().word());
                self.push_word(self.get(iterator).word());
                f(self, Args::new(end + 1, 1, 0)).map(Some)
            }
            None => self.call_special(iterator, Special::Next, &[]),
        };
        self.stack.end.set(end);
        match result {
            Ok(Some(Ret(()))) => Ok(true),
            Ok(None) => {
                let name = self.type_name(self.get(iterator));
                Err(self.type_error(format!("'{name}' object is not an iterator")))
            }
            Err(raised) => self.catch(raised, ClassId::StopIteration).map(|()| false),
        }
    }

    /// Calls `f` with each item of an iterator in the result register.
    #[inline]
    fn each_result(
        &mut self,
        iterator: Local,
        mut f: impl FnMut(&mut Vm) -> Result<(), Raised>,
    ) -> Result<(), Raised> {
        match self.step_of(self.get(iterator)) {
            Some(step) => {
                self.check_native_stack("")?;
                while self.step(step, iterator)?.is_some() {
                    f(self)?;
                }
            }
            None => {
                while self.next_by_method(iterator)? {
                    f(self)?;
                }
            }
        }
        Ok(())
    }

    /// Takes all items of an iterable and drops them.
    pub fn exhaust(&mut self, v: Local) -> Result<(), Raised> {
        self.scope(|vm| {
            let iterator = vm.iter(v)?;
            let iterator = vm.hold(iterator);
            vm.each_result(iterator, Vm::safepoint)
        })
    }

    /// A list of the items of a builtin type other than list and tuple that are at hand.
    fn known_items<'gc>(&'gc self, v: Value<'gc>) -> Option<Gc<'gc, List>> {
        if self.is_exact(v, ClassId::Str) {
            let text: Gc<'gc, Str> = v.cast()?;
            let chars = text.r().chars().map(|c| self.str_from_char(c).value());
            return Some(self.list_from(text.len(), chars));
        }
        dict_views::list_of(self, v)
    }

    /// Calls `f` with each item. Lists and tuples are walked directly.
    pub fn iterate(
        &mut self,
        v: Local,
        mut f: impl FnMut(&mut Vm, Local) -> Result<(), Raised>,
    ) -> Result<(), Raised> {
        let end = self.stack.end.get();
        let item = self.empty_root();
        let inner = self.stack.end.get();
        let direct =
            self.is_exact(self.get(v), ClassId::List) || self.is_exact(self.get(v), ClassId::Tuple);
        if direct {
            let mut i = 0;
            loop {
                let next = match self.get(v).kind() {
                    Some(Kind::List) => {
                        let list: Gc<'_, List> = self.get(v).cast().expect("kind");
                        (i < list.len.get()).then(|| self.list_item(list, i))
                    }
                    _ => {
                        let tuple: Gc<'_, Tuple> = self.get(v).cast().expect("kind");
                        (i < tuple.len()).then(|| tuple.item(self, i))
                    }
                };
                let Some(next) = next else { break };
                self.set(item, next);
                f(self, item)?;
                self.stack.end.set(inner);
                i += 1;
            }
        } else {
            let iterator = self.iter(v)?;
            let iterator = self.hold(iterator);
            let inner = self.stack.end.get();
            self.each_result(iterator, |vm| {
                vm.set(item, vm.result());
                vm.safepoint()?;
                f(vm, item)?;
                vm.stack.end.set(inner);
                Ok(())
            })?;
        }
        self.stack.end.set(end);
        Ok(())
    }

    /// A new list of the items.
    pub fn collect_list(&mut self, v: Local) -> NativeResult {
        if self.is_exact(self.get(v), ClassId::List) {
            let list: Gc<'_, List> = self.get(v).cast().expect("exact list");
            let copy = self.list_from(list.len.get(), self.list_items(list));
            return Ok(self.ret(copy.value()));
        }
        if self.is_exact(self.get(v), ClassId::Tuple) {
            let tuple: Gc<'_, Tuple> = self.get(v).cast().expect("exact tuple");
            let copy = self.list_from(tuple.len(), tuple.items().iter().map(|s| s.get(self)));
            return Ok(self.ret(copy.value()));
        }
        if let Some(list) = self.known_items(self.get(v)) {
            return Ok(self.ret(list.value()));
        }
        if self.get(v).cast::<Range>().is_some() {
            let n = self.len(v)?;
            // `list(range(10 ** 12))` says at once that it cannot be.
            self.check_size(n.saturating_mul(8))?;
        }
        let end = self.stack.end.get();
        let iterator = self.iter(v)?;
        let iterator = self.hold(iterator);
        self.ask_length(v)?;
        let list = self.root(self.list(&[]).value());
        self.each_result(iterator, |vm| {
            let target: Gc<'_, List> = vm.get(list).cast().expect("made above");
            vm.list_push(target, vm.result());
            vm.safepoint()
        })?;
        let result = self.ret(self.get(list));
        self.stack.end.set(end);
        Ok(result)
    }

    /// Asks a Python object for its length before it is turned into a list, as CPython does; only
    /// an error other than TypeError matters.
    fn ask_length(&mut self, v: Local) -> Result<(), Raised> {
        let Some(header) = self.get(v).header() else { return Ok(()) };
        if header.shape() < crate::builtins::declare::CLASS_COUNT
            || self.special_of(self.get(v), Special::Len).is_none()
        {
            return Ok(());
        }
        match self.len(v) {
            Ok(_) => Ok(()),
            Err(raised) => self.catch(raised, ClassId::TypeError),
        }
    }

    /// A tuple of the items (the same one for an exact tuple).
    pub fn collect_tuple(&mut self, v: Local) -> NativeResult {
        if self.is_exact(self.get(v), ClassId::Tuple) {
            return Ok(self.ret(self.get(v)));
        }
        let ret = self.collect_list(v)?;
        let list: Gc<'_, List> = self.value(ret).cast().expect("a list");
        let tuple = self.tuple_from(list.len.get(), self.list_items(list));
        Ok(self.ret(tuple.value()))
    }

    /// The items of a list now.
    pub fn list_items<'gc>(
        &'gc self,
        list: Gc<'gc, List>,
    ) -> impl DoubleEndedIterator<Item = Value<'gc>> + ExactSizeIterator + 'gc {
        let items: &[Slot] = match list.array.get_as::<Array>(self) {
            Some(array) => &array.r().items()[..list.len.get()],
            None => &[],
        };
        items.iter().map(|slot| slot.get(self))
    }

    /// Item `i` of a list; `i` is below its length.
    #[inline(always)]
    pub fn list_item<'gc>(&'gc self, list: Gc<'gc, List>, i: usize) -> Value<'gc> {
        match list.array.get_as::<Array>(self) {
            Some(array) => array.r().items()[i].get(self),
            None => Value::UNBOUND,
        }
    }

    /// Replaces item `i` of a list; `i` is below its length.
    #[inline(always)]
    pub fn list_set(&self, list: Gc<'_, List>, i: usize, value: Value<'_>) {
        if let Some(array) = list.array.get_as::<Array>(self) {
            self.array_set(array, i, value);
        }
    }

    /// Replaces item `i` of an array; in a large one the collector then visits only its
    /// neighbourhood.
    #[inline(always)]
    pub fn array_set(&self, array: Gc<'_, Array>, i: usize, value: Value<'_>) {
        let slot = &array.items()[i];
        // SAFETY: the barrier follows.
        unsafe { slot.set_word(value.word()) };
        self.heap.barrier_at(array.header_ptr(), slot.as_ptr());
    }

    /// Appends to a list.
    #[inline]
    pub fn list_push(&self, list: Gc<'_, List>, value: Value<'_>) {
        let len = list.len.get();
        match list.array.get_as::<Array>(self) {
            Some(array) if len < array.len() => {
                let slot = &array.r().items()[len];
                // SAFETY: the barrier follows.
                unsafe { slot.set_word(value.word()) };
                self.heap.barrier_at(array.header_ptr(), slot.as_ptr());
                list.len.set(len + 1);
            }
            _ => {
                self.list_reserve(list, 1);
                list.len.set(len + 1);
                self.list_set(list, len, value);
            }
        }
    }

    /// Makes room for `more` items: at least an eighth more than there are.
    pub fn list_reserve(&self, list: Gc<'_, List>, more: usize) {
        let len = list.len.get();
        let needed = len + more;
        if list.array.get_as::<Array>(self).is_some_and(|a| a.len() >= needed) {
            return;
        }
        let capacity = needed.max(len + len / 2).max(4);
        let array = self.array_from(capacity, self.list_items(list.detach(self)));
        self.write(list, |l| &l.array, array.value());
    }
}

impl<T> Gc<'_, T> {
    /// The same reference with the lifetime of a borrow of the VM that it already depends on.
    pub(crate) fn detach(self, _vm: &Vm) -> Gc<'_, T> {
        // SAFETY: every Gc is made from a borrow of the VM's heap; a shared borrow cannot collect.
        unsafe { Gc::from_raw(std::ptr::NonNull::new_unchecked(self.as_ptr())) }
    }
}
