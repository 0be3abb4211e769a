//! `filesync demo`.

use crate::support::{Said, program};

#[test]
fn the_demo_ends_with_folders_that_agree() {
    let place = tempfile::tempdir().unwrap();
    let run = || {
        let output = program().args(["demo", "--files", "20"]).env("TMPDIR", place.path()).output();
        let said = Said::new(output.unwrap());
        assert_eq!(said.code, Some(0), "{said:?}");
        said
    };
    let said = run();
    let hashes: Vec<_> =
        said.out.lines().filter_map(|line| line.strip_prefix("  ")?.split(": ").nth(1)).collect();
    assert_eq!(hashes.len(), 3, "{said:?}");
    assert!(hashes.iter().all(|hash| *hash == hashes[0] && hash.len() == 64), "{said:?}");
    for what in ["what they are at: ann: ", "conflict: shared.txt", "nothing to do"] {
        assert!(said.out.contains(what), "{what} is missing in {said:?}");
    }
    // The peer that crashed, once, and the one that took its place.
    let crashed =
        "warning: bob: its peer panicked in `meet`: it was made to crash; another one takes its place";
    assert_eq!(said.err.lines().filter(|line| *line == crashed).count(), 1, "{said:?}");
    assert!(said.out.contains("will crash"), "{said:?}");
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0, "the demo cleans up");
}
