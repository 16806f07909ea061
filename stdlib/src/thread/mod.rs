//! Module _thread: threads, locks and thread-local data. `threading` is built on it.

pub(crate) mod handle;
mod local;
mod lock;
mod rlock;
mod waiting;

pub use lock::LOCK;

use handle::{HANDLE, Handle};
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::builtins::builtin_funcs::is_callable;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::raise;
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::vm::threads::thread_ident;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm};

crate::open_struct_sequence! {
    EXCEPT_HOOK_ARGS "_thread" "_ExceptHookArgs" "What threading.excepthook gets." 4:
    0 "exc_type" 1 "exc_value" 2 "exc_traceback" 3 "thread"
}

/// The module.
pub static THREAD: ModuleDef = ModuleDef {
    name: "_thread",
    doc: "Threads and locks, the simplest kind.",
    functions: &[
        NativeDef::function("allocate_lock()", lock::allocate, "A new lock."),
        NativeDef::function("allocate()", lock::allocate, "A new lock."),
        NativeDef::function(
            "start_new_thread(function, args, kwargs=<unrepresentable>, /)",
            start_new_thread,
            "Call function(*args, **kwargs) in a new thread; its number.",
        ),
        NativeDef::function(
            "start_new(function, args, kwargs=<unrepresentable>, /)",
            start_new_thread,
            "Call function(*args, **kwargs) in a new thread; its number.",
        ),
        NativeDef::function(
            "start_joinable_thread(function, handle=None, daemon=True)",
            handle::start_joinable,
            "Call function() in a new thread; a handle to wait for it with.",
        ),
        NativeDef::function(
            "_make_thread_handle(ident, /)",
            handle::of_running,
            "A handle of the thread with that number.",
        ),
        NativeDef::function(
            "_get_main_thread_ident()",
            main_ident,
            "The number of the main thread.",
        ),
        NativeDef::function(
            "_shutdown()",
            handle::shutdown,
            "Wait for threads that are no daemons.",
        ),
        NativeDef::function("daemon_threads_allowed()", yes, "Whether daemon threads may start."),
        NativeDef::function("_is_main_interpreter()", yes, "Whether this is no subinterpreter."),
        NativeDef::function("get_ident()", get_ident, "A number that no other live thread has."),
        NativeDef::function("get_native_id()", get_native_id, "The system's number of the thread."),
        NativeDef::function("_count()", count, "Threads running, without the main one."),
        NativeDef::function(
            "stack_size(size=0, /)",
            stack_size,
            "Set the native stack of new threads; what it was.",
        ),
        NativeDef::function(
            "interrupt_main(signum=2, /)",
            interrupt_main,
            "As if the signal had come for the main thread.",
        ),
        NativeDef::function("set_name(name)", set_name, "Name the thread for the system."),
        NativeDef::function("exit()", exit, "End the thread by SystemExit."),
        NativeDef::function("exit_thread()", exit, "End the thread by SystemExit."),
        NativeDef::function(
            "_excepthook(args, /)",
            except_hook,
            "Report an exception that ended a thread.",
        ),
    ],
    types: &[&lock::LOCK, &rlock::RLOCK, &local::LOCAL, &HANDLE, &EXCEPT_HOOK_ARGS],
    exec: Some(exec),
};

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    let vm = &*vm;
    vm.module_set(module, "LockType", vm.native_class(&LOCK).value());
    vm.module_set(module, "error", vm.class(ClassId::RuntimeError).value());
    vm.module_set(module, "TIMEOUT_MAX", vm.float(waiting::TIMEOUT_MAX));
    Ok(())
}

fn start_new_thread(vm: &mut Vm, args: Args) -> NativeResult {
    if !is_callable(vm, args.get(vm, 0)) {
        raise!(vm, TypeError, "first arg must be callable");
    }
    if args.get(vm, 1).cast::<Tuple>().is_none() {
        raise!(vm, TypeError, "2nd arg must be a tuple");
    }
    if args.opt(vm, 2).is_some_and(|v| v.cast::<Dict>().is_none()) {
        raise!(vm, TypeError, "optional 3rd arg must be a dictionary");
    }
    let values = [args.local(0), args.local(1), args.local(2)];
    let ident = vm.start_thread(values, |vm, [function, args, kwargs]| {
        if let Err(raised) = vm.call_args(function, args, kwargs) {
            report_end(vm, raised, function);
        }
        local::thread_ended(vm);
    })?;
    Ok(vm.ret(ident_value(vm, ident)))
}

/// An exception has ended a thread that `_thread` itself started.
fn report_end(vm: &mut Vm, raised: Raised, function: Local) {
    if let Err(raised) = vm.catch(raised, ClassId::SystemExit) {
        vm.unraisable_while(raised, "Exception ignored in thread started by", function);
    }
}

fn ident_value(vm: &Vm, ident: u64) -> Value<'_> {
    vm.int(ident as i64)
}

fn main_ident(vm: &mut Vm, _: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(ident_value(vm, vm.main_thread_ident())))
}

fn get_ident(vm: &mut Vm, _: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(ident_value(vm, thread_ident())))
}

fn get_native_id(vm: &mut Vm, _: Args) -> NativeResult {
    let vm = &*vm;
    // SAFETY: only asks.
    let id = unsafe { libc::gettid() };
    Ok(vm.ret(vm.int(i64::from(id))))
}

fn yes(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(Value::TRUE))
}

fn count(vm: &mut Vm, _: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(vm.int_usize(vm.thread_count() - 1)))
}

#[derive(Default)]
struct StackSize(i64);

fn stack_size(vm: &mut Vm, args: Args) -> NativeResult {
    let before = vm.with_extension(|s: &mut StackSize| s.0);
    if args.opt(vm, 0).is_some() {
        let size = vm.index_i64(args.local(0))?;
        if size < 0 {
            raise!(vm, ValueError, "size must be 0 or a positive value");
        }
        if size != 0 && size < 32 << 10 {
            raise!(vm, ValueError, "size not valid: {size} bytes");
        }
        vm.set_thread_stack(size as usize);
        vm.with_extension(|s: &mut StackSize| s.0 = size);
    }
    Ok(vm.ret(vm.int(before)))
}

fn interrupt_main(vm: &mut Vm, args: Args) -> NativeResult {
    let signal = match args.opt(vm, 0) {
        Some(_) => vm.index_i64(args.local(0))?,
        None => libc::SIGINT.into(),
    };
    if !(1..=64).contains(&signal) {
        raise!(vm, ValueError, "signal number out of range");
    }
    crate::signal::simulate(vm, signal as i32);
    if vm.is_main_thread() {
        vm.safepoint()?;
    }
    Ok(vm.none())
}

fn set_name(vm: &mut Vm, args: Args) -> NativeResult {
    let name = vm.str_text(args.str(vm, 0)?).into_owned();
    // The system takes fifteen bytes; what does not fit, or holds a nul, is cut off.
    let bytes: Vec<u8> = name.bytes().take_while(|&b| b != 0).take(15).collect();
    if let Ok(name) = std::ffi::CString::new(bytes) {
        // SAFETY: the name ends with a nul.
        unsafe { libc::pthread_setname_np(libc::pthread_self(), name.as_ptr()) };
    }
    Ok(vm.none())
}

fn exit(vm: &mut Vm, _: Args) -> NativeResult {
    Err(vm.raise_args(ClassId::SystemExit, &[]))
}

/// `threading.excepthook`: prints the traceback under a line that names the thread.
fn except_hook(vm: &mut Vm, args: Args) -> NativeResult {
    let given = args.get(vm, 0);
    let Some(items) =
        given.cast::<Tuple>().filter(|_| vm.class_of(given) == vm.native_class(&EXCEPT_HOOK_ARGS))
    else {
        raise!(vm, TypeError, "_thread._excepthook argument type must be ExceptHookArgs");
    };
    let [kind, value, thread] = [0, 1, 3].map(|i| vm.root(items.r().item(vm, i)));
    if vm.get(kind) == vm.class(ClassId::SystemExit).value() {
        return Ok(vm.none());
    }
    let name = if vm.get(thread).is_none() {
        thread_ident().to_string()
    } else {
        let name = vm.getattr_str(thread, "name")?;
        let name = vm.hold(name);
        let text = vm.str_of(name)?;
        let text = vm.value(text);
        vm.text_of(text)
    };
    let text = format!("Exception in thread {name}:\n{}", vm.format_exception(value));
    if vm.sys_get("stderr").is_some_and(|stream| !stream.is_none()) {
        vm.write_sys_stderr(&text);
        return Ok(vm.none());
    }
    // Without one, the stream that there was when the thread was made.
    let stream = vm.getattr_opt(thread, "_stderr")?.map(|stream| vm.hold(stream));
    if let Some(stream) = stream.filter(|stream| !vm.get(*stream).is_none()) {
        let text = vm.root(vm.str(&text).value());
        let _ = vm.call_method(stream, "write", &[text])?;
        let _ = vm.call_method(stream, "flush", &[])?;
    }
    Ok(vm.none())
}

/// The handle in a Local.
fn handle_in(vm: &Vm, handle: Local) -> Gc<'_, native::Native<Handle>> {
    vm.get(handle).payload::<Handle>().expect("a thread handle")
}
