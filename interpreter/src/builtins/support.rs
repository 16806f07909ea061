//! What many builtin types need: checked arguments of `__new__`, text of containers, comparison of
//! sequences, indices.

use super::declare::ClassId;
use crate::object::*;
use crate::value::Value;
use crate::vm::compare::CompareOp;
use crate::vm::{Args, Local, NativeResult, Raised, Special, Vm};

/// The shape of the instances that a `__new__` is to make: argument 0 must be a class derived from
/// `base`.
pub fn new_shape(vm: &Vm, args: Args, base: ClassId) -> Result<u32, Raised> {
    Ok(new_class(vm, args, base)?.shape.get())
}

/// The class that a `__new__` is to instantiate: argument 0 must derive from `base`.
pub fn new_class(vm: &Vm, args: Args, base: ClassId) -> Result<Gc<'_, Class>, Raised> {
    let name = base.def().name;
    if args.len() == args.keyword_count() {
        return Err(vm.type_error(format!("{name}.__new__(): not enough arguments")));
    }
    let Some(class) = args.get(vm, 0).as_class() else {
        let given = vm.type_name(args.get(vm, 0));
        return Err(vm.type_error(format!("{name}.__new__(X): X is not a type object ({given})")));
    };
    if !vm.is_subclass(class, vm.class(base)) {
        let given = vm.class_name(class);
        return Err(
            vm.type_error(format!("{name}.__new__({given}): {given} is not a subtype of {name}"))
        );
    }
    Ok(class)
}

/// Checks the number of positional arguments of a raw function whose argument 0 does not count, and
/// that there are no keyword arguments. Returns how many there are.
pub fn positional(
    vm: &Vm,
    args: Args,
    name: &str,
    min: usize,
    max: usize,
) -> Result<usize, Raised> {
    if args.keyword_count() > 0 {
        return Err(vm.type_error(format!("{name}() takes no keyword arguments")));
    }
    check_count(vm, name, args.len() - 1, min, max)
}

/// The same for the `__new__` or `__init__` of `base` that makes an instance of `class`: when that
/// has its own `other` of the two, keyword arguments are for that one.
pub fn positional_of(
    vm: &Vm,
    args: Args,
    (class, base): (Gc<'_, Class>, Gc<'_, Class>),
    other: Special,
    min: usize,
    max: usize,
) -> Result<usize, Raised> {
    let name = vm.class_name(base);
    let word = |class| vm.special(class, other).map(Value::word);
    if args.keyword_count() > 0 && (class == base || word(class) == word(base)) {
        return Err(vm.type_error(format!("{name}() takes no keyword arguments")));
    }
    check_count(vm, &name, args.len() - 1 - args.keyword_count(), min, max)
}

fn check_count(vm: &Vm, name: &str, given: usize, min: usize, max: usize) -> Result<usize, Raised> {
    if given < min || given > max {
        let (bound, word) = if given < min { (min, "at least ") } else { (max, "at most ") };
        let word = if min == max { "" } else { word };
        let s = if bound == 1 { "" } else { "s" };
        return Err(
            vm.type_error(format!("{name} expected {word}{bound} argument{s}, got {given}"))
        );
    }
    Ok(given)
}

/// Keyword arguments of a raw call as (name, place).
pub fn keywords(vm: &Vm, args: Args) -> Vec<(String, Local)> {
    let Some(names) = args.keyword_names(vm).cast::<Tuple>() else { return Vec::new() };
    let first = args.len() - args.keyword_count();
    (0..names.len()).map(|i| (vm.text_of(names.item(vm, i)), args.local(first + i))).collect()
}

/// `[a, b, c]` and its like: brackets around the reprs of items fetched by number, until there are
/// no more. `cycle` is the text when the container's own repr is running already.
pub fn container_repr(
    vm: &mut Vm,
    this: Local,
    open: &str,
    close: &str,
    cycle: &str,
    item: impl for<'gc> Fn(&'gc Vm, usize) -> Option<Value<'gc>>,
) -> NativeResult {
    if !vm.repr_enter(this) {
        let text = vm.str(cycle).value();
        return Ok(vm.ret(text));
    }
    let mut text = String::from(open);
    let mut i = 0;
    while let Some(value) = item(vm, i) {
        if i > 0 {
            text.push_str(", ");
        }
        i += 1;
        let value = vm.root(value);
        match vm.scope(|vm| vm.repr_text(value)) {
            Ok(part) => text.push_str(&part),
            Err(raised) => {
                vm.repr_leave(this);
                return Err(raised);
            }
        }
    }
    vm.repr_leave(this);
    text.push_str(close);
    let text = vm.str(&text).value();
    Ok(vm.ret(text))
}

/// Length and items of a list or a tuple.
pub fn seq_len(v: Value<'_>) -> usize {
    match (v.cast::<List>(), v.cast::<Tuple>()) {
        (Some(list), _) => list.len.get(),
        (_, Some(tuple)) => tuple.len(),
        _ => 0,
    }
}

/// Item `i` of a list or a tuple, if there is one.
pub fn seq_item<'gc>(vm: &'gc Vm, v: Value<'gc>, i: usize) -> Option<Value<'gc>> {
    if let Some(list) = v.cast::<List>() {
        return (i < list.len.get()).then(|| vm.list_item(list, i));
    }
    let tuple = v.cast::<Tuple>()?;
    (i < tuple.len()).then(|| tuple.item(vm, i))
}

/// The items of a list or a tuple as they are now.
fn seq_slots<'gc>(vm: &'gc Vm, v: Value<'gc>) -> &'gc [Slot] {
    if let Some(list) = v.cast::<List>() {
        return match list.array.get_as::<Array>(vm) {
            Some(array) => &array.r().items()[..list.len.get()],
            None => &[],
        };
    }
    v.cast::<Tuple>().map_or(&[], |tuple| tuple.r().items())
}

/// How many items at the front of two lists or tuples are equal, as far as that can be told without
/// Python code.
fn equal_prefix(vm: &Vm, a: Value<'_>, b: Value<'_>) -> usize {
    let pairs = seq_slots(vm, a).iter().zip(seq_slots(vm, b));
    pairs
        .take_while(|(x, y)| {
            x.word() == y.word()
                || vm.compare_leaf(CompareOp::Eq, x.get(vm), y.get(vm)) == Some(true)
        })
        .count()
}

/// Compares two lists or two tuples item by item.
pub fn seq_compare(vm: &mut Vm, op: CompareOp, a: Local, b: Local) -> NativeResult {
    let equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
    if equality && seq_len(vm.get(a)) != seq_len(vm.get(b)) {
        return Ok(vm.ret(Value::from_bool(op == CompareOp::Ne)));
    }
    vm.check_native_stack(" in comparison")?;
    vm.safepoint()?;
    let (x, y) = (vm.empty_root(), vm.empty_root());
    let mut i = equal_prefix(vm, vm.get(a), vm.get(b));
    while let (Some(v), Some(w)) = (seq_item(vm, vm.get(a), i), seq_item(vm, vm.get(b), i)) {
        let known = if v.is(w) { Some(true) } else { vm.compare_leaf(CompareOp::Eq, v, w) };
        vm.set(x, v);
        vm.set(y, w);
        let equal = match known {
            Some(known) => known,
            None => vm.scope(|vm| vm.eq(x, y))?,
        };
        if !equal {
            // The comparison may have made them shorter.
            if i >= seq_len(vm.get(a)).min(seq_len(vm.get(b))) {
                break;
            }
            return match op {
                CompareOp::Eq => Ok(vm.ret(Value::FALSE)),
                CompareOp::Ne => Ok(vm.ret(Value::TRUE)),
                _ => vm.compare(op, x, y),
            };
        }
        i += 1;
    }
    let order = seq_len(vm.get(a)).cmp(&seq_len(vm.get(b)));
    Ok(vm.ret(Value::from_bool(op.test(Some(order)))))
}

/// An optional bound of `index(value, start, stop)`: cut to the sequence, negative from the end.
pub fn search_bound(
    vm: &mut Vm,
    args: Args,
    i: usize,
    len: usize,
    default: usize,
) -> Result<usize, Raised> {
    if args.opt(vm, i).is_none() {
        return Ok(default);
    }
    let bound = args.local(i);
    let v = vm.get(bound);
    if !vm.is_int(v) && vm.special_of(v, Special::Index).is_none() {
        return Err(vm.type_error("slice indices must be integers or have an __index__ method"));
    }
    let at = vm.index_clamped(bound)?;
    Ok(if at < 0 { at.saturating_add(len as isize).max(0) as usize } else { at as usize })
}

/// An index as a position in a sequence of `len` items; IndexError with `message` outside.
pub fn item_position(
    vm: &mut Vm,
    key: Local,
    len: impl Fn(&Vm) -> usize,
    what: &str,
    message: &str,
) -> Result<usize, Raised> {
    let value = vm.get(key);
    if !vm.is_int(value) && vm.special_of(value, Special::Index).is_none() {
        let given = vm.type_name(value);
        return Err(
            vm.type_error(format!("{what} indices must be integers or slices, not {given}"))
        );
    }
    let index = match vm.get(key).as_small_int() {
        Some(i) => i,
        None => {
            let ret = vm.index(key)?;
            match vm.as_i64(vm.value(ret)) {
                Some(i) => i,
                None => {
                    let given = vm.type_name(vm.get(key));
                    return Err(vm.raise(
                        ClassId::IndexError,
                        format!("cannot fit '{given}' into an index-sized integer"),
                    ));
                }
            }
        }
    };
    crate::vm::item::position(index, len(vm)).ok_or_else(|| vm.raise(ClassId::IndexError, message))
}

/// StopIteration without a value: the end of an iterator.
#[cold]
pub fn stop(vm: &Vm) -> Raised {
    vm.raise_args(ClassId::StopIteration, &[])
}

/// `__class_getitem__`: the class with its arguments.
pub fn class_getitem(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let alias = super::generic_alias::alias(vm, args.get(vm, 0), args.get(vm, 1));
    Ok(vm.ret(alias))
}

/// The instance shape for the `__new__` of a native type that has no fixed number.
pub fn native_new_shape(
    vm: &Vm,
    args: Args,
    def: &'static super::declare::TypeDef,
) -> Result<u32, Raised> {
    let name = def.name;
    let Some(class) =
        (args.len() > args.keyword_count()).then(|| args.get(vm, 0)).and_then(Value::as_class)
    else {
        return Err(vm.type_error(format!("{name}.__new__(X): X is not a type object")));
    };
    if !vm.is_subclass(class, vm.native_class(def)) {
        let given = vm.class_name(class);
        return Err(
            vm.type_error(format!("{name}.__new__({given}): {given} is not a subtype of {name}"))
        );
    }
    Ok(class.shape.get())
}

/// `__iter__` of iterators.
pub fn itself(vm: &mut Vm, args: Args) -> NativeResult {
    Ok(vm.ret(args.get(vm, 0)))
}

/// The keyword arguments of a raw call as a dict, or UNBOUND; rooted.
pub fn keyword_dict(vm: &Vm, args: Args) -> Local {
    let place = vm.empty_root();
    let Some(names) = args.keyword_names(vm).cast::<Tuple>() else { return place };
    let first = args.len() - args.keyword_count();
    let dict = vm.dict();
    for i in 0..names.len() {
        if let Some(name) = names.item(vm, i).as_str() {
            vm.dict_set_str(dict, name, args.get(vm, first + i));
        }
    }
    vm.set(place, dict.value());
    place
}

/// Calls `f` with the arguments of a raw call from number `from` on.
pub fn forward(vm: &mut Vm, f: Local, args: Args, from: usize) -> NativeResult {
    let count = args.len() - args.keyword_count();
    let given: Vec<Local> = (from..count).map(|i| args.local(i)).collect();
    let kwargs = keyword_dict(vm, args);
    vm.call_kw(f, &given, kwargs)
}

/// The int that `hash()` gives, as a result.
pub fn ret_hash(vm: &Vm, hash: u64) -> NativeResult {
    Ok(vm.ret(vm.int(hash as i64)))
}

/// A str as a result.
pub fn ret_str(vm: &Vm, text: &str) -> NativeResult {
    Ok(vm.ret(vm.str(text).value()))
}
