//! Paths as arguments and results: str, bytes, or whatever has `__fspath__`.
//!
//! Names in the file system are bytes. As str they are UTF-8; bytes that are not become lone
//! surrogates (PEP 383), so that every name survives the way there and back.

use sidewinder_interpreter::object::*;
use sidewinder_interpreter::vm::Special;
use sidewinder_interpreter::{Local, Raised, Value, Vm, raise};
use std::ffi::CString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// The bytes of a name given as str; what cannot be one is the error's position.
pub fn encode(s: &Str) -> Result<Vec<u8>, usize> {
    if let Some(text) = s.to_utf8() {
        return Ok(text.into_owned().into_bytes());
    }
    let mut out = Vec::new();
    for (i, c) in s.chars().enumerate() {
        match (char::from_u32(c), c) {
            (Some(c), _) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            (None, 0xDC80..=0xDCFF) => out.push((c - 0xDC00) as u8),
            _ => return Err(i),
        }
    }
    Ok(out)
}

/// A name of the file system as str.
pub fn decode<'gc>(vm: &'gc Vm, bytes: &[u8]) -> Gc<'gc, Str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return vm.str(text);
    }
    let mut chars = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        chars.extend(chunk.valid().chars().map(u32::from));
        chars.extend(chunk.invalid().iter().map(|b| 0xDC00 + u32::from(*b)));
    }
    vm.str_from_code_points(&chars)
}

/// What is accepted besides paths.
#[derive(Clone, Copy, Default)]
pub struct Accept {
    /// Descriptors.
    pub fd: bool,
    /// None, which stands for the current directory.
    pub none: bool,
}

/// A path argument.
pub struct PathArg {
    /// For the system.
    pub c: CString,
    /// The descriptor that was given instead.
    pub fd: Option<i32>,
    /// What was given (after `__fspath__`), for error messages.
    pub shown: Local,
    /// Results are bytes as well.
    pub is_bytes: bool,
}

impl PathArg {
    /// A name found there, in the type that the argument had.
    pub fn name<'gc>(&self, vm: &'gc Vm, bytes: &[u8]) -> Value<'gc> {
        if self.is_bytes { vm.bytes(bytes).value() } else { decode(vm, bytes).value() }
    }
}

/// Argument `path` of the function `function`; TypeError and ValueError in CPython's words.
pub fn path_arg(
    vm: &mut Vm,
    path: Local,
    function: &str,
    argument: &str,
    accept: Accept,
) -> Result<PathArg, Raised> {
    let of = if function.is_empty() { String::new() } else { format!("{function}: ") };
    if accept.none && (vm.get(path).is_none() || vm.get(path).is_unbound()) {
        let shown = vm.root(Value::NONE);
        return Ok(PathArg { c: c".".into(), fd: None, shown, is_bytes: false });
    }
    let mut shown = path;
    if plain(vm, path)?.is_none() {
        let index =
            accept.fd && vm.special_of(vm.get(path), Special::Index).is_some_and(|m| !m.is_none());
        if index {
            let fd = fd_of(vm, path)?;
            return Ok(PathArg { c: c"".into(), fd: Some(fd), shown: path, is_bytes: false });
        }
        let allowed = match (accept.fd, accept.none) {
            (true, true) => "string, bytes, os.PathLike, integer or None",
            (true, false) => "string, bytes, os.PathLike or integer",
            (false, true) => "string, bytes, os.PathLike or None",
            (false, false) => "string, bytes or os.PathLike",
        };
        let given = vm.type_name(vm.get(path));
        let refuse = format!("{of}{argument} should be {allowed}, not {given}");
        let class = vm.class_of(vm.get(path));
        let key = vm.intern("__fspath__").value();
        if vm.class_lookup(class, key).is_none_or(|m| m.is_none()) {
            return Err(vm.type_error(refuse));
        }
        let result = vm.call_method(path, "__fspath__", &[])?;
        shown = vm.hold(result);
        if plain(vm, shown)?.is_none() {
            let got = vm.type_name(vm.get(shown));
            raise!(
                vm,
                TypeError,
                "expected {given}.__fspath__() to return str or bytes, not {got}"
            );
        }
    }
    let bytes = plain(vm, shown)?.unwrap_or_default();
    let is_bytes = vm.get(shown).as_str().is_none();
    match CString::new(bytes) {
        Ok(c) => Ok(PathArg { c, fd: None, shown, is_bytes }),
        Err(_) => {
            let kind = if is_bytes { "byte" } else { "character" };
            let of = if of.is_empty() { String::new() } else { format!("{of}{argument}: ") };
            let _ = of;
            let head = if function.is_empty() { "" } else { &format!("{function}: ") };
            let text = if head.is_empty() {
                format!("embedded null {kind}")
            } else {
                format!("{head}embedded null character in {argument}")
            };
            Err(vm.value_error(text))
        }
    }
}

/// A descriptor number.
pub fn fd_of(vm: &mut Vm, value: Local) -> Result<i32, Raised> {
    let n = vm.index(value)?;
    let n = vm.value(n);
    match vm.as_i64(n) {
        Some(n) => match i32::try_from(n) {
            Ok(n) => Ok(n),
            Err(_) if n > 0 => raise!(vm, OverflowError, "fd is greater than maximum"),
            Err(_) => raise!(vm, OverflowError, "fd is less than minimum"),
        },
        None => raise!(vm, OverflowError, "fd is greater than maximum"),
    }
}

/// The bytes of a path given as str or bytes.
fn plain(vm: &Vm, path: Local) -> Result<Option<Vec<u8>>, Raised> {
    let value = vm.get(path);
    if let Some(s) = value.as_str() {
        return match encode(s.r()) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(at) => Err(vm.surrogate_error(value, at, at + 1)),
        };
    }
    Ok(value.cast::<Bytes>().map(|bytes| bytes.r().data().to_vec()))
}

/// A path argument as Rust has it; TypeError in CPython's words for anything else.
pub fn path_argument(vm: &mut Vm, path: Local) -> Result<PathBuf, Raised> {
    if plain(vm, path)?.is_none() {
        let class = vm.class_of(vm.get(path));
        let key = vm.intern("__fspath__").value();
        if vm.class_lookup(class, key).is_none() {
            let given = vm.type_name(vm.get(path));
            raise!(vm, TypeError, "expected str, bytes or os.PathLike object, not {given}");
        }
    }
    let arg = path_arg(vm, path, "", "path", Accept::default())?;
    Ok(PathBuf::from(std::ffi::OsString::from_vec(arg.c.into_bytes())))
}
