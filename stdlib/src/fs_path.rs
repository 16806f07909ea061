//! Paths as arguments: str, bytes, or whatever has `__fspath__`.

use sidewinder_interpreter::object::Bytes;
use sidewinder_interpreter::{Local, Raised, Vm, raise};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// A path argument; TypeError in CPython's words for anything else.
pub fn path_argument(vm: &mut Vm, path: Local) -> Result<PathBuf, Raised> {
    if let Some(found) = plain(vm, path) {
        return check(vm, found);
    }
    if let Some(method) = vm.getattr_opt(path, "__fspath__")? {
        let method = vm.hold(method);
        let result = vm.call(method, &[])?;
        let result = vm.hold(result);
        if let Some(found) = plain(vm, result) {
            return check(vm, found);
        }
        let (owner, given) = (vm.type_name(vm.get(path)), vm.type_name(vm.get(result)));
        raise!(vm, TypeError, "expected {owner}.__fspath__() to return str or bytes, not {given}");
    }
    let given = vm.type_name(vm.get(path));
    raise!(vm, TypeError, "expected str, bytes or os.PathLike object, not {given}")
}

fn plain(vm: &Vm, path: Local) -> Option<PathBuf> {
    let value = vm.get(path);
    if value.as_str().is_some() {
        return Some(PathBuf::from(vm.text_of(value)));
    }
    let bytes = value.cast::<Bytes>()?;
    Some(PathBuf::from(std::ffi::OsString::from_vec(bytes.data().to_vec())))
}

fn check(vm: &Vm, path: PathBuf) -> Result<PathBuf, Raised> {
    if path.as_os_str().as_encoded_bytes().contains(&0) {
        raise!(vm, ValueError, "embedded null byte");
    }
    Ok(path)
}
