//! The example scripts print the same on Sidewinder and on the machine's CPython.

mod common;

use std::process::Command;
use std::time::Duration;

const EXAMPLES: &[&[&str]] = &[
    &["examples/hello.py"],
    &["examples/hello.py", "Ada", "Grace"],
    &["examples/word_count.py"],
    &["examples/shapes.py"],
    &["examples/pipeline.py"],
];

#[test]
fn examples_print_what_cpython_prints() {
    let limit = Duration::from_secs(20);
    for arguments in EXAMPLES {
        let expected = common::run(Command::new("python3").args(*arguments), limit);
        assert_eq!(expected.status, Some(0), "{arguments:?} under python3: {}", expected.err);
        let got = common::run(Command::new(common::binary()).args(*arguments), limit);
        assert_eq!(got.status, Some(0), "{arguments:?}: {}\n{}", got.ending, got.err);
        if let Some(difference) = common::difference("standard output", &expected.out, &got.out) {
            panic!("{arguments:?}\n{difference}");
        }
    }
}
