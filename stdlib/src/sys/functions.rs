//! The functions of module sys.

use super::async_hooks;
use sidewinder_interpreter::builtins::{ClassId, int_text::DigitLimit};
use sidewinder_interpreter::object::{ClassFlags, Dict, Exception, Field, Module};
use sidewinder_interpreter::{Args, NativeDef, NativeResult, Value, Vm, raise};
use std::time::Duration;

/// The functions.
pub static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("exit(status=None, /)", exit, "Raise SystemExit(status).").raw(),
    NativeDef::function("exc_info()", exc_info, "Type, value and traceback of what is handled."),
    NativeDef::function("exception()", exception, "The exception that is being handled."),
    NativeDef::function("getrecursionlimit()", get_limit, "The recursion limit."),
    NativeDef::function("setrecursionlimit(limit, /)", set_limit, "Set the recursion limit."),
    NativeDef::function("intern(string, /)", intern, "The one str that stands for equal ones."),
    NativeDef::function("_is_interned(string, /)", is_interned, "Whether a str is interned."),
    NativeDef::function("getsizeof(object, default=None, /)", sizeof, "Bytes of an object itself."),
    NativeDef::function("getdefaultencoding()", utf8, "'utf-8'"),
    NativeDef::function("getfilesystemencoding()", utf8, "'utf-8'"),
    NativeDef::function("getfilesystemencodeerrors()", surrogate_escape, "'surrogateescape'"),
    NativeDef::function(
        "get_int_max_str_digits()",
        get_digits,
        "Digits that int() and str() take.",
    ),
    NativeDef::function("set_int_max_str_digits(maxdigits)", set_digits, "Set that limit."),
    NativeDef::function(
        "set_asyncgen_hooks(firstiter=<unrepresentable>, finalizer=<unrepresentable>)",
        async_hooks::set,
        "Set what is called for async generators at their first step and when they are garbage.",
    ),
    NativeDef::function("get_asyncgen_hooks()", async_hooks::get, "The hooks in force."),
    NativeDef::function(
        "set_coroutine_origin_tracking_depth(depth)",
        async_hooks::set_depth,
        "Set how many frames coroutines remember of where they were made.",
    ),
    NativeDef::function(
        "get_coroutine_origin_tracking_depth()",
        async_hooks::get_depth,
        "That number.",
    ),
    NativeDef::function(
        "_get_cpu_count_config()",
        cpu_count_config,
        "The processors that -X cpu_count names; -1: it was not given.",
    ),
    NativeDef::function(
        "_clear_type_descriptors(type, /)",
        clear_type_descriptors,
        "Take __dict__ and __weakref__ out of a class, so that another can take its place.",
    ),
    NativeDef::function("getswitchinterval()", get_interval, "Seconds between thread switches."),
    NativeDef::function("setswitchinterval(interval, /)", set_interval, "Set that interval."),
    NativeDef::function("is_finalizing()", is_finalizing, "Whether the interpreter is ending."),
    NativeDef::function("_getframe(depth=0, /)", get_frame, "The frame that many calls up."),
    NativeDef::function(
        "_getframemodulename(depth=0)",
        get_frame_module,
        "The module name of the frame that many calls up.",
    ),
    NativeDef::function("audit(event, /, *args)", audit, "Tell the audit hooks of an event."),
    NativeDef::function(
        "addaudithook(hook)",
        add_audit_hook,
        "Add a function that is told of events.",
    ),
    NativeDef::function("getallocatedblocks()", allocated_blocks, "Always 0: not counted."),
    NativeDef::function(
        "_clear_type_descriptors(type, /)",
        clear_descriptors,
        "Take the descriptors of __dict__ and __weakref__ out of a class.",
    ),
    NativeDef::function("_clear_type_cache()", none, "Nothing to do."),
    NativeDef::function("_clear_internal_caches()", none, "Nothing to do."),
    NativeDef::function("_is_gil_enabled()", gil, "True"),
    NativeDef::function("_get_cpu_count_config()", no_count, "-1: none is set."),
    NativeDef::function("is_stack_trampoline_active()", off, "False"),
];

fn none(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.none())
}

fn off(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(Value::FALSE))
}

fn clear_descriptors(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let Some(class) = args.get(vm, 0).as_class() else {
        return Err(args.wrong_type(vm, 0, "type"));
    };
    if let Some(dict) = class.dict.get_as::<Dict>(vm) {
        for name in ["__dict__", "__weakref__"] {
            vm.dict_del_str(dict, vm.intern(name));
        }
        vm.class_filled(class);
    }
    Ok(vm.ret(Value::NONE))
}

fn no_count(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(Value::from_i32(-1)))
}

fn gil(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(Value::TRUE))
}

fn allocated_blocks(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(Value::from_i32(0)))
}

fn exit(vm: &mut Vm, args: Args) -> NativeResult {
    if args.keyword_count() > 0 {
        raise!(vm, TypeError, "sys.exit() takes no keyword arguments");
    }
    if args.len() > 1 {
        raise!(vm, TypeError, "exit expected at most 1 argument, got {}", args.len());
    }
    // `SystemExit(status)`: a tuple becomes the arguments, None none at all.
    let class = vm.root(vm.class(ClassId::SystemExit).value());
    let status = if args.is_empty() { Value::NONE } else { args.get(vm, 0) };
    let arguments = {
        let vm = &*vm;
        let tuple = match status {
            s if s.is_none() => vm.tuple(&[]).value(),
            s if vm.has_class(s, ClassId::Tuple) => s,
            s => vm.tuple(&[s]).value(),
        };
        vm.root(tuple)
    };
    let unbound = vm.empty_root();
    let error = vm.call_args(class, arguments, unbound)?;
    Err(vm.set_exception(vm.value(error)))
}

fn exc_info(vm: &mut Vm, _: Args) -> NativeResult {
    let vm = &*vm;
    let value = vm.handled_exception();
    let items = match value.cast::<Exception>() {
        Some(e) => [vm.class_of(value).value(), value, vm.traceback_of(e)],
        None => [Value::NONE; 3],
    };
    Ok(vm.ret(vm.tuple(&items).value()))
}

fn exception(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(vm.handled_exception()))
}

fn get_limit(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(vm.int_usize(vm.recursion_limit())))
}

fn set_limit(vm: &mut Vm, args: Args) -> NativeResult {
    let limit = vm.index_i64(args.local(0))?;
    if limit < 1 {
        raise!(vm, ValueError, "recursion limit must be greater or equal than 1");
    }
    if limit > i32::MAX as i64 {
        raise!(vm, OverflowError, "Python int too large to convert to C int");
    }
    let depth = vm.frame_depth();
    if limit as usize <= depth {
        raise!(
            vm,
            RecursionError,
            "cannot set the recursion limit to {limit} at the recursion depth {depth}: the limit is too low"
        );
    }
    vm.set_recursion_limit(limit as usize);
    Ok(vm.none())
}

fn intern(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let text = args.get(vm, 0);
    if !vm.is_exact(text, ClassId::Str) {
        let given = vm.type_name(text);
        if text.as_str().is_some() {
            raise!(vm, TypeError, "can't intern {given}");
        }
        raise!(vm, TypeError, "intern() argument must be str, not {given}");
    }
    let text = args.str(vm, 0)?;
    Ok(vm.ret(vm.intern_str(text).value()))
}

fn is_interned(vm: &mut Vm, args: Args) -> NativeResult {
    let interned = args.str(vm, 0)?.is_interned();
    Ok(vm.ret(Value::from_bool(interned)))
}

fn sizeof(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.local(0);
    if let Some(size) = vm.call_special(this, sidewinder_interpreter::vm::Special::Sizeof, &[])? {
        return Ok(size);
    }
    match args.opt(vm, 1) {
        Some(default) if !default.is_none() => Ok(vm.ret(default)),
        _ => {
            let name = vm.type_name(vm.get(this));
            raise!(vm, TypeError, "Type {name} doesn't define __sizeof__")
        }
    }
}

fn utf8(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(vm.intern("utf-8").value()))
}

fn surrogate_escape(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(vm.intern("surrogateescape").value()))
}

fn get_digits(vm: &mut Vm, _: Args) -> NativeResult {
    let digits = vm.with_extension(|limit: &mut DigitLimit| limit.0);
    Ok(vm.ret(vm.int_usize(digits)))
}

fn set_digits(vm: &mut Vm, args: Args) -> NativeResult {
    let digits = vm.index_i64(args.local(0))?;
    if digits != 0 && digits < 640 {
        raise!(vm, ValueError, "maxdigits must be 0 or larger than 640");
    }
    vm.with_extension(|limit: &mut DigitLimit| limit.0 = digits as usize);
    Ok(vm.none())
}

fn get_interval(vm: &mut Vm, _: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(vm.float(vm.switch_interval().as_secs_f64())))
}

fn set_interval(vm: &mut Vm, args: Args) -> NativeResult {
    let seconds = vm.float_of(args.local(0))?;
    if seconds <= 0.0 {
        raise!(vm, ValueError, "switch interval must be strictly positive");
    }
    let Ok(interval) = Duration::try_from_secs_f64(seconds) else {
        raise!(vm, OverflowError, "timestamp too large to convert to C PyTime_t");
    };
    vm.set_switch_interval(interval);
    Ok(vm.none())
}

/// Set when the interpreter begins to end.
#[derive(Default)]
pub struct Finalizing(pub bool);

fn is_finalizing(vm: &mut Vm, _: Args) -> NativeResult {
    let finalizing = vm.with_extension(|f: &mut Finalizing| f.0);
    Ok(vm.ret(Value::from_bool(finalizing)))
}

fn get_frame(vm: &mut Vm, args: Args) -> NativeResult {
    let up = match args.opt(vm, 0) {
        None => 0,
        Some(_) => vm.index_i64(args.local(0))?.max(0) as usize,
    };
    let vm = &*vm;
    let frame = vm.frame_depth().checked_sub(up).and_then(|depth| vm.frame_object(depth));
    match frame {
        Some(frame) => Ok(vm.ret(frame)),
        None => raise!(vm, ValueError, "call stack is not deep enough"),
    }
}

fn get_frame_module(vm: &mut Vm, args: Args) -> NativeResult {
    let up = match args.opt(vm, 0) {
        None => 0,
        Some(_) => vm.index_i64(args.local(0))?.max(0) as usize,
    };
    let frame = vm.frame_depth().checked_sub(up).and_then(|depth| vm.frame_object(depth));
    let Some(frame) = frame.map(|f| vm.root(f)) else { return Ok(vm.none()) };
    let globals = vm.getattr_str(frame, "f_globals")?;
    let vm = &*vm;
    let name = vm
        .value(globals)
        .cast::<Dict>()
        .and_then(|globals| vm.dict_get_str(globals, vm.intern("__name__")));
    Ok(vm.ret(name.unwrap_or(Value::NONE)))
}

fn add_audit_hook(vm: &mut Vm, args: Args) -> NativeResult {
    vm.offer_audit_hook(args.local(0))?;
    Ok(vm.none())
}

fn audit(vm: &mut Vm, args: Args) -> NativeResult {
    if args.get(vm, 0).as_str().is_none() {
        let given = vm.type_name(args.get(vm, 0));
        raise!(vm, TypeError, "expected str for argument 'event', not {given}");
    }
    vm.call_audit_hooks(args.local(0), args.local(1))?;
    Ok(vm.none())
}

/// The dict of a module in `sys.modules`, for the command line and the REPL.
pub fn module_dict<'gc>(vm: &'gc Vm, name: &str) -> Option<Value<'gc>> {
    let module = vm.dict_get_str(vm.modules(), vm.intern(name))?.cast::<Module>()?;
    Some(module.r().dict.get(vm))
}

fn cpu_count_config(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(Value::from_i32(-1)))
}

fn clear_type_descriptors(vm: &mut Vm, args: Args) -> NativeResult {
    let class = args.class(vm, 0)?;
    if class.flags.get() & ClassFlags::MUTABLE == 0 {
        raise!(vm, TypeError, "argument is immutable");
    }
    if let Some(dict) = class.dict.get_as::<Dict>(vm) {
        for name in ["__dict__", "__weakref__"] {
            vm.dict_del_str(dict, vm.intern(name));
        }
    }
    vm.class_changed();
    Ok(vm.none())
}
