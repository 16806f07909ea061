//! `zlib`, on the crate flate2.

#![forbid(unsafe_code)]

mod deflate;
mod inflate;
mod wrapping;

use crate::prelude::*;
use deflate::Deflate;
use flate2::FlushCompress;
use inflate::Inflate;
use sidewinder_interpreter::object::Bytes;
use sidewinder_interpreter::vm::stack::Global;
use std::cell::RefCell;
use wrapping::{Wrapping, adler32};

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

fn bad_data(vm: &mut Vm, why: &str) -> Raised {
    let code = if why == "need dictionary" { 2 } else { -3 };
    error(vm, &format!("Error {code} while decompressing data: {why}"))
}

/// An int argument, or its default.
fn number(vm: &mut Vm, args: Args, i: usize, default: i64) -> Result<i64, Raised> {
    match args.opt(vm, i) {
        Some(_) => vm.index_i64(args.local(i)),
        None => Ok(default),
    }
}

fn wrapping(vm: &mut Vm, args: Args, i: usize, unpacking: bool) -> Result<Wrapping, Raised> {
    let wbits = number(vm, args, i, 15)?;
    Wrapping::of(wbits, unpacking).ok_or_else(|| vm.value_error("Invalid initialization option"))
}

/// Refuses what flate2 cannot do.
fn no_dictionary(vm: &Vm, args: Args, i: usize) -> Result<(), Raised> {
    let given = args.not_none(vm, i);
    if given.is_some_and(|v| v.cast::<Bytes>().is_none_or(|b| !b.data().is_empty())) {
        raise!(vm, NotImplementedError, "zlib: preset dictionaries are not implemented");
    }
    Ok(())
}

fn level(vm: &mut Vm, args: Args, i: usize) -> Result<Option<u32>, Raised> {
    Ok(match number(vm, args, i, -1)? {
        -1 => Some(6),
        level => u32::try_from(level).ok().filter(|level| *level <= 9),
    })
}

fn compress(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(0))?;
    let level = level(vm, args, 1)?;
    let wbits = number(vm, args, 2, 15)?;
    let (Some(level), Some(wrapping)) = (level, Wrapping::of(wbits, false)) else {
        return Err(error(vm, "Bad compression level"));
    };
    let packed = Deflate::new(level, wrapping).feed(&data, FlushCompress::Finish);
    Ok(vm.ret(vm.bytes(&packed).value()))
}

fn decompress(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(0))?;
    let wrapping = wrapping(vm, args, 1, true)?;
    if number(vm, args, 2, 1)? <= 0 {
        raise!(vm, ValueError, "bufsize must be greater than zero");
    }
    let (mut stream, mut out) = (Inflate::new(wrapping), Vec::new());
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
    Ok(vm.ret(vm.int(adler32(start, &data).into())))
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
    let level = level(vm, args, 0)?;
    let method = number(vm, args, 1, 8)?;
    let wrapping = wrapping(vm, args, 2, false)?;
    let (Some(level), 8) = (level, method) else {
        raise!(vm, ValueError, "Invalid initialization option");
    };
    no_dictionary(vm, args, 5)?;
    let stream = RefCell::new(Some(Deflate::new(level, wrapping)));
    Ok(vm.ret(vm.native(Compress(stream)).value()))
}

fn pack(vm: &mut Vm, args: Args, data: &[u8], flush: FlushCompress) -> NativeResult {
    let this = args.payload::<Compress>(vm)?;
    let packed = this.0.borrow_mut().as_mut().map(|stream| stream.feed(data, flush));
    let Some(packed) = packed else {
        return Err(error(vm, "Error -2 while compressing data: inconsistent stream state"));
    };
    if matches!(flush, FlushCompress::Finish) {
        args.payload::<Compress>(vm)?.0.replace(None);
    }
    Ok(vm.ret(vm.bytes(&packed).value()))
}

fn pack_more(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(1))?;
    pack(vm, args, &data, FlushCompress::None)
}

fn pack_rest(vm: &mut Vm, args: Args) -> NativeResult {
    let flush = match number(vm, args, 1, 4)? {
        0 => return Ok(vm.ret(vm.bytes(b"").value())),
        1 => FlushCompress::Partial,
        // The end of a block (Z_BLOCK) needs no empty block behind it, but may have one.
        2 | 5 => FlushCompress::Sync,
        3 => FlushCompress::Full,
        4 => FlushCompress::Finish,
        _ => return Err(error(vm, "Error -2 while flushing: inconsistent stream state")),
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
    let wrapping = wrapping(vm, args, 0, true)?;
    no_dictionary(vm, args, 1)?;
    let vm = &*vm;
    let empty = vm.bytes(b"").value();
    let stream = RefCell::new(Inflate::new(wrapping));
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
    let wrapping = wrapping(vm, args, 1, true)?;
    no_dictionary(vm, args, 2)?;
    let payload = ZlibDecompressor {
        stream: RefCell::new(Inflate::new(wrapping)),
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
