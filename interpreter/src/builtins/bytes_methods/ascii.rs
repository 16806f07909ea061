//! Bytes as ASCII letters: changes of case, kinds of characters.

use super::*;

/// White space in bytes.
pub(super) fn is_blank(b: u8) -> bool {
    matches!(b, 9..=13 | 32)
}

fn mapped(vm: &mut Vm, args: Args, f: impl FnMut(&u8) -> u8) -> NativeResult {
    let vm = &*vm;
    let data: Vec<u8> = this(vm, args)?.iter().map(f).collect();
    Ok(vm.ret(make(vm, args, &data)))
}

pub(in crate::builtins) fn upper(vm: &mut Vm, args: Args) -> NativeResult {
    mapped(vm, args, u8::to_ascii_uppercase)
}

pub(in crate::builtins) fn lower(vm: &mut Vm, args: Args) -> NativeResult {
    mapped(vm, args, u8::to_ascii_lowercase)
}

pub(in crate::builtins) fn title(vm: &mut Vm, args: Args) -> NativeResult {
    let mut in_word = false;
    mapped(vm, args, |b| {
        let out = if in_word { b.to_ascii_lowercase() } else { b.to_ascii_uppercase() };
        in_word = b.is_ascii_alphabetic();
        out
    })
}

pub(in crate::builtins) fn capitalize(vm: &mut Vm, args: Args) -> NativeResult {
    let mut first = true;
    mapped(vm, args, |b| {
        if std::mem::take(&mut first) { b.to_ascii_uppercase() } else { b.to_ascii_lowercase() }
    })
}

pub(in crate::builtins) fn swapcase(vm: &mut Vm, args: Args) -> NativeResult {
    mapped(vm, args, |b| if b.is_ascii_alphabetic() { b ^ 0x20 } else { *b })
}

fn all(vm: &mut Vm, args: Args, f: impl Fn(&u8) -> bool) -> NativeResult {
    let vm = &*vm;
    let data = this(vm, args)?;
    Ok(vm.ret(Value::from_bool(!data.is_empty() && data.iter().all(f))))
}

pub(in crate::builtins) fn isalpha(vm: &mut Vm, args: Args) -> NativeResult {
    all(vm, args, u8::is_ascii_alphabetic)
}

pub(in crate::builtins) fn isdigit(vm: &mut Vm, args: Args) -> NativeResult {
    all(vm, args, u8::is_ascii_digit)
}

pub(in crate::builtins) fn isalnum(vm: &mut Vm, args: Args) -> NativeResult {
    all(vm, args, u8::is_ascii_alphanumeric)
}

pub(in crate::builtins) fn isspace(vm: &mut Vm, args: Args) -> NativeResult {
    all(vm, args, |b| is_blank(*b))
}

pub(in crate::builtins) fn isascii(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let ascii = this(vm, args)?.is_ascii();
    Ok(vm.ret(Value::from_bool(ascii)))
}

fn cased(vm: &mut Vm, args: Args, wanted: fn(&u8) -> bool, not: fn(&u8) -> bool) -> NativeResult {
    let vm = &*vm;
    let data = this(vm, args)?;
    let answer = data.iter().any(wanted) && !data.iter().any(not);
    Ok(vm.ret(Value::from_bool(answer)))
}

pub(in crate::builtins) fn islower(vm: &mut Vm, args: Args) -> NativeResult {
    cased(vm, args, u8::is_ascii_lowercase, u8::is_ascii_uppercase)
}

pub(in crate::builtins) fn isupper(vm: &mut Vm, args: Args) -> NativeResult {
    cased(vm, args, u8::is_ascii_uppercase, u8::is_ascii_lowercase)
}

pub(in crate::builtins) fn istitle(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let data = this(vm, args)?;
    let (mut some, mut in_word, mut good) = (false, false, true);
    for b in data.iter() {
        if b.is_ascii_alphabetic() {
            good &= b.is_ascii_uppercase() != in_word;
            (some, in_word) = (true, true);
        } else {
            in_word = false;
        }
    }
    Ok(vm.ret(Value::from_bool(some && good)))
}
