//! Weak references, ephemerons, finalizers, and memory outside the heap.
//!
//! Each of the four has a list of young objects and one of old objects; a minor collection goes through the young
//! lists alone. The order within a collection, when everything strongly reachable has been traced:
//!
//! 1. ephemerons: a value is traced once its key and its table are reached, until nothing new turns up; pairs whose
//!    key was not reached die;
//! 2. weak slots whose target was not reached are cleared, also those of objects that only a finalizer will keep
//!    alive, and also where the weak object itself was not reached (it may come back in step 3);
//! 3. unreached objects with a finalizer (that still want it) are queued, and kept alive with all that they reach;
//! 4. unreached objects that own something outside the heap let go of it.
//!
//! What is queued is a root until it is popped.

use crate::model::Model;
use crate::phase::Phase;
use crate::trace::{is_pointer, object};
use crate::{Header, Word};
use std::collections::VecDeque;

/// Addresses of objects, by generation.
#[derive(Default)]
pub(crate) struct List {
    young: Vec<usize>,
    old: Vec<usize>,
}

impl List {
    /// Adds an object. Also an old one starts in the young list: what it refers to may be young.
    pub fn add(&mut self, address: usize) {
        self.young.push(address);
    }

    /// Whether nothing is listed.
    pub fn is_empty(&self) -> bool {
        self.young.is_empty() && self.old.is_empty()
    }

    /// The addresses listed.
    pub fn addresses(&self) -> impl Iterator<Item = usize> {
        self.old.iter().chain(&self.young).copied()
    }

    /// Takes the objects that this collection has to look at.
    fn take(&mut self, minor: bool) -> Vec<usize> {
        std::mem::take(if minor { &mut self.young } else { &mut self.old })
    }

    /// Puts the survivors of what was taken back; they are all old. The young list keeps its memory for the next round.
    fn put(&mut self, mut survivors: Vec<usize>, minor: bool) {
        if minor {
            if self.old.len() < survivors.len() {
                // The many stay where they are, and the few move in front of them.
                survivors.splice(0..0, self.old.drain(..));
                std::mem::swap(&mut self.old, &mut survivors);
            } else {
                self.old.append(&mut survivors);
            }
            self.young = survivors;
        } else {
            self.old = survivors;
        }
    }
}

impl Registry {
    /// Queues every object that has a finalizer, dead or alive.
    pub fn queue_all_finalizers(&mut self) {
        let List { young, old } = std::mem::take(&mut self.finalizers);
        let all = old.into_iter().chain(young);
        self.finalizable.extend(all.map(|address| address as Word));
    }
}

#[derive(Default)]
pub(crate) struct Registry {
    pub weak: List,
    pub ephemerons: List,
    pub finalizers: List,
    pub outside: List,
    /// Weak objects whose target died, for their callbacks.
    pub cleared: VecDeque<Word>,
    /// Dead objects whose finalizer is to run.
    pub finalizable: VecDeque<Word>,
}

impl Registry {
    /// Step 0: what is queued is a root.
    pub fn reach_pending<P: Phase>(&mut self, phase: &mut P) {
        for word in self.cleared.iter_mut().chain(&mut self.finalizable) {
            // SAFETY: the queues hold live objects.
            unsafe { phase.reach(word) }
        }
    }

    /// Everything after strong tracing. `logged` are the old objects written since the last collection.
    pub fn process<M: Model, P: Phase>(&mut self, model: &M, phase: &mut P, minor: bool) {
        let mut tables = self.ephemerons.take(minor);
        let known = tables.len();
        if minor {
            // An old table that was written can hold young keys and values.
            // SAFETY: the list holds objects, and a minor collection moves no old one.
            let written = |table: &usize| unsafe {
                let header = &*object(*table as u64);
                // Large objects may have been logged by card.
                !header.is_unlogged() || header.flag(Header::LARGE)
            };
            tables.extend(self.ephemerons.old.iter().copied().filter(written));
        }
        reach_values(&tables, model, phase);
        clear_pairs(&tables, model, phase);

        let mut weak = self.weak.take(minor);
        self.clear_weak(&weak, model, phase);

        let finalizers = self.finalizers.take(minor);
        let revived = self.queue_finalizers(finalizers, model, phase, minor);
        if revived {
            phase.drain();
            reach_values(&tables, model, phase);
            clear_pairs(&tables, model, phase);
        }
        weak.retain_mut(|address| {
            let Some(new) = phase.resolve_address(*address) else { return false };
            *address = new;
            if revived {
                // SAFETY: registered, and alive at `new`. A dead target was cleared above.
                unsafe {
                    let slot = model.weak_slot(object(new as u64));
                    if is_pointer(*slot)
                        && let Some(target) = phase.resolve(object(*slot))
                    {
                        *slot = target.addr() as Word;
                    }
                }
            }
            true
        });
        self.weak.put(weak, minor);
        tables.truncate(known);
        tables.retain_mut(|address| match phase.resolve_address(*address) {
            Some(new) => {
                *address = new;
                true
            }
            None => false,
        });
        self.ephemerons.put(tables, minor);

        let mut outside = self.outside.take(minor);
        outside.retain_mut(|address| match phase.resolve_address(*address) {
            Some(new) => {
                *address = new;
                true
            }
            None => {
                // SAFETY: registered, dead, still readable, and from here on in no list.
                unsafe { model.drop_outside(object(*address as u64)) };
                false
            }
        });
        self.outside.put(outside, minor);
    }

    /// Step 2.
    fn clear_weak<M: Model, P: Phase>(&mut self, weak: &[usize], model: &M, phase: &P) {
        for &address in weak {
            let alive = phase.resolve_address(address);
            let obj = object(alive.unwrap_or(address) as u64);
            // SAFETY: registered; alive at its new address, or dead and readable at the old one.
            unsafe {
                let slot = model.weak_slot(obj);
                if !is_pointer(*slot) {
                    continue;
                }
                match phase.resolve(object(*slot)) {
                    Some(target) if alive.is_some() => *slot = target.addr() as Word,
                    Some(_) => {}
                    None => {
                        *slot = M::WEAK_DEAD;
                        if alive.is_some() && model.wants_callback(obj) {
                            self.cleared.push_back(obj.addr() as Word);
                        }
                    }
                }
            }
        }
    }

    /// Step 3. Whether anything was kept alive.
    fn queue_finalizers<M: Model, P: Phase>(
        &mut self,
        mut list: Vec<usize>,
        model: &M,
        phase: &mut P,
        minor: bool,
    ) -> bool {
        let first = self.finalizable.len();
        // All that are dead now are queued, also those that another dead one keeps alive.
        list.retain_mut(|address| match phase.resolve_address(*address) {
            Some(new) => {
                *address = new;
                true
            }
            None => {
                // SAFETY: registered, and readable at its old address.
                if unsafe { model.wants_finalizer(object(*address as u64)) } {
                    self.finalizable.push_back(*address as Word);
                }
                false
            }
        });
        self.finalizers.put(list, minor);
        for word in self.finalizable.iter_mut().skip(first) {
            // SAFETY: the object is readable at its old address.
            unsafe { phase.reach(word) }
        }
        self.finalizable.len() > first
    }

    /// At the end of the heap: everything registered lets go.
    pub fn drop_all<M: Model>(&mut self, model: &M) {
        for minor in [true, false] {
            for address in self.outside.take(minor) {
                // SAFETY: registered, and from here on in no list.
                unsafe { model.drop_outside(object(address as u64)) }
            }
        }
    }
}

/// Step 1: to a fixpoint.
fn reach_values<M: Model, P: Phase>(tables: &[usize], model: &M, phase: &mut P) {
    loop {
        let before = phase.reached();
        for &address in tables {
            let Some(table) = phase.resolve_address(address) else { continue };
            // SAFETY: registered and alive; the closure visits words of the table in place.
            unsafe {
                model.ephemerons(object(table as u64), &mut |key, value| {
                    if is_pointer(*key) {
                        let Some(new) = phase.resolve(object(*key)) else { return };
                        *key = new.addr() as Word;
                    }
                    phase.reach(value);
                });
            }
            phase.drain();
        }
        if phase.reached() == before {
            return;
        }
    }
}

fn clear_pairs<M: Model, P: Phase>(tables: &[usize], model: &M, phase: &P) {
    for &address in tables {
        let Some(table) = phase.resolve_address(address) else { continue };
        // SAFETY: registered and alive; the closure writes immediates to words of the table.
        unsafe {
            model.ephemerons(object(table as u64), &mut |key, value| {
                if is_pointer(*key) && phase.resolve(object(*key)).is_none() {
                    *key = M::WEAK_DEAD;
                    *value = M::WEAK_DEAD;
                }
            });
        }
    }
}
