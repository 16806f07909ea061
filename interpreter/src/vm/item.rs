//! Subscripts and containment.

use super::native::{Raised, Ret};
use super::{Local, NativeResult, Special, Vm};
use crate::builtins::ClassId;
use crate::builtins::generic_alias::alias;
use crate::object::table::Lookup;
use crate::object::*;
use crate::value::Value;

/// Outcome of a try without Python code.
pub enum Leaf<T> {
    /// Done.
    Done(T),
    /// An exception is set.
    Failed(Raised),
    /// Needs a special method.
    Unknown,
}

/// The index as a position, from the end when negative.
#[inline(always)]
pub fn position(index: i64, len: usize) -> Option<usize> {
    let at = if index < 0 { index + len as i64 } else { index };
    (at >= 0 && (at as usize) < len).then_some(at as usize)
}

impl Vm {
    /// `v[key]` for builtin types with simple keys.
    #[inline]
    pub fn getitem_leaf<'gc>(&'gc self, v: Value<'gc>, key: Value<'gc>) -> Leaf<Value<'gc>> {
        let Some(header) = v.header() else { return Leaf::Unknown };
        let shape = header.shape();
        if shape == ClassId::Dict as u32 {
            let dict: Gc<'_, Dict> = v.cast().expect("exact dict");
            let Some(hash) = self.hash_leaf(key) else { return Leaf::Unknown };
            return match self.table_find(dict.r(), key, hash, None) {
                Lookup::Found(i) => Leaf::Done(self.table_value(dict.r(), i)),
                Lookup::Missing => Leaf::Failed(self.key_error(key)),
                Lookup::Ask(..) => Leaf::Unknown,
            };
        }
        let Some(index) = key.as_small_int() else { return Leaf::Unknown };
        if shape == ClassId::List as u32 {
            let list: Gc<'_, List> = v.cast().expect("exact list");
            return match position(index, list.len.get()) {
                Some(i) => Leaf::Done(self.list_item(list, i)),
                None => Leaf::Failed(self.raise(ClassId::IndexError, "list index out of range")),
            };
        }
        if shape == ClassId::Tuple as u32 {
            let tuple: Gc<'_, Tuple> = v.cast().expect("exact tuple");
            return match position(index, tuple.len()) {
                Some(i) => Leaf::Done(tuple.item(self, i)),
                None => Leaf::Failed(self.raise(ClassId::IndexError, "tuple index out of range")),
            };
        }
        if shape == ClassId::Str as u32 {
            let s: Gc<'_, Str> = v.cast().expect("exact str");
            return match position(index, s.len()) {
                Some(i) => Leaf::Done(self.str_from_char(s.char_at(i)).value()),
                None => Leaf::Failed(self.raise(ClassId::IndexError, "string index out of range")),
            };
        }
        if shape == ClassId::Bytes as u32 {
            let bytes: Gc<'_, Bytes> = v.cast().expect("exact bytes");
            return match position(index, bytes.data().len()) {
                Some(i) => Leaf::Done(Value::from_i32(bytes.data()[i].into())),
                None => Leaf::Failed(self.raise(ClassId::IndexError, "index out of range")),
            };
        }
        if shape == ClassId::ByteArray as u32 {
            let array: Gc<'_, ByteArray> = v.cast().expect("exact bytearray");
            return match position(index, array.len.get()) {
                Some(i) => Leaf::Done(Value::from_i32(self.bytearray_get(array, i).into())),
                None => {
                    Leaf::Failed(self.raise(ClassId::IndexError, "bytearray index out of range"))
                }
            };
        }
        Leaf::Unknown
    }

    /// `v[key]`
    pub fn getitem(&mut self, v: Local, key: Local) -> NativeResult {
        match self.getitem_leaf(self.get(v), self.get(key)) {
            Leaf::Done(item) => return Ok(self.ret(item)),
            Leaf::Failed(raised) => return Err(raised),
            Leaf::Unknown => {}
        }
        if let Some(ret) = self.call_special(v, Special::GetItem, &[key])? {
            return Ok(ret);
        }
        if self.get(v).as_class().is_some() {
            if self.get(v).is(self.class(ClassId::Type).value()) {
                // `type` has no `__class_getitem__`, which its instances would inherit.
                return Ok(self.ret(alias(self, self.get(v), self.get(key))));
            }
            return self.call_class_getitem(v, key);
        }
        let name = self.type_name(self.get(v));
        Err(self.type_error(format!("'{name}' object is not subscriptable")))
    }

    fn call_class_getitem(&mut self, class: Local, key: Local) -> NativeResult {
        match self.getattr_opt(class, "__class_getitem__")? {
            Some(method) => {
                let method = self.hold(method);
                self.call(method, &[key])
            }
            None => {
                let name = self
                    .text_of(self.get(class).as_class().map_or(Value::NONE, |c| c.name.get(self)));
                Err(self.type_error(format!("type '{name}' is not subscriptable")))
            }
        }
    }

    /// `v[key] = item` for builtin types with simple keys.
    #[inline]
    pub fn setitem_leaf(&self, v: Value<'_>, key: Value<'_>, item: Value<'_>) -> Leaf<()> {
        let Some(header) = v.header() else { return Leaf::Unknown };
        let shape = header.shape();
        if shape == ClassId::Dict as u32 {
            let dict: Gc<'_, Dict> = v.cast().expect("exact dict");
            let Some(hash) = self.hash_leaf(key) else { return Leaf::Unknown };
            match self.table_find(dict.r(), key, hash, None) {
                Lookup::Found(i) => self.table_set_value(dict.r(), i, item),
                Lookup::Missing => self.table_add(dict, key, hash, item),
                Lookup::Ask(..) => return Leaf::Unknown,
            }
            return Leaf::Done(());
        }
        if shape == ClassId::List as u32
            && let Some(index) = key.as_small_int()
        {
            let list: Gc<'_, List> = v.cast().expect("exact list");
            return match position(index, list.len.get()) {
                Some(i) => {
                    self.list_set(list, i, item);
                    Leaf::Done(())
                }
                None => Leaf::Failed(
                    self.raise(ClassId::IndexError, "list assignment index out of range"),
                ),
            };
        }
        Leaf::Unknown
    }

    /// `v[key] = item`
    pub fn setitem(&mut self, v: Local, key: Local, item: Local) -> Result<(), Raised> {
        match self.setitem_leaf(self.get(v), self.get(key), self.get(item)) {
            Leaf::Done(()) => return Ok(()),
            Leaf::Failed(raised) => return Err(raised),
            Leaf::Unknown => {}
        }
        match self.call_special(v, Special::SetItem, &[key, item])? {
            Some(Ret(())) => Ok(()),
            None => {
                let name = self.type_name(self.get(v));
                Err(self.type_error(format!("'{name}' object does not support item assignment")))
            }
        }
    }

    /// `del v[key]`
    pub fn delitem(&mut self, v: Local, key: Local) -> Result<(), Raised> {
        match self.call_special(v, Special::DelItem, &[key])? {
            Some(Ret(())) => Ok(()),
            None => {
                let name = self.type_name(self.get(v));
                // Sequences are asked in other words than what has no items at all.
                let mutable = self.class_of(self.get(v)).flags.get() & ClassFlags::MUTABLE != 0;
                let has_items = self.special_of(self.get(v), Special::GetItem).is_some();
                if self.is_int(self.get(key)) && (mutable || has_items) {
                    return Err(
                        self.type_error(format!("'{name}' object doesn't support item deletion"))
                    );
                }
                Err(self.type_error(format!("'{name}' object does not support item deletion")))
            }
        }
    }

    /// `item in v` for builtin containers of simple values.
    pub fn contains_leaf(&self, v: Value<'_>, item: Value<'_>) -> Option<bool> {
        let shape = v.header()?.shape();
        if shape == ClassId::Dict as u32 {
            let hash = self.hash_leaf(item)?;
            return match self.table_find(v.cast::<Dict>()?.r(), item, hash, None) {
                Lookup::Found(_) => Some(true),
                Lookup::Missing => Some(false),
                Lookup::Ask(..) => None,
            };
        }
        if shape == ClassId::Set as u32 || shape == ClassId::FrozenSet as u32 {
            let hash = self.hash_leaf(item)?;
            return match self.table_find(v.cast::<Set>()?.r(), item, hash, None) {
                Lookup::Found(_) => Some(true),
                Lookup::Missing => Some(false),
                Lookup::Ask(..) => None,
            };
        }
        if shape == ClassId::Str as u32 {
            let (text, part) = (v.as_str()?, item.as_str()?);
            return Some(crate::builtins::str::str_contains(text.r(), part.r()));
        }
        let equal = |slot: &Slot| {
            let other = slot.get(self);
            if other.is(item) {
                return Some(true);
            }
            self.compare_leaf(super::compare::CompareOp::Eq, other, item)
        };
        let items: &[Slot] = if shape == ClassId::List as u32 {
            let list = v.cast::<List>()?;
            match list.array.get_as::<Array>(self) {
                Some(array) => &array.r().items()[..list.len.get()],
                None => &[],
            }
        } else if shape == ClassId::Tuple as u32 {
            v.cast::<Tuple>()?.r().items()
        } else {
            return None;
        };
        for slot in items {
            if equal(slot)? {
                return Some(true);
            }
        }
        Some(false)
    }

    /// `item in v`
    pub fn contains(&mut self, v: Local, item: Local) -> Result<bool, Raised> {
        if let Some(found) = self.contains_leaf(self.get(v), self.get(item)) {
            return Ok(found);
        }
        let method = self.special_of(self.get(v), Special::Contains);
        if let Some(m) = method
            && !m.is_none()
        {
            let ret = self.call_special(v, Special::Contains, &[item])?.expect("looked up");
            let result = self.hold(ret);
            return self.truth(result);
        }
        let iterable = method.is_none()
            && (self.special_of(self.get(v), Special::Iter).is_some_and(|m| !m.is_none())
                || self.special_of(self.get(v), Special::GetItem).is_some());
        if !iterable {
            let name = self.type_name(self.get(v));
            if method.is_some() {
                return Err(self.type_error(format!("'{name}' object is not a container")));
            }
            return Err(self
                .type_error(format!("argument of type '{name}' is not a container or iterable")));
        }
        let iterator = self.iter(v)?;
        let iterator = self.hold(iterator);
        while self.next(iterator)? {
            let found = self.scope(|vm| {
                let other = vm.hold_result();
                vm.eq(other, item)
            })?;
            if found {
                return Ok(true);
            }
            self.safepoint()?;
        }
        Ok(false)
    }

    /// Start, stop, step and number of items of a slice over a sequence of that length.
    pub fn slice_indices(
        &mut self,
        slice: Local,
        len: usize,
    ) -> Result<(isize, isize, isize, usize), Raised> {
        let len = len as isize;
        let part = |vm: &mut Vm, which: fn(&Slice) -> &Slot| -> Result<Option<isize>, Raised> {
            let object: Gc<'_, Slice> = vm.get(slice).cast().expect("the caller passes a slice");
            let value = which(object.r()).get(vm);
            if value.is_none() {
                return Ok(None);
            }
            if let Some(i) = value.as_small_int() {
                return Ok(Some(i as isize));
            }
            vm.scope(|vm| {
                let object: Gc<'_, Slice> = vm.get(slice).cast().expect("a slice");
                let value = vm.root(which(object.r()).get(vm));
                if !vm.is_int(vm.get(value))
                    && vm.special_of(vm.get(value), Special::Index).is_none()
                {
                    return Err(vm.type_error(
                        "slice indices must be integers or None or have an __index__ method",
                    ));
                }
                vm.index_clamped(value).map(Some)
            })
        };
        let step = part(self, |s| &s.step)?.unwrap_or(1).max(-isize::MAX);
        if step == 0 {
            return Err(self.value_error("slice step cannot be zero"));
        }
        let (low, high) = if step < 0 { (-1, len - 1) } else { (0, len) };
        let clamp = |i: isize| {
            if i < 0 { i.saturating_add(len).max(low) } else { i.min(high) }
        };
        let start = match part(self, |s| &s.start)? {
            Some(i) => clamp(i),
            None => {
                if step < 0 {
                    high
                } else {
                    low
                }
            }
        };
        let stop = match part(self, |s| &s.stop)? {
            Some(i) => clamp(i),
            None => {
                if step < 0 {
                    low
                } else {
                    high
                }
            }
        };
        let count = if step > 0 && start < stop {
            (stop - start - 1) / step + 1
        } else if step < 0 && stop < start {
            (start - stop - 1) / -step + 1
        } else {
            0
        };
        Ok((start, stop, step, count as usize))
    }
}
