//! What the functions of `posix` share: calling the system, its errors, common arguments.

use sidewinder_interpreter::builtins::exceptions;
use sidewinder_interpreter::{Args, Local, NativeResult, Raised, Value, Vm};

/// Calls a function of libc.
macro_rules! sys {
    ($call:expr) => {{
        // SAFETY: a call with plain numbers, NUL-terminated strings and buffers with their lengths,
        // which live until it returns.
        #[allow(unused_unsafe)]
        unsafe {
            $call
        }
    }};
}
pub(crate) use sys;

/// The error number of the last call.
pub fn errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

/// Sets the OSError for an error number, with the file names it is about.
pub fn error(vm: &Vm, errno: i32, files: &[Local]) -> Raised {
    let text = error_text(errno);
    let mut args = vec![Value::from_i32(errno), vm.str(&text).value()];
    for (i, file) in files.iter().enumerate() {
        if i == 1 {
            args.push(Value::NONE);
        }
        args.push(vm.get(*file));
    }
    vm.raise_args(exceptions::class_for_errno(errno), &args)
}

/// The system's words for an error number.
pub fn error_text(errno: i32) -> String {
    let text = sys!(std::ffi::CStr::from_ptr(libc::strerror(errno)));
    text.to_string_lossy().into_owned()
}

/// The result of a call that says -1 for an error.
pub fn check(vm: &Vm, result: impl Into<i64>, files: &[Local]) -> Result<i64, Raised> {
    match result.into() {
        -1 => Err(error(vm, errno(), files)),
        n => Ok(n),
    }
}

/// The same for functions that return None.
pub fn done(vm: &Vm, result: impl Into<i64>, files: &[Local]) -> NativeResult {
    check(vm, result, files)?;
    Ok(vm.ret(Value::NONE))
}

/// Makes a call that may take long while other threads run; again after a signal whose handler
/// raised nothing.
pub fn blocking<R: Into<i64> + Copy>(
    vm: &mut Vm,
    files: &[Local],
    mut call: impl FnMut() -> R,
) -> Result<i64, Raised> {
    loop {
        let (result, errno) = vm.interruptible(|| {
            let result = call().into();
            (result, errno())
        })?;
        match (result, errno) {
            (-1, libc::EINTR) => vm.safepoint()?,
            (-1, errno) => return Err(error(vm, errno, files)),
            (n, _) => return Ok(n),
        }
    }
}

/// An int argument, or what it stands for when left out.
pub fn int_or(vm: &mut Vm, args: Args, i: usize, default: i64) -> Result<i64, Raised> {
    match args.opt(vm, i) {
        Some(_) => vm.index_i64(args.local(i)),
        None => Ok(default),
    }
}

/// An int argument.
pub fn int(vm: &mut Vm, args: Args, i: usize) -> Result<i64, Raised> {
    vm.index_i64(args.local(i))
}

/// An int argument that fits a C int.
pub fn c_int(vm: &mut Vm, args: Args, i: usize) -> Result<i32, Raised> {
    let n = vm.index(args.local(i))?;
    let n = vm.value(n);
    match vm.as_i64(n).map(i32::try_from) {
        Some(Ok(n)) => Ok(n),
        other => {
            use sidewinder_interpreter::builtins::ClassId;
            let big = match other {
                Some(_) => vm.as_i64(n).is_some_and(|n| n > 0),
                None => true,
            };
            let way = if big { "large" } else { "small" };
            let _ = way;
            Err(vm.raise(ClassId::OverflowError, "Python int too large to convert to C int"))
        }
    }
}

/// A bool argument, or what it stands for when left out.
pub fn flag_or(vm: &mut Vm, args: Args, i: usize, default: bool) -> Result<bool, Raised> {
    match args.opt(vm, i) {
        Some(_) => vm.truth(args.local(i)),
        None => Ok(default),
    }
}

/// A `dir_fd` argument.
pub fn dir_fd(vm: &mut Vm, args: Args, i: usize) -> Result<i32, Raised> {
    match args.not_none(vm, i) {
        None => Ok(libc::AT_FDCWD),
        Some(v) => {
            if v.as_str().is_some() || vm.as_f64(v).is_some() {
                let given = vm.type_name(v);
                let text = format!("argument should be integer or None, not {given}");
                return Err(vm.type_error(text));
            }
            crate::fs_path::fd_of(vm, args.local(i))
        }
    }
}

/// A descriptor argument.
pub fn fd(vm: &mut Vm, args: Args, i: usize) -> Result<i32, Raised> {
    descriptor(vm, args.local(i))
}

/// A descriptor: an int, or what has `fileno()`.
pub fn descriptor(vm: &mut Vm, value: Local) -> Result<i32, Raised> {
    let n = vm.get(value);
    if vm.is_int(n) {
        return crate::fs_path::fd_of(vm, value);
    }
    if vm.getattr_opt(value, "fileno")?.is_none() {
        return Err(vm.type_error("argument must be an int, or have a fileno() method."));
    }
    let n = vm.call_method(value, "fileno", &[])?;
    let n = vm.hold(n);
    if !vm.is_int(vm.get(n)) {
        return Err(vm.type_error("fileno() returned a non-integer"));
    }
    crate::fs_path::fd_of(vm, n)
}

/// An int as the result.
pub fn ret_int(vm: &Vm, n: i64) -> NativeResult {
    Ok(vm.ret(vm.int(n)))
}

/// Bytes as the result.
pub fn ret_bytes(vm: &Vm, bytes: &[u8]) -> NativeResult {
    Ok(vm.ret(vm.bytes(bytes).value()))
}
