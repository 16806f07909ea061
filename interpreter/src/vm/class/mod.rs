//! Classes: finding them, what they define, and what changes when they do.

mod build;
mod builtin;

use super::{Local, Raised, Special, Vm};
use crate::builtins::ClassId;
use crate::object::*;
use crate::value::{Value, word};

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
}

/// Name mangling of private names.
pub fn mangle(class: &str, name: &str) -> String {
    let class = class.trim_start_matches('_');
    if !name.starts_with("__") || name.ends_with("__") || class.is_empty() {
        name.to_owned()
    } else {
        format!("_{class}{name}")
    }
}
