//! Names in directories: making, renaming, removing, links, the current directory.

use super::support::*;
use crate::fs_path::{Accept, PathArg, path_arg};
use sidewinder_interpreter::{Args, NativeDef, NativeResult, Raised, Value, Vm, raise};
use std::ffi::{CStr, CString};

/// The functions.
pub static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function(
        "access(path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True)",
        access,
        "Whether the user may use a file that way.",
    ),
    NativeDef::function("chdir(path)", chdir, "Change the current directory."),
    NativeDef::function("fchdir(fd)", fchdir, "Change to the directory of a descriptor."),
    NativeDef::function(
        "chmod(path, mode, *, dir_fd=None, follow_symlinks=(os.name != 'nt'))",
        chmod,
        "Change the permissions of a file.",
    ),
    NativeDef::function("fchmod(fd, mode)", fchmod, "Change the permissions of an open file."),
    NativeDef::function(
        "chown(path, uid, gid, *, dir_fd=None, follow_symlinks=True)",
        chown,
        "Change the owner of a file.",
    ),
    NativeDef::function("fchown(fd, uid, gid)", fchown, "Change the owner of an open file."),
    NativeDef::function("lchown(path, uid, gid)", lchown, "Change the owner of a link itself."),
    NativeDef::function("chroot(path)", chroot, "Change the root directory."),
    NativeDef::function("getcwd()", getcwd, "The current directory, a str."),
    NativeDef::function("getcwdb()", getcwdb, "The current directory, bytes."),
    NativeDef::function(
        "link(src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=(os.name != 'nt'))",
        link,
        "Make another name for a file.",
    ),
    NativeDef::function("listdir(path=None)", listdir, "The names in a directory."),
    NativeDef::function("mkdir(path, mode=511, *, dir_fd=None)", mkdir, "Make a directory."),
    NativeDef::function("mkfifo(path, mode=438, *, dir_fd=None)", mkfifo, "Make a named pipe."),
    NativeDef::function("mknod(path, mode=384, device=0, *, dir_fd=None)", mknod, "Make a node."),
    NativeDef::function("major(device, /)", major, "The major number of a device."),
    NativeDef::function("minor(device, /)", minor, "The minor number of a device."),
    NativeDef::function("makedev(major, minor, /)", makedev, "The number of a device."),
    NativeDef::function("pathconf(path, name)", pathconf, "A limit of a file."),
    NativeDef::function("readlink(path, *, dir_fd=None)", readlink, "Where a link leads."),
    NativeDef::function("remove(path, *, dir_fd=None)", remove, "Remove a file."),
    NativeDef::function("unlink(path, *, dir_fd=None)", unlink, "Remove a file."),
    NativeDef::function(
        "rename(src, dst, *, src_dir_fd=None, dst_dir_fd=None)",
        rename,
        "Rename a file or directory.",
    ),
    NativeDef::function(
        "replace(src, dst, *, src_dir_fd=None, dst_dir_fd=None)",
        replace,
        "Rename, replacing what is there.",
    ),
    NativeDef::function("rmdir(path, *, dir_fd=None)", rmdir, "Remove an empty directory."),
    NativeDef::function(
        "symlink(src, dst, target_is_directory=False, *, dir_fd=None)",
        symlink,
        "Make a symbolic link.",
    ),
    NativeDef::function("truncate(path, length)", truncate, "Cut a file to a length."),
    NativeDef::function("umask(mask, /)", umask, "Set the mask of permissions; the old one."),
    NativeDef::function(
        "utime(path, times=None, *, ns=<unrepresentable>, dir_fd=None, follow_symlinks=True)",
        utime,
        "Set the times of a file.",
    ),
    NativeDef::function("fspath(path)", fspath, "The path as str or bytes."),
    NativeDef::function("_path_normpath(path)", normpath, "A path without empty parts and dots."),
    NativeDef::function("_path_splitroot_ex(path)", splitroot, "Drive, root and rest of a path."),
];

fn path(vm: &mut Vm, args: Args, i: usize, function: &str, name: &str) -> Result<PathArg, Raised> {
    path_arg(vm, args.local(i), function, name, Accept::default())
}

fn path_or_fd(vm: &mut Vm, args: Args, i: usize, function: &str) -> Result<PathArg, Raised> {
    path_arg(vm, args.local(i), function, "path", Accept { fd: true, none: false })
}

fn access(vm: &mut Vm, args: Args) -> NativeResult {
    let p = path(vm, args, 0, "access", "path")?;
    let mode = c_int(vm, args, 1)?;
    let dir = dir_fd(vm, args, 2)?;
    let effective = flag_or(vm, args, 3, false)?;
    let follow = flag_or(vm, args, 4, true)?;
    let mut flags = 0;
    if effective {
        flags |= libc::AT_EACCESS;
    }
    if !follow {
        flags |= libc::AT_SYMLINK_NOFOLLOW;
    }
    let ok = sys!(libc::faccessat(dir, p.c.as_ptr(), mode, flags)) == 0;
    Ok(vm.ret(Value::from_bool(ok)))
}

fn chdir(vm: &mut Vm, args: Args) -> NativeResult {
    let p = path_or_fd(vm, args, 0, "chdir")?;
    let result = match p.fd {
        Some(fd) => sys!(libc::fchdir(fd)),
        None => sys!(libc::chdir(p.c.as_ptr())),
    };
    done(vm, result, &[p.shown])
}

fn fchdir(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = fd(vm, args, 0)?;
    done(vm, sys!(libc::fchdir(fd)), &[])
}

fn chmod(vm: &mut Vm, args: Args) -> NativeResult {
    let p = path_or_fd(vm, args, 0, "chmod")?;
    let mode = c_int(vm, args, 1)? as libc::mode_t;
    let dir = dir_fd(vm, args, 2)?;
    let follow = flag_or(vm, args, 3, true)?;
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    let result = match p.fd {
        Some(fd) => sys!(libc::fchmod(fd, mode)),
        None => sys!(libc::fchmodat(dir, p.c.as_ptr(), mode, flags)),
    };
    done(vm, result, &[p.shown])
}

fn fchmod(vm: &mut Vm, args: Args) -> NativeResult {
    let (fd, mode) = (fd(vm, args, 0)?, c_int(vm, args, 1)?);
    done(vm, sys!(libc::fchmod(fd, mode as libc::mode_t)), &[])
}

/// A user or group number; -1 leaves it as it is.
fn id(vm: &mut Vm, args: Args, i: usize, what: &str) -> Result<u32, Raised> {
    let n = vm.index(args.local(i))?;
    let n = vm.value(n);
    match vm.as_i64(n) {
        Some(-1) => Ok(u32::MAX),
        Some(n) if n < 0 => raise!(vm, OverflowError, "{what} is less than minimum"),
        Some(n) if n < i64::from(u32::MAX) => Ok(n as u32),
        _ => raise!(vm, OverflowError, "{what} is greater than maximum"),
    }
}

fn chown(vm: &mut Vm, args: Args) -> NativeResult {
    let p = path_or_fd(vm, args, 0, "chown")?;
    let (uid, gid) = (id(vm, args, 1, "uid")?, id(vm, args, 2, "gid")?);
    let dir = dir_fd(vm, args, 3)?;
    let follow = flag_or(vm, args, 4, true)?;
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    let result = match p.fd {
        Some(fd) => sys!(libc::fchown(fd, uid, gid)),
        None => sys!(libc::fchownat(dir, p.c.as_ptr(), uid, gid, flags)),
    };
    done(vm, result, &[p.shown])
}

fn fchown(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = fd(vm, args, 0)?;
    let (uid, gid) = (id(vm, args, 1, "uid")?, id(vm, args, 2, "gid")?);
    done(vm, sys!(libc::fchown(fd, uid, gid)), &[])
}

fn lchown(vm: &mut Vm, args: Args) -> NativeResult {
    let p = path(vm, args, 0, "lchown", "path")?;
    let (uid, gid) = (id(vm, args, 1, "uid")?, id(vm, args, 2, "gid")?);
    done(vm, sys!(libc::lchown(p.c.as_ptr(), uid, gid)), &[p.shown])
}

fn chroot(vm: &mut Vm, args: Args) -> NativeResult {
    let p = path(vm, args, 0, "chroot", "path")?;
    done(vm, sys!(libc::chroot(p.c.as_ptr())), &[p.shown])
}

fn current(vm: &Vm) -> Result<Vec<u8>, Raised> {
    use std::os::unix::ffi::OsStringExt;
    match std::env::current_dir() {
        Ok(path) => Ok(path.into_os_string().into_vec()),
        Err(e) => Err(error(vm, e.raw_os_error().unwrap_or(0), &[])),
    }
}

fn getcwd(vm: &mut Vm, _: Args) -> NativeResult {
    let bytes = current(vm)?;
    Ok(vm.ret(crate::fs_path::decode(vm, &bytes).value()))
}

fn getcwdb(vm: &mut Vm, _: Args) -> NativeResult {
    let bytes = current(vm)?;
    ret_bytes(vm, &bytes)
}

fn link(vm: &mut Vm, args: Args) -> NativeResult {
    let from = path(vm, args, 0, "link", "src")?;
    let to = path(vm, args, 1, "link", "dst")?;
    let (a, b) = (dir_fd(vm, args, 2)?, dir_fd(vm, args, 3)?);
    let follow = flag_or(vm, args, 4, true)?;
    let flags = if follow && args.opt(vm, 4).is_some() { libc::AT_SYMLINK_FOLLOW } else { 0 };
    let result = sys!(libc::linkat(a, from.c.as_ptr(), b, to.c.as_ptr(), flags));
    done(vm, result, &[from.shown, to.shown])
}

/// An open directory.
pub(super) struct Directory(*mut libc::DIR);

impl Directory {
    /// Opens the directory of a path argument.
    pub fn open(vm: &Vm, p: &PathArg) -> Result<Directory, Raised> {
        let dir = match p.fd {
            Some(fd) => {
                let copy = sys!(libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0));
                check(vm, copy, &[p.shown])?;
                let dir = sys!(libc::fdopendir(copy));
                if dir.is_null() {
                    let failed = errno();
                    sys!(libc::close(copy));
                    return Err(error(vm, failed, &[p.shown]));
                }
                sys!(libc::rewinddir(dir));
                dir
            }
            None => sys!(libc::opendir(p.c.as_ptr())),
        };
        if dir.is_null() {
            return Err(error(vm, errno(), &[p.shown]));
        }
        Ok(Directory(dir))
    }

    /// Name, kind and inode of the next entry, `.` and `..` left out.
    pub fn next(&mut self) -> std::io::Result<Option<(Vec<u8>, u8, u64)>> {
        loop {
            sys!(*libc::__errno_location() = 0);
            let entry = sys!(libc::readdir(self.0));
            if entry.is_null() {
                return match errno() {
                    0 => Ok(None),
                    n => Err(std::io::Error::from_raw_os_error(n)),
                };
            }
            let (name, kind, inode) = sys!({
                let name = CStr::from_ptr((*entry).d_name.as_ptr()).to_bytes().to_vec();
                (name, (*entry).d_type, (*entry).d_ino)
            });
            if name != b"." && name != b".." {
                return Ok(Some((name, kind, inode)));
            }
        }
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        sys!(libc::closedir(self.0));
    }
}

fn listdir(vm: &mut Vm, args: Args) -> NativeResult {
    let accept = Accept { fd: true, none: true };
    let p = path_arg(vm, args.local(0), "listdir", "path", accept)?;
    let vm = &*vm;
    let mut directory = Directory::open(vm, &p)?;
    let list = vm.list(&[]);
    loop {
        match directory.next() {
            Ok(Some((name, _, _))) => vm.list_push(list, p.name(vm, &name)),
            Ok(None) => return Ok(vm.ret(list.value())),
            Err(e) => return Err(error(vm, e.raw_os_error().unwrap_or(0), &[p.shown])),
        }
    }
}

fn mkdir(vm: &mut Vm, args: Args) -> NativeResult {
    let p = path(vm, args, 0, "mkdir", "path")?;
    let mode = int_or(vm, args, 1, 0o777)? as libc::mode_t;
    let dir = dir_fd(vm, args, 2)?;
    done(vm, sys!(libc::mkdirat(dir, p.c.as_ptr(), mode)), &[p.shown])
}

fn mkfifo(vm: &mut Vm, args: Args) -> NativeResult {
    let p = path(vm, args, 0, "mkfifo", "path")?;
    let mode = int_or(vm, args, 1, 0o666)? as libc::mode_t;
    let dir = dir_fd(vm, args, 2)?;
    done(vm, sys!(libc::mkfifoat(dir, p.c.as_ptr(), mode)), &[p.shown])
}

fn mknod(vm: &mut Vm, args: Args) -> NativeResult {
    let p = path(vm, args, 0, "mknod", "path")?;
    let mode = int_or(vm, args, 1, 0o600)? as libc::mode_t;
    let device = int_or(vm, args, 2, 0)? as libc::dev_t;
    let dir = dir_fd(vm, args, 3)?;
    done(vm, sys!(libc::mknodat(dir, p.c.as_ptr(), mode, device)), &[p.shown])
}

fn major(vm: &mut Vm, args: Args) -> NativeResult {
    let device = int(vm, args, 0)? as libc::dev_t;
    ret_int(vm, i64::from(libc::major(device)))
}

fn minor(vm: &mut Vm, args: Args) -> NativeResult {
    let device = int(vm, args, 0)? as libc::dev_t;
    ret_int(vm, i64::from(libc::minor(device)))
}

fn makedev(vm: &mut Vm, args: Args) -> NativeResult {
    let (a, b) = (int(vm, args, 0)? as u32, int(vm, args, 1)? as u32);
    ret_int(vm, libc::makedev(a, b) as i64)
}

fn pathconf(vm: &mut Vm, args: Args) -> NativeResult {
    let p = path_or_fd(vm, args, 0, "pathconf")?;
    let name = super::constants::conf_name(vm, args, 1, super::constants::PATHCONF)?;
    sys!(*libc::__errno_location() = 0);
    let n = match p.fd {
        Some(fd) => sys!(libc::fpathconf(fd, name)),
        None => sys!(libc::pathconf(p.c.as_ptr(), name)),
    };
    if n == -1 && errno() != 0 {
        return Err(error(vm, errno(), &[p.shown]));
    }
    ret_int(vm, n)
}

fn readlink(vm: &mut Vm, args: Args) -> NativeResult {
    let p = path(vm, args, 0, "readlink", "path")?;
    let dir = dir_fd(vm, args, 1)?;
    let mut buffer = vec![0u8; libc::PATH_MAX as usize];
    let n = sys!(libc::readlinkat(dir, p.c.as_ptr(), buffer.as_mut_ptr().cast(), buffer.len()));
    let n = check(vm, n as i64, &[p.shown])?;
    let vm = &*vm;
    Ok(vm.ret(p.name(vm, &buffer[..n as usize])))
}

fn remove_named(vm: &mut Vm, args: Args, function: &str, flags: i32) -> NativeResult {
    let p = path(vm, args, 0, function, "path")?;
    let dir = dir_fd(vm, args, 1)?;
    done(vm, sys!(libc::unlinkat(dir, p.c.as_ptr(), flags)), &[p.shown])
}

fn remove(vm: &mut Vm, args: Args) -> NativeResult {
    remove_named(vm, args, "remove", 0)
}

fn unlink(vm: &mut Vm, args: Args) -> NativeResult {
    remove_named(vm, args, "unlink", 0)
}

fn rmdir(vm: &mut Vm, args: Args) -> NativeResult {
    remove_named(vm, args, "rmdir", libc::AT_REMOVEDIR)
}

fn rename_named(vm: &mut Vm, args: Args, function: &str) -> NativeResult {
    let from = path(vm, args, 0, function, "src")?;
    let to = path(vm, args, 1, function, "dst")?;
    let (a, b) = (dir_fd(vm, args, 2)?, dir_fd(vm, args, 3)?);
    let result = sys!(libc::renameat(a, from.c.as_ptr(), b, to.c.as_ptr()));
    done(vm, result, &[from.shown, to.shown])
}

fn rename(vm: &mut Vm, args: Args) -> NativeResult {
    rename_named(vm, args, "rename")
}

fn replace(vm: &mut Vm, args: Args) -> NativeResult {
    rename_named(vm, args, "replace")
}

fn symlink(vm: &mut Vm, args: Args) -> NativeResult {
    let from = path(vm, args, 0, "symlink", "src")?;
    let to = path(vm, args, 1, "symlink", "dst")?;
    let dir = dir_fd(vm, args, 3)?;
    let result = sys!(libc::symlinkat(from.c.as_ptr(), dir, to.c.as_ptr()));
    done(vm, result, &[from.shown, to.shown])
}

fn truncate(vm: &mut Vm, args: Args) -> NativeResult {
    let p = path_or_fd(vm, args, 0, "truncate")?;
    let length = int(vm, args, 1)?;
    let result = match p.fd {
        Some(fd) => sys!(libc::ftruncate(fd, length)),
        None => sys!(libc::truncate(p.c.as_ptr(), length)),
    };
    done(vm, result, &[p.shown])
}

fn umask(vm: &mut Vm, args: Args) -> NativeResult {
    let mask = c_int(vm, args, 0)?;
    let old = sys!(libc::umask(mask as libc::mode_t));
    ret_int(vm, i64::from(old))
}

fn seconds(vm: &mut Vm, time: sidewinder_interpreter::Local) -> Result<libc::timespec, Raised> {
    if let Some(f) = vm.as_f64(vm.get(time)) {
        if f.is_nan() {
            raise!(vm, ValueError, "Invalid value NaN (not a number)");
        }
        let whole = f.floor();
        if !(-9.3e18..9.2e18).contains(&whole) {
            raise!(vm, OverflowError, "timestamp out of range for platform time_t");
        }
        let mut nanoseconds = ((f - whole) * 1e9).floor() as i64;
        let mut tv_sec = whole as i64;
        if nanoseconds >= 1_000_000_000 {
            nanoseconds -= 1_000_000_000;
            tv_sec += 1;
        }
        return Ok(libc::timespec { tv_sec, tv_nsec: nanoseconds });
    }
    let tv_sec = vm.index_i64(time)?;
    Ok(libc::timespec { tv_sec, tv_nsec: 0 })
}

fn utime(vm: &mut Vm, args: Args) -> NativeResult {
    use sidewinder_interpreter::object::{Field, Tuple};
    let p = path_or_fd(vm, args, 0, "utime")?;
    let dir = dir_fd(vm, args, 3)?;
    let follow = flag_or(vm, args, 4, true)?;
    let (times, ns) = (args.not_none(vm, 1).is_some(), args.opt(vm, 2).is_some());
    if times && ns {
        raise!(vm, ValueError, "utime: you may specify either 'times' or 'ns' but not both");
    }
    let now = libc::timespec { tv_sec: 0, tv_nsec: libc::UTIME_NOW };
    let mut both = [now, now];
    if times || ns {
        let pair = args.local(if times { 1 } else { 2 });
        let items = vm.get(pair).cast::<Tuple>().filter(|t| t.len() == 2);
        let Some(items) = items else {
            let what =
                if times { "either a tuple of two ints or None" } else { "a tuple of two ints" };
            let name = if times { "times" } else { "ns" };
            raise!(vm, TypeError, "utime: '{name}' must be {what}");
        };
        let items: Vec<_> = items.r().items().iter().map(|s| vm.root(s.get(vm))).collect();
        for (time, item) in both.iter_mut().zip(items) {
            *time = if times {
                seconds(vm, item)?
            } else {
                let n = vm.index_i64(item)?;
                libc::timespec {
                    tv_sec: n.div_euclid(1_000_000_000),
                    tv_nsec: n.rem_euclid(1_000_000_000),
                }
            };
        }
    }
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    let result = match p.fd {
        Some(fd) => sys!(libc::futimens(fd, both.as_ptr())),
        None => sys!(libc::utimensat(dir, p.c.as_ptr(), both.as_ptr(), flags)),
    };
    done(vm, result, &[p.shown])
}

fn fspath(vm: &mut Vm, args: Args) -> NativeResult {
    use sidewinder_interpreter::builtins::ClassId;
    let value = args.get(vm, 0);
    if vm.has_class(value, ClassId::Str) || vm.has_class(value, ClassId::Bytes) {
        return Ok(vm.ret(value));
    }
    let class = vm.class_of(value);
    let given = vm.type_name(value);
    let method = vm.class_lookup(class, vm.intern("__fspath__").value());
    if method.is_none_or(|m| m.is_none()) {
        raise!(vm, TypeError, "expected str, bytes or os.PathLike object, not {given}");
    }
    let result = vm.call_method(args.local(0), "__fspath__", &[])?;
    let vm = &*vm;
    let result = vm.value(result);
    if vm.has_class(result, ClassId::Str) || vm.has_class(result, ClassId::Bytes) {
        return Ok(vm.ret(result));
    }
    let got = vm.type_name(result);
    raise!(vm, TypeError, "expected {given}.__fspath__() to return str or bytes, not {got}")
}

/// The path in argument 0 as code points, and whether it was bytes.
fn characters(vm: &mut Vm, args: Args) -> Result<(Vec<u32>, bool), Raised> {
    let ret = fspath(vm, args)?;
    let vm = &*vm;
    let value = vm.value(ret);
    if let Some(s) = value.as_str() {
        return Ok((s.r().chars().collect(), false));
    }
    let bytes = value.cast::<sidewinder_interpreter::object::Bytes>();
    let bytes = bytes.map(|b| b.r().data().to_vec()).unwrap_or_default();
    Ok((bytes.into_iter().map(u32::from).collect(), true))
}

fn from_characters<'gc>(vm: &'gc Vm, chars: &[u32], is_bytes: bool) -> Value<'gc> {
    if is_bytes {
        let bytes: Vec<u8> = chars.iter().map(|&c| c as u8).collect();
        vm.bytes(&bytes).value()
    } else {
        vm.str_from_code_points(chars).value()
    }
}

const SLASH: u32 = b'/' as u32;
const DOT: u32 = b'.' as u32;

/// How many slashes of its start are the root: POSIX gives exactly two a meaning of their own.
fn root_length(chars: &[u32]) -> usize {
    match chars.iter().take_while(|&&c| c == SLASH).count() {
        0 => 0,
        2 => 2,
        _ => 1,
    }
}

fn normpath(vm: &mut Vm, args: Args) -> NativeResult {
    let (chars, is_bytes) = characters(vm, args)?;
    let root = root_length(&chars);
    let mut parts: Vec<&[u32]> = Vec::new();
    for part in chars[root..].split(|&c| c == SLASH) {
        match part {
            [] | [DOT] => {}
            [DOT, DOT] => match parts.last() {
                Some([DOT, DOT]) => parts.push(part),
                Some(_) => {
                    parts.pop();
                }
                None if root > 0 => {}
                None => parts.push(part),
            },
            _ => parts.push(part),
        }
    }
    let mut out = chars[..root].to_vec();
    out.extend(parts.join(&SLASH));
    if out.is_empty() {
        out.push(DOT);
    }
    let vm = &*vm;
    Ok(vm.ret(from_characters(vm, &out, is_bytes)))
}

fn splitroot(vm: &mut Vm, args: Args) -> NativeResult {
    let (chars, is_bytes) = characters(vm, args)?;
    let root = root_length(&chars);
    let vm = &*vm;
    let part = |chars: &[u32]| from_characters(vm, chars, is_bytes);
    let items = [part(&[]), part(&chars[..root]), part(&chars[root..])];
    Ok(vm.ret(vm.tuple(&items).value()))
}

/// A C string of bytes; ValueError for zeros in it.
pub(super) fn c_string(vm: &Vm, bytes: Vec<u8>) -> Result<CString, Raised> {
    CString::new(bytes).map_err(|_| vm.value_error("embedded null byte"))
}
