//! `zlib`, on the crate zlib-rs.

#![forbid(unsafe_code)]

mod deflate;
mod inflate;

use crate::prelude::*;
use deflate::Deflate;
use inflate::{Inflate, Trouble};
use sidewinder_interpreter::object::Bytes;
use sidewinder_interpreter::vm::stack::Global;
use std::cell::RefCell;
use zlib_rs::DeflateFlush;

const CONSTANTS: &[(&str, i32)] = &[
    ("DEFLATED", 8),
    ("DEF_MEM_LEVEL", 8),
    ("DEF_BUF_SIZE", 16384),
    ("MAX_WBITS", 15),
    ("Z_NO_COMPRESSION", 0),
    ("Z_BEST_SPEED", 1),
    ("Z_BEST_COMPRESSION", 9),
    ("Z_DEFAULT_COMPRESSION", -1),
    ("Z_FILTERED", 1),
    ("Z_HUFFMAN_ONLY", 2),
    ("Z_RLE", 3),
    ("Z_FIXED", 4),
    ("Z_DEFAULT_STRATEGY", 0),
    ("Z_NO_FLUSH", 0),
    ("Z_PARTIAL_FLUSH", 1),
    ("Z_SYNC_FLUSH", 2),
    ("Z_FULL_FLUSH", 3),
    ("Z_FINISH", 4),
    ("Z_BLOCK", 5),
    ("Z_TREES", 6),
];

/// The version of zlib whose interface this is.
const VERSION: &str = "1.3.1";

/// The module.
pub static ZLIB: ModuleDef = ModuleDef {
    name: "zlib",
    doc: "Compression as in gzip, and checksums.",
    functions: &[
        NativeDef::function("compress(data, /, level=-1, wbits=15)", compress, "Pack data."),
        NativeDef::function(
            "decompress(data, /, wbits=15, bufsize=16384)",
            decompress,
            "Unpack data.",
        ),
        NativeDef::function(
            "compressobj(level=-1, method=8, wbits=15, memLevel=8, strategy=0, zdict=None)",
            compressobj,
            "An object that packs data a piece at a time.",
        ),
        NativeDef::function(
            "decompressobj(wbits=15, zdict=b'')",
            decompressobj,
            "An object that unpacks data a piece at a time.",
        ),
        NativeDef::function(
            "adler32(data, value=1, /)",
            checksum,
            "The Adler-32 checksum of data.",
        ),
        NativeDef::function(
            "crc32(data, value=0, /)",
            crate::binascii::crc32,
            "The CRC-32 checksum of data.",
        ),
    ],
    types: &[&COMPRESS, &DECOMPRESS, &ZLIB_DECOMPRESSOR],
    exec: Some(exec),
};

/// zlib.error
#[derive(Default)]
struct ErrorClass(Option<Global>);

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    for (name, value) in CONSTANTS {
        vm.module_set(module, name, Value::from_i32(*value));
    }
    vm.module_set(module, "ZLIB_VERSION", vm.str(VERSION).value());
    vm.module_set(module, "ZLIB_RUNTIME_VERSION", vm.str(VERSION).value());
    let class = new_exception(vm, "zlib", "error", ClassId::Exception)?;
    vm.module_set(module, "error", vm.get(class));
    let class = vm.global(vm.get(class));
    vm.with_extension(|error: &mut ErrorClass| error.0 = Some(class));
    Ok(())
}

/// Raises zlib.error.
fn error(vm: &mut Vm, message: &str) -> Raised {
    let class = vm.with_extension(|error: &mut ErrorClass| {
        error.0.as_ref().map(|class| vm.get_global(class)).unwrap_or(Value::NONE)
    });
    let (class, text) = (vm.root(class), vm.root(vm.str(message).value()));
    match vm.call(class, &[text]) {
        Ok(made) => vm.set_exception(vm.value(made)),
        Err(raised) => raised,
    }
}

fn bad_data(vm: &mut Vm, trouble: Trouble) -> Raised {
    let Trouble { code, doing, message } = trouble;
    let why = message.or(match code {
        -2 => Some("inconsistent stream state"),
        -3 => Some("invalid input data"),
        _ => None,
    });
    let why = why.map_or(String::new(), |why| format!(": {why}"));
    error(vm, &format!("Error {code} while {doing}{why}"))
}

/// An int argument, or its default.
fn number(vm: &mut Vm, args: Args, i: usize, default: i64) -> Result<i64, Raised> {
    match args.opt(vm, i) {
        Some(_) => vm.index_i64(args.local(i)),
        None => Ok(default),
    }
}

/// An argument that is a preset dictionary, or is left out.
fn dictionary(vm: &mut Vm, args: Args, i: usize) -> Result<Option<Vec<u8>>, Raised> {
    let Some(given) = args.opt(vm, i) else { return Ok(None) };
    if !vm.exports_buffer(given) {
        raise!(vm, TypeError, "zdict argument must support the buffer protocol");
    }
    vm.bytes_like(args.local(i)).map(Some)
}

/// The stream that `wbits` in argument `i` asks for.
fn inflate(vm: &mut Vm, args: Args, i: usize, zdict: Option<Vec<u8>>) -> Result<Inflate, Raised> {
    match Inflate::new(number(vm, args, i, 15)?, zdict) {
        Some(Ok(stream)) => Ok(stream),
        Some(Err(trouble)) => Err(bad_data(vm, trouble)),
        None => Err(vm.value_error("Invalid initialization option")),
    }
}

fn compress(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(0))?;
    let (level, wbits) = (number(vm, args, 1, -1)?, number(vm, args, 2, 15)?);
    let Some(config) = deflate::config(level, 8, wbits, 8, 0) else {
        return Err(error(vm, "Bad compression level"));
    };
    let packed = Deflate::new(config).feed(&data, DeflateFlush::Finish);
    Ok(vm.ret(vm.bytes(&packed).value()))
}

fn decompress(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(0))?;
    let mut stream = inflate(vm, args, 1, None)?;
    if number(vm, args, 2, 1)? <= 0 {
        raise!(vm, ValueError, "bufsize must be greater than zero");
    }
    let mut out = Vec::new();
    if let Err(why) = stream.feed(&data, usize::MAX, &mut out) {
        return Err(bad_data(vm, why));
    }
    if !stream.ended() {
        let why = "Error -5 while decompressing data: incomplete or truncated stream";
        return Err(error(vm, why));
    }
    Ok(vm.ret(vm.bytes(&out).value()))
}

fn checksum(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(0))?;
    let start = match args.opt(vm, 1) {
        Some(_) => crate::binascii::low_bits(vm, args.local(1))?,
        None => 1,
    };
    Ok(vm.ret(vm.int(zlib_rs::adler32::adler32(start, &data).into())))
}

/// What compressobj() makes; empty once the stream has been finished.
#[derive(Trace)]
pub struct Compress(#[trace(skip)] RefCell<Option<Deflate>>);

impl Payload for Compress {
    const TYPE: &'static TypeDef = &COMPRESS;
    const NEEDS_DROP: bool = true;
}

/// The type of what compressobj() makes.
pub static COMPRESS: TypeDef = TypeDef {
    module: "zlib",
    flags: ClassFlags::NO_NEW | ClassFlags::MODULE_IN_MESSAGES,
    methods: &[
        NativeDef::method("compress($self, data, /)", pack_more, "Pack more data."),
        NativeDef::method(
            "flush($self, mode=zlib.Z_FINISH, /)",
            pack_rest,
            "What is left to come out.",
        ),
    ],
    ..TypeDef::new("Compress", Kind::Native)
};

fn compressobj(vm: &mut Vm, args: Args) -> NativeResult {
    let mut numbers = [-1, 8, 15, 8, 0];
    for (i, slot) in numbers.iter_mut().enumerate() {
        *slot = number(vm, args, i, *slot)?;
    }
    let zdict = match args.not_none(vm, 5) {
        Some(_) => dictionary(vm, args, 5)?,
        None => None,
    };
    let [level, method, wbits, memory, strategy] = numbers;
    let Some(config) = deflate::config(level, method, wbits, memory, strategy) else {
        raise!(vm, ValueError, "Invalid initialization option");
    };
    let mut stream = Deflate::new(config);
    if zdict.is_some_and(|zdict| !stream.set_dictionary(&zdict)) {
        raise!(vm, ValueError, "Invalid dictionary");
    }
    let stream = RefCell::new(Some(stream));
    Ok(vm.ret(vm.native(Compress(stream)).value()))
}

fn pack(vm: &mut Vm, args: Args, data: &[u8], flush: DeflateFlush) -> NativeResult {
    let this = args.payload::<Compress>(vm)?;
    let packed = this.0.borrow_mut().as_mut().map(|stream| stream.feed(data, flush));
    let Some(packed) = packed else {
        return Err(error(vm, "Error -2 while compressing data: inconsistent stream state"));
    };
    if flush == DeflateFlush::Finish {
        args.payload::<Compress>(vm)?.0.replace(None);
    }
    Ok(vm.ret(vm.bytes(&packed).value()))
}

fn pack_more(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(1))?;
    pack(vm, args, &data, DeflateFlush::NoFlush)
}

fn pack_rest(vm: &mut Vm, args: Args) -> NativeResult {
    let mode = i32::try_from(number(vm, args, 1, 4)?).unwrap_or(-1);
    let flush = match DeflateFlush::try_from(mode) {
        Ok(DeflateFlush::NoFlush) => return Ok(vm.ret(vm.bytes(b"").value())),
        Ok(flush) => flush,
        Err(()) => return Err(error(vm, "Error -2 while flushing: inconsistent stream state")),
    };
    pack(vm, args, b"", flush)
}

/// What decompressobj() makes.
#[derive(Trace)]
pub struct Decompress {
    #[trace(skip)]
    stream: RefCell<Inflate>,
    /// bytes behind the end of the stream.
    unused: Slot,
    /// bytes that were kept back because of `max_length`.
    tail: Slot,
}

impl Payload for Decompress {
    const TYPE: &'static TypeDef = &DECOMPRESS;
    const NEEDS_DROP: bool = true;
}

/// The type of what decompressobj() makes.
pub static DECOMPRESS: TypeDef = TypeDef {
    module: "zlib",
    flags: ClassFlags::NO_NEW | ClassFlags::MODULE_IN_MESSAGES,
    methods: &[
        NativeDef::method("decompress($self, data, /, max_length=0)", unpack_more, "Unpack more."),
        NativeDef::method("flush($self, length=16384, /)", unpack_rest, "What is left."),
    ],
    getset: &[
        GetSetDef::new(
            "unused_data",
            |vm, args| {
                let vm = &*vm;
                Ok(vm.ret(args.payload::<Decompress>(vm)?.r().unused.get(vm)))
            },
            "What came behind the end of the stream.",
        ),
        GetSetDef::new(
            "unconsumed_tail",
            |vm, args| {
                let vm = &*vm;
                Ok(vm.ret(args.payload::<Decompress>(vm)?.r().tail.get(vm)))
            },
            "What was kept back because of max_length.",
        ),
        GetSetDef::new(
            "eof",
            |vm, args| {
                let ended = args.payload::<Decompress>(vm)?.stream.borrow().ended();
                Ok(vm.ret(Value::from_bool(ended)))
            },
            "Whether the stream has ended.",
        ),
    ],
    ..TypeDef::new("Decompress", Kind::Native)
};

fn decompressobj(vm: &mut Vm, args: Args) -> NativeResult {
    let zdict = dictionary(vm, args, 1)?;
    let stream = RefCell::new(inflate(vm, args, 0, zdict)?);
    let vm = &*vm;
    let empty = vm.bytes(b"").value();
    let payload = Decompress { stream, unused: slot(empty), tail: slot(empty) };
    Ok(vm.ret(vm.native(payload).value()))
}

/// Unpacks at most `max` bytes of `data`, and keeps what is left of it.
fn unpack(vm: &mut Vm, args: Args, data: &[u8], max: usize) -> NativeResult {
    let this = args.payload::<Decompress>(vm)?;
    let mut out = Vec::new();
    let fed = this.stream.borrow_mut().feed(data, max, &mut out);
    let ended = this.stream.borrow().ended();
    let used = match fed {
        Ok(used) => used,
        Err(why) => return Err(bad_data(vm, why)),
    };
    let vm = &*vm;
    let this = args.payload::<Decompress>(vm)?;
    let rest = &data[used..];
    if ended && !rest.is_empty() {
        let before = this.unused.get_as::<Bytes>(vm).map_or(&b""[..], |b| b.r().data());
        let unused = vm.bytes(&[before, rest].concat());
        vm.write(this, |t| &t.unused, unused.value());
    }
    let tail = vm.bytes(if ended { b"" } else { rest });
    vm.write(this, |t| &t.tail, tail.value());
    Ok(vm.ret(vm.bytes(&out).value()))
}

fn unpack_more(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(1))?;
    let max = number(vm, args, 2, 0)?;
    let Ok(max) = usize::try_from(max) else {
        raise!(vm, ValueError, "max_length must be non-negative");
    };
    unpack(vm, args, &data, if max == 0 { usize::MAX } else { max })
}

fn unpack_rest(vm: &mut Vm, args: Args) -> NativeResult {
    if number(vm, args, 1, 1)? <= 0 {
        raise!(vm, ValueError, "length must be greater than zero");
    }
    let tail = args.payload::<Decompress>(vm)?.tail.get_as::<Bytes>(vm);
    let tail = tail.map_or(Vec::new(), |b| b.data().to_vec());
    unpack(vm, args, &tail, usize::MAX)
}

/// zlib._ZlibDecompressor, which keeps its input itself.
#[derive(Trace)]
pub struct ZlibDecompressor {
    #[trace(skip)]
    stream: RefCell<Inflate>,
    /// Input that was not used yet.
    #[trace(skip)]
    pending: RefCell<Vec<u8>>,
    needs_input: Cell<bool>,
}

impl Payload for ZlibDecompressor {
    const TYPE: &'static TypeDef = &ZLIB_DECOMPRESSOR;
    const NEEDS_DROP: bool = true;
}

/// The type zlib._ZlibDecompressor.
pub static ZLIB_DECOMPRESSOR: TypeDef = TypeDef {
    module: "zlib",
    flags: ClassFlags::MODULE_IN_MESSAGES,
    methods: &[
        NativeDef::static_method("__new__($type, wbits=15, zdict=b'')", new_decompressor, ""),
        NativeDef::method(
            "decompress($self, data, /, max_length=-1)",
            decompressor_feed,
            "Unpack more data.",
        ),
    ],
    getset: &[
        GetSetDef::new(
            "unused_data",
            |vm, args| {
                let this = args.payload::<ZlibDecompressor>(vm)?;
                let ended = this.stream.borrow().ended();
                let unused = if ended { this.pending.borrow().clone() } else { Vec::new() };
                Ok(vm.ret(vm.bytes(&unused).value()))
            },
            "What came behind the end of the stream.",
        ),
        GetSetDef::new(
            "needs_input",
            |vm, args| {
                let needs = args.payload::<ZlibDecompressor>(vm)?.needs_input.get();
                Ok(vm.ret(Value::from_bool(needs)))
            },
            "Whether more input is needed before more can come out.",
        ),
        GetSetDef::new(
            "eof",
            |vm, args| {
                let ended = args.payload::<ZlibDecompressor>(vm)?.stream.borrow().ended();
                Ok(vm.ret(Value::from_bool(ended)))
            },
            "Whether the stream has ended.",
        ),
    ],
    ..TypeDef::new("_ZlibDecompressor", Kind::Native)
};

fn new_decompressor(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &ZLIB_DECOMPRESSOR)?;
    let zdict = dictionary(vm, args, 2)?;
    let stream = RefCell::new(inflate(vm, args, 1, zdict)?);
    let payload = ZlibDecompressor {
        stream,
        pending: RefCell::new(Vec::new()),
        needs_input: Cell::new(true),
    };
    Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
}

fn decompressor_feed(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(1))?;
    let max = usize::try_from(number(vm, args, 2, -1)?).unwrap_or(usize::MAX);
    let this = args.payload::<ZlibDecompressor>(vm)?;
    if this.stream.borrow().ended() {
        raise!(vm, EOFError, "End of stream already reached");
    }
    let mut pending = this.pending.take();
    pending.extend(data);
    let mut out = Vec::new();
    let fed = this.stream.borrow_mut().feed(&pending, max, &mut out);
    let used = match fed {
        Ok(used) => used,
        Err(why) => return Err(bad_data(vm, why)),
    };
    pending.drain(..used);
    let ended = this.stream.borrow().ended();
    // Output that was cut off may go on without further input.
    this.needs_input.set(!ended && pending.is_empty() && out.len() < max);
    this.pending.replace(pending);
    Ok(vm.ret(vm.bytes(&out).value()))
}
