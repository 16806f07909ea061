//! Exceptions: the methods and attributes that all of them have. What single classes add is in
//! [`exception_fields`](super::exception_fields).

pub use super::exception_fields::*;
use super::object::{get_dict, replace_dict};
use super::{ClassId, GetSetDef, TypeDef};
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::{Args, NativeDef, NativeResult, Raised, Vm};

/// Equality of class names in const context.
const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// The methods that an exception class defines itself.
pub const fn methods(name: &str) -> &'static [NativeDef] {
    if same(name, "BaseException") {
        BASE
    } else if same(name, "BaseExceptionGroup") {
        super::exception_group::METHODS
    } else if same(name, "KeyError") {
        KEY_ERROR
    } else if same(name, "OSError") {
        OS_ERROR
    } else if same(name, "ImportError") {
        IMPORT_ERROR
    } else if same(name, "SyntaxError") {
        SYNTAX_ERROR
    } else if same(name, "UnicodeDecodeError")
        || same(name, "UnicodeEncodeError")
        || same(name, "UnicodeTranslateError")
    {
        UNICODE_ERROR
    } else {
        &[]
    }
}

/// The computed attributes that an exception class defines itself.
pub const fn getset(name: &str) -> &'static [GetSetDef] {
    if same(name, "BaseException") {
        BASE_GETSET
    } else if same(name, "BaseExceptionGroup") {
        super::exception_group::GETSET
    } else if same(name, "StopIteration") {
        STOP_ITERATION_GETSET
    } else if same(name, "SystemExit") {
        SYSTEM_EXIT_GETSET
    } else if same(name, "OSError") {
        OS_ERROR_GETSET
    } else if same(name, "ImportError") {
        IMPORT_ERROR_GETSET
    } else if same(name, "SyntaxError") {
        SYNTAX_ERROR_GETSET
    } else if same(name, "AttributeError") {
        ATTRIBUTE_ERROR_GETSET
    } else if same(name, "NameError") {
        NAME_ERROR_GETSET
    } else if same(name, "UnicodeDecodeError")
        || same(name, "UnicodeEncodeError")
        || same(name, "UnicodeTranslateError")
    {
        UNICODE_ERROR_GETSET
    } else {
        &[]
    }
}

/// The docstring of an exception class.
pub const fn doc(name: &str) -> &'static str {
    if same(name, "BaseException") {
        "Common base class for all exceptions"
    } else if same(name, "Exception") {
        "Base class of the exceptions that programs usually catch."
    } else if same(name, "StopIteration") {
        "An iterator has no more items; value is what a generator returned."
    } else if same(name, "KeyError") {
        "A mapping has no such key."
    } else if same(name, "OSError") {
        "An operation of the system failed."
    } else {
        ""
    }
}

static BASE: &[NativeDef] = &[
    NativeDef::static_method("__new__($type, *args, **kwargs)", new, "A new exception."),
    NativeDef::method("__init__($self, /, *args, **kwargs)", init, "Sets args."),
    NativeDef::method("__str__($self, /)", base_str, "The message."),
    NativeDef::method("__repr__($self, /)", repr, "Class and arguments."),
    NativeDef::method(
        "with_traceback($self, tb, /)",
        with_traceback,
        "Sets __traceback__ and returns the exception.",
    ),
    NativeDef::method("add_note($self, note, /)", add_note, "Adds a note shown below the message."),
    NativeDef::method("__setstate__($self, state, /)", set_state, "Sets attributes from a dict."),
    NativeDef::method("__reduce__($self, /)", reduce, "For pickling and copying."),
];

static KEY_ERROR: &[NativeDef] =
    &[NativeDef::method("__str__($self, /)", key_error_str, "The key's repr.")];

static BASE_GETSET: &[GetSetDef] = &[
    GetSetDef::new("args", get_args, "The arguments.").with_set(set_args),
    GetSetDef::new("__traceback__", get_traceback, "Where it was raised.").with_set(set_traceback),
    GetSetDef::new("__context__", get_context, "What was being handled.").with_set(set_context),
    GetSetDef::new("__cause__", get_cause, "The explicit cause.").with_set(set_cause),
    GetSetDef::new("__suppress_context__", get_suppress, "Whether the context is not shown.")
        .with_set(set_suppress),
    GetSetDef::new("__dict__", get_dict, "Other attributes.").with_set(replace_dict),
];

/// A traceback entry.
pub static TRACEBACK: TypeDef = TypeDef {
    doc: "Where an exception passed through a frame.",
    methods: &[
        NativeDef::static_method(
            "__new__($type, /, tb_next, tb_frame, tb_lasti, tb_lineno)",
            tb_new,
            "Make an entry.",
        ),
        NativeDef::method("__dir__($self, /)", tb_dir, "Names of the entry's own attributes."),
    ],
    getset: &[
        GetSetDef::new("tb_next", tb_next, "The next entry, further in.").with_set(set_tb_next),
        GetSetDef::new("tb_frame", tb_frame, "The frame."),
        GetSetDef::new("tb_lineno", tb_lineno, "The line."),
        GetSetDef::new("tb_lasti", tb_lasti, "The instruction."),
    ],
    ..TypeDef::new("traceback", Kind::Traceback)
};

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let class = args.class(vm, 0)?;
    if class.flags.get() & ClassFlags::EXCEPTION == 0 {
        let name = vm.class_name(class);
        return Err(vm.type_error(format!(
            "BaseException.__new__({name}): {name} is not a subtype of BaseException"
        )));
    }
    let items: Vec<Value<'_>> = match args.get(vm, 1).cast::<Tuple>() {
        Some(tuple) => tuple.r().items().iter().map(|s| s.get(vm)).collect(),
        None => Vec::new(),
    };
    // An OSError takes its arguments here unless a subclass has an `__init__` only.
    if vm.is_subclass(class, vm.class(ClassId::OSError)) {
        if os_error_uses_init(vm, class) {
            return Ok(vm.ret(vm.new_exception(class, &[]).value()));
        }
        if args.get(vm, 2).cast::<Dict>().is_some_and(|d| !vm.table_items(d.r()).is_empty()) {
            let name = vm.class_name(class);
            raise!(vm, TypeError, "{name}() takes no keyword arguments");
        }
    }
    // Without an `__init__` in Python there is no second step.
    check_syntax_details(vm, class, &items)?;
    let class = os_error_class(vm, class, &items);
    let exception = vm.new_exception(class, &items);
    Ok(vm.ret(exception.value()))
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.this::<Exception>(vm)?;
    let class = vm.class_of(this.value());
    if vm.is_subclass(class, vm.class(ClassId::OSError)) && !os_error_uses_init(vm, class) {
        return Ok(vm.none());
    }
    let tuple: Gc<'_, Tuple> = match args.get(vm, 1).cast() {
        Some(tuple) => tuple,
        None => vm.tuple(&[]),
    };
    vm.write(this, |e| &e.args, tuple.value());
    reset_fields(vm, this);
    let items: Vec<Value<'_>> = tuple.r().items().iter().map(|s| s.get(vm)).collect();
    check_syntax_details(vm, class, &items)?;
    init_extra(vm, this, tuple);
    if let Some(kwargs) = args.get(vm, 2).cast::<Dict>() {
        set_fields_by_keyword(vm, this, kwargs)?;
    }
    Ok(vm.none())
}

/// Whether a class derived from OSError has an `__init__` of its own, but not a `__new__`.
fn os_error_uses_init(vm: &Vm, class: Gc<'_, Class>) -> bool {
    let own = |name: &str| {
        let find = |class| vm.class_lookup(class, vm.intern(name).value());
        match (find(class), find(vm.class(ClassId::OSError))) {
            (Some(a), Some(b)) => !a.is(b),
            _ => false,
        }
    };
    own("__init__") && !own("__new__")
}

fn args_of<'gc>(vm: &'gc Vm, e: Gc<'gc, Exception>) -> Gc<'gc, Tuple> {
    e.args.get_as(vm).unwrap_or_else(|| vm.tuple(&[]))
}

fn key_error_str(vm: &mut Vm, args: Args) -> NativeResult {
    let tuple = args_of(vm, args.this::<Exception>(vm)?);
    if tuple.len() == 1 {
        let key = vm.root(tuple.item(vm, 0));
        return vm.repr(key);
    }
    base_str(vm, args)
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let e = args.this::<Exception>(vm)?;
    let name = vm.type_name(e.value());
    let tuple = args_of(vm, e);
    let text = if tuple.len() == 1 {
        let only = vm.root(tuple.item(vm, 0));
        format!("{name}({})", vm.repr_text(only)?)
    } else {
        let tuple = vm.root(tuple.value());
        format!("{name}{}", vm.repr_text(tuple)?)
    };
    Ok(vm.ret(vm.str(&text).value()))
}

fn with_traceback(vm: &mut Vm, args: Args) -> NativeResult {
    let _ = set_traceback(vm, args)?;
    Ok(vm.ret(args.get(vm, 0)))
}

fn add_note(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.this::<Exception>(vm)?;
    let note = args.get(vm, 1);
    if note.as_str().is_none() {
        let given = vm.type_name(note);
        return Err(vm.type_error(format!("add_note() argument must be str, not {given}")));
    }
    let key = vm.intern("__notes__");
    let dict = vm.instance_dict(this.value()).expect("exceptions have a dict");
    match vm.dict_get_str(dict, key) {
        None => vm.dict_set_str(dict, key, vm.list(&[note]).value()),
        Some(notes) => match notes.cast::<List>() {
            Some(list) => vm.list_push(list, note),
            None => return Err(vm.type_error("Cannot add note: __notes__ is not a list")),
        },
    }
    Ok(vm.none())
}

fn set_state(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.local(0);
    if args.get(vm, 1).is_none() {
        return Ok(vm.none());
    }
    vm.each_item(args.local(1), |vm, name, value| vm.setattr(this, name, value))?;
    Ok(vm.none())
}

fn reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.this::<Exception>(vm)?;
    let class = vm.class_of(this.value()).value();
    let tuple = pickled_args(vm, this, args_of(vm, this)).value();
    let result = match pickled_state(vm, this) {
        Some(dict) => vm.tuple(&[class, tuple, dict]),
        None => vm.tuple(&[class, tuple]),
    };
    Ok(vm.ret(result.value()))
}

fn get_args(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.this::<Exception>(vm)?;
    Ok(vm.ret(this.args.get(vm)))
}

fn set_args(vm: &mut Vm, args: Args) -> NativeResult {
    if args.opt(vm, 1).is_none() {
        return Err(vm.type_error("args may not be deleted"));
    }
    let ret = vm.collect_tuple(args.local(1))?;
    let tuple = vm.value(ret);
    let this = args.this::<Exception>(vm)?;
    vm.write(this, |e| &e.args, tuple);
    Ok(vm.none())
}

fn get_traceback(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.this::<Exception>(vm)?;
    Ok(vm.ret(vm.traceback_of(this)))
}

fn set_traceback(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.this::<Exception>(vm)?;
    let Some(tb) = args.opt(vm, 1) else {
        return Err(vm.type_error("__traceback__ may not be deleted"));
    };
    if !tb.is_none() && tb.kind() != Some(Kind::Traceback) {
        return Err(vm.type_error("__traceback__ must be a traceback or None"));
    }
    vm.write(this, |e| &e.traceback, tb);
    Ok(vm.none())
}

fn get_context(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.this::<Exception>(vm)?;
    Ok(vm.ret(this.context.get(vm)))
}

/// The new value of `__context__` or `__cause__`: an exception or None.
fn link<'gc>(vm: &'gc Vm, args: Args, what: &str) -> Result<Value<'gc>, Raised> {
    match args.opt(vm, 1) {
        None => Err(vm.type_error(format!("__{what}__ may not be deleted"))),
        Some(v) if v.is_none() || v.kind() == Some(Kind::Exception) => Ok(v),
        Some(_) => {
            Err(vm
                .type_error(format!("exception {what} must be None or derive from BaseException")))
        }
    }
}

fn set_context(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.this::<Exception>(vm)?;
    vm.write(this, |e| &e.context, link(vm, args, "context")?);
    Ok(vm.none())
}

fn get_cause(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.this::<Exception>(vm)?;
    Ok(vm.ret(this.cause.get(vm)))
}

fn set_cause(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.this::<Exception>(vm)?;
    vm.write(this, |e| &e.cause, link(vm, args, "cause")?);
    this.suppress_context.set(true);
    Ok(vm.none())
}

fn get_suppress(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.this::<Exception>(vm)?;
    Ok(vm.ret(Value::from_bool(this.suppress_context.get())))
}

fn set_suppress(vm: &mut Vm, args: Args) -> NativeResult {
    let truth = vm.truth(args.local(1))?;
    let this = args.this::<Exception>(vm)?;
    this.suppress_context.set(truth);
    Ok(vm.none())
}

fn set_tb_next(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.this::<Traceback>(vm)?;
    let Some(next) = args.opt(vm, 1) else {
        raise!(vm, TypeError, "can't delete tb_next attribute");
    };
    let mut at = next.cast::<Traceback>();
    if at.is_none() && !next.is_none() {
        let given = vm.type_name(next);
        raise!(vm, TypeError, "expected traceback object or None, got '{given}'");
    }
    while let Some(entry) = at {
        if entry == this {
            raise!(vm, ValueError, "traceback loop detected");
        }
        at = entry.r().next.get_as(vm);
    }
    vm.write(this, |t| &t.next, next);
    Ok(vm.ret(Value::NONE))
}

fn tb_dir(vm: &mut Vm, _: Args) -> NativeResult {
    let vm = &*vm;
    let names = TRACEBACK.getset.iter().map(|field| vm.intern(field.name).value());
    Ok(vm.ret(vm.list_from(TRACEBACK.getset.len(), names).value()))
}

/// `types.TracebackType(tb_next, tb_frame, tb_lasti, tb_lineno)`
fn tb_new(vm: &mut Vm, args: Args) -> NativeResult {
    let number = |vm: &mut Vm, i: usize| {
        let n = vm.index_i64(args.local(i))?;
        i32::try_from(n)
            .map_err(|_| vm.raise(ClassId::OverflowError, "int too large to convert to C int"))
    };
    let (lasti, line) = (number(vm, 3)?, number(vm, 4)?);
    let vm = &*vm;
    let (next, frame) = (args.get(vm, 1), args.get(vm, 2));
    if next.cast::<Traceback>().is_none() && !next.is_none() {
        let given = vm.type_name(next);
        raise!(vm, TypeError, "expected traceback object or None, got '{given}'");
    }
    let Some(func) = vm.frame_function(frame) else {
        let given = vm.type_name(frame);
        raise!(vm, TypeError, "TracebackType() argument 'tb_frame' must be frame, not {given}");
    };
    let entry = vm.new_traceback(func, next);
    entry.given.set(Some((lasti, line)));
    vm.write(entry, |t| &t.frame, frame);
    Ok(vm.ret(entry.value()))
}

fn tb_next(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.this::<Traceback>(vm)?;
    Ok(vm.ret(this.next.get(vm)))
}

fn tb_frame(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.this::<Traceback>(vm)?;
    Ok(vm.ret(vm.traceback_frame(this)))
}

fn tb_lasti(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.this::<Traceback>(vm)?;
    // In bytes, as `co_code` counts.
    let lasti = match this.given.get() {
        Some((lasti, _)) => i64::from(lasti),
        None => 8 * i64::from(this.pc.get()),
    };
    Ok(vm.ret(vm.int(lasti)))
}

fn tb_lineno(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.this::<Traceback>(vm)?;
    if let Some((_, line)) = this.given.get() {
        return Ok(vm.ret(vm.int(line.into())));
    }
    let line = this.func.get_as::<Function>(vm).and_then(|f| {
        // SAFETY: the function keeps its code's data alive.
        let unit = unsafe { &(*f.data.get()).unit };
        unit.positions.get(this.pc.get() as usize).map(|p| p.line)
    });
    Ok(vm.ret(Value::from_i32(line.unwrap_or(0) as i32)))
}

/// The class an OSError with that errno is an instance of.
pub(crate) fn os_error_class<'gc>(
    vm: &'gc Vm,
    class: Gc<'gc, Class>,
    args: &[Value<'_>],
) -> Gc<'gc, Class> {
    if class != vm.class(ClassId::OSError) || args.len() < 2 {
        return class;
    }
    let Some(errno) = args[0].as_small_int() else { return class };
    vm.class(class_for_errno(errno as i32))
}

/// The subclass of OSError that stands for an errno.
pub fn class_for_errno(errno: i32) -> ClassId {
    match errno {
        libc::EAGAIN | libc::EALREADY | libc::EINPROGRESS => ClassId::BlockingIOError,
        libc::EPIPE | libc::ESHUTDOWN => ClassId::BrokenPipeError,
        libc::ECHILD => ClassId::ChildProcessError,
        libc::ECONNABORTED => ClassId::ConnectionAbortedError,
        libc::ECONNREFUSED => ClassId::ConnectionRefusedError,
        libc::ECONNRESET => ClassId::ConnectionResetError,
        libc::EEXIST => ClassId::FileExistsError,
        libc::ENOENT => ClassId::FileNotFoundError,
        libc::EISDIR => ClassId::IsADirectoryError,
        libc::ENOTDIR => ClassId::NotADirectoryError,
        libc::EINTR => ClassId::InterruptedError,
        libc::EACCES | libc::EPERM => ClassId::PermissionError,
        libc::ESRCH => ClassId::ProcessLookupError,
        libc::ETIMEDOUT => ClassId::TimeoutError,
        _ => ClassId::OSError,
    }
}
