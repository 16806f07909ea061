//! Where a handle was created: addresses of the C stack, resolved when somebody asks.

use std::ffi::c_void;

/// The addresses of up to `limit` functions of extensions on the stack, innermost first.
pub fn capture(limit: usize) -> Box<[usize]> {
    let mut found = Vec::with_capacity(limit.min(64));
    let mut foreign = false;
    backtrace::trace(|frame| {
        let at = frame.ip() as usize;
        // What lies between the context function and its caller is of no interest.
        foreign |= !is_own(at);
        if foreign {
            found.push(at);
        }
        found.len() < limit
    });
    found.into()
}

/// Whether an address is in the interpreter's own code.
fn is_own(address: usize) -> bool {
    let base = |address: usize| {
        let mut info = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
        // SAFETY: fills in the struct, or says that it did not.
        unsafe {
            let found = libc::dladdr(address as *const c_void, info.as_mut_ptr());
            (found != 0).then(|| info.assume_init().dli_fbase as usize)
        }
    };
    base(address).is_none_or(|b| Some(b) == base(capture as *const () as usize))
}

/// The frames as text, `function at file:line` each, and the place in C where it began.
pub fn describe(trace: &[usize]) -> (Option<String>, String) {
    let mut text = String::new();
    let mut first = None;
    for &at in trace {
        if is_own(at) {
            break;
        }
        let mut found = false;
        // The address is that of the next instruction.
        backtrace::resolve((at - 1) as *mut c_void, |symbol| {
            found = true;
            let name = symbol.name().map_or("?".into(), |n| n.to_string());
            let place = match (symbol.filename(), symbol.lineno()) {
                (Some(file), Some(line)) => Some((file.to_string_lossy().into_owned(), line)),
                _ => None,
            };
            match place {
                Some((file, line)) => {
                    // HPy's own inline functions are in headers.
                    if first.is_none() && !file.ends_with(".h") {
                        let short = file.rsplit('/').next().unwrap_or(&file);
                        first = Some(format!("{short}:{line}"));
                    }
                    text.push_str(&format!("    {name} at {file}:{line}\n"));
                }
                None => text.push_str(&format!("    {name} [{at:#x}]\n")),
            }
        });
        if !found {
            text.push_str(&format!("    [{at:#x}]\n"));
        }
    }
    (first, text)
}
