//! Turning what a scan found into versions.

use super::{Entry, Index, Node};
use crate::path::RelPath;
use crate::scan::{Found, Scan};
use crate::version::VersionVector;

/// What was done in the folder by others than filesync since it last looked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Observed {
    pub(crate) edited: usize,
    pub(crate) deleted: usize,
}

impl Index {
    /// Gives each difference between the index and `scan` a new version.
    ///
    /// What the scan could not look at stays as it was: not to be seen is not to be deleted.
    pub(crate) fn observe(&mut self, scan: &Scan) -> Observed {
        let mut observed = Observed::default();
        for (path, found) in &scan.found {
            let (node, stamp) = match found {
                Found::Dir { mode } => (Node::Dir { mode: *mode }, None),
                Found::File(file, stamp) => (Node::File(file.clone()), Some(*stamp)),
            };
            if self.entries.get(path).is_some_and(|entry| entry.node == node) {
                self.set_stamp(path, stamp);
            } else {
                self.change(path, node);
                self.set_stamp(path, stamp);
                observed.edited += 1;
            }
        }
        let gone: Vec<RelPath> = self
            .entries
            .iter()
            .filter(|(path, entry)| {
                entry.node.is_live() && !scan.found.contains_key(path) && !scan.is_blocked(path)
            })
            .map(|(path, _)| path.clone())
            .collect();
        for path in gone {
            self.change(&path, Node::Tombstone);
            self.set_stamp(&path, None);
            observed.deleted += 1;
        }
        observed
    }

    fn change(&mut self, path: &RelPath, node: Node) {
        self.clock += 1;
        let mut version =
            self.entries.get(path).map_or_else(VersionVector::default, |old| old.version.clone());
        version.bump(self.me, self.clock);
        self.set(path, Entry { version, node }, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::Skip;
    use crate::testing::{file, path, scan_of};

    #[test]
    fn an_edit_a_deletion_and_nothing() {
        let mut index = Index::new().unwrap();
        let scan = scan_of([("a", file("1")), ("b", file("2"))]);
        assert_eq!(index.observe(&scan), Observed { edited: 2, deleted: 0 });
        index.saved();
        assert_eq!(index.observe(&scan), Observed::default());
        assert!(!index.is_dirty());

        let first = index.entries()[&path("a")].version.clone();
        let scan = scan_of([("a", file("1, edited"))]);
        assert_eq!(index.observe(&scan), Observed { edited: 1, deleted: 1 });
        assert!(index.entries()[&path("a")].version > first);
        assert_eq!(index.entries()[&path("b")].node, Node::Tombstone);
    }

    #[test]
    fn what_cannot_be_seen_is_not_deleted() {
        let mut index = Index::new().unwrap();
        index.observe(&scan_of([("d", Found::Dir { mode: 0o755 }), ("d/x", file("1")), ("e", file("2"))]));
        let before = index.entries().clone();
        let mut scan = scan_of([("e", file("2"))]);
        scan.blocked.insert(path("d"), Skip::Symlink);
        assert_eq!(index.observe(&scan), Observed::default());
        assert_eq!(index.entries(), &before);
    }
}
