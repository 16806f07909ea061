//! Files of CPython's own test package, by `tests/cpython/run.py`; see docs/testing.md.

mod common;

use std::process::Command;

fn run(arguments: &[&str]) {
    let status = Command::new("python3")
        .arg(common::root().join("tests/cpython/run.py"))
        .arg("--binary")
        .arg(common::binary())
        .args(arguments)
        .status()
        .expect("python3 starts");
    assert!(
        status.success(),
        "a test failed that known.txt does not name, or one that it names passed"
    );
}

#[test]
fn files_of_cpython_pass() {
    run(&["--ci"]);
}

#[test]
fn files_of_cpython_pass_on_a_heap_that_always_moves() {
    run(&["--ci", "--stress"]);
}
