//! `_faulthandler`: fatal signals say their name before they end the program.

use crate::posix::support::{c_int, check, sys};
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, NativeDef, NativeResult, Raised, Value, Vm};
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicI32, Ordering};

/// The declaration.
pub static FAULTHANDLER: ModuleDef = ModuleDef {
    name: "_faulthandler",
    doc: "The native part of faulthandler.",
    functions: &[
        NativeDef::function("enable(fd, /)", enable, "Write to that file descriptor."),
        NativeDef::function("disable()", disable, "Leave fatal signals alone again."),
        NativeDef::function("is_enabled()", is_enabled, "Whether fatal signals are reported."),
    ],
    types: &[],
    exec: None,
};

/// The signals and what is written at them.
const FATAL: [(libc::c_int, &str); 5] = [
    (libc::SIGBUS, "Fatal Python error: Bus error\n\n"),
    (libc::SIGILL, "Fatal Python error: Illegal instruction\n\n"),
    (libc::SIGFPE, "Fatal Python error: Floating-point exception\n\n"),
    (libc::SIGABRT, "Fatal Python error: Aborted\n\n"),
    (libc::SIGSEGV, "Fatal Python error: Segmentation fault\n\n"),
];

/// Where to write; negative while nothing is reported. A signal concerns the process, so this does.
static DESCRIPTOR: AtomicI32 = AtomicI32::new(-1);

/// The handler: does only what is allowed at any moment. The system's own way of dealing with the
/// signal is in force again when it runs (`SA_RESETHAND`), so that returning ends the program.
extern "C" fn report(signal: libc::c_int) {
    let fd = DESCRIPTOR.load(Ordering::Relaxed);
    if let Some((_, text)) = FATAL.iter().find(|(number, _)| *number == signal) {
        sys!(libc::write(fd, text.as_ptr().cast(), text.len()));
    }
    sys!(libc::raise(signal));
}

fn set_handlers(vm: &Vm, handler: libc::sighandler_t) -> Result<(), Raised> {
    for (signal, _) in FATAL {
        // Zero is a valid `sigaction`: no flags, an empty mask.
        let mut action: libc::sigaction = sys!(MaybeUninit::zeroed().assume_init());
        action.sa_sigaction = handler;
        action.sa_flags = libc::SA_RESETHAND | libc::SA_NODEFER | libc::SA_ONSTACK;
        check(vm, sys!(libc::sigaction(signal, &action, std::ptr::null_mut())), &[])?;
    }
    Ok(())
}

fn enable(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = c_int(vm, args, 0)?;
    DESCRIPTOR.store(fd, Ordering::Relaxed);
    set_handlers(vm, report as extern "C" fn(libc::c_int) as libc::sighandler_t)?;
    Ok(vm.none())
}

fn disable(vm: &mut Vm, _: Args) -> NativeResult {
    let was = DESCRIPTOR.swap(-1, Ordering::Relaxed) >= 0;
    if was {
        set_handlers(vm, libc::SIG_DFL)?;
    }
    Ok(vm.ret(Value::from_bool(was)))
}

fn is_enabled(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(Value::from_bool(DESCRIPTOR.load(Ordering::Relaxed) >= 0)))
}
