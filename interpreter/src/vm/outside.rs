//! Seams for code that keeps things outside the heap: extension modules in C, for the most part.
//!
//! - data attached to an object of any kind, dropped when the object dies;
//! - roots of an extension of the VM;
//! - classes whose instances are C structs;
//! - slots of the value stack by number, and the exception in flight.

use super::Vm;
use super::native::{Args, Local, NativeResult, Raised};
use super::roots::ExtraRoots;
use super::stack::raised;
use crate::object::model::HAS_TRACED;
use crate::object::*;
use crate::value::Value;
use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ptr::NonNull;

/// Shows the collector the words of attached data.
type TraceAttached = Box<dyn Fn(&mut Tracer<'_>)>;

/// Data attached to objects that have no place for it, by identity.
#[derive(Default)]
pub struct Attachments(
    RefCell<HashMap<u32, Vec<Box<dyn Any>>>>,
    RefCell<HashMap<u32, TraceAttached>>,
);

impl Attachments {
    /// Visits what is attached to an object.
    pub(crate) fn trace(&self, identity: u32, tracer: &mut Tracer<'_>) {
        if let Some(trace) = self.1.borrow().get(&identity) {
            trace(tracer);
        }
    }

    /// The object died: drops what was attached to it.
    pub(crate) fn drop_of(&self, identity: u32) {
        self.1.borrow_mut().remove(&identity);
        let gone = self.0.borrow_mut().remove(&identity);
        drop(gone);
    }
}

impl Vm {
    /// Attaches data to a heap object; it is dropped, without running Python, when the object dies.
    /// The address of the data does not change until then. `None` for an immediate value.
    ///
    /// Objects that own something outside by their own kind (native and foreign objects, code)
    /// cannot have anything attached: also `None`.
    pub fn attach<T: Any>(&self, obj: Value<'_>, data: T) -> Option<NonNull<T>> {
        let header = obj.header()?;
        if matches!(Kind::of(header), Kind::Native | Kind::Foreign | Kind::Code) {
            return None;
        }
        let obj = NonNull::from(header);
        let identity = self.heap.identity(obj);
        let mut all = self.heap.model().attachments.0.borrow_mut();
        let list = all.entry(identity).or_default();
        if list.is_empty() {
            self.heap.register_outside(obj);
        }
        let mut data = Box::new(data);
        let place = NonNull::from(&mut *data);
        list.push(data);
        Some(place)
    }

    /// Lets the collector see words in what was attached to an object: `trace` visits them for as
    /// long as the object lives. Stores into them need the object's barrier.
    ///
    /// # Safety
    /// `trace` only passes words that name objects, or immediate values, to the tracer.
    pub unsafe fn attach_traced(&self, obj: Value<'_>, trace: TraceAttached) {
        if let Some(header) = obj.header() {
            let obj = NonNull::from(header);
            let identity = self.heap.identity(obj);
            self.heap.model().attachments.1.borrow_mut().insert(identity, trace);
            header.set_flag(HAS_TRACED);
            self.heap.barrier(obj);
        }
    }

    /// What was attached to an object, by type.
    pub fn attached<T: Any>(&self, obj: Value<'_>) -> Option<NonNull<T>> {
        let identity = obj.header()?.identity_raw();
        if identity == 0 {
            return None;
        }
        let all = self.heap.model().attachments.0.borrow();
        let found = all.get(&identity)?.iter().find_map(|data| data.downcast_ref::<T>())?;
        Some(NonNull::from(found))
    }

    /// Adds roots of an extension of the VM.
    pub fn add_roots(&mut self, roots: Box<dyn ExtraRoots>) {
        self.roots.extra.push(roots);
    }

    /// `Err` when an exception is set.
    #[inline]
    pub fn pending(&self) -> Result<(), Raised> {
        if self.current_exception().is_some() { Err(raised()) } else { Ok(()) }
    }

    /// Makes the instances of a class that was just made C structs (unless they are objects of a
    /// builtin layout, or have no struct at all), described by `record`, which subclasses inherit.
    pub fn make_foreign(
        &self,
        class: Gc<'_, Class>,
        record: *const (),
        has_struct: bool,
    ) -> Result<(), Raised> {
        class.foreign.set(record);
        if has_struct && class.instance_kind.get() == Kind::Instance {
            class.instance_kind.set(Kind::Foreign);
            // A Python class among the bases may have given instances a dict.
            let attrs = (class.flags.get() & ClassFlags::HAS_DICT != 0) as u16;
            let shape = self.root_shape(class.value(), Kind::Foreign, 0, attrs)?;
            class.shape.set(shape);
        }
        let structless = if has_struct { 0 } else { ClassFlags::STRUCTLESS };
        class.flags.set(class.flags.get() | ClassFlags::MODULE_IN_MESSAGES | structless);
        Ok(())
    }

    /// Calls what has been pushed from `first` on: the callee, `argc` arguments of which the last
    /// `keywords` are named by a tuple behind them. Pops it all.
    pub fn call_window(&mut self, first: Local, argc: u32, keywords: u32) -> NativeResult {
        self.call_pushed(first.0, argc, keywords)
    }
}

impl Local {
    /// The number of the slot in the value stack.
    #[inline(always)]
    pub fn slot(self) -> u32 {
        self.0
    }

    /// The slot of that number. Reading one beyond the stack's end gives the unbound marker.
    #[inline(always)]
    pub fn from_slot(slot: u32) -> Local {
        Local(slot)
    }
}

impl Args {
    /// For getters and setters: the descriptor they were called through.
    pub fn descriptor(self, vm: &Vm) -> Option<Gc<'_, GetSet>> {
        vm.get(Local(self.base() - 1)).cast()
    }
}

impl Vm {
    /// To be called when attributes have been put into the dict of a new class directly.
    pub fn class_filled(&self, class: Gc<'_, Class>) {
        self.update_hook_flags(class);
        self.class_changed();
    }
}
