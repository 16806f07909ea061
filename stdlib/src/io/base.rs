//! The abstract base classes: what every file object has, said in terms of a few methods.

use super::unsupported;
use sidewinder_interpreter::builtins::{ClassId, GetSetDef, TypeDef};
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm, raise};

/// `_io._IOBase`
pub static IO_BASE: TypeDef = TypeDef {
    module: "_io",
    doc: "What all file objects have in common.",
    flags: ClassFlags::BASE | ClassFlags::HAS_DICT,
    methods: &[
        NativeDef::method("seek($self, offset, whence=0, /)", seek, "Set the position."),
        NativeDef::method("tell($self, /)", tell, "The position."),
        NativeDef::method("truncate($self, size=None, /)", truncate, "Cut the file."),
        NativeDef::method("flush($self, /)", flush, "Write out what is buffered."),
        NativeDef::method("close($self, /)", close, "Flush and close."),
        NativeDef::method("__del__($self, /)", finalize, "Close what was left open."),
        NativeDef::method("seekable($self, /)", no, "Whether it has a position."),
        NativeDef::method("readable($self, /)", no, "Whether it can be read."),
        NativeDef::method("writable($self, /)", no, "Whether it can be written."),
        NativeDef::method("_checkClosed($self, /, msg=None)", check_closed, ""),
        NativeDef::method("_checkSeekable($self, /, msg=None)", check_seekable, ""),
        NativeDef::method("_checkReadable($self, /, msg=None)", check_readable, ""),
        NativeDef::method("_checkWritable($self, /, msg=None)", check_writable, ""),
        NativeDef::method("fileno($self, /)", fileno, "The descriptor."),
        NativeDef::method("isatty($self, /)", isatty, "Whether it is a terminal."),
        NativeDef::method("__enter__($self, /)", enter, ""),
        NativeDef::method("__exit__($self, /, *args)", exit, ""),
        NativeDef::method("__iter__($self, /)", enter, "Implement iter(self)."),
        NativeDef::method("__next__($self, /)", next, "Implement next(self)."),
        NativeDef::method("readline($self, size=-1, /)", readline, "Read and return one line."),
        NativeDef::method("readlines($self, hint=-1, /)", readlines, "A list of the lines."),
        NativeDef::method("writelines($self, lines, /)", writelines, "Write each item."),
    ],
    getset: &[GetSetDef::new("closed", closed, "Whether it is closed.")],
    ..TypeDef::new("_IOBase", Kind::Instance)
};

/// `_io._RawIOBase`
pub static RAW_IO_BASE: TypeDef = TypeDef {
    module: "_io",
    doc: "Files of bytes without a buffer.",
    parent: Some(&IO_BASE),
    flags: ClassFlags::BASE | ClassFlags::HAS_DICT,
    methods: &[
        NativeDef::method("read($self, size=-1, /)", raw_read, "Read and return up to size bytes."),
        NativeDef::method("readall($self, /)", readall, "Read until the end."),
        NativeDef::method("readinto($self, buffer, /)", not_here, ""),
        NativeDef::method("write($self, b, /)", not_here, ""),
    ],
    ..TypeDef::new("_RawIOBase", Kind::Instance)
};

/// `_io._BufferedIOBase`
pub static BUFFERED_IO_BASE: TypeDef = TypeDef {
    module: "_io",
    doc: "Files of bytes with a buffer.",
    parent: Some(&IO_BASE),
    flags: ClassFlags::BASE | ClassFlags::HAS_DICT,
    methods: &[
        NativeDef::method("detach($self, /)", no_detach, "Separate the raw file from this one."),
        NativeDef::method("read($self, size=-1, /)", no_read, "Read and return bytes."),
        NativeDef::method("read1($self, size=-1, /)", no_read1, "The same, in one call."),
        NativeDef::method("readinto($self, buffer, /)", readinto, "Read bytes into a buffer."),
        NativeDef::method("readinto1($self, buffer, /)", readinto1, "The same, in one call."),
        NativeDef::method("write($self, b, /)", no_write, "Write bytes."),
    ],
    ..TypeDef::new("_BufferedIOBase", Kind::Instance)
};

/// `_io._TextIOBase`
pub static TEXT_IO_BASE: TypeDef = TypeDef {
    module: "_io",
    doc: "Files of text.",
    parent: Some(&IO_BASE),
    flags: ClassFlags::BASE | ClassFlags::HAS_DICT,
    methods: &[
        NativeDef::method("detach($self, /)", no_detach, "Separate the buffer from this file."),
        NativeDef::method("read($self, size=-1, /)", no_read, "Read and return characters."),
        NativeDef::method("readline($self, size=-1, /)", no_readline, "Read and return a line."),
        NativeDef::method("write($self, s, /)", no_write, "Write a string."),
    ],
    getset: &[
        GetSetDef::new("encoding", none, "Name of the encoding."),
        GetSetDef::new("newlines", none, "Line ends seen so far."),
        GetSetDef::new("errors", none, "Name of the error handler."),
    ],
    ..TypeDef::new("_TextIOBase", Kind::Instance)
};

macro_rules! refusals {
    ($($function:ident $name:literal)*) => {$(
        fn $function(vm: &mut Vm, _: Args) -> NativeResult {
            Err(unsupported(vm, $name))
        }
    )*};
}
refusals! { seek "seek" truncate "truncate" fileno "fileno" no_detach "detach" no_read "read"
no_read1 "read1" no_write "write" no_readline "readline" }

fn not_here(vm: &mut Vm, args: Args) -> NativeResult {
    let name = args.callee(vm).map_or("", |c| c.def.get().name());
    raise!(vm, NotImplementedError, "{name}")
}

fn none(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.none())
}

fn no(vm: &mut Vm, args: Args) -> NativeResult {
    ensure_open(vm, args.local(0), "I/O operation on closed file.")?;
    Ok(vm.ret(Value::FALSE))
}

fn isatty(vm: &mut Vm, args: Args) -> NativeResult {
    ensure_open(vm, args.local(0), "I/O operation on closed file.")?;
    Ok(vm.ret(Value::FALSE))
}

/// Whether `obj.closed` is true.
pub fn is_closed(vm: &mut Vm, object: Local) -> Result<bool, Raised> {
    vm.scope(|vm| {
        let closed = vm.getattr_str(object, "closed")?;
        let closed = vm.hold(closed);
        vm.truth(closed)
    })
}

/// ValueError when the file is closed.
pub fn ensure_open(vm: &mut Vm, object: Local, message: &str) -> Result<(), Raised> {
    if is_closed(vm, object)? { Err(vm.value_error(message)) } else { Ok(()) }
}

const CLOSED: &str = "__IOBase_closed";

fn closed(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let key = vm.intern(CLOSED).value();
    let closed = vm.own_attr(args.get(vm, 0), key);
    Ok(vm.ret(Value::from_bool(closed.is_some_and(|v| v.is(Value::TRUE)))))
}

fn tell(vm: &mut Vm, args: Args) -> NativeResult {
    let zero = vm.root(Value::from_i32(0));
    let one = vm.root(Value::from_i32(1));
    vm.call_method(args.local(0), "seek", &[zero, one])
}

fn flush(vm: &mut Vm, args: Args) -> NativeResult {
    ensure_open(vm, args.local(0), "I/O operation on closed file.")?;
    Ok(vm.none())
}

/// Closes an object that is not closed yet. Nobody is left to be told about errors.
fn finalize(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.local(0);
    let closed = vm.scope(|vm| {
        let closed = vm.getattr_str(this, "closed")?;
        let closed = vm.hold(closed);
        vm.truth(closed)
    });
    let result = match closed {
        Ok(true) => Ok(()),
        Ok(false) => vm.call_method(this, "close", &[]).map(|_| ()),
        Err(raised) => Err(raised),
    };
    if let Err(raised) = result {
        vm.take_exception(raised);
    }
    Ok(vm.none())
}

fn close(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.local(0);
    let key = vm.root(vm.intern(CLOSED).value());
    let done = vm.own_attr(vm.get(this), vm.get(key)).is_some_and(|v| v.is(Value::TRUE));
    if done {
        return Ok(vm.none());
    }
    let result = vm.call_method(this, "flush", &[]);
    let yes = vm.root(Value::TRUE);
    match result {
        Ok(_) => vm.setattr(this, key, yes)?,
        Err(raised) => {
            let error = vm.take_exception(raised);
            if let Err(raised) = vm.setattr(this, key, yes) {
                vm.take_exception(raised);
            }
            return Err(vm.set_exception(vm.get(error)));
        }
    }
    Ok(vm.none())
}

fn check_closed(vm: &mut Vm, args: Args) -> NativeResult {
    let message = match args.not_none(vm, 1) {
        Some(m) => vm.text_of(m),
        None => "I/O operation on closed file.".into(),
    };
    ensure_open(vm, args.local(0), &message)?;
    Ok(vm.none())
}

fn check(vm: &mut Vm, args: Args, method: &str, message: &str) -> NativeResult {
    let is = vm.call_method(args.local(0), method, &[])?;
    if !vm.value(is).is(Value::TRUE) {
        return Err(unsupported(vm, message));
    }
    Ok(vm.ret(Value::TRUE))
}

fn check_seekable(vm: &mut Vm, args: Args) -> NativeResult {
    check(vm, args, "seekable", "File or stream is not seekable.")
}

fn check_readable(vm: &mut Vm, args: Args) -> NativeResult {
    check(vm, args, "readable", "File or stream is not readable.")
}

fn check_writable(vm: &mut Vm, args: Args) -> NativeResult {
    check(vm, args, "writable", "File or stream is not writable.")
}

fn enter(vm: &mut Vm, args: Args) -> NativeResult {
    ensure_open(vm, args.local(0), "I/O operation on closed file.")?;
    Ok(vm.ret(args.get(vm, 0)))
}

fn exit(vm: &mut Vm, args: Args) -> NativeResult {
    let _ = vm.call_method(args.local(0), "close", &[])?;
    Ok(vm.none())
}

fn next(vm: &mut Vm, args: Args) -> NativeResult {
    let line = vm.call_method(args.local(0), "readline", &[])?;
    let line = vm.hold(line);
    if vm.len(line)? == 0 {
        return Err(vm.raise_args(ClassId::StopIteration, &[]));
    }
    Ok(vm.ret(vm.get(line)))
}

/// A size argument; negative ones and None stand for everything.
pub fn size_arg(vm: &mut Vm, args: Args, i: usize) -> Result<Option<usize>, Raised> {
    match args.not_none(vm, i) {
        None => Ok(None),
        Some(v) if vm.special_of(v, sidewinder_interpreter::vm::Special::Index).is_none() => {
            let given = vm.type_name(v);
            raise!(vm, TypeError, "argument should be integer or None, not '{given}'")
        }
        Some(_) => Ok(usize::try_from(vm.index_i64(args.local(i))?).ok()),
    }
}

fn readline(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.local(0);
    let limit = size_arg(vm, args, 1)?;
    let can_peek = vm.getattr_opt(this, "peek")?.is_some();
    let mut out: Vec<u8> = Vec::new();
    while limit.is_none_or(|l| out.len() < l) {
        let stop = vm.scope(|vm| {
            let mut want = 1;
            if can_peek {
                let one = vm.root(Value::from_i32(1));
                let ahead = vm.call_method(this, "peek", &[one])?;
                let ahead = vm.hold(ahead);
                let Some(bytes) = vm.get(ahead).cast::<Bytes>() else {
                    let given = vm.type_name(vm.get(ahead));
                    raise!(
                        vm,
                        OSError,
                        "peek() should have returned a bytes object, not '{given}'"
                    );
                };
                let data = bytes.r().data();
                if !data.is_empty() {
                    want = data.iter().position(|b| *b == b'\n').map_or(data.len(), |at| at + 1);
                    if let Some(limit) = limit {
                        want = want.min(limit - out.len());
                    }
                }
            }
            let want = vm.root(vm.int_usize(want));
            let part = vm.call_method(this, "read", &[want])?;
            let part = vm.hold(part);
            let Some(bytes) = vm.get(part).cast::<Bytes>() else {
                let given = vm.type_name(vm.get(part));
                raise!(vm, OSError, "read() should have returned a bytes object, not '{given}'");
            };
            out.extend_from_slice(bytes.r().data());
            Ok(bytes.r().data().is_empty() || out.last() == Some(&b'\n'))
        })?;
        if stop {
            break;
        }
    }
    Ok(vm.ret(vm.bytes(&out).value()))
}

fn readlines(vm: &mut Vm, args: Args) -> NativeResult {
    let hint = size_arg(vm, args, 1)?.filter(|h| *h > 0);
    let list = vm.root(vm.list(&[]).value());
    let iterator = vm.iter(args.local(0))?;
    let iterator = vm.hold(iterator);
    let mut total = 0;
    loop {
        let more = vm.scope(|vm| {
            if !vm.next(iterator)? {
                return Ok(false);
            }
            let line = vm.hold_result();
            if let Some(list) = vm.get(list).cast::<List>() {
                vm.list_push(list, vm.get(line));
            }
            total += vm.len(line)?;
            Ok(hint.is_none_or(|h| total < h))
        })?;
        if !more {
            return Ok(vm.ret(vm.get(list)));
        }
    }
}

fn writelines(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.local(0);
    ensure_open(vm, this, "I/O operation on closed file.")?;
    vm.iterate(args.local(1), |vm, line| vm.call_method(this, "write", &[line]).map(|_| ()))?;
    Ok(vm.none())
}

fn raw_read(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.local(0);
    let Some(n) = size_arg(vm, args, 1)? else { return vm.call_method(this, "readall", &[]) };
    vm.check_size(n)?;
    let array = vm.root(vm.bytearray(&vec![0; n]).value());
    let got = vm.call_method(this, "readinto", &[array])?;
    let got = vm.hold(got);
    if vm.get(got).is_none() {
        return Ok(vm.none());
    }
    let got = vm.index_i64(got)?;
    if got < 0 || got as usize > n {
        raise!(vm, ValueError, "readinto returned {got} outside buffer size {n}");
    }
    let vm = &*vm;
    let data = vm.get(array).cast::<ByteArray>().map(|a| vm.bytearray_data(a)).unwrap_or_default();
    Ok(vm.ret(vm.bytes(data.get(..got as usize).unwrap_or(&data)).value()))
}

fn readall(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.local(0);
    let mut out = Vec::new();
    loop {
        let more = vm.scope(|vm| {
            let n = vm.root(Value::from_i32(super::DEFAULT_BUFFER_SIZE as i32));
            let part = vm.call_method(this, "read", &[n])?;
            let part = vm.value(part);
            if part.is_none() {
                return Ok(None);
            }
            let Some(bytes) = part.cast::<Bytes>() else {
                raise!(vm, TypeError, "read() should return bytes");
            };
            out.extend_from_slice(bytes.r().data());
            Ok(Some(!bytes.r().data().is_empty()))
        })?;
        match more {
            None if out.is_empty() => return Ok(vm.none()),
            Some(true) => {}
            _ => return Ok(vm.ret(vm.bytes(&out).value())),
        }
    }
}

fn read_into(vm: &mut Vm, args: Args, method: &str) -> NativeResult {
    let target = vm.writable(args.local(1), "readinto() argument")?;
    let n = target.len(vm);
    let size = vm.root(vm.int_usize(n));
    let data = vm.call_method(args.local(0), method, &[size])?;
    let data = vm.hold(data);
    if vm.get(data).is_none() {
        return Ok(vm.none());
    }
    let Some(bytes) = vm.get(data).cast::<Bytes>() else {
        raise!(vm, TypeError, "read() should return bytes");
    };
    let bytes = bytes.r().data().to_vec();
    if bytes.len() > n {
        raise!(
            vm,
            ValueError,
            "read() returned too much data: {n} bytes requested, {} returned",
            bytes.len()
        );
    }
    target.write(vm, 0, &bytes);
    Ok(vm.ret(vm.int_usize(bytes.len())))
}

fn readinto(vm: &mut Vm, args: Args) -> NativeResult {
    read_into(vm, args, "read")
}

fn readinto1(vm: &mut Vm, args: Args) -> NativeResult {
    read_into(vm, args, "read1")
}
