//! File objects that deal in bytes.

use super::raw::{Buffered, OpenFiles, Raw, Shared};
use super::{os_error, unsupported};
use sidewinder_interpreter::builtins::{ClassId, GetSetDef, TypeDef};
use sidewinder_interpreter::object::native::Payload;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm, raise};
use std::cell::RefCell;
use std::io::{ErrorKind, SeekFrom};
use std::rc::Rc;

/// The payload of a binary file object.
#[derive(Trace)]
pub struct BinaryFile {
    /// The file.
    #[trace(skip)]
    pub file: Shared,
    /// What it was opened as: a str, a number.
    pub name: Slot,
    /// The mode, a str.
    pub mode: Slot,
}

impl Payload for BinaryFile {
    const TYPE: &'static TypeDef = &READER;
    const NEEDS_DROP: bool = true;
}

const fn type_def(name: &'static str, doc: &'static str) -> TypeDef {
    TypeDef {
        module: "_io",
        doc,
        flags: ClassFlags::NO_NEW | ClassFlags::HAS_DICT,
        methods: METHODS,
        getset: GETSET,
        ..TypeDef::new(name, Kind::Native)
    }
}

/// Files that are read.
pub static READER: TypeDef = type_def("BufferedReader", "A file of bytes, open for reading.");
/// Files that are written.
pub static WRITER: TypeDef = type_def("BufferedWriter", "A file of bytes, open for writing.");
/// Both.
pub static RANDOM: TypeDef =
    type_def("BufferedRandom", "A file of bytes, open for reading and writing.");

static METHODS: &[NativeDef] = &[
    NativeDef::method("read($self, size=-1, /)", read, "Read and return up to size bytes."),
    NativeDef::method("read1($self, size=-1, /)", read, "Read and return up to size bytes."),
    NativeDef::method("readinto($self, buffer, /)", readinto, "Read bytes into a bytearray."),
    NativeDef::method("readline($self, size=-1, /)", readline, "Read and return one line."),
    NativeDef::method("readlines($self, hint=-1, /)", readlines, "Return a list of the lines."),
    NativeDef::method("write($self, buffer, /)", write, "Write bytes; return how many."),
    NativeDef::method("writelines($self, lines, /)", writelines, "Write each item."),
    NativeDef::method("flush($self, /)", flush, "Write out what is buffered."),
    NativeDef::method("seek($self, target, whence=0, /)", seek, "Set the position."),
    NativeDef::method("tell($self, /)", tell, "Return the position."),
    NativeDef::method("truncate($self, pos=None, /)", truncate, "Cut the file."),
    NativeDef::method("close($self, /)", close, "Flush and close."),
    NativeDef::method("fileno($self, /)", fileno, "Return the descriptor."),
    NativeDef::method("isatty($self, /)", isatty, "Whether this is a terminal."),
    NativeDef::method("readable($self, /)", readable, "Whether it can be read."),
    NativeDef::method("writable($self, /)", writable, "Whether it can be written."),
    NativeDef::method("seekable($self, /)", seekable, "Whether it has a position."),
    NativeDef::method("__enter__($self, /)", enter, "Return self."),
    NativeDef::method("__exit__($self, /, *args)", close, "Close."),
    NativeDef::method("__iter__($self, /)", enter, "Return self."),
    NativeDef::method("__next__($self, /)", next, "The next line."),
    NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
];

static GETSET: &[GetSetDef] = &[
    GetSetDef::new("closed", closed, "Whether the file is closed."),
    GetSetDef::new("name", name, "What was opened."),
    GetSetDef::new("mode", mode, "The mode."),
    GetSetDef::new("raw", enter_getter, "The file itself."),
];

/// A new binary file object.
pub fn new_binary<'gc>(
    vm: &'gc Vm,
    buffered: Buffered,
    name: Value<'_>,
    mode: &str,
) -> Gc<'gc, native::Native<BinaryFile>> {
    let def = match (buffered.readable, buffered.writable) {
        (true, true) => &RANDOM,
        (_, false) => &READER,
        _ => &WRITER,
    };
    let file: Shared = Rc::new(RefCell::new(buffered));
    if file.borrow().writable {
        vm.with_extension(|open: &mut OpenFiles| open.add(&file));
    }
    let name = Slot::new(name.word());
    let mode = Slot::new(vm.str(mode).value().word());
    vm.native_of_shape(vm.native_shape(def), BinaryFile { file, name, mode })
}

fn this(vm: &Vm, args: Args) -> Result<Shared, Raised> {
    Ok(args.payload::<BinaryFile>(vm)?.file.clone())
}

/// The open file; ValueError when it is closed.
fn open_file(vm: &Vm, args: Args, what: &str) -> Result<Shared, Raised> {
    let file = this(vm, args)?;
    if file.borrow().closed() {
        return Err(vm.value_error(what));
    }
    Ok(file)
}

fn reading(vm: &mut Vm, args: Args) -> Result<Shared, Raised> {
    let file = open_file(vm, args, "read of closed file")?;
    if !file.borrow().readable {
        return Err(unsupported(vm, "read"));
    }
    Ok(file)
}

/// Reads more; false at the end. Signals are seen to.
pub fn fill(vm: &mut Vm, file: &Shared) -> Result<bool, Raised> {
    loop {
        let result = file.borrow_mut().fill();
        match result {
            Ok(more) => return Ok(more),
            Err(error) if error.kind() == ErrorKind::Interrupted => vm.safepoint()?,
            Err(error) => return Err(os_error(vm, &error, None)),
        }
    }
}

/// Reads `n` bytes, or all that are left.
pub fn read_bytes(vm: &mut Vm, file: &Shared, n: Option<usize>) -> Result<Vec<u8>, Raised> {
    let mut out = Vec::new();
    loop {
        {
            let mut file = file.borrow_mut();
            let ready = file.ready();
            let take = n.map_or(ready.len(), |n| (n - out.len()).min(ready.len()));
            out.extend_from_slice(&ready[..take]);
            file.consume(take);
        }
        if n.is_some_and(|n| out.len() >= n) || !fill(vm, file)? {
            return Ok(out);
        }
    }
}

/// Reads up to and including a newline, at most `limit` bytes.
pub fn read_line(vm: &mut Vm, file: &Shared, limit: Option<usize>) -> Result<Vec<u8>, Raised> {
    let mut out = Vec::new();
    loop {
        let done = {
            let mut file = file.borrow_mut();
            let ready = file.ready();
            let most = limit.map_or(ready.len(), |l| (l - out.len()).min(ready.len()));
            let found = ready[..most].iter().position(|b| *b == b'\n');
            let take = found.map_or(most, |at| at + 1);
            out.extend_from_slice(&ready[..take]);
            file.consume(take);
            found.is_some()
        };
        if done || limit.is_some_and(|l| out.len() >= l) || !fill(vm, file)? {
            return Ok(out);
        }
    }
}

/// A size argument: `None` for None and negative numbers.
pub fn size_argument(vm: &mut Vm, args: Args, i: usize) -> Result<Option<usize>, Raised> {
    match args.not_none(vm, i) {
        None => Ok(None),
        Some(_) => Ok(usize::try_from(vm.index_i64(args.local(i))?).ok()),
    }
}

/// The bytes of a bytes-like object.
pub fn bytes_like(vm: &Vm, value: Value<'_>) -> Option<Vec<u8>> {
    if let Some(b) = value.cast::<Bytes>() {
        return Some(b.data().to_vec());
    }
    let array = value.cast::<ByteArray>()?;
    let len = array.len.get();
    Some(match array.r().buffer.get_as::<Buffer>(vm) {
        Some(buffer) => buffer.data()[..len].iter().map(|c| c.get()).collect(),
        None => Vec::new(),
    })
}

fn read(vm: &mut Vm, args: Args) -> NativeResult {
    let file = reading(vm, args)?;
    let size = size_argument(vm, args, 1)?;
    let bytes = read_bytes(vm, &file, size)?;
    Ok(vm.ret(vm.bytes(&bytes).value()))
}

fn readinto(vm: &mut Vm, args: Args) -> NativeResult {
    let file = reading(vm, args)?;
    let Some(size) = args.get(vm, 1).cast::<ByteArray>().map(|b| b.len.get()) else {
        let given = vm.type_name(args.get(vm, 1));
        raise!(
            vm,
            TypeError,
            "readinto() argument must be read-write bytes-like object, not {given}"
        );
    };
    let bytes = read_bytes(vm, &file, Some(size))?;
    let array = args.get(vm, 1).cast::<ByteArray>();
    if let Some(buffer) = array.and_then(|a| a.r().buffer.get_as::<Buffer>(vm)) {
        for (to, from) in buffer.data().iter().zip(&bytes) {
            to.set(*from);
        }
    }
    Ok(vm.ret(vm.int_usize(bytes.len())))
}

fn readline(vm: &mut Vm, args: Args) -> NativeResult {
    let file = reading(vm, args)?;
    let size = size_argument(vm, args, 1)?;
    let line = read_line(vm, &file, size)?;
    Ok(vm.ret(vm.bytes(&line).value()))
}

fn readlines(vm: &mut Vm, args: Args) -> NativeResult {
    let file = reading(vm, args)?;
    let hint = size_argument(vm, args, 1)?.filter(|h| *h > 0);
    let list = vm.root(vm.list(&[]).value());
    let mut total = 0;
    loop {
        let line = read_line(vm, &file, None)?;
        if line.is_empty() {
            break;
        }
        total += line.len();
        if let Some(list) = vm.get(list).cast::<List>() {
            vm.list_push(list, vm.bytes(&line).value());
        }
        if hint.is_some_and(|h| total >= h) {
            break;
        }
    }
    Ok(vm.ret(vm.get(list)))
}

fn next(vm: &mut Vm, args: Args) -> NativeResult {
    let file = reading(vm, args)?;
    let line = read_line(vm, &file, None)?;
    if line.is_empty() {
        return Err(vm.raise_args(ClassId::StopIteration, &[]));
    }
    Ok(vm.ret(vm.bytes(&line).value()))
}

/// Writes bytes to a file or to the VM's standard output.
pub fn write_bytes(vm: &Vm, file: &Shared, bytes: &[u8]) -> Result<(), Raised> {
    let mut file = file.borrow_mut();
    if matches!(file.raw, Raw::Stdout) {
        return vm.write_stdout_bytes(bytes);
    }
    file.write(bytes).map_err(|error| os_error(vm, &error, None))
}

/// Writes out the buffer.
pub fn flush_file(vm: &Vm, file: &Shared) -> Result<(), Raised> {
    let mut file = file.borrow_mut();
    if matches!(file.raw, Raw::Stdout) {
        return vm.flush_stdout();
    }
    file.flush().map_err(|error| os_error(vm, &error, None))
}

fn write(vm: &mut Vm, args: Args) -> NativeResult {
    let file = open_file(vm, args, "write to closed file")?;
    if !file.borrow().writable {
        return Err(unsupported(vm, "write"));
    }
    let Some(bytes) = bytes_like(vm, args.get(vm, 1)) else {
        let given = vm.type_name(args.get(vm, 1));
        raise!(vm, TypeError, "a bytes-like object is required, not '{given}'");
    };
    write_bytes(vm, &file, &bytes)?;
    Ok(vm.ret(vm.int_usize(bytes.len())))
}

/// `writelines`, by way of the method `write`.
pub fn writelines(vm: &mut Vm, args: Args) -> NativeResult {
    let this: Local = args.local(0);
    vm.iterate(args.local(1), |vm, line| vm.call_method(this, "write", &[line]).map(|_| ()))?;
    Ok(vm.none())
}

fn flush(vm: &mut Vm, args: Args) -> NativeResult {
    let file = open_file(vm, args, "flush of closed file")?;
    flush_file(vm, &file)?;
    Ok(vm.none())
}

/// A position from arguments 1 and 2 of `seek`.
pub fn seek_target(vm: &mut Vm, args: Args) -> Result<SeekFrom, Raised> {
    let to = vm.index_i64(args.local(1))?;
    let whence = match args.opt(vm, 2) {
        None => 0,
        Some(_) => vm.index_i64(args.local(2))?,
    };
    match whence {
        0 if to < 0 => Err(vm.value_error(format!("negative seek value {to}"))),
        0 => Ok(SeekFrom::Start(to as u64)),
        1 => Ok(SeekFrom::Current(to)),
        2 => Ok(SeekFrom::End(to)),
        _ => Err(vm.value_error(format!("invalid whence ({whence}, should be 0, 1 or 2)"))),
    }
}

fn seek(vm: &mut Vm, args: Args) -> NativeResult {
    let file = open_file(vm, args, "seek of closed file")?;
    let to = seek_target(vm, args)?;
    let at = file.borrow_mut().seek(to).map_err(|error| os_error(vm, &error, None))?;
    Ok(vm.ret(vm.int(at as i64)))
}

fn tell(vm: &mut Vm, args: Args) -> NativeResult {
    let file = open_file(vm, args, "tell of closed file")?;
    let at = file.borrow_mut().tell().map_err(|error| os_error(vm, &error, None))?;
    Ok(vm.ret(vm.int(at as i64)))
}

fn truncate(vm: &mut Vm, args: Args) -> NativeResult {
    let file = open_file(vm, args, "truncate of closed file")?;
    let size = match size_argument(vm, args, 1)? {
        Some(size) => size as u64,
        None => file.borrow_mut().tell().map_err(|error| os_error(vm, &error, None))?,
    };
    file.borrow_mut().truncate(size).map_err(|error| os_error(vm, &error, None))?;
    Ok(vm.ret(vm.int(size as i64)))
}

fn close(vm: &mut Vm, args: Args) -> NativeResult {
    let file = this(vm, args)?;
    close_file(vm, &file)?;
    Ok(vm.none())
}

/// Flushes and closes.
pub fn close_file(vm: &Vm, file: &Shared) -> Result<(), Raised> {
    if matches!(file.borrow().raw, Raw::Stdout) {
        vm.flush_stdout()?;
    }
    file.borrow_mut().close().map_err(|error| os_error(vm, &error, None))
}

/// The descriptor number.
pub fn descriptor(file: &Shared) -> Option<i32> {
    use std::os::fd::AsRawFd;
    match &mut file.borrow_mut().raw {
        Raw::Stdout => Some(1),
        Raw::File(file) => Some(file.as_raw_fd()),
        Raw::Borrowed(file) => Some(file.as_raw_fd()),
        Raw::Closed => None,
    }
}

/// Whether a descriptor is a terminal.
pub fn is_terminal(fd: i32) -> bool {
    // SAFETY: any number may be asked about.
    unsafe { libc::isatty(fd) == 1 }
}

fn fileno(vm: &mut Vm, args: Args) -> NativeResult {
    let file = open_file(vm, args, "I/O operation on closed file")?;
    Ok(vm.ret(Value::from_i32(descriptor(&file).unwrap_or(-1))))
}

fn isatty(vm: &mut Vm, args: Args) -> NativeResult {
    let file = open_file(vm, args, "I/O operation on closed file")?;
    Ok(vm.ret(Value::from_bool(descriptor(&file).is_some_and(is_terminal))))
}

fn readable(vm: &mut Vm, args: Args) -> NativeResult {
    let file = open_file(vm, args, "I/O operation on closed file")?;
    let readable = file.borrow().readable;
    Ok(vm.ret(Value::from_bool(readable)))
}

fn writable(vm: &mut Vm, args: Args) -> NativeResult {
    let file = open_file(vm, args, "I/O operation on closed file")?;
    let writable = file.borrow().writable;
    Ok(vm.ret(Value::from_bool(writable)))
}

fn seekable(vm: &mut Vm, args: Args) -> NativeResult {
    let file = open_file(vm, args, "I/O operation on closed file")?;
    let seekable = file.borrow_mut().tell().is_ok();
    Ok(vm.ret(Value::from_bool(seekable)))
}

fn enter(vm: &mut Vm, args: Args) -> NativeResult {
    open_file(vm, args, "I/O operation on closed file.")?;
    Ok(vm.ret(args.get(vm, 0)))
}

fn enter_getter(vm: &mut Vm, args: Args) -> NativeResult {
    Ok(vm.ret(args.get(vm, 0)))
}

fn closed(vm: &mut Vm, args: Args) -> NativeResult {
    let closed = this(vm, args)?.borrow().closed();
    Ok(vm.ret(Value::from_bool(closed)))
}

fn name(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.payload::<BinaryFile>(vm)?.r().name.get(vm)))
}

fn mode(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.payload::<BinaryFile>(vm)?.r().mode.get(vm)))
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let name = {
        let vm = &*vm;
        vm.root(args.payload::<BinaryFile>(vm)?.r().name.get(vm))
    };
    let name = vm.repr_text(name)?;
    let class = vm.type_name(args.get(vm, 0));
    Ok(vm.ret(vm.str(&format!("<_io.{class} name={name}>")).value()))
}
