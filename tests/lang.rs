//! The language tests: every script of `tests/lang` prints what CPython 3.14 recorded for it.
//!
//! `NAME.out` is the expected standard output. Scripts in `tests/lang/errors` also have
//! `NAME.err`: the exit status, then the standard error. `tests/lang/record.py` writes both.
//! `tests/lang/not-yet.txt` names scripts that are known to fail; one that passes must leave it.
//!
//! `SIDEWINDER_LANG=word` runs only scripts whose name contains the word.
//! `SIDEWINDER_STRESS=N` changes how often the stress test moves the heap (every N safepoints).

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(20);
const STRESS_LIMIT: Duration = Duration::from_secs(60);
const STRESS_EVERY: u32 = 50;

/// Too much work for a collection at every turn; `module_gc` collects on its own.
const TOO_HEAVY_FOR_STRESS: &[&str] = &["module_gc", "recursion", "int_text"];

struct Script {
    name: String,
    path: PathBuf,
}

fn scripts() -> Vec<Script> {
    let base = common::root().join("tests/lang");
    let wanted = std::env::var("SIDEWINDER_LANG").unwrap_or_default();
    let mut found = Vec::new();
    for (prefix, directory) in [("", base.clone()), ("errors/", base.join("errors"))] {
        for entry in std::fs::read_dir(&directory).expect("tests/lang is there") {
            let path = entry.expect("a readable directory").path();
            if path.extension().is_some_and(|e| e == "py") && path.with_extension("out").exists() {
                let stem = path.file_stem().expect("a name").to_string_lossy();
                found.push(Script { name: format!("{prefix}{stem}"), path });
            }
        }
    }
    found.retain(|script| script.name.contains(&wanted));
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn not_yet() -> BTreeMap<String, String> {
    common::not_yet("tests/lang/not-yet.txt")
}

fn expected(path: &Path, extension: &str) -> Option<String> {
    std::fs::read_to_string(path.with_extension(extension)).ok().map(|t| common::normalise(&t))
}

/// Run one script; what is wrong with its result, or `None`.
fn check(script: &Script, options: &[String], limit: Duration) -> Option<String> {
    let relative = script.path.strip_prefix(common::root()).expect("scripts are in the repository");
    let got = common::run(Command::new(common::binary()).args(options).arg(relative), limit);
    let mut wrong = Vec::new();
    if let Some(out) = expected(&script.path, "out") {
        wrong.extend(common::difference("standard output", &out, &got.out));
    }
    let status = got.status.map_or(got.ending.clone(), |s| s.to_string());
    match expected(&script.path, "err") {
        Some(err) => {
            let all = format!("exit status {status}\n{}", got.err);
            wrong.extend(common::difference("standard error", &err, &all));
        }
        None => {
            if got.status != Some(0) || !got.err.is_empty() {
                wrong.push(format!("    exit status {status}\n{}", common::tail(&got.err, 8)));
            }
        }
    }
    if wrong.is_empty() { None } else { Some(wrong.join("\n")) }
}

/// Run scripts, print a line for each, and fail with a summary.
fn run_all(
    title: &str,
    scripts: &[Script],
    options: &[String],
    limit: Duration,
    report_passes: bool,
) {
    let known = not_yet();
    let results = common::parallel(scripts, |script| check(script, options, limit));
    let (mut passed, mut known_failures, mut bad) = (0, 0, Vec::new());
    for (script, result) in scripts.iter().zip(results) {
        match (result, known.get(&script.name)) {
            (None, None) => passed += 1,
            (Some(_), Some(reason)) => {
                known_failures += 1;
                println!("not yet: {} ({reason})", script.name);
            }
            (Some(wrong), None) => {
                println!("FAILED: {}\n{wrong}", script.name);
                bad.push(script.name.clone());
            }
            (None, Some(_)) if report_passes => {
                println!("PASSED, but is listed in tests/lang/not-yet.txt: {}", script.name);
                bad.push(format!("{} (passes: remove it from not-yet.txt)", script.name));
            }
            (None, Some(_)) => passed += 1,
        }
    }
    println!("{title}: {passed} passed, {} failed, {known_failures} not yet", bad.len());
    assert!(bad.is_empty(), "{title}: {} of {}: {}", bad.len(), scripts.len(), bad.join(", "));
}

#[test]
fn scripts_print_what_cpython_prints() {
    let _turn = common::ONE_AT_A_TIME.lock();
    run_all("language", &scripts(), &[], LIMIT, true);
}

#[test]
fn scripts_survive_a_heap_that_always_moves() {
    let _turn = common::ONE_AT_A_TIME.lock();
    let every = std::env::var("SIDEWINDER_STRESS").ok().and_then(|n| n.parse().ok());
    let options = ["-X".to_owned(), format!("gc=stress:{}", every.unwrap_or(STRESS_EVERY))];
    let known = not_yet();
    let mut chosen = scripts();
    chosen.retain(|script| {
        !TOO_HEAVY_FOR_STRESS.contains(&script.name.as_str()) && !known.contains_key(&script.name)
    });
    run_all("language under stress", &chosen, &options, STRESS_LIMIT, false);
}

#[test]
fn not_yet_names_scripts_that_exist() {
    if std::env::var_os("SIDEWINDER_LANG").is_some() {
        return;
    }
    let names: Vec<String> = scripts().into_iter().map(|script| script.name).collect();
    for name in not_yet().into_keys() {
        assert!(names.contains(&name), "tests/lang/not-yet.txt: there is no script {name}");
    }
}
