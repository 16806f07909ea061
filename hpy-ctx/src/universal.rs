//! The Python side: module `hpy.universal`, and what the stubs that hpy.devel writes import.

use crate::load;
use crate::mode::Mode;
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::object::Module;
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm};

/// The modes by name and by number.
const MODES: [(&str, i32, Mode); 3] =
    [("universal", 0, Mode::Universal), ("debug", 1, Mode::Debug), ("trace", 2, Mode::Trace)];

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
    for (name, number, _) in MODES {
        let name = format!("MODE_{}", name.to_ascii_uppercase());
        vm.module_set(module, &name, Value::from_i32(number));
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

/// The modes that were asked for by a setting of the program that runs the VM.
#[derive(Default)]
struct Settings(Option<String>);

/// Sets in which mode extensions are loaded where the variable HPY does not say: `debug`, or
/// `module:debug,other:trace`.
pub fn set_mode(vm: &mut Vm, value: &str) {
    let value = value.to_owned();
    vm.with_extension(|settings: &mut Settings| settings.0 = Some(value));
}

/// The mode in which to load an extension, by the variable HPY or by the setting.
pub fn mode_from_settings(vm: &mut Vm, name: &str) -> Result<Mode, Raised> {
    let set = vm.with_extension(|settings: &mut Settings| settings.0.clone());
    match std::env::var("HPY").ok().or(set) {
        None => Ok(Mode::Universal),
        Some(value) => mode_named(vm, name, &value),
    }
}

fn mode_named(vm: &Vm, name: &str, value: &str) -> Result<Mode, Raised> {
    mode_of(name, value).ok_or_else(|| vm.value_error(format!("invalid HPy mode: {value:.50}")))
}

fn load_extension(vm: &mut Vm, args: Args) -> NativeResult {
    let (name, path) = (text(vm, args, 0)?, text(vm, args, 1)?);
    let mut mode = Mode::Universal;
    if args.opt(vm, 3).is_some() && vm.truth(args.local(3))? {
        mode = Mode::Debug;
    }
    if args.opt(vm, 4).is_some() {
        let given = vm.index_i64(args.local(4))?;
        if given > 0 {
            mode = match MODES.iter().find(|(_, number, _)| *number as i64 == given) {
                Some((_, _, mode)) => *mode,
                None => return Err(vm.value_error(format!("invalid HPy mode: {given}"))),
            };
        }
    }
    let full_name = match vm.getattr_opt(args.local(2), "name")? {
        Some(ret) => match vm.value(ret).as_str() {
            Some(s) => vm.str_text(s).into_owned(),
            None => name.clone(),
        },
        None => name.clone(),
    };
    let module = load::load(vm, &name, &path, args.local(2), false, mode)?;
    if vm.get(module).cast::<Module>().is_some() {
        vm.module_set(module, "__name__", vm.intern(&full_name).value());
    }
    Ok(vm.ret(vm.get(module)))
}

/// The mode that the variable HPY asks for: `MODE`, or `MODULE:MODE,MODULE:MODE` (other modules are
/// loaded as ever).
fn mode_of(name: &str, value: &str) -> Option<Mode> {
    let mode = |text: &str| {
        let found = MODES.iter().find(|(name, _, _)| name.eq_ignore_ascii_case(text));
        found.map(|(_, _, mode)| *mode)
    };
    if !value.contains(':') {
        return mode(value);
    }
    value
        .split(',')
        .filter_map(|part| part.split_once(':'))
        .find(|(module, _)| *module == name)
        .map_or(Some(Mode::Universal), |(_, text)| mode(text))
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
        None => mode_from_settings(vm, &name)?,
        Some(value) => {
            let value = vm.str_text_of(value)?;
            mode_named(vm, &name, &value)?
        }
    };
    if variable(vm, env, "HPY_LOG")?.is_some() {
        let how = match mode {
            Mode::Debug => " with a debug context",
            Mode::Trace => " with a trace context",
            Mode::Universal => "",
        };
        vm.write_stdout(&format!("Loading '{name:.200}' in HPy universal mode{how}\n"))?;
    }
    let spec = args.local(5);
    let module = load::load(vm, &name, &file, spec, false, mode)?;
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
