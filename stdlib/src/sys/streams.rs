//! `sys.stdin`, `sys.stdout`, `sys.stderr`.

use crate::io::{buffered, fileio, text};
use crate::posix::support::sys;
use sidewinder_interpreter::{Local, Value, Vm};

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
    if sys!(libc::fcntl(fd, libc::F_GETFD)) < 0 {
        return Value::NONE;
    }
    let reads = fd == 0;
    let raw = fileio::borrowed(vm, fd, reads, &format!("<{name}>"));
    let buffer = buffered::standard(vm, raw, reads, fd == 1);
    let settings = text::Standard {
        mode: if reads { "r" } else { "w" },
        errors: if fd == 2 { "backslashreplace" } else { "strict" },
        line_buffering: fd == 2 || sys!(libc::isatty(fd)) == 1,
    };
    text::standard(vm, buffer, &settings)
}
