//! `StringIO`: a file of text in memory.

use super::base::size_arg;
use super::newlines::{Newline, seen_value, translate};

use sidewinder_interpreter::builtins::text::code_points;
use sidewinder_interpreter::builtins::{ClassId, GetSetDef, TypeDef};
use sidewinder_interpreter::object::native::{Native, Payload};
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::{Args, NativeDef, NativeResult, Raised, Value, Vm, raise};
use std::cell::{Cell, RefCell};

/// The payload.
#[derive(Trace)]
pub struct StringIo {
    #[trace(skip)]
    chars: RefCell<Vec<u32>>,
    at: Cell<usize>,
    #[trace(skip)]
    newline: Cell<Newline>,
    seen: Cell<u8>,
    closed: Cell<bool>,
    ready: Cell<bool>,
}

impl Payload for StringIo {
    const TYPE: &'static TypeDef = &STRING_IO;
    const NEEDS_DROP: bool = true;
}

/// The type.
pub static STRING_IO: TypeDef = TypeDef {
    module: "_io",
    doc: "StringIO(initial_value='', newline='\\n')\n--\n\nA file of text in memory.",
    parent: Some(&super::base::TEXT_IO_BASE),
    flags: ClassFlags::BASE | ClassFlags::HAS_DICT,
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", new, ""),
        NativeDef::method("__init__($self, initial_value='', newline='\\n')", init, ""),
        NativeDef::method("close($self, /)", close, "Drop the contents."),
        NativeDef::method("getvalue($self, /)", getvalue, "The contents."),
        NativeDef::method("read($self, size=-1, /)", read, "Read up to size characters."),
        NativeDef::method("readline($self, size=-1, /)", readline, "Read one line."),
        NativeDef::method("tell($self, /)", tell, "The position."),
        NativeDef::method("truncate($self, pos=None, /)", truncate, "Cut the contents."),
        NativeDef::method("seek($self, pos, whence=0, /)", seek, "Set the position."),
        NativeDef::method("write($self, s, /)", write, "Write text."),
        NativeDef::method("seekable($self, /)", yes, ""),
        NativeDef::method("readable($self, /)", yes, ""),
        NativeDef::method("writable($self, /)", yes, ""),
        NativeDef::method("__next__($self, /)", next, "Implement next(self)."),
        NativeDef::method("__getstate__($self, /)", getstate, ""),
        NativeDef::method("__setstate__($self, state, /)", setstate, ""),
    ],
    getset: &[
        GetSetDef::new("closed", closed, "Whether it is closed."),
        GetSetDef::new("newlines", newlines, "Line ends seen so far."),
        GetSetDef::new("line_buffering", line_buffering, "False."),
    ],
    ..TypeDef::new("StringIO", Kind::Native)
};

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let class = args.class(vm, 0)?;
    let payload = StringIo {
        chars: RefCell::default(),
        at: Cell::new(0),
        newline: Cell::new(Newline::Lf),
        seen: Cell::new(0),
        closed: Cell::new(false),
        ready: Cell::new(false),
    };
    Ok(vm.ret(vm.native_of_shape(class.shape.get(), payload).value()))
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let newline = match args.opt(vm, 2) {
        None => Newline::Lf,
        Some(v) => Newline::from_argument(vm, (!v.is_none()).then_some(v))?,
    };
    let this = args.payload::<StringIo>(vm)?;
    this.chars.borrow_mut().clear();
    this.at.set(0);
    this.newline.set(newline);
    this.seen.set(0);
    this.closed.set(false);
    this.ready.set(true);
    match args.not_none(vm, 1) {
        None => {}
        Some(value) => match value.as_str() {
            Some(text) => put(&this, text.r()),
            None => {
                let given = vm.type_name(value);
                raise!(vm, TypeError, "initial_value must be str or None, not {given}");
            }
        },
    }
    this.at.set(0);
    Ok(vm.ret(Value::NONE))
}

fn open<'gc>(vm: &'gc Vm, args: Args) -> Result<Gc<'gc, Native<StringIo>>, Raised> {
    let this = args.payload::<StringIo>(vm)?;
    if !this.ready.get() {
        return Err(vm.value_error("I/O operation on uninitialized object"));
    }
    if this.closed.get() {
        return Err(vm.value_error("I/O operation on closed file"));
    }
    Ok(this)
}

fn put(this: &StringIo, text: &Str) {
    let mut chars = code_points(text);
    let newline = this.newline.get();
    if newline == Newline::Universal {
        let mut seen = this.seen.get();
        chars = translate(chars, true, &mut seen);
        this.seen.set(seen);
    }
    if let Some(written) = newline.written() {
        let end = written.chars().map(u32::from);
        chars = chars
            .into_iter()
            .flat_map(|c| {
                let replaced = c == 0x0A;
                let end = end.clone().filter(move |_| replaced);
                end.chain((!replaced).then_some(c))
            })
            .collect();
    }
    if chars.is_empty() {
        return;
    }
    let mut all = this.chars.borrow_mut();
    let at = this.at.get();
    if at > all.len() {
        all.resize(at, 0);
    }
    let overlap = chars.len().min(all.len() - at);
    all[at..at + overlap].copy_from_slice(&chars[..overlap]);
    all.extend_from_slice(&chars[overlap..]);
    this.at.set(at + chars.len());
}

fn write(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = open(vm, args)?;
    let Some(text) = args.get(vm, 1).as_str() else {
        let given = vm.type_name(args.get(vm, 1));
        raise!(vm, TypeError, "string argument expected, got '{given}'");
    };
    put(&this, text.r());
    Ok(vm.ret(vm.int_usize(text.len())))
}

fn yes(vm: &mut Vm, args: Args) -> NativeResult {
    open(vm, args)?;
    Ok(vm.ret(Value::TRUE))
}

fn close(vm: &mut Vm, args: Args) -> NativeResult {
    {
        let this = args.payload::<StringIo>(vm)?;
        this.closed.set(true);
        this.chars.borrow_mut().clear();
    }
    Ok(vm.none())
}

fn closed(vm: &mut Vm, args: Args) -> NativeResult {
    let closed = args.payload::<StringIo>(vm)?.closed.get();
    Ok(vm.ret(Value::from_bool(closed)))
}

fn line_buffering(vm: &mut Vm, args: Args) -> NativeResult {
    open(vm, args)?;
    Ok(vm.ret(Value::FALSE))
}

fn newlines(vm: &mut Vm, args: Args) -> NativeResult {
    let seen = open(vm, args)?.seen.get();
    Ok(vm.ret(seen_value(vm, seen)))
}

fn getvalue(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = open(vm, args)?;
    let chars = this.chars.borrow();
    Ok(vm.ret(vm.str_from_code_points(&chars).value()))
}

/// Takes up to `n` characters, or up to the end of a line.
fn take<'gc>(
    vm: &'gc Vm,
    args: Args,
    n: Option<usize>,
    line: bool,
) -> Result<Gc<'gc, Str>, Raised> {
    let this = open(vm, args)?;
    let chars = this.chars.borrow();
    let rest = chars.get(this.at.get()..).unwrap_or(&[]);
    let mut n = n.unwrap_or(rest.len()).min(rest.len());
    if line && let Some(end) = this.newline.get().line_end(rest[..n].iter().copied()) {
        n = end;
    }
    this.at.set(this.at.get() + n);
    Ok(vm.str_from_code_points(&rest[..n]))
}

fn read(vm: &mut Vm, args: Args) -> NativeResult {
    open(vm, args)?;
    let n = size_arg(vm, args, 1)?;
    let vm = &*vm;
    Ok(vm.ret(take(vm, args, n, false)?.value()))
}

fn readline(vm: &mut Vm, args: Args) -> NativeResult {
    open(vm, args)?;
    let n = size_arg(vm, args, 1)?;
    let vm = &*vm;
    Ok(vm.ret(take(vm, args, n, true)?.value()))
}

fn next(vm: &mut Vm, args: Args) -> NativeResult {
    open(vm, args)?;
    let class = vm.class_of(args.get(vm, 0));
    if class != vm.native_class(&STRING_IO) {
        // A subclass may have its own readline().
        let line = vm.call_method(args.local(0), "readline", &[])?;
        let line = vm.hold(line);
        if vm.get(line).as_str().is_none() {
            let given = vm.type_name(vm.get(line));
            raise!(vm, OSError, "readline() should have returned a str object, not '{given}'");
        }
        if vm.len(line)? == 0 {
            return Err(vm.raise_args(ClassId::StopIteration, &[]));
        }
        return Ok(vm.ret(vm.get(line)));
    }
    let vm = &*vm;
    let line = take(vm, args, None, true)?;
    if line.is_empty() {
        return Err(vm.raise_args(ClassId::StopIteration, &[]));
    }
    Ok(vm.ret(line.value()))
}

fn tell(vm: &mut Vm, args: Args) -> NativeResult {
    let at = open(vm, args)?.at.get();
    Ok(vm.ret(vm.int_usize(at)))
}

fn truncate(vm: &mut Vm, args: Args) -> NativeResult {
    open(vm, args)?;
    let size = match args.not_none(vm, 1) {
        Some(_) => vm.index_i64(args.local(1))?,
        None => open(vm, args)?.at.get() as i64,
    };
    if size < 0 {
        raise!(vm, ValueError, "Negative size value {size}");
    }
    open(vm, args)?.chars.borrow_mut().truncate(size as usize);
    Ok(vm.ret(vm.int(size)))
}

fn seek(vm: &mut Vm, args: Args) -> NativeResult {
    open(vm, args)?;
    let to = vm.index_i64(args.local(1))?;
    let whence = match args.opt(vm, 2) {
        Some(_) => vm.index_i64(args.local(2))?,
        None => 0,
    };
    if !(0..=2).contains(&whence) {
        raise!(vm, ValueError, "Invalid whence ({whence}, should be 0, 1 or 2)");
    }
    if whence == 0 && to < 0 {
        raise!(vm, ValueError, "Negative seek position {to}");
    }
    if whence != 0 && to != 0 {
        raise!(vm, OSError, "Can't do nonzero cur-relative seeks");
    }
    let this = open(vm, args)?;
    match whence {
        0 => this.at.set(to as usize),
        1 => {}
        _ => this.at.set(this.chars.borrow().len()),
    }
    let at = this.at.get();
    Ok(vm.ret(vm.int_usize(at)))
}

fn getstate(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = open(vm, args)?;
    let text = vm.str_from_code_points(&this.chars.borrow()).value();
    let newline = match this.newline.get() {
        Newline::Universal => Value::NONE,
        Newline::Untranslated => vm.intern("").value(),
        Newline::Lf => vm.intern("\n").value(),
        Newline::Cr => vm.intern("\r").value(),
        Newline::CrLf => vm.intern("\r\n").value(),
    };
    let dict = vm.instance_dict(this.value()).map_or(Value::NONE, |d| d.value());
    let items = [text, newline, vm.int_usize(this.at.get()), dict];
    Ok(vm.ret(vm.tuple(&items).value()))
}

fn setstate(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<StringIo>(vm)?;
    if this.closed.get() {
        return Err(unsupported_state(vm));
    }
    let state = args.get(vm, 1).cast::<Tuple>().filter(|t| t.len() >= 4);
    let Some(state) = state else {
        let name = vm.type_name(args.get(vm, 0));
        let given = vm.type_name(args.get(vm, 1));
        raise!(vm, TypeError, "{name}.__setstate__ argument should be 4-tuple, got {given}");
    };
    let newline = state.r().item(vm, 1);
    let newline = Newline::from_argument(vm, (!newline.is_none()).then_some(newline))?;
    let Some(text) = state.r().item(vm, 0).as_str() else {
        raise!(vm, TypeError, "initial_value must be str or None");
    };
    *this.chars.borrow_mut() = text.r().chars().collect();
    this.newline.set(newline);
    this.ready.set(true);
    match vm.as_i64(state.r().item(vm, 2)) {
        Some(at) if at >= 0 => this.at.set(at as usize),
        Some(_) => raise!(vm, ValueError, "position value cannot be negative"),
        None => {
            let given = vm.type_name(state.r().item(vm, 2));
            raise!(vm, TypeError, "third item of state must be an integer, got {given}");
        }
    }
    let own = state.r().item(vm, 3);
    if let (Some(from), Some(to)) = (own.cast::<Dict>(), vm.instance_dict(this.value())) {
        for (key, value) in vm.table_items(from.r()) {
            if let Some(key) = key.as_str() {
                vm.dict_set_str(to, key, value);
            }
        }
    } else if !own.is_none() {
        let given = vm.type_name(own);
        raise!(vm, TypeError, "fourth item of state should be a dict, got a {given}");
    }
    Ok(vm.ret(Value::NONE))
}

fn unsupported_state(vm: &Vm) -> Raised {
    vm.value_error("__setstate__ on closed file")
}
