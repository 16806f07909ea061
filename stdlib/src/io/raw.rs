//! Bytes in and out of the process: descriptors with buffers, without any Python.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::rc::{Rc, Weak};

/// Bytes kept in memory before they are written, and read at once.
pub const BUFFER: usize = 128 << 10;

/// Where the bytes are.
pub enum Raw {
    /// The VM's own standard output, which has its buffer in the VM.
    Stdout,
    /// A descriptor; closed when dropped unless it is only borrowed.
    File(File),
    /// The same, never closed.
    Borrowed(std::mem::ManuallyDrop<File>),
    /// Closed.
    Closed,
}

impl Raw {
    /// The descriptor.
    pub fn file(&mut self) -> io::Result<&mut File> {
        match self {
            Raw::File(file) => Ok(file),
            Raw::Borrowed(file) => Ok(file),
            Raw::Stdout | Raw::Closed => Err(io::Error::from_raw_os_error(libc::EBADF)),
        }
    }
}

/// A file with its buffers.
pub struct Buffered {
    /// Where the bytes are.
    pub raw: Raw,
    /// Bytes read and not yet asked for are in `read[start..]`.
    read: Vec<u8>,
    start: usize,
    /// Bytes not written yet.
    write: Vec<u8>,
    /// Writes go out at once.
    pub unbuffered: bool,
    /// May be read.
    pub readable: bool,
    /// May be written.
    pub writable: bool,
}

/// A shared file; the object that owns it may move.
pub type Shared = Rc<RefCell<Buffered>>;

impl Buffered {
    /// A file with empty buffers.
    pub fn new(raw: Raw, readable: bool, writable: bool) -> Buffered {
        Buffered {
            raw,
            read: Vec::new(),
            start: 0,
            write: Vec::new(),
            unbuffered: false,
            readable,
            writable,
        }
    }

    /// Whether it was closed.
    pub fn closed(&self) -> bool {
        matches!(self.raw, Raw::Closed)
    }

    /// The bytes in the buffer that were not asked for yet.
    pub fn ready(&self) -> &[u8] {
        &self.read[self.start..]
    }

    /// Takes bytes out of the buffer.
    pub fn consume(&mut self, n: usize) {
        self.start = (self.start + n).min(self.read.len());
        if self.start == self.read.len() {
            self.read.clear();
            self.start = 0;
        }
    }

    /// Reads more into the buffer; false at the end of the file. May be interrupted by a signal.
    pub fn fill(&mut self) -> io::Result<bool> {
        self.flush()?;
        if self.start > 0 {
            self.read.drain(..self.start);
            self.start = 0;
        }
        let have = self.read.len();
        let chunk = have.clamp(8 << 10, BUFFER);
        self.read.resize(have + chunk, 0);
        let got = match self.raw.file() {
            Ok(file) => file.read(&mut self.read[have..]),
            Err(error) => Err(error),
        };
        self.read.truncate(have + *got.as_ref().unwrap_or(&0));
        got.map(|n| n > 0)
    }

    /// Writes through the buffer.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.ready().is_empty() {
            // Reading ahead has moved the descriptor's position.
            let ahead = self.ready().len() as i64;
            self.read.clear();
            self.start = 0;
            self.raw.file()?.seek(SeekFrom::Current(-ahead))?;
        }
        self.write.extend_from_slice(bytes);
        if self.write.len() >= BUFFER || self.unbuffered { self.flush() } else { Ok(()) }
    }

    /// Writes out the buffer. What fails is dropped: the error is reported once.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.write.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::take(&mut self.write);
        self.raw.file()?.write_all(&bytes)
    }

    /// Sets the position.
    pub fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.flush()?;
        let to = match to {
            SeekFrom::Current(by) => SeekFrom::Current(by - self.ready().len() as i64),
            other => other,
        };
        self.read.clear();
        self.start = 0;
        self.raw.file()?.seek(to)
    }

    /// The position.
    pub fn tell(&mut self) -> io::Result<u64> {
        self.flush()?;
        let ahead = self.ready().len() as u64;
        Ok(self.raw.file()?.stream_position()?.saturating_sub(ahead))
    }

    /// Cuts the file.
    pub fn truncate(&mut self, size: u64) -> io::Result<()> {
        self.flush()?;
        self.raw.file()?.set_len(size)
    }

    /// Flushes and closes.
    pub fn close(&mut self) -> io::Result<()> {
        let result = self.flush();
        self.read.clear();
        self.start = 0;
        self.raw = Raw::Closed;
        result
    }
}

impl Drop for Buffered {
    fn drop(&mut self) {
        let _ = self.flush();
    }
}

/// All open files, so that none keeps unwritten bytes when the program ends.
#[derive(Default)]
pub struct OpenFiles(Vec<Weak<RefCell<Buffered>>>);

impl OpenFiles {
    /// Remembers a file.
    pub fn add(&mut self, file: &Shared) {
        if self.0.len() >= 64 && self.0.len().is_power_of_two() {
            self.0.retain(|f| f.strong_count() > 0);
        }
        self.0.push(Rc::downgrade(file));
    }

    /// Writes out everything.
    pub fn flush(&mut self) {
        for file in self.0.drain(..) {
            if let Some(file) = file.upgrade()
                && let Ok(mut file) = file.try_borrow_mut()
            {
                let _ = file.flush();
            }
        }
    }
}
