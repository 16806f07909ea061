//! Work on a buffered file: bytes read ahead and bytes not written yet, around a raw file.

use super::base::is_closed;
use super::buffered::*;
use super::fileio::{self, Descriptor, FileIo};
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::{Local, Raised, Value, Vm, raise};
use std::cell::RefCell;
use std::rc::Rc;

/// The buffers.
pub struct State {
    /// Bytes read and not yet asked for are in `read[start..]`.
    pub(super) read: Vec<u8>,
    pub(super) start: usize,
    /// Bytes not written yet.
    pub(super) write: Vec<u8>,
    pub(super) size: usize,
    /// The descriptor, when the raw file is a plain FileIO.
    pub(super) descriptor: Option<Rc<Descriptor>>,
    /// Goes to the VM's own standard output, which has its buffer in the VM.
    pub(super) stdout: bool,
}

impl State {
    pub(super) fn unread(&self) -> usize {
        self.read.len() - self.start
    }

    pub(super) fn discard(&mut self) {
        self.read.clear();
        self.start = 0;
    }

    pub(super) fn take(&mut self, n: usize) -> Vec<u8> {
        let n = n.min(self.unread());
        let data = self.read[self.start..self.start + n].to_vec();
        self.start += n;
        if self.start == self.read.len() {
            self.discard();
        }
        data
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if let Some(descriptor) = &self.descriptor {
            descriptor.write_rest(&self.write);
        }
    }
}

/// A buffered file that is being worked on.
#[derive(Clone)]
pub struct Work {
    pub(super) state: Rc<RefCell<State>>,
    pub(super) raw: Local,
    /// The descriptor of a plain raw file.
    pub(super) fd: Option<i32>,
}

/// The buffers of a file object that may be used; ValueError when it is closed or detached.
pub fn work(vm: &mut Vm, object: Local, what: &str) -> Result<Work, Raised> {
    let work = unchecked(vm, object)?;
    let closed = match work.fd {
        Some(fd) => fd < 0,
        None => is_closed(vm, work.raw)?,
    };
    if closed {
        return Err(vm.value_error(what));
    }
    Ok(work)
}

pub(super) fn unchecked(vm: &Vm, object: Local) -> Result<Work, Raised> {
    let Some(this) = vm.get(object).payload::<Buffered>() else {
        let given = vm.type_name(vm.get(object));
        return Err(vm.type_error(format!("a buffered file is required, not '{given}'")));
    };
    let raw = this.r().raw.get(vm);
    if raw.is_unbound() {
        return Err(vm.value_error("I/O operation on uninitialized object"));
    }
    if raw.is_none() {
        return Err(vm.value_error("raw stream has been detached"));
    }
    let fd = this
        .plain
        .get()
        .then(|| raw.payload::<FileIo>().and_then(|f| f.descriptor()).map_or(-1, |d| d.fd()));
    Ok(Work { state: this.state.clone(), raw: vm.root(raw), fd })
}

/// Whether an object is one of the builtin buffered files (not of a subclass).
pub fn is_plain(vm: &Vm, object: Value<'_>) -> bool {
    let class = vm.class_of(object);
    object.payload::<Buffered>().is_some()
        && [&READER, &WRITER, &RANDOM].into_iter().any(|def| class == vm.native_class(def))
}

impl Work {
    /// Reads from the raw file once; `None` when there is nothing yet.
    pub(super) fn raw_read(&self, vm: &mut Vm, n: usize) -> Result<Option<Vec<u8>>, Raised> {
        if let Some(fd) = self.fd {
            return fileio::read_some(vm, fd, n);
        }
        vm.scope(|vm| {
            vm.check_size(n)?;
            let array = vm.root(vm.bytearray(&vec![0; n]).value());
            let view = vm.memoryview(array)?;
            let view = vm.hold(view);
            let got = vm.call_method(self.raw, "readinto", &[view])?;
            let got = vm.hold(got);
            if vm.get(got).is_none() {
                return Ok(None);
            }
            let got = match vm.index_i64(got) {
                Ok(got) => got,
                Err(raised) => {
                    let cause = vm.take_exception(raised);
                    let raised =
                        vm.raise(ClassId::OSError, "raw readinto() failed");
                    let error = vm.take_exception(raised);
                    if let Some(e) = vm.get(error).cast::<Exception>() {
                        vm.write(e, |e| &e.cause, vm.get(cause));
                    }
                    return Err(vm.set_exception(vm.get(error)));
                }
            };
            if got < 0 || got as usize > n {
                raise!(
                    vm,
                    OSError,
                    "raw readinto() returned invalid length {got} (should have been between 0 and {n})"
                );
            }
            let mut data = vm
                .get(array)
                .cast::<ByteArray>()
                .map(|a| vm.bytearray_data(a))
                .unwrap_or_default();
            data.truncate(got as usize);
            Ok(Some(data))
        })
    }

    /// Writes to the raw file once; `None` when it takes nothing now.
    pub(super) fn raw_write(&self, vm: &mut Vm, data: &[u8]) -> Result<Option<usize>, Raised> {
        if self.state.borrow().stdout {
            vm.write_stdout_bytes(data)?;
            return Ok(Some(data.len()));
        }
        if let Some(fd) = self.fd {
            return fileio::write_some(vm, fd, data);
        }
        vm.scope(|vm| {
            let bytes = vm.root(vm.bytes(data).value());
            let view = vm.memoryview(bytes)?;
            let view = vm.hold(view);
            let n = vm.call_method(self.raw, "write", &[view])?;
            let n = vm.hold(n);
            if vm.get(n).is_none() {
                return Ok(None);
            }
            let n = vm.index_i64(n)?;
            if n < 0 || n as usize > data.len() {
                raise!(
                    vm,
                    OSError,
                    "raw write() returned invalid length {n} (should have been between 0 and {})",
                    data.len()
                );
            }
            Ok(Some(n as usize))
        })
    }

    pub(super) fn raw_tell(&self, vm: &mut Vm) -> Result<i64, Raised> {
        vm.scope(|vm| {
            let at = vm.call_method(self.raw, "tell", &[])?;
            let at = vm.hold(at);
            let at = vm.index_i64(at)?;
            if at < 0 {
                raise!(vm, OSError, "Raw stream returned invalid position {at}");
            }
            Ok(at)
        })
    }

    pub(super) fn raw_seek(&self, vm: &mut Vm, to: i64, whence: i64) -> Result<i64, Raised> {
        vm.scope(|vm| {
            let (to, whence) = (vm.root(vm.int(to)), vm.root(vm.int(whence)));
            let at = vm.call_method(self.raw, "seek", &[to, whence])?;
            let at = vm.hold(at);
            let at = vm.index_i64(at)?;
            if at < 0 {
                raise!(vm, OSError, "Raw stream returned invalid position {at}");
            }
            Ok(at)
        })
    }

    /// Puts the raw position where the reader is.
    pub(super) fn rewind(&self, vm: &mut Vm) -> Result<(), Raised> {
        let ahead = self.state.borrow().unread() as i64;
        if ahead > 0 {
            self.raw_seek(vm, -ahead, 1)?;
        }
        self.state.borrow_mut().discard();
        Ok(())
    }

    /// Writes out what is buffered.
    pub fn flush(&self, vm: &mut Vm) -> Result<(), Raised> {
        loop {
            let data = std::mem::take(&mut self.state.borrow_mut().write);
            if data.is_empty() {
                return Ok(());
            }
            let result = self.raw_write(vm, &data);
            let (written, stop) = match &result {
                Ok(Some(n)) => (*n, false),
                Ok(None) | Err(_) => (0, true),
            };
            if written < data.len() {
                // Others may have written meanwhile: what is left goes first.
                let mut rest = data[written..].to_vec();
                let mut state = self.state.borrow_mut();
                rest.append(&mut state.write);
                state.write = rest;
            }
            result?;
            if stop {
                return Err(blocked(vm, 0));
            }
            vm.safepoint()?;
        }
    }

    /// Writes through the buffer.
    pub fn write(&self, vm: &mut Vm, data: &[u8]) -> Result<(), Raised> {
        if self.state.borrow().unread() > 0 {
            self.rewind(vm)?;
        }
        if self.state.borrow().stdout {
            return vm.write_stdout_bytes(data);
        }
        let size = {
            let mut state = self.state.borrow_mut();
            if state.write.len() + data.len() <= state.size {
                state.write.extend_from_slice(data);
                return Ok(());
            }
            state.size
        };
        if let Err(raised) = self.flush(vm) {
            vm.catch(raised, ClassId::BlockingIOError)?;
            return self.keep(vm, data, 0);
        }
        let mut done = 0;
        while data.len() - done > size {
            match self.raw_write(vm, &data[done..])? {
                Some(n) => done += n,
                None => return self.keep(vm, &data[done..], done),
            }
        }
        self.state.borrow_mut().write.extend_from_slice(&data[done..]);
        Ok(())
    }

    /// Keeps what fits of bytes that cannot be written now; BlockingIOError if that is not all.
    pub(super) fn keep(&self, vm: &Vm, data: &[u8], done: usize) -> Result<(), Raised> {
        let mut state = self.state.borrow_mut();
        let room = state.size.saturating_sub(state.write.len()).min(data.len());
        state.write.extend_from_slice(&data[..room]);
        drop(state);
        if room == data.len() { Ok(()) } else { Err(blocked(vm, done + room)) }
    }

    /// Reads more into the buffer; false at the end, `None` when there is nothing yet.
    pub fn fill(&self, vm: &mut Vm) -> Result<Option<bool>, Raised> {
        if !self.state.borrow().write.is_empty() {
            self.flush(vm)?;
        }
        let size = self.state.borrow().size;
        let Some(data) = self.raw_read(vm, size)? else { return Ok(None) };
        let mut state = self.state.borrow_mut();
        if state.start > 0 {
            let start = std::mem::take(&mut state.start);
            state.read.drain(..start);
        }
        let more = !data.is_empty();
        if state.read.is_empty() {
            state.read = data;
        } else {
            state.read.extend_from_slice(&data);
        }
        Ok(Some(more))
    }

    /// Bytes in the buffer, after one read if it was empty: what text files are decoded from.
    pub fn read_chunk(&self, vm: &mut Vm) -> Result<Option<Vec<u8>>, Raised> {
        if self.state.borrow().unread() == 0 && self.fill(vm)?.is_none() {
            return Ok(None);
        }
        let mut state = self.state.borrow_mut();
        let n = state.unread();
        Ok(Some(state.take(n)))
    }

    /// The position of the reader or writer.
    pub fn tell(&self, vm: &mut Vm) -> Result<i64, Raised> {
        let at = self.raw_tell(vm)?;
        let state = self.state.borrow();
        Ok((at - state.unread() as i64 + state.write.len() as i64).max(0))
    }

    /// Reads `n` bytes or all; `None` when there is nothing yet.
    pub fn read(&self, vm: &mut Vm, n: Option<usize>) -> Result<Option<Vec<u8>>, Raised> {
        let Some(n) = n else { return self.read_all(vm) };
        let mut out = self.state.borrow_mut().take(n);
        if out.len() < n && !self.state.borrow().write.is_empty() {
            self.flush(vm)?;
        }
        while out.len() < n {
            let (left, size) = (n - out.len(), self.state.borrow().size);
            // Whole buffers go straight to where they are wanted.
            let data = if left >= size {
                self.raw_read(vm, left - left % size)?
            } else {
                self.fill(vm)?.map(|_| self.state.borrow_mut().take(left))
            };
            match data {
                None if out.is_empty() => return Ok(None),
                None => break,
                Some(data) if data.is_empty() => break,
                Some(data) => out.extend(data),
            }
        }
        Ok(Some(out))
    }

    pub(super) fn read_all(&self, vm: &mut Vm) -> Result<Option<Vec<u8>>, Raised> {
        if !self.state.borrow().write.is_empty() {
            self.flush(vm)?;
        }
        let mut out = self.state.borrow_mut().take(usize::MAX);
        if self.fd.is_none() && vm.getattr_opt(self.raw, "readall")?.is_some() {
            return vm.scope(|vm| {
                let data = vm.call_method(self.raw, "readall", &[])?;
                let data = vm.value(data);
                if data.is_none() {
                    return Ok((!out.is_empty()).then_some(out));
                }
                let Some(bytes) = data.cast::<Bytes>() else {
                    raise!(vm, TypeError, "readall() should return bytes");
                };
                out.extend_from_slice(bytes.r().data());
                Ok(Some(out))
            });
        }
        let mut chunk = self.state.borrow().size;
        loop {
            match self.raw_read(vm, chunk)? {
                None if out.is_empty() => return Ok(None),
                None => return Ok(Some(out)),
                Some(data) if data.is_empty() => return Ok(Some(out)),
                Some(data) => {
                    out.extend(data);
                    vm.check_size(out.len())?;
                    vm.safepoint()?;
                    chunk = (chunk * 2).min(1 << 24);
                }
            }
        }
    }

    /// Reads up to and including a newline, at most `limit` bytes.
    pub fn read_line(&self, vm: &mut Vm, limit: Option<usize>) -> Result<Vec<u8>, Raised> {
        let mut out = Vec::new();
        loop {
            let found = {
                let mut state = self.state.borrow_mut();
                let ready = &state.read[state.start..];
                let most = limit.map_or(ready.len(), |l| (l - out.len()).min(ready.len()));
                let at = ready[..most].iter().position(|b| *b == b'\n');
                out.extend(state.take(at.map_or(most, |at| at + 1)));
                at.is_some() || limit.is_some_and(|l| out.len() >= l)
            };
            if found || self.fill(vm)? != Some(true) {
                return Ok(out);
            }
            vm.check_size(out.len())?;
            vm.safepoint()?;
        }
    }
}

/// BlockingIOError with the number of bytes that were taken.
pub(super) fn blocked(vm: &Vm, written: usize) -> Raised {
    let args = [
        Value::from_i32(libc::EAGAIN),
        vm.str("write could not complete without blocking").value(),
        vm.int_usize(written),
    ];
    vm.raise_args(ClassId::BlockingIOError, &args)
}
