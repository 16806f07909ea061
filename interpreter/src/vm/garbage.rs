//! Explicit collections that tell how much garbage they found, and may keep it.
//!
//! What counts is what CPython's collector would find: unreachable containers in cycles, or reached
//! from such. (What else is dead would have gone there before, by its count of references.)

use super::inspect::is_container;
use super::{Local, Vm};
use crate::object::model::Objects;
use crate::object::*;
use crate::value::Word;
use hashbrown::HashTable;
use sidewinder_gc::{Model, Tracer};

/// The dead objects of a collection and the references between them.
struct Graph<'a> {
    model: &'a Objects,
    dead: &'a [*mut Header],
    /// Positions in `dead`, by address.
    index: HashTable<u32>,
}

fn address_hash(address: usize) -> u64 {
    (address as u64 >> 3).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

impl<'a> Graph<'a> {
    fn new(model: &'a Objects, dead: &'a [*mut Header]) -> Graph<'a> {
        let mut index = HashTable::with_capacity(dead.len());
        for (i, obj) in dead.iter().enumerate() {
            let hash_of = |i: &u32| address_hash(dead[*i as usize].addr());
            index.insert_unique(address_hash(obj.addr()), i as u32, hash_of);
        }
        Graph { model, dead, index }
    }

    /// Calls `f` with the position of each dead object that dead object `i` refers to.
    fn referents(&self, i: usize, f: &mut dyn FnMut(usize)) {
        let mut visit = |slot: *mut Word| {
            // SAFETY: the tracer gives slots that can be read.
            let to = unsafe { *slot } as usize;
            let same = |i: &u32| self.dead[*i as usize].addr() == to;
            if let Some(i) = self.index.find(address_hash(to), same) {
                f(*i as usize);
            }
        };
        let mut visit: &mut dyn FnMut(*mut Word) = &mut visit;
        // SAFETY: a dead object is as it was when it was last reached; the visitor changes nothing.
        unsafe { self.model.trace(self.dead[i], &mut Tracer::visitor(&mut visit)) };
    }

    /// The containers in cycles of dead objects, and those reached from them: takes away, again and
    /// again, what nothing dead refers to (A. Kahn, "Topological Sorting of Large Networks", 1962).
    fn in_cycles(&self) -> Vec<Word> {
        let n = self.dead.len();
        let mut counts = vec![0u32; n];
        // Whether it refers to something dead; most do not, and need no second look.
        let mut refers = vec![false; n];
        for (i, refers) in refers.iter_mut().enumerate() {
            self.referents(i, &mut |to| {
                counts[to] += 1;
                *refers = true;
            });
        }
        let mut free: Vec<usize> = (0..n).filter(|i| counts[*i] == 0 && refers[*i]).collect();
        while let Some(i) = free.pop() {
            self.referents(i, &mut |to| {
                counts[to] -= 1;
                if counts[to] == 0 && refers[to] {
                    free.push(to);
                }
            });
        }
        let left = (0..n).filter(|i| counts[*i] > 0).map(|i| self.dead[i]);
        // SAFETY: objects of the heap.
        let left = left.filter(|obj| is_container(Kind::of(unsafe { &**obj })));
        left.map(|obj| obj.expose_provenance() as Word).collect()
    }
}

impl Vm {
    /// Collects now, then runs callbacks and finalizers. Returns how many objects in cycles were
    /// garbage. With `save` these are kept alive instead, in the list that is returned too.
    pub fn collect_and_count(&mut self, save: bool) -> (usize, Local) {
        self.clear_dead_slots();
        let mut count = 0;
        let mut inspect = |model: &Objects, dead: &[*mut Header]| {
            let found = Graph::new(model, dead).in_cycles();
            count = found.len();
            if save { found } else { Vec::new() }
        };
        let kept = self.collect_inspected(&mut inspect);
        // SAFETY: the collector has just said where they are, and nothing has collected since.
        let kept: Vec<_> = kept.iter().map(|w| unsafe { crate::Value::from_word(*w) }).collect();
        let list = self.list(&kept).value();
        let list = self.root(list);
        if self.heap.has_pending() {
            self.run_pending();
            // What waited for its finalizer can go now.
            self.collect_now();
        }
        (count, list)
    }
}
