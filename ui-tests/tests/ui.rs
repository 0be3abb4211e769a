//! What the macro says of code that it cannot take, and code that it takes.
//!
//! A case a misuse in `fail`, with what the compiler says in its `.stderr`; `TRYBUILD=overwrite cargo test -p ui-tests` writes
//! those anew, to be read before they are committed.

#[test]
fn misuse_is_explained_and_natural_code_compiles() {
    let cases = trybuild::TestCases::new();
    cases.pass("pass/*.rs");
    cases.compile_fail("fail/*/*.rs");
}
