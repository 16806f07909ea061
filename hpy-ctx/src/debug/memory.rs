//! Memory that C borrows: pages of its own, so that writing to it, or reading it after the handle
//! was closed, ends the process there and then.

/// A read-only copy of some bytes.
pub struct Protected {
    pages: *mut u8,
    mapped: usize,
    len: usize,
}

impl Protected {
    /// A copy.
    pub fn new(bytes: &[u8]) -> Protected {
        // SAFETY: asks for a number.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize;
        let mapped = bytes.len().max(1).next_multiple_of(page);
        // SAFETY: fresh pages, filled before they are made read-only.
        unsafe {
            let pages = libc::mmap(
                std::ptr::null_mut(),
                mapped,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            );
            if pages == libc::MAP_FAILED {
                super::fatal("HPy's debug mode has no memory for a borrowed text");
            }
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), pages.cast(), bytes.len());
            libc::mprotect(pages, mapped, libc::PROT_READ);
            Protected { pages: pages.cast(), mapped, len: bytes.len() }
        }
    }

    /// Where it is.
    pub fn as_ptr(&self) -> *const u8 {
        self.pages
    }

    /// Number of bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// From now on whoever reads it is caught.
    pub fn forbid(&self) {
        // SAFETY: our own pages.
        unsafe { libc::mprotect(self.pages.cast(), self.mapped, libc::PROT_NONE) };
    }
}

impl Drop for Protected {
    fn drop(&mut self) {
        // SAFETY: our own pages.
        unsafe { libc::munmap(self.pages.cast(), self.mapped) };
    }
}
