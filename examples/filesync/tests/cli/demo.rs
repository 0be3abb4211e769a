//! `filesync demo`.

use crate::support::{Said, program};

#[test]
fn the_demo_ends_with_folders_that_agree() {
    let place = tempfile::tempdir().unwrap();
    let output = program().args(["demo", "--files", "6"]).env("TMPDIR", place.path()).output();
    let said = Said::new(output.unwrap());
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    let hashes: Vec<_> = said
        .out
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_once(": "))
        .filter(|(name, _)| ["ann", "bob", "cai"].contains(name))
        .map(|(_, hash)| hash)
        .collect();
    assert_eq!(hashes.len(), 3, "{said:?}");
    assert!(hashes.iter().all(|hash| *hash == hashes[0] && hash.len() == 64), "{said:?}");
    for what in
        ["SIGKILL", "SIGSTOP", "ann's status misses ", "beside the version that won: shared (conflict "]
    {
        assert!(said.out.contains(what), "{what} is missing in {said:?}");
    }
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0, "the demo cleans up");
}
