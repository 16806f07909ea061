//! `memoryview`: the type. Its core, and how objects lend their memory, is in
//! [`vm::buffer`](crate::vm::buffer).

use super::declare::{GetSetDef, TypeDef};
use super::iterators::sequence_iterator;
use super::memoryview_compare::{eq, ne};
use super::memoryview_items::ItemFormat;
use super::support::{class_getitem, ret_hash, ret_str, search_bound};
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::buffer::{Dim, MAX_DIMS, Strided, View};
use crate::vm::item::position;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Vm};

/// `memoryview`
pub static TYPE: TypeDef = TypeDef {
    doc: "Create a new memoryview object which references the given object.",
    flags: ClassFlags::SEQUENCE,
    methods: &[
        NativeDef::static_method("__new__($type, /, object)", new, "Make a view of an object."),
        NativeDef::class_method("_from_flags($cls, /, object, flags)", from_flags, ""),
        NativeDef::class_method("__class_getitem__($type, key, /)", class_getitem, ""),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::method("__hash__($self, /)", hash, "Return hash(self)."),
        NativeDef::method("__eq__($self, value, /)", eq, "Return self==value."),
        NativeDef::method("__ne__($self, value, /)", ne, "Return self!=value."),
        NativeDef::method("__len__($self, /)", len, "Return len(self)."),
        NativeDef::method("__iter__($self, /)", iter, "Return iter(self)."),
        NativeDef::method("__getitem__($self, key, /)", getitem, "Return self[key]."),
        NativeDef::method("__setitem__($self, key, value, /)", setitem, "Set self[key] to value."),
        NativeDef::method("__delitem__($self, key, /)", delitem, "Not supported."),
        NativeDef::method("__enter__($self, /)", enter, "The view itself."),
        NativeDef::method("__exit__($self, /, *args)", exit, "Release the view."),
        NativeDef::method("__buffer__($self, flags, /)", buffer, "Another view of the memory."),
        NativeDef::method("__release_buffer__($self, buffer, /)", release_buffer, ""),
        NativeDef::method("release($self, /)", release, "Give the memory back."),
        NativeDef::method("tobytes($self, /, order='C')", tobytes, "The memory as bytes."),
        NativeDef::method(
            "hex($self, /, sep=<unrepresentable>, bytes_per_sep=1)",
            hex,
            "The memory in hexadecimal.",
        ),
        NativeDef::method("tolist($self, /)", tolist, "The items as a list (of lists)."),
        NativeDef::method("toreadonly($self, /)", toreadonly, "A view that cannot be written to."),
        NativeDef::method(
            "cast($self, /, format, shape=None)",
            cast,
            "The same memory with another format or shape.",
        ),
        NativeDef::method("count($self, value, /)", count, "How many items equal the value."),
        NativeDef::method(
            "index($self, value, start=0, stop=9223372036854775807, /)",
            index,
            "Index of the first item that equals the value; ValueError without one.",
        ),
    ],
    getset: &[
        GetSetDef::new("obj", obj, "The object whose memory it is."),
        GetSetDef::new("nbytes", nbytes, "Size of the items in bytes."),
        GetSetDef::new("readonly", readonly, "Whether the memory must not be written to."),
        GetSetDef::new("itemsize", itemsize, "Size of an item in bytes."),
        GetSetDef::new("format", format, "Format of an item, as in module struct."),
        GetSetDef::new("ndim", ndim, "Number of dimensions."),
        GetSetDef::new("shape", shape, "Lengths of the dimensions."),
        GetSetDef::new("strides", strides, "Bytes between items, by dimension."),
        GetSetDef::new(
            "suboffsets",
            suboffsets,
            "What is added to pointers to rows, for memory that has them.",
        ),
        GetSetDef::new("c_contiguous", c_contiguous, "Whether items follow in C order."),
        GetSetDef::new("f_contiguous", f_contiguous, "Whether items follow in Fortran order."),
        GetSetDef::new("contiguous", contiguous, "Whether items follow in either order."),
    ],
    ..TypeDef::new("memoryview", Kind::Native)
};

/// The loans behind memoryviews; not visible to programs.
pub static MANAGED: TypeDef = TypeDef {
    flags: ClassFlags::NO_NEW,
    methods: &[NativeDef::method("__del__($self, /)", managed_del, "")],
    ..TypeDef::new("managedbuffer", Kind::Native)
};

fn managed_del(vm: &mut Vm, args: Args) -> NativeResult {
    vm.give_back(args.local(0))?;
    Ok(vm.none())
}

/// The receiver; ValueError once released.
pub(super) fn this(vm: &Vm, args: Args) -> Result<View<'_>, Raised> {
    if args.get(vm, 0).payload::<crate::vm::buffer::MemoryView>().is_none() {
        return Err(args.wrong_receiver(vm));
    }
    vm.view_of(args.local(0))
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    vm.memoryview(args.local(1))
}

fn from_flags(vm: &mut Vm, args: Args) -> NativeResult {
    view_for(vm, args.local(1), args.local(2))
}

/// A view that a caller with these flags (those of inspect.BufferFlags) can use.
pub fn view_for(vm: &mut Vm, object: Local, flags: Local) -> NativeResult {
    const WRITABLE: i64 = 1;
    let flags = vm.index_i64(flags)?;
    let ret = vm.memoryview(object)?;
    let view = vm.hold(ret);
    if flags & WRITABLE != 0 && vm.view_of(view)?.readonly {
        vm.release_view(view)?;
        raise!(vm, BufferError, "Object is not writable.");
    }
    Ok(vm.ret(vm.get(view)))
}

/// `__release_buffer__` of builtin types.
pub fn release_buffer(vm: &mut Vm, args: Args) -> NativeResult {
    vm.release_view(args.local(1))?;
    Ok(vm.none())
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.payload::<crate::vm::buffer::MemoryView>(vm)?;
    let at = vm.id(this.value());
    let what = if vm.view_is_released(this) { "released memory" } else { "memory" };
    ret_str(vm, &format!("<{what} at {at:#x}>"))
}

fn hash(vm: &mut Vm, args: Args) -> NativeResult {
    let known = args.payload::<crate::vm::buffer::MemoryView>(vm)?.hash.get();
    if let Some(known) = known {
        return ret_hash(vm, known);
    }
    let view = this(vm, args)?;
    if !view.readonly {
        raise!(vm, ValueError, "cannot hash writable memoryview object");
    }
    if !ItemFormat::native(&view.view.format).is_some_and(ItemFormat::is_byte) {
        raise!(vm, ValueError, "memoryview: hashing is restricted to formats 'B', 'b' or 'c'");
    }
    let exporter = vm.root(vm.view_exporter(view)?);
    // An exporter that has no hash gives its views none.
    vm.hash(exporter)?;
    let vm = &*vm;
    let view = this(vm, args)?;
    let hash = vm.hash_bytes(&vm.view_to_vec(view, false)?);
    view.hash.set(Some(hash));
    ret_hash(vm, hash)
}

fn len(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    match this(vm, args)?.view.dims.first() {
        Some(dim) => Ok(vm.ret(vm.int_usize(dim.len))),
        None => raise!(vm, TypeError, "0-dim memory has no length"),
    }
}

const SUB_VIEWS: &str = "multi-dimensional sub-views are not implemented";

fn iter(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let view = this(vm, args)?;
    native_format(vm, view)?;
    match view.view.dims.len() {
        0 => raise!(vm, TypeError, "invalid indexing of 0-dim memory"),
        1 => Ok(vm.ret(sequence_iterator(vm, view.value()))),
        _ => raise!(vm, NotImplementedError, "{SUB_VIEWS}"),
    }
}

/// The format of a view's items, if memoryview can read them.
fn native_format(vm: &Vm, view: View<'_>) -> Result<ItemFormat, Raised> {
    let format = &view.view.format;
    match ItemFormat::native(format) {
        Some(item) if item.size() == view.view.itemsize => Ok(item),
        _ => raise!(vm, NotImplementedError, "memoryview: format {format} not supported"),
    }
}

fn item_at<'gc>(
    vm: &'gc Vm,
    view: View<'gc>,
    format: ItemFormat,
    at: usize,
) -> Result<Value<'gc>, Raised> {
    let mut item = [0u8; 16];
    let item = &mut item[..view.view.itemsize];
    for (to, from) in item.iter_mut().zip(vm.view_bytes(view)?.at(at, view.view.itemsize)) {
        *to = from.get();
    }
    Ok(format.read(vm, item))
}

/// Where a subscript points.
enum Target {
    Item(usize),
    Part(Strided),
    Whole,
}

fn target(vm: &mut Vm, args: Args) -> Result<Target, Raised> {
    let key = args.local(1);
    let view = this(vm, args)?;
    let dims = view.view.dims.len();
    let value = vm.get(key);
    let is_index = |vm: &Vm, v: Value<'_>| {
        vm.is_int(v) || vm.special_of(v, crate::vm::Special::Index).is_some()
    };
    if dims == 0 {
        if value.is(Value::ELLIPSIS) {
            return Ok(Target::Whole);
        }
        if value.cast::<Tuple>().is_some_and(|t| t.is_empty()) {
            return Ok(Target::Item(view.view.start));
        }
        raise!(vm, TypeError, "invalid indexing of 0-dim memory");
    }
    if value.is(Value::ELLIPSIS) {
        return Ok(Target::Whole);
    }
    if is_index(vm, value) {
        native_format(vm, view)?;
        if dims > 1 {
            raise!(vm, NotImplementedError, "{SUB_VIEWS}");
        }
        let i = vm.index_i64(key)?;
        return Ok(Target::Item(offset(vm, args, &[i])?));
    }
    if value.cast::<Slice>().is_some() {
        let dim = view.view.dims[0];
        let mut part = view.view.clone();
        let (start, _, step, len) = vm.slice_indices(key, dim.len)?;
        if len > 0 {
            part.start = (part.start as isize + start * dim.stride) as usize;
        }
        part.dims[0] = Dim { len, stride: dim.stride.saturating_mul(step) };
        return Ok(Target::Part(part));
    }
    if let Some(tuple) = value.cast::<Tuple>() {
        let n = tuple.len();
        let all = |f: &dyn Fn(Value<'_>) -> bool| (0..n).all(|i| f(tuple.item(vm, i)));
        if all(&|v| is_index(vm, v)) {
            if n < dims {
                raise!(vm, NotImplementedError, "sub-views are not implemented");
            }
            if n > dims {
                raise!(vm, TypeError, "cannot index {dims}-dimension view with {n}-element tuple");
            }
            let mut indices = Vec::with_capacity(n);
            for i in 0..n {
                let item = vm.get(key).cast::<Tuple>().map(|t| vm.root(t.item(vm, i)));
                if let Some(item) = item {
                    indices.push(vm.index_i64(item)?);
                }
            }
            let view = this(vm, args)?;
            native_format(vm, view)?;
            return Ok(Target::Item(offset(vm, args, &indices)?));
        }
        if n > 0 && all(&|v| v.cast::<Slice>().is_some()) {
            raise!(vm, NotImplementedError, "multi-dimensional slicing is not implemented");
        }
    }
    raise!(vm, TypeError, "memoryview: invalid slice key")
}

/// The offset of an item; IndexError outside.
fn offset(vm: &Vm, args: Args, indices: &[i64]) -> Result<usize, Raised> {
    let view = this(vm, args)?;
    let mut at = view.view.start as isize;
    for (i, (index, dim)) in indices.iter().zip(&view.view.dims).enumerate() {
        let Some(index) = position(*index, dim.len) else {
            raise!(vm, IndexError, "index out of bounds on dimension {}", i + 1);
        };
        at += index as isize * dim.stride;
    }
    Ok(at as usize)
}

/// Another view, which keeps the memory, if the bounds of a slice run code that may release the first.
fn kept_for_slice(vm: &Vm, args: Args) -> Result<Option<Local>, Raised> {
    let Some(slice) = args.get(vm, 1).cast::<Slice>() else { return Ok(None) };
    let bounds = [&slice.start, &slice.stop, &slice.step].map(|bound| bound.get(vm));
    if bounds.iter().all(|bound| bound.is_none() || vm.is_int(*bound)) {
        return Ok(None);
    }
    let view = this(vm, args)?;
    Ok(Some(vm.root(vm.another_view(view, view.view.clone(), view.readonly).value())))
}

fn getitem(vm: &mut Vm, args: Args) -> NativeResult {
    let kept = kept_for_slice(vm, args)?;
    let found = target(vm, args)?;
    let vm = &*vm;
    let view = match kept {
        Some(kept) => vm.view_of(kept)?,
        None => this(vm, args)?,
    };
    let value = match found {
        Target::Item(at) => item_at(vm, view, native_format(vm, view)?, at)?,
        Target::Part(part) => vm.another_view(view, part, view.readonly).value(),
        Target::Whole => view.value(),
    };
    Ok(vm.ret(value))
}

fn setitem(vm: &mut Vm, args: Args) -> NativeResult {
    if this(vm, args)?.readonly {
        raise!(vm, TypeError, "cannot modify read-only memory");
    }
    let view = this(vm, args)?;
    // Writing needs a native format whatever the subscript is.
    native_format(vm, view)?;
    let found = target(vm, args)?;
    let found = match found {
        Target::Whole if this(vm, args)?.view.dims.is_empty() => {
            Target::Item(this(vm, args)?.view.start)
        }
        Target::Whole => Target::Part(this(vm, args)?.view.clone()),
        found => found,
    };
    match found {
        Target::Item(at) => {
            let format = native_format(vm, this(vm, args)?)?;
            let item = format.write(vm, args.local(2))?;
            let vm = &*vm;
            let bytes = vm.view_bytes(this(vm, args)?)?.at(at, item.len());
            for (to, from) in bytes.iter().zip(item) {
                to.set(from);
            }
        }
        Target::Part(part) if part.dims.len() > 1 => raise!(
            vm,
            NotImplementedError,
            "memoryview slice assignments are currently restricted to ndim = 1"
        ),
        Target::Part(part) => assign(vm, args, &part)?,
        Target::Whole => {}
    }
    Ok(vm.none())
}

/// Copies the items of another object over a part of the view.
fn assign(vm: &mut Vm, args: Args, part: &Strided) -> Result<(), Raised> {
    if !vm.exports_buffer(args.get(vm, 2)) {
        let given = vm.type_name(args.get(vm, 2));
        raise!(vm, TypeError, "a bytes-like object is required, not '{given}'");
    }
    let ret = vm.memoryview(args.local(2))?;
    let source = vm.hold(ret);
    let from = vm.view_of(source)?;
    let lens = |v: &Strided| v.dims.iter().map(|d| d.len).collect::<Vec<_>>();
    let plain = |format: &str| format.trim_start_matches('@').to_owned();
    let same = plain(&from.view.format) == plain(&part.format)
        && from.view.itemsize == part.itemsize
        && lens(&from.view) == lens(part);
    if !same {
        vm.release_view(source)?;
        raise!(
            vm,
            ValueError,
            "memoryview assignment: lvalue and rvalue have different structures"
        );
    }
    let data = vm.view_to_vec(from, false)?;
    vm.release_view(source)?;
    let vm = &*vm;
    let bytes = vm.view_bytes(this(vm, args)?)?;
    let mut items = data.chunks(part.itemsize);
    part.each(false, |at| {
        let item = items.next().unwrap_or_default();
        for (to, from) in bytes.at(at, item.len()).iter().zip(item) {
            to.set(*from);
        }
    });
    Ok(())
}

fn delitem(vm: &mut Vm, args: Args) -> NativeResult {
    if this(vm, args)?.readonly {
        raise!(vm, TypeError, "cannot modify read-only memory");
    }
    raise!(vm, TypeError, "cannot delete memory")
}

fn enter(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(this(vm, args)?.value()))
}

fn exit(vm: &mut Vm, args: Args) -> NativeResult {
    release(vm, args)
}

fn release(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<crate::vm::buffer::MemoryView>(vm)?;
    vm.release_view(args.local(0))?;
    Ok(vm.none())
}

fn buffer(vm: &mut Vm, args: Args) -> NativeResult {
    this(vm, args)?;
    view_for(vm, args.local(0), args.local(1))
}

fn tobytes(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let view = this(vm, args)?;
    let order = match args.not_none(vm, 1) {
        None => "C".to_owned(),
        Some(v) if v.as_str().is_some() => vm.text_of(v),
        Some(_) => return Err(args.wrong_type(vm, 1, "str or None")),
    };
    let fortran = match order.as_str() {
        "C" => false,
        "F" => true,
        "A" => view.view.is_f_contiguous() && !view.view.is_c_contiguous(),
        _ => raise!(vm, ValueError, "order must be 'C', 'F' or 'A'"),
    };
    let data = vm.view_to_vec(view, fortran)?;
    Ok(vm.ret(vm.bytes(&data).value()))
}

fn hex(vm: &mut Vm, args: Args) -> NativeResult {
    let view = this(vm, args)?;
    let data = vm.view_to_vec(view, false)?;
    super::bytes_methods::hex_of(vm, args, &data)
}

/// The items of the dimensions from `d` on, from an offset, as nested lists.
fn list_of<'gc>(
    vm: &'gc Vm,
    view: View<'gc>,
    format: ItemFormat,
    d: usize,
    at: isize,
) -> Result<Value<'gc>, Raised> {
    let Some(dim) = view.view.dims.get(d) else { return item_at(vm, view, format, at as usize) };
    vm.check_size(dim.len.saturating_mul(size_of::<Value<'_>>()))?;
    let items: Result<Vec<Value<'gc>>, Raised> = (0..dim.len)
        .map(|i| list_of(vm, view, format, d + 1, at + i as isize * dim.stride))
        .collect();
    Ok(vm.list(&items?).value())
}

fn tolist(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let view = this(vm, args)?;
    let list = list_of(vm, view, native_format(vm, view)?, 0, view.view.start as isize)?;
    Ok(vm.ret(list))
}

fn toreadonly(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let view = this(vm, args)?;
    Ok(vm.ret(vm.another_view(view, view.view.clone(), true).value()))
}

/// The lengths of dimensions that `cast` is given.
fn cast_shape(vm: &mut Vm, shape: Local) -> Result<Vec<usize>, Raised> {
    let value = vm.get(shape);
    if value.cast::<List>().is_none() && value.cast::<Tuple>().is_none() {
        raise!(vm, TypeError, "shape must be a list or a tuple");
    }
    let vm = &*vm;
    let count = super::support::seq_len(value);
    if count > MAX_DIMS {
        raise!(vm, ValueError, "memoryview: number of dimensions must not exceed {MAX_DIMS}");
    }
    let mut lens = Vec::with_capacity(count);
    for i in 0..count {
        let item = super::support::seq_item(vm, vm.get(shape), i).unwrap_or(Value::NONE);
        if !vm.is_int(item) {
            raise!(vm, TypeError, "memoryview.cast(): elements of shape must be integers");
        }
        match vm.as_i64(item).and_then(|i| usize::try_from(i).ok()).filter(|i| *i > 0) {
            Some(len) => lens.push(len),
            None => {
                raise!(vm, ValueError, "memoryview.cast(): elements of shape must be integers > 0")
            }
        }
    }
    Ok(lens)
}

fn cast(vm: &mut Vm, args: Args) -> NativeResult {
    let view = this(vm, args)?;
    let Some(format) = args.get(vm, 1).as_str() else {
        let given = vm.type_name(args.get(vm, 1));
        raise!(vm, TypeError, "cast() argument 'format' must be str, not {given}");
    };
    let format = vm.str_text(format).into_owned();
    if !view.view.is_c_contiguous() {
        raise!(vm, TypeError, "memoryview: casts are restricted to C-contiguous views");
    }
    let given_shape = args.opt(vm, 2).filter(|v| !v.is_none()).is_some();
    let dims = view.view.dims.len();
    if (given_shape || dims != 1) && view.view.dims.iter().any(|d| d.len == 0) {
        raise!(vm, TypeError, "memoryview: cannot cast view with zeros in shape or strides");
    }
    let lens = if given_shape { Some(cast_shape(vm, args.local(2))?) } else { None };
    if let Some(lens) = &lens
        && dims != 1
        && lens.len() != 1
    {
        raise!(vm, TypeError, "memoryview: cast must be 1D -> ND or ND -> 1D");
    }
    let vm = &*vm;
    let view = this(vm, args)?;
    let refusal = |which: &str| {
        vm.value_error(format!(
            "memoryview: {which} format must be a native single character format prefixed with \
             an optional '@'"
        ))
    };
    let Some(from) = ItemFormat::native(&view.view.format) else { return Err(refusal("source")) };
    let Some(to) = ItemFormat::native(&format) else { return Err(refusal("destination")) };
    if !from.is_byte() && !to.is_byte() && from != to {
        raise!(vm, TypeError, "memoryview: cannot cast between two non-byte formats");
    }
    let (size, total) = (to.size(), view.view.nbytes());
    if total % size != 0 {
        raise!(vm, TypeError, "memoryview: length is not a multiple of itemsize");
    }
    let lens = match lens {
        Some(lens) => {
            let product = lens.iter().try_fold(size, |all, len| all.checked_mul(*len));
            match product {
                None => raise!(vm, ValueError, "memoryview.cast(): product(shape) > SSIZE_MAX"),
                Some(product) if product != total => {
                    raise!(vm, TypeError, "memoryview: product(shape) * itemsize != buffer size")
                }
                _ => lens,
            }
        }
        None => vec![total / size],
    };
    let cast = Strided::shaped(&format, size, view.view.start, &lens);
    Ok(vm.ret(vm.another_view(view, cast, view.readonly).value()))
}

/// Calls `f` with the index and value of items of a one-dimensional view until it says stop.
fn search(
    vm: &mut Vm,
    args: Args,
    from: usize,
    to: usize,
    mut f: impl FnMut(usize) -> bool,
) -> Result<(), Raised> {
    let item = vm.empty_root();
    for i in from..to {
        let view = this(vm, args)?;
        let format = native_format(vm, view)?;
        let Some(dim) = view.view.dims.first().filter(|d| i < d.len) else { break };
        let at = view.view.start as isize + i as isize * dim.stride;
        let value = item_at(vm, view, format, at as usize)?;
        vm.set(item, value);
        if vm.scope(|vm| vm.eq(item, args.local(1)))? && !f(i) {
            break;
        }
    }
    Ok(())
}

fn one_dimension(vm: &Vm, args: Args) -> Result<usize, Raised> {
    let view = this(vm, args)?;
    native_format(vm, view)?;
    match view.view.dims[..] {
        [dim] => Ok(dim.len),
        [] => raise!(vm, TypeError, "invalid indexing of 0-dim memory"),
        _ => raise!(vm, NotImplementedError, "multi-dimensional lookup is not implemented"),
    }
}

fn count(vm: &mut Vm, args: Args) -> NativeResult {
    let len = one_dimension(vm, args)?;
    let mut found = 0;
    search(vm, args, 0, len, |_| {
        found += 1;
        true
    })?;
    Ok(vm.ret(vm.int_usize(found)))
}

fn index(vm: &mut Vm, args: Args) -> NativeResult {
    let len = one_dimension(vm, args)?;
    let start = search_bound(vm, args, 2, len, 0)?;
    let stop = search_bound(vm, args, 3, len, len)?;
    let mut found = None;
    search(vm, args, start, stop.min(len), |i| {
        found = Some(i);
        false
    })?;
    match found {
        Some(i) => Ok(vm.ret(vm.int_usize(i))),
        None => raise!(vm, ValueError, "memoryview.index(x): x not found"),
    }
}

macro_rules! attributes {
    ($($name:ident = |$vm:ident, $view:ident| $value:expr;)*) => { $(
        fn $name(vm: &mut Vm, args: Args) -> NativeResult {
            let $vm = &*vm;
            let $view = this($vm, args)?;
            let value: Value<'_> = $value;
            Ok($vm.ret(value))
        }
    )* };
}

attributes! {
    obj = |vm, view| vm.view_exporter(view)?;
    nbytes = |vm, view| vm.int_usize(view.view.nbytes());
    readonly = |_vm, view| Value::from_bool(view.readonly);
    itemsize = |vm, view| vm.int_usize(view.view.itemsize);
    format = |vm, view| vm.str(&view.view.format).value();
    ndim = |vm, view| vm.int_usize(view.view.dims.len());
    shape = |vm, view| {
        let dims = &view.r().view.dims;
        vm.tuple_from(dims.len(), dims.iter().map(|d| vm.int_usize(d.len))).value()
    };
    strides = |vm, view| {
        let strides = view.r().view.strides();
        vm.tuple_from(strides.len(), strides.map(|stride| vm.int(stride as i64))).value()
    };
    suboffsets = |vm, view| {
        let suboffsets = view.r().view.suboffsets();
        vm.tuple_from(suboffsets.len(), suboffsets.iter().map(|n| vm.int(*n as i64))).value()
    };
    c_contiguous = |_vm, view| Value::from_bool(view.view.is_c_contiguous());
    f_contiguous = |_vm, view| Value::from_bool(view.view.is_f_contiguous());
    contiguous = |_vm, view| {
        Value::from_bool(view.view.is_c_contiguous() || view.view.is_f_contiguous())
    };
}
