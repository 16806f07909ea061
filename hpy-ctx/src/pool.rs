//! Memory for C structs: they die in batches, at collections, which general allocators are not
//! made for, and what a batch leaves behind goes back to the system.
//!
//! Small structs lie in chunks of one size each. A chunk knows its free blocks by a bit map, so that a
//! struct that C never wrote to costs no memory traffic, neither when it is made nor when it
//! dies. A chunk without live blocks serves any size again, and but for a few it gives its memory back. Large structs
//! come from the system's allocator.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ptr::NonNull;

/// Sizes are rounded up to this, which is also the alignment: enough for any C type.
const STEP: usize = 16;
/// The largest size that shares a chunk with others.
const LARGEST: usize = 256;
/// Chunks are as large and as aligned as this, so that a block's address tells its chunk.
const CHUNK: usize = 64 << 10;
/// Addresses are asked of the system in so large pieces.
const REGION: usize = 1 << 20;
/// Blocks are zeroed in pieces of this size.
const CLEAN: usize = 1 << 10;
/// Empty chunks that keep their memory: the next batch is soon to come.
const KEPT: usize = 64;
/// Words of a chunk's bit map.
const WORDS: usize = CHUNK / STEP / 64;
/// Where a chunk's first block lies.
const FIRST: usize = size_of::<Chunk>().next_multiple_of(STEP);

/// The head of a chunk.
struct Chunk {
    /// A bit for each [`STEP`] bytes of the chunk, set where a block begins that was used and is free.
    free: [Cell<u64>; WORDS],
    /// Words of the map before this one are 0.
    at: Cell<usize>,
    /// Where the blocks begin that have not been used since the chunk was divided.
    fresh: Cell<usize>,
    live: Cell<usize>,
    /// Bytes of a block.
    block: Cell<usize>,
    /// Fresh blocks before this are zeroed; those behind may hold what others left.
    clean: Cell<usize>,
    /// Neighbours in the list of chunks of this size that have free blocks.
    previous: Cell<*const Chunk>,
    next: Cell<*const Chunk>,
    listed: Cell<bool>,
}

impl Chunk {
    /// Makes all blocks free, of `block` bytes each.
    fn divide(&self, block: usize) {
        self.free.iter().for_each(|word| word.set(0));
        self.at.set(WORDS);
        // A chunk from the system, or one that gave its memory back, is all zeros, its head included.
        self.clean.set(if self.fresh.get() == 0 { CHUNK } else { FIRST });
        self.fresh.set(FIRST);
        self.live.set(0);
        self.block.set(block);
        self.listed.set(false);
    }

    /// A free block, zeroed.
    #[inline]
    fn take(&self) -> Option<NonNull<u8>> {
        let offset = self.fresh.get();
        let block = self.block.get();
        if offset + block > CHUNK {
            return self.take_again();
        }
        self.fresh.set(offset + block);
        if offset + block > self.clean.get() {
            self.clean_up_to(offset + block);
        }
        self.hand_out(offset)
    }

    /// Zeroes fresh blocks up to `end`, and some more that are soon to be asked for.
    #[inline(never)]
    fn clean_up_to(&self, end: usize) {
        let from = self.clean.get();
        let to = end.next_multiple_of(CLEAN).min(CHUNK);
        // SAFETY: nothing lives behind the blocks handed out so far.
        unsafe { self.at(from).write_bytes(0, to - from) }
        self.clean.set(to);
    }

    fn at(&self, offset: usize) -> *mut u8 {
        std::ptr::from_ref(self).cast::<u8>().cast_mut().wrapping_add(offset)
    }

    /// A block that was used before.
    fn take_again(&self) -> Option<NonNull<u8>> {
        let at = (self.at.get()..WORDS).find(|&at| self.free[at].get() != 0);
        self.at.set(at.unwrap_or(WORDS));
        let word = self.free[at?].get();
        self.free[at?].set(word & (word - 1));
        let offset = (at? * 64 + word.trailing_zeros() as usize) * STEP;
        // SAFETY: a free block of the chunk.
        unsafe { self.at(offset).write_bytes(0, self.block.get()) }
        self.hand_out(offset)
    }

    #[inline]
    fn hand_out(&self, offset: usize) -> Option<NonNull<u8>> {
        self.live.set(self.live.get() + 1);
        NonNull::new(self.at(offset))
    }

    /// Makes a block free again.
    #[inline]
    fn put(&self, block: *mut u8) {
        let granule = (block.addr() & (CHUNK - 1)) / STEP;
        let at = granule / 64;
        self.free[at].set(self.free[at].get() | 1 << (granule % 64));
        self.at.set(self.at.get().min(at));
        self.live.set(self.live.get() - 1);
    }
}

/// The chunks of one size.
struct Size {
    /// Where blocks are taken from; not in the list.
    current: Cell<*const Chunk>,
    /// The head of the list of other chunks with free blocks.
    partial: Cell<*const Chunk>,
}

/// The memory of all C structs of one VM.
pub struct Pool {
    sizes: [Size; LARGEST / STEP + 1],
    /// Chunks without live blocks. Those in front have given their memory back.
    empty: RefCell<VecDeque<NonNull<Chunk>>>,
    regions: RefCell<Vec<NonNull<u8>>>,
}

impl Default for Pool {
    fn default() -> Self {
        let nothing = || Cell::new(std::ptr::null());
        Pool {
            sizes: std::array::from_fn(|_| Size { current: nothing(), partial: nothing() }),
            empty: RefCell::default(),
            regions: RefCell::default(),
        }
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
        let size = &self.sizes[bytes.div_ceil(STEP)];
        // SAFETY: chunks live as long as the pool.
        if let Some(chunk) = unsafe { size.current.get().as_ref() }
            && let Some(block) = chunk.take()
        {
            return Some(block);
        }
        self.next_chunk(size, bytes.div_ceil(STEP).max(1) * STEP)?.take()
    }

    /// Takes another chunk to allocate from.
    #[cold]
    fn next_chunk(&self, size: &Size, block: usize) -> Option<&Chunk> {
        // SAFETY: chunks live as long as the pool.
        let chunk = match unsafe { size.partial.get().as_ref() } {
            Some(chunk) => {
                unlink(size, chunk);
                chunk
            }
            None => {
                let chunk = self.empty_chunk()?;
                chunk.divide(block);
                chunk
            }
        };
        size.current.set(chunk);
        Some(chunk)
    }

    fn empty_chunk(&self) -> Option<&Chunk> {
        let mut empty = self.empty.borrow_mut();
        if empty.is_empty() {
            let region = map(REGION + CHUNK)?;
            self.regions.borrow_mut().push(region);
            let first = region.addr().get().next_multiple_of(CHUNK) - region.addr().get();
            let chunks = (first..first + REGION).step_by(CHUNK).rev();
            // SAFETY: inside the region.
            empty.extend(chunks.map(|offset| unsafe { region.add(offset) }.cast::<Chunk>()));
        }
        // SAFETY: aligned, of the chunk's size, and never unmapped while the pool lives. All-zero
        // bytes, which fresh ones are, make a valid head.
        empty.pop_back().map(|chunk| unsafe { chunk.as_ref() })
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
        let size = &self.sizes[bytes.div_ceil(STEP)];
        // SAFETY: the chunk that holds the block: chunks are aligned to their size.
        let chunk = unsafe { &*block.map_addr(|address| address & !(CHUNK - 1)).cast::<Chunk>() };
        chunk.put(block);
        if std::ptr::eq(chunk, size.current.get()) {
            return;
        }
        if chunk.live.get() == 0 {
            self.release(size, chunk);
        } else if !chunk.listed.get() {
            link(size, chunk);
        }
    }

    /// A chunk has no live blocks any more.
    #[cold]
    fn release(&self, size: &Size, chunk: &Chunk) {
        if chunk.listed.get() {
            unlink(size, chunk);
        }
        let chunk = NonNull::from(chunk);
        let mut empty = self.empty.borrow_mut();
        if empty.len() < KEPT {
            return empty.push_back(chunk);
        }
        // SAFETY: nothing lives in the chunk; it reads as zeros from now on.
        unsafe { libc::madvise(chunk.as_ptr().cast(), CHUNK, libc::MADV_DONTNEED) };
        empty.push_front(chunk);
    }
}

fn link(size: &Size, chunk: &Chunk) {
    let next = size.partial.get();
    chunk.previous.set(std::ptr::null());
    chunk.next.set(next);
    // SAFETY: listed chunks are alive.
    if let Some(next) = unsafe { next.as_ref() } {
        next.previous.set(chunk);
    }
    size.partial.set(chunk);
    chunk.listed.set(true);
}

fn unlink(size: &Size, chunk: &Chunk) {
    let (previous, next) = (chunk.previous.get(), chunk.next.get());
    // SAFETY: listed chunks are alive.
    unsafe {
        match previous.as_ref() {
            Some(previous) => previous.next.set(next),
            None => size.partial.set(next),
        }
        if let Some(next) = next.as_ref() {
            next.previous.set(previous);
        }
    }
    chunk.listed.set(false);
}

/// Zeroed pages from the system.
fn map(bytes: usize) -> Option<NonNull<u8>> {
    let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANON);
    // SAFETY: a new mapping touches nothing that exists.
    let place = unsafe { libc::mmap(std::ptr::null_mut(), bytes, access, kind, -1, 0) };
    (place != libc::MAP_FAILED).then_some(NonNull::new(place.cast())?)
}

impl Drop for Pool {
    fn drop(&mut self) {
        for region in self.regions.get_mut() {
            // SAFETY: from `map`; the objects that used it went with the heap.
            unsafe { libc::munmap(region.as_ptr().cast(), REGION + CHUNK) };
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

    #[test]
    fn chunks_serve_any_size_again() {
        let pool = Pool::default();
        for bytes in [16, 48, 256, 32] {
            let blocks: Vec<_> =
                (0..10_000).map(|_| pool.alloc(bytes).expect("memory").as_ptr()).collect();
            let mut ends: Vec<_> = blocks.iter().map(|block| block.addr()).collect();
            ends.sort_unstable();
            assert!(ends.windows(2).all(|pair| pair[1] - pair[0] >= bytes), "blocks overlap");
            // Every third first, so that chunks are listed with holes before they are empty.
            for third in 0..3 {
                for &block in blocks.iter().skip(third).step_by(3) {
                    // SAFETY: a block of that size, freed once.
                    unsafe {
                        block.write_bytes(0xFF, bytes);
                        pool.free(block, bytes);
                    }
                }
                let block = pool.alloc(bytes).expect("memory");
                // SAFETY: as above.
                unsafe {
                    assert!((0..bytes).all(|i| block.as_ptr().add(i).read() == 0));
                    pool.free(block.as_ptr(), bytes);
                }
            }
        }
        // 10,000 blocks of 256 bytes are the most that was alive.
        let most = 10_000 * 256 * 3 / 2;
        assert!(pool.regions.borrow().len() * REGION <= most, "memory is used again");
    }
}
