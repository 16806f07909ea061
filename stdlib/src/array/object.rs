//! The type `array.array`: making arrays and looking at them.

use super::item::Code;
use super::{change, iterator, pickle};
use crate::prelude::*;
use sidewinder_interpreter::builtins::{list, memoryview};
use sidewinder_interpreter::object::{ByteArray, Bytes, Slice};
use sidewinder_interpreter::vm::buffer::{BufferDef, Export, Exports, Strided, copied};

/// An array.
#[derive(Trace)]
pub struct ArrayObject {
    /// An internal bytearray with the items one after the other.
    pub(super) data: Slot,
    #[trace(skip)]
    pub(super) code: Code,
    /// Views of the memory: while there are any, the size must not change.
    pub(super) exports: Exports,
}

impl Payload for ArrayObject {
    const TYPE: &'static TypeDef = &ARRAY_TYPE;
    const NEEDS_DROP: bool = true;
    const BUFFER: Option<&'static BufferDef> = Some(&BUFFER);
}

static BUFFER: BufferDef = BufferDef {
    export: |vm, v| {
        let this = v.payload::<ArrayObject>().expect("an array").r();
        let view = Strided::items(this.code.format(), this.code.size(), this.len(vm));
        Ok(Export { view, readonly: false, lock: Some(this.exports.lock()) })
    },
    bytes: |vm, v| v.payload::<ArrayObject>().map_or(&[], |array| array.r().bytes(vm)),
};

impl ArrayObject {
    /// The internal bytearray.
    pub(super) fn store<'gc>(&self, vm: &'gc Vm) -> Gc<'gc, ByteArray> {
        self.data.get_as(vm).expect("always a bytearray")
    }

    /// The items' bytes.
    pub(super) fn bytes<'gc>(&self, vm: &'gc Vm) -> &'gc [Cell<u8>] {
        vm.buffer_leaf(self.data.get(vm)).unwrap_or(&[])
    }

    /// Number of items.
    pub(super) fn len(&self, vm: &Vm) -> usize {
        self.store(vm).len.get() / self.code.size()
    }

    /// Item `i`, which is below the length.
    pub(super) fn item<'gc>(&self, vm: &'gc Vm, i: usize) -> Result<Value<'gc>, Raised> {
        let size = self.code.size();
        self.code.get(vm, &self.bytes(vm)[i * size..(i + 1) * size])
    }
}

/// The array in a root.
pub(super) fn at(vm: &Vm, l: Local) -> Gc<'_, Native<ArrayObject>> {
    vm.get(l).payload().expect("the caller has checked that it is an array")
}

/// A new array of the class that has this instance shape.
pub(super) fn of_shape<'gc>(vm: &'gc Vm, shape: u32, code: Code, data: &[u8]) -> Value<'gc> {
    let data = slot(vm.bytearray(data).value());
    vm.native_of_shape(shape, ArrayObject { data, code, exports: Exports::default() }).value()
}

/// A new array.
pub(super) fn plain<'gc>(vm: &'gc Vm, code: Code, data: &[u8]) -> Value<'gc> {
    of_shape(vm, vm.native_shape(&ARRAY_TYPE), code, data)
}

/// The type.
pub static ARRAY_TYPE: TypeDef = TypeDef {
    module: "array",
    doc: "array(typecode [, initializer]) -> array\n\n\
          Return a new array whose items are restricted by typecode, and\n\
          initialized from the optional initializer value, which must be a list,\n\
          string or iterable over elements of the appropriate type.",
    flags: ClassFlags::BASE | ClassFlags::SEQUENCE | ClassFlags::MODULE_IN_MESSAGES,
    methods: METHODS,
    getset: &[
        GetSetDef::new("typecode", typecode, "the typecode character used to create the array"),
        GetSetDef::new("itemsize", itemsize, "the size, in bytes, of one array item"),
    ],
    ..TypeDef::new("array", Kind::Native)
};

static METHODS: &[NativeDef] = &[
    NativeDef::static_method("__new__($type, *args, **kwargs)", new, "").raw(),
    NativeDef::method("__len__($self, /)", len, "Return len(self)."),
    NativeDef::method("__getitem__($self, key, /)", getitem, "Return self[key]."),
    NativeDef::method("__setitem__($self, key, value, /)", change::setitem, "Set self[key]."),
    NativeDef::method("__delitem__($self, key, /)", change::delitem, "Delete self[key]."),
    NativeDef::method("__contains__($self, key, /)", contains, "Return bool(key in self)."),
    NativeDef::method("__iter__($self, /)", iter, "Implement iter(self)."),
    NativeDef::method("__add__($self, value, /)", add, "Return self+value."),
    NativeDef::method("__iadd__($self, value, /)", change::iadd, "Implement self+=value."),
    NativeDef::method("__mul__($self, value, /)", mul, "Return self*value."),
    NativeDef::method("__rmul__($self, value, /)", mul, "Return value*self."),
    NativeDef::method("__imul__($self, value, /)", change::imul, "Implement self*=value."),
    NativeDef::method("__eq__($self, value, /)", |vm, a| compare(vm, a, CompareOp::Eq), ""),
    NativeDef::method("__ne__($self, value, /)", |vm, a| compare(vm, a, CompareOp::Ne), ""),
    NativeDef::method("__lt__($self, value, /)", |vm, a| compare(vm, a, CompareOp::Lt), ""),
    NativeDef::method("__le__($self, value, /)", |vm, a| compare(vm, a, CompareOp::Le), ""),
    NativeDef::method("__gt__($self, value, /)", |vm, a| compare(vm, a, CompareOp::Gt), ""),
    NativeDef::method("__ge__($self, value, /)", |vm, a| compare(vm, a, CompareOp::Ge), ""),
    NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
    NativeDef::method("__sizeof__($self, /)", sizeof, "Size of the array in memory, in bytes."),
    NativeDef::method("__copy__($self, /)", copy, "Return a copy of the array."),
    NativeDef::method("__deepcopy__($self, unused, /)", copy, "Return a copy of the array."),
    NativeDef::method("__reduce_ex__($self, value, /)", pickle::reduce_ex, "For pickling."),
    NativeDef::method("__buffer__($self, flags, /)", buffer, "A memoryview of the array."),
    NativeDef::method(
        "__release_buffer__($self, buffer, /)",
        memoryview::release_buffer,
        "Release a view made by __buffer__.",
    ),
    NativeDef::class_method("__class_getitem__($type, object, /)", class_getitem, "See PEP 585"),
    NativeDef::method("append($self, v, /)", change::append, "Append new value v to the end."),
    NativeDef::method("buffer_info($self, /)", buffer_info, "A tuple (address, length)."),
    NativeDef::method("byteswap($self, /)", change::byteswap, "Byteswap all items of the array."),
    NativeDef::method("clear($self, /)", change::clear, "Remove all items from the array."),
    NativeDef::method("count($self, v, /)", count, "Return number of occurrences of v."),
    NativeDef::method("extend($self, bb, /)", change::extend, "Append items to the end."),
    NativeDef::method("frombytes($self, buffer, /)", change::frombytes, "Append machine values."),
    NativeDef::method("fromfile($self, f, n, /)", change::fromfile, "Read n items from a file."),
    NativeDef::method("fromlist($self, list, /)", change::fromlist, "Append items from list."),
    NativeDef::method("fromunicode($self, ustr, /)", change::fromunicode, "Append characters."),
    NativeDef::method(
        "index($self, v, start=0, stop=sys.maxsize, /)",
        index,
        "Return index of first occurrence of v in the array.",
    ),
    NativeDef::method("insert($self, i, v, /)", change::insert, "Insert v before position i."),
    NativeDef::method("pop($self, i=-1, /)", change::pop, "Return the i-th item and delete it."),
    NativeDef::method("remove($self, v, /)", change::remove, "Remove the first v in the array."),
    NativeDef::method("reverse($self, /)", change::reverse, "Reverse the order of the items."),
    NativeDef::method("tobytes($self, /)", tobytes, "The machine values as bytes."),
    NativeDef::method("tofile($self, f, /)", tofile, "Write all items to the file object f."),
    NativeDef::method("tolist($self, /)", tolist, "A list with the same items."),
    NativeDef::method("tounicode($self, /)", tounicode, "The characters as a str."),
];

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &ARRAY_TYPE)?;
    let exact = shape == vm.native_shape(&ARRAY_TYPE);
    if exact && args.keyword_count() > 0 {
        raise!(vm, TypeError, "array.array() takes no keyword arguments");
    }
    match args.len() - args.keyword_count() - 1 {
        0 => raise!(vm, TypeError, "array() takes at least 1 argument (0 given)"),
        1 | 2 => {}
        n => raise!(vm, TypeError, "array() takes at most 2 arguments ({n} given)"),
    }
    let code = code_argument(vm, args)?;
    if code.letter() == 'u' {
        let message = "The 'u' type code is deprecated and will be removed in Python 3.16";
        vm.warn(ClassId::DeprecationWarning, message, 1)?;
    }
    let array = vm.root(of_shape(vm, shape, code, &[]));
    if args.len() - args.keyword_count() > 2 {
        fill(vm, array, code, args.local(2))?;
    }
    Ok(vm.ret(vm.get(array)))
}

fn code_argument(vm: &Vm, args: Args) -> Result<Code, Raised> {
    let given = args.get(vm, 1);
    let Some(text) = given.as_str() else {
        let given = vm.type_name(given);
        raise!(vm, TypeError, "array() argument 1 must be a unicode character, not {given}");
    };
    let mut chars = text.r().chars();
    let (Some(c), 0) = (chars.next(), chars.len()) else {
        raise!(vm, TypeError, "array() argument 1 must be a unicode character, not str");
    };
    Code::new(c).ok_or_else(|| {
        vm.value_error("bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)")
    })
}

/// Appends what the constructor's second argument gives.
fn fill(vm: &mut Vm, array: Local, code: Code, initial: Local) -> Result<(), Raised> {
    let given = vm.get(initial);
    if given.as_str().is_some() {
        if !code.is_text() {
            let code = code.letter();
            raise!(vm, TypeError, "cannot use a str to initialize an array with typecode '{code}'");
        }
        return change::push_text(vm, array, initial);
    }
    if let Some(other) = given.payload::<ArrayObject>() {
        if other.code.is_text() && !code.is_text() {
            let code = code.letter();
            raise!(
                vm,
                TypeError,
                "cannot use a unicode array to initialize an array with typecode '{code}'"
            );
        }
        if other.code == code || other.code.is_text() {
            let data = copied(other.r().bytes(vm));
            return change::push_bytes(vm, array, &data);
        }
    }
    if given.cast::<Bytes>().is_some() || given.cast::<ByteArray>().is_some() {
        let data = vm.bytes_like(initial)?;
        return change::push_whole(vm, array, &data);
    }
    change::push_items(vm, array, initial)
}

fn typecode(vm: &mut Vm, args: Args) -> NativeResult {
    let code = args.payload::<ArrayObject>(vm)?.code;
    ret_str(vm, code.letter().encode_utf8(&mut [0; 4]))
}

fn itemsize(vm: &mut Vm, args: Args) -> NativeResult {
    let size = args.payload::<ArrayObject>(vm)?.code.size();
    Ok(vm.ret(vm.int_usize(size)))
}

fn len(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(vm.int_usize(args.payload::<ArrayObject>(vm)?.len(vm))))
}

fn buffer(vm: &mut Vm, args: Args) -> NativeResult {
    memoryview::view_for(vm, args.local(0), args.local(1))
}

/// A subscript that is no slice, as a position.
pub(super) fn position(vm: &mut Vm, args: Args, message: &str) -> Result<usize, Raised> {
    let this = args.local(0);
    let key = vm.get(args.local(1));
    if !vm.is_int(key) && vm.special_of(key, Special::Index).is_none() {
        raise!(vm, TypeError, "array indices must be integers");
    }
    item_position(vm, args.local(1), |vm| at(vm, this).len(vm), "array", message)
}

fn getitem(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<ArrayObject>(vm)?;
    if args.get(vm, 1).cast::<Slice>().is_none() {
        let i = position(vm, args, "array index out of range")?;
        let vm = &*vm;
        return Ok(vm.ret(at(vm, args.local(0)).r().item(vm, i)?));
    }
    let len = at(vm, args.local(0)).len(vm);
    let (start, _, step, count) = vm.slice_indices(args.local(1), len)?;
    let vm = &*vm;
    let this = at(vm, args.local(0)).r();
    let (size, bytes) = (this.code.size(), this.bytes(vm));
    let mut data = Vec::with_capacity(count * size);
    for k in 0..count {
        let i = (start + k as isize * step) as usize;
        // The slice's methods may have made the array shorter.
        let Some(place) = bytes.get(i * size..(i + 1) * size) else { break };
        data.extend(place.iter().map(Cell::get));
    }
    Ok(vm.ret(plain(vm, this.code, &data)))
}

/// The first position from `start` to `stop` where an item equals a value, which may be any object.
pub(super) fn find(
    vm: &mut Vm,
    this: Local,
    value: Local,
    start: usize,
    stop: usize,
) -> Result<Option<usize>, Raised> {
    let item = vm.empty_root();
    let mut i = start;
    while i < stop.min(at(vm, this).len(vm)) {
        vm.set(item, at(vm, this).r().item(vm, i)?);
        if vm.scope(|vm| vm.eq(item, value))? {
            return Ok(Some(i));
        }
        i += 1;
    }
    Ok(None)
}

fn contains(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<ArrayObject>(vm)?;
    let found = find(vm, args.local(0), args.local(1), 0, usize::MAX)?;
    Ok(vm.ret(Value::from_bool(found.is_some())))
}

fn count(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<ArrayObject>(vm)?;
    let (mut n, mut from) = (0, 0);
    while let Some(i) = find(vm, args.local(0), args.local(1), from, usize::MAX)? {
        n += 1;
        from = i + 1;
    }
    Ok(vm.ret(vm.int_usize(n)))
}

fn index(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.payload::<ArrayObject>(vm)?;
    let len = this.len(vm);
    let start = search_bound(vm, args, 2, len, 0)?;
    let stop = search_bound(vm, args, 3, len, usize::MAX)?;
    match find(vm, args.local(0), args.local(1), start, stop)? {
        Some(i) => Ok(vm.ret(vm.int_usize(i))),
        None => raise!(vm, ValueError, "array.index(x): x not in array"),
    }
}

fn iter(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<ArrayObject>(vm)?;
    Ok(vm.ret(iterator::over(vm, this.value())))
}

fn add(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<ArrayObject>(vm)?.r();
    let Some(other) = args.get(vm, 1).payload::<ArrayObject>() else {
        let given = vm.type_name(args.get(vm, 1));
        raise!(vm, TypeError, "can only append array (not \"{given}\") to array");
    };
    if other.code != this.code {
        raise!(vm, TypeError, "bad argument type for built-in operation");
    }
    let mut data = copied(this.bytes(vm));
    data.extend(other.r().bytes(vm).iter().map(Cell::get));
    Ok(vm.ret(plain(vm, this.code, &data)))
}

/// The items' bytes repeated.
pub(super) fn repeated(vm: &mut Vm, this: Local, count: Local) -> Result<Vec<u8>, Raised> {
    let Some(n) = list::repeat_count(vm, count)? else {
        return Err(list::bad_repeat(vm, vm.get(count)));
    };
    let bytes = at(vm, this).r().bytes(vm);
    match bytes.len().checked_mul(n).filter(|total| *total <= isize::MAX as usize) {
        Some(total) => vm.check_size(total)?,
        None => return Err(vm.memory_error()),
    }
    Ok(copied(bytes).repeat(n))
}

fn mul(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<ArrayObject>(vm)?;
    let data = repeated(vm, args.local(0), args.local(1))?;
    let code = at(vm, args.local(0)).code;
    Ok(vm.ret(plain(vm, code, &data)))
}

fn compare(vm: &mut Vm, args: Args, op: CompareOp) -> NativeResult {
    let len = args.payload::<ArrayObject>(vm)?.len(vm);
    let Some(other) = args.get(vm, 1).payload::<ArrayObject>() else {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    };
    if matches!(op, CompareOp::Eq | CompareOp::Ne) && other.len(vm) != len {
        return Ok(vm.ret(Value::from_bool(op == CompareOp::Ne)));
    }
    let (x, y) = (vm.empty_root(), vm.empty_root());
    let mut same = len.min(other.len(vm));
    for i in 0..same {
        let vm = &*vm;
        let (a, b) =
            (at(vm, args.local(0)).r().item(vm, i)?, at(vm, args.local(1)).r().item(vm, i)?);
        // All items are ints, floats and strs: no Python code is needed.
        if vm.compare_leaf(CompareOp::Eq, a, b) != Some(true) {
            vm.set(x, a);
            vm.set(y, b);
            same = i;
            break;
        }
    }
    if same < len.min(at(vm, args.local(1)).len(vm)) {
        return vm.compare(op, x, y);
    }
    let order = len.cmp(&at(vm, args.local(1)).len(vm));
    Ok(vm.ret(Value::from_bool(op.test(Some(order)))))
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.payload::<ArrayObject>(vm)?;
    let (len, code) = (this.len(vm), this.code);
    let name = vm.class_name(vm.class_of(args.get(vm, 0)));
    if len == 0 {
        return ret_str(vm, &format!("{name}('{}')", code.letter()));
    }
    let ret = if code.is_text() { tounicode(vm, args)? } else { tolist(vm, args)? };
    let items = vm.hold(ret);
    let items = vm.repr_text(items)?;
    ret_str(vm, &format!("{name}('{}', {items})", code.letter()))
}

fn sizeof(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let len = args.payload::<ArrayObject>(vm)?.r().bytes(vm).len();
    Ok(vm.ret(vm.int_usize(size_of::<Native<ArrayObject>>() + size_of::<ByteArray>() + len)))
}

fn copy(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<ArrayObject>(vm)?.r();
    Ok(vm.ret(plain(vm, this.code, &copied(this.bytes(vm)))))
}

fn buffer_info(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<ArrayObject>(vm)?.r();
    // Only until the next collection: objects move.
    let address = this.bytes(vm).as_ptr().addr();
    Ok(vm.ret(vm.tuple(&[vm.int_usize(address), vm.int_usize(this.len(vm))]).value()))
}

fn tobytes(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<ArrayObject>(vm)?.r();
    Ok(vm.ret(vm.bytes(&copied(this.bytes(vm))).value()))
}

fn tofile(vm: &mut Vm, args: Args) -> NativeResult {
    const BLOCK: usize = 64 << 10;
    let data = copied(args.payload::<ArrayObject>(vm)?.r().bytes(vm));
    for block in data.chunks(BLOCK) {
        vm.scope(|vm| {
            let block = vm.root(vm.bytes(block).value());
            vm.call_method(args.local(1), "write", &[block]).map(|_| ())
        })?;
    }
    Ok(vm.none())
}

pub(super) fn tolist(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<ArrayObject>(vm)?.r();
    let items: Result<Vec<_>, _> = (0..this.len(vm)).map(|i| this.item(vm, i)).collect();
    Ok(vm.ret(vm.list(&items?).value()))
}

fn tounicode(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<ArrayObject>(vm)?.r();
    if !this.code.is_text() {
        raise!(
            vm,
            ValueError,
            "tounicode() may only be called on unicode type arrays ('u' or 'w')"
        );
    }
    let chars: Result<Vec<u32>, Raised> = (0..this.len(vm))
        .map(|i| Ok(this.item(vm, i)?.as_str().map_or(0, |s| s.r().char_at(0))))
        .collect();
    Ok(vm.ret(vm.str_from_code_points(&chars?).value()))
}
