//! The module `_posixsubprocess`: starting a program in a new process.

use crate::fs_path::{Accept, path_arg};
use crate::posix::support::{c_int, check, errno, int, sys};
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Vm, raise};
use std::ffi::CString;

/// The declaration.
pub static SUBPROCESS: ModuleDef = ModuleDef {
    name: "_posixsubprocess",
    doc: "Starting programs.",
    functions: &[NativeDef::function(
        "fork_exec(args, executable_list, close_fds, pass_fds, cwd, env, p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, errpipe_read, errpipe_write, restore_signals, call_setsid, pgid_to_set, gid, extra_groups, uid, child_umask, preexec_fn, /)",
        fork_exec,
        "Start a program in a new process; its number.",
    )],
    types: &[],
    exec: None,
};

/// What the child does, found out before the process forks: afterwards there is no memory to be had
/// safely if other threads run.
struct Plan {
    executables: Vec<CString>,
    args: Vec<*const libc::c_char>,
    env: Option<Vec<*const libc::c_char>>,
    keep: Vec<i32>,
    close_fds: bool,
    cwd: Option<CString>,
    fds: [i32; 8],
    restore_signals: bool,
    setsid: bool,
    group: i32,
    gid: Option<u32>,
    groups: Option<Vec<u32>>,
    uid: Option<u32>,
    umask: i32,
}

fn strings(vm: &mut Vm, items: Local) -> Result<Vec<CString>, Raised> {
    let list = vm.collect_list(items)?;
    let list = vm.hold(list);
    let items: Vec<Local> = {
        let vm = &*vm;
        let list = vm.get(list).cast::<List>();
        list.map(|l| vm.list_items(l).map(|v| vm.root(v)).collect()).unwrap_or_default()
    };
    items.into_iter().map(|i| Ok(path_arg(vm, i, "", "path", Accept::default())?.c)).collect()
}

fn numbers(vm: &mut Vm, items: Local) -> Result<Vec<i64>, Raised> {
    let mut all = Vec::new();
    vm.iterate(items, |vm, item| {
        all.push(vm.index_i64(item)?);
        Ok(())
    })?;
    Ok(all)
}

fn pointers(strings: &[CString]) -> Vec<*const libc::c_char> {
    strings.iter().map(|s| s.as_ptr()).chain([std::ptr::null()]).collect()
}

fn fork_exec(vm: &mut Vm, args: Args) -> NativeResult {
    let argv = strings(vm, args.local(0))?;
    let executables = strings(vm, args.local(1))?;
    let close_fds = vm.truth(args.local(2))?;
    let keep: Vec<i32> = numbers(vm, args.local(3))?.into_iter().map(|n| n as i32).collect();
    if keep.windows(2).any(|w| w[0] >= w[1]) || keep.first().is_some_and(|fd| *fd < 0) {
        raise!(vm, ValueError, "bad value(s) in fds_to_keep");
    }
    let cwd = match args.not_none(vm, 4) {
        Some(_) => Some(path_arg(vm, args.local(4), "", "cwd", Accept::default())?.c),
        None => None,
    };
    let env = match args.not_none(vm, 5) {
        Some(_) => Some(strings(vm, args.local(5))?),
        None => None,
    };
    let mut fds = [0; 8];
    for (i, fd) in fds.iter_mut().enumerate() {
        *fd = c_int(vm, args, 6 + i)?;
    }
    let id = |vm: &mut Vm, i: usize| match args.not_none(vm, i) {
        Some(_) => int(vm, args, i).map(|n| Some(n as u32)),
        None => Ok(None),
    };
    let plan = Plan {
        args: pointers(&argv),
        env: env.as_deref().map(pointers),
        executables,
        keep,
        close_fds,
        cwd,
        fds,
        restore_signals: vm.truth(args.local(14))?,
        setsid: vm.truth(args.local(15))?,
        group: c_int(vm, args, 16)?,
        gid: id(vm, 17)?,
        groups: match args.not_none(vm, 18) {
            Some(_) => Some(numbers(vm, args.local(18))?.into_iter().map(|n| n as u32).collect()),
            None => None,
        },
        uid: id(vm, 19)?,
        umask: c_int(vm, args, 20)?,
    };
    let preexec = args.not_none(vm, 21).map(|_| args.local(21));
    vm.flush_stdout()?;
    let pid = sys!(libc::fork());
    if pid == 0 {
        child(vm, &plan, preexec);
    }
    let pid = check(vm, pid, &[])?;
    Ok(vm.ret(vm.int(pid)))
}

/// In the child: never returns. What fails is reported through the pipe, in the words that module
/// subprocess expects.
fn child(vm: &mut Vm, plan: &Plan, preexec: Option<Local>) -> ! {
    let [_, _, _, _, _, _, _, report] = plan.fds;
    let message = match prepare(plan) {
        Err(message) => message,
        Ok(()) => {
            let called = preexec.map_or(Ok(()), |f| vm.call(f, &[]).map(|_| ()));
            match called {
                Err(raised) => {
                    let _ = vm.catch(raised, ClassId::BaseException);
                    "SubprocessError:0:Exception occurred in preexec_fn.".to_owned()
                }
                Ok(()) => run(plan),
            }
        }
    };
    sys!({
        libc::write(report, message.as_ptr().cast(), message.len());
        libc::_exit(255)
    })
}

fn failed(what: &str) -> String {
    format!("OSError:{:x}:{what}", errno())
}

fn prepare(plan: &Plan) -> Result<(), String> {
    let [p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, errpipe_read, report] = plan.fds;
    let noexec = || failed("noexec");
    let ok = |code: i32| if code < 0 { Err(noexec()) } else { Ok(code) };
    for fd in [p2cwrite, c2pread, errread, errpipe_read] {
        if fd >= 0 {
            ok(sys!(libc::close(fd)))?;
        }
    }
    // Descriptors 0 to 2 may be in use for the wrong purpose.
    let c2pwrite = if c2pwrite == 0 { ok(sys!(libc::dup(c2pwrite)))? } else { c2pwrite };
    let mut errwrite = errwrite;
    while (0..=1).contains(&errwrite) {
        errwrite = ok(sys!(libc::dup(errwrite)))?;
    }
    for (from, to) in [(p2cread, 0), (c2pwrite, 1), (errwrite, 2)] {
        if from == to {
            ok(sys!(libc::fcntl(from, libc::F_SETFD, 0)))?;
        } else if from >= 0 {
            ok(sys!(libc::dup2(from, to)))?;
        }
    }
    if let Some(cwd) = &plan.cwd
        && sys!(libc::chdir(cwd.as_ptr())) < 0
    {
        return Err(failed("noexec:chdir"));
    }
    if plan.umask >= 0 {
        sys!(libc::umask(plan.umask as libc::mode_t));
    }
    if plan.restore_signals {
        for signal in [libc::SIGPIPE, libc::SIGXFSZ] {
            sys!(libc::signal(signal, libc::SIG_DFL));
        }
    }
    if plan.setsid {
        ok(sys!(libc::setsid()))?;
    }
    if plan.group >= 0 {
        ok(sys!(libc::setpgid(0, plan.group)))?;
    }
    if let Some(groups) = &plan.groups {
        ok(sys!(libc::setgroups(groups.len(), groups.as_ptr())))?;
    }
    if let Some(gid) = plan.gid {
        ok(sys!(libc::setregid(gid, gid)))?;
    }
    if let Some(uid) = plan.uid {
        ok(sys!(libc::setreuid(uid, uid)))?;
    }
    let _ = report;
    Ok(())
}

fn run(plan: &Plan) -> String {
    let report = plan.fds[7];
    if plan.close_fds {
        let mut low = 3;
        let mut keep: Vec<i32> = plan.keep.iter().copied().chain([report]).collect();
        keep.sort_unstable();
        keep.dedup();
        for fd in keep.iter().copied().filter(|fd| *fd >= 3).chain([i32::MAX]) {
            if low < fd {
                let code = sys!(libc::syscall(libc::SYS_close_range, low, fd - 1, 0));
                if code != 0 {
                    for other in low..fd.min(1 << 16) {
                        sys!(libc::close(other));
                    }
                }
            }
            low = fd.saturating_add(1);
        }
    }
    for fd in &plan.keep {
        if *fd != report {
            sys!(libc::fcntl(*fd, libc::F_SETFD, 0));
        }
    }
    let mut saved = 0;
    for executable in &plan.executables {
        let (path, argv) = (executable.as_ptr(), plan.args.as_ptr());
        match &plan.env {
            Some(env) => sys!(libc::execve(path, argv, env.as_ptr())),
            None => sys!(libc::execv(path, argv)),
        };
        let now = errno();
        if now != libc::ENOENT && now != libc::ENOTDIR && saved == 0 {
            saved = now;
        }
    }
    if saved != 0 {
        sys!(*libc::__errno_location() = saved);
    }
    failed("")
}
