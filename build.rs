//! How the program is linked.

use std::env::var;

/// Without a movable image: the loader has no half megabyte of pointers to the tables of builtin functions to adjust,
/// which is a tenth of the time of `sidewinder -c pass`. Libraries and extensions still are where the loader puts them.
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |part: &str| var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
