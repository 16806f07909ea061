//! What single exception classes keep besides their arguments: the fields of OSError, SyntaxError,
//! ImportError and others, and their messages.

use super::declare::CLASS_COUNT;
use super::{ClassId, GetSetDef};
use crate::compiler;
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Vm};
use std::fmt::Write;

/// A class with fields of its own: its number, the fields' names, and which constructor argument
/// sets each one from the start.
struct Family {
    class: ClassId,
    fields: &'static [&'static str],
}

const OS_FIELDS: &[&str] = &["errno", "strerror", "filename", "filename2", WRITTEN];
const WRITTEN: &str = "characters_written";
const SYNTAX_FIELDS: &[&str] = &[
    "msg",
    "filename",
    "lineno",
    "offset",
    "text",
    "end_lineno",
    "end_offset",
    "print_file_and_line",
];
const IMPORT_FIELDS: &[&str] = &["msg", "name", "path", "name_from"];
const ATTRIBUTE_FIELDS: &[&str] = &["name", "obj"];
const NAME_FIELDS: &[&str] = &["name"];
const UNICODE_FIELDS: &[&str] = &["encoding", "object", "start", "end", "reason"];

static FAMILIES: &[Family] = &[
    Family { class: ClassId::OSError, fields: OS_FIELDS },
    Family { class: ClassId::SyntaxError, fields: SYNTAX_FIELDS },
    Family { class: ClassId::ImportError, fields: IMPORT_FIELDS },
    Family { class: ClassId::AttributeError, fields: ATTRIBUTE_FIELDS },
    Family { class: ClassId::NameError, fields: NAME_FIELDS },
    Family { class: ClassId::UnicodeDecodeError, fields: UNICODE_FIELDS },
    Family { class: ClassId::UnicodeEncodeError, fields: UNICODE_FIELDS },
    Family { class: ClassId::UnicodeTranslateError, fields: UNICODE_FIELDS },
];

fn family<'gc>(vm: &'gc Vm, class: Gc<'gc, Class>) -> Option<&'static Family> {
    // The nearest builtin base says which fields there are; its shape is its number.
    let mut base = class;
    while base.shape.get() >= CLASS_COUNT {
        base = base.r().base.get_as(vm)?;
    }
    let mut id = *ClassId::ALL.get(base.shape.get() as usize)?;
    while id != ClassId::Exception && id != ClassId::BaseException && id != ClassId::Object {
        if let Some(family) = FAMILIES.iter().find(|f| f.class == id) {
            return Some(family);
        }
        id = id.def().base;
    }
    None
}

/// Sets a field of an exception; its array is made if need be.
fn set_field(vm: &Vm, e: Gc<'_, Exception>, fields: &[&str], name: &str, value: Value<'_>) {
    let Some(i) = fields.iter().position(|f| *f == name) else { return };
    let array = match e.extra.get_as::<Array>(vm) {
        Some(array) => array,
        None => {
            let array = vm.array_from(fields.len(), fields.iter().map(|_| Value::NONE));
            vm.write(e, |e| &e.extra, array.value());
            array
        }
    };
    if array.len() == fields.len() {
        vm.write(array, |a| &a.items()[i], value);
    }
}

/// A field of an exception; None when it was never set.
fn field<'gc>(vm: &'gc Vm, e: Gc<'gc, Exception>, fields: &[&str], name: &str) -> Value<'gc> {
    let i = fields.iter().position(|f| *f == name);
    match (e.extra.get_as::<Array>(vm), i) {
        // The exception may be one of another family.
        (Some(array), Some(i)) if array.len() == fields.len() => array.item(vm, i),
        _ => Value::NONE,
    }
}

/// Fills in what the class adds, from the constructor's arguments.
pub fn init_extra(vm: &Vm, e: Gc<'_, Exception>, args: Gc<'_, Tuple>) {
    let class = vm.class_of(e.value());
    let arg = |i: usize| if i < args.len() { args.item(vm, i) } else { Value::NONE };
    if vm.is_subclass(class, vm.class(ClassId::StopIteration)) {
        vm.write(e, |e| &e.extra, arg(0));
        return;
    }
    if vm.is_subclass(class, vm.class(ClassId::SystemExit)) {
        let code = match args.len() {
            0 | 1 => arg(0),
            _ => args.value(),
        };
        vm.write(e, |e| &e.extra, code);
        return;
    }
    let Some(family) = family(vm, class) else { return };
    let set = |name: &str, value: Value<'_>| set_field(vm, e, family.fields, name, value);
    match family.class {
        ClassId::OSError if (2..=5).contains(&args.len()) => {
            set("errno", arg(0));
            set("strerror", arg(1));
            if class == vm.class(ClassId::BlockingIOError) && vm.is_int(arg(2)) {
                set(WRITTEN, arg(2));
            } else {
                set("filename", arg(2));
            }
            set("filename2", arg(4));
            if args.len() > 2 {
                let short = vm.tuple(&[arg(0), arg(1)]);
                vm.write(e, |e| &e.args, short.value());
            }
        }
        ClassId::SyntaxError => {
            set("msg", arg(0));
            let details: Option<Gc<'_, Tuple>> = arg(1).cast();
            if let Some(details) = details {
                for (i, name) in SYNTAX_FIELDS[1..7].iter().enumerate() {
                    if i < details.len() {
                        set(name, details.item(vm, i));
                    }
                }
            }
        }
        ClassId::ImportError if args.len() == 1 => set("msg", arg(0)),
        ClassId::UnicodeDecodeError | ClassId::UnicodeEncodeError if args.len() == 5 => {
            for (i, name) in UNICODE_FIELDS.iter().enumerate() {
                set(name, arg(i));
            }
        }
        ClassId::UnicodeTranslateError if args.len() == 4 => {
            for (i, name) in UNICODE_FIELDS[1..].iter().enumerate() {
                set(name, arg(i));
            }
        }
        _ => {}
    }
}

/// Keyword arguments of a constructor; TypeError for a class that takes none.
pub fn set_fields_by_keyword(
    vm: &Vm,
    e: Gc<'_, Exception>,
    kwargs: Gc<'_, Dict>,
) -> Result<(), Raised> {
    let class = vm.class_of(e.value());
    let allowed: &[&str] = match family(vm, class).map(|f| f.class) {
        Some(ClassId::ImportError) => &["name", "path", "name_from"],
        Some(ClassId::AttributeError) => &["name", "obj"],
        Some(ClassId::NameError) => &["name"],
        _ => &[],
    };
    for (key, value) in vm.table_items(kwargs.r()) {
        let name = vm.text_of(key);
        if !allowed.contains(&name.as_str()) {
            let class = vm.class_name(class);
            return Err(vm.type_error(if allowed.is_empty() {
                format!("{class}() takes no keyword arguments")
            } else {
                format!("{class}() got an unexpected keyword argument '{name}'")
            }));
        }
        let fields = family(vm, class).map_or(&[][..], |f| f.fields);
        set_field(vm, e, fields, &name, value);
    }
    Ok(())
}

/// What keyword arguments set is forgotten when `__init__` is called again.
pub(super) fn reset_fields(vm: &Vm, e: Gc<'_, Exception>) {
    let family = family(vm, vm.class_of(e.value())).map(|f| f.class);
    if let Some(ClassId::ImportError | ClassId::AttributeError | ClassId::NameError) = family {
        vm.write(e, |e| &e.extra, Value::UNBOUND);
    }
}

/// The second argument of a SyntaxError must have the right length.
pub(super) fn check_syntax_details(
    vm: &Vm,
    class: Gc<'_, Class>,
    args: &[Value<'_>],
) -> Result<(), Raised> {
    if args.len() != 2 || !vm.is_subclass(class, vm.class(ClassId::SyntaxError)) {
        return Ok(());
    }
    let Some(details) = args[1].cast::<Tuple>() else { return Ok(()) };
    let n = details.len();
    let message = match n {
        0..=3 => format!("function takes at least 4 arguments ({n} given)"),
        5 => "end_offset must be provided when end_lineno is provided".into(),
        4..=7 => return Ok(()),
        _ => format!("function takes at most 7 arguments ({n} given)"),
    };
    Err(vm.type_error(message))
}

/// The arguments that make an equal exception: those of an OSError include its files.
pub(super) fn pickled_args<'gc>(
    vm: &'gc Vm,
    e: Gc<'gc, Exception>,
    args: Gc<'gc, Tuple>,
) -> Gc<'gc, Tuple> {
    let os = family(vm, vm.class_of(e.value())).is_some_and(|f| f.class == ClassId::OSError);
    let get = |name: &str| field(vm, e, OS_FIELDS, name);
    if !os || args.len() != 2 || get("filename").is_none() {
        return args;
    }
    let (first, second, file) = (args.item(vm, 0), args.item(vm, 1), get("filename"));
    match get("filename2") {
        file2 if file2.is_none() => vm.tuple(&[first, second, file]),
        file2 => vm.tuple(&[first, second, file, Value::NONE, file2]),
    }
}

/// The attributes that pickling keeps, as a dict: the instance's, and fields set by keyword.
pub(super) fn pickled_state<'gc>(vm: &'gc Vm, e: Gc<'gc, Exception>) -> Option<Value<'gc>> {
    let names: &[&str] = match family(vm, vm.class_of(e.value())).map(|f| f.class) {
        Some(ClassId::ImportError) => &["name", "path", "name_from"],
        Some(ClassId::AttributeError) => &["name"],
        _ => &[],
    };
    let fields = family(vm, vm.class_of(e.value())).map_or(&[][..], |f| f.fields);
    let own = e.attrs.get(vm).bound();
    let set = names.iter().map(|n| (n, field(vm, e, fields, n))).filter(|(_, v)| !v.is_none());
    let set: Vec<_> = set.collect();
    if set.is_empty() {
        return own;
    }
    let state = vm.dict();
    if let Some(own) = own.and_then(|d| d.cast::<Dict>()) {
        for (key, value) in vm.table_items(own.r()) {
            if let Some(key) = key.as_str() {
                vm.dict_set_str(state, key, value);
            }
        }
    }
    for (name, value) in set {
        vm.dict_set_str(state, vm.intern(name), value);
    }
    Some(state.value())
}

fn with_raised(vm: &Vm, f: impl FnOnce(Gc<'_, Exception>)) {
    if let Some(e) = vm.current_exception() {
        f(e);
    }
}

/// Sets `name` and `obj` of the AttributeError that is set.
pub fn set_attribute_error_fields(vm: &Vm, name: Value<'_>, obj: Value<'_>) {
    with_raised(vm, |e| {
        set_field(vm, e, ATTRIBUTE_FIELDS, "name", name);
        set_field(vm, e, ATTRIBUTE_FIELDS, "obj", obj);
    });
}

/// As [`set_attribute_error_fields`], unless the error has them already.
pub fn complete_attribute_error(vm: &Vm, name: Value<'_>, obj: Value<'_>) {
    let bare = vm.current_exception().is_some_and(|e| e.extra.get(vm).is_unbound());
    if bare {
        set_attribute_error_fields(vm, name, obj);
    }
}

/// Sets `name` of the NameError that is set.
pub fn set_name_error_name(vm: &Vm, name: Value<'_>) {
    with_raised(vm, |e| set_field(vm, e, NAME_FIELDS, "name", name));
}

/// Sets `name` of the ImportError that is set.
pub fn set_import_error_name(vm: &Vm, name: Value<'_>) {
    with_raised(vm, |e| set_field(vm, e, IMPORT_FIELDS, "name", name));
}

/// Sets another field (`path`, `name_from`) of the ImportError that is set.
pub fn set_import_error_field(vm: &Vm, field: &str, value: Value<'_>) {
    with_raised(vm, |e| set_field(vm, e, IMPORT_FIELDS, field, value));
}

/// Sets the OSError (of the subclass for its errno) for a failed operation, maybe on a file.
pub fn raise_os_error(vm: &Vm, error: &std::io::Error, file: Option<&str>) -> Raised {
    let Some(errno) = error.raw_os_error() else {
        return vm.raise(ClassId::OSError, error.to_string());
    };
    // SAFETY: strerror returns a NUL-terminated string, copied at once.
    let text = unsafe { std::ffi::CStr::from_ptr(libc::strerror(errno)) };
    let text = vm.str(&text.to_string_lossy()).value();
    let mut args = vec![Value::from_i32(errno), text];
    if let Some(file) = file {
        args.push(vm.str(file).value());
    }
    vm.raise_args(super::exceptions::class_for_errno(errno), &args)
}

/// Sets a SyntaxError (or IndentationError, TabError) with its place.
pub fn raise_syntax_error(vm: &Vm, file: &str, error: &compiler::SyntaxError) -> Raised {
    use compiler::SyntaxErrorKind as K;
    let class = match error.kind {
        K::IndentationError => ClassId::IndentationError,
        K::TabError => ClassId::TabError,
        K::TooDeep => return vm.raise(ClassId::RecursionError, &error.message),
        _ => ClassId::SyntaxError,
    };
    let int = |i: u32| Value::from_i32(i as i32);
    let text = error.text.as_deref().map_or(Value::NONE, |t| vm.str(t).value());
    let details = vm.tuple(&[
        vm.str(file).value(),
        int(error.line),
        int(error.col),
        text,
        int(error.end_line),
        int(error.end_col),
    ]);
    vm.raise_args(class, &[vm.str(&error.message).value(), details.value()])
}

/// Writes the lines that CPython prints for a SyntaxError: file, source line, carets, message.
pub fn format_syntax_error(vm: &mut Vm, e: Local, out: &mut String) {
    let Some(exception) = vm.get(e).cast::<Exception>() else { return };
    let get = |name: &str| field(vm, exception, SYNTAX_FIELDS, name);
    let number = |name: &str| get(name).as_small_int();
    if let Some(line) = number("lineno") {
        let file = match get("filename") {
            v if v.is_none() => "<string>".into(),
            v => vm.text_of(v),
        };
        let _ = writeln!(out, "  File \"{file}\", line {line}");
        if get("text").as_str().is_some() {
            write_source(vm, exception, line, out);
        }
    }
    let class = vm.type_name(exception.value());
    let message = match get("msg") {
        v if v.is_none() => "<no detail available>".into(),
        v => vm.text_of(v),
    };
    let _ = writeln!(out, "{class}: {message}");
}

/// The source line of a SyntaxError and the carets below it.
fn write_source(vm: &Vm, e: Gc<'_, Exception>, line: i64, out: &mut String) {
    let get = |name: &str| field(vm, e, SYNTAX_FIELDS, name);
    let number = |name: &str| get(name).as_small_int();
    let text = vm.text_of(get("text"));
    let limit = text.chars().count() as i64 + 1;
    let text = text.trim_end_matches(['\n', '\r']);
    let stripped = text.trim_start_matches([' ', '\n', '\x0c']);
    let spaces = text.chars().count() as i64 - stripped.chars().count() as i64;
    let _ = writeln!(out, "    {stripped}");
    let Some(offset) = number("offset") else { return };
    if offset < 1 {
        return;
    }
    let mut end = number("end_offset").unwrap_or(0);
    if number("end_lineno").is_some_and(|l| l > line) {
        end = text.trim_end().chars().count() as i64 + 1;
    }
    let (offset, mut end) = (offset.min(limit), end.min(limit));
    if end <= offset {
        end = offset + 1;
    }
    let (from, to) = (offset - 1 - spaces, end - 1 - spaces);
    if from >= 0 {
        let count = (to - from).max(1) as usize;
        let lead: String = stripped
            .chars()
            .chain(std::iter::repeat(' '))
            .take(from as usize)
            .map(|c| if c.is_whitespace() { c } else { ' ' })
            .collect();
        let _ = writeln!(out, "    {lead}{}", "^".repeat(count));
    }
}

/// The fields' names of the receiver's class, and the name the running descriptor stands for.
fn which(vm: &Vm, args: Args) -> Result<(&'static [&'static str], &'static str), Raised> {
    let this = args.this::<Exception>(vm)?;
    let name = vm
        .get(Local(args.base() - 1))
        .cast::<GetSet>()
        .map_or("", |descriptor| descriptor.def.get().name);
    let fields = family(vm, vm.class_of(this.value())).map_or(&[][..], |f| f.fields);
    Ok((fields, name))
}

fn get_field(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (fields, name) = which(vm, args)?;
    let this = args.this::<Exception>(vm)?;
    Ok(vm.ret(field(vm, this, fields, name)))
}

fn set_field_attr(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let (fields, name) = which(vm, args)?;
    let this = args.this::<Exception>(vm)?;
    set_field(vm, this, fields, name, args.opt(vm, 1).unwrap_or(Value::NONE));
    Ok(vm.none())
}

/// `characters_written`, which is there only once it has been set.
fn get_written(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.this::<Exception>(vm)?;
    let written = field(vm, this, OS_FIELDS, WRITTEN);
    if written.is_none() {
        raise!(vm, AttributeError, "{WRITTEN}");
    }
    Ok(vm.ret(written))
}

fn set_written(vm: &mut Vm, args: Args) -> NativeResult {
    if args.opt(vm, 1).is_some() {
        let count = vm.index_i64(args.local(1))?;
        vm.set(args.local(1), vm.int(count));
    } else {
        let _ = get_written(vm, args)?;
    }
    set_field_attr(vm, args)
}

fn get_value(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.this::<Exception>(vm)?;
    Ok(vm.ret(this.extra.get(vm).bound().unwrap_or(Value::NONE)))
}

fn set_value(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.this::<Exception>(vm)?;
    vm.write(this, |e| &e.extra, args.opt(vm, 1).unwrap_or(Value::NONE));
    Ok(vm.none())
}

macro_rules! field_attrs {
    ($($name:literal: $doc:literal),*) => {
        &[$(GetSetDef::new($name, get_field, $doc).with_set(set_field_attr)),*]
    };
}

pub(super) static STOP_ITERATION_GETSET: &[GetSetDef] =
    &[GetSetDef::new("value", get_value, "What the generator returned.").with_set(set_value)];
pub(super) static SYSTEM_EXIT_GETSET: &[GetSetDef] =
    &[GetSetDef::new("code", get_value, "The exit status.").with_set(set_value)];
pub(super) static OS_ERROR_GETSET: &[GetSetDef] = &[
    GetSetDef::new("errno", get_field, "The system's error number.").with_set(set_field_attr),
    GetSetDef::new("strerror", get_field, "The system's message.").with_set(set_field_attr),
    GetSetDef::new("filename", get_field, "The file.").with_set(set_field_attr),
    GetSetDef::new("filename2", get_field, "The second file.").with_set(set_field_attr),
    GetSetDef::new(WRITTEN, get_written, "How much was written before it would have blocked.")
        .with_set(set_written),
];
pub(super) static IMPORT_ERROR_GETSET: &[GetSetDef] = field_attrs!(
    "msg": "The message.",
    "name": "The module's name.",
    "path": "The module's file.",
    "name_from": "The name imported from it."
);
pub(super) static SYNTAX_ERROR_GETSET: &[GetSetDef] = field_attrs!(
    "msg": "The message.",
    "filename": "The file.",
    "lineno": "The line.",
    "offset": "The column.",
    "text": "The source line.",
    "end_lineno": "The last line.",
    "end_offset": "The column on the last line.",
    "print_file_and_line": "Not used."
);
pub(super) static ATTRIBUTE_ERROR_GETSET: &[GetSetDef] =
    field_attrs!("name": "The attribute's name.", "obj": "The object.");
pub(super) static NAME_ERROR_GETSET: &[GetSetDef] = field_attrs!("name": "The name.");
pub(super) static UNICODE_ERROR_GETSET: &[GetSetDef] = field_attrs!(
    "encoding": "The encoding.",
    "object": "What was to be converted.",
    "start": "Where the problem begins.",
    "end": "Where it ends.",
    "reason": "What the problem is."
);

pub(super) static OS_ERROR: &[NativeDef] =
    &[NativeDef::method("__str__($self, /)", os_error_str, "Number, message and files.")];
pub(super) static IMPORT_ERROR: &[NativeDef] =
    &[NativeDef::method("__str__($self, /)", import_error_str, "The message.")];
pub(super) static SYNTAX_ERROR: &[NativeDef] =
    &[NativeDef::method("__str__($self, /)", syntax_error_str, "The message and its place.")];
pub(super) static UNICODE_ERROR: &[NativeDef] = &[
    NativeDef::method("__init__($self, /, *args)", unicode_error_init, "Takes the arguments."),
    NativeDef::method("__str__($self, /)", unicode_error_str, "What could not be converted."),
];

/// Unlike other exceptions these want certain arguments.
fn unicode_error_init(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.this::<Exception>(vm)?;
    let given: Gc<'_, Tuple> = args.get(vm, 1).cast().expect("bound as a tuple");
    let class = vm.class_of(this.value());
    let translate = vm.is_subclass(class, vm.class(ClassId::UnicodeTranslateError));
    let wanted = if translate { 4 } else { 5 };
    if given.len() != wanted {
        let n = given.len();
        return Err(vm.type_error(format!("function takes exactly {wanted} arguments ({n} given)")));
    }
    let kinds: &[&str] = if translate {
        &["str", "int", "int", "str"]
    } else if vm.is_subclass(class, vm.class(ClassId::UnicodeDecodeError)) {
        &["str", "bytes", "int", "int", "str"]
    } else {
        &["str", "str", "int", "int", "str"]
    };
    for (i, kind) in kinds.iter().enumerate() {
        let v = given.item(vm, i);
        let fits = match *kind {
            "str" => v.as_str().is_some(),
            "int" => vm.is_int(v),
            _ => matches!(v.kind(), Some(Kind::Bytes | Kind::ByteArray)),
        };
        if !fits {
            let given = vm.type_name(v);
            if *kind == "int" {
                return Err(
                    vm.type_error(format!("'{given}' object cannot be interpreted as an integer"))
                );
            }
            if *kind == "bytes" {
                return Err(
                    vm.type_error(format!("a bytes-like object is required, not '{given}'"))
                );
            }
            return Err(vm.type_error(format!("argument {} must be {kind}, not {given}", i + 1)));
        }
    }
    vm.write(this, |e| &e.args, given.value());
    init_extra(vm, this, given);
    // Bytes that may change are copied.
    let copied = kinds.contains(&"bytes").then(|| given.item(vm, 1).cast::<ByteArray>()).flatten();
    if let Some(array) = copied {
        let bytes: Vec<u8> = match array.r().buffer.get_as::<Buffer>(vm) {
            Some(buffer) => buffer.data()[..array.len.get()].iter().map(|c| c.get()).collect(),
            None => Vec::new(),
        };
        let object = vm.bytes(&bytes).value();
        set_field(vm, this, UNICODE_FIELDS, "object", object);
    }
    Ok(vm.none())
}

/// `BaseException.__str__`
pub(super) fn base_str(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.this::<Exception>(vm)?;
    let tuple: Option<Gc<'_, Tuple>> = this.args.get_as(vm);
    match tuple {
        None => Ok(vm.ret(vm.str("").value())),
        Some(tuple) if tuple.is_empty() => Ok(vm.ret(vm.str("").value())),
        Some(tuple) if tuple.len() == 1 => {
            let only = vm.root(tuple.item(vm, 0));
            vm.str_of(only)
        }
        Some(tuple) => {
            let tuple = vm.root(tuple.value());
            vm.repr(tuple)
        }
    }
}

fn os_error_str(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.this::<Exception>(vm)?;
    let parts = OS_FIELDS.iter().map(|f| vm.root(field(vm, this, OS_FIELDS, f)));
    let parts: Vec<Local> = parts.collect();
    let [errno, strerror, file, file2, ..] = parts[..] else { return base_str(vm, args) };
    let missing = |vm: &Vm, l: Local| vm.get(l).is_none();
    if missing(vm, file) && (missing(vm, errno) || missing(vm, strerror)) {
        return base_str(vm, args);
    }
    let mut text = format!("[Errno {}] {}", vm.str_text_of(errno)?, vm.str_text_of(strerror)?);
    if !missing(vm, file) {
        text = format!("{text}: {}", vm.repr_text(file)?);
        if !missing(vm, file2) {
            text = format!("{text} -> {}", vm.repr_text(file2)?);
        }
    }
    Ok(vm.ret(vm.str(&text).value()))
}

fn import_error_str(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.this::<Exception>(vm)?;
    let msg = field(vm, this, IMPORT_FIELDS, "msg");
    if msg.as_str().is_some() {
        return Ok(vm.ret(msg));
    }
    base_str(vm, args)
}

fn syntax_error_str(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.this::<Exception>(vm)?;
    let msg = vm.root(field(vm, this, SYNTAX_FIELDS, "msg"));
    let file = field(vm, this, SYNTAX_FIELDS, "filename");
    let file = file.as_str().map(|s| vm.str_text(s).into_owned());
    let file = file.map(|f| f.rsplit('/').next().unwrap_or("").to_owned());
    let line = field(vm, this, SYNTAX_FIELDS, "lineno").as_small_int();
    let msg = vm.str_text_of(msg)?;
    let text = match (file, line) {
        (Some(file), Some(line)) => format!("{msg} ({file}, line {line})"),
        (Some(file), None) => format!("{msg} ({file})"),
        (None, Some(line)) => format!("{msg} (line {line})"),
        (None, None) => msg,
    };
    Ok(vm.ret(vm.str(&text).value()))
}

fn unicode_error_str(vm: &mut Vm, args: Args) -> NativeResult {
    let mut texts = [String::new(), String::new()];
    for (text, name) in texts.iter_mut().zip(["encoding", "reason"]) {
        let value = field(vm, args.this::<Exception>(vm)?, UNICODE_FIELDS, name);
        let value = vm.root(value);
        let shown = vm.str_of(value)?;
        *text = vm.text_of(vm.value(shown));
    }
    let [encoding, reason] = texts;
    let vm = &*vm;
    let this = args.this::<Exception>(vm)?;
    let get = |name: &str| field(vm, this, UNICODE_FIELDS, name);
    let object = get("object");
    if object.is_none() {
        return Ok(vm.ret(vm.str("").value()));
    }
    let start = get("start").as_small_int().unwrap_or(0);
    let end = get("end").as_small_int().unwrap_or(0);
    let place = if end - start == 1 {
        let unit = match (object.cast::<Bytes>(), object.as_str()) {
            (Some(bytes), _) => bytes.data().get(start as usize).map(|b| format!("byte 0x{b:02x}")),
            (_, Some(s)) if (start as usize) < s.len() => {
                let c = s.char_at(start as usize);
                let escaped = match c {
                    0..=0xFF => format!("\\x{c:02x}"),
                    0x100..=0xFFFF => format!("\\u{c:04x}"),
                    _ => format!("\\U{c:08x}"),
                };
                Some(format!("character '{escaped}'"))
            }
            _ => None,
        };
        format!("{} in position {start}", unit.unwrap_or_else(|| "character".into()))
    } else if object.as_str().is_some() {
        format!("characters in position {start}-{}", end - 1)
    } else {
        format!("bytes in position {start}-{}", end - 1)
    };
    let class = vm.class_of(this.value());
    let text = if vm.is_subclass(class, vm.class(ClassId::UnicodeDecodeError)) {
        format!("'{encoding}' codec can't decode {place}: {reason}")
    } else if vm.is_subclass(class, vm.class(ClassId::UnicodeEncodeError)) {
        format!("'{encoding}' codec can't encode {place}: {reason}")
    } else {
        format!("can't translate {place}: {reason}")
    };
    Ok(vm.ret(vm.str(&text).value()))
}
