//! What all peers' indexes come to together: a pure function, the same on every peer.

#[cfg(test)]
mod properties;
mod resolve;

use std::collections::{BTreeMap, BTreeSet};

use crate::conflict;
use crate::index::{Entries, Entry, Node};
use crate::path::RelPath;
pub(crate) use resolve::{Resolved, resolve};

/// What a folder must hold to agree with its peers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Merged {
    pub(crate) entries: Entries,
    /// Names that more than one content had a claim to, with the names under which the others are kept.
    pub(crate) conflicts: BTreeMap<RelPath, BTreeSet<RelPath>>,
}

const DEFAULT_DIR: u32 = 0o755;

/// Merges any number of indexes; their order does not matter.
pub(crate) fn merge(sides: &[&Entries]) -> Merged {
    let mut versions: BTreeMap<RelPath, Vec<Entry>> = BTreeMap::new();
    for (path, entry) in sides.iter().flat_map(|side| side.iter()) {
        let claims = versions.entry(path.clone()).or_default();
        // Most of the time all say the same.
        if !claims.contains(entry) {
            claims.push(entry.clone());
        }
    }
    let mut merged = Merged::default();
    let mut open: BTreeSet<RelPath> = versions.keys().cloned().collect();
    loop {
        settle(&mut versions, &mut open, &mut merged);
        // What lives needs directories all the way up, whatever was decided about them on their own.
        open = misplaced(&merged.entries);
        if open.is_empty() {
            return merged;
        }
        for path in &open {
            let claims = versions.entry(path.clone()).or_default();
            let mode = claims.iter().filter_map(|claim| match claim.node {
                Node::Dir { mode } => Some(mode),
                _ => None,
            });
            let dir = Node::Dir { mode: mode.max().unwrap_or(DEFAULT_DIR) };
            // In the same version as what it takes the place of: that is equal to no order, so nothing is lost.
            let version = merged.entries.get(path).map(|entry| entry.version.clone()).unwrap_or_default();
            *claims = merged.entries.get(path).cloned().into_iter().collect();
            claims.push(Entry { version, node: dir });
        }
    }
}

/// Whether all of them come to no more than the first says by itself. That is soon seen, and is so for a folder that others take from.
pub(crate) fn has_all(mine: &Entries, others: &[&Entries]) -> bool {
    let has = |(path, entry): (&RelPath, &Entry)| mine.get(path) == Some(entry);
    others.iter().all(|other| other.iter().all(has)) && misplaced(mine).is_empty()
}

/// Decides each open path. What loses its name becomes a claim to another one, which is then open.
fn settle(versions: &mut BTreeMap<RelPath, Vec<Entry>>, open: &mut BTreeSet<RelPath>, merged: &mut Merged) {
    while let Some(path) = open.pop_first() {
        let Some(Resolved { keep, aside }) = versions.get(&path).and_then(|claims| resolve(claims)) else {
            continue;
        };
        merged.entries.insert(path.clone(), keep);
        for (file, lost) in aside {
            let copy = conflict::copy_name(&path, file.content);
            let claim =
                Entry { version: conflict::copy_version(file.content, &lost), node: Node::File(file) };
            let claims = versions.entry(copy.clone()).or_default();
            if !claims.contains(&claim) {
                claims.push(claim);
                open.insert(copy.clone());
            }
            merged.conflicts.entry(path.clone()).or_default().insert(copy);
        }
    }
}

/// The paths that something living lies below, and that are no directories.
fn misplaced(entries: &Entries) -> BTreeSet<RelPath> {
    let is_dir = |path: &RelPath| matches!(entries.get(path), Some(Entry { node: Node::Dir { .. }, .. }));
    entries
        .iter()
        .filter(|(_, entry)| entry.node.is_live())
        .flat_map(|(path, _)| path.ancestors())
        .filter(|dir| !is_dir(dir))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Index;
    use crate::scan::Found;
    use crate::testing::{file, path, scan_of};

    const DIR: Found = Found::Dir { mode: 0o755 };

    fn live(merged: &Merged) -> Vec<String> {
        merged.entries.iter().filter(|(_, e)| e.node.is_live()).map(|(p, _)| p.to_string()).collect()
    }

    #[test]
    fn a_directory_keeps_its_name_and_a_file_of_that_name_is_kept_beside() {
        let (mut a, mut b) = (Index::new().unwrap(), Index::new().unwrap());
        a.observe(&scan_of([("d", DIR), ("d/x", file("1"))]));
        b.observe(&scan_of([("d", file("2"))]));
        let merged = merge(&[a.entries(), b.entries()]);
        let copy = &merged.conflicts[&path("d")];
        assert_eq!(live(&merged), ["d".to_owned(), copy.first().unwrap().to_string(), "d/x".to_owned()]);
        assert_eq!(merged, merge(&[b.entries(), a.entries()]));
    }

    #[test]
    fn who_has_all_that_others_have_has_what_all_come_to() {
        let (mut a, mut b) = (Index::new().unwrap(), Index::new().unwrap());
        a.observe(&scan_of([("d", DIR), ("d/x", file("1")), ("y", file("2"))]));
        for (path, entry) in a.entries().iter().filter(|(at, _)| **at != path("y")) {
            b.set(path, entry.clone(), None);
        }
        assert!(has_all(a.entries(), &[b.entries(), a.entries()]));
        assert_eq!(merge(&[a.entries(), b.entries()]).entries, **a.entries());
        assert!(!has_all(b.entries(), &[a.entries()]));
        b.observe(&scan_of([("d", DIR), ("d/x", file("edited"))]));
        assert!(!has_all(a.entries(), &[b.entries()]));
        // What lives below nothing needs more than it says.
        let mut alone = Entries::new();
        alone.extend(
            a.entries().get_key_value(&path("d/x")).map(|(path, entry)| (path.clone(), entry.clone())),
        );
        assert!(!has_all(&alone, &[]));
    }

    #[test]
    fn an_edit_below_a_deleted_directory_brings_the_directory_back() {
        let mut a = Index::new().unwrap();
        a.observe(&scan_of([("d", Found::Dir { mode: 0o700 }), ("d/x", file("1")), ("d/y", file("1"))]));
        let mut b = Index::new().unwrap();
        for (path, entry) in a.entries().iter() {
            b.set(path, entry.clone(), None);
        }
        a.observe(&scan_of([]));
        b.observe(&scan_of([("d", Found::Dir { mode: 0o700 }), ("d/x", file("edited")), ("d/y", file("1"))]));
        let merged = merge(&[a.entries(), b.entries()]);
        assert_eq!(live(&merged), ["d", "d/x"]);
        assert_eq!(merged.entries[&path("d")].node, Node::Dir { mode: 0o700 });
    }

    #[test]
    fn a_directory_replaced_by_a_file_while_something_in_it_was_edited() {
        let mut a = Index::new().unwrap();
        a.observe(&scan_of([("d", DIR), ("d/x", file("1"))]));
        let mut b = Index::new().unwrap();
        for (path, entry) in a.entries().iter() {
            b.set(path, entry.clone(), None);
        }
        a.observe(&scan_of([("d", file("now a file"))]));
        b.observe(&scan_of([("d", DIR), ("d/x", file("edited"))]));
        let merged = merge(&[a.entries(), b.entries()]);
        assert_eq!(live(&merged).len(), 3, "{merged:?}");
        assert_eq!(merged.conflicts[&path("d")].len(), 1);
    }
}
