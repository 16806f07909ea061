//! `os.path`: paths as text.

use crate::fs_path::path_argument;
use crate::io::os_error;
use sidewinder_interpreter::object::{Field, Tuple};
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, NativeDef, NativeResult, Raised, Value, Vm};
use std::path::{Path, PathBuf};

/// The module `os.path`.
pub static PATH: ModuleDef = ModuleDef {
    name: "posixpath",
    doc: "Operations on paths.",
    functions: FUNCTIONS,
    types: &[],
    exec: Some(|vm, module| {
        let vm = &*vm;
        vm.module_set(module, "sep", vm.str("/").value());
        vm.module_set(module, "pathsep", vm.str(":").value());
        vm.module_set(module, "curdir", vm.str(".").value());
        vm.module_set(module, "pardir", vm.str("..").value());
        Ok(())
    }),
};

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("join(path, /, *paths)", join, "Join parts; an absolute one starts anew."),
    NativeDef::function("split(path)", split, "The part before the last slash, and that after it."),
    NativeDef::function("splitext(path)", splitext, "The path without its extension, and that."),
    NativeDef::function("basename(path)", basename, "What is after the last slash."),
    NativeDef::function("dirname(path)", dirname, "What is before the last slash."),
    NativeDef::function("normpath(path)", normpath, "Without `.`, `..` and double slashes."),
    NativeDef::function("abspath(path)", abspath, "As an absolute, normal path."),
    NativeDef::function("realpath(filename)", realpath, "With symbolic links followed."),
    NativeDef::function("relpath(path, start=None)", relpath, "From start to path."),
    NativeDef::function("isabs(path)", isabs, "Whether it begins with a slash."),
    NativeDef::function("exists(path)", exists, "Whether there is such a file."),
    NativeDef::function("lexists(path)", lexists, "The same; a broken link counts."),
    NativeDef::function("isfile(path)", isfile, "Whether it is a file."),
    NativeDef::function("isdir(path)", isdir, "Whether it is a directory."),
    NativeDef::function("islink(path)", islink, "Whether it is a symbolic link."),
    NativeDef::function("getsize(filename)", getsize, "Size in bytes."),
    NativeDef::function("getmtime(filename)", getmtime, "Time of the last change."),
    NativeDef::function("expanduser(path)", expanduser, "With `~` replaced by the home directory."),
];

fn argument(vm: &mut Vm, args: Args, i: usize) -> Result<String, Raised> {
    Ok(path_argument(vm, args.local(i))?.to_string_lossy().into_owned())
}

fn text(vm: &Vm, text: &str) -> NativeResult {
    Ok(vm.ret(vm.str(text).value()))
}

fn pair(vm: &Vm, a: &str, b: &str) -> NativeResult {
    Ok(vm.ret(vm.tuple(&[vm.str(a).value(), vm.str(b).value()]).value()))
}

fn truth(vm: &Vm, is: bool) -> NativeResult {
    Ok(vm.ret(Value::from_bool(is)))
}

fn join(vm: &mut Vm, args: Args) -> NativeResult {
    let mut path = argument(vm, args, 0)?;
    let rest: Vec<_> = match args.get(vm, 1).cast::<Tuple>() {
        Some(tuple) => tuple.r().items().iter().map(|s| vm.root(s.get(vm))).collect(),
        None => Vec::new(),
    };
    for part in rest {
        let part = path_argument(vm, part)?.to_string_lossy().into_owned();
        if part.starts_with('/') {
            path = part;
        } else {
            if !path.is_empty() && !path.ends_with('/') {
                path.push('/');
            }
            path.push_str(&part);
        }
    }
    text(vm, &path)
}

/// Head and tail of a path.
fn parts(path: &str) -> (&str, &str) {
    let at = path.rfind('/').map_or(0, |at| at + 1);
    let (head, tail) = path.split_at(at);
    let trimmed = head.trim_end_matches('/');
    (if trimmed.is_empty() { head } else { trimmed }, tail)
}

fn split(vm: &mut Vm, args: Args) -> NativeResult {
    let path = argument(vm, args, 0)?;
    let (head, tail) = parts(&path);
    pair(vm, head, tail)
}

fn splitext(vm: &mut Vm, args: Args) -> NativeResult {
    let path = argument(vm, args, 0)?;
    let name = path.rfind('/').map_or(0, |at| at + 1);
    let dots = path[name..].len() - path[name..].trim_start_matches('.').len();
    let at = match path[name + dots..].rfind('.') {
        Some(dot) => name + dots + dot,
        None => path.len(),
    };
    pair(vm, &path[..at], &path[at..])
}

fn basename(vm: &mut Vm, args: Args) -> NativeResult {
    let path = argument(vm, args, 0)?;
    text(vm, parts(&path).1)
}

fn dirname(vm: &mut Vm, args: Args) -> NativeResult {
    let path = argument(vm, args, 0)?;
    text(vm, parts(&path).0)
}

fn normal(path: &str) -> String {
    let slashes = path.len() - path.trim_start_matches('/').len();
    let root = match slashes {
        0 => "",
        2 => "//",
        _ => "/",
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if !root.is_empty() => {}
            part => parts.push(part),
        }
    }
    let joined = format!("{root}{}", parts.join("/"));
    if joined.is_empty() { ".".into() } else { joined }
}

fn absolute(path: &str) -> String {
    if path.starts_with('/') {
        return normal(path);
    }
    let here = std::env::current_dir().unwrap_or_default();
    normal(&format!("{}/{path}", here.to_string_lossy()))
}

fn normpath(vm: &mut Vm, args: Args) -> NativeResult {
    let path = argument(vm, args, 0)?;
    text(vm, &normal(&path))
}

fn abspath(vm: &mut Vm, args: Args) -> NativeResult {
    let path = argument(vm, args, 0)?;
    text(vm, &absolute(&path))
}

fn realpath(vm: &mut Vm, args: Args) -> NativeResult {
    let path = absolute(&argument(vm, args, 0)?);
    // What exists is resolved; the rest is put behind it as it is.
    let mut base = PathBuf::from(&path);
    let mut rest: Vec<std::ffi::OsString> = Vec::new();
    loop {
        if let Ok(real) = base.canonicalize() {
            let mut real = real;
            real.extend(rest.iter().rev());
            return text(vm, &real.to_string_lossy());
        }
        let Some(name) = base.file_name().map(|n| n.to_owned()) else { return text(vm, &path) };
        rest.push(name);
        if !base.pop() {
            return text(vm, &path);
        }
    }
}

fn relpath(vm: &mut Vm, args: Args) -> NativeResult {
    let path = absolute(&argument(vm, args, 0)?);
    let start = match args.not_none(vm, 1) {
        Some(_) => absolute(&argument(vm, args, 1)?),
        None => absolute("."),
    };
    let split = |p: &str| p.split('/').filter(|s| !s.is_empty()).map(str::to_owned).collect();
    let (path, start): (Vec<String>, Vec<String>) = (split(&path), split(&start));
    let same = path.iter().zip(&start).take_while(|(a, b)| a == b).count();
    let mut parts = vec!["..".to_owned(); start.len() - same];
    parts.extend_from_slice(&path[same..]);
    text(vm, &if parts.is_empty() { ".".into() } else { parts.join("/") })
}

fn isabs(vm: &mut Vm, args: Args) -> NativeResult {
    let is = argument(vm, args, 0)?.starts_with('/');
    truth(vm, is)
}

macro_rules! question {
    ($($name:ident $method:ident)*) => {$(
        fn $name(vm: &mut Vm, args: Args) -> NativeResult {
            let path = PathBuf::from(argument(vm, args, 0)?);
            truth(vm, path.$method())
        }
    )*};
}
question! { exists exists isfile is_file isdir is_dir islink is_symlink }

fn lexists(vm: &mut Vm, args: Args) -> NativeResult {
    let path = argument(vm, args, 0)?;
    truth(vm, Path::new(&path).symlink_metadata().is_ok())
}

fn getsize(vm: &mut Vm, args: Args) -> NativeResult {
    let path = argument(vm, args, 0)?;
    match std::fs::metadata(&path) {
        Ok(meta) => Ok(vm.ret(vm.int(meta.len() as i64))),
        Err(error) => Err(os_error(vm, &error, Some(&path))),
    }
}

fn getmtime(vm: &mut Vm, args: Args) -> NativeResult {
    let path = argument(vm, args, 0)?;
    match std::fs::metadata(&path).and_then(|m| m.modified()) {
        Ok(time) => {
            let since = time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            Ok(vm.ret(vm.float(since.as_secs_f64())))
        }
        Err(error) => Err(os_error(vm, &error, Some(&path))),
    }
}

fn expanduser(vm: &mut Vm, args: Args) -> NativeResult {
    let path = argument(vm, args, 0)?;
    let home = std::env::var("HOME").unwrap_or_default();
    match path.strip_prefix('~') {
        Some(rest) if !home.is_empty() && (rest.is_empty() || rest.starts_with('/')) => {
            text(vm, &format!("{home}{rest}"))
        }
        _ => text(vm, &path),
    }
}
