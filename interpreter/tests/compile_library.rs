//! Compiles the pure-Python library of the machine's Python and checks every unit's form.

use sidewinder_interpreter::bytecode::verify::verify;
use sidewinder_interpreter::compiler::{Mode, Options, compile};
use std::path::{Path, PathBuf};
use std::process::Command;

fn python_files(directory: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            python_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "py") {
            out.push(path);
        }
    }
}

#[test]
fn library_compiles_to_well_formed_units() {
    let where_is = "import os; print(os.path.dirname(os.__file__))";
    let Ok(output) = Command::new("python3").args(["-c", where_is]).output() else {
        eprintln!("no python3: skipped");
        return;
    };
    let directory = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let mut files = vec![];
    python_files(Path::new(&directory), &mut files);
    files.sort();
    let mut compiled = 0;
    let mut refused = vec![];
    for path in &files {
        let Ok(source) = std::fs::read_to_string(path) else { continue };
        match compile(&source, &path.to_string_lossy(), Mode::Exec, &Options::default()) {
            Ok(compiled_file) => {
                if let Err(problem) = verify(&compiled_file.unit) {
                    panic!("{}: {problem}", path.display());
                }
                compiled += 1;
            }
            Err(error) => refused.push(format!("{}: {error}", path.display())),
        }
    }
    eprintln!("compiled {compiled} of {} files", files.len());
    // Files that are wrong on purpose are test data.
    refused.retain(|line| !line.contains("/test/") && !line.contains("/lib2to3/tests/"));
    for line in &refused {
        eprintln!("{line}");
    }
    assert!(refused.is_empty(), "{} files were refused", refused.len());
}
