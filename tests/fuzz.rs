//! A fixed, small piece of what `tests/fuzz/run.py` does without end: mutated language scripts, the same while the
//! scripts are. No panic, no abort, no program that Ctrl-C does not end.

mod common;

use std::process::Command;
use std::time::Duration;

#[test]
fn a_fixed_set_of_programs() {
    let mut fuzz = Command::new("python3");
    fuzz.args(["tests/fuzz/run.py", "--count", "300", "bytes", "tokens"])
        .arg("--binary")
        .arg(common::binary());
    let got = common::run(&mut fuzz, Duration::from_secs(300));
    assert_eq!(got.status, Some(0), "{}{}", got.out, common::tail(&got.err, 20));
    assert!(got.out.ends_with("300 programs, 0 findings\n"), "{}", got.out);
}
