//! `BufferedReader`, `BufferedWriter`, `BufferedRandom`: buffers around raw files.

use super::base::{is_closed, size_arg};
use super::fileio::{self, FileIo, no_pickle};
use super::unsupported;
use super::work::*;
use sidewinder_interpreter::builtins::{ClassId, GetSetDef, TypeDef};
use sidewinder_interpreter::object::native::{Native, Payload};
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm, raise};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

/// The payload.
#[derive(Trace)]
pub struct Buffered {
    /// The raw file; UNBOUND before `__init__`, None when detached.
    pub(super) raw: Slot,
    #[trace(skip)]
    pub(super) state: Rc<RefCell<State>>,
    pub(super) reads: Cell<bool>,
    pub(super) writes: Cell<bool>,
    /// The raw file is a plain FileIO.
    pub(super) plain: Cell<bool>,
}

impl Payload for Buffered {
    const TYPE: &'static TypeDef = &READER;
    const NEEDS_DROP: bool = true;
}

/// All open files, so that none keeps unwritten bytes when the program ends.
#[derive(Default)]
pub struct OpenFiles(Vec<Weak<RefCell<State>>>);

impl OpenFiles {
    pub(super) fn add(&mut self, state: &Rc<RefCell<State>>) {
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
pub(super) fn ask(vm: &mut Vm, raw: Local, method: &str, refusal: &str) -> Result<(), Raised> {
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
