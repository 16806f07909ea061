//! Open files by their descriptors.

use super::support::*;
use crate::fs_path::{Accept, path_arg};
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm, raise};

/// The functions.
pub static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function(
        "open(path, flags, mode=511, *, dir_fd=None)",
        open,
        "Open a file; its descriptor.",
    ),
    NativeDef::function("close(fd)", close, "Close a descriptor."),
    NativeDef::function(
        "closerange(fd_low, fd_high, /)",
        closerange,
        "Close all descriptors in a range.",
    ),
    NativeDef::function("dup(fd, /)", dup, "A copy of a descriptor."),
    NativeDef::function("dup2(fd, fd2, inheritable=True)", dup2, "Make fd2 a copy of fd."),
    NativeDef::function("read(fd, length, /)", read, "Read bytes."),
    NativeDef::function("readinto(fd, buffer, /)", readinto, "Read bytes into a buffer; how many."),
    NativeDef::function("readv(fd, buffers, /)", readv, "Read bytes into buffers."),
    NativeDef::function("pread(fd, length, offset, /)", pread, "Read bytes at a position."),
    NativeDef::function("write(fd, data, /)", write, "Write bytes; how many."),
    NativeDef::function("writev(fd, buffers, /)", writev, "Write the contents of buffers."),
    NativeDef::function("pwrite(fd, buffer, offset, /)", pwrite, "Write bytes at a position."),
    NativeDef::function("lseek(fd, position, whence, /)", lseek, "Set the position of a file."),
    NativeDef::function("isatty(fd, /)", isatty, "Whether it is a terminal."),
    NativeDef::function("ttyname(fd, /)", ttyname, "The name of a terminal."),
    NativeDef::function("pipe()", pipe, "The two ends of a new pipe."),
    NativeDef::function("pipe2(flags, /)", pipe2, "The same, with flags."),
    NativeDef::function("openpty()", openpty, "The two ends of a new pseudo-terminal."),
    NativeDef::function("ftruncate(fd, length, /)", ftruncate, "Cut an open file."),
    NativeDef::function("posix_fallocate(fd, offset, length, /)", fallocate, "Reserve space."),
    NativeDef::function("posix_fadvise(fd, offset, length, advice, /)", fadvise, "Announce reads."),
    NativeDef::function("fsync(fd)", fsync, "Write an open file to the disk."),
    NativeDef::function("fdatasync(fd)", fdatasync, "The same without its times."),
    NativeDef::function("sync()", sync, "Write everything to the disk."),
    NativeDef::function("lockf(fd, command, length, /)", lockf, "Lock part of a file."),
    NativeDef::function("get_inheritable(fd, /)", get_inheritable, "Whether children get it."),
    NativeDef::function("set_inheritable(fd, inheritable, /)", set_inheritable, "Set that."),
    NativeDef::function("get_blocking(fd, /)", get_blocking, "Whether its calls wait."),
    NativeDef::function("set_blocking(fd, blocking, /)", set_blocking, "Set that."),
    NativeDef::function("device_encoding(fd)", device_encoding, "A terminal's encoding."),
    NativeDef::function("fpathconf(fd, name, /)", fpathconf, "A limit of an open file."),
    NativeDef::function(
        "sendfile(out_fd, in_fd, offset, count)",
        sendfile,
        "Copy bytes between files.",
    ),
    NativeDef::function("memfd_create(name, flags=MFD_CLOEXEC)", memfd_create, "A file in memory."),
    NativeDef::function("eventfd(initval, flags=EFD_CLOEXEC)", eventfd, "A counter as a file."),
    NativeDef::function("tcgetpgrp(fd, /)", tcgetpgrp, "The process group of a terminal."),
    NativeDef::function("tcsetpgrp(fd, pgid, /)", tcsetpgrp, "Set it."),
];

fn open(vm: &mut Vm, args: Args) -> NativeResult {
    let p = path_arg(vm, args.local(0), "open", "path", Accept::default())?;
    let flags = c_int(vm, args, 1)? | libc::O_CLOEXEC;
    let mode = int_or(vm, args, 2, 0o777)? as libc::c_uint;
    let dir = dir_fd(vm, args, 3)?;
    let path = p.c;
    let fd = blocking(vm, &[p.shown], || sys!(libc::openat(dir, path.as_ptr(), flags, mode)))?;
    ret_int(vm, fd)
}

fn close(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = crate::fs_path::fd_of(vm, args.local(0))?;
    done(vm, sys!(libc::close(fd)), &[])
}

fn closerange(vm: &mut Vm, args: Args) -> NativeResult {
    let (low, high) = (c_int(vm, args, 0)?, c_int(vm, args, 1)?);
    let (low, high) = (low.max(0), high);
    if low < high {
        let result = sys!(libc::syscall(libc::SYS_close_range, low, high - 1, 0));
        if result != 0 {
            for fd in low..high.min(1 << 16) {
                sys!(libc::close(fd));
            }
        }
    }
    Ok(vm.none())
}

fn dup(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = fd(vm, args, 0)?;
    let new = check(vm, sys!(libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0)), &[])?;
    ret_int(vm, new)
}

fn dup2(vm: &mut Vm, args: Args) -> NativeResult {
    let (from, to) = (c_int(vm, args, 0)?, c_int(vm, args, 1)?);
    let inheritable = flag_or(vm, args, 2, true)?;
    let result = if inheritable || from == to {
        sys!(libc::dup2(from, to))
    } else {
        sys!(libc::dup3(from, to, libc::O_CLOEXEC))
    };
    let n = check(vm, result, &[])?;
    ret_int(vm, n)
}

fn length(vm: &mut Vm, args: Args, i: usize) -> Result<usize, Raised> {
    match int(vm, args, i)? {
        n if n < 0 => Err(error(vm, libc::EINVAL, &[])),
        n => Ok(n as usize),
    }
}

fn read_at(vm: &mut Vm, args: Args, offset: Option<i64>) -> NativeResult {
    let fd = c_int(vm, args, 0)?;
    let n = length(vm, args, 1)?.min(isize::MAX as usize / 2);
    vm.check_size(n)?;
    let mut buffer = vec![0u8; n];
    let got = blocking(vm, &[], || {
        let to = buffer.as_mut_ptr().cast();
        match offset {
            Some(offset) => sys!(libc::pread(fd, to, n, offset)) as i64,
            None => sys!(libc::read(fd, to, n)) as i64,
        }
    })?;
    ret_bytes(vm, &buffer[..got as usize])
}

fn read(vm: &mut Vm, args: Args) -> NativeResult {
    read_at(vm, args, None)
}

fn pread(vm: &mut Vm, args: Args) -> NativeResult {
    let offset = int(vm, args, 2)?;
    read_at(vm, args, Some(offset))
}

fn read_into(vm: &mut Vm, fd: i32, target: Local) -> Result<usize, Raised> {
    let target = vm.writable(target, "readinto() argument 2")?;
    let n = target.len(vm);
    let mut buffer = vec![0u8; n];
    let got = blocking(vm, &[], || sys!(libc::read(fd, buffer.as_mut_ptr().cast(), n)) as i64)?;
    target.write(vm, 0, &buffer[..got as usize]);
    Ok(got as usize)
}

fn readinto(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = c_int(vm, args, 0)?;
    let n = read_into(vm, fd, args.local(1))?;
    Ok(vm.ret(vm.int_usize(n)))
}

fn sequence(vm: &mut Vm, args: Args, function: &str) -> Result<Vec<Local>, Raised> {
    let items = vm.get(args.local(1));
    if !vm.has_class(items, ClassId::List) && !vm.has_class(items, ClassId::Tuple) {
        raise!(vm, TypeError, "{function}() arg 2 must be a sequence");
    }
    let list = vm.collect_list(args.local(1))?;
    let list = vm.hold(list);
    let vm = &*vm;
    let list = vm.get(list).cast::<List>();
    Ok(list.map(|l| vm.list_items(l).map(|v| vm.root(v)).collect()).unwrap_or_default())
}

fn readv(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = c_int(vm, args, 0)?;
    let mut total = 0;
    for buffer in sequence(vm, args, "readv")? {
        let target = vm.writable(buffer, "readv() argument 2")?;
        let wanted = target.len(vm);
        let got = read_into(vm, fd, buffer)?;
        total += got;
        if got < wanted {
            break;
        }
    }
    Ok(vm.ret(vm.int_usize(total)))
}

fn write(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = c_int(vm, args, 0)?;
    let data = vm.bytes_like(args.local(1))?;
    let n = blocking(vm, &[], || sys!(libc::write(fd, data.as_ptr().cast(), data.len())) as i64)?;
    ret_int(vm, n)
}

fn writev(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = c_int(vm, args, 0)?;
    let mut data = Vec::new();
    for buffer in sequence(vm, args, "writev")? {
        data.extend(vm.bytes_like(buffer)?);
    }
    let n = blocking(vm, &[], || sys!(libc::write(fd, data.as_ptr().cast(), data.len())) as i64)?;
    ret_int(vm, n)
}

fn pwrite(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = c_int(vm, args, 0)?;
    let data = vm.bytes_like(args.local(1))?;
    let offset = int(vm, args, 2)?;
    let n = blocking(vm, &[], || {
        sys!(libc::pwrite(fd, data.as_ptr().cast(), data.len(), offset)) as i64
    })?;
    ret_int(vm, n)
}

fn lseek(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = c_int(vm, args, 0)?;
    let (to, whence) = (int(vm, args, 1)?, c_int(vm, args, 2)?);
    let at = check(vm, sys!(libc::lseek(fd, to, whence)), &[])?;
    ret_int(vm, at)
}

fn isatty(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = c_int(vm, args, 0)?;
    Ok(vm.ret(Value::from_bool(sys!(libc::isatty(fd)) == 1)))
}

fn ttyname(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = c_int(vm, args, 0)?;
    let mut buffer = vec![0u8; 256];
    let code = sys!(libc::ttyname_r(fd, buffer.as_mut_ptr().cast(), buffer.len()));
    if code != 0 {
        return Err(error(vm, code, &[]));
    }
    let end = buffer.iter().position(|b| *b == 0).unwrap_or(0);
    Ok(vm.ret(crate::fs_path::decode(vm, &buffer[..end]).value()))
}

fn pair(vm: &Vm, fds: [i32; 2]) -> NativeResult {
    Ok(vm.ret(vm.tuple(&fds.map(Value::from_i32)).value()))
}

fn pipe(vm: &mut Vm, _: Args) -> NativeResult {
    let mut fds = [0; 2];
    check(vm, sys!(libc::pipe2(fds.as_mut_ptr(), libc::O_CLOEXEC)), &[])?;
    pair(vm, fds)
}

fn pipe2(vm: &mut Vm, args: Args) -> NativeResult {
    let flags = c_int(vm, args, 0)?;
    let mut fds = [0; 2];
    check(vm, sys!(libc::pipe2(fds.as_mut_ptr(), flags)), &[])?;
    pair(vm, fds)
}

fn openpty(vm: &mut Vm, _: Args) -> NativeResult {
    let (mut a, mut b) = (0, 0);
    let null = std::ptr::null_mut();
    let code = sys!(libc::openpty(&mut a, &mut b, null, std::ptr::null(), std::ptr::null()));
    check(vm, code, &[])?;
    for fd in [a, b] {
        sys!(libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC));
    }
    pair(vm, [a, b])
}

fn ftruncate(vm: &mut Vm, args: Args) -> NativeResult {
    let (fd, length) = (c_int(vm, args, 0)?, int(vm, args, 1)?);
    done(vm, sys!(libc::ftruncate(fd, length)), &[])
}

fn numbered(vm: &Vm, code: i32) -> NativeResult {
    match code {
        0 => Ok(vm.ret(Value::NONE)),
        errno => Err(error(vm, errno, &[])),
    }
}

fn fallocate(vm: &mut Vm, args: Args) -> NativeResult {
    let (fd, offset, length) = (c_int(vm, args, 0)?, int(vm, args, 1)?, int(vm, args, 2)?);
    numbered(vm, sys!(libc::posix_fallocate(fd, offset, length)))
}

fn fadvise(vm: &mut Vm, args: Args) -> NativeResult {
    let (fd, offset, length) = (c_int(vm, args, 0)?, int(vm, args, 1)?, int(vm, args, 2)?);
    let advice = c_int(vm, args, 3)?;
    numbered(vm, sys!(libc::posix_fadvise(fd, offset, length, advice)))
}

fn fsync(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = fd(vm, args, 0)?;
    blocking(vm, &[], || sys!(libc::fsync(fd)))?;
    Ok(vm.none())
}

fn fdatasync(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = fd(vm, args, 0)?;
    blocking(vm, &[], || sys!(libc::fdatasync(fd)))?;
    Ok(vm.none())
}

fn sync(vm: &mut Vm, _: Args) -> NativeResult {
    vm.blocking(|| sys!(libc::sync()));
    Ok(vm.none())
}

fn lockf(vm: &mut Vm, args: Args) -> NativeResult {
    let (fd, command, length) = (c_int(vm, args, 0)?, c_int(vm, args, 1)?, int(vm, args, 2)?);
    blocking(vm, &[], || sys!(libc::lockf(fd, command, length)))?;
    Ok(vm.none())
}

fn get_inheritable(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = c_int(vm, args, 0)?;
    let flags = check(vm, sys!(libc::fcntl(fd, libc::F_GETFD)), &[])?;
    Ok(vm.ret(Value::from_bool(flags as i32 & libc::FD_CLOEXEC == 0)))
}

fn set_inheritable(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = c_int(vm, args, 0)?;
    let on = vm.truth(args.local(1))?;
    let flags = check(vm, sys!(libc::fcntl(fd, libc::F_GETFD)), &[])? as i32;
    let flags = if on { flags & !libc::FD_CLOEXEC } else { flags | libc::FD_CLOEXEC };
    done(vm, sys!(libc::fcntl(fd, libc::F_SETFD, flags)), &[])
}

fn get_blocking(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = c_int(vm, args, 0)?;
    let flags = check(vm, sys!(libc::fcntl(fd, libc::F_GETFL)), &[])?;
    Ok(vm.ret(Value::from_bool(flags as i32 & libc::O_NONBLOCK == 0)))
}

fn set_blocking(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = c_int(vm, args, 0)?;
    let on = vm.truth(args.local(1))?;
    let flags = check(vm, sys!(libc::fcntl(fd, libc::F_GETFL)), &[])? as i32;
    let flags = if on { flags & !libc::O_NONBLOCK } else { flags | libc::O_NONBLOCK };
    done(vm, sys!(libc::fcntl(fd, libc::F_SETFL, flags)), &[])
}

fn device_encoding(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = c_int(vm, args, 0)?;
    let terminal = sys!(libc::isatty(fd)) == 1;
    Ok(vm.ret(if terminal { vm.str("utf-8").value() } else { Value::NONE }))
}

fn fpathconf(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = fd(vm, args, 0)?;
    let name = super::constants::conf_name(vm, args, 1, super::constants::PATHCONF)?;
    let n = check(vm, sys!(libc::fpathconf(fd, name)), &[])?;
    ret_int(vm, n)
}

fn sendfile(vm: &mut Vm, args: Args) -> NativeResult {
    let (to, from) = (c_int(vm, args, 0)?, c_int(vm, args, 1)?);
    let mut offset = match args.not_none(vm, 2) {
        Some(_) => Some(int(vm, args, 2)?),
        None => None,
    };
    let count = length(vm, args, 3)?;
    let n = blocking(vm, &[], || {
        let place = offset.as_mut().map_or(std::ptr::null_mut(), |o| o as *mut i64);
        sys!(libc::sendfile(to, from, place, count)) as i64
    })?;
    ret_int(vm, n)
}

fn memfd_create(vm: &mut Vm, args: Args) -> NativeResult {
    let p = path_arg(vm, args.local(0), "memfd_create", "name", Accept::default())?;
    let flags = int_or(vm, args, 1, i64::from(libc::MFD_CLOEXEC))? as libc::c_uint;
    let fd = check(vm, sys!(libc::memfd_create(p.c.as_ptr(), flags)), &[])?;
    ret_int(vm, fd)
}

fn eventfd(vm: &mut Vm, args: Args) -> NativeResult {
    let value = int(vm, args, 0)? as libc::c_uint;
    let flags = int_or(vm, args, 1, i64::from(libc::EFD_CLOEXEC))? as i32;
    let fd = check(vm, sys!(libc::eventfd(value, flags)), &[])?;
    ret_int(vm, fd)
}

fn tcgetpgrp(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = c_int(vm, args, 0)?;
    let n = check(vm, sys!(libc::tcgetpgrp(fd)), &[])?;
    ret_int(vm, n)
}

fn tcsetpgrp(vm: &mut Vm, args: Args) -> NativeResult {
    let (fd, group) = (c_int(vm, args, 0)?, c_int(vm, args, 1)?);
    done(vm, sys!(libc::tcsetpgrp(fd, group)), &[])
}
