//! Unpacking, a piece at a time.

use zlib_rs::{InflateError, InflateFlush, Status};

/// Unpacks one stream.
pub struct Inflate {
    inner: zlib_rs::Inflate,
    /// What the stream may refer to before its beginning, if it asks for that.
    dictionary: Option<Vec<u8>>,
    ended: bool,
}

/// What is wrong with a stream: zlib's number, and what was being done.
pub struct Trouble {
    pub code: i32,
    pub doing: &'static str,
    pub message: Option<&'static str>,
}

impl Inflate {
    /// A stream with the window and the wrapping that `wbits` says, as in zlib's `inflateInit2`; none for
    /// other numbers. One without wrapping cannot ask for its dictionary and has it from the beginning.
    pub fn new(wbits: i64, dictionary: Option<Vec<u8>>) -> Option<Result<Inflate, Trouble>> {
        let bits = u8::try_from(wbits.unsigned_abs()).ok()?;
        let valid = match wbits {
            ..0 => (8..=15).contains(&bits),
            _ => bits < 48 && matches!(bits & 15, 0 | 8..),
        };
        if !valid {
            return None;
        }
        let raw = wbits < 0;
        let inner = zlib_rs::Inflate::new(!raw, bits);
        let mut made = Inflate { inner, dictionary, ended: false };
        Some(if raw { made.set_dictionary().map(|_| made) } else { Ok(made) })
    }

    /// Whether the whole stream has come.
    pub fn ended(&self) -> bool {
        self.ended
    }

    fn trouble(&self, error: InflateError, doing: &'static str) -> Trouble {
        let code = match error {
            InflateError::NeedDict { .. } => 2,
            InflateError::StreamError => -2,
            InflateError::DataError => -3,
            InflateError::MemError => -4,
        };
        Trouble { code, doing, message: self.inner.error_message() }
    }

    /// Gives the stream its dictionary; false if there is none.
    fn set_dictionary(&mut self) -> Result<bool, Trouble> {
        let Some(dictionary) = self.dictionary.take() else { return Ok(false) };
        match self.inner.set_dictionary(&dictionary) {
            Ok(_) => Ok(true),
            Err(error) => Err(self.trouble(error, "setting zdict")),
        }
    }

    /// Unpacks what `input` has to give, at most `max` bytes. Returns how much of it was used, or
    /// what is wrong with it.
    pub fn feed(&mut self, input: &[u8], max: usize, out: &mut Vec<u8>) -> Result<usize, Trouble> {
        const STEP: usize = 64 << 10;
        let mut used = 0;
        while !self.ended {
            let room = STEP.min(max - out.len());
            let start = out.len();
            out.resize(start + room, 0);
            let (before_in, before_out) = (self.inner.total_in(), self.inner.total_out());
            let status =
                self.inner.decompress(&input[used..], &mut out[start..], InflateFlush::SyncFlush);
            let made = (self.inner.total_out() - before_out) as usize;
            let taken = (self.inner.total_in() - before_in) as usize;
            used += taken;
            out.truncate(start + made);
            match status {
                Err(error @ InflateError::NeedDict { .. }) => {
                    if !self.set_dictionary()? {
                        return Err(self.trouble(error, "decompressing data"));
                    }
                }
                Err(error) => return Err(self.trouble(error, "decompressing data")),
                Ok(Status::StreamEnd) => self.ended = true,
                Ok(_) if out.len() >= max || (made == 0 && taken == 0) => return Ok(used),
                Ok(_) => {}
            }
        }
        Ok(used)
    }
}
