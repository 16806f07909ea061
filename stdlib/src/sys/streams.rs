//! `sys.stdin`, `sys.stdout`, `sys.stderr`.

use crate::io::binary::{is_terminal, new_binary};
use crate::io::raw::{Buffered, Raw};
use crate::io::text::{Encoding, Newline, Options, new_text};
use sidewinder_interpreter::{Local, Value, Vm};
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd;

/// Makes the streams.
pub fn fill(vm: &Vm, module: Local) {
    for (name, fd) in [("stdin", 0), ("stdout", 1), ("stderr", 2)] {
        let stream = stream(vm, name, fd);
        vm.module_set(module, name, stream);
        vm.module_set(module, &format!("__{name}__"), stream);
        if fd == 1 {
            vm.set_stdout_object(stream);
        }
    }
}

/// The text file for a descriptor; None when the process was started without it.
fn stream<'gc>(vm: &'gc Vm, name: &str, fd: i32) -> Value<'gc> {
    // SAFETY: asks about a number, which may be no descriptor.
    if unsafe { libc::fcntl(fd, libc::F_GETFD) } < 0 {
        return Value::NONE;
    }
    // SAFETY: the process's own standard stream, never closed by this file.
    let file = || ManuallyDrop::new(unsafe { std::fs::File::from_raw_fd(fd) });
    let raw = if fd == 1 { Raw::Stdout } else { Raw::Borrowed(file()) };
    let mut buffered = Buffered::new(raw, fd == 0, fd != 0);
    buffered.unbuffered = fd == 2;
    let (mode, binary_mode) = if fd == 0 { ("r", "rb") } else { ("w", "wb") };
    let binary = new_binary(vm, buffered, vm.str(&format!("<{name}>")).value(), binary_mode);
    let options = Options {
        encoding: (Encoding::Utf8, "utf-8"),
        errors: if fd == 2 { "backslashreplace" } else { "strict" },
        newline: if fd == 0 { Newline::Universal } else { Newline::Lf },
        line_buffering: fd == 2 || is_terminal(fd),
        mode,
    };
    new_text(vm, binary.value(), &options).value()
}
