//! `BufferedReader`, `BufferedWriter`, `BufferedRandom`, `BufferedRWPair`: buffers around raw files.

use super::base::{is_closed, size_arg};
use super::fileio::{self, Descriptor, FileIo, no_pickle};
use super::unsupported;
use sidewinder_interpreter::builtins::{ClassId, GetSetDef, TypeDef};
use sidewinder_interpreter::object::native::{Native, Payload};
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm, raise};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

/// The buffers.
pub struct State {
    /// Bytes read and not yet asked for are in `read[start..]`.
    read: Vec<u8>,
    start: usize,
    /// Bytes not written yet.
    write: Vec<u8>,
    size: usize,
    /// The descriptor, when the raw file is a plain FileIO.
    descriptor: Option<Rc<Descriptor>>,
    /// Goes to the VM's own standard output, which has its buffer in the VM.
    stdout: bool,
}

impl State {
    fn unread(&self) -> usize {
        self.read.len() - self.start
    }

    fn discard(&mut self) {
        self.read.clear();
        self.start = 0;
    }

    fn take(&mut self, n: usize) -> Vec<u8> {
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

/// The payload.
#[derive(Trace)]
pub struct Buffered {
    /// The raw file; UNBOUND before `__init__`, None when detached.
    raw: Slot,
    #[trace(skip)]
    state: Rc<RefCell<State>>,
    reads: Cell<bool>,
    writes: Cell<bool>,
    /// The raw file is a plain FileIO.
    plain: Cell<bool>,
}

impl Payload for Buffered {
    const TYPE: &'static TypeDef = &READER;
    const NEEDS_DROP: bool = true;
}

/// All open files, so that none keeps unwritten bytes when the program ends.
#[derive(Default)]
pub struct OpenFiles(Vec<Weak<RefCell<State>>>);

impl OpenFiles {
    fn add(&mut self, state: &Rc<RefCell<State>>) {
        if self.0.len() >= 64 && self.0.len().is_power_of_two() {
            self.0.retain(|f| f.strong_count() > 0);
        }
        self.0.push(Rc::downgrade(state));
    }

    /// Writes out everything.
    pub fn flush(&mut self) {
        for state in self.0.drain(..).filter_map(|s| s.upgrade()) {
            if let Ok(mut state) = state.try_borrow_mut() {
                let rest = std::mem::take(&mut state.write);
                if let Some(descriptor) = &state.descriptor {
                    descriptor.write_rest(&rest);
                }
            }
        }
    }
}

macro_rules! methods {
    ($($init:ident $doc:literal)?; $($more:expr),* $(,)?) => {
        &[
            NativeDef::static_method("__new__($type, /, *args, **kwargs)", new, ""),
            $(NativeDef::method("__init__($self, raw, buffer_size=131072)", $init, $doc),)?
            NativeDef::method("detach($self, /)", detach, "Separate the raw file from this one."),
            NativeDef::method("flush($self, /)", flush, "Write out what is buffered."),
            NativeDef::method("close($self, /)", close, "Flush and close."),
            NativeDef::method("seekable($self, /)", seekable, "Whether it has a position."),
            NativeDef::method("fileno($self, /)", fileno, "The descriptor."),
            NativeDef::method("isatty($self, /)", isatty, "Whether it is a terminal."),
            NativeDef::method("_dealloc_warn($self, source, /)", dealloc_warn, ""),
            NativeDef::method("seek($self, target, whence=0, /)", seek, "Set the position."),
            NativeDef::method("tell($self, /)", tell, "The position."),
            NativeDef::method("truncate($self, pos=None, /)", truncate, "Cut the file."),
            NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
            NativeDef::method("__reduce__($self, /)", no_pickle, ""),
            NativeDef::method("__reduce_ex__($self, protocol, /)", no_pickle, ""),
            NativeDef::method("__getstate__($self, /)", no_pickle, ""),
            $($more),*
        ]
    };
}

const READ: NativeDef =
    NativeDef::method("read($self, size=-1, /)", read, "Read and return up to size bytes.");
const READ1: NativeDef =
    NativeDef::method("read1($self, size=-1, /)", read1, "The same with one call at most.");
const READINTO: NativeDef =
    NativeDef::method("readinto($self, buffer, /)", readinto, "Read bytes into a buffer.");
const READINTO1: NativeDef =
    NativeDef::method("readinto1($self, buffer, /)", readinto1, "The same with one call at most.");
const READLINE: NativeDef =
    NativeDef::method("readline($self, size=-1, /)", readline, "Read and return one line.");
const PEEK: NativeDef = NativeDef::method("peek($self, size=0, /)", peek, "Bytes that come next.");
const NEXT: NativeDef = NativeDef::method("__next__($self, /)", next, "Implement next(self).");
const READABLE: NativeDef = NativeDef::method("readable($self, /)", readable, "");
const WRITABLE: NativeDef = NativeDef::method("writable($self, /)", writable, "");
const WRITE: NativeDef = NativeDef::method("write($self, buffer, /)", write, "Write bytes.");

static GETSET: &[GetSetDef] = &[
    GetSetDef::new("closed", closed, "Whether it is closed."),
    GetSetDef::new("name", name_of, "What was opened."),
    GetSetDef::new("mode", mode_of, "The mode."),
    GetSetDef::new("raw", raw_of, "The raw file."),
];

const fn type_def(name: &'static str, doc: &'static str, methods: &'static [NativeDef]) -> TypeDef {
    TypeDef {
        module: "_io",
        doc,
        parent: Some(&super::base::BUFFERED_IO_BASE),
        flags: ClassFlags::BASE | ClassFlags::HAS_DICT,
        methods,
        getset: GETSET,
        ..TypeDef::new(name, Kind::Native)
    }
}

/// Files that are read.
pub static READER: TypeDef = type_def(
    "BufferedReader",
    "BufferedReader(raw, buffer_size=131072)\n--\n\nA buffer for reading a raw file.",
    methods![init_reader "";
        READ, READ1, READINTO, READINTO1, READLINE, PEEK, NEXT, READABLE],
);
/// Files that are written.
pub static WRITER: TypeDef = type_def(
    "BufferedWriter",
    "BufferedWriter(raw, buffer_size=131072)\n--\n\nA buffer for writing a raw file.",
    methods![init_writer ""; WRITE, WRITABLE],
);
/// Both, with one position.
pub static RANDOM: TypeDef = type_def(
    "BufferedRandom",
    "BufferedRandom(raw, buffer_size=131072)\n--\n\nA buffer for reading and writing a raw file.",
    methods![init_random "";
        READ, READ1, READINTO, READINTO1, READLINE, PEEK, NEXT, READABLE, WRITE, WRITABLE],
);

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let class = args.class(vm, 0)?;
    Ok(vm.ret(vm.native_of_shape(class.shape.get(), fresh()).value()))
}

fn fresh() -> Buffered {
    let state = State {
        read: Vec::new(),
        start: 0,
        write: Vec::new(),
        size: super::DEFAULT_BUFFER_SIZE,
        descriptor: None,
        stdout: false,
    };
    Buffered {
        raw: Slot::new(Value::UNBOUND.word()),
        state: Rc::new(RefCell::new(state)),
        reads: Cell::new(false),
        writes: Cell::new(false),
        plain: Cell::new(false),
    }
}

/// A buffer around one of the process's standard streams.
pub fn standard<'gc>(vm: &'gc Vm, raw: Value<'gc>, reads: bool, stdout: bool) -> Value<'gc> {
    let def = if reads { &READER } else { &WRITER };
    let buffered = fresh();
    buffered.reads.set(reads);
    buffered.writes.set(!reads);
    let object = vm.native_of_shape(vm.native_shape(def), buffered);
    connect(vm, object, raw);
    object.state.borrow_mut().stdout = stdout;
    object.value()
}

fn connect(vm: &Vm, this: Gc<'_, Native<Buffered>>, raw: Value<'_>) {
    vm.write(this, |b| &b.raw, raw);
    let exact = vm.class_of(raw) == vm.native_class(&fileio::FILE_IO);
    let descriptor = raw.payload::<FileIo>().and_then(|f| f.descriptor());
    this.plain.set(exact && descriptor.is_some());
    let mut state = this.state.borrow_mut();
    state.descriptor = descriptor.filter(|_| exact);
    state.discard();
    state.write.clear();
    drop(state);
    if this.writes.get() {
        vm.with_extension(|open: &mut OpenFiles| open.add(&this.state));
    }
}

/// Asks the raw file whether it can be used that way.
fn ask(vm: &mut Vm, raw: Local, method: &str, refusal: &str) -> Result<(), Raised> {
    vm.scope(|vm| {
        let answer = vm.call_method(raw, method, &[])?;
        let answer = vm.hold(answer);
        if vm.truth(answer)? { Ok(()) } else { Err(unsupported(vm, refusal)) }
    })
}

fn init(vm: &mut Vm, args: Args, reads: bool, writes: bool) -> NativeResult {
    let raw = args.local(1);
    let size = match args.opt(vm, 2) {
        Some(_) => vm.index_i64(args.local(2))?,
        None => super::DEFAULT_BUFFER_SIZE as i64,
    };
    args.payload::<Buffered>(vm)?;
    if reads && writes {
        ask(vm, raw, "seekable", "File or stream is not seekable.")?;
    }
    if reads {
        ask(vm, raw, "readable", "File or stream is not readable.")?;
    }
    if writes {
        ask(vm, raw, "writable", "File or stream is not writable.")?;
    }
    if size <= 0 {
        raise!(vm, ValueError, "buffer size must be strictly positive");
    }
    let vm = &*vm;
    let this = args.payload::<Buffered>(vm)?;
    this.reads.set(reads);
    this.writes.set(writes);
    this.state.borrow_mut().size = size as usize;
    connect(vm, this, vm.get(raw));
    Ok(vm.ret(Value::NONE))
}

fn init_reader(vm: &mut Vm, args: Args) -> NativeResult {
    init(vm, args, true, false)
}

fn init_writer(vm: &mut Vm, args: Args) -> NativeResult {
    init(vm, args, false, true)
}

fn init_random(vm: &mut Vm, args: Args) -> NativeResult {
    init(vm, args, true, true)
}

/// A buffered file that is being worked on.
#[derive(Clone)]
pub struct Work {
    state: Rc<RefCell<State>>,
    raw: Local,
    /// The descriptor of a plain raw file.
    fd: Option<i32>,
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

fn unchecked(vm: &Vm, object: Local) -> Result<Work, Raised> {
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
    fn raw_read(&self, vm: &mut Vm, n: usize) -> Result<Option<Vec<u8>>, Raised> {
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
    fn raw_write(&self, vm: &mut Vm, data: &[u8]) -> Result<Option<usize>, Raised> {
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

    fn raw_tell(&self, vm: &mut Vm) -> Result<i64, Raised> {
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

    fn raw_seek(&self, vm: &mut Vm, to: i64, whence: i64) -> Result<i64, Raised> {
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
    fn rewind(&self, vm: &mut Vm) -> Result<(), Raised> {
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
    fn keep(&self, vm: &Vm, data: &[u8], done: usize) -> Result<(), Raised> {
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

    fn read_all(&self, vm: &mut Vm) -> Result<Option<Vec<u8>>, Raised> {
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
fn blocked(vm: &Vm, written: usize) -> Raised {
    let args = [
        Value::from_i32(libc::EAGAIN),
        vm.str("write could not complete without blocking").value(),
        vm.int_usize(written),
    ];
    vm.raise_args(ClassId::BlockingIOError, &args)
}

fn bytes_or_none(vm: &Vm, data: Option<Vec<u8>>) -> NativeResult {
    match data {
        Some(data) => Ok(vm.ret(vm.bytes(&data).value())),
        None => Ok(vm.ret(Value::NONE)),
    }
}

fn read(vm: &mut Vm, args: Args) -> NativeResult {
    let n = match args.not_none(vm, 1) {
        None => None,
        Some(_) => match size_arg(vm, args, 1)? {
            None if vm.index_i64(args.local(1))? < -1 => {
                raise!(vm, ValueError, "read length must be non-negative or -1")
            }
            n => n,
        },
    };
    let work = work(vm, args.local(0), "read of closed file")?;
    let data = work.read(vm, n)?;
    bytes_or_none(vm, data)
}

fn read1(vm: &mut Vm, args: Args) -> NativeResult {
    let n = size_arg(vm, args, 1)?;
    let work = work(vm, args.local(0), "read of closed file")?;
    let n = n.unwrap_or_else(|| work.state.borrow().size);
    if n > 0 && work.state.borrow().unread() == 0 {
        if !work.state.borrow().write.is_empty() {
            work.flush(vm)?;
        }
        let data = work.raw_read(vm, n)?.unwrap_or_default();
        return bytes_or_none(vm, Some(data));
    }
    let data = work.state.borrow_mut().take(n);
    bytes_or_none(vm, Some(data))
}

fn read_into(vm: &mut Vm, args: Args, once: bool) -> NativeResult {
    let work = work(vm, args.local(0), "readinto of closed file")?;
    let target = vm.writable(args.local(1), "readinto() argument")?;
    let n = target.len(vm);
    let data = if once {
        if n > 0 && work.state.borrow().unread() == 0 {
            if n > work.state.borrow().size {
                work.raw_read(vm, n)?
            } else {
                work.fill(vm)?.map(|_| work.state.borrow_mut().take(n))
            }
        } else {
            Some(work.state.borrow_mut().take(n))
        }
    } else {
        work.read(vm, Some(n))?
    };
    match data {
        Some(data) => {
            target.write(vm, 0, &data);
            Ok(vm.ret(vm.int_usize(data.len())))
        }
        None => Ok(vm.none()),
    }
}

fn readinto(vm: &mut Vm, args: Args) -> NativeResult {
    read_into(vm, args, false)
}

fn readinto1(vm: &mut Vm, args: Args) -> NativeResult {
    read_into(vm, args, true)
}

fn readline(vm: &mut Vm, args: Args) -> NativeResult {
    let limit = size_arg(vm, args, 1)?;
    let work = work(vm, args.local(0), "readline of closed file")?;
    let line = work.read_line(vm, limit)?;
    Ok(vm.ret(vm.bytes(&line).value()))
}

fn next(vm: &mut Vm, args: Args) -> NativeResult {
    let class = vm.class_of(args.get(vm, 0));
    let own = [&READER, &RANDOM].into_iter().any(|def| class == vm.native_class(def));
    if !own {
        // A subclass may have its own readline().
        let line = vm.call_method(args.local(0), "readline", &[])?;
        let line = vm.hold(line);
        if vm.len(line)? == 0 {
            return Err(vm.raise_args(ClassId::StopIteration, &[]));
        }
        return Ok(vm.ret(vm.get(line)));
    }
    let work = work(vm, args.local(0), "readline of closed file")?;
    let line = work.read_line(vm, None)?;
    if line.is_empty() {
        return Err(vm.raise_args(ClassId::StopIteration, &[]));
    }
    Ok(vm.ret(vm.bytes(&line).value()))
}

fn peek(vm: &mut Vm, args: Args) -> NativeResult {
    let work = work(vm, args.local(0), "peek of closed file")?;
    if work.state.borrow().unread() == 0 {
        work.fill(vm)?;
    }
    let state = work.state.borrow();
    Ok(vm.ret(vm.bytes(&state.read[state.start..]).value()))
}

fn write(vm: &mut Vm, args: Args) -> NativeResult {
    if args.get(vm, 1).as_str().is_some() {
        raise!(vm, TypeError, "a bytes-like object is required, not 'str'");
    }
    let data = vm.bytes_like(args.local(1))?;
    let work = work(vm, args.local(0), "write to closed file")?;
    work.write(vm, &data)?;
    Ok(vm.ret(vm.int_usize(data.len())))
}

fn flush(vm: &mut Vm, args: Args) -> NativeResult {
    let work = work(vm, args.local(0), "flush of closed file")?;
    flush_work(vm, &work)?;
    Ok(vm.none())
}

/// `flush()` of a buffered file.
pub fn flush_work(vm: &mut Vm, work: &Work) -> Result<(), Raised> {
    if work.state.borrow().stdout {
        return vm.flush_stdout();
    }
    if !work.state.borrow().write.is_empty() {
        return work.flush(vm);
    }
    Ok(())
}

fn close(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.local(0);
    let work = unchecked(vm, this)?;
    if is_closed(vm, work.raw)? {
        return Ok(vm.none());
    }
    let flushed = vm.call_method(this, "flush", &[]);
    let failure = match flushed {
        Ok(_) => None,
        Err(raised) => {
            // What could not be written is lost.
            work.state.borrow_mut().write.clear();
            Some(vm.take_exception(raised))
        }
    };
    let closed = vm.call_method(work.raw, "close", &[]);
    work.state.borrow_mut().discard();
    match (failure, closed) {
        (None, Ok(_)) => Ok(vm.none()),
        (Some(failure), Ok(_)) => Err(vm.set_exception(vm.get(failure))),
        (None, Err(raised)) => Err(raised),
        (Some(failure), Err(raised)) => {
            let error = vm.take_exception(raised);
            if let Some(e) = vm.get(error).cast::<Exception>()
                && e.r().context.get(vm).is_none()
            {
                vm.write(e, |e| &e.context, vm.get(failure));
            }
            Err(vm.set_exception(vm.get(error)))
        }
    }
}

fn detach(vm: &mut Vm, args: Args) -> NativeResult {
    let work = unchecked(vm, args.local(0))?;
    let _ = vm.call_method(args.local(0), "flush", &[])?;
    let vm = &*vm;
    let this = args.payload::<Buffered>(vm)?;
    vm.write(this, |b| &b.raw, Value::NONE);
    this.plain.set(false);
    this.state.borrow_mut().descriptor = None;
    Ok(vm.ret(vm.get(work.raw)))
}

fn delegate(vm: &mut Vm, args: Args, method: &str) -> NativeResult {
    let work = unchecked(vm, args.local(0))?;
    vm.call_method(work.raw, method, &[])
}

fn seekable(vm: &mut Vm, args: Args) -> NativeResult {
    delegate(vm, args, "seekable")
}

fn readable(vm: &mut Vm, args: Args) -> NativeResult {
    delegate(vm, args, "readable")
}

fn writable(vm: &mut Vm, args: Args) -> NativeResult {
    delegate(vm, args, "writable")
}

fn fileno(vm: &mut Vm, args: Args) -> NativeResult {
    delegate(vm, args, "fileno")
}

fn isatty(vm: &mut Vm, args: Args) -> NativeResult {
    delegate(vm, args, "isatty")
}

fn dealloc_warn(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.none())
}

fn seek(vm: &mut Vm, args: Args) -> NativeResult {
    let whence = match args.opt(vm, 2) {
        Some(_) => vm.index_i64(args.local(2))?,
        None => 0,
    };
    if !matches!(whence, 0..=4) {
        raise!(vm, ValueError, "whence value {whence} unsupported");
    }
    let work = work(vm, args.local(0), "seek of closed file")?;
    let can = vm.call_method(work.raw, "seekable", &[])?;
    let can = vm.hold(can);
    if !vm.truth(can)? {
        return Err(unsupported(vm, "File or stream is not seekable."));
    }
    let target = vm.index_i64(args.local(1))?;
    if !work.state.borrow().write.is_empty() {
        work.flush(vm)?;
    }
    let unread = work.state.borrow().unread() as i64;
    if unread > 0 && whence < 2 {
        // Within the buffer nothing needs to be read again.
        let here = work.raw_tell(vm)? - unread;
        let by = if whence == 0 { target - here } else { target };
        let mut state = work.state.borrow_mut();
        let to = state.start as i64 + by;
        if (0..=state.read.len() as i64).contains(&to) {
            state.start = to as usize;
            drop(state);
            return Ok(vm.ret(vm.int(here + by)));
        }
    }
    let target = if whence == 1 { target - unread } else { target };
    let at = work.raw_seek(vm, target, whence)?;
    work.state.borrow_mut().discard();
    Ok(vm.ret(vm.int(at)))
}

fn tell(vm: &mut Vm, args: Args) -> NativeResult {
    let work = unchecked(vm, args.local(0))?;
    let at = work.tell(vm)?;
    Ok(vm.ret(vm.int(at)))
}

fn truncate(vm: &mut Vm, args: Args) -> NativeResult {
    let work = work(vm, args.local(0), "truncate of closed file")?;
    if !args.payload::<Buffered>(vm)?.writes.get() {
        return Err(unsupported(vm, "truncate"));
    }
    work.flush(vm)?;
    work.rewind(vm)?;
    let size = match args.not_none(vm, 1) {
        Some(_) => args.local(1),
        None => vm.root(Value::NONE),
    };
    vm.call_method(work.raw, "truncate", &[size])
}

fn attribute(vm: &mut Vm, args: Args, name: &str) -> NativeResult {
    let work = unchecked(vm, args.local(0))?;
    vm.getattr_str(work.raw, name)
}

fn closed(vm: &mut Vm, args: Args) -> NativeResult {
    attribute(vm, args, "closed")
}

fn name_of(vm: &mut Vm, args: Args) -> NativeResult {
    attribute(vm, args, "name")
}

fn mode_of(vm: &mut Vm, args: Args) -> NativeResult {
    attribute(vm, args, "mode")
}

fn raw_of(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let raw = args.payload::<Buffered>(vm)?.r().raw.get(vm);
    Ok(vm.ret(if raw.is_unbound() { Value::NONE } else { raw }))
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let class = vm.class_of(args.get(vm, 0));
    let class = vm.class_name(class);
    let name = super::repr_attr(vm, args.local(0), "name")?;
    let text = match name {
        Some(name) => format!("<_io.{class} name={name}>"),
        None => format!("<_io.{class}>"),
    };
    Ok(vm.ret(vm.str(&text).value()))
}

/// `BufferedRWPair`: a reader and a writer.
#[derive(Trace)]
pub struct Pair {
    reader: Slot,
    writer: Slot,
}

impl Payload for Pair {
    const TYPE: &'static TypeDef = &PAIR;
}

/// Its type.
pub static PAIR: TypeDef = TypeDef {
    module: "_io",
    doc: "BufferedRWPair(reader, writer, buffer_size=131072)\n--\n\nA reader and a writer as one file.",
    parent: Some(&super::base::BUFFERED_IO_BASE),
    flags: ClassFlags::BASE | ClassFlags::HAS_DICT,
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", pair_new, ""),
        NativeDef::method("__init__($self, reader, writer, buffer_size=131072, /)", pair_init, ""),
        NativeDef::method("read($self, size=-1, /)", pair_read, ""),
        NativeDef::method("peek($self, size=0, /)", pair_peek, ""),
        NativeDef::method("read1($self, size=-1, /)", pair_read1, ""),
        NativeDef::method("readinto($self, buffer, /)", pair_readinto, ""),
        NativeDef::method("readinto1($self, buffer, /)", pair_readinto1, ""),
        NativeDef::method("write($self, buffer, /)", pair_write, ""),
        NativeDef::method("flush($self, /)", pair_flush, ""),
        NativeDef::method("readable($self, /)", pair_readable, ""),
        NativeDef::method("writable($self, /)", pair_writable, ""),
        NativeDef::method("close($self, /)", pair_close, ""),
        NativeDef::method("isatty($self, /)", pair_isatty, ""),
    ],
    getset: &[GetSetDef::new("closed", pair_closed, "Whether the writer is closed.")],
    ..TypeDef::new("BufferedRWPair", Kind::Native)
};

fn pair_new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let class = args.class(vm, 0)?;
    let unbound = || Slot::new(Value::UNBOUND.word());
    let pair = Pair { reader: unbound(), writer: unbound() };
    Ok(vm.ret(vm.native_of_shape(class.shape.get(), pair).value()))
}

fn pair_init(vm: &mut Vm, args: Args) -> NativeResult {
    let (reader, writer) = (args.local(1), args.local(2));
    ask(vm, reader, "readable", "File or stream is not readable.")?;
    ask(vm, writer, "writable", "File or stream is not writable.")?;
    let mut parts = [reader, writer];
    for (part, def) in parts.iter_mut().zip([&READER, &WRITER]) {
        let class = vm.root(vm.native_class(def).value());
        let made = match args.opt(vm, 3) {
            Some(_) => vm.call(class, &[*part, args.local(3)])?,
            None => vm.call(class, &[*part])?,
        };
        *part = vm.hold(made);
    }
    let vm = &*vm;
    let this = args.payload::<Pair>(vm)?;
    vm.write(this, |p| &p.reader, vm.get(parts[0]));
    vm.write(this, |p| &p.writer, vm.get(parts[1]));
    Ok(vm.ret(Value::NONE))
}

fn part(vm: &Vm, args: Args, writer: bool) -> Result<Local, Raised> {
    let this = args.payload::<Pair>(vm)?;
    let part = if writer { this.r().writer.get(vm) } else { this.r().reader.get(vm) };
    if part.is_unbound() {
        return Err(vm.value_error("I/O operation on uninitialized object"));
    }
    Ok(vm.root(part))
}

macro_rules! pairs {
    ($($function:ident $method:literal $writer:literal)*) => {$(
        fn $function(vm: &mut Vm, args: Args) -> NativeResult {
            let target = part(vm, args, $writer)?;
            let given: Vec<Local> =
                (1..args.len()).filter(|&i| args.opt(vm, i).is_some()).map(|i| args.local(i)).collect();
            vm.call_method(target, $method, &given)
        }
    )*};
}
pairs! { pair_read "read" false pair_peek "peek" false pair_read1 "read1" false
pair_readinto "readinto" false pair_readinto1 "readinto1" false pair_write "write" true
pair_flush "flush" true pair_readable "readable" false pair_writable "writable" true }

fn pair_close(vm: &mut Vm, args: Args) -> NativeResult {
    let writer = part(vm, args, true)?;
    let first = vm.call_method(writer, "close", &[]).err().map(|raised| vm.take_exception(raised));
    let reader = part(vm, args, false)?;
    let second = vm.call_method(reader, "close", &[]);
    match (first, second) {
        (None, result) => result,
        (Some(error), Ok(_)) => Err(vm.set_exception(vm.get(error))),
        (Some(error), Err(raised)) => {
            let last = vm.take_exception(raised);
            if let Some(e) = vm.get(last).cast::<Exception>() {
                vm.write(e, |e| &e.context, vm.get(error));
            }
            Err(vm.set_exception(vm.get(last)))
        }
    }
}

fn pair_isatty(vm: &mut Vm, args: Args) -> NativeResult {
    for writer in [true, false] {
        let target = part(vm, args, writer)?;
        let answer = vm.call_method(target, "isatty", &[])?;
        let answer = vm.hold(answer);
        if vm.truth(answer)? {
            return Ok(vm.ret(vm.get(answer)));
        }
    }
    Ok(vm.ret(Value::FALSE))
}

fn pair_closed(vm: &mut Vm, args: Args) -> NativeResult {
    let writer = match part(vm, args, true) {
        Ok(writer) => writer,
        Err(_) => {
            return Err(vm.raise(
                ClassId::RuntimeError,
                "the BufferedRWPair object is being garbage-collected",
            ));
        }
    };
    vm.getattr_str(writer, "closed")
}
