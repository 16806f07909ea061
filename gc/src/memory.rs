//! Address space from the operating system: reserved in one piece, made usable bit by bit.

use std::ops::Range;

/// A reserved range of addresses. Pages in it are unusable until [`Reservation::commit`].
pub(crate) struct Reservation {
    mapped: Range<usize>,
    base: usize,
}

#[cfg(not(miri))]
mod os {
    use libc::{
        MADV_DONTNEED, MAP_ANONYMOUS, MAP_FAILED, MAP_NORESERVE, MAP_PRIVATE, PROT_NONE, PROT_READ,
        PROT_WRITE,
    };

    pub fn page() -> usize {
        // SAFETY: no preconditions.
        unsafe { libc::sysconf(libc::_SC_PAGESIZE) as usize }
    }

    pub fn reserve(len: usize, _align: usize) -> Option<usize> {
        // SAFETY: a new anonymous mapping disturbs nothing.
        let p = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                len,
                PROT_NONE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                -1,
                0,
            )
        };
        (p != MAP_FAILED).then(|| p.expose_provenance())
    }

    pub fn protect(from: usize, len: usize, usable: bool) -> bool {
        let protection = if usable { PROT_READ | PROT_WRITE } else { PROT_NONE };
        // SAFETY: the caller owns the range and keeps no reference into it.
        unsafe { libc::mprotect(std::ptr::with_exposed_provenance_mut(from), len, protection) == 0 }
    }

    pub fn discard(from: usize, len: usize) {
        // SAFETY: the caller owns the range and has nothing in it.
        unsafe {
            libc::madvise(std::ptr::with_exposed_provenance_mut(from), len, MADV_DONTNEED);
        }
    }

    pub fn populate(from: usize, len: usize) {
        // Older kernels do not know this: the pages then come one by one.
        #[cfg(target_os = "linux")]
        // SAFETY: as if the pages were touched; the caller owns them.
        unsafe {
            libc::madvise(
                std::ptr::with_exposed_provenance_mut(from),
                len,
                libc::MADV_POPULATE_WRITE,
            );
        }
        #[cfg(not(target_os = "linux"))]
        let _ = (from, len);
    }

    pub fn huge(from: usize, len: usize) {
        // Where the system has no such pages, or is told not to use them, small ones do.
        #[cfg(target_os = "linux")]
        // SAFETY: a hint about memory that the caller owns.
        unsafe {
            libc::madvise(std::ptr::with_exposed_provenance_mut(from), len, libc::MADV_HUGEPAGE);
        }
        #[cfg(not(target_os = "linux"))]
        let _ = (from, len);
    }

    pub fn release(from: usize, len: usize, _align: usize) {
        // SAFETY: the range is a whole mapping made by `reserve`.
        unsafe {
            libc::munmap(std::ptr::with_exposed_provenance_mut(from), len);
        }
    }
}

/// Miri knows no mprotect: memory is there from the start, and what should be unreadable is filled with a pattern.
#[cfg(miri)]
mod os {
    use std::alloc::Layout;

    pub fn page() -> usize {
        4096
    }

    pub fn reserve(len: usize, align: usize) -> Option<usize> {
        // SAFETY: `len` is not zero.
        let p = unsafe { std::alloc::alloc_zeroed(Layout::from_size_align(len, align).ok()?) };
        (!p.is_null()).then(|| p.expose_provenance())
    }

    pub fn protect(from: usize, len: usize, usable: bool) -> bool {
        if !usable {
            // SAFETY: the caller owns the range and has nothing in it.
            unsafe { std::ptr::with_exposed_provenance_mut::<u8>(from).write_bytes(0xDB, len) }
        }
        true
    }

    pub fn discard(_: usize, _: usize) {}

    pub fn populate(_: usize, _: usize) {}

    pub fn huge(_: usize, _: usize) {}

    pub fn release(from: usize, len: usize, align: usize) {
        // SAFETY: made by `reserve` with the same layout.
        unsafe {
            let layout = Layout::from_size_align_unchecked(len, align);
            std::alloc::dealloc(std::ptr::with_exposed_provenance_mut(from), layout);
        }
    }
}

/// The size of a huge page.
pub(crate) const HUGE: usize = 2 << 20;

impl Reservation {
    const ALIGN: usize = HUGE;

    /// Reserves `len` bytes, aligned to a huge page. `None` if the system refuses.
    pub fn new(len: usize) -> Option<Reservation> {
        let whole = len.checked_add(Self::ALIGN)?;
        let start = os::reserve(whole, Self::ALIGN)?;
        Some(Reservation {
            mapped: start..start + whole,
            base: start.next_multiple_of(Self::ALIGN),
        })
    }

    /// The first usable address, aligned to a huge page.
    pub fn base(&self) -> usize {
        self.base
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        os::release(self.mapped.start, self.mapped.len(), Self::ALIGN);
    }
}

/// The size of a page.
pub(crate) fn page() -> usize {
    os::page()
}

/// Makes the pages that hold `range` readable and writable; they are zero the first time.
pub(crate) fn commit(range: Range<usize>) -> bool {
    let page = page();
    let from = range.start & !(page - 1);
    os::protect(from, range.end.next_multiple_of(page) - from, true)
}

/// Makes whole pages unreadable, so that a stale pointer into them faults.
pub(crate) fn forbid(range: Range<usize>) {
    os::protect(range.start, range.len(), false);
}

/// Gives the memory of whole pages back; they read as zero afterwards.
pub(crate) fn discard(range: Range<usize>) {
    os::discard(range.start, range.len());
}

/// Has the system find memory for whole usable pages at once, where touching them one by one would take longer.
pub(crate) fn populate(range: Range<usize>) {
    os::populate(range.start, range.len());
}

/// Asks for huge pages, which come with one fault instead of 512 and take one entry of the processor's address table.
/// The range is best a multiple of [`HUGE`], and aligned to it.
pub(crate) fn huge(range: Range<usize>) {
    os::huge(range.start, range.len());
}

/// A list of addresses as runs that follow each other, so that a system call can serve many blocks.
pub(crate) fn runs(sorted: &[u32]) -> impl Iterator<Item = Range<usize>> + '_ {
    sorted.chunk_by(|a, b| a + 1 == *b).map(|run| run[0] as usize..run[run.len() - 1] as usize + 1)
}

/// The end of a program that needs memory where none is left and no error can be returned.
#[cold]
pub(crate) fn out_of_memory(bytes: usize) -> ! {
    eprintln!("sidewinder-gc: out of memory (asked for {bytes} bytes)");
    std::process::abort()
}
