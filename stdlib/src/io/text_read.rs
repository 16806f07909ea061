//! Reading of `TextIOWrapper`: chunks of bytes decoded ahead, line ends translated, lines found.

use super::base::size_arg;
use super::newlines::{Newline, translate};
use super::text::*;
use super::text_position::{self, Snapshot};
use super::text_write::*;
use super::unsupported;
use super::work::{self, Work};
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::{Args, Local, NativeResult, Raised, Value, Vm, raise};

/// The buffers of a plain buffered file, to be worked on directly.
pub(super) fn direct(vm: &mut Vm, buffer: Local) -> Result<Option<Work>, Raised> {
    if !work::is_plain(vm, vm.get(buffer)) {
        return Ok(None);
    }
    work::work(vm, buffer, "I/O operation on closed file.").map(Some)
}

/// Bytes as text: what was decoded, and how many bytes at the end are left for later.
pub(super) fn decode_fast(
    vm: &mut Vm,
    this: Local,
    fast: Fast,
    data: &[u8],
    is_final: bool,
) -> Result<(Local, usize), Raised> {
    let whole = match fast {
        Fast::Utf8 if !is_final => match std::str::from_utf8(data) {
            Ok(_) => data.len(),
            Err(_) => data.len() - unfinished(data),
        },
        _ => data.len(),
    };
    let data = &data[..whole];
    let kept = whole;
    let text = match fast {
        Fast::Latin1 => Some(vm.root(vm.str_from_latin1(data).value())),
        _ if data.is_ascii() => Some(vm.root(vm.str_from_latin1(data).value())),
        Fast::Utf8 => match std::str::from_utf8(data) {
            Ok(text) => Some(vm.root(vm.str(text).value())),
            Err(_) => None,
        },
        Fast::Ascii => None,
    };
    if let Some(text) = text {
        return Ok((text, kept));
    }
    // The codec says what is wrong, or replaces it.
    let bytes = vm.root(vm.bytes(data).value());
    let (encoding, errors) = codec_names(vm, this);
    let text = vm.call_method(bytes, "decode", &[encoding, errors])?;
    Ok((vm.hold(text), kept))
}

pub(super) fn codec_names(vm: &Vm, this: Local) -> (Local, Local) {
    let get = |slot: fn(&TextIo) -> &Slot| {
        part(vm, this, slot).unwrap_or_else(|| vm.root(vm.str("strict").value()))
    };
    (get(|t| &t.encoding), get(|t| &t.errors))
}

/// Length of the beginning of a character at the end of UTF-8.
pub(super) fn unfinished(data: &[u8]) -> usize {
    for n in 1..=3.min(data.len()) {
        let byte = data[data.len() - n];
        let length = match byte {
            0x80..=0xBF => continue,
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => return 0,
        };
        if length <= n {
            return 0;
        }
        // Only what could still become a character is waited for.
        let tail = &data[data.len() - n..];
        return match std::str::from_utf8(tail) {
            Err(error) if error.error_len().is_none() => n,
            _ => 0,
        };
    }
    0
}

/// Reads and decodes more; false at the end. The decoded text that is there must be used up.
pub fn fill(vm: &mut Vm, this: Local, buffer: Local, hint: usize) -> Result<bool, Raised> {
    vm.scope(|vm| fill_inner(vm, this, buffer, hint))
}

pub(super) fn fill_inner(
    vm: &mut Vm,
    this: Local,
    buffer: Local,
    hint: usize,
) -> Result<bool, Raised> {
    let (fast, telling, has_read1, chunk_size, newline) = {
        let Some(text) = vm.get(this).payload::<TextIo>() else { return Ok(false) };
        let state = text.state.borrow();
        (state.fast, text.telling.get(), text.has_read1.get(), state.chunk_size, state.newline)
    };
    let decoder = part(vm, this, |t| &t.decoder);
    let before = match decoder {
        Some(decoder) if telling => Some(text_position::decoder_state(vm, decoder)?),
        _ => None,
    };
    let size = chunk_size.max(hint);
    let data = match direct(vm, buffer)? {
        Some(work) => work.read_chunk(vm)?.unwrap_or_default(),
        None => {
            let method = if has_read1 { "read1" } else { "read" };
            let size = vm.root(vm.int_usize(size));
            let data = vm.call_method(buffer, method, &[size])?;
            let data = vm.hold(data);
            if !vm.exports_buffer(vm.get(data)) {
                let given = vm.type_name(vm.get(data));
                raise!(
                    vm,
                    TypeError,
                    "underlying {method}() should have returned a bytes-like object, not '{given}'"
                );
            }
            vm.bytes_like(data)?
        }
    };
    let eof = data.is_empty();
    let (text, input) = match (fast, decoder) {
        (Some(fast), _) => {
            let Some(object) = vm.get(this).payload::<TextIo>() else { return Ok(false) };
            let mut all = std::mem::take(&mut object.state.borrow_mut().partial);
            all.extend_from_slice(&data);
            let (text, kept) = decode_fast(vm, this, fast, &all, eof)?;
            let mut partial = all.split_off(kept);
            // A `\r` at the end may belong to a `\r\n`.
            let holds = matches!(newline, Newline::Universal | Newline::Untranslated)
                && !eof
                && partial.is_empty()
                && all.last() == Some(&b'\r');
            let mut text = text;
            if holds {
                partial = vec![b'\r'];
                all.pop();
                if let Some(s) = vm.get(text).as_str() {
                    text = vm.root(vm.str_slice(s, 0, s.len() - 1).value());
                }
            }
            let Some(object) = vm.get(this).payload::<TextIo>() else { return Ok(false) };
            object.state.borrow_mut().partial = partial;
            (translated(vm, this, newline, text), all)
        }
        (None, Some(decoder)) => {
            let bytes = vm.root(vm.bytes(&data).value());
            let is_final = vm.root(Value::from_bool(eof));
            let text = vm.call_method(decoder, "decode", &[bytes, is_final])?;
            let text = vm.hold(text);
            if vm.get(text).as_str().is_none() {
                let given = vm.type_name(vm.get(text));
                raise!(vm, TypeError, "decoder should return a string result, not '{given}'");
            }
            (text, data)
        }
        (None, None) => return Err(unsupported(vm, "not readable")),
    };
    let vm = &*vm;
    let Some(object) = vm.get(this).payload::<TextIo>() else { return Ok(false) };
    let decoded = vm.get(text);
    vm.write(object, |t| &t.decoded, decoded);
    let mut state = object.state.borrow_mut();
    state.at = 0;
    state.snapshot = before.map(|(flags, mut bytes)| {
        bytes.extend_from_slice(&input);
        Snapshot { flags, input: bytes }
    });
    state.input = input;
    let some = decoded.as_str().is_some_and(|s| !s.is_empty());
    Ok(some || !eof)
}

pub(super) fn translated(vm: &Vm, this: Local, newline: Newline, text: Local) -> Local {
    if !matches!(newline, Newline::Universal | Newline::Untranslated) {
        return text;
    }
    let Some(object) = vm.get(this).payload::<TextIo>() else { return text };
    let Some(s) = vm.get(text).as_str() else { return text };
    let mut state = object.state.borrow_mut();
    if s.width() == 1 && !s.r().data().contains(&b'\r') {
        if state.seen & super::newlines::SEEN_LF == 0 && s.r().data().contains(&b'\n') {
            state.seen |= super::newlines::SEEN_LF;
        }
        return text;
    }
    let mut seen = state.seen;
    let chars = translate(s.r().chars().collect(), newline == Newline::Universal, &mut seen);
    state.seen = seen;
    vm.root(vm.str_from_code_points(&chars).value())
}

/// Takes up to `n` decoded characters.
pub(super) fn take(vm: &Vm, this: Local, n: usize) -> Local {
    let empty = || vm.root(vm.str("").value());
    let Some(object) = vm.get(this).payload::<TextIo>() else { return empty() };
    let Some(text) = object.r().decoded.get(vm).as_str() else { return empty() };
    let at = object.state.borrow().at;
    let end = (at + n.min(text.len() - at)).min(text.len());
    object.state.borrow_mut().at = end;
    if at == 0 && end == text.len() {
        return vm.root(text.value());
    }
    vm.root(vm.str_slice(text, at, end).value())
}

pub(super) fn unread(vm: &Vm, this: Local) -> usize {
    let Some(object) = vm.get(this).payload::<TextIo>() else { return 0 };
    match object.r().decoded.get(vm).as_str() {
        Some(text) => text.len() - object.state.borrow().at,
        None => 0,
    }
}

pub(super) fn reading(vm: &mut Vm, args: Args) -> Result<Local, Raised> {
    let buffer = open_buffer(vm, args)?;
    if !args.payload::<TextIo>(vm)?.readable.get() {
        return Err(unsupported(vm, "not readable"));
    }
    write_pending(vm, args.local(0), buffer)?;
    Ok(buffer)
}

pub(super) fn join(vm: &Vm, parts: &[Local]) -> NativeResult {
    match parts {
        [] => Ok(vm.ret(vm.str("").value())),
        [one] => Ok(vm.ret(vm.get(*one))),
        many => {
            let mut out = sidewinder_interpreter::builtins::text::TextBuilder::new();
            for part in many {
                if let Some(s) = vm.get(*part).as_str() {
                    out.push_text(s.r());
                }
            }
            Ok(vm.ret(out.finish(vm).value()))
        }
    }
}

pub(super) fn read(vm: &mut Vm, args: Args) -> NativeResult {
    let n = size_arg(vm, args, 1)?;
    let buffer = reading(vm, args)?;
    let this = args.local(0);
    let mut parts = vec![take(vm, this, n.unwrap_or(usize::MAX))];
    let Some(n) = n else {
        loop {
            let more = fill(vm, this, buffer, super::DEFAULT_BUFFER_SIZE)?;
            parts.push(take(vm, this, usize::MAX));
            if !more {
                break;
            }
        }
        forget(vm, this);
        return join(vm, &parts);
    };
    let count = |vm: &Vm, parts: &[Local]| -> usize {
        parts.iter().filter_map(|p| vm.get(*p).as_str()).map(|s| s.len()).sum()
    };
    loop {
        let have = count(vm, &parts);
        if have >= n || !fill(vm, this, buffer, n - have)? {
            return join(vm, &parts);
        }
        parts.push(take(vm, this, n - have));
    }
}

/// Drops the decoded text.
pub fn forget(vm: &Vm, this: Local) {
    if let Some(object) = vm.get(this).payload::<TextIo>() {
        vm.write(object, |t| &t.decoded, Value::UNBOUND);
        let mut state = object.state.borrow_mut();
        state.at = 0;
        state.input.clear();
        state.snapshot = None;
    }
}

/// Where the line that the decoded text goes on with ends; `None` when it goes on beyond.
pub(super) fn find_end(
    vm: &Vm,
    this: Local,
    newline: Newline,
    before: Option<u32>,
) -> Option<usize> {
    let object = vm.get(this).payload::<TextIo>()?;
    let text = object.r().decoded.get(vm).as_str()?;
    let at = object.state.borrow().at;
    if text.width() == 1 && matches!(newline, Newline::Universal | Newline::Lf) {
        let data = &text.r().data()[at..];
        return data.iter().position(|b| *b == b'\n').map(|end| end + 1);
    }
    let rest = text.r().chars().skip(at);
    match before {
        // The first half of a `\r\n` may have come with the text before.
        Some(c) => newline.line_end(std::iter::once(c).chain(rest)).map(|end| end - 1),
        None => newline.line_end(rest),
    }
}

pub(super) fn line(vm: &mut Vm, this: Local, buffer: Local, limit: Option<usize>) -> NativeResult {
    let newline = match vm.get(this).payload::<TextIo>() {
        Some(object) => object.state.borrow().newline,
        None => Newline::Universal,
    };
    let mut parts: Vec<Local> = Vec::new();
    let mut have = 0;
    loop {
        if unread(vm, this) == 0 {
            let room = limit.is_none_or(|l| have < l);
            if !room || !fill(vm, this, buffer, 0)? {
                if room {
                    forget(vm, this);
                }
                return join(vm, &parts);
            }
            if unread(vm, this) == 0 {
                continue;
            }
        }
        let before = parts.last().and_then(|p| {
            let s = vm.get(*p).as_str()?;
            (!s.is_empty()).then(|| s.char_at(s.len() - 1))
        });
        let end = find_end(vm, this, newline, before);
        let most = limit.map_or(usize::MAX, |l| l - have);
        let want = end.unwrap_or(usize::MAX).min(most);
        let part = take(vm, this, want);
        have += vm.get(part).as_str().map_or(0, |s| s.len());
        parts.push(part);
        if end.is_some_and(|end| end <= most) || limit.is_some_and(|l| have >= l) {
            return join(vm, &parts);
        }
    }
}

pub(super) fn readline(vm: &mut Vm, args: Args) -> NativeResult {
    let limit = size_arg(vm, args, 1)?;
    let buffer = reading(vm, args)?;
    line(vm, args.local(0), buffer, limit)
}

pub(super) fn next(vm: &mut Vm, args: Args) -> NativeResult {
    attached(vm, args)?.telling.set(false);
    let exact = vm.class_of(args.get(vm, 0)) == vm.native_class(&TEXT_IO_WRAPPER);
    let line = if exact {
        let buffer = reading(vm, args)?;
        line(vm, args.local(0), buffer, None)?
    } else {
        vm.call_method(args.local(0), "readline", &[])?
    };
    let line = vm.hold(line);
    let vm = &*vm;
    let Some(text) = vm.get(line).as_str() else {
        let given = vm.type_name(vm.get(line));
        raise!(vm, OSError, "readline() should have returned a str object, not '{given}'");
    };
    if text.is_empty() {
        let this = attached(vm, args)?;
        this.telling.set(this.seekable.get());
        this.state.borrow_mut().snapshot = None;
        return Err(vm.raise_args(ClassId::StopIteration, &[]));
    }
    Ok(vm.ret(text.value()))
}
