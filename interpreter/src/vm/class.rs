//! Classes: finding them, their method resolution order, and making new ones.

use super::construct::header;
use super::iter::NEXT;
use super::{Local, NativeResult, Raised, Special, Vm};
use crate::builtins::class::class_text;
use crate::builtins::declare::CLASS_COUNT;
use crate::builtins::weakref::{WEAKREF_GETSET, has_referable_instances};
use crate::builtins::{ClassId, GetSetDef, TypeDef};
use crate::object::native::Foreign;
use crate::object::*;
use crate::value::{Value, Word, word};
use std::cell::Cell;

/// Fields behind an object of a builtin layout that are kept for the builtin class itself.
const BUILTIN_FIELDS: u16 = 4;

impl Vm {
    /// A class with a fixed number.
    #[inline(always)]
    pub fn class(&self, id: ClassId) -> Gc<'_, Class> {
        // SAFETY: filled with classes at start-up and never changed.
        unsafe { self.roots.classes[id as usize].get(self).cast_unchecked() }
    }

    /// The class of a value.
    #[inline(always)]
    pub fn class_of(&self, value: Value<'_>) -> Gc<'_, Class> {
        let Some(header) = value.header() else { return self.class_of_immediate(value) };
        // SAFETY: every shape of a Python object has a class.
        unsafe { self.shapes().get(header.shape()).class.get(self).cast_unchecked() }
    }

    fn class_of_immediate(&self, value: Value<'_>) -> Gc<'_, Class> {
        self.class(match value.word() {
            word::NONE => ClassId::NoneType,
            word::TRUE | word::FALSE => ClassId::Bool,
            word::NOT_IMPLEMENTED => ClassId::NotImplementedType,
            word::ELLIPSIS => ClassId::EllipsisType,
            w if word::is_int(w) => ClassId::Int,
            w if word::is_flonum(w) => ClassId::Float,
            _ => ClassId::Object,
        })
    }

    /// Whether the value is a direct instance of that builtin class.
    #[inline(always)]
    pub fn is_exact(&self, value: Value<'_>, id: ClassId) -> bool {
        match value.header() {
            Some(header) => header.shape() == id as u32,
            None => self.class_of_immediate(value) == self.class(id),
        }
    }

    /// Whether the value is an instance of that builtin class or of a subclass.
    pub fn has_class(&self, value: Value<'_>, id: ClassId) -> bool {
        self.is_exact(value, id) || self.is_subclass(self.class_of(value), self.class(id))
    }

    /// Whether `class` is `base` or derives from it, by the MRO.
    pub fn is_subclass(&self, class: Gc<'_, Class>, base: Gc<'_, Class>) -> bool {
        if class == base {
            return true;
        }
        match class.mro.get_as::<Tuple>(self) {
            Some(mro) => mro.items().iter().any(|c| c.word() == base.value().word()),
            None => false,
        }
    }

    /// `__name__` of a class.
    pub fn class_name(&self, class: Gc<'_, Class>) -> String {
        self.text_of(class.name.get(self))
    }

    /// `__qualname__` of a class.
    pub fn class_qualname(&self, class: Gc<'_, Class>) -> String {
        self.text_of(class.qualname.get(self))
    }

    /// `__name__` of a value's class, for messages.
    pub fn type_name(&self, value: Value<'_>) -> String {
        self.name_in_messages(self.class_of(value))
    }

    /// What messages call a class: its name, for types made in C with the module's.
    pub fn name_in_messages(&self, class: Gc<'_, Class>) -> String {
        let name = self.class_name(class);
        if class.flags.get() & ClassFlags::MODULE_IN_MESSAGES == 0 {
            return name;
        }
        let dict = class.dict.get_as::<Dict>(self);
        let module = dict.and_then(|d| self.dict_get_str(d, self.intern("__module__")));
        match module.and_then(Value::as_str) {
            Some(module) => format!("{}.{name}", self.str_text(module)),
            None => name,
        }
    }

    /// An attribute of a class by its MRO, as it is (not bound). `name` is a str.
    #[inline]
    pub fn class_lookup<'gc>(
        &'gc self,
        class: Gc<'gc, Class>,
        name: Value<'gc>,
    ) -> Option<Value<'gc>> {
        let mro = class.mro.get_as::<Tuple>(self)?;
        let name = name.as_str()?;
        mro.r().items().iter().find_map(|c| {
            // SAFETY: an MRO holds classes only, whose dict is a dict.
            let dict = unsafe {
                c.get(self).cast_unchecked::<Class>().r().dict.get(self).cast_unchecked::<Dict>()
            };
            self.dict_get_str(dict, name)
        })
    }

    /// Whether instances of the value's class hash by identity.
    pub fn hashes_by_identity(&self, value: Value<'_>) -> bool {
        self.special_of(value, Special::Hash)
            .is_some_and(|f| self.is_object_method(f, Special::Hash))
    }

    /// Whether the value equals only itself.
    pub fn compares_by_identity(&self, value: Value<'_>) -> bool {
        match value.kind() {
            Some(Kind::Instance | Kind::Class | Kind::Function | Kind::Module | Kind::Foreign) => {
                self.special_of(value, Special::Eq)
                    .is_some_and(|f| self.is_object_method(f, Special::Eq))
            }
            _ => false,
        }
    }

    /// An empty class object; the caller fills in the rest.
    pub(crate) fn raw_class(
        &self,
        meta_shape: u32,
        name: Gc<'_, Str>,
        qualname: Gc<'_, Str>,
    ) -> Gc<'_, Class> {
        let empty = || Slot::new(word::UNBOUND);
        let dict = self.dict();
        self.alloc(
            meta_shape,
            Class {
                header: header(),
                name: Slot::new(name.value().word()),
                qualname: Slot::new(qualname.value().word()),
                bases: empty(),
                mro: empty(),
                dict: Slot::new(dict.value().word()),
                base: Slot::new(word::NONE),
                subclasses: empty(),
                specials: empty(),
                specials_epoch: Cell::new(0),
                construction: Cell::new(Construction::General),
                shape: Cell::new(0),
                flags: Cell::new(0),
                instance_kind: Cell::new(Kind::Instance),
                slot_count: Cell::new(0),
                def: Cell::new(std::ptr::null()),
                foreign: Cell::new(std::ptr::null()),
            },
        )
    }

    /// A class made from a declaration; `id` for those with a fixed number (whose shape exists).
    pub(crate) fn class_from_def(
        &self,
        def: &'static TypeDef,
        id: Option<ClassId>,
    ) -> Gc<'_, Class> {
        let name = self.intern(def.name);
        let class = self.raw_class(ClassId::Type as u32, name, name);
        class.def.set(def);
        class.instance_kind.set(def.kind);
        class.flags.set(def.flags);
        if let Some(id) = id {
            class.shape.set(id as u32);
            self.set_shape_class(id as u32, class);
        } else {
            // One inline place stands for the word with the attribute dict.
            let inline = (def.flags & (ClassFlags::HAS_DICT | ClassFlags::EXTRA) != 0) as u16;
            let shape = self.permanent_shape(class.value(), def.kind, inline);
            class.shape.set(shape);
            self.link_class(class, def);
            self.fill_class(class, def);
        }
        class
    }

    /// Sets bases and MRO of a builtin class whose base exists.
    pub(crate) fn link_class(&self, class: Gc<'_, Class>, def: &'static TypeDef) {
        let is_object = std::ptr::eq(def, ClassId::Object.def());
        if let Some(parent) = def.parent {
            let base = self.native_class(parent);
            self.write(class, |c| &c.bases, self.tuple(&[base.value()]).value());
            let inherited = base.mro.get_as::<Tuple>(self).map(|m| m.r().items());
            let inherited = inherited.into_iter().flatten().map(|c| c.get(self));
            let mro: Vec<Value<'_>> = [class.value()].into_iter().chain(inherited).collect();
            self.write(class, |c| &c.mro, self.tuple(&mro).value());
            self.write(class, |c| &c.base, base.value());
            let kinds = base.flags.get() & (ClassFlags::SEQUENCE | ClassFlags::MAPPING);
            class.flags.set(class.flags.get() | kinds);
            self.add_subclass(base, class);
            return;
        }
        let bases: &[Value<'_>] = if is_object { &[] } else { &[self.class(def.base).value()] };
        let tuple = self.tuple(bases);
        self.write(class, |c| &c.bases, tuple.value());
        let mut mro = vec![class.value()];
        let mut at = def;
        while !std::ptr::eq(at, ClassId::Object.def()) {
            mro.push(self.class(at.base).value());
            at = at.base.def();
        }
        let tuple = self.tuple(&mro);
        self.write(class, |c| &c.mro, tuple.value());
        if !is_object {
            let base = self.class(def.base);
            self.write(class, |c| &c.base, base.value());
            self.add_subclass(base, class);
        }
    }

    /// Fills the dict of a builtin class from its declaration.
    pub(crate) fn fill_class(&self, class: Gc<'_, Class>, def: &'static TypeDef) {
        let dict: Gc<'_, Dict> = class.dict.get_as(self).expect("made with the class");
        for method in def.methods {
            let name = self.intern(method.name());
            let function = self.builtin(method, class.value(), Value::UNBOUND);
            self.dict_set_str(dict, name, function.value());
        }
        if def.next.is_some() {
            let function = self.builtin(&NEXT, class.value(), Value::UNBOUND);
            self.dict_set_str(dict, self.intern(NEXT.name()), function.value());
        }
        for getset in def.getset {
            let name = self.intern(getset.name);
            let descriptor = self.alloc(
                if getset.member { ClassId::Member } else { ClassId::GetSet },
                GetSet {
                    header: header(),
                    def: Cell::new(getset),
                    owner: Slot::new(class.value().word()),
                },
            );
            self.dict_set_str(dict, name, descriptor.value());
        }
        // Types whose instances have a computed `__doc__` keep it; `type.__doc__` knows the
        // declaration.
        if !def.getset.iter().any(|g| g.name == "__doc__") {
            let doc = if def.doc.is_empty() { Value::NONE } else { self.str(def.doc).value() };
            self.dict_set_str(dict, self.intern("__doc__"), doc);
        }
        if def.module != "builtins" {
            let module = self.intern(def.module).value();
            self.dict_set_str(dict, self.intern("__module__"), module);
        }
        if !def.match_args.is_empty() {
            let names = def.match_args.iter().map(|name| self.intern(name).value());
            let names = self.tuple_from(def.match_args.len(), names);
            self.dict_set_str(dict, self.intern("__match_args__"), names.value());
        }
        // A type that compares but says nothing of hashing is unhashable.
        let has = |name: &str| def.methods.iter().any(|m| m.name() == name);
        if has("__eq__") && !has("__hash__") {
            self.dict_set_str(dict, self.intern("__hash__"), Value::NONE);
        }
    }

    /// A new weak reference.
    pub fn weak_reference<'gc>(&'gc self, target: Value<'gc>, callback: Value<'gc>) -> Value<'gc> {
        crate::builtins::weakref::allocate(self, ClassId::WeakRef as u32, target, callback).value()
    }

    /// Something in a class changed that inline caches may have seen.
    pub fn class_changed(&self) {
        self.class_epoch.set(self.class_epoch.get().wrapping_add(1));
    }

    /// `type.__setattr__` (or `__delattr__`, without a value). `name` is interned.
    pub(crate) fn class_setattr(
        &mut self,
        obj: Local,
        name: Local,
        value: Option<Local>,
    ) -> Result<(), Raised> {
        let vm = &*self;
        let class: Gc<'_, Class> = vm.get(obj).cast().expect("a class");
        let meta = vm.class_of(vm.get(obj));
        let text = vm.text_of(vm.get(name));
        if class.flags.get() & ClassFlags::MUTABLE == 0 {
            let owner = vm.class_name(class);
            return Err(
                vm.type_error(format!("cannot set '{text}' attribute of immutable type '{owner}'"))
            );
        }
        if let Some(attr) = vm.class_lookup(meta, vm.get(name))
            && vm.is_data_descriptor(attr)
        {
            let Some(getset) = attr.cast::<GetSet>() else {
                let which = if value.is_some() { Special::Set } else { Special::Delete };
                let Some(method) = vm.special_of(attr, which) else {
                    return Err(vm.attribute_error(vm.get(obj), vm.get(name)));
                };
                let (attr, method) = (vm.root(attr), vm.root(method));
                let args: Vec<Local> = [obj].into_iter().chain(value).collect();
                return self.call_unbound(method, attr, &args).map(|_| ());
            };
            let Some(set) = getset.def.get().set else {
                let owner = vm.type_name(vm.get(obj));
                return Err(vm.raise(
                    ClassId::AttributeError,
                    format!("attribute '{text}' of '{owner}' objects is not writable"),
                ));
            };
            let attr = vm.root(attr);
            let value = value.unwrap_or_else(|| vm.empty_root());
            return self.call_getset(set, attr, &[obj, value]).map(|_| ());
        }
        let dict: Gc<'_, Dict> = class.dict.get_as(vm).expect("a class has a dict");
        let key = vm.get(name).as_str().expect("interned by the caller");
        let old = vm.dict_get_str(dict, key);
        match value {
            Some(value) => {
                let new = vm.get(value);
                vm.dict_set_str(dict, key, new);
                if !text.starts_with("__")
                    && old.is_some_and(|old| vm.is_plain_data(old))
                    && vm.is_plain_data(new)
                {
                    // A class used as a place for variables: its data are not cached from now on,
                    // so that changing them again costs nothing.
                    if class.flags.get() & ClassFlags::VOLATILE == 0 {
                        class.flags.set(class.flags.get() | ClassFlags::VOLATILE);
                        vm.class_changed();
                    }
                    return Ok(());
                }
            }
            None => {
                if !vm.dict_del_str(dict, key) {
                    return Err(vm.attribute_error(vm.get(obj), vm.get(name)));
                }
            }
        }
        if text.starts_with("__") {
            vm.update_hook_flags(class);
            vm.special_epoch.set(vm.special_epoch.get().wrapping_add(1));
        }
        vm.class_changed();
        Ok(())
    }

    /// Whether a class attribute is just a value, bound and hooked in no way.
    fn is_plain_data(&self, value: Value<'_>) -> bool {
        match value.kind() {
            None => true,
            Some(
                Kind::Str
                | Kind::Float
                | Kind::BigInt
                | Kind::Bytes
                | Kind::Tuple
                | Kind::List
                | Kind::Dict
                | Kind::Set,
            ) => true,
            Some(Kind::Instance) => {
                self.special_of(value, Special::Get).is_none() && !self.is_data_descriptor(value)
            }
            _ => false,
        }
    }

    /// Whether a value found in that class may be remembered by inline caches.
    pub(crate) fn is_cacheable(&self, class: Gc<'_, Class>, value: Value<'_>) -> bool {
        !self.is_plain_data(value)
            || class.mro.get_as::<Tuple>(self).is_some_and(|mro| {
                mro.items().iter().all(|c| {
                    c.get_as::<Class>(self)
                        .is_some_and(|c| c.flags.get() & ClassFlags::VOLATILE == 0)
                })
            })
    }

    /// Recomputes the hook flags of a class and its subclasses from what the MRO has.
    pub(crate) fn update_hook_flags(&self, class: Gc<'_, Class>) {
        let own = ClassFlags::GETATTR_HOOK | ClassFlags::SETATTR_HOOK | ClassFlags::HAS_DEL;
        let mut flags = class.flags.get() & !own;
        let custom = |which: Special| {
            self.class_lookup(class, self.special_name(which))
                .is_some_and(|f| !self.is_object_method(f, which))
        };
        if custom(Special::GetAttr) || custom(Special::GetAttribute) {
            flags |= ClassFlags::GETATTR_HOOK;
        }
        if custom(Special::SetAttr) || custom(Special::DelAttr) {
            flags |= ClassFlags::SETATTR_HOOK;
        }
        // Native types that own something say so by themselves; their `__del__` is for subclasses.
        if flags & ClassFlags::MUTABLE != 0 && custom(Special::Del) {
            flags |= ClassFlags::HAS_DEL;
        }
        class.flags.set(flags);
        for sub in self.subclasses(class) {
            self.update_hook_flags(sub);
        }
    }

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

    /// A new instance of a class whose instances are plain or have a payload-less builtin layout.
    pub fn new_instance(&self, class: Gc<'_, Class>) -> Gc<'_, Instance> {
        let shape = class.shape.get();
        let inline = self.shapes().get(shape).inline as usize;
        let obj =
            self.heap.alloc(Kind::Instance as u8, shape, Instance::size(inline)).cast::<Instance>();
        // SAFETY: fresh memory for the fixed part and the inline attributes.
        unsafe {
            let words = obj.cast::<u64>().add(1);
            for i in 0..=inline {
                words.add(i).write(word::UNBOUND);
            }
            let instance = Gc::from_raw(obj);
            if class.flags.get() & ClassFlags::HAS_DEL != 0 {
                self.heap.register_finalizer(obj.cast());
            }
            instance
        }
    }

    /// A new object of a class made in C, around its payload; `leaf` says that there is nothing to
    /// trace in the payload.
    #[inline]
    pub fn new_foreign(
        &self,
        class: Gc<'_, Class>,
        data: *mut u8,
        vtable: *const native::ForeignVTable,
        leaf: bool,
    ) -> Gc<'_, Foreign> {
        let (kind, shape) = (Kind::Foreign as u8, class.shape.get());
        let has_attrs = self.shapes().get(shape).inline != 0;
        let (attrs, size) = if has_attrs {
            (model::HAS_TAIL, size_of::<Foreign>() + 8)
        } else {
            (0, size_of::<Foreign>())
        };
        let flags = attrs | if leaf { Header::LEAF } else { 0 };
        let ptr = self.heap.alloc(kind, shape, size).cast::<Foreign>();
        // SAFETY: fresh memory of that size, in the nursery; the header has more flags than the one in it.
        let obj = unsafe {
            let p = ptr.as_ptr();
            (&raw mut (*p).header).write(Header::new(kind, shape).with(flags));
            (&raw mut (*p).data).write(Cell::new(data));
            (&raw mut (*p).vtable).write(Cell::new(vtable));
            if has_attrs {
                p.add(1).cast::<Word>().write(word::UNBOUND);
            }
            Gc::<Foreign>::from_raw(ptr)
        };
        self.heap.register_outside(obj.header_ptr());
        obj
    }
}

// Shape numbers of builtin classes leave room for those made at run time.
const _: () = {
    assert!(CLASS_COUNT < 1 << 16);
};

/// Name mangling of private names.
pub fn mangle(class: &str, name: &str) -> String {
    let class = class.trim_start_matches('_');
    if !name.starts_with("__") || name.ends_with("__") || class.is_empty() {
        name.to_owned()
    } else {
        format!("_{class}{name}")
    }
}
