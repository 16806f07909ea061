//! `sys.displayhook`, `sys.excepthook`, `sys.unraisablehook`.

use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::object::{Exception, Field};
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Value, Vm, raise};

static HOOKS: &[NativeDef] = &[
    NativeDef::function(
        "displayhook(object, /)",
        display,
        "Print a value other than None and keep it as builtins._",
    ),
    NativeDef::function(
        "excepthook(exctype, value, traceback, /)",
        except,
        "Print an exception with its traceback to sys.stderr.",
    ),
    NativeDef::function(
        "unraisablehook(unraisable, /)",
        unraisable,
        "Report an exception that nobody can catch.",
    ),
    NativeDef::function(
        "breakpointhook(*args, **kws)",
        breakpoint,
        "What breakpoint() calls: the function that $PYTHONBREAKPOINT names, pdb.set_trace by default.",
    )
    .traces(),
];

/// Sets the hooks, and their originals under names with underscores.
pub fn fill(vm: &Vm, module: Local) {
    let owner = vm.intern("sys").value();
    for def in HOOKS {
        let hook = vm.builtin(def, owner, Value::UNBOUND).value();
        vm.module_set(module, def.name(), hook);
        vm.module_set(module, &format!("__{}__", def.name()), hook);
    }
}

fn display(vm: &mut Vm, args: Args) -> NativeResult {
    if args.get(vm, 0).is_none() {
        return Ok(vm.none());
    }
    let underscore = |vm: &Vm, value: Value<'_>| {
        vm.dict_set_str(vm.builtins(), vm.intern("_"), value);
    };
    underscore(vm, Value::NONE);
    let text = vm.repr_text(args.local(0))?;
    let Some(stdout) = vm.sys_stream("stdout")? else { return Ok(vm.none()) };
    let text = vm.root(vm.str(&format!("{text}\n")).value());
    let _ = vm.call_method(stdout, "write", &[text])?;
    underscore(vm, args.get(vm, 0));
    Ok(vm.none())
}

fn except(vm: &mut Vm, args: Args) -> NativeResult {
    let value = args.local(1);
    {
        let vm = &*vm;
        let Some(e) = vm.get(value).cast::<Exception>() else {
            let given = vm.type_name(vm.get(value));
            raise!(vm, TypeError, "print_exception(): Exception expected for value, {given} found");
        };
        let traceback = args.get(vm, 2);
        if e.r().traceback.get(vm).is_none() && !traceback.is_none() {
            vm.write(e, |e| &e.traceback, traceback);
        }
    }
    let text = vm.format_exception(value);
    vm.write_sys_stderr(&text);
    Ok(vm.none())
}

fn unraisable(vm: &mut Vm, args: Args) -> NativeResult {
    let arg = args.local(0);
    let value = vm.getattr_str(arg, "exc_value")?;
    let value = vm.hold(value);
    let object = vm.getattr_str(arg, "object")?;
    let object = vm.hold(object);
    let message = match vm.getattr_opt(arg, "err_msg")? {
        Some(ret) => {
            let message = vm.value(ret);
            if message.is_none() { None } else { Some(vm.text_of(message)) }
        }
        None => None,
    };
    let head = match (message, vm.get(object).is_none()) {
        (Some(message), true) => format!("{message}:\n"),
        (message, false) => {
            let what = vm.repr_text(object)?;
            format!("{}: {what}\n", message.unwrap_or_else(|| "Exception ignored in".into()))
        }
        (None, true) => "Exception ignored in:\n".into(),
    };
    let report = vm.format_exception(value);
    vm.write_sys_stderr(&format!("{head}{report}"));
    Ok(vm.none())
}

fn breakpoint(vm: &mut Vm, args: Args) -> NativeResult {
    let named = std::env::var("PYTHONBREAKPOINT").ok().filter(|name| !name.is_empty());
    let named = named.filter(|_| !ignores_environment(vm));
    let name = named.unwrap_or_else(|| "pdb.set_trace".into());
    if name == "0" {
        return Ok(vm.none());
    }
    let (module, function) = name.rsplit_once('.').unwrap_or(("builtins", &name));
    let found = match vm.import_module(module) {
        Ok(module) => vm.getattr_opt(module, function),
        Err(raised) => vm.catch(raised, ClassId::ImportError).map(|()| None),
    };
    let Some(found) = found? else {
        let text = format!("Ignoring unimportable $PYTHONBREAKPOINT: \"{name}\"");
        vm.warn(ClassId::RuntimeWarning, &text, 1)?;
        return Ok(vm.none());
    };
    let found = vm.hold(found);
    vm.call_args(found, args.local(0), args.local(1))
}

/// Whether the program runs with -E or -I.
fn ignores_environment(vm: &mut Vm) -> bool {
    let Some(flags) = vm.sys_get("flags") else { return false };
    let flags = vm.root(flags);
    let ignores = vm.getattr_str(flags, "ignore_environment");
    ignores.is_ok_and(|ignores| vm.value(ignores).as_small_int() == Some(1))
}
