//! enumerate, zip, map and filter.

use super::declare::TypeDef;
use super::support::*;
use crate::object::native::Payload;
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, StepResult, Vm};
use dashu_int::IBig;
use std::cell::Cell;

/// enumerate
#[derive(Trace)]
pub struct Enumerate {
    iterator: Slot,
    /// The next number, an int.
    count: Slot,
}

impl Payload for Enumerate {
    const TYPE: &'static TypeDef = &ENUMERATE;
}

/// The type enumerate.
pub static ENUMERATE: TypeDef = TypeDef {
    doc: "enumerate(iterable, start=0)\n--\n\nPairs of a number and an item.",
    flags: ClassFlags::BASE,
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", enumerate_new, "").raw(),
        NativeDef::method("__iter__($self, /)", itself, "Implement iter(self)."),
        NativeDef::method("__reduce__($self, /)", enumerate_reduce, "For pickling."),
        NativeDef::class_method("__class_getitem__($type, key, /)", class_getitem, ""),
    ],
    next: Some(enumerate_next),
    ..TypeDef::new("enumerate", Kind::Native)
};

fn enumerate_new(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &ENUMERATE)?;
    let given = args.len() - 1 - args.keyword_count();
    if given > 2 {
        raise!(vm, TypeError, "enumerate() takes at most 2 arguments ({} given)", args.len() - 1);
    }
    let mut places = [(given > 0).then(|| args.local(1)), (given > 1).then(|| args.local(2))];
    for (name, place) in keywords(vm, args) {
        let at = match name.as_str() {
            "iterable" => 0,
            "start" => 1,
            _ => {
                raise!(vm, TypeError, "'{name}' is an invalid keyword argument for enumerate()")
            }
        };
        if places[at].replace(place).is_some() {
            raise!(vm, TypeError, "enumerate() got multiple values for argument '{name}'");
        }
    }
    let [Some(iterable), start] = places else {
        raise!(vm, TypeError, "enumerate() missing required argument 'iterable'");
    };
    let count = match start {
        Some(start) => {
            let ret = vm.index(start)?;
            vm.hold(ret)
        }
        None => vm.root(Value::from_i32(0)),
    };
    let ret = vm.iter(iterable)?;
    let vm = &*vm;
    let iterator = Slot::new(vm.value(ret).word());
    let payload = Enumerate { iterator, count: Slot::new(vm.get(count).word()) };
    Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
}

fn enumerate_next(vm: &mut Vm, args: Args) -> StepResult {
    let iterator = vm.root(args.payload::<Enumerate>(vm)?.iterator.get(vm));
    if !vm.next(iterator)? {
        return Ok(None);
    }
    let vm = &*vm;
    let item = vm.result();
    let this = args.payload::<Enumerate>(vm)?;
    let count = this.count.get(vm);
    let next = match count.as_small_int() {
        Some(i) => vm.int(i + 1),
        None => {
            let big = vm.as_big(count).unwrap_or(IBig::ZERO);
            vm.int_from_big(&(big + IBig::ONE))
        }
    };
    vm.write(this, |t| &t.count, next);
    Ok(Some(vm.ret(vm.tuple(&[count, item]).value())))
}

/// zip
#[derive(Trace)]
pub struct Zip {
    /// A tuple of iterators.
    iterators: Slot,
    strict: Cell<bool>,
}

impl Payload for Zip {
    const TYPE: &'static TypeDef = &ZIP;
}

/// The type zip.
pub static ZIP: TypeDef = TypeDef {
    doc: "zip(*iterables, strict=False)\n--\n\nTuples of the first items, the second items and so on, until one iterable ends.",
    flags: ClassFlags::BASE,
    methods: &[
        NativeDef::static_method("__new__($type, /, *iterables, strict=False)", zip_new, ""),
        NativeDef::method("__iter__($self, /)", itself, "Implement iter(self)."),
        NativeDef::method("__reduce__($self, /)", zip_reduce, "For pickling."),
        NativeDef::method("__setstate__($self, state, /)", zip_setstate, "Set strict."),
    ],
    next: Some(zip_next),
    ..TypeDef::new("zip", Kind::Native)
};

/// A tuple of the iterators of a tuple's items, from `from` on.
fn iterators_of(
    vm: &mut Vm,
    iterables: Local,
    from: usize,
    complain: impl Fn(&Vm, usize) -> Option<Raised>,
) -> Result<Local, Raised> {
    let n = seq_len(vm.get(iterables)) - from;
    let mut all = Vec::with_capacity(n);
    for i in 0..n {
        let v = seq_item(vm, vm.get(iterables), from + i).expect("inside");
        let iterable = vm.root(v);
        match vm.iter(iterable) {
            Ok(ret) => all.push(vm.hold(ret)),
            Err(raised) => {
                let plain = vm
                    .special_of(vm.get(iterable), crate::vm::Special::Iter)
                    .is_none_or(|m| m.is_none());
                if plain && let Some(better) = complain(vm, i) {
                    return Err(better);
                }
                return Err(raised);
            }
        }
    }
    let vm = &*vm;
    Ok(vm.root(vm.tuple_from(n, all.iter().map(|l| vm.get(*l))).value()))
}

fn zip_new(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &ZIP)?;
    let strict = match args.opt(vm, 2) {
        Some(_) => vm.truth(args.local(2))?,
        None => false,
    };
    let iterators = iterators_of(vm, args.local(1), 0, |vm, i| {
        let v = seq_item(vm, args.get(vm, 1), i)?;
        let given = vm.type_name(v);
        Some(vm.type_error(format!("'{given}' object is not iterable")))
    })?;
    let vm = &*vm;
    let iterators = Slot::new(vm.get(iterators).word());
    let payload = Zip { iterators, strict: Cell::new(strict) };
    Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
}

/// Steps all iterators once: their items are then in consecutive roots from the one returned on.
/// Or the number of the first iterator that has ended.
fn step_all(vm: &mut Vm, iterators: Local, n: usize) -> Result<Result<Local, usize>, Raised> {
    let iterator = vm.empty_root();
    for i in 0..n {
        let all: Gc<'_, Tuple> = vm.get(iterators).cast().expect("a tuple");
        vm.set(iterator, all.item(vm, i));
        if !vm.next(iterator)? {
            return Ok(Err(i));
        }
        vm.hold_result();
    }
    Ok(Ok(nth(iterator, 1)))
}

/// The root `i` places after another one.
fn nth(first: Local, i: usize) -> Local {
    Local(first.0 + i as u32)
}

/// The error of `strict`, or the end, when iterator number `i` is the first that has no more items.
fn strict_end(vm: &mut Vm, iterators: Local, i: usize, what: &str) -> StepResult {
    let n = seq_len(vm.get(iterators));
    let plural = |k: usize| if k == 1 { " ".to_owned() } else { format!("s 1-{k}") };
    if i > 0 {
        let others = if i == 1 { " 1".to_owned() } else { plural(i) };
        let what = format!("{what}() argument {} is shorter than argument{others}", i + 1);
        return Err(vm.value_error(what));
    }
    let iterator = vm.empty_root();
    for k in 1..n {
        vm.set(iterator, seq_item(vm, vm.get(iterators), k).expect("inside"));
        if vm.next(iterator)? {
            let others = if k == 1 { " 1".to_owned() } else { plural(k) };
            let what = format!("{what}() argument {} is longer than argument{others}", k + 1);
            return Err(vm.value_error(what));
        }
    }
    Ok(None)
}

fn zip_next(vm: &mut Vm, args: Args) -> StepResult {
    let this = args.payload::<Zip>(vm)?;
    let strict = this.strict.get();
    let iterators = vm.root(this.iterators.get(vm));
    if seq_len(vm.get(iterators)) == 0 {
        return Ok(None);
    }
    let n = seq_len(vm.get(iterators));
    match step_all(vm, iterators, n)? {
        Ok(first) => {
            let vm = &*vm;
            let tuple = vm.tuple_from(n, (0..n).map(|i| vm.get(nth(first, i))));
            Ok(Some(vm.ret(tuple.value())))
        }
        Err(i) if strict => strict_end(vm, iterators, i, "zip"),
        Err(_) => Ok(None),
    }
}

/// map
#[derive(Trace)]
pub struct Map {
    func: Slot,
    iterators: Slot,
    strict: Cell<bool>,
}

impl Payload for Map {
    const TYPE: &'static TypeDef = &MAP;
}

/// The type map.
pub static MAP: TypeDef = TypeDef {
    doc: "map(function, iterable, /, *iterables, strict=False)\n--\n\nThe results of calling function with the items of the iterables.",
    flags: ClassFlags::BASE,
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, strict=False)", map_new, ""),
        NativeDef::method("__iter__($self, /)", itself, "Implement iter(self)."),
        NativeDef::method("__reduce__($self, /)", map_reduce, "For pickling."),
        NativeDef::method("__setstate__($self, state, /)", map_setstate, "Set strict."),
    ],
    next: Some(map_next),
    ..TypeDef::new("map", Kind::Native)
};

fn map_new(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &MAP)?;
    let n = seq_len(args.get(vm, 1));
    if n < 2 {
        raise!(vm, TypeError, "map() must have at least two arguments.");
    }
    let strict = match args.opt(vm, 2) {
        Some(_) => vm.truth(args.local(2))?,
        None => false,
    };
    let iterators = iterators_of(vm, args.local(1), 1, |_, _| None)?;
    let vm = &*vm;
    let func = seq_item(vm, args.get(vm, 1), 0).expect("at least two");
    let payload = Map {
        func: Slot::new(func.word()),
        iterators: Slot::new(vm.get(iterators).word()),
        strict: Cell::new(strict),
    };
    Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
}

fn map_next(vm: &mut Vm, args: Args) -> StepResult {
    let this = args.payload::<Map>(vm)?;
    let strict = this.strict.get();
    let func = vm.root(this.func.get(vm));
    let iterators = vm.root(this.iterators.get(vm));
    if seq_len(vm.get(iterators)) == 1 {
        let iterator = vm.root(seq_item(vm, vm.get(iterators), 0).expect("one"));
        if !vm.next(iterator)? {
            return Ok(None);
        }
        let item = vm.hold_result();
        return vm.call(func, &[item]).map(Some);
    }
    let n = seq_len(vm.get(iterators));
    match step_all(vm, iterators, n)? {
        Ok(first) => {
            let mut items = [first; 4];
            if n <= items.len() {
                items.iter_mut().enumerate().for_each(|(i, item)| *item = nth(first, i));
                return vm.call(func, &items[..n]).map(Some);
            }
            let items: Vec<Local> = (0..n).map(|i| nth(first, i)).collect();
            vm.call(func, &items).map(Some)
        }
        Err(i) if strict => strict_end(vm, iterators, i, "map"),
        Err(_) => Ok(None),
    }
}

/// filter
#[derive(Trace)]
pub struct Filter {
    /// The predicate, or None for the truth of the items.
    func: Slot,
    iterator: Slot,
}

impl Payload for Filter {
    const TYPE: &'static TypeDef = &FILTER;
}

/// The type filter.
pub static FILTER: TypeDef = TypeDef {
    doc: "filter(function, iterable, /)\n--\n\nThe items for which function is true; with None, those that are true.",
    flags: ClassFlags::BASE,
    methods: &[
        NativeDef::static_method("__new__($type, function, iterable, /)", filter_new, "").raw(),
        NativeDef::method("__iter__($self, /)", itself, "Implement iter(self)."),
        NativeDef::method("__reduce__($self, /)", filter_reduce, "For pickling."),
    ],
    next: Some(filter_next),
    ..TypeDef::new("filter", Kind::Native)
};

fn filter_new(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &FILTER)?;
    positional(vm, args, "filter", 2, 2)?;
    let ret = vm.iter(args.local(2))?;
    let vm = &*vm;
    let iterator = Slot::new(vm.value(ret).word());
    let payload = Filter { func: Slot::new(args.get(vm, 1).word()), iterator };
    Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
}

fn filter_next(vm: &mut Vm, args: Args) -> StepResult {
    let this = args.payload::<Filter>(vm)?;
    let func = vm.root(this.func.get(vm));
    let iterator = vm.root(this.iterator.get(vm));
    let item = vm.empty_root();
    let bool_class = vm.class(crate::builtins::ClassId::Bool).value();
    let truth = vm.get(func).is_none() || vm.get(func).is(bool_class);
    loop {
        if !vm.next(iterator)? {
            return Ok(None);
        }
        vm.set(item, vm.result());
        let known = if truth { vm.truth_leaf(vm.get(item)) } else { None };
        if known == Some(false) {
            vm.safepoint()?;
            continue;
        }
        let keep = known == Some(true)
            || vm.scope(|vm| {
                if truth {
                    return vm.truth(item);
                }
                let ret = vm.call(func, &[item])?;
                let answer = vm.hold(ret);
                vm.truth(answer)
            })?;
        if keep {
            return Ok(Some(vm.ret(vm.get(item))));
        }
        vm.safepoint()?;
    }
}

/// `(class, parts)`, and True behind them when `strict` was given.
fn reduced(vm: &Vm, args: Args, parts: &[Value<'_>], strict: bool) -> NativeResult {
    let class = vm.class_of(args.get(vm, 0)).value();
    let parts = vm.tuple(parts).value();
    Ok(vm.ret(match strict {
        true => vm.tuple(&[class, parts, Value::TRUE]).value(),
        false => vm.tuple(&[class, parts]).value(),
    }))
}

fn enumerate_reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<Enumerate>(vm)?.r();
    reduced(vm, args, &[this.iterator.get(vm), this.count.get(vm)], false)
}

/// The items of a tuple, after others.
fn with_items<'gc>(vm: &'gc Vm, mut first: Vec<Value<'gc>>, rest: &'gc Slot) -> Vec<Value<'gc>> {
    if let Some(items) = rest.get_as::<Tuple>(vm) {
        first.extend((0..items.len()).map(|i| items.item(vm, i)));
    }
    first
}

fn zip_reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<Zip>(vm)?.r();
    reduced(vm, args, &with_items(vm, Vec::new(), &this.iterators), this.strict.get())
}

fn map_reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<Map>(vm)?.r();
    let parts = with_items(vm, vec![this.func.get(vm)], &this.iterators);
    reduced(vm, args, &parts, this.strict.get())
}

fn filter_reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<Filter>(vm)?.r();
    reduced(vm, args, &[this.func.get(vm), this.iterator.get(vm)], false)
}

fn zip_setstate(vm: &mut Vm, args: Args) -> NativeResult {
    let strict = vm.truth(args.local(1))?;
    args.payload::<Zip>(vm)?.strict.set(strict);
    Ok(vm.none())
}

fn map_setstate(vm: &mut Vm, args: Args) -> NativeResult {
    let strict = vm.truth(args.local(1))?;
    args.payload::<Map>(vm)?.strict.set(strict);
    Ok(vm.none())
}
