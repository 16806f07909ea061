//! Packages from PyPI, as pip installs them: a piece of work with each, with the output of the machine's `python3`.
//!
//! They are fetched once into `target/packages`; without a network the test says so and passes.

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const PACKAGES: &[&str] = &[
    "attrs==25.3.0",
    "sortedcontainers==2.4.0",
    "more-itertools==10.7.0",
    "pyparsing==3.2.3",
    "sympy==1.14.0",
];

/// Where the packages are, if they can be had.
fn packages() -> Option<PathBuf> {
    let place = common::root().join("target/packages");
    let done = place.join("complete");
    if std::fs::read_to_string(&done).is_ok_and(|list| list == PACKAGES.join(" ")) {
        return Some(place);
    }
    let installed = Command::new("python3")
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade"])
        .arg("--target")
        .arg(&place)
        .args(PACKAGES)
        .stdin(Stdio::null())
        .status();
    if !installed.is_ok_and(|status| status.success()) {
        return None;
    }
    std::fs::write(&done, PACKAGES.join(" ")).expect("target can be written");
    Some(place)
}

fn run(interpreter: &Path, script: &Path, packages: &Path) -> Output {
    Command::new(interpreter)
        .arg(script)
        .env("PYTHONPATH", packages)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("the interpreter starts")
}

#[test]
fn packages_work_as_they_do_on_cpython() {
    let Some(place) = packages() else {
        eprintln!("skipped: the packages cannot be fetched here");
        return;
    };
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(common::root().join("tests/packages")).expect("scripts") {
        let script = entry.expect("a script").path();
        let expected = run(Path::new("python3"), &script, &place);
        assert!(expected.status.success(), "{}", String::from_utf8_lossy(&expected.stderr));
        let got = run(&common::binary(), &script, &place);
        if got.stdout != expected.stdout || !got.status.success() {
            wrong.push(format!(
                "{}:\n{}{}",
                script.display(),
                String::from_utf8_lossy(&got.stdout),
                String::from_utf8_lossy(&got.stderr)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
