//! Packing, a piece at a time.

use zlib_rs::{DeflateConfig, DeflateFlush, Method, Status, Strategy};

/// Packs one stream.
pub struct Deflate(zlib_rs::Deflate);

/// How to pack, as zlib's `deflateInit2` takes it; none if it would not.
pub fn config(
    level: i64,
    method: i64,
    wbits: i64,
    mem: i64,
    strategy: i64,
) -> Option<DeflateConfig> {
    let window = matches!(wbits, -15..=-9 | 8..=15 | 25..=31);
    if !window || method != 8 || !(-1..=9).contains(&level) || !(1..=9).contains(&mem) {
        return None;
    }
    Some(DeflateConfig {
        level: level as i32,
        method: Method::Deflated,
        window_bits: wbits as i32,
        mem_level: mem as i32,
        strategy: Strategy::try_from(i32::try_from(strategy).ok()?).ok()?,
    })
}

impl Deflate {
    /// `config` is one that [`config`] has made.
    pub fn new(config: DeflateConfig) -> Deflate {
        Deflate(zlib_rs::Deflate::new_with_config(config))
    }

    /// Sets what the stream may refer to before its beginning; false if that cannot be.
    pub fn set_dictionary(&mut self, dictionary: &[u8]) -> bool {
        self.0.set_dictionary(dictionary).is_ok()
    }

    /// Packs `input`; what comes out so far.
    pub fn feed(&mut self, input: &[u8], flush: DeflateFlush) -> Vec<u8> {
        let (mut out, mut used) = (Vec::new(), 0);
        loop {
            let start = out.len();
            out.resize(start + (input.len() - used) / 2 + 1024, 0);
            let (before_in, before_out) = (self.0.total_in(), self.0.total_out());
            let status = self.0.compress(&input[used..], &mut out[start..], flush);
            used += (self.0.total_in() - before_in) as usize;
            let made = (self.0.total_out() - before_out) as usize;
            let full = start + made == out.len();
            out.truncate(start + made);
            match status {
                Ok(Status::StreamEnd) | Err(_) => return out,
                // With room left over, everything has come out.
                Ok(_) if used == input.len() && !full => return out,
                Ok(_) => {}
            }
        }
    }
}
