//! The Python side: module `hpy.universal`, and what the stubs that hpy.devel writes import.

use crate::load;
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::object::Module;
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm};

const MODE_UNIVERSAL: i32 = 0;
const MODE_DEBUG: i32 = 1;
const MODE_TRACE: i32 = 2;

/// `hpy.universal`
pub static UNIVERSAL: ModuleDef = ModuleDef {
    name: "hpy.universal",
    doc: "HPy's universal ABI, built in",
    functions: &[
        NativeDef::function(
            "load(name, path, spec, debug=False, mode=-1)",
            load_extension,
            "Load an extension built for the universal ABI.",
        ),
        NativeDef::function(
            "_load_bootstrap(name, ext_name, package, file, loader, spec, env)",
            load_bootstrap,
            "For the stubs next to extensions: load in the mode that the variable HPY asks for.",
        ),
        NativeDef::function("_environ()", environ, "The environment, as a dict."),
        NativeDef::function(
            "get_version()",
            get_version,
            "The version and revision of HPy that this is.",
        ),
    ],
    types: &[],
    exec: Some(exec),
};

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    let modes = [
        ("MODE_UNIVERSAL", MODE_UNIVERSAL),
        ("MODE_DEBUG", MODE_DEBUG),
        ("MODE_TRACE", MODE_TRACE),
    ];
    for (name, mode) in modes {
        vm.module_set(module, name, Value::from_i32(mode));
    }
    for (name, full_name) in
        [("_debug", "hpy.universal._debug"), ("_trace", "hpy.universal._trace")]
    {
        if let Some(part) = vm.make_native_module(full_name)? {
            vm.module_set(module, name, vm.get(part));
        }
    }
    Ok(())
}

fn text(vm: &mut Vm, args: Args, i: usize) -> Result<String, Raised> {
    let s = args.str(vm, i)?;
    Ok(vm.str_text(s).into_owned())
}

fn check_mode(vm: &Vm, mode: i32) -> Result<(), Raised> {
    match mode {
        MODE_DEBUG => {
            Err(vm.raise(ClassId::NotImplementedError, "HPy's debug mode is not there yet"))
        }
        MODE_TRACE => {
            Err(vm.raise(ClassId::NotImplementedError, "HPy's trace mode is not there yet"))
        }
        _ => Ok(()),
    }
}

fn load_extension(vm: &mut Vm, args: Args) -> NativeResult {
    let (name, path) = (text(vm, args, 0)?, text(vm, args, 1)?);
    let mut mode = MODE_UNIVERSAL;
    if args.opt(vm, 3).is_some() && vm.truth(args.local(3))? {
        mode = MODE_DEBUG;
    }
    if args.opt(vm, 4).is_some() {
        let given = vm.index_i64(args.local(4))?;
        if given > 0 {
            mode = given as i32;
        }
    }
    check_mode(vm, mode)?;
    let full_name = match vm.getattr_opt(args.local(2), "name")? {
        Some(ret) => match vm.value(ret).as_str() {
            Some(s) => vm.str_text(s).into_owned(),
            None => name.clone(),
        },
        None => name.clone(),
    };
    let module = load::load(vm, &name, &path, args.local(2), false)?;
    if vm.get(module).cast::<Module>().is_some() {
        vm.module_set(module, "__name__", vm.intern(&full_name).value());
    }
    Ok(vm.ret(vm.get(module)))
}

/// The mode that the variable HPY asks for: `MODE`, or `MODULE:MODE,MODULE:MODE`.
fn mode_of(name: &str, value: &str) -> Option<i32> {
    let mode = |text: &str| {
        [("universal", MODE_UNIVERSAL), ("debug", MODE_DEBUG), ("trace", MODE_TRACE)]
            .iter()
            .find(|(name, _)| !text.is_empty() && name.eq_ignore_ascii_case(text))
            .map(|(_, mode)| *mode)
    };
    if !value.contains(':') {
        return mode(value);
    }
    value
        .split(',')
        .filter_map(|part| part.split_once(':'))
        .find(|(module, _)| *module == name)
        .and_then(|(_, text)| mode(text))
}

/// An entry of the environment, or `None`.
fn variable(vm: &mut Vm, env: Local, key: &str) -> Result<Option<Local>, Raised> {
    let key = vm.root(vm.str(key).value());
    match vm.getitem(env, key) {
        Ok(ret) => Ok(Some(vm.hold(ret))),
        Err(raised) => vm.catch(raised, ClassId::KeyError).map(|()| None),
    }
}

fn load_bootstrap(vm: &mut Vm, args: Args) -> NativeResult {
    let (name, file) = (text(vm, args, 0)?, text(vm, args, 3)?);
    let env = args.local(6);
    let mode = match variable(vm, env, "HPY")? {
        None => MODE_UNIVERSAL,
        Some(value) => {
            let value = vm.str_text_of(value)?;
            match mode_of(&name, &value) {
                Some(mode) => mode,
                None => return Err(vm.value_error(format!("invalid HPy mode: {value:.50}"))),
            }
        }
    };
    if variable(vm, env, "HPY_LOG")?.is_some() {
        let how = match mode {
            MODE_DEBUG => " with a debug context",
            MODE_TRACE => " with a trace context",
            _ => "",
        };
        vm.write_stdout(&format!("Loading '{name:.200}' in HPy universal mode{how}\n"))?;
    }
    check_mode(vm, mode)?;
    let spec = args.local(5);
    let module = load::load(vm, &name, &file, spec, false)?;
    let set = |vm: &mut Vm, target: Local, name: &str, value: Local| {
        let name = vm.root(vm.intern(name).value());
        vm.setattr(target, name, value)
    };
    for (name, i) in [("__file__", 3), ("__loader__", 4), ("__name__", 1), ("__package__", 2)] {
        set(vm, module, name, args.local(i))?;
    }
    if !vm.get(spec).is_none() {
        set(vm, spec, "origin", args.local(3))?;
    }
    set(vm, module, "__spec__", spec)?;
    Ok(vm.ret(vm.get(module)))
}

fn get_version(vm: &mut Vm, _: Args) -> NativeResult {
    let vm = &*vm;
    let version = vm.tuple(&[vm.str("0.9.0").value(), vm.str("f611473").value()]);
    Ok(vm.ret(version.value()))
}

fn environ(vm: &mut Vm, _: Args) -> NativeResult {
    let vm = &*vm;
    let dict = vm.dict();
    for (key, value) in std::env::vars_os() {
        let value = vm.str(&value.to_string_lossy()).value();
        vm.dict_set_str(dict, vm.str(&key.to_string_lossy()), value);
    }
    Ok(vm.ret(dict.value()))
}

/// Stands in for setuptools' module, of which the stubs want one function.
const PKG_RESOURCES: &str = "\
def resource_filename(package_or_requirement, resource_name):
    import sys
    file = sys.modules[package_or_requirement].__file__
    directory, slash, _ = file.rpartition('/')
    return directory + slash + resource_name
";

/// Modules that are there when nothing of that name is on `sys.path`: the package `hpy` (which only
/// holds `hpy.universal` then), and what the stubs import besides.
pub fn bundled(vm: &mut Vm, full_name: &str) -> Result<Option<Local>, Raised> {
    match full_name {
        "hpy" => {
            let vm = &*vm;
            let module = vm.new_module("hpy", vm.dict());
            let module = vm.root(module.value());
            vm.module_set(module, "__path__", vm.list(&[]).value());
            Ok(Some(module))
        }
        "pkg_resources" => {
            vm.module_from_source(full_name, PKG_RESOURCES, "<pkg_resources>").map(Some)
        }
        _ => Ok(None),
    }
}
