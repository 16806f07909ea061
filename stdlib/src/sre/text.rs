//! What is matched: characters of 1, 2 or 4 bytes, read in place.

/// Random access to the characters of a string or of bytes.
pub(super) trait Text: Copy {
    /// Number of characters.
    fn len(self) -> usize;
    /// Character number `i`, which is below the length.
    fn at(self, i: usize) -> u32;
    /// The characters, where each is a byte.
    fn bytes(&self) -> Option<&[u8]>;
}

/// One byte a character: Latin-1 text, or bytes.
#[derive(Clone, Copy)]
pub(super) struct Narrow<'a>(pub &'a [u8]);

/// Two bytes a character, in native order.
#[derive(Clone, Copy)]
pub(super) struct Wide<'a>(pub &'a [[u8; 2]]);

/// Four bytes a character, in native order.
#[derive(Clone, Copy)]
pub(super) struct Widest<'a>(pub &'a [[u8; 4]]);

impl Text for Narrow<'_> {
    #[inline(always)]
    fn len(self) -> usize {
        self.0.len()
    }
    #[inline(always)]
    fn at(self, i: usize) -> u32 {
        self.0[i] as u32
    }
    fn bytes(&self) -> Option<&[u8]> {
        Some(self.0)
    }
}

impl Text for Wide<'_> {
    #[inline(always)]
    fn len(self) -> usize {
        self.0.len()
    }
    #[inline(always)]
    fn at(self, i: usize) -> u32 {
        u16::from_ne_bytes(self.0[i]) as u32
    }
    fn bytes(&self) -> Option<&[u8]> {
        None
    }
}

impl Text for Widest<'_> {
    #[inline(always)]
    fn len(self) -> usize {
        self.0.len()
    }
    #[inline(always)]
    fn at(self, i: usize) -> u32 {
        u32::from_ne_bytes(self.0[i])
    }
    fn bytes(&self) -> Option<&[u8]> {
        None
    }
}
