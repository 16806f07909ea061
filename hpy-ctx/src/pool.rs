//! Memory for C structs: they die in batches, at collections, which general allocators are not
//! made for. Small sizes come from free lists by size; large ones from the system.

use std::cell::{Cell, RefCell};
use std::ptr::NonNull;

/// Sizes are rounded up to this, which is also the alignment: enough for any C type.
const STEP: usize = 16;
/// The largest size that is kept on free lists.
const LARGEST: usize = 256;
const CHUNK: usize = 32 << 10;

/// A free block holds the address of the next one.
struct Free {
    next: Cell<*mut Free>,
}

/// Blocks of one size.
struct Size {
    free: Cell<*mut Free>,
    /// Fresh, zeroed memory.
    fresh: Cell<*mut u8>,
    end: Cell<*mut u8>,
}

/// The memory of all C structs of one VM.
pub struct Pool {
    sizes: [Size; LARGEST / STEP + 1],
    chunks: RefCell<Vec<NonNull<u8>>>,
}

impl Default for Pool {
    fn default() -> Self {
        let size = |_| Size {
            free: Cell::new(std::ptr::null_mut()),
            fresh: Cell::new(std::ptr::null_mut()),
            end: Cell::new(std::ptr::null_mut()),
        };
        Pool { sizes: std::array::from_fn(size), chunks: RefCell::default() }
    }
}

impl Pool {
    /// Zeroed memory; `None` when the system has no more.
    #[inline]
    pub fn alloc(&self, bytes: usize) -> Option<NonNull<u8>> {
        if bytes > LARGEST {
            // SAFETY: calloc of a size that is not zero.
            return NonNull::new(unsafe { libc::calloc(1, bytes) }.cast());
        }
        let step = bytes.div_ceil(STEP).max(1);
        let size = &self.sizes[step];
        let free = size.free.get();
        // SAFETY: blocks on the list are free and of this size.
        if let Some(block) = unsafe { free.as_ref() } {
            size.free.set(block.next.get());
            // SAFETY: as above.
            unsafe { free.cast::<u8>().write_bytes(0, step * STEP) };
            return NonNull::new(free.cast());
        }
        if size.fresh.get() == size.end.get() {
            self.refill(size, step * STEP)?;
        }
        let block = size.fresh.get();
        size.fresh.set(block.wrapping_add(step * STEP));
        NonNull::new(block)
    }

    #[cold]
    fn refill(&self, size: &Size, bytes: usize) -> Option<()> {
        let blocks = CHUNK / bytes;
        // SAFETY: calloc of a size that is not zero; it aligns to 16 bytes.
        let chunk = NonNull::new(unsafe { libc::calloc(blocks, bytes) }.cast::<u8>())?;
        self.chunks.borrow_mut().push(chunk);
        size.fresh.set(chunk.as_ptr());
        size.end.set(chunk.as_ptr().wrapping_add(blocks * bytes));
        Some(())
    }

    /// Takes memory back.
    ///
    /// # Safety
    /// `block` came from `alloc` of that many bytes and is not used again.
    #[inline]
    pub unsafe fn free(&self, block: *mut u8, bytes: usize) {
        if bytes > LARGEST {
            // SAFETY: from calloc, by the caller's promise.
            return unsafe { libc::free(block.cast()) };
        }
        let size = &self.sizes[bytes.div_ceil(STEP).max(1)];
        let free = block.cast::<Free>();
        // SAFETY: the block is ours and large enough.
        unsafe { free.write(Free { next: Cell::new(size.free.get()) }) };
        size.free.set(free);
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        for chunk in self.chunks.get_mut() {
            // SAFETY: from calloc; the objects that used it went with the heap.
            unsafe { libc::free(chunk.as_ptr().cast()) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_zeroed_and_used_again() {
        let pool = Pool::default();
        for bytes in [0, 1, 16, 17, 200, 256, 257, 5000] {
            let a = pool.alloc(bytes).expect("memory");
            let b = pool.alloc(bytes).expect("memory");
            assert_ne!(a, b);
            assert!(a.addr().get().is_multiple_of(STEP));
            // SAFETY: blocks of that size, each freed once.
            unsafe {
                a.as_ptr().write_bytes(0xFF, bytes);
                pool.free(a.as_ptr(), bytes);
                let again = pool.alloc(bytes).expect("memory");
                assert!((0..bytes).all(|i| again.as_ptr().add(i).read() == 0));
                pool.free(again.as_ptr(), bytes);
                pool.free(b.as_ptr(), bytes);
            }
        }
    }
}
