//! Module gc: the collector as Python sees it.

use sidewinder_interpreter::object::*;
use sidewinder_interpreter::raise;
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, NativeDef, NativeResult, Raised, Value, Vm};
use std::cell::Cell;

/// The module.
pub static GC: ModuleDef = ModuleDef {
    name: "gc",
    doc: "The garbage collector.\n\nEverything is collected, cycles or not; objects move when it runs.",
    functions: &[
        NativeDef::function(
            "collect(generation=2)",
            collect,
            "Collect now: generation 0 the young objects, 1 and 2 everything. Returns 0: the dead \
             are not counted.",
        ),
        NativeDef::function("enable()", enable, "Let full collections start by themselves."),
        NativeDef::function(
            "disable()",
            disable,
            "Start full collections only on demand; young objects are still collected.",
        ),
        NativeDef::function(
            "isenabled()",
            isenabled,
            "Whether full collections start by themselves.",
        ),
        NativeDef::function("get_stats()", get_stats, "Figures for each generation, as dicts."),
        NativeDef::function(
            "get_count()",
            get_count,
            "KiB allocated, and the numbers of collections so far.",
        ),
        NativeDef::function(
            "get_threshold()",
            get_threshold,
            "What set_threshold() was given (it has no influence here).",
        ),
        NativeDef::function(
            "set_threshold(threshold0, threshold1=10, threshold2=0, /)",
            set_threshold,
            "Accepted for compatibility: this collector decides by memory in use. 0 disables.",
        ),
        NativeDef::function("is_tracked(obj, /)", is_tracked, "Whether the object is in the heap."),
        NativeDef::function("is_finalized(obj, /)", is_finalized, "Not known: always False."),
        NativeDef::function("get_objects(generation=None)", get_objects, "Not available."),
        NativeDef::function("freeze()", nothing, "No effect."),
        NativeDef::function("unfreeze()", nothing, "No effect."),
        NativeDef::function(
            "address(obj, /)",
            address,
            "Where the object is in memory at this moment; None for values that are no objects in \
             memory. Sidewinder's own.",
        ),
    ],
    types: &[],
    exec: Some(exec),
};

/// State of the module in a VM.
struct State {
    threshold: Cell<(i64, i64, i64)>,
}

impl Default for State {
    fn default() -> Self {
        State { threshold: Cell::new((2000, 10, 0)) }
    }
}

fn exec(vm: &mut Vm, module: sidewinder_interpreter::Local) -> Result<(), Raised> {
    let vm = &*vm;
    vm.module_set(module, "garbage", vm.list(&[]).value());
    vm.module_set(module, "callbacks", vm.list(&[]).value());
    Ok(())
}

fn collect(vm: &mut Vm, args: Args) -> NativeResult {
    let generation = match args.opt(vm, 0) {
        Some(_) => vm.index_i64(args.local(0))?,
        None => 2,
    };
    match generation {
        0 => vm.collect_minor(),
        1 | 2 => vm.collect_now(),
        _ => raise!(vm, ValueError, "invalid generation"),
    }
    Ok(vm.ret(Value::from_i32(0)))
}

fn enable(vm: &mut Vm, _: Args) -> NativeResult {
    vm.heap.set_automatic_major(true);
    Ok(vm.none())
}

fn disable(vm: &mut Vm, _: Args) -> NativeResult {
    vm.heap.set_automatic_major(false);
    Ok(vm.none())
}

fn isenabled(vm: &mut Vm, _: Args) -> NativeResult {
    let on = vm.heap.automatic_major();
    Ok(vm.ret(Value::from_bool(on)))
}

fn get_stats(vm: &mut Vm, _: Args) -> NativeResult {
    let vm = &*vm;
    let stats = vm.heap.stats();
    let entry = |items: &[(&str, Value<'_>)]| {
        let dict = vm.dict();
        for (name, value) in items {
            vm.dict_set_str(dict, vm.intern(name), *value);
        }
        dict.value()
    };
    let seconds = |d: std::time::Duration| vm.float(d.as_secs_f64());
    let count = |n: u64| vm.int_usize(n as usize);
    let pauses = |p: &sidewinder_gc::Pauses| {
        [
            ("collections", count(p.count)),
            ("collected", Value::from_i32(0)),
            ("uncollectable", Value::from_i32(0)),
            ("pause_total", seconds(p.total)),
            ("pause_median", seconds(p.quantile(0.5))),
            ("pause_p99", seconds(p.quantile(0.99))),
            ("pause_max", seconds(p.max)),
        ]
    };
    let mut young = pauses(&stats.minor).to_vec();
    young.push(("allocated", vm.int_usize(stats.allocated)));
    young.push(("promoted", vm.int_usize(stats.promoted)));
    let mut old = pauses(&stats.major).to_vec();
    for (name, bytes) in [
        ("moved", stats.moved),
        ("copied", stats.copied),
        ("live", stats.live),
        ("used", stats.used),
        ("large", stats.large),
        ("outside", stats.outside),
        ("peak", stats.peak),
        ("trigger", stats.trigger),
    ] {
        old.push((name, vm.int_usize(bytes)));
    }
    old.push(("slices", count(stats.slices)));
    let middle = pauses(&Default::default());
    let list = vm.list(&[entry(&young), entry(&middle), entry(&old)]);
    Ok(vm.ret(list.value()))
}

fn get_count(vm: &mut Vm, _: Args) -> NativeResult {
    let vm = &*vm;
    let stats = vm.heap.stats();
    let counts = [stats.allocated as u64 >> 10, stats.minor.count, stats.major.count];
    let counts = counts.map(|n| vm.int_usize(n as usize));
    Ok(vm.ret(vm.tuple(&counts).value()))
}

fn get_threshold(vm: &mut Vm, _: Args) -> NativeResult {
    let vm = &*vm;
    let (a, b, c) = vm.with_extension(|state: &mut State| state.threshold.get());
    let all = [a, b, c].map(|n| vm.int(n));
    Ok(vm.ret(vm.tuple(&all).value()))
}

fn set_threshold(vm: &mut Vm, args: Args) -> NativeResult {
    let mut all = vm.with_extension(|state: &mut State| state.threshold.get());
    all.0 = vm.index_i64(args.local(0))?;
    if args.opt(vm, 1).is_some() {
        all.1 = vm.index_i64(args.local(1))?;
    }
    if args.opt(vm, 2).is_some() {
        all.2 = vm.index_i64(args.local(2))?;
    }
    vm.with_extension(|state: &mut State| state.threshold.set(all));
    vm.heap.set_automatic_major(all.0 != 0);
    Ok(vm.none())
}

fn is_tracked(vm: &mut Vm, args: Args) -> NativeResult {
    let v = args.get(vm, 0);
    // As in CPython: what can hold no references is not tracked.
    let leaf = matches!(
        v.kind(),
        None | Some(
            Kind::Float | Kind::BigInt | Kind::Complex | Kind::Str | Kind::Bytes | Kind::ByteArray
        )
    );
    Ok(vm.ret(Value::from_bool(!leaf)))
}

fn is_finalized(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(Value::FALSE))
}

fn get_objects(vm: &mut Vm, _: Args) -> NativeResult {
    raise!(vm, NotImplementedError, "gc.get_objects() is not available yet")
}

fn nothing(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.none())
}

fn address(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let v = args.get(vm, 0);
    if v.header().is_none() {
        return Ok(vm.none());
    }
    Ok(vm.ret(vm.int_usize(v.word() as usize)))
}
