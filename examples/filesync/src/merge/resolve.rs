//! The decision for one path.

use std::collections::BTreeMap;

use crate::chunk::ContentId;
use crate::index::{Entry, FileNode, Node};
use crate::version::VersionVector;

/// What becomes of the versions of one path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Resolved {
    /// What the path holds from now on; its version contains all that were looked at.
    pub(crate) keep: Entry,
    /// Contents that nothing replaces and that lost the name, each with the version that lost.
    pub(crate) aside: Vec<(FileNode, VersionVector)>,
}

/// Decides between the versions of one path; `None` if there are none.
///
/// - What somebody replaced after having seen it is gone.
/// - A file or a directory beats a deletion that had not seen it.
/// - A directory beats a file, since what is in it has nowhere else to go.
/// - Of different files, the one modified last keeps the name. The others are put aside.
pub(crate) fn resolve(versions: &[Entry]) -> Option<Resolved> {
    if let [only] = versions {
        return Some(Resolved { keep: only.clone(), aside: Vec::new() });
    }
    let mut version = VersionVector::default();
    versions.iter().for_each(|entry| version.join(&entry.version));

    let standing: Vec<&Entry> =
        versions.iter().filter(|entry| !versions.iter().any(|other| entry.version < other.version)).collect();
    let dir = standing.iter().filter_map(|entry| match entry.node {
        Node::Dir { mode } => Some(mode),
        _ => None,
    });
    let dir = dir.max();
    let mut files = by_content(&standing);
    let node = if let Some(mode) = dir {
        Node::Dir { mode }
    } else if let Some(winner) = files.iter().max_by_key(|(id, (file, _))| (file.mtime, **id)) {
        let winner = *winner.0;
        Node::File(files.remove(&winner)?.0)
    } else {
        standing.first()?;
        Node::Tombstone
    };
    Some(Resolved { keep: Entry { version, node }, aside: files.into_values().collect() })
}

/// The standing files, those of one content taken together: that they were touched apart is no conflict.
fn by_content(standing: &[&Entry]) -> BTreeMap<ContentId, (FileNode, VersionVector)> {
    let mut files: BTreeMap<ContentId, (FileNode, VersionVector)> = BTreeMap::new();
    for entry in standing {
        let Node::File(file) = &entry.node else { continue };
        files
            .entry(file.content)
            .and_modify(|(kept, version)| {
                if (kept.mtime, kept.mode) < (file.mtime, file.mode) {
                    *kept = file.clone();
                }
                version.join(&entry.version);
            })
            .or_insert_with(|| (file.clone(), entry.version.clone()));
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::file_node;
    use crate::version::PeerId;

    const A: PeerId = PeerId::from_bytes([1; 16]);
    const B: PeerId = PeerId::from_bytes([2; 16]);

    fn at(counts: &[(PeerId, u64)], node: Node) -> Entry {
        let mut version = VersionVector::default();
        counts.iter().for_each(|(peer, count)| version.bump(*peer, *count));
        Entry { version, node }
    }

    fn text(text: &str, secs: i64) -> Node {
        Node::File(file_node(text, secs))
    }

    fn decide(versions: &[Entry]) -> (Node, usize) {
        let resolved = resolve(versions).unwrap();
        let mut backwards = versions.to_vec();
        backwards.reverse();
        assert_eq!(resolve(&backwards).unwrap(), resolved);
        assert!(versions.iter().all(|v| v.version <= resolved.keep.version));
        (resolved.keep.node, resolved.aside.len())
    }

    #[test]
    fn in_sync_and_newer() {
        let old = at(&[(A, 1)], text("old", 9));
        let new = at(&[(A, 1), (B, 1)], text("new", 1));
        assert_eq!(decide(&[old.clone(), old.clone()]), (text("old", 9), 0));
        assert_eq!(decide(&[old, new]), (text("new", 1), 0));
    }

    #[test]
    fn made_apart_both_are_kept() {
        let (a, b) = (at(&[(A, 1)], text("a", 1)), at(&[(B, 1)], text("b", 2)));
        assert_eq!(decide(&[a, b]), (text("b", 2), 1));
    }

    #[test]
    fn the_same_content_made_apart_is_no_conflict() {
        let (a, b) = (at(&[(A, 1)], text("same", 1)), at(&[(B, 1)], text("same", 2)));
        assert_eq!(decide(&[a, b]), (text("same", 2), 0));
    }

    #[test]
    fn one_version_with_two_contents_is_a_conflict() {
        let (a, b) = (at(&[(A, 1)], text("a", 1)), at(&[(A, 1)], text("b", 2)));
        assert_eq!(decide(&[a, b]), (text("b", 2), 1));
    }

    #[test]
    fn deletions() {
        let old = at(&[(A, 1)], text("old", 1));
        let deleted = at(&[(A, 2)], Node::Tombstone);
        let edited = at(&[(A, 1), (B, 1)], text("edited", 1));
        assert_eq!(decide(&[old.clone(), deleted.clone()]), (Node::Tombstone, 0));
        assert_eq!(decide(&[deleted.clone(), edited.clone()]), (text("edited", 1), 0));
        assert_eq!(decide(&[old, deleted, edited]), (text("edited", 1), 0));
        assert!(resolve(&[]).is_none());
    }

    #[test]
    fn a_directory_beats_a_file() {
        let (dir, file) = (at(&[(A, 1)], Node::Dir { mode: 0o700 }), at(&[(B, 1)], text("b", 2)));
        assert_eq!(decide(&[dir, file]), (Node::Dir { mode: 0o700 }, 1));
    }
}
