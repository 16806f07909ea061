//! What the system knows about files and file systems.

use super::support::*;
use crate::fs_path::{Accept, path_arg};
use crate::structseq;
use sidewinder_interpreter::{Args, NativeDef, NativeResult, Value, Vm, raise};
use std::mem::MaybeUninit;

crate::open_struct_sequence! { STAT_RESULT "os" "stat_result" "What the system knows about a file." 10:
0 "st_mode" 1 "st_ino" 2 "st_dev" 3 "st_nlink" 4 "st_uid" 5 "st_gid" 6 "st_size"
; hidden "st_atime" "st_mtime" "st_ctime" "st_atime_ns" "st_mtime_ns" "st_ctime_ns"
"st_blksize" "st_blocks" "st_rdev" }

crate::open_struct_sequence! { STATVFS_RESULT "os" "statvfs_result" "What the system knows about a file system." 10:
0 "f_bsize" 1 "f_frsize" 2 "f_blocks" 3 "f_bfree" 4 "f_bavail" 5 "f_files" 6 "f_ffree"
7 "f_favail" 8 "f_flag" 9 "f_namemax"; hidden "f_fsid" }

/// The functions.
pub static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function(
        "stat(path, *, dir_fd=None, follow_symlinks=True)",
        stat,
        "What the system knows about a file.",
    ),
    NativeDef::function("lstat(path, *, dir_fd=None)", lstat, "The same, of a link itself."),
    NativeDef::function("fstat(fd)", fstat, "The same, of an open file."),
    NativeDef::function("statvfs(path)", statvfs, "What the system knows about a file system."),
    NativeDef::function("fstatvfs(fd)", fstatvfs, "The same, of an open file's."),
];

/// A result of `stat()`.
pub fn result<'gc>(vm: &'gc Vm, s: &libc::stat) -> Value<'gc> {
    let int = |n: i64| vm.int(n);
    let time = |seconds: i64, ns: i64| vm.float(seconds as f64 + 1e-9 * ns as f64);
    let ns = |seconds: i64, ns: i64| {
        vm.big_from_i128(i128::from(seconds) * 1_000_000_000 + i128::from(ns))
    };
    let unsigned = |n: u64| vm.big_from_i128(i128::from(n));
    let items = [
        int(i64::from(s.st_mode)),
        unsigned(s.st_ino),
        unsigned(s.st_dev),
        unsigned(s.st_nlink),
        int(i64::from(s.st_uid)),
        int(i64::from(s.st_gid)),
        int(s.st_size),
        int(s.st_atime),
        int(s.st_mtime),
        int(s.st_ctime),
    ];
    let hidden = [
        time(s.st_atime, s.st_atime_nsec),
        time(s.st_mtime, s.st_mtime_nsec),
        time(s.st_ctime, s.st_ctime_nsec),
        ns(s.st_atime, s.st_atime_nsec),
        ns(s.st_mtime, s.st_mtime_nsec),
        ns(s.st_ctime, s.st_ctime_nsec),
        int(s.st_blksize),
        int(s.st_blocks),
        unsigned(s.st_rdev),
    ];
    structseq::with_hidden(vm, &STAT_RESULT, &items, &hidden).value()
}

/// What the system knows about an open file.
pub fn of_descriptor(fd: i32) -> std::io::Result<libc::stat> {
    let mut s = MaybeUninit::<libc::stat>::zeroed();
    match sys!(libc::fstat(fd, s.as_mut_ptr())) {
        // Zeroes are a valid structure; the call has filled it in.
        0 => Ok(sys!(s.assume_init())),
        _ => Err(std::io::Error::last_os_error()),
    }
}

fn stat_named(vm: &mut Vm, args: Args, function: &str, follow: bool) -> NativeResult {
    let accept = Accept { fd: function == "stat", none: false };
    let p = path_arg(vm, args.local(0), function, "path", accept)?;
    let dir = dir_fd(vm, args, 1)?;
    if p.fd.is_some() && dir != libc::AT_FDCWD {
        raise!(vm, ValueError, "{function}: can't specify dir_fd without matching path");
    }
    if p.fd.is_some() && !follow {
        raise!(vm, ValueError, "{function}: cannot use fd and follow_symlinks together");
    }
    let mut s = MaybeUninit::<libc::stat>::zeroed();
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    let code = match p.fd {
        Some(fd) => sys!(libc::fstat(fd, s.as_mut_ptr())),
        None => sys!(libc::fstatat(dir, p.c.as_ptr(), s.as_mut_ptr(), flags)),
    };
    check(vm, code, &[p.shown])?;
    let vm = &*vm;
    Ok(vm.ret(result(vm, &sys!(s.assume_init()))))
}

fn stat(vm: &mut Vm, args: Args) -> NativeResult {
    let follow = flag_or(vm, args, 2, true)?;
    stat_named(vm, args, "stat", follow)
}

fn lstat(vm: &mut Vm, args: Args) -> NativeResult {
    stat_named(vm, args, "lstat", false)
}

fn fstat(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = crate::fs_path::fd_of(vm, args.local(0))?;
    let vm = &*vm;
    match of_descriptor(fd) {
        Ok(s) => Ok(vm.ret(result(vm, &s))),
        Err(e) => Err(error(vm, e.raw_os_error().unwrap_or(0), &[])),
    }
}

fn vfs_result(vm: &Vm, s: &libc::statvfs) -> NativeResult {
    let int = |n: u64| vm.big_from_i128(i128::from(n));
    let items = [
        int(s.f_bsize),
        int(s.f_frsize),
        int(s.f_blocks),
        int(s.f_bfree),
        int(s.f_bavail),
        int(s.f_files),
        int(s.f_ffree),
        int(s.f_favail),
        int(s.f_flag),
        int(s.f_namemax),
    ];
    let hidden = [int(s.f_fsid)];
    Ok(vm.ret(structseq::with_hidden(vm, &STATVFS_RESULT, &items, &hidden).value()))
}

fn statvfs(vm: &mut Vm, args: Args) -> NativeResult {
    let accept = Accept { fd: true, none: false };
    let p = path_arg(vm, args.local(0), "statvfs", "path", accept)?;
    let mut s = MaybeUninit::<libc::statvfs>::zeroed();
    let code = match p.fd {
        Some(fd) => sys!(libc::fstatvfs(fd, s.as_mut_ptr())),
        None => sys!(libc::statvfs(p.c.as_ptr(), s.as_mut_ptr())),
    };
    check(vm, code, &[p.shown])?;
    vfs_result(vm, &sys!(s.assume_init()))
}

fn fstatvfs(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = fd(vm, args, 0)?;
    let mut s = MaybeUninit::<libc::statvfs>::zeroed();
    check(vm, sys!(libc::fstatvfs(fd, s.as_mut_ptr())), &[])?;
    vfs_result(vm, &sys!(s.assume_init()))
}
