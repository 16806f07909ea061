//! The rooting rule is checked by the compiler: these programs hold a value where the heap may
//! move, and must not compile.

#[test]
fn stale_values_do_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/rooting/*.rs");
    cases.pass("tests/rooting/ok/*.rs");
}
