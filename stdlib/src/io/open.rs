//! `open()` and `input()`.

use super::binary::new_binary;
use super::os_error;
use super::raw::{Buffered, Raw};
use super::text::{Encoding, Newline, Options, new_text};
use crate::fs_path::path_argument;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm, raise};
use std::os::fd::FromRawFd;

/// The functions of module io.
pub static FUNCTIONS: &[NativeDef] = &[NativeDef::function(
    "open(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)",
    open,
    "Open a file and return an object to read or write it with.",
)];

/// What is added to builtins besides.
pub static BUILTINS: &[NativeDef] = &[NativeDef::function(
    "input(prompt='', /)",
    input,
    "Write the prompt, then read a line from standard input and return it without its end.",
)];

/// A parsed mode.
#[derive(Default, Clone, Copy)]
struct Mode {
    reading: bool,
    writing: bool,
    appending: bool,
    creating: bool,
    updating: bool,
    binary: bool,
    text: bool,
}

fn parse_mode(vm: &Vm, text: &str) -> Result<Mode, Raised> {
    let mut mode = Mode::default();
    for c in text.chars() {
        let flag = match c {
            'r' => &mut mode.reading,
            'w' => &mut mode.writing,
            'a' => &mut mode.appending,
            'x' => &mut mode.creating,
            '+' => &mut mode.updating,
            'b' => &mut mode.binary,
            't' => &mut mode.text,
            _ => raise!(vm, ValueError, "invalid mode: '{text}'"),
        };
        if *flag {
            raise!(vm, ValueError, "invalid mode: '{text}'");
        }
        *flag = true;
    }
    if mode.text && mode.binary {
        raise!(vm, ValueError, "can't have text and binary mode at once");
    }
    let kinds = [mode.reading, mode.writing, mode.appending, mode.creating];
    if kinds.iter().filter(|k| **k).count() != 1 {
        raise!(vm, ValueError, "must have exactly one of create/read/write/append mode");
    }
    Ok(mode)
}

/// An optional str argument.
fn text_argument(vm: &Vm, args: Args, i: usize, name: &str) -> Result<Option<String>, Raised> {
    match args.not_none(vm, i) {
        None => Ok(None),
        Some(v) if v.as_str().is_some() => Ok(Some(vm.text_of(v))),
        Some(v) => {
            let given = vm.type_name(v);
            raise!(vm, TypeError, "open() argument '{name}' must be str or None, not {given}")
        }
    }
}

fn open(vm: &mut Vm, args: Args) -> NativeResult {
    let buffering = match args.opt(vm, 2) {
        None => -1,
        Some(_) => vm.index_i64(args.local(2))?,
    };
    let close_fd = match args.opt(vm, 6) {
        None => true,
        Some(_) => vm.truth(args.local(6))?,
    };
    let fd = vm.as_i64(args.get(vm, 0));
    let path = match fd {
        Some(_) => None,
        None => Some(path_argument(vm, args.local(0))?),
    };
    let vm = &*vm;
    let mode_text = match args.opt(vm, 1) {
        None => "r".to_owned(),
        Some(v) if v.as_str().is_some() => vm.text_of(v),
        Some(v) => {
            let given = vm.type_name(v);
            raise!(vm, TypeError, "open() argument 'mode' must be str, not {given}");
        }
    };
    let mode = parse_mode(vm, &mode_text)?;
    let encoding = text_argument(vm, args, 3, "encoding")?;
    let errors = text_argument(vm, args, 4, "errors")?;
    let newline = text_argument(vm, args, 5, "newline")?;
    if mode.binary {
        for (given, what) in
            [(&encoding, "an encoding"), (&errors, "an errors"), (&newline, "a newline")]
        {
            if given.is_some() {
                raise!(vm, ValueError, "binary mode doesn't take {what} argument");
            }
        }
    } else if buffering == 0 {
        raise!(vm, ValueError, "can't have unbuffered text I/O");
    }
    let newline = match newline.as_deref() {
        None => Newline::Universal,
        Some("") => Newline::Untranslated,
        Some("\n") => Newline::Lf,
        Some("\r") => Newline::Cr,
        Some("\r\n") => Newline::CrLf,
        Some(other) => raise!(vm, ValueError, "illegal newline value: {other:?}"),
    };
    let encoding_name = encoding.as_deref().unwrap_or("UTF-8");
    let Some(encoding) = Encoding::by_name(encoding_name) else {
        raise!(vm, LookupError, "unknown encoding: {encoding_name}");
    };
    if args.not_none(vm, 7).is_some() {
        raise!(vm, NotImplementedError, "open() with an opener is not implemented yet");
    }
    let readable = mode.reading || mode.updating;
    let writable = !mode.reading || mode.updating;
    let raw = match (&path, fd) {
        (Some(path), _) => {
            let mut options = std::fs::OpenOptions::new();
            options.read(readable).write(writable && !mode.appending).append(mode.appending);
            options.truncate(mode.writing).create(mode.writing || mode.appending);
            options.create_new(mode.creating);
            let shown = path.to_string_lossy();
            let file = options.open(path).map_err(|error| os_error(vm, &error, Some(&shown)))?;
            if file.metadata().is_ok_and(|m| m.is_dir()) {
                let error = std::io::Error::from_raw_os_error(libc::EISDIR);
                return Err(os_error(vm, &error, Some(&shown)));
            }
            Raw::File(file)
        }
        (None, fd) => {
            let fd = fd.unwrap_or(-1);
            // SAFETY: asks about a number, which may be no descriptor.
            let ok =
                i32::try_from(fd).is_ok_and(|fd| unsafe { libc::fcntl(fd, libc::F_GETFD) } >= 0);
            if fd < 0 {
                raise!(vm, ValueError, "negative file descriptor");
            }
            if !ok {
                return Err(os_error(vm, &std::io::Error::from_raw_os_error(libc::EBADF), None));
            }
            // SAFETY: the descriptor is open; the program says that this object may close it.
            let file = unsafe { std::fs::File::from_raw_fd(fd as i32) };
            if close_fd {
                Raw::File(file)
            } else {
                Raw::Borrowed(std::mem::ManuallyDrop::new(file))
            }
        }
    };
    let mut buffered = Buffered::new(raw, readable, writable);
    buffered.unbuffered = buffering == 0;
    if !mode.binary {
        let binary_mode = format!("{}b", mode_text.replace('t', ""));
        let binary = new_binary(vm, buffered, args.get(vm, 0), &binary_mode);
        let options = Options {
            encoding: (encoding, encoding_name),
            errors: errors.as_deref().unwrap_or("strict"),
            newline,
            line_buffering: buffering == 1,
            mode: &mode_text,
        };
        return Ok(vm.ret(new_text(vm, binary.value(), &options).value()));
    }
    Ok(vm.ret(new_binary(vm, buffered, args.get(vm, 0), &mode_text).value()))
}

fn input(vm: &mut Vm, args: Args) -> NativeResult {
    let need = |vm: &Vm, name: &str| -> Result<Local, Raised> {
        match vm.sys_get(name) {
            Some(stream) if !stream.is_none() => Ok(vm.root(stream)),
            _ => Err(vm.raise(
                sidewinder_interpreter::builtins::ClassId::RuntimeError,
                format!("input(): lost sys.{name}"),
            )),
        }
    };
    let (stdin, stdout) = (need(vm, "stdin")?, need(vm, "stdout")?);
    if args.opt(vm, 0).is_some() {
        let text = vm.str_of(args.local(0))?;
        let text = vm.hold(text);
        let _ = vm.call_method(stdout, "write", &[text])?;
    }
    let _ = vm.call_method(stdout, "flush", &[])?;
    let line = vm.call_method(stdin, "readline", &[])?;
    let vm = &*vm;
    let Some(line) = vm.value(line).as_str() else {
        raise!(vm, TypeError, "object.readline() returned non-string");
    };
    if line.is_empty() {
        raise!(vm, EOFError, "EOF when reading a line");
    }
    let end =
        if line.char_at(line.len() - 1) == u32::from(b'\n') { line.len() - 1 } else { line.len() };
    let line: Value<'_> = vm.str_slice(line, 0, end).value();
    Ok(vm.ret(line))
}
