//! The functions of module builtins that ask objects for something: attributes, classes, items,
//! identity. Those about text and numbers are elsewhere.

use super::awaitables;
use super::declare::ClassId;
use super::object::{class_names, key_list};
use super::support::*;
use super::{iterators, list, list_sort};
use crate::object::*;
use crate::raise;
use crate::value::Value;
use crate::vm::compare::CompareOp;
use crate::vm::operators::BinaryOp;
use crate::vm::{Args, Local, NativeDef, NativeResult, Raised, Special, Vm};

/// The functions.
pub static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("len(obj, /)", len, "Number of items in a container."),
    NativeDef::function(
        "iter(object, sentinel=<unrepresentable>, /)",
        iter,
        "An iterator over an object; with a sentinel, over the results of calling it until that comes back.",
    ),
    NativeDef::function(
        "next(iterator, default=<unrepresentable>, /)",
        next,
        "The next item of an iterator; at its end default, or StopIteration.",
    ),
    NativeDef::function(
        "isinstance(obj, class_or_tuple, /)",
        isinstance,
        "Whether an object is an instance of a class or of one of several.",
    ),
    NativeDef::function(
        "issubclass(cls, class_or_tuple, /)",
        issubclass,
        "Whether a class derives from a class or from one of several.",
    ),
    NativeDef::function(
        "getattr(object, name, default=<unrepresentable>, /)",
        getattr,
        "An attribute by name; default if it is not there.",
    ),
    NativeDef::function("setattr(obj, name, value, /)", setattr, "Set an attribute by name."),
    NativeDef::function("delattr(obj, name, /)", delattr, "Delete an attribute by name."),
    NativeDef::function(
        "hasattr(obj, name, /)",
        hasattr,
        "Whether an object has an attribute of that name.",
    ),
    NativeDef::function("callable(obj, /)", callable, "Whether an object can be called."),
    NativeDef::function("id(obj, /)", id, "A number that no other living object has."),
    NativeDef::function(
        "vars(object=<unrepresentable>, /)",
        vars,
        "The attributes of an object as a dict; without one, the local variables.",
    ),
    NativeDef::function(
        "dir(object=<unrepresentable>, /)",
        dir,
        "The names of an object's attributes; without one, the names of the current scope.",
    ),
    NativeDef::function("sum(iterable, /, start=0)", sum, "The sum of start and the items."),
    NativeDef::function(
        "min(*args, key=None, default=<unrepresentable>)",
        min,
        "The smallest item of an iterable, or the smallest of several arguments.",
    ),
    NativeDef::function(
        "max(*args, key=None, default=<unrepresentable>)",
        max,
        "The largest item of an iterable, or the largest of several arguments.",
    ),
    NativeDef::function("any(iterable, /)", any, "Whether some item is true."),
    NativeDef::function("all(iterable, /)", all, "Whether all items are true."),
    NativeDef::function(
        "sorted(iterable, /, *, key=None, reverse=False)",
        sorted,
        "A new sorted list of the items.",
    ),
    NativeDef::function(
        "breakpoint(*args, **kws)",
        breakpoint,
        "Call sys.breakpointhook with the same arguments.",
    )
    .traces(),
    NativeDef::function(
        "print(*args, sep=' ', end='\\n', file=None, flush=False)",
        print,
        "Write values to a file, sys.stdout by default.",
    ),
    NativeDef::function("aiter(async_iterable, /)", awaitables::aiter, "An async iterator of it."),
    NativeDef::function(
        "anext(async_iterator, default=<unrepresentable>, /)",
        awaitables::anext,
        "An awaitable of the next item, or of the default at the end.",
    ),
    NativeDef::function(
        "open(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)",
        open,
        "Open a file.",
    ),
];

/// Whether a value can be called.
pub fn is_callable(vm: &Vm, v: Value<'_>) -> bool {
    matches!(v.kind(), Some(Kind::Function | Kind::Builtin | Kind::BoundMethod | Kind::Class))
        || vm.special_of(v, Special::Call).is_some()
}

/// `len`
pub(crate) fn len(vm: &mut Vm, args: Args) -> NativeResult {
    let n = vm.len(args.local(0))?;
    let n = vm.int_usize(n);
    Ok(vm.ret(n))
}

fn iter(vm: &mut Vm, args: Args) -> NativeResult {
    let Some(sentinel) = args.opt(vm, 1) else { return vm.iter(args.local(0)) };
    if !is_callable(vm, args.get(vm, 0)) {
        raise!(vm, TypeError, "iter(v, w): v must be callable");
    }
    Ok(vm.ret(iterators::callable_iterator(vm, args.get(vm, 0), sentinel)))
}

fn next(vm: &mut Vm, args: Args) -> NativeResult {
    let iterator = args.local(0);
    let v = vm.get(iterator);
    if v.kind() != Some(Kind::Generator) && vm.special_of(v, Special::Next).is_none() {
        let name = vm.type_name(v);
        raise!(vm, TypeError, "'{name}' object is not an iterator");
    }
    match args.opt(vm, 1) {
        Some(_) => {
            if vm.next(iterator)? {
                Ok(vm.ret(vm.result()))
            } else {
                Ok(vm.ret(args.get(vm, 1)))
            }
        }
        None => {
            if let Some(step) = vm.step_of(v) {
                return step(vm, Args::new(iterator.0, 1, 0))?.ok_or_else(|| stop(vm));
            }
            // StopIteration goes on as it is, with the value it has.
            match vm.call_special(iterator, Special::Next, &[])? {
                Some(ret) => Ok(ret),
                None => Err(stop(vm)),
            }
        }
    }
}

fn isinstance(vm: &mut Vm, args: Args) -> NativeResult {
    let yes = vm.isinstance(args.local(0), args.local(1))?;
    Ok(vm.ret(Value::from_bool(yes)))
}

fn issubclass(vm: &mut Vm, args: Args) -> NativeResult {
    let yes = vm.issubclass(args.local(0), args.local(1))?;
    Ok(vm.ret(Value::from_bool(yes)))
}

/// TypeError unless argument 1 is a str.
fn check_name(vm: &Vm, args: Args) -> Result<(), Raised> {
    if args.get(vm, 1).as_str().is_none() {
        let given = vm.type_name(args.get(vm, 1));
        raise!(vm, TypeError, "attribute name must be string, not '{given}'");
    }
    Ok(())
}

fn getattr(vm: &mut Vm, args: Args) -> NativeResult {
    check_name(vm, args)?;
    if args.opt(vm, 2).is_none() {
        return vm.getattr(args.local(0), args.local(1));
    }
    match vm.getattr_maybe(args.local(0), args.local(1)) {
        Ok(Some(ret)) => Ok(ret),
        Ok(None) => Ok(vm.ret(args.get(vm, 2))),
        Err(raised) => {
            vm.catch(raised, ClassId::AttributeError)?;
            Ok(vm.ret(args.get(vm, 2)))
        }
    }
}

fn setattr(vm: &mut Vm, args: Args) -> NativeResult {
    check_name(vm, args)?;
    vm.setattr(args.local(0), args.local(1), args.local(2))?;
    Ok(vm.none())
}

fn delattr(vm: &mut Vm, args: Args) -> NativeResult {
    check_name(vm, args)?;
    vm.delattr(args.local(0), args.local(1))?;
    Ok(vm.none())
}

fn hasattr(vm: &mut Vm, args: Args) -> NativeResult {
    check_name(vm, args)?;
    let found = match vm.getattr_maybe(args.local(0), args.local(1)) {
        Ok(found) => found.is_some(),
        Err(raised) => {
            vm.catch(raised, ClassId::AttributeError)?;
            false
        }
    };
    Ok(vm.ret(Value::from_bool(found)))
}

fn callable(vm: &mut Vm, args: Args) -> NativeResult {
    let yes = is_callable(vm, args.get(vm, 0));
    Ok(vm.ret(Value::from_bool(yes)))
}

fn id(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let id = vm.id(args.get(vm, 0));
    Ok(vm.ret(vm.int_usize(id as usize)))
}

fn vars(vm: &mut Vm, args: Args) -> NativeResult {
    if args.opt(vm, 0).is_none() {
        let locals = vm.current_locals();
        return Ok(vm.ret(vm.get(locals)));
    }
    match vm.getattr_opt(args.local(0), "__dict__")? {
        Some(ret) => Ok(ret),
        None => raise!(vm, TypeError, "vars() argument must have __dict__ attribute"),
    }
}

fn dir(vm: &mut Vm, args: Args) -> NativeResult {
    let names = if args.opt(vm, 0).is_none() {
        let locals = vm.current_locals();
        let plain = vm.is_exact(vm.get(locals), ClassId::Dict);
        let keys = match vm.get(locals).cast::<Dict>() {
            Some(dict) if plain => vm.ret(key_list(vm, dict)),
            _ => {
                let keys = vm.call_method(locals, "keys", &[])?;
                let keys = vm.hold(keys);
                vm.collect_list(keys)?
            }
        };
        vm.hold(keys)
    } else {
        match vm.call_special(args.local(0), Special::Dir, &[])? {
            Some(ret) => {
                let names = vm.hold(ret);
                let list = vm.collect_list(names)?;
                vm.hold(list)
            }
            None => {
                let vm = &*vm;
                let names = vm.dict();
                class_names(vm, vm.class_of(args.get(vm, 0)), names);
                vm.root(key_list(vm, names))
            }
        }
    };
    list_sort::sort(vm, names, None, false)?;
    Ok(vm.ret(vm.get(names)))
}

/// Sums ints that fit as long as they last, then floats with compensation, then anything.
fn sum(vm: &mut Vm, args: Args) -> NativeResult {
    let total = vm.root(args.opt(vm, 1).unwrap_or(Value::from_i32(0)));
    let start = vm.get(total);
    if start.as_str().is_some() {
        raise!(vm, TypeError, "sum() can't sum strings [use ''.join(seq) instead]");
    }
    if start.cast::<Bytes>().is_some() {
        raise!(vm, TypeError, "sum() can't sum bytes [use b''.join(seq) instead]");
    }
    if start.cast::<ByteArray>().is_some() {
        raise!(vm, TypeError, "sum() can't sum bytearray [use b''.join(seq) instead]");
    }
    let mut running = match (start.as_small_int(), vm.is_exact(start, ClassId::Float)) {
        (Some(i), _) => Sum::Int(i),
        (None, true) => Sum::Float(Compensated::new(vm.as_f64(start).unwrap_or(0.0))),
        _ => Sum::Object,
    };
    vm.iterate(args.local(0), |vm, item| {
        let v = vm.get(item);
        if let Sum::Int(i) = running {
            let small = v.as_small_int().or_else(|| v.is_bool().then(|| v.is(Value::TRUE) as i64));
            if let Some(next) = small.and_then(|n| i.checked_add(n)) {
                running = Sum::Int(next);
                return Ok(());
            }
            if vm.is_exact(v, ClassId::Float) {
                running = Sum::Float(Compensated::new(i as f64));
            } else {
                let so_far = vm.int(i);
                vm.set(total, so_far);
                running = Sum::Object;
            }
        }
        if let Sum::Float(sum) = &mut running {
            if vm.is_exact(v, ClassId::Float) {
                sum.add(vm.as_f64(v).unwrap_or(0.0));
                return Ok(());
            }
            if let Some(i) = v.as_small_int() {
                sum.add(i as f64);
                return Ok(());
            }
            let so_far = vm.float(sum.total());
            vm.set(total, so_far);
            running = Sum::Object;
        }
        let ret = vm.binary(BinaryOp::Add, total, item)?;
        vm.set(total, vm.value(ret));
        Ok(())
    })?;
    let vm = &*vm;
    Ok(vm.ret(match running {
        Sum::Int(i) => vm.int(i),
        Sum::Float(sum) => vm.float(sum.total()),
        Sum::Object => vm.get(total),
    }))
}

/// What a sum is so far.
enum Sum {
    Int(i64),
    Float(Compensated),
    Object,
}

/// A float sum with its rounding error beside it (Neumaier's variant of Kahan summation).
struct Compensated {
    high: f64,
    low: f64,
}

impl Compensated {
    fn new(start: f64) -> Self {
        Compensated { high: start, low: 0.0 }
    }

    fn add(&mut self, x: f64) {
        let sum = self.high + x;
        self.low +=
            if self.high.abs() >= x.abs() { (self.high - sum) + x } else { (x - sum) + self.high };
        self.high = sum;
    }

    fn total(&self) -> f64 {
        // The error is nan when the sum is infinite.
        if self.low != 0.0 && self.low.is_finite() { self.high + self.low } else { self.high }
    }
}

fn min(vm: &mut Vm, args: Args) -> NativeResult {
    extreme(vm, args, "min", CompareOp::Lt)
}

fn max(vm: &mut Vm, args: Args) -> NativeResult {
    extreme(vm, args, "max", CompareOp::Gt)
}

fn extreme(vm: &mut Vm, args: Args, name: &str, better: CompareOp) -> NativeResult {
    let given = seq_len(args.get(vm, 0));
    if given == 0 {
        raise!(vm, TypeError, "{name} expected at least 1 argument, got 0");
    }
    let has_default = args.opt(vm, 2).is_some();
    let items = if given == 1 {
        vm.root(seq_item(vm, args.get(vm, 0), 0).expect("one"))
    } else {
        if has_default {
            raise!(
                vm,
                TypeError,
                "Cannot specify a default for {name}() with multiple positional arguments"
            );
        }
        args.local(0)
    };
    let key = args.not_none(vm, 1).map(|_| args.local(1));
    let (best, best_key, item_key) = (vm.empty_root(), vm.empty_root(), vm.empty_root());
    vm.iterate(items, |vm, item| {
        match key {
            Some(key) => {
                let ret = vm.call(key, &[item])?;
                vm.set(item_key, vm.value(ret));
            }
            None => vm.set(item_key, vm.get(item)),
        }
        let wins = vm.get(best).is_unbound() || vm.compare_truth(better, item_key, best_key)?;
        if wins {
            vm.set(best, vm.get(item));
            vm.set(best_key, vm.get(item_key));
        }
        Ok(())
    })?;
    match vm.get(best).bound() {
        Some(best) => Ok(vm.ret(best)),
        None if has_default => Ok(vm.ret(args.get(vm, 2))),
        None => raise!(vm, ValueError, "{name}() iterable argument is empty"),
    }
}

/// Whether some item has that truth; stops at it.
fn find_truth(vm: &mut Vm, items: Local, wanted: bool) -> Result<bool, Raised> {
    let ret = vm.iter(items)?;
    let iterator = vm.hold(ret);
    let item = vm.empty_root();
    while vm.next(iterator)? {
        let truth = match vm.truth_leaf(vm.result()) {
            Some(known) => known,
            None => {
                vm.set(item, vm.result());
                vm.scope(|vm| vm.truth(item))?
            }
        };
        if truth == wanted {
            return Ok(true);
        }
        vm.safepoint()?;
    }
    Ok(false)
}

fn any(vm: &mut Vm, args: Args) -> NativeResult {
    let yes = find_truth(vm, args.local(0), true)?;
    Ok(vm.ret(Value::from_bool(yes)))
}

fn all(vm: &mut Vm, args: Args) -> NativeResult {
    let no = find_truth(vm, args.local(0), false)?;
    Ok(vm.ret(Value::from_bool(!no)))
}

fn sorted(vm: &mut Vm, args: Args) -> NativeResult {
    let new = vm.root(vm.list(&[]).value());
    list::extend_list(vm, new, args.local(0))?;
    let key = args.not_none(vm, 1).map(|_| args.local(1));
    let reverse = match args.opt(vm, 2) {
        Some(_) => vm.truth(args.local(2))?,
        None => false,
    };
    list_sort::sort(vm, new, key, reverse)?;
    Ok(vm.ret(vm.get(new)))
}

/// `sep` or `end` of print: a str, or None for the usual one.
fn separator(vm: &Vm, args: Args, i: usize, name: &str, usual: &str) -> Result<Local, Raised> {
    match args.not_none(vm, i) {
        None => Ok(vm.root(vm.str(usual).value())),
        Some(v) if v.as_str().is_some() => Ok(args.local(i)),
        Some(v) => {
            let given = vm.type_name(v);
            raise!(vm, TypeError, "{name} must be None or a string, not {given}")
        }
    }
}

fn breakpoint(vm: &mut Vm, args: Args) -> NativeResult {
    let Some(hook) = vm.sys_get("breakpointhook") else {
        raise!(vm, RuntimeError, "lost sys.breakpointhook");
    };
    let hook = vm.root(hook);
    vm.audit("builtins.breakpoint", &[hook])?;
    vm.call_args(hook, args.local(0), args.local(1))
}

fn print(vm: &mut Vm, args: Args) -> NativeResult {
    let values = args.local(0);
    let sep = separator(vm, args, 1, "sep", " ")?;
    let end = separator(vm, args, 2, "end", "\n")?;
    let flush = match args.opt(vm, 4) {
        Some(_) => vm.truth(args.local(4))?,
        None => false,
    };
    let file = match args.not_none(vm, 3) {
        Some(_) => Some(args.local(3)),
        None if vm.stdout_is_builtin() => None,
        None => match vm.sys_stream("stdout")? {
            Some(stream) => Some(stream),
            // sys.stdout is None: nothing is to be written.
            None => return Ok(vm.none()),
        },
    };
    let count = seq_len(vm.get(values));
    match file {
        None => {
            for i in 0..count {
                if i > 0 {
                    write_text(vm, sep)?;
                }
                vm.scope(|vm| {
                    let value = vm.root(seq_item(vm, vm.get(values), i).expect("inside"));
                    let ret = vm.str_of(value)?;
                    let text = vm.hold(ret);
                    write_text(vm, text)
                })?;
            }
            write_text(vm, end)?;
            if flush {
                vm.flush_stdout()?;
            }
        }
        Some(file) => {
            for i in 0..count {
                if i > 0 {
                    write_to(vm, file, sep)?;
                }
                vm.scope(|vm| {
                    let value = vm.root(seq_item(vm, vm.get(values), i).expect("inside"));
                    let ret = vm.str_of(value)?;
                    let text = vm.hold(ret);
                    write_to(vm, file, text)
                })?;
            }
            write_to(vm, file, end)?;
            if flush {
                let _ = vm.call_method(file, "flush", &[])?;
            }
        }
    }
    Ok(vm.none())
}

/// Writes a str to the real standard output, which takes UTF-8.
fn write_text(vm: &Vm, text: Local) -> Result<(), Raised> {
    let s: Gc<'_, Str> = vm.get(text).cast().expect("the caller has a str");
    if let Some(ascii) = s.as_ascii() {
        return vm.write_stdout(ascii);
    }
    vm.write_stdout(&vm.utf8(s)?)
}

fn write_to(vm: &mut Vm, file: Local, text: Local) -> Result<(), Raised> {
    vm.scope(|vm| vm.call_method(file, "write", &[text]).map(|_| ()))
}

fn open(vm: &mut Vm, args: Args) -> NativeResult {
    // Files are made by module io, as soon as there is one.
    let io = vm.root(vm.intern("io").value());
    let module = match vm.dict_get_str(vm.modules(), vm.intern("io")) {
        Some(module) => vm.root(module),
        None => {
            let text = vm.text_of(vm.get(io));
            match vm.import_module(&text) {
                Ok(module) => module,
                Err(raised) => {
                    vm.catch(raised, ClassId::ImportError)?;
                    raise!(vm, NotImplementedError, "open() is not available yet");
                }
            }
        }
    };
    let f = vm.getattr_str(module, "open")?;
    let f = vm.hold(f);
    let given: Vec<Local> =
        (0..args.len()).take_while(|i| args.opt(vm, *i).is_some()).map(|i| args.local(i)).collect();
    let names = ["file", "mode", "buffering", "encoding", "errors", "newline", "closefd", "opener"];
    let kwargs = vm.dict();
    for (i, name) in names.iter().enumerate().skip(given.len()) {
        if let Some(v) = args.opt(vm, i) {
            vm.dict_set_str(kwargs, vm.intern(name), v);
        }
    }
    let kwargs = vm.root(kwargs.value());
    vm.call_kw(f, &given, kwargs)
}
