//! Processes, users, and the machine.

use super::files::c_string;
use super::support::*;
use crate::fs_path::{Accept, path_arg};
use crate::structseq;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm, raise};
use std::ffi::{CStr, CString};
use std::mem::MaybeUninit;

crate::open_struct_sequence! { UNAME_RESULT "posix" "uname_result" "The system's names." 5:
0 "sysname" 1 "nodename" 2 "release" 3 "version" 4 "machine" }
crate::open_struct_sequence! { TIMES_RESULT "posix" "times_result" "Processor times of a process." 5:
0 "user" 1 "system" 2 "children_user" 3 "children_system" 4 "elapsed" }
crate::open_struct_sequence! { TERMINAL_SIZE "os" "terminal_size" "Columns and lines of a terminal." 2:
0 "columns" 1 "lines" }
crate::open_struct_sequence! { WAITID_RESULT "posix" "waitid_result" "What became of a child." 5:
0 "si_pid" 1 "si_uid" 2 "si_signo" 3 "si_status" 4 "si_code" }
crate::open_struct_sequence! { SCHED_PARAM "posix" "sched_param" "A priority." 1: 0 "sched_priority" }

/// The functions.
pub static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("_exit(status)", exit, "End the process at once."),
    NativeDef::function("abort()", abort, "End the process as crashed."),
    NativeDef::function("fork()", fork, "Make a child process; 0 in the child."),
    NativeDef::function(
        "register_at_fork(*, before=<unrepresentable>, after_in_child=<unrepresentable>, after_in_parent=<unrepresentable>)",
        register_at_fork,
        "Call functions when forking.",
    ),
    NativeDef::function("execv(path, argv, /)", execv, "Run another program in this process."),
    NativeDef::function("execve(path, argv, env)", execve, "The same, with an environment."),
    NativeDef::function("getpid()", getpid, "The number of this process."),
    NativeDef::function("getppid()", getppid, "The number of its parent."),
    NativeDef::function("getpgrp()", getpgrp, "The number of its group."),
    NativeDef::function("getpgid(pid)", getpgid, "The group of a process."),
    NativeDef::function("setpgid(pid, pgrp, /)", setpgid, "Put a process into a group."),
    NativeDef::function("setpgrp()", setpgrp, "Make this process lead a group."),
    NativeDef::function("getsid(pid, /)", getsid, "The session of a process."),
    NativeDef::function("setsid()", setsid, "Start a session."),
    NativeDef::function("getuid()", getuid, "The user."),
    NativeDef::function("geteuid()", geteuid, "The user whose rights count."),
    NativeDef::function("getgid()", getgid, "The group."),
    NativeDef::function("getegid()", getegid, "The group whose rights count."),
    NativeDef::function("setuid(uid, /)", setuid, "Set the user."),
    NativeDef::function("seteuid(euid, /)", seteuid, "Set the user whose rights count."),
    NativeDef::function("setgid(gid, /)", setgid, "Set the group."),
    NativeDef::function("setegid(egid, /)", setegid, "Set the group whose rights count."),
    NativeDef::function("setreuid(ruid, euid, /)", setreuid, "Set both."),
    NativeDef::function("setregid(rgid, egid, /)", setregid, "Set both."),
    NativeDef::function("getresuid()", getresuid, "The three user numbers."),
    NativeDef::function("getresgid()", getresgid, "The three group numbers."),
    NativeDef::function("getgroups()", getgroups, "The further groups."),
    NativeDef::function("getlogin()", getlogin, "The name of the user."),
    NativeDef::function("kill(pid, signal, /)", kill, "Send a signal."),
    NativeDef::function("killpg(pgid, signal, /)", killpg, "Send a signal to a group."),
    NativeDef::function("nice(increment, /)", nice, "Change the priority."),
    NativeDef::function("getpriority(which, who)", getpriority, "A priority."),
    NativeDef::function("setpriority(which, who, priority)", setpriority, "Set a priority."),
    NativeDef::function("system(command)", system, "Run a command of the shell."),
    NativeDef::function("times()", times, "Processor times."),
    NativeDef::function("uname()", uname, "The system's names."),
    NativeDef::function("wait()", wait, "Wait for any child."),
    NativeDef::function("waitpid(pid, options, /)", waitpid, "Wait for a child."),
    NativeDef::function("waitid(idtype, id, options, /)", waitid, "Wait for a child's change."),
    NativeDef::function("waitstatus_to_exitcode(status)", exitcode, "The exit code in a status."),
    NativeDef::function("WCOREDUMP(status, /)", wcoredump, "Whether it left a core file."),
    NativeDef::function("WIFCONTINUED(status)", wifcontinued, "Whether it went on."),
    NativeDef::function("WIFSTOPPED(status)", wifstopped, "Whether it was stopped."),
    NativeDef::function("WIFSIGNALED(status)", wifsignaled, "Whether a signal ended it."),
    NativeDef::function("WIFEXITED(status)", wifexited, "Whether it ended itself."),
    NativeDef::function("WEXITSTATUS(status)", wexitstatus, "Its exit status."),
    NativeDef::function("WTERMSIG(status)", wtermsig, "The signal that ended it."),
    NativeDef::function("WSTOPSIG(status)", wstopsig, "The signal that stopped it."),
    NativeDef::function("sched_yield()", sched_yield, "Let others run."),
    NativeDef::function("sched_getaffinity(pid, /)", sched_getaffinity, "Its processors."),
    NativeDef::function("cpu_count()", cpu_count, "How many processors there are."),
    NativeDef::function("getloadavg()", getloadavg, "How busy the machine was."),
    NativeDef::function("sysconf(name, /)", sysconf, "A limit of the system."),
    NativeDef::function("confstr(name, /)", confstr, "A text about the system."),
    NativeDef::function("urandom(size, /)", urandom, "Random bytes."),
    NativeDef::function("getrandom(size, flags=0)", getrandom, "Random bytes."),
    NativeDef::function("strerror(code, /)", strerror, "The text of an error number."),
    NativeDef::function("putenv(name, value, /)", putenv, "Set a variable of the environment."),
    NativeDef::function("unsetenv(name, /)", unsetenv, "Remove one."),
    NativeDef::function(
        "get_terminal_size(fd=sys.__stdout__.fileno(), /)",
        terminal_size,
        "Columns and lines.",
    ),
    NativeDef::function("ctermid()", ctermid, "The name of the terminal."),
    NativeDef::function("pidfd_open(pid, flags=0)", pidfd_open, "A process as a file."),
];

fn exit(vm: &mut Vm, args: Args) -> NativeResult {
    let status = c_int(vm, args, 0)?;
    sys!(libc::_exit(status))
}

fn abort(_: &mut Vm, _: Args) -> NativeResult {
    sys!(libc::abort())
}

/// Functions to call when forking: before, after in the child, after in the parent.
#[derive(Default)]
struct AtFork([Vec<sidewinder_interpreter::vm::stack::Global>; 3]);

fn register_at_fork(vm: &mut Vm, args: Args) -> NativeResult {
    let mut any = false;
    for i in 0..3 {
        let Some(function) = args.opt(vm, i) else { continue };
        any = true;
        if !sidewinder_interpreter::builtins::builtin_funcs::is_callable(vm, function) {
            let name = ["before", "after_in_child", "after_in_parent"][i];
            let given = vm.type_name(function);
            raise!(vm, TypeError, "'{name}' must be callable, not {given}");
        }
        let root = vm.global(function);
        vm.with_extension(|at: &mut AtFork| at.0[i].push(root));
    }
    if !any {
        raise!(vm, TypeError, "At least one argument is required.");
    }
    Ok(vm.none())
}

fn run_at_fork(vm: &mut Vm, which: usize) {
    let functions: Vec<Local> = {
        let vm = &*vm;
        vm.with_extension(|at: &mut AtFork| {
            at.0[which].iter().map(|g| vm.root(vm.get_global(g))).collect()
        })
    };
    let mut functions = functions;
    if which == 0 {
        functions.reverse();
    }
    for function in functions {
        if let Err(raised) = vm.call(function, &[]) {
            vm.unraisable(raised, function);
        }
    }
}

fn fork(vm: &mut Vm, _: Args) -> NativeResult {
    vm.scope(|vm| run_at_fork(vm, 0));
    vm.flush_stdout()?;
    let pid = sys!(libc::fork());
    let failed = errno();
    if pid == 0 {
        vm.after_fork_in_child();
        crate::thread::handle::after_fork_in_child(vm);
    }
    vm.scope(|vm| run_at_fork(vm, if pid == 0 { 1 } else { 2 }));
    if pid < 0 {
        return Err(error(vm, failed, &[]));
    }
    ret_int(vm, i64::from(pid))
}

/// The strings of a sequence or of an environment.
fn strings(vm: &mut Vm, items: Local, what: &str) -> Result<Vec<CString>, Raised> {
    let list = vm.collect_list(items)?;
    let list = vm.hold(list);
    let items: Vec<Local> = {
        let vm = &*vm;
        let list = vm.get(list).cast::<List>();
        list.map(|l| vm.list_items(l).map(|v| vm.root(v)).collect()).unwrap_or_default()
    };
    items.into_iter().map(|item| Ok(path_arg(vm, item, "", what, Accept::default())?.c)).collect()
}

fn argv(vm: &mut Vm, args: Args, function: &str) -> Result<Vec<CString>, Raised> {
    use sidewinder_interpreter::builtins::ClassId;
    let given = args.get(vm, 1);
    if !vm.has_class(given, ClassId::List) && !vm.has_class(given, ClassId::Tuple) {
        raise!(vm, TypeError, "{function}() arg 2 must be a tuple or list");
    }
    let argv = strings(vm, args.local(1), "argv")?;
    match argv.first() {
        None => raise!(vm, ValueError, "{function}() arg 2 must not be empty"),
        Some(first) if first.is_empty() => {
            raise!(vm, ValueError, "{function}() arg 2 first element cannot be empty")
        }
        _ => Ok(argv),
    }
}

fn pointers(strings: &[CString]) -> Vec<*const libc::c_char> {
    strings.iter().map(|s| s.as_ptr()).chain([std::ptr::null()]).collect()
}

fn execv(vm: &mut Vm, args: Args) -> NativeResult {
    let p = path_arg(vm, args.local(0), "execv", "path", Accept::default())?;
    let argv = argv(vm, args, "execv")?;
    vm.flush_stdout()?;
    let argv = pointers(&argv);
    let result = sys!(libc::execv(p.c.as_ptr(), argv.as_ptr()));
    done(vm, result, &[p.shown])
}

fn execve(vm: &mut Vm, args: Args) -> NativeResult {
    let accept = Accept { fd: true, none: false };
    let p = path_arg(vm, args.local(0), "execve", "path", accept)?;
    let argv = argv(vm, args, "execve")?;
    let env = environment(vm, args.local(2))?;
    vm.flush_stdout()?;
    let (argv, env) = (pointers(&argv), pointers(&env));
    let result = match p.fd {
        Some(fd) => sys!(libc::fexecve(fd, argv.as_ptr(), env.as_ptr())),
        None => sys!(libc::execve(p.c.as_ptr(), argv.as_ptr(), env.as_ptr())),
    };
    done(vm, result, &[p.shown])
}

/// A mapping as `NAME=VALUE` strings.
fn environment(vm: &mut Vm, mapping: Local) -> Result<Vec<CString>, Raised> {
    let keys = vm.call_method(mapping, "keys", &[])?;
    let keys = vm.hold(keys);
    let values = vm.call_method(mapping, "values", &[])?;
    let values = vm.hold(values);
    let keys = strings(vm, keys, "env")?;
    let values = strings(vm, values, "env")?;
    let mut all = Vec::new();
    for (key, value) in keys.into_iter().zip(values) {
        if key.is_empty() || key.as_bytes()[1..].contains(&b'=') {
            raise!(vm, ValueError, "illegal environment variable name");
        }
        let mut bytes = key.into_bytes();
        bytes.push(b'=');
        bytes.extend(value.into_bytes());
        all.push(c_string(vm, bytes)?);
    }
    Ok(all)
}

macro_rules! numbers {
    ($($function:ident $call:ident)*) => {$(
        fn $function(vm: &mut Vm, _: Args) -> NativeResult {
            ret_int(vm, i64::from(sys!(libc::$call())))
        }
    )*};
}
numbers! { getpid getpid getppid getppid getpgrp getpgrp getuid getuid geteuid geteuid
getgid getgid getegid getegid }

macro_rules! setters {
    ($($function:ident $call:ident)*) => {$(
        fn $function(vm: &mut Vm, args: Args) -> NativeResult {
            let id = int(vm, args, 0)?;
            done(vm, sys!(libc::$call(id as u32)), &[])
        }
    )*};
}
setters! { setuid setuid seteuid seteuid setgid setgid setegid setegid }

fn setreuid(vm: &mut Vm, args: Args) -> NativeResult {
    let (a, b) = (int(vm, args, 0)?, int(vm, args, 1)?);
    done(vm, sys!(libc::setreuid(a as u32, b as u32)), &[])
}

fn setregid(vm: &mut Vm, args: Args) -> NativeResult {
    let (a, b) = (int(vm, args, 0)?, int(vm, args, 1)?);
    done(vm, sys!(libc::setregid(a as u32, b as u32)), &[])
}

fn three(vm: &Vm, ids: [u32; 3]) -> NativeResult {
    Ok(vm.ret(vm.tuple(&ids.map(|id| vm.int(i64::from(id)))).value()))
}

fn getresuid(vm: &mut Vm, _: Args) -> NativeResult {
    let [mut a, mut b, mut c] = [0; 3];
    check(vm, sys!(libc::getresuid(&mut a, &mut b, &mut c)), &[])?;
    three(vm, [a, b, c])
}

fn getresgid(vm: &mut Vm, _: Args) -> NativeResult {
    let [mut a, mut b, mut c] = [0; 3];
    check(vm, sys!(libc::getresgid(&mut a, &mut b, &mut c)), &[])?;
    three(vm, [a, b, c])
}

fn getpgid(vm: &mut Vm, args: Args) -> NativeResult {
    let pid = c_int(vm, args, 0)?;
    let n = check(vm, sys!(libc::getpgid(pid)), &[])?;
    ret_int(vm, n)
}

fn setpgid(vm: &mut Vm, args: Args) -> NativeResult {
    let (pid, group) = (c_int(vm, args, 0)?, c_int(vm, args, 1)?);
    done(vm, sys!(libc::setpgid(pid, group)), &[])
}

fn setpgrp(vm: &mut Vm, _: Args) -> NativeResult {
    done(vm, sys!(libc::setpgid(0, 0)), &[])
}

fn getsid(vm: &mut Vm, args: Args) -> NativeResult {
    let pid = c_int(vm, args, 0)?;
    let n = check(vm, sys!(libc::getsid(pid)), &[])?;
    ret_int(vm, n)
}

fn setsid(vm: &mut Vm, _: Args) -> NativeResult {
    done(vm, sys!(libc::setsid()), &[])
}

fn getgroups(vm: &mut Vm, _: Args) -> NativeResult {
    let mut groups = vec![0; 1024];
    let n = check(vm, sys!(libc::getgroups(groups.len() as i32, groups.as_mut_ptr())), &[])?;
    let vm = &*vm;
    let groups: Vec<Value<'_>> =
        groups[..n as usize].iter().map(|g| vm.int(i64::from(*g))).collect();
    Ok(vm.ret(vm.list(&groups).value()))
}

fn getlogin(vm: &mut Vm, _: Args) -> NativeResult {
    let name = sys!(libc::getlogin());
    if name.is_null() {
        return Err(error(vm, errno(), &[]));
    }
    let name = sys!(CStr::from_ptr(name)).to_bytes();
    Ok(vm.ret(crate::fs_path::decode(vm, name).value()))
}

fn kill(vm: &mut Vm, args: Args) -> NativeResult {
    let (pid, signal) = (c_int(vm, args, 0)?, c_int(vm, args, 1)?);
    check(vm, sys!(libc::kill(pid, signal)), &[])?;
    vm.safepoint()?;
    Ok(vm.none())
}

fn killpg(vm: &mut Vm, args: Args) -> NativeResult {
    let (group, signal) = (c_int(vm, args, 0)?, c_int(vm, args, 1)?);
    check(vm, sys!(libc::killpg(group, signal)), &[])?;
    vm.safepoint()?;
    Ok(vm.none())
}

fn nice(vm: &mut Vm, args: Args) -> NativeResult {
    let by = c_int(vm, args, 0)?;
    sys!(*libc::__errno_location() = 0);
    let n = sys!(libc::nice(by));
    if n == -1 && errno() != 0 {
        return Err(error(vm, errno(), &[]));
    }
    ret_int(vm, i64::from(n))
}

fn getpriority(vm: &mut Vm, args: Args) -> NativeResult {
    let (which, who) = (c_int(vm, args, 0)?, c_int(vm, args, 1)?);
    sys!(*libc::__errno_location() = 0);
    let n = sys!(libc::getpriority(which as _, who as _));
    if n == -1 && errno() != 0 {
        return Err(error(vm, errno(), &[]));
    }
    ret_int(vm, i64::from(n))
}

fn setpriority(vm: &mut Vm, args: Args) -> NativeResult {
    let (which, who) = (c_int(vm, args, 0)?, c_int(vm, args, 1)?);
    let priority = c_int(vm, args, 2)?;
    done(vm, sys!(libc::setpriority(which as _, who as _, priority)), &[])
}

fn system(vm: &mut Vm, args: Args) -> NativeResult {
    let p = path_arg(vm, args.local(0), "system", "command", Accept::default())?;
    vm.flush_stdout()?;
    let status = vm.blocking(|| sys!(libc::system(p.c.as_ptr())));
    ret_int(vm, i64::from(status))
}

fn times(vm: &mut Vm, _: Args) -> NativeResult {
    let mut t = MaybeUninit::<libc::tms>::zeroed();
    let elapsed = check(vm, sys!(libc::times(t.as_mut_ptr())), &[])?;
    let t = sys!(t.assume_init());
    let ticks = sys!(libc::sysconf(libc::_SC_CLK_TCK)) as f64;
    let vm = &*vm;
    let items = [t.tms_utime, t.tms_stime, t.tms_cutime, t.tms_cstime, elapsed]
        .map(|n| vm.float(n as f64 / ticks));
    Ok(vm.ret(structseq::new(vm, &TIMES_RESULT, &items).value()))
}

fn uname(vm: &mut Vm, _: Args) -> NativeResult {
    let mut u = MaybeUninit::<libc::utsname>::zeroed();
    check(vm, sys!(libc::uname(u.as_mut_ptr())), &[])?;
    let u = sys!(u.assume_init());
    let vm = &*vm;
    let items = [u.sysname, u.nodename, u.release, u.version, u.machine].map(|field| {
        let bytes: Vec<u8> = field.iter().take_while(|c| **c != 0).map(|c| *c as u8).collect();
        crate::fs_path::decode(vm, &bytes).value()
    });
    Ok(vm.ret(structseq::new(vm, &UNAME_RESULT, &items).value()))
}

fn wait_for(vm: &mut Vm, pid: i32, options: i32) -> NativeResult {
    let mut status = 0;
    let pid = blocking(vm, &[], || sys!(libc::waitpid(pid, &mut status, options)))?;
    let vm = &*vm;
    Ok(vm.ret(vm.tuple(&[vm.int(pid), Value::from_i32(status)]).value()))
}

fn wait(vm: &mut Vm, _: Args) -> NativeResult {
    wait_for(vm, -1, 0)
}

fn waitpid(vm: &mut Vm, args: Args) -> NativeResult {
    let (pid, options) = (c_int(vm, args, 0)?, c_int(vm, args, 1)?);
    wait_for(vm, pid, options)
}

fn waitid(vm: &mut Vm, args: Args) -> NativeResult {
    let kind = int(vm, args, 0)? as libc::idtype_t;
    let id = int(vm, args, 1)? as libc::id_t;
    let options = c_int(vm, args, 2)?;
    let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
    blocking(vm, &[], || sys!(libc::waitid(kind, id, info.as_mut_ptr(), options)))?;
    let info = sys!(info.assume_init());
    let (pid, uid, status) = sys!((info.si_pid(), info.si_uid(), info.si_status()));
    if pid == 0 {
        return Ok(vm.none());
    }
    let vm = &*vm;
    let int = |n: i64| vm.int(n);
    let items = [
        int(pid.into()),
        int(uid.into()),
        int(info.si_signo.into()),
        int(status.into()),
        int(info.si_code.into()),
    ];
    Ok(vm.ret(structseq::new(vm, &WAITID_RESULT, &items).value()))
}

fn exitcode(vm: &mut Vm, args: Args) -> NativeResult {
    let status = c_int(vm, args, 0)?;
    let code = if libc::WIFEXITED(status) {
        libc::WEXITSTATUS(status)
    } else if libc::WIFSIGNALED(status) {
        -libc::WTERMSIG(status)
    } else if libc::WIFSTOPPED(status) {
        let signal = libc::WSTOPSIG(status);
        raise!(vm, ValueError, "process stopped by delivery of signal {signal}")
    } else {
        raise!(vm, ValueError, "invalid wait status: {status}")
    };
    ret_int(vm, i64::from(code))
}

macro_rules! statuses {
    ($($function:ident $call:ident $make:ident)*) => {$(
        fn $function(vm: &mut Vm, args: Args) -> NativeResult {
            let status = c_int(vm, args, 0)?;
            Ok(vm.ret(Value::$make(libc::$call(status))))
        }
    )*};
}
statuses! { wcoredump WCOREDUMP from_bool wifcontinued WIFCONTINUED from_bool
wifstopped WIFSTOPPED from_bool wifsignaled WIFSIGNALED from_bool wifexited WIFEXITED from_bool
wexitstatus WEXITSTATUS from_i32 wtermsig WTERMSIG from_i32 wstopsig WSTOPSIG from_i32 }

fn sched_yield(vm: &mut Vm, _: Args) -> NativeResult {
    vm.blocking(|| sys!(libc::sched_yield()));
    Ok(vm.none())
}

fn affinity(pid: i32) -> std::io::Result<Vec<usize>> {
    let mut set = MaybeUninit::<libc::cpu_set_t>::zeroed();
    let size = size_of::<libc::cpu_set_t>();
    if sys!(libc::sched_getaffinity(pid, size, set.as_mut_ptr())) < 0 {
        return Err(std::io::Error::last_os_error());
    }
    let set = sys!(set.assume_init());
    Ok((0..8 * size).filter(|&i| sys!(libc::CPU_ISSET(i, &set))).collect())
}

fn sched_getaffinity(vm: &mut Vm, args: Args) -> NativeResult {
    let pid = c_int(vm, args, 0)?;
    let cpus = match affinity(pid) {
        Ok(cpus) => cpus,
        Err(e) => return Err(error(vm, e.raw_os_error().unwrap_or(0), &[])),
    };
    let set = vm.root(vm.new_set().value());
    for cpu in cpus {
        let cpu = vm.root(vm.int_usize(cpu));
        vm.set_add(set, cpu)?;
    }
    Ok(vm.ret(vm.get(set)))
}

fn cpu_count(vm: &mut Vm, _: Args) -> NativeResult {
    let n = sys!(libc::sysconf(libc::_SC_NPROCESSORS_ONLN));
    if n < 1 {
        return Ok(vm.none());
    }
    ret_int(vm, n)
}

fn getloadavg(vm: &mut Vm, _: Args) -> NativeResult {
    let mut load = [0.0; 3];
    if sys!(libc::getloadavg(load.as_mut_ptr(), 3)) != 3 {
        raise!(vm, OSError, "Load averages are unobtainable");
    }
    let vm = &*vm;
    Ok(vm.ret(vm.tuple(&load.map(|l| vm.float(l))).value()))
}

fn sysconf(vm: &mut Vm, args: Args) -> NativeResult {
    let name = super::constants::conf_name(vm, args, 0, super::constants::SYSCONF)?;
    sys!(*libc::__errno_location() = 0);
    let n = sys!(libc::sysconf(name));
    if n == -1 && errno() != 0 {
        return Err(error(vm, errno(), &[]));
    }
    ret_int(vm, n)
}

fn confstr(vm: &mut Vm, args: Args) -> NativeResult {
    let name = super::constants::conf_name(vm, args, 0, super::constants::CONFSTR)?;
    let mut buffer = vec![0u8; 1024];
    let n = sys!(libc::confstr(name, buffer.as_mut_ptr().cast(), buffer.len()));
    if n == 0 {
        return Ok(vm.none());
    }
    Ok(vm.ret(crate::fs_path::decode(vm, &buffer[..n.min(1024) - 1]).value()))
}

fn random(vm: &mut Vm, args: Args, flags: libc::c_uint) -> NativeResult {
    let n = int(vm, args, 0)?;
    if n < 0 {
        raise!(vm, ValueError, "negative argument not allowed");
    }
    vm.check_size(n as usize)?;
    let mut buffer = vec![0u8; n as usize];
    let mut at = 0;
    while at < buffer.len() {
        let rest = &mut buffer[at..];
        let got = blocking(vm, &[], || {
            sys!(libc::getrandom(rest.as_mut_ptr().cast(), rest.len(), flags)) as i64
        })?;
        at += got as usize;
    }
    ret_bytes(vm, &buffer)
}

fn urandom(vm: &mut Vm, args: Args) -> NativeResult {
    random(vm, args, 0)
}

fn getrandom(vm: &mut Vm, args: Args) -> NativeResult {
    let flags = int_or(vm, args, 1, 0)? as libc::c_uint;
    random(vm, args, flags)
}

fn strerror(vm: &mut Vm, args: Args) -> NativeResult {
    let code = c_int(vm, args, 0)?;
    Ok(vm.ret(vm.str(&error_text(code)).value()))
}

fn putenv(vm: &mut Vm, args: Args) -> NativeResult {
    let name = path_arg(vm, args.local(0), "putenv", "name", Accept::default())?.c;
    let value = path_arg(vm, args.local(1), "putenv", "value", Accept::default())?.c;
    if name.as_bytes().contains(&b'=') {
        raise!(vm, ValueError, "illegal environment variable name");
    }
    done(vm, sys!(libc::setenv(name.as_ptr(), value.as_ptr(), 1)), &[])
}

fn unsetenv(vm: &mut Vm, args: Args) -> NativeResult {
    let name = path_arg(vm, args.local(0), "unsetenv", "name", Accept::default())?.c;
    done(vm, sys!(libc::unsetenv(name.as_ptr())), &[])
}

fn terminal_size(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = int_or(vm, args, 0, 1)? as i32;
    let mut size = MaybeUninit::<libc::winsize>::zeroed();
    check(vm, sys!(libc::ioctl(fd, libc::TIOCGWINSZ, size.as_mut_ptr())), &[])?;
    let size = sys!(size.assume_init());
    let items = [size.ws_col, size.ws_row].map(|n| Value::from_i32(n.into()));
    let vm = &*vm;
    Ok(vm.ret(structseq::new(vm, &TERMINAL_SIZE, &items).value()))
}

fn ctermid(vm: &mut Vm, _: Args) -> NativeResult {
    let name = sys!(CStr::from_ptr(libc::ctermid(std::ptr::null_mut())));
    Ok(vm.ret(vm.str(&name.to_string_lossy()).value()))
}

fn pidfd_open(vm: &mut Vm, args: Args) -> NativeResult {
    let pid = c_int(vm, args, 0)?;
    let flags = int_or(vm, args, 1, 0)?;
    let fd = check(vm, sys!(libc::syscall(libc::SYS_pidfd_open, pid, flags)), &[])?;
    ret_int(vm, fd)
}
