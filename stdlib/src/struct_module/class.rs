//! `Struct`, a format with its functions as methods, and the iterator of `iter_unpack`.

use super::*;

/// Over the structs in a buffer.
#[derive(Trace)]
pub struct UnpackIterator {
    #[trace(skip)]
    format: Rc<Format>,
    buffer: Slot,
    at: Cell<usize>,
}

impl Payload for UnpackIterator {
    const TYPE: &'static TypeDef = &UNPACK_ITERATOR;
    const NEEDS_DROP: bool = true;
}

/// The type of such iterators.
pub static UNPACK_ITERATOR: TypeDef = TypeDef {
    module: "_struct",
    flags: ClassFlags::NO_NEW | ClassFlags::MODULE_IN_MESSAGES,
    methods: &[
        NativeDef::method("__iter__($self, /)", itself, "Implement iter(self)."),
        NativeDef::method("__length_hint__($self, /)", structs_left, "Items left."),
    ],
    next: Some(next_struct),
    ..TypeDef::new("unpack_iterator", Kind::Native)
};

/// `iter_unpack`: an iterator over the structs in a buffer.
pub(super) fn iter_over(vm: &mut Vm, format: Rc<Format>, buffer: Local) -> NativeResult {
    if format.size == 0 {
        return Err(error(vm, "cannot iteratively unpack with a struct of length 0"));
    }
    let len = vm.bytes_like(buffer)?.len();
    if len % format.size != 0 {
        return Err(error(
            vm,
            format!("iterative unpacking requires a buffer of a multiple of {} bytes", format.size),
        ));
    }
    let vm = &*vm;
    let payload = UnpackIterator { format, buffer: slot(vm.get(buffer)), at: Cell::new(0) };
    Ok(vm.ret(vm.native(payload).value()))
}

fn next_struct(vm: &mut Vm, args: Args) -> StepResult {
    let this = args.payload::<UnpackIterator>(vm)?;
    let (format, at) = (this.format.clone(), this.at.get());
    let buffer = vm.root(this.buffer.get(vm));
    let data = vm.bytes_like(buffer)?;
    let vm = &*vm;
    let Some(part) = data.get(at..at + format.size) else { return Ok(None) };
    args.payload::<UnpackIterator>(vm)?.at.set(at + format.size);
    Ok(Some(vm.ret(unpacked(vm, &format, part))))
}

fn structs_left(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.payload::<UnpackIterator>(vm)?;
    let (size, at) = (this.format.size, this.at.get());
    let buffer = vm.root(this.buffer.get(vm));
    let len = vm.bytes_like(buffer)?.len();
    Ok(vm.ret(vm.int_usize(len.saturating_sub(at) / size)))
}

/// A compiled format.
#[derive(Trace)]
pub struct Struct {
    #[trace(skip)]
    format: Rc<Format>,
    /// As a str.
    text: Slot,
}

impl Payload for Struct {
    const TYPE: &'static TypeDef = &STRUCT_TYPE;
    const NEEDS_DROP: bool = true;
}

/// The type Struct.
pub static STRUCT_TYPE: TypeDef = TypeDef {
    module: "_struct",
    doc: "Struct(fmt) --> compiled struct object",
    flags: ClassFlags::BASE | ClassFlags::MODULE_IN_MESSAGES,
    methods: &[
        NativeDef::static_method("__new__($type, format)", new_struct, ""),
        NativeDef::method(
            "pack($self, /, *values)",
            struct_pack,
            "Pack values and return the packed bytes.",
        )
        .raw(),
        NativeDef::method(
            "pack_into($self, buffer, offset, /, *values)",
            struct_pack_into,
            "Pack values and write the packed bytes into the buffer.",
        )
        .raw(),
        NativeDef::method(
            "unpack($self, buffer, /)",
            struct_unpack,
            "Return a tuple containing unpacked values.",
        ),
        NativeDef::method(
            "unpack_from($self, /, buffer, offset=0)",
            struct_unpack_from,
            "Return a tuple containing unpacked values.",
        ),
        NativeDef::method(
            "iter_unpack($self, buffer, /)",
            struct_iter,
            "Return an iterator yielding tuples.",
        ),
        NativeDef::method("__repr__($self, /)", struct_repr, "Return repr(self)."),
    ],
    getset: &[
        GetSetDef::new("format", struct_format, "struct format string"),
        GetSetDef::new("size", struct_size, "struct size in bytes"),
    ],
    ..TypeDef::new("Struct", Kind::Native)
};

fn new_struct(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let shape = native_new_shape(vm, args, &STRUCT_TYPE)?;
    let format = format_of(vm, args.get(vm, 1))?;
    let given = args.get(vm, 1);
    let text = match given.cast::<sidewinder_interpreter::object::Bytes>() {
        Some(b) => vm.str_from_latin1(b.data()).value(),
        None => given,
    };
    Ok(vm.ret(vm.native_of_shape(shape, Struct { format, text: slot(text) }).value()))
}

fn own_format(vm: &Vm, args: Args) -> Result<Rc<Format>, Raised> {
    Ok(args.payload::<Struct>(vm)?.format.clone())
}

fn struct_pack(vm: &mut Vm, args: Args) -> NativeResult {
    let format = own_format(vm, args)?;
    let values = values(vm, args, 1, "pack")?;
    let data = packed(vm, &format, &values, "pack")?;
    Ok(vm.ret(vm.bytes(&data).value()))
}

fn struct_pack_into(vm: &mut Vm, args: Args) -> NativeResult {
    let format = own_format(vm, args)?;
    let values = values(vm, args, 3, "pack_into")?;
    match args.len() {
        1 => return Err(error(vm, "pack_into expected buffer argument")),
        2 => return Err(error(vm, "pack_into expected offset argument")),
        _ => {}
    }
    into(vm, &format, args.local(1), args.local(2), &values)
}

fn struct_unpack(vm: &mut Vm, args: Args) -> NativeResult {
    let format = own_format(vm, args)?;
    unpack_all(vm, &format, args.local(1))
}

fn struct_unpack_from(vm: &mut Vm, args: Args) -> NativeResult {
    let format = own_format(vm, args)?;
    let offset = offset_argument(vm, args, 2)?;
    from(vm, &format, args.local(1), offset)
}

fn struct_iter(vm: &mut Vm, args: Args) -> NativeResult {
    let format = own_format(vm, args)?;
    iter_over(vm, format, args.local(1))
}

fn struct_repr(vm: &mut Vm, args: Args) -> NativeResult {
    let text = vm.root(args.payload::<Struct>(vm)?.text.get(vm));
    let name = vm.class_name(vm.class_of(args.get(vm, 0)));
    let text = vm.repr_text(text)?;
    ret_str(vm, &format!("{name}({text})"))
}

fn struct_format(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.payload::<Struct>(vm)?.r().text.get(vm)))
}

fn struct_size(vm: &mut Vm, args: Args) -> NativeResult {
    let size = own_format(vm, args)?.size;
    Ok(vm.ret(vm.int_usize(size)))
}
