//! What keeps objects alive besides the value stack.

use super::Vm;
use super::special::SPECIAL_COUNT;
use crate::builtins::TypeDef;
use crate::builtins::declare::CLASS_COUNT;
use crate::object::{Field, Gc, Slot, Str, Tracer};
use crate::value::{Value, word};
use hashbrown::HashTable;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The fixed roots of a VM.
pub struct Roots {
    /// Result of the last native call.
    pub result: Slot,
    /// The exception being raised, or UNBOUND.
    pub exception: Slot,
    /// The exception being handled (`sys.exception()`), or None.
    pub handled: Slot,
    /// The running thread's context of context variables, or UNBOUND.
    pub context: Slot,
    /// The dict of module builtins.
    pub builtins: Slot,
    /// `sys.modules`
    pub modules: Slot,
    /// The module sys.
    pub sys: Slot,
    /// The object that stands for standard output.
    pub stdout: Slot,
    /// The empty tuple.
    pub empty_tuple: Slot,
    /// The empty str.
    pub empty_str: Slot,
    /// The empty bytes.
    pub empty_bytes: Slot,
    /// `__name__`, which every new function looks up in its globals.
    pub module_name: Slot,
    /// Strs of one Latin-1 character.
    pub latin1: Box<[Slot]>,
    /// The classes with a fixed number.
    pub classes: Box<[Slot]>,
    /// Names of the special methods.
    pub special_names: Box<[Slot]>,
    /// The special methods of object, by number.
    pub object_specials: Box<[Slot]>,
    /// Interned strs.
    pub interned: Interned,
    /// Frame objects of frames that run, the innermost last.
    pub frames: RefCell<Vec<Slot>>,
    /// Global roots and their free places.
    pub globals: RefCell<Vec<Slot>>,
    /// See `globals`.
    pub globals_free: Rc<RefCell<Vec<usize>>>,
    /// Shapes of native types without a fixed number, by declaration.
    pub native_shapes: RefCell<HashTable<(*const TypeDef, u32)>>,
    /// Other roots: the HPy handle table and the like.
    pub extra: Vec<Box<dyn ExtraRoots>>,
}

/// Roots kept by an extension of the VM.
pub trait ExtraRoots {
    /// Visits them. At a minor collection only those written since the last one need a visit.
    fn trace(&mut self, tracer: &mut Tracer<'_>);
}

fn slots(n: usize) -> Box<[Slot]> {
    (0..n).map(|_| Slot::new(word::UNBOUND)).collect()
}

impl Roots {
    pub(crate) fn new() -> Roots {
        Roots {
            result: Slot::new(word::NONE),
            exception: Slot::new(word::UNBOUND),
            handled: Slot::new(word::NONE),
            context: Slot::new(word::UNBOUND),
            builtins: Slot::new(word::UNBOUND),
            modules: Slot::new(word::UNBOUND),
            sys: Slot::new(word::UNBOUND),
            stdout: Slot::new(word::UNBOUND),
            empty_tuple: Slot::new(word::UNBOUND),
            empty_str: Slot::new(word::UNBOUND),
            empty_bytes: Slot::new(word::UNBOUND),
            module_name: Slot::new(word::UNBOUND),
            latin1: slots(256),
            classes: slots(CLASS_COUNT as usize),
            special_names: slots(SPECIAL_COUNT),
            object_specials: slots(SPECIAL_COUNT),
            interned: Interned::default(),
            frames: RefCell::default(),
            globals: RefCell::default(),
            globals_free: Rc::default(),
            native_shapes: RefCell::default(),
            extra: Vec::new(),
        }
    }

    pub(crate) fn trace(&mut self, tracer: &mut Tracer<'_>) {
        let single = [
            &self.result,
            &self.exception,
            &self.handled,
            &self.context,
            &self.builtins,
            &self.modules,
            &self.sys,
            &self.stdout,
            &self.empty_tuple,
            &self.empty_str,
            &self.empty_bytes,
            &self.module_name,
        ];
        let tables = [&self.latin1, &self.classes, &self.special_names, &self.object_specials];
        for slot in single.into_iter().chain(tables.into_iter().flat_map(|t| t.iter())) {
            tracer.slot(slot);
        }
        for slot in self.frames.borrow().iter().chain(self.globals.borrow().iter()) {
            tracer.slot(slot);
        }
        self.interned.trace(tracer);
        for roots in &mut self.extra {
            roots.trace(tracer);
        }
    }
}

/// The table of interned strs: an index by hash into an append-only list of slots.
#[derive(Default)]
pub struct Interned {
    strs: RefCell<Vec<Slot>>,
    /// Their numbers, by the hash that each str keeps.
    index: RefCell<HashTable<u32>>,
    traced: Cell<usize>,
}

impl Interned {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        let strs = self.strs.borrow();
        // What was there at the last collection is old and does not move in a minor one.
        let from = if tracer.is_minor() { self.traced.get() } else { 0 };
        for slot in &strs[from..] {
            tracer.slot(slot);
        }
        self.traced.set(strs.len());
    }
}

impl Vm {
    /// The interned str with that text.
    pub fn intern(&self, text: &str) -> Gc<'_, Str> {
        if !text.is_ascii() {
            return self.intern_str(self.str(text));
        }
        let hash = self.hash_bytes(text.as_bytes());
        if let Some(found) = self.find_interned(hash, |s| self.str_equals(s, text)) {
            return found;
        }
        // A new object, not one of the shared one-character strs before these are there.
        let new = self.str(text);
        new.hash.set(hash);
        self.add_interned(new, hash)
    }

    /// The interned str equal to `s` (maybe `s` itself).
    pub fn intern_str<'gc>(&'gc self, s: Gc<'gc, Str>) -> Gc<'gc, Str> {
        if s.is_interned() {
            return s;
        }
        // Only plain strs are shared, not instances of subclasses.
        let s = if self.is_exact(s.value(), crate::builtins::ClassId::Str) {
            s
        } else {
            self.str_of_shape(crate::builtins::ClassId::Str as u32, s)
        };
        let hash = self.str_hash(s);
        match self.find_interned(hash, |other| self.str_eq(other, s)) {
            Some(found) => found,
            None => self.add_interned(s, hash),
        }
    }

    fn find_interned<'gc>(
        &'gc self,
        hash: u64,
        same: impl Fn(Gc<'gc, Str>) -> bool,
    ) -> Option<Gc<'gc, Str>> {
        let index = self.roots.interned.index.borrow();
        let strs = self.roots.interned.strs.borrow();
        let str_at = |i: u32| strs[i as usize].get_as::<Str>(self);
        let found =
            index.find(hash, |i| str_at(*i).is_some_and(|s| s.hash.get() == hash && same(s)));
        found.and_then(|i| str_at(*i))
    }

    fn add_interned<'gc>(&'gc self, s: Gc<'gc, Str>, hash: u64) -> Gc<'gc, Str> {
        s.meta.set(s.meta.get() | Str::INTERNED);
        let mut strs = self.roots.interned.strs.borrow_mut();
        let i = strs.len() as u32;
        strs.push(Slot::new(s.value().word()));
        let hash_of = |i: &u32| {
            let s = strs[*i as usize].get_as::<Str>(self);
            s.map_or(0, |s| self.str_hash(s))
        };
        self.roots.interned.index.borrow_mut().insert_unique(hash, i, hash_of);
        s
    }

    /// The (interned) name of a special method.
    pub fn special_name(&self, which: super::Special) -> Value<'_> {
        self.roots.special_names[which as usize].get(self)
    }
}
