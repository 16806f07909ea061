//! `open()`, `open_code()`, `text_encoding()` and `input()`.

use super::{buffered, fileio, text};
use sidewinder_interpreter::builtins::{ClassId, TypeDef};
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm, raise};

/// The functions of module _io.
pub static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function(
        "open(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)",
        open,
        "Open a file and return an object to read or write it with.",
    ),
    NativeDef::function("open_code(path)", open_code, "Open a file of code for reading bytes."),
    NativeDef::function(
        "text_encoding(encoding, stacklevel=2, /)",
        text_encoding,
        "The encoding, or the name of the usual one.",
    ),
];

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
    let count = kinds.iter().filter(|k| **k).count();
    if count == 0 {
        raise!(
            vm,
            ValueError,
            "Must have exactly one of create/read/write/append mode and at most one plus"
        );
    }
    if count != 1 {
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

fn make(vm: &mut Vm, def: &'static TypeDef, args: &[Local]) -> Result<Local, Raised> {
    let class = vm.root(vm.native_class(def).value());
    let made = vm.call(class, args)?;
    Ok(vm.hold(made))
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
    let mode_text = match args.opt(vm, 1) {
        None => "r".to_owned(),
        Some(v) if v.as_str().is_some() => vm.text_of(v),
        Some(v) => {
            let given = vm.type_name(v);
            raise!(vm, TypeError, "open() argument 'mode' must be str, not {given}");
        }
    };
    let file = args.local(0);
    let file = if vm.is_int(vm.get(file)) { file } else { fspath(vm, file)? };
    let mode = parse_mode(vm, &mode_text)?;
    let given = [(3, "encoding"), (4, "errors"), (5, "newline")];
    for (i, name) in given {
        let value = text_argument(vm, args, i, name)?;
        if mode.binary && value.is_some() {
            let article = if name == "newline" { "a" } else { "an" };
            raise!(vm, ValueError, "binary mode doesn't take {article} {name} argument");
        }
    }
    if mode.binary && buffering == 1 {
        vm.warn(
            ClassId::RuntimeWarning,
            "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used",
            1,
        )?;
    }
    let raw_mode: String = mode_text.chars().filter(|c| !matches!(c, 'b' | 't')).collect();
    let raw_mode = vm.root(vm.str(&raw_mode).value());
    let close_fd = vm.root(Value::from_bool(close_fd));
    let opener = match args.opt(vm, 7) {
        Some(_) => args.local(7),
        None => vm.root(Value::NONE),
    };
    let raw = make(vm, &fileio::FILE_IO, &[file, raw_mode, close_fd, opener])?;
    let opened = wrap(vm, args, raw, mode, &mode_text, buffering);
    if opened.is_err() {
        // The descriptor is not left open for the collector.
        if let Err(raised) = &opened {
            let _ = raised;
            let error = vm.current_exception().map(|e| vm.root(e.value()));
            if let Err(second) = close_quietly(vm, raw) {
                vm.take_exception(second);
            }
            if let Some(error) = error {
                return Err(vm.set_exception(vm.get(error)));
            }
        }
    }
    opened
}

fn close_quietly(vm: &mut Vm, raw: Local) -> Result<(), Raised> {
    vm.call_method(raw, "close", &[]).map(|_| ())
}

fn wrap(
    vm: &mut Vm,
    args: Args,
    raw: Local,
    mode: Mode,
    mode_text: &str,
    buffering: i64,
) -> NativeResult {
    let terminal = buffering < 0 && {
        let answer = vm.call_method(raw, "isatty", &[])?;
        vm.value(answer).is(Value::TRUE)
    };
    let line_buffering = !mode.binary && (buffering == 1 || terminal);
    if buffering == 0 {
        if !mode.binary {
            raise!(vm, ValueError, "can't have unbuffered text I/O");
        }
        return Ok(vm.ret(vm.get(raw)));
    }
    let size = match buffering {
        n if n < 0 || n == 1 => {
            let size = vm.getattr_str(raw, "_blksize")?;
            vm.hold(size)
        }
        n => vm.root(vm.int(n)),
    };
    let def = if mode.updating {
        &buffered::RANDOM
    } else if mode.reading {
        &buffered::READER
    } else {
        &buffered::WRITER
    };
    let buffer = make(vm, def, &[raw, size])?;
    if mode.binary {
        return Ok(vm.ret(vm.get(buffer)));
    }
    let given = |vm: &Vm, i: usize| match args.opt(vm, i) {
        Some(_) => args.local(i),
        None => vm.root(Value::NONE),
    };
    let (encoding, errors, newline) = (given(vm, 3), given(vm, 4), given(vm, 5));
    let lines = vm.root(Value::from_bool(line_buffering));
    let file = make(vm, &text::TEXT_IO_WRAPPER, &[buffer, encoding, errors, newline, lines])?;
    let key = vm.root(vm.intern("mode").value());
    let mode = vm.root(vm.str(mode_text).value());
    vm.setattr(file, key, mode)?;
    Ok(vm.ret(vm.get(file)))
}

/// A path argument as str or bytes; what is neither is left for the file to refuse.
fn fspath(vm: &mut Vm, path: Local) -> Result<Local, Raised> {
    let value = vm.get(path);
    if value.as_str().is_some() || vm.has_class(value, ClassId::Bytes) {
        return Ok(path);
    }
    let class = vm.class_of(value);
    match vm.class_lookup(class, vm.intern("__fspath__").value()) {
        Some(_) => {
            let given = vm.type_name(vm.get(path));
            let result = vm.call_method(path, "__fspath__", &[])?;
            let result = vm.hold(result);
            let value = vm.get(result);
            if value.as_str().is_none() && !vm.has_class(value, ClassId::Bytes) {
                let got = vm.type_name(value);
                raise!(
                    vm,
                    TypeError,
                    "expected {given}.__fspath__() to return str or bytes, not {got}"
                );
            }
            Ok(result)
        }
        None if vm
            .special_of(vm.get(path), sidewinder_interpreter::vm::Special::Index)
            .is_some() =>
        {
            let n = vm.index(path)?;
            Ok(vm.hold(n))
        }
        None => {
            let given = vm.type_name(vm.get(path));
            raise!(vm, TypeError, "expected str, bytes or os.PathLike object, not {given}")
        }
    }
}

fn open_code(vm: &mut Vm, args: Args) -> NativeResult {
    if args.get(vm, 0).as_str().is_none() {
        return Err(args.wrong_type(vm, 0, "str"));
    }
    let mode = vm.root(vm.str("r").value());
    let raw = make(vm, &fileio::FILE_IO, &[args.local(0), mode])?;
    let file = make(vm, &buffered::READER, &[raw])?;
    Ok(vm.ret(vm.get(file)))
}

fn text_encoding(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let encoding = args.get(vm, 0);
    Ok(vm.ret(if encoding.is_none() { vm.str("locale").value() } else { encoding }))
}

fn input(vm: &mut Vm, args: Args) -> NativeResult {
    let need = |vm: &Vm, name: &str| -> Result<Local, Raised> {
        match vm.sys_get(name) {
            Some(stream) if !stream.is_none() => Ok(vm.root(stream)),
            _ => Err(vm.raise(ClassId::RuntimeError, format!("input(): lost sys.{name}"))),
        }
    };
    let (stdin, stdout) = (need(vm, "stdin")?, need(vm, "stdout")?);
    if args.opt(vm, 0).is_some() {
        let text = vm.str_of(args.local(0))?;
        let text = vm.hold(text);
        let _ = vm.call_method(stdout, "write", &[text])?;
    }
    if let Err(raised) = vm.call_method(stdout, "flush", &[]) {
        // The prompt may not show, but that is no reason not to read.
        vm.catch(raised, ClassId::Exception)?;
    }
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
