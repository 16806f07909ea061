//! The constants of module sys.

use super::Flags;
use crate::struct_sequence;
use crate::structseq;
use sidewinder_interpreter::{Local, Value, Vm};

/// The Python version that is implemented.
pub const VERSION: (i32, i32, i32) = (3, 14, 0);
/// Sidewinder's own version.
pub const OWN_VERSION: &str = env!("CARGO_PKG_VERSION");

struct_sequence! { VERSION_INFO "sys" "version_info" "The version as a tuple.":
0 "major" 1 "minor" 2 "micro" 3 "releaselevel" 4 "serial" }
struct_sequence! { FLAGS "sys" "flags" "The command line's flags.":
0 "debug" 1 "inspect" 2 "interactive" 3 "optimize" 4 "dont_write_bytecode" 5 "no_user_site"
6 "no_site" 7 "ignore_environment" 8 "verbose" 9 "bytes_warning" 10 "quiet"
11 "hash_randomization" 12 "isolated" 13 "dev_mode" 14 "utf8_mode" 15 "warn_default_encoding"
16 "safe_path" 17 "int_max_str_digits" 18 "gil" 19 "thread_inherit_context"
20 "context_aware_warnings" }
struct_sequence! { FLOAT_INFO "sys" "float_info" "What floats can hold.":
0 "max" 1 "max_exp" 2 "max_10_exp" 3 "min" 4 "min_exp" 5 "min_10_exp" 6 "dig" 7 "mant_dig"
8 "epsilon" 9 "radix" 10 "rounds" }
struct_sequence! { INT_INFO "sys" "int_info" "How ints are kept.":
0 "bits_per_digit" 1 "sizeof_digit" 2 "default_max_str_digits" 3 "str_digits_check_threshold" }
struct_sequence! { HASH_INFO "sys" "hash_info" "How hashes are made.":
0 "width" 1 "modulus" 2 "inf" 3 "nan" 4 "imag" 5 "algorithm" 6 "hash_bits" 7 "seed_bits"
8 "cutoff" }
struct_sequence! { THREAD_INFO "sys" "thread_info" "How threads are made.":
0 "name" 1 "lock" 2 "version" }

/// `sys.version`
pub fn version_text() -> String {
    let (major, minor, micro) = VERSION;
    format!("{major}.{minor}.{micro} (Sidewinder {OWN_VERSION}) [Rust]")
}

fn version_info(vm: &Vm) -> Value<'_> {
    let (major, minor, micro) = VERSION;
    let items = [
        Value::from_i32(major),
        Value::from_i32(minor),
        Value::from_i32(micro),
        vm.str("final").value(),
        Value::from_i32(0),
    ];
    structseq::new(vm, &VERSION_INFO, &items).value()
}

/// `sys.flags`
pub fn flags<'gc>(vm: &'gc Vm, flags: &Flags) -> Value<'gc> {
    let int = Value::from_i32;
    let items = [
        int(flags.debug),
        int(flags.inspect),
        int(flags.interactive),
        int(flags.optimize),
        int(flags.dont_write_bytecode),
        int(flags.no_user_site),
        int(flags.no_site),
        int(flags.ignore_environment),
        int(flags.verbose),
        int(flags.bytes_warning),
        int(flags.quiet),
        int(flags.hash_randomization),
        int(flags.isolated),
        Value::from_bool(flags.dev_mode),
        int(1),
        int(0),
        Value::from_bool(flags.safe_path),
        int(4300),
        int(1),
        int(0),
        int(0),
    ];
    structseq::new(vm, &FLAGS, &items).value()
}

/// Sets the constants.
pub fn fill(vm: &Vm, module: Local) {
    let set = |name: &str, value: Value<'_>| vm.module_set(module, name, value);
    let text = |s: &str| vm.str(s).value();
    let int = Value::from_i32;
    let (major, minor, micro) = VERSION;
    let hex = ((major << 24) | (minor << 16) | (micro << 8) | 0xF0) as i64;
    set("version", text(&version_text()));
    set("version_info", version_info(vm));
    set("hexversion", vm.int(hex));
    set("api_version", int(1013));
    set("copyright", text("Copyright (c) the Sidewinder developers. MIT OR Apache-2.0."));
    set("maxsize", vm.int(i64::MAX));
    set("maxunicode", int(0x10_FFFF));
    set("byteorder", text(if cfg!(target_endian = "big") { "big" } else { "little" }));
    set("platform", text(if cfg!(target_os = "macos") { "darwin" } else { "linux" }));
    set("platlibdir", text("lib"));
    set("pycache_prefix", Value::NONE);
    set("float_repr_style", text("short"));
    set("abiflags", text(""));
    set("meta_path", vm.list(&[]).value());
    set("path_hooks", vm.list(&[]).value());
    set("path_importer_cache", vm.dict().value());
    set("_git", vm.tuple(&[text("Sidewinder"), text(""), text("")]).value());
    let float = |f: f64| vm.float(f);
    let items = [
        float(f64::MAX),
        int(f64::MAX_EXP),
        int(f64::MAX_10_EXP),
        float(f64::MIN_POSITIVE),
        int(f64::MIN_EXP),
        int(f64::MIN_10_EXP),
        int(f64::DIGITS as i32),
        int(f64::MANTISSA_DIGITS as i32),
        float(f64::EPSILON),
        int(f64::RADIX as i32),
        int(1),
    ];
    set("float_info", structseq::new(vm, &FLOAT_INFO, &items).value());
    set("monitoring", super::monitoring::make(vm));
    let items = [int(64), int(8), int(4300), int(640)];
    set("int_info", structseq::new(vm, &INT_INFO, &items).value());
    let items = [
        int(64),
        vm.int((1 << 61) - 1),
        int(314_159),
        int(0),
        int(1_000_003),
        text("siphash13"),
        int(64),
        int(128),
        int(0),
    ];
    set("hash_info", structseq::new(vm, &HASH_INFO, &items).value());
    let items = [text("pthread"), text("semaphore"), Value::NONE];
    set("thread_info", structseq::new(vm, &THREAD_INFO, &items).value());
    let implementation = crate::namespace::namespace(
        vm,
        &[
            ("name", text("sidewinder")),
            ("cache_tag", text("sidewinder-314")),
            ("version", version_info(vm)),
            ("hexversion", vm.int(hex)),
            ("_multiarch", text("x86_64-linux-gnu")),
            ("supports_isolated_interpreters", Value::FALSE),
        ],
    );
    set("implementation", implementation);
}
