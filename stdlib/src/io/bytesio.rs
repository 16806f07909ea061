//! `BytesIO`: a file of bytes in memory.

use super::base::size_arg;
use sidewinder_interpreter::builtins::{ClassId, GetSetDef, TypeDef};
use sidewinder_interpreter::object::native::{Native, Payload};
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::{Args, NativeDef, NativeResult, Raised, Value, Vm, raise};
use std::cell::Cell;

/// The payload. The contents are a bytearray, which can be lent (`getbuffer`).
#[derive(Trace)]
pub struct BytesIo {
    /// The bytearray; None when closed.
    data: Slot,
    at: Cell<usize>,
}

impl Payload for BytesIo {
    const TYPE: &'static TypeDef = &BYTES_IO;
}

/// The type.
pub static BYTES_IO: TypeDef = TypeDef {
    module: "_io",
    doc: "BytesIO(initial_bytes=b'')\n--\n\nA file of bytes in memory.",
    parent: Some(&super::base::BUFFERED_IO_BASE),
    flags: ClassFlags::BASE | ClassFlags::HAS_DICT,
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", new, ""),
        NativeDef::method("__init__($self, initial_bytes=b'')", init, ""),
        NativeDef::method("readable($self, /)", yes, "Whether it can be read."),
        NativeDef::method("seekable($self, /)", yes, "Whether it has a position."),
        NativeDef::method("writable($self, /)", yes, "Whether it can be written."),
        NativeDef::method("close($self, /)", close, "Drop the contents."),
        NativeDef::method("flush($self, /)", flush, "Does nothing."),
        NativeDef::method("isatty($self, /)", isatty, "False."),
        NativeDef::method("tell($self, /)", tell, "The position."),
        NativeDef::method("write($self, b, /)", write, "Write bytes."),
        NativeDef::method("writelines($self, lines, /)", writelines, "Write each item."),
        NativeDef::method("read1($self, size=-1, /)", read, "Read up to size bytes."),
        NativeDef::method("readinto($self, buffer, /)", readinto, "Read bytes into a buffer."),
        NativeDef::method("readline($self, size=-1, /)", readline, "Read one line."),
        NativeDef::method("readlines($self, size=None, /)", readlines, "A list of the lines."),
        NativeDef::method("read($self, size=-1, /)", read, "Read up to size bytes."),
        NativeDef::method("getbuffer($self, /)", getbuffer, "A view of the contents."),
        NativeDef::method("getvalue($self, /)", getvalue, "The contents."),
        NativeDef::method("seek($self, pos, whence=0, /)", seek, "Set the position."),
        NativeDef::method("truncate($self, size=None, /)", truncate, "Cut the contents."),
        NativeDef::method("__next__($self, /)", next, "Implement next(self)."),
        NativeDef::method("__getstate__($self, /)", getstate, ""),
        NativeDef::method("__setstate__($self, state, /)", setstate, ""),
    ],
    getset: &[GetSetDef::new("closed", closed, "Whether it is closed.")],
    ..TypeDef::new("BytesIO", Kind::Native)
};

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let class = args.class(vm, 0)?;
    let payload = BytesIo { data: Slot::new(vm.bytearray(b"").value().word()), at: Cell::new(0) };
    Ok(vm.ret(vm.native_of_shape(class.shape.get(), payload).value()))
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    let data = match args.not_none(vm, 1) {
        Some(_) => vm.bytes_like(args.local(1))?,
        None => Vec::new(),
    };
    settle(vm, args)?;
    let vm = &*vm;
    let this = args.payload::<BytesIo>(vm)?;
    vm.write(this, |b| &b.data, vm.bytearray(&data).value());
    this.at.set(0);
    Ok(vm.ret(Value::NONE))
}

type Open<'gc> = (Gc<'gc, Native<BytesIo>>, Gc<'gc, ByteArray>);

fn open<'gc>(vm: &'gc Vm, args: Args) -> Result<Open<'gc>, Raised> {
    let this = args.payload::<BytesIo>(vm)?;
    match this.r().data.get_as::<ByteArray>(vm) {
        Some(data) => Ok((this, data)),
        None => Err(vm.value_error("I/O operation on closed file.")),
    }
}

/// BufferError while the contents are lent.
fn settle(vm: &mut Vm, args: Args) -> Result<(), Raised> {
    let data = {
        let vm = &*vm;
        vm.root(args.payload::<BytesIo>(vm)?.r().data.get(vm))
    };
    vm.settle_exports(data);
    let lent = vm.get(data).cast::<ByteArray>().is_some_and(|a| vm.bytearray_is_lent(a));
    if lent {
        raise!(vm, BufferError, "Existing exports of data: object cannot be re-sized");
    }
    Ok(())
}

fn yes(vm: &mut Vm, args: Args) -> NativeResult {
    open(vm, args)?;
    Ok(vm.ret(Value::TRUE))
}

fn isatty(vm: &mut Vm, args: Args) -> NativeResult {
    open(vm, args)?;
    Ok(vm.ret(Value::FALSE))
}

fn flush(vm: &mut Vm, args: Args) -> NativeResult {
    open(vm, args)?;
    Ok(vm.none())
}

fn closed(vm: &mut Vm, args: Args) -> NativeResult {
    let closed = {
        let vm = &*vm;
        args.payload::<BytesIo>(vm)?.r().data.get(vm).is_none()
    };
    Ok(vm.ret(Value::from_bool(closed)))
}

fn close(vm: &mut Vm, args: Args) -> NativeResult {
    settle(vm, args)?;
    let vm = &*vm;
    let this = args.payload::<BytesIo>(vm)?;
    vm.write(this, |b| &b.data, Value::NONE);
    Ok(vm.ret(Value::NONE))
}

fn tell(vm: &mut Vm, args: Args) -> NativeResult {
    let at = open(vm, args)?.0.at.get();
    Ok(vm.ret(vm.int_usize(at)))
}

fn put(vm: &mut Vm, args: Args, bytes: &[u8]) -> Result<(), Raised> {
    if bytes.is_empty() {
        return Ok(());
    }
    let (end, len) = {
        let vm = &*vm;
        let (this, data) = open(vm, args)?;
        (this.at.get() + bytes.len(), data.len.get())
    };
    if end > len {
        settle(vm, args)?;
        let (_, data) = open(vm, args)?;
        vm.check_size(end)?;
        vm.bytearray_resize(data, end)?;
        // What lies between the old end and the position is zeroes.
        let (this, data) = open(vm, args)?;
        if let Some(cells) = vm.buffer_leaf(data.value()) {
            cells[len..this.at.get().max(len)].iter().for_each(|c| c.set(0));
        }
    }
    let vm = &*vm;
    let (this, data) = open(vm, args)?;
    if let Some(cells) = vm.buffer_leaf(data.value()) {
        for (cell, byte) in cells[this.at.get()..].iter().zip(bytes) {
            cell.set(*byte);
        }
    }
    this.at.set(end);
    Ok(())
}

fn write(vm: &mut Vm, args: Args) -> NativeResult {
    open(vm, args)?;
    settle(vm, args)?;
    if args.get(vm, 1).as_str().is_some() {
        raise!(vm, TypeError, "a bytes-like object is required, not 'str'");
    }
    let bytes = vm.bytes_like(args.local(1))?;
    put(vm, args, &bytes)?;
    Ok(vm.ret(vm.int_usize(bytes.len())))
}

fn writelines(vm: &mut Vm, args: Args) -> NativeResult {
    open(vm, args)?;
    vm.iterate(args.local(1), |vm, line| {
        if vm.get(line).as_str().is_some() {
            raise!(vm, TypeError, "a bytes-like object is required, not 'str'");
        }
        let bytes = vm.bytes_like(line)?;
        settle(vm, args)?;
        put(vm, args, &bytes)
    })?;
    Ok(vm.none())
}

/// Takes up to `n` bytes at the position, or up to the end of a line.
fn take(vm: &Vm, args: Args, n: Option<usize>, line: bool) -> Result<Vec<u8>, Raised> {
    let (this, data) = open(vm, args)?;
    let cells = vm.buffer_leaf(data.value()).unwrap_or(&[]);
    let rest = &cells[this.at.get().min(cells.len())..];
    let mut n = n.unwrap_or(rest.len()).min(rest.len());
    if line && let Some(end) = rest[..n].iter().position(|c| c.get() == b'\n') {
        n = end + 1;
    }
    let out: Vec<u8> = rest[..n].iter().map(Cell::get).collect();
    this.at.set(this.at.get() + n);
    Ok(out)
}

fn read(vm: &mut Vm, args: Args) -> NativeResult {
    let n = size_arg(vm, args, 1)?;
    let data = take(vm, args, n, false)?;
    Ok(vm.ret(vm.bytes(&data).value()))
}

fn readline(vm: &mut Vm, args: Args) -> NativeResult {
    let n = size_arg(vm, args, 1)?;
    let data = take(vm, args, n, true)?;
    Ok(vm.ret(vm.bytes(&data).value()))
}

fn next(vm: &mut Vm, args: Args) -> NativeResult {
    let data = take(vm, args, None, true)?;
    if data.is_empty() {
        return Err(vm.raise_args(ClassId::StopIteration, &[]));
    }
    Ok(vm.ret(vm.bytes(&data).value()))
}

fn readlines(vm: &mut Vm, args: Args) -> NativeResult {
    let hint = size_arg(vm, args, 1)?.filter(|h| *h > 0);
    let vm = &*vm;
    open(vm, args)?;
    let list = vm.list(&[]);
    let mut total = 0;
    loop {
        let line = take(vm, args, None, true)?;
        if line.is_empty() {
            break;
        }
        vm.list_push(list, vm.bytes(&line).value());
        total += line.len();
        if hint.is_some_and(|h| total >= h) {
            break;
        }
    }
    Ok(vm.ret(list.value()))
}

fn readinto(vm: &mut Vm, args: Args) -> NativeResult {
    open(vm, args)?;
    let target = vm.writable(args.local(1), "readinto() argument")?;
    let n = target.len(vm);
    let data = take(vm, args, Some(n), false)?;
    target.write(vm, 0, &data);
    Ok(vm.ret(vm.int_usize(data.len())))
}

fn getbuffer(vm: &mut Vm, args: Args) -> NativeResult {
    let data = {
        let vm = &*vm;
        vm.root(open(vm, args)?.1.value())
    };
    vm.memoryview(data)
}

fn contents(vm: &Vm, args: Args) -> Result<Vec<u8>, Raised> {
    let (_, data) = open(vm, args)?;
    Ok(vm.bytearray_data(data))
}

fn getvalue(vm: &mut Vm, args: Args) -> NativeResult {
    let data = contents(vm, args)?;
    Ok(vm.ret(vm.bytes(&data).value()))
}

fn seek(vm: &mut Vm, args: Args) -> NativeResult {
    open(vm, args)?;
    if vm.as_f64(args.get(vm, 1)).is_some() {
        raise!(vm, TypeError, "'float' object cannot be interpreted as an integer");
    }
    let to = vm.index_i64(args.local(1))?;
    let whence = match args.opt(vm, 2) {
        Some(_) => vm.index_i64(args.local(2))?,
        None => 0,
    };
    let (this, data) = open(vm, args)?;
    let base = match whence {
        0 if to < 0 => raise!(vm, ValueError, "negative seek value {to}"),
        0 => 0,
        1 => this.at.get(),
        2 => data.len.get(),
        _ => raise!(vm, ValueError, "invalid whence ({whence}, should be 0, 1 or 2)"),
    };
    let Some(at) = (base as i64).checked_add(to) else {
        raise!(vm, OverflowError, "new position too large");
    };
    this.at.set(at.max(0) as usize);
    Ok(vm.ret(vm.int(at.max(0))))
}

fn truncate(vm: &mut Vm, args: Args) -> NativeResult {
    open(vm, args)?;
    settle(vm, args)?;
    let size = match args.not_none(vm, 1) {
        Some(_) => vm.index_i64(args.local(1))?,
        None => open(vm, args)?.0.at.get() as i64,
    };
    if size < 0 {
        raise!(vm, ValueError, "negative size value {size}");
    }
    let (_, data) = open(vm, args)?;
    if (size as usize) < data.len.get() {
        vm.bytearray_resize(data, size as usize)?;
    }
    Ok(vm.ret(vm.int(size)))
}

fn getstate(vm: &mut Vm, args: Args) -> NativeResult {
    let data = contents(vm, args)?;
    let vm = &*vm;
    let (this, _) = open(vm, args)?;
    let dict = vm.instance_dict(this.value()).map_or(Value::NONE, |d| d.value());
    let items = [vm.bytes(&data).value(), vm.int_usize(this.at.get()), dict];
    Ok(vm.ret(vm.tuple(&items).value()))
}

fn setstate(vm: &mut Vm, args: Args) -> NativeResult {
    open(vm, args)?;
    let parts = {
        let vm = &*vm;
        let state = args.get(vm, 1).cast::<Tuple>().filter(|t| t.len() >= 3);
        let Some(state) = state else {
            let name = vm.type_name(args.get(vm, 0));
            let given = vm.type_name(args.get(vm, 1));
            raise!(vm, TypeError, "{name}.__setstate__ argument should be 3-tuple, got {given}");
        };
        [0, 1, 2].map(|i| vm.root(state.r().item(vm, i)))
    };
    settle(vm, args)?;
    let bytes = vm.bytes_like(parts[0])?;
    if !vm.is_int(vm.get(parts[1])) {
        let given = vm.type_name(vm.get(parts[1]));
        raise!(vm, TypeError, "second item of state must be an integer, not {given}");
    }
    let at = vm.index_i64(parts[1])?;
    if at < 0 {
        raise!(vm, ValueError, "position value cannot be negative");
    }
    let vm = &*vm;
    let this = args.payload::<BytesIo>(vm)?;
    vm.write(this, |b| &b.data, vm.bytearray(&bytes).value());
    this.at.set(at as usize);
    let own = vm.get(parts[2]);
    if let (Some(from), Some(to)) = (own.cast::<Dict>(), vm.instance_dict(this.value())) {
        for (key, value) in vm.table_items(from.r()) {
            if let Some(key) = key.as_str() {
                vm.dict_set_str(to, key, value);
            }
        }
    } else if !own.is_none() {
        let given = vm.type_name(own);
        raise!(vm, TypeError, "third item of state should be a dict, got a {given}");
    }
    Ok(vm.ret(Value::NONE))
}
