//! The module `_bundle`: the library inside the binary, for `importlib._bundled`.

use super::cache;
use crate::library;
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm, raise};
use std::collections::BTreeSet;

/// The declaration.
pub static BUNDLE: ModuleDef = ModuleDef {
    name: "_bundle",
    doc: "The library inside the binary.",
    functions: &[
        NativeDef::function("locate(path, /)", locate, "'file', 'directory', 'module', 'package'."),
        NativeDef::function("code(path, filename, /)", code, "The compiled code of a file."),
        NativeDef::function("data(path, /)", data, "The contents of a file."),
        NativeDef::function("load_code(data, filename, /)", load_code, "Code of a .pyc file."),
        NativeDef::function("names(path, /)", names, "What is in a directory."),
        NativeDef::function("load(name, /)", load, "A module that stands in for a package."),
    ],
    types: &[],
    exec: Some(exec),
};

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    let vm = &*vm;
    vm.module_set(module, "root", vm.str(&cache::root()).value());
    let names: Vec<Value<'_>> = vm.bundled_names().into_iter().map(|n| vm.str(n).value()).collect();
    vm.module_set(module, "stand_ins", vm.tuple(&names).value());
    Ok(())
}

fn text(vm: &Vm, args: Args, i: usize) -> Result<String, Raised> {
    Ok(vm.text_of(args.str(vm, i)?.value()))
}

/// What a path without extension stands for.
fn locate(vm: &mut Vm, args: Args) -> NativeResult {
    let path = text(vm, args, 0)?;
    let vm = &*vm;
    let kind = if library::find(&format!("{path}/__init__.py")).is_some() {
        "package"
    } else if library::find(&format!("{path}.py")).is_some() {
        "module"
    } else if library::find(&path).is_some() {
        "file"
    } else if library::is_directory(&path) {
        "directory"
    } else {
        return Ok(vm.none());
    };
    Ok(vm.ret(vm.intern(kind).value()))
}

fn missing(vm: &Vm, path: &str) -> Raised {
    let error = std::io::Error::from_raw_os_error(libc::ENOENT);
    crate::io::os_error(vm, &error, Some(&format!("{}/{path}", cache::root())))
}

fn code(vm: &mut Vm, args: Args) -> NativeResult {
    let (path, filename) = (text(vm, args, 0)?, text(vm, args, 1)?);
    let Some(entry) = library::find(&path) else { return Err(missing(vm, &path)) };
    let unit = cache::unit(vm, entry, &filename)?;
    let vm = &*vm;
    Ok(vm.ret(vm.code(unit).value()))
}

/// Marshalled code under a file name; None for what is no code of this build.
fn load_code(vm: &mut Vm, args: Args) -> NativeResult {
    let filename = match args.not_none(vm, 1) {
        Some(_) => Some(text(vm, args, 1)?),
        None => None,
    };
    let data = vm.bytes_like(args.local(0))?;
    match super::marshal::code(&data, filename.as_deref()) {
        Some(unit) => {
            let vm = &*vm;
            Ok(vm.ret(vm.code(unit).value()))
        }
        None => Ok(vm.none()),
    }
}

fn data(vm: &mut Vm, args: Args) -> NativeResult {
    let path = text(vm, args, 0)?;
    let Some(entry) = library::find(&path) else { return Err(missing(vm, &path)) };
    let vm = &*vm;
    Ok(vm.ret(vm.bytes(&entry.read()).value()))
}

fn names(vm: &mut Vm, args: Args) -> NativeResult {
    let path = text(vm, args, 0)?;
    let prefix = if path.is_empty() { path } else { format!("{path}/") };
    let names: BTreeSet<&str> = library::with_prefix(&prefix)
        .filter_map(|entry| entry.name[prefix.len()..].split('/').next())
        .collect();
    let vm = &*vm;
    let names: Vec<Value<'_>> = names.into_iter().map(|n| vm.str(n).value()).collect();
    Ok(vm.ret(vm.list(&names).value()))
}

fn load(vm: &mut Vm, args: Args) -> NativeResult {
    let name = text(vm, args, 0)?;
    match vm.load_bundled(&name)? {
        Some(module) => Ok(vm.ret(vm.get(module))),
        None => raise!(vm, ImportError, "no module '{name}' is carried along"),
    }
}
