//! Packing: a stream in its wrapping, a piece at a time.

use super::wrapping::{Checksum, Wrapping};
use flate2::{Compress, Compression, FlushCompress, Status};

/// Packs one stream.
pub struct Deflate {
    inner: Compress,
    wrapping: Wrapping,
    level: u32,
    begun: bool,
    checksum: Checksum,
}

impl Deflate {
    /// `level` from 0 to 9.
    pub fn new(level: u32, wrapping: Wrapping) -> Deflate {
        let inner = Compress::new(Compression::new(level), false);
        Deflate { inner, wrapping, level, begun: false, checksum: Checksum::new(wrapping) }
    }

    fn header(&self) -> Vec<u8> {
        match self.wrapping {
            Wrapping::Zlib => {
                let strength = [0u32, 0, 1, 1, 1, 1, 2, 3, 3, 3][self.level as usize];
                let head = 0x7800 | strength << 6;
                (head + (31 - head % 31) % 31).to_be_bytes()[2..].to_vec()
            }
            Wrapping::Gzip => {
                let extra = match self.level {
                    9 => 2,
                    1 => 4,
                    _ => 0,
                };
                vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, extra, 3]
            }
            _ => Vec::new(),
        }
    }

    /// Packs `input`; what comes out so far.
    pub fn feed(&mut self, input: &[u8], flush: FlushCompress) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.begun {
            self.begun = true;
            out = self.header();
        }
        self.checksum.update(input);
        let mut used = 0;
        loop {
            out.reserve(input.len() / 2 + 1024);
            let before = self.inner.total_in();
            let room = out.capacity();
            let status = self.inner.compress_vec(&input[used..], &mut out, flush);
            used += (self.inner.total_in() - before) as usize;
            match status {
                Ok(Status::StreamEnd) => {
                    out.extend(self.checksum.trailer());
                    return out;
                }
                // With room left over, everything has come out.
                _ if used == input.len() && out.len() < room => return out,
                _ => {}
            }
        }
    }
}
