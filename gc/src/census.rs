//! Collections that show what they find, for programs that ask how much was garbage or want to keep it.
//!
//! A collection never visits the dead. So one that shall show them promotes the whole nursery first, whether reached
//! or not; after marking, the dead are the objects that begin in the old space and have no mark. Those that refer to
//! nothing, often the most, are left out: they are in no cycle.

use crate::heap::{Collect, Heap};
use crate::large::LargeSpace;
use crate::major::Major;
use crate::model::{Model, may_refer};
use crate::phase::Phase;
use crate::trace::{Roots, Tracer, Word, object};
use crate::{Header, is_pointer};

/// What looks at the dead: gets the model and all objects with slots that nothing reaches, neither finalized nor freed
/// yet, and returns those to keep alive.
pub type Inspect<'a, M> = &'a mut dyn FnMut(&M, &[*mut Header]) -> Vec<Word>;

/// A full collection's interest in the dead.
pub(crate) struct Census<'a, M> {
    inspect: Inspect<'a, M>,
    kept: Vec<Word>,
}

impl<M: Model> Census<'_, M> {
    /// When everything that the roots reach is marked.
    pub fn take(&mut self, major: &mut Major<'_, M>, large: &LargeSpace) {
        let mut dead = Vec::new();
        let mut look = |obj: *mut Header| {
            // SAFETY: objects of the heap; one that was moved has its new address for a header.
            let raw = unsafe { (*obj).raw() };
            if raw & Header::TAG as u64 != 0 && may_refer::<M>(raw) && major.resolve(obj).is_none()
            {
                dead.push(obj);
            }
        };
        major.old.for_each(&mut look);
        large.for_each(&mut look);
        self.kept = (self.inspect)(major.model, &dead);
        for word in self.kept.iter_mut().filter(|word| is_pointer(**word)) {
            // SAFETY: one of the dead objects, which is as it was.
            unsafe { major.reach(word) }
        }
        major.drain();
    }
}

/// The roots, and all young objects.
struct Everything<'a> {
    roots: &'a mut dyn Roots,
    young: Vec<Word>,
}

impl Roots for Everything<'_> {
    fn trace(&mut self, tracer: &mut Tracer<'_>) {
        self.roots.trace(tracer);
        for word in &mut self.young {
            tracer.word(word);
        }
    }
}

impl<M: Model> Heap<M> {
    /// Collects everything in one go, but first has `inspect` look at what nothing reaches. Returns what it keeps
    /// alive, at its new addresses: for the caller to root at once.
    pub fn collect_inspected(
        &mut self,
        roots: &mut dyn Roots,
        inspect: Inspect<'_, M>,
    ) -> Vec<Word> {
        let young = self.young_objects();
        self.collect(Collect::Minor, &mut Everything { roots, young });
        let mut census = Census { inspect, kept: Vec::new() };
        self.collect_with(Collect::Major, roots, Some(&mut census));
        census.kept
    }

    /// The objects with slots in the nursery, where all lie one behind the other, and the large ones.
    fn young_objects(&self) -> Vec<Word> {
        let (mut at, top) = self.young_range();
        let mut found: Vec<Word> = self.large.borrow().young().map(|at| at as Word).collect();
        while at < top {
            let obj = object(at as Word);
            // SAFETY: an object begins where the one before it ends.
            let (raw, size) = unsafe { ((*obj).raw(), self.model().size(obj)) };
            if may_refer::<M>(raw) {
                found.push(at as Word);
            }
            at += size;
        }
        debug_assert_eq!(at, top, "a young object is shorter than the memory it was given");
        found
    }
}
