//! What the macro says of code that it cannot take, and code that it takes.
//!
//! A case a misuse in `fail`, with what the compiler says in its `.stderr`; `TRYBUILD=overwrite cargo test -p ui-tests` writes
//! those anew, to be read before they are committed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn misuse_is_explained_and_natural_code_compiles() {
    let cases = trybuild::TestCases::new();
    cases.pass("pass/*.rs");
    let has_sources = has_sources();
    for misuse in misuses() {
        if !(has_sources && points_at_sources(&misuse)) {
            cases.compile_fail(misuse);
        }
    }
}

/// The files of `fail`, in order.
fn misuses() -> Vec<PathBuf> {
    let below = |folder: &Path| {
        let entries = fs::read_dir(folder).expect("a folder of cases");
        entries.map(|entry| entry.expect("an entry").path()).collect::<Vec<PathBuf>>()
    };
    let mut files: Vec<PathBuf> = below(Path::new("fail")).iter().flat_map(|topic| below(topic)).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    files.sort();
    assert!(files.len() > 200, "only {} cases", files.len());
    files
}

/// Whether the compiler points at the standard library, of which it shows a line if it has the sources (rust-analyzer installs
/// them): such a case is for where it has none.
fn points_at_sources(misuse: &Path) -> bool {
    fs::read_to_string(misuse.with_extension("stderr")).is_ok_and(|said| said.contains("$RUST"))
}

fn has_sources() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot = Command::new(rustc).args(["--print", "sysroot"]).output().expect("the compiler");
    let sysroot = String::from_utf8(sysroot.stdout).expect("a path");
    Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library").exists()
}
