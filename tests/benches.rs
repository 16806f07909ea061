//! The benchmark programs compute the same on Sidewinder and on the machine's CPython.
//! Small sizes: this tests results, `benches/compare.py` measures.

mod common;

use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);

const BENCHES: &[(&str, &str)] = &[
    ("gcbench", "6"),
    ("fib", "18"),
    ("nbody", "500"),
    ("fannkuch", "6"),
    ("spectral_norm", "20"),
    ("richards", "1"),
    ("deltablue", "1"),
    ("strdict", "1"),
    ("exceptions", "500"),
    ("generators", "1"),
    ("methods", "500"),
];

fn checksum(text: &str) -> Option<&str> {
    text.lines().find(|line| line.starts_with("checksum:"))
}

#[test]
fn checksums_agree_with_cpython() {
    let results = common::parallel(BENCHES, |(name, size)| {
        let script = format!("benches/{name}.py");
        let expected = common::run(Command::new("python3").args([script.as_str(), size]), LIMIT);
        assert_eq!(expected.status, Some(0), "{name} under python3: {}", expected.err);
        let got = common::run(Command::new(common::binary()).args([script.as_str(), size]), LIMIT);
        if got.status != Some(0) {
            return Some(format!("{name}: {}\n{}", got.ending, common::tail(&got.err, 8)));
        }
        let (want, have) = (checksum(&expected.out), checksum(&got.out));
        if want == have {
            None
        } else {
            Some(format!("{name}: {have:?}, CPython computes {want:?}"))
        }
    });
    let wrong: Vec<String> = results.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
