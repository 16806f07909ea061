//! The classes written in Rust, out of their `TypeDef`s.

use crate::builtins::declare::CLASS_COUNT;
use crate::builtins::{ClassId, TypeDef};
use crate::object::*;
use crate::value::{Value, word};
use crate::vm::Vm;
use crate::vm::construct::header;
use crate::vm::iter::NEXT;
use std::cell::Cell;

// Shape numbers of builtin classes leave room for those made at run time.
const _: () = {
    assert!(CLASS_COUNT < 1 << 16);
};

impl Vm {
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
}
