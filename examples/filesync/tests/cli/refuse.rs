//! Folders and command lines that are refused: with which words, and with which exit code.

use std::fs::{self, File};

use crate::support::{Place, Said, program};

#[test]
fn folders_that_cannot_be_synced() {
    let place = Place::new(["a", "a/inside", "b"]);
    place.write("file", "");
    let at = |name: &str| place.at(name).display().to_string();
    let cases = [
        (
            ["a", "no"],
            format!(
                "error: cannot use {}: there is no such folder; create it, or check the spelling",
                at("no")
            ),
        ),
        (
            ["file", "a"],
            format!("error: cannot use {}: it is not a folder; name the folder that holds it", at("file")),
        ),
        (
            ["a", "b/../a"],
            format!("error: cannot use {}: it is named twice; name each folder once", at("b/../a")),
        ),
        (
            ["a", "a/inside"],
            format!(
                "error: cannot use {}: it lies inside {}, which is named too; name folders that do not hold each other",
                at("a/inside"),
                at("a")
            ),
        ),
    ];
    for (folders, text) in cases {
        let said = place.sync_code(folders, 3);
        assert_eq!(said.err.trim_end(), text);
        assert_eq!(said.out, "");
    }
    assert!(!place.at("a/.filesync").exists(), "a refused run leaves no trace");
}

#[test]
fn a_folder_that_is_in_use() {
    let place = Place::new(["a", "b"]);
    place.sync(["a", "b"]);
    let lock = File::options().write(true).open(place.at("b/.filesync/lock")).unwrap();
    lock.lock().unwrap();
    let said = place.sync_code(["a", "b"], 5);
    assert!(said.err.contains("another filesync is at work in it; wait until"), "{said:?}");
    drop(lock);
    place.sync(["a", "b"]);
}

#[test]
fn a_folder_that_cannot_be_written() {
    let place = Place::new(["a", "b"]);
    place.write("b/.filesync", "a file where the state should be");
    let said = place.sync_code(["a", "b"], 1);
    assert!(said.err.starts_with("error: cannot create ") && said.err.contains("/b/.filesync"), "{said:?}");
    assert!(fs::read_dir(place.at("b")).unwrap().count() == 1);
}

#[test]
fn wrong_use() {
    for args in [&["sync"][..], &["sync", "a"], &["copy", "a", "b"], &[]] {
        let said = Said::new(program().args(args).output().unwrap());
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(said.err.contains("Usage: filesync"), "{said:?}");
    }
    let said = Said::new(program().arg("--help").output().unwrap());
    assert!(said.code == Some(0) && said.out.contains("Exit codes"), "{said:?}");
}
