//! Packs the pure-Python library into one archive that the binary carries: each file compressed by
//! itself, found through an index that is a Rust static.

use flate2::{Compression, write::DeflateEncoder};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What of the library is left out: programs with windows, large data, other systems.
const LEFT_OUT: &[&str] = &[
    "__pycache__",
    "ensurepip/_bundled",
    "idlelib",
    "pydoc_data/topics.py",
    "test",
    "tkinter",
    "turtle.py",
    "turtledemo",
    "README.md",
];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=lib");
    let mut files = BTreeMap::new();
    let library = Path::new(rustpython_pylib::LIB_PATH);
    collect(library, library, &mut files);
    // Our own modules come last: they take the place of the library's.
    collect(Path::new("lib"), Path::new("lib"), &mut files);
    let (mut archive, mut index) = (Vec::new(), String::from("&[\n"));
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for (name, path) in files {
        let bytes = std::fs::read(&path).expect("a file of the library");
        for byte in name.bytes().chain(bytes.iter().copied()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
        let start = archive.len();
        let mut encoder = DeflateEncoder::new(archive, Compression::new(6));
        encoder.write_all(&bytes).expect("memory does not fail");
        archive = encoder.finish().expect("memory does not fail");
        let packed = archive.len() - start;
        let size = bytes.len();
        index += &format!(
            "    Entry {{ name: {name:?}, start: {start}, packed: {packed}, size: {size} }},\n"
        );
    }
    index += "]\n";
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("set by cargo"));
    std::fs::write(out.join("library.bin"), archive).expect("a writable directory");
    std::fs::write(out.join("library.rs"), index).expect("a writable directory");
    println!("cargo:rustc-env=SIDEWINDER_LIBRARY={hash:016x}");
}

fn collect(root: &Path, directory: &Path, files: &mut BTreeMap<String, PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("a directory of the library") {
        let path = entry.expect("an entry").path();
        let name = path.strip_prefix(root).expect("below the root").to_string_lossy();
        let base = path.file_name().unwrap_or_default().to_string_lossy();
        if LEFT_OUT.contains(&&*name) || LEFT_OUT.contains(&&*base) && path.is_dir() {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            files.insert(name.into_owned(), path);
        }
    }
}
