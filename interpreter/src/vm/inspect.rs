//! Looking at the heap: what an object refers to, and which objects there are.

use super::{Local, Vm};
use crate::object::*;
use crate::value::{Value, Word, word};
use sidewinder_gc::{Model, Tracer};
use std::collections::HashSet;

/// Whether objects of a kind are parts of others, not Python objects.
fn is_part(kind: Kind) -> bool {
    matches!(kind, Kind::Array | Kind::Buffer | Kind::Table | Kind::Invalid)
}

/// Whether objects of a kind can refer to others, as `gc.is_tracked` sees it.
pub fn is_container(kind: Kind) -> bool {
    !is_part(kind)
        && !matches!(
            kind,
            Kind::Float
                | Kind::BigInt
                | Kind::Complex
                | Kind::Str
                | Kind::Bytes
                | Kind::ByteArray
                | Kind::Range
        )
}

impl Vm {
    /// Calls `f` with every pointer word among an object's own slots.
    fn visit_slots(&self, object: Word, f: &mut dyn FnMut(Word)) {
        // SAFETY: the tracer gives slots that can be read.
        let mut visit = |slot: *mut Word| f(unsafe { *slot });
        let mut visit: &mut dyn FnMut(*mut Word) = &mut visit;
        let header = std::ptr::with_exposed_provenance_mut::<Header>(object as usize);
        // SAFETY: a live object of this heap; the visitor changes nothing.
        unsafe { self.heap.model().trace(header, &mut Tracer::visitor(&mut visit)) };
    }

    /// The Python objects in the heap that an object refers to, its class included.
    pub fn referents<'gc>(&'gc self, object: Value<'gc>) -> Vec<Value<'gc>> {
        let mut found = Vec::new();
        if object.header().is_none() {
            return found;
        }
        let mut parts = vec![object.word()];
        while let Some(part) = parts.pop() {
            self.visit_slots(part, &mut |w| {
                // SAFETY: the slot belongs to a live object, and nothing moves.
                let value = unsafe { Value::from_word(w) };
                match value.kind() {
                    Some(kind) if is_part(kind) => parts.push(w),
                    Some(_) => found.push(value),
                    None => {}
                }
            });
        }
        if object.kind() == Some(Kind::Foreign) {
            // These say themselves what they refer to, which in C leaves the class out.
            let class = self.class_of(object).value();
            found.retain(|value| !value.is(class));
        }
        found
    }

    /// A list of all containers that can be reached from the roots.
    pub fn live_containers(&mut self) -> Local {
        // Roots remember what they have shown to the collector since its last run: with no young
        // objects left, showing them once more makes no difference.
        self.collect_minor();
        let mut seen: HashSet<Word> = HashSet::new();
        let mut stack: Vec<Word> = Vec::new();
        {
            let (words, count) = self.stack.words();
            let Vm { heap, roots, threads, .. } = self;
            let mut visit = |slot: *mut Word| {
                // SAFETY: the tracer gives slots that can be read.
                let w = unsafe { *slot };
                if seen.insert(w) {
                    stack.push(w);
                }
            };
            let mut visit: &mut dyn FnMut(*mut Word) = &mut visit;
            let mut tracer = Tracer::visitor(&mut visit);
            tracer.words(words, count);
            roots.trace(&mut tracer);
            threads.trace(&mut tracer);
            heap.model().shapes.trace(&mut tracer);
        }
        let vm = &*self;
        let mut all = Vec::new();
        while let Some(w) = stack.pop() {
            debug_assert!(word::is_heap(w));
            // SAFETY: a root or a live object held the word, and nothing moves.
            let value = unsafe { Value::from_word(w) };
            if value.kind().is_some_and(is_container) {
                all.push(value);
            }
            vm.visit_slots(w, &mut |w| {
                if seen.insert(w) {
                    stack.push(w);
                }
            });
        }
        vm.root(vm.list(&all).value())
    }
}
