//! `TextIOWrapper`: text around a buffered file of bytes.
//!
//! UTF-8, ASCII and Latin-1 are decoded and encoded here; other encodings by the incremental codecs
//! of the library. Positions are in [`super::text_position`].

use super::base::is_closed;
use super::fileio::no_pickle;
use super::newlines::{Newline, seen_value};
use super::text_position::{self, Snapshot};
use super::text_read::*;
use super::text_write::*;
use super::unsupported;
use sidewinder_interpreter::builtins::{GetSetDef, TypeDef};
use sidewinder_interpreter::object::native::{Native, Payload};
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm, raise};
use std::cell::{Cell, RefCell};

/// Encodings that are dealt with here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fast {
    /// UTF-8
    Utf8,
    /// ASCII
    Ascii,
    /// ISO 8859-1
    Latin1,
}

impl Fast {
    fn by_name(name: &str) -> Option<Fast> {
        let plain: String = name
            .chars()
            .filter(|c| !matches!(c, '-' | '_' | ' '))
            .map(|c| c.to_ascii_lowercase())
            .collect();
        Some(match plain.as_str() {
            "utf8" | "u8" => Fast::Utf8,
            "ascii" | "usascii" | "646" => Fast::Ascii,
            "latin1" | "latin" | "l1" | "iso88591" | "8859" | "cp819" => Fast::Latin1,
            _ => return None,
        })
    }
}

/// What is not Python's.
pub struct State {
    /// The encoding, if it is one of those.
    pub fast: Option<Fast>,
    /// Line ends.
    pub newline: Newline,
    pub(super) seen: u8,
    /// Bytes that were read and not decoded: the beginning of a character, or a `\r`.
    pub partial: Vec<u8>,
    /// The bytes that the decoded text was made from.
    pub input: Vec<u8>,
    /// What another decoder started from.
    pub snapshot: Option<Snapshot>,
    /// Characters of the decoded text that were asked for.
    pub at: usize,
    /// Encoded text that the buffer has not got yet.
    pub pending: Vec<u8>,
    pub(super) chunk_size: usize,
}

/// The payload.
#[derive(Trace)]
pub struct TextIo {
    /// The buffered file; UNBOUND before `__init__`, None when detached.
    pub buffer: Slot,
    pub(super) encoding: Slot,
    pub(super) errors: Slot,
    pub(super) encoder: Slot,
    /// The incremental decoder; UNBOUND for the fast encodings.
    pub decoder: Slot,
    /// Text that was decoded, or UNBOUND.
    pub decoded: Slot,
    /// The rest.
    #[trace(skip)]
    pub state: RefCell<State>,
    pub(super) line_buffering: Cell<bool>,
    pub(super) write_through: Cell<bool>,
    pub(super) readable: Cell<bool>,
    pub(super) writable: Cell<bool>,
    /// Whether there are positions.
    pub seekable: Cell<bool>,
    /// Whether `tell()` works: not while iterating.
    pub telling: Cell<bool>,
    pub(super) has_read1: Cell<bool>,
}

impl Payload for TextIo {
    const TYPE: &'static TypeDef = &TEXT_IO_WRAPPER;
    const NEEDS_DROP: bool = true;
}

/// The type.
pub static TEXT_IO_WRAPPER: TypeDef = TypeDef {
    module: "_io",
    doc: "TextIOWrapper(buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False)\n--\n\nText around a file of bytes.",
    parent: Some(&super::base::TEXT_IO_BASE),
    flags: ClassFlags::BASE | ClassFlags::HAS_DICT,
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", new, ""),
        NativeDef::method(
            "__init__($self, buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False)",
            init,
            "",
        ),
        NativeDef::method(
            "reconfigure($self, /, *, encoding=None, errors=None, newline=<unrepresentable>, line_buffering=None, write_through=None)",
            reconfigure,
            "Change how text is written.",
        ),
        NativeDef::method("detach($self, /)", detach, "Separate the buffer from this file."),
        NativeDef::method("write($self, text, /)", write, "Write text; how many characters."),
        NativeDef::method("read($self, size=-1, /)", read, "Read up to size characters."),
        NativeDef::method("readline($self, size=-1, /)", readline, "Read one line."),
        NativeDef::method("flush($self, /)", flush, "Write out what is buffered."),
        NativeDef::method("close($self, /)", close, "Flush and close."),
        NativeDef::method("fileno($self, /)", fileno, "The descriptor."),
        NativeDef::method("seekable($self, /)", seekable, "Whether it has a position."),
        NativeDef::method("readable($self, /)", readable, "Whether it can be read."),
        NativeDef::method("writable($self, /)", writable, "Whether it can be written."),
        NativeDef::method("isatty($self, /)", isatty, "Whether it is a terminal."),
        NativeDef::method(
            "seek($self, cookie, whence=0, /)",
            text_position::seek,
            "Set the position.",
        ),
        NativeDef::method("tell($self, /)", text_position::tell, "The position, for seek()."),
        NativeDef::method("truncate($self, pos=None, /)", truncate, "Cut the file."),
        NativeDef::method("__next__($self, /)", next, "Implement next(self)."),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::method("__reduce__($self, /)", no_pickle, ""),
        NativeDef::method("__reduce_ex__($self, protocol, /)", no_pickle, ""),
        NativeDef::method("__getstate__($self, /)", no_pickle, ""),
    ],
    getset: &[
        GetSetDef::new("encoding", get_encoding, "Name of the encoding."),
        GetSetDef::new("errors", get_errors, "Name of the error handler."),
        GetSetDef::new("buffer", get_buffer, "The file of bytes."),
        GetSetDef::new("line_buffering", get_line_buffering, "Whether each line is flushed."),
        GetSetDef::new("write_through", get_write_through, "Whether each write is flushed."),
        GetSetDef::new("closed", closed, "Whether it is closed."),
        GetSetDef::new("name", name_of, "What was opened."),
        GetSetDef::new("newlines", newlines, "Line ends seen so far."),
        GetSetDef::new("_CHUNK_SIZE", chunk_size, "Bytes read at once.").with_set(set_chunk_size),
    ],
    ..TypeDef::new("TextIOWrapper", Kind::Native)
};

fn fresh() -> TextIo {
    let unbound = || Slot::new(Value::UNBOUND.word());
    let state = State {
        fast: None,
        newline: Newline::Universal,
        seen: 0,
        partial: Vec::new(),
        input: Vec::new(),
        snapshot: None,
        at: 0,
        pending: Vec::new(),
        chunk_size: 8192,
    };
    TextIo {
        buffer: unbound(),
        encoding: unbound(),
        errors: unbound(),
        encoder: unbound(),
        decoder: unbound(),
        decoded: unbound(),
        state: RefCell::new(state),
        line_buffering: Cell::new(false),
        write_through: Cell::new(false),
        readable: Cell::new(false),
        writable: Cell::new(false),
        seekable: Cell::new(false),
        telling: Cell::new(false),
        has_read1: Cell::new(true),
    }
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let class = args.class(vm, 0)?;
    Ok(vm.ret(vm.native_of_shape(class.shape.get(), fresh()).value()))
}

/// The settings of one of the process's standard streams.
pub struct Standard<'a> {
    /// What stands in `mode`.
    pub mode: &'a str,
    /// The error handler.
    pub errors: &'a str,
    /// Flush after each line.
    pub line_buffering: bool,
}

/// A text file in UTF-8 for a standard stream.
pub fn standard<'gc>(vm: &'gc Vm, buffer: Value<'_>, settings: &Standard<'_>) -> Value<'gc> {
    let text = fresh();
    let reads = settings.mode == "r";
    text.readable.set(reads);
    text.writable.set(!reads);
    text.line_buffering.set(settings.line_buffering);
    {
        let mut state = text.state.borrow_mut();
        state.fast = Some(Fast::Utf8);
        state.newline = if reads { Newline::Universal } else { Newline::Lf };
    }
    let object = vm.native(text);
    vm.write(object, |t| &t.buffer, buffer);
    vm.write(object, |t| &t.encoding, vm.str("utf-8").value());
    vm.write(object, |t| &t.errors, vm.str(settings.errors).value());
    if let Some(dict) = vm.instance_dict(object.value()) {
        vm.dict_set_str(dict, vm.intern("mode"), vm.str(settings.mode).value());
    }
    object.value()
}

fn str_arg(vm: &Vm, args: Args, i: usize, name: &str) -> Result<Option<String>, Raised> {
    match args.not_none(vm, i) {
        None => Ok(None),
        Some(v) if v.as_str().is_some() => {
            let text = vm.text_of(v);
            if text.contains('\0') {
                raise!(vm, ValueError, "embedded null character");
            }
            Ok(Some(text))
        }
        Some(v) => {
            let given = vm.type_name(v);
            raise!(
                vm,
                TypeError,
                "TextIOWrapper() argument '{name}' must be str or None, not {given}"
            )
        }
    }
}

fn ask(vm: &mut Vm, object: Local, method: &str) -> Result<bool, Raised> {
    vm.scope(|vm| {
        let answer = vm.call_method(object, method, &[])?;
        let answer = vm.hold(answer);
        vm.truth(answer)
    })
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    let encoding = str_arg(vm, args, 2, "encoding")?.unwrap_or_else(|| "UTF-8".into());
    let encoding = if encoding == "locale" { "UTF-8".into() } else { encoding };
    let errors = str_arg(vm, args, 3, "errors")?.unwrap_or_else(|| "strict".into());
    let newline = Newline::from_argument(vm, args.not_none(vm, 4))?;
    let flag = |vm: &mut Vm, i: usize| match args.opt(vm, i) {
        Some(_) => vm.truth(args.local(i)),
        None => Ok(false),
    };
    let (line_buffering, write_through) = (flag(vm, 5)?, flag(vm, 6)?);
    let buffer = args.local(1);
    {
        let vm = &*vm;
        let this = args.payload::<TextIo>(vm)?;
        vm.write(this, |t| &t.buffer, Value::UNBOUND);
    }
    let (readable, writable) = (ask(vm, buffer, "readable")?, ask(vm, buffer, "writable")?);
    {
        let vm = &*vm;
        let this = args.payload::<TextIo>(vm)?;
        this.readable.set(readable);
        this.writable.set(writable);
        this.line_buffering.set(line_buffering);
        this.write_through.set(write_through);
        let chunk_size = this.state.borrow().chunk_size;
        *this.state.borrow_mut() = State { chunk_size, newline, ..fresh().state.into_inner() };
        vm.write(this, |t| &t.decoded, Value::UNBOUND);
    }
    set_codec(vm, args.local(0), &encoding, &errors)?;
    let seekable = ask(vm, buffer, "seekable")?;
    let has_read1 = vm.getattr_opt(buffer, "read1")?.is_some();
    {
        let vm = &*vm;
        let this = args.payload::<TextIo>(vm)?;
        this.seekable.set(seekable);
        this.telling.set(seekable);
        this.has_read1.set(has_read1);
        vm.write(this, |t| &t.buffer, vm.get(buffer));
    }
    if seekable && writable {
        // Encoders that begin with a mark must know that this is not the beginning.
        let at = vm.call_method(buffer, "tell", &[])?;
        let at = vm.hold(at);
        if vm.index_i64(at)? != 0 {
            set_encoder_state(vm, args.local(0), false)?;
        }
    }
    Ok(vm.none())
}

/// Tells the encoder whether it is at the beginning.
pub fn set_encoder_state(vm: &mut Vm, this: Local, at_start: bool) -> Result<(), Raised> {
    let Some(encoder) = part(vm, this, |t| &t.encoder) else { return Ok(()) };
    if at_start {
        let _ = vm.call_method(encoder, "reset", &[])?;
    } else {
        let zero = vm.root(Value::from_i32(0));
        let _ = vm.call_method(encoder, "setstate", &[zero])?;
    }
    Ok(())
}

/// A slot's value, if it is set.
pub fn part(vm: &Vm, this: Local, slot: impl Fn(&TextIo) -> &Slot) -> Option<Local> {
    let this = vm.get(this).payload::<TextIo>()?;
    let value = slot(this.r()).get(vm);
    (!value.is_unbound() && !value.is_none()).then(|| vm.root(value))
}

/// Sets encoding and error handler, and makes the codecs.
fn set_codec(vm: &mut Vm, this: Local, encoding: &str, errors: &str) -> Result<(), Raised> {
    let fast = Fast::by_name(encoding);
    let unbound = vm.empty_root();
    let (mut encoder, mut decoder) = (unbound, unbound);
    let (reads, writes, newline) = {
        let Some(text) = vm.get(this).payload::<TextIo>() else { return Ok(()) };
        (text.readable.get(), text.writable.get(), text.state.borrow().newline)
    };
    if fast.is_none() {
        let module = vm.import_module("_codecs")?;
        let name = vm.root(vm.str(encoding).value());
        let info = vm.call_method(module, "lookup", &[name])?;
        let info = vm.hold(info);
        if let Some(is_text) = vm.getattr_opt(info, "_is_text_encoding")? {
            let is_text = vm.hold(is_text);
            if !vm.truth(is_text)? {
                raise!(
                    vm,
                    LookupError,
                    "'{encoding}' is not a text encoding; use codecs.open() to handle arbitrary codecs"
                );
            }
        }
        let errors = vm.root(vm.str(errors).value());
        if writes {
            let made = vm.call_method(info, "incrementalencoder", &[errors])?;
            encoder = vm.hold(made);
        }
        if reads {
            let made = vm.call_method(info, "incrementaldecoder", &[errors])?;
            decoder = vm.hold(made);
            if matches!(newline, Newline::Universal | Newline::Untranslated) {
                let class =
                    vm.root(vm.native_class(&super::newlines::INCREMENTAL_NEWLINE_DECODER).value());
                let all = vm.root(Value::from_bool(newline == Newline::Universal));
                let made = vm.call(class, &[decoder, all])?;
                decoder = vm.hold(made);
            }
        }
    }
    let vm = &*vm;
    let Some(text) = vm.get(this).payload::<TextIo>() else { return Ok(()) };
    text.state.borrow_mut().fast = fast;
    vm.write(text, |t| &t.encoding, vm.str(encoding).value());
    vm.write(text, |t| &t.errors, vm.str(errors).value());
    vm.write(text, |t| &t.encoder, vm.get(encoder));
    vm.write(text, |t| &t.decoder, vm.get(decoder));
    Ok(())
}

/// The object; ValueError when it is not usable.
pub fn attached<'gc>(vm: &'gc Vm, args: Args) -> Result<Gc<'gc, Native<TextIo>>, Raised> {
    let this = args.payload::<TextIo>(vm)?;
    let buffer = this.r().buffer.get(vm);
    if buffer.is_unbound() {
        return Err(vm.value_error("I/O operation on uninitialized object"));
    }
    if buffer.is_none() {
        return Err(vm.value_error("underlying buffer has been detached"));
    }
    Ok(this)
}

/// The buffer of an open file; ValueError when it is closed.
pub fn open_buffer(vm: &mut Vm, args: Args) -> Result<Local, Raised> {
    let buffer = {
        let vm = &*vm;
        vm.root(attached(vm, args)?.r().buffer.get(vm))
    };
    let exact = vm.class_of(args.get(vm, 0)) == vm.native_class(&TEXT_IO_WRAPPER);
    let closed = if exact { is_closed(vm, buffer)? } else { is_closed(vm, args.local(0))? };
    if closed {
        return Err(vm.value_error("I/O operation on closed file."));
    }
    Ok(buffer)
}

// Reading

// Writing

fn close(vm: &mut Vm, args: Args) -> NativeResult {
    let buffer = {
        let vm = &*vm;
        vm.root(attached(vm, args)?.r().buffer.get(vm))
    };
    if is_closed(vm, buffer)? {
        return Ok(vm.none());
    }
    let failure = match vm.call_method(args.local(0), "flush", &[]) {
        Ok(_) => None,
        Err(raised) => Some(vm.take_exception(raised)),
    };
    let closed = vm.call_method(buffer, "close", &[]);
    match (failure, closed) {
        (None, Ok(_)) => Ok(vm.none()),
        (None, Err(raised)) => Err(raised),
        (Some(failure), Ok(_)) => Err(vm.set_exception(vm.get(failure))),
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
    attached(vm, args)?;
    let _ = vm.call_method(args.local(0), "flush", &[])?;
    let vm = &*vm;
    let this = attached(vm, args)?;
    let buffer = this.r().buffer.get(vm);
    vm.write(this, |t| &t.buffer, Value::NONE);
    Ok(vm.ret(buffer))
}

fn reconfigure(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.local(0);
    let (encoding, errors) = (str_arg(vm, args, 1, "encoding")?, str_arg(vm, args, 2, "errors")?);
    let newline = match args.opt(vm, 3) {
        None => None,
        Some(v) => Some(Newline::from_argument(vm, (!v.is_none()).then_some(v))?),
    };
    open_buffer(vm, args)?;
    let codec = encoding.is_some() || errors.is_some() || newline.is_some();
    if codec && part(vm, this, |t| &t.decoded).is_some() {
        return Err(unsupported(
            vm,
            "It is not possible to set the encoding or newline of stream after the first read",
        ));
    }
    let flag = |vm: &mut Vm, i: usize| match args.not_none(vm, i) {
        Some(_) => vm.truth(args.local(i)).map(Some),
        None => Ok(None),
    };
    let (line_buffering, write_through) = (flag(vm, 4)?, flag(vm, 5)?);
    let _ = vm.call_method(this, "flush", &[])?;
    if codec {
        if vm.is_stdout_object(vm.get(this)) {
            // print() can no longer take the short way.
            vm.set_stdout_object(Value::NONE);
        }
        let old = {
            let (old, handler) = codec_names(vm, this);
            (vm.text_of(vm.get(old)), vm.text_of(vm.get(handler)))
        };
        if let Some(newline) = newline {
            attached(vm, args)?.state.borrow_mut().newline = newline;
        }
        let default = if encoding.is_some() { "strict".to_owned() } else { old.1 };
        let encoding = match encoding.as_deref() {
            Some("locale") => "UTF-8".to_owned(),
            Some(other) => other.to_owned(),
            None => old.0,
        };
        set_codec(vm, this, &encoding, &errors.unwrap_or(default))?;
    }
    let text = attached(vm, args)?;
    if let Some(on) = line_buffering {
        text.line_buffering.set(on);
    }
    if let Some(on) = write_through {
        text.write_through.set(on);
    }
    Ok(vm.none())
}

fn truncate(vm: &mut Vm, args: Args) -> NativeResult {
    let _ = vm.call_method(args.local(0), "flush", &[])?;
    let buffer = {
        let vm = &*vm;
        vm.root(attached(vm, args)?.r().buffer.get(vm))
    };
    match args.opt(vm, 1) {
        Some(_) => vm.call_method(buffer, "truncate", &[args.local(1)]),
        None => vm.call_method(buffer, "truncate", &[]),
    }
}

fn delegate(vm: &mut Vm, args: Args, method: &str) -> NativeResult {
    let buffer = {
        let vm = &*vm;
        vm.root(attached(vm, args)?.r().buffer.get(vm))
    };
    vm.call_method(buffer, method, &[])
}

fn fileno(vm: &mut Vm, args: Args) -> NativeResult {
    delegate(vm, args, "fileno")
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

fn isatty(vm: &mut Vm, args: Args) -> NativeResult {
    delegate(vm, args, "isatty")
}

fn closed(vm: &mut Vm, args: Args) -> NativeResult {
    let buffer = {
        let vm = &*vm;
        vm.root(attached(vm, args)?.r().buffer.get(vm))
    };
    vm.getattr_str(buffer, "closed")
}

fn name_of(vm: &mut Vm, args: Args) -> NativeResult {
    let buffer = {
        let vm = &*vm;
        vm.root(attached(vm, args)?.r().buffer.get(vm))
    };
    vm.getattr_str(buffer, "name")
}

fn get_encoding(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(attached(vm, args)?.r().encoding.get(vm)))
}

fn get_errors(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(attached(vm, args)?.r().errors.get(vm)))
}

fn get_buffer(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let buffer = args.payload::<TextIo>(vm)?.r().buffer.get(vm);
    Ok(vm.ret(if buffer.is_unbound() { Value::NONE } else { buffer }))
}

fn get_line_buffering(vm: &mut Vm, args: Args) -> NativeResult {
    let on = attached(vm, args)?.line_buffering.get();
    Ok(vm.ret(Value::from_bool(on)))
}

fn get_write_through(vm: &mut Vm, args: Args) -> NativeResult {
    let on = attached(vm, args)?.write_through.get();
    Ok(vm.ret(Value::from_bool(on)))
}

fn newlines(vm: &mut Vm, args: Args) -> NativeResult {
    if let Some(decoder) = part(vm, args.local(0), |t| &t.decoder) {
        return match vm.getattr_opt(decoder, "newlines")? {
            Some(ret) => Ok(ret),
            None => Ok(vm.none()),
        };
    }
    let seen = attached(vm, args)?.state.borrow().seen;
    Ok(vm.ret(seen_value(vm, seen)))
}

fn chunk_size(vm: &mut Vm, args: Args) -> NativeResult {
    let size = attached(vm, args)?.state.borrow().chunk_size;
    Ok(vm.ret(vm.int_usize(size)))
}

fn set_chunk_size(vm: &mut Vm, args: Args) -> NativeResult {
    if args.opt(vm, 1).is_none() {
        raise!(vm, AttributeError, "cannot delete attribute");
    }
    let size = vm.index_i64(args.local(1))?;
    if size <= 0 {
        raise!(vm, ValueError, "a strictly positive integer is required");
    }
    attached(vm, args)?.state.borrow_mut().chunk_size = size as usize;
    Ok(vm.none())
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.local(0);
    args.payload::<TextIo>(vm)?;
    let class = vm.class_of(vm.get(this));
    let mut text = format!("<_io.{}", vm.class_name(class));
    if !vm.repr_enter(this) {
        raise!(vm, RuntimeError, "reentrant call inside {}.__repr__", &text[5..]);
    }
    let parts = super::repr_attr(vm, this, "name")
        .and_then(|name| Ok((name, super::repr_attr(vm, this, "mode")?)));
    vm.repr_leave(this);
    let (name, mode) = parts?;
    if let Some(name) = name {
        text += &format!(" name={name}");
    }
    if let Some(mode) = mode {
        text += &format!(" mode={mode}");
    }
    let encoding = match part(vm, this, |t| &t.encoding) {
        Some(encoding) => vm.repr_text(encoding)?,
        None => return Err(vm.value_error("I/O operation on uninitialized object")),
    };
    text += &format!(" encoding={encoding}>");
    Ok(vm.ret(vm.str(&text).value()))
}
