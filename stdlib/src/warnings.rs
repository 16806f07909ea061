//! The module `_warnings`: warnings issued by native code. The library's `warnings` does the work.

use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Value, Vm};

/// The declaration.
pub static WARNINGS: ModuleDef = ModuleDef {
    name: "_warnings",
    doc: "Warnings issued by native code.",
    functions: &[
        NativeDef::function(
            "warn(message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=())",
            warn,
            "Issue a warning, or maybe ignore it or raise an exception.",
        ),
        NativeDef::function(
            "warn_explicit(message, category, filename, lineno, module=None, registry=None, module_globals=None, source=None)",
            warn_explicit,
            "Issue a warning, or maybe ignore it or raise an exception.",
        ),
    ],
    types: &[],
    exec: None,
};

fn hand_on(vm: &mut Vm, args: Args, function: &str, names: &[&str], plain: usize) -> NativeResult {
    let module = vm.import_module("warnings")?;
    let function = vm.getattr_str(module, function)?;
    let function = vm.hold(function);
    let positional: Vec<Local> = (0..plain).map(|i| args.local(i)).collect();
    let keywords = {
        let vm = &*vm;
        let keywords = vm.dict();
        for (i, name) in names.iter().enumerate().skip(plain) {
            if let Some(value) = args.opt(vm, i) {
                vm.dict_set_str(keywords, vm.intern(name), value);
            }
        }
        vm.root(keywords.value())
    };
    vm.call_kw(function, &positional, keywords)
}

fn warn(vm: &mut Vm, args: Args) -> NativeResult {
    let names = ["message", "category", "stacklevel", "source", "skip_file_prefixes"];
    hand_on(vm, args, "warn", &names, 1)
}

fn warn_explicit(vm: &mut Vm, args: Args) -> NativeResult {
    let names = [
        "message",
        "category",
        "filename",
        "lineno",
        "module",
        "registry",
        "module_globals",
        "source",
    ];
    let ret = hand_on(vm, args, "warn_explicit", &names, 4)?;
    let _ = vm.value(ret);
    Ok(vm.ret(Value::NONE))
}
