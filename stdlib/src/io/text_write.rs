//! Writing of `TextIOWrapper`: text is encoded at once and kept until there is enough of it.

use super::buffered;
use super::text::*;
use super::text_read::*;
use super::unsupported;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::{Args, Local, NativeResult, Raised, Vm, raise};

pub(super) fn encode(vm: &mut Vm, this: Local, text: Local) -> Result<Vec<u8>, Raised> {
    let fast = vm.get(this).payload::<TextIo>().and_then(|t| t.state.borrow().fast);
    if let Some(s) = vm.get(text).as_str() {
        match fast {
            Some(Fast::Utf8) => {
                if let Some(text) = s.to_utf8() {
                    return Ok(text.into_owned().into_bytes());
                }
            }
            Some(Fast::Latin1) if s.width() == 1 => return Ok(s.r().data().to_vec()),
            Some(Fast::Ascii) if s.is_ascii() => return Ok(s.r().data().to_vec()),
            _ => {}
        }
    }
    vm.scope(|vm| {
        let bytes = match part(vm, this, |t| &t.encoder) {
            Some(encoder) => vm.call_method(encoder, "encode", &[text])?,
            None => {
                let (encoding, errors) = codec_names(vm, this);
                vm.call_method(text, "encode", &[encoding, errors])?
            }
        };
        let bytes = vm.hold(bytes);
        if vm.get(bytes).cast::<Bytes>().is_none() {
            let given = vm.type_name(vm.get(bytes));
            raise!(vm, TypeError, "encoder should return a bytes object, not '{given}'");
        }
        vm.bytes_like(bytes)
    })
}

/// Hands encoded text to the buffer.
pub fn write_pending(vm: &mut Vm, this: Local, buffer: Local) -> Result<(), Raised> {
    let data = match vm.get(this).payload::<TextIo>() {
        Some(object) => std::mem::take(&mut object.state.borrow_mut().pending),
        None => Vec::new(),
    };
    if data.is_empty() {
        return Ok(());
    }
    vm.scope(|vm| {
        let bytes = vm.root(vm.bytes(&data).value());
        vm.call_method(buffer, "write", &[bytes]).map(|_| ())
    })
}

pub(super) fn with_line_ends(text: Vec<u8>, end: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        if byte == b'\n' { out.extend_from_slice(end.as_bytes()) } else { out.push(byte) }
    }
    out
}

pub(super) fn write(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.local(0);
    let Some(count) = args.get(vm, 1).as_str().map(|s| s.len()) else {
        let given = args.get(vm, 1);
        let given = if given.is_none() { "None".into() } else { vm.type_name(given) };
        raise!(vm, TypeError, "write() argument must be str, not {given}");
    };
    let buffer = open_buffer(vm, args)?;
    if !args.payload::<TextIo>(vm)?.writable.get() {
        return Err(unsupported(vm, "not writable"));
    }
    let (has_cr, has_lf) = {
        let vm = &*vm;
        let s = args.str(vm, 1)?;
        let has = |c: u32| s.r().chars().any(|x| x == c);
        if s.width() == 1 {
            let data = s.r().data();
            (data.contains(&b'\r'), data.contains(&b'\n'))
        } else {
            (has(0x0D), has(0x0A))
        }
    };
    let (end, fast, line_buffering, through) = {
        let text = args.payload::<TextIo>(vm)?;
        let state = text.state.borrow();
        let end = state.newline.written().filter(|_| has_lf);
        (end, state.fast.is_some(), text.line_buffering.get(), text.write_through.get())
    };
    let mut text = args.local(1);
    if let Some(end) = end
        && !fast
    {
        let lf = vm.root(vm.str("\n").value());
        let end = vm.root(vm.str(end).value());
        let replaced = vm.call_method(text, "replace", &[lf, end])?;
        text = vm.hold(replaced);
    }
    let mut bytes = encode(vm, this, text)?;
    if let Some(end) = end
        && fast
    {
        bytes = with_line_ends(bytes, end);
    }
    let flushes = line_buffering && (has_lf || has_cr);
    match direct(vm, buffer)? {
        Some(work) => {
            work.write(vm, &bytes)?;
            if flushes || through {
                buffered::flush_work(vm, &work)?;
            }
        }
        None => {
            let full = {
                let text = args.payload::<TextIo>(vm)?;
                let mut state = text.state.borrow_mut();
                state.pending.extend_from_slice(&bytes);
                state.pending.len() > state.chunk_size
            };
            if full || flushes || through {
                write_pending(vm, this, buffer)?;
            }
            if flushes {
                let _ = vm.call_method(buffer, "flush", &[])?;
            }
        }
    }
    if part(vm, this, |t| &t.decoded).is_some() {
        forget(vm, this);
        if let Some(decoder) = part(vm, this, |t| &t.decoder) {
            let _ = vm.call_method(decoder, "reset", &[])?;
        }
    }
    Ok(vm.ret(vm.int_usize(count)))
}

pub(super) fn flush(vm: &mut Vm, args: Args) -> NativeResult {
    let buffer = open_buffer(vm, args)?;
    {
        let this = attached(vm, args)?;
        this.telling.set(this.seekable.get());
    }
    write_pending(vm, args.local(0), buffer)?;
    vm.call_method(buffer, "flush", &[])
}
