//! HPy's own extensions, built unmodified, behave on Sidewinder as on CPython.
//!
//! `tests/hpy/build.py` fetches HPy 0.9.0 and builds the extensions. Each `tests/hpy/check_*.py`
//! imports some of them and prints what they do; CPython with HPy's runtime prints what is expected.
//! Sidewinder then runs it with the very same files: through the `.py` stubs that hpy.devel writes,
//! straight from `NAME.hpy0.so`, and straight while the heap keeps moving.
//!
//! `SIDEWINDER_HPY=word` runs only checks whose name contains the word.
//! `SIDEWINDER_STRESS=N` changes how often the heap moves (every N safepoints).

mod common;

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(30);
const STRESS_LIMIT: Duration = Duration::from_secs(120);
const STRESS_EVERY: u32 = 20;
const LIBRARIES_TO_REFUSE: &str = "target/hpy/bad";

/// Build the extensions once; every test needs them.
fn fixtures() {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let built = Command::new("python3")
            .arg(common::root().join("tests/hpy/build.py"))
            .status()
            .expect("python3 builds the HPy extensions");
        assert!(built.success(), "tests/hpy/build.py failed; its output is above");
    });
}

fn cpython() -> PathBuf {
    common::root().join("target/hpy/venv/bin/python")
}

fn stress_options() -> [String; 2] {
    let every = std::env::var("SIDEWINDER_STRESS").ok().and_then(|n| n.parse().ok());
    ["-X".to_owned(), format!("gc=stress:{}", every.unwrap_or(STRESS_EVERY))]
}

struct Check {
    name: String,
    script: String,
    expected: String,
}

/// Every check, with what CPython prints for it.
fn checks() -> &'static [Check] {
    static CHECKS: OnceLock<Vec<Check>> = OnceLock::new();
    CHECKS.get_or_init(|| {
        fixtures();
        let wanted = std::env::var("SIDEWINDER_HPY").unwrap_or_default();
        let directory = common::root().join("tests/hpy");
        let mut names: Vec<String> = std::fs::read_dir(directory)
            .expect("tests/hpy is there")
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter_map(|file| Some(file.strip_suffix(".py")?.to_owned()))
            .filter(|name| name.starts_with("check_") && name.contains(&wanted))
            .collect();
        names.sort();
        names
            .into_iter()
            .map(|name| {
                let script = format!("tests/hpy/{name}.py");
                let got = common::run(
                    Command::new(cpython()).args([
                        "-W",
                        "ignore",
                        &script,
                        "target/hpy/ext",
                        LIBRARIES_TO_REFUSE,
                    ]),
                    LIMIT,
                );
                assert_eq!(
                    got.status,
                    Some(0),
                    "CPython fails {script}: {}\n{}",
                    got.ending,
                    got.err
                );
                Check { name, script, expected: got.out }
            })
            .collect()
    })
}

/// Run every check on Sidewinder in one mode and compare.
fn run_all(mode: &str, extensions: &str, options: &[String], limit: Duration) {
    let checks = checks();
    let _turn = common::ONE_AT_A_TIME.lock();
    let known = common::not_yet("tests/hpy/not-yet.txt");
    let results = common::parallel(checks, |check| {
        let got = common::run(
            Command::new(common::binary()).args(options).args([
                &check.script,
                extensions,
                LIBRARIES_TO_REFUSE,
            ]),
            limit,
        );
        let out = got.out.replace(extensions, "target/hpy/ext");
        let mut wrong: Vec<String> =
            common::difference("standard output", &check.expected, &out).into_iter().collect();
        if got.status != Some(0) {
            let status = got.status.map_or(got.ending, |s| s.to_string());
            wrong.push(format!("    exit status {status}\n{}", common::tail(&got.err, 12)));
        }
        wrong
    });
    let (mut passed, mut later, mut bad) = (0, 0, Vec::new());
    for (check, wrong) in checks.iter().zip(results) {
        let name = format!("{mode}/{}", check.name);
        match (wrong.is_empty(), known.get(&name)) {
            (true, None) => passed += 1,
            (true, Some(_)) => bad.push(format!("{name} (passes: remove it from not-yet.txt)")),
            (false, Some(reason)) => {
                later += 1;
                println!("not yet: {name} ({reason})");
            }
            (false, None) => {
                println!("FAILED: {name}\n{}", wrong.join("\n"));
                bad.push(name);
            }
        }
    }
    println!("HPy, {mode}: {passed} passed, {} failed, {later} not yet", bad.len());
    assert!(bad.is_empty(), "HPy, {mode}: {} of {}: {}", bad.len(), checks.len(), bad.join(", "));
}

#[test]
fn through_the_stubs() {
    run_all("stub", "target/hpy/ext", &[], LIMIT);
}

#[test]
fn straight_from_the_files() {
    run_all("bare", "target/hpy/bare", &[], LIMIT);
}

#[test]
fn while_the_heap_always_moves() {
    run_all("stress", "target/hpy/bare", &stress_options(), STRESS_LIMIT);
}

#[test]
fn the_microbenchmarks_run() {
    fixtures();
    let got = common::run(
        Command::new(common::binary()).args([
            "benches/hpy_micro.py",
            "target/hpy/src/microbench/test_microbench.py",
            "target/hpy/bare",
            "hpy_simple",
            "1000",
        ]),
        LIMIT,
    );
    assert_eq!(got.status, Some(0), "{}\n{}", got.ending, got.err);
    assert!(got.out.lines().count() >= 26, "{}", got.out);
}

/// The modes asked for by `HPY`, and what `HPY_LOG` prints, are as on CPython; `-X hpy` is as `HPY`.
#[test]
fn modes_are_chosen_from_outside() {
    fixtures();
    let script = "import sys; sys.path.insert(0, 'target/hpy/ext'); import pof, hpy_simple; \
                  print(pof.add_ints(1, 2), hpy_simple.noargs())";
    let run = |mut command: Command, options: &[&str], mode: &str| {
        command.args(options).args(["-c", script]).env("HPY_LOG", "1");
        if !mode.is_empty() {
            command.env("HPY", mode);
        }
        let got = common::run(&mut command, LIMIT);
        let last_error = got.err.lines().last().unwrap_or_default().to_owned();
        (got.status, got.out, last_error)
    };
    for mode in ["universal", "debug", "trace", "pof:debug,hpy_simple:trace", "nonsense", "pof:bad"]
    {
        let expected = run(Command::new(cpython()), &["-W", "ignore"], mode);
        assert_eq!(run(Command::new(common::binary()), &[], mode), expected, "HPY={mode}");
        let option = format!("hpy={mode}");
        let got = run(Command::new(common::binary()), &["-X", &option], "");
        assert_eq!(got, expected, "-X {option}");
    }
}

#[test]
fn debug_mode_says_where_the_leaked_handle_was_created() {
    fixtures();
    let got = common::run(
        Command::new(common::binary()).args([
            "-X",
            "hpy=debug",
            "examples/leak/leak_demo.py",
            "target/hpy/bare",
        ]),
        LIMIT,
    );
    assert_eq!(got.status, Some(0), "{}\n{}", got.ending, got.err);
    let source = std::fs::read_to_string(common::root().join("examples/leak/leak.c"));
    let source = source.expect("the example is there");
    let line = 1 + source.lines().take_while(|l| !l.contains("HPy_GetItem_i")).count();
    let place = format!("The handle created at leak.c:{line} was never closed.");
    assert!(got.out.contains("1 unclosed handle:"), "{}", got.out);
    assert!(got.out.contains("for 'three'>"), "{}", got.out);
    assert!(got.out.contains(&place), "{}", got.out);
}

/// HPy's own suite: the part of it that is quick; `tests/hpy/suite.py` runs all.
#[test]
fn some_of_hpys_own_suite() {
    fixtures();
    let mut suite = Command::new("python3");
    suite.env("SIDEWINDER_TEST_BINARY", common::binary()).arg("tests/hpy/suite.py");
    suite.args(["TestField", "test_hpyglobal", "test_tracker", "debug/", "test_contextvar"]);
    let got = common::run(&mut suite, Duration::from_secs(600));
    assert_eq!(got.status, Some(0), "{}\n{}\n{}", got.ending, got.out, got.err);
}

/// In debug mode it is reported; in universal mode it must do no harm.
#[test]
fn random_misuse_is_reported_or_harmless() {
    fixtures();
    for options in [["--mode", "debug"], ["--mode", "universal"]] {
        let mut fuzz = Command::new("python3");
        fuzz.env("SIDEWINDER_TEST_BINARY", common::binary());
        fuzz.args(["tests/hpy/fuzz.py", "--count", "60"]).args(options);
        let got = common::run(&mut fuzz, Duration::from_secs(300));
        assert_eq!(got.status, Some(0), "{}\n{}\n{}", got.ending, got.out, got.err);
    }
}

#[test]
fn the_moving_example_shows_objects_that_move() {
    fixtures();
    for options in [Vec::new(), stress_options().to_vec()] {
        let got = common::run(
            Command::new(common::binary())
                .args(options)
                .args(["examples/moving/moving_demo.py", "target/hpy/bare"]),
            LIMIT,
        );
        assert_eq!(got.status, Some(0), "{}\n{}", got.ending, got.err);
        assert!(got.out.contains("moved"), "{}", got.out);
        assert!(!got.out.contains("another object"), "{}", got.out);
    }
}
