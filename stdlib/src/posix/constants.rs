//! The numbers that `posix` gives names to.

use sidewinder_interpreter::object::Dict;
use sidewinder_interpreter::{Args, Local, Raised, Value, Vm, raise};

macro_rules! numbers {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name as i64)),*] };
}
macro_rules! named {
    ($($name:ident)*) => { &[$((strip(stringify!($name)), libc::$name)),*] };
}

/// A name of the system's without its first underscore.
const fn strip(name: &'static str) -> &'static str {
    name.split_at(1).1
}

const NUMBERS: &[(&str, i64)] = numbers! {
    F_OK R_OK W_OK X_OK
    O_RDONLY O_WRONLY O_RDWR O_NDELAY O_NONBLOCK O_APPEND O_DSYNC O_RSYNC O_SYNC O_NOCTTY O_CREAT
    O_EXCL O_TRUNC O_LARGEFILE O_PATH O_TMPFILE O_CLOEXEC O_ACCMODE O_DIRECT O_DIRECTORY O_NOFOLLOW
    O_NOATIME O_ASYNC
    P_PID P_PGID P_ALL P_PIDFD WEXITED WNOWAIT WSTOPPED WCONTINUED WNOHANG WUNTRACED
    CLD_EXITED CLD_KILLED CLD_DUMPED CLD_TRAPPED CLD_STOPPED CLD_CONTINUED
    F_LOCK F_TLOCK F_ULOCK F_TEST
    PRIO_PROCESS PRIO_PGRP PRIO_USER
    POSIX_FADV_NORMAL POSIX_FADV_SEQUENTIAL POSIX_FADV_RANDOM POSIX_FADV_NOREUSE
    POSIX_FADV_WILLNEED POSIX_FADV_DONTNEED
    SEEK_DATA SEEK_HOLE
    ST_RDONLY ST_NOSUID
    SCHED_OTHER SCHED_FIFO SCHED_RR SCHED_BATCH SCHED_IDLE
    GRND_RANDOM GRND_NONBLOCK MFD_CLOEXEC MFD_ALLOW_SEALING
    EFD_CLOEXEC EFD_NONBLOCK EFD_SEMAPHORE
    RTLD_LAZY RTLD_NOW RTLD_GLOBAL RTLD_LOCAL RTLD_NODELETE RTLD_NOLOAD
};

/// Exit codes of `sysexits.h`, from 64 on.
const EXITS: &[&str] = &[
    "EX_USAGE",
    "EX_DATAERR",
    "EX_NOINPUT",
    "EX_NOUSER",
    "EX_NOHOST",
    "EX_UNAVAILABLE",
    "EX_SOFTWARE",
    "EX_OSERR",
    "EX_OSFILE",
    "EX_CANTCREAT",
    "EX_IOERR",
    "EX_TEMPFAIL",
    "EX_PROTOCOL",
    "EX_NOPERM",
    "EX_CONFIG",
];

/// Names for `pathconf`.
pub const PATHCONF: &[(&str, i32)] = named! {
    _PC_LINK_MAX _PC_MAX_CANON _PC_MAX_INPUT _PC_NAME_MAX _PC_PATH_MAX _PC_PIPE_BUF
    _PC_CHOWN_RESTRICTED _PC_NO_TRUNC _PC_VDISABLE _PC_FILESIZEBITS
};
/// Names for `sysconf`.
pub const SYSCONF: &[(&str, i32)] = named! {
    _SC_ARG_MAX _SC_CHILD_MAX _SC_CLK_TCK _SC_NGROUPS_MAX _SC_OPEN_MAX _SC_STREAM_MAX _SC_TZNAME_MAX
    _SC_JOB_CONTROL _SC_SAVED_IDS _SC_VERSION _SC_PAGESIZE _SC_PAGE_SIZE _SC_NPROCESSORS_CONF
    _SC_NPROCESSORS_ONLN _SC_PHYS_PAGES _SC_AVPHYS_PAGES _SC_IOV_MAX _SC_SEM_NSEMS_MAX
    _SC_SEM_VALUE_MAX _SC_GETPW_R_SIZE_MAX _SC_GETGR_R_SIZE_MAX _SC_HOST_NAME_MAX
    _SC_LOGIN_NAME_MAX _SC_SYMLOOP_MAX _SC_THREADS
};
/// Names for `confstr`.
pub const CONFSTR: &[(&str, i32)] = &[
    ("CS_PATH", libc::_CS_PATH),
    ("CS_GNU_LIBC_VERSION", libc::_CS_GNU_LIBC_VERSION),
    ("CS_GNU_LIBPTHREAD_VERSION", libc::_CS_GNU_LIBPTHREAD_VERSION),
];

/// What the C library offers, in the words that `os` asks for.
const HAVE: &[&str] = &[
    "HAVE_FACCESSAT",
    "HAVE_FCHDIR",
    "HAVE_FCHMOD",
    "HAVE_FCHMODAT",
    "HAVE_FCHOWN",
    "HAVE_FCHOWNAT",
    "HAVE_FDOPENDIR",
    "HAVE_FEXECVE",
    "HAVE_FPATHCONF",
    "HAVE_FSTATAT",
    "HAVE_FSTATVFS",
    "HAVE_FTRUNCATE",
    "HAVE_FUTIMENS",
    "HAVE_LINKAT",
    "HAVE_LCHOWN",
    "HAVE_LSTAT",
    "HAVE_LUTIMES",
    "HAVE_MEMFD_CREATE",
    "HAVE_MKDIRAT",
    "HAVE_MKFIFOAT",
    "HAVE_MKNODAT",
    "HAVE_OPENAT",
    "HAVE_READLINKAT",
    "HAVE_RENAMEAT",
    "HAVE_SYMLINKAT",
    "HAVE_UNLINKAT",
    "HAVE_UTIMENSAT",
];

/// The number that argument `i` names, or is.
pub fn conf_name(vm: &mut Vm, args: Args, i: usize, names: &[(&str, i32)]) -> Result<i32, Raised> {
    let value = args.get(vm, i);
    if value.as_str().is_some() {
        let text = vm.text_of(value);
        return match names.iter().find(|name| name.0 == text) {
            Some((_, n)) => Ok(*n),
            None => raise!(vm, ValueError, "unrecognized configuration name"),
        };
    }
    if !vm.is_int(value) {
        raise!(vm, TypeError, "configuration names must be strings or integers");
    }
    super::support::c_int(vm, args, i)
}

/// Sets the constants.
pub fn fill(vm: &Vm, module: Local) {
    for (name, n) in NUMBERS {
        vm.module_set(module, name, vm.int(*n));
    }
    vm.module_set(module, "EX_OK", Value::from_i32(0));
    for (i, name) in EXITS.iter().enumerate() {
        vm.module_set(module, name, Value::from_i32(64 + i as i32));
    }
    vm.module_set(module, "TMP_MAX", vm.int(238_328));
    let tables: [(&str, &[(&str, i32)]); 3] =
        [("pathconf_names", PATHCONF), ("sysconf_names", SYSCONF), ("confstr_names", CONFSTR)];
    for (table, names) in tables {
        let dict: sidewinder_interpreter::object::Gc<'_, Dict> = vm.dict();
        for (name, n) in names {
            vm.dict_set_str(dict, vm.intern(name), Value::from_i32(*n));
        }
        vm.module_set(module, table, dict.value());
    }
    let have: Vec<Value<'_>> = HAVE.iter().map(|h| vm.str(h).value()).collect();
    vm.module_set(module, "_have_functions", vm.list(&have).value());
}
