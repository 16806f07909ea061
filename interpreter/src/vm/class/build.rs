//! `type.__new__`: a class out of its name, its bases and the namespace of its body.

use crate::builtins::class::class_text;
use crate::builtins::weakref::{WEAKREF_GETSET, has_referable_instances};
use crate::builtins::{ClassId, GetSetDef};
use crate::object::*;
use crate::value::{Value, word};
use crate::vm::class::mangle;
use crate::vm::construct::header;
use crate::vm::{Local, NativeResult, Raised, Special, Vm};
use std::cell::Cell;

/// Fields behind an object of a builtin layout that are kept for the builtin class itself.
const BUILTIN_FIELDS: u16 = 4;

impl Vm {
    /// `type.__new__(meta, name, bases, namespace)`: makes the class, sets up its layout, calls
    /// `__set_name__` of its attributes and `__init_subclass__` of its base. `self_attrs` is how
    /// many attributes instances are expected to have.
    pub fn new_class(
        &mut self,
        meta: Local,
        name: Local,
        bases: Local,
        namespace: Local,
        keywords: Local,
        self_attrs: usize,
    ) -> NativeResult {
        self.make_room_for_shapes();
        let slots = self.collect_slots(namespace)?;
        let class = self.build_class(meta, name, bases, namespace, slots, self_attrs)?;
        self.warn_of_odd_names(class)?;
        self.call_mro_hook(class)?;
        self.call_set_names(class)?;
        self.call_init_subclass(class, keywords)?;
        Ok(self.ret(self.get(class)))
    }

    /// RuntimeWarning for names in a class that are no strings: no attribute lookup finds them.
    fn warn_of_odd_names(&mut self, class: Local) -> Result<(), Raised> {
        let c: Gc<'_, Class> = self.get(class).cast().expect("a class");
        let dict: Gc<'_, Dict> = c.dict.get_as(self).expect("a class has a dict");
        if self.table_items(dict.r()).iter().all(|(key, _)| key.as_str().is_some()) {
            return Ok(());
        }
        let name = self.class_name(c);
        let message = format!("non-string key in the __dict__ of class {name}");
        self.warn(ClassId::RuntimeWarning, &message, 1)
    }

    /// The items of a `__slots__` that must be iterated over.
    fn collect_slots(&mut self, namespace: Local) -> Result<Option<Local>, Raised> {
        let dict: Gc<'_, Dict> = self.get(namespace).cast().expect("checked by the caller");
        let Some(slots) = self.dict_get_str(dict, self.intern("__slots__")) else {
            return Ok(None);
        };
        if matches!(slots.kind(), Some(Kind::Str | Kind::Tuple | Kind::List | Kind::Dict)) {
            return Ok(None);
        }
        let slots = self.root(slots);
        let items = self.collect_tuple(slots)?;
        Ok(Some(self.hold(items)))
    }

    fn build_class(
        &self,
        meta: Local,
        name: Local,
        bases: Local,
        namespace: Local,
        slots: Option<Local>,
        self_attrs: usize,
    ) -> Result<Local, Raised> {
        let vm = self;
        let tuple: Gc<'_, Tuple> = vm.get(bases).cast().expect("checked by the caller");
        let mut base_classes = Vec::new();
        for slot in tuple.items() {
            let base = slot.get(vm);
            let Some(class) = base.as_class() else {
                return Err(vm.type_error("bases must be types"));
            };
            base_classes.push(class);
        }
        if base_classes.is_empty() {
            base_classes.push(vm.class(ClassId::Object));
        }
        let best = vm.best_base(&base_classes)?;
        let meta: Gc<'_, Class> = vm.get(meta).cast().expect("checked by the caller");
        let name: Gc<'_, Str> = vm.get(name).cast().expect("checked by the caller");
        let name = vm.intern_str(name);
        let class = vm.raw_class(meta.shape.get(), name, name);
        let tuple = vm.tuple_from(base_classes.len(), base_classes.iter().map(|b| b.value()));
        vm.write(class, |c| &c.bases, tuple.value());
        vm.write(class, |c| &c.base, best.value());
        let mro = vm.linear_order(class, &base_classes)?;
        vm.write(class, |c| &c.mro, mro.value());

        let dict: Gc<'_, Dict> = class.dict.get_as(vm).expect("made with the class");
        let source: Gc<'_, Dict> = vm.get(namespace).cast().expect("checked by the caller");
        for i in 0..vm.table_used(source.r()) {
            let Some((key, value, hash)) = vm.table_entry(source.r(), i) else { continue };
            match key.as_str() {
                Some(key) => vm.dict_set_str(dict, vm.intern_str(key), value),
                // No equal key is there: the namespace is a dict as well.
                None => vm.table_add(dict, key, hash, value),
            }
        }
        let take = |key: &str| {
            let key = vm.intern(key);
            let value = vm.dict_get_str(dict, key);
            vm.dict_del_str(dict, key);
            value
        };
        if let Some(qualname) = take("__qualname__") {
            if qualname.as_str().is_none() {
                let given = vm.type_name(qualname);
                return Err(vm.type_error(format!("type __qualname__ must be a str, not {given}")));
            }
            vm.write(class, |c| &c.qualname, qualname);
        }
        if let Some(value) = take("__classcell__") {
            let Some(cell) = value.cast::<Cell_>() else {
                let given = class_text(vm, vm.class_of(value));
                return Err(
                    vm.type_error(format!("__classcell__ must be a nonlocal cell, not {given}"))
                );
            };
            vm.write(cell, |c| &c.contents, class.value());
        }
        vm.wrap_implicit(dict, "__new__", false);
        vm.wrap_implicit(dict, "__init_subclass__", true);
        vm.wrap_implicit(dict, "__class_getitem__", true);
        let eq = vm.dict_get_str(dict, vm.intern("__eq__")).is_some();
        if eq && vm.dict_get_str(dict, vm.intern("__hash__")).is_none() {
            vm.dict_set_str(dict, vm.intern("__hash__"), Value::NONE);
        }
        if vm.dict_get_str(dict, vm.intern("__doc__")).is_none() {
            vm.dict_set_str(dict, vm.intern("__doc__"), Value::NONE);
        }
        vm.lay_out_instances(class, best, &base_classes, slots, self_attrs)?;
        for base in &base_classes {
            vm.add_subclass(*base, class);
        }
        vm.update_hook_flags(class);
        Ok(vm.root(class.value()))
    }

    /// Wraps a plain function that is implicitly a static or class method.
    fn wrap_implicit(&self, dict: Gc<'_, Dict>, name: &str, class_method: bool) {
        let key = self.intern(name);
        let Some(f) = self.dict_get_str(dict, key) else { return };
        if f.kind() != Some(Kind::Function) {
            return;
        }
        let (func, attrs) = (Slot::new(f.word()), Slot::new(word::UNBOUND));
        let wrapped = if class_method {
            self.alloc(ClassId::ClassMethod, ClassMethod { header: header(), func, attrs }).value()
        } else {
            let method = StaticMethod { header: header(), func, attrs };
            self.alloc(ClassId::StaticMethod, method).value()
        };
        self.dict_set_str(dict, key, wrapped);
    }

    /// Slots, dict and shape of a new class.
    fn lay_out_instances(
        &self,
        class: Gc<'_, Class>,
        best: Gc<'_, Class>,
        bases: &[Gc<'_, Class>],
        slots: Option<Local>,
        self_attrs: usize,
    ) -> Result<(), Raised> {
        let dict: Gc<'_, Dict> = class.dict.get_as(self).expect("made with the class");
        let kind = best.instance_kind.get();
        class.instance_kind.set(kind);
        class.foreign.set(best.foreign.get());
        let inherited = ClassFlags::EXCEPTION | ClassFlags::TYPE | ClassFlags::EXTRA;
        let mut flags = ClassFlags::MUTABLE | ClassFlags::BASE;
        for base in bases {
            flags |= base.flags.get() & (inherited | ClassFlags::HAS_DICT | ClassFlags::WEAKREF);
        }
        // Patterns take it for what the first class in its order is that says so.
        let kinds = ClassFlags::SEQUENCE | ClassFlags::MAPPING;
        let order = class.mro.get_as::<Tuple>(self).map(|mro| mro.r().items()).unwrap_or_default();
        let kinds_above = order.iter().filter_map(|c| c.get(self).as_class());
        flags |= kinds_above.map(|c| c.flags.get() & kinds).find(|f| *f != 0).unwrap_or(0);
        // The length of some objects leaves no place for what a class adds.
        let sized = matches!(kind, Kind::BigInt | Kind::Tuple | Kind::Bytes | Kind::Class);
        let had_weakref = has_referable_instances(best);
        let mut slot_count = best.slot_count.get();
        let slots = slots.map(|items| self.get(items));
        match slots.or_else(|| self.dict_get_str(dict, self.intern("__slots__"))) {
            None => {
                flags |= ClassFlags::HAS_DICT;
                if !sized && !had_weakref {
                    flags |= ClassFlags::WEAKREF;
                }
            }
            Some(slots) => {
                for name in self.slot_names(slots)? {
                    let name: Gc<'_, Str> = self.get(name).cast().expect("checked");
                    if self.str_equals(name, "__dict__") {
                        if (best.flags.get() | flags) & ClassFlags::HAS_DICT != 0 {
                            let text = "__dict__ slot disallowed: we already got one";
                            return Err(self.type_error(text));
                        }
                        flags |= ClassFlags::HAS_DICT;
                        continue;
                    }
                    if self.str_equals(name, "__weakref__") && !sized {
                        // Types of native modules can always be referred to here, in CPython not
                        // all of them: their subclasses may ask for it.
                        let had = had_weakref && !matches!(kind, Kind::Native | Kind::Foreign);
                        if had || flags & ClassFlags::WEAKREF != 0 {
                            let text = "__weakref__ slot disallowed: we already got one";
                            return Err(self.type_error(text));
                        }
                        flags |= ClassFlags::WEAKREF;
                        continue;
                    }
                    let text = self.str_text(name).into_owned();
                    if sized {
                        let base = self.class_name(best);
                        return Err(self.type_error(format!(
                            "nonempty __slots__ not supported for subtype of '{base}'"
                        )));
                    }
                    if kind != Kind::Instance {
                        // The first fields belong to the builtin class.
                        slot_count = slot_count.max(BUILTIN_FIELDS);
                        flags |= ClassFlags::EXTRA;
                    }
                    let class_name = self.class_name(class);
                    let key = self.intern(&mangle(&class_name, &text));
                    // The `__doc__` of a class without a docstring is no variable of its.
                    let known = self.dict_get_str(dict, key);
                    if known.is_some_and(|v| !(v.is_none() && text == "__doc__")) {
                        return Err(self.value_error(format!(
                            "'{text}' in __slots__ conflicts with class variable"
                        )));
                    }
                    let member = self.alloc(
                        ClassId::Member,
                        Member {
                            header: header(),
                            name: Slot::new(key.value().word()),
                            owner: Slot::new(class.value().word()),
                            index: Cell::new(slot_count as u32),
                        },
                    );
                    self.dict_set_str(dict, key, member.value());
                    slot_count += 1;
                }
            }
        }
        class.slot_count.set(slot_count);
        class.flags.set(flags);
        let has_dict = flags & ClassFlags::HAS_DICT != 0;
        let had_dict = best.flags.get() & ClassFlags::HAS_DICT != 0;
        let inline = match kind {
            Kind::Instance => {
                let base_shape = self.shapes().get(best.shape.get());
                let expected =
                    if self_attrs == 0 && base_shape.inline == 0 { 4 } else { self_attrs };
                let from_base = base_shape.inline as usize - base_shape.count as usize;
                let dict_attrs = if has_dict { expected + from_base } else { 0 };
                (slot_count as usize + dict_attrs).min(64) as u16
            }
            Kind::Class
            | Kind::Exception
            | Kind::Function
            | Kind::Module
            | Kind::ClassMethod
            | Kind::StaticMethod => 0,
            // The attribute word behind builtin layouts.
            _ => (has_dict || flags & ClassFlags::EXTRA != 0) as u16,
        };
        if has_dict && !had_dict && !matches!(kind, Kind::Class | Kind::Module) {
            self.add_computed(class, dict, &crate::builtins::object::DICT_GETSET);
        }
        if flags & ClassFlags::WEAKREF != 0 && !had_weakref {
            self.add_computed(class, dict, &WEAKREF_GETSET);
        }
        let shape = self.root_shape(class.value(), kind, slot_count, inline)?;
        class.shape.set(shape);
        Ok(())
    }

    /// Gives a class a computed attribute, unless its body has one of that name.
    fn add_computed(&self, class: Gc<'_, Class>, dict: Gc<'_, Dict>, def: &'static GetSetDef) {
        let key = self.intern(def.name);
        if self.dict_get_str(dict, key).is_none() {
            let owner = Slot::new(class.value().word());
            let descriptor = GetSet { header: header(), def: Cell::new(def), owner };
            let descriptor = self.alloc(ClassId::GetSet, descriptor);
            self.dict_set_str(dict, key, descriptor.value());
        }
    }

    /// The names in a `__slots__` value (a str, or a tuple or list of strs), rooted.
    fn slot_names(&self, slots: Value<'_>) -> Result<Vec<Local>, Raised> {
        let items: Vec<Value<'_>> = if slots.as_str().is_some() {
            vec![slots]
        } else if let Some(tuple) = slots.cast::<Tuple>() {
            tuple.r().items().iter().map(|s| s.get(self)).collect()
        } else if let Some(list) = slots.cast::<List>() {
            self.list_items(list).collect()
        } else if let Some(dict) = slots.cast::<Dict>() {
            self.table_items(dict.r()).into_iter().map(|(k, _)| k).collect()
        } else {
            let given = self.type_name(slots);
            return Err(self.type_error(format!("__slots__ items must be strings, not '{given}'")));
        };
        for item in &items {
            let Some(name) = item.as_str() else {
                let given = self.type_name(*item);
                return Err(
                    self.type_error(format!("__slots__ items must be strings, not '{given}'"))
                );
            };
            let text = self.str_text(name);
            let mut chars = text.chars();
            let start_ok = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
            if !start_ok || !chars.all(|c| c.is_alphanumeric() || c == '_') {
                return Err(self.type_error("__slots__ must be identifiers"));
            }
        }
        // In an order of their own, so that classes with the same slots have the same layout.
        let mut items = items;
        items.sort_by_key(|name| self.text_of(*name));
        Ok(items.into_iter().map(|v| self.root(v)).collect())
    }

    /// The names of the `__slots__` of a class and its bases, by their places in instances.
    pub fn slot_layout(&self, class: Gc<'_, Class>) -> Vec<String> {
        let mut places: Vec<(u32, String)> = Vec::new();
        for class in self.tuple_classes(class.mro.get(self)) {
            let Some(dict) = class.dict.get_as::<Dict>(self) else { continue };
            for (_, value) in self.table_items(dict.r()) {
                if let Some(member) = value.cast::<Member>() {
                    places.push((member.index.get(), self.text_of(member.name.get(self))));
                }
            }
        }
        places.sort_unstable();
        places.into_iter().map(|(_, name)| name).collect()
    }

    fn call_set_names(&mut self, class: Local) -> Result<(), Raised> {
        let items: Vec<(Local, Local)> = {
            let vm = &*self;
            let c: Gc<'_, Class> = vm.get(class).cast().expect("a class");
            let dict: Gc<'_, Dict> = c.dict.get_as(vm).expect("a dict");
            let has = |v: Value<'_>| match v.kind() {
                None | Some(Kind::Function | Kind::Str | Kind::Builtin) => false,
                _ => vm.special_of(v, Special::SetName).is_some(),
            };
            vm.table_items(dict.r())
                .into_iter()
                .filter(|(_, v)| has(*v))
                .map(|(k, v)| (vm.root(k), vm.root(v)))
                .collect()
        };
        for (name, value) in items {
            let called = self.call_special(value, Special::SetName, &[class, name]);
            if let Err(raised) = called {
                let text = self.text_of(self.get(name));
                let (owner, kind) = (
                    self.text_of(
                        self.get(class).as_class().map_or(Value::NONE, |c| c.name.get(self)),
                    ),
                    self.type_name(self.get(value)),
                );
                self.add_note(&format!(
                    "Error calling __set_name__ on '{kind}' instance '{text}' in '{owner}'"
                ));
                return Err(raised);
            }
        }
        Ok(())
    }

    fn call_init_subclass(&mut self, class: Local, keywords: Local) -> Result<(), Raised> {
        let found = {
            let vm = &*self;
            let c: Gc<'_, Class> = vm.get(class).cast().expect("a class");
            let name = vm.special_name(Special::InitSubclass);
            if !vm.tuple_classes(c.mro.get(vm)).contains(&c) {
                // A mro() of the metaclass left it out.
                let name = vm.class_name(c);
                return Err(vm.type_error(format!(
                    "super(type, obj): obj (type {name}) is not an instance or subtype of type ({name})."
                )));
            }
            vm.super_lookup(c, c, name).map(|f| match f.cast::<ClassMethod>() {
                Some(method) => method.func.get(vm),
                None => f,
            })
        };
        let Some(hook) = found else { return Ok(()) };
        let hook = self.root(hook);
        self.call_kw(hook, &[class], keywords).map(|_| ())
    }
}
