//! `sys.monitoring` (PEP 669): which tools are told of what. The events come from the interpreter's
//! [`monitoring`](sidewinder_interpreter::vm::monitoring).

use crate::namespace::namespace;
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::object::Code;
use sidewinder_interpreter::raise;
use sidewinder_interpreter::vm::monitoring::{EVENTS, Event, TOOLS};
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm};

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("use_tool_id(tool_id, name, /)", use_tool_id, "Take a tool id into use."),
    NativeDef::function(
        "clear_tool_id(tool_id, /)",
        clear_tool_id,
        "Take back a tool's events and callbacks.",
    )
    .traces(),
    NativeDef::function(
        "free_tool_id(tool_id, /)",
        free_tool_id,
        "Clear a tool id and give it up.",
    )
    .traces(),
    NativeDef::function("get_tool(tool_id, /)", get_tool, "The name of a tool in use, or None."),
    NativeDef::function(
        "register_callback(tool_id, event, func, /)",
        register_callback,
        "Set what is called for an event; the function until now.",
    ),
    NativeDef::function("get_events(tool_id, /)", get_events, "The events of all code."),
    NativeDef::function(
        "set_events(tool_id, event_set, /)",
        set_events,
        "Set which events a tool is told of in all code.",
    )
    .traces(),
    NativeDef::function(
        "get_local_events(tool_id, code, /)",
        get_local_events,
        "The events of one code object.",
    ),
    NativeDef::function(
        "set_local_events(tool_id, code, event_set, /)",
        set_local_events,
        "Set which events a tool is told of in one code object.",
    )
    .traces(),
    NativeDef::function("restart_events()", restart_events, "Disabled events come again."),
];

const TOOL_IDS: &[(&str, i64)] =
    &[("DEBUGGER_ID", 0), ("COVERAGE_ID", 1), ("PROFILER_ID", 2), ("OPTIMIZER_ID", 5)];

/// The events that belong to CALL.
const OF_CALL: u32 = Event::CReturn.bit() | Event::CRaise.bit();

/// The module.
pub fn make(vm: &Vm) -> Value<'_> {
    let mut events: Vec<_> =
        EVENTS.iter().enumerate().map(|(i, name)| (*name, vm.int(1 << i))).collect();
    events.push(("NO_EVENTS", vm.int(0)));
    let mark = || vm.new_instance(vm.class(ClassId::Object)).value();
    let (missing, disable) = (mark(), mark());
    vm.set_monitoring_marks(missing, disable);
    let owner = vm.intern("sys.monitoring").value();
    let dict = vm.dict();
    let set = |name: &str, value: Value<'_>| vm.dict_set_str(dict, vm.intern(name), value);
    set("events", namespace(vm, &events));
    set("MISSING", missing);
    set("DISABLE", disable);
    for (name, id) in TOOL_IDS {
        set(name, vm.int(*id));
    }
    for def in FUNCTIONS {
        set(def.name(), vm.builtin(def, owner, Value::UNBOUND).value());
    }
    vm.new_module("sys.monitoring", dict).value()
}

/// Argument 0: the number of a tool.
fn tool(vm: &mut Vm, args: Args) -> Result<usize, Raised> {
    let given = vm.index_i64(args.local(0))?;
    match usize::try_from(given) {
        Ok(tool) if tool < TOOLS => Ok(tool),
        _ => raise!(vm, ValueError, "invalid tool {given} (must be between 0 and 5)"),
    }
}

fn tool_in_use(vm: &mut Vm, args: Args) -> Result<usize, Raised> {
    let tool = tool(vm, args)?;
    if vm.monitoring_tool(tool).is_none() {
        raise!(vm, ValueError, "tool {tool} is not in use");
    }
    Ok(tool)
}

fn use_tool_id(vm: &mut Vm, args: Args) -> NativeResult {
    let tool = tool(vm, args)?;
    if args.get(vm, 1).as_str().is_none() {
        raise!(vm, ValueError, "tool name must be a str");
    }
    if vm.monitoring_tool(tool).is_some() {
        raise!(vm, ValueError, "tool {tool} is already in use");
    }
    vm.set_monitoring_tool(tool, args.get(vm, 1));
    Ok(vm.none())
}

fn clear(vm: &mut Vm, tool: usize) {
    for event in 0..EVENTS.len() {
        vm.set_monitoring_callback(tool, event, Value::UNBOUND);
    }
    vm.forget_monitored_code(tool);
    vm.set_monitored_events(tool, None, 0);
}

fn clear_tool_id(vm: &mut Vm, args: Args) -> NativeResult {
    let tool = tool(vm, args)?;
    clear(vm, tool);
    Ok(vm.none())
}

fn free_tool_id(vm: &mut Vm, args: Args) -> NativeResult {
    let tool = tool(vm, args)?;
    clear(vm, tool);
    vm.set_monitoring_tool(tool, Value::UNBOUND);
    Ok(vm.none())
}

fn get_tool(vm: &mut Vm, args: Args) -> NativeResult {
    let tool = tool(vm, args)?;
    let vm = &*vm;
    Ok(vm.ret(vm.monitoring_tool(tool).unwrap_or(Value::NONE)))
}

fn register_callback(vm: &mut Vm, args: Args) -> NativeResult {
    let tool = tool(vm, args)?;
    let event = vm.index_i64(args.local(1))?;
    if event.count_ones() != 1 {
        raise!(vm, ValueError, "The callback can only be set for one event at a time");
    }
    let number = event.trailing_zeros() as usize;
    if number >= EVENTS.len() {
        raise!(vm, ValueError, "invalid event {event}");
    }
    let vm = &*vm;
    let callback = args.not_none(vm, 2).unwrap_or(Value::UNBOUND);
    // BRANCH is both of its sides.
    let events = match number == Event::Branch as usize {
        true => vec![Event::BranchLeft as usize, Event::BranchRight as usize, number],
        false => vec![number],
    };
    let mut before = None;
    for event in events {
        before = vm.set_monitoring_callback(tool, event, callback);
    }
    Ok(vm.ret(before.unwrap_or(Value::NONE)))
}

/// Argument `i` as a set of events; `local` for one code object.
fn event_set(vm: &mut Vm, args: Args, i: usize, local: bool) -> Result<u32, Raised> {
    let given = vm.index_i64(args.local(i))?;
    let kind = if local { "local event set" } else { "event set" };
    let Some(mut events) = u32::try_from(given).ok().filter(|e| *e < 1 << EVENTS.len()) else {
        raise!(vm, ValueError, "invalid {kind} {given:#x}");
    };
    if events & OF_CALL != 0 {
        if events & OF_CALL != OF_CALL || events & Event::Call.bit() == 0 {
            raise!(vm, ValueError, "cannot set C_RETURN or C_RAISE events independently");
        }
        events &= !OF_CALL;
    }
    if events & Event::Branch.bit() != 0 {
        events &= !Event::Branch.bit();
        events |= Event::BranchLeft.bit() | Event::BranchRight.bit();
    }
    if local && events >= Event::Raise.bit() {
        raise!(vm, ValueError, "invalid {kind} {given:#x}");
    }
    Ok(events)
}

fn get_events(vm: &mut Vm, args: Args) -> NativeResult {
    let tool = tool(vm, args)?;
    Ok(vm.ret(vm.int(vm.monitored_events(tool, None).into())))
}

fn set_events(vm: &mut Vm, args: Args) -> NativeResult {
    let events = event_set(vm, args, 1, false)?;
    let tool = tool_in_use(vm, args)?;
    vm.set_monitored_events(tool, None, events);
    Ok(vm.none())
}

/// Argument 1: a code object.
fn code(vm: &Vm, args: Args) -> Result<Local, Raised> {
    if args.get(vm, 1).cast::<Code>().is_none() {
        raise!(vm, TypeError, "code must be a code object");
    }
    Ok(args.local(1))
}

fn get_local_events(vm: &mut Vm, args: Args) -> NativeResult {
    let code = code(vm, args)?;
    let tool = tool_in_use(vm, args)?;
    let vm = &*vm;
    Ok(vm.ret(vm.int(vm.monitored_events(tool, vm.get(code).cast()).into())))
}

fn set_local_events(vm: &mut Vm, args: Args) -> NativeResult {
    let code = code(vm, args)?;
    let events = event_set(vm, args, 2, true)?;
    let tool = tool_in_use(vm, args)?;
    vm.set_monitored_events(tool, Some(code), events);
    Ok(vm.none())
}

fn restart_events(vm: &mut Vm, _: Args) -> NativeResult {
    vm.restart_monitoring();
    Ok(vm.none())
}
