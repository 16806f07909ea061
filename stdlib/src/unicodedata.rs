//! `unicodedata`: properties, names and normal forms of characters.
//!
//! The tables are those of the crate rustpython-unicode, which are of a later version of Unicode
//! than ours (16.0): characters that are newer count as unassigned here.

#![forbid(unsafe_code)]

use crate::prelude::*;
use rustpython_unicode::{LookupResult, NormalizeForm, Ucd, data, normalize};
use rustpython_wtf8::{CodePoint, Wtf8Buf};
use sidewinder_interpreter::builtins::unicode;

/// The table of functions: of the module, or as methods with a receiver before the arguments.
macro_rules! database {
    ($make:ident, $receiver:literal) => {
        [
            NativeDef::$make(
                concat!("category(", $receiver, "chr, /)"),
                category,
                "Returns the general category assigned to the character chr as string.",
            ),
            NativeDef::$make(
                concat!("bidirectional(", $receiver, "chr, /)"),
                bidirectional,
                "Returns the bidirectional class assigned to the character chr as string.",
            ),
            NativeDef::$make(
                concat!("combining(", $receiver, "chr, /)"),
                combining,
                "Returns the canonical combining class assigned to the character chr as integer.",
            ),
            NativeDef::$make(
                concat!("mirrored(", $receiver, "chr, /)"),
                mirrored,
                "Returns the mirrored property assigned to the character chr as integer.",
            ),
            NativeDef::$make(
                concat!("east_asian_width(", $receiver, "chr, /)"),
                east_asian_width,
                "Returns the east asian width assigned to the character chr as string.",
            ),
            NativeDef::$make(
                concat!("decomposition(", $receiver, "chr, /)"),
                decomposition,
                "Returns the character decomposition mapping assigned to the character chr.",
            ),
            NativeDef::$make(
                concat!("decimal(", $receiver, "chr, default=<unrepresentable>, /)"),
                decimal,
                "Converts a Unicode character into its equivalent decimal value.",
            ),
            NativeDef::$make(
                concat!("digit(", $receiver, "chr, default=<unrepresentable>, /)"),
                digit,
                "Converts a Unicode character into its equivalent digit value.",
            ),
            NativeDef::$make(
                concat!("numeric(", $receiver, "chr, default=<unrepresentable>, /)"),
                numeric,
                "Converts a Unicode character into its equivalent numeric value.",
            ),
            NativeDef::$make(
                concat!("name(", $receiver, "chr, default=<unrepresentable>, /)"),
                name,
                "Returns the name assigned to the character chr as a string.",
            ),
            NativeDef::$make(
                concat!("lookup(", $receiver, "name, /)"),
                lookup,
                "Look up character by name.",
            ),
            NativeDef::$make(
                concat!("normalize(", $receiver, "form, unistr, /)"),
                normalized,
                "Return the normal form 'form' for the Unicode string unistr.",
            ),
            NativeDef::$make(
                concat!("is_normalized(", $receiver, "form, unistr, /)"),
                is_normalized,
                "Return whether the Unicode string unistr is in the normal form 'form'.",
            ),
        ]
    };
}

/// The module.
pub static UNICODEDATA: ModuleDef = ModuleDef {
    name: "unicodedata",
    doc: "This module provides access to the Unicode Character Database which\n\
          defines character properties for all Unicode characters.",
    functions: &database!(function, ""),
    types: &[&UCD],
    exec: Some(exec),
};

/// What `ucd_3_2_0` is: the same functions for Unicode 3.2.
#[derive(Trace)]
pub struct OldDatabase {}

impl Payload for OldDatabase {
    const TYPE: &'static TypeDef = &UCD;
}

/// The type of `ucd_3_2_0`.
pub static UCD: TypeDef = TypeDef {
    module: "unicodedata",
    flags: ClassFlags::NO_NEW | ClassFlags::MODULE_IN_MESSAGES,
    methods: &database!(method, "$self, "),
    getset: &[GetSetDef::new("unidata_version", |vm, _| ret_str(vm, "3.2.0"), "")],
    ..TypeDef::new("UCD", Kind::Native)
};

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    vm.module_set(module, "unidata_version", vm.str("16.0.0").value());
    vm.module_set(module, "ucd_3_2_0", vm.native(OldDatabase {}).value());
    Ok(())
}

/// The database of a call, and the place of its first argument.
fn database(vm: &Vm, args: Args) -> (Ucd, usize) {
    let old = args.get(vm, 0).payload::<OldDatabase>().is_some();
    (Ucd::new(!old), old as usize)
}

/// Whether a version of the database has the character.
fn known(ucd: Ucd, c: u32) -> bool {
    match char::from_u32(c) {
        None => true,
        Some(ch) => ucd.membership(ch) && !is_newer(ucd, c),
    }
}

/// Whether a character is in the crate's tables but not in Unicode 16.0, where it would be
/// printable. (No format or space characters were added since.)
fn is_newer(ucd: Ucd, c: u32) -> bool {
    let category = CodePoint::from_u32(c).map_or("Cn", |c| ucd.category(c));
    !unicode::is_printable(c) && !category.starts_with(['C', 'Z'])
}

/// The character in argument `i`, counted from 0; `several`: whether there are more arguments.
fn character(
    vm: &Vm,
    args: Args,
    i: usize,
    function: &str,
    several: bool,
) -> Result<CodePoint, Raised> {
    let number = if several { " 1" } else { "" };
    let given = args.get(vm, i);
    let Some(text) = given.as_str() else {
        let given = vm.type_name(given);
        raise!(
            vm,
            TypeError,
            "{function}() argument{number} must be a unicode character, not {given}"
        );
    };
    let mut chars = text.r().chars();
    match (chars.next().and_then(CodePoint::from_u32), chars.len()) {
        (Some(c), 0) => Ok(c),
        (first, more) => {
            let n = more + first.is_some() as usize;
            raise!(
                vm,
                TypeError,
                "{function}(): argument{number} must be a unicode character, \
                 not a string of length {n}"
            )
        }
    }
}

fn category(vm: &mut Vm, args: Args) -> NativeResult {
    let (ucd, i) = database(vm, args);
    let c = character(vm, args, i, "category", false)?;
    ret_str(vm, if known(ucd, c.to_u32()) { ucd.category(c) } else { "Cn" })
}

fn bidirectional(vm: &mut Vm, args: Args) -> NativeResult {
    let (ucd, i) = database(vm, args);
    let c = character(vm, args, i, "bidirectional", false)?;
    let class = match ucd.category(c) {
        "Cs" => "L",
        "Cn" => "",
        _ if known(ucd, c.to_u32()) => ucd.bidirectional(c),
        _ => "",
    };
    ret_str(vm, class)
}

fn combining(vm: &mut Vm, args: Args) -> NativeResult {
    let (ucd, i) = database(vm, args);
    let c = character(vm, args, i, "combining", false)?;
    let class = if known(ucd, c.to_u32()) { ucd.combining(c) } else { 0 };
    Ok(vm.ret(Value::from_i32(class as i32)))
}

fn mirrored(vm: &mut Vm, args: Args) -> NativeResult {
    let (ucd, i) = database(vm, args);
    let c = character(vm, args, i, "mirrored", false)?;
    let mirrored = if known(ucd, c.to_u32()) { ucd.mirrored(c) } else { 0 };
    Ok(vm.ret(Value::from_i32(mirrored)))
}

fn east_asian_width(vm: &mut Vm, args: Args) -> NativeResult {
    let (ucd, i) = database(vm, args);
    let c = character(vm, args, i, "east_asian_width", false)?;
    ret_str(vm, ucd.east_asian_width(c))
}

fn decomposition(vm: &mut Vm, args: Args) -> NativeResult {
    let (ucd, i) = database(vm, args);
    let c = character(vm, args, i, "decomposition", false)?;
    // Syllables of Hangul are decomposed by rule, not by a table.
    let by_rule = (0xAC00..0xD7A4).contains(&c.to_u32());
    let listed = known(ucd, c.to_u32()) && !by_rule;
    ret_str(vm, &if listed { ucd.decomposition(c) } else { String::new() })
}

/// A value that a character may have, else the default in the argument after it, else ValueError.
fn or_default(
    vm: &mut Vm,
    args: Args,
    i: usize,
    value: Option<Local>,
    message: &str,
) -> NativeResult {
    match (value, args.opt_local(vm, i + 1)) {
        (Some(value), _) | (None, Some(value)) => Ok(vm.ret(vm.get(value))),
        (None, None) => raise!(vm, ValueError, "{message}"),
    }
}

fn decimal(vm: &mut Vm, args: Args) -> NativeResult {
    let (ucd, i) = database(vm, args);
    let c = character(vm, args, i, "decimal", true)?;
    let value = ucd.decimal(c).filter(|_| known(ucd, c.to_u32()));
    let value = value.map(|n| vm.root(vm.int(n as i64)));
    or_default(vm, args, i, value, "not a decimal")
}

fn digit(vm: &mut Vm, args: Args) -> NativeResult {
    let (ucd, i) = database(vm, args);
    let c = character(vm, args, i, "digit", true)?;
    let value = ucd.digit(c).filter(|_| known(ucd, c.to_u32()));
    let value = value.map(|n| vm.root(vm.int(n as i64)));
    or_default(vm, args, i, value, "not a digit")
}

fn numeric(vm: &mut Vm, args: Args) -> NativeResult {
    let (ucd, i) = database(vm, args);
    let c = character(vm, args, i, "numeric", true)?;
    let value = ucd.numeric(c).filter(|_| known(ucd, c.to_u32()));
    let value = value.map(|x| vm.root(vm.float(x)));
    or_default(vm, args, i, value, "not a numeric character")
}

fn name(vm: &mut Vm, args: Args) -> NativeResult {
    let (ucd, i) = database(vm, args);
    let c = character(vm, args, i, "name", true)?;
    let name = c.to_char().filter(|c| known(ucd, *c as u32)).and_then(data::character_name);
    let name = name.map(|name| vm.root(vm.str(&name).value()));
    or_default(vm, args, i, name, "no such name")
}

fn lookup(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (ucd, i) = database(vm, args);
    let Some(text) = args.get(vm, i).as_str() else {
        let given = vm.type_name(args.get(vm, i));
        raise!(vm, TypeError, "lookup() argument must be str, not {given}");
    };
    let name = vm.str_text(text);
    match ucd.lookup(&name) {
        Some(LookupResult::Character(c)) if known(ucd, c as u32) => {
            Ok(vm.ret(vm.str_from_char(c as u32).value()))
        }
        Some(LookupResult::Sequence(text)) => ret_str(vm, text),
        _ => {
            let message = format!("undefined character name '{name}'");
            Err(vm.raise_args(ClassId::KeyError, &[vm.str(&message).value()]))
        }
    }
}

/// The form and the text of a call.
fn form_and_text(
    vm: &Vm,
    args: Args,
    i: usize,
    function: &str,
) -> Result<(NormalizeForm, Vec<u32>), Raised> {
    let text = |k: usize| match args.get(vm, i + k).as_str() {
        Some(text) => Ok(text),
        None => {
            let given = vm.type_name(args.get(vm, i + k));
            raise!(vm, TypeError, "{function}() argument {} must be str, not {given}", k + 1)
        }
    };
    let (form, text) = (text(0)?, text(1)?);
    match vm.str_text(form).parse() {
        // As in CPython, the form does not matter then.
        Err(()) if text.is_empty() => Ok((NormalizeForm::Nfc, Vec::new())),
        Ok(form) => Ok((form, text.r().chars().collect())),
        Err(()) => Err(vm.value_error("invalid normalization form")),
    }
}

/// Parts of a text that are in the database, alternating with parts that are not.
fn parts(ucd: Ucd, chars: &[u32]) -> impl Iterator<Item = (bool, &[u32])> {
    chars
        .chunk_by(move |a, b| known(ucd, *a) == known(ucd, *b))
        .map(move |part| (known(ucd, part[0]), part))
}

fn to_text(chars: &[u32]) -> Wtf8Buf {
    chars.iter().filter_map(|c| CodePoint::from_u32(*c)).collect()
}

fn normalized(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (ucd, i) = database(vm, args);
    let (form, chars) = form_and_text(vm, args, i, "normalize")?;
    if chars.iter().all(|c| *c < 0x80) {
        return Ok(vm.ret(args.get(vm, i + 1)));
    }
    let mut out = Vec::with_capacity(chars.len());
    for (known, part) in parts(ucd, &chars) {
        if known {
            let text = normalize::normalize(form, &to_text(part));
            out.extend(text.code_points().map(|c| c.to_u32()));
        } else {
            out.extend_from_slice(part);
        }
    }
    Ok(vm.ret(vm.str_from_code_points(&out).value()))
}

fn is_normalized(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (ucd, i) = database(vm, args);
    let (form, chars) = form_and_text(vm, args, i, "is_normalized")?;
    let normal = parts(ucd, &chars)
        .all(|(known, part)| !known || normalize::is_normalized(form, &to_text(part)));
    Ok(vm.ret(Value::from_bool(normal)))
}
