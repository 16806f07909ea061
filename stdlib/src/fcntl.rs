//! The module `fcntl`: settings and locks of open files.

use crate::posix::support::{blocking, c_int, descriptor, int_or, sys};
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Vm, raise};

/// The declaration.
pub static FCNTL: ModuleDef = ModuleDef {
    name: "fcntl",
    doc: "Settings and locks of open files.",
    functions: &[
        NativeDef::function("fcntl(fd, cmd, arg=0, /)", fcntl, "Ask about or change a descriptor."),
        NativeDef::function("flock(fd, operation, /)", flock, "Lock a file."),
        NativeDef::function(
            "lockf(fd, cmd, len=0, start=0, whence=0, /)",
            lockf,
            "Lock part of a file.",
        ),
    ],
    types: &[],
    exec: Some(exec),
};

macro_rules! numbers {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name as i64)),*] };
}

const NUMBERS: &[(&str, i64)] = numbers! {
    LOCK_SH LOCK_EX LOCK_NB LOCK_UN F_DUPFD F_DUPFD_CLOEXEC F_GETFD F_SETFD F_GETFL F_SETFL F_GETLK
    F_SETLK F_SETLKW F_GETOWN F_SETOWN F_RDLCK F_WRLCK F_UNLCK FD_CLOEXEC F_GETPIPE_SZ F_SETPIPE_SZ
    F_ADD_SEALS F_GET_SEALS
};

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    for (name, n) in NUMBERS {
        vm.module_set(module, name, vm.int(*n));
    }
    Ok(())
}

fn fcntl(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = descriptor(vm, args.local(0))?;
    let command = c_int(vm, args, 1)?;
    if args.opt(vm, 2).is_some_and(|v| !vm.is_int(v)) {
        let mut data = vm.bytes_like(args.local(2))?;
        let size = data.len();
        if size > 1024 {
            raise!(vm, ValueError, "fcntl argument 3 is too long");
        }
        // The system may write a structure larger than what was given.
        data.resize(2048, 0);
        blocking(vm, &[], || sys!(libc::fcntl(fd, command, data.as_mut_ptr())))?;
        return Ok(vm.ret(vm.bytes(&data[..size]).value()));
    }
    let argument = int_or(vm, args, 2, 0)?;
    let n = blocking(vm, &[], || sys!(libc::fcntl(fd, command, argument)))?;
    Ok(vm.ret(vm.int(n)))
}

fn flock(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = descriptor(vm, args.local(0))?;
    let operation = c_int(vm, args, 1)?;
    blocking(vm, &[], || sys!(libc::flock(fd, operation)))?;
    Ok(vm.none())
}

fn lockf(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = descriptor(vm, args.local(0))?;
    let operation = c_int(vm, args, 1)?;
    let (len, start) = (int_or(vm, args, 2, 0)?, int_or(vm, args, 3, 0)?);
    let whence = int_or(vm, args, 4, 0)?;
    let kind = if operation == libc::LOCK_UN {
        libc::F_UNLCK
    } else if operation & libc::LOCK_SH != 0 {
        libc::F_RDLCK
    } else if operation & libc::LOCK_EX != 0 {
        libc::F_WRLCK
    } else {
        raise!(vm, ValueError, "unrecognized lockf argument");
    };
    let mut lock = sys!(std::mem::zeroed::<libc::flock>());
    lock.l_type = kind as _;
    lock.l_whence = whence as _;
    lock.l_start = start;
    lock.l_len = len;
    let command = if operation & libc::LOCK_NB != 0 { libc::F_SETLK } else { libc::F_SETLKW };
    blocking(vm, &[], || sys!(libc::fcntl(fd, command, &lock)))?;
    Ok(vm.none())
}
