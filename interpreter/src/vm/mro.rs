//! The order of classes: bases, `__mro__`, `mro()` of metaclasses, subclasses.

use super::{Local, Raised, Vm};
use crate::builtins::ClassId;
use crate::object::*;
use crate::value::Value;

/// Classes whose order was computed anew, each with the order that it had before.
type Reordered = Vec<(Local, Local)>;

impl Vm {
    /// The C3 linearisation of a class with these bases, itself not included. When the bases
    /// contradict each other: the classes that cannot be ordered.
    pub fn merge_mros<'gc>(
        &'gc self,
        bases: &[Gc<'gc, Class>],
    ) -> Result<Vec<Value<'gc>>, Vec<Gc<'gc, Class>>> {
        let mut lists: Vec<Vec<Value<'gc>>> = bases
            .iter()
            .filter_map(|b| b.mro.get_as::<Tuple>(self))
            .map(|mro| mro.r().items().iter().map(|c| c.get(self)).collect())
            .collect();
        lists.push(bases.iter().map(|b| b.value()).collect());
        let mut merged = Vec::new();
        loop {
            lists.retain(|l| !l.is_empty());
            if lists.is_empty() {
                return Ok(merged);
            }
            let next = lists
                .iter()
                .map(|l| l[0])
                .find(|head| lists.iter().all(|l| !l[1..].iter().any(|c| c.is(*head))));
            let Some(head) = next else {
                let mut heads: Vec<Gc<'_, Class>> = Vec::new();
                for class in lists.iter().filter_map(|l| l[0].as_class()) {
                    if !heads.contains(&class) {
                        heads.push(class);
                    }
                }
                return Err(heads);
            };
            merged.push(head);
            for list in &mut lists {
                if list[0].is(head) {
                    list.remove(0);
                }
            }
        }
    }

    /// `__mro__` of a class with these bases; TypeError when there is none.
    pub(super) fn linear_order<'gc>(
        &'gc self,
        class: Gc<'gc, Class>,
        bases: &[Gc<'gc, Class>],
    ) -> Result<Gc<'gc, Tuple>, Raised> {
        for (i, base) in bases.iter().enumerate() {
            if bases[..i].contains(base) {
                let name = self.class_name(*base);
                return Err(self.type_error(format!("duplicate base class {name}")));
            }
        }
        if let Some(unfinished) = bases.iter().find(|b| b.mro.get_as::<Tuple>(self).is_none()) {
            let name = self.class_name(*unfinished);
            return Err(self.type_error(format!("Cannot extend an incomplete type '{name}'")));
        }
        match self.merge_mros(bases) {
            Ok(mut mro) => {
                mro.insert(0, class.value());
                Ok(self.tuple(&mro))
            }
            Err(heads) => {
                let names: Vec<_> = heads.iter().map(|b| self.class_name(*b)).collect();
                Err(self.type_error(format!(
                    "Cannot create a consistent method resolution order (MRO) for bases {}",
                    names.join(", ")
                )))
            }
        }
    }

    /// `__mro__` of a class as its bases are now; TypeError when there is none.
    pub fn order_by_bases<'gc>(&'gc self, class: Gc<'gc, Class>) -> Result<Gc<'gc, Tuple>, Raised> {
        self.linear_order(class, &self.tuple_classes(class.bases.get(self)))
    }

    /// Lets a metaclass with a `mro` of its own say the order of a class that was just made, which has
    /// none meanwhile.
    pub(super) fn call_mro_hook(&mut self, class: Local) -> Result<(), Raised> {
        if self.has_own_mro(class) {
            let none = self.root(Value::NONE);
            self.set_order(class, none)?;
        }
        match self.order_by_metaclass(class)? {
            Some(order) => self.set_order(class, order),
            None => Ok(()),
        }
    }

    /// Whether the metaclass has a `mro` that is not the one of `type`.
    fn has_own_mro(&self, class: Local) -> bool {
        let name = self.intern("mro").value();
        let hook = self.class_lookup(self.class_of(self.get(class)), name);
        let usual = self.class_lookup(self.class(ClassId::Type), name);
        hook.is_some_and(|hook| usual.is_none_or(|usual| !usual.is(hook)))
    }

    /// What `mro` of a class's metaclass says, unless that is the one of `type`.
    fn order_by_metaclass(&mut self, class: Local) -> Result<Option<Local>, Raised> {
        if !self.has_own_mro(class) {
            return Ok(None);
        }
        let order = self.call_method(class, "mro", &[])?;
        let order = self.hold(order);
        let order = self.collect_tuple(order)?;
        let order = self.hold(order);
        let vm = &*self;
        let class: Gc<'_, Class> = vm.get(class).cast().expect("a class");
        let classes: Gc<'_, Tuple> = vm.get(order).cast().expect("a tuple");
        let solid = vm.solid_base(class);
        for slot in classes.items() {
            let Some(base) = slot.get_as::<Class>(vm) else {
                let given = vm.type_name(slot.get(vm));
                return Err(vm.type_error(format!("mro() returned a non-class ('{given}')")));
            };
            if !vm.is_subclass(solid, vm.solid_base(base)) {
                let name = vm.class_name(base);
                return Err(
                    vm.type_error(format!("mro() returned base with unsuitable layout ('{name}')"))
                );
            }
        }
        Ok(Some(order))
    }

    fn set_order(&self, class: Local, order: Local) -> Result<(), Raised> {
        let class: Gc<'_, Class> = self.get(class).cast().expect("a class");
        self.write(class, |c| &c.mro, self.get(order));
        self.special_epoch.set(self.special_epoch.get().wrapping_add(1));
        self.update_hook_flags(class);
        self.class_changed();
        Ok(())
    }

    /// `class.__bases__ = bases`. Where an order cannot be found, or `mro` of a metaclass raises, everything stays
    /// as it was.
    pub fn set_class_bases(&mut self, class: Local, bases: Local) -> Result<(), Raised> {
        let best = self.check_bases(class, bases)?;
        let (old_bases, old_base) = {
            let c: Gc<'_, Class> = self.get(class).cast().expect("a class");
            (self.root(c.bases.get(self)), self.root(c.base.get(self)))
        };
        self.write_bases(class, bases, best);
        let mut done = Reordered::new();
        let reordered = self.reorder(class, &mut done);
        // A mro() may have set other bases meanwhile: those stay.
        let c: Gc<'_, Class> = self.get(class).cast().expect("a class");
        let current = c.bases.get(self).is(self.get(bases));
        if let Err(raised) = reordered {
            for (class, order) in done {
                self.set_order(class, order)?;
            }
            if current {
                self.write_bases(class, old_bases, old_base);
            }
            return Err(raised);
        }
        if current {
            let vm = &*self;
            let class: Gc<'_, Class> = vm.get(class).cast().expect("a class");
            for base in vm.tuple_classes(vm.get(old_bases)) {
                vm.remove_subclass(base, class);
            }
            for base in vm.tuple_classes(vm.get(bases)) {
                vm.add_subclass(base, class);
            }
        }
        Ok(())
    }

    fn write_bases(&self, class: Local, bases: Local, base: Local) {
        let class: Gc<'_, Class> = self.get(class).cast().expect("a class");
        self.write(class, |c| &c.bases, self.get(bases));
        self.write(class, |c| &c.base, self.get(base));
        self.class_changed();
    }

    /// Whether a class may get these bases; the one that decides the layout.
    fn check_bases(&self, class: Local, bases: Local) -> Result<Local, Raised> {
        let class: Gc<'_, Class> = self.get(class).cast().expect("a class");
        let bases: Gc<'_, Tuple> = self.get(bases).cast().expect("a tuple");
        let name = self.class_name(class);
        let mut new: Vec<Gc<'_, Class>> = Vec::new();
        for slot in bases.items() {
            let Some(base) = slot.get_as::<Class>(self) else {
                let given = self.type_name(slot.get(self));
                return Err(self.type_error(format!(
                    "{name}.__bases__ must be tuple of classes, not '{given}'"
                )));
            };
            if self.is_subclass(base, class) || self.is_laid_out_like(base, class) {
                return Err(self.type_error("a __bases__ item causes an inheritance cycle"));
            }
            new.push(base);
        }
        if new.is_empty() {
            return Err(self.type_error(format!(
                "can only assign non-empty tuple to {name}.__bases__, not ()"
            )));
        }
        let best = self.best_base(&new)?;
        let Some(old) = class.base.get_as::<Class>(self) else {
            return Ok(self.root(best.value()));
        };
        let dict = |c: Gc<'_, Class>| c.flags.get() & ClassFlags::HAS_DICT;
        if self.solid_base(best) != self.solid_base(old) || dict(best) & !dict(class) != 0 {
            let (new, old) = (self.class_name(best), self.class_name(old));
            return Err(self.type_error(format!(
                "__bases__ assignment: '{new}' object layout differs from '{old}'"
            )));
        }
        Ok(self.root(best.value()))
    }

    /// Whether `ancestor` is in the chain of layout bases, which is set before orders are computed.
    fn is_laid_out_like(&self, class: Gc<'_, Class>, ancestor: Gc<'_, Class>) -> bool {
        std::iter::successors(Some(class.detach(self)), |c| c.base.get_as::<Class>(self))
            .any(|c| c == ancestor)
    }

    /// Computes the order of a class and of all its subclasses anew.
    fn reorder(&mut self, class: Local, done: &mut Reordered) -> Result<(), Raised> {
        self.check_native_stack("")?;
        let order = match self.order_by_metaclass(class)? {
            Some(order) => order,
            None => {
                let class: Gc<'_, Class> = self.get(class).cast().expect("a class");
                self.root(self.order_by_bases(class)?.value())
            }
        };
        let c: Gc<'_, Class> = self.get(class).cast().expect("a class");
        done.push((class, self.root(c.mro.get(self))));
        self.set_order(class, order)?;
        let c: Gc<'_, Class> = self.get(class).cast().expect("a class");
        let subclasses: Vec<Local> =
            self.subclasses(c).into_iter().map(|sub| self.root(sub.value())).collect();
        subclasses.into_iter().try_for_each(|sub| self.reorder(sub, done))
    }

    /// The classes in a tuple.
    pub(super) fn tuple_classes<'gc>(&'gc self, tuple: Value<'gc>) -> Vec<Gc<'gc, Class>> {
        match tuple.cast::<Tuple>() {
            Some(tuple) => tuple.r().items().iter().filter_map(|s| s.get_as(self)).collect(),
            None => Vec::new(),
        }
    }

    /// The base whose layout instances extend; TypeError when two bases' layouts conflict.
    pub(super) fn best_base<'gc>(
        &'gc self,
        bases: &[Gc<'gc, Class>],
    ) -> Result<Gc<'gc, Class>, Raised> {
        if let Some(closed) = bases.iter().find(|b| b.flags.get() & ClassFlags::BASE == 0) {
            let name = self.name_in_messages(*closed);
            return Err(self.type_error(format!("type '{name}' is not an acceptable base type")));
        }
        let mut best = bases[0];
        for &base in &bases[1..] {
            let (a, b) = (self.solid_base(best), self.solid_base(base));
            if a == b || self.is_subclass(a, b) {
                continue;
            }
            if self.is_subclass(b, a) {
                best = base;
            } else {
                return Err(self.type_error("multiple bases have instance lay-out conflict"));
            }
        }
        Ok(best)
    }

    /// The nearest class in the chain of layout bases that adds something to the layout.
    pub(crate) fn solid_base<'gc>(&'gc self, mut class: Gc<'gc, Class>) -> Gc<'gc, Class> {
        loop {
            let Some(base) = class.base.get_as::<Class>(self) else { return class };
            let same = base.instance_kind.get() == class.instance_kind.get()
                && base.slot_count.get() == class.slot_count.get()
                && (class.def.get().is_null()
                    || class.instance_kind.get() == Kind::Instance
                    || class.flags.get() & ClassFlags::EXCEPTION != 0);
            let adds_struct = class.foreign.get() != base.foreign.get()
                && class.flags.get() & ClassFlags::STRUCTLESS == 0;
            if !same || adds_struct {
                return class;
            }
            class = base;
        }
    }

    pub(super) fn add_subclass(&self, base: Gc<'_, Class>, class: Gc<'_, Class>) {
        let weak = self.weak_reference(class.value(), Value::NONE);
        match base.subclasses.get_as::<List>(self) {
            Some(list) => self.list_push(list, weak),
            None => {
                let list = self.list(&[weak]);
                self.write(base, |b| &b.subclasses, list.value());
            }
        }
    }

    /// The class is none of the direct subclasses of `base` any more.
    fn remove_subclass(&self, base: Gc<'_, Class>, class: Gc<'_, Class>) {
        let Some(list) = base.subclasses.get_as::<List>(self) else { return };
        let is_class = |weak: &Value<'_>| {
            weak.cast::<WeakRef>().is_some_and(|weak| weak.r().target.get(self).is(class.value()))
        };
        let others: Vec<_> = self.list_items(list).filter(|weak| !is_class(weak)).collect();
        self.write(base, |b| &b.subclasses, self.list(&others).value());
    }

    /// The direct subclasses that are alive.
    pub fn subclasses<'gc>(&'gc self, class: Gc<'gc, Class>) -> Vec<Gc<'gc, Class>> {
        let Some(list) = class.subclasses.get_as::<List>(self) else { return Vec::new() };
        self.list_items(list)
            .filter_map(|weak| weak.cast::<WeakRef>()?.r().target.get_as::<Class>(self))
            .collect()
    }
}
