//! The `sidewinder` binary.
fn main() {}
