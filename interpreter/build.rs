//! Gives compiled code a fingerprint: it changes with the sources of bytecode and compiler, so that
//! caches written by another version are not read.

use std::path::{Path, PathBuf};

fn main() {
    let mut files = Vec::new();
    for directory in ["src/bytecode", "src/compiler"] {
        println!("cargo:rerun-if-changed={directory}");
        collect(Path::new(directory), &mut files);
    }
    files.push("Cargo.toml".into());
    files.sort();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for file in files {
        println!("cargo:rerun-if-changed={}", file.display());
        for byte in std::fs::read(&file).expect("a source file") {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
    println!("cargo:rustc-env=SIDEWINDER_BYTECODE={hash:016x}");
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("a source directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}
