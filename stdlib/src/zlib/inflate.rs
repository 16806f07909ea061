//! Unpacking: the stream inside its wrapping, a piece at a time.

use super::wrapping::{Checksum, Wrapping, header_len};
use flate2::{Decompress, FlushDecompress, Status};

/// Where in the stream the next byte belongs.
enum Place {
    /// In the header, of which these bytes have come.
    Header(Vec<u8>),
    Body,
    /// In the checksum behind the data, of which these bytes have come.
    Trailer(Vec<u8>),
    End,
}

/// Unpacks one stream.
pub struct Inflate {
    inner: Decompress,
    wrapping: Wrapping,
    place: Place,
    checksum: Checksum,
}

impl Inflate {
    pub fn new(wrapping: Wrapping) -> Inflate {
        let place = if wrapping == Wrapping::Raw { Place::Body } else { Place::Header(Vec::new()) };
        let checksum = Checksum::new(wrapping);
        Inflate { inner: Decompress::new(false), wrapping, place, checksum }
    }

    /// Whether the whole stream has come.
    pub fn ended(&self) -> bool {
        matches!(self.place, Place::End)
    }

    /// Unpacks what `input` has to give, at most `max` bytes. Returns how much of it was used, or
    /// what is wrong with it.
    pub fn feed(
        &mut self,
        input: &[u8],
        max: usize,
        out: &mut Vec<u8>,
    ) -> Result<usize, &'static str> {
        let mut used = 0;
        loop {
            let rest = &input[used..];
            match &mut self.place {
                Place::Header(head) => {
                    let Some(byte) = rest.first() else { return Ok(used) };
                    head.push(*byte);
                    used += 1;
                    if self.wrapping == Wrapping::Either {
                        let gzip = *byte == 0x1F;
                        self.wrapping = if gzip { Wrapping::Gzip } else { Wrapping::Zlib };
                        self.checksum = Checksum::new(self.wrapping);
                    }
                    if header_len(self.wrapping, head)?.is_some() {
                        self.place = Place::Body;
                    }
                }
                Place::Body => {
                    let (taken, ended) = self.unpack(rest, max, out)?;
                    used += taken;
                    if !ended {
                        return Ok(used);
                    }
                    let plain = self.wrapping == Wrapping::Raw;
                    self.place = if plain { Place::End } else { Place::Trailer(Vec::new()) };
                }
                Place::Trailer(tail) => {
                    let expected = self.checksum.trailer();
                    let taken = rest.len().min(expected.len() - tail.len());
                    tail.extend_from_slice(&rest[..taken]);
                    used += taken;
                    if tail.len() < expected.len() {
                        return Ok(used);
                    }
                    if tail[..4] != expected[..4] {
                        return Err("incorrect data check");
                    }
                    if *tail != expected {
                        return Err("incorrect length check");
                    }
                    self.place = Place::End;
                }
                Place::End => return Ok(used),
            }
        }
    }

    /// Unpacks data of the stream proper: how much was used, and whether it ends there.
    fn unpack(
        &mut self,
        input: &[u8],
        max: usize,
        out: &mut Vec<u8>,
    ) -> Result<(usize, bool), &'static str> {
        const STEP: usize = 64 << 10;
        let mut used = 0;
        loop {
            let room = STEP.min(max - out.len());
            let start = out.len();
            out.resize(start + room, 0);
            let (before_in, before_out) = (self.inner.total_in(), self.inner.total_out());
            let status =
                self.inner.decompress(&input[used..], &mut out[start..], FlushDecompress::None);
            let made = (self.inner.total_out() - before_out) as usize;
            let taken = (self.inner.total_in() - before_in) as usize;
            used += taken;
            out.truncate(start + made);
            self.checksum.update(&out[start..]);
            match status {
                Err(_) => return Err("invalid compressed data"),
                Ok(Status::StreamEnd) => return Ok((used, true)),
                Ok(_) if out.len() >= max || (made == 0 && taken == 0) => return Ok((used, false)),
                Ok(_) => {}
            }
        }
    }
}
