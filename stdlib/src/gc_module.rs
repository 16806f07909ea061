//! Module gc: the collector as Python sees it.

use sidewinder_interpreter::object::*;
use sidewinder_interpreter::raise;
use sidewinder_interpreter::vm::inspect::is_container;
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm};
use std::cell::Cell;

/// The module.
pub static GC: ModuleDef = ModuleDef {
    name: "gc",
    doc: "The garbage collector.\n\nEverything is collected, cycles or not; objects move when it runs.",
    functions: &[
        NativeDef::function(
            "collect(generation=2)",
            collect,
            "Collect now: generation 0 the young objects, 1 and 2 everything. Returns how many \
             objects in cycles were garbage (0 for generation 0, which does not count them).",
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
        NativeDef::function(
            "get_objects(generation=None)",
            get_objects,
            "A list of all containers that the program can reach.",
        ),
        NativeDef::function("get_referents(*objs)", get_referents, "What the objects refer to."),
        NativeDef::function("get_referrers(*objs)", get_referrers, "Who refers to the objects."),
        NativeDef::function("get_debug()", get_debug, "What set_debug() was given."),
        NativeDef::function(
            "set_debug(flags, /)",
            set_debug,
            "DEBUG_STATS logs collections; with DEBUG_SAVEALL collect() puts the garbage it finds \
             into gc.garbage; the other flags have nothing to tell.",
        ),
        NativeDef::function(
            "get_freeze_count()",
            get_freeze_count,
            "How many objects the last freeze() found; 0 after unfreeze().",
        ),
        NativeDef::function(
            "freeze()",
            freeze,
            "Move all objects out of the nursery, and count them. (They are collected when dead \
             all the same: no process shares their memory.)",
        ),
        NativeDef::function("unfreeze()", unfreeze, "Forget what freeze() counted."),
        NativeDef::function(
            "address(obj, /)",
            address,
            "Where the object is in memory at this moment; None for values that are no objects in \
             memory. Sidewinder's own.",
        ),
        NativeDef::function(
            "set_stress(every, /)",
            set_stress,
            "Move the whole heap at every so many safepoints from now on, as -X gc=stress does; 0 \
             stops that. Sidewinder's own.",
        ),
    ],
    types: &[],
    exec: Some(exec),
};

const DEBUG_STATS: i64 = 1;
const DEBUG_SAVEALL: i64 = 32;

/// State of the module in a VM.
struct State {
    threshold: Cell<(i64, i64, i64)>,
    debug: Cell<i64>,
    frozen: Cell<usize>,
}

impl Default for State {
    fn default() -> Self {
        State { threshold: Cell::new((2000, 10, 0)), debug: Cell::new(0), frozen: Cell::new(0) }
    }
}

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    let vm = &*vm;
    for (name, value) in [
        ("DEBUG_STATS", DEBUG_STATS),
        ("DEBUG_COLLECTABLE", 2),
        ("DEBUG_UNCOLLECTABLE", 4),
        ("DEBUG_SAVEALL", DEBUG_SAVEALL),
        ("DEBUG_LEAK", 2 | 4 | DEBUG_SAVEALL),
    ] {
        vm.module_set(module, name, vm.int(value));
    }
    vm.module_set(module, "garbage", vm.list(&[]).value());
    vm.module_set(module, "callbacks", vm.list(&[]).value());
    Ok(())
}

fn collect(vm: &mut Vm, args: Args) -> NativeResult {
    let generation = match args.opt(vm, 0) {
        Some(_) => vm.index_i64(args.local(0))?,
        None => 2,
    };
    if !(0..=2).contains(&generation) {
        raise!(vm, ValueError, "invalid generation");
    }
    call_back(vm, "start", generation, 0)?;
    let mut count = 0;
    if generation == 0 {
        vm.collect_minor();
    } else {
        let save = vm.with_extension(|state: &mut State| state.debug.get()) & DEBUG_SAVEALL != 0;
        let (found, saved) = vm.collect_and_count(save);
        count = found;
        if save && let Some(garbage) = list_of(vm, "garbage") {
            let _list = vm.call_method(garbage, "extend", &[saved])?;
        }
    }
    call_back(vm, "stop", generation, count)?;
    Ok(vm.ret(vm.int_usize(count)))
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
    // As in CPython: what can hold no references is not tracked.
    let tracked = args.get(vm, 0).kind().is_some_and(is_container);
    Ok(vm.ret(Value::from_bool(tracked)))
}

fn is_finalized(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(Value::FALSE))
}

fn get_objects(vm: &mut Vm, args: Args) -> NativeResult {
    if args.not_none(vm, 0).is_some() {
        let generation = vm.index_i64(args.local(0))?;
        if generation < 0 {
            raise!(vm, ValueError, "generation parameter must be non-negative");
        }
        if generation > 3 {
            raise!(
                vm,
                ValueError,
                "generation parameter must be less than the number of available generations (3)"
            );
        }
        match generation {
            // After a collection there are no young objects; there is no middle generation, nor
            // anything frozen.
            0 | 1 | 3 => return Ok(vm.ret(vm.list(&[]).value())),
            _ => {}
        }
    }
    let all = vm.live_containers();
    Ok(vm.ret(vm.get(all)))
}

/// The objects given to a function that takes any number.
fn given(vm: &Vm, args: Args) -> Vec<Value<'_>> {
    let items = args.get(vm, 0).cast::<Tuple>();
    items.iter().flat_map(|t| t.items()).map(|s| s.get(vm)).collect()
}

fn get_referents(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let all: Vec<Value<'_>> =
        given(vm, args).into_iter().flat_map(|object| vm.referents(object)).collect();
    Ok(vm.ret(vm.list(&all).value()))
}

fn get_referrers(vm: &mut Vm, args: Args) -> NativeResult {
    let all = vm.live_containers();
    let vm = &*vm;
    let wanted = given(vm, args);
    let arguments = args.get(vm, 0);
    let all: Gc<'_, List> = vm.get(all).cast().expect("a list");
    let found: Vec<Value<'_>> = vm
        .list_items(all)
        .filter(|v| !v.is(arguments) && !v.is(all.value()))
        .filter(|v| vm.referents(*v).iter().any(|r| wanted.iter().any(|w| w.is(*r))))
        .collect();
    Ok(vm.ret(vm.list(&found).value()))
}

fn get_debug(vm: &mut Vm, _: Args) -> NativeResult {
    let flags = vm.with_extension(|state: &mut State| state.debug.get());
    Ok(vm.ret(vm.int(flags)))
}

fn set_debug(vm: &mut Vm, args: Args) -> NativeResult {
    let flags = vm.index_i64(args.local(0))?;
    vm.heap.set_log(flags & DEBUG_STATS != 0);
    vm.with_extension(|state: &mut State| state.debug.set(flags));
    Ok(vm.none())
}

fn set_stress(vm: &mut Vm, args: Args) -> NativeResult {
    let every = vm.index_i64(args.local(0))?;
    match u32::try_from(every) {
        Ok(every) => vm.heap.set_stress((every > 0).then_some(every)),
        Err(_) => raise!(vm, ValueError, "set_stress() takes a number of safepoints"),
    }
    Ok(vm.none())
}

fn get_freeze_count(vm: &mut Vm, _: Args) -> NativeResult {
    let count = vm.with_extension(|state: &mut State| state.frozen.get());
    Ok(vm.ret(vm.int_usize(count)))
}

fn freeze(vm: &mut Vm, _: Args) -> NativeResult {
    let all = vm.live_containers();
    let count = vm.get(all).cast::<List>().map_or(0, |all| all.len.get());
    vm.with_extension(|state: &mut State| state.frozen.set(count));
    Ok(vm.none())
}

fn unfreeze(vm: &mut Vm, _: Args) -> NativeResult {
    vm.with_extension(|state: &mut State| state.frozen.set(0));
    Ok(vm.none())
}

/// A variable of the module, rooted.
fn list_of(vm: &Vm, name: &str) -> Option<Local> {
    let module = vm.dict_get_str(vm.modules(), vm.intern("gc"))?.cast::<Module>()?;
    let dict = module.r().dict.get_as::<Dict>(vm)?;
    vm.dict_get_str(dict, vm.intern(name)).map(|l| vm.root(l))
}

/// Calls `gc.callbacks` at the start or stop of a collection that was asked for.
fn call_back(vm: &mut Vm, phase: &str, generation: i64, collected: usize) -> Result<(), Raised> {
    let Some(callbacks) = list_of(vm, "callbacks") else { return Ok(()) };
    if vm.get(callbacks).cast::<List>().is_none_or(|l| vm.list_items(l).next().is_none()) {
        return Ok(());
    }
    let info = {
        let vm = &*vm;
        let info = vm.dict();
        let collected = collected as i64;
        for (name, value) in
            [("generation", generation), ("collected", collected), ("uncollectable", 0)]
        {
            vm.dict_set_str(info, vm.intern(name), vm.int(value));
        }
        vm.root(info.value())
    };
    let phase = vm.root(vm.str(phase).value());
    vm.iterate(callbacks, |vm, callback| {
        if let Err(raised) = vm.call(callback, &[phase, info]) {
            vm.unraisable_while(raised, "Exception ignored while calling GC callback", callback);
        }
        Ok(())
    })
}

fn address(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let v = args.get(vm, 0);
    if v.header().is_none() {
        return Ok(vm.none());
    }
    Ok(vm.ret(vm.int_usize(v.word() as usize)))
}
