//! The import system: importlib from the bundled library, and what it needs from Rust.
//!
//! - [`imp`]: module `_imp`. [`bundle`]: module `_bundle`, the library inside the binary as
//!   importlib's finder sees it. [`cache`]: its compiled code, kept between runs.

pub mod bundle;
pub mod cache;
pub mod imp;
pub mod marshal;

use sidewinder_interpreter::vm::import::Importer;
use sidewinder_interpreter::{Local, Raised, Vm};

/// Starts importlib.
struct Importlib;

impl Importer for Importlib {
    fn start(&self, vm: &mut Vm) -> Result<Local, Raised> {
        let bootstrap = frozen(vm, "_frozen_importlib", "importlib._bootstrap")?;
        let sys = vm.import_module("sys")?;
        let imp = vm.import_module("_imp")?;
        let _ = vm.call_method(bootstrap, "_install", &[sys, imp])?;
        Ok(bootstrap)
    }

    fn finish(&self, vm: &mut Vm, bootstrap: Local) -> Result<(), Raised> {
        let _ = vm.call_method(bootstrap, "_install_external_importers", &[])?;
        let unit = cache::frozen_unit(vm, "importlib._bundled")?;
        let module = vm.module_from_unit("importlib._bundled", unit)?;
        vm.add_module("importlib._bundled", vm.get(module));
        let _ = vm.call_method(module, "_install", &[])?;
        Ok(())
    }
}

/// A module of importlib itself, in `sys.modules` under the name `name`.
fn frozen(vm: &mut Vm, name: &str, original: &str) -> Result<Local, Raised> {
    let unit = cache::frozen_unit(vm, original)?;
    let module = vm.module_from_unit(name, unit)?;
    vm.module_set(module, "__origname__", vm.str(original).value());
    vm.add_module(name, vm.get(module));
    Ok(module)
}

/// Registers the modules and the import system.
pub fn install(vm: &mut Vm) {
    vm.register_module(&imp::IMP);
    vm.register_module(&bundle::BUNDLE);
    vm.register_module(&marshal::MARSHAL);
    vm.set_importer(Box::new(Importlib));
    vm.set_source_reader(source);
}

/// The text of a file of the bundled library.
fn source(filename: &str) -> Option<String> {
    let inside = filename.strip_prefix(&cache::root())?.strip_prefix('/')?;
    String::from_utf8(crate::library::find(inside)?.read()).ok()
}
