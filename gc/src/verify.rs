//! A check of the whole heap, for tests and for hunting bugs.

use crate::Header;
use crate::heap::Heap;
use crate::large::LARGE_THRESHOLD;
use crate::model::Model;
use crate::trace::{Roots, Tracer, Word, object};
use std::collections::HashSet;

impl<M: Model> Heap<M> {
    /// Follows every strong pointer from the roots and checks that each leads to the start of an object that the
    /// heap knows. Returns how many objects there are.
    ///
    /// # Errors
    ///
    /// A description of the first pointer that does not.
    pub fn verify(&self, roots: &mut dyn Roots) -> Result<usize, String> {
        let mut known: HashSet<usize> = HashSet::new();
        self.for_each_object(&mut |obj| {
            known.insert(obj.as_ptr().addr());
        });
        let mut seen: HashSet<usize> = HashSet::new();
        let mut stack: Vec<(usize, usize)> = Vec::new();
        let mut follow =
            |from: usize, f: &mut dyn FnMut(&mut Tracer<'_>), stack: &mut Vec<(usize, usize)>| {
                let mut visit = |slot: *mut Word| {
                    // SAFETY: tracers are given slots that can be read.
                    let to = unsafe { *slot } as usize;
                    if seen.insert(to) {
                        stack.push((from, to));
                    }
                };
                let mut visit: &mut dyn FnMut(*mut Word) = &mut visit;
                f(&mut Tracer::visitor(&mut visit));
            };
        follow(0, &mut |t| roots.trace(t), &mut stack);
        let mut count = 0;
        while let Some((from, to)) = stack.pop() {
            let young = self.is_young(to);
            if !young && !known.contains(&to) {
                return Err(format!("{from:#x} points to {to:#x}, where no object is"));
            }
            let obj = object(to as u64);
            // SAFETY: the heap knows an object at that address.
            let (header, size) = unsafe {
                if !(*obj).flag(Header::TAG) {
                    return Err(format!("{from:#x} points to {to:#x}, which has moved"));
                }
                (&*obj, self.model().size(obj))
            };
            if header.flag(Header::LARGE) != (size > LARGE_THRESHOLD) && size > LARGE_THRESHOLD {
                return Err(format!("{to:#x} is {size} bytes long but not a large object"));
            }
            if young == header.is_old() {
                return Err(format!("{to:#x} is in the wrong generation"));
            }
            count += 1;
            // SAFETY: the heap knows an object at that address.
            follow(to, &mut |t| unsafe { self.model().trace(obj, t) }, &mut stack);
        }
        Ok(count)
    }
}
