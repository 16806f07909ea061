//! Line ends: translating and counting them, and `IncrementalNewlineDecoder`.

use sidewinder_interpreter::builtins::{GetSetDef, TypeDef};
use sidewinder_interpreter::object::native::Payload;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm, raise};
use std::cell::Cell;

/// What is done about line ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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

impl Newline {
    /// From the argument `newline`.
    pub fn from_argument(vm: &Vm, value: Option<Value<'_>>) -> Result<Newline, Raised> {
        let Some(value) = value else { return Ok(Newline::Universal) };
        let Some(_) = value.as_str() else {
            let given = vm.type_name(value);
            raise!(vm, TypeError, "newline must be str or None, not {given}");
        };
        Ok(match &*vm.text_of(value) {
            "" => Newline::Untranslated,
            "\n" => Newline::Lf,
            "\r" => Newline::Cr,
            "\r\n" => Newline::CrLf,
            other => {
                let shown = vm.text_repr(vm.str(other).value());
                raise!(vm, ValueError, "illegal newline value: {shown}")
            }
        })
    }

    /// What is written for `\n`, if that is something else.
    pub fn written(self) -> Option<&'static str> {
        match self {
            Newline::Cr => Some("\r"),
            Newline::CrLf => Some("\r\n"),
            _ => None,
        }
    }

    /// Where the first line of `chars` ends (behind its end), if it does. A `\r` at the very end
    /// may be followed by a `\n`.
    pub fn line_end(self, chars: impl Iterator<Item = u32>) -> Option<usize> {
        let mut before = 0;
        for (i, c) in chars.enumerate() {
            match (self, c) {
                (Newline::Universal | Newline::Lf, 0x0A) => return Some(i + 1),
                (Newline::Cr, 0x0D) => return Some(i + 1),
                (Newline::CrLf, 0x0A) if before == 0x0D => return Some(i + 1),
                (Newline::Untranslated, 0x0A) => return Some(i + 1),
                (Newline::Untranslated, _) if before == 0x0D => return Some(i),
                _ => {}
            }
            before = c;
        }
        None
    }
}

/// Line ends seen: 1 for `\r`, 2 for `\n`, 4 for `\r\n`.
pub const SEEN_CR: u8 = 1;
/// See [`SEEN_CR`].
pub const SEEN_LF: u8 = 2;
/// See [`SEEN_CR`].
pub const SEEN_CRLF: u8 = 4;

/// Notes the line ends in `chars`, and translates them if asked to.
pub fn translate(chars: Vec<u32>, translate: bool, seen: &mut u8) -> Vec<u32> {
    if !chars.contains(&0x0D) {
        if chars.contains(&0x0A) {
            *seen |= SEEN_LF;
        }
        return chars;
    }
    let mut out = Vec::with_capacity(chars.len());
    let mut i = 0;
    while i < chars.len() {
        let c = chars[i];
        let pair = c == 0x0D && chars.get(i + 1) == Some(&0x0A);
        match c {
            0x0D if pair => *seen |= SEEN_CRLF,
            0x0D => *seen |= SEEN_CR,
            0x0A => *seen |= SEEN_LF,
            _ => {}
        }
        if translate && c == 0x0D {
            out.push(0x0A);
        } else {
            out.push(c);
            if pair {
                out.push(0x0A);
            }
        }
        i += if pair { 2 } else { 1 };
    }
    out
}

/// The value of the attribute `newlines`.
pub fn seen_value(vm: &Vm, seen: u8) -> Value<'_> {
    let all = [(SEEN_CR, "\r"), (SEEN_LF, "\n"), (SEEN_CRLF, "\r\n")];
    let found: Vec<Value<'_>> =
        all.iter().filter(|(bit, _)| seen & bit != 0).map(|(_, s)| vm.intern(s).value()).collect();
    match &found[..] {
        [] => Value::NONE,
        [one] => *one,
        many => vm.tuple(many).value(),
    }
}

/// The payload of an `IncrementalNewlineDecoder`.
#[derive(Trace)]
pub struct NewlineDecoder {
    decoder: Slot,
    translate: Cell<bool>,
    /// A `\r` came last and was held back.
    pending: Cell<bool>,
    seen: Cell<u8>,
}

impl Payload for NewlineDecoder {
    const TYPE: &'static TypeDef = &INCREMENTAL_NEWLINE_DECODER;
}

/// The type.
pub static INCREMENTAL_NEWLINE_DECODER: TypeDef = TypeDef {
    module: "_io",
    doc: "IncrementalNewlineDecoder(decoder, translate, errors='strict')\n--\n\nTranslates line ends of what another decoder decodes.",
    flags: ClassFlags::BASE | ClassFlags::HAS_DICT,
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", new, ""),
        NativeDef::method("__init__($self, decoder, translate, errors='strict')", init, ""),
        NativeDef::method("decode($self, input, final=False)", decode, ""),
        NativeDef::method("getstate($self, /)", getstate, ""),
        NativeDef::method("setstate($self, state, /)", setstate, ""),
        NativeDef::method("reset($self, /)", reset, ""),
    ],
    getset: &[GetSetDef::new("newlines", newlines, "Line ends seen so far.")],
    ..TypeDef::new("IncrementalNewlineDecoder", Kind::Native)
};

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let class = args.class(vm, 0)?;
    let payload = NewlineDecoder {
        decoder: Slot::new(Value::UNBOUND.word()),
        translate: Cell::new(false),
        pending: Cell::new(false),
        seen: Cell::new(0),
    };
    Ok(vm.ret(vm.native_of_shape(class.shape.get(), payload).value()))
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    let translate = vm.truth(args.local(2))?;
    let vm = &*vm;
    let this = args.payload::<NewlineDecoder>(vm)?;
    vm.write(this, |d| &d.decoder, args.get(vm, 1));
    this.translate.set(translate);
    this.pending.set(false);
    this.seen.set(0);
    Ok(vm.ret(Value::NONE))
}

fn decoder(vm: &Vm, args: Args) -> Result<Option<Local>, Raised> {
    let decoder = args.payload::<NewlineDecoder>(vm)?.r().decoder.get(vm);
    if decoder.is_unbound() {
        raise!(vm, ValueError, "IncrementalNewlineDecoder.__init__() not called");
    }
    Ok((!decoder.is_none()).then(|| vm.root(decoder)))
}

fn decode(vm: &mut Vm, args: Args) -> NativeResult {
    let is_final = match args.opt(vm, 2) {
        Some(_) => vm.truth(args.local(2))?,
        None => false,
    };
    let output = match decoder(vm, args)? {
        Some(decoder) => {
            let is_final = vm.root(Value::from_bool(is_final));
            let output = vm.call_method(decoder, "decode", &[args.local(1), is_final])?;
            vm.hold(output)
        }
        None => args.local(1),
    };
    let vm = &*vm;
    let Some(text) = vm.get(output).as_str() else {
        let given = vm.type_name(vm.get(output));
        raise!(vm, TypeError, "decoder should return a string result, not '{given}'");
    };
    let this = args.payload::<NewlineDecoder>(vm)?;
    let mut chars: Vec<u32> = text.r().chars().collect();
    if this.pending.get() && (!chars.is_empty() || is_final) {
        chars.insert(0, 0x0D);
        this.pending.set(false);
    }
    if !is_final && chars.last() == Some(&0x0D) {
        chars.pop();
        this.pending.set(true);
    }
    let mut seen = this.seen.get();
    let chars = translate(chars, this.translate.get(), &mut seen);
    this.seen.set(seen);
    Ok(vm.ret(vm.str_from_code_points(&chars).value()))
}

fn getstate(vm: &mut Vm, args: Args) -> NativeResult {
    let (buffer, flag) = match decoder(vm, args)? {
        Some(decoder) => {
            let state = vm.call_method(decoder, "getstate", &[])?;
            let state = vm.hold(state);
            let parts = {
                let vm = &*vm;
                let state = vm.get(state).cast::<Tuple>().filter(|t| t.len() == 2);
                state.map(|t| (vm.root(t.r().item(vm, 0)), vm.root(t.r().item(vm, 1))))
            };
            let Some((buffer, flag)) = parts else {
                raise!(vm, TypeError, "illegal decoder state");
            };
            (buffer, vm.index_i64(flag)?)
        }
        None => (vm.root(vm.bytes(b"").value()), 0),
    };
    let vm = &*vm;
    let pending = args.payload::<NewlineDecoder>(vm)?.pending.get();
    let flag = flag << 1 | i64::from(pending);
    Ok(vm.ret(vm.tuple(&[vm.get(buffer), vm.int(flag)]).value()))
}

fn setstate(vm: &mut Vm, args: Args) -> NativeResult {
    let parts = {
        let vm = &*vm;
        let state = args.get(vm, 1).cast::<Tuple>().filter(|t| t.len() == 2);
        state.map(|t| (vm.root(t.r().item(vm, 0)), vm.root(t.r().item(vm, 1))))
    };
    let Some((buffer, flag)) = parts else {
        raise!(vm, TypeError, "state argument must be a tuple");
    };
    let flag = vm.index_i64(flag)?;
    args.payload::<NewlineDecoder>(vm)?.pending.set(flag & 1 == 1);
    if let Some(decoder) = decoder(vm, args)? {
        let state = vm.root(vm.tuple(&[vm.get(buffer), vm.int(flag >> 1)]).value());
        let _ = vm.call_method(decoder, "setstate", &[state])?;
    }
    Ok(vm.none())
}

fn reset(vm: &mut Vm, args: Args) -> NativeResult {
    {
        let this = args.payload::<NewlineDecoder>(vm)?;
        this.seen.set(0);
        this.pending.set(false);
    }
    if let Some(decoder) = decoder(vm, args)? {
        let _ = vm.call_method(decoder, "reset", &[])?;
    }
    Ok(vm.none())
}

fn newlines(vm: &mut Vm, args: Args) -> NativeResult {
    let seen = args.payload::<NewlineDecoder>(vm)?.seen.get();
    Ok(vm.ret(seen_value(vm, seen)))
}
