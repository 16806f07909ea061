//! Objects too long for a block: each has memory of its own and never moves.

use crate::Header;
use crate::trace::object;
use std::alloc::Layout;

/// Longer objects go to the large object space.
pub const LARGE_THRESHOLD: usize = 8 << 10;

#[derive(Clone, Copy)]
struct Large {
    address: usize,
    size: usize,
}

impl Large {
    fn layout(size: usize) -> Option<Layout> {
        Layout::from_size_align(size, 16).ok()
    }

    /// # Safety
    ///
    /// Nothing refers to the object any more.
    unsafe fn free(self, poison: bool) {
        let p = std::ptr::with_exposed_provenance_mut::<u8>(self.address);
        // SAFETY: allocated with this size and layout in `alloc`.
        unsafe {
            if poison {
                p.write_bytes(0xDB, self.size);
            }
            std::alloc::dealloc(p, Layout::from_size_align_unchecked(self.size, 16));
        }
    }
}

#[derive(Default)]
pub(crate) struct LargeSpace {
    young: Vec<Large>,
    old: Vec<Large>,
    /// Bytes of all objects.
    pub bytes: usize,
    /// Bytes of those born since the last collection.
    pub young_bytes: usize,
    /// Overwrite freed objects, to find stale pointers.
    pub poison: bool,
}

impl LargeSpace {
    /// Room for an object, or `None` if the system refuses.
    pub fn alloc(&mut self, size: usize) -> Option<usize> {
        let layout = Large::layout(size)?;
        // SAFETY: `size` is not zero.
        let p = unsafe { std::alloc::alloc(layout) };
        if p.is_null() {
            return None;
        }
        let address = p.expose_provenance();
        self.young.push(Large { address, size });
        self.bytes += size;
        self.young_bytes += size;
        Some(address)
    }

    /// After a minor collection: frees the young objects it did not reach; the others are old now.
    pub fn sweep_young(&mut self) {
        self.young_bytes = 0;
        for large in self.young.drain(..) {
            // SAFETY: the object is allocated, and starts with its header.
            if unsafe { (*object(large.address as u64)).is_old() } {
                self.old.push(large);
            } else {
                self.bytes -= large.size;
                // SAFETY: it was not reached.
                unsafe { large.free(self.poison) }
            }
        }
    }

    /// After a major collection: frees the objects it did not reach.
    pub fn sweep_old(&mut self) {
        let (bytes, poison) = (&mut self.bytes, self.poison);
        self.old.retain(|large| {
            // SAFETY: the object is allocated, and starts with its header.
            let header = unsafe { &*object(large.address as u64) };
            let live = header.flag(Header::MARK);
            if !live {
                *bytes -= large.size;
                // SAFETY: it was not reached.
                unsafe { large.free(poison) }
            }
            live
        });
    }

    /// Before marking.
    pub fn clear_marks(&mut self) {
        for large in &self.old {
            // SAFETY: the object is allocated, and starts with its header.
            unsafe { (*object(large.address as u64)).clear_flag(Header::MARK) }
        }
    }

    /// Whether an object is at that address. Slow.
    pub fn is_listed(&self, address: usize) -> bool {
        self.young.iter().chain(&self.old).any(|large| large.address == address)
    }

    /// The addresses of the objects born since the last collection.
    pub fn young(&self) -> impl Iterator<Item = usize> {
        self.young.iter().map(|large| large.address)
    }

    /// Calls `f` with every object.
    pub fn for_each(&self, f: &mut dyn FnMut(*mut Header)) {
        for large in self.young.iter().chain(&self.old) {
            f(object(large.address as u64));
        }
    }
}

impl Drop for LargeSpace {
    fn drop(&mut self) {
        for large in self.young.drain(..).chain(self.old.drain(..)) {
            // SAFETY: the heap is going away.
            unsafe { large.free(false) }
        }
    }
}
