//! Loading extensions: shared libraries that were built for the universal ABI.

use crate::abi::{HPyContextPtr, HPyModuleDef};
use crate::context::State;
use crate::elf;
use crate::mode::Mode;
use crate::module;
use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW, Symbol};
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::vm::import::Finder;
use sidewinder_interpreter::{Local, Raised, Vm};
use std::path::{Path, PathBuf};

/// The ABI that this is: version 0.0, in file names `hpy0`.
const MAJOR: u32 = 0;
const MINOR: u32 = 0;

fn runtime_error(vm: &Vm, text: String) -> Raised {
    vm.raise(ClassId::RuntimeError, text)
}

/// The last part of a module's name, as it is in symbols.
fn short_name(vm: &Vm, name: &str) -> Result<String, Raised> {
    let short = name.rsplit('.').next().unwrap_or(name);
    if !short.is_ascii() {
        return Err(vm.value_error(format!("the name of an HPy extension must be ASCII: '{name}'")));
    }
    Ok(short.replace('-', "_"))
}

/// What the system says went wrong.
fn system_says(error: libloading::Error) -> String {
    use libloading::Error;
    match error {
        Error::DlOpen { source } | Error::DlSym { source } => source.to_string(),
        other => other.to_string(),
    }
}

fn symbol<T>(library: &Library, name: &str) -> Result<Symbol<T>, String> {
    // SAFETY: the caller asks for functions by the names and types that HPy prescribes.
    unsafe { library.get(name.as_bytes()) }.map_err(system_says)
}

/// The major version in a file name: the digits after `.hpy`.
fn abi_tag(path: &str) -> Option<u32> {
    let rest = &path[path.find(".hpy")? + 4..];
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    rest[..digits].parse().ok()
}

/// Loads the library at `path` and makes and runs its module. With `register`, the module is in
/// `sys.modules` while it runs (and afterwards, if that went well).
pub fn load(
    vm: &mut Vm,
    full_name: &str,
    path: &str,
    spec: Local,
    register: bool,
    mode: Mode,
) -> Result<Local, Raised> {
    let short = short_name(vm, full_name)?;
    let (definition, context) = open(vm, &short, path)?;
    let state = State::of(vm);
    // SAFETY: the state lives as long as the VM.
    let state = unsafe { &*state };
    // SAFETY: the extension's own function, which keeps the pointer for trampolines that only
    // CPython uses.
    unsafe { context(state.context()) };
    // SAFETY: the extension's own function.
    let def = unsafe { definition() };
    if def.is_null() {
        return Err(runtime_error(
            vm,
            format!(
                "Error during loading of the HPy extension module at path '{path}'. Function \
                 'HPyInit_{short}' returned NULL."
            ),
        ));
    }
    // SAFETY: what HPyInit returned is the module's definition; libraries stay loaded.
    let new = unsafe { module::create(vm, state, mode, def, full_name, spec) }?;
    if module::global(vm, new.module, "__name__").is_some() {
        vm.module_set(new.module, "__file__", vm.str(path).value());
    }
    if register {
        let package = full_name.rsplit_once('.').map_or("", |p| p.0);
        if module::global(vm, new.module, "__name__").is_some() {
            vm.module_set(new.module, "__package__", vm.intern(package).value());
        }
        vm.add_module(full_name, vm.get(new.module));
    }
    if let Err(raised) = module::execute(vm, state, &new) {
        if register {
            vm.dict_del_str(vm.modules(), vm.intern(full_name));
        }
        return Err(raised);
    }
    Ok(new.module)
}

type Definition = unsafe extern "C" fn() -> *const HPyModuleDef;
type SetContext = unsafe extern "C" fn(HPyContextPtr);
type Version = unsafe extern "C" fn() -> u32;

fn open_library(file: &Path) -> Result<Library, String> {
    if elf::is_truncated(file).unwrap_or(false) {
        return Err(format!("{}: file too short", file.display()));
    }
    // SAFETY: loading runs the library's initialisers: that is what an extension is for.
    unsafe { Library::open(Some(file), RTLD_NOW | RTLD_LOCAL) }.map_err(system_says)
}

/// Opens the library and finds its functions, after checking that it fits.
fn open(
    vm: &Vm,
    short: &str,
    path: &str,
) -> Result<(Symbol<Definition>, Symbol<SetContext>), Raised> {
    // A name without a slash would be looked for among the system's libraries.
    let file = if path.contains('/') { PathBuf::from(path) } else { Path::new(".").join(path) };
    let library = open_library(&file).map_err(|says| {
        runtime_error(
            vm,
            format!(
                "Error during loading of the HPy extension module at path '{path}'. Error message \
                 from dlopen/WinAPI: {says}"
            ),
        )
    })?;
    let (minor_name, major_name) = (
        format!("get_required_hpy_minor_version_{short}"),
        format!("get_required_hpy_major_version_{short}"),
    );
    let minor = symbol::<Version>(&library, &minor_name);
    let major = symbol::<Version>(&library, &major_name);
    let (minor, major) = match (minor, major) {
        (Ok(minor), Ok(major)) => (minor, major),
        (_, Err(says)) | (Err(says), _) => {
            return Err(runtime_error(
                vm,
                format!(
                    "Error during loading of the HPy extension module at path '{path}'. Cannot \
                     locate the required minimal HPy versions as symbols '{minor_name}' and \
                     `{major_name}`. Error message from dlopen/WinAPI: {says}"
                ),
            ));
        }
    };
    // SAFETY: the extension's own functions.
    let (minor, major) = unsafe { (minor(), major()) };
    if major != MAJOR || minor > MINOR {
        return Err(runtime_error(
            vm,
            format!(
                "HPy extension module '{short}' requires unsupported version of the HPy runtime. \
                 Requested version: {major}.{minor}. Current HPy version: {MAJOR}.{MINOR}."
            ),
        ));
    }
    match abi_tag(path) {
        Some(tag) if tag == major => {}
        Some(tag) => {
            return Err(runtime_error(
                vm,
                format!(
                    "HPy extension module '{short}' at path '{path}': mismatch between the HPy \
                     ABI tag encoded in the filename and the major version requested by the HPy \
                     extension itself. Major version tag parsed from filename: {tag}. Requested \
                     version: {major}.{minor}."
                ),
            ));
        }
        None => {
            return Err(runtime_error(
                vm,
                format!(
                    "HPy extension module '{short}' at path '{path}': could not find HPy ABI tag \
                     encoded in the filename. The extension claims to be compiled with HPy ABI \
                     version: {major}.{minor}."
                ),
            ));
        }
    }
    let missing = |name: &str, says: String| {
        runtime_error(
            vm,
            format!(
                "Error during loading of the HPy extension module at path '{path}' while trying \
                 to find symbol '{name}'. Did you usethe HPy_MODINIT macro to register your \
                 module? Error message from dlsym/WinAPI: {says}"
            ),
        )
    };
    let name = format!("HPyInitGlobalContext_{short}");
    let context = symbol(&library, &name).map_err(|says| missing(&name, says))?;
    let name = format!("HPyInit_{short}");
    let definition = symbol(&library, &name).map_err(|says| missing(&name, says))?;
    // Functions of the library are in use for as long as the process runs.
    std::mem::forget(library);
    Ok((definition, context))
}

/// Loads `NAME.hpy0.so` files for importlib, and carries what the stubs of hpy.devel import.
pub struct ExtensionFinder;

impl Finder for ExtensionFinder {
    fn load_file(
        &self,
        vm: &mut Vm,
        full_name: &str,
        file: &Path,
        spec: Local,
    ) -> Result<Local, Raised> {
        let name = full_name.rsplit('.').next().unwrap_or(full_name);
        let mode = crate::universal::mode_from_settings(vm, name)?;
        load(vm, full_name, &file.to_string_lossy(), spec, true, mode)
    }

    fn load_bundled(&self, vm: &mut Vm, full_name: &str) -> Result<Option<Local>, Raised> {
        crate::universal::bundled(vm, full_name)
    }

    fn bundled_names(&self) -> &'static [&'static str] {
        &["hpy", "pkg_resources"]
    }
}
