//! `sys.monitoring` (PEP 669): the names are there, for tools that look at them when they are
//! imported; events are not delivered yet.

use crate::namespace::namespace;
use sidewinder_interpreter::raise;
use sidewinder_interpreter::{Args, NativeDef, NativeResult, Value, Vm};

/// The events, by the bit that stands for each.
const EVENTS: &[(&str, i64)] = &[
    ("PY_START", 1),
    ("PY_RESUME", 1 << 1),
    ("PY_RETURN", 1 << 2),
    ("PY_YIELD", 1 << 3),
    ("CALL", 1 << 4),
    ("LINE", 1 << 5),
    ("INSTRUCTION", 1 << 6),
    ("JUMP", 1 << 7),
    ("BRANCH_LEFT", 1 << 8),
    ("BRANCH_RIGHT", 1 << 9),
    ("STOP_ITERATION", 1 << 10),
    ("RAISE", 1 << 11),
    ("EXCEPTION_HANDLED", 1 << 12),
    ("PY_UNWIND", 1 << 13),
    ("PY_THROW", 1 << 14),
    ("RERAISE", 1 << 15),
    ("C_RETURN", 1 << 16),
    ("C_RAISE", 1 << 17),
    ("BRANCH", 1 << 18),
    ("NO_EVENTS", 0),
];

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("use_tool_id(tool_id, name, /)", not_yet, "Not implemented yet."),
    NativeDef::function("set_events(tool_id, event_set, /)", not_yet, "Not implemented yet."),
    NativeDef::function(
        "set_local_events(tool_id, code, event_set, /)",
        not_yet,
        "Not implemented yet.",
    ),
    NativeDef::function(
        "register_callback(tool_id, event, func, /)",
        not_yet,
        "Not implemented yet.",
    ),
    NativeDef::function("get_tool(tool_id, /)", get_tool, "No tool can be in use yet."),
];

/// The namespace.
pub fn make(vm: &Vm) -> Value<'_> {
    let events: Vec<_> = EVENTS.iter().map(|(name, bit)| (*name, vm.int(*bit))).collect();
    let events = namespace(vm, &events);
    let owner = vm.intern("sys.monitoring").value();
    let mut all = vec![("events", events)];
    for (name, id) in
        [("DEBUGGER_ID", 0), ("COVERAGE_ID", 1), ("PROFILER_ID", 2), ("OPTIMIZER_ID", 5)]
    {
        all.push((name, vm.int(id)));
    }
    for def in FUNCTIONS {
        all.push((def.name(), vm.builtin(def, owner, Value::UNBOUND).value()));
    }
    namespace(vm, &all)
}

fn not_yet(vm: &mut Vm, _: Args) -> NativeResult {
    raise!(vm, NotImplementedError, "not yet: sys.monitoring")
}

fn get_tool(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.none())
}
