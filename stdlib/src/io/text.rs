//! File objects that deal in str: encoding and newlines on top of a binary file.

use super::binary::{self, BinaryFile};
use super::raw::Shared;
use super::unsupported;
use sidewinder_interpreter::builtins::{ClassId, GetSetDef, TypeDef};
use sidewinder_interpreter::object::native::Payload;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm, raise};
use std::cell::Cell;
use std::io::SeekFrom;

/// What is done about line ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Newline {
    /// All kinds are read as `\n`; `\n` is written as it is.
    Universal,
    /// All kinds end a line, none is changed.
    Untranslated,
    /// Only `\n`.
    Lf,
    /// Only `\r`, which is written for `\n`.
    Cr,
    /// Only `\r\n`, which is written for `\n`.
    CrLf,
}

/// How text is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Encoding {
    /// UTF-8
    Utf8,
    /// ASCII
    Ascii,
    /// ISO 8859-1
    Latin1,
}

impl Encoding {
    /// By any of its usual names.
    pub fn by_name(name: &str) -> Option<Encoding> {
        let name = name.to_ascii_lowercase().replace(['_', ' '], "-");
        Some(match name.as_str() {
            "utf-8" | "utf8" | "u8" | "utf" | "cp65001" | "locale" => Encoding::Utf8,
            "ascii" | "us-ascii" | "646" => Encoding::Ascii,
            "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "8859" | "cp819" | "l1"
            | "latin" => Encoding::Latin1,
            _ => return None,
        })
    }
}

/// The payload of a text file object.
#[derive(Trace)]
pub struct TextFile {
    /// The binary file object.
    pub buffer: Slot,
    /// Name of the encoding, a str.
    pub encoding_name: Slot,
    /// The error handler's name, a str.
    pub errors: Slot,
    /// The mode, a str.
    pub mode: Slot,
    /// See [`Encoding`].
    #[trace(skip)]
    pub encoding: Encoding,
    /// See [`Newline`].
    #[trace(skip)]
    pub newline: Newline,
    /// Flush after each line.
    pub line_buffering: Cell<bool>,
    /// Flush after each write.
    pub write_through: Cell<bool>,
}

impl Payload for TextFile {
    const TYPE: &'static TypeDef = &TYPE;
}

/// `TextIOWrapper`
pub static TYPE: TypeDef = TypeDef {
    module: "_io",
    doc: "A file of text.",
    flags: ClassFlags::NO_NEW | ClassFlags::HAS_DICT,
    methods: METHODS,
    getset: GETSET,
    ..TypeDef::new("TextIOWrapper", Kind::Native)
};

static METHODS: &[NativeDef] = &[
    NativeDef::method("read($self, size=-1, /)", read, "Read and return up to size characters."),
    NativeDef::method("readline($self, size=-1, /)", readline, "Read and return one line."),
    NativeDef::method("readlines($self, hint=-1, /)", readlines, "Return a list of the lines."),
    NativeDef::method("write($self, text, /)", write, "Write text; return how many characters."),
    NativeDef::method("writelines($self, lines, /)", binary::writelines, "Write each item."),
    NativeDef::method("flush($self, /)", flush, "Write out what is buffered."),
    NativeDef::method("seek($self, cookie, whence=0, /)", seek, "Set the position."),
    NativeDef::method("tell($self, /)", tell, "Return the position, for seek()."),
    NativeDef::method("truncate($self, pos=None, /)", truncate, "Cut the file."),
    NativeDef::method("close($self, /)", close, "Flush and close."),
    NativeDef::method("fileno($self, /)", fileno, "Return the descriptor."),
    NativeDef::method("isatty($self, /)", isatty, "Whether this is a terminal."),
    NativeDef::method("readable($self, /)", readable, "Whether it can be read."),
    NativeDef::method("writable($self, /)", writable, "Whether it can be written."),
    NativeDef::method("seekable($self, /)", seekable, "Whether it has a position."),
    NativeDef::method(
        "reconfigure($self, /, *, encoding=None, errors=None, newline=None, line_buffering=None, write_through=None)",
        reconfigure,
        "Change how lines are flushed.",
    ),
    NativeDef::method("__enter__($self, /)", enter, "Return self."),
    NativeDef::method("__exit__($self, /, *args)", close, "Close."),
    NativeDef::method("__iter__($self, /)", enter, "Return self."),
    NativeDef::method("__next__($self, /)", next, "The next line."),
    NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
];

static GETSET: &[GetSetDef] = &[
    GetSetDef::new("buffer", get_buffer, "The binary file."),
    GetSetDef::new("encoding", get_encoding, "Name of the encoding."),
    GetSetDef::new("errors", get_errors, "Name of the error handler."),
    GetSetDef::new("closed", closed, "Whether the file is closed."),
    GetSetDef::new("name", name, "What was opened."),
    GetSetDef::new("mode", get_mode, "The mode."),
    GetSetDef::new("line_buffering", get_line_buffering, "Whether each line is flushed."),
    GetSetDef::new("write_through", get_write_through, "Whether each write is flushed."),
    GetSetDef::new("newlines", newlines, "The line ends seen so far: not recorded."),
];

/// What a new text file is to be like.
pub struct Options<'a> {
    /// The encoding and its name as given.
    pub encoding: (Encoding, &'a str),
    /// The error handler.
    pub errors: &'a str,
    /// Line ends.
    pub newline: Newline,
    /// Flush after each line.
    pub line_buffering: bool,
    /// The mode.
    pub mode: &'a str,
}

/// A new text file object around a binary one.
pub fn new_text<'gc>(
    vm: &'gc Vm,
    buffer: Value<'_>,
    options: &Options<'_>,
) -> Gc<'gc, native::Native<TextFile>> {
    let slot = |text: &str| Slot::new(vm.str(text).value().word());
    vm.native(TextFile {
        buffer: Slot::new(buffer.word()),
        encoding_name: slot(options.encoding.1),
        errors: slot(options.errors),
        mode: slot(options.mode),
        encoding: options.encoding.0,
        newline: options.newline,
        line_buffering: Cell::new(options.line_buffering),
        write_through: Cell::new(false),
    })
}

/// What the methods need to know, out of the heap.
struct State {
    file: Shared,
    encoding: Encoding,
    newline: Newline,
}

fn state(vm: &Vm, args: Args) -> Result<State, Raised> {
    let this = args.payload::<TextFile>(vm)?;
    let Some(buffer) = this.r().buffer.get(vm).payload::<BinaryFile>() else {
        return Err(args.wrong_receiver(vm));
    };
    Ok(State { file: buffer.file.clone(), encoding: this.encoding, newline: this.newline })
}

fn open_state(vm: &Vm, args: Args) -> Result<State, Raised> {
    let state = state(vm, args)?;
    if state.file.borrow().closed() {
        return Err(vm.value_error("I/O operation on closed file."));
    }
    Ok(state)
}

fn reading(vm: &mut Vm, args: Args) -> Result<State, Raised> {
    let state = open_state(vm, args)?;
    if !state.file.borrow().readable {
        return Err(unsupported(vm, "not readable"));
    }
    Ok(state)
}

/// Bytes as a str, in the result register.
fn decode(vm: &mut Vm, args: Args, encoding: Encoding, bytes: &[u8]) -> NativeResult {
    match encoding {
        Encoding::Latin1 => return Ok(vm.ret(vm.str_from_latin1(bytes).value())),
        Encoding::Ascii if bytes.is_ascii() => {
            return Ok(vm.ret(vm.str_from_latin1(bytes).value()));
        }
        Encoding::Utf8 => {
            if let Ok(text) = std::str::from_utf8(bytes) {
                return Ok(vm.ret(vm.str(text).value()));
            }
        }
        Encoding::Ascii => {}
    }
    // The codec says what is wrong, or replaces it.
    let (bytes, encoding, errors) = {
        let vm = &*vm;
        let this = args.payload::<TextFile>(vm)?;
        let errors = vm.root(this.r().errors.get(vm));
        (vm.root(vm.bytes(bytes).value()), vm.root(this.r().encoding_name.get(vm)), errors)
    };
    vm.call_method(bytes, "decode", &[encoding, errors])
}

/// Translates all line ends to `\n`.
fn translate(bytes: Vec<u8>) -> Vec<u8> {
    if !bytes.contains(&b'\r') {
        return bytes;
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] == b'\r' {
            out.push(b'\n');
            i += if bytes.get(i + 1) == Some(&b'\n') { 2 } else { 1 };
        } else {
            out.push(bytes[i]);
            i += 1;
        }
    }
    out
}

/// The next byte without taking it.
fn peek(vm: &mut Vm, file: &Shared) -> Result<Option<u8>, Raised> {
    loop {
        if let Some(&byte) = file.borrow().ready().first() {
            return Ok(Some(byte));
        }
        if !binary::fill(vm, file)? {
            return Ok(None);
        }
    }
}

/// Takes one character with its continuation bytes.
fn take_char(vm: &mut Vm, state: &State, out: &mut Vec<u8>) -> Result<bool, Raised> {
    let Some(first) = peek(vm, &state.file)? else { return Ok(false) };
    state.file.borrow_mut().consume(1);
    let more = match first {
        _ if state.encoding != Encoding::Utf8 => 0,
        0xC2..=0xDF => 1,
        0xE0..=0xEF => 2,
        0xF0..=0xF4 => 3,
        _ => 0,
    };
    out.push(first);
    for _ in 0..more {
        match peek(vm, &state.file)? {
            Some(byte) if byte & 0xC0 == 0x80 => {
                out.push(byte);
                state.file.borrow_mut().consume(1);
            }
            _ => break,
        }
    }
    if first == b'\r' && state.newline == Newline::Universal {
        if peek(vm, &state.file)? == Some(b'\n') {
            state.file.borrow_mut().consume(1);
        }
        let last = out.len() - 1;
        out[last] = b'\n';
    }
    Ok(true)
}

/// One line with its end, translated if need be, at most `limit` characters.
fn line_bytes(vm: &mut Vm, state: &State, limit: Option<usize>) -> Result<Vec<u8>, Raised> {
    if let Some(limit) = limit {
        let mut out = Vec::new();
        for _ in 0..limit {
            if !take_char(vm, state, &mut out)? {
                break;
            }
            let ended = match state.newline {
                Newline::Universal | Newline::Lf => out.ends_with(b"\n"),
                Newline::Cr => out.ends_with(b"\r"),
                Newline::CrLf => out.ends_with(b"\r\n"),
                Newline::Untranslated => {
                    out.ends_with(b"\n")
                        || out.ends_with(b"\r") && peek(vm, &state.file)? != Some(b'\n')
                }
            };
            if ended {
                break;
            }
        }
        return Ok(out);
    }
    if state.newline == Newline::Lf {
        return binary::read_line(vm, &state.file, None);
    }
    let mut out = Vec::new();
    loop {
        let found = {
            let mut file = state.file.borrow_mut();
            let ready = file.ready();
            let end = |b: &u8| match state.newline {
                Newline::Cr => *b == b'\r',
                Newline::CrLf => *b == b'\n',
                _ => *b == b'\n' || *b == b'\r',
            };
            let found = ready.iter().position(end);
            let take = found.map_or(ready.len(), |at| at + 1);
            out.extend_from_slice(&ready[..take]);
            file.consume(take);
            found.is_some()
        };
        if found {
            let last = out.last().copied();
            match state.newline {
                Newline::CrLf if !out.ends_with(b"\r\n") => continue,
                Newline::Universal | Newline::Untranslated if last == Some(b'\r') => {
                    let pair = peek(vm, &state.file)? == Some(b'\n');
                    if pair {
                        state.file.borrow_mut().consume(1);
                    }
                    if state.newline == Newline::Universal {
                        let at = out.len() - 1;
                        out[at] = b'\n';
                    } else if pair {
                        out.push(b'\n');
                    }
                }
                _ => {}
            }
            return Ok(out);
        }
        if !binary::fill(vm, &state.file)? {
            return Ok(out);
        }
    }
}

fn read(vm: &mut Vm, args: Args) -> NativeResult {
    let state = reading(vm, args)?;
    let bytes = match binary::size_argument(vm, args, 1)? {
        None => {
            let bytes = binary::read_bytes(vm, &state.file, None)?;
            if state.newline == Newline::Universal { translate(bytes) } else { bytes }
        }
        Some(n) => {
            let mut out = Vec::new();
            for _ in 0..n {
                if !take_char(vm, &state, &mut out)? {
                    break;
                }
            }
            out
        }
    };
    decode(vm, args, state.encoding, &bytes)
}

fn readline(vm: &mut Vm, args: Args) -> NativeResult {
    let state = reading(vm, args)?;
    let limit = binary::size_argument(vm, args, 1)?;
    let bytes = line_bytes(vm, &state, limit)?;
    decode(vm, args, state.encoding, &bytes)
}

fn next(vm: &mut Vm, args: Args) -> NativeResult {
    let state = reading(vm, args)?;
    let bytes = line_bytes(vm, &state, None)?;
    if bytes.is_empty() {
        return Err(vm.raise_args(ClassId::StopIteration, &[]));
    }
    decode(vm, args, state.encoding, &bytes)
}

fn readlines(vm: &mut Vm, args: Args) -> NativeResult {
    let state = reading(vm, args)?;
    let hint = binary::size_argument(vm, args, 1)?.filter(|h| *h > 0);
    let list = vm.root(vm.list(&[]).value());
    let mut total = 0;
    loop {
        let bytes = line_bytes(vm, &state, None)?;
        if bytes.is_empty() {
            break;
        }
        vm.scope(|vm| {
            let line = decode(vm, args, state.encoding, &bytes)?;
            let line = vm.value(line);
            total += line.as_str().map_or(0, |s| s.len());
            if let Some(list) = vm.get(list).cast::<List>() {
                vm.list_push(list, line);
            }
            Ok(())
        })?;
        if hint.is_some_and(|h| total >= h) {
            break;
        }
    }
    Ok(vm.ret(vm.get(list)))
}

/// A str as bytes for writing.
fn encode(vm: &mut Vm, args: Args, text: Local, encoding: Encoding) -> Result<Vec<u8>, Raised> {
    {
        let vm = &*vm;
        let Some(s) = vm.get(text).as_str() else { return Ok(Vec::new()) };
        match encoding {
            Encoding::Utf8 => {
                if let Some(text) = s.to_utf8() {
                    return Ok(text.into_owned().into_bytes());
                }
            }
            Encoding::Latin1 if s.width() == 1 => return Ok(s.data().to_vec()),
            Encoding::Ascii if s.is_ascii() => return Ok(s.data().to_vec()),
            _ => {}
        }
    }
    let (encoding, errors) = {
        let vm = &*vm;
        let this = args.payload::<TextFile>(vm)?;
        (vm.root(this.r().encoding_name.get(vm)), vm.root(this.r().errors.get(vm)))
    };
    let bytes = vm.call_method(text, "encode", &[encoding, errors])?;
    Ok(binary::bytes_like(vm, vm.value(bytes)).unwrap_or_default())
}

fn write(vm: &mut Vm, args: Args) -> NativeResult {
    let state = open_state(vm, args)?;
    if !state.file.borrow().writable {
        return Err(unsupported(vm, "not writable"));
    }
    let Some(count) = args.get(vm, 1).as_str().map(|s| s.len()) else {
        let given = args.get(vm, 1);
        let given = if given.is_none() { "None".into() } else { vm.type_name(given) };
        raise!(vm, TypeError, "write() argument must be str, not {given}");
    };
    let mut bytes = encode(vm, args, args.local(1), state.encoding)?;
    let line_end: &[u8] = match state.newline {
        Newline::Cr => b"\r",
        Newline::CrLf => b"\r\n",
        _ => b"\n",
    };
    let has_lines = bytes.iter().any(|b| *b == b'\n' || *b == b'\r');
    if line_end != b"\n" && has_lines {
        let mut out = Vec::with_capacity(bytes.len());
        for byte in bytes {
            if byte == b'\n' { out.extend_from_slice(line_end) } else { out.push(byte) }
        }
        bytes = out;
    }
    binary::write_bytes(vm, &state.file, &bytes)?;
    let this = args.payload::<TextFile>(vm)?;
    if this.write_through.get() || has_lines && this.line_buffering.get() {
        binary::flush_file(vm, &state.file)?;
    }
    Ok(vm.ret(vm.int_usize(count)))
}

fn flush(vm: &mut Vm, args: Args) -> NativeResult {
    let state = open_state(vm, args)?;
    binary::flush_file(vm, &state.file)?;
    Ok(vm.none())
}

fn seek(vm: &mut Vm, args: Args) -> NativeResult {
    let state = open_state(vm, args)?;
    let to = match binary::seek_target(vm, args)? {
        SeekFrom::Current(by) if by != 0 => {
            return Err(unsupported(vm, "can't do nonzero cur-relative seeks"));
        }
        SeekFrom::End(by) if by != 0 => {
            return Err(unsupported(vm, "can't do nonzero end-relative seeks"));
        }
        to => to,
    };
    let at = state.file.borrow_mut().seek(to);
    let at = at.map_err(|error| super::os_error(vm, &error, None))?;
    Ok(vm.ret(vm.int(at as i64)))
}

fn tell(vm: &mut Vm, args: Args) -> NativeResult {
    let state = open_state(vm, args)?;
    let at = state.file.borrow_mut().tell();
    let at = at.map_err(|error| super::os_error(vm, &error, None))?;
    Ok(vm.ret(vm.int(at as i64)))
}

fn truncate(vm: &mut Vm, args: Args) -> NativeResult {
    open_state(vm, args)?;
    let buffer = {
        let vm = &*vm;
        vm.root(args.payload::<TextFile>(vm)?.r().buffer.get(vm))
    };
    match args.opt(vm, 1) {
        Some(_) => vm.call_method(buffer, "truncate", &[args.local(1)]),
        None => vm.call_method(buffer, "truncate", &[]),
    }
}

fn close(vm: &mut Vm, args: Args) -> NativeResult {
    let state = state(vm, args)?;
    binary::close_file(vm, &state.file)?;
    Ok(vm.none())
}

fn fileno(vm: &mut Vm, args: Args) -> NativeResult {
    let state = open_state(vm, args)?;
    Ok(vm.ret(Value::from_i32(binary::descriptor(&state.file).unwrap_or(-1))))
}

fn isatty(vm: &mut Vm, args: Args) -> NativeResult {
    let state = open_state(vm, args)?;
    let fd = binary::descriptor(&state.file);
    Ok(vm.ret(Value::from_bool(fd.is_some_and(binary::is_terminal))))
}

fn readable(vm: &mut Vm, args: Args) -> NativeResult {
    let readable = open_state(vm, args)?.file.borrow().readable;
    Ok(vm.ret(Value::from_bool(readable)))
}

fn writable(vm: &mut Vm, args: Args) -> NativeResult {
    let writable = open_state(vm, args)?.file.borrow().writable;
    Ok(vm.ret(Value::from_bool(writable)))
}

fn seekable(vm: &mut Vm, args: Args) -> NativeResult {
    let seekable = open_state(vm, args)?.file.borrow_mut().tell().is_ok();
    Ok(vm.ret(Value::from_bool(seekable)))
}

fn reconfigure(vm: &mut Vm, args: Args) -> NativeResult {
    for i in [1, 2, 3] {
        if args.not_none(vm, i).is_some() {
            raise!(vm, NotImplementedError, "reconfiguring the encoding is not implemented yet");
        }
    }
    for (i, through) in [(4, false), (5, true)] {
        if args.not_none(vm, i).is_some() {
            let on = vm.truth(args.local(i))?;
            let this = args.payload::<TextFile>(vm)?;
            if through { this.write_through.set(on) } else { this.line_buffering.set(on) }
        }
    }
    flush(vm, args)
}

fn enter(vm: &mut Vm, args: Args) -> NativeResult {
    open_state(vm, args)?;
    Ok(vm.ret(args.get(vm, 0)))
}

fn closed(vm: &mut Vm, args: Args) -> NativeResult {
    let closed = state(vm, args)?.file.borrow().closed();
    Ok(vm.ret(Value::from_bool(closed)))
}

macro_rules! field {
    ($($function:ident $field:ident)*) => {$(
        fn $function(vm: &mut Vm, args: Args) -> NativeResult {
            let vm = &*vm;
            Ok(vm.ret(args.payload::<TextFile>(vm)?.r().$field.get(vm)))
        }
    )*};
}
field! { get_buffer buffer get_encoding encoding_name get_errors errors get_mode mode }

fn name(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let buffer = args.payload::<TextFile>(vm)?.r().buffer.get(vm);
    Ok(vm.ret(buffer.payload::<BinaryFile>().map_or(Value::NONE, |b| b.r().name.get(vm))))
}

fn get_line_buffering(vm: &mut Vm, args: Args) -> NativeResult {
    let on = args.payload::<TextFile>(vm)?.line_buffering.get();
    Ok(vm.ret(Value::from_bool(on)))
}

fn get_write_through(vm: &mut Vm, args: Args) -> NativeResult {
    let on = args.payload::<TextFile>(vm)?.write_through.get();
    Ok(vm.ret(Value::from_bool(on)))
}

fn newlines(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.none())
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let (name, mode, encoding) = {
        let vm = &*vm;
        let this = args.payload::<TextFile>(vm)?;
        let buffer = this.r().buffer.get(vm);
        let name = buffer.payload::<BinaryFile>().map_or(Value::NONE, |b| b.r().name.get(vm));
        let mode = vm.text_of(this.r().mode.get(vm));
        (vm.root(name), mode, vm.text_of(this.r().encoding_name.get(vm)))
    };
    let name = vm.repr_text(name)?;
    let text = format!("<_io.TextIOWrapper name={name} mode='{mode}' encoding='{encoding}'>");
    Ok(vm.ret(vm.str(&text).value()))
}
