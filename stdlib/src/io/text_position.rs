//! Positions in text files.
//!
//! For the encodings that are decoded in Rust a position is a plain offset in bytes. For others it
//! is a cookie that also says in which state the decoder was, how many bytes it was fed since, and
//! how many characters of what it made were used.

use super::text::{Fast, TextIo, attached, open_buffer, part, set_encoder_state};
use super::text_read::forget;
use super::text_write::write_pending;
use super::unsupported;
use dashu_int::IBig;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::{Args, Local, NativeResult, Raised, Value, Vm, raise};

/// What a decoder started from.
pub struct Snapshot {
    /// The decoder's flags.
    pub flags: i64,
    /// The bytes it was given, with those that it had kept.
    pub input: Vec<u8>,
}

/// A position of a decoder with state.
#[derive(Default)]
struct Cookie {
    position: u64,
    flags: u64,
    fed: u32,
    skip: u32,
    eof: bool,
}

impl Cookie {
    fn pack<'gc>(&self, vm: &'gc Vm) -> Value<'gc> {
        let big = IBig::from(self.position)
            | IBig::from(self.flags) << 64
            | IBig::from(self.fed) << 128
            | IBig::from(self.skip) << 160
            | IBig::from(u8::from(self.eof)) << 192;
        vm.int_from_big(&big)
    }

    fn unpack(big: &IBig) -> Cookie {
        let bits = |at: usize, n: usize| -> u64 {
            let mask = (IBig::ONE << n) - IBig::ONE;
            u64::try_from((big.clone() >> at) & mask).unwrap_or(0)
        };
        Cookie {
            position: bits(0, 64),
            flags: bits(64, 64),
            fed: bits(128, 32) as u32,
            skip: bits(160, 32) as u32,
            eof: bits(192, 8) != 0,
        }
    }
}

/// A decoder's state: its flags and the bytes it has kept.
pub fn decoder_state(vm: &mut Vm, decoder: Local) -> Result<(i64, Vec<u8>), Raised> {
    vm.scope(|vm| {
        let state = vm.call_method(decoder, "getstate", &[])?;
        let state = vm.hold(state);
        let parts = {
            let vm = &*vm;
            let state = vm.get(state).cast::<Tuple>().filter(|t| t.len() == 2);
            state.map(|t| (vm.root(t.r().item(vm, 0)), vm.root(t.r().item(vm, 1))))
        };
        let Some((bytes, flags)) = parts else {
            raise!(vm, TypeError, "illegal decoder state");
        };
        if vm.get(bytes).cast::<Bytes>().is_none() {
            let given = vm.type_name(vm.get(bytes));
            raise!(
                vm,
                TypeError,
                "illegal decoder state: the first item should be a bytes object, not '{given}'"
            );
        }
        let flags = vm.index_i64(flags)?;
        Ok((flags, vm.bytes_like(bytes)?))
    })
}

fn set_decoder_state(vm: &mut Vm, decoder: Local, flags: i64, bytes: &[u8]) -> Result<(), Raised> {
    vm.scope(|vm| {
        if flags == 0 && bytes.is_empty() {
            return vm.call_method(decoder, "reset", &[]).map(|_| ());
        }
        let state = {
            let vm = &*vm;
            vm.root(vm.tuple(&[vm.bytes(bytes).value(), vm.int(flags)]).value())
        };
        vm.call_method(decoder, "setstate", &[state]).map(|_| ())
    })
}

/// Feeds bytes to a decoder; how many characters come out.
fn feed(vm: &mut Vm, decoder: Local, bytes: &[u8], is_final: bool) -> Result<usize, Raised> {
    vm.scope(|vm| {
        let bytes = vm.root(vm.bytes(bytes).value());
        let is_final = vm.root(Value::from_bool(is_final));
        let text = vm.call_method(decoder, "decode", &[bytes, is_final])?;
        Ok(vm.value(text).as_str().map_or(0, |s| s.len()))
    })
}

/// How many bytes the first `count` characters were made from.
fn bytes_of(fast: Fast, universal: bool, input: &[u8], count: usize) -> usize {
    let mut at = 0;
    for _ in 0..count {
        let Some(&first) = input.get(at) else { return at };
        let length = match (fast, first) {
            (Fast::Utf8, 0xC2..=0xDF) => 2,
            (Fast::Utf8, 0xE0..=0xEF) => 3,
            (Fast::Utf8, 0xF0..=0xF4) => 4,
            _ => 1,
        };
        let whole = input.get(at..at + length);
        let valid = length == 1 || whole.is_some_and(|w| std::str::from_utf8(w).is_ok());
        let pair = universal && first == b'\r' && input.get(at + 1) == Some(&b'\n');
        at += if pair {
            2
        } else if valid {
            length
        } else {
            1
        };
    }
    at
}

fn buffer_position(vm: &mut Vm, buffer: Local) -> Result<i64, Raised> {
    let at = vm.call_method(buffer, "tell", &[])?;
    let at = vm.hold(at);
    vm.index_i64(at)
}

/// `tell()`
pub fn tell(vm: &mut Vm, args: Args) -> NativeResult {
    let buffer = open_buffer(vm, args)?;
    let (seekable, telling) = {
        let this = attached(vm, args)?;
        (this.seekable.get(), this.telling.get())
    };
    if !seekable {
        return Err(unsupported(vm, "underlying stream is not seekable"));
    }
    if !telling {
        raise!(vm, OSError, "telling position disabled by next() call");
    }
    let this = args.local(0);
    write_pending(vm, this, buffer)?;
    let _ = vm.call_method(this, "flush", &[])?;
    let position = buffer_position(vm, buffer)?;
    let decoded = part(vm, this, |t| &t.decoded);
    let length = decoded.and_then(|d| vm.get(d).as_str().map(|s| s.len()));
    if let Some(decoder) = part(vm, this, |t| &t.decoder) {
        return tell_decoder(vm, args, decoder, position);
    }
    let offset = {
        let text = attached(vm, args)?;
        let state = text.state.borrow();
        let behind = state.partial.len();
        let unused = match (length, state.fast) {
            (Some(length), Some(fast)) if state.at < length => {
                let universal = state.newline == super::newlines::Newline::Universal;
                state.input.len() - bytes_of(fast, universal, &state.input, state.at)
            }
            _ => 0,
        };
        (behind + unused) as i64
    };
    Ok(vm.ret(vm.int(position - offset)))
}

fn tell_decoder(vm: &mut Vm, args: Args, decoder: Local, position: i64) -> NativeResult {
    let found = {
        let text = attached(vm, args)?;
        let state = text.state.borrow();
        state.snapshot.as_ref().map(|s| (s.flags, s.input.clone(), state.at))
    };
    let Some((flags, input, used)) = found else {
        return Ok(vm.ret(vm.int(position)));
    };
    let start = (position - input.len() as i64).max(0) as u64;
    let mut cookie = Cookie { position: start, flags: flags as u64, ..Cookie::default() };
    if used == 0 {
        return Ok(vm.ret(cookie.pack(vm)));
    }
    // The decoder runs again, byte by byte, until it has made as many characters as were used.
    let (saved_flags, saved_bytes) = decoder_state(vm, decoder)?;
    let result = replay(vm, decoder, &input, used, &mut cookie);
    set_decoder_state(vm, decoder, saved_flags, &saved_bytes)?;
    result?;
    Ok(vm.ret(cookie.pack(vm)))
}

fn replay(
    vm: &mut Vm,
    decoder: Local,
    input: &[u8],
    used: usize,
    cookie: &mut Cookie,
) -> Result<(), Raised> {
    let start = cookie.position;
    set_decoder_state(vm, decoder, cookie.flags as i64, b"")?;
    let (mut made, mut fed) = (0, 0);
    // The last place where the decoder kept nothing back.
    let (mut safe_bytes, mut safe_chars) = (0, 0);
    for (i, byte) in input.iter().enumerate() {
        made += feed(vm, decoder, &[*byte], false)?;
        fed = i + 1;
        let (flags, kept) = decoder_state(vm, decoder)?;
        if kept.is_empty() && made <= used {
            cookie.position = start + fed as u64;
            cookie.flags = flags as u64;
            (safe_bytes, safe_chars) = (fed, made);
        }
        if made >= used {
            break;
        }
    }
    if made < used {
        made += feed(vm, decoder, b"", true)?;
        cookie.eof = true;
        if made < used {
            raise!(vm, OSError, "can't reconstruct logical file position");
        }
    }
    cookie.fed = (fed - safe_bytes) as u32;
    cookie.skip = (used - safe_chars) as u32;
    if cookie.skip == 0 {
        cookie.fed = 0;
        cookie.eof = false;
    }
    Ok(())
}

fn move_buffer(vm: &mut Vm, buffer: Local, to: i64, whence: i32) -> Result<i64, Raised> {
    let (to, whence) = (vm.root(vm.int(to)), vm.root(Value::from_i32(whence)));
    let at = vm.call_method(buffer, "seek", &[to, whence])?;
    let at = vm.hold(at);
    vm.index_i64(at)
}

/// `seek()`
pub fn seek(vm: &mut Vm, args: Args) -> NativeResult {
    let buffer = open_buffer(vm, args)?;
    let this = args.local(0);
    if !attached(vm, args)?.seekable.get() {
        return Err(unsupported(vm, "underlying stream is not seekable"));
    }
    let whence = match args.opt(vm, 2) {
        Some(_) => vm.index_i64(args.local(2))?,
        None => 0,
    };
    let number = vm.index(args.local(1))?;
    let number = vm.as_big(vm.value(number)).unwrap_or_default();
    let cookie = match whence {
        1 if number != IBig::ZERO => {
            return Err(unsupported(vm, "can't do nonzero cur-relative seeks"));
        }
        2 if number != IBig::ZERO => {
            return Err(unsupported(vm, "can't do nonzero end-relative seeks"));
        }
        1 => {
            // To where it is: which puts the buffer there as well.
            let at = vm.call_method(this, "tell", &[])?;
            vm.as_big(vm.value(at)).unwrap_or_default()
        }
        0 => number,
        2 => {
            let _ = vm.call_method(this, "flush", &[])?;
            reset(vm, this)?;
            let at = move_buffer(vm, buffer, 0, 2)?;
            set_encoder_state(vm, this, at == 0)?;
            return Ok(vm.ret(vm.int(at)));
        }
        _ => raise!(vm, ValueError, "invalid whence ({whence}, should be 0, 1 or 2)"),
    };
    if cookie < IBig::ZERO {
        raise!(vm, ValueError, "negative seek position {cookie}");
    }
    let _ = vm.call_method(this, "flush", &[])?;
    let parts = Cookie::unpack(&cookie);
    move_buffer(vm, buffer, parts.position as i64, 0)?;
    reset(vm, this)?;
    if let Some(decoder) = part(vm, this, |t| &t.decoder) {
        set_decoder_state(vm, decoder, parts.flags as i64, b"")?;
        restore(vm, args, buffer, decoder, &parts)?;
    }
    set_encoder_state(vm, this, cookie == IBig::ZERO)?;
    Ok(vm.ret(vm.int_from_big(&cookie)))
}

/// Feeds a decoder what it had been fed at the place that a cookie names.
fn restore(
    vm: &mut Vm,
    args: Args,
    buffer: Local,
    decoder: Local,
    parts: &Cookie,
) -> Result<(), Raised> {
    let flags = parts.flags as i64;
    let mut input = Vec::new();
    if parts.skip > 0 {
        let n = vm.root(vm.int(parts.fed.into()));
        let bytes = vm.call_method(buffer, "read", &[n])?;
        let bytes = vm.hold(bytes);
        input = vm.bytes_like(bytes)?;
        let data = vm.root(vm.bytes(&input).value());
        let is_final = vm.root(Value::from_bool(parts.eof));
        let text = vm.call_method(decoder, "decode", &[data, is_final])?;
        let text = vm.hold(text);
        let vm = &*vm;
        let length = vm.get(text).as_str().map_or(0, |s| s.len());
        if length < parts.skip as usize {
            raise!(vm, OSError, "can't restore logical file position");
        }
        let this = attached(vm, args)?;
        vm.write(this, |t| &t.decoded, vm.get(text));
        this.state.borrow_mut().at = parts.skip as usize;
    }
    attached(vm, args)?.state.borrow_mut().snapshot = Some(Snapshot { flags, input });
    Ok(())
}

/// Drops decoded text and what the decoder has kept.
fn reset(vm: &mut Vm, this: Local) -> Result<(), Raised> {
    forget(vm, this);
    if let Some(text) = vm.get(this).payload::<TextIo>() {
        text.state.borrow_mut().partial.clear();
    }
    if let Some(decoder) = part(vm, this, |t| &t.decoder) {
        let _ = vm.call_method(decoder, "reset", &[])?;
    }
    Ok(())
}
