//! The module `_imp`: what importlib needs from the interpreter.

use super::cache;
use sidewinder_interpreter::builtins::bytes_methods::buffer;
use sidewinder_interpreter::bytecode::marshal;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm, raise};
use std::path::Path;

/// The declaration.
pub static IMP: ModuleDef = ModuleDef {
    name: "_imp",
    doc: "What importlib needs from the interpreter.",
    functions: &[
        NativeDef::function("acquire_lock()", acquire, "Take the import lock."),
        NativeDef::function("release_lock()", release, "Give the import lock back."),
        NativeDef::function("lock_held()", held, "Whether the import lock is taken."),
        NativeDef::function("is_builtin(name, /)", is_builtin, "1 for modules written in Rust."),
        NativeDef::function("create_builtin(spec, /)", create_builtin, "Make such a module."),
        NativeDef::function("exec_builtin(mod, /)", exec_builtin, "Initialise it."),
        NativeDef::function("is_frozen(name, /)", is_frozen, "Whether it is part of importlib."),
        NativeDef::function("is_frozen_package(name, /)", is_frozen_package, "Always False."),
        NativeDef::function("find_frozen(name, /, *, withdata=False)", find_frozen, "About it."),
        NativeDef::function("get_frozen_object(name, data=None, /)", frozen_object, "Its code."),
        NativeDef::function("_frozen_module_names()", frozen_names, "Their names."),
        NativeDef::function(
            "_override_frozen_modules_for_tests(override, /)",
            ignored,
            "There is nothing to override.",
        ),
        NativeDef::function(
            "_override_multi_interp_extensions_check(override, /)",
            no_override,
            "There is nothing to override.",
        ),
        NativeDef::function("extension_suffixes()", suffixes, "Ends of extensions' file names."),
        NativeDef::function("create_dynamic(spec, file=None, /)", create_dynamic, "Load one."),
        NativeDef::function("exec_dynamic(mod, /)", exec_dynamic, "Loading did that already."),
        NativeDef::function("source_hash(key, source)", source_hash, "For checked .pyc files."),
    ],
    types: &[],
    exec: Some(exec),
};

/// The modules of importlib that are loaded as frozen ones, with the names they have in the
/// library.
const FROZEN: &[(&str, &str)] = &[
    ("_frozen_importlib", "importlib._bootstrap"),
    ("_frozen_importlib_external", "importlib._bootstrap_external"),
];

/// The number that `.pyc` files start with.
pub fn magic() -> u32 {
    let fingerprint = marshal::FINGERPRINT;
    let low = (fingerprint ^ fingerprint >> 16 ^ fingerprint >> 32 ^ fingerprint >> 48) as u16;
    u32::from(low) | u32::from(b'\r') << 16 | u32::from(b'\n') << 24
}

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    let vm = &*vm;
    let policy = vm.sys_get("_xoptions").and_then(|x| x.cast::<Dict>());
    let policy = policy.and_then(|x| vm.dict_get_str(x, vm.intern("check_hash_based_pycs")));
    let policy = policy.filter(|p| p.as_str().is_some());
    let policy = policy.unwrap_or_else(|| vm.intern("default").value());
    vm.module_set(module, "check_hash_based_pycs", policy);
    vm.module_set(module, "pyc_magic_number_token", vm.int(i64::from(magic())));
    Ok(())
}

/// How often the import lock was taken.
#[derive(Default)]
struct Lock(u32);

fn acquire(vm: &mut Vm, _: Args) -> NativeResult {
    vm.with_extension(|lock: &mut Lock| lock.0 += 1);
    Ok(vm.none())
}

fn release(vm: &mut Vm, _: Args) -> NativeResult {
    let held = vm.with_extension(|lock: &mut Lock| {
        let held = lock.0 > 0;
        lock.0 = lock.0.saturating_sub(1);
        held
    });
    if !held {
        raise!(vm, RuntimeError, "not holding the import lock");
    }
    Ok(vm.none())
}

fn held(vm: &mut Vm, _: Args) -> NativeResult {
    let held = vm.with_extension(|lock: &mut Lock| lock.0 > 0);
    Ok(vm.ret(Value::from_bool(held)))
}

fn name(vm: &Vm, args: Args) -> Result<String, Raised> {
    Ok(vm.text_of(args.str(vm, 0)?.value()))
}

fn is_builtin(vm: &mut Vm, args: Args) -> NativeResult {
    let name = name(vm, args)?;
    // -1 is for modules that cannot be made again.
    let kind = match &*name {
        "sys" | "builtins" => -1,
        _ if vm.native_module_names().contains(&&*name) => 1,
        _ => 0,
    };
    Ok(vm.ret(Value::from_i32(kind)))
}

fn spec_text(vm: &mut Vm, spec: Local, attribute: &str) -> Result<String, Raised> {
    let text = vm.getattr_str(spec, attribute)?;
    match vm.value(text).as_str() {
        Some(text) => Ok(vm.str_text(text).into_owned()),
        None => Err(vm.type_error(format!("the spec's {attribute} must be a str"))),
    }
}

fn create_builtin(vm: &mut Vm, args: Args) -> NativeResult {
    let name = spec_text(vm, args.local(0), "name")?;
    let vm = &*vm;
    if matches!(&*name, "sys" | "builtins") {
        let module = vm.dict_get_str(vm.modules(), vm.intern(&name));
        let module = match (module, &*name) {
            (Some(module), _) => module,
            (None, "sys") => vm.sys_module(),
            (None, _) => raise!(vm, ImportError, "module builtins was removed"),
        };
        return Ok(vm.ret(module));
    }
    match vm.create_native_module(&name) {
        Some(module) => Ok(vm.ret(vm.get(module))),
        None => Ok(vm.none()),
    }
}

fn exec_builtin(vm: &mut Vm, args: Args) -> NativeResult {
    vm.exec_native_module(args.local(0))?;
    Ok(vm.ret(Value::from_i32(0)))
}

fn frozen(name: &str) -> Option<&'static str> {
    FROZEN.iter().find(|f| f.0 == name).map(|f| f.1)
}

fn is_frozen(vm: &mut Vm, args: Args) -> NativeResult {
    let is = frozen(&name(vm, args)?).is_some();
    Ok(vm.ret(Value::from_bool(is)))
}

fn is_frozen_package(vm: &mut Vm, args: Args) -> NativeResult {
    let name = name(vm, args)?;
    if frozen(&name).is_none() {
        return Err(no_frozen(vm, &name));
    }
    Ok(vm.ret(Value::FALSE))
}

fn no_frozen(vm: &Vm, name: &str) -> Raised {
    let raised = vm.raise(
        sidewinder_interpreter::builtins::ClassId::ImportError,
        format!("No such frozen object named {name}"),
    );
    let name = vm.str(name).value();
    sidewinder_interpreter::builtins::exceptions::set_import_error_name(vm, name);
    raised
}

fn find_frozen(vm: &mut Vm, args: Args) -> NativeResult {
    let original = frozen(&name(vm, args)?);
    let vm = &*vm;
    let Some(original) = original else { return Ok(vm.none()) };
    let items = [Value::NONE, Value::FALSE, vm.str(original).value()];
    Ok(vm.ret(vm.tuple(&items).value()))
}

fn frozen_object(vm: &mut Vm, args: Args) -> NativeResult {
    let name = name(vm, args)?;
    let Some(original) = frozen(&name) else { return Err(no_frozen(vm, &name)) };
    let unit = cache::frozen_unit(vm, original)?;
    let vm = &*vm;
    Ok(vm.ret(vm.code(unit).value()))
}

fn frozen_names(vm: &mut Vm, _: Args) -> NativeResult {
    let vm = &*vm;
    let names: Vec<Value<'_>> = FROZEN.iter().map(|f| vm.intern(f.0).value()).collect();
    Ok(vm.ret(vm.list(&names).value()))
}

fn ignored(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.none())
}

fn no_override(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(Value::from_i32(0)))
}

fn suffixes(vm: &mut Vm, _: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(vm.list(&[vm.str(".hpy0.so").value()]).value()))
}

fn create_dynamic(vm: &mut Vm, args: Args) -> NativeResult {
    let spec = args.local(0);
    let name = spec_text(vm, spec, "name")?;
    let file = spec_text(vm, spec, "origin")?;
    let module = vm.load_extension(&name, Path::new(&file), spec)?;
    Ok(vm.ret(vm.get(module)))
}

fn exec_dynamic(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(Value::from_i32(0)))
}

fn source_hash(vm: &mut Vm, args: Args) -> NativeResult {
    let key = vm.index_i64(args.local(0))?;
    let Some(source) = buffer(vm, args.get(vm, 1)) else {
        let given = vm.type_name(args.get(vm, 1));
        raise!(vm, TypeError, "a bytes-like object is required, not '{given}'");
    };
    let hash = marshal::checksum(&source) ^ (key as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let vm = &*vm;
    Ok(vm.ret(vm.bytes(&hash.to_le_bytes()).value()))
}
