//! `_sre`: regular expressions under the bundled `re`, which compiles patterns to code words.
//!
//! - [`text`]: strings of any width, read in place
//! - [`program`]: code words and sets of characters
//! - [`matcher`], [`search`]: the backtracking machine, and what finds its starting points
//! - [`pattern`], [`match_object`], [`replace`], [`scanner`]: the objects

#![forbid(unsafe_code)]

mod match_object;
mod matcher;
mod pattern;
mod program;
mod replace;
mod scanner;
mod search;
mod subject;
mod text;

use crate::prelude::*;

/// The module.
pub static SRE: ModuleDef = ModuleDef {
    name: "_sre",
    doc: "The matching engine of re.",
    functions: &[
        NativeDef::function(
            "compile(pattern, flags, code, groups, groupindex, indexgroup)",
            pattern::compile,
            "",
        ),
        NativeDef::function("template(pattern, template, /)", replace::template, ""),
        NativeDef::function("getcodesize()", |vm, _| Ok(vm.ret(Value::from_i32(4))), ""),
        NativeDef::function("ascii_iscased(character, /)", ascii_iscased, ""),
        NativeDef::function("ascii_tolower(character, /)", ascii_tolower, ""),
        NativeDef::function("unicode_iscased(character, /)", unicode_iscased, ""),
        NativeDef::function("unicode_tolower(character, /)", unicode_tolower, ""),
        NativeDef::function("getlower(character, flags, /)", getlower, ""),
    ],
    types: &[],
    exec: Some(exec),
};

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    let vm = &*vm;
    for (name, value) in [
        ("MAGIC", 20230612),
        ("CODESIZE", 4),
        ("MAXREPEAT", program::MAXREPEAT as i64),
        ("MAXGROUPS", i32::MAX as i64),
    ] {
        vm.module_set(module, name, vm.int(value));
    }
    Ok(())
}

fn character(vm: &mut Vm, args: Args) -> Result<u32, Raised> {
    let c = vm.index_i64(args.local(0))?;
    u32::try_from(c).map_err(|_| vm.raise(ClassId::OverflowError, "character out of range"))
}

fn ascii_iscased(vm: &mut Vm, args: Args) -> NativeResult {
    let c = character(vm, args)?;
    let cased = char::from_u32(c).is_some_and(|c| c.is_ascii_alphabetic());
    Ok(vm.ret(Value::from_bool(cased)))
}

fn ascii_tolower(vm: &mut Vm, args: Args) -> NativeResult {
    let c = character(vm, args)?;
    Ok(vm.ret(vm.int(program::lower_ascii(c) as i64)))
}

fn unicode_iscased(vm: &mut Vm, args: Args) -> NativeResult {
    let c = character(vm, args)?;
    let cased = program::lower_unicode(c) != c || program::upper_unicode(c) != c;
    Ok(vm.ret(Value::from_bool(cased)))
}

fn unicode_tolower(vm: &mut Vm, args: Args) -> NativeResult {
    let c = character(vm, args)?;
    Ok(vm.ret(vm.int(program::lower_unicode(c) as i64)))
}

fn getlower(vm: &mut Vm, args: Args) -> NativeResult {
    let c = character(vm, args)?;
    let unicode = vm.index_i64(args.local(1))? & pattern::UNICODE != 0;
    let lower = if unicode { program::lower_unicode(c) } else { program::lower_ascii(c) };
    Ok(vm.ret(vm.int(lower as i64)))
}
