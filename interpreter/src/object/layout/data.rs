//! Numbers, text and bytes: objects that refer to nothing.

use super::*;

/// A boxed float.
#[repr(C)]
pub struct Float {
    /// Header.
    pub header: Header,
    /// The number.
    pub value: f64,
}

/// An int beyond 63 bits: sign and magnitude, least significant limb first, no leading zero limbs.
#[repr(C)]
pub struct BigInt {
    /// Header.
    pub header: Header,
    /// Number of limbs, negated for a negative number.
    pub signed_len: isize,
    limbs: [u64; 0],
}

impl BigInt {
    /// Size in bytes of an object with `n` limbs.
    pub const fn size(n: usize) -> usize {
        size_of::<BigInt>() + n * 8
    }
    /// The magnitude, least significant limb first.
    pub fn limbs(&self) -> &[u64] {
        // SAFETY: the object was allocated with that many limbs behind its fixed part.
        unsafe { std::slice::from_raw_parts(self.limbs.as_ptr(), self.signed_len.unsigned_abs()) }
    }
    /// Whether the number is negative.
    pub fn is_negative(&self) -> bool {
        self.signed_len < 0
    }
}

/// A complex number.
#[repr(C)]
pub struct Complex {
    /// Header.
    pub header: Header,
    /// Real part.
    pub re: f64,
    /// Imaginary part.
    pub im: f64,
}

/// A str: code points of 1, 2 or 4 bytes by the widest one, as in PEP 393.
#[repr(C)]
pub struct Str {
    /// Header.
    pub header: Header,
    /// Cached hash; 0 means not computed yet.
    pub hash: Cell<u64>,
    /// Bits 0..3 width in bytes; bit 3 ASCII; bit 4 interned; bit 5 grown; from bit 8 the length in
    /// characters.
    pub meta: Cell<u64>,
    data: [u8; 0],
}

impl Str {
    /// `meta` bit: all characters are ASCII.
    pub const ASCII: u64 = 8;
    /// `meta` bit: the string is in the intern table.
    pub const INTERNED: u64 = 16;
    /// `meta` bit: the characters are at the start of a [`Buffer`], to which the word behind the
    /// fixed part points. See [`Vm::str_append`].
    pub const GROWN: u64 = 32;

    /// Size in bytes of an object whose characters take `data` bytes.
    pub const fn size(data: usize) -> usize {
        (size_of::<Str>() + data + 7) & !7
    }
    /// Size in bytes of this object.
    #[inline]
    pub(crate) fn own_size(&self) -> usize {
        match self.buffer() {
            // The word is counted as that of any object with one behind it.
            Some(_) => Str::size(0),
            None => Str::size(self.len() * self.width()),
        }
    }
    /// Where the characters are, if not behind the fixed part.
    #[inline(always)]
    pub(crate) fn buffer(&self) -> Option<&Slot> {
        // SAFETY: the bit says that a slot stands there.
        (self.meta.get() & Self::GROWN != 0).then(|| unsafe { &*self.data.as_ptr().cast() })
    }
    /// Length in characters.
    #[inline(always)]
    pub fn len(&self) -> usize {
        (self.meta.get() >> 8) as usize
    }
    /// Whether there are no characters.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Bytes per character: 1, 2 or 4.
    #[inline(always)]
    pub fn width(&self) -> usize {
        (self.meta.get() & 7) as usize
    }
    /// Whether all characters are ASCII.
    #[inline(always)]
    pub fn is_ascii(&self) -> bool {
        self.meta.get() & Self::ASCII != 0
    }
    /// Whether the string is in the intern table.
    #[inline(always)]
    pub fn is_interned(&self) -> bool {
        self.meta.get() & Self::INTERNED != 0
    }
    /// The characters as stored: `len() * width()` bytes in native byte order.
    #[inline(always)]
    pub fn data(&self) -> &[u8] {
        let start = match self.buffer() {
            None => self.data.as_ptr(),
            Some(buffer) => Buffer::start(buffer),
        };
        // SAFETY: that many bytes follow. Those of a buffer are not written any more once a str
        // has them: strs grow behind the last one's end only.
        unsafe { std::slice::from_raw_parts(start, self.len() * self.width()) }
    }
    /// Where the characters start; for filling a fresh object.
    pub(crate) fn data_ptr(&self) -> *mut u8 {
        self.data.as_ptr().cast_mut()
    }
}

/// A bytes object.
#[repr(C)]
pub struct Bytes {
    /// Header.
    pub header: Header,
    /// Cached hash; 0 means not computed yet.
    pub hash: Cell<u64>,
    len: usize,
    data: [u8; 0],
}

impl Bytes {
    /// Size in bytes of an object with `n` bytes of data.
    pub const fn size(n: usize) -> usize {
        (size_of::<Bytes>() + n + 7) & !7
    }
    /// The bytes.
    pub fn data(&self) -> &[u8] {
        // SAFETY: the object was allocated with that many bytes behind its fixed part.
        unsafe { std::slice::from_raw_parts(self.data.as_ptr(), self.len) }
    }
    /// Fills in a fresh object.
    ///
    /// # Safety
    /// `this` has room for the data.
    pub(crate) unsafe fn init(this: *mut Bytes, data: &[u8]) {
        // SAFETY: the caller's promise.
        unsafe {
            (&raw mut (*this).hash).write(Cell::new(0));
            (&raw mut (*this).len).write(data.len());
            let to = (&raw mut (*this).data).cast::<u8>();
            std::ptr::copy_nonoverlapping(data.as_ptr(), to, data.len());
        }
    }
}

/// A bytearray.
#[repr(C)]
pub struct ByteArray {
    /// Header.
    pub header: Header,
    /// Length in bytes.
    pub len: Cell<usize>,
    /// The [`Buffer`], or UNBOUND when empty.
    pub buffer: Slot,
    /// Whether its memory was ever lent: then how often it is now must be asked
    /// ([`Vm::bytearray_is_lent`]) before the size changes.
    pub exported: Cell<bool>,
}

/// Bytes behind a bytearray or a grown str.
#[repr(C)]
pub struct Buffer {
    /// Header.
    pub header: Header,
    /// Capacity in bytes.
    pub cap: usize,
    /// Of strs: how many bytes are taken. (A bytearray has its length itself.)
    pub used: Cell<usize>,
    data: [Cell<u8>; 0],
}

impl Buffer {
    /// The address of the first byte of the buffer that a slot points to.
    #[inline(always)]
    fn start(slot: &Slot) -> *const u8 {
        let buffer = std::ptr::with_exposed_provenance::<Buffer>(slot.word() as usize);
        // SAFETY: the slot of a live str, which points to a live buffer.
        unsafe { (&raw const (*buffer).data).cast() }
    }
    /// Size in bytes of a buffer of the given capacity.
    pub const fn size(cap: usize) -> usize {
        (size_of::<Buffer>() + cap + 7) & !7
    }
    /// The bytes, up to the capacity.
    pub fn data(&self) -> &[Cell<u8>] {
        // SAFETY: the object was allocated with that many bytes behind its fixed part.
        unsafe { std::slice::from_raw_parts(self.data.as_ptr(), self.cap) }
    }
}
