//! Case mappings and predicates of str.

use super::str::this;
use super::text::TextBuilder;
use super::unicode as uc;
use crate::object::{Gc, Str};
use crate::value::Value;
use crate::vm::{Args, NativeResult, Vm};

/// `Σ`, whose lowercase depends on whether a word ends with it.
const SIGMA: u32 = 0x3A3;

/// The lowercase of every capital sigma of the text, in order.
fn sigmas(s: &Str) -> Vec<u32> {
    if s.width() == 1 || !s.chars().any(|c| c == SIGMA) {
        return Vec::new();
    }
    let text: Vec<char> = s.chars().map(|c| char::from_u32(c).unwrap_or('\u{FFFD}')).collect();
    let lower = text.iter().collect::<String>().to_lowercase();
    let mut lower = lower.chars();
    let mut found = Vec::new();
    for c in text {
        // All other characters are lowered without regard to what is around them.
        let first = lower.next();
        for _ in 1..c.to_lowercase().count() {
            lower.next();
        }
        if c as u32 == SIGMA {
            found.extend(first.map(|f| f as u32));
        }
    }
    found
}

/// Maps each character by `f(index, char, lower-sigma supplier, push)`.
struct Lowering {
    sigmas: std::vec::IntoIter<u32>,
}

impl Lowering {
    fn new(s: &Str) -> Self {
        Lowering { sigmas: sigmas(s).into_iter() }
    }

    /// Appends the lowercase of the next character of the text.
    fn lower(&mut self, c: u32, out: &mut TextBuilder) {
        match c {
            SIGMA => out.push(self.sigmas.next().unwrap_or(0x3C3)),
            _ => uc::lower(c, |l| out.push(l)),
        }
    }

    /// Passes over a character that is not lowered.
    fn skip(&mut self, c: u32) {
        if c == SIGMA {
            self.sigmas.next();
        }
    }
}

fn ascii_mapped<'gc>(vm: &'gc Vm, s: Gc<'gc, Str>, f: fn(&u8) -> u8) -> Gc<'gc, Str> {
    let bytes: Vec<u8> = s.r().data().iter().map(f).collect();
    vm.str_from_latin1(&bytes)
}

pub(super) fn upper(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let s = this(vm, args)?;
    let result = if s.is_ascii() {
        ascii_mapped(vm, s, u8::to_ascii_uppercase)
    } else {
        let mut out = TextBuilder::with_capacity(s.len());
        s.chars().for_each(|c| uc::upper(c, |u| out.push(u)));
        out.finish(vm)
    };
    Ok(vm.ret(result.value()))
}

pub(super) fn lower(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let s = this(vm, args)?;
    let result = if s.is_ascii() {
        ascii_mapped(vm, s, u8::to_ascii_lowercase)
    } else {
        let mut out = TextBuilder::with_capacity(s.len());
        let mut lowering = Lowering::new(s.r());
        s.chars().for_each(|c| lowering.lower(c, &mut out));
        out.finish(vm)
    };
    Ok(vm.ret(result.value()))
}

pub(super) fn casefold(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let s = this(vm, args)?;
    let result = if s.is_ascii() {
        ascii_mapped(vm, s, u8::to_ascii_lowercase)
    } else {
        let mut out = TextBuilder::with_capacity(s.len());
        s.chars().for_each(|c| uc::fold(c, |f| out.push(f)));
        out.finish(vm)
    };
    Ok(vm.ret(result.value()))
}

pub(super) fn title(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let s = this(vm, args)?;
    let mut out = TextBuilder::with_capacity(s.len());
    let mut lowering = Lowering::new(s.r());
    let mut in_word = false;
    for c in s.chars() {
        if in_word {
            lowering.lower(c, &mut out);
        } else {
            lowering.skip(c);
            uc::title(c, |t| out.push(t));
        }
        in_word = uc::is_cased(c);
    }
    Ok(vm.ret(out.finish(vm).value()))
}

pub(super) fn capitalize(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let s = this(vm, args)?;
    let mut out = TextBuilder::with_capacity(s.len());
    let mut lowering = Lowering::new(s.r());
    for (i, c) in s.chars().enumerate() {
        if i == 0 {
            lowering.skip(c);
            uc::title(c, |t| out.push(t));
        } else {
            lowering.lower(c, &mut out);
        }
    }
    Ok(vm.ret(out.finish(vm).value()))
}

pub(super) fn swapcase(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let s = this(vm, args)?;
    let mut out = TextBuilder::with_capacity(s.len());
    let mut lowering = Lowering::new(s.r());
    for c in s.chars() {
        if uc::is_upper(c) {
            lowering.lower(c, &mut out);
        } else if uc::is_lower(c) {
            uc::upper(c, |u| out.push(u));
        } else {
            out.push(c);
        }
    }
    Ok(vm.ret(out.finish(vm).value()))
}

/// The answer to a question about a str.
fn answer(vm: &mut Vm, args: Args, f: impl FnOnce(&Str) -> bool) -> NativeResult {
    let vm = &*vm;
    let result = f(this(vm, args)?.r());
    Ok(vm.ret(Value::from_bool(result)))
}

/// Whether there are characters and all have a property; bytes of ASCII text are asked directly.
fn all(s: &Str, ascii: impl Fn(&u8) -> bool, wide: impl Fn(u32) -> bool) -> bool {
    !s.is_empty() && if s.is_ascii() { s.data().iter().all(ascii) } else { s.chars().all(wide) }
}

/// Some character is cased in the wanted way, and none in an unwanted one.
fn cased(s: &Str, wanted: fn(u32) -> bool, unwanted: fn(u32) -> bool) -> bool {
    let mut some = false;
    for c in s.chars() {
        if unwanted(c) {
            return false;
        }
        some |= wanted(c);
    }
    some
}

pub(super) fn isupper(vm: &mut Vm, args: Args) -> NativeResult {
    answer(vm, args, |s| cased(s, uc::is_upper, |c| uc::is_lower(c) || uc::is_title(c)))
}

pub(super) fn islower(vm: &mut Vm, args: Args) -> NativeResult {
    answer(vm, args, |s| cased(s, uc::is_lower, |c| uc::is_upper(c) || uc::is_title(c)))
}

pub(super) fn istitle(vm: &mut Vm, args: Args) -> NativeResult {
    answer(vm, args, |s| {
        let (mut some, mut in_word) = (false, false);
        for c in s.chars() {
            if uc::is_upper(c) || uc::is_title(c) {
                if in_word {
                    return false;
                }
                (some, in_word) = (true, true);
            } else if uc::is_lower(c) {
                if !in_word {
                    return false;
                }
            } else {
                in_word = false;
            }
        }
        some
    })
}

pub(super) fn isalpha(vm: &mut Vm, args: Args) -> NativeResult {
    answer(vm, args, |s| all(s, u8::is_ascii_alphabetic, uc::is_alpha))
}

pub(super) fn isdigit(vm: &mut Vm, args: Args) -> NativeResult {
    answer(vm, args, |s| all(s, u8::is_ascii_digit, uc::is_digit))
}

pub(super) fn isdecimal(vm: &mut Vm, args: Args) -> NativeResult {
    answer(vm, args, |s| all(s, u8::is_ascii_digit, uc::is_decimal))
}

pub(super) fn isnumeric(vm: &mut Vm, args: Args) -> NativeResult {
    answer(vm, args, |s| all(s, u8::is_ascii_digit, uc::is_numeric))
}

pub(super) fn isalnum(vm: &mut Vm, args: Args) -> NativeResult {
    answer(vm, args, |s| all(s, u8::is_ascii_alphanumeric, uc::is_alnum))
}

pub(super) fn isspace(vm: &mut Vm, args: Args) -> NativeResult {
    answer(vm, args, |s| all(s, |b| uc::is_space(*b as u32), uc::is_space))
}

pub(super) fn isidentifier(vm: &mut Vm, args: Args) -> NativeResult {
    answer(vm, args, |s| {
        !s.is_empty() && uc::is_id_start(s.char_at(0)) && s.chars().skip(1).all(uc::is_id_continue)
    })
}

pub(super) fn isprintable(vm: &mut Vm, args: Args) -> NativeResult {
    answer(vm, args, |s| s.chars().all(uc::is_printable))
}

pub(super) fn isascii(vm: &mut Vm, args: Args) -> NativeResult {
    answer(vm, args, Str::is_ascii)
}
