//! How programs end: SystemExit, uncaught exceptions, the last flush.

use crate::signals;
use sidewinder::interpreter::builtins::ClassId;
use sidewinder::interpreter::object::{Exception, Field};
use sidewinder::{Local, Raised, Value, Vm};
use sidewinder_stdlib::{io::buffered::OpenFiles, sys::functions::Finalizing};

/// Reports an exception that has left the program; the exit status. `stays`: a prompt follows, so
/// KeyboardInterrupt does not end the process.
pub fn report(vm: &mut Vm, raised: Raised, stays: bool) -> i32 {
    let exception = vm.take_exception(raised);
    if vm.has_class(vm.get(exception), ClassId::SystemExit) {
        return exit_status(vm, exception);
    }
    let interrupted = vm.has_class(vm.get(exception), ClassId::KeyboardInterrupt);
    if let Some(status) = print_exception(vm, exception) {
        return status;
    }
    if interrupted && !stays {
        finish(vm, 130);
        signals::die_of_interrupt();
    }
    1
}

/// The exit status that a SystemExit asks for; prints its message.
fn exit_status(vm: &mut Vm, exception: Local) -> i32 {
    let code = match vm.getattr_str(exception, "code") {
        Ok(code) => vm.hold(code),
        Err(raised) => vm.take_exception(raised),
    };
    let value = vm.get(code);
    if value.is_none() {
        return 0;
    }
    if vm.has_class(value, ClassId::Int) || value.is_bool() {
        // Only the low bits reach the system; what fits no machine int counts as -1.
        return vm.as_i64(value).map_or(-1, |code| code as i32) & 0xff;
    }
    let text = match vm.str_text_of(code) {
        Ok(text) => text,
        Err(raised) => {
            vm.take_exception(raised);
            String::new()
        }
    };
    vm.write_sys_stderr(&format!("{text}\n"));
    1
}

/// Shows an exception through `sys.excepthook`; an exit status if the hook raises SystemExit.
pub fn print_exception(vm: &mut Vm, exception: Local) -> Option<i32> {
    let (kind, traceback) = {
        let vm = &*vm;
        let value = vm.get(exception);
        let traceback = value.cast::<Exception>().map_or(Value::NONE, |e| e.r().traceback.get(vm));
        let kind = vm.class_of(value).value();
        for (name, value) in [
            ("last_exc", value),
            ("last_type", kind),
            ("last_value", value),
            ("last_traceback", traceback),
        ] {
            vm.sys_set(name, value);
        }
        (vm.root(kind), vm.root(traceback))
    };
    // What was written before must come first; if it cannot be written, `finish` says so.
    let Some(hook) = vm.sys_get("excepthook").map(|h| vm.root(h)) else {
        let text = vm.format_exception(exception);
        vm.write_sys_stderr(&format!("sys.excepthook is missing\n{text}"));
        return None;
    };
    if let Err(raised) = vm.call(hook, &[kind, exception, traceback]) {
        let error = vm.take_exception(raised);
        if vm.has_class(vm.get(error), ClassId::SystemExit) {
            return Some(exit_status(vm, error));
        }
        let error = vm.format_exception(error);
        let original = vm.format_exception(exception);
        let text =
            format!("Error in sys.excepthook:\n{error}\nOriginal exception was:\n{original}");
        vm.write_sys_stderr(&text);
    }
    None
}

/// Writes out everything; the exit status, 120 if standard output cannot be written.
pub fn finish(vm: &mut Vm, status: i32) -> i32 {
    wait_for_threads(vm);
    sidewinder_stdlib::atexit::run_all(vm);
    vm.with_extension(|f: &mut Finalizing| f.0 = true);
    let mut status = status;
    if vm.heap.has_finalizers() {
        // Finalizers of garbage first, then those of what is still alive, while all modules are
        // as the program left them.
        vm.collect_now();
        vm.heap.queue_all_finalizers();
        vm.run_pending();
    }
    let failed = vm.scope(|vm| {
        let result = match vm.sys_get("stdout") {
            Some(stdout) if !stdout.is_none() && !vm.stdout_is_builtin() => {
                let stdout = vm.root(stdout);
                vm.call_method(stdout, "flush", &[]).map(|_| ())
            }
            _ => Ok(()),
        };
        for result in [result, vm.flush_stdout()] {
            if let Err(raised) = result {
                let error = vm.take_exception(raised);
                let text = vm.format_exception(error);
                vm.write_stderr(&format!("Exception ignored while flushing sys.stdout:\n{text}"));
                return true;
            }
        }
        false
    });
    vm.with_extension(|open: &mut OpenFiles| open.flush());
    if failed {
        status = 120;
    }
    status
}

/// Waits for the threads that `threading` has started, those that are no daemons.
fn wait_for_threads(vm: &mut Vm) {
    vm.scope(|vm| {
        let threading = vm.dict_get_str(vm.modules(), vm.intern("threading"));
        let Some(threading) = threading.map(|m| vm.root(m)) else { return };
        if let Err(raised) = vm.call_method(threading, "_shutdown", &[]) {
            vm.unraisable_while(raised, "Exception ignored on threading shutdown", threading);
        }
    });
}

/// `-X gc=stats`
pub fn print_statistics(vm: &Vm) {
    let stats = vm.heap.stats();
    let mib = |bytes: usize| bytes as f64 / (1 << 20) as f64;
    let mut out = String::from("heap:\n");
    let mut row = |name: &str, value: String| out.push_str(&format!("  {name:<22}{value:>14}\n"));
    row("in use", format!("{:.1} MiB", mib(stats.used)));
    row("peak", format!("{:.1} MiB", mib(stats.peak)));
    row("minor collections", stats.minor.count.to_string());
    row("major collections", stats.major.count.to_string());
    let pauses = stats.pauses();
    let ms = |d: std::time::Duration| format!("{:.3} ms", d.as_secs_f64() * 1e3);
    row("all pauses", ms(pauses.total));
    row("longest pause", ms(pauses.max));
    row("99th percentile", ms(pauses.quantile(0.99)));
    row("median pause", ms(pauses.quantile(0.5)));
    vm.write_stderr(&out);
}
