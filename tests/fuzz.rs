//! A fixed, small piece of what `tests/fuzz/run.py` does without end: mutated language scripts, the same while the
//! scripts are, and odd calls. No panic, no abort, no program that Ctrl-C does not end.

mod common;

use std::process::Command;
use std::time::Duration;

fn fuzz(count: u32, kinds: &[&str]) {
    let mut fuzz = Command::new("python3");
    fuzz.args(["tests/fuzz/run.py", "--count", &count.to_string(), "--binary"])
        .arg(common::binary())
        .args(kinds);
    let got = common::run(&mut fuzz, Duration::from_secs(300));
    assert_eq!(got.status, Some(0), "{}{}", got.out, common::tail(&got.err, 20));
    assert!(got.out.ends_with(&format!("{count} programs, 0 findings\n")), "{}", got.out);
}

#[test]
fn mutated_programs() {
    fuzz(300, &["bytes", "tokens"]);
}

#[test]
fn odd_calls() {
    fuzz(20, &["calls"]);
}
