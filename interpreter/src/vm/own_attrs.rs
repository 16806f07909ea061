//! What an object itself keeps of its attributes: slots of plain instances, `__slots__`, and the
//! attribute dict.

use super::Vm;
use crate::builtins::declare::CLASS_COUNT;
use crate::object::model::HAS_TAIL;
use crate::object::*;
use crate::value::Value;

/// Where the `__slots__` of Python subclasses begin among the fields that classes add to a builtin
/// layout: those of native classes come first.
const SLOTS_IN_EXTRA: usize = 4;

impl Vm {
    /// An attribute of the object itself (not its class).
    pub fn own_attr<'gc>(&'gc self, obj: Value<'gc>, name: Value<'gc>) -> Option<Value<'gc>> {
        if let Some(instance) = obj.cast::<Instance>() {
            let shape = instance.header.shape();
            if self.shapes().get(shape).is_dict {
                return self.dict_get_str(instance.extra.get_as(self)?, name.as_str()?);
            }
            let i = self.shape_find(shape, name)?;
            return self.slot_value(instance, i).bound();
        }
        let dict: Gc<'gc, Dict> = self.attrs_word(obj)?.cast()?;
        self.dict_get_str(dict, name.as_str()?)
    }

    /// Stores an attribute in the object itself; false when it cannot have any.
    pub fn set_own_attr(&self, obj: Value<'_>, name: Value<'_>, value: Value<'_>) -> bool {
        let Some(instance) = obj.cast::<Instance>() else {
            return match (self.instance_dict(obj), name.as_str()) {
                (Some(dict), Some(name)) => {
                    self.dict_set_str(dict, name, value);
                    true
                }
                _ => false,
            };
        };
        let id = instance.header.shape();
        if self.shapes().get(id).is_dict {
            return match (self.instance_dict(obj), name.as_str()) {
                (Some(dict), Some(name)) => {
                    self.dict_set_str(dict, name, value);
                    true
                }
                _ => false,
            };
        }
        if let Some(i) = self.shape_find(id, name) {
            self.set_slot_value(instance, i, value);
            return true;
        }
        if self.class_of(obj).flags.get() & ClassFlags::HAS_DICT == 0 {
            return false;
        }
        match self.shape_add(id, name) {
            Some(new) => {
                let i = self.shapes().get(new).count as usize - 1;
                self.set_slot_value(instance, i, value);
                instance.header.set_shape(new);
                true
            }
            None => match (self.materialise_dict(instance), name.as_str()) {
                (Some(dict), Some(name)) => {
                    self.dict_set_str(dict, name, value);
                    true
                }
                _ => false,
            },
        }
    }

    /// Deletes an attribute of the object itself; false when it was not there.
    pub fn del_own_attr(&self, obj: Value<'_>, name: Value<'_>) -> bool {
        let Some(key) = name.as_str() else { return false };
        if self.own_attr(obj, name).is_none() {
            return false;
        }
        if let Some(instance) = obj.cast::<Instance>() {
            // The last attribute added just goes; otherwise the order is kept by a dict.
            let id = instance.header.shape();
            let shape = self.shapes().get(id);
            if !shape.is_dict && shape.name.word() == name.word() && shape.parent != 0 {
                let (i, parent) = (shape.count as usize - 1, shape.parent);
                self.set_slot_value(instance, i, Value::UNBOUND);
                instance.header.set_shape(parent);
                return true;
            }
        }
        match self.instance_dict(obj) {
            Some(dict) => self.dict_del_str(dict, key),
            None => false,
        }
    }

    /// Attribute number `i` of a plain instance (UNBOUND when not set).
    #[inline(always)]
    pub fn slot_value<'gc>(&'gc self, instance: Gc<'gc, Instance>, i: usize) -> Value<'gc> {
        let inline = self.shapes().get(instance.header.shape()).inline as usize;
        if i < inline {
            // SAFETY: the shape says that the object has that many inline attributes.
            unsafe { (*instance.r().inline_ptr(i)).get(self) }
        } else {
            match instance.extra.get_as::<Array>(self) {
                Some(array) => array.r().items()[i - inline].get(self),
                None => Value::UNBOUND,
            }
        }
    }

    /// Sets attribute number `i` of a plain instance; makes room for it when needed.
    pub fn set_slot_value(&self, instance: Gc<'_, Instance>, i: usize, value: Value<'_>) {
        let inline = self.shapes().get(instance.header.shape()).inline as usize;
        if i < inline {
            // SAFETY: as in `slot_value`; the barrier follows.
            unsafe { (*instance.inline_ptr(i)).set_word(value.word()) };
            self.heap.barrier(instance.header_ptr());
            return;
        }
        let i = i - inline;
        let array = match instance.extra.get_as::<Array>(self) {
            Some(array) if i < array.len() => array,
            old => {
                let have = old.map_or(0, |a| a.len());
                let items = (0..have).filter_map(|k| old.map(|a| a.item(self, k)));
                let array = self.array_from((i + 1).next_power_of_two().max(4), items);
                self.write(instance, |o| &o.extra, array.value());
                array
            }
        };
        self.write(array, |a| &a.items()[i], value);
    }

    /// The value of a `__slots__` entry, or `None` when it is not set.
    pub fn member_get<'gc>(
        &'gc self,
        member: Gc<'gc, Member>,
        obj: Value<'gc>,
    ) -> Option<Value<'gc>> {
        if !self.is_member_of(member, obj) {
            return None;
        }
        self.member_value(member, obj).bound()
    }

    /// Whether a `__slots__` entry is that of a class of the object's.
    pub(super) fn is_member_of(&self, member: Gc<'_, Member>, obj: Value<'_>) -> bool {
        let owner = member.owner.get_as::<Class>(self);
        owner.is_some_and(|owner| self.is_subclass(self.class_of(obj), owner))
    }

    /// What a `__slots__` entry holds: in a plain instance one of its attributes, in an object of a
    /// builtin layout a field behind it, or an entry of the attribute dict that the layout has.
    fn member_value<'gc>(&'gc self, member: Gc<'gc, Member>, obj: Value<'gc>) -> Value<'gc> {
        let i = member.index.get() as usize;
        if let Some(instance) = obj.cast() {
            return self.slot_value(instance, i);
        }
        if self.last_word(obj).is_some() {
            return self.extra_field(obj, SLOTS_IN_EXTRA + i);
        }
        self.own_attr(obj, member.name.get(self)).unwrap_or(Value::UNBOUND)
    }

    /// Sets a `__slots__` entry, UNBOUND to delete it; false when there is nothing to delete.
    pub fn member_store(&self, member: Gc<'_, Member>, obj: Value<'_>, value: Value<'_>) -> bool {
        if value.is_unbound() && self.member_value(member.detach(self), obj).is_unbound() {
            return false;
        }
        let i = member.index.get() as usize;
        if let Some(instance) = obj.cast() {
            self.set_slot_value(instance, i, value);
        } else if self.last_word(obj).is_some() {
            self.set_extra_field(obj, SLOTS_IN_EXTRA + i, value);
        } else if value.is_unbound() {
            self.del_own_attr(obj, member.name.get(self));
        } else {
            self.set_own_attr(obj, member.name.get(self), value);
        }
        true
    }

    /// The word that holds an object's attribute dict, for objects that are not plain instances;
    /// `None` when there cannot be one.
    pub(crate) fn attrs_word<'gc>(&'gc self, obj: Value<'gc>) -> Option<Value<'gc>> {
        let (_, slot) = self.attrs_slot(obj)?;
        // SAFETY: the slot is inside a live object.
        Some(unsafe { (*slot).get(self) })
    }

    /// The last word of an object of a builtin layout whose class adds something to it.
    fn last_word<'gc>(&'gc self, obj: Value<'gc>) -> Option<&'gc Slot> {
        use sidewinder_gc::Model;
        let header = obj.header().filter(|h| h.flag(HAS_TAIL) && h.shape() >= CLASS_COUNT)?;
        let p: *const Header = header;
        // SAFETY: the flag says that the object's last word is a slot.
        Some(unsafe { &*p.byte_add(self.heap.model().size(p) - 8).cast() })
    }

    /// Field `i` (from 0) that a class with [`ClassFlags::EXTRA`] adds to a builtin layout; UNBOUND
    /// until it is set.
    pub fn extra_field<'gc>(&'gc self, obj: Value<'gc>, i: usize) -> Value<'gc> {
        match self.last_word(obj).and_then(|word| word.get_as::<Array>(self)) {
            Some(fields) if i + 1 < fields.len() => fields.item(self, i + 1),
            _ => Value::UNBOUND,
        }
    }

    /// Sets field `i` of an object whose class adds fields to a builtin layout.
    pub fn set_extra_field(&self, obj: Value<'_>, i: usize, value: Value<'_>) {
        let (Some(word), Some(header)) = (self.last_word(obj), obj.header()) else { return };
        let fields = match word.get_as::<Array>(self) {
            Some(fields) if i + 1 < fields.len() => fields,
            // The first item is the attribute dict, which may have been the word itself.
            old => {
                let dict = [word.get(self)];
                let fields = match old {
                    Some(old) => {
                        self.array_from(i + 2, old.r().items().iter().map(|s| s.get(self)))
                    }
                    None => self.array_from(i + 2, dict),
                };
                // SAFETY: the barrier follows.
                unsafe { word.set_word(fields.value().word()) };
                self.heap.barrier(std::ptr::NonNull::from(header));
                fields
            }
        };
        self.write(fields, |f| &f.items()[i + 1], value);
    }

    /// The slot of the attribute dict and the object that the slot is in.
    pub(super) fn attrs_slot(
        &self,
        obj: Value<'_>,
    ) -> Option<(std::ptr::NonNull<Header>, *const Slot)> {
        let header = obj.header()?;
        let owner = std::ptr::NonNull::from(header);
        if let Some(word) = self.last_word(obj) {
            if self.class_of(obj).flags.get() & ClassFlags::HAS_DICT == 0 {
                return None;
            }
            return Some(match word.get_as::<Array>(self) {
                Some(fields) => (fields.header_ptr(), &raw const fields.r().items()[0]),
                None => (owner, word),
            });
        }
        let slot = match Kind::of(header) {
            Kind::Module => &raw const obj.cast::<Module>()?.r().dict,
            Kind::Function => &raw const obj.cast::<Function>()?.r().attrs,
            Kind::Exception => &raw const obj.cast::<Exception>()?.r().attrs,
            Kind::ClassMethod => &raw const obj.cast::<ClassMethod>()?.r().attrs,
            Kind::StaticMethod => &raw const obj.cast::<StaticMethod>()?.r().attrs,
            _ => return None,
        };
        Some((owner, slot))
    }

    /// The object's `__dict__`, made if there is none yet; `None` when the object cannot have one.
    pub fn instance_dict<'gc>(&'gc self, obj: Value<'gc>) -> Option<Gc<'gc, Dict>> {
        if let Some(instance) = obj.cast::<Instance>() {
            return self.materialise_dict(instance);
        }
        let (owner, slot) = self.attrs_slot(obj)?;
        // SAFETY: the slot is inside a live object.
        if let Some(dict) = unsafe { (*slot).get_as::<Dict>(self) } {
            return Some(dict);
        }
        let dict = self.dict();
        // SAFETY: as above; the barrier follows.
        unsafe { (*slot).set_word(dict.value().word()) };
        self.heap.barrier(owner);
        Some(dict)
    }

    /// Replaces the object's `__dict__`.
    pub fn set_instance_dict(&self, obj: Value<'_>, dict: Gc<'_, Dict>) -> bool {
        if let Some(instance) = obj.cast::<Instance>() {
            if self.materialise_dict(instance).is_none() {
                return false;
            }
            self.write(instance, |o| &o.extra, dict.value());
            return true;
        }
        let Some((owner, slot)) = self.attrs_slot(obj) else { return false };
        // SAFETY: the slot is inside a live object; the barrier follows.
        unsafe { (*slot).set_word(dict.value().word()) };
        self.heap.barrier(owner);
        true
    }

    /// Moves a plain instance's attributes into a dict.
    fn materialise_dict<'gc>(&'gc self, instance: Gc<'gc, Instance>) -> Option<Gc<'gc, Dict>> {
        let id = instance.header.shape();
        if self.shapes().get(id).is_dict {
            if let Some(dict) = instance.extra.get_as(self) {
                return Some(dict);
            }
            let dict = self.dict();
            self.write(instance, |o| &o.extra, dict.value());
            return Some(dict);
        }
        let class = self.class_of(instance.value());
        if class.flags.get() & ClassFlags::HAS_DICT == 0 || class.slot_count.get() > 0 {
            // With `__slots__` besides the dict the slots stay where they are.
            if class.flags.get() & ClassFlags::HAS_DICT == 0 {
                return None;
            }
        }
        let dict = self.dict();
        for (name, i) in self.shape_names(id) {
            let value = self.slot_value(instance, i);
            if let (Some(name), false) = (name.as_str(), value.is_unbound()) {
                self.dict_set_str(dict, name, value);
            }
            if i >= class.slot_count.get() as usize {
                // The object does not hold it twice: a later `del` must let it go.
                self.set_slot_value(instance, i, Value::UNBOUND);
            }
        }
        let shape = self.shape_dict(id);
        instance.header.set_shape(shape);
        self.write(instance, |o| &o.extra, dict.value());
        Some(dict)
    }
}
