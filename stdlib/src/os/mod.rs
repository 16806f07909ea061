//! The part of `os` that is written in Rust: environment, files and directories, process.
//!
//! It stands in for the library's `os` until that is bundled. [`path`] is `os.path`.

pub mod path;

use crate::fs_path::path_argument;
use crate::io::os_error;
use sidewinder_interpreter::builtins::{ClassId, GetSetDef, TypeDef};
use sidewinder_interpreter::object::native::Payload;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm, raise};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;

/// The module `os`.
pub static OS: ModuleDef = ModuleDef {
    name: "os",
    doc: "The operating system: environment, files, process.",
    functions: FUNCTIONS,
    types: &[&DIR_ENTRY],
    exec: Some(exec),
};

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("getcwd()", getcwd, "The current directory."),
    NativeDef::function("chdir(path)", chdir, "Change the current directory."),
    NativeDef::function("listdir(path='.')", listdir, "Names of what is in a directory."),
    NativeDef::function(
        "scandir(path='.')",
        scandir,
        "Entries of a directory, as a list's iterator.",
    ),
    NativeDef::function("mkdir(path, mode=511)", mkdir, "Make a directory."),
    NativeDef::function("makedirs(name, mode=511, exist_ok=False)", makedirs, "Make directories."),
    NativeDef::function("rmdir(path)", rmdir, "Remove an empty directory."),
    NativeDef::function("remove(path)", remove, "Remove a file."),
    NativeDef::function("unlink(path)", remove, "Remove a file."),
    NativeDef::function("rename(src, dst)", rename, "Rename a file or directory."),
    NativeDef::function("replace(src, dst)", rename, "Rename, replacing what is there."),
    NativeDef::function("stat(path)", stat, "What the system knows of a file."),
    NativeDef::function("access(path, mode)", access, "Whether a file may be used."),
    NativeDef::function("getpid()", getpid, "Number of this process."),
    NativeDef::function("getppid()", getppid, "Number of the parent process."),
    NativeDef::function("cpu_count()", cpu_count, "Number of processors."),
    NativeDef::function("urandom(size, /)", urandom, "Random bytes from the system."),
    NativeDef::function("fspath(path)", fspath, "The path as str or bytes."),
    NativeDef::function("fsencode(filename)", fsencode, "The path as bytes."),
    NativeDef::function("fsdecode(filename)", fsdecode, "The path as str."),
    NativeDef::function("getenv(key, default=None)", getenv, "A variable of the environment."),
    NativeDef::function("putenv(name, value, /)", putenv, "Set a variable of the environment."),
    NativeDef::function("strerror(code, /)", strerror, "The text of an error number."),
    NativeDef::function("isatty(fd, /)", isatty, "Whether a descriptor is a terminal."),
    NativeDef::function("close(fd)", close, "Close a descriptor."),
    NativeDef::function("_exit(status)", exit_now, "End the process at once."),
    NativeDef::function("kill(pid, signal, /)", kill, "Send a signal."),
];

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    let path = vm.import_module("posixpath")?;
    let vm = &*vm;
    vm.module_set(module, "path", vm.get(path));
    vm.add_module("os.path", vm.get(path));
    let environment = vm.dict();
    for (name, value) in std::env::vars_os() {
        let (name, value) = (name.to_string_lossy(), value.to_string_lossy());
        vm.dict_set_str(environment, vm.str(&name), vm.str(&value).value());
    }
    vm.module_set(module, "environ", environment.value());
    for (name, text) in [
        ("name", "posix"),
        ("sep", "/"),
        ("linesep", "\n"),
        ("pathsep", ":"),
        ("curdir", "."),
        ("pardir", ".."),
        ("extsep", "."),
        ("devnull", "/dev/null"),
    ] {
        vm.module_set(module, name, vm.str(text).value());
    }
    vm.module_set(module, "altsep", Value::NONE);
    vm.module_set(module, "error", vm.class(ClassId::OSError).value());
    for (name, value) in [
        ("F_OK", libc::F_OK),
        ("R_OK", libc::R_OK),
        ("W_OK", libc::W_OK),
        ("X_OK", libc::X_OK),
        ("O_RDONLY", libc::O_RDONLY),
        ("O_WRONLY", libc::O_WRONLY),
        ("O_RDWR", libc::O_RDWR),
        ("SEEK_SET", 0),
        ("SEEK_CUR", 1),
        ("SEEK_END", 2),
    ] {
        vm.module_set(module, name, Value::from_i32(value));
    }
    Ok(())
}

/// Registers the modules.
pub fn install(vm: &mut Vm) {
    vm.register_module(&OS);
    vm.register_module(&path::PATH);
}

/// A path argument with its text for error messages.
fn path(vm: &mut Vm, args: Args, i: usize) -> Result<(PathBuf, String), Raised> {
    let path = path_argument(vm, args.local(i))?;
    let text = path.to_string_lossy().into_owned();
    Ok((path, text))
}

/// The result of an operation on a file.
fn done<T>(vm: &Vm, result: std::io::Result<T>, file: &str) -> Result<T, Raised> {
    result.map_err(|error| os_error(vm, &error, Some(file)))
}

fn text(vm: &Vm, text: &str) -> NativeResult {
    Ok(vm.ret(vm.str(text).value()))
}

fn getcwd(vm: &mut Vm, _: Args) -> NativeResult {
    match std::env::current_dir() {
        Ok(path) => text(vm, &path.to_string_lossy()),
        Err(error) => Err(os_error(vm, &error, None)),
    }
}

fn chdir(vm: &mut Vm, args: Args) -> NativeResult {
    let (path, name) = path(vm, args, 0)?;
    done(vm, std::env::set_current_dir(path), &name)?;
    Ok(vm.none())
}

/// The names in the directory of argument `i`.
fn names(vm: &mut Vm, args: Args, i: usize) -> Result<Vec<String>, Raised> {
    let (path, name) = match args.not_none(vm, i) {
        Some(_) => path(vm, args, i)?,
        None => (PathBuf::from("."), ".".into()),
    };
    let entries = done(vm, std::fs::read_dir(path), &name)?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = done(vm, entry, &name)?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}

fn listdir(vm: &mut Vm, args: Args) -> NativeResult {
    let names = names(vm, args, 0)?;
    let vm = &*vm;
    let items: Vec<Value<'_>> = names.iter().map(|n| vm.str(n).value()).collect();
    Ok(vm.ret(vm.list(&items).value()))
}

/// `os.DirEntry`
#[derive(Trace)]
pub struct DirEntry {
    name: Slot,
    path: Slot,
}

impl Payload for DirEntry {
    const TYPE: &'static TypeDef = &DIR_ENTRY;
}

/// The type of [`DirEntry`].
pub static DIR_ENTRY: TypeDef = TypeDef {
    module: "os",
    doc: "An entry of a directory.",
    flags: ClassFlags::NO_NEW,
    methods: &[
        NativeDef::method("is_file($self, /)", entry_is_file, "Whether it is a file."),
        NativeDef::method("is_dir($self, /)", entry_is_dir, "Whether it is a directory."),
        NativeDef::method("is_symlink($self, /)", entry_is_link, "Whether it is a link."),
        NativeDef::method("__fspath__($self, /)", entry_path, "The path."),
    ],
    getset: &[
        GetSetDef::new("name", entry_name, "The name."),
        GetSetDef::new("path", entry_path, "The path."),
    ],
    ..TypeDef::new("DirEntry", Kind::Native)
};

fn entry_name(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.payload::<DirEntry>(vm)?.r().name.get(vm)))
}

fn entry_path(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.payload::<DirEntry>(vm)?.r().path.get(vm)))
}

fn entry_file(vm: &Vm, args: Args) -> Result<PathBuf, Raised> {
    Ok(PathBuf::from(vm.text_of(args.payload::<DirEntry>(vm)?.r().path.get(vm))))
}

fn entry_is_file(vm: &mut Vm, args: Args) -> NativeResult {
    let is = entry_file(vm, args)?.is_file();
    Ok(vm.ret(Value::from_bool(is)))
}

fn entry_is_dir(vm: &mut Vm, args: Args) -> NativeResult {
    let is = entry_file(vm, args)?.is_dir();
    Ok(vm.ret(Value::from_bool(is)))
}

fn entry_is_link(vm: &mut Vm, args: Args) -> NativeResult {
    let is = entry_file(vm, args)?.is_symlink();
    Ok(vm.ret(Value::from_bool(is)))
}

fn scandir(vm: &mut Vm, args: Args) -> NativeResult {
    let base = match args.not_none(vm, 0) {
        Some(_) => path(vm, args, 0)?.0,
        None => PathBuf::from("."),
    };
    let names = names(vm, args, 0)?;
    let list = {
        let vm = &*vm;
        let list = vm.list(&[]);
        for name in names {
            let path = base.join(&name);
            let entry = DirEntry {
                name: Slot::new(vm.str(&name).value().word()),
                path: Slot::new(vm.str(&path.to_string_lossy()).value().word()),
            };
            vm.list_push(list, vm.native(entry).value());
        }
        vm.root(list.value())
    };
    vm.iter(list)
}

fn mkdir(vm: &mut Vm, args: Args) -> NativeResult {
    use std::os::unix::fs::DirBuilderExt;
    let (path, name) = path(vm, args, 0)?;
    let mode = match args.opt(vm, 1) {
        None => 0o777,
        Some(_) => vm.index_i64(args.local(1))? as u32,
    };
    done(vm, std::fs::DirBuilder::new().mode(mode).create(path), &name)?;
    Ok(vm.none())
}

fn makedirs(vm: &mut Vm, args: Args) -> NativeResult {
    let (path, name) = path(vm, args, 0)?;
    let exist_ok = match args.opt(vm, 2) {
        None => false,
        Some(_) => vm.truth(args.local(2))?,
    };
    if path.exists() && !(exist_ok && path.is_dir()) {
        let error = std::io::Error::from_raw_os_error(libc::EEXIST);
        return Err(os_error(vm, &error, Some(&name)));
    }
    done(vm, std::fs::create_dir_all(path), &name)?;
    Ok(vm.none())
}

fn rmdir(vm: &mut Vm, args: Args) -> NativeResult {
    let (path, name) = path(vm, args, 0)?;
    done(vm, std::fs::remove_dir(path), &name)?;
    Ok(vm.none())
}

fn remove(vm: &mut Vm, args: Args) -> NativeResult {
    let (path, name) = path(vm, args, 0)?;
    done(vm, std::fs::remove_file(path), &name)?;
    Ok(vm.none())
}

fn rename(vm: &mut Vm, args: Args) -> NativeResult {
    let (from, name) = path(vm, args, 0)?;
    let (to, _) = path(vm, args, 1)?;
    done(vm, std::fs::rename(from, to), &name)?;
    Ok(vm.none())
}

crate::struct_sequence! { STAT_RESULT "os" "stat_result" "What the system knows of a file.":
0 "st_mode" 1 "st_ino" 2 "st_dev" 3 "st_nlink" 4 "st_uid" 5 "st_gid" 6 "st_size"
7 "st_atime" 8 "st_mtime" 9 "st_ctime" }

fn stat(vm: &mut Vm, args: Args) -> NativeResult {
    let (path, name) = path(vm, args, 0)?;
    let meta = done(vm, std::fs::metadata(path), &name)?;
    let vm = &*vm;
    let time =
        |seconds: i64, nanoseconds: i64| vm.float(seconds as f64 + nanoseconds as f64 * 1e-9);
    let items = [
        vm.int(meta.mode() as i64),
        vm.int(meta.ino() as i64),
        vm.int(meta.dev() as i64),
        vm.int(meta.nlink() as i64),
        vm.int(meta.uid() as i64),
        vm.int(meta.gid() as i64),
        vm.int(meta.size() as i64),
        time(meta.atime(), meta.atime_nsec()),
        time(meta.mtime(), meta.mtime_nsec()),
        time(meta.ctime(), meta.ctime_nsec()),
    ];
    Ok(vm.ret(crate::structseq::new(vm, &STAT_RESULT, &items).value()))
}

fn access(vm: &mut Vm, args: Args) -> NativeResult {
    let (path, _) = path(vm, args, 0)?;
    let mode = vm.index_i64(args.local(1))? as i32;
    let may = match std::fs::metadata(&path) {
        Err(_) => false,
        Ok(meta) => {
            let bits = meta.permissions().mode();
            let write = mode & libc::W_OK == 0 || !meta.permissions().readonly();
            let execute = mode & libc::X_OK == 0 || bits & 0o111 != 0;
            write && execute && (mode & libc::R_OK == 0 || bits & 0o444 != 0)
        }
    };
    Ok(vm.ret(Value::from_bool(may)))
}

fn getpid(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(vm.int(std::process::id() as i64)))
}

fn getppid(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(vm.int(std::os::unix::process::parent_id() as i64)))
}

fn cpu_count(vm: &mut Vm, _: Args) -> NativeResult {
    match std::thread::available_parallelism() {
        Ok(n) => Ok(vm.ret(vm.int_usize(n.get()))),
        Err(_) => Ok(vm.none()),
    }
}

fn urandom(vm: &mut Vm, args: Args) -> NativeResult {
    use std::io::Read;
    let size = vm.index_i64(args.local(0))?;
    let Ok(size) = usize::try_from(size) else {
        raise!(vm, ValueError, "negative argument not allowed");
    };
    vm.check_size(size)?;
    let mut bytes = vec![0; size];
    let result = std::fs::File::open("/dev/urandom").and_then(|mut f| f.read_exact(&mut bytes));
    done(vm, result, "/dev/urandom")?;
    Ok(vm.ret(vm.bytes(&bytes).value()))
}

fn fspath(vm: &mut Vm, args: Args) -> NativeResult {
    let value = args.get(vm, 0);
    if value.as_str().is_some() || value.cast::<Bytes>().is_some() {
        return Ok(vm.ret(value));
    }
    let path = path_argument(vm, args.local(0))?;
    text(vm, &path.to_string_lossy())
}

fn fsencode(vm: &mut Vm, args: Args) -> NativeResult {
    let path = path_argument(vm, args.local(0))?;
    Ok(vm.ret(vm.bytes(path.as_os_str().as_encoded_bytes()).value()))
}

fn fsdecode(vm: &mut Vm, args: Args) -> NativeResult {
    let path = path_argument(vm, args.local(0))?;
    text(vm, &path.to_string_lossy())
}

fn getenv(vm: &mut Vm, args: Args) -> NativeResult {
    let environment = match crate::io::global(vm, "os", "environ") {
        Some(environment) => vm.root(environment),
        None => return Ok(vm.ret(args.opt(vm, 1).unwrap_or(Value::NONE))),
    };
    if args.get(vm, 0).as_str().is_none() {
        let given = vm.type_name(args.get(vm, 0));
        raise!(vm, TypeError, "str expected, not {given}");
    }
    if vm.contains(environment, args.local(0))? {
        return vm.getitem(environment, args.local(0));
    }
    Ok(vm.ret(args.opt(vm, 1).unwrap_or(Value::NONE)))
}

fn putenv(vm: &mut Vm, args: Args) -> NativeResult {
    let environment = crate::io::global(vm, "os", "environ").map(|e| vm.root(e));
    if let Some(environment) = environment {
        vm.setitem(environment, args.local(0), args.local(1))?;
    }
    Ok(vm.none())
}

fn strerror(vm: &mut Vm, args: Args) -> NativeResult {
    let code = vm.index_i64(args.local(0))? as i32;
    // SAFETY: strerror returns a NUL-terminated string, copied at once.
    let message = unsafe { std::ffi::CStr::from_ptr(libc::strerror(code)) };
    text(vm, &message.to_string_lossy())
}

fn isatty(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = vm.index_i64(args.local(0))? as i32;
    Ok(vm.ret(Value::from_bool(crate::io::binary::is_terminal(fd))))
}

fn close(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = vm.index_i64(args.local(0))? as i32;
    // SAFETY: the program says that it owns the descriptor; a wrong one is reported.
    if unsafe { libc::close(fd) } != 0 {
        return Err(os_error(vm, &std::io::Error::last_os_error(), None));
    }
    Ok(vm.none())
}

fn exit_now(vm: &mut Vm, args: Args) -> NativeResult {
    let status = vm.index_i64(args.local(0))? as i32;
    // SAFETY: ends the process without running anything.
    unsafe { libc::_exit(status) }
}

fn kill(vm: &mut Vm, args: Args) -> NativeResult {
    let (pid, signal) = (vm.index_i64(args.local(0))?, vm.index_i64(args.local(1))?);
    // SAFETY: no memory is involved.
    if unsafe { libc::kill(pid as i32, signal as i32) } != 0 {
        return Err(os_error(vm, &std::io::Error::last_os_error(), None));
    }
    vm.safepoint()?;
    Ok(vm.none())
}
