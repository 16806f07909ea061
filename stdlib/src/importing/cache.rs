//! Compiled code of the bundled library: compiled once, then read from a cache.
//!
//! The cache is a directory for each build and level of optimization, below `$XDG_CACHE_HOME` or
//! `~/.cache`. It may be deleted at any time. Where it cannot be written there is none.

use crate::library::{self, Entry};
use sidewinder_interpreter::bytecode::{CodeUnit, marshal};
use sidewinder_interpreter::compiler::Mode;
use sidewinder_interpreter::{Raised, Vm, raise};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The path that stands for the library: an entry of `sys.path`. It looks as if the binary were an
/// archive.
pub fn root() -> String {
    let program = std::env::current_exe().unwrap_or_else(|_| "/sidewinder".into());
    format!("{}/lib", program.display())
}

/// What the cache needs to know, found out once.
#[derive(Default)]
struct Place {
    directory: Option<Option<PathBuf>>,
}

fn directory(vm: &Vm) -> Option<PathBuf> {
    let optimize = vm.config.optimize;
    vm.with_extension(|place: &mut Place| {
        let directory = place.directory.get_or_insert_with(|| {
            let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache"));
            let caches = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
            let caches = caches.filter(|c| c.is_absolute()).or_else(home)?;
            let build = format!("{:016x}-{}", marshal::FINGERPRINT, library::FINGERPRINT);
            Some(caches.join("sidewinder").join(format!("{build}-{optimize}")))
        });
        directory.clone()
    })
}

/// The compiled code of a file of the library; `filename` is where it says it comes from.
pub fn unit(vm: &mut Vm, entry: &Entry, filename: &str) -> Result<Arc<CodeUnit>, Raised> {
    let cached = directory(vm).map(|d| d.join(entry.name.replace('/', "-")).with_extension("code"));
    if let Some(file) = &cached
        && let Ok(bytes) = std::fs::read(file)
        && let Some((unit, length)) = marshal::load(&bytes, Some(filename))
        && length == bytes.len()
    {
        return Ok(Arc::new(unit));
    }
    let source = entry.read();
    let source = vm.decode_source(&source, filename)?;
    let unit = vm.compile(&source, filename, Mode::Exec)?;
    if let Some(file) = cached {
        // A cache that cannot be written is none.
        let _ = write_atomically(&file, &marshal::dump(&unit));
    }
    Ok(unit)
}

/// The compiled code of one of importlib's own modules, which tracebacks leave out.
pub fn frozen_unit(vm: &mut Vm, name: &str) -> Result<Arc<CodeUnit>, Raised> {
    let Some((entry, _)) = library::module(name) else {
        raise!(vm, SystemError, "the bundled library has no module '{name}'");
    };
    unit(vm, entry, &format!("<frozen {name}>"))
}

/// Writes a file that others see whole or not at all.
fn write_atomically(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let directory = file.parent().unwrap_or(Path::new("/"));
    let temporary = file.with_extension(format!("{}.tmp", std::process::id()));
    if let Err(error) = std::fs::write(&temporary, bytes) {
        if error.kind() != std::io::ErrorKind::NotFound {
            return Err(error);
        }
        std::fs::create_dir_all(directory)?;
        std::fs::write(&temporary, bytes)?;
    }
    std::fs::rename(&temporary, file).inspect_err(|_| {
        let _ = std::fs::remove_file(&temporary);
    })
}
