//! `BufferedRWPair`: a reader and a writer as one file.

use super::buffered::*;
use sidewinder_interpreter::builtins::{ClassId, GetSetDef, TypeDef};
use sidewinder_interpreter::object::native::Payload;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm};

/// `BufferedRWPair`: a reader and a writer.
#[derive(Trace)]
pub struct Pair {
    reader: Slot,
    writer: Slot,
}

impl Payload for Pair {
    const TYPE: &'static TypeDef = &PAIR;
}

/// Its type.
pub static PAIR: TypeDef = TypeDef {
    module: "_io",
    doc: "BufferedRWPair(reader, writer, buffer_size=131072)\n--\n\nA reader and a writer as one file.",
    parent: Some(&super::base::BUFFERED_IO_BASE),
    flags: ClassFlags::BASE | ClassFlags::HAS_DICT,
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", pair_new, ""),
        NativeDef::method("__init__($self, reader, writer, buffer_size=131072, /)", pair_init, ""),
        NativeDef::method("read($self, size=-1, /)", pair_read, ""),
        NativeDef::method("peek($self, size=0, /)", pair_peek, ""),
        NativeDef::method("read1($self, size=-1, /)", pair_read1, ""),
        NativeDef::method("readinto($self, buffer, /)", pair_readinto, ""),
        NativeDef::method("readinto1($self, buffer, /)", pair_readinto1, ""),
        NativeDef::method("write($self, buffer, /)", pair_write, ""),
        NativeDef::method("flush($self, /)", pair_flush, ""),
        NativeDef::method("readable($self, /)", pair_readable, ""),
        NativeDef::method("writable($self, /)", pair_writable, ""),
        NativeDef::method("close($self, /)", pair_close, ""),
        NativeDef::method("isatty($self, /)", pair_isatty, ""),
    ],
    getset: &[GetSetDef::new("closed", pair_closed, "Whether the writer is closed.")],
    ..TypeDef::new("BufferedRWPair", Kind::Native)
};

fn pair_new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let class = args.class(vm, 0)?;
    let unbound = || Slot::new(Value::UNBOUND.word());
    let pair = Pair { reader: unbound(), writer: unbound() };
    Ok(vm.ret(vm.native_of_shape(class.shape.get(), pair).value()))
}

fn pair_init(vm: &mut Vm, args: Args) -> NativeResult {
    let (reader, writer) = (args.local(1), args.local(2));
    ask(vm, reader, "readable", "File or stream is not readable.")?;
    ask(vm, writer, "writable", "File or stream is not writable.")?;
    let mut parts = [reader, writer];
    for (part, def) in parts.iter_mut().zip([&READER, &WRITER]) {
        let class = vm.root(vm.native_class(def).value());
        let made = match args.opt(vm, 3) {
            Some(_) => vm.call(class, &[*part, args.local(3)])?,
            None => vm.call(class, &[*part])?,
        };
        *part = vm.hold(made);
    }
    let vm = &*vm;
    let this = args.payload::<Pair>(vm)?;
    vm.write(this, |p| &p.reader, vm.get(parts[0]));
    vm.write(this, |p| &p.writer, vm.get(parts[1]));
    Ok(vm.ret(Value::NONE))
}

fn part(vm: &Vm, args: Args, writer: bool) -> Result<Local, Raised> {
    let this = args.payload::<Pair>(vm)?;
    let part = if writer { this.r().writer.get(vm) } else { this.r().reader.get(vm) };
    if part.is_unbound() {
        return Err(vm.value_error("I/O operation on uninitialized object"));
    }
    Ok(vm.root(part))
}

macro_rules! pairs {
    ($($function:ident $method:literal $writer:literal)*) => {$(
        fn $function(vm: &mut Vm, args: Args) -> NativeResult {
            let target = part(vm, args, $writer)?;
            let given: Vec<Local> =
                (1..args.len()).filter(|&i| args.opt(vm, i).is_some()).map(|i| args.local(i)).collect();
            vm.call_method(target, $method, &given)
        }
    )*};
}
pairs! { pair_read "read" false pair_peek "peek" false pair_read1 "read1" false
pair_readinto "readinto" false pair_readinto1 "readinto1" false pair_write "write" true
pair_flush "flush" true pair_readable "readable" false pair_writable "writable" true }

fn pair_close(vm: &mut Vm, args: Args) -> NativeResult {
    let writer = part(vm, args, true)?;
    let first = vm.call_method(writer, "close", &[]).err().map(|raised| vm.take_exception(raised));
    let reader = part(vm, args, false)?;
    let second = vm.call_method(reader, "close", &[]);
    match (first, second) {
        (None, result) => result,
        (Some(error), Ok(_)) => Err(vm.set_exception(vm.get(error))),
        (Some(error), Err(raised)) => {
            let last = vm.take_exception(raised);
            if let Some(e) = vm.get(last).cast::<Exception>() {
                vm.write(e, |e| &e.context, vm.get(error));
            }
            Err(vm.set_exception(vm.get(last)))
        }
    }
}

fn pair_isatty(vm: &mut Vm, args: Args) -> NativeResult {
    for writer in [true, false] {
        let target = part(vm, args, writer)?;
        let answer = vm.call_method(target, "isatty", &[])?;
        let answer = vm.hold(answer);
        if vm.truth(answer)? {
            return Ok(vm.ret(vm.get(answer)));
        }
    }
    Ok(vm.ret(Value::FALSE))
}

fn pair_closed(vm: &mut Vm, args: Args) -> NativeResult {
    let writer = match part(vm, args, true) {
        Ok(writer) => writer,
        Err(_) => {
            return Err(vm.raise(
                ClassId::RuntimeError,
                "the BufferedRWPair object is being garbage-collected",
            ));
        }
    };
    vm.getattr_str(writer, "closed")
}
