//! tuple.

use super::declare::{ClassId, TypeDef};
use super::iterators;
use super::list::{bad_repeat, count_equal, find, repeat_count, repeat_len};
use super::support::*;
use crate::object::table::{tuple_hash_end, tuple_hash_start, tuple_hash_step};
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::compare::CompareOp;
use crate::vm::{Args, NativeDef, NativeResult, Special, Vm};

/// The type tuple.
pub static TYPE: TypeDef = TypeDef {
    doc: "tuple(iterable=(), /)\n--\n\nAn immutable sequence.",
    flags: ClassFlags::BASE | ClassFlags::SEQUENCE,
    methods: METHODS,
    ..TypeDef::new("tuple", Kind::Tuple)
};

static METHODS: &[NativeDef] = &[
    NativeDef::static_method("__new__($type, iterable=(), /)", new, "Make a tuple.").raw(),
    NativeDef::method("count($self, value, /)", count, "Number of items equal to value."),
    NativeDef::method(
        "index($self, value, start=0, stop=9223372036854775807, /)",
        index,
        "Position of the first item equal to value; ValueError if there is none.",
    ),
    NativeDef::method("__len__($self, /)", len, "Return len(self)."),
    NativeDef::method("__getitem__($self, key, /)", getitem, "Return self[key]."),
    NativeDef::method("__contains__($self, key, /)", contains, "Return key in self."),
    NativeDef::method("__iter__($self, /)", iter, "Implement iter(self)."),
    NativeDef::method("__add__($self, value, /)", add, "Return self+value."),
    NativeDef::method("__mul__($self, value, /)", mul, "Return self*value."),
    NativeDef::method("__rmul__($self, value, /)", mul, "Return value*self."),
    NativeDef::method("__eq__($self, value, /)", eq, "Return self==value."),
    NativeDef::method("__ne__($self, value, /)", ne, "Return self!=value."),
    NativeDef::method("__lt__($self, value, /)", lt, "Return self<value."),
    NativeDef::method("__le__($self, value, /)", le, "Return self<=value."),
    NativeDef::method("__gt__($self, value, /)", gt, "Return self>value."),
    NativeDef::method("__ge__($self, value, /)", ge, "Return self>=value."),
    NativeDef::method("__hash__($self, /)", hash, "Return hash(self)."),
    NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
    NativeDef::method("__getnewargs__($self, /)", getnewargs, "Arguments for __new__."),
    NativeDef::class_method("__class_getitem__($type, key, /)", class_getitem, "tuple[items]"),
];

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = new_shape(vm, args, ClassId::Tuple)?;
    let classes = (args.class(vm, 0)?, vm.class(ClassId::Tuple));
    let given = positional_of(vm, args, classes, Special::Init, 0, 1)?;
    if given == 0 {
        if shape == ClassId::Tuple as u32 {
            return Ok(vm.ret(vm.tuple(&[]).value()));
        }
        let empty = vm.tuple_of_shape(shape, 0, []);
        return Ok(vm.ret(empty.value()));
    }
    let ret = vm.collect_tuple(args.local(1))?;
    if shape == ClassId::Tuple as u32 {
        return Ok(ret);
    }
    let vm = &*vm;
    let items: Gc<'_, Tuple> = vm.value(ret).cast().expect("a tuple");
    let copy = vm.tuple_of_shape(shape, items.len(), items.items().iter().map(|s| s.get(vm)));
    Ok(vm.ret(copy.value()))
}

fn count(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Tuple>(vm)?;
    let n = count_equal(vm, args.local(0), args.local(1))?;
    let n = vm.int_usize(n);
    Ok(vm.ret(n))
}

fn index(vm: &mut Vm, args: Args) -> NativeResult {
    let len = args.this::<Tuple>(vm)?.len();
    let start = search_bound(vm, args, 2, len, 0)?;
    let stop = search_bound(vm, args, 3, len, usize::MAX)?;
    match find(vm, args.local(0), args.local(1), start, stop)? {
        Some(i) => {
            let i = vm.int_usize(i);
            Ok(vm.ret(i))
        }
        None => raise!(vm, ValueError, "tuple.index(x): x not in tuple"),
    }
}

fn len(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let n = args.this::<Tuple>(vm)?.len();
    Ok(vm.ret(vm.int_usize(n)))
}

fn getitem(vm: &mut Vm, args: Args) -> NativeResult {
    let len = args.this::<Tuple>(vm)?.len();
    if vm.get(args.local(1)).kind() == Some(Kind::Slice) {
        let (start, _, step, count) = vm.slice_indices(args.local(1), len)?;
        let vm = &*vm;
        let tuple = args.this::<Tuple>(vm)?;
        if count == len && step == 1 && vm.is_exact(tuple.value(), ClassId::Tuple) {
            return Ok(vm.ret(tuple.value()));
        }
        let items = (0..count).map(|k| tuple.item(vm, (start + k as isize * step) as usize));
        return Ok(vm.ret(vm.tuple_from(count, items).value()));
    }
    let i = item_position(vm, args.local(1), |_| len, "tuple", "tuple index out of range")?;
    let vm = &*vm;
    Ok(vm.ret(args.this::<Tuple>(vm)?.item(vm, i)))
}

fn contains(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Tuple>(vm)?;
    let found = find(vm, args.local(0), args.local(1), 0, usize::MAX)?.is_some();
    Ok(vm.ret(Value::from_bool(found)))
}

fn iter(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let tuple = args.this::<Tuple>(vm)?;
    Ok(vm.ret(iterators::tuple_iterator(vm, tuple)))
}

fn add(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let tuple = args.this::<Tuple>(vm)?;
    let Some(other) = args.get(vm, 1).cast::<Tuple>() else {
        let given = vm.type_name(args.get(vm, 1));
        raise!(vm, TypeError, "can only concatenate tuple (not \"{given}\") to tuple");
    };
    if other.is_empty() && vm.is_exact(tuple.value(), ClassId::Tuple) {
        return Ok(vm.ret(tuple.value()));
    }
    let items = tuple.items().iter().chain(other.items()).map(|s| s.get(vm));
    Ok(vm.ret(vm.tuple_from(tuple.len() + other.len(), items).value()))
}

fn mul(vm: &mut Vm, args: Args) -> NativeResult {
    args.this::<Tuple>(vm)?;
    let Some(n) = repeat_count(vm, args.local(1))? else {
        return Err(bad_repeat(vm, args.get(vm, 1)));
    };
    let vm = &*vm;
    let tuple = args.this::<Tuple>(vm)?;
    if n == 1 && vm.is_exact(tuple.value(), ClassId::Tuple) {
        return Ok(vm.ret(tuple.value()));
    }
    let total = repeat_len(vm, tuple.len(), n)?;
    let n = if tuple.is_empty() { 0 } else { n };
    let items = (0..n).flat_map(|_| tuple.items().iter().map(|s| s.get(vm)));
    Ok(vm.ret(vm.tuple_from(total, items).value()))
}

fn compare(vm: &mut Vm, args: Args, op: CompareOp) -> NativeResult {
    args.this::<Tuple>(vm)?;
    if args.get(vm, 1).cast::<Tuple>().is_none() {
        return Ok(vm.ret(Value::NOT_IMPLEMENTED));
    }
    seq_compare(vm, op, args.local(0), args.local(1))
}

fn eq(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Eq)
}
fn ne(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Ne)
}
fn lt(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Lt)
}
fn le(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Le)
}
fn gt(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Gt)
}
fn ge(vm: &mut Vm, args: Args) -> NativeResult {
    compare(vm, args, CompareOp::Ge)
}

fn hash(vm: &mut Vm, args: Args) -> NativeResult {
    let len = args.this::<Tuple>(vm)?.len();
    let mut hash = tuple_hash_start();
    let item = vm.empty_root();
    for i in 0..len {
        vm.set(item, args.this::<Tuple>(vm)?.item(vm, i));
        hash = tuple_hash_step(hash, vm.scope(|vm| vm.hash(item))?);
    }
    let hash = tuple_hash_end(hash, len);
    let hash = vm.int(hash as i64);
    Ok(vm.ret(hash))
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let len = args.this::<Tuple>(vm)?.len();
    let this = args.local(0);
    let close = if len == 1 { ",)" } else { ")" };
    container_repr(vm, this, "(", close, "(...)", |vm, i| seq_item(vm, vm.get(this), i))
}

fn getnewargs(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let tuple = args.this::<Tuple>(vm)?;
    let copy = vm.tuple_from(tuple.len(), tuple.items().iter().map(|s| s.get(vm)));
    Ok(vm.ret(vm.tuple(&[copy.value()]).value()))
}
