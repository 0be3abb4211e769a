//! Links of a method's documentation lead somewhere wherever it is repeated.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The documentation of `hostile`, written with broken links denied.
fn documentation() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("documentation");
    let output = Command::new(env!("CARGO"))
        .args(["doc", "--no-deps", "--offline", "-p", "hostile", "--target-dir"])
        .arg(&target)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("hostile"))
        .env("RUSTDOCFLAGS", "-D warnings -D rustdoc::broken_intra_doc_links")
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    target.join("doc/hostile/strict")
}

#[test]
fn links_to_siblings_lead_somewhere_on_the_handle_and_on_the_variants() {
    let folder = documentation();
    for page in ["struct.Account.html", "struct.AccountHandle.html", "enum.AccountMessage.html"] {
        let text = std::fs::read_to_string(folder.join(page)).expect("a page");
        for target in ["struct.Account.html#method.open", "struct.Account.html#method.withdraw"] {
            assert!(text.contains(&format!("href=\"{target}\"")), "no link to {target} in {page}");
        }
        // What rustdoc finds no item for stays in brackets, or keeps the path for an address.
        for dead in ["[<code>Self::", "href=\"Self::"] {
            assert!(!text.contains(dead), "a dead link in {page}");
        }
    }
    let handle = std::fs::read_to_string(folder.join("enum.AccountMessage.html")).expect("a page");
    assert!(
        handle.contains("href=\"struct.AccountHandle.html#method.deposit\""),
        "a variant's links lead to the handle"
    );
}
