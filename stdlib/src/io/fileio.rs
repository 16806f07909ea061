//! `FileIO`: a descriptor as a file object.

use super::base::size_arg;
use super::unsupported;
use crate::fs_path::{Accept, fd_of, path_arg};
use crate::posix::stat;
use crate::posix::support::{blocking, check, error, sys};
use sidewinder_interpreter::builtins::{GetSetDef, TypeDef};
use sidewinder_interpreter::object::native::Payload;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm, raise};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// An open descriptor; closed when nobody needs it any more.
pub struct Descriptor {
    fd: Cell<i32>,
    owned: Cell<bool>,
}

impl Descriptor {
    /// The number; -1 when it is closed.
    pub fn fd(&self) -> i32 {
        self.fd.get()
    }

    /// Writes bytes without any Python; what fails is lost.
    pub fn write_rest(&self, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.fd.get() >= 0 {
            let n = sys!(libc::write(self.fd.get(), bytes.as_ptr().cast(), bytes.len()));
            if n <= 0 {
                return;
            }
            bytes = &bytes[n as usize..];
        }
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        if self.owned.get() && self.fd.get() >= 0 {
            sys!(libc::close(self.fd.get()));
        }
    }
}

/// The payload.
#[derive(Trace)]
pub struct FileIo {
    #[trace(skip)]
    descriptor: RefCell<Option<Rc<Descriptor>>>,
    readable: Cell<bool>,
    writable: Cell<bool>,
    created: Cell<bool>,
    appending: Cell<bool>,
    /// -1 while unknown.
    seekable: Cell<i8>,
    blksize: Cell<u32>,
}

impl Payload for FileIo {
    const TYPE: &'static TypeDef = &FILE_IO;
    const NEEDS_DROP: bool = true;
}

impl FileIo {
    fn new() -> FileIo {
        FileIo {
            descriptor: RefCell::new(None),
            readable: Cell::new(false),
            writable: Cell::new(false),
            created: Cell::new(false),
            appending: Cell::new(false),
            seekable: Cell::new(-1),
            blksize: Cell::new(super::DEFAULT_BUFFER_SIZE as u32),
        }
    }

    /// The descriptor, shared.
    pub fn descriptor(&self) -> Option<Rc<Descriptor>> {
        self.descriptor.borrow().clone()
    }
}

/// The type.
pub static FILE_IO: TypeDef = TypeDef {
    module: "_io",
    doc: "FileIO(file, mode='r', closefd=True, opener=None)\n--\n\nA descriptor as a file.",
    parent: Some(&super::base::RAW_IO_BASE),
    flags: ClassFlags::BASE | ClassFlags::HAS_DICT,
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", new, ""),
        NativeDef::method("__init__($self, file, mode='r', closefd=True, opener=None)", init, ""),
        NativeDef::method("read($self, size=-1, /)", read, "Read at most size bytes."),
        NativeDef::method("readall($self, /)", readall, "Read until the end."),
        NativeDef::method("readinto($self, buffer, /)", readinto, "Read bytes into a buffer."),
        NativeDef::method("write($self, b, /)", write, "Write bytes; how many."),
        NativeDef::method("seek($self, pos, whence=0, /)", seek, "Set the position."),
        NativeDef::method("tell($self, /)", tell, "The position."),
        NativeDef::method("truncate($self, size=None, /)", truncate, "Cut the file."),
        NativeDef::method("close($self, /)", close, "Close the file."),
        NativeDef::method("seekable($self, /)", seekable, "Whether it has a position."),
        NativeDef::method("readable($self, /)", readable, "Whether it can be read."),
        NativeDef::method("writable($self, /)", writable, "Whether it can be written."),
        NativeDef::method("fileno($self, /)", fileno, "The descriptor."),
        NativeDef::method("isatty($self, /)", isatty, "Whether it is a terminal."),
        NativeDef::method("_isatty_open_only($self, /)", isatty, "Whether it is a terminal."),
        NativeDef::method("_dealloc_warn($self, source, /)", dealloc_warn, ""),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::method("__reduce__($self, /)", no_pickle, ""),
        NativeDef::method("__reduce_ex__($self, protocol, /)", no_pickle, ""),
        NativeDef::method("__getstate__($self, /)", no_pickle, ""),
    ],
    getset: &[
        GetSetDef::new("closed", closed, "Whether it is closed."),
        GetSetDef::new("closefd", closefd, "Whether close() closes the descriptor."),
        GetSetDef::new("mode", mode, "The mode."),
        GetSetDef::new("_blksize", blksize, "The best size of a buffer.").with_set(set_blksize),
    ],
    ..TypeDef::new("FileIO", Kind::Native)
};

/// "cannot pickle 'X' instances"
pub fn no_pickle(vm: &mut Vm, args: Args) -> NativeResult {
    let given = vm.type_name(args.get(vm, 0));
    raise!(vm, TypeError, "cannot pickle '{given}' instances")
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let class = args.class(vm, 0)?;
    Ok(vm.ret(vm.native_of_shape(class.shape.get(), FileIo::new()).value()))
}

/// A file object for an open descriptor, which it does not close.
pub fn borrowed<'gc>(vm: &'gc Vm, fd: i32, readable: bool, name: &str) -> Value<'gc> {
    let file = FileIo::new();
    file.readable.set(readable);
    file.writable.set(!readable);
    let descriptor = Descriptor { fd: Cell::new(fd), owned: Cell::new(false) };
    *file.descriptor.borrow_mut() = Some(Rc::new(descriptor));
    let object = vm.native(file).value();
    if let Some(dict) = vm.instance_dict(object) {
        vm.dict_set_str(dict, vm.intern("name"), vm.str(name).value());
    }
    object
}

/// Flags for opening, and what they allow.
struct Opening {
    flags: i32,
    readable: bool,
    writable: bool,
    created: bool,
    appending: bool,
}

fn parse_mode(vm: &Vm, mode: &str) -> Result<Opening, Raised> {
    let mut kind = None;
    let mut plus = false;
    for c in mode.chars() {
        match c {
            'b' => {}
            'r' | 'w' | 'a' | 'x' if kind.is_none() => kind = Some(c),
            '+' if !plus => plus = true,
            'r' | 'w' | 'a' | 'x' | '+' => {
                raise!(
                    vm,
                    ValueError,
                    "Must have exactly one of create/read/write/append mode and at most one plus"
                )
            }
            _ => raise!(vm, ValueError, "invalid mode: {mode}"),
        }
    }
    let Some(kind) = kind else {
        raise!(
            vm,
            ValueError,
            "Must have exactly one of create/read/write/append mode and at most one plus"
        );
    };
    let (readable, writable) = (kind == 'r' || plus, kind != 'r' || plus);
    let access = match (readable, writable) {
        (true, true) => libc::O_RDWR,
        (true, false) => libc::O_RDONLY,
        _ => libc::O_WRONLY,
    };
    let more = match kind {
        'w' => libc::O_CREAT | libc::O_TRUNC,
        'a' => libc::O_CREAT | libc::O_APPEND,
        'x' => libc::O_CREAT | libc::O_EXCL,
        _ => 0,
    };
    Ok(Opening {
        flags: access | more | libc::O_CLOEXEC,
        readable,
        writable,
        created: kind == 'x',
        appending: kind == 'a',
    })
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    let closefd = match args.opt(vm, 3) {
        Some(_) => vm.truth(args.local(3))?,
        None => true,
    };
    let mode = match args.opt(vm, 2) {
        Some(v) if v.as_str().is_some() => vm.text_of(v),
        Some(_) => return Err(args.wrong_type(vm, 2, "str")),
        None => "r".into(),
    };
    if vm.has_class(args.get(vm, 1), sidewinder_interpreter::builtins::ClassId::Bool) {
        let class = sidewinder_interpreter::builtins::ClassId::RuntimeWarning;
        vm.warn(class, "bool is used as a file descriptor", 1)?;
    }
    let opening = parse_mode(vm, &mode)?;
    let old = args.payload::<FileIo>(vm)?.descriptor.borrow_mut().take();
    drop(old);
    let file = args.local(1);
    let number = vm.is_int(vm.get(file));
    let fd = if number {
        let fd = fd_of(vm, file)?;
        if fd < 0 {
            raise!(vm, ValueError, "negative file descriptor");
        }
        fd
    } else {
        if !closefd {
            raise!(vm, ValueError, "Cannot use closefd=False with file name");
        }
        if vm.audited() {
            let mode = vm.root(vm.str(&mode).value());
            let flags = vm.root(Value::from_i32(opening.flags));
            vm.audit("open", &[file, mode, flags])?;
        }
        match args.not_none(vm, 4) {
            Some(_) => {
                let flags = vm.root(Value::from_i32(opening.flags));
                let fd = vm.call(args.local(4), &[file, flags])?;
                let fd = vm.hold(fd);
                if !vm.is_int(vm.get(fd)) {
                    raise!(vm, TypeError, "expected integer from opener");
                }
                let fd = fd_of(vm, fd)?;
                if fd < 0 {
                    raise!(vm, ValueError, "opener returned {fd}");
                }
                fd
            }
            None => {
                let p =
                    path_arg(vm, file, "open", "path", Accept::default()).or_else(|raised| {
                        let class = sidewinder_interpreter::builtins::ClassId::TypeError;
                        vm.catch(raised, class)?;
                        let given = vm.type_name(vm.get(file));
                        Err(vm.type_error(format!(
                            "expected str, bytes or os.PathLike object, not {given}"
                        )))
                    })?;
                let path = p.c;
                let flags = opening.flags;
                blocking(vm, &[file], || sys!(libc::open(path.as_ptr(), flags, 0o666)))? as i32
            }
        }
    };
    let owned = closefd || !number;
    let descriptor = Rc::new(Descriptor { fd: Cell::new(fd), owned: Cell::new(owned) });
    match stat::of_descriptor(fd) {
        Ok(s) => {
            if s.st_mode & libc::S_IFMT == libc::S_IFDIR {
                descriptor.owned.set(owned && !number);
                return Err(error(vm, libc::EISDIR, &[file]));
            }
            if s.st_blksize > 1 {
                let this = args.payload::<FileIo>(vm)?;
                this.blksize.set((s.st_blksize as u32).max(super::DEFAULT_BUFFER_SIZE as u32));
            }
        }
        Err(e) => {
            descriptor.owned.set(false);
            return Err(error(vm, e.raw_os_error().unwrap_or(0), &[file]));
        }
    }
    {
        let this = args.payload::<FileIo>(vm)?;
        this.readable.set(opening.readable);
        this.writable.set(opening.writable);
        this.created.set(opening.created);
        this.appending.set(opening.appending);
        this.seekable.set(-1);
        *this.descriptor.borrow_mut() = Some(descriptor);
    }
    let key = vm.root(vm.intern("name").value());
    vm.setattr(args.local(0), key, file)?;
    if opening.appending {
        // Errors (of pipes) do not matter.
        sys!(libc::lseek(fd, 0, libc::SEEK_END));
    }
    Ok(vm.none())
}

/// The descriptor number; ValueError when it is closed.
fn open_fd(vm: &Vm, args: Args) -> Result<i32, Raised> {
    match args.payload::<FileIo>(vm)?.descriptor() {
        Some(d) if d.fd() >= 0 => Ok(d.fd()),
        _ => Err(vm.value_error("I/O operation on closed file")),
    }
}

fn reading(vm: &mut Vm, args: Args) -> Result<i32, Raised> {
    let fd = open_fd(vm, args)?;
    if !args.payload::<FileIo>(vm)?.readable.get() {
        return Err(unsupported(vm, "File not open for reading"));
    }
    Ok(fd)
}

/// Reads up to `n` bytes; `None` when there is nothing yet on a descriptor that does not wait.
pub fn read_some(vm: &mut Vm, fd: i32, n: usize) -> Result<Option<Vec<u8>>, Raised> {
    vm.check_size(n)?;
    let mut buffer = vec![0u8; n];
    let result = blocking(vm, &[], || sys!(libc::read(fd, buffer.as_mut_ptr().cast(), n)) as i64);
    match result {
        Ok(got) => {
            buffer.truncate(got as usize);
            Ok(Some(buffer))
        }
        Err(raised) => would_block(vm, raised).map(|()| None),
    }
}

/// Writes bytes once; `None` when a descriptor that does not wait takes none.
pub fn write_some(vm: &mut Vm, fd: i32, data: &[u8]) -> Result<Option<usize>, Raised> {
    let data = &data[..data.len().min(i32::MAX as usize)];
    match blocking(vm, &[], || sys!(libc::write(fd, data.as_ptr().cast(), data.len())) as i64) {
        Ok(n) => Ok(Some(n as usize)),
        Err(raised) => would_block(vm, raised).map(|()| None),
    }
}

fn would_block(vm: &Vm, raised: Raised) -> Result<(), Raised> {
    vm.catch(raised, sidewinder_interpreter::builtins::ClassId::BlockingIOError)
}

fn read(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = reading(vm, args)?;
    match size_arg(vm, args, 1)? {
        None => readall(vm, args),
        Some(n) => match read_some(vm, fd, n.min(i32::MAX as usize))? {
            Some(data) => Ok(vm.ret(vm.bytes(&data).value())),
            None => Ok(vm.none()),
        },
    }
}

fn readall(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = reading(vm, args)?;
    let mut out = Vec::new();
    // As much as the file seems to have, and one byte to notice its end.
    let size = stat::of_descriptor(fd).map_or(0, |s| s.st_size);
    let at = sys!(libc::lseek(fd, 0, libc::SEEK_CUR)).max(0);
    let mut chunk = (size - at).clamp(0, 1 << 30) as usize + 1;
    if chunk == 1 {
        chunk = super::DEFAULT_BUFFER_SIZE;
    }
    loop {
        match read_some(vm, fd, chunk)? {
            None if out.is_empty() => return Ok(vm.none()),
            None => break,
            Some(data) if data.is_empty() => break,
            Some(data) => {
                chunk = if data.len() + 1 == chunk { 1 << 12 } else { (chunk * 2).min(1 << 24) };
                out.extend(data);
                vm.check_size(out.len())?;
                vm.safepoint()?;
            }
        }
    }
    Ok(vm.ret(vm.bytes(&out).value()))
}

fn readinto(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = reading(vm, args)?;
    let target = vm.writable(args.local(1), "readinto() argument")?;
    let n = target.len(vm);
    match read_some(vm, fd, n)? {
        Some(data) => {
            target.write(vm, 0, &data);
            Ok(vm.ret(vm.int_usize(data.len())))
        }
        None => Ok(vm.none()),
    }
}

fn write(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = open_fd(vm, args)?;
    if !args.payload::<FileIo>(vm)?.writable.get() {
        return Err(unsupported(vm, "File not open for writing"));
    }
    if args.get(vm, 1).as_str().is_some() {
        raise!(vm, TypeError, "a bytes-like object is required, not 'str'");
    }
    let data = vm.bytes_like(args.local(1))?;
    match write_some(vm, fd, &data)? {
        Some(n) => Ok(vm.ret(vm.int_usize(n))),
        None => Ok(vm.none()),
    }
}

fn seek(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = open_fd(vm, args)?;
    if vm.as_f64(args.get(vm, 1)).is_some() {
        raise!(vm, TypeError, "'float' object cannot be interpreted as an integer");
    }
    let to = vm.index_i64(args.local(1))?;
    let whence = match args.opt(vm, 2) {
        Some(_) => vm.index_i64(args.local(2))? as i32,
        None => 0,
    };
    let at = check(vm, sys!(libc::lseek(fd, to, whence)), &[])?;
    Ok(vm.ret(vm.int(at)))
}

fn tell(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = open_fd(vm, args)?;
    let at = check(vm, sys!(libc::lseek(fd, 0, libc::SEEK_CUR)), &[])?;
    Ok(vm.ret(vm.int(at)))
}

fn truncate(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = open_fd(vm, args)?;
    if !args.payload::<FileIo>(vm)?.writable.get() {
        return Err(unsupported(vm, "File not open for writing"));
    }
    let size = match args.not_none(vm, 1) {
        Some(v) if vm.as_f64(v).is_some() => {
            raise!(vm, TypeError, "'float' object cannot be interpreted as an integer")
        }
        Some(_) => vm.index_i64(args.local(1))?,
        None => check(vm, sys!(libc::lseek(fd, 0, libc::SEEK_CUR)), &[])?,
    };
    check(vm, sys!(libc::ftruncate(fd, size)), &[])?;
    Ok(vm.ret(vm.int(size)))
}

fn close(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.local(0);
    // The base class marks the file as closed; a subclass may have its own flush().
    let base = vm.root(vm.native_class(&super::base::RAW_IO_BASE).value());
    let function = vm.getattr_str(base, "close")?;
    let function = vm.hold(function);
    let flushed = vm.call(function, &[this]);
    let failure = flushed.err().map(|raised| vm.take_exception(raised));
    let descriptor = args.payload::<FileIo>(vm)?.descriptor();
    if let Some(d) = descriptor
        && d.fd() >= 0
    {
        let fd = d.fd.replace(-1);
        if d.owned.get() {
            let result = vm.blocking(|| sys!(libc::close(fd)));
            if result < 0 && failure.is_none() {
                return Err(error(vm, crate::posix::support::errno(), &[]));
            }
        }
    }
    match failure {
        Some(failure) => Err(vm.set_exception(vm.get(failure))),
        None => Ok(vm.none()),
    }
}

fn seekable(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = open_fd(vm, args)?;
    let this = args.payload::<FileIo>(vm)?;
    if this.seekable.get() < 0 {
        let at = sys!(libc::lseek(fd, 0, libc::SEEK_CUR));
        this.seekable.set((at >= 0) as i8);
    }
    let is = this.seekable.get() > 0;
    Ok(vm.ret(Value::from_bool(is)))
}

fn readable(vm: &mut Vm, args: Args) -> NativeResult {
    open_fd(vm, args)?;
    let is = args.payload::<FileIo>(vm)?.readable.get();
    Ok(vm.ret(Value::from_bool(is)))
}

fn writable(vm: &mut Vm, args: Args) -> NativeResult {
    open_fd(vm, args)?;
    let is = args.payload::<FileIo>(vm)?.writable.get();
    Ok(vm.ret(Value::from_bool(is)))
}

fn fileno(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = open_fd(vm, args)?;
    Ok(vm.ret(Value::from_i32(fd)))
}

fn isatty(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = open_fd(vm, args)?;
    Ok(vm.ret(Value::from_bool(sys!(libc::isatty(fd)) == 1)))
}

fn closed(vm: &mut Vm, args: Args) -> NativeResult {
    let open = args.payload::<FileIo>(vm)?.descriptor().is_some_and(|d| d.fd() >= 0);
    Ok(vm.ret(Value::from_bool(!open)))
}

fn closefd(vm: &mut Vm, args: Args) -> NativeResult {
    let owned = args.payload::<FileIo>(vm)?.descriptor().is_none_or(|d| d.owned.get());
    Ok(vm.ret(Value::from_bool(owned)))
}

fn mode_text(this: &FileIo) -> &'static str {
    let (readable, writable) = (this.readable.get(), this.writable.get());
    match (this.created.get(), this.appending.get()) {
        (true, _) if readable => "xb+",
        (true, _) => "xb",
        (_, true) if readable => "ab+",
        (_, true) => "ab",
        _ if readable && writable => "rb+",
        _ if readable => "rb",
        _ => "wb",
    }
}

fn mode(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<FileIo>(vm)?;
    Ok(vm.ret(vm.str(mode_text(&this)).value()))
}

fn blksize(vm: &mut Vm, args: Args) -> NativeResult {
    let n = args.payload::<FileIo>(vm)?.blksize.get();
    Ok(vm.ret(vm.int(n.into())))
}

fn set_blksize(vm: &mut Vm, args: Args) -> NativeResult {
    let n = vm.index_i64(args.local(1))?;
    args.payload::<FileIo>(vm)?.blksize.set(n as u32);
    Ok(vm.none())
}

fn dealloc_warn(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.none())
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let this: Local = args.local(0);
    let class = vm.class_of(vm.get(this));
    let class = vm.class_name(class);
    let (fd, owned, mode) = {
        let file = args.payload::<FileIo>(vm)?;
        let d = file.descriptor();
        let fd = d.as_ref().map_or(-1, |d| d.fd());
        (fd, d.is_none_or(|d| d.owned.get()), mode_text(&file))
    };
    if fd < 0 {
        return Ok(vm.ret(vm.str(&format!("<_io.{class} [closed]>")).value()));
    }
    let what = match super::repr_attr(vm, this, "name")? {
        Some(name) => format!("name={name}"),
        None => format!("fd={fd}"),
    };
    let owned = if owned { "True" } else { "False" };
    let text = format!("<_io.{class} {what} mode='{mode}' closefd={owned}>");
    Ok(vm.ret(vm.str(&text).value()))
}
