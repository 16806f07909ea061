//! The module `sys`.
//!
//! - [`info`]: the constants that describe the interpreter. [`streams`]: stdin, stdout, stderr.
//! - [`hooks`]: how values and exceptions are shown. [`functions`]: the rest.

pub mod async_hooks;
pub mod functions;
pub mod hooks;
pub mod info;
pub mod monitoring;
pub mod streams;
mod tracing;

use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Local, Raised, Value, Vm};

/// What the command line decides about `sys`.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `sys.argv`
    pub argv: Vec<String>,
    /// `sys.orig_argv`
    pub orig_argv: Vec<String>,
    /// `sys.path`
    pub path: Vec<String>,
    /// `sys.executable`
    pub executable: String,
    /// `sys.flags`, by name.
    pub flags: Flags,
    /// `sys.warnoptions`
    pub warn_options: Vec<String>,
    /// `sys._xoptions`: names with a value, or `None` for True.
    pub x_options: Vec<(String, Option<String>)>,
}

/// `sys.flags`
#[derive(Clone, Copy, Debug, Default)]
#[allow(missing_docs, reason = "the names are Python's")]
pub struct Flags {
    pub debug: i32,
    pub inspect: i32,
    pub interactive: i32,
    pub optimize: i32,
    pub dont_write_bytecode: i32,
    pub no_user_site: i32,
    pub no_site: i32,
    pub ignore_environment: i32,
    pub verbose: i32,
    pub bytes_warning: i32,
    pub quiet: i32,
    pub hash_randomization: i32,
    pub isolated: i32,
    pub dev_mode: bool,
    pub safe_path: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            argv: vec![String::new()],
            orig_argv: Vec::new(),
            path: Vec::new(),
            executable: String::new(),
            flags: Flags { hash_randomization: 1, ..Default::default() },
            warn_options: Vec::new(),
            x_options: Vec::new(),
        }
    }
}

/// The declaration.
pub static SYS: ModuleDef = ModuleDef {
    name: "sys",
    doc: "The interpreter itself: its settings, streams, modules and hooks.",
    functions: functions::FUNCTIONS,
    types: &[],
    exec: Some(exec),
};

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    vm.set_sys(module);
    info::fill(vm, module);
    streams::fill(vm, module);
    hooks::fill(vm, module);
    tracing::fill(vm, module);
    let vm = &*vm;
    vm.module_set(module, "modules", vm.modules().value());
    Ok(())
}

/// Makes the module, and fills in what the command line says.
pub fn install(vm: &mut Vm) {
    vm.register_module(&SYS);
    if let Err(raised) = vm.import_module("sys").map(|_| ()) {
        // Making the module runs no Python code; only a full heap can fail here.
        let error = vm.take_exception(raised);
        let text = vm.format_exception(error);
        vm.write_stderr(&text);
    }
    configure(vm, &Settings::default());
}

/// Sets `sys.argv` and the like.
pub fn configure(vm: &Vm, settings: &Settings) {
    let list = |items: &[String]| {
        let items: Vec<Value<'_>> = items.iter().map(|s| vm.str(s).value()).collect();
        vm.list(&items).value()
    };
    module_names(vm);
    vm.sys_set("argv", list(&settings.argv));
    vm.sys_set("orig_argv", list(&settings.orig_argv));
    let first = settings.path.first().filter(|_| !settings.flags.safe_path);
    vm.set_program_directory(first.cloned());
    let root = crate::importing::cache::root();
    let mut path = settings.path.clone();
    path.push(root.clone());
    vm.sys_set("path", list(&path));
    vm.sys_set("_stdlib_dir", vm.str(&root).value());
    vm.sys_set("warnoptions", list(&settings.warn_options));
    vm.sys_set("executable", vm.str(&settings.executable).value());
    vm.sys_set("_base_executable", vm.str(&settings.executable).value());
    let prefix = std::path::Path::new(&settings.executable)
        .parent()
        .and_then(|bin| bin.parent())
        .map_or_else(|| "/usr".into(), |p| p.to_string_lossy().into_owned());
    for name in ["prefix", "exec_prefix", "base_prefix", "base_exec_prefix"] {
        vm.sys_set(name, vm.str(&prefix).value());
    }
    let options = vm.dict();
    for (name, value) in &settings.x_options {
        let value = value.as_ref().map_or(Value::TRUE, |v| vm.str(v).value());
        vm.dict_set_str(options, vm.intern(name), value);
    }
    vm.sys_set("_xoptions", options.value());
    let quiet = Value::from_bool(settings.flags.dont_write_bytecode != 0);
    vm.sys_set("dont_write_bytecode", quiet);
    vm.sys_set("flags", info::flags(vm, &settings.flags));
}

/// Modules of the standard library that are neither written in Rust nor in the bundle: programs
/// with windows, other systems' modules.
const ELSEWHERE: &[&str] = &[
    "_tkinter",
    "antigravity",
    "curses",
    "ctypes",
    "idlelib",
    "msvcrt",
    "nt",
    "readline",
    "sqlite3",
    "tkinter",
    "turtle",
    "turtledemo",
    "winreg",
    "winsound",
];

/// `sys.builtin_module_names` and `sys.stdlib_module_names`
fn module_names(vm: &Vm) {
    let mut names = vm.native_module_names();
    names.push("builtins");
    names.sort_unstable();
    let values = |names: &[&str]| -> Vec<Local> {
        names.iter().map(|n| vm.root(vm.intern(n).value())).collect()
    };
    let tuple = |names: &[Local]| -> Vec<Value<'_>> { names.iter().map(|n| vm.get(*n)).collect() };
    let builtin = values(&names);
    vm.sys_set("builtin_module_names", vm.tuple(&tuple(&builtin)).value());
    let library = crate::library::with_prefix("").filter_map(|entry| {
        let name = entry.name.split('/').next()?;
        let name = name.strip_suffix(".py").unwrap_or(name);
        (!name.contains('.')).then_some(name)
    });
    let mut all: Vec<&str> =
        names.into_iter().chain(library).chain(ELSEWHERE.iter().copied()).collect();
    all.retain(|n| !n.contains('.'));
    // The files of a package follow each other; what is left twice, the set takes once.
    all.dedup();
    let all: Vec<Value<'_>> = all.iter().map(|n| vm.intern(n).value()).collect();
    vm.sys_set("stdlib_module_names", vm.frozenset_of_constants(&all));
}
