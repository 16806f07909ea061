//! Attributes: how a name on an object is resolved, loaded, stored and deleted.
//!
//! [`Vm::resolve`] finds out, without running any Python code, what a load means; the bytecode loop
//! and [`Vm::getattr`] then carry it out, the one by pushing frames, the other by calling.

use super::{Local, NativeResult, Raised, Ret, Special, Vm};
use crate::builtins::ClassId;
use crate::object::*;
use crate::value::Value;

/// What loading an attribute means.
#[derive(Clone, Copy, Debug)]
pub enum Attr<'gc> {
    /// This is the value.
    Value(Value<'gc>),
    /// A function or native method to bind to the object.
    Method(Value<'gc>),
    /// A function to bind to this other object (class methods).
    BoundTo(Value<'gc>, Value<'gc>),
    /// A property: call the getter with the object.
    Getter(Value<'gc>),
    /// A computed attribute written in Rust.
    Native(Gc<'gc, GetSet>),
    /// Any other descriptor: call `get(descriptor, object, class)`.
    Descriptor(Value<'gc>, Value<'gc>),
    /// The type hooks attribute access: call this `__getattribute__` with object and name.
    Hook(Value<'gc>),
    /// Not there.
    Missing,
}

impl Vm {
    /// Resolves `obj.name` without running Python code. `name` is interned.
    pub fn resolve<'gc>(&'gc self, obj: Value<'gc>, name: Value<'gc>) -> Attr<'gc> {
        let class = self.class_of(obj);
        if class.flags.get() & ClassFlags::GETATTR_HOOK != 0
            && let Some(hook) = self.special(class, Special::GetAttribute)
            && !self.is_object_method(hook, Special::GetAttribute)
        {
            return Attr::Hook(hook);
        }
        self.resolve_plain(obj, name)
    }

    /// As [`Vm::resolve`], without hooks: what `object.__getattribute__` (or that of type, module
    /// and super) does.
    pub fn resolve_plain<'gc>(&'gc self, obj: Value<'gc>, name: Value<'gc>) -> Attr<'gc> {
        match obj.kind() {
            Some(Kind::Class) => return self.resolve_class(obj, name),
            Some(Kind::Super) => return self.resolve_super(obj, name),
            _ => {}
        }
        let class = self.class_of(obj);
        let found = self.class_lookup(class, name);
        if let Some(attr) = found
            && self.is_read_first(attr)
        {
            return self.bind(attr, obj, class);
        }
        if let Some(value) = self.own_attr(obj, name) {
            return Attr::Value(value);
        }
        match found {
            Some(attr) => self.bind(attr, obj, class),
            None => Attr::Missing,
        }
    }

    /// Attribute of a class: metaclass data descriptors, then the class's MRO, then the metaclass.
    fn resolve_class<'gc>(&'gc self, obj: Value<'gc>, name: Value<'gc>) -> Attr<'gc> {
        let class: Gc<'gc, Class> = obj.cast().expect("kind is Class");
        let meta = self.class_of(obj);
        let in_meta = self.class_lookup(meta, name);
        if let Some(attr) = in_meta
            && self.is_read_first(attr)
        {
            return self.bind(attr, obj, meta);
        }
        if let Some(attr) = self.class_lookup(class, name) {
            return self.bind_to_class(attr, obj);
        }
        match in_meta {
            Some(attr) => self.bind(attr, obj, meta),
            None => Attr::Missing,
        }
    }

    /// An attribute found in a class, loaded through the class itself.
    fn bind_to_class<'gc>(&'gc self, attr: Value<'gc>, class: Value<'gc>) -> Attr<'gc> {
        match attr.kind() {
            Some(Kind::ClassMethod) => {
                let inner = attr.cast::<ClassMethod>().expect("kind").func.get(self);
                self.bind_class_method(inner, class)
            }
            Some(Kind::StaticMethod) => {
                Attr::Value(attr.cast::<StaticMethod>().expect("kind").func.get(self))
            }
            Some(Kind::Builtin) => {
                let builtin = attr.cast::<Builtin>().expect("kind");
                if builtin.binding == super::Binding::ClassMethod as u8 {
                    Attr::BoundTo(attr, class)
                } else {
                    Attr::Value(attr)
                }
            }
            Some(Kind::Function | Kind::Property | Kind::GetSet | Kind::Member) | None => {
                Attr::Value(attr)
            }
            _ => match self.special_of(attr, Special::Get) {
                Some(get) => Attr::Descriptor(attr, get),
                None => Attr::Value(attr),
            },
        }
    }

    fn bind_class_method<'gc>(&'gc self, inner: Value<'gc>, class: Value<'gc>) -> Attr<'gc> {
        match inner.kind() {
            Some(Kind::Function | Kind::Builtin) => Attr::BoundTo(inner, class),
            _ => Attr::Value(self.bound_method(inner, class).value()),
        }
    }

    /// Attribute through a `super` object: the MRO of its class after `__thisclass__`.
    fn resolve_super<'gc>(&'gc self, obj: Value<'gc>, name: Value<'gc>) -> Attr<'gc> {
        let sup: Gc<'gc, Super> = obj.cast().expect("kind is Super");
        let this = sup.this.get(self);
        if self.str_is(name, "__class__") {
            // That of the super object itself.
            return Attr::Value(self.class_of(obj).value());
        }
        if let (Some(this_class), Some(class)) =
            (sup.this_class.get_as::<Class>(self), sup.class.get_as::<Class>(self))
            && let Some(attr) = self.super_lookup(class, this_class, name)
        {
            if this.is(this_class.value()) {
                return self.bind_to_class(attr, this);
            }
            return self.bind(attr, this, this_class);
        }
        let class = self.class_of(obj);
        match self.class_lookup(class, name) {
            Some(attr) => self.bind(attr, obj, class),
            None => Attr::Missing,
        }
    }

    /// A name in the MRO of `of`, after `class`.
    pub fn super_lookup<'gc>(
        &'gc self,
        class: Gc<'gc, Class>,
        of: Gc<'gc, Class>,
        name: Value<'gc>,
    ) -> Option<Value<'gc>> {
        let mro: Gc<'gc, Tuple> = of.mro.get_as(self)?;
        let name = name.as_str()?;
        let after = mro.items().iter().position(|c| c.get(self).is(class.value()))? + 1;
        mro.r().items()[after..].iter().find_map(|c| {
            let dict = c.get_as::<Class>(self)?.dict.get_as::<Dict>(self)?;
            self.dict_get_str(dict, name)
        })
    }

    /// An attribute found in a class, loaded through an instance.
    pub fn bind<'gc>(
        &'gc self,
        attr: Value<'gc>,
        obj: Value<'gc>,
        class: Gc<'gc, Class>,
    ) -> Attr<'gc> {
        match attr.kind() {
            Some(Kind::Function) => Attr::Method(attr),
            Some(Kind::Builtin) => {
                let binding = attr.cast::<Builtin>().expect("kind").binding;
                if binding == super::Binding::Method as u8 {
                    Attr::Method(attr)
                } else if binding == super::Binding::ClassMethod as u8 {
                    Attr::BoundTo(attr, class.value())
                } else {
                    Attr::Value(attr)
                }
            }
            Some(Kind::Property) => {
                let get = attr.cast::<Property>().expect("kind").get.get(self);
                if get.is_none() {
                    match self.special_of(attr, Special::Get) {
                        Some(get) => Attr::Descriptor(attr, get),
                        None => Attr::Missing,
                    }
                } else if self.is_exact(attr, ClassId::Property) {
                    Attr::Getter(get)
                } else {
                    match self.special_of(attr, Special::Get) {
                        Some(g) if g.kind() == Some(Kind::Function) => Attr::Descriptor(attr, g),
                        _ => Attr::Getter(get),
                    }
                }
            }
            Some(Kind::ClassMethod) => {
                let inner = attr.cast::<ClassMethod>().expect("kind").func.get(self);
                self.bind_class_method(inner, class.value())
            }
            Some(Kind::StaticMethod) => {
                Attr::Value(attr.cast::<StaticMethod>().expect("kind").func.get(self))
            }
            Some(Kind::GetSet) => Attr::Native(attr.cast().expect("kind")),
            Some(Kind::Member) => {
                let member: Gc<'gc, Member> = attr.cast().expect("kind");
                match (self.member_get(member, obj), self.special_of(attr, Special::Get)) {
                    (Some(value), _) => Attr::Value(value),
                    // Of another class: its own method knows what to say.
                    (None, Some(get)) if !self.is_member_of(member, obj) => {
                        Attr::Descriptor(attr, get)
                    }
                    _ => Attr::Missing,
                }
            }
            None => Attr::Value(attr),
            _ => match self.special_of(attr, Special::Get) {
                Some(get) => Attr::Descriptor(attr, get),
                None => Attr::Value(attr),
            },
        }
    }

    /// Whether a load takes an attribute found in a class before the instance's own: a data descriptor that can be read.
    fn is_read_first(&self, attr: Value<'_>) -> bool {
        self.is_data_descriptor(attr)
            && (matches!(attr.kind(), Some(Kind::Property | Kind::GetSet | Kind::Member))
                || self.special_of(attr, Special::Get).is_some())
    }

    /// Whether a store into an instance goes to an attribute found in its class.
    pub fn is_data_descriptor(&self, attr: Value<'_>) -> bool {
        match attr.kind() {
            Some(Kind::Property | Kind::GetSet | Kind::Member) => true,
            None
            | Some(
                Kind::Function
                | Kind::Builtin
                | Kind::ClassMethod
                | Kind::StaticMethod
                | Kind::Str
                | Kind::Tuple
                | Kind::List
                | Kind::Dict,
            ) => false,
            _ => {
                self.special_of(attr, Special::Set).is_some()
                    || self.special_of(attr, Special::Delete).is_some()
            }
        }
    }

    /// `obj.name`, raising AttributeError when missing. `name` is a str.
    pub fn getattr(&mut self, obj: Local, name: Local) -> NativeResult {
        if let Some(ret) = self.getattr_maybe(obj, name)? {
            return Ok(ret);
        }
        Err(self.attribute_error(self.get(obj), self.get(name)))
    }

    /// `obj.name` for a name known in Rust.
    pub fn getattr_str(&mut self, obj: Local, name: &str) -> NativeResult {
        let name = self.root(self.intern(name).value());
        self.getattr(obj, name)
    }

    /// `obj.name`, or `None` when that raises AttributeError.
    pub fn getattr_opt(&mut self, obj: Local, name: &str) -> Result<Option<Ret>, Raised> {
        let name = self.root(self.intern(name).value());
        match self.getattr_maybe(obj, name) {
            Ok(found) => Ok(found),
            Err(raised) => self.catch(raised, ClassId::AttributeError).map(|()| None),
        }
    }

    /// `obj.name`; `None` when it is simply not there (hooks may raise AttributeError instead).
    pub fn getattr_maybe(&mut self, obj: Local, name: Local) -> Result<Option<Ret>, Raised> {
        let interned = match self.get(name).as_str() {
            Some(s) => self.intern_str(s).value(),
            None => return Err(self.type_error("attribute name must be string")),
        };
        self.set(name, interned);
        match self.resolve(self.get(obj), self.get(name)) {
            Attr::Hook(hook) => {
                let hook = self.root(hook);
                match self.call_unbound(hook, obj, &[name]) {
                    Ok(ret) => Ok(Some(ret)),
                    Err(raised) => {
                        let Some(fallback) =
                            self.special(self.class_of(self.get(obj)), Special::GetAttr)
                        else {
                            return Err(raised);
                        };
                        let fallback = self.root(fallback);
                        self.catch(raised, ClassId::AttributeError)?;
                        self.call_unbound(fallback, obj, &[name]).map(Some)
                    }
                }
            }
            attr => {
                let attr = self.root_attr(attr);
                self.finish_attr(obj, name, attr)
            }
        }
    }

    /// As `object.__getattribute__`: no `__getattribute__` hook, no `__getattr__`.
    pub fn generic_getattr(&mut self, obj: Local, name: Local) -> Result<Option<Ret>, Raised> {
        let attr = self.root_attr(self.resolve_plain(self.get(obj), self.get(name)));
        self.perform_attr(obj, attr)
    }

    fn finish_attr(
        &mut self,
        obj: Local,
        name: Local,
        attr: RootedAttr,
    ) -> Result<Option<Ret>, Raised> {
        let hooked = self.class_of(self.get(obj)).flags.get() & ClassFlags::GETATTR_HOOK != 0;
        let result = self.perform_attr(obj, attr);
        match result {
            Ok(Some(ret)) => Ok(Some(ret)),
            Ok(None) if !hooked => self.module_getattr(obj, name),
            Err(raised) if !hooked => Err(raised),
            missing => {
                let hook = self.special(self.class_of(self.get(obj)), Special::GetAttr);
                let Some(hook) = hook.map(|h| self.root(h)) else { return missing };
                if let Err(raised) = missing {
                    self.catch(raised, ClassId::AttributeError)?;
                }
                let result = self.call_unbound(hook, obj, &[name]).map(Some);
                if result.is_err() && self.raised_is(ClassId::AttributeError) {
                    crate::builtins::exceptions::complete_attribute_error(
                        self,
                        self.get(name),
                        self.get(obj),
                    );
                }
                result
            }
        }
    }

    /// A module's own `__getattr__` (PEP 562).
    fn module_getattr(&mut self, obj: Local, name: Local) -> Result<Option<Ret>, Raised> {
        let Some(module) = self.get(obj).cast::<Module>() else { return Ok(None) };
        let hook = module
            .dict
            .get_as::<Dict>(self)
            .and_then(|dict| self.dict_get_str(dict, self.intern("__getattr__")));
        match hook {
            Some(hook) => {
                let hook = self.root(hook);
                self.call(hook, &[name]).map(Some)
            }
            None => Ok(None),
        }
    }

    fn root_attr(&self, attr: Attr<'_>) -> RootedAttr {
        match attr {
            Attr::Value(v) => RootedAttr::Value(self.root(v)),
            Attr::Method(f) => RootedAttr::Method(self.root(f)),
            Attr::BoundTo(f, o) => RootedAttr::Value(self.root(self.bound_method(f, o).value())),
            Attr::Getter(f) => RootedAttr::Getter(self.root(f)),
            Attr::Native(g) => RootedAttr::Native(self.root(g.value())),
            Attr::Descriptor(d, get) => RootedAttr::Descriptor(self.root(d), self.root(get)),
            Attr::Hook(_) | Attr::Missing => RootedAttr::Missing,
        }
    }

    fn perform_attr(&mut self, obj: Local, attr: RootedAttr) -> Result<Option<Ret>, Raised> {
        match attr {
            RootedAttr::Value(v) => Ok(Some(self.ret(self.get(v)))),
            RootedAttr::Method(f) => {
                // Through super the receiver is super's object, not super itself.
                let this = match self.get(obj).cast::<Super>() {
                    Some(sup) if !sup.this.get(self).is_none() => sup.this.get(self),
                    _ => self.get(obj),
                };
                let method = self.bound_method(self.get(f), this);
                Ok(Some(self.ret(method.value())))
            }
            RootedAttr::Getter(f) => {
                let this = self.receiver(obj);
                self.call(f, &[this]).map(Some)
            }
            RootedAttr::Native(g) => {
                let getset = self.get(g).cast::<GetSet>().expect("rooted as such");
                // Those of super itself are not looked for in the classes behind it.
                let own = getset.owner.get(self).is(self.class(ClassId::Super).value());
                let this = if own { obj } else { self.receiver(obj) };
                let getset = self.get(g).cast::<GetSet>().expect("rooted as such");
                self.call_getset(getset.def.get().get, g, &[this]).map(Some)
            }
            RootedAttr::Descriptor(d, get) => {
                let (this, class) = match self.get(obj).kind() {
                    Some(Kind::Class) if !self.found_in_meta(obj, d) => {
                        (self.root(Value::NONE), obj)
                    }
                    _ => {
                        let this = self.receiver(obj);
                        (this, self.root(self.class_of(self.get(this)).value()))
                    }
                };
                self.call(get, &[d, this, class]).map(Some)
            }
            RootedAttr::Missing => Ok(None),
        }
    }

    /// Whether a descriptor resolved on a class object came from its metaclass.
    fn found_in_meta(&self, class: Local, descriptor: Local) -> bool {
        let class: Option<Gc<'_, Class>> = self.get(class).cast();
        let Some(class) = class else { return false };
        let descriptor = self.get(descriptor);
        let mro = class.mro.get_as::<Tuple>(self);
        let in_class = mro.is_some_and(|mro| {
            mro.items().iter().any(|c| {
                c.get_as::<Class>(self)
                    .and_then(|c| c.dict.get_as::<Dict>(self))
                    .is_some_and(|d| self.table_items(d.r()).iter().any(|i| i.1.is(descriptor)))
            })
        });
        !in_class
    }

    /// What a method loaded through `obj` is bound to.
    fn receiver(&self, obj: Local) -> Local {
        match self.get(obj).cast::<Super>() {
            Some(sup) if !sup.this.get(self).is_none() => self.root(sup.this.get(self)),
            _ => obj,
        }
    }

    /// `'X' object has no attribute 'y'`
    #[cold]
    pub fn attribute_error(&self, obj: Value<'_>, name: Value<'_>) -> Raised {
        let name_text = name.as_str().map_or("?".into(), |s| self.str_text(s).into_owned());
        let what = match (obj.cast::<Class>(), obj.cast::<Module>()) {
            (Some(class), _) => format!("type object '{}'", self.class_name(class)),
            (_, Some(module)) => match self.module_name(module) {
                Some(module) => format!("module '{module}'"),
                None => "module".into(),
            },
            _ => format!("'{}' object", self.type_name(obj)),
        };
        let mut message = format!("{what} has no attribute '{name_text}'");
        if let Some(module) = obj.cast::<Module>() {
            message = self.explain_missing_global(module, &name_text, message);
        }
        let raised = self.raise(ClassId::AttributeError, message);
        crate::builtins::exceptions::set_attribute_error_fields(self, name, obj);
        raised
    }

    /// `obj.name = value`
    pub fn setattr(&mut self, obj: Local, name: Local, value: Local) -> Result<(), Raised> {
        self.store_attr(obj, name, Some(value))
    }

    /// `del obj.name`
    pub fn delattr(&mut self, obj: Local, name: Local) -> Result<(), Raised> {
        self.store_attr(obj, name, None)
    }

    fn store_attr(&mut self, obj: Local, name: Local, value: Option<Local>) -> Result<(), Raised> {
        let class = self.class_of(self.get(obj));
        if class.flags.get() & ClassFlags::SETATTR_HOOK != 0 {
            let which = if value.is_some() { Special::SetAttr } else { Special::DelAttr };
            if let Some(hook) = self.special(class, which)
                && !self.is_object_method(hook, which)
            {
                let hook = self.root(hook);
                let args = [obj, name, value.unwrap_or(name)];
                let n = if value.is_some() { 3 } else { 2 };
                return self.call(hook, &args[..n]).map(|_| ());
            }
        }
        self.generic_setattr(obj, name, value)
    }

    /// As `object.__setattr__` (or `__delattr__`, without a value).
    pub fn generic_setattr(
        &mut self,
        obj: Local,
        name: Local,
        value: Option<Local>,
    ) -> Result<(), Raised> {
        let interned = match self.get(name).as_str() {
            Some(s) => self.intern_str(s).value(),
            None => {
                let given = self.type_name(self.get(name));
                return Err(
                    self.type_error(format!("attribute name must be string, not '{given}'"))
                );
            }
        };
        self.set(name, interned);
        if self.get(obj).kind() == Some(Kind::Class) {
            return self.class_setattr(obj, name, value);
        }
        let class = self.class_of(self.get(obj));
        if let Some(attr) = self.class_lookup(class, self.get(name))
            && self.is_data_descriptor(attr)
        {
            let attr = self.root(attr);
            return self.set_descriptor(attr, obj, name, value);
        }
        match value {
            Some(value) => {
                if self.set_own_attr(self.get(obj), self.get(name), self.get(value)) {
                    return Ok(());
                }
            }
            None => {
                if self.del_own_attr(self.get(obj), self.get(name)) {
                    return Ok(());
                }
                let class = self.class_of(self.get(obj));
                let in_class = self.class_lookup(class, self.get(name)).is_some();
                if !in_class && self.can_have_attrs(self.get(obj)) {
                    return Err(self.attribute_error(self.get(obj), self.get(name)));
                }
            }
        }
        Err(self.cannot_set_attribute(self.get(obj), self.get(name)))
    }

    fn can_have_attrs(&self, obj: Value<'_>) -> bool {
        match obj.kind() {
            Some(Kind::Instance) => self.class_of(obj).flags.get() & ClassFlags::HAS_DICT != 0,
            _ => self.attrs_slot(obj).is_some(),
        }
    }

    #[cold]
    fn cannot_set_attribute(&self, obj: Value<'_>, name: Value<'_>) -> Raised {
        let class = self.class_of(obj);
        let type_name = self.name_in_messages(class);
        let text = name.as_str().map_or("?".into(), |s| self.str_text(s).into_owned());
        let message = if self.class_lookup(class, name).is_some() {
            format!("'{type_name}' object attribute '{text}' is read-only")
        } else {
            format!(
                "'{type_name}' object has no attribute '{text}' and no __dict__ for setting new \
                 attributes"
            )
        };
        self.raise(ClassId::AttributeError, message)
    }

    fn set_descriptor(
        &mut self,
        attr: Local,
        obj: Local,
        name: Local,
        value: Option<Local>,
    ) -> Result<(), Raised> {
        let descriptor = self.get(attr);
        if let Some(member) = descriptor.cast::<Member>() {
            let object = self.get(obj);
            let owner = member.owner.get_as::<Class>(self);
            if !owner.is_some_and(|owner| self.is_subclass(self.class_of(object), owner)) {
                return Err(self.cannot_set_attribute(object, self.get(name)));
            }
            let value = value.map_or(Value::UNBOUND, |v| self.get(v));
            if !self.member_store(member, object, value) {
                let text = self.text_of(self.get(name));
                return Err(self.raise(ClassId::AttributeError, text));
            }
            return Ok(());
        }
        if let Some(getset) = descriptor.cast::<GetSet>() {
            let def = getset.def.get();
            let Some(set) = def.set else {
                let owner = self.type_name(self.get(obj));
                return Err(self.raise(ClassId::AttributeError, def.read_only(&owner)));
            };
            let value = match value {
                Some(value) => value,
                None => self.root(Value::UNBOUND),
            };
            return self.call_getset(set, attr, &[obj, value]).map(|_| ());
        }
        if let Some(property) = descriptor.cast::<Property>()
            && self.is_exact(descriptor, ClassId::Property)
        {
            let f = match value {
                Some(_) => property.set.get(self),
                None => property.delete.get(self),
            };
            if f.is_none() {
                let what = if value.is_some() { "setter" } else { "deleter" };
                let owner = self.class_qualname(self.class_of(self.get(obj)));
                let text = self.text_of(self.get(name));
                return Err(self.raise(
                    ClassId::AttributeError,
                    format!("property '{text}' of '{owner}' object has no {what}"),
                ));
            }
            let f = self.root(f);
            let args = [obj, value.unwrap_or(obj)];
            let n = if value.is_some() { 2 } else { 1 };
            return self.call(f, &args[..n]).map(|_| ());
        }
        let which = if value.is_some() { Special::Set } else { Special::Delete };
        let Some(method) = self.special_of(descriptor, which) else {
            let what = if value.is_some() { "__set__" } else { "__delete__" };
            return Err(self.raise(ClassId::AttributeError, what));
        };
        let method = self.root(method);
        let args = [attr, obj, value.unwrap_or(obj)];
        let n = if value.is_some() { 3 } else { 2 };
        self.call(method, &args[..n]).map(|_| ())
    }

    /// Whether a special method found on a class is the one that `object` (or type, module, super)
    /// has: the generic behaviour.
    #[inline]
    pub(crate) fn is_object_method(&self, method: Value<'_>, which: Special) -> bool {
        if method.word() == self.roots.object_specials[which as usize].word() {
            return true;
        }
        method.kind() == Some(Kind::Builtin) && self.is_generic_method(method, which)
    }

    fn is_generic_method(&self, method: Value<'_>, which: Special) -> bool {
        method.cast::<Builtin>().is_some_and(|b| {
            let generic: &[ClassId] = match which {
                // That of super does all the work.
                Special::Init => &[ClassId::Object, ClassId::Type],
                _ => &[ClassId::Object, ClassId::Type, ClassId::Module, ClassId::Super],
            };
            generic.iter().any(|c| b.owner.word() == self.roots.classes[*c as usize].word())
                && b.def.get().name() == Special::NAMES[which as usize]
        })
    }

    /// Whether a str value is that text.
    pub fn str_is(&self, s: Value<'_>, text: &str) -> bool {
        s.as_str().is_some_and(|s| self.str_equals(s, text))
    }

    /// The text of a str value (`?` for anything else), for messages.
    pub fn text_of(&self, s: Value<'_>) -> String {
        s.as_str().map_or("?".into(), |s| self.str_text(s).into_owned())
    }
}

/// An [`Attr`] whose values are in roots.
#[derive(Clone, Copy)]
enum RootedAttr {
    Value(Local),
    Method(Local),
    Getter(Local),
    Native(Local),
    Descriptor(Local, Local),
    Missing,
}
